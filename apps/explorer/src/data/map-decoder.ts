import type { MapData } from './messages.js';

const BYTES_PER_GLITCH = 28;

/** Reads the binary map: "GWM1", header length, JSON header, then columns (see the gateway's README). */
export function decodeMap(buffer: ArrayBuffer): MapData {
  const view = new DataView(buffer);
  const magic = buffer.byteLength < 8 ? '' : latin1(new Uint8Array(buffer, 0, 4));
  if (magic !== 'GWM1') throw new Error(`map: expected "GWM1", found ${JSON.stringify(magic)}`);
  const headLength = view.getUint32(4, true);
  const head = JSON.parse(latin1(new Uint8Array(buffer, 8, headLength))) as {
    modelVersion: number | null;
    cursor: string;
    n: number;
  };
  const { n } = head;
  const start = 8 + headLength;
  const expected = start + n * BYTES_PER_GLITCH;
  if (buffer.byteLength !== expected) {
    throw new Error(
      `map: expected ${expected} bytes for ${n} glitches, found ${buffer.byteLength}`,
    );
  }
  return {
    modelVersion: head.modelVersion,
    cursor: head.cursor,
    x: new Float32Array(buffer.slice(start, start + 4 * n)),
    y: new Float32Array(buffer.slice(start + 4 * n, start + 8 * n)),
    familyIds: new Int32Array(buffer.slice(start + 8 * n, start + 12 * n)),
    glitchIds: hexIds(new Uint8Array(buffer, start + 12 * n, 16 * n), n),
  };
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hexIds(bytes: Uint8Array, n: number): string[] {
  const ids = new Array<string>(n);
  for (let i = 0; i < n; i++) {
    let id = '';
    for (let j = i * 16; j < i * 16 + 16; j++) id += hexOfByte[bytes[j]!]!;
    ids[i] = id;
  }
  return ids;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
