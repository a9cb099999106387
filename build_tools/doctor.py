"""Whether this machine and this project have what a build, the tests and a publish need; nothing is changed."""

import csv
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from build_tools.destinations.sending import File, listed
from build_tools.output import MANIFEST, damage
from build_tools.packages import DESCRIPTOR
from build_tools.settings import Settings
from build_tools.words import Words

OK, LOOK, BROKEN = "ok", "look", "broken"
OLDEST_PYTHON = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")  # as in the Makefile
PROGRAMS = ("git", "rsync")
LEAST_SPACE = 300_000_000  # bytes, where nothing was built yet
_SHOWN = 5
_FONT = re.compile(r"""url\(["']?\.\./(fonts/[^"')]+)""")


@dataclass(frozen=True)
class Look:
    """One thing that was looked at: whether it is as it should be, what was seen, and the remedy."""

    name: str
    state: str  # OK, LOOK or BROKEN
    said: str
    remedy: str = ""


def examine(settings: Settings, words: Words) -> tuple[Look, ...]:
    """Return everything that was looked at, in the order in which a newcomer needs it."""
    parts: Sequence[Callable[[Settings, _Say], Iterator[Look]]] = (
        _python, _libraries, _engine, _fonts, _browser, _programs, _out, _disk, _lock,
        _texts, _site, _vocabulary, _git, _unset,
    )  # fmt: skip
    say = _Say(words)
    return tuple(look for part in parts for look in part(settings, say))


def as_looks(looks: Sequence[Look]) -> list[dict[str, str]]:
    """Return what was looked at as `doctor --json` prints it."""
    return [asdict(look) for look in looks]


@dataclass(frozen=True)
class _Say:
    """Says in words what was seen: `say("disk", OK, "disk_ok", free=1)`."""

    words: Words

    def __call__(self, subject: str, state: str, seen: str, remedy: str = "", **values: object) -> Look:
        cure = self.words.text(f"doctor.{remedy}") if remedy else ""
        return Look(self.name(subject, **values), state, self.words.fill(f"doctor.{seen}", **values), cure)

    def name(self, subject: str, **values: object) -> str:
        """Return the name of what was looked at."""
        return self.words.fill(f"doctor.{subject}", **values)


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


# -- the machine ------------------------------------------------------------------------------------------------------


def _python(settings: Settings, say: _Say) -> Iterator[Look]:
    del settings
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield say("python", BROKEN, "python_old", "python_remedy", version=platform.python_version())
    else:
        yield say("python", OK, "python_ok", version=platform.python_version())


def _libraries(settings: Settings, say: _Say) -> Iterator[Look]:
    """Hold what is installed against the ranges that this program was installed with."""
    del settings
    wanted = [Requirement(text) for text in requires("minhbach") or ()]
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    missing, other = [], []
    for one in wanted:
        try:
            found = version(one.name)
        except PackageNotFoundError:
            missing.append(one.name)
            continue
        if not one.specifier.contains(found, prereleases=True):
            other.append(f"{one.name} {found} ({one.specifier})")
    if missing:
        yield say("libraries", BROKEN, "libraries_missing", "libraries_remedy", names=", ".join(missing))
    if other:
        yield say("libraries", BROKEN, "libraries_other", "libraries_remedy", names=", ".join(other))
    if not missing and not other:
        yield say("libraries", OK, "libraries_ok", n=len(wanted))


def _engine(settings: Settings, say: _Say) -> Iterator[Look]:
    if importlib.util.find_spec(settings.engine) is None:
        yield say("engine", BROKEN, "engine_missing", "engine_remedy", name=settings.engine)
    else:
        yield say("engine", OK, "engine_ok", name=settings.engine)


def _fonts(settings: Settings, say: _Say) -> Iterator[Look]:
    """Look for the font that charts are drawn with, and for those that the styles name."""
    assets = settings.sources.files("assets")
    styles = "".join(path.read_text("utf-8") for name, path in assets.items() if fnmatchcase(name, "css/*.css"))
    missing = sorted({name for name in _FONT.findall(styles) if name not in assets})
    if importlib.util.find_spec("fontpkg_be_vietnam_pro") is None:
        missing.insert(0, "fontpkg-be-vietnam-pro")
    if missing:
        yield say("fonts", BROKEN, "fonts_missing", "fonts_remedy", names=_names(missing))
    else:
        yield say("fonts", OK, "fonts_ok")


