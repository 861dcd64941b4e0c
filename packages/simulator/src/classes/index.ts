import { SimulatorError } from '../errors.js';
import type { GlitchClass } from '../glitch-class.js';
import { noGlitch } from './background.js';
import { blip, extremelyLoud, koiFish, lowFrequencyBlip, tomte } from './blips.js';
import { inventedFamily, noneOfTheAbove } from './families.js';
import {
  airCompressor,
  lines1080,
  lowFrequencyLines,
  powerLine,
  ripples1400,
  violinMode,
} from './lines.js';
import {
  fastScattering,
  lightModulation,
  lowFrequencyBurst,
  scatteredLight,
} from './low-frequency.js';
import { staircase } from './staircase.js';
import { chirp, pairedDoves, wanderingLine, whistle } from './tracks.js';
import { helix, repeatingBlips, scratchy } from './trains.js';

const known: readonly GlitchClass[] = [
  lines1080,
  ripples1400,
  airCompressor,
  blip,
  lowFrequencyBlip,
  chirp,
  extremelyLoud,
  fastScattering,
  helix,
  koiFish,
  lightModulation,
  lowFrequencyBurst,
  lowFrequencyLines,
  noGlitch,
  noneOfTheAbove,
  pairedDoves,
  powerLine,
  repeatingBlips,
  scatteredLight,
  scratchy,
  tomte,
  violinMode,
  wanderingLine,
  whistle,
];

export const classesByName: ReadonlyMap<string, GlitchClass> = new Map(
  [...known, staircase].map((glitchClass) => [glitchClass.name, glitchClass]),
);

const invented = new Map<string, GlitchClass>();

/**
 * By name; `Invented_0`, `Invented_1` ... are made on demand.
 *
 * @throws SimulatorError unknown_class
 */
export function classOf(name: string): GlitchClass {
  const found = classesByName.get(name) ?? invented.get(name);
  if (found !== undefined) return found;
  const index = /^Invented_(\d{1,6})$/.exec(name)?.[1];
  if (index === undefined) {
    const known = [...classesByName.keys()].join(', ');
    throw new SimulatorError('unknown_class', `class ${name}: expected one of ${known}`);
  }
  const family = inventedFamily(Number(index));
  invented.set(name, family);
  return family;
}

/** Whether `className` may be asked for: a morphology of Gravity Spy, the new one or an invented one. */
export function isKnownClass(name: string): boolean {
  return classesByName.has(name) || /^Invented_\d{1,6}$/.test(name);
}

/** The morphologies Gravity Spy knows. */
export const simulatorClasses: readonly string[] = known.map(({ name }) => name);

/** A morphology that is in no training set, plain to see: the demo's new family. */
export const noveltyClass: string = staircase.name;

/** What the demo shows before the new family appears: common and well apart. */
export const demoClasses: readonly string[] = [
  'Blip',
  'Koi_Fish',
  'Whistle',
  'Scratchy',
  'Scattered_Light',
  'Power_Line',
  '1400Ripples',
  'Low_Frequency_Burst',
];
