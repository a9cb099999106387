"""Turn pages into the site that is served: run the engine, finish its pages, index, check, swap.

Pagefind is met here and nowhere else, and what turns Markdown into HTML in `engines` alone. What goes in is plain
Markdown, settings and finished files.
"""

import fnmatch
import gzip
import hashlib
import os
import posixpath
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import chain
from pathlib import Path
from urllib.parse import quote, urlsplit

import yaml

from build_tools import output, site_check
from build_tools.clock import Clock
from build_tools.engines import ENGINES, run_engine
from build_tools.errors import BuildError
from build_tools.markdown import as_markdown
from build_tools.output import Lock, Names, OutputFile
from build_tools.store import File
from build_tools.workers import ALONE, Workers

DEFAULT_URL = "https://minhbach.example/"
UNWANTED = ("sitemap.xml", "sitemap.xml.gz", "*.map", "assets/javascripts/lunr/*")
FRAMED = ("nhung",)

# Styles may stand in the page, as the theme's and the charts' do; a script must be a file of ours or be named by its
# hash. WebAssembly is what the search runs on. Who may frame a page cannot be said here: that is in `_headers`.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'"
)


@dataclass(frozen=True)
class LanguageSource:
    """One language of the site, as MkDocs takes it.

    `pages` are Markdown and assets by their path below `docs`. A Markdown page shows a fragment where it has, between
    two empty lines, a line that says `<!-- fragment: NAME -->`. `config` is what this language's mkdocs.yml says beyond
    the project's own; where its files stand is settled here.
    """

    language: str
    prefix: str  # where it stands in the site: "" or "en"
    pages: tuple[File, ...]
    fragments: Mapping[str, str]
    config: Mapping[str, object]


@dataclass(frozen=True)
class Published:
    """A site that is now on show."""

    site: Path
    version: str
    pages: int
    files: int  # beside the pages, of those that were handed in
    seconds: Mapping[str, float]  # by step, in the order of the steps


def publish(
    out: Path,
    languages: Sequence[LanguageSource],
    files: Iterable[File],
    *,
    config: Path,
    build_date: date,
    site_url: str = "",
    overrides: Path | None = None,
    search: bool = True,
    unwanted: Sequence[str] = UNWANTED,
    framed: Sequence[str] = FRAMED,
    beside: Sequence[str] = (),
    step: Callable[[str], None] | None = None,
    lock: Lock | None = None,
    staging: Path | None = None,
    workers: Workers = ALONE,
    engine: str = ENGINES[0],
) -> Published:
    """Build the site and put it on show at `out/site`, or raise BuildError and leave what is there as it is.

    `config` is the project's mkdocs.yml, `overrides` its folder of theme templates. `files` stand in the site beside
    the pages, at their own paths. `unwanted` are patterns of files of the theme that nothing asks for, `framed` the
    folders whose pages other sites may show in a frame, `beside` the folders, seen from the root of the site, where
    other sites of ours stand. The same input gives the same bytes: the only date is `build_date`, and the number of
    `workers` changes nothing. `step` is told the name of each step as it begins; `lock` and `staging` are the caller's
    own, where it has them.
    `engine` is what turns the pages into HTML.
    """
    languages = _in_order(languages)
    site_url = _checked_url(site_url)
    out = out.resolve()
    clock = Clock(step)
    with ExitStack() as stack:
        if lock is None:
            stack.enter_context(Lock(out))
        elif not lock.held or lock.out.resolve() != out:
            raise BuildError(str(lock.out), "this lock does not hold the out folder", f"Enter Lock({str(out)!r}) first")
        stack.enter_context(output.disk_faults(out))
        output.refuse_real_site(out)
        if staging is None:
            staging = output.start_staging(out)
            # What failed is of no use to the next build, and on a full disk the space is.
            stack.callback(shutil.rmtree, staging, ignore_errors=True)
        staging = staging.resolve()

        clock.begin("write")
        asked = {source.language: _marks_in_markdown(source) for source in languages}
        written = [(source, _write_source(out, source, config, site_url, overrides)) for source in languages]

        def run(one: tuple[LanguageSource, Path]) -> None:
            folder = staging / one[0].language
            run_engine(one[1], folder, build_date, engine)
            _remove_unwanted(folder, unwanted)

        clock.begin("mkdocs")
        workers.fork(run, written)

        clock.begin("fragments")
        existing = {source.language: _built_pages(source, staging / source.language) for source in languages}
        finishing = _Finishing(tuple(languages), existing, site_url, staging, search)
        finished = finishing.finish(workers)
        for source in languages:
            _check_marks(source, asked[source.language], finished[source.language])

        if search:
            clock.begin("search")
            workers.fork(lambda source: _index(source, staging), languages)

        clock.begin("files")
        site = _join(languages, staging)
        names = Names([*output.paths_in(site), output.MANIFEST, output.CHECKSUMS])
        added = len(output.add(site, _with_policies(files), names))
        output.add(site, _sitemaps(languages, finished, site_url or DEFAULT_URL, build_date), names)
        robots = _robots(languages, site_url or DEFAULT_URL, beside)
        output.add(site, [robots, _headers(site, languages, framed)], names)

        clock.begin("check")
        if faults := site_check.check(site, site_url, workers, beside):
            raise _fault_of_site(faults)
        clock.begin("seal")
        pages = sum(path.endswith(".html") for path in output.paths_in(site))
        output.seal(site)
        clock.begin("swap")
        home = output.swap(out, site)
        clock.end()
    return Published(out / "site", home.name, pages, added, clock.seconds)


