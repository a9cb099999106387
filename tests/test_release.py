"""A release: built alike twice, checked as a registry would, listed, and uploaded only when told to."""

import hashlib
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from build_tools import __version__
from build_tools.errors import BuildError
from tests import release as module
from tests.conftest import PROJECT
from tests.makers import edit_text
from tests.release import BOM, SOURCE, SUMS, WHEEL, check_contents, check_metadata, release, unwritten

WRITTEN = f"# Changes\n\n## {__version__} (2026-12-01)\n\n- Something.\n\n## 0.0.1\n\n- Older.\n"


class Registry(BaseHTTPRequestHandler):
    """Take whatever is uploaded, and keep what it was called."""

    taken: list[bytes] = []  # noqa: RUF012  (one for all requests)

    def do_POST(self) -> None:
        """Take one file."""
        self.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name that http.server gives it)
        """Say nothing."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A registry on this machine, which twine is told of as a maintainer tells it: what it was sent."""
    Registry.taken.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("TWINE_REPOSITORY_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("TWINE_USERNAME", "somebody")
    monkeypatch.setenv("TWINE_PASSWORD", "something")
    yield Registry.taken
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, project_files: tuple[Path, ...]) -> Path:
    """The project's own files in a repository of their own, with nothing that is not committed."""
    folder = tmp_path_factory.mktemp("released") / "project"
    for file in project_files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / file, folder / file)
    (folder / "CHANGELOG.md").write_text(WRITTEN, encoding="utf-8")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit everything in a folder."""
    git = ["git", "-C", str(folder), "-c", "user.name=Test", "-c", "user.email=test@minhbach.example"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Everything"], check=True)


@pytest.fixture(scope="module")
def made(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole release, made and not uploaded: nothing says where to, and a test reaches no other host."""
    out = tmp_path_factory.mktemp("made")
    release(project, out)
    return out


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """The files of the release, to be broken."""
    return shutil.copytree(made, tmp_path / "dist")


def test_a_release_holds_what_it_says(made: Path) -> None:
    """The wheel, the source distribution, the list of libraries and the checksums of the three, and nothing else."""
    assert {path.name for path in made.iterdir()} == {WHEEL, SOURCE, BOM, SUMS}
    stated = dict(line.split("  ")[::-1] for line in (made / SUMS).read_text("utf-8").splitlines())
    assert stated == {name: hashlib.sha256((made / name).read_bytes()).hexdigest() for name in (WHEEL, SOURCE, BOM)}


def test_the_list_of_libraries_is_the_lock(made: Path) -> None:
    """The list names minhbach, and each locked library with its version and hashes; it names no folder of a machine."""
    text = (made / BOM).read_text("utf-8")
    listed = json.loads(text)
    assert listed["bomFormat"] == "CycloneDX"
    about = listed["metadata"]["component"]
    assert (about["name"], about["version"]) == ("minhbach", __version__)
    altair = next(one for one in listed["components"] if one["name"] == "altair")
    lock = (PROJECT / "requirements.txt").read_text("utf-8")
    assert f"altair=={altair['version']} " in lock
    hashes = [one["content"] for found in altair["externalReferences"] for one in found.get("hashes", ())]
    assert hashes and all(f"sha256:{content}" in lock for content in hashes)
    assert str(PROJECT) not in text and "timestamp" not in listed["metadata"]


