"""Write a package as a workbook: every cell as text, lists to choose from, the passage beside each row."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from build_tools.cells import Field
from build_tools.descriptors import DESCRIPTOR
from build_tools.draft import GUESSED, MISSING
from build_tools.errors import BuildError
from build_tools.folders import path_problem
from build_tools.packages import Package, read_package
from build_tools.render.downloads import MOST_IN_CELL, VOCABULARY_OF, Texts, with_texts
from build_tools.reports import Report, passage, read_report
from build_tools.sheet import (
    FACTS,
    KEY,
    NOT_IMPORTED,
    TRUE,
    VALUE,
    Sheet,
    column_letters,
    explained,
    facts_of,
    sheets_of,
)

PASSAGE = f"{NOT_IMPORTED} đoạn văn, không nhập / passage, not imported"
WORDS = f"{NOT_IMPORTED} words"
_ABOUT = f"{NOT_IMPORTED} là gì, không nhập / what it is, not imported"
_LONGEST_LIST = 255  # letters of a list within the rule of a cell; a longer one stands in a sheet
_CONTEXT = 110  # letters of a passage on each side of its number
_MOST_PASSAGES = 3
_NARROWEST, _WIDEST, _PASSAGE_WIDTH = 9, 42, 60
_LINE_HEIGHT, _MOST_LINES = 14, 20
_SPARE_ROWS = 500  # below the last row, for new ones: they choose from lists too
_LAST_NAMED = 20_000  # row of a column that others choose from
_MARKS = {"period_start": "period", "period_end": "period", "period_basis": "period", "value_high": "value"}


@dataclass(frozen=True)
class _Lists:
    """What cells may choose from: where each list of the sheet of words stands."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, words: Sequence[tuple[str, ...]]) -> None:
        first = len(self.rows) + 2
        self.rows.extend((name, *row) for row in words)
        if words:
            self.places[name] = f"='{WORDS}'!$B${first}:$B${first + len(words) - 1}"


