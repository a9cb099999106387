"""A report's text: what is read of it, what the ledger must account for, and what is proposed for a new one."""

import csv
import hashlib
import json
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build_tools.errors import BuildError
from build_tools.figures import Figure, Span, TextFile
from build_tools.numbers import NumeralError, values_of
from build_tools.reports import (
    KINDS,
    Coverage,
    Report,
    Rule,
    coverage_json,
    digits,
    numeral_words,
    passage,
    propose_spans,
    read_report,
    rules_used,
    span_rules,
    verify,
)

DECOMPOSED = unicodedata.normalize("NFD", "Lớp nghề mới1, xếp thứ hai, có 42\u00a0lớp đã mở và 2108 chỗ học.")
TEXT = f"""Số: 15  /BC-ABC
BÁO CÁO

I. KẾT QUẢ NĂM 2023\u0020

1. Việc làm. Cả vùng có 1.234 người được nhận việc (bằng 100,20% số đã định),\u0020

trong đó từ 15- 20 nhóm được giúp vốn; số tiền 17.500.000đ, xếp thứ nhất trong vùng và thứ 5/21 cả\u0020

nước, theo Quyết định số 28/2016/QĐ-

TTg ngày 09/11/2023.
{DECOMPOSED}
1Theo cách tính mới.
"""


def report_of(text: str) -> Report:
    """A report of this text."""
    return Report("made.txt", hashlib.sha256(text.encode()).hexdigest(), tuple(text.split("\n")))


def figure(row: int, figure_id: str, **changed: Any) -> Figure:
    """A figure of which only the row, the id and these things matter."""
    facts: dict[str, Any] = dict.fromkeys(Figure.__dataclass_fields__, "")
    facts |= {"package": "made", "row": row, "figure_id": figure_id}
    facts |= {"value": None, "value_high": None, "precision": None, "spans": ()}
    return Figure(**(facts | changed))


def account_of(report: Report) -> tuple[list[Span], list[Figure]]:
    """A ledger of the text in which everything is in order, and its figures."""
    spans: list[Span] = []
    figures: list[Figure] = []
    for span in propose_spans(report):
        if span.kind == "figure":
            values = values_of(span.as_written, span.reading)
            figures.append(figure(len(figures) + 2, f"f{span.row}", value=values.value, value_high=values.high))
            spans.append(replace(span, figure_id=f"f{span.row}"))
        else:
            spans.append(span)
    return spans, figures


REPORT = report_of(TEXT)
SPANS, FIGURES = account_of(REPORT)


def span_of(as_written: str) -> Span:
    """The span of the made ledger that prints this."""
    return next(span for span in SPANS if span.as_written == as_written)


def with_span(changed: Span) -> list[Span]:
    """The made ledger with the span of that row exchanged."""
    return [changed if span.row == changed.row else span for span in SPANS]


def codes(coverage: Coverage) -> list[tuple[str, int, str, str]]:
    """File, row, column and code of the faults of an account."""
    return [(fault.file, fault.row, fault.column, fault.code) for fault in coverage.faults]


# --- Reading ---


def test_a_report_is_read_as_it_stands(tmp_path: Path) -> None:
    """A report has the hash of its bytes, and its lines are the text split on line feeds and on nothing else."""
    content = "\ufeffmột\r\nhai\u2028ba\f\n\n".encode()
    (tmp_path / "a.txt").write_bytes(content)
    report = read_report(tmp_path / "a.txt")
    assert report == Report("a.txt", hashlib.sha256(content).hexdigest(), ("\ufeffmột\r", "hai\u2028ba\f", "", ""))
    assert report.line_count == 4


def test_a_report_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are named with their line, and so is the remedy."""
    (tmp_path / "a.txt").write_bytes("một\nhai\n".encode() + b"ba \xe1\xff")
    with pytest.raises(
        BuildError, match=r"a\.txt: not UTF-8: the byte 0xE1 on line 3, byte 14 .* Save the text as UTF-8"
    ):
        read_report(tmp_path / "a.txt")


def test_a_report_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A file that cannot be read is named, with the option that chose it."""
    with pytest.raises(BuildError, match=r"none\.txt: .*cannot be read .*--reports"):
        read_report(tmp_path / "none.txt")


# --- Passages ---

WRAPPED = report_of("Đầu câu có\u0020\n\n12 người và\u00a034 hộ\n\n\n  ở đây7. Hết.\n")


