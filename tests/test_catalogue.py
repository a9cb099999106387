"""What other programs read: each description is held to its official validator, offline, and to the data it describes.

The site is a build of the example project with an address of its own and in both languages.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import frictionless
import jsonschema
import lxml.html
import markdown
import pytest

from build_tools.build import build_site
from build_tools.markdown import as_markdown
from build_tools.render.catalogue import as_turtle, script
from build_tools.site_check import script_hash
from tests.makers import PROJECT, REPORT, Project, copy_example, edit_descriptor

URL = "https://example.org/minhbach/"
PROFILES = Path(__file__).parent / "profiles"
HOSTILE = 'Thử </script><script>alert("x")</script> <b>&amp; “ngoặc” | {{ x }} <!-- fragment: no -->'
LANGUAGES = ("", "en/")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the example project, at an address, with a title that tries to break out."""
    project = copy_example(tmp_path_factory.mktemp("catalogue"))
    edit_descriptor(project.report, lambda d: d.update(title=HOSTILE))
    return build(project)


def build(project: Project) -> Path:
    """Build a project at the address and return the folder of its site."""
    built = build_site(replace(project.settings(), site_url=URL, languages=("vi", "en")))
    assert built.site is not None, built.checked.faults
    return built.site.resolve()


def data_pages(site: Path) -> Iterator[Path]:
    """Yield every page of a package or a table, in both languages."""
    for prefix in LANGUAGES:
        yield from sorted(
            path for path in (site / prefix / "du-lieu").rglob("index.html") if path.parent.name != "du-lieu"
        )


def record(page: Path) -> dict[str, Any]:
    """Return the description that a page carries, as a browser hands it on."""
    blocks = lxml.html.fromstring(page.read_bytes()).xpath('//script[@type="application/ld+json"]')
    assert len(blocks) == 1, page
    found: dict[str, Any] = json.loads(blocks[0].text)
    return found


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file as they stand."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def local(site: Path, address: str) -> Path:
    """Return the file of the site that an address names."""
    assert address.startswith(URL), address
    path = site / address.removeprefix(URL)
    return path / "index.html" if path.is_dir() else path


# ---- schema.org and Croissant --------------------------------------------------------------------------------------


