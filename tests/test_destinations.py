"""Publishing to a folder, a branch of git, rsync and S3: what is sent, what is deleted, what a kill leaves."""

import hashlib
import json
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from build_tools import output
from build_tools.cli import app
from build_tools.destinations import Sent, UnknownTargetError, opened, send
from build_tools.destinations.s3 import cache_control
from build_tools.destinations.sending import JOURNAL, compare, read_site, without_password
from build_tools.errors import BuildError
from build_tools.media_types import content_type
from build_tools.output import CHECKSUMS, MANIFEST, SIGNATURE, OutputFile
from tests.conftest import NO_RSYNC, PROJECT

OLD = {
    "index.html": b"<p>old",
    "x/index.html": b"<p>same",
    "gone/index.html": b"<p>gone",
    "gone/deep/y.csv": b"a\n",
    "data.csv": b"a,b\n",
}
NEW = {"index.html": b"<p>new", "x/index.html": b"<p>same", "bao-cao/đ.csv": b"1\n", "data.csv": b"a,c\n"}
KILLED = {f"page/{n}/index.html": f"<p>{n}".encode() * 200 for n in range(150)}  # enough to be killed among


def make_site(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Make a sealed site of these files."""
    shutil.rmtree(folder, ignore_errors=True)
    output.write(folder, [OutputFile(path, content) for path, content in files.items()])
    output.seal(folder)
    return folder


@dataclass(frozen=True)
class Place:
    """A destination as tests see it: its target, and the files that are there."""

    target: str
    files: Callable[[], dict[str, bytes]]
    put: Callable[[str, bytes], None]  # by a hand that is not ours
    endpoint: str = ""

    def send(self, site: Path, dry_run: bool = False) -> Sent:
        """Publish a site there."""
        return send(self.target, site, endpoint=self.endpoint, dry_run=dry_run)

    def manifest(self) -> bytes:
        """Return the manifest that is there."""
        return self.files()[MANIFEST]


def files_in(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@pytest.fixture
def folder_place(tmp_path: Path) -> Place:
    """A folder."""
    folder = tmp_path / "www"

    def put(path: str, content: bytes) -> None:
        (folder / "site" / path).write_bytes(content)

    return Place(str(folder), lambda: files_in(folder / "site") if (folder / "site").exists() else {}, put)


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Return what git says in a repository."""
    identity = {"GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x", "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x"}
    environment = {**os.environ, **identity}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, input=given, check=True, capture_output=True, env=environment).stdout


@pytest.fixture
def git_place(tmp_path: Path) -> Place:
    """A branch of a bare repository."""
    repository = tmp_path / "pages.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)

    def files() -> dict[str, bytes]:
        try:
            names = git(repository, "ls-tree", "-r", "-z", "--name-only", "gh-pages").decode().split("\0")[:-1]
        except subprocess.CalledProcessError:
            return {}
        return {name: git(repository, "cat-file", "blob", f"gh-pages:{name}") for name in names}

    def put(path: str, content: bytes) -> None:
        checkout = tmp_path / "checkout"
        shutil.rmtree(checkout, ignore_errors=True)
        git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(repository), str(checkout))
        (checkout / path).write_bytes(content)
        git(checkout, "add", path)
        git(checkout, "commit", "--quiet", "-m", "by hand")
        git(checkout, "push", "--quiet", "origin", "gh-pages")

    return Place(f"git+file://{repository}#gh-pages", files, put)


