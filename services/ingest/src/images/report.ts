import { IngestError, type IngestProblem } from '../errors.js';
import type { IngestMetrics } from '../ingest-metrics.js';

/** What became of a folder. */
export interface IngestReport {
  /** Glitches appended to the log. */
  readonly accepted: number;
  /** Glitches that were in the log already. */
  readonly duplicates: number;
  /** Glitches and CSV rows that were refused; at most `maxReported` are listed. */
  readonly rejected: readonly IngestProblem[];
  readonly rejectedCount: number;
  /** What was odd although the glitch went in: unreadable, repeated or late windows, strange names. */
  readonly warnings: readonly IngestProblem[];
  readonly warningCount: number;
  readonly picturesRead: number;
  /** Times at which strain was scanned; 0 for pictures. */
  readonly scans: number;
  /** Glitches whose pictures were in the folder; triggers read or found. */
  readonly glitchesFound: number;
  /** Of these, how many had no row in the CSV. */
  readonly withoutMetadata: number;
  /** CSV rows without a picture in the folder. */
  readonly rowsWithoutPictures: number;
  readonly elapsedMs: number;
  /** True when the signal ended it early. */
  readonly stopped: boolean;
}

export interface IngestProgress {
  readonly glitchesDone: number;
  /** Known so far; grows while watching. */
  readonly glitchesFound: number;
  readonly picturesRead: number;
}

/** Counts and lists while a folder is read; every problem is also a metric. */
export class ReportBuilder {
  accepted = 0;
  duplicates = 0;
  picturesRead = 0;
  scans = 0;
  glitchesFound = 0;
  glitchesDone = 0;
  withoutMetadata = 0;
  rowsWithoutPictures = 0;
  readonly #rejected: IngestProblem[] = [];
  readonly #warnings: IngestProblem[] = [];
  #rejectedCount = 0;
  #warningCount = 0;
  readonly #startedAt = performance.now();

  constructor(
    private readonly metrics: IngestMetrics,
    private readonly maxReported: number,
  ) {}

  /** For problems that the pipeline has not counted already. */
  reject(problem: IngestProblem): void {
    this.metrics.error(problem.code);
    this.rejectCounted(problem);
  }

  /** For errors of the pipeline, which counts its own. */
  rejectCounted(problem: IngestProblem): void {
    this.#rejectedCount += 1;
    if (this.#rejected.length < this.maxReported) this.#rejected.push(problem);
  }

  warn(problem: IngestProblem): void {
    this.metrics.error(problem.code);
    this.#warningCount += 1;
    if (this.#warnings.length < this.maxReported) this.#warnings.push(problem);
  }

  progress(): IngestProgress {
    const { glitchesDone, glitchesFound, picturesRead } = this;
    return { glitchesDone, glitchesFound, picturesRead };
  }

  finish(stopped: boolean): IngestReport {
    return {
      accepted: this.accepted,
      duplicates: this.duplicates,
      rejected: this.#rejected,
      rejectedCount: this.#rejectedCount,
      warnings: this.#warnings,
      warningCount: this.#warningCount,
      picturesRead: this.picturesRead,
      scans: this.scans,
      glitchesFound: this.glitchesFound,
      withoutMetadata: this.withoutMetadata,
      rowsWithoutPictures: this.rowsWithoutPictures,
      elapsedMs: Math.round(performance.now() - this.#startedAt),
      stopped,
    };
  }
}

/** What failed, as a line of a report; a bug of ours is not a line and goes on up. */
export function problemOf(error: unknown): IngestProblem {
  if (error instanceof IngestError) return error.toProblem();
  throw error;
}
