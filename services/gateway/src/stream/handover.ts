/**
 * Knows how far a stream has been handed over. A message counts when its write has
 * called back: HTTP/2 flow control has let it go and it is in the socket. That is
 * the last that a server sees of it.
 */
export class Handover {
  private written = 0;
  private gone = 0;
  private last: string | undefined;

  /** @param nWaiting messages before the first write. */
  constructor(private readonly nWaiting: () => number) {}

  /** The callback for the write of the message with this cursor. */
  writing(cursor: string): (error?: Error | null) => void {
    this.written += 1;
    return (error) => {
      if (error) return;
      this.gone += 1;
      this.last = cursor;
    };
  }

  /**
   * A cursor behind all that was handed over: the feed's own position where nothing
   * is under way, so that it moves with what the subscriber did not want to see.
   */
  cursor(position: string): string {
    const isAllGone = this.nWaiting() === 0 && this.written === this.gone;
    if (isAllGone) this.last = position;
    this.last ??= position;
    return this.last;
  }
}
