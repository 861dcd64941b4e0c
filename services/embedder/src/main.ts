import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  runServices,
  startOpsServer,
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
const host = env.GLITCHWATCH_HOST ?? '127.0.0.1';
const port = Number(env.GLITCHWATCH_OPS_PORT ?? 9464);
try {
  const ops = await startOpsServer({ host, port, registry, services, logger });
  process.exitCode = await runServices(services, { logger });
  await ops.close();
} finally {
  await log.close();
}
