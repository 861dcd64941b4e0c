import { clustererConfigSchema, createClustererService } from '@glitchwatch/clusterer';
import { createEmbedderService, embedderConfigSchema } from '@glitchwatch/embedder';
import { createGatewayService } from '@glitchwatch/gateway';
import { createIngestService, type IngestService, ingestConfigSchema } from '@glitchwatch/ingest';
import { parseConfig, type Service, type ServiceContext } from '@glitchwatch/service-kit';
import type { Stores } from '../stores.js';
import type { ServiceName, StageAddresses, StageSetup } from './stage-protocol.js';

const standIns = {
  workerUrl: new URL('../../dist/bench/stand-in-worker.js', import.meta.url),
  unpackerUrl: new URL('../../dist/bench/stand-in-unpacker.js', import.meta.url),
};
/** On a shared Redis what the bench leaves behind is gone in an hour. */
const dedupeTtlMs = 3_600_000;

export interface StageServices {
  /** In the order of their start. */
  readonly services: readonly Service[];
  readonly ingest: IngestService | undefined;
  addresses(): StageAddresses;
}

/** The services of the setup as `start` would make them, but for ports and the stand-in. */
export function createStageServices(
  { services: names, threads, standIn, minFit }: StageSetup,
  context: ServiceContext & Stores,
): StageServices {
  let ingest: IngestService | undefined;
  let gateway: ReturnType<typeof createGatewayService> | undefined;
  const create = (name: ServiceName): Service => {
    switch (name) {
      case 'gateway':
        gateway = createGatewayService(
          { httpPort: 0, grpcPort: 0, minFitGlitches: minFit },
          context,
        );
        return gateway;
      case 'clusterer': {
        const config = parseConfig(clustererConfigSchema, { minFit }, 'clusterer');
        return createClustererService(config, context);
      }
      case 'embedder': {
        const config = parseConfig(embedderConfigSchema, { threads }, 'embedder');
        return createEmbedderService(config, context, standIn ? standIns : {});
      }
      case 'ingest': {
        const off = { enabled: false };
        const values = { http: off, grpc: off, dedupeTtlMs };
        ingest = createIngestService(parseConfig(ingestConfigSchema, values, 'ingest'), context);
        return ingest;
      }
      default:
        return name satisfies never;
    }
  };
  const services = names.map(create);
  return {
    services,
    ingest,
    addresses: () => ({ httpUrl: gateway?.httpUrl, grpcAddress: gateway?.grpcAddress }),
  };
}
