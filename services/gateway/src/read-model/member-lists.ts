const END = -1;

/**
 * Rows by family and label as linked lists in columns: a row joins or leaves at the
 * cost of two links, and a list is walked without a look at any other row.
 */
export class MemberLists {
  /** By family, then label: the row that joined last. */
  private readonly heads = new Map<number, Map<number, number>>();
  private next = new Int32Array(0);
  private previous = new Int32Array(0);

  join(row: number, family: number, label: number): void {
    if (row >= this.next.length) this.grow(row);
    let ofFamily = this.heads.get(family);
    if (ofFamily === undefined) {
      ofFamily = new Map();
      this.heads.set(family, ofFamily);
    }
    const head = ofFamily.get(label) ?? END;
    this.next[row] = head;
    this.previous[row] = END;
    if (head !== END) this.previous[head] = row;
    ofFamily.set(label, row);
  }

  /** `family` and `label` must be those with which it joined. */
  leave(row: number, family: number, label: number): void {
    const after = this.next[row]!;
    const before = this.previous[row]!;
    if (after !== END) this.previous[after] = before;
    if (before !== END) {
      this.next[before] = after;
      return;
    }
    const ofFamily = this.heads.get(family);
    if (after !== END) ofFamily?.set(label, after);
    else ofFamily?.delete(label);
    if (ofFamily?.size === 0) this.heads.delete(family);
  }

  labelsIn(family: number): Iterable<number> {
    return this.heads.get(family)?.keys() ?? [];
  }

  *rowsOf(family: number, label: number): Generator<number> {
    let row = this.heads.get(family)?.get(label) ?? END;
    while (row !== END) {
      yield row;
      row = this.next[row]!;
    }
  }

  private grow(row: number): void {
    const size = Math.max(1024, 2 * this.next.length, row + 1);
    this.next = enlarged(this.next, size);
    this.previous = enlarged(this.previous, size);
  }
}

function enlarged(old: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(size);
  bigger.set(old);
  return bigger;
}
