import { describe, expect, it } from 'vitest';
import { familyRgb, type Theme } from './family-colour.js';

/** WCAG relative luminance. */
function luminance([r, g, b]: readonly [number, number, number]): number {
  const linear = (channel: number): number => {
    const c = channel / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

const grounds: Readonly<Record<Theme, number>> = {
  dark: luminance([10, 13, 18]),
  light: luminance([244, 246, 248]),
};

describe('familyRgb', () => {
  it.each(['dark', 'light'] as const)('stands out from the %s ground (WCAG 3:1)', (theme) => {
    for (let familyId = 0; familyId < 24; familyId++) {
      const [a, b] = [luminance(familyRgb(familyId, theme)), grounds[theme]];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      expect(contrast, `family ${familyId}`).toBeGreaterThanOrEqual(3);
    }
  });

  it('is stable, and unassigned is grey', () => {
    expect(familyRgb(3, 'dark')).toEqual(familyRgb(3, 'dark'));
    const [r, g, b] = familyRgb(-1, 'dark');
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(40);
  });
});