def test_nothing_is_uploaded_unless_told(
    project: Path,
    made: Path,
    tmp_path: Path,
    registry: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without --upload the names are printed and nothing is sent; with it the wheel and the sources are sent."""
    monkeypatch.setattr(module, "try_out", lambda _: None)
    monkeypatch.setattr(
        module, "build_alike", lambda _, out: [shutil.copy(made / name, out) for name in (WHEEL, SOURCE)]
    )
    release(project, tmp_path / "dist")
    assert f"would upload {WHEEL}, {SOURCE}" in capsys.readouterr().out
    assert registry == []
    release(project, tmp_path / "dist", upload=True)
    assert [name for sent in registry for name in (WHEEL, SOURCE, BOM) if f'filename="{name}"'.encode() in sent] == [
        WHEEL,
        SOURCE,
    ]


def test_what_is_not_ready_is_not_uploaded(
    project: Path, tmp_path: Path, registry: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload stops before anything is built where a change is not committed, or the list of changes has no day."""
    monkeypatch.setattr(module, "build_alike", lambda *_: pytest.fail("it was built"))
    unready = shutil.copytree(project, tmp_path / "project")
    (unready / "new.txt").touch()
    with pytest.raises(BuildError, match="not committed"):
        release(unready, tmp_path / "dist", upload=True)
    edit_text(unready / "CHANGELOG.md", " (2026-12-01)", " (not yet published)")
    commit(unready)
    with pytest.raises(BuildError, match="has no day"):
        release(unready, tmp_path / "dist", upload=True)
    assert registry == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f"## {__version__} (2026-12-01)", "## 99.0 (2026-12-01)", "has no section"),
        (" (2026-12-01)", "", "has no day"),
        ("- Something.\n", "", "says nothing"),
        ("- Something.", "- Something.", ""),
    ],
)
def test_the_list_of_changes_has_the_version(old: str, new: str, said: str) -> None:
    """A release needs a section of its version, with the day and some words."""
    found = "; ".join(unwritten(WRITTEN.replace(old, new, 1), __version__))
    assert (said in found) if said else not found


def rewritten(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Change what a wheel holds."""
    with zipfile.ZipFile(path) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist()}
    change(held)
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in held.items():
            wheel.writestr(name, content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda held: held.pop("build_tools/site_src/texts/vi.toml"), "lacks build_tools/site_src/texts/vi.toml"),
        (lambda held: held.update({"tests/test_x.py": b""}), "holds tests/test_x.py"),
        (lambda held: held.update({"build_tools/datapackages/x.csv": b""}), "holds build_tools/datapackages/x.csv"),
        (lambda held: held.update({"build_tools/large": b"x" * 6_000_000}), "is larger than"),
    ],
)
def test_a_wheel_with_other_contents_is_refused(
    change: Callable[[dict[str, bytes]], object], said: str, copy: Path
) -> None:
    """What a site needs is there; tests, packages and what is large are not."""
    check_contents(copy)
    rewritten(copy / WHEEL, change)
    with pytest.raises(BuildError, match=said):
        check_contents(copy)


def test_metadata_that_a_registry_refuses_are_refused(copy: Path) -> None:
    """A version of the metadata that is not known, or a description that cannot be shown, stops the release."""
    check_metadata(copy)
    name = f"minhbach-{__version__}.dist-info/METADATA"
    rewritten(
        copy / WHEEL,
        lambda held: held.update({name: held[name].replace(b"Metadata-Version: 2.4", b"Metadata-Version: 9.9")}),
    )
    with pytest.raises(BuildError, match="twine does not take it"):
        check_metadata(copy)


def test_two_builds_that_differ_are_refused(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that holds the path it was made at is none that others can make again."""
    built = module._built

    def with_its_path(project: Path, out: Path, target: str = "") -> dict[str, bytes]:
        with (project / "build_tools" / "__init__.py").open("a", encoding="utf-8") as file:
            file.write(f"HERE = {str(project)!r}\n")
        return built(project, out, target)

    monkeypatch.setattr(module, "_built", with_its_path)
    with pytest.raises(BuildError, match="two builds differ"):
        module.build_alike(project, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_make_release_uploads_only_when_told() -> None:
    """`make release` hands --upload on for UPLOAD=1 alone, and looks for known holes before that."""

    def planned(*arguments: str) -> str:
        command = ["make", "--dry-run", "release", "PYTHON=" + sys.executable, *arguments]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout

    assert "-m tests.release" in planned() and "--upload" not in planned() and "pip-audit" not in planned()
    told = planned("UPLOAD=1")
    assert told.index("pip-audit --strict") < told.index("-m tests.release --upload")
