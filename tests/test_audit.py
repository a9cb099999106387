"""What the audit says of a claim, and what keeps a claim from being judged."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from build_tools.audit import ClaimFault, Finding, audit
from build_tools.audit.claims import BASES, RULES
from build_tools.audit.finding import VERDICTS
from build_tools.audit.verdicts import weakest
from build_tools.figures import Claim, ClaimItem, Figure, Span, Unit

UNITS = (
    Unit("nguoi", "người", "people", "người", "people", "count", Decimal(1), "nguoi"),
    Unit("hang", "hạng", "rank", "hạng", "rank", "rank", Decimal(1), "hang"),
    Unit("phan-tram", "%", "%", "phần trăm", "percent", "percent", Decimal(1), "phan-tram"),
    Unit("dong-thang", "đồng/tháng", "VND/month", "", "", "rate", Decimal(1), "dong-thang"),
    Unit("trieu-dong", "triệu đồng", "million VND", "", "", "money", Decimal(10**6), "dong"),
    Unit("ty-dong", "tỷ đồng", "billion VND", "", "", "money", Decimal(10**9), "dong"),
)
SHORT = {"": "nguoi", "%": "phan-tram", "tr": "trieu-dong", "ty": "ty-dong", "th": "dong-thang", "hang": "hang"}


def figure(figure_id: str, printed: str, **changed: Any) -> Figure:
    """Return a figure from how it is printed: `100.20 %`, `15..20`, `7 ty`; an empty one has no value."""
    number, _, unit = printed.partition(" ")
    low, _, high = number.partition("..")
    facts: dict[str, Any] = dict.fromkeys(Figure.__dataclass_fields__, "")
    facts |= {"package": "hue", "row": 2, "figure_id": figure_id, "unit": SHORT[unit], "precision": None, "spans": ()}
    facts |= {"stance": "actual", "measure": "level", "extent": "total", "qualifier": "exact"}
    facts |= {"value": Decimal(low) if low else None, "value_high": Decimal(high) if high else None}
    return Figure(**(facts | changed))


def read_as(reading: str) -> tuple[Span, ...]:
    """Return a span that was read so."""
    return (Span(2, 1, 1, 6, "18,173", "figure", reading=reading),)


def claim(formula: str, result: str = "r", **changed: Any) -> Claim:
    """Return a claim that is complete, with these things changed."""
    facts: dict[str, Any] = {"package": "hue", "row": 7, "claim_id": "it", "rule": "sum", "basis": "stated", "note": ""}
    facts |= {"formula": formula, "result": result, "line": None, "start": None, "as_written": ""}
    return Claim(**(facts | changed))


def items(*figure_ids: str) -> tuple[ClaimItem, ...]:
    """Return the items that a count lists."""
    return tuple(ClaimItem(n, "it", n, f"item {n}", 1, n, figure_id) for n, figure_id in enumerate(figure_ids, 2))


def finding(formula: str, result: str = "r", *, numbers: dict[str, Any], **changed: Any) -> Finding:
    """Return what the audit says of one claim; `numbers` are figures, or how they are printed."""
    findings, faults = audit(figures(numbers), [claim(formula, result, **changed)], UNITS)
    assert faults == ()
    (only,) = findings
    return only


def faults(formula: str, result: str = "r", *, numbers: dict[str, Any], **changed: Any) -> tuple[ClaimFault, ...]:
    """Return the faults that keep one claim from being judged."""
    findings, found = audit(figures(numbers), [claim(formula, result, **changed)], UNITS)
    assert findings == ()
    return found


def figures(numbers: dict[str, Any]) -> list[Figure]:
    """Return figures from how they are printed."""
    return [figure(name, it) if isinstance(it, str) else replace(it, figure_id=name) for name, it in numbers.items()]


# --- The verdicts, in their order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "formula", "numbers", "computed"),
    [
        # 24767 + 17396 = 42163; 73607 + 295899 + 412459 = 781965; 31.5 + 28.5 = 60.0.
        ("exact", "a + b", {"a": "24767", "b": "17396", "r": "42163"}, "42163"),
        ("exact", "a + b + c", {"a": "1480", "b": "6123", "c": "7363", "r": "14966"}, "14966"),
        ("exact", "a + b + c", {"a": "73607 tr", "b": "295899 tr", "c": "412459 tr", "r": "781965 tr"}, "781965"),
        ("exact", "a + b", {"a": "31.5 %", "b": "28.5 %", "r": "60 %"}, "60.0"),
        # 2325 / 2000 = 1.1625.
        ("exact", "a / b * 100", {"a": "2325", "b": "2000", "r": "116.25 %"}, "116.25"),
        # A third times three is one: 1/3 * 3 with nothing lost on the way.
        ("exact", "a / 3 * 3", {"a": "1", "r": "1"}, "1"),
        # 1500 triệu = 1.5 tỷ.
        ("exact", "a", {"a": "1500 tr", "r": "1.5 ty"}, "1.5"),
        # 20360 / 18500 = 1.10054…; to whole percents both rounding and cutting give 110: rounding is asked first.
        ("rounded", "a / b * 100", {"a": "20360", "b": "18500", "r": "110 %"}, "110.0540540540540540540540540"),
        # 130 / 237 = 0.548523…: 54.85. 2 / 3 = 0.66…: 0.67, and a half goes up: 0.125 to 0.13.
        ("rounded", "a / b * 100", {"a": "130", "b": "237", "r": "54.85 %"}, "54.85232067510548523206751054"),
        ("rounded", "a / b", {"a": "2", "b": "3", "r": "0.67 %"}, "0.6666666666666666666666666666"),
        ("rounded", "a / b", {"a": "1", "b": "8", "r": "0.13 %"}, "0.125"),
        ("rounded", "a / b", {"a": "33", "b": "2", "r": "17"}, "16.5"),
        # 2.5 tỷ rounds to 3 tỷ.
        ("rounded", "a + b", {"a": "1200 tr", "b": "1300 tr", "r": "3 ty"}, "2.5"),
        # 2108 / 1750 = 1.204571…: rounds to 120.46, cut it is 120.45. 0.125 cut is 0.12.
        ("truncated", "a / b * 100", {"a": "2108", "b": "1750", "r": "120.45 %"}, "120.4571428571428571428571428"),
        ("truncated", "a / b", {"a": "1", "b": "8", "r": "0.12 %"}, "0.125"),
        # 99.9 is neither 100.0 nor 100.1, but [33.25, 33.4) three times is [99.75, 100.2), which meets [99.95, 100.1).
        ("within", "a + b + c", {"a": "33.3 %", "b": "33.3 %", "c": "33.3 %", "r": "100.0 %"}, "99.9"),
        # 4 tỷ is [3.5, 5): it meets 3.9, [3.85, 4), and 5.0, [4.95, 5.1), but not 5.1, [5.05, 5.2).
        ("within", "a", {"a": "4 ty", "r": "3.9 ty"}, "4"),
        ("within", "a", {"a": "4 ty", "r": "5.0 ty"}, "4"),
        ("fails", "a", {"a": "4 ty", "r": "5.1 ty"}, "4"),
        # 269 / 250 = 1.076, not 1.074; counts are exact, so nothing is open.
        ("fails", "a / b * 100", {"a": "269", "b": "250", "r": "107.4 %"}, "107.6"),
        # 250 + 1750 + 14950 = 16950: 50 too few for 17000.
        ("fails", "a + b + c", {"a": "250", "b": "1750", "c": "14950", "r": "17000"}, "16950"),
        # [31679.5, 31681) + [28767.5, 28769) is [60447, 60450), which meets [60446.5, 60448); [60449, 60452) does not.
        ("within", "a + b", {"a": "31680 tr", "b": "28768 tr", "r": "60447 tr"}, "60448"),
        ("fails", "a + b", {"a": "31680 tr", "b": "28770 tr", "r": "60447 tr"}, "60450"),
        ("fails", "a - b", {"a": "5", "b": "8", "r": "3"}, "-3"),
    ],
)  # fmt: skip
def test_the_first_verdict_that_fits_stands(verdict: str, formula: str, numbers: dict[str, str], computed: str) -> None:
    """Exact before rounded before truncated before within before fails; each worked by hand above its row."""
    said = finding(formula, numbers=numbers)
    assert (said.verdict, said.computed) == (verdict, Decimal(computed))
    assert (said.verdict_as_read, said.verdict_if_assumed, said.missing, said.assumed) == ("", "", (), ())


@pytest.mark.parametrize(
    ("verdict", "qualifier", "stated", "computed"),
    [
        # Computed 6600 triệu, stated in tỷ: 6.6 rounds to 7 and is cut to 6.
        ("rounded", "exact", "7 ty", "6600 tr"),
        ("rounded", "nearly", "7 ty", "6600 tr"),
        ("rounded", "about", "7 ty", "6600 tr"),
        ("fails", "over", "7 ty", "6600 tr"),
        ("fails", "at_least", "7 ty", "6600 tr"),
        ("rounded", "at_most", "7 ty", "6600 tr"),
        ("rounded", "under", "7 ty", "6600 tr"),
        ("truncated", "over", "6 ty", "6600 tr"),
        ("fails", "nearly", "6 ty", "6600 tr"),
        ("fails", "under", "6 ty", "6600 tr"),
        # 6000 triệu are 6 tỷ, whatever the word; "under" too, since the numbers agree to the last digit.
        ("exact", "over", "6 ty", "6000 tr"),
        ("exact", "under", "6 ty", "6000 tr"),
        # Over 50 tỷ is [50, 60] tỷ, about 50 is [40, 60], nearly 5 is [4, 5].
        ("within", "over", "50 ty", "57000 tr"),
        ("fails", "over", "50 ty", "61000 tr"),
        ("within", "about", "50 ty", "57000 tr"),
        ("fails", "about", "50 ty", "61000 tr"),
        ("within", "nearly", "5 ty", "4100 tr"),
        ("fails", "nearly", "5 ty", "3900 tr"),
        ("within", "at_least", "5 ty", "9000 tr"),
        ("within", "at_most", "5 ty", "1 tr"),
    ],
)
def test_a_word_on_the_result_says_on_which_side_the_number_lies(
    verdict: str, qualifier: str, stated: str, computed: str
) -> None:
    """Rounding does not carry a number across "hơn", "gần" or "dưới"; within their intervals it agrees."""
    numbers = {"a": figure("a", computed, precision=Decimal(0)), "r": figure("r", stated, qualifier=qualifier)}
    assert finding("a", numbers=numbers).verdict == verdict


def test_a_word_on_an_input_widens_what_the_formula_can_come_to() -> None:
    """ "Hơn 10.000" is [10000, 20000]: times 2 that meets 39999, and not 40001."""
    over = figure("a", "10000", qualifier="over")
    assert finding("a * 2", numbers={"a": over, "r": "39999"}).verdict == "within"
    assert finding("a * 2", numbers={"a": over, "r": "40001"}).verdict == "fails"


def test_the_printed_places_of_a_result_are_those_of_its_precision_where_it_has_one() -> None:
    """2400 with u = 1000 rounds and cuts to 2000; 2600 is cut to it; 3100 is outside [1500, 3000)."""
    stated = figure("r", "2000", precision=Decimal(1000))
    verdicts = [finding("a", numbers={"a": n, "r": stated}).verdict for n in ("2400", "2600", "3100", "1999", "1400")]
    assert verdicts == ["rounded", "truncated", "fails", "rounded", "fails"]
    exactly = figure("r", "2.5 %", precision=Decimal(0))
    assert finding("10 / 4.001", numbers={"r": exactly}).verdict == "fails"


# --- Malformed, unverifiable, and what stands beside them ------------------------------------------------------------


@pytest.mark.parametrize("reading", ["misprint", "glued", "unrecoverable"])
@pytest.mark.parametrize("where", ["a", "r"])
@pytest.mark.parametrize(("other", "as_read"), [("5", "exact"), ("6", "fails")])
def test_a_doubtful_print_comes_before_any_other_verdict(reading: str, where: str, other: str, as_read: str) -> None:
    """A misprint among the inputs or in the result: malformed, and beside it the verdict of the value as meant.

    With b = 5 the sum is 15, as stated; with b = 6 it is 16.
    """
    numbers: dict[str, Any] = {"a": figure("a", "10"), "b": other, "r": figure("r", "15")}
    numbers[where] = replace(numbers[where], spans=read_as(reading))
    said = finding("a + b", numbers=numbers)
    assert (said.verdict, said.verdict_as_read) == ("malformed", as_read)
    assert said.computed == 10 + Decimal(other)


@pytest.mark.parametrize("reading", ["plain", "irregular"])
def test_a_print_that_is_only_unusual_is_no_matter(reading: str) -> None:
    """`2108` for 2.108 has one clear reading; so has a number that stands in two places."""
    spans = read_as("plain") + read_as(reading)
    assert finding("a", numbers={"a": figure("a", "5", spans=spans), "r": "5"}).verdict == "exact"


def test_one_doubtful_print_of_several_is_enough() -> None:
    """A figure printed twice, once wrongly: the claim may rest on either."""
    spans = read_as("plain") + read_as("misprint")
    assert finding("a", numbers={"a": figure("a", "5", spans=spans), "r": "5"}).verdict == "malformed"


@pytest.mark.parametrize("where", ["a", "r"])
def test_a_number_beyond_recovery_has_no_verdict_as_read(where: str) -> None:
    """Nothing can be computed, also where another input is missing, and the working shows a gap."""
    numbers = {"a": "10", "r": "10"} | {where: ""}
    for formula in ("a", "a + [rest]", "a * 2 - a"):
        said = finding(formula, numbers=numbers)
        assert (said.verdict, said.verdict_as_read, said.computed, said.difference) == ("malformed", "", None, None)


def test_an_input_nobody_printed_is_named() -> None:
    """Named once, however often it occurs; nothing is computed, and the basis is implied whatever the row says."""
    said = finding("(a - [last_year]) / [last_year] * [k]", numbers={"a": "5", "r": "3 %"}, basis="stated")
    assert (said.verdict, said.missing, said.basis) == ("unverifiable", ("last_year", "k"), "implied")
    assert (said.computed, said.difference, said.verdict_if_assumed) == (None, None, "")


def test_malformed_comes_before_unverifiable_which_stands_beside_it() -> None:
    """A misprint over a plan nobody printed."""
    said = finding("a / [plan]", numbers={"a": figure("a", "5", spans=read_as("misprint")), "r": "3"})
    assert (said.verdict, said.verdict_as_read, said.missing) == ("malformed", "unverifiable", ("plan",))


@pytest.mark.parametrize(
    ("plan", "stated", "verdict", "if_assumed"),
    [
        # 17034 / 17000 = 1.002; / 17030 = 1.000234…; / 16990 = 1.0025897…; / 17100 = 0.99614…
        ("17000", "100.20 %", "exact", "exact"),
        ("17030", "100.02 %", "rounded", "rounded"),
        ("16990", "100.25 %", "truncated", "truncated"),
        ("17100", "100.20 %", "unverifiable", "fails"),
    ],
)
def test_an_assumption_lets_a_claim_pass_but_never_fail(plan: str, stated: str, verdict: str, if_assumed: str) -> None:
    """What agrees under the assumption agrees, the assumption being named; what does not may be its fault."""
    said = finding(f"a / [plan={plan}] * 100", numbers={"a": "17034", "r": stated}, basis="implied")
    assert (said.verdict, said.verdict_if_assumed, said.basis) == (verdict, if_assumed, "implied")
    assert (said.assumed, said.missing) == ((("plan", Decimal(plan)),), ())
    assert said.computed is not None


def test_an_assumption_may_leave_a_claim_open() -> None:
    """[68.85, 69) / 68.7 * 100 is [100.21…, 100.43…): it meets 100.4 within [100.35, 100.5), computed is 100.29…"""
    numbers = {"a": "68.9 %", "r": "100.4 %"}
    assert finding("a / [plan=68.7] * 100", numbers=numbers).verdict == "within"


def test_a_claim_of_an_implied_basis_is_never_said_to_fail() -> None:
    """Also where the base was written into the formula as a number."""
    said = finding("a / 17100 * 100", numbers={"a": "17034", "r": "100.20 %"}, basis="implied")
    assert (said.verdict, said.verdict_if_assumed, said.assumed) == ("unverifiable", "fails", ())
    assert finding("a / 17100 * 100", numbers={"a": "17034", "r": "100.20 %"}, basis="elsewhere").verdict == "fails"


def test_a_misprint_under_an_assumption_does_not_fail_as_read_either() -> None:
    """Malformed; as read it would fail, but only under our assumption."""
    numbers = {"a": figure("a", "17034", spans=read_as("misprint")), "r": "100.20 %"}
    said = finding("a / [plan=17100] * 100", numbers=numbers)
    assert (said.verdict, said.verdict_as_read, said.verdict_if_assumed) == ("malformed", "unverifiable", "fails")


def test_the_verdicts_are_listed_in_the_order_in_which_they_are_tested() -> None:
    """The weakest of several is the one that comes last."""
    assert VERDICTS == ("malformed", "unverifiable", "exact", "rounded", "truncated", "within", "fails")
    assert weakest("rounded", "exact", "within", "truncated") == "within"


# --- Results ---------------------------------------------------------------------------------------------------------


def test_a_result_may_be_a_number_with_its_own_places() -> None:
    """2325 / 2000 = 1.1625: as 1.2 it is rounded, as 1.1 cut, as 1.1625 exact, as 2 it fails, as 1 rounded."""
    verdicts = [finding("a / 2000", n, numbers={"a": "2325"}).verdict for n in ("1.2", "1.1", "1.1625", "2", "1")]
    assert verdicts == ["rounded", "truncated", "exact", "fails", "rounded"]
    said = finding("a / 2000", "1.20", numbers={"a": "2325"})
    assert (str(said.stated), said.places, said.result, said.unit, said.verdict) == ("1.20", 2, "", "", "fails")


def test_the_hundred_of_shares_is_nobodys_rounding() -> None:
    """17.76 + 80.52 + 0.65 + 0.65 = 99.58, at most 99.62: not 100, though it rounds to it. 99.9 of 33.3s can be 100."""
    shares = {"a": "17.76 %", "b": "80.52 %", "c": "0.65 %", "d": "0.65 %"}
    assert finding("a + b + c + d", "100", numbers=shares, rule="total100").verdict == "fails"
    assert finding("a + b + c + d", "100", numbers=shares).verdict == "rounded"
    thirds = {"a": "33.3 %", "b": "33.3 %", "c": "33.3 %"}
    assert finding("a + b + c", "100", numbers=thirds, rule="total100").verdict == "within"
    assert finding("a + b", "100", numbers={"a": "40 %", "b": "60 %"}, rule="total100").verdict == "exact"


def test_a_result_may_be_a_formula_which_is_not_printed_and_so_not_rounded() -> None:
    """3 + 4 against 2 * 3.5; 7.4 does not round to 3 + 4, and with money the intervals can meet."""
    assert finding("a * b", "c + d", numbers={"a": "2", "b": "3.5 %", "c": "3", "d": "4"}).verdict == "exact"
    assert finding("7.4 * a", "c + d", numbers={"a": "1", "c": "3", "d": "4"}).verdict == "fails"
    assert finding("a", "b + c", numbers={"a": "8 ty", "b": "3 ty", "c": "4 ty"}).verdict == "within"


def test_a_result_of_one_unit_is_stated_in_it_and_any_other_in_base_units() -> None:
    """The sum of two sums of money is money; one sum over another is a plain number; money and people have no unit."""
    numbers = {"a": "8 ty", "b": "3 ty", "c": "5 ty", "p": "4"}
    said = finding("a", "b + c", numbers=numbers)
    assert (said.stated, said.computed, said.unit) == (Decimal(8), Decimal(8), "ty-dong")
    said = finding("3 / 5", "b / c", numbers=numbers)
    assert (said.stated, said.computed, said.unit, said.verdict) == (Decimal("0.6"), Decimal("0.6"), "", "exact")
    said = finding("a / 4", "(b + c) / p", numbers=numbers)
    assert (said.stated, said.unit) == (Decimal(2 * 10**9), "")
    said = finding("p", "2 * 2", numbers=numbers)
    assert (said.stated, said.unit) == (Decimal(4), "")


def test_a_result_that_holds_an_input_nobody_printed_is_not_stated() -> None:
    """The claim is unverifiable; under an assumption it is worked out."""
    said = finding("a", "b + [rest]", numbers={"a": "8 ty", "b": "3 ty"})
    assert (said.verdict, said.stated, said.missing, said.unit) == ("unverifiable", None, ("rest",), "")
    said = finding("a", "b + [rest=5000000000]", numbers={"a": "8 ty", "b": "3 ty"})
    assert (said.verdict, said.stated, said.basis) == ("exact", Decimal(8 * 10**9), "implied")


def test_a_result_that_the_formula_is_made_of_varies_with_it() -> None:
    """r * 2 - r is r, though r is [3.5, 5) tỷ: 5 more than r never is."""
    assert finding("r * 2 - r", numbers={"r": "4 ty"}).verdict == "exact"
    assert finding("r * 1.01", numbers={"r": "4 ty"}).verdict == "rounded"
    assert finding("a + b", "b + c", numbers={"a": "4 ty", "b": "9 ty", "c": "6 ty"}).verdict == "fails"


# --- Bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "formula", "numbers"),
    [
        # Counts are exact: a comparison holds or does not.
        ("exact", "a > b", {"a": "20360", "b": "18500"}),
        ("fails", "a < b", {"a": "20360", "b": "18500"}),
        ("exact", "a >= b", {"a": "5", "b": "5"}),
        ("exact", "a <= b", {"a": "5", "b": "5"}),
        ("fails", "a > b", {"a": "5", "b": "5"}),
        ("fails", "a < b", {"a": "5", "b": "5"}),
        ("exact", "a == b", {"a": "5", "b": "5"}),
        ("fails", "a == b", {"a": "5", "b": "6"}),
        ("exact", "a <= b", {"a": "6 hang", "b": "21"}),
        # [2.265, 2.28) against [2.785, 2.8).
        ("exact", "a <= b", {"a": "2.27 %", "b": "2.79 %"}),
        ("exact", "a < b", {"a": "2.27 %", "b": "2.79 %"}),
        ("fails", "a >= b", {"a": "2.27 %", "b": "2.79 %"}),
        ("fails", "a == b", {"a": "2.27 %", "b": "2.79 %"}),
        # [1.75, 1.9) on both sides leaves every order open; as printed the two are equal.
        ("within", "a <= b", {"a": "1.8 %", "b": "1.8 %"}),
        ("within", "a > b", {"a": "1.8 %", "b": "1.8 %"}),
        ("exact", "a == b", {"a": "1.8 %", "b": "1.8 %"}),
        ("within", "a == b", {"a": "1.8 %", "b": "1.80 %"} | {"b": "1.83 %"}),
        # [1.75, 1.9) never reaches 1.9 and reaches 1.75.
        ("exact", "a < 1.9", {"a": "1.8 %"}),
        ("fails", "a >= 1.9", {"a": "1.8 %"}),
        ("exact", "a >= 1.75", {"a": "1.8 %"}),
        ("within", "a > 1.75", {"a": "1.8 %"}),
        ("within", "a <= 1.75", {"a": "1.8 %"}),
        ("fails", "a < 1.75", {"a": "1.8 %"}),
        # Without an end on one side.
        ("exact", "a < 2.1", {"a": figure("a", "2.1 %", qualifier="under")}),
        ("within", "a > 2", {"a": figure("a", "2.1 %", qualifier="under")}),
        ("exact", "a >= 90", {"a": figure("a", "90 %", qualifier="over")}),
        # The same input on both sides is one number.
        ("exact", "a + 1 > a", {"a": "1.8 %"}),
        ("exact", "a == a * 1", {"a": "1.8 %"}),
        # Of several the weakest stands.
        ("exact", "all(a > b, b > c)", {"a": "3", "b": "2", "c": "1"}),
        ("within", "all(a > b, c <= d)", {"a": "3", "b": "2", "c": "1.8 %", "d": "1.8 %"}),
        ("fails", "all(a > b, c <= d, b > a)", {"a": "3", "b": "2", "c": "1.8 %", "d": "1.8 %"}),
        # Ranges: low with low, high with high; one side alone is left open between its ends.
        ("exact", "a > b", {"a": "3..5", "b": "2..4"}),
        ("fails", "a > b", {"a": "3..5", "b": "2..6"}),
        ("within", "a >= b", {"a": "17", "b": "15..20"}),
        ("exact", "a >= b", {"a": "20", "b": "15..20"}),
        ("fails", "a >= b", {"a": "14", "b": "15..20"}),
        ("exact", "a >= b.low", {"a": "17", "b": "15..20"}),
        ("fails", "a >= b.high", {"a": "17", "b": "15..20"}),
    ],
)  # fmt: skip
def test_a_bound_holds_when_it_is_true_of_every_number_that_prints_so(
    verdict: str, formula: str, numbers: dict[str, Any]
) -> None:
    """`exact` reads "holds", `fails` "does not hold", `within` is left open; `==` holds of equal prints."""
    said = finding(formula, "", numbers=numbers, rule="bound")
    assert (said.verdict, said.stated, said.computed, said.difference) == (verdict, None, None, None)


def test_a_bound_on_what_nobody_printed_is_not_said_not_to_hold() -> None:
    """Missing: unverifiable. Assumed: it may hold, else unverifiable. Misprinted: malformed, with what it reads."""
    bound: dict[str, Any] = {"rule": "bound", "numbers": {"a": "5", "m": figure("m", "5", spans=read_as("glued"))}}
    assert finding("a > [plan]", "", **bound).missing == ("plan",)
    assert finding("a > [plan=4]", "", **bound).verdict == "exact"
    assert finding("a > [plan=6]", "", **bound).verdict == "unverifiable"
    said = finding("m > 6", "", **bound)
    assert (said.verdict, said.verdict_as_read) == ("malformed", "fails")


def test_a_rank_may_be_a_bound_too() -> None:
    """Any rule may compare instead of stating a result."""
    assert finding("a <= b", "", numbers={"a": "6 hang", "b": "21"}, rule="rank").verdict == "exact"


# --- Ranges, falls, counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "formula", "numbers", "computed", "difference"),
    [
        # Both ends exact; the high end one too many: the weaker verdict stands, and its difference.
        ("exact", "a + b", {"a": "15..20", "b": "5", "r": "20..25"}, ("20", "25"), "0"),
        ("fails", "a + b", {"a": "15..20", "b": "5", "r": "20..24"}, ("20", "25"), "1"),
        ("fails", "a + b", {"a": "15..20", "b": "5", "r": "21..25"}, ("20", "25"), "-1"),
        # 15/200 = 7.5 rounds to 8; 17/200 = 8.5 is cut to 8, 16.5 rounded would be 9.
        ("truncated", "a / 200 * 100", {"a": "15..17", "r": "8..8 %"}, ("7.5", "8.5"), "0.5"),
        # 200/237 = 84.38…, 230/237 = 97.04…
        ("fails", "a / 237 * 100", {"a": "200..230", "r": "87..100 %"},
         ("84.38818565400843881856540084", "97.04641350210970464135021097"), "-2.95358649789029535864978903"),
        # One side a range: the other has to lie in it; 7.5 to 10 holds 9, and not 12.
        ("within", "a * 5", {"a": "1.5..2.0 %", "r": "9.0 %"}, ("7.5", "10"), "-1.5"),
        ("fails", "a * 5", {"a": "1.5..2.0 %", "r": "12.0 %"}, ("7.5", "10"), "-4.5"),
        ("within", "a", {"a": "17", "r": "15..20"}, ("17", None), "-3"),
        ("fails", "a", {"a": "14", "r": "15..20"}, ("14", None), "-6"),
        ("exact", "a.low + a.high", {"a": "15..20", "r": "35"}, ("35", None), "0"),
    ],
)  # fmt: skip
def test_ranges_are_compared_end_by_end(
    verdict: str, formula: str, numbers: dict[str, str], computed: tuple[str, str | None], difference: str
) -> None:
    """Low with low, high with high; where one side is a single number, between the ends."""
    said = finding(formula, numbers=numbers)
    low, high = computed
    assert (said.verdict, said.computed) == (verdict, Decimal(low))
    assert said.computed_high == (None if high is None else Decimal(high))
    assert said.difference is not None
    assert abs(said.difference - Decimal(difference)) < Decimal("1E-20")
    assert said.stated_high == (None if ".." not in numbers["r"] else Decimal(numbers["r"].split("..")[1].split()[0]))


def test_one_end_of_a_range_may_be_the_result() -> None:
    """The high end is stated, with its printed places; the word of a range is its low end's."""
    numbers = {"a": "99.6 %", "r": figure("r", "87..100 %", qualifier="over")}
    said = finding("a", "r.high", numbers=numbers)
    assert (said.verdict, said.stated, said.stated_high, said.result) == ("rounded", Decimal(100), None, "r")
    assert finding("a", "r.high", numbers=numbers | {"a": "100.4 %"}).verdict == "rounded"
    low = figure("r", "100..120 %", qualifier="over")
    assert (
        finding("a", "r.low", numbers={"a": figure("a", "99.6 %", precision=Decimal(0)), "r": low}).verdict == "fails"
    )


