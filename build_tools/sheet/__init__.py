"""A package as one workbook, for who works in a spreadsheet, and back again.

    figures            a sheet for each table, named as the table; the first row names the columns
    datapackage        the facts of the descriptor: a key, its value
    # words            the words that cells may name, with what they mean

A sheet or a column whose name begins with `#` is for reading and never comes back. Row 12 of a sheet is line 12 of the
table's CSV, as long as no cell before it holds a line break. `export` writes the workbook, `workbook` reads one as it
stands, `intake` holds it against the package.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from build_tools.cells import Field
from build_tools.packages import Package, Table
from build_tools.report_packages import NEEDED, OPTIONAL
from build_tools.schemas import standard

NOT_IMPORTED = "#"
FACTS = "datapackage"
KEY, VALUE = "key", "value"

_OF_EVERY_PACKAGE: Mapping[str, tuple[str, str]] = {
    "title": ("Tên gói", "Title of the package"),
    "title_en": ("Tên gói, tiếng Anh", "Title of the package, in English"),
    "description": ("Gói có gì", "What the package holds"),
    "description_en": ("Gói có gì, tiếng Anh", "What the package holds, in English"),
    "version": ("Số bản của dữ liệu: 0.1.0", "Version of the data: 0.1.0"),
}
_OF_A_REPORT: Mapping[str, tuple[str, str]] = {
    "report.issuer": ("Cơ quan ban hành", "Issuing body"),
    "report.issuer_en": ("Cơ quan ban hành, tiếng Anh", "Issuing body, in English"),
    "report.place": ("Nơi: mã trong places.csv", "Place: an id of places.csv"),
    "report.number": ("Số hiệu, nếu có in", "Number, where it is printed"),
    "report.date": ("Ngày ký, nếu có in: 2023-12-31", "Date, where it is printed: 2023-12-31"),
    "report.date_earliest": ("Sớm nhất, nếu suy ra được", "Earliest date that follows from the text"),
    "report.date_latest": ("Muộn nhất, nếu suy ra được", "Latest date that follows from the text"),
    "report.title": ("Tên báo cáo", "Title of the report"),
    "report.title_en": ("Tên báo cáo, tiếng Anh", "Title of the report, in English"),
    "report.title_is_ours": ("true nếu báo cáo không in tên", "true where the report prints no title"),
    "report.short_title": ("Tên ngắn: Huế 2023", "Short title in Vietnamese: Huế 2023"),
    "report.short_title_en": ("Tên ngắn, tiếng Anh: Hue 2023", "Short title in English: Hue 2023"),
    "report.period_start": ("Ngày đầu của kỳ: 2023-01-01", "First day of the period: 2023-01-01"),
    "report.period_end": ("Ngày cuối của kỳ: 2023-12-31", "Last day of the period: 2023-12-31"),
    "report.headlines": (
        "Các con số nổi bật: mã, cách nhau bằng dấu phẩy",
        "Headline figures: ids, commas between",
    ),
    "draft": ("Ô còn là phỏng đoán; xóa tên ô đã soát", "Keys still guessed; take out those that are settled"),
}
_MAY_BE_ABSENT = ("report.number", "report.date", "report.date_earliest", "report.date_latest", "report.title_is_ours")
_LISTS = ("report.headlines", "draft")
_FLAG = "report.title_is_ours"
TRUE = "true"


@dataclass(frozen=True)
class Sheet:
    """A table as a sheet shows it: its columns and its rows of text."""

    name: str
    fields: tuple[Field, ...]
    rows: Sequence[tuple[str, ...]]
    declared: bool  # whether the package has the table; one that it has not is offered empty
    keys: tuple[str, ...] = ()  # the columns that tell rows apart
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column: the sheet and column it names

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(one.name for one in self.fields)


def sheets_of(package: Package) -> tuple[Sheet, ...]:
    """Return the tables of a package as sheets; a report package also has those it may have, empty."""
    found = {table.name: _sheet(table) for table in package.tables}
    names = (*NEEDED, *OPTIONAL) if package.kind == "report" else ()
    sheets = [found.get(name) or _empty(name) for name in names]
    sheets += [sheet for name, sheet in found.items() if name not in names]
    # A column that is called as the key of another table names its rows, whether the descriptor says so or not.
    keys = {sheet.keys[0]: (sheet.name, sheet.keys[0]) for sheet in sheets if len(sheet.keys) == 1}
    return tuple(
        replace(
            sheet,
            references={
                **{name: keys[name] for name in sheet.columns if name in keys and keys[name][0] != sheet.name},
                **sheet.references,
            },
        )
        for sheet in sheets
    )


def _sheet(table: Table) -> Sheet:
    keys = table.primary_key or table.columns[:1]
    references = {
        key.fields[0]: (key.table or table.name, key.targets[0]) for key in table.foreign_keys if len(key.fields) == 1
    }
    return Sheet(table.name, table.fields, table.rows, True, keys, references)


def _empty(name: str) -> Sheet:
    schema = (standard(name) or {})["schema"]
    fields = tuple(
        Field(
            one["name"],
            one["type"],
            title=one.get("title", ""),
            title_en=one.get("title_en", ""),
            description=one.get("description", ""),
            description_en=one.get("description_en", ""),
            required=bool(one.get("constraints", {}).get("required")),
            enum=tuple(one.get("constraints", {}).get("enum", ())),
        )
        for one in schema["fields"]
    )
    keys = schema.get("primaryKey") or [fields[0].name]
    return Sheet(name, fields, (), False, tuple([keys] if isinstance(keys, str) else keys))


# ---- the facts of the descriptor -----------------------------------------------------------------------------------


def facts_of(descriptor: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts that a sheet shows, by dotted key, as text; one that is not text is left to the descriptor."""
    keys = [*_OF_EVERY_PACKAGE, *(_OF_A_REPORT if isinstance(descriptor.get("report"), dict) else ())]
    facts = {}
    for key in keys:
        if key == "draft" and key not in descriptor:
            continue
        shown = _shown(key, _found(descriptor, key))
        if shown is not None:
            facts[key] = shown
    return facts


def explained(key: str) -> tuple[str, str]:
    """Return what a fact is, in Vietnamese and in English."""
    return _OF_EVERY_PACKAGE.get(key) or _OF_A_REPORT[key]


def with_facts(descriptor: Mapping[str, Any], facts: Mapping[str, str]) -> dict[str, Any]:
    """Return a descriptor with other facts: what is not among them, or says the same, stays as it stands."""
    now = facts_of(descriptor)
    changed = {**descriptor}
    if isinstance(descriptor.get("report"), dict):
        changed["report"] = {**descriptor["report"]}
    for key, text in facts.items():
        if now.get(key) == text:
            continue
        place = changed["report"] if key.startswith("report.") else changed
        name = key.removeprefix("report.")
        if key == "draft":
            if names := _items(text):
                place[name] = {**(place[name] if isinstance(place[name], dict) else {}), "guessed": names}
            else:
                del place[name]
        elif key in _MAY_BE_ABSENT and not text:
            place.pop(name, None)
        elif key == _FLAG:
            place[name] = True
        else:
            place[name] = _items(text) if key in _LISTS else text
    return changed


def _found(descriptor: Mapping[str, Any], key: str) -> Any:
    found: Any = descriptor
    for part in key.split("."):
        found = found.get(part, "") if isinstance(found, Mapping) else ""
    return found.get("guessed", "") if key == "draft" and isinstance(found, Mapping) else found


def _shown(key: str, value: Any) -> str | None:
    if key == _FLAG and isinstance(value, bool):
        return TRUE if value else ""
    if key in _LISTS and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else None


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
