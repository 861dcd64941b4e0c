import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClustererConfig, NoveltyTrial } from '@glitchwatch/clusterer';
import { type Alert, AlertKind, AlertState } from '@glitchwatch/proto';
import { LabelCount } from './label-count.js';
import { type NoveltyBenchOptions, seedOf } from './novelty-options.js';
import { arrivals } from './novelty-stream.js';

export interface KindRate {
  readonly kind: string;
  readonly wantedPerDay: number;
  readonly perDay: number;
}

export interface QuietMonth {
  readonly days: number;
  readonly glitches: number;
  readonly heldOut: number;
  readonly kinds: readonly KindRate[];
  readonly all: KindRate;
  /** Unassigned glitches counted against their usual share, for as many false alarms as all kinds together. */
  readonly labelCount: KindRate;
}

interface Options extends NoveltyBenchOptions {
  readonly config: ClustererConfig;
  readonly rows: readonly number[];
}

const HOUR_MS = 3_600_000;
const GLITCHES_PER_TURN = 10_000;

/** Held-out glitches of known kinds and nothing else: every alert is a false one. */
export async function quietMonth(trial: NoveltyTrial, options: Options): Promise<QuietMonth> {
  const { pool, rows, config, quietDays, quietPerDay, months, seed, signal } = options;
  const isUnassigned = (row: number) => trial.placeOf(row, pool.vectorAt(row)).familyId < 0;
  const share = rows.filter(isUnassigned).length / rows.length;
  const wanted = {
    [AlertKind.ALERT_KIND_EMERGENT_FAMILY]: config.falseEmergentPerDay,
    [AlertKind.ALERT_KIND_OUTLIER]: config.falseOutliersPerDay,
    [AlertKind.ALERT_KIND_BURST]: config.falseBurstsPerDay,
  };
  const wantedAll = Object.values(wanted).reduce((sum, one) => sum + one, 0);
  const raised = new Map<AlertKind, number>();
  const count = (alerts: readonly Alert[]): void => {
    for (const { kind, state } of alerts)
      if (state === AlertState.ALERT_STATE_OPEN) raised.set(kind, (raised.get(kind) ?? 0) + 1);
  };
  let glitches = 0;
  let byLabels = 0;
  const progress = options.startProgress('quiet', months * quietDays);
  for (let month = 0; month < months; month++) {
    trial.begin({ perDay: quietPerDay, atMs: 0 });
    const labels = new LabelCount({ share, wantedPerDay: wantedAll });
    let tickAtMs = HOUR_MS;
    const stream = { rows, perDay: quietPerDay, days: quietDays, seed: seedOf(seed, month) };
    for (const { row, atMs } of arrivals(stream)) {
      count(
        trial.watch({
          glitchId: `q${glitches}`,
          vectorNumber: row,
          vector: pool.vectorAt(row),
          atMs,
        }),
      );
      if (labels.watch(isUnassigned(row), atMs)) byLabels++;
      if (++glitches % GLITCHES_PER_TURN === 0) {
        signal.throwIfAborted();
        progress.update(month * quietDays + Math.floor(atMs / (24 * HOUR_MS)));
        await nextTurn();
      }
      if (atMs < tickAtMs) continue;
      count(trial.tick(atMs));
      tickAtMs += HOUR_MS;
    }
  }
  progress.stop();
  const days = months * quietDays;
  const rate = (kind: string, wantedPerDay: number, n: number): KindRate => ({
    kind,
    wantedPerDay,
    perDay: n / days,
  });
  const total = [...raised.values()].reduce((sum, n) => sum + n, 0);
  return {
    days,
    glitches,
    heldOut: rows.length,
    kinds: [
      rate(
        'emergent-family',
        wanted[AlertKind.ALERT_KIND_EMERGENT_FAMILY],
        raised.get(AlertKind.ALERT_KIND_EMERGENT_FAMILY) ?? 0,
      ),
      rate(
        'outlier',
        wanted[AlertKind.ALERT_KIND_OUTLIER],
        raised.get(AlertKind.ALERT_KIND_OUTLIER) ?? 0,
      ),
      rate(
        'burst',
        wanted[AlertKind.ALERT_KIND_BURST],
        raised.get(AlertKind.ALERT_KIND_BURST) ?? 0,
      ),
    ],
    all: rate('all', wantedAll, total),
    labelCount: rate('label -1 counted', wantedAll, byLabels),
  };
}
