import { z } from 'zod';

const MIB = 1024 * 1024;
const port = z.number().int().min(0).max(65535);
const positive = z.number().int().positive();

const httpSchema = z.object({
  enabled: z.boolean().default(true),
  host: z.string().default('127.0.0.1'),
  port: port.default(8081),
  bodyLimitBytes: positive.default(16 * MIB),
  /** Requests in hand at once, their bodies in memory; more get 503. */
  maxInFlight: positive.default(16),
  /** Token bucket over triggers, all clients together. */
  rateLimit: z
    .object({
      perSecond: z.number().positive().default(1000),
      burst: z.number().positive().default(5000),
    })
    .prefault({}),
});

const grpcSchema = z.object({
  enabled: z.boolean().default(true),
  host: z.string().default('127.0.0.1'),
  port: port.default(50052),
  maxMessageBytes: positive.default(8 * MIB),
  /** Glitches of one stream worked on at once; then the stream is paused. */
  maxInFlight: positive.default(32),
  maxPerStream: positive.default(100_000),
  /** Streams open at once; more are told to try again. */
  maxStreams: positive.default(16),
});

const imagesSchema = z.object({
  /** Pictures read at once; undefined: twice the number of cores. */
  concurrency: positive.optional(),
  maxPictureBytes: positive.default(16 * MIB),
  /** With watch: how long to wait for further windows of a glitch. */
  settleMs: positive.default(5_000),
  /** With watch: the longest wait since a glitch's first window. */
  maxWaitMs: positive.default(30_000),
  /** With watch: a file is complete when its size has not changed for this long. */
  writeFinishMs: positive.default(500),
  /** Lines kept in a report; more are only counted. */
  maxReported: positive.default(10_000),
});

const strainSchema = z.object({
  /** Threads that scan; undefined: one per core. */
  threads: positive.optional(),
  /** Triggers whose strain has not come yet: at most so many … */
  maxWaiting: positive.default(10_000),
  /** … and for so long. */
  maxWaitMs: positive.default(10 * 60_000),
  /** With watch: a file is complete when its size has not changed for this long. */
  writeFinishMs: positive.default(500),
  /** Lines kept in a report; more are only counted. */
  maxReported: positive.default(10_000),
});

/** Every field has a default: `ingestConfigSchema.parse({})` is a complete configuration. */
export const ingestConfigSchema = z.object({
  http: httpSchema.prefault({}),
  grpc: grpcSchema.prefault({}),
  images: imagesSchema.prefault({}),
  strain: strainSchema.prefault({}),
  /** How long a glitch is known as seen. */
  dedupeTtlMs: positive.default(365 * 24 * 3600 * 1000),
  maxGlitchBytes: positive.default(1 * MIB),
  /** Records of one append, and bytes waiting for the log before sources are held back. */
  append: z
    .object({
      maxBatchRecords: positive.default(256),
      maxBatchBytes: positive.default(4 * MIB),
      maxPendingBytes: positive.default(64 * MIB),
      attempts: positive.default(6),
      firstPauseMs: positive.default(100),
    })
    .prefault({}),
  /** Larger refused requests are kept without their pictures. */
  maxDeadLetterBytes: positive.default(256 * 1024),
});

export type IngestConfig = z.output<typeof ingestConfigSchema>;
export type IngestConfigInput = z.input<typeof ingestConfigSchema>;

/** The only reader of the environment. */
export function ingestConfigFromEnvironment(env: NodeJS.ProcessEnv): IngestConfigInput {
  return {
    http: {
      host: env.GLITCHWATCH_INGEST_HTTP_HOST,
      port: optionalNumber(env.GLITCHWATCH_INGEST_HTTP_PORT),
    },
    grpc: {
      host: env.GLITCHWATCH_INGEST_GRPC_HOST,
      port: optionalNumber(env.GLITCHWATCH_INGEST_GRPC_PORT),
    },
    dedupeTtlMs: optionalNumber(env.GLITCHWATCH_INGEST_DEDUPE_TTL_MS),
  };
}

/** NaN is left for the schema to refuse by name. */
function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}