# -- what is asked for ------------------------------------------------------------------------------------------------

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]*|")
_OURS = ("INHERIT", "docs_dir", "site_dir", "site_url", "use_directory_urls")


def _in_order(languages: Sequence[LanguageSource]) -> list[LanguageSource]:
    """Return the languages with the one at the site's root first."""
    prefixes = [source.prefix for source in languages]
    if prefixes.count("") != 1 or len(set(prefixes)) != len(prefixes):
        raise BuildError(
            "languages",
            f"their prefixes are {prefixes}",
            'Give one language the prefix "", the others one of their own',
        )
    if len({source.language for source in languages}) != len(languages):
        raise BuildError("languages", "one language stands twice", "Name each language once")
    for source in languages:
        if not _LANGUAGE.fullmatch(source.language):
            raise BuildError("languages", f"{source.language!r} is no language code", "Write for example vi or en")
        if not _PREFIX.fullmatch(source.prefix):
            raise BuildError("languages", f"{source.prefix!r} is no prefix", "Write for example en")
        if source.prefix and any(page.path.startswith(source.prefix + "/") for page in _root_of(languages).pages):
            raise BuildError(
                source.prefix, "is the place of a language and of pages at the root", "Give the pages another address"
            )
        for key in _OURS:
            if key in source.config:
                raise BuildError(f"mkdocs.yml for {source.language}", f"{key} is settled by the build", "Leave it out")
    return sorted(languages, key=lambda source: source.prefix)


def _root_of(languages: Sequence[LanguageSource]) -> LanguageSource:
    return next(source for source in languages if not source.prefix)


