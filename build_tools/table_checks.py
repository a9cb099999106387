"""What is wrong with a table that was read: cells by their column, keys, references to other tables."""

import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from build_tools.cells import Field, UnreadableError, Value, number_remedy, plain_number, read_bound, read_value
from build_tools.descriptors import Key, Resource, value_fault
from build_tools.faults import fault, suggestion
from build_tools.gathering import STEP, Gathering
from build_tools.numbers import CellError, read_cell
from build_tools.patterns import PatternError, not_matching
from build_tools.rows import REMEMBERED
from build_tools.tables import Table

if TYPE_CHECKING:
    from build_tools.columns import Column

_MOST_HINTS, _MOST_WORDS = 20, 1_000  # words that are looked for near what stands in a column, and among how many


class TableCheck:
    """Checks one table of a package; `cells` and `keys` need the table alone, `references` all that were read.

    `columns` are those of the table where Arrow has read them. What is surely so of them needs no walk over the rows;
    whatever is wrong is found and said by that walk alone.
    """

    def __init__(self, gathering: Gathering, resource: Resource, table: Table, columns: Sequence["Column"] = ()):
        self.table = table
        self._all = gathering
        self._resource = resource
        self._by_columns = columns

    def cells(self) -> None:
        """Judge every cell by its column, equal cells of a column once."""
        for column, one in enumerate(self.table.fields):
            if self._keeps_rules(column, one):
                self._all.budget.spend(0)
            else:
                self._each_cell(column, one)
            self._pattern(column, one)
            if one.type == "number" and not self._all.ours and not one.says_decimal:
                self._thousands(column, one)

    def _keeps_rules(self, column: int, one: Field) -> bool:
        """Return whether all cells of a column are surely right."""
        if not self._by_columns:
            return False
        from build_tools.proof import keeps_rules

        judge = _Judge(one, self._all.ours)
        return keeps_rules(self._by_columns[column], one, self._all.ours, lambda cell: judge.cell(cell) is None)

    def _each_cell(self, column: int, one: Field) -> None:
        judge = _Judge(one, self._all.ours)
        known: dict[str, tuple[str, dict[str, str]] | None] = {}
        for index, row in enumerate(self.table.rows):
            cell = row[column]
            verdict = known.get(cell, _UNKNOWN)
            if verdict is _UNKNOWN:
                verdict = judge.cell(cell)
                if len(known) < REMEMBERED:
                    known[cell] = verdict
            if verdict is not None:
                code, details = verdict
                self._say(code, index, one.name, cell, details)
            if index % STEP == 0:
                self._all.budget.spend(0)

    def _different(self, column: int) -> set[str]:
        """Return the different cells of a column."""
        if self._by_columns:
            return set(self._by_columns[column].words.to_pylist())
        return {row[column] for row in self.table.rows}

    def _pattern(self, column: int, one: Field) -> None:
        """Say which cells of a column its pattern does not match, or that the pattern cannot be used."""
        if not one.pattern:
            return
        rows = self.table.rows
        cells = self._different(column).difference(one.missing)
        try:
            with self._all.budget.children():
                wrong = not_matching(one.pattern, sorted(cells))
        except PatternError as error:
            where = f"resources.{self.table.name}.schema.{one.name}.constraints.pattern"
            expected = f"biểu thức chính quy dùng được / a regular expression that can be used ({error})"
            self._all.add(value_fault(self._all.package, self._all.file, where, one.pattern, expected))
            return
        code, details = "cell-constraint", {"constraint": "pattern", "expected": one.pattern}
        if self._all.ours:
            example = "2023-11-09" if one.name == "as_of" else "jobs_created"
            code, details = "cell-pattern", {"expected": one.pattern, "example": example}
        for index, row in enumerate(rows if wrong else ()):
            if row[column] in wrong:
                self._say(code, index, one.name, row[column], details)

    def _thousands(self, column: int, one: Field) -> None:
        """Say where the points of a column separate thousands: each number from 1,000 on has one, none below has.

        Decimals of measured things do not all have three places while the rest have none.
        """
        if self._parts_no_thousands(column, one):
            return
        pointed = -1
        whole = False
        for index, row in enumerate(self.table.rows):
            cell = row[column]
            if cell in one.missing:
                continue
            if _THOUSANDS.fullmatch(cell):
                pointed = index if pointed < 0 else pointed
            elif _SMALL.fullmatch(cell):
                whole = True
            else:
                return
        if pointed >= 0 and whole:
            cell = self.table.rows[pointed][column]
            self._say("thousands-shape", pointed, one.name, cell, {"correction": cell.replace(".", "")})

    def _parts_no_thousands(self, column: int, one: Field) -> bool:
        """Return whether the points of a column surely separate no thousands."""
        if not self._by_columns:
            return False
        from build_tools.proof import parts_no_thousands

        return parts_no_thousands(self._by_columns[column], one)

    def keys(self) -> None:
        """Say where a primary key, or what must be unique, stands on an earlier row."""
        table = self.table
        keys = [table.primary_key] if table.primary_key else []
        keys += [(one.name,) for one in table.fields if one.unique and (one.name,) not in keys]
        keys += [key for key in self._resource.unique_keys if key not in keys]
        for key in keys:
            columns = self._columns(table, key)
            if self._tells_apart(columns):
                steps = -(-len(table.rows) // STEP)
                self._all.budget.spend(steps * STEP * (100 + 60 * len(key)))  # what the walk would take
                continue
            first: dict[tuple[str, ...], int] = {}
            for index, row in enumerate(table.rows):
                cells = [row[at] for at, _ in columns]
                absent = [one for (_, one), cell in zip(columns, cells, strict=True) if cell in one.missing]
                if absent and key == table.primary_key and not self._all.ours:
                    for one in absent:
                        if not one.required:
                            details = {"expected": "khóa chính / the primary key"}
                            self._say("cell-required", index, one.name, "", details)
                    continue
                if len(absent) == len(cells):
                    continue
                value = tuple(_comparable(one, cell) for (_, one), cell in zip(columns, cells, strict=True))
                if value in first:
                    details = {"first": str(table.lines[first[value]])}
                    self._say("key-twice", index, ", ".join(key), ", ".join(cells), details)
                else:
                    first[value] = index
                if index % STEP == 0:
                    self._all.budget.spend(STEP * (100 + 60 * len(key)))

    def _tells_apart(self, columns: Sequence[tuple[int, Field]]) -> bool:
        """Return whether columns surely tell all rows apart."""
        if not self._by_columns:
            return False
        from build_tools.proof import tells_apart

        return tells_apart([(self._by_columns[at], one) for at, one in columns])

    def references(self, checks: Mapping[str, "TableCheck"], unread: Container[str]) -> None:
        """Say which cells refer to no row of the table that their foreign key names.

        `checks` are those of the tables that were read, `unread` the names of those that could not be.
        """
        for key in self._resource.foreign_keys:
            target = checks.get(key.resource or self._resource.name)
            if target is None and key.resource in unread:
                continue  # That has its own fault.
            if target is None or set(key.targets) - set(target.table.columns):
                where = f"resources.{self.table.name}.schema.foreignKeys"
                shown = f"{key.resource} {list(key.targets)}"
                expected = "bảng và cột có thật / a real table"
                self._all.add(value_fault(self._all.package, self._all.file, where, shown, expected))
                continue
            if not self._refers(key, target):
                self._reference(key, target.table)

    def _refers(self, key: Key, target: "TableCheck") -> bool:
        """Return whether all cells of one column surely refer to a row."""
        if not (self._by_columns and target._by_columns and len(key.fields) == 1):
            return False
        from build_tools.proof import refers

        ((here, one),) = self._columns(self.table, key.fields)
        ((there, other),) = self._columns(target.table, key.targets)
        if not refers((self._by_columns[here], one), (target._by_columns[there], other)):
            return False
        self._all.budget.spend(len(target._by_columns[there].words) * 150)
        return True

    def _reference(self, key: Key, target: Table) -> None:
        there = self._columns(target, key.targets)
        known = {tuple(_comparable(one, row[at]) for at, one in there) for row in target.rows}
        self._all.budget.spend(len(known) * 150)
        here = self._columns(self.table, key.fields)
        words: list[str] | None = None
        hints: dict[str, dict[str, str]] = {}
        for index, row in enumerate(self.table.rows):
            cells = [row[at] for at, _ in here]
            absent = [cell in one.missing for cell, (_, one) in zip(cells, here, strict=True)]
            if any(absent) if not self._all.ours else all(absent):
                continue
            if tuple(_comparable(one, cell) for cell, (_, one) in zip(cells, here, strict=True)) in known:
                continue
            shown = " ".join(cells)
            if words is None:
                words = sorted({" ".join(value) for value in known})[:_MOST_WORDS]
            if shown not in hints and len(hints) < _MOST_HINTS:
                hints[shown] = suggestion(shown, words)
            name = target.path if self._all.ours else target.resource
            details = {"table": name, **hints.get(shown, suggestion("", ()))}
            self._say("key-unknown", index, ", ".join(key.fields), shown, details)
            if index % STEP == 0:
                self._all.budget.spend(0)

    @staticmethod
    def _columns(table: Table, names: Sequence[str]) -> list[tuple[int, Field]]:
        """Return where columns stand in a row, and what they hold."""
        places = [table.columns.index(name) for name in names]
        return [(at, table.fields[at]) for at in places]

    def _say(self, code: str, index: int, column: str, cell: str, details: Mapping[str, object]) -> None:
        """Take in a fault of a row: at its file and line, or at its place in JSON or in the descriptor."""
        line = self.table.lines[index]
        row = 0
        if self._resource.format == "inline":
            file, column = self._all.file, f"{self._resource.where}.data[{line - 1}].{column}"
        else:
            file, before = self._resource.paths[0], 0
            for part in self.table.parts:
                if before <= index < before + part.rows:
                    file = part.path
                before += part.rows
            if self._resource.format == "json":
                column = f"[{line - 1}].{column}"
            else:
                row = line
        self._all.add(fault(self._all.package, file, code, row=row, column=column, cell=cell, details=details))


_UNKNOWN: Any = object()
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_SMALL = re.compile(r"-?(?:0|[1-9][0-9]{0,2})")


def _comparable(one: Field, cell: str) -> str:
    """Return a cell so that equal values are equal: numbers without needless zeros, letters in NFC."""
    if one.type in ("number", "integer"):
        try:
            value = read_value(one, cell)
        except UnreadableError:
            return cell
        if isinstance(value, int | Decimal) and abs(Decimal(value).adjusted()) < 1000:
            return f"{Decimal(value).normalize():f}"
    return cell if cell.isascii() else unicodedata.normalize("NFC", cell)


class _Judge:
    """Judges the cells of one column."""

    def __init__(self, one: Field, ours: bool):
        self._field = one
        self._ours = ours
        self._enum = frozenset(one.enum)
        self._hints = 0
        self._values: list[Value | None] = []
        if one.enum and one.type not in ("string", "any") and not ours:
            for text in one.enum:
                try:
                    self._values.append(read_bound(one, text))
                except UnreadableError:
                    continue
        bounds = (
            ("minimum", one.minimum),
            ("maximum", one.maximum),
            ("exclusiveMinimum", one.above),
            ("exclusiveMaximum", one.below),
        )
        self._bounds = [(name, text, read_bound(one, text)) for name, text in bounds if text]

    def cell(self, cell: str) -> tuple[str, dict[str, str]] | None:
        """Return the code of what is wrong with a cell and its details; None when it is right."""
        one = self._field
        if cell in one.missing:
            expected = one.description or one.title or one.type
            return ("cell-required", {"expected": expected}) if one.required else None
        if not self._ours:
            return self._odd_letters(cell) or self._typed(cell)
        if not unicodedata.is_normalized("NFC", cell):
            return "not-nfc", {}
        if "\n" in cell or "\r" in cell:
            return "cell-lines", {}
        if cell != cell.strip():
            return "cell-space", {}
        if one.enum and cell not in self._enum:
            return self._other(cell)
        if one.type in ("number", "integer"):
            try:
                read_cell(cell)
            except CellError as error:
                return "cell-number", {"problem": error.what, **number_remedy(error.correction)}
        return self._typed(cell)

    def _other(self, cell: str) -> tuple[str, dict[str, str]]:
        """Return that a cell is none of the values that its column may hold."""
        words = self._field.enum[:_MOST_WORDS]
        self._hints += 1
        near = suggestion(cell, words) if self._hints <= _MOST_HINTS else suggestion("", ())
        return "cell-enum", {"expected": ", ".join(words), **near}

    def _odd_letters(self, cell: str) -> tuple[str, dict[str, str]] | None:
        """Return what is wrong with the characters of a cell, whatever its type."""
        if cell.isascii():
            return None
        depth = 0
        for sign in re.findall("[\u202a\u202b\u202c\u2066-\u2069]", cell):
            depth += -1 if sign in "\u202c\u2069" else 1
            if depth < 0:
                break
        if depth:
            return "direction-open", {}
        return None

    def _is_right(self, cell: str) -> bool:
        """Return whether a cell would be of its column's type."""
        try:
            return bool(cell) and read_value(self._field, cell) is not None
        except UnreadableError:
            return False

    def _typed(self, cell: str) -> tuple[str, dict[str, str]] | None:
        one = self._field
        try:
            value = read_value(one, cell)
        except UnreadableError as error:
            return ("cell-space", {}) if self._is_right(cell.strip()) else (error.code, error.details)
        if one.enum and not self._ours and not (cell in self._enum or value in self._values):
            return self._other(cell)
        for name, text, bound in self._bounds:
            if not _keeps(name, value, bound):
                return "cell-constraint", {"constraint": name, "expected": text}
        if one.shortest is not None or one.longest is not None:
            length = len(value) if isinstance(value, list | Mapping) else len(cell)
            if one.shortest is not None and length < one.shortest:
                return "cell-constraint", {"constraint": "minLength", "expected": str(one.shortest)}
            if one.longest is not None and length > one.longest:
                return "cell-constraint", {"constraint": "maxLength", "expected": str(one.longest)}
        if not self._ours and one.type in ("integer", "number") and _LEADING.match(plain_number(one, cell)):
            return "cell-leading-zero", {}
        if not cell.isascii() and not self._ours:
            if "\ufffd" in cell:
                return "letters-lost", {}
            if not unicodedata.is_normalized("NFC", cell):
                return "cell-not-nfc", {}
        return None


_LEADING = re.compile(r"[+-]?0[0-9]")


def _keeps(name: str, value: Any, bound: Any) -> bool:
    """Return whether a value is within a bound; what cannot be compared (a time with a zone and one without) is."""
    try:
        return bool(
            {
                "minimum": lambda: value >= bound,
                "maximum": lambda: value <= bound,
                "exclusiveMinimum": lambda: value > bound,
                "exclusiveMaximum": lambda: value < bound,
            }[name]()
        )
    except TypeError:
        return True