@pytest.mark.parametrize(
    ("facts", "verdict", "computed"),
    [
        ({"direction": "down"}, "exact", "1.29"),
        ({"measure": "gap"}, "exact", "1.29"),
        ({"direction": "up"}, "fails", "-1.29"),
        ({}, "fails", "-1.29"),
    ],
)
def test_a_fall_or_a_gap_is_compared_without_its_sign(facts: dict[str, str], verdict: str, computed: str) -> None:
    """2.27 - 3.56 = -1.29: a figure has no sign, so a fall of 1.29 agrees, and a rise does not."""
    numbers = {"now": "2.27 %", "then": "3.56 %", "r": figure("r", "1.29 %", **facts)}
    said = finding("now - then", numbers=numbers, rule="difference")
    assert (said.verdict, said.computed) == (verdict, Decimal(computed))
    assert finding("then - now", numbers=numbers, rule="difference").verdict == "exact"


@pytest.mark.parametrize(
    ("formula", "listed", "verdict", "computed", "inputs"),
    [
        ("count(items)", items("a", "", "b"), "exact", 3, ("a", "b")),
        ("", items("", "", "", ""), "fails", 4, ()),
        ("count(it)", items("a", "a", "elsewhere"), "exact", 3, ("a",)),
        ("count(a, b, c)", (), "exact", 3, ("a", "b", "c")),
        ("count(a) + 2", (), "exact", 3, ("a",)),
        ("count(items) - count(a, b)", items("", "", "", "", ""), "exact", 3, ("a", "b")),
    ],
)
def test_a_count_is_compared_with_what_is_listed(
    formula: str, listed: tuple[ClaimItem, ...], verdict: str, computed: int, inputs: tuple[str, ...]
) -> None:
    """Three are stated. An empty formula of the rule count counts the items; figures that items name are inputs."""
    numbers = {"a": "7", "b": "4", "c": "", "r": "3"}
    said = finding(formula, numbers=numbers, rule="count", items=listed)
    assert (said.verdict, said.computed, said.inputs) == (verdict, Decimal(computed), inputs)