def _checked_url(site_url: str) -> str:
    """Return the site's address with the slash at its end, or an empty text."""
    if not site_url:
        return ""
    parts = urlsplit(site_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BuildError(
            "site_url", f"{site_url!r} is no address of a site", "Write for example https://example.org/minhbach/"
        )
    return site_url.rstrip("/") + "/"


# -- what MkDocs reads ------------------------------------------------------------------------------------------------


def _write_source(out: Path, source: LanguageSource, config: Path, site_url: str, overrides: Path | None) -> Path:
    """Write the pages and settings of a language, as far as they changed, and return the path of the settings."""
    folder = out / source.language
    settings = OutputFile("mkdocs.yml", settings_file(folder, source, config, site_url, overrides))
    pages = (OutputFile(f"docs/{page.path}", page.content) for page in source.pages)
    output.write(folder, chain([settings], pages))
    return folder / "mkdocs.yml"


def settings_file(
    folder: Path, source: LanguageSource, config: Path, site_url: str = "", overrides: Path | None = None
) -> bytes:
    """Return the mkdocs.yml of a language as it stands in a folder; BuildError where it cannot be written."""
    if not config.is_file():
        raise BuildError(str(config), "is not there", "Hand in the project's mkdocs.yml")
    settings: dict[str, object] = {"INHERIT": _relative(config, folder), "docs_dir": "docs", "site_dir": "site"}
    settings["use_directory_urls"] = True
    if site_url:
        settings["site_url"] = _address(site_url, source, "")
    settings.update(source.config)
    if overrides is not None:
        theme = source.config.get("theme", {})
        if not isinstance(theme, Mapping):
            raise BuildError(f"mkdocs.yml for {source.language}", "theme is not a mapping", "Write its keys and values")
        settings["theme"] = {**theme, "custom_dir": _relative(overrides, folder)}
    return _yaml(settings, f"mkdocs.yml for {source.language}")


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path.resolve(), folder).replace(os.sep, "/")


def _yaml(settings: Mapping[str, object], place: str) -> bytes:
    """Return settings as YAML that reads back as exactly these settings, whatever their texts hold."""
    plain = _plain(settings, place)  # Fresh lists throughout, so that YAML has no reason to refer from one to another.
    for readable in (True, False):  # Some characters come back only if they are written as numbers.
        try:
            content = yaml.safe_dump(plain, allow_unicode=readable, sort_keys=False, width=120).encode()
            if yaml.safe_load(content) == plain:
                return content
        except (yaml.YAMLError, UnicodeError):
            continue
    raise BuildError(place, "a text in it cannot be written as YAML", "Look for characters that are none")


def _plain(value: object, place: str) -> object:
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise BuildError(place, f"{value!r} holds half a character", "Look at where the text comes from")
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, f"{place}, {key}") for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, place) for inner in value]
    raise BuildError(place, f"{value!r} is no text, whole number, list or mapping", "Write it as one of these")


def _remove_unwanted(folder: Path, patterns: Sequence[str]) -> None:
    for path in output.paths_in(folder):
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
            (folder / path).unlink()


# -- pages ------------------------------------------------------------------------------------------------------------

_MENTION = "<!-- fragment:"
_MARK = re.compile(r"<!-- fragment: ([^\s<>]+) -->")


def _built_pages(source: LanguageSource, folder: Path) -> tuple[str, ...]:
    """Return the path of the HTML that each Markdown page became, in order; a page that became none is a fault."""
    made: dict[str, str] = {}
    for page in source.pages:
        if not page.path.endswith(".md"):
            continue
        stem = page.path.removesuffix(".md")
        if posixpath.basename(stem) in ("index", "README"):
            built = posixpath.join(posixpath.dirname(stem), "index.html")
        else:
            built = f"{stem}/index.html"
        if (other := made.setdefault(built, page.path)) != page.path:
            raise BuildError(page.path, f"becomes the same page as {other}", "Give one of them another address")
        if not (folder / built).is_file():
            raise BuildError(
                page.path, "MkDocs made no page of it", "Look for exclude_docs and draft_docs in mkdocs.yml"
            )
    return tuple(sorted(made))


