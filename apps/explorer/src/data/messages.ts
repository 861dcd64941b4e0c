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
  readonly count: number;
  /** Glitches assigned within the last hour. */
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
  readonly kind: 'emergent-family' | 'other';
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
