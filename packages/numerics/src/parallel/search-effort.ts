/** How far the search for neighbours goes; more of each finds more and takes longer. */
export interface SearchEffort {
  /** Candidates kept per row for the exact distance. */
  readonly candidates: number;
  /** Nearest leaves that a leaf is compared with. */
  readonly reach: number;
  /** Passes over neighbours of neighbours. */
  readonly passes: number;
}

/** Neighbours get denser with the rows, so candidates and leaves must grow. */
export function searchEffort(n: number): SearchEffort {
  if (n <= 60_000) return { candidates: 40, reach: 20, passes: 1 };
  if (n <= 400_000) return { candidates: 48, reach: 24, passes: 2 };
  return { candidates: 56, reach: 32, passes: 2 };
}
