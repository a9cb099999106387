"""Relations that may be claims are found, those that are known or declined are not offered, and chance is kept out."""

import csv
import json
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from build_tools.checks import check
from build_tools.cli import app
from build_tools.faults import message, remedy
from build_tools.figures import Claim, Declined, Facts, Figure, ReportData, Span, TextFile, Unit
from build_tools.schemas import resource
from build_tools.suggest import EVIDENCE, Suggestion, normal, suggest
from build_tools.vocabulary import EMPTY, Breakdown, Indicator, Place, Vocabulary
from tests.makers import PROJECT, REPORT, copy_example, edit_descriptor, write_rows

PACKAGES = PROJECT / "datapackages"
RULES = ("sum", "share", "attainment", "difference", "growth", "total100")
FACTS = {field.name: "" for field in fields(Facts)} | {
    "package": "mau",
    "title_is_ours": False,
    "period_end": "2023-12-31",
    "text": TextFile("mau.txt", "", 1),
    "headlines": (),
}


def _unit(name: str, quantity: str, scale: int = 1, base: str = "") -> Unit:
    return Unit(name, name, name, name, name, quantity, Decimal(scale), base or name)


def _breakdown(name: str, dimensions: str, broader: str = "") -> Breakdown:
    return Breakdown(name, name, name, dimensions, broader)


WORDS: Vocabulary = replace(
    EMPTY,
    units={
        unit.unit: unit
        for unit in (
            _unit("nguoi", "count"),
            _unit("nhom", "count"),
            _unit("dong", "money"),
            _unit("trieu-dong", "money", 1_000_000, "dong"),
            _unit("phan-tram", "percent"),
            _unit("diem-phan-tram", "points", 1, "phan-tram"),
        )
    },
    breakdowns={
        one.breakdown: one
        for one in (
            _breakdown("nu", "gioi"),
            _breakdown("nam", "gioi"),
            _breakdown("tre", "tuoi"),
            _breakdown("nu-tre", "gioi", "nu"),
        )
    },
    indicators={
        name: Indicator(name, name, name, "", "nguoi", better, "", "", "", "")
        for name, better in (("viec-lam", "higher"), ("ty-le-ngheo", "lower"), ("nhom-duoc-khen", "neither"))
    },
    places={
        name: Place(name, name, name, "", name, name, parent, "", "", "", "", "", "")
        for name, parent in (("tinh", ""), ("huyen", "tinh"))
    },
)


def figure(figure_id: str, value: str | None, **changes: Any) -> Figure:
    """Return a figure: a level of people in work in 2023, but for what is changed."""
    cells = {field.name: "" for field in fields(Figure)} | {
        "package": "mau",
        "row": 2,
        "figure_id": figure_id,
        "indicator": "viec-lam",
        "place": "tinh",
        "body": "toan-tinh",
        "unit": "nguoi",
        "period_start": "2023-01-01",
        "period_end": "2023-12-31",
        "stance": "actual",
        "measure": "level",
        "extent": "total",
        "value": None if value is None else Decimal(value),
        "value_high": None,
        "precision": None,
        "qualifier": "exact",
        "spans": (),
    }
    return Figure(**{**cells, **changes})


def span(line: int, start: int, text: str, kind: str, figure_id: str = "", section: str = "I.1") -> Span:
    """Return a span of the ledger."""
    return Span(line + 1, line, start, len(text), text, kind, figure_id, "plain" if figure_id else "", "", section)


@dataclass(frozen=True)
class Page:
    """Figures as they follow one another in a text, and the spans beside them."""

    figures: tuple[Figure, ...]
    spans: tuple[Span, ...] = ()
    apart: int = 1  # lines between two figures

    def data(self, claims: Iterable[Claim] = (), declined: Iterable[Declined] = ()) -> ReportData:
        """Return it as a report's data."""
        figures = tuple(
            replace(one, row=n + 2, spans=(span(self.apart * n + 1, 5, str(one.value), "figure", one.figure_id),))
            for n, one in enumerate(self.figures)
        )
        spans = sorted(
            (*self.spans, *(one for figure in figures for one in figure.spans)), key=lambda s: (s.line, s.start)
        )
        return ReportData(Facts(**FACTS), figures, tuple(spans), tuple(claims), tuple(declined))  # type: ignore[arg-type]

    def changed(self, figure_id: str, **changes: Any) -> "Page":
        """Return it with one figure changed."""
        return replace(
            self, figures=tuple(replace(f, **changes) if f.figure_id == figure_id else f for f in self.figures)
        )


