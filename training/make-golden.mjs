// Makes models/golden/golden-v1.pb: the glitches by which an embedder is known to be
// what it was. Made once; the file is what counts, not this script: another file would
// make every embedder look changed. From a built checkout:
//   node training/make-golden.mjs OUT.pb
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { GoldenSet, GridEncoding, glitchIdOf } from '@glitchwatch/proto';
import { createSimulator } from '@glitchwatch/simulator';
import { encodeGrid } from '@glitchwatch/spectrogram';

const classes = [
  'Blip',
  'Koi_Fish',
  'Tomte',
  'Scattered_Light',
  'Fast_Scattering',
  'Power_Line',
  'Whistle',
  'Low_Frequency_Burst',
  'Extremely_Loud',
  '1080Lines',
  'Violin_Mode',
  'No_Glitch',
];
const simulator = createSimulator({ seed: 20261127 });

const glitches = classes.map((className, n) => {
  const made = simulator.at(n, { className, ifo: 'H1' });
  const identity = { ifo: 'H1', channel: 'GOLDEN', externalId: `golden-${n}` };
  return {
    trigger: {
      glitchId: glitchIdOf(identity),
      ...identity,
      snr: made.snr,
      label: className,
      source: 'golden',
    },
    windows: made.grids.map(({ windowSec, grid }) => ({
      windowSec,
      nFrequency: grid.nFrequency,
      nTime: grid.nTime,
      encoding: GridEncoding.GRID_ENCODING_DELTA_DEFLATE,
      data: Buffer.from(encodeGrid(grid)),
    })),
  };
});
const bytes = GoldenSet.encode(GoldenSet.fromPartial({ glitches })).finish();
writeFileSync(process.argv[2], bytes);
process.stdout.write(`${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} bytes\n`);
