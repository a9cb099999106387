"""From pages to the site on show: what MkDocs is given, what is made of its pages, and that no failure harms a site."""

import contextlib
import errno
import gzip
import importlib
import json
import logging
import os
import random
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from build_tools import output, publish
from build_tools.errors import BuildError
from build_tools.output import Lock, OutputFile
from build_tools.publish import LanguageSource, Published

DAY = date(2026, 11, 20)
ROOT = Path(publish.__file__).parent.parent

SETTINGS = """
site_name: Thử
plugins: []
validation: {links: {not_found: warn, anchors: info, absolute_links: relative_to_docs}}
extra: {language: vi}
theme: {name: material, language: vi, font: false}
"""
MATERIAL = """
{% extends "base.html" %}
{% block container %}
<article data-pagefind-body>{{ page.content if page else "<h1>Không có trang này</h1>" }}</article>
{% endblock %}
"""
# A theme of one template, where a test is about what happens around MkDocs.
PLAIN = """
<!doctype html>
<html lang="{{ config.extra.language }}"><head><meta charset="utf-8"><title>{{ page.title }}</title>
<link rel="alternate" hreflang="xx" href="."><script>document.documentElement.dataset.ran = "yes"</script></head>
<body><nav><a href="{{ "." | url }}">{{ config.site_name }}</a></nav>
<article data-pagefind-body>{{ page.content }}</article></body></html>
"""
VI = {
    "index.md": "# Trang nhà\n\nMinh bạch.\n\n[việc làm](chu-de/viec-lam.md)\n\n<!-- fragment: bang -->\n\n## Sau\n",
    "chu-de/viec-lam.md": "# Việc làm\n\nHuyện Đà Bắc, hộ nghèo.\n\n## Đất đai\n\nĐất ở, 20.360/18.500.\n",
    "chu-de/rieng.md": "# Chỉ tiếng Việt\n\nDa dat.\n",
    "assets/x.css": "a { color: inherit }",
}
EN = {
    "index.md": "# Home\n\n<!-- fragment: bang -->\n",
    "chu-de/viec-lam.md": "# Jobs\n\nDa Bac district (Đà Bắc), 17,034 people.\n",
}
TABLE = '<table id="bang"><tr><td><a href="#bang">17.034</a> người lao động</td></tr></table>'
EMBED = (
    '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>a</title></head><body><h1>a</h1></body></html>'
)
FILES = {"du-lieu/đất.csv": "a,b\n", "nhung/a/index.html": EMBED, "bieu-do/a.svg": "<svg/>"}


def make_files(texts: Mapping[str, str]) -> list[OutputFile]:
    """Return output files."""
    return [OutputFile(path, text.encode()) for path, text in texts.items()]


def make_language(
    language: str = "vi",
    prefix: str = "",
    pages: Mapping[str, str] = VI,
    fragments: Mapping[str, str] | None = None,
    config: Mapping[str, object] | None = None,
) -> LanguageSource:
    """Return a sound language with some of it changed."""
    settings: dict[str, object] = {"extra": {"language": language}, "nav": [{"Nhà": "index.md"}]}
    made = {"bang": TABLE} if fragments is None else fragments
    return LanguageSource(language, prefix, tuple(make_files(pages)), made, {**settings, **(config or {})})


ENGLISH = make_language("en", "en", EN, config={"theme": {"language": "en"}})


def make_project(folder: Path, theme: str = PLAIN, settings: str = SETTINGS) -> Path:
    """Write a project's settings and theme, and return its folder."""
    (folder / "theme").mkdir(parents=True, exist_ok=True)
    (folder / "theme" / "main.html").write_text(theme, "utf-8")
    if "base.html" not in theme:
        settings = settings.replace("name: material, language: vi, font: false", "name: null")
    (folder / "mkdocs.yml").write_text(settings, "utf-8")
    return folder


def build(project: Path, *languages: LanguageSource, out: Path | None = None, **changes: Any) -> Published:
    """Publish a sound site with some of it changed; without a search index, unless it is asked for."""
    arguments: dict[str, Any] = {
        "out": out or project / "out",
        "languages": languages or [make_language()],
        "files": make_files(FILES),
        "config": project / "mkdocs.yml",
        "overrides": project / "theme",
        "build_date": DAY,
        "search": False,
    }
    return publish.publish(**{**arguments, **changes})


