import type { EventLog, LogRecord, StartPosition } from '@glitchwatch/event-log';
import { AssignmentOrigin, Feedback, Glitch, topics } from '@glitchwatch/proto';
import type { Logger } from '@glitchwatch/service-kit';
import { GatewayError } from '../errors.js';
import type { GatewayMetrics } from '../metrics.js';
import type { EventHub } from '../stream/event-hub.js';
import { decodeFamilyEvent, decodeLogEvent, type LogEvent } from '../stream/events.js';
import type { MapSettler } from './map-settler.js';
import type { ReadModel } from './read-model.js';

const followed = [
  topics.models,
  topics.families,
  topics.assignments,
  topics.alerts,
  topics.feedback,
  topics.triggers,
] as const;
const MAX_PAUSE_MS = 5_000;

export interface FollowerParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly model: ReadModel;
  readonly hub: EventHub;
  readonly settler: MapSettler;
  readonly metrics: Pick<GatewayMetrics, 'errors'>;
}

/**
 * Reads these topics from the start and for ever, outside any group: every
 * gateway replica sees everything. Each record is applied to the read model and
 * handed to subscribers in one synchronous step.
 */
export class LogFollower {
  private readonly behind = new Set<string>(followed);
  private readonly stopping = new AbortController();
  private loops: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: FollowerParts) {}

  get caughtUp(): boolean {
    return this.behind.size === 0;
  }

  get topicsBehind(): readonly string[] {
    return [...this.behind];
  }

  /** Resolves once positions are known; reading goes on behind. */
  async start(): Promise<void> {
    for (const topic of followed) {
      const offsets = [...(await this.parts.log.offsets(topic))];
      offsets.sort((a, b) => a.partition - b.partition);
      this.parts.hub.open(
        topic,
        offsets.map(({ low }) => low),
      );
    }
    this.loops = Promise.all(followed.map((topic) => this.follow(topic)));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loops;
  }

  private async follow(topic: string): Promise<void> {
    const { signal } = this.stopping;
    let pauseMs = 100;
    while (!signal.aborted) {
      try {
        // Up to the end first: that the end was reached is what "ready" means.
        if (this.behind.has(topic)) {
          await this.read(topic, true);
          if (!signal.aborted) this.behind.delete(topic);
        }
        await this.read(topic, false);
        pauseMs = 100;
      } catch (error) {
        if (signal.aborted) return;
        // The log is away: what was applied stays, reading goes on where it stood.
        this.parts.metrics.errors.inc({ code: 'log_unavailable' });
        this.parts.logger.warn({ err: error, topic, pauseMs }, 'cannot read the log, trying again');
        await pause(pauseMs, signal);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
  }

  private async read(topic: string, stopAtEnd: boolean): Promise<void> {
    const { signal } = this.stopping;
    const next = this.parts.hub.positions([topic]).get(topic) ?? [];
    const from: StartPosition = new Map(next.map((offset, partition) => [partition, offset]));
    // Trigger records carry pictures, about 40 kB each: few at a time.
    const maxBatchRecords = topic === topics.triggers ? 64 : 512;
    const batches = this.parts.log.tail({ topic, from, signal, stopAtEnd, maxBatchRecords });
    for await (const batch of batches) {
      for (const record of batch.records) this.take(record);
      if (signal.aborted) return;
    }
  }

  private take(record: LogRecord): void {
    const { hub, metrics, logger } = this.parts;
    const { topic, partition, offset } = record;
    try {
      if (topic === topics.triggers) this.takeTrigger(record);
      else if (topic === topics.families) this.takeFamilyEvent(record);
      else if (topic === topics.feedback) this.takeFeedback(record);
      else this.takeEvent(decodeLogEvent(record));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      // The writer's bug, not ours: counted, named, and the rest goes on.
      metrics.errors.inc({ code: error.code });
      logger.error({ err: error, topic, partition, offset: String(offset) }, 'bad record skipped');
    } finally {
      hub.advance(topic, partition, offset + 1n);
    }
  }

  private takeTrigger(record: LogRecord): void {
    // Keyed by glitch id, so the pictures need not be decoded.
    const glitchId = record.key ?? Glitch.decode(record.value).trigger?.glitchId ?? '';
    this.parts.model.applyTrigger(glitchId, record, record.timestampMs);
  }

  private takeFamilyEvent(record: LogRecord): void {
    const { model, settler } = this.parts;
    // Pages read the families anew with the map.
    if (model.applyFamilyEvent(decodeFamilyEvent(record))) settler.disturb();
  }

  private takeFeedback(record: LogRecord): void {
    this.parts.model.applyFeedback(decodeFeedback(record));
  }

  private takeEvent(event: LogEvent): void {
    const { model, hub, settler } = this.parts;
    switch (event.kind) {
      case 'assignment': {
        const change = model.applyAssignment(event.assignment, event.place);
        if (change === 'duplicate') return;
        if (event.assignment.origin === AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE) {
          settler.disturb();
        }
        break;
      }
      case 'model':
        if (!model.applyModel(event.model)) return;
        settler.disturb();
        break;
      case 'alert':
        if (!model.applyAlert(event.alert)) return;
        break;
      default:
        event satisfies never;
    }
    hub.publish(event);
  }
}

/** @throws GatewayError `bad_message`, naming topic, partition and offset. */
function decodeFeedback({ topic, partition, offset, value }: LogRecord): Feedback {
  try {
    return Feedback.decode(value);
  } catch (error) {
    throw new GatewayError(
      'bad_message',
      `${topic}/${partition} at ${offset}: expected a ${topic} message, found ${value.length} bytes that do not decode`,
      { cause: error },
    );
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
