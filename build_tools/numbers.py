"""Numbers as Vietnamese administrative texts print them, and as our tables keep them.

A text prints `17.034` for seventeen thousand and thirty-four, `2,27` for two and a bit, `07` for seven, `15- 20` for a
range, `thứ nhất` for first. Our tables keep `17034`, `2.27`, `7`. Nothing here ever passes through a float, and no
doubt is settled in silence: what a number might also have meant stands in `Numeral.doubts`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

READINGS = ("plain", "irregular", "glued", "misprint", "unrecoverable")

DOUBTS: Mapping[str, str] = MappingProxyType(
    {
        "one_group": "one separator before three digits: thousands by this grammar, decimals in the other convention",
        "three_decimals": "three decimals: decimals by this grammar, thousands in the other convention",
        "no_separators": "four digits or more without separators",
        "other_decimal_sign": "the decimal sign of the other convention",
        "other_group_sign": "the thousands sign of the other convention",
        "spaces": "spaces between the groups",
        "leading_zeros": "more leading zeros than the style prints",
        "glued": "run into the letters beside it",
    }
)


_MOST_SHOWN = 80  # characters of a refused text that an error message repeats


class NumeralError(ValueError):
    """A text that is no numeral of the grammar: `reason` is a short code, the message says it in a sentence."""

    def __init__(self, reason: str, text: str, what: str):
        shown = repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")[1:-1]
        super().__init__(f"“{shown}”: {what}")
        self.reason = reason
        self.text = text
        self.what = what


@dataclass(frozen=True)
class Numeral:
    """What a printed number says: `value`, up to `high` for a range, with the decimals that were printed.

    `places` is the number of printed decimals (of a range: the larger of its two ends), `doubts` are keys of `DOUBTS`.
    """

    value: Decimal
    high: Decimal | None
    places: int
    reading: str  # plain, irregular or glued
    doubts: tuple[str, ...]
    kind: str  # cardinal or rank


@dataclass(frozen=True)
class Values:
    """The value of a figure, with the high end of a range; neither, when the print cannot be recovered."""

    value: Decimal | None
    high: Decimal | None


# --- The grammar -----------------------------------------------------------------------------------------------------

_SMALL = r"0|0?[1-9]|[1-9][0-9]{1,2}"  # 0, 7, 07, 17, 170: the style prints one leading zero before a single digit
_LEAD = "[1-9][0-9]{0,2}"  # what stands before the first separator
_GROUP = "[0-9]{3}"
_NOT_A_GROUP = "[0-9]{1,2}|[0-9]{4,}"
_DECIMALS = r"(?:,(?P<decimals>[0-9]+))?"
_PLAIN = re.compile(rf"(?P<whole>{_LEAD}(?:\.{_GROUP})+|{_SMALL}){_DECIMALS}")

# Each line is a way of printing that is not ours but leaves one clear reading. The first that matches is taken.
_IRREGULAR: tuple[tuple[tuple[str, ...], str], ...] = (
    (("no_separators",), rf"(?P<whole>[1-9][0-9]{{3,}}){_DECIMALS}"),  # 2108
    (("no_separators", "other_decimal_sign"), rf"(?P<whole>[1-9][0-9]{{3,}})\.(?P<decimals>{_NOT_A_GROUP})"),  # 2108.5
    (("other_decimal_sign",), rf"(?P<whole>{_SMALL})\.(?P<decimals>{_NOT_A_GROUP})"),  # 64.90
    (("other_decimal_sign",), rf"(?P<whole>0)\.(?P<decimals>{_GROUP})"),  # 0.950: no number in groups begins with 0
    (("spaces",), rf"(?P<whole>{_LEAD}(?:(?: *\. *| +){_GROUP})+){_DECIMALS}"),  # 17 034
    (("leading_zeros",), rf"(?P<whole>00|0[0-9]{{2,}}){_DECIMALS}"),  # 007
    (("other_group_sign",), rf"(?P<whole>{_LEAD}(?:,{_GROUP})+)(?:\.(?P<decimals>[0-9]+))?"),  # 1,234,567 and 17,034.5
)
_DASHES = "-‐‑‒–—"
_RANGE = re.compile(rf"(?P<low>[^{_DASHES}]+?) *[{_DASHES}] *(?P<high>[^{_DASHES}]+)")
_SWAPPED = str.maketrans(".,", ",.")

_UNITS = {"hai": 2, "ba": 3, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9}
_FIRST_TEN = {"nhất": 1, "nhì": 2, "tư": 4, "năm": 5, "mười": 10} | _UNITS
# After mười and mươi the five is "lăm" and the one of mươi is "mốt". "Năm" there is the next word, the year:
# "lần thứ hai mươi năm 2020" is the twentieth time, in 2020.
_AFTER_TEN = {"một": 1, "bốn": 4, "tư": 4, "lăm": 5} | _UNITS
_AFTER_TENS = {"mốt": 1, "bốn": 4, "tư": 4, "lăm": 5} | _UNITS
_TENS = {"hai": 20, "ba": 30, "bốn": 40, "năm": 50} | {word: 10 * n for word, n in _UNITS.items() if n > 5}

RANK_WORDS: Mapping[str, int] = MappingProxyType(
    _FIRST_TEN
    | {f"mười {word}": 10 + n for word, n in _AFTER_TEN.items()}
    | {f"{ten} mươi": n for ten, n in _TENS.items()}
    | {f"{ten} mươi {word}": tens + n for ten, tens in _TENS.items() for word, n in _AFTER_TENS.items()}
)
"""The numeral words that follow "thứ" in a rank, in lower case and NFC, with the rank each names."""

_SCALES = {
    "chục": Decimal(10),
    "trăm": Decimal(100),
    "nghìn": Decimal(1000),
    "ngàn": Decimal(1000),
    "vạn": Decimal(10_000),
    "triệu": Decimal(10**6),
    "tỷ": Decimal(10**9),
    "tỉ": Decimal(10**9),
}


def parse(text: str, language: str = "vi") -> Numeral:
    """What a printed number says, read by the Vietnamese grammar, or by its English mirror.

    The English mirror has the roles of `.` and `,` exchanged and no rank words; it is there so that every number the
    site prints can be read back. Raises `NumeralError` for anything else, with the reason.
    """
    if language not in ("vi", "en"):
        raise ValueError(f"no number grammar for the language {language!r}: use 'vi' or 'en'")
    printed = _folded(text)
    if not printed:
        raise NumeralError("empty", text, "there is nothing to read")
    for character in printed:
        _refuse_stranger(character, text)
    if language == "en":
        printed = printed.translate(_SWAPPED)
    elif (rank := _rank(printed)) is not None:
        return rank
    if printed[0] in f"{_DASHES}+−":
        raise NumeralError("sign", text, "a printed number has no sign: the direction of a change stands elsewhere")
    if dashed := _RANGE.fullmatch(printed):
        low, high = _single(dashed["low"], text), _single(dashed["high"], text)
        if low.value >= high.value:
            raise NumeralError("range_not_rising", text, "a range goes from its low end to its high end")
        return Numeral(
            low.value,
            high.value,
            max(low.places, high.places),
            "plain" if low.reading == high.reading == "plain" else "irregular",
            tuple(doubt for doubt in DOUBTS if doubt in low.doubts + high.doubts),
            "cardinal",
        )
    return _single(printed, text)


def values_of(as_written: str, reading: str, as_meant: str = "") -> Values:
    """How a figure's value follows from what was printed, by its reading.

    plain: the strict grammar; irregular: the lenient one, and only what the strict one refuses; glued: the number part;
    misprint: the strict grammar, of `as_meant`; unrecoverable: no value. Raises `NumeralError` when it does not follow.
    """
    if reading not in READINGS:
        raise NumeralError(
            "unknown_reading", as_written, f"{reading!r} is no reading: use one of {', '.join(READINGS)}"
        )
    if as_meant and reading != "misprint":
        raise NumeralError(
            "meant_without_misprint", as_written, f"as_meant is for a misprint, the reading is {reading}"
        )
    if reading == "unrecoverable":
        return Values(None, None)
    if reading == "misprint":
        if not as_meant:
            raise NumeralError("misprint_without_meaning", as_written, "a misprint needs as_meant, the number meant")
        if _folded(as_meant) == _folded(as_written):
            raise NumeralError(
                "misprint_as_printed", as_written, "as_meant is what was printed: then it is no misprint"
            )
        numeral = _plainly(as_meant)
    elif reading == "plain":
        numeral = _plainly(as_written)
    elif reading == "irregular":
        numeral = parse(as_written)
        if numeral.reading == "plain":
            raise NumeralError("irregular_but_plain", as_written, "the strict grammar reads this: the reading is plain")
    else:
        numeral = _number_part(as_written)
    return Values(numeral.value, numeral.high)


def scale_of(words: str) -> Decimal:
    """What one unit of the scale words is worth: `nghìn` 1000, `tỷ` 1000000000, `ngàn tỷ` 1000000000000.

    A leading `1` or `một` changes nothing, so that `1 ngàn tỷ` may be given as it stands. Smaller words come first.
    """
    parts = _folded(words).casefold().split()
    if parts and parts[0] in ("1", "một"):
        parts = parts[1:]
    if not parts:
        raise NumeralError("empty", words, "there is no scale word")
    scale = last = Decimal(1)
    for part in parts:
        if part not in _SCALES:
            raise NumeralError("unknown_scale", words, f"“{part}” is no scale word: known are {', '.join(_SCALES)}")
        if _SCALES[part] <= last:
            raise NumeralError("scale_order", words, f"“{part}” cannot follow a larger or equal scale word")
        last = _SCALES[part]
        scale *= last
    return scale


def _folded(text: str) -> str:
    """The text in NFC, its blanks of any width made ordinary, none at the ends."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if c == "\t" or unicodedata.category(c) == "Zs" else c for c in composed).strip(" ")