def tree(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds, by path."""
    return {path: (folder / path).read_bytes() for path in output.paths_in(folder)}


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A project with the small theme."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site in two languages with Material and a search index, to look at and not to change."""
    project = make_project(tmp_path_factory.mktemp("whole") / "project", MATERIAL)
    return build(project, make_language(), ENGLISH, search=True).site


# -- a sound site -----------------------------------------------------------------------------------------------------


def test_the_site_holds_pages_files_and_listings(whole: Path) -> None:
    """Every page at its address, every file at its own, and nothing of the theme that nobody asks for."""
    paths = set(output.paths_in(whole.resolve()))
    assert {
        "index.html",
        "404.html",
        "chu-de/viec-lam/index.html",
        "chu-de/rieng/index.html",
        "assets/x.css",
        "en/index.html",
        "en/chu-de/viec-lam/index.html",
        "du-lieu/đất.csv",
        "nhung/a/index.html",
        "bieu-do/a.svg",
        "pagefind/pagefind.js",
        "en/pagefind/pagefind.js",
        "sitemap.xml",
        "en/sitemap.xml",
        "robots.txt",
        "_headers",
        "manifest.json",
        "SHA256SUMS",
    } <= paths
    assert not [path for path in paths if path.endswith((".map", ".gz")) or "/lunr/" in path]
    assert output.damage(whole.resolve()) == ()
    assert whole.is_symlink()


def test_what_is_told_of_a_build(tmp_path: Path) -> None:
    """The steps are told as they begin, in order, and the result says how long each took and what is on show."""
    told: list[str] = []
    project = make_project(tmp_path)
    published = build(project, make_language(), ENGLISH, search=True, step=told.append)
    assert told == list(published.seconds)
    assert told == [
        *["write", "mkdocs", "fragments", "search"],
        *["files", "check", "seal", "swap"],
    ]
    assert published.pages == 6
    assert published.site == project / "out" / "site"
    assert published.site.readlink() == Path("versions") / published.version


def test_a_fragment_stands_where_its_mark_stood(whole: Path) -> None:
    """Between what comes before and after it, as it was handed in, without its mark."""
    page = (whole / "index.html").read_text("utf-8")
    assert re.search(rf"</p>\s*{re.escape(TABLE)}\s*<h2", page)
    assert "fragment:" not in page


def test_a_fragment_is_inserted_as_it_is(plain: Path) -> None:
    """Backslashes and group references in a fragment mean nothing, and it may stand in two places."""
    text = r"<p>\1 \g<0> \n &amp; 😀</p>"
    pages = {"index.md": "# A\n\n<!-- fragment: a/b_1.x -->\n\n<!-- fragment: a/b_1.x -->\n"}
    build(plain, make_language(pages=pages, fragments={"a/b_1.x": text}))
    assert (plain / "out" / "site" / "index.html").read_text("utf-8").count(text) == 2


def test_each_page_has_a_policy_that_names_its_scripts(whole: Path) -> None:
    """Before any script, without `unsafe-inline` for scripts; also in pages that came as files."""
    for path in ("index.html", "404.html", "en/chu-de/viec-lam/index.html", "nhung/a/index.html"):
        page = (whole / path).read_text("utf-8")
        found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
        assert found is not None
        assert page.find("<script") == -1 or found.start() < page.find("<script")
        scripts = re.search(r"script-src ([^;]*)", found[1])
        assert scripts is not None
        assert "unsafe-inline" not in scripts[1]
        assert ("sha256-" in scripts[1]) == ("<script>" in page)
        assert found[1].startswith("default-src 'none'; ")


def languages_of(page: Path) -> list[tuple[str, str]]:
    """Return what a page's head says about its twins."""
    return re.findall(r'<link rel="alternate" hreflang="([^"]*)" href="([^"]*)">', page.read_text("utf-8"))


def test_a_page_names_its_twins(whole: Path) -> None:
    """Relative where the site has no address; a page without a twin names none, nor does the theme."""
    assert languages_of(whole / "chu-de/viec-lam/index.html") == [
        ("vi", "./"),
        ("x-default", "./"),
        ("en", "../../en/chu-de/viec-lam/"),
    ]
    assert languages_of(whole / "en/index.html") == [("vi", "../"), ("x-default", "../"), ("en", "./")]
    assert languages_of(whole / "chu-de/rieng/index.html") == []


def test_a_site_with_an_address_uses_it_where_whole_addresses_are_needed(plain: Path) -> None:
    """In twins, sitemaps and robots.txt; a path of the host is part of it."""
    build(plain, make_language(), ENGLISH, site_url="https://example.org/minhbach")
    site = plain / "out" / "site"
    assert languages_of(site / "en" / "chu-de" / "viec-lam" / "index.html") == [
        ("vi", "https://example.org/minhbach/chu-de/viec-lam/"),
        ("x-default", "https://example.org/minhbach/chu-de/viec-lam/"),
        ("en", "https://example.org/minhbach/en/chu-de/viec-lam/"),
    ]
    listed = re.findall("<loc>(.*)</loc>", (site / "en" / "sitemap.xml").read_text())
    assert listed == ["https://example.org/minhbach/en/chu-de/viec-lam/", "https://example.org/minhbach/en/"]
    assert "Sitemap: https://example.org/minhbach/en/sitemap.xml\n" in (site / "robots.txt").read_text()


def test_sitemaps_name_pages_twins_and_the_date(whole: Path) -> None:
    """Without an address they use the documented default; pages that ask not to be listed are left out."""
    text = (whole / "sitemap.xml").read_text("utf-8")
    assert re.findall("<loc>(.*)</loc>", text) == [
        publish.DEFAULT_URL + path for path in ("chu-de/rieng/", "chu-de/viec-lam/", "")
    ]
    assert set(re.findall("<lastmod>(.*)</lastmod>", text)) == {"2026-11-20"}
    assert text.count("<xhtml:link") == 6


def test_a_page_that_asks_not_to_be_listed_is_not(tmp_path: Path) -> None:
    """`noindex` in a page and its address in the sitemap would contradict each other."""
    theme = PLAIN.replace("<title>", '<meta name="robots" content="noindex"><title>')
    project = make_project(tmp_path, theme)
    build(project)
    assert "<loc>" not in (project / "out" / "site" / "sitemap.xml").read_text()


def test_headers_forbid_frames_but_for_what_is_made_for_them(whole: Path) -> None:
    """No rule that matches an embedded chart says a word about frames."""
    rules = re.findall(r"^(/\S*)\n((?:  .*\n)+)", (whole / "_headers").read_text(), re.MULTILINE)
    guarded = [pattern for pattern, headers in rules if "frame-ancestors 'none'" in headers]
    assert guarded == [
        *["/", "/404.html", "/chu-de/*", "/index.html"],
        *["/en/", "/en/404.html", "/en/chu-de/*", "/en/index.html"],
    ]
    assert rules[0][0] == "/*"
    assert "nosniff" in rules[0][1]
    assert "Content-Security-Policy" not in rules[0][1]


def test_an_update_is_a_new_version_beside_the_old(plain: Path) -> None:
    """One page more: the site changes in one step, the version before is still there."""
    first = build(plain)
    before = tree(first.site.resolve())
    second = build(plain, make_language(pages={**VI, "them.md": "# Thêm\n"}))
    assert first.version != second.version
    assert tree(plain / "out" / "previous") == before
    assert (second.site / "them" / "index.html").is_file()


# -- the same bytes ---------------------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    """In another folder, through a link, in another process, time zone, language, umask and order of hashes."""
    project = make_project(tmp_path / "đây" / "project", MATERIAL)
    (tmp_path / "link").symlink_to("đây")
    done = subprocess.run(
        [
            "sh",
            "-c",
            'umask 077; exec "$0" "$@"',
            sys.executable,
            __file__,
            "whole",
            str(tmp_path / "link/project/out"),
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": "7",
            "TZ": "Asia/Ho_Chi_Minh",
            "LC_ALL": "C.UTF-8",
            "SOURCE_DATE_EPOCH": "1",
            "PAGEFIND_KEEP_INDEX_URL": "true",
        },
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    again = tree(project / "out" / "site")
    expected = tree(whole)
    assert again.keys() == expected.keys()
    assert [path for path in expected if again[path] != expected[path]] == []


def test_another_date_changes_the_dates_only(whole: Path, tmp_path: Path) -> None:
    """The day of the build stands in the sitemaps, hence in the listings, and nowhere else."""
    project = make_project(tmp_path, MATERIAL)
    site = build(project, make_language(), ENGLISH, search=True, build_date=date(2027, 1, 1)).site
    before, after = tree(whole), tree(site)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"sitemap.xml", "en/sitemap.xml", "manifest.json", "SHA256SUMS"}


def test_a_date_that_a_theme_prints_is_the_day_of_the_build(tmp_path: Path) -> None:
    """MkDocs offers themes the date and time of the build; it is the one given, at midnight UTC."""
    build(make_project(tmp_path, PLAIN + "<!-- {{ build_date_utc }} -->"))
    assert "<!-- 2026-11-20 00:00:00+00:00 -->" in (tmp_path / "out" / "site" / "index.html").read_text("utf-8")


def test_the_environment_is_as_before(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls may have set a date of their own, or none; MkDocs' log is as they had it."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.delenv("NO_MKDOCS_2_WARNING", raising=False)
    log = logging.getLogger("mkdocs")
    before = log.level, log.propagate, log.disabled, list(log.handlers)
    build(plain)
    assert os.environ["SOURCE_DATE_EPOCH"] == "1"
    assert (log.level, log.propagate, log.disabled, list(log.handlers)) == before


# -- settings ---------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_settings_read_back_as_they_were(settings: dict[str, object]) -> None:
    """Whatever a text holds, YAML means exactly that text: quotes, colons, tags, dates, line ends."""
    assert yaml.safe_load(publish._yaml(settings, "x")) == settings


@pytest.mark.parametrize(
    "text",
    ["!ENV HOME", "!!python/name:os.system", "on", "2026-11-20", "0x10", "a: b #", "&a", "*a", "- a", "\u2028", "<<"],
)
def test_a_text_in_the_settings_stays_a_text(plain: Path, text: str) -> None:
    """MkDocs reads tags, dates and switches in YAML, but not in a text of ours."""
    build(plain, make_language(config={"site_name": text}))
    assert f">{text}</a>".replace("&a", "&a") in (plain / "out" / "site" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"site_name": "a\ud800"}, "site_name: 'a\\ud800' holds half a character"),
        ({"extra": {"a": 1.5}}, "extra, a: 1.5 is no text"),
        ({"docs_dir": "x"}, "docs_dir is settled by the build"),
        ({"INHERIT": "x"}, "INHERIT is settled"),
        ({"theme": "material"}, "theme is not a mapping"),
        ({"site_nam": "x"}, "Unrecognised configuration name: site_nam"),
        ({"nav": [{"A": "khong.md"}]}, "khong.md"),
        ({"markdown_extensions": ["khong"]}, "khong"),
    ],
)
def test_settings_that_cannot_be_used_are_named(plain: Path, config: dict[str, object], words: str) -> None:
    """Before anything is on show, and with the language they are for."""
    with pytest.raises(BuildError) as caught:
        build(plain, make_language(config=config))
    assert words in str(caught.value)
    assert not (plain / "out" / "site").exists()