def test_every_data_page_describes_its_data(built: Path) -> None:
    """Each page of data has what search engines ask of a Dataset, in the bounds they set, and its files as they are."""
    pages = list(data_pages(built))
    assert len(pages) > 10
    for page in pages:
        found = record(page)
        assert found["@type"] == "Dataset"
        assert local(built, found["url"]) == page
        assert found["name"] and 50 <= len(found["description"]) <= 5000, page
        assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert found["isAccessibleForFree"] is True
        assert found["creator"]["name"] == found["publisher"]["name"] == "minhbach"
        assert re.fullmatch(r"\d+\.\d+\.\d+", found["version"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["dateModified"])
        assert found["keywords"] and found["variableMeasured"] and found["citeAs"]
        assert local(built, found["includedInDataCatalog"]["url"]).is_file()
        assert found["@context"]["@language"] == ("en" if "/en/" in found["url"] else "vi")
        for entry in found["distribution"]:
            file = local(built, entry["contentUrl"])
            assert entry["contentSize"] == f"{file.stat().st_size} B"
            assert entry["sha256"] == sha256(file)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as coreutils say it, so not by the code that wrote it."""
    said = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    return said.split()[0]


def test_a_report_says_where_and_when(built: Path) -> None:
    """The package of a report and its tables name the place and the period, the vocabulary neither."""
    for prefix in LANGUAGES:
        for page in (f"du-lieu/{REPORT}", f"du-lieu/{REPORT}/figures"):
            found = record(built / prefix / page / "index.html")
            assert found["temporalCoverage"] == "2023-01-01/2023-12-31"
            assert local(built, found["spatialCoverage"]["url"]).is_file()
        found = record(built / prefix / "du-lieu/vocabulary/index.html")
        assert "temporalCoverage" not in found and "spatialCoverage" not in found


def test_no_text_ends_the_block(built: Path) -> None:
    """A title that holds the end of a script is data in the block, and comes back letter by letter."""
    page = built / "du-lieu" / REPORT / "index.html"
    assert record(page)["name"] == HOSTILE
    inside = page.read_text("utf-8").partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert not set("<>&") & set(inside)
    assert json.loads(script({"x": "\u2028<"}).partition(">")[2].partition("<")[0]) == {"x": "\u2028<"}


def test_the_policy_changes_by_the_data_alone(built: Path) -> None:
    """A page of data allows the scripts of any page, and beyond them its own blocks of data, which do not run."""
    allowed = {}
    for page in (built / "du-lieu" / REPORT / "index.html", built / "phuong-phap/index.html"):
        text = page.read_text("utf-8")
        (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        allowed[page] = (set(policy.split()), {script_hash(block) for block in blocks})
    (of_data, own), (plain, none) = allowed.values()
    assert own and not none and of_data - plain == own and plain <= of_data


@pytest.fixture
def croissant() -> Iterator[Callable[[dict[str, Any], dict[str, Path]], Any]]:
    """A reader of Croissant; what the libraries it rests on warn of is not about our data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlcroissant

        def read(found: dict[str, Any], files: dict[str, Path]) -> Any:
            return mlcroissant.Dataset(jsonld=found, mapping={name: str(path) for name, path in files.items()})

        yield read


def test_croissant_reads_every_page(built: Path, croissant: Callable[..., Any]) -> None:
    """mlcroissant finds no error and nothing to warn of on any page of data."""
    for page in data_pages(built):
        issues = croissant(record(page), {}).metadata.ctx.issues
        assert (list(issues.errors), list(issues.warnings)) == ([], []), page


def test_croissant_finds_what_is_missing(built: Path, croissant: Callable[..., Any]) -> None:
    """Without its licence a description is warned of, and a file without its hash is an error: the check can fail."""
    found = record(built / "du-lieu" / REPORT / "index.html")
    without = {key: value for key, value in found.items() if key != "license"}
    assert list(croissant(without, {}).metadata.ctx.issues.warnings)
    del found["distribution"][0]["sha256"]
    with pytest.raises(Exception, match="sha256"):
        croissant(found, {})


def test_croissant_gives_the_cells_of_the_csv(built: Path, croissant: Callable[..., Any]) -> None:
    """The records that mlcroissant reads are the cells of the CSV: texts as they stand, numbers and days by value."""
    for name in (REPORT, "vocabulary"):
        found = record(built / "du-lieu" / name / "index.html")
        files = {
            e["@id"]: local(built, e["contentUrl"]) for e in found["distribution"] if e["@id"].endswith(".parquet")
        }
        dataset = croissant(found, files)
        for record_set in found["recordSet"]:
            kinds = {field["@id"]: field["dataType"] for field in record_set["field"]}
            expected = rows(built / "du-lieu" / name / f"{record_set['@id']}.csv")
            records = list(dataset.records(record_set["@id"]))
            assert len(records) == len(expected)
            for got, row in zip(records, expected, strict=True):
                shown = {key.partition("/")[2]: cell(value, kinds[key]) for key, value in got.items()}
                assert shown == {
                    key: value_of(value, kinds[f"{record_set['@id']}/{key}"]) for key, value in row.items()
                }


def cell(value: Any, kind: str) -> Any:
    """Return a value that mlcroissant read, for comparison with a cell; what is missing is an empty text."""
    if value is None or value != value:
        return ""
    if kind == "sc:Text":
        return value.decode() if isinstance(value, bytes) else value
    return Decimal(str(value)) if kind in ("sc:Integer", "sc:Float") else str(value)[:10]


def value_of(text: str, kind: str) -> Any:
    """Return the value of a cell of the CSV."""
    return Decimal(text) if text and kind in ("sc:Integer", "sc:Float") else text


# ---- DCAT-AP -------------------------------------------------------------------------------------------------------


def violations(turtle: str, shapes: Path) -> list[str]:
    """Return what breaks the shapes, offline."""
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(data=turtle, format="turtle")
    ok, _, text = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(shapes), inference="none")
    found = re.findall(r"Message: (.*)", text)
    assert ok == (not found), text
    return found


SHAPES = sorted(PROFILES.glob("*.ttl"))


@pytest.mark.parametrize("shapes", SHAPES, ids=lambda path: path.stem)
def test_the_catalogue_is_dcat_ap(built: Path, shapes: Path) -> None:
    """The catalogue breaks no rule of DCAT-AP 3.0.1."""
    assert violations((built / "catalog.ttl").read_text("utf-8"), shapes) == []


