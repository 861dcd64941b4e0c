import { expect, test } from 'vitest';
import { checkKafkaOptions, type KafkaEventLogOptions } from './options.js';

const brokers = ['kafka-1.example:9092', '127.0.0.1:29092', '[::1]:9092'];

test('fills in the defaults', () => {
  expect(checkKafkaOptions({ brokers })).toMatchObject({
    brokers,
    clientId: 'glitchwatch',
    ssl: false,
    sasl: undefined,
    topicPrefix: '',
    compression: 'none',
    deliveryTimeoutMs: 60_000,
    requestDeadlineMs: 30_000,
  });
});

const sasl = { mechanism: 'scram-sha-512', username: 'name', password: 'secret' } as const;

test.each<[string, Partial<Record<keyof KafkaEventLogOptions, unknown>>]>([
  ['brokers', { brokers: [] }],
  ['brokers', { brokers: ['kafka'] }],
  ['brokers', { brokers: ['kafka:0'] }],
  ['brokers', { brokers: ['http://kafka:9092'] }],
  ['sasl.mechanism', { sasl: { ...sasl, mechanism: 'gssapi' } }],
  ['sasl.username', { sasl: { ...sasl, username: '' } }],
  ['sasl.password', { sasl: { ...sasl, password: '' } }],
  ['topicPrefix', { topicPrefix: 'with a space' }],
  ['replicationFactor', { replicationFactor: 0 }],
  ['compression', { compression: 'zstd' }],
  ['deliveryTimeoutMs', { deliveryTimeoutMs: -1 }],
  ['requestDeadlineMs', { requestDeadlineMs: 1.5 }],
])('refuses a wrong %s by name', (name, wrong) => {
  const options = { brokers, ...wrong } as KafkaEventLogOptions;
  expect(() => checkKafkaOptions(options)).toThrow(
    expect.objectContaining({
      code: 'bad_request',
      message: expect.stringContaining(`expected ${name} to be`),
    }),
  );
  expect(() => checkKafkaOptions(options)).not.toThrow(/secret/);
});
