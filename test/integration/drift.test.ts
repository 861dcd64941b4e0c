import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobStore, openFolderBlobStore } from '@glitchwatch/blob-store';
import { clustererConfigSchema, createClustererService } from '@glitchwatch/clusterer';
import {
  bundledModelDir,
  createEmbedderService,
  embedderConfigSchema,
} from '@glitchwatch/embedder';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import {
  Alert,
  AlertKind,
  AlertState,
  DriftCause,
  Glitch,
  glitchIdOf,
  messageHeaders,
  topicLayouts,
  topics,
} from '@glitchwatch/proto';
import {
  createLogger,
  createRegistry,
  parseConfig,
  type Registry,
  type Service,
  systemClock,
} from '@glitchwatch/service-kit';
import { createSimulator } from '@glitchwatch/simulator';
import { openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asGlitch } from '../fixtures/many-glitches.js';
import { withOtherWeights } from '../fixtures/other-weights.js';
import { waitFor } from '../fixtures/wait-for.js';

const WINDOW = 30;
const otherResults = new URL(
  '../../services/embedder/test/fixtures/other-results-worker.mjs',
  import.meta.url,
);

let dir: string;
let log: EventLog;
let state: StateStore;
let blobs: BlobStore;
let registry: Registry;
let clusterer: Service;
let embedder: Service;
let sent = 0;
const simulator = createSimulator({ seed: 41, ifos: ['H1'] });
const logger = createLogger({ name: 'test', level: 'silent' });

/** The true embedder, with the bundled network unless told otherwise. */
async function startEmbedder(
  values: { readonly modelDir?: string } = {},
  overrides: { readonly workerUrl?: URL } = {},
): Promise<void> {
  const config = parseConfig(embedderConfigSchema, values, 'embedder');
  const context = { log, logger, registry: createRegistry(), clock: systemClock };
  embedder = createEmbedderService(config, context, overrides);
  await embedder.start();
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-drift-'));
  log = await openEmbeddedEventLog({ dir: join(dir, 'log'), pollIntervalMs: 5 });
  await log.ensureTopics(topicLayouts);
  state = await openEmbeddedStateStore({ dir: join(dir, 'state') });
  blobs = await openFolderBlobStore({ dir: join(dir, 'blobs') });
  registry = createRegistry();
  const values = {
    minFit: 100_000,
    tickMs: 20,
    driftWindow: WINDOW,
    driftAlpha: 0.0001,
    driftEveryMs: 20,
  };
  clusterer = createClustererService(parseConfig(clustererConfigSchema, values, 'clusterer'), {
    log,
    state,
    blobs,
    logger,
    registry,
    clock: systemClock,
  });
  await clusterer.start();
  await startEmbedder();
});
afterAll(async () => {
  await embedder.stop();
  await clusterer.stop();
  await log.close();
  await state.close();
  await rm(dir, { recursive: true, force: true });
});

/** Glitches of H1, of any kind or of one. */
async function send(count: number, className?: string): Promise<void> {
  const records = Array.from({ length: count }, () => {
    const choice = className === undefined ? {} : { className };
    const glitch = asGlitch(simulator.next(choice), sent++);
    const trigger = glitch.trigger!;
    const glitchId = glitchIdOf(trigger);
    const value = Glitch.encode({ ...glitch, trigger: { ...trigger, glitchId } }).finish();
    const headers = messageHeaders('Glitch', glitchId);
    return { topic: topics.triggers, key: glitchId, value, headers };
  });
  await log.append(records);
}

async function compared(times: number): Promise<void> {
  const series = 'glitchwatch_clusterer_drift_comparisons_total{ifo="H1"}';
  await waitFor(`${times} comparisons`, async () =>
    (await registry.metrics()).includes(`${series} ${times}`) ? true : undefined,
  );
}

async function driftAlerts(): Promise<Alert[]> {
  const found: Alert[] = [];
  const { signal } = new AbortController();
  const all = { topic: topics.alerts, from: 'earliest', stopAtEnd: true, signal } as const;
  for await (const { records } of log.tail(all))
    found.push(...records.map(({ value }) => Alert.decode(value)));
  return found.filter(({ kind }) => kind === AlertKind.ALERT_KIND_DRIFT);
}

/** The `n`-th revision of a drift alert on the log, counted from 1, once it is there. */
const told = (n: number): Promise<Alert> =>
  waitFor(`drift revision ${n}`, async () => (await driftAlerts())[n - 1]);

describe('which of the two changed, by the services themselves', () => {
  it('neither, while glitches of the same kinds come', async () => {
    await send(2 * WINDOW);
    await compared(1);
    expect(await driftAlerts()).toEqual([]);
  });

  it('the detector, when its glitches are of another population', async () => {
    await send(WINDOW, 'Whistle');
    expect(await told(1)).toMatchObject({
      state: AlertState.ALERT_STATE_OPEN,
      drift: { cause: DriftCause.DRIFT_CAUSE_DETECTOR, ifo: 'H1', goldenMaxDistance: 0 },
    });
  });

  it('the embedder, when its file has other weights', async () => {
    await embedder.stop();
    const modelDir = await withOtherWeights(bundledModelDir(), join(dir, 'other'));
    await startEmbedder({ modelDir });
    const alert = await told(2);
    expect(alert).toMatchObject({
      state: AlertState.ALERT_STATE_OPEN,
      drift: { cause: DriftCause.DRIFT_CAUSE_EMBEDDER, ifo: '' },
    });
    expect(alert.drift?.embedderSha256).not.toBe(alert.drift?.expectedEmbedderSha256);
    expect(alert.drift?.goldenMaxDistance).toBeGreaterThan(0.001);
    // Whether H1 has changed cannot be told any more.
    expect(await told(3)).toMatchObject({
      state: AlertState.ALERT_STATE_RESOLVED,
      drift: { cause: DriftCause.DRIFT_CAUSE_DETECTOR },
    });
  });

  it('neither, when the old file is back', async () => {
    await embedder.stop();
    await startEmbedder();
    expect(await told(4)).toMatchObject({
      state: AlertState.ALERT_STATE_RESOLVED,
      drift: { cause: DriftCause.DRIFT_CAUSE_EMBEDDER },
    });
  });

  it('the embedder, when the same file gives another result', async () => {
    await embedder.stop();
    await startEmbedder({}, { workerUrl: otherResults });
    const alert = await told(5);
    expect(alert).toMatchObject({
      state: AlertState.ALERT_STATE_OPEN,
      drift: { cause: DriftCause.DRIFT_CAUSE_EMBEDDER },
    });
    expect(alert.drift?.embedderSha256).toBe(alert.drift?.expectedEmbedderSha256);
    expect(alert.summary).toContain('the same network');
    expect(await driftAlerts()).toHaveLength(5);
  });
});
