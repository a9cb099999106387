"""What a printed number can stand for, and what arithmetic makes of it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from build_tools.audit.intervals import Interval, Reach, interval_of, last_nonzero_place, last_place
from build_tools.figures import Figure, Unit

PEOPLE = Unit("nguoi", "người", "people", "người", "people", "count", Decimal(1), "nguoi")
MILLION_PEOPLE = Unit("trieu-nguoi", "triệu người", "million people", "", "", "count", Decimal(10**6), "nguoi")
RANK = Unit("hang", "hạng", "rank", "hạng", "rank", "rank", Decimal(1), "hang")
PERCENT = Unit("phan-tram", "%", "%", "phần trăm", "percent", "percent", Decimal(1), "phan-tram")
MILLION_DONG = Unit("trieu-dong", "triệu đồng", "million VND", "", "", "money", Decimal(10**6), "dong")


def figure(value: str | None, **changed: Any) -> Figure:
    """Return a figure with one value, printed plainly, with these things changed."""
    facts: dict[str, Any] = dict.fromkeys(Figure.__dataclass_fields__, "")
    facts |= {"package": "hue", "row": 2, "figure_id": "it", "unit": "nguoi", "extent": "total", "qualifier": "exact"}
    facts |= {"value": None if value is None else Decimal(value), "value_high": None, "precision": None, "spans": ()}
    return Figure(**(facts | changed))


@pytest.mark.parametrize(
    ("value", "unit", "changed", "expected"),
    [
        # Counted: a whole number of single things.
        ("17034", PEOPLE, {}, "[17034, 17034]"),
        ("0", PEOPLE, {}, "[0, 0]"),
        ("21", RANK, {}, "[21, 21]"),
        ("17034", PEOPLE, {"extent": "each_year"}, "[17034, 17034]"),
        # Not counted out: u = 1, from half a unit below to a whole unit above.
        ("17034", PEOPLE, {"extent": "average_year"}, "[17033.5, 17035)"),
        ("12.0", PEOPLE, {}, "[11.95, 12.1)"),
        ("9", MILLION_PEOPLE, {}, "[8500000, 10000000)"),
        ("9.2", MILLION_PEOPLE, {}, "[9150000, 9300000)"),
        ("110", PERCENT, {}, "[109.5, 111)"),
        ("2.27", PERCENT, {}, "[2.265, 2.28)"),
        ("100.20", PERCENT, {}, "[100.195, 100.21)"),
        ("0", PERCENT, {}, "[-0.5, 1)"),
        ("32", MILLION_DONG, {}, "[31500000, 33000000)"),
        # `precision` is u, for a count as well; with precision 0 the number is exact.
        ("2000", PEOPLE, {"precision": Decimal(1000)}, "[1500, 3000)"),
        ("2000", MILLION_DONG, {"precision": Decimal(1000)}, "[1500000000, 3000000000)"),
        ("2.5", PERCENT, {"precision": Decimal(0)}, "[2.5, 2.5]"),
        # Words: w is one unit of the last digit that is not zero.
        ("10000", PEOPLE, {"qualifier": "over"}, "[10000, 20000]"),
        ("206021", PEOPLE, {"qualifier": "over"}, "[206021, 206022]"),
        ("808.250", MILLION_DONG, {"qualifier": "over"}, "[808250000, 808260000]"),
        ("5000", PEOPLE, {"qualifier": "nearly"}, "[4000, 5000]"),
        ("6042", PEOPLE, {"qualifier": "about"}, "[6041, 6043]"),
        ("2.50", PERCENT, {"qualifier": "about"}, "[2.4, 2.6]"),
        ("0.0", PERCENT, {"qualifier": "about"}, "[-0.1, 0.1]"),
        ("10000", PEOPLE, {"qualifier": "over", "precision": Decimal(500)}, "[10000, 10500]"),
        ("2.1", PERCENT, {"qualifier": "under"}, "(−∞, 2.1)"),
        ("5", PEOPLE, {"qualifier": "at_least"}, "[5, ∞)"),
        ("5", PEOPLE, {"qualifier": "at_most"}, "(−∞, 5]"),
    ],
)
def test_a_printed_number_stands_for_an_interval(
    value: str, unit: Unit, changed: dict[str, Any], expected: str
) -> None:
    """Half of the last place below to a whole one above; w to the side that a word names; base units."""
    assert str(interval_of(figure(value, **changed), unit)) == expected


def test_a_range_has_an_interval_at_each_end_and_its_word_belongs_to_the_low_one() -> None:
    """ "Hơn 1,5 - 2 %": over 1.5 is [1.5, 1.6] with w = 0.1; 2 is [1.5, 3) with u = 1."""
    printed = figure("1.5", value_high=Decimal(2), qualifier="over")
    assert str(interval_of(printed, PERCENT)) == "[1.5, 1.6]"
    assert str(interval_of(printed, PERCENT, "high")) == "[1.5, 3)"


def test_both_ends_of_a_range_of_counts_are_exact() -> None:
    """20 - 25 offices are counted out at either end."""
    printed = figure("20", value_high=Decimal(25))
    assert str(interval_of(printed, PEOPLE, "high")) == "[25, 25]"


@pytest.mark.parametrize(
    ("value", "changed", "unit", "end", "says"),
    [
        (None, {}, PEOPLE, "low", "hue#it has no low value"),
        ("5", {}, PEOPLE, "high", "hue#it has no high value"),
        ("5", {"qualifier": "roughly"}, PEOPLE, "low", "the qualifier “roughly”"),
        ("5", {"precision": Decimal(-1)}, PEOPLE, "low", "the precision -1"),
        ("5", {"precision": Decimal("NaN")}, PEOPLE, "low", "the precision NaN"),
        ("NaN", {}, PEOPLE, "low", "no printed number"),
        ("Infinity", {}, PEOPLE, "low", "no printed number"),
        ("1E+40", {}, PEOPLE, "low", "no printed number"),
        ("1E-41", {}, PEOPLE, "low", "no printed number"),
        ("5", {}, Unit("x", "", "", "", "", "count", Decimal(0), "x"), "low", "the scale 0"),
        ("5", {}, Unit("x", "", "", "", "", "count", Decimal("Infinity"), "x"), "low", "the scale Infinity"),
    ],
)
def test_a_figure_from_which_no_interval_follows_is_refused(
    value: str | None, changed: dict[str, Any], unit: Unit, end: Any, says: str
) -> None:
    """What the tables should never hold is refused, with the reason."""
    with pytest.raises(ValueError, match=says):
        interval_of(figure(value, **changed), unit, end)


def test_the_largest_and_smallest_numbers_that_are_taken_stay_exact() -> None:
    """Forty digits on either side of the point, times a scale: nothing is rounded away."""
    printed = figure("1" * 40 + "." + "1" * 40)
    assert interval_of(printed, MILLION_DONG).low == Decimal("1" * 46 + "." + "1" * 33 + "0" + "5")


def test_places_are_those_that_were_printed() -> None:
    """The last printed place, and the last one that is not zero."""
    assert [str(last_place(Decimal(n))) for n in ("2.50", "120", "0.000")] == ["0.01", "1", "0.001"]
    shown = [f"{last_nonzero_place(Decimal(n)):f}" for n in ("2.50", "120", "7", "0.00")]
    assert shown == ["0.1", "10", "1", "0.01"]
    assert last_place(Decimal("12E+3")) == 1, "written with an exponent it is still a whole number"


def test_an_interval_is_in_order_and_open_where_it_has_no_end() -> None:
    """Ends in the wrong order are refused; infinity is never reached."""
    with pytest.raises(ValueError, match="not from 2 to 1"):
        Interval(Decimal(2), Decimal(1))
    assert Interval(None, Decimal(1)) == Interval(None, Decimal(1), low_open=True)
    assert Interval(Decimal(1), None).high_open


# --- Arithmetic ------------------------------------------------------------------------------------------------------


def reach(low: str, high: str, opens: str = "[]") -> Reach:
    """Return a reach in the usual notation; `-` and `+` are the infinities."""
    return Reach.of(
        Interval(
            None if low == "-" else Decimal(low),
            None if high == "+" else Decimal(high),
            opens[0] == "(",
            opens[1] == ")",
        )
    )


@pytest.mark.parametrize(
    ("worked_out", "expected"),
    [
        (-reach("1", "2", "[)"), reach("-2", "-1", "(]")),
        (-reach("-", "2"), reach("-2", "+")),
        (reach("1", "2", "[)") + reach("10", "20"), reach("11", "22", "[)")),
        (reach("1", "+") + reach("10", "20"), reach("11", "+")),
        (reach("1", "2", "[)") - reach("1", "2", "[)"), reach("-1", "1", "()")),
        (reach("-", "5", "()") - reach("1", "2"), reach("-", "4", "()")),
        (reach("-2", "3", "[)") * reach("5", "7"), reach("-14", "21", "[)")),
        (reach("-2", "3") * reach("-5", "7"), reach("-15", "21")),
        # Zero times anything is zero, and is reached when the zero is.
        (reach("0", "2") * reach("1", "3", "()"), reach("0", "6", "[)")),
        (reach("0", "2", "(]") * reach("1", "3"), reach("0", "6", "(]")),
        (reach("0", "0") * reach("-", "+"), reach("0", "0")),
        (reach("0", "2", "(]") * reach("0", "2"), reach("0", "4")),
        (reach("1", "+") * reach("2", "3"), reach("2", "+")),
        (reach("-", "-1") * reach("2", "3"), reach("-", "-2")),
        (reach("-", "-1") * reach("-", "-2"), reach("2", "+")),
        (reach("1", "2") / reach("4", "5", "[)"), Reach((0, Fraction(1, 5)), (0, Fraction(1, 2)), True, False)),
        (reach("1", "2") / reach("4", "+"), reach("0", "0.5", "(]")),
        (reach("1", "2") / reach("-5", "-4"), reach("-0.5", "-0.2")),
    ],
)
def test_the_operations_bring_their_ends_along(worked_out: Reach, expected: Reach) -> None:
    """Each result was worked out by hand from the four corners; an end is open when it cannot be reached."""
    assert worked_out == expected


@pytest.mark.parametrize("divisor", [("-1", "1", "[]"), ("0", "1", "[]"), ("0", "1", "(]"), ("-", "+", "()")])
def test_division_by_what_touches_zero_is_refused(divisor: tuple[str, str, str]) -> None:
    """Near zero the quotient has no bound."""
    with pytest.raises(ZeroDivisionError):
        reach("1", "2") / reach(*divisor)


def test_joining_keeps_an_end_that_either_side_reaches() -> None:
    """[1, 2) and (0, 2] together are (0, 2]; an end that both have is closed when one reaches it."""
    assert reach("1", "2", "[)").joined(reach("0", "2", "(]")) == reach("0", "2", "(]")
    assert reach("1", "2", "(]").joined(reach("1", "2", "[)")) == reach("1", "2")


def test_ends_are_closed_where_nothing_is_said() -> None:
    """An interval and a reach of which only the ends are said reach both."""
    assert str(Interval(Decimal(1), Decimal(2))) == "[1, 2]"
    plain = Reach((0, Fraction(1)), (0, Fraction(2)))
    assert plain.contains(Fraction(1)) and plain.contains(Fraction(2))


def test_an_end_that_is_not_there_is_named() -> None:
    """The refusal says which figure lacks which end."""
    with pytest.raises(ValueError, match=r"^hue#it has no high value$"):
        interval_of(figure("1"), PERCENT, "high")


def test_a_reach_contains_its_closed_ends_only() -> None:
    """[1, 2) holds 1 and 1.5, not 2, 0 or 3."""
    held = [Fraction(n, 2) for n in range(8) if reach("1", "2", "[)").contains(Fraction(n, 2))]
    assert held == [1, Fraction(3, 2)]
    held = [Fraction(n, 2) for n in range(8) if reach("1", "2", "(]").contains(Fraction(n, 2))]
    assert held == [Fraction(3, 2), 2]


@pytest.mark.parametrize(
    ("low", "high", "opens", "below", "below_or_at"),
    [("-2", "-1", "[]", True, True), ("-2", "0", "[)", True, True), ("-2", "0", "[]", False, True),
     ("-2", "1", "[]", False, False), ("-", "-1", "()", True, True), ("1", "+", "[)", False, False)],
)  # fmt: skip
def test_staying_below_zero_depends_on_whether_zero_is_reached(
    low: str, high: str, opens: str, below: bool, below_or_at: bool
) -> None:
    """An open end at zero is still below it."""
    asked = reach(low, high, opens)
    assert (asked.stays_below_zero(False), asked.stays_below_zero(True)) == (below, below_or_at)


SMALL = st.fractions(min_value=-20, max_value=20, max_denominator=8)


@st.composite
def reach_and_point(draw: st.DrawFn) -> tuple[Reach, Fraction]:
    """Return a reach and a number in it."""
    low, middle, high = sorted(draw(st.tuples(SMALL, SMALL, SMALL)))
    opens = (draw(st.booleans()) and low < middle, draw(st.booleans()) and middle < high)
    low_end = (-1, Fraction(0)) if draw(st.integers(0, 9)) == 0 else (0, low)
    high_end = (1, Fraction(0)) if draw(st.integers(0, 9)) == 0 else (0, high)
    return Reach(low_end, high_end, opens[0] or low_end[0] != 0, opens[1] or high_end[0] != 0), middle


@given(reach_and_point(), reach_and_point())
@example((Reach.point(Fraction(0)), Fraction(0)), (Reach((-1, Fraction(0)), (1, Fraction(0)), True, True), Fraction(3)))
def test_what_numbers_come_to_lies_in_what_their_reaches_come_to(
    a: tuple[Reach, Fraction], b: tuple[Reach, Fraction]
) -> None:
    """The law of interval arithmetic: nothing that can come out is left out."""
    assert (a[0] + b[0]).contains(a[1] + b[1])
    assert (a[0] - b[0]).contains(a[1] - b[1])
    assert (a[0] * b[0]).contains(a[1] * b[1])
    assert (-a[0]).contains(-a[1])
    assert a[0].joined(b[0]).contains(a[1])
    assert a[0].joined(b[0]).contains(b[1])
    if not b[0].touches_zero:
        assert (a[0] / b[0]).contains(a[1] / b[1])
