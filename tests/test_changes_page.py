"""What the site says of changes: the page, the marks beside figures, the kept zips, the feeds."""

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import feedparser
import pytest
from lxml import html as lxml_html

from build_tools.build import build_site
from build_tools.history import OldVersion
from build_tools.render.feeds import feed_files
from build_tools.render.page_views import PageView
from build_tools.settings import read_settings
from build_tools.site_model import Site
from build_tools.words import read_words
from tests.makers import (
    CHANGES,
    PROJECT,
    REPORT,
    Project,
    as_in_1_0_0,
    copy_example,
    keep_version,
    put_changes,
    zip_of,
)

PREFIXES = {"vi": "", "en": "en/"}
FEEDS = ("feed.xml", "chu-de/viec-lam/feed.xml", "chu-de/giam-ngheo/feed.xml")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example in its version 1.1.0, with its history."""
    folder = tmp_path_factory.mktemp("changed")
    before = copy_example(folder / "before")
    as_in_1_0_0(before)
    project = copy_example(folder / "project")
    put_changes(project, CHANGES)
    keep_version(project, zip_of(before))
    return project


@pytest.fixture(scope="module")
def built(changed: Project) -> Path:
    """The site of that project."""
    built = build_site(changed.settings())
    assert built.site is not None, built.checked.faults
    return built.site.resolve()


def site_of(project: Project) -> Site:
    """Return the plan of a project's site, without building it."""
    c = project.check()
    return c.plan()


def view_of(site: Site, language: str = "vi") -> PageView:
    """Return what makes a page's records in a language."""
    return PageView(site, read_words(language), read_settings(PROJECT), {})


def page(site: Path, address: str) -> lxml_html.HtmlElement:
    """Return a page of the built site."""
    return lxml_html.document_fromstring((site / address / "index.html").read_text("utf-8"))


def words(element: lxml_html.HtmlElement) -> str:
    """Return an element's text on one line."""
    return " ".join(element.text_content().split())


# -- the page ---------------------------------------------------------------------------------------------------------


def test_page_tells_our_corrections_apart_from_the_sources(built: Path) -> None:
    """Every change stands once, in the table of whose it is, with old, new and reason, below its release."""
    content = page(built, "en/thay-doi")
    release = content.xpath(f'//h2[@id="{REPORT}-1.1.0"]')[0]
    tables = []
    for element in release.itersiblings():
        if element.tag == "h2":
            break
        tables += element.xpath("self::*//table")
    said = {words(t.xpath("./caption")[0]).split(",")[0]: words(t.xpath("./tbody")[0]) for t in tables}
    assert set(said) == {"corrected by us", "changed by the source", "withdrawn", "added later"}
    assert "1,100 people" in said["changed by the source"] and "1,200 people" in said["changed by the source"]
    assert "Cơ quan đính chính chỉ tiêu." in said["changed by the source"]
    assert "status" in said["corrected by us"].lower() and "people" not in said["corrected by us"]
    assert "30 người mất việc" in said["withdrawn"]
    assert "650 people" in said["added later"]
    assert sum(len(t.xpath("./tbody/tr")) for t in content.xpath("//table")) == len(CHANGES)


def test_page_counts_each_kind_in_words(built: Path) -> None:
    """The first sentence counts what is ours, the source's, withdrawn and added, in both languages."""
    lede = {name: words(page(built, f"{p}thay-doi").xpath('//p[@class="lede"]')[0]) for name, p in PREFIXES.items()}
    vi = "Đến nay: 2 chỗ chúng tôi sửa, 1 chỗ nguồn đổi, 1 con số rút lại và 1 con số thêm sau."
    en = "So far: 2 corrections of ours, 1 change by the source, 1 figure withdrawn and 1 figure added later."
    assert lede["vi"].startswith(vi) and lede["en"].startswith(en)


