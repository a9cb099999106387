"""Read a package's wishes for charts, the property `charts` of its descriptor, and hold each against comparability.

    "charts": [{"name": "poverty-by-place", "title": "…", "title_en": "…", "figures": ["a", "b"], "says": ["scope"]}]

`name` is a slug and becomes the address `/bieu-do/<package>--<name>.svg`; `figures` are ids of the package's figures,
of the `across` package `package#figure_id`; `says` names the aspects of docs/rules/comparability.md in which the
figures differ and that the title says.

A package that is no report names columns of a table instead of figures:

    "charts": [{"name": "price", "table": "monthly", "kind": "line", "by": "Date", "values": ["Price"], "title": "…"}]

`kind` is one of `line`, `bars`, `counts`, `spread`; `by` is the column of times or categories, of a `spread` the column
whose values are counted; `title_en` may stand beside `title`. docs/guides/any-package.md says more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from build_tools.audit.comparability import ASPECTS, differences
from build_tools.faults import Fault, fault
from build_tools.figures import Figure, Unit
from build_tools.packages import DESCRIPTOR, SLUG, Package, suggestion
from build_tools.table_charts import KINDS, Ask, chart_asked
from build_tools.vocabulary import Vocabulary

KEYS = {"name", "title", "title_en", "figures", "says"}
MOST_FIGURES = 12
TABLE_KEYS = {"name", "title", "title_en", "table", "kind", "by", "values"}


@dataclass(frozen=True)
class ChartHint:
    """A chart that a package asks for: figures side by side, and in what they differ."""

    package: str
    name: str
    title_vi: str
    title_en: str
    figures: tuple[Figure, ...]
    differ: tuple[str, ...]  # of ASPECTS

    @property
    def chart(self) -> str:
        """The chart's address, a slug."""
        return f"{self.package}--{self.name}"


def read_chart_hints(
    package: Package, figures: Mapping[str, Figure], vocabulary: Vocabulary
) -> tuple[tuple[ChartHint, ...], tuple[Fault, ...]]:
    """Return the charts a package asks for that can be drawn, and what is wrong with the others.

    `figures` holds what the package may name. Figures that cannot be compared are a warning, and the chart's caption
    says in what they differ; figures without a common unit are an error, since no chart can hold them.
    """
    asked = package.descriptor.get("charts", [])
    if not isinstance(asked, list):
        return (), (_wrong(package.name, "charts", asked, "một danh sách / a list"),)
    hints: list[ChartHint] = []
    faults: list[Fault] = []
    for index, item in enumerate(asked):
        where = f"charts[{index}]"
        found = list(_faults_of(package.name, where, item, figures, {hint.name for hint in hints}))
        if not found:
            named = tuple(figures[name] for name in item["figures"])
            differ = differences(named, vocabulary.units, vocabulary.places)
            hint = ChartHint(package.name, item["name"], item["title"], item["title_en"], named, differ)
            found += _unsaid(package.name, where, hint, item.get("says", []), vocabulary.units)
            hints += [] if "unit" in differ else [hint]
        faults += found
    return tuple(hints), tuple(faults)


def _wrong(package: str, where: str, found: object, expected: str) -> Fault:
    return fault(
        package, DESCRIPTOR, "descriptor-value", column=where, found="–" if found is None else found, expected=expected
    )


def _faults_of(package: str, where: str, item: Any, figures: Mapping[str, Figure], names: set[str]) -> Iterator[Fault]:
    """Yield what keeps a wish from being read at all."""
    if not isinstance(item, dict):
        yield _wrong(package, where, item, "một đối tượng / an object")
        return
    for key in sorted(set(item) - KEYS):
        yield _wrong(package, f"{where}.{key}", item[key], f"một trong / one of {', '.join(sorted(KEYS))}")
    name = item.get("name")
    if not isinstance(name, str) or not SLUG.fullmatch(name) or name in names:
        yield _wrong(package, f"{where}.name", name, "một mã riêng, chữ thường và gạch nối / a slug of its own")
    for key in ("title", "title_en"):
        if not isinstance(item.get(key), str) or not item[key].strip():
            yield _wrong(package, f"{where}.{key}", item.get(key), "một chuỗi / text")
    says = item.get("says", [])
    if not isinstance(says, list) or not set(map(str, says)) <= set(ASPECTS):
        yield _wrong(package, f"{where}.says", says, f"những từ trong / words of {', '.join(ASPECTS)}")
    listed = item.get("figures")
    ids = list(map(str, listed)) if isinstance(listed, list) else []
    if not 2 <= len(ids) <= MOST_FIGURES or len(set(ids)) != len(ids):
        yield _wrong(package, f"{where}.figures", listed, f"2–{MOST_FIGURES} mã khác nhau / different ids")
        return
    for figure_id in ids:
        figure = figures.get(figure_id)
        if figure is None:
            details = suggestion(figure_id, tuple(figures))
            yield fault(
                package,
                DESCRIPTOR,
                "key-unknown",
                column=f"{where}.figures",
                cell=figure_id,
                table="figures.csv",
                details=details,
            )
        elif figure.value is None or figure.value_high is not None:
            yield _wrong(package, f"{where}.figures", figure_id, "con số có một giá trị / a figure of one value")


