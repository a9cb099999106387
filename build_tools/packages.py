"""Read data packages: our strict layer first, then frictionless as the second opinion.

Frictionless lets through what would be wrong on a public page (`17.034` as seventeen, unknown encodings, symbolic
links, addresses to fetch). So a package is read by the rules here; only one that passes them is shown to frictionless,
which must agree. Everything found is a fault with its place; nothing here raises for faults in the data.
"""

import csv
import difflib
import hashlib
import io
import json
import logging
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

from build_tools.faults import Fault, fault, stops
from build_tools.numbers import CellError, read_cell

DESCRIPTOR = "datapackage.json"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VERSION = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.+-]{0,30}[0-9A-Za-z])?")
MOST_BYTES = 200_000_000
SEPARATORS = {",": "dấu phẩy / comma", ";": "dấu chấm phẩy / semicolon", "\t": "tab", "|": "dấu sổ đứng / pipe"}
WINDOWS_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


@dataclass(frozen=True)
class Field:
    """A column as the descriptor declares it."""

    name: str
    type: str
    title: str = ""
    title_en: str = ""
    description: str = ""
    description_en: str = ""
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    minimum: str = ""
    maximum: str = ""
    unit: str = ""


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must stand in a table of the same package."""

    fields: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as it stands: every cell text, every row with its line in the file."""

    name: str
    path: str
    title: str
    title_en: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # the line of each row, the header being line 1
    content: bytes
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(field.name for field in self.fields)

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each row's line and its cells by column."""
        columns = self.columns
        for line, row in zip(self.lines, self.rows, strict=True):
            yield line, dict(zip(columns, row, strict=True))


@dataclass(frozen=True)
class Package:
    """A data package as it stands: its descriptor and its tables of text."""

    name: str
    folder: Path
    descriptor: Mapping[str, Any]
    tables: tuple[Table, ...]
    sha256: str  # of the descriptor and every table, for caches and citations

    @property
    def kind(self) -> str:
        """`report`, `vocabulary`, `across` or `other`."""
        if "report" in self.descriptor:
            return "report"
        return self.name if self.name in ("vocabulary", "across") else "other"

    @property
    def version(self) -> str:
        """The version of the data, empty where there is none that can stand in the name of a file."""
        version = self.descriptor.get("version")
        return version if isinstance(version, str) and VERSION.fullmatch(version) else ""

    def table(self, name: str) -> Table | None:
        """Return the table of that name, if the package has it."""
        return next((table for table in self.tables if table.name == name), None)

    def text(self, key: str, language: str) -> str:
        """Return a text of the descriptor in a language, Vietnamese where there is no other."""
        value = self.descriptor.get(f"{key}_{language}") or self.descriptor.get(key) or ""
        return value if isinstance(value, str) else ""


def read_packages(folder: Path) -> tuple[tuple[Package, ...], tuple[Fault, ...]]:
    """Return every package of a folder, sorted by name, and all faults found."""
    if not folder.is_dir():
        return (), (fault(folder.name, "", "folder-missing", cell=str(folder)),)
    packages: list[Package] = []
    faults: list[Fault] = []
    entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
    if not any(entry.is_dir() for entry in entries):
        return (), (fault(folder.name, "", "folder-empty", cell=str(folder)),)
    for entry in entries:
        if entry.is_file() and not entry.is_symlink():
            continue  # a README beside the packages is no package
        package, found = read_package(entry)
        faults += found
        if package is not None:
            packages.append(package)
    return tuple(packages), tuple(sorted(faults))


def read_package(folder: Path) -> tuple[Package | None, tuple[Fault, ...]]:
    """Return the package in a folder and its faults; no package when something in it cannot be read at all.

    `folder` may also be the path of the descriptor itself.
    """
    folder = folder.parent if folder.name == DESCRIPTOR and folder.is_file() else folder
    name = folder.resolve().name
    if folder.is_symlink() or not folder.is_dir():
        return None, (_entry_fault(name, folder, "."),) if folder.is_symlink() else (fault(name, "", "folder-missing"),)
    faults = list(_odd_entries(name, folder))
    if stops(faults):
        return None, tuple(sorted(faults))
    descriptor, found = _read_descriptor(name, folder)
    faults += found
    if descriptor is None:
        return None, tuple(sorted(faults))
    faults += _descriptor_faults(name, descriptor)
    tables: list[Table] = []
    if not stops(faults):
        for resource in descriptor["resources"]:
            table, found = _read_resource(name, folder, resource)
            faults += found
            if table is not None:
                tables.append(table)
        faults += _reference_faults(name, tables)
    if not stops(faults):
        faults += _second_opinion(name, folder)
    if len(tables) != len(descriptor.get("resources") or ()):
        return None, tuple(sorted(faults))
    digest = hashlib.sha256((folder / DESCRIPTOR).read_bytes())
    for table in tables:
        digest.update(hashlib.sha256(table.content).digest())
    return Package(name, folder, descriptor, tuple(tables), digest.hexdigest()), tuple(sorted(faults))


