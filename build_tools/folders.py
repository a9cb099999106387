"""The folder of a package: what may stand in it, which paths lead into it, and the bytes of its files.

No link, device or pipe is opened, no path leads out of the folder, and no file is read beyond a bound.
"""

import gzip
import io
import os
import re
import stat
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MOST_BYTES = 100_000_000  # of one file, also of one that is packed
MOST_ENTRIES = 20_000
WINDOWS_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_LONGEST_PART, _LONGEST_PATH = 200, 500


class TooLargeError(ValueError):
    """A file that is larger than what is read; `bytes` says how large, as far as it is known."""

    def __init__(self, size: int):
        super().__init__(size)
        self.bytes = size


class DamagedError(ValueError):
    """A packed file that cannot be unpacked."""


def odd_entries(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and kind of everything below a folder that is neither an ordinary file nor a folder.

    Hidden folders are passed by: no path may lead into them.
    """
    seen = 0
    for parent, names, files in os.walk(folder):
        for name in sorted([*names, *files]):
            entry = Path(parent) / name
            mode = entry.lstat().st_mode
            if stat.S_ISLNK(mode):
                yield shown(entry.relative_to(folder)), "liên kết / a link"
            elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                yield shown(entry.relative_to(folder)), "thiết bị hoặc ống / a device or pipe"
        names[:] = sorted(name for name in names if not name.startswith("."))
        seen += len(names) + len(files)
        if seen > MOST_ENTRIES:
            yield ".", f"thư mục có quá {MOST_ENTRIES} tệp / a folder of more than {MOST_ENTRIES} files"
            return


def shown(path: Path) -> str:
    """Return a path as text, bytes that are no text as escapes."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def path_problem(path: str) -> str:
    """Return why a path may not be followed, in both languages; nothing for one that stays in the package."""
    pure = PurePosixPath(path)
    if "://" in path or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path):
        return "là địa chỉ mạng hoặc ổ đĩa / is an address or a drive"
    if path.startswith(("/", "~")) or "\\" in path:
        return "không phải đường dẫn tương đối / is not relative"
    if ".." in pure.parts or "%" in path or "$" in path:
        return "ra ngoài thư mục của gói / leads out of the package"
    if any(part.startswith(".") for part in pure.parts):
        return "đi qua phần ẩn / goes through a hidden part"
    if any(unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" for c in path):
        return "có ký tự điều khiển / has a control character"
    if not unicodedata.is_normalized("NFC", path):
        return "không ở dạng NFC / is not in NFC"
    if any(WINDOWS_RESERVED.fullmatch(part) for part in pure.parts):
        return "là tên dành riêng của hệ điều hành / is a reserved name"
    if any(c in '<>:"|?*' for c in path):
        return 'có một trong các ký tự <>:"|?* / has one of the characters <>:"|?*'
    if not pure.parts or path.endswith("/") or any(part != part.strip() or part.endswith(".") for part in pure.parts):
        return "không phải tên tệp / is no name of a file"
    if len(path) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_PART for part in pure.parts):
        return "quá dài / is too long"
    return ""


def twin(folder: Path, path: str, known: dict[Path, dict[str, list[str]]]) -> str:
    """Return a name beside a file that some systems take for the same (A.csv and a.csv), nothing if there is none.

    `known` keeps the names of the folders that were looked into.
    """
    at = folder
    for part in PurePosixPath(path).parts:
        if at not in known:
            known[at] = {}
            for entry in sorted(at.iterdir()):
                known[at].setdefault(_folded(entry.name), []).append(entry.name)
        other = next((name for name in known[at].get(_folded(part), ()) if name != part), "")
        if other:
            return shown(Path(other))
        at = at / part
    return ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name.encode("utf-8", "replace").decode()).casefold()


def read_bytes(folder: Path, path: str, most: int = MOST_BYTES) -> bytes | None:
    """Return what a file of a package holds; None when there is no such file, or it is no ordinary one.

    The path is one without a problem. Raises TooLargeError.
    """
    file = folder
    for part in PurePosixPath(path).parts:
        file /= part
        if file.is_symlink():
            return None
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > most:
            raise TooLargeError(status.st_size)
        with os.fdopen(handle, "rb", closefd=False) as opened:
            content = opened.read(most + 1)
    finally:
        os.close(handle)
    if len(content) > most:
        raise TooLargeError(len(content))
    return content


def unpack(content: bytes, most: int = MOST_BYTES) -> bytes:
    """Return what a gz file holds; TooLargeError beyond a bound, DamagedError for one that cannot be unpacked."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            unpacked = packed.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedError(str(error)) from error
    if len(unpacked) > most:
        raise TooLargeError(len(unpacked))
    return unpacked