def test_a_count_names_a_figure_a_claim_or_items_in_that_order_of_having_any() -> None:
    """A name that is both a claim's and a figure's counts the claim's items if it has some, else the one figure."""
    numbers = {"a": "7", "items": "9", "r": "1"}
    other = claim("1", "r", claim_id="a", items=items("", ""))
    findings, found = audit(figures(numbers), [claim("count(a)", "r"), other, claim("1", "r", claim_id="b")], UNITS)
    assert found == ()
    assert {said.claim_id: said.computed for said in findings} == {"it": 2, "a": 1, "b": 1}
    assert finding("count(items)", numbers=numbers).computed == 1


# --- Across packages -------------------------------------------------------------------------------------------------


def test_claims_name_figures_of_their_own_package_and_of_others() -> None:
    """A bare name is of the claim's own package; `package#id` is of any; so are the items of another's claim."""
    hue = [figure("jobs", "17034"), figure("share", "50 %")]
    quang_binh = [replace(figure("jobs", "20360"), package="quang-binh-2023")]
    listing = claim("count(items)", "2", package="quang-binh-2023", claim_id="lists", items=items("jobs", ""))
    across = claim("hue#jobs + quang-binh-2023#jobs", "37394", package="across")
    counts = claim("count(quang-binh-2023#lists)", "2", claim_id="counts")
    own = claim("jobs * 2", "34068", claim_id="own")
    findings, found = audit([*hue, *quang_binh], [own, across, listing, counts], UNITS)
    assert found == ()
    assert [(said.package, said.claim_id, said.verdict, said.inputs) for said in findings] == [
        ("across", "it", "exact", ("hue#jobs", "quang-binh-2023#jobs")),
        ("hue", "counts", "exact", ("quang-binh-2023#jobs",)),
        ("hue", "own", "exact", ("jobs",)),
        ("quang-binh-2023", "lists", "exact", ("jobs",)),
    ]


