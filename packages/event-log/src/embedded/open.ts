import { resolve } from 'node:path';
import { EventLogError } from '../errors.js';
import type { EventLog } from '../port.js';
import { EmbeddedEventLog } from './embedded-event-log.js';
import { MAX_MAX_BYTES, openEnvironment } from './environment.js';
import { Writer } from './writer.js';

export interface EmbeddedEventLogOptions {
  /** Folder of the log, made where missing; any number of processes of one machine may share it. */
  readonly dir: string;
  /** Appends fail with `disk_full` above this many bytes in use. Default 256 GiB, at most 512 GiB. */
  readonly maxBytes?: number | undefined;
  /** How often changes of other processes are looked for. Default 25. */
  readonly pollIntervalMs?: number | undefined;
  /** How often retention and compaction run, once for all who share the folder. Default 60 000. */
  readonly cleanIntervalMs?: number | undefined;
}

/** Opens the log that needs no server: one LMDB file in a folder. */
export async function openEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EventLog> {
  const dir = resolve(options.dir);
  const maxBytes = inRange('maxBytes', options.maxBytes ?? 2 ** 38, 2 ** 20, MAX_MAX_BYTES);
  const pollIntervalMs = inRange('pollIntervalMs', options.pollIntervalMs ?? 25, 1, 60_000);
  const cleanIntervalMs = inRange(
    'cleanIntervalMs',
    options.cleanIntervalMs ?? 60_000,
    10,
    2 ** 31 - 1,
  );
  const environment = openEnvironment(dir);
  let log: EmbeddedEventLog | undefined;
  try {
    const writer = await Writer.open({ dir, maxBytes }, (changes) => log?.notify(changes));
    log = new EmbeddedEventLog({ environment, writer, pollIntervalMs, cleanIntervalMs });
    return log;
  } catch (error) {
    await environment.close();
    throw error;
  }
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw new EventLogError(
    'bad_request',
    `embedded event log: expected ${name} from ${least} to ${most}, found ${value}`,
  );
}
