import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { LogRecord } from '@glitchwatch/event-log';
import { type Alert, AlertKind, AlertState, GoldenEmbeddings, topics } from '@glitchwatch/proto';
import { alertRecord } from '../assignment-record.js';
import type { ClustererConfig } from '../config.js';
import type { ClustererContext } from '../context.js';
import { asError, ClustererError } from '../errors.js';
import { LogFollower } from '../log-follower.js';
import { lastRevisions } from '../log-replay.js';
import type { ClustererMetrics } from '../metrics.js';
import type { ModelsInForce } from '../models-in-force.js';
import type { KnownGlitches } from '../refit/known-glitches.js';
import { isSignal } from '../signal.js';
import { compareInWorker } from './compare-in-worker.js';
import type { Comparison } from './comparison.js';
import { DetectorWindows, type WindowPair } from './detector-windows.js';
import {
  type DetectorEvidence,
  detectorAlert,
  embedderAlert,
  resolvedAlert,
  subjectOf,
} from './drift-alert.js';
import type { DriftMetrics } from './drift-metrics.js';
import { GoldenBook, type GoldenVerdict } from './golden-verdict.js';

/** Glitches sorted into windows before others have a turn. */
const TAKEN_PER_TURN = 256;
/** A detector's alert ends where its recent glitches are no stranger than one window in so many. */
const RESOLVED_FROM_P = 0.05;

export interface DriftWatchParts {
  readonly config: ClustererConfig;
  readonly context: ClustererContext;
  readonly metrics: ClustererMetrics;
  readonly drift: DriftMetrics;
  readonly known: KnownGlitches;
  readonly models: ModelsInForce;
  /** The watch is this process's until it aborts. */
  readonly signal: AbortSignal;
}

/**
 * Is it the detector or the embedder that changed? The golden glitches answer for the
 * embedder; where it is what it was, each detector's recent glitches are compared with
 * its earlier ones. While it is not, no detector is judged: other embeddings are no
 * evidence.
 */
export class DriftWatch {
  readonly #parts: DriftWatchParts;
  readonly #golden = new GoldenBook();
  readonly #follower: LogFollower;
  readonly #windows: DetectorWindows;
  /** Glitches sorted into windows so far, counted as the store counts them. */
  #taken = 0;
  /** Of the embedder's alert, so that the same is not told again. */
  #toldOfEmbedder = '';

