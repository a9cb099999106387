"""A preview of the site: any page as the sources have it now, made when somebody asks for it.

All stages stay in one process. What was read is kept by package, what was drawn by chart, and of the pages only those
that are looked at are made. The rest is as it was built last: files to download, pictures, the search, pages in frames.
"""

import posixpath
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files as package_files
from pathlib import Path

from build_tools.build import language_config, theme_folder
from build_tools.checks import Checked, check
from build_tools.engines import OnePage
from build_tools.errors import BuildError
from build_tools.faults import Fault, message, place, remedy, stops, visible
from build_tools.packages import Package, read_package
from build_tools.publish import LanguageSource, settings_file, with_fragments, with_policy
from build_tools.render.charts import ChartImages, draw, vega_bundle
from build_tools.render.page_views import PageView
from build_tools.render.pages import page_renderer, written_pages
from build_tools.render.phrases import Phrases
from build_tools.settings import Settings
from build_tools.site_model import Chart, Page, PlannedChart, Site
from build_tools.words import read_words

Stamps = Mapping[Path, tuple[int, int, int]]
Kept = dict[tuple[str, str], tuple[Chart, ChartImages]]  # by language and address


@dataclass(frozen=True)
class Trouble:
    """One thing that keeps the newest sources from being shown, as a reader takes it."""

    place: str
    said: str
    remedy: str
    cell: str = ""


@dataclass(frozen=True)
class State:
    """What the sources came to when they were last read: the troubles by language, none where all is well."""

    number: int = 0  # rises with each reading
    faults: tuple[Fault, ...] = ()  # all of them, those that do not stop a build among them
    errors: tuple[BuildError, ...] = ()

    @property
    def is_good(self) -> bool:
        """Say whether pages show the newest sources."""
        return not self.errors and not stops(self.faults)

    def troubles(self, language: str) -> tuple[Trouble, ...]:
        """Return what stops the newest sources from being shown."""
        stopping = [item for item in self.faults if item.level == "error"]
        return (
            *(Trouble(error.place, error.what, error.remedy) for error in self.errors),
            *(
                Trouble(place(item, language), message(item, language), remedy(item, language), visible(item.cell))
                for item in stopping
            ),
        )


@dataclass(frozen=True)
class _Language:
    """What makes the pages of one language."""

    planned: Mapping[str, Page]  # by address
    written: Mapping[str, Path]  # pages by hand, by address
    render: Callable[[Page], tuple[str, Mapping[str, str]]]
    press: OnePage


