"""What keeps figures that stand side by side from being compared; whoever shows them has to say it.

docs/rules/comparability.md says the same in words.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from build_tools.figures import Figure, Unit
from build_tools.vocabulary import Place

# In the order in which they are named.
ASPECTS = ("unit", "period", "scope", "status", "extent", "borders")


def differences(figures: Sequence[Figure], units: Mapping[str, Unit], places: Mapping[str, Place]) -> tuple[str, ...]:
    """Return in which aspects figures differ so that they cannot be compared as they stand, in the order of ASPECTS.

    `unit`: no common base unit · `period`: periods of other kinds, a year beside five years · `scope`: other bodies are
    counted · `status`: estimates beside finals · `extent`: a total beside an average or a yearly number · `borders`: a
    place whose borders changed between the periods, or a place beside the one that succeeded it.
    """
    differ = {
        "unit": _several(units[figure.unit].base for figure in figures),
        "period": _several(_kind_of_period(figure) for figure in figures),
        "scope": _several(figure.body for figure in figures),
        "status": _several(figure.status for figure in figures),
        "extent": _several(_kind_of_extent(figure) for figure in figures),
        "borders": _have_changed_borders(figures, places),
    }
    return tuple(aspect for aspect in ASPECTS if differ[aspect])


def is_outside_validity(figure: Figure, places: Mapping[str, Place]) -> bool:
    """Return whether no day of a figure's period lies within the dates of its place's borders."""
    place = places.get(figure.place)
    if place is None:
        return False
    begins_after = bool(place.valid_to) and figure.period_start > place.valid_to
    ends_before = bool(place.valid_from) and figure.period_end < place.valid_from
    return begins_after or ends_before


def _several(values: object) -> bool:
    return len(set(values)) > 1  # type: ignore[call-overload]


def _kind_of_period(figure: Figure) -> tuple[int, int]:
    """Return the length of a figure's period in months and days: a calendar year is (12, 0) in every year."""
    start, end = date.fromisoformat(figure.period_start), date.fromisoformat(figure.period_end)
    after = date.fromordinal(end.toordinal() + 1)
    months = (after.year - start.year) * 12 + after.month - start.month
    return months, after.day - start.day


def _kind_of_extent(figure: Figure) -> str:
    """Return how a number is counted over its period; a share has none, so that of shares is all one."""
    return "" if figure.measure == "share" or figure.extent in ("total", "stock") else figure.extent


def _have_changed_borders(figures: Sequence[Figure], places: Mapping[str, Place]) -> bool:
    """Return whether a place stands beside its successor, or has figures of both sides of a change."""
    named = {figure.place for figure in figures}
    if any(places[name].successor in named for name in named if name in places and places[name].successor):
        return True
    return any(is_outside_validity(figure, places) for figure in figures) and len(figures) > 1
