import type { Progress } from '../progress.js';
import type { FeedResult, PipelineRun } from './pipeline-run.js';
import { type Quantiles, quantilesOf } from './quantiles.js';

export interface LatencyResult {
  readonly shareOfCapacity: number;
  readonly ratePerSec: number;
  readonly glitches: number;
  readonly fromAcceptedMs: Quantiles;
  /** From the moment at which the glitch was due, however late anybody came to it. */
  readonly fromArrivalMs: Quantiles;
}

export interface BurstResult {
  readonly glitches: number;
  readonly acceptedSec: number;
  readonly drainedSec: number;
  readonly glitchesPerSec: number;
}

export interface PhaseOptions {
  readonly durationSec: number;
  readonly seed: number;
  /** Called at the begin of each phase. */
  readonly startProgress: (label: string, total: number) => Progress;
}

/** A load so small that its time brings none would end without a figure. */
const leastLatencyGlitches = 5;

/** Numbers glitches through, so that no phase hands in those of another. */
export class Phases {
  #next = 0;
  readonly #run: PipelineRun;
  readonly #options: PhaseOptions;

  constructor(run: PipelineRun, options: PhaseOptions) {
    this.#run = run;
    this.#options = options;
  }

  async burst(label: string, count: number): Promise<BurstResult> {
    const { acceptedMs, lastSeenMs, startMs } = await this.#feed(label, count, (first) => ({
      kind: 'burst',
      first,
      count,
    }));
    const drainedSec = (lastSeenMs - startMs) / 1000;
    return {
      glitches: count,
      acceptedSec: (acceptedMs.reduce((a, b) => Math.max(a, b)) - startMs) / 1000,
      drainedSec,
      glitchesPerSec: count / drainedSec,
    };
  }

  async latency(shareOfCapacity: number, capacityPerSec: number): Promise<LatencyResult> {
    const { durationSec, seed } = this.#options;
    const ratePerSec = shareOfCapacity * capacityPerSec;
    const count = Math.max(leastLatencyGlitches, Math.round(ratePerSec * durationSec));
    const label = `${100 * shareOfCapacity} % load`;
    const { acceptedMs, arrivalMs, seenMs } = await this.#feed(label, count, (first) => ({
      kind: 'poisson',
      first,
      count,
      ratePerSec,
      seed,
    }));
    const since = (from: Float64Array) => Array.from(seenMs, (at, i) => at - from[i]!);
    return {
      shareOfCapacity,
      ratePerSec,
      glitches: count,
      fromAcceptedMs: quantilesOf(since(acceptedMs)),
      fromArrivalMs: quantilesOf(since(arrivalMs)),
    };
  }

  async #feed(
    label: string,
    count: number,
    feedFrom: (first: number) => Parameters<PipelineRun['feed']>[0],
  ): Promise<FeedResult> {
    const progress = this.#options.startProgress(label, count);
    try {
      const first = this.#next;
      this.#next += count;
      return await this.#run.feed(feedFrom(first), (done) => progress.update(done));
    } finally {
      progress.stop();
    }
  }
}
