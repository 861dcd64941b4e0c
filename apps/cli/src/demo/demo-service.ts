import type { IngestService } from '@glitchwatch/ingest';
import type { Logger, Service } from '@glitchwatch/service-kit';
import { type StateStore, StateStoreError } from '@glitchwatch/state-store';
import { runDemoFeed } from './demo-feed.js';
import { defaultScript } from './demo-script.js';

const namespace = 'demo';
const runKey = 'runs';
const seed = 20_150_914;

export interface DemoServiceOptions {
  readonly ingest: Pick<IngestService, 'submitGlitches'>;
  readonly state: StateStore;
  readonly logger: Logger;
  /** Glitches that the log holds already. */
  readonly known: number;
}

/** Counts the demos of a data folder, so that each brings another morphology. */
async function nextRun({ values }: StateStore, logger: Logger): Promise<number> {
  try {
    const saved = await values.get(namespace, runKey);
    const run = saved ? Number(Buffer.from(saved).toString()) : 0;
    await values.set(namespace, runKey, Buffer.from(String(run + 1)));
    return run;
  } catch (error) {
    if (!(error instanceof StateStoreError)) throw error;
    logger.warn({ code: error.code, reason: error.message }, 'demo: taken for the first run');
    return 0;
  }
}

/** The feed of simulated glitches as a service like the others. */
export function createDemoService({ ingest, state, logger, known }: DemoServiceOptions): Service {
  const stopping = new AbortController();
  let feed: Promise<void> | undefined;
  return {
    name: 'demo',
    async start() {
      const run = await nextRun(state, logger);
      feed = runDemoFeed({
        script: defaultScript,
        run,
        seed,
        known,
        submit: (glitches) => ingest.submitGlitches(glitches),
        logger,
        signal: stopping.signal,
      }).catch((error: unknown) => {
        // The services live without the demo; what stopped it must be seen.
        logger.error({ err: error }, 'demo feed stopped');
      });
    },
    async stop() {
      stopping.abort();
      await feed;
    },
    readiness: () => ({ ready: feed !== undefined, detail: 'simulated glitches' }),
  };
}