@pytest.mark.parametrize(
    ("line", "start", "length", "context", "expected"),
    [
        (3, 1, 2, 100, ("Đầu câu có ", "12", " người và 34 hộ ở đây7. Hết.", False, False)),
        (3, 1, 2, 7, ("câu có ", "12", " người", True, True)),
        (3, 1, 2, 8, ("câu có ", "12", " người", True, True)),
        (3, 1, 2, 9, ("câu có ", "12", " người và", True, True)),
        (3, 1, 2, 3, ("có ", "12", " ", True, True)),
        (3, 1, 2, 2, (" ", "12", " ", True, True)),
        (3, 1, 2, 0, ("", "12", "", True, True)),
        (3, 13, 2, 9, ("người và ", "34", " hộ ở", True, True)),
        (6, 8, 1, 5, ("ở đây", "7", ".", True, True)),
        (6, 8, 1, 4, ("đây", "7", ".", True, True)),
        (6, 8, 1, 2, ("", "7", ".", True, True)),
        (6, 8, 1, 6, ("ở đây", "7", ". Hết.", True, False)),
        (1, 1, 3, 4, ("", "Đầu", " câu", False, True)),
    ],
)
def test_a_passage_shows_whole_words(
    line: int, start: int, length: int, context: int, expected: tuple[str, str, str, bool, bool]
) -> None:
    """The words around a span go over line ends and blank lines, none is cut through, and what is left out is told."""
    found = passage(WRAPPED, line, start, length, context)
    assert (found.before, found.text, found.after, found.cut_before, found.cut_after) == expected
    assert (found.line, found.start) == (line, start)


def test_a_passage_is_composed() -> None:
    """Accents apart from their letters are joined to them in what is shown, whatever stands in the file."""
    line = next(number for number, text in enumerate(REPORT.lines, 1) if text == DECOMPOSED)
    span = span_of("42")
    assert span.line == line
    found = passage(REPORT, line, span.start, span.length, 30)
    assert found.before.endswith("mới1, xếp thứ hai, có ")
    assert found.after.startswith(" lớp đã mở")
    assert unicodedata.is_normalized("NFC", found.before + found.text + found.after)


@pytest.mark.parametrize(
    ("line", "start", "length", "words"),
    [
        (0, 1, 1, "the text has 7 lines"),
        (8, 1, 1, "the text has 7 lines"),
        (3, 0, 1, "runs from 0 to 0"),
        (3, 17, 2, "the line has 17 characters"),
        (3, 1, 0, "runs from 1 to 0"),
    ],
)
def test_a_passage_beyond_the_text_is_refused(line: int, start: int, length: int, words: str) -> None:
    """A locator that is not in the text is refused with what the text has."""
    with pytest.raises(BuildError, match=words):
        passage(WRAPPED, line, start, length, 10)


@given(st.text("ab1 \n\u00a0", max_size=60), st.integers(0, 20), st.data())
def test_a_passage_is_a_part_of_the_text(text: str, context: int, data: st.DataObject) -> None:
    """What a passage shows stands so in the text with its blanks folded, and begins and ends where words do."""
    report = report_of(text)
    places = [(line, start) for line, words in enumerate(report.lines, 1) for start in range(1, len(words) + 1)]
    if not places:
        return
    line, start = data.draw(st.sampled_from(places))
    found = passage(report, line, start, 1, context)
    whole = re.sub(r"\s+", " ", text)
    shown = re.sub(" +", " ", found.before + found.text + found.after)
    assert shown in whole
    assert max(len(found.before), len(found.after)) <= context
    if not found.cut_before and not found.cut_after:
        assert shown.strip() == whole.strip()
    at = [match.start() for match in re.finditer(re.escape(shown.strip()), whole)]
    if found.before.strip():
        assert any(begin == 0 or whole[begin - 1] == " " for begin in at)
    if found.after.strip():
        ends = [begin + len(shown.strip()) for begin in at]
        assert any(end == len(whole) or whole[end] == " " for end in ends)


# --- The numbers of a text ---


def test_every_digit_is_found() -> None:
    """Digits of any script are found, and superscripts, each where it stands."""
    report = report_of("a1\n٣ m²\n\n⑤2")
    assert [(place.line, place.start, place.text) for place in digits(report)] == [
        (1, 2, "1"),
        (2, 1, "٣"),
        (2, 4, "²"),
        (4, 1, "⑤"),
        (4, 2, "2"),
    ]
    assert {place.length for place in digits(report)} == {1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xếp thứ nhất vùng", [(1, 5, 8, "thứ nhất")]),
        ("PHẦN THỨ HAI MƯƠI MỐT", [(1, 6, 16, "THỨ HAI MƯƠI MỐT")]),
        ("thứ 5/21, thứ\u00a002", [(1, 1, 5, "thứ 5"), (1, 11, 6, "thứ\u00a002")]),
        ("thứ \n\n nhất", [(3, 2, 4, "nhất")]),
        ("thứ mười\nlăm", [(2, 1, 3, "lăm")]),
        ("thứ\n5", []),
        ("thứ hạng, thứ trưởng, lần thứ XIII, thứ nhấtnhì, muôn thứ", []),
        ("lần thứ hai mươi năm 2020", [(1, 5, 12, "thứ hai mươi")]),
    ],
)
def test_the_numeral_words_of_a_text(text: str, expected: list[tuple[int, int, int, str]]) -> None:
    """A rank the grammar knows is found as a whole; of one broken by a line end, the words on the later line."""
    found = [(place.line, place.start, place.length, place.text) for place in numeral_words(report_of(text))]
    assert found == expected


