import {
  type Family,
  FamilyEvent,
  FamilyEventKind,
  type ListFamiliesResponse,
  type ListFamilyEventsResponse,
  ModelActivated,
  type RenameFamilyResponse,
  topics,
} from '@glitchwatch/proto';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, startBench, until } from './bench.js';
import { assignmentRecord, modelOf } from './messages.js';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

/** Model `version` with families 0 and 1, the first with a default name. */
function namedModel(version: number) {
  const model = modelOf(version);
  const families = model.families.map((family) =>
    family.familyId === 0 ? { ...family, name: 'Blip, 92 %' } : family,
  );
  const value = ModelActivated.encode({ ...model, families }).finish();
  return { topic: topics.models, key: 'model', value };
}

function familyEventRecord(event: Partial<FamilyEvent>) {
  const value = FamilyEvent.encode(FamilyEvent.fromPartial(event)).finish();
  return { topic: topics.families, key: String(event.familyId), value };
}

const startWithModel = () =>
  startBench({}, (log) =>
    log.append([
      namedModel(1),
      assignmentRecord(1, { familyId: 0 }),
      assignmentRecord(2, { familyId: 1 }),
    ]),
  );

function families({ grpc }: Bench): Promise<readonly Family[]> {
  return new Promise((resolve, reject) =>
    grpc.listFamilies(
      {},
      (error: ServiceError | null, { families: found }: ListFamiliesResponse) =>
        error === null ? resolve(found) : reject(error),
    ),
  );
}

async function nameOf(running: Bench, familyId: number): Promise<string | undefined> {
  return (await families(running)).find((family) => family.familyId === familyId)?.name;
}

function rename({ grpc }: Bench, familyId: number, name: string): Promise<Family | undefined> {
  return new Promise((resolve, reject) =>
    grpc.renameFamily(
      { familyId, name },
      (error: ServiceError | null, response: RenameFamilyResponse) =>
        error === null ? resolve(response.family) : reject(error),
    ),
  );
}

function eventsOf({ grpc }: Bench, familyId?: number): Promise<readonly FamilyEvent[]> {
  return new Promise((resolve, reject) =>
    grpc.listFamilyEvents(
      { familyId },
      (error: ServiceError | null, { events }: ListFamilyEventsResponse) =>
        error === null ? resolve(events) : reject(error),
    ),
  );
}

describe('names of families', () => {
  it('are the default ones until a person gives another, and come back for an empty one', async () => {
    bench = await startWithModel();
    const running = bench;
    expect(await nameOf(running, 0)).toBe('Blip, 92 %');
    expect(await nameOf(running, 1)).toBe('Family 1');
    expect(await rename(running, 0, '  Blips with a tail ')).toMatchObject({
      familyId: 0,
      name: 'Blips with a tail',
      nMembers: 1n,
    });
    await until(async () => (await nameOf(running, 0)) === 'Blips with a tail');
    const { families: shown } = await running.json<{ families: { name: string }[] }>(
      '/v1/families',
    );
    expect(shown.map(({ name }) => name).sort()).toEqual(['Blips with a tail', 'Family 1']);

    // A refit brings another default name, which the given one covers.
    await running.log.append([namedModel(2)]);
    await until(async () => (await eventsOf(running)).length === 1);
    expect(await nameOf(running, 0)).toBe('Blips with a tail');
    expect(await rename(running, 0, '')).toMatchObject({ name: 'Blip, 92 %' });
    await until(async () => (await nameOf(running, 0)) === 'Blip, 92 %');
  });

  it('are on the log: a gateway that starts later knows them', async () => {
    const named = familyEventRecord({
      kind: FamilyEventKind.FAMILY_EVENT_KIND_RENAMED,
      familyId: 1,
      name: 'Whistles',
    });
    bench = await startBench({}, (log) => log.append([namedModel(1), named]));
    expect(await nameOf(bench, 1)).toBe('Whistles');
  });

  it('can be given by HTTP', async () => {
    bench = await startWithModel();
    const running = bench;
    const put = (path: string, body: unknown): Promise<Response> =>
      fetch(`${running.service.httpUrl}${path}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const answer = await put('/v1/families/1/name', { name: 'Whistles' });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 200,
      body: { familyId: 1, name: 'Whistles', count: 1 },
    });
    await until(async () => (await nameOf(running, 1)) === 'Whistles');
    expect((await put('/v1/families/9/name', { name: 'x' })).status).toBe(404);
    expect((await put('/v1/families/x/name', { name: 'x' })).status).toBe(400);
    expect((await put('/v1/families/1/name', { title: 'x' })).status).toBe(400);
  });

  it.each([
    ['of an unknown family', 9, 'x', status.NOT_FOUND],
    ['that is too long', 0, 'x'.repeat(81), status.INVALID_ARGUMENT],
    ['of two lines', 0, 'one\ntwo', status.INVALID_ARGUMENT],
  ])('are refused: one %s', async (_, familyId, name, code) => {
    bench = await startWithModel();
    await expect(rename(bench, familyId, name)).rejects.toMatchObject({ code });
    expect(await eventsOf(bench)).toEqual([]);
  });
});

describe('ListFamilyEvents', () => {
  it('tells what became of a family, those that it took up included', async () => {
    const events = [
      { kind: FamilyEventKind.FAMILY_EVENT_KIND_BORN, familyId: 0 },
      { kind: FamilyEventKind.FAMILY_EVENT_KIND_BORN, familyId: 1 },
      { kind: FamilyEventKind.FAMILY_EVENT_KIND_MERGED_INTO, familyId: 2, otherFamilyId: 0 },
    ];
    bench = await startBench({}, (log) => log.append(events.map(familyEventRecord)));
    expect((await eventsOf(bench)).map(({ familyId }) => familyId)).toEqual([0, 1, 2]);
    expect((await eventsOf(bench, 0)).map(({ familyId }) => familyId)).toEqual([0, 2]);
  });
});
