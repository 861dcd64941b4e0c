"""Writes src/lettering-glyphs.ts: outlines of the characters that figures use.

Run once, by hand:  pip install fonttools==4.68.0 && python make-lettering.py DejaVuSans.ttf
Taken from DejaVu Sans 2.37, the font of matplotlib's figures; curves are kept,
coordinates are font units (2048 to the em, y upwards).
"""

import sys
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

CHARACTERS = "".join(map(chr, range(32, 127))) + "°±²³µ·×ßäöüÄÖÜéèáàç–—−‘’“”…≤≥≈→σ"


def main(font_file: str) -> None:
    font = TTFont(font_file)
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    lines = []
    for character in CHARACTERS:
        name = names[ord(character)]
        pen = SVGPathPen(glyphs, ntos=lambda v: str(round(v)))
        glyphs[name].draw(pen)
        key = character.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"  ['{key}', {font['hmtx'][name][0]}, '{pen.getCommands()}'],")
    out = Path(__file__).parent.parent / "src" / "lettering-glyphs.ts"
    out.write_text(HEAD + "\n".join(lines) + "\n];\n", encoding="utf-8")


HEAD = """\
// Written by scripts/make-lettering.py; do not edit.
//
// Outlines taken from DejaVu Sans 2.37. Glyphs: copyright (c) 2003 Bitstream,
// Inc. (Bitstream Vera is a trademark of Bitstream, Inc.), copyright (c) 2006
// Tavmjong Bah; DejaVu changes are in the public domain. Used under the terms in
// ../LETTERING-LICENSE.txt.

/** Character, advance width, SVG path; font units (2048 to the em, y upwards). */
export const GLYPHS: readonly (readonly [string, number, string])[] = [
"""

if __name__ == "__main__":
    main(sys.argv[1])