  constructor(parts: DriftWatchParts) {
    const { config, context, metrics } = parts;
    this.#parts = parts;
    this.#windows = new DetectorWindows(config.driftWindow);
    this.#follower = new LogFollower({
      log: context.log,
      topic: topics.golden,
      take: (record) => this.#takeGolden(record),
      onError: (error) => metrics.failed('read_failed', error),
    });
  }

  /** Until the term ends. */
  async run(): Promise<void> {
    const { config, metrics, signal, drift } = this.#parts;
    const following = this.#follower.run(signal);
    while (!signal.aborted) {
      try {
        await this.#follower.reachEnd(signal);
        await this.#step();
      } catch (thrown) {
        // Nothing is lost: what is due is told with the next window or the next look.
        const code = thrown instanceof ClustererError ? thrown.code : 'drift_failed';
        if (!signal.aborted) metrics.failed(code, asError(thrown));
      }
      await delay(config.driftEveryMs, undefined, { signal }).catch(() => undefined); // ends early
    }
    await following;
    drift.forget();
  }

  async #step(): Promise<void> {
    const { config, known, drift } = this.#parts;
    const expected = known.embedderSha256 === '' ? undefined : known.embedderSha256;
    const golden = this.#golden.verdict(expected, config.goldenTolerance);
    if (golden !== undefined) drift.golden(golden);
    await this.#takeGlitches(golden);
    await this.#judgeEmbedder(golden);
    if (golden === undefined || golden.isChanged) return;
    const { store } = known;
    for (const pair of this.#windows.due(store.added - store.size)) await this.#judge(pair, golden);
  }

  async #takeGlitches(golden: GoldenVerdict | undefined): Promise<void> {
    const { known, config, signal } = this.#parts;
    const { store } = known;
    if (golden?.isChanged === true) {
      this.#windows.forgetAll();
      this.#taken = store.added;
      return;
    }
    while (this.#taken < store.added && !signal.aborted) {
      const first = store.added - store.size;
      this.#taken = Math.max(this.#taken, first);
      this.#windows.forgetBefore(first);
      const end = Math.min(store.added, this.#taken + TAKEN_PER_TURN);
      for (; this.#taken < end; this.#taken++) {
        const trigger = store.triggerAt(this.#taken % config.maxReference);
        if (!isSignal(trigger)) this.#windows.add(trigger.ifo, this.#taken);
      }
      await nextTurn();
    }
  }

  async #judgeEmbedder(golden: GoldenVerdict | undefined): Promise<void> {
    if (golden === undefined) return;
    const { isChanged, sha256, shift } = golden;
    const told = isChanged ? `${sha256} ${shift.max} ${shift.mean}` : 'as it was';
    if (told === this.#toldOfEmbedder) return;
    await this.#revise((open) => {
      const held = open.get('embedder');
      if (!isChanged) {
        const why = 'The embedder is what it was again: golden glitches are where they were';
        return held === undefined ? [] : [resolvedAlert(held, why, this.#occasion())];
      }
      const isTold =
        held?.drift?.embedderSha256 === sha256 && held.drift.goldenMaxDistance === shift.max;
      const detectors = [...open].filter(([subject]) => subject !== 'embedder');
      return [
        ...(isTold ? [] : [embedderAlert(golden, held, this.#occasion())]),
        ...detectors.map(([ifo, alert]) =>
          resolvedAlert(
            alert,
            `Whether ${ifo} has changed cannot be told: the embedder has`,
            this.#occasion(),
          ),
        ),
      ];
    });
    this.#toldOfEmbedder = told;
  }

  async #judge(pair: WindowPair, golden: GoldenVerdict): Promise<void> {
    const { config, drift, signal, known } = this.#parts;
    const { ifo, recent, reference } = pair;
    const slots = recent.map((number) => number % config.maxReference);
    // Before the wait: a slot may be another glitch's after it.
    const ids = slots.map((slot) => known.store.idAt(slot));
    const times = slots.map((slot) => known.store.ingestedAtMsAt(slot));
    const comparison = await compareInWorker(
      {
        reference: this.#vectorsOf(reference),
        recent: this.#vectorsOf(recent),
        dimension: known.store.dimension,
        permutations: permutationsFor(config.driftAlpha),
        seed: recent.at(-1) ?? 0,
      },
      signal,
    );
    drift.compared({ ifo, ...comparison });
    const evidence: DetectorEvidence = {
      ...comparison,
      golden,
      nRecent: recent.length,
      nReference: reference.length,
      exemplarIds: comparison.unusual.map((row) => ids[row]!),
      firstSeenMs: Math.min(...times),
      lastSeenMs: Math.max(...times),
    };
    await this.#tell(ifo, comparison, evidence);
  }

  async #tell(ifo: string, { pValue }: Comparison, evidence: DetectorEvidence): Promise<void> {
    const isChanged = pValue <= this.#parts.config.driftAlpha;
    // In between it is as the last window said.
    if (!isChanged && pValue < RESOLVED_FROM_P) return;
    await this.#revise((open) => {
      const held = open.get(ifo);
      if (isChanged) return [detectorAlert(ifo, evidence, held, this.#occasion())];
      const why = `${ifo} gives glitches of the kinds that it gave before again`;
      return held === undefined ? [] : [resolvedAlert(held, why, this.#occasion())];
    });
  }

  /** The log says what is open: another leader or a person may have spoken since. */
  async #revise(next: (open: ReadonlyMap<string, Alert>) => readonly Alert[]): Promise<void> {
    const { context, metrics, drift, signal } = this.#parts;
    const open = new Map<string, Alert>();
    for (const alert of await lastRevisions(context.log)) {
      const { kind, state } = alert;
      if (kind !== AlertKind.ALERT_KIND_DRIFT || state === AlertState.ALERT_STATE_RESOLVED)
        continue;
      open.set(subjectOf(alert), alert);
    }
    const alerts = next(open);
    signal.throwIfAborted();
    if (alerts.length > 0) await context.log.append(alerts.map(alertRecord));
    for (const alert of alerts) {
      metrics.alert(alert);
      if (alert.state === AlertState.ALERT_STATE_RESOLVED) open.delete(subjectOf(alert));
      else open.set(subjectOf(alert), alert);
    }
    drift.open([...open.values()]);
  }

  #vectorsOf(numbers: readonly number[]): Float32Array {
    const { config, known } = this.#parts;
    const { dimension } = known.store;
    const rows = new Float32Array(numbers.length * dimension);
    numbers.forEach((number, row) => {
      rows.set(known.store.vectorAt(number % config.maxReference), row * dimension);
    });
    return rows;
  }

  #occasion() {
    const { context, models } = this.#parts;
    return { modelVersion: models.model?.version ?? 0, nowMs: context.clock.nowMs() };
  }

  #takeGolden({ value }: LogRecord): void {
    try {
      this.#golden.take(GoldenEmbeddings.decode(value));
    } catch (thrown) {
      // One record that is none says nothing about the others.
      this.#parts.metrics.failed('bad_message', asError(thrown));
    }
  }
}

/** Enough for p-values down to half of alpha. */
export function permutationsFor(alpha: number): number {
  return Math.ceil(2 / alpha) - 1;
}
