"""A first draft of a report package: what a machine can know of a report, with every guess marked as one.

Numbers, their places and their values follow from the text by rule. What a number measures, in which unit, of which
period, is guessed from the words around it: a guess stands in its cell and is named in the row's note, as in
`đoán: indicator, unit; thiếu: body`, until a maintainer has compared it with the text and taken its name away.
"""

import csv
import io
import json
import os
import re
import tempfile
import tomllib
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from math import log
from pathlib import Path
from typing import Any

from build_tools.documents import Document, read_document
from build_tools.errors import BuildError
from build_tools.faults import Fault, fault
from build_tools.figures import NEEDS_BASE, NEEDS_DIRECTION, Span, Unit
from build_tools.numbers import NumeralError, scale_of, values_of
from build_tools.packages import DESCRIPTOR, SLUG, Package, Table, read_package, suggestion
from build_tools.reports import Report, propose_spans, read_report
from build_tools.schemas import resource, standard
from build_tools.vocabulary import EMPTY, Vocabulary, read_vocabulary

GUESSED, MISSING = "đoán", "thiếu"  # what a note begins with while its row is not settled
UNFINISHED = re.compile(rf"(?:{GUESSED}|{MISSING}): ")
RESERVED = ("vocabulary", "across")


@dataclass(frozen=True)
class DraftFigure:
    """A drafted row of `figures.csv`, and which of its cells are guessed and which are left open."""

    span: Span
    cells: Mapping[str, str]
    guessed: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """The drafted rows of a report, in the order of its text, and the units they need that the vocabulary has not."""

    report: Report
    spans: tuple[Span, ...]
    figures: tuple[DraftFigure, ...]
    new_units: tuple[Unit, ...]
    facts: Mapping[str, str]  # of the report: place, number, date, period_start, period_end; empty when not found


# --- Words -----------------------------------------------------------------------------------------------------------

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_TOKEN = re.compile(r"[^\W\d_]+|[^\w\s]|[\d_]")


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "draft_words.toml").read_text(encoding="utf-8"))


@cache
def _key(word: str) -> str:
    """A syllable by which spellings agree: hoá and hóa, tỉ and tỷ, ƣu and ưu."""
    letters = unicodedata.normalize("NFD", word.casefold().replace("ƣ", "ư"))
    tone = "".join(c for c in letters if c in _TONES)
    rest = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    if re.fullmatch("[bcdđghklmnpqrstvx]+y", rest):
        rest = f"{rest[:-1]}i"
    return rest + tone


def _keys(text: str) -> tuple[str, ...]:
    return tuple(_key(token) for token in _TOKEN.findall(unicodedata.normalize("NFC", text)))


def slug(text: str) -> str:
    """Return a text as an id: lower-case ASCII letters and digits, joined by hyphens, đ as d."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d").replace("ƣ", "u"))
    return re.sub("[^a-z0-9]+", "-", letters.encode("ascii", "ignore").decode()).strip("-")


class _Phrases:
    """Phrases to look for in a text, each with what it stands for; of several at one place the longest counts."""

    def __init__(self, pairs: Iterable[tuple[str, str]]):
        self._first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._last: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, name in pairs:
            keys = _keys(phrase)
            self._first.setdefault(keys[0], []).append((keys, name))
            self._last.setdefault(keys[-1], []).append((keys, name))
        for found in (*self._first.values(), *self._last.values()):
            found.sort(key=lambda pair: -len(pair[0]))

    def at(self, keys: Sequence[str], start: int) -> tuple[int, str]:
        """Return the length and meaning of the phrase that begins there, 0 and nothing for none."""
        if 0 <= start < len(keys):
            for phrase, name in self._first.get(keys[start], ()):
                if tuple(keys[start : start + len(phrase)]) == phrase:
                    return len(phrase), name
        return 0, ""

    def before(self, keys: Sequence[str], end: int) -> tuple[int, str]:
        """Return the length and meaning of the phrase that ends just before `end`."""
        if 0 < end <= len(keys):
            for phrase, name in self._last.get(keys[end - 1], ()):
                if len(phrase) <= end and tuple(keys[end - len(phrase) : end]) == phrase:
                    return len(phrase), name
        return 0, ""

    def within(self, keys: Sequence[str], start: int, end: int) -> Iterator[tuple[int, str]]:
        """Yield where phrases begin that lie within a stretch, and their meanings."""
        for position in range(max(start, 0), min(end, len(keys))):
            length, name = self.at(keys, position)
            if length and position + length <= end:
                yield position, name


@cache
def _phrases(*path: str) -> _Phrases:
    """The phrases of a table of `draft_words.toml`, each meaning the key it stands under, or of one list."""
    table: Any = _words()
    for part in path:
        table = table[part]
    if isinstance(table, list):
        return _Phrases((phrase, path[-1]) for phrase in table)
    return _Phrases((phrase, name) for name, phrases in table.items() for phrase in phrases)


@cache
def _set(*path: str) -> frozenset[str]:
    """The single words of a list of `draft_words.toml`."""
    table: Any = _words()
    for part in path:
        table = table[part]
    return frozenset(keys[0] for keys in map(_keys, table) if len(keys) == 1)


# --- The text in tokens ----------------------------------------------------------------------------------------------

_NUMBER = "#"
_BULLET = re.compile(r"\s*(?:[-+*•–—●▪]\s+|[-+*•–—●▪](?=[^\W\d_])|\(?[a-zđ]\)\s)")
_ENDS = ".!?…"


@dataclass(frozen=True)
class _Token:
    key: str  # of a word, a sign as it is, # for a number
    start: int
    end: int
    span: int = -1  # of a number: which span
    capital: bool = False


class _Text:
    """A report's text in tokens: words, signs and numbers, in sentences and paragraphs."""

    def __init__(self, report: Report, spans: Sequence[Span]):
        lines = [unicodedata.normalize("NFC", line) for line in report.lines]
        self.lines = lines
        self.starts = [0]
        for line in lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.text = "\n".join(lines)
        self.spans = spans
        self.tokens = list(self._tokens(report))
        self.keys = [token.key for token in self.tokens]
        self.at = {token.span: index for index, token in enumerate(self.tokens) if token.span >= 0}
        self.paragraph, self.sentence = self._divided()

    def _tokens(self, report: Report) -> Iterator[_Token]:
        places = []
        for index, span in enumerate(self.spans):
            before = unicodedata.normalize("NFC", report.lines[span.line - 1][: span.start - 1])
            start = self.starts[span.line - 1] + len(before)
            places.append((start, start + len(span.as_written), index))
        at = 0
        for start, end, index in [*places, (len(self.text), len(self.text), -1)]:
            for match in _TOKEN.finditer(self.text, at, start):
                word = match[0]
                yield _Token(_key(word), match.start(), match.end(), capital=word[0].isupper())
            if index >= 0:
                yield _Token(_NUMBER, start, end, index)
            at = end

    def line_of(self, position: int) -> int:
        """Return the line, from 1, on which a position of the text lies."""
        return bisect_right(self.starts, position)

    def _divided(self) -> tuple[list[int], list[int]]:
        """For each token the number of its paragraph and of its sentence."""
        begins = self._paragraph_lines()
        paragraphs, sentences = [], []
        paragraph = sentence = 0
        last_line = 0
        for index, token in enumerate(self.tokens):
            line = self.line_of(token.start)
            if any(number in begins for number in range(last_line + 1, line + 1)):
                paragraph += 1
                sentence += 1
            elif index and self.tokens[index - 1].key in _ENDS and token.start > self.tokens[index - 1].end:
                sentence += token.capital or token.span >= 0 or token.key in '-+*“"('
            last_line = line
            paragraphs.append(paragraph)
            sentences.append(sentence)
        return paragraphs, sentences

    def _paragraph_lines(self) -> set[int]:
        """The lines that begin a paragraph: a bullet, a heading, a footnote, or what follows a short last line."""
        begins = {1}
        widths = sorted(len(line.strip()) for line in self.lines if line.strip())
        wide = widths[int(len(widths) * 0.9)] if widths else 0
        headings = {
            span.line
            for span in self.spans
            if span.kind in ("list_number", "footnote_mark") and not self._before_on_line(span).strip()
        }
        last = ""
        for number, line in enumerate(self.lines, 1):
            shown = line.strip()
            if not shown:
                continue
            ended = last[-1:] in _ENDS + ":;" and len(last) < 0.85 * wide
            if number in headings or _BULLET.match(line) or _ROMAN.match(line) or not last or ended:
                begins.add(number)
            if _ROMAN.match(last) or len(last) > 1.5 * wide:
                begins.add(number)
            last = shown
        return begins

    def _before_on_line(self, span: Span) -> str:
        return self.lines[span.line - 1][: span.start - 1]

    def printed(self, first: int, last: int) -> str:
        """Return the text from one token to another, as it is printed, on one line."""
        return re.sub(r"\s+", " ", self.text[self.tokens[first].start : self.tokens[last].end])

    def left(self, index: int) -> int:
        """Return where the sentence of a token begins."""
        while index > 0 and self.sentence[index - 1] == self.sentence[index]:
            index -= 1
        return index

    def right(self, index: int) -> int:
        """Return where the sentence of a token ends, exclusive."""
        while index < len(self.tokens) - 1 and self.sentence[index + 1] == self.sentence[index]:
            index += 1
        return index + 1

    def clause_left(self, index: int) -> int:
        """Return where the words begin that stand right before a number, after the last sign or number."""
        first = self.left(index)
        while index > first and not self._divides(index - 1):
            index -= 1
        return index

    def clause_right(self, index: int) -> int:
        """Return where the words end that stand right after a number, exclusive."""
        end = self.right(index)
        index += 1
        while index < end and not self._divides(index):
            index += 1
        return index

    def _divides(self, index: int) -> bool:
        return self.keys[index] in {",", ";", ":", "(", ")", ".", "[", "]"} or self.is_figure(index)

    def is_figure(self, index: int) -> bool:
        """Return whether a token is a number that measures."""
        number = self.tokens[index].span
        return number >= 0 and self.spans[number].kind == "figure"


