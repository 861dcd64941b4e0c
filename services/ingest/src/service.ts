import { createRequire } from 'node:module';
import { IngestServiceService } from '@glitchwatch/proto';
import {
  createTokenBucket,
  type GrpcServer,
  type HttpServer,
  type Service,
  startGrpcServer,
  startHttpServer,
} from '@glitchwatch/service-kit';
import type { IngestConfig } from './config.js';
import type { IngestContext } from './context.js';
import { IngestError } from './errors.js';
import type { WireContext } from './handlers/accept-request.js';
import { addPostTriggers } from './handlers/post-triggers.js';
import { submitTriggersHandler } from './handlers/submit-triggers.js';
import { type Ingestor, openIngestor } from './ingestor.js';

const require = createRequire(import.meta.url);

/** The ingest service: gRPC and HTTP servers around one pipeline. */
export interface IngestService
  extends Service,
    Pick<Ingestor, 'ingestImages' | 'ingestStrain' | 'ingestTriggers' | 'submitGlitches'> {
  /** Where it listens, once started; undefined where switched off. */
  readonly httpUrl: string | undefined;
  readonly grpcAddress: string | undefined;
}

/** Does nothing until `start`; log and state stay the caller's to close. */
export function createIngestService(config: IngestConfig, context: IngestContext): IngestService {
  const logger = context.logger.child({ component: 'ingest' });
  let ingestor: Ingestor | undefined;
  let http: HttpServer | undefined;
  let grpc: GrpcServer | undefined;
  let isListening = false;
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  const stopSignal = new AbortController();

  function running(): Ingestor {
    if (ingestor === undefined || stopping !== undefined) {
      throw new IngestError('stopped', 'Ingest is not running.');
    }
    return ingestor;
  }

  async function startAll(): Promise<void> {
    ingestor = await openIngestor(config, { ...context, logger }, stopSignal.signal);
    if (stopSignal.signal.aborted) return;
    const { wire } = ingestor;
    grpc = config.grpc.enabled ? await listenGrpc(wire) : undefined;
    http = config.http.enabled ? await listenHttp(wire) : undefined;
    isListening = true;
    logger.info({ http: http?.url, grpc: grpc?.address }, 'ingest listens');
  }

  function listenGrpc(wire: WireContext): Promise<GrpcServer> {
    const { host, port, maxMessageBytes, maxInFlight, maxPerStream, maxStreams } = config.grpc;
    const submitTriggers = submitTriggersHandler({
      context: wire,
      logger,
      maxInFlight,
      maxPerStream,
      maxStreams,
    });
    return startGrpcServer({
      host,
      port,
      logger,
      maxReceiveBytes: maxMessageBytes,
      services: [{ definition: IngestServiceService, implementation: { submitTriggers } }],
      descriptorSet: require.resolve('@glitchwatch/proto/descriptors'),
    });
  }

  function listenHttp(wire: WireContext): Promise<HttpServer> {
    const { host, port, bodyLimitBytes, maxInFlight, rateLimit } = config.http;
    const bucket = createTokenBucket({ ...rateLimit, clock: context.clock });
    return startHttpServer({
      host,
      port,
      logger,
      bodyLimitBytes,
      configure: (app) => addPostTriggers(app, { context: wire, bucket, maxInFlight }),
    });
  }

  return {
    name: 'ingest',
    get httpUrl() {
      return http?.url;
    },
    get grpcAddress() {
      return grpc?.address;
    },
    start() {
      starting = startAll();
      return starting;
    },
    stop() {
      stopping ??= (async () => {
        stopSignal.abort();
        // A start that failed has told its caller; here only its end matters.
        await starting?.catch(() => undefined);
        await Promise.all([http?.close(), grpc?.close()]);
        await ingestor?.close();
      })();
      return stopping;
    },
    readiness() {
      if (stopping !== undefined) return { ready: false, detail: 'stopping' };
      if (!isListening) return { ready: false, detail: 'starting: reading the log for duplicates' };
      const where = [http?.url, grpc?.address].filter((address) => address !== undefined);
      return { ready: true, detail: `listening on ${where.join(' and ') || 'nothing'}` };
    },
    ingestImages: async (options) => running().ingestImages(options),
    ingestStrain: async (options) => running().ingestStrain(options),
    ingestTriggers: async (options) => running().ingestTriggers(options),
    submitGlitches: async (glitches) => running().submitGlitches(glitches),
  };
}
