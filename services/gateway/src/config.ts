import { z } from 'zod';

/** Every bound of the gateway is here, so that its memory can be read off one page. */
export const gatewayConfigSchema = z.object({
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  httpPort: z.int().min(0).max(65_535).default(8080),
  grpcPort: z.int().min(0).max(65_535).default(50_051),
  /** Built explorer (apps/explorer/dist); without it only the API is served. */
  explorerDir: z.string().min(1).optional(),
  /** Oldest glitches leave the read model beyond this many. About 170 bytes each. */
  maxGlitches: z.int().positive().default(2_000_000),
  maxAlerts: z.int().positive().default(1_000),
  /** Different labels; a further one counts as none. */
  maxLabels: z.int().min(1).max(65_535).default(1_000),
  /** Labels that people gave; the one given first leaves. About 200 bytes each. */
  maxPersonLabels: z.int().positive().default(500_000),
  /** A family with so many labelled glitches, this share of them alike, is sure of its label. */
  confidentMinLabelled: z.int().positive().default(5),
  confidentPurity: z.number().min(0).max(1).default(0.8),
  /** How long an answer to a label waits until this gateway itself counts it. */
  labelSeenMs: z.int().min(0).default(2_000),
  /** Events that may wait for one slow subscriber. */
  subscriberBufferEvents: z.int().positive().default(4_096),
  maxSubscribers: z.int().positive().default(256),
  pictureCacheBytes: z
    .int()
    .positive()
    .default(96 * 1024 * 1024),
  /** Pictures that may be drawn at the same time; further requests wait. */
  maxConcurrentPictures: z.int().positive().default(4),
  /** gRPC of an embedder, `host:port`, which explains assignments; without it nothing does. */
  embedderAddress: z.string().min(1).optional(),
  /** All clients together; what is held already does not count. */
  explanationsPerSec: z.number().positive().default(2),
  explanationsBurst: z.int().positive().default(10),
  maxExplanations: z.int().positive().default(2_000),
  explainTimeoutMs: z.int().positive().default(15_000),
  heartbeatMs: z.int().positive().default(15_000),
  /** Quiet time after which a refit's flood of new positions counts as over. */
  mapSettleMs: z.int().positive().default(400),
  /** What the clusterer waits for before its first fit: shown while there is no map. */
  minFitGlitches: z.int().positive().default(200),
  /** The state store may keep a call waiting this long, and then counts as away. */
  stateTimeoutMs: z.int().positive().default(1_500),
  /** How often cursors of named subscribers are looked at and, where they moved, stored. */
  cursorIntervalMs: z.int().positive().default(1_000),
  /**
   * An event counts as delivered this long after flow control let it go, while its
   * stream still lives. Longer than a ping and its patience, so that the client's
   * side has shown a sign of life since.
   */
  cursorSettleMs: z.int().min(0).default(10_000),
  takeoverRepeatMs: z.int().positive().default(30_000),
  pingMs: z.int().positive().default(5_000),
  pingTimeoutMs: z.int().positive().default(3_000),
  maxNamedSubscribers: z.int().positive().default(1_000),
  /** A name that nobody has used for so long is forgotten. Default 30 days. */
  subscriberExpiryMs: z
    .int()
    .positive()
    .default(30 * 86_400_000),
  /** How often the family list is stored for replicas that start. */
  hotFamiliesMs: z.int().positive().default(5_000),
});

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
/** What a caller may leave out. */
export type GatewayConfigInput = z.input<typeof gatewayConfigSchema>;

/** Names that other services know too; all else is `GLITCHWATCH_GATEWAY_` and the field. */
const SHARED_NAMES: Readonly<Record<string, string>> = {
  host: 'GLITCHWATCH_HOST',
  httpPort: 'GLITCHWATCH_HTTP_PORT',
  grpcPort: 'GLITCHWATCH_GRPC_PORT',
  explorerDir: 'GLITCHWATCH_EXPLORER_DIR',
  minFitGlitches: 'GLITCHWATCH_MIN_FIT',
  embedderAddress: 'GLITCHWATCH_EMBEDDER_ADDRESS',
};
const TEXTS: ReadonlySet<string> = new Set(['host', 'explorerDir', 'embedderAddress']);

/** `maxGlitches` is `GLITCHWATCH_GATEWAY_MAX_GLITCHES`. */
export function environmentNameOf(field: string): string {
  const snake = field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return SHARED_NAMES[field] ?? `GLITCHWATCH_GATEWAY_${snake}`;
}

/** The fields that the environment states, unchecked: `parseConfig` does the rest. */
export function gatewayConfigFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of Object.keys(gatewayConfigSchema.shape)) {
    const text = env[environmentNameOf(field)];
    if (text === undefined || text === '') continue;
    // What is no number stays text, so that the error can show it.
    values[field] = TEXTS.has(field) || !Number.isFinite(Number(text)) ? text : Number(text);
  }
  return values;
}
