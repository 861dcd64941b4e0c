import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClustererConfig, NoveltyTrial } from '@glitchwatch/clusterer';
import { type Alert, AlertKind, AlertState } from '@glitchwatch/proto';
import { LabelCount } from './label-count.js';
import { type NoveltyBenchOptions, type PoolSplit, seedOf } from './novelty-options.js';
import { arrivals } from './novelty-stream.js';
import { wantedPerDay } from './quiet-month.js';

export interface Detection {
  /** Glitches of the withheld kind until the alert; null: none came. */
  readonly occurrences: number | null;
  /** Alerts that are mostly about known kinds. */
  readonly falsePerDay: number;
}

export interface WithheldTrial {
  readonly className: string;
  /** Share of the withheld kind that the model leaves without a family. */
  readonly unassigned: number;
  readonly watch: Detection;
  readonly labelCount: Detection;
  /** Of the watch's false alerts, those of emergent families. */
  readonly falseFamiliesPerDay: number;
}

interface Options extends NoveltyBenchOptions, PoolSplit {
  readonly config: ClustererConfig;
  readonly withheldClass: number;
}

/** One a minute among the others. */
const WITHHELD_PER_DAY = 1_440;
/** The others come alone for so long. */
const FROM_DAY = 1 / 8;
const MAX_OCCURRENCES = 40;
const HOUR_MS = 3_600_000;
const TICK_MS = 60_000;
const GLITCHES_PER_TURN = 10_000;

/** A kind that the model was not fitted to comes among those it knows. */
export async function withheldTrial(trial: NoveltyTrial, options: Options): Promise<WithheldTrial> {
  const { pool, seed, perDay, days, heldOut, withheldRows, withheldClass, config } = options;
  const className = pool.classes[withheldClass] ?? '';
  const isUnassigned = (row: number) => trial.placeOf(row, pool.vectorAt(row)).familyId < 0;
  const share = heldOut.filter(isUnassigned).length / heldOut.length;
  const labels = new LabelCount({ share, wantedPerDay: wantedPerDay(config) });
  const injectedIds = new Set<string>();
  const found = { watch: null as number | null, labels: null as number | null };
  let [falseAlerts, falseFamilies, falseLabels, n] = [0, 0, 0, 0];
  const judge = (alerts: readonly Alert[]): void => {
    for (const alert of alerts) {
      if (alert.state !== AlertState.ALERT_STATE_OPEN) continue;
      const ofKind = alert.memberGlitchIds.filter((id) => injectedIds.has(id)).length;
      if (2 * ofKind <= alert.memberGlitchIds.length) {
        falseAlerts++;
        if (alert.kind === AlertKind.ALERT_KIND_EMERGENT_FAMILY) falseFamilies++;
      } else if (alert.kind === AlertKind.ALERT_KIND_EMERGENT_FAMILY)
        found.watch ??= injectedIds.size;
    }
  };
  trial.begin({ perDay, atMs: 0 });
  const injected = {
    rows: withheldRows.slice(0, MAX_OCCURRENCES),
    perDay: WITHHELD_PER_DAY,
    fromDay: FROM_DAY,
  };
  const stream = { rows: heldOut, perDay, days, seed: seedOf(seed, 100 + withheldClass), injected };
  let lastInjectedMs = 0;
  let tickAtMs = TICK_MS;
  const progress = options.startProgress(className, Math.round(24 * days), 'hours');
  for (const { row, atMs, isInjected } of arrivals(stream)) {
    const glitchId = `w${n++}`;
    if (n % GLITCHES_PER_TURN === 0) {
      options.signal.throwIfAborted();
      progress.update(Math.floor(atMs / HOUR_MS));
      await nextTurn();
    }
    if (isInjected) {
      injectedIds.add(glitchId);
      lastInjectedMs = atMs;
    }
    judge(trial.watch({ glitchId, vectorNumber: row, vector: pool.vectorAt(row), atMs }));
    if (labels.watch(isUnassigned(row), atMs)) {
      // The count does not say who: while the kind comes it is believed.
      if (injectedIds.size > 0 && atMs - lastInjectedMs < 20 * TICK_MS)
        found.labels ??= injectedIds.size;
      else falseLabels++;
    }
    if (atMs < tickAtMs) continue;
    judge(trial.tick(atMs));
    tickAtMs += TICK_MS;
  }
  progress.stop();
  return {
    className,
    unassigned: withheldRows.filter(isUnassigned).length / withheldRows.length,
    watch: { occurrences: found.watch, falsePerDay: falseAlerts / days },
    falseFamiliesPerDay: falseFamilies / days,
    labelCount: { occurrences: found.labels, falsePerDay: falseLabels / days },
  };
}
