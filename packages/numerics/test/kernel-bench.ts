import { Arena } from '../src/parallel/arena.js';
import { compileKernels, instantiateKernels, type Kernels } from '../src/parallel/kernels.js';

const module = compileKernels();

/** The kernels over a memory of their own, on this thread, with arrays put in and taken out. */
export class KernelBench {
  readonly arena = new Arena();
  readonly kernels: Kernels = instantiateKernels(module, this.arena.memory);

  float32(values: readonly number[]): number {
    const at = this.arena.allocate(4 * values.length);
    this.arena.float32(at, values.length).set(values);
    return at;
  }

  int16(values: readonly number[]): number {
    const at = this.arena.allocate(2 * values.length);
    this.arena.int16(at, values.length).set(values);
    return at;
  }

  uint32(values: readonly number[]): number {
    const at = this.arena.allocate(4 * values.length);
    this.arena.uint32(at, values.length).set(values);
    return at;
  }
}
