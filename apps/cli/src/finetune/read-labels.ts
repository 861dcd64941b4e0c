import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { CliError } from '../errors.js';

/** Names of the column that says which glitch, the preferred one first. */
const idColumns = ['external_id', 'gravityspy_id', 'glitch_id', 'id'] as const;

/** Labels by the id that the table gives: of Gravity Spy, or of Glitchwatch. */
export type Labels = ReadonlyMap<string, string>;

/**
 * Reads `external_id,label` (or `gravityspy_id`, `glitch_id`, `id`), by header, in any
 * order and among other columns. A row without a label says nothing; a glitch that is
 * there twice with two labels is an error.
 *
 * @throws CliError `missing_file` or `bad_labels`, naming file, row and column.
 */
export async function readLabels(file: string): Promise<Labels> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliError('missing_file', `cannot read ${file}: ${String(cause)}`, { cause });
  });
  const [header = [], ...rows] = rowsOf(text, file);
  const names = header.map((name) => name.trim().toLowerCase());
  const id = idColumns.map((name) => names.indexOf(name)).find((column) => column >= 0);
  const label = names.indexOf('label');
  if (id === undefined || label < 0) {
    const wanted = id === undefined ? idColumns.join(' or ') : 'label';
    throw new CliError(
      'bad_labels',
      `${file}: expected a column ${wanted}, found ${header.join(', ') || 'no header'}`,
    );
  }
  const labels = new Map<string, string>();
  rows.forEach((cells, i) => {
    const name = cells[id]?.trim() ?? '';
    const given = cells[label]?.trim() ?? '';
    if (name === '' || given === '') return;
    const before = labels.get(name);
    if (before !== undefined && before !== given) {
      throw new CliError(
        'bad_labels',
        `${file} row ${i + 2}: glitch ${name} is "${given}" here and "${before}" above`,
      );
    }
    labels.set(name, given);
  });
  return labels;
}

function rowsOf(text: string, file: string): string[][] {
  try {
    return parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CliError('bad_labels', `${file} is not a CSV file: ${error.message}`, {
      cause: error,
    });
  }
}
