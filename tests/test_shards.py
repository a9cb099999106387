"""A site for each place and one of all places: what each holds, that they lead to each other, and what is refused."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rdflib
from axe_playwright_python.sync_playwright import Axe
from typer.testing import CliRunner

from build_tools import output, site_check
from build_tools.cli import app
from build_tools.destinations import UnknownTargetError, below, send
from build_tools.errors import BuildError
from build_tools.national import RECORD, IndicatorRecord, PlaceRecord, ReportRecord, as_record, read_record
from build_tools.render.lookup import key_of, value_of
from build_tools.settings import read_settings, with_folders
from build_tools.shards import build_national, national_inputs, sharded
from tests.conftest import PROJECT, Visit, find_reports, serving
from tests.makers import edit_descriptor

if TYPE_CHECKING:
    from playwright.sync_api import Page

PLACES = ("ha-tinh", "quang-binh", "thua-thien-hue")
URL = "https://minhbach.example/"
ANSWERED = "#lookup-status:not([data-busy]):not(:empty)"


@dataclass(frozen=True)
class Built:
    """The sites of three places and of all, in an out folder, with the packages they were made of."""

    packages: Path
    out: Path

    def site(self, place: str = "") -> Path:
        """Return the site of a place, or of all places."""
        return (self.out / "shards" / place / "site" if place else self.out / "site").resolve()

    def build(self, *options: str) -> str:
        """Run `minhbach build` with these options and return what it says; the texts are read where they are."""
        texts = find_reports()
        command = ["build", "--packages", str(self.packages), "--out", str(self.out), "--no-social-images", *options]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(PROJECT)
            patch.delenv("MINHBACH_SITE_URL", raising=False)
            done = CliRunner().invoke(app, [*command, *(["--reports", str(texts)] if texts else [])])
        assert done.exit_code == 0, done.output + repr(done.exception)
        return done.output


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Our five reports of three provinces, each in the site of its place, and the site of all."""
    folder = tmp_path_factory.mktemp("shards")
    shutil.copytree(PROJECT / "datapackages", folder / "datapackages")
    built = Built(folder / "datapackages", folder / "out")
    built.build("--shard", "all")
    return built


