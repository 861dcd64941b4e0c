import { kernelModule } from './gen/kernels.js';
import { viridisLevelOfPixel } from './viridis.js';

/** The kernels of assembly/: what each reads and writes stands in its file there. */
export interface Kernels {
  readonly addPredictions: (
    residuals: number,
    rows: number,
    columns: number,
    scratch: number,
    levels: number,
  ) => void;
  readonly boxMeans: (
    source: number,
    width: number,
    rows: number,
    rowCount: number,
    columns: number,
    columnCount: number,
    line: number,
    out: number,
  ) => void;
  readonly inverseFft: (re: number, im: number, n: number, cos: number, sin: number) => void;
  readonly plotLevels: (
    pixels: number,
    pixelStride: number,
    columns: number,
    rows: number,
    levels: number,
    levelStride: number,
    memo: number,
    marked: number,
  ) => number;
  readonly unfilterRows: (from: number, to: number, stride: number, rows: number) => number;
  readonly unpackLiterals: (
    code: number,
    length: number,
    scratch: number,
    out: number,
    count: number,
  ) => 0 | 1;
}

/** Memory of colours: `plotLevels` finds it as it left it, so each is looked up once. */
export const MEMO_AT = 1024;
const MEMO_BYTES = 4 * 65_536;
/** Bytes that stay zero, before `WORK_AT`. */
export const ZERO_BYTES = 4096;
/** From here on memory belongs to whoever works: nothing there outlives a turn of the event loop. */
export const WORK_AT = MEMO_AT + MEMO_BYTES + ZERO_BYTES;

export const PAGE_BYTES = 65_536;
/**
 * Room for all that an 800 x 600 picture takes, so that reading one never grows the memory,
 * which would detach the views into it.
 */
const PAGES = 96;
/** Pages that an address of 32 bits reaches. */
export const MAX_PAGES = 65_536;

const memory = new WebAssembly.Memory({ initial: PAGES, maximum: MAX_PAGES });
let instance: Kernels | undefined;

let compiled: WebAssembly.Module | undefined;

/** Over memory of its own, which nobody else touches. */
export function kernelsOver(own: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(Buffer.from(kernelModule, 'base64')));
  const imports = { env: { memory: own }, 'plot-levels': { levelOfColour: viridisLevelOfPixel } };
  return new WebAssembly.Instance(compiled, imports).exports as unknown as Kernels;
}

/** Compiled at first use, once per thread. */
export function kernels(): Kernels {
  if (instance === undefined) {
    instance = kernelsOver(memory);
    new Uint32Array(memory.buffer, MEMO_AT, 1)[0] = 1;
  }
  return instance;
}

/** Places for buffers of these sizes from `at` on, each on a multiple of 16; the memory has room for them. */
export function layOut(at: number, ...sizes: readonly number[]): number[] {
  const places: number[] = [];
  let end = at;
  for (const size of sizes) {
    const place = Math.ceil(end / 16) * 16;
    places.push(place);
    end = place + size;
  }
  const missing = Math.ceil(end / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) memory.grow(missing);
  return places;
}

/** A view; void once the memory has grown. */
export function bytesAt(place: number, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(memory.buffer, place, length);
}

/** Where bytes that lie in the kernels' memory begin; undefined for all others. */
export function placeOf(bytes: Uint8Array): number | undefined {
  return bytes.buffer === memory.buffer ? bytes.byteOffset : undefined;
}
