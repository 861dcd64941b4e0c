import {
  ActiveModel,
  defaultFitParams,
  type FittedModel,
  fitInWorker,
  ReferenceStore,
} from '@glitchwatch/clusterer';
import { Trigger } from '@glitchwatch/proto';
import { type Glitches, idOf, vectorOf } from './placing.js';

const RULES = { listed: 5, noveltyAlpha: 0.01 };

export interface ReferenceFitOptions {
  readonly epochs?: number | undefined;
  readonly signal: AbortSignal;
}

/** The first rows as the leader keeps them. */
export function storeOf(glitches: Glitches, rows: number): ReferenceStore {
  const store = new ReferenceStore({ maxGlitches: rows });
  const facts = { trigger: Trigger.fromPartial({}), ingestedAtMs: 0 };
  for (let row = 0; row < rows; row++) {
    store.add({ glitchId: idOf(row), vector: vectorOf(glitches, row), ...facts });
  }
  return store;
}

/** Fits a store's rows in a worker, going on from the fit before where there is one. */
export async function fitRows(
  { epochs, signal }: ReferenceFitOptions,
  store: ReferenceStore,
  before?: FittedModel,
): Promise<FittedModel> {
  const { glitchIds, vectors } = await store.rowsForFit();
  const rows = glitchIds.length;
  const known = before?.glitchIds.length ?? 0;
  const previousFamilyIds = new Int32Array(rows).fill(-1);
  const previousLayout = new Float32Array(2 * rows).fill(Number.NaN);
  if (before !== undefined) {
    previousFamilyIds.set(before.familyIds.subarray(0, known));
    previousLayout.set(before.layout.subarray(0, 2 * known));
  }
  const past = { previousFamilyIds, previousLayout, nextFamilyId: before?.nextFamilyId };
  return fitInWorker(
    {
      glitchIds,
      vectors,
      params: { ...defaultFitParams, nEpochs: epochs },
      ...(before === undefined ? {} : past),
    },
    signal,
  );
}

export function modelOf(fit: FittedModel, modelVersion: number): Promise<ActiveModel> {
  const firstModelVersions = new Map(fit.families.map(({ familyId }) => [familyId, modelVersion]));
  const snapshot = {
    modelVersion,
    embedderSha256: '',
    firstModelVersions,
    assignmentOffsets: new Map(),
    fit,
  };
  return ActiveModel.open(snapshot, RULES, 0);
}

export function secondsOf({ secondsByStage }: FittedModel): number {
  return Object.values(secondsByStage).reduce((sum, seconds) => sum + seconds, 0);
}
