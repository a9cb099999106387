"""Write tables as one SQLite file: typed, linked by keys, the same bytes from the same tables; the home of sqlite3.

Numbers are kept as the text that the data hold, so that no digit is lost: SQLite has binary fractions and no decimals.
Beside each stands a column of the same name with `_number` at its end, which SQLite works out when it is asked for and
does not store: for sorting, sums and drawings. Whole numbers are INTEGER as long as all of a column fit.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from build_tools.cells import Field, UnreadableError, read_value
from build_tools.packages import ForeignKey

PAGE_SIZE = 4096
# The file notes which version of SQLite wrote it last, for nobody's use; it would differ from machine to machine. Here
# stands the oldest version that reads it: the one that brought columns which are worked out.
_VERSION_AT, _VERSION = 96, 3_031_000
_LARGEST = 2**63 - 1
MOST_COLUMNS = 2_000  # of a table, as SQLite is built everywhere


@dataclass(frozen=True)
class Stored:
    """A table as it goes into the file: cells are texts, an empty one is missing."""

    name: str
    fields: tuple[Field, ...]
    rows: Sequence[Sequence[str]]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    def record(self, row: Sequence[str]) -> dict[str, str]:
        """Return a row by column."""
        return {field.name: cell for field, cell in zip(self.fields, row, strict=True)}


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def column_count(fields: Sequence[Field]) -> int:
    """Return how many columns a table comes to: two for each number."""
    return sum(2 if field.type == "number" else 1 for field in fields)


def to_sqlite(tables: Sequence[Stored], views: Mapping[str, str]) -> bytes:
    """Return a database file with the tables, an index for every foreign key, and the views (name to SELECT)."""
    base = sqlite3.connect(":memory:", isolation_level=None)
    try:
        base.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        base.execute("PRAGMA encoding = 'UTF-8'")
        base.execute("BEGIN")
        for table in tables:
            columns = _columns(table)
            base.execute(_create(table, columns))
            marks = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {quoted(table.name)} ({_listed(columns.values())}) VALUES ({marks})"  # noqa: S608  (names are quoted)
            columns_of = [_values(table, n) for n in range(len(table.fields))]
            base.executemany(insert, zip(*columns_of, strict=True))
            for n, key in enumerate(table.foreign_keys, 1):
                index = quoted(f"{table.name}_by_{'_'.join(key.fields)}_{n}")
                fields = _listed(columns[name] for name in key.fields)
                base.execute(f"CREATE INDEX {index} ON {quoted(table.name)} ({fields})")
        for name, select in views.items():
            base.execute(f"CREATE VIEW {quoted(name)} AS {select}")
        base.execute("COMMIT")
        base.execute("VACUUM")
        content = bytearray(base.serialize())
    finally:
        base.close()
    content[_VERSION_AT : _VERSION_AT + 4] = _VERSION.to_bytes(4, "big")
    return bytes(content)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))


def _columns(table: Stored) -> dict[str, str]:
    """Return each field's column: its own name, numbered where SQLite would take two names for one."""
    taken: set[str] = set()
    found = {}
    for field in table.fields:
        name, n = field.name, 1
        while name.casefold() in taken:
            n += 1
            name = f"{field.name}_{n}"
        taken.add(name.casefold())
        found[field.name] = name
    return found


def _create(table: Stored, columns: Mapping[str, str]) -> str:
    """Return the statement that makes a table."""
    taken = {name.casefold() for name in columns.values()}
    lines = []
    for n, field in enumerate(table.fields):
        name = columns[field.name]
        values = _values(table, n)
        kind = "TEXT" if field.type != "integer" or any(isinstance(value, str) for value in values) else "INTEGER"
        lines.append(f"{quoted(name)} {kind}{' NOT NULL' if field.required and None not in values else ''}")
        if field.type == "number" and f"{name}_number".casefold() not in taken:
            as_real = f"CAST({quoted(name)} AS REAL)"
            lines.append(f"{quoted(f'{name}_number')} REAL GENERATED ALWAYS AS ({as_real}) VIRTUAL")
    if table.primary_key and _tells_rows_apart(table, table.primary_key):
        lines.append(f"PRIMARY KEY ({_listed(columns[name] for name in table.primary_key)})")
    for key in table.foreign_keys:
        fields = _listed(columns[name] for name in key.fields)
        lines.append(f"FOREIGN KEY ({fields}) REFERENCES {quoted(key.table)} ({_listed(key.targets)})")
    return f"CREATE TABLE {quoted(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def _values(table: Stored, column: int) -> list[Any]:
    """Return a column as SQLite holds it: whole numbers where all are such and none is too large, else text."""
    field = table.fields[column]
    cells = [row[column] for row in table.rows]
    if field.type == "integer":
        with suppress(UnreadableError):
            numbers = [read_value(field, cell) for cell in cells]
            if all(number is None or (isinstance(number, int) and abs(number) <= _LARGEST) for number in numbers):
                return numbers
    return [None if not cell or cell in field.missing else cell for cell in cells]


def _tells_rows_apart(table: Stored, key: Sequence[str]) -> bool:
    """Return whether a key is one: a package may be published as it is, with rows that share a key."""
    names = [field.name for field in table.fields]
    values = list(zip(*(_values(table, names.index(name)) for name in key), strict=True))
    return len(set(values)) == len(values) and not any(None in value for value in values)