def offered(page: Page, **more: Any) -> list[Suggestion]:
    """Return what is suggested without asking for all."""
    return [one for one in suggest(page.data(**more), WORDS) if one.is_offered]


def relations(page: Page, **more: Any) -> set[tuple[str, str, str]]:
    """Return what is offered, as rule, result and formula."""
    return {(one.rule, one.result, one.formula) for one in offered(page, **more)}


def claim_of(one: Suggestion) -> Claim:
    """Return the claim that a suggestion would be."""
    claim_id, rule, result, formula, basis, _, _, as_written, note = one.claim_row()
    return Claim(
        "mau", 2, claim_id, rule, result, formula, basis, one.line, one.start, as_written, note, items=one.items
    )


PERCENT = {"unit": "phan-tram"}
YEAR_BEFORE = {"period_start": "2022-01-01", "period_end": "2022-12-31"}
OTHER = {"indicator": "nguoi-du-thi"}
LIST = tuple(span(2, 10 * n, str(n), "list_number") for n in (1, 2, 3))

PARTS = Page((figure("all", "1250"), figure("women", "600", breakdown="nu"), figure("men", "650", breakdown="nam")))


@dataclass(frozen=True)
class Case:
    """A page with a relation, and one change that leaves none."""

    rule: str
    result: str
    formula: str
    page: Page
    broken: Callable[[Page], Page]