@pytest.mark.parametrize(
    ("languages", "words"),
    [
        ([make_language(prefix="vi")], "prefix"),
        ([make_language(), make_language("en")], "prefix"),
        ([make_language(), make_language("vi", "en", EN)], "stands twice"),
        ([make_language("../vi")], "is no language code"),
        ([make_language(), make_language("en", "../en", EN)], "is no prefix"),
        ([make_language(pages={**VI, "en/x.md": "# X\n"}), ENGLISH], "pages at the root"),
    ],
)
def test_languages_that_would_meet_are_refused(plain: Path, languages: list[LanguageSource], words: str) -> None:
    """Each language has its own place, one of them at the root."""
    with pytest.raises(BuildError, match=words):
        build(plain, *languages)


@pytest.mark.parametrize(
    "site_url", ["example.org", "ftp://example.org/", "https://", "https://example.org/?a", "//x/"]
)
def test_an_address_that_is_none_is_refused(plain: Path, site_url: str) -> None:
    """The remedy shows one."""
    with pytest.raises(BuildError, match=r"Write for example https://example\.org/minhbach/"):
        build(plain, site_url=site_url)


def test_missing_settings_are_named(plain: Path) -> None:
    """The project's mkdocs.yml is not optional."""
    with pytest.raises(BuildError, match="Hand in the project's"):
        build(plain, config=plain / "khong.yml")


