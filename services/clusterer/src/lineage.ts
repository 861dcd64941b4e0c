import type { EventLog } from '@glitchwatch/event-log';
import type { ModelActivated } from '@glitchwatch/proto';
import { greatestFamilyId } from './log-replay.js';
import type { ModelSnapshot } from './model-snapshot.js';

/** What the next model carries on from the last one. */
export interface ModelLineage {
  readonly modelVersion: number;
  /** Families of the model, each with the version in which it first came. */
  readonly firstModelVersions: ReadonlyMap<number, number>;
  readonly nextFamilyId: number;
}

export function lineageOf({ modelVersion, firstModelVersions, fit }: ModelSnapshot): ModelLineage {
  return { modelVersion, firstModelVersions, nextFamilyId: fit.nextFamilyId };
}

/** The lineage of a model whose snapshot is lost, from the log alone. */
export async function lineageFromLog(
  log: Pick<EventLog, 'offsets' | 'read'>,
  { modelVersion, families, retiredFamilyIds, nextFamilyId }: ModelActivated,
): Promise<ModelLineage> {
  const ids = [...families.map(({ familyId }) => familyId), ...retiredFamilyIds, nextFamilyId - 1];
  return {
    modelVersion,
    firstModelVersions: new Map(
      families.map(({ familyId, firstModelVersion }) => [familyId, firstModelVersion]),
    ),
    nextFamilyId: 1 + Math.max(await greatestFamilyId(log), ...ids),
  };
}
