import { expect, it } from 'vitest';
import { PowerTable } from './power-table.js';

it('raises to the power within a float32 step', () => {
  for (const exponent of [0.3, 0.79, 0.895, 1.33, 2]) {
    const table = new PowerTable(exponent);
    for (let step = 0; step <= 4000; step++) {
      const x = Math.fround(Math.exp(-20 + step / 100));
      expect(Math.abs(table.of(x) / x ** exponent - 1)).toBeLessThan(6e-8);
    }
  }
});

it('the kept table is the one of its exponent', () => {
  for (const exponent of [0.79, 0.79, 1.33, 0.79]) {
    expect(PowerTable.for(exponent).of(3)).toBe(new PowerTable(exponent).of(3));
  }
});
