"""What every destination of a site has in common: what is there, what would change, in which order it is sent.

A destination's `manifest.json` says what was whole last. Where a site cannot be replaced in one step, a journal says
which files are on their way, until all of them have arrived:

    publishing.json   {"paths": ["bao-cao/x/index.html", …]}

So a publish that was killed leaves the manifest of the site before, and the next one knows of every file in doubt.
"""

import hashlib
import json
import os
import posixpath
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from build_tools.errors import BuildError
from build_tools.output import CHECKSUMS, MANIFEST, SIGNATURE, check_path, checksums_of, size_and_hash

JOURNAL = "publishing.json"
LISTINGS = (CHECKSUMS, SIGNATURE, MANIFEST)  # in the order in which they are sent, after all else


@dataclass(frozen=True, order=True)
class File:
    """A file of a site: its path, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str = ""


@dataclass(frozen=True)
class Site:
    """A sealed site in a folder: its files, the listings among them, and the name of its version."""

    folder: Path
    files: Mapping[str, File]
    version: str


@dataclass(frozen=True)
class Held:
    """What a destination holds of ours: the files that are whole, and those a publish left in doubt."""

    files: Mapping[str, File] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()  # the paths that no publish of ours put there
    unfinished: bool = False  # a publish did not come to its end, whatever it left
    leftovers: tuple[str, ...] = ()  # files half sent, under names that the medium gave them


@dataclass(frozen=True)
class Changes:
    """What a publish would change, in order."""

    added: tuple[File, ...] = ()
    changed: tuple[File, ...] = ()
    removed: tuple[File, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.added or self.changed or self.removed)

    def sent(self) -> tuple[File, ...]:
        """Return the files that would be sent."""
        return tuple(sorted((*self.added, *self.changed)))


class Destination(Protocol):
    """A place that sites are published to, while it is open."""

    @property
    def name(self) -> str:
        """What it is called by whoever reads, without a password."""

    def held(self, site: Site) -> Held:
        """Return what is there. Raises BuildError for a place that does not answer or is not for sites."""

    def put(self, site: Site, changes: Changes, held: Held) -> None:
        """Let the destination hold the site. Raises BuildError; what is there then is as said above."""


def read_site(folder: Path) -> Site:
    """Return the sealed site of a folder; raise BuildError for a folder that holds none."""
    folder = folder.resolve()
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise BuildError(
            str(folder),
            f"không có {MANIFEST} / has no {MANIFEST}",
            "Dựng trang trước / Build the site: minhbach build.",
        )
    content = manifest.read_bytes()
    files = dict(listed(content))
    signature = folder / SIGNATURE
    if signature.is_file():
        files[SIGNATURE] = File(SIGNATURE, *size_and_hash(signature))
    return Site(folder, files, hashlib.sha256(content).hexdigest()[:16])


def listed(manifest: bytes) -> Mapping[str, File]:
    """Return what a manifest lists and the two listings themselves, by path; ValueError for what is no manifest."""
    try:
        entries = [
            (str(entry["path"]), int(entry["bytes"]), str(entry["sha256"]))
            for entry in json.loads(manifest.decode("utf-8"))["files"]
        ]
        for path, _, _ in entries:
            check_path(path)
    except (ValueError, TypeError, KeyError, RecursionError, BuildError) as error:
        raise ValueError(f"{MANIFEST}: {error}") from error
    files = {path: File(path, size, digest) for path, size, digest in entries}
    for name, content in ((CHECKSUMS, checksums_of(entries, manifest)), (MANIFEST, manifest)):
        files[name] = File(name, len(content), hashlib.sha256(content).hexdigest())
    return files


def compare(site: Site, held: Held) -> Changes:
    """Return what a publish of the site would change there; BuildError where it would overwrite what is not ours."""
    if taken := sorted(held.foreign & site.files.keys()):
        raise BuildError(
            ", ".join(taken[:5]) + (" …" if len(taken) > 5 else ""),
            "có sẵn ở đích mà không do lần công bố nào đặt / is at the destination and no publish put it there",
            "Chọn đích khác hoặc dọn các tệp ấy / Choose another destination, or take these files away.",
        )
    added, changed = [], []
    for path, file in sorted(site.files.items()):
        there = held.files.get(path)
        if there is None:
            added.append(file)
        elif there != file or path in held.doubtful:
            changed.append(file)
    gone = (held.files.keys() | held.doubtful) - site.files.keys()
    return Changes(tuple(added), tuple(changed), tuple(held.files.get(path, File(path, 0)) for path in sorted(gone)))


# -- destinations that cannot be replaced in one step -----------------------------------------------------------------


class Medium(Protocol):
    """Storage that takes files one by one."""

    @property
    def name(self) -> str:
        """What it is called by whoever reads, without a password."""

    def look(self) -> Mapping[str, int]:
        """Return the size of every file there, by path."""

    def read(self, path: str) -> bytes:
        """Return a file that is there."""

    def write(self, path: str, content: bytes) -> None:
        """Write a small file."""

    def send(self, site: Site, paths: Sequence[str]) -> None:
        """Send files of a site; none of them is ever there in half."""

    def delete(self, paths: Sequence[str], kept: Iterable[str]) -> None:
        """Delete files, whether or not they are there; `kept` are those that stay."""

    def half_of(self, path: str) -> str:
        """Return the path of the file that one there is a half sent copy of, empty if it is none."""


@dataclass(frozen=True)
class ByManifest:
    """A destination on a medium that takes files one by one: pages after what they show, the manifest last of all."""

    medium: Medium

    @property
    def name(self) -> str:
        """What the medium is called."""
        return self.medium.name

    def held(self, site: Site) -> Held:
        """Return what manifest and journal say, as far as the files are there in their size."""
        del site
        seen = self.medium.look()
        told: Mapping[str, File] = {}
        doubtful: frozenset[str] = frozenset()
        try:
            if MANIFEST in seen:
                told = listed(self.medium.read(MANIFEST))
            if JOURNAL in seen:
                doubtful = frozenset(map(str, json.loads(self.medium.read(JOURNAL))["paths"]))
                for path in doubtful:
                    check_path(path)
        except (ValueError, TypeError, KeyError, BuildError) as error:
            raise BuildError(
                self.name,
                f"{MANIFEST} hay {JOURNAL} ở đích không đọc được / cannot be read there: {error}",
                "Chọn đích khác, hoặc dọn đích / Choose another destination, or empty this one.",
            ) from error
        files = {path: file for path, file in told.items() if seen.get(path) == file.size}
        if SIGNATURE in seen and told:
            files[SIGNATURE] = File(SIGNATURE, seen[SIGNATURE], hashlib.sha256(self.medium.read(SIGNATURE)).hexdigest())
        ours = {*told, *doubtful, JOURNAL, SIGNATURE}
        halves = sorted(path for path in seen if self.medium.half_of(path) in ours)
        # A file in doubt that never arrived is none to remove.
        return Held(
            files,
            doubtful & seen.keys(),
            frozenset(seen.keys() - ours - set(halves)),
            JOURNAL in seen,
            tuple(halves),
        )

    def put(self, site: Site, changes: Changes, held: Held) -> None:
        """Send what the pages show, then the pages, then the listings, then delete what is gone."""
        gone = [file.path for file in changes.removed]
        ways = [[file.path for file in changes.sent() if _turn(file.path) == turn] for turn in (0, 1)]
        listings = [path for path in LISTINGS if any(file.path == path for file in changes.sent())]
        if MANIFEST in site.files and MANIFEST not in listings:
            listings.append(MANIFEST)  # It says that all before it has arrived, whatever stood there.
        kept = site.files.keys() | held.foreign
        self._note({*held.doubtful, *gone, *(file.path for file in changes.sent())})
        in_the_way = [*held.leftovers, *(path for path in gone if _blocks(path, site.files))]
        if in_the_way:
            self.medium.delete(in_the_way, kept)
        for paths in (*ways, *([path] for path in listings)):
            if paths:
                self.medium.send(site, paths)
        if late := [path for path in gone if path not in in_the_way]:
            self._note(gone)
            self.medium.delete(late, kept)
        self.medium.delete([JOURNAL], kept)

    def _note(self, paths: Iterable[str]) -> None:
        self.medium.write(JOURNAL, json.dumps({"paths": sorted(paths)}, ensure_ascii=False, indent=0).encode() + b"\n")


def _turn(path: str) -> int:
    """Return when a file is sent: 0 before the pages, 1 with them, 2 after them."""
    return 2 if path in LISTINGS else 1 if path.endswith(".html") else 0


def _blocks(path: str, files: Iterable[str]) -> bool:
    """Say whether a file stands where a folder has to be, or in a folder where a file has to be."""
    return any(other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in files)


def folders_of(paths: Iterable[str]) -> set[str]:
    """Return the folders that the paths lead through."""
    found: set[str] = set()
    for path in paths:
        while path := posixpath.dirname(path):
            found.add(path)
    return found


# -- programs of others -----------------------------------------------------------------------------------------------

_PASSWORD = re.compile(r"(?<=//)[^/@\s'\"]*@")


def without_password(text: str) -> str:
    """Return text in which an address keeps no name and no password."""
    return _PASSWORD.sub("***@", text)


def run(
    command: Sequence[str],
    place: str,
    remedy: str,
    *,
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
    allowed: Sequence[int] = (0,),
) -> subprocess.CompletedProcess[bytes]:
    """Return what a program said; raise BuildError, without passwords, where it is missing or ends otherwise."""
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, check=False, env={**os.environ, **(environment or {})}
        )
    except FileNotFoundError as error:
        raise BuildError(
            place, f"không có {command[0]} / there is no {command[0]}", f"Cài {command[0]} / Install {command[0]}."
        ) from error
    if done.returncode not in allowed:
        said = without_password(done.stderr.decode("utf-8", "replace").strip()[-1500:])
        raise BuildError(place, f"{command[0]}: {said or f'exit {done.returncode}'}", remedy)
    return done
