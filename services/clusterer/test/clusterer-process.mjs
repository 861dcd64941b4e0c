// A clusterer in a process of its own, to be killed: node clusterer-process.mjs DIR CONFIG_JSON
import { join } from 'node:path';
import { openFolderBlobStore } from '@glitchwatch/blob-store';
import { clustererConfigSchema, createClustererService } from '@glitchwatch/clusterer';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import {
  createLogger,
  createRegistry,
  parseConfig,
  runServices,
  systemClock,
} from '@glitchwatch/service-kit';
import { openEmbeddedStateStore } from '@glitchwatch/state-store';

const [dir, values] = process.argv.slice(2);
const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
const state = await openEmbeddedStateStore({ dir: join(dir, 'state') });
const blobs = await openFolderBlobStore({ dir: join(dir, 'blobs') });
const logger = createLogger({ name: 'clusterer', level: process.env.TEST_LOG ?? 'error' });
const config = parseConfig(clustererConfigSchema, JSON.parse(values), 'clusterer');
const service = createClustererService(config, {
  log,
  state,
  blobs,
  logger,
  registry: createRegistry(),
  clock: systemClock,
});
const ended = runServices([service], { logger });
// From here on a signal is waited for.
process.send?.('running');
process.exitCode = await ended;
await state.close();
await log.close();
