const CELLS = 2048;

/**
 * x ** exponent for float32 x > 0 by its bits: a factor for the binary exponent
 * times a linear interpolation over 2048 cells of the mantissa. Relative error
 * below 6e-8 for exponents of 0.3 ... 2, one float32 step, at a third of
 * the time of `**`, which is two thirds of the layout's optimisation.
 */
export class PowerTable {
  static #latest: { readonly exponent: number; readonly table: PowerTable } | undefined;

  readonly #float = new Float32Array(1);
  readonly #bits = new Int32Array(this.#float.buffer);
  readonly #scale = new Float64Array(256);
  readonly #value = new Float64Array(CELLS);
  /** Rise over a cell per unit of the 12 mantissa bits below it. */
  readonly #slope = new Float64Array(CELLS);

  constructor(exponent: number) {
    for (let e = 0; e < 256; e++) this.#scale[e] = 2 ** ((e - 127) * exponent);
    for (let c = 0; c < CELLS; c++) {
      const value = (1 + c / CELLS) ** exponent;
      this.#value[c] = value;
      this.#slope[c] = ((1 + (c + 1) / CELLS) ** exponent - value) / 4096;
    }
  }

  /**
   * The table of an exponent; the latest one is kept. Rows that are placed one at a
   * time under one fit would else spend more on the table than on their descent.
   */
  static for(exponent: number): PowerTable {
    if (PowerTable.#latest?.exponent !== exponent) {
      PowerTable.#latest = { exponent, table: new PowerTable(exponent) };
    }
    return PowerTable.#latest.table;
  }

  of(x: number): number {
    this.#float[0] = x;
    const bits = this.#bits[0]!;
    const cell = (bits >>> 12) & (CELLS - 1);
    return this.#scale[bits >>> 23]! * (this.#value[cell]! + (bits & 4095) * this.#slope[cell]!);
  }
}
