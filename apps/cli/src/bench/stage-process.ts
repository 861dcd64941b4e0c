import type { IngestService } from '@glitchwatch/ingest';
import type { Glitch } from '@glitchwatch/proto';
import { createLogger, createRegistry, systemClock } from '@glitchwatch/service-kit';
import { openStores } from '../stores.js';
import { type SupplyBase, supplyGlitch } from './glitch-supply.js';
import { feedLoad } from './load-feed.js';
import type { StageAnswer, StageCommands, StageRequest } from './stage-protocol.js';
import { stageSeconds } from './stage-seconds.js';
import { createStageServices } from './stage-services.js';

// A process of the bench: runs some of the services and does what its parent says.

const logger = createLogger({ name: 'bench', level: 'warn' });
const registry = createRegistry();
const ending = new AbortController();
/** In the order in which they are called at the end. */
const closers: (() => Promise<void>)[] = [];
let ingest: IngestService | undefined;
let bases: readonly SupplyBase[] = [];
let stopping: Promise<void> | undefined;

async function submit(glitches: readonly Glitch[]): Promise<void> {
  if (ingest === undefined) throw new Error('a process without ingest cannot be fed');
  const { accepted, rejected } = await ingest.submitGlitches(glitches);
  if (accepted === glitches.length) return;
  const why = rejected[0]?.message ?? 'known already';
  throw new Error(`ingest took ${accepted} of ${glitches.length} glitches: ${why}`);
}

const commands: StageCommands = {
  async start(setup) {
    bases = setup.bases;
    const stores = await openStores(setup.stores, logger);
    closers.push(() => stores.close());
    const context = { ...stores, logger, registry, clock: systemClock };
    const built = createStageServices(setup, context);
    ingest = built.ingest;
    for (const service of built.services) {
      closers.unshift(() => service.stop());
      await service.start();
    }
    return built.addresses();
  },
  feed: (feed) =>
    feedLoad(feed, {
      submit,
      glitch: (index) => supplyGlitch(bases, index),
      signal: ending.signal,
    }),
  async report() {
    const { user, system } = process.cpuUsage();
    return {
      cpuMs: (user + system) / 1000,
      peakRssMb: process.resourceUsage().maxRSS / 1024,
      stageSec: await stageSeconds(registry),
    };
  },
  stop() {
    ending.abort();
    stopping ??= (async () => {
      for (const close of closers) await close();
    })();
    return stopping;
  },
};

function run({ name, argument }: StageRequest): Promise<unknown> {
  switch (name) {
    case 'start':
      return commands.start(argument);
    case 'feed':
      return commands.feed(argument);
    case 'report':
      return commands.report();
    case 'stop':
      return commands.stop();
    default:
      return name satisfies never;
  }
}

function answer(message: StageAnswer): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (request: StageRequest) => {
  run(request).then(
    (value) => answer({ id: request.id, value }),
    (error: unknown) =>
      answer({
        id: request.id,
        problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
  );
});
// Ctrl-C reaches the whole terminal; the parent tells when to stop. Its end ends this too.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => {
  commands.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      logger.error({ err: error }, 'the bench process did not stop in peace');
      process.exit(1);
    },
  );
});
