import { SpectrogramError } from './errors.js';

/** Largest picture that is looked into at all: no Gravity Spy picture has a quarter of this. */
export const MAX_PIXELS = 4_000_000;
/** Largest file: an incompressible 800 x 600 picture takes 2 MB. */
export const MAX_BYTES = 8 * 1024 * 1024;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export interface PngSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Size of a PNG from its first 24 bytes, before anything is unpacked. Throws
 * `not_a_png`, `truncated` (not even a header), `corrupt` or `too_large`.
 * PNG specification, second edition, 5.2 and 11.2.2.
 */
export function readPngHeader(bytes: Uint8Array): PngSize {
  if (!SIGNATURE.every((byte, i) => i >= bytes.length || bytes[i] === byte) || bytes.length === 0) {
    throw new SpectrogramError('not_a_png', `picture: expected a PNG file, found ${guess(bytes)}`);
  }
  if (bytes.length < 24) {
    throw new SpectrogramError(
      'truncated',
      `PNG: expected at least 24 bytes of header, found ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (chunkType(bytes, 12) !== 'IHDR' || view.getUint32(8) !== 13) {
    throw new SpectrogramError(
      'corrupt',
      `PNG: expected an IHDR chunk of 13 bytes first, found ${chunkType(bytes, 12)} of ${view.getUint32(8)}`,
    );
  }
  const widthPx = view.getUint32(16);
  const heightPx = view.getUint32(20);
  if (widthPx * heightPx > MAX_PIXELS) {
    throw new SpectrogramError(
      'too_large',
      `PNG: found ${widthPx} x ${heightPx} = ${widthPx * heightPx} pixels, the limit is ${MAX_PIXELS}`,
    );
  }
  if (bytes.length > MAX_BYTES) {
    throw new SpectrogramError(
      'too_large',
      `PNG: found a file of ${bytes.length} bytes, the limit is ${MAX_BYTES}`,
    );
  }
  return { widthPx, heightPx };
}

/** Walks the chunks without unpacking them; throws `truncated` where the file stops before IEND. */
export function assertComplete(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = SIGNATURE.length;
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at);
    const type = chunkType(bytes, at + 4);
    const end = at + 12 + length;
    if (end > bytes.length) {
      throw new SpectrogramError(
        'truncated',
        `PNG: expected its ${type} chunk to end at byte ${end}, found the end of the file at ${bytes.length}`,
      );
    }
    if (type === 'IEND') return;
    at = end;
  }
  throw new SpectrogramError(
    'truncated',
    `PNG: expected an IEND chunk, found the end of the file at byte ${bytes.length}`,
  );
}

/** The four letters of a chunk type; what is not a letter shows as a dot. */
function chunkType(bytes: Uint8Array, at: number): string {
  const letters = String.fromCharCode(...bytes.subarray(at, at + 4));
  return letters.replace(/[^A-Za-z]/g, '.');
}

/** Names what a file that is no PNG seems to be. */
function guess(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const known: readonly (readonly [string, readonly number[]])[] = [
    ['a JPEG', [0xff, 0xd8, 0xff]],
    ['a GIF', [0x47, 0x49, 0x46, 0x38]],
    ['a RIFF file (WebP?)', [0x52, 0x49, 0x46, 0x46]],
    ['a BMP', [0x42, 0x4d]],
    ['a PDF', [0x25, 0x50, 0x44, 0x46]],
    ['an HDF5 file', [0x89, 0x48, 0x44, 0x46]],
    ['a gzip file', [0x1f, 0x8b]],
    ['a zip file', [0x50, 0x4b, 0x03, 0x04]],
    ['markup (HTML, XML or SVG)', [0x3c]],
  ];
  const match = known.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (match) return match[0];
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return `bytes that begin with ${start}`;
}
