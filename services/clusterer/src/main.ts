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

const dir = process.env.GLITCHWATCH_DATA_DIR ?? '.glitchwatch/data';
const logger = createLogger({ name: 'clusterer' });
const registry = createProcessRegistry();
const config = parseConfig(clustererConfigSchema, readEnvironment(process.env), 'clusterer');
const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
const state = await openEmbeddedStateStore({ dir: join(dir, 'state') });
const blobs = await openFolderBlobStore({ dir: join(dir, 'blobs') });
const context = { log, state, blobs, logger, registry, clock: systemClock };
const service = createClustererService(config, context);
const ops = await startOpsServer({ host: '127.0.0.1', port: 9464, registry, services: [service] });
process.exitCode = await runServices([service], { logger });
await ops.close();
await state.close();
await log.close();
