import { createEmbedderService, embedderConfigSchema } from '@glitchwatch/embedder';
import { consumeWithDeadLetters, type EventLog } from '@glitchwatch/event-log';
import {
  deadLetterTopic,
  Embedding,
  Glitch,
  glitchIdOf,
  messageHeaders,
  topicLayouts,
  topics,
} from '@glitchwatch/proto';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, spawnCli } from '../fixtures/cli-process.js';
import { manyGlitches } from '../fixtures/many-glitches.js';
import { waitFor } from '../fixtures/wait-for.js';

/** A log that the test and the command both open. */
export interface DlqWorld {
  readonly flags: readonly string[];
  readonly env: Record<string, string>;
  readonly log: EventLog;
  close(): Promise<void>;
}

const dlq = deadLetterTopic(topics.triggers, 'embedder');
const refused = deadLetterTopic(topics.triggers, 'ingest');
const nGood = 3;

/** `glitchwatch dlq` on one kind of log, with the true embedder behind the topics. */
export function dlqCases(name: string, open: () => Promise<DlqWorld>): void {
  describe(`glitchwatch dlq: ${name}`, () => {
    let world: DlqWorld;
    const glitches = manyGlitches(nGood, { bases: nGood }).map((glitch, i) => {
      const trigger = glitch.trigger;
      if (trigger === undefined) throw new Error('a simulated glitch has a trigger');
      const externalId = `sim${i}`;
      const glitchId = glitchIdOf({ ...trigger, externalId });
      return { ...glitch, trigger: { ...trigger, externalId, glitchId } };
    });
    const badKey = 'f'.repeat(32);

    const run = (...args: string[]): Promise<CliResult> =>
      spawnCli(['dlq', ...args, ...world.flags], world.env).ended;
    async function ok<T>(...args: string[]): Promise<T[]> {
      const { code, stdout, stderr } = await run(...args, '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as T);
    }
    async function all(topic: string) {
      const records = [];
      const { signal } = new AbortController();
      for await (const batch of world.log.tail({
        topic,
        from: 'earliest',
        stopAtEnd: true,
        signal,
      }))
        records.push(...batch.records);
      return records;
    }

    beforeAll(async () => {
      world = await open();
      await world.log.ensureTopics(topicLayouts);
      await world.log.ensureTopics([{ name: refused, partitions: 1, cleanup: 'delete' }]);
      await world.log.append([
        ...glitches.map((glitch) => ({
          topic: topics.triggers,
          key: glitch.trigger.glitchId,
          value: Glitch.encode(glitch).finish(),
          headers: messageHeaders('Glitch', glitch.trigger.glitchId),
        })),
        { topic: topics.triggers, key: badKey, value: Buffer.from('no glitch') },
        {
          topic: refused,
          value: Buffer.from([]),
          headers: { 'error-code': 'bad_field', 'error-message': 'snr', origin: 'http me' },
        },
      ]);
      // An embedder with a fault, which blames every glitch.
      const faulty = await consumeWithDeadLetters(world.log, {
        groupId: 'embedder',
        topics: [topics.triggers],
        process: async (records) =>
          records.map(({ value }) => ({
            kind: 'poison',
            code: value.byteLength < 100 ? 'bad_glitch' : 'worker_killed',
            message: 'expected an embedding, found none',
          })),
      });
      await waitFor('all letters', async () =>
        (await all(dlq)).length === nGood + 1 ? true : undefined,
      );
      await faulty.stop();
    });
    afterAll(async () => {
      await world.close();
    });

    it('list counts letters by topic and code', async () => {
      const [topicsFound] = await ok<{ topic: string }[]>('list');
      expect(topicsFound?.map(({ topic }) => topic)).toEqual([dlq, refused]);
      expect(topicsFound?.[0]).toEqual({
        topic: dlq,
        origin: topics.triggers,
        group: 'embedder',
        count: nGood + 1,
        replayed: 0,
        newestMs: expect.any(Number),
        codes: { worker_killed: nGood, bad_glitch: 1 },
      });
      const { code, stdout } = await run('list');
      expect(code).toBe(0);
      expect(stdout).toMatch(/embedder\.dlq +4 +0 +20\d\d-.*Z +worker_killed 3, bad_glitch 1/);
    });

    it('show tells origin, error and what can be decoded', async () => {
      const [views] = await ok<Record<string, unknown>[]>('show', dlq, '--limit', '10');
      expect(views).toHaveLength(nGood + 1);
      for (const { trigger } of glitches) {
        expect(views).toContainEqual({
          offset: expect.any(Number),
          atMs: expect.any(Number),
          code: 'worker_killed',
          message: 'expected an embedding, found none',
          tries: 1,
          origin: {
            topic: topics.triggers,
            partition: expect.any(Number),
            offset: expect.any(Number),
          },
          key: trigger.glitchId,
          valueBytes: expect.any(Number),
          headers: messageHeaders('Glitch', trigger.glitchId),
          decoded: {
            schema: 'Glitch',
            decodes: true,
            glitchId: trigger.glitchId,
            ifo: trigger.ifo,
            externalId: trigger.externalId,
            peakGpsNs: trigger.peakGpsNs?.toString(),
          },
          replayed: null,
        });
      }
      const bad = views?.find(({ key }) => key === badKey);
      expect(bad).toMatchObject({
        decoded: { schema: 'Glitch', decodes: false, glitchId: badKey },
      });
      const { stdout } = await run('show', dlq, '--offset', `${bad?.offset}`);
      expect(stdout).toContain('message  Glitch, 9 bytes, does not decode');
      expect(stdout.split('offset ').length).toBe(3); // its own and its origin's
      expect(await run('show', dlq, '--offset', '999')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('found no letter at offset 999'),
      });
    });

    it('replay --dry-run appends nothing', async () => {
      const before = await all(topics.triggers);
      const outcomes = await ok<{ outcome?: string; ready?: number }>(
        'replay',
        dlq,
        '--all',
        '--dry-run',
      );
      expect(outcomes.map(({ outcome }) => outcome)).toEqual([
        ...Array(nGood + 1).fill('ready'),
        undefined,
      ]);
      expect(outcomes.at(-1)).toMatchObject({ topic: dlq, ready: nGood + 1, replayed: 0 });
      expect(await all(topics.triggers)).toHaveLength(before.length);
    });

    it('replayed to the mended embedder, each good glitch has one embedding; the bad one is a letter again', async () => {
      const outcomes = await ok<{ outcome?: string }>('replay', dlq, '--all');
      expect(outcomes.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(nGood + 1);
      const twice = await run('replay', dlq, '--all');
      expect(twice).toMatchObject({
        code: 0,
        stderr: expect.stringContaining(`0 replayed, ${nGood + 1} skipped`),
      });
      expect(twice.stdout).toMatch(
        /was replayed 20.*glitch\.triggers\/\d\/\d+; --again repeats it/,
      );

      const embedder = createEmbedderService(parseConfig(embedderConfigSchema, {}, 'embedder'), {
        log: world.log,
        logger: createLogger({ name: 'embedder', level: 'silent' }),
        registry: createRegistry(),
        clock: systemClock,
      });
      await embedder.start();
      try {
        await waitFor('the letter of the second try', async () => {
          const [views] = await ok<{ code: string; tries: number; key: string }[]>(
            'show',
            dlq,
            '--limit',
            '1',
          );
          return views?.[0]?.tries === 2 ? true : undefined;
        });
        await waitFor('the embeddings', async () =>
          (await all(topics.embeddings)).length === nGood ? true : undefined,
        );
      } finally {
        await embedder.stop();
      }
      const embedded = (await all(topics.embeddings)).map(
        ({ value }) => Embedding.decode(value).trigger?.glitchId,
      );
      expect(embedded.sort()).toEqual(glitches.map(({ trigger }) => trigger.glitchId).sort());
      const [last] = await ok<{ code: string; tries: number; headers: object }[]>(
        'show',
        dlq,
        '--limit',
        '1',
      );
      expect(last?.[0]).toMatchObject({
        code: 'bad_glitch',
        tries: 2,
        headers: { 'replayed-from': expect.stringContaining(`${dlq}/0/`) },
      });
      const [list] = await ok<{ count: number; replayed: number }[]>('list');
      expect(list?.[0]).toMatchObject({ count: nGood + 2, replayed: nGood + 1 });
    });

    it('what was refused before it was in the log cannot be replayed: exit 1', async () => {
      const { code, stdout, stderr } = await run('replay', refused, '--all');
      expect(code).toBe(1);
      expect(stdout).toContain('refused before it was in the log (origin: http me)');
      expect(stderr).toContain('1 cannot be replayed');
    });

    it('an unknown topic is named with those that there are', async () => {
      expect(await run('show', 'glitch.triggers')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(dlq),
      });
    });
  });
}
