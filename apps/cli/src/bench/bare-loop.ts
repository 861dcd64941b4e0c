/** What a bare loop passes through its log, to say what the transport alone would allow. */
export interface BareLoop {
  /** Encoded glitches, as ingest appends them. */
  readonly values: readonly Uint8Array[];
  readonly workDir: string;
}