CASES = {
    "parts of a whole": Case("sum", "all", "women + men", PARTS, lambda p: p.changed("men", value=Decimal(651))),
    "parts far away": Case(
        "sum", "all", "women + men", replace(PARTS, apart=400), lambda p: p.changed("men", body="so")
    ),
    "parts that precede": Case(
        "sum",
        "jobs_all",
        "jobs_a + jobs_b",
        Page(
            (
                figure("jobs_a", "1011", indicator="a"),
                figure("jobs_b", "2022", indicator="b"),
                figure("jobs_all", "3033", indicator="c"),
            )
        ),
        lambda p: replace(p, apart=40),
    ),
    "shares that make 100": Case(
        "total100",
        "100",
        "women + men",
        Page(
            (
                figure("women", "45.5", breakdown="nu", measure="share", **PERCENT),
                figure("men", "54.5", breakdown="nam", measure="share", **PERCENT),
            )
        ),
        lambda p: p.changed("men", value=Decimal("52.5")),
    ),
    "a part in percent": Case(
        "share",
        "women_share",
        "women / all * 100",
        Page(
            (
                figure("all", "1250"),
                figure("women", "601", breakdown="nu"),
                figure("women_share", "48.08", breakdown="nu", measure="share", **PERCENT),
            )
        ),
        lambda p: p.changed("women_share", value=Decimal("48.18")),
    ),
    "a part of something else in percent": Case(
        "share",
        "women_share",
        "women / candidates * 100",
        Page(
            (
                figure("candidates", "1250", **OTHER),
                figure("women", "601", breakdown="nu"),
                figure("women_share", "48.08", breakdown="nu", measure="share", **PERCENT),
            )
        ),
        lambda p: p.changed("candidates", unit="dong"),
    ),
    "a result in percent of its target": Case(
        "attainment",
        "attained",
        "jobs / target * 100",
        Page(
            (
                figure("jobs", "20360"),
                figure("target", "18500", stance="target"),
                figure("attained", "110", measure="attainment", **PERCENT),
            )
        ),
        lambda p: p.changed("attained", value=Decimal(112)),
    ),
    "a change": Case(
        "difference",
        "fall",
        "old - new",
        Page(
            (
                figure("new", "2.27", measure="share", **PERCENT),
                figure("fall", "1.29", measure="change", direction="down", base="2022", unit="diem-phan-tram"),
                figure("old", "3.56", measure="share", **PERCENT, **YEAR_BEFORE),
            )
        ),
        lambda p: p.changed("old", value=Decimal("3.66")),
    ),
    "a growth": Case(
        "growth",
        "rise",
        "(new - old) / old * 100",
        Page(
            (
                figure("new", "9885"),
                figure("rise", "19.6", measure="growth", direction="up", base="2022", **PERCENT),
                figure("old", "8262", **YEAR_BEFORE),
            )
        ),
        lambda p: p.changed("rise", base="2019"),
    ),
    "an index": Case(
        "ratio",
        "index",
        "new / old * 100",
        Page(
            (
                figure("new", "9885"),
                figure("index", "119.6", measure="index", base="2022", **PERCENT),
                figure("old", "8262", **YEAR_BEFORE),
            )
        ),
        lambda p: p.changed("index", value=Decimal("121.6")),
    ),
    "an average year": Case(
        "average",
        "yearly",
        "total / 5",
        Page(
            (
                figure("total", "12500", period_start="2019-01-01"),
                figure("yearly", "2500", extent="average_year", period_start="2019-01-01"),
            )
        ),
        lambda p: p.changed("total", period_start="2020-01-01"),
    ),
    "what falls on one": Case(
        "average",
        "each",
        "money / people",
        Page(
            (
                figure("people", "1234", indicator="a"),
                figure("money", "3805.656", indicator="b", unit="trieu-dong"),
                figure("each", "3084000", indicator="c", unit="dong"),
            )
        ),
        lambda p: p.changed("each", value=Decimal(3085000)),
    ),
    "all of a whole": Case(
        "equal",
        "women",
        "all",
        Page((figure("women", "17", breakdown="nu"), figure("all", "17"))),
        lambda p: p.changed("women", indicator="nguoi-du-thi"),
    ),
    "a count and its list": Case(
        "count",
        "groups",
        "count(items)",
        Page((figure("groups", "3", indicator="nhom-duoc-khen", unit="nhom"),), LIST),
        lambda p: replace(p, spans=LIST[:2]),
    ),
    "a result and its target": Case(
        "bound",
        "",
        "jobs >= target",
        Page((figure("jobs", "20360"), figure("target", "18500", stance="target"))),
        lambda p: p.changed("jobs", value=Decimal(18000)),
    ),
    "a rate that should be low": Case(
        "bound",
        "",
        "rate <= target",
        Page(
            (
                figure("rate", "2.1", indicator="ty-le-ngheo", measure="share", **PERCENT),
                figure("target", "2.5", indicator="ty-le-ngheo", measure="share", stance="target", **PERCENT),
            )
        ),
        lambda p: p.changed("target", value=Decimal("1.5")),
    ),
    "a part and its whole": Case(
        "bound",
        "",
        "women <= all",
        Page((figure("all", "1250"), figure("women", "600", breakdown="nu"))),
        lambda p: p.changed("women", place="elsewhere"),
    ),
    "a place in a larger one": Case(
        "bound",
        "",
        "district <= all",
        Page((figure("all", "1250"), figure("district", "600", place="huyen"))),
        lambda p: replace(p, apart=40),
    ),
    "years between two years": Case(
        "span",
        "76",
        "2023 - 1947",
        Page((), (span(1, 5, "76", "anniversary"), span(1, 30, "27/7/1947", "date"))),
        lambda p: replace(p, spans=(p.spans[0], span(1, 30, "27/7/1948", "date"))),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_relation_is_offered_until_one_thing_is_broken(name: str) -> None:
    """A relation that the numbers and the text bear out is offered; without one of the two it is not."""
    case = CASES[name]
    assert (case.rule, case.result, case.formula) in relations(case.page)
    assert (case.rule, case.result, case.formula) not in relations(case.broken(case.page))


@pytest.mark.parametrize("name", CASES)
def test_what_became_a_claim_is_not_offered_again(name: str) -> None:
    """Once every suggestion stands in claims.csv, none is left; and no two have one id."""
    page = CASES[name].page
    found = offered(page)
    assert len({one.claim_id for one in found}) == len(found)
    assert relations(page, claims=[claim_of(one) for one in found]) == set()


def test_a_claim_in_other_words_is_the_same_claim() -> None:
    """The same figures in another order, or turned round, are no news."""
    for rule, result, formula in (("sum", "all", "men + women"), ("difference", "men", "all - women")):
        claim = Claim("mau", 2, "known", rule, result, formula, "stated", None, None, "", "")
        assert relations(PARTS, claims=[claim]) == set()
    other = Claim("mau", 2, "known", "sum", "all", "women + 650", "stated", None, None, "", "")
    assert ("sum", "all", "women + men") in {(s.rule, s.result, s.formula) for s in suggest(PARTS.data([other]), WORDS)}


def test_what_was_declined_is_remembered_with_its_reason() -> None:
    """A declined relation is not offered, whatever the order of its summands; asking for all shows why."""
    declined = Declined("mau", 2, "sum", "all", "men + women", "Tình cờ.", "2026-11-26")
    assert ("sum", "all", "women + men") in relations(PARTS)
    assert ("sum", "all", "women + men") not in relations(PARTS, declined=[declined])
    (shown,) = [one for one in suggest(PARTS.data(declined=[declined]), WORDS) if one.rule == "sum"]
    assert (shown.reason, shown.date, shown.is_offered) == ("Tình cờ.", "2026-11-26", False)
    assert ("sum", "all", "women + men") in relations(PARTS, declined=[replace(declined, formula="men + all")])


def test_a_number_in_doubt_is_left_alone() -> None:
    """A misprint, and a number that cannot be recovered, prove nothing."""
    data = PARTS.data()
    misprint = tuple(
        replace(one, spans=tuple(replace(s, reading="misprint") for s in one.spans)) if one.figure_id == "men" else one
        for one in data.figures
    )
    assert [one for one in suggest(replace(data, figures=misprint), WORDS) if one.rule == "sum"] == []
    assert [one for one in offered(PARTS.changed("men", value=None)) if one.rule == "sum"] == []


def test_small_numbers_alone_prove_nothing() -> None:
    """3 = 1 + 2 of different things is chance: it is shown only when all are asked for."""
    page = Page(tuple(figure(name, n, indicator=name) for name, n in (("a", "3"), ("b", "1"), ("c", "2"))))
    assert relations(page) == set()
    (weak,) = suggest(page.data(), WORDS)
    assert (weak.rule, weak.result, weak.formula, weak.evidence) == ("sum", "a", "b + c", "weak")


def test_a_percentage_has_one_origin() -> None:
    """Where two pairs give one percentage, the pair that the vocabulary ties to it is offered, the other is weak."""
    case = CASES["a result in percent of its target"]
    more = replace(case.page, figures=(*case.page.figures, figure("other", "18501", **OTHER)))
    found = {one.formula: one.evidence for one in suggest(more.data(), WORDS) if one.rule == "attainment"}
    assert found == {"jobs / target * 100": "strong", "jobs / other * 100": "weak"}


def test_a_tie_whose_numbers_disagree_is_shown_when_all_are_asked_for() -> None:
    """A percentage that does not follow from the result and the target beside it is worth a look, and no suggestion."""
    case = CASES["a result in percent of its target"]
    (found,) = [one for one in suggest(case.broken(case.page).data(), WORDS) if one.rule == "attainment"]
    assert (found.verdict, found.evidence, found.is_offered) == ("fails", "strong", False)


def test_a_draft_with_empty_cells_is_no_obstacle() -> None:
    """Figures that do not say yet what they measure are not tied together by what is missing."""
    blank = {"indicator": "", "period_start": "", "period_end": "", "breakdown": ""}
    page = Page(tuple(figure(name, value, **blank) for name, value in (("a", "17"), ("b", "17"), ("c", "4"))))
    assert relations(page) == set()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a + b", "b + a", True),
        ("a + b + c", "c + (b + a)", True),
        ("a * b", "b * a", True),
        ("a - b", "b - a", False),
        ("a / b * 100", "100 * a / b", True),
        ("a / b * 100", "b / a * 100", False),
        ("a <= b", "b >= a", True),
        ("a == b", "b == a", True),
        ("a < b", "a <= b", False),
        ("all(a < b, c < d)", "all(d > c, a < b)", True),
        ("mau#a + b", "b + a", True),
        ("a.low + b", "b + a.high", False),
        ("a * [n=12]", "[n=12.0] * a", True),
        ("a * [n=12]", "a * [n]", False),
        ("-(a - b)", "-(b - a)", False),
        ("count(a, b)", "count(b, a)", True),
        ("a +", "a + ", False),
    ],
)
def test_formulas_are_compared_by_what_they_say(one: str, other: str, same: bool) -> None:
    """Order and spelling do not matter, everything else does."""
    assert (normal("r", one, "mau") == normal("r", other, "mau")) is same