def test_what_mkdocs_reads_can_be_built_by_hand(plain: Path) -> None:
    """The folder of a language is a project of its own: its settings inherit the project's by a relative path."""
    build(plain)
    settings = (plain / "out" / "vi" / "mkdocs.yml").read_text("utf-8")
    assert "INHERIT: ../../mkdocs.yml\n" in settings
    assert "custom_dir: ../../theme\n" in settings
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(plain / "out/vi/mkdocs.yml")],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "fragment: bang" in (plain / "out" / "vi" / "site" / "index.html").read_text("utf-8")


# -- each fault once, and the site before as it was -------------------------------------------------------------------


def changed(**pages: str) -> LanguageSource:
    """Return a sound language with pages more or other than usual."""
    return make_language(pages={**VI, **{f"{name}.md": text for name, text in pages.items()}})


FAULTS: dict[str, tuple[Callable[[Path], Published], str]] = {
    "a link that MkDocs finds broken": (lambda p: build(p, changed(a="# A\n\n[x](khong.md)\n")), "khong.md"),
    "a link in HTML that leads nowhere": (
        lambda p: build(p, changed(a='# A\n\n<p><a href="khong/">x</a></p>\n')),
        r"a/index\.html, line \d+: link: a href 'khong/' leads to a/khong/index\.html",
    ),
    "a link in a fragment that leads nowhere": (
        lambda p: build(p, make_language(fragments={"bang": TABLE + '<a href="#khong">x</a>'})),
        "anchor: a href '#khong' names an id",
    ),
    "an id twice": (lambda p: build(p, make_language(fragments={"bang": TABLE + TABLE})), "'bang' stands twice"),
    "a fragment that nobody made": (lambda p: build(p, make_language(fragments={})), "bang is asked for and was not"),
    "a fragment that nobody asks for": (
        lambda p: build(p, make_language(fragments={"bang": TABLE, "them": ""})),
        "them was made and no page asks for it",
    ),
    "a fragment inside a fragment": (
        lambda p: build(p, make_language(fragments={"bang": "<!-- fragment: bang -->"})),
        "left-over: the mark of a fragment was not replaced",
    ),
    "a mark in a line of text": (
        lambda p: build(p, changed(a="# A\n\nx <!-- fragment: bang -->\n")),
        r"vi/docs/a\.md, line 3: the mark of a fragment does not stand alone",
    ),
    "a mark without an empty line": (
        lambda p: build(p, changed(a="# A\nx\n<!-- fragment: bang -->\n")),
        r"vi/docs/a\.md, line 3: the mark",
    ),
    "a mark with two names": (lambda p: build(p, changed(a="# A\n\n<!-- fragment: a b -->\n")), "does not stand alone"),
    "a mark in code": (
        lambda p: build(p, changed(a="# A\n\n```\n\n<!-- fragment: bang -->\n\n```\n"), config=fenced(p)),
        "bang is asked for 2 times and came through to 1 places",
    ),
    "a picture of another host": (lambda p: build(p, changed(a="# A\n\n![x](https://example.org/a.png)\n")), "foreign"),
    "an event handler": (lambda p: build(p, changed(a='# A\n\n<p onclick="x()">y</p>\n')), "handler"),
    "two headings": (lambda p: build(p, changed(a="# A\n\n# B\n")), "2 elements h1"),
    "two pages for one address": (
        lambda p: build(p, make_language(pages={**VI, "a.md": "# A\n", "a/index.md": "# A\n"})),
        "becomes the same page as",
    ),
    "a page that MkDocs leaves out": (
        lambda p: build(p, make_language(pages={**VI, "templates/a.md": "# A\n"})),
        r"templates/a\.md: MkDocs made no page of it",
    ),
    "a page that is not UTF-8": (
        lambda p: build(p, LanguageSource("vi", "", (OutputFile("index.md", b"# \xff\n"),), {}, {})),
        "byte 2 is not UTF-8",
    ),
    "a template with a fault": (
        lambda p: build(make_project(p, PLAIN + "{% if %}")),
        "TemplateSyntaxError",
    ),
    "a template that is not there": (
        lambda p: build(make_project(p, PLAIN + '{% include "khong.html" %}')),
        "TemplateNotFound",
    ),
    "a page without a place for its policy": (
        lambda p: build(make_project(p, PLAIN.replace('<meta charset="utf-8">', ""))),
        "lacks <meta charset",
    ),
    "a file with a policy of its own": (
        lambda p: build(
            p,
            files=[OutputFile("a.html", b'<meta charset=utf-8><meta http-equiv="content-security-policy" content="">')],
        ),
        "brings a Content-Security-Policy of its own",
    ),
    "a file page that is not UTF-8": (lambda p: build(p, files=[OutputFile("a.html", b"\xff")]), "byte 0 is not UTF-8"),
    "a file in the place of a page": (
        lambda p: build(p, files=make_files({"chu-de/viec-lam/index.html": EMBED})),
        "is taken by 'chu-de/viec-lam/index.html'",
    ),
    "a file in the place of a page by case": (
        lambda p: build(p, files=make_files({"Index.html": EMBED})),
        "is taken by",
    ),
    "a file in the place of a listing": (lambda p: build(p, files=make_files({"manifest.json": "{}"})), "is taken by"),
    "a file in the place of robots.txt": (lambda p: build(p, files=make_files({"robots.txt": ""})), "is taken by"),
    "a file out of the site": (lambda p: build(p, files=make_files({"../x": ""})), "contains the part '..'"),
    "a page out of its folder": (lambda p: build(p, make_language(pages={"../x.md": "# X\n"}, fragments={})), "'..'"),
    "a maker of files that fails": (lambda p: build(p, files=failing_files()), "the disk of a renderer"),
    "no page to be found": (
        lambda p: build(make_project(p, PLAIN.replace("data-pagefind-body", "")), search=True),
        "no page says what of it is to be found",
    ),
    "a page in the place of the search index": (
        lambda p: build(p, make_language(pages={**VI, "pagefind.md": "# A\n"}), search=True),
        "is the place of the search index",
    ),
    "a lock of another folder": (lambda p: build(p, lock=Lock(p)), "does not hold the out folder"),
}


