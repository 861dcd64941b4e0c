import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  runServices,
  startOpsServer,
  systemClock,
} from '@glitchwatch/service-kit';
import { openEventLog, openStateStore, storeSettingsFromEnvironment } from '@glitchwatch/stores';
import { ingestConfigFromEnvironment, ingestConfigSchema } from './config.js';
import { createIngestService } from './service.js';

const { env } = process;
const logger = createLogger({ name: 'ingest', level: env.GLITCHWATCH_LOG_LEVEL });
const config = parseConfig(ingestConfigSchema, ingestConfigFromEnvironment(env), 'ingest');
const stores = await storeSettingsFromEnvironment(env);
const log = await openEventLog(stores, logger);
const state = await openStateStore(stores, logger);
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
