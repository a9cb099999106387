"""What became of published figures: the rows of `changes.csv` by release, and the zips of earlier versions.

A change says whose it is: `corrected` is a mistake of ours, `source` is the report itself saying something else. What
`changes.csv` says is held against the figures as they stand and against the figures of the last version that is kept.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from build_tools.archives import unpacked
from build_tools.errors import BuildError
from build_tools.faults import Fault, fault
from build_tools.figures import FIGURE_COLUMNS, Change, ReportData
from build_tools.packages import DESCRIPTOR, Package, suggestion

SEMVER = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
KINDS = ("corrected", "source", "withdrawn", "added")  # in the order in which a release tells them
FOLDER = "versions"  # of a package: the zips of its earlier versions, VERSION.zip
TABLE = "changes.csv"
_CELL = re.compile(r"([a-z_]+)=(.*)")
_WORDS = ("note", "note_en")  # columns whose wording may be mended without an entry


@dataclass(frozen=True)
class OldVersion:
    """A version of a package that was published before: its zip, and its figures by id, each cell by column."""

    package: str
    version: str
    content: bytes
    figures: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Release:
    """What one version of a package changed; the first one publishes it."""

    package: str
    version: str  # empty for a first publication of which no zip is kept
    date: str
    changes: tuple[Change, ...] = ()
    is_first: bool = False

    @property
    def anchor(self) -> str:
        """Where it stands on the page of changes."""
        return f"{self.package}-{self.version}" if self.version else self.package

    def of_kind(self, kind: str) -> tuple[Change, ...]:
        """Return the changes of a kind."""
        return tuple(change for change in self.changes if change.kind == kind)


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by; ValueError for what is none."""
    match = SEMVER.fullmatch(version)
    if match is None:
        raise ValueError(f"{version!r} is no version: write it as 0.1.0")
    return tuple(map(int, match.groups()))


def cell_of(text: str) -> tuple[str, str]:
    """Return the column and the cell that `old` or `new` speaks of: `17034` is a value, `unit=ho` names its column."""
    match = _CELL.fullmatch(text)
    return (match[1], match[2]) if match else ("value", text)


def releases(
    package: str, created: str, version: str, changes: Sequence[Change], old: Sequence[OldVersion]
) -> tuple[Release, ...]:
    """Return the releases of a package, the newest first: one for each version that changed figures, and the first."""
    known = [one.version for one in old] + ([] if changes else [version])
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.version, []).append(change)
    first = Release(package, min(known, key=version_key, default=""), created, is_first=True)
    later = [Release(package, name, some[0].date, tuple(some)) for name, some in found.items()]
    return (*sorted(later, key=lambda release: version_key(release.version), reverse=True), first)


