"""A first draft of a report package: what a machine can know of a report, with every guess marked as one.

Numbers, their places and their values follow from the text by rule. What a number measures, in which unit, of which
period, is guessed from the words around it: a guess stands in its cell and is named in the row's note, as in
`đoán: indicator, unit; thiếu: body`, until a maintainer has compared it with the text and taken its name away.
"""

import contextlib
import csv
import hashlib
import io
import json
import re
import tempfile
import tomllib
import unicodedata
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

from build_tools.documents import Document, read_document
from build_tools.errors import BuildError
from build_tools.faults import Fault, fault
from build_tools.figures import NEEDS_BASE, NEEDS_DIRECTION, Span, Unit
from build_tools.numbers import NumeralError, parse, scale_of, values_of
from build_tools.packages import DESCRIPTOR, SLUG, Package, Table, read_package, suggestion
from build_tools.reports import Report, propose_spans, read_report
from build_tools.schemas import required, resource, standard
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

    def within(self, keys: Sequence[str], start: int, end: int) -> str:
        """Return the meaning of the first phrase that lies within a stretch, nothing when none does."""
        for position in range(max(start, 0), min(end, len(keys))):
            length, name = self.at(keys, position)
            if length and position + length <= end:
                return name
        return ""


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
_FAR = 120  # tokens of a sentence beyond which nothing is looked for, so that no text takes for ever
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
        self.paragraph, self.sentence = self._divided()
        self._bounds: dict[int, tuple[int, int]] = {}
        for index, sentence in enumerate(self.sentence):
            self._bounds[sentence] = (self._bounds.get(sentence, (index, 0))[0], index + 1)

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
            if line != last_line and line in begins:
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
            if span.kind in ("list_number", "footnote_mark") and not self.lines[span.line - 1][: span.start - 1].strip()
        }
        last = ""
        for number, line in enumerate(self.lines, 1):
            shown = line.strip()
            if not shown:
                continue
            ended = last[-1:] in _ENDS + ":;" and len(last) < 0.85 * wide
            marked = number in headings or _BULLET.match(line) or _ROMAN.match(line)
            if marked or not last or ended or _ROMAN.match(last) or len(last) > 1.5 * wide:
                begins.add(number)
            last = shown
        return begins

    def printed(self, first: int, last: int) -> str:
        """Return the text from one token to another, as it is printed, on one line."""
        return re.sub(r"\s+", " ", self.text[self.tokens[first].start : self.tokens[last].end])

    def left(self, index: int) -> int:
        """Return where the sentence of a token begins, or where it is far enough away to tell nothing."""
        return max(self._bounds[self.sentence[index]][0], index - _FAR)

    def right(self, index: int) -> int:
        """Return where the sentence of a token ends, exclusive, or where it is far enough away to tell nothing."""
        return min(self._bounds[self.sentence[index]][1], index + _FAR)

    def together(self, first: int, second: int) -> bool:
        """Return whether two tokens stand in one sentence, and not far apart."""
        return self.sentence[first] == self.sentence[second] and second - first <= _FAR

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
# `propose_spans` tells the kind of a number by what stands beside it, and only where that leaves no doubt. Some kinds
# show in the order of the whole text: headings, footnotes, rows, pages count on. Others are likely enough for a draft.


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
    romans = [number for number, line in enumerate(report.lines, 1) if _ROMAN.match(line)]
    headings = set(romans)
    last = above = 0
    for index, span in enumerate(spans):
        if (over := bisect_right(romans, span.line)) != above:
            last, above = 0, over
        before, after = _around(report, span)
        if before.strip() or not re.fullmatch("[1-9][0-9]?", span.as_written):
            continue
        number = int(span.as_written)
        if span.kind == "list_number":
            last = number if "." not in after[:1] or not after[1:2].isdigit() else last
        elif span.kind == "figure" and re.match(r"[.)/]\s*[^\W\d_a-zđ]", after):
            below = number == 1 and _last_line(report, span.line) in headings
            if number == last + 1 or below:
                _become(spans, index, "list_number")
                last = number
        if spans[index].kind == "list_number":
            headings.add(span.line)


def _last_line(report: Report, line: int) -> int:
    """The number of the last line before one that holds something, as far as it is near."""
    near = range(line - 1, max(line - 8, 0), -1)
    return next((number for number in near if report.lines[number - 1].strip()), 0)


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
    while alone:
        run: list[int] = []
        for index in alone:  # A value alone in its cell may stand between.
            if not run or int(spans[index].as_written) == int(spans[run[-1]].as_written) + 1:
                run.append(index)
        steps = [spans[b].line - spans[a].line for a, b in pairwise(run)]
        if len(run) > 2 and min(steps) > 15:
            for page in run:
                _become(spans, page, "page_number")
        elif len(run) > 2 and spans[run[0]].as_written == "1" and min(steps) > 1 and max(steps) < 40:
            for row in run:
                _become(spans, row, "list_number")
        else:
            run = run[:1]
        alone = [index for index in alone if index not in run]


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
_LETTER = re.compile(r"[ \t\u00a0\f]*\(?(?P<letter>[a-zđ])\)(?:[.\s]|$)")
_PART = re.compile(r"(?i)\s*phần\s*$")