def fenced(project: Path) -> Path:
    """Let the project know fenced code."""
    (project / "mkdocs.yml").write_text(
        SETTINGS.replace("name: material, language: vi, font: false", "name: null")
        + "markdown_extensions: [fenced_code]\n"
    )
    return project / "mkdocs.yml"


def failing_files() -> Iterator[OutputFile]:
    """Yield a file, then fail as a renderer might."""
    yield OutputFile("a.csv", b"")
    raise BuildError("the disk of a renderer", "is gone", "Look for it")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_stops_the_build_and_the_site_stays(plain: Path, name: str) -> None:
    """The fault is named; the site before is the same byte for byte, and nothing else is left in its folder."""
    failing, words = FAULTS[name]
    before = build(plain)
    old = tree(before.site.resolve())
    with pytest.raises(BuildError) as caught:
        failing(plain)
    assert re.search(words, str(caught.value)), str(caught.value)
    assert before.site.readlink().name == before.version
    assert tree(before.site.resolve()) == old
    assert output.damage(before.site) == ()
    left = {entry.name for entry in (plain / "out").iterdir()}
    assert left - {"staging"} == {"build.lock", "site", "versions", "vi"}
    assert not list((plain / "out" / "staging").glob("*"))
    assert build(make_project(plain)).version == before.version


