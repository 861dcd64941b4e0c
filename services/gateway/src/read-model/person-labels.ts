import type { Feedback } from '@glitchwatch/proto';

/** What a person called a glitch. */
export interface PersonLabel {
  readonly label: string;
  readonly by: string;
  readonly givenAtMs: number;
}

/**
 * People's labels by glitch, the newest of each. The topic has one partition, so every
 * gateway sees them in the same order. Beyond `maxLabels` the one given first leaves.
 */
export class PersonLabels {
  private readonly byGlitch = new Map<string, PersonLabel>();

  constructor(private readonly maxLabels: number) {}

  get size(): number {
    return this.byGlitch.size;
  }

  of(glitchId: string): PersonLabel | undefined {
    return this.byGlitch.get(glitchId);
  }

  /** @returns the glitches whose label has changed: the one spoken of, and one that had to leave. */
  apply(feedback: Feedback): readonly string[] {
    if (feedback.action?.$case !== 'label') return [];
    const { glitchId, label } = feedback.action.value;
    // Deleting first moves it to the end: the map is in the order in which labels were given.
    this.byGlitch.delete(glitchId);
    if (label !== '') {
      const givenAtMs = Number(feedback.givenAtMs);
      this.byGlitch.set(glitchId, { label, by: feedback.by, givenAtMs });
    }
    if (this.byGlitch.size <= this.maxLabels) return [glitchId];
    const oldest = this.byGlitch.keys().next().value!;
    this.byGlitch.delete(oldest);
    return [glitchId, oldest];
  }
}
