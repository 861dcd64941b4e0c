import { createLogger, createProcessRegistry, serve, systemClock } from '@glitchwatch/service-kit';
import { openEventLog, openStateStore, storeSettingsFromEnvironment } from '@glitchwatch/stores';
import { gatewayConfigFromEnvironment } from './config.js';
import { createGatewayService } from './service.js';

const { env } = process;
const logger = createLogger({ name: 'gateway', level: env.GLITCHWATCH_LOG_LEVEL });
const settings = await storeSettingsFromEnvironment(env);
const log = await openEventLog(settings, logger);
const state = await openStateStore(settings, logger);
const registry = createProcessRegistry();
const context = { log, state, logger, registry, clock: systemClock };
try {
  const services = [createGatewayService(gatewayConfigFromEnvironment(env), context)];
  process.exitCode = await serve(services, { registry, logger, environment: env });
} finally {
  await state.close();
  await log.close();
}
