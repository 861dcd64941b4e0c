/** What can go wrong in the command line itself. */
export type CliErrorCode =
  | 'bad_usage'
  | 'bad_npy'
  | 'bad_labels'
  | 'too_few_labels'
  | 'data_dir_in_use'
  | 'missing_file'
  | 'nothing_to_do'
  | 'pipeline_failed'
  | 'unknown_topic'
  | 'disk_full'
  | 'unreachable';

export class CliError extends Error {
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.code = code;
  }
}

/** 0 done, 1 failed, 2 bad usage; 130 after Ctrl-C, as shells expect. */
export const exitCodes = { done: 0, failed: 1, badUsage: 2, interrupted: 130 } as const;
