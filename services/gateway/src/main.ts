import { createLogger, createProcessRegistry, serve, systemClock } from '@glitchwatch/service-kit';
import { openEventLog, storeSettingsFromEnvironment } from '@glitchwatch/stores';
import { gatewayConfigFromEnvironment } from './config.js';
import { createGatewayService } from './service.js';

const { env } = process;
const logger = createLogger({ name: 'gateway', level: env.GLITCHWATCH_LOG_LEVEL });
const log = await openEventLog(await storeSettingsFromEnvironment(env), logger);
const registry = createProcessRegistry();
const context = { log, logger, registry, clock: systemClock };
try {
  const services = [createGatewayService(gatewayConfigFromEnvironment(env), context)];
  process.exitCode = await serve(services, { registry, logger, environment: env });
} finally {
  await log.close();
}
