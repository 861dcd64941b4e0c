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
import { type GatewayConfigInput, gatewayConfigSchema } from './config.js';
import type { GatewayParts } from './context.js';
import { createHandlers } from './handlers/index.js';
import { configureHttp } from './http/index.js';
import { createMetrics } from './metrics.js';
import { createGlitchReader } from './pictures/glitch-reader.js';
import { createPictures } from './pictures/pictures.js';
import { LogFollower } from './read-model/follow-log.js';
import { MapSettler } from './read-model/map-settler.js';
import { ReadModel } from './read-model/read-model.js';
import { EventHub } from './stream/event-hub.js';
import { SubscriberCensus } from './stream/subscriber-census.js';

const GRPC_NAME = 'glitchwatch.v1.GatewayService';

export interface GatewayService extends Service {
  /** Known once started. */
  readonly httpUrl: string;
  readonly grpcAddress: string;
}

/** @throws ServiceError `bad_config`, naming the field. */
export function createGatewayService(
  values: GatewayConfigInput,
  context: ServiceContext,
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
  const metrics = createMetrics(registry, {
    model,
    subscribers: (kind) => census.count(kind),
    pictureCacheBytes: () => pictures.cacheBytes,
  });
  const settler = new MapSettler(
    config.mapSettleMs,
    () => clock.nowMs(),
    () => hub.publishMapChanged(),
  );
  const follower = new LogFollower({ log, logger, model, hub, settler, metrics });
  const stopping = new AbortController();
  const parts: GatewayParts = {
    config,
    log,
    logger,
    clock,
    metrics,
    model,
    hub,
    reader,
    pictures,
    census,
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
        services: [{ definition: GatewayServiceService, implementation: createHandlers(parts) }],
        descriptorSet: createRequire(import.meta.url).resolve('@glitchwatch/proto/descriptors'),
      });
      grpc.setServing(GRPC_NAME, true);
      logger.info({ http: http.url, grpc: grpc.address }, 'gateway listens');
    },
    async stop() {
      stopping.abort();
      settler.stop();
      await Promise.all([http?.close(), grpc?.close()]);
      await follower.stop();
    },
    readiness,
  };
}
