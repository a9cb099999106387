"""The rows of a table as they stand in CSV or JSON: each with its line, every cell a text."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from typing import Any, overload

from build_tools.cells import read_json
from build_tools.descriptors import Dialect, Resource, as_text, value_fault
from build_tools.faults import Fault, fault
from build_tools.gathering import STEP, Gathering

SEPARATORS = {",": "dấu phẩy / comma", ";": "dấu chấm phẩy / semicolon", "\t": "tab", "|": "dấu sổ đứng / pipe"}
REMEMBERED = 5_000  # different cells of a column that are kept once and judged once
LONGEST_CELL = 2_000_000


@dataclass
class Rows:
    """The rows of a table while it is read: each with its part and its line there."""

    columns: tuple[str, ...] = ()
    written: tuple[str, ...] = ()  # the header of the first part
    order: tuple[int, ...] = ()  # for each column, where it stands in a row of the file; -1: nowhere
    rows: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    is_whole: bool = True  # whether no row was left out


class PlainRows(Sequence[tuple[str, ...]]):
    """The rows of a CSV text that surely has nothing odd, made when they are first asked for; equal to their tuple."""

    def __init__(self, text: bytes, delimiter: str, order: tuple[int, ...], count: int):
        self._source = text, delimiter, order, count

    @cached_property
    def _rows(self) -> tuple[tuple[str, ...], ...]:
        text, delimiter, order, _ = self._source
        csv.field_size_limit(LONGEST_CELL)
        reader = csv.reader(map(bytes.decode, io.BytesIO(text)), delimiter=delimiter, strict=True)
        next(reader)
        kept: list[dict[str, str]] = [{} for _ in order]
        return tuple(_kept(tuple(row[at] for at in order), kept) for row in reader)

    def __len__(self) -> int:
        return self._source[3]

    @overload
    def __getitem__(self, at: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[tuple[str, ...], ...]: ...
    def __getitem__(self, at: int | slice) -> tuple[str, ...] | tuple[tuple[str, ...], ...]:
        return self._rows[at]

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PlainRows):
            return self._source == other._source or self._rows == other._rows
        return self._rows == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._rows)

    def __reduce__(self) -> tuple[type["PlainRows"], tuple[Any, ...]]:
        return PlainRows, self._source  # the same bytes whether they were made or not


class RowReader:
    """Reads the rows of one table, part after part, into `rows`; what is wrong with them is gathered."""

    def __init__(self, gathering: Gathering, resource: Resource):
        self.rows = Rows(tuple(one.name for one in resource.fields or ()))
        self._all = gathering
        self._resource = resource

    # ---- CSV ----

    def header(self, path: str, written: tuple[str, ...]) -> bool:
        """Take in a header of one row that was read elsewhere, if it is right and every column stands in the file.

        Returns whether it was taken in; of one that was not nothing is said.
        """
        columns = self.rows.columns or written
        if not any(_header_faults(self._all.package, path, written, self._resource, columns, 1)):
            self._header(path, [list(written)], 1)
            if -1 not in self.rows.order:
                return True
            self.rows = Rows(columns)
        return False

    def csv(self, path: str, text: str, number: int) -> bool:
        """Read the rows of one file; a part but the first may repeat the header or leave it out.

        Returns whether it could be read.
        """
        rows, dialect = self.rows, self._resource.dialect
        header: list[list[str]] = []
        last_header = max(dialect.header_rows, default=0)
        if number == 0 and not dialect.header_rows:
            if self._resource.fields is None:
                self._all.say(path, "no-columns", row=1)
                return False
            self._as_declared()
        kept: list[dict[str, str]] = [{} for _ in rows.columns]
        blank: list[int] = []
        reader = _Lines(text, dialect)
        begun = len(rows.rows)
        try:
            for count, (line, row) in enumerate(reader, 1):
                if count % STEP == 0:
                    self._all.budget.spend(40 * STEP if blank else 0)
                if count in dialect.comment_rows:
                    continue
                if number == 0 and count <= last_header:
                    header += [row] if count in dialect.header_rows else []
                    if count == last_header:
                        if not self._header(path, header, line):
                            return False
                        kept = [{} for _ in rows.columns]
                    continue
                if number and count == 1 and dialect.header_rows and self._repeats(path, row):
                    if tuple(row) != rows.written:
                        return False
                    continue
                if not row or (len(rows.written) > 1 and not any(row)):
                    blank.append(line)
                    continue
                self._blank(path, blank)
                if len(row) != len(rows.written):
                    shown = dialect.delimiter.join(rows.columns)
                    self._all.say(
                        path, "row-length", row=line, columns=shown, found=len(row), expected=len(rows.written)
                    )
                    rows.is_whole = False
                    continue
                if reader.lines_of_row > 1 and not self._all.ours:
                    self._merged(path, line, row)
                self._take(row, line, kept)
                if len(rows.rows) - begun >= STEP:
                    self._all.budget.spend(_size_of(rows.rows[begun:]))
                    begun = len(rows.rows)
        except csv.Error as error:
            self._all.say(path, "csv-syntax", row=reader.line, problem=error)
            return False
        if self._all.ours:
            self._blank(path, blank)
        if not rows.written:
            shown = ", ".join(rows.columns) or "?"
            self._all.say(path, "column-missing", row=1, column=shown, expected=shown)
            return False
        self._all.budget.spend(_size_of(rows.rows[begun:]))
        return True

    def _as_declared(self) -> None:
        """Take the columns as they are declared: there is no header."""
        self.rows.written = self.rows.columns
        self.rows.order = tuple(range(len(self.rows.columns)))

    def _take(self, row: Sequence[str], line: int, kept: list[dict[str, str]]) -> None:
        """Take in a row, its cells in the order of the columns."""
        self.rows.rows.append(_kept(tuple(row[at] if at >= 0 else "" for at in self.rows.order), kept))
        self.rows.lines.append(line)

    def _blank(self, path: str, lines: list[int]) -> None:
        """Name blank rows that stand between others; those at the end of a file are no rows."""
        for line in lines:
            self._all.say(path, "row-blank", row=line)
            self.rows.is_whole = False
        lines.clear()

    def _repeats(self, path: str, row: list[str]) -> bool:
        """Return whether the first row of a further part is a header; one that is not the first part's is a fault."""
        header = self.rows.written
        if tuple(row) == header:
            return True
        if len(set(row)) < 2 or sum(cell in header for cell in row) * 2 <= len(row):
            return False
        expected = ", ".join(header)
        for cell in row:
            if cell not in header:
                self._all.say(path, "column-extra", row=1, column=cell, expected=expected)
        for name in header:
            if name not in row:
                self._all.say(path, "column-missing", row=1, column=name, expected=expected)
        if set(row) == set(header):
            wrong, right = next((a, b) for a, b in zip_longest(row, header, fillvalue="") if a != b)
            self._all.say(path, "column-order", row=1, column=wrong, expected=right)
        return True

    def _header(self, path: str, rows: list[list[str]], line: int, where: str = "") -> bool:
        """Take in the header of the first part and where each column stands in its rows; False where it is wrong."""
        dialect = self._resource.dialect
        width = max(map(len, rows))
        filled = [[*row, *[""] * (width - len(row))] for row in rows]
        header = tuple(dialect.header_join.join(filter(None, cells)) for cells in zip(*filled, strict=True))
        columns = self.rows.columns or header
        faults = list(_header_faults(self._all.package, path, header, self._resource, columns, line))
        for item in faults:
            self._all.add(replace(item, column=f"{where}{item.column}"))
        if faults:
            return False
        fold = str.casefold if dialect.any_case else str
        places = {fold(name): at for at, name in enumerate(header)}
        order = [places.get(fold(name), -1) for name in columns]
        if self._resource.fields is not None and self._resource.fields_match in ("subset", "partial"):
            taken = set(order)
            more = [at for at in range(len(header)) if at not in taken]
            columns, order = (*columns, *(header[at] for at in more)), [*order, *more]
        self.rows.columns, self.rows.written, self.rows.order = columns, header, tuple(order)
        return True

    def _merged(self, path: str, line: int, row: list[str]) -> None:
        """Say where a quotation mark that was not closed has swallowed rows.

        The lines within such a cell have just as many delimiters as whole rows have, the first and last line of it as
        many as the cell's own place leaves; prose with line breaks has not, row after row.
        """
        last, sign = len(row) - 1, self._resource.dialect.delimiter
        types = [one.type for one in self._resource.fields or ()]
        for at, cell in enumerate(row):
            lines = cell.splitlines()
            if len(lines) < 2:
                continue
            counts = [inner.count(sign) for inner in lines]
            whole = counts[1:-1] == [last] * (len(lines) - 2)
            if not (counts[0] == last - at and whole and counts[-1] == at):
                continue
            telling = any(kind not in ("string", "any") for kind in types[: at + 1] or types)
            if last >= 2 or (telling and at > 0):
                column = self.rows.columns[at] if at < len(self.rows.columns) else ""
                self._all.say(path, "quote-merges-rows", row=line, column=column, cell=cell, lines=len(lines))
                return

    # ---- JSON ----

    def json(self, path: str, text: str) -> bool:
        """Read the rows of one JSON file; return whether it could be read."""
        try:
            data = read_json(text)
        except json.JSONDecodeError as error:
            self._all.say(path, "descriptor-json", row=error.lineno, problem=error.msg, position=error.colno)
            return False
        except ValueError as error:
            self._all.say(path, "descriptor-json", row=1, problem=str(error)[:80], position=1)
            return False
        return self.records(path, "data", data)

    def records(self, file: str, where: str, data: Any) -> bool:
        """Read rows that stand as JSON: objects, or lists of which the first is the header.

        `where` is their place in the file. Returns whether they could be read.
        """
        expected = "danh sách các dòng / a list of rows"
        if not isinstance(data, list):
            self._all.add(value_fault(self._all.package, file, where, type(data).__name__, expected))
            return False
        if all(isinstance(row, Mapping) for row in data):
            first = self._objects(file, where, data)
        elif all(isinstance(row, list) for row in data):
            first = self._lists(file, where, data)
        else:
            self._all.add(value_fault(self._all.package, file, where, "?", expected))
            return False
        if first is None:
            return False
        columns, written = self.rows.columns, self.rows.written
        kept: list[dict[str, str]] = [{} for _ in columns]
        for index in range(first, len(data)):
            row = data[index]
            values = [row.get(name) for name in columns] if isinstance(row, Mapping) else row
            if len(values) != len(written):
                at, shown = f"{where}[{index}]", ", ".join(columns)
                self._all.say(file, "row-length", column=at, found=len(row), expected=len(written), columns=shown)
                self.rows.is_whole = False
                continue
            self._take(list(map(as_text, values)), index + 1, kept)
            if index % STEP == 0:
                self._all.budget.spend(_size_of(self.rows.rows[-STEP:]))
        return True

    def _objects(self, file: str, where: str, data: list[Mapping[str, Any]]) -> int | None:
        """Take in the columns of rows that are objects, by their keys where none are declared; 0, the first row."""
        self.rows.columns = self.rows.columns or tuple(dict.fromkeys(str(name) for row in data for name in row))
        if not self.rows.columns:
            self._all.say(file, "no-columns", column=where)
            return None
        known, shown = set(self.rows.columns), ", ".join(self.rows.columns)
        for index, row in enumerate(data):
            for name in row:
                if name not in known:
                    self._all.say(file, "column-extra", column=f"{where}[{index}].{name}", expected=shown)
        self._as_declared()
        return 0

    def _lists(self, file: str, where: str, data: list[list[Any]]) -> int | None:
        """Take in the columns of rows that are lists; return the first row that is no header, None without columns."""
        if not self._resource.dialect.header_rows:
            self._as_declared()
            first = 0
        elif self._header(file, [list(map(as_text, data[0]))], 0, f"{where}[0]: "):
            first = 1
        else:
            return None
        if not self.rows.columns:
            self._all.say(file, "no-columns", column=where)
            return None
        return first


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class _Lines:
    """The rows of a CSV text, each with the line on which it begins; comments are passed by."""

    def __init__(self, text: str, dialect: Dialect):
        self.line = 1
        self.lines_of_row = 1
        self._number = 0
        self._begins = True
        self._text = text
        self._comment = dialect.comment
        quoting: dict[str, Any] = {"quotechar": dialect.quote, "quoting": csv.QUOTE_MINIMAL}
        if dialect.quote is None:
            quoting = {"quotechar": None, "quoting": csv.QUOTE_NONE}
        escape = dialect.escape
        if escape is not None and escape == dialect.quote:
            escape = None
        self._reader = csv.reader(
            self._given(),
            delimiter=dialect.delimiter,
            doublequote=dialect.doubled or (escape is None),
            escapechar=escape,
            skipinitialspace=dialect.skips_space,
            strict=True,
            **quoting,
        )

    def _given(self) -> Iterator[str]:
        for match in _LINE.finditer(self._text):  # io.StringIO would take four bytes for each character
            text = match[0]
            self._number += 1
            if self._begins:
                if self._comment and text.startswith(self._comment):
                    continue
                self._begins = False
                self.line = self._number
            yield text

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with its line; raises csv.Error."""
        csv.field_size_limit(LONGEST_CELL)  # of the whole process: frictionless sets it to another when it is imported
        for row in self._reader:
            self.lines_of_row = self._number - self.line + 1
            yield self.line, row
            self._begins = True


def _kept(cells: tuple[str, ...], kept: list[dict[str, str]]) -> tuple[str, ...]:
    """Return cells of which equal ones of a column are one object: most columns have few different ones."""
    return tuple(
        known.setdefault(cell, cell) if len(known) < REMEMBERED else known.get(cell, cell)
        for cell, known in zip(cells, kept, strict=True)
    )


def _size_of(rows: Sequence[tuple[str, ...]]) -> int:
    """Return about how many bytes rows take, with what is needed to tell equal cells."""
    seen: set[int] = set()
    size = 0
    for row in rows:
        size += 96 + 8 * len(row)
        for cell in row:
            if id(cell) not in seen:
                seen.add(id(cell))
                size += 64 + len(cell) if cell.isascii() else 90 + 2 * len(cell)
    return size


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV that anyone reads alike: UTF-8, commas, double quotes, a header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()


def _header_faults(
    package: str, path: str, header: tuple[str, ...], resource: Resource, columns: tuple[str, ...], line: int
) -> Iterator[Fault]:
    delimiter, match = resource.dialect.delimiter, resource.fields_match
    expected = delimiter.join(columns)
    if len(header) == 1 and (len(columns) > 1 or resource.fields is None):
        other = next((s for s in SEPARATORS if s != delimiter and s in header[0]), None)
        if other is not None:
            found, wanted = SEPARATORS[other], SEPARATORS.get(delimiter, delimiter)
            yield fault(package, path, "delimiter", row=line, cell=header[0], found=found, expected=wanted)
            return
    fold = str.casefold if resource.dialect.any_case else str
    folded_columns = [fold(name) for name in columns]
    names = set(folded_columns)
    seen: set[str] = set()
    for number, written in enumerate(header, 1):
        name = fold(written)
        if not written.strip():
            yield fault(package, path, "column-unnamed", row=line, column=str(number), expected=expected)
        elif name in seen:
            yield fault(package, path, "column-twice", row=line, column=written)
        elif name not in names and match not in ("subset", "partial"):
            yield fault(package, path, "column-extra", row=line, column=written, expected=expected)
        elif not unicodedata.is_normalized("NFC", written):
            yield fault(package, path, "not-nfc", row=line, column=written, cell=written)
        seen.add(name)
    missing = [name for name, folded in zip(columns, folded_columns, strict=True) if folded not in seen]
    if match == "partial" and len(missing) == len(columns):
        yield fault(package, path, "column-missing", row=line, column=missing[0], expected=expected)
    elif match not in ("superset", "partial"):
        for name in missing:
            yield fault(package, path, "column-missing", row=line, column=name, expected=expected)
    if match == "exact" and not missing and seen == names and len(header) == len(columns):
        wrong = next(((h, c) for h, c in zip(header, columns, strict=True) if fold(h) != fold(c)), None)
        if wrong:
            yield fault(package, path, "column-order", row=line, column=wrong[0], expected=wrong[1])
