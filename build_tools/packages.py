"""Read data packages: our strict layer first, then frictionless as the second opinion.

Frictionless lets through what would be wrong on a public page (`17.034` as seventeen, unknown encodings, symbolic
links, addresses to fetch). So a package is read by the rules here. One of our own (a report, the vocabulary, across)
keeps narrower rules and is shown to frictionless too, which must agree. Any other is read as its descriptor declares,
every cell kept as it stands. Everything found is a fault with its place; nothing here raises for faults in the data.
"""

import csv
import difflib
import hashlib
import io
import json
import logging
import os
import re
import stat
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

from build_tools.cells import (
    Field,
    UnreadableError,
    Value,
    number_remedy,
    plain_number,
    read_bound,
    read_json,
    read_value,
    to_json,
)
from build_tools.descriptors import (
    DESCRIPTOR,
    HASHES,
    NAMES,
    SLUG,
    Accepted,
    Dialect,
    Key,
    Resource,
    as_text,
    decode,
    find_descriptor,
    read_accepted,
    read_document,
    read_resources,
    slug_of,
    value_fault,
)
from build_tools.faults import MOST_OF_A_KIND, Fault, fault, stops
from build_tools.folders import MOST_BYTES, DamagedError, TooLargeError, odd_entries, read_bytes, twin, unpack
from build_tools.numbers import CellError, read_cell
from build_tools.patterns import PatternError, not_matching

__all__ = ["DESCRIPTOR", "SLUG", "Field", "Package", "Table", "read_package", "read_packages", "suggestion"]

VERSION = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.+-]{0,30}[0-9A-Za-z])?")
SEPARATORS = {",": "dấu phẩy / comma", ";": "dấu chấm phẩy / semicolon", "\t": "tab", "|": "dấu sổ đứng / pipe"}
ACCEPTABLE = (
    *("cell-constraint", "cell-enum", "cell-number", "cell-pattern", "cell-required", "cell-space", "cell-type"),
    *("key-twice", "key-unknown", "row-blank", "row-length", "bytes-differ", "hash-differs", "rows-differ"),
    "thousands-shape",
)
"""Codes of errors that a package may be published with, when its descriptor accepts them with a reason."""

MOST_SECONDS = 10
MOST_MEMORY = 300_000_000  # bytes that the tables of a package may take
_REMEMBERED = 5_000  # different cells of a column that are kept once and judged once
_MOST_HINTS, _MOST_WORDS = 20, 1_000  # words that are looked for near what stands in a column, and among how many
_LONGEST_CELL = 2_000_000
csv.field_size_limit(_LONGEST_CELL)


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must stand in a table of the same package."""

    fields: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A file that a table or an attachment is made of, as it stands in the folder."""

    path: str
    content: bytes
    rows: int = 0  # of the table that stand in it


@dataclass(frozen=True)
class Table:
    """A table as it stands: every cell text, every row with its line in the file."""

    name: str
    path: str  # of its first part; the descriptor's when the data stand in it
    title: str
    title_en: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # the line of each row in its part, the header being line 1
    content: bytes  # as CSV: the file itself where it is plain CSV, else the same cells written so
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    resource: str = ""  # its name in the descriptor, of which `name` is the address
    description: str = ""
    description_en: str = ""
    parts: tuple[Part, ...] = ()

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
class Attachment:
    """A resource that is no table: a file to download as it stands."""

    name: str  # as an address
    file: str  # the name under which it may be offered: no browser runs what has it
    title: str
    title_en: str
    description: str
    description_en: str
    path: str
    content: bytes
    resource: str = ""


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
    if ours:
        faults += _rules_of_ours(name, descriptor)
    accepted, found = read_accepted(name, file, descriptor, ACCEPTABLE)
    faults += found
    reading = _Reading(name, folder, file, ours, accepted)
    if not (ours and stops(faults)):
        stopped = {match[1] for item in faults if item.level == "error" and (match := _OF_RESOURCE.match(item.column))}
        sound = [resource for resource in resources if str(resource.index) not in stopped]
        reading.read(sound)
    faults += reading.found()
    if ours and not stops(faults):
        faults += _second_opinion(name, folder)
    tables, attachments = reading.tables, reading.attachments
    if reading.unread or len(tables) + len({one.resource for one in attachments}) != len(resources) or not resources:
        return None, tuple(sorted(faults))
    digest = hashlib.sha256(read_bytes(folder, file) or b"")
    for content in (*(table.content for table in tables), *(one.content for one in attachments)):
        digest.update(hashlib.sha256(content).digest())
    shown = tuple(sorted(item for item in faults if item.level == "warning"))
    package = Package(name, folder, descriptor, tuple(tables), digest.hexdigest(), tuple(attachments), accepted, shown)
    return package, tuple(sorted(faults))


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


