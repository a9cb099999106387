"""Zips of packages: our own open to the same verdicts, anything else is refused before it can do harm."""

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from build_tools import archives
from build_tools.archives import unpacked
from build_tools.cli import main
from build_tools.errors import BuildError
from build_tools.packages import read_packages
from build_tools.render.downloads import make_zip, zip_package
from tests.makers import PROJECT, REPORT, copy_example


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command and return what it printed; it has to end well."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out = capsys.readouterr()
    assert ended.value.code == 0, out.err or out.out
    return out.out


def test_audit_of_the_zips_is_that_of_the_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has only the zips of our reports gets the same claims, groups and promises, byte for byte."""
    packages, _ = read_packages(PROJECT / "datapackages")
    vocabulary = next(package for package in packages if package.kind == "vocabulary")
    zips, folders = [], []
    for package in packages:
        if package.kind == "report":
            path = tmp_path / f"{package.name}.zip"
            path.write_bytes(zip_package(package, vocabulary))
            zips.append(str(path))
            folders.append(str(package.folder))
            alone = printed(capsys, "audit", "--json", str(path))
            assert alone == printed(capsys, "audit", "--json", str(package.folder))
            assert json.loads(alone)["claims"]
    together = printed(capsys, "audit", "--json", *zips)
    assert together == printed(capsys, "audit", "--json", *folders)
    assert json.loads(together)["across"]


def test_zip_is_valid_and_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A zip of ours has no fault; what it was unpacked into is gone afterwards."""
    packages, _ = read_packages(copy_example(tmp_path / "example").packages)
    report, vocabulary = packages
    path = tmp_path / "report.zip"
    path.write_bytes(zip_package(report, vocabulary))
    printed(capsys, "validate", str(path))
    with unpacked([path, tmp_path]) as (folder, other):
        assert folder.name == REPORT and (folder / "figures.csv").read_bytes() == report.tables[0].content
        assert other == tmp_path
    assert not folder.exists()


def link(path: Path) -> None:
    """Write a zip with a symbolic link in it."""
    info = zipfile.ZipInfo("goi/figures.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")


def twice(path: Path) -> None:
    """Write a zip in which a file stands twice."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("goi/a.csv", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("goi/a.csv", "2")


def damaged(path: Path) -> None:
    """Write a zip whose compressed bytes are not what they were."""
    content = bytearray(make_zip({"goi/a.csv": bytes(range(256)) * 40}))
    at = content.index(b"a.csv") + len("a.csv")
    content[at : at + 40] = b"\xff" * 40
    path.write_bytes(content)


def holding(*names: str) -> Callable[[Path], object]:
    """Return what writes a zip of files of these names."""
    return lambda path: path.write_bytes(make_zip(dict.fromkeys(names, b"x")))


HOSTILE: dict[str, Callable[[Path], object]] = {
    "no zip": lambda path: path.write_bytes(b"x"),
    "cut short": lambda path: path.write_bytes(make_zip({"goi/a.csv": b"1" * 1000})[:-40]),
    "damaged within": damaged,
    "empty": holding(),
    "out of the folder": holding("goi/../../a.csv"),
    "absolute": holding("/etc/passwd"),
    "backslash": holding("goi\\a.csv"),
    "no folder": holding("datapackage.json"),
    "two folders": holding("goi/a.csv", "khac/a.csv"),
    "a folder within": holding("goi/sau/a.csv"),
    "hidden": holding("goi/.git"),
    "a name with a drive": holding("C:/a.csv"),
    "a link": link,
    "a file twice": twice,
    "too many files": holding(*(f"goi/{i}.csv" for i in range(201))),
}


@pytest.mark.parametrize("write", HOSTILE.values(), ids=HOSTILE.keys())
def test_other_zips_are_refused(tmp_path: Path, write: Callable[[Path], object]) -> None:
    """Nothing outside the one folder is ever written, and the message names the zip."""
    path = tmp_path / "x.zip"
    write(path)
    with pytest.raises(BuildError, match=r"x\.zip"), unpacked([path]):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.zip"]


def test_zip_that_grows_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes that come out are counted, whatever the zip says of its size."""
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    path = tmp_path / "x.zip"
    path.write_bytes(make_zip({"goi/a.csv": b"0" * 600, "goi/b.csv": b"0" * 401}))
    with pytest.raises(BuildError, match="1000 byte"), unpacked([path]):
        pass


def test_build_reads_no_zip(tmp_path: Path) -> None:
    """A zip among the packages of a site is no package."""
    project = copy_example(tmp_path)
    (project.packages / "khac.zip").write_bytes(make_zip({"khac/datapackage.json": b"{}"}))
    assert [package.name for package in project.check().packages] == [REPORT, "vocabulary"]
