import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  setLogger,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { type DescriptorSet, readDescriptorSet, splitDescriptorSet } from './descriptor-set.js';
import { hostAndPort, listenError } from './listen-error.js';
import type { Logger } from './logger.js';

export interface GrpcServiceBinding {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface GrpcServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  readonly services: readonly GrpcServiceBinding[];
  /** For reflection: `import.meta.resolve('@glitchwatch/proto/descriptors')`, a path or the bytes. */
  readonly descriptorSet: DescriptorSet;
  /** Default 8 MiB. */
  readonly maxReceiveBytes?: number | undefined;
  /** Default 16 MiB. */
  readonly maxSendBytes?: number | undefined;
  /** Open calls per connection. Default 256. */
  readonly maxConcurrentStreams?: number | undefined;
  /** Time that open calls get when the server closes. Default 2000. */
  readonly closeGraceMs?: number | undefined;
  /** How soon a client that vanished without a word is noticed. Default: asked every 30 s, given up after 10 more. */
  readonly keepalive?: { readonly timeMs: number; readonly timeoutMs: number } | undefined;
  /** Default: plain text, for loopback and for behind a proxy. */
  readonly credentials?: ServerCredentials | undefined;
}

export interface GrpcServer {
  readonly port: number;
  /** "127.0.0.1:50051", as clients want it. */
  readonly address: string;
  /** Health of one service by its full name; "" is the server as a whole. */
  setServing(name: string, serving: boolean): void;
  /** May be called twice. Health turns NOT_SERVING first; long calls are cut after the grace. */
  close(): Promise<void>;
}

/**
 * A gRPC server with the standard health and reflection (v1, v1alpha) services.
 * Every service starts as SERVING.
 *
 * @throws ServiceError `port_in_use` or `bad_config`, naming host and port.
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host, port, logger, services, closeGraceMs = 2_000 } = options;
  routeLibraryLog(logger);
  const server = new Server({
    'grpc.max_receive_message_length': options.maxReceiveBytes ?? 8 * 1024 * 1024,
    'grpc.max_send_message_length': options.maxSendBytes ?? 16 * 1024 * 1024,
    'grpc.max_concurrent_streams': options.maxConcurrentStreams ?? 256,
    'grpc.keepalive_time_ms': options.keepalive?.timeMs ?? 30_000,
    'grpc.keepalive_timeout_ms': options.keepalive?.timeoutMs ?? 10_000,
  });
  for (const { definition, implementation } of services) {
    server.addService(definition, implementation);
  }
  const names = services.map(({ definition }) => serviceName(definition));
  const health = new HealthImplementation({ '': 'SERVING' });
  for (const name of names) health.setStatus(name, 'SERVING');
  health.addToServer(server);
  await addReflection(server, { descriptorSet: options.descriptorSet, names });

  const bound = await bind(server, options);
  const setServing = (name: string, serving: boolean): void =>
    health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  let closing: Promise<void> | undefined;
  return {
    port: bound,
    address: hostAndPort({ host, port: bound }),
    setServing,
    close() {
      closing ??= (async () => {
        for (const name of ['', ...names]) setServing(name, false);
        await shutDown(server, closeGraceMs);
        logger.debug({ port: bound || port }, 'gRPC server closed');
      })();
      return closing;
    },
  };
}

/** The library writes to the console by itself; what matters reaches us by its callbacks too. */
function routeLibraryLog(logger: Logger): void {
  const write = (...parts: unknown[]): void =>
    logger.debug({ library: 'grpc-js' }, parts.join(' '));
  setLogger({ error: write, info: write, debug: write });
}

/** "/glitchwatch.v1.IngestService/SubmitTriggers" -> "glitchwatch.v1.IngestService". */
function serviceName(definition: ServiceDefinition): string {
  const path = Object.values(definition)[0]?.path ?? '';
  return path.split('/')[1] ?? '';
}

async function addReflection(
  server: Server,
  { descriptorSet, names }: { descriptorSet: DescriptorSet; names: readonly string[] },
): Promise<void> {
  const files = splitDescriptorSet(await readDescriptorSet(descriptorSet)).map((file) =>
    Buffer.from(file),
  );
  // The package reads nothing of a definition but its file descriptors.
  const definition = {
    files: { format: 'descriptor', type: {}, fileDescriptorProtos: files },
  } as unknown as ConstructorParameters<typeof ReflectionService>[0];
  new ReflectionService(definition, { services: [...names] }).addToServer(server);
}

function bind(server: Server, { host, port, credentials }: GrpcServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(
      hostAndPort({ host, port }),
      credentials ?? ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error === null) resolve(bound);
        else reject(listenError(error, { host, port }));
      },
    );
  });
}

function shutDown(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown((error) => {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
