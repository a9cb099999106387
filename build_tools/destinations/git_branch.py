"""A branch of a git repository as destination, as hosts of pages take it.

Git itself does it, in a repository of its own that is thrown away: no checkout, index or branch of anybody is touched.
A publish is one commit after the newest, and a push that only moves the branch forward: nothing is ever forced.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from build_tools.destinations.sending import Changes, File, Held, Site, listed, run, without_password
from build_tools.errors import BuildError
from build_tools.output import MANIFEST, SIGNATURE

# Without it, GitHub runs the files through Jekyll, which leaves some of them out.
PLAIN = ".nojekyll"
_NOT_OURS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE")
_REMEDY = "Kiểm địa chỉ, nhánh và quyền ghi / Check the address, the branch and your right to write."


@contextmanager
def opened(repository: str, branch: str, here: Path) -> Iterator["BranchDestination"]:
    """Hand out a branch of a repository, given by its address or by the name of a remote of the repository `here`."""
    name = f"{without_password(repository)}#{branch}"
    check = subprocess.run(["git", "check-ref-format", "--branch", branch], capture_output=True, check=False)  # noqa: S607
    if check.returncode:
        raise BuildError(name, f"{branch!r} không phải tên nhánh / is no name of a branch", "gh-pages?")
    with TemporaryDirectory(prefix="minhbach-") as folder:
        destination = BranchDestination(_address(repository, here), branch, Path(folder), name, _identity(here))
        destination.git("init", "--quiet", "--bare", folder)
        yield destination


def _address(repository: str, here: Path) -> str:
    """Return where a repository is: the address of a remote by that name, a folder, or what was given."""
    if "/" not in repository and ":" not in repository:
        asked = ["git", "-C", str(here), "remote", "get-url", "--push", repository]
        found = subprocess.run(asked, capture_output=True, text=True, check=False, env=_environment())
        if found.returncode == 0:
            address = found.stdout.strip()
            return str((here / address).resolve()) if (here / address).is_dir() else address
    return str((here / repository).resolve()) if (here / repository).is_dir() else repository


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _NOT_OURS}


def _identity(here: Path) -> Mapping[str, str]:
    """Return who commits: whoever git knows here, else the program."""
    asked = ["git", "-C", str(here), "var", "GIT_COMMITTER_IDENT"]
    known = subprocess.run(asked, capture_output=True, text=True, check=False, env=_environment())
    name, email = "minhbach", "minhbach@localhost"
    if known.returncode == 0:
        name, _, rest = known.stdout.partition(" <")
        email = rest.partition(">")[0]
    roles = ("AUTHOR", "COMMITTER")
    return {f"GIT_{role}_{part}": value for role in roles for part, value in (("NAME", name), ("EMAIL", email))}


@dataclass
class BranchDestination:
    """A branch, with what was fetched of it in a repository of its own."""

    repository: str
    branch: str
    folder: Path
    name: str
    identity: Mapping[str, str] = field(default_factory=dict)
    tip: str = ""  # the newest commit, once it was fetched

    def git(self, *arguments: str, given: bytes = b"", allowed: tuple[int, ...] = (0,)) -> bytes:
        """Return what git says in our own repository."""
        environment = {
            **self.identity,
            "GIT_DIR": str(self.folder),
            "GIT_INDEX_FILE": str(self.folder / "index"),
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        done = run(["git", *arguments], self.name, _REMEDY, given=given, environment=environment, allowed=allowed)
        return done.stdout

    def held(self, site: Site) -> Held:
        """Return what the branch holds. Raises BuildError for a branch with commits of which none is a publish."""
        del site
        reference = f"refs/heads/{self.branch}"
        if not self.git("ls-remote", self.repository, reference).strip():
            return Held()
        self.git("fetch", "--quiet", "--no-tags", "--depth=1", self.repository, f"+{reference}:{reference}")
        self.tip = self.git("rev-parse", reference).decode().strip()
        entries = self._tree()
        try:
            files = dict(listed(self.git("cat-file", "blob", entries[MANIFEST])))
        except (KeyError, ValueError) as error:
            raise BuildError(
                self.name,
                "nhánh có tệp mà không có trang đã công bố nào / the branch holds files and no published site",
                "Chọn một nhánh chưa có / Choose a branch that does not exist yet.",
            ) from error
        if SIGNATURE in entries:
            signature = self.git("cat-file", "blob", entries[SIGNATURE])
            files[SIGNATURE] = _blob_file(SIGNATURE, signature)
        ours = files.keys() | {SIGNATURE}
        there = {path: file for path, file in files.items() if path in entries}
        return Held(there, foreign=frozenset(entries.keys() - ours))

    def _tree(self) -> dict[str, str]:
        """Return the id of every file of the branch, by path."""
        entries = {}
        for line in self.git("ls-tree", "-r", "-z", "--full-tree", self.tip).split(b"\0"):
            if line:
                about, _, path = line.partition(b"\t")
                entries[os.fsdecode(path)] = about.split()[2].decode()
        return entries

    def put(self, site: Site, changes: Changes, held: Held) -> None:
        """Commit the site after the newest commit and push it; the branch moves in one step, or not at all."""
        sent = [file.path for file in changes.sent()]
        paths = "".join(f"{site.folder / path}\n" for path in sent).encode()
        blobs = self.git("hash-object", "-w", "--no-filters", "--stdin-paths", given=paths).decode().split()
        if self.tip:
            self.git("read-tree", self.tip)
        lines = [f"0 {'0' * 40}\t{file.path}\0" for file in changes.removed]
        lines += [f"100644 {blob}\t{path}\0" for path, blob in zip(sent, blobs, strict=True)]
        if PLAIN not in held.foreign:
            empty = self.git("hash-object", "-w", "--stdin").decode().strip()
            lines.append(f"100644 {empty}\t{PLAIN}\0")
        self.git("update-index", "-z", "--index-info", given="".join(lines).encode())
        tree = self.git("write-tree").decode().strip()
        parents = ["-p", self.tip] if self.tip else []
        message = f"Site {site.version}: {len(changes.added)} added, {len(changes.changed)} changed, "
        message += f"{len(changes.removed)} removed\n"
        commit = self.git("commit-tree", tree, *parents, given=message.encode()).decode().strip()
        # Without force: where somebody published meanwhile, git refuses, and nothing is lost.
        self.git("push", "--quiet", self.repository, f"{commit}:refs/heads/{self.branch}")


def _blob_file(path: str, content: bytes) -> File:
    return File(path, len(content), hashlib.sha256(content).hexdigest())