# --- Spans -----------------------------------------------------------------------------------------------------------
#
# `propose_spans` tells the kind of a number by what stands beside it. Three kinds are only seen in the order of the whole
# text: headings that count on, footnotes whose marks count on, and the numbers of pages.


def draft_spans(report: Report) -> tuple[Span, ...]:
    """Return a span for every number of a report, with its kind, its reading and its section."""
    spans = list(propose_spans(report))
    _count_headings(report, spans)
    _count_footnotes(report, spans)
    _count_rows_and_pages(report, spans)
    _count_items(report, spans)
    _name_years_and_terms(report, spans)
    return tuple(_with_sections(report, spans))


def _become(spans: list[Span], index: int, kind: str) -> None:
    spans[index] = replace(spans[index], kind=kind, reading="", note="")


def _around(report: Report, span: Span) -> tuple[str, str]:
    line = report.lines[span.line - 1]
    return line[: span.start - 1], line[span.start - 1 + span.length :]


def _count_headings(report: Report, spans: list[Span]) -> None:
    """A line that begins with the number after the last heading's is a heading too."""
    last = 0
    lines = _roman_lines(report)
    for index, span in enumerate(spans):
        if any(number <= span.line for number in lines):
            last = 0
            lines = [number for number in lines if number > span.line]
        before, after = _around(report, span)
        if before.strip() or not re.fullmatch("[1-9][0-9]?", span.as_written):
            continue
        number = int(span.as_written)
        if span.kind == "list_number":
            last = number if "." not in after[:1] or not after[1:2].isdigit() else last
        elif span.kind == "figure" and number == last + 1 and re.match(r"[.)/]\s*[^\W\d_]", after):
            letter = after.lstrip(".)/ \t\u00a0")[:1]
            if letter.isupper():
                _become(spans, index, "list_number")
                last = number


def _count_footnotes(report: Report, spans: list[Span]) -> None:
    """A number glued to a word is a footnote's mark when its neighbours in the count are, as is the note's own number.

    Where the words around a raised mark were put on lines of their own, it stands alone before a sign.
    """
    known = {int(s.as_written) for s in spans if s.kind == "footnote_mark" and s.as_written.isascii()}
    marks: dict[int, list[int]] = {}
    notes: dict[int, list[int]] = {}
    for index, span in enumerate(spans):
        if span.kind != "figure" or not re.fullmatch("[1-9][0-9]?", span.as_written):
            continue
        before, after = _around(report, span)
        alone = not (before + after).strip()
        glued = re.search(r"(?:[^\W\d_]|[)”\"’])$", before) and not re.match(r"\s*[%‰]|[0-9.,/]*[0-9]", after)
        if glued or (alone and _next_line(report, span.line)[:1] in tuple(".,;:)")):
            marks.setdefault(int(span.as_written), []).append(index)
        elif not before.strip() and re.match(r"\s?[^\W\d_]", after):
            notes.setdefault(int(span.as_written), []).append(index)
    for number in sorted(marks):
        near = {number - 1, number + 1} & (known | {0})
        later = [index for index in notes.get(number, ()) if spans[index].line > spans[marks[number][0]].line]
        if number in known:
            for index in marks[number]:
                _become(spans, index, "footnote_mark")
        elif (near and later) or len(near - {0}) == 2:
            _become(spans, marks[number][0], "footnote_mark")
            known.add(number)
            if later:
                _become(spans, later[0], "footnote_mark")


def _next_line(report: Report, line: int) -> str:
    """The next line that holds something."""
    return next((found.strip() for found in report.lines[line : line + 6] if found.strip()), "")


def _count_rows_and_pages(report: Report, spans: list[Span]) -> None:
    """Numbers alone on their lines that count on by one: of pages when far apart, else of the rows of a table."""
    alone = [
        index
        for index, span in enumerate(spans)
        if span.kind == "figure"
        and re.fullmatch("[1-9][0-9]{0,3}", span.as_written)
        and not "".join(_around(report, span)).strip(" \t\f\u00a0-–.")
    ]
    run: list[int] = []
    for index in [*alone, -1]:
        if index >= 0 and run and int(spans[index].as_written) == int(spans[run[-1]].as_written) + 1:
            run.append(index)
            continue
        steps = [spans[b].line - spans[a].line for a, b in zip(run, run[1:], strict=False)]
        if len(run) > 2 and min(steps) > 15:
            for page in run:
                _become(spans, page, "page_number")
        elif len(run) > 2 and int(spans[run[0]].as_written) == 1 and min(steps) > 1:
            for row in run:
                _become(spans, row, "list_number")
        run = [index]


def _count_items(report: Report, spans: list[Span]) -> None:
    """Numbers within a paragraph that list what a colon announces: gồm: 1. Giải nhất … 2. Giải nhì …"""
    run: list[int] = []
    for index, span in enumerate(spans):
        before, after = _around(report, span)
        if span.kind != "figure" or not re.match(r"[.)]\s+[^\W\d_a-zđ]", after):
            continue
        if span.as_written == "1" and re.search(r":\s*\(?$", before):
            run = [index]
        elif run and span.as_written == str(len(run) + 1) and span.line - spans[run[-1]].line < 5:
            run.append(index)
            for item in run:
                _become(spans, item, "list_number")


_TERM = re.compile(r"\s+(?:năm(?!\w)(?!\s+(?:[0-9]|học))|tháng(?!\w)(?!\s+[0-9]))")
_YEARS = re.compile(r"(?P<first>(?:19|20)[0-9]{2})(?:\s*[-–]\s*(?P<last>(?:19|20)[0-9]{2}))?")
_OF_A_YEAR = re.compile(r"(?i)(?:chỉ tiêu|kế hoạch|KH|thực hiện|TH|ước|ước thực hiện|kết quả|quý [IVX]+)\s*\(?$")


