import { EmbedderServiceClient, type ExplainRequest, type Explanation } from '@glitchwatch/proto';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { GatewayError, type GatewayErrorCode } from '../errors.js';

/** The gRPC address of an embedder, asked when it is needed: it may not listen yet. */
export interface EmbedderLink {
  /** @throws GatewayError `explain_unavailable`, `rate_limited`, `not_explainable` or `embedder_away`. */
  explain(request: ExplainRequest): Promise<Explanation>;
  close(): void;
}

export function createEmbedderLink(
  address: () => string | undefined,
  timeoutMs: number,
): EmbedderLink {
  let client: EmbedderServiceClient | undefined;

  function connected(): EmbedderServiceClient {
    const target = address();
    if (target === undefined) {
      throw new GatewayError(
        'explain_unavailable',
        'This gateway knows no embedder that explains: GLITCHWATCH_EMBEDDER_ADDRESS sets one.',
      );
    }
    client ??= new EmbedderServiceClient(target, credentials.createInsecure());
    return client;
  }

  return {
    explain(request) {
      const embedder = connected();
      return new Promise((resolve, reject) => {
        const deadline = Date.now() + timeoutMs;
        embedder.explain(request, new Metadata(), { deadline }, (error, response) => {
          if (error !== null) reject(gatewayErrorOf(error));
          else if (response.explanation === undefined) {
            reject(
              new GatewayError('embedder_away', 'The embedder answered without an explanation.'),
            );
          } else resolve(response.explanation);
        });
      });
    },
    close: () => client?.close(),
  };
}

const codes: Readonly<Partial<Record<status, GatewayErrorCode>>> = {
  [status.RESOURCE_EXHAUSTED]: 'rate_limited',
  [status.INVALID_ARGUMENT]: 'not_explainable',
};

function gatewayErrorOf(error: ServiceError): GatewayError {
  const code = codes[error.code] ?? 'embedder_away';
  return new GatewayError(code, `embedder: ${error.details}`, { cause: error });
}