def withdrawn(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that withdrew a figure, in order."""
    return tuple(change for change in changes if change.kind == "withdrawn")


# -- what is wrong with them -------------------------------------------------------------------------------------------


def change_faults(data: ReportData, version: str) -> Iterator[Fault]:
    """Yield rows of `changes.csv` that contradict each other, the figures or the package's version."""
    figures = data.by_id()
    gone = {change.figure_id for change in withdrawn(data.changes)}
    newest: dict[tuple[str, str], Change] = {}
    before: Change | None = None

    def wrong(code: str, change: Change, column: str, **details: object) -> Fault:
        return fault(data.package, TABLE, code, change.row, column, str(getattr(change, column)), details)

    for change in data.changes:
        if SEMVER.fullmatch(change.version) is None:
            continue  # which the column's pattern has said
        if version_key(change.version) > version_key(version):
            yield wrong("change-version", change, "version", version=version)
        if before is not None:
            same = change.version == before.version
            if version_key(change.version) < version_key(before.version):
                yield wrong("change-order", change, "version", before=before.version)
            elif change.date < before.date or (same and change.date != before.date):
                yield wrong("change-order", change, "date", before=before.date)
        before = change
        if change.figure_id not in figures and change.figure_id not in gone:
            details = suggestion(change.figure_id, tuple(figures))
            yield wrong("key-unknown", change, "figure_id", table="figures.csv", **details)
        if change.kind == "withdrawn" and change.figure_id in figures:
            yield wrong("change-withdrawn", change, "figure_id")
        column = _wrong_cell(change)
        if column:
            yield wrong("change-cells", change, column, kind=change.kind)
        elif change.kind in ("corrected", "source"):
            newest[change.figure_id, cell_of(change.new)[0]] = change
    for (figure_id, column), change in newest.items():
        cell = figures[figure_id].cells()[column] if figure_id in figures else None
        if cell is not None and cell != cell_of(change.new)[1]:
            yield wrong("change-not-so", change, "new", figure_column=column, found=cell)


def _wrong_cell(change: Change) -> str:
    """Return which of `old` and `new` does not suit the kind of a change, empty when both do."""
    if change.kind == "added":
        return "old" if change.old else ""
    if change.kind == "withdrawn":
        return "new" if change.new else "old" if not change.old else ""
    (was, old), (column, new) = cell_of(change.old), cell_of(change.new)
    if was not in FIGURE_COLUMNS:
        return "old"
    return "new" if column != was or new == old else ""


def read_versions(package: Package) -> tuple[tuple[OldVersion, ...], tuple[Fault, ...]]:
    """Return the earlier versions that a package keeps, oldest first, and what is wrong with their zips."""
    folder = package.folder / FOLDER
    found: list[OldVersion] = []
    faults: list[Fault] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            found.append(_read_version(package, path))
        except (BuildError, ValueError, KeyError, csv.Error) as error:
            what = error.what if isinstance(error, BuildError) else str(error)
            faults.append(fault(package.name, f"{FOLDER}/{path.name}", "version-zip", problem=what))
    return tuple(sorted(found, key=lambda old: version_key(old.version))), tuple(faults)


def _read_version(package: Package, path: Path) -> OldVersion:
    """Return an earlier version; BuildError, ValueError or KeyError for what is none of this package."""
    version = path.name.removesuffix(".zip")
    if not path.is_file() or path.suffix != ".zip":
        raise ValueError("không phải tệp .zip / is no .zip file")
    if version_key(version) >= version_key(str(package.descriptor.get("version", ""))):
        raise ValueError(
            f"bản {version} không cũ hơn bản của gói / version {version} is not older than the package's own"
        )
    with unpacked([path]) as (inside,):
        descriptor = json.loads((inside / DESCRIPTOR).read_text("utf-8")) if (inside / DESCRIPTOR).is_file() else {}
        if inside.name != package.name or descriptor.get("version") != version:
            named = f"{inside.name} {descriptor.get('version', '')}"
            raise ValueError(f"chứa {named}, không phải {package.name} {version} / holds {named}")
        figures = inside / "figures.csv"
        text = figures.read_text("utf-8") if figures.is_file() else ""
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    by_id = {row["figure_id"]: {c: row.get(c) or "" for c in FIGURE_COLUMNS} for row in rows}
    return OldVersion(package.name, version, path.read_bytes(), by_id)


def unlisted_faults(data: ReportData, old: Sequence[OldVersion]) -> Iterator[Fault]:
    """Yield what changed since the last version that is kept and that `changes.csv` does not say.

    The wording of notes may change without an entry.
    """
    if not old:
        listed = [change for change in data.changes if SEMVER.fullmatch(change.version)]
        if listed:
            yield fault(data.package, TABLE, "version-zip-missing", row=listed[0].row, cell=listed[0].version)
        return
    last = old[-1]
    said = {
        (change.figure_id, change.kind if change.kind in ("added", "withdrawn") else cell_of(change.old)[0])
        for change in data.changes
        if SEMVER.fullmatch(change.version) and version_key(change.version) > version_key(last.version)
    }
    figures = data.by_id()

    def unlisted(figure_id: str, column: str, before: str, after: str) -> Iterator[Fault]:
        if (figure_id, column) not in said:
            row = figures[figure_id].row if figure_id in figures else 0
            shown = {"figure": figure_id, "version": last.version, "old": before or "–", "new": after or "–"}
            yield fault(data.package, "figures.csv", "change-unlisted", row, column, details=shown)

    for figure_id, before in last.figures.items():
        if figure_id not in figures:
            yield from unlisted(figure_id, "withdrawn", before["value"], "")
            continue
        after = figures[figure_id].cells()
        for column in FIGURE_COLUMNS:
            if column not in _WORDS and before[column] != after[column]:
                yield from unlisted(figure_id, column, before[column], after[column])
    for figure_id in figures:
        if figure_id not in last.figures:
            yield from unlisted(figure_id, "added", "", figures[figure_id].cells()["value"])
