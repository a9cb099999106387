"""Check what was published against itself: the listings, every file, every zip, and the arithmetic in them.

`SHA256SUMS` and `manifest.json` both cover the whole site, and each has only one form it may have. So one byte changed
anywhere, in a file or in a listing, is a fault with a name. What was altered is not calculated with: the places in the
texts and the claims are looked at when every file is as it was sealed.
"""

import csv
import hashlib
import io
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
)

from build_tools.archives import contents, unpacked
from build_tools.audit import as_json as findings_json
from build_tools.checks import Checked, check
from build_tools.errors import BuildError
from build_tools.faults import Fault, as_json, fault, stops
from build_tools.output import (
    CHECKSUMS,
    MANIFEST,
    SIGNATURE,
    check_path,
    checksums_of,
    entries_in,
    manifest_of,
    size_and_hash,
)
from build_tools.packages import DESCRIPTOR, SLUG

FINDINGS = "doi-chieu/findings.json"  # what the site says of every claim
ONLY_FOR_HOSTS = ("_headers",)  # what a host that applies it hands out to nobody
MOST_LISTING = 100_000_000
SECONDS = 30  # that a host may be silent

_PACKAGE_ZIP = re.compile(rf"du-lieu/{SLUG.pattern}\.zip")  # of the newest version; others name theirs
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what is not as it was published."""

    place: str
    files: int = 0
    bytes: int = 0
    zips: int = 0
    claims: int | None = None  # calculated again; None where what was found before made it pointless
    spans: int | None = None  # places compared with the texts; None where no text is at hand
    faults: tuple[Fault, ...] = ()


def as_record(verified: Verified, language: str) -> dict[str, object]:
    """Return the outcome as `verify --json` prints it."""
    counts = {name: getattr(verified, name) for name in ("place", "files", "bytes", "zips", "claims", "spans")}
    return {**counts, "findings": as_json(verified.faults, language)}


def verify(place: str, reports: Path | None = None) -> Verified:
    """Return what a published site, a package or a zip of one comes to, held against what it says of itself.

    `place` is a folder, a zip or an address that begins with http:// or https://; `reports` the folder of the reports'
    texts, None when they are not at hand. Raises BuildError for a place that is none of these or does not answer.
    """
    if re.match(r"https?://", place):
        with TemporaryDirectory(prefix="minhbach-") as folder:
            return _site(Host(place, Path(folder)), reports)
    path = Path(place)
    if path.is_dir() and not (path / DESCRIPTOR).is_file():
        if not any((path / listing).is_file() for listing in (MANIFEST, CHECKSUMS)):
            raise BuildError(
                place,
                f"không có {CHECKSUMS}, {MANIFEST} hay {DESCRIPTOR} / has none of these",
                "Chỉ ra thư mục của trang đã công bố, một gói hay tệp zip / Name a published site, a package or a zip.",
            )
        return _site(Folder(place, path.resolve()), reports)
    return _package(place, path, reports)


# ---- where a site stands -------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Seen:
    """A file that is there: its size and SHA-256, or why they are not known (a code of a fault, and its words)."""

    path: str
    size: int = 0
    sha256: str = ""
    code: str = ""
    problem: str = ""


class Source(Protocol):
    """A published site, wherever it stands."""

    @property
    def place(self) -> str:
        """What it is called by whoever asked."""

    def listing(self, name: str) -> bytes | None:
        """Return a listing as it stands, None where it is not there."""

    def look(self, listed: Mapping[str, int | None]) -> Iterator[Seen]:
        """Yield every file there is; `listed` are those there should be, with their sizes where they are known."""

    def copy(self, path: str) -> Path:
        """Return where a file that was seen can be read."""


@dataclass(frozen=True)
class Folder:
    """A site in a folder, where extra files show too."""

    place: str
    folder: Path

    def listing(self, name: str) -> bytes | None:
        """Return a listing as it stands, None where it is not there."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() and not path.is_symlink() else None

    def look(self, listed: Mapping[str, int | None]) -> Iterator[Seen]:
        """Yield every file below the folder."""
        del listed
        for path, entry in entries_in(self.folder):
            if not entry.is_file(follow_symlinks=False):
                yield Seen(path, code="published-odd")
                continue
            try:
                yield Seen(path, *size_and_hash(Path(entry.path)))
            except OSError as error:
                yield Seen(path, code="published-unread", problem=error.strerror or str(error))

    def copy(self, path: str) -> Path:
        """Return the file itself."""
        return self.folder / path