def _name_years_and_terms(report: Report, spans: list[Span]) -> None:
    """Years that no unit follows, alone in the head of a table or as a range, and how long something lasts."""
    for index, span in enumerate(spans):
        if span.kind != "figure":
            continue
        before, rest = _around(report, span)
        after = unicodedata.normalize("NFC", f"{rest}\n{_next_line(report, span.line)}").casefold()
        ends = re.match(r"\s*(?:$|[.,;:)\t\n])", rest)
        if (years := _YEARS.fullmatch(span.as_written)) and ends:
            if years["last"] or _OF_A_YEAR.search(unicodedata.normalize("NFC", before)):
                _become(spans, index, "year")
        elif re.fullmatch("[0-9]{1,2}", span.as_written) and _TERM.match(after):
            _become(spans, index, "duration")


_ROMAN = re.compile(r"[ \t\u00a0\f]*(?P<number>[IVXL]{1,6})[.\-–:/)]\s*(?=[\"“]?[^\W\d_a-zđ])")
_LETTER = re.compile(r"[ \t\u00a0\f]*\(?(?P<letter>[a-zđ])\)[.\s]")
_PART = re.compile(r"(?i)\s*phần\s*$")


def _roman_lines(report: Report) -> list[int]:
    return [number for number, line in enumerate(report.lines, 1) if _ROMAN.match(line)]


def _with_sections(report: Report, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans with their sections, as a reader would name them: II.4.d, footnote 3."""
    by_line: dict[int, list[Span]] = {}
    for span in spans:
        by_line.setdefault(span.line, []).append(span)
    part = roman = number = letter = note = ""
    for line_number, line in enumerate(report.lines, 1):
        here = by_line.get(line_number, [])
        first = here[0] if here else None
        opening = bool(first) and not line[: first.start - 1].strip()
        if match := _ROMAN.match(line):
            roman, number, letter, note = match["number"], "", "", ""
        elif first and opening and first.kind == "list_number":
            number, letter, note = first.as_written, "", ""
        elif first and first.kind == "list_number" and _PART.match(line[: first.start - 1]):
            part = _part_number(first.as_written)
            roman = number = letter = note = ""
        elif match := _LETTER.match(line):
            letter, note = match["letter"], ""
        elif first and opening and first.kind == "footnote_mark":
            note = first.as_written
        elif note and (line.startswith((" ", "\f")) and line.strip()):
            note = ""  # The next page begins, with a blank where it was torn from the last.
        section = f"footnote {note}" if note else ".".join(filter(None, (part, roman, number, letter)))
        for span in here:
            yield replace(span, section=section)


def _part_number(rank: str) -> str:
    try:
        return str(values_of(rank.casefold(), "plain").value or "")
    except NumeralError:
        return ""


# --- Units -----------------------------------------------------------------------------------------------------------

_PERCENT, _POINTS, _DONG, _RANK = "phan-tram", "diem-phan-tram", "dong", "thu-hang"
_SCALE_WORDS = ("nghìn", "ngàn", "triệu", "tỷ", "trăm", "vạn", "chục")
_PLAIN_UNITS = {
    _PERCENT: Unit(_PERCENT, "%", "%", "phần trăm", "percent", "percent", Decimal(1), _PERCENT),
    _POINTS: Unit(_POINTS, "điểm %", "% points", "điểm phần trăm", "percentage points", "points", Decimal(1), _PERCENT),
    _DONG: Unit(_DONG, "đồng", "VND", "đồng", "Vietnamese dong", "money", Decimal(1), _DONG),
    "dong-thang": Unit(
        "dong-thang", "đồng/tháng", "VND/month", "đồng một tháng", "dong a month", "rate", Decimal(1), "dong-thang"
    ),
    _RANK: Unit(_RANK, "hạng", "rank", "thứ hạng", "place in a ranking", "rank", Decimal(1), _RANK),
    "bac": Unit("bac", "bậc", "places", "bậc xếp hạng", "places in a ranking", "rank", Decimal(1), _RANK),
}
_SCALE_NAMES = {
    10: "chục", 100: "trăm", 1000: "nghìn", 10_000: "vạn", 10**6: "triệu", 10**9: "tỷ", 10**11: "trăm tỷ", 10**12: "nghìn tỷ",
}  # fmt: skip


@dataclass(frozen=True)
class _Found:
    """The unit found for a number, the tokens it takes, and whether it stood right there."""

    unit: Unit
    length: int = 0
    sure: bool = False
    written: str = ""


class _Units:
    """The units of a vocabulary and of the words for what is counted, found by the words after a number."""

    def __init__(self, vocabulary: Vocabulary):
        self.known = vocabulary.units
        self.new: dict[str, Unit] = {}
        self._candidates: dict[str, list[str]] = {}
        pairs: dict[tuple[str, ...], tuple[str, str]] = {}
        for group, phrases in _words()["units"].items():
            for phrase in phrases:
                pairs[_keys(phrase)] = (phrase, group)
        for phrase in (*_words()["nouns"]["count"], *_words()["nouns"]["measure"]):
            pairs.setdefault(_keys(phrase), (phrase, slug(phrase)))
        own: dict[tuple[str, ...], list[str]] = {}
        for unit in self.known.values():
            if unit.quantity not in ("count", "score", "rank"):
                continue
            for name in dict.fromkeys((unit.symbol_vi, unit.name_vi)):
                if keys := _keys(name):
                    own.setdefault(keys, []).append(unit.unit)
                    pairs[keys] = (name, unit.unit)
        self._candidates = {units[0]: units for units in own.values()} | {
            unit: units for units in own.values() for unit in units[1:]
        }
        self._nouns = _Phrases(pairs.values())
        self._names = {name: phrase for phrase, name in reversed(list(pairs.values()))}

    def get(self, unit: str) -> Unit:
        """Return a unit by its id: the vocabulary's, else one that could be added to it."""
        if unit in self.known:
            return self.known[unit]
        if unit == _RANK and (
            ranks := [one for one in self.known.values() if one.quantity == "rank" and one.base == one.unit]
        ):
            return ranks[0]
        if unit not in self.new:
            plain = _PLAIN_UNITS.get(unit)
            if plain is None:
                name = self._names.get(unit, unit)
                base = "nguoi" if unit in self._person_units() else "luot-nguoi" if unit == "luot-nguoi" else unit
                plain = Unit(
                    unit, name, unit.replace("-", " "), name, unit.replace("-", " "), "count", Decimal(1), base
                )
            self.new[unit] = plain
        return self.new[unit]

    @staticmethod
    def _person_units() -> frozenset[str]:
        return frozenset(slug(phrase) for phrase in _words()["units"]["nguoi"])

    def scaled(self, scale: Decimal, unit: Unit) -> Unit:
        """Return the unit that is so many times another one: triệu đồng of đồng."""
        if scale == 1:
            return unit
        for known in self.known.values():
            if known.base == unit.base and known.scale == scale * unit.scale and known.quantity == unit.quantity:
                return known
        word = _SCALE_NAMES.get(int(scale), str(scale))
        name = f"{slug(word)}-{unit.unit}"
        if name not in self.new:
            symbol = f"{word} {unit.symbol_vi}"
            self.new[name] = replace(
                unit, unit=name, symbol_vi=symbol, name_vi=symbol, symbol_en=name.replace("-", " "),
                name_en=name.replace("-", " "), scale=scale * unit.scale,
            )  # fmt: skip
        return self.new[name]

    def after(self, text: _Text, index: int, around: tuple[int, int]) -> _Found | None:
        """Return the unit whose words begin at a token; `around` is the sentence, by which two of one name differ."""
        keys = text.keys
        if index >= len(keys) or text.sentence[index] != text.sentence[around[0]]:
            return None
        if keys[index] in ("%", "‰") or tuple(keys[index : index + 2]) == _keys("phần trăm"):
            return _Found(self.get(_PERCENT), 1 if keys[index] in "%‰" else 2, True)
        if keys[index] == _key("điểm") and (
            keys[index + 1 : index + 2] == ["%"] or tuple(keys[index + 1 : index + 3]) == _keys("phần trăm")
        ):
            return _Found(self.get(_POINTS), 2 if keys[index + 1] == "%" else 3, True)
        scale, at, written = self._scale(text, index)
        length = at - index
        if at < len(keys) and keys[at] == "/" and length and keys[at + 1 : at + 2] == [_key("đồng")]:
            at += 1
        noun, name = self._nouns.at(keys, at)
        money, _ = _phrases("money", "words").at(keys, at)
        if money and money >= noun:
            end = at + money
            if keys[end : end + 1] == ["/"] and _phrases("money", "per_month").at(keys, end + 1)[0]:
                unit = self.scaled(scale, self.get("dong-thang"))
                return _Found(unit, end + 2 - index, True, written)
            return _Found(self.scaled(scale, self.get(_DONG)), end - index, True, written)
        if noun:
            unit = self.get(self._chosen(name, text, around))
            return _Found(
                self.scaled(scale, unit),
                at + noun - index,
                name in self.known and len(self._candidates.get(name, [""])) == 1,
            )
        if length:
            return _Found(self.scaled(scale, self.get(_DONG)), length, False)
        return None

    def _scale(self, text: _Text, index: int) -> tuple[Decimal, int, str]:
        """The scale words from a token on: their worth, where they end, and how they were printed when misprinted."""
        keys, at = text.keys, index
        words: list[str] = []
        written = ""
        scales = {_key(word): word for word in _SCALE_WORDS}
        while at < len(keys) and keys[at] in scales:
            if keys[at] == _key("tỷ") and keys[at + 1 : at + 2] and keys[at + 1] in _set("money", "not_after_scale"):
                break
            words.append(scales[keys[at]])
            at += 1
        if not words and keys[at + 1 : at + 2] == [_key("đồng")]:
            misprinted = [word for word in scales.values() if _one_letter_off(keys[at], _key(word))]
            if len(misprinted) == 1:
                words, written = misprinted, text.printed(at, at + 1)
                at += 1
        try:
            return (scale_of(" ".join(words)) if words else Decimal(1)), at, written
        except NumeralError:
            return Decimal(1), index, ""

    def _chosen(self, name: str, text: _Text, around: tuple[int, int]) -> str:
        """Of several units printed alike, the one whose name shares most with the sentence."""
        candidates = self._candidates.get(name, [name])
        if len(candidates) == 1:
            return name
        near = set(text.keys[around[0] : around[1]])

        def share(unit: str) -> Decimal:
            own = [key for key in _keys(self.known[unit].name_vi) if key.isalpha()]
            return Decimal(sum(key in near for key in own)) / max(len(own), 1)

        return max(candidates, key=share)

    def noun_at(self, text: _Text, start: int, index: int) -> _Found | None:
        """Return the unit of the thing named by the words that begin at `start`, before a number."""
        length, name = self._nouns.at(text.keys, start)
        if not length or start + length > index:
            return None
        return _Found(self.get(self._chosen(name, text, (start, index))))

    def noun_before(self, text: _Text, start: int, index: int) -> _Found | None:
        """Return the unit of the last thing named in the words from `start` up to a number."""
        for end in range(index, start, -1):
            length, name = self._nouns.before(text.keys, end)
            if length and end - length >= start:
                return _Found(self.get(self._chosen(name, text, (start, index))))
        return None


def _one_letter_off(word: str, meant: str) -> bool:
    """Whether a word is another one with a letter lost, added or changed."""
    if word == meant or abs(len(word) - len(meant)) > 1 or len(meant) < 4:
        return False
    head = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    return word[head:] == meant[head + 1 :] or word[head + 1 :] in (meant[head:], meant[head + 1 :])


# --- Periods ---------------------------------------------------------------------------------------------------------

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_MONTH_AND_YEAR = re.compile(r"(?P<month>0?[1-9]|1[0-2])(?:\s*/\s*|\s+năm\s+)(?P<year>(?:19|20)[0-9]{2})")
_DAY = re.compile(
    r"(?P<day>[0-9]{1,2})(?:[/.-]|\s+tháng\s+)(?P<month>[0-9]{1,2})(?:[/.-]|\s+năm\s+)(?P<year>(?:19|20)[0-9]{2})"
)
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True)
class _Mention:
    """A period that the text names, where, and up to when something was counted."""

    token: int
    start: str
    end: str
    as_of: str = ""
    horizon: bool = False  # a year towards which something is planned: đến năm 2030