def _with_sections(report: Report, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans with their sections, as a reader would name them: II.4.d, footnote 3."""
    by_line: dict[int, list[Span]] = {}
    for span in spans:
        by_line.setdefault(span.line, []).append(span)
    part = roman = number = letter = note = ""
    for line_number, line in enumerate(report.lines, 1):
        here = by_line.get(line_number, [])
        first = here[0] if here else None
        opening = first is not None and not line[: first.start - 1].strip()
        if match := _ROMAN.match(line):
            roman, number, letter, note = match["number"], "", "", ""
        elif first and opening and first.kind == "list_number" and _followed(line, first):
            number, letter, note = first.as_written, "", ""
        elif first and first.kind == "list_number" and _PART.match(line[: first.start - 1]):
            part = _part_number(first.as_written)
            roman = number = letter = note = ""
        elif match := _LETTER.match(line):
            letter, note = match["letter"], ""
        elif first and opening and first.kind == "footnote_mark" and _followed(line, first):
            note = first.as_written
        elif note and (line.startswith((" ", "\f")) and line.strip()):
            note = ""  # The next page begins, with a blank where it was torn from the last.
        section = f"footnote {note}" if note else ".".join(filter(None, (part, roman, number, letter)))
        for span in here:
            yield replace(span, section=section)


def _followed(line: str, span: Span) -> bool:
    """Whether words follow a number on its line; alone it counts a table's rows, or is a mark that was torn off."""
    return bool(re.search(r"[^\W\d_]", line[span.start - 1 + span.length :]))


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
    10: "chục", 100: "trăm", 1000: "nghìn", 10_000: "vạn", 10**6: "triệu", 10**8: "trăm triệu", 10**9: "tỷ",
    10**11: "trăm tỷ", 10**12: "nghìn tỷ",
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
        self._candidates: dict[str, list[Unit]] = {}  # several units that are printed alike, by the first of them
        pairs: dict[tuple[str, ...], tuple[str, str]] = {}
        for group, phrases in _words()["units"].items():
            for phrase in phrases:
                pairs[_keys(phrase)] = (phrase, group)
        for phrase in (*_words()["nouns"]["count"], *_words()["nouns"]["measure"]):
            pairs.setdefault(_keys(phrase), (phrase, slug(phrase)))
        own: dict[tuple[str, ...], list[Unit]] = {}
        for unit in self.known.values():
            if unit.quantity in ("count", "score", "rank"):
                for name in dict.fromkeys((unit.symbol_vi, unit.name_vi)):
                    own.setdefault(_keys(name), []).append(unit)
        for keys, units in own.items():
            name = units[0].symbol_vi if _keys(units[0].symbol_vi) == keys else units[0].name_vi
            pairs[keys] = (name, units[0].unit)
            if len(units) > 1:
                self._candidates[units[0].unit] = units
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
            self.new[unit] = _PLAIN_UNITS.get(unit) or self._counted(unit)
        return self.new[unit]

    def _counted(self, unit: str) -> Unit:
        """A unit for something counted; its English words are for a maintainer to find."""
        name = self._names.get(unit, unit)
        people = frozenset(slug(phrase) for phrase in _words()["units"]["nguoi"])
        return Unit(unit, name, "", name, "", "count", Decimal(1), "nguoi" if unit in people else unit)

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
                unit, unit=name, symbol_vi=symbol, name_vi=symbol, symbol_en="", name_en="", scale=scale * unit.scale
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
                name in self.known and name not in self._candidates,
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
        if name not in self._candidates:
            return name
        near = set(text.keys[around[0] : around[1]])

        def share(unit: Unit) -> Decimal:
            own = [key for key in _keys(unit.name_vi) if key[0].isalpha()]
            return Decimal(sum(key in near for key in own)) / max(len(own), 1)

        return max(self._candidates[name], key=share).unit

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
    compared: bool = False  # a year that something is measured against: so với năm 2022


def _month_end(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}-{monthrange(year, month)[1]:02d}"


def _mentions(text: _Text) -> list[_Mention]:
    """The periods a text names, without those that only name a document."""
    small = _set("period", "small")
    found = []
    for index, token in enumerate(text.tokens):
        if token.span < 0 or text.spans[token.span].kind not in ("year", "date"):
            continue
        first = text.left(index)
        lead = index
        while lead > first and text.keys[lead - 1] in small:
            lead -= 1
        compared = any(_phrases("period", "than").before(text.keys, end)[0] for end in range(lead, index + 1))
        mention = _mention(text, index, text.spans[token.span].as_written, text.spans[token.span].kind)
        if mention is not None and not (mention.start[:4] != mention.end[:4] and _names_document(text, index)):
            found.append(replace(mention, compared=compared))
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
    return bool(_phrases("period", "named").within(text.keys, start, index))


def _main_period(text: _Text, mentions: Sequence[_Mention]) -> tuple[str, str]:
    """The period a report is about: the one its title names, else the year it names most often."""
    head = next((number for number, line in enumerate(text.lines, 1) if _ROMAN.match(line)), 0) or len(text.lines)
    title = [
        m
        for m in mentions
        if text.line_of(text.tokens[m.token].start) <= min(head, 60) and not (m.horizon or m.compared)
    ]
    ranges = Counter((m.start, m.end) for m in title if m.start[:4] != m.end[:4])
    mentions = [m for m in mentions if not m.compared]
    years = Counter((m.start, m.end) for m in mentions if m.start[5:] == "01-01" and m.start[:4] == m.end[:4])
    if ranges:
        return ranges.most_common(1)[0][0]
    return min(years, key=lambda period: (-years[period], period)) if years else ("", "")


# --- Indicators ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Precedent:
    """What a figure of another package says of its indicator: who was counted."""

    indicator: str
    body: str


class _Indicators:
    """The indicators of a vocabulary, found by the words of their names."""

    def __init__(self, vocabulary: Vocabulary):
        grams = {name: self._of(_keys(one.name_vi)) for name, one in vocabulary.indicators.items()}
        counts = Counter(gram for held in grams.values() for gram in held)
        self._weight = {gram: log((len(grams) + 1) / (1 + n)) + 0.2 for gram, n in counts.items()}
        self._whole = {name: sum(self._weight[gram] for gram in held) for name, held in grams.items()}
        self._names: dict[tuple[str, ...], list[str]] = {}  # the indicators whose names hold a word or two
        for name, held in grams.items():
            for gram in held:
                self._names.setdefault(gram, []).append(name)

    @staticmethod
    def _of(keys: Sequence[str]) -> frozenset[tuple[str, ...]]:
        """Words and pairs of neighbouring words."""
        words = [key for key in keys if key[0].isalpha()]
        return frozenset([(word,) for word in words] + list(pairwise(words)))

    def best(self, near: Sequence[str], wide: Sequence[str], fits: Mapping[str, bool]) -> str:
        """Return the indicator whose name the words around a number hold most of; nothing when none holds enough.

        `near` are the words of the number's own clause, `wide` those of its sentence and heading, which count less.
        """
        close = self._of(near)
        held: dict[str, float] = {}
        for gram in close | self._of(wide):
            for name in self._names.get(gram, ()):
                held[name] = held.get(name, 0.0) + self._weight[gram] * (1.0 if gram in close else 0.5)
        best = max(
            ((weight / self._whole[name], weight, name) for name, weight in held.items() if fits.get(name, True)),
            default=(0.0, 0.0, ""),
        )
        return best[2] if best[0] >= 0.6 else ""


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
        self._places = [mention.token for mention in self.mentions]
        self.period = _main_period(text, self.mentions)
        self.headings = _headings(text)
        self.precedents = precedents
        self.done: list[_Reading] = []
        self.table_unit: _Found | None = None
        self._fits: dict[str, Mapping[str, bool]] = {}  # by what a unit counts

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

    def _last(self, reading: _Reading) -> _Reading | None:
        """The figure before one in its sentence."""
        last = self.done[-2] if len(self.done) > 1 else None
        return last if last and self.text.together(last.token, reading.token) else None

    def _lead(self, index: int) -> tuple[int, str, set[str]]:
        """The token that ends what stands before a number, its qualifier, and the small words between."""
        if self._second_of_pair(index):
            at, _, small = self._lead(index - 2)
            return at, "exact", small
        first = self.text.left(index)
        qualifier, at = "exact", index
        between: set[str] = set()
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
        return at, qualifier, between

    def _is_rank(self, index: int) -> bool:
        """Whether a number is a place in a ranking: thứ 7, thứ nhất."""
        return self.text.spans[self.text.tokens[index].span].as_written.casefold().startswith("thứ")

    # Unit.

    def _unit_of_table(self, index: int) -> None:
        """Note what a table says its numbers are counted in: Đơn vị tính: triệu đồng."""
        length, _ = _phrases("units_of_a_table").at(self.keys, index)
        at = index + length + (self.keys[index + length : index + length + 1] == [":"])
        if length and at < len(self.keys):
            self.table_unit = self.units.after(self.text, at, (self.text.left(at), self.text.right(at)))

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
        """The unit of a number that none follows: of its row, by the words before it, or as of the numbers before."""
        if cell := self._cell_before(index):
            return cell
        start = self.text.clause_left(index)
        if start > 0 and self.keys[start - 1] == ":":
            start = self.text.clause_left(start - 1)  # Số người được hỗ trợ học nghề: 797
        if _phrases("money", "kinds").within(self.keys, start, index) and (money := self._last_count(index, "money")):
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
        first = self._cell(index, 6)
        last = self._cell(first - 1, 4) if first > 0 else -1
        if first < 0 or last < 0:
            return None
        found = self.units.after(self.text, last, (last, last + 1))
        return replace(found, length=0) if found and last + found.length == first else None

    def _cell(self, index: int, most: int) -> int:
        """Where the cell of a token begins, -1 when it is not near."""
        return next((at for at in range(index, max(index - most, 0), -1) if self._new_cell(at)), -1)

    def _new_cell(self, index: int) -> bool:
        """Whether a line or a cell of a table begins at a token."""
        between = self.text.text[self.text.tokens[index - 1].end : self.text.tokens[index].start]
        return "\n" in between or "\t" in between

    def _last_count(self, index: int, quantity: str = "") -> _Found | None:
        """The unit of the last number of the same sentence that counts something."""
        for earlier in reversed(self.done[:-1]):
            if not self.text.together(earlier.token, index):
                return None
            found = earlier.found
            if (
                found
                and earlier.counts
                and (found.unit.quantity == quantity if quantity else not self._is_rank(earlier.token))
            ):
                return replace(found, length=0, sure=False, written="")
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
        if reading.measure != "level":
            reading.guessed.add("measure")
        reading.guessed.update(name for name in ("direction", "base") if getattr(reading, name))

    def _change(self, index: int, lead: int, between: set[str]) -> str:
        """Whether a number says by how much something rose or fell: up, down, gap or nothing."""
        levels = _set("change", "levels")
        if between & levels:
            return ""
        first = self.text.left(index)
        length, name = _changes().before(self.keys, lead)
        if length and lead - length >= first:
            # tăng từ 62% lên 85%: both are levels, unless a range says by how much
            reach = self.keys[index + 1 : min(index + 10, self.text.right(index))]
            return "" if _key("từ") in between and levels & set(reach) else name
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
        if percent and not self._is_rate(reading):
            reading.measure = "gap" if change == "gap" else "growth"
        elif percent and reading.found and reading.found.unit.unit == _PERCENT:
            reading.found = replace(reading.found, unit=self.units.get(_POINTS), sure=False)
            reading.unit_written = "%"
            reading.guessed.add("unit")

    def _is_rate(self, reading: _Reading) -> bool:
        """Whether what changes is itself a percentage, so that it changes by points."""
        first = self.text.left(reading.token)
        if _phrases("change", "rates").within(self.keys, first, reading.token):
            return True
        last = self._last(reading)
        return last is not None and bool(last.found) and not last.counts and last.measure in ("share", "change")

    def _kind_of_percent(self, reading: _Reading, lead: int, after: int) -> str:
        """Whether a percentage is a share, an attainment of a plan, or an index."""
        index = reading.token
        clause = self.text.clause_left(index)
        stop = min(self.text.clause_right(after - 1), after + 9)
        plan = _phrases("attainment", "plans").within(self.keys, after, stop)
        verb = _phrases("attainment", "verbs").within(self.keys, clause, index)
        whole = after < len(self.keys) and self.keys[after] == _key("tổng")
        if any(key in _set("attainment", "index") for key in self.keys[max(clause, index - 3) : index]) and any(
            self.keys[at : at + 2] == list(_keys("so với")) for at in range(after, stop)
        ):
            return "attainment" if plan else "index"
        if verb and plan and not whole:
            return "attainment"
        bare = lead == clause and not whole and _key("đạt") in self.keys[clause:index]
        last = self._last(reading)
        if bare and last and self.keys[after : after + 1] and self.keys[after] in ",;.)(":
            return "attainment" if last.counts or last.measure == "change" else "share"
        return "share"

    def _base(self, reading: _Reading, after: int) -> str:
        """What a change is measured from: a year, a period, the plan; as the change before it when nothing is said."""
        end = self.text.right(reading.token)
        at = after
        while at < end and not self.text.is_figure(at) and self.keys[at] != ";":
            if _phrases("change", "than").at(self.keys, at)[0]:
                return self._base_at(at, min(end, at + 9))
            at += 1
        last = self._last(reading)
        return last.base if last else ""

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
        heading = self.headings.stance(self.text.line_of(self.text.tokens[index].start))
        spoken = _phrases("stance", "target").within(self.keys, first, index)
        if heading == "target" or spoken or (self._second_of_pair(index) and self._pair_has_plan(reading)):
            reading.stance = "target"
        elif reading.found and reading.found.unit.quantity in ("money", "rate"):
            start = self.text.clause_left(index)
            if _phrases("stance", "norm").within(self.keys, start, index):
                reading.stance = "norm"
        if reading.stance != "actual":
            reading.guessed.add("stance")
        start = max(first, index - 8)
        for word in ("estimate", "provisional"):
            if _phrases("status", word).within(self.keys, start, index):
                reading.status = word
                reading.guessed.add("status")

    def _pair_has_plan(self, reading: _Reading) -> bool:
        """Whether of two numbers joined by a slash the second is the plan: what was reached follows in percent."""
        after = self._after(reading)
        end = self.text.right(reading.token)
        if reading.measure == "change":
            return True
        for at in range(after, min(end, after + 30)):
            if self.text.is_figure(at):
                before = _phrases("attainment", "verbs").within(self.keys, self.text.clause_left(at), at)
                return self.keys[at + 1 : at + 2] == ["%"] and bool(before)
        return False

    def _read_extent(self, reading: _Reading) -> None:
        index = reading.token
        after = self._after(reading)
        first = self.text.left(index)
        start = max(first, index - 14)
        for extent in ("average_year", "each_year", "each_month", "cumulative"):
            if _phrases("extent", extent).within(self.keys, start, index):
                reading.extent = extent
                break
        if self.keys[after : after + 1] == ["/"]:
            if _phrases("extent", "after_each_year").at(self.keys, after + 1)[0]:
                reading.extent = "each_year"
            elif _phrases("extent", "after_each_month").at(self.keys, after + 1)[0]:
                reading.extent = "each_month"
        if reading.found and reading.found.unit.quantity == "rate":
            reading.extent = "each_month"
        if reading.extent == "total":
            reading.extent = self._extent_elsewhere(reading)
        if reading.extent != "total":
            reading.guessed.add("extent")

    def _extent_elsewhere(self, reading: _Reading) -> str:
        """The extent of a number beside which none is named: by its clause, else as the number before it."""
        index = reading.token
        start = self.text.clause_left(index)
        if start > 0 and self.keys[start - 1] == ":":
            start = self.text.clause_left(start - 1)
        words = self.keys[start:index]
        if reading.measure in ("level", "share"):
            if _phrases("extent", "until_now").within(self.keys, self.text.left(index), index):
                return "cumulative" if _key("đã") in words else "stock"
            if _phrases("extent", "stock").within(self.keys, start, index):
                return "stock"
            if reading.measure == "share" and _phrases("change", "rates").within(self.keys, start, index):
                return "stock"
        last = self._last(reading)
        return last.extent if last and reading.measure != "change" else "total"

    # Period.

    def _read_period(self, reading: _Reading) -> None:
        index = reading.token
        after = self._after(reading)

        def usable(mention: _Mention) -> bool:
            return not mention.compared and (not mention.horizon or reading.stance == "target")

        end = self.text.clause_right(after - 1)
        if self.keys[after : after + 1] == ["("]:
            end = max(end, self.text.clause_right(after))
        first = self.text.left(index)
        right = [m for m in self._named(index, end) if usable(m)]
        left = [m for m in self._named(first, index) if usable(m)]
        close = bool(left) and not any(self.text.is_figure(at) for at in range(left[-1].token, index))
        if right and (not close or right[0].token - after < 3):
            chosen, basis = right[0], "printed"
        elif self.keys[index - 1 : index] == ["("] and (compared := self._named(index - 2, index - 1)):
            chosen, basis = compared[0], "printed"  # so với cùng kỳ năm 2022 (7.899 người)
        elif left:
            chosen, basis = left[-1], "printed" if close else "carried"
            if tuple(self.keys[chosen.token + 1 : chosen.token + 3]) == _keys("đến nay") and self.period[1]:
                chosen = replace(chosen, end=max(chosen.end, self.period[1]))
        else:
            before = [m for m in self._named(max(0, first - _FAR), first) if usable(m)]
            chosen, basis = self._period_above(index, before)
        reading.start, reading.end, reading.basis, reading.as_of = chosen.start, chosen.end, basis, chosen.as_of
        if basis == "inferred" and reading.extent == "stock" and reading.end:
            reading.start = f"{reading.end[:4]}-01-01"
        if basis != "printed":
            reading.guessed.add("period")
        if reading.as_of:
            reading.guessed.add("as_of")

    def _named(self, first: int, end: int) -> Sequence[_Mention]:
        """The periods named in a stretch of the text."""
        return self.mentions[bisect_left(self._places, first) : bisect_left(self._places, end)]

    def _period_above(self, index: int, before: Sequence[_Mention]) -> tuple[_Mention, str]:
        """The period of a number whose sentence names none: of its paragraph, of its heading, of the report."""
        if before and self.text.paragraph[before[-1].token] == self.text.paragraph[index]:
            return before[-1], "carried"
        headed = self.headings.period(self.text.line_of(self.text.tokens[index].start))
        if headed and headed != self.period:
            return _Mention(index, *headed), "carried"
        return _Mention(index, *self.period), "inferred"

    # Indicator.

    def _read_indicator(self, reading: _Reading) -> None:
        index = reading.token
        clause = self.text.clause_left(index)
        last = self._last(reading)
        relative = index - clause <= 4 and reading.measure not in ("level", "rank", "score")
        if last and (relative or self._second_of_pair(index)):
            reading.indicator = last.indicator
        else:
            near = self.keys[clause:index] + self.keys[index + 1 : self.text.clause_right(index)]
            wide = self.keys[self.text.left(index) : self.text.right(index)]
            reading.indicator = self.indicators.best(near, wide, self._fitting(reading))
        if reading.indicator:
            reading.guessed.add("indicator")
            if reading.measure == "gap" and self.vocabulary.indicators[reading.indicator].better == "lower":
                reading.direction = "down"  # To pass a plan for what should fall is to stand below it.

    def _fitting(self, reading: _Reading) -> Mapping[str, bool]:
        """Which indicators are counted in what a number counts; a percentage may be of any."""
        if reading.found is None or not reading.counts:
            return {}
        base = reading.found.unit.base
        if base not in self._fits:
            units = self.vocabulary.units
            self._fits[base] = {
                name: one.unit not in units or units[one.unit].base == base
                for name, one in self.vocabulary.indicators.items()
            }
        return self._fits[base]


@dataclass(frozen=True)
class _Heading:
    """What a heading says: whether of what was done or of what is to come, and of which period."""

    stance: str = ""
    period: tuple[str, str] | None = None


class _Headings:
    """For each line what the headings above it say, the nearest first."""

    def __init__(self, above: Sequence[tuple[_Heading, ...]]):
        self._above = above

    def stance(self, line: int) -> str:
        """Return `target` or `done`, nothing when no heading says."""
        return next((heading.stance for heading in self._above[line - 1] if heading.stance), "")

    def period(self, line: int) -> tuple[str, str] | None:
        """Return the first and the last day of the period that a heading names."""
        return next((heading.period for heading in self._above[line - 1] if heading.period), None)


_LEVELS = ("part", "roman", "number")


def _headings(text: _Text) -> _Headings:
    opening = {
        span.line
        for span in text.spans
        if span.kind == "list_number" and not text.lines[span.line - 1][: span.start - 1].strip()
    }
    above = dict.fromkeys(_LEVELS, _Heading())
    found = []
    last = ""
    for number, line in enumerate(text.lines, 1):
        title = _is_title(line)
        level = "roman" if _ROMAN.match(line) else "number" if number in opening else "part" if title else ""
        if level and not (level == "part" and last in ("part", "roman")):
            above[level] = _heading(_heading_words(text.lines, number))
            for below in _LEVELS[_LEVELS.index(level) + 1 :]:
                above[below] = _Heading()
        found.append(tuple(above[level] for level in reversed(_LEVELS)))
        if line.strip():
            last = level  # A title may go on over lines; they are read as one.
    return _Headings(found)


def _heading(words: str) -> _Heading:
    keys = _keys(words)
    # What a heading says first is what it is about.
    stance = _phrases("headings").within(keys, 0, len(keys))
    ranges = re.findall(r"((?:19|20)[0-9]{2})\s*[-–]\s*((?:19|20)[0-9]{2})", words)
    years = sorted(set(re.findall(r"(?i)năm\s+((?:19|20)[0-9]{2})(?![0-9])", words)))
    if len(ranges) == 1 and not years:
        return _Heading(stance, (f"{ranges[0][0]}-01-01", f"{ranges[0][1]}-12-31"))
    return _Heading(stance, (f"{years[0]}-01-01", f"{years[0]}-12-31") if len(years) == 1 else None)


def _is_title(line: str) -> bool:
    """Whether a line is the title of a part: some words, all in capitals."""
    return line.isupper() and len(re.findall(r"[^\W\d_]{2,}", line)) > 2


def _heading_words(lines: Sequence[str], number: int) -> str:
    """A heading with the lines it goes on over, as far as they look like one."""
    words = lines[number - 1].strip()
    for line in lines[number : number + 12]:
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
    report: Report,
    vocabulary: Vocabulary,
    precedents: Sequence[Precedent] = (),
    place: str = "",
    spans: Sequence[Span] | None = None,
    taken: Iterable[str] = (),
) -> Draft:
    """Return the draft of a report: all of its spans, and a row for each figure.

    `spans` are those of a ledger that is there already, in the order of the text; `taken` are ids no new figure gets.
    """
    spans = list(draft_spans(report) if spans is None else spans)
    text = _Text(report, spans)
    reader = _Reader(text, vocabulary, precedents)
    facts = _facts(text, vocabulary, reader.period, place)
    names = set(taken)
    figures = []
    for reading in reader.read():
        index = text.tokens[reading.token].span
        row = _row(spans[index], reading, reader, facts["place"], names)
        spans[index] = replace(spans[index], figure_id=spans[index].figure_id or row.cells["figure_id"])
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


