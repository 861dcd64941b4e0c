import { testUniform } from '@glitchwatch/numerics';
import { type Alert, AlertKind, AlertState } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { Blobs } from '../../test/blobs.js';
import { clustererConfigSchema } from '../config.js';
import { fitReference } from '../fit.js';
import { defaultFitParams } from '../fit-params.js';
import { NoveltyTrial } from './novelty-trial.js';

const N_BLOBS = 6;
const NEW_BLOB = 6;
const N_FIT = 480;
const SECOND_MS = 1_000;
const blobs = new Blobs({ seed: 21, dimension: 16 });
const vectors = new Float32Array(N_FIT * 16);
for (let i = 0; i < N_FIT; i++) vectors.set(blobs.draw(i % N_BLOBS), 16 * i);
const fit = await fitReference({
  glitchIds: Array.from({ length: N_FIT }, (_, i) => `r${String(i).padStart(4, '0')}`),
  vectors,
  params: { ...defaultFitParams, nEpochs: 100 },
});
/** So short that no window of candidates holds one of the vectors below twice. */
const alertWindow = 200;
const trial = await NoveltyTrial.open(fit, clustererConfigSchema.parse({ alertWindow }));

const PER_BLOB = 300;
const heldOut = Array.from({ length: (N_BLOBS + 1) * PER_BLOB }, (_, n) =>
  blobs.draw(Math.floor(n / PER_BLOB)),
);

/** `blobOf` says which; each vector of a blob in turn. */
function send(
  { count, from, everyMs }: { count: number; from: number; everyMs: number },
  blobOf: (i: number) => number,
): Alert[] {
  const alerts: Alert[] = [];
  for (let i = from; i < from + count; i++) {
    const vectorNumber = blobOf(i) * PER_BLOB + (Math.floor(i / N_BLOBS) % PER_BLOB);
    const vector = heldOut[vectorNumber]!;
    alerts.push(...trial.watch({ glitchId: `g${i}`, vectorNumber, vector, atMs: i * everyMs }));
  }
  return alerts;
}

const raised = (alerts: readonly Alert[], kind: AlertKind) =>
  alerts.filter((alert) => alert.kind === kind && alert.state === AlertState.ALERT_STATE_OPEN);

describe('novelty in the space of embeddings', () => {
  it('gives uniform p-values to held-out glitches of known kinds', () => {
    const pValues = Array.from({ length: 400 }, (_, i) => {
      const vector = blobs.draw(i % N_BLOBS);
      return trial.placeOf(1_000_000 + i, vector).noveltyPValue;
    });
    expect(testUniform(pValues).pValue).toBeGreaterThan(0.01);
  });

  it('raises no emergent family in two hours of known kinds, and one within 20 of a new one', () => {
    trial.begin({ perDay: 86_400, atMs: 0 });
    const quiet = send({ count: 7_200, from: 0, everyMs: SECOND_MS }, (i) => (i * 5) % N_BLOBS);
    expect(raised(quiet, AlertKind.ALERT_KIND_EMERGENT_FAMILY)).toEqual([]);
    const isNew = (i: number) => i % 60 === 0;
    const mixed = send({ count: 1_200, from: 7_200, everyMs: SECOND_MS }, (i) =>
      isNew(i) ? NEW_BLOB : (i * 5) % N_BLOBS,
    );
    const found = raised(mixed, AlertKind.ALERT_KIND_EMERGENT_FAMILY);
    expect(found).toHaveLength(1);
    const members = found[0]?.memberGlitchIds.map((id) => Number(id.slice(1))) ?? [];
    expect(members.length).toBeGreaterThanOrEqual(5);
    expect(members.every(isNew)).toBe(true);
    expect(found[0]?.falseAlarmsPerDay).toBeLessThan(1);
    // 3 s of computing.
  }, 60_000);

  it('tells a burst of a known family from its usual rate', () => {
    trial.begin({ perDay: 8_640, atMs: 0 });
    const eachMs = 10 * SECOND_MS;
    const quiet = send({ count: 2_880, from: 0, everyMs: eachMs }, (i) => (i * 5) % N_BLOBS);
    expect(raised(quiet, AlertKind.ALERT_KIND_BURST)).toEqual([]);
    const again = send({ count: 60, from: 2_880, everyMs: eachMs }, () => 2);
    const burst = raised(again, AlertKind.ALERT_KIND_BURST);
    expect(burst).toHaveLength(1);
    expect(burst[0]?.familyId).toBeGreaterThan(0);
    expect(burst[0]?.historical).toBe(false);
  });

  it('announces an outlier once, however often one like it comes', () => {
    trial.begin({ perDay: 8_640, atMs: 0 });
    const eachMs = 10 * SECOND_MS;
    const lonely = blobs.draw(77);
    const again = lonely.map((value, i) => value + (i === 0 ? 1e-3 : 0));
    const alerts: Alert[] = [];
    for (const [round, vector] of [lonely, again].entries()) {
      // More candidates than the window holds come in between.
      const from = 1_500 * round;
      alerts.push(
        ...send({ count: 1_499, from, everyMs: eachMs }, (i) => (i * 5) % N_BLOBS),
        ...trial.watch({
          glitchId: `lonely${round}`,
          vectorNumber: 2_000_000 + round,
          vector,
          atMs: (from + 1_499) * eachMs,
        }),
      );
    }
    const outliers = raised(alerts, AlertKind.ALERT_KIND_OUTLIER);
    expect(outliers.map(({ memberGlitchIds }) => memberGlitchIds)).toEqual([['lonely0']]);
  });

  it('resolves an alert under a model that has a family for it', async () => {
    trial.begin({ perDay: 86_400, atMs: 0 });
    send({ count: 3_600, from: 0, everyMs: SECOND_MS }, (i) => (i * 5) % N_BLOBS);
    const opened = send({ count: 20, from: 3_600, everyMs: 60 * SECOND_MS }, () => NEW_BLOB);
    const [alert] = raised(opened, AlertKind.ALERT_KIND_EMERGENT_FAMILY);
    const more = Array.from({ length: 30 }, () => blobs.draw(NEW_BLOB));
    const next = await fitReference({
      glitchIds: [...fit.glitchIds, ...more.map((_, i) => `s${String(i).padStart(4, '0')}`)],
      vectors: Float32Array.from([...fit.vectors, ...more.flatMap((vector) => [...vector])]),
      params: fit.params,
      previousFamilyIds: Int32Array.from([...fit.familyIds, ...more.map(() => -1)]),
      nextFamilyId: fit.nextFamilyId,
    });
    const resolved = await trial.renew(next, 3_600 * 60 * SECOND_MS);
    expect(resolved.map(({ alertId, state }) => ({ alertId, state }))).toEqual([
      { alertId: alert?.alertId, state: AlertState.ALERT_STATE_RESOLVED },
    ]);
    expect(trial.fit.families.map(({ familyId }) => familyId)).toContain(
      resolved[0]?.resolvedFamilyId,
    );
  });
});