def _month_end(year: int, month: int) -> str:
    days = (
        29
        if month == 2 and year % 4 == 0 and (year % 100 or year % 400 == 0)
        else 28
        if month == 2
        else 30
        if month in (4, 6, 9, 11)
        else 31
    )
    return f"{year:04d}-{month:02d}-{days:02d}"


def _mentions(text: _Text) -> list[_Mention]:
    """The periods a text names, without those that only name a document or what something is compared with."""
    found = []
    for index, token in enumerate(text.tokens):
        if token.span < 0 or text.spans[token.span].kind not in ("year", "date"):
            continue
        first = text.left(index)
        lead = index
        while lead > first and text.keys[lead - 1] in (
            "(",
            _key("năm"),
            _key("các"),
            _key("cuối"),
            _key("ngày"),
            _key("tháng"),
            _key("hết"),
        ):
            lead -= 1
        if any(_phrases("period", "than").before(text.keys, end)[0] for end in range(lead, index + 1)):
            continue
        mention = _mention(text, index, text.spans[token.span].as_written, text.spans[token.span].kind)
        if mention is not None and not (mention.start[:4] != mention.end[:4] and _names_document(text, index)):
            found.append(mention)
    return found


def _mention(text: _Text, index: int, written: str, kind: str) -> _Mention | None:
    years = _YEAR.findall(written)
    horizon = any(_phrases("period", "until").before(text.keys, end)[0] for end in (index, index - 1))
    if kind == "year" and years:
        start, end = f"{years[0]}-01-01", f"{years[-1]}-12-31"
        if len(years) == 1 and (part := _part_of_year(text, index, int(years[0]))):
            return _Mention(index, *part)
        return _Mention(index, start, end, horizon=horizon)
    counted = any(
        key in (_key("đến"), _key("nay"), _key("hết"), _key("điểm")) for key in text.keys[max(0, index - 4) : index]
    )
    if match := _MONTH_AND_YEAR.fullmatch(written):
        as_of = f"{match['year']}-{int(match['month']):02d}" if counted else ""
        return _Mention(index, f"{match['year']}-01-01", f"{match['year']}-12-31", as_of)
    if counted and (match := _DAY.fullmatch(written)):
        as_of = f"{match['year']}-{int(match['month']):02d}-{int(match['day']):02d}"
        return _Mention(index, f"{match['year']}-01-01", f"{match['year']}-12-31", as_of)
    return None


def _part_of_year(text: _Text, index: int, year: int) -> tuple[str, str] | None:
    """The months that words before a year name: 6 tháng đầu năm 2023, quý I/2023."""
    keys = text.keys
    before = [key for key in keys[max(0, index - 5) : index] if key != "/"]
    if before[-1:] == [_key("năm")]:
        before = before[:-1]
    if before[-2:-1] == [_key("quý")] and before[-1] in _QUARTERS:
        quarter = _QUARTERS[before[-1]]
        return f"{year}-{3 * quarter - 2:02d}-01", _month_end(year, 3 * quarter)
    if before[-2:] == [_key("tháng"), _key("đầu")] or before[-1:] == [_key("tháng")]:
        at = index - 1
        while at > 0 and keys[at] in (_key("năm"), _key("đầu"), _key("tháng")):
            at -= 1
        number = text.tokens[at].span
        months = text.spans[number].as_written if number >= 0 else ""
        if re.fullmatch("0?[1-9]|1[01]", months):
            return f"{year}-01-01", _month_end(year, int(months))
    return None


