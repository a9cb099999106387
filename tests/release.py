"""Build a release and check it: `make release`. It is uploaded only when told to: `make release UPLOAD=1`.

A release is the wheel and the source distribution, built twice in different folders with the same bytes, a list of what
they rest on (SBOM, CycloneDX) and the checksums of all. Nothing is fetched: only an upload needs a network, and where
to and as whom is for twine's settings to say (TWINE_REPOSITORY_URL, TWINE_USERNAME, TWINE_PASSWORD).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from build_tools import __version__
from build_tools.errors import BuildError

PROJECT = Path(__file__).resolve().parent.parent
WHEEL = f"minhbach-{__version__}-py3-none-any.whl"
SOURCE = f"minhbach-{__version__}.tar.gz"
BOM = f"minhbach-{__version__}.cdx.json"
SUMS = "SHA256SUMS"
LARGEST = 5_000_000
# What a site cannot be made without, and what has no place in an installation.
NEEDED = ("build_tools/cli.py", "build_tools/site_src/texts/vi.toml", "build_tools/starter/Makefile", "LICENSE")
UNWANTED = re.compile(r"(^|/)(tests|datapackages|__pycache__|\.git|\.venv|build|dist)(/|$)|\.pyc$")
_STARTER = "build_tools/starter/"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, check, list and, when told to, upload; return the exit code: 1 for a release that may not go out."""
    parser = argparse.ArgumentParser(prog="make release", description="Build and check a release.")
    parser.add_argument("--upload", action="store_true", help="upload it when all is well (make release UPLOAD=1)")
    parser.add_argument("--out", type=Path, default=PROJECT / "dist", help="folder of what is made; default: dist")
    told = parser.parse_args(arguments)
    try:
        release(PROJECT, told.out.resolve(), told.upload)
    except BuildError as error:
        print(f"{error.place}: {error.what}\n  → {error.remedy}", file=sys.stderr)
        return 1
    return 0


def release(project: Path, out: Path, upload: bool = False) -> None:
    """Make a release of a project in a folder, which then holds nothing else; raise BuildError for what is not right.

    What keeps it from going out (a version without a day, changes that are not committed) stops an upload and is said
    otherwise.
    """
    open_ends = [*unwritten((project / "CHANGELOG.md").read_text("utf-8"), __version__), *uncommitted(project)]
    if upload and open_ends:
        raise BuildError("release", "; ".join(open_ends), "Mend that, commit, then again: make release UPLOAD=1")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    build_alike(project, out)
    say(f"built twice, the same bytes: {WHEEL}, {SOURCE}")
    check_metadata(out)
    check_contents(out)
    say("metadata and contents are in order")
    try_out(out)
    say("installed in a clean environment, it says its version and makes a project whose data are valid")
    (out / BOM).write_bytes(bill_of_materials(project))
    (out / SUMS).write_text("".join(sums(out)), encoding="utf-8")
    say(f"{BOM}: {len(json.loads((out / BOM).read_bytes())['components'])} libraries")
    for path in sorted(out.iterdir()):
        print(f"  {path.stat().st_size:>10,}  {path.name}")
    for one in open_ends:
        say(f"before it goes out: {one}")
    if upload:
        run([sys.executable, "-m", "twine", "upload", "--non-interactive", *uploaded(out)], "the upload failed")
        say("uploaded")
    else:
        names = ", ".join(Path(path).name for path in uploaded(out))
        say(f"not uploaded. make release UPLOAD=1 would upload {names}")


def say(text: str) -> None:
    """Print one step that went well."""
    print(f"release: {text}")


def run(command: Sequence[str | Path], what: str, **more: str) -> str:
    """Run a program and return what it prints; BuildError with its last lines where it ends with a fault."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MINHBACH_"))}
    done = subprocess.run(
        list(map(str, command)), env={**environment, **more}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise BuildError("release", f"{what}:\n{said}", "Look at what is named, then again: make release")
    return done.stdout


# --- Whether it may go out -------------------------------------------------------------------------------------------


def unwritten(changelog: str, version: str) -> Iterator[str]:
    """Yield what CHANGELOG.md lacks for a release: a section of the version with its day and some words."""
    found = re.search(rf"^## {re.escape(version)}\b(.*)\n((?:(?!^## ).*\n?)*)", changelog, re.MULTILINE)
    if found is None:
        yield f"CHANGELOG.md has no section ## {version}"
        return
    if not re.fullmatch(r" \(\d{4}-\d{2}-\d{2}\)", found[1]):
        yield f"the section {version} of CHANGELOG.md has no day: ## {version} (2026-01-31)"
    if "- " not in found[2]:
        yield f"the section {version} of CHANGELOG.md says nothing"


def uncommitted(project: Path) -> Iterator[str]:
    """Yield whether files differ from what is committed."""
    done = subprocess.run(["git", "-C", str(project), "status", "--porcelain"], capture_output=True, check=False)
    if done.returncode:
        yield "this is no checkout of git"
    elif done.stdout.strip():
        yield "there are changes that are not committed"


# --- Building --------------------------------------------------------------------------------------------------------


def build_alike(project: Path, out: Path) -> None:
    """Build both twice, and the wheel once more from the source distribution; BuildError where they differ."""
    made: list[dict[str, bytes]] = []
    with tempfile.TemporaryDirectory(prefix="minhbach-release-") as scratch:
        for name in ("one", "another folder"):
            folder = Path(scratch) / name
            shutil.copytree(project, folder / "project", ignore=_left_out)
            made.append(_built(folder / "project", folder / "dist"))
        with tarfile.open(Path(scratch) / "one" / "dist" / SOURCE) as archive:
            archive.extractall(Path(scratch) / "unpacked", filter="data")
        (inside,) = (Path(scratch) / "unpacked").iterdir()
        made.append({SOURCE: made[0][SOURCE], **_built(inside, Path(scratch) / "unpacked" / "dist", "wheel")})
    for other in made[1:]:
        differing = sorted(name for name in made[0].keys() | other.keys() if made[0].get(name) != other.get(name))
        if differing:
            what = f"two builds differ: {', '.join(differing)}"
            raise BuildError("release", what, "Look for a date, an order or a path in what is built")
    for name, content in made[0].items():
        (out / name).write_bytes(content)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Name what is no part of the project: what git leaves out at the top, and what Python keeps."""
    top = {".git", ".venv", "build", "dist", "reports"} if Path(folder).joinpath("pyproject.toml").is_file() else set()
    return {name for name in names if name in top or name == "__pycache__" or name.startswith(".mypy")}


