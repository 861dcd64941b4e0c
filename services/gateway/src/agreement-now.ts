import type { Agreement } from '@glitchwatch/proto';
import type { GatewayParts } from './context.js';
import { GatewayError } from './errors.js';
import { reportAgreement } from './read-model/agreement-report.js';
import { listAmbiguous, listDisagreements } from './read-model/disagreements.js';

export interface AgreementQuestion {
  readonly maxDisagreements?: number | undefined;
  readonly ambiguousInFamilyIds: readonly number[];
  readonly maxAmbiguous?: number | undefined;
}

/**
 * Agreement of labels and families as it stands.
 *
 * @throws GatewayError `invalid_argument` for more than the bounds of GetAgreementRequest.
 */
export function agreementNow(parts: GatewayParts, question: AgreementQuestion): Agreement {
  const maxDisagreements = bounded('max_disagreements', question.maxDisagreements ?? 50, 1_000);
  const maxAmbiguous = bounded('max_ambiguous', question.maxAmbiguous ?? 10, 100);
  const wanted = question.ambiguousInFamilyIds;
  bounded('number of ambiguous_in_family_ids', wanted.length, 20);
  const bad = wanted.find((familyId) => !Number.isInteger(familyId));
  if (bad !== undefined) {
    throw new GatewayError('invalid_argument', `family: expected a whole number, found ${bad}`);
  }
  const { model, config } = parts;
  const { agreement: board, glitches } = model;
  const report = reportAgreement(board, {
    minLabelled: config.confidentMinLabelled,
    minPurity: config.confidentPurity,
  });
  const idOf = (row: number): string => glitches.idAt(row);
  const known = new Set(report.families.map(({ familyId }) => familyId));
  // A family without a labelled glitch has members all the same.
  const unlabelled = wanted.filter((familyId) => !known.has(familyId)).map(withoutLabels);
  return {
    modelVersion: model.families.model?.modelVersion ?? 0,
    ...report,
    families: [...report.families, ...unlabelled].map((family) =>
      wanted.includes(family.familyId)
        ? { ...family, ambiguous: listAmbiguous(board, family.familyId, maxAmbiguous, idOf) }
        : family,
    ),
    disagreements: listDisagreements(board, report.families, maxDisagreements, idOf),
    stale: !parts.isCaughtUp(),
  };
}

function withoutLabels(familyId: number): Agreement['families'][number] {
  return {
    familyId,
    nLabelled: 0n,
    purity: 0,
    majorityLabel: '',
    entropyBits: 0,
    confident: false,
    labels: [],
    ambiguous: [],
  };
}

function bounded(field: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new GatewayError('invalid_argument', `${field}: expected 0 to ${most}, found ${value}`);
}
