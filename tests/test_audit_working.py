"""The working of a finding as text, and findings for machines."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_tools.audit import Finding, as_json, audit, working_text
from build_tools.audit.finding import MOST_MORE_PLACES, Token, cut
from build_tools.figures import Claim, Figure, Unit

UNITS = (
    Unit("nguoi", "người", "people", "người", "people", "count", Decimal(1), "nguoi"),
    Unit("phan-tram", "%", "%", "phần trăm", "percent", "percent", Decimal(1), "phan-tram"),
    Unit("dong", "đồng", "VND", "đồng", "dong", "money", Decimal(1), "dong"),
    Unit("trieu-dong", "triệu đồng", "million VND", "", "", "money", Decimal(10**6), "dong"),
    Unit("ty-dong", "tỷ đồng", "billion VND", "", "", "money", Decimal(10**9), "dong"),
)


def figure(figure_id: str, printed: str, **changed: Any) -> Figure:
    """Return a figure from how it is printed: `100.20 phan-tram`, `15..20 nguoi`; an empty one has no value."""
    number, _, unit = printed.partition(" ")
    low, _, high = number.partition("..")
    facts: dict[str, Any] = dict.fromkeys(Figure.__dataclass_fields__, "")
    facts |= {"package": "hue", "row": 2, "figure_id": figure_id, "unit": unit or "nguoi", "precision": None}
    facts |= {"extent": "total", "qualifier": "exact", "spans": ()}
    facts |= {"value": Decimal(low) if low else None, "value_high": Decimal(high) if high else None}
    return Figure(**(facts | changed))


def finding(formula: str, result: str, numbers: dict[str, str], **changed: Any) -> Finding:
    """Return what the audit says of one claim."""
    figures = [figure(name, printed, **changed if name == "r" else {}) for name, printed in numbers.items()]
    rule = "sum" if result else "bound"
    findings, faults = audit(
        figures, [Claim("hue", 2, "it", rule, result, formula, "stated", None, None, "", "ghi chú")], UNITS
    )
    assert faults == ()
    return findings[0]


def vietnamese(number: Decimal) -> str:
    """Return a number as Vietnamese prints it, with the decimals it has."""
    return f"{number:,f}".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize(
    ("text", "formula", "numbers"),
    [
        ("20.360 ÷ 18.500 × 100 = 110,05…", "a / b * 100", {"a": "20360", "b": "18500", "r": "110 phan-tram"}),
        ("2.108 ÷ 1.750 × 100 = 120,457…", "a / b * 100", {"a": "2108", "b": "1750", "r": "120.45 phan-tram"}),
        ("269 ÷ 250 × 100 = 107,6", "a / b * 100", {"a": "269", "b": "250", "r": "107.4 phan-tram"}),
        ("250 + 1.750 + 14.950 = 16.950", "a + b + c", {"a": "250", "b": "1750", "c": "14950", "r": "17000"}),
        # What comes to a whole number is shown with the places it was printed with.
        ("17.034 ÷ [plan = 17.000] × 100 = 100,20", "a / [plan=17000] * 100", {"a": "17034", "r": "100.20 phan-tram"}),
        ("2.325 ÷ [plan] × 100", "a / [plan] * 100", {"a": "2325", "r": "116.25 phan-tram"}),
        # Parentheses where they matter, a minus sign that is one, a number of the formula as it stands.
        ("(9.885 − 8.262) ÷ 8.262 × 100 = 19,64…", "(a - b) / b * 100",
         {"a": "9885", "b": "8262", "r": "19.6 phan-tram"}),
        ("5 − (8 − 4) = 1", "a - (b - 4)", {"a": "5", "b": "8", "r": "1"}),
        ("5 − 8 = −3", "(a) - (b)", {"a": "5", "b": "8", "r": "3"}),
        ("12 ÷ (3 × 2) = 2", "a / (b * 2)", {"a": "12", "b": "3", "r": "2"}),
        ("2 × (−5) + 13 = 3", "2 * -a + b", {"a": "5", "b": "13", "r": "3"}),
        ("−5 + 8 = 3", "-a + b", {"a": "5", "b": "8", "r": "3"}),
        ("−(−5) = 5", "--a", {"a": "5", "r": "5"}),
        # One number alone is its own working, unless the units differ.
        ("2,27", "a", {"a": "2.27 phan-tram", "r": "2.72 phan-tram"}),
        ("1.500 triệu đồng = 1,5 tỷ đồng", "a", {"a": "1500 trieu-dong", "r": "1.5 ty-dong"}),
        ("3", "count(a, b, c)", {"a": "1", "b": "1", "c": "1", "r": "3"}),
        # Units only where the numbers as printed would come to something else.
        ("55.000 đồng × 10.000 người = 550 triệu đồng", "a * b",
         {"a": "55000 dong", "b": "10000", "r": "550 trieu-dong"}),
        ("73.607 + 295.899 = 369.506", "a + b",
         {"a": "73607 trieu-dong", "b": "295899 trieu-dong", "r": "369506 trieu-dong"}),
        ("31.680 ÷ 60.447 × 100 = 52,409…", "a / b * 100",
         {"a": "31680 trieu-dong", "b": "60447 trieu-dong", "r": "52.4 phan-tram"}),
        ("1,5 tỷ đồng + 500 triệu đồng = 2.000 triệu đồng", "a + b",
         {"a": "1.5 ty-dong", "b": "500 trieu-dong", "r": "2000 trieu-dong"}),
        ("300 triệu đồng ÷ [all] × 100", "a / [all] * 100", {"a": "300 trieu-dong", "r": "19.6 phan-tram"}),
        ("300 triệu đồng ÷ ([all] − 1) × 100", "a / ([all] - 1) * 100", {"a": "300 trieu-dong", "r": "19.6 phan-tram"}),
        # A number beyond recovery leaves a gap.
        ("? + 5", "a + b", {"a": "", "b": "5", "r": "7"}),
        # A range: its low ends, then its high ones.
        ("15 + 5 = 20; 20 + 5 = 25", "a + b", {"a": "15..20", "b": "5", "r": "20..25"}),
        ("20 × 2 = 40", "a.high * 2", {"a": "15..20", "r": "40"}),
        ("200 ÷ 237 × 100 = 84,3…; 230 ÷ 237 × 100 = 97,04…", "a / 237 * 100",
         {"a": "200..230", "r": "87..100 phan-tram"}),
        ("15; 20", "a", {"a": "15..20", "r": "15..20"}),
    ],
)  # fmt: skip
def test_the_working_reads_as_one_would_write_it(text: str, formula: str, numbers: dict[str, str]) -> None:
    """The numbers as printed, true signs, and the first decimal that tells the computed number from the printed one."""
    assert working_text(finding(formula, "r", numbers), vietnamese) == text


@pytest.mark.parametrize(
    ("text", "formula", "numbers"),
    [
        ("2,27 ≤ 2,79", "a <= b", {"a": "2.27 phan-tram", "b": "2.79 phan-tram"}),
        ("5 > 4; 4 + 1 ≥ −5; 5 = 5; 4 < 5", "all(a > b, b + 1 >= -a, a == a, b < a)", {"a": "5", "b": "4"}),
        ("2 tỷ đồng > 1.900 triệu đồng", "a > b", {"a": "2 ty-dong", "b": "1900 trieu-dong"}),
        ("5 người > 4 người; 2 tỷ đồng > 1.900 triệu đồng", "all(c > d, a > b)",
         {"a": "2 ty-dong", "b": "1900 trieu-dong", "c": "5", "d": "4"}),
        ("2 > 1", "a > b", {"a": "2 ty-dong", "b": "1 ty-dong"}),
        ("2 tỷ đồng > 1.000.000.000", "a > 1000000000", {"a": "2 ty-dong"}),
        ("17 ≥ 15; 17 ≥ 20", "a >= b", {"a": "17", "b": "15..20"}),
        ("5 > [plan]", "a > [plan]", {"a": "5"}),
    ],
)  # fmt: skip
def test_the_working_of_a_bound_is_the_comparison(text: str, formula: str, numbers: dict[str, str]) -> None:
    """Both sides as printed; several comparisons one after the other, people with their unit where money needs one."""
    assert working_text(finding(formula, "", numbers), vietnamese) == text


def test_a_fall_that_was_turned_round_shows_it() -> None:
    """2.27 - 3.56 is -1.29, and a fall of 1.29 is stated."""
    numbers = {"a": "2.27 phan-tram", "b": "3.56 phan-tram", "r": "1.29 phan-tram"}
    fall = finding("a - b", "r", numbers, direction="down")
    assert working_text(fall, vietnamese) == "−(2,27 − 3,56) = 1,29"
    rise = finding("a - b", "r", numbers, direction="up")
    assert working_text(rise, vietnamese) == "2,27 − 3,56 = −1,29"
    none = finding("a - b", "r", numbers | {"b": "2.27 phan-tram", "r": "0 phan-tram"}, direction="down")
    assert working_text(none, vietnamese) == "2,27 − 2,27 = 0"


def test_a_stated_formula_is_shown_with_the_places_of_its_most_precise_number() -> None:
    """10 / 3 beside 3.33 + 0: two places, and the first that is not zero after them."""
    said = finding("10 / 3", "a + b", {"a": "3.33 phan-tram", "b": "0 phan-tram"})
    assert (said.places, working_text(said, vietnamese)) == (2, "10 ÷ 3 = 3,333…")


def test_the_units_are_those_of_the_language() -> None:
    """The pieces know their unit in both languages, and which unit it is."""
    said = finding("a", "r", {"a": "1500 trieu-dong", "r": "1.5 ty-dong"})
    assert working_text(said, "{:,f}".format, "en") == "1,500 million VND = 1.5 billion VND"
    assert [token.unit for token in said.working] == ["trieu-dong", "ty-dong"]


def test_the_working_is_kept_as_pieces_that_know_their_figure() -> None:
    """From the pieces a page makes links, and text in any language."""
    said = finding("(a + 2) * [k=3]", "r", {"a": "5", "r": "21"})
    assert said.working == (
        Token("sign", name="("),
        Token("figure", Decimal(5), figure_id="a"),
        Token("sign", name="+"),
        Token("number", Decimal(2)),
        Token("sign", name=")"),
        Token("sign", name="*"),
        Token("assumed", Decimal(3), name="k"),
        Token("computed", Decimal(21)),
    )
    assert finding("a + [k]", "r", {"a": "5", "r": "21"}).working[-1] == Token("missing", name="k")


@pytest.mark.parametrize(
    ("number", "places", "shown", "is_cut"),
    [
        ("110", 0, "110", False),
        ("110", 2, "110.00", False),
        ("107.6", 1, "107.6", False),
        ("107.625", 0, "107.625", False),
        # It does not end within three more places: as far as the first decimal that is not zero.
        ("107.6251", 0, "107.6", True),
        ("110.0540540540540540540540540", 0, "110.05", True),
        ("110.0005", 0, "110.000", True),
        ("120.4571428571428571428571428", 2, "120.457", True),
        ("-0.0333333333333333333333333333", 0, "-0.03", True),
        ("0", 0, "0", False),
        ("1234567890123456789012345678", 3, "1234567890123456789012345678.000", False),
    ],
)
def test_decimals_are_cut_after_the_first_one_that_tells(number: str, places: int, shown: str, is_cut: bool) -> None:
    """At least the printed places, at most three more; an ellipsis only when something was left out."""
    assert tuple(map(str, cut(Decimal(number), places))) == (shown, str(is_cut))


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=None), st.integers(0, 6))
def test_a_cut_number_is_the_number_as_far_as_it_goes(number: Decimal, places: int) -> None:
    """Never rounded, never further than three places more, and whole when nothing is marked as cut."""
    shown, is_cut = cut(number, places)
    more = -int(shown.as_tuple().exponent) - places
    assert 0 <= more <= MOST_MORE_PLACES
    assert is_cut == (shown != number)
    assert abs(shown) <= abs(number) < abs(shown) + Decimal(1).scaleb(-places - more)


# --- For machines ----------------------------------------------------------------------------------------------------


def test_findings_for_machines_have_the_keys_that_are_promised() -> None:
    """Numbers as text with a point, nothing left out; empty where there is none."""
    said = finding("a / b * 100", "r", {"a": "20360", "b": "18500", "r": "110.0 phan-tram"})
    assert as_json([said]) == [
        {
            "package": "hue",
            "claim_id": "it",
            "rule": "sum",
            "basis": "stated",
            "verdict": "truncated",
            "verdict_as_read": "",
            "stated": "110.0",
            "computed": "110.0540540540540540540540540",
            "working": "20360 ÷ 18500 × 100 = 110.05…",
            "inputs": ["a", "b"],
        }
    ]
    (bound,) = as_json([finding("a > b", "", {"a": "5", "b": "4"})])
    assert (bound["stated"], bound["computed"], bound["working"]) == ("", "", "5 > 4")
    (both_ends,) = as_json([finding("a + 1", "r", {"a": "15..20", "r": "16..21"})])
    assert (both_ends["stated"], both_ends["computed"]) == ("16..21", "16..21")
    assert as_json([finding("a", "r", {"a": "5", "r": "5"})], "<{}>".format)[0]["working"] == "<5>"


def test_findings_for_machines_are_in_order() -> None:
    """Whatever order they are given in."""
    one = finding("a", "r", {"a": "5", "r": "5"})
    findings = [Finding("b", "a", "sum", "stated", "exact"), Finding("a", "z", "sum", "stated", "exact"), one]
    assert [entry["package"] for entry in as_json(findings)] == ["a", "b", "hue"]


def test_a_finding_carries_what_a_page_says_of_it() -> None:
    """The result with its unit and places, the difference, the claim's own note; and it can stand in a set."""
    said = finding("a - b", "r", {"a": "2.5 ty-dong", "b": "400 trieu-dong", "r": "2.000 ty-dong"})
    assert (said.result, said.unit, str(said.stated), said.places) == ("r", "ty-dong", "2.000", 3)
    assert (said.computed, said.difference, said.note) == (Decimal("2.1"), Decimal("0.1"), "ghi chú")
    assert {said} == {said, finding("a - b", "r", {"a": "2.5 ty-dong", "b": "400 trieu-dong", "r": "2.000 ty-dong"})}
