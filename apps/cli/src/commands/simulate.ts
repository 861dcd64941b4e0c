import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ingestConfigSchema, openIngestor } from '@glitchwatch/ingest';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { demoClasses, type SimulatedGlitch, simulatorClasses } from '@glitchwatch/simulator';
import { gravitySpyFileName, renderContactSheet, renderPng } from '@glitchwatch/spectrogram';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../errors.js';
import { jsonOption, realNumber, serverOptions, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';
import { startProgress } from '../progress.js';
import { csvText, gpsSeconds } from '../run/tables.js';
import { openSimulationThread, type SimulationThread } from '../simulation/simulation-thread.js';
import { toGlitch } from '../simulation/to-glitch.js';
import { openStores, type StoreFlags, storeSettingsOf } from '../stores.js';

interface SimulateFlags extends StoreFlags {
  readonly count: number;
  readonly seed: number;
  readonly classes?: readonly string[];
  readonly out?: string;
  readonly preview?: string;
  readonly rate?: number;
  readonly json?: boolean;
}

interface Sink {
  put(glitch: SimulatedGlitch, index: number): Promise<void>;
  close(): Promise<void>;
}

const externalIdOf = (seed: number, index: number) =>
  `sim${seed}x${String(index).padStart(6, '0')}`;

/** Pictures and a CSV as Gravity Spy publishes them: `ingest images` reads them back. */
async function folderSink(dir: string, seed: number): Promise<Sink> {
  const rows: (string | number)[][] = [];
  return {
    async put(glitch, index) {
      const folder = join(dir, glitch.className);
      await mkdir(folder, { recursive: true });
      const externalId = externalIdOf(seed, index);
      for (const { windowSec, grid } of glitch.grids) {
        const name = gravitySpyFileName({ ifo: glitch.ifo, externalId, windowSec });
        await writeFile(join(folder, name), await renderPng(grid, { windowSec }));
      }
      rows.push([
        glitch.ifo,
        externalId,
        glitch.className,
        gpsSeconds(glitch.peakGpsNs),
        glitch.snr,
        glitch.peakFrequencyHz,
        glitch.bandwidthHz,
        glitch.durationSec,
        'SIMULATED-STRAIN',
      ]);
    },
    async close() {
      const header = [
        'ifo',
        'gravityspy_id',
        'label',
        'event_time',
        'snr',
        'peak_frequency',
        'bandwidth',
        'duration',
        'channel',
      ];
      await writeFile(join(dir, 'metadata.csv'), csvText(header, rows));
    },
  };
}

async function logSink(flags: StoreFlags): Promise<Sink> {
  const logger = createLogger({ name: 'simulate', level: 'warn' });
  const stores = await openStores(await storeSettingsOf(flags), logger);
  const ingestor = await openIngestor(parseConfig(ingestConfigSchema, {}, 'ingest'), {
    ...stores,
    logger,
    registry: createRegistry(),
    clock: systemClock,
  });
  return {
    async put(glitch) {
      await ingestor.submitGlitches([toGlitch(glitch, glitch.peakGpsNs)]);
    },
    async close() {
      await ingestor.close();
      await stores.close();
    },
  };
}

/** The window of one second of each glitch, on one sheet. */
function previewSink(path: string): Sink {
  const items: {
    grid: SimulatedGlitch['grids'][number]['grid'];
    caption: string;
    detail: string;
  }[] = [];
  return {
    async put(glitch) {
      const window = glitch.grids.find(({ windowSec }) => windowSec === 1) ?? glitch.grids[0];
      if (window) {
        items.push({
          grid: window.grid,
          caption: glitch.className,
          detail: `SNR ${glitch.snr.toFixed(0)}, ${glitch.peakFrequencyHz.toFixed(0)} Hz`,
        });
      }
    },
    close: async () => writeFile(path, await renderContactSheet(items)),
  };
}

async function draw(
  thread: SimulationThread,
  flags: SimulateFlags,
  { sinks, signal }: { readonly sinks: readonly Sink[]; readonly signal: AbortSignal },
): Promise<number> {
  const classes = flags.classes ?? simulatorClasses;
  const progress = startProgress('simulate', flags.count);
  const startMs = performance.now();
  let done = 0;
  try {
    for (; done < flags.count && !signal.aborted; done += 1) {
      const [glitch] = await thread.draw([classes[done % classes.length]]);
      if (!glitch) throw new CliError('pipeline_failed', 'the simulator gave no glitch');
      for (const sink of sinks) await sink.put(glitch, done);
      progress.update(done + 1);
      if (flags.rate !== undefined) {
        const aheadMs = ((done + 1) / flags.rate) * 1000 - (performance.now() - startMs);
        // Ctrl-C ends the pause early, and the loop with it.
        if (aheadMs > 0) await delay(aheadMs, undefined, { signal }).catch(() => undefined);
      }
    }
  } finally {
    progress.stop();
  }
  return done;
}

async function runSimulate(flags: SimulateFlags, signal: AbortSignal): Promise<void> {
  const sinks: Sink[] = [];
  if (flags.out !== undefined) {
    await mkdir(flags.out, { recursive: true });
    sinks.push(await folderSink(flags.out, flags.seed));
  }
  const isForLog = flags.dataDir !== undefined || flags.kafka !== undefined;
  if (isForLog) sinks.push(await logSink(flags));
  if (flags.preview !== undefined) sinks.push(previewSink(flags.preview));
  if (sinks.length === 0) {
    throw new CliError(
      'bad_usage',
      'expected --out DIR, --data-dir DIR, --kafka BROKERS or --preview FILE, found none',
    );
  }
  const thread = openSimulationThread(flags.seed);
  try {
    const count = await draw(thread, flags, { sinks, signal });
    const { seed, out, dataDir, kafka, preview } = flags;
    if (flags.json) printJson({ count, seed, out, dataDir, kafka, preview });
    else
      printLine(
        `${count} glitches: ${[out, kafka ?? dataDir, preview].filter(Boolean).join(', ')}`,
      );
  } finally {
    await thread.close();
    for (const sink of sinks) await sink.close();
  }
}

function classList(text: string): string[] {
  const names = text === 'demo' ? [...demoClasses] : text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !simulatorClasses.includes(name));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(
      `unknown ${unknown.join(', ')}; expected some of ${simulatorClasses.join(', ')}, or demo.`,
    );
  }
  return names;
}

export function simulateCommand(signal: AbortSignal): Command {
  const command = new Command('simulate')
    .description('glitches of known kind: to a folder as Gravity Spy pictures, or into the log')
    .addOption(
      new Option('-n, --count <n>', 'how many').default(100).argParser(wholeNumber(1, 10_000_000)),
    )
    .addOption(
      new Option('--seed <seed>', 'same seed, same glitches').default(1).argParser(wholeNumber(0)),
    )
    .addOption(
      new Option(
        '--classes <names>',
        'comma-separated, in turn; default all, "demo" for the demo\'s',
      ).argParser(classList),
    )
    .option('--out <dir>', 'write PNGs and metadata.csv here')
    .option('--data-dir <dir>', 'append to the log of this data folder');
  for (const option of serverOptions()) command.addOption(option);
  return command
    .option('--preview <file.png>', 'write a contact sheet')
    .addOption(new Option('--rate <n>', 'glitches per second').argParser(realNumber(0.001, 1000)))
    .addOption(jsonOption())
    .action((flags: SimulateFlags) => runSimulate(flags, signal));
}
