"""The language of a claim's formula: read it, say what it names, work it out.

    formula     = comparison | "all" "(" comparison { "," comparison } ")" | term
    comparison  = term ( "<" | "<=" | "==" | ">=" | ">" ) term
    term        = product { ( "+" | "-" ) product }
    product     = factor { ( "*" | "/" ) factor }
    factor      = "-" factor | "(" term ")" | number | name | unprinted | "count" "(" name { "," name } ")"
    number      = 17000 | 0.5                     plain decimals with a point: no commas, no exponents
    name        = jobs_created | jobs_created.low | jobs_created.high | hue-2023-lanh-dao#jobs_created
    unprinted   = [plan] | [plan=17000]           an input that nobody printed; one that we assume

A package's name may hold hyphens, so a minus sign before such a name needs a blank: `a - hue-2023#b`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Literal, TypeVar

from build_tools.audit.intervals import Reach

MOST_CHARACTERS = 4000
MOST_DIGITS = 30  # of one number
MOST_DEPTH = 40  # parentheses and minus signs within each other
MOST_OPERANDS = 200
MOST_REPEATED = 10  # inputs that occur twice, above which their corners are too many to try

Code = Literal[
    "formula-empty", "formula-too-long", "formula-too-deep", "formula-number", "formula-syntax", "division-by-zero"
]


class FormulaError(ValueError):
    """A formula that cannot be read or worked out: a code, the character where it shows (from 1), and what is wrong."""

    def __init__(self, code: Code, position: int, what: str):
        super().__init__(f"character {position}: {what}")
        self.code = code
        self.position = position
        self.what = what


# --- What a formula is made of ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    """A number written into the formula, which is exact."""

    value: Decimal
    position: int


@dataclass(frozen=True)
class Name:
    """A figure, as its id or as `package#id`; `end` is `low` or `high` where one end of a range is asked for."""

    name: str
    end: str
    position: int


@dataclass(frozen=True)
class Unprinted:
    """An input that nobody printed, with the value we assume for it, if any."""

    name: str
    assumed: Decimal | None
    position: int


@dataclass(frozen=True)
class Count:
    """How many figures are named, or how many items a claim lists when one name is given and it is a claim's."""

    names: tuple[Name, ...]
    position: int


@dataclass(frozen=True)
class Negative:
    """The negative of a term."""

    operand: "Term"
    position: int


@dataclass(frozen=True)
class Operation:
    """Two terms joined by one of `+ - * /`."""

    operator: str
    left: "Term"
    right: "Term"
    position: int


@dataclass(frozen=True)
class Comparison:
    """Two terms compared by one of `< <= == >= >`."""

    operator: str
    left: "Term"
    right: "Term"
    position: int


@dataclass(frozen=True)
class All:
    """Comparisons that hold together."""

    comparisons: tuple[Comparison, ...]
    position: int


Leaf = Number | Name | Unprinted | Count
Term = Leaf | Negative | Operation
Formula = Term | Comparison | All


def comparisons_of(formula: Formula) -> tuple[Comparison, ...]:
    """The comparisons a formula makes; none when it comes to a number."""
    if isinstance(formula, All):
        return formula.comparisons
    return (formula,) if isinstance(formula, Comparison) else ()


def leaves_of(formula: Formula) -> Iterator[Leaf]:
    """The numbers, names, counts and unprinted inputs of a formula, from left to right."""
    if isinstance(formula, All):
        for comparison in formula.comparisons:
            yield from leaves_of(comparison)
    elif isinstance(formula, Negative):
        yield from leaves_of(formula.operand)
    elif isinstance(formula, Operation | Comparison):
        yield from leaves_of(formula.left)
        yield from leaves_of(formula.right)
    else:
        yield formula


# --- Reading ---------------------------------------------------------------------------------------------------------

_NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_ID = r"[a-z][a-z0-9_]*"
_END = r"(?:\.(?P<{}>low|high)(?![a-z0-9_]))?"
_TOKENS = re.compile(
    rf"(?P<address>[a-z0-9]+(?:-[a-z0-9]+)*\#{_ID}){_END.format('address_end')}"
    rf"|(?P<number>{_NUMBER})(?![0-9.a-z_])"
    rf"|(?P<id>{_ID}){_END.format('id_end')}"
    rf"|\[ *(?P<unprinted>{_ID}) *(?:= *(?P<assumed>{_NUMBER}) *)?\]"
    r"|(?P<sign><=|>=|==|[-+*/(),<>])"
)
_COMPARE = ("<", "<=", "==", ">=", ">")


@dataclass(frozen=True)
class _Token:
    kind: str  # number, name, unprinted, sign, or end after the last one
    text: str
    position: int
    leaf: Number | Name | Unprinted | None = None


def parse(text: str) -> Formula:
    """The formula that a text says. Raises FormulaError for whatever is not of the language."""
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(
            "formula-too-long", MOST_CHARACTERS + 1, f"a formula has at most {MOST_CHARACTERS} characters"
        )
    tokens = list(_tokens(text))
    if len(tokens) == 1:
        raise FormulaError("formula-empty", 1, "there is no formula")
    operands = [token for token in tokens if token.leaf is not None]
    if len(operands) > MOST_OPERANDS:
        raise FormulaError(
            "formula-too-long", operands[MOST_OPERANDS].position, f"a formula names at most {MOST_OPERANDS} numbers"
        )
    return _Reader(tokens).formula()


def parse_term(text: str) -> Term:
    """The formula that a text says, when it comes to a number. Raises FormulaError for anything else."""
    formula = parse(text)
    if isinstance(formula, Comparison | All):
        raise FormulaError("formula-syntax", formula.position, "this has to come to a number, so it compares nothing")
    return formula


def _tokens(text: str) -> Iterator[_Token]:
    position = _after_blanks(text, 0)
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None:
            raise _stranger(text, position)
        yield _token(match)
        position = _after_blanks(text, match.end())
    yield _Token("end", "the end", len(text) + 1)


def _after_blanks(text: str, position: int) -> int:
    while text[position : position + 1] in (" ", "\t"):
        position += 1
    return position


def _token(match: re.Match[str]) -> _Token:
    position = match.start() + 1
    if match["sign"]:
        return _Token("sign", match["sign"], position)
    if match["number"]:
        return _Token("number", match["number"], position, Number(_decimal(match["number"], position), position))
    if match["unprinted"]:
        assumed = _decimal(match["assumed"], position) if match["assumed"] else None
        return _Token("unprinted", match[0], position, Unprinted(match["unprinted"], assumed, position))
    name = match["address"] or match["id"]
    return _Token("name", name, position, Name(name, match["address_end"] or match["id_end"] or "", position))


def _decimal(text: str, position: int) -> Decimal:
    if len(text) > MOST_DIGITS + 1:  # One more, for the point.
        raise FormulaError("formula-number", position, f"a number has at most {MOST_DIGITS} digits")
    return Decimal(text)


def _stranger(text: str, position: int) -> FormulaError:
    """The error for what begins no token, with how it should be written where that is clear."""
    at, character = position + 1, text[position]
    if character in "0123456789":
        return FormulaError("formula-number", at, "a number is a plain decimal: 17000 or 0.5")
    if character == "[":
        return FormulaError("formula-syntax", at, "an input nobody printed is written [plan], or [plan=17000]")
    if character == ".":
        return FormulaError(
            "formula-syntax", at, "after a name only .low and .high may follow, for the ends of a range"
        )
    if character == "=":
        return FormulaError("formula-syntax", at, "two sides that are equal are joined by ==")
    return FormulaError("formula-syntax", at, f"U+{ord(character):04X} has no place in a formula")


