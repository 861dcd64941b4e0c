import { join } from 'node:path';
import { openFolderBlobStore } from '@glitchwatch/blob-store';
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
import { clustererConfigSchema, readEnvironment } from './config.js';
import { createClustererService } from './service.js';

const { env } = process;
const dir = env.GLITCHWATCH_DATA_DIR ?? '.glitchwatch/data';
const logger = createLogger({ name: 'clusterer', level: env.GLITCHWATCH_LOG_LEVEL });
const registry = createProcessRegistry();
const config = parseConfig(clustererConfigSchema, readEnvironment(env), 'clusterer');
const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
const state = await openEmbeddedStateStore({ dir: join(dir, 'state') });
const blobs = await openFolderBlobStore({ dir: join(dir, 'blobs') });
const context = { log, state, blobs, logger, registry, clock: systemClock };
const services = [createClustererService(config, context)];
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
