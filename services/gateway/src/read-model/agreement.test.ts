import {
  adjustedRand,
  clusterCompositions,
  normalizedMutualInfo,
  purity,
  vMeasure,
  withoutNoise,
} from '@glitchwatch/numerics';
import { Assignment, Feedback } from '@glitchwatch/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportAgreement } from './agreement-report.js';
import { listAmbiguous, listDisagreements } from './disagreements.js';
import { ReadModel } from './read-model.js';

const confidence = { minLabelled: 5, minPurity: 0.8 };
const idOf = (n: number): string => n.toString(16).padStart(32, '0');
const place = { partition: 0, offset: 0n };

function modelOf(over: Partial<ConstructorParameters<typeof ReadModel>[0]> = {}): ReadModel {
  return new ReadModel({
    maxGlitches: 1000,
    maxAlerts: 10,
    maxLabels: 100,
    maxPersonLabels: 100,
    ...over,
  });
}

interface Assigned {
  readonly n: number;
  readonly familyId: number;
  readonly version: number;
  readonly label?: string;
  readonly probability?: number;
}

function assign(model: ReadModel, one: Assigned): void {
  model.applyAssignment(
    Assignment.fromPartial({
      glitchId: idOf(one.n),
      familyId: one.familyId,
      modelVersion: one.version,
      membershipProbability: one.probability ?? 1,
      trigger: { ifo: 'H1', label: one.label ?? '' },
    }),
    place,
  );
}

function say(model: ReadModel, n: number, label: string): void {
  const action = { $case: 'label' as const, value: { glitchId: idOf(n), label } };
  model.applyFeedback(Feedback.fromPartial({ by: 'ada', givenAtMs: 7n, action }));
}

const glitch = fc.integer({ min: 0, max: 25 });
const labelText = fc.constantFrom('', 'Blip', 'Koi_Fish', 'Whistle');
const event = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('assign' as const),
      n: glitch,
      familyId: fc.integer({ min: -1, max: 3 }),
      version: fc.integer({ min: 1, max: 4 }),
    }),
  },
  fc.record({ kind: fc.constant('say' as const), n: glitch, label: labelText }),
);
/** The label that came with glitch n. */
const sourceOf = (n: number): string => ['Blip', 'Koi_Fish', ''][n % 3]!;

interface Truth {
  readonly familyId: number;
  readonly version: number;
}

describe('agreement of labels and families', () => {
  it('is the batch definition after every event of any stream, evictions included', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const maxGlitches = 15;
        const model = modelOf({ maxGlitches });
        const assigned = new Map<number, Truth>();
        const said = new Map<number, string>();
        for (const one of events) {
          if (one.kind === 'say') {
            say(model, one.n, one.label);
            said.set(one.n, one.label);
          } else {
            assign(model, { ...one, label: sourceOf(one.n) });
            const held = assigned.get(one.n);
            if (held === undefined && assigned.size === maxGlitches)
              assigned.delete([...assigned.keys()][0]!);
            if (held === undefined || one.version > held.version) assigned.set(one.n, one);
          }
          expectBatch(model, assigned, (n) => said.get(n) || sourceOf(n));
        }
      }),
      { seed: 21, numRuns: 120 },
    );
  });

  it('counts a person’s label before the one that came along, and that again once taken back', () => {
    const model = modelOf();
    say(model, 1, 'Whistle');
    assign(model, { n: 1, familyId: 0, version: 1, label: 'Blip' });
    const labels = (): string[] =>
      reportAgreement(model.agreement, confidence).labels.map(({ label }) => label);
    expect(labels()).toEqual(['Whistle']);
    say(model, 1, 'Koi_Fish');
    expect(labels()).toEqual(['Koi_Fish']);
    say(model, 1, '');
    expect(labels()).toEqual(['Blip']);
    expect(model.personLabels.size).toBe(0);
    expect(model.agreement.names.size).toBe(1);
  });

  it('ranks disagreements by how sure family and membership are', () => {
    const model = modelOf();
    for (let n = 0; n < 18; n++) assign(model, { n, familyId: 0, version: 1, label: 'Blip' });
    assign(model, { n: 20, familyId: 0, version: 1, label: 'Whistle', probability: 0.5 });
    assign(model, { n: 21, familyId: 0, version: 1, label: 'Tomte', probability: 1 });
    assign(model, { n: 22, familyId: 0, version: 1, probability: 0.25 });
    // Not confident: half and half.
    for (let n = 30; n < 36; n++)
      assign(model, { n, familyId: 1, version: 1, label: n % 2 ? 'Blip' : 'Tomte' });
    const report = reportAgreement(model.agreement, confidence);
    const at = (row: number): string => model.glitches.idAt(row);
    const list = listDisagreements(model.agreement, report.families, 10, at);
    expect(report.nDisagreements).toBe(2n);
    expect(list.map(({ glitchId, label, familyLabel }) => [glitchId, label, familyLabel])).toEqual([
      [idOf(21), 'Tomte', 'Blip'],
      [idOf(20), 'Whistle', 'Blip'],
    ]);
    expect(list[1]?.score).toBeCloseTo(0.5 * (17 / 20), 12);
    expect(listDisagreements(model.agreement, report.families, 1, at)).toHaveLength(1);
    const ambiguous = listAmbiguous(model.agreement, 0, 2, at);
    expect(ambiguous.map(({ glitchId }) => glitchId)).toEqual([idOf(22), idOf(20)]);
    say(model, 21, 'Blip');
    expect(reportAgreement(model.agreement, confidence).nDisagreements).toBe(1n);
  });

  it('keeps no more labels than it may', () => {
    const model = modelOf({ maxLabels: 2, maxPersonLabels: 2 });
    for (const n of [1, 2, 3]) assign(model, { n, familyId: 0, version: 1, label: `L${n}` });
    expect(reportAgreement(model.agreement, confidence).nLabelled).toBe(2n);
    for (const n of [1, 2, 3]) say(model, n, 'L1');
    expect([1, 2, 3].map((n) => model.personLabels.of(idOf(n))?.label)).toEqual([
      undefined,
      'L1',
      'L1',
    ]);
    expect(reportAgreement(model.agreement, confidence).labels).toMatchObject([
      { label: 'L1', n: 3n },
    ]);
  });
});