# ---- bounds --------------------------------------------------------------------------------------------------------


class _OverBoundError(Exception):
    """A package that takes more than it may."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what


class _Budget:
    """What a package may still take; time is this thread's own, so that a busy machine refuses no package."""

    def __init__(self) -> None:
        self._begun = time.thread_time()
        self._room = MOST_MEMORY

    def spend(self, size: int) -> None:
        """Take memory, about that many bytes; raises _OverBoundError when there is no more, or the time is up."""
        self._room -= size
        if self._room < 0:
            raise _OverBoundError(f"{MOST_MEMORY // 1_000_000} MB bộ nhớ / of memory")
        if time.thread_time() - self._begun > MOST_SECONDS:
            raise _OverBoundError(f"{MOST_SECONDS} giây / seconds")

    @contextmanager
    def children(self) -> Iterator[None]:
        """Count the time of processes that are started within; raises _OverBoundError when the time is up."""
        before = os.times()
        try:
            yield
        finally:
            after = os.times()
            spent = after.children_user - before.children_user + after.children_system - before.children_system
            self._begun -= spent
            self.spend(0)


_STEP = 2048  # rows between two looks at the bounds


# ---- reading the resources -----------------------------------------------------------------------------------------


@dataclass
class _Rows:
    """The rows of a table while it is read: each with its part and its line there."""

    columns: tuple[str, ...] = ()
    written: tuple[str, ...] = ()  # the header of the first part
    order: tuple[int, ...] = ()  # for each column, where it stands in a row of the file; -1: nowhere
    rows: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # for each part, the number of rows up to its end
    is_whole: bool = True  # whether no row was left out


