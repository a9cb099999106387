"""A report's text: its numbers, what the ledger says of each, and the words around them.

A locator names a stretch of the text by line, start and length: lines are the file split on line feeds and counted
from 1, starts and lengths are code points of the line as it stands, accents apart from their letters included.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from build_tools.errors import BuildError
from build_tools.figures import Figure, Span, TextFile, Unit
from build_tools.numbers import RANK_WORDS, READINGS, NumeralError, Values, parse, values_of

KINDS = (
    "figure",
    "date",
    "year",
    "document_number",
    "list_number",
    "footnote_mark",
    "anniversary",
    "duration",
    "age",
    "name",
    "code",
    "definition",
    "page_number",
    "other",
)

_NEAR = 3  # lines above and below a locator that are searched for a text which is not where it should be


@dataclass(frozen=True)
class Report:
    """The text of a report as it stands, line by line, with the hash of its bytes."""

    file: str
    sha256: str
    lines: tuple[str, ...]

    @property
    def line_count(self) -> int:
        """The number of lines: one more than there are line feeds."""
        return len(self.lines)


@dataclass(frozen=True)
class Locator:
    """Where a stretch of the text stands, and the stretch itself in NFC."""

    line: int
    start: int
    length: int
    text: str


@dataclass(frozen=True)
class Passage:
    """A stretch of the text with the words around it, blanks and line breaks made single spaces, in NFC."""

    line: int
    start: int
    before: str
    text: str
    after: str
    cut_before: bool  # the text goes on before
    cut_after: bool


@dataclass(frozen=True)
class OpenNumber:
    """A number of the text that does not lie in exactly one span; `rows` are the ledger's rows that touch it."""

    line: int
    start: int
    text: str
    problem: str  # in no span, in two spans, partly in a span
    rows: tuple[int, ...]


@dataclass(frozen=True)
class LocatorFault:
    """A span that does not stand where the ledger says: what was expected, what is there, where it stands nearby."""

    row: int
    line: int
    start: int
    length: int
    expected: str
    found: str
    elsewhere: tuple[Locator, ...]
    message: str


@dataclass(frozen=True)
class ValueFault:
    """A value in `figures.csv` that does not follow from what its span prints."""

    span_row: int
    figure_row: int
    figure_id: str
    as_written: str
    reading: str
    stated: Values
    by_rule: Values | None  # None when no value follows at all
    message: str


@dataclass(frozen=True)
class UnitFault:
    """A unit in `figures.csv` that the words after the printed number contradict."""

    span_row: int
    figure_row: int
    unit: str
    as_written: str
    following: str  # the words that say another scale, or the sign of a percentage


@dataclass(frozen=True)
class LedgerFault:
    """Anything else that is wrong between the text, the ledger and the figures: file, row, column, cell and remedy."""

    file: str
    row: int  # 0 for the whole file
    column: str
    code: str
    cell: str
    message: str


