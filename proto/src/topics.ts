/** Topic names and what each must look like in any event log. */
export const topics = {
  triggers: 'glitch.triggers',
  embeddings: 'glitch.embeddings',
  assignments: 'glitch.assignments',
  models: 'glitch.models',
  alerts: 'glitch.alerts',
  families: 'glitch.families',
  feedback: 'glitch.feedback',
  golden: 'glitch.golden',
} as const;

export type TopicName = (typeof topics)[keyof typeof topics];

export interface TopicLayout {
  readonly name: TopicName;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** Milliseconds; undefined keeps records for ever. */
  readonly retentionMs?: number;
}

/**
 * Glitch topics share one partition count and one key (the glitch id), so one
 * glitch stays in one partition number from trigger to assignment.
 */
export const topicLayouts: readonly TopicLayout[] = [
  { name: topics.triggers, partitions: 4, cleanup: 'delete' },
  { name: topics.embeddings, partitions: 4, cleanup: 'delete' },
  { name: topics.assignments, partitions: 4, cleanup: 'delete' },
  { name: topics.models, partitions: 1, cleanup: 'compact' },
  { name: topics.alerts, partitions: 1, cleanup: 'delete' },
  { name: topics.families, partitions: 1, cleanup: 'delete' },
  { name: topics.feedback, partitions: 1, cleanup: 'delete' },
  { name: topics.golden, partitions: 1, cleanup: 'delete' },
];

/** Dead-letter topic of a consumer group: `<topic>.<group>.dlq`. */
export function deadLetterTopic(topic: string, groupId: string): string {
  return `${topic}.${groupId}.dlq`;
}