def test_a_locator_counts_the_accents_of_the_file() -> None:
    """In a line with accents apart from their letters a rank is longer than it looks."""
    composed, decomposed = "xếp thứ hai", unicodedata.normalize("NFD", "xếp thứ hai")
    (place,) = numeral_words(report_of(decomposed))
    assert place.text == "thứ hai"
    assert place.length > len("thứ hai")
    assert decomposed[place.start - 1 :] == unicodedata.normalize("NFD", composed[4:])


# --- The account ---


def test_a_good_account_is_in_order() -> None:
    """Where each number lies in one span and each value follows from its print, nothing is reported."""
    coverage = verify(REPORT, SPANS, FIGURES, text=TextFile("made.txt", REPORT.sha256, REPORT.line_count))
    assert coverage.in_order
    assert coverage.text_at_hand
    assert (coverage.package, coverage.spans, coverage.figures) == ("made", len(SPANS), len(FIGURES))
    assert coverage.by_kind == (
        ("date", 1),
        ("document_number", 2),
        ("figure", 10),
        ("footnote_mark", 2),
        ("list_number", 1),
        ("year", 1),
    )
    assert coverage.digits == sum(character.isdigit() for character in TEXT)
    assert coverage.numeral_words == 3


def test_every_changed_value_is_reported() -> None:
    """A digit changed in a value, or a zero lost at its end, is reported with both rows and what the print says."""
    for position, good in enumerate(FIGURES):
        assert good.value is not None
        text = str(good.value)
        wrong = [f"{text[:at]}{(int(digit) + 1) % 10}{text[at + 1 :]}" for at, digit in enumerate(text) if digit != "."]
        for value in [*wrong, f"{text}0" if "." in text else f"{text}.0"]:
            figures = [*FIGURES[:position], replace(good, value=Decimal(value)), *FIGURES[position + 1 :]]
            coverage = verify(REPORT, SPANS, figures)
            (fault,) = coverage.values_failed
            span = next(span for span in SPANS if span.figure_id == good.figure_id)
            assert (fault.span_row, fault.figure_row, fault.as_written) == (span.row, good.row, span.as_written)
            assert fault.by_rule is not None
            assert (fault.stated.value, fault.by_rule.value) == (Decimal(value), good.value)
            assert f"row {span.row}" in fault.message
            assert not coverage.in_order


def test_a_changed_high_end_is_reported() -> None:
    """The high end of a range follows from the print as its low end does."""
    span = span_of("15- 20")
    for high in (None, Decimal(21)):
        figures = [replace(item, value_high=high) if item.figure_id == span.figure_id else item for item in FIGURES]
        (fault,) = verify(REPORT, SPANS, figures).values_failed
        assert "reads as 15 to 20" in fault.message


def test_what_is_open_is_named_as_a_number() -> None:
    """Digits and the separators between them are one open number, on one line and in the same rows."""
    report = report_of("1.234,5 và 6, 7/8a9\n10\n11..12 13.14")
    named = [(number.line, number.start, number.text) for number in verify(report, [], []).open]
    first = [(1, 1, "1.234,5"), (1, 12, "6"), (1, 15, "7"), (1, 17, "8"), (1, 19, "9"), (2, 1, "10")]
    assert named == [*first, (3, 1, "11"), (3, 5, "12"), (3, 8, "13.14")]
    span = Span(2, 3, 8, 2, "13", "other")
    assert [number.text for number in verify(report, [span], []).open][-2:] == ["12", "14"]


def test_every_changed_digit_of_the_text_is_reported() -> None:
    """A digit changed in the text is reported at the span that holds it, and at no other."""
    for place in digits(REPORT):
        line = REPORT.lines[place.line - 1]
        changed = f"{line[: place.start - 1]}{(int(place.text) + 1) % 10}{line[place.start :]}"
        report = replace(REPORT, lines=(*REPORT.lines[: place.line - 1], changed, *REPORT.lines[place.line :]))
        coverage = verify(report, SPANS, FIGURES)
        assert (coverage.open, coverage.values_failed, coverage.faults, coverage.in_order) == ((), (), (), False)
        (fault,) = coverage.locators_failed
        span = next(span for span in SPANS if span.row == fault.row)
        assert span.line == place.line
        assert span.start <= place.start < span.start + span.length
        assert f"“{span.as_written}”" in fault.message


