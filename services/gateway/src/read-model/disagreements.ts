import type { AmbiguousGlitch, Disagreement, FamilyAgreement } from '@glitchwatch/proto';
import type { AgreementBoard } from './agreement-board.js';

type IdOf = (row: number) => string;

/**
 * Glitches whose label is not that of the confident family they are in, strongest
 * first; of equal ones the lower id. Only these are looked at, none of the rest.
 */
export function listDisagreements(
  board: AgreementBoard,
  families: readonly FamilyAgreement[],
  limit: number,
  idOf: IdOf,
): Disagreement[] {
  const best = new Best<Disagreement>(limit, (a, b) => b.score - a.score || byId(a, b));
  for (const { familyId, confident, majorityLabel, nLabelled, labels } of families) {
    if (!confident) continue;
    const most = Number(labels[0]?.count ?? 0n);
    for (const [code, count] of board.counter.countsOf(familyId)) {
      const label = board.names.nameOf(code);
      if (label === majorityLabel) continue;
      const margin = (most - count) / Number(nLabelled);
      for (const row of board.rowsOf(familyId, code)) {
        const membershipProbability = board.probabilityOf(row);
        best.offer({
          glitchId: idOf(row),
          familyId,
          label,
          familyLabel: majorityLabel,
          membershipProbability,
          score: membershipProbability * margin,
          byPerson: board.isPersons(row),
        });
      }
    }
  }
  return best.sorted();
}

/** A family's members that belong to it least surely, labelled or not. */
export function listAmbiguous(
  board: AgreementBoard,
  familyId: number,
  limit: number,
  idOf: IdOf,
): AmbiguousGlitch[] {
  const best = new Best<AmbiguousGlitch>(
    limit,
    (a, b) => a.membershipProbability - b.membershipProbability || byId(a, b),
  );
  for (const code of board.labelsIn(familyId)) {
    const label = board.names.nameOf(code);
    for (const row of board.rowsOf(familyId, code)) {
      const membershipProbability = board.probabilityOf(row);
      best.offer({ glitchId: idOf(row), membershipProbability, label });
    }
  }
  return best.sorted();
}

function byId(a: { readonly glitchId: string }, b: { readonly glitchId: string }): number {
  return a.glitchId < b.glitchId ? -1 : Number(a.glitchId > b.glitchId);
}

/** The first `limit` of what is offered, in order; nothing else is kept. */
class Best<T> {
  private readonly kept: T[] = [];

  constructor(
    private readonly limit: number,
    private readonly compare: (a: T, b: T) => number,
  ) {}

  offer(item: T): void {
    const { kept, limit, compare } = this;
    const last = kept[kept.length - 1];
    if (limit === 0 || (kept.length === limit && compare(item, last!) >= 0)) return;
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(kept[middle]!, item) <= 0) low = middle + 1;
      else high = middle;
    }
    kept.splice(low, 0, item);
    if (kept.length > limit) kept.pop();
  }

  sorted(): T[] {
    return this.kept;
  }
}