class _Reading:
    """Reads the resources of one package and gathers what is wrong with them."""

    def __init__(self, package: str, folder: Path, file: str, ours: bool, accepted: Sequence[Accepted]):
        self.tables: list[Table] = []
        self.attachments: list[Attachment] = []
        self.unread = False
        self._package = package
        self._folder = folder
        self._file = file
        self._ours = ours
        self._accepted = accepted
        self._used: set[Accepted] = set()
        self._faults: list[Fault] = []
        self._counts: dict[tuple[str, str, str], int] = {}
        self._last: dict[tuple[str, str, str], int] = {}
        self._budget = _Budget()
        self._resource = ""
        self._slugs: dict[str, str] = {}
        self._names: dict[Path, dict[str, list[str]]] = {}

    def read(self, resources: Sequence[Resource]) -> None:
        """Read the resources, then the references between their tables."""
        self._slugs = {resource.name: resource.slug for resource in resources}
        try:
            read: dict[str, tuple[Resource, Table]] = {}
            for resource in resources:
                self._resource = resource.name
                if resource.is_table:
                    table = self._table(resource)
                    if table is None:
                        self.unread = True
                    else:
                        self.tables.append(table)
                        read[resource.name] = (resource, table)
                else:
                    self._attach(resource)
            tables = {name: table for name, (_, table) in read.items()}
            named = {resource.name for resource in resources}
            for resource, table in read.values():
                self._resource = resource.name
                self._references(resource, table, tables, named)
        except _OverBoundError as error:
            self.unread = True
            self._resource = ""
            self._faults.append(fault(self._package, self._file, "package-over-bound", what=error.what))

    def found(self) -> list[Fault]:
        """Return what is wrong: at most the first hundred of a kind in a file, the last of them counting the rest."""
        faults = list(self._faults)
        for key, count in self._counts.items():
            if count > MOST_OF_A_KIND:
                at = self._last[key]
                faults[at] = replace(faults[at], rest=count - MOST_OF_A_KIND)
        for entry in self._accepted:
            if entry not in self._used and not self.unread:
                faults.append(fault(self._package, self._file, "accepted-unused", column=entry.where, cell=entry.code))
        return faults

    def _add(self, item: Fault) -> None:
        """Take a fault in: a warning where it is accepted, counted where there are many of its kind."""
        if item.code in ACCEPTABLE and self._accepted:
            entry = next((one for one in self._accepted if one.covers(item, self._resource)), None)
            if entry is not None:
                self._used.add(entry)
                reasons = {"accepted": entry.reason, "accepted_en": entry.reason_en or entry.reason}
                details = tuple(sorted({**dict(item.details), **reasons}.items()))
                item = replace(item, level="warning", details=details)
        key = (item.file, item.code, item.level)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count % _STEP == 0:
            self._budget.spend(0)
        if count <= MOST_OF_A_KIND:
            self._last[key] = len(self._faults)
            self._faults.append(item)

    def _say(self, file: str, code: str, **details: Any) -> None:
        self._add(fault(self._package, file, code, **details))

    # ---- files ----

    def _content(self, path: str) -> bytes | None:
        """Return what a file holds, None with its fault."""
        try:
            content = read_bytes(self._folder, path)
        except TooLargeError as error:
            self._say(path, "file-too-large", bytes=error.bytes, most=MOST_BYTES)
            return None
        if content is None:
            self._say(path, "file-missing", resource=self._resource)
            return None
        other = twin(self._folder, path, self._names)
        if other:
            self._say(path, "path-twin", cell=other)
            return None
        self._budget.spend(len(content))
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
            contents.append((self._file, to_json(resource.data).encode() + b"\n"))
        declared = resource.declared
        for number, (path, content) in enumerate(contents, 1):
            name = resource.slug if len(contents) == 1 else f"{resource.slug}-{number}"
            ending = ".json" if path == self._file else offered_ending(path)
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
            self._add(value_fault(self._package, self._file, where, stated, "số byte / a number of bytes"))
        elif stated is not None and stated != size:
            self._say(place, "bytes-differ", column=where, cell=str(stated), found=size)
        stated = resource.stated("hash")
        where = f"{resource.where}.hash"
        if stated in (None, ""):
            return
        kind, _, digits = stated.rpartition(":") if isinstance(stated, str) else ("", "", "")
        kind = kind.lower() or {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}.get(len(digits), "")
        if kind not in HASHES or not re.fullmatch("[0-9A-Fa-f]+", digits):
            self._add(value_fault(self._package, self._file, where, stated, "sha256:…"))
            return
        digest = hashlib.new(kind, usedforsecurity=False)
        for content in contents:
            digest.update(content)
        if digest.hexdigest() != digits.lower():
            self._say(place, "hash-differs", column=where, cell=stated, found=f"{kind}:{digest.hexdigest()}")

    # ---- tables ----

    def _table(self, resource: Resource) -> Table | None:
        """Return one table, every cell judged by its column; None when it cannot be read at all."""
        found = _Rows(tuple(one.name for one in resource.fields or ()))
        contents: list[bytes] = []
        plain: bytes | None = None
        if resource.format == "inline":
            if not self._records(resource, found, self._file, f"{resource.where}.data", resource.data):
                return None
        else:
            for path in resource.paths:
                content = self._content(path)
                if content is None:
                    return None
                contents.append(content)
            self._measures(resource, contents)
            for number, (path, content) in enumerate(zip(resource.paths, contents, strict=True)):
                text = self._decoded(resource, path, content)
                if text is None:
                    return None
                if resource.format == "json":
                    if not self._json(resource, found, path, text):
                        return None
                elif not self._part(resource, found, path, text, number):
                    return None
                found.ends.append(len(found.rows))
            if len(contents) == 1 and _is_plain(resource) and not contents[0].startswith(b"\xef\xbb\xbf"):
                plain = contents[0]
        fields = _fields_of(resource, found.columns)
        if fields is None:
            return None
        stated = resource.stated("rows")
        if type(stated) is int and stated != len(found.rows) and found.is_whole:
            at = resource.paths[0] if resource.paths else self._file
            self._say(at, "rows-differ", column=f"{resource.where}.rows", cell=str(stated), found=len(found.rows))
        declared = resource.declared
        name = resource.name
        if plain is None or (resource.fields is not None and found.columns != tuple(f.name for f in resource.fields)):
            plain = _as_csv(found.columns, found.rows)
            self._budget.spend(len(plain))
        ends = [0, *found.ends]
        table = Table(
            name=self._name(name),
            path=resource.paths[0] if resource.paths else self._file,
            title=_text(declared, "title") or name,
            title_en=_text(declared, "title_en") or _text(declared, "title") or name,
            fields=fields,
            rows=tuple(found.rows),
            lines=tuple(found.lines),
            content=plain,
            primary_key=resource.primary_key,
            foreign_keys=tuple(
                ForeignKey(
                    key.fields, (key.resource or name) if self._ours else slug_of(key.resource or name), key.targets
                )
                for key in resource.foreign_keys
            ),
            resource=name,
            description=_text(declared, "description"),
            description_en=_text(declared, "description_en"),
            parts=tuple(
                Part(path, content, ends[number + 1] - ends[number])
                for number, (path, content) in enumerate(zip(resource.paths, contents, strict=False))
            ),
        )
        places = _Places(resource, table, ends, self._file)
        self._cells(table, places)
        self._keys(resource, table, places)
        return table

    def _name(self, resource: str) -> str:
        """Return a table's name as it is in our records: of another's package its address."""
        return resource if self._ours else self._slugs.get(resource, resource)

    def _decoded(self, resource: Resource, path: str, content: bytes) -> str | None:
        if resource.packed and (path.endswith(".gz") or resource.declared.get("compression") == "gz"):
            try:
                content = unpack(content)
            except TooLargeError as error:
                self._say(path, "file-too-large", bytes=f"> {error.bytes - 1}", most=MOST_BYTES)
                return None
            except DamagedError as error:
                self._say(path, "packed-damaged", problem=error)
                return None
            self._budget.spend(len(content))
        # A byte order mark is a habit of spreadsheets; in a package of our own it is a fault.
        if not self._ours and resource.encoding == "utf-8":
            content = content.removeprefix(b"\xef\xbb\xbf")
        self._budget.spend(2 * len(content))
        text, faults = decode(self._package, path, content, resource.encoding)
        for item in faults:
            self._add(item)
        return text

    def _part(self, resource: Resource, found: _Rows, path: str, text: str, number: int) -> bool:
        """Read the rows of one CSV file; a part but the first may repeat the header or leave it out."""
        dialect = resource.dialect
        header: list[list[str]] = []
        last_header = max(dialect.header_rows, default=0)
        if number == 0 and not dialect.header_rows:
            if resource.fields is None:
                self._say(path, "no-columns", row=1)
                return False
            found.written = found.columns
            found.order = tuple(range(len(found.columns)))
        kept: list[dict[str, str]] = [{} for _ in found.columns]
        blank: list[int] = []
        reader = _Lines(text, dialect)
        begun = len(found.rows)
        try:
            for count, (line, row) in enumerate(reader, 1):
                if count % _STEP == 0:
                    self._budget.spend(len(blank) and 40 * _STEP)
                if count in dialect.comment_rows:
                    continue
                if number == 0 and count <= last_header:
                    header += [row] if count in dialect.header_rows else []
                    if count == last_header:
                        if not self._header(resource, found, path, header, line):
                            return False
                        kept = [{} for _ in found.columns]
                    continue
                if number and count == 1 and dialect.header_rows and self._repeats(found, path, row):
                    if tuple(row) != found.written:
                        return False
                    continue
                if not row or (len(found.written) > 1 and not any(row)):
                    blank.append(line)
                    continue
                self._blank(found, path, blank)
                if len(row) != len(found.written):
                    details = {"found": len(row), "expected": len(found.written)}
                    self._say(path, "row-length", row=line, columns=dialect.delimiter.join(found.columns), **details)
                    found.is_whole = False
                    continue
                if reader.lines_of_row > 1 and not self._ours:
                    self._merged(resource, found, path, line, row)
                found.rows.append(_kept(tuple(row[at] if at >= 0 else "" for at in found.order), kept))
                found.lines.append(line)
                if len(found.rows) - begun >= _STEP:
                    self._budget.spend(_size_of(found.rows[begun:]))
                    begun = len(found.rows)
        except csv.Error as error:
            self._say(path, "csv-syntax", row=reader.line, problem=error)
            return False
        if self._ours:
            self._blank(found, path, blank)
        if not found.written:
            shown = ", ".join(found.columns) or "?"
            self._say(path, "column-missing", row=1, column=shown, expected=shown)
            return False
        self._budget.spend(_size_of(found.rows[begun:]))
        return True

    def _blank(self, found: _Rows, path: str, lines: list[int]) -> None:
        """Name blank rows that stand between others; those at the end of a file are no rows."""
        for line in lines:
            self._say(path, "row-blank", row=line)
            found.is_whole = False
        lines.clear()

    def _repeats(self, found: _Rows, path: str, row: list[str]) -> bool:
        """Return whether the first row of a further part is a header; one that is not the first part's is a fault."""
        header = found.written
        if tuple(row) == header:
            return True
        if len(set(row)) < 2 or sum(cell in header for cell in row) * 2 <= len(row):
            return False
        expected = ", ".join(header)
        for cell in row:
            if cell not in header:
                self._say(path, "column-extra", row=1, column=cell, expected=expected)
        for name in header:
            if name not in row:
                self._say(path, "column-missing", row=1, column=name, expected=expected)
        if set(row) == set(header):
            wrong, right = next((a, b) for a, b in zip(row, (*header, "?"), strict=False) if a != b)
            self._say(path, "column-order", row=1, column=wrong, expected=right)
        return True

    def _header(self, resource: Resource, found: _Rows, path: str, rows: list[list[str]], line: int) -> bool:
        """Take in the header of the first part and where each column stands in its rows; False where it is wrong."""
        dialect = resource.dialect
        width = max(map(len, rows))
        filled = [[*row, *[""] * (width - len(row))] for row in rows]
        header = tuple(dialect.header_join.join(filter(None, cells)) for cells in zip(*filled, strict=True))
        columns = found.columns or header
        faults = list(_header_faults(self._package, path, header, resource, columns, line))
        for item in faults:
            self._add(item)
        if faults:
            return False
        fold = str.casefold if dialect.any_case else str
        places = {fold(name): at for at, name in enumerate(header)}
        order = [places.get(fold(name), -1) for name in columns]
        if resource.fields is not None and resource.fields_match in ("subset", "partial"):
            taken = set(order)
            more = [at for at in range(len(header)) if at not in taken]
            columns, order = (*columns, *(header[at] for at in more)), [*order, *more]
        found.columns, found.written, found.order = columns, header, tuple(order)
        return True

    def _merged(self, resource: Resource, found: _Rows, path: str, line: int, row: list[str]) -> None:
        """Say where a quotation mark that was not closed has swallowed rows.

        The lines within such a cell have just as many delimiters as whole rows have, the first and last line of it as
        many as the cell's own place leaves; prose with line breaks has not, row after row.
        """
        last, sign = len(row) - 1, resource.dialect.delimiter
        types = [one.type for one in resource.fields or ()]
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
                column = found.columns[at] if at < len(found.columns) else ""
                self._say(path, "quote-merges-rows", row=line, column=column, cell=cell, lines=len(lines))
                return

    def _json(self, resource: Resource, found: _Rows, path: str, text: str) -> bool:
        try:
            data = read_json(text)
        except json.JSONDecodeError as error:
            self._say(path, "descriptor-json", row=error.lineno, problem=error.msg, position=error.colno)
            return False
        except ValueError as error:
            self._say(path, "descriptor-json", row=1, problem=str(error)[:80], position=1)
            return False
        return self._records(resource, found, path, "data", data)

    def _records(self, resource: Resource, found: _Rows, file: str, where: str, data: Any) -> bool:
        """Read rows that stand as JSON: objects, or lists of which the first is the header."""
        expected = "danh sách các dòng / a list of rows"
        if isinstance(data, str) or not isinstance(data, list):
            self._add(value_fault(self._package, file, where, str(type(data).__name__), expected))
            return False
        columns = tuple(one.name for one in resource.fields or ())
        first = 0
        if all(isinstance(row, Mapping) for row in data):
            if not columns:
                columns = tuple(dict.fromkeys(str(name) for row in data for name in row))
            order: list[Any] = list(columns)
            for index, row in enumerate(data):
                for name in row:
                    if name not in columns:
                        at = f"{where}[{index}].{name}"
                        self._say(file, "column-extra", column=at, expected=", ".join(columns))
        elif all(isinstance(row, list) for row in data):
            header = columns
            if resource.dialect.header_rows:
                first, header = 1, tuple(map(as_text, data[0]))
                columns = columns or header
                faults = list(_header_faults(self._package, file, header, resource, columns, 0))
                for item in faults:
                    self._add(replace(item, column=f"{where}[0]: {item.column}"))
                if faults:
                    return False
            order = [header.index(name) if name in header else -1 for name in columns]
        else:
            self._add(value_fault(self._package, file, where, "?", expected))
            return False
        if not columns:
            self._say(file, "no-columns", column=where)
            return False
        found.columns = columns
        kept: list[dict[str, str]] = [{} for _ in columns]
        for index in range(first, len(data)):
            row = data[index]
            if isinstance(row, list) and len(row) != len(header):
                at = f"{where}[{index}]"
                shown = ", ".join(columns)
                self._say(file, "row-length", column=at, found=len(row), expected=len(header), columns=shown)
                found.is_whole = False
                continue
            values = [row.get(at) if isinstance(row, Mapping) else row[at] if at >= 0 else None for at in order]
            found.rows.append(_kept(tuple(map(as_text, values)), kept))
            found.lines.append(index + 1)
            if index % _STEP == 0:
                self._budget.spend(_size_of(found.rows[-_STEP:]))
        return True

    # ---- cells and keys ----

    def _cells(self, table: Table, places: "_Places") -> None:
        """Judge every cell by its column, equal cells of a column once."""
        for column, one in enumerate(table.fields):
            judge = _Judge(one, self._ours)
            known: dict[str, tuple[str, dict[str, str]] | None] = {}
            for index, row in enumerate(table.rows):
                cell = row[column]
                verdict = known.get(cell, _UNKNOWN)
                if verdict is _UNKNOWN:
                    verdict = judge.cell(cell)
                    if len(known) < _REMEMBERED:
                        known[cell] = verdict
                if verdict is not None:
                    code, details = verdict
                    self._add(places.fault(self._package, code, index, one.name, cell, details))
                if index % _STEP == 0:
                    self._budget.spend(0)
            self._pattern(table, places, column, one)
            if one.type == "number" and not self._ours and not one.says_decimal:
                self._thousands(table, places, column, one)

    def _pattern(self, table: Table, places: "_Places", column: int, one: Field) -> None:
        if not one.pattern:
            return
        cells = {row[column] for row in table.rows if row[column] not in one.missing}
        where = f"resources.{table.name}.schema.{one.name}.constraints.pattern"
        try:
            with self._budget.children():
                wrong = not_matching(one.pattern, sorted(cells))
        except PatternError as error:
            self._add(
                value_fault(
                    self._package,
                    self._file,
                    where,
                    one.pattern,
                    f"biểu thức chính quy dùng được / a regular expression that can be used ({error})",
                )
            )
            return
        for index, row in enumerate(table.rows if wrong else ()):
            if row[column] in wrong:
                example = "2023-11-09" if one.name == "as_of" else "jobs_created"
                code = "cell-pattern"
                details = {"expected": one.pattern, "example": example}
                if not self._ours:
                    code, details = "cell-constraint", {"constraint": "pattern", "expected": one.pattern}
                self._add(places.fault(self._package, code, index, one.name, row[column], details))

    def _thousands(self, table: Table, places: "_Places", column: int, one: Field) -> None:
        """Say where the points of a column separate thousands: each number from 1,000 on has one, none below has.

        Decimals of measured things do not all have three places while the rest have none.
        """
        pointed = -1
        whole = False
        for index, row in enumerate(table.rows):
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
            cell = table.rows[pointed][column]
            details = {"correction": cell.replace(".", "")}
            self._add(places.fault(self._package, "thousands-shape", pointed, one.name, cell, details))

    def _keys(self, resource: Resource, table: Table, places: "_Places") -> None:
        """Say where a primary key, or what must be unique, stands on an earlier row."""
        keys = [table.primary_key] if table.primary_key else []
        keys += [(one.name,) for one in table.fields if one.unique and (one.name,) not in keys]
        keys += [key for key in resource.unique_keys if key not in keys]
        for key in keys:
            first: dict[tuple[str, ...], int] = {}
            at = [table.columns.index(name) for name in key]
            fields = [table.fields[i] for i in at]
            is_primary = key == table.primary_key
            for index, row in enumerate(table.rows):
                cells = [row[i] for i in at]
                absent = [one for one, cell in zip(fields, cells, strict=True) if cell in one.missing]
                if absent and is_primary and not self._ours:
                    for one in absent:
                        if not one.required:
                            details = {"expected": "khóa chính / the primary key"}
                            self._add(places.fault(self._package, "cell-required", index, one.name, "", details))
                    continue
                if len(absent) == len(cells):
                    continue
                value = tuple(_comparable(one, cell) for one, cell in zip(fields, cells, strict=True))
                if value in first:
                    line = places.line(first[value])
                    shown = ", ".join(cells)
                    self._add(
                        places.fault(self._package, "key-twice", index, ", ".join(key), shown, {"first": str(line)})
                    )
                else:
                    first[value] = index
                if index % _STEP == 0:
                    self._budget.spend(_STEP * (100 + 60 * len(key)))

    def _references(self, resource: Resource, table: Table, tables: Mapping[str, Table], named: set[str]) -> None:
        """Say which cells refer to no row of the table that their foreign key names."""
        places = _Places(resource, table, [0, *_ends(table)], self._file)
        for key in resource.foreign_keys:
            target = tables.get(key.resource or resource.name)
            if target is None and key.resource in named:
                continue  # It could not be read, which has its own fault.
            if target is None or set(key.targets) - set(target.columns):
                where = f"resources.{table.name}.schema.foreignKeys"
                shown = f"{key.resource} {list(key.targets)}"
                expected = "bảng và cột có thật / a real table"
                self._add(value_fault(self._package, self._file, where, shown, expected))
                continue
            self._reference(table, places, key, target)

    def _reference(self, table: Table, places: "_Places", key: Key, target: Table) -> None:
        there = [(target.columns.index(name), target.fields[target.columns.index(name)]) for name in key.targets]
        known = {tuple(_comparable(one, row[at]) for at, one in there) for row in target.rows}
        self._budget.spend(len(known) * 150)
        here = [(table.columns.index(name), table.fields[table.columns.index(name)]) for name in key.fields]
        words: list[str] | None = None
        hints: dict[str, dict[str, str]] = {}
        for index, row in enumerate(table.rows):
            cells = [row[at] for at, _ in here]
            absent = [cell in one.missing for cell, (_, one) in zip(cells, here, strict=True)]
            if any(absent) if not self._ours else all(absent):
                continue
            if tuple(_comparable(one, cell) for cell, (_, one) in zip(cells, here, strict=True)) in known:
                continue
            shown = " ".join(cells)
            if words is None:
                words = sorted({" ".join(value) for value in known})[:_MOST_WORDS]
            if shown not in hints and len(hints) < _MOST_HINTS:
                hints[shown] = suggestion(shown, words)
            name = target.path if self._ours else target.resource
            details = {"table": name, **hints.get(shown, suggestion("", ()))}
            self._add(places.fault(self._package, "key-unknown", index, ", ".join(key.fields), shown, details))
            if index % _STEP == 0:
                self._budget.spend(0)