class _SameHost(HTTPRedirectHandler):
    """Follow a redirection only where it stays with the host that was named."""

    def redirect_request(self, req: Request, *arguments: Any) -> Request | None:
        """Return the next request, None to stay."""
        followed = super().redirect_request(req, *arguments)
        return (
            followed if followed is not None and urlsplit(followed.full_url)[:2] == urlsplit(req.full_url)[:2] else None
        )


@dataclass(frozen=True)
class Host:
    """A site at an address. Only what is listed can be asked for, so extra files stay unseen."""

    place: str
    kept: Path  # where zips and findings are kept for the checks after
    opener: OpenerDirector = field(default_factory=OpenerDirector)

    def __post_init__(self) -> None:
        """Let the opener know http and https alone: no files of this machine, no other protocol, no proxy."""
        for handler in (HTTPHandler, HTTPSHandler, _SameHost, HTTPDefaultErrorHandler, HTTPErrorProcessor):
            self.opener.add_handler(handler())

    def fetch(self, path: str, most: int) -> bytes | None:
        """Return a file, cut where it is longer than `most`; None where there is none. Raises OSError otherwise."""
        address = f"{self.place.rstrip('/')}/{quote(path)}"
        asked = Request(address, headers={"User-Agent": "minhbach verify", "Accept-Encoding": "identity"})  # noqa: S310  (the opener knows http and https alone)
        try:
            with self.opener.open(asked, timeout=SECONDS) as answer:
                content: bytes = answer.read(most)
                return content
        except HTTPError as error:
            if error.code in (404, 410):
                return None
            raise
        except HTTPException as error:
            raise OSError(f"{type(error).__name__}: {error}") from error

    def listing(self, name: str) -> bytes | None:
        """Return a listing as it stands, None where it is not there; BuildError where the host does not answer."""
        try:
            return self.fetch(name, MOST_LISTING)
        except OSError as error:
            raise BuildError(
                f"{self.place.rstrip('/')}/{name}",
                f"không tải được / cannot be fetched: {error}",
                "Kiểm địa chỉ và mạng rồi thử lại / Check the address and the network, and try again.",
            ) from error

    def look(self, listed: Mapping[str, int | None]) -> Iterator[Seen]:
        """Yield every listed file that the host hands out."""
        with ThreadPoolExecutor(8) as pool:
            for seen in pool.map(self._look_at, listed.items()):
                if seen is not None:
                    yield seen

    def _look_at(self, listed: tuple[str, int | None]) -> Seen | None:
        path, size = listed
        try:
            content = self.fetch(path, MOST_LISTING if size is None else size + 1)
        except OSError as error:
            return Seen(path, code="published-unread", problem=str(error))
        if content is None:
            return None
        if _is_zip_of_ours(path) or path == FINDINGS:
            self.copy(path).parent.mkdir(parents=True, exist_ok=True)
            self.copy(path).write_bytes(content)
        return Seen(path, len(content), hashlib.sha256(content).hexdigest())

    def copy(self, path: str) -> Path:
        """Return where a zip was kept."""
        return self.kept / path


# ---- the listings and the files ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """What the two listings say, by path; empty where a listing cannot be read."""

    manifest: Mapping[str, tuple[int, str]]
    checksums: Mapping[str, str]

    def sizes(self) -> dict[str, int | None]:
        """Return the files there should be, with their sizes where one listing gives them."""
        paths = sorted((self.manifest.keys() | self.checksums.keys()) - {CHECKSUMS})
        return {path: self.manifest[path][0] if path in self.manifest else None for path in paths}


def _is_zip_of_ours(path: str) -> bool:
    """Return whether a file is a zip that a build makes; one below a package is a file of its makers, as it stands."""
    return path.endswith(".zip") and not re.match(r"du-lieu/[^/]+/", path)


