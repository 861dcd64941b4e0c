import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ClustererConfig, NoveltyTrial } from '@glitchwatch/clusterer';
import { createRng } from '@glitchwatch/numerics';
import { type Alert, AlertKind, AlertState } from '@glitchwatch/proto';
import { LabelCount } from './label-count.js';
import { type NoveltyBenchOptions, seedOf } from './novelty-options.js';
import { arrivals } from './novelty-stream.js';
import { configFor, drawSplit, fitRows, rowName } from './pool-models.js';

export interface KindRate {
  readonly kind: string;
  readonly wantedPerDay: number;
  readonly perDay: number;
  /** Alerts of each month. */
  readonly perMonth: readonly number[];
}

export interface QuietMonth {
  readonly months: number;
  readonly days: number;
  readonly glitches: number;
  /** From which those of a day are drawn. */
  readonly heldOut: number;
  readonly kinds: readonly KindRate[];
  readonly all: KindRate;
  /** Unassigned glitches counted against their usual share, for as many false alarms as all kinds together. */
  readonly labelCount: KindRate;
}

const DAY_MS = 86_400_000;
const TICK_MS = 60_000;
const GLITCHES_PER_TURN = 1_000;
const kinds = {
  'emergent-family': AlertKind.ALERT_KIND_EMERGENT_FAMILY,
  outlier: AlertKind.ALERT_KIND_OUTLIER,
  burst: AlertKind.ALERT_KIND_BURST,
} as const;

/**
 * Known kinds and nothing else: every alert is a false one. Each day begins with a model
 * of its own, fitted to other glitches of the pool, and those left are the day's, so that
 * there is variety in a month and reference and stream are of one population. Families,
 * alerts and thresholds go on, as they do over a refit.
 */
export async function quietMonth(options: NoveltyBenchOptions): Promise<QuietMonth> {
  const { pool, fitPerClass, quietDays, months, signal } = options;
  const heldOut = pool.size - fitPerClass * pool.classes.length;
  const config = configFor(heldOut);
  const counts: MonthCounts[] = [];
  const progress = options.startProgress('quiet', months * quietDays, 'days');
  try {
    for (let month = 0; month < months; month++) {
      const onDay = (day: number) => {
        signal.throwIfAborted();
        progress.update(month * quietDays + day);
      };
      counts.push(await liveThrough(month, { ...options, config, onDay }));
    }
  } finally {
    progress.stop();
  }
  const days = months * quietDays;
  const rate = (kind: string, wantedPerDay: number, perMonth: readonly number[]): KindRate => ({
    kind,
    wantedPerDay,
    perDay: perMonth.reduce((sum, n) => sum + n, 0) / days,
    perMonth,
  });
  const wanted = {
    'emergent-family': config.falseEmergentPerDay,
    outlier: config.falseOutliersPerDay,
    burst: config.falseBurstsPerDay,
  };
  const of = (kind: keyof typeof kinds) => counts.map(({ raised }) => raised.get(kinds[kind]) ?? 0);
  const all = counts.map(({ raised }) => [...raised.values()].reduce((sum, n) => sum + n, 0));
  return {
    months,
    days,
    glitches: counts.reduce((sum, { glitches }) => sum + glitches, 0),
    heldOut,
    kinds: (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) =>
      rate(kind, wanted[kind], of(kind)),
    ),
    all: rate('all', wantedPerDay(config), all),
    labelCount: rate(
      'label -1 counted',
      wantedPerDay(config),
      counts.map(({ byLabels }) => byLabels),
    ),
  };
}

/** Of all kinds of alert together. */
export function wantedPerDay(config: ClustererConfig): number {
  return config.falseEmergentPerDay + config.falseOutliersPerDay + config.falseBurstsPerDay;
}

interface MonthCounts {
  glitches: number;
  byLabels: number;
  readonly raised: Map<AlertKind, number>;
}

interface MonthOptions extends NoveltyBenchOptions {
  readonly config: ClustererConfig;
  readonly onDay: (day: number) => void;
}

async function liveThrough(month: number, options: MonthOptions): Promise<MonthCounts> {
  const { pool, config, quietDays, quietPerDay: perDay, seed } = options;
  const counts: MonthCounts = { glitches: 0, byLabels: 0, raised: new Map() };
  const { raised } = counts;
  const count = (alerts: readonly Alert[]): void => {
    for (const { kind, state } of alerts)
      if (state === AlertState.ALERT_STATE_OPEN) raised.set(kind, (raised.get(kind) ?? 0) + 1);
  };
  const rng = createRng(seedOf(seed, 10_000 + month));
  const names = new Map<number, string>();
  const idOf = (row: number) => names.get(row) ?? rowName(row);
  let trial: NoveltyTrial | undefined;
  let labels: LabelCount | undefined;
  for (let day = 0; day < quietDays; day++) {
    const { fit, heldOut } = drawSplit(options, rng);
    const fromMs = day * DAY_MS;
    if (trial === undefined) {
      trial = await NoveltyTrial.open(await fitRows(pool, fit), config);
      trial.begin({ perDay, atMs: fromMs });
    } else count(await trial.renew(await fitRows(pool, fit, { trial, idOf }), fromMs));
    const watching = trial;
    const isUnassigned = (row: number) => watching.placeOf(row, pool.vectorAt(row)).familyId < 0;
    labels ??= new LabelCount({
      share: heldOut.filter(isUnassigned).length / heldOut.length,
      wantedPerDay: wantedPerDay(config),
    });
    let tickAtMs = fromMs + TICK_MS;
    const stream = { rows: heldOut, perDay, days: 1, seed: rng.nextInt(2 ** 31) };
    for (const arrival of arrivals(stream)) {
      const { row } = arrival;
      const atMs = fromMs + arrival.atMs;
      for (; tickAtMs < atMs; tickAtMs += TICK_MS) count(trial.tick(tickAtMs));
      const glitchId = `q${counts.glitches++}`;
      names.set(row, glitchId);
      count(trial.watch({ glitchId, vectorNumber: row, vector: pool.vectorAt(row), atMs }));
      if (labels.watch(isUnassigned(row), atMs)) counts.byLabels++;
      if (counts.glitches % GLITCHES_PER_TURN === 0) await nextTurn();
    }
    options.onDay(day + 1);
  }
  return counts;
}