@pytest.mark.parametrize("shapes", SHAPES, ids=lambda path: path.stem)
@pytest.mark.parametrize("taken", ["dct:description", "dcat:accessURL", "foaf:name", "dct:title"])
def test_what_dcat_ap_wants_is_missed(built: Path, shapes: Path, taken: str) -> None:
    """Without a property that must be there, the shapes find it missing: the check can fail."""
    turtle = (built / "catalog.ttl").read_text("utf-8")
    assert violations(turtle.replace(f" {taken} ", " dct:abstract "), shapes)


def test_the_catalogue_holds_every_file(built: Path) -> None:
    """Every file of every table and every zip is a distribution, with its own size and hash; no other is."""
    import rdflib

    dcat, spdx = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.Namespace("http://spdx.org/rdf/terms#")
    graph = rdflib.Graph().parse(built / "catalog.ttl")
    listed = {}
    for distribution, address in graph.subject_objects(dcat.downloadURL):
        size = graph.value(distribution, dcat.byteSize)
        checksum = graph.value(graph.value(distribution, spdx.checksum), spdx.checksumValue)
        listed[local(built, str(address))] = (int(str(size)), str(checksum).lower())
    data = built / "du-lieu"
    files = [p for p in data.rglob("*.*") if p.suffix in (".csv", ".xlsx", ".json", ".parquet", ".zip")]
    beside = re.compile(r"\.csv-metadata\.json$|\.csl\.json$|-\d[\d.]*\.zip$")  # descriptions, citations, versions
    wanted = {p for p in files if not beside.search(p.name)}
    assert set(listed) == wanted
    assert all((path.stat().st_size, sha256(path)) == said for path, said in listed.items())
    assert len(set(graph.objects(None, dcat.dataset))) == len(set(graph.subjects(rdflib.RDF.type, dcat.Dataset)))


def test_both_forms_of_the_catalogue_say_the_same(built: Path) -> None:
    """catalog.jsonld and catalog.ttl hold the same statements, each named, so that two catalogues can be compared."""
    import rdflib

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib, within its reader of JSON-LD
        one = rdflib.Graph().parse(built / "catalog.jsonld", format="json-ld")
    other = rdflib.Graph().parse(built / "catalog.ttl")
    assert set(one) == set(other) and len(one) > 300
    assert not [node for node in one.all_nodes() if isinstance(node, rdflib.BNode)]


def test_the_catalogue_has_the_same_bytes_everywhere(built: Path) -> None:
    """The order of sets, which differs from run to run, has no say in the Turtle."""
    code = (
        "import json, sys; from build_tools.render.catalogue import as_turtle;"
        "sys.stdout.buffer.write(as_turtle(json.load(open(sys.argv[1], encoding='utf-8'))))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(built / "catalog.jsonld")]
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=True)
        assert done.stdout == (built / "catalog.ttl").read_bytes(), seed
    assert as_turtle(json.loads((built / "catalog.jsonld").read_text("utf-8"))) == done.stdout


# ---- CSVW ----------------------------------------------------------------------------------------------------------


def test_csvw_gives_the_cells_of_the_csv(built: Path) -> None:
    """The csvw library takes the metadata beside each CSV as valid, and its typed cells are those of the file."""
    from csvw import CSVW

    tables = sorted((built / "du-lieu").rglob("*.csv-metadata.json"))
    assert len(tables) == len(list((built / "du-lieu").rglob("*.csv"))) // 2 > 5
    for metadata in tables:
        read = CSVW(str(metadata), validate=True)
        assert read.is_valid and not read.warnings, (metadata, read.warnings)
        (table,) = read.tables
        path = metadata.with_name(metadata.name.removesuffix("-metadata.json"))
        expected = rows(path)
        kinds = {column.name: column.datatype.base for column in table.tableSchema.columns}
        got = list(table.iterdicts(strict=True))
        assert len(got) == len(expected)
        for values, row in zip(got, expected, strict=True):
            assert {key: written(value) for key, value in values.items()} == row, path
            assert all(typed(values[key], kinds[key]) for key in row if row[key])


