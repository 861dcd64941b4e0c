import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { GatewayError, toGrpcError } from '../errors.js';

/** Makes an async function a gRPC handler: timed, errors mapped at the edge, causes logged. */
export function unary<Request, Response>(
  parts: GatewayParts,
  route: string,
  handle: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const endTimer = parts.metrics.requestSeconds.startTimer({ route });
    handle(call.request).then(
      (response) => {
        endTimer({ status: 'OK' });
        callback(null, response);
      },
      (error: unknown) => {
        const failure = toGrpcError(error);
        endTimer({ status: String(failure.code) });
        if (!(error instanceof GatewayError)) {
          parts.logger.error({ err: error, route }, 'request failed');
        }
        callback(failure);
      },
    );
  };
}