@pytest.fixture(scope="module")
def together(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder as a host shows it: the site of all places, and below it the site of each."""
    folder = tmp_path_factory.mktemp("together") / "site"
    shutil.copytree(built.site(), folder, copy_function=os.link)
    for place in PLACES:
        shutil.copytree(built.site(place), folder / place, copy_function=os.link)
    return folder


@pytest.fixture(scope="module")
def host(together: Path) -> Iterator[str]:
    """The address where all the sites are served."""
    with serving(together) as address:
        yield address


# ---- what each site holds ------------------------------------------------------------------------------------------


def test_a_place_has_its_own_packages_and_no_other(built: Built) -> None:
    """The site of a place holds the packages of that place, the vocabulary, and the relations of its own reports."""
    held = {place: {p.name for p in (built.site(place) / "du-lieu").iterdir() if p.is_dir()} for place in PLACES}
    assert held == {
        "ha-tinh": {"ha-tinh-2015-2020-thi-dua", "vocabulary"},
        "quang-binh": {"quang-binh-2023-dang-bo", "vocabulary"},
        "thua-thien-hue": {"across", "hue-2023-cong-doan", "hue-2023-dieu-hanh", "hue-2023-lanh-dao", "vocabulary"},
    }


def test_the_national_site_has_no_page_of_a_figure_a_report_or_a_package(built: Built) -> None:
    """What a place's site holds is not held twice: what is national is a few pages and small files to look up in."""
    site = built.site()
    pages = {path.relative_to(site).as_posix() for path in site.rglob("index.html")}
    own = {"", "bao-cao/", "du-lieu/", "gioi-thieu/", "phuong-phap/", "thay-doi/", "tra-cuu/"}
    assert pages == {f"{prefix}{address}index.html" for prefix in ("", "en/") for address in own}
    assert not list(site.rglob("*.csv")) and not list(site.rglob("*.zip"))
    assert max(path.stat().st_size for path in site.rglob("tim/*.js")) < 20_000


def test_every_link_between_the_sites_leads_to_a_page_and_place_that_is_there(together: Path) -> None:
    """In the joined folder no link and no anchor is broken: from all places to each, from each to all, and within."""
    faults = site_check.check(together, URL)
    assert not faults, faults[:5]
    home = site_check.read_page((together / "index.html").read_text(encoding="utf-8"))
    assert {f"{place}/" for place in PLACES} <= {use.address for use in home.uses}
    for page, link in (("ha-tinh/index.html", "./../"), ("ha-tinh/en/bao-cao/index.html", "../../../en/")):
        inside = site_check.read_page((together / page).read_text(encoding="utf-8"))
        assert link in {use.address for use in inside.uses}


def test_what_leads_past_the_sites_beside_is_still_a_broken_link(tmp_path: Path) -> None:
    """A site beside excuses the links that lead into it, not those that lead elsewhere outside, nor what is loaded."""
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
    page = f'<html lang="vi"><head>{policy}<title>a</title></head><body><h1>a</h1>LINKS</body></html>'

    def faults(links: str, *beside: str) -> int:
        output.write(tmp_path, [output.OutputFile("x/index.html", page.replace("LINKS", links).encode())])
        return len(site_check.check(tmp_path, "", beside=beside))

    assert faults('<a href="../../en/">a</a>', "..") == 0 and faults('<a href="../../en/">a</a>') == 1
    assert faults('<a href="../../../">a</a>', "..") == 1
    assert faults('<a href="../hue/b/">a</a>', "hue") == 0 and faults('<a href="../hue-2/">a</a>', "hue") == 1
    assert faults('<img src="../hue/b.png" alt="">', "hue") == 1


def test_the_national_catalogue_names_the_catalogue_of_each_place(built: Built) -> None:
    """One DCAT catalogue leads to all: each place's is a dcat:catalog of it, by the name it has in its own site."""
    dcat = rdflib.Namespace("http://www.w3.org/ns/dcat#")
    graph = rdflib.Graph().parse(built.site() / "catalog.ttl")
    found = {str(one) for one in graph.objects(rdflib.URIRef(f"{URL}catalog.ttl#catalog"), dcat.catalog)}
    assert found == {f"{URL}{place}/catalog.ttl#catalog" for place in PLACES}
    for place in PLACES:
        own = rdflib.Graph().parse(built.site(place) / "catalog.ttl")
        assert (rdflib.URIRef(f"{URL}{place}/catalog.ttl#catalog"), rdflib.RDF.type, dcat.Catalog) in own
    assert not list(graph.subjects(rdflib.RDF.type, dcat.Dataset))


def test_crawlers_are_told_of_the_sitemap_of_each_place(built: Built) -> None:
    """Only the robots.txt at the root of a host is read, so the national one names every sitemap."""
    said = (built.site() / "robots.txt").read_text(encoding="utf-8")
    for place in PLACES:
        assert f"Sitemap: {URL}{place}/sitemap.xml" in said and f"Sitemap: {URL}{place}/en/sitemap.xml" in said


# ---- looking up ----------------------------------------------------------------------------------------------------


def ask(page: "Page", query: str) -> list[str]:
    """Type a query into an open lookup page, and return where each thing found leads."""
    page.fill("#lookup", query)
    page.press("#lookup", "Enter")
    page.locator(ANSWERED).wait_for()
    items = page.locator("#lookup-answer .found > li").all()
    return [str(item.locator("a").first.evaluate("a => a.href")) for item in items]


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_a_number_of_each_place_leads_to_its_row(
    built: Built, host: str, visit: Callable[..., Visit], prefix: str
) -> None:
    """The lookup of all places finds a figure of each, and the link leads to its row in the site of the place."""
    page = visit().open(f"{host}/{prefix}tra-cuu/")
    for place in PLACES:
        record = read_record(built.site(place) / RECORD, place)
        others = {
            n for other in PLACES if other != place for n in read_record(built.site(other) / RECORD, other).numbers
        }
        key = max(n for n in record.numbers if n not in others and value_of(n) == int(value_of(n)))
        assert not (found := ask(page, "3,1415926535")), found
        found = [link for link in ask(page, f"{int(value_of(key))}") if f"{host}/{place}/{prefix}bao-cao/" in link]
        assert found, (place, key)
        page.goto(found[0])
        assert page.locator(":target").count() == 1
        page.goto(f"{host}/{prefix}tra-cuu/")


def test_more_places_than_are_asked_are_named_with_a_link(host: str, visit: Callable[..., Visit]) -> None:
    """Where more places have a number than are asked for it, the others are named, and lead to their own lookup."""
    window = visit()
    window.context.route("**/lookup.js", lambda route: route.fulfill(body=_asking_one(route.fetch().text())))
    page = window.open(f"{host}/tra-cuu/?q=100")
    page.locator(ANSWERED).wait_for()
    links = [str(a.get_attribute("href")) for a in page.locator("#lookup-answer > p.hint a").all()]
    assert links and all(link.endswith("/tra-cuu/?q=100") for link in links)


def _asking_one(code: str) -> str:
    assert "const MOST_PLACES = 6" in code
    return code.replace("const MOST_PLACES = 6", "const MOST_PLACES = 1")


@pytest.mark.parametrize("query", ["tỷ lệ hộ nghèo", "ty le ho ngheo"])
def test_words_find_the_indicator_in_each_place(host: str, visit: Callable[..., Visit], query: str) -> None:
    """With and without accents the lookup of all places finds an indicator in every place that has it."""
    found = ask(visit().open(f"{host}/tra-cuu/"), query)
    assert {f"{host}/{place}/chi-tieu/ty-le-ho-ngheo/" for place in PLACES} <= set(found[:5])


@pytest.mark.parametrize(
    ("prefix", "query", "places"),
    [
        ("", "đất đai", {"thua-thien-hue"}),
        ("", "hộ nghèo", {"ha-tinh", "quang-binh"}),
        ("", "ho ngheo", {"ha-tinh", "quang-binh"}),
        ("", "đảng bộ", {"quang-binh", "thua-thien-hue"}),
        ("", "dang bo", {"quang-binh", "thua-thien-hue"}),
        ("en/", "emulation", {"quang-binh", "thua-thien-hue"}),
    ],
)
def test_the_words_of_all_pages_are_searched(
    host: str, visit: Callable[..., Visit], prefix: str, query: str, places: set[str]
) -> None:
    """Pagefind searches the indexes of all places at once, with and without accents, and leads into their sites.

    Of what it finds the first ten are shown, so not every place that has the words is among them.
    """
    page = visit().open(f"{host}/{prefix}tra-cuu/")
    ask(page, query)
    page.locator("#lookup-answer button").click()
    page.locator("#lookup-answer h2[tabindex]").wait_for()
    found = [
        str(a.evaluate("a => a.href")) for a in page.locator("#lookup-answer .found--pages").last.locator("a").all()
    ]
    reached = {place for place in PLACES for link in found if link.startswith(f"{host}/{place}/{prefix}")}
    assert places <= reached, found


@pytest.mark.parametrize("address", ["", "bao-cao/", "du-lieu/", "thay-doi/", "tra-cuu/", "en/", "en/bao-cao/"])
def test_the_national_pages_are_accessible(host: str, visit: Callable[..., Visit], address: str) -> None:
    """No page of the national site breaks a rule of axe or is wider than a phone."""
    page = visit(viewport={"width": 360, "height": 740}).open(f"{host}/{address}")
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


# ---- what a change brings about ------------------------------------------------------------------------------------


def test_a_changed_package_changes_one_place_and_the_national_site_alone(built: Built, tmp_path: Path) -> None:
    """One changed package builds the site of its place and the national one; the others stay the very version."""
    shutil.copytree(built.out, tmp_path / "out", symlinks=True)
    shutil.copytree(built.packages, tmp_path / "datapackages")
    again = Built(tmp_path / "datapackages", tmp_path / "out")
    before = {place: again.site(place).name for place in ("", *PLACES)}
    assert "Đã dựng" not in again.build("--shard", "all")
    assert {place: again.site(place).name for place in before} == before

    def renamed(descriptor: dict[str, Any]) -> None:
        descriptor["report"]["short_title"] = "Quảng Bình 2023 (đảng bộ)"

    edit_descriptor(again.packages / "quang-binh-2023-dang-bo", renamed)
    said = again.build("--shard", "all")
    assert said.count("Đã dựng") == 2
    changed = {place for place in before if again.site(place).name != before[place]}
    assert changed == {"", "quang-binh"}
    files = {
        path
        for path in output.paths_in(again.site())
        if path not in ("manifest.json", "SHA256SUMS")
        and not path.startswith(("pagefind/", "en/pagefind/"))
        and (again.site() / path).read_bytes() != (built.site() / path).read_bytes()
    }
    assert files and all(path.startswith(("tra-cuu/tim/", "en/tra-cuu/tim/")) for path in files)


def test_a_damaged_record_is_refused_and_the_national_site_stays(built: Built, tmp_path: Path) -> None:
    """A place whose record is damaged or missing stops the national site, by name, and what is on show stays."""
    shutil.copytree(built.out, tmp_path / "out", symlinks=True)
    settings = replace(with_folders(read_settings(PROJECT), out=tmp_path / "out"), site_url="")
    on_show = (tmp_path / "out" / "site").resolve()
    made_from = national_inputs(settings)
    record = (tmp_path / "out" / "shards" / "ha-tinh" / "site").resolve() / RECORD
    record.write_bytes(record.read_bytes()[:-40])
    assert national_inputs(settings) != made_from
    with pytest.raises(BuildError, match="ha-tinh bị hư / the record of ha-tinh is damaged"):
        build_national(settings)
    record.unlink()
    with pytest.raises(BuildError, match=r"ha-tinh is missing.*minhbach build --shard ha-tinh"):
        build_national(settings)
    assert (tmp_path / "out" / "site").resolve() == on_show and not output.damage(on_show)


# ---- records -------------------------------------------------------------------------------------------------------

REPORT = ReportRecord("Báo cáo", "Report", "a-2023", "A 2023", "A 2023", "Sở", "", "2023-01-01", "2023-12-31", 3, 2, 1)
PLACE = PlaceRecord(
    name_vi="Tỉnh A",
    name_en="A province",
    place="a",
    short_vi="A",
    short_en="A",
    version="0.1.0",
    updated="2026-11-21",
    languages=("vi", "en"),
    packages=1,
    reports=(REPORT,),
    indicators=(IndicatorRecord("Hộ nghèo", "Poor households", "ho-ngheo", 3),),
    numbers=("0", "m17", "n203"),
)


def written(folder: Path, content: bytes) -> Path:
    """Return where a record stands that is written below an out folder."""
    path = folder / "a" / "site" / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """What a place hands over is what the national site reads."""
    assert read_record(written(tmp_path, as_record(PLACE)), "a") == PLACE
    bare = replace(PLACE, reports=(), indicators=(), numbers=())
    assert read_record(written(tmp_path, as_record(bare)), "a") == bare


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.update(format=2), "format: 2, expected 1"),
        (lambda r: r.pop("numbers"), "expected the fields"),
        (lambda r: r.update(more=1), "expected the fields"),
        (lambda r: r.update(place="b"), "place: 'b', expected 'a'"),
        (lambda r: r.update(packages=-1), "packages: expected a number from 0 on"),
        (lambda r: r.update(packages=True), "packages: expected a number from 0 on"),
        (lambda r: r.update(name_vi=" "), "name_vi"),
        (lambda r: r.update(name_en="a\nb"), "name_en: expected a text on one line"),
        (lambda r: r.update(updated="2026-13-01"), "updated"),
        (lambda r: r.update(languages=[]), "languages: expected texts"),
        (lambda r: r.update(numbers="m17 <b>"), "numbers: '<b>' is none"),
        (lambda r: r.update(numbers="m17 m17"), "numbers: m17 stands twice"),
        (lambda r: r.update(reports={}), "reports: expected a list"),
        (lambda r: r["reports"][0].pop(), r"reports\[0\]: expected"),
        (lambda r: r["reports"][0].__setitem__(2, "../x"), r"reports\[0\].report"),
        (lambda r: r["reports"][0].__setitem__(9, "3"), r"reports\[0\].figures: expected a number"),
        (lambda r: r["reports"][0].__setitem__(8, "2022-12-31"), "its period ends before it starts"),
        (lambda r: r["reports"].append(r["reports"][0]), "reports: a-2023 stands twice"),
        (lambda r: r["indicators"][0].__setitem__(2, "javascript:x"), r"indicators\[0\].indicator"),
    ],
)
def test_each_fault_of_a_record_is_named(tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str) -> None:
    """A record is not trusted: what becomes an address, a number or a text of a page is what it should be."""
    record = json.loads(as_record(PLACE))
    change(record)
    with pytest.raises(BuildError, match=said):
        read_record(written(tmp_path, json.dumps(record).encode()), "a")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"a": ' * 2000, b"null"])
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in the place of a record, it is a fault with a remedy and never another error."""
    with pytest.raises(BuildError, match="minhbach build --shard a"):
        read_record(written(tmp_path, content), "a")


def test_two_records_do_not_hold_the_same_report(tmp_path: Path) -> None:
    """A report is counted once: two places that both hand it over are refused."""
    out = tmp_path / "out"
    written(out / "shards", as_record(PLACE))
    other = out / "shards" / "b" / "site" / RECORD
    other.parent.mkdir(parents=True)
    other.write_bytes(as_record(replace(PLACE, place="b")))
    with pytest.raises(BuildError, match="a-2023 cũng ở a / stands in a too"):
        build_national(with_folders(read_settings(PROJECT), out=out))


@pytest.mark.parametrize("key", ["0", "m1", "m17", "p17034", "k5", "l227"])
def test_a_number_is_read_back_from_its_place_on_the_shelf(key: str) -> None:
    """What a record says of a figure is its number: the place on the shelf tells it."""
    assert key_of(value_of(key)) == key


# ---- which packages a place has ------------------------------------------------------------------------------------


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The vocabulary and packages that say nothing but their place."""
    folder = tmp_path / "datapackages"
    shutil.copytree(PROJECT / "datapackages" / "vocabulary", folder / "vocabulary")
    named = {"hue-1": "thua-thien-hue", "a-luoi-1": "a-luoi", "ha-tinh-1": "ha-tinh", "nuoc-1": "viet-nam"}
    for name, place in named.items():
        put(folder / name, {"report": {"place": place}})
    put(folder / "bang-1", {"place": "ha-tinh"})
    put(folder / "bang-2", {"title": "?"})
    return folder


