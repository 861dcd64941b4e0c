/** No label; codes of labels begin at 1. */
export const NO_LABEL = 0;

/**
 * Small numbers for labels, as long as anything holds them: a label that nothing
 * carries any more frees its number. At most `maxLabels`, so that a source that puts
 * a serial number into its labels cannot fill the memory.
 */
export class LabelNames {
  private readonly codes = new Map<string, number>();
  private readonly names: (string | undefined)[] = [undefined];
  private readonly holders: number[] = [0];
  private readonly free: number[] = [];

  constructor(private readonly maxLabels: number) {}

  get size(): number {
    return this.codes.size;
  }

  /** Is there a number for it, or one left? */
  hasRoomFor(label: string): boolean {
    return this.codes.has(label) || this.codes.size < this.maxLabels;
  }

  /** Counts one more holder. NO_LABEL for the empty text, and where no number is left. */
  take(label: string): number {
    if (label === '' || !this.hasRoomFor(label)) return NO_LABEL;
    const known = this.codes.get(label);
    const code = known ?? this.free.pop() ?? this.names.length;
    if (known === undefined) {
      this.codes.set(label, code);
      this.names[code] = label;
      this.holders[code] = 0;
    }
    this.holders[code]! += 1;
    return code;
  }

  /** One holder less. */
  release(code: number): void {
    if (code === NO_LABEL) return;
    this.holders[code]! -= 1;
    if (this.holders[code]! > 0) return;
    this.codes.delete(this.names[code]!);
    this.names[code] = undefined;
    this.free.push(code);
  }

  nameOf(code: number): string {
    return this.names[code] ?? '';
  }
}
