"""Open minhbach's own zips: bounded in size, in entries and in paths, and only for commands that check."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from build_tools.errors import BuildError
from build_tools.output import check_path

MOST_ENTRIES = 200
MOST_IN_ALL = 20_000  # entries of the zip that holds every package
MOST_BYTES = 200_000_000  # of all files together, unpacked
_PATH = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)/([A-Za-z0-9][A-Za-z0-9_.-]*)")
_CHUNK = 1 << 20
# What zipfile raises on an archive that it cannot read: ValueError for places before its beginning, RuntimeError under
# a password and, as NotImplementedError, for a compression that it does not know.
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, OSError, ValueError)


@contextmanager
def unpacked(paths: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """Yield the paths, each zip among them as the folder of the package in it; the folders go away afterwards.

    Raises BuildError for a zip that does not look like one of minhbach's own: one folder, named as a package, with
    plain files in it.
    """
    with ExitStack() as stack:
        found = []
        for path in paths:
            if path.suffix == ".zip" and path.is_file():
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="minhbach-")))
                found.append(_unpack(path, folder))
            else:
                found.append(path)
        yield tuple(found)


def contents(path: Path) -> dict[str, bytes]:
    """Return the files of a zip by their paths in it, whatever folders they stand in.

    Raises BuildError for a zip that cannot be read, holds too much, or holds what is no plain file.
    """
    found: dict[str, bytes] = {}
    with _opened(path, MOST_IN_ALL) as archive:
        left = MOST_BYTES
        for entry in archive.infolist():
            if not _is_plain(entry):
                raise _refused(path, f"có {entry.filename!r}, không phải tệp thường / is no plain file")
            check_path(entry.filename)
            if entry.filename in found:
                raise _refused(path, f"{entry.filename} có hai lần / stands twice")
            found[entry.filename] = b"".join(_chunks(path, archive, entry, left))
            left -= len(found[entry.filename])
    return found


def _unpack(path: Path, into: Path) -> Path:
    """Unpack a zip and return the folder of its package."""
    with _opened(path, MOST_ENTRIES) as archive:
        entries = archive.infolist()
        names = {_package_of(path, entry) for entry in entries}
        if len(names) != 1:
            raise _refused(path, "cần đúng một thư mục gói / exactly one folder of a package is needed")
        folder = into / names.pop()
        folder.mkdir()
        left = MOST_BYTES
        for entry in entries:
            target = folder / Path(entry.filename).name
            if target.exists():
                raise _refused(path, f"{entry.filename} có hai lần / stands twice")
            with target.open("xb") as out:
                for chunk in _chunks(path, archive, entry, left):
                    left -= out.write(chunk)
    return folder


@contextmanager
def _opened(path: Path, most: int) -> Iterator[zipfile.ZipFile]:
    """Hand out an archive of so many entries at most; what goes wrong in reading it refuses it by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > most:
                count = len(archive.infolist())
                raise _refused(path, f"{count} mục, nhiều hơn {most} / more than {most} entries")
            yield archive
    except DAMAGED as error:
        raise _refused(path, f"không đọc được / cannot be read: {error}") from error


def _chunks(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
    """Yield an entry's content piece by piece; what it says of its own size is not believed."""
    with archive.open(entry) as source:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise _refused(path, f"quá {MOST_BYTES} byte / more than {MOST_BYTES} bytes unpacked")
            yield chunk


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    return stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG)


def _package_of(path: Path, entry: zipfile.ZipInfo) -> str:
    """Return the folder of an entry; raise BuildError for whatever is no plain file right below one."""
    match = _PATH.fullmatch(entry.filename)
    if match is None or not _is_plain(entry):
        raise _refused(path, f"có {entry.filename!r}, không phải tệp thường trong thư mục gói / is no plain file of it")
    return match[1]


def _refused(path: Path, what: str) -> BuildError:
    remedy = "Dùng tệp zip tải từ trang dữ liệu, hoặc thư mục gói / Use a zip of the data pages, or a package's folder."
    return BuildError(str(path), what, remedy)
