import {
  createLogger,
  createProcessRegistry,
  runServices,
  startOpsServer,
  systemClock,
} from '@glitchwatch/service-kit';
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
const host = env.GLITCHWATCH_HOST ?? '127.0.0.1';
const port = Number(env.GLITCHWATCH_OPS_PORT ?? 9464);
try {
  const services = [createGatewayService(gatewayConfigFromEnvironment(env), context)];
  const ops = await startOpsServer({ host, port, registry, services, logger });
  process.exitCode = await runServices(services, { logger });
  await ops.close();
} finally {
  await state.close();
  await log.close();
}