def _marks_in_markdown(source: LanguageSource) -> Counter[str]:
    """Count the marks by name; one that Markdown would not leave alone is a fault, and so is one without a fragment."""
    asked: Counter[str] = Counter()
    for page in source.pages:
        if not page.path.endswith(".md"):
            continue
        place = f"{source.language}/docs/{page.path}"
        try:
            lines = ["", *page.content.decode("utf-8").splitlines(), ""]
        except UnicodeDecodeError as error:
            raise BuildError(place, f"byte {error.start} is not UTF-8", "Write the page as UTF-8") from error
        for n, line in enumerate(lines):
            if _MENTION not in line:
                continue
            mark = _MARK.fullmatch(line.rstrip())
            if mark is None or lines[n - 1].strip() or lines[n + 1].strip():
                raise BuildError(
                    f"{place}, line {n}",
                    "the mark of a fragment does not stand alone",
                    f"Write {_MENTION} NAME --> on a line of its own, with an empty line before and after it",
                )
            asked[mark[1]] += 1
    faults = [f"{name} is asked for and was not made" for name in sorted(asked.keys() - source.fragments.keys())]
    faults += [f"{name} was made and no page asks for it" for name in sorted(source.fragments.keys() - asked.keys())]
    if faults:
        raise _fault_of_fragments(source, faults)
    return asked


def _check_marks(source: LanguageSource, asked: Counter[str], finished: Iterable["_Finished"]) -> None:
    """Hold the marks that came through MkDocs against those that were written: every one must have."""
    met: Counter[str] = Counter()
    for page in finished:
        met.update(page.marks)
    faults = [
        f"{name} is asked for {asked[name]} times and came through to {met[name]} places"
        for name in sorted(asked.keys() | met.keys())
        if asked[name] != met[name]
    ]
    if faults:
        raise _fault_of_fragments(source, faults)


def with_fragments(text: str, fragments: Mapping[str, str]) -> str:
    """Return a built page with its fragments where their marks stand."""
    return _MARK.sub(lambda mark: fragments.get(mark[1], mark[0]), text)


def _fault_of_fragments(source: LanguageSource, faults: Sequence[str]) -> BuildError:
    shown = "".join(f"\n  {fault}" for fault in faults[:20])
    return BuildError(
        f"fragments for {source.language}",
        f"{len(faults)} faults:{shown}\n",
        f"A page asks for a fragment by a line of its own, {_MENTION} NAME -->, outside lists and code",
    )


@dataclass(frozen=True)
class _Finished:
    """What a finished page tells of itself."""

    path: str
    marks: tuple[str, ...]  # of fragments, as they came through MkDocs
    is_planned: bool  # made of one of the pages asked for
    is_listed: bool  # in a sitemap


@dataclass(frozen=True)
class _Finishing:
    """What MkDocs' pages still lack: their fragments, what language they exist in, which scripts may run, one style.

    A page that is to be found is also written for the index of the search.
    """

    languages: tuple[LanguageSource, ...]
    existing: Mapping[str, Sequence[str]]
    site_url: str
    staging: Path
    search: bool

    def finish(self, workers: Workers) -> dict[str, list[_Finished]]:
        """Finish every page, and return what each tells, by language."""
        with_pages = {source.language: frozenset(self.existing[source.language]) for source in self.languages}
        pages = [
            (source, path)
            for source in self.languages
            for path in output.paths_in(self.staging / source.language)
            if path.endswith(".html")
        ]
        styles: dict[tuple[str, tuple[str, ...]], str] = {}
        found: dict[str, list[_Finished]] = {source.language: [] for source in self.languages}
        done = workers.fork(lambda page: self._finish_one(*page, with_pages, styles), pages)
        for (source, _), finished in zip(pages, done, strict=True):
            found[source.language].append(finished)
        return found

    def _finish_one(
        self,
        source: LanguageSource,
        path: str,
        with_pages: Mapping[str, frozenset[str]],
        styles: dict[tuple[str, tuple[str, ...]], str],
    ) -> _Finished:
        folder = self.staging / source.language
        marks: list[str] = []

        def fragment(mark: re.Match[str]) -> str:
            marks.append(mark[1])
            return source.fragments.get(mark[1], mark[0])

        text = _MARK.sub(fragment, (folder / path).read_text("utf-8"))
        is_planned = path in with_pages[source.language]
        if self.search and is_planned and "data-pagefind-body" in text:
            _to_index(text, self.staging / _shadow(source) / path)
        text = _with_styles_joined(text, path, folder, styles)
        if path == "404.html" and source.prefix and not self.site_url:
            text = _ROOTED.sub(rf"\1/{source.prefix}/", text)
        if len(self.languages) > 1:
            twins = [other for other in self.languages if is_planned and path in with_pages[other.language]]
            text = _with_languages(text, path, source, twins, self.site_url)
        text = with_policy(text, path)
        (folder / path).write_bytes(text.encode())
        place = posixpath.dirname(path)
        markdown = as_markdown(text, posixpath.join(source.prefix, place) if place else "") if is_planned else ""
        if markdown:  # at the page's address with .md in place of the last slash
            with (folder / f"{place or 'index'}.md").open("xb") as file:
                file.write(markdown.encode())
        return _Finished(path, tuple(marks), is_planned, not _NOT_TO_LIST.search(text))


