"""One folder, three engines: the same pages, no broken link, the same words; and what an engine finds wrong stops."""

import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any, NoReturn

import pytest

from build_tools.build import build_site
from build_tools.engines import ENGINES, run_engine
from build_tools.errors import BuildError
from build_tools.output import OutputFile
from build_tools.publish import LanguageSource, publish
from build_tools.settings import read_settings
from build_tools.store import File
from tests.makers import PROJECT, copy_example
from tests.test_publish import DAY, make_language

OTHERS = ENGINES[1:]
_ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_HEAD = re.compile(
    r'<title>.*?</title>|<meta (?:name="description"|property="og:)[^>]*>|<link rel="(?:alternate|canonical)"[^>]*>'
)


@dataclass(frozen=True)
class Source:
    """What publish is given for the example project."""

    languages: Sequence[LanguageSource]
    files: Sequence[OutputFile]
    options: Mapping[str, Any]

    def published(self, out: Path, engine: str) -> Path:
        """Publish it with an engine, every check of the finished site included, and return the site."""
        options = {**self.options, "engine": engine, "lock": None, "staging": None, "step": None, "search": False}
        return publish(out, self.languages, self.files, **options).site.resolve()


class _TakenError(Exception):
    """Ends a build where publish would begin."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """What publish is given for the example project, in both languages."""
    taken: list[Source] = []

    def read(files: Iterable[File]) -> tuple[OutputFile, ...]:
        return tuple(OutputFile(file.path, file.content) for file in files)

    def take(_: Path, languages: Sequence[LanguageSource], files: Iterable[File], **options: Any) -> NoReturn:
        # Read now: what waits on the disk goes away with the build. No page says where the search would be, so that
        # its index need not be made three times.
        kept = [replace(one, pages=read(one.pages), fragments=dict(one.fragments)) for one in languages]
        taken.append(Source(kept, read(files), options))
        raise _TakenError

    with pytest.MonkeyPatch.context() as patch, suppress(_TakenError):
        patch.setattr("build_tools.build.publish", take)
        build_site(replace(copy_example(tmp_path_factory.mktemp("engines")).settings(), workers=1))
    return taken[0]


@pytest.fixture(scope="module")
def by_mkdocs(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as MkDocs makes it."""
    return source.published(tmp_path_factory.mktemp("mkdocs"), "mkdocs")