@dataclass
class Preview:
    """Pages of a project as its sources are now. `read` reads the settings; `folder` is one that it may write in."""

    read: Callable[[], Settings]
    folder: Path
    state: State = field(default_factory=State)
    _settings: Settings | None = None
    _checked: tuple[Stamps, Checked] | None = None  # with the stamps of the packages and texts
    _plan: tuple[Checked, Site] | None = None
    _packages: dict[Path, tuple[Stamps, tuple[Package | None, tuple[Fault, ...]]]] = field(default_factory=dict)
    _presses: dict[str, tuple[object, OnePage]] = field(default_factory=dict)
    _drawn: Kept = field(default_factory=dict)
    _languages: Mapping[str, _Language] = field(default_factory=dict)  # by prefix
    _pages: dict[str, str] = field(default_factory=dict)  # made since the sources were last read, by address
    _last: dict[str, str] = field(default_factory=dict)  # the last that could be made
    _broken: dict[str, BuildError] = field(default_factory=dict)
    _one_at_a_time: threading.RLock = field(default_factory=threading.RLock)

    def renew(self) -> State:
        """Read the sources that changed and return what they came to; pages are made when they are asked for.

        Where something stops a build, pages stay as they were.
        """
        with self._one_at_a_time:
            faults: tuple[Fault, ...] = ()
            errors: tuple[BuildError, ...] = ()
            try:
                settings = self.read()
                checked = self._check(settings)
                faults = checked.faults
                if not stops(faults):
                    if self._plan is None or self._plan[0] is not checked:
                        self._plan = (checked, checked.plan())
                    self._languages = dict(self._prepared(settings, self._plan[1]))
                    self._settings = settings
                    self._pages.clear()
                    self._broken.clear()
            except BuildError as error:
                errors = (error,)
            except Exception as error:  # noqa: BLE001  (whoever edits must not lose the server to it)
                errors = (_unexpected(error),)
            self.state = State(self.state.number + 1, faults, errors)
            return self.state

    def page(self, path: str) -> str | None:
        """Return the HTML of a page, given its address (`en/bao-cao/`); None where there is no such page.

        A page that cannot be made is shown as it was last, with its trouble among `troubles`.
        """
        with self._one_at_a_time:
            if path in self._pages:
                return self._pages[path]
            found = self._at(path)
            if found is None:
                return None
            try:
                self._pages[path] = self._last[path] = _made(*found)
            except BuildError as error:
                self._broken[path] = error
            except Exception as error:  # noqa: BLE001  (a template may raise anything)
                self._broken[path] = _unexpected(error)
            return self._last.get(path, "")

    def has(self, path: str) -> bool:
        """Say whether there is a page at an address."""
        return self._at(path) is not None

    def _at(self, path: str) -> tuple[_Language, str] | None:
        """Return the language of a page and its address in it."""
        prefix = next((one for one in self._languages if one and f"{path}/".startswith(f"{one}/")), "")
        language = self._languages.get(prefix)
        if language is None:
            return None
        address = path.removeprefix(f"{prefix}/") if prefix else path
        return (language, address) if address in language.planned or address in language.written else None

    def troubles(self, path: str, language: str) -> tuple[Trouble, ...]:
        """Return what keeps a page from showing the newest sources."""
        broken = self._broken.get(path)
        own = (Trouble(broken.place, broken.what, broken.remedy),) if broken is not None else ()
        return (*self.state.troubles(language), *own)

    def asset(self, path: str) -> Path | None:
        """Return the source of an asset, ours or the theme's, given its address; None where there is none."""
        settings = self._settings
        if settings is None:
            return None
        inside = path.partition("/")[2] if path.partition("/")[0] in self.prefixes else path
        if not inside.startswith("assets/"):
            return None
        name = inside.removeprefix("assets/")
        themes = Path(str(package_files("material") / "templates" / "assets")).resolve()
        own, file = settings.sources.files("assets").get(name), (themes / name).resolve()
        return own or (file if file.is_relative_to(themes) and file.is_file() else None)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Where the languages stand that have a folder of their own."""
        settings = self._settings
        return tuple(filter(None, map(settings.prefix, settings.languages))) if settings is not None else ()

    # -- what is read --------------------------------------------------------------------------------------------------

    def _check(self, settings: Settings) -> Checked:
        """Return the packages checked: as before, where neither they nor the texts changed."""
        stamps: dict[Path, tuple[int, int, int]] = {**_stamps(settings.packages)}
        if settings.reports is not None:
            stamps |= _stamps(settings.reports)
        if self._checked is None or self._checked[0] != stamps:
            self._checked = (stamps, check(settings.packages, settings.reports, read_one=self._read))
        return self._checked[1]

    def _read(self, folder: Path) -> tuple[Package | None, tuple[Fault, ...]]:
        """Return a package as it was read before, where none of its files changed."""
        stamps = _stamps(folder)
        known = self._packages.get(folder)
        if known is None or known[0] != stamps:
            known = self._packages[folder] = (stamps, read_package(folder))
        return known[1]

    def _prepared(self, settings: Settings, site: Site) -> Iterator[tuple[str, _Language]]:
        """Yield what makes the pages of each language, by its prefix."""
        sources = settings.sources
        read_words.cache_clear()
        assets = [f"assets/{name}" for name in sources.files("assets")]
        planned = {page.address: page for page in site.pages}
        for name in settings.languages:
            words = read_words(name, sources, settings.languages[0])
            by_hand = {
                posixpath.dirname(where) + "/": path
                for where, path in written_pages(sources, name).items()
                if path.name == "index.md"
            }
            charts = {chart.chart: chart for chart in site.charts}
            drawn = _Drawn(charts, Phrases(site, words), name, settings.site_name, self._drawn)
            view = PageView(site, words, settings, drawn, vega_bundle().path, self._sizes(settings))
            config = language_config(settings, site, words)
            paths = [*(f"{address}index.md" for address in (*planned, *by_hand)), *assets]
            press = self._press(settings, LanguageSource(name, words.prefix, (), {}, config), paths)
            yield words.prefix, _Language(planned, by_hand, page_renderer(view, sources), press)

    def _press(self, settings: Settings, source: LanguageSource, paths: Iterable[str]) -> OnePage:
        """Return what renders pages of a language: the one there is, where nothing that it was made from changed."""
        # Not where a build that runs beside would write it.
        folder, theme = self.folder / source.language, theme_folder(replace(settings, out=self.folder))
        config = settings.project / "mkdocs.yml"
        (folder / "docs").mkdir(parents=True, exist_ok=True)
        content = settings_file(folder, source, config, settings.site_url, theme)
        key = (content, _stamps(theme), _stamps(config), frozenset(paths))
        known = self._presses.get(source.language)
        if known is None or known[0] != key:
            (folder / "mkdocs.yml").write_bytes(content)
            known = self._presses[source.language] = (key, OnePage(folder / "mkdocs.yml", key[3]))
        return known[1]

    @staticmethod
    def _sizes(settings: Settings) -> Mapping[str, int]:
        """Return the sizes of the files to download, as they were built last."""
        site = settings.out / "site"
        return _Sizes(site)


class _Sizes(Mapping[str, int]):
    """The sizes of the files of a built site, looked up when a page says them."""

    def __init__(self, site: Path) -> None:
        self._site = site

    def __getitem__(self, path: str) -> int:
        try:
            return (self._site / path).stat().st_size
        except OSError:
            raise KeyError(path) from None

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1  # It stands for more than nothing.


class _Drawn(Mapping[str, ChartImages]):
    """The charts of a language, each drawn when a page shows it and kept while it shows the same."""

    def __init__(
        self, planned: Mapping[str, PlannedChart], phrases: Phrases, language: str, publisher: str, kept: Kept
    ) -> None:
        self._planned, self._phrases, self._language, self._kept = planned, phrases, language, kept
        self._publisher = publisher

    def __getitem__(self, name: str) -> ChartImages:
        chart = replace(self._phrases.chart(self._planned[name]), publisher=self._publisher)
        known = self._kept.get((self._language, name))
        if known is None or known[0] != chart:
            known = self._kept[self._language, name] = (chart, draw(chart, self._language))
        return known[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._planned)

    def __len__(self) -> int:
        return len(self._planned)


def _made(language: _Language, address: str) -> str:
    """Return a page as HTML."""
    fragments: Mapping[str, str] = {}
    if address in language.planned:
        text, fragments = language.render(language.planned[address])
    else:
        text = language.written[address].read_text("utf-8")
    html = language.press.render(f"{address}index.md", text)
    return with_policy(with_fragments(html, fragments), f"{address}index.html")


def _unexpected(error: Exception) -> BuildError:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return BuildError(
        f"{Path(where.filename).name}:{where.lineno}",
        f"{type(error).__name__}: {error}",
        "Xem lại tệp vừa lưu / Look at the file that was saved last.",
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _stamps(place: Path) -> Stamps:
    """Return what tells whether a file, or any file of a folder, is another than before."""
    found: dict[Path, tuple[int, int, int]] = {}
    for path in (place, *place.rglob("*")):
        try:
            status = path.lstat()
        except OSError:
            continue  # gone since it was listed
        found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found
