import { deadLetterTopicOf } from './dead-letters.js';
import type { EventLog } from './port.js';

export interface DeadLetterTopic {
  readonly name: string;
  /** The topic whose messages failed. */
  readonly origin: string;
  readonly groupId: string;
}

/** The dead-letter topics that there are, sorted by name. */
export async function findDeadLetterTopics(log: EventLog): Promise<readonly DeadLetterTopic[]> {
  const names = await log.topics();
  const known = new Set(names);
  return names.flatMap((name) => {
    const parsed = parse(name, known);
    return parsed === undefined ? [] : [parsed];
  });
}

/** Topics and groups may both have dots: the longest topic that exists counts. */
function parse(name: string, known: ReadonlySet<string>): DeadLetterTopic | undefined {
  if (!name.endsWith('.dlq')) return undefined;
  const stem = name.slice(0, -'.dlq'.length);
  for (let dot = stem.lastIndexOf('.'); dot > 0; dot = stem.lastIndexOf('.', dot - 1)) {
    const origin = stem.slice(0, dot);
    const groupId = stem.slice(dot + 1);
    if (known.has(origin) && deadLetterTopicOf(origin, groupId) === name)
      return { name, origin, groupId };
  }
  return undefined;
}
