import type {
  Agreement,
  Alert,
  Explanation,
  Families,
  Family,
  Glitch,
  LiveEvent,
  MapData,
  Status,
} from './messages.js';

export type WindowChoice = number | 'preview';

/** How a stream of events stands. `refused`: the gateway does not know the cursor any more. */
export type StreamState = 'open' | 'broken' | 'refused';

export interface StreamListener {
  onState(state: StreamState): void;
  onEvent(event: LiveEvent): void;
}

/** An explanation, or why the gateway gives none. */
export type ExplanationAnswer =
  | { readonly kind: 'known'; readonly explanation: Explanation }
  | { readonly kind: 'refused'; readonly reason: string };

/** All that the explorer asks of a gateway; tests give a made one. */
export interface Gateway {
  status(): Promise<Status>;
  families(): Promise<Families>;
  /** Empty: the default name comes back. */
  renameFamily(familyId: number, name: string): Promise<Family>;
  alerts(): Promise<readonly Alert[]>;
  /** Undefined where the gateway does not know the glitch. */
  glitch(glitchId: string): Promise<Glitch | undefined>;
  /** With the least certain members of the families named. */
  agreement(familyIds: readonly number[]): Promise<Agreement>;
  /** Gives a person's label; empty takes it back. Resolves once it counts. */
  label(glitchId: string, label: string): Promise<void>;
  explanation(glitchId: string): Promise<ExplanationAnswer>;
  map(): Promise<MapData>;
  pictureUrl(glitchId: string, window: WindowChoice, sizePx: number): string;
  /** Opens the stream behind `cursor`; returns how to close it. */
  follow(cursor: string, listener: StreamListener): () => void;
}
