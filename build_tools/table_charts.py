"""Which charts a table gets, decided from the types, names and values of its columns; nothing is drawn here.

A chart has to be worth looking at: a quantity over time, a quantity by category, how often each category occurs, how a
quantity is spread. Ids, codes, coordinates and years are numbers too, and no quantities. Nothing is added up: the unit
of a column is not known, and neither is what a sum of it would mean. A table for which no rule holds gets no chart.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from statistics import median
from typing import Any

from build_tools.cells import Field, UnreadableError, read_value
from build_tools.packages import Table

MOST_CHARTS = 4  # of one table
MOST_IN_PACKAGE = 24  # of a package with few tables; with many, each table still has one
MOST_PANELS = 4
MOST_BARS = 24  # categories with a quantity each
MOST_COUNTED = 12  # categories whose rows are counted
MOST_BINS = 12
MOST_POINTS = 240  # of one chart over time; more are thinned, the least and the greatest of each stretch staying
FEWEST_POINTS = 3
FEWEST_SPREAD = 30  # values of a quantity whose spread is worth a picture
LONGEST_LABEL = 60  # characters of a category: what is longer is a text

# What an axis can place.
SMALLEST, LARGEST = Decimal("0.000000001"), Decimal(10) ** 18

# Words of a column's name, without accents, that say it holds no quantity.
_IDS = frozenset(
    (
        *("id", "ids", "code", "codes", "key", "ma", "stt", "ref", "uuid", "guid", "doi", "isbn", "issn", "iso"),
        *("zip", "zipcode", "postcode", "postal", "phone", "fax", "tel", "index", "idx", "rank", "row", "line"),
        *("sort", "order", "qid", "wikidata", "geonameid", "geoname", "m49", "url", "uri", "email"),
    )
)
_LAST_IDS = frozenset(("number", "no", "nr", "num", "so"))  # "atomic number", but "number of pupils"
_PLACES = frozenset(
    ("lat", "latitude", "lon", "lng", "long", "longitude", "x", "y", "easting", "northing", "coordinate", "coordinates")
)
_TIMES = frozenset(
    (
        *("year", "years", "nam", "month", "thang", "day", "ngay", "date", "time"),
        *("hour", "minute", "second", "week", "quarter", "quy"),
    )
)
_YEARS = frozenset(("year", "years", "nam"))
_NUMBER_LIKE = re.compile(r"[-+#]?[0-9][0-9 .,/:-]*")
_COORDINATES = ("kinh do", "vi do", "toa do")
_TIME_TYPES = ("date", "datetime", "yearmonth", "year")
_NUMBER_TYPES = ("number", "integer")


@dataclass(frozen=True)
class Value:
    """One value of a chart: of a time, of a category, or of the stretch from `low` up to `high`."""

    label: str  # the time in ISO or the category as it stands; empty for a stretch
    value: Decimal
    panel: str = ""  # the measure or the category that a panel is of
    broken: bool = False  # over time: there is a gap before it
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class TableChart:
    """A chart of a table: the columns it stands on and the values it shows.

    `kind`: `line` (measures over time, in order of time), `bars` (a measure for each category, the greatest first),
    `counts` (rows by category, the most frequent first), `spread` (how many values lie in each stretch).
    """

    name: str  # of the table's charts, a slug
    kind: str
    by: Field  # time, category, or the quantity whose spread is shown
    measures: tuple[Field, ...]  # none where rows are counted
    values: tuple[Value, ...]
    total: int  # categories, or rows that were counted, or values over time, drawn or not
    rest: int = 0  # of `total`, what is not drawn
    left_out: int = 0  # rows without a value
    when: str = ""  # the time that bars are of, where the table has several
    years: bool = False  # whether a spread is one of rows over years
    title_vi: str = ""  # as the package asks for it
    title_en: str = ""

    @property
    def unit(self) -> str:
        """The unit of its values, as the columns declare it; empty where they do not, and for counts."""
        units = {field.unit for field in self.measures}
        return units.pop() if len(units) == 1 else ""


@dataclass(frozen=True)
class Ask:
    """What a package asks for: a kind of chart and the columns it stands on."""

    name: str
    table: str
    kind: str
    by: str
    measures: tuple[str, ...]
    title_vi: str
    title_en: str


def charts_of_package(tables: Sequence[Table], asks: Sequence[Ask] = ()) -> Iterator[tuple[Table, TableChart]]:
    """Yield the charts of a package's tables; a table for which the package asks for charts gets those alone."""
    most = max(1, min(MOST_CHARTS, MOST_IN_PACKAGE // max(len(tables), 1)))
    for table in tables:
        asked = [ask for ask in asks if ask.table == table.name]
        found = [chart for ask in asked if (chart := chart_asked(table, ask))] if asked else plan_charts(table)[:most]
        for chart in found:
            yield table, chart


def plan_charts(table: Table) -> list[TableChart]:
    """Return the charts of a table, the most telling first, at most `MOST_CHARTS`; none where no rule holds."""
    columns = _Columns(table)
    over_time = list(_over_time(columns))
    found = [*over_time, *_by_category(columns), *_counted(columns)]
    drawn = {field.name for chart in found for field in chart.measures}
    found += [chart for chart in _spread(columns) if chart.by.name not in drawn]
    return found[:MOST_CHARTS]


def chart_asked(table: Table, ask: Ask) -> TableChart | None:
    """Return the chart a package asks for, None where its columns have no values for it.

    An ask overrides what the names of columns say, never what their values are: a text is still no number.
    """
    columns = _Columns(table, asked=True)
    measures = [field for field in table.fields if field.name in ask.measures]
    by = next((field for field in table.fields if field.name == ask.by), None)
    if by is None:
        return None
    chart = next(iter(KINDS[ask.kind].made(columns, by, measures)), None)
    if chart is None:
        return None
    return replace(chart, name=ask.name, title_vi=ask.title_vi, title_en=ask.title_en)


# ---- what the columns are ----------------------------------------------------------------------------------------


def words_of(name: str) -> list[str]:
    """Return the words of a column's name in lower case, without accents: `SoTre_em` is so, tre, em."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    bare = unicodedata.normalize("NFKD", spaced.lower().replace("đ", "d"))
    return re.findall(r"[a-z]+", "".join(c for c in bare if not unicodedata.combining(c)))


class _Columns:
    """The columns of a table by what they are, each read once."""

    def __init__(self, table: Table, asked: bool = False):
        self.table = table
        self.asked = asked
        self._index = {field.name: n for n, field in enumerate(table.fields)}
        self._cells: dict[str, list[str]] = {}
        self._numbers: dict[str, list[Decimal | None]] = {}
        self._times: dict[str, list[tuple[Decimal, str] | None]] = {}
        linked = {name for key in table.foreign_keys for name in key.fields}
        self.keys = {*table.primary_key, *linked, *(field.name for field in table.fields if field.unique)}

    def cells(self, field: Field) -> list[str]:
        if field.name not in self._cells:
            column = self._index[field.name]
            self._cells[field.name] = ["" if row[column] in field.missing else row[column] for row in self.table.rows]
        return self._cells[field.name]

    def numbers(self, field: Field) -> list[Decimal | None]:
        if field.name not in self._numbers:
            self._numbers[field.name] = [_number(field, cell) for cell in self.cells(field)]
        return self._numbers[field.name]

    def times(self, field: Field) -> list[tuple[Decimal, str] | None]:
        if field.name not in self._times:
            self._times[field.name] = [_moment(field, cell) for cell in self.cells(field)]
        return self._times[field.name]

    def quantities(self) -> list[Field]:
        return [field for field in self.table.fields if self.is_quantity(field)]

    def is_quantity(self, field: Field) -> bool:
        """Say whether a column measures something, so that its values may be set against one another."""
        if field.type not in _NUMBER_TYPES or field.enum or field.name in self.keys:
            return False
        words = words_of(field.name)
        told = set(words) & (_IDS | _PLACES) or (words and words[-1] in _LAST_IDS | _TIMES)
        if told or any(pair in " ".join(words) for pair in _COORDINATES):
            return False
        values = [value for value in self.numbers(field) if value is not None]
        distinct = set(values)
        if len(distinct) < FEWEST_POINTS:  # nothing, a constant or a flag
            return False
        whole = all(value == value.to_integral_value() for value in distinct)
        # Whole numbers one after the other, each once: the rows were numbered.
        counter = whole and len(distinct) == len(values) > 3 and max(distinct) - min(distinct) == len(distinct) - 1
        return not counter

    @cached_property
    def time(self) -> Field | None:
        """The column that says when a row was: the first that holds nothing but times."""
        for field in self.table.fields:
            is_year = field.type in _NUMBER_TYPES and set(words_of(field.name)) & _YEARS
            if field.type in _TIME_TYPES or is_year or field.type in ("string", "any"):
                cells = self.cells(field)
                known = [time for time in self.times(field) if time is not None]
                if known and len(known) == sum(map(bool, cells)) and len({time for time, _ in known}) > 1:
                    is_text = field.type in ("string", "any")
                    if not is_text or all("-" in label for _, label in known):
                        return field
        return None

    def categories(self) -> list[Field]:
        """Return the columns of short words or of yes and no, without ids, codes and times."""
        found = []
        time = self.time
        for field in self.table.fields:
            if field is time or field.type not in ("string", "any", "boolean"):
                continue
            if set(words_of(field.name)) & (_IDS | _PLACES):
                continue
            distinct = set(filter(None, self.cells(field)))
            numbers = [cell for cell in distinct if field.type != "boolean" and _NUMBER_LIKE.fullmatch(cell)]
            numbered = 2 * len(numbers) >= len(distinct)
            if distinct and not numbered and all(len(cell) <= LONGEST_LABEL for cell in distinct):
                found.append(field)
        return found


def _number(field: Field, cell: str) -> Decimal | None:
    value = _value(field, cell)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        if number.is_finite() and (not number or SMALLEST <= abs(number) <= LARGEST):
            return number
    return None


def _value(field: Field, cell: str) -> Any:
    try:
        return read_value(field, cell)
    except UnreadableError:
        return None


def _moment(field: Field, cell: str) -> tuple[Decimal, str] | None:
    if field.type in ("date", "datetime") and field.format != "any":
        value = _value(field, cell)
        cell = value.isoformat() if isinstance(value, date) else ""
    return None if cell in field.missing else moment(cell)


@lru_cache(maxsize=1024)
def moment(text: str) -> tuple[Decimal, str] | None:
    """Return a year, month, day or time of day as the number of its day and its text in ISO; None for what is none."""
    try:
        if re.fullmatch(r"[0-9]{4}", text):
            return Decimal(date(int(text), 1, 1).toordinal()), text
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            return Decimal(date.fromisoformat(f"{text}-01").toordinal()), text
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return Decimal(date.fromisoformat(text).toordinal()), text
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?", text):
            when = datetime.fromisoformat(text)
            seconds = when.hour * 3600 + when.minute * 60 + when.second
            shown = when.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
            return Decimal(when.toordinal()) + Decimal(seconds) / 86400, shown
    except ValueError:
        pass
    return None


# ---- over time ---------------------------------------------------------------------------------------------------


def _over_time(columns: _Columns) -> Iterator[TableChart]:
    """Yield quantities over time: those of one declared unit together, each other one alone."""
    time = columns.time
    if time is None:
        return
    groups: dict[str, list[Field]] = {}
    known = [one for one in columns.times(time) if one is not None]
    alone = len(known) == len(set(known))
    for field in columns.quantities():
        together = alone and field.unit
        if field is not time:
            groups.setdefault(f"unit {field.unit}" if together else f"name {field.name}", []).append(field)
    for group in groups.values():
        for start in range(0, len(group), MOST_PANELS):
            yield from _lines(columns, time, group[start : start + MOST_PANELS])


def _lines(columns: _Columns, time: Field, measures: Sequence[Field]) -> Iterator[TableChart]:
    """Yield measures over time; where a time has several rows, one measure in a panel for each of a few categories."""
    times = columns.times(time)
    known = [one[0] for one in times if one is not None]
    if len(known) == len(set(known)):
        panels = [(field.name if len(measures) > 1 else "", times, columns.numbers(field)) for field in measures]
    else:
        by = _panel_column(columns, time)
        if by is None or len(measures) != 1:
            return
        cells = columns.cells(by)
        names = sorted(set(filter(None, cells)))
        if not 2 <= len(names) <= MOST_PANELS:
            return
        numbers = columns.numbers(measures[0])
        panels = []
        for name in names:
            rows = [n for n, cell in enumerate(cells) if cell == name]
            panels.append((name, [times[n] for n in rows], [numbers[n] for n in rows]))
    values: list[Value] = []
    total = left_out = 0
    for panel, when, numbers in panels:
        points = _points(when, numbers, panel)
        if len(points) < FEWEST_POINTS:
            return
        total += len(points)
        left_out += sum(number is None for number in numbers)
        values += _thinned(points, MOST_POINTS // len(panels))
    name = _slug(f"{measures[0].name} {time.name}")
    yield TableChart(name, "line", time, tuple(measures), tuple(values), total, total - len(values), left_out)


def _panel_column(columns: _Columns, time: Field) -> Field | None:
    """Return the column whose values come again and together with the time tell all rows apart."""
    times = columns.times(time)
    for field in columns.categories():
        pairs = [(when, cell) for when, cell in zip(times, columns.cells(field), strict=True) if when and cell]
        comes_again = 2 * len({cell for _, cell in pairs}) <= len(pairs)
        if comes_again and len(pairs) == len(set(pairs)) == len(times):
            return field
    return None


def _points(times: Sequence[tuple[Decimal, str] | None], numbers: Sequence[Decimal | None], panel: str) -> list[Value]:
    """Return the values in order of time. One stands apart where a row between has none or the step is a long one."""
    ordered = sorted(
        ((when, number) for when, number in zip(times, numbers, strict=True) if when is not None),
        key=lambda pair: pair[0][0],
    )
    known = [when[0] for when, number in ordered if number is not None]
    steps = [after - before for before, after in pairwise(known)]
    usual = median(steps) if steps else Decimal(0)
    # Days of trade leave out the weekend and holidays; months and years leave out nothing.
    longest = usual * (Decimal(6) if usual < 7 else Decimal("1.5"))
    points: list[Value] = []
    last: Decimal | None = None
    gap = False
    for (when, label), number in ordered:
        if number is None:
            gap = True
            continue
        broken = last is not None and (gap or when - last > longest)
        points.append(Value(label, number, panel, broken))
        last, gap = when, False
    return points


def _thinned(points: Sequence[Value], most: int) -> list[Value]:
    """Return at most so many points: the least and the greatest of each stretch, in order, and every gap kept."""
    if len(points) <= most:
        return list(points)
    stretches = most // 2
    kept: list[int] = []
    for n in range(stretches):
        stretch = range(n * len(points) // stretches, (n + 1) * len(points) // stretches)
        kept += sorted({min(stretch, key=lambda i: points[i].value), max(stretch, key=lambda i: points[i].value)})
    gaps = ((0, kept[0]), *pairwise(kept))
    return [replace(points[i], broken=any(p.broken for p in points[before + 1 : i + 1])) for before, i in gaps]


# ---- by category -------------------------------------------------------------------------------------------------


def _by_category(columns: _Columns) -> Iterator[TableChart]:
    """Yield a quantity for each category where every category has one row, or one row at each time."""
    time = columns.time
    categories = columns.categories()
    alone = next((c for c in categories if len(set(columns.cells(c))) == len(columns.table.rows)), None)
    panel = _panel_column(columns, time) if time is not None and alone is None else None
    for measure in columns.quantities():
        if alone is not None and time is None and len(columns.table.rows) <= MOST_BARS:
            yield from _bars(columns, alone, measure)
        elif panel is not None and len(set(columns.cells(panel))) > MOST_PANELS:
            yield from _bars(columns, panel, measure)


def _bars(columns: _Columns, by: Field, measure: Field) -> Iterator[TableChart]:
    """Yield a measure by category, the greatest first; of several times the newest that most categories have."""
    cells, numbers = columns.cells(by), columns.numbers(measure)
    rows = [(cell, number) for cell, number in zip(cells, numbers, strict=True) if cell]
    when = ""
    if len({cell for cell, _ in rows}) != len(rows):
        time = columns.time
        if time is None:
            return
        by_time: dict[tuple[Decimal, str], list[tuple[str, Decimal | None]]] = {}
        for moment_, cell, number in zip(columns.times(time), cells, numbers, strict=True):
            if moment_ is not None and cell and number is not None:
                by_time.setdefault(moment_, []).append((cell, number))
        full = [key for key, found in by_time.items() if 2 * len(found) >= len(set(filter(None, cells)))]
        if not full:
            return
        newest = max(full)
        rows, when = by_time[newest], newest[1]
        if len({cell for cell, _ in rows}) != len(rows):
            return
    valued = sorted(((number, cell) for cell, number in rows if number is not None), key=lambda v: (-v[0], v[1]))
    if len(valued) < FEWEST_POINTS:
        return
    values = tuple(Value(cell, number) for number, cell in valued[:MOST_BARS])
    name = _slug(f"{measure.name} {by.name}")
    rest = len(valued) - len(values)
    yield TableChart(name, "bars", by, (measure,), values, len(valued), rest, len(rows) - len(valued), when)


def _counted(columns: _Columns) -> Iterator[TableChart]:
    """Yield how many rows each category has, for the columns of few categories that come again and again."""
    time = columns.time
    panel = None if time is None else _panel_column(columns, time)
    for field in columns.categories():
        counts = Counter(filter(None, columns.cells(field)))
        if field is panel or field.name in columns.table.primary_key or len(set(counts.values())) < 2:
            continue  # the same number of rows for each says how the table was made, and no more
        drawn = sum(n for _, n in counts.most_common(MOST_COUNTED))
        again = len(columns.table.rows) >= 3 * len(counts) and 2 * counts.total() >= len(columns.table.rows)
        # The most frequent stand for the whole only where they are most of it.
        if len(counts) > 1 and again and 10 * drawn >= 8 * counts.total() and counts.most_common(1)[0][1] > 2:
            yield from _counts(columns, field)


def _counts(columns: _Columns, field: Field) -> Iterator[TableChart]:
    cells = columns.cells(field)
    counts = Counter(filter(None, cells))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    values = tuple(Value(cell, Decimal(n)) for cell, n in ordered[:MOST_COUNTED])
    if len(counts) > 1:
        rest = sum(n for _, n in ordered[MOST_COUNTED:])
        empty = sum(not cell for cell in cells)
        yield TableChart(_slug(f"rows {field.name}"), "counts", field, (), values, counts.total(), rest, empty)


# ---- how values are spread ---------------------------------------------------------------------------------------


def _spread(columns: _Columns) -> Iterator[TableChart]:
    """Yield how rows lie over the years and how quantities are spread, where rows are not one thing over time."""
    time = columns.time
    if time is not None:
        known = [one[0] for one in columns.times(time) if one is not None]
        if len(set(known)) == len(known) or _panel_column(columns, time):
            return
        years = {date.fromordinal(int(day)).year for day in known}
        if len(known) >= FEWEST_SPREAD and len(years) >= FEWEST_POINTS:
            yield from _bins(columns, time)
    for field in columns.quantities():
        values = [value for value in columns.numbers(field) if value is not None]
        if len(values) >= FEWEST_SPREAD and len(set(values)) >= MOST_BINS:
            yield from _bins(columns, field)


def _bins(columns: _Columns, field: Field) -> Iterator[TableChart]:
    """Yield the values of a column counted in stretches of one round length; of a column of times, its years."""
    years = field is columns.time
    if years:
        times = columns.times(field)
        numbers = [None if one is None else Decimal(date.fromordinal(int(one[0])).year) for one in times]
    else:
        numbers = columns.numbers(field)
    values = [value for value in numbers if value is not None]
    if len(set(values)) < FEWEST_POINTS:
        return
    low, high = min(values), max(values)
    least = (high - low) / (MOST_BINS - 1)
    power = Decimal(1).scaleb(least.adjusted())
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
    if all(value == value.to_integral_value() for value in values):
        step = max(step, Decimal(1))
    counts = Counter(int((value / step).to_integral_value(ROUND_FLOOR)) for value in values)
    bins = tuple(
        Value("", Decimal(counts[n]), low=n * step, high=(n + 1) * step) for n in range(min(counts), max(counts) + 1)
    )
    left_out = len(numbers) - len(values)
    name = _slug(f"spread {field.name}")
    yield TableChart(name, "spread", field, (), bins, len(values), left_out=left_out, years=years)


# ---- the kinds that a package may ask for -------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A kind of chart that a package may ask for: how it is made from a column and measures, and how it is drawn."""

    made: Callable[[_Columns, Field, Sequence[Field]], Iterable[TableChart]]
    most: int = 0  # measures that it takes; none where rows or values are counted
    drawn: str = "parts"  # how render/charts.py draws it


# One line for each kind; `tables.title_…` and `tables.rest_…` in site_src/texts are its words.
KINDS: Mapping[str, Kind] = {
    "line": Kind(_lines, MOST_PANELS, "line"),
    "bars": Kind(lambda columns, by, measures: chain(*(_bars(columns, by, one) for one in measures)), 1),
    "counts": Kind(lambda columns, by, _: _counts(columns, by)),
    "spread": Kind(lambda columns, by, _: _bins(columns, by)),
}


# ---- small things ------------------------------------------------------------------------------------------------


def _slug(text: str) -> str:
    return "-".join(words_of(text))[:60].strip("-") or "chart"


def unique_names(charts: Sequence[TableChart]) -> list[TableChart]:
    """Return charts with names of their own: the second of a name gets a number."""
    seen: Counter[str] = Counter()
    found = []
    for chart in charts:
        seen[chart.name] += 1
        found.append(chart if seen[chart.name] == 1 else replace(chart, name=f"{chart.name}-{seen[chart.name]}"))
    return found


def key_numbers(table: Table) -> Mapping[str, object]:
    """Return what a table is in numbers: `rows`, `columns`, `first` and `last` time, `category` and its `categories`.

    Times and category are there only where the table has them.
    """
    columns = _Columns(table)
    found: dict[str, object] = {"rows": len(table.rows), "columns": len(table.fields)}
    time = columns.time
    if time is not None:
        known = sorted(one for one in columns.times(time) if one is not None)
        found |= {"first": known[0][1], "last": known[-1][1]}
    for field in columns.categories():
        distinct = len(set(filter(None, columns.cells(field))))
        if 1 < distinct < len(table.rows):
            return found | {"category": field, "categories": distinct}
    return found