def test_findings_and_faults_come_in_order_whatever_order_the_claims_have() -> None:
    """By package and claim; twice the same claim is two findings, in one order."""
    claims = [claim("a", "5", claim_id="b"), claim("a", "6", claim_id="a"), claim("a", "5", claim_id="a"),
              claim("x", "5", row=9), claim("y", "5", row=8)]  # fmt: skip
    forward, backward = (audit([figure("a", "5")], order, UNITS) for order in (claims, claims[::-1]))
    assert forward == backward
    assert [said.claim_id for said in forward[0]] == ["a", "a", "b"]
    assert [fault.row for fault in forward[1]] == [8, 9]


# --- Faults ----------------------------------------------------------------------------------------------------------

NUMBERS = {"a": "10", "b": "10", "range": "5..7", "r": "20"}


def test_the_claim_that_the_faults_start_from_is_sound() -> None:
    """Otherwise what follows would prove nothing."""
    assert finding("a + b", numbers=NUMBERS).verdict == "exact"


@pytest.mark.parametrize(
    ("changed", "column", "code", "says"),
    [
        ({"rule": "totals"}, "rule", "rule-unknown", "“totals” is no rule: write one of sum, total100"),
        ({"basis": "guessed"}, "basis", "basis-unknown", "write one of stated, elsewhere, implied"),
        ({"formula": "a +"}, "formula", "formula-syntax", "character 4: expected a number or a name"),
        ({"formula": ""}, "formula", "formula-empty", "there is no formula"),
        ({"formula": "a + 007"}, "formula", "formula-number", "character 5"),
        ({"result": "r +"}, "result", "formula-syntax", "character 4"),
        ({"result": "r > 5"}, "result", "formula-syntax", "compares nothing"),
        ({"result": ""}, "result", "result-missing", "nothing is stated"),
        ({"formula": "a > b"}, "result", "result-unwanted", "the formula compares by itself"),
        ({"rule": "bound"}, "formula", "bound-missing", "write < <= == >= or >"),
        ({"formula": "a + c"}, "formula", "figure-unknown", "no figure is called “c”"),
        ({"formula": "a + other#b"}, "formula", "figure-unknown", "no figure is called “other#b”"),
        ({"result": "c"}, "result", "figure-unknown", "no figure is called “c”"),
        ({"formula": "count(a, c)"}, "formula", "figure-unknown", "no figure is called “c”"),
        ({"formula": "count(c)"}, "formula", "figure-unknown", "no figure is called “c”"),
        ({"formula": "count(items)"}, "formula", "items-missing", "lists nothing for the claim “it”"),
        ({"formula": "", "rule": "count"}, "formula", "items-missing", "lists nothing for the claim “it”"),
        ({"formula": "a.low + b"}, "formula", "range-missing", "hue#a is no range: leave out “.low”"),
        ({"result": "r.high"}, "result", "range-missing", "hue#r is no range"),
        ({"formula": "a + [x=1] + [x=2]"}, "formula", "input-twice", "[x] is one input"),
        ({"formula": "a + [x] + [x=2]"}, "formula", "input-twice", "[x] is one input"),
        ({"formula": "a + [x=1]", "result": "r + [x=2]"}, "result", "input-twice", "[x] is one input"),
        ({"formula": "a / (b - 10)"}, "formula", "division-by-zero", "character 3: the divisor is zero"),
        ({"result": "r / (b - 10)"}, "result", "division-by-zero", "character 3: the divisor is zero"),
        ({"formula": "1 / (a - b) > 1", "result": ""}, "formula", "division-by-zero", "character 3"),
    ],
)
def test_a_claim_that_cannot_be_judged_says_where_and_why(
    changed: dict[str, Any], column: str, code: str, says: str
) -> None:
    """One thing changed in a sound claim: one fault, at the row, in the column, with the cell as it stands."""
    facts = {"formula": "a + b", "result": "r"} | changed
    (fault,) = faults(**facts, numbers=NUMBERS)
    assert (fault.package, fault.row, fault.claim_id, fault.column, fault.code) == ("hue", 7, "it", column, code)
    assert says in fault.what
    assert fault.detail["cell"] == str({"rule": "sum", "basis": "stated", **facts}[column])


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        ({"unit": "sao-hoa"}, "unit-unknown", "the unit “sao-hoa” of hue#a is not in the vocabulary"),
        ({"qualifier": "roughly"}, "figure-unusable", "“roughly”"),
        ({"precision": Decimal(-1)}, "figure-unusable", "the precision -1"),
        ({"value": Decimal("NaN")}, "figure-unusable", "no printed number"),
        ({"value_high": Decimal("Infinity")}, "figure-unusable", "no printed number"),
    ],
)
def test_a_figure_that_cannot_be_calculated_with_is_a_fault_of_the_claim(
    changed: dict[str, Any], code: str, says: str
) -> None:
    """What the tables should not hold ends in a fault, not in a verdict and not in a crash."""
    numbers = {**NUMBERS, "a": figure("a", "10", **changed)}
    (fault,) = faults("a + b", numbers=numbers)
    assert (fault.column, fault.code, fault.detail["name"]) == ("formula", code, "a")
    assert says in fault.what


