import { createRng } from '@glitchwatch/numerics';

/** Which glitches are compared; numbers count the glitches in the order of their coming. */
export interface WindowPair {
  readonly ifo: string;
  /** The newest, oldest first. */
  readonly recent: readonly number[];
  /** Drawn from all before them, ascending. */
  readonly reference: readonly number[];
}

interface Detector {
  /** Numbers of its glitches, ascending. */
  numbers: number[];
  sinceTest: number;
}

/**
 * Recent and earlier glitches of each detector. A detector is due whenever `window` more
 * have come since it was last compared, so no glitch is recent twice and every comparison
 * stands for itself: at level alpha one in 1 / alpha of them is a false alarm.
 */
export class DetectorWindows {
  readonly #window: number;
  readonly #detectors = new Map<string, Detector>();

  constructor(window: number) {
    this.#window = window;
  }

  add(ifo: string, number: number): void {
    let detector = this.#detectors.get(ifo);
    if (detector === undefined) {
      detector = { numbers: [], sinceTest: 0 };
      this.#detectors.set(ifo, detector);
    }
    detector.numbers.push(number);
    detector.sinceTest++;
  }

  /** Glitches before this number have left. */
  forgetBefore(number: number): void {
    for (const detector of this.#detectors.values()) {
      const { numbers } = detector;
      // Twice as many as are kept at most, so that each is moved once on average.
      if (numbers.length === 0 || numbers[numbers.length >> 1]! >= number) continue;
      detector.numbers = numbers.filter((one) => one >= number);
    }
  }

  /** A pair for each detector that is due, which it then is no longer. `first`: the oldest that is kept. */
  due(first: number): WindowPair[] {
    const pairs: WindowPair[] = [];
    for (const [ifo, detector] of this.#detectors) {
      if (detector.sinceTest < this.#window) continue;
      const kept = detector.numbers.filter((number) => number >= first);
      const before = kept.length - this.#window;
      if (before < this.#window) continue;
      detector.sinceTest = 0;
      const recent = kept.slice(before);
      pairs.push({ ifo, recent, reference: drawn(kept.slice(0, before), this.#window, recent) });
    }
    return pairs;
  }

  /** What has come so far is part of no window to come, neither recent nor before. */
  forgetAll(): void {
    this.#detectors.clear();
  }
}

/** `count` of them, uniformly; the same for the same glitches. */
function drawn(numbers: number[], count: number, recent: readonly number[]): number[] {
  const rng = createRng(recent.at(-1) ?? 0);
  for (let i = 0; i < count; i++) {
    const j = i + rng.nextInt(numbers.length - i);
    [numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!];
  }
  return numbers.slice(0, count).sort((a, b) => a - b);
}
