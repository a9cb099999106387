"""Write what changed, remove what is stale, swap at the end.

An out folder looks like this; only `site` is served, and it is replaced in one step:

    build/
      build.lock          held while a build runs
      vi/  en/            what MkDocs reads, kept from build to build
      staging/            a build that is under way; whatever stands here is of no value to the next one
      versions/<hash>/    complete sites, named after what they hold
      site -> versions/<hash>
      previous -> versions/<hash>
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol

from build_tools.errors import BuildError

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
SIGNATURE = f"{CHECKSUMS}.minisig"  # what a maintainer may put beside the checksums; no listing names it

_RESERVED_ON_WINDOWS = frozenset(
    ["aux", "con", "conin$", "conout$", "nul", "prn"] + [port + n for port in ("com", "lpt") for n in "123456789¹²³"]
)
_FORBIDDEN = frozenset('\\:*?"<>|')
_LONGEST_NAME = 255  # bytes, on every common file system
_UNFINISHED = ".unfinished"  # No path may hold a hidden part, so the next build sweeps it away as stale.
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class OutputFile:
    """A file to write: a path relative to its target folder, with forward slashes, and its bytes."""

    path: str
    content: bytes

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


class Writable(Protocol):
    """What can be written: an OutputFile, or a file whose bytes wait elsewhere until they are asked for."""

    @property
    def path(self) -> str:
        """Its path relative to its target folder, with forward slashes."""

    @property
    def content(self) -> bytes:
        """Its bytes."""


@dataclass(frozen=True)
class Written:
    """What became of a folder's files: their paths, in order."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def write(folder: Path, files: Iterable[Writable]) -> Written:
    """Make the folder hold exactly these files, and say which of them changed.

    Files are taken one at a time, so that they need not be in memory together. No symbolic link inside the folder is
    followed: one that stands where a file or a folder belongs is replaced, any other is stale.
    """
    names = Names()
    changed, unchanged = [], []
    with disk_faults(folder), _opened(folder) as root:
        for file in files:
            parts = names.take(file.path)
            with _descended(root, parts[:-1]) as parent:
                if _holds(parent, parts[-1], file.content):
                    unchanged.append(file.path)
                else:
                    _put(parent, parts[-1], file.content)
                    changed.append(file.path)
        removed = list(_sweep(root, names, ""))
    return Written(tuple(sorted(changed)), tuple(sorted(unchanged)), tuple(sorted(removed)))


def add(folder: Path, files: Iterable[Writable], names: "Names | None" = None) -> tuple[str, ...]:
    """Write these files beside what the folder holds already, and return their paths; a path in use is refused.

    `names` are the paths in use, where the caller keeps account of them; else the folder is read.
    """
    names = names if names is not None else Names(paths_in(folder))
    added = []
    with disk_faults(folder), _opened(folder) as root:
        for file in files:
            parts = names.take(file.path)
            with _descended(root, parts[:-1]) as parent:
                _put(parent, parts[-1], file.content)
            added.append(file.path)
    return tuple(added)


def make_folder(folder: Path) -> None:
    """Make a folder where it is not there; BuildError where a link stands in its place."""
    with disk_faults(folder), _opened(folder):
        pass


def remove_others(folder: Path, paths: Iterable[str]) -> None:
    """Let a folder, which is made if it is not there, hold none but files at these paths."""
    with disk_faults(folder), _opened(folder) as root:
        for _ in _sweep(root, Names(paths), ""):
            pass