def _browser(settings: Settings, say: _Say) -> Iterator[Look]:
    del settings
    names = filter(None, (os.environ.get("MINHBACH_CHROMIUM"), *BROWSERS))
    path = next((found for name in names if (found := shutil.which(name))), "")
    if path:
        yield say("browser", OK, "browser_ok", path=path)
    else:
        yield say("browser", LOOK, "browser_missing", "browser_remedy")


def _programs(settings: Settings, say: _Say) -> Iterator[Look]:
    del settings
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        yield say("programs", LOOK, "programs_missing", "programs_remedy", names=", ".join(missing))
    else:
        yield say("programs", OK, "programs_ok", names=", ".join(PROGRAMS))


def _out(settings: Settings, say: _Say) -> Iterator[Look]:
    folder = _there(settings.out)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield say("out", BROKEN, "out_closed", "out_remedy", folder=folder)
    elif real := next((link for link in _links(settings) if link.exists() and not link.is_symlink()), None):
        yield say("out", BROKEN, "out_real", "out_real_remedy", folder=real)
    else:
        yield say("out", OK, "out_ok", folder=folder)


def _links(settings: Settings) -> tuple[Path, Path]:
    return settings.out / "site", settings.out / "previous"


def _there(folder: Path) -> Path:
    """Return a folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _disk(settings: Settings, say: _Say) -> Iterator[Look]:
    """Hold the free space against twice the site built last: the next one, and what it is made from."""
    free = shutil.disk_usage(_there(settings.out)).free
    needed = max(2 * sum(file.size for file in _manifest(settings).values()), LEAST_SPACE)
    shown = {"free": free // 1_000_000, "needed": needed // 1_000_000}
    if free < needed:
        yield say("disk", LOOK, "disk_little", "disk_remedy", **shown)
    else:
        yield say("disk", OK, "disk_ok", free=shown["free"])


def _lock(settings: Settings, say: _Say) -> Iterator[Look]:
    path = settings.out / "build.lock"
    try:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = file.read(32).decode("ascii", "replace").strip()
                yield say("lock", LOOK, "lock_held", "lock_remedy", process=holder or "?")
                return
    except OSError:
        pass
    yield say("lock", OK, "lock_ok")


# -- the data ---------------------------------------------------------------------------------------------------------


def _descriptors(settings: Settings) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """Yield the folder of each package and its descriptor, empty where it cannot be read."""
    for path in sorted(settings.packages.glob(f"*/{DESCRIPTOR}")):
        try:
            descriptor = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            descriptor = {}
        yield path.parent, descriptor if isinstance(descriptor, dict) else {}


def _texts(settings: Settings, say: _Say) -> Iterator[Look]:
    """Say of each report whether its text is at hand, and whether it is the text that the package was made from."""
    for folder, descriptor in _descriptors(settings):
        if not descriptor:
            yield say("text", BROKEN, "text_unknown", "text_unknown_remedy", package=folder.name)
        report = descriptor.get("report")
        text = report.get("text") if isinstance(report, dict) else None
        if not isinstance(text, dict):
            continue
        shown = {"package": folder.name, "file": str(text.get("file", ""))}
        path = settings.reports / shown["file"] if settings.reports is not None else None
        if path is None or not path.is_file():
            yield say("text", LOOK, "text_missing", "text_missing_remedy", **shown)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != text.get("sha256"):
            yield say("text", BROKEN, "text_other", "text_other_remedy", **shown)
        else:
            yield say("text", OK, "text_ok", **shown)


def _manifest(settings: Settings) -> Mapping[str, File]:
    try:
        return listed((settings.out / "site" / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}


def _site(settings: Settings, say: _Say) -> Iterator[Look]:
    """Hold the site built last against its manifest, and against the data, pages and settings it was made from."""
    site = settings.out / "site"
    manifest = _manifest(settings)
    if not manifest:
        yield say("site", LOOK, "site_none", "site_preview_remedy")
        return
    damaged = [line.partition(": ")[0] for line in damage(site)]
    if damaged:
        yield say("site", BROKEN, "site_damaged", "site_preview_remedy", n=len(damaged), names=_names(damaged))
        return
    older = [*_newer_data(settings, manifest), *_newer_files(settings, (site / MANIFEST).stat().st_mtime)]
    if older:
        yield say("site", LOOK, "site_old", "site_preview_remedy", names=_names(older))
    else:
        sealed = hashlib.sha256((site / MANIFEST).read_bytes()).hexdigest()[:16]
        yield say("site", OK, "site_ok", version=sealed)


def is_current(settings: Settings) -> bool:
    """Say whether there is a built site that is whole and not older than its sources."""
    manifest = _manifest(settings)
    if not manifest or damage(settings.out / "site"):
        return False
    since = (settings.out / "site" / MANIFEST).stat().st_mtime
    return not [*_newer_data(settings, manifest), *_newer_files(settings, since)]


def _newer_data(settings: Settings, manifest: Mapping[str, File]) -> Iterator[str]:
    """Yield the packages whose tables are not those of the site; a table of ours is published byte for byte."""
    for folder, descriptor in _descriptors(settings):
        if "report" not in descriptor and folder.name not in ("vocabulary", "across"):
            continue
        for table in sorted(folder.glob("*.csv")):
            shown = manifest.get(f"du-lieu/{folder.name}/{table.name}")
            if shown is None or shown.sha256 != hashlib.sha256(table.read_bytes()).hexdigest():
                yield f"{folder.name}/{table.name}"
                break


def _newer_files(settings: Settings, since: float) -> Iterator[str]:
    """Yield the pages, templates, styles, texts and settings that were written after a moment."""
    own = [path for folder in settings.sources.folders for path in sorted(folder.rglob("*"))]
    for path in (settings.project / "mkdocs.yml", *own):
        if path.is_file() and path.stat().st_mtime > since:
            inside = path.is_relative_to(settings.project)
            yield (path.relative_to(settings.project) if inside else path).as_posix()


def _vocabulary(settings: Settings, say: _Say) -> Iterator[Look]:
    """Say which indicators of the vocabulary no figure uses."""
    named = _column(settings.packages / "vocabulary" / "indicators.csv", "indicator")
    used = {one for path in settings.packages.glob("*/figures.csv") for one in _column(path, "indicator")}
    unused = [one for one in named if one not in used]
    if unused:
        yield say("vocabulary", LOOK, "vocabulary_unused", "vocabulary_remedy", n=len(unused), names=_names(unused))
    elif named:
        yield say("vocabulary", OK, "vocabulary_ok")


def _column(path: Path, column: str) -> list[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [row[column] for row in csv.DictReader(file) if row.get(column)]
    except (OSError, ValueError, csv.Error):
        return []


def _git(settings: Settings, say: _Say) -> Iterator[Look]:
    if shutil.which("git") is None:
        return
    asked = ["git", "-C", str(settings.packages), "status", "--porcelain", "-z", "--", "."]
    found = subprocess.run(asked, capture_output=True, check=False, env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"})
    shown = {"folder": settings.packages.name}
    if found.returncode:
        yield say("git", LOOK, "git_none", "git_none_remedy", **shown)
        return
    changed = [os.fsdecode(entry)[3:] for entry in found.stdout.split(b"\0") if len(entry) > 3]
    if changed:
        yield say("git", LOOK, "git_changed", "git_changed_remedy", n=len(changed), names=_names(changed))
    else:
        yield say("git", OK, "git_ok", **shown)


def _unset(settings: Settings, say: _Say) -> Iterator[Look]:
    for name in ("site_url", "repo_url"):
        value = str(getattr(settings, name))
        if value:
            yield say("setting", OK, "setting_ok", name=name, value=value)
        else:
            yield say("setting", LOOK, "setting_unset", f"{name}_remedy", name=name)