def test_page_says_plainly_that_nothing_changed(tmp_path: Path) -> None:
    """Without any change the page says so, with the day of each first publication."""
    view = view_of(site_of(copy_example(tmp_path)), "en")
    sentence = "No figure has changed since it was first published: 9 figures of 1 report stand as on their first day."
    assert view.changes_sentence() == sentence
    planned = next(p for p in view.site.pages if p.template == "changes")
    (entry,) = view.release_entries(planned)
    assert entry["title"] == "Mau 2023, version 1.0.0, first publication" and not entry["tables"]
    assert entry["sentence"] == "9 figures, 1 February 2024."


def test_every_page_leads_to_the_changes(built: Path) -> None:
    """The footer links to what changed, in the language of the page."""
    for prefix in PREFIXES.values():
        (link,) = page(built, f"{prefix}bao-cao/{REPORT}").xpath('//footer//a[contains(@href, "thay-doi/")]')
        assert link.get("href") == "../../thay-doi/"


# -- beside figures ---------------------------------------------------------------------------------------------------


def test_figures_say_what_became_of_them(built: Path) -> None:
    """A row that changed says whose change it was, each of them; every other row stands under the sentence above."""
    content = page(built, f"en/bao-cao/{REPORT}")
    rows = {row.get("id"): words(row) for row in content.xpath("//tr[@id]")}
    assert "corrected by us, version 1.0.1: 1,249 people → 1,250 people" in rows["jobs_created"]
    assert "changed by the source, version 1.1.0: 1,100 people → 1,200 people" in rows["jobs_target"]
    assert "corrected by us, version 1.1.0, status:" in rows["jobs_target"]
    assert "added later, in version 1.1.0" in rows["jobs_men"]
    assert not re.search("corrected|changed by|added later|withdrawn", rows["jobs_women"])
    assert "stands unchanged since it was first published on 1 February 2024" in words(content)


def test_the_account_of_the_text_says_it_too(built: Path) -> None:
    """In the ledger the span of a figure that changed carries the same remark; no other span does."""
    content = page(built, f"en/bao-cao/{REPORT}/so")
    rows = {row.xpath("string(.//th//a/@href)").rpartition("#")[2]: words(row) for row in content.xpath("//tbody/tr")}
    assert "corrected by us, version 1.0.1: 1,249 people → 1,250 people" in rows["jobs_created"]
    assert "version 1." not in rows["jobs_women"] and "" in rows and "version 1." not in rows[""]


def test_unchanged_figures_say_so_once(tmp_path: Path) -> None:
    """Of a report in which nothing changed one sentence speaks for every figure, with the day."""
    view = view_of(site_of(copy_example(tmp_path)))
    (report,) = view.site.reports
    assert view.figures_state(report) == "Mọi con số dưới đây còn nguyên từ khi công bố lần đầu, ngày 01/02/2024."
    assert not any(view.change_mark(figure) for figure in report.data.figures)
    assert view.withdrawn_table(report) is None


def test_a_withdrawn_figure_keeps_its_anchor(built: Path) -> None:
    """Its address still leads to what it was, when it was withdrawn and why, in both languages."""
    for prefix in PREFIXES.values():
        (row,) = page(built, f"{prefix}bao-cao/{REPORT}").xpath('//tr[@id="jobs_lost"]')
        assert "30 người mất việc" in words(row) and "1.1.0" in words(row)
        assert "Không phải con số của báo cáo." in words(row)


def test_codes_are_said_in_words(changed: Project) -> None:
    """A changed unit or place is named, not shown by its code; a number that is none is shown as it stands."""
    site = site_of(changed)
    report = site.reports[0]
    base = report.data.changes[0]
    unit = replace(base, kind="source", old="unit=ho", new="unit=nguoi")
    view = view_of(site, "en")
    assert view.change_cell(report.name, unit, unit.old) == "households"
    assert view.change_name(report.name, unit) == "Jobs created, unit"
    broken = replace(base, old="1.249 <b>")
    assert view.change_cell(report.name, broken, broken.old) == "1.249 <b>"
    assert view.change_cell(report.name, replace(base, new="note="), "note=") == "empty"


# -- kept versions ----------------------------------------------------------------------------------------------------