def _ends(table: Table) -> list[int]:
    ends, total = [], 0
    for part in table.parts:
        total += part.rows
        ends.append(total)
    return ends


_UNKNOWN: Any = object()
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_SMALL = re.compile(r"-?(?:0|[1-9][0-9]{0,2})")


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
        for row in self._reader:
            self.lines_of_row = self._number - self.line + 1
            yield self.line, row
            self._begins = True


def _kept(cells: tuple[str, ...], kept: list[dict[str, str]]) -> tuple[str, ...]:
    """Return cells of which equal ones of a column are one object: most columns have few different ones."""
    return tuple(
        known.setdefault(cell, cell) if len(known) < _REMEMBERED else known.get(cell, cell)
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


def _as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()


def _is_plain(resource: Resource) -> bool:
    """Return whether a file is CSV as anyone reads it: commas, double quotes, UTF-8, the header on the first line."""
    return (
        resource.format == "csv"
        and not resource.packed
        and resource.encoding == "utf-8"
        and replace(resource.dialect, is_declared=False, null=None) == Dialect()
    )


def _fields_of(resource: Resource, columns: Sequence[str]) -> tuple[Field, ...] | None:
    """Return the fields of the columns that were read; one that is not declared holds text."""
    if not columns:
        return None
    declared = {one.name: one for one in resource.fields or ()}
    fields = tuple(declared.get(name) or Field(name, "any", missing=resource.missing) for name in columns)
    if resource.format in ("inline", "json"):  # null stands as an empty cell
        fields = tuple(one if "" in one.missing else replace(one, missing=(*one.missing, "")) for one in fields)
    return fields


class _Places:
    """Where the rows of a table stand: their file and line, or their place in the descriptor."""

    def __init__(self, resource: Resource, table: Table, ends: Sequence[int], descriptor: str):
        self._resource = resource
        self._table = table
        self._ends = ends
        self._descriptor = descriptor

    def line(self, index: int) -> int:
        return self._table.lines[index]

    def fault(
        self, package: str, code: str, index: int, column: str, cell: str, details: Mapping[str, object]
    ) -> Fault:
        line = self.line(index)
        if self._resource.format == "inline":
            where = f"{self._resource.where}.data[{line - 1}].{column}"
            return fault(package, self._descriptor, code, column=where, cell=cell, details=details)
        part = next((n for n, end in enumerate(self._ends[1:]) if index < end), 0)
        file = self._resource.paths[part]
        if self._resource.format == "json":
            return fault(package, file, code, column=f"[{line - 1}].{column}", cell=cell, details=details)
        return fault(package, file, code, row=line, column=column, cell=cell, details=details)


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


def suggestion(word: str, known: Sequence[str]) -> dict[str, str]:
    """Return the nearest known word as the end of a remedy in both languages, empty when none is near."""
    near = difflib.get_close_matches(word[:200], known, n=1, cutoff=0.75) if word else []
    return {
        "suggestion_vi": f" (có phải {near[0]}?)" if near else "",
        "suggestion_en": f" (did you mean {near[0]}?)" if near else "",
    }


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


# ---- the second opinion --------------------------------------------------------------------------------------------


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
