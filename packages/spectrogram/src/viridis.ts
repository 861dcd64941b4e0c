import { SpectrogramError } from './errors.js';

/**
 * matplotlib's viridis (CC0), 256 colours as rrggbb, the way matplotlib
 * rounds them to bytes. Two neighbours are equal in bytes (112 and 113, 129 and
 * 130), so 254 colours are distinct.
 */
const TABLE =
  '44015444025645045745055946075a46085c460a5d460b5e470d60470e61471063471164471365481467481668481769' +
  '48186a481a6c481b6d481c6e481d6f481f70482071482173482374482475482576482677482878482979472a7a472c7a' +
  '472d7b472e7c472f7d46307e46327e46337f463480453581453781453882443983443a83443b84433d84433e85423f85' +
  '4240864241864142874144874045884046883f47883f48893e49893e4a893e4c8a3d4d8a3d4e8a3c4f8a3c508b3b518b' +
  '3b528b3a538b3a548c39558c39568c38588c38598c375a8c375b8d365c8d365d8d355e8d355f8d34608d34618d33628d' +
  '33638d32648e32658e31668e31678e31688e30698e306a8e2f6b8e2f6c8e2e6d8e2e6e8e2e6f8e2d708e2d718e2c718e' +
  '2c728e2c738e2b748e2b758e2a768e2a778e2a788e29798e297a8e297b8e287c8e287d8e277e8e277f8e27808e26818e' +
  '26828e26828e25838e25848e25858e24868e24878e23888e23898e238a8d228b8d228c8d228d8d218e8d218f8d21908d' +
  '21918c20928c20928c20938c1f948c1f958b1f968b1f978b1f988b1f998a1f9a8a1e9b8a1e9c891e9d891f9e891f9f88' +
  '1fa0881fa1881fa1871fa28720a38620a48621a58521a68522a78522a88423a98324aa8325ab8225ac8226ad8127ad81' +
  '28ae8029af7f2ab07f2cb17e2db27d2eb37c2fb47c31b57b32b67a34b67935b77937b87838b9773aba763bbb753dbc74' +
  '3fbc7340bd7242be7144bf7046c06f48c16e4ac16d4cc26c4ec36b50c46a52c56954c56856c66758c7655ac8645cc863' +
  '5ec96260ca6063cb5f65cb5e67cc5c69cd5b6ccd5a6ece5870cf5773d05675d05477d1537ad1517cd2507fd34e81d34d' +
  '84d44b86d54989d5488bd6468ed64590d74393d74195d84098d83e9bd93c9dd93ba0da39a2da37a5db36a8db34aadc32' +
  'addc30b0dd2fb2dd2db5de2bb8de29bade28bddf26c0df25c2df23c5e021c8e020cae11fcde11dd0e11cd2e21bd5e21a' +
  'd8e219dae319dde318dfe318e2e418e5e419e7e419eae51aece51befe51cf1e51df4e61ef6e620f8e621fbe723fde725';

/** 256 colours, r g b r g b ... (768 bytes). */
export const VIRIDIS_RGB: Uint8Array = Uint8Array.from(Buffer.from(TABLE, 'hex'));

/**
 * A colour this far (Euclidean, in 0..255 RGB) from the table is no viridis.
 * Pictures drawn with smoothed shading mix colours at the rims of loud glitches
 * and have up to 0.6 % of such pixels; black, white, grey and the other
 * common colour maps start 60 and more away.
 */
const FAR_DISTANCE = 24;

/** Set beside a level whose colour is far from the table. */
export const FAR = 0x100;

/** Set beside a level whose colour is far and darker than any mix of viridis colours: ink. */
export const INK = 0x200;
/** Brightest channel of ink; the darkest mix, of the table's two ends, has 80. */
const INK_BRIGHTNESS = 70;

// Direct-mapped memory of colours already looked up (320 kB): a picture has
// 250 to 7,000 distinct colours in 275,000 pixels, so nearly every look-up hits.
const SLOTS = 1 << 16;
const slotColour = new Int32Array(SLOTS).fill(-1);
const slotLevel = new Uint16Array(SLOTS);

/**
 * The level (0..255) of a colour: exact where the colour is in the table (the
 * lower level for the two doubled colours), else by `offTable`, with bit `FAR`
 * set if even the nearest table colour is far away.
 */
export function viridisLevel(r: number, g: number, b: number): number {
  return viridisLevelOfPixel(r | (g << 8) | (b << 16));
}

/** The same of a pixel as a number, red in its lowest byte; its highest byte does not count. */
export function viridisLevelOfPixel(pixel: number): number {
  const colour = pixel & 0xffffff;
  const slot = Math.imul(colour, 0x9e3779b1) >>> 16;
  if (slotColour[slot] === colour) return slotLevel[slot]!;
  const level = levelOf(colour & 255, (colour >> 8) & 255, colour >> 16);
  slotColour[slot] = colour;
  slotLevel[slot] = level;
  return level;
}

function levelOf(r: number, g: number, b: number): number {
  let best = 0;
  let bestSquare = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 256; i++) {
    const dr = r - VIRIDIS_RGB[3 * i]!;
    const dg = g - VIRIDIS_RGB[3 * i + 1]!;
    const db = b - VIRIDIS_RGB[3 * i + 2]!;
    const square = dr * dr + dg * dg + db * db;
    if (square < bestSquare) {
      bestSquare = square;
      best = i;
    }
  }
  const distance = Math.sqrt(bestSquare);
  const level = offTable(best, g, distance);
  if (distance <= FAR_DISTANCE) return level;
  return Math.max(r, g, b) < INK_BRIGHTNESS ? level | FAR | INK : level | FAR;
}

/**
 * Level of a colour beside the table. Close by it is the nearest entry. Mixed
 * colours lie inside the bend of viridis, where the nearest entry jumps by 30
 * levels between neighbouring pixels; green, which only ever grows with the level,
 * keeps its order there. From 4 to 16 away one passes into the other.
 */
function offTable(nearest: number, green: number, distance: number): number {
  const share = Math.min(1, Math.max(0, (distance - 4) / 12));
  return Math.round(nearest + share * (levelOfGreen[green]! - nearest));
}

/** Level at each green value, between entries by straight line (green is 1 to 231). */
const levelOfGreen = Float64Array.from({ length: 256 }, (_, green) => {
  const greenOf = (level: number): number => VIRIDIS_RGB[3 * level + 1]!;
  let below = 0;
  while (below < 255 && greenOf(below + 1) <= green) below++;
  if (below === 255 || green < greenOf(0)) return below;
  // Entries of equal green count as their middle.
  let first = below;
  while (first > 0 && greenOf(first - 1) === greenOf(below)) first--;
  if (greenOf(below) === green) return (first + below) / 2;
  return below + (green - greenOf(below)) / (greenOf(below + 1) - greenOf(below));
});

/** At most this share of a plot may be far from viridis (measured on real pictures: up to 0.6 %). */
const MAX_FAR_SHARE = 0.2;

/** Throws `not_viridis` if too many of `total` pixels were far from the table. */
export function assertViridis(farPixels: number, total: number): void {
  if (farPixels <= MAX_FAR_SHARE * total) return;
  const percent = ((100 * farPixels) / total).toFixed(1);
  throw new SpectrogramError(
    'not_viridis',
    `plot colours: expected viridis, found ${percent} % of the pixels in other colours (at most ${100 * MAX_FAR_SHARE} % may be)`,
  );
}
