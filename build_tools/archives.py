"""Open minhbach's own zips of packages: bounded in size, in entries and in paths, and only for commands that check."""

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

MOST_ENTRIES = 200
MOST_BYTES = 200_000_000  # of all files together, unpacked
_PATH = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)/([A-Za-z0-9][A-Za-z0-9_.-]*)")
_CHUNK = 1 << 20


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


def _unpack(path: Path, into: Path) -> Path:
    """Unpack a zip and return the folder of its package."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise _refused(path, f"{len(entries)} mục, nhiều hơn {MOST_ENTRIES} / more than {MOST_ENTRIES} entries")
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
                with archive.open(entry) as source, target.open("xb") as out:
                    while chunk := source.read(_CHUNK):  # What an entry says of its size is not believed.
                        left -= len(chunk)
                        if left < 0:
                            raise _refused(path, f"quá {MOST_BYTES} byte / more than {MOST_BYTES} bytes unpacked")
                        out.write(chunk)
            return folder
    except (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, OSError, ValueError) as error:
        # NotImplementedError: a compression that the library does not know; RuntimeError: a zip under a password.
        raise _refused(path, f"không đọc được / cannot be read: {error}") from error


def _package_of(path: Path, entry: zipfile.ZipInfo) -> str:
    """Return the folder of an entry; raise BuildError for whatever is no plain file right below one."""
    match = _PATH.fullmatch(entry.filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if match is None or kind not in (0, stat.S_IFREG):
        raise _refused(path, f"có {entry.filename!r}, không phải tệp thường trong thư mục gói / is no plain file of it")
    return match[1]


def _refused(path: Path, what: str) -> BuildError:
    remedy = "Dùng tệp zip tải từ trang dữ liệu, hoặc thư mục gói / Use a zip of the data pages, or a package's folder."
    return BuildError(str(path), what, remedy)