def _names_document(text: _Text, index: int) -> bool:
    """Whether the years at a token belong to the name of a plan or programme."""
    first = text.left(index)
    start = index
    while start > first and not text.is_figure(start - 1):
        start -= 1
    return any(True for _ in _phrases("period", "named").within(text.keys, start, index))


def _main_period(text: _Text, mentions: Sequence[_Mention]) -> tuple[str, str]:
    """The period a report is about: the one its title names, else the year it names most often."""
    head = next((number for number, line in enumerate(text.lines, 1) if _ROMAN.match(line)), 0) or len(text.lines)
    title = [m for m in mentions if text.line_of(text.tokens[m.token].start) <= min(head, 60) and not m.horizon]
    ranges = Counter((m.start, m.end) for m in title if m.start[:4] != m.end[:4])
    years = Counter((m.start, m.end) for m in mentions if m.start[5:] == "01-01" and m.start[:4] == m.end[:4])
    if ranges:
        return ranges.most_common(1)[0][0]
    return min(years, key=lambda period: (-years[period], period)) if years else ("", "")


# --- Indicators ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Precedent:
    """What a figure of another package says of its indicator: its body and extent, by stance and measure."""

    indicator: str
    body: str
    extent: str
    stance: str
    measure: str


class _Indicators:
    """The indicators of a vocabulary, found by the words of their names."""

    def __init__(self, vocabulary: Vocabulary):
        self.known = vocabulary.indicators
        self._grams = {name: self._of(_keys(one.name_vi)) for name, one in self.known.items()}
        counts = Counter(gram for grams in self._grams.values() for gram in grams)
        total = len(self._grams) + 1
        self._weight = {gram: log(total / (1 + n)) + 0.2 for gram, n in counts.items()}

    @staticmethod
    def _of(keys: Sequence[str]) -> frozenset[tuple[str, ...]]:
        """Words and pairs of neighbouring words."""
        words = [key for key in keys if key.isalpha() or len(key) > 1]
        return frozenset([(word,) for word in words] + list(zip(words, words[1:], strict=False)))

    def best(self, near: Sequence[str], wide: Sequence[str], fits: Mapping[str, bool]) -> str:
        """Return the indicator whose name the words around a number hold most of; nothing when none holds enough.

        `near` are the words of the number's own clause, `wide` those of its sentence and heading, which count less.
        """
        close, far = self._of(near), self._of(wide)
        scored = []
        for name, grams in self._grams.items():
            if not grams or not fits.get(name, True):
                continue
            whole = sum(self._weight[gram] for gram in grams)
            held = sum(self._weight[gram] * (1.0 if gram in close else 0.5 if gram in far else 0.0) for gram in grams)
            scored.append((held / whole, held, name))
        scored.sort(reverse=True)
        if not scored or scored[0][0] < 0.6:
            return ""
        return scored[0][2]


# --- Reading a figure ------------------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """What is made of one number, for those after it to lean on."""

    token: int
    found: _Found | None = None
    measure: str = "level"
    direction: str = ""
    base: str = ""
    stance: str = "actual"
    extent: str = "total"
    status: str = "final"
    qualifier: str = "exact"
    indicator: str = ""
    start: str = ""
    end: str = ""
    basis: str = ""
    as_of: str = ""
    unit_written: str = ""
    guessed: set[str] = field(default_factory=set)

    @property
    def counts(self) -> bool:
        """Whether it counts things, so that others may count the same."""
        return self.found is not None and self.found.unit.quantity not in ("percent", "points")


