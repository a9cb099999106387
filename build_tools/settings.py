"""What the project may set, one frozen record, read from `mkdocs.yml` and the environment."""

import os
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from build_tools.engines import ENGINES
from build_tools.errors import BuildError
from build_tools.sources import Sources, sources_of

DEFAULT_URL = "https://minhbach.example/"


def _cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Shard:
    """The packages of one place, of which a site of their own is built, below the site of all places."""

    place: str  # its id in the vocabulary, and the folder of its site
    name_vi: str
    name_en: str
    packages: tuple[str, ...]  # the folders that are built, the vocabulary's among them

    def name(self, language: str) -> str:
        """Return the place's short name in a language."""
        return self.name_en if language == "en" else self.name_vi


@dataclass(frozen=True)
class Settings:
    """Where things are and what the site is called."""

    project: Path  # the folder of mkdocs.yml
    packages: Path
    out: Path
    reports: Path | None  # the folder of the reports' texts, when they are at hand
    site_name: str
    site_url: str  # empty when not set: links are relative, and outputs that need an address use DEFAULT_URL
    repo_url: str
    languages: tuple[str, ...]
    data_version: str
    data_date: date
    engine: str = ENGINES[0]  # what turns Markdown into HTML
    styles: tuple[str, ...] = ()  # the style sheets that mkdocs.yml lists
    social_images: bool = True  # the pictures that stand for pages where they are shared
    workers: int = field(default_factory=_cores)  # processes; what is built does not depend on how many
    scheduler: str = ""  # the address of a Dask cluster that draws and writes, empty for the processes of this machine
    cached: bool = True  # what was made before is taken as it was kept; what is built does not depend on it
    shard: Shard | None = None  # the place whose packages alone are built, None for all packages in one site

    @property
    def absolute_url(self) -> str:
        """The address for outputs that need one, ending in a slash."""
        return (self.site_url or DEFAULT_URL).rstrip("/") + "/"

    @property
    def sources(self) -> Sources:
        """Where templates, texts, theme, pages and assets stand."""
        return sources_of(self.project)

    def prefix(self, language: str) -> str:
        """Return where a language stands in the site: the first at the root, each other in a folder of its own.

        Addresses are the same in each. Files to download hold both languages of the data and stand once, at the root;
        only the files of charts are of one language.
        """
        return "" if language == self.languages[0] else language


class _Loader(yaml.SafeLoader):
    """Read MkDocs' own tags as plain values: only a few keys of the file concern us."""


def _plain(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    del suffix
    return loader.construct_object(node) if not isinstance(node, yaml.ScalarNode) else loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _plain)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", _plain)


def find_project(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds a project."""
    for folder in (start, *start.parents):
        beside = (folder / name for name in ("datapackages", "site_src"))  # other sites have a mkdocs.yml too
        if (folder / "mkdocs.yml").is_file() and any(path.is_dir() for path in beside):
            return folder
    raise BuildError(
        str(start),
        "không thấy mkdocs.yml và datapackages ở đây hay ở thư mục trên / no mkdocs.yml and datapackages here or above",
        "Chạy trong thư mục của dự án, hoặc tạo một dự án bằng minhbach new DIR / Run the command inside a project, or "
        "make one with minhbach new DIR.",
    )


def read_settings(project: Path) -> Settings:
    """Return the project's settings; raise BuildError when mkdocs.yml cannot be read."""
    path = project / "mkdocs.yml"
    try:
        config: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BuildError(str(path), f"không đọc được / cannot be read: {error}", "Sửa tệp / Mend the file.") from error
    extra = config.get("extra") or {}
    version, day = str(extra.get("data_version", "")), extra.get("data_date")
    if not version or not isinstance(day, date):
        raise BuildError(
            str(path), "extra.data_version, extra.data_date ?", 'Ghi hai khóa ấy / Set both: "0.1.0", 2026-01-31.'
        )
    return Settings(
        project=project,
        packages=project / "datapackages",
        out=project / "build",
        reports=_reports(project),
        site_name=str(config.get("site_name", "minhbach")),
        site_url=os.environ.get("MINHBACH_SITE_URL", config.get("site_url") or ""),
        repo_url=config.get("repo_url") or "",
        languages=tuple(extra.get("languages", ["vi"])),
        data_version=version,
        data_date=day,
        engine=_engine(path, os.environ.get("MINHBACH_ENGINE") or str(extra.get("engine", ENGINES[0]))),
        styles=tuple(config.get("extra_css") or ()),
    )


def _engine(path: Path, name: str) -> str:
    if name not in ENGINES:
        raise BuildError(
            str(path),
            f"extra.engine, MINHBACH_ENGINE: không có {name!r} / there is no {name!r}",
            f"Chọn / Choose: {', '.join(ENGINES)}.",
        )
    return name


def _reports(project: Path) -> Path | None:
    named = os.environ.get("MINHBACH_REPORTS", "")
    folder = Path(named) if named else project / "reports"
    return folder if folder.is_dir() else None


def with_folders(
    settings: Settings,
    packages: Path | None = None,
    out: Path | None = None,
    reports: Path | None = None,
) -> Settings:
    """Return the settings with the folders a command was given; raise BuildError for a folder of texts not there."""
    if reports is not None and not reports.is_dir():
        raise BuildError(
            str(reports), "không có thư mục này / there is no such folder", "Kiểm lại --reports / Check --reports."
        )
    return replace(
        settings,
        packages=packages or settings.packages,
        out=out or settings.out,
        reports=reports or settings.reports,
    )
