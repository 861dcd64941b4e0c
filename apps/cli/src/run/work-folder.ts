import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { topics } from '@glitchwatch/proto';
import { lockDataDir } from '../data-dir-lock.js';
import { openWorkStores, type Stores } from '../stores.js';
import type { RunSource } from './offline-pipeline.js';

/** What the glitches and embeddings of a run depend on. */
export interface RunInputs {
  readonly source: RunSource;
  readonly embedder: string;
  readonly model: string | undefined;
}

export interface WorkFolder {
  readonly stores: Stores;
  /** Closes the stores; the folder stays for the next run. */
  close(): Promise<void>;
  /** Call after `close`, when the results are written. */
  remove(): Promise<void>;
}

const inputsFile = 'inputs.json';

async function discard(workDir: string): Promise<void> {
  for (const name of ['log', 'state', 'blobs']) {
    await rm(join(workDir, name), { recursive: true, force: true });
  }
}

/** Text of the inputs: two runs with the same text may share what was done. */
function inputsText({ source, ...network }: RunInputs): string {
  const absolute =
    source.kind === 'images'
      ? { images: resolve(source.dir), metadata: source.metadata && resolve(source.metadata) }
      : { strain: source.files.map((file) => resolve(file)), minSnr: source.minSnr };
  return `${JSON.stringify({ ...absolute, ...network })}\n`;
}

async function hasModel({ log }: Stores): Promise<boolean> {
  return (await log.offsets(topics.models)).some(({ low, high }) => high > low);
}

/**
 * Opens `<out>/.work`. What a killed run left there is gone on with, except where
 * it was made of other inputs, or where it was killed after its fit: a second fit
 * would give other model and family numbers than a run that was never killed.
 *
 * @throws CliError `data_dir_in_use` or `disk_full`.
 */
export async function openWorkFolder(outDir: string, inputs: RunInputs): Promise<WorkFolder> {
  const workDir = join(outDir, '.work');
  await mkdir(workDir, { recursive: true });
  const lock = await lockDataDir(workDir);
  try {
    const text = inputsText(inputs);
    const left = await readFile(join(workDir, inputsFile), 'utf8').catch(() => '');
    if (left !== text) {
      await discard(workDir);
      await writeFile(join(workDir, inputsFile), text);
    }
    let stores = await openWorkStores(workDir);
    if (await hasModel(stores)) {
      await stores.close();
      await discard(workDir);
      stores = await openWorkStores(workDir);
    }
    return {
      stores,
      async close() {
        await stores.close();
        await lock.release();
      },
      remove: () => rm(workDir, { recursive: true, force: true }),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
