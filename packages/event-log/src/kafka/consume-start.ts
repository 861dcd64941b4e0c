import { EventLogError } from '../errors.js';
import { checkName } from '../limits.js';
import type { ConsumeOptions } from '../port.js';
import type { AdminLinks } from './admin-link.js';
import type { Reader } from './reader.js';

/**
 * What a group has committed, by partition; undefined before its first commit.
 * Names are the cluster's.
 */
export async function committedOffsets(
  links: AdminLinks,
  groupId: string,
  topic: string,
  partitions: number,
): Promise<readonly (bigint | undefined)[]> {
  return await links.use(`offsets of group ${groupId}`, async ({ admin }) => {
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return Array.from({ length: partitions }, (_, partition) => {
      const found = answer?.partitions.find((each) => each.partition === partition);
      // kafkajs asks for the partitions that its metadata holds at that moment, which may be
      // none; taken for "no commit" that would send a group back to its beginning.
      if (found === undefined) throw new Error(`no answer for ${topic}/${partition}`);
      const offset = BigInt(found.offset);
      return offset < 0n ? undefined : offset;
    });
  });
}

/**
 * Commits the present ends for a group that has no commits yet. Left to Kafka's
 * "latest", every partition would begin where its end is when some member first
 * fetches it: what came before that, or in a rebalance, would be skipped.
 * Names are the cluster's.
 */
export async function startAtEnd(
  links: AdminLinks,
  reader: Reader,
  groupId: string,
  topics: readonly string[],
): Promise<void> {
  for (const topic of topics) {
    const ends = await reader.offsets(topic);
    const committed = await committedOffsets(links, groupId, topic, ends.length);
    const partitions = ends
      .filter(({ partition }) => committed[partition] === undefined)
      .map(({ partition, high }) => ({ partition, offset: String(high) }));
    if (partitions.length === 0) continue;
    await links.use(`start of group ${groupId}`, async ({ admin }) => {
      const { groups } = await admin.describeGroups([groupId]);
      // A group with members has been started by one of them.
      if (groups.some(({ state }) => state !== 'Empty' && state !== 'Dead')) return;
      await admin.setOffsets({ groupId, topic, partitions });
    });
  }
}

export function checkConsume(options: ConsumeOptions): void {
  checkName('group', options.groupId);
  if (options.topics.length === 0) {
    throw new EventLogError('bad_request', `group ${options.groupId}: expected topics, found none`);
  }
  const numbers = {
    maxBatchRecords: options.maxBatchRecords ?? 1,
    maxBatchBytes: options.maxBatchBytes ?? 1,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 1,
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (value > 0) continue;
    throw new EventLogError(
      'bad_request',
      `group ${options.groupId}: expected ${name} > 0, found ${value}`,
    );
  }
}