def _refuse_stranger(character: str, text: str) -> None:
    """Refuse by name a digit that is not ASCII, and whatever cannot be seen."""
    if character.isdigit() and character not in "0123456789":
        name = unicodedata.name(character)
        raise NumeralError("foreign_digit", text, f"{name} (U+{ord(character):04X}) is not one of the digits 0-9")
    if unicodedata.category(character) in ("Cc", "Cf"):
        name = unicodedata.name(character, "a control character")
        raise NumeralError("invisible", text, f"holds {name} (U+{ord(character):04X}), which cannot be seen")


def _rank(printed: str) -> Numeral | None:
    """The rank that `thứ 5` or `thứ nhất` prints; None for what does not begin like a rank."""
    words = " ".join(printed.casefold().split())
    if not words.startswith("thứ "):
        return None
    rest = words.removeprefix("thứ ")
    if rest in RANK_WORDS:
        return Numeral(Decimal(RANK_WORDS[rest]), None, 0, "plain", (), "rank")
    if (match := _PLAIN.fullmatch(rest)) and not match["decimals"] and match["whole"].strip("0."):
        number = _numeral(match, "plain", ())
        return Numeral(number.value, None, 0, "plain", number.doubts, "rank")
    raise NumeralError("not_a_rank", printed, "after “thứ” stands a whole number from 1 or a numeral word up to 99")


