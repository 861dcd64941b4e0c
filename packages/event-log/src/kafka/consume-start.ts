import { EventLogError } from '../errors.js';
import { checkName } from '../limits.js';
import type { ConsumeOptions } from '../port.js';
import type { AdminLinks } from './admin-link.js';
import type { Reader } from './reader.js';

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
    await links.use(`start of group ${groupId}`, async ({ admin }) => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const committed = new Set(
        found?.partitions.filter(({ offset }) => Number(offset) >= 0).map((each) => each.partition),
      );
      const partitions = ends
        .filter(({ partition }) => !committed.has(partition))
        .map(({ partition, high }) => ({ partition, offset: String(high) }));
      if (partitions.length === 0) return;
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