def test_old_zips_stay_at_their_addresses(changed: Project, built: Path) -> None:
    """A kept version is published byte for byte where its first site had it, and the package's page links to all."""
    kept = (changed.report / "versions" / "1.0.0.zip").read_bytes()
    assert (built / f"du-lieu/{REPORT}-1.0.0.zip").read_bytes() == kept
    assert (
        (built / f"du-lieu/{REPORT}-1.1.0.zip").read_bytes() == (built / f"du-lieu/{REPORT}.zip").read_bytes() != kept
    )
    links = page(built, f"du-lieu/{REPORT}").xpath("//a/@href")
    assert {f"../{REPORT}-1.0.0.zip", f"../{REPORT}-1.1.0.zip"} <= set(links)


def test_descriptions_tell_the_first_day_from_the_last(built: Path) -> None:
    """For search engines and portals a package is issued on its first day, modified on its newest changes'."""
    (said,) = page(built, f"du-lieu/{REPORT}").xpath('//script[@type="application/ld+json"]/text()')
    record = json.loads(said)
    assert (record["datePublished"], record["dateModified"], record["version"]) == ("2024-02-01", "2024-04-02", "1.1.0")
    catalog = (built / "catalog.ttl").read_text("utf-8")
    assert 'dct:issued "2024-02-01"' in catalog and 'dct:modified "2024-04-02"' in catalog


# -- feeds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", PREFIXES.values())
@pytest.mark.parametrize("path", FEEDS)
def test_atom_is_well_formed_and_whole(built: Path, prefix: str, path: str) -> None:
    """feedparser has nothing to complain of; every entry has an id, a title, a day of the data and a page."""
    feed = feedparser.parse((built / (prefix + path)).read_bytes())
    assert feed.bozo == 0 and feed.version == "atom10" and feed.entries
    assert feed.feed.id.endswith(prefix + path) and feed.feed.language == (prefix.strip("/") or "vi")
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    days = [entry.updated for entry in feed.entries]
    assert days == sorted(days, reverse=True) and feed.feed.updated == days[0]
    assert set(days) <= {f"{day}T00:00:00Z" for day in ("2024-02-01", "2024-03-01", "2024-04-02")}
    anchors = page(built, f"{prefix}thay-doi").xpath("//@id")
    for entry in feed.entries:
        assert entry.link == entry.id and entry.title and entry.content[0].type == "text/html"
        address, _, anchor = entry.link.partition("#")
        assert address == f"https://minhbach.example/{prefix}thay-doi/" and anchor in anchors