@dataclass(frozen=True)
class Coverage:
    """The account of a report's text: how many spans of which kind, and everything that is not in order."""

    package: str
    text_at_hand: bool  # without the text, locators and open numbers cannot be verified
    spans: int
    figures: int
    by_kind: tuple[tuple[str, int], ...]
    digits: int | None  # of the text, each of which lies in exactly one span when nothing is open
    numeral_words: int | None
    open: tuple[OpenNumber, ...]
    locators_failed: tuple[LocatorFault, ...]
    values_failed: tuple[ValueFault, ...]
    faults: tuple[LedgerFault, ...]

    @property
    def in_order(self) -> bool:
        """Whether nothing is wrong, as far as it could be verified."""
        return not (self.open or self.locators_failed or self.values_failed or self.faults)


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_report(path: Path) -> Report:
    """The text of a report; raises `BuildError` for a file that cannot be read or is not UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BuildError(
            str(path), f"the report's text cannot be read ({error.strerror})", "Check the folder given with --reports."
        ) from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BuildError(
            str(path),
            f"not UTF-8: the byte 0x{content[error.start]:02X} on line {line}, byte {error.start + 1} of the file",
            "Save the text as UTF-8, and record its new hash and number of lines in the descriptor.",
        ) from error
    return Report(path.name, hashlib.sha256(content).hexdigest(), tuple(text.split("\n")))


def passage(report: Report, line: int, start: int, length: int, context: int) -> Passage:
    """The words around a stretch of the text, at most `context` characters on each side, none of them cut through.

    Only a word that the stretch itself cuts through, such as one with a number run into it, stays as it is.
    """
    _require_stretch(report, line, start, length)
    here = report.lines[line - 1]
    before, after = here[: start - 1], here[start - 1 + length :]
    above, below = line - 1, line
    while above > 0 and len(_shown(before)) <= context:
        above -= 1
        before = f"{report.lines[above]}\n{before}"
    while below < report.line_count and len(_shown(after)) <= context:
        after = f"{after}\n{report.lines[below]}"
        below += 1
    before, after = _shown(before).lstrip(" "), _shown(after).rstrip(" ")
    kept_before, kept_after = _last_words(before, context), _last_words(after[::-1], context)[::-1]
    return Passage(
        line,
        start,
        kept_before,
        _shown(here[start - 1 : start - 1 + length]),
        kept_after,
        kept_before != before or any(text.strip() for text in report.lines[:above]),
        kept_after != after or any(text.strip() for text in report.lines[below:]),
    )


def _require_stretch(report: Report, line: int, start: int, length: int) -> None:
    if not 1 <= line <= report.line_count:
        raise BuildError(
            f"{report.file}, line {line}", f"the text has {report.line_count} lines", "Correct the locator's line."
        )
    end = start + length - 1
    if start < 1 or length < 1 or end > len(report.lines[line - 1]):
        raise BuildError(
            f"{report.file}, line {line}",
            f"the line has {len(report.lines[line - 1])} characters, the locator runs from {start} to {end}",
            "Correct the locator's start and length.",
        )


def _shown(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))


def _last_words(text: str, most: int) -> str:
    """The end of the text, of at most so many characters, beginning with a whole word."""
    if len(text) <= most:
        return text
    tail = text[len(text) - most :]
    if text[len(text) - most - 1] != " ":
        tail = tail[tail.index(" ") :] if " " in tail else ""
    return tail.lstrip(" ") or tail[-1:]


# --- The numbers of a text -------------------------------------------------------------------------------------------

_BLANKS = " \t\u00a0"
_OTHER_BREAKS = str.maketrans("\r\f\v", "   ")  # Only the line feed ends a line here.
_RANK = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(RANK_WORDS, key=len, reverse=True))
_RANK_WORD = re.compile(rf"(?i:(?<!\w)thứ\s+(?:(?P<word>{_RANK})(?!\w)|[0-9]+(?:\.[0-9]{{3}})*(?![0-9])))")


@dataclass(frozen=True)
class _Composed:
    """A text in NFC, and for each of its characters where it stands in the file: line, start and end."""

    text: str
    lines: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]

    def locator(self, start: int, end: int) -> Locator:
        """The locator of a stretch that lies within one line."""
        first = self.starts[start]
        return Locator(self.lines[start], first, self.ends[end - 1] - first + 1, self.text[start:end])

    def pieces(self, start: int, end: int, blanks: str = _BLANKS) -> Iterator[tuple[int, int]]:
        """The stretch, line by line, without the blanks at the ends of a piece."""
        for piece in re.finditer(r"[^\n]+", self.text[start:end]):
            kept = piece[0].strip(blanks)
            if kept:
                offset = start + piece.start() + piece[0].index(kept)
                yield offset, offset + len(kept)


def _composed(lines: Sequence[str], first: int = 1) -> _Composed:
    """The lines in NFC, joined by line feeds; the first of them is line `first`."""
    parts: list[str] = []
    numbers: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    for number, line in enumerate(lines, first):
        here = range(1, len(line) + 1)
        if unicodedata.is_normalized("NFC", line):
            parts.append(line.translate(_OTHER_BREAKS))
            starts += here
            ends += here
        else:
            # A letter and the accents after it compose together; what they become stands where they stood.
            cuts = [i for i, c in enumerate(line) if i == 0 or not unicodedata.combining(c)]
            for begin, end in zip(cuts, [*cuts[1:], len(line)], strict=True):
                letter = unicodedata.normalize("NFC", line[begin:end])
                parts.append(letter.translate(_OTHER_BREAKS))
                starts += [begin + 1] * len(letter)
                ends += [end] * len(letter)
        parts.append("\n")
        starts.append(len(line) + 1)
        ends.append(len(line) + 1)
        numbers += [number] * (len(starts) - len(numbers))
    return _Composed("".join(parts), numbers, starts, ends)


def digits(report: Report) -> tuple[Locator, ...]:
    """Every digit of the text, of any script, superscripts included."""
    return tuple(
        Locator(number, start, 1, character)
        for number, line in enumerate(report.lines, 1)
        for start, character in enumerate(line, 1)
        if character.isdigit()
    )


def numeral_words(report: Report) -> tuple[Locator, ...]:
    """Every rank the grammar knows, `thứ nhất` or `thứ 5`; of one broken by a line end, the words on the later line."""
    composed = _composed(report.lines)
    return tuple(composed.locator(start, end) for start, end in _rank_words(composed))


def _rank_words(composed: _Composed) -> Iterator[tuple[int, int]]:
    for match in _RANK_WORD.finditer(composed.text):
        pieces = list(composed.pieces(*match.span()))
        if len(pieces) == 1:
            yield pieces[0]
        elif match["word"]:
            # "Thứ" alone at the end of a line holds no number; digits on the next line are found as digits.
            yield from pieces[1:]


# --- The account -----------------------------------------------------------------------------------------------------


def verify(
    report: Report | None,
    spans: Sequence[Span],
    figures: Sequence[Figure],
    *,
    package: str = "",
    text: TextFile | None = None,
) -> Coverage:
    """The account of a report: the ledger against the text, and the figures against the ledger.

    Without the report's text, values, references, order and overlap are verified, locators and open numbers are not.
    `text` is what the descriptor says of the text.
    """
    faults = [*_span_faults(spans), *_order_faults(spans), *_figure_faults(spans, figures)]
    digit_count = word_count = None
    open_numbers: tuple[OpenNumber, ...] = ()
    locators: tuple[LocatorFault, ...] = ()
    if report is not None:
        faults += _text_faults(report, text)
        locators = tuple(_locator_faults(report, spans))
        digit_count, word_count = len(digits(report)), len(numeral_words(report))
        open_numbers = tuple(_open_numbers(report, spans))
    return Coverage(
        package=package or next((figure.package for figure in figures), ""),
        text_at_hand=report is not None,
        spans=len(spans),
        figures=len(figures),
        by_kind=tuple(sorted(Counter(span.kind for span in spans).items())),
        digits=digit_count,
        numeral_words=word_count,
        open=open_numbers,
        locators_failed=locators,
        values_failed=tuple(_value_faults(spans, figures)),
        faults=tuple(sorted(faults, key=lambda fault: (fault.file, fault.row, fault.column, fault.code))),
    )


def _span_faults(spans: Iterable[Span]) -> Iterator[LedgerFault]:
    """What a row of the ledger says that cannot be, whatever the text."""
    for span in spans:

        def fault(column: str, code: str, message: str, row: int = span.row, span: Span = span) -> LedgerFault:
            return LedgerFault("ledger.csv", row, column, code, str(getattr(span, column)), message)

        for column in ("line", "start", "length"):
            if getattr(span, column) < 1:
                yield fault(column, "locator-below-one", "lines, starts and lengths are counted from 1")
        if not unicodedata.is_normalized("NFC", span.as_written):
            yield fault("as_written", "not-nfc", "as_written is kept in NFC: compose the letters and their accents")
        if span.kind not in KINDS:
            yield fault("kind", "cell-enum", f"expected one of {', '.join(KINDS)}")
        if span.reading and span.reading not in READINGS:
            yield fault("reading", "cell-enum", f"expected one of {', '.join(READINGS)}")
        if span.kind == "figure":
            if not span.figure_id:
                yield fault("figure_id", "span-figure", "a span of kind figure names its figure: fill in figure_id")
            if not span.reading:
                yield fault("reading", "span-figure", "a span of kind figure says how it is read: fill in reading")
            if span.reading in ("misprint", "unrecoverable") and not span.note:
                yield fault("note", "span-note", f"the reading {span.reading} is explained in a note")
        else:
            for column in ("figure_id", "reading", "as_meant"):
                if getattr(span, column):
                    yield fault(column, "span-figure", f"a span of kind {span.kind} is no figure: leave {column} empty")


def _order_faults(spans: Sequence[Span]) -> Iterator[LedgerFault]:
    for before, span in pairwise(spans):
        if (span.line, span.start) < (before.line, before.start):
            message = f"stands before the span of row {before.row} in the text: keep the ledger in the text's order"
            yield LedgerFault("ledger.csv", span.row, "start", "span-order", str(span.start), message)
    placed = sorted(spans, key=lambda span: (span.line, span.start))
    reach = placed[0] if placed else None
    for span in placed[1:]:
        if reach and span.line == reach.line and span.start < reach.start + reach.length:
            message = f"overlaps the span of row {reach.row}: a number lies in one span"
            yield LedgerFault("ledger.csv", span.row, "start", "span-overlap", str(span.start), message)
        if reach is None or (span.line, span.start + span.length) > (reach.line, reach.start + reach.length):
            reach = span


def _figure_faults(spans: Sequence[Span], figures: Sequence[Figure]) -> Iterator[LedgerFault]:
    """Figures and spans that do not know each other."""
    known = {figure.figure_id for figure in figures}
    printed = {span.figure_id for span in spans}
    for span in spans:
        if span.figure_id and span.figure_id not in known:
            message = "figures.csv has no such figure: add it there, or correct figure_id"
            yield LedgerFault("ledger.csv", span.row, "figure_id", "key-unknown", span.figure_id, message)
    for figure in figures:
        if figure.figure_id not in printed:
            message = "no span of ledger.csv prints this figure: add its span, or remove the figure"
            yield LedgerFault("figures.csv", figure.row, "figure_id", "figure-without-span", figure.figure_id, message)


def _text_faults(report: Report, text: TextFile | None) -> Iterator[LedgerFault]:
    """What the descriptor says of the text and is not so."""
    if text is None:
        return
    remedy = "use the text that was transcribed, or compare it again and record the new hash and number of lines"
    for column, said, found in (("sha256", text.sha256, report.sha256), ("lines", text.lines, report.line_count)):
        if said != found:
            message = f"{report.file} has {found}: {remedy}"
            yield LedgerFault("datapackage.json", 0, f"report.text.{column}", "text-changed", str(said), message)


def _value_faults(spans: Iterable[Span], figures: Iterable[Figure]) -> Iterator[ValueFault]:
    """Figures whose value does not follow from what a span prints, printed decimals included."""
    by_id = {figure.figure_id: figure for figure in figures}
    for span in spans:
        figure = by_id.get(span.figure_id)
        if figure is None or span.reading not in READINGS:
            continue  # Reported with the rows that do not know each other.
        stated = Values(figure.value, figure.value_high)
        by_rule: Values | None
        try:
            by_rule = values_of(span.as_written, span.reading, span.as_meant)
        except NumeralError as error:
            by_rule = None
            message = f"no value follows from the reading {span.reading}: {error}. Correct reading or as_meant"
        else:
            # Decimal("100.2") equals Decimal("100.20"), but the two are not the same print.
            if str(stated) == str(by_rule):
                continue
            message = (
                f"“{span.as_meant or span.as_written}” reads as {_values_text(by_rule)}, the figure has "
                f"{_values_text(stated)}. Correct value and value_high in figures.csv, or the ledger's row {span.row}"
            )
        yield ValueFault(
            span.row, figure.row, figure.figure_id, span.as_written, span.reading, stated, by_rule, message
        )


def _values_text(values: Values) -> str:
    if values.value is None:
        return "no value"
    return str(values.value) if values.high is None else f"{values.value} to {values.high}"


_SCALES = {"trăm": 100, "nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_FOLLOWING = re.compile(rf"[\s(]*((?:(?:{'|'.join(_SCALES)})\b\s*)*)(%|\w)?")


def unit_faults(report: Report, figures: Iterable[Figure], units: Mapping[str, Unit]) -> Iterator[UnitFault]:
    """Yield the figures whose unit the text contradicts: `tỷ` is printed after the number and the unit is in millions.

    What follows a number must be a word or the sign of a percentage to say anything. A figure with `unit_written` says
    itself that print and meaning differ.
    """
    for figure in figures:
        unit = units.get(figure.unit)
        if unit is None or figure.unit_written:
            continue
        for span in figure.spans:
            after = _after(report, span)
            match = _FOLLOWING.match(after)
            if match is None or not (match[1] or match[2]):
                continue
            scale = 1
            for word in match[1].split():
                scale *= _SCALES[word]
            is_percentage = match[2] == "%" and not match[1]
            if scale != unit.scale or (is_percentage and unit.base != "phan-tram"):
                following = match[0].strip(" (") if match[1] else after.split(maxsplit=1)[0]
                yield UnitFault(span.row, figure.row, figure.unit, span.as_written, following)


def _after(report: Report, span: Span) -> str:
    """Return the rest of the line after a span; nothing when the span is not where it should be."""
    if min(span.line, span.start, span.length) < 1 or span.line > report.line_count:
        return ""
    line, end = report.lines[span.line - 1], span.start - 1 + span.length
    if unicodedata.normalize("NFC", line[span.start - 1 : end]) != span.as_written:
        return ""
    return unicodedata.normalize("NFC", line[end:])


def _locator_faults(report: Report, spans: Iterable[Span]) -> Iterator[LocatorFault]:
    for span in spans:
        if min(span.line, span.start, span.length) < 1:
            continue  # Reported with the rows that cannot be.
        end = span.start - 1 + span.length
        found = ""
        if span.line > report.line_count:
            problem = f"the text has {report.line_count} lines, there is no line {span.line}"
        elif end > len(report.lines[span.line - 1]):
            found = unicodedata.normalize("NFC", report.lines[span.line - 1][span.start - 1 :])
            problem = f"line {span.line} has {len(report.lines[span.line - 1])} characters, the span ends at {end}"
        else:
            found = unicodedata.normalize("NFC", report.lines[span.line - 1][span.start - 1 : end])
            if found == span.as_written:
                continue
            problem = f"line {span.line}, start {span.start} reads “{found}”, not “{span.as_written}”"
        elsewhere = _elsewhere(report, span)
        places = ", ".join(f"line {place.line}, start {place.start}" for place in elsewhere)
        remedy = f"It stands at {places}" if places else "Correct line, start, length or as_written"
        yield LocatorFault(
            span.row, span.line, span.start, span.length, span.as_written, found, elsewhere, f"{problem}. {remedy}"
        )


def _elsewhere(report: Report, span: Span) -> tuple[Locator, ...]:
    """Where else the text of a span stands, on its line or on the lines near it, the nearest first."""
    first = max(1, span.line - _NEAR)
    composed = _composed(report.lines[first - 1 : span.line + _NEAR], first)
    written = re.escape(unicodedata.normalize("NFC", span.as_written))
    whole = rf"(?<![0-9]){written}(?![0-9])" if written else r"(?!)"
    places = [composed.locator(*match.span()) for match in re.finditer(whole, composed.text)]
    places.sort(key=lambda place: (abs(place.line - span.line), abs(place.start - span.start)))
    return tuple(places)


_OPEN_JOIN = re.compile(r"[.,]?")


def _open_numbers(report: Report, spans: Iterable[Span]) -> list[OpenNumber]:
    """The numbers and numeral words that do not lie in exactly one span, in the order of the text."""
    rows: dict[tuple[int, int], list[int]] = {}
    for span in spans:
        if 1 <= span.line <= report.line_count:
            for position in range(span.start, min(span.start + span.length, len(report.lines[span.line - 1]) + 1)):
                rows.setdefault((span.line, position), []).append(span.row)
    runs: list[list[Locator]] = []
    in_words: set[tuple[int, int]] = set()
    for word in numeral_words(report):
        runs.append([Locator(word.line, word.start + i, 1, "") for i in range(word.length)])
        in_words.update((place.line, place.start) for place in runs[-1])
    run: list[Locator] = []
    for digit in digits(report):
        if (digit.line, digit.start) in in_words:
            continue
        if not run or not _goes_on(report, run[-1], digit, rows):
            run = []
            runs.append(run)
        run.append(digit)
    found = []
    for run in sorted(runs, key=lambda run: (run[0].line, run[0].start)):
        touching = [tuple(rows.get((place.line, place.start), ())) for place in run]
        if problem := _problem(touching):
            first, last = run[0], run[-1]
            text = unicodedata.normalize("NFC", report.lines[first.line - 1][first.start - 1 : last.start])
            found.append(OpenNumber(first.line, first.start, text, problem, _all_rows(touching)))
    return found


def _goes_on(report: Report, last: Locator, digit: Locator, rows: Mapping[tuple[int, int], list[int]]) -> bool:
    """Whether a digit belongs to the number of the last one: the same line, rows and, between them, a separator."""
    if digit.line != last.line or rows.get((digit.line, digit.start)) != rows.get((last.line, last.start)):
        return False
    return bool(_OPEN_JOIN.fullmatch(report.lines[last.line - 1][last.start : digit.start - 1]))


def _problem(touching: Sequence[tuple[int, ...]]) -> str:
    rows = _all_rows(touching)
    if not rows:
        return "in no span"
    if len(rows) > 1:
        return "in two spans"
    return "" if all(touching) else "partly in a span"


def _all_rows(touching: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sorted({row for position in touching for row in position}))


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """The account in the form `coverage --json` prints; decimals are text, so that no digit is lost."""
    return {
        "package": coverage.package,
        "spans": coverage.spans,
        "figures": coverage.figures,
        "by_kind": dict(coverage.by_kind),
        "open": [
            {
                "line": number.line,
                "start": number.start,
                "text": number.text,
                "problem": number.problem,
                "rows": list(number.rows),
            }
            for number in coverage.open
        ],
        "locators_failed": [
            {
                "row": fault.row,
                "line": fault.line,
                "start": fault.start,
                "length": fault.length,
                "expected": fault.expected,
                "found": fault.found,
                "elsewhere": [{"line": place.line, "start": place.start} for place in fault.elsewhere],
                "message": fault.message,
            }
            for fault in coverage.locators_failed
        ],
        "values_failed": [
            {
                "span_row": fault.span_row,
                "figure_row": fault.figure_row,
                "figure_id": fault.figure_id,
                "as_written": fault.as_written,
                "reading": fault.reading,
                "stated": _values_json(fault.stated),
                "by_rule": _values_json(fault.by_rule),
                "message": fault.message,
            }
            for fault in coverage.values_failed
        ],
        "faults": [
            {
                "file": fault.file,
                "row": fault.row or None,
                "column": fault.column,
                "code": fault.code,
                "cell": fault.cell,
                "message": fault.message,
            }
            for fault in coverage.faults
        ],
        "text_at_hand": coverage.text_at_hand,
        "digits": coverage.digits,
        "numeral_words": coverage.numeral_words,
        "in_order": coverage.in_order,
    }


def _values_json(values: Values | None) -> dict[str, str | None] | None:
    if values is None:
        return None
    return {
        "value": None if values.value is None else str(values.value),
        "value_high": None if values.high is None else str(values.high),
    }


# --- Proposing spans -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A pattern that tells the kind of a number: the groups whose names begin with `span` are spans of that kind.

    In the example ⟦ ⟧ stand around what the rule takes; of the counter-example it takes nothing.
    """

    name: str
    pattern: str
    kind: str
    example: str
    counter_example: str


