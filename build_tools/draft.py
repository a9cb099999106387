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
                sentence += token.capital or token.span >= 0 or token.key in "-+*“\"("
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
    _count_pages(report, spans)
    _name_terms(report, spans)
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
    """A number glued to a word is a footnote's mark when its neighbours in the count are, as is the note's own number."""
    known = {int(s.as_written) for s in spans if s.kind == "footnote_mark" and s.as_written.isascii()}
    marks: dict[int, list[int]] = {}
    notes: dict[int, list[int]] = {}
    for index, span in enumerate(spans):
        if span.kind != "figure" or not re.fullmatch("[1-9][0-9]?", span.as_written):
            continue
        before, after = _around(report, span)
        if re.search(r"(?:[^\W\d_]|[)”\"’])$", before) and not re.match(r"\s*[%‰]|[0-9.,/]*[0-9]", after):
            marks.setdefault(int(span.as_written), []).append(index)
        elif not before.strip() and re.match(r"\s?[^\W\d_]", after):
            notes.setdefault(int(span.as_written), []).append(index)
    for number in sorted(marks):
        near = {number - 1, number + 1} & known
        with_note = number in notes and spans[notes[number][-1]].line > spans[marks[number][0]].line
        if number in known:
            for index in marks[number]:
                _become(spans, index, "footnote_mark")
        elif (near and with_note) or len(near) == 2:
            _become(spans, marks[number][0], "footnote_mark")
            known.add(number)
            if with_note:
                _become(spans, notes[number][-1], "footnote_mark")


def _count_pages(report: Report, spans: list[Span]) -> None:
    """Numbers alone on their lines, far apart and counting on by one, are the numbers of pages."""
    alone = [
        index
        for index, span in enumerate(spans)
        if re.fullmatch("[1-9][0-9]{0,3}", span.as_written) and not "".join(_around(report, span)).strip(" \t\f-–")
    ]
    run: list[int] = []
    for index in [*alone, -1]:
        last = run[-1] if run else -1
        goes_on = (
            index >= 0
            and last >= 0
            and int(spans[index].as_written) == int(spans[last].as_written) + 1
            and spans[index].line - spans[last].line > 8
        )
        if goes_on:
            run.append(index)
            continue
        if len(run) > 2:
            for page in run:
                _become(spans, page, "page_number")
        run = [index]


_TERM = re.compile(r"[\s\u00a0]+năm(?!\w)(?!\s+(?:[0-9]|học))")


def _name_terms(report: Report, spans: list[Span]) -> None:
    """A number of years is how long something lasts."""
    for index, span in enumerate(spans):
        if span.kind == "figure" and re.fullmatch("[0-9]{1,2}", span.as_written):
            after = _around(report, span)[1] + "\n" + "\n".join(report.lines[span.line : span.line + 2])
            if _TERM.match(unicodedata.normalize("NFC", after).casefold()):
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
    "dong-thang": Unit("dong-thang", "đồng/tháng", "VND/month", "đồng một tháng", "dong a month", "rate", Decimal(1), "dong-thang"),
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
        if unit not in self.new:
            plain = _PLAIN_UNITS.get(unit)
            if plain is None:
                name = self._names.get(unit, unit)
                base = "nguoi" if unit in self._person_units() else "luot-nguoi" if unit == "luot-nguoi" else unit
                plain = Unit(unit, name, unit.replace("-", " "), name, unit.replace("-", " "), "count", Decimal(1), base)
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
        if keys[index] == _key("điểm") and (keys[index + 1 : index + 2] == ["%"] or tuple(keys[index + 1 : index + 3]) == _keys("phần trăm")):
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
            return _Found(self.scaled(scale, unit), at + noun - index, name in self.known and len(self._candidates.get(name, [""])) == 1)
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
        near = set(text.keys[around[0] : around[1]])
        return max(candidates, key=lambda unit: len(near & set(_keys(self.known[unit].name_vi))) if len(candidates) > 1 else 0)

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
