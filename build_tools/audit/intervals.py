"""What a printed number can stand for, and what arithmetic makes of numbers that are not known exactly."""

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Literal

from build_tools.figures import Figure, Unit

FigureEnd = Literal["low", "high"]

COUNTED = ("count", "rank")  # quantities of which there is no half: people, households, the place in a ranking
MOST_DIGITS = 40  # on either side of the point: more is no printed number, and would only cost time

_WIDE = Context(prec=4 * MOST_DIGITS)  # enough for every product below, so that none is rounded


@dataclass(frozen=True)
class Interval:
    """The values that a printed number can stand for, in base units; None at an end means that it has no end there."""

    low: Decimal | None
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        """Refuse ends in the wrong order, and call an end that is not there open."""
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"an interval goes from its low end to its high end, not from {self.low} to {self.high}")
        object.__setattr__(self, "low_open", self.low_open or self.low is None)
        object.__setattr__(self, "high_open", self.high_open or self.high is None)

    def __str__(self) -> str:
        """The interval in the usual notation: `[109.5, 111)`, `(−∞, 2.1)`."""
        low = "−∞" if self.low is None else f"{self.low:f}"
        high = "∞" if self.high is None else f"{self.high:f}"
        return f"{'(' if self.low_open else '['}{low}, {high}{')' if self.high_open else ']'}"


def interval_of(figure: Figure, unit: Unit, end: FigureEnd = "low") -> Interval:
    """The values that a figure can stand for, or one end of a range, in base units.

    A qualifier belongs to the low end of a range; the high end is a number like any other. Raises ValueError for a
    figure from which no interval follows, saying why.
    """
    printed = _usable(figure, unit, end)
    qualifier = figure.qualifier if end == "low" else "exact"
    if is_exact_count(figure, unit, printed, qualifier):
        return _scaled(printed, printed, unit)
    last = last_place(printed) if figure.precision is None else figure.precision
    telling = last_nonzero_place(printed) if figure.precision is None else figure.precision
    match qualifier:
        case "exact":
            low = _WIDE.subtract(printed, _WIDE.multiply(last, Decimal("0.5")))
            return _scaled(low, _WIDE.add(printed, last), unit, high_open=last != 0)
        case "over":
            return _scaled(printed, _WIDE.add(printed, telling), unit)
        case "nearly":
            return _scaled(_WIDE.subtract(printed, telling), printed, unit)
        case "about":
            return _scaled(_WIDE.subtract(printed, telling), _WIDE.add(printed, telling), unit)
        case "under":
            return _scaled(None, printed, unit, high_open=True)
        case "at_least":
            return _scaled(printed, None, unit)
        case "at_most":
            return _scaled(None, printed, unit)
        case _:
            raise ValueError(f"{figure.address} has the qualifier “{qualifier}”, which says nothing about its size")


def is_exact_count(figure: Figure, unit: Unit, printed: Decimal, qualifier: str) -> bool:
    """Whether a printed number was counted out: a whole number of single things, and nothing says otherwise.

    A count in thousands or millions is not: "9 triệu người" was not counted to the last person.
    """
    return (
        unit.quantity in COUNTED
        and unit.scale == 1
        and last_place(printed) == 1
        and qualifier == "exact"
        and figure.extent != "average_year"
        and figure.precision is None
    )


def last_place(printed: Decimal) -> Decimal:
    """What one unit of the last printed digit is worth: `0.01` for `2.50`, `1` for `120`."""
    return Decimal(1).scaleb(min(_exponent(printed), 0))


def last_nonzero_place(printed: Decimal) -> Decimal:
    """What one unit of the last digit other than zero is worth: `0.1` for `2.50`, `10` for `120`; of zero, the last."""
    digits = printed.as_tuple().digits
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return Decimal(1).scaleb(_exponent(printed) + zeros) if any(digits) else last_place(printed)


def _exponent(printed: Decimal) -> int:
    return int(printed.as_tuple().exponent)  # A word for Infinity and NaN, which are refused before.


def _usable(figure: Figure, unit: Unit, end: FigureEnd) -> Decimal:
    """The printed number. Raises ValueError for what the tables should never hold, so that no verdict rests on it."""
    printed = figure.value if end == "low" else figure.value_high
    if printed is None:
        raise ValueError(f"{figure.address} has no {end} value")
    if not printed.is_finite() or printed.adjusted() >= MOST_DIGITS or _exponent(printed) < -MOST_DIGITS:
        raise ValueError(f"{figure.address} has the value {printed}, which is no printed number")
    if figure.precision is not None and not (figure.precision.is_finite() and figure.precision >= 0):
        raise ValueError(f"{figure.address} has the precision {figure.precision}; it is 0 (exact) or more")
    if not (unit.scale.is_finite() and unit.scale > 0):
        raise ValueError(f"the unit {unit.unit} has the scale {unit.scale}; it is more than 0")
    return printed