class _Reader:
    """Reads the figures of a text one after another."""

    def __init__(self, text: _Text, vocabulary: Vocabulary, precedents: Sequence[Precedent]):
        self.text = text
        self.keys = text.keys
        self.units = _Units(vocabulary)
        self.vocabulary = vocabulary
        self.indicators = _Indicators(vocabulary)
        self.mentions = _mentions(text)
        self.period = _main_period(text, self.mentions)
        self.headings = _headings(text)
        self.precedents = precedents
        self.done: list[_Reading] = []
        self.table_unit: _Found | None = None

    def read(self) -> Iterator[_Reading]:
        """Yield what is made of each figure, in the order of the text."""
        for index in range(len(self.text.tokens)):
            if not self.text.is_figure(index):
                self._unit_of_table(index)
                continue
            reading = _Reading(index)
            self.done.append(reading)
            self._read_unit(reading)
            self._read_measure(reading)
            self._read_stance(reading)
            self._read_extent(reading)
            self._read_period(reading)
            self._read_indicator(reading)
            yield reading

    # Where things are.

    def _first_of_pair(self, index: int) -> bool:
        """Whether a number is the first of two joined by a slash: 20.360/18.500."""
        tokens = self.text.tokens
        return (
            self.keys[index + 1 : index + 2] == ["/"]
            and index + 2 < len(tokens)
            and self.text.is_figure(index + 2)
            and tokens[index + 2].start - tokens[index].end <= 4
        )

    def _second_of_pair(self, index: int) -> bool:
        return index >= 2 and self.text.is_figure(index - 2) and self._first_of_pair(index - 2)

    def _after(self, reading: _Reading) -> int:
        """The token after a number and its unit."""
        index = reading.token
        if self._first_of_pair(index):
            index += 2
        return index + 1 + (reading.found.length if reading.found else 0)

    def _lead(self, index: int) -> tuple[int, str, set[str]]:
        """The token that ends what stands before a number, its qualifier, and the small words between."""
        if self._second_of_pair(index):
            at, _, between = self._lead(index - 2)
            return at, "exact", between
        first = self.text.left(index)
        qualifier, between, at = "exact", set(), index
        while at > first:
            if _changes().before(self.keys, at)[0]:
                break
            length, name = _qualifiers().before(self.keys, at)
            if length and at - length >= first:
                qualifier = name if qualifier == "exact" else qualifier
                at -= length
                continue
            if self.keys[at - 1] in _SIGNS and qualifier == "exact":
                qualifier = _SIGNS[self.keys[at - 1]]
                at -= 1
                continue
            length, _ = _phrases("qualifier", "between").before(self.keys, at)
            if not length or at - length < first or index - at > 6:
                break
            between.update(self.keys[at - length : at])
            at -= length
        after = index + 1
        return at, qualifier, between | ({"…"} if after >= len(self.keys) else set())

    def _is_rank(self, index: int) -> bool:
        """Whether a number is a place in a ranking: thứ 7, thứ nhất."""
        return self.text.spans[self.text.tokens[index].span].as_written.casefold().startswith("thứ")

    # Unit.

    def _unit_of_table(self, index: int) -> None:
        """Note what a table says its numbers are counted in: Đơn vị tính: triệu đồng."""
        for phrase in ("đơn vị tính", "ĐVT"):
            keys = _keys(phrase)
            if tuple(self.keys[index : index + len(keys)]) == keys:
                at = index + len(keys) + (self.keys[index + len(keys) : index + len(keys) + 1] == [":"])
                self.table_unit = (
                    self.units.after(self.text, at, (self.text.left(at), self.text.right(at)))
                    if at < len(self.keys)
                    else None
                )

    def _read_unit(self, reading: _Reading) -> None:
        index = reading.token
        around = (self.text.left(index), self.text.right(index))
        if self._is_rank(index):
            reading.found = _Found(self.units.get(_RANK), 0, True)
            return
        end = index + 2 if self._first_of_pair(index) else index
        found = self.units.after(self.text, end + 1, around)
        if found is None:
            found = self._unit_elsewhere(index)
        if found is not None and found.written:
            reading.unit_written = found.written
            found = replace(found, sure=False)
        reading.found = found
        if found is None or not found.sure:
            reading.guessed.add("unit")

    def _unit_elsewhere(self, index: int) -> _Found | None:
        """The unit of a number after which none stands: of its row, by the words before it, or as the numbers before."""
        if cell := self._cell_before(index):
            return cell
        start = self.text.clause_left(index)
        if start > 0 and self.keys[start - 1] == ":":
            start = self.text.clause_left(start - 1)  # Số người được hỗ trợ học nghề: 797
        if any(_phrases("money", "kinds").at(self.keys, at)[0] for at in range(start, index)) and (
            money := self._last_count(index, "money")
        ):
            return money
        head = start
        while head < index and (length := _phrases("nouns", "before").at(self.keys, head)[0]):
            head += length
        noun = self.units.noun_at(self.text, head, index)
        if noun is None:
            noun = self._last_count(index)
        if noun is None and self.table_unit is not None:
            noun = replace(self.table_unit, length=0, sure=False)
        return noun or self.units.noun_before(self.text, start, index)

    def _cell_before(self, index: int) -> _Found | None:
        """The unit in the cell before a number's own, where a table was turned into lines: Tỷ lệ hộ nghèo, %, 31,2."""
        text = self.text
        first = index
        while first > 0 and not self._new_cell(first):
            first -= 1
        last = first - 1
        while first > 0 and last > 0 and not self._new_cell(last):
            last -= 1
        if not 0 <= last < first or first - last > 4:
            return None
        found = self.units.after(text, last, (last, last + 1))
        return replace(found, length=0) if found and last + found.length == first else None

    def _new_cell(self, index: int) -> bool:
        """Whether a line or a cell of a table begins at a token."""
        between = self.text.text[self.text.tokens[index - 1].end : self.text.tokens[index].start]
        return "\n" in between or "\t" in between

    def _last_count(self, index: int, quantity: str = "") -> _Found | None:
        """The unit of the last number of the same sentence that counts something."""
        for earlier in reversed(self.done[:-1]):
            if self.text.sentence[earlier.token] != self.text.sentence[index]:
                return None
            if self._is_rank(earlier.token):
                continue
            if earlier.counts and earlier.found and (not quantity or earlier.found.unit.quantity == quantity):
                return replace(earlier.found, length=0, sure=False, written="")
        return None

    # Measure.

    def _read_measure(self, reading: _Reading) -> None:
        index = reading.token
        lead, reading.qualifier, between = self._lead(index)
        after = self._after(reading)
        if reading.qualifier == "exact":
            if _phrases("qualifier", "after_at_least").at(self.keys, after)[0]:
                reading.qualifier = "at_least"
            elif _phrases("qualifier", "after_at_most").at(self.keys, after)[0]:
                reading.qualifier = "at_most"
        unit = reading.found.unit if reading.found else None
        percent = unit is not None and unit.quantity in ("percent", "points")
        if unit is not None and unit.quantity == "score":
            reading.measure = "score"
        elif self._is_rank(index):
            reading.measure = "rank"
        change = self._change(index, lead, between)
        if change:
            self._read_change(reading, change, percent, after)
        elif percent:
            reading.measure = self._kind_of_percent(reading, lead, after)
            if reading.measure == "index":
                reading.base = self._base(reading, after)
        if reading.measure != "level" and reading.found and reading.found.unit.unit == _POINTS and not percent:
            reading.guessed.add("unit")
        if reading.measure not in ("level",):
            reading.guessed.add("measure")
        if reading.direction:
            reading.guessed.add("direction")
        if reading.base:
            reading.guessed.add("base")

    def _change(self, index: int, lead: int, between: set[str]) -> str:
        """Whether a number says by how much something rose or fell: up, down, gap or nothing."""
        levels = _set("change", "levels")
        if between & levels:
            return ""
        first = self.text.left(index)
        length, name = _changes().before(self.keys, lead)
        if length and lead - length >= first:
            if _key("từ") in between:  # tăng từ 62% lên 85%: levels, unless it is a range of changes
                for at in range(index + 1, min(index + 10, self.text.right(index))):
                    if self.keys[at] in levels:
                        return ""
            return name
        if lead > first and self.keys[lead - 1] in levels:
            return ""
        if between and _key("lên") in between:
            return ""
        # giảm tỷ lệ hộ nghèo từ 1,5- 2%
        for at in range(max(self.text.clause_left(index), index - 10), index):
            length, name = _changes().at(self.keys, at)
            if (
                length
                and _phrases("change", "rates").at(self.keys, at + length)[0]
                and not levels & set(self.keys[at:index])
            ):
                return name
        return ""

    def _read_change(self, reading: _Reading, change: str, percent: bool, after: int) -> None:
        reading.measure = "gap" if change == "gap" else "change"
        reading.direction = "down" if change == "down" else "up"
        reading.base = "plan" if change == "gap" else self._base(reading, after)
        if percent:
            if self._is_rate(reading):
                if reading.found and reading.found.unit.unit == _PERCENT:
                    reading.found = replace(reading.found, unit=self.units.get(_POINTS), sure=False)
                    reading.unit_written = "%"
                    reading.guessed.add("unit")
            elif change != "gap":
                reading.measure = "growth"

    def _is_rate(self, reading: _Reading) -> bool:
        """Whether what changes is itself a percentage, so that it changes by points."""
        first = self.text.left(reading.token)
        if any(True for _ in _phrases("change", "rates").within(self.keys, first, reading.token)):
            return True
        last = self.done[-2] if len(self.done) > 1 else None
        return bool(
            last
            and self.text.sentence[last.token] == self.text.sentence[reading.token]
            and last.found
            and last.found.unit.quantity in ("percent", "points")
            and last.measure in ("share", "change")
        )

    def _kind_of_percent(self, reading: _Reading, lead: int, after: int) -> str:
        """Whether a percentage is a share, an attainment of a plan, or an index."""
        index = reading.token
        clause = self.text.clause_left(index)
        stop = min(self.text.clause_right(after - 1), after + 9)
        plan = any(True for _ in _phrases("attainment", "plans").within(self.keys, after, stop))
        verb = any(key in _set("attainment", "verbs") for key in self.keys[clause:index])
        whole = after < len(self.keys) and self.keys[after] == _key("tổng")
        if any(key in _set("attainment", "index") for key in self.keys[max(clause, index - 3) : index]) and any(
            self.keys[at : at + 2] == list(_keys("so với")) for at in range(after, stop)
        ):
            return "attainment" if plan else "index"
        if verb and plan and not whole:
            return "attainment"
        bare = lead == clause and not whole and any(key == _key("đạt") for key in self.keys[clause:index])
        if bare and len(self.done) > 1 and after < len(self.keys) and self.keys[after] in ",;.)(":
            last = self.done[-2]
            same = self.text.sentence[last.token] == self.text.sentence[index]
            if same and (last.counts or last.measure == "change" or self._second_of_pair(last.token)):
                return "attainment"
        return "share"

    def _base(self, reading: _Reading, after: int) -> str:
        """What a change is measured from: a year, a period, the plan; as the change before it when nothing is said."""
        end = self.text.right(reading.token)
        at = after
        while at < end and not self.text.is_figure(at) and self.keys[at] != ";":
            if _phrases("change", "than").at(self.keys, at)[0]:
                return self._base_at(at, min(end, at + 9))
            at += 1
        for earlier in reversed(self.done[:-1]):
            if self.text.sentence[earlier.token] != self.text.sentence[reading.token]:
                break
            if earlier.base:
                return earlier.base
        return ""

    def _base_at(self, start: int, end: int) -> str:
        for at in range(start, end):
            number = self.text.tokens[at].span
            if number >= 0:
                years = _YEAR.findall(self.text.spans[number].as_written)
                return "/".join(years) if self.text.spans[number].kind in ("year", "date") else ""
            if _phrases("attainment", "plans").at(self.keys, at)[0] and self.keys[at] != _key("nghị"):
                return "plan"
            if tuple(self.keys[at : at + 3]) == _keys("đầu nhiệm kỳ"):
                return self.period[0][:4]
            if tuple(self.keys[at : at + 2]) == _keys("cùng kỳ") and self.keys[at + 2 : at + 3] != [_key("năm")]:
                return str(int(self.period[0][:4]) - 1) if self.period[0] else ""
        return ""

    # Stance, extent, status.

    def _read_stance(self, reading: _Reading) -> None:
        index = reading.token
        first = self.text.left(index)
        heading = self.headings[self.text.line_of(self.text.tokens[index].start)]
        if self._second_of_pair(index) and self._pair_has_plan(reading):
            reading.stance = "target"
        elif heading == "target" or any(True for _ in _phrases("stance", "target").within(self.keys, first, index)):
            reading.stance = "target"
        elif reading.found and reading.found.unit.quantity in ("money", "rate"):
            start = self.text.clause_left(index)
            if any(True for _ in _phrases("stance", "norm").within(self.keys, start, index)):
                reading.stance = "norm"
        if reading.stance != "actual":
            reading.guessed.add("stance")
        start = max(first, index - 8)
        for word in ("estimate", "provisional"):
            if any(True for _ in _phrases("status", word).within(self.keys, start, index)):
                reading.status = word
                reading.guessed.add("status")

    def _pair_has_plan(self, reading: _Reading) -> bool:
        """Whether of two numbers joined by a slash the second is the plan: a percentage of it follows, or it is named."""
        after = self._after(reading)
        end = self.text.right(reading.token)
        if reading.measure == "change":
            return True
        for at in range(after, min(end, after + 30)):
            if self.text.is_figure(at):
                return self.keys[at + 1 : at + 2] == ["%"] and any(
                    key in _set("attainment", "verbs") for key in self.keys[self.text.clause_left(at) : at]
                )
        return False

    def _read_extent(self, reading: _Reading) -> None:
        index = reading.token
        after = self._after(reading)
        first = self.text.left(index)
        start = max(first, index - 14)
        for extent in ("average_year", "each_year", "each_month", "cumulative"):
            if any(True for _ in _phrases("extent", extent).within(self.keys, start, index)):
                reading.extent = extent
                break
        if self.keys[after : after + 1] == ["/"]:
            if _phrases("extent", "after_each_year").at(self.keys, after + 1)[0]:
                reading.extent = "each_year"
            elif _phrases("extent", "after_each_month").at(self.keys, after + 1)[0]:
                reading.extent = "each_month"
        if reading.found and reading.found.unit.quantity == "rate":
            reading.extent = "each_month"
        if reading.extent == "total" and reading.measure in ("level", "share"):
            start = max(self.text.clause_left(index), index - 10)
            if any(True for _ in _phrases("extent", "stock").within(self.keys, start, index)):
                reading.extent = "stock"
            elif reading.measure == "share" and _key("tỷ") in self.keys[start:index]:
                reading.extent = "stock"
        if reading.extent != "total":
            reading.guessed.add("extent")

    # Period.

    def _read_period(self, reading: _Reading) -> None:
        index = reading.token
        after = self._after(reading)
        usable = [m for m in self.mentions if not m.horizon or reading.stance == "target"]
        end = self.text.clause_right(after - 1)
        if self.keys[after : after + 1] == ["("]:
            end = max(end, self.text.clause_right(after))
        right = [m for m in usable if index < m.token < end]
        first = self.text.left(index)
        left = [m for m in usable if first <= m.token < index]
        if right and not (left and not any(self.text.is_figure(at) for at in range(left[-1].token, index))):
            chosen, basis = right[0], "printed"
        elif left:
            chosen = left[-1]
            basis = "carried" if any(self.text.is_figure(at) for at in range(chosen.token, index)) else "printed"
        else:
            paragraph = [
                m for m in usable if m.token < first and self.text.paragraph[m.token] == self.text.paragraph[index]
            ]
            line = self.text.line_of(self.text.tokens[index].start)
            headed = self.headings.year(line)
            if paragraph:
                chosen, basis = paragraph[-1], "carried"
            elif headed:
                chosen, basis = _Mention(index, f"{headed}-01-01", f"{headed}-12-31"), "carried"
            else:
                chosen, basis = _Mention(index, *self.period), "inferred"
        reading.start, reading.end, reading.basis, reading.as_of = chosen.start, chosen.end, basis, chosen.as_of
        if basis == "inferred" and reading.extent == "stock" and reading.end:
            reading.start = f"{reading.end[:4]}-01-01"
        if basis != "printed":
            reading.guessed.add("period")
        if reading.as_of:
            reading.guessed.add("as_of")

    # Indicator.

    def _read_indicator(self, reading: _Reading) -> None:
        index = reading.token
        earlier = self.done[-2] if len(self.done) > 1 else None
        same = earlier is not None and self.text.sentence[earlier.token] == self.text.sentence[index]
        clause = self.text.clause_left(index)
        bare = index - clause <= 4
        if (
            same
            and earlier
            and (self._second_of_pair(index) or (bare and reading.measure not in ("level", "rank", "score")))
        ):
            reading.indicator = earlier.indicator
        else:
            near = self.keys[clause:index] + self.keys[index + 1 : self.text.clause_right(index)]
            wide = self.keys[self.text.left(index) : self.text.right(index)]
            reading.indicator = self.indicators.best(near, wide, self._fitting(reading))
        if reading.indicator:
            reading.guessed.add("indicator")

    def _fitting(self, reading: _Reading) -> dict[str, bool]:
        """Which indicators are counted in what a number counts; a percentage may be of any."""
        if reading.found is None or not reading.counts:
            return {}
        unit = reading.found.unit
        return {
            name: (known := self.vocabulary.units.get(one.unit)) is None or known.base == unit.base
            for name, one in self.vocabulary.indicators.items()
        }


