import { Command, Option } from 'commander';
import { type AssignBenchResult, benchAssign } from '../bench/assign-bench.js';
import type { Quantiles } from '../bench/quantiles.js';
import type { Agreement } from '../bench/refit-trial.js';
import { CliError } from '../errors.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface AssignFlags {
  readonly count: number;
  readonly dimension: number;
  readonly kinds: number;
  readonly seed: number;
  readonly epochs?: number;
  readonly refit: boolean;
  readonly rounds: number;
  readonly python?: string;
  readonly json?: boolean;
}

function print(result: AssignBenchResult): void {
  const line = (name: string, value: string) => printLine(`${name.padEnd(64)}${value}`);
  const times = ({ p50, p99 }: Quantiles) => `${p50.toFixed(3)} / ${p99.toFixed(3)}`;
  const counts = ({ sure, agreed, unassigned }: Agreement) =>
    `${sure}; ${percent(agreed, sure)}; ${percent(unassigned, sure)}`;
  line('machine', result.machine);
  line('reference, held out', `${result.reference} x ${result.dimension}, ${result.heldOut}`);
  line('fit of the reference, s', result.fitSec.toFixed(1));
  line('one glitch at a time, p50 / p99 ms', times(result.singleMs));
  line('assignments/s on one core', result.perSec.toFixed(0));
  line('CPU ms of one', result.cpuMs.toFixed(3));
  line('asked again in another order, the same answers', String(result.repeated));
  const { refit, peer, timesFaster } = result;
  if (refit !== undefined) {
    line('one every 5 ms, from when it is sent, p50 / p99 ms', times(refit.quietMs));
    line('  while everything is fitted anew', times(refit.pacedMs));
    line('  p99 while fitting / p99 without', refit.p99Ratio.toFixed(2));
    const ofRound = refit.p99RatioOfRound.map((ratio) => ratio.toFixed(2));
    line('  in each round', ofRound.join(' '));
    line('refit, s', refit.fitSec.toFixed(1));
    line('held out of which the refit is sure; given its family; unassigned', '');
    line('  all', counts(refit.all));
    line('  of a kind', counts(refit.ofKinds));
    line('  of none', counts(refit.ofNoKind));
  }
  if (peer === undefined || timesFaster === undefined) return;
  line(
    `umap-learn ${peer.umap} + hdbscan, one at a time, p50 / p99 ms`,
    `${peer.singleP50Ms.toFixed(3)} / ${peer.singleP99Ms.toFixed(3)}`,
  );
  line('  CPU ms of one', peer.singleCpuMs.toFixed(3));
  line('  in batches of 1,000, ms a row', peer.batchMsPerRow.toFixed(3));
  line('  CPU ms a row', peer.batchCpuMs.toFixed(3));
  line('  its fit of the reference, s', peer.fitSec.toFixed(1));
  line('times less CPU, one at a time both', timesFaster.single.toFixed(1));
  line('times less CPU one at a time than its batches', timesFaster.batch.toFixed(2));
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`;
}

/** `bench assign`. */
export function benchAssignCommand(signal: AbortSignal): Command {
  return new Command('assign')
    .description(
      'live assignment beside umap-learn and hdbscan, while refitting, and against a refit',
    )
    .addOption(
      new Option('-n, --count <n>', 'reference glitches; a quarter more are held out')
        .default(34_332)
        .argParser(wholeNumber(200, 1_000_000)),
    )
    .addOption(new Option('--dimension <d>').default(256).argParser(wholeNumber(2)))
    .addOption(
      new Option('--kinds <n>', 'made-up kinds, of many sizes')
        .default(60)
        .argParser(wholeNumber(1)),
    )
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .addOption(
      new Option('--epochs <n>', 'of the layout; by the count when absent').argParser(
        wholeNumber(1),
      ),
    )
    .option('--no-refit', 'no fit of everything: nothing about pacing, refits and agreement')
    .addOption(
      new Option('--rounds <n>', 'refits; glitches are placed without and while each')
        .default(3)
        .argParser(wholeNumber(1, 100)),
    )
    .addOption(
      new Option('--python <path>', 'a Python with umap-learn and hdbscan').env(
        'GLITCHWATCH_PYTHON',
      ),
    )
    .addOption(jsonOption())
    .action(async ({ json, ...options }: AssignFlags) => {
      const result = await benchAssign({ ...options, signal });
      if (json) printJson(result);
      else print(result);
      if (result.peerFailure !== undefined) {
        throw new CliError('pipeline_failed', result.peerFailure);
      }
    });
}
