import { createRequire } from 'node:module';
import { GatewayServiceService, topicLayouts } from '@glitchwatch/proto';
import {
  type GrpcServer,
  type HttpServer,
  parseConfig,
  type Readiness,
  type Service,
  type ServiceContext,
  startGrpcServer,
  startHttpServer,
} from '@glitchwatch/service-kit';
import type { StateStore } from '@glitchwatch/state-store';
import { addAgreementMetrics } from './agreement-metrics.js';
import { type GatewayConfigInput, gatewayConfigSchema } from './config.js';
import type { GatewayParts } from './context.js';
import { createEmbedderLink } from './explanations/embedder-link.js';
import { createExplainer } from './explanations/explainer.js';
import { createHandlers } from './handlers/index.js';
import { configureHttp } from './http/index.js';
import { Labelling } from './labelling.js';
import { createMetrics } from './metrics.js';
import { createGlitchReader } from './pictures/glitch-reader.js';
import { createPictures } from './pictures/pictures.js';
import { LogFollower } from './read-model/follow-log.js';
import { MapSettler } from './read-model/map-settler.js';
import { ReadModel } from './read-model/read-model.js';
import { HotFamilies } from './shared/hot-families.js';
import { StateGuard } from './shared/state-guard.js';
import { EventHub } from './stream/event-hub.js';
import { SubscriberCensus } from './stream/subscriber-census.js';
import { CursorKeeper } from './subscribers/cursor-keeper.js';
import { NamedSubscribers } from './subscribers/named-subscribers.js';
import { Takeover } from './subscribers/takeover.js';

const GRPC_NAME = 'glitchwatch.v1.GatewayService';

export interface GatewayService extends Service {
  /** Known once started. */
  readonly httpUrl: string;
  readonly grpcAddress: string;
}

export interface GatewayContext extends ServiceContext {
  /** Shared by all replicas; the caller closes it. Without one nothing is shared. */
  readonly state?: StateStore | undefined;
  /** Of an embedder in this process, known once it listens; else the configured address. */
  readonly embedderAddress?: (() => string | undefined) | undefined;
}

/** @throws ServiceError `bad_config`, naming the field. */
export function createGatewayService(
  values: GatewayConfigInput,
  context: GatewayContext,
): GatewayService {
  const config = parseConfig(gatewayConfigSchema, values, 'gateway');
  const { log, logger, clock, registry } = context;
  const model = new ReadModel(config);
  const hub = new EventHub();
  const census = new SubscriberCensus(config.maxSubscribers);
  const reader = createGlitchReader(log, model);
  const pictures = createPictures({
    reader,
    cacheBytes: config.pictureCacheBytes,
    maxConcurrent: config.maxConcurrentPictures,
    metrics: () => metrics,
  });
  const link = createEmbedderLink(
    context.embedderAddress ?? (() => config.embedderAddress),
    config.explainTimeoutMs,
  );
  const explainer = createExplainer({
    reader,
    model,
    link,
    clock,
    perSec: config.explanationsPerSec,
    burst: config.explanationsBurst,
    maxHeld: config.maxExplanations,
    metrics: () => metrics,
  });
  const metrics = createMetrics(registry, {
    model,
    subscribers: (kind) => census.count(kind),
    pictureCacheBytes: () => pictures.cacheBytes,
    namedSubscribers: () => takeover.size,
  });
  addAgreementMetrics(registry, model, {
    minLabelled: config.confidentMinLabelled,
    minPurity: config.confidentPurity,
  });
  const guard = new StateGuard({
    state: context.state,
    logger,
    metrics,
    timeoutMs: config.stateTimeoutMs,
  });
  const takeover = new Takeover({
    guard,
    clock,
    logger,
    metrics,
    repeatMs: config.takeoverRepeatMs,
  });
  const named = new NamedSubscribers({
    log,
    keeper: new CursorKeeper({ guard, clock, config, metrics }),
    takeover,
    intervalMs: config.cursorIntervalMs,
    onError: (error) => logger.error({ err: error }, 'keeping cursors failed'),
  });
  const settler = new MapSettler(
    config.mapSettleMs,
    () => clock.nowMs(),
    () => hub.publishMapChanged(),
  );
  const follower = new LogFollower({ log, logger, model, hub, settler, metrics });
  const families = new HotFamilies({
    guard,
    model,
    clock,
    logger,
    isCaughtUp: () => follower.caughtUp,
    intervalMs: config.hotFamiliesMs,
  });
  const stopping = new AbortController();
  const parts: GatewayParts = {
    config,
    log,
    logger,
    clock,
    metrics,
    model,
    labelling: new Labelling({ log, model, hub, clock, config, signal: stopping.signal }),
    hub,
    reader,
    pictures,
    explainer,
    census,
    named,
    families,
    stopping: stopping.signal,
    isCaughtUp: () => follower.caughtUp,
  };

  let http: HttpServer | undefined;
  let grpc: GrpcServer | undefined;

  function readiness(): Readiness {
    if (stopping.signal.aborted) return { ready: false, detail: 'stopping' };
    if (http === undefined) return { ready: false, detail: 'not started' };
    if (follower.caughtUp) {
      return { ready: true, detail: `${model.glitches.size} glitches known` };
    }
    return { ready: false, detail: `reading ${follower.topicsBehind.join(', ')} from the log` };
  }

  return {
    name: 'gateway',
    get httpUrl() {
      return http?.url ?? '';
    },
    get grpcAddress() {
      return grpc?.address ?? '';
    },
    async start() {
      await log.ensureTopics(topicLayouts);
      await follower.start();
      families.start();
      named.start();
      http = await startHttpServer({
        host: config.host,
        port: config.httpPort,
        logger,
        configure: (app) => configureHttp(app, { parts, registry, readiness }),
      });
      grpc = await startGrpcServer({
        host: config.host,
        port: config.grpcPort,
        logger,
        keepalive: { timeMs: config.pingMs, timeoutMs: config.pingTimeoutMs },
        services: [{ definition: GatewayServiceService, implementation: createHandlers(parts) }],
        descriptorSet: createRequire(import.meta.url).resolve('@glitchwatch/proto/descriptors'),
      });
      grpc.setServing(GRPC_NAME, true);
      logger.info({ http: http.url, grpc: grpc.address }, 'gateway listens');
    },
    async stop() {
      stopping.abort();
      settler.stop();
      families.stop();
      await Promise.all([http?.close(), grpc?.close()]);
      link.close();
      await Promise.all([follower.stop(), named.stop()]);
    },
    readiness,
  };
}
