"""Pictures of the built site, for a look at every kind of page: `make screenshots`.

The pages are those whose addresses are given (`chu-de/viec-lam/`), by default the fullest of each kind in `build/site`,
in every language that is there. Each is taken on a telephone and on a wide screen, in light and in dark colours. With
`--readme` the two pictures of the README are taken instead, into `docs/images`; with `--guide` those of the guide to
the first report, of the example project's invented report. That of a workbook needs LibreOffice.
"""

import base64
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pypdfium2  # type: ignore[import-untyped]
from playwright.sync_api import Page

from build_tools.build import build_site
from build_tools.draft import make_draft
from build_tools.sheet.export import make_workbook
from tests.conftest import NO_OFFICE, PROJECT, find_chromium, find_office, opened_browser, serving
from tests.makers import REPORT, Project, copy_example

SITE = PROJECT / "build" / "site"
PICTURES = PROJECT / "build" / "screenshots"
README_PICTURES = {"home": "", "indicator": "chi-tieu/ty-le-ho-ngheo/"}
SCREENS = {"phone": (360, 740), "wide": (1280, 900)}


# The kinds of page a reader meets, as patterns of where they stand below the root of a language.
KINDS = {
    "home": "index.html",
    "topic": "chu-de/*/index.html",
    "indicator": "chi-tieu/*/index.html",
    "place": "dia-phuong/*/index.html",
    "report": "bao-cao/*/index.html",
    "audit": "doi-chieu/index.html",
    "promises": "cam-ket/index.html",
    "lookup": "tra-cuu/index.html",
}


def fullest_of_each_kind(site: Path) -> Iterator[tuple[str, str]]:
    """Yield name and address of the fullest page of each kind, in every language that is there."""
    for language in ("", "en"):
        root = site / language
        for kind, pattern in KINDS.items():
            pages = sorted(root.glob(pattern), key=lambda page: (-page.stat().st_size, page))
            if pages:
                address = pages[0].parent.relative_to(site).as_posix()
                yield "-".join(filter(None, (kind, language))), "" if address == "." else f"{address}/"


def picture_readme(chromium: Path) -> None:
    """Take the two pictures of the README: the top of a page, as a reader on a desk sees it."""
    folder = PROJECT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with serving(SITE) as host, opened_browser(chromium) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1400}, color_scheme="light")
        for name, address in README_PICTURES.items():
            page.goto(f"{host}/{address}", wait_until="networkidle")
            page.screenshot(path=folder / f"{name}.png")


def picture_guide(chromium: Path) -> None:
    """Take the pictures of the guide to the first report: a draft in a spreadsheet, and the page it becomes."""
    folder = PROJECT / "docs" / "images"
    with TemporaryDirectory() as made:
        project = copy_example(Path(made))
        build_site(project.settings())
        with serving(project.folder / "out" / "site") as host, opened_browser(chromium) as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme="light")
            picture_workbook(project, page, folder / "first-report-sheet.png")
            page.goto(f"{host}/en/bao-cao/{REPORT}/", wait_until="networkidle")
            page.screenshot(path=folder / "first-report-page.png")


def picture_workbook(project: Project, page: Page, picture: Path) -> None:
    """Picture the figures of a drafted report as LibreOffice prints them, with the names of rows and columns."""
    office = find_office()
    if office is None:
        print(f"{NO_OFFICE}: {picture.name}", file=sys.stderr)
        return
    folder = project.folder
    (text,) = project.texts.glob("*.txt")
    shutil.rmtree(project.report)
    drafted = make_draft(text, project.packages, project.texts, REPORT, "mau").folder
    workbook = make_workbook(drafted, project.packages, project.texts, folder / "a.xlsx").workbook
    book = openpyxl.load_workbook(workbook)
    for name in book.sheetnames:
        if name != "figures":
            del book[name]
    sheet = book["figures"]
    sheet.print_options.headings = sheet.print_options.gridLines = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.scale = "landscape", 8, 70
    for side in ("left", "right", "top", "bottom", "header", "footer"):
        setattr(sheet.page_margins, side, 0.1)
    book.save(workbook)
    command = [office, f"-env:UserInstallation=file://{folder / 'profile'}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(folder), str(workbook)], capture_output=True, check=True)
    drawn = pypdfium2.PdfDocument(folder / "a.pdf")[0].render(scale=1.3, prefer_bgrx=True)
    # As a BMP, which is a header before the bytes as they are, from the top row on.
    size = 54 + drawn.stride * drawn.height
    head = struct.pack(
        "<2sIHHIIiiHHIIiiII", b"BM", size, 0, 0, 54, 40, drawn.width, -drawn.height, 1, 32, 0, 0, 0, 0, 0, 0
    )
    shown = base64.b64encode(head + bytes(drawn.buffer)).decode()
    page.set_content(f'<body style="margin:0"><img src="data:image/bmp;base64,{shown}">')
    page.screenshot(path=picture, clip={"x": 0, "y": 0, "width": 1280, "height": 560})


def main(addresses: Sequence[str]) -> int:
    """Take the pictures and return the exit code."""
    chromium = find_chromium()
    if chromium is None:
        print("Không có Chromium / There is no Chromium: sudo apt-get install chromium", file=sys.stderr)
        return 1
    if addresses == ["--readme"]:
        picture_readme(chromium)
        return 0
    if addresses == ["--guide"]:
        picture_guide(chromium)
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    asked = [(address.strip("/").replace("/", "--") or "home", address) for address in addresses]
    wanted = asked or list(fullest_of_each_kind(SITE))
    with serving(SITE) as host, opened_browser(chromium) as browser:
        for screen, (width, height) in SCREENS.items():
            for colours in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if colours == "dark" else "light",
                )
                page = context.new_page()
                for name, address in wanted:
                    page.goto(f"{host}/{address}", wait_until="networkidle")
                    page.screenshot(path=PICTURES / f"{name}.{screen}.{colours}.png", full_page=True)
                context.close()
    print(f"Ảnh ở / The pictures are in {PICTURES.relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
