"""The same input gives the same bytes: on another machine's terms, by any number of processes."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.makers import EXAMPLE

# What lists a folder, in another order than the machine gives: as another file system would.
TURNED = """
import os

def turned(name):
    plain = getattr(os, name)
    def listed(*arguments, **named):
        found = plain(*arguments, **named)
        if name == "listdir":
            return found[::-1]
        with found:
            entries = list(found)[::-1]
        return Entries(entries)
    setattr(os, name, listed)

class Entries:
    def __init__(self, entries):
        self._left = iter(entries)
    def __iter__(self):
        return self
    def __next__(self):
        return next(self._left)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        return None
    def close(self):
        return None

turned("listdir")
turned("scandir")
"""


def _built(project: Path, packages: Path, out: Path, workers: int, umask: str, **environment: str) -> dict[str, str]:
    """Build in a process of its own and return the checksum of every file of the site, by path."""
    program = [sys.executable, "-m", "build_tools", "build", "--packages", str(packages), "--out", str(out)]
    run = subprocess.run(
        ["sh", "-c", f'umask {umask}; exec "$@"', "sh", *program, "--workers", str(workers)],
        cwd=project,
        env={"PATH": os.environ["PATH"], "HOME": str(out), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    site = (out / "site").resolve()
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in site.rglob("*")
        if path.is_file()
    }


def _project(folder: Path) -> Path:
    """Return a copy of the program and its pages in another folder."""
    folder.mkdir(parents=True)
    for name in ("build_tools", "site_src"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "mkdocs.yml", folder)
    return folder


@pytest.mark.parametrize(
    "packages",
    [
        pytest.param(EXAMPLE / "datapackages", id="example"),
        pytest.param(PROJECT / "datapackages", id="ours", marks=pytest.mark.long),
    ],
)
def test_two_machines_build_the_same_bytes(packages: Path, tmp_path: Path) -> None:
    """Another folder, time zone, language, umask, order of files, order of hashes and number of processes: no byte."""
    turned = tmp_path / "turned"
    turned.mkdir()
    (turned / "sitecustomize.py").write_text(TURNED, encoding="utf-8")
    one = _built(PROJECT, packages, tmp_path / "one", 1, "022", TZ="UTC", LC_ALL="C.UTF-8", PYTHONHASHSEED="1")
    other = _project(tmp_path / "ở nơi khác" / "mb")
    copied = shutil.copytree(packages, tmp_path / "ở nơi khác" / "gói")
    two = _built(
        other,
        copied,
        tmp_path / "ra xa",
        3,
        "077",
        TZ="Pacific/Kiritimati",
        LC_ALL="tr_TR.UTF-8",
        LANG="tr_TR.UTF-8",
        PYTHONHASHSEED="77",
        PYTHONPATH=str(turned),
        SOURCE_DATE_EPOCH="0",
    )
    assert len(one) > 100
    assert {path for path in one.keys() | two.keys() if one.get(path) != two.get(path)} == set()


def test_the_order_of_files_is_turned(tmp_path: Path) -> None:
    """What the test above changes is changed: folders are listed the other way round in such a process."""
    (tmp_path / "sitecustomize.py").write_text(TURNED, encoding="utf-8")
    listed = tmp_path / "listed"
    for name in "abc":
        (listed / name).mkdir(parents=True)
    program = [sys.executable, "-c", "import os; print(*os.listdir(), *(entry.name for entry in os.scandir()))"]
    plain, turned = (
        subprocess.run(program, cwd=listed, env=env, capture_output=True, text=True, check=True).stdout.split()
        for env in ({"PATH": os.environ["PATH"]}, {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)})
    )
    assert turned[:3] == plain[2::-1] and turned[3:] == plain[:2:-1]
