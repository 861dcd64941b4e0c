import { createHash } from 'node:crypto';
import type { UmapParams } from '@glitchwatch/numerics';
import { ClustererError } from './errors.js';
import { predictionFrom, predictionSections } from './family-prediction.js';
import type { FittedFamily } from './family-summary.js';
import type { FittedModel } from './fit.js';
import type { FitParams } from './fit-params.js';
import { ID_SEPARATOR } from './packed-ids.js';
import { decodeSections, encodeSections } from './section-file.js';
import { Stretch } from './stretch.js';

/** Everything needed to place glitches as the model did when it was active. */
export interface ModelSnapshot {
  readonly modelVersion: number;
  readonly embedderSha256: string;
  /** First model version of each family. */
  readonly firstModelVersions: ReadonlyMap<number, number>;
  /** End of each partition of glitch.assignments before the activation: nothing of this model is older. */
  readonly assignmentOffsets: ReadonlyMap<number, bigint>;
  readonly fit: FittedModel;
}

/** The JSON part; the arrays are sections of the same file (see section-file.ts). */
interface SnapshotFields {
  readonly modelVersion: number;
  readonly embedderSha256: string;
  readonly nReference: number;
  readonly dimension: number;
  readonly params: FitParams;
  readonly umapParams: UmapParams;
  readonly nextFamilyId: number;
  readonly families: readonly (FittedFamily & { readonly firstModelVersion: number })[];
  readonly neighboursPerRow: number;
  readonly familyOfLabel: readonly number[];
  readonly predictionMinSamples: number;
  readonly assignmentOffsets: readonly (readonly [number, string])[];
  readonly secondsByStage: Readonly<Record<string, number>>;
}

export const SNAPSHOT_PREFIX = 'models/';

/** With the fencing token in it, a deposed holder of the refit lease writes over nobody's snapshot. */
export function snapshotKey(modelVersion: number, fencingToken: bigint): string {
  return `${SNAPSHOT_PREFIX}${modelVersion}-${fencingToken}.gwm`;
}

/** The version in a key; undefined where it is no key of a snapshot. */
export function versionOfKey(key: string): number | undefined {
  const [, version] = /^models\/(\d+)(?:-\d+)?\.gwm$/.exec(key) ?? [];
  return version === undefined ? undefined : Number(version);
}

export function encodeSnapshot(snapshot: ModelSnapshot): Uint8Array[] {
  const { fit } = snapshot;
  const fields: SnapshotFields = {
    modelVersion: snapshot.modelVersion,
    embedderSha256: snapshot.embedderSha256,
    nReference: fit.glitchIds.length,
    dimension: fit.dimension,
    params: fit.params,
    umapParams: fit.umapParams,
    nextFamilyId: fit.nextFamilyId,
    families: fit.families.map((family) => ({
      ...family,
      // Follows from familyIds.
      memberRows: [],
      firstModelVersion: snapshot.firstModelVersions.get(family.familyId) ?? snapshot.modelVersion,
    })),
    neighboursPerRow: fit.neighbours.k,
    familyOfLabel: fit.familyOfLabel,
    predictionMinSamples: fit.prediction.minSamples,
    assignmentOffsets: [...snapshot.assignmentOffsets].map(([partition, offset]) => [
      partition,
      offset.toString(),
    ]),
    secondsByStage: fit.secondsByStage,
  };
  return encodeSections(fields, {
    glitchIds: Buffer.from(fit.glitchIds.join(ID_SEPARATOR)),
    vectors: fit.vectors,
    layout: fit.layout,
    labels: fit.labels,
    familyIds: fit.familyIds,
    previousFamilyIds: fit.previousFamilyIds,
    probabilities: fit.probabilities,
    outlierScores: fit.outlierScores,
    neighbourRows: fit.neighbours.indices,
    neighbourDistances: fit.neighbours.distances,
    calibrationScores: fit.calibrationScores,
    rowScores: fit.rowScores,
    indexGraph: fit.indexGraph,
    ...predictionSections(fit.prediction),
  });
}

/** @throws ClustererError `bad_snapshot`. */
export function decodeSnapshot(file: Uint8Array, name: string): ModelSnapshot {
  const sections = decodeSections(file, name);
  const fields = sections.fields as SnapshotFields;
  const familyIds = sections.int32('familyIds');
  const layout = sections.float32('layout');
  const members = new Map(fields.families.map(({ familyId }) => [familyId, [] as number[]]));
  familyIds.forEach((familyId, row) => {
    members.get(familyId)?.push(row);
  });
  const glitchIds = Buffer.from(sections.uint8('glitchIds')).toString('utf8').split(ID_SEPARATOR);
  if (glitchIds.length !== fields.nReference)
    throw new ClustererError(
      'bad_snapshot',
      `Model snapshot ${name}: expected ${fields.nReference} glitch ids, found ${glitchIds.length}`,
    );
  return {
    modelVersion: fields.modelVersion,
    embedderSha256: fields.embedderSha256,
    firstModelVersions: new Map(
      fields.families.map(({ familyId, firstModelVersion }) => [familyId, firstModelVersion]),
    ),
    assignmentOffsets: new Map(
      fields.assignmentOffsets.map(([partition, offset]) => [partition, BigInt(offset)]),
    ),
    fit: {
      glitchIds,
      dimension: fields.dimension,
      params: fields.params,
      vectors: sections.float32('vectors'),
      layout,
      umapParams: fields.umapParams,
      labels: sections.int32('labels'),
      familyIds,
      previousFamilyIds: sections.has('previousFamilyIds')
        ? sections.int32('previousFamilyIds')
        : new Int32Array(familyIds.length).fill(-1),
      probabilities: sections.float64('probabilities'),
      outlierScores: sections.float64('outlierScores'),
      prediction: predictionFrom(sections, layout, fields.predictionMinSamples),
      familyOfLabel: fields.familyOfLabel,
      families: fields.families.map(({ firstModelVersion: _, ...family }) => ({
        ...family,
        memberRows: members.get(family.familyId) ?? [],
      })),
      nextFamilyId: fields.nextFamilyId,
      neighbours: {
        k: fields.neighboursPerRow,
        indices: sections.int32('neighbourRows'),
        distances: sections.float32('neighbourDistances'),
      },
      calibrationScores: sections.float64('calibrationScores'),
      rowScores: sections.float64('rowScores'),
      indexGraph: sections.uint8('indexGraph'),
      secondsByStage: fields.secondsByStage,
    },
  };
}

const HASHED_AT_ONCE = 2 ** 20;

/** Of the whole file, as hex; in short stretches, for it is hundreds of megabytes. */
export async function sha256Of(parts: readonly Uint8Array[]): Promise<string> {
  const stretch = new Stretch();
  const hash = createHash('sha256');
  for (const part of parts) {
    for (let from = 0; from < part.length; from += HASHED_AT_ONCE) {
      await stretch.pause();
      hash.update(part.subarray(from, from + HASHED_AT_ONCE));
    }
  }
  return hash.digest('hex');
}
