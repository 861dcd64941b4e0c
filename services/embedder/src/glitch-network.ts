import type { InferenceSession } from 'onnxruntime-node';
import { EmbedderError } from './errors.js';
import { throughHead } from './head.js';
import type { InferenceRow, WorkerSetup } from './inference-protocol.js';
import type { DecodedWindow, InputLayout } from './input-layout/index.js';
import { meanUnitVector } from './unit-vector.js';

/**
 * The network applied to single glitches.
 *
 * Each glitch is run alone, at batch size 1, so its embedding cannot depend on
 * the glitches that travel beside it. The runtime promises no such thing for
 * larger batches: it picks kernels by shape, and sums of other kernels differ in
 * the last bits. README, "Batch independence", has what this costs.
 */
export interface GlitchNetwork {
  /** Throws what the runtime throws; no glitch that passed its checks makes it. */
  embed(windows: readonly DecodedWindow[]): Promise<InferenceRow>;
}

export function createGlitchNetwork(
  session: InferenceSession,
  layout: InputLayout,
  { description, head }: Pick<WorkerSetup, 'description' | 'head'>,
): GlitchNetwork {
  const { name, dimension } = description.output;

  return {
    async embed(windows) {
      const rows: Float32Array[] = [];
      for (const feed of layout.feeds(windows)) {
        const output = (await session.run(feed, [name]))[name];
        if (output?.dims.length !== 2 || output.size !== dimension) {
          const found = output === undefined ? 'none' : `[${output.dims.join(', ')}]`;
          throw new EmbedderError(
            'model_mismatch',
            `output "${name}": expected [1, ${dimension}], found ${found}`,
          );
        }
        rows.push(output.data as Float32Array);
      }
      const vector = throughHead(meanUnitVector(rows), head);
      if (vector !== undefined) return { kind: 'vector', vector };
      return {
        kind: 'failed',
        code: 'bad_embedding',
        reason: `expected ${dimension} finite numbers, not all zero, found ${describeBad(rows)}`,
      };
    },
  };
}

function describeBad(rows: readonly Float32Array[]): string {
  for (const row of rows) {
    const at = row.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) return `${row[at]} at element ${at}`;
  }
  return 'a zero vector';
}