def _row(span: Span, reading: _Reading, reader: _Reader, place: str, taken: set[str]) -> DraftFigure:
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
    if body := _body(reading, reader.precedents):
        cells["body"] = body
        guessed.add("body")
    needed = set(_NEEDED)
    try:
        values = values_of(span.as_written, span.reading, span.as_meant)
        cells["value"] = "" if values.value is None else str(values.value)
        cells["value_high"] = "" if values.high is None else str(values.high)
        if span.reading not in ("plain", "unrecoverable"):
            guessed.add("value")
    except NumeralError:
        needed.add("value")
    if reading.measure in NEEDS_BASE:
        needed.add("base")
    if reading.measure in NEEDS_DIRECTION:
        needed.add("direction")
    cells["figure_id"] = _figure_id(span, reading, reader.vocabulary, reader.period, taken)
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


_NAMED_MEASURES = ("attainment", "change", "growth", "index", "gap", "rank", "score")
_SMALL_WORDS = (
    "a",
    "an",
    "and",
    "at",
    "by",
    "for",
    "from",
    "given",
    "in",
    "into",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
)


def _figure_id(span: Span, reading: _Reading, vocabulary: Vocabulary, period: tuple[str, str], taken: set[str]) -> str:
    """A name for a figure that no other has: by its indicator where one was found, else by its place in the text."""
    known = vocabulary.indicators.get(reading.indicator)
    if known is None:
        name = f"line_{span.line}_{span.start}"
    else:
        words = [word for word in slug(known.name_en).split("-") if word not in _SMALL_WORDS][:6]
        if known.unit != _PERCENT and reading.measure == "share":
            words.append("share")
        words += [reading.measure] if reading.measure in _NAMED_MEASURES else []
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
    number = date = ""
    for span in text.spans:
        before = text.lines[span.line - 1][: span.start - 1].strip()
        if span.line > 40:
            break
        if span.kind == "document_number" and re.fullmatch(r"Số\s*:", before):
            number = number or span.as_written
        # Quảng Trị, ngày 05 tháng 01 năm 2024
        day = _DAY.fullmatch(span.as_written) if span.kind == "date" else None
        if day and re.search(r"[^\W\d_a-zđ]\w*,\s*ngày$", before):
            date = date or f"{day['year']}-{int(day['month']):02d}-{int(day['day']):02d}"
    return {
        "place": place or _place(text, vocabulary, period),
        "number": re.sub(r"\s+", "", number),
        "date": date,
        "period_start": period[0],
        "period_end": period[1],
    }


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


