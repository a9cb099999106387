"""The language of formulas: what it takes, what it refuses and where, and what a formula comes to."""

import random
import sys
from fractions import Fraction
from functools import partial
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build_tools.audit.finding import Token, tokens_of
from build_tools.audit.formulas import (
    MOST_CHARACTERS,
    MOST_DEPTH,
    MOST_OPERANDS,
    MOST_REPEATED,
    All,
    Comparison,
    Count,
    Formula,
    FormulaError,
    Input,
    Leaf,
    Name,
    Number,
    Operation,
    Term,
    Unprinted,
    comparisons_of,
    evaluate,
    leaves_of,
    parse,
    parse_term,
    reach_of,
)
from build_tools.audit.intervals import Reach


def spelled(formula: Formula) -> str:
    """Return a formula with every operation in parentheses, to show how it was understood."""
    if isinstance(formula, All):
        return " & ".join(map(spelled, formula.comparisons))
    if isinstance(formula, Operation | Comparison):
        return f"({spelled(formula.left)} {formula.operator} {spelled(formula.right)})"
    if isinstance(formula, Number):
        return str(formula.value)
    if isinstance(formula, Name):
        return f"{formula.name}^{formula.end}" if formula.end else formula.name
    if isinstance(formula, Unprinted):
        return f"?{formula.name}" if formula.assumed is None else f"?{formula.name}:{formula.assumed}"
    if isinstance(formula, Count):
        return "#" + "".join(f" {name.name}" for name in formula.names)
    return f"~{spelled(formula.operand)}"


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("jobs", "jobs"),
        ("17000", "17000"),
        ("0.50", "0.50"),
        ("a+b-c", "((a + b) - c)"),
        ("a / b * 100", "((a / b) * 100)"),
        ("a + b * c", "(a + (b * c))"),
        ("(a + b) * c", "((a + b) * c)"),
        ("a - (b - c)", "(a - (b - c))"),
        ("-a * b", "(~a * b)"),
        ("a * -b", "(a * ~b)"),
        ("--a", "~~a"),
        ("-(a + b)", "~(a + b)"),
        (" \t a ", "a"),
        ("a.low + a.high", "(a^low + a^high)"),
        ("jobs_2.low", "jobs_2^low"),
        ("[plan]", "?plan"),
        ("[plan=17000]", "?plan:17000"),
        ("[ plan = 0.5 ]", "?plan:0.5"),
        ("count(a)", "# a"),
        ("count( a , b,c ) * 2", "(# a b c * 2)"),
        ("count(hue-2023#a)", "# hue-2023#a"),
        ("a < b", "(a < b)"),
        ("a + 1 <= b", "((a + 1) <= b)"),
        ("a==b", "(a == b)"),
        ("a >= -b", "(a >= ~b)"),
        ("a > b", "(a > b)"),
        ("all(a > b)", "(a > b)"),
        ("all(a < b, b + 1 <= c)", "(a < b) & ((b + 1) <= c)"),
        # A package's name holds hyphens and digits, so a minus before it needs a blank.
        ("hue-2023-lanh-dao#jobs", "hue-2023-lanh-dao#jobs"),
        ("hue-2023-lanh-dao#jobs.low", "hue-2023-lanh-dao#jobs^low"),
        ("2023-hue#jobs", "2023-hue#jobs"),
        ("a-hue#b", "a-hue#b"),
        ("a - hue#b", "(a - hue#b)"),
        ("a_1-b", "(a_1 - b)"),
        # The names of the functions are free for figures.
        ("count + all", "(count + all)"),
        ("count(count, all)", "# count all"),
        ("low.low", "low^low"),
    ],
)
def test_a_formula_is_understood_as_arithmetic_is(text: str, understood: str) -> None:
    """Products before sums, from left to right, a minus sign before all."""
    assert spelled(parse(text)) == understood


