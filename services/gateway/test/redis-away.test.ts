import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { topicLayouts, topics } from '@glitchwatch/proto';
import { openRedisStateStore, type StateStore } from '@glitchwatch/state-store';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalRedis, redisServerVersion, reportNoRedis } from '../../../test/brokers/redis.js';
import { CURSOR_NAMESPACE } from '../src/subscribers/cursor-keeper.js';
import { until } from './bench.js';
import { assignmentRecord, modelRecord } from './messages.js';
import { holdingBack, type Replica, startReplica, untilReady } from './replicas.js';

const version = redisServerVersion();
if (version === undefined) reportNoRedis('gateway replicas over Redis', 'no redis-server');
else
  describe(`gateway replicas over ${version}`, { timeout: 60_000 }, () => {
    let dir: string;
    let log: EventLog;
    let redis: LocalRedis;
    const running: { replica: Replica; state: StateStore }[] = [];

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'gateway-redis-'));
      log = await openEmbeddedEventLog({ dir, pollIntervalMs: 5 });
      await log.ensureTopics(topicLayouts);
      redis = await LocalRedis.start();
    });
    afterEach(async () => {
      redis.thaw();
      for (const { replica, state } of running.splice(0)) {
        await replica.close();
        await state.close();
      }
      await redis.dispose();
      await log.close();
      await rm(dir, { recursive: true, force: true });
    });

    /** With a connection of its own, as another machine would have. */
    async function replica(over: Partial<{ log: EventLog; state: StateStore }> = {}) {
      const state = over.state ?? (await openState());
      const config = { stateTimeoutMs: 400 };
      const started = await startReplica({ log: over.log ?? log, state, config });
      running.push({ replica: started, state });
      return started;
    }
    const openState = () => openRedisStateStore({ url: redis.url, commandTimeoutMs: 300 });
    const append = (n: number) => log.append([assignmentRecord(n)]);
    const errors = async ({ metric }: Replica) => {
      const operations = [
        'read-cursor',
        'store-cursor',
        'publish',
        'read-families',
        'store-families',
      ];
      let sum = 0;
      for (const operation of operations)
        sum += await metric(`glitchwatch_gateway_state_errors_total{operation="${operation}"}`);
      return sum;
    };
    async function storedCursor(name: string): Promise<string | undefined> {
      const [one] = running;
      const bytes = await one?.state.values.get(CURSOR_NAMESPACE, `assignment/${name}`);
      return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as { cursor: string }).cursor;
    }

    it('a cursor kept at one is found at the other; a second stream ends the first', async () => {
      const [one, two] = [await replica(), await replica()];
      const first = one.subscribe({ subscriber: 'n', cursor: 'earliest' });
      await until(() => first.began === 'earliest/none');
      await append(1);
      await until(() => first.events.length === 1);
      const last = first.events[0]?.cursor;
      await until(async () => (await storedCursor('n')) === last);
      const second = two.subscribe({ subscriber: 'n', cursor: 'earliest' });
      await until(() => first.error?.code === status.ABORTED, 'the first to be ended');
      await append(2);
      await until(() => second.events.length === 1);
      expect(second.began).toBe('stored/found');
    });

    it('killed and emptied: streams go on, begin as asked, and are kept again afterwards', async () => {
      const [one, two] = [await replica(), await replica()];
      const first = one.subscribe({ subscriber: 'n', cursor: 'earliest' });
      await append(1);
      await until(async () => (await storedCursor('n')) === first.events[0]?.cursor);
      await redis.kill();
      await append(2);
      await until(() => first.events.length === 2);
      // At another replica, which cannot reach what was kept: the client's wish counts.
      const second = two.subscribe({ subscriber: 'n', cursor: 'earliest' });
      await until(() => second.events.length === 2);
      expect(second.began).toBe('earliest/unavailable');
      const exact = two.subscribe({ subscriber: 'm', cursor: first.events[0]?.cursor ?? '' });
      await until(() => exact.events.length === 1);
      await until(async () => (await errors(one)) > 0 && (await errors(two)) > 0);

      await redis.empty();
      await redis.startAgain();
      // By itself: the older stream hears of the newer, and what was forgotten is written again.
      await until(() => first.error?.code === status.ABORTED, 'the older stream to be ended');
      await until(async () => {
        const stored = await storedCursor('n').catch(() => undefined);
        return stored !== undefined && stored === second.events[1]?.cursor;
      }, 'the cursor to be kept again');
      await append(3);
      await until(() => second.events.length === 3);
      await until(async () => (await storedCursor('n')) === second.events[2]?.cursor);
    });

    it('frozen: calls are answered in time from the log alone', async () => {
      await log.append([assignmentRecord(1), modelRecord(1)]);
      const one = await replica();
      await untilReady(one);
      await until(async () => {
        const [{ state } = { state: undefined }] = running;
        return (await state?.values.get('gateway.families', 'current')) !== undefined;
      }, 'the families to be stored');
      const held = holdingBack(log, topics.triggers);
      const state = await openState();
      redis.freeze();
      const startMs = performance.now();
      const two = await replica({ log: held.log, state });
      // Starting waits for nothing; its own partial list is better than none.
      await until(async () => (await two.families()).families.length === 2);
      const seen = two.subscribe({ subscriber: 'n', cursor: 'earliest' });
      await until(() => seen.events.length === 1);
      expect(seen.began).toBe('earliest/unavailable');
      expect(performance.now() - startMs).toBeLessThan(8_000);
      await append(2);
      await until(() => seen.events.length === 2);
      expect(await errors(two)).toBeGreaterThan(0);
      redis.thaw();
      await until(async () => (await two.families()).asOfMs !== undefined, 'the list of the other');
      await until(async () => {
        const stored = await storedCursor('n').catch(() => undefined);
        return stored !== undefined && stored === seen.events[1]?.cursor;
      }, 'the cursor to be kept');
      held.release();
      await untilReady(two);
      expect(await two.families()).toMatchObject({ stale: false, nGlitches: 2n });
    });
  });