# --- Files -----------------------------------------------------------------------------------------------------------

LEDGER = tuple(column["name"] for column in (standard("ledger") or {})["schema"]["fields"])
# Faults of a table that leave every row readable, so that it can be written again without losing one.
_HARMLESS = ("cell-", "key-", "not-nfc", "draft-")
_MOST_NUMBERS, _MOST_DIGITS = 20_000, 500
_PERIOD = ("period_start", "period_end", "period_basis")


@dataclass(frozen=True)
class Drafted:
    """What a draft left: where, how much of it is open, and what a package that was there had not."""

    folder: Path
    text: Path
    draft: Draft
    silent_pages: tuple[int, ...]
    with_vocabulary: bool
    new: bool  # whether the package was made, not found
    filled: int  # cells of a found package that were empty and now are not
    guesses: int  # cells, in the whole package, that a note calls guessed
    gaps: int  # cells that a note calls missing
    absent: tuple[Span, ...]  # numbers of the text that a found ledger does not hold, or figures without a row


def make_draft(
    document: Path, packages: Path, reports: Path, name: str = "", place: str = "", vocabulary: Path | None = None
) -> Drafted:
    """Draft the package of a document in the folder of packages; fill in what is empty in one that is there.

    `reports` is where the text of a DOCX or a PDF is put, `vocabulary` the folder of the vocabulary, by default the one
    beside the package. Raises BuildError, having written nothing, when the document or the package cannot be drafted.
    """
    folder = packages / _package_name(document, name)
    read = read_document(document)
    report, text = _report_of(document, read, reports)
    _require_a_report(document, read.text)
    words = _vocabulary_at(vocabulary or packages / "vocabulary")
    if place and place not in words.places:
        near = suggestion(place, tuple(words.places))
        raise BuildError(
            f"--place {place}",
            "không có trong / is not in vocabulary/places.csv",
            f"Thêm vào đó, hay sửa mã{near['suggestion_vi']} / Add it there, or correct the id{near['suggestion_en']}.",
        )
    precedents = tuple(_precedents(packages, folder.name))
    if folder.exists():
        return _again(folder, text, report, read, words, precedents, place)
    draft = draft_report(report, words, precedents, place)
    if read.kind != "text":
        _put(text, read.text)
    _write_new(folder, draft)
    return Drafted(
        folder,
        text,
        draft,
        read.silent_pages,
        words is not EMPTY,
        new=True,
        filled=0,
        guesses=sum(len(figure.guessed) for figure in draft.figures),
        gaps=sum(len(figure.missing) for figure in draft.figures),
        absent=(),
    )


