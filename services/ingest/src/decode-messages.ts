/** What travels between the decoder pool and its threads. */
export interface DecodeRequest {
  readonly id: number;
  readonly png: Uint8Array;
}

export type DecodeReply =
  | { readonly id: number; readonly code: Uint8Array }
  | { readonly id: number; readonly problem: string };
