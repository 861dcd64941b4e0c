import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  EventLogError,
  type KafkaEventLogOptions,
  type KafkaSaslOptions,
  openKafkaEventLog,
} from '@glitchwatch/event-log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  newTopic,
  readAll,
  textOf,
  textRecord,
  unique,
  until,
} from '../contract/event-log/setup.js';
import { describeWithOwnKafka } from './describe-with-kafka.js';
import type { LocalKafka } from './kafka.js';

const run = promisify(execFile);
const password = 'a pass phrase';
const login = 'org.apache.kafka.common.security';

/** Key and certificate of the broker, made for this test only. */
async function makeKeyStore(dir: string): Promise<{ keyStore: string; certificate: string }> {
  const keyStore = join(dir, 'broker.p12');
  const store = ['-alias', 'broker', '-keystore', keyStore, '-storepass', 'changeit'];
  await run('keytool', [
    '-genkeypair',
    ...['-keyalg', 'RSA', '-keysize', '2048', '-validity', '2', '-storetype', 'PKCS12'],
    ...['-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1', ...store],
  ]);
  const { stdout } = await run('keytool', ['-exportcert', '-rfc', ...store]);
  return { keyStore, certificate: stdout };
}

await describeWithOwnKafka('Kafka behind TLS and SASL', (start) => {
  describe('Kafka behind TLS and SASL', () => {
    let dir: string;
    let kafka: LocalKafka;
    let certificate: string;
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'glitchwatch-tls-'));
      const made = await makeKeyStore(dir);
      certificate = made.certificate;
      const listener = 'listener.name.sasl_ssl';
      kafka = await start({
        extraListeners: (port) => `,SASL_SSL://127.0.0.1:${port}`,
        scramUsers: ['256', '512'].map(
          (bits) => `SCRAM-SHA-${bits}=[name=glitch,password="${password}"]`,
        ),
        settings: {
          'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN',
          'ssl.keystore.location': made.keyStore,
          'ssl.keystore.password': 'changeit',
          [`${listener}.scram-sha-256.sasl.jaas.config`]: `${login}.scram.ScramLoginModule required;`,
          [`${listener}.scram-sha-512.sasl.jaas.config`]: `${login}.scram.ScramLoginModule required;`,
          [`${listener}.plain.sasl.jaas.config`]: `${login}.plain.PlainLoginModule required user_glitch="${password}";`,
        },
      });
    });
    afterAll(async () => {
      await kafka.stop();
      await rm(dir, { recursive: true, force: true });
    });

    const options = (
      mechanism: KafkaSaslOptions['mechanism'],
      given = password,
    ): KafkaEventLogOptions => ({
      brokers: [`127.0.0.1:${kafka.extraPort}`],
      ssl: { ca: certificate },
      sasl: { mechanism, username: 'glitch', password: given },
      requestDeadlineMs: 5000,
    });

    async function errorOf(opening: KafkaEventLogOptions): Promise<EventLogError> {
      try {
        await (await openKafkaEventLog(opening)).close();
      } catch (error) {
        if (error instanceof EventLogError) return error;
        throw error;
      }
      return expect.fail('opened, but should not');
    }

    test.each(['scram-sha-512', 'scram-sha-256', 'plain'] as const)(
      'everything works with %s',
      async (mechanism) => {
        const log = await openKafkaEventLog(options(mechanism));
        const topic = await newTopic(log, 2);
        await log.append([textRecord(topic, 'k', 'over TLS')]);
        expect((await readAll(log, topic)).map(textOf)).toEqual(['over TLS']);
        const seen: string[] = [];
        await log.consume({
          groupId: unique('group'),
          topics: [topic],
          handler: async ({ records }) => {
            seen.push(...records.map(textOf));
            return [];
          },
        });
        await until('the record', 20_000, () => seen.length === 1);
        await log.close();
      },
    );

    test('a wrong password is refused at once, and told without the password', async () => {
      const beganMs = Date.now();
      const error = await errorOf(options('scram-sha-512', 'a wrong phrase'));
      expect(error.code).toBe('bad_request');
      expect(error.message).not.toContain('a wrong phrase');
      expect(Date.now() - beganMs).toBeLessThan(4000);
    });

    test('a certificate of an unknown authority is not trusted', async () => {
      const error = await errorOf({
        ...options('scram-sha-512'),
        ssl: true,
        requestDeadlineMs: 800,
      });
      expect(error.code).toBe('unavailable');
      expect(error.message).toMatch(/self.signed certificate/);
    });

    test('without TLS nothing is sent to a TLS port', async () => {
      const { brokers } = options('plain');
      expect((await errorOf({ brokers, requestDeadlineMs: 800 })).code).toBe('unavailable');
    });
  });
});
