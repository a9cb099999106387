"""Read data packages: our strict layer first, then frictionless as the second opinion.

Frictionless lets through what would be wrong on a public page (`17.034` as seventeen, unknown encodings, symbolic
links, addresses to fetch). So a package is read by the rules here. One of our own (a report, the vocabulary, across)
keeps narrower rules and is shown to frictionless too, which must agree. Any other is read as its descriptor declares,
every cell kept as it stands. Everything found is a fault with its place; nothing here raises for faults in the data.
"""

import hashlib
import logging
import re
import stat
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from build_tools.cells import Field, to_json
from build_tools.descriptors import (
    DESCRIPTOR,
    HASHES,
    NAMES,
    SLUG,
    Accepted,
    Dialect,
    Resource,
    decode,
    find_descriptor,
    metadata_faults,
    read_accepted,
    read_document,
    read_resources,
    slug_of,
    value_fault,
)
from build_tools.faults import Fault, fault, stops, suggestion
from build_tools.folders import MOST_BYTES, DamagedError, TooLargeError, odd_entries, read_bytes, twin, unpack
from build_tools.gathering import ACCEPTABLE, Gathering, OverBoundError
from build_tools.rows import SEPARATORS, RowReader, Rows, as_csv
from build_tools.table_checks import TableCheck
from build_tools.tables import Attachment, ForeignKey, Part, Table

if TYPE_CHECKING:
    from build_tools.columns import Columns

__all__ = [
    "ACCEPTABLE",
    "DESCRIPTOR",
    "SLUG",
    "Attachment",
    "Field",
    "ForeignKey",
    "Package",
    "Part",
    "Table",
    "offered_ending",
    "read_package",
    "read_packages",
    "second_opinion",
    "suggestion",
]
VERSION = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.+-]{0,30}[0-9A-Za-z])?")