_LATIN = [chr(code) for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00))]
_CLASSES = {
    "upper": f"[{''.join(c for c in _LATIN if c.isupper())}]",
    "lower": f"[{''.join(c for c in _LATIN if c.islower())}]",
    "rank": f"(?i:{_RANK})",
}
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_RANGE_TOKEN = re.compile(r"([0-9]+(?:[.,][0-9]+)*)([ \t\u00a0]*[-‐‑‒–—][ \t\u00a0]*)([0-9]+(?:[.,][0-9]+)*)")
_SPLIT = re.compile(
    r"(?<![0-9.,])(?P<first>[0-9]{1,3}(?:\.[0-9]{3})*)(?:[ \u00a0]|[ \u00a0]?\.\s*)(?<=\s)(?P<rest>[0-9]{3})(?![0-9])"
)
_MAYBE_SPLIT = "Có thể chỉ là một phần của con số bị tách ở dấu cách hoặc cuối dòng."


@cache
def span_rules() -> tuple[Rule, ...]:
    """The rules of `span_rules.toml`, in the order in which they are tried."""
    table = tomllib.loads((Path(__file__).parent / "span_rules.toml").read_text(encoding="utf-8"))
    words = dict(_CLASSES)
    for name, fragment in table["words"].items():
        words[name] = _filled(fragment, words)
    return tuple(Rule(**{**rule, "pattern": _filled(rule["pattern"], words)}) for rule in table["rule"])


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    """The pattern with each <<word>> replaced by its fragment."""
    return re.sub(r"<<(\w+)>>", lambda match: f"(?:{words[match[1]]})", pattern)


