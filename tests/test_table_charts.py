"""Which charts a table gets: golden cases decided by types, names and values, without drawing anything."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from build_tools.cells import Field
from build_tools.packages import Table
from build_tools.table_charts import (
    MOST_BARS,
    MOST_CHARTS,
    MOST_POINTS,
    Ask,
    TableChart,
    chart_asked,
    charts_of_package,
    key_numbers,
    moment,
    plan_charts,
    unique_names,
    words_of,
)

MONTHS = [f"{2015 + n // 12}-{n % 12 + 1:02d}" for n in range(60)]
WAVES = [str(100 + n * 7 % 31) for n in range(60)]
NAMES = ["Huế", "Quảng Bình", "Hà Tĩnh", "Nghệ An", "Thanh Hóa"]


def table(columns: Mapping[str, Sequence[str]], key: tuple[str, ...] = (), name: str = "t", **more: Any) -> Table:
    """Return a table of columns `name:type` or `name:type:unit` with their cells."""
    fields = []
    for declared in columns:
        column, kind, unit = (*declared.split(":"), "")[:3]
        fields.append(Field(name=column, type=kind, unit=unit, **more.get(column, {})))
    rows = tuple(zip(*columns.values(), strict=True))
    return Table(name, f"{name}.csv", name, name, tuple(fields), rows, tuple(range(2, len(rows) + 2)), b"", key)


def plan(
    columns: Mapping[str, Sequence[str]], key: tuple[str, ...] = (), **more: Any
) -> list[tuple[str, str, list[str]]]:
    """Return the kind, the column and the measures of each chart of a table."""
    return [(c.kind, c.by.name, [f.name for f in c.measures]) for c in plan_charts(table(columns, key, **more))]


def numbers(n: int, step: int = 7, start: int = 10) -> list[str]:
    """Return whole numbers in no order, some of them twice."""
    return [str(start + (i * step * step) % (n // 2 * 2 + 1) * 3) for i in range(n)]


GOLDEN: dict[str, tuple[Mapping[str, Sequence[str]], list[tuple[str, str, list[str]]]]] = {
    "a day and a number": (
        {"day:date": [f"2023-01-{n:02d}" for n in range(1, 31)], "price:number": WAVES[:30]},
        [("line", "day", ["price"])],
    ),
    "months of a year": ({"month:yearmonth": MONTHS, "price:number": WAVES}, [("line", "month", ["price"])]),
    "months as text": ({"Date:string": MONTHS, "Price:number": WAVES}, [("line", "Date", ["Price"])]),
    "a year that is a whole number": (
        {"nam:integer": [str(2000 + n) for n in range(12)], "so tre em:integer": numbers(12)},
        [("line", "nam", ["so tre em"])],
    ),
    "a category and a number": (
        {"place:string": NAMES, "people:integer": ["10", "30", "20", "55", "7"]},
        [("bars", "place", ["people"])],
    ),
    "only ids": ({"id:integer": [str(n) for n in range(50)], "code:string": [f"x{n}" for n in range(50)]}, []),
    "codes that are numbers": ({"place code:integer": numbers(40), "zip:integer": numbers(40, 5)}, []),
    "rows that are numbered": (
        {"atomic number:integer": [str(n) for n in range(1, 41)], "ord:integer": [str(n) for n in range(1, 41)]},
        [],
    ),
    "a point on the map": (
        {"name:string": NAMES, "lat:number": ["16.4", "17.4", "18.3", "19.2", "19.8"],
         "longitude:number": ["107.5", "106.6", "105.9", "104.9", "105.7"],
         "Kinh độ:number": ["107.5", "106.6", "105.9", "104.9", "105.7"]},
        [],
    ),
    "only a year, each once": ({"year:integer": [str(1990 + n) for n in range(20)]}, []),
    "many categories, each its own": (
        {"title:string": [f"Chapter {n}" for n in range(400)], "pages:integer": numbers(400)},
        [("spread", "pages", [])],
    ),
    "many categories that come again": (
        {"species:string": [f"species {n % 90}" for n in range(300)], "note:string": ["…"] * 300},
        [],
    ),
    "few categories that come again": (
        {"state:string": (["open"] * 5 + ["closed"] * 3) * 5, "by:string": ["x" * 70] * 40},
        [("counts", "state", [])],
    ),
    "below and above zero": (
        {"place:string": NAMES, "change:number": ["-2.5", "1", "-0.5", "0", "4"]},
        [("bars", "place", ["change"])],
    ),
    "all values missing": ({"day:date": ["2023-01-01", "2023-01-02", "2023-01-03"], "price:number": [""] * 3}, []),
    "no rows": ({"day:date": [], "price:number": []}, []),
    "one value throughout": ({"place:string": NAMES, "rate:number": ["4"] * 5}, []),
    "yes and no": ({"open:boolean": ["true", "false", "true", "true"] * 10}, [("counts", "open", [])]),
    "yes throughout": ({"open:boolean": ["true"] * 40}, []),
    "measures of different units": (
        {"year:year": [str(2000 + n) for n in range(12)], "gdp:number": numbers(12), "deaths:number": numbers(12, 5)},
        [("line", "year", ["gdp"]), ("line", "year", ["deaths"])],
    ),
    "measures of one declared unit": (
        {"year:year": [str(2000 + n) for n in range(12)], "girls:number:%": numbers(12), "boys:number:%": numbers(12)},
        [("line", "year", ["girls", "boys"])],
    ),
    "a few places over years": (
        {"place:string": ["Huế"] * 4 + ["Hà Tĩnh"] * 4, "year:year": ["2020", "2021", "2022", "2023"] * 2,
         "people:number": ["1", "5", "2", "7", "3", "9", "4", "8"]},
        [("line", "year", ["people"])],
    ),
    "many places over years": (
        {"place:string": [f"place {n // 4}" for n in range(40)], "year:year": ["2020", "2021", "2022", "2023"] * 10,
         "people:number": numbers(40)},
        [("bars", "place", ["people"])],
    ),
    "events": (
        {"event:string": [f"event {n}" for n in range(60)], "year:year": [str(1950 + n * n % 47) for n in range(60)]},
        [("spread", "year", [])],
    ),
    "numbers that are texts": ({"issue:string": [str(n % 4 * n % 3) for n in range(60)]}, []),
    "numbers, one of them with a letter": ({"issue:string": [str(n * n % 7) for n in range(60)] + ["S6"]}, []),
    "mostly empty": ({"state:string": ["open", "open", "open", "closed"] * 5 + [""] * 40}, []),
    "texts": ({"abstract:string": ["long words " * 20 + str(n) for n in range(50)]}, []),
    "points, objects and lists": (
        {"at:geopoint": ["10,20"] * 30, "of:object": ['{"a": 1}'] * 30, "all:array": ["[1]"] * 30}, []
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GOLDEN)
def test_charts_of_a_table(case: str) -> None:
    """The charts of a table follow from its columns; where no rule holds there is none."""
    columns, expected = GOLDEN[case]
    assert plan(columns) == expected


def only(columns: Mapping[str, Sequence[str]], **more: Any) -> TableChart:
    """Return the one chart of a table."""
    (chart,) = plan_charts(table(columns, **more))
    return chart


def test_keys_are_no_quantities() -> None:
    """A number that tells rows apart, or names a row of another table, is not drawn."""
    columns = {"place:string": NAMES, "n:integer": ["10", "30", "20", "55", "7"]}
    assert plan(columns) != []
    assert plan(columns, key=("n",)) == []
    assert plan(columns, n={"unique": True}) == []
    assert plan(columns, n={"enum": ("10", "30", "20", "55", "7")}) == []


def test_a_line_has_gaps() -> None:
    """A value stands apart where a row between has none, and where a year or more is left out."""
    years = {"year:year": ["2001", "2002", "2003", "2004", "2007", "2008"], "v:number": ["1", "2", "", "4", "5", "6"]}
    chart = only(years)
    assert [(v.label, v.broken) for v in chart.values] == [
        ("2001", False),
        ("2002", False),
        ("2004", True),
        ("2007", True),
        ("2008", False),
    ]
    assert chart.left_out == 1


def test_a_weekend_is_no_gap() -> None:
    """Days of trade leave out weekends, and their line goes on."""
    days = [f"2023-05-{n:02d}" for n in range(1, 29) if n % 7 not in (6, 0)]
    chart = only({"day:date": days, "price:number": numbers(len(days))})
    assert not any(value.broken for value in chart.values)


def test_a_line_is_in_order_of_time() -> None:
    """The order of the file does not matter."""
    chart = only({"year:year": ["2003", "2001", "2002", "2004"], "v:number": ["3", "1", "2", "9"]})
    assert [value.label for value in chart.values] == ["2001", "2002", "2003", "2004"]


def test_a_long_line_is_thinned() -> None:
    """Of very many values the least and the greatest of each stretch stay, with every gap; the rest is counted."""
    days = [f"{1700 + n // 12}-{n % 12 + 1:02d}" for n in range(3000) if n != 1500]
    values = [str(50 + n % 40) for n in range(len(days))]
    values[777], values[2222] = "999", "-999"
    chart = only({"day:yearmonth": days, "v:number": values})
    assert len(chart.values) <= MOST_POINTS
    assert {Decimal(999), Decimal(-999)} <= {value.value for value in chart.values}
    assert chart.total == len(days)
    assert chart.rest == len(days) - len(chart.values)
    assert sum(value.broken for value in chart.values) == 1


def test_bars_are_the_greatest() -> None:
    """With more categories than bars the greatest are drawn, and how many there are is said."""
    places = [f"place {n}" for n in range(50) for _ in range(2)]
    years = ["2020", "2021"] * 50
    values = [str(n * 37 % 101) for n in range(100)]
    chart = only({"place:string": places, "year:year": years, "v:number": values})
    drawn = [value.value for value in chart.values]
    assert drawn == sorted(drawn, reverse=True)
    assert len(drawn) == MOST_BARS
    assert (chart.total, chart.rest, chart.when) == (50, 50 - MOST_BARS, "2021")
    assert drawn[0] == max(Decimal(values[n]) for n in range(1, 100, 2))


def test_the_newest_time_that_most_have() -> None:
    """A last year of which few have reported is no comparison of all."""
    places = [f"place {n}" for n in range(10)] * 2 + ["place 1"]
    years = ["2020"] * 10 + ["2021"] * 10 + ["2022"]
    chart = only({"place:string": places, "year:year": years, "v:number": numbers(21)})
    assert chart.when == "2021"


def test_a_spread_counts_every_value() -> None:
    """The stretches of a spread are of one length, lie side by side, and hold all values and no more."""
    cells = [f"{(n * n % 211) / 10:.1f}" for n in range(90)] + [""] * 4
    chart = only({"title:string": [f"t{n}" for n in range(94)], "mass:number": cells})
    assert sum(value.value for value in chart.values) == 90
    assert chart.left_out == 4
    ends = [(value.low, value.high) for value in chart.values]
    assert all(low is not None and high is not None for low, high in ends)
    assert all(before[1] == after[0] for before, after in pairwise(ends))
    assert len({high - low for low, high in ends if low is not None and high is not None}) == 1
    counted = [sum(bool(c) and v.low <= Decimal(c) < v.high for c in cells) for v in chart.values]  # type: ignore[operator]
    assert counted == [value.value for value in chart.values]


def test_at_most_so_many_charts() -> None:
    """A table of thirty measures is no wall of charts, and a package of seventy tables has one for each."""
    wide = table(
        {"year:year": ["2001", "2002", "2003", "2004"], **{f"m{n}:number": numbers(4, n + 2) for n in range(30)}}
    )
    assert len(plan_charts(wide)) == MOST_CHARTS
    many = [
        table({"year:year": [str(2000 + n) for n in range(9)], "v:number": numbers(9)}, name=f"t{i}") for i in range(71)
    ]
    assert len(list(charts_of_package(many))) == 71


def ask(kind: str, by: str, *measures: str) -> Ask:
    """Return a wish for a chart of the table `t`."""
    return Ask("mine", "t", kind, by, measures, "Của tôi", "Mine")


def test_what_a_package_asks_for() -> None:
    """A wish overrides what names of columns say; its table gets that chart alone."""
    asked = table(
        {
            "place:string": NAMES,
            "code:integer": ["10", "30", "20", "55", "7"],
            "open:boolean": ["true", "false"] * 2 + [""],
        }
    )
    ((_, chart),) = charts_of_package([asked], [ask("bars", "place", "code")])
    assert (chart.kind, chart.name, chart.title_vi, chart.title_en) == ("bars", "mine", "Của tôi", "Mine")
    assert chart.values[0].value == 55


@pytest.mark.parametrize(
    "wish",
    [ask("line", "place", "code"), ask("bars", "place", "open"), ask("bars", "none", "code"), ask("spread", "place")],
)
def test_a_wish_without_values(wish: Ask) -> None:
    """A wish never makes numbers of texts, nor times of names."""
    asked = table({"place:string": NAMES, "code:integer": ["10", "30", "20", "55", "7"], "open:boolean": ["true"] * 5})
    assert chart_asked(asked, wish) is None


def test_names_of_charts_are_their_own() -> None:
    """Two charts of a table never have one address."""
    one = only({"place:string": NAMES, "people:integer": ["10", "30", "20", "55", "7"]})
    names = [chart.name for chart in unique_names([one, one, one])]
    assert names == ["people-place", "people-place-2", "people-place-3"]


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ("2023", "2023"),
        ("2023-02", "2023-02"),
        ("2023-02-28", "2023-02-28"),
        ("2023-02-28T10:30:00Z", "2023-02-28 10:30"),
    ],
)
def test_moments(cell: str, label: str) -> None:
    """Years, months, days and times of day are times."""
    found = moment(cell)
    assert found is not None
    assert found[1] == label


@pytest.mark.parametrize("cell", ["", "0000", "23", "2023-13", "2023-02-30", "2023-2-1", "28/02/2023", "abcd", "²⁰²³"])
def test_no_moments(cell: str) -> None:
    """What is no time of the calendar is none."""
    assert moment(cell) is None


def test_words_of_names() -> None:
    """Names are read by their words, with or without accents, joined or apart."""
    assert words_of("countryCode") == ["country", "code"]
    assert words_of("Mã_số") == ["ma", "so"]
    assert words_of("Địa chỉ") == ["dia", "chi"]


def test_key_numbers() -> None:
    """A table is told in numbers: rows, columns, the first and the last time, how many categories."""
    found = key_numbers(
        table({"place:string": ["a", "b", "a"], "year:year": ["2003", "2001", "2003"], "v:number": ["1"] * 3})
    )
    assert (found["rows"], found["columns"], found["first"], found["last"], found["categories"]) == (
        3,
        3,
        "2001",
        "2003",
        2,
    )
    assert set(key_numbers(table({"id:string": ["a", "b", "c"]}))) == {"rows", "columns"}
