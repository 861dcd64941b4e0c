/** Another process on the same log: consumes or appends, and tells its parent what it did. */
import { setTimeout as pause } from 'node:timers/promises';

const { description, task } = JSON.parse(process.argv[2] ?? '{}');
const adapter = await import(description.module);
const log = await adapter[description.opener](description.options);
const tell = (message) =>
  new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });

async function consume() {
  const consumer = await log.consume({
    groupId: task.groupId,
    topics: [task.topic],
    sessionTimeoutMs: task.sessionTimeoutMs,
    maxBatchRecords: task.maxBatchRecords,
    handler: async ({ partition, records }) => {
      await tell({ kind: 'batch', partition, count: records.length });
      await pause(task.batchMs);
      return records.map((record) => ({
        topic: task.outputTopic,
        key: record.key,
        value: record.value,
        headers: { by: String(process.pid) },
      }));
    },
    onError: (error) => tell({ kind: 'error', code: error.code ?? error.message }),
  });
  // Leaves the group and goes on running, so that leaving is all that frees its partitions.
  process.on('message', async () => {
    await consumer.stop();
    await tell({ kind: 'done' });
  });
  await tell({ kind: 'ready' });
}

async function append() {
  await tell({ kind: 'ready' });
  const padding = '.'.repeat(task.valueBytes);
  for (let i = 0; i < task.count; i++) {
    const value = new TextEncoder().encode(`${task.name} ${i} ${padding}`);
    await log.append([{ topic: task.topic, key: `${task.name}-${i % 5}`, value }]);
    void tell({ kind: 'acknowledged', count: i + 1 });
  }
  await log.close();
  await tell({ kind: 'done' });
  process.disconnect();
}

await (task.role === 'consume' ? consume() : append());
