import { openKafkaEventLog } from '@glitchwatch/event-log';
import { describeWithKafka } from '../brokers/describe-with-kafka.js';
import { eventLogContract } from './event-log-contract.js';

await describeWithKafka('event log: Kafka', ({ brokers, from, minSessionTimeoutMs }) => {
  eventLogContract(
    `Kafka (${from})`,
    async () => ({
      open: () => openKafkaEventLog({ brokers }),
      inOtherProcess: {
        module: import.meta.resolve('@glitchwatch/event-log'),
        opener: 'openKafkaEventLog',
        options: { brokers },
      },
      dispose: async () => undefined,
    }),
    {
      deadlineMs: 30_000,
      sessionTimeoutMs: Math.max(1500, minSessionTimeoutMs),
      cleansOnRequest: false,
    },
  );
});