def _single(printed: str, text: str) -> Numeral:
    """The cardinal that `printed` is, strictly or leniently; `text` is what an error names."""
    if match := _PLAIN.fullmatch(printed):
        return _numeral(match, "plain", ())
    for doubts, pattern in _IRREGULAR:
        if match := re.fullmatch(pattern, printed):
            return _numeral(match, "irregular", doubts)
    raise NumeralError(*_why_not(printed, text))


def _numeral(match: re.Match[str], reading: str, doubts: tuple[str, ...]) -> Numeral:
    """The numeral of a match, every printed decimal kept."""
    whole, decimals = match["whole"], match["decimals"] or ""
    if reading == "plain" and len(decimals) == 3 and whole.isdigit() and whole != "0":
        doubts = ("three_decimals",)
    if reading == "plain" and not decimals and whole.count(".") == 1:
        doubts = ("one_group",)
    digits = re.sub("[^0-9]", "", whole)
    value = Decimal(f"{digits}.{decimals}" if decimals else digits)
    return Numeral(value, None, len(decimals), reading, doubts, "cardinal")


def _why_not(printed: str, text: str) -> tuple[str, str, str]:
    """The reason, the text and the sentence of the error for what no pattern reads."""
    if "/" in printed:
        return "pair", text, "a pair joined by a slash is two spans"
    if re.search(rf"[{_DASHES}]", printed):
        return "dash", text, "one dash joins the two numbers of a range"
    if not re.search("[0-9]", printed):
        return "no_digit", text, "neither digits nor a rank word"
    if re.search("[^0-9., ]", printed):
        return "unit", text, "the number only: a unit, a sign of percent, a bracket or a word stays outside"
    if re.fullmatch(rf"(?:[1-9][0-9]{{3,}}|0[1-9])\.{_GROUP}", printed):
        return "ambiguous", text, "the dot may be a thousands separator or a decimal sign"
    if re.match("[., ]", printed) or re.search("[.,]$", printed):
        return "edge", text, "a number begins and ends with a digit"
    if re.search(" ", printed):
        return "blank", text, "the blank does not stand between groups of three digits"
    return "groups", text, "the separators leave neither groups of three digits nor decimals"