def test_all_faults_are_told_at_once(plain: Path) -> None:
    """The first twenty and the number of all; what every page repeats is told once."""
    links = "".join(f'<a href="khong-{n}/">x</a>' for n in range(30))
    with pytest.raises(BuildError) as caught:
        build(plain, changed(a=f"# A\n\n<p>{links}</p>\n", b=f"# B\n\n<p>{links}</p>\n"))
    assert "60 faults" in str(caught.value)
    assert str(caught.value).count("link: a href") == 20
    make_project(plain, PLAIN.replace("<nav>", '<nav><a href="https:khong">x</a><a href="ftp://x/">x</a>'))
    with pytest.raises(BuildError, match=r"'ftp://x/' has a scheme we do not use \(and 2 times more\)") as caught:
        build(plain)
    assert "address: Write an address of the site" in str(caught.value)


@pytest.mark.parametrize("silencer", ["level", "disable", "below", "propagate"])
def test_a_warning_counts_where_somebody_silenced_the_log(plain: Path, silencer: str) -> None:
    """MkDocs' own strictness counts what its log lets through; ours does not depend on that."""
    log, below = logging.getLogger("mkdocs"), logging.getLogger("mkdocs.structure.pages")
    build(plain)
    try:
        match silencer:
            case "level":
                log.setLevel(logging.CRITICAL)
            case "disable":
                logging.disable(logging.CRITICAL)
            case "below":
                below.disabled = True  # as a program does that sets up its own log after reading MkDocs
            case _:
                below.propagate = False
        with pytest.raises(BuildError, match=r"MkDocs reports 1 faults:\n.*'khong\.md'"):
            build(plain, changed(a="# A\n\n[x](khong.md)\n"))
    finally:
        log.setLevel(logging.NOTSET)
        below.disabled, below.propagate = False, True
        logging.disable(logging.NOTSET)


def test_warnings_are_all_told(plain: Path) -> None:
    """Each broken link with its page, not only how many there are."""
    with pytest.raises(BuildError) as caught:
        build(plain, changed(a="# A\n\n[x](khong.md) [y](cung-khong.md)\n"))
    assert "MkDocs reports 2 faults" in str(caught.value)
    assert str(caught.value).count("'a.md' contains a link") == 2


# -- search -----------------------------------------------------------------------------------------------------------


def indexed(site: Path) -> dict[str, dict[str, Any]]:
    """Return what the search would show of each page, by address."""
    shown = {}
    for path in (site / "pagefind" / "fragment").iterdir():
        fragment = json.loads(gzip.decompress(path.read_bytes()).removeprefix(b"pagefind_dcd"))
        shown[fragment["url"]] = fragment
    return shown


def test_the_search_shows_pages_as_they_are(whole: Path) -> None:
    """Only what is marked, each language by itself, and no trace of what was added to find words without accents."""
    vi, en = indexed(whole), indexed(whole / "en")
    assert set(vi) == {"/", "/chu-de/viec-lam/", "/chu-de/rieng/"}
    assert set(en) == {"/", "/chu-de/viec-lam/"}
    assert vi["/chu-de/viec-lam/"]["content"] == ("Việc làm. Huyện Đà Bắc, hộ nghèo. Đất đai. Đất ở, 20.360/18.500.")
    assert vi["/chu-de/viec-lam/"]["meta"]["title"] == "Việc làm"
    assert vi["/chu-de/viec-lam/"]["anchors"][-1]["text"] == "Đất đai"
    assert "17.034 người lao động" in vi["/"]["content"]
    assert "pagefind" not in (whole / "index.html").read_text("utf-8").replace("data-pagefind-body", "")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("<p>Đà Bắc</p>", "<p>/:,:/Da/,:,/Đà Bắc</p>"),
        ("(đất, nước)", "(/:,:/dat/,:,/đất, nước)"),
        ("đ<b>ai</b>", "/:,:/d/,:,/đ<b>ai</b>"),
        ('<a title="đất > đai">x</a>', '<a title="đất > đai">x</a>'),
        ("<script>'đ'</script><style>đ</style><!-- đ -->", "<script>'đ'</script><style>đ</style><!-- đ -->"),
        ("hộ nghèo 17.034", "hộ nghèo 17.034"),
        ("đa\u0323\u0302t", "/:,:/dat/,:,/đa\u0323\u0302t"),
        ("a < đ", "a < /:,:/d/,:,/đ"),
    ],
)
def test_words_with_a_stroke_have_their_plain_form(text: str, folded: str) -> None:
    """In texts only, never inside a tag, a script or a comment; and what is added can be taken out again."""
    assert publish._with_folded_words(text) == folded
    assert publish._ADDITION.sub("", folded) == text


