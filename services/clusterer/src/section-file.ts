import { ClustererError } from './errors.js';

/**
 * A binary file of named typed arrays behind a JSON header.
 *
 *     0   8 bytes   "GWMODEL" and the format number (1) as one byte
 *     8   u32 LE    length of the header in bytes
 *     12  UTF-8     JSON: {"fields": {...}, "sections": {name: {"type", "offset", "length"}}}
 *         zeros up to the next multiple of 8
 *         sections, little-endian, each from a multiple of 8; `offset` counts
 *         bytes from the end of that first padding, `length` counts elements
 */
export type Section = Float32Array | Float64Array | Int32Array | Uint8Array;
type SectionType = 'float32' | 'float64' | 'int32' | 'uint8';

interface Header {
  readonly fields: unknown;
  readonly sections: Readonly<Record<string, SectionEntry>>;
}

interface SectionEntry {
  readonly type: SectionType;
  readonly offset: number;
  readonly length: number;
}

const MAGIC = Buffer.from('GWMODEL\u0001', 'latin1');
const ALIGNMENT = 8;
const HEADER_AT = MAGIC.length + 4;

/** The file in parts, in order, none of the arrays copied. */
export function encodeSections(
  fields: unknown,
  sections: Readonly<Record<string, Section>>,
): Uint8Array[] {
  const entries: Record<string, SectionEntry> = {};
  const body: Uint8Array[] = [];
  let offset = 0;
  for (const [name, section] of Object.entries(sections)) {
    entries[name] = { type: typeOf(section), offset, length: section.length };
    body.push(new Uint8Array(section.buffer, section.byteOffset, section.byteLength));
    body.push(new Uint8Array(aligned(section.byteLength) - section.byteLength));
    offset += aligned(section.byteLength);
  }
  const header = Buffer.from(JSON.stringify({ fields, sections: entries } satisfies Header));
  const start = Buffer.alloc(aligned(HEADER_AT + header.length));
  MAGIC.copy(start);
  start.writeUInt32LE(header.length, MAGIC.length);
  header.copy(start, HEADER_AT);
  return [start, ...body];
}

export interface DecodedSections {
  readonly fields: unknown;
  has(name: string): boolean;
  float32(name: string): Float32Array;
  float64(name: string): Float64Array;
  int32(name: string): Int32Array;
  uint8(name: string): Uint8Array;
}

/** @throws ClustererError `bad_snapshot` for anything that `encodeSections` did not write. */
export function decodeSections(file: Uint8Array, name: string): DecodedSections {
  // Arrays need aligned memory, and the reader must not change under a shared buffer.
  const bytes = Buffer.from(new Uint8Array(file).buffer);
  if (bytes.length < HEADER_AT || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw bad(name, 'expected a file of format GWMODEL 1, found something else');
  const headerEnd = HEADER_AT + bytes.readUInt32LE(MAGIC.length);
  if (headerEnd > bytes.length)
    throw bad(name, `expected a header up to byte ${headerEnd}, found ${bytes.length} bytes`);
  const header = parseHeader(bytes.toString('utf8', HEADER_AT, headerEnd), name);
  const bodyAt = aligned(headerEnd);
  const section = (wanted: string, type: SectionType, elementBytes: number): [number, number] => {
    const entry = header.sections[wanted];
    if (entry === undefined || entry.type !== type)
      throw bad(name, `expected section ${wanted} of ${type}, found ${entry?.type ?? 'none'}`);
    const end = bodyAt + entry.offset + entry.length * elementBytes;
    if (end > bytes.length)
      throw bad(name, `expected section ${wanted} up to byte ${end}, found ${bytes.length} bytes`);
    return [bodyAt + entry.offset, entry.length];
  };
  const { buffer } = bytes;
  return {
    fields: header.fields,
    has: (wanted) => header.sections[wanted] !== undefined,
    float32: (wanted) => new Float32Array(buffer, ...section(wanted, 'float32', 4)),
    float64: (wanted) => new Float64Array(buffer, ...section(wanted, 'float64', 8)),
    int32: (wanted) => new Int32Array(buffer, ...section(wanted, 'int32', 4)),
    uint8: (wanted) => new Uint8Array(buffer, ...section(wanted, 'uint8', 1)),
  };
}

function parseHeader(text: string, name: string): Header {
  try {
    return JSON.parse(text) as Header;
  } catch (error) {
    throw bad(name, `expected a JSON header, found ${text.slice(0, 40)}`, error);
  }
}

function typeOf(section: Section): SectionType {
  if (section instanceof Float32Array) return 'float32';
  if (section instanceof Float64Array) return 'float64';
  return section instanceof Int32Array ? 'int32' : 'uint8';
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function bad(name: string, what: string, cause?: unknown): ClustererError {
  return new ClustererError('bad_snapshot', `Model snapshot ${name}: ${what}`, { cause });
}
