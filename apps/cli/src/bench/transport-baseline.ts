import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import { Glitch } from '@glitchwatch/proto';

const topic = 'bench.transport';
const perAppend = 64;

/** Glitches per second through the bare log: the same messages appended and read by one group. */
export async function transportRate(glitches: readonly Glitch[], workDir: string): Promise<number> {
  const log = await openEmbeddedEventLog({ dir: join(workDir, 'transport') });
  try {
    await log.ensureTopics([{ name: topic, partitions: 4, cleanup: 'delete' }]);
    const values = glitches.map((glitch) => Glitch.encode(glitch).finish());
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
    return glitches.length / seconds;
  } finally {
    await log.close();
  }
}
