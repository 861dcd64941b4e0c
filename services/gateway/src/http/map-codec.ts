import type { MapColumns } from '../read-model/glitch-table.js';

export interface MapHeader {
  readonly modelVersion: number | null;
  /** Where /v1/events goes on from exactly this map. */
  readonly cursor: string;
  readonly n: number;
}

const MAGIC = 'GWM1';

/**
 * The map as bytes, little-endian: "GWM1", uint32 length of a JSON header padded
 * with spaces to a multiple of 4, the header, then the columns float32 x[n],
 * float32 y[n], int32 familyId[n], and 16 bytes of glitch id each. 28 bytes per
 * glitch, against about 75 as JSON.
 */
export function encodeMap(columns: MapColumns, header: MapHeader): Buffer {
  const n = columns.x.length;
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4, ' '), 'latin1');
  const out = Buffer.alloc(8 + head.length + n * 28);
  out.write(MAGIC, 0, 'latin1');
  out.writeUInt32LE(head.length, 4);
  head.copy(out, 8);
  let at = 8 + head.length;
  for (const column of [columns.x, columns.y, columns.familyIds]) {
    Buffer.from(column.buffer, column.byteOffset, column.byteLength).copy(out, at);
    at += column.byteLength;
  }
  for (const glitchId of columns.glitchIds) at += out.write(glitchId, at, 'hex');
  return out;
}