@st.composite
def planted(draw: st.DrawFn) -> tuple[Page, str, str]:
    """A sum of two to eight parts, planted among figures of other things."""
    parts = draw(st.lists(st.integers(100, 99_999), min_size=2, max_size=8, unique=True))
    noise = draw(st.lists(st.integers(1, 999_999), max_size=12))
    things = [figure(f"noise_{n}", str(value), indicator=f"n{n}", unit="dong") for n, value in enumerate(noise)]
    words = [figure(f"part_{n}", str(value), breakdown=f"b{n}") for n, value in enumerate(parts)]
    whole = figure("whole", str(sum(parts)))
    at = draw(st.integers(0, len(things)))
    inside = [whole, *words] if draw(st.booleans()) else [*words, whole]
    formula = " + ".join(one.figure_id for one in words)
    return Page((*things[:at], *inside, *things[at:])), "whole", formula


@given(planted())
def test_a_planted_sum_is_found(page: tuple[Page, str, str]) -> None:
    """Whatever stands around them, a whole and its parts that follow or precede it are offered as a sum."""
    text, result, formula = page
    breakdowns = {one.breakdown: _breakdown(one.breakdown, "x") for one in text.figures if one.breakdown}
    found = suggest(text.data(), replace(WORDS, breakdowns=breakdowns))
    assert ("sum", result, formula) in {(one.rule, one.result, one.formula) for one in found if one.is_offered}


