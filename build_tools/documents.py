"""The words of a document: a text file as it stands, a DOCX by its paragraphs, a PDF by its text layer.

A document comes from outside, so nothing in it is trusted: a DOCX is read as a stream of XML that may declare nothing,
a PDF by a process of its own with little memory and time, and both only up to the bounds in `Limits`. This is the one
home of the library that reads PDF.
"""

import contextlib
import io
import json
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from build_tools.archives import DAMAGED
from build_tools.errors import BuildError


@dataclass(frozen=True)
class Limits:
    """How much of a document is read before it is refused."""

    file_bytes: int = 100_000_000
    xml_bytes: int = 100_000_000  # of one part of a DOCX, unpacked
    entries: int = 5_000  # of a DOCX
    characters: int = 2_000_000  # a thousand pages
    pages: int = 2_000
    seconds: int = 120  # of a PDF
    memory: int = 2_000_000_000  # of the process that reads a PDF, in bytes


LIMITS = Limits()


@dataclass(frozen=True)
class Document:
    """What a document says. Of a PDF, `silent_pages` are those without a text layer, counted from 1."""

    kind: str  # text, docx or pdf
    text: str
    silent_pages: tuple[int, ...] = ()


def read_document(path: Path, limits: Limits = LIMITS) -> Document:
    """Return the words of a document; raise BuildError with the remedy for one that cannot be read."""
    content = _bytes_of(path, limits)
    if content.startswith(b"PK"):
        document = Document("docx", _read_docx(path, content, limits))
    elif b"%PDF-" in content[:1024]:
        document = _read_pdf(path, limits)
    elif content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise _refusal(
            path,
            "tệp Word đời cũ hoặc có mật khẩu / an old or an encrypted Word file",
            "Mở trong Word hay LibreOffice, bỏ mật khẩu và lưu lại dạng .docx / Save it as .docx, without a password.",
        )
    else:
        document = Document("text", _read_text(path, content))
    if len(document.text) > limits.characters:
        raise _too_large(path, f"{len(document.text)} > {limits.characters} ký tự / characters")
    if document.kind != "pdf" and not document.text.strip():
        raise _refusal(path, "không có chữ nào / it holds no words", "Kiểm lại tệp / Check the file.")
    return document


def _refusal(path: Path, what: str, remedy: str) -> BuildError:
    return BuildError(str(path), what, remedy)


def _too_large(path: Path, what: str) -> BuildError:
    return _refusal(
        path,
        f"tệp quá lớn / too large ({what})",
        "Tách thành nhiều tệp, mỗi báo cáo một tệp / Split it: one file for each report.",
    )


def _damaged(path: Path, problem: str) -> BuildError:
    return _refusal(
        path,
        f"tệp hỏng, không đọc được / damaged, cannot be read: {problem}",
        "Lấy lại tệp từ nơi công bố, hoặc mở rồi lưu lại / Fetch the file again, or open it and save it anew.",
    )


def _bytes_of(path: Path, limits: Limits) -> bytes:
    try:
        if not path.is_file():
            raise _refusal(path, "không phải một tệp / not a file", "Kiểm lại đường dẫn / Check the path.")
        with path.open("rb") as file:
            content = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise _refusal(
            path, f"không đọc được / cannot be read ({error.strerror})", "Kiểm lại đường dẫn và quyền đọc / Check it."
        ) from error
    if len(content) > limits.file_bytes:
        raise _too_large(path, f"> {limits.file_bytes} byte")
    return content


# --- Text ------------------------------------------------------------------------------------------------------------

