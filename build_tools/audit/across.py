"""The same thing stated by several reports, side by side, and in what the statements differ.

Two figures are of one thing when indicator, place, body, breakdown, period, stance, measure and extent are the same,
or when a relation of the `across` package says so. Nothing is averaged and nothing is preferred: the classes say what
keeps the statements from being one. docs/rules/across.md says the same in words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from build_tools.audit.intervals import Reach, interval_of
from build_tools.figures import Figure, Unit

# In the order in which they are named; a group may have several.
CLASSES = ("same", "copy", "misprint", "unit", "scope", "status", "later", "bounds", "unclear", "differs")
KINDS = ("scope", "copy_of", "later", "not_same", "misprint", "unclear")  # of relations
OPEN_ABOVE, OPEN_BELOW = ("over", "at_least"), ("under", "nearly", "at_most")


@dataclass(frozen=True)
class Relation:
    """What somebody who read both reports found of two figures: one row of `across/relations.csv`.

    `a` is printed from `b` (`copy_of`), counts another scope than `b` (`scope`), counts up to a later day than `b`
    though no day is printed (`later`), is a misprint where `b` is not (`misprint`), is not the same thing (`not_same`),
    or nobody can tell (`unclear`).
    """

    row: int  # the row's line in relations.csv, the header being line 1
    id: str
    a: str  # package#figure_id, as is b
    b: str
    kind: str
    reason_vi: str
    reason_en: str

    def reason(self, language: str) -> str:
        """Return the reason in a language."""
        return self.reason_en if language == "en" else self.reason_vi


@dataclass(frozen=True)
class Across:
    """Figures of several reports about one thing, and the classes of their differences."""

    id: str
    indicator: str
    place: str
    body: str
    breakdown: str
    period: str
    classes: tuple[str, ...]
    figures: tuple[Figure, ...]
    relations: tuple[Relation, ...] = ()  # between these figures
    difference: Decimal | None = None  # of the largest and the least, in the first figure's unit; None when they agree

    def also_in(self, figure: Figure) -> tuple[Figure, ...]:
        """Return the figures of other reports that state the same amount as this one."""
        return tuple(
            other
            for other in self.figures
            if other.package != figure.package
            and (other.value, other.value_high, other.unit) == (figure.value, figure.value_high, figure.unit)
        )


def across(
    figures: Iterable[Figure], units: Mapping[str, Unit], relations: Iterable[Relation] = ()
) -> tuple[Across, ...]:
    """Return every thing that at least two reports state, sorted by id."""
    usable = {f.address: f for f in figures if f.unit in units and _is_usable(f, units[f.unit])}
    relations = tuple(r for r in relations if r.a in usable and r.b in usable)
    found = []
    for members in _groups(usable, relations):
        if len({figure.package for figure in members}) < 2:
            continue
        addresses = {figure.address for figure in members}
        between = tuple(r for r in relations if r.a in addresses and r.b in addresses and r.kind != "not_same")
        first = min(members, key=_name)
        found.append(
            Across(
                _name(first),
                first.indicator,
                first.place,
                first.body,
                first.breakdown,
                f"{first.period_start}/{first.period_end}",
                _classes(members, units, between),
                tuple(members),
                between,
                _difference(members, units),
            )
        )
    return tuple(sorted(found, key=lambda group: group.id))


def _is_usable(figure: Figure, unit: Unit) -> bool:
    """Whether a figure states a number that can be held against another."""
    try:
        interval_of(figure, unit)
        if figure.value_high is not None:
            interval_of(figure, unit, "high")
    except ValueError:
        return False
    return True


def _groups(figures: Mapping[str, Figure], relations: Sequence[Relation]) -> Iterator[list[Figure]]:
    """Yield the figures that are held together, by what they speak of or by a relation, in their own order."""
    apart = {frozenset((r.a, r.b)) for r in relations if r.kind == "not_same"}
    of_thing: dict[tuple[str, ...], list[str]] = {}
    for address, figure in figures.items():
        of_thing.setdefault(_thing(figure), []).append(address)
    links: dict[str, set[str]] = {}
    joined = [pair for addresses in of_thing.values() for pair in combinations(addresses, 2)]
    joined += [(r.a, r.b) for r in relations if r.kind != "not_same"]
    for a, b in joined:
        if frozenset((a, b)) not in apart:
            links.setdefault(a, set()).add(b)
            links.setdefault(b, set()).add(a)
    order = {address: n for n, address in enumerate(figures)}
    seen: set[str] = set()
    for address in figures:
        if address in seen:
            continue
        group, waiting = {address}, [address]
        while waiting:
            fresh = links.get(waiting.pop(), set()) - group
            group |= fresh
            waiting += fresh
        seen |= group
        yield [figures[other] for other in sorted(group, key=order.__getitem__)]


def _thing(figure: Figure) -> tuple[str, ...]:
    """Return what a figure speaks of; changes from different bases or in different directions differ."""
    return (
        figure.indicator,
        figure.place,
        figure.body,
        figure.breakdown,
        figure.period_start,
        figure.period_end,
        figure.stance,
        figure.measure,
        figure.extent,
        figure.base.replace("/", "-"),
        figure.direction,
    )


def _name(figure: Figure) -> str:
    """Return the id of what a figure speaks of: its words joined, a whole year as its number."""
    thing = _thing(figure)
    start, end = figure.period_start, figure.period_end
    whole_years = start.endswith("-01-01") and end.endswith("-12-31")
    years = (start[:4], end[:4]) if whole_years else (start, end)
    period = years[0] if years[0] == years[1] else "-".join(years)
    return "--".join(part for part in (*thing[:4], period, *thing[6:]) if part)


# ---- classes -------------------------------------------------------------------------------------------------------


def _classes(figures: list[Figure], units: Mapping[str, Unit], relations: Sequence[Relation]) -> tuple[str, ...]:
    """Return the classes of a group, in the order of CLASSES.

    A difference is named by every reason that is known for it; only one without a reason `differs`. Statements that
    agree as far as they are printed have no difference to name.
    """
    kinds = {relation.kind for relation in relations}
    classes = {"copy"} if "copy_of" in kinds else set()
    classes |= kinds & {"scope", "unclear"}
    if "misprint" in kinds or any(span.reading == "misprint" for figure in figures for span in figure.spans):
        classes.add("misprint")
    if len({units[figure.unit].base for figure in figures}) > 1:
        classes.add("unit")
    elif len({_amount(figure, units) for figure in figures}) == 1:
        classes.add("same")
    else:
        if len({figure.status for figure in figures}) > 1:
            classes.add("status")
        if "later" in kinds or len({figure.as_of for figure in figures}) > 1:  # also where one day is not printed
            classes.add("later")
        agree = all(_may_agree(a, b, units) for a, b in combinations(figures, 2))
        if agree and any(figure.qualifier in OPEN_ABOVE + OPEN_BELOW for figure in figures):
            classes.add("bounds")
        elif not classes - {"copy"}:
            classes.add("same" if agree else "differs")  # The same: numbers that were only rounded differently.
    return tuple(name for name in CLASSES if name in classes)


def _amount(figure: Figure, units: Mapping[str, Unit]) -> tuple[object, ...]:
    """Return what a figure states, in base units: equal for 1,8 and 1,80, and for 32 tỷ and 32.000 triệu."""
    scale = units[figure.unit].scale
    high = figure.value_high * scale if figure.value_high is not None else None
    assert figure.value is not None  # noqa: S101  (only figures with a value are grouped)
    return ((figure.value * scale).normalize(), high.normalize() if high is not None else None, figure.qualifier)


def _may_agree(a: Figure, b: Figure, units: Mapping[str, Unit]) -> bool:
    """Whether one number can be what both figures print: "hơn 32" and "hơn 33" can, 17.034 and 17.009 cannot.

    Of two ranges low end and high end have to agree; a number that stands against a range has to lie in it.
    """
    (a_low, a_high), (b_low, b_high) = _reaches(a, units), _reaches(b, units)
    if a.value_high is not None and b.value_high is not None:
        return not (_apart(a_low, b_low) or _apart(a_high, b_high))
    return not _apart(a_low.joined(a_high), b_low.joined(b_high))


def _reaches(figure: Figure, units: Mapping[str, Unit]) -> tuple[Reach, Reach]:
    """Return what the two ends of a figure can stand for, which are the same but of a range.

    One that is more or less than a number has no end on that side.
    """
    unit = units[figure.unit]
    low = Reach.of(interval_of(figure, unit))
    if figure.qualifier in OPEN_ABOVE:
        low = Reach(low.low, (1, Fraction(0)), low.low_open, True)
    elif figure.qualifier in OPEN_BELOW:
        low = Reach((-1, Fraction(0)), low.high, True, low.high_open)
    return low, low if figure.value_high is None else Reach.of(interval_of(figure, unit, "high"))


def _apart(a: Reach, b: Reach) -> bool:
    """Whether two reaches have no number in common."""
    return _below(a, b) or _below(b, a)


def _below(a: Reach, b: Reach) -> bool:
    """Whether all of one reach is less than all of the other."""
    return a.high < b.low or (a.high == b.low and (a.high_open or b.low_open))


def _difference(figures: list[Figure], units: Mapping[str, Unit]) -> Decimal | None:
    """Return how far the largest lies from the least, in the unit of the first."""
    if len({units[figure.unit].base for figure in figures}) > 1:
        return None
    amounts = [figure.value * units[figure.unit].scale for figure in figures if figure.value is not None]
    difference = (max(amounts) - min(amounts)) / units[figures[0].unit].scale
    return difference.normalize() if difference else None


def as_json(groups: Iterable[Across]) -> list[dict[str, object]]:
    """Return the groups as the `across` of `audit --json`."""
    return [
        {
            "id": group.id,
            "indicator": group.indicator,
            "place": group.place,
            "body": group.body,
            "breakdown": group.breakdown,
            "period": group.period,
            "class": list(group.classes),
            "figures": [figure.address for figure in group.figures],
            "relations": [relation.id for relation in group.relations],
            "difference": "" if group.difference is None else f"{group.difference:f}",
        }
        for group in groups
    ]