@given(st.lists(st.integers(1, 50), min_size=2, max_size=20), st.randoms(use_true_random=False))
def test_suggestions_do_not_depend_on_the_order_of_rows(values: list[int], chance: random.Random) -> None:
    """The same tables give the same list, whatever order their rows are in, each relation once."""
    breakdowns = ("", "nu", "nam", "tre")
    page = Page(tuple(figure(f"f{n}", str(value), breakdown=breakdowns[n % 4]) for n, value in enumerate(values)))
    data = page.data()
    found = suggest(data, WORDS)
    shuffled = list(data.spans)
    chance.shuffle(shuffled)
    assert suggest(replace(data, spans=tuple(shuffled)), WORDS) == found
    assert len({(one.rule, one.result, one.formula) for one in found}) == len(found)
    assert list(found) == sorted(found, key=lambda one: (EVIDENCE.index(one.evidence), one.lines, one.claim_row()))


def _calls(work: Callable[[], object]) -> int:
    """Count the calls of Python functions that some work takes: the same on every machine."""
    count = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("of_one_indicator", [8, 1200])
def test_a_large_report_takes_work_in_proportion(of_one_indicator: int) -> None:
    """Four times the figures take at most five times the work, even when all are of one indicator."""
    chance = random.Random(1)  # noqa: S311  (figures, not secrets)
    kinds: tuple[dict[str, Any], ...] = ({}, {"breakdown": "nu"}, {"measure": "share", **PERCENT}, {"unit": "dong"})
    figures = tuple(
        figure(f"f{n}", str(chance.randint(1, 99_999)), indicator=f"i{n // of_one_indicator}", **kinds[n % 4])
        for n in range(1200)
    )
    few, many = (_calls(lambda n=n: suggest(Page(figures[:n]).data(), WORDS)) for n in (300, 1200))  # type: ignore[misc]
    assert many < 5 * few


