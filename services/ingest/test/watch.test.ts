import { mkdir, open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IngestReport } from '../src/images/report.js';
import { type Bench, pngOf, put, startBench, temporaryFolder } from './harness.js';

let folder: { dir: string; remove(): Promise<void> };
let bench: Bench;
let pictures = '';

beforeEach(async () => {
  folder = await temporaryFolder();
  pictures = join(folder.dir, 'pictures');
  await mkdir(pictures);
});
afterEach(async () => {
  await bench.close();
  await folder.remove();
});

async function watch(images: object): Promise<{ stop(): Promise<IngestReport> }> {
  bench = await startBench({
    dir: folder.dir,
    config: {
      http: { enabled: false },
      grpc: { enabled: false },
      images: { writeFinishMs: 100, ...images },
    },
  });
  const stop = new AbortController();
  const done = bench.service.ingestImages({ dir: pictures, watch: true, signal: stop.signal });
  return {
    stop() {
      stop.abort();
      return done;
    },
  };
}

const name = (id: string, windowSec: string): string => `L1_${id}_spectrogram_${windowSec}.png`;
const allWindows = ['0.5', '1.0', '2.0', '4.0'];

function untilStored(count: number): Promise<void> {
  return vi.waitFor(async () => expect(await bench.glitches()).toHaveLength(count), {
    timeout: 15_000,
    interval: 50,
  });
}

describe('ingestImages with watch', { timeout: 60_000 }, () => {
  it('waits for windows that come apart, and takes an incomplete glitch after the settle time', async () => {
    const picture = await pngOf(1);
    await put(pictures, name('before', '1.0'), picture);
    const watching = await watch({ settleMs: 700, maxWaitMs: 60_000 });
    await untilStored(1);
    for (const windowSec of allWindows)
      await put(pictures, `sub/${name('whole', windowSec)}`, picture);
    await put(pictures, name('part', '2.0'), picture);
    await untilStored(3);
    const windows = new Map(
      (await bench.glitches()).map(({ trigger, windows: list }) => [
        trigger?.externalId,
        list.length,
      ]),
    );
    expect(windows).toEqual(
      new Map([
        ['before', 1],
        ['whole', 4],
        ['part', 1],
      ]),
    );

    const late = await put(pictures, name('part', '4.0'), picture);
    await vi.waitFor(
      async () =>
        expect(await bench.metric('glitchwatch_ingest_errors_total{code="late_window"}')).toBe(1),
      { timeout: 15_000 },
    );
    const report = await watching.stop();
    expect(report).toMatchObject({ accepted: 3, stopped: true, glitchesFound: 3 });
    expect(report.warnings).toMatchObject([{ code: 'late_window', file: late }]);
  });

  it('takes a file in the end, however slowly it is written', async () => {
    const watching = await watch({ settleMs: 200, writeFinishMs: 400, maxWaitMs: 60_000 });
    const picture = await pngOf(1);
    await put(pictures, name('done', '1.0'), picture);
    const file = await openFile(join(pictures, name('slow', '1.0')), 'w');
    const half = Math.floor(picture.length / 2);
    await file.write(picture.subarray(0, half));
    await untilStored(1);
    await file.write(picture.subarray(half));
    await file.close();
    await untilStored(2);
    expect(await watching.stop()).toMatchObject({ accepted: 2, warningCount: 0 });
  });

  it('ingests what it had gathered when it is stopped', async () => {
    await put(pictures, name('fresh', '1.0'), await pngOf(1));
    const watching = await watch({ settleMs: 60_000, maxWaitMs: 60_000 });
    await put(pictures, name('fresher', '1.0'), await pngOf(2));
    await vi.waitFor(async () => expect((await bench.service.readiness()).ready).toBe(true));
    const report = await watching.stop();
    expect(report.rejectedCount).toBe(0);
    expect(await bench.glitches()).toHaveLength(report.accepted);
    expect(report.accepted).toBeGreaterThanOrEqual(1);
  });
});
