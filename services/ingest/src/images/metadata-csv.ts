import { createReadStream } from 'node:fs';
import type { Trigger } from '@glitchwatch/proto';
import { CsvError, parse } from 'csv-parse';
import { IngestError, type IngestProblem } from '../errors.js';
import { findColumns, type MetadataColumns } from './metadata-columns.js';
import { triggerOfRow } from './metadata-row.js';

const MAX_REASON_CHARS = 200;

export interface MetadataOptions {
  readonly file: string;
  /** Rows of other glitches are checked and counted, not kept. */
  readonly keep: (glitchKey: string) => boolean;
  readonly onRejected: (problem: IngestProblem) => void;
  readonly onWarning: (problem: IngestProblem) => void;
}

export interface Metadata {
  readonly triggers: ReadonlyMap<string, Trigger>;
  /** Glitches whose only rows were refused: they are not ingested without their data. */
  readonly refused: ReadonlySet<string>;
  readonly rowsNotKept: number;
}

/** What a picture's name and a CSV row have in common. */
export function glitchKey(ifo: string, externalId: string): string {
  return `${ifo}_${externalId}`;
}

interface CsvLine {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a metadata table of Gravity Spy by its header. Bad rows are reported and
 * left out; a row per window is fine, the first of a glitch counts.
 *
 * @throws IngestError `unreadable_file`, `bad_csv` or `missing_column`.
 */
export async function readMetadataCsv(options: MetadataOptions): Promise<Metadata> {
  const { file, keep, onRejected, onWarning } = options;
  const triggers = new Map<string, Trigger>();
  const refused = new Set<string>();
  let rowsNotKept = 0;
  let columns: MetadataColumns | undefined;
  for await (const { record, info } of linesOf(file)) {
    if (columns === undefined) {
      columns = findColumns(record, file);
      continue;
    }
    const row = info.lines;
    let trigger: Trigger;
    try {
      trigger = triggerOfRow(record, columns);
    } catch (error) {
      onRejected(rowProblem(error, file, row));
      const key = keyOfCells(record, columns);
      if (key !== undefined) refused.add(key);
      continue;
    }
    const key = glitchKey(trigger.ifo, trigger.externalId);
    const first = triggers.get(key);
    if (!keep(key)) rowsNotKept += 1;
    else if (first === undefined) triggers.set(key, trigger);
    else if (!sameCore(first, trigger)) {
      const message = `${file} row ${row}: another row for ${key} says otherwise; the first one counts.`;
      onWarning({ code: 'repeated_row', message, file, row });
    }
  }
  if (columns === undefined) {
    throw new IngestError('bad_csv', `${file} is empty: expected a header line.`, { file });
  }
  for (const key of triggers.keys()) refused.delete(key);
  return { triggers, refused, rowsNotKept };
}

async function* linesOf(file: string): AsyncGenerator<CsvLine> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    // An unclosed quote swallows what follows: stop before it fills the memory.
    max_record_size: 1024 * 1024,
  });
  const input = createReadStream(file);
  input.on('error', (error) => parser.destroy(error));
  try {
    yield* input.pipe(parser) as AsyncIterable<CsvLine>;
  } catch (error) {
    const whole = error instanceof Error ? error.message : String(error);
    // The parser shows the field it stumbled over, which may be half the file.
    const reason = whole.length > MAX_REASON_CHARS ? `${whole.slice(0, MAX_REASON_CHARS)}…` : whole;
    throw error instanceof CsvError
      ? new IngestError('bad_csv', `${file} is not a CSV file: ${reason}`, { file, cause: error })
      : new IngestError('unreadable_file', `Cannot read ${file}: ${reason}`, {
          file,
          cause: error,
        });
  } finally {
    input.destroy();
  }
}

function rowProblem(error: unknown, file: string, row: number): IngestProblem {
  if (!(error instanceof IngestError)) throw error;
  const message = `${file} row ${row}: ${error.message}`;
  return { ...error.toProblem(), file, row, message };
}

function keyOfCells(cells: readonly string[], { columnOf }: MetadataColumns): string | undefined {
  const ifo = cells[columnOf.ifo ?? -1]?.trim();
  const externalId = cells[columnOf.externalId ?? -1]?.trim();
  return ifo && externalId ? glitchKey(ifo, externalId) : undefined;
}

/** Same trigger in everything but the columns that have no field. */
function sameCore(a: Trigger, b: Trigger): boolean {
  return (Object.keys(a) as (keyof Trigger)[]).every((key) => key === 'extra' || a[key] === b[key]);
}
