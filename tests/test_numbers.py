"""The grammar of printed numbers, how a value follows from a print, and what a cell of ours may hold."""

import re
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from build_tools.figures import FIGURE_READINGS
from build_tools.formats import format_number, format_range
from build_tools.numbers import (
    DOUBTS,
    RANK_WORDS,
    READINGS,
    CellError,
    Numeral,
    NumeralError,
    Values,
    parse,
    read_cell,
    scale_of,
    values_of,
)

NUMBERS_A_BATCH = 50  # Hypothesis pays for each example, not for each number in it: 500 batches are 25,000 numbers.
BATCHES = max(500, settings().max_examples)  # `make fuzz` asks for more.


def decimals() -> st.SearchStrategy[Decimal]:
    """Numbers from 0 on, with up to 12 decimals, of which the last ones may be zeros."""
    whole = st.integers(0, 9_999) | st.integers(0, 10**30)
    return st.builds(lambda digits, places: Decimal(f"{digits}E-{places}"), whole, st.integers(0, 12))


def same(a: Decimal | None, b: Decimal | None) -> bool:
    """Whether two numbers are the same print, so that 100.20 is not 100.2."""
    return str(a) == str(b)


# --- The grammar ---


@settings(max_examples=BATCHES)
@given(st.lists(decimals(), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH))
@example([Decimal(0), Decimal("0.0"), Decimal("100.20"), Decimal(10) ** 40, Decimal("1E+3"), Decimal("999.999")])
def test_what_is_printed_is_read_back(numbers: list[Decimal]) -> None:
    """A number printed in either language is read back by the strict grammar, with every decimal."""
    for number in numbers:
        for language in ("vi", "en"):
            numeral = parse(format_number(number, language), language)
            assert format(numeral.value, "f") == format(number, "f")
            assert numeral.places == max(0, -int(number.as_tuple().exponent))
            assert (numeral.reading, numeral.high, numeral.kind) == ("plain", None, "cardinal")


