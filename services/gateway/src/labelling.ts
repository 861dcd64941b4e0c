import { setTimeout as delay } from 'node:timers/promises';
import { type EventLog, EventLogError } from '@glitchwatch/event-log';
import { Feedback, labelEventId, messageHeaders, topics } from '@glitchwatch/proto';
import type { Clock } from '@glitchwatch/service-kit';
import type { GatewayConfig } from './config.js';
import { GatewayError } from './errors.js';
import type { ReadModel } from './read-model/read-model.js';
import type { EventHub } from './stream/event-hub.js';

const MAX_CHARACTERS = 64;
const POLL_MS = 5;

export interface LabellingParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly model: ReadModel;
  readonly hub: Pick<EventHub, 'positions'>;
  readonly clock: Clock;
  readonly config: Pick<GatewayConfig, 'labelSeenMs'>;
  readonly signal: AbortSignal;
}

export interface SaidLabel {
  readonly glitchId: string;
  /** Empty: the person's label is taken back. */
  readonly label: string;
  readonly by: string;
}

/** Puts people's labels on the log; what they change is done by whoever reads it, this gateway too. */
export class Labelling {
  constructor(private readonly parts: LabellingParts) {}

  /**
   * Resolves when the log has it and this gateway counts it; where its reading lags, at
   * the latest `labelSeenMs` after the log had it.
   *
   * @returns the label that counts now.
   * @throws GatewayError `invalid_argument`, `unknown_glitch`, `too_many_labels`, `log_unavailable`.
   */
  async give(said: SaidLabel): Promise<string> {
    const { log, model, clock } = this.parts;
    const { glitchId } = said;
    const label = checkedText('label', said.label);
    const by = checkedText('by', said.by);
    if (model.glitches.rowOf(glitchId) === undefined) {
      throw new GatewayError(
        'unknown_glitch',
        `glitch_id: no glitch ${JSON.stringify(glitchId.slice(0, 64))} is known here`,
      );
    }
    if (label !== '' && !model.agreement.names.hasRoomFor(label)) {
      throw new GatewayError(
        'too_many_labels',
        `label: expected one of the ${model.agreement.names.size} labels in use, found the new ${JSON.stringify(label)}`,
      );
    }
    const givenAtMs = BigInt(Math.round(clock.nowMs()));
    const feedback: Feedback = {
      by,
      givenAtMs,
      action: { $case: 'label', value: { glitchId, label } },
    };
    const place = await append(log, {
      topic: topics.feedback,
      key: glitchId,
      value: Feedback.encode(feedback).finish(),
      headers: messageHeaders('Feedback', labelEventId({ glitchId, label, by, givenAtMs })),
    });
    await this.seen(place.partition, place.offset);
    return this.current(glitchId);
  }

  private current(glitchId: string): string {
    const { model } = this.parts;
    const row = model.glitches.rowOf(glitchId);
    if (row === undefined || !model.glitches.isAssigned(row))
      return model.personLabels.of(glitchId)?.label ?? '';
    return model.agreement.names.nameOf(model.agreement.labelOf(row));
  }

  private async seen(partition: number, offset: bigint): Promise<void> {
    const { hub, config, signal } = this.parts;
    const deadline = performance.now() + config.labelSeenMs;
    const isSeen = (): boolean =>
      (hub.positions([topics.feedback]).get(topics.feedback)?.[partition] ?? 0n) > offset;
    while (!isSeen() && performance.now() < deadline && !signal.aborted) {
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined); // ends early at a stop
    }
  }
}

async function append(
  log: Pick<EventLog, 'append'>,
  record: Parameters<EventLog['append']>[0][number],
) {
  try {
    const [place] = await log.append([record]);
    return place!;
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    throw new GatewayError('log_unavailable', `the log did not take the label: ${error.message}`, {
      cause: error,
    });
  }
}

function checkedText(field: string, text: string): string {
  const trimmed = text.trim().normalize('NFC');
  if (trimmed.length <= MAX_CHARACTERS && !/\p{C}/u.test(trimmed)) return trimmed;
  throw new GatewayError(
    'invalid_argument',
    `${field}: expected up to ${MAX_CHARACTERS} printable characters, found ${JSON.stringify(text.slice(0, 80))}`,
  );
}