def test_every_changed_locator_is_reported() -> None:
    """A span with another line, start or length does not stand there, and the number it leaves is open."""
    for span in SPANS:
        for changes in ({"line": span.line + 1}, {"start": span.start + 1}, {"length": span.length + 1}):
            changed = replace(span, **changes)  # type: ignore[arg-type]
            coverage = verify(REPORT, with_span(changed), FIGURES)
            (fault,) = coverage.locators_failed
            assert (fault.row, fault.line, fault.start, fault.expected) == (
                span.row,
                changed.line,
                changed.start,
                span.as_written,
            )
            assert (span.line, span.start) in [(place.line, place.start) for place in fault.elsewhere]
            assert f"It stands at line {fault.elsewhere[0].line}" in fault.message
            if "line" in changes:
                assert (span.line, "in no span") in [(number.line, number.problem) for number in coverage.open]


def test_a_locator_beyond_the_text_is_reported() -> None:
    """A locator past the end of the text or of its line says how far they go, and does not look further than it may."""
    span = span_of("1.234")
    (fault,) = verify(REPORT, with_span(replace(span, line=99)), FIGURES).locators_failed
    assert "there is no line 99" in fault.message
    assert fault.elsewhere == ()
    assert fault.message.endswith("Correct line, start, length or as_written")
    (fault,) = verify(REPORT, with_span(replace(span, start=500)), FIGURES).locators_failed
    assert f"has {len(REPORT.lines[span.line - 1])} characters, the span ends at 504" in fault.message
    assert fault.found == ""
    assert [(place.line, place.start) for place in fault.elsewhere] == [(span.line, span.start)]
    (fault,) = verify(REPORT, with_span(replace(span_of("2023"), start=18, length=9)), FIGURES).locators_failed
    assert fault.found == "23 "


def test_a_number_is_not_found_inside_another() -> None:
    """Where a text stands nearby, a part of a longer number is not it; the nearest place comes first."""
    report = report_of("117 và 17\n17\nba\n17")
    wrong = Span(2, 3, 1, 2, "17", "year")
    (fault,) = verify(report, [wrong], []).locators_failed
    assert [(place.line, place.start) for place in fault.elsewhere] == [(2, 1), (4, 1), (1, 8)]


def test_a_missing_span_leaves_its_number_open() -> None:
    """Each row taken out of the ledger leaves what it held open, with its place."""
    for span in SPANS:
        coverage = verify(REPORT, [other for other in SPANS if other.row != span.row], FIGURES)
        assert coverage.open
        assert not coverage.in_order
        for number in coverage.open:
            assert (number.line, number.problem, number.rows) == (span.line, "in no span", ())
            assert span.start <= number.start < span.start + span.length
            assert number.text in span.as_written


def test_a_number_in_two_spans_is_open() -> None:
    """A number that two rows hold is open and names both, and the later row overlaps the earlier one."""
    span = span_of("1.234")
    coverage = verify(
        REPORT, [*SPANS, replace(span, row=99, start=span.start + 2, length=3, as_written="234")], FIGURES
    )
    (number,) = [number for number in coverage.open if number.problem == "in two spans"]
    assert (number.text, number.rows) == ("234", (span.row, 99))
    assert ("ledger.csv", 99, "start", "span-overlap") in codes(coverage)
    assert ("ledger.csv", 99, "start", "span-order") in codes(coverage)


def test_a_rank_lies_in_a_span_as_a_whole() -> None:
    """A span of the digit of `thứ 5` alone leaves the rank open, as does one that holds none of its words."""
    span = span_of("thứ 5")
    changed = replace(span, start=span.start + 4, length=1, as_written="5")
    (number,) = verify(REPORT, with_span(changed), FIGURES).open
    assert (number.text, number.problem, number.rows) == ("thứ 5", "partly in a span", (span.row,))
    (number,) = verify(REPORT, [other for other in SPANS if other.as_written != "thứ hai"], FIGURES).open
    assert (number.text, number.problem) == ("thứ hai", "in no span")


