"""Where a built site is published to: a folder, a branch of a git repository, a folder reached by rsync, or S3.

The arrows go one way: what is common stands in `sending`, each kind of destination in a module of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from build_tools.destinations import git_branch
from build_tools.destinations.folders import FolderDestination
from build_tools.destinations.rsync import Rsync
from build_tools.destinations.s3 import bucket
from build_tools.destinations.sending import ByManifest, Changes, Destination, compare, read_site
from build_tools.output import Lock
from build_tools.words import Words

_S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")
_RSYNC = re.compile(r"rsync://[^/]+/.+|(?:[^/:@]+@)?[A-Za-z0-9][\w.-]+:(?!//).+")


@dataclass(frozen=True)
class Sent:
    """A publish: where to, of which version, and what it changed, or would change."""

    destination: str
    version: str
    changes: Changes
    dry_run: bool


class UnknownTargetError(ValueError):
    """A text that names no destination; what is said is in both languages."""


def send(target: str, site: Path, *, branch: str = "", endpoint: str = "", dry_run: bool = False) -> Sent:
    """Publish a sealed site to a destination and return what changed there; with `dry_run`, what would change.

    Nothing is sent where nothing would change. Raises UnknownTargetError for a target that is none, and BuildError
    where the destination does not answer, is not for sites, or cannot be written.
    """
    found = read_site(site)
    with opened(target, branch, endpoint) as destination, nullcontext() if dry_run else _held_still(found.folder):
        held = destination.held(found)
        changes = compare(found, held)
        if (changes or held.unfinished) and not dry_run:
            destination.put(found, changes, held)
        return Sent(destination.name, found.version, changes, dry_run)


def _held_still(site: Path) -> "Lock | nullcontext[None]":
    """Return what keeps a build from taking the site away while it is sent."""
    out = site.parent.parent
    return Lock(out) if site.parent.name == "versions" and (out / "build.lock").is_file() else nullcontext()


@contextmanager
def opened(target: str, branch: str = "", endpoint: str = "") -> Iterator[Destination]:
    """Hand out the destination that a target names. Raises UnknownTargetError.

    /srv/www/minhbach                     a folder
    git+https://host/site.git#gh-pages    a branch; or, with `branch`, an address, a folder or a remote's name
    rsync://host/module/path, host:path   rsync's daemon, rsync over ssh
    s3://bucket/prefix                    S3; `endpoint` is the server's address where it is not Amazon's
    """
    here = Path.cwd()
    repository, _, fragment = target.removeprefix("git+").partition("#")
    is_git = target.startswith("git+")
    if endpoint and not target.startswith("s3://"):
        raise UnknownTargetError("--endpoint: chỉ cho s3:// / for s3:// alone")
    if not is_git and branch and re.match(r"s3://|rsync://", target):
        raise UnknownTargetError("--branch: chỉ cho git / for git alone")
    if is_git or branch:
        name = branch or fragment
        if not name or not repository or repository.startswith("-"):
            raise UnknownTargetError("git+ADDRESS#BRANCH, --branch BRANCH")
        with git_branch.opened(repository if is_git else target, name, here) as destination:
            yield destination
    elif target.startswith("s3://"):
        match = _S3.fullmatch(target)
        if match is None:
            raise UnknownTargetError("s3://BUCKET/PREFIX")
        prefix = (match["prefix"] or "").strip("/")
        yield ByManifest(bucket(match["bucket"], f"{prefix}/" if prefix else "", endpoint))
    elif _RSYNC.fullmatch(target) and not (here / target).exists():
        yield ByManifest(Rsync(target))
    elif "://" in target or not target.strip() or target.startswith("-"):
        raise UnknownTargetError(
            "FOLDER, git+ADDRESS#BRANCH, rsync://HOST/MODULE/PATH, USER@HOST:PATH, s3://BUCKET/PREFIX"
        )
    else:
        yield FolderDestination(here / target)


def below(target: str, folder: str) -> str:
    """Return the target that stands in a folder of another. Raises UnknownTargetError for a branch, which has none.

    A publish takes away only what an earlier publish to the same target put there, so each leaves the other alone.
    """
    if target.startswith("git+"):
        raise UnknownTargetError(
            "một nhánh git chỉ giữ một trang; mỗi nơi một kho, với --site / a branch of git holds one site; give each "
            "place a repository, with --site"
        )
    return f"{target.rstrip('/')}/{folder}"


_KINDS = ("added", "changed", "removed")


def as_sent_record(sent: Sent) -> dict[str, object]:
    """Return a publish as `publish --json` prints it."""
    files = {kind: [{"path": file.path, "bytes": file.size} for file in getattr(sent.changes, kind)] for kind in _KINDS}
    return {"destination": sent.destination, "version": sent.version, "dry_run": sent.dry_run, **files}


def shown_changes(sent: Sent, words: Words) -> Iterator[str]:
    """Yield the lines that tell of a publish; of one that only would be, every file with its size."""
    for kind in _KINDS if sent.dry_run else ():
        for file in getattr(sent.changes, kind):
            yield f"{words.text(f'publish.{kind}')}  {file.path}  {words.fill('publish.bytes', n=file.size)}"
    key = "would" if sent.dry_run else "done"
    counts = {kind: len(getattr(sent.changes, kind)) for kind in _KINDS}
    size = sum(file.size for file in sent.changes.sent())
    said = {"destination": sent.destination, "version": sent.version, "size": size, **counts}
    yield words.fill(f"publish.{key}" if sent.changes else "publish.nothing", **said)
