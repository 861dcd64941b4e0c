import { openKafkaEventLog } from '@glitchwatch/event-log';
import { describeWithKafka } from '../brokers/describe-with-kafka.js';
import { unique } from '../contract/event-log/setup.js';
import { dlqCases } from './dlq-cases.js';

await describeWithKafka('glitchwatch dlq: Kafka', ({ brokers, from }) => {
  dlqCases(`Kafka (${from})`, async () => {
    const topicPrefix = `${unique('dlq')}.`;
    const log = await openKafkaEventLog({ brokers, topicPrefix });
    return {
      log,
      flags: ['--kafka', brokers.join(',')],
      env: { GLITCHWATCH_KAFKA_TOPIC_PREFIX: topicPrefix },
      close: () => log.close(),
    };
  });
});
