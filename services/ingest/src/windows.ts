import { GridEncoding, type SpectrogramGrid } from '@glitchwatch/proto';
import { checkGridCode, MESSAGE_GRID, WINDOWS_SEC } from '@glitchwatch/spectrogram';
import { IngestError } from './errors.js';

/** One picture of one window, not yet decoded. */
export interface WindowPicture {
  readonly windowSec: number;
  /** File or address, for people. */
  readonly origin: string;
  readonly decode: () => Promise<Buffer>;
}

/** @throws IngestError `bad_picture` that says which picture and what is wrong with it. */
export async function readWindow(picture: WindowPicture): Promise<SpectrogramGrid> {
  const { windowSec, origin } = picture;
  checkWindowLength(windowSec);
  try {
    const data = await picture.decode();
    const encoding = GridEncoding.GRID_ENCODING_DELTA_DEFLATE;
    return { windowSec, ...MESSAGE_GRID, encoding, data, origin };
  } catch (error) {
    if (!(error instanceof IngestError) || error.code !== 'bad_picture') throw error;
    throw new IngestError(
      'bad_picture',
      `Cannot read the ${windowSec} s picture: ${error.message}`,
      { cause: error, ...(origin === '' ? {} : { file: origin }) },
    );
  }
}

/** Checks a grid that somebody else made by unpacking it. */
export function checkGrid(grid: SpectrogramGrid): void {
  checkWindowLength(grid.windowSec);
  const where = `the ${grid.windowSec} s grid`;
  const { nFrequency, nTime } = MESSAGE_GRID;
  if (grid.nFrequency !== nFrequency || grid.nTime !== nTime) {
    throw new IngestError(
      'bad_grid',
      `Bad size of ${where}: expected ${nFrequency} x ${nTime}; found ${grid.nFrequency} x ${grid.nTime}.`,
      { field: 'grids' },
    );
  }
  if (grid.encoding !== GridEncoding.GRID_ENCODING_DELTA_DEFLATE) {
    throw new IngestError(
      'bad_grid',
      `Unknown encoding of ${where}: expected ${GridEncoding.GRID_ENCODING_DELTA_DEFLATE} (delta, deflate); found ${grid.encoding}.`,
      { field: 'grids' },
    );
  }
  try {
    checkGridCode(grid.data, grid.nFrequency, grid.nTime);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new IngestError('bad_grid', `Cannot decode ${where}: ${reason}`, {
      cause: error,
      field: 'grids',
    });
  }
}

export function checkWindowLength(windowSec: number): void {
  if ((WINDOWS_SEC as readonly number[]).includes(windowSec)) return;
  throw new IngestError(
    'bad_window',
    `Bad window length: expected one of ${WINDOWS_SEC.join(', ')} s; found ${windowSec}.`,
    { field: 'windowSec' },
  );
}

/** One to four windows, no length twice; returned shortest first. */
export function orderWindows<Window extends { readonly windowSec: number }>(
  windows: readonly Window[],
): Window[] {
  if (windows.length === 0) {
    throw new IngestError('missing_window', 'A glitch needs at least one window; found none.');
  }
  const ordered = [...windows].sort((a, b) => a.windowSec - b.windowSec);
  for (let i = 1; i < ordered.length; i += 1) {
    const windowSec = ordered[i]?.windowSec;
    if (windowSec !== ordered[i - 1]?.windowSec) continue;
    throw new IngestError('duplicate_window', `The ${windowSec} s window came twice.`, {
      field: 'windowSec',
    });
  }
  return ordered;
}
