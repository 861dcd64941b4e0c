import { deadLetterTopicOf, type OutgoingRecord } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { expect } from 'vitest';
import { parseMetrics } from '../fixtures/metrics-text.js';
import { waitFor } from '../fixtures/wait-for.js';
import type { Fault } from './observatory/fault.js';
import type { Replica } from './observatory/fleet.js';

const topicsOfGroups = [
  { topic: topics.triggers, groupId: 'embedder' },
  { topic: topics.embeddings, groupId: 'clusterer' },
  { topic: topics.assignments, groupId: 'clusterer-watch' },
] as const;
const topicsOfReaders = [topics.models, topics.alerts] as const;
/** An end-group tag without its group: no protobuf message. */
const bytes = Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0xff]);
const key = 'poison';
/** Of those, the embeddings are none of the ledger's topics. */
const READ_BY_LEDGER = 4;
const READ_BY_GATEWAY = 4;

/** One message that does not decode in each topic; then everything that reads them is started anew. */
export const poison: Fault = {
  name: 'a poison message in each topic',
  poison: READ_BY_LEDGER,
  async happen({ log, feeder, fleet }) {
    const records: OutgoingRecord[] = [
      ...topicsOfGroups.map(({ topic }) => topic),
      ...topicsOfReaders,
    ].map((topic) => ({ topic, key, value: bytes }));
    await log.append(records);
    await feeder.more(8);
    const readers = ['assign', 'refit', 'gateway'] as const;
    await Promise.all(
      readers.flatMap((service) =>
        fleet.replicas(service).map(async (replica) => {
          await fleet.kill(replica);
          await fleet.startAgain(replica);
        }),
      ),
    );
    await feeder.more(8);
    return { rounds: 1, note: 'clusterers and gateways started anew on the poisoned log' };
  },
  async after({ log, fleet }) {
    for (const { topic, groupId } of topicsOfGroups) {
      const deadLetters = deadLetterTopicOf(topic, groupId);
      await waitFor(`the dead letter of ${topic}`, async () => {
        const [partition] = await log.offsets(deadLetters);
        return partition !== undefined && partition.high > 0n ? true : undefined;
      });
    }
    for (const replica of fleet.replicas('gateway'))
      expect(await errorsOf(replica, 'bad_message'), replica.service).toBe(READ_BY_GATEWAY);
    for (const replica of [...fleet.replicas('assign'), ...fleet.replicas('refit')])
      expect(await errorsOf(replica, 'bad_message'), replica.service).toBe(1);
  },
};

async function errorsOf({ opsPort }: Replica, code: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
  return parseMetrics(text)
    .filter(({ name }) => /^glitchwatch_(clusterer|gateway)_errors_total$/.test(name))
    .filter(({ labels }) => labels.code === code)
    .reduce((sum, { value }) => sum + value, 0);
}
