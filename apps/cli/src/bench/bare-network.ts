import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readModelDescription } from '@glitchwatch/embedder';
import type { Glitch } from '@glitchwatch/proto';
import { decodeGrid } from '@glitchwatch/spectrogram';
import { CliError } from '../errors.js';

export interface BareNetworkSetup {
  readonly modelPath: string;
  readonly gridTensor: string;
  readonly maskTensor: string;
  readonly output: string;
  readonly tensors: readonly {
    readonly gridType: 'float32' | 'uint8';
    readonly grids: Float32Array | Uint8Array;
    readonly gridDims: readonly number[];
    readonly mask: Float32Array;
    readonly maskDims: readonly number[];
  }[];
}

/** onnxruntime alone: what the embedder is held against. */
export interface BareNetwork {
  /** Seconds that so many runs take. */
  run(count: number): Promise<number>;
  close(): Promise<void>;
}

/** The network of a folder, for glitches whose tensors are made beforehand. */
export async function openBareNetwork(
  modelDir: string,
  glitches: readonly Glitch[],
): Promise<BareNetwork> {
  const model = await readModelDescription(modelDir);
  const { input, windowsSec, normalisation } = model;
  if (input.layout !== 'message-grids' || model.file === null) {
    throw new CliError(
      'bad_usage',
      `${modelDir}: expected a network beside model.json that takes message grids`,
    );
  }
  const { nFrequency, nTime, gridTensor, maskTensor, gridType } = input;
  const [mean = 0] = normalisation.mean;
  const [std = 1] = normalisation.std;
  const cells = nFrequency * nTime;
  const tensors = glitches.map(({ windows }) => {
    const size = windowsSec.length * cells;
    const grids = gridType === 'uint8' ? new Uint8Array(size) : new Float32Array(size);
    const mask = new Float32Array(windowsSec.length);
    for (const { windowSec, data } of windows) {
      const slot = windowsSec.indexOf(windowSec);
      const levels = decodeGrid(data, nFrequency, nTime).data;
      mask[slot] = 1;
      levels.forEach((level, i) => {
        grids[slot * cells + i] = (level / normalisation.divideBy - mean) / std;
      });
    }
    const gridDims = [1, windowsSec.length, nFrequency, nTime];
    return { gridType, grids, gridDims, mask, maskDims: [1, windowsSec.length] };
  });
  const setup: BareNetworkSetup = {
    modelPath: join(modelDir, model.file),
    gridTensor,
    maskTensor,
    output: model.output.name,
    tensors,
  };
  const worker = new Worker(new URL('../bench/bare-network-worker.js', import.meta.url), {
    workerData: setup,
  });
  await once(worker, 'message');
  return {
    async run(count) {
      worker.postMessage(count);
      const [seconds] = (await once(worker, 'message')) as [number];
      return seconds;
    },
    async close() {
      await worker.terminate();
    },
  };
}