_STYLESHEET = re.compile(r'[ \t]*<link rel="stylesheet" href="([^":]+)">\n?')
_URL = re.compile(r"""url\((["']?)(?!data:|#|/|[a-z]+:)([^"')]+)\1\)""")
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")
STYLES = "assets/css"


def _with_styles_joined(
    text: str, path: str, folder: Path, known: dict[tuple[str, tuple[str, ...]], str] | None = None
) -> str:
    """Return a page that asks for one file of styles in place of several, which it makes where it is not there yet.

    On a phone far from a mast each request costs more than what the file holds. A page whose styles do not all stand in
    the folder keeps its links. `known` remembers, over many pages, which styles stand in which file.
    """
    known = {} if known is None else known
    head, end, body = text.partition("</head>")
    here = posixpath.dirname(path)
    found = tuple(
        link.lstrip("/") if path == "404.html" else posixpath.normpath(posixpath.join(here, link))
        for link in _STYLESHEET.findall(head)
    )
    if (name := known.get((str(folder), found))) is None:
        name = known[str(folder), found] = _joined_styles(found, folder)
    if not name:
        return text
    link = f"/{name}" if path == "404.html" else posixpath.relpath(name, here or ".")
    first = _STYLESHEET.search(head)
    at = first.start() if first else 0
    joined = f'<link rel="stylesheet" href="{link}">\n'
    return head[:at] + joined + _STYLESHEET.sub("", head[at:]) + end + body


def _joined_styles(names: Sequence[str], folder: Path) -> str:
    """Return the name of the file that holds several style sheets, made if need be; empty where one is not there."""
    if len(names) < 2 or not all(name.endswith(".css") and (folder / name).is_file() for name in names):
        return ""
    styles = "\n".join(_moved(folder, name) for name in names)
    joined = f"{STYLES}/all.{hashlib.sha256(styles.encode()).hexdigest()[:8]}.css"
    if not (folder / joined).exists():
        (folder / STYLES).mkdir(parents=True, exist_ok=True)
        (folder / joined).write_text(styles, "utf-8")
    return joined


def _moved(folder: Path, name: str) -> str:
    """Return a style sheet as it can stand in another folder: what it names is named from there."""
    here = posixpath.dirname(name)

    def named(found: re.Match[str]) -> str:
        there = posixpath.normpath(posixpath.join(here, found[2]))
        return f"url({found[1]}{posixpath.relpath(there, STYLES)}{found[1]})"

    return _URL.sub(named, _SOURCE_MAP.sub("", (folder / name).read_text("utf-8"))).strip()


# A host shows the page for missing addresses at any address, so its own links begin at the root of the site; MkDocs
# knows no other root where it knows no site_url.
_ROOTED = re.compile(r"""(\b(?:href|src|action)=["'])/(?!/)""")
_LANGUAGE_LINK = re.compile(r"[ \t]*<link\b[^>]*\bhreflang=[^>]*>\n?")


