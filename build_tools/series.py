"""One thing over several years in one place: which figures make a series, and where it may not be joined.

Only whole calendar years count, and a series has at least two of them. What a report prints goes before what follows
from a change it prints; of two printed values of one year the final one stands, and where two finals differ there is no
series: which of them belongs to it, nobody said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from build_tools.audit.promises import same_thing

if TYPE_CHECKING:
    from build_tools.audit.promises import Result
    from build_tools.figures import Figure, Unit
    from build_tools.vocabulary import Place, Standard, Vocabulary


@dataclass(frozen=True)
class Point:
    """What is known of one year: a value, printed or worked out, a target, or both."""

    year: int
    figure: Figure  # that prints the value; of a value worked out the later one; else the printed target
    value: Decimal | None = None
    change: Figure | None = None  # the printed change that the value follows from
    target: Decimal | None = None
    target_kind: str = "none"
    broken: str = ""  # what keeps it from being joined to the point before: "borders" or "standard"
    standard: Standard | None = None  # the one that begins here


@dataclass(frozen=True)
class Series:
    """The same thing in one place over years, oldest first; a place goes on as its successor."""

    points: tuple[Point, ...]

    @property
    def figure(self) -> Figure:
        """The newest figure with a value: it names what the series is of."""
        return [point.figure for point in self.points if point.value is not None][-1]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure the series rests on."""
        found = [figure for point in self.points for figure in (point.figure, point.change) if figure is not None]
        return tuple(dict.fromkeys(found))


def period_year(figure: Figure) -> int | None:
    """Return the year of a figure whose period is one whole calendar year, else None."""
    start, end = figure.period_start, figure.period_end
    return int(start[:4]) if (start[4:], end[4:]) == ("-01-01", "-12-31") and start[:4] == end[:4] else None


def earlier_values(figures: Sequence[Figure], units: Mapping[str, Unit]) -> Iterable[tuple[Figure, Figure, Decimal]]:
    """Yield each figure with a change a report prints of it since a whole year, and the value of that year."""
    for change in figures:
        if not (
            change.measure == "change"
            and change.stance == "actual"
            and change.extent == "total"  # an average of some years leads nowhere
            and len(change.base) == 4
            and change.base.isdigit()
            and change.value is not None
            and change.value_high is None
        ):
            continue
        for figure in figures:
            if (
                _is_value(figure)
                and figure.value is not None
                and same_thing(figure, change)
                and (units[figure.unit].base, units[figure.unit].scale)
                == (units[change.unit].base, units[change.unit].scale)
            ):
                step = change.value if change.direction == "down" else -change.value
                yield figure, change, figure.value + step


def find_series(
    reports: Iterable[tuple[Sequence[Figure], Sequence[Result]]], vocabulary: Vocabulary
) -> tuple[Series, ...]:
    """Return every series that reports, each with its figures and results, make together, in their order."""
    found: dict[tuple[str, ...], list[Point]] = {}
    for figures, results in reports:
        targets = {result.figure.figure_id: result for result in results}
        for figure in figures:
            year = period_year(figure)
            if year is None or figure.value is None or figure.value_high is not None:
                continue
            if _is_value(figure):
                result = targets.get(figure.figure_id)
                target = (result.target, result.target_kind) if result else (None, "none")
                found.setdefault(_key(figure, vocabulary), []).append(Point(year, figure, figure.value, None, *target))
            elif figure.stance == "target" and figure.measure in ("level", "share"):
                point = Point(year, figure, target=figure.value, target_kind="printed")
                found.setdefault(_key(figure, vocabulary), []).append(point)
        for figure, change, value in earlier_values(figures, vocabulary.units):
            later = period_year(figure)
            if later is not None and int(change.base) < later:
                point = Point(int(change.base), figure, value, change)
                found.setdefault(_key(figure, vocabulary), []).append(point)
    series = []
    for points in found.values():
        if len({(point.figure.place, point.year) for point in points}) > len({point.year for point in points}):
            # Several places became one: each goes its own way.
            places = dict.fromkeys(point.figure.place for point in points)
            groups = [[point for point in points if point.figure.place == place] for place in places]
        else:
            groups = [points]
        series += [one for group in groups if (one := _series(group, vocabulary)) is not None]
    return tuple(series)


def _is_value(figure: Figure) -> bool:
    return figure.stance == "actual" and figure.measure in ("level", "share")


def _key(figure: Figure, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return what all points of a series have in common; a place counts as what it became."""
    place, seen = figure.place, set[str]()
    while place in vocabulary.places and vocabulary.places[place].successor and place not in seen:
        seen.add(place)
        place = vocabulary.places[place].successor
    extent = "" if figure.measure == "share" or figure.extent in ("total", "stock") else figure.extent
    return figure.indicator, place, figure.body, figure.breakdown, figure.unit, figure.measure, extent


def _series(points: Sequence[Point], vocabulary: Vocabulary) -> Series | None:
    """Return the series of some points, None where there are not two years with one value each."""
    years: dict[int, Point] = {}
    for year in sorted({point.year for point in points}):
        here = [point for point in points if point.year == year]
        valued = [point for point in here if point.value is not None]
        best = [p for p in valued if p.change is None and p.figure.status == "final"]
        best = best or [p for p in valued if p.change is None] or valued
        if len({point.value for point in best}) > 1:
            return None
        targets = [p for p in [*best, *here] if p.target is not None]
        printed = [p for p in targets if p.target_kind == "printed"] or targets
        target = (printed[0].target, printed[0].target_kind) if printed else (None, "none")
        if best:
            years[year] = Point(year, best[0].figure, best[0].value, best[0].change, *target)
        elif printed and len({p.target for p in printed}) == 1:
            years[year] = printed[0]
    valued_years = [year for year, point in years.items() if point.value is not None]
    if len(valued_years) < 2:
        return None
    kept = [point for year, point in years.items() if year >= valued_years[0]]
    told = [kept[0]]
    before = kept[0]
    for point in kept[1:]:
        told.append(point if point.value is None else _broken(before, point, vocabulary))
        before = before if point.value is None else point
    return Series(tuple(told))


def _broken(before: Point, point: Point, vocabulary: Vocabulary) -> Point:
    """Return a point that says what came between it and the one before."""
    standards = vocabulary.standards.get(point.figure.indicator, ())
    new = [standard for standard in standards if before.year < standard.since <= point.year]
    borders = before.figure.place != point.figure.place or any(
        _changed(vocabulary.places[place], before.year, point.year)
        for place in (before.figure.place, point.figure.place)
        if place in vocabulary.places
    )
    broken = "standard" if new else "borders" if borders else ""
    standard = new[-1] if new else None
    return Point(point.year, point.figure, point.value, point.change, point.target, point.target_kind, broken, standard)


def _changed(place: Place, before: int, after: int) -> bool:
    """Return whether a place's borders began or ended between two years: a year belongs to those of its last day."""
    first, last = f"{before}-12-31", f"{after}-12-31"
    return bool(first < place.valid_from <= last) or bool(place.valid_to and first <= place.valid_to < last)