@settings(max_examples=BATCHES // 5)
@given(st.lists(st.tuples(decimals(), decimals()), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH))
def test_a_printed_range_is_read_back(pairs: list[tuple[Decimal, Decimal]]) -> None:
    """A range printed in either language is read back as its two ends."""
    for pair in pairs:
        low, high = sorted(pair)
        for language in ("vi", "en"):
            if low < high:
                numeral = parse(format_range(low, high, language), language)
                assert (numeral.value, numeral.high, numeral.reading) == (low, high, "plain")


def read(text: str, language: str = "vi") -> Numeral | NumeralError:
    """What the grammar makes of a text: a numeral, or the error that refuses it."""
    try:
        return parse(text, language)
    except NumeralError as error:
        return error


def strictly(text: str) -> bool:
    """The strict grammar of one number, said a second time without a pattern."""
    whole, comma, decimals_ = text.partition(",")
    if comma and not (decimals_.isascii() and decimals_.isdigit()):
        return False
    first, *groups = whole.split(".")
    if not (whole.replace(".", "").isascii() and first.isdigit() and len(first) <= 3):
        return False
    if any(len(group) != 3 or not group.isdigit() for group in groups):
        return False
    return first[0] != "0" or (not groups and (first == "0" or (len(first) == 2 and first != "00")))


@settings(max_examples=BATCHES)
@given(st.lists(st.text("0123459.,", min_size=1, max_size=12), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH))
def test_nothing_else_is_plain(texts: list[str]) -> None:
    """Of all texts of digits and separators, those of the strict grammar are plain, and no others; a doubt is named."""
    for text in texts:
        found = read(text)
        if isinstance(found, NumeralError):
            assert found.reason in {"ambiguous", "edge", "groups", "no_digit"}
            assert not strictly(text)
        else:
            assert (found.reading == "plain") == strictly(text), text
            assert found.reading == "plain" or found.doubts
            # Whatever the separators mean, the digits of the value are those that were printed.
            digits = [re.sub("[^0-9]", "", number) for number in (text, format(found.value, "f"))]
            assert digits[0].lstrip("0") == digits[1].lstrip("0")


@settings(max_examples=BATCHES)
@given(st.lists(st.text(max_size=8), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH))
def test_any_text_is_read_or_refused_with_a_reason(texts: list[str]) -> None:
    """No text makes the grammar stumble: it is read, or refused by an error that names a reason."""
    for text in texts:
        for language in ("vi", "en"):
            found = read(text, language)
            assert isinstance(found, Numeral) or (found.reason and found.what)


@settings(max_examples=BATCHES // 5)
@given(st.lists(decimals(), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH))
def test_other_ways_of_printing_have_one_reading(numbers: list[Decimal]) -> None:
    """Without separators, with spaces or in the other convention, a number is read as itself and the doubt is named."""
    for number in numbers:
        whole, _, places = f"{number:f}".partition(".")
        grouped = f"{int(whole):,}".split(",")
        tail = f",{places}" if places else ""
        ways = {
            "no_separators": f"{whole}{tail}" if len(whole) > 3 else "",
            "other_decimal_sign": f"{whole}.{places}" if len(places) not in (0, 3) else "",
            "spaces": " ".join(grouped) + tail if len(grouped) > 1 else "",
            "other_group_sign": ",".join(grouped) + tail.replace(",", ".")
            if len(grouped) > (1 if places else 2)
            else "",
            "leading_zeros": f"00{whole}{tail}",
        }
        for doubt, text in ways.items():
            if text:
                numeral = parse(text)
                assert format(numeral.value, "f") == f"{number:f}", text
                assert numeral.reading == "irregular"
                assert doubt in numeral.doubts


@pytest.mark.parametrize(
    ("text", "value", "high", "places", "reading", "doubts"),
    [
        ("0", "0", None, 0, "plain", ()),
        ("7", "7", None, 0, "plain", ()),
        ("07", "7", None, 0, "plain", ()),
        ("237", "237", None, 0, "plain", ()),
        ("17.034", "17034", None, 0, "plain", ("one_group",)),
        ("1.234.567", "1234567", None, 0, "plain", ()),
        ("2,27", "2.27", None, 2, "plain", ()),
        ("0,95", "0.95", None, 2, "plain", ()),
        ("0,950", "0.950", None, 3, "plain", ()),
        ("07,5", "7.5", None, 1, "plain", ()),
        ("100,20", "100.20", None, 2, "plain", ()),
        ("18,173", "18.173", None, 3, "plain", ("three_decimals",)),
        ("17.034,5", "17034.5", None, 1, "plain", ()),
        ("17.034,567", "17034.567", None, 3, "plain", ()),
        ("15-20", "15", "20", 0, "plain", ()),
        ("15- 20", "15", "20", 0, "plain", ()),
        ("15 – 20", "15", "20", 0, "plain", ()),
        ("1,5- 2", "1.5", "2", 1, "plain", ()),
        ("2 — 2,25", "2", "2.25", 2, "plain", ()),
        ("1.500-2.000", "1500", "2000", 0, "plain", ("one_group",)),
        ("12.345 - 12.345,678", "12345", "12345.678", 3, "plain", ("one_group",)),
        ("2108", "2108", None, 0, "irregular", ("no_separators",)),
        ("2108,5", "2108.5", None, 1, "irregular", ("no_separators",)),
        ("2108.5", "2108.5", None, 1, "irregular", ("no_separators", "other_decimal_sign")),
        ("64.90", "64.90", None, 2, "irregular", ("other_decimal_sign",)),
        ("1.5", "1.5", None, 1, "irregular", ("other_decimal_sign",)),
        ("07.5", "7.5", None, 1, "irregular", ("other_decimal_sign",)),
        ("0.950", "0.950", None, 3, "irregular", ("other_decimal_sign",)),
        ("17 034", "17034", None, 0, "irregular", ("spaces",)),
        ("17 034,5", "17034.5", None, 1, "irregular", ("spaces",)),
        ("20. 360", "20360", None, 0, "irregular", ("spaces",)),
        ("1.234 567", "1234567", None, 0, "irregular", ("spaces",)),
        ("007", "7", None, 0, "irregular", ("leading_zeros",)),
        ("00", "0", None, 0, "irregular", ("leading_zeros",)),
        ("1,234,567", "1234567", None, 0, "irregular", ("other_group_sign",)),
        ("1,234,567.8", "1234567.8", None, 1, "irregular", ("other_group_sign",)),
        ("17,034.5", "17034.5", None, 1, "irregular", ("other_group_sign",)),
        ("2021-2025", "2021", "2025", 0, "irregular", ("no_separators",)),
        ("1.5 - 2.000", "1.5", "2000", 1, "irregular", ("one_group", "other_decimal_sign")),
    ],
)
def test_one_number(
    text: str, value: str, high: str | None, places: int, reading: str, doubts: tuple[str, ...]
) -> None:
    """A printed number has this value, these decimals, this reading, and these doubts are named."""
    numeral = parse(text)
    assert (str(numeral.value), numeral.places, numeral.reading) == (value, places, reading)
    assert same(numeral.high, None if high is None else Decimal(high))
    assert numeral.doubts == doubts
    assert set(doubts) <= set(DOUBTS)
    assert numeral.kind == "cardinal"


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("thứ nhất", 1),
        ("Thứ nhì", 2),
        ("thứ hai", 2),
        ("thứ ba", 3),
        ("thứ tư", 4),
        ("thứ năm", 5),
        ("thứ bẩy", 7),
        ("thứ  mười", 10),
        ("thứ mười lăm", 15),
        ("THỨ HAI MƯƠI MỐT", 21),
        ("thứ năm mươi", 50),
        ("thứ chín mươi chín", 99),
        ("thứ 5", 5),
        ("thứ 02", 2),
        ("thứ 1.024", 1024),
    ],
)
def test_one_rank(text: str, rank: int) -> None:
    """A rank is read from digits and from words, in capitals too."""
    numeral = parse(text)
    assert (numeral.value, numeral.high, numeral.places) == (Decimal(rank), None, 0)
    assert (numeral.reading, numeral.kind) == ("plain", "rank")


