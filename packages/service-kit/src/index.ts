export { parseConfig } from './config.js';
export { type Clock, type ServiceContext, systemClock } from './context.js';
export { type DescriptorSet, readDescriptorSet } from './descriptor-set.js';
export { ServiceError, type ServiceErrorCode, serviceErrorCodes } from './errors.js';
export {
  type GrpcServer,
  type GrpcServerOptions,
  type GrpcServiceBinding,
  startGrpcServer,
} from './grpc-server.js';
export {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type HttpErrorBody,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
  toHttpErrorBody,
} from './http-server.js';
export { trackLag } from './lag.js';
export { type Readiness, type RunOptions, runServices, type Service } from './lifecycle.js';
export { hostAndPort, type ListenAddress } from './listen-error.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export {
  Counter,
  counter,
  createProcessRegistry,
  createRegistry,
  Gauge,
  gauge,
  Histogram,
  type HistogramOptions,
  histogram,
  LATENCY_BUCKETS_SEC,
  type MetricOptions,
  Registry,
} from './metrics.js';
export { type OpsServerOptions, startOpsServer } from './ops-server.js';
export { type ServeOptions, serve } from './serve.js';
export { type GrpcFailure, toGrpcFailure, toGrpcStatus, toHttpStatus } from './status.js';
export { createTokenBucket, type TokenBucket, type TokenBucketOptions } from './token-bucket.js';
