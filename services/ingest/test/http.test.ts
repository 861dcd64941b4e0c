import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { INGEST_DEAD_LETTER_TOPIC } from '../src/dead-letter.js';
import {
  type Bench,
  gridMessage,
  pngHeader,
  pngOf,
  startBench,
  temporaryFolder,
} from './harness.js';

let folder: { dir: string; remove(): Promise<void> };
let bench: Bench;

async function open(http: object = {}): Promise<void> {
  bench = await startBench({ dir: folder.dir, config: { grpc: { enabled: false }, http } });
}
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await bench.close();
  await folder.remove();
});

interface Answer {
  status: number;
  retryAfter: string | null;
  body: Record<string, unknown> & { items?: Record<string, unknown>[] };
}

async function post(body: unknown): Promise<Answer> {
  const response = await fetch(`${bench.service.httpUrl}/v1/triggers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Answer['body'],
  };
}

function gridJson(seed: number, windowSec: number) {
  const { nFrequency, nTime, data } = gridMessage(seed, windowSec);
  return { windowSec, nFrequency, nTime, data: data.toString('base64') };
}

const item = (seed: number) => ({
  ifo: 'V1',
  peakGpsNs: `112625946200000${seed}123`,
  channel: 'V1:Hrec',
  snr: 11.5,
  grids: [gridJson(seed, 1)],
});

describe('POST /v1/triggers', () => {
  it('takes one trigger with a picture', async () => {
    await open();
    const png = (await pngOf(1)).toString('base64');
    const { status, body } = await post({
      ...item(1),
      grids: [],
      images: [{ windowSec: 0.5, png, origin: 'camera' }],
      extra: { run: 'O4' },
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, duplicates: 0, rejected: 0 });
    const [glitch] = await bench.glitches();
    expect(glitch?.trigger).toMatchObject({
      glitchId: body.items?.[0]?.glitchId,
      peakGpsNs: 1126259462000001123n,
      source: 'http',
      snr: 11.5,
      extra: { run: 'O4' },
    });
    expect(glitch?.windows[0]).toMatchObject({ windowSec: 0.5, origin: 'camera' });
  });

  it('answers for each item of a list', async () => {
    await open();
    const { status, body } = await post([item(1), { ...item(2), ifo: 'Z9' }, item(1), item(3)]);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 2, duplicates: 1, rejected: 1 });
    expect(body.items?.[1]).toMatchObject({
      index: 1,
      status: 'rejected',
      code: 'unknown_detector',
      message: expect.stringContaining('Z9'),
    });
    expect(body.items?.filter((one) => one.status === 'duplicate')).toHaveLength(1);
    expect(await bench.glitches()).toHaveLength(2);
  });

  const bomb = pngHeader(20_000, 20_000).toString('base64');
  it.each([
    ['a negative SNR', { ...item(1), snr: -2 }, 'bad_field', /snr.*-2/],
    ['no identity', { ...item(1), peakGpsNs: undefined }, 'missing_identity', /peakGpsNs/],
    ['a time as a number', { ...item(1), peakGpsNs: 1126259462 }, 'bad_request', /peakGpsNs/],
    ['an unknown field', { ...item(1), snrr: 1 }, 'bad_request', /snrr/],
    [
      'broken base64',
      { ...item(1), grids: [{ ...gridJson(1, 1), data: '*' }] },
      'bad_request',
      /grids\.0\.data/,
    ],
    [
      'a damaged grid',
      { ...item(1), grids: [{ ...gridJson(1, 1), data: 'AAAA' }] },
      'bad_grid',
      /1 s grid/,
    ],
    [
      'a bomb',
      { ...item(1), grids: [], images: [{ windowSec: 1, png: bomb }] },
      'bad_picture',
      /20000 x 20000/,
    ],
    ['no windows', { ...item(1), grids: [] }, 'missing_window', /at least one window/],
    ['no object', 'hello', 'bad_request', /Not a trigger/],
  ])('refuses %s with 400, counts it and keeps it', async (_what, body, code, message) => {
    await open();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(message),
      items: [{ status: 'rejected', code }],
    });
    expect(await bench.glitches()).toEqual([]);
    expect(await bench.metric(`glitchwatch_ingest_errors_total{code="${code}"}`)).toBe(1);
    const [letter] = await bench.records(INGEST_DEAD_LETTER_TOPIC);
    expect(letter?.headers).toMatchObject({
      'error-code': code,
      origin: expect.stringContaining('http 127.0.0.1'),
    });
  });

  it('refuses a body over the limit', async () => {
    await open({ bodyLimitBytes: 1000 });
    const { status, body } = await post({ ...item(1), label: 'x'.repeat(2000) });
    expect(status).toBe(413);
    expect(body.code).toBe('too_large');
  });

  it('takes only so many requests in hand, before their bodies', async () => {
    await open({ maxInFlight: 1 });
    const url = new URL(`${bench.service.httpUrl}/v1/triggers`);
    const slow = httpRequest(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '1000' },
    });
    slow.on('error', () => undefined);
    slow.write('{');
    await vi.waitFor(async () => expect((await post(item(1))).status).toBe(503));
    slow.destroy();
    await vi.waitFor(async () => expect((await post(item(1))).status).toBe(202));
  });

  it('slows a sender down who sends too much', async () => {
    await open({ rateLimit: { perSecond: 0.1, burst: 2 } });
    expect((await post([item(1), item(2)])).status).toBe(202);
    const { status, body, retryAfter } = await post(item(3));
    expect(status).toBe(429);
    expect(body.code).toBe('rate_limited');
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(9);
    expect(await bench.glitches()).toHaveLength(2);
  });
});
