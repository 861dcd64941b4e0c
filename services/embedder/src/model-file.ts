import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { EmbedderError, reasonOf } from './errors.js';
import { type ModelDescription, modelDescriptionSchema } from './model-description.js';

export interface LoadedModel {
  readonly description: ModelDescription;
  /** Where the network was read from. */
  readonly path: string;
  /** Of the network, and of the head where there is one. */
  readonly sha256: string;
  readonly head: Float32Array<SharedArrayBuffer> | undefined;
  /** The very bytes that were hashed; shared with the workers without a copy. */
  readonly bytes: SharedArrayBuffer;
  /** False where model.json names no checksum that this file matches. */
  readonly checksumKnown: boolean;
}

export interface ModelLocation {
  /** Folder with model.json. */
  readonly modelDir: string;
  /** The network, where it is not the file beside model.json. */
  readonly modelPath?: string | undefined;
}

/** Folder of a model that comes with Glitchwatch. */
export function bundledModelDir(name = 'glitchnet-v1'): string {
  return fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));
}

async function readOr(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new EmbedderError(
      'model_not_found',
      `${what}: expected a readable file at ${path}, found none (${reasonOf(error)})`,
      { cause: error },
    );
  }
}

/** Reads and checks `<modelDir>/model.json`. */
export async function readModelDescription(modelDir: string): Promise<ModelDescription> {
  const path = join(resolve(modelDir), 'model.json');
  const bytes = await readOr(path, 'model description');
  let values: unknown;
  try {
    values = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new EmbedderError('bad_model_file', `${path}: expected JSON, found ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const parsed = modelDescriptionSchema.safeParse(values);
  if (!parsed.success) {
    throw new EmbedderError('bad_model_file', `${path}: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  return parsed.data;
}

/**
 * Reads model.json and the network, and checks the network's SHA-256.
 *
 * Throws `model_not_found`, `bad_model_file`, `checksum_mismatch`. A model.json
 * without `file` needs `modelPath`; its `knownSha256` only inform, for there a
 * file of the user's own is welcome.
 */
export async function loadModel(location: ModelLocation): Promise<LoadedModel> {
  const description = await readModelDescription(location.modelDir);
  if (description.file === null && location.modelPath === undefined) {
    throw new EmbedderError(
      'model_not_found',
      `model "${description.name}" does not come with its network: expected the path of an ONNX ` +
        'file (modelPath), found none',
    );
  }
  const path = resolve(location.modelPath ?? join(location.modelDir, description.file ?? ''));
  const file = await readOr(path, `network of model "${description.name}"`);
  const sha256 = sha256Of(file);
  if (description.sha256 !== null && description.sha256 !== sha256) {
    throw new EmbedderError(
      'checksum_mismatch',
      `${path}: expected SHA-256 ${description.sha256} of model "${description.name}", found ${sha256}`,
    );
  }
  const bytes = sharedCopy(file);
  const checksumKnown = description.sha256 !== null || description.knownSha256.includes(sha256);
  const head = await loadHead(location.modelDir, description);
  // Vectors that went through a head are of another kind than the network's own.
  const whole = head === undefined ? sha256 : sha256Of(`${sha256} ${description.head?.sha256}`);
  return { description, path, sha256: whole, head, bytes, checksumKnown };
}

/** Row by row, little-endian float32: `head.dimension` rows of `output.dimension` numbers. */
async function loadHead(
  modelDir: string,
  { name, head, output }: ModelDescription,
): Promise<Float32Array<SharedArrayBuffer> | undefined> {
  if (head === undefined) return undefined;
  const path = resolve(modelDir, head.file);
  const file = await readOr(path, `head of model "${name}"`);
  const found = sha256Of(file);
  if (found !== head.sha256) {
    throw new EmbedderError(
      'checksum_mismatch',
      `${path}: expected SHA-256 ${head.sha256} of the head of model "${name}", found ${found}`,
    );
  }
  const expected = 4 * head.dimension * output.dimension;
  if (file.byteLength !== expected) {
    throw new EmbedderError(
      'model_mismatch',
      `${path}: expected ${head.dimension} x ${output.dimension} float32 (${expected} bytes), ` +
        `found ${file.byteLength} bytes`,
    );
  }
  return new Float32Array(sharedCopy(file));
}

function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function sharedCopy(file: Uint8Array): SharedArrayBuffer {
  const bytes = new SharedArrayBuffer(file.byteLength);
  new Uint8Array(bytes).set(file);
  return bytes;
}
