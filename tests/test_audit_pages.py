"""The public pages of the audit: findings at addresses that stay, beside their figures, with a letter to ask."""

import csv
import io
import json
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from build_tools.build import build_site
from build_tools.cli import main
from build_tools.schemas import resource
from tests.makers import REPORT, Project, copy_example, edit_cell, edit_descriptor, edit_text
from tests.test_whole_build import words_of


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example, built, with one more claim that does not agree: half the money is said to be all of it."""
    project = copy_example(tmp_path_factory.mktemp("failing"))
    with (project.report / "claims.csv").open("a", encoding="utf-8") as file:
        file.write("women_are_all,sum,jobs_created,jobs_women + jobs_women,stated,,,,\n")
    build_site(project.settings())
    return project


def page(project: Project, address: str) -> html.HtmlElement:
    """Return a page of the built site."""
    return html.fromstring((project.folder / "out" / "site" / address / "index.html").read_bytes().decode())


def test_finding_has_its_address(failing: Project) -> None:
    """The card stands under its claim's id, with working, difference, what would agree, and every place."""
    (card,) = page(failing, f"doi-chieu/{REPORT}/").xpath("//section[@id='women_are_all']")
    text = " ".join(card.text_content().split())
    assert "600 + 600 = 1.200" in text
    assert "Chênh 50 người." in text.replace("\u00a0", " ")
    assert "Báo cáo khớp nếu in1.200 người" in text.replace("\u00a0", " ")
    places = card.xpath(".//p[@class='provenance']//a/@href")
    assert places == [f"../../bao-cao/{REPORT}/van-ban/#jobs_created", f"../../bao-cao/{REPORT}/van-ban/#jobs_women"]


def test_letter_can_be_copied_and_mailed(failing: Project) -> None:
    """The letter names body, report, numbers and places, and the address of the mail says the same as the page."""
    (card,) = page(failing, f"doi-chieu/{REPORT}/").xpath("//section[@id='women_are_all']")
    (letter,) = card.xpath(".//*[@data-copy-text]")
    shown = "\n\n".join(p.text_content() for p in letter.xpath("p"))
    (href,) = card.xpath(".//a[starts-with(@href, 'mailto:')]/@href")
    parts = urlsplit(href)
    mail = parse_qs(parts.query)
    assert parts.path == "", "the reader knows the address, we do not"
    assert mail["subject"][0] in shown and mail["body"][0] in shown
    assert "Kính gửi Sở" in shown and "1.250" in shown and "600 + 600 = 1.200" in shown and "dòng 5" in shown


def test_figure_shows_the_finding_that_concerns_it(failing: Project) -> None:
    """Beside the result stands the verdict, beside an input that it is part of one; other figures have none."""
    rows = {row.get("id"): row for row in page(failing, f"bao-cao/{REPORT}/").xpath("//tr[@id]")}
    marks = {name: row.xpath(".//a[@class='mark']") for name, row in rows.items()}
    address = f"../../doi-chieu/{REPORT}/#women_are_all"
    assert [a.get("href") for a in marks["jobs_created"]] == [address]
    assert "Không khớp như in" in marks["jobs_created"][0].text_content()
    assert [a.get("href") for a in marks["jobs_women"]] == [address]
    assert "trong một phép tính không khớp" in marks["jobs_women"][0].text_content()
    assert [a.text_content() for a in marks["jobs_attainment"]] == ["Khớp khi làm tròn"]
    assert marks["jobs_money"] == []
    tiles = page(failing, "").xpath("//li[contains(@class,'tile')]//a[@class='mark']/@href")
    assert tiles == [f"doi-chieu/{REPORT}/#women_are_all"]


def test_findings_stand_by_report_verdict_and_topic(failing: Project) -> None:
    """The links that narrow the audit need no script, count what they lead to, and lead to pages of their own."""
    links = page(failing, "doi-chieu/").xpath("//nav[@class='filters']//a")
    found = {" ".join(a.text_content().split()): a.get("href") for a in links}
    assert found["Mẫu 2023, 5"] == f"{REPORT}/"
    assert found["Không khớp như in, 1"] == "ket-luan/fails/"
    assert found["Việc làm, 3"] == "chu-de/viec-lam/"
    for href in ("ket-luan/fails/", "chu-de/viec-lam/"):
        rows = page(failing, f"doi-chieu/{href}").xpath("//table//tbody/tr")
        assert f"../../{REPORT}/#women_are_all" in [a for row in rows for a in row.xpath(".//a/@href")]