def test_a_divisor_that_may_be_zero_matters_only_where_the_intervals_decide() -> None:
    """a - b with a in [2.65, 2.8) and b in [2.55, 2.7) can be zero: 1 / 0.1 is 10 all the same, but is it 11?

    In the result the same, once the formula is sound.
    """
    numbers = {"a": "2.7 %", "b": "2.6 %"}
    assert finding("1 / (a - b)", "10", numbers=numbers).verdict == "exact"
    (fault,) = faults("1 / (a - b)", "11", numbers=numbers)
    assert (fault.column, fault.code, fault.detail["position"]) == ("formula", "division-by-zero", "3")
    (fault,) = faults("11", "10 / 10 / (a - b)", numbers=numbers)
    assert (fault.column, fault.code, fault.detail["position"]) == ("result", "division-by-zero", "9")


def test_everything_that_is_wrong_with_a_claim_is_said_at_once() -> None:
    """Rule, basis, two unknown figures and a result that is no formula: five faults, in order of the columns' names."""
    found = faults("x + y", "r r", numbers=NUMBERS, rule="no", basis="no")
    assert [(fault.column, fault.code) for fault in found] == [
        ("basis", "basis-unknown"),
        ("formula", "figure-unknown"),
        ("formula", "figure-unknown"),
        ("result", "formula-syntax"),
        ("rule", "rule-unknown"),
    ]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("basis", BASES)