@dataclass(frozen=True)
class Package:
    """A data package as it stands: its descriptor and its tables of text."""

    name: str
    folder: Path
    descriptor: Mapping[str, Any]
    tables: tuple[Table, ...]
    sha256: str  # of the descriptor and every table, for caches and citations
    attachments: tuple[Attachment, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    shown: tuple[Fault, ...] = ()  # the warnings that readers are shown, errors that were accepted among them

    @property
    def kind(self) -> str:
        """`report`, `vocabulary`, `across` or `other`."""
        return _kind(self.name, self.descriptor)

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


def _kind(name: str, descriptor: Mapping[str, Any]) -> str:
    if "report" in descriptor:
        return "report"
    return name if name in ("vocabulary", "across") else "other"


Reading = Callable[[Path], tuple["Package | None", tuple[Fault, ...]]]  # as read_package does it


def read_packages(folder: Path, read: Reading | None = None) -> tuple[tuple[Package, ...], tuple[Fault, ...]]:
    """Return every package of a folder, sorted by name, and all faults found; `read` is what reads one of them."""
    if not folder.is_dir():
        return (), (fault(folder.name, "", "folder-missing", cell=str(folder)),)
    packages: list[Package] = []
    faults: list[Fault] = []
    entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
    if not any(entry.is_dir() for entry in entries):
        return (), (fault(folder.name, "", "folder-empty", cell=str(folder)),)
    names: dict[str, str] = {}
    for entry in entries:
        if entry.is_file() and not entry.is_symlink():
            continue  # a README beside the packages is no package
        package, found = (read or read_package)(entry)
        faults += found
        if package is not None:
            if package.name in names:
                faults.append(fault(package.name, "", "package-twice", cell=entry.name, other=names[package.name]))
                continue
            names[package.name] = entry.name
            packages.append(package)
    return tuple(sorted(packages, key=lambda package: package.name)), tuple(sorted(faults))


def read_package(folder: Path) -> tuple[Package | None, tuple[Fault, ...]]:
    """Return the package in a folder and its faults; no package when something in it cannot be read at all.

    `folder` may also be the path of the descriptor itself.
    """
    folder = folder.parent if folder.name in NAMES and folder.is_file() else folder
    called = folder.resolve().name
    name = called if SLUG.fullmatch(called) else slug_of(called).replace("_", "-") or called
    if folder.is_symlink() or not folder.is_dir():
        return None, (_entry_fault(name, folder, "."),) if folder.is_symlink() else (fault(name, "", "folder-missing"),)
    odd = [fault(name, "", "folder-entry", entry=entry, what=what) for entry, what in odd_entries(folder)]
    if odd:
        return None, tuple(sorted(odd))
    file = find_descriptor(folder)
    descriptor, faults = read_document(name, folder, file)
    if stops(faults):
        return None, tuple(sorted(faults))
    if not isinstance(descriptor, Mapping):
        return None, (value_fault(name, file, file, descriptor, "một đối tượng / an object"),)
    ours = _kind(called, descriptor) != "other"
    name = called if ours else name
    if not SLUG.fullmatch(name):
        suggested = slug_of(name).replace("_", "-") or "package"
        faults.append(fault(name, "", "folder-name", suggestion=suggested))
    resources, found = read_resources(name, folder, file, descriptor)
    faults += found
    faults += _rules_of_ours(name, descriptor) if ours else metadata_faults(name, file, descriptor)
    accepted, found = read_accepted(name, file, descriptor, ACCEPTABLE)
    faults += found
    gathering = Gathering(name, file, ours, accepted)
    reading = _Reading(gathering, folder)
    if not (ours and stops(faults)):
        stopped = {match[1] for item in faults if item.level == "error" and (match := _OF_RESOURCE.match(item.column))}
        reading.read(resources, [resource for resource in resources if str(resource.index) not in stopped])
    faults += gathering.found(reading.unread)
    if ours and not stops(faults):
        faults += second_opinion(name, folder)
    tables, attachments = reading.tables, reading.attachments
    if reading.unread or len(tables) + len({one.resource for one in attachments}) != len(resources) or not resources:
        return None, tuple(sorted(faults))
    digest = hashlib.sha256(read_bytes(folder, file) or b"")
    for content in (*(table.content for table in tables), *(one.content for one in attachments)):
        digest.update(hashlib.sha256(content).digest())
    shown = tuple(sorted(item for item in faults if item.level == "warning"))
    package = Package(name, folder, descriptor, tuple(tables), digest.hexdigest(), tuple(attachments), accepted, shown)
    return package, tuple(sorted(faults))


_OF_ARROW = 4  # bytes that Arrow takes for a while for each byte of a text
_OF_RESOURCE = re.compile(r"resources\[([0-9]+)\]")


def _entry_fault(package: str, entry: Path, shown: str) -> Fault:
    mode = entry.lstat().st_mode
    what = "liên kết / a link" if stat.S_ISLNK(mode) else "thiết bị hoặc ống / a device or pipe"
    return fault(package, "", "folder-entry", entry=shown, what=what)


def _rules_of_ours(package: str, descriptor: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield where a package of our own is not as we write them: one CSV file for each table, UTF-8, plain names."""
    if descriptor.get("name") != package:
        expected = f"{package} (tên thư mục / the folder's name)"
        yield value_fault(package, DESCRIPTOR, "name", descriptor.get("name"), expected)
    resources = descriptor.get("resources")
    for index, resource in enumerate(resources if isinstance(resources, list) else ()):
        if not isinstance(resource, Mapping):
            continue
        where = f"resources[{index}]"
        name, path = resource.get("name"), resource.get("path")
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+([-_.][a-z0-9]+)*", name):
            expected = "chữ thường không dấu, chữ số, nối bằng - hoặc _ / a slug"
            yield value_fault(package, DESCRIPTOR, f"{where}.name", name, expected)
        if not isinstance(path, str):
            expected = "đường dẫn tương đối tới tệp .csv / a relative path of a .csv file"
            yield value_fault(package, DESCRIPTOR, f"{where}.path", path, expected)
        elif not path.endswith(".csv"):
            problem = "không phải tệp .csv / is not a .csv file"
            yield fault(package, DESCRIPTOR, "path-unsafe", column=f"{where}.path", cell=path, problem=problem)
        if str(resource.get("encoding", "utf-8")).lower().replace("_", "-") not in ("utf-8", "utf8"):
            yield value_fault(package, DESCRIPTOR, f"{where}.encoding", resource.get("encoding"), "utf-8")
        dialect = resource.get("dialect", {})
        delimiter = dialect.get("delimiter", ",") if isinstance(dialect, Mapping) else dialect
        if delimiter not in SEPARATORS:
            expected = "một trong / one of , ; tab |"
            yield value_fault(package, DESCRIPTOR, f"{where}.dialect.delimiter", delimiter, expected)
        schema = resource.get("schema")
        if not isinstance(schema, Mapping):
            expected = "danh sách cột, mỗi cột có name / a list of fields"
            yield value_fault(package, DESCRIPTOR, f"{where}.schema.fields", schema, expected)


# ---- reading the resources -----------------------------------------------------------------------------------------


class _Reading:
    """Reads the resources of one package; what is wrong with them is gathered."""

    def __init__(self, gathering: Gathering, folder: Path):
        self.tables: list[Table] = []
        self.attachments: list[Attachment] = []
        self.unread = False
        self._all = gathering
        self._folder = folder
        self._slugs: dict[str, str] = {}
        self._names: dict[Path, dict[str, list[str]]] = {}

    def read(self, declared: Sequence[Resource], resources: Sequence[Resource]) -> None:
        """Read the resources, of those that are declared, then the references between their tables."""
        self._slugs = {resource.name: resource.slug for resource in declared}
        try:
            checks: list[TableCheck] = []
            for resource in resources:
                self._all.resource = resource.name
                if not resource.is_table:
                    self._attach(resource)
                elif (check := self._table(resource)) is None:
                    self.unread = True
                else:
                    self.tables.append(check.table)
                    checks.append(check)
                    check.cells()
                    check.keys()
            by_name = {check.table.resource: check for check in checks}
            unread = self._slugs.keys() - by_name.keys() - {one.resource for one in self.attachments}
            for check in checks:
                self._all.resource = check.table.resource
                check.references(by_name, unread)
        except OverBoundError as error:
            self.unread = True
            self._all.resource = ""
            self._all.say(self._all.file, "package-over-bound", what=error.what)

    # ---- files ----

    def _content(self, path: str) -> bytes | None:
        """Return what a file holds, None with its fault."""
        try:
            content = read_bytes(self._folder, path)
        except TooLargeError as error:
            self._all.say(path, "file-too-large", bytes=error.bytes, most=MOST_BYTES)
            return None
        if content is None:
            self._all.say(path, "file-missing", resource=self._all.resource)
            return None
        other = twin(self._folder, path, self._names)
        if other:
            self._all.say(path, "path-twin", cell=other)
            return None
        self._all.budget.spend(len(content))
        return content

    def _attach(self, resource: Resource) -> None:
        contents: list[tuple[str, bytes]] = []
        if resource.paths:
            for path in resource.paths:
                content = self._content(path)
                if content is None:
                    self.unread = True
                    return
                contents.append((path, content))
            self._measures(resource, [content for _, content in contents])
        else:
            contents.append((self._all.file, to_json(resource.data).encode() + b"\n"))
        declared = resource.declared
        for number, (path, content) in enumerate(contents, 1):
            name = resource.slug if len(contents) == 1 else f"{resource.slug}-{number}"
            ending = ".json" if path == self._all.file else offered_ending(path)
            self.attachments.append(
                Attachment(
                    name=name,
                    file=f"{name}{ending}",
                    title=_text(declared, "title") or resource.name,
                    title_en=_text(declared, "title_en") or _text(declared, "title") or resource.name,
                    description=_text(declared, "description"),
                    description_en=_text(declared, "description_en"),
                    path=path,
                    content=content,
                    resource=resource.name,
                )
            )

    def _measures(self, resource: Resource, contents: Sequence[bytes]) -> None:
        """Say where bytes and hash of the files are not what the descriptor states."""
        place = resource.paths[0]
        stated = resource.stated("bytes")
        size = sum(map(len, contents))
        where = f"{resource.where}.bytes"
        if stated is not None and (type(stated) is not int or stated < 0):
            self._all.add(value_fault(self._all.package, self._all.file, where, stated, "số byte / a number of bytes"))
        elif stated is not None and stated != size:
            self._all.say(place, "bytes-differ", column=where, cell=str(stated), found=size)
        stated = resource.stated("hash")
        where = f"{resource.where}.hash"
        if stated in (None, ""):
            return
        kind, _, digits = stated.rpartition(":") if isinstance(stated, str) else ("", "", "")
        kind = kind.lower() or {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}.get(len(digits), "")
        if kind not in HASHES or not re.fullmatch("[0-9A-Fa-f]+", digits):
            self._all.add(value_fault(self._all.package, self._all.file, where, stated, "sha256:…"))
            return
        digest = hashlib.new(kind, usedforsecurity=False)
        for content in contents:
            digest.update(content)
        if digest.hexdigest() != digits.lower():
            self._all.say(place, "hash-differs", column=where, cell=stated, found=f"{kind}:{digest.hexdigest()}")

    # ---- tables ----

    def _table(self, resource: Resource) -> TableCheck | None:
        """Return one table as it stands, to be checked; None when it cannot be read at all."""
        reader = RowReader(self._all, resource)
        columns: Columns | None = None
        contents: list[bytes] = []
        ends = [0]  # how many rows there are up to each part
        if resource.format == "inline":
            if not reader.records(self._all.file, f"{resource.where}.data", resource.data):
                return None
        else:
            for path in resource.paths:
                content = self._content(path)
                if content is None:
                    return None
                contents.append(content)
            self._measures(resource, contents)
            for number, (path, content) in enumerate(zip(resource.paths, contents, strict=True)):
                plain = self._unpacked(resource, path, content)
                text = None if plain is None else self._decoded(resource, path, plain)
                if plain is None or text is None:
                    return None
                if resource.format == "json":
                    is_read = reader.json(path, text)
                else:
                    encoded = plain if resource.encoding == "utf-8" else text.encode()
                    del text  # it may take twice as much as its bytes, which Arrow needs meanwhile
                    columns = self._columns(resource, path, encoded, reader)
                    is_read = columns is not None or reader.csv(path, encoded.decode(), number)
                if not is_read:
                    return None
                ends.append(len(columns if columns is not None else reader.rows.rows))
        found = reader.rows
        rows = tuple(found.rows) if columns is None else columns.rows(found.order)
        place = resource.paths[0] if resource.paths else self._all.file
        stated = resource.stated("rows")
        if type(stated) is int and stated != len(rows) and found.is_whole:
            where = f"{resource.where}.rows"
            self._all.say(place, "rows-differ", column=where, cell=str(stated), found=len(rows))
        declared, name = resource.declared, resource.name
        table = Table(
            name=self._name(name),
            path=place,
            title=_text(declared, "title") or name,
            title_en=_text(declared, "title_en") or _text(declared, "title") or name,
            fields=_fields_of(resource, found.columns),
            rows=rows,
            lines=_lines(found.lines) if columns is None else range(2, len(rows) + 2),
            content=self._offered(resource, found, rows, contents),
            primary_key=resource.primary_key,
            foreign_keys=tuple(
                ForeignKey(key.fields, self._name(key.resource or name), key.targets) for key in resource.foreign_keys
            ),
            resource=name,
            description=_text(declared, "description"),
            description_en=_text(declared, "description_en"),
            parts=tuple(
                Part(path, content, end - begun)
                for path, content, begun, end in zip(resource.paths, contents, ends, ends[1:], strict=False)
            ),
        )
        return TableCheck(self._all, resource, table, () if columns is None else columns.ordered(found.order))

    def _columns(self, resource: Resource, path: str, text: bytes, reader: RowReader) -> "Columns | None":
        """Return the columns of a table of one file where they are surely what its rows would be; None where not."""
        if len(resource.paths) > 1 or not self._all.budget.has_room(_OF_ARROW * len(text)):
            return None
        from build_tools.columns import read_columns, size_of  # Arrow takes a quarter of a second to import

        columns = read_columns(text, resource.dialect)
        if columns is None or not reader.header(path, columns.header):
            return None
        self._all.budget.spend(size_of(columns.ordered(reader.rows.order)))
        return columns

    def _offered(
        self, resource: Resource, found: Rows, rows: Sequence[tuple[str, ...]], contents: Sequence[bytes]
    ) -> bytes:
        """Return a table as the CSV that is offered: its file as it stands where anyone reads that alike."""
        is_plain = len(contents) == 1 and _is_plain(resource) and found.written == found.columns
        if is_plain and not contents[0].startswith(BOM_UTF8):
            return contents[0]
        written = as_csv(found.columns, rows)
        self._all.budget.spend(len(written))
        return written

    def _name(self, resource: str) -> str:
        """Return a table's name as it is in our records: of another's package its address."""
        return resource if self._all.ours else self._slugs.get(resource, resource)

    def _unpacked(self, resource: Resource, path: str, content: bytes) -> bytes | None:
        """Return what a file holds as it is encoded, None with its fault."""
        if resource.packed and (path.endswith(".gz") or resource.declared.get("compression") == "gz"):
            try:
                content = unpack(content)
            except TooLargeError as error:
                self._all.say(path, "file-too-large", bytes=f"> {error.bytes - 1}", most=MOST_BYTES)
                return None
            except DamagedError as error:
                self._all.say(path, "packed-damaged", problem=error)
                return None
            self._all.budget.spend(len(content))
        # A byte order mark is a habit of spreadsheets; in a package of our own it is a fault.
        if not self._all.ours and resource.encoding == "utf-8":
            content = content.removeprefix(BOM_UTF8)
        return content

    def _decoded(self, resource: Resource, path: str, content: bytes) -> str | None:
        self._all.budget.spend(2 * len(content))
        text, faults = decode(self._all.package, path, content, resource.encoding)
        for item in faults:
            self._all.add(item)
        return text


def _lines(lines: list[int]) -> Sequence[int]:
    """Return the lines of rows, as a range where no line stands between them."""
    run = range(lines[0], lines[0] + len(lines)) if lines else range(0)
    return run if lines == list(run) else tuple(lines)


def _text(declared: Mapping[str, Any], key: str) -> str:
    value = declared.get(key)
    return value if isinstance(value, str) else ""


# Endings under which a browser shows or stores a file and never runs it.
_HARMLESS = frozenset(
    (
        *("avif", "gif", "jpeg", "jpg", "mp3", "mp4", "ogg", "pdf", "png", "tif", "tiff", "wav", "webm", "webp"),
        *("csv", "json", "jsonl", "geojson", "log", "md", "tab", "tsv", "txt", "yaml", "yml"),
        *("doc", "docx", "ods", "odt", "ppt", "pptx", "xls", "xlsx"),
        *("bin", "dbf", "gpkg", "nc", "parquet", "prj", "rda", "rds", "sav", "shp", "shx", "sqlite"),
        *("gz", "tar", "zip"),
    )
)


def offered_ending(path: str) -> str:
    """Return the ending under which a file may be offered: its own, with .txt after one that a browser might run."""
    ending = "".join(PurePosixPath(path).suffixes[-2:] if path.endswith(".gz") else PurePosixPath(path).suffixes[-1:])
    ending = ending if re.fullmatch(r"(\.[A-Za-z0-9]{1,10}){0,2}", ending) else ""
    return ending if all(part.lower() in _HARMLESS for part in ending.split(".")[1:]) and ending else f"{ending}.txt"


def _is_plain(resource: Resource) -> bool:
    """Return whether a file is CSV as anyone reads it: commas, double quotes, UTF-8, the header on the first line."""
    return (
        resource.format == "csv"
        and not resource.packed
        and resource.encoding == "utf-8"
        and replace(resource.dialect, is_declared=False, null=None) == Dialect()
    )


def _fields_of(resource: Resource, columns: Sequence[str]) -> tuple[Field, ...]:
    """Return the fields of the columns that were read; one that is not declared holds text."""
    declared = {one.name: one for one in resource.fields or ()}
    fields = tuple(declared.get(name) or Field(name, "any", missing=resource.missing) for name in columns)
    if resource.format in ("inline", "json"):  # null stands as an empty cell
        fields = tuple(one if "" in one.missing else replace(one, missing=(*one.missing, "")) for one in fields)
    return fields


# ---- the second opinion --------------------------------------------------------------------------------------------


def second_opinion(package: str, folder: Path) -> list[Fault]:
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
