import { type Signal, signal } from '@preact/signals';
import type { Gateway } from '../data/gateway.js';
import type { Explanation } from '../data/messages.js';

/** `refused`: the gateway says why; `failed`: it did not answer. */
export type Explained =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly explanation: Explanation }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed' };

const MAX_HELD = 100;

/** Explanations of single glitches, asked for when somebody looks; what was refused is asked again. */
export class Explanations {
  private readonly held = new Map<string, Signal<Explained>>();

  constructor(private readonly gateway: Pick<Gateway, 'explanation'>) {}

  of(glitchId: string): Signal<Explained> {
    const known = this.held.get(glitchId);
    if (known !== undefined) return known;
    const explained = signal<Explained>({ kind: 'loading' });
    this.held.set(glitchId, explained);
    const oldest = this.held.keys().next().value;
    if (this.held.size > MAX_HELD && oldest !== undefined) this.held.delete(oldest);
    this.gateway.explanation(glitchId).then(
      (answer) => {
        explained.value = answer;
      },
      () => {
        // Shown as such.
        explained.value = { kind: 'failed' };
      },
    );
    return explained;
  }

  /** Whoever switches the overlay on again asks again for what was not to be had. */
  retry(glitchId: string): void {
    const kind = this.held.get(glitchId)?.peek().kind;
    if (kind === 'refused' || kind === 'failed') this.held.delete(glitchId);
  }

  /** A refit gives glitches other families. */
  forget(): void {
    this.held.clear();
  }
}