@cache
def _compiled() -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    return tuple((rule, re.compile(rule.pattern, re.MULTILINE)) for rule in span_rules())


def propose_spans(report: Report) -> tuple[Span, ...]:
    """A span for every number of the text, its kind told by the first rule that takes it, else `figure`.

    Nothing is decided here that a reader of the text must decide: a number is `figure` unless a rule is certain, and
    its figure_id is empty. A figure's reading is proposed, and empty where the grammar reads nothing.
    """
    return tuple(span for span, _ in _proposals(report))


def rules_used(report: Report) -> tuple[str, ...]:
    """For each proposed span the name of the rule that told its kind, empty where none did."""
    return tuple(rule for _, rule in _proposals(report))


@dataclass(frozen=True, order=True)
class _Taken:
    """A stretch of the composed text that is one span, with its kind and the rule that told it."""

    start: int
    end: int
    kind: str = "figure"
    rule: str = ""


def _proposals(report: Report) -> list[tuple[Span, str]]:
    composed = _composed(report.lines)
    text = composed.text
    ranks = list(_rank_words(composed))
    found = _taken_by_rules(composed, ranks)
    found += [_Taken(*rank) for rank in ranks if not any(taken.start <= rank[0] < taken.end for taken in found)]
    found += _left_over(text, found)
    split = {match.start(part) for match in _SPLIT.finditer(text) for part in ("first", "rest")}
    proposals = []
    for row, taken in enumerate(sorted(found), 2):  # The header is line 1 of ledger.csv.
        place = composed.locator(taken.start, taken.end)
        span = Span(row, place.line, place.start, place.length, place.text, taken.kind, how="rule")
        if taken.kind == "figure":
            note = _MAYBE_SPLIT if taken.start in split else ""
            span = replace(span, reading=_reading(text, taken.start, taken.end), note=note)
        proposals.append((span, taken.rule))
    return proposals