class _Reader:
    """Reads a formula from its tokens, one function for each line of the grammar."""

    def __init__(self, tokens: list[_Token]):
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *signs: str) -> _Token | None:
        """The next token, taken, if it is one of these signs."""
        token = self.next
        if token.kind == "sign" and token.text in signs:
            self.at += 1
            return token
        return None

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.unexpected(f"“{sign}”")

    def unexpected(self, wanted: str) -> FormulaError:
        return FormulaError("formula-syntax", self.next.position, f"expected {wanted}, found {self.next.text}")

    def calls(self, function: str) -> bool:
        """Whether the next tokens are this function and its parenthesis: both names are free for figures too."""
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        return (self.next.kind, self.next.text, following.text) == ("name", function, "(")

    def formula(self) -> Formula:
        formula: Formula
        if self.calls("all"):
            formula = self.all()
        else:
            left = self.term()
            sign = self.take(*_COMPARE)
            formula = self.comparison(left, sign) if sign else left
        if self.next.kind != "end":
            if self.next.text in _COMPARE:
                raise FormulaError(
                    "formula-syntax", self.next.position, "one comparison at a time: all(a < b, b < c) joins several"
                )
            raise self.unexpected("an operator or the end")
        return formula

    def all(self) -> All:
        position = self.next.position
        self.at += 2
        comparisons = [self.compared()]
        while self.take(","):
            comparisons.append(self.compared())
        self.need(")")
        return All(tuple(comparisons), position)

    def compared(self) -> Comparison:
        left = self.term()
        sign = self.take(*_COMPARE)
        if sign is None:
            raise self.unexpected("a comparison: all(…) takes nothing else")
        return self.comparison(left, sign)

    def comparison(self, left: Term, sign: _Token) -> Comparison:
        return Comparison(sign.text, left, self.term(), sign.position)

    def term(self) -> Term:
        term = self.product()
        while sign := self.take("+", "-"):
            term = Operation(sign.text, term, self.product(), sign.position)
        return term

    def product(self) -> Term:
        term = self.factor()
        while sign := self.take("*", "/"):
            term = Operation(sign.text, term, self.factor(), sign.position)
        return term

    def factor(self) -> Term:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormulaError(
                "formula-too-deep", self.next.position, f"at most {MOST_DEPTH} parentheses within each other"
            )
        factor = self.shallow_factor()
        self.depth -= 1
        return factor

    def shallow_factor(self) -> Term:
        if sign := self.take("-"):
            return Negative(self.factor(), sign.position)
        if self.take("("):
            term = self.term()
            self.need(")")
            return term
        if self.calls("count"):
            return self.count()
        if self.next.leaf is None:
            raise self.unexpected("a number or a name")
        leaf = self.next.leaf
        self.at += 1
        if isinstance(leaf, Name) and self.next.text == "(":
            raise FormulaError(
                "formula-syntax", leaf.position, "only count(…) can be worked out, and all(…) around it all"
            )
        return leaf

    def count(self) -> Count:
        position = self.next.position
        self.at += 2
        names = [self.name()]
        while self.take(","):
            names.append(self.name())
        self.need(")")
        return Count(tuple(names), position)

    def name(self) -> Name:
        leaf = self.next.leaf
        if not isinstance(leaf, Name) or leaf.end:
            raise self.unexpected("the name of a figure or of a claim: count(…) takes nothing else")
        self.at += 1
        return leaf


# --- Working out -----------------------------------------------------------------------------------------------------

Value = TypeVar("Value", Fraction, Reach)


def evaluate(term: Term, value_of: Callable[[Leaf], Value]) -> Value:
    """What a term comes to, its leaves being worth what `value_of` says: fractions, or reaches taken as independent."""
    if isinstance(term, Negative):
        return -evaluate(term.operand, value_of)
    if not isinstance(term, Operation):
        return value_of(term)
    left, right = evaluate(term.left, value_of), evaluate(term.right, value_of)
    if term.operator == "+":
        return left + right
    if term.operator == "-":
        return left - right
    if term.operator == "*":
        return left * right
    try:
        return left / right
    except ZeroDivisionError:
        raise FormulaError("division-by-zero", term.position, "the divisor is zero") from None


@dataclass(frozen=True)
class Input:
    """What a leaf stands for: leaves of one key are one input, which has one value wherever it stands."""

    key: str
    reach: Reach