def _plainly(text: str) -> Numeral:
    """What the text says by the strict grammar alone."""
    numeral = parse(text)
    if numeral.reading != "plain":
        reasons = "; ".join(DOUBTS[doubt] for doubt in numeral.doubts if doubt not in ("one_group", "three_decimals"))
        raise NumeralError("not_plain", text, f"not the strict grammar ({reasons})")
    return numeral


def _number_part(text: str) -> Numeral:
    """The number within `17.641.000đ` or `học12`: from the first digit to the last one."""
    printed = _folded(text)
    part = re.search("[0-9].*[0-9]|[0-9]", printed)
    if part is None:
        raise NumeralError("no_digit", text, "no digit, so nothing is glued to a number")
    outside = printed[: part.start()] + printed[part.end() :]
    if not all(character.isalpha() or character in " ." for character in outside):
        raise NumeralError("not_letters", text, "only letters may be glued to a number")
    numeral = parse(part[0])
    return Numeral(numeral.value, numeral.high, numeral.places, "glued", (*numeral.doubts, "glued"), numeral.kind)


# --- The canonical cell ----------------------------------------------------------------------------------------------

_CELL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_THOUSANDS_SHAPE = re.compile(rf"-?{_LEAD}\.{_GROUP}")
_MINUSES = "−–—‐‑‒﹣－"
_MOST_ZEROS = 30  # an exponent such as 1e999999999 is refused without being written out


class CellError(NumeralError):
    """A cell that is no canonical number; `correction` is the corrected cell when there is exactly one."""

    def __init__(self, reason: str, text: str, what: str, correction: str | None):
        super().__init__(reason, text, what)
        self.correction = correction


def read_cell(text: str, *, refuse_thousands_shape: bool = False) -> Decimal:
    """The number a CSV cell holds: ASCII digits, a point before decimals, a hyphen for minus, nothing else.

    `17.034` is a canonical cell, seventeen and a bit. Where no unit of a column has three decimals,
    `refuse_thousands_shape` refuses it as the Vietnamese seventeen thousand that it probably is.
    """
    if not _CELL.fullmatch(text):
        raise _cell_error(text)
    if refuse_thousands_shape and _THOUSANDS_SHAPE.fullmatch(text):
        raise _cell_fault(text, [("vietnamese_thousands", "a Vietnamese thousands number")], (text.replace(".", ""),))
    return Decimal(text)


