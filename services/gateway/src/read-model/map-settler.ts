/**
 * A refit moves every glitch at once. Browsers are not sent those one by one:
 * they are told once, when no more have come for `quietMs`, at the latest after
 * ten times that.
 */
export class MapSettler {
  private timer: NodeJS.Timeout | undefined;
  private firstMs = 0;

  constructor(
    private readonly quietMs: number,
    private readonly nowMs: () => number,
    private readonly onSettled: () => void,
  ) {}

  disturb(): void {
    const now = this.nowMs();
    if (this.timer === undefined) this.firstMs = now;
    else clearTimeout(this.timer);
    const patience = Math.max(0, this.firstMs + 10 * this.quietMs - now);
    this.timer = setTimeout(() => this.settle(), Math.min(this.quietMs, patience));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private settle(): void {
    this.timer = undefined;
    this.onSettled();
  }
}
