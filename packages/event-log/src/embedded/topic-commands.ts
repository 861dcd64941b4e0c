import { EventLogError } from '../errors.js';
import type { CommandOf } from './commands.js';
import { readTopic, rowKeys, type TopicRow, writeRow } from './rows.js';
import type { WriteTransaction } from './write-transaction.js';

/** Creates the missing topics; all or, where one differs, none. */
export function ensureTopics(txn: WriteTransaction, command: CommandOf<'ensure-topics'>): null {
  const { environment } = txn;
  const missing = new Map<string, Omit<TopicRow, 'id'>>();
  for (const { name, ...spec } of command.specs) {
    const existing = readTopic(environment, name) ?? missing.get(name);
    if (existing === undefined) missing.set(name, spec);
    else checkSame(name, spec, existing);
  }
  let id = (environment.state.get([...rowKeys.nextTopicId]) as number | undefined) ?? 1;
  for (const [name, spec] of missing) {
    writeRow(environment, rowKeys.topic(name), { id, ...spec });
    id += 1;
  }
  if (missing.size > 0) writeRow(environment, rowKeys.nextTopicId, id);
  return null;
}

function checkSame(name: string, asked: Omit<TopicRow, 'id'>, found: Omit<TopicRow, 'id'>): void {
  for (const field of ['partitions', 'cleanup', 'retentionMs'] as const) {
    if (asked[field] === found[field]) continue;
    throw new EventLogError(
      'topic_mismatch',
      `topic ${name}: expected ${field} ${asked[field] ?? 'none'}, found ${found[field] ?? 'none'}`,
    );
  }
}