def _taken_by_rules(composed: _Composed, ranks: Iterable[tuple[int, int]]) -> list[_Taken]:
    """What the rules take: each stretch by the first rule that matches it, a rank only as a whole."""
    text = composed.text
    rank_at = {position: rank for rank in ranks for position in range(*rank)}
    used = bytearray(len(text))
    found: list[_Taken] = []
    for rule, pattern in _compiled():
        # The code of a document that goes on in the next line keeps its dash, a range of years does not.
        blanks = _BLANKS if rule.kind == "document_number" else f"{_BLANKS}-–—/"
        at = 0
        while match := pattern.search(text, at):
            at = match.start() + 1
            groups = [match.span(name) for name in match.groupdict() if name.startswith("span") and match[name]]
            pieces = [piece for group in groups for piece in composed.pieces(*group, blanks)]
            pieces = [piece for piece in pieces if _holds_number(text, piece, rank_at)]
            if any(any(used[slice(*piece)]) or _cuts_rank(piece, rank_at) for piece in pieces):
                continue
            for start, end in pieces:
                used[start:end] = b"\x01" * (end - start)
                stretches = _numbers_of(text, start, end) if rule.kind == "figure" else [(start, end)]
                found += [_Taken(*stretch, rule.kind, rule.name) for stretch in stretches]
    return found


