/** The gateway's JSON, as its README describes it. Null is "not stated". */

export interface Status {
  readonly caughtUp: boolean;
  readonly serverTimeMs: number;
  readonly model: ModelInfo | null;
  readonly minFitGlitches: number;
  readonly nGlitches: number;
  readonly nAssigned: number;
  readonly nWaiting: number;
  readonly nUnassigned: number;
  readonly nFamilies: number;
  readonly nOpenAlerts: number;
  readonly glitchesPerMinute: number;
  readonly lastGlitchAtMs: number | null;
  readonly lastAssignmentAtMs: number | null;
}

export interface ModelInfo {
  readonly modelVersion: number;
  readonly activatedAtMs: number;
  readonly nReference: number;
  readonly fitSec: number;
}

export interface Family {
  readonly familyId: number;
  /** As a person named it, else by its labels or its looks. */
  readonly name: string;
  readonly count: number;
  /** Glitches of the last hour. */
  readonly lastHour: number;
  readonly byIfo: Readonly<Record<string, number>>;
  readonly byLabel: Readonly<Record<string, number>>;
  readonly exemplars: readonly string[];
  readonly medianPeakFrequencyHz: number | null;
  readonly medianSnr: number | null;
  readonly medianDurationSec: number | null;
  readonly mapX: number;
  readonly mapY: number;
  readonly persistence: number;
  readonly firstModelVersion: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface Families {
  readonly modelVersion: number | null;
  readonly nUnassigned: number;
  readonly families: readonly Family[];
}

export type AlertState = 'open' | 'updated' | 'acknowledged' | 'muted' | 'resolved';

export interface Range {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Alert {
  readonly alertId: string;
  readonly revision: number;
  readonly kind: 'emergent-family' | 'outlier' | 'burst' | 'drift' | 'other';
  readonly state: AlertState;
  readonly open: boolean;
  readonly summary: string;
  readonly modelVersion: number;
  readonly count: number;
  readonly exemplars: readonly string[];
  readonly members: readonly string[];
  readonly ratePerHour: number;
  readonly sinceGpsNs: string | null;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly updatedAtMs: number;
  readonly nearestFamilies: readonly { readonly familyId: number; readonly distance: number }[];
  readonly peakFrequencyHz: Range | null;
  readonly durationSec: Range | null;
  readonly snr: Range | null;
  readonly byIfo: Readonly<Record<string, number>>;
  readonly mapX: number;
  readonly mapY: number;
  readonly resolvedFamilyId: number | null;
  /** It came up while a backlog was caught up with. */
  readonly historical: boolean;
  /** 0 where it was not counted. */
  readonly falseAlarmsPerDay: number;
  /** Of a burst. */
  readonly familyId: number | null;
  readonly expectedPerHour: number;
  /** Only of kind drift. */
  readonly drift: Drift | null;
}

/** The evidence that a detector or the embedder has changed. */
export interface Drift {
  readonly cause: 'detector' | 'embedder';
  readonly ifo: string;
  readonly mmd2: number;
  readonly pValue: number;
  readonly nRecent: number;
  readonly goldenMaxDistance: number;
}

/** Where an assignment puts a glitch. */
export interface Placement {
  readonly glitchId: string;
  readonly ifo: string;
  readonly modelVersion: number;
  readonly familyId: number;
  readonly probability: number;
  readonly noveltyPValue: number;
  readonly x: number;
  readonly y: number;
  readonly assignedAtMs: number;
}

export interface Neighbour {
  readonly glitchId: string;
  readonly distance: number;
  readonly familyId: number;
}

export interface Assignment extends Placement {
  readonly outlierScore: number;
  readonly origin: 'live' | 'reference';
  readonly neighbours: readonly Neighbour[];
}

export interface Trigger {
  readonly ifo: string;
  readonly peakGpsNs: string | null;
  readonly channel: string;
  readonly externalId: string;
  readonly snr: number | null;
  readonly peakFrequencyHz: number | null;
  readonly centralFrequencyHz: number | null;
  readonly bandwidthHz: number | null;
  readonly durationSec: number | null;
  readonly label: string;
  readonly source: string;
  /** Of a known event or a hardware injection; empty for a glitch. */
  readonly signalName: string;
  readonly dataQuality: string | null;
}

export interface Glitch {
  readonly glitchId: string;
  readonly trigger: Trigger;
  readonly windows: readonly number[];
  readonly ingestedAtMs: number;
  readonly assignment: Assignment | null;
  /** A person's label; it counts before the trigger's. */
  readonly personLabel: PersonLabel | null;
}

export interface PersonLabel {
  readonly label: string;
  readonly by: string;
  readonly givenAtMs: number;
}

/** How labels and families agree. */
export interface Agreement {
  readonly nLabelled: number;
  readonly nUnassigned: number;
  readonly inFamilies: AgreementScores | null;
  readonly families: readonly FamilyAgreement[];
  readonly labels: readonly LabelAgreement[];
  readonly nDisagreements: number;
  readonly disagreements: readonly Disagreement[];
}

export interface AgreementScores {
  readonly n: number;
  readonly purity: number;
  readonly homogeneity: number;
  readonly completeness: number;
  readonly vMeasure: number;
  readonly adjustedRand: number;
  readonly normalizedMutualInfo: number;
}

export interface FamilyAgreement {
  readonly familyId: number;
  readonly nLabelled: number;
  readonly purity: number;
  readonly majorityLabel: string;
  readonly entropyBits: number;
  readonly confident: boolean;
  readonly labels: readonly { readonly label: string; readonly count: number }[];
  /** Least certain members, where they were asked for. */
  readonly ambiguous: readonly AmbiguousGlitch[];
}

export interface AmbiguousGlitch {
  readonly glitchId: string;
  readonly membershipProbability: number;
  readonly label: string;
}

export interface LabelAgreement {
  readonly label: string;
  readonly n: number;
  readonly nFamilies: number;
}

export interface Disagreement {
  readonly glitchId: string;
  readonly familyId: number;
  readonly label: string;
  readonly familyLabel: string;
  readonly score: number;
  readonly byPerson: boolean;
}

/** How much each tile of a window does for the glitch's likeness to its family. */
export interface WindowImportance {
  readonly windowSec: number;
  readonly rows: number;
  readonly columns: number;
  /** Row by row, the highest frequency first; similarity lost when the tile is hidden. */
  readonly importances: readonly number[];
}

export interface Explanation {
  readonly glitchId: string;
  readonly modelVersion: number;
  /** -1: held against its nearest glitches. */
  readonly familyId: number;
  readonly references: readonly string[];
  readonly embedder: string;
  readonly similarity: number;
  readonly windows: readonly WindowImportance[];
}

export interface MapData {
  readonly modelVersion: number | null;
  /** Where the event stream goes on from exactly this map. */
  readonly cursor: string;
  readonly glitchIds: readonly string[];
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly familyIds: Int32Array;
}

export type LiveEvent =
  | { readonly kind: 'assignment'; readonly placement: Placement }
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'model' }
  /** A refit moved many glitches: read the map anew. */
  | { readonly kind: 'map' };

export const UNASSIGNED = -1;
