import type { ActiveModel } from '../active-model.js';
import type { ReferenceStore } from '../reference-store.js';
import type { LiveTally } from './live-tally.js';

/** How often glitches came before any was watched: the reference has told it. */
export function recallRates(tally: LiveTally, { fit }: ActiveModel, store: ReferenceStore): void {
  for (const glitchId of fit.glitchIds) {
    const slot = store.slotOf(glitchId);
    if (slot !== undefined) tally.recall(store.ingestedAtMsAt(slot));
  }
}
