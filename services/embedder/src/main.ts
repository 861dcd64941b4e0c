import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  serve,
  systemClock,
} from '@glitchwatch/service-kit';
import { openEventLog, storeSettingsFromEnvironment } from '@glitchwatch/stores';
import { embedderConfigFromEnvironment, embedderConfigSchema } from './config.js';
import { createEmbedderService } from './service.js';

const { env } = process;
const logger = createLogger({ name: 'embedder', level: env.GLITCHWATCH_LOG_LEVEL });
const config = parseConfig(embedderConfigSchema, embedderConfigFromEnvironment(env), 'embedder');
const log = await openEventLog(await storeSettingsFromEnvironment(env), logger);
const registry = createProcessRegistry();
const services = [createEmbedderService(config, { log, logger, registry, clock: systemClock })];
try {
  process.exitCode = await serve(services, { registry, logger, environment: env });
} finally {
  await log.close();
}
