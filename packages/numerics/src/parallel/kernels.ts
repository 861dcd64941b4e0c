import { kernelModule } from '../gen/kernels.js';

/** The kernels of assembly/: what each reads and writes stands in its file there. */
export type KernelName =
  | 'compareLeaves'
  | 'compareWithin'
  | 'copyBytes'
  | 'covarianceRows'
  | 'descendEpoch'
  | 'multiplyRows'
  | 'nearestExactly'
  | 'packRows'
  | 'projectRows'
  | 'samplePlaces'
  | 'snapshotNearest'
  | 'splitRange'
  | 'unitRows'
  | 'visitNeighboursOfNeighbours';

export type Kernels = Readonly<Record<KernelName, (...args: number[]) => void>>;

/** Pages of 64 KiB that an address of 32 bits reaches. */
const MAX_PAGES = 65_536;

export function sharedMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
}

/** Compiled once; threads are sent the module and share its code. */
export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(Buffer.from(kernelModule, 'base64')));
}

export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
