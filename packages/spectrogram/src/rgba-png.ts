import { crc32, inflateSync } from 'node:zlib';
import type { Pixels } from './axes-box.js';
import { bytesAt, kernels, layOut, WORK_AT, ZERO_BYTES } from './kernels.js';
import type { PngSize } from './png-header.js';

/** Depth 8, red green blue alpha; DEFLATE, the five filters, not interlaced. */
const RGBA_HEADER = [8, 6, 0, 0, 0];

/** Chunks that say nothing about how a pixel is to be read. */
const HARMLESS = new Set(['IHDR', 'IDAT', 'IEND', 'pHYs', 'sBIT', 'tEXt', 'tIME']);

/**
 * Pixels of a complete PNG of the one kind that Gravity Spy writes: 8-bit RGBA, not
 * interlaced, without a colour profile. undefined for every other file and for any damage:
 * that is for sharp to read or to refuse. This takes a third of sharp's CPU time
 * (docs/benchmarks.md), which is most of the way from a picture to its embedding.
 *
 * The pixels lie in the kernels' memory: they are gone once the next picture is read.
 *
 * PNG specification, second edition, 5.3, 9 and 10.
 */
export function readRgbaPng(bytes: Uint8Array, { widthPx, heightPx }: PngSize): Pixels | undefined {
  const code = pixelCode(bytes);
  const stride = 4 * widthPx;
  if (code === undefined || stride > ZERO_BYTES) return undefined;
  const filtered = inflate(code, heightPx * (stride + 1));
  if (filtered === undefined) return undefined;
  // A row apart, the result grows over what has been read.
  const [to = 0, from = 0] = layOut(WORK_AT, stride + 8, filtered.length);
  bytesAt(from, filtered.length).set(filtered);
  if (kernels().unfilterRows(from, to, stride, heightPx) < heightPx) return undefined;
  return { data: bytesAt(to, heightPx * stride), widthPx, heightPx };
}

/** The DEFLATE stream out of its chunks. */
function pixelCode(bytes: Uint8Array): Uint8Array | undefined {
  if (!RGBA_HEADER.every((byte, i) => bytes[24 + i] === byte)) return undefined;
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Buffer[] = [];
  for (let at = 8, type = ''; type !== 'IEND'; ) {
    const end = at + 8 + png.readUInt32BE(at);
    type = png.toString('latin1', at + 4, at + 8);
    const isWhole = crc32(png.subarray(at + 4, end)) === png.readUInt32BE(end);
    if (!isWhole || !HARMLESS.has(type)) return undefined;
    if (type === 'IDAT') parts.push(png.subarray(at + 8, end));
    at = end + 4;
  }
  return Buffer.concat(parts);
}

/** undefined unless the stream is sound, has this length unpacked and ends where the code does. */
function inflate(code: Uint8Array, length: number): Uint8Array | undefined {
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    // A byte more than expected, so that all of it comes in one piece and a longer stream shows.
    result = inflateSync(code, {
      chunkSize: length + 1,
      maxOutputLength: length + 1,
      info: true,
    }) as unknown as typeof result;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
  const { buffer, engine } = result;
  return buffer.length === length && engine.bytesWritten === code.length ? buffer : undefined;
}

/** What zlib says about bytes, as against a mistake of ours. */
function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
}
