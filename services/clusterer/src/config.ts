import { z } from 'zod';

const count = z.int().min(1);

/** Settings of the clusterer; every field has a default, so `{}` is a complete configuration. */
export const clustererConfigSchema = z.object({
  /**
   * `assign` gives live glitches their assignments, any number of these side by side;
   * `refit` stands for the lead: one of these fits models, answers for known glitches
   * and raises alerts; `both` in one process.
   */
  role: z.enum(['assign', 'refit', 'both']).default('both'),
  /** Consumer group of the assigners; the leader's has `-watch` behind it. */
  groupId: z.string().min(1).default('clusterer'),
  /** Name under which leases are held; made from host and process, and unique, when absent. */
  holder: z.string().min(1).optional(),
  /** Records per batch: small, so that no glitch waits long for its neighbours in the batch. */
  maxBatchRecords: count.default(64),

  /** Glitches known before the first model is fitted. */
  minFit: z.int().min(4).default(200),
  /** Glitches kept as reference; beyond it the oldest leave. */
  maxReference: z.int().min(4).default(50_000),
  /** False: models come only from `fitNow`. */
  automaticFits: z.boolean().default(true),
  /** A refit is due after this many new glitches, and at least `refitGrowth` of the model. */
  refitEveryCount: count.default(500),
  refitGrowth: z.number().min(0).default(0.2),
  /** A refit is also due after this time when anything is new. */
  refitEverySec: z.number().positive().default(1_800),
  /** How often due refits and due alert revisions are looked for. */
  tickMs: z.int().min(10).default(1_000),
  /** Time to live of the leases of leader and refit; renewed at a third of it. */
  leaseTtlMs: z.int().min(100).default(15_000),

  /** Snapshots of older models than these are deleted; at least the one in force is kept. */
  keepSnapshots: count.default(5),

  umapNeighbours: z.int().min(2).default(15),
  /** By the number of glitches when absent: 0 below 300, else 0.1. */
  umapMinDist: z.number().min(0).optional(),
  umapEpochs: count.optional(),
  randomState: z.int().min(0).default(42),
  /** By the number of glitches when absent: half its square root, 5 to 30. */
  minClusterSize: z.int().min(2).optional(),
  /** By the number of glitches when absent: half of minClusterSize, 3 to 5. */
  minSamples: count.optional(),

  /** Neighbours that place a glitch on the map. */
  neighbours: z.int().min(2).default(15),
  /**
   * Nearest neighbours whose mean distance is the novelty score; no more than the
   * smallest family has, or its members would look novel to one another.
   */
  noveltyNeighbours: count.default(5),
  /** Neighbours named in an assignment. */
  listedNeighbours: z.int().min(0).default(5),
  /** A glitch with a smaller novelty p-value belongs to no family. */
  noveltyAlpha: z.number().min(0).max(1).default(0.01),

  /** Novel glitches that lie close together may raise an alert from so many on, where chance is as rare as wanted. */
  alertMinGroupSize: z.int().min(2).default(3),
  /** Novel glitches remembered; beyond it the oldest leave. */
  alertWindow: count.default(1_000),
  /** Every new member is a revision up to this count; then growth of a tenth, or time. */
  alertEveryMemberUpTo: z.int().min(0).default(10),
  alertUpdateEverySec: z.number().positive().default(60),

  /** Alerts a day that chance may raise, by kind; 0 turns the kind off. */
  falseEmergentPerDay: z.number().min(0).default(0.3),
  falseOutliersPerDay: z.number().min(0).default(0.3),
  falseBurstsPerDay: z.number().min(0).default(0.3),
  /** No kind raises more within an hour, false or not. */
  alertMaxPerHour: count.default(6),
  /** Members of families with a smaller novelty p-value are candidates beside the unassigned. */
  alertCandidateShare: z.number().min(0).max(1).default(0.2),
  /** A glitch that was ingested so long before belongs to a backlog. */
  alertHistoricalAfterSec: z.number().positive().default(600),
  /**
   * A detector's last glitches are compared with as many drawn from before them, each
   * time that so many have come: between windows of one population one in 1 / driftAlpha
   * raises a false alert.
   */
  driftWindow: z.int().min(10).default(200),
  driftAlpha: z.number().min(0.0001).max(0.5).default(0.001),
  /** How often windows and golden embeddings are looked at. */
  driftEveryMs: z.int().min(10).default(10_000),
  /** Cosine distance that a golden embedding may move: other processors differ by 1e-6. */
  goldenTolerance: z.number().min(0).max(2).default(0.001),
});

export type ClustererConfig = z.output<typeof clustererConfigSchema>;

/** Numbers and switches by environment variable, for a process of its own. */
const environmentFields = {
  minFit: 'GLITCHWATCH_MIN_FIT',
  maxReference: 'GLITCHWATCH_MAX_REFERENCE',
  refitEveryCount: 'GLITCHWATCH_REFIT_EVERY_COUNT',
  refitEverySec: 'GLITCHWATCH_REFIT_EVERY_SEC',
  umapNeighbours: 'GLITCHWATCH_UMAP_NEIGHBOURS',
  minClusterSize: 'GLITCHWATCH_MIN_CLUSTER_SIZE',
  noveltyAlpha: 'GLITCHWATCH_NOVELTY_ALPHA',
  alertMinGroupSize: 'GLITCHWATCH_ALERT_MIN_GROUP_SIZE',
  alertMaxPerHour: 'GLITCHWATCH_ALERT_MAX_PER_HOUR',
  alertHistoricalAfterSec: 'GLITCHWATCH_ALERT_HISTORICAL_AFTER_SEC',
  falseEmergentPerDay: 'GLITCHWATCH_FALSE_EMERGENT_PER_DAY',
  falseOutliersPerDay: 'GLITCHWATCH_FALSE_OUTLIERS_PER_DAY',
  falseBurstsPerDay: 'GLITCHWATCH_FALSE_BURSTS_PER_DAY',
  driftWindow: 'GLITCHWATCH_DRIFT_WINDOW',
  driftAlpha: 'GLITCHWATCH_DRIFT_ALPHA',
  leaseTtlMs: 'GLITCHWATCH_CLUSTERER_LEASE_TTL_MS',
} as const;

/** The fields that the environment states, unchecked: `parseConfig` does the rest. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const role = environment.GLITCHWATCH_CLUSTERER_ROLE;
  if (role !== undefined && role !== '') values.role = role;
  for (const [field, variable] of Object.entries(environmentFields)) {
    const text = environment[variable];
    if (text !== undefined && text !== '') values[field] = Number(text);
  }
  return values;
}
