import {
  IngestServiceClient,
  SubmitTriggersRequest,
  type SubmitTriggersResponse,
} from '@glitchwatch/proto';
import { credentials, status } from '@grpc/grpc-js';
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
let client: IngestServiceClient;

async function open(grpc: object = {}): Promise<void> {
  bench = await startBench({
    dir: folder.dir,
    config: { http: { enabled: false }, grpc, maxDeadLetterBytes: 4096 },
  });
  client = new IngestServiceClient(bench.service.grpcAddress ?? '', credentials.createInsecure());
}

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  client.close();
  await bench.close();
  await folder.remove();
});

type Partial = Parameters<typeof SubmitTriggersRequest.fromPartial>[0];

function send(requests: readonly Partial[]): Promise<SubmitTriggersResponse> {
  return new Promise((resolve, reject) => {
    const call = client.submitTriggers((error, response) =>
      error === null ? resolve(response) : reject(error),
    );
    for (const request of requests) call.write(SubmitTriggersRequest.fromPartial(request));
    call.end();
  });
}

const trigger = (seed: number) => ({ ifo: 'L1', externalId: `id${seed}`, snr: 9 });

describe('SubmitTriggers', () => {
  it('takes pictures and grids, refuses what is bad by index, and recognises what it has', async () => {
    await open();
    const image = { windowSec: 1, png: await pngOf(1), origin: 'https://example.org/1.png' };
    const requests: Partial[] = [
      { trigger: trigger(0), images: [image] },
      { trigger: trigger(1), grids: [gridMessage(1, 4), gridMessage(2, 0.5)] },
      { trigger: { ...trigger(2), ifo: 'Q7' }, grids: [gridMessage(1, 1)] },
      { trigger: { ...trigger(3), snr: Number.NaN }, grids: [gridMessage(1, 1)] },
      { trigger: trigger(4), images: [{ ...image, png: pngHeader(20_000, 20_000) }] },
      { trigger: trigger(5), images: [image], grids: [gridMessage(1, 1)] },
      { trigger: trigger(6) },
      {},
      { trigger: trigger(8), images: [{ ...image, windowSec: 2 }], grids: [gridMessage(1, 1)] },
    ];
    const response = await send(requests);
    expect(response).toMatchObject({ accepted: 3n, duplicates: 0n });
    expect(response.rejected.map(({ index, code }) => [index, code])).toEqual([
      [2n, 'unknown_detector'],
      [3n, 'bad_field'],
      [4n, 'bad_picture'],
      [5n, 'duplicate_window'],
      [6n, 'missing_window'],
      [7n, 'bad_request'],
    ]);
    const stored = await bench.glitches();
    expect(stored.map(({ trigger: t }) => t?.glitchId).sort()).toEqual(
      [...response.glitchIds].sort(),
    );
    const second = stored.find(({ trigger: t }) => t?.externalId === 'id1');
    expect(second?.windows.map(({ windowSec }) => windowSec)).toEqual([0.5, 4]);
    expect(second?.trigger?.source).toBe('grpc');

    const again = await send(requests.slice(0, 2));
    expect(again).toMatchObject({ accepted: 0n, duplicates: 2n, rejected: [] });
    expect(again.glitchIds).toEqual(response.glitchIds.slice(0, 2));
    expect(await bench.glitches()).toHaveLength(3);
  });

  it('keeps what it refused as dead letters of bounded size', async () => {
    await open();
    const random = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251));
    await send([
      { trigger: { ...trigger(0), snr: -1 }, grids: [gridMessage(1, 1)] },
      { trigger: trigger(1), images: [{ windowSec: 1, png: random, origin: 'x' }] },
    ]);
    const letters = await bench.records(INGEST_DEAD_LETTER_TOPIC);
    expect(letters).toHaveLength(2);
    const byCode = new Map(letters.map((letter) => [letter.headers['error-code'], letter]));
    const small = byCode.get('bad_field');
    expect(small?.headers).toMatchObject({
      schema: 'glitchwatch.v1.SubmitTriggersRequest',
      'error-message': expect.stringContaining('snr'),
      origin: expect.stringMatching(/^grpc .*127\.0\.0\.1/),
    });
    const decoded = SubmitTriggersRequest.decode(small?.value ?? new Uint8Array());
    expect(decoded.trigger).toMatchObject({ externalId: 'id0', snr: -1 });
    expect(decoded.grids[0]?.data.length).toBeGreaterThan(100);
    const large = byCode.get('bad_picture');
    expect(large?.headers.truncated).toBe('true');
    expect(large?.value.length).toBeLessThan(200);
    expect(await bench.metric('glitchwatch_ingest_errors_total{code="bad_picture"}')).toBe(1);
  });

  it('refuses a message over the limit, keeps what came before it, and goes on', async () => {
    await open({ maxMessageBytes: 100_000, maxInFlight: 2 });
    const large = { windowSec: 1, png: Buffer.alloc(200_000), origin: '' };
    const failed = send([
      { trigger: trigger(0), grids: [gridMessage(0, 1)] },
      { trigger: trigger(1), images: [large] },
    ]);
    await expect(failed).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    const again = await send([{ trigger: trigger(0), grids: [gridMessage(0, 1)] }]);
    expect(again.accepted + again.duplicates).toBe(1n);
  });

  it('takes thousands in one stream, a few at a time', { timeout: 60_000 }, async () => {
    await open({ maxInFlight: 8 });
    const grids = [gridMessage(1, 1)];
    const requests = Array.from({ length: 2000 }, (_, i) => ({ trigger: trigger(i), grids }));
    const response = await send(requests);
    expect(response).toMatchObject({ accepted: 2000n, rejected: [] });
    expect(await bench.glitches()).toHaveLength(2000);
  });

  it('bounds a stream', async () => {
    await open({ maxPerStream: 3 });
    const grids = [gridMessage(1, 1)];
    const requests = Array.from({ length: 5 }, (_, i) => ({ trigger: trigger(i), grids }));
    await expect(send(requests)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect((await send(requests.slice(3))).glitchIds).toHaveLength(2);
  });

  it('bounds the streams that are open at once', async () => {
    await open({ maxStreams: 1 });
    const first = client.submitTriggers(() => undefined);
    first.on('error', () => undefined);
    const grids = [gridMessage(0, 1)];
    first.write(SubmitTriggersRequest.fromPartial({ trigger: trigger(0), grids }));
    await vi.waitFor(async () => expect(await bench.glitches()).toHaveLength(1), 10_000);
    await expect(send([{ trigger: trigger(1), grids }])).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
    first.end();
    await vi.waitFor(async () => {
      expect((await send([{ trigger: trigger(1), grids }])).glitchIds).toHaveLength(1);
    }, 10_000);
  });

  it('outlives a sender that cancels, and keeps what it had taken', async () => {
    await open();
    const call = client.submitTriggers(() => undefined);
    call.on('error', () => undefined);
    call.write(
      SubmitTriggersRequest.fromPartial({ trigger: trigger(0), grids: [gridMessage(0, 1)] }),
    );
    await vi.waitFor(async () => expect(await bench.glitches()).toHaveLength(1), 10_000);
    call.cancel();
    const after = await send([{ trigger: trigger(0), grids: [gridMessage(0, 1)] }]);
    expect(after.duplicates).toBe(1n);
    await bench.service.stop();
  });
});