def put(folder: Path, descriptor: object) -> None:
    """Write a descriptor."""
    folder.mkdir()
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")


def test_a_place_holds_what_lies_inside_it_and_the_country_its_own(packages: Path) -> None:
    """A district's packages are in its province's site; the country's site is not the site of everything."""
    found = sharded(packages, ["all"])
    assert {shard.place: set(shard.packages) - {"vocabulary"} for shard in found.shards} == {
        "thua-thien-hue": {"hue-1", "a-luoi-1"},
        "ha-tinh": {"ha-tinh-1", "bang-1"},
        "viet-nam": {"nuoc-1"},
    }
    assert all("vocabulary" in shard.packages for shard in found.shards)
    assert found.left_out == ("bang-2",)
    (district,) = sharded(packages, ["a-luoi"]).shards
    assert district.packages == ("a-luoi-1", "vocabulary")


def test_relations_between_places_are_in_the_site_of_none(packages: Path) -> None:
    """The `across` package is built where all its reports are, and said to be left out where they are nowhere."""
    put(packages / "across", {})
    (packages / "across" / "relations.csv").write_text("id,a,b\nx,hue-1#f,a-luoi-1#f\n", encoding="utf-8")
    hue = {shard.place: shard.packages for shard in sharded(packages, ["all"]).shards}["thua-thien-hue"]
    assert "across" in hue
    (packages / "across" / "relations.csv").write_text("id,a,b\nx,hue-1#f,ha-tinh-1#f\n", encoding="utf-8")
    found = sharded(packages, ["all"])
    assert not any("across" in shard.packages for shard in found.shards) and "across" in found.left_out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["ha-tin"], r"no such place in places.csv \(did you mean ha-tinh\?\)"),
        (["quang-binh"], "Tỉnh Quảng Bình chưa có gói nào / has no package.*Choose: all, "),
        (["thua-thien-hue", "a-luoi"], "--shard a-luoi.*lies inside: thua-thien-hue"),
        ([""], "no such place"),
    ],
)
def test_a_place_that_cannot_be_built_is_named_with_a_remedy(packages: Path, asked: list[str], said: str) -> None:
    """A place that is none, has no packages, or lies inside another that is asked for, is refused before all else."""
    with pytest.raises(BuildError, match=said):
        sharded(packages, asked)


