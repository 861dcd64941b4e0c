import { gauge, type Registry } from '@glitchwatch/service-kit';
import { type Confidence, reportAgreement } from './read-model/agreement-report.js';
import { UNASSIGNED } from './read-model/family-board.js';
import type { ReadModel } from './read-model/read-model.js';

/** Families and labels with a series of their own: the largest, so that series stay few. */
const MAX_SERIES = 100;

/** Labels against families as gauges, computed when somebody asks. */
export function addAgreementMetrics(
  registry: Registry,
  model: ReadModel,
  confidence: Confidence,
): void {
  const scores = gauge(registry, {
    name: 'glitchwatch_gateway_agreement_ratio',
    help: 'Agreement of labels and families, over labelled glitches in a family',
    labelNames: ['score'],
  });
  const labelled = gauge(registry, {
    name: 'glitchwatch_gateway_labelled_glitches',
    help: 'Glitches with a label and an assignment',
    labelNames: ['family'],
  });
  const disagreements = gauge(registry, {
    name: 'glitchwatch_gateway_disagreements',
    help: 'Glitches whose label is not that of the confident family they are in',
  });
  const purity = gauge(registry, {
    name: 'glitchwatch_gateway_family_purity_ratio',
    help: 'Share of the most frequent label in a family, for those with most labelled glitches',
    labelNames: ['family'],
  });
  const entropy = gauge(registry, {
    name: 'glitchwatch_gateway_family_entropy_bits',
    help: 'Shannon entropy of the labels in a family, for those with most labelled glitches',
    labelNames: ['family'],
  });
  const spread = gauge(registry, {
    name: 'glitchwatch_gateway_label_families',
    help: 'Over how many families a label is spread: 2 to the power of its entropy over them',
    labelNames: ['label'],
  });
  const collect = (): void => {
    const report = reportAgreement(model.agreement, confidence);
    for (const one of [scores, purity, entropy, spread]) one.reset();
    const { inFamilies, nLabelled, nUnassigned } = report;
    labelled.set({ family: 'known' }, Number(nLabelled - nUnassigned));
    labelled.set({ family: 'none' }, Number(nUnassigned));
    disagreements.set(Number(report.nDisagreements));
    if (inFamilies !== undefined) {
      const { n: _n, ...values } = inFamilies;
      for (const [score, value] of Object.entries(values))
        scores.set({ score: scoreNames[score as keyof typeof values] }, value);
    }
    const families = report.families.filter(({ familyId }) => familyId !== UNASSIGNED);
    for (const { familyId, ...family } of families.slice(0, MAX_SERIES)) {
      purity.set({ family: String(familyId) }, family.purity);
      entropy.set({ family: String(familyId) }, family.entropyBits);
    }
    for (const { label, effectiveFamilies } of report.labels.slice(0, MAX_SERIES))
      spread.set({ label }, effectiveFamilies);
  };
  Object.assign(scores, { collect });
}

const scoreNames = {
  purity: 'purity',
  homogeneity: 'homogeneity',
  completeness: 'completeness',
  vMeasure: 'v_measure',
  adjustedRand: 'adjusted_rand',
  normalizedMutualInfo: 'normalized_mutual_info',
} as const;
