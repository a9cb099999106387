"""What two versions of packages differ in: figures, verdicts, the account of the texts.

`compare` is a pure function over what `state_of` took from checked packages; `read_state` finds a version in a folder,
a zip or a revision of git.
"""

import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from build_tools.archives import unpacked
from build_tools.checks import Checked, check
from build_tools.errors import BuildError
from build_tools.faults import message, place
from build_tools.packages import DESCRIPTOR
from build_tools.words import Words


@dataclass(frozen=True)
class PackageState:
    """What one version of a package says: its figures with their cells, its verdicts, its spans by kind."""

    version: str
    figures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    coverage: Mapping[str, int] = field(default_factory=dict)


State = Mapping[str, PackageState]


@dataclass(frozen=True, order=True)
class Present:
    """A figure that stands in one of the two versions only, with its cells."""

    package: str
    figure_id: str
    cells: Mapping[str, str] = field(compare=False)


@dataclass(frozen=True, order=True)
class Cell:
    """A cell of a figure that differs."""

    package: str
    figure_id: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, order=True)
class Verdict:
    """A verdict that flipped; empty on the side where the claim does not stand."""

    package: str
    claim_id: str
    old: str
    new: str


@dataclass(frozen=True, order=True)
class Count:
    """How many spans of a kind a report has, where that differs."""

    package: str
    kind: str
    old: int
    new: int


@dataclass(frozen=True, order=True)
class Version:
    """A package whose version differs; empty on the side where there is no such package."""

    package: str
    old: str
    new: str


