import { type Signal, signal } from '@preact/signals';
import type { Gateway } from '../data/gateway.js';
import type { Glitch } from '../data/messages.js';

/** `missing`: the gateway does not know it; `failed`: the request did not get through. */
export type Detail =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly glitch: Glitch }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed' };

const MAX_HELD = 500;

/** Facts about single glitches, asked for once each and kept by id, never by row. */
export class GlitchDetails {
  private readonly held = new Map<string, Signal<Detail>>();

  constructor(private readonly gateway: Pick<Gateway, 'glitch'>) {}

  of(glitchId: string): Signal<Detail> {
    const known = this.held.get(glitchId);
    if (known !== undefined && known.peek().kind !== 'failed') return known;
    const detail = known ?? signal<Detail>({ kind: 'loading' });
    this.held.set(glitchId, detail);
    this.dropOldest();
    this.gateway.glitch(glitchId).then(
      (glitch) => {
        detail.value = glitch === undefined ? { kind: 'missing' } : { kind: 'known', glitch };
      },
      () => {
        // Shown as such; asked for again the next time somebody looks.
        detail.value = { kind: 'failed' };
      },
    );
    return detail;
  }

  /** Asks for one anew, and shows the old until the answer comes. */
  async refresh(glitchId: string): Promise<void> {
    const glitch = await this.gateway.glitch(glitchId);
    const detail = this.held.get(glitchId);
    if (detail !== undefined && glitch !== undefined) detail.value = { kind: 'known', glitch };
  }

  /** A refit gives every glitch a new assignment. */
  forget(): void {
    this.held.clear();
  }

  private dropOldest(): void {
    if (this.held.size <= MAX_HELD) return;
    const oldest = this.held.keys().next().value;
    if (oldest !== undefined) this.held.delete(oldest);
  }
}
