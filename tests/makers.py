"""Valid material to start from, and ways to break one thing of it."""

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from build_tools.checks import Checked, check
from build_tools.faults import Fault
from build_tools.packages import read_packages
from build_tools.render.downloads import zip_package
from build_tools.schemas import resource
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


# -- a history --------------------------------------------------------------------------------------------------------

CHANGE_COLUMNS = ["version", "date", "figure_id", "kind", "old", "new", "reason"]
# What truly happened to the example in its version 1.1.0, against 1.0.0.
CHANGES = [
    ["1.0.1", "2024-03-01", "jobs_created", "corrected", "1249", "1250", "Chép nhầm chữ số cuối."],
    ["1.1.0", "2024-04-02", "jobs_target", "source", "1100", "1200", "Cơ quan đính chính chỉ tiêu."],
    ["1.1.0", "2024-04-02", "jobs_target", "corrected", "status=provisional", "status=final", "Đọc sai loại số."],
    ["1.1.0", "2024-04-02", "jobs_lost", "withdrawn", "30 người mất việc", "", "Không phải con số của báo cáo."],
    ["1.1.0", "2024-04-02", "jobs_men", "added", "", "650", "Sót khi chép lần đầu."],
]


def put_changes(project: Project, rows: Sequence[Sequence[str]], version: str = "1.1.0") -> None:
    """Give the example's report a changes.csv and the version that it leads to."""
    write_rows(project.report / "changes.csv", [CHANGE_COLUMNS, *map(list, rows)])

    def change(descriptor: dict[str, object]) -> None:
        descriptor["version"] = version
        resources = descriptor["resources"]
        assert isinstance(resources, list)
        if not any(item["name"] == "changes" for item in resources):
            resources.append(resource("changes", optional=False))

    edit_descriptor(project.report, change)


def old_zip(project: Project, version: str = "1.0.0") -> bytes:
    """Return a zip of the example as it is, called an earlier version."""
    before = copy_example(project.folder.parent / f"as-of-{version}")
    edit_descriptor(before.report, lambda d: d.update(version=version))
    return zip_of(before)


def zip_of(before: Project) -> bytes:
    """Return the zip of the example's report, as the site offers it."""
    packages, _ = read_packages(before.packages)
    report = next(package for package in packages if package.kind == "report")
    return zip_package(report, next(package for package in packages if package.kind == "vocabulary"))


def as_in_1_0_0(before: Project) -> None:
    """Undo in a copy of the example what CHANGES says."""
    figures = before.report / "figures.csv"
    edit_cell(figures, "jobs_created", "value", "1249")
    edit_cell(figures, "jobs_target", "value", "1100")
    edit_cell(figures, "jobs_target", "status", "provisional")
    with figures.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    men = next(row for row in rows if row[0] == "jobs_men")
    others = [row for row in rows if row[0] != "jobs_men"]
    lost = ["jobs_lost", *men[1:]]
    lost[header.index("value")] = "30"
    write_rows(figures, [header, *others, lost])


def keep_version(project: Project, content: bytes, name: str = "1.0.0.zip") -> None:
    """Put a file into the folder of earlier versions."""
    folder = project.report / "versions"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
