import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundledModelDir, createEmbedder } from '@glitchwatch/embedder';
import { type Glitch, glitchIdOf, Trigger } from '@glitchwatch/proto';
import { simulatorClasses } from '@glitchwatch/simulator';
import { z } from 'zod';
import { openSimulationPool } from '../simulation/simulation-pool.js';
import { toGlitch } from '../simulation/to-glitch.js';

export interface EmbeddingPoolOptions {
  readonly dir: string;
  /** Glitches of each morphology that the simulator knows. */
  readonly perClass: number;
  readonly seed: number;
  readonly embedder: string;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Embeddings of simulated glitches, morphology after morphology in turn. */
export interface EmbeddingPool {
  readonly classes: readonly string[];
  readonly dimension: number;
  readonly embedderSha256: string;
  readonly size: number;
  /** Index in `classes`. */
  classAt(row: number): number;
  /** Unit length; a view. */
  vectorAt(row: number): Float32Array;
}

const header = z.object({
  classes: z.array(z.string()),
  dimension: z.int().min(1),
  size: z.int().min(0),
  embedderSha256: z.string(),
});

const TOGETHER = 64;
const firstGpsNs = 1_400_000_000_000_000_000n;
const stepNs = 1_000_000_000n;

/**
 * Simulates and embeds once (20 to 40 ms of a core for each glitch), and reads the file
 * the next time. The same whatever the threads: its name says all that it depends on.
 */
export async function openEmbeddingPool(options: EmbeddingPoolOptions): Promise<EmbeddingPool> {
  const { dir, perClass, seed, signal, onProgress } = options;
  const embedder = await createEmbedder({
    modelDir: bundledModelDir(options.embedder),
    threads: options.threads,
  });
  try {
    const name = `pool-${embedder.sha256.slice(0, 12)}-${seed}-${perClass}`;
    const file = join(dir, name);
    const known = await readPool(file);
    if (known !== undefined) return known;
    const classes = [...simulatorClasses];
    const size = perClass * classes.length;
    const vectors = new Float32Array(size * embedder.dimension);
    let done = 0;
    const embed = async (glitches: readonly Glitch[]): Promise<void> => {
      for (const vector of await embedder.embed(glitches, signal))
        vectors.set(vector, embedder.dimension * done++);
      onProgress(done, size);
    };
    const simulation = openSimulationPool(seed, options.threads);
    try {
      let batch: Glitch[] = [];
      for await (const { plan, glitch } of simulation.draw(plans(classes, size))) {
        signal.throwIfAborted();
        batch.push(identified(toGlitch(glitch, firstGpsNs + BigInt(plan.n) * stepNs)));
        if (batch.length < TOGETHER) continue;
        await embed(batch);
        batch = [];
      }
      if (batch.length > 0) await embed(batch);
    } finally {
      await simulation.close();
    }
    await mkdir(dir, { recursive: true });
    const { dimension, sha256: embedderSha256 } = embedder;
    // The header last: without it the other file is nothing.
    await writeFile(`${file}.f32`, new Uint8Array(vectors.buffer));
    await writeFile(`${file}.part`, JSON.stringify({ classes, dimension, size, embedderSha256 }));
    await rename(`${file}.part`, `${file}.json`);
    return poolOf({ classes, dimension, size, embedderSha256 }, vectors);
  } finally {
    await embedder.close();
  }
}

/** As ingest would: the embedder refuses a glitch without an id. */
function identified(glitch: Glitch): Glitch {
  const trigger = Trigger.fromPartial(glitch.trigger ?? {});
  return { ...glitch, trigger: { ...trigger, glitchId: glitchIdOf(trigger) } };
}

function* plans(classes: readonly string[], size: number) {
  for (let n = 0; n < size; n++) yield { n, choice: { className: classes[n % classes.length]! } };
}

async function readPool(file: string): Promise<EmbeddingPool | undefined> {
  let text: string;
  try {
    text = await readFile(`${file}.json`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const bytes = await readFile(`${file}.f32`);
  const vectors = new Float32Array(bytes.length / Float32Array.BYTES_PER_ELEMENT);
  new Uint8Array(vectors.buffer).set(bytes);
  return poolOf(header.parse(JSON.parse(text)), vectors);
}

function poolOf(facts: z.output<typeof header>, vectors: Float32Array): EmbeddingPool {
  const { classes, dimension } = facts;
  return {
    ...facts,
    classAt: (row) => row % classes.length,
    vectorAt: (row) => vectors.subarray(row * dimension, (row + 1) * dimension),
  };
}
