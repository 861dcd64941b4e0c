import { describe, expect, it } from 'vitest';
import { nothingSelected, readPageState, writePageState } from './selection.js';

const id = '0123456789abcdef0123456789abcdef';

describe('the address bar', () => {
  it.each([
    '',
    '?family=7',
    '?family=-1',
    `?glitch=${id}`,
    `?family=3&glitch=${id}`,
    `?glitch=${id}&explain=1`,
    `?alert=${id}&view=1.500,-2.000,3.250`,
  ])('says what it has read: %s', (search) => {
    expect(writePageState(readPageState(search))).toBe(search);
  });

  it.each([
    '?family=seven',
    '?family=1.5',
    '?glitch=../../etc',
    '?alert=12',
    '?view=1,2',
    '?view=1,2,0',
    '?view=a,b,c',
    '?explain=1',
  ])('leaves out what makes no sense: %s', (search) => {
    expect(readPageState(search)).toEqual({ selection: nothingSelected, view: undefined });
  });
});
