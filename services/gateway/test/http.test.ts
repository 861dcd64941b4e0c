import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, startBench, until } from './bench.js';
import { alertRecord, assignmentRecord, glitchRecord, idOf, modelRecord } from './messages.js';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

interface StatusBody {
  readonly caughtUp: boolean;
  readonly model: { readonly modelVersion: number } | null;
  readonly nGlitches: number;
  readonly nAssigned: number;
  readonly nWaiting: number;
  readonly nUnassigned: number;
  readonly nOpenAlerts: number;
  readonly glitchesPerMinute: number;
  readonly minFitGlitches: number;
}

describe('GET /v1/status', () => {
  it('says how far the first map is before there is a model', async () => {
    bench = await startBench({ minFitGlitches: 50 }, (log) =>
      log.append([glitchRecord(1), glitchRecord(2), glitchRecord(2)]),
    );
    expect(await bench.json<StatusBody>('/v1/status')).toMatchObject({
      caughtUp: true,
      model: null,
      nGlitches: 2,
      nAssigned: 0,
      nWaiting: 2,
      glitchesPerMinute: 2,
      minFitGlitches: 50,
    });
  });

  it('counts from the log, old and new alike, with duplicates left out', async () => {
    bench = await startBench({}, (log) =>
      log.append([
        glitchRecord(1),
        assignmentRecord(1),
        modelRecord(1),
        assignmentRecord(1),
        alertRecord(1),
      ]),
    );
    await bench.log.append([glitchRecord(2), assignmentRecord(2, { familyId: -1 })]);
    const { json } = bench;
    await until(async () => (await json<StatusBody>('/v1/status')).nAssigned === 2);
    expect(await json<StatusBody>('/v1/status')).toMatchObject({
      model: { modelVersion: 1 },
      nGlitches: 2,
      nUnassigned: 1,
      nOpenAlerts: 1,
    });
  });
});