def _cell_error(text: str) -> CellError:
    """What a refused cell looks like, layer by layer, and what it may have meant."""
    looks: list[tuple[str, str]] = []

    def look(reason: str, phrase: str, before: str, after: str) -> str:
        if after != before:
            looks.append((reason, phrase))
        return after

    if not text.strip():
        return _cell_fault(text, [("empty", "an empty cell")], ())
    rest = look("spaces", "a number with spaces", text, _without_spaces(text))
    visible = "".join(c for c in rest if unicodedata.category(c) != "Cf")
    rest = look("invisible", "a number with characters that cannot be seen", rest, visible)
    halved = "".join(unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" else c for c in rest)
    rest = look("full_width", "a number in full-width characters", rest, halved)
    western = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in rest)
    rest = look("foreign_digits", "a number in digits other than 0-9", rest, western)
    rest = look("text_mark", "a number marked as text", rest, rest.removeprefix("'"))
    rest = look("minus", "a number with a minus that is not the hyphen", rest, re.sub(f"^[{_MINUSES}]", "-", rest))
    rest = look("plus", "a number with a plus sign", rest, rest.removeprefix("+"))
    rest = look("percent", "a percentage with its sign, which belongs into the unit", rest, rest.removesuffix("%"))
    rest = look("underscores", "a number with underscores", rest, re.sub("(?<=[0-9])_(?=[0-9])", "", rest))
    if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+", rest):
        looks.append(("exponent", "a number with an exponent"))
        spread = re.split("[eE]", rest)[1].lstrip("+-0") or "0"
        candidates: tuple[str, ...] = ()
        if len(spread) < 3 and int(spread) <= _MOST_ZEROS:
            candidates = (_without_leading_zeros(f"{Decimal(rest):f}"),)
        return _cell_fault(text, looks, candidates)
    rest = look("leading_zeros", "a number with leading zeros", rest, _without_leading_zeros(rest))
    edged = re.sub(r"^(-?)(?=\.[0-9]+$)", r"\g<1>0", rest)
    edged = re.sub(r"(?<=[0-9])\.$", "", edged)
    rest = look("bare_point", "a decimal point without digits on both sides", rest, edged)
    if _CELL.fullmatch(rest):
        candidates = (rest, rest.replace(".", "")) if looks and _THOUSANDS_SHAPE.fullmatch(rest) else (rest,)
        return _cell_fault(text, looks, candidates)
    shape, candidates = _separated(rest)
    return _cell_fault(text, [shape, *looks], candidates)


def _without_spaces(text: str) -> str:
    """The text without the blanks at its ends and between groups of three digits; others stay and find no remedy."""
    stripped = text.strip()
    if re.fullmatch(r"\D?\d{1,3}(?:\s\d{3})+(?:[.,]\d+)?", stripped):
        return re.sub(r"\s", "", stripped)
    return stripped


def _without_leading_zeros(text: str) -> str:
    return re.sub("^(-?)0+(?=[0-9])", r"\1", text)


def _separated(rest: str) -> tuple[tuple[str, str], tuple[str, ...]]:
    """What a number with separators looks like, and the canonical cells it may have meant."""
    sign, digits = ("-", rest[1:]) if rest.startswith("-") else ("", rest)
    if re.fullmatch(rf"{_LEAD}(?:\.{_GROUP})+", digits):
        return ("vietnamese_thousands", "a Vietnamese thousands number"), (sign + digits.replace(".", ""),)
    if re.fullmatch(rf"{_LEAD}(?:\.{_GROUP})+,[0-9]+", digits):
        meant = digits.replace(".", "").replace(",", ".")
        return ("vietnamese_thousands", "a Vietnamese number, dots for thousands and a decimal comma"), (sign + meant,)
    if re.fullmatch(rf"{_LEAD}(?:,{_GROUP})+(?:,{_GROUP}|\.[0-9]+)", digits):
        return ("english_thousands", "an English number, commas for thousands"), (sign + digits.replace(",", ""),)
    if re.fullmatch(r"[0-9]+,[0-9]+", digits):
        both = (sign + digits.replace(",", "."), sign + digits.replace(",", ""))
        twofold = re.fullmatch(rf"{_LEAD},{_GROUP}", digits)
        return ("decimal_comma", "a number with a decimal comma"), both if twofold else both[:1]
    return ("not_a_number", "no number"), ()


def _cell_fault(text: str, looks: list[tuple[str, str]], candidates: tuple[str, ...]) -> CellError:
    """The error for a cell: what it looks like, and the corrected cell when there is exactly one."""
    look = " and ".join(phrase for _, phrase in looks)
    if len(candidates) == 1:
        remedy = f"write {candidates[0]}"
    elif candidates:
        remedy = f"it may mean {' or '.join(candidates)}: look at the source and write the one that is meant"
    else:
        remedy = "write ASCII digits, with a point before decimals: 17034 or 2.27"
    what = f"not a canonical number, it looks like {look}; {remedy}"
    return CellError(looks[0][0], text, what, candidates[0] if len(candidates) == 1 else None)
