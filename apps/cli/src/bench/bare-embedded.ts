import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import { Arrivals, type BareLoop, bareRate } from './bare-loop.js';

const topic = 'bench.bare';
const perAppend = 64;

/** The bare embedded log: appends, and one group in the same process that reads and commits. */
export async function bareEmbeddedLoop({ workDir, ...loop }: BareLoop): Promise<number> {
  const log = await openEmbeddedEventLog({ dir: join(workDir, 'bare') });
  try {
    await log.ensureTopics([{ name: topic, partitions: 4, cleanup: 'delete' }]);
    const arrivals = new Arrivals();
    const consumer = await log.consume({
      groupId: 'bench',
      topics: [topic],
      handler: async ({ records }) => {
        arrivals.add(records.length);
        return [];
      },
    });
    const rate = await bareRate(loop, arrivals, perAppend, (part, first) =>
      log.append(part.map((value, i) => ({ topic, key: String(first + i), value }))),
    );
    await consumer.stop();
    return rate;
  } finally {
    await log.close();
  }
}
