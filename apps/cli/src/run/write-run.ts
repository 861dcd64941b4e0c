import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventLog } from '@glitchwatch/event-log';
import { writeNpy } from '../npy.js';
import type { CollectedRun } from './collect.js';
import { familySheets } from './family-sheets.js';
import type { OfflineResult } from './offline-pipeline.js';
import { reportPage } from './report-page.js';
import { agreementByFamily, labelAgreement, noiseFraction } from './summary.js';
import { assignmentsCsv, familiesCsv } from './tables.js';

/** Vectors below one another, row by row. */
function stack(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return data;
}

/**
 * Writes assignments.csv, families.csv, map.npy, embeddings.npy, summary.json and
 * report.html. Row i of every file is the same glitch. Returns the summary.
 */
export async function writeRun(
  outDir: string,
  log: EventLog,
  { run, result }: { readonly run: CollectedRun; readonly result: OfflineResult },
) {
  const { glitches, families } = run;
  const labels = labelAgreement(run);
  const agreement = agreementByFamily(run);
  const noise = noiseFraction(run);
  const vectors = glitches.map(({ vector }) => vector);
  const positions = glitches.flatMap(({ assignment }) => [assignment.mapX, assignment.mapY]);
  const { accepted, duplicates, rejectedCount, warningCount, rejected, warnings } = result.ingest;
  const summary = {
    glitches: glitches.length,
    families: families.length,
    noise_fraction: noise,
    ...labels,
    dimension: vectors[0]?.length ?? 0,
    ingest: { accepted, duplicates, rejected: rejectedCount, warnings: warningCount },
    problems: [...rejected, ...warnings].map(({ code, message }) => ({ code, message })),
    seconds_by_stage: result.secondsByStage,
  };
  const write = (name: string, text: string) => writeFile(join(outDir, name), text);
  // Of an earlier run: while it is gone, the files may be of both.
  await rm(join(outDir, 'summary.json'), { force: true });
  await write('assignments.csv', assignmentsCsv(run));
  await write('families.csv', familiesCsv(run, agreement));
  await writeNpy(join(outDir, 'map.npy'), {
    shape: [glitches.length, 2],
    data: Float32Array.from(positions),
  });
  await writeNpy(join(outDir, 'embeddings.npy'), {
    shape: [glitches.length, summary.dimension],
    data: stack(vectors),
  });
  const sheets = await familySheets(log, run);
  await write('report.html', reportPage({ run, labels, sheets, noiseFraction: noise }));
  // Last: whoever finds it knows that the others are whole.
  await write('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}
