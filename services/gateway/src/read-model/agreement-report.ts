import {
  adjustedRandOf,
  type ClusterComposition,
  type Contingency,
  compositionsOf,
  normalizedMutualInfoOf,
  purityOf,
  transposed,
  vMeasureOf,
} from '@glitchwatch/numerics';
import type {
  Agreement,
  AgreementScores,
  FamilyAgreement,
  LabelAgreement,
} from '@glitchwatch/proto';
import type { AgreementBoard } from './agreement-board.js';
import { UNASSIGNED } from './family-board.js';

/** When a family's labels are sure enough that another label in it is a disagreement. */
export interface Confidence {
  readonly minLabelled: number;
  readonly minPurity: number;
}

export type AgreementReport = Pick<
  Agreement,
  | 'nLabelled'
  | 'nUnassigned'
  | 'inFamilies'
  | 'withUnassigned'
  | 'families'
  | 'labels'
  | 'nDisagreements'
>;

const isFamily = (familyId: number): boolean => familyId !== UNASSIGNED;

/** The counts as people read them. Time goes with families times labels, not with glitches. */
export function reportAgreement(board: AgreementBoard, confidence: Confidence): AgreementReport {
  const all = board.counter.table();
  const inFamilies = board.counter.table(isFamily);
  const families = compositionsOf(all).map((part) => familyOf(board, part, confidence));
  const labels = labelsOf(board, all, inFamilies);
  return {
    nLabelled: BigInt(all.points),
    nUnassigned: BigInt(board.counter.clusterSize(UNASSIGNED)),
    inFamilies: scoresOf(inFamilies),
    withUnassigned: scoresOf(all),
    families: families.sort((a, b) => Number(b.nLabelled - a.nLabelled) || a.familyId - b.familyId),
    labels: labels.sort((a, b) => Number(b.n - a.n) || compareText(a.label, b.label)),
    nDisagreements: families.reduce((sum, family) => sum + disagreeing(family), 0n),
  };
}

export function scoresOf(table: Contingency): AgreementScores | undefined {
  if (table.points === 0) return undefined;
  return {
    n: BigInt(table.points),
    purity: purityOf(table),
    ...vMeasureOf(table),
    adjustedRand: adjustedRandOf(table),
    normalizedMutualInfo: normalizedMutualInfoOf(table),
  };
}

function familyOf(
  board: AgreementBoard,
  part: ClusterComposition,
  { minLabelled, minPurity }: Confidence,
): FamilyAgreement {
  const familyId = part.cluster;
  const labels = Array.from(board.counter.countsOf(familyId), ([code, count]) => ({
    label: board.names.nameOf(code),
    count: BigInt(count),
  })).sort((a, b) => Number(b.count - a.count) || compareText(a.label, b.label));
  return {
    familyId,
    nLabelled: BigInt(part.size),
    purity: part.purity,
    majorityLabel: labels[0]?.label ?? '',
    entropyBits: part.entropyBits,
    confident: isFamily(familyId) && part.size >= minLabelled && part.purity >= minPurity,
    labels,
    ambiguous: [],
  };
}

function labelsOf(
  board: AgreementBoard,
  all: Contingency,
  inFamilies: Contingency,
): LabelAgreement[] {
  const spread = new Map(
    compositionsOf(transposed(inFamilies)).map((part) => [part.cluster, part]),
  );
  return Array.from(all.classes, (code, row): LabelAgreement => {
    const n = all.classSizes[row]!;
    const part = spread.get(code);
    return {
      label: board.names.nameOf(code),
      n: BigInt(n),
      nUnassigned: BigInt(n - (part?.size ?? 0)),
      nFamilies: part?.classes ?? 0,
      effectiveFamilies: part === undefined ? 0 : 2 ** part.entropyBits,
      largestFamilyId: part?.majority ?? UNASSIGNED,
      largestShare: part?.purity ?? 0,
    };
  });
}

/** Labelled members of a confident family that are not of its own label. */
function disagreeing({ confident, nLabelled, labels }: FamilyAgreement): bigint {
  return confident ? nLabelled - (labels[0]?.count ?? 0n) : 0n;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
