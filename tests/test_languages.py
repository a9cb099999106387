"""The whole site in two languages: each page has its twin, and each language is whole in itself."""

import gzip
import json
import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

PREFIXES = {"vi": "", "en": "en/"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SPOKEN = {"title", "aria-label", "alt", "placeholder", "content"}  # attributes that a reader sees or hears
DOWNLOADS = {".csv", ".xlsx", ".parquet", ".zip", ".json"}
LOCATOR = re.compile(r"\bsection [0-9A-Za-zđ.]+", re.IGNORECASE)  # where a report numbers a section with its letter đ


class Document(HTMLParser):
    """A page: its language, its links by what holds them, and its words with the language they are marked with."""

    def __init__(self, text: str):
        super().__init__()
        self.language = ""
        self.switch: dict[str, str] = {}  # addresses by language
        self.twins: dict[str, str] = {}
        self.words: list[tuple[str, str]] = []  # (language, text)
        self.heading = ""
        self._open: list[tuple[str, str, str]] = []  # (tag, language, class)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a language, a link and the words of attributes."""
        found = {name: value or "" for name, value in attrs}
        language = found.get("lang") or (self._open[-1][1] if self._open else "")
        if tag == "html":
            self.language = language
        if tag == "a" and any(css == "languages" for _, _, css in self._open):
            self.switch[found["hreflang"]] = found["href"]
        if tag == "link" and "hreflang" in found:
            self.twins[found["hreflang"]] = found["href"]
        self.words += [(language, found[name]) for name in found if name in SPOKEN or name.startswith("data-")]
        if tag not in VOID:
            self._open.append((tag, language, found.get("class", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that closes itself for one that holds nothing."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and what stood open inside it."""
        if any(name == tag for name, _, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note words with their language."""
        tags = [tag for tag, _, _ in self._open]
        if tags and tags[-1] not in ("script", "style"):
            self.words.append((self._open[-1][1], data))
        if "h1" in tags:
            self.heading += data


def is_vietnamese(text: str) -> bool:
    """Whether a text holds a letter that English does not use; the letter of a section is none."""
    letters = unicodedata.normalize("NFD", LOCATOR.sub("", text))
    return any(letter in "đĐ" or unicodedata.combining(letter) for letter in letters)


def astray(document: Document) -> list[str]:
    """Return the Vietnamese words of an English page that are not marked as Vietnamese."""
    return [text for language, text in document.words if language != "vi" and is_vietnamese(text)]


@pytest.fixture(scope="module")
def documents(built_site: Path) -> Mapping[str, Document]:
    """Every page of the built site by its path; a chart in a frame is part of somebody else's page."""
    return {
        path.relative_to(built_site).as_posix(): Document(path.read_text("utf-8"))
        for path in sorted(built_site.rglob("*.html"))
        if "nhung" not in path.relative_to(built_site).parts
    }


def of(documents: Mapping[str, Document], language: str) -> dict[str, Document]:
    """Return the pages of a language by their path within it."""
    inside = {path: d for path, d in documents.items() if path.startswith("en/") == (language == "en")}
    return {path.removeprefix(PREFIXES[language]): document for path, document in inside.items()}


def leads_to(path: str, href: str) -> str:
    """Return the path of the page that a link of another leads to."""
    target = posixpath.normpath(posixpath.join("/", posixpath.dirname(path), unquote(href))).lstrip("/")
    return posixpath.join(target, "index.html") if href.endswith("/") else target


def test_each_page_exists_in_both_languages(documents: Mapping[str, Document]) -> None:
    """English has the addresses of Vietnamese, below /en/, and no others."""
    assert set(of(documents, "vi")) == set(of(documents, "en"))
    assert len(of(documents, "en")) > 300


def test_anchors_are_the_same_in_both_languages(built_site: Path, documents: Mapping[str, Document]) -> None:
    """A heading is at the same address in both languages, so that whoever changes the language stays where they are."""
    for path in of(documents, "vi"):
        pages = [(built_site / prefix / path).read_text("utf-8") for prefix in PREFIXES.values()]
        assert len({tuple(re.findall(r'<h[23][^>]* id="([^"]+)"', text)) for text in pages}) == 1, path


def test_page_says_its_language(documents: Mapping[str, Document]) -> None:
    """The html element names the language of its page, on the page for missing addresses too."""
    for language in PREFIXES:
        assert {document.language for document in of(documents, language).values()} == {language}


@pytest.mark.parametrize(("here", "there"), [("vi", "en"), ("en", "vi")])
def test_switch_leads_to_the_same_page(documents: Mapping[str, Document], here: str, there: str) -> None:
    """The switch of every page leads to its twin; that of the page for missing addresses to the other home page."""
    for path, document in of(documents, here).items():
        assert set(document.switch) == {there}, path
        wanted = "index.html" if path == "404.html" else path
        assert leads_to(PREFIXES[here] + path, document.switch[there]) == PREFIXES[there] + wanted


def test_every_page_names_its_twins(documents: Mapping[str, Document]) -> None:
    """hreflang leads to the page itself and its twin, and the default is Vietnamese."""
    for language, prefix in PREFIXES.items():
        for path, document in of(documents, language).items():
            twins = {name: leads_to(prefix + path, href) for name, href in document.twins.items()}
            wanted = {"vi": path, "en": f"en/{path}", "x-default": path}
            assert twins == ({} if path == "404.html" else wanted), prefix + path


def test_sitemaps_name_the_twins(built_site: Path, documents: Mapping[str, Document]) -> None:
    """The sitemap of each language lists its pages, each with both languages and the default."""
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    for language, prefix in PREFIXES.items():
        urls = ElementTree.parse(built_site / prefix / "sitemap.xml").findall("s:url", names)  # noqa: S314  (ours)
        assert len(urls) == len(of(documents, language)) - 1  # without the page for missing addresses
        for url in urls:
            links = {link.get("hreflang"): link.get("href", "") for link in url.findall("x:link", names)}
            assert set(links) == {"vi", "en", "x-default"}
            assert links["vi"] == links["x-default"]
            assert links["en"].replace("/en/", "/", 1) == links["vi"]
            assert url.findtext("s:loc", "", names) == links[language]


def test_english_pages_are_english(documents: Mapping[str, Document]) -> None:
    """No Vietnamese word stands on an English page but marked as Vietnamese: what is printed, and cells of data."""
    found = {path: words for path, document in of(documents, "en").items() if (words := astray(document))}
    assert found == {}


def test_vietnamese_is_found_where_it_is_not_marked() -> None:
    """The check above sees words in text and attributes, and passes over what is marked and the letter of a section."""
    assert astray(Document('<html lang="en"><p>Hộ nghèo</p>')) == ["Hộ nghèo"]
    assert astray(Document('<html lang="en"><p title="đ">x</p>')) == ["đ"]
    assert astray(Document('<html lang="en"><p>printed <span lang="vi">tiệu đồng</span>, read</p>')) == []
    assert astray(Document('<html lang="en"><p><span lang="vi">a</span> và đó</p>')) == [" và đó"]
    assert astray(Document('<html lang="en"><p>section 1.II.1.đ, line 62</p>')) == []


def test_numbers_are_written_in_the_language(documents: Mapping[str, Document]) -> None:
    """17.034 people in Vietnamese are 17,034 in English, and 2,27 % is 2.27%."""
    page = "bao-cao/hue-2023-lanh-dao/index.html"
    said = {language: " ".join(text for _, text in of(documents, language)[page].words) for language in PREFIXES}
    assert "17.034" in said["vi"] and "17,034" not in said["vi"]
    assert "17,034" in said["en"] and "17.034" not in said["en"]
    assert "2.27" in said["en"] and "2,27" not in said["en"]


def test_files_to_download_stand_once(built_site: Path) -> None:
    """Below /en/ there are pages, images and what a page needs; tables and packages stand at the root alone."""
    found = {path.relative_to(built_site).as_posix() for path in (built_site / "en").rglob("*") if path.is_file()}
    files = {path for path in found if posixpath.splitext(path)[1] in DOWNLOADS and "/pagefind/" not in path}
    assert files
    # What is made of words is of one language: what a chart draws, what script draws it from, the record of its frame,
    # feeds and citations.
    of_a_language = re.compile(r"en/(bieu-do/.+\.(vl\.json|csv)|nhung/.+/oembed\.json|.*feed\.json|.+\.csl\.json)")
    assert [path for path in sorted(files) if not of_a_language.fullmatch(path)] == []
    page = (built_site / "en/du-lieu/hue-2023-lanh-dao/index.html").read_text("utf-8")
    assert 'href="../../../du-lieu/hue-2023-lanh-dao.zip"' in page
    assert 'href="../../../du-lieu/hue-2023-lanh-dao/figures.csv"' in page


def test_charts_are_in_the_language(built_site: Path) -> None:
    """The same charts stand in both languages as files, with the words of each, and so do their data."""
    names = {
        language: {p.name for p in (built_site / prefix / "bieu-do").glob("*.svg")}
        for language, prefix in PREFIXES.items()
    }
    assert names["vi"] == names["en"] != set()
    for name in sorted(names["en"]):
        svg = (built_site / "en/bieu-do" / name).read_text("utf-8")
        assert not is_vietnamese(re.sub(r"<[^>]+>", " ", svg)), name
        assert (built_site / "en/bieu-do" / name).with_suffix(".png").is_file()
        assert not is_vietnamese((built_site / "en/bieu-do" / name).with_suffix(".csv").read_text("utf-8"))
    assert all(is_vietnamese((built_site / "bieu-do" / name).read_text("utf-8")) for name in names["vi"])


def _figures(folder: Path) -> list[list[object]]:
    """Return the figures that the lookup page of a language finds, each once, by their links."""
    found: dict[str, list[object]] = {}
    for path in sorted((folder / "tra-cuu/tim").glob("so*.js")):
        call = path.read_text("utf-8")
        entries, _ = json.loads(call[call.index(",") + 1 : call.rindex(")")])
        found |= {str(entry[5]): entry for entry in entries}
    return [found[link] for link in sorted(found)]


def test_lookup_is_in_the_language(built_site: Path) -> None:
    """Each language looks up the same figures in files of its own, with its own words and links to its own pages."""
    found = {language: _figures(built_site / prefix) for language, prefix in PREFIXES.items()}
    assert [entry[5] for entry in found["vi"]] == [entry[5] for entry in found["en"]]
    assert len(found["en"]) > 700
    assert all(str(entry[5]).startswith("../bao-cao/") for entry in found["en"])
    assert not [text for entry in found["en"] for text in entry[:5] if is_vietnamese(str(text))]


def _indexed(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield address and title of every page in a search index."""
    for path in (folder / "pagefind/fragment").iterdir():
        record = json.loads(gzip.decompress(path.read_bytes()).removeprefix(b"pagefind_dcd"))
        yield record["url"].lstrip("/"), record["meta"]["title"]


def test_search_finds_the_pages_of_its_language_only(built_site: Path, documents: Mapping[str, Document]) -> None:
    """Each language has an index of its own, which holds exactly its pages, by their titles."""
    for language, prefix in PREFIXES.items():
        indexed = dict(_indexed(built_site / prefix))
        pages = of(documents, language)
        titles = {
            path.removesuffix("index.html"): " ".join(document.heading.split())
            for path, document in pages.items()
            if path != "404.html"
        }
        assert {url: " ".join(title.split()) for url, title in indexed.items()} == titles


def test_page_for_missing_addresses_stays_in_its_language(built_site: Path, documents: Mapping[str, Document]) -> None:
    """A host shows it at any address, so its links begin at the root, and those of the English one at /en/."""
    assert "There is no such page" in documents["en/404.html"].heading
    links = re.findall(r'<a\b[^>]*href="([^"]*)"', (built_site / "en/404.html").read_text("utf-8"))
    assert links
    assert [href for href in links if not href.startswith(("/en/", "#"))] == []