def test_findings_can_be_downloaded(failing: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON holds the claims as `audit --json` prints them, the CSV a row each with the line of its first number."""
    site = failing.folder / "out" / "site"
    with pytest.raises(SystemExit):
        main(["audit", "--json", str(failing.report)])
    printed = json.loads(capsys.readouterr().out)["claims"]
    for address in ("doi-chieu", f"doi-chieu/{REPORT}"):
        assert json.loads((site / address / "findings.json").read_bytes())["claims"] == printed
        rows = list(csv.DictReader(io.StringIO((site / address / "findings.csv").read_text(encoding="utf-8"))))
        assert [row["claim_id"] for row in rows] == [claim["claim_id"] for claim in printed]
        row = next(row for row in rows if row["claim_id"] == "women_are_all")
        assert (row["verdict"], row["stated"], row["computed"], row["difference"]) == ("fails", "1250", "1200", "-50")
        assert (row["inputs"], row["line"]) == ("jobs_women", "5")


def test_answer_of_the_body_is_shown(failing: Project, tmp_path: Path) -> None:
    """A register of what was asked, answered and corrected stands with the finding; without it, nobody was asked."""
    assert "chưa hỏi" in words_of(failing.folder / "out" / "site" / "doi-chieu" / REPORT / "index.html")
    shutil.copytree(failing.folder, tmp_path / "project", symlinks=True)
    project = Project(tmp_path / "project")
    edit_descriptor(project.report, lambda d: d["resources"].append(resource("responses")))
    register = project.report / "responses.csv"
    header = "finding,asked,answered,corrected,answer_vi,answer_en\n"
    register.write_text(
        f"{header}women_are_all,2024-02-01,2024-03-05,,Số gồm cả nam.,It has men too.\n", encoding="utf-8"
    )
    assert build_site(project.settings()).site is not None
    text = words_of(project.folder / "out" / "site" / "doi-chieu" / REPORT / "index.html")
    assert "Hỏi ngày 01/02/2024. Trả lời ngày 05/03/2024. Số gồm cả nam." in text
    assert "chưa hỏi" not in text
    for row, code, column in (
        ("women_are_everyone,2024-02-01,,,,", "key-unknown", "finding"),
        ("women_are_all,2024-02-01,2024-01-05,,,", "days-order", "answered"),
        ("women_are_all,2024-02-01,,2024-01-05,,", "days-order", "corrected"),
        ("women_are_all,,2024-01-05,,,", "cell-required", "asked"),
    ):
        register.write_text(f"{header}{row}\n", encoding="utf-8")
        assert [(f.file, f.row, f.column, f.code) for f in project.faults()] == [("responses.csv", 2, column, code)]


# ---- the package of what lies between reports ----------------------------------------------------------------------

OTHER = "mau-khac"


@pytest.fixture
def two(tmp_path: Path) -> Project:
    """Two reports of one thing, and a package that relates them."""
    project = copy_example(tmp_path)
    shutil.copytree(project.report, project.packages / OTHER)
    edit_descriptor(project.packages / OTHER, lambda d: d.update(name=OTHER))
    edit_descriptor(project.packages / OTHER, lambda d: d["report"].update(short_title="Mẫu khác"))
    folder = project.packages / "across"
    folder.mkdir()
    (folder / "relations.csv").write_text(
        "id,a,b,kind,reason_vi,reason_en\n"
        f"jobs,{OTHER}#jobs_created,{REPORT}#jobs_created,copy_of,Cùng một câu.,One sentence.\n",
        encoding="utf-8",
    )
    (folder / "claims.csv").write_text(
        "claim_id,rule,result,formula,basis,line,start,as_written,note\n"
        f"jobs,sum,{REPORT}#jobs_created,{OTHER}#jobs_women + {OTHER}#jobs_men,stated,,,,\n",
        encoding="utf-8",
    )
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "across",
        "title": "Giữa các báo cáo",
        "title_en": "Between reports",
        "description": "Quan hệ giữa các con số.",
        "description_en": "How figures relate.",
        "version": "1.0.0",
        "created": "2024-01-01T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0"}],
        "resources": [resource("relations"), resource("claims", optional=False)],
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return project


def test_relations_and_claims_between_reports_are_shown(two: Project) -> None:
    """A copied number is said to be no independent evidence, with the reason; a claim over both has its card there."""
    built = build_site(two.settings())
    assert built.site is not None, built.checked.faults
    text = words_of(built.site / "doi-chieu" / "cheo" / "index.html")
    assert "không phải là bằng chứng độc lập" in text and "Cùng một câu." in text
    (card,) = page(two, "doi-chieu/cheo/").xpath("//section[@id='jobs']")
    assert "600 + 650 = 1.250" in card.text_content()
    assert card.xpath(".//p[@class='provenance']//a/@href") == [
        f"../../bao-cao/{REPORT}/van-ban/#jobs_created",
        f"../../bao-cao/{OTHER}/van-ban/#jobs_women",
    ]
    assert "Cũng in trong Mẫu khác" in words_of(built.site / "bao-cao" / REPORT / "index.html")


def test_across_alone_finds_the_reports_beside_it(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Who checks only the package between reports is not told that their figures are missing."""
    with pytest.raises(SystemExit) as ended:
        main(["audit", "--json", str(two.packages / "across")])
    assert ended.value.code == 0
    claims = json.loads(capsys.readouterr().out)["claims"]
    assert [(claim["package"], claim["claim_id"], claim["verdict"]) for claim in claims] == [
        ("across", "jobs", "exact")
    ]


WRONG = {
    "a figure that is not there": (f"{REPORT}#jobs_created,copy_of", f"{REPORT}#jobs_made,copy_of", "key-unknown", "b"),
    "one report": (f"{OTHER}#jobs_created", f"{REPORT}#jobs_women", "relation-within", "b"),
    "a kind nobody knows": ("copy_of", "copied", "cell-enum", "kind"),
    "no reason": ("Cùng một câu.", "", "cell-required", "reason_vi"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_wrong_relation_is_named(two: Project, case: tuple[str, str, str, str]) -> None:
    """A fault of a relation names its row and column."""
    old, new, code, column = case
    edit_text(two.packages / "across" / "relations.csv", old, new)
    assert [(f.package, f.file, f.row, f.column, f.code) for f in two.faults()] == [
        ("across", "relations.csv", 2, column, code)
    ]


def test_relation_said_twice_is_named(two: Project) -> None:
    """Two relations of one kind between the same figures, whichever comes first, are one."""
    path = two.packages / "across" / "relations.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write(f"again,{REPORT}#jobs_created,{OTHER}#jobs_created,copy_of,Vì.,As.\n")
    assert [(f.row, f.column, f.code) for f in two.faults()] == [(3, "id", "relation-twice")]


def test_claim_between_reports_that_names_no_figure_is_named(two: Project) -> None:
    """A formula over several reports is checked as any other."""
    edit_cell(two.packages / "across" / "claims.csv", "jobs", "formula", f"{OTHER}#jobs_made")
    assert [(f.package, f.file, f.row, f.column, f.code) for f in two.faults()] == [
        ("across", "claims.csv", 2, "formula", "formula")
    ]


def test_hostile_words_of_a_finding_stay_words(failing: Project, tmp_path: Path) -> None:
    """A title that looks like markup is neither in the page nor in the letter anything but words."""
    shutil.copytree(failing.folder, tmp_path / "project", symlinks=True)
    project = Project(tmp_path / "project")
    hostile = '<script>alert("1")</script>&body=x\r\nBcc: a@b'
    edit_descriptor(project.report, lambda d: d["report"].update(title=hostile))
    assert build_site(project.settings()).site is not None
    source = (project.folder / "out" / "site" / "doi-chieu" / REPORT / "index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in source
    (href,) = {a for a in page(project, f"doi-chieu/{REPORT}/").xpath("//a/@href") if a.startswith("mailto:")}
    assert set(parse_qs(urlsplit(unescape(href)).query)) == {"subject", "body"}