@pytest.fixture
def rsync_place(tmp_path: Path) -> Iterator[Place]:
    """A module of rsync's daemon on 127.0.0.1."""
    if shutil.which("rsync") is None:
        pytest.skip(NO_RSYNC)
    port, folder, settings = free_port(), tmp_path / "module", tmp_path / "rsyncd.conf"
    folder.mkdir()
    settings.write_text(
        f"use chroot = no\nuid = {os.getuid()}\ngid = {os.getgid()}\nlog file = {tmp_path}/rsyncd.log\n"
        f"[www]\npath = {folder}\nread only = no\n",
        encoding="utf-8",
    )
    command = ["rsync", "--daemon", "--no-detach", "--address=127.0.0.1", f"--port={port}", f"--config={settings}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as daemon:
        try:
            wait_for(lambda: answers(port))
            below = folder / "site"

            def put(path: str, content: bytes) -> None:
                below.mkdir(exist_ok=True)
                (below / path).write_bytes(content)

            yield Place(f"rsync://127.0.0.1:{port}/www/site", lambda: files_in(below), put)
        finally:
            daemon.terminate()


def answers(port: int) -> bool:
    """Say whether somebody listens at a port."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """A server that speaks S3, on 127.0.0.1."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


SECRET = "s" * 30


@pytest.fixture
def s3_place(s3_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    """A prefix of a bucket."""
    import boto3

    for name, value in (("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", "us-east-1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1")
    name = f"b{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:20]}"
    client.create_bucket(Bucket=name)

    def objects() -> Iterator[dict[str, Any]]:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            yield from page.get("Contents", ())

    def files() -> dict[str, bytes]:
        found = {}
        for key in [item["Key"] for item in objects()]:
            with suppress(client.exceptions.NoSuchKey):  # deleted since it was listed
                found[key.removeprefix("site/")] = client.get_object(Bucket=name, Key=key)["Body"].read()
        return found

    def put(path: str, content: bytes) -> None:
        client.put_object(Bucket=name, Key=f"site/{path}", Body=content)

    return Place(f"s3://{name}/site", files, put, s3_server)


@pytest.fixture(params=["folder", "git", "rsync", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each kind of destination."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture(params=["rsync", "s3"])
def by_manifest(request: pytest.FixtureRequest) -> Place:
    """Each kind of destination that takes files one by one."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


def shown(place: Place) -> dict[str, bytes]:
    """Return what a destination shows, without what git's hosts want beside it."""
    return {path: content for path, content in place.files().items() if path != ".nojekyll"}


# -- every kind -------------------------------------------------------------------------------------------------------


def test_a_site_arrives_as_it_is(place: Place, tmp_path: Path) -> None:
    """After a publish the destination holds the site's files, byte for byte, and nothing else of ours."""
    site = make_site(tmp_path / "new", NEW)
    sent = place.send(site)
    assert [file.path for file in sent.changes.added] == sorted(files_in(site))
    assert shown(place) == files_in(site)


def test_a_second_publish_changes_nothing(place: Place, tmp_path: Path) -> None:
    """The same site again is no change: nothing is sent."""
    site = make_site(tmp_path / "new", NEW)
    place.send(site)
    before = place.files()
    sent = place.send(site)
    assert not sent.changes
    assert place.files() == before


def test_what_is_gone_is_deleted(place: Place, tmp_path: Path) -> None:
    """A publish adds, changes and removes exactly what differs between the two sites."""
    place.send(make_site(tmp_path / "old", OLD))
    sent = place.send(make_site(tmp_path / "new", NEW))
    listings = [CHECKSUMS, MANIFEST]
    assert [file.path for file in sent.changes.added] == ["bao-cao/đ.csv"]
    assert [file.path for file in sent.changes.changed] == sorted([*listings, "data.csv", "index.html"])
    assert [file.path for file in sent.changes.removed] == ["gone/deep/y.csv", "gone/index.html"]
    assert shown(place) == files_in(tmp_path / "new")


def test_a_dry_run_says_the_same_and_sends_nothing(place: Place, tmp_path: Path) -> None:
    """What --dry-run lists is what a publish then does; the destination stays as it was."""
    place.send(make_site(tmp_path / "old", OLD))
    before = place.files()
    would = place.send(make_site(tmp_path / "new", NEW), dry_run=True)
    assert place.files() == before
    assert place.send(tmp_path / "new").changes == would.changes
    assert would.changes


def test_a_file_where_a_folder_was(place: Place, tmp_path: Path) -> None:
    """A file may take the place of a folder, and a folder that of a file."""
    place.send(make_site(tmp_path / "old", {"a/b.txt": b"1", "c": b"2"}))
    place.send(make_site(tmp_path / "new", {"a": b"3", "c/d.txt": b"4"}))
    assert shown(place) == files_in(tmp_path / "new")


def test_a_signature_goes_along(place: Place, tmp_path: Path) -> None:
    """The signature of a release, which no listing names, is sent, replaced, and removed with it."""
    site = make_site(tmp_path / "new", NEW)
    place.send(site)
    (site / SIGNATURE).write_bytes(b"signed")
    assert [file.path for file in place.send(site).changes.added] == [SIGNATURE]
    assert place.files()[SIGNATURE] == b"signed"
    assert not place.send(site).changes
    (site / SIGNATURE).unlink()
    place.send(site)
    assert SIGNATURE not in place.files()


@pytest.mark.parametrize("kind", ["git", "rsync", "s3"])
def test_files_of_others_stay(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """What no publish put there is never deleted."""
    place: Place = request.getfixturevalue(f"{kind}_place")
    place.send(make_site(tmp_path / "old", OLD))
    place.put("CNAME", b"minhbach.example")
    place.send(make_site(tmp_path / "new", NEW))
    assert shown(place) == {**files_in(tmp_path / "new"), "CNAME": b"minhbach.example"}


@pytest.mark.parametrize("kind", ["git", "rsync", "s3"])
def test_files_of_others_are_not_overwritten(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A file that no publish put there, at a path that the site needs, stops the publish before it begins."""
    place: Place = request.getfixturevalue(f"{kind}_place")
    place.send(make_site(tmp_path / "old", {"index.html": b"x"}))
    place.put("data.csv", b"another's")
    before = place.files()
    with pytest.raises(BuildError, match="no publish put it there"):
        place.send(make_site(tmp_path / "new", NEW))
    assert place.files() == before


# -- killed -----------------------------------------------------------------------------------------------------------

PUBLISH = """
import sys
from pathlib import Path
from build_tools.destinations import send

send(sys.argv[1], Path(sys.argv[2]), endpoint=sys.argv[3])
"""


def killed_publish(place: Place, site: Path, begun: Callable[[], bool], later: float) -> bool:
    """Begin a publish, kill it and all it started a moment after it has begun, and say whether it was under way."""
    command = publishing(place, site)
    with subprocess.Popen(command, cwd=PROJECT, start_new_session=True, stderr=subprocess.DEVNULL) as publish:
        while publish.poll() is None and not begun():
            time.sleep(0.001)
        time.sleep(later)
        under_way = publish.poll() is None
        with suppress(ProcessLookupError):  # it was done, and all that it started
            os.killpg(publish.pid, signal.SIGKILL)
    return under_way


def publishing(place: Place, site: Path) -> list[str]:
    """Return the command that publishes a site in a process of its own."""
    return [sys.executable, "-c", PUBLISH, place.target, str(site), place.endpoint]


@pytest.mark.parametrize("kind", ["folder", "git"])
def test_killed_it_is_old_or_new(kind: str, request: pytest.FixtureRequest, tmp_path: Path, long_run: bool) -> None:
    """A folder and a branch killed at any moment show the old site or the new one, whole; the next publish mends."""
    place: Place = request.getfixturevalue(f"{kind}_place")
    old = make_site(tmp_path / "old", {**OLD, **KILLED})
    new = make_site(tmp_path / "new", {**NEW, **{path: content + b"!" for path, content in KILLED.items()}})
    place.send(old)
    choose, under_way = random.Random(1), 0  # noqa: S311  (moments, no secrets)
    begun = (tmp_path / "www" / "staging").exists if kind == "folder" else (lambda: True)
    since = time.monotonic()
    subprocess.run(publishing(place, new), cwd=PROJECT, check=True)
    whole = time.monotonic() - since  # on this machine, as busy as it is
    for n in range(60 if long_run else 4):
        later = choose.uniform(0, 0.05) if kind == "folder" else choose.uniform(0.3, 0.9) * whole
        before = shown(place)
        site = new if before == files_in(old) else old
        under_way += killed_publish(place, site, begun, later)
        assert shown(place) in (before, files_in(site)), n
    assert under_way
    place.send(new)
    assert shown(place) == files_in(new)


def test_killed_the_manifest_tells(by_manifest: Place, tmp_path: Path, long_run: bool) -> None:
    """Killed at any moment, what is not as the manifest says is named in the journal; the next publish mends it all."""
    place = by_manifest
    old = make_site(tmp_path / "old", {**OLD, **KILLED})
    new = make_site(tmp_path / "new", {**NEW, **{path: content + b"!" for path, content in KILLED.items()}})
    place.send(old)
    manifests = [(site / MANIFEST).read_bytes() for site in (old, new)]
    choose, under_way = random.Random(1), 0  # noqa: S311  (moments, no secrets)

    def begun() -> bool:
        with opened(place.target, endpoint=place.endpoint) as destination:
            return destination.held(read_site(old)).unfinished

    for n in range(20 if long_run else 3):
        site = (new, old)[n % 2]
        under_way += killed_publish(place, site, begun, choose.uniform(0, 0.1))
        there = place.files()
        manifest = there[MANIFEST]
        assert manifest in manifests
        doubtful = set(json.loads(there[JOURNAL])["paths"]) if JOURNAL in there else set()
        told = {entry["path"]: entry["sha256"] for entry in json.loads(manifest)["files"]}
        for path, digest in told.items():
            whole = path in there and hashlib.sha256(there[path]).hexdigest() == digest
            assert whole or path in doubtful, path
        extra = {path.replace(".~tmp~/", "") for path in there} - told.keys() - doubtful
        assert extra <= {MANIFEST, CHECKSUMS, JOURNAL}
    assert under_way
    third = make_site(tmp_path / "third", {"index.html": b"<p>third"})
    place.send(third)
    assert place.files() == files_in(third)


def test_what_is_missing_is_sent_again(by_manifest: Place, tmp_path: Path) -> None:
    """A file that somebody cut or took away is sent again, though the manifest there names it."""
    site = make_site(tmp_path / "new", NEW)
    by_manifest.send(site)
    by_manifest.put("data.csv", b"a")
    assert [file.path for file in by_manifest.send(site).changes.added] == ["data.csv"]
    assert by_manifest.files() == files_in(site)


def test_what_is_in_doubt_is_sent_again(by_manifest: Place, tmp_path: Path) -> None:
    """A file that the journal names is sent again, though it has the size and the name that the manifest gives."""
    site = make_site(tmp_path / "new", NEW)
    by_manifest.send(site)
    by_manifest.put("data.csv", b"a,d\n")
    by_manifest.put(JOURNAL, b'{"paths": ["data.csv", "never/arrived.csv"]}')
    assert [file.path for file in by_manifest.send(site).changes.changed] == ["data.csv"]
    assert by_manifest.files() == files_in(site)


def test_the_order_of_sending(tmp_path: Path) -> None:
    """The journal goes first, then what pages show, then pages, then the manifest; deletion comes last of all."""
    from build_tools.destinations.sending import ByManifest, Site

    said: list[str] = []

    class Memory:
        name = "memory"

        def __init__(self) -> None:
            self.there: dict[str, bytes] = {}

        def look(self) -> dict[str, int]:
            return {path: len(content) for path, content in self.there.items()}

        def read(self, path: str) -> bytes:
            return self.there[path]

        def write(self, path: str, content: bytes) -> None:
            self.there[path] = content
            said.append(f"note {len(json.loads(content)['paths'])}")

        def send(self, site: Site, paths: Any) -> None:
            self.there.update({path: (site.folder / path).read_bytes() for path in paths})
            said.append("send " + " ".join(paths))

        def delete(self, paths: Any, kept: Any) -> None:
            assert not set(paths) & set(kept)
            for path in paths:
                self.there.pop(path, None)
            said.append("delete " + " ".join(paths))

        def half_of(self, path: str) -> str:
            del path
            return ""

    destination = ByManifest(Memory())
    for files in (OLD, NEW):
        said.clear()
        site = read_site(make_site(tmp_path / "site", files))
        held = destination.held(site)
        destination.put(site, compare(site, held), held)
    assert said == [
        "note 7",
        "send bao-cao/đ.csv data.csv",
        "send index.html",
        f"send {CHECKSUMS}",
        f"send {MANIFEST}",
        "note 2",
        "delete gone/deep/y.csv gone/index.html",
        f"delete {JOURNAL}",
    ]


# -- one kind ---------------------------------------------------------------------------------------------------------


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    """A folder that holds `versions` or a real `site` of somebody else is left alone."""
    site = make_site(tmp_path / "new", NEW)
    for name in ("versions", "site"):
        (tmp_path / f"of-{name}" / name).mkdir(parents=True)
        with pytest.raises(BuildError):
            send(str(tmp_path / f"of-{name}"), site)
        assert [path.name for path in (tmp_path / f"of-{name}").iterdir()] == [name]


def test_the_version_before_stays_in_a_folder(folder_place: Place, tmp_path: Path) -> None:
    """`previous` leads to the version before, and other files in the folder stay."""
    folder_place.send(make_site(tmp_path / "old", OLD))
    (tmp_path / "www" / "mine.txt").touch()
    folder_place.send(make_site(tmp_path / "new", NEW))
    assert files_in(tmp_path / "www" / "previous") == files_in(tmp_path / "old")
    assert (tmp_path / "www" / "mine.txt").exists()


def test_a_changed_file_in_a_folder_is_mended(folder_place: Place, tmp_path: Path) -> None:
    """A file that somebody changed in the version on show is as it should be after the next publish."""
    site = make_site(tmp_path / "new", NEW)
    folder_place.send(site)
    folder_place.put("data.csv", b"a,d\n")
    assert folder_place.send(site).changes
    assert folder_place.files() == files_in(site)


def test_a_branch_gets_one_commit_a_change(git_place: Place, tmp_path: Path) -> None:
    """A publish is a commit after the newest; where nothing changed there is none."""
    repository = tmp_path / "pages.git"
    for files in (OLD, OLD, NEW, NEW):
        git_place.send(make_site(tmp_path / "site", files))
    assert git(repository, "rev-list", "--count", "gh-pages").strip() == b"2"


def test_a_branch_of_others_is_refused(git_place: Place, tmp_path: Path) -> None:
    """A branch with commits of which none is a publish, like main, is not published to."""
    repository = tmp_path / "pages.git"
    tree = git(repository, "mktree", given=b"").decode().strip()
    commit = git(repository, "commit-tree", tree, given=b"mine").decode().strip()
    git(repository, "update-ref", "refs/heads/gh-pages", commit)
    with pytest.raises(BuildError, match="no published site"):
        git_place.send(make_site(tmp_path / "new", NEW))
    assert git(repository, "rev-parse", "gh-pages").decode().strip() == commit


def test_a_checkout_stays_as_it_is(git_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of a remote, from inside a checkout: its files, index, branch and references stay as they are."""
    del git_place
    checkout = tmp_path / "work"
    git(tmp_path, "clone", "--quiet", str(tmp_path / "pages.git"), str(checkout))
    (checkout / "mine.txt").write_text("mine", encoding="utf-8")
    git(checkout, "add", "mine.txt")
    before = (git(checkout, "status", "--porcelain", "--branch"), git(checkout, "for-each-ref"))
    monkeypatch.chdir(checkout)
    send("origin", make_site(tmp_path / "new", NEW), branch="gh-pages")
    assert (git(checkout, "status", "--porcelain", "--branch"), git(checkout, "for-each-ref")) == before
    assert git(tmp_path / "pages.git", "cat-file", "blob", "gh-pages:index.html") == b"<p>new"


def test_rsync_over_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`user@host:path` goes through rsync's remote shell; here one that runs the command on this machine."""
    if shutil.which("rsync") is None:
        pytest.skip(NO_RSYNC)
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\nwhile [ "$1" != rsync ]; do shift; done\nexec "$@"\n', encoding="utf-8")
    shell.chmod(0o755)
    monkeypatch.setenv("RSYNC_RSH", str(shell))
    site = make_site(tmp_path / "new", NEW)
    send(f"clerk@host:{tmp_path}/there", site)
    assert files_in(tmp_path / "there") == files_in(site)


def test_s3_says_what_a_file_is(s3_place: Place, tmp_path: Path) -> None:
    """An object is sent with the type and the cache header that docs/guides/hosting.md gives to servers."""
    import boto3

    s3_place.send(make_site(tmp_path / "new", {**NEW, "assets/css/all.12345678.css": b"a{}"}))
    client = boto3.client("s3", endpoint_url=s3_place.endpoint, region_name="us-east-1")
    name = s3_place.target.split("/")[2]
    found = {
        path: client.head_object(Bucket=name, Key=f"site/{path}")
        for path in ("index.html", "assets/css/all.12345678.css")
    }
    assert found["index.html"]["ContentType"] == "text/html; charset=utf-8"
    assert found["index.html"]["CacheControl"] == "public, max-age=300, must-revalidate"
    assert "immutable" in found["assets/css/all.12345678.css"]["CacheControl"]
    assert content_type("a.vl.json").startswith("application/json")
    assert content_type("a.pf_meta") == "application/octet-stream"
    assert cache_control("en/assets/fonts/x.woff2") == "public, max-age=2592000"


def test_s3_takes_no_file_that_changed_meanwhile(s3_place: Place, tmp_path: Path) -> None:
    """A file that is not as the site's manifest says is not sent."""
    site = make_site(tmp_path / "new", NEW)
    (site / "data.csv").write_bytes(b"a,d\n")
    with pytest.raises(BuildError, match="changed while it was published"):
        s3_place.send(site)
    assert MANIFEST not in s3_place.files()


# -- targets and secrets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["", "ftp://host/x", "s3://", "s3://B/x", "git+https://host/x.git", "-x", "rsync://"]
)
def test_a_target_that_is_none_is_refused(target: str) -> None:
    """What names no destination is wrong use, before anything is asked of anybody."""
    with pytest.raises(UnknownTargetError), opened(target):
        pass


def test_no_password_is_shown(tmp_path: Path) -> None:
    """An address with a password is shown without it, also where git repeats it."""
    assert (
        without_password("see https://me:pw@host/x and rsync://you@h/m") == "see https://***@host/x and rsync://***@h/m"
    )
    site = make_site(tmp_path / "new", NEW)
    with pytest.raises(BuildError) as caught:
        send("git+http://me:geheim@127.0.0.1:9/x.git#pages", site)
    assert "geheim" not in str(caught.value)


def test_no_credential_is_shown(s3_place: Place, tmp_path: Path) -> None:
    """A fault of the storage tells neither key nor secret."""
    site = make_site(tmp_path / "new", NEW)
    with pytest.raises(BuildError) as caught:
        send("s3://there-is-no-such-bucket/x", site, endpoint=s3_place.endpoint)
    assert "NoSuchBucket" in caught.value.what
    assert SECRET not in str(caught.value)


# -- the command ------------------------------------------------------------------------------------------------------


def test_a_damaged_site_is_not_sent(tmp_path: Path) -> None:
    """What `verify` calls damaged is refused with exit code 1, and nothing is sent."""
    site = make_site(tmp_path / "new", NEW)
    (site / "data.csv").write_bytes(b"a,d\n")
    result = CliRunner().invoke(app, ["publish", str(tmp_path / "www"), "--site", str(site), "--lang", "en"])
    assert result.exit_code == 1
    assert "Not published" in result.output
    assert not (tmp_path / "www").exists()


def test_the_command_lists_and_sends(tmp_path: Path) -> None:
    """--dry-run names each file with its size, --json tells programs, and a second publish has nothing to do."""
    site, target = make_site(tmp_path / "new", {"index.html": b"<p>new"}), str(tmp_path / "www")
    command = ["publish", target, "--site", str(site), "--lang", "en"]
    dry = CliRunner().invoke(app, [*command, "--dry-run"])
    assert "added    index.html  6 bytes" in dry.output
    assert not (tmp_path / "www").exists()
    done = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)
    assert {"path": "index.html", "bytes": 6} in done["added"]
    assert "nothing to send" in CliRunner().invoke(app, command).output


@pytest.mark.parametrize(
    "arguments", [["ftp://x/y"], ["x", "--site", "not-there"], ["x", "--endpoint", "http://127.0.0.1:1"]]
)
def test_wrong_use_ends_with_2(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that is none, a site that is not there, an option that does not belong: exit code 2."""
    monkeypatch.chdir(tmp_path)
    make_site(tmp_path / "new", NEW)
    given = arguments if "--site" in arguments else [*arguments, "--site", "new"]
    assert CliRunner().invoke(app, ["publish", *given]).exit_code == 2
