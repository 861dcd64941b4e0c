import { readFile } from 'node:fs/promises';
import { ServiceError } from './errors.js';

/** Bytes of a FileDescriptorSet, or where they lie. */
export type DescriptorSet = Uint8Array | URL | string;

export async function readDescriptorSet(source: DescriptorSet): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  const path = typeof source === 'string' && source.startsWith('file:') ? new URL(source) : source;
  try {
    return await readFile(path);
  } catch (error) {
    throw new ServiceError('bad_config', `Cannot read the descriptor set ${String(source)}.`, {
      cause: error,
    });
  }
}

/**
 * Cuts a serialised `google.protobuf.FileDescriptorSet` into its files, which are
 * all of its field 1, length-delimited (descriptor.proto).
 */
export function splitDescriptorSet(bytes: Uint8Array): Uint8Array[] {
  const files: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at];
    if (tag !== 0x0a) throw malformed(at, `tag ${String(tag)}`);
    let length = 0;
    let shift = 0;
    for (;;) {
      at += 1;
      const byte = bytes[at];
      if (byte === undefined || shift > 28) throw malformed(at, 'an unfinished length');
      length |= (byte & 0x7f) << shift;
      shift += 7;
      if ((byte & 0x80) === 0) break;
    }
    at += 1;
    if (at + length > bytes.length) throw malformed(at, `a file of ${length} bytes`);
    files.push(bytes.subarray(at, at + length));
    at += length;
  }
  return files;
}

function malformed(at: number, found: string): ServiceError {
  return new ServiceError(
    'bad_config',
    `The descriptor set is malformed at byte ${at}: expected a file (tag 10), found ${found}.`,
  );
}
