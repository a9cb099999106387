"""The same thing stated by several reports, side by side, and in what the statements differ.

Two figures are of one thing when indicator, place, body, breakdown, period, stance, measure and extent are the same.
Nothing is averaged and nothing is preferred: the classes say what keeps the statements from being one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from build_tools.figures import Figure, Unit

# In the order in which they are named; a group may have several.
CLASSES = ("same", "unit", "status", "later", "bounds", "differs")


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


def across(figures: Iterable[Figure], units: Mapping[str, Unit]) -> tuple[Across, ...]:
    """Return every thing that at least two reports state, sorted by id."""
    groups: dict[tuple[str, ...], list[Figure]] = {}
    for figure in figures:
        if figure.value is not None and figure.unit in units:
            groups.setdefault(_thing(figure), []).append(figure)
    found = []
    for thing, members in groups.items():
        if len({figure.package for figure in members}) < 2:
            continue
        first = members[0]
        period = f"{first.period_start}/{first.period_end}"
        name = "--".join(part for part in (*thing[:4], first.period_end[:4], *thing[6:]) if part)
        classes = _classes(members, units)
        found.append(
            Across(name, first.indicator, first.place, first.body, first.breakdown, period, classes, tuple(members))
        )
    return tuple(sorted(found, key=lambda group: group.id))


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


def _classes(figures: list[Figure], units: Mapping[str, Unit]) -> tuple[str, ...]:
    bases = {units[figure.unit].base for figure in figures}
    if len(bases) > 1:
        return ("unit",)
    values = {_amount(figure, units) for figure in figures}
    if len(values) == 1:
        return ("same",)
    classes = []
    if len({figure.status for figure in figures}) > 1:
        classes.append("status")
    if len({figure.as_of for figure in figures}) > 1:
        classes.append("later")
    if all(figure.qualifier in ("over", "at_least") for figure in figures):
        classes.append("bounds")
    return tuple(classes) or ("differs",)


def _amount(figure: Figure, units: Mapping[str, Unit]) -> tuple[object, ...]:
    """Return what a figure states, in base units: equal for 1,8 and 1,80, and for 32 tỷ and 32.000 triệu."""
    scale = units[figure.unit].scale
    high = figure.value_high * scale if figure.value_high is not None else None
    assert figure.value is not None  # noqa: S101  (only figures with a value are grouped)
    return ((figure.value * scale).normalize(), high.normalize() if high is not None else None, figure.qualifier)


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
        }
        for group in groups
    ]
