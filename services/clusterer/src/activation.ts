import type { BlobStore } from '@glitchwatch/blob-store';
import type { EventLog } from '@glitchwatch/event-log';
import { ModelActivated, topics } from '@glitchwatch/proto';
import { asError, ClustererError } from './errors.js';
import { familyEvents } from './family-events.js';
import { withNamesApart } from './family-name.js';
import { summarizeFamily } from './family-summary.js';
import type { FittedModel } from './fit.js';
import type { ModelLineage } from './lineage.js';
import {
  decodeSnapshot,
  encodeSnapshot,
  type ModelSnapshot,
  SNAPSHOT_PREFIX,
  sha256Of,
  snapshotKey,
  versionOfKey,
} from './model-snapshot.js';
import type { ReferenceStore } from './reference-store.js';

export interface PreparedModel {
  readonly snapshot: ModelSnapshot;
  readonly activation: ModelActivated;
}

export interface PrepareOptions {
  readonly fit: FittedModel;
  readonly previous: ModelLineage | undefined;
  readonly embedderSha256: string;
  readonly store: ReferenceStore;
  readonly fitSec: number;
  readonly fencingToken: bigint;
  readonly nowMs: number;
}

/**
 * Writes the snapshot of a fresh fit and words its activation. The model is in
 * force only once the activation is on the log; until then the snapshot is a file
 * that nobody names, and the next attempt at this version replaces it.
 */
export async function prepareModel(
  { blobs, log }: { readonly blobs: BlobStore; readonly log: Pick<EventLog, 'offsets'> },
  options: PrepareOptions,
): Promise<PreparedModel> {
  const { fit, previous } = options;
  const modelVersion = (previous?.modelVersion ?? 0) + 1;
  const offsets = await log.offsets(topics.assignments);
  const snapshot: ModelSnapshot = {
    modelVersion,
    embedderSha256: options.embedderSha256,
    firstModelVersions: new Map(
      fit.families.map(({ familyId }) => [
        familyId,
        previous?.firstModelVersions.get(familyId) ?? modelVersion,
      ]),
    ),
    assignmentOffsets: new Map(offsets.map(({ partition, high }) => [partition, high])),
    fit,
  };
  const parts = encodeSnapshot(snapshot);
  const key = snapshotKey(modelVersion, options.fencingToken);
  await blobs.put(key, parts);
  const sha256 = await sha256Of(parts);
  return { snapshot, activation: describe(snapshot, key, sha256, options) };
}

function describe(
  { modelVersion, embedderSha256, firstModelVersions, fit }: ModelSnapshot,
  snapshotKeyOfModel: string,
  snapshotSha256: string,
  { previous, store, fitSec, fencingToken, nowMs }: PrepareOptions,
): ModelActivated {
  const families = withNamesApart(
    fit.families.map((family) =>
      summarizeFamily(family, {
        glitchIds: fit.glitchIds,
        firstModelVersion: firstModelVersions.get(family.familyId) ?? modelVersion,
        factsOf: (glitchId) => {
          const slot = store.slotOf(glitchId);
          if (slot === undefined) return undefined;
          return { trigger: store.triggerAt(slot), ingestedAtMs: store.ingestedAtMsAt(slot) };
        },
      }),
    ),
  );
  const living = new Set(fit.families.map(({ familyId }) => familyId));
  const before = [...(previous?.firstModelVersions.keys() ?? [])];
  const changes = familyEvents({ ...fit, familiesBefore: before });
  return ModelActivated.fromPartial({
    modelVersion,
    snapshotKey: snapshotKeyOfModel,
    snapshotSha256,
    nReference: BigInt(fit.glitchIds.length),
    dimension: fit.dimension,
    embedderSha256,
    families,
    nNoise: BigInt(fit.labels.filter((label) => label < 0).length),
    activatedAtMs: BigInt(nowMs),
    fitSec,
    fencingToken,
    retiredFamilyIds: before.filter((familyId) => !living.has(familyId)).sort((a, b) => a - b),
    familyEvents: changes.map((change) => ({ ...change, modelVersion, atMs: BigInt(nowMs) })),
    nextFamilyId: fit.nextFamilyId,
  });
}

/**
 * The snapshot of an activation.
 *
 * @throws ClustererError `snapshot_lost` where the file cannot be read,
 *   `snapshot_mismatch` where it is not the one that was activated, `bad_snapshot`.
 */
export async function loadSnapshot(
  blobs: BlobStore,
  { snapshotKey: key, snapshotSha256, modelVersion }: ModelActivated,
): Promise<ModelSnapshot> {
  const file = await blobs.get(key).catch((error: unknown) => {
    throw new ClustererError(
      'snapshot_lost',
      `Model snapshot ${key} of version ${modelVersion}: expected it in the blob store, found ${asError(error).message}`,
      { cause: error },
    );
  });
  const found = await sha256Of([file]);
  if (found !== snapshotSha256)
    throw new ClustererError(
      'snapshot_mismatch',
      `Model snapshot ${key} of version ${modelVersion}: expected sha256 ${snapshotSha256}, found ${found}`,
    );
  return decodeSnapshot(file, key);
}

/** Deletes the snapshots of all but the newest `keep` versions. */
export async function deleteOldSnapshots(
  blobs: BlobStore,
  newestVersion: number,
  keep: number,
): Promise<void> {
  for (const key of await blobs.list(SNAPSHOT_PREFIX)) {
    const version = versionOfKey(key);
    if (version !== undefined && version <= newestVersion - keep) await blobs.delete(key);
  }
}
