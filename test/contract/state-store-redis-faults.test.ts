import { randomUUID } from 'node:crypto';
import {
  openRedisStateStore,
  type RedisConnectionChange,
  type RedisStateStoreOptions,
  type StateStore,
} from '@glitchwatch/state-store';
import { createClient } from 'redis';
import { afterEach, describe, expect, test } from 'vitest';
import { makeCertificates } from '../brokers/certificates.js';
import { LocalRedis, redisServerVersion, reportNoRedis } from '../brokers/redis.js';
import { until } from './until.js';

const HOUR_MS = 3_600_000;
const DEADLINE_MS = 15_000;
const version = redisServerVersion();

/** These cases kill, freeze and configure the server, so it must be a process of ours. */
if (version === undefined)
  reportNoRedis('state store: Redis, faults', 'redis-server is not on the PATH');
else describe(`state store: Redis, faults (${version})`, faults);

function faults(): void {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  const startServer = async (...args: Parameters<typeof LocalRedis.start>): Promise<LocalRedis> => {
    const server = await LocalRedis.start(...args);
    cleanUps.push(() => server.dispose());
    return server;
  };

  const open = async (
    server: LocalRedis,
    options: Partial<RedisStateStoreOptions> = {},
  ): Promise<{ readonly store: StateStore; readonly changes: RedisConnectionChange[] }> => {
    const changes: RedisConnectionChange[] = [];
    const store = await openRedisStateStore({
      url: server.url,
      keyPrefix: `test-${randomUUID()}:`,
      onConnection: (change) => changes.push(change),
      ...options,
    });
    cleanUps.push(() => store.close());
    return { store, changes };
  };

  const refused = async (call: Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await expect(call).rejects.toMatchObject({ name: 'StateStoreError', code: 'unavailable' });
    return performance.now() - started;
  };

  const back = (store: StateStore) =>
    until('it is back', DEADLINE_MS, () =>
      store.dedupe.has(['any']).then(
        () => true,
        () => false,
      ),
    );

  test('a killed server is refused at once, told once, and used again when it is back', async () => {
    const server = await startServer();
    const { store, changes } = await open(server);
    const heard: string[] = [];
    await store.fanOut.subscribe('news', (payload) => heard.push(Buffer.from(payload).toString()));
    await store.values.set('n', 'k', Buffer.from('kept'));
    await store.dedupe.addIfAbsent(['seen'], HOUR_MS);
    const waiting = Promise.allSettled(
      Array.from({ length: 500 }, (_, i) => store.values.set('n', `k${i}`, Buffer.from('x'))),
    );
    // appendfsync everysec: what is older than a second or two must survive.
    await until('it is on disk', DEADLINE_MS, () => wasSynced(server));
    await server.kill();
    await waiting;
    await until('the loss is noticed', DEADLINE_MS, () => changes.some((c) => !c.isConnected));
    for (let i = 0; i < 20; i += 1)
      expect(await refused(store.dedupe.has(['x']))).toBeLessThan(100);
    await refused(store.leases.acquire('l', 'h', HOUR_MS));
    await refused(store.fanOut.publish('news', Buffer.from('lost')));
    await server.startAgain();
    await back(store);
    expect(Buffer.from((await store.values.get('n', 'k'))!).toString()).toBe('kept');
    expect(await store.dedupe.has(['seen'])).toEqual([true]);
    await until('fan-out is back', DEADLINE_MS, async () => {
      await store.fanOut.publish('news', Buffer.from('again'));
      return heard.includes('again');
    });
    expect(changes.filter((c) => c.role === 'commands').map((c) => c.isConnected)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('an emptied server starts anew, but never with an older fencing token', async () => {
    const server = await startServer();
    const { store } = await open(server);
    const before = await store.leases.acquire('refit', 'one', HOUR_MS);
    await store.dedupe.addIfAbsent(['seen'], HOUR_MS);
    await server.kill();
    await server.empty();
    await server.startAgain();
    await back(store);
    expect(await store.dedupe.addIfAbsent(['seen'], HOUR_MS)).toEqual([true]);
    expect(await before!.renew()).toBe(false);
    const after = await store.leases.acquire('refit', 'two', HOUR_MS);
    expect(after!.fencingToken).toBeGreaterThan(before!.fencingToken);
    expect(after!.isFirst).toBe(true);
    expect(await before!.renew()).toBe(false);
    await before!.release();
    expect(await after!.renew()).toBe(true);
  });

  test('a server that says nothing holds one call for the stated time and the others not at all', async () => {
    const server = await startServer();
    const { store, changes } = await open(server, { commandTimeoutMs: 300 });
    server.freeze();
    const waited = await refused(store.dedupe.has(['x']));
    expect(waited).toBeGreaterThan(250);
    expect(waited).toBeLessThan(1_000);
    for (let i = 0; i < 50; i += 1)
      expect(await refused(store.dedupe.has(['x']))).toBeLessThan(100);
    server.thaw();
    await back(store);
    server.freeze();
    // Nobody asks anything: the connection itself must find out.
    await until('the silence is noticed', DEADLINE_MS, () => changes.some((c) => !c.isConnected));
    server.thaw();
    await back(store);
  });

  test('a store opens without its server and finds it later', async () => {
    const server = await startServer();
    await server.kill();
    const started = performance.now();
    const { store } = await open(server, { openTimeoutMs: 300 });
    expect(performance.now() - started).toBeLessThan(2_000);
    await refused(store.dedupe.has(['x']));
    await server.startAgain();
    await back(store);
    expect(await store.dedupe.addIfAbsent(['x'], HOUR_MS)).toEqual([true]);
  });

  test('closing never waits for a dead server', async () => {
    const server = await startServer();
    const { store } = await open(server, { commandTimeoutMs: 300 });
    server.freeze();
    const call = refused(store.values.get('n', 'k'));
    const started = performance.now();
    await store.close();
    expect(performance.now() - started).toBeLessThan(2_000);
    await call;
    await expect(store.values.get('n', 'k')).rejects.toMatchObject({ code: 'closed' });
  });

  test('a full server is told apart from one that is away', async () => {
    const server = await startServer({
      args: ['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction'],
    });
    const { store } = await open(server);
    const megabyte = Buffer.alloc(2 ** 20, 1);
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 8; i += 1) await store.values.set('n', `k${i}`, megabyte);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'disk_full' });
    expect(await store.dedupe.has(['x'])).toEqual([false]);
  });

  test('values keep their bytes, and floats can stand on them', async () => {
    const server = await startServer();
    const { store } = await open(server);
    const floats = Float32Array.from({ length: 257 }, (_, i) => Math.fround(i / 7));
    const bytes = new Uint8Array(floats.buffer);
    const names = Array.from({ length: 50 }, (_, i) => `vector ${'x'.repeat(i)}`);
    for (const name of names) await store.values.set('vectors', name, bytes);
    for (const [, value] of await store.values.entries('vectors'))
      expect(new Float32Array(value.buffer, value.byteOffset, 257)).toEqual(floats);
    const one = (await store.values.get('vectors', names[1]!))!;
    expect(new Float32Array(one.buffer, one.byteOffset, 257)).toEqual(floats);
  });

  test('an ACL user with the stated rights is enough; a wrong password is told at once', async () => {
    const server = await startServer();
    const admin = createClient({ url: server.url });
    await admin.connect();
    const prefix = 'site-a:';
    await admin.sendCommand(
      `ACL SETUSER gw on >hush ~${prefix}* &${prefix}* +hello +ping +exists +set +get +unlink +hget +hset +hdel +hgetall +eval +time +pexpire +del +publish +subscribe +unsubscribe`.split(
        ' ',
      ),
    );
    await admin.sendCommand(['ACL', 'SETUSER', 'default', 'off']);
    const options = { keyPrefix: prefix, username: 'gw', password: 'hush' };
    const { store } = await open(server, options);
    expect(await store.dedupe.addIfAbsent(['a'], HOUR_MS)).toEqual([true]);
    expect(await store.dedupe.has(['a'])).toEqual([true]);
    await store.dedupe.remove(['a']);
    await store.values.set('n', 'k', Buffer.from('v'));
    expect(await store.values.entries('n')).toHaveLength(1);
    await store.values.delete('n', 'k');
    const lease = await store.leases.acquire('l', 'h', HOUR_MS);
    expect(await lease!.renew()).toBe(true);
    await lease!.release();
    const heard: Uint8Array[] = [];
    const subscription = await store.fanOut.subscribe('c', (payload) => heard.push(payload));
    await store.fanOut.publish('c', Buffer.from('x'));
    await until('it is heard', DEADLINE_MS, () => heard.length === 1);
    await subscription.close();
    await expect(
      open(server, { ...options, keyPrefix: 'site-b:' }).then(({ store: other }) =>
        other.dedupe.has(['a']),
      ),
    ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('NOPERM') });
    const started = performance.now();
    const wrong = await open(server, { ...options, password: 'wrong-secret' }).catch(
      (error: unknown) => error,
    );
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(wrong).toMatchObject({ code: 'unavailable' });
    expect(String(wrong)).toContain('WRONGPASS');
    expect(String(wrong)).not.toContain('wrong-secret');
    admin.destroy();
  });

  test('TLS: the right authority is trusted, another is not', async () => {
    const certificates = await makeCertificates();
    cleanUps.push(() => certificates.dispose());
    const { caFile, certFile, keyFile, ca, otherCa } = certificates;
    const server = await startServer({
      args: [
        '--port',
        '0',
        '--tls-port',
        'PORT',
        '--tls-auth-clients',
        'no',
        '--tls-ca-cert-file',
        caFile,
        '--tls-cert-file',
        certFile,
        '--tls-key-file',
        keyFile,
      ],
      isUp: (port) => answersTls(port, ca),
    });
    const url = server.url.replace('redis:', 'rediss:');
    const { store } = await open(server, { url, tls: { ca } });
    expect(await store.dedupe.addIfAbsent(['a'], HOUR_MS)).toEqual([true]);
    await server.kill();
    await server.startAgain();
    await back(store);
    const { store: distrustful, changes } = await open(server, {
      url,
      tls: { ca: otherCa },
      openTimeoutMs: 500,
    });
    await refused(distrustful.dedupe.has(['a']));
    expect(changes[0]?.reason).toMatch(/certificate/);
  });

  test.each([
    ['http://host', /expected redis:\/\/host:port or rediss:\/\/host:port, found http:\/\/host/],
    ['redis://user:secret@host/first', /expected the number of a database as path, found "first"/],
    ['nonsense:secret', /expected redis:\/\/host:port/],
  ])('refuses the URL %s', async (url, message) => {
    const error = await openRedisStateStore({ url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bad_request', message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('secret');
  });
}

async function wasSynced(server: LocalRedis): Promise<boolean> {
  const client = createClient({ url: server.url });
  await client.connect();
  try {
    const info = await client.info('persistence');
    return /aof_pending_bio_fsync:0/.test(info) && /aof_buffer_length:0/.test(info);
  } finally {
    client.destroy();
  }
}

async function answersTls(port: number, ca: string): Promise<boolean> {
  const client = createClient({
    socket: { host: '127.0.0.1', port, tls: true, ca, reconnectStrategy: false },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}