class Names:
    """The paths of one folder, none of which another file system would take for another."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        for path in paths:
            self.take(path)

    def take(self, path: str) -> list[str]:
        """Return the parts of a path that is sound and not in use, and remember it."""
        parts = check_path(path)
        for n in range(1, len(parts)):
            self._enter("/".join(parts[:n]), path)
        key = _folded(path)
        if (other := self._files.get(key) or self._folders.get(key)) is not None:
            raise _collision(path, other)
        self._files[key] = path
        return parts

    def _enter(self, folder: str, path: str) -> None:
        key = _folded(folder)
        if (file := self._files.get(key)) is not None:
            raise _collision(path, file)
        if (other := self._folders.setdefault(key, folder)) != folder:
            raise _collision(path, f"{other}/")

    def has_file(self, path: str) -> bool:
        """Say whether a file of exactly this path was taken."""
        return self._files.get(_folded(path)) == path

    def has_folder(self, path: str) -> bool:
        """Say whether a file inside a folder of exactly this path was taken."""
        return self._folders.get(_folded(path)) == path


def check_path(path: str) -> list[str]:
    """Return the parts of a path that is safe to write on every file system; refuse any other."""
    if not path:
        raise _unsafe(path, "is empty")
    if path.startswith("/"):
        raise _unsafe(path, "is absolute")
    if "\\" in path:
        raise _unsafe(path, "contains a backslash")
    parts = path.split("/")
    for part in parts:
        if not part:
            raise _unsafe(path, "has an empty part")
        if part in (".", ".."):
            raise _unsafe(path, f"contains the part {part!r}")
        if part.startswith("."):
            raise _unsafe(path, f"has a hidden part, {part!r}")
        for character in part:
            if unicodedata.category(character)[0] == "C" or character in "\u2028\u2029":
                raise _unsafe(path, f"contains the invisible character U+{ord(character):04X}")
            if character in _FORBIDDEN:
                raise _unsafe(path, f"contains {character!r}")
        if part != part.strip() or part.endswith("."):
            raise _unsafe(path, f"has a part that begins or ends with a space or ends with a dot, {part!r}")
        if part.split(".")[0].rstrip().casefold() in _RESERVED_ON_WINDOWS:
            raise _unsafe(path, f"has a part that Windows reserves, {part!r}")
        if len(part.encode()) > _LONGEST_NAME:
            raise _unsafe(path, f"has a part of more than {_LONGEST_NAME} bytes")
    if unicodedata.normalize("NFC", path) != path:
        raise _unsafe(path, "is not in Unicode's composed form (NFC)")
    return parts


def paths_in(folder: Path) -> list[str]:
    """Return the paths of all files in a folder, in order; anything but files and folders is refused."""
    paths = []
    for path, entry in entries_in(folder):
        if not entry.is_file(follow_symlinks=False):
            raise BuildError(entry.path, "is neither a file nor a folder", "Remove it and build again")
        paths.append(path)
    return sorted(paths)


class Lock:
    """Hold an out folder against a second build: `with Lock(out): …`.

    The kernel keeps the lock with the open file, so it ends with its holder, however that ends.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Say whether this lock is held at the moment."""
        return self._descriptor is not None

    def __enter__(self) -> "Lock":
        with disk_faults(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self.out / "build.lock", flags, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
                os.close(descriptor)
                raise BuildError(
                    str(self.out),
                    f"another build is at work here, process {holder or 'unknown'}",
                    "Wait until it ends, or build into another folder with --out",
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            # The file stays: removing it would let two builds lock two files of the same name.
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def refuse_real_site(out: Path) -> None:
    """Stop where `site` or `previous` is a real file or folder, which a swap would have to destroy."""
    for link in (out / "site", out / "previous"):
        if not link.is_symlink() and link.exists():
            raise BuildError(
                str(link),
                "is a real file or folder, where the build keeps a symbolic link to a version",
                f"Move it away, for example to {link.name}.old, and build again",
            )


def start_staging(out: Path) -> Path:
    """Return a new, empty folder to build in, after removing whatever earlier builds left unfinished.

    Its name is new each time: a program that a killed build started may still be writing into the old one.
    """
    staging = out / "staging"
    with disk_faults(staging):
        if staging.is_symlink():
            staging.unlink()
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True, exist_ok=True)
        for n in range(1_000_000):
            folder = staging / f"{os.getpid()}-{n}"
            with suppress(FileExistsError):
                folder.mkdir()
                return folder
    raise BuildError(str(staging), "is full of unfinished builds", "Remove the folder and build again")


def seal(folder: Path) -> str:
    """Write the folder's SHA256SUMS and, last of all, its manifest; return the name of the version that it now is.

        {"files": [
        {"path": "404.html", "bytes": 8123, "sha256": "9f86…"},
        …

    The manifest lists every file but the two that do the listing, and is written when all others are safe on the disk:
    a folder without it is no version.
    """
    with disk_faults(folder):
        for listing in (MANIFEST, CHECKSUMS):
            (folder / listing).unlink(missing_ok=True)
        with ThreadPoolExecutor(8) as pool:  # A file system's journal takes many requests in one turn.
            entries = list(pool.map(partial(_measured_and_flushed, folder), paths_in(folder)))
        manifest = manifest_of(entries)
        (folder / CHECKSUMS).write_bytes(checksums_of(entries, manifest))
        _flush(folder / CHECKSUMS)
        unfinished = folder / _UNFINISHED
        unfinished.write_bytes(manifest)
        _flush(unfinished)
        unfinished.replace(folder / MANIFEST)
        for inner, _, _ in os.walk(folder):
            _flush(Path(inner))
    return _version(manifest)


def damage(folder: Path) -> tuple[str, ...]:
    """Say in what a folder differs from its own manifest, in order; nothing if it is a complete version."""
    try:
        manifest = (folder / MANIFEST).read_bytes()
        listed = {
            str(file["path"]): (int(file["bytes"]), str(file["sha256"])) for file in json.loads(manifest)["files"]
        }
    except FileNotFoundError:
        return (f"{MANIFEST}: is missing",)
    except (OSError, ValueError, TypeError, KeyError) as error:
        return (f"{MANIFEST}: cannot be read ({error})",)
    faults = []
    found = dict(entries_in(folder))
    for path, entry in found.items():
        if not entry.is_file(follow_symlinks=False):
            faults.append(f"{path}: is neither a file nor a folder")
        elif path not in listed and path not in (MANIFEST, CHECKSUMS, SIGNATURE):
            faults.append(f"{path}: is not in the manifest")

    def differs(path: str) -> str:
        try:
            same = size_and_hash(folder / path) == listed[path]
        except OSError as error:
            return f"{path}: cannot be read ({error.strerror})"
        return "" if same else f"{path}: differs from the manifest"

    files = [path for path in found if path in listed and found[path].is_file(follow_symlinks=False)]
    with ThreadPoolExecutor(8) as pool:
        faults += filter(None, pool.map(differs, files))
    faults.extend(f"{path}: is missing" for path in listed.keys() - found.keys())
    entries = [(path, size, digest) for path, (size, digest) in sorted(listed.items())]
    try:
        if (folder / CHECKSUMS).read_bytes() != checksums_of(entries, manifest):
            faults.append(f"{CHECKSUMS}: differs from the manifest")
    except OSError as error:
        faults.append(f"{CHECKSUMS}: cannot be read ({error.strerror})")
    return tuple(sorted(faults))


def swap(out: Path, version_folder: Path) -> Path:
    """Let `out/site` point to a sealed folder, in one step, and return the folder of that version.

    The version before stays, under `out/previous`; older ones go. Handing in a folder of `out/versions` swaps back to
    it. Killed at any moment, this leaves `site` pointing to one complete version, the old or the new.
    """
    refuse_real_site(out)
    if faults := damage(version_folder):
        raise BuildError(
            str(version_folder), f"is no complete version: {'; '.join(faults[:5])}", "Build the site again"
        )
    with disk_faults(out):
        home = _settle(out / "versions", version_folder)
        current = _pointed(out, "site")
        if current is not None and current != home.name:
            _point(out, "previous", current)
        _point(out, "site", home.name)
    _clear(out)
    return home


@contextmanager
def disk_faults(place: Path) -> Iterator[None]:
    """Turn what the operating system says of a disk into a fault of the build: where, why, and what to do."""
    try:
        yield
    except OSError as error:
        where = str(error.filename if isinstance(error.filename, (str, os.PathLike)) else place)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            # The system may name the file that was being copied, which lies on another disk.
            where, what, remedy = str(place), "there is no space left to write", "Free some space and build again"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what, remedy = "may not be written", "Take a folder of your own with --out, or have its rights changed"
        else:
            what, remedy = error.strerror or str(error), "See to it that the folder can be read and written"
        raise BuildError(where, what, f"{remedy}; a site published before is as it was") from error


def _unsafe(path: str, what: str) -> BuildError:
    return BuildError(repr(path), f"this path of an output file {what}", "Give the file another address")


def _collision(path: str, other: str) -> BuildError:
    return BuildError(
        repr(path),
        f"this path of an output file is taken by {other!r}, the same for some file systems",
        "Give one of them another address",
    )


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Hand out a descriptor of the folder, which is made if it is not there and may not be a link."""
    if folder.is_symlink():
        raise BuildError(str(folder), "is a symbolic link, and the build would write where it leads", "Remove the link")
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _descended(root: int, parts: list[str]) -> Iterator[int]:
    """Hand out a descriptor of a folder below the root, making it where needed and following no link."""
    descriptor = os.dup(root)
    try:
        for part in parts:
            inner = _entered(descriptor, part)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _entered(parent: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
        os.unlink(name, dir_fd=parent)
    os.mkdir(name, dir_fd=parent)
    return os.open(name, _FOLDER, dir_fd=parent)


def _holds(parent: int, name: str, content: bytes) -> bool:
    """Say whether a plain file of this name and content is there."""
    try:
        # A pipe of this name would let a plain open wait for ever.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
    except OSError:
        return False
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size != len(content):
        os.close(descriptor)
        return False
    with os.fdopen(descriptor, "rb") as file:
        return file.read() == content


def _put(parent: int, name: str, content: bytes) -> None:
    """Write a file beside its place, then move it there, so that no reader ever sees half of it."""
    with suppress(FileNotFoundError):
        os.unlink(_UNFINISHED, dir_fd=parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(_UNFINISHED, flags, 0o666, dir_fd=parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        try:
            os.rename(_UNFINISHED, name, src_dir_fd=parent, dst_dir_fd=parent)
        except IsADirectoryError:
            shutil.rmtree(name, dir_fd=parent)
            os.rename(_UNFINISHED, name, src_dir_fd=parent, dst_dir_fd=parent)
    except BaseException:
        with suppress(OSError):
            os.unlink(_UNFINISHED, dir_fd=parent)
        raise


def _sweep(parent: int, names: Names, prefix: str) -> Iterator[str]:
    """Remove what is not among the names, and tell the path of each file removed."""
    with os.scandir(parent) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            inner = os.open(entry.name, _FOLDER, dir_fd=parent)
            try:
                yield from _sweep(inner, names, path + "/")
            finally:
                os.close(inner)
            if not names.has_folder(path):
                os.rmdir(entry.name, dir_fd=parent)
        elif not names.has_file(path):
            os.unlink(entry.name, dir_fd=parent)
            yield path


def entries_in(folder: Path, prefix: str = "") -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Yield everything in a folder that is no folder itself, with its path; no link is followed."""
    with os.scandir(folder) as scan:
        for entry in sorted(scan, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                yield from entries_in(Path(entry.path), f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, entry


def size_and_hash(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256."""
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _measured_and_flushed(folder: Path, path: str) -> tuple[str, int, str]:
    """Wait until a file is safe on the disk, and return its path, size and SHA-256."""
    with (folder / path).open("rb") as file:
        os.fsync(file.fileno())
        return path, os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()


def manifest_of(entries: Iterable[tuple[str, int, str]]) -> bytes:
    """Return the manifest of files given by path, size and SHA-256: the only bytes it may have."""
    lines = [_manifest_line({"path": path, "bytes": size, "sha256": digest}) for path, size, digest in sorted(entries)]
    return ('{"files": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def _manifest_line(entry: Mapping[str, str | int]) -> str:
    return json.dumps(entry, ensure_ascii=False)


def checksums_of(entries: Iterable[tuple[str, int, str]], manifest: bytes) -> bytes:
    """Return the checksums of the same files and of their manifest, as coreutils write and check them."""
    lines = [(path, digest) for path, _, digest in entries] + [(MANIFEST, hashlib.sha256(manifest).hexdigest())]
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(lines)).encode()


def _version(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:16]


def _flush(path: Path) -> None:
    """Wait until a file or folder is safe on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settle(versions: Path, version_folder: Path) -> Path:
    """Return the folder among the versions that holds this one, moving it there if it is new."""
    versions.mkdir(exist_ok=True)
    if version_folder.parent == versions:
        return version_folder
    version = _version((version_folder / MANIFEST).read_bytes())
    home = versions / version
    n = 1
    while home.is_symlink() or home.exists():
        if not home.is_symlink() and not damage(home):
            return home
        # Somebody changed the files of this version. It may be the one on show, so it is left for the clearing.
        n += 1
        home = versions / f"{version}-{n}"
    version_folder.rename(home)
    _flush(versions)
    return home


def _pointed(out: Path, link: str) -> str | None:
    """Return the name of the version that a link points to, if it is one."""
    try:
        target = (out / link).readlink()
    except OSError:
        return None
    return target.name if target.parent == Path("versions") and (out / target).is_dir() else None


def _point(out: Path, link: str, version: str) -> None:
    """Replace a link in one step: whoever looks finds the old version or the new one."""
    staging = out / "staging"
    staging.mkdir(exist_ok=True)
    fresh = staging / link
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path("versions") / version, target_is_directory=True)
    fresh.replace(out / link)
    _flush(out)


def _clear(out: Path) -> None:
    """Remove the versions that nothing points to, and the staging folder.

    A version leaves its place whole before it is taken apart. What cannot be removed now is tried again next time: the
    new site is published already.
    """
    kept = {_pointed(out, "site"), _pointed(out, "previous")}
    with suppress(OSError, BuildError):
        rubbish = start_staging(out)
        for entry in sorted((out / "versions").iterdir()):
            if entry.name not in kept:
                entry.rename(rubbish / entry.name)
    shutil.rmtree(out / "staging", ignore_errors=True)
