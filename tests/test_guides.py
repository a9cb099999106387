"""What the guides show is what happens: the commands of a guide are run, in its order."""

import csv
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from build_tools.cli import app
from build_tools.sheet import FACTS, facts_of
from tests.conftest import PROJECT

GUIDES = PROJECT / "docs" / "guides"


def blocks(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the blocks of code of a page in order: their kind, their lines."""
    for kind, body in re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        yield kind, body.splitlines()


def rows_of(table: Path) -> list[list[str]]:
    """Return the rows of a table, its header first."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def fill_in(workbook: Path, finished: Path, slip: bool) -> None:
    """Work as the maintainers of a report did: its draft's workbook comes to say what the finished package says."""
    book = openpyxl.load_workbook(workbook)
    for table in sorted(finished.glob("*.csv")):
        sheet, (names, *rows) = book[table.stem], rows_of(table)
        columns = {cell.value: cell.column for cell in sheet[1]}
        for number in range(2, max(sheet.max_row, len(rows) + 1) + 1):
            cells = rows[number - 2] if number - 2 < len(rows) else [""] * len(names)
            for name, text in zip(names, cells, strict=True):
                sheet.cell(number, columns[name]).value = text or None
            if slip and table.stem == "figures" and cells[0] == "jobs_created":
                sheet.cell(number, columns["value"]).value = "17.034"
    facts = facts_of(json.loads((finished / "datapackage.json").read_text(encoding="utf-8")))
    for key, value, *_ in book[FACTS].iter_rows(min_row=2):
        if key.value != "name":
            value.value = facts.get(key.value) or None
    book.save(workbook)


def test_first_report_happens_as_the_guide_says(
    tmp_path: Path, reports_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guide's commands, run on the real text, print what the guide prints, and the package comes out as it is."""
    name, project = "hue-2023-lanh-dao", tmp_path / "project"
    for part in ("datapackages", "site_src"):
        shutil.copytree(PROJECT / part, project / part)
    shutil.copy(PROJECT / "mkdocs.yml", project)
    finished = tmp_path / name
    shutil.move(project / "datapackages" / name, finished)
    text = json.loads((finished / "datapackage.json").read_text(encoding="utf-8"))["report"]["text"]["file"]
    (project / "reports").mkdir()
    shutil.copy(reports_folder / text, project / "reports")
    monkeypatch.chdir(project)
    monkeypatch.delenv("MINHBACH_REPORTS", raising=False)
    imports = 0
    said = ""
    for kind, lines in blocks(GUIDES / "first-report.md"):
        if kind == "text":
            missing = [line for line in lines if line not in said]
            assert not missing, said
            continue
        said = ""
        for line in lines:
            program, *arguments = shlex.split(line)
            assert program == ".venv/bin/minhbach"
            if arguments[:2] == ["sheet", "import"]:
                imports += 1
                fill_in(project / f"{name}.xlsx", finished, slip=imports == 1)
            said += CliRunner().invoke(app, arguments, env={"COLUMNS": "80"}).output
    assert imports == 2
    made = project / "datapackages" / name
    assert {path.name: path.read_bytes() for path in made.glob("*.csv")} == {
        path.name: path.read_bytes() for path in finished.glob("*.csv")
    }