def _package_name(document: Path, name: str) -> str:
    found = name or slug(document.stem)
    if not SLUG.fullmatch(found) or found in RESERVED:
        raise BuildError(
            f"--name {found}" if name else str(document),
            "không thành tên gói / gives no name for a package",
            "Đặt tên bằng --name: chữ thường không dấu, chữ số, gạch nối / Give one with --name: quang-tri-2024.",
        )
    return found


def _require_a_report(document: Path, text: str) -> None:
    """Refuse what would take for ever: more numbers than any report has, or a number as long as a page."""
    for numbers, run in enumerate(re.finditer(r"\d[\d.,]*", text), 1):
        if len(run[0]) > _MOST_DIGITS or numbers > _MOST_NUMBERS:
            line = text.count("\n", 0, run.start()) + 1
            raise BuildError(
                f"{document}, dòng / line {line}",
                f"quá {_MOST_NUMBERS} con số, hay một số dài quá {_MOST_DIGITS} chữ số / more than {_MOST_NUMBERS} "
                f"numbers, or one of more than {_MOST_DIGITS} digits",
                "Đây có phải một báo cáo? Tách tệp nếu cần / Is this a report? Split the file if need be.",
            )


def _report_of(document: Path, read: Document, reports: Path) -> tuple[Report, Path]:
    """The text that locators refer to, and its file: the document itself, or what its words will be written to."""
    if read.kind == "text":
        return read_report(document), document
    text = reports / f"{document.stem}.txt"
    content = read.text.encode()
    if text.exists() and text.read_bytes() != content:
        raise BuildError(
            str(text),
            "đã có, và không phải chữ của tài liệu này / is there, and is not the text of this document",
            "Đổi tên tài liệu, hoặc dời tệp ấy đi / Rename the document, or move that file away.",
        )
    return Report(text.name, hashlib.sha256(content).hexdigest(), tuple(read.text.split("\n"))), text