def _site(source: Source, reports: Path | None) -> Verified:
    """Return what a published site comes to."""
    listed, faults = _listings(source)
    seen = list(source.look(listed.sizes()))
    faults += _file_faults(source, listed, seen)
    zips = [one.path for one in seen if _is_zip_of_ours(one.path) and not one.code]
    sound = not stops(faults)
    for path in zips if sound else ():
        faults += _zip_faults(source, path, listed)
    checked = None
    if sound and not stops(faults):
        try:
            newest = [source.copy(path) for path in zips if _PACKAGE_ZIP.fullmatch(path)]
            checked = _checked([path for path in newest if _is_ours(_descriptor(path))], reports)
        except BuildError as error:
            faults.append(fault(source.place, "", "zip-unread", problem=f"{error.place}: {error.what}"))
        faults += checked.faults if checked is not None else ()
        faults += _claim_faults(source, checked)
    return Verified(
        source.place,
        len(seen),
        sum(one.size for one in seen),
        len(zips),
        *_calculated(checked),
        tuple(sorted(faults)),
    )


def _calculated(checked: Checked | None) -> tuple[int | None, int | None]:
    """Return how many claims were calculated again, and how many places compared with a text."""
    if checked is None:
        return None, None
    claims = sum(len(report.findings) for report in checked.reports) + len(checked.between.findings)
    with_text = [report for report in checked.reports if report.coverage.text_at_hand]
    return claims, sum(len(report.data.spans) for report in with_text) if with_text else None


def _listings(source: Source) -> tuple[Listed, list[Fault]]:
    """Return what both listings say, and where they are damaged or say different things."""
    place, faults = source.place, []
    manifest_bytes, checksums_bytes = source.listing(MANIFEST), source.listing(CHECKSUMS)
    manifest: dict[str, tuple[int, str]] = {}
    checksums: dict[str, str] = {}
    if manifest_bytes is None:
        faults.append(fault(place, MANIFEST, "published-missing", listing=CHECKSUMS))
    else:
        try:
            manifest = _read_manifest(manifest_bytes)
        except (ValueError, TypeError, KeyError, RecursionError, BuildError) as error:
            faults.append(fault(place, MANIFEST, "listing-unread", problem=error))
    if checksums_bytes is None:
        faults.append(fault(place, CHECKSUMS, "published-missing", listing=MANIFEST))
    else:
        checksums, found = _read_checksums(place, checksums_bytes)
        faults += found
    if manifest_bytes is None or checksums_bytes is None or stops(faults):
        return Listed(manifest, checksums), faults
    for path in sorted(manifest.keys() | checksums.keys() - {MANIFEST}):
        said = manifest[path][1] if path in manifest else ""
        if said != checksums.get(path, ""):
            details = {"manifest": said[:12] or "–", "checksums": checksums.get(path, "")[:12] or "–"}
            faults.append(fault(place, path, "listings-differ", details=details))
    if not faults:
        entries = [(path, size, digest) for path, (size, digest) in manifest.items()]
        if manifest_of(entries) != manifest_bytes:
            faults.append(fault(place, MANIFEST, "listing-form"))
        elif checksums_of(entries, manifest_bytes) != checksums_bytes and MANIFEST in checksums:
            # Where the hash of the manifest is another, the manifest is said to have changed.
            written = checksums[MANIFEST] == hashlib.sha256(manifest_bytes).hexdigest()
            faults += [fault(place, CHECKSUMS, "listing-form")] if written else []
    return Listed(manifest, checksums), faults


