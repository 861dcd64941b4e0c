import type { Glitch } from '../data/messages.js';
import { gpsText, unixMsOfGpsNs, utcText } from '../words/gps-time.js';
import {
  durationText,
  frequencyText,
  measureText,
  percentText,
  pValueText,
} from '../words/numbers.js';
import type { Fact } from './facts.js';
import { FamilyTag } from './swatch.js';

/** What is said about a glitch wherever it is shown; times first. */
export function timeFacts({ trigger }: Glitch): Fact[] {
  if (trigger.peakGpsNs === null) return [{ name: 'Peak time', value: 'not stated', wide: true }];
  const gpsNs = BigInt(trigger.peakGpsNs);
  return [
    { name: 'UTC', value: utcText(unixMsOfGpsNs(gpsNs)), wide: true },
    { name: 'GPS', value: gpsText(gpsNs), wide: true },
  ];
}

export function triggerFacts({ trigger }: Glitch): Fact[] {
  const { signalName } = trigger;
  return [
    // In no family and no alert, and here it says why.
    ...(signalName === '' ? [] : [{ name: 'Known signal', value: signalName, wide: true }]),
    { name: 'SNR', value: measureText(trigger.snr, '') },
    { name: 'Peak frequency', value: frequencyText(trigger.peakFrequencyHz) },
    { name: 'Duration', value: durationText(trigger.durationSec) },
    { name: 'Bandwidth', value: frequencyText(trigger.bandwidthHz) },
  ];
}

export function assignmentFacts({ assignment }: Glitch): Fact[] {
  if (assignment === null) return [{ name: 'Family', value: 'assignment on its way', wide: true }];
  return [
    { name: 'Family', value: <FamilyTag familyId={assignment.familyId} /> },
    { name: 'Probability', value: percentText(assignment.probability) },
    { name: 'Novelty p', value: pValueText(assignment.noveltyPValue) },
    { name: 'Outlier score', value: assignment.outlierScore.toFixed(2) },
  ];
}
