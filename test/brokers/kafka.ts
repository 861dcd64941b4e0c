import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { dockerAnswers, startContainerKafka } from './container-kafka.js';
import { answers, startLocalKafka } from './local-kafka.js';
import { NoLocalKafka } from './local-kafka-jars.js';

export { type LocalKafka, type LocalKafkaOptions, startLocalKafka } from './local-kafka.js';
export { NoLocalKafka } from './local-kafka-jars.js';

/** The shortest session that the broker grants; a broker that was given has Kafka's own least. */
const SHORT_SESSION_MS = 1000;
const USUAL_LEAST_SESSION_MS = 6000;

export interface TestKafka {
  readonly kind: 'found';
  readonly brokers: readonly string[];
  readonly from: 'KAFKA_BROKERS' | 'container' | 'local jars';
  readonly minSessionTimeoutMs: number;
  /** Ends what this process started and nobody else uses; the local broker ends with the run. */
  release(): Promise<void>;
}

export interface NoTestKafka {
  readonly kind: 'missing';
  /** What was tried and why it failed; for the name of the skipped test. */
  readonly reason: string;
}

/**
 * A real Kafka, by the first rung that holds: KAFKA_BROKERS; a container where a
 * Docker engine answers; the published jars on a local Java. The local broker is
 * started by the first test file that asks and serves the whole run.
 */
export async function findKafka(): Promise<TestKafka | NoTestKafka> {
  const given = process.env.KAFKA_BROKERS;
  if (given !== undefined && given !== '') return await useGiven(given);
  const tried = ['KAFKA_BROKERS is not set'];
  if (await dockerAnswers()) {
    try {
      const { brokers, stop } = await startContainerKafka(SHORT_SESSION_MS);
      return found('container', brokers, SHORT_SESSION_MS, stop);
    } catch (error) {
      tried.push(`the container did not start (${firstLine(error)})`);
    }
  } else tried.push('no Docker engine answers');
  try {
    const brokers = await sharedLocalKafka();
    return found('local jars', brokers, SHORT_SESSION_MS, async () => undefined);
  } catch (error) {
    if (!(error instanceof NoLocalKafka)) throw error;
    tried.push(error.message);
  }
  return { kind: 'missing', reason: tried.join('; ') };
}

async function useGiven(given: string): Promise<TestKafka> {
  const brokers = given.split(',').map((broker) => broker.trim());
  // Asked for by name: silence there is a failure, never a reason to use another.
  if (!(await answers(brokers))) throw new Error(`KAFKA_BROKERS: no answer from ${given}`);
  return found('KAFKA_BROKERS', brokers, USUAL_LEAST_SESSION_MS, async () => undefined);
}

function found(
  from: TestKafka['from'],
  brokers: readonly string[],
  minSessionTimeoutMs: number,
  release: () => Promise<void>,
): TestKafka {
  return { kind: 'found', from, brokers, minSessionTimeoutMs, release };
}

/** Test files run one after another, each in a process of its own; this is their parent. */
const runPid = isMainThread ? process.ppid : process.pid;

async function sharedLocalKafka(): Promise<readonly string[]> {
  const note = join(tmpdir(), `glitchwatch-test-kafka-${runPid}.json`);
  if (existsSync(note)) {
    const brokers: string[] = JSON.parse(await readFile(note, 'utf8'));
    if (await answers(brokers)) return brokers;
    // Left by an earlier run whose process had the same number.
    await rm(note, { force: true });
  }
  const { brokers } = await startLocalKafka({ ownerPid: runPid, remove: [note] });
  await writeFile(`${note}.new`, JSON.stringify(brokers));
  await rename(`${note}.new`, note);
  return brokers;
}

/** In CI a missing Kafka is a failure, not a reason to skip. */
export function kafkaIsRequired(): boolean {
  return process.env.CI === 'true' || process.env.CI === '1';
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