def _unsaid(package: str, where: str, hint: ChartHint, says: list[str], units: Mapping[str, Unit]) -> Iterator[Fault]:
    """Yield that figures cannot be compared in an aspect that the package does not say."""
    if "unit" in hint.differ:
        symbols = ", ".join(dict.fromkeys(units[figure.unit].symbol_vi for figure in hint.figures))
        yield fault(package, DESCRIPTOR, "no-common-unit", column=f"{where}.figures", cell=hint.name, units=symbols)
        return
    for aspect in hint.differ:
        if aspect not in says:
            yield fault(package, DESCRIPTOR, "not-comparable", column=f"{where}.says", cell=hint.name, aspect=aspect)


# ---- of packages that are no reports -------------------------------------------------------------------------------


def read_table_asks(package: Package) -> tuple[tuple[Ask, ...], tuple[Fault, ...]]:
    """Return the charts of tables that a package asks for and that can be drawn, and what is wrong with the others.

    What is wrong is a warning that stops no publication: the tables then get the charts they would get unasked.
    """
    asked = package.descriptor.get("charts", [])
    if not isinstance(asked, list):
        return (), (_wrong_ask(package, "charts", asked, "một danh sách / a list"),)
    asks: list[Ask] = []
    faults: list[Fault] = []
    for index, item in enumerate(asked):
        where = f"charts[{index}]"
        found = list(_faults_of_ask(package, where, item, {ask.name for ask in asks}))
        if not found:
            title = item.get("title", "")
            ask = Ask(
                item["name"],
                item["table"],
                item["kind"],
                item["by"],
                tuple(item.get("values", ())),
                title,
                item.get("title_en", "") or title,
            )
            table = package.table(ask.table)
            if table is None or chart_asked(table, ask) is None:
                expected = "cột có giá trị cho loại biểu đồ này / columns with values for this kind of chart"
                found.append(_wrong_ask(package, f"{where}.by", ask.by, expected))
            else:
                asks.append(ask)
        faults += found
    return tuple(asks), tuple(faults)


def _wrong_ask(package: Package, where: str, found: object, expected: str) -> Fault:
    shown = "–" if found is None else str(found)
    return fault(package.name, DESCRIPTOR, "chart-asked", column=where, cell=shown, expected=expected)


def _faults_of_ask(package: Package, where: str, item: Any, names: set[str]) -> Iterator[Fault]:
    """Yield what keeps a wish for a chart of a table from being read."""
    if not isinstance(item, dict):
        yield _wrong_ask(package, where, item, "một đối tượng / an object")
        return
    for key in sorted(set(item) - TABLE_KEYS):
        yield _wrong_ask(package, f"{where}.{key}", item[key], f"một trong / one of {', '.join(sorted(TABLE_KEYS))}")
    name = item.get("name")
    if not isinstance(name, str) or not SLUG.fullmatch(name) or name in names:
        yield _wrong_ask(package, f"{where}.name", name, "một mã riêng, chữ thường và gạch nối / a slug of its own")
    for key in ("title", "title_en"):
        if not isinstance(item.get(key, ""), str):
            yield _wrong_ask(package, f"{where}.{key}", item[key], "một chuỗi / text")
    if item.get("kind") not in tuple(KINDS):  # it may be anything, also what no mapping can look for
        yield _wrong_ask(package, f"{where}.kind", item.get("kind"), f"một trong / one of {', '.join(KINDS)}")
        return
    listed = item.get("table")
    table = package.table(listed) if isinstance(listed, str) else None
    if table is None:
        known = ", ".join(table.name for table in package.tables[:12])
        yield _wrong_ask(package, f"{where}.table", listed, f"một bảng / a table: {known}")
        return
    if item.get("by") not in table.columns:
        yield _wrong_ask(package, f"{where}.by", item.get("by"), f"một cột của / a column of {table.name}")
    values = item.get("values", [])
    most = KINDS[item["kind"]].most
    fits = isinstance(values, list) and all(isinstance(value, str) for value in values) and len(values) <= most
    if not fits or (most and not values) or not set(values) <= set(table.columns):
        expected = f"1–{most} cột của / columns of {table.name}" if most else "không có / none for this kind"
        yield _wrong_ask(package, f"{where}.values", values, expected)
