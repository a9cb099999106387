"""What turns a folder of Markdown into HTML: MkDocs, which is met here and nowhere else."""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock

from build_tools.errors import BuildError


def run_engine(settings_file: Path, target: Path, build_date: date) -> None:
    """Let MkDocs build into the target folder; a warning stops the build as `mkdocs build --strict` would."""
    epoch = int(datetime(build_date.year, build_date.month, build_date.day, tzinfo=UTC).timestamp())
    heard: list[str] = []
    with _environment(SOURCE_DATE_EPOCH=str(epoch), NO_MKDOCS_2_WARNING="1"), _listening(heard):
        # After the environment is set: the theme prints a banner when it is imported without it.
        from mkdocs.commands.build import build
        from mkdocs.config import load_config
        from mkdocs.exceptions import MkDocsException

        try:
            path = str(settings_file)
            build(load_config(path, config_file_path=path, site_dir=str(target), strict=True))
        except MkDocsException as error:
            if not heard:
                heard.append(str(error))
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            # Whatever a template or an extension raises; MkDocs has logged which page it was.
            heard.append(f"{type(error).__name__}: {error}")
            raise _fault_of_mkdocs(settings_file, heard) from error
    if heard:
        raise _fault_of_mkdocs(settings_file, heard)


def _fault_of_mkdocs(settings_file: Path, heard: Sequence[str]) -> BuildError:
    shown = "".join(f"\n  {message}" for message in heard[:20])
    return BuildError(
        str(settings_file),
        f"MkDocs reports {len(heard)} faults:{shown}\n",
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
def _listening(heard: list[str]) -> Iterator[None]:
    """Collect MkDocs' warnings and errors, also where somebody silenced its log: strictness rests on hearing them."""
    top = logging.getLogger("mkdocs")
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