@pytest.mark.parametrize("prefix", PREFIXES.values())
@pytest.mark.parametrize("path", FEEDS)
def test_json_feed_says_the_same_as_atom(built: Path, prefix: str, path: str) -> None:
    """The two forms hold the same entries with the same words."""
    atom = feedparser.parse((built / (prefix + path)).read_bytes(), sanitize_html=False)
    feed = json.loads((built / (prefix + path.replace(".xml", ".json"))).read_text("utf-8"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["feed_url"].endswith(".json")
    assert [(e["id"], e["title"], e["date_published"], e["content_html"]) for e in feed["items"]] == [
        (e.id, e.title, e.updated, e.content[0].value) for e in atom.entries
    ]


def test_a_topics_feed_tells_of_that_topic_alone(built: Path) -> None:
    """Changes of jobs are no news of poverty; a figure that is gone is told by the topic it had."""
    jobs = feedparser.parse((built / "chu-de/viec-lam/feed.xml").read_bytes())
    poverty = feedparser.parse((built / "chu-de/giam-ngheo/feed.xml").read_bytes())
    assert len(jobs.entries) == 3 and "jobs_lost" in jobs.entries[0].content[0].value
    assert [entry.id.rpartition("#")[2] for entry in poverty.entries] == [f"{REPORT}-1.0.0"]


def test_feeds_are_found_from_pages(built: Path) -> None:
    """Every page names the site's feeds in its head, a topic's page those of the topic too, in its language."""
    for prefix in PREFIXES.values():
        for address in ("", "thay-doi", "chu-de/viec-lam"):
            content = page(built, prefix + address)
            links = content.xpath(
                '//head/link[@rel="alternate"][contains(@type, "+xml") or contains(@type, "feed+json")]'
            )
            found = {((built / prefix / address / link.get("href")).resolve(), link.get("type")) for link in links}
            expected = {
                ((built / prefix / "feed.xml").resolve(), "application/atom+xml"),
                ((built / prefix / "feed.json").resolve(), "application/feed+json"),
            }
            if address.startswith("chu-de"):
                expected |= {
                    ((built / prefix / address / "feed.xml").resolve(), "application/atom+xml"),
                    ((built / prefix / address / "feed.json").resolve(), "application/feed+json"),
                }
            assert found == expected
            assert all(path.is_file() for path, _ in found) and all(link.get("title") for link in links)


HOSTILE = "Lý do <script>alert(1)</script> ]]> & &lt;b&gt; \"' </content> \u202e \ufffe \ud7ff"


def _hostile(site: Site) -> Site:
    """Return a site whose changes hold signs that markup might take up."""
    report = site.reports[0]
    changes = tuple(replace(c, reason=HOSTILE, old=c.old and "unit=<i>x</i>") for c in report.data.changes)
    old: dict[str, tuple[OldVersion, ...]] = dict(site.versions)
    return replace(site, reports=(replace(report, data=replace(report.data, changes=changes)),), versions=old)


def _feeds(site: Site) -> Iterator[tuple[str, bytes]]:
    for language in PREFIXES:
        yield from ((file.path, file.content) for file in feed_files(view_of(site, language)))


def test_no_text_of_the_data_becomes_markup(changed: Project) -> None:
    """Tags, entities, ends of sections and signs that XML forbids: the feed stays whole, and they stay text."""
    checked = 0
    for path, content in _feeds(_hostile(site_of(changed))):
        if path.endswith(".xml"):
            assert feedparser.parse(content).bozo == 0
            entries = [e.text or "" for e in ET.fromstring(content).iter("{http://www.w3.org/2005/Atom}content")]  # noqa: S314
        else:
            entries = [item["content_html"] for item in json.loads(content)["items"]]
        for entry in entries:
            tree = lxml_html.fragment_fromstring(entry, create_parent="div")
            assert {e.tag for e in tree.iter()} <= {"div", "p", "ul", "li", "span"}
            if "alert(1)" in entry:
                checked += 1
                assert "<script>alert(1)</script> ]]> & &lt;b&gt; \"' </content>" in tree.text_content()
                assert html.escape("<i>x</i>") in entry
    assert checked


def test_feeds_know_no_clock(changed: Project) -> None:
    """The same data give the same bytes, whatever day the settings name: every date is a release's."""
    site = site_of(changed)
    view = view_of(site)
    later = PageView(site, view.words, replace(view.settings, data_date=date(2031, 1, 1)), {})
    assert [file.content for file in feed_files(view)] == [file.content for file in feed_files(later)]


# -- charts that stay at a version ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "stale"), [("", "Đã cũ: nay có bản 1.1.0."), ("en/", "there is a version 1.1.0")])
def test_a_chart_held_at_an_earlier_version_shows_it_and_says_so(built: Path, prefix: str, stale: str) -> None:
    """The frames at 1.0.0 show the target of then and say that they are out of date; those of now show that of now."""
    frames = {
        version: {path: path.read_text("utf-8") for path in (built / f"{prefix}nhung").glob(f"*/{version}/index.html")}
        for version in ("1.0.0", "1.1.0")
    }
    said = {
        version: " ".join(
            " ".join(lxml_html.document_fromstring(text).xpath("//@aria-label")) for text in pages.values()
        )
        for version, pages in frames.items()
    }
    then, now = ("1,100", "1,200") if prefix else ("1.100", "1.200")
    assert then in said["1.0.0"] and now not in said["1.0.0"] and now in said["1.1.0"]
    assert all(stale in text for text in frames["1.0.0"].values())
    assert not any(stale in text for text in frames["1.1.0"].values())
    for path, text in frames["1.0.0"].items():
        links = lxml_html.document_fromstring(text).xpath("//a/@href")
        assert len(links) >= 2 and all((path.parent / link.partition("#")[0]).exists() for link in links)
