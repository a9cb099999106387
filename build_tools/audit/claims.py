"""Read a claim: its formula and result parsed, and every name in them found."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from build_tools.audit.finding import ClaimFault
from build_tools.audit.formulas import (
    Count,
    Formula,
    FormulaError,
    Input,
    Leaf,
    Name,
    Number,
    Term,
    Unprinted,
    comparisons_of,
    leaves_of,
    parse,
    parse_term,
)
from build_tools.audit.intervals import FigureEnd, Reach, interval_of, last_place
from build_tools.figures import Claim, Figure, Unit
from build_tools.schemas import choices

# What the column `rule` may hold: the standard table is the one list of rules.
RULES = choices("claims", "rule")
BASES = ("stated", "elsewhere", "implied")
NOT_AS_PRINTED = ("misprint", "glued", "unrecoverable")  # readings that leave the printed number in doubt
ITEMS = "items"  # what a claim's formula calls its own items


@dataclass(frozen=True)
class Book:
    """What claims may refer to: figures and claims by address, units by id."""

    figures: Mapping[str, Figure]
    claims: Mapping[str, Claim]
    units: Mapping[str, Unit]

    @classmethod
    def of(cls, figures: Iterable[Figure], claims: Iterable[Claim], units: Iterable[Unit]) -> "Book":
        """A book of these figures, claims and units."""
        return cls(
            {figure.address: figure for figure in figures},
            {f"{claim.package}#{claim.claim_id}": claim for claim in claims},
            {unit.unit: unit for unit in units},
        )


@dataclass(frozen=True)
class ReadClaim:
    """A claim that can be judged. `result` is None for a bound; `figures` and `counts` hold all that the two name."""

    claim: Claim
    formula: Formula
    result: Term | None
    figures: Mapping[Name, Figure]
    counts: Mapping[Count, tuple[str, ...]]  # the figures counted; "" for an item that comes with none
    units: Mapping[str, Unit]

    def leaves(self) -> Iterator[Leaf]:
        """The leaves of formula and result."""
        yield from leaves_of(self.formula)
        if self.result is not None:
            yield from leaves_of(self.result)

    @property
    def unprinted(self) -> dict[str, Decimal | None]:
        """The inputs that nobody printed, with what is assumed for them."""
        return {leaf.name: leaf.assumed for leaf in self.leaves() if isinstance(leaf, Unprinted)}

    @property
    def is_malformed(self) -> bool:
        """Whether a number that the claim calculates with is not to be trusted as it was printed."""
        return any(
            figure.value is None or any(span.reading in NOT_AS_PRINTED for span in figure.spans)
            for figure in self.figures.values()
        )

    @property
    def is_recovered(self) -> bool:
        """Whether every number that the claim calculates with is known, read as meant."""
        return all(figure.value is not None for figure in self.figures.values())

    def unit_of(self, name: Name) -> Unit:
        """The unit a figure is printed in."""
        return self.units[self.figures[name].unit]

    def is_range(self, term: Formula) -> bool:
        """Whether a term has a low and a high end because of a range in it."""
        return any(
            isinstance(leaf, Name) and not leaf.end and self.figures[leaf].value_high is not None
            for leaf in leaves_of(term)
        )

    def printed(self, leaf: Leaf, end: FigureEnd) -> Decimal | None:
        """The number a leaf stands for as it was printed, at one end of its range; None when it is not known."""
        if isinstance(leaf, Number):
            return leaf.value
        if isinstance(leaf, Unprinted):
            return leaf.assumed
        if isinstance(leaf, Count):
            return Decimal(len(self.counts[leaf]))
        figure = self.figures[leaf]
        return figure.value_high if self.end_of(leaf, end) == "high" else figure.value

    def point(self, leaf: Leaf, end: FigureEnd) -> Fraction:
        """The number a leaf stands for in base units; where it is not known, one."""
        printed = self.printed(leaf, end)
        scale = self.unit_of(leaf).scale if isinstance(leaf, Name) else 1
        return Fraction(1) if printed is None else Fraction(printed) * Fraction(scale)

    def input(self, leaf: Leaf, end: FigureEnd) -> Input:
        """What a leaf can stand for, at one end of its range."""
        if not isinstance(leaf, Name):
            return Input("", Reach.point(self.point(leaf, end)))
        at, figure = self.end_of(leaf, end), self.figures[leaf]
        return Input(f"{figure.address}.{at}", Reach.of(interval_of(figure, self.unit_of(leaf), at)))

    def input_between(self, leaf: Leaf) -> Input:
        """What a leaf can stand for, from the low end of its range to the high end."""
        low, high = self.input(leaf, "low"), self.input(leaf, "high")
        return Input(f"{low.key} {high.key}", low.reach.joined(high.reach))

    def end_of(self, name: Name, end: FigureEnd) -> FigureEnd:
        """Which end of its figure a name asks for; a figure that is no range has a low end only."""
        is_high = (name.end or end) == "high" and self.figures[name].value_high is not None
        return "high" if is_high else "low"


def places_of(printed: Decimal) -> int:
    """How many decimals were printed."""
    return max(0, -last_place(printed).adjusted())


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_claim(claim: Claim, book: Book) -> ReadClaim | tuple[ClaimFault, ...]:
    """The claim with all that it names, or everything that keeps it from being judged."""
    faults = [*_unknown_words(claim)]
    formula: Formula | None = None
    result: Term | None = None
    try:
        formula = parse(claim.formula or (f"count({ITEMS})" if claim.rule == "count" else ""))
        faults.extend(_wrong_sides(claim, formula))
    except FormulaError as error:
        faults.append(unreadable(claim, "formula", error))
    try:
        result = parse_term(claim.result) if claim.result else None
    except FormulaError as error:
        faults.append(unreadable(claim, "result", error))
    figures: dict[Name, Figure] = {}
    counts: dict[Count, tuple[str, ...]] = {}
    assumed: dict[str, Decimal | None] = {}
    for column, parsed in (("formula", formula), ("result", result)):
        for leaf in () if parsed is None else leaves_of(parsed):
            if isinstance(leaf, Name):
                faults.extend(_find(leaf, column, claim, book, figures))
            elif isinstance(leaf, Count):
                faults.extend(_count(leaf, column, claim, book, counts))
            elif isinstance(leaf, Unprinted) and assumed.setdefault(leaf.name, leaf.assumed) != leaf.assumed:
                what = f"[{leaf.name}] is one input, so it has one value wherever it stands"
                faults.append(fault(claim, column, "input-twice", what, position=leaf.position, name=leaf.name))
    if formula is None or faults:
        return tuple(faults)
    return ReadClaim(claim, formula, result, figures, counts, book.units)


def fault(claim: Claim, column: str, code: str, what: str, **detail: object) -> ClaimFault:
    """A fault of a claim, with the cell it stands in among its details."""
    cell = str(getattr(claim, column))
    details = {name: str(value) for name, value in detail.items()}
    return ClaimFault(claim.package, claim.row, column, claim.claim_id, code, what, {"cell": cell, **details})


def unreadable(claim: Claim, column: str, error: FormulaError) -> ClaimFault:
    """The fault of a cell that cannot be read or worked out as a formula."""
    return fault(claim, column, error.code, str(error), position=error.position)


def _unknown_words(claim: Claim) -> Iterator[ClaimFault]:
    if claim.rule not in RULES:
        yield fault(claim, "rule", "rule-unknown", f"“{claim.rule}” is no rule: write one of {', '.join(RULES)}")
    if claim.basis not in BASES:
        yield fault(claim, "basis", "basis-unknown", f"“{claim.basis}” is no basis: write one of {', '.join(BASES)}")


def _wrong_sides(claim: Claim, formula: Formula) -> Iterator[ClaimFault]:
    """A bound compares and states nothing else; any other formula comes to a number, for a result to agree with."""
    if comparisons_of(formula):
        if claim.result:
            what = "the formula compares by itself: leave the result empty, or write the formula without a comparison"
            yield fault(claim, "result", "result-unwanted", what)
    elif claim.rule == "bound":
        yield fault(claim, "formula", "bound-missing", "a bound compares: write < <= == >= or > between its two sides")
    elif not claim.result:
        what = "nothing is stated that the formula could agree with: give a figure, a number or a formula"
        yield fault(claim, "result", "result-missing", what)


def _find(name: Name, column: str, claim: Claim, book: Book, figures: dict[Name, Figure]) -> Iterator[ClaimFault]:
    """Add the figure that a name stands for to `figures`, or say why there is none to calculate with."""
    figure = book.figures.get(_address(name, claim))
    detail = {"position": name.position, "name": name.name}
    if figure is None:
        yield _unknown(name, column, claim)
        return
    figures[name] = figure
    unit = book.units.get(figure.unit)
    if unit is None:
        what = f"the unit “{figure.unit}” of {figure.address} is not in the vocabulary"
        yield fault(claim, column, "unit-unknown", what, unit=figure.unit, **detail)
    elif name.end and figure.value is not None and figure.value_high is None:
        what = f"{figure.address} is no range: leave out “.{name.end}”"
        yield fault(claim, column, "range-missing", what, **detail)
    elif figure.value is not None:
        try:
            interval_of(figure, unit)
            if figure.value_high is not None:
                interval_of(figure, unit, "high")
        except ValueError as error:
            yield fault(claim, column, "figure-unusable", str(error), **detail)


def _count(
    count: Count, column: str, claim: Claim, book: Book, counts: dict[Count, tuple[str, ...]]
) -> Iterator[ClaimFault]:
    """Add what a count counts to `counts`: the items of the one claim it names, else the figures it names."""
    first = count.names[0]
    listed = claim if first.name == ITEMS else book.claims.get(_address(first, claim))
    if len(count.names) == 1 and listed is not None:
        if listed.items:
            counts[count] = tuple(_item_figure(listed, item.figure_id, claim, book) for item in listed.items)
            return
        if _address(first, claim) not in book.figures:
            what = f"claim_items.csv lists nothing for the claim “{listed.claim_id}”"
            yield fault(claim, column, "items-missing", what, position=count.position, name=first.name)
            return
    counts[count] = tuple(name.name for name in count.names)
    for name in count.names:
        if _address(name, claim) not in book.figures:
            yield _unknown(name, column, claim)


def _item_figure(listed: Claim, figure_id: str, claim: Claim, book: Book) -> str:
    """The figure of an item, as this claim would name it; empty when the item has none."""
    address = f"{listed.package}#{figure_id}"
    if address not in book.figures:
        return ""
    return figure_id if listed.package == claim.package else address


def _unknown(name: Name, column: str, claim: Claim) -> ClaimFault:
    what = f"no figure is called “{name.name}”"
    return fault(claim, column, "figure-unknown", what, position=name.position, name=name.name)


def _address(name: Name, claim: Claim) -> str:
    return name.name if "#" in name.name else f"{claim.package}#{name.name}"
