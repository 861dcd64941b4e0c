import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { IngestError } from '../errors.js';
import type { TableEvent } from './ligolw.js';

const MAX_REASON_CHARS = 200;

/** A CSV with a header. @throws IngestError `bad_csv`. */
export async function* readCsvTable(input: Readable, file: string): AsyncGenerator<TableEvent> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 1024 * 1024,
  });
  input.on('error', (error) => parser.destroy(error));
  let isHeader = true;
  try {
    for await (const line of input.pipe(parser)) {
      const { record, info } = line as { record: string[]; info: { lines: number } };
      if (isHeader) yield { kind: 'columns', names: record };
      else yield { kind: 'row', row: info.lines, cells: record };
      isHeader = false;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const reason = error.message.slice(0, MAX_REASON_CHARS);
    throw new IngestError('bad_csv', `${file} is not a CSV file: ${reason}`, {
      file,
      cause: error,
    });
  }
}

/** As its HDF5 names them: fringe frequency, …, centre time, chi squared. */
const ARCHENEMY_COLUMNS = [
  'fringe_frequency',
  'time_period',
  'original_snr',
  'reweighted_snr',
  'amplitude',
  'phase',
  'centre_time',
  'chi_squared',
];

/** cWB calls KAGRA J1. */
const CWB_DETECTORS: Readonly<Record<string, string>> = { J1: 'K1' };

/**
 * Tables of numbers between blanks: coherent WaveBurst's EVENTS.txt, whose header
 * numbers its columns, and ArchEnemy's, which has none and eight columns.
 *
 * @throws IngestError `bad_table`.
 */
export async function* readBlankTable(input: Readable, file: string): AsyncGenerator<TableEvent> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const names: string[] = [];
  let cwb: ReturnType<typeof cwbReader> | undefined;
  let isFirst = true;
  let row = 0;
  for await (const line of lines) {
    row += 1;
    const text = line.trim();
    if (text === '') continue;
    if (text.startsWith('#')) {
      const name = /^#\s*\d+\s+-\s+(.*)$/.exec(text)?.[1];
      if (name !== undefined) names.push(name.trim());
      continue;
    }
    const cells = text.split(/\s+/);
    if (isFirst) {
      isFirst = false;
      if (names.length > 0) cwb = cwbReader(names, file);
      else if (
        cells.length !== ARCHENEMY_COLUMNS.length ||
        cells.some((c) => Number.isNaN(Number(c)))
      )
        throw unknownTable(file, cells);
      yield { kind: 'columns', names: cwb?.columns ?? ARCHENEMY_COLUMNS };
    }
    if (cwb === undefined) yield { kind: 'row', row, cells };
    else for (const each of cwb.rowsOf(cells)) yield { kind: 'row', row, cells: each };
  }
  if (isFirst) throw unknownTable(file, []);
}

/** One event of cWB is one trigger in each of its detectors. */
function cwbReader(names: readonly string[], file: string) {
  const flags = 2;
  const at = (name: string): number => {
    const index = names.indexOf(name);
    if (index >= 0) return index + flags;
    throw new IngestError(
      'missing_column',
      `${file} has no column ${name}. Columns found: ${names.join(', ')}.`,
      { file, field: name },
    );
  };
  const detectors = names.flatMap((name) => /^time for (\w+) detector$/.exec(name)?.[1] ?? []);
  if (detectors.length === 0) at('time for … detector');
  const shared = {
    central_freq: at('central frequency'),
    bandwidth: at('bandwidth'),
    duration: at('duration'),
    rho: names.findIndex((name) => name.startsWith('effective correlated amplitude')) + flags,
    likelihood: at('likelihood'),
  };
  return {
    columns: ['ifo', 'time', 'snr', ...Object.keys(shared)],
    *rowsOf(cells: readonly string[]): Generator<string[]> {
      if (cells.length !== names.length + flags) {
        // Its length tells the reader of rows what is wrong.
        yield [...cells];
        return;
      }
      for (const name of detectors) {
        // sSNR is the square of the detector's SNR.
        const snr = Math.sqrt(Number(cells[at(`sSNR for ${name} detector`)]));
        const time = cells[at(`time for ${name} detector`)] ?? '';
        const rest = Object.values(shared).map((index) => cells[index] ?? '');
        yield [CWB_DETECTORS[name] ?? name, time, String(snr), ...rest];
      }
    },
  };
}

function unknownTable(file: string, cells: readonly string[]): IngestError {
  return new IngestError(
    'bad_table',
    `${file}: expected a CSV with a header, cWB's EVENTS.txt or ArchEnemy's eight columns; found ${cells.length} columns without a header.`,
    { file },
  );
}

/** Files named by LIGO's convention begin with the detector: H1-…, or H-H1_…. */
export function detectorOfName(file: string): string | undefined {
  return /^(?:[A-Z]+-)?([A-Z]\d)[-_]/.exec(basename(file))?.[1];
}
