import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EventLog, listDeadLetters, openEmbeddedEventLog } from '@glitchwatch/event-log';
import {
  Embedding,
  embeddingEventId,
  Glitch,
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
} from '@glitchwatch/service-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embedderConfigFromEnvironment, embedderConfigSchema } from '../src/config.js';
import { createEmbedder } from '../src/embedder.js';
import { createEmbedderService } from '../src/service.js';
import { glitchOf } from './glitches.js';

const modelDir = fileURLToPath(new URL('./fixtures/grids-network', import.meta.url));
const DEADLINE = { timeout: 15_000, interval: 20 };

let dir = '';
let log: EventLog;
let registry: Registry;
let service: Service;
let logged: string[] = [];

function newService(config: Record<string, unknown> = {}): Service {
  registry = createRegistry();
  logged = [];
  const logger = createLogger({
    name: 'embedder',
    destination: { write: (line) => logged.push(line) },
  });
  return createEmbedderService(
    parseConfig(embedderConfigSchema, { modelDir, goldenEverySec: 0, ...config }, 'embedder'),
    {
      log,
      logger,
      registry,
      clock: { nowMs: () => 1_800_000_000_123 },
    },
  );
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedder-service-'));
  log = await openEmbeddedEventLog({ dir });
  service = newService();
});
afterEach(async () => {
  await service.stop();
  await log.close();
  await rm(dir, { recursive: true, force: true });
});

async function submit(glitches: readonly Glitch[]): Promise<void> {
  await log.ensureTopics(topicLayouts);
  await log.append(
    glitches.map((glitch) => {
      const key = glitch.trigger?.glitchId ?? '';
      const headers = {
        ...messageHeaders('Glitch', key),
        traceparent: `00-${key}-0000000000000001-01`,
      };
      return { topic: topics.triggers, key, value: Glitch.encode(glitch).finish(), headers };
    }),
  );
}

async function published() {
  const all = [];
  const { signal } = new AbortController();
  for await (const batch of log.tail({
    topic: topics.embeddings,
    from: 'earliest',
    stopAtEnd: true,
    signal,
  })) {
    for (const record of batch.records)
      all.push({ record, embedding: Embedding.decode(record.value) });
  }
  return all;
}

