"""Valid material to start from, and ways to break one thing of it."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from build_tools.checks import Checked, check
from build_tools.faults import Fault
from build_tools.settings import Settings, read_settings, with_folders

EXAMPLE = Path(__file__).parent / "example_project"
PROJECT = Path(__file__).parent.parent
REPORT = "mau-2023-viec-lam"


@dataclass(frozen=True)
class Project:
    """A copy of the example project that a test may change."""

    folder: Path

    @property
    def packages(self) -> Path:
        """The folder of packages."""
        return self.folder / "datapackages"

    @property
    def texts(self) -> Path:
        """The folder of the reports' texts."""
        return self.folder / "texts"

    @property
    def report(self) -> Path:
        """The folder of the report package."""
        return self.packages / REPORT

    def settings(self, social_images: bool = False) -> Settings:
        """Return settings that build the copy with this project's own templates."""
        settings = with_folders(read_settings(PROJECT), self.packages, self.folder / "out", self.texts)
        return replace(settings, social_images=social_images)

    def check(self) -> Checked:
        """Check the copy, its text at hand."""
        return check(self.packages, self.texts)

    def faults(self) -> tuple[Fault, ...]:
        """Return what is wrong with the copy."""
        return self.check().faults


def copy_example(folder: Path) -> Project:
    """Copy the example project into a folder."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    return Project(folder)


def edit_cell(path: Path, key: str, column: str, new: str) -> int:
    """Change one cell of the row whose first cell is `key`; return the row's line."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    index = next(i for i, row in enumerate(rows) if row[0] == key)
    rows[index][rows[0].index(column)] = new
    write_rows(path, rows)
    return index + 1


def remove_row(path: Path, key: str) -> None:
    """Take the row whose first cell is `key` out of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    write_rows(path, [row for row in rows if row[0] != key])


def write_rows(path: Path, rows: list[list[str]]) -> None:
    """Write rows as the project writes its tables."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def edit_text(path: Path, old: str, new: str) -> None:
    """Replace a piece of a file that stands there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit_descriptor(package: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the descriptor of a package."""
    path = package / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    change(descriptor)
    path.write_text(json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
