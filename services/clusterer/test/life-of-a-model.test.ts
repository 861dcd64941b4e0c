import {
  type Alert,
  AlertState,
  type Assignment,
  AssignmentOrigin,
  FamilyEventKind,
} from '@glitchwatch/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blobs, glitchRecord, type TestGlitch } from './blobs.js';
import {
  openPorts,
  type Ports,
  type RunningClusterer,
  readAlerts,
  readAssignments,
  readFamilyEvents,
  readModels,
  repeatedAssignments,
  startClusterer,
  temporaryFolder,
  until,
  watched,
} from './harness.js';

const N_BLOBS = 6;
const NEW_BLOB = 6;

/** One story, told in order: each step builds on the one before. */
describe('the life of a model', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let ports: Ports;
  let clusterer: RunningClusterer;
  const blobs = new Blobs({ seed: 7 });
  const sent: TestGlitch[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    ports = await openPorts(folder.dir);
    clusterer = await startClusterer(ports, { minFit: 300, refitEveryCount: 10_000 });
  });

  afterAll(async () => {
    await clusterer.service.stop();
    await ports.close();
    await folder.remove();
  });

  const send = async (count: number, blobOf: (i: number) => number): Promise<TestGlitch[]> => {
    const glitches = Array.from({ length: count }, (_, i) => {
      const blob = blobOf(i);
      return glitchRecord(sent.length + i, blob, blobs.draw(blob));
    });
    await ports.log.append(glitches.map(({ record }) => record));
    sent.push(...glitches);
    return glitches;
  };

  const assignmentsOf = async (
    glitches: readonly TestGlitch[],
    modelVersion: number,
  ): Promise<Map<string, Assignment>> => {
    const wanted = new Set(glitches.map(({ glitchId }) => glitchId));
    return await until(`${wanted.size} assignments under model ${modelVersion}`, async () => {
      const found = (await readAssignments(ports.log)).filter(
        (one) => one.modelVersion === modelVersion && wanted.has(one.glitchId),
      );
      return found.length >= wanted.size && new Map(found.map((one) => [one.glitchId, one]));
    });
  };

  /** What the watch says once it has seen every assignment. */
  const alertsByNow = async (): Promise<Alert[]> => {
    await watched(ports.log);
    return await readAlerts(ports.log);
  };

  let familyOfBlob: Map<number, number>;

  it('fits at minFit and assigns every member of the reference', async () => {
    const glitches = await send(300, (i) => i % N_BLOBS);
    const assignments = await assignmentsOf(glitches, 1);
    familyOfBlob = majorityFamilies(glitches, assignments);
    expect(new Set(familyOfBlob.values()).size).toBe(N_BLOBS);
    expect([...familyOfBlob.values()]).not.toContain(-1);
    for (const one of assignments.values()) {
      expect(one.origin).toBe(AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE);
      expect(one.neighbours).toHaveLength(5);
      expect(one.neighbours.map(({ glitchId }) => glitchId)).not.toContain(one.glitchId);
    }
    const [model] = await readModels(ports.log);
    expect(model).toMatchObject({ modelVersion: 1, nReference: 300n, dimension: 32 });
    expect(model?.families).toHaveLength(N_BLOBS);
    const family = model?.families.find(({ familyId }) => familyId === familyOfBlob.get(2));
    expect(family?.membersByLabel['blob-2']).toBeGreaterThanOrEqual(45n);
    expect(family?.medianPeakFrequencyHz).toBeCloseTo(303, -1);
    expect(family?.exemplarGlitchIds).toHaveLength(5);
    expect(family?.name).toMatch(/^blob-2, \d+ %$/);
    const events = await until('what became of the families', async () => {
      const told = await readFamilyEvents(ports.log);
      return told.length >= N_BLOBS && told;
    });
    expect(events).toHaveLength(N_BLOBS);
    for (const { kind, modelVersion } of events) {
      expect(kind).toBe(FamilyEventKind.FAMILY_EVENT_KIND_BORN);
      expect(modelVersion).toBe(1);
    }
  });

  it('assigns live glitches to the family of their blob', async () => {
    const glitches = await send(60, (i) => i % N_BLOBS);
    const assignments = await assignmentsOf(glitches, 1);
    const right = glitches.filter(
      ({ glitchId, blob }) => assignments.get(glitchId)?.familyId === familyOfBlob.get(blob),
    );
    expect(right.length).toBeGreaterThanOrEqual(57);
    for (const one of assignments.values()) {
      expect(one.origin).toBe(AssignmentOrigin.ASSIGNMENT_ORIGIN_LIVE);
      expect(one.noveltyPValue).toBeGreaterThan(0);
      expect(one.noveltyPValue).toBeLessThanOrEqual(1);
    }
    expect(await alertsByNow()).toEqual([]);
  });

  let members: TestGlitch[];
  let alertId: string;
  let revision: number;

  it('raises one alert for a new blob and updates it as members come', async () => {
    members = await send(8, () => NEW_BLOB);
    const assignments = await assignmentsOf(members, 1);
    for (const { glitchId } of members) {
      expect(assignments.get(glitchId)?.familyId).toBe(-1);
      expect(assignments.get(glitchId)?.noveltyPValue).toBeLessThan(0.01);
    }
    const alerts = await alertsByNow();
    // Partitions take turns, so how many have come when the group first hangs together varies.
    expect(alerts[0]?.state).toBe(AlertState.ALERT_STATE_OPEN);
    expect(Number(alerts[0]?.count)).toBeGreaterThanOrEqual(3);
    expect(alerts.map(({ revision }) => revision)).toEqual(alerts.map((_, i) => i + 1));
    expect(alerts.slice(1).map(({ state }) => state)).toEqual(
      alerts.slice(1).map(() => AlertState.ALERT_STATE_UPDATED),
    );
    expect(new Set(alerts.map((alert) => alert.alertId)).size).toBe(1);
    const last = alerts.at(-1) as Alert;
    alertId = last.alertId;
    revision = last.revision;
    expect([...last.memberGlitchIds].sort()).toEqual(
      members.map(({ glitchId }) => glitchId).sort(),
    );
    expect(last.membersByIfo).toEqual({ H1: 4n, L1: 4n });
    expect(last.peakFrequencyHz?.median).toBeCloseTo(703, -1);
    expect(last.nearestFamilies[0]?.distance).toBeGreaterThan(0.3);
    expect(last.summary).toMatch(
      /^8 glitches unlike any family, around 70\d Hz, in H1 and L1 since 2023-11-14 22:1\d UTC; nearest family \d \(distance 0\.\d\d\)$/,
    );
  });

  it('keeps the alert, its members and the model across a restart', async () => {
    await clusterer.service.stop();
    await ports.close();
    ports = await openPorts(folder.dir);
    clusterer = await startClusterer(ports, { minFit: 300, refitEveryCount: 10_000 });
    expect(clusterer.service.status()).toMatchObject({
      knownGlitches: sent.length,
      modelVersion: 1,
      nFamilies: N_BLOBS,
      openAlerts: 1,
      newSinceFit: 68,
    });
    const joined = await send(1, () => NEW_BLOB);
    await assignmentsOf(joined, 1);
    members.push(...joined);
    const last = (await alertsByNow()).at(-1);
    expect(last).toMatchObject({ alertId, revision: revision + 1, count: 9n });
  });

  it('resolves the alert by the new family at a refit and keeps family ids', async () => {
    const report = await clusterer.service.fitNow();
    expect(report).toMatchObject({ modelVersion: 2, nReference: sent.length, nFamilies: 7 });
    const assignments = await assignmentsOf(sent, 2);
    const families = majorityFamilies(sent, assignments);
    for (const [blob, familyId] of familyOfBlob) expect(families.get(blob)).toBe(familyId);
    const newFamily = families.get(NEW_BLOB);
    expect(newFamily).toBe(Math.max(...familyOfBlob.values()) + 1);
    const alerts = await alertsByNow();
    expect(new Set(alerts.map((alert) => alert.alertId)).size).toBe(1);
    expect(alerts.at(-1)).toMatchObject({
      alertId,
      state: AlertState.ALERT_STATE_RESOLVED,
      resolvedFamilyId: newFamily,
      modelVersion: 2,
    });
    expect((await readModels(ports.log)).map(({ modelVersion }) => modelVersion)).toContain(2);
  });

  it('revises the assignments of glitches whose family changed, and of no others', async () => {
    const [first, second] = await Promise.all([assignmentsOf(sent, 1), assignmentsOf(sent, 2)]);
    const moved = sent.filter(
      ({ glitchId }) => first.get(glitchId)?.familyId !== second.get(glitchId)?.familyId,
    );
    // The new kind at least: it was in no family before.
    expect(moved.length).toBeGreaterThanOrEqual(members.length);
    const changed = new Set(moved.map(({ glitchId }) => glitchId));
    for (const { glitchId } of sent)
      expect(second.get(glitchId)?.previousFamilyId).toBe(
        changed.has(glitchId) ? first.get(glitchId)?.familyId : undefined,
      );
  });

  it('assigns later members of the blob to its family and raises nothing more', async () => {
    const before = (await alertsByNow()).length;
    const glitches = await send(6, () => NEW_BLOB);
    const assignments = await assignmentsOf(glitches, 2);
    const inFamily = [...assignments.values()].filter(
      ({ familyId }) => familyId === Math.max(...familyOfBlob.values()) + 1,
    );
    // A family of nine is sparse: some of its next members lie further out than 99 % of all.
    expect(inFamily.length).toBeGreaterThanOrEqual(4);
    expect(await alertsByNow()).toHaveLength(before);
  });

  it('gave every glitch exactly one assignment per model version', async () => {
    const assignments = await readAssignments(ports.log);
    expect(repeatedAssignments(assignments)).toEqual([]);
    const underFirst = assignments.filter(({ modelVersion }) => modelVersion === 1);
    expect(underFirst).toHaveLength(300 + 60 + 9);
    const underSecond = assignments.filter(({ modelVersion }) => modelVersion === 2);
    expect(underSecond).toHaveLength(sent.length);
  });

  it('counts what it did', async () => {
    const text = await clusterer.metrics();
    expect(text).toContain('glitchwatch_clusterer_model_version 2');
    expect(text).toContain('glitchwatch_clusterer_families 7');
    expect(text).toMatch(
      /glitchwatch_clusterer_alerts_total\{state="resolved",kind="emergent-family",historical="true"\} 1/,
    );
    expect(text).toMatch(/glitchwatch_end_to_end_seconds_count \d+/);
  });

  it('tells on the log what the refit made of the families, once across restarts', async () => {
    const told = async (): Promise<string[]> =>
      (await readFamilyEvents(ports.log))
        .filter(({ modelVersion }) => modelVersion === 2)
        .map(({ familyId, kind }) => `${familyId} ${FamilyEventKind[kind]}`);
    const newFamily = Math.max(...familyOfBlob.values()) + 1;
    const before = await told();
    expect(before).toContain(`${newFamily} FAMILY_EVENT_KIND_BORN`);
    const [, model] = await readModels(ports.log);
    expect(before).toHaveLength(model?.familyEvents.length ?? 0);
    expect(model?.nextFamilyId).toBe(newFamily + 1);
    await clusterer.service.stop();
    clusterer = await startClusterer(ports, { minFit: 300, refitEveryCount: 10_000 });
    expect(await told()).toEqual(before);
  });
});

function majorityFamilies(
  glitches: readonly TestGlitch[],
  assignments: ReadonlyMap<string, Assignment>,
): Map<number, number> {
  const result = new Map<number, number>();
  for (const blob of new Set(glitches.map((glitch) => glitch.blob))) {
    const counts = new Map<number, number>();
    for (const { glitchId } of glitches.filter((glitch) => glitch.blob === blob)) {
      const familyId = assignments.get(glitchId)!.familyId;
      counts.set(familyId, (counts.get(familyId) ?? 0) + 1);
    }
    result.set(blob, [...counts].sort((a, b) => b[1] - a[1])[0]![0]);
  }
  return result;
}