def _with_languages(
    text: str, path: str, source: LanguageSource, twins: Sequence[LanguageSource], site_url: str
) -> str:
    """Return a page that names its twins in the other languages, in place of whatever the theme says about them."""
    head, end, body = text.partition("</head>")
    links = []
    if len(twins) > 1:
        here = posixpath.dirname(posixpath.join(source.prefix, path))
        for twin in twins:
            address = _address(site_url, twin, path) if site_url else _from(here, twin, path)
            links.append(f'<link rel="alternate" hreflang="{twin.language}" href="{escape(address)}">\n')
            if not twin.prefix:
                links.append(f'<link rel="alternate" hreflang="x-default" href="{escape(address)}">\n')
    return _LANGUAGE_LINK.sub("", head) + "".join(links) + end + body


def _address(site_url: str, source: LanguageSource, path: str) -> str:
    """Return the whole address of a page or file of one language; of its root, if the path is empty."""
    return site_url + (f"{source.prefix}/" if source.prefix else "") + quote(path.removesuffix("index.html"))


def _from(here: str, source: LanguageSource, path: str) -> str:
    """Return the address of a page as seen from a folder of the site."""
    there = posixpath.join("/", source.prefix, posixpath.dirname(path))
    relative = posixpath.relpath(there, "/" + here)
    return quote(relative) + "/"