def test_the_rank_words_count_without_a_gap() -> None:
    """Every rank up to 99 has a word, and the words of the year are none: mười lăm is fifteen, mười năm ten years."""
    assert set(RANK_WORDS.values()) == set(range(1, 100))
    assert "mười năm" not in RANK_WORDS
    assert "hai mươi năm" not in RANK_WORDS


@pytest.mark.parametrize("text", ["17.034", "15- 20", "17 034", "thứ nhất", "thứ  hai mươi lăm"])
def test_composition_and_width_of_blanks_do_not_matter(text: str) -> None:
    """A number reads the same with accents apart from their letters, and with no-break, narrow or tab blanks."""
    for blank in (" ", "\u00a0", "\u202f", "\u2009", "\t"):
        for form in ("NFC", "NFD"):
            assert parse(unicodedata.normalize(form, f" {text.replace(' ', blank)}{blank}")) == parse(text)


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("", "empty", "nothing"),
        ("\u00a0 ", "empty", "nothing"),
        ("１７", "foreign_digit", "FULLWIDTH DIGIT ONE (U+FF11)"),
        ("٣", "foreign_digit", "ARABIC-INDIC DIGIT THREE (U+0663)"),
        ("10²", "foreign_digit", "SUPERSCRIPT TWO (U+00B2)"),
        ("1\u200b7", "invisible", "ZERO WIDTH SPACE (U+200B)"),
        ("1\n7", "invisible", "U+000A"),
        ("-5", "sign", "no sign"),
        ("−5", "sign", "no sign"),
        ("+5", "sign", "no sign"),
        ("20-15", "range_not_rising", "low end"),
        ("15-15", "range_not_rising", "low end"),
        ("15--20", "dash", "one dash"),
        ("15-20-25", "dash", "one dash"),
        ("20.360/18.500", "pair", "two spans"),
        ("17%", "unit", "stays outside"),
        ("17 người", "unit", "stays outside"),
        ("0 người", "unit", "stays outside"),
        ("5−7", "unit", "stays outside"),
        ("1e3", "unit", "stays outside"),
        ("hai", "no_digit", "neither digits"),
        ("nhất", "no_digit", "neither digits"),
        (".", "no_digit", "neither digits"),
        ("07.034", "ambiguous", "thousands separator or a decimal sign"),
        ("2108.500", "ambiguous", "thousands separator or a decimal sign"),
        ("17.", "edge", "ends with a digit"),
        (",5", "edge", "begins and ends"),
        ("2, 27", "blank", "groups of three"),
        ("1 5", "blank", "groups of three"),
        ("1.2345.6", "groups", "three digits"),
        ("12.34.567", "groups", "three digits"),
        ("1.234.5", "groups", "three digits"),
        ("1..234", "groups", "three digits"),
        ("thứ 0", "not_a_rank", "from 1"),
        ("thứ 2,5", "not_a_rank", "from 1"),
        ("thứ hạng", "not_a_rank", "from 1"),
        ("thứ 5-7", "not_a_rank", "from 1"),
    ],
)
def test_what_is_refused_says_why(text: str, reason: str, words: str) -> None:
    """What is outside the grammar is refused by a code and a sentence that names what is wrong."""
    with pytest.raises(NumeralError) as caught:
        parse(text)
    assert caught.value.reason == reason
    assert words in str(caught.value)
    assert caught.value.text == text


