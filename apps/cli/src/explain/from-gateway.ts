import {
  type ExplainGlitchResponse,
  GatewayServiceClient,
  type GetGlitchResponse,
} from '@glitchwatch/proto';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { CliError } from '../errors.js';
import type { ExplainedGlitch } from './explained-glitch.js';

type Answer<T> = (error: ServiceError | null, response: T) => void;

/** Asks a gateway, which asks its embedder. */
export async function explainFromGateway(
  gateway: string,
  glitchId: string,
): Promise<ExplainedGlitch> {
  const client = new GatewayServiceClient(gateway, credentials.createInsecure());
  const call = <T>(begin: (answer: Answer<T>) => unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      begin((error, response) => {
        if (error === null) resolve(response);
        else {
          const message = `gateway ${gateway}: ${error.details}`;
          reject(new CliError('unreachable', message, { cause: error }));
        }
      });
    });
  try {
    const { glitch } = await call<GetGlitchResponse>((answer) =>
      client.getGlitch({ glitchId }, answer),
    );
    const explained = await call<ExplainGlitchResponse>((answer) =>
      client.explainGlitch({ glitchId }, answer),
    );
    const { explanation, familyId, referenceGlitchIds } = explained;
    if (glitch === undefined || explanation === undefined) {
      throw new CliError('unreachable', `gateway ${gateway}: expected a glitch, found none`);
    }
    const heldAgainst = familyId < 0 ? 'its nearest glitches' : `family ${familyId}`;
    return { glitch, explanation, references: referenceGlitchIds, heldAgainst };
  } finally {
    client.close();
  }
}
