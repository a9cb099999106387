"""What the audit says of a claim, and its working as text in any language."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Context, Decimal

from build_tools.audit.formulas import All, Comparison, Formula, Leaf, Negative, Operation, Term

VERDICTS = ("malformed", "unverifiable", "exact", "rounded", "truncated", "within", "fails")
"""In the order in which they are tested. Of a bound, `exact` reads "holds" and `fails` "does not hold"."""

MOST_MORE_PLACES = 3  # decimals shown beyond the printed ones
FormatNumber = Callable[[Decimal], str]

_WIDE = Context(prec=200)  # Cutting a number to a few places must not fail for want of digits.
_SIGNS = {
    "+": " + ",
    "-": " − ",
    "*": " × ",
    "/": " ÷ ",
    "negative": "−",
    "(": "(",
    ")": ")",
    "<": " < ",
    "<=": " ≤ ",
    "==": " = ",
    ">=": " ≥ ",
    ">": " > ",
    "and": "; ",
}


@dataclass(frozen=True)
class Token:
    """One piece of a working.

    `figure` a figure's number as printed (no value: not recovered) · `number` a number of the formula or a count ·
    `assumed`, `missing` an input nobody printed, by `name` · `sign` one of `+ - * / negative ( ) < <= == >= > and`, in
    `name` · `computed` what it comes to. `unit` stands only where the working needs it to be right.
    """

    kind: str
    value: Decimal | None = None
    value_high: Decimal | None = None
    figure_id: str = ""
    name: str = ""
    unit: str = ""
    symbol_vi: str = ""
    symbol_en: str = ""


@dataclass(frozen=True)
class Finding:
    """What the arithmetic says of one claim. `stated`, `computed` and `difference` are in the result's printed unit."""

    package: str
    claim_id: str
    rule: str
    basis: str  # "implied" whenever the formula has an input that nobody printed
    verdict: str
    verdict_as_read: str = (
        ""  # beside "malformed": the verdict with the misprint read as meant; "" when it has no reading
    )
    verdict_if_assumed: str = ""  # where something is assumed or implied: the verdict if it was so
    result: str = ""  # the figure whose number is stated, when the result is one figure
    unit: str = ""  # of what is stated; "" for the base unit
    stated: Decimal | None = None  # None for a bound
    stated_high: Decimal | None = None
    computed: Decimal | None = None  # None for a bound and where an input is missing; at most 28 digits, the rest cut
    computed_high: Decimal | None = None
    places: int = 0  # decimals of the stated number as printed
    working: tuple[Token, ...] = ()
    inputs: tuple[str, ...] = ()  # figure ids, as the formula names them
    missing: tuple[str, ...] = ()  # inputs that nobody printed
    assumed: tuple[tuple[str, Decimal], ...] = ()  # inputs that nobody printed, and what we assume
    difference: Decimal | None = None  # computed less stated; of a range, at the end that agrees less well
    note: str = ""  # the claim's own

    def __lt__(self, other: "Finding") -> bool:
        """Order by package and claim; what else there is decides only between claims of the same id."""
        return (self.package, self.claim_id, repr(self)) < (other.package, other.claim_id, repr(other))


@dataclass(frozen=True, order=True)
class ClaimFault:
    """A claim that cannot be judged as it is written: where in `claims.csv`, a code, and what is wrong in words."""

    package: str
    row: int
    column: str
    claim_id: str
    code: str
    what: str
    detail: dict[str, str] = field(default_factory=dict, compare=False)


# --- The working -----------------------------------------------------------------------------------------------------


