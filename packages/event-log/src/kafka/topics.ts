import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { EventLogError } from '../errors.js';
import { MAX_KEY_AND_HEADER_BYTES, MAX_VALUE_BYTES } from '../limits.js';
import type { TopicSpec } from '../port.js';
import type { AdminLinks } from './admin-link.js';
import { typeOfBrokerError } from './broker-error.js';

/** Takes the largest record and what Kafka adds to it; also the most that one batch of ours has. */
export const MAX_MESSAGE_BYTES = 1_200_000;
const LEAST_MESSAGE_BYTES = MAX_VALUE_BYTES + MAX_KEY_AND_HEADER_BYTES + 4096;

/** A topic as it is, in the words of `TopicSpec`. */
interface FoundTopic {
  readonly partitions: number;
  readonly cleanup: string;
  readonly retentionMs: number | undefined;
  readonly maxMessageBytes: number;
}

/**
 * Makes the missing topics, none where one that exists differs. Names are the
 * cluster's. Throws `topic_mismatch` that names topic, setting and both values.
 */
export async function ensureTopics(
  links: AdminLinks,
  specs: readonly TopicSpec[],
  replicationFactor: number | undefined,
): Promise<void> {
  const wanted = distinct(specs);
  if (wanted.size === 0) return;
  await links.use('making topics', async ({ admin }) => {
    const existing = await describe(admin, [...wanted.keys()]);
    check(wanted, existing);
    const missing = [...wanted.values()].filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return;
    await admin.createTopics({
      topics: missing.map((spec) => toTopicConfig(spec, replicationFactor)),
      timeout: 10_000,
    });
    // Somebody else may have made some of them first, and differently.
    const made = await describe(
      admin,
      missing.map(({ name }) => name),
    );
    if (made.size < missing.length) throw new Error('new topics are not visible yet');
    check(wanted, made);
  });
}

function distinct(specs: readonly TopicSpec[]): Map<string, TopicSpec> {
  const wanted = new Map<string, TopicSpec>();
  for (const spec of specs) {
    const other = wanted.get(spec.name);
    if (other === undefined) wanted.set(spec.name, spec);
    else compare(spec.name, spec, other);
  }
  return wanted;
}

function toTopicConfig(spec: TopicSpec, replicationFactor: number | undefined): ITopicConfig {
  const settings: Record<string, string> = {
    'cleanup.policy': spec.cleanup,
    'retention.ms': spec.retentionMs === undefined ? '-1' : String(Math.trunc(spec.retentionMs)),
    'retention.bytes': '-1',
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
    'message.timestamp.type': 'CreateTime',
    // An append is acknowledged only when a second copy has it.
    ...((replicationFactor ?? 1) >= 3 ? { 'min.insync.replicas': '2' } : {}),
  };
  return {
    topic: spec.name,
    numPartitions: spec.partitions,
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}

async function describe(admin: Admin, names: readonly string[]): Promise<Map<string, FoundTopic>> {
  const partitions = new Map<string, number>();
  await Promise.all(
    names.map(async (name) => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
        for (const topic of topics) partitions.set(topic.name, topic.partitions.length);
      } catch (error) {
        if (typeOfBrokerError(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
      }
    }),
  );
  const found = new Map<string, FoundTopic>();
  if (partitions.size === 0) return found;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [...partitions.keys()].map((name) => ({
      // Not among the named exports that Node finds in this CommonJS module.
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['cleanup.policy', 'retention.ms', 'max.message.bytes'],
    })),
  });
  for (const { resourceName, configEntries } of resources) {
    const values = new Map(
      configEntries.map(({ configName, configValue }) => [configName, configValue]),
    );
    const retentionMs = Number(values.get('retention.ms') ?? -1);
    found.set(resourceName, {
      partitions: partitions.get(resourceName) ?? 0,
      cleanup: values.get('cleanup.policy') ?? '',
      retentionMs: retentionMs < 0 ? undefined : retentionMs,
      maxMessageBytes: Number(values.get('max.message.bytes') ?? 0),
    });
  }
  return found;
}

function check(
  wanted: ReadonlyMap<string, TopicSpec>,
  existing: ReadonlyMap<string, FoundTopic>,
): void {
  for (const [name, found] of existing) {
    const spec = wanted.get(name);
    if (spec === undefined) continue;
    compare(name, spec, found);
    if (found.maxMessageBytes < LEAST_MESSAGE_BYTES) {
      mismatch(name, 'max.message.bytes', `at least ${LEAST_MESSAGE_BYTES}`, found.maxMessageBytes);
    }
  }
}

function compare(
  name: string,
  asked: TopicSpec,
  found: Pick<FoundTopic, 'partitions' | 'cleanup' | 'retentionMs'> | TopicSpec,
): void {
  for (const field of ['partitions', 'cleanup', 'retentionMs'] as const) {
    if (asked[field] !== found[field]) mismatch(name, field, asked[field], found[field]);
  }
}

function mismatch(
  topic: string,
  field: string,
  asked: string | number | undefined,
  found: string | number | undefined,
): never {
  throw new EventLogError(
    'topic_mismatch',
    `topic ${topic}: expected ${field} ${asked ?? 'none'}, found ${found ?? 'none'}`,
  );
}