@pytest.fixture(scope="module", params=OTHERS)
def by_other(request: pytest.FixtureRequest, source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as each of the other engines makes it."""
    return source.published(tmp_path_factory.mktemp(request.param), request.param)


def pages_of(site: Path) -> dict[str, str]:
    """Return every page of a site, by path."""
    return {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in sorted(site.rglob("*.html"))}


def words_of(page: str) -> str:
    """Return the words of a page's main content, white space apart."""
    return " ".join(unescape(_TAG.sub(" ", _SCRIPT.sub("", "".join(_ARTICLE.findall(page))))).split())


def heads_of(page: str) -> list[str]:
    """Return what a page says of itself, and its twins; `./x` is the same address as `x`."""
    return [head.replace('href="./', 'href="') for head in _HEAD.findall(unescape(page))]


def test_the_engines_make_the_same_pages(by_mkdocs: Path, by_other: Path) -> None:
    """Every page that MkDocs makes is made, and no other; that no link is broken was checked before."""
    assert pages_of(by_other).keys() == pages_of(by_mkdocs).keys()


def test_the_engines_say_the_same(by_mkdocs: Path, by_other: Path) -> None:
    """The main content of each page has the same words, and the page the same title, description and twins."""
    theirs = pages_of(by_other)
    for path, page in pages_of(by_mkdocs).items():
        assert words_of(theirs[path]) == words_of(page), path
        assert heads_of(theirs[path]) == heads_of(page), path
    assert any(words_of(page) for page in theirs.values())


def test_the_engines_link_alike(by_mkdocs: Path, by_other: Path) -> None:
    """The main content of each page links to the same addresses in the same order, and has the same anchors."""
    theirs = pages_of(by_other)
    for path, page in pages_of(by_mkdocs).items():
        for attribute in ("href", "id"):
            wanted = re.compile(rf'\b{attribute}="([^"]*)"')
            ours, other = (
                [one.removesuffix(".") if one.endswith("/.") else one for one in wanted.findall("".join(found))]
                for found in (_ARTICLE.findall(page), _ARTICLE.findall(theirs[path]))
            )
            assert other == ours, path


def test_files_beside_the_pages_are_the_same(by_mkdocs: Path, by_other: Path) -> None:
    """What no engine makes is the same, byte for byte; styles and scripts of an engine's theme are its own."""
    theirs = {path.relative_to(by_other).as_posix(): path for path in by_other.rglob("*") if path.is_file()}
    ours = {path.relative_to(by_mkdocs).as_posix(): path for path in by_mkdocs.rglob("*") if path.is_file()}
    of_the_theme = re.compile(r"(en/)?assets/(stylesheets/|css/all\.)|manifest\.json|SHA256SUMS")
    differ = {path for path in ours.keys() ^ theirs.keys() if not of_the_theme.match(path)}
    assert differ == set()
    for path in ours.keys() & theirs.keys():
        if not path.endswith(".html") and not of_the_theme.match(path):
            assert theirs[path].read_bytes() == ours[path].read_bytes(), path


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_folder_gives_the_same_bytes(engine: str, source: Source, tmp_path: Path) -> None:
    """Each engine makes of the same folder the same bytes again."""
    first, again = (source.published(tmp_path / name, engine) for name in ("first", "again"))
    assert first.name == again.name


# -- what an engine finds wrong ---------------------------------------------------------------------------------------


def small(folder: Path, page: str = "# Nhà\n\nMinh bạch.\n", template: str = "{{ page.content }}") -> Path:
    """Write a small folder for an engine, and return its settings."""
    source = make_language(pages={"index.md": page}, fragments={})
    (folder / "docs").mkdir(parents=True)
    (folder / "theme").mkdir()
    for path in source.pages:
        (folder / "docs" / path.path).write_bytes(path.content)
    (folder / "theme" / "main.html").write_text(template, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(
        "site_name: x\nplugins: []\ntheme: {name: material, custom_dir: theme, font: false, variant: classic}\n"
        "nav: [{Nhà: index.md}]\n",
        encoding="utf-8",
    )
    return folder / "mkdocs.yml"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sound_folder_is_built(engine: str, tmp_path: Path) -> None:
    """What the next tests break is sound before."""
    run_engine(small(tmp_path / "in"), tmp_path / "out", DAY, engine)
    assert "Minh bạch." in (tmp_path / "out" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "broken",
    [
        lambda folder: small(folder, page="# Nhà\n\n[đi](khong-co.md)\n"),
        lambda folder: small(folder, template="{{ page.content | no_such_filter }}"),
        lambda folder: _with_setting(folder, "docs_dir: nowhere"),
    ],
    ids=["link", "template", "setting"],
)
def test_what_is_wrong_stops_every_engine(engine: str, broken: Callable[[Path], Path], tmp_path: Path) -> None:
    """A link that leads nowhere, a template that cannot be rendered and a setting that cannot hold are faults."""
    with pytest.raises(BuildError) as caught:
        run_engine(broken(tmp_path / "in"), tmp_path / "out", DAY, engine)
    assert "reports" in caught.value.what
    assert caught.value.place.endswith("mkdocs.yml")


def _with_setting(folder: Path, line: str) -> Path:
    path = small(folder)
    path.write_text(path.read_text("utf-8") + line + "\n", encoding="utf-8")
    return path


def test_an_engine_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BuildError, match=r"minhbach\[engines\]"):
        run_engine(small(tmp_path / "in"), tmp_path / "out", DAY, "zensical")


# -- the setting ------------------------------------------------------------------------------------------------------


def test_one_setting_chooses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`extra.engine` in mkdocs.yml chooses, MINHBACH_ENGINE before it, and MkDocs where neither says."""
    monkeypatch.delenv("MINHBACH_ENGINE", raising=False)
    settings = re.sub(r"  engine: .*\n", "", (PROJECT / "mkdocs.yml").read_text("utf-8"))
    (tmp_path / "mkdocs.yml").write_text(settings, encoding="utf-8")
    assert read_settings(tmp_path).engine == "mkdocs"
    (tmp_path / "mkdocs.yml").write_text(settings + "  engine: properdocs\n", encoding="utf-8")
    assert read_settings(tmp_path).engine == "properdocs"
    monkeypatch.setenv("MINHBACH_ENGINE", "zensical")
    assert read_settings(tmp_path).engine == "zensical"


def test_an_engine_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is none is told with those that are."""
    monkeypatch.setenv("MINHBACH_ENGINE", "jekyll")
    with pytest.raises(BuildError, match="mkdocs, properdocs, zensical"):
        read_settings(PROJECT)


def test_engines_are_installed_for_the_tests() -> None:
    """The tools for tests bring every engine, so that none is left out in silence."""
    assert [name for name in ENGINES if importlib.util.find_spec(name) is None] == []
