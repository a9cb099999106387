"""Read a workbook (XLSX) as it stands: for every cell its kind and the text that the file holds, nothing converted.

A number is evidence, so it may not go through binary fractions; a formula may not pass for what it came to; and a text
comes back letter for letter. Libraries that read workbooks do not promise all three (docs/decisions/0016-sheets.md).
Of the archive a few parts are read, as they stream by, within bounds: no entity, no macro, nothing of another file.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

from build_tools.archives import DAMAGED
from build_tools.errors import BuildError

MOST_IN_FILE = 20_000_000  # bytes of the workbook as it lies there
MOST_UNPACKED = 60_000_000  # bytes of the parts that are read
MOST_ENTRIES = 1_000
MOST_CELLS = 500_000
MOST_LETTERS = 50_000_000  # of all cells together: many cells may share one text
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_CHUNK = 1 << 16
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_KINDS = {"s": "text", "inlineStr": "text", "str": "text", "b": "boolean", "e": "error", "d": "date", "n": "number"}
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"  # an XLS file, or an XLSX file under a password


@dataclass(frozen=True)
class Cell:
    """A cell that holds something."""

    kind: str  # text, number, boolean, error, date or formula
    text: str  # as the file holds it


@dataclass(frozen=True)
class Page:
    """A sheet of a workbook: its cells by row and column, both counted from 1."""

    name: str
    cells: Mapping[tuple[int, int], Cell]
    merged: tuple[str, ...]  # ranges of cells that are shown as one


def read_workbook(path: Path) -> tuple[Page, ...]:
    """Return the sheets of a workbook in order, hidden ones too.

    Raises BuildError for a file that is no plain XLSX workbook, or holds more than is read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
        size = path.stat().st_size
    except OSError as error:
        raise _refused(path, f"không đọc được / cannot be read: {error.strerror}") from error
    if head == OLD_OR_LOCKED:
        raise _refused(path, "là tệp XLS cũ hoặc có mật khẩu / is an old XLS file or has a password")
    if size > MOST_IN_FILE:
        raise _refused(path, f"quá {MOST_IN_FILE} byte / more bytes than that")
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(_Reader(path, archive).pages())
    except DAMAGED as error:
        raise _refused(path, f"không phải sổ tính đọc được / is no workbook that can be read: {error}") from error


def _refused(path: Path, what: str) -> BuildError:
    remedy = "Lưu lại thành sổ tính .xlsx thường, không macro / Save it again as a plain .xlsx workbook without macros."
    return BuildError(str(path), what, remedy)


_Hearing = TypeVar("_Hearing", bound="_Target")


