import { availableParallelism, cpus } from 'node:os';
import { bundledModelDir, createEmbedder, type Embedder } from '@glitchwatch/embedder';
import type { Glitch } from '@glitchwatch/proto';
import { openBareNetwork } from './bare-network.js';
import { simulateBases, supplyGlitch } from './glitch-supply.js';
import { identified } from './identified.js';
import { benchPictures, type PictureRate } from './picture-bench.js';

export interface EmbedderBenchOptions {
  readonly embedder: string;
  /** Of each round, with the bundled network. */
  readonly glitches: number;
  readonly rounds: number;
  /** ONNX file of an ImageNet ResNet-18. */
  readonly resnet18?: string | undefined;
  readonly images?: string | undefined;
  readonly pictures: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface EmbedderBenchResult {
  readonly machine: string;
  readonly embedder: string;
  /** Glitches/s of one worker, from grids as they travel in messages; medians over rounds. */
  readonly perSec: number;
  /** Of onnxruntime alone, one thread, tensors made beforehand. */
  readonly barePerSec: number;
  /** Median over rounds of perSec over barePerSec. */
  readonly ratioToBare: number;
  readonly resnet18PerSec: number | undefined;
  readonly ratioToResnet18: number | undefined;
  readonly pictures: PictureRate | undefined;
}

/** A ResNet-18 takes four pictures a glitch, 25 ms each. */
const RESNET_SHARE = 200;

async function rateOf(
  embedder: Embedder,
  glitches: readonly Glitch[],
  signal: AbortSignal,
): Promise<number> {
  const begun = performance.now();
  await embedder.embed(glitches, signal);
  return (1000 * glitches.length) / (performance.now() - begun);
}

/** Everything in one process and, round by round, one after the other. */
export async function benchEmbedder(options: EmbedderBenchOptions): Promise<EmbedderBenchResult> {
  const { signal, rounds, resnet18 } = options;
  const bases = await simulateBases(200, options.seed, () => undefined, signal);
  const glitches = Array.from({ length: options.glitches }, (_, i) =>
    identified(supplyGlitch(bases, i)),
  );
  const modelDir = bundledModelDir(options.embedder);
  const bare = await openBareNetwork(modelDir, glitches.slice(0, 200));
  const own = await createEmbedder({ modelDir });
  const resnet =
    resnet18 === undefined
      ? undefined
      : await createEmbedder({
          modelDir: bundledModelDir('resnet18-imagenet'),
          modelPath: resnet18,
        });
  const few = glitches.slice(0, Math.max(2, Math.round(glitches.length / RESNET_SHARE)));
  const rates: { own: number; bare: number; resnet: number }[] = [];
  try {
    // The compiler and the caches settle.
    await own.embed(glitches.slice(0, 200), signal);
    await bare.run(200);
    await resnet?.embed(few.slice(0, 1), signal);
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      rates.push({
        own: await rateOf(own, glitches, signal),
        bare: glitches.length / (await bare.run(glitches.length)),
        resnet: resnet === undefined ? Number.NaN : await rateOf(resnet, few, signal),
      });
    }
  } finally {
    await Promise.all([bare.close(), own.close(), resnet?.close()]);
  }
  const median = (of: (rate: (typeof rates)[number]) => number): number => {
    const sorted = rates.map(of).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
  };
  const { images, pictures } = options;
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}, Node ${process.version}`,
    embedder: options.embedder,
    perSec: median((rate) => rate.own),
    barePerSec: median((rate) => rate.bare),
    ratioToBare: median((rate) => rate.own / rate.bare),
    resnet18PerSec: resnet && median((rate) => rate.resnet),
    ratioToResnet18: resnet && median((rate) => rate.own / rate.resnet),
    pictures:
      images === undefined
        ? undefined
        : await benchPictures({ modelDir, images, pictures, signal }),
  };
}