def _vocabulary_at(folder: Path) -> Vocabulary:
    if not (folder / DESCRIPTOR).is_file():
        return EMPTY
    package, faults = read_package(folder)
    found = read_vocabulary(package)[0] if package else EMPTY
    if found is EMPTY:
        code = faults[0].code if faults else "table-missing"
        raise BuildError(
            str(folder),
            f"không đọc được / cannot be read [{code}]",
            "Chạy minhbach validate rồi sửa / Run validate first.",
        )
    return found


def _precedents(packages: Path, but: str) -> Iterator[Precedent]:
    """What other packages say of each indicator; of one that cannot be read `validate` speaks."""
    for path in sorted(packages.glob("*/figures.csv")):
        if path.parent.name == but:
            continue
        with (
            contextlib.suppress(OSError, UnicodeDecodeError, csv.Error),
            path.open(encoding="utf-8", newline="") as file,
        ):
            for row in csv.DictReader(file):
                yield Precedent(row.get("indicator") or "", row.get("body") or "")


def _write_new(folder: Path, draft: Draft) -> None:
    """Write a package whole or not at all."""
    figures = [[figure.cells[column] for column in _COLUMNS] for figure in draft.figures]
    ledger = [[str(getattr(span, column)) for column in LEDGER] for span in draft.spans]
    claims = [column["name"] for column in (standard("claims") or {})["schema"]["fields"]]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=folder.parent) as made:
        whole = Path(made) / folder.name
        whole.mkdir()
        (whole / "figures.csv").write_text(_csv([list(_COLUMNS), *figures]), encoding="utf-8")
        (whole / "ledger.csv").write_text(_csv([list(LEDGER), *ledger]), encoding="utf-8")
        (whole / "claims.csv").write_text(_csv([claims]), encoding="utf-8")
        descriptor = json.dumps(_descriptor(folder.name, draft), ensure_ascii=False, indent=2)
        (whole / DESCRIPTOR).write_text(descriptor + "\n", encoding="utf-8")
        whole.rename(folder)