class _Reader:
    """Reads the parts of one archive, and counts what it reads."""

    def __init__(self, path: Path, archive: zipfile.ZipFile):
        self._path = path
        self._archive = archive
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if len(names) > MOST_ENTRIES:
            raise _refused(path, f"quá {MOST_ENTRIES} mục / more entries than that")
        if len({name.casefold() for name in names}) != len(names):
            raise _refused(path, "có hai mục cùng tên / has two entries of one name")
        if any(name.casefold().endswith("vbaproject.bin") for name in names):
            raise _refused(path, "có macro / holds macros")
        if any("externallink" in name.casefold() for name in names):
            raise _refused(path, "lấy dữ liệu từ tệp khác / takes data from another file")
        self._names = frozenset(names)
        self._left = MOST_UNPACKED
        self._letters = MOST_LETTERS
        self._cells = MOST_CELLS

    def pages(self) -> Iterator[Page]:
        """Yield the sheets in the order of the workbook."""
        if "[Content_Types].xml" not in self._names:
            raise _refused(self._path, "không phải sổ tính XLSX / is no XLSX workbook")
        types = self._parsed("[Content_Types].xml", _Parts())
        if any("macroEnabled" in str(one.get("ContentType")) for one in types.found):
            raise _refused(self._path, "có macro / holds macros")
        book = self._relation("", "officeDocument")
        related = self._related(book)
        texts: list[str] = []
        shared = next((target for kind, target in related.values() if kind == "sharedStrings"), None)
        if shared is not None:
            texts = self._parsed(shared, _Shared()).texts
        seen: set[str] = set()
        for sheet in self._parsed(book, _Parts()).found:
            name, key = sheet.get("name"), next((v for k, v in sheet.items() if k.endswith("}id")), "")
            if name is None or key not in related:
                continue
            kind, target = related[key]
            if name.casefold() in seen:
                raise _refused(self._path, f"có hai trang tính {name!r} / has two sheets {name!r}")
            seen.add(name.casefold())
            if kind == "worksheet":
                read = self._parsed(target, _Cells(self, texts))
                yield Page(name, read.cells, tuple(read.merged))

    def _relation(self, part: str, kind: str) -> str:
        found = next((target for one, target in self._related(part).values() if one == kind), None)
        if found is None:
            raise _refused(self._path, "không phải sổ tính XLSX / is no XLSX workbook")
        return found

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to within the archive: by id, its kind and its name."""
        folder, name = posixpath.split(part)
        file = posixpath.join(folder, "_rels", f"{name}.rels")
        found = {}
        for one in self._parsed(file, _Parts()).found if file in self._names else ():
            if one.get("TargetMode") != "External" and "Target" in one:
                target = posixpath.normpath(posixpath.join("/", folder, one["Target"])).lstrip("/")
                found[one.get("Id", "")] = (one.get("Type", "").rpartition("/")[2], target)
        return found

    def _parsed(self, name: str, target: _Hearing) -> _Hearing:
        if name not in self._names:
            raise _refused(self._path, f"thiếu phần {name} / lacks the part {name}")
        parser = ElementTree.XMLParser(target=target)  # noqa: S314  (a target refuses what entities are made of)
        try:
            with self._archive.open(name) as source:
                while chunk := source.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise _refused(
                            self._path, f"quá {MOST_UNPACKED} byte / more than {MOST_UNPACKED} bytes unpacked"
                        )
                    parser.feed(chunk)
            parser.close()
        except (ElementTree.ParseError, _OutOfBoundsError) as error:
            raise _refused(self._path, f"phần {name} không đọc được / part {name} cannot be read: {error}") from error
        return target

    def count(self, text: str) -> None:
        """Note a cell that was read; raise BuildError when there are too many or too long ones."""
        self._cells -= 1
        self._letters -= len(text)
        if self._cells < 0:
            raise _refused(self._path, f"quá {MOST_CELLS} ô / more than that many cells")
        if self._letters < 0:
            raise _refused(self._path, f"quá {MOST_LETTERS} chữ / more than that many letters")


class _OutOfBoundsError(ValueError):
    """A part that says what no spreadsheet writes."""


class _Target:
    """Hears of an XML document as it streams by, and refuses one that defines its own words."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Refuse a document type: it is what entities are made of, and no spreadsheet writes one."""
        del public, system
        raise _OutOfBoundsError(f"DOCTYPE {name}")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element's beginning."""

    def end(self, tag: str) -> None:
        """Hear of an element's end."""

    def data(self, text: str) -> None:
        """Hear of text."""

    def close(self) -> None:
        """Hear of the document's end."""


class _Parts(_Target):
    """Keeps the attributes of every element: of the small parts that say which others there are."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Keep the attributes of what a part lists."""
        if tag.rpartition("}")[2] in ("Override", "Default", "Relationship", "sheet"):
            self.found.append(attributes)


class _Texts(_Target):
    """Gathers texts: of an item, all its runs, without the signs for how they are spoken."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._is_text = False
        self._is_spoken = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note where a text begins."""
        del attributes
        name = _local(tag)
        self._is_spoken = self._is_spoken or name == "rPh"
        self._is_text = name == "t" and not self._is_spoken

    def end(self, tag: str) -> None:
        """Note where a text ends."""
        self._is_text = False
        if _local(tag) == "rPh":
            self._is_spoken = False

    def data(self, text: str) -> None:
        """Keep a piece of a text."""
        if self._is_text:
            self._pieces.append(text)

    def taken(self) -> str:
        """Return what was gathered, and begin anew."""
        text = "".join(self._pieces)
        self._pieces = []
        return _decoded(text)


