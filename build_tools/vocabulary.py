"""The vocabulary that figures refer to: indicators, topics, places, bodies, breakdowns, units and inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from build_tools.faults import Fault, fault
from build_tools.figures import Unit
from build_tools.numbers import CellError, read_cell
from build_tools.packages import Package
from build_tools.schemas import standard_faults

TABLES = ("topics", "indicators", "places", "bodies", "breakdowns", "units", "inputs")
STANDARDS = "standards"  # the one table that a vocabulary may leave out


@dataclass(frozen=True)
class Named:
    """Something with a name in two languages."""

    name_vi: str
    name_en: str

    def name(self, language: str) -> str:
        """Return the name in a language, the Vietnamese one where there is no other."""
        return (language == "en" and self.name_en) or self.name_vi


@dataclass(frozen=True)
class Topic(Named):
    """A field of work: one row of `topics.csv`."""

    topic: str
    icon: str
    position: int
    description_vi: str
    description_en: str


@dataclass(frozen=True)
class Indicator(Named):
    """Something measured: one row of `indicators.csv`."""

    indicator: str
    topic: str
    unit: str
    better: str
    definition_vi: str
    definition_en: str
    comparability_vi: str
    comparability_en: str


@dataclass(frozen=True)
class Place(Named):
    """A country, a province or a district within the dates of its borders: one row of `places.csv`."""

    place: str
    level: str
    short_vi: str
    short_en: str
    parent: str
    official_code: str
    valid_from: str
    valid_to: str
    successor: str
    note_vi: str
    note_en: str

    def short(self, language: str) -> str:
        """Return the short name in a language."""
        return self.short_en if language == "en" else self.short_vi


@dataclass(frozen=True)
class Body(Named):
    """Who or what is counted: one row of `bodies.csv`."""

    body: str
    note_vi: str
    note_en: str


@dataclass(frozen=True)
class Breakdown(Named):
    """A part of a whole: one row of `breakdowns.csv`."""

    breakdown: str
    dimensions: str
    broader: str


@dataclass(frozen=True)
class Input(Named):
    """A number that a formula needs and nobody printed: one row of `inputs.csv`."""

    input: str


@dataclass(frozen=True)
class Standard(Named):
    """By what an indicator is counted from a year on: one row of `standards.csv`. What is older does not compare."""

    indicator: str
    since: int


@dataclass(frozen=True)
class Vocabulary:
    """All the words figures refer to, by id, in the order of their tables."""

    topics: Mapping[str, Topic]
    indicators: Mapping[str, Indicator]
    places: Mapping[str, Place]
    bodies: Mapping[str, Body]
    breakdowns: Mapping[str, Breakdown]
    units: Mapping[str, Unit]
    inputs: Mapping[str, Input]
    standards: Mapping[str, tuple[Standard, ...]] = field(default_factory=dict)  # by indicator, the oldest first

    def joined(self, other: "Vocabulary") -> "Vocabulary":
        """Return the words of both; what stands in both is taken from this one."""
        return Vocabulary(*({**getattr(other, name), **getattr(self, name)} for name in (*TABLES, STANDARDS)))


EMPTY = Vocabulary({}, {}, {}, {}, {}, {}, {})


def read_vocabulary(package: Package) -> tuple[Vocabulary, tuple[Fault, ...]]:
    """Return the vocabulary a package holds, and what is missing from it."""
    faults: list[Fault] = []
    rows: dict[str, list[dict[str, str]]] = {}
    for name in TABLES:
        table = package.table(name)
        if table is None:
            faults.append(fault(package.name, "datapackage.json", "table-missing", table=name))
            continue
        faults += standard_faults(package.name, table)
        rows[name] = [record for _, record in table.records()]
    if faults:
        return EMPTY, tuple(faults)
    standards: dict[str, tuple[Standard, ...]] = {}
    table = package.table(STANDARDS)
    if table is not None:
        faults += standard_faults(package.name, table)
        if faults:
            return EMPTY, tuple(faults)
        read = [Standard(**{**row, "since": int(_number(row["since"]))}) for _, row in table.records()]  # type: ignore[arg-type]
        for one in sorted(read, key=lambda standard: standard.since):
            standards[one.indicator] = (*standards.get(one.indicator, ()), one)
    topics = [Topic(**{**row, "position": int(_number(row["position"]))}) for row in rows["topics"]]  # type: ignore[arg-type]
    units = [Unit(**{**row, "scale": _number(row["scale"])}) for row in rows["units"]]  # type: ignore[arg-type]
    return Vocabulary(
        topics={topic.topic: topic for topic in sorted(topics, key=lambda topic: topic.position)},
        indicators={row["indicator"]: Indicator(**row) for row in rows["indicators"]},
        places={row["place"]: Place(**row) for row in rows["places"]},
        bodies={row["body"]: Body(**row) for row in rows["bodies"]},
        breakdowns={row["breakdown"]: Breakdown(**row) for row in rows["breakdowns"]},
        units={unit.unit: unit for unit in units},
        inputs={row["input"]: Input(**row) for row in rows["inputs"]},
        standards=standards,
    ), ()


def _number(cell: str) -> Decimal:
    """Return the number in a cell, 1 for one that cannot be read: it has its fault already."""
    try:
        return read_cell(cell)
    except CellError:
        return Decimal(1)
