import { afterEach, expect, it, vi } from 'vitest';
import { storeSettingsOf } from './stores.js';

afterEach(() => vi.unstubAllEnvs());

it('puts flags before the environment', async () => {
  vi.stubEnv('GLITCHWATCH_KAFKA_BROKERS', 'env:9092');
  vi.stubEnv('GLITCHWATCH_REDIS_URL', 'redis://env');
  vi.stubEnv('GLITCHWATCH_REDIS_PASSWORD', 'hush');
  const settings = await storeSettingsOf({ dataDir: 'd', kafka: 'flag:9092' });
  expect(settings).toMatchObject({
    dataDir: 'd',
    kafka: { brokers: ['flag:9092'] },
    redis: { url: 'redis://env', password: 'hush' },
  });
});

it('takes no user and password on the command line, and does not repeat them', async () => {
  const error = await storeSettingsOf({ redis: 'rediss://gw:hush@cache:6379' }).catch(String);
  expect(error).toContain('GLITCHWATCH_REDIS_PASSWORD_FILE');
  expect(error).not.toContain('hush');
});