def tokens_of(formula: Formula, token_of: Callable[[Leaf], Token]) -> Iterator[Token]:
    """The pieces of a formula, with no more parentheses than a reader needs."""
    if isinstance(formula, All):
        for n, comparison in enumerate(formula.comparisons):
            if n:
                yield Token("sign", name="and")
            yield from tokens_of(comparison, token_of)
    elif isinstance(formula, Negative):
        yield Token("sign", name="negative")
        yield from _enclosed(formula.operand, token_of, isinstance(formula.operand, Operation | Negative))
    elif isinstance(formula, Operation | Comparison):
        left, right, binds = formula.left, formula.right, _binds(formula)
        yield from _enclosed(left, token_of, isinstance(left, Operation) and _binds(left) < binds)
        yield Token("sign", name=formula.operator)
        # A sign before the right side of a comparison is plain enough; after × it needs to be held together.
        enclosed = isinstance(right, Negative) and isinstance(formula, Operation)
        enclosed = enclosed or (isinstance(right, Operation) and _binds(right) <= binds)
        yield from _enclosed(right, token_of, enclosed)
    else:
        yield token_of(formula)


def _binds(formula: Operation | Comparison) -> int:
    return 2 if formula.operator in "*/" else 1 if formula.operator in "+-" else 0


def _enclosed(term: Term, token_of: Callable[[Leaf], Token], enclosed: bool) -> Iterator[Token]:
    if enclosed:
        yield Token("sign", name="(")
    yield from tokens_of(term, token_of)
    if enclosed:
        yield Token("sign", name=")")


def working_text(finding: Finding, format_number: FormatNumber, language: str = "vi") -> str:
    """The working as a line of text: `20.360 ÷ 18.500 × 100 = 110,05…`; of a range, its two ends one after the other.

    `format_number` is given numbers without sign, and keeps the decimals it is given.
    """
    low = "".join(token_text(token, token.value, finding.places, format_number, language) for token in finding.working)
    if all(token.value_high is None for token in finding.working):
        return low
    high = "".join(
        token_text(
            token,
            token.value if token.value_high is None else token.value_high,
            finding.places,
            format_number,
            language,
        )
        for token in finding.working
    )
    return f"{low}; {high}"


def token_text(token: Token, value: Decimal | None, places: int, format_number: FormatNumber, language: str) -> str:
    """One piece of a working as text, with the blanks that belong to it."""
    if token.kind == "sign":
        return _SIGNS[token.name]
    if token.kind == "missing":
        return f"[{token.name}]"
    if value is None:
        return "?"
    if token.kind == "assumed":
        return f"[{token.name} = {format_number(value)}]"
    symbol = token.symbol_vi if language == "vi" else token.symbol_en
    unit = f" {symbol}" if symbol else ""
    if token.kind != "computed":
        return f"{format_number(value)}{unit}"
    shown, is_cut = cut(value, places)
    sign = "−" if shown < 0 else ""
    return f" = {sign}{format_number(shown.copy_abs())}{'…' if is_cut else ''}{unit}"


def cut(value: Decimal, places: int) -> tuple[Decimal, bool]:
    """A computed number to show beside one printed with so many places, and whether decimals were cut.

    All decimals are kept when they end within three places more; else they go as far as the first one that is not zero,
    which is what tells the computed number from the printed one.
    """
    cuts = [
        value.quantize(Decimal(1).scaleb(-places - more), ROUND_DOWN, _WIDE) for more in range(MOST_MORE_PLACES + 1)
    ]
    for whole in cuts:
        if whole == value:
            return whole, False
    return next((longer for longer in cuts if longer != cuts[0]), cuts[-1]), True


# --- For machines ----------------------------------------------------------------------------------------------------


def as_json(
    findings: Iterable[Finding], format_number: FormatNumber = "{:f}".format, language: str = "vi"
) -> list[dict[str, object]]:
    """The findings as the `claims` of `audit --json`: numbers as text, empty where there is none, a range as `5..7`."""
    return [
        {
            "package": finding.package,
            "claim_id": finding.claim_id,
            "rule": finding.rule,
            "basis": finding.basis,
            "verdict": finding.verdict,
            "verdict_as_read": finding.verdict_as_read,
            "stated": _number_text(finding.stated, finding.stated_high),
            "computed": _number_text(finding.computed, finding.computed_high),
            "working": working_text(finding, format_number, language),
            "inputs": list(finding.inputs),
        }
        for finding in sorted(findings)
    ]


def _number_text(number: Decimal | None, high: Decimal | None) -> str:
    if number is None:
        return ""
    return f"{number:f}" if high is None else f"{number:f}..{high:f}"
