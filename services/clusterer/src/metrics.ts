import { type Alert, AlertKind, AlertState } from '@glitchwatch/proto';
import { counter, gauge, histogram, type Logger, type Registry } from '@glitchwatch/service-kit';

export type Stage =
  | 'batch'
  | 'assign'
  | 'fit'
  | 'snapshot'
  | 'activation'
  | 'reassign'
  | 'recovery'
  | 'takeover';

/** Each event of the clusterer has one method that writes its metric and, where rare, its log line. */
export interface ClustererMetrics {
  assigned(event: { readonly unassigned: boolean; readonly ingestedAtMs: number }): void;
  /** A known glitch under a new model. */
  reassigned(event: { readonly unassigned: boolean }): void;
  unassignedFraction(fraction: number): void;
  modelActive(event: {
    readonly modelVersion: number;
    readonly nFamilies: number;
    readonly nReference: number;
  }): void;
  modelAge(seconds: number): void;
  fitted(seconds: number): void;
  alert(alert: Pick<Alert, 'alertId' | 'state' | 'kind' | 'historical' | 'summary'>): void;
  /** Due, but there were as many within the hour as may be. */
  alertWithheld(kind: string): void;
  failed(code: string, error: Error): void;
  /** Counted; the dead-letter record carries the message. */
  poison(code: string, message: string): void;
  known(count: number): void;
  /** This process leads, or does no longer. */
  leads(isLeader: boolean): void;
  stage(stage: Stage, seconds: number): void;
}

export function createClustererMetrics(
  registry: Registry,
  logger: Logger,
  nowMs: () => number,
): ClustererMetrics {
  const prefix = 'glitchwatch_clusterer';
  const assignments = counter(registry, {
    name: `${prefix}_assignments_total`,
    help: 'Assignments made, in a family or not, also under a new model',
    labelNames: ['family'],
  });
  const unassigned = gauge(registry, {
    name: `${prefix}_unassigned_fraction`,
    help: 'Share of the known glitches that are in no family under the active model',
  });
  const version = gauge(registry, {
    name: `${prefix}_model_version`,
    help: 'Version of the active model; 0 before the first',
  });
  const age = gauge(registry, {
    name: `${prefix}_model_age_seconds`,
    help: 'Time since the active model was activated',
  });
  const families = gauge(registry, {
    name: `${prefix}_families`,
    help: 'Families of the active model',
  });
  const knownGlitches = gauge(registry, {
    name: `${prefix}_known_glitches`,
    help: 'Glitches in the reference store',
  });
  const leader = gauge(registry, {
    name: `${prefix}_leader`,
    help: '1 in the process that fits models, answers for known glitches and watches for novelty',
  });
  const fits = histogram(registry, {
    name: `${prefix}_fit_seconds`,
    help: 'Time of one fit in its worker',
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  });
  const alerts = counter(registry, {
    name: `${prefix}_alerts_total`,
    help: 'Alert revisions by state and kind; historical ones came up while a backlog was caught up with',
    labelNames: ['state', 'kind', 'historical'],
  });
  const withheld = counter(registry, {
    name: `${prefix}_alerts_withheld_total`,
    help: 'Times at which an alert was due and the limit for an hour was reached',
    labelNames: ['kind'],
  });
  const errors = counter(registry, {
    name: `${prefix}_errors_total`,
    help: 'Failures by code, poison embeddings included',
    labelNames: ['code'],
  });
  const stages = histogram(registry, {
    name: `${prefix}_stage_seconds`,
    help: 'Time of one stage',
    labelNames: ['stage'],
  });
  const endToEnd = histogram(registry, {
    name: 'glitchwatch_end_to_end_seconds',
    help: 'From ingest to first assignment of a live glitch',
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  version.set(0);
  return {
    assigned({ unassigned: isUnassigned, ingestedAtMs }) {
      assignments.inc({ family: isUnassigned ? 'none' : 'known' });
      if (ingestedAtMs > 0) endToEnd.observe(Math.max(0, nowMs() - ingestedAtMs) / 1_000);
    },
    reassigned: ({ unassigned: isUnassigned }) =>
      assignments.inc({ family: isUnassigned ? 'none' : 'known' }),
    unassignedFraction: (fraction) => unassigned.set(fraction),
    modelActive({ modelVersion, nFamilies, nReference }) {
      version.set(modelVersion);
      families.set(nFamilies);
      logger.info({ modelVersion, nFamilies, nReference }, 'model active');
    },
    modelAge: (seconds) => age.set(seconds),
    fitted: (seconds) => fits.observe(seconds),
    alert({ alertId, state, kind, historical, summary }) {
      const labels = { state: stateName(state), kind: kindName(kind) };
      alerts.inc({ ...labels, historical: String(historical) });
      logger.info({ alertId, historical, ...labels }, summary);
    },
    alertWithheld: (kind) => withheld.inc({ kind }),
    failed(code, error) {
      errors.inc({ code });
      logger.error({ err: error, code }, error.message);
    },
    poison(code, message) {
      errors.inc({ code });
      logger.warn({ code }, message);
    },
    known: (count) => knownGlitches.set(count),
    leads(isLeader) {
      leader.set(isLeader ? 1 : 0);
      logger.info({ isLeader }, isLeader ? 'leads' : 'does not lead');
    },
    stage: (stage, seconds) => stages.observe({ stage }, seconds),
  };
}

function stateName(state: AlertState): string {
  return (AlertState[state] ?? 'UNSPECIFIED').replace('ALERT_STATE_', '').toLowerCase();
}

function kindName(kind: AlertKind): string {
  const name = (AlertKind[kind] ?? 'UNSPECIFIED').replace('ALERT_KIND_', '');
  return name.toLowerCase().replace('_', '-');
}
