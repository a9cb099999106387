"""Whether the site that stands is what a build would make again: nothing that it was made from has changed since."""

import hashlib
import json
from dataclasses import fields
from pathlib import Path

from build_tools.cache import code
from build_tools.output import OutputFile, damage, entries_in, write
from build_tools.settings import Settings

# What says how a site is built and where from, not what it holds.
_NO_MATTER = frozenset(["project", "packages", "out", "reports", "workers", "scheduler", "cached"])
_RECORD = "built.json"


def inputs(settings: Settings) -> str:
    """Return a name for everything that a site is made from: settings, packages, texts, templates and all that runs.

    It is empty where there is something that is neither a file nor a folder: what that leads to may change unseen.
    """
    found = hashlib.sha256(code().encode())
    for field in fields(settings):
        if field.name not in _NO_MATTER:
            found.update(f"{field.name}={getattr(settings, field.name)!r}\n".encode())
    for folder in (settings.packages, settings.reports, *settings.sources.folders):
        found.update(f"{folder is not None}\n".encode())
        if folder is None or not folder.is_dir():
            continue
        for path, entry in entries_in(folder):
            if folder == settings.packages and settings.shard and path.split("/")[0] not in settings.shard.packages:
                continue
            if not entry.is_file(follow_symlinks=False):
                return ""
            found.update(f"{path}\n".encode(errors="surrogateescape") + _sum(folder / path))
    found.update(_sum(settings.project / "mkdocs.yml"))
    return found.hexdigest()


def remember(settings: Settings, made_from: str, warnings: int) -> None:
    """Write down from what the site that now stands was made, and how many warnings there were."""
    record = {"inputs": made_from, "version": (settings.out / "site").resolve().name, "warnings": warnings}
    write(settings.out / "cache" / "built", [OutputFile(_RECORD, json.dumps(record).encode())])


def warnings_if_fresh(settings: Settings, made_from: str) -> int | None:
    """Return how many warnings the site that stands was made with, if it stands whole and was made from just that.

    None where a build would make another, or might.
    """
    site = settings.out / "site"
    try:
        record = json.loads((settings.out / "cache" / "built" / _RECORD).read_bytes())
        warnings = int(record["warnings"])
        known = (record["inputs"], record["version"])
        if not made_from or known != (made_from, site.readlink().name) or damage(site.resolve()):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return warnings


def _sum(path: Path) -> bytes:
    """Return the hash of a file's content, or a stand-in that no file has for what is none or cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"no file"
    except OSError:
        return b"unread"