# --- The packages of this project ---


def test_claims_are_found_again() -> None:
    """With claims.csv emptied, most claims on printed numbers are offered, and most of what is offered is a claim."""
    wanted = found = offers = right = 0
    checked = check(PACKAGES, None)
    for report in checked.reports:
        claims = report.data.claims
        empty = replace(report.data, claims=(), declined=())
        some = [one for one in suggest(empty, checked.vocabulary) if one.is_offered]
        keys = {_substance(one.rule, one.result, one.formula, one.line) for one in some}
        aims = [claim for claim in claims if claim.rule in RULES and "[" not in claim.formula]
        wanted += len(aims)
        found += sum(_substance(c.rule, c.result, c.formula, None) in keys for c in aims)
        offers += len(some)
        right += len(keys & {_substance(c.rule, c.result, c.formula, c.line) for c in claims})
    assert wanted > 0
    assert found / wanted >= 0.80, f"{found} of {wanted} claims"
    assert right / offers >= 0.80, f"{right} of {offers} suggestions"


def _substance(rule: str, result: str, formula: str, line: int | None) -> tuple[object, ...]:
    if rule == "span":
        return ("span", line)
    if rule == "equal":
        return ("equal", frozenset((result, formula)))
    return ("count", result) if rule == "count" else normal(result, formula)


def test_every_suggestion_for_our_packages_is_decided() -> None:
    """Nothing is offered any more: each suggestion became a claim or was declined with a reason."""
    checked = check(PACKAGES, None)
    open_ = [
        (one.package, one.rule, one.result, one.formula)
        for report in checked.reports
        for one in suggest(report.data, checked.vocabulary)
        if one.is_offered
    ]
    assert open_ == []


# --- declined.csv and the command ---

HEAD = ["rule", "result", "formula", "reason", "date"]
GOOD = ["sum", "jobs_men", "jobs_women + households", "Hai số của hai việc khác nhau.", "2026-11-26"]


