"""What the site of a place hands over to the site of all places: one record, `national.json`, and nothing else."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from build_tools.descriptors import SLUG
from build_tools.errors import BuildError

RECORD = "national.json"
FORMAT = 1  # of the record; one that is written otherwise is another

T = TypeVar("T")


@dataclass(frozen=True)
class Named:
    """What has a name in both languages."""

    name_vi: str
    name_en: str

    def name(self, language: str) -> str:
        """Return the name in a language, the Vietnamese one where there is no other."""
        return (language == "en" and self.name_en) or self.name_vi


@dataclass(frozen=True)
class ReportRecord(Named):
    """A report of a place: what it is called, and how much there is of it."""

    report: str  # the package, and the address of its page
    short_vi: str
    short_en: str
    issuer_vi: str
    issuer_en: str
    period_start: str
    period_end: str
    figures: int
    claims: int
    fails: int

    def short(self, language: str) -> str:
        """Return the short title in a language."""
        return self.short_en if language == "en" else self.short_vi

    def issuer(self, language: str) -> str:
        """Return who made the report, in a language."""
        return (language == "en" and self.issuer_en) or self.issuer_vi


@dataclass(frozen=True)
class IndicatorRecord(Named):
    """An indicator that a place has figures of."""

    indicator: str
    figures: int


@dataclass(frozen=True)
class PlaceRecord(Named):
    """All that the national site knows of a place."""

    place: str
    short_vi: str
    short_en: str
    version: str  # of the data, when the place's site was built
    updated: str  # the day on which something of the place was published last
    languages: tuple[str, ...]
    packages: int
    reports: tuple[ReportRecord, ...]  # newest first
    indicators: tuple[IndicatorRecord, ...]
    numbers: tuple[str, ...]  # what its figures are, as `key_of` of `render.lookup` writes a number, each once

    def short(self, language: str) -> str:
        """Return the short name in a language."""
        return self.short_en if language == "en" else self.short_vi

    @property
    def figures(self) -> int:
        """How many figures its reports have."""
        return sum(report.figures for report in self.reports)

    @property
    def claims(self) -> int:
        """How many calculations its reports state."""
        return sum(report.claims for report in self.reports)

    @property
    def fails(self) -> int:
        """How many of these do not agree."""
        return sum(report.fails for report in self.reports)


def as_record(place: PlaceRecord) -> bytes:
    """Return a record as it stands in a site: the numbers in one text, each report and indicator on its line."""
    parts = asdict(place)
    parts["numbers"] = " ".join(place.numbers)
    lines = [f'"format": {FORMAT}']
    for key, value in parts.items():
        if key in ("reports", "indicators"):
            rows = ",\n".join(_json(list(row.values())) for row in value)
            lines.append(f'"{key}": [\n{rows}\n]' if rows else f'"{key}": []')
        else:
            lines.append(f'"{key}": {_json(value)}')
    return ("{" + ",\n".join(lines) + "}\n").encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_record(path: Path, place: str) -> PlaceRecord:
    """Return the record of a place; BuildError for one that is missing, is damaged or is of another place."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BuildError(
            str(path), f"thiếu bản ghi của {place} / the record of {place} is missing", _remedy(path, place)
        ) from error
    try:
        return _place(json.loads(content.decode("utf-8")), place)
    except (ValueError, RecursionError) as error:
        what = f"bản ghi của {place} bị hư / the record of {place} is damaged: {error}"
        raise BuildError(str(path), what, _remedy(path, place)) from error


def _remedy(path: Path, place: str) -> str:
    folder = path.parent.parent
    return (
        f"Dựng lại nơi ấy: minhbach build --shard {place}; hoặc bỏ {folder} nếu nơi ấy không còn / Build that place "
        f"again: minhbach build --shard {place}; or take {folder} away if the place is no more."
    )


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_NUMBER = re.compile(r"0|[!-~][0-9]{1,10}")
# What a field holds beyond being a text or a number: addresses are made of some.
_HELD: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("report", "indicator", "place"), SLUG),
    **dict.fromkeys(("period_start", "period_end", "updated"), _DAY),
    **dict.fromkeys(("name_vi", "short_vi"), re.compile(r".*\S.*")),
}