def written(value: Any) -> str:
    """Return a typed cell as our CSV writes it."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()[:10]
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def typed(value: Any, kind: str) -> bool:
    """Whether a cell was read as what its column declares."""
    kinds: dict[str, type] = {"integer": int, "decimal": Decimal, "date": date, "string": str, "boolean": bool}
    return isinstance(value, kinds[kind])


def test_csvw_refuses_a_cell_of_another_kind(built: Path, tmp_path: Path) -> None:
    """A word in a column of days is found: the check can fail."""
    from csvw import CSVW

    folder = built / "du-lieu" / REPORT
    text = (folder / "figures.csv").read_text("utf-8")
    assert "2023-12-31" in text
    (tmp_path / "figures.csv").write_text(text.replace("2023-12-31", "hôm qua"), encoding="utf-8")
    metadata = tmp_path / "figures.csv-metadata.json"
    metadata.write_bytes((folder / "figures.csv-metadata.json").read_bytes())
    (table,) = CSVW(str(metadata)).tables
    with pytest.raises(ValueError, match="hôm qua"):
        list(table.iterdicts(strict=True))


# ---- the zips ------------------------------------------------------------------------------------------------------


def zips(site: Path) -> list[Path]:
    """Return the zip of every package."""
    return sorted(path for path in (site / "du-lieu").glob("*.zip") if not re.search(r"-\d[\d.]*\.zip$", path.name))


def test_the_zips_are_data_packages(built: Path, tmp_path: Path) -> None:
    """Each zip's descriptor obeys the official profile of Data Package 2.0; frictionless finds no error nor warning.

    Every foreign key leads to a table of the zip, and size, hash and rows of each table are as stated.
    """
    check = jsonschema.Draft7Validator(json.loads((PROFILES / "datapackage-2.0.json").read_text("utf-8")))
    assert len(zips(built)) >= 2
    for path in zips(built):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path)
        folder = tmp_path / path.stem
        descriptor = json.loads((folder / "datapackage.json").read_text("utf-8"))
        assert [error.message for error in check.iter_errors(descriptor)] == [], path.name
        assert descriptor["$schema"].endswith("/2.0/datapackage.json")
        names = {resource["name"] for resource in descriptor["resources"]}
        for resource in descriptor["resources"]:
            file = folder / resource["path"]
            assert resource["bytes"] == file.stat().st_size
            assert resource["hash"] == f"sha256:{sha256(file)}"
            assert resource["rows"] == len(rows(file))
            for key in resource["schema"].get("foreignKeys", ()):
                assert key["reference"].get("resource", resource["name"]) in names
        report = frictionless.validate(str(folder / "datapackage.json"))
        assert report.valid and not report.warnings, report.to_summary()
        assert not [task.name for task in report.tasks if task.warnings or task.errors]
    figures = json.loads((tmp_path / REPORT / "datapackage.json").read_text("utf-8"))["resources"]
    keys = next(r for r in figures if r["name"] == "figures")["schema"]["foreignKeys"]
    assert {key["reference"].get("resource") for key in keys} >= {"indicators", "places", "bodies", "units"}


def test_the_profile_finds_what_is_wrong(built: Path) -> None:
    """A package without resources and a licence that is a mere word break the profile: the check can fail."""
    check = jsonschema.Draft7Validator(json.loads((PROFILES / "datapackage-2.0.json").read_text("utf-8")))
    with zipfile.ZipFile(built / "du-lieu" / f"{REPORT}.zip") as archive:
        descriptor = json.load(io.TextIOWrapper(archive.open(f"{REPORT}/datapackage.json"), "utf-8"))
    assert check.is_valid(descriptor)
    assert not check.is_valid({**descriptor, "resources": []})
    assert not check.is_valid({**descriptor, "licenses": ["CC-BY-4.0"]})


# ---- pages for programs --------------------------------------------------------------------------------------------


def pages(site: Path) -> list[Path]:
    """Return every page of the site; a chart in a frame is part of somebody else's."""
    return sorted(page for page in site.rglob("index.html") if "nhung" not in page.relative_to(site).parts)


def words(element: Any) -> list[str]:
    """Return the words that a reader meets in an element, without signs."""
    return re.findall(r"\w+", " ".join(element.itertext()))


def twin_of(page: Path, site: Path) -> Path:
    """Return the page as Markdown: at its address, .md in place of the last slash."""
    home = page.parent in (site, site / "en")
    return page.with_name("index.md") if home else page.parent.with_name(f"{page.parent.name}.md")


