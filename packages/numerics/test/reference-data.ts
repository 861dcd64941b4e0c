import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RealMatrix } from '../src/matrix.js';

const shared = process.env.GLITCHWATCH_SHARED ?? resolve(import.meta.dirname, '../../../../shared');

/** Folder of the reference arrays, which are not part of the repository. */
export const referenceRoot = join(shared, 'reference');
export const referencePresent = existsSync(join(referenceRoot, 'README.md'));

/** Suite name that says loudly why nothing ran. */
export function referenceTitle(what: string): string {
  return referencePresent
    ? what
    : `${what} (skipped: reference data not found at ${referenceRoot})`;
}

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

const readers = {
  '<f4': (view: DataView, at: number, n: number) =>
    Float32Array.from({ length: n }, (_, i) => view.getFloat32(at + 4 * i, true)),
  '<f8': (view: DataView, at: number, n: number) =>
    Float64Array.from({ length: n }, (_, i) => view.getFloat64(at + 8 * i, true)),
  '<i4': (view: DataView, at: number, n: number) =>
    Int32Array.from({ length: n }, (_, i) => view.getInt32(at + 4 * i, true)),
  '<i8': (view: DataView, at: number, n: number) =>
    Float64Array.from({ length: n }, (_, i) => Number(view.getBigInt64(at + 8 * i, true))),
};

/** Reads a .npy file, format 1.0 or 2.0, C order, of one of the types above. */
export function readNpy(...path: string[]): NpyArray {
  const file = join(referenceRoot, ...path);
  const bytes = readFileSync(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = view.getUint8(6) >= 2;
  const headerLength = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = wide ? 12 : 10;
  const header = bytes.subarray(start, start + headerLength).toString('latin1');
  const type = /'descr': '([^']+)'/.exec(header)?.[1] as keyof typeof readers;
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const read = readers[type];
  if (!read || header.includes("'fortran_order': True")) throw new Error(`${file}: ${header}`);
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: read(view, start + headerLength, count) };
}

export function readMatrix(...path: string[]): RealMatrix {
  const { shape, data } = readNpy(...path);
  if (data instanceof Int32Array) throw new Error(`${path.join('/')}: expected floats`);
  return { rows: shape[0] ?? 0, cols: shape[1] ?? 1, data };
}

export function readFloats(...path: string[]): Float64Array {
  return Float64Array.from(readNpy(...path).data);
}

export function readInts(...path: string[]): Int32Array {
  return Int32Array.from(readNpy(...path).data);
}

/** A meta.json; its shape differs by folder, so the test says what it expects. */
export function readMeta<Meta>(...path: string[]): Meta {
  return JSON.parse(readFileSync(join(referenceRoot, ...path, 'meta.json'), 'utf8')) as Meta;
}

export function has(...path: string[]): boolean {
  return existsSync(join(referenceRoot, ...path));
}

/** Names of the folders in a reference folder; none where the data is absent. */
export function foldersIn(...path: string[]): string[] {
  const folder = join(referenceRoot, ...path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Greatest |a - b| / max(1, |b|); NaN against a number and unequal lengths are infinite. */
export function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (Object.is(x, y) || x === y) continue;
    const difference = Math.abs(x - y) / Math.max(1, Math.abs(y));
    greatest = Math.max(greatest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return greatest;
}

/** Labels renumbered by first appearance, noise kept: equal arrays mean equal partitions. */
export function canonicalLabels(labels: ArrayLike<number>): number[] {
  const names = new Map<number, number>();
  return Array.from(labels, (label) => {
    if (label < 0) return -1;
    if (!names.has(label)) names.set(label, names.size);
    return names.get(label) as number;
  });
}
