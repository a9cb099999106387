"""Hold a workbook against its package, by cell, and put what is sound in the package's place."""

import csv
import io
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from build_tools.checks import check
from build_tools.descriptors import DESCRIPTOR
from build_tools.draft import marks_of
from build_tools.errors import BuildError
from build_tools.faults import Fault, fault, stops
from build_tools.faults import as_json as faults_json
from build_tools.packages import SLUG, Package, Table, read_package, suggestion
from build_tools.schemas import resource
from build_tools.sheet import (
    FACTS,
    KEY,
    NOT_IMPORTED,
    TRUE,
    VALUE,
    Sheet,
    column_letters,
    facts_of,
    sheets_of,
    with_facts,
)
from build_tools.sheet.workbook import Cell, Page, read_workbook

_NUMBERS = ("integer", "number")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_PERIOD = ("period_start", "period_end", "period_basis")
_COLUMNS_OF_MARK = {"period": _PERIOD, "value": ("value", "value_high")}


@dataclass(frozen=True, order=True)
class CellFault:
    """A fault, and where in the workbook it is to be mended."""

    sheet: str
    cell: str  # F12; empty where it is of the whole sheet
    fault: Fault

    @property
    def place(self) -> str:
        """Where it is: `figures!F12`, or the file where no sheet holds it."""
        if not self.sheet:
            return f"{self.fault.package}/{self.fault.file}"
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


@dataclass(frozen=True)
class CellChange:
    """A cell that the workbook has otherwise than the package."""

    sheet: str
    cell: str
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class SheetChange:
    """What a workbook changes in a table."""

    sheet: str
    rows: int
    added: int
    removed: int
    changed: tuple[CellChange, ...]
    moved: bool = False  # the same rows in another order

    @property
    def is_empty(self) -> bool:
        """Whether the table stays as it is."""
        return not (self.added or self.removed or self.changed or self.moved)


@dataclass(frozen=True)
class Imported:
    """What came of a workbook: what it changes, what is wrong with it, what of a draft is still open in it."""

    package: str
    folder: Path
    changes: tuple[SheetChange, ...]
    faults: tuple[CellFault, ...]
    open: tuple[CellFault, ...]
    written: bool

    @property
    def is_refused(self) -> bool:
        """Whether something in it stops the import."""
        return stops(one.fault for one in self.faults)

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return all(change.is_empty for change in self.changes)


def take_in(
    workbook: Path, packages: Path, reports: Path | None, folder: Path | None = None, write: bool = True
) -> Imported:
    """Hold a workbook against its package and, if nothing is wrong with it and `write`, put it in the package's place.

    `folder` is the package, by default the one of the workbook's name in `packages`, where the vocabulary is looked for
    too. Raises BuildError for a file that is no workbook of a package that is there.
    """
    pages = read_workbook(workbook)
    folder = folder or packages / _name_in(workbook, pages)
    _recover(folder)
    package = read_package(folder)[0] if folder.is_dir() else None
    if package is None:
        raise BuildError(
            str(folder),
            "không phải gói đọc được / is no package that can be read",
            "Chạy minhbach validate, hay nêu thư mục của gói / Run validate, or name the package's folder.",
        )
    if _name_in(workbook, pages) != package.name:
        raise BuildError(
            str(workbook),
            f"là sổ tính của gói {_name_in(workbook, pages)!r}, không phải {package.name!r} / is of another package",
            "Nêu đúng thư mục của gói / Name the folder of its package.",
        )
    read = Reading(package, pages)
    if read.is_torn:
        return Imported(package.name, folder, (), tuple(sorted(read.faults)), (), written=False)
    with _staged(folder, beside=write) as staged:
        read.write(staged)
        found = [read.placed(one) for one in _checked(package, staged, folder.resolve().parent, packages, reports)]
        seen = {one.place for one in read.faults}
        found = [*read.faults, *(one for one in found if one.place not in seen)]
        still_open = {one for one in found if read.is_open(one.fault)}
        faults = tuple(sorted(one for one in found if one not in still_open))
        imported = Imported(package.name, folder, read.changes(), faults, tuple(sorted(still_open)), written=False)
        if imported.is_refused or imported.is_empty or not write:
            return imported
        _put_in_place(staged, folder)
    return Imported(package.name, folder, imported.changes, faults, imported.open, written=True)


