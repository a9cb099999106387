"""The pages that explain rules, verdicts and classes: each has a section, whose example is a case with its numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from build_tools.audit import Finding
from build_tools.audit.across import CLASSES
from build_tools.audit.claims import RULES
from build_tools.audit.finding import VERDICTS
from build_tools.figures import Figure
from build_tools.site_model import Audited
from tests.cases import case_names, checked_case
from tests.makers import PROJECT

PAGES = ("rules.md", "across.md")
MOST_DIGITS = 8  # of a computed number in a table; the rest is cut


@dataclass
class Example:
    """A case that a page names, under which heading, and the rows of its table."""

    heading: str
    case: str
    rows: list[list[str]] = field(default_factory=list)


def examples(page: str) -> Iterator[Example]:
    """Yield the examples of a page in order."""
    heading, example = "", None
    for line in (PROJECT / "docs" / "rules" / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.strip("# ")
        elif line.startswith("Case: "):
            if example is not None:
                yield example
            example = Example(heading, line.removeprefix("Case: ").strip("`"))
        elif line.startswith("| ") and not line.startswith("| ---") and example is not None:
            example.rows.append([cell.strip() for cell in line.strip("|").split("|")])
    assert example is not None
    yield example


EXAMPLES = [example for page in PAGES for example in examples(page)]


def printed(name: str, figure: Figure, symbol: str) -> str:
    """Return a figure as a table shows it: `women = 24767 người`, `money = over 32 tỷ đồng`."""
    word = "" if figure.qualifier == "exact" else f"{figure.qualifier} "
    number = "?" if figure.value is None else f"{figure.value:f}"
    high = "" if figure.value_high is None else f"-{figure.value_high:f}"
    return f"{name} = {word}{number}{high} {symbol}"


def computed(low: Decimal | None, high: Decimal | None) -> str:
    """Return a computed number or range as a table shows it."""
    text = "" if low is None else f"{low:f}"
    shown = text if len(text) <= MOST_DIGITS else f"{text[:MOST_DIGITS]}…"
    return shown if high is None else f"{shown}-{high:f}"


def claim_row(case: str, audited: Audited, finding: Finding) -> list[str]:
    """Return the row of a claim's table."""
    units = checked_case(case).vocabulary.units
    claim = audited.claim(finding.claim_id)
    named = {name: audited.figure(name) for name in (claim.result, *finding.inputs)}
    shown = [printed(name, it, units[it.unit].symbol_vi) for name, it in named.items() if it is not None]
    as_read = f" (as read: {finding.verdict_as_read})" if finding.verdict_as_read else ""
    return [
        finding.claim_id,
        ", ".join(shown),
        f"`{claim.formula}`",
        f"`{claim.result}`" if claim.result else "",
        computed(finding.computed, finding.computed_high),
        finding.verdict + as_read,
    ]


def rows_of(case: str) -> list[list[str]]:
    """Return the table of a case: its claims, or what several reports state where there is no claim."""
    checked = checked_case(case)
    audited: list[Audited] = [*checked.reports, checked.between]
    claims = [claim_row(case, one, finding) for one in audited for finding in one.findings]
    if claims:
        return [["claim", "printed", "formula", "result", "computed", "verdict"], *claims]
    units = checked.vocabulary.units
    return [["printed", "classes"]] + [
        [", ".join(printed(it.address, it, units[it.unit].symbol_vi) for it in group.figures), ", ".join(group.classes)]
        for group in checked.across
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.case)
def test_an_example_has_the_numbers_of_its_case(example: Example) -> None:
    """Printed numbers, formula, result, what it comes to and the verdict are those of the package that is named."""
    assert example.rows == rows_of(example.case)


def test_every_rule_verdict_and_class_has_a_section_with_its_case() -> None:
    """The section of a rule is called after it and names its case; so do those of verdicts, comparisons and classes."""
    sections = {(example.heading, example.case) for example in EXAMPLES}
    wanted = {(word, f"{kind}-{word}") for kind, words in WORDS.items() for word in words}
    assert wanted - sections == set()
    of_bounds = {re.sub(r".*\(`(\w+)`\)", r"\1", heading) for heading, case in sections if case.startswith("bound-")}
    assert of_bounds == {"exact", "within", "fails", "unverifiable", "malformed"}


WORDS = {"rule": RULES, "verdict": VERDICTS, "across": CLASSES}


def test_every_case_is_an_example() -> None:
    """A case that no page names explains nothing to anybody."""
    assert {example.case for example in EXAMPLES} == set(case_names())
