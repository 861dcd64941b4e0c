import { existsSync } from 'node:fs';
import { copyFile, mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Glitch, SignalKind } from '@glitchwatch/proto';
import { decodeGrid } from '@glitchwatch/spectrogram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeGwoscFile } from '../../../test/fixtures/strain-files.js';
import { waitFor } from '../../../test/fixtures/wait-for.js';
import { type Bench, startBench, temporaryFolder } from './harness.js';

let bench: Bench;
let folder: { dir: string; remove(): Promise<void> };

beforeEach(async () => {
  folder = await temporaryFolder();
  const off = { enabled: false };
  bench = await startBench({
    dir: join(folder.dir, 'data'),
    config: { grpc: off, http: off, strain: { threads: 2, writeFinishMs: 50 } },
  });
});
afterEach(async () => {
  await bench.close();
  await folder.remove();
});

const START = 1_200_000_000;
const at = (name: string): string => join(folder.dir, name);
const burst = (timeSec: number, frequencyHz = 180) => ({ timeSec, frequencyHz, q: 10, snr: 20 });
const secondsOf = ({ trigger }: Glitch): number =>
  Number((trigger?.peakGpsNs ?? 0n) - BigInt(START) * 1_000_000_000n) / 1e9;
const byTime = (glitches: readonly Glitch[]): Glitch[] =>
  [...glitches].sort((a, b) => secondsOf(a) - secondsOf(b));

describe('ingestStrain', { timeout: 120_000 }, () => {
  it('finds transients, with windows and data quality, and knows them again', async () => {
    const file = await writeGwoscFile(at(`H-H1_GWOSC_4KHZ_R1-${START}-32.hdf5`), {
      startGps: START,
      seconds: 32,
      bursts: [burst(10.3), burst(21.7, 60)],
      injectedSeconds: [21],
    });
    const report = await bench.service.ingestStrain({ strain: [file] });
    expect(report).toMatchObject({ accepted: 2, rejectedCount: 0, warningCount: 0, scans: 2 });
    const [first, second] = byTime(await bench.glitches());
    expect(first!.trigger).toMatchObject({
      ifo: 'H1',
      channel: 'GWOSC_4KHZ_R1',
      source: 'strain',
      dataQuality: 'DATA BURST_CAT1',
      signal: SignalKind.SIGNAL_KIND_UNSPECIFIED,
      signalName: '',
    });
    expect(secondsOf(first!)).toBeCloseTo(10.3, 1);
    expect(Math.abs(Math.log2(first!.trigger!.peakFrequencyHz! / 180))).toBeLessThan(0.2);
    expect(first!.windows.map(({ windowSec }) => windowSec)).toEqual([0.5, 1, 2, 4]);
    const { data, nFrequency, nTime } = first!.windows[0]!;
    expect(Math.max(...decodeGrid(data, nFrequency, nTime).data)).toBe(255);
    expect(second!.trigger).toMatchObject({
      signal: SignalKind.SIGNAL_KIND_HARDWARE_INJECTION,
      signalName: 'CBC BURST',
    });

    const again = await bench.service.ingestStrain({ strain: [file] });
    expect(again).toMatchObject({ accepted: 0, duplicates: 2 });
  });

  it('marks what is known to be a gravitational wave', async () => {
    const file = await writeGwoscFile(at('a.hdf5'), {
      startGps: START,
      seconds: 32,
      bursts: [burst(8), burst(20)],
    });
    const event = { name: 'GW180118', gpsNs: BigInt(START + 20) * 1_000_000_000n, withinNs: 0n };
    await bench.service.ingestStrain({ strain: [file], knownEvents: [event] });
    const signals = byTime(await bench.glitches()).map(({ trigger }) => trigger?.signalName);
    expect(signals).toEqual(['', 'GW180118']);
  });

  it('joins files: what lies across their border is found once, with all windows', async () => {
    // One stretch of noise in two files: the second goes on where the first ends.
    const whole = { seconds: 48, seed: 5, bursts: [burst(24.01)], startGps: START };
    await writePart(at('a.hdf5'), whole, 0, 24);
    await writePart(at('b.hdf5'), whole, 24, 48);
    const report = await bench.service.ingestStrain({ strain: [folder.dir] });
    expect(report).toMatchObject({ accepted: 1, duplicates: 0, warningCount: 0, rejectedCount: 0 });
    const [glitch] = await bench.glitches();
    expect(secondsOf(glitch!)).toBeCloseTo(24.01, 1);
    expect(glitch!.windows.length).toBe(4);
  });

  it('goes on over a gap and says what is too short', async () => {
    const file = await writeGwoscFile(at('gap.hdf5'), {
      startGps: START,
      seconds: 40,
      bursts: [burst(30)],
      gap: [5, 12],
    });
    const report = await bench.service.ingestStrain({ strain: [file] });
    expect(report.accepted).toBe(1);
    expect(report.warnings.map(({ code, message }) => [code, message])).toEqual([
      ['bad_scan', expect.stringContaining(`${START} to ${START + 5}`)],
    ]);
  });

  it('refuses what is no strain with one error each that names it, and takes the rest', async () => {
    await writeGwoscFile(at('a-truncated.hdf5'), { startGps: START, seconds: 16 });
    await truncate(at('a-truncated.hdf5'), 60_000);
    await writeFile(at('b-text.hdf5'), 'no');
    const short = { startGps: START, seconds: 12 };
    await writeGwoscFile(at('c-rate.hdf5'), { ...short, spacingSec: 1 / 20_000 });
    await writeGwoscFile(at('d-detector.hdf5'), { ...short, ifo: 'X9' });
    await writeGwoscFile(at('e-good.hdf5'), { ...short, seconds: 24, bursts: [burst(12)] });
    const report = await bench.service.ingestStrain({ strain: [folder.dir] });
    expect(report.accepted).toBe(1);
    expect(report.rejected.map(({ code, file, message }) => [code, file, message])).toEqual([
      ['bad_strain', at('a-truncated.hdf5'), expect.stringContaining('truncated file')],
      ['bad_strain', at('b-text.hdf5'), expect.stringContaining('whole HDF5 file')],
      ['bad_strain', at('c-rate.hdf5'), expect.stringContaining('20000 Hz')],
      ['bad_strain', at('d-detector.hdf5'), expect.stringContaining('"X9"')],
    ]);
    expect(await bench.metric('glitchwatch_ingest_errors_total{code="bad_strain"}')).toBe(4);
  });

  it('takes what comes into a watched folder, and the end of the file before it', async () => {
    const watched = at('watched');
    await mkdir(watched);
    const until = (count: number) =>
      waitFor(`${count} glitches`, async () =>
        (await bench.glitches()).length === count ? true : undefined,
      );
    const ending = new AbortController();
    const run = bench.service.ingestStrain({
      strain: [],
      watchDir: watched,
      signal: ending.signal,
    });
    const whole = { seconds: 48, seed: 6, bursts: [burst(10), burst(23.2)], startGps: START };
    await writePart(at('a'), whole, 0, 24);
    await writePart(at('b'), whole, 24, 48);
    await copyFile(at('a'), join(watched, 'a.hdf5'));
    await until(1);
    await copyFile(at('b'), join(watched, 'b.hdf5'));
    await until(2);
    ending.abort();
    const report = await run;
    expect(report).toMatchObject({ accepted: 2, rejectedCount: 0, stopped: true });
    expect(byTime(await bench.glitches()).map((glitch) => Math.round(secondsOf(glitch)))).toEqual([
      10, 23,
    ]);
  });

  it('wants files', async () => {
    await expect(bench.service.ingestStrain({ strain: [folder.dir] })).rejects.toMatchObject({
      code: 'empty_folder',
    });
    await expect(bench.service.ingestStrain({ strain: [at('absent')] })).rejects.toMatchObject({
      code: 'unreadable_file',
    });
  });
});

