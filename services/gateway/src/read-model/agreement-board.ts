import { ContingencyCounter } from '@glitchwatch/numerics';
import { LabelNames, NO_LABEL } from './label-names.js';
import { MemberLists } from './member-lists.js';

/** What the board keeps of a glitch with an assignment. */
export interface BoardEntry {
  readonly familyId: number;
  readonly membershipProbability: number;
  /** That came with the trigger; empty: none. */
  readonly sourceLabel: string;
  /** That a person gave; it counts before the other. */
  readonly personLabel: string | undefined;
}

interface Columns {
  readonly family: Int32Array;
  readonly probability: Float32Array;
  readonly sourceLabel: Uint16Array;
  readonly personLabel: Uint16Array;
}

/**
 * Labels against families, kept up with the stream: a glitch that enters, leaves, moves
 * or gets another label costs one count removed and one added. Everything else is
 * computed from the counts when somebody asks (agreement-report.ts), by the batch
 * definitions. Rows are those of the glitch table; 20 bytes each.
 */
export class AgreementBoard {
  readonly names: LabelNames;
  /** Labelled glitches only. */
  readonly counter = new ContingencyCounter();
  private readonly members = new MemberLists();
  private columns = allocate(1024);

  constructor(maxLabels: number) {
    this.names = new LabelNames(maxLabels);
  }

  enter(row: number, entry: BoardEntry): void {
    while (row >= this.columns.family.length) this.columns = grow(this.columns);
    const c = this.columns;
    c.family[row] = entry.familyId;
    c.probability[row] = entry.membershipProbability;
    c.sourceLabel[row] = this.names.take(entry.sourceLabel);
    c.personLabel[row] = this.names.take(entry.personLabel ?? '');
    this.count(row);
  }

  /** Of a row that has entered. */
  leave(row: number): void {
    this.uncount(row);
    this.names.release(this.columns.sourceLabel[row]!);
    this.names.release(this.columns.personLabel[row]!);
  }

  /** A person's label given, changed or (undefined) taken back, of a row that has entered. */
  relabel(row: number, personLabel: string | undefined): void {
    this.uncount(row);
    const old = this.columns.personLabel[row]!;
    this.columns.personLabel[row] = this.names.take(personLabel ?? '');
    this.names.release(old);
    this.count(row);
  }

  labelOf(row: number): number {
    const { personLabel, sourceLabel } = this.columns;
    return personLabel[row]! === NO_LABEL ? sourceLabel[row]! : personLabel[row]!;
  }

  isPersons(row: number): boolean {
    return this.columns.personLabel[row] !== NO_LABEL;
  }

  probabilityOf(row: number): number {
    return this.columns.probability[row]!;
  }

  /** Members of a family that carry this label; NO_LABEL: that carry none. */
  rowsOf(family: number, label: number): Iterable<number> {
    return this.members.rowsOf(family, label);
  }

  /** Labels of a family's members, NO_LABEL where some have none. */
  labelsIn(family: number): Iterable<number> {
    return this.members.labelsIn(family);
  }

  private count(row: number): void {
    const label = this.labelOf(row);
    const family = this.columns.family[row]!;
    this.members.join(row, family, label);
    if (label !== NO_LABEL) this.counter.add(label, family);
  }

  private uncount(row: number): void {
    const label = this.labelOf(row);
    const family = this.columns.family[row]!;
    this.members.leave(row, family, label);
    if (label !== NO_LABEL) this.counter.remove(label, family);
  }
}

function allocate(n: number): Columns {
  return {
    family: new Int32Array(n),
    probability: new Float32Array(n),
    sourceLabel: new Uint16Array(n),
    personLabel: new Uint16Array(n),
  };
}

function grow(old: Columns): Columns {
  const bigger = allocate(old.family.length * 2);
  for (const name of Object.keys(old) as (keyof Columns)[]) bigger[name].set(old[name]);
  return bigger;
}
