import { availableParallelism, cpus } from 'node:os';
import { bundledModelDir, createEmbedder } from '@glitchwatch/embedder';
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
  /** Of the process per glitch: what a crowded machine falsifies least. */
  readonly cpuMs: {
    readonly own: number;
    readonly bare: number;
    readonly resnet18: number | undefined;
  };
  readonly pictures: PictureRate | undefined;
}

/** A ResNet-18 takes four pictures a glitch, 25 ms each. */
const RESNET_SHARE = 200;

/** Of one round. CPU is that of the whole process, so it counts every thread that helps. */
interface Rate {
  readonly perSec: number;
  readonly cpuMs: number;
}

async function rateOf(count: number, work: () => Promise<unknown>): Promise<Rate> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const perSec = (1000 * count) / (performance.now() - begun);
  const { user, system } = process.cpuUsage(cpu);
  return { perSec, cpuMs: (user + system) / 1000 / count };
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
  const rates: { own: Rate; bare: Rate; resnet: Rate | undefined }[] = [];
  try {
    // The compiler and the caches settle.
    await own.embed(glitches.slice(0, 200), signal);
    await bare.run(200);
    await resnet?.embed(few.slice(0, 1), signal);
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      rates.push({
        own: await rateOf(glitches.length, () => own.embed(glitches, signal)),
        bare: await rateOf(glitches.length, () => bare.run(glitches.length)),
        resnet: resnet && (await rateOf(few.length, () => resnet.embed(few, signal))),
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
    perSec: median((rate) => rate.own.perSec),
    barePerSec: median((rate) => rate.bare.perSec),
    ratioToBare: median((rate) => rate.own.perSec / rate.bare.perSec),
    resnet18PerSec: resnet && median((rate) => rate.resnet?.perSec ?? Number.NaN),
    ratioToResnet18:
      resnet && median((rate) => rate.own.perSec / (rate.resnet?.perSec ?? Number.NaN)),
    cpuMs: {
      own: median((rate) => rate.own.cpuMs),
      bare: median((rate) => rate.bare.cpuMs),
      resnet18: resnet && median((rate) => rate.resnet?.cpuMs ?? Number.NaN),
    },
    pictures:
      images === undefined
        ? undefined
        : await benchPictures({ modelDir, images, pictures, signal }),
  };
}
