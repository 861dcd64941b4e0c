import { UNASSIGNED } from '../data/messages.js';

export type Rgb = readonly [number, number, number];
export type Theme = 'dark' | 'light';

/**
 * Twelve hues told apart under the common colour deficiencies: the eight of Okabe
 * and Ito (2008) lifted for a dark ground, and four between them that differ in
 * lightness. Families carry their number as well: colour never speaks alone.
 */
const dark: readonly string[] = [
  '#56b4e9',
  '#f0a429',
  '#35c79a',
  '#f2e35b',
  '#dd8bbd',
  '#ee7a42',
  '#6f94f5',
  '#bda7ec',
  '#7fd8d0',
  '#cdb775',
  '#f5a9a2',
  '#a4cf4b',
];
const light: readonly string[] = [
  '#1b7cbc',
  '#b56f00',
  '#00835f',
  '#8a7d00',
  '#b04e88',
  '#c8500a',
  '#3859c9',
  '#7a5cc0',
  '#18827c',
  '#8a7330',
  '#c9554c',
  '#5f8a0e',
];
const unassigned: Readonly<Record<Theme, string>> = { dark: '#687384', light: '#99a2af' };

/** Stable: a family keeps its colour for ever, because its id is never reused. */
export function familyHex(familyId: number, theme: Theme): string {
  if (familyId === UNASSIGNED) return unassigned[theme];
  const palette = theme === 'dark' ? dark : light;
  return palette[familyId % palette.length] ?? unassigned[theme];
}

/** Channels from 0 to 255. */
export function familyRgb(familyId: number, theme: Theme): Rgb {
  const hex = Number.parseInt(familyHex(familyId, theme).slice(1), 16);
  return [(hex >> 16) & 255, (hex >> 8) & 255, hex & 255];
}