describe('GET /v1/families', () => {
  it('follows a refit: glitches leave the family that they were in', async () => {
    bench = await startBench({}, (log) =>
      log.append([
        assignmentRecord(1, { familyId: 0 }),
        assignmentRecord(2, { familyId: 0 }),
        modelRecord(1),
        assignmentRecord(1, { familyId: 1, version: 2 }),
        assignmentRecord(2, { familyId: 0, version: 1 }),
        modelRecord(2),
      ]),
    );
    const body = await bench.json<{
      families: { familyId: number; count: number; byIfo: object }[];
    }>('/v1/families');
    expect(body.families.map(({ familyId, count }) => [familyId, count])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(body.families[1]?.byIfo).toEqual({ L1: 1 });
  });
});

describe('GET /v1/glitches/:id', () => {
  it('gives trigger, windows, assignment and neighbours', async () => {
    bench = await startBench({}, (log) => log.append([glitchRecord(3), assignmentRecord(3)]));
    expect(await bench.json(`/v1/glitches/${idOf(3)}`)).toMatchObject({
      glitchId: idOf(3),
      trigger: { ifo: 'L1', snr: 11, peakGpsNs: '1400000003000000000' },
      windows: [0.5, 2],
      assignment: { familyId: 0, x: 3, neighbours: [{ glitchId: idOf(4), distance: 0.01 }] },
    });
  });

  it('says which glitch it does not know', async () => {
    bench = await startBench();
    const response = await bench.get(`/v1/glitches/${idOf(9)}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'unknown_glitch',
      message: expect.stringContaining(idOf(9)),
    });
  });
});

describe('GET /v1/glitches/:id/windows/:sec.png', () => {
  it('draws once, then answers from the cache and by ETag', async () => {
    bench = await startBench({}, (log) => log.append([glitchRecord(3)]));
    const path = `/v1/glitches/${idOf(3)}/windows/0.5.png?size=64`;
    const first = await bench.get(path);
    expect(first.headers.get('content-type')).toBe('image/png');
    const png = Buffer.from(await first.arrayBuffer());
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 64]);
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${bench.service.httpUrl}${path}`, {
      headers: { 'if-none-match': etag },
    });
    expect(again.status).toBe(304);
    expect(await bench.metric('glitchwatch_gateway_pictures_total{outcome="drawn"}')).toBe(1);
    expect(await bench.metric('glitchwatch_gateway_pictures_total{outcome="cached"}')).toBe(1);
  });

  it('draws one picture for many who ask at once', async () => {
    bench = await startBench({ maxConcurrentPictures: 1 }, (log) => log.append([glitchRecord(3)]));
    const { get } = bench;
    const path = `/v1/glitches/${idOf(3)}/windows/preview.png`;
    const bodies = await Promise.all(
      [1, 2, 3].map(async () => Buffer.from(await (await get(path)).arrayBuffer())),
    );
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
  });

  it.each([
    ['windows/4.png', 404, 'unknown_window', 'it has 0.5, 2'],
    ['windows/x.png', 400, 'invalid_argument', 'found "x"'],
    ['windows/2.png?size=9999', 400, 'invalid_argument', 'found "9999"'],
  ])('refuses %s with a reason', async (path, status, code, words) => {
    bench = await startBench({}, (log) => log.append([glitchRecord(3)]));
    const response = await bench.get(`/v1/glitches/${idOf(3)}/${path}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, message: expect.stringContaining(words) });
  });
});

describe('GET /v1/map', () => {
  it('gives the same points as JSON and as bytes', async () => {
    bench = await startBench({}, (log) =>
      log.append([assignmentRecord(1), assignmentRecord(2, { familyId: -1 }), modelRecord(1)]),
    );
    const map = await bench.json<{ glitchIds: string[]; x: number[]; familyIds: number[] }>(
      '/v1/map',
    );
    expect(new Set(map.glitchIds)).toEqual(new Set([idOf(1), idOf(2)]));
    const bytes = Buffer.from(await (await bench.get('/v1/map?format=binary')).arrayBuffer());
    expect(bytes.toString('latin1', 0, 4)).toBe('GWM1');
    const headLength = bytes.readUInt32LE(4);
    const head = JSON.parse(bytes.toString('latin1', 8, 8 + headLength)) as { n: number };
    expect(head).toMatchObject({ n: 2, modelVersion: 1, cursor: expect.any(String) });
    const start = 8 + headLength;
    expect([bytes.readFloatLE(start), bytes.readFloatLE(start + 4)]).toEqual(map.x);
    expect([bytes.readInt32LE(start + 16), bytes.readInt32LE(start + 20)]).toEqual(map.familyIds);
    expect(bytes.toString('hex', start + 24, start + 40)).toBe(map.glitchIds[0]);
  });
});

describe('every answer', () => {
  it('forbids inline scripts and sniffing', async () => {
    bench = await startBench();
    const { headers } = await bench.get('/v1/status');
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is measured', async () => {
    bench = await startBench();
    await (await bench.get('/v1/status')).text();
    const line = 'glitchwatch_gateway_request_seconds_count{route="/v1/status",status="200"}';
    const { metric } = bench;
    await until(async () => (await metric(line)) === 1);
    expect((await bench.get('/readyz')).status).toBe(200);
    expect(await (await bench.get('/metrics')).text()).toContain(line);
  });
});

describe('a bad record', () => {
  it('is counted and skipped; the next one is read', async () => {
    bench = await startBench({}, (log) =>
      log.append([
        { topic: 'glitch.assignments', key: 'x', value: Buffer.from([0xff, 0xff, 0xff]) },
        { topic: 'glitch.triggers', key: 'no id', value: Buffer.from('?') },
        assignmentRecord(1),
      ]),
    );
    expect(await bench.json<StatusBody>('/v1/status')).toMatchObject({ nAssigned: 1 });
    expect(await bench.metric('glitchwatch_gateway_errors_total{code="bad_message"}')).toBe(2);
  });
});

describe('the read model', () => {
  it('is bounded: the oldest glitch leaves', async () => {
    bench = await startBench({ maxGlitches: 3 }, async (log) => {
      for (let n = 0; n < 5; n++) await log.append([assignmentRecord(n, { ifo: 'H1' })]);
    });
    await bench.log.append([modelRecord(1)]);
    const { json } = bench;
    await until(async () => (await json<StatusBody>('/v1/status')).model !== null);
    expect(await json<StatusBody>('/v1/status')).toMatchObject({ nGlitches: 3, nAssigned: 3 });
    const { families } = await json<{ families: { count: number }[] }>('/v1/families');
    expect(families[0]?.count).toBe(3);
  });
});

describe('the explorer', () => {
  it('is optional: where it is not built, the API still answers', async () => {
    bench = await startBench({ explorerDir: '/nowhere/dist' });
    expect((await bench.get('/')).status).toBe(404);
    expect((await bench.get('/v1/status')).status).toBe(200);
  });
});