class _Headings:
    """For each line whether its heading speaks of what was done or of what is to come, and of which year."""

    def __init__(self, stances: Sequence[str], years: Sequence[str]):
        self._stances, self._years = stances, years

    def __getitem__(self, line: int) -> str:
        return self._stances[line - 1]

    def year(self, line: int) -> str:
        """Return the year the headings above a line name, nothing when they name none or several."""
        return self._years[line - 1]


def _headings(text: _Text) -> _Headings:
    stances: list[str] = []
    years: list[str] = []
    opening = {
        span.line: span
        for span in reversed(text.spans)
        if span.kind == "list_number" and not text.lines[span.line - 1][: span.start - 1].strip()
    }
    above = {"roman": ("", ""), "number": ("", "")}
    for number, line in enumerate(text.lines, 1):
        level = "roman" if _ROMAN.match(line) else "number" if number in opening else ""
        if level:
            words = _heading_words(text.lines, number)
            keys = _keys(words)
            target = any(True for _ in _phrases("stance", "target_headings").within(keys, 0, len(keys)))
            done = any(True for _ in _phrases("stance", "done_headings").within(keys, 0, len(keys)))
            found = sorted(set(re.findall(r"(?i)năm\s+((?:19|20)[0-9]{2})(?![0-9])", words)))
            above[level] = ("done" if done else "target" if target else "", found[0] if len(found) == 1 else "")
            if level == "roman":
                above["number"] = ("", "")
        stances.append(above["number"][0] or above["roman"][0])
        years.append(above["number"][1] or above["roman"][1])
    return _Headings(stances, years)


def _heading_words(lines: Sequence[str], number: int) -> str:
    """A heading with the lines it goes on over, as far as they look like one."""
    words = lines[number - 1].strip()
    for line in lines[number : number + 6]:
        shown = line.strip()
        if not shown:
            continue
        if not words.isupper() or not shown.isupper() or _ROMAN.match(line):
            break
        words += f" {shown}"
    return words[:300]


