"""What turns a folder of Markdown into HTML: MkDocs, ProperDocs or Zensical, which are met here and nowhere else.

All three read the same folder: plain Markdown, the generated mkdocs.yml, and theme templates in the part of Jinja that
they share (no methods of strings, no field of something that may be missing).
"""

import importlib
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from build_tools.errors import BuildError

ENGINES = ("mkdocs", "properdocs", "zensical")
_NAMES = {"mkdocs": "MkDocs", "properdocs": "ProperDocs", "zensical": "Zensical"}
_OF_THEIR_OWN = ("search.json",)  # what Zensical adds, and no page of ours asks for


def run_engine(settings_file: Path, target: Path, build_date: date, engine: str = ENGINES[0]) -> None:
    """Let an engine build the folder of a settings file into the target folder; a warning stops the build.

    Raises BuildError for what the engine says, and for an engine that is not installed.
    """
    if engine not in ENGINES:
        raise BuildError("engine", f"{engine!r} is none", f"Choose one of {', '.join(ENGINES)}")
    if importlib.util.find_spec(engine) is None:
        raise BuildError(
            "engine", f"{_NAMES[engine]} chưa được cài / is not installed", "pip install 'minhbach[engines]'"
        )
    epoch = int(datetime(build_date.year, build_date.month, build_date.day, tzinfo=UTC).timestamp())
    with _environment(SOURCE_DATE_EPOCH=str(epoch), NO_MKDOCS_2_WARNING="1"):
        if engine == "zensical":
            _run_zensical(settings_file, target)
        else:
            _run_mkdocs(settings_file, target, engine)


def _run_mkdocs(settings_file: Path, target: Path, engine: str) -> None:
    """Let MkDocs or ProperDocs, which has the same modules, build as `mkdocs build --strict` would."""
    heard: list[str] = []
    with _listening(heard, engine):
        # After the environment is set: the theme prints a banner when it is imported without it.
        build: Any = importlib.import_module(f"{engine}.commands.build").build
        load_config: Any = importlib.import_module(f"{engine}.config").load_config
        known: Any = getattr(importlib.import_module(f"{engine}.exceptions"), f"{_NAMES[engine]}Exception")

        try:
            path = str(settings_file)
            build(load_config(path, config_file_path=path, site_dir=str(target), strict=True))
        except known as error:
            if not heard:
                heard.append(str(error))
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            # Whatever a template or an extension raises; the engine has logged which page it was.
            heard.append(f"{type(error).__name__}: {error}")
            raise _fault_of_engine(settings_file, heard, engine) from error
    if heard:
        raise _fault_of_engine(settings_file, heard, engine)


def _run_zensical(settings_file: Path, target: Path) -> None:
    """Let Zensical build beside the settings, where its own settings say, and move what it made to the target."""
    folder, made = settings_file.parent, settings_file.parent / "site"
    for left in (made, folder / ".cache"):
        shutil.rmtree(left, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", str(settings_file)]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode or not made.is_dir():
        raise _fault_of_engine(settings_file, [line for line in said.splitlines() if line.strip()][-20:], "zensical")
    for name in _OF_THEIR_OWN:
        (made / name).unlink(missing_ok=True)
    if not (folder / "docs" / "README.md").exists():
        (made / "README.md").unlink(missing_ok=True)  # of the folder of theme templates, which it copies whole
    for page in made.rglob("*.html"):
        # A slash needs no escape in HTML; Zensical's templates write one.
        text = page.read_text("utf-8")
        page.write_bytes(text.replace("&#x2f;", "/").replace("&#x27;", "&#39;").encode())
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    made.rename(target)


def _fault_of_engine(settings_file: Path, heard: Sequence[str], engine: str) -> BuildError:
    shown = "".join(f"\n  {message}" for message in heard[:20])
    return BuildError(
        str(settings_file),
        f"{_NAMES[engine]} reports {len(heard)} faults:{shown}\n",
        "Correct what is named; the pages stand in the folder docs beside these settings",
    )


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Ear(logging.Handler):
    """Keep what is said."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self._heard.append(record.getMessage())


@contextmanager
def _listening(heard: list[str], engine: str = ENGINES[0]) -> Iterator[None]:
    """Collect an engine's warnings and errors, also where its log is silenced: strictness rests on hearing them."""
    top = logging.getLogger(engine)
    logs = [top, *(logging.getLogger(name) for name in sorted(logging.root.manager.loggerDict) if _is_below(name, top))]
    before = [(log, log.level, log.propagate, log.disabled) for log in logs]
    silenced = logging.root.manager.disable
    ear = _Ear(heard)
    top.addHandler(ear)
    for log in logs:
        log.setLevel(logging.WARNING if log is top else logging.NOTSET)
        log.propagate, log.disabled = log is not top, False
    logging.disable(logging.NOTSET)
    try:
        yield
    finally:
        top.removeHandler(ear)
        for log, level, propagate, disabled in before:
            log.setLevel(level)
            log.propagate, log.disabled = propagate, disabled
        logging.disable(silenced)


def _is_below(name: str, log: logging.Logger) -> bool:
    return name.startswith(f"{log.name}.")


class OnePage:
    """Renders single pages of a language as a build of all of them would: the same settings, theme and navigation."""

    def __init__(self, settings_file: Path, paths: Iterable[str]) -> None:
        """Read the settings; `paths` are those of all pages and assets, which need not be there.

        Raises BuildError where the settings or the theme cannot be read.
        """
        self._lock = Lock()  # MkDocs notes in its settings which page is under way
        with _engine_faults(settings_file):
            from mkdocs.config import load_config
            from mkdocs.structure.files import File, Files
            from mkdocs.structure.nav import get_navigation

            path = str(settings_file)
            self._config = load_config(path, config_file_path=path, strict=False)
            docs, out = self._config.docs_dir, self._config.site_dir
            self._files = Files([File(one, docs, out, use_directory_urls=True) for one in sorted(set(paths))])
            self._environment = self._config.theme.get_env()
            self._navigation = get_navigation(self._files, self._config)
        self._settings_file = settings_file

    def render(self, path: str, text: str) -> str:
        """Return a page as HTML, given its path below `docs` and its Markdown; BuildError where it cannot be made."""
        with self._lock, _engine_faults(self._settings_file):
            from mkdocs.commands.build import get_context
            from mkdocs.structure.files import File
            from mkdocs.structure.pages import Page

            file = self._files.get_file_from_path(path)
            if file is None:
                raise BuildError(path, "is no page", "Name it among the pages")
            titled = file.page
            held = File(path, self._config.docs_dir, self._config.site_dir, use_directory_urls=True)
            held.content_string = text
            page = Page(titled.title if isinstance(titled, Page) else None, held, self._config)
            if isinstance(titled, Page):
                page.parent = titled.parent
            page.read_source(self._config)
            page.render(self._config, self._files)
            page.active = True
            context = get_context(self._navigation, self._files, self._config, page)
            html: str = self._environment.get_template(page.meta.get("template", "main.html")).render(context)
            return html


@contextmanager
def _engine_faults(place: Path) -> Iterator[None]:
    """Turn whatever MkDocs, a template or an extension raises into a fault of the build."""
    with _environment(NO_MKDOCS_2_WARNING="1"), _listening([]):
        try:
            yield
        except BuildError:
            raise
        except Exception as error:
            name = getattr(error, "filename", None) or getattr(error, "name", None)
            line = getattr(error, "lineno", None)
            where = f"{name}:{line}" if name and line else str(name or place)
            raise BuildError(
                where, f"{type(error).__name__}: {error}", "Sửa mẫu hoặc thiết lập / Mend the template or the setting."
            ) from error