def _entry_fault(package: str, entry: Path, shown: str) -> Fault:
    mode = entry.lstat().st_mode
    what = "liên kết / a link" if stat.S_ISLNK(mode) else "thiết bị hoặc ống / a device or pipe"
    return fault(package, "", "folder-entry", entry=shown, what=what)


def _odd_entries(package: str, folder: Path) -> Iterator[Fault]:
    """Yield a fault for everything below the folder that is neither an ordinary file nor a folder."""
    for parent, names, files in folder.walk() if hasattr(folder, "walk") else _walk(folder):
        for name in sorted([*names, *files]):
            entry = parent / name
            mode = entry.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                yield _entry_fault(package, entry, entry.relative_to(folder).as_posix())


def _walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    import os  # Path.walk came with Python 3.12

    for parent, names, files in os.walk(folder):
        yield Path(parent), names, files


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str):
        super().__init__(key)
        self.key = key


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKeyError(key)
        found[key] = value
    return found


def _no_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not a JSON value", name, 0)


def _read_descriptor(package: str, folder: Path) -> tuple[dict[str, Any] | None, list[Fault]]:
    path = folder / DESCRIPTOR
    if not path.is_file():
        return None, [fault(package, DESCRIPTOR, "no-descriptor")]
    text, faults = _decode(package, DESCRIPTOR, path.read_bytes())
    if text is None:
        return None, faults
    try:
        descriptor = json.loads(
            text, object_pairs_hook=_strict_object, parse_constant=_no_constant, parse_float=Decimal
        )
    except _DuplicateKeyError as error:
        row = text[: text.rfind(f'"{error.key}"')].count("\n") + 1
        return None, [fault(package, DESCRIPTOR, "descriptor-duplicate-key", row=row, key=error.key)]
    except json.JSONDecodeError as error:
        return None, [
            fault(package, DESCRIPTOR, "descriptor-json", row=error.lineno, problem=error.msg, position=error.colno)
        ]
    except RecursionError:
        return None, [fault(package, DESCRIPTOR, "descriptor-json", row=1, problem="nested too deeply", position=1)]
    if not isinstance(descriptor, dict):
        return None, [_value_fault(package, "datapackage.json", descriptor, "một đối tượng / an object")]
    return descriptor, faults


