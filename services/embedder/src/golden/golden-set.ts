import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Glitch, GoldenSet } from '@glitchwatch/proto';
import { EmbedderError, reasonOf } from '../errors.js';
import type { ModelDescription } from '../model-description.js';

/** The glitches that never change, and the hash by which their file is known. */
export interface Golden {
  readonly sha256: string;
  readonly glitches: readonly Glitch[];
}

export function bundledGoldenPath(): string {
  return fileURLToPath(new URL('../../../../models/golden/golden-v1.pb', import.meta.url));
}

/** @throws EmbedderError `bad_golden_set`, naming the file. */
export async function readGolden(path: string): Promise<Golden> {
  try {
    const bytes = await readFile(path);
    const { glitches } = GoldenSet.decode(bytes);
    if (glitches.length === 0) throw new Error('no glitch in it');
    return { sha256: createHash('sha256').update(bytes).digest('hex'), glitches };
  } catch (error) {
    throw new EmbedderError(
      'bad_golden_set',
      `${path}: expected golden glitches, found ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** As the network can take them: only the windows that it knows. */
export function goldenFor(golden: Golden, { windowsSec }: ModelDescription): Glitch[] {
  return golden.glitches.map((glitch) => ({
    ...glitch,
    windows: glitch.windows.filter(({ windowSec }) => windowsSec.includes(windowSec)),
  }));
}
