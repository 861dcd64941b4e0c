/** Every way in which something handed in can fail; the label of the errors metric. */
export const ingestErrorCodes = [
  /** The folder or file to read is not there or not readable. */
  'no_such_folder',
  'unreadable_file',
  /** The folder holds no Gravity Spy picture. */
  'empty_folder',
  /** A PNG whose name is not a Gravity Spy name. */
  'unrecognised_name',
  /** The CSV itself: syntax, a needed column, a row, a repeated glitch. */
  'bad_csv',
  'missing_column',
  'bad_row',
  'repeated_row',
  /** A field of a trigger. */
  'bad_field',
  'unknown_detector',
  'missing_identity',
  /** Strain: the file or its sampling, a stretch that cannot be scanned, none at a time. */
  'bad_strain',
  'bad_scan',
  'no_strain',
  /** A table of triggers that is none of the known kinds. */
  'bad_table',
  /** Windows and what is in them. */
  'missing_window',
  'bad_window',
  'duplicate_window',
  'late_window',
  'bad_picture',
  'bad_grid',
  'no_readable_window',
  'too_large',
  /** What came over the wire is not a request. */
  'bad_request',
  /** The event log or the state store is away; handing in again is safe. */
  'log_unavailable',
  'disk_full',
  'state_unavailable',
  'stopped',
] as const;

export type IngestErrorCode = (typeof ingestErrorCodes)[number];

const temporary: readonly IngestErrorCode[] = [
  'log_unavailable',
  'disk_full',
  'state_unavailable',
  'stopped',
];

/** True where nothing is wrong with what was handed in: it may be handed in again. */
export function isTemporary(code: IngestErrorCode): boolean {
  return temporary.includes(code);
}

export interface ProblemLocation {
  readonly file?: string | undefined;
  /** Line of a text table, the header of a CSV being line 1; row of an XML or HDF5 table from 1. */
  readonly row?: number | undefined;
  readonly field?: string | undefined;
}

/** One line of a report: what was refused or odd, and where. */
export interface IngestProblem extends ProblemLocation {
  readonly code: IngestErrorCode;
  readonly message: string;
}

export interface IngestErrorOptions extends ErrorOptions, ProblemLocation {}

/** A refusal with a stable code, a sentence for people, and where it happened. */
export class IngestError extends Error implements ProblemLocation {
  override readonly name = 'IngestError';
  readonly file: string | undefined;
  readonly row: number | undefined;
  readonly field: string | undefined;

  constructor(
    readonly code: IngestErrorCode,
    message: string,
    options: IngestErrorOptions = {},
  ) {
    super(message, options);
    this.file = options.file;
    this.row = options.row;
    this.field = options.field;
  }

  toProblem(): IngestProblem {
    const { code, message, file, row, field } = this;
    return {
      code,
      message,
      ...(file === undefined ? {} : { file }),
      ...(row === undefined ? {} : { row }),
      ...(field === undefined ? {} : { field }),
    };
  }
}
