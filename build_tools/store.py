"""Files of a site that wait on the disk until they are published, so that they need no memory meanwhile.

Many stand in one file: a checksum of what follows, then, by turns, the path and the content of each, with its length
before it. What is kept from one build to the next is of the same form.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from build_tools.errors import BuildError
from build_tools.output import OutputFile

SUM = hashlib.sha256().digest_size
_NUMBER = 8  # bytes of a length


@dataclass(frozen=True)
class StoredFile:
    """A file to write, like OutputFile, whose bytes are read from where they wait each time they are asked for."""

    path: str
    store: Path
    start: int  # of its bytes
    size: int
    sha256: str

    @property
    def content(self) -> bytes:
        """Its bytes; BuildError where they are no longer what was stored."""
        with self.store.open("rb") as file:
            file.seek(self.start)
            content = file.read(self.size)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise BuildError(str(self.store), "changed while the build was at work", "Build again")
        return content


File = OutputFile | StoredFile


class Store:
    """A folder of such files; without one everything stays in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def put(self, name: str, files: Iterable[File]) -> list[File]:
        """Return files as they now stand in the store under a name, which is theirs alone."""
        if self._folder is None:
            return list(files)
        path = self._folder / name
        write_packed(path, packed(files))
        return list(stored(path))


IN_MEMORY = Store()


class Texts(Mapping[str, str]):
    """Texts by name that wait in a store."""

    def __init__(self, files: Iterable[File]) -> None:
        self._files = {file.path: file for file in files}

    def __getitem__(self, name: str) -> str:
        return self._files[name].content.decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def packed(files: Iterable[File]) -> Iterator[bytes]:
    """Yield the bytes of files, each with its path."""
    for file in files:
        for part in (file.path.encode(), file.content):
            yield len(part).to_bytes(_NUMBER, "big")
            yield part


def unpacked(content: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield the path of each file, and where its bytes begin and end; ValueError where the bytes are no such run."""
    at, path = 0, None
    while at < len(content):
        start = at + _NUMBER
        at = start + int.from_bytes(content[at:start], "big")
        if at > len(content):
            raise ValueError("cut short")
        if path is None:
            path = content[start:at].decode()
        else:
            yield path, start, at
            path = None
    if path is not None:
        raise ValueError("cut short")


def stored(path: Path) -> Iterator[StoredFile]:
    """Yield the files that wait in one; ValueError where it is not whole."""
    content = whole(path)
    for name, start, end in unpacked(content):
        yield StoredFile(name, path, SUM + start, end - start, hashlib.sha256(content[start:end]).hexdigest())


def write_packed(path: Path, parts: Iterable[bytes]) -> None:
    """Write bytes with the checksum of all of them before; whoever looks finds the whole or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")  # no path of a site may be hidden: it is swept away
    found = hashlib.sha256()
    try:
        with unfinished.open("wb") as file:
            file.write(bytes(SUM))
            for part in parts:
                found.update(part)
                file.write(part)
            file.seek(0)
            file.write(found.digest())
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def whole(path: Path) -> bytes:
    """Return what stands in a file after its checksum; ValueError where it is not what was written."""
    content = path.read_bytes()
    if hashlib.sha256(memoryview(content)[SUM:]).digest() != content[:SUM]:
        raise ValueError(f"{path} is not whole")
    return content[SUM:]