/** Seconds [from, to) of a longer stretch, as a file of its own. */
async function writePart(
  path: string,
  whole: Parameters<typeof writeGwoscFile>[1],
  from: number,
  to: number,
): Promise<void> {
  await writeGwoscFile(path, { ...whole, startGps: whole.startGps + from, part: [from, to] });
}

const shared =
  process.env.GLITCHWATCH_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const losc = `${shared}/data/strain/losc`;
const isThere = existsSync(losc);
const skipped = isThere ? '' : ` (skipped: real strain not found at ${losc})`;

describe.skipIf(!isThere)(`real strain${skipped}`, { timeout: 120_000 }, () => {
  it('shows the events and glitches where GWpy has them', async () => {
    const report = await bench.service.ingestStrain({ strain: [losc] });
    expect(report).toMatchObject({ rejectedCount: 0, warningCount: 0 });
    const glitches = await bench.glitches();
    const found = (ifo: string, gps: number, nearSec: number) =>
      glitches.filter(
        ({ trigger }) =>
          trigger?.ifo === ifo && Math.abs(Number(trigger.peakGpsNs ?? 0n) / 1e9 - gps) <= nearSec,
      );
    // Loudest tiles of GWpy's scans; ../shared/reference/qtransform.
    for (const [ifo, gps, frequencyHz, name] of [
      ['H1', 1126259462.4214, 147.25, 'GW150914'],
      ['L1', 1126259462.4155, 147.25, 'GW150914'],
      ['H1', 1167559936.5923, 175.25, 'GW170104'],
      ['L1', 1167559936.5942, 175.25, 'GW170104'],
    ] as const) {
      const [glitch, ...others] = found(ifo, gps, 0.01);
      expect(others).toEqual([]);
      expect(Math.abs(Math.log2(glitch!.trigger!.peakFrequencyHz! / frequencyHz))).toBeLessThan(
        0.5,
      );
      expect(glitch!.trigger).toMatchObject({
        signal: SignalKind.SIGNAL_KIND_KNOWN_EVENT,
        signalName: name,
      });
      expect(glitch!.windows.length).toBe(4);
    }
    // The loud low-frequency glitch of L1 before GW151012 is no event.
    const [glitch] = found('L1', 1128678898.9, 0.2);
    expect(glitch!.trigger).toMatchObject({ signal: SignalKind.SIGNAL_KIND_UNSPECIFIED });
    expect(glitch!.trigger!.snr).toBeGreaterThan(10);
    expect(glitch!.trigger!.peakFrequencyHz).toBeLessThan(16);
    expect(glitches.length).toBeLessThan(12);
  });
});
