/** One glitch that two fits know, -1 for none. */
export interface TwiceFitted {
  readonly familyBefore: number;
  readonly familyAfter: number;
  /** HDBSCAN's own numbers. */
  readonly labelBefore: number;
  readonly labelAfter: number;
}

export interface Kept {
  readonly stableFamilies: number;
  /** Of stable families. */
  readonly members: number;
  readonly sameId: number;
  readonly sameLabel: number;
}

/**
 * Which members keep their id, of the families that a refit leaves what they were: more
 * than half of the members are together in one cluster, and are more than half of those
 * in it that had a family. That is told by the clusters alone, so an id does not make
 * its own family stable. A member that the refit leaves out or moves counts as not kept.
 */
export function keptByFamily(glitches: readonly TwiceFitted[]): Kept {
  const members = new Map<number, TwiceFitted[]>();
  for (const glitch of glitches) {
    if (glitch.labelBefore < 0) continue;
    const family = members.get(glitch.labelBefore);
    if (family === undefined) members.set(glitch.labelBefore, [glitch]);
    else family.push(glitch);
  }
  const olds = countBy(
    glitches.filter(({ labelBefore, labelAfter }) => labelBefore >= 0 && labelAfter >= 0),
  );
  const kept = { stableFamilies: 0, members: 0, sameId: 0, sameLabel: 0 };
  for (const family of members.values()) {
    const parts = countBy(family.filter(({ labelAfter }) => labelAfter >= 0));
    const [top] = [...parts].sort((a, b) => b[1] - a[1]);
    if (top === undefined) continue;
    const [label, together] = top;
    if (together <= family.length / 2 || together <= (olds.get(label) ?? 0) / 2) continue;
    kept.stableFamilies++;
    kept.members += family.length;
    kept.sameId += family.filter((one) => one.familyAfter === one.familyBefore).length;
    kept.sameLabel += family.filter((one) => one.labelAfter === one.labelBefore).length;
  }
  return kept;
}

function countBy(glitches: readonly TwiceFitted[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { labelAfter } of glitches) counts.set(labelAfter, (counts.get(labelAfter) ?? 0) + 1);
  return counts;
}
