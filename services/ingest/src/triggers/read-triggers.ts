import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Trigger } from '@glitchwatch/proto';
import { IngestError, type IngestProblem } from '../errors.js';
import type { ScanPool } from '../strain/scan-pool.js';
import { readLigoLw, type TableEvent } from './ligolw.js';
import { detectorOfName, readBlankTable, readCsvTable } from './text-tables.js';
import { createRowReader, type RowReader } from './trigger-fields.js';

const MAX_TRIGGERS = 500_000;

export interface ReadTriggersOptions {
  readonly file: string;
  /** For tables that do not say. */
  readonly ifo?: string | undefined;
  readonly channel?: string | undefined;
  readonly pool: Pick<ScanPool, 'readTable'>;
  readonly onRejected: (problem: IngestProblem) => void;
}

/**
 * Triggers of a file, by what is in it and not by its name: LIGO_LW XML (plain or
 * gzip), HDF5, CSV, cWB's and ArchEnemy's text. A bad row is reported and left out.
 *
 * @throws IngestError `unreadable_file`, `bad_table`, `bad_csv`, `missing_column`, `too_large`.
 */
export async function readTriggers(options: ReadTriggersOptions): Promise<Trigger[]> {
  const { file, channel, onRejected } = options;
  const ifo = options.ifo ?? detectorOfName(file);
  const triggers: Trigger[] = [];
  let read: RowReader | undefined;
  for await (const event of eventsOf(options)) {
    if (event.kind === 'columns') {
      read = createRowReader(event.names, { file, ifo, channel });
      continue;
    }
    try {
      const trigger = read?.(event.cells);
      if (trigger !== undefined) triggers.push(trigger);
    } catch (error) {
      if (!(error instanceof IngestError)) throw error;
      const message = `${file} row ${event.row}: ${error.message}`;
      onRejected({ ...error.toProblem(), file, row: event.row, message });
    }
    if (triggers.length > MAX_TRIGGERS) {
      throw new IngestError(
        'too_large',
        `${file}: expected at most ${MAX_TRIGGERS} triggers; found more.`,
        { file },
      );
    }
  }
  return triggers;
}

async function* eventsOf({ file, pool }: ReadTriggersOptions): AsyncGenerator<TableEvent> {
  const start = await startOf(file);
  if (start.subarray(1, 4).toString('latin1') === 'HDF') {
    const { names, rows } = await pool.readTable(file);
    yield { kind: 'columns', names };
    for (const [i, cells] of rows.entries()) yield { kind: 'row', row: i + 1, cells };
    return;
  }
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const raw = createReadStream(file);
  const input: Readable = isGzip ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => input.destroy(error));
  try {
    const text = start.toString('utf8').trimStart();
    if (isGzip || text.startsWith('<')) yield* readLigoLw(input, file);
    else if (isBlankTable(text)) yield* readBlankTable(input, file);
    else yield* readCsvTable(input, file);
  } catch (error) {
    if (error instanceof IngestError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new IngestError('unreadable_file', `Cannot read ${file}: ${reason}.`, {
      file,
      cause: error,
    });
  } finally {
    raw.destroy();
    input.destroy();
  }
}

/** Comment lines, or a first line of numbers without a comma. */
function isBlankTable(text: string): boolean {
  const [line = ''] = text.split('\n', 1);
  return (
    line.startsWith('#') || (!line.includes(',') && /^[\d.+\-eE\s]+$/.test(line) && line !== '')
  );
}

async function startOf(file: string): Promise<Buffer> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new IngestError('unreadable_file', `Cannot read ${file}: ${reason}.`, {
      file,
      cause: error,
    });
  }
}