SEARCH = """
async ([root, words, options]) => {
  const pagefind = await import(root + "pagefind/pagefind.js");
  await pagefind.options(options);
  await pagefind.init();
  const found = {};
  for (const word of words) {
    const data = await Promise.all((await pagefind.search(word)).results.map((result) => result.data()));
    found[word] = data.map((hit) => [hit.url, hit.excerpt, hit.sub_results.map((part) => part.url)]);
  }
  return found;
}
"""


def test_search_and_policy_in_a_browser(whole: Path, serve: Callable[[Path], str], visit: Callable[[], Any]) -> None:
    """Words are found as people type them, hits lead to the section, and the policy stops nothing that belongs here."""
    decomposed = "đa\u0302\u0301t"
    asked = ["da bac", "Đà Bắc", "dat dai", "đất đai", "ho ngheo", "17034", "17.034", "lao dong", "18500", '"ha bac"']
    address = serve(whole)
    window = visit()
    found = window.open(address + "/").evaluate(SEARCH, ["/", [*asked, decomposed], {}])
    english = window.open(address + "/en/").evaluate(SEARCH, ["/en/", ["da bac", "việc làm"], {}])
    # Where a browser has no worker to spare the page itself does the work, under the page's own policy.
    alone = window.open(address + "/").evaluate(SEARCH, ["/", ["da bac"], {"noWorker": True}])
    assert alone["da bac"] == found["da bac"]
    jobs = "/chu-de/viec-lam/"
    for words in ("da bac", "Đà Bắc", "đất đai", "dat dai", "ho ngheo", "18500", decomposed):
        assert found[words][0][0] == jobs, words
    for words in ("17034", "17.034", "lao dong"):
        assert [hit[0] for hit in found[words]] == ["/"], words
    assert "<mark>Đà</mark> <mark>Bắc,</mark>" in found["da bac"][0][1]
    assert found["dat dai"][0][2] == [f"{jobs}#at-ai"]
    assert found['"ha bac"'] == []
    assert [hit[0] for hit in english["da bac"]] == ["/en/chu-de/viec-lam/"]
    assert english["việc làm"] == []


