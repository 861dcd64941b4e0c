import { GLYPHS } from './lettering-glyphs.js';

/**
 * Text as SVG outlines. An SVG `<text>` needs a font installed where it is
 * drawn, and a slim container has none: outlines look the same everywhere.
 */
export interface TextStyle {
  readonly sizePx: number;
  /** Which point of the text stands at x. Default start. */
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly colour?: string;
  /** Turned so that it reads upwards. */
  readonly upwards?: boolean;
}

const UNITS_PER_EM = 2048;
const glyphs = new Map(GLYPHS.map(([character, advance, path]) => [character, { advance, path }]));
const unknown = glyphs.get('?')!;

/** SVG of one line of text; (x, y) lies on its baseline. */
export function textSvg(text: string, x: number, y: number, style: TextStyle): string {
  const characters = drawable(text);
  const scale = style.sizePx / UNITS_PER_EM;
  const shift = { start: 0, middle: -0.5, end: -1 }[style.anchor ?? 'start'];
  let pen = shift * advanceOf(characters);
  let shapes = '';
  for (const character of characters) {
    const { advance, path } = glyphs.get(character) ?? unknown;
    if (path) shapes += `<path transform="translate(${pen.toFixed(0)})" d="${path}"/>`;
    pen += advance;
  }
  const turn = style.upwards ? ' rotate(-90)' : '';
  const place = `translate(${x.toFixed(2)} ${y.toFixed(2)})${turn} scale(${scale.toFixed(6)} ${(-scale).toFixed(6)})`;
  return `<g transform="${place}" fill="${style.colour ?? '#000'}">${shapes}</g>`;
}

/** Width of a line of text, pixels. */
export function textWidthPx(text: string, sizePx: number): number {
  return (advanceOf(drawable(text)) * sizePx) / UNITS_PER_EM;
}

/** The text, or as much of it as fits with an ellipsis. */
export function fitText(text: string, sizePx: number, widthPx: number): string {
  if (textWidthPx(text, sizePx) <= widthPx) return text;
  const characters = [...text];
  while (characters.length > 0 && textWidthPx(`${characters.join('')}…`, sizePx) > widthPx) {
    characters.pop();
  }
  return `${characters.join('').trimEnd()}…`;
}

/** Characters that have outlines: accents that have none are dropped. */
function drawable(text: string): readonly string[] {
  return [...text.normalize('NFC')].flatMap((character) => {
    if (glyphs.has(character)) return [character];
    const bare = [...character.normalize('NFD')].filter((part) => glyphs.has(part));
    return bare.length > 0 ? bare : ['?'];
  });
}

function advanceOf(characters: readonly string[]): number {
  return characters.reduce((sum, c) => sum + (glyphs.get(c) ?? unknown).advance, 0);
}
