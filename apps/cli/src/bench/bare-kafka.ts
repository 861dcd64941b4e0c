import type { StoreSettings } from '@glitchwatch/stores';
import { CompressionTypes, Kafka, logLevel, Partitioners, type SASLOptions } from 'kafkajs';
import { Arrivals, type BareLoop, bareRate } from './bare-loop.js';

const perSend = 64;
const partitions = 4;

export type KafkaOfSettings = NonNullable<StoreSettings['kafka']>;

/** A plain kafkajs client of the same cluster. */
export function plainKafka({ brokers, tls, sasl }: KafkaOfSettings): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId: 'glitchwatch-bench',
    logLevel: logLevel.NOTHING,
    ssl: tls === undefined ? false : Object.fromEntries(Object.entries(tls)),
    // The union is spelt by mechanism there; all three take a name and a password.
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
  });
}

/**
 * kafkajs with nothing of ours around it, in one process: an idempotent producer with
 * acks from all, and one group that reads batches and commits each.
 */
export async function bareKafkaLoop(
  loop: Pick<BareLoop, 'values' | 'warmUp'>,
  settings: KafkaOfSettings,
  topic: string,
): Promise<number> {
  const kafka = plainKafka(settings);
  const admin = kafka.admin();
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 50 });
  await admin.connect();
  try {
    await admin.createTopics({
      topics: [
        {
          topic,
          numPartitions: partitions,
          // One send may happen to put most of its messages into one partition.
          configEntries: [{ name: 'max.message.bytes', value: String(4 * 2 ** 20) }],
        },
      ],
    });
    await producer.connect();
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const arrivals = new Arrivals();
    const joined = new Promise<void>((done) => {
      consumer.on(consumer.events.GROUP_JOIN, () => done());
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      partitionsConsumedConcurrently: partitions,
      eachBatch: async ({ batch, commitOffsetsIfNecessary }) => {
        const offset = String(BigInt(batch.lastOffset()) + 1n);
        await commitOffsetsIfNecessary({
          topics: [{ topic, partitions: [{ partition: batch.partition, offset }] }],
        });
        arrivals.add(batch.messages.length);
      },
    });
    await joined;
    return await bareRate(loop, arrivals, perSend, (part, first) =>
      producer.send({
        topic,
        acks: -1,
        compression: CompressionTypes.None,
        messages: part.map((value, i) => ({ key: String(first + i), value: Buffer.from(value) })),
      }),
    );
  } finally {
    await consumer.disconnect();
    await producer.disconnect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  }
}

/** Removes what a run has left on the cluster: every topic and group under its prefix. */
export async function removeFromKafka(settings: KafkaOfSettings, prefix: string): Promise<void> {
  const admin = plainKafka(settings).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const groupIds = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
    if (groupIds.length > 0) await admin.deleteGroups(groupIds);
  } finally {
    await admin.disconnect();
  }
}
