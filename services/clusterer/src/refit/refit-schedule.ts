import type { ClustererConfig } from '../config.js';

export interface FitNeed {
  readonly known: number;
  /** Undefined before the first model. */
  readonly model: { readonly nReference: number; readonly activatedAtMs: number } | undefined;
  /** Known glitches that the model was not fitted on. */
  readonly newSinceFit: number;
  readonly nowMs: number;
}

type Schedule = Pick<
  ClustererConfig,
  'minFit' | 'refitEveryCount' | 'refitGrowth' | 'refitEverySec'
>;

/**
 * Is a fit due? The first at `minFit` glitches. A refit when the new glitches reach
 * `refitEveryCount` and `refitGrowth` of the model (so that a large model is not
 * fitted without end), or when anything is new after `refitEverySec`.
 */
export function isFitDue(need: FitNeed, schedule: Schedule): boolean {
  const { model } = need;
  if (model === undefined) return need.known >= schedule.minFit;
  if (need.newSinceFit === 0) return false;
  const enough = Math.max(schedule.refitEveryCount, schedule.refitGrowth * model.nReference);
  return (
    need.newSinceFit >= enough || need.nowMs - model.activatedAtMs >= schedule.refitEverySec * 1_000
  );
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** After the nth failed fit in a row: 5 s, doubling up to 10 minutes. */
export function pauseAfterFailuresMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}
