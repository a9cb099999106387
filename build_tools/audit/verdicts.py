"""Judge a claim: how far what its formula comes to agrees with what the report states."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from math import floor

from build_tools.audit.claims import ReadClaim, places_of, unreadable
from build_tools.audit.finding import VERDICTS, ClaimFault, Finding, Token, tokens_of
from build_tools.audit.formulas import (
    All,
    Comparison,
    Count,
    Formula,
    FormulaError,
    Input,
    Leaf,
    Name,
    Negative,
    Number,
    Operation,
    Term,
    Unprinted,
    comparisons_of,
    evaluate,
    leaves_of,
    reach_of,
)
from build_tools.audit.intervals import FigureEnd, last_place
from build_tools.figures import Unit

ONE_SIDED = ("over", "under", "nearly", "at_least", "at_most")  # words that rounding must not contradict

_DIGITS = Context(prec=28, rounding=ROUND_DOWN)


class _UnworkableError(Exception):
    """A column of the claim that cannot be worked out."""

    def __init__(self, column: str, error: FormulaError):
        super().__init__(column, error)
        self.column = column
        self.error = error


@dataclass(frozen=True)
class _Judged:
    """What the numbers say, before anything is said about how far they can be trusted."""

    verdict: str
    formula: Formula  # as it was worked out
    computed: Fraction | None = None  # in base units, as are the others
    computed_high: Fraction | None = None
    difference: Fraction | None = None


def judge(read: ReadClaim) -> Finding | ClaimFault:
    """What the arithmetic says of a claim; a fault when it cannot be worked out."""
    claim, unprinted = read.claim, read.unprinted
    missing = tuple(name for name, assumed in unprinted.items() if assumed is None)
    basis = "implied" if unprinted else claim.basis
    try:
        judged = _judged(read) if read.is_recovered and not missing else _Judged("", read.formula)
        unit = _stated_unit(read)
        stated, stated_high = _stated(read, unit, "low"), _stated(read, unit, "high")
    except _UnworkableError as unworkable:
        return unreadable(claim, unworkable.column, unworkable.error)
    as_read = "unverifiable" if missing and read.is_recovered else judged.verdict
    if basis == "implied" and as_read == "fails":
        as_read = "unverifiable"  # It may be the assumption that is wrong.
    computed, computed_high = _in_unit(judged.computed, unit), _in_unit(judged.computed_high, unit)
    return Finding(
        package=claim.package,
        claim_id=claim.claim_id,
        rule=claim.rule,
        basis=basis,
        verdict="malformed" if read.is_malformed else as_read,
        verdict_as_read=as_read if read.is_malformed else "",
        verdict_if_assumed=judged.verdict if basis == "implied" else "",
        result=read.result.name if isinstance(read.result, Name) else "",
        unit=unit.unit if unit else "",
        stated=stated,
        stated_high=stated_high if read.result is not None and read.is_range(read.result) else None,
        computed=computed,
        computed_high=computed_high,
        places=_places(read),
        working=_working(read, judged.formula, unit, computed, computed_high),
        inputs=_inputs(read),
        missing=missing,
        assumed=tuple((name, assumed) for name, assumed in unprinted.items() if assumed is not None),
        difference=_in_unit(judged.difference, unit),
        note=claim.note,
    )


def _judged(read: ReadClaim) -> _Judged:
    if read.result is None or isinstance(read.formula, Comparison | All):
        verdicts = [_comparison_verdict(read, comparison) for comparison in comparisons_of(read.formula)]
        return _Judged(weakest(*verdicts), read.formula)
    return _value_judged(read, read.formula, read.result)


def weakest(*verdicts: str) -> str:
    """The verdict that says least for a claim."""
    return max(verdicts, key=VERDICTS.index)


@contextmanager
def _working_out(column: str) -> Iterator[None]:
    try:
        yield
    except FormulaError as error:
        raise _UnworkableError(column, error) from error


# --- A number stated and a number computed ---------------------------------------------------------------------------


def _value_judged(read: ReadClaim, formula: Term, result: Term) -> _Judged:
    """How a formula agrees with a result: low end with low end, high with high, and the weaker verdict stands."""
    formula = _as_distance(read, formula, result)
    low, high = _at_end(read, formula, result, "low"), _at_end(read, formula, result, "high")
    weaker = max(low, high, key=lambda end: (VERDICTS.index(end.verdict), abs(end.computed - end.stated)))
    verdict = weaker.verdict
    if verdict == "fails" and read.is_range(formula) != read.is_range(result):
        # One number stands against a range: it need not be both ends, it has to lie between them.
        verdict = "within" if _meet(formula, result, read.input_between) else verdict
    return _Judged(
        verdict,
        formula,
        low.computed,
        high.computed if read.is_range(formula) else None,
        weaker.computed - weaker.stated,
    )


def _as_distance(read: ReadClaim, formula: Term, result: Term) -> Term:
    """The formula, turned round where it comes out negative and the result is a fall or a gap: figures have no sign."""
    with _working_out("formula"):
        is_negative = evaluate(formula, lambda leaf: read.point(leaf, "low")) < 0
    return Negative(formula, formula.position) if is_negative and _is_distance(read, result) else formula


def _is_distance(read: ReadClaim, result: Term) -> bool:
    """Whether a result is a fall or a gap, which is stated without the sign that its formula may have."""
    figure = read.figures[result] if isinstance(result, Name) else None
    return figure is not None and (figure.direction == "down" or figure.measure == "gap")


@dataclass(frozen=True)
class _AtEnd:
    verdict: str
    stated: Fraction
    computed: Fraction


def _at_end(read: ReadClaim, formula: Term, result: Term, end: FigureEnd) -> _AtEnd:
    """The verdict of a formula and a result at one end of their ranges."""
    with _working_out("formula"):
        computed = evaluate(formula, lambda leaf: read.point(leaf, end))
    with _working_out("result"):
        stated = evaluate(result, lambda leaf: read.point(leaf, end))
    if computed == stated:
        return _AtEnd("exact", stated, computed)
    step = _step(read, result, end)
    near = ""
    if step and _rounded(computed, step) == stated:
        near = "rounded"
    elif step and _truncated(computed, step) == stated:
        near = "truncated"
    if near and not _is_one_sided(read, result, end):
        return _AtEnd(near, stated, computed)
    # Of two numbers that may be either way round, the printed ones need not show which is the larger.
    ways = (formula, Negative(formula, formula.position)) if _is_distance(read, result) else (formula,)
    if any(_meet(way, result, lambda leaf: read.input(leaf, end)) for way in ways):
        return _AtEnd(near or "within", stated, computed)
    return _AtEnd("fails", stated, computed)


def _meet(formula: Term, result: Term, input_of: Callable[[Leaf], Input]) -> bool:
    """Whether a formula and a result can come to the same number, for all that is printed."""
    inputs = {leaf: input_of(leaf) for term in (formula, result) for leaf in leaves_of(term)}
    with _working_out("formula"):
        reach_of(formula, inputs)
    with _working_out("result"):  # The formula has no zero divisor: if there is one, it is the result's.
        apart = reach_of(Operation("-", formula, result, 1), inputs)
    return apart.contains(Fraction(0))


def _step(read: ReadClaim, result: Term, end: FigureEnd) -> Fraction:
    """What one unit of the last printed place of a result is worth in base units; 0 for what was not printed.

    The 100 that shares add up to is not printed to any place: 99,58 is not what a rounded 100 may come from.
    """
    if isinstance(result, Number):
        return Fraction(0 if read.claim.rule == "total100" else last_place(result.value))
    printed = read.printed(result, end) if isinstance(result, Name) else None
    if printed is None or not isinstance(result, Name):
        return Fraction(0)
    precision = read.figures[result].precision
    return Fraction(last_place(printed) if precision is None else precision) * Fraction(read.unit_of(result).scale)


def _rounded(number: Fraction, step: Fraction) -> Fraction:
    """A number rounded to whole steps, a half going away from zero."""
    return floor(abs(number) / step + Fraction(1, 2)) * step * (1 if number > 0 else -1)


def _truncated(number: Fraction, step: Fraction) -> Fraction:
    """A number with everything below a step cut off."""
    return floor(abs(number) / step) * step * (1 if number > 0 else -1)


def _is_one_sided(read: ReadClaim, result: Term, end: FigureEnd) -> bool:
    """Whether a result is printed as more or less than a number: "hơn 7" is not what 6,6 rounds to."""
    if not isinstance(result, Name):
        return False
    return read.end_of(result, end) == "low" and read.figures[result].qualifier in ONE_SIDED


# --- Two sides compared ----------------------------------------------------------------------------------------------


def _comparison_verdict(read: ReadClaim, comparison: Comparison) -> str:
    """Whether a comparison holds (`exact`), does not (`fails`), or is left open by what is printed (`within`)."""
    low, high = _comparison_at_end(read, comparison, "low"), _comparison_at_end(read, comparison, "high")
    if low != high and read.is_range(comparison.left) != read.is_range(comparison.right):
        return "within"  # It holds of one end of the range and not of the other.
    return weakest(low, high)


def _comparison_at_end(read: ReadClaim, comparison: Comparison, end: FigureEnd) -> str:
    apart = Operation("-", comparison.left, comparison.right, comparison.position)
    with _working_out("formula"):
        point = evaluate(apart, lambda leaf: read.point(leaf, end))
        reach = reach_of(apart, {leaf: read.input(leaf, end) for leaf in leaves_of(apart)})
    if comparison.operator == "==":
        return "exact" if point == 0 else "within" if reach.contains(Fraction(0)) else "fails"
    if comparison.operator in (">", ">="):
        reach = -reach
    strict = comparison.operator in ("<", ">")
    if reach.stays_below_zero(or_at_zero=not strict):
        return "exact"
    return "fails" if (-reach).stays_below_zero(or_at_zero=strict) else "within"


# --- What a finding shows --------------------------------------------------------------------------------------------


def _stated_unit(read: ReadClaim) -> Unit | None:
    """The unit of what is stated; None for the base unit, which is what plain numbers have."""
    if isinstance(read.result, Name):
        return read.unit_of(read.result)
    if read.result is None or not _is_known(read, read.result):
        return None
    units = {read.unit_of(leaf) for leaf in leaves_of(read.result) if isinstance(leaf, Name)}
    with _working_out("result"):
        in_base = evaluate(read.result, lambda leaf: read.point(leaf, "low"))
        in_unit = evaluate(read.result, lambda leaf: _plain(read, leaf))
    # A sum of one unit has that unit; a quotient has not, which shows in its coming to something else.
    return next((unit for unit in units if len(units) == 1 and in_unit * Fraction(unit.scale) == in_base), None)


def _is_known(read: ReadClaim, term: Term) -> bool:
    return all(read.printed(leaf, "low") is not None for leaf in leaves_of(term))


def _stated(read: ReadClaim, unit: Unit | None, end: FigureEnd) -> Decimal | None:
    """What is stated, in its unit: with the printed decimals when it is one number."""
    if read.result is None:
        return None
    if isinstance(read.result, Name | Number):
        return read.printed(read.result, end)
    if not _is_known(read, read.result):
        return None
    with _working_out("result"):
        return _in_unit(evaluate(read.result, lambda leaf: read.point(leaf, end)), unit)


def _plain(read: ReadClaim, leaf: Leaf) -> Fraction:
    """The number a leaf is printed as, without its scale; where there is none, one."""
    printed = read.printed(leaf, "low")
    return Fraction(1 if printed is None else printed)


def _in_unit(number: Fraction | None, unit: Unit | None) -> Decimal | None:
    """A number of base units in another unit, to 28 digits, the rest cut."""
    if number is None:
        return None
    scaled = number / Fraction(unit.scale if unit else 1)
    return _DIGITS.divide(Decimal(scaled.numerator), Decimal(scaled.denominator))


def _places(read: ReadClaim) -> int:
    """The decimals of a result as printed; of a formula, as many as the most precise of its numbers has."""
    leaves = [read.result] if isinstance(read.result, Name | Number) else list(read.leaves())
    printed = [*(read.printed(leaf, "low") for leaf in leaves), *(read.printed(leaf, "high") for leaf in leaves)]
    return max((places_of(number) for number in printed if number is not None), default=0)


def _inputs(read: ReadClaim) -> tuple[str, ...]:
    """The figures that a formula names or counts, in its order; of a result only what is calculated with."""
    terms = [read.formula, *([] if read.result is None or isinstance(read.result, Name) else [read.result])]
    leaves = [leaf for term in terms for leaf in leaves_of(term)]
    names = (
        name
        for leaf in leaves
        for name in (
            (leaf.name,) if isinstance(leaf, Name) else read.counts.get(leaf, ()) if isinstance(leaf, Count) else ()
        )
    )
    return tuple(dict.fromkeys(name for name in names if name))


def _working(
    read: ReadClaim, formula: Formula, unit: Unit | None, computed: Decimal | None, computed_high: Decimal | None
) -> tuple[Token, ...]:
    """The pieces of the working, with units where the printed numbers alone would not come to what is computed."""
    with_units = _needs_units(read, formula, unit)
    tokens = tuple(tokens_of(formula, lambda leaf: _token(read, leaf, with_units)))
    if computed is None or (len(tokens) == 1 and not with_units):
        return tokens  # One number alone is its own working.
    return (*tokens, _with_unit(Token("computed", computed, computed_high), unit if with_units else None))


def _needs_units(read: ReadClaim, formula: Formula, unit: Unit | None) -> bool:
    """Whether the numbers as printed, without their units, come to something else than the numbers they stand for."""
    scale = Fraction(unit.scale if unit else 1)
    sides = [(side.left, side.right) for side in comparisons_of(formula)]
    if not isinstance(formula, All | Comparison):
        sides = [(formula, Number(Decimal(1), 1))]
    try:
        for left, right in sides:
            base_left, base_right = (evaluate(side, lambda leaf: read.point(leaf, "low")) for side in (left, right))
            plain_left, plain_right = (evaluate(side, lambda leaf: _plain(read, leaf)) for side in (left, right))
            if base_left * plain_right != base_right * scale * plain_left:
                return True
    except FormulaError:
        return True  # A missing input leaves nothing to compare; with units a working is always right.
    return False


def _token(read: ReadClaim, leaf: Leaf, with_unit: bool) -> Token:
    if isinstance(leaf, Unprinted):
        return Token("missing" if leaf.assumed is None else "assumed", leaf.assumed, name=leaf.name)
    if not isinstance(leaf, Name):
        return Token("number", read.printed(leaf, "low"))
    high = read.printed(leaf, "high") if read.is_range(leaf) else None
    token = Token("figure", read.printed(leaf, "low"), high, figure_id=leaf.name)
    return _with_unit(token, read.unit_of(leaf) if with_unit else None)


def _with_unit(token: Token, unit: Unit | None) -> Token:
    return replace(token, unit=unit.unit, symbol_vi=unit.symbol_vi, symbol_en=unit.symbol_en) if unit else token
