import type { GlitchClass } from '../glitch-class.js';
import { noGlitch, noneOfTheAbove } from './background.js';
import { blip, extremelyLoud, koiFish, lowFrequencyBlip, tomte } from './blips.js';
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
