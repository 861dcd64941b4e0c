import { NumericsError } from '../../errors.js';
import type { Matrix } from '../../matrix.js';
import type { Metric } from '../metric.js';
import type { BaseLayer } from './base-layer.js';

/**
 * hnswlib 0.8's index file (HierarchicalNSW::saveIndex), little-endian:
 *
 *   header  uint64 offset of layer 0 (0), capacity, rows, bytes per row, offset of the label,
 *           offset of the vector; int32 highest layer; uint32 entry row; uint64 links above
 *           layer 0, links in layer 0, m; float64 1 / ln m; uint64 efConstruction
 *   rows    each uint32 number of links and room for them, float32 vector, uint64 label
 *   layers  each uint32 bytes that follow, then for each layer above 0 that the row is in
 *           uint32 number of links and room for them
 */
const HEADER_BYTES = 96;
const LABEL_BYTES = 8;

/** The layers of a graph that hnswlib wrote. */
export interface HnswLayers {
  readonly rows: number;
  readonly entry: number;
  readonly highest: number;
  /** Highest layer of a row. */
  layerOf(row: number): number;
  linksOf(row: number, layer: number): number[];
}

/** @throws NumericsError bad_bytes where the bytes are not as long as their header says. */
export function readLayers(bytes: Uint8Array): HnswLayers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const uint64 = (at: number): number => Number(view.getBigUint64(at, true));
  const rows = uint64(16);
  const rowBytes = uint64(24);
  const perLayer = 4 + 4 * uint64(56);
  const layersAt = new Float64Array(rows);
  let at = HEADER_BYTES + rows * rowBytes;
  for (let row = 0; row < rows && at + 4 <= bytes.length; row++) {
    layersAt[row] = at;
    at += 4 + view.getUint32(at, true);
  }
  if (at !== bytes.length) {
    throw new NumericsError(
      'bad_bytes',
      `hnswlib graph: expected ${at} bytes, found ${bytes.length}`,
    );
  }
  return {
    rows,
    entry: view.getUint32(52, true),
    highest: view.getInt32(48, true),
    layerOf: (row) => view.getUint32(layersAt[row]!, true) / perLayer,
    linksOf: (row, layer) => {
      const from =
        layer === 0 ? HEADER_BYTES + row * rowBytes : layersAt[row]! + 4 + (layer - 1) * perLayer;
      // The upper half of the word holds marks.
      const count = view.getUint16(from, true);
      return Array.from({ length: count }, (_, i) => view.getUint32(from + 4 + 4 * i, true));
    },
  };
}

export interface GraphParts {
  /** n x d. */
  readonly points: Matrix;
  readonly metric: Metric;
  readonly base: BaseLayer;
  readonly m: number;
  readonly efConstruction: number;
  /** Rows that are in layers above 0, ascending; `upper` knows them by their places here. */
  readonly entries: readonly number[];
  readonly upper: HnswLayers;
}

/** The file of a graph whose layer 0 is `base` and whose layer l + 1 is layer l of `upper`. */
export function writeGraph(parts: GraphParts): Uint8Array {
  const { entries, upper, m } = parts;
  const { rows, cols } = parts.points;
  const vectorAt = 1 + parts.base.width;
  const rowWords = vectorAt + cols + LABEL_BYTES / 4;
  const perLayer = 1 + m;
  const upperLayers = entries.reduce((sum, _, number) => sum + upper.layerOf(number) + 1, 0);
  const words = new Uint32Array(HEADER_BYTES / 4 + rows * rowWords + rows + upperLayers * perLayer);

  const header = new DataView(words.buffer, 0, HEADER_BYTES);
  const sizes = [0, rows, rows, 4 * rowWords, 4 * (vectorAt + cols), 4 * vectorAt];
  for (const [i, size] of sizes.entries()) header.setBigUint64(8 * i, BigInt(size), true);
  header.setInt32(48, upper.highest + 1, true);
  header.setUint32(52, entries[upper.entry]!, true);
  for (const [i, size] of [m, parts.base.width, m].entries())
    header.setBigUint64(56 + 8 * i, BigInt(size), true);
  header.setFloat64(80, 1 / Math.log(m), true);
  header.setBigUint64(88, BigInt(parts.efConstruction), true);

  writeRows(words, rowWords, parts);
  let at = HEADER_BYTES / 4 + rows * rowWords;
  for (let row = 0, number = 0; row < rows; row++) {
    const isEntry = entries[number] === row;
    const layers = isEntry ? upper.layerOf(number) + 1 : 0;
    words[at++] = 4 * layers * perLayer;
    for (let layer = 0; layer < layers; layer++, at += perLayer) {
      const links = upper.linksOf(number, layer);
      words[at] = links.length;
      for (const [i, link] of links.entries()) words[at + 1 + i] = entries[link]!;
    }
    if (isEntry) number++;
  }
  return new Uint8Array(words.buffer);
}

function writeRows(words: Uint32Array, rowWords: number, parts: GraphParts): void {
  const { rows, cols, data } = parts.points;
  const { width, links, counts } = parts.base;
  const floats = new Float32Array(words.buffer);
  for (let row = 0; row < rows; row++) {
    const at = HEADER_BYTES / 4 + row * rowWords;
    const vectorAt = at + 1 + width;
    words[at] = counts[row]!;
    words.set(links.subarray(row * width, row * width + counts[row]!), at + 1);
    floats.set(data.subarray(row * cols, (row + 1) * cols), vectorAt);
    if (parts.metric === 'cosine') toUnitLength(floats.subarray(vectorAt, vectorAt + cols));
    words[vectorAt + cols] = row;
  }
}

/** As hnswlib keeps rows for cosine; one of length 0 stays. */
function toUnitLength(vector: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! * scale;
}