def test_every_page_is_also_markdown(built: Path) -> None:
    """Each page names its Markdown, which stands at the promised address and says every word that the page shows."""
    for page in pages(built):
        twin = twin_of(page, built)
        document = lxml.html.fromstring(page.read_text("utf-8"))
        (link,) = document.xpath('//link[@type="text/markdown"]/@href')
        assert (page.parent / link).resolve() == twin, page
        (article,) = document.xpath("//article")
        for left_out in article.xpath(
            './/script|.//style|.//button|.//form|.//noscript|.//svg|.//*[@aria-hidden="true" or @role="img"]'
            '|.//*[contains(concat(" ", @class, " "), " breadcrumbs ") or contains(concat(" ", @class, " "), " toc ")]'
        ):
            left_out.drop_tree()
        text = twin.read_text("utf-8")
        shown = lxml.html.fromstring(f"<div>{markdown.markdown(text, extensions=['tables'])}</div>")
        rest = iter(words(shown))
        missing = [word for word in words(article) if word not in rest]
        assert missing == [], (twin, missing[:5])
        assert len(shown.xpath(".//table")) == len(article.xpath(".//table")), twin


def test_links_in_markdown_lead_to_what_is_there(built: Path) -> None:
    """Each address in a page's Markdown is a file of the site or the folder of a page, seen from where it stands."""
    for page in pages(built):
        twin = twin_of(page, built)
        shown = lxml.html.fromstring(f"<div>{markdown.markdown(twin.read_text('utf-8'), extensions=['tables'])}</div>")
        for href in shown.xpath(".//a/@href"):
            path = unescape(href).partition("#")[0]
            if path and not re.match(r"[a-z]+:", path):
                assert (twin.parent / path).exists(), (twin, href)


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "*đậm* _nghiêng_ `mã` ~~bỏ~~",
        "[chữ](javascript:alert(1))",
        "<script>alert(1)</script> &lt; &amp;amp; &",
        "# không phải đề mục",
        "1. không phải danh sách",
        "- không phải danh sách",
        "17.034",
        "2023.",
        "C:\\thư mục",
        "![ảnh](x.png)",
        "a\u00a0b",
    ],
)
@pytest.mark.parametrize(
    "frame", ["<p>{}</p>", "<table><thead><tr><th>x</th></tr></thead><tr><td>{}</td></tr></table>"]
)
def test_text_stays_text_in_markdown(text: str, frame: str) -> None:
    """Signs of Markdown and of HTML in a text are shown, not obeyed, in a paragraph and in a cell."""
    from html import escape

    page = f"<article>{frame.format(escape(text))}</article>"
    shown = markdown.markdown(as_markdown(page), extensions=["tables"])
    element = lxml.html.fromstring(f"<div>{shown}</div>")
    (found,) = element.xpath(".//td" if "<td>" in frame else ".//p")
    assert " ".join(found.text_content().split()) == " ".join(text.split())
    assert not found.xpath("./*")


def test_llms_txt_leads_to_what_is_there(built: Path) -> None:
    """llms.txt says in the language what the site is, and each of its links is a file of the site."""
    for prefix in LANGUAGES:
        text = (built / prefix / "llms.txt").read_text("utf-8")
        assert text.startswith("# minhbach\n\n> ")
        links = re.findall(r"\]\((\S+)\)", text)
        assert len(links) > 10
        assert all(local(built, address).is_file() for address in links)
    assert (built / "llms.txt").read_bytes() != (built / "en/llms.txt").read_bytes()


def test_sitemaps_pair_the_languages(built: Path) -> None:
    """Each address of a sitemap is a page, and names itself, its twin and the default."""
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    for prefix in LANGUAGES:
        tree = ElementTree.parse(built / prefix / "sitemap.xml")  # noqa: S314  (our own file)
        entries = tree.findall("s:url", names)
        assert len(entries) > 20
        for entry in entries:
            links = {link.get("hreflang"): str(link.get("href")) for link in entry.findall("x:link", names)}
            assert set(links) == {"vi", "en", "x-default"} and links["x-default"] == links["vi"]
            assert entry.findtext("s:loc", "", names) == links["en" if prefix else "vi"]
            assert all(local(built, address).is_file() for address in links.values())


def test_the_citation_file_obeys_its_schema() -> None:
    """CITATION.cff is valid by the schema of the Citation File Format that check-jsonschema carries."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    done = subprocess.run([*command, str(PROJECT / "CITATION.cff")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_broken_citation_file_is_found(tmp_path: Path) -> None:
    """A citation file without authors is refused: the check can fail."""
    text = (PROJECT / "CITATION.cff").read_text("utf-8")
    broken = tmp_path / "CITATION.cff"
    broken.write_text(text.replace("authors:", "writers:"), encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    assert subprocess.run([*command, str(broken)], capture_output=True, check=False).returncode == 1
