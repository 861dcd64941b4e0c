import type { ExplainRequest, ExplainResponse } from '@glitchwatch/proto';
import { type Logger, ServiceError, toGrpcFailure } from '@glitchwatch/service-kit';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { Embedder } from '../embedder.js';
import { EmbedderError } from '../errors.js';
import { explainGlitch } from '../explain.js';
import type { EmbedderTelemetry } from '../metrics.js';

const MAX_REFERENCES = 8;
/** Each takes a second of a core, which the glitches that come in need too. */
const MAX_AT_ONCE = 2;

export interface ExplainParts {
  /** Undefined until the network is open. */
  readonly network: () => Embedder | undefined;
  readonly logger: Logger;
  readonly telemetry: Pick<EmbedderTelemetry, 'explained'>;
  readonly stopping: AbortSignal;
}

/** Explain: bounded by refusing, so that the caller decides who waits. */
export function explainHandler(
  parts: ExplainParts,
): handleUnaryCall<ExplainRequest, ExplainResponse> {
  let running = 0;

  const handle = async (request: ExplainRequest, cancelled: AbortSignal) => {
    const network = parts.network();
    if (network === undefined)
      throw new ServiceError('unavailable', 'The network is not open yet.');
    const { glitch, references } = checked(request);
    if (running >= MAX_AT_ONCE) {
      throw new ServiceError(
        'rate_limited',
        `${MAX_AT_ONCE} glitches are being explained already: try again in a second.`,
      );
    }
    running += 1;
    const begun = performance.now();
    try {
      const signal = AbortSignal.any([parts.stopping, cancelled]);
      const explanation = await explainGlitch(network, { glitch, references }, signal);
      parts.telemetry.explained((performance.now() - begun) / 1000);
      return { explanation };
    } finally {
      running -= 1;
    }
  };

  return (call, callback) => {
    const cancel = new AbortController();
    call.on('cancelled', () => cancel.abort());
    handle(call.request, cancel.signal).then(
      (response) => callback(null, response),
      (error: unknown) => {
        const failure = asServiceError(error);
        if (!(failure instanceof ServiceError)) {
          parts.logger.error({ err: error }, 'explaining a glitch failed');
        }
        callback(toGrpcFailure(failure));
      },
    );
  };
}

function checked({ glitch, references }: ExplainRequest) {
  if (glitch === undefined) {
    throw new ServiceError('invalid_argument', 'glitch: expected one, found none');
  }
  if (references.length < 1 || references.length > MAX_REFERENCES) {
    throw new ServiceError(
      'invalid_argument',
      `references: expected 1 to ${MAX_REFERENCES}, found ${references.length}`,
    );
  }
  return { glitch, references };
}

/** What the glitches or the moment are to blame for; all else is ours and stays as it is. */
function asServiceError(error: unknown): unknown {
  if (error instanceof DOMException && error.name === 'AbortError') {
    return new ServiceError('cancelled', 'The call was given up.', { cause: error });
  }
  if (!(error instanceof EmbedderError)) return error;
  switch (error.code) {
    case 'bad_glitch':
    case 'bad_embedding':
    case 'worker_killed':
      return new ServiceError('invalid_argument', error.message, { cause: error });
    case 'worker_died':
    case 'closed':
      return new ServiceError('unavailable', error.message, { cause: error });
    default:
      return error;
  }
}
