import type { Readable } from 'node:stream';
import sax from 'sax';
import { IngestError } from '../errors.js';

/** A table as it streams in: first its columns, then row by row. */
export type TableEvent =
  | { readonly kind: 'columns'; readonly names: readonly string[] }
  | { readonly kind: 'row'; readonly row: number; readonly cells: readonly string[] };

const TABLE = 'sngl_burst';
const MAX_CELL_CHARS = 4096;

/**
 * The sngl_burst table of a LIGO_LW document (the lightweight XML of Omicron and
 * gstlal). Other tables are passed over. Neither the document nor a row is ever whole
 * in memory, and entities of a DTD are not expanded.
 *
 * @throws IngestError `bad_table` for XML that is not well formed or has no such table.
 */
export async function* readLigoLw(input: Readable, file: string): AsyncGenerator<TableEvent> {
  const parser = sax.parser(true, {});
  const events: TableEvent[] = [];
  let problem: Error | undefined;
  let hasTable = false;
  let isInside = false;
  let columns: string[] = [];
  let tokens: ReturnType<typeof createTokenizer> | undefined;
  let row = 0;

  parser.onerror = (error) => {
    problem ??= error;
  };
  parser.onopentag = ({ name, attributes }) => {
    const named = String(attributes.Name ?? '');
    if (name === 'Table') {
      isInside = tableOf(named) === TABLE;
      hasTable ||= isInside;
      columns = [];
    } else if (isInside && name === 'Column') columns.push(named.split(':').at(-1) ?? '');
    else if (isInside && name === 'Stream') {
      events.push({ kind: 'columns', names: columns });
      const delimiter = String(attributes.Delimiter ?? ',');
      tokens = createTokenizer({ delimiter, width: columns.length }, (cells) => {
        row += 1;
        events.push({ kind: 'row', row, cells });
      });
    }
  };
  parser.ontext = (text) => tokens?.push(text);
  parser.onclosetag = (name) => {
    if (name === 'Stream') {
      tokens?.end();
      tokens = undefined;
    } else if (name === 'Table') isInside = false;
  };

  input.setEncoding('utf8');
  for await (const chunk of input) {
    parser.write(chunk as string);
    if (problem !== undefined) throw notXml(file, problem);
    yield* events.splice(0);
  }
  parser.close();
  if (problem !== undefined) throw notXml(file, problem);
  yield* events.splice(0);
  if (!hasTable) {
    throw new IngestError('bad_table', `${file}: expected a ${TABLE} table; found none.`, { file });
  }
}

/** "sngl_burst:table" and "burstgroup:sngl_burst:table" are both the table sngl_burst. */
function tableOf(name: string): string {
  const parts = name.split(':').filter((part) => part !== 'table');
  return parts.at(-1) ?? '';
}

function notXml(file: string, error: Error): IngestError {
  const reason = error.message.replaceAll('\n', ', ').toLowerCase();
  return new IngestError('bad_table', `${file}: expected well-formed XML; found ${reason}.`, {
    file,
    cause: error,
  });
}

/**
 * Cells of a LIGO_LW stream: text in quotes with backslash escapes, numbers bare, an
 * empty cell nothing. A row ends with its last column, and the delimiter after it.
 */
function createTokenizer(
  { delimiter, width }: { readonly delimiter: string; readonly width: number },
  onRow: (cells: string[]) => void,
) {
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let isEscaped = false;

  function endCell(): void {
    cells.push(cell);
    cell = '';
    if (cells.length < width) return;
    onRow(cells);
    cells = [];
  }

  return {
    push(text: string): void {
      for (const character of text) {
        if (isEscaped) isEscaped = false;
        else if (isQuoted && character === '\\') {
          isEscaped = true;
          continue;
        } else if (character === '"') {
          isQuoted = !isQuoted;
          continue;
        } else if (!isQuoted && character === delimiter) {
          endCell();
          continue;
        } else if (!isQuoted && /\s/.test(character)) continue;
        // A quote that is never closed must not fill the memory.
        if (cell.length < MAX_CELL_CHARS) cell += character;
      }
    },
    /** What is left without a delimiter is the last cell; a row cut short is given as it is. */
    end(): void {
      if (cells.length === 0 && cell === '') return;
      cells.push(cell);
      onRow(cells);
      cells = [];
      cell = '';
    },
  };
}