def test_an_error_shows_text_safely() -> None:
    """An error repeats a refused text without its control characters and without its whole length."""
    with pytest.raises(NumeralError) as caught:
        parse("1\x1b[2J" + "x" * 10_000)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300
    with pytest.raises(NumeralError) as caught:
        parse("người")
    assert str(caught.value).startswith("“người”: ")


def test_a_rank_has_no_words_in_english() -> None:
    """Only the Vietnamese grammar has ranks, and only two languages have a grammar."""
    with pytest.raises(NumeralError):
        parse("thứ nhất", "en")
    with pytest.raises(ValueError, match="no number grammar for the language 'fr'"):
        parse("1", "fr")


def test_very_long_numbers_are_read_exactly() -> None:
    """A number of ten thousand digits loses none of them."""
    digits = "9" * 10_000
    assert str(parse(digits).value) == digits
    assert parse(f"thứ {digits[:3]}").value == 999
    with pytest.raises(NumeralError):
        parse(f"thứ {digits}")


# --- Values ---


@pytest.mark.parametrize(
    ("as_written", "reading", "as_meant", "value", "high"),
    [
        ("17.034", "plain", "", "17034", None),
        ("100,20", "plain", "", "100.20", None),
        ("07", "plain", "", "7", None),
        ("15- 20", "plain", "", "15", "20"),
        ("18,173", "plain", "", "18.173", None),
        ("thứ nhất", "plain", "", "1", None),
        ("thứ 02", "plain", "", "2", None),
        ("2108", "irregular", "", "2108", None),
        ("64.90", "irregular", "", "64.90", None),
        ("20. 360", "irregular", "", "20360", None),
        ("17.641.000đ", "glued", "", "17641000", None),
        ("17.641.000", "glued", "", "17641000", None),
        ("học12", "glued", "", "12", None),
        ("2108người", "glued", "", "2108", None),
        ("15-20người", "glued", "", "15", "20"),
        ("học0", "glued", "", "0", None),
        ("10đ", "glued", "", "10", None),
        ("0,5đ", "glued", "", "0.5", None),
        ("18,173", "misprint", "18.173", "18173", None),
        ("910,10", "misprint", "100,10", "100.10", None),
        ("15-5", "misprint", "15-50", "15", "50"),
        ("1?7", "unrecoverable", "", None, None),
    ],
)
def test_a_value_follows_from_the_print(
    as_written: str, reading: str, as_meant: str, value: str | None, high: str | None
) -> None:
    """The reading says by which rule the value follows from what was printed, or from what was meant."""
    values = values_of(as_written, reading, as_meant)
    assert isinstance(values, Values)
    assert same(values.value, None if value is None else Decimal(value))
    assert same(values.high, None if high is None else Decimal(high))


