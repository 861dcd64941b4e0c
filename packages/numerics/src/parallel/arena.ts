import { NumericsError } from '../errors.js';
import { sharedMemory } from './kernels.js';

const PAGE = 65_536;
const LIMIT = 2 ** 32 - PAGE;
/** Every buffer starts on a cache line of its own: no two threads write to one line. */
const ALIGNMENT = 64;

/** Buffers in one shared WebAssembly memory, given out upwards and taken back from the top. */
export class Arena {
  readonly memory = sharedMemory();
  /** Address 0 is left out, so that no buffer has it. */
  #top = ALIGNMENT;

  /**
   * The address of `bytes` new bytes; what is in them is undefined.
   *
   * @throws NumericsError too_large beyond 4 GiB.
   */
  allocate(bytes: number): number {
    const at = this.#top;
    const top = at + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (top > LIMIT) {
      throw new NumericsError(
        'too_large',
        `parallel fit: expected to need at most ${LIMIT} bytes of shared memory, found ${top}`,
      );
    }
    const missing = top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    this.#top = top;
    return at;
  }

  /** Where the next buffer starts; `release` of it takes back all that came after. */
  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = mark;
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  float32(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  int16(at: number, length: number): Int16Array {
    return new Int16Array(this.memory.buffer, at, length);
  }

  int32(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length);
  }

  uint32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, at, length);
  }

  uint64(at: number, length: number): BigUint64Array {
    return new BigUint64Array(this.memory.buffer, at, length);
  }
}
