import { type Alert, DriftCause } from '@glitchwatch/proto';
import { counter, gauge, type Registry } from '@glitchwatch/service-kit';
import type { GoldenVerdict } from './golden-verdict.js';

/** The leader's numbers about drift. */
export interface DriftMetrics {
  compared(event: { readonly ifo: string; readonly pValue: number; readonly mmd2: number }): void;
  golden(verdict: GoldenVerdict): void;
  open(alerts: readonly Alert[]): void;
  /** This process leads no longer: another tells them now. */
  forget(): void;
}

export function createDriftMetrics(registry: Registry): DriftMetrics {
  const prefix = 'glitchwatch_clusterer_drift';
  const pValue = gauge(registry, {
    name: `${prefix}_p_value`,
    help: 'Of the last comparison of recent glitches with earlier ones',
    labelNames: ['ifo'],
  });
  const mmd2 = gauge(registry, {
    name: `${prefix}_mmd2`,
    help: 'Squared maximum mean discrepancy of the last comparison; about 0 for one population',
    labelNames: ['ifo'],
  });
  const comparisons = counter(registry, {
    name: `${prefix}_comparisons_total`,
    help: 'Comparisons of recent glitches with earlier ones',
    labelNames: ['ifo'],
  });
  const distance = gauge(registry, {
    name: `${prefix}_golden_distance`,
    help: 'Greatest cosine distance of a golden embedding from that of the embedder in force',
  });
  const alerts = gauge(registry, {
    name: `${prefix}_alerts`,
    help: 'Drift alerts that are not resolved',
    labelNames: ['cause'],
  });
  return {
    compared(event) {
      pValue.set({ ifo: event.ifo }, event.pValue);
      mmd2.set({ ifo: event.ifo }, event.mmd2);
      comparisons.inc({ ifo: event.ifo });
    },
    golden: ({ shift }) => distance.set(shift.max),
    open(open) {
      const ofEmbedder = open.filter(
        ({ drift }) => drift?.cause === DriftCause.DRIFT_CAUSE_EMBEDDER,
      ).length;
      alerts.set({ cause: 'embedder' }, ofEmbedder);
      alerts.set({ cause: 'detector' }, open.length - ofEmbedder);
    },
    forget() {
      for (const one of [pValue, mmd2, alerts]) one.reset();
      distance.set(0);
    },
  };
}
