import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  runServices,
  startOpsServer,
  systemClock,
} from '@glitchwatch/service-kit';
import { openEmbeddedStateStore } from '@glitchwatch/state-store';
import { ingestConfigFromEnvironment, ingestConfigSchema } from './config.js';
import { createIngestService } from './service.js';

const { env } = process;
const logger = createLogger({ name: 'ingest', level: env.GLITCHWATCH_LOG_LEVEL });
const config = parseConfig(ingestConfigSchema, ingestConfigFromEnvironment(env), 'ingest');
const dataDir = env.GLITCHWATCH_DATA_DIR ?? '.glitchwatch/data';
const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
const state = await openEmbeddedStateStore({ dir: join(dataDir, 'state') });
const registry = createProcessRegistry();
const context = { log, state, logger, registry, clock: systemClock };
const services = [createIngestService(config, context)];
const host = env.GLITCHWATCH_HOST ?? '127.0.0.1';
const port = Number(env.GLITCHWATCH_OPS_PORT ?? 9464);
try {
  const ops = await startOpsServer({ host, port, registry, services, logger });
  process.exitCode = await runServices(services, { logger });
  await ops.close();
} finally {
  await state.close();
  await log.close();
}