def export(package: Package, vocabulary: Package | None, report: Report | None) -> bytes:
    """Return a package as a workbook; the same bytes for the same package.

    `vocabulary` is where the words stand that figures refer to, `report` the text of a report when it is at hand.
    Raises BuildError for a cell that is longer than a workbook's may be.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": package.name, "created": datetime(1980, 1, 1, tzinfo=UTC)})
    sheets = sheets_of(package)
    before = 0 if report is None else 1  # the passage stands before the columns of a table
    columns = {
        (sheet.name, name): column_letters(index)
        for sheet in sheets
        for index, name in enumerate(sheet.columns, before + 1)
    }
    writer = _Writer(book, Texts(), _lists(package, vocabulary), columns)
    writer.facts(package)
    places = _Passages(package, report) if report is not None else None
    for sheet in sheets:
        _require_cells_that_fit(package, sheet)
        rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
        writer.table(sheet, None if places is None else [places.of(row) for row in rows])
    writer.words()
    book.get_worksheet_by_name(sheets[0].name).activate()
    book.close()
    return with_texts(out, writer.texts)


def _require_cells_that_fit(package: Package, sheet: Sheet) -> None:
    for number, row in enumerate(sheet.rows, 2):
        for column, cell in zip(sheet.columns, row, strict=True):
            if len(cell) > MOST_IN_CELL:
                raise BuildError(
                    f"{package.name}/{sheet.name}.csv, dòng / line {number}, {column}",
                    f"ô dài quá {MOST_IN_CELL} chữ / a cell of more than {MOST_IN_CELL} characters",
                    "Sổ tính không giữ được; sửa gói này bằng trình soạn thảo / No workbook holds it: use an editor.",
                )


def _lists(package: Package, vocabulary: Package | None) -> _Lists:
    """Return the words of the vocabulary that a package refers to, and the long lists of its own columns."""
    lists = _Lists()
    for name in VOCABULARY_OF.values() if package.kind == "report" and vocabulary is not None else ():
        table = vocabulary.table(name) if vocabulary is not None else None
        rows = [record for _, record in table.records()] if table is not None else []
        key = table.columns[0] if table is not None else ""
        more = ("unit", "definition_vi", "symbol_vi", "broader", "note_vi")
        lists.add(
            name,
            [
                (
                    row[key],
                    row.get("name_vi", ""),
                    row.get("name_en", ""),
                    " · ".join(filter(None, (row.get(column, "") for column in more if column != key))),
                )
                for row in rows
            ],
        )
    for sheet in sheets_of(package):
        for one in sheet.fields:
            if len(",".join(one.enum)) > _LONGEST_LIST:
                lists.add(f"{sheet.name}.{one.name}", [(word, "", "", "") for word in one.enum])
    return lists


class _Writer:
    """Writes sheets into one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, texts: Texts, lists: _Lists, columns: Mapping[tuple[str, str], str]):
        self.texts = texts
        self._book = book
        self._lists = lists
        self._columns = columns
        text = {"num_format": "@", "valign": "top", "text_wrap": True}
        self._text = book.add_format(text)
        self._head = book.add_format({**text, "bold": True, "bottom": 1, "bg_color": "#E3ECF4"})
        self._aside = book.add_format({**text, "font_color": "#404040", "bg_color": "#EFEFEF"})
        self._open = book.add_format({"bg_color": "#FFE9A8"})

    def facts(self, package: Package) -> None:
        """Write the sheet of the descriptor's facts; the first of them says which package it is."""
        rows = [("name", package.name, "Gói nào: đừng đổi / Which package: leave as it is")]
        rows += [(key, value, " / ".join(explained(key))) for key, value in facts_of(package.descriptor).items()]
        sheet = self._sheet(FACTS, (KEY, VALUE, _ABOUT), rows, (24, 70, 60), aside=(0, 2))
        for index, (key, _, _) in enumerate(rows, 1):
            if key == "report.place" and "places" in self._lists.places:
                self._choose(sheet, index, index, 1, self._lists.places["places"], strict=False)
            if key == "report.title_is_ours":
                self._choose(sheet, index, index, 1, [TRUE], strict=True)

    def table(self, shown: Sheet, passages: Sequence[str] | None) -> None:
        """Write a table; before it, frozen with its first column, the passage that each row rests on."""
        before = () if passages is None else (PASSAGE,)
        rows = [(*(() if passages is None else (passages[i],)), *row) for i, row in enumerate(shown.rows)]
        widths = [_PASSAGE_WIDTH] * len(before)
        for index, name in enumerate(shown.columns):
            longest = max((len(row[index]) for row in shown.rows), default=0)
            widths.append(min(max(longest, len(name), _NARROWEST), _WIDEST) + 2)
        aside = tuple(range(len(before)))
        sheet = self._sheet(shown.name, (*before, *shown.columns), rows, widths, aside, len(before) + 1)
        last = len(rows) + _SPARE_ROWS
        for index, one in enumerate(shown.fields, len(before)):
            sheet.write_comment(0, index, _note(one), {"x_scale": 2.2, "y_scale": 1.8})
            if (source := self._source(shown, one)) is not None:
                self._choose(sheet, 1, last, index, source, strict=bool(one.enum))
        if passages is not None:
            refused = {"validate": "custom", "value": "=FALSE", "error_title": "#", "error_message": PASSAGE}
            sheet.data_validation(1, 0, last, 0, refused)
        if "note" in shown.columns and shown.name == "figures":
            self._mark_open_cells(sheet, shown, len(before), last)

    def words(self) -> None:
        """Write the sheet of words, which cells choose from and which says what each means."""
        if self._lists.rows:
            names = ("list", "id", "tiếng Việt", "English", "…")
            self._sheet(WORDS, names, self._lists.rows, (14, 40, 50, 50, 60), aside=tuple(range(5)))

    def _sheet(
        self,
        name: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        aside: Sequence[int] = (),
        frozen: int = 1,
    ) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, frozen)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        for index, (column, width) in enumerate(zip(columns, widths, strict=True)):
            style = self._aside if index in aside else self._text
            sheet.set_column(index, index, width, style)
            sheet.write_string(0, index, self.texts.mark(column), self._head)
            for number, row in enumerate(rows, 1):
                if row[index]:
                    sheet.write_string(number, index, self.texts.mark(row[index]), style)
        for number, row in enumerate(rows, 1):
            sheet.set_row(number, _LINE_HEIGHT * min(max(map(_lines_of, row, widths)), _MOST_LINES))
        # No green corner says that a number is kept as text: it is meant so.
        sheet.ignore_errors(
            {"number_stored_as_text": f"A1:{column_letters(len(columns))}{len(rows) + _SPARE_ROWS + 1}"}
        )
        return sheet

    def _source(self, shown: Sheet, one: Field) -> str | list[str] | None:
        """Return what a column's cells choose from: the list itself, or where it stands."""
        if one.enum:
            return self._lists.places.get(f"{shown.name}.{one.name}") or list(one.enum)
        if shown.name == "figures" and one.name in VOCABULARY_OF:
            return self._lists.places.get(VOCABULARY_OF[one.name])
        if (named := shown.references.get(one.name)) in self._columns and named is not None:
            letters = self._columns[named]
            return f"={named[0]}!${letters}$2:${letters}${_LAST_NAMED}"
        return None

    def _choose(self, sheet: Any, first: int, last: int, column: int, source: Any, strict: bool) -> None:
        sheet.data_validation(
            first,
            column,
            last,
            column,
            {
                "validate": "list",
                "source": source,
                "error_type": "stop" if strict else "warning",
                "error_title": "Danh sách / List",
                "error_message": "Không có trong danh sách / Not in the list.",
            },
        )

    def _mark_open_cells(self, sheet: Any, shown: Sheet, before: int, last: int) -> None:
        """Colour the cells that a draft's note still names, until it names them no more."""
        note = f"${column_letters(before + shown.columns.index('note') + 1)}2"
        for index, name in enumerate(shown.columns, before):
            mark = _MARKS.get(name, name)
            named = f'ISNUMBER(SEARCH(" {mark},"," "&SUBSTITUTE({note},";",",")&","))'
            is_draft = f'OR(LEFT({note},{len(GUESSED) + 1})="{GUESSED}:",LEFT({note},{len(MISSING) + 1})="{MISSING}:")'
            rule = {"type": "formula", "criteria": f"=AND({is_draft},{named})", "format": self._open}
            sheet.conditional_format(1, index, last, index, rule)