def _place(found: Any, place: str) -> PlaceRecord:
    """Return a record from what was read; ValueError says which field is not what it should be."""
    names = [field.name for field in fields(PlaceRecord)]
    if not isinstance(found, dict) or sorted(found) != sorted(["format", *names]):
        raise ValueError(f"expected the fields format, {', '.join(names)}")
    if found["format"] != FORMAT:
        raise ValueError(f"format: {found['format']!r}, expected {FORMAT}")
    parts = {name: found[name] for name in names}
    for name, kind in (("reports", ReportRecord), ("indicators", IndicatorRecord)):
        rows = _list(name, parts[name])
        parts[name] = tuple(_row(kind, row, f"{name}[{n}]") for n, row in enumerate(rows))
    parts["languages"] = tuple(_list("languages", parts["languages"]))
    if not isinstance(parts["numbers"], str):
        raise ValueError("numbers: expected a text")
    parts["numbers"] = tuple(parts["numbers"].split())
    if odd := next((n for n in parts["numbers"] if not _NUMBER.fullmatch(n)), ""):
        raise ValueError(f"numbers: {odd[:20]!r} is none")
    if not parts["languages"] or not all(isinstance(one, str) for one in parts["languages"]):
        raise ValueError("languages: expected texts")
    record = _checked(PlaceRecord, parts, "")
    if record.place != place:
        raise ValueError(f"place: {record.place!r}, expected {place!r}")
    for report in record.reports:
        if date.fromisoformat(report.period_start) > date.fromisoformat(report.period_end):
            raise ValueError(f"{report.report}: its period ends before it starts")
    _each_once("reports", (report.report for report in record.reports))
    _each_once("indicators", (indicator.indicator for indicator in record.indicators))
    _each_once("numbers", record.numbers)
    return record


def _list(name: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name}: expected a list")
    return value


def _row(kind: Callable[..., T], row: object, where: str) -> T:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if not isinstance(row, list) or len(row) != len(names):
        raise ValueError(f"{where}: expected {', '.join(names)}")
    return _checked(kind, dict(zip(names, row, strict=True)), f"{where}.")


def _checked(kind: Callable[..., T], parts: Mapping[str, Any], where: str) -> T:
    for field in fields(kind):  # type: ignore[arg-type]
        value = parts[field.name]
        if field.type is str and not (isinstance(value, str) and not _CONTROL.search(value)):
            raise ValueError(f"{where}{field.name}: expected a text on one line")
        if field.type is int and not (type(value) is int and value >= 0):
            raise ValueError(f"{where}{field.name}: expected a number from 0 on")
        if field.name in _HELD and not _HELD[field.name].fullmatch(value):
            raise ValueError(f"{where}{field.name}: {value[:40]!r}")
    return kind(**parts)


def _each_once(name: str, values: Iterable[str]) -> None:
    twice = next((value for value, n in Counter(values).items() if n > 1), None)
    if twice is not None:
        raise ValueError(f"{name}: {twice} stands twice")


@dataclass(frozen=True)
class National:
    """All places together, in the order of their names."""

    places: tuple[PlaceRecord, ...]

    @property
    def reports(self) -> tuple[tuple[PlaceRecord, ReportRecord], ...]:
        """Every report with its place, the newest period first."""
        found = [(place, report) for place in self.places for report in place.reports]
        return tuple(sorted(found, key=lambda pair: (pair[1].period_end, pair[1].report), reverse=True))


def read_national(folder: Path, languages: tuple[str, ...]) -> National:
    """Return all places whose sites stand in a folder; BuildError for a record that is missing or does not fit."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and SLUG.fullmatch(entry.name))
    places = []
    of: dict[str, str] = {}
    for name in names:
        path = folder / name / "site" / RECORD
        place = read_record(path, name)
        if place.languages != languages:
            what = f"ngôn ngữ / languages: {', '.join(place.languages)}, ≠ {', '.join(languages)}"
            raise BuildError(str(path), what, _remedy(path, name))
        for report in place.reports:
            if (other := of.setdefault(report.report, name)) != name:
                what = f"{report.report} cũng ở {other} / stands in {other} too"
                raise BuildError(str(path), what, _remedy(path, name))
        places.append(place)
    if not places:
        raise BuildError(
            str(folder), "chưa có nơi nào / no place yet", "minhbach build --shard all (hoặc một nơi / or one place)."
        )
    return National(tuple(sorted(places, key=lambda place: (place.short_en, place.place))))
