import type { Explanation, Glitch, WindowImportance } from '@glitchwatch/proto';
import type { Embedder } from './embedder.js';
import { type GridSize, gridSizeOf, type HiddenTile } from './glitch-input.js';
import { meanUnitVector } from './unit-vector.js';

/** Tiles per window, up and along: 16 x 16 of the 128 x 128 cells each. */
const ROWS = 8;
const COLUMNS = 8;
/** Sent to the workers at once: glitches that come in meanwhile wait for no more than these. */
const TILES_AT_ONCE = 32;

/**
 * Which tiles of a glitch's windows make it like the references: occlusion (Zeiler &
 * Fergus 2014, section 4.2), with the similarity to the references' mean in place of a
 * class score. Rejects as `Embedder.embed`.
 */
export async function explainGlitch(
  embedder: Pick<
    Embedder,
    'name' | 'sha256' | 'dimension' | 'description' | 'embed' | 'embedHiding'
  >,
  { glitch, references }: { readonly glitch: Glitch; readonly references: readonly Glitch[] },
  signal?: AbortSignal,
): Promise<Explanation> {
  const [whole, ...others] = await embedder.embed([glitch, ...references], signal);
  // The zero vector of references that cancel out is like nothing: all importances are 0.
  const target = meanUnitVector(others) ?? new Float32Array(embedder.dimension);
  const similarityOf = (vector: Float32Array): number => dot(vector, target);
  const similarity = similarityOf(whole!);

  const windows: WindowImportance[] = [];
  const shortestFirst = [...glitch.windows].sort((a, b) => a.windowSec - b.windowSec);
  for (const { windowSec } of shortestFirst) {
    const slot = embedder.description.windowsSec.indexOf(windowSec);
    const tiles = tilesOf(slot, gridSizeOf(embedder.description));
    const importances: number[] = [];
    for (let from = 0; from < tiles.length; from += TILES_AT_ONCE) {
      const some = tiles.slice(from, from + TILES_AT_ONCE);
      const vectors = await embedder.embedHiding(glitch, some, signal);
      importances.push(...vectors.map((vector) => similarity - similarityOf(vector)));
    }
    windows.push({ windowSec, rows: ROWS, columns: COLUMNS, importances });
  }
  const { name, sha256 } = embedder;
  return { embedder: name, embedderSha256: sha256, similarity, windows };
}

/** Row by row; where the grid's size is no multiple, tiles differ by a cell. */
function tilesOf(slot: number, { nFrequency, nTime }: GridSize): HiddenTile[] {
  const edge = (i: number, parts: number, size: number) => Math.round((i * size) / parts);
  return Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    const top = edge(row, ROWS, nFrequency);
    const left = edge(column, COLUMNS, nTime);
    return {
      slot,
      top,
      left,
      height: edge(row + 1, ROWS, nFrequency) - top,
      width: edge(column + 1, COLUMNS, nTime) - left,
    };
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
