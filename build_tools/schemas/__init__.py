"""The standard tables of a report package and of the vocabulary, each as a Table Schema file beside this one."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from build_tools.faults import Fault, fault
from build_tools.packages import Table

# Columns at the end of a standard table that a package may leave out, where the table does not require them: the
# English of what its authors wrote.
OPTIONAL = ("note_en", "item_en", "one_en", "reason_en")


@cache
def standard(table: str) -> dict[str, Any] | None:
    """Return the title and Table Schema of a standard table, None for a table of no standard name."""
    path = Path(__file__).parent / f"{table}.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def standard_faults(package: str, table: Table) -> Iterator[Fault]:
    """Yield how a table's columns differ from the standard table of the same name, in name, order or type."""
    found = standard(table.name)
    names = {field.name for field in table.fields}
    fields = found["schema"]["fields"] if found else []
    expected = [(f["name"], f["type"]) for f in fields if not _may_be_left_out(f) or f["name"] in names]
    declared = [(field.name, field.type) for field in table.fields]
    for index in range(max(len(expected), len(declared))):
        want = expected[index] if index < len(expected) else ("(không có)", "")
        have = declared[index] if index < len(declared) else ("(không có)", "")
        if want != have:
            yield fault(
                package,
                "datapackage.json",
                "columns-of-standard",
                column=f"{table.name}.schema.fields[{index}]",
                table=table.name,
                found=" ".join(have),
                expected=" ".join(want),
            )
            return


def choices(table: str, column: str) -> tuple[str, ...]:
    """Return what the cells of a column of a standard table may hold; KeyError where no list says so."""
    fields = (standard(table) or {})["schema"]["fields"]
    return tuple(next(one for one in fields if one["name"] == column)["constraints"]["enum"])


def required(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns without those that a package may leave out."""
    return tuple(column for column in columns if column not in OPTIONAL)


def resource(table: str, optional: bool = True) -> dict[str, Any]:
    """Return the resource that declares a standard table in a descriptor, with or without its optional columns."""
    found = standard(table)
    if found is None:
        raise KeyError(f"there is no standard table {table!r}")
    return {
        "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
        "name": table,
        "type": "table",
        "path": f"{table}.csv",
        "title": found["title"],
        "title_en": found["title_en"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ","},
        "schema": found["schema"]
        | {"fields": [f for f in found["schema"]["fields"] if optional or not _may_be_left_out(f)]},
    }


def _may_be_left_out(field: Mapping[str, Any]) -> bool:
    return field["name"] in OPTIONAL and not field.get("constraints", {}).get("required")
