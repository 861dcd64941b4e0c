import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createScenario,
  demoClasses,
  isKnownClass,
  type PlannedGlitch,
  simulatorClasses,
} from '@glitchwatch/simulator';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../errors.js';
import { jsonOption, realNumber, serverOptions, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';
import { startProgress } from '../progress.js';
import { previewSink } from '../simulation/preview-sheet.js';
import { openSimulationPool, type SimulationPool } from '../simulation/simulation-pool.js';
import { folderSink, logSink, type SimulationSink, truthSink } from '../simulation/sinks.js';
import type { StoreFlags } from '../stores.js';

interface SimulateFlags extends StoreFlags {
  readonly count?: number;
  readonly seed: number;
  readonly classes?: readonly string[];
  readonly out?: string;
  readonly preview?: string;
  readonly previewWindow: number;
  readonly beside?: string;
  readonly metadata?: string;
  readonly truth?: string;
  readonly rate?: number;
  readonly eventRate: number;
  readonly daily: number;
  readonly bursts: number;
  readonly begin: ReadonlyMap<string, number>;
  readonly drift: ReadonlyMap<string, number>;
  readonly overlaps: number;
  readonly snr?: readonly [number, number];
  readonly threads: number;
  readonly json?: boolean;
}

const defaultCount = 100;
const previewPerClass = 6;

function* planned(flags: SimulateFlags, count: number): Generator<PlannedGlitch> {
  const scenario = createScenario({
    seed: flags.seed,
    ...(flags.classes ? { classes: flags.classes } : {}),
    ratePerSec: flags.eventRate,
    daily: flags.daily,
    burstsPerHour: flags.bursts,
    begins: flags.begin,
    drifts: flags.drift,
    overlaps: flags.overlaps,
    ...(flags.snr ? { snr: flags.snr } : {}),
  });
  for (let i = 0; i < count; i++) yield scenario.next();
}

async function draw(
  pool: SimulationPool,
  flags: SimulateFlags,
  {
    count,
    sinks,
    signal,
  }: {
    readonly count: number;
    readonly sinks: readonly SimulationSink[];
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const progress = startProgress('simulate', count);
  const startMs = performance.now();
  let done = 0;
  try {
    for await (const simulated of pool.draw(planned(flags, count))) {
      if (signal.aborted) break;
      for (const sink of sinks) await sink.put(simulated);
      done += 1;
      progress.update(done);
      if (flags.rate !== undefined) {
        const aheadMs = (done / flags.rate) * 1000 - (performance.now() - startMs);
        // Ctrl-C ends the pause early, and the loop with it.
        if (aheadMs > 0) await delay(aheadMs, undefined, { signal }).catch(() => undefined);
      }
    }
  } finally {
    progress.stop();
  }
  return done;
}

async function openSinks(flags: SimulateFlags, signal: AbortSignal): Promise<SimulationSink[]> {
  const sinks: SimulationSink[] = [];
  if (flags.out !== undefined) {
    await mkdir(flags.out, { recursive: true });
    sinks.push(await folderSink(flags.out, flags.seed));
  }
  const truth = flags.truth ?? (flags.out === undefined ? undefined : join(flags.out, 'truth.csv'));
  if (flags.dataDir !== undefined || flags.kafka !== undefined) sinks.push(await logSink(flags));
  if (flags.preview !== undefined) {
    sinks.push(
      previewSink({
        path: flags.preview,
        windowSec: flags.previewWindow,
        perClass: previewPerClass,
        beside: flags.beside,
        metadata: flags.metadata,
        signal,
      }),
    );
  }
  if (sinks.length === 0) {
    throw new CliError(
      'bad_usage',
      'expected --out DIR, --data-dir DIR, --kafka BROKERS or --preview FILE, found none',
    );
  }
  if (truth !== undefined) sinks.push(truthSink(truth, flags.seed));
  return sinks;
}

async function runSimulate(flags: SimulateFlags, signal: AbortSignal): Promise<void> {
  if (flags.beside !== undefined && flags.preview === undefined) {
    throw new CliError('bad_usage', '--beside: expected --preview FILE with it, found none');
  }
  const isForPreviewOnly =
    flags.out === undefined && flags.dataDir === undefined && flags.kafka === undefined;
  const nClasses = (flags.classes ?? simulatorClasses).length;
  const count =
    flags.count ??
    (isForPreviewOnly && flags.preview !== undefined ? previewPerClass * nClasses : defaultCount);
  const sinks = await openSinks(flags, signal);
  const pool = openSimulationPool(flags.seed, flags.threads);
  try {
    const done = await draw(pool, flags, { count, sinks, signal });
    const { seed, out, dataDir, kafka, preview } = flags;
    if (flags.json) printJson({ count: done, seed, out, dataDir, kafka, preview });
    else
      printLine(`${done} glitches: ${[out, kafka ?? dataDir, preview].filter(Boolean).join(', ')}`);
  } finally {
    await pool.close();
    for (const sink of sinks) await sink.close();
  }
}

function known(names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !isKnownClass(name));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(
      `unknown ${unknown.join(', ')}; expected some of ${simulatorClasses.join(', ')}, Staircase, or demo.`,
    );
  }
  return names;
}