@pytest.mark.parametrize(
    ("text", "code", "position", "says"),
    [
        ("", "formula-empty", 1, "no formula"),
        ("  ", "formula-empty", 1, "no formula"),
        ("a +", "formula-syntax", 4, "expected a number or a name, found the end"),
        ("+ a", "formula-syntax", 1, "expected a number or a name"),
        ("a b", "formula-syntax", 3, "expected an operator or the end, found b"),
        ("(a", "formula-syntax", 3, "expected “)”"),
        ("a)", "formula-syntax", 2, "expected an operator or the end"),
        ("()", "formula-syntax", 2, "expected a number or a name"),
        ("a ** b", "formula-syntax", 4, "expected a number or a name"),
        ("a // b", "formula-syntax", 4, "expected a number or a name"),
        ("a % b", "formula-syntax", 3, "U+0025"),
        ("a = b", "formula-syntax", 3, "joined by =="),
        ("a != b", "formula-syntax", 3, "U+0021"),
        ("a < b < c", "formula-syntax", 7, "one comparison at a time"),
        ("a, b", "formula-syntax", 2, "expected an operator or the end"),
        ("(a < b)", "formula-syntax", 4, "expected “)”"),
        ("all()", "formula-syntax", 5, "expected a number or a name"),
        ("all(a)", "formula-syntax", 6, "expected a comparison"),
        ("all(a < b", "formula-syntax", 10, "expected “)”"),
        ("all(a < b) + 1", "formula-syntax", 12, "expected an operator or the end"),
        ("1 + all(a < b)", "formula-syntax", 5, "only count"),
        ("count()", "formula-syntax", 7, "expected the name"),
        ("count(1)", "formula-syntax", 7, "expected the name"),
        ("count(a.low)", "formula-syntax", 7, "expected the name"),
        ("count(a + b)", "formula-syntax", 9, "expected “)”"),
        ("count([a])", "formula-syntax", 7, "expected the name"),
        ("sum(a, b)", "formula-syntax", 1, "only count"),
        # Numbers are plain decimals with a point.
        ("17,125", "formula-syntax", 3, "expected an operator or the end"),
        ("17,000", "formula-number", 4, "plain decimal"),
        ("1.2.3", "formula-number", 1, "plain decimal"),
        ("007", "formula-number", 1, "plain decimal"),
        ("1e5", "formula-number", 1, "plain decimal"),
        ("1_000", "formula-number", 1, "plain decimal"),
        ("5.", "formula-number", 1, "plain decimal"),
        (".5", "formula-syntax", 1, "after a name only"),
        ("0x10", "formula-number", 1, "plain decimal"),
        ("2a", "formula-number", 1, "plain decimal"),
        ("1" * 32, "formula-number", 1, "at most 30 digits"),
        ("[x=" + "1" * 32 + "]", "formula-number", 1, "at most 30 digits"),
        ("[plan", "formula-syntax", 1, "[plan=17000]"),
        ("[]", "formula-syntax", 1, "[plan=17000]"),
        ("[plan=]", "formula-syntax", 1, "[plan=17000]"),
        ("[plan=17,000]", "formula-syntax", 1, "[plan=17000]"),
        ("[plan=-5]", "formula-syntax", 1, "[plan=17000]"),
        ("[a][0]", "formula-syntax", 4, "[plan=17000]"),
        # Nothing of Python gets in.
        ("a.__class__", "formula-syntax", 2, "only .low and .high"),
        ("a.lower", "formula-syntax", 2, "only .low and .high"),
        ("a.low.high", "formula-syntax", 6, "only .low and .high"),
        ("__import__('os')", "formula-syntax", 1, "U+005F"),
        ("lambda: 0", "formula-syntax", 7, "U+003A"),
        ("eval('1')", "formula-syntax", 6, "U+0027"),
        ("a;b", "formula-syntax", 2, "U+003B"),
        ("a\nb", "formula-syntax", 2, "U+000A"),
        ("a\x00", "formula-syntax", 2, "U+0000"),
        # ASCII only: digits, letters and signs that look alike are named by their number.
        ("٣", "formula-syntax", 1, "U+0663"),
        ("1٣", "formula-syntax", 2, "U+0663"),
        ("５", "formula-syntax", 1, "U+FF15"),
        ("a − b", "formula-syntax", 3, "U+2212"),
        ("a × b", "formula-syntax", 3, "U+00D7"),
        ("số", "formula-syntax", 2, "U+1ED1"),
        ("Jobs", "formula-syntax", 1, "U+004A"),
        ("hue-2023#", "formula-syntax", 9, "U+0023"),
        ("#jobs", "formula-syntax", 1, "U+0023"),
        ("a\u00a0+ b", "formula-syntax", 2, "U+00A0"),
        ("a\u202e", "formula-syntax", 2, "U+202E"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_language_is_refused_where_it_stands(text: str, code: str, position: int, says: str) -> None:
    """Each refusal has a code, the character from 1, and says what was expected."""
    with pytest.raises(FormulaError) as raised:
        parse(text)
    assert (raised.value.code, raised.value.position) == (code, position)
    assert says in raised.value.what
    assert str(raised.value) == f"character {position}: {raised.value.what}"


def test_size_and_depth_are_bounded() -> None:
    """The largest of each is taken, one more is refused; nothing reaches Python's own limits."""
    names = ["a"] * MOST_OPERANDS
    assert len(list(leaves_of(parse("+".join(names))))) == MOST_OPERANDS
    deep = "(" * (MOST_DEPTH - 1) + "a" + ")" * (MOST_DEPTH - 1)
    assert spelled(parse(deep)) == "a"
    assert spelled(parse("a" * MOST_CHARACTERS)) == "a" * MOST_CHARACTERS
    assert spelled(parse("1." + "1" * 29)) == "1." + "1" * 29
    refused = {
        "+".join([*names, "a"]): ("formula-too-long", 2 * MOST_OPERANDS + 1),
        f"({deep})": ("formula-too-deep", MOST_DEPTH + 1),
        "-" * MOST_DEPTH + "a": ("formula-too-deep", MOST_DEPTH + 1),
        "a" * (MOST_CHARACTERS + 1): ("formula-too-long", MOST_CHARACTERS + 1),
        "(" * MOST_CHARACTERS: ("formula-too-deep", MOST_DEPTH + 1),
        "a-" * (MOST_CHARACTERS // 2): ("formula-too-long", 2 * MOST_OPERANDS + 1),
        "a-" * (MOST_CHARACTERS // 2 - 1) + "#": ("formula-syntax", MOST_CHARACTERS - 1),
        "[" * MOST_CHARACTERS: ("formula-syntax", 1),
    }
    for text, expected in refused.items():
        with pytest.raises(FormulaError) as raised:
            parse(text)
        assert (raised.value.code, raised.value.position) == expected
    assert sys.getrecursionlimit() > 2 * (MOST_OPERANDS + 6 * MOST_DEPTH)


def test_a_term_compares_nothing() -> None:
    """What has to come to a number is no comparison, and no set of them."""
    assert spelled(parse_term("a + b")) == "(a + b)"
    for text, position in (("a < b", 3), ("all(a < b)", 1)):
        with pytest.raises(FormulaError, match="has to come to a number") as raised:
            parse_term(text)
        assert raised.value.position == position


def test_a_formula_lists_what_it_names_from_left_to_right() -> None:
    """Comparisons are the sides of a bound; leaves are everything that stands for a number."""
    formula = parse("all(a + 2 < -b.low, [x] >= count(c, d))")
    assert [spelled(leaf) for leaf in leaves_of(formula)] == ["a", "2", "b^low", "?x", "# c d"]
    assert [comparison.operator for comparison in comparisons_of(formula)] == ["<", ">="]
    assert len(comparisons_of(parse("a < b"))) == 1
    assert comparisons_of(parse("a")) == ()


@given(st.text(alphabet="ab1.0+-*/()<=>,[] #lowcunt_٣", max_size=40))
@settings(max_examples=500)
def test_any_text_is_a_formula_or_a_refusal_within_it(text: str) -> None:
    """Whatever is typed, the answer is a formula or a FormulaError that points into the text or right behind it."""
    refused_at = 1
    try:
        parse(text)
    except FormulaError as error:
        refused_at = error.position
    assert 1 <= refused_at <= len(text) + 1


# --- Working out -----------------------------------------------------------------------------------------------------


def values(**named: int | str) -> dict[str, Fraction]:
    """Return the numbers that names stand for."""
    return {name: Fraction(value) for name, value in named.items()}


def worth(leaf: Leaf, named: dict[str, Fraction]) -> Fraction:
    """Return what a leaf is worth when names stand for these numbers."""
    return Fraction(leaf.value) if isinstance(leaf, Number) else named[leaf.name]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", "5"),
        ("a - b - 1", "-2"),
        ("(a - b) / b * 100", "-50"),
        ("-a * -b", "2"),
        ("a / 3 * 3", "1"),
        ("0.1 + 0.2", "0.3"),
    ],
)
def test_a_term_comes_to_what_it_says(text: str, expected: str) -> None:
    """With a = 1 and b = 2; fractions stay fractions, so a third times three is one."""
    assert evaluate(parse_term(text), lambda leaf: worth(leaf, values(a=1, b=2))) == Fraction(expected)


def test_dividing_by_zero_names_the_sign_of_division() -> None:
    """The second division of the three is the one: a - a is zero."""
    with pytest.raises(FormulaError) as raised:
        evaluate(parse_term("1 / a + 1 / (a - a) + 1 / a"), lambda leaf: worth(leaf, values(a=1)))
    assert (raised.value.code, raised.value.position) == ("division-by-zero", 11)


def inputs_of(term: Term, **intervals: tuple[str, str, str]) -> dict[Leaf, Input]:
    """Return an input for each leaf: low end, high end, and brackets as in `[)`; `-` and `+` for no end."""
    found: dict[Leaf, Input] = {}
    for leaf in leaves_of(term):
        if isinstance(leaf, Number):
            found[leaf] = Input("", Reach.point(Fraction(leaf.value)))
            continue
        name = leaf.name  # type: ignore[union-attr]
        low, high, brackets = intervals[name]
        low_end = (-1, Fraction(0)) if low == "-" else (0, Fraction(low))
        high_end = (1, Fraction(0)) if high == "+" else (0, Fraction(high))
        found[leaf] = Input(name, Reach(low_end, high_end, brackets[0] == "(", brackets[1] == ")"))
    return found


def inputs_between(term: Term, lows: dict[str, Fraction], highs: dict[str, Fraction]) -> dict[Leaf, Input]:
    """Return an input for each leaf, from its low number to its high one."""
    ends = {name: (str(low), str(highs[name]), "[]") for name, low in lows.items()}
    return inputs_of(term, **ends)


def reached(text: str, **intervals: tuple[str, str, str]) -> tuple[str, str, str]:
    """Return what a term can come to, in the notation of `inputs_of`."""
    term = parse_term(text)
    reach = reach_of(term, inputs_of(term, **intervals))
    low = "-" if reach.low[0] else str(reach.low[1])
    high = "+" if reach.high[0] else str(reach.high[1])
    return low, high, f"{'(' if reach.low_open else '['}{')' if reach.high_open else ']'}"


A, B = ("1", "2", "[)"), ("10", "20", "[]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Once each: interval arithmetic.
        ("a + b", ("11", "22", "[)")),
        ("b - a", ("8", "19", "(]")),
        ("b / a * 100", ("500", "2000", "(]")),
        # Twice: one number, wherever it stands.
        ("a - a", ("0", "0", "[]")),
        ("a / a", ("1", "1", "[]")),
        ("a - a + b", ("10", "20", "[]")),
        ("a + a", ("2", "4", "[)")),
        ("(b - a) / a", ("4", "19", "(]")),
        ("a / (a + b)", ("1/21", "1/6", "[)")),
        ("(a + b) / (a + b)", ("1", "1", "[]")),
        ("-(a - 3 * a)", ("2", "4", "[)")),
        ("a / b - 1 / b", ("0", "1/10", "[)")),
        ("a / (a + b) + b / (a + b)", ("1", "1", "[]")),
        # A power of an input: its ends need not be the ends of the whole, so every occurrence stands alone.
        ("a * a", ("1", "4", "[)")),
        ("a * (3 - a)", ("1", "4", "()")),
        ("a / (1 / a)", ("1", "4", "[)")),
        ("a / (-a) + a / (-(a + 0))", ("-4", "-1", "()")),
    ],
)
def test_inputs_that_occur_twice_vary_together(text: str, expected: tuple[str, str, str]) -> None:
    """With a in [1, 2) and b in [10, 20].

    a / (a + b) rises with a and falls with b: 1/21 at (1, 20), 2/12 at (2, 10). (b - a) / a = b/a - 1 is 19 at (1, 20)
    and 4 at (2, 10). a/b - 1/b = (a - 1)/b is 0 at (1, 20) and 1/10 at (2, 10). Each occurrence alone, a * (3 - a)
    comes from 1 * 1 to 2 * 2 (truly from 2 to 2.25), and each a/-a, its two divisors being unlike, from -2 to -1/2.
    """
    assert reached(text, a=A, b=B) == expected


def test_an_input_without_end_stands_alone_each_time() -> None:
    """x - x with x in [1, ∞) has no corner at infinity: it is enclosed, too widely, by everything."""
    assert reached("a - a", a=("1", "+", "[)")) == ("-", "+", "()")
    assert reached("a / (b + a)", a=("1", "+", "[)"), b=B) == ("0", "+", "()")


def test_up_to_ten_repeated_inputs_vary_together_and_more_do_not() -> None:
    """s - s is zero while the corners are tried; with eleven inputs it is enclosed by -11 to 11."""
    for n, expected in ((MOST_REPEATED, "0"), (MOST_REPEATED + 1, str(MOST_REPEATED + 1))):
        total = " + ".join(f"x{i}" for i in range(n))
        term = parse_term(f"({total}) - ({total})")
        reach = reach_of(term, inputs_of(term, **{f"x{i}": ("1", "2", "[]") for i in range(n)}))
        assert str(reach.high[1]) == expected


@pytest.mark.parametrize(
    ("text", "position"),
    [("1 / (a - b)", 3), ("a / (2 * a - b)", 3), ("-(1 / b)", 5), ("1 / (1 / (a - b))", 8), ("(1 / b) + 1", 4)],
)
def test_a_divisor_that_can_be_zero_between_the_corners_is_refused(text: str, position: int) -> None:
    """With a in [1, 3] and b in [0, 4]: at its corners 2a - b is 2, -2, 6 and 2, and in between it is zero."""
    term = parse_term(text)
    with pytest.raises(FormulaError, match="may be zero") as raised:
        reach_of(term, inputs_of(term, a=("1", "3", "[]"), b=("0", "4", "[]")))
    assert (raised.value.code, raised.value.position) == ("division-by-zero", position)


def test_a_divisor_of_repeated_inputs_is_not_refused_for_looking_like_zero() -> None:
    """2a - a is a, which is not zero in [1, 2), though [2, 4) - [1, 2) would touch it."""
    assert reached("1 / (2 * a - a)", a=A) == ("1/2", "1", "(]")


# --- Laws ------------------------------------------------------------------------------------------------------------


def random_term(chance: random.Random, names: list[str], size: int) -> str:
    """Return a random formula of so many operations, fully in parentheses."""
    if size == 0:
        leaf = chance.choice([*names, *names, str(chance.randint(1, 9)), f"{chance.randint(0, 9)}.5"])
        return f"-{leaf}" if chance.random() < 0.1 else leaf
    left = chance.randrange(size)
    operator = chance.choice("+-*/")
    return f"({random_term(chance, names, left)} {operator} {random_term(chance, names, size - 1 - left)})"


def written(term: Term) -> str:
    """Return a term as its working writes it, in the signs of the language."""

    def token_of(leaf: Leaf) -> Token:
        return Token("figure", figure_id=spelled(leaf))

    signs = {"negative": "-"}
    return "".join(token.figure_id or signs.get(token.name, token.name) for token in tokens_of(term, token_of))


@given(st.integers(0, 2**32), st.integers(0, 8))
@settings(max_examples=300, deadline=None)
def test_a_formula_written_with_fewer_parentheses_says_the_same(seed: int, size: int) -> None:
    """What the working shows, read back, is the formula that was worked out."""
    chance = random.Random(seed)  # noqa: S311  # Not a secret: the seed is Hypothesis's.
    term = parse_term(random_term(chance, ["a", "b", "c"], size))
    assert spelled(parse_term(written(term))) == spelled(term)


@given(st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_a_reach_holds_whatever_numbers_come_to(seed: int) -> None:
    """For any formula, any intervals and any numbers in them: the law that keeps a claim from failing wrongly."""
    chance = random.Random(seed)  # noqa: S311  # Not a secret: the seed is Hypothesis's.
    names = ["a", "b", "c"][: chance.randint(1, 3)]
    for _ in range(10):
        term = parse_term(random_term(chance, names, chance.randint(1, 6)))
        lows = {name: Fraction(chance.randint(-8, 40), 4) for name in names}
        widths = {name: Fraction(chance.choice([0, 1, 2, 9]), 4) for name in names}
        try:
            reach = reach_of(term, inputs_between(term, lows, {name: lows[name] + widths[name] for name in names}))
        except FormulaError:
            continue  # A divisor may be zero.
        for _ in range(5):
            picked = {name: lows[name] + widths[name] * Fraction(chance.randint(0, 16), 16) for name in names}
            assert reach.contains(evaluate(term, partial(worth, named=picked))), (written(term), picked)


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_the_corners_are_reached_when_no_input_is_in_a_power(seed: int) -> None:
    """A reach is no wider than it must be: for shares and growths its ends are values at corners of the inputs."""
    chance = random.Random(seed)  # noqa: S311  # Not a secret: the seed is Hypothesis's.
    text = chance.choice(
        ["(a - b) / b", "a / (a + b + c)", "(a + b) / (a + b + c)", "a - (a + b) / 2", "a / b - c / b"]
    )
    term = parse_term(text)
    lows = {name: Fraction(chance.randint(1, 50)) for name in "abc"}
    highs = {name: low + Fraction(chance.randint(1, 20), 4) for name, low in lows.items()}
    reach = reach_of(term, inputs_between(term, lows, highs))
    corners = [
        evaluate(term, partial(worth, named=dict(zip("abc", corner, strict=True))))
        for corner in product(*((lows[name], highs[name]) for name in "abc"))
    ]
    assert (reach.low[1], reach.high[1]) == (min(corners), max(corners))