def _left_over(text: str, found: Iterable[_Taken]) -> Iterator[_Taken]:
    """The numbers that nothing has taken: ranges, numbers, and whatever other digits there are."""
    free = list(text)
    for taken in found:
        free[taken.start : taken.end] = "\x00" * (taken.end - taken.start)
    for pattern in (_RANGE_TOKEN, _TOKEN):
        for match in pattern.finditer("".join(free)):
            if pattern is _TOKEN or _rises(match[0]):
                free[match.start() : match.end()] = "\x00" * len(match[0])
                yield from (_Taken(*stretch) for stretch in _numbers_of(text, *match.span()))
    # Digits of other scripts, superscripts and the like: a run of them is a number that no grammar reads.
    digits_left = "".join("1" if character.isdigit() else " " for character in free)
    yield from (_Taken(*match.span()) for match in re.finditer("1+", digits_left))


def _holds_number(text: str, piece: tuple[int, int], rank_at: Mapping[int, tuple[int, int]]) -> bool:
    return any(text[position].isdigit() or position in rank_at for position in range(*piece))


def _cuts_rank(piece: tuple[int, int], rank_at: Mapping[int, tuple[int, int]]) -> bool:
    """Whether the piece takes a part of a rank and leaves the rest."""
    ranks = {rank_at[position] for position in range(*piece) if position in rank_at}
    return any(rank[0] < piece[0] or rank[1] > piece[1] for rank in ranks)


def _rises(text: str) -> bool:
    try:
        return parse(text).high is not None
    except NumeralError:
        return False


def _numbers_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretch as one span, or as several: what looks like a range but does not rise, commas that can only list."""
    if (match := _RANGE_TOKEN.fullmatch(text, start, end)) and not _rises(match[0]):
        return [match.span(1), match.span(3)]
    if text.count(",", start, end) < 2 or _reads(text[start:end]):
        return [(start, end)]
    return [part.span() for part in re.compile("[^,]+").finditer(text, start, end)]


def _reads(text: str) -> str:
    """How the grammar reads a text: plain, irregular, or empty."""
    try:
        return parse(text).reading
    except NumeralError:
        return ""


def _reading(text: str, start: int, end: int) -> str:
    """The reading proposed for a figure: glued when a letter stands right beside it."""
    reading = _reads(text[start:end])
    around = text[start - 1 : start] + text[end : end + 1]
    return "glued" if reading and any(character.isalpha() for character in around) else reading