@pytest.mark.parametrize(
    ("as_written", "reading", "as_meant", "reason"),
    [
        ("17.034", "irregular", "", "irregular_but_plain"),
        ("2108", "plain", "", "not_plain"),
        ("64.90", "plain", "", "not_plain"),
        ("1.5 - 2.000", "plain", "", "not_plain"),
        ("17.641.000đ", "plain", "", "unit"),
        ("17.641.000đ", "irregular", "", "unit"),
        ("đ", "glued", "", "no_digit"),
        ("(17)", "glued", "", "not_letters"),
        ("17 người 3 hộ", "glued", "", "unit"),
        ("18,173", "misprint", "", "misprint_without_meaning"),
        ("18,173", "misprint", " 18,173", "misprint_as_printed"),
        ("18,173", "misprint", "18173", "not_plain"),
        ("18,173", "plain", "18.173", "meant_without_misprint"),
        ("1?7", "unrecoverable", "17", "meant_without_misprint"),
        ("17", "sure", "", "unknown_reading"),
    ],
)
def test_a_value_that_does_not_follow_is_refused(as_written: str, reading: str, as_meant: str, reason: str) -> None:
    """A reading that does not fit what was printed gives no value, and the error says which rule was broken."""
    with pytest.raises(NumeralError) as caught:
        values_of(as_written, reading, as_meant)
    assert caught.value.reason == reason


def test_what_is_not_plain_says_what_is_odd_about_it() -> None:
    """Of a range that is not plain only what the strict grammar refuses is named, not every doubt."""
    with pytest.raises(NumeralError, match=r"not the strict grammar \(the decimal sign of the other convention\)"):
        values_of("1.5 - 2.000", "plain")


def test_the_readings_are_those_of_the_ledger() -> None:
    """The readings the grammar knows are those a figure's span may have."""
    assert READINGS == FIGURE_READINGS


# --- Scale words ---


@pytest.mark.parametrize(
    ("words", "scale"),
    [
        ("nghìn", 10**3),
        ("ngàn", 10**3),
        ("trăm", 100),
        ("Triệu", 10**6),
        ("tỷ", 10**9),
        ("tỉ", 10**9),
        ("ngàn tỷ", 10**12),
        ("1 ngàn tỷ", 10**12),
        ("một trăm triệu", 10**8),
        (unicodedata.normalize("NFD", "trăm nghìn\u00a0tỷ"), 10**14),
    ],
)
def test_scale_words(words: str, scale: int) -> None:
    """A scale word, or several from the smallest on, is worth this much."""
    assert scale_of(words) == scale


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "empty"),
        ("1", "empty"),
        ("tỷ nghìn", "scale_order"),
        ("triệu triệu", "scale_order"),
        ("triệu đồng", "unknown_scale"),
        ("2 tỷ", "unknown_scale"),
    ],
)
def test_other_words_are_no_scale(words: str, reason: str) -> None:
    """What is no scale, or not in order, is refused."""
    with pytest.raises(NumeralError) as caught:
        scale_of(words)
    assert caught.value.reason == reason


# --- Cells ---


