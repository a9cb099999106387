"""Keep what is costly to make from one build to the next, under a name that stands for all that it was made from.

What is kept is taken only if it is whole: a file that was damaged or half written is as if it were not there.
"""

import hashlib
import pickle
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from build_tools.output import OutputFile, make_folder, remove_others
from build_tools.store import SUM, File, StoredFile, packed, stored, unpacked, whole, write_packed
from build_tools.workers import Workers

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 512  # items that are held in memory together


@dataclass(frozen=True)
class Form(Generic[R]):
    """How results of one kind become bytes and are read again, by functions of a module."""

    packed: Callable[[R], bytes]
    unpacked: Callable[[bytes], R]


@dataclass(frozen=True)
class Kept(Generic[R]):
    """A result that waits on the disk."""

    path: Path
    form: Form[R]

    def __call__(self) -> R:
        """Read it."""
        return self.form.unpacked(whole(self.path))

    def as_file(self, path: str) -> StoredFile:
        """Return a result that is nothing but bytes as a file to write."""
        with self.path.open("rb") as file:
            digest = file.read(SUM)
        return StoredFile(path, self.path, SUM, self.path.stat().st_size - SUM, digest.hex())


class Cache:
    """A folder with a folder for each kind of result; without one nothing is kept.

    What is asked for `anew` is made as if nothing had been kept.
    """

    def __init__(self, folder: Path | None = None, anew: bool = False) -> None:
        self._folder = folder
        self._anew = anew

    @property
    def keeps(self) -> bool:
        """Whether there is a folder."""
        return self._folder is not None

    def map(
        self,
        kind: str,
        workers: Workers,
        function: Callable[[T], R],
        items: Iterable[T],
        form: Form[R],
        few: int = 2,
        basis: str = "",
    ) -> list[R]:
        """Return what a function of a module makes of each item; what was made before is taken as it was kept.

        `basis` names what the result depends on beside the item, which is all code and every library where it is empty.
        Afterwards the cache holds, of this kind, what these items need and nothing else.
        """
        if self._folder is None:
            return workers.map(function, list(items), few)
        return [kept() for kept in self.keep(kind, workers, function, items, form, few, basis)]

    def keep(
        self,
        kind: str,
        workers: Workers,
        function: Callable[[T], R],
        items: Iterable[T],
        form: Form[R],
        few: int = 2,
        basis: str = "",
    ) -> list[Kept[R]]:
        """Return the same results as they wait on the disk, which the workers write to; for a cache with a folder.

        Items are taken in turns, so that neither they nor what is made of them need be in memory together.
        """
        if self._folder is None:
            raise ValueError("a cache without a folder keeps nothing")
        folder = self._folder / kind
        make_folder(folder)
        names: list[str] = []
        sound: set[str] = set()
        left = iter(items)
        while some := list(islice(left, AT_ONCE)):
            now = [_name(function, item, basis or code()) for item in some]
            names += now
            missing = {}
            for name, item in zip(now, some, strict=True):
                if name not in sound and (self._anew or not _is_whole(folder / name)):
                    missing[name] = item
                sound.add(name)
            _make(function, form, folder, missing, workers, few)
        remove_others(folder, sound)
        return [Kept(folder / name, form) for name in names]

    def files(
        self,
        kind: str,
        workers: Workers,
        function: Callable[[T], list[OutputFile]],
        items: Iterable[T],
    ) -> list[list[File]]:
        """Return the files that a function of a module makes of each item; they wait on the disk if the cache does."""
        if self._folder is None:
            return [list[File](files) for files in workers.map(function, list(items))]
        return [list[File](stored(kept.path)) for kept in self.keep(kind, workers, function, items, FILES)]


NOTHING_KEPT = Cache()


def _make(
    function: Callable[[T], R], form: Form[R], folder: Path, missing: dict[str, T], workers: Workers, few: int
) -> None:
    """Make what is missing and write each to its place."""
    if workers.share_disk:
        workers.map(_write_one, [(function, form, item, folder / name) for name, item in missing.items()], few)
        return
    done = workers.map(_packed_one, [(function, form, item) for item in missing.values()], few)
    for name, content in zip(missing, done, strict=True):
        write_packed(folder / name, [content])


def _packed_one(asked: tuple[Callable[[T], R], Form[R], T]) -> bytes:
    function, form, item = asked
    return form.packed(function(item))


def _write_one(asked: tuple[Callable[[T], R], Form[R], T, Path]) -> None:
    function, form, item, path = asked
    write_packed(path, [_packed_one((function, form, item))])


@cache
def code() -> str:
    """Return a name for all that runs: the files of this package, every library with its version, and Python."""
    found = hashlib.sha256(sys.version.encode())
    here = Path(__file__).parent
    for path in sorted(here.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(f"{path.relative_to(here).as_posix()}\n".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    found.update("\n".join(sorted(f"{d.metadata['Name']} {d.version}" for d in distributions())).encode())
    return found.hexdigest()


def pack_files(files: Iterable[OutputFile]) -> bytes:
    """Return files as one run of bytes."""
    return b"".join(packed(files))


def unpack_files(content: bytes) -> list[OutputFile]:
    """Return the files that were packed; raises ValueError where the bytes are no such run."""
    return [OutputFile(path, content[start:end]) for path, start, end in unpacked(content)]


FILES: Form[list[OutputFile]] = Form(pack_files, unpack_files)
BYTES: Form[bytes] = Form(bytes, bytes)


def _name(function: Callable[[T], object], item: T, basis: str) -> str:
    stands_for = f"{basis}\n{function.__module__}.{function.__qualname__}\n".encode()
    return hashlib.sha256(stands_for + pickle.dumps(item, protocol=5)).hexdigest()


def _is_whole(path: Path) -> bool:
    """Return whether something was kept, and is what was written."""
    try:
        whole(path)
    except (OSError, ValueError):
        return False
    return True