def test_every_rule_and_basis_is_taken(rule: str, basis: str) -> None:
    """A claim of any rule is judged by its formula; a bound needs a comparison."""
    formula, result = ("a + b <= r", "") if rule == "bound" else ("a + b", "r")
    said = finding(formula, result, numbers=NUMBERS, rule=rule, basis=basis)
    assert (said.verdict, said.rule, said.basis) == ("exact", rule, basis)


def test_no_claims_have_no_findings() -> None:
    """An empty package is audited without a word."""
    assert audit([], [], []) == ((), ())


# --- A real doubt ----------------------------------------------------------------------------------------------------


def test_price_times_quantity_depends_on_what_was_not_printed() -> None:
    """ "Hơn 10.000" poor households at 55.000 đồng a month against "gần 7 tỷ" in all.

    Once, 10000 * 55000 are 550 triệu, at most twice as much: fails. How many months is not printed; over twelve it
    would be 6.6 tỷ, which is nearly 7. That is no failure, and no proof: the months are an assumption, and named.
    """
    numbers = {"households": figure("h", "10000", qualifier="over"), "rate": "55000 th"}
    numbers["r"] = figure("r", "7 ty", qualifier="nearly")
    assert finding("households * rate", numbers=numbers).verdict == "fails"
    assert finding("households * rate * [months]", numbers=numbers).verdict == "unverifiable"
    said = finding("households * rate * [months=12]", numbers=numbers)
    assert (said.verdict, said.computed, said.assumed) == ("rounded", Decimal("6.6"), (("months", Decimal(12)),))
    assert finding("households * rate * [months=2]", numbers=numbers).verdict == "unverifiable"


def test_the_rules_and_bases_are_those_that_tables_may_name() -> None:
    """The words of `claims.csv` stay what published tables hold."""
    assert set(RULES) == {
        *("sum", "total100", "share", "attainment", "difference", "growth", "average", "ratio", "equal", "bound"),
        *("count", "rank", "score", "span"),
    }
    assert set(BASES) == {"stated", "elsewhere", "implied"}