@settings(max_examples=BATCHES)
@given(st.lists(decimals(), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH), st.booleans())
def test_a_canonical_cell_is_read_as_it_stands(numbers: list[Decimal], negative: bool) -> None:
    """A number written plainly is read with every decimal, and a sign only where a hyphen stands."""
    for number in numbers:
        cell = f"{'-' if negative else ''}{number:f}"
        assert format(read_cell(cell), "f") == cell


@settings(max_examples=BATCHES)
@given(st.lists(st.text("0159.,-+eE ²％٣\u00a0−_%", max_size=7), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH))
def test_a_cell_is_read_or_refused_and_a_correction_is_readable(texts: list[str]) -> None:
    """Exactly the canonical cells are read; what is refused says a reason, and a correction is itself canonical."""
    for text in texts:
        if re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", text, re.ASCII):
            assert format(read_cell(text), "f") == text
            continue
        with pytest.raises(CellError) as caught:
            read_cell(text)
        assert caught.value.reason
        if caught.value.correction is not None:
            read_cell(caught.value.correction)
            assert f"write {caught.value.correction}" in caught.value.what


@settings(max_examples=BATCHES // 5)
@given(st.lists(decimals(), min_size=NUMBERS_A_BATCH, max_size=NUMBERS_A_BATCH), st.booleans())
def test_a_printed_number_in_a_cell_is_corrected(numbers: list[Decimal], negative: bool) -> None:
    """A number printed in either language is refused in a cell; the number is the correction, if it is the only one."""
    for number in numbers:
        cell = f"{'-' if negative else ''}{number:f}"
        whole, _, places = cell.lstrip("-").partition(".")
        for language in ("vi", "en"):
            printed = f"{'-' if negative else ''}{format_number(number, language)}"
            # One separator before three digits is thousands to one reader and decimals to the other; so is `17.034`,
            # which is canonical besides.
            one_separator = (len(whole) in (4, 5, 6) and not places) or (len(whole) < 4 and len(places) == 3)
            twofold = one_separator and whole != "0"
            if re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", printed):
                continue
            with pytest.raises(CellError) as caught:
                read_cell(printed)
            assert caught.value.correction == (None if twofold else cell)


@pytest.mark.parametrize(
    ("cell", "reason", "look", "correction"),
    [
        ("", "empty", "an empty cell", None),
        ("  ", "empty", "an empty cell", None),
        ("1.234.567", "vietnamese_thousands", "a Vietnamese thousands number", "1234567"),
        ("-1.234.567", "vietnamese_thousands", "a Vietnamese thousands number", "-1234567"),
        ("17.034,5", "vietnamese_thousands", "dots for thousands and a decimal comma", "17034.5"),
        ("2,27", "decimal_comma", "a decimal comma", "2.27"),
        ("2108,567", "decimal_comma", "a decimal comma", "2108.567"),
        ("17,034", "decimal_comma", "17.034 or 17034", None),
        ("1,234,567", "english_thousands", "commas for thousands", "1234567"),
        ("17,034.5", "english_thousands", "commas for thousands", "17034.5"),
        ("１７", "full_width", "full-width characters", "17"),
        ("１７．０３４", "full_width", "17.034 or 17034", None),
        ("٣٤", "foreign_digits", "digits other than 0-9", "34"),
        ("−5", "minus", "a minus that is not the hyphen", "-5"),
        ("–2,5", "decimal_comma", "a minus that is not the hyphen", "-2.5"),
        ("+5", "plus", "a plus sign", "5"),
        ("1e3", "exponent", "an exponent", "1000"),
        ("-1.5E-3", "exponent", "an exponent", "-0.0015"),
        ("1e0", "exponent", "an exponent", "1"),
        ("1e999999999", "exponent", "an exponent", None),
        ("1e99", "exponent", "an exponent", None),
        ("1e31", "exponent", "an exponent", None),
        ("1e30", "exponent", "an exponent", "1" + "0" * 30),
        ("1e010", "exponent", "an exponent", "10000000000"),
        ("2e20", "exponent", "an exponent", "200000000000000000000"),
        ("100.5e1", "exponent", "an exponent", "1005"),
        (" 17", "spaces", "spaces", "17"),
        ("5 034", "spaces", "spaces", "5034"),
        ("17\u00a0034", "spaces", "spaces", "17034"),
        ("-170 034 567.5", "spaces", "spaces", "-170034567.5"),
        ("1 5", "not_a_number", "no number", None),
        ("17\u200b034", "invisible", "cannot be seen", "17034"),
        ("05", "leading_zeros", "leading zeros", "5"),
        ("-007.5", "leading_zeros", "leading zeros", "-7.5"),
        ("1_000", "underscores", "underscores", "1000"),
        (".5", "bare_point", "without digits on both sides", "0.5"),
        ("-.5", "bare_point", "without digits on both sides", "-0.5"),
        ("5.", "bare_point", "without digits on both sides", "5"),
        ("10.", "bare_point", "without digits on both sides", "10"),
        ("5%", "percent", "belongs into the unit", "5"),
        ("'5", "text_mark", "marked as text", "5"),
        ("NaN", "not_a_number", "no number", None),
        ("Infinity", "not_a_number", "no number", None),
        ("17đ", "not_a_number", "no number", None),
        ("²", "not_a_number", "no number", None),
        ("1\n2", "not_a_number", "no number", None),
        ("15-20", "not_a_number", "no number", None),
        ("--5", "not_a_number", "no number", None),
    ],
)
def test_a_refused_cell_says_what_it_looks_like(cell: str, reason: str, look: str, correction: str | None) -> None:
    """A refused cell is told what it looks like, and the corrected cell when there is exactly one."""
    with pytest.raises(CellError) as caught:
        read_cell(cell)
    assert caught.value.reason == reason
    assert look in str(caught.value)
    assert caught.value.correction == correction


def test_a_thousands_shape_is_refused_where_that_is_asked_for() -> None:
    """17.034 is canonical, and suspect where a column has no three decimals."""
    assert str(read_cell("17.034")) == "17.034"
    assert str(read_cell("17.03", refuse_thousands_shape=True)) == "17.03"
    assert str(read_cell("0.034", refuse_thousands_shape=True)) == "0.034"
    with pytest.raises(CellError) as caught:
        read_cell("17.034", refuse_thousands_shape=True)
    assert caught.value.correction == "17034"


def test_a_refusal_says_what_it_refuses_and_why() -> None:
    """The message repeats the text, cut where it is long, and names every reason that the strict grammar has."""
    assert str(NumeralError("x", "1" * 80, "no")) == f"“{'1' * 80}”: no"
    assert str(NumeralError("x", "1" * 81, "no")) == f"“{'1' * 80}…”: no"
    for text, reasons in (
        ("1,125 - 64.90", "the decimal sign of the other convention"),
        ("2108 - 17.034", "four digits or more without separators"),
        ("2108.5", "four digits or more without separators; the decimal sign of the other convention"),
    ):
        with pytest.raises(NumeralError, match=re.escape(f"“{text}”: not the strict grammar ({reasons})") + "$"):
            values_of(text, "plain")
    with pytest.raises(NumeralError, match=r"use one of plain, irregular, glued, misprint, unrecoverable$"):
        values_of("1", "odd")
    with pytest.raises(NumeralError, match="“xu” is no scale word: known are chục, trăm, nghìn, "):
        scale_of("xu")


def test_an_exponent_needs_digits_on_both_sides_of_its_point() -> None:
    """`1.e5` is no number with an exponent, so nothing is proposed."""
    with pytest.raises(CellError) as caught:
        read_cell("1.e5")
    assert (caught.value.reason, caught.value.correction) == ("not_a_number", None)
