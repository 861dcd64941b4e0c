import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, OutgoingRecord, RecordPosition } from '@glitchwatch/event-log';
import type { Logger } from '@glitchwatch/service-kit';
import type { IngestConfig } from './config.js';
import { IngestError } from './errors.js';
import type { IngestMetrics } from './ingest-metrics.js';
import type { Ledger } from './ledger.js';

export type AppendOutcome = 'accepted' | 'duplicate';

export interface PendingGlitch {
  readonly glitchId: string;
  readonly record: OutgoingRecord;
}

export interface AppenderOptions {
  readonly log: EventLog;
  readonly ledger: Ledger;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  readonly config: IngestConfig['append'];
  /** Aborts the pauses between attempts. */
  readonly signal: AbortSignal;
}

/**
 * Appends glitches that are not in the log yet. What arrives while one append is
 * under way goes together into the next, so single submissions are as cheap as
 * lists and nobody waits for a timer.
 *
 * The order of effects loses nothing: look up, append, only then remember. A crash
 * before the append leaves no trace and the source hands in again; a crash after
 * it is caught up by the ledger on the next start.
 */
export interface Appender {
  /** Resolves when the glitch is durable; waits first while too many bytes are pending. */
  append(glitch: PendingGlitch): Promise<AppendOutcome>;
  /** Resolves when nothing is pending. */
  drained(): Promise<void>;
}

interface Waiting extends PendingGlitch {
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export function createAppender(options: AppenderOptions): Appender {
  const { maxBatchBytes, maxBatchRecords, maxPendingBytes } = options.config;
  const queue: Waiting[] = [];
  const held: (() => void)[] = [];
  /** Glitches on their way: the same one handed in meanwhile shares their fate. */
  const inFlight = new Map<string, Promise<AppendOutcome>>();
  let pendingBytes = 0;
  let isRunning = false;

  function takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const size = head.record.value.length;
      if (batch.length > 0 && (batch.length >= maxBatchRecords || bytes + size > maxBatchBytes))
        break;
      bytes += size;
      batch.push(head);
      queue.shift();
    }
    return batch;
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch();
      await appendBatch(batch, options);
      for (const { record } of batch) pendingBytes -= record.value.length;
      while (held.length > 0 && pendingBytes < maxPendingBytes) held.shift()?.();
    }
    isRunning = false;
  }

  async function enqueue(glitch: PendingGlitch): Promise<AppendOutcome> {
    while (pendingBytes >= maxPendingBytes) {
      await new Promise<void>((resolve) => held.push(resolve));
    }
    pendingBytes += glitch.record.value.length;
    const outcome = new Promise<AppendOutcome>((resolve, reject) => {
      queue.push({ ...glitch, resolve, reject });
    });
    // The first turn of the loop starts a turn later and so takes the whole burst.
    if (!isRunning) {
      isRunning = true;
      setImmediate(() => void run());
    }
    return outcome;
  }

  return {
    async append(glitch) {
      const first = inFlight.get(glitch.glitchId);
      if (first !== undefined) {
        await first;
        return 'duplicate';
      }
      const outcome = enqueue(glitch);
      inFlight.set(glitch.glitchId, outcome);
      try {
        return await outcome;
      } finally {
        inFlight.delete(glitch.glitchId);
      }
    },
    async drained() {
      while (inFlight.size > 0) await Promise.allSettled(inFlight.values());
    },
  };
}

/** Settles every member of the batch, one way or the other. */
async function appendBatch(batch: readonly Waiting[], options: AppenderOptions): Promise<void> {
  const { ledger, metrics } = options;
  try {
    const known = await metrics.time('dedupe', () => ledger.has(batch.map((one) => one.glitchId)));
    const fresh: Waiting[] = [];
    batch.forEach((one, i) => {
      if (known[i] === true) one.resolve('duplicate');
      else fresh.push(one);
    });
    if (fresh.length > 0) await metrics.time('append', () => appendFresh(fresh, options));
  } catch (error) {
    for (const one of batch) one.reject(toIngestError(error));
  }
}

async function appendFresh(fresh: readonly Waiting[], options: AppenderOptions): Promise<void> {
  try {
    const positions = await appendPatiently(
      fresh.map((one) => one.record),
      options,
    );
    await remember(fresh, positions, options);
    for (const one of fresh) one.resolve('accepted');
  } catch (error) {
    if (codeOf(error) !== 'record_too_large' || fresh.length === 1) throw error;
    // One record spoils the whole call: find it by appending one at a time.
    for (const one of fresh) {
      await appendFresh([one], options).catch((cause: unknown) => one.reject(toIngestError(cause)));
    }
  }
}

/** The glitches are durable already: a state store that is away costs a catch-up, not a glitch. */
async function remember(
  fresh: readonly Waiting[],
  positions: readonly RecordPosition[],
  { ledger, logger, metrics }: AppenderOptions,
): Promise<void> {
  const ids = fresh.map((one) => one.glitchId);
  try {
    await metrics.time('dedupe', () => ledger.add(ids, positions));
  } catch (error) {
    logger.error(
      { err: error, glitches: ids.length },
      'the state store did not take the glitch ids',
    );
  }
}

async function appendPatiently(
  records: readonly OutgoingRecord[],
  { log, logger, config, signal }: AppenderOptions,
): Promise<readonly RecordPosition[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await log.append(records);
    } catch (error) {
      const passes = ['unavailable', 'disk_full'].includes(codeOf(error));
      if (!passes || attempt >= config.attempts || signal.aborted) throw error;
      const pauseMs = Math.min(config.firstPauseMs * 2 ** (attempt - 1), 5_000);
      const fields = { code: codeOf(error), reason: reasonOf(error), attempt, pauseMs };
      logger.warn(fields, 'the event log takes nothing, trying again');
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toIngestError(error: unknown): IngestError {
  if (error instanceof IngestError) return error;
  const [reason, options] = [reasonOf(error), { cause: error }];
  switch (codeOf(error)) {
    case 'record_too_large':
      return new IngestError('too_large', `The log refuses so large a glitch: ${reason}`, options);
    case 'disk_full':
      return new IngestError(
        'disk_full',
        `The disk is full, the glitch was not taken (make room and hand it in again): ${reason}`,
        options,
      );
    default:
      return new IngestError(
        'log_unavailable',
        `The event log did not take the glitch: ${reason}`,
        options,
      );
  }
}