@dataclass(frozen=True)
class Diff:
    """Everything in which a new state differs from an old one, each list in order."""

    versions: tuple[Version, ...] = ()
    added: tuple[Present, ...] = ()
    changed: tuple[Cell, ...] = ()
    removed: tuple[Present, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    coverage: tuple[Count, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the two states are the same."""
        return self == Diff()


_NONE = PackageState("")


def compare(old: State, new: State) -> Diff:
    """Return in what a new state differs from an old one."""
    versions: list[Version] = []
    added: list[Present] = []
    changed: list[Cell] = []
    removed: list[Present] = []
    verdicts: list[Verdict] = []
    coverage: list[Count] = []
    for package in sorted({*old, *new}):
        a, b = old.get(package, _NONE), new.get(package, _NONE)
        if a.version != b.version or (package in old) != (package in new):
            versions.append(Version(package, a.version, b.version))
        added += [Present(package, name, b.figures[name]) for name in sorted({*b.figures} - {*a.figures})]
        removed += [Present(package, name, a.figures[name]) for name in sorted({*a.figures} - {*b.figures})]
        for name in sorted({*a.figures} & {*b.figures}):
            before, after = a.figures[name], b.figures[name]
            for column in dict.fromkeys((*before, *after)):
                if before.get(column, "") != after.get(column, ""):
                    changed.append(Cell(package, name, column, before.get(column, ""), after.get(column, "")))
        for claim in sorted({*a.verdicts, *b.verdicts}):
            was, now = a.verdicts.get(claim, ""), b.verdicts.get(claim, "")
            if was != now:
                verdicts.append(Verdict(package, claim, was, now))
        for kind in sorted({*a.coverage, *b.coverage}):
            if a.coverage.get(kind, 0) != b.coverage.get(kind, 0):
                coverage.append(Count(package, kind, a.coverage.get(kind, 0), b.coverage.get(kind, 0)))
    return Diff(*map(tuple, (versions, added, changed, removed, verdicts, coverage)))  # type: ignore[arg-type]


def as_json(diff: Diff) -> dict[str, Any]:
    """Return a diff as the records of `diff --json`."""
    return asdict(diff)


# -- where a version is found ------------------------------------------------------------------------------------------


def state_of(checked: Checked) -> State:
    """Return what checked packages say, by package; `as_written` stands among a figure's cells."""
    found: dict[str, PackageState] = {}
    for report in checked.reports:
        figures = {
            figure.figure_id: {**figure.cells(), "as_written": "; ".join(span.as_written for span in figure.spans)}
            for figure in report.data.figures
        }
        verdicts = {finding.claim_id: finding.verdict for finding in report.findings}
        version = str(report.package.descriptor["version"])
        found[report.name] = PackageState(version, figures, verdicts, dict(report.coverage.by_kind))
    for package in checked.packages:
        if package.kind == "across":
            between = {finding.claim_id: finding.verdict for finding in checked.between.findings}
            found[package.name] = PackageState(str(package.descriptor.get("version", "")), verdicts=between)
        elif package.kind != "report":
            found[package.name] = PackageState(str(package.descriptor.get("version", "")))
    return found


def read_states(old: str, new: str, packages: Path) -> tuple[State, State]:
    """Return the states of two versions; where one of them is a single package, the other is read for that alone.

    A version is a folder of packages, the folder, descriptor or zip of one package, or a revision of the git repository
    that holds `packages`, the folder of packages of this project. Raises BuildError for what is none of these, and for
    packages that cannot be read.
    """
    read = [_read_state(name, packages) for name in (old, new)]
    alone = [set(state) for state, is_one in read if is_one]
    kept = set.intersection(*alone) if len(alone) == 2 else alone[0] if alone else None
    if kept is not None and not kept:
        raise BuildError(f"{old}, {new}", "là hai gói khác nhau / are two different packages", "")
    first, second = ({k: v for k, v in state.items() if kept is None or k in kept} for state, _ in read)
    return first, second


def _read_state(name: str, packages: Path) -> tuple[State, bool]:
    """Return the state of a version, and whether it is a single package."""
    path = Path(name)
    if not path.exists():
        with _revision(name, packages) as folder:
            return state_of(_readable(name, check(folder, None))), False
    if path.is_dir() and not (path / DESCRIPTOR).is_file():
        return state_of(_readable(name, check(path, None))), False
    with unpacked([path]) as opened:
        return state_of(_readable(name, check(packages, None, opened))), True


def _readable(name: str, checked: Checked) -> Checked:
    """Return what was checked; BuildError with the first fault where a package could not be read at all."""
    read = {report.name for report in checked.reports} | {p.name for p in checked.packages if p.kind != "report"}
    for item in checked.faults:
        if item.level == "error" and item.package not in read:
            what = "; ".join(f"{place(item, lang)}: {message(item, lang)}" for lang in ("vi", "en"))
            raise BuildError(name, what, "Chạy / Run: minhbach validate")
    return checked


@contextmanager
def _revision(name: str, packages: Path) -> Iterator[Path]:
    """Yield the folder of packages as it was in a revision; it goes away afterwards."""
    commit = _git(packages, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"])
    if commit is None:
        what = (
            "không có tệp hay thư mục này, cũng không phải phiên bản git / no such file or folder, no revision of git"
        )
        raise BuildError(name, what, "Ví dụ / For example: HEAD~1, datapackages, hue-2023-0.1.0.zip")
    revision = commit.decode("ascii").strip()
    # Run in the folder of packages, git archives that folder alone, with paths relative to it.
    content = _git(packages, ["archive", "--format=tar", revision])
    with TemporaryDirectory(prefix="minhbach-") as scratch:
        tar, folder = Path(scratch) / "revision.tar", Path(scratch) / "datapackages"
        if content is None:
            what = f"không có thư mục {packages.name} ở phiên bản ấy / that revision has no folder {packages.name}"
            raise BuildError(name, what, "git log -- " + packages.name)
        tar.write_bytes(content)
        with tarfile.open(tar) as archive:
            archive.extractall(folder, filter="data")  # no links out, no devices, no paths that lead out
        yield folder


def _git(folder: Path, arguments: Sequence[str]) -> bytes | None:
    """Return what git prints in a folder, None when it ends with a fault or is not installed."""
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run([git, "-C", str(folder), *arguments], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


# -- in words ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """A part of a diff as a table of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(diff: Diff, words: Words) -> tuple[Section, ...]:
    """Return the parts of a diff that hold something, in the words of a language; ids and cells stay as they are."""

    def verdict(code: str) -> str:
        return words.text(f"verdict.{code}") if code else ""

    parts: list[tuple[str, str, list[tuple[str, ...]]]] = [
        ("versions", "package old new", [(v.package, v.old, v.new) for v in diff.versions]),
        ("changed", "figure column old new", [(_name(c), c.column, c.old, c.new) for c in diff.changed]),
        ("added", "figure value as_written", [_present(p) for p in diff.added]),
        ("removed", "figure value as_written", [_present(p) for p in diff.removed]),
        (
            "verdicts",
            "claim old new",
            [(f"{v.package}#{v.claim_id}", verdict(v.old), verdict(v.new)) for v in diff.verdicts],
        ),
        (
            "coverage",
            "package kind old new",
            [(c.package, words.fill(f"kind.{c.kind}", n=2), str(c.old), str(c.new)) for c in diff.coverage],
        ),
    ]
    return tuple(
        Section(
            words.fill(f"diff.{key}", n=len(rows)),
            tuple(words.text(f"diff.column_{name}") for name in columns.split()),
            tuple(rows),
        )
        for key, columns, rows in parts
        if rows
    )


def as_markdown(diff: Diff, words: Words) -> str:
    """Return a diff as Markdown: a heading and a table for each part, or one sentence when nothing differs."""
    if diff.is_empty:
        return words.text("diff.none") + "\n"
    lines: list[str] = []
    for section in sections(diff, words):
        lines += [f"## {section.title}", "", _row(section.columns), _row(["---"] * len(section.columns))]
        lines += [_row([_escaped(cell) for cell in row]) for row in section.rows]
        lines.append("")
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(cell: str) -> str:
    """Return a cell so that Markdown shows exactly it and the row stays a row."""
    plain = " ".join(cell.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*\[\]|~$]|(?<!\w)_|_(?!\w))", r"\\\1", plain)


def _name(item: Cell | Present) -> str:
    return f"{item.package}#{item.figure_id}"


def _present(item: Present) -> tuple[str, ...]:
    unit = item.cells.get("unit", "")
    return _name(item), f"{item.cells.get('value', '')} {unit}".strip(), item.cells.get("as_written", "")