class _Shared(_Texts):
    """The texts that cells refer to by number."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def end(self, tag: str) -> None:
        """Keep an item once it is whole."""
        super().end(tag)
        if _local(tag) == "si":
            self.texts.append(self.taken())


@dataclass
class _Open:
    """The cell that is being read."""

    kind: str = "n"
    is_formula: bool = False
    value: list[str] = field(default_factory=list)


class _Cells(_Texts):
    """The cells of a sheet, and its merged ranges."""

    def __init__(self, reader: _Reader, texts: list[str]):
        super().__init__()
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[str] = []
        self._reader = reader
        self._shared = texts
        self._row = self._column = 0
        self._open: _Open | None = None
        self._is_value = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note a row, a cell, or what stands in one."""
        super().start(tag, attributes)
        name = _local(tag)
        if name == "row":
            self._row, self._column = _counted(attributes.get("r"), self._row + 1, LAST_ROW), 0
        elif name == "c":
            self._place(attributes.get("r"))
            self._open = _Open(attributes.get("t", "n"))
        elif name == "f" and self._open is not None:
            self._open.is_formula = True
        elif name == "v" and self._open is not None:
            self._is_value = True
        elif name == "mergeCell":
            self.merged.append(attributes.get("ref", "?"))

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
        else:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise _OutOfBoundsError(f"r={reference[:20]!r}")
            self._row = int(match[2])
            self._column = 0
            for letter in match[1]:
                self._column = self._column * 26 + ord(letter) - ord("A") + 1
        if self._row > LAST_ROW or self._column > LAST_COLUMN:
            raise _OutOfBoundsError(f"r={reference!r}")

    def data(self, text: str) -> None:
        """Keep a piece of a cell's value or of its text."""
        super().data(text)
        if self._is_value and self._open is not None:
            self._open.value.append(text)

    def end(self, tag: str) -> None:
        """Keep a cell once it is whole and holds something."""
        super().end(tag)
        self._is_value = False
        if _local(tag) == "c" and self._open is not None:
            cell = self._read(self._open)
            self._open = None
            if cell.text or cell.kind != "text":
                self._reader.count(cell.text)
                self.cells[self._row, self._column] = cell

    def _read(self, one: _Open) -> Cell:
        value, written = "".join(one.value), self.taken()
        if one.kind not in _KINDS:
            raise _OutOfBoundsError(f"t={one.kind[:20]!r}")
        if one.is_formula:
            return Cell("formula", value)
        kind = _KINDS[one.kind]
        if one.kind == "s":
            if not (value.isascii() and value.isdigit() and int(value) < len(self._shared)):
                raise _OutOfBoundsError(f"t='s' {value[:20]!r}")
            return Cell(kind, self._shared[int(value)])
        if one.kind == "inlineStr":
            return Cell(kind, written)
        if not value:
            return Cell("text", "")  # an empty cell that only has a format
        return Cell(kind, _decoded(value) if kind == "text" else value.strip())


def _local(tag: str) -> str:
    """Return the name of an element of a workbook, nothing for one of another vocabulary."""
    for space in (_MAIN, _STRICT):
        if tag.startswith(space):
            return tag[len(space) :]
    return ""


def _decoded(text: str) -> str:
    """Return a text with the signs that XML cannot hold in their place: `_x000D_` is how a workbook writes them."""
    return _CODED.sub(lambda match: chr(int(match[1], 16)), text)


def _counted(text: str | None, otherwise: int, most: int) -> int:
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= most):
        raise _OutOfBoundsError(f"r={text[:20]!r}")
    return int(text)