def _read_manifest(content: bytes) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 by path; raise an error for what is no manifest of ours."""
    found: dict[str, tuple[int, str]] = {}
    for entry in json.loads(content.decode("utf-8"))["files"]:
        path, size, digest = entry["path"], entry["bytes"], entry["sha256"]
        if not isinstance(path, str) or type(size) is not int or size < 0 or not isinstance(digest, str):
            raise ValueError(f"{entry!r:.200}")
        check_path(path)
        if path in found or not _HASH.fullmatch(digest):
            raise ValueError(f"{path}: {digest}")
        found[path] = size, digest
    return found


def _read_checksums(place: str, content: bytes) -> tuple[dict[str, str], list[Fault]]:
    """Return the SHA-256 by path, and the lines that say none."""
    found: dict[str, str] = {}
    faults = []
    for number, line in enumerate(content.decode("utf-8", "replace").removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        try:
            if match is None or match[2] in found:
                raise ValueError
            check_path(match[2])
        except (ValueError, BuildError):
            faults.append(fault(place, CHECKSUMS, "listing-line", row=number, cell=line))
            continue
        found[match[2]] = match[1]
    return found, faults


def _file_faults(source: Source, listed: Listed, seen: Sequence[Seen]) -> Iterator[Fault]:
    """Yield every file that is not what a listing says, is listed and not there, or there and not listed."""
    place = source.place
    for one in seen:
        if one.code:
            yield fault(place, one.path, one.code, problem=one.problem)
        elif one.path == SIGNATURE:
            yield fault(place, one.path, "signature-unread")
        elif one.path == CHECKSUMS:
            continue  # held against the manifest as a whole
        elif one.path not in listed.manifest and one.path not in listed.checksums:
            yield fault(place, one.path, "published-extra")
        elif not _agrees(one, listed):
            size, digest = listed.manifest.get(one.path, ("?", listed.checksums.get(one.path, "")))
            found = f"{one.size} byte, {one.sha256[:12]}"
            yield fault(place, one.path, "published-changed", found=found, expected=f"{size} byte, {digest[:12]}")
    for path in sorted(listed.sizes().keys() - {one.path for one in seen} - {MANIFEST}):
        if path in ONLY_FOR_HOSTS and isinstance(source, Host):
            yield fault(place, path, "published-not-served")
        else:
            yield fault(place, path, "published-missing", listing=MANIFEST if path in listed.manifest else CHECKSUMS)


def _agrees(one: Seen, listed: Listed) -> bool:
    """Return whether a file is what one of the listings says; where they differ, that is a fault of its own."""
    by_manifest = listed.manifest.get(one.path) == (one.size, one.sha256)
    return by_manifest or (
        listed.checksums.get(one.path) == one.sha256
        and (one.path not in listed.manifest or listed.manifest[one.path][1] != one.sha256)
    )


# ---- zips and packages ---------------------------------------------------------------------------------------------


def _zip_faults(source: Source, path: str, listed: Listed) -> Iterator[Fault]:
    """Yield what in a zip of the site is not as it says itself, or not as it is published beside the zip."""
    try:
        files = contents(source.copy(path))
    except BuildError as error:
        yield fault(source.place, path, "zip-unread", problem=error.what)
        return
    yield from _content_faults(source.place, path, files)
    stem = path.removesuffix(".zip")
    ours = _is_ours(files.get(f"{posixpath.basename(stem)}/{DESCRIPTOR}", b""))
    for name in sorted(files) if ours else ():
        table = posixpath.join(posixpath.dirname(stem), name)
        # Of the newest zip of a package: its own tables are those on show, byte for byte.
        shown = listed.manifest.get(table) if table.startswith(f"{stem}/") else None
        if shown is not None and shown[1] != hashlib.sha256(files[name]).hexdigest():
            yield fault(source.place, path, "zip-table", cell=name, table=table)


def _content_faults(place: str, path: str, files: Mapping[str, bytes]) -> Iterator[Fault]:
    """Yield what differs from the checksums and descriptors that stand among the files themselves."""

    def differs(name: str, source: str, expected: object, found: object) -> Fault:
        return fault(place, path, "zip-file", cell=name, source=source, expected=expected, found=found)

    for source in sorted(name for name in files if posixpath.basename(name) == CHECKSUMS):
        below = source.removesuffix(CHECKSUMS)
        sums, faults = _read_checksums(place, files[source])
        yield from (fault(place, path, item.code, row=item.row, cell=item.cell) for item in faults)
        for name in sorted({below + one for one in sums} | {n for n in files if n.startswith(below) and n != source}):
            expected = sums.get(name.removeprefix(below), "–")
            found = hashlib.sha256(files[name]).hexdigest() if name in files else "–"
            if expected != found:
                yield differs(name, source, expected[:12], found[:12])
    for source in sorted(name for name in files if posixpath.basename(name) == DESCRIPTOR):
        below = source.removesuffix(DESCRIPTOR)
        if not _is_ours(files[source]):
            continue  # What others say of their files is published as it is; the checksums cover it.
        try:
            resources = [dict(resource) for resource in json.loads(files[source])["resources"]]
            paths = [below + str(resource["path"]) for resource in resources]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            yield differs(source, source, "resources", f"{type(error).__name__}: {error}")
            continue
        for resource, name in zip(resources, paths, strict=True):
            content = files.get(name)
            if content is None:
                yield differs(name, source, resource["path"], "–")
                continue
            measured: dict[str, object] = {
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            }
            if "rows" in resource:
                measured["rows"] = _rows(content)
            for key, now in measured.items():
                if key in resource and resource[key] != now:
                    yield differs(name, source, f"{key} {resource[key]}", f"{key} {now}")


def _descriptor(path: Path) -> bytes:
    """Return the descriptor in a package's zip, empty where there is none."""
    return contents(path).get(f"{path.stem}/{DESCRIPTOR}", b"")