_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def _read_text(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal(
            path,
            f"không phải UTF-8 / not UTF-8: byte 0x{content[error.start]:02X}, dòng / line {line}",
            "Lưu lại với mã UTF-8 (Unicode), không phải TCVN3 hay VNI / Save it as UTF-8.",
        ) from error
    if stranger := _NOT_TEXT.search(text):
        line = text.count("\n", 0, stranger.start()) + 1
        raise _refusal(
            path,
            f"có ký tự điều khiển / holds the control character U+{ord(stranger[0]):04X}, dòng / line {line}",
            "Đây có phải tệp văn bản? Lưu lại dạng văn bản thuần / Is it a text file? Save it as plain text.",
        )
    return text


# --- DOCX ------------------------------------------------------------------------------------------------------------
#
# A .docx is a zip archive. What Word shows stands in word/document.xml, among much else:
#
#   <w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr></w:pPr>
#        <w:r><w:t>Giải quyết việc làm cho </w:t></w:r><w:r><w:t>17.034 người</w:t></w:r></w:p>
#
# The number of a numbered paragraph is not in it: Word counts it, by the rules in word/numbering.xml, and so do we.


class _RefusedError(Exception):
    """A part of a DOCX that is not read: what is wrong with it."""


def _read_docx(path: Path, content: bytes, limits: Limits) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and "content.xml" in names:
                raise _refusal(
                    path,
                    "tệp OpenDocument / an OpenDocument file",
                    "Mở trong LibreOffice và lưu lại dạng .docx / Open it in LibreOffice and save it as .docx.",
                )
            if "word/document.xml" not in names or len(names) > limits.entries:
                raise _refusal(
                    path,
                    "tệp nén không phải văn bản Word / an archive, but no Word document",
                    "Cần .docx, .pdf có lớp chữ, hay .txt / Give a .docx, a .pdf with text, or a .txt.",
                )
            return _docx_text(archive, names, limits)
    except (*DAMAGED, expat.ExpatError) as error:
        raise _damaged(path, str(error)) from error
    except RuntimeError as error:  # what zipfile says of an archive that asks for a password
        raise _refusal(
            path, f"có mật khẩu / encrypted: {error}", "Bỏ mật khẩu rồi lưu lại / Save it without a password."
        ) from error
    except _RefusedError as error:
        raise _refusal(
            path,
            str(error),
            "Mở trong Word hay LibreOffice rồi lưu lại dạng .docx / Open it in Word or LibreOffice and save it anew.",
        ) from error


_Event = tuple[str, str, Mapping[str, str]]  # start, end or text; the tag or the text; the attributes of a start


def _events(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[_Event]:
    """Yield the elements and texts of a part, without the spaces of their names, which differ between editions."""
    found: list[_Event] = []

    def local(name: str) -> str:
        return name.rpartition(" ")[2]

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        found.append(("start", local(tag), {local(key): value for key, value in attributes.items()}))

    def refuse(*_: object) -> None:
        raise _RefusedError(f"{name} khai báo DTD, điều tệp Word không có / declares a DTD, which Word files do not")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: found.append(("end", local(tag), {}))
    parser.CharacterDataHandler = lambda text: found.append(("text", text, {}))
    parser.StartDoctypeDeclHandler = refuse
    unpacked = 0
    with archive.open(name) as part:
        while chunk := part.read(1 << 16):
            unpacked += len(chunk)
            if unpacked > limits.xml_bytes:
                raise _RefusedError(f"{name} nở ra quá lớn / unpacks to more than {limits.xml_bytes} byte")
            parser.Parse(chunk)
            yield from found
            found.clear()
    parser.Parse(b"", True)
    yield from found


@dataclass
class _Level:
    """One level of a numbered list: `%1.%2.` in decimals, from 1."""

    start: int = 1
    format: str = "decimal"
    text: str = ""


@dataclass
class _Numbering:
    """The lists of a document, and where each has counted to."""

    levels: dict[tuple[str, int], _Level] = field(default_factory=dict)  # by abstract list and level
    lists: dict[str, str] = field(default_factory=dict)  # the abstract list of each list
    starts: dict[tuple[str, int], int] = field(default_factory=dict)  # where a list of its own begins anew
    styles: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # list, level and parent of a style
    counts: dict[str, list[int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, number: str, level: int, style: str) -> str:
        """Return what Word prints before a paragraph, counting it; empty for one that is in no list."""
        seen: set[str] = set()
        while not number and style in self.styles and style not in seen:
            seen.add(style)
            number, level, parent = self.styles[style]
            style = parent
        abstract = self.lists.get(number, "")
        if not abstract or not 0 <= level <= 8:
            return ""
        counts = self.counts.setdefault(abstract, [])
        while len(counts) <= level:
            counts.append(self._start(abstract, len(counts)) - (len(counts) == level))
        del counts[level + 1 :]
        if (number, level) in self.starts and (number, level) not in self.begun:
            counts[level] = self.starts[number, level] - 1
        self.begun.add((number, level))
        counts[level] += 1
        shape = self.levels.get((abstract, level), _Level())
        if shape.format in ("bullet", "none"):
            return "- " if shape.format == "bullet" else ""
        printed = shape.text
        for index, count in enumerate(counts):
            form = self.levels.get((abstract, index), _Level()).format
            printed = printed.replace(f"%{index + 1}", _counted(count, form))
        return f"{printed} " if printed else ""

    def _start(self, abstract: str, level: int) -> int:
        return self.levels.get((abstract, level), _Level()).start


def _counted(count: int, form: str) -> str:
    """Return a list's number as Word prints it: 4, 04, iv, IV, d or D."""
    if form == "decimalZero":
        return f"{count:02d}"
    if form in ("lowerLetter", "upperLetter") and count > 0:
        letters = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 8)
        return letters if form == "lowerLetter" else letters.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < count < 4000:
        roman = ""
        pairs = zip(
            (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
            ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
            strict=True,
        )
        for value, sign in pairs:
            roman += sign * (count // value)
            count %= value
        return roman if form == "lowerRoman" else roman.upper()
    return str(count)


def _whole(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and re.fullmatch("[0-9]{1,6}", text) else otherwise


def _read_numbering(archive: zipfile.ZipFile, names: set[str], limits: Limits) -> _Numbering:
    numbering = _Numbering()
    if "word/numbering.xml" in names:
        abstract = number = ""
        level = 0
        for event, tag, attributes in _events(archive, "word/numbering.xml", limits):
            if event != "start":
                continue
            value = attributes.get("val", "")
            if tag == "abstractNum":
                abstract, number = attributes.get("abstractNumId", ""), ""
            elif tag == "num":
                number = attributes.get("numId", "")
            elif tag == "abstractNumId":
                numbering.lists[number] = value
            elif tag in ("lvl", "lvlOverride"):
                level = _whole(attributes.get("ilvl"))
                if tag == "lvl" and not number:
                    numbering.levels[abstract, level] = _Level()
            elif tag == "startOverride":
                numbering.starts[number, level] = _whole(value, 1)
            elif not number and (abstract, level) in numbering.levels:
                shape = numbering.levels[abstract, level]
                if tag == "start":
                    shape.start = _whole(value, 1)
                elif tag == "numFmt":
                    shape.format = value
                elif tag == "lvlText":
                    shape.text = value
    if "word/styles.xml" in names:
        style = ""
        for event, tag, attributes in _events(archive, "word/styles.xml", limits):
            if event != "start":
                continue
            if tag == "style":
                style = attributes.get("styleId", "")
                numbering.styles[style] = ("", 0, "")
            elif style and tag in ("numId", "ilvl", "basedOn"):
                number, level, parent = numbering.styles[style]
                value = attributes.get("val", "")
                if tag == "numId":
                    number = value
                elif tag == "ilvl":
                    level = _whole(value)
                else:
                    parent = value
                numbering.styles[style] = (number, level, parent)
    return numbering


_UNSEEN = frozenset(("del", "moveFrom", "instrText", "delText", "Fallback", "footnoteRef", "endnoteRef"))
_INSTEAD = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass
class _Paragraph:
    """A paragraph while it is read."""

    parts: list[str] = field(default_factory=list)
    number: str = ""
    level: int = 0
    style: str = ""


class _Body:
    """Gathers the lines of a part of a document as its elements go by."""

    def __init__(self, numbering: _Numbering, limits: Limits):
        self.lines: list[str] = []
        self.notes: list[str] = []  # the ids of the footnotes, in the order of their marks
        self._numbering = numbering
        self._room = limits.characters
        self._open: list[_Paragraph] = []
        self._cells: list[list[str]] = []  # the rows that are open, each with the words of its cells
        self._unseen = 0
        self._properties = 0
        self._in_text = False
        self._run = 0  # where the words of the run at hand begin
        self._hidden = False  # whether that run is not shown

    def take(self, event: str, tag: str, attributes: Mapping[str, str]) -> None:
        """Take in one element or text."""
        if event == "text":
            if self._in_text and not self._unseen:
                self._add(tag)
        elif event == "start":
            self._start(tag, attributes)
        else:
            self._end(tag)

    def _add(self, text: str) -> None:
        self._room -= len(text)
        if self._room < 0:
            raise _RefusedError("quá nhiều chữ / too many words")
        if self._open:
            self._open[-1].parts.append(text)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _UNSEEN or self._unseen:
            self._unseen += 1
            return
        if tag == "p":
            self._open.append(_Paragraph())
        elif tag == "pPr":
            self._properties += 1
        elif self._properties:
            self._property(tag, attributes)
        elif tag == "t":
            self._in_text = True
        elif tag == "r":
            self._run, self._hidden = len(self._open[-1].parts) if self._open else 0, False
        elif tag == "vanish":
            self._hidden = attributes.get("val", "true") not in ("0", "false", "off")
        elif tag in _INSTEAD:
            self._add(_INSTEAD[tag])
        elif tag == "footnoteReference":
            self.notes.append(attributes.get("id", ""))
            self._add(str(len(self.notes)))
        elif tag == "tr":
            self._cells.append([])
        elif tag == "tc" and self._cells:
            self._cells[-1].append("")

    def _property(self, tag: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if not self._open:
            return
        if tag == "numId":
            self._open[-1].number = value
        elif tag == "ilvl":
            self._open[-1].level = _whole(value)
        elif tag == "pStyle":
            self._open[-1].style = value

    def _end(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
        elif tag == "t":
            self._in_text = False
        elif tag == "pPr":
            self._properties -= 1
        elif tag == "r":
            if self._hidden and self._open:
                del self._open[-1].parts[self._run :]
            self._hidden = False
        elif tag == "p" and self._open:
            self._close(self._open.pop())
        elif tag == "tr" and self._cells:
            row = "\t".join(self._cells.pop())
            if self._cells and self._cells[-1]:
                self._cells[-1][-1] += f" {row}"
            else:
                self.lines.append(row)

    def _close(self, paragraph: _Paragraph) -> None:
        words = "".join(paragraph.parts)
        # A paragraph whose list is 0 has been taken out of the list of its style.
        in_list = paragraph.number != "0"
        label = self._numbering.label(paragraph.number, paragraph.level, paragraph.style) if in_list else ""
        if words.strip() and label:
            words = label + words.lstrip()
        if self._cells and self._cells[-1]:
            cell = self._cells[-1][-1]
            self._cells[-1][-1] = f"{cell} {words.strip()}".strip()
        else:
            self.lines += words.split("\n")


def _docx_text(archive: zipfile.ZipFile, names: set[str], limits: Limits) -> str:
    numbering = _read_numbering(archive, names, limits)
    body = _Body(numbering, limits)
    for event in _events(archive, "word/document.xml", limits):
        body.take(*event)
    lines = body.lines
    if body.notes and "word/footnotes.xml" in names:
        lines += ["", *_footnotes(archive, body.notes, numbering, limits)]
    return _tidy("\n".join(lines))


def _footnotes(archive: zipfile.ZipFile, order: list[str], numbering: _Numbering, limits: Limits) -> Iterator[str]:
    """Yield the lines of the footnotes, each begun by its number, in the order of their marks."""
    notes: dict[str, _Body] = {}
    note: _Body | None = None
    for event, tag, attributes in _events(archive, "word/footnotes.xml", limits):
        if event == "start" and tag == "footnote":
            note = notes[attributes.get("id", "")] = _Body(numbering, limits)
        elif event == "end" and tag == "footnote":
            note = None
        elif note is not None:
            note.take(event, tag, attributes)
    for number, key in enumerate(order, 1):
        if key in notes:
            words = "\n".join(line.strip() for line in notes[key].lines if line.strip())
            yield from f"{number} {words}".split("\n")


def _tidy(text: str) -> str:
    """Return text of ours in NFC, with line feeds only and without characters that nobody sees."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(
        r"[\x00-\x08\x0b\x0e-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]", "", text
    )
    return "\n".join(line.rstrip() for line in text.split("\n"))


# --- PDF -------------------------------------------------------------------------------------------------------------


def _read_pdf(path: Path, limits: Limits) -> Document:
    """Return the words of a PDF, read by another process that can neither outgrow its memory nor run for ever."""
    command = [sys.executable, "-m", "build_tools.documents", str(path.resolve()), str(limits.pages)]
    command += [str(limits.characters), str(limits.seconds), str(limits.memory)]
    root = str(Path(__file__).resolve().parent.parent)
    try:
        done = subprocess.run(command, capture_output=True, cwd=root, timeout=limits.seconds + 5, check=False)
    except subprocess.TimeoutExpired as error:
        raise _too_slow(path, limits) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        if done.returncode in (-24, -9):  # SIGXCPU, SIGKILL: its time was up
            raise _too_slow(path, limits) from error
        raise _damaged(path, f"PDF ({done.returncode})") from error
    problem = answer.get("problem", "")
    if problem == "password":
        raise _refusal(
            path,
            "PDF có mật khẩu / an encrypted PDF",
            "Mở bằng mật khẩu rồi in lại thành PDF không mật khẩu / Print it to a PDF without a password.",
        )
    if problem == "large":
        raise _too_large(path, str(answer["what"]))
    if problem == "memory":
        raise _too_large(path, "bộ nhớ / memory")
    if problem:
        raise _damaged(path, str(answer.get("what", problem)))
    pages = [_tidy(re.sub("[\x02\ufffe]", "-\n", page.replace("\r\n", "\n"))) for page in answer["pages"]]
    silent = tuple(number for number, page in enumerate(pages, 1) if not page.strip())
    if len(silent) == len(pages):
        raise _refusal(
            path,
            f"PDF không có lớp chữ ({len(pages)} trang, có lẽ là bản quét) / no text layer, probably a scan",
            "Xin bản gốc .docx, hoặc nhận dạng chữ (OCR) rồi soát lại từng con số / "
            "Ask for the .docx, or recognise its text (OCR) and compare every number.",
        )
    return Document("pdf", "\n".join(pages) + "\n", silent)


def _too_slow(path: Path, limits: Limits) -> BuildError:
    return _refusal(
        path,
        f"đọc quá {limits.seconds} giây / takes more than {limits.seconds} seconds to read",
        "In lại thành PDF mới, hoặc tách tệp / Print it to a new PDF, or split it.",
    )


def _pages_of(file: str, most_pages: int, most_characters: int) -> dict[str, object]:
    """Return the words of each page, or what kept them from being read."""
    import pypdfium2  # type: ignore[import-untyped]  # It carries no types.

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        return {"problem": "password" if "password" in str(error).lower() else "damaged", "what": str(error)}
    if len(document) > most_pages:
        return {"problem": "large", "what": f"{len(document)} > {most_pages} trang / pages"}
    pages: list[str] = []
    room = most_characters
    for index in range(len(document)):
        try:
            page = document[index]
            pages.append(page.get_textpage().get_text_bounded())
            page.close()
        except pypdfium2.PdfiumError as error:
            return {"problem": "damaged", "what": f"trang / page {index + 1}: {error}"}
        room -= len(pages[-1])
        if room < 0:
            return {"problem": "large", "what": f"> {most_characters} ký tự / characters"}
    return {"pages": pages} if pages else {"problem": "damaged", "what": "không có trang nào / no pages"}


def _bound(seconds: int, memory: int) -> None:
    """Bound what this process may use, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _answer(arguments: list[str], out: IO[str]) -> None:
    """Write the pages of the PDF named in the arguments as JSON: the other end of `_read_pdf`."""
    file, pages, characters, seconds, memory = arguments
    _bound(int(seconds), int(memory))
    try:
        answer = _pages_of(file, int(pages), int(characters))
    except MemoryError:
        answer = {"problem": "memory"}
    json.dump(answer, out)


if __name__ == "__main__":
    _answer(sys.argv[1:], sys.stdout)
