"""What was published is held against itself: no byte changes unseen, wherever the site stands."""

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from build_tools import output
from build_tools.build import build_site
from build_tools.cli import main
from build_tools.errors import BuildError
from build_tools.render.downloads import make_zip
from build_tools.verify import FINDINGS, verify
from tests.makers import REPORT, Project, copy_example, edit_cell


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example project, built."""
    project = copy_example(tmp_path_factory.mktemp("verified"))
    built = build_site(project.settings())
    assert built.site is not None, built.checked.faults
    return project


@pytest.fixture(scope="module")
def published(project: Project) -> Path:
    """The site of the example project; whoever changes a file of it puts it back."""
    return (project.folder / "out" / "site").resolve()


@pytest.fixture
def site(published: Path, tmp_path: Path) -> Path:
    """A copy of that site, for a test to spoil."""
    return shutil.copytree(published, tmp_path / "site")


def found(site: Path | str, reports: Path | None = None) -> list[tuple[str, str]]:
    """Return the file and the code of everything that is found."""
    return [(fault.file, fault.code) for fault in verify(str(site), reports).faults]


def test_a_site_as_it_was_published_has_no_fault(project: Project, published: Path) -> None:
    """Every file, zip, claim and place of an untouched site is counted, and nothing is found."""
    verified = verify(str(published), project.texts)
    assert verified.faults == ()
    assert verified.files == sum(path.is_file() for path in published.rglob("*"))
    assert verified.bytes == sum(path.stat().st_size for path in published.rglob("*") if path.is_file())
    assert verified.zips == sum(path.suffix == ".zip" for path in published.rglob("*"))
    claims = json.loads((published / FINDINGS).read_bytes())["claims"]
    assert verified.claims == len(claims) > 0
    assert verified.spans is not None and verified.spans > 0
    assert verify(str(published)).spans is None


def changes(site: Path, count: int, seed: int) -> Iterator[tuple[str, int, int]]:
    """Yield a path, a place in the file and another byte for that place, over and over; every file as likely."""
    chance = random.Random(seed)  # noqa: S311  (the same changes in every run)
    paths = [path for path in output.paths_in(site) if (site / path).stat().st_size]
    for n in range(count):
        # The two listings are two files of many and vouch for all others, so they are changed more often.
        path = chance.choice((output.MANIFEST, output.CHECKSUMS) if n % 5 == 0 else paths)
        yield path, chance.randrange((site / path).stat().st_size), chance.randrange(1, 256)


def spoil(site: Path, count: int, seed: int) -> None:
    """Change one byte at a time; each change has to be found, and put back nothing is."""
    for path, at, mask in changes(site, count, seed):
        with (site / path).open("r+b") as file:
            before = os.pread(file.fileno(), 1, at)
            os.pwrite(file.fileno(), bytes([before[0] ^ mask]), at)
            faults = verify(str(site)).faults
            os.pwrite(file.fileno(), before, at)
        told = [fault for fault in faults if fault.level == "error"]
        assert told, f"byte {at} of {path} changed unseen ({before!r} with {mask})"
        if path not in (output.MANIFEST, output.CHECKSUMS):
            assert [fault.file for fault in told] == [path]
    assert verify(str(site)).faults == ()


def test_one_byte_changed_anywhere_is_found(published: Path) -> None:
    """A single byte changed in any file, the listings among them, is a fault; in a file it is named by its path."""
    spoil(published, 60, seed=2026)


@pytest.mark.long
def test_a_thousand_changes_are_found(built_site: Path, tmp_path: Path) -> None:
    """The same, a thousand times over the site of this project."""
    spoil(shutil.copytree(built_site, tmp_path / "site"), 1_000, seed=1)


def remove(site: Path) -> None:
    """Take a page away."""
    (site / "index.html").unlink()


def put(site: Path) -> None:
    """Put a file where none belongs."""
    (site / "du-lieu" / "moi.csv").write_text("a\n1\n")


def link(site: Path) -> None:
    """Put a link in the place of a page."""
    (site / "index.html").unlink()
    (site / "index.html").symlink_to("404.html")


def cut(site: Path) -> None:
    """Let a file end early."""
    path = site / "du-lieu" / f"{REPORT}.zip"
    path.write_bytes(path.read_bytes()[:-1])


def forget(site: Path) -> None:
    """Take a file out of the manifest alone."""
    path = site / output.MANIFEST
    path.write_bytes(b"".join(x for x in path.read_bytes().splitlines(True) if b'"index.html"' not in x))


def vouch(site: Path) -> None:
    """Change a page and its line in SHA256SUMS."""
    path, sums = site / "index.html", site / output.CHECKSUMS
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes() + b" ")
    sums.write_text(sums.read_text().replace(before, hashlib.sha256(path.read_bytes()).hexdigest()))


def blank(site: Path) -> None:
    """Add a space to the manifest, and its new hash to SHA256SUMS."""
    path, sums = site / output.MANIFEST, site / output.CHECKSUMS
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes().replace(b'{"files":', b'{"files": ', 1))
    sums.write_text(sums.read_text().replace(before, hashlib.sha256(path.read_bytes()).hexdigest()))


def shuffle(site: Path) -> None:
    """Write the lines of SHA256SUMS in another order."""
    path = site / output.CHECKSUMS
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(True))))


@pytest.mark.parametrize(
    ("spoiled", "expected"),
    [
        (remove, ("index.html", "published-missing")),
        (put, ("du-lieu/moi.csv", "published-extra")),
        (link, ("index.html", "published-odd")),
        (cut, (f"du-lieu/{REPORT}.zip", "published-changed")),
        (forget, ("index.html", "listings-differ")),
        (vouch, ("index.html", "listings-differ")),
        (blank, (output.MANIFEST, "listing-form")),
        (shuffle, (output.CHECKSUMS, "listing-form")),
        (lambda site: (site / output.MANIFEST).unlink(), (output.MANIFEST, "published-missing")),
        (lambda site: (site / output.CHECKSUMS).unlink(), (output.CHECKSUMS, "published-missing")),
        (lambda site: (site / output.MANIFEST).write_bytes(b'{"files": 1}'), (output.MANIFEST, "listing-unread")),
        (lambda site: (site / output.MANIFEST).write_bytes(b"[" * 100_000), (output.MANIFEST, "listing-unread")),
        (lambda site: (site / output.CHECKSUMS).write_bytes(b"\xff\n"), (output.CHECKSUMS, "listing-line")),
    ],
)
def test_what_is_lost_added_or_vouched_for_is_named(
    site: Path, spoiled: Callable[[Path], object], expected: tuple[str, str]
) -> None:
    """Files lost and added, links, and listings that say different things each have a fault of their own."""
    spoiled(site)
    assert expected in found(site)


# ---- sealed again by whoever altered it ----------------------------------------------------------------------------


def seal_again(site: Path) -> None:
    """Write both listings anew, as somebody would who alters a site and knows how it is sealed."""
    output.seal(site)
    assert output.damage(site) == ()


def rewritten(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change one file inside a zip."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    files[name] = change(files[name])
    path.write_bytes(make_zip(files))


def test_a_zip_is_held_to_its_own_checksums_and_descriptor(site: Path) -> None:
    """A table changed inside a zip differs from the checksums and the descriptor beside it, and from its CSV."""
    path = site / "du-lieu" / f"{REPORT}.zip"
    rewritten(path, f"{REPORT}/figures.csv", lambda content: content.replace(b"12450", b"12451", 1) + b"x\n")
    seal_again(site)
    faults = [fault for fault in verify(str(site)).faults if fault.file == f"du-lieu/{REPORT}.zip"]
    said = {(dict(fault.details).get("expected", "").split(" ")[0], fault.code) for fault in faults}
    assert {("bytes", "zip-file"), ("hash", "zip-file"), ("rows", "zip-file")} <= said
    assert any(fault.code == "zip-table" and fault.cell == f"{REPORT}/figures.csv" for fault in faults)
    assert any(dict(fault.details).get("source") == f"{REPORT}/SHA256SUMS" for fault in faults)


def test_a_zip_that_is_none_is_said_to_be_none(site: Path) -> None:
    """A zip sealed in whose bytes are none is a fault, not a traceback."""
    (site / "du-lieu" / f"{REPORT}.zip").write_bytes(b"PK\x03\x04 no zip")
    seal_again(site)
    assert (f"du-lieu/{REPORT}.zip", "zip-unread") in found(site)


def test_the_claims_are_calculated_again(site: Path) -> None:
    """A verdict that the arithmetic of the packages does not give is named by its claim."""
    path = site / FINDINGS
    record = json.loads(path.read_bytes())
    record["claims"][0]["verdict"] = "fails"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    seal_again(site)
    faults = verify(str(site)).faults
    claim = f"{record['claims'][0]['package']}#{record['claims'][0]['claim_id']}"
    assert [(fault.file, fault.code, fault.cell) for fault in faults] == [(FINDINGS, "claim-differs", claim)]


def test_the_places_are_compared_with_the_texts(project: Project, published: Path, tmp_path: Path) -> None:
    """With another text than the one transcribed, its places fail; without one they are not looked at."""
    texts = shutil.copytree(project.texts, tmp_path / "texts")
    path = next(iter(sorted(texts.glob("*.txt"))))
    path.write_text("x" + path.read_text("utf-8"), encoding="utf-8")
    codes = {fault.code for fault in verify(str(published), texts).faults}
    assert "text-changed" in codes
    assert verify(str(published)).faults == ()


# ---- at an address -------------------------------------------------------------------------------------------------


def test_a_site_at_an_address(project: Project, site: Path, serve: Callable[[Path], str]) -> None:
    """Over HTTP the same is found, but for files nobody lists: changed, missing, and none when all is well."""
    address = serve(site)
    verified = verify(address + "/", project.texts)
    assert verified.faults == ()
    assert verified.files == sum(path.is_file() for path in site.rglob("*")) - 1  # SHA256SUMS is read, not listed
    assert verified.claims and verified.spans
    (site / "index.html").unlink()
    (site / "404.html").write_bytes((site / "404.html").read_bytes() + b"\n")
    put(site)
    (site / "_headers").unlink()
    assert set(found(address)) == {
        ("index.html", "published-missing"),
        ("404.html", "published-changed"),
        ("_headers", "published-not-served"),
    }


def test_an_address_that_does_not_answer(serve: Callable[[Path], str], tmp_path: Path) -> None:
    """A host that is not there is a fault of the place, with its address; an empty host lacks both listings."""
    address = serve(tmp_path)
    assert [code for _, code in found(address)] == ["published-missing", "published-missing"]
    with pytest.raises(BuildError, match="cannot be fetched"):
        verify("http://127.0.0.1:9")


def test_a_host_is_not_followed_elsewhere(site: Path, serve: Callable[[Path], str]) -> None:
    """A redirection to another host is not followed: what is verified is the place that was named."""
    elsewhere = serve(site)

    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", elsewhere + self.path)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name that http.server gives it)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirect)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(BuildError, match="302"):
            verify(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ---- packages, and the command -------------------------------------------------------------------------------------


def test_a_zip_or_a_folder_alone(project: Project, published: Path, tmp_path: Path) -> None:
    """A zip by itself is held to its checksums and its claims are calculated; so is a folder of a package."""
    path = published / "du-lieu" / f"{REPORT}.zip"
    verified = verify(str(path), project.texts)
    assert verified.faults == () and verified.claims and verified.spans
    assert verify(str(project.report), project.texts).faults == ()
    copy = Path(shutil.copy(path, tmp_path / path.name))
    rewritten(copy, f"{REPORT}/README.md", lambda content: content + b"\n")
    assert [(fault.code, fault.cell) for fault in verify(str(copy)).faults] == [("zip-file", f"{REPORT}/README.md")]
    broken = copy_example(tmp_path / "broken")
    edit_cell(broken.report / "figures.csv", "jobs_created", "value", "nhiều")
    assert "cell-number" in {fault.code for fault in verify(str(broken.report)).faults}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command; return how it ended and what it printed."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    return int(str(ended.value.code)), said.out + said.err


def test_the_command(site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound is 0, altered is 1 with file and remedy in the language, wrong use is 2; all that outside a project too."""
    monkeypatch.chdir(site.parent)
    monkeypatch.delenv("MINHBACH_REPORTS", raising=False)
    code, said = run(capsys, "verify", "site", "--lang", "en")
    assert code == 0 and "as they were published" in said and "calculated again" in said
    (site / "index.html").write_bytes(b"altered")
    code, said = run(capsys, "verify", "site")
    assert code == 1 and "site/index.html" in said and "Đừng dùng tệp này" in said
    code, said = run(capsys, "verify", "site", "--json")
    record = json.loads(said)
    assert code == 1 and record["claims"] is None
    assert [(item["file"], item["code"]) for item in record["findings"]] == [("index.html", "published-changed")]
    for wrong in ("nowhere", "ftp://127.0.0.1/", ""):
        assert run(capsys, "verify", wrong)[0] == 2, wrong
    (site.parent / "empty").mkdir()
    code, said = run(capsys, "verify", "empty")
    assert code == 1 and "SHA256SUMS" in said