_SIGNS = {"<": "under", ">": "over", "≥": "at_least", "≤": "at_most", "~": "about", "≈": "about"}


@cache
def _changes() -> _Phrases:
    table = _words()["change"]
    return _Phrases((phrase, name) for name in ("gap", "down", "up") for phrase in table[name])


@cache
def _qualifiers() -> _Phrases:
    table = _words()["qualifier"]
    names = ("over", "nearly", "about", "under", "at_least", "at_most")
    return _Phrases((phrase, name) for name in names for phrase in table[name])


# --- The draft -------------------------------------------------------------------------------------------------------


def draft_report(
    report: Report, vocabulary: Vocabulary, precedents: Sequence[Precedent] = (), place: str = ""
) -> Draft:
    """Return the draft of a report: all of its spans, and a row for each figure."""
    spans = list(draft_spans(report))
    text = _Text(report, spans)
    reader = _Reader(text, vocabulary, precedents)
    facts = _facts(text, vocabulary, reader.period, place)
    taken: set[str] = set()
    figures = []
    for reading in reader.read():
        index = text.tokens[reading.token].span
        row = _row(spans[index], reading, vocabulary, precedents, facts["place"], reader.period, taken)
        spans[index] = replace(spans[index], figure_id=row.cells["figure_id"])
        figures.append(replace(row, span=spans[index]))
    used = {figure.cells["unit"] for figure in figures}
    new = tuple(unit for name, unit in sorted(reader.units.new.items()) if name in used)
    return Draft(report, tuple(spans), tuple(figures), new, facts)


_COLUMNS = tuple(column["name"] for column in (standard("figures") or {})["schema"]["fields"])
_NEEDED = tuple(
    column["name"]
    for column in (standard("figures") or {})["schema"]["fields"]
    if column.get("constraints", {}).get("required")
)


def _row(
    span: Span,
    reading: _Reading,
    vocabulary: Vocabulary,
    precedents: Sequence[Precedent],
    place: str,
    period: tuple[str, str],
    taken: set[str],
) -> DraftFigure:
    cells = dict.fromkeys(_COLUMNS, "")
    cells |= {
        "indicator": reading.indicator,
        "place": place,
        "unit": reading.found.unit.unit if reading.found else "",
        "period_start": reading.start,
        "period_end": reading.end,
        "period_basis": reading.basis,
        "as_of": reading.as_of,
        "stance": reading.stance,
        "measure": reading.measure,
        "extent": reading.extent,
        "base": reading.base,
        "direction": reading.direction,
        "status": reading.status,
        "qualifier": reading.qualifier,
        "unit_written": reading.unit_written,
    }
    guessed = set(reading.guessed)
    if body := _body(reading, precedents):
        cells["body"] = body
        guessed.add("body")
    needed = set(_NEEDED)
    if span.reading:
        values = values_of(span.as_written, span.reading)
        cells["value"] = "" if values.value is None else str(values.value)
        cells["value_high"] = "" if values.high is None else str(values.high)
        if span.reading != "plain":
            guessed.add("value")
    else:
        needed.add("value")
    if reading.measure in NEEDS_BASE:
        needed.add("base")
    if reading.measure in NEEDS_DIRECTION:
        needed.add("direction")
    cells["figure_id"] = _figure_id(span, reading, vocabulary, period, taken)
    missing = tuple(column for column in _COLUMNS if column in needed and not cells[column])
    order = (*_COLUMNS[:6], "period", *_COLUMNS[6:])
    marks = tuple(column for column in order if column in guessed)
    cells["note"] = note_of(marks, missing)
    return DraftFigure(span, cells, marks, missing)


def note_of(guessed: Sequence[str], missing: Sequence[str], rest: str = "") -> str:
    """Return the note of a row that is not settled: `đoán: unit; thiếu: indicator`, then what else it said."""
    parts = [f"{GUESSED}: {', '.join(guessed)}"] if guessed else []
    parts += [f"{MISSING}: {', '.join(missing)}"] if missing else []
    return "; ".join([*parts, *([rest] if rest else [])])


def marks_of(note: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return the columns a note calls guessed and missing, and what else it says: the inverse of `note_of`."""
    marks: dict[str, tuple[str, ...]] = {}
    parts = note.split("; ")
    while parts and (match := re.fullmatch(rf"({GUESSED}|{MISSING}): (.*)", parts[0])) and match[1] not in marks:
        marks[match[1]] = tuple(filter(None, match[2].split(", ")))
        parts.pop(0)
    return marks.get(GUESSED, ()), marks.get(MISSING, ()), "; ".join(parts)


def _body(reading: _Reading, precedents: Sequence[Precedent]) -> str:
    """Who was counted when the same was counted before."""
    bodies = Counter(one.body for one in precedents if reading.indicator and one.indicator == reading.indicator)
    return bodies.most_common(1)[0][0] if bodies else ""


_SUFFIXES = {
    "attainment": "attainment", "change": "change", "growth": "growth", "index": "index", "gap": "gap", "rank": "rank",
    "score": "score",
}  # fmt: skip
_SMALL_WORDS = frozenset("a an and at by for from given in into of on or the to with".split())


def _figure_id(span: Span, reading: _Reading, vocabulary: Vocabulary, period: tuple[str, str], taken: set[str]) -> str:
    """A name for a figure that no other has: by its indicator where one was found, else by its place in the text."""
    known = vocabulary.indicators.get(reading.indicator)
    if known is None:
        name = f"line_{span.line}_{span.start}"
    else:
        words = [word for word in slug(known.name_en).split("-") if word not in _SMALL_WORDS][:6]
        if known.unit != _PERCENT and reading.measure == "share":
            words.append("share")
        words += [_SUFFIXES[reading.measure]] if reading.measure in _SUFFIXES else []
        words += [reading.stance] if reading.stance in ("target", "planned") else []
        words += [reading.end[:4]] if reading.end and reading.end[:4] != period[1][:4] else []
        name = "_".join(words)
        name = name if re.match("[a-z]", name) else f"n_{name}"
    free, n = name, 2
    while free in taken:
        free, n = f"{name}_{n}", n + 1
    taken.add(free)
    return free


def _facts(text: _Text, vocabulary: Vocabulary, period: tuple[str, str], place: str) -> dict[str, str]:
    """What the text tells of the report itself."""
    number = next(
        (span.as_written for span in text.spans if span.kind == "document_number" and _opens_report(text, span)), ""
    )
    date = ""
    for span in text.spans:
        if span.kind == "date" and span.line <= 40 and (match := _DAY.fullmatch(span.as_written)):
            before = text.lines[span.line - 1][: span.start - 1]
            if re.search(r"(?i),\s*ngày\s*$", before) and re.match(r"\s*[A-ZĐÀ-Ỹ]", before):
                date = f"{match['year']}-{int(match['month']):02d}-{int(match['day']):02d}"
                break
    return {
        "place": place or _place(text, vocabulary, period),
        "number": re.sub(r"\s+", "", number),
        "date": date,
        "period_start": period[0],
        "period_end": period[1],
    }


def _opens_report(text: _Text, span: Span) -> bool:
    return span.line <= 40 and bool(re.fullmatch(r"\s*Số\s*:\s*", text.lines[span.line - 1][: span.start - 1]))


def _place(text: _Text, vocabulary: Vocabulary, period: tuple[str, str]) -> str:
    """The province, of those of its time, that a text names most often."""
    phrases = _Phrases(
        (place.short_vi, place.place)
        for place in vocabulary.places.values()
        if place.level == "province" and place.short_vi
        and (place.valid_from or period[1]) <= period[1] <= (place.valid_to or period[1])
    )  # fmt: skip
    counts: Counter[str] = Counter()
    at = 0
    while at < len(text.keys):
        length, name = phrases.at(text.keys, at)
        counts[name] += bool(length)
        at += max(length, 1)
    del counts[""]
    return min(counts, key=lambda name: (-counts[name], name)) if counts else ""
