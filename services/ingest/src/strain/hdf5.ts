import h5wasm, { type Dataset, type File } from 'h5wasm/node';
import { IngestError } from '../errors.js';

const MAX_REASON_CHARS = 160;

/**
 * Opens an HDF5 file for as long as `work` takes. HDF5 runs as WebAssembly in this
 * thread, so this belongs into worker threads; it reads the file in place.
 *
 * @throws IngestError `unreadable_file` where it is no HDF5 file, is cut short, or
 *   what `work` reads is damaged.
 */
export async function withHdf5<T>(path: string, work: (file: File) => T): Promise<T> {
  const { activate_throwing_error_handler } = await h5wasm.ready;
  activate_throwing_error_handler();
  let file: File | undefined;
  try {
    file = new h5wasm.File(path, 'r');
    return work(file);
  } catch (error) {
    if (error instanceof IngestError) throw error;
    throw new IngestError(
      'unreadable_file',
      `${path}: expected a whole HDF5 file; found ${reasonOf(error)}.`,
      { file: path, cause: error },
    );
  } finally {
    file?.close();
  }
}

/** The lowest line of HDF5's account of an error says what was wrong. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = [...text.matchAll(/#\d+:.*?\(\): (.*)/g)].map((match) => match[1] ?? '');
  const deepest = lines.at(-1) ?? text.split('\n')[0] ?? '';
  const reason = deepest.trim().replace(/\.$/, '');
  return reason.length > MAX_REASON_CHARS ? `${reason.slice(0, MAX_REASON_CHARS)}…` : reason;
}

export function datasetAt(file: File, path: string): Dataset | undefined {
  const found = file.get(path);
  return found instanceof h5wasm.Dataset ? found : undefined;
}

/** A number or text of an attribute or a scalar dataset. */
export function scalarOf(
  holder: { readonly value: unknown } | undefined,
): number | string | bigint | undefined {
  const value = holder?.value;
  const single =
    Array.isArray(value) || ArrayBuffer.isView(value)
      ? (value as unknown as ArrayLike<unknown>)[0]
      : value;
  return typeof single === 'number' || typeof single === 'string' || typeof single === 'bigint'
    ? single
    : undefined;
}

/** Paths of all datasets, groups entered. */
export function datasetPaths(file: File): string[] {
  return file.paths().filter((path) => file.get(path) instanceof h5wasm.Dataset);
}