# ---- a signature ---------------------------------------------------------------------------------------------------


def test_a_signature_of_the_checksums(site: Path) -> None:
    """Checksums signed as the guide says are vouched for, altered ones are not; the site beside them stays whole."""
    import minisign

    sums = site / output.CHECKSUMS
    keys = minisign.KeyPair.generate()
    signature = keys.secret_key.sign(sums.read_bytes(), trusted_comment="minhbach 0.1.0")
    (site / output.SIGNATURE).write_bytes(bytes(signature))
    faults = verify(str(site)).faults
    assert [(fault.file, fault.code, fault.level) for fault in faults] == [
        (output.SIGNATURE, "signature-unread", "notice")
    ]
    assert output.damage(site) == ()
    lines = (site / output.SIGNATURE).read_text().splitlines()
    assert len(lines) == 4 and lines[2] == "trusted comment: minhbach 0.1.0"  # what `minisign -V` reads
    public = minisign.PublicKey.from_base64(keys.public_key.to_base64())
    read = minisign.Signature.from_bytes((site / output.SIGNATURE).read_bytes())
    public.verify(sums.read_bytes(), read)
    with pytest.raises(minisign.VerifyError):
        public.verify(sums.read_bytes().replace(b"index.html", b"indey.html", 1), read)
    with pytest.raises(minisign.VerifyError):
        minisign.KeyPair.generate().public_key.verify(sums.read_bytes(), read)
