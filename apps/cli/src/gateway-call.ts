import { GatewayServiceClient } from '@glitchwatch/proto';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { Option } from 'commander';
import { CliError } from './errors.js';

export const gatewayOption = () =>
  new Option('--gateway <host:port>', 'gRPC address')
    .default('127.0.0.1:50051')
    .env('GLITCHWATCH_GATEWAY');

const TIMEOUT_MS = 10_000;

type Answer<Response> = (error: ServiceError | null, response: Response) => void;

/**
 * One call of a gateway.
 *
 * @throws CliError `unreachable` with what the gateway said.
 */
export async function callGateway<Response>(
  address: string,
  call: (
    client: GatewayServiceClient,
    options: { readonly deadline: number },
    answer: Answer<Response>,
  ) => void,
): Promise<Response> {
  const client = new GatewayServiceClient(address, credentials.createInsecure());
  try {
    return await new Promise<Response>((resolve, reject) => {
      call(client, { deadline: Date.now() + TIMEOUT_MS }, (error, response) => {
        if (error === null) resolve(response);
        else
          reject(
            new CliError('unreachable', `gateway ${address}: ${error.details}`, { cause: error }),
          );
      });
    });
  } finally {
    client.close();
  }
}
