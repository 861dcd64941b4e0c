import {
  createLogger,
  createProcessRegistry,
  runServices,
  startOpsServer,
  systemClock,
} from '@glitchwatch/service-kit';
import { openEventLog, storeSettingsFromEnvironment } from '@glitchwatch/stores';
import { gatewayConfigFromEnvironment } from './config.js';
import { createGatewayService } from './service.js';

const { env } = process;
const logger = createLogger({ name: 'gateway', level: env.GLITCHWATCH_LOG_LEVEL });
const log = await openEventLog(await storeSettingsFromEnvironment(env), logger);
const registry = createProcessRegistry();
const context = { log, logger, registry, clock: systemClock };
const host = env.GLITCHWATCH_HOST ?? '127.0.0.1';
const port = Number(env.GLITCHWATCH_OPS_PORT ?? 9464);
try {
  const services = [createGatewayService(gatewayConfigFromEnvironment(env), context)];
  const ops = await startOpsServer({ host, port, registry, services, logger });
  process.exitCode = await runServices(services, { logger });
  await ops.close();
} finally {
  await log.close();
}