def _checked(package: Package, staged: Path, beside: Path, packages: Path, reports: Path | None) -> Iterator[Fault]:
    """Yield what is wrong with the new state of a package, among the packages that it stands beside."""
    named = [staged]
    if package.kind == "across":  # it speaks of the figures of others
        others = (path.parent for path in sorted(beside.glob(f"*/{DESCRIPTOR}")))
        named += [other for other in others if other.name != package.name]
    checked = check(beside if (beside / "vocabulary").is_dir() else packages, reports, named)
    yield from (one for one in checked.faults if one.package == package.name)


def _name_in(workbook: Path, pages: Sequence[Page]) -> str:
    """Return which package a workbook is of; raise BuildError for a workbook that does not say it."""
    for page in pages:
        if page.name == FACTS:
            for (row, column), cell in page.cells.items():
                name = page.cells.get((row, column + 1))
                if cell.text == "name" and name is not None and SLUG.fullmatch(name.text):
                    return name.text
    raise BuildError(
        str(workbook),
        f"không nói là của gói nào / does not say which package it is of ({FACTS}: name)",
        "Dùng sổ tính do minhbach sheet export viết / Use a workbook that minhbach sheet export wrote.",
    )


# ---- the two folders ------------------------------------------------------------------------------------------------


def _before(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.before")


def _recover(folder: Path) -> None:
    """Bring back a package whose import was cut off between two steps."""
    before = _before(folder)
    if before.is_dir() and not folder.exists():
        before.rename(folder)
    elif before.is_dir():
        shutil.rmtree(before)


@contextmanager
def _staged(folder: Path, beside: bool) -> Iterator[Path]:
    """Hand out a copy of a package: in a hidden folder beside it, from where it can be renamed, or anywhere."""
    try:
        with TemporaryDirectory(prefix=".sheet-", dir=folder.parent if beside else None) as made:
            yield Path(shutil.copytree(folder, Path(made) / folder.name))
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> BuildError:
    what = f"không ghi được / cannot be written: {error.strerror}"
    return BuildError(str(folder), what, "Xem quyền ghi và chỗ trống / See the rights, and what room is left.")


def _put_in_place(staged: Path, folder: Path) -> None:
    """Exchange a package for its new state, whole or not at all."""
    before = _before(folder)
    try:
        folder.rename(before)
        try:
            staged.rename(folder)
        except OSError:
            before.rename(folder)
            raise
    except OSError as error:
        raise _unwritable(folder, error) from error
    shutil.rmtree(before)


# ---- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Taken:
    """A sheet as it came: where its columns stand, its rows, and the number of each row in the sheet."""

    shown: Sheet
    columns: Mapping[str, int]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


class Reading:
    """A workbook's sheets, read as the tables of a package; what is wrong with them is in `faults`."""

    def __init__(self, package: Package, pages: Sequence[Page]):
        self.package = package
        self.faults: list[CellFault] = []
        self.is_torn = False  # a sheet or a column is not where it belongs: nothing can be said of cells
        self._taken: dict[str, _Taken] = {}
        self._facts: dict[str, str] = {}
        self._fact_rows: dict[str, int] = {}
        self._fact_column = 2
        self._lines: dict[str, list[int]] = {}  # of each table's new file, where its rows begin
        self._descriptor: dict[str, Any] = dict(package.descriptor)
        sheets = {sheet.name: sheet for sheet in sheets_of(package)}
        found = {page.name: page for page in pages}
        for name in (FACTS, *(sheet.name for sheet in sheets.values() if sheet.declared)):
            if name not in found:
                self._torn(name, "", "sheet-missing", cell=name)
        for name, page in found.items():
            if name.startswith(NOT_IMPORTED):
                continue
            if name == FACTS:
                self._read_facts(page)
            elif name in sheets:
                self._read_table(page, sheets[name])
            elif page.cells:
                near = suggestion(name, (*sheets, FACTS))
                self._torn(name, "", "sheet-unknown", cell=name, details=near)

    def _fault(self, sheet: str, at: str, code: str, **more: Any) -> None:
        file = DESCRIPTOR if sheet == FACTS else f"{sheet}.csv"
        self.faults.append(CellFault(sheet, at, fault(self.package.name, file, code, **more)))

    def _torn(self, sheet: str, at: str, code: str, **more: Any) -> None:
        self.is_torn = True
        self._fault(sheet, at, code, **more)

    def _read_table(self, page: Page, shown: Sheet) -> None:
        columns = self._header(page, shown.columns)
        if columns is None:
            return
        fields = {field.name: field for field in shown.fields}
        by_row: dict[int, dict[str, str]] = {}
        names = {column: name for name, column in columns.items()}
        for (row, column), cell in sorted(page.cells.items()):
            if row > 1 and column in names:
                name = names[column]
                text = self._text(page, row, column, cell, name, fields[name].type in _NUMBERS)
                if text:
                    by_row.setdefault(row, {})[name] = text
        numbers = tuple(sorted(by_row))
        rows = tuple(tuple(by_row[number].get(name, "") for name in shown.columns) for number in numbers)
        self._taken[shown.name] = _Taken(shown, columns, rows, numbers)

    def _read_facts(self, page: Page) -> None:
        columns = self._header(page, (KEY, VALUE))
        if columns is None:
            return
        now = facts_of(self.package.descriptor)
        self._fact_column = columns[VALUE]
        cells: dict[int, dict[int, Cell]] = {}
        for (row, column), found in sorted(page.cells.items()):
            if row > 1 and column in columns.values():
                cells.setdefault(row, {})[column] = found
        for row, of_row in cells.items():
            key = of_row[columns[KEY]].text if columns[KEY] in of_row else ""
            place = f"{column_letters(columns[KEY])}{row}"
            if key in self._fact_rows or (key not in now and key != "name"):
                known = (*now, "name")
                self._fault(FACTS, place, "sheet-key", row=row, column=KEY, cell=key, details=suggestion(key, known))
                continue
            self._fact_rows[key] = row
            value = of_row.get(self._fact_column)
            text = self._text(page, row, self._fact_column, value, VALUE, False) if value is not None else ""
            if key == "report.title_is_ours" and text not in ("", TRUE):
                at = f"{column_letters(self._fact_column)}{row}"
                wanted = {"found": "chữ / text", "expected": f"{TRUE}, ''"}
                self._fault(FACTS, at, "sheet-cell", row=row, column=key, cell=text, details=wanted)
            elif key != "name":
                self._facts[key] = text

    def _header(self, page: Page, wanted: Sequence[str]) -> dict[str, int] | None:
        """Return the column of each name of the first row; None when the row does not name them all, each once."""
        if page.merged:
            self._torn(page.name, page.merged[0].partition(":")[0], "sheet-merged", cell=", ".join(page.merged[:5]))
        columns: dict[str, int] = {}
        sound = True
        beside = {column for row, column in page.cells if row > 1}
        for column in sorted({column for row, column in page.cells if row == 1} | beside):
            head = page.cells.get((1, column))
            name = head.text if head is not None else ""
            if name.startswith(NOT_IMPORTED):
                continue
            place = f"{column_letters(column)}1"
            if name not in wanted:
                sound = False
                near = suggestion(name, tuple(wanted))
                self._torn(page.name, place, "sheet-column", row=1, column=name, cell=name, details=near)
            elif name in columns:
                sound = False
                first = f"{column_letters(columns[name])}1"
                self._torn(page.name, place, "sheet-column-twice", row=1, column=name, cell=name, first=first)
            else:
                columns[name] = column
        for name in wanted:
            if name not in columns:
                sound = False
                self._torn(page.name, "", "sheet-column-missing", column=name, cell=name)
        return columns if sound else None

    def _text(self, page: Page, row: int, column: int, cell: Cell, name: str, is_number: bool) -> str:
        """Return the text of a cell; what a spreadsheet made of it comes back only where nothing can be lost."""
        if cell.kind == "text" or (cell.kind == "number" and is_number and _WHOLE.fullmatch(cell.text)):
            return cell.text
        expected = "chữ, hay số nguyên / text, or a whole number" if is_number else "chữ / text"
        place = f"{column_letters(column)}{row}"
        kind = {
            "number": "số hoặc ngày / a number or a day",
            "boolean": "đúng hoặc sai / true or false",
            "error": "lỗi / an error",
            "date": "ngày / a day",
            "formula": "công thức / a formula",
        }[cell.kind]
        self._fault(page.name, place, "sheet-cell", row=row, column=name, cell=cell.text, found=kind, expected=expected)
        return cell.text or "?"

    def rows(self, table: str) -> tuple[tuple[str, ...], ...]:
        """Return the rows of a table as the workbook has them, in the package's order of columns."""
        return self._taken[table].rows

    # -- the new files --

    def write(self, folder: Path) -> None:
        """Write into a copy of the package what is new; a table and a row that are as they were keep their bytes."""
        changed = with_facts(self.package.descriptor, self._facts)
        for name, taken in self._taken.items():
            table = self.package.table(name)
            if table is None and not taken.rows:
                continue
            pieces = list(_pieces(taken, table))
            starts = [2]
            for piece in pieces[1:]:
                starts.append(starts[-1] + piece.count("\n"))
            self._lines[name] = starts
            if table is None:
                changed["resources"] = [*changed["resources"], resource(name)]
                (folder / f"{name}.csv").write_text("".join(pieces), encoding="utf-8", newline="")
            elif table.rows != taken.rows:
                (folder / table.path).write_text("".join(pieces), encoding="utf-8", newline="")
                for one in changed["resources"]:
                    if one.get("name") == table.resource:
                        for stated in ("bytes", "hash", "rows"):
                            one.pop(stated, None)
        if changed != self.package.descriptor:
            text = json.dumps(changed, ensure_ascii=False, indent=2) + "\n"
            (folder / DESCRIPTOR).write_text(text, encoding="utf-8", newline="")
        self._descriptor = changed

    def changes(self) -> tuple[SheetChange, ...]:
        """Return what the workbook changes, table by table, the facts first."""
        now = facts_of(self.package.descriptor)
        facts = tuple(
            CellChange(FACTS, f"{column_letters(self._fact_column)}{self._fact_rows[key]}", key, now[key], text)
            for key, text in self._facts.items()
            if now[key] != text
        )
        found = [SheetChange(FACTS, len(self._facts), 0, 0, facts)]
        found += [_change(taken) for taken in self._taken.values() if taken.shown.declared or taken.rows]
        return tuple(found)

    # -- the way back from a fault to its cell --

    def placed(self, item: Fault) -> CellFault:
        """Return a fault of the new package with the cell in which it is to be mended."""
        if item.file == DESCRIPTOR:
            row = next((self._fact_rows[key] for key in _within(item.column) if key in self._fact_rows), None)
            return CellFault(FACTS, f"{column_letters(self._fact_column)}{row}" if row else "", item)
        name = next((name for name in self._taken if self._path(name) == item.file), "")
        if not name:
            return CellFault("", "", item)
        taken = self._taken[name]
        column = next((taken.columns[c] for c in re.split(r",\s*", item.column) if c in taken.columns), None)
        if item.row < 2:
            return CellFault(name, f"{column_letters(column)}1" if column and item.row else "", item)
        number = self._number(name, item.row)
        return CellFault(name, f"{column_letters(column or min(taken.columns.values()))}{number}", item)

    def _path(self, name: str) -> str:
        table = self.package.table(name)
        return table.path if table is not None else f"{name}.csv"

    def _number(self, name: str, line: int) -> int:
        """Return the row of a sheet that a line of its new file comes from."""
        starts, numbers = self._lines[name], self._taken[name].numbers
        index = max((i for i, start in enumerate(starts) if start <= line), default=0)
        return numbers[min(index, len(numbers) - 1)] if numbers else 1

    def is_open(self, item: Fault) -> bool:
        """Whether a fault is what a draft has not settled yet, and says so itself: it stops a publication, not work."""
        if item.code == "draft-unfinished":
            return True
        if item.file == DESCRIPTOR and item.code == "descriptor-value" and "draft" in self._descriptor:
            return facts_of(self._descriptor).get(item.column, "?") == ""
        if item.code in ("cell-required", "base-needed", "direction-needed", "value-missing") and item.row:
            taken = next((taken for name, taken in self._taken.items() if self._path(name) == item.file), None)
            if taken is None or "note" not in taken.columns:
                return False
            row = taken.rows[taken.numbers.index(self._number(taken.shown.name, item.row))]
            guessed, missing, _ = marks_of(row[taken.shown.columns.index("note")])
            named = {column for mark in (*guessed, *missing) for column in _COLUMNS_OF_MARK.get(mark, (mark,))}
            return item.column in named
        return False


def _within(path: str) -> Iterator[str]:
    """Yield a path in the descriptor and those that it lies within: report.headlines[2], report.headlines, report."""
    yield path
    while path := re.sub(r"(?:\.|\[)?[^.\[]+$", "", path):
        yield path


def _pieces(taken: _Taken, table: Table | None) -> Iterator[str]:
    """Yield the header and the rows as they stand in the file: a row that is as it was keeps its bytes."""
    text = table.content.decode("utf-8") if table is not None else ""
    lines = re.findall(r"[^\n]*\n|[^\n]+$", text)
    ends = [*(table.lines[1:] if table is not None else ()), len(lines) + 1]
    kept: dict[tuple[str, ...], str] = {}
    for row, first, end in zip(table.rows, table.lines, ends, strict=True) if table is not None and table.rows else ():
        piece = "".join(lines[first - 1 : end - 1]).removesuffix("\n") + "\n"
        if [tuple(cells) for cells in csv.reader(io.StringIO(piece, newline=""))] == [row]:
            kept.setdefault(row, piece)
    first = table.lines[0] if table is not None and table.lines else len(lines) + 1
    yield "".join(lines[: first - 1]).removesuffix("\n") + "\n" if table is not None else _line(taken.shown.columns)
    for row in taken.rows:
        yield kept.get(row) or _line(row)


def _line(row: Sequence[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()


def _change(taken: _Taken) -> SheetChange:
    """Return what became of a table: rows are told apart by its key."""
    shown = taken.shown
    where = [shown.columns.index(name) for name in shown.keys]

    def key(row: Sequence[str]) -> tuple[str, ...]:
        return tuple(row[index] for index in where)

    old = {key(row): row for row in shown.rows}
    seen: Counter[tuple[str, ...]] = Counter()
    changed: list[CellChange] = []
    for number, row in zip(taken.numbers, taken.rows, strict=True):
        seen[key(row)] += 1
        if (before := old.get(key(row))) is None or seen[key(row)] > 1:
            continue
        for name, was, now in zip(shown.columns, before, row, strict=True):
            if was != now:
                cell = f"{column_letters(taken.columns[name])}{number}"
                changed.append(CellChange(shown.name, cell, name, was, now))
    added = sum(seen.values()) - sum(1 for one in seen if one in old)
    removed = len(shown.rows) - sum(1 for one in seen if one in old)
    order = [one for one in map(key, taken.rows) if one in old]
    moved = order != [one for one in map(key, shown.rows) if one in seen]
    return SheetChange(shown.name, len(taken.rows), added, removed, tuple(changed), moved)


# ---- what is said of it ---------------------------------------------------------------------------------------------


def as_json(imported: Imported, language: str) -> dict[str, Any]:
    """Return what came of a workbook in the form `sheet import --json` prints."""

    def said(items: Sequence[CellFault]) -> list[dict[str, Any]]:
        return [
            {"sheet": one.sheet or None, "at": one.cell or None, **faults_json([one.fault], language)[0]}
            for one in items
        ]

    return {
        "package": imported.package,
        "folder": os.fspath(imported.folder),
        "written": imported.written,
        "sheets": [
            {
                "sheet": change.sheet,
                "rows": change.rows,
                "added": change.added,
                "removed": change.removed,
                "moved": change.moved,
                "changed": [vars(one) | {} for one in change.changed],
            }
            for change in imported.changes
        ],
        "findings": said(imported.faults),
        "open": said(imported.open),
    }
