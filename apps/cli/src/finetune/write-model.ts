import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelDescription } from '@glitchwatch/embedder';
import { CliError } from '../errors.js';
import type { Head } from './train-head.js';

export interface ModelParts {
  readonly base: ModelDescription;
  /** The base's network, and its head where it has one already. */
  readonly network: Uint8Array;
  readonly baseHead: Float32Array | undefined;
  readonly head: Head;
  readonly name: string;
  readonly trainedBy: string;
  /** Written beside: what was used and what came of it. */
  readonly report: unknown;
}

const files = { network: 'model.onnx', head: 'head.f32', report: 'finetune.json' } as const;

/**
 * Writes a model folder: the base's network as it is, the head as little-endian float32
 * and a model.json with the checksums of both. Its vectors are of a kind of their own,
 * because the embedder's checksum covers the head.
 *
 * @throws CliError `bad_usage` where the folder exists.
 */
export async function writeModel(dir: string, parts: ModelParts): Promise<ModelDescription> {
  const { base, network, report } = parts;
  const head = Buffer.from(Float32Array.from(composed(parts)).buffer);
  const headSha256 = sha256Of(head);
  const description: ModelDescription = {
    ...base,
    name: parts.name,
    version: `${base.version}+${headSha256.slice(0, 8)}`,
    file: files.network,
    sha256: sha256Of(network),
    knownSha256: [],
    head: { file: files.head, sha256: headSha256, dimension: parts.head.dimension },
    trainedBy: parts.trainedBy,
  };
  try {
    await mkdir(dir);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new CliError(
      'bad_usage',
      `--out: expected a folder that is not there yet, found ${dir}`,
      {
        cause: error,
      },
    );
  }
  await writeFile(join(dir, files.network), network);
  await writeFile(join(dir, files.head), head);
  await writeFile(join(dir, files.report), `${JSON.stringify(report, null, 2)}\n`);
  // Last: a folder without it is no model.
  await writeFile(join(dir, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** A head on a head is one head: lengths do not matter to either, so the matrices multiply. */
function composed({ head, base, baseHead }: ModelParts): Float64Array {
  const { matrix, dimension } = head;
  if (baseHead === undefined) return matrix;
  const inner = base.output.dimension;
  const product = new Float64Array(dimension * inner);
  for (let row = 0; row < dimension; row++) {
    for (let k = 0; k < dimension; k++) {
      const factor = matrix[row * dimension + k]!;
      for (let column = 0; column < inner; column++) {
        const at = row * inner + column;
        product[at] = product[at]! + factor * baseHead[k * inner + column]!;
      }
    }
  }
  return product;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