def reach_of(term: Term, inputs: Mapping[Leaf, Input]) -> Reach:
    """What a term can come to, inputs that occur twice varying together.

    An input that occurs once is independent of all others, and for those interval arithmetic is exact. An input that
    occurs twice is set to its two ends in turn. Its ends give the ends of the whole when the term only rises or only
    falls with it, and so it does when neither numerator nor denominator of the term holds a power of it: such a term
    is (p + q·x) / (r + s·x). Where that is not so, where a repeated input has no end, or where more than ten are
    repeated, all occurrences are taken as independent: the reach is then too wide, never too narrow, so that a claim is
    not said to fail for our not having looked closely.
    """
    _refuse_zero_divisors(term, inputs)
    return _reach(term, inputs)


def _reach(term: Term, inputs: Mapping[Leaf, Input]) -> Reach:
    """What a term can come to whose divisors are all known not to be zero."""
    repeated = _repeated(term, inputs)
    # Where nothing is repeated there is one corner, at which nothing is fixed.
    corners = product(*(reach.at_ends for reach in repeated.values()))
    return reduce(
        Reach.joined, (evaluate(term, _fixed(dict(zip(repeated, corner, strict=True)), inputs)) for corner in corners)
    )


def _repeated(term: Term, inputs: Mapping[Leaf, Input]) -> dict[str, Reach]:
    """The inputs whose ends have to be tried, because they occur twice; none when trying would prove nothing."""
    occurring = [inputs[leaf] for leaf in leaves_of(term) if not inputs[leaf].reach.is_point]
    times = Counter(item.key for item in occurring)
    repeated = {item.key: item.reach for item in occurring if times[item.key] > 1}
    provable = (
        len(repeated) <= MOST_REPEATED
        and all(reach.is_bounded for reach in repeated.values())
        and all(_power(term, key, inputs) == 1 for key in repeated)
    )
    return repeated if provable else {}


def _fixed(corner: Mapping[str, Reach], inputs: Mapping[Leaf, Input]) -> Callable[[Leaf], Reach]:
    """The reach of each leaf when some inputs are set to one of their ends."""
    return lambda leaf: corner.get(inputs[leaf].key, inputs[leaf].reach)


def _refuse_zero_divisors(term: Term, inputs: Mapping[Leaf, Input]) -> None:
    """Raise FormulaError where a divisor can be zero, also where that is between the corners."""
    if isinstance(term, Negative):
        _refuse_zero_divisors(term.operand, inputs)
    elif isinstance(term, Operation):
        _refuse_zero_divisors(term.left, inputs)
        _refuse_zero_divisors(term.right, inputs)
        if term.operator == "/" and _reach(term.right, inputs).touches_zero:
            raise FormulaError("division-by-zero", term.position, "the divisor may be zero, for all that is printed")


# The divisors of a term: how often each stands below the line, and to which power the input stands in it.
_Divisors = Counter[tuple[str, int]]


def _power(term: Term, key: str, inputs: Mapping[Leaf, Input]) -> int:
    """To which power an input stands above or below the line when the term is written as one fraction."""
    above, below = _as_fraction(term, key, inputs)
    return max(above, _power_in(below))


def _power_in(divisors: _Divisors) -> int:
    return sum(power * times for (_, power), times in divisors.items())


def _as_fraction(term: Term, key: str, inputs: Mapping[Leaf, Input]) -> tuple[int, _Divisors]:
    """The power of an input above the line, and what stands below it; a divisor that two sides share is there once."""
    if isinstance(term, Negative):
        return _as_fraction(term.operand, key, inputs)
    if not isinstance(term, Operation):
        return int(inputs[term].key == key), Counter()
    above, below = _as_fraction(term.left, key, inputs)
    right_above, right_below = _as_fraction(term.right, key, inputs)
    if term.operator in "+-":
        common = below | right_below
        return max(above + _power_in(common - below), right_above + _power_in(common - right_below)), common
    if term.operator == "*":
        return above + right_above, below + right_below
    return above + _power_in(right_below), below + Counter({(_shape(term.right, inputs), right_above): 1})


def _shape(term: Term, inputs: Mapping[Leaf, Input]) -> str:
    """A term as text that is the same for the same calculation with the same inputs."""
    if isinstance(term, Negative):
        return f"-({_shape(term.operand, inputs)})"
    if isinstance(term, Operation):
        return f"({_shape(term.left, inputs)}){term.operator}({_shape(term.right, inputs)})"
    return f"{inputs[term].key} {inputs[term].reach}"