@pytest.mark.parametrize(
    ("as_written", "changes", "column", "code"),
    [
        ("2023", {"kind": "years"}, "kind", "cell-enum"),
        ("1.234", {"reading": "sure"}, "reading", "cell-enum"),
        ("1.234", {"reading": ""}, "reading", "span-figure"),
        ("1.234", {"figure_id": ""}, "figure_id", "span-figure"),
        ("1.234", {"figure_id": "nobody"}, "figure_id", "key-unknown"),
        ("1.234", {"reading": "misprint", "as_meant": "1.235"}, "note", "span-note"),
        ("2023", {"figure_id": "f2"}, "figure_id", "span-figure"),
        ("2023", {"reading": "plain"}, "reading", "span-figure"),
        ("2023", {"as_meant": "2024"}, "as_meant", "span-figure"),
        ("2023", {"line": 0}, "line", "locator-below-one"),
        ("2023", {"start": 0}, "start", "locator-below-one"),
        ("2023", {"length": -1}, "length", "locator-below-one"),
        ("thứ nhất", {"as_written": unicodedata.normalize("NFD", "thứ nhất")}, "as_written", "not-nfc"),
    ],
)
def test_a_row_that_cannot_be_is_reported(as_written: str, changes: dict[str, Any], column: str, code: str) -> None:
    """One thing wrong in a row of the ledger is reported with the row, the column and the cell."""
    changed = replace(span_of(as_written), **changes)
    for report in (REPORT, None):
        coverage = verify(report, with_span(changed), FIGURES)
        (fault,) = [fault for fault in coverage.faults if fault.code == code]
        assert (fault.file, fault.row, fault.column) == ("ledger.csv", changed.row, column)
        assert fault.cell == str(getattr(changed, column))
        assert fault.message
        if code == "locator-below-one":
            assert coverage.locators_failed == (), "said once"


def test_a_figure_nobody_prints_is_reported() -> None:
    """A figure without a span is reported at its row."""
    coverage = verify(REPORT, SPANS, [*FIGURES, figure(99, "alone", value=Decimal(1))])
    assert codes(coverage) == [("figures.csv", 99, "figure_id", "figure-without-span")]
    assert not coverage.in_order
    assert coverage_json(coverage)["faults"][0]["row"] == 99


def test_spans_out_of_order_are_reported() -> None:
    """Two neighbours exchanged are out of the text's order; nothing overlaps."""
    for position in range(len(SPANS) - 1):
        spans = [*SPANS[:position], SPANS[position + 1], SPANS[position], *SPANS[position + 2 :]]
        coverage = verify(REPORT, spans, FIGURES)
        assert codes(coverage) == [("ledger.csv", SPANS[position].row, "start", "span-order")]


def test_a_long_span_overlaps_every_span_within_it() -> None:
    """A span that reaches over several others overlaps each of them, not only the next."""
    spans = [Span(2, 1, 1, 9, "1 2 3 4 5", "other"), Span(3, 1, 3, 1, "2", "other"), Span(4, 1, 7, 1, "4", "other")]
    coverage = verify(report_of("1 2 3 4 5 6"), [*spans, Span(5, 1, 11, 1, "6", "other")], [])
    assert codes(coverage) == [
        ("ledger.csv", 3, "start", "span-overlap"),
        ("ledger.csv", 4, "start", "span-overlap"),
    ]


def test_a_value_that_does_not_follow_is_reported() -> None:
    """A reading from which no value follows is reported with the reason; an unrecoverable figure has no value."""
    span = span_of("2108")
    (fault,) = verify(REPORT, with_span(replace(span, reading="plain")), FIGURES).values_failed
    assert fault.by_rule is None
    assert "without separators" in fault.message
    changed = with_span(replace(span, reading="unrecoverable", note="mất chữ số"))
    (fault,) = verify(REPORT, changed, FIGURES).values_failed
    assert "reads as no value, the figure has 2108" in fault.message
    figures = [replace(item, value=None) if item.figure_id == span.figure_id else item for item in FIGURES]
    assert verify(REPORT, changed, figures).in_order


def test_another_text_is_reported() -> None:
    """A text with another hash or number of lines than the descriptor says is reported at the descriptor."""
    coverage = verify(REPORT, SPANS, FIGURES, text=TextFile("made.txt", "0" * 64, 3))
    assert codes(coverage) == [
        ("datapackage.json", 0, "report.text.lines", "text-changed"),
        ("datapackage.json", 0, "report.text.sha256", "text-changed"),
    ]
    assert [fault["row"] for fault in coverage_json(coverage)["faults"]] == [None, None]


def test_without_the_text_the_rest_is_verified() -> None:
    """Without the text, locators and open numbers are not verified, and the account says so; values are."""
    wrong = [replace(FIGURES[0], value=Decimal(999)), *FIGURES[1:]]
    coverage = verify(None, with_span(replace(span_of("2023"), start=999)), wrong, package="given")
    assert (coverage.text_at_hand, coverage.digits, coverage.numeral_words, coverage.package) == (
        False,
        None,
        None,
        "given",
    )
    assert (coverage.open, coverage.locators_failed, len(coverage.values_failed)) == ((), (), 1)
    assert verify(None, SPANS, FIGURES).in_order
    assert verify(None, [], []).package == ""


