import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What one fault did; a row of the table in docs/reliability.md. */
export interface Outcome {
  readonly fault: string;
  /** Place in the table. */
  readonly order: number;
  readonly form: 'full' | 'shortened';
  readonly rounds: number;
  readonly accepted: number;
  readonly lost: number;
  readonly contradictions: number;
  /** On the log a second time, known by id. */
  readonly repeats: number;
  /** Given to a subscriber a second time after it resumed. */
  readonly repeatsToSubscribers: number;
  readonly alertRevisions: number;
  readonly resumptions: number;
  readonly failedCalls: number;
  readonly longestPauseSec: number;
  /** Megabytes, the largest of any replica. */
  readonly peakRssMb: Readonly<Record<string, number>>;
  readonly wallSec: number;
  readonly seed: number;
  readonly note?: string | undefined;
}

/** One line for people; a file for the table where a folder for it is given. */
export async function record(outcome: Outcome): Promise<void> {
  process.stdout.write(`fault: ${JSON.stringify(outcome)}\n`);
  const dir = process.env.GLITCHWATCH_FAULTS_RESULTS;
  if (dir === undefined || dir === '') return;
  await mkdir(dir, { recursive: true });
  const name = `${String(outcome.order).padStart(2, '0')}.json`;
  await writeFile(join(dir, name), `${JSON.stringify(outcome, null, 2)}\n`);
}
