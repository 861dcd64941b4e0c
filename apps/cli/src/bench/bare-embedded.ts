import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import type { BareLoop } from './bare-loop.js';

const topic = 'bench.bare';
const perAppend = 64;

/** The bare embedded log: appends, and one group in the same process that reads and commits. */
export async function bareEmbeddedLoop({ values, workDir }: BareLoop): Promise<number> {
  const log = await openEmbeddedEventLog({ dir: join(workDir, 'bare') });
  try {
    await log.ensureTopics([{ name: topic, partitions: 4, cleanup: 'delete' }]);
    const start = performance.now();
    let read = 0;
    let allAreRead: () => void = () => undefined;
    const allRead = new Promise<void>((done) => {
      allAreRead = done;
    });
    const consumer = await log.consume({
      groupId: 'bench',
      topics: [topic],
      handler: async ({ records }) => {
        read += records.length;
        if (read >= values.length) allAreRead();
        return [];
      },
    });
    for (let first = 0; first < values.length; first += perAppend) {
      const part = values.slice(first, first + perAppend);
      await log.append(part.map((value, i) => ({ topic, key: String(first + i), value })));
    }
    await allRead;
    const seconds = (performance.now() - start) / 1000;
    await consumer.stop();
    return values.length / seconds;
  } finally {
    await log.close();
  }
}
