import { type EventLog, type ReplayMarker, readDeadLetterTopic } from '@glitchwatch/event-log';
import { type LetterView, letterView } from './letter-view.js';

export interface LetterChoice {
  /** Offsets wanted; the newest `limit` where absent. */
  readonly offsets?: ReadonlySet<number> | undefined;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onRecord: () => void;
}

/** Letters in order of offset, with what is known of their replay. Holds no more than it returns. */
export async function readLetters(
  log: EventLog,
  topic: string,
  { offsets, limit, signal, onRecord }: LetterChoice,
): Promise<LetterView[]> {
  let views: Omit<LetterView, 'replayed'>[] = [];
  const markers = new Map<number, ReplayMarker>();
  for await (const entry of readDeadLetterTopic(log, topic, { signal })) {
    onRecord();
    if (entry.kind === 'replayed') {
      markers.set(Number(entry.marker.offset), entry.marker);
      continue;
    }
    if (offsets !== undefined && !offsets.has(Number(entry.letter.record.offset))) continue;
    views.push(letterView(entry.letter));
    // Cut now and then, not at every letter.
    if (offsets === undefined && views.length >= 2 * limit + 64) views = views.slice(-limit);
  }
  const chosen = offsets === undefined ? views.slice(-limit) : views;
  return chosen.map((view) => {
    const marker = markers.get(view.offset);
    return {
      ...view,
      replayed: marker === undefined ? null : { atMs: marker.atMs, to: marker.to },
    };
  });
}
