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
from pathlib import Path
from typing import Generic, TypeVar

from build_tools.output import OutputFile, write
from build_tools.workers import Workers

T = TypeVar("T")
R = TypeVar("R")

_SUM = hashlib.sha256().digest_size
_NUMBER = 8  # bytes of a length


@dataclass(frozen=True)
class Form(Generic[R]):
    """How results of one kind become bytes and are read again; `unpacked` may raise ValueError."""

    packed: Callable[[R], bytes]
    unpacked: Callable[[bytes], R]


class Cache:
    """A folder with a folder for each kind of result; without one nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

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
        listed = list(items)
        if self._folder is None:
            return workers.map(function, listed, few)
        folder = self._folder / kind
        names = [_name(function, item, basis or code()) for item in listed]
        found = {name: _kept(folder / name, form) for name in dict.fromkeys(names)}
        missing = {name: item for name, item in zip(names, listed, strict=True) if found[name] is None}
        made = dict(zip(missing, workers.map(function, missing.values(), few), strict=True))
        kept = {name: result for name, result in found.items() if result is not None} | made
        write(folder, (OutputFile(name, _with_sum(form.packed(result))) for name, result in kept.items()))
        return [kept[name] for name in names]


NOTHING_KEPT = Cache()


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
    parts = []
    for file in files:
        for part in (file.path.encode(), file.content):
            parts += [len(part).to_bytes(_NUMBER, "big"), part]
    return b"".join(parts)


def unpack_files(content: bytes) -> list[OutputFile]:
    """Return the files that were packed; raises ValueError where the bytes are no such run."""
    parts, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + _NUMBER], "big")
        at += _NUMBER
        parts.append(content[at : at + length])
        at += length
    if at != len(content) or len(parts) % 2:
        raise ValueError("cut short")
    return [OutputFile(path.decode(), part) for path, part in zip(parts[::2], parts[1::2], strict=True)]


FILES: Form[list[OutputFile]] = Form(pack_files, unpack_files)
BYTES: Form[bytes] = Form(bytes, bytes)


def _name(function: Callable[[T], object], item: T, basis: str) -> str:
    stands_for = f"{basis}\n{function.__module__}.{function.__qualname__}\n".encode()
    return hashlib.sha256(stands_for + pickle.dumps(item, protocol=5)).hexdigest()


def _kept(path: Path, form: Form[R]) -> R | None:
    """Return what was kept, None where there is nothing or it is not whole."""
    try:
        content = path.read_bytes()
        if hashlib.sha256(content[_SUM:]).digest() != content[:_SUM]:
            return None
        return form.unpacked(content[_SUM:])
    except (OSError, ValueError):
        return None


def _with_sum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest() + content
