import { IngestError } from '../errors.js';
import { datasetAt, datasetPaths, withHdf5 } from '../strain/hdf5.js';

/** A table of an HDF5 file, whole; numbers as text. */
export interface Hdf5Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const MAX_ROWS = 500_000;

/**
 * The first dataset of records that has an SNR: "triggers" of Omicron,
 * "scattered_light" of ArchEnemy.
 *
 * @throws IngestError `unreadable_file`, `bad_table` or `too_large`.
 */
export function readHdf5Table(file: string): Promise<Hdf5Table> {
  return withHdf5(file, (hdf5) => {
    const seen: string[] = [];
    for (const path of datasetPaths(hdf5)) {
      const dataset = datasetAt(hdf5, path);
      const members = dataset?.metadata.compound_type?.members ?? [];
      const names = members.map(({ name }) => name);
      seen.push(path);
      if (dataset === undefined || !names.some((name) => /snr/i.test(name))) continue;
      const n = dataset.shape?.[0] ?? 0;
      if (n > MAX_ROWS) {
        throw new IngestError(
          'too_large',
          `${file} ${path}: expected at most ${MAX_ROWS} rows; found ${n}.`,
          { file },
        );
      }
      const records = n === 0 ? [] : ((dataset.value ?? []) as readonly unknown[]);
      const rows = records.map((record) =>
        Array.isArray(record) ? record.map((cell) => String(cell)) : [],
      );
      return { names, rows };
    }
    throw new IngestError(
      'bad_table',
      `${file}: expected a dataset of records with an SNR; found ${seen.slice(0, 8).join(', ') || 'no dataset'}.`,
      { file },
    );
  });
}