def _scaled(low: Decimal | None, high: Decimal | None, unit: Unit, high_open: bool = False) -> Interval:
    """An interval in the printed unit, brought to base units."""
    return Interval(
        None if low is None else _WIDE.multiply(low, unit.scale).normalize(_WIDE),
        None if high is None else _WIDE.multiply(high, unit.scale).normalize(_WIDE),
        high_open=high_open,
    )


# --- Arithmetic ------------------------------------------------------------------------------------------------------

# An end of a reach: (0, x) for x, (-1, 0) for minus infinity, (1, 0) for infinity. As tuples they sort as they should.
End = tuple[int, Fraction]

_ZERO: End = (0, Fraction(0))


@dataclass(frozen=True)
class Reach:
    """The values that a calculation can come to; an open end is approached but never reached.

    The ends are fractions, so that nothing is lost in a division. Each operation takes its two sides as independent of
    each other; inputs that occur twice are the business of `formulas.reach_of`.
    """

    low: End
    high: End
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def of(cls, interval: Interval) -> "Reach":
        """The same values as an interval's."""
        low: End = (-1, Fraction(0)) if interval.low is None else (0, Fraction(interval.low))
        high: End = (1, Fraction(0)) if interval.high is None else (0, Fraction(interval.high))
        return cls(low, high, interval.low_open, interval.high_open)

    @classmethod
    def point(cls, value: Fraction) -> "Reach":
        """One value and no other."""
        return cls((0, value), (0, value))

    @property
    def is_point(self) -> bool:
        """Whether it is one value and no other."""
        return self.low == self.high

    @property
    def is_bounded(self) -> bool:
        """Whether it ends on both sides."""
        return self.low[0] == self.high[0] == 0

    @property
    def touches_zero(self) -> bool:
        """Whether it comes to zero or as close to zero as one likes."""
        return self.low <= _ZERO <= self.high

    @property
    def at_ends(self) -> tuple["Reach", "Reach"]:
        """Its low end alone and its high end alone, each still open when it was."""
        return (
            Reach(self.low, self.low, self.low_open, self.low_open),
            Reach(self.high, self.high, self.high_open, self.high_open),
        )

    def contains(self, value: Fraction) -> bool:
        """Whether the calculation can come to this value."""
        end = (0, value)
        above = self.low < end or (self.low == end and not self.low_open)
        return above and (end < self.high or (end == self.high and not self.high_open))

    def stays_below_zero(self, or_at_zero: bool) -> bool:
        """Whether all the calculation can come to is less than zero, or no more than zero."""
        return self.high < _ZERO or (self.high == _ZERO and (or_at_zero or self.high_open))

    def joined(self, other: "Reach") -> "Reach":
        """The smallest reach that holds both."""
        low, low_open = min((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Reach(low, high, low_open, not high_closed)

    def __neg__(self) -> "Reach":
        return Reach(_negative(self.high), _negative(self.low), self.high_open, self.low_open)

    def __add__(self, other: "Reach") -> "Reach":
        return Reach(
            _sum(self.low, other.low),
            _sum(self.high, other.high),
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def __sub__(self, other: "Reach") -> "Reach":
        return self + -other

    def __mul__(self, other: "Reach") -> "Reach":
        corners = [
            _product(a, a_open, b, b_open)
            for a, a_open in ((self.low, self.low_open), (self.high, self.high_open))
            for b, b_open in ((other.low, other.low_open), (other.high, other.high_open))
        ]
        low, low_open = min(corners)
        high, high_closed = max((end, not is_open) for end, is_open in corners)
        return Reach(low, high, low_open, not high_closed)

    def __truediv__(self, other: "Reach") -> "Reach":
        """The quotient; a divisor that touches zero leaves no bound, and raises ZeroDivisionError."""
        if other.touches_zero:
            raise ZeroDivisionError("the divisor can be zero")
        return self * Reach(_inverse(other.high), _inverse(other.low), other.high_open, other.low_open)


def _negative(end: End) -> End:
    return (-end[0], -end[1])


def _sum(a: End, b: End) -> End:
    """The sum of two low ends or of two high ends, which are never infinite on opposite sides."""
    return (0, a[1] + b[1]) if a[0] == b[0] == 0 else (a[0] or b[0], Fraction(0))


def _product(a: End, a_open: bool, b: End, b_open: bool) -> tuple[End, bool]:
    """The product of two ends, and whether it is only approached. Zero times anything is zero, and is reached."""
    if a == _ZERO or b == _ZERO:
        return _ZERO, not ((a == _ZERO and not a_open) or (b == _ZERO and not b_open))
    if a[0] == b[0] == 0:
        return (0, a[1] * b[1]), a_open or b_open
    return (_sign(a) * _sign(b), Fraction(0)), True


def _sign(end: End) -> int:
    return end[0] or (1 if end[1] > 0 else -1)


def _inverse(end: End) -> End:
    return _ZERO if end[0] else (0, 1 / end[1])
