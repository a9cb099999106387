"""The whole build of a small project: what must be there, and what a change of one cell must change."""

import csv
import hashlib
import html
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import pytest

from build_tools.build import Built, build_site
from build_tools.cli import main
from build_tools.errors import BuildError
from tests.makers import REPORT, Project, copy_example, edit_cell, edit_descriptor, edit_text


def build(project: Project) -> Built:
    """Build a project and require that it was published."""
    built = build_site(project.settings())
    assert built.site is not None, built.checked.faults
    return built


def tree(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def words_of(page: Path) -> str:
    """Return the text of a page's content, without markup."""
    body = page.read_text(encoding="utf-8").partition("<article")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").split())


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example project, built once; tests that change something take a copy."""
    project = copy_example(tmp_path_factory.mktemp("example"))
    build(project)
    return project


@pytest.fixture
def changed(example: Project, tmp_path: Path) -> Project:
    """A copy of the built example that a test may change and build again."""
    shutil.copytree(example.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def site(project: Project) -> Path:
    """Return the folder of the built site."""
    return project.folder / "out" / "site"


PAGES = [
    "",
    "bao-cao/",
    f"bao-cao/{REPORT}/",
    f"bao-cao/{REPORT}/so/",
    f"bao-cao/{REPORT}/van-ban/",
    "chu-de/",
    "chu-de/viec-lam/",
    "chu-de/giam-ngheo/",
    "chi-tieu/",
    "chi-tieu/giai-quyet-viec-lam/",
    "chi-tieu/ty-le-ho-ngheo/",
    "dia-phuong/",
    "dia-phuong/mau/",
    "doi-chieu/",
    "doi-chieu/cheo/",
    "cam-ket/",
    f"doi-chieu/{REPORT}/",
    "doi-chieu/ket-luan/exact/",
    "doi-chieu/chu-de/viec-lam/",
    "tra-cuu/",
    "du-lieu/",
    f"du-lieu/{REPORT}/",
    f"du-lieu/{REPORT}/figures/",
    "du-lieu/vocabulary/",
    "thay-doi/",
    "phuong-phap/",
    "gioi-thieu/",
]

FILES = [
    f"du-lieu/{REPORT}.zip",
    f"du-lieu/{REPORT}-1.0.0.zip",
    f"du-lieu/{REPORT}/figures.csv",
    f"du-lieu/{REPORT}/figures.excel.csv",
    f"du-lieu/{REPORT}/figures.json",
    f"du-lieu/{REPORT}/ledger.csv",
    f"du-lieu/{REPORT}.bib",
    f"du-lieu/{REPORT}.ris",
    f"du-lieu/{REPORT}.csl.json",
    f"en/du-lieu/{REPORT}.bib",
    "feed.xml",
    "feed.json",
    "en/feed.xml",
    "chu-de/viec-lam/feed.xml",
    "chi-tieu/ty-le-ho-ngheo.csv",
    "chi-tieu/ty-le-ho-ngheo.json",
    "dia-phuong/mau.csv",
    f"bieu-do/giai-quyet-viec-lam--{REPORT}--target.svg",
    f"bieu-do/giai-quyet-viec-lam--{REPORT}--parts.png",
    "bieu-do/ty-le-ho-ngheo--nam.csv",
    "doi-chieu/findings.csv",
    f"doi-chieu/{REPORT}/findings.json",
    "manifest.json",
    "SHA256SUMS",
    "sitemap.xml",
    "404.html",
]


@pytest.mark.parametrize("address", PAGES)
def test_page_stands_at_its_address(example: Project, address: str) -> None:
    """Every kind of page is at the address that was promised for it."""
    assert (site(example) / address / "index.html").is_file()


@pytest.mark.parametrize("path", FILES)
def test_file_stands_at_its_address(example: Project, path: str) -> None:
    """Every kind of file is at the address that was promised for it."""
    assert (site(example) / path).stat().st_size > 0


def test_page_comes_from_plain_markdown(example: Project) -> None:
    """A page is a Markdown file with front matter before MkDocs sees it."""
    text = (example.folder / "out" / "vi" / "docs" / "chi-tieu" / "ty-le-ho-ngheo" / "index.md").read_text("utf-8")
    assert text.startswith('---\ntitle: "Tỷ lệ hộ nghèo"')
    assert "\n# Tỷ lệ hộ nghèo\n" in text


def test_every_number_of_the_home_page_leads_to_its_figure(example: Project) -> None:
    """The headline numbers are links whose anchors exist on the report's page."""
    home = (site(example) / "index.html").read_text(encoding="utf-8")
    numbers = re.findall(r'class="(?:tile|topics)__number">(.*?)</p>', home)
    numbers += re.findall(r'<td class="v">(.*?)</td>', home)
    numbers += re.findall(r'<dd class="num">(.*?)</dd>', home)
    assert len(numbers) >= 4
    report = (site(example) / "bao-cao" / REPORT / "index.html").read_text(encoding="utf-8")
    for number in numbers:
        link = re.search(rf'href="bao-cao/{REPORT}/#([a-z0-9_]+)"', number)
        assert link, number
        assert f'id="{link[1]}"' in report


def test_charts_show_target_parts_and_change(example: Project) -> None:
    """The three kinds of chart stand in the pages as SVG, each with a sentence and its data as a table."""
    jobs = (site(example) / "chi-tieu/giai-quyet-viec-lam/index.html").read_text(encoding="utf-8")
    poverty = (site(example) / "chi-tieu/ty-le-ho-ngheo/index.html").read_text(encoding="utf-8")
    for page, chart in ((jobs, "target"), (jobs, "parts"), (poverty, "nam")):
        figure = re.search(rf'class="chart" id="[a-z0-9-]+--{chart}">.*?</table>', page, re.DOTALL)
        assert figure and 'class="chart"' not in figure[0][20:]
        assert 'role="img" aria-label="' in figure[0]
        assert "<svg" in figure[0] and "<table" in figure[0]
    assert "104,17" in words_of(site(example) / "chi-tieu/giai-quyet-viec-lam/index.html")


def test_one_changed_value_changes_everything_that_shows_it(changed: Project) -> None:
    """Home, report, indicator, chart, download and audit follow a value; what does not show it stays."""
    before = tree(site(changed))
    edit_text(changed.texts / f"{REPORT}.txt", "1.250 người", "1.260 người")
    digest = hashlib.sha256((changed.texts / f"{REPORT}.txt").read_bytes()).hexdigest()
    edit_descriptor(changed.report, lambda d: d["report"]["text"].update(sha256=digest))
    edit_text(changed.report / "ledger.csv", "1.250", "1.260")
    edit_cell(changed.report / "figures.csv", "jobs_created", "value", "1260")
    build(changed)
    after = tree(site(changed))
    moved = {path for path in after if before.get(path) != after[path]}
    assert moved >= {
        "index.html",
        f"bao-cao/{REPORT}/index.html",
        "chi-tieu/giai-quyet-viec-lam/index.html",
        "chu-de/viec-lam/index.html",
        "dia-phuong/mau/index.html",
        f"doi-chieu/{REPORT}/index.html",
        f"bieu-do/giai-quyet-viec-lam--{REPORT}--target.svg",
        f"bieu-do/giai-quyet-viec-lam--{REPORT}--parts.csv",
        f"du-lieu/{REPORT}.zip",
        f"du-lieu/{REPORT}/figures.csv",
        "chi-tieu/giai-quyet-viec-lam.csv",
    }
    assert any(path.startswith("tra-cuu/tim/so") for path in moved)
    assert "1.260" in words_of(site(changed) / "index.html")
    assert "chi-tieu/ty-le-ho-ngheo/index.html" not in moved
    audit = words_of(site(changed) / "doi-chieu" / REPORT / "index.html")
    assert "Không khớp như in" in audit
    assert "600 + 650 = 1.250" in audit


def test_second_report_appears_everywhere(changed: Project) -> None:
    """A package that is dropped in gets its pages, and its figures stand beside the others, without a line of code."""
    second = changed.packages / "mau-2022-viec-lam"
    shutil.copytree(changed.report, second)
    for name in ("figures", "ledger"):
        path = second / f"{name}.csv"
        path.write_text(path.read_text("utf-8").replace("2023-", "2022-"), "utf-8")
    edit_descriptor(second, lambda d: (d.update(name="mau-2022-viec-lam"), d["report"].update(short_title="Mẫu 2022")))
    build(changed)
    root = site(changed)
    assert (root / "bao-cao/mau-2022-viec-lam/index.html").is_file()
    assert (root / "du-lieu/mau-2022-viec-lam.zip").is_file()
    for page in ("bao-cao", "chi-tieu/ty-le-ho-ngheo", "chu-de/viec-lam", "dia-phuong/mau", "doi-chieu"):
        assert "mau-2022-viec-lam/" in (root / page / "index.html").read_text("utf-8"), page
    assert "Mẫu 2022" in words_of(root / "chi-tieu/ty-le-ho-ngheo/index.html")
    assert "18 con số từ 2 báo cáo của 1 tỉnh" in words_of(root / "index.html")


def test_target_stands_beside_its_outcome(example: Project) -> None:
    """A promise shows the target, the stated result and attainment, and what the arithmetic gives."""
    text = words_of(site(example) / "cam-ket/index.html")
    assert "Giải quyết việc làm 1.200 người Mẫu 2023 104,17 % 104,166… % 1.250 người" in text


def test_two_reports_of_one_thing_stand_side_by_side(changed: Project) -> None:
    """What two reports state is on one page, with the class of the difference, and in the audit's machine form."""
    shutil.copytree(changed.report, changed.packages / "mau-khac")
    edit_descriptor(changed.packages / "mau-khac", _renamed("mau-khac"))
    edit_cell(changed.packages / "mau-khac" / "figures.csv", "jobs_men", "qualifier", "over")
    build(changed)
    text = words_of(site(changed) / "doi-chieu/cheo/index.html")
    assert "số này không bác số kia" in text and "Các báo cáo in cùng một số," in text


def _renamed(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda descriptor: descriptor.update(name=name)


def test_long_list_goes_on_over_pages(changed: Project) -> None:
    """An indicator with more figures than a page holds shows the rest on the next, and all in the CSV."""
    for year in range(1960, 2000):
        package = changed.packages / f"mau-{year}"
        shutil.copytree(changed.report, package)
        for name in ("figures", "ledger"):
            path = package / f"{name}.csv"
            path.write_text(path.read_text("utf-8").replace("2023-", f"{year}-"), "utf-8")
        edit_descriptor(package, _renamed(package.name))
    build(changed)
    folder = site(changed) / "chi-tieu" / "giai-quyet-viec-lam"
    rows = [(folder / part / "index.html").read_text("utf-8").count('class="s"') for part in ("", "trang-2")]
    assert rows[0] == rows[1] == 60
    assert len((site(changed) / "chi-tieu/giai-quyet-viec-lam.csv").read_text("utf-8").splitlines()) == 1 + 41 * 5
    assert (folder / "trang-4" / "index.html").is_file() and not (folder / "trang-5").exists()


def _emptied(project: Project) -> None:
    shutil.rmtree(project.packages)
    project.packages.mkdir()


FAULTS = {
    "a fault of the data": lambda p: edit_cell(p.report / "figures.csv", "jobs_created", "value", "1251"),
    "a missing table": lambda p: (p.report / "claims.csv").unlink(),
    "no folder of packages": lambda p: shutil.rmtree(p.packages),
    "no packages in it": _emptied,
}


@pytest.mark.parametrize("plant", FAULTS.values(), ids=FAULTS.keys())
def test_failing_build_leaves_the_old_site(changed: Project, plant: object) -> None:
    """With a fault nothing is published: the site stays as it was, byte for byte."""
    before, version = tree(site(changed)), site(changed).resolve().name
    plant(changed)  # type: ignore[operator]
    assert build_site(changed.settings()).site is None
    assert site(changed).resolve().name == version
    assert tree(site(changed)) == before


def test_failing_template_leaves_the_old_site(changed: Project) -> None:
    """A fault of the build itself ends it with place and remedy, and the site stays as it was."""
    before = tree(site(changed))
    edit_cell(changed.packages / "vocabulary" / "topics.csv", "viec-lam", "icon", "no-such-icon")
    with pytest.raises(BuildError, match="no-such-icon"):
        build_site(changed.settings())
    assert tree(site(changed)) == before


def test_same_input_gives_the_same_bytes(changed: Project) -> None:
    """Building again changes nothing, and the site keeps its version."""
    before, version = tree(site(changed)), site(changed).resolve().name
    build(changed)
    assert tree(site(changed)) == before
    assert site(changed).resolve().name == version


def test_site_is_complete_without_the_texts(changed: Project) -> None:
    """Without the reports' texts every page is there, and says that places were not compared again."""
    shutil.rmtree(changed.texts)
    changed.texts.mkdir()
    build(changed)
    assert "Văn bản không có mặt" in words_of(site(changed) / "bao-cao" / REPORT / "index.html")
    assert not (site(changed) / "bao-cao" / REPORT / "van-ban").exists()


def test_text_of_a_report_stands_on_its_own_page_only(example: Project) -> None:
    """The words of a report are on the page of its text; elsewhere are its numbers and our own words."""
    words = "Chi hơn"
    own = f"bao-cao/{REPORT}/van-ban/index.html"
    assert words in (example.texts / f"{REPORT}.txt").read_text("utf-8")
    for path in site(example).rglob("*"):
        if path.suffix in (".html", ".json", ".csv", ".xml", ".txt"):
            address = path.relative_to(site(example)).as_posix().removeprefix("en/")
            assert (words in path.read_text(encoding="utf-8")) == (address == own), path


def test_figure_and_its_place_in_the_text_lead_to_each_other(example: Project) -> None:
    """From a row one click shows the number marked in the text; from there one click leads back."""
    row = (site(example) / "bao-cao" / REPORT / "index.html").read_text("utf-8")
    text = (site(example) / "bao-cao" / REPORT / "van-ban" / "index.html").read_text("utf-8")
    assert 'href="van-ban/#jobs_created"' in row
    assert '<mark id="jobs_created"><a href="../#jobs_created">1.250</a></mark>' in text


def test_plain_csv_is_the_source(example: Project) -> None:
    """The CSV to download is the package's own, byte for byte."""
    downloaded = site(example) / "du-lieu" / REPORT / "figures.csv"
    assert downloaded.read_bytes() == (example.report / "figures.csv").read_bytes()


def test_spreadsheet_csv_runs_nothing(changed: Project) -> None:
    """In the CSV for spreadsheets a cell that would be a formula gets an apostrophe; the plain one keeps it."""
    note = '=HYPERLINK("x")'
    edit_cell(changed.report / "figures.csv", "households", "note", note)
    build(changed)
    base = site(changed) / "du-lieu" / REPORT
    content = (base / "figures.excel.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    cells = [cell for row in rows for cell in row]
    assert f"'{note}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert note in [cell for row in csv.reader(io.StringIO((base / "figures.csv").read_text("utf-8"))) for cell in row]


def test_zip_stands_alone(example: Project, tmp_path: Path) -> None:
    """The zip holds tables, vocabulary, descriptor and README, and frictionless finds nothing wrong with it."""
    with zipfile.ZipFile(site(example) / "du-lieu" / f"{REPORT}.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / REPORT
    assert {"figures.csv", "ledger.csv", "claims.csv", "indicators.csv", "README.md"} <= {
        p.name for p in folder.iterdir()
    }
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["code", "message"])
    assert not [warning for task in report.tasks for warning in task.warnings]
    descriptor = json.loads((folder / "datapackage.json").read_text("utf-8"))
    figures = next(r for r in descriptor["resources"] if r["name"] == "figures")
    assert figures["rows"] == 9
    assert figures["hash"] == f"sha256:{hashlib.sha256((folder / 'figures.csv').read_bytes()).hexdigest()}"
    assert len(figures["schema"]["foreignKeys"]) == 5


def test_hostile_words_stay_words(changed: Project) -> None:
    """Markup, Markdown and template signs in names and notes are shown as they are, and do nothing."""
    hostile = (
        "<script>alert(1)</script> {{ 7*7 }} {% raw %} [a](javascript:x) **b** `c` <!-- fragment: x --> &lt; | # _d"
    )
    edit_cell(changed.packages / "vocabulary" / "indicators.csv", "ty-le-ho-ngheo", "name_vi", hostile)
    edit_cell(changed.report / "figures.csv", "households", "note", hostile)
    build(changed)
    page = site(changed) / "chi-tieu/ty-le-ho-ngheo/index.html"
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page.read_text("utf-8"), re.DOTALL)
    assert heading and html.unescape(re.sub(r"<[^>]+>", "", heading[1])).strip() == hostile
    for path in site(changed).rglob("*.html"):
        assert "<script>alert" not in path.read_text("utf-8"), path


def test_build_command_prints_what_it_built(
    changed: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last lines say how much was built, how many figures and findings, and what to open."""
    monkeypatch.chdir(Path(__file__).parent.parent)
    folder = changed.folder
    arguments = [
        "build",
        "--packages",
        str(changed.packages),
        "--out",
        str(folder / "out"),
        "--reports",
        str(changed.texts),
    ]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert "9 con số, 4 phép tính" in printed
    assert str(folder / "out" / "site" / "index.html") in printed


def test_build_command_names_the_fault(
    changed: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that is stopped exits with 1 and prints file, line, column and remedy."""
    monkeypatch.chdir(Path(__file__).parent.parent)
    edit_cell(changed.report / "figures.csv", "poverty_rate", "value", "2,5")
    with pytest.raises(SystemExit) as ended:
        main(["build", "--packages", str(changed.packages), "--out", str(changed.folder / "out"), "--lang", "en"])
    printed = capsys.readouterr().err
    assert ended.value.code == 1
    assert f"{REPORT}/figures.csv, line 8, column value" in printed
    assert "Write 2.5." in printed
