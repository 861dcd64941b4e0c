import type { ExplanationAnswer, Gateway, StreamListener } from '../data/gateway.js';
import type {
  Agreement,
  Alert,
  Family,
  Glitch,
  LiveEvent,
  MapData,
  Placement,
  Status,
} from '../data/messages.js';

/** A gateway made of answers, for tests of the state. */
export interface FakeGateway extends Gateway {
  answers: {
    status: Status;
    map: MapData;
    alerts: readonly Alert[];
    agreement: Agreement;
    glitch: (glitchId: string) => Promise<Glitch | undefined>;
    explanation: (glitchId: string) => Promise<ExplanationAnswer>;
  };
  /** How often each was asked. */
  readonly asked: Record<
    'status' | 'families' | 'alerts' | 'glitch' | 'explanation' | 'map',
    number
  >;
  readonly cursors: string[];
  readonly labels: (readonly [glitchId: string, label: string])[];
  /** Families of each question about agreement. */
  readonly agreementOf: (readonly number[])[];
  emit(event: LiveEvent): void;
  state(state: 'open' | 'broken' | 'refused'): void;
}

export function fakeGateway(): FakeGateway {
  let listener: StreamListener | undefined;
  const asked = { status: 0, families: 0, alerts: 0, glitch: 0, explanation: 0, map: 0 };
  const fake: FakeGateway = {
    answers: {
      status: statusOf({}),
      map: mapOf([]),
      alerts: [],
      agreement: agreementOf({}),
      glitch: () => Promise.resolve(undefined),
      explanation: () => Promise.resolve({ kind: 'refused', reason: 'not made up' }),
    },
    asked,
    cursors: [],
    labels: [],
    agreementOf: [],
    async status() {
      asked.status += 1;
      return fake.answers.status;
    },
    async families() {
      asked.families += 1;
      return { modelVersion: 1, nUnassigned: 0, families: [] };
    },
    async renameFamily(familyId, name) {
      return familyOf({ familyId, name: name || `Family ${familyId}` });
    },
    async alerts() {
      asked.alerts += 1;
      return fake.answers.alerts;
    },
    glitch(glitchId) {
      asked.glitch += 1;
      return fake.answers.glitch(glitchId);
    },
    async agreement(familyIds) {
      fake.agreementOf.push(familyIds);
      return fake.answers.agreement;
    },
    async label(glitchId, label) {
      fake.labels.push([glitchId, label]);
    },
    explanation(glitchId) {
      asked.explanation += 1;
      return fake.answers.explanation(glitchId);
    },
    async map() {
      asked.map += 1;
      return fake.answers.map;
    },
    pictureUrl: (glitchId, window, sizePx) => `${glitchId}/${window}/${sizePx}`,
    follow(cursor, given) {
      fake.cursors.push(cursor);
      listener = given;
      return () => {
        listener = undefined;
      };
    },
    emit: (event) => listener?.onEvent(event),
    state: (state) => listener?.onState(state),
  };
  return fake;
}

export function statusOf(over: Partial<Status>): Status {
  return {
    caughtUp: true,
    serverTimeMs: 0,
    model: null,
    minFitGlitches: 200,
    nGlitches: 0,
    nAssigned: 0,
    nWaiting: 0,
    nUnassigned: 0,
    nFamilies: 0,
    nOpenAlerts: 0,
    glitchesPerMinute: 0,
    lastGlitchAtMs: null,
    lastAssignmentAtMs: null,
    ...over,
  };
}

export function agreementOf(over: Partial<Agreement>): Agreement {
  return {
    nLabelled: 0,
    nUnassigned: 0,
    inFamilies: null,
    families: [],
    labels: [],
    nDisagreements: 0,
    disagreements: [],
    ...over,
  };
}

export function mapOf(placements: readonly Placement[], cursor = 'c0'): MapData {
  return {
    modelVersion: 1,
    cursor,
    glitchIds: placements.map(({ glitchId }) => glitchId),
    x: Float32Array.from(placements, ({ x }) => x),
    y: Float32Array.from(placements, ({ y }) => y),
    familyIds: Int32Array.from(placements, ({ familyId }) => familyId),
  };
}

export function familyOf(over: Partial<Family>): Family {
  return {
    familyId: 1,
    name: 'Family 1',
    count: 1,
    lastHour: 0,
    byIfo: {},
    byLabel: {},
    exemplars: [],
    medianPeakFrequencyHz: null,
    medianSnr: null,
    medianDurationSec: null,
    mapX: 0,
    mapY: 0,
    persistence: 0.5,
    firstModelVersion: 1,
    firstSeenMs: 0,
    lastSeenMs: 0,
    ...over,
  };
}

export function placementOf(glitchId: string, over: Partial<Placement> = {}): Placement {
  return {
    glitchId,
    ifo: 'H1',
    modelVersion: 1,
    familyId: 0,
    probability: 1,
    noveltyPValue: 0.5,
    x: 1,
    y: 2,
    assignedAtMs: 0,
    ...over,
  };
}

export function alertOf(over: Partial<Alert>): Alert {
  return {
    alertId: 'a',
    revision: 1,
    kind: 'emergent-family',
    state: 'open',
    open: true,
    summary: '',
    modelVersion: 1,
    count: 1,
    exemplars: [],
    members: [],
    ratePerHour: 0,
    sinceGpsNs: null,
    firstSeenMs: 0,
    lastSeenMs: 0,
    updatedAtMs: 0,
    nearestFamilies: [],
    peakFrequencyHz: null,
    durationSec: null,
    snr: null,
    byIfo: {},
    mapX: 0,
    mapY: 0,
    resolvedFamilyId: null,
    historical: false,
    falseAlarmsPerDay: 0,
    familyId: null,
    expectedPerHour: 0,
    drift: null,
    ...over,
  };
}