_POLICY_OF_ITS_OWN = re.compile(r"<meta\b[^>]*content-security-policy", re.IGNORECASE)
_CHARSET = re.compile(r"""<meta\s+charset=["']?utf-8["']?\s*/?>""", re.IGNORECASE)
_TAG = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_SCRIPT = re.compile(rf"<script\b({_TAG})>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_SRC = re.compile(r"""(?:^|[\s"'])src\s*=""", re.IGNORECASE)


def with_policy(text: str, path: str) -> str:
    """Return a page with the Content-Security-Policy that its own inline scripts need."""
    if _POLICY_OF_ITS_OWN.search(text):
        raise BuildError(path, "brings a Content-Security-Policy of its own", "Leave it out: the build writes it")
    charset = _CHARSET.search(text)
    if charset is None:
        raise BuildError(
            path, "lacks <meta charset=utf-8>, after which its policy would stand", "Write it into the head"
        )
    # Data in a script element (JSON-LD) does not run and needs no leave; checkers of HTML ask for its hash though.
    hashes = {
        site_check.script_hash(content) for attributes, content in _SCRIPT.findall(text) if not _SRC.search(attributes)
    }
    policy = POLICY.format(hashes="".join(f" {name}" for name in sorted(hashes)))
    meta = f'\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return text[: charset.end()] + meta + text[charset.end() :]


def _with_policies(files: Iterable[File]) -> Iterator[File]:
    for file in files:
        if file.path.endswith(".html"):
            try:
                text = file.content.decode("utf-8")
            except UnicodeDecodeError as error:
                raise BuildError(file.path, f"byte {error.start} is not UTF-8", "Write the page as UTF-8") from error
            yield OutputFile(file.path, with_policy(text, file.path).encode())
        else:
            yield file


# -- search -----------------------------------------------------------------------------------------------------------

# Pagefind folds accents but keeps đ apart from d, so what is indexed is a copy of each page in which a word with đ is
# preceded by its form without: `/:,:/Dat/,:,/Đất`. Pagefind takes slashes, colons and commas for seams inside one word
# and indexes each part at the place of the whole, which no element of its own could do: a hit then leads to the right
# section and the right words are marked. The additions are taken out of what a reader is shown of a hit.
_SEAM, _SEAM_END = "/:,:/", "/,:,/"
_ADDITION = re.compile(re.escape(_SEAM) + r"[^/]*" + re.escape(_SEAM_END))
_WITH_STROKE = re.compile(r"[\w\u0300-\u036f]*[đĐ][\w\u0300-\u036f]*")
_NOT_TEXT = re.compile(
    rf"(<!--.*?-->|<(script|style)\b{_TAG}>.*?</\2\s*>|</?[a-zA-Z]{_TAG}>)", re.IGNORECASE | re.DOTALL
)
_SIGNATURE = b"pagefind_dcd"


def _shadow(source: LanguageSource) -> str:
    """Return the folder, beside those of the pages, of what the search of a language indexes."""
    return f"search-{source.language}"


def _to_index(text: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_with_folded_words(text).encode())


def _index(source: LanguageSource, staging: Path) -> None:
    """Write a search index of a language's pages to `pagefind` in its folder."""
    shadow = staging / _shadow(source)
    folder = staging / source.language
    if not shadow.is_dir():
        raise BuildError(
            f"search for {source.language}",
            "no page says what of it is to be found",
            "Put data-pagefind-body on the element of the theme that holds a page's content, or switch the search off",
        )
    if (folder / "pagefind").exists():
        raise BuildError("pagefind", "is the place of the search index and of a page", "Give the page another address")
    _run_pagefind(shadow, folder / "pagefind", source.language)
    for fragment in sorted((folder / "pagefind" / "fragment").iterdir()):
        content = gzip.decompress(fragment.read_bytes())
        if not content.startswith(_SIGNATURE):
            raise BuildError(
                fragment.name, "Pagefind writes its index another way", "Install the version in pyproject.toml"
            )
        shown = _ADDITION.sub("", content.decode("utf-8"))
        fragment.write_bytes(gzip.compress(shown.encode(), mtime=0))
    shutil.rmtree(shadow)


def _with_folded_words(text: str) -> str:
    """Return a page in which each word with đ is preceded by its form without accents."""
    pieces = _NOT_TEXT.split(text)  # by turns text, markup, and the name of a script or style, which the markup holds
    del pieces[2::3]
    for n in range(0, len(pieces), 2):
        if "đ" in pieces[n] or "Đ" in pieces[n]:
            pieces[n] = _WITH_STROKE.sub(_folded_word, pieces[n])
    return "".join(pieces)


def _folded_word(word: re.Match[str]) -> str:
    letters = unicodedata.normalize("NFD", word[0].replace("đ", "d").replace("Đ", "D"))
    return f"{_SEAM}{''.join(letter for letter in letters if not unicodedata.combining(letter))}{_SEAM_END}{word[0]}"


def _run_pagefind(pages: Path, target: Path, language: str) -> None:
    try:
        from pagefind_bin import get_executable  # type: ignore[import-untyped]

        program = str(get_executable())
    except (ImportError, FileNotFoundError) as error:
        raise BuildError(
            "search", "Pagefind is not installed", 'Install "pagefind[bin]", or switch the search off'
        ) from error
    command = [program, "--site", str(pages), "--output-path", str(target), "--force-language", language, "--quiet"]
    # Neither settings of the environment nor a pagefind.yml of the folder we are called from may have a say.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
    done = subprocess.run(
        command, cwd=pages, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode or not (target / "pagefind-entry.json").is_file():
        said = (done.stderr + done.stdout).decode("utf-8", "replace").strip()[-2000:]
        raise BuildError(
            f"search for {language}",
            f"Pagefind ended with code {done.returncode}: {said or 'it says nothing'}",
            "See whether there is space left, and whether the version is the one in pyproject.toml",
        )


# -- the whole --------------------------------------------------------------------------------------------------------


def _join(languages: Sequence[LanguageSource], staging: Path) -> Path:
    """Return one folder with every language at its place."""
    site = staging / "site"
    for source in languages:
        (staging / source.language).rename(site / source.prefix)
    return site


_NOT_TO_LIST = re.compile(r"""<meta\s+name=["']?robots["']?\s+content=["'][^"']*noindex""", re.IGNORECASE)


def _sitemaps(
    languages: Sequence[LanguageSource],
    finished: Mapping[str, Sequence[_Finished]],
    address: str,
    build_date: date,
) -> Iterator[OutputFile]:
    """Yield the sitemap of each language, in which each page names its twins."""
    listed = {
        source.language: [page.path for page in finished[source.language] if page.is_planned and page.is_listed]
        for source in languages
    }
    known = {language: frozenset(paths) for language, paths in listed.items()}
    for source in languages:
        lines = ['<?xml version="1.0" encoding="UTF-8"?>']
        lines.append(
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
        )
        for path in listed[source.language]:
            lines.append(f"<url><loc>{escape(_address(address, source, path))}</loc>")
            lines.append(f"<lastmod>{build_date.isoformat()}</lastmod>")
            twins = [other for other in languages if path in known[other.language]]
            for twin in twins if len(twins) > 1 else []:
                href = escape(_address(address, twin, path))
                lines.append(f'<xhtml:link rel="alternate" hreflang="{twin.language}" href="{href}"/>')
                if not twin.prefix:
                    lines.append(f'<xhtml:link rel="alternate" hreflang="x-default" href="{href}"/>')
            lines.append("</url>")
        lines.append("</urlset>")
        yield OutputFile(posixpath.join(source.prefix, "sitemap.xml"), ("\n".join(lines) + "\n").encode())


def _robots(languages: Sequence[LanguageSource], address: str, beside: Sequence[str]) -> OutputFile:
    """Return what crawlers read at the root of a host alone: so it names the sitemaps of the sites below too."""
    lines = ["User-agent: *", "Allow: /", ""]
    for root in (address, *(f"{address}{folder}/" for folder in beside if folder != "..")):
        lines += [f"Sitemap: {_address(root, source, 'sitemap.xml')}" for source in languages]
    return OutputFile("robots.txt", ("\n".join(lines) + "\n").encode())


def _headers(site: Path, languages: Sequence[LanguageSource], framed: Sequence[str]) -> OutputFile:
    """Return what a host like Netlify or Cloudflare Pages is to send with each file.

    Rules that match the same address add up there, and of two policies the stricter holds. So the pages that may not be
    framed are named folder by folder, not by `/*` with an exception.
    """
    lines = ["/*", "  X-Content-Type-Options: nosniff", "  Referrer-Policy: strict-origin-when-cross-origin"]
    prefixes = {source.prefix for source in languages}
    for prefix in sorted(prefixes):
        rules = [posixpath.join("/", prefix, "")]
        for entry in sorted((site / prefix).iterdir()):
            if entry.is_dir() and not (not prefix and entry.name in prefixes) and entry.name not in framed:
                if any(entry.rglob("*.html")):
                    rules.append(posixpath.join("/", prefix, entry.name, "*"))
            elif entry.is_file() and entry.suffix == ".html":
                rules.append(posixpath.join("/", prefix, entry.name))
        for rule in rules:
            lines += [quote(rule, safe="/*"), "  Content-Security-Policy: frame-ancestors 'none'"]
    return OutputFile("_headers", ("\n".join(lines) + "\n").encode())


def _fault_of_site(faults: Sequence[site_check.Fault]) -> BuildError:
    """Return the first faults as one error; what every page repeats is told once."""
    alike: dict[tuple[str, str], list[site_check.Fault]] = {}
    for fault in faults:
        alike.setdefault((fault.code, fault.what), []).append(fault)
    shown = []
    for (code, what), places in list(alike.items())[:20]:
        first = places[0]
        where = f"{first.page}, line {first.line}" if first.line else first.page
        again = f" (and {len(places) - 1} times more)" if len(places) > 1 else ""
        shown.append(f"\n  {where}: {code}: {what}{again}")
    codes = sorted({code for code, _ in list(alike)[:20]})
    remedies = " ".join(f"{code}: {site_check.REMEDIES[code]}." for code in codes)
    return BuildError("the finished site", f"{len(faults)} faults:{''.join(shown)}\n", remedies)
