"""What of a package has no English yet: one notice for each column, with the first rows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from build_tools.faults import Fault, fault
from build_tools.packages import DESCRIPTOR, Package, Table
from build_tools.schemas import OPTIONAL, standard

_FIRST = 5  # places that a notice names; the rest are counted


def untranslated(package: Package) -> Iterator[Fault]:
    """Yield, at most once for each column, the texts of a package that stand in Vietnamese alone.

    A text is of two languages where a column or key `X_en` stands beside `X_vi` or `X`. What a draft has not settled
    needs no translation yet; a package that others made speaks as it does.
    """
    if "draft" in package.descriptor or package.kind == "other":
        return
    yield from _descriptor_faults(package)
    for table in package.tables:
        known = standard(table.name)
        may_have = {field["name"] for field in known["schema"]["fields"]} if known else set()
        for column in table.columns:
            english = f"{column.removesuffix('_vi')}_en"
            if english in table.columns or (english in OPTIONAL and english in may_have):
                yield from _column_faults(package.name, table, column, english)


def _column_faults(package: str, table: Table, column: str, english: str) -> Iterator[Fault]:
    rows = [line for line, record in table.records() if record[column] and not record.get(english)]
    if rows:
        yield _notice(package, table.path, english, [str(row) for row in rows], row=rows[0])


def _descriptor_faults(package: Package) -> Iterator[Fault]:
    for key in ("title", "description"):
        yield from _key_faults(package.name, key, [("", package.descriptor)])
    tables = [item for item in package.descriptor.get("resources", ()) if isinstance(item, Mapping)]
    yield from _key_faults(package.name, "title", [(f"resources.{item.get('name')}", item) for item in tables])
    for item in tables:
        schema = item.get("schema")
        fields = schema.get("fields", ()) if isinstance(schema, Mapping) else ()
        named = [(f"{item.get('name')}.{f.get('name')}", f) for f in fields if isinstance(f, Mapping)]
        for key in ("title", "description"):
            yield from _key_faults(package.name, key, named)


def _key_faults(package: str, key: str, items: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[Fault]:
    lacking = [name or key for name, item in items if item.get(key) and not item.get(f"{key}_en")]
    if lacking:
        yield _notice(package, DESCRIPTOR, f"{key}_en", lacking)


def _notice(package: str, file: str, column: str, places: list[str], row: int = 0) -> Fault:
    where = ", ".join(places[:_FIRST]) + (", …" if len(places) > _FIRST else "")
    return fault(package, file, "untranslated", row=row, column=column, count=len(places), where=where)
