import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  runServices,
  systemClock,
} from '@glitchwatch/service-kit';
import { openEmbeddedStateStore } from '@glitchwatch/state-store';
import { ingestConfigFromEnvironment, ingestConfigSchema } from './config.js';
import { createIngestService } from './service.js';

const dataDir = process.env.GLITCHWATCH_DATA_DIR ?? '.glitchwatch';
const logger = createLogger({ name: 'ingest' });
const config = parseConfig(ingestConfigSchema, ingestConfigFromEnvironment(process.env), 'ingest');
const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
const state = await openEmbeddedStateStore({ dir: join(dataDir, 'state') });
const registry = createProcessRegistry();
const service = createIngestService(config, { log, state, logger, registry, clock: systemClock });
process.exitCode = await runServices([service], { logger });
await state.close();
await log.close();
