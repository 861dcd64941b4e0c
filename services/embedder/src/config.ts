import { z } from 'zod';
import { bundledGoldenPath } from './golden/golden-set.js';
import { bundledModelDir } from './model-file.js';

/** Settings of the embedder service; every one has a default. */
export const embedderConfigSchema = z.strictObject({
  groupId: z.string().min(1).default('embedder'),
  /** Folder with model.json. */
  modelDir: z
    .string()
    .min(1)
    .default(() => bundledModelDir()),
  /** The network, where it is not the file beside model.json. */
  modelPath: z.string().min(1).optional(),
  /** Worker threads. */
  threads: z.coerce.number().int().min(1).max(64).default(1),
  device: z.enum(['cpu', 'cuda']).default('cpu'),
  maxBatchGlitches: z.coerce.number().int().min(1).max(1024).default(32),
  maxDelayMs: z.coerce.number().min(0).max(10_000).default(5),
  maxQueuedGlitches: z.coerce.number().int().min(1).max(100_000).default(1024),
  /** Records taken from one partition at once. */
  maxBatchRecords: z.coerce.number().int().min(1).max(10_000).default(128),
  /** How often the golden glitches are embedded anew; 0: never. */
  goldenEverySec: z.coerce.number().min(0).default(3_600),
  /** Their file. */
  goldenPath: z
    .string()
    .min(1)
    .default(() => bundledGoldenPath()),
  lagIntervalMs: z.coerce.number().int().min(100).default(5000),
  host: z.string().min(1).default('127.0.0.1'),
  /** gRPC, for explanations; 0 takes any free port, undefined serves nothing. */
  grpcPort: z.coerce.number().int().min(0).max(65_535).optional(),
});

export type EmbedderConfig = z.infer<typeof embedderConfigSchema>;

/** The only place that reads the environment; absent variables stay undefined. */
export function embedderConfigFromEnvironment(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const values: Record<string, unknown> = {
    modelDir: env.GLITCHWATCH_MODEL_DIR,
    modelPath: env.GLITCHWATCH_MODEL_PATH,
    threads: env.GLITCHWATCH_EMBEDDER_THREADS,
    device: env.GLITCHWATCH_EMBEDDER_DEVICE,
    maxBatchGlitches: env.GLITCHWATCH_EMBEDDER_MAX_BATCH_GLITCHES,
    goldenEverySec: env.GLITCHWATCH_EMBEDDER_GOLDEN_EVERY_SEC,
    maxDelayMs: env.GLITCHWATCH_EMBEDDER_MAX_DELAY_MS,
    host: env.GLITCHWATCH_HOST,
    grpcPort: env.GLITCHWATCH_EMBEDDER_GRPC_PORT || undefined,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