def test_the_account_as_json_keeps_its_form() -> None:
    """The machine's form has the keys that were promised, in an account in order as in a broken one."""
    broken = verify(REPORT, with_span(replace(SPANS[1], kind="x")), [replace(FIGURES[0], value=None), *FIGURES[1:]])
    moved = verify(REPORT, with_span(replace(SPANS[1], start=99)), FIGURES)
    unread = verify(REPORT, with_span(replace(span_of("2108"), reading="plain")), FIGURES)
    for coverage in (verify(REPORT, SPANS, FIGURES), verify(None, SPANS, FIGURES), broken, moved, unread):
        form = json.loads(json.dumps(coverage_json(coverage)))
        assert {"package", "spans", "figures", "by_kind", "open", "locators_failed", "values_failed"} <= set(form)
        assert form["by_kind"] == dict(coverage.by_kind)
        assert [len(form[key]) for key in ("open", "locators_failed", "values_failed", "faults")] == [
            len(coverage.open),
            len(coverage.locators_failed),
            len(coverage.values_failed),
            len(coverage.faults),
        ]
        assert form["in_order"] == coverage.in_order
    assert coverage_json(broken)["values_failed"][0]["stated"] == {"value": None, "value_high": None}
    assert coverage_json(unread)["values_failed"][0]["by_rule"] is None
    assert coverage_json(moved)["locators_failed"][0]["expected"] == SPANS[1].as_written
    assert coverage_json(moved)["open"][0]["problem"] == "in no span"


def test_the_kinds_are_those_of_the_ledger(project_root: Path) -> None:
    """The kinds known here are those the ledger's schema allows."""
    schema = json.loads((project_root / "build_tools" / "schemas" / "ledger.json").read_text(encoding="utf-8"))
    (field,) = [field for field in schema["schema"]["fields"] if field["name"] == "kind"]
    assert tuple(field["constraints"]["enum"]) == KINDS


# --- Proposed spans ---


def taken_by(rule: Rule, text: str) -> list[tuple[int, int, str]]:
    """Line, start and text of what the rule takes of a text."""
    report = report_of(text)
    proposals = zip(propose_spans(report), rules_used(report), strict=True)
    return [(span.line, span.start, span.as_written) for span, used in proposals if used == rule.name]


@pytest.mark.parametrize("rule", span_rules(), ids=lambda rule: rule.name)
def test_a_rule_by_its_examples(rule: Rule) -> None:
    """Of its example a rule takes what is marked there, and nothing of its counter-example."""
    marked = [
        (line, match.start() + 1 - 2 * place, match[1])
        for line, words in enumerate(rule.example.split("\n"), 1)
        for place, match in enumerate(re.finditer("⟦([^⟧]*)⟧", words))
    ]
    assert marked
    assert taken_by(rule, re.sub("[⟦⟧]", "", rule.example)) == marked
    assert propose_spans(report_of(rule.counter_example)), "a counter-example holds a number"
    assert taken_by(rule, rule.counter_example) == []
    assert rule.kind in KINDS


def test_each_rule_has_a_name_of_its_own() -> None:
    """Rules are told apart by their names."""
    names = [rule.name for rule in span_rules()]
    assert len(set(names)) == len(names)


