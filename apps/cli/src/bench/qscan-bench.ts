import { availableParallelism, cpus } from 'node:os';
import { createRng } from '@glitchwatch/numerics';
import { createStrainScanner, encodeGrid } from '@glitchwatch/spectrogram';
import { CliError } from '../errors.js';
import { runPythonPeer } from './python-peer.js';

export interface QscanBenchOptions {
  readonly scans: number;
  readonly seed: number;
  /** A Python with GWpy. */
  readonly python?: string;
  readonly signal: AbortSignal;
}

/** CPU seconds of one, on one core. */
interface Cost {
  readonly whitenSec: number;
  readonly scanSec: number;
}

interface GwpyCost extends Cost {
  readonly gwpy: string;
  readonly numpy: string;
  readonly timeSec: number;
  readonly frequencyHz: number;
}

export interface QscanBenchResult {
  readonly machine: string;
  readonly scansPerSec: number;
  readonly own: Cost;
  readonly gwpy: GwpyCost | undefined;
  /** GWpy's CPU seconds over ours: one four-window scan of whitened strain. */
  readonly scanRatio: number | undefined;
  /** The same with the whitening of the 32 s, as for a trigger that comes alone. */
  readonly wholeRatio: number | undefined;
}

const RATE_HZ = 4096;
const SECONDS = 32;

/** Coloured noise of a detector's size with a burst in its middle. */
function benchStrain(seed: number): Float64Array {
  const rng = createRng(seed);
  let slow = 0;
  return Float64Array.from({ length: SECONDS * RATE_HZ }, (_, i) => {
    const t = i / RATE_HZ - SECONDS / 2;
    const burst = 4 * Math.exp(-((t / 0.02) ** 2)) * Math.sin(2 * Math.PI * 180 * t);
    slow = 0.95 * slow + rng.nextNormal() + burst;
    return 1e-22 * slow;
  });
}

function cpuSec(repeats: number, work: () => void): number {
  // The compiler needs some rounds before it has settled.
  for (let i = 0; i < 5; i++) work();
  const before = process.cpuUsage();
  for (let i = 0; i < repeats; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / repeats;
}

/** Ours and, where a Python with GWpy is given, GWpy's, one after the other in one run. */
export async function benchQscan(options: QscanBenchOptions): Promise<QscanBenchResult> {
  const { scans, seed, python, signal } = options;
  const strain = benchStrain(seed);
  const scanner = createStrainScanner(RATE_HZ);
  const block = scanner.whiten(strain);
  const { peak } = scanner.scan(block, SECONDS / 2);
  const own = {
    whitenSec: cpuSec(scans, () => scanner.whiten(strain)),
    scanSec: cpuSec(scans, () => {
      for (const { grid } of scanner.scan(block, SECONDS / 2).grids) encodeGrid(grid);
    }),
  };
  const gwpy = python === undefined ? undefined : await gwpyCost(python, strain, { scans, signal });
  if (gwpy !== undefined && Math.abs(gwpy.timeSec - peak.timeSec) > 1e-6) {
    throw new CliError(
      'pipeline_failed',
      `expected the same peak of both, found ${gwpy.timeSec} s by GWpy and ${peak.timeSec} s`,
    );
  }
  const total = ({ whitenSec, scanSec }: Cost) => whitenSec + scanSec;
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
    scansPerSec: 1 / own.scanSec,
    own,
    gwpy,
    scanRatio: gwpy && gwpy.scanSec / own.scanSec,
    wholeRatio: gwpy && total(gwpy) / total(own),
  };
}

function gwpyCost(
  python: string,
  strain: Float64Array,
  { scans, signal }: { readonly scans: number; readonly signal: AbortSignal },
): Promise<GwpyCost> {
  return runPythonPeer(python, {
    script: 'gwpy-qscan.py',
    args: [String(RATE_HZ), String(Math.max(1, Math.round(scans / 4)))],
    needs: 'gwpy',
    input: strain,
    oneThread: true,
    signal,
  });
}
