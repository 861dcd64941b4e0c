/** What a bare loop passes through its log, to say what the transport alone would allow. */
export interface BareLoop {
  /** Encoded glitches, as ingest appends them. */
  readonly values: readonly Uint8Array[];
  /** So many of them go through once before the clock runs, as in the pipeline's warm-up. */
  readonly warmUp: number;
  readonly workDir: string;
}

/** Counts what comes out of a log, and tells when so many have come. */
export class Arrivals {
  #count = 0;
  #wanted = 0;
  #done: () => void = () => undefined;

  add(count: number): void {
    this.#count += count;
    if (this.#count >= this.#wanted) this.#done();
  }

  /** Resolves when `count` more than at the last call have come. One call at a time. */
  more(count: number): Promise<void> {
    this.#wanted += count;
    return new Promise((resolve) => {
      this.#done = resolve;
      this.add(0);
    });
  }
}

/**
 * Sends the values through, `together` at a time, first to warm up and then with the
 * clock running until the last has come.
 *
 * @returns messages per second.
 */
export async function bareRate(
  { values, warmUp }: Pick<BareLoop, 'values' | 'warmUp'>,
  arrivals: Arrivals,
  together: number,
  send: (part: readonly Uint8Array[], first: number) => Promise<unknown>,
): Promise<number> {
  const pass = async (passed: readonly Uint8Array[]): Promise<void> => {
    const allCame = arrivals.more(passed.length);
    for (let first = 0; first < passed.length; first += together) {
      await send(passed.slice(first, first + together), first);
    }
    await allCame;
  };
  await pass(values.slice(0, warmUp));
  const start = performance.now();
  await pass(values);
  return values.length / ((performance.now() - start) / 1000);
}
