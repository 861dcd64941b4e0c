// Hands in glitches one by one and says which are durable, until it is killed.
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import { ingestConfigSchema, openIngestor } from '@glitchwatch/ingest';
import { Trigger } from '@glitchwatch/proto';
import { createLogger, createRegistry, systemClock } from '@glitchwatch/service-kit';
import { openEmbeddedStateStore } from '@glitchwatch/state-store';

const [, , dir = '', first = '0', count = '0'] = process.argv;
const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
const state = await openEmbeddedStateStore({ dir: join(dir, 'state') });
const ingestor = await openIngestor(ingestConfigSchema.parse({}), {
  log,
  state,
  registry: createRegistry(),
  logger: createLogger({ name: 'kill-child', level: 'silent' }),
  clock: systemClock,
});
const grid = JSON.parse(process.env.KILL_CHILD_GRID ?? '{}');
const windows = [{ ...grid, data: Buffer.from(grid.data, 'base64') }];
for (let i = Number(first); i < Number(first) + Number(count); i += 1) {
  const trigger = Trigger.fromPartial({ ifo: 'H1', externalId: `id${i}` });
  const { accepted, duplicates } = await ingestor.submitGlitches([
    { trigger, windows, ingestedAtMs: 0n },
  ]);
  process.stdout.write(`${i} ${accepted} ${duplicates}\n`);
}
await ingestor.close();
await state.close();
await log.close();