def _lines_of(cell: str, width: int) -> int:
    """Return how many lines a cell takes, about: a spreadsheet does not make room by itself in a file it opens."""
    return sum(1 + int(len(line) / width) for line in cell.split("\n"))


def _note(one: Field) -> str:
    """Return what is said of a column beside its name."""
    lines = [f"{one.title}. {one.description}", f"{one.title_en}. {one.description_en}"]
    if one.required:
        lines.append("Không được trống / must not be empty")
    if one.pattern:
        lines.append(f"Dạng / form: {one.pattern}")
    return "\n".join(lines)


class _Passages:
    """Finds the passages of a report that the rows of its tables rest on."""

    def __init__(self, package: Package, report: Report):
        self._report = report
        self._spans: dict[str, list[tuple[int, int, int]]] = {}
        self._results: dict[str, str] = {}
        for row in _records(package, "ledger"):
            if (place := _place(row)) is not None:
                self._spans.setdefault(row.get("figure_id", ""), []).append(place)
        for row in _records(package, "claims"):
            self._results[row.get("claim_id", "")] = row.get("result", "")

    def of(self, row: Mapping[str, str]) -> str:
        """Return the passages of a row, one on a line; nothing where it rests on none."""
        shown = [self._shown(place) for place in self._places(row)[:_MOST_PASSAGES]]
        return "\n".join(filter(None, shown))[:MOST_IN_CELL]

    def _places(self, row: Mapping[str, str]) -> Sequence[tuple[int, int, int]]:
        own = _place(row)
        if own is not None:
            return [own]
        for column in ("figure_id", "result"):
            if row.get(column) in self._spans and row[column]:
                return self._spans[row[column]]
        return self._spans.get(self._results.get(row.get("finding", ""), "") or "\0", ())

    def _shown(self, place: tuple[int, int, int]) -> str:
        try:
            found = passage(self._report, *place, context=_CONTEXT)
        except BuildError:  # a place that is not in the text: `validate` says so
            return ""
        before = f"{'…' if found.cut_before else ''}{found.before}"
        after = f"{found.after}{'…' if found.cut_after else ''}"
        return f"[{found.line}] {before}⟦{found.text}⟧{after}"


