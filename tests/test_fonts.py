"""The committed web fonts are what `build_tools.fonts` makes, and hold what the site prints."""

import io

import pytest
from fontTools.ttLib import TTFont

from build_tools import fonts
from build_tools.errors import BuildError
from build_tools.output import OutputFile


@pytest.fixture(scope="module")
def made() -> tuple[OutputFile, ...]:
    """Return the fonts, made once for all tests here."""
    return fonts.render_fonts()


def _font(made: tuple[OutputFile, ...], name: str) -> TTFont:
    return TTFont(io.BytesIO(next(file.content for file in made if file.path == name)))


def test_committed_fonts_are_the_ones_made(made: tuple[OutputFile, ...]) -> None:
    """Making the fonts again gives the committed bytes (no date, no order of a set), and no other file lies there."""
    committed = {path.name: path.read_bytes() for path in fonts.FONTS_FOLDER.iterdir()}
    assert {file.path: file.content for file in made} == committed


@pytest.mark.parametrize("name", fonts.FACES)
def test_text_face_covers_vietnamese(made: tuple[OutputFile, ...], name: str) -> None:
    """Every letter of Vietnamese, composed or not, and every sign of a calculation is in each text face."""
    held = set(_font(made, f"be-vietnam-pro-{name}.woff2").getBestCmap())
    vowels = "aăâeêioôơuưy"
    letters = {letter for vowel in vowels for letter in (vowel, vowel.upper())} | set("đĐ")
    toned = {chr(code) for code in range(0x1EA0, 0x1EFA)} | set("àáãèéìíĩòóõùúũýÀÁÃÈÉÌÍĨÒÓÕÙÚŨÝ")
    signs = set("0123456789.,%+−×÷=≈≠–—“”‘’…·₫()/") | {"\u00a0", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    assert {char for char in letters | toned | signs if ord(char) not in held} == set()


@pytest.mark.parametrize(("name", "width"), fonts.DIGIT_WIDTHS.items())
def test_digit_face_has_one_width(made: tuple[OutputFile, ...], name: str, width: int) -> None:
    """The ten digits, and nothing else, are equally wide, centred, and unkerned."""
    font = _font(made, f"be-vietnam-pro-digits-{name}.woff2")
    characters = font.getBestCmap()
    assert sorted(characters) == list(range(0x30, 0x3A))
    assert {font["hmtx"][glyph][0] for glyph in characters.values()} == {width}
    for glyph in characters.values():
        drawn = font["glyf"][glyph]
        assert abs(drawn.xMin - (width - drawn.xMax)) <= 1
        assert font["hmtx"][glyph][1] == drawn.xMin
    assert not {"GPOS", "GSUB", "kern"} & set(font.keys())


def test_digits_of_the_text_face_differ_in_width(made: tuple[OutputFile, ...]) -> None:
    """The reason for the digit face still holds: the font's own digits have several widths."""
    font = _font(made, "be-vietnam-pro-400.woff2")
    assert len({font["hmtx"][font.getBestCmap()[code]][0] for code in range(0x30, 0x3A)}) > 1


def test_width_too_small_for_a_digit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A width that a digit does not fit into stops the making and says which width would do."""
    monkeypatch.setattr(fonts, "DIGIT_WIDTHS", {"400": 500})
    with pytest.raises(BuildError, match="Choose a width over"):
        fonts.render_fonts()


def test_fonts_carry_their_licence(made: tuple[OutputFile, ...]) -> None:
    """The licence lies beside the fonts and is named inside each of them."""
    licence = next(file.content.decode() for file in made if file.path == fonts.LICENCE)
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    for file in made:
        if file.path.endswith(".woff2"):
            assert "SIL Open Font License" in (TTFont(io.BytesIO(file.content))["name"].getDebugName(13) or "")
