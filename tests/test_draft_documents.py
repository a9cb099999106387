"""A draft from a text, a DOCX and a PDF; what a maintainer decided stays; what cannot be read is refused plainly."""

import html
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from build_tools.checks import check
from build_tools.draft import Drafted, make_draft
from build_tools.errors import BuildError
from tests.makers import EXAMPLE, edit_cell
from tests.test_draft_measured import rows

TEXT = EXAMPLE / "texts" / "mau-2023-viec-lam.txt"
VOCABULARY = EXAMPLE / "datapackages" / "vocabulary"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
KNOWN = ("value", "value_high", "unit", "measure", "qualifier", "base", "direction", "period_start", "period_end")


def draft(document: Path, folder: Path) -> Drafted:
    """Draft a document with the words of the example."""
    return make_draft(document, folder / "packages", folder / "texts", "nhap", vocabulary=VOCABULARY)


def found(drafted: Drafted) -> list[tuple[str, ...]]:
    """Return what the draft knows of each figure, apart from where it stands."""
    return [tuple(row[column] for column in KNOWN) for row in rows(drafted.folder / "figures.csv")]


def docx(path: Path, body: str) -> Path:
    """Write a DOCX of the smallest kind; `body` is the XML of its document part."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", body)
    return path


def paragraphs(text: str) -> str:
    """Return the document part of a text, a paragraph a line."""
    lines = "".join(f"<w:p><w:r><w:t>{html.escape(line)}</w:t></w:r></w:p>" for line in text.splitlines())
    return f'<w:document xmlns:w="{WORD}"><w:body>{lines}</w:body></w:document>'


def pdf(path: Path, browser: Browser, body: str) -> Path:
    """Print a page as PDF."""
    page = browser.new_page()
    page.set_content(f"<meta charset=utf-8><body style='font-family:DejaVu Sans,sans-serif'>{body}")
    page.pdf(path=path)
    page.close()
    return path


@pytest.fixture
def of_text(tmp_path: Path) -> Drafted:
    """The draft of the example's text."""
    return draft(TEXT, tmp_path / "of-text")


def test_draft_of_a_text_knows_its_figures(of_text: Drafted) -> None:
    """Values, units, qualifiers, changes and ranges of the example are right, and every row says what it guessed."""
    figures = rows(of_text.folder / "figures.csv")
    assert [row["value"] for row in figures] == ["1250", "104.17", "1200", "600", "650", "32", "2.5", "0.5", "15"]
    assert [row["unit"] for row in figures][-4:] == ["ty-dong", "phan-tram", "diem-phan-tram", "ho"]
    assert figures[5]["qualifier"] == "over"
    assert (figures[7]["base"], figures[7]["direction"]) == ("2022", "down")
    assert figures[8]["value_high"] == "20"
    assert all("đoán: " in row["note"] for row in figures)


def test_draft_is_not_published(of_text: Drafted) -> None:
    """Until a maintainer has settled it, validate names what is guessed, and the draft stops a publication."""
    faults = check(of_text.folder.parent, TEXT.parent, [of_text.folder, VOCABULARY]).faults
    unfinished = [fault for fault in faults if fault.code == "draft-unfinished"]
    assert {fault.level for fault in unfinished} == {"error"}
    assert {fault.file for fault in unfinished} >= {"datapackage.json", "figures.csv"}


def test_docx_gives_the_same_figures(of_text: Drafted, tmp_path: Path) -> None:
    """The same words in a DOCX are the same figures; its text is put beside the other texts, not into the package."""
    document = docx(tmp_path / "bao-cao.docx", paragraphs(TEXT.read_text(encoding="utf-8")))
    drafted = draft(document, tmp_path)
    assert found(drafted) == found(of_text)
    assert drafted.text.parent == tmp_path / "texts"
    assert not list(drafted.folder.glob("*.txt"))


def test_pdf_gives_the_same_figures(of_text: Drafted, tmp_path: Path, browser: Browser) -> None:
    """The same words printed as PDF are the same figures."""
    body = "".join(f"<p>{html.escape(part)}</p>" for part in TEXT.read_text(encoding="utf-8").split("\n\n"))
    assert found(draft(pdf(tmp_path / "bao-cao.pdf", browser, body), tmp_path)) == found(of_text)


def test_second_draft_keeps_what_was_decided(of_text: Drafted, tmp_path: Path) -> None:
    """A cell that a maintainer filled or corrected is the same after another draft."""
    path = of_text.folder / "figures.csv"
    key = rows(path)[2]["figure_id"]
    edit_cell(path, key, "indicator", "giai-quyet-viec-lam")
    edit_cell(path, key, "stance", "target")
    edit_cell(path, key, "note", "Kế hoạch năm.")
    draft(TEXT, tmp_path / "of-text")
    row = rows(path)[2]
    assert (row["indicator"], row["stance"]) == ("giai-quyet-viec-lam", "target")
    assert "Kế hoạch năm." in row["note"]


def test_scan_without_text_is_refused(tmp_path: Path, browser: Browser) -> None:
    """A PDF that is only a picture has no words to draft from, and the message says what to do."""
    scan = pdf(tmp_path / "scan.pdf", browser, "<svg width=300 height=300><rect width=300 height=300 /></svg>")
    with pytest.raises(BuildError) as refused:
        draft(scan, tmp_path)
    assert refused.value.remedy
    assert not (tmp_path / "packages" / "nhap").exists()


HOSTILE = {
    "a damaged PDF": lambda folder: _written(folder / "x.pdf", b"%PDF-1.7\n" + b"\x00\xff" * 400),
    "a damaged DOCX": lambda folder: _written(folder / "x.docx", b"PK\x03\x04" + b"\x00" * 400),
    "a DOCX without its document": lambda folder: _written(folder / "x.docx", _empty_zip(folder)),
    "a DOCX with an entity": lambda folder: docx(
        folder / "x.docx",
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        + paragraphs("Năm 2023, 5 người.").replace("5", "&e;"),
    ),
    "a DOCX that unpacks without end": lambda folder: _bomb(folder / "x.docx"),
    "a text that is not UTF-8": lambda folder: _written(folder / "x.txt", "Năm 2023".encode("utf-16")),
    "an empty text": lambda folder: _written(folder / "x.txt", b""),
    "no file at all": lambda folder: folder / "x.txt",
}


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _empty_zip(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "empty.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    return (folder / "empty.zip").read_bytes()


def _bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            part.write(f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>'.encode())
            for _ in range(130):
                part.write(b" " * 1_000_000)
    return path


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_cannot_be_read_is_refused(make: object, tmp_path: Path) -> None:
    """A document that is broken or hostile ends in a message with place, cause and remedy, and writes nothing."""
    document = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(BuildError) as refused:
        draft(document, tmp_path)
    assert document.name in refused.value.place
    assert refused.value.what and refused.value.remedy
    assert not (tmp_path / "packages" / "nhap").exists()