def _records(package: Package, table: str) -> Iterator[dict[str, str]]:
    found = package.table(table)
    return (record for _, record in found.records()) if found is not None else iter(())


def _place(row: Mapping[str, str]) -> tuple[int, int, int] | None:
    """Return the line, start and length that a row names."""
    written = row.get("as_written", "")
    cells = [row.get("line", ""), row.get("start", ""), row.get("length", str(max(len(written), 1)))]
    if not all(cell.isascii() and cell.isdigit() and 0 < len(cell) < 8 and int(cell) for cell in cells):
        return None
    return int(cells[0]), int(cells[1]), int(cells[2])


# ---- the workbook of a folder ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exported:
    """A workbook that was written, and what stands in it."""

    package: str
    workbook: Path
    rows: Mapping[str, int]  # of each table
    text: str  # the report's text as it is called, empty where the package is of none
    has_passages: bool  # whether that text was at hand


def make_workbook(folder: Path, packages: Path, reports: Path | None, out: Path) -> Exported:
    """Write the package of a folder as the workbook `out`, where no file is yet, and say what stands in it.

    The vocabulary is taken from beside the package, else from `packages`; `reports` is the folder of the texts. Raises
    BuildError for what is no package of ours, and for a file that is there already.
    """
    package = _package(folder)
    if package.kind == "other":
        raise BuildError(
            str(folder),
            "không phải gói báo cáo, từ vựng hay across / is no package of a report, the vocabulary or across",
            "Sửa gói này bằng công cụ đã làm ra nó / Edit it with what it was made with.",
        )
    file = _text_file(package)
    report = _text_at_hand(package, file, reports)
    content = export(package, _vocabulary_near(folder, packages), report)
    _put(out, content)
    return Exported(package.name, out, {s.name: len(s.rows) for s in sheets_of(package)}, file, report is not None)


def _package(folder: Path) -> Package:
    found, faults = read_package(folder)
    if found is None:
        code = faults[0].code if faults else "folder-missing"
        raise BuildError(
            str(folder),
            f"không đọc được / cannot be read [{code}]",
            "Chạy minhbach validate rồi sửa / Run minhbach validate first.",
        )
    return found


def _vocabulary_near(folder: Path, packages: Path) -> Package | None:
    for beside in (folder.resolve().parent, packages):
        if (beside / "vocabulary" / DESCRIPTOR).is_file():
            return read_package(beside / "vocabulary")[0]
    return None


def _text_file(package: Package) -> str:
    report = package.descriptor.get("report")
    text = report.get("text") if isinstance(report, dict) else None
    file = text.get("file") if isinstance(text, dict) else None
    return file if isinstance(file, str) else ""


def _text_at_hand(package: Package, file: str, reports: Path | None) -> Report | None:
    """Return the text that a report package was transcribed from, when it is in the folder of texts, unchanged."""
    if reports is None or not file or path_problem(file) or not (reports / file).is_file():
        return None
    report = read_report(reports / file)
    return report if report.sha256 == package.descriptor["report"]["text"].get("sha256") else None


def _put(path: Path, content: bytes) -> None:
    """Write a workbook where no file is yet: one that is there may hold work that was not imported."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise BuildError(
            str(path),
            "đã có, và có thể giữ công việc chưa nhập / is there, and may hold work that was not imported",
            "Nhập nó trước rồi xóa, hoặc đặt tên khác bằng --out / Import it, then remove it, or give another --out.",
        ) from error
    except OSError as error:
        raise BuildError(
            str(path), f"không ghi được / cannot be written: {error.strerror}", "Chọn chỗ khác / Choose another --out."
        ) from error