def test_proposals_are_rows_of_a_ledger() -> None:
    """Proposals are in the order of the text, numbered as lines of ledger.csv, by rule, and without figure ids."""
    proposed = propose_spans(REPORT)
    assert [span.row for span in proposed] == list(range(2, len(proposed) + 2))
    assert {(span.how, span.figure_id, span.as_meant) for span in proposed} == {("rule", "", "")}
    assert [(span.as_written, span.kind, span.reading) for span in proposed] == [
        ("15  /BC-ABC", "document_number", ""),
        ("2023", "year", ""),
        ("1", "list_number", ""),
        ("1.234", "figure", "plain"),
        ("100,20", "figure", "plain"),
        ("15- 20", "figure", "plain"),
        ("17.500.000", "figure", "glued"),
        ("thứ nhất", "figure", "plain"),
        ("thứ 5", "figure", "plain"),
        ("21", "figure", "plain"),
        ("28/2016/QĐ-", "document_number", ""),
        ("09/11/2023", "date", ""),
        ("1", "footnote_mark", ""),
        ("thứ hai", "figure", "plain"),
        ("42", "figure", "plain"),
        ("2108", "figure", "irregular"),
        ("1", "footnote_mark", ""),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("giai đoạn 2021 -\n\n2025", [("2021", "year", ""), ("2025", "year", "")]),
        ("ngày 9 tháng\n11 năm 2023", [("9 tháng", "date", ""), ("11 năm 2023", "date", "")]),
        ("thứ\nnhất", [("nhất", "figure", "")]),
        ("từ 100- 200, 10,5 – 20,05", [("100- 200", "figure", "plain"), ("10,5 – 20,05", "figure", "plain")]),
        ("tổng 20-15", [("20", "figure", "plain"), ("15", "figure", "plain")]),
        ("tổng 20-15 người", [("20", "figure", "plain"), ("15", "figure", "plain")]),
        ("các số 1,2,3 và 4", [(number, "figure", "plain") for number in "1234"]),
        ("dãy 1,2,3 người", [(number, "figure", "plain") for number in "123"]),
        ("1,234,567 đồng", [("1,234,567", "figure", "irregular")]),
        ("tỷ lệ 1.234.56", [("1.234.56", "figure", "")]),
        (
            "rộng 5 m² và ٣ và 7⑤",
            [("5", "figure", "plain"), ("²", "figure", ""), ("٣", "figure", "")]
            + [("7", "figure", "plain"), ("⑤", "figure", "")],
        ),
        ("đạt15 người", [("15", "figure", "glued")]),
        ("xếp thứ 5 người", [("thứ 5", "figure", "plain")]),
        ("sáng thứ hai mươi", [("thứ hai mươi", "figure", "plain")]),
        ("15 người\r\nnăm 2023\r", [("15", "figure", "plain"), ("2023", "year", "")]),
    ],
)
def test_what_is_proposed(text: str, expected: list[tuple[str, str, str]]) -> None:
    """What crosses a line end is one span on each line; what the grammar does not read has no reading."""
    assert [(span.as_written, span.kind, span.reading) for span in propose_spans(report_of(text))] == expected


@pytest.mark.parametrize("text", ["có 17 034 người", "có 17.\n\n034 người", "có 20. 360 người"])
def test_a_number_that_may_be_split_is_noted(text: str) -> None:
    """Where two numbers may be one, both say so: a person decides."""
    assert [bool(span.note) for span in propose_spans(report_of(text))] == [True, True]
    for other in ("có 17 và 034 người, 17. Và", "2017 034", "1,17 034", "17 0345", "17.034", "17 03"):
        assert not any(span.note for span in propose_spans(report_of(other)))


WORDS = (
    "có",
    "năm",
    "ngày",
    "thứ",
    "thứ nhất",
    "thứ",
    "hai",
    "Điều",
    "khoản",
    "số",
    "tháng",
    "giai đoạn",
    "Quyết định số",
)
JOINS = (
    " ",
    "\u00a0",
    "\n",
    "\n\n",
    "/",
    "- ",
    "-",
    "–",
    ", ",
    ".",
    ",",
    "",
    ". ",
    " (",
    ") ",
    "\n1. ",
    "/QĐ-TTg ",
    "%",
)


def pieces() -> st.SearchStrategy[str]:
    """A word, a number of some print, or a digit of another script, in either composition."""
    number = st.from_regex(r"[0-9]{1,4}([.,][0-9]{1,3}){0,2}", fullmatch=True) | st.integers(1990, 2030).map(str)
    word = st.sampled_from(WORDS) | st.sampled_from(
        ("đạt", "kỷ niệm", "Covid", "ISO", "²", "٣", "Trong", "người", "học")
    )
    form = st.sampled_from(("NFC", "NFD"))
    return st.builds(unicodedata.normalize, form, number | number | word)


@settings(max_examples=400)
@given(st.lists(st.tuples(pieces(), st.sampled_from(JOINS)), max_size=25))
def test_every_digit_lies_in_exactly_one_proposed_span(made: list[tuple[str, str]]) -> None:
    """Whatever the text, the proposed spans stand where they say, in order, and hold every number exactly once."""
    report = report_of("".join(f"{piece}{join}" for piece, join in made))
    coverage = verify(report, propose_spans(report), [])
    assert coverage.open == ()
    assert coverage.locators_failed == ()
    assert not {fault.code for fault in coverage.faults} & {
        "span-order",
        "span-overlap",
        "locator-below-one",
        "not-nfc",
    }


BEFORE = (
    "năm", "trong năm", "ngày", "tháng", "số", "Quyết định số", "Nghị quyết số", "theo NĐ", "Đề án", "Dự án", "Điều",
    "khoản", "giai đoạn", "nhiệm kỳ", "kỷ niệm", "truyền thống", "kế hoạch", "Covid-", "ISO", "TCVN", "VTV", "Trang",
    "dịch vụ công mức độ", "Quý Mão", "Tết Nguyên đán", "Trung ương", "thiếu nhi", "quốc khánh", "quý I/", "kỳ họp",
    "người trên", "trẻ em dưới", "đào tạo dưới", "trong", "Điện thoại:", "Số:", "(", "gồm: (", "cách mạng tháng",
    "là\n",
)  # fmt: skip
AFTER = (
    "%",
    " %",
    " người",
    " triệu đồng",
    " tỷ đồng",
    " hộ",
    " lượt",
    "\nlao động",
    " đơn vị",
    "% kế hoạch",
    " suất quà",
)


