import { Alert, AlertKind, AlertState, alertIdOf, Drift, DriftCause } from '@glitchwatch/proto';
import type { GoldenVerdict } from './golden-verdict.js';

/** What may have changed: a detector by its name, or the embedder. */
export type DriftSubject = { readonly ifo: string } | 'embedder';

export interface DetectorEvidence {
  readonly mmd2: number;
  readonly pValue: number;
  readonly nRecent: number;
  readonly nReference: number;
  readonly golden: GoldenVerdict;
  /** Most unusual of the recent glitches, the most unusual first. */
  readonly exemplarIds: readonly string[];
  /** Of the recent glitches. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

interface Occasion {
  readonly modelVersion: number;
  readonly nowMs: number;
}

export function subjectOf({ drift }: Alert): string {
  return drift?.cause === DriftCause.DRIFT_CAUSE_EMBEDDER ? 'embedder' : (drift?.ifo ?? '');
}

/** The next revision of a detector's alert; the first where none is open. */
export function detectorAlert(
  ifo: string,
  evidence: DetectorEvidence,
  held: Alert | undefined,
  occasion: Occasion,
): Alert {
  const { golden, mmd2, pValue, nRecent, nReference } = evidence;
  const drift: Drift = {
    ...goldenEvidence(golden),
    cause: DriftCause.DRIFT_CAUSE_DETECTOR,
    ifo,
    mmd2,
    pValue,
    nRecent,
    nReference,
  };
  return Alert.fromPartial({
    ...revised(held, `detector ${ifo} ${evidence.exemplarIds[0]} ${evidence.lastSeenMs}`, occasion),
    summary:
      `${ifo} has changed: its last ${nRecent} glitches are not of the kind of those before ` +
      `(MMD² ${mmd2.toPrecision(2)}, p ${probability(pValue)}), and the embedder is what it was`,
    count: BigInt(nRecent),
    exemplarGlitchIds: [...evidence.exemplarIds],
    membersByIfo: { [ifo]: BigInt(nRecent) },
    firstSeenMs: held?.firstSeenMs ?? BigInt(evidence.firstSeenMs),
    lastSeenMs: BigInt(evidence.lastSeenMs),
    drift,
  });
}

/** The next revision of the embedder's alert; the first where none is open. */
export function embedderAlert(
  golden: GoldenVerdict,
  held: Alert | undefined,
  occasion: Occasion,
): Alert {
  const { shift, sha256, expectedSha256 } = golden;
  const how =
    sha256 === expectedSha256
      ? `the same network (${sha256.slice(0, 8)}) gives other results`
      : `network ${sha256.slice(0, 8)} in place of ${expectedSha256.slice(0, 8)}`;
  return Alert.fromPartial({
    ...revised(held, `embedder ${expectedSha256} ${sha256} ${occasion.nowMs}`, occasion),
    summary:
      `The embedder has changed: ${how}, golden glitches moved by up to ` +
      `${shift.max.toPrecision(2)}; whether a detector changed cannot be told meanwhile`,
    firstSeenMs: held?.firstSeenMs ?? BigInt(occasion.nowMs),
    lastSeenMs: BigInt(occasion.nowMs),
    drift: Drift.fromPartial({
      ...goldenEvidence(golden),
      cause: DriftCause.DRIFT_CAUSE_EMBEDDER,
      pValue: 1,
    }),
  });
}

/** Its last revision. */
export function resolvedAlert(held: Alert, why: string, { nowMs }: Occasion): Alert {
  return {
    ...held,
    revision: held.revision + 1,
    state: AlertState.ALERT_STATE_RESOLVED,
    summary: why,
    updatedAtMs: BigInt(nowMs),
  };
}

function goldenEvidence({ shift, sha256, expectedSha256 }: GoldenVerdict) {
  return {
    goldenMaxDistance: shift.max,
    goldenMeanDistance: shift.mean,
    embedderSha256: sha256,
    expectedEmbedderSha256: expectedSha256,
  };
}

/** A person's word on an alert (acknowledged, muted) stays until it is resolved. */
function revised(held: Alert | undefined, founder: string, { modelVersion, nowMs }: Occasion) {
  const isOpen =
    held === undefined ||
    held.state === AlertState.ALERT_STATE_OPEN ||
    held.state === AlertState.ALERT_STATE_UPDATED;
  const next = held === undefined ? AlertState.ALERT_STATE_OPEN : AlertState.ALERT_STATE_UPDATED;
  return {
    alertId: held?.alertId ?? alertIdOf('drift', founder),
    revision: (held?.revision ?? 0) + 1,
    kind: AlertKind.ALERT_KIND_DRIFT,
    state: isOpen ? next : held.state,
    modelVersion,
    updatedAtMs: BigInt(nowMs),
  };
}

function probability(p: number): string {
  return p < 0.001 ? p.toExponential(0) : p.toPrecision(1);
}
