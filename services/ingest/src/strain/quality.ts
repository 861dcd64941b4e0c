import type { File } from 'h5wasm/node';
import { datasetAt, scalarOf } from './hdf5.js';

/** What GWOSC says about the seconds of a trigger. */
export interface StrainQuality {
  /** Names of the data-quality bits that are set, as in the file: "DATA CBC_CAT1". */
  readonly dataQuality: string;
  /** Kinds of transient hardware injections under way: "CBC", "BURST", "DETCHAR". */
  readonly injections: readonly string[];
}

/** Continuous and stochastic injections run for months and make no glitch. */
const TRANSIENT_INJECTIONS = ['CBC', 'BURST', 'DETCHAR'] as const;
/** A glitch may peak so near a second's end that its wave lies in the next. */
const NEAR_SEC = 0.25;

/** Undefined where the file says nothing about that time. */
export function readQuality(hdf5: File, gpsNs: bigint): StrainQuality | undefined {
  const quality = bitsAt(hdf5, gpsNs, {
    mask: 'quality/simple/DQmask',
    names: 'quality/simple/DQShortnames',
    nearSec: 0,
  });
  // A bit that is set says that there is NO injection.
  const absent = bitsAt(hdf5, gpsNs, {
    mask: 'quality/injections/Injmask',
    names: 'quality/injections/InjShortnames',
    nearSec: NEAR_SEC,
  });
  if (quality === undefined && absent === undefined) return undefined;
  return {
    dataQuality: quality?.set.join(' ') ?? '',
    injections: TRANSIENT_INJECTIONS.filter((kind) => {
      const name = `NO_${kind}_HW_INJ`;
      return absent?.known.includes(name) === true && !absent.set.includes(name);
    }),
  };
}

interface Mask {
  readonly mask: string;
  readonly names: string;
  readonly nearSec: number;
}

/** Names that the mask knows, and those set in all seconds within `nearSec` of the time. */
function bitsAt(hdf5: File, gpsNs: bigint, { mask, names, nearSec }: Mask) {
  const dataset = datasetAt(hdf5, mask);
  const known = namesOf(datasetAt(hdf5, names)?.value);
  const start = Number(scalarOf(dataset?.attrs.Xstart));
  const spacing = Number(scalarOf(dataset?.attrs.Xspacing));
  const n = dataset?.shape?.[0] ?? 0;
  if (dataset === undefined || !(spacing > 0) || !Number.isFinite(start)) return undefined;
  const atSec = Number(gpsNs - BigInt(Math.round(start * 1e9))) / 1e9;
  const index = (sec: number): number => Math.floor(sec / spacing);
  const here = index(atSec);
  if (here < 0 || here >= n) return undefined;
  const first = Math.max(0, index(atSec - nearSec));
  const last = Math.min(n - 1, index(atSec + nearSec));
  const values = dataset.slice([[first, last + 1]]) as ArrayLike<number> | null;
  const all = Array.from(values ?? []).reduce((both, value) => both & value, -1);
  return { known, set: known.filter((_, bit) => (all & (1 << bit)) !== 0) };
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((name) => String(name).trim()) : [];
}