@settings(max_examples=600)
@given(
    st.sampled_from(BEFORE),
    st.sampled_from((" ", "\u00a0", "\n", "  ")),
    st.from_regex(r"(0?[1-9]|[1-9][0-9]{1,3}|[1-9][0-9]{0,2}\.[0-9]{3}|[0-9],[0-9]{2}|20[0-9]{2})", fullmatch=True),
    st.sampled_from(AFTER),
)
def test_a_number_that_measures_is_never_taken_for_something_else(
    before: str, blank: str, number: str, after: str
) -> None:
    """Before a sign of percent, a unit or whom it counts, a number is a figure, whatever words stand before it."""
    (span,) = propose_spans(report_of(f"Đã xong. {before}{blank}{number}{after} nữa"))
    assert (span.as_written, span.kind) == (number, "figure")


@settings(max_examples=300)
@given(
    st.sampled_from(("số phiên là", "đã trình UBND", "tổng số:", "đạt", "so với 15,", "(tăng", "của Đảng")),
    st.sampled_from(("\n", " \n\n", "\n \n")),
    st.integers(1, 99),
    st.sampled_from((". Trong đó", ".Trong đó", ". “Trong", ", trong", " Trong đó", ") Trong")),
)
def test_a_number_at_the_start_of_a_line_may_end_a_sentence(before: str, wrap: str, number: int, after: str) -> None:
    """A number that a line end cut off its sentence is no list number, unless a list begins there with 1."""
    *_, span = propose_spans(report_of(f"{before}{wrap}{number}{after} có nữ"))
    assert span.as_written == str(number)
    assert span.kind == "figure" or (before.endswith(":") and number == 1)


# --- The real texts ---


def test_every_digit_of_the_real_texts_is_proposed_once(reports_folder: Path) -> None:
    """In every text at hand the proposed spans hold every digit and numeral word exactly once."""
    for path in sorted(reports_folder.glob("*.txt")):
        report = read_report(path)
        coverage = verify(report, propose_spans(report), [])
        assert (coverage.open, coverage.locators_failed) == ((), ()), path.name
        assert not {fault.code for fault in coverage.faults} & {"span-order", "span-overlap", "not-nfc"}
        counts = dict(coverage.by_kind)
        assert 0.25 < counts["figure"] / coverage.spans < 0.75, "a rule takes much more, or much less, than it should"


def transcribed(project_root: Path, reports_folder: Path) -> list[tuple[Path, Path]]:
    """The ledgers of the report packages whose text is at hand, each with its text."""
    found = []
    for descriptor in sorted(project_root.glob("datapackages/*/datapackage.json")):
        report = json.loads(descriptor.read_text(encoding="utf-8")).get("report")
        if report and (reports_folder / report["text"]["file"]).is_file():
            found.append((descriptor.with_name("ledger.csv"), reports_folder / report["text"]["file"]))
    return found


def test_no_rule_takes_what_a_person_called_a_figure(project_root: Path, reports_folder: Path) -> None:
    """Where a transcribed ledger has a figure, so have the proposals, and nearly all spans stand in the same place."""
    for ledger, text in transcribed(project_root, reports_folder):
        proposed = {(span.line, span.start): span for span in propose_spans(read_report(text))}
        with ledger.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        places = [(int(row["line"]), int(row["start"])) for row in rows]
        taken = [
            f"{ledger.parent.name} ledger.csv row {number}: “{row['as_written']}” is proposed as {proposed[place].kind}"
            for number, (row, place) in enumerate(zip(rows, places, strict=True), 2)
            if row["kind"] == "figure" and place in proposed and proposed[place].kind != "figure"
        ]
        assert taken == []
        assert len(set(places) & set(proposed)) > 0.95 * len(places)


def test_readings_proposed_are_readings_that_work(reports_folder: Path) -> None:
    """A reading proposed for a number of a real text gives it a value; one that is not proposed gives it none."""
    for path in sorted(reports_folder.glob("*.txt")):
        for span in propose_spans(read_report(path)):
            if span.kind != "figure":
                continue
            if span.reading:
                assert values_of(span.as_written, span.reading).value is not None
            else:
                with pytest.raises(NumeralError):
                    values_of(span.as_written, "plain")
