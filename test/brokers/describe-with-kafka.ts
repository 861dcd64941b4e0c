import { afterAll, describe, expect, test } from 'vitest';
import {
  findKafka,
  kafkaIsRequired,
  type LocalKafka,
  type LocalKafkaOptions,
  NoLocalKafka,
  startLocalKafka,
  type TestKafka,
} from './kafka.js';
import { findKafkaJars } from './local-kafka-jars.js';

/**
 * Declares tests that need a real Kafka. Where none is to be had they are one test:
 * skipped under a name that says why, or failing where CI promises a Kafka.
 * To be awaited at the top of a test file.
 */
export async function describeWithKafka(
  name: string,
  declare: (kafka: TestKafka) => void,
): Promise<void> {
  const kafka = await findKafka();
  if (kafka.kind === 'found') {
    declare(kafka);
    describe(name, () => {
      afterAll(() => kafka.release());
      test(`runs on ${kafka.from}`, () => expect(kafka.brokers).not.toEqual([]));
    });
  } else declareMissing(name, kafka.reason);
}

/**
 * The same for tests that kill their broker or set it up in a way of their own:
 * only one from the local jars will do.
 */
export async function describeWithOwnKafka(
  name: string,
  declare: (start: (options?: LocalKafkaOptions) => Promise<LocalKafka>) => void,
): Promise<void> {
  try {
    await findKafkaJars();
  } catch (error) {
    if (!(error instanceof NoLocalKafka)) throw error;
    declareMissing(name, `a broker of the test's own is needed, but ${error.message}`);
    return;
  }
  declare(startLocalKafka);
}

function declareMissing(name: string, reason: string): void {
  if (kafkaIsRequired()) {
    test(`${name}: needs Kafka`, () => expect.fail(`no Kafka in CI: ${reason}`));
  } else {
    test.skip(`${name}: SKIPPED, no Kafka to test with: ${reason}`, () => undefined);
  }
}
