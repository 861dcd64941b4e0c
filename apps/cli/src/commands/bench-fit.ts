import { Command, Option } from 'commander';
import { benchFit, type FitBenchOptions, type TimedFit } from '../bench/fit-bench.js';
import type { Cost } from '../bench/fit-peer.js';
import { benchFitScale, type ScaledFit } from '../bench/fit-scale.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface FitBenchFlags extends Omit<FitBenchOptions, 'signal'> {
  readonly json?: boolean;
  readonly scale?: boolean;
}

type Result = Awaited<ReturnType<typeof benchFit>>;

const line = (name: string, value: string | number) => printLine(`${name.padEnd(40)}${value}`);
const sec = (seconds: number) => seconds.toFixed(2);
const share = (value: number | undefined) => (value === undefined ? '' : value.toFixed(4));

const both = (cost: Cost) => `${sec(cost.sec)} (${sec(cost.cpuSec)})`;

function median(fits: readonly TimedFit[]): TimedFit | undefined {
  return fits[fits.length >> 1];
}

function printFits(name: string, fits: readonly TimedFit[]): void {
  const middle = median(fits);
  if (middle === undefined) return;
  const range = `${sec(fits[0]!.totalSec)} to ${sec(fits.at(-1)!.totalSec)}`;
  line(`${name}, median of ${fits.length}, s`, `${sec(middle.totalSec)} (${range})`);
  for (const [stage, seconds] of Object.entries(middle.stages)) line(`  ${stage}`, sec(seconds));
  line('  hdbscan', sec(middle.hdbscanSec));
  line('  CPU', sec(middle.cpuSec));
  line('  trustworthiness', fits.map(({ trust }) => share(trust)).join(' '));
  line('  families', fits.map(({ families }) => families).join(' '));
  if (middle.agreement === undefined) return;
  line('  agreement with kinds', fits.map(({ agreement }) => share(agreement)).join(' '));
}

function printPeer({ peer, cold, warm }: Result): void {
  if (peer === undefined) return;
  line(`umap-learn ${peer.umap}, seeded, s (CPU s)`, both(peer.seeded));
  line('  trustworthiness', peer.seededTrusts.map(share).join(' '));
  line('umap-learn, parallel, s (CPU s)', both(peer.parallel));
  line('  trustworthiness', share(peer.parallelTrust));
  line(`hdbscan ${peer.hdbscan}, s (CPU s)`, both(peer.clusters));
  line('  families', peer.families.join(' '));
  if (peer.agreements !== undefined) {
    line('  agreement with kinds', peer.agreements.map(share).join(' '));
  }
  for (const [name, fits] of [
    ['cold', cold],
    ['warm', warm],
  ] as const) {
    const own = median(fits);
    if (own === undefined) continue;
    const times = ({ sec, cpuSec }: Cost) => {
      const wall = (sec + peer.clusters.sec) / own.totalSec;
      const cpu = (cpuSec + peer.clusters.cpuSec) / own.cpuSec;
      return `${wall.toFixed(1)} (${cpu.toFixed(1)})`;
    };
    line(`${name}, times faster than seeded (CPU)`, times(peer.seeded));
    line(`${name}, times faster than parallel (CPU)`, times(peer.parallel));
  }
}

function print(result: Result): void {
  line('machine', `${result.machine}, load ${result.load.toFixed(1)}`);
  line('rows x columns', `${result.rows} x ${result.dimension}`);
  printFits('cold fit', result.cold);
  printFits('warm fit, a tenth of the rows new', result.warm);
  line('recall of 15 neighbours', share(result.recall));
  line('peak RSS, MB', result.peakRssMb);
  printPeer(result);
}

function printScaled(fit: ScaledFit, before: ScaledFit | undefined): void {
  if (before === undefined) {
    printLine(
      '     rows    total s  times more    UMAP s  HDBSCAN s     CPU s  recall   trust  RSS MB',
    );
  }
  const more = before === undefined ? '' : (fit.totalSec / before.totalSec).toFixed(2);
  printLine(
    [
      String(fit.rows).padStart(9),
      sec(fit.totalSec).padStart(11),
      more.padStart(12),
      sec(fit.umapSec).padStart(10),
      sec(fit.hdbscanSec).padStart(11),
      sec(fit.cpuSec).padStart(10),
      fit.recall.toFixed(3).padStart(8),
      fit.trust.toFixed(3).padStart(8),
      String(fit.peakRssMb).padStart(8),
    ].join(''),
  );
}

/** `bench fit`. */
export function benchFitCommand(signal: AbortSignal): Command {
  return new Command('fit')
    .description('UMAP and HDBSCAN, cold and warm, beside umap-learn where a Python has it')
    .option('--embeddings <file>', 'matrix as .npy; made where not given')
    .option('--kinds <file>', 'kind of each row as .npy of whole numbers, -1 for none')
    .addOption(
      new Option('-n, --rows <n>', 'rows to make').default(34332).argParser(wholeNumber(5000)),
    )
    .addOption(new Option('--dimension <d>').default(512).argParser(wholeNumber(8)))
    .addOption(new Option('--runs <n>', 'fits of each kind').default(5).argParser(wholeNumber(1)))
    .addOption(new Option('--min-cluster-size <n>').default(30).argParser(wholeNumber(2)))
    .addOption(
      new Option('--recall-rows <n>', 'rows whose neighbours are counted')
        .default(200)
        .argParser(wholeNumber(1)),
    )
    .option('--no-warm', 'cold fits alone')
    .option(
      '--scale',
      'instead: one cold fit each of the rows made, half of them, and so on down to 5,000',
    )
    .addOption(new Option('--threads <n>', 'worker threads').argParser(wholeNumber(1)))
    .addOption(
      new Option('--python <path>', 'a Python with umap-learn and hdbscan, in the same run').env(
        'GLITCHWATCH_PYTHON',
      ),
    )
    .addOption(
      new Option('--peer-runs <n>', 'seeds of umap-learn').default(1).argParser(wholeNumber(1)),
    )
    .addOption(jsonOption())
    .action(async ({ json, scale, ...options }: FitBenchFlags) => {
      if (scale) {
        const sizes = await benchFitScale({ ...options, signal }, printScaled);
        if (json) printJson(sizes);
        return;
      }
      const result = await benchFit({ ...options, signal });
      if (json) printJson(result);
      else print(result);
    });
}