function expectBatch(
  model: ReadModel,
  assigned: ReadonlyMap<number, Truth>,
  labelOf: (n: number) => string,
): void {
  const labelled = [...assigned].filter(([n]) => labelOf(n) !== '');
  const names = [...new Set(labelled.map(([n]) => labelOf(n)))].sort();
  const classes = labelled.map(([n]) => names.indexOf(labelOf(n)));
  const clusters = labelled.map(([, { familyId }]) => familyId);
  const kept = withoutNoise(classes, clusters);
  const report = reportAgreement(model.agreement, confidence);
  expect(report.nLabelled).toBe(BigInt(labelled.length));
  const pairs = [
    [report.withUnassigned, { classes, clusters }],
    [report.inFamilies, kept],
  ] as const;
  for (const [found, batch] of pairs) {
    if (found === undefined) {
      expect(batch.classes).toHaveLength(0);
      continue;
    }
    const { n, ...scores } = found;
    expect(Number(n)).toBe(batch.classes.length);
    const expected = {
      purity: purity(batch.classes, batch.clusters),
      ...vMeasure(batch.classes, batch.clusters),
      adjustedRand: adjustedRand(batch.classes, batch.clusters),
      normalizedMutualInfo: normalizedMutualInfo(batch.classes, batch.clusters),
    };
    for (const [name, value] of Object.entries(expected))
      expect(Math.abs(scores[name as keyof typeof scores] - value), name).toBeLessThan(1e-12);
  }
  const byFamily = new Map(clusterCompositions(classes, clusters).map((c) => [c.cluster, c]));
  expect(report.families).toHaveLength(byFamily.size);
  for (const family of report.families) {
    const batch = byFamily.get(family.familyId)!;
    expect(Number(family.nLabelled)).toBe(batch.size);
    expect(family.purity).toBe(batch.purity);
    expect(Math.abs(family.entropyBits - batch.entropyBits)).toBeLessThan(1e-12);
  }
  const byLabel = new Map(
    clusterCompositions(kept.clusters, kept.classes).map((c) => [names[c.cluster], c]),
  );
  for (const one of report.labels) {
    const batch = byLabel.get(one.label);
    expect(one.nFamilies).toBe(batch?.classes ?? 0);
    expect(one.largestShare).toBe(batch?.purity ?? 0);
    const effective = batch === undefined ? 0 : Math.exp(batch.entropyNats);
    expect(Math.abs(one.effectiveFamilies - effective)).toBeLessThan(1e-9);
  }
}
