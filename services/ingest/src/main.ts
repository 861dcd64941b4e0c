import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  serve,
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
try {
  process.exitCode = await serve(services, { registry, logger, environment: env });
} finally {
  await state.close();
  await log.close();
}
