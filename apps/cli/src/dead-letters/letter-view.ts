import { type DeadLetter, deadLetterHeaders, type LogRecord } from '@glitchwatch/event-log';
import {
  Alert,
  Assignment,
  Embedding,
  Glitch,
  headerNames,
  ModelActivated,
  SubmitTriggersRequest,
  type Trigger,
  topics,
} from '@glitchwatch/proto';

/** What can be read of the message itself. */
export interface MessageView {
  /** Name of the message, or null where nobody knows. */
  readonly schema: string | null;
  readonly decodes: boolean;
  readonly glitchId: string | null;
  readonly ifo: string | null;
  readonly externalId: string | null;
  readonly peakGpsNs: string | null;
}

export interface LetterView {
  readonly offset: number;
  /** When it failed, milliseconds since the Unix epoch. */
  readonly atMs: number;
  readonly code: string;
  readonly message: string;
  readonly tries: number;
  readonly origin: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  } | null;
  readonly key: string | null;
  readonly valueBytes: number;
  /** The message's own headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly decoded: MessageView;
  readonly replayed: { readonly atMs: number; readonly to: string } | null;
}

interface Decoded {
  readonly trigger?: Trigger | undefined;
  readonly glitchId?: string | undefined;
}

const decoders: Readonly<Record<string, (value: Uint8Array) => Decoded>> = {
  Glitch: (value) => ({ trigger: Glitch.decode(value).trigger }),
  Embedding: (value) => ({ trigger: Embedding.decode(value).trigger }),
  Assignment: (value) => Assignment.decode(value),
  SubmitTriggersRequest: (value) => ({ trigger: SubmitTriggersRequest.decode(value).trigger }),
  ModelActivated: (value) => {
    ModelActivated.decode(value);
    return {};
  },
  Alert: (value) => {
    Alert.decode(value);
    return {};
  },
};

const schemaOfTopic: Readonly<Record<string, string>> = {
  [topics.triggers]: 'Glitch',
  [topics.embeddings]: 'Embedding',
  [topics.assignments]: 'Assignment',
  [topics.models]: 'ModelActivated',
  [topics.alerts]: 'Alert',
};

/** A letter as people and `--json` see it; `replayed` is not known from the letter alone. */
export function letterView(letter: DeadLetter): Omit<LetterView, 'replayed'> {
  const { record, origin, code, message, tries } = letter;
  const ours: readonly string[] = Object.values(deadLetterHeaders);
  return {
    offset: Number(record.offset),
    atMs: record.timestampMs,
    code,
    message,
    tries,
    origin:
      origin === undefined
        ? null
        : { topic: origin.topic, partition: origin.partition, offset: Number(origin.offset) },
    key: record.key ?? null,
    valueBytes: record.value.byteLength,
    headers: Object.fromEntries(
      Object.entries(record.headers).filter(
        ([name]) => !ours.includes(name) || name === deadLetterHeaders.replayedFrom,
      ),
    ),
    decoded: messageView(record, origin?.topic),
  };
}

function messageView(record: LogRecord, originTopic: string | undefined): MessageView {
  const told = record.headers[headerNames.schema]?.replace(/^glitchwatch\.v1\./, '');
  const schema = told ?? (originTopic === undefined ? undefined : schemaOfTopic[originTopic]);
  const decoded = schema === undefined ? undefined : decode(schema, record.value);
  const trigger = decoded?.trigger;
  return {
    schema: schema ?? null,
    decodes: decoded !== undefined,
    // Topics of glitches are keyed by the glitch id, which so outlives a broken message.
    glitchId: decoded?.glitchId || trigger?.glitchId || idIn(record.key),
    ifo: trigger?.ifo || null,
    externalId: trigger?.externalId || null,
    peakGpsNs: trigger?.peakGpsNs?.toString() ?? null,
  };
}

function decode(schema: string, value: Uint8Array): Decoded | undefined {
  const decoder = decoders[schema];
  if (decoder === undefined || value.byteLength === 0) return undefined;
  try {
    return decoder(value);
  } catch {
    // Bytes that are no such message are what many letters are here for: it shows as "does not decode".
    return undefined;
  }
}

function idIn(key: string | undefined): string | null {
  return key !== undefined && /^[0-9a-f]{32}$/.test(key) ? key : null;
}
