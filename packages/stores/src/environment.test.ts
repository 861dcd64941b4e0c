import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeSettingsFromEnvironment } from './environment.js';
import { describeStores } from './open.js';

let dir: string;
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(dir, name), text);
  return join(dir, name);
};
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-stores-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('storeSettingsFromEnvironment', () => {
  it('is embedded in the default folder where nothing is said', async () => {
    expect(await storeSettingsFromEnvironment({})).toEqual({ dataDir: '.glitchwatch/data' });
    expect(await storeSettingsFromEnvironment({ GLITCHWATCH_REDIS_URL: '' })).toEqual({
      dataDir: '.glitchwatch/data',
    });
  });

  it('reads brokers, TLS and SASL of Kafka, the password from a file', async () => {
    const settings = await storeSettingsFromEnvironment({
      GLITCHWATCH_KAFKA_BROKERS: 'one:9092, two:9093,',
      GLITCHWATCH_KAFKA_REPLICATION_FACTOR: '3',
      GLITCHWATCH_KAFKA_TLS_CA_FILE: await file('ca.pem', 'PEM\n'),
      GLITCHWATCH_KAFKA_USERNAME: 'gw',
      GLITCHWATCH_KAFKA_PASSWORD_FILE: await file('password', 'hush \n'),
      GLITCHWATCH_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
    });
    expect(settings.kafka).toEqual({
      brokers: ['one:9092', 'two:9093'],
      replicationFactor: 3,
      tls: { ca: 'PEM\n' },
      sasl: { mechanism: 'scram-sha-256', username: 'gw', password: 'hush ' },
    });
  });

  it('reads URL, ACL user and TLS of Redis', async () => {
    const settings = await storeSettingsFromEnvironment({
      GLITCHWATCH_REDIS_URL: 'redis://cache:6380',
      GLITCHWATCH_REDIS_USERNAME: 'gw',
      GLITCHWATCH_REDIS_PASSWORD: 'hush',
      GLITCHWATCH_REDIS_TLS: 'true',
      GLITCHWATCH_REDIS_KEY_PREFIX: 'site-a:',
    });
    expect(settings.redis).toEqual({
      url: 'redis://cache:6380',
      keyPrefix: 'site-a:',
      username: 'gw',
      password: 'hush',
      tls: {},
    });
  });

  it.each([
    [
      { GLITCHWATCH_KAFKA_BROKERS: 'nohost' },
      /kafka\.brokers\.0: expected host:port; found "nohost"/,
    ],
    [{ GLITCHWATCH_KAFKA_BROKERS: ',' }, /kafka\.brokers/],
    [
      { GLITCHWATCH_KAFKA_BROKERS: 'a:1', GLITCHWATCH_KAFKA_REPLICATION_FACTOR: 'few' },
      /kafka\.replicationFactor/,
    ],
    [
      { GLITCHWATCH_KAFKA_BROKERS: 'a:1', GLITCHWATCH_KAFKA_USERNAME: 'gw' },
      /kafka\.sasl\.password/,
    ],
    [
      { GLITCHWATCH_REDIS_URL: 'redis://a', GLITCHWATCH_REDIS_PASSWORD_FILE: '/not/there' },
      /GLITCHWATCH_REDIS_PASSWORD_FILE: expected a readable file/,
    ],
    [
      { GLITCHWATCH_REDIS_URL: 'redis://a', GLITCHWATCH_REDIS_TLS: 'yes' },
      /GLITCHWATCH_REDIS_TLS: expected true or false; found "yes"/,
    ],
  ])('refuses %o', async (env, message) => {
    await expect(storeSettingsFromEnvironment(env)).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.stringMatching(message),
    });
  });

  it('never shows a secret', async () => {
    const env = { GLITCHWATCH_KAFKA_BROKERS: 'a:1', GLITCHWATCH_KAFKA_PASSWORD: 'hush' };
    const error = await storeSettingsFromEnvironment(env).catch(String);
    expect(error).toContain('username');
    expect(error).not.toContain('hush');
  });
});

describe('describeStores', () => {
  it('names the servers without user and password', () => {
    const text = describeStores({
      dataDir: 'data',
      kafka: { brokers: ['k:9092'], sasl: { mechanism: 'plain', username: 'u', password: 'hush' } },
      redis: { url: 'redis://user:hush@r:6379/1' },
    });
    expect(text).toBe('log on Kafka at k:9092; state on Redis at r:6379; models in data');
  });
});