def _descriptor(name: str, draft: Draft) -> dict[str, Any]:
    """The descriptor of a drafted package: what only a reader knows is empty, and `validate` asks for it."""
    facts = draft.facts
    report = draft.report
    guessed = [f"report.{key}" for key, value in facts.items() if value]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": "",
        "title_en": "",
        "description": "",
        "description_en": "",
        "version": "0.1.0",
        "created": f"{datetime.now(UTC):%Y-%m-%d}T00:00:00Z",
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
                "title": "Creative Commons Attribution 4.0",
            }
        ],
        "contributors": [{"title": "minhbach", "roles": ["transcriber", "verifier", "publisher"]}],
        "draft": {"guessed": guessed},
        "report": {
            "issuer": "",
            "issuer_en": "",
            "place": facts["place"],
            **{key: facts[key] for key in ("number", "date") if facts[key]},
            "title": "",
            "title_en": "",
            "short_title": "",
            "short_title_en": "",
            "period_start": facts["period_start"],
            "period_end": facts["period_end"],
            "text": {"file": report.file, "sha256": report.sha256, "lines": report.line_count},
            "headlines": [],
        },
        "resources": [resource("figures"), resource("ledger"), resource("claims")],
    }


def _csv(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def _put(path: Path, text: str) -> None:
    """Write a file whole or not at all; leave it alone when it says the same."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", prefix=".draft-", dir=path.parent, delete=False) as file:
        file.write(text.encode())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


# --- A second draft --------------------------------------------------------------------------------------------------
#
# Of a package that is there, a draft fills in empty cells that a note still names, and nothing else. Its ledger says
# which numbers are figures; one without a figure_id gets an id and a row. Rows that were taken out stay out.


def _again(
    folder: Path,
    text: Path,
    report: Report,
    read: Document,
    vocabulary: Vocabulary,
    precedents: Sequence[Precedent],
    place: str,
) -> Drafted:
    ledger, figures = _tables_of(folder, report)
    rows = [record for _, record in ledger.records()]
    spans = _spans_of(ledger, report)
    known = {record["figure_id"]: record for _, record in figures.records()}
    draft = draft_report(report, vocabulary, precedents, place, spans, known)
    filled = 0
    seen: set[str] = set()
    for figure in draft.figures:
        row = rows[figure.span.row]
        name = row["figure_id"]
        if not name:
            row |= {"figure_id": figure.cells["figure_id"], "reading": row["reading"] or figure.span.reading}
            known[figure.cells["figure_id"]] = dict(figure.cells)
            filled += sum(bool(cell) for cell in figure.cells.values())
        elif name in known and name not in seen:
            filled += _fill(known[name], figure)
        seen.add(row["figure_id"])
    covered = {(int(row["line"]), at) for row in rows if _placed(row) for at in _stretch(row)}
    absent = [
        span
        for span in draft_spans(report)
        if not any((span.line, at) in covered for at in range(span.start, span.start + span.length))
    ]
    absent += [figure.span for figure in draft.figures if rows[figure.span.row]["figure_id"] not in known]
    if read.kind != "text":
        _put(text, read.text)
    _put(folder / ledger.path, _csv([ledger.columns, *([row[c] for c in ledger.columns] for row in rows)]))
    _put(folder / figures.path, _csv([figures.columns, *([row[c] for c in figures.columns] for row in known.values())]))
    marks = [marks_of(row["note"]) for row in known.values()]
    return Drafted(
        folder,
        text,
        draft,
        read.silent_pages,
        vocabulary is not EMPTY,
        new=False,
        filled=filled,
        guesses=sum(len(guessed) for guessed, _, _ in marks),
        gaps=sum(len(missing) for _, missing, _ in marks),
        absent=tuple(sorted(absent, key=lambda span: (span.line, span.start))),
    )


def _tables_of(folder: Path, report: Report) -> tuple[Table, Table]:
    """The ledger and the figures of a package that can be filled in: of this text, and readable row by row."""
    package, faults = read_package(folder)
    ledger, figures = (package.table(name) if package else None for name in ("ledger", "figures"))
    lost = [item for item in faults if not item.code.startswith(_HARMLESS)]
    if package is None or ledger is None or figures is None or lost:
        code = lost[0].code if lost else faults[0].code if faults else "table-missing"
        raise BuildError(
            str(folder),
            f"đã có, và không đọc được / is there, and cannot be read [{code}]",
            "Chạy minhbach validate rồi sửa, hay đặt tên khác bằng --name / Run validate first, or give another name.",
        )
    if required(ledger.columns) != required(LEDGER) or required(figures.columns) != required(_COLUMNS):
        raise BuildError(
            str(folder),
            "cột không theo chuẩn / columns other than the standard's",
            "Chạy minhbach validate / Run validate.",
        )
    stated = package.descriptor.get("report")
    stated = stated.get("text") if isinstance(stated, dict) else None
    if not isinstance(stated, dict) or stated.get("sha256") != report.sha256:
        raise BuildError(
            str(folder),
            "đã có, và được chép từ một văn bản khác / is there, and was transcribed from another text",
            "Đặt tên khác bằng --name; vị trí trong sổ chỉ đúng với văn bản cũ / Give another --name: locators "
            "hold for the text they were taken from.",
        )
    return ledger, figures


def _placed(row: Mapping[str, str]) -> bool:
    return all(re.fullmatch("[1-9][0-9]{0,6}", row[column]) for column in ("line", "start", "length"))


def _stretch(row: Mapping[str, str]) -> range:
    return range(int(row["start"]), int(row["start"]) + min(int(row["length"]), 10_000))


def _spans_of(ledger: Table, report: Report) -> list[Span]:
    """The rows of a ledger that stand where they say, in the order of the text; `row` is the index of the row."""
    spans: list[Span] = []
    for index, (_, row) in enumerate(ledger.records()):
        if not _placed(row):
            continue
        place = {column: int(row[column]) for column in ("line", "start", "length")}
        line = report.lines[place["line"] - 1] if place["line"] <= report.line_count else ""
        written = unicodedata.normalize("NFC", line[place["start"] - 1 : place["start"] - 1 + place["length"]])
        if written == row["as_written"]:
            spans.append(Span(index, **{**row, **place}))  # type: ignore[arg-type]
    spans.sort(key=lambda span: (span.line, span.start))
    apart = spans[:1]
    for span in spans[1:]:
        if (span.line, span.start) >= (apart[-1].line, apart[-1].start + apart[-1].length) or span.line > apart[
            -1
        ].line:
            apart.append(span)
    return [_read(span) for span in apart]


def _read(span: Span) -> Span:
    """A span with the reading the grammar gives it, where a figure has none yet."""
    if span.kind != "figure" or span.reading:
        return span
    try:
        return replace(span, reading=parse(span.as_written).reading)
    except NumeralError:
        return span


def _fill(row: dict[str, str], figure: DraftFigure) -> int:
    """Fill in the empty cells of a row that its note names, and say so there; return how many."""
    guessed, missing, rest = marks_of(row["note"])
    filled = 0
    for mark in (*guessed, *missing):
        columns = _PERIOD if mark == "period" else ("value", "value_high") if mark == "value" else (mark,)
        found = [c for c in columns if c in row and not row[c] and figure.cells.get(c)]
        for column in found:
            row[column] = figure.cells[column]
        filled += len(found)
        if found and mark in missing:
            guessed, missing = (*guessed, mark), tuple(other for other in missing if other != mark)
    if filled:
        row["note"] = note_of(guessed, missing, rest)
    return filled


# --- What is left to do ----------------------------------------------------------------------------------------------


def draft_faults(package: Package) -> Iterator[Fault]:
    """Yield what of a drafted package nobody has settled yet: the rows whose notes say so, and the descriptor's key."""
    if "draft" in package.descriptor:
        draft = package.descriptor["draft"]
        guessed = draft.get("guessed") if isinstance(draft, dict) else None
        shown = ", ".join(map(str, guessed)) if isinstance(guessed, list) else ""
        yield fault(package.name, DESCRIPTOR, "draft-unfinished", column="draft", cell=shown)
    figures = package.table("figures")
    if figures is not None and "note" in figures.columns:
        for line, row in figures.records():
            if UNFINISHED.match(row["note"]):
                yield fault(package.name, figures.path, "draft-unfinished", row=line, column="note", cell=row["note"])


def drafted_json(drafted: Drafted) -> dict[str, Any]:
    """Return what a draft left in the form `draft --json` prints."""
    draft = drafted.draft
    return {
        "package": drafted.folder.name,
        "folder": str(drafted.folder),
        "text": str(drafted.text),
        "new": drafted.new,
        "spans": len(draft.spans),
        "figures": len(draft.figures),
        "by_kind": dict(sorted(Counter(span.kind for span in draft.spans).items())),
        "guesses": drafted.guesses,
        "gaps": drafted.gaps,
        "filled": drafted.filled,
        "not_in_ledger": [
            {"line": span.line, "start": span.start, "length": span.length, "as_written": span.as_written}
            for span in drafted.absent
        ],
        "new_units": [unit_row(unit) for unit in draft.new_units],
        "silent_pages": list(drafted.silent_pages),
        "with_vocabulary": drafted.with_vocabulary,
    }


def unit_row(unit: Unit) -> dict[str, str]:
    """Return a unit as a row that could be added to `vocabulary/units.csv`."""
    return {
        "unit": unit.unit,
        "symbol_vi": unit.symbol_vi,
        "symbol_en": unit.symbol_en,
        "name_vi": unit.name_vi,
        "name_en": unit.name_en,
        "quantity": unit.quantity,
        "scale": f"{unit.scale:f}",
        "base": unit.base,
    }


def drafted_text(drafted: Drafted, language: str) -> list[str]:
    """Return what a draft left, in sentences for a terminal."""
    says: Mapping[str, str] = _words()["says"][language]
    draft = drafted.draft
    lines = []
    counts = {
        "spans": len(draft.spans),
        "figures": len(draft.figures),
        "guesses": drafted.guesses,
        "gaps": drafted.gaps,
    }
    lines.append(says["made"].format(package=drafted.folder, **counts))
    if not drafted.new:
        lines.append(says["same"].format(filled=drafted.filled))
    lines.append(says["text"].format(text=drafted.text))
    if not drafted.with_vocabulary:
        lines.append(says["no_vocabulary"])
    if drafted.silent_pages:
        lines.append(says["silent"].format(pages=", ".join(map(str, drafted.silent_pages))))
    for unit in draft.new_units if drafted.with_vocabulary else ():
        lines.append(says["unit"].format(row=_csv([list(unit_row(unit).values())]).strip()))
    if drafted.absent:
        lines.append(says["missing"])
        lines += [says["place"].format(line=s.line, start=s.start, text=s.as_written) for s in drafted.absent[:50]]
        if len(drafted.absent) > 50:
            lines.append("  …")
    lines.append(says["next"].format(folder=drafted.folder))
    return lines
