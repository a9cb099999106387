"""The site's web fonts: subsets of Be Vietnam Pro, and digits of one width for columns of numbers.

Run `python -m build_tools.fonts` after changing what the subsets hold; the files it writes are committed, so that
building the site needs neither this module nor the libraries it uses.
"""

import io
import sys
from importlib.resources import files

from fontTools import subset
from fontTools.ttLib import TTFont

from build_tools.errors import BuildError
from build_tools.output import OutputFile
from build_tools.sources import OURS

FONTS_FOLDER = OURS / "assets" / "fonts"
LICENCE = "OFL.txt"

# What the site is set in: the name a file goes by, and the font it is cut from.
FACES = {
    "400": "BeVietnamPro-Regular.ttf",
    "400-italic": "BeVietnamPro-Italic.ttf",
    "500": "BeVietnamPro-Medium.ttf",
    "600": "BeVietnamPro-SemiBold.ttf",
    "700": "BeVietnamPro-Bold.ttf",
}

# The font has no tabular digits ("1" is 385 units wide and "4" is 710), so columns get a face of their own. These
# widths keep the colour of running text; italics never stand in columns.
DIGIT_WIDTHS = {"400": 664, "500": 670, "600": 676, "700": 684}

CHARACTERS = (
    range(0x20, 0x7F),  # Latin
    range(0xA0, 0x100),  # Latin-1: accents, × ÷ ± · «»
    (0x102, 0x103, 0x110, 0x111, 0x128, 0x129, 0x168, 0x169, 0x1A0, 0x1A1, 0x1AF, 0x1B0),  # Ă Đ Ĩ Ũ Ơ Ư
    range(0x1EA0, 0x1EFA),  # the rest of Vietnamese
    (0x300, 0x301, 0x302, 0x303, 0x306, 0x309, 0x31B, 0x323),  # its accents, for text that is not composed
    (0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2020, 0x2022, 0x2026, 0x2030, 0x2039, 0x203A),
    (0x20AB, 0x20AC, 0x2212, 0x2044, 0x2248, 0x2260, 0x2264, 0x2265),  # ₫ € − ⁄ ≈ ≠ ≤ ≥
)


def render_fonts() -> tuple[OutputFile, ...]:
    """Return the font files and their licence, ordered by path, with the same bytes each time."""
    made = [OutputFile(f"be-vietnam-pro-{name}.woff2", _text_face(source)) for name, source in FACES.items()]
    made += [
        OutputFile(f"be-vietnam-pro-digits-{name}.woff2", _digit_face(FACES[name], width))
        for name, width in DIGIT_WIDTHS.items()
    ]
    made.append(OutputFile(LICENCE, _read_source("LICENSE")))
    return tuple(sorted(made, key=lambda file: file.path))


def main() -> int:
    """Write the fonts into the site's assets and return the exit code."""
    FONTS_FOLDER.mkdir(parents=True, exist_ok=True)
    for file in render_fonts():
        (FONTS_FOLDER / file.path).write_bytes(file.content)
        print(f"{file.path}: {len(file.content)} bytes")
    return 0


def _text_face(source: str) -> bytes:
    """Return the font cut down to the characters of the site."""
    wanted = [code for group in CHARACTERS for code in group]
    return _woff2(_cut(source, wanted, features=["kern", "mark", "mkmk", "ccmp", "locl", "liga"]))


def _digit_face(source: str, width: int) -> bytes:
    """Return a font of the ten digits, each centred on one width, without kerning."""
    font = _cut(source, list(range(0x30, 0x3A)), features=[])
    for table in ("GPOS", "GSUB", "GDEF"):
        if table in font:
            del font[table]
    glyphs, metrics = font["glyf"], font["hmtx"]
    for name in font.getGlyphOrder():
        glyph = glyphs[name]
        if not glyph.numberOfContours:
            continue
        drawn = glyph.xMax - glyph.xMin
        if drawn > width:
            remedy = f"Choose a width over {drawn}, not {width}."
            raise BuildError(source, f"digit {name} is {drawn} units wide", remedy)
        start = (width - drawn) // 2
        glyph.coordinates.translate((start - glyph.xMin, 0))
        glyph.recalcBounds(glyphs)
        metrics[name] = (width, start)
    return _woff2(font)


def _cut(source: str, characters: list[int], features: list[str]) -> TTFont:
    """Return the font with these characters and layout features alone."""
    options = subset.Options()
    options.layout_features = features
    options.hinting = False  # browsers smooth small text themselves; hints are a third of the size
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]  # the licence asks that copyright and licence travel along
    options.notdef_outline = True
    font = TTFont(io.BytesIO(_read_source(f"files/{source}")), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    return font


def _woff2(font: TTFont) -> bytes:
    """Return the font as a WOFF2 file."""
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written, reorderTables=True)
    return written.getvalue()


def _read_source(path: str) -> bytes:
    """Return a file of the package that carries the font."""
    source = files("fontpkg_be_vietnam_pro").joinpath(path)
    if not source.is_file():
        raise BuildError(str(source), "the font is not there", "Install fontpkg-be-vietnam-pro 1.2.")
    return source.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