@pytest.fixture
def declining(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that gives the example project a declined.csv with some rows."""

    def write(*rows: list[str]) -> Path:
        project = copy_example(tmp_path)
        write_rows(project.report / "declined.csv", [HEAD, *rows])
        edit_descriptor(project.report, lambda d: d["resources"].append(resource("declined")))
        return project.packages

    return write


def test_a_sound_declined_table_has_no_fault(declining: Callable[..., Path]) -> None:
    """The optional table is read; a count that has no list yet may be declined too."""
    packages = declining(
        GOOD,
        ["bound", "", "jobs_women <= jobs_created", "Thừa.", "2026-11-26"],
        ["count", "households", "count(items)", "Không liệt kê.", "2026-11-26"],
    )
    checked = check(packages, None)
    assert checked.faults == ()
    assert [row.reason for row in checked.reports[0].data.declined] == [GOOD[3], "Thừa.", "Không liệt kê."]


@pytest.mark.parametrize(
    ("column", "cell", "code", "says"),
    [
        ("formula", "jobs_women + nobody", "declined-formula", "nobody"),
        ("formula", "jobs_women +", "declined-formula", "character"),
        ("result", "nothing", "declined-formula", "nothing"),
        ("rule", "summe", "cell-enum", "sum"),
        ("reason", "", "cell-required", ""),
        ("date", "hôm qua", "cell-type", ""),
    ],
)
def test_a_wrong_cell_of_declined_is_named(
    declining: Callable[..., Path], column: str, cell: str, code: str, says: str
) -> None:
    """Each fault names the file, the row, the column and the remedy."""
    row = [cell if name == column else value for name, value in zip(HEAD, GOOD, strict=True)]
    faults = [item for item in check(declining(row), None).faults if item.file == "declined.csv"]
    assert (code, 2, column) in {(item.code, item.row, item.column) for item in faults}, faults
    assert any(says in message(item, "en") + remedy(item, "en") for item in faults)


def test_what_is_declined_cannot_be_a_claim(declining: Callable[..., Path]) -> None:
    """A relation that claims.csv holds, in whatever order, is not declined as well."""
    row = ["sum", "jobs_created", "jobs_men + jobs_women", "Tình cờ.", "2026-11-26"]
    (found,) = check(declining(row), None).faults
    assert (found.code, found.file, found.row) == ("declined-claimed", "declined.csv", 2)
    assert "jobs_sum" in message(found, "en")


def test_the_same_row_twice_is_a_fault(declining: Callable[..., Path]) -> None:
    """Rule, result and formula are the key."""
    assert "key-twice" in {item.code for item in check(declining(GOOD, GOOD), None).faults}


def _emptied(packages: Path) -> Path:
    claims = packages / REPORT / "claims.csv"
    write_rows(claims, [claims.read_text(encoding="utf-8").splitlines()[0].split(",")])
    return packages / REPORT


def test_the_command_prints_rows_that_can_be_pasted(declining: Callable[..., Path]) -> None:
    """The row for claims.csv, appended, is a sound claim; the row for declined.csv lacks only the reason."""
    package = _emptied(declining(GOOD))
    result = CliRunner().invoke(app, ["claims", "suggest", str(package), "--lang", "en"])
    assert result.exit_code == 0
    lines = [line.strip().split(maxsplit=1) for line in result.output.splitlines()]
    claims = [rest[0] for name, *rest in lines if name == "claims.csv"]
    declined = [rest[0] for name, *rest in lines if name == "declined.csv"]
    assert len(claims) == len(declined) > 1
    assert all(row[3] == "" and len(row) == len(HEAD) for row in csv.reader(declined))
    with (package / "claims.csv").open("a", encoding="utf-8") as file:
        file.write("\n".join(claims) + "\n")
    again = CliRunner().invoke(app, ["claims", "suggest", str(package), "--lang", "en"])
    assert "no suggestions" in again.output
    assert check(package.parent, None).faults == ()


def test_the_command_speaks_to_machines(declining: Callable[..., Path]) -> None:
    """--json holds the suggestions, with what is declined beside them; --all adds the weak ones."""
    package = _emptied(declining(GOOD))
    result = CliRunner().invoke(app, ["claims", "suggest", str(package), "--json"])
    said = json.loads(result.output)
    assert result.exit_code == 0
    assert {"package", "rule", "result", "formula", "verdict", "evidence", "lines"} <= said["suggestions"][0].keys()
    assert said["declined"][0]["reason"] == GOOD[3]
    everything = json.loads(CliRunner().invoke(app, ["claims", "suggest", str(package), "--json", "--all"]).output)
    assert len(everything["suggestions"]) >= len(said["suggestions"])


def test_all_lists_what_was_declined(declining: Callable[..., Path]) -> None:
    """--all shows a declined suggestion with its reason and without a row to paste."""
    row = ["sum", "jobs_created", "jobs_men + jobs_women", "Không phải tổng.", "2026-11-26"]
    package = _emptied(declining(row))
    short, long = (
        CliRunner().invoke(app, ["claims", "suggest", str(package), *more]).output for more in ((), ("--all",))
    )
    assert "jobs_created_sum" not in short
    assert "Không phải tổng." in long


def test_faults_that_leave_a_package_readable_do_not_stop_it(declining: Callable[..., Path]) -> None:
    """A package in the making has faults: the command ends with 1 only where it cannot be read, with 2 for misuse."""
    package = declining(["sum", "jobs_men", "nobody + jobs_women", "Tình cờ.", "2026-11-26"]) / REPORT
    run = CliRunner()
    assert run.invoke(app, ["claims", "suggest", str(package)]).exit_code == 0
    (package / "figures.csv").unlink()
    broken = run.invoke(app, ["claims", "suggest", str(package)])
    assert broken.exit_code == 1
    assert "figures.csv" in broken.output
    assert run.invoke(app, ["claims", "suggest", str(package / "nowhere")]).exit_code == 2
    assert run.invoke(app, ["claims", "suggest", "--lang", "fr"]).exit_code == 2