def _built(project: Path, out: Path, target: str = "") -> dict[str, bytes]:
    """Return what is built of a project, by name; the time that files are said to be of is the commit's."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out), *(("-t", target) if target else ())]
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "SOURCE_DATE_EPOCH": _epoch()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError("release", f"it cannot be built:\n{done.stderr.strip()[-2000:]}", "Mend pyproject.toml")
    return {path.name: path.read_bytes() for path in out.iterdir()}


def _epoch() -> str:
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    done = subprocess.run(
        ["git", "-C", str(PROJECT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "1577836800"


# --- Checking --------------------------------------------------------------------------------------------------------


def check_metadata(out: Path) -> None:
    """Let twine read the metadata of both as a registry would; BuildError for what it would refuse or show wrongly."""
    run([sys.executable, "-m", "twine", "check", "--strict", *uploaded(out)], "twine does not take it")


def check_contents(out: Path) -> None:
    """Look through both for what is needed, what has no place there, and what is too large."""
    with zipfile.ZipFile(out / WHEEL) as wheel:
        held = wheel.namelist()
    with tarfile.open(out / SOURCE) as archive:
        sources = [name.partition("/")[2] for name in archive.getnames()]
    faults = [f"{WHEEL} lacks {name}" for name in NEEDED if not any(path.endswith(name) for path in held)]
    allowed = ("build_tools/", f"minhbach-{__version__}.dist-info/")
    faults += [
        f"{WHEEL} holds {path}"
        for path in held
        if not path.startswith(allowed) or (UNWANTED.search(path) and not path.startswith(_STARTER))
    ]
    faults += [f"{SOURCE} holds {path}" for path in sources if re.search(r"(^|/)(\.git|\.venv|__pycache__)/", path)]
    faults += [f"{SOURCE} lacks {name}" for name in ("tests/release.py", "Makefile") if name not in sources]
    faults += [f"{name} is larger than {LARGEST:,} bytes" for name in (WHEEL, SOURCE) if _size(out / name) > LARGEST]
    if faults:
        raise BuildError("release", "; ".join(faults), "Mend [tool.hatch.build] in pyproject.toml")


def _size(path: Path) -> int:
    return path.stat().st_size


def try_out(out: Path) -> None:
    """Install the wheel where nothing else of ours is, and use it: its version, and a new project that is valid."""
    with tempfile.TemporaryDirectory(prefix="minhbach-release-") as scratch:
        folder = Path(scratch) / "env"
        venv.create(folder, with_pip=False, symlinks=True)
        pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
        run([*pip, "install", "--quiet", "--no-index", "--no-deps", out / WHEEL], "it cannot be installed")
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        program = folder / "bin" / "minhbach"
        said = run([program, "--version"], "it does not start").strip()
        if said != f"minhbach {__version__}":
            raise BuildError("release", f"it says that it is {said}", "Look at build_tools/__init__.py")
        demo = Path(scratch) / "demo"
        run([program, "new", demo], "it makes no project")
        packages = sorted(path for path in (demo / "datapackages").iterdir())
        run([folder / "bin" / "python", "-c", _VALIDATE, demo, *packages], "a new project is not valid")


# `minhbach validate` in the folder of the new project.
_VALIDATE = "import os, sys; os.chdir(sys.argv[1]); from build_tools.cli import main; main(['validate', *sys.argv[2:]])"


# --- What it rests on ------------------------------------------------------------------------------------------------


def bill_of_materials(project: Path) -> bytes:
    """Return every library of the lock with version and hashes as CycloneDX; BuildError where one is missing."""
    lock = project / "requirements.txt"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(lock), "--pyproject"]
    command += [str(project / "pyproject.toml"), "--output-reproducible", "--output-format", "JSON", "--validate"]
    made = json.loads(run(command, "there is no bill of materials"))
    made["metadata"]["component"]["version"] = __version__  # pyproject.toml leaves it to the package
    listed = {(canonicalize_name(one["name"]), one["version"]) for one in made["components"]}
    locked = set(_locked(lock.read_text("utf-8")))
    if listed != locked:
        missing = ", ".join(sorted(f"{name} {version}" for name, version in listed ^ locked))
        raise BuildError(BOM, f"the lock and the list differ: {missing}", "Run make lock, then make release")
    return (json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _locked(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            wanted = Requirement(line.removesuffix(" \\"))
            (specifier,) = wanted.specifier
            yield canonicalize_name(wanted.name), specifier.version


def sums(out: Path) -> Iterator[str]:
    """Yield the checksum of each file as `sha256sum --check` reads it."""
    for path in sorted(out.iterdir()):
        if path.name != SUMS:
            yield f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"


def uploaded(out: Path) -> tuple[str, str]:
    """Return what goes to a registry."""
    return str(out / WHEEL), str(out / SOURCE)


if __name__ == "__main__":
    sys.exit(main())