/** The value of a series, written as Prometheus would read it. */
async function metric(series: string): Promise<number | undefined> {
  const lines = (await registry.metrics()).split('\n');
  const line = lines.find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('the embedder service', () => {
  it('publishes an embedding for every glitch', async () => {
    const glitches = Array.from({ length: 300 }, (_, i) => glitchOf(i % 60, undefined, i));
    await submit(glitches);
    await service.start();
    await expect.poll(async () => (await published()).length, DEADLINE).toBe(300);

    const embedder = await createEmbedder({ modelDir });
    const vectors = await embedder.embed(glitches);
    await embedder.close();
    const byId = new Map((await published()).map((p) => [p.embedding.trigger?.glitchId, p]));
    expect(byId.size).toBe(300);
    for (const [i, glitch] of glitches.entries()) {
      const glitchId = glitch.trigger?.glitchId ?? '';
      const found = byId.get(glitchId);
      expect(found?.embedding).toEqual({
        trigger: glitch.trigger,
        vector: Array.from(vectors[i] ?? []),
        embedder: 'grids-network',
        embedderSha256: embedder.sha256,
        windowsSec: [0.5, 1, 2, 4],
        ingestedAtMs: glitch.ingestedAtMs,
        embeddedAtMs: 1_800_000_000_123n,
      });
      expect(found?.record.key).toBe(glitchId);
      expect(found?.record.headers).toEqual({
        schema: 'glitchwatch.v1.Embedding',
        'event-id': embeddingEventId(glitchId, embedder.sha256),
        traceparent: `00-${glitchId}-0000000000000001-01`,
      });
    }
    expect(await metric('glitchwatch_embedder_glitches_total')).toBe(300);
    for (const stage of ['decode', 'queue', 'inference']) {
      expect(await metric(`glitchwatch_embedder_stage_seconds_count{stage="${stage}"}`)).toBe(300);
    }
    expect(
      await metric('glitchwatch_embedder_stage_seconds_count{stage="publish"}'),
    ).toBeGreaterThan(0);
    expect(await metric('glitchwatch_embedder_batch_glitches_count')).toBeGreaterThanOrEqual(
      300 / 32,
    );
    expect(await metric('glitchwatch_embedder_device_info{device="cpu",requested="cpu"}')).toBe(1);
    expect(logged.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([]);
  });

  it('keeps what it cannot embed as dead letters, and goes on', async () => {
    const zero = { windowSec: 1, values: new Uint8Array(128 * 128) };
    await submit([
      glitchOf(1),
      glitchOf(2, [zero]),
      glitchOf(3, [{ windowSec: 1, encoded: 'noise' }]),
      glitchOf(4),
    ]);
    await log.append([
      { topic: topics.triggers, key: 'k', value: Buffer.from([0xff, 0xff, 0x03]) },
    ]);
    await service.start();
    await expect.poll(async () => (await published()).length, DEADLINE).toBe(2);
    await expect
      .poll(async () => (await listDeadLetters(log, topics.triggers, 'embedder')).length, DEADLINE)
      .toBe(3);

    const letters = await listDeadLetters(log, topics.triggers, 'embedder');
    const codeByKey = new Map(letters.map((letter) => [letter.record.key, letter.code]));
    expect(codeByKey).toEqual(
      new Map([
        [glitchOf(2).trigger?.glitchId, 'bad_embedding'],
        [glitchOf(3).trigger?.glitchId, 'bad_glitch'],
        ['k', 'bad_glitch'],
      ]),
    );
    const letter = letters.find(({ code }) => code === 'bad_embedding');
    expect(letter?.message).toContain('NaN');
    expect(Glitch.decode(letter?.record.value ?? new Uint8Array())).toEqual(glitchOf(2, [zero]));
    expect(await metric('glitchwatch_embedder_errors_total{code="bad_glitch"}')).toBe(2);
    expect(await metric('glitchwatch_embedder_errors_total{code="bad_embedding"}')).toBe(1);
  });

  it('goes on where it stopped', async () => {
    await submit([glitchOf(1), glitchOf(2)]);
    await service.start();
    await expect.poll(async () => (await published()).length, DEADLINE).toBe(2);
    await service.stop();
    await submit([glitchOf(3)]);
    service = newService();
    await service.start();
    await expect.poll(async () => (await published()).length, DEADLINE).toBe(3);
  });

  it('is ready while it consumes', async () => {
    expect(service.readiness()).toEqual({ ready: false, detail: 'model not loaded yet' });
    await service.start();
    await expect
      .poll(() => service.readiness().detail, DEADLINE)
      .toBe('grids-network on cpu, 4 partition(s) of glitch.triggers');
    expect(service.readiness().ready).toBe(true);
    await service.stop();
    await service.stop();
    expect(service.readiness()).toEqual({ ready: false, detail: 'stopping' });
  });

  it('stops while it starts', async () => {
    const starting = service.start();
    await service.stop();
    await starting;
    expect(service.readiness().ready).toBe(false);
    expect(await log.lag('embedder', [topics.triggers])).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ committed: expect.anything() })]),
    );
  });

  it('says loudly that cuda is not there', async () => {
    service = newService({ device: 'cuda' });
    await service.start();
    if ((await metric('glitchwatch_embedder_device_info{device="cuda",requested="cuda"}')) === 1)
      return;
    expect(await metric('glitchwatch_embedder_device_info{device="cpu",requested="cuda"}')).toBe(1);
    const line = logged.find((text) => text.includes('running on the CPU instead'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'error', requested: 'cuda' });
  });

  it('does not start without its model', async () => {
    service = newService({ modelDir: join(dir, 'nowhere') });
    await expect(service.start()).rejects.toMatchObject({ code: 'model_not_found' });
    expect(service.readiness().ready).toBe(false);
  });
});

describe('embedder configuration', () => {
  it('has a default for everything', () => {
    const config = parseConfig(embedderConfigSchema, {}, 'embedder');
    expect(config).toMatchObject({ groupId: 'embedder', threads: 1, device: 'cpu' });
    expect(config.modelDir).toMatch(/models[/\\]glitchnet-v1$/);
  });

  it('reads the environment', () => {
    const values = embedderConfigFromEnvironment({
      GLITCHWATCH_MODEL_PATH: '/m.onnx',
      GLITCHWATCH_EMBEDDER_THREADS: '3',
    });
    expect(parseConfig(embedderConfigSchema, values, 'embedder')).toMatchObject({
      modelPath: '/m.onnx',
      threads: 3,
    });
  });

  it('names a bad field', () => {
    const values = embedderConfigFromEnvironment({ GLITCHWATCH_EMBEDDER_THREADS: 'many' });
    expect(() => parseConfig(embedderConfigSchema, values, 'embedder')).toThrow('threads');
  });
});