def test_a_script_that_the_page_does_not_have_is_stopped(
    plain: Path, serve: Callable[[Path], str], visit: Callable[[], Any]
) -> None:
    """The page's own inline script runs; one put in later and an event handler do not."""
    build(plain)
    window = visit()
    page = window.open(serve(plain / "out" / "site") + "/")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.documentElement.dataset.late = 'yes'";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='document.title = 1'>");
        }"""
    )
    assert page.evaluate("() => ({...document.documentElement.dataset})") == {"ran": "yes"}
    assert len([error for error in window.errors if "Content Security Policy" in error]) == 2
    window.errors.clear()


# -- two at once, killed, full, read-only -----------------------------------------------------------------------------


def test_two_builds_at_once(plain: Path) -> None:
    """While one build is at work, the second stops at once and says who is there; the first comes through."""
    attempts: list[BuildError] = []

    def interfere(_: str) -> None:
        with pytest.raises(BuildError) as caught:
            build(plain)
        attempts.append(caught.value)

    published = build(plain, step=interfere)
    assert len(attempts) == len(published.seconds)
    assert all(f"process {os.getpid()}" in error.what for error in attempts)
    assert output.damage(published.site) == ()


def test_a_build_may_hold_its_lock_from_before(plain: Path) -> None:
    """Where the stages before already need the folder, one lock serves all; it is still held afterwards."""
    with Lock(plain / "out") as lock:
        build(plain, lock=lock)
        with pytest.raises(BuildError, match="another build is at work"):
            build(plain)


def test_a_real_folder_in_the_place_of_the_site_is_refused_at_once(plain: Path) -> None:
    """Before any work is done, with the remedy; the folder is left alone."""
    output.write(plain / "out" / "site", make_files({"mine.html": "mine"}))
    told: list[str] = []
    with pytest.raises(BuildError, match=r"Move it away, for example to site\.old"):
        build(plain, step=told.append)
    assert told == []
    assert tree(plain / "out" / "site") == {"mine.html": b"mine"}


def edition(n: int) -> LanguageSource:
    """Return a language whose text names the edition."""
    return make_language(pages={**VI, "an-ban.md": f"# Ấn bản {n}\n"})


def victim(mode: str, out: Path, n: int, last: int) -> None:
    """Build an edition in a process of its own, to which something happens at the step on the disk asked for.

    Python announces each such step before it is done. `kill` is kill -9, `full` is a disk with no space left, `frozen`
    one that can only be read; `limit` lets no file grow beyond so many bytes, Pagefind's included. A build that comes
    through says how many steps it took.
    """
    importlib.import_module("mkdocs.commands.build")  # Reading libraries is no step of the build.
    steps = 0
    minded = {"os.rename", "os.mkdir", "os.symlink"}
    if mode != "full":
        minded |= {"os.remove", "os.rmdir"}
    if mode == "kill":
        minded |= {"subprocess.Popen"}

    def at_event(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        writes = event == "open" and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR)) and arguments[0] != os.devnull
        if not writes and event not in minded:
            return
        steps += 1
        if mode == "kill" and steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        if mode in ("full", "frozen") and steps >= last:
            number = errno.ENOSPC if mode == "full" else errno.EROFS
            raise OSError(number, os.strerror(number))

    if mode == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (last, last))
    else:
        sys.addaudithook(at_event)
    project = out.parent
    if mode == "whole":
        build(project, make_language(), ENGLISH, out=out, search=True)
        return
    try:
        build(project, edition(n), out=out, search=True)
    except BuildError as error:
        print(error)
        sys.exit(1)
    print(steps)


def run_victim(mode: str, out: Path, n: int, last: int) -> "subprocess.Popen[str]":
    """Start a build in a process of its own."""
    return subprocess.Popen(
        [sys.executable, __file__, mode, str(out), str(n), str(last)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def editions(plain: Path) -> Callable[[int], str]:
    """Return the name of the version that an edition must become, built on its own elsewhere."""
    return lambda n: build(plain, edition(n), out=plain / "reference", search=True).version


def count_steps(project: Path, mode: str) -> int:
    """Return how many steps on the disk a build over an earlier one takes, of those that this mode minds."""
    out = project / "counted"
    build(project, edition(0), out=out, search=True)
    with run_victim(mode, out, 1, sys.maxsize) as counting:
        said, complaint = counting.communicate()
    assert counting.returncode == 0, complaint
    return int(said)


def test_killed_at_random_the_site_is_whole(plain: Path, editions: Callable[[int], str], long_run: bool) -> None:
    """kill -9 at a step on the disk or at an instant of the clock: old or new, whole, and the next build just works.

    MINHBACH_KILLS says how often, else it is 12 times, in a long run 200; the seed is told with a failure.
    """
    kills = int(os.environ.get("MINHBACH_KILLS", "200" if long_run else "12"))
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)  # noqa: S311 - nothing secret hangs on it
    steps = count_steps(plain, "kill")
    out = plain / "out"
    shown = build(plain, edition(0), out=out, search=True).version
    died = 0
    for n in range(1, kills + 1):
        by_clock = n % 3 == 0
        with run_victim("kill", out, n, 0 if by_clock else chance.randint(1, steps)) as killed:
            if by_clock:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    killed.wait(chance.uniform(0.2, 2.0))
                killed.kill()
            killed.communicate()
        died += killed.returncode == -signal.SIGKILL
        expected = editions(n)
        version = (out / "site").readlink().name
        assert version in (shown, expected), f"seed {seed}, kill {n}"
        assert output.damage(out / "site") == (), f"seed {seed}, kill {n}"
        assert build(plain, edition(n), out=out, search=True).version == expected, f"seed {seed}, kill {n}"
        left = {entry.name for entry in out.iterdir()}
        assert left <= {"build.lock", "previous", "site", "versions", "vi"}, f"seed {seed}, kill {n}"
        assert len(list((out / "versions").iterdir())) <= 2
        shown = expected
    assert died >= kills // 2


@pytest.mark.parametrize("mode", ["full", "frozen", "limit"])
def test_a_disk_that_takes_nothing_more(plain: Path, editions: Callable[[int], str], mode: str) -> None:
    """From some step on nothing can be written: a clear message, the old site whole, and all works once it can be."""
    if mode == "limit":
        lasts = [64, 500, 5_000, 50_000]
    else:
        steps = count_steps(plain, mode)
        lasts = [1, 2, 7, steps // 4, steps // 2, 3 * steps // 4, 9 * steps // 10]
    out = plain / "out"
    shown = build(plain, edition(0), out=out, search=True).version
    old = tree(out / "site")
    for n, last in enumerate(lasts, start=1):
        with run_victim(mode, out, n, last) as failing:
            said, complaint = failing.communicate()
        assert failing.returncode == 1, f"{complaint}, from step {last}"
        assert complaint == ""
        words = "may not be written" if mode == "frozen" else "space left"
        assert words in said, said
        assert (out / "site").readlink().name == shown
        assert tree(out / "site") == old
        assert mode == "frozen" or not any((out / "staging").glob("*"))
    assert build(plain, edition(1), out=out, search=True).version == editions(1)


def test_a_folder_that_cannot_be_made_is_named(plain: Path) -> None:
    """A file stands where the out folder would be."""
    (plain / "out").write_text("mine")
    with pytest.raises(BuildError, match=re.escape(str(plain / "out"))):
        build(plain)


if __name__ == "__main__":
    victim(sys.argv[1], Path(sys.argv[2]), *(int(number) for number in sys.argv[3:] or ("0", "0")))
