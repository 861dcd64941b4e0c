import { open, readFile } from 'node:fs/promises';
import { CliError } from './errors.js';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

type Constructor = (bytes: ArrayBuffer) => NpyArray['data'];

const readers: Readonly<Record<string, Constructor>> = {
  '<f4': (bytes) => new Float32Array(bytes),
  '<f8': (bytes) => new Float64Array(bytes),
  '<i4': (bytes) => new Int32Array(bytes),
  '<i8': (bytes) => new BigInt64Array(bytes),
};

const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);

interface Header {
  readonly descr: string;
  readonly shape: readonly number[];
  /** The first index runs fastest. */
  readonly fortranOrder: boolean;
  readonly dataStart: number;
}

/**
 * Parses the header of NumPy's .npy format, versions 1 to 3 (NEP 1).
 *
 * The dictionary is a Python literal; the three keys are picked out one by one.
 */
function parseHeader(bytes: Buffer, path: string): Header {
  if (bytes.length < 10 || !bytes.subarray(0, 6).equals(magic)) {
    throw new CliError(
      'bad_npy',
      `${path}: not a .npy file: the magic bytes \\x93NUMPY are missing`,
    );
  }
  const major = bytes[6] ?? 0;
  const wide = major >= 2;
  const length = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const dataStart = (wide ? 12 : 10) + length;
  const text = bytes.subarray(wide ? 12 : 10, dataStart).toString('latin1');
  const descr = /'descr':\s*'([^']+)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shapeText === undefined) {
    throw new CliError(
      'bad_npy',
      `${path}: header lacks descr, fortran_order or shape: ${text.trim()}`,
    );
  }
  const shape = shapeText
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  return { descr, shape, fortranOrder: order === 'True', dataStart };
}

/** The values of a rows x cols matrix, column after column, as row after row. */
function rowsFirst<T extends NpyArray['data']>(columns: T, rows: number, cols: number): T {
  const data = columns.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) data[row * cols + col] = columns[col * rows + row]!;
  }
  return data;
}

/**
 * Reads a .npy file of float32, float64, int32 or int64, little-endian, in C order;
 * a matrix also in Fortran order.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CliError('missing_file', `cannot read ${path}: ${String(cause)}`, { cause });
  });
  const { descr, shape, fortranOrder, dataStart } = parseHeader(bytes, path);
  const reader = readers[descr];
  if (!reader) {
    throw new CliError(
      'bad_npy',
      `${path}: expected dtype ${Object.keys(readers).join(', ')}, found ${descr}`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const width = Number(descr.slice(2));
  const found = bytes.length - dataStart;
  if (found !== count * width) {
    throw new CliError(
      'bad_npy',
      `${path}: shape (${shape.join(', ')}) of ${descr} needs ${count * width} bytes, found ${found}`,
    );
  }
  // Copied because typed arrays want an offset that is a multiple of the width.
  const body = new Uint8Array(found);
  body.set(bytes.subarray(dataStart));
  const data = reader(body.buffer);
  if (!fortranOrder || shape.length < 2) return { shape, data };
  if (shape.length > 2) {
    throw new CliError(
      'bad_npy',
      `${path}: expected C order or two dimensions, found Fortran order of ${shape.length}`,
    );
  }
  return { shape, data: rowsFirst(data, shape[0]!, shape[1]!) };
}

/** Reads a two-dimensional matrix of numbers; integers as float64. */
export async function readMatrix(
  path: string,
): Promise<{ rows: number; cols: number; data: Float32Array | Float64Array }> {
  const { shape, data: values } = await readNpy(path);
  const [rows, cols] = shape;
  if (shape.length !== 2 || rows === undefined || cols === undefined) {
    throw new CliError(
      'bad_npy',
      `${path}: expected two dimensions, found shape (${shape.join(', ')})`,
    );
  }
  const data =
    values instanceof Float32Array || values instanceof Float64Array
      ? values
      : Float64Array.from(values as Iterable<number | bigint>, Number);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const where = `row ${Math.floor(bad / cols)}, column ${bad % cols}`;
    throw new CliError(
      'bad_npy',
      `${path}: ${where}: expected a finite number, found ${data[bad]}`,
    );
  }
  return { rows, cols, data };
}

function descrOf(data: NpyArray['data']): string {
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Int32Array) return '<i4';
  return '<i8';
}

/** Writes a .npy file, version 1.0, header padded to 64 bytes as NumPy does. */
export async function writeNpy(path: string, { shape, data }: NpyArray): Promise<void> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descrOf(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, 0x20);
  magic.copy(header);
  header[6] = 1;
  header[7] = 0;
  header.writeUInt16LE(length, 8);
  header.write(dict, 10, 'latin1');
  header[header.length - 1] = 0x0a;
  const file = await open(path, 'w');
  try {
    await file.writeFile(header);
    await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  } finally {
    await file.close();
  }
}