# ---- publishing ----------------------------------------------------------------------------------------------------


def test_a_publish_of_the_national_site_leaves_the_places_alone(tmp_path: Path) -> None:
    """A place is published into its folder below the national site's, and neither publish takes the other's away."""

    def site(name: str, text: str) -> Path:
        folder = tmp_path / name
        output.write(folder, [output.OutputFile("index.html", text.encode())])
        output.seal(folder)
        return folder

    target = str(tmp_path / "www")
    send(target, site("national", "all"))
    send(below(target, "ha-tinh"), site("place", "one"))
    send(target, site("national-2", "all again"))
    assert (tmp_path / "www" / "site" / "index.html").read_text(encoding="utf-8") == "all again"
    assert (tmp_path / "www" / "ha-tinh" / "site" / "index.html").read_text(encoding="utf-8") == "one"
    assert below("s3://bucket/", "a") == "s3://bucket/a" and below("rsync://h/m/p", "a") == "rsync://h/m/p/a"
    with pytest.raises(UnknownTargetError, match="a branch of git holds one site"):
        below("git+https://host/site.git#gh-pages", "a")


@pytest.mark.parametrize(("place", "named"), [("..", True), ("khong-co", False)])
def test_a_place_without_a_site_is_not_published(
    place: str, named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`publish --shard` takes the id of a place that was built, and no path, whatever site is named."""
    output.write(tmp_path / "site", [output.OutputFile("index.html", b"a")])
    output.seal(tmp_path / "site")
    monkeypatch.chdir(PROJECT)
    site = ["--site", str(tmp_path / "site")] if named else []
    done = CliRunner().invoke(app, ["publish", str(tmp_path / "www" / "x"), "--shard", place, *site])
    assert done.exit_code == 2 and not (tmp_path / "www").exists()
