import type { Agreement, AgreementScores } from '@glitchwatch/proto';

/** The message as JSON: counts as numbers, histograms as objects in falling order. */
export function agreementView(agreement: Agreement): object {
  return {
    modelVersion: agreement.modelVersion || null,
    nLabelled: Number(agreement.nLabelled),
    nUnassigned: Number(agreement.nUnassigned),
    inFamilies: scoresView(agreement.inFamilies),
    withUnassigned: scoresView(agreement.withUnassigned),
    families: agreement.families.map((family) => ({
      ...family,
      nLabelled: Number(family.nLabelled),
      labels: family.labels.map(({ label, count }) => ({ label, count: Number(count) })),
    })),
    labels: agreement.labels.map((one) => ({
      ...one,
      n: Number(one.n),
      nUnassigned: Number(one.nUnassigned),
    })),
    nDisagreements: Number(agreement.nDisagreements),
    disagreements: agreement.disagreements,
    stale: agreement.stale,
  };
}

function scoresView(scores: AgreementScores | undefined): object | null {
  return scores === undefined ? null : { ...scores, n: Number(scores.n) };
}