function classList(text: string): readonly string[] {
  return known(text === 'demo' ? demoClasses : text.split(',').map((name) => name.trim()));
}

/** CLASS=NUMBER, repeatable. */
function classNumber(text: string, before: ReadonlyMap<string, number>): Map<string, number> {
  const [, name = '', value = ''] = /^(.+)=(-?[\d.]+)$/.exec(text) ?? [];
  const [className = ''] = known([name || text]);
  if (!Number.isFinite(Number.parseFloat(value))) {
    throw new InvalidArgumentError('expected CLASS=NUMBER.');
  }
  return new Map([...before, [className, Number(value)]]);
}

function snrRange(text: string): [number, number] {
  const [low = Number.NaN, high = low] = text.split('..').map(Number);
  if (!(low >= 7.5 && high >= low && high <= 500)) {
    throw new InvalidArgumentError('expected LOW..HIGH within 7.5..500.');
  }
  return [low, high];
}

export function simulateCommand(signal: AbortSignal): Command {
  const none: ReadonlyMap<string, number> = new Map();
  const option = (flags: string, text: string) => new Option(flags, text);
  const command = new Command('simulate')
    .description('glitches of known kind: to a folder as Gravity Spy pictures, or into the log')
    .addOption(
      option(
        '-n, --count <n>',
        `how many; default ${defaultCount}, ${previewPerClass} of each class for --preview alone`,
      ).argParser(wholeNumber(1, 10_000_000)),
    )
    .addOption(
      option('--seed <seed>', 'same seed, same glitches').default(1).argParser(wholeNumber(0)),
    )
    .addOption(
      option(
        '--classes <names>',
        'comma-separated, in turn; default all, "demo" for the demo\'s',
      ).argParser(classList),
    )
    .option('--out <dir>', 'write PNGs, metadata.csv and truth.csv here')
    .option('--data-dir <dir>', 'append to the log of this data folder');
  for (const server of serverOptions()) command.addOption(server);
  return command
    .option('--preview <file.png>', 'write a contact sheet, a row for each class')
    .addOption(
      option('--preview-window <sec>', 'window shown').default(1).argParser(realNumber(0.5, 4)),
    )
    .option('--beside <dir>', 'show real pictures of this folder beside, in the --preview')
    .option('--metadata <csv>', 'labels of the real pictures')
    .option('--truth <file.csv>', 'write what was put in; default truth.csv in --out')
    .addOption(
      option('--rate <n>', 'glitches per second of this run').argParser(realNumber(0.001, 1000)),
    )
    .addOption(
      option('--event-rate <n>', 'mean glitches per second of GPS time')
        .default(1)
        .argParser(realNumber(1e-6, 1000)),
    )
    .addOption(
      option('--daily <share>', 'swing of the rate with the day')
        .default(0)
        .argParser(realNumber(0, 1)),
    )
    .addOption(option('--bursts <n>', 'bursts per hour').default(0).argParser(realNumber(0, 3600)))
    .addOption(
      option('--begin <class=sec>', 'a class comes only after so many seconds; repeatable')
        .default(none, 'none')
        .argParser(classNumber),
    )
    .addOption(
      option('--drift <class=octaves>', 'its frequencies drift, octaves per hour; repeatable')
        .default(none, 'none')
        .argParser(classNumber),
    )
    .addOption(
      option('--overlaps <share>', 'glitches with another in the same stretch')
        .default(0)
        .argParser(realNumber(0, 1)),
    )
    .addOption(
      option('--snr <low..high>', 'SNR of the loudest tile, within 7.5..500').argParser(snrRange),
    )
    .addOption(
      option('--threads <n>', 'threads that simulate')
        .default(Math.min(2, availableParallelism()))
        .argParser(wholeNumber(1, 64)),
    )
    .addOption(jsonOption())
    .action((flags: SimulateFlags) => runSimulate(flags, signal));
}
