import { writeFile } from 'node:fs/promises';
import type { Glitch } from '@glitchwatch/proto';
import { GridEncoding } from '@glitchwatch/proto';
import type { SimulatedGlitch } from '@glitchwatch/simulator';
import {
  type ContactSheetItem,
  decodeGrid,
  MESSAGE_GRID,
  renderContactSheet,
  type SpectrogramGrid,
} from '@glitchwatch/spectrogram';
import { CliError } from '../errors.js';
import { pictureGlitches } from '../run/picture-glitches.js';
import type { SimulationSink } from './sinks.js';

export interface PreviewOptions {
  readonly path: string;
  readonly windowSec: number;
  readonly perClass: number;
  /** A folder of real pictures, shown to the right of the simulated ones of the same class. */
  readonly beside?: string | undefined;
  readonly metadata?: string | undefined;
  readonly signal: AbortSignal;
}

interface Picture {
  readonly grid: SpectrogramGrid;
  readonly detail: string;
}

const realPerClass = 4;

const blank: SpectrogramGrid = {
  ...MESSAGE_GRID,
  data: new Uint8Array(MESSAGE_GRID.nFrequency * MESSAGE_GRID.nTime),
};

function windowOf(glitch: Glitch, windowSec: number): Picture | undefined {
  const byDistance = glitch.windows
    .filter(({ encoding }) => encoding === GridEncoding.GRID_ENCODING_DELTA_DEFLATE)
    .sort(
      (a, b) =>
        Math.abs(Math.log2(a.windowSec / windowSec)) - Math.abs(Math.log2(b.windowSec / windowSec)),
    );
  const [nearest] = byDistance;
  if (!nearest) return undefined;
  const grid = decodeGrid(nearest.data, nearest.nFrequency, nearest.nTime);
  return { grid, detail: `real, ${nearest.windowSec} s` };
}

async function realPictures(options: PreviewOptions): Promise<Map<string, Picture[]>> {
  const found = new Map<string, Picture[]>();
  if (options.beside === undefined) return found;
  const folder = { images: options.beside, metadata: options.metadata, logLevel: 'warn' };
  for (const glitch of await pictureGlitches(folder, options.signal)) {
    const label = glitch.trigger?.label;
    const picture = windowOf(glitch, options.windowSec);
    if (!label || !picture) continue;
    found.set(label, [...(found.get(label) ?? []), picture]);
  }
  if (found.size === 0) {
    throw new CliError(
      'nothing_to_do',
      `--beside ${options.beside}: expected pictures with a label, found none; --metadata CSV names them`,
    );
  }
  return found;
}

/** A contact sheet with a row for each class, in the order of the names. */
export function previewSink(options: PreviewOptions): SimulationSink {
  const rows = new Map<string, Picture[]>();
  return {
    async put({ glitch }: { readonly glitch: SimulatedGlitch }) {
      const row = rows.get(glitch.className) ?? [];
      rows.set(glitch.className, row);
      if (row.length >= options.perClass) return;
      const window = glitch.grids.find(({ windowSec }) => windowSec === options.windowSec);
      if (!window) return;
      row.push({
        grid: window.grid,
        detail: `SNR ${glitch.snr.toFixed(0)}, ${glitch.peakFrequencyHz.toFixed(0)} Hz`,
      });
    },
    async close() {
      const real = await realPictures(options);
      const columns = options.perClass + (real.size > 0 ? realPerClass : 0);
      const items = [...rows.keys()].sort().flatMap((className): ContactSheetItem[] => {
        const simulated = rows.get(className) ?? [];
        const row = [
          ...simulated,
          ...Array.from({ length: options.perClass - simulated.length }, () => undefined),
          ...(real.get(className) ?? []).slice(0, realPerClass),
        ];
        return Array.from({ length: columns }, (_, i) => {
          const picture = row[i];
          const caption = i === 0 || i === options.perClass ? className : ' ';
          return picture ? { ...picture, caption } : { grid: blank, caption: ' ', detail: ' ' };
        });
      });
      if (items.length === 0) {
        throw new CliError('nothing_to_do', `${options.path}: expected glitches, found none`);
      }
      const size = { cellWidthPx: 120, cellHeightPx: 96 };
      await writeFile(options.path, await renderContactSheet(items, { columns, ...size }));
    },
  };
}