def _is_ours(descriptor: bytes) -> bool:
    """Return whether a descriptor is of a report, the vocabulary, what stands between reports, or the list of all."""
    try:
        read = json.loads(descriptor)
        return "report" in read or read.get("name") in ("vocabulary", "across", "minhbach")
    except (ValueError, TypeError, AttributeError, RecursionError):
        return True  # What cannot be read is looked into, and found.


def _rows(content: bytes) -> int:
    """Return how many rows a table has below its header, -1 for what is no text."""
    try:
        return max(sum(1 for row in csv.reader(io.StringIO(content.decode("utf-8"), newline="")) if row) - 1, 0)
    except (ValueError, csv.Error):
        return -1


def _package(place: str, path: Path, reports: Path | None) -> Verified:
    """Return what one package comes to, as folder, descriptor or zip: what it says of itself, and its claims."""
    if path.is_file() and path.suffix == ".zip":
        files, zips = contents(path), 1
    else:
        folder = path.parent if path.name == DESCRIPTOR else path
        inside = {name: entry for name, entry in entries_in(folder) if entry.is_file(follow_symlinks=False)}
        files, zips = {name: Path(entry.path).read_bytes() for name, entry in inside.items()}, 0
    faults = list(_content_faults(place, "", files))
    whole = sum(posixpath.basename(name) == DESCRIPTOR for name in files) > 1
    checked = None if whole or stops(faults) else _checked([path], reports)
    faults += checked.faults if checked is not None else ()
    size = sum(map(len, files.values()))
    return Verified(place, len(files), size, zips, *_calculated(checked), tuple(sorted(faults)))


# ---- the arithmetic ------------------------------------------------------------------------------------------------


def _checked(packages: Sequence[Path], reports: Path | None) -> Checked | None:
    """Return packages read, their places compared with the texts at hand and their claims calculated again."""
    if not packages:
        return None
    with ExitStack() as stack:
        folders = stack.enter_context(unpacked(packages))
        return check(Path("datapackages"), reports, folders)


def _claim_faults(source: Source, checked: Checked | None) -> Iterator[Fault]:
    """Yield the claims of which the site says something else than the arithmetic of its packages gives."""
    path = source.copy(FINDINGS)
    if checked is None or not path.is_file():
        return
    findings = [finding for report in checked.reports for finding in report.findings]
    again = {(str(r["package"]), str(r["claim_id"])): r for r in findings_json([*findings, *checked.between.findings])}
    said = {(r["package"], r["claim_id"]): r for r in json.loads(path.read_bytes())["claims"]}
    for key in sorted(again.keys() | said.keys()):
        ours = json.loads(json.dumps(again.get(key), default=str))
        if ours != said.get(key):
            verdicts = [str((record or {}).get("verdict", "–")) for record in (said.get(key), ours)]
            details = {"said": verdicts[0], "calculated": verdicts[1]}
            yield fault(source.place, FINDINGS, "claim-differs", cell="#".join(key), details=details)
