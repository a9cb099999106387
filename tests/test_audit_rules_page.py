"""The page that explains the rules says what the audit does: its tables are run."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from build_tools.audit import audit
from build_tools.audit.finding import VERDICTS
from build_tools.audit.formulas import MOST_CHARACTERS, MOST_DEPTH, MOST_OPERANDS, MOST_REPEATED
from build_tools.audit.intervals import interval_of
from build_tools.figures import Claim, Figure, Span, Unit

PAGE = (Path(__file__).parent.parent / "docs" / "rules" / "arithmetic.md").read_text(encoding="utf-8")

UNITS = {
    unit.symbol_vi: unit
    for unit in (
        Unit("nguoi", "người", "", "", "", "count", Decimal(1), "nguoi"),
        Unit("trieu-nguoi", "triệu người", "", "", "", "count", Decimal(10**6), "nguoi"),
        Unit("hang", "hạng", "", "", "", "rank", Decimal(1), "hang"),
        Unit("phan-tram", "%", "", "", "", "percent", Decimal(1), "phan-tram"),
        Unit("trieu-dong", "triệu đồng", "", "", "", "money", Decimal(10**6), "dong"),
        Unit("ty-dong", "tỷ đồng", "", "", "", "money", Decimal(10**9), "dong"),
    )
}


def rows(*header: str) -> list[dict[str, str]]:
    """Return the rows of all tables of the page with these columns."""
    found: list[dict[str, str]] = []
    columns: list[str] = []
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            columns = []
        elif not columns:
            columns = cells
        elif columns == list(header) and not cells[0].startswith("---"):
            found.append(dict(zip(columns, cells, strict=True)))
    return found


def figure(figure_id: str, number: str, symbol: str, **changed: Any) -> Figure:
    """Return a figure with this number, or range, in this unit."""
    low, _, high = number.partition("-")
    facts: dict[str, Any] = dict.fromkeys(Figure.__dataclass_fields__, "")
    facts |= {"package": "hue", "row": 2, "figure_id": figure_id, "unit": UNITS[symbol].unit, "extent": "total"}
    facts |= {"value": Decimal(low), "value_high": Decimal(high) if high else None, "qualifier": "exact"}
    facts |= {"precision": None, "spans": ()}
    return Figure(**(facts | changed))


PRINTED = re.compile(
    r"(?:(?P<name>[a-z]) = )?(?P<number>[0-9.]+(?:-[0-9.]+)?) (?P<symbol>[^(]+?)(?: \((?P<fact>\w+)\))?"
)


def figure_of(text: str, name: str = "r") -> Figure:
    """Return the figure that a cell describes: `a = 17034 người`, `1.29 % (down)`."""
    match = PRINTED.fullmatch(text)
    assert match, text
    changed: dict[str, Any] = {"direction": "down"} if match["fact"] == "down" else {}
    if match["fact"] == "misprint":
        changed = {"spans": (Span(2, 1, 1, 6, "18,173", "figure", reading="misprint"),)}
    return figure(match["name"] or name, match["number"], match["symbol"], **changed)


INTERVALS = rows("value", "unit", "qualifier", "remark", "stands for")
CLAIMS = rows("verdict", "printed", "formula", "stated")


def test_the_tables_are_found() -> None:
    """Every verdict and every word that moves an interval has its example."""
    assert len(INTERVALS) == 13
    assert {row["qualifier"] for row in INTERVALS} == {
        *("exact", "over", "under", "about", "nearly", "at_least", "at_most")
    }
    assert {row["verdict"] for row in CLAIMS} == set(VERDICTS)
    assert len(CLAIMS) == 18


@pytest.mark.parametrize("row", INTERVALS, ids=lambda row: f"{row['value']} {row['unit']} {row['qualifier']}")
def test_a_number_of_the_page_stands_for_what_the_page_says(row: dict[str, str]) -> None:
    """The remark may name another field and what stands in it."""
    field, _, value = row["remark"].partition(" ")
    changed: dict[str, Any] = {"qualifier": row["qualifier"]}
    if field == "extent":
        changed["extent"] = value
    if field == "precision":
        changed["precision"] = Decimal(value)
    printed = figure("it", row["value"], row["unit"], **changed)
    assert str(interval_of(printed, UNITS[row["unit"]])) == row["stands for"]


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: f"{row['verdict']}: {row['formula']}")
def test_a_claim_of_the_page_has_the_verdict_of_the_page(row: dict[str, str]) -> None:
    """The figures are listed, the formula and the result stand beside them; a bound states nothing."""
    figures = [figure_of(text) for text in row["printed"].split(", ")]
    if row["stated"]:
        figures.append(figure_of(row["stated"]))
    rule, result = ("sum", "r") if row["stated"] else ("bound", "")
    findings, faults = audit(
        figures, [Claim("hue", 2, "it", rule, result, row["formula"], "stated", None, None, "", "")], UNITS.values()
    )
    assert faults == ()
    assert findings[0].verdict == row["verdict"]


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    """Said in figures for a formula, and in a word for the repeated inputs."""
    assert f"at most {MOST_CHARACTERS} characters, {MOST_OPERANDS}\nnumbers and {MOST_DEPTH} parentheses" in PAGE
    assert MOST_REPEATED == 10
    assert "more than ten inputs are repeated" in " ".join(PAGE.split())