def _decode(package: str, file: str, content: bytes) -> tuple[str | None, list[Fault]]:
    """Return the text of a file, and what keeps it from being plain NFC text in UTF-8."""
    if len(content) > MOST_BYTES:
        return None, [fault(package, file, "file-too-large", bytes=len(content), most=MOST_BYTES)]
    if content.startswith(b"\xef\xbb\xbf"):
        return None, [fault(package, file, "byte-order-mark", row=1)]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        byte = f"0x{content[error.start]:02x}"
        return None, [fault(package, file, "not-utf8", row=row, byte=byte, position=error.start + 1)]
    faults: list[Fault] = []
    for match in re.finditer(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        row = text.count("\n", 0, match.start()) + 1
        faults.append(fault(package, file, "control-character", row=row, character=f"U+{ord(match[0]):04X}"))
    return (None if faults else text), faults


def _value_fault(package: str, where: str, found: object, expected: str) -> Fault:
    shown = "không có / absent" if found is None else json.dumps(found, ensure_ascii=False, default=str)[:80]
    return fault(package, DESCRIPTOR, "descriptor-value", column=where, found=shown, expected=expected)


def _descriptor_faults(package: str, descriptor: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with the descriptor's own values, before any table is opened."""
    if not SLUG.fullmatch(package):
        folded = unicodedata.normalize("NFKD", package.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
        yield fault(package, "", "folder-name", suggestion=re.sub(r"[^a-z0-9]+", "-", folded).strip("-") or "package")
    if descriptor.get("name") != package:
        yield _value_fault(package, "name", descriptor.get("name"), f"{package} (tên thư mục / the folder's name)")
    resources = descriptor.get("resources")
    if not isinstance(resources, list) or not resources:
        yield _value_fault(package, "resources", resources, "danh sách ít nhất một bảng / a list of at least one table")
        return
    names: set[str] = set()
    for index, resource in enumerate(resources):
        where = f"resources[{index}]"
        if not isinstance(resource, dict):
            yield _value_fault(package, where, resource, "một đối tượng / an object")
            continue
        name = resource.get("name")
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+([-_.][a-z0-9]+)*", name):
            yield _value_fault(
                package, f"{where}.name", name, "chữ thường không dấu, chữ số, nối bằng - hoặc _ / a slug"
            )
        elif name in names:
            yield fault(package, DESCRIPTOR, "resource-twice", column=f"{where}.name", cell=name)
        else:
            names.add(name)
        yield from _path_faults(package, f"{where}.path", resource.get("path"))
        if str(resource.get("encoding", "utf-8")).lower().replace("_", "-") not in ("utf-8", "utf8"):
            yield _value_fault(package, f"{where}.encoding", resource.get("encoding"), "utf-8")
        delimiter = _delimiter(resource)
        if delimiter not in SEPARATORS:
            yield _value_fault(package, f"{where}.dialect.delimiter", delimiter, "một trong / one of , ; tab |")
        schema = resource.get("schema")
        fields = schema.get("fields") if isinstance(schema, dict) else None
        if not isinstance(fields, list) or not fields or not all(isinstance(f, dict) and f.get("name") for f in fields):
            yield _value_fault(
                package, f"{where}.schema.fields", fields, "danh sách cột, mỗi cột có name / a list of fields"
            )
        elif len({f["name"] for f in fields}) != len(fields):
            yield _value_fault(
                package, f"{where}.schema.fields", [f["name"] for f in fields], "mỗi cột một lần / once each"
            )


def _delimiter(resource: Mapping[str, Any]) -> str:
    """Return what separates the columns; a dialect kept in another file is none that we read."""
    dialect = resource.get("dialect", {})
    return str(dialect.get("delimiter", ",")) if isinstance(dialect, dict) else repr(dialect)


def _path_faults(package: str, where: str, path: object) -> Iterator[Fault]:
    if not isinstance(path, str) or not path:
        yield _value_fault(package, where, path, "đường dẫn tương đối tới tệp .csv / a relative path of a .csv file")
        return
    parts = PurePosixPath(path).parts
    problem = ""
    if "://" in path or re.match(r"[A-Za-z]:", path):
        problem = "là địa chỉ mạng hoặc ổ đĩa / is an address or a drive"
    elif path.startswith(("/", "~")) or "\\" in path:
        problem = "không phải đường dẫn tương đối / is not relative"
    elif ".." in parts or "%" in path:
        problem = "ra ngoài thư mục của gói / leads out of the package"
    elif any(part.startswith(".") for part in parts):
        problem = "đi qua phần ẩn / goes through a hidden part"
    elif any(unicodedata.category(c).startswith("C") for c in path):
        problem = "có ký tự điều khiển / has a control character"
    elif any(WINDOWS_RESERVED.fullmatch(part) for part in parts):
        problem = "là tên dành riêng của hệ điều hành / is a reserved name"
    elif not path.endswith(".csv"):
        problem = "không phải tệp .csv / is not a .csv file"
    if problem:
        yield fault(package, DESCRIPTOR, "path-unsafe", column=where, cell=path, problem=problem)


def _field(declared: Mapping[str, Any]) -> Field:
    constraints = declared.get("constraints")
    constraints = constraints if isinstance(constraints, dict) else {}
    enum = constraints.get("enum")
    return Field(
        name=str(declared["name"]),
        type=str(declared.get("type", "any")),
        title=str(declared.get("title", "")),
        title_en=str(declared.get("title_en", "")),
        description=str(declared.get("description", "")),
        description_en=str(declared.get("description_en", "")),
        required=bool(constraints.get("required", False)),
        unique=bool(constraints.get("unique", False)),
        enum=tuple(str(value) for value in enum) if isinstance(enum, list) else (),
        pattern=str(constraints.get("pattern", "")),
        minimum=str(constraints.get("minimum", "")),
        maximum=str(constraints.get("maximum", "")),
        unit=str(declared.get("unit", "")),
    )


def _names(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value) if isinstance(value, list) else ()


def _read_resource(package: str, folder: Path, resource: Mapping[str, Any]) -> tuple[Table | None, list[Fault]]:
    """Return one table, every cell checked against its column, and what is wrong with it."""
    path = resource["path"]
    file = folder / path
    if not file.is_file():
        return None, [fault(package, path, "file-missing", resource=resource["name"])]
    content = file.read_bytes()
    text, faults = _decode(package, path, content)
    if text is None:
        return None, faults
    schema = resource["schema"]
    fields = tuple(_field(declared) for declared in schema["fields"])
    delimiter = _delimiter(resource)
    rows, lines, found = _read_rows(package, path, text, delimiter, tuple(f.name for f in fields))
    if rows is None:
        return None, found
    faults = found
    table = Table(
        name=resource["name"],
        path=path,
        title=str(resource.get("title", resource["name"])),
        title_en=str(resource.get("title_en", resource.get("title", resource["name"]))),
        fields=fields,
        rows=tuple(rows),
        lines=tuple(lines),
        content=content,
        primary_key=_names(schema.get("primaryKey")),
        foreign_keys=tuple(
            ForeignKey(
                _names(key.get("fields")),
                key["reference"].get("resource") or resource["name"],
                _names(key["reference"].get("fields")),
            )
            for key in schema.get("foreignKeys", ())
            if isinstance(key, dict) and isinstance(key.get("reference"), dict)
        ),
    )
    faults += _cell_faults(package, table)
    faults += _key_faults(package, table)
    return table, faults


def _read_rows(
    package: str, path: str, text: str, delimiter: str, columns: tuple[str, ...]
) -> tuple[list[tuple[str, ...]] | None, list[int], list[Fault]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    expected = delimiter.join(columns)
    line = 1
    try:
        header = tuple(next(reader, ()))
        faults = list(_header_faults(package, path, header, delimiter, columns))
        if faults:
            return None, [], faults
        line = reader.line_num + 1
        for row in reader:
            if not row or not any(row):
                faults.append(fault(package, path, "row-blank", row=line))
            elif len(row) != len(columns):
                faults.append(
                    fault(
                        package, path, "row-length", row=line, found=len(row), expected=len(columns), columns=expected
                    )
                )
            else:
                rows.append(tuple(row))
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        return None, [], [*faults, fault(package, path, "csv-syntax", row=line, problem=error)]
    return rows, lines, faults


def _header_faults(
    package: str, path: str, header: tuple[str, ...], delimiter: str, columns: tuple[str, ...]
) -> Iterator[Fault]:
    expected = delimiter.join(columns)
    if len(header) == 1 and len(columns) > 1:
        other = next((s for s in SEPARATORS if s != delimiter and s in header[0]), None)
        if other is not None:
            yield fault(
                package,
                path,
                "delimiter",
                row=1,
                cell=header[0],
                found=SEPARATORS[other],
                expected=SEPARATORS[delimiter],
            )
            return
    seen: set[str] = set()
    for name in header:
        if name in seen:
            yield fault(package, path, "column-twice", row=1, column=name)
        elif name not in columns:
            yield fault(package, path, "column-extra", row=1, column=name, expected=expected)
        seen.add(name)
    missing = [name for name in columns if name not in seen]
    for name in missing:
        yield fault(package, path, "column-missing", row=1, column=name, expected=expected)
    if not missing and seen == set(columns) and len(header) == len(columns):
        wrong = next(((h, c) for h, c in zip(header, columns, strict=True) if h != c), None)
        if wrong:
            yield fault(package, path, "column-order", row=1, column=wrong[0], expected=wrong[1])


def suggestion(word: str, known: Sequence[str]) -> dict[str, str]:
    """Return the nearest known word as the end of a remedy in both languages, empty when none is near."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.75)
    return {
        "suggestion_vi": f" (có phải {near[0]}?)" if near else "",
        "suggestion_en": f" (did you mean {near[0]}?)" if near else "",
    }


def _cell_faults(package: str, table: Table) -> Iterator[Fault]:
    for column, field in enumerate(table.fields):
        try:
            pattern = re.compile(field.pattern) if field.pattern else None
        except re.error as error:
            where = f"resources.{table.name}.schema.{field.name}.constraints.pattern"
            yield _value_fault(package, where, field.pattern, f"biểu thức chính quy / a regular expression ({error})")
            continue
        for line, row in zip(table.lines, table.rows, strict=True):
            cell = row[column]
            code, details = _judge_cell(field, pattern, cell)
            if code:
                yield fault(package, table.path, code, row=line, column=field.name, cell=cell, details=details)


def _judge_cell(field: Field, pattern: "re.Pattern[str] | None", cell: str) -> tuple[str, dict[str, str]]:
    """Return the code of what is wrong with a cell and its details; no code when it is right."""
    if not cell:
        expected = field.description or field.title or field.type
        return ("cell-required", {"expected": expected}) if field.required else ("", {})
    if not unicodedata.is_normalized("NFC", cell):
        return "not-nfc", {}
    if "\n" in cell or "\r" in cell:
        return "cell-lines", {}
    if cell != cell.strip():
        return "cell-space", {}
    if field.enum and cell not in field.enum:
        return "cell-enum", {"expected": ", ".join(field.enum), **suggestion(cell, field.enum)}
    if field.type in ("number", "integer"):
        try:
            value = read_cell(cell)
        except CellError as error:
            return "cell-number", {
                "problem": error.what,
                "correction_vi": f"Viết {error.correction}."
                if error.correction
                else "Viết số thường: 17034 hoặc 2.27.",
                "correction_en": f"Write {error.correction}."
                if error.correction
                else "Write a plain number: 17034 or 2.27.",
            }
        if field.type == "integer" and value != value.to_integral_value():
            return "cell-type", {"expected": "số nguyên / a whole number", "example": "12"}
    elif field.type == "date":
        try:
            date.fromisoformat(cell)
        except ValueError:
            return "cell-type", {"expected": "ngày / a date", "example": "2023-12-31"}
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            return "cell-type", {"expected": "ngày / a date", "example": "2023-12-31"}
    elif field.type == "boolean" and cell not in ("true", "false", "True", "False", "TRUE", "FALSE", "1", "0"):
        return "cell-type", {"expected": "đúng hoặc sai / true or false", "example": "true"}
    if pattern and not pattern.fullmatch(cell):
        example = "2023-11-09" if field.name == "as_of" else "jobs_created"
        return "cell-pattern", {"expected": field.pattern, "example": example}
    return "", {}


def _key_faults(package: str, table: Table) -> Iterator[Fault]:
    """Yield rows whose primary key, or whose unique cell, stands on an earlier row."""
    keys = [table.primary_key] if table.primary_key else []
    keys += [(field.name,) for field in table.fields if field.unique and (field.name,) not in keys]
    for key in keys:
        unknown = [name for name in key if name not in table.columns]
        if unknown:
            yield _value_fault(package, f"resources.{table.name}.schema.primaryKey", unknown[0], "một cột / a column")
            continue
        first: dict[tuple[str, ...], int] = {}
        for line, record in table.records():
            value = tuple(record[name] for name in key)
            if value in first:
                shown = ", ".join(value)
                yield fault(
                    package, table.path, "key-twice", row=line, column=", ".join(key), cell=shown, first=first[value]
                )
            else:
                first[value] = line


def _reference_faults(package: str, tables: Sequence[Table]) -> Iterator[Fault]:
    """Yield cells that refer to no row of the table their foreign key names."""
    by_name = {table.name: table for table in tables}
    for table in tables:
        for key in table.foreign_keys:
            target = by_name.get(key.table)
            if target is None or set(key.targets) - set(target.columns) or set(key.fields) - set(table.columns):
                where = f"resources.{table.name}.schema.foreignKeys"
                yield _value_fault(
                    package, where, f"{key.table} {list(key.targets)}", "bảng và cột có thật / a real table"
                )
                continue
            known = {tuple(record[name] for name in key.targets) for _, record in target.records()}
            words = sorted({" ".join(value) for value in known})
            for line, record in table.records():
                value = tuple(record[name] for name in key.fields)
                if any(value) and value not in known:
                    shown = " ".join(value)
                    yield fault(
                        package,
                        table.path,
                        "key-unknown",
                        row=line,
                        column=", ".join(key.fields),
                        cell=shown,
                        table=target.path,
                        details=suggestion(shown, words),
                    )


def _second_opinion(package: str, folder: Path) -> list[Fault]:
    """Return what frictionless finds in a package that our own layer found sound."""
    import frictionless  # takes a fifth of a second to import, and only validation needs it
    from frictionless import system

    logging.getLogger("frictionless").setLevel(logging.ERROR)
    with system.use_context(trusted=False, http_session=_NoNetwork()):
        try:
            report = frictionless.validate(str(folder / DESCRIPTOR))
        except frictionless.FrictionlessException as error:
            return [fault(package, DESCRIPTOR, "frictionless", problem=error.error.message)]
    faults = []
    for found in report.errors:
        faults.append(fault(package, DESCRIPTOR, "frictionless", problem=found.message))
    for task in report.tasks:
        for found in task.errors:
            row = getattr(found, "row_number", None) or 0
            column = getattr(found, "field_name", None) or ""
            faults.append(fault(package, task.place, "frictionless", row=row, column=column, problem=found.message))
        for warning in task.warnings:
            faults.append(fault(package, task.place, "frictionless", problem=warning))
    return faults


class _NoNetwork:
    """Stands where frictionless keeps its HTTP session: a build fetches nothing."""

    def __getattr__(self, name: str) -> Any:
        """Refuse every use."""
        raise OSError(f"a build fetches nothing ({name})")
