import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  fastify,
  LogController,
} from 'fastify';
import { ServiceError, type ServiceErrorCode } from './errors.js';
import { hostAndPort, listenError } from './listen-error.js';
import type { Logger } from './logger.js';
import { toHttpStatus } from './status.js';

export type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  readonly configure: (app: FastifyInstance) => void | Promise<void>;
  /** Largest request body. Default 1 MiB. */
  readonly bodyLimitBytes?: number | undefined;
  /** Time for a client to send its whole request. Default 30000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Time that open requests get when the server closes. Default 2000. */
  readonly closeGraceMs?: number | undefined;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** May be called twice. Long answers (event streams) are cut after the grace. */
  close(): Promise<void>;
}

/** The shape of every answer that is not a success. */
export interface HttpErrorBody {
  readonly code: ServiceErrorCode;
  readonly message: string;
}

/** @throws ServiceError `port_in_use` or `bad_config`, naming host and port. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, logger, configure, closeGraceMs = 2_000 } = options;
  const requestTimeout = options.requestTimeoutMs ?? 30_000;
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimitBytes ?? 1024 * 1024,
    requestTimeout,
    http: { headersTimeout: requestTimeout },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const body = toHttpErrorBody(error);
    const status = toHttpStatus(body.code);
    if (status === 500) request.log.error({ err: error, url: request.url }, 'request failed');
    return reply.status(status).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const body: HttpErrorBody = {
      code: 'not_found',
      message: `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`,
    };
    return reply.status(404).send(body);
  });
  await configure(app);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenError(error, { host, port });
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${hostAndPort({ host: reachable(host), port: bound })}`,
    port: bound,
    close() {
      closing ??= closeWithin(app, closeGraceMs);
      return closing;
    },
  };
}

function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

async function closeWithin(app: FastifyInstance, graceMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

/** Our own errors keep code and text; the framework's are translated; a bug shows no detail. */
export function toHttpErrorBody(error: unknown): HttpErrorBody {
  if (error instanceof ServiceError) return { code: error.code, message: error.message };
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  const code = codeOfHttpStatus(typeof status === 'number' ? status : 500);
  const message =
    code === 'internal' || !(error instanceof Error) ? 'Internal error.' : error.message;
  return { code, message };
}

function codeOfHttpStatus(status: number): ServiceErrorCode {
  if (status === 404) return 'not_found';
  if (status === 405) return 'method_not_allowed';
  if (status === 408) return 'timeout';
  if (status === 413) return 'too_large';
  if (status === 415) return 'unsupported_media_type';
  if (status === 429) return 'rate_limited';
  if (status === 503) return 'unavailable';
  return status >= 400 && status < 500 ? 'invalid_argument' : 'internal';
}
