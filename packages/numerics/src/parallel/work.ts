import type { Arena } from './arena.js';
import type { KernelName } from './kernels.js';
import type { RowKernelName } from './row-kernels.js';

/**
 * Calls of one kernel that may run at the same time, in any order and on any thread. A call's
 * arguments are `common`, its `perCall` values out of `varying`, then, where there is a
 * scratch, the address of its thread's own.
 */
export interface Round {
  readonly kernel: KernelName | RowKernelName;
  readonly common: readonly number[];
  readonly varying: Float64Array;
  readonly perCall: number;
  readonly scratch?: { readonly at: number; readonly bytesPerThread: number };
}

export function callsOf({ varying, perCall }: Round): number {
  return varying.length / perCall;
}

/** [from, to) cut into pieces of `step`, as varying arguments. */
export function ranges(from: number, to: number, step: number): Float64Array {
  const pieces = Math.max(0, Math.ceil((to - from) / step));
  const out = new Float64Array(2 * pieces);
  for (let piece = 0; piece < pieces; piece++) {
    out[2 * piece] = from + piece * step;
    out[2 * piece + 1] = Math.min(to, from + (piece + 1) * step);
  }
  return out;
}

/** Scratch for each thread, taken back with the mark of the arena's caller. */
export function scratchFor(
  arena: Arena,
  threads: number,
  bytesPerThread: number,
): NonNullable<Round['scratch']> {
  const padded = Math.ceil(bytesPerThread / 64) * 64;
  return { at: arena.allocate(padded * threads), bytesPerThread: padded };
}

/** What a thread is started with. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
}

/** Rounds one after another, each begun by all threads together. */
export interface WorkMessage {
  readonly rounds: readonly Round[];
  /** int32: threads that wait, generation of the barrier, then calls taken in each round. */
  readonly control: SharedArrayBuffer;
}

export const CONTROL_WORDS = 2;
