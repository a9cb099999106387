"""A folder of another machine as destination, through rsync: a daemon's module, or a path over ssh."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from build_tools.destinations.sending import Site, folders_of, run, without_password

PROGRAM = "rsync"
# -8: letters with accents are printed as they are.
_LIST = ("--list-only", "--recursive", "--no-human-readable", "-8")
_SEND = ("--checksum", "--delay-updates", "--chmod=D755,F644", "--from0", "--files-from=-")
_DELAYED = ".~tmp~"
_DELETE = ("--delete-missing-args", "--no-implied-dirs")
_LISTED = re.compile(r"(?P<kind>.)\S{9}\S?\s+(?P<size>\d+) \d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?P<path>.+)")
_NOTHING_THERE = re.compile(rb"No such file or directory \(2\)")
_PARTIAL = 23  # what rsync ends with where a file or folder that was named is not there
_REMEDY = "Kiểm địa chỉ, mạng và quyền ghi; thư mục mẹ phải có sẵn / Check the address, the network and your right to "
_REMEDY += "write; the folder above has to be there."


@dataclass(frozen=True)
class Rsync:
    """A folder that rsync reaches: `rsync://host:port/module/path` or `user@host:path`."""

    target: str

    @property
    def name(self) -> str:
        """The address without a password."""
        return without_password(self.target)

    def _run(self, *arguments: str, given: bytes = b"", allowed: tuple[int, ...] = (0,)) -> tuple[int, bytes, bytes]:
        command = [PROGRAM, "--no-motd", *arguments]
        done = run(command, self.name, _REMEDY, given=given, environment={"LC_ALL": "C.UTF-8"}, allowed=allowed)
        return done.returncode, done.stdout, done.stderr

    @property
    def _below(self) -> str:
        return self.target.rstrip("/") + "/"

    def look(self) -> Mapping[str, int]:
        """Return the size of every file there, by path; nothing where the folder is not there yet."""
        code, listing, said = self._run(*_LIST, "--", self._below, allowed=(0, _PARTIAL))
        if code and not _NOTHING_THERE.search(said):
            self._run(*_LIST, "--", self._below)  # raises what it says
        found = {}
        for line in listing.decode("utf-8", "replace").splitlines():
            match = _LISTED.fullmatch(line)
            if match and match["kind"] == "-":
                found[match["path"]] = int(match["size"])
            elif match and match["kind"] != "d":
                found[match["path"].partition(" -> ")[0]] = -1
        return found

    def read(self, path: str) -> bytes:
        """Return a file that is there."""
        with TemporaryDirectory(prefix="minhbach-") as folder:
            self._run("--", self._below + path, f"{folder}/")
            return (Path(folder) / os.path.basename(path)).read_bytes()  # noqa: PTH119  (a path of the other machine)

    def write(self, path: str, content: bytes) -> None:
        """Write a small file."""
        with TemporaryDirectory(prefix="minhbach-") as folder:
            (Path(folder) / path).write_bytes(content)
            self._transfer(Path(folder), [path])

    def send(self, site: Site, paths: Sequence[str]) -> None:
        """Send files of a site; rsync writes each beside its place and moves all there at the end."""
        self._transfer(site.folder, paths)

    def _transfer(self, folder: Path, paths: Sequence[str], *options: str) -> None:
        names = "".join(f"{path}\0" for path in paths).encode()
        self._run(*_SEND, *options, "--", f"{folder}/", self._below, given=names)

    def delete(self, paths: Sequence[str], kept: Iterable[str]) -> None:
        """Delete files, and the folders that they leave empty."""
        empty = folders_of(paths) - folders_of(kept) - set(kept)
        with TemporaryDirectory(prefix="minhbach-") as name:
            # Here each of them is missing, which is what rsync is to bring about there; the folders above must not be.
            folder = Path(name)
            for path in folders_of(paths):
                (folder / path).mkdir(parents=True, exist_ok=True)
            self._transfer(folder, paths, *_DELETE)
            for depth in sorted({path.count("/") for path in empty}, reverse=True):
                alike = sorted(path for path in empty if path.count("/") == depth)
                for path in alike:
                    (folder / path).rmdir()
                self._transfer(folder, alike, *_DELETE)

    def half_of(self, path: str) -> str:
        """Return what a file in one of rsync's own folders for delayed updates belongs to."""
        folder, _, name = path.rpartition("/")
        return f"{folder.removesuffix(_DELAYED)}{name}" if f"/{folder}".endswith(f"/{_DELAYED}") else ""
