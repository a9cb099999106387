"""Serve a preview on this machine: watch the sources, tell the browser when they changed, say there what is wrong.

What is added to pages is added to the bytes that are sent, never to the site that was built: one script of our own,
which the policy of the pages allows as it allows theirs.
"""

import json
import posixpath
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from build_tools.errors import BuildError
from build_tools.media_types import content_type
from build_tools.preview import Preview, State, Trouble
from build_tools.publish import FRAMED
from build_tools.settings import Settings
from build_tools.words import read_words

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

HERE = "127.0.0.1"
OURS = "/_minhbach/"
LANGUAGES = ("vi", "en")  # of what is said of a fault
QUIET = 0.05  # seconds without a change after which what was saved is taken to be whole
LONGEST = 1.0  # seconds of changes one after the other that are waited for
BEAT = 15.0  # seconds between two signs of life to a browser that waits
MOST_TROUBLES = 10
_WRITTEN = frozenset(["created", "modified", "moved", "deleted", "closed"])


# -- what is watched --------------------------------------------------------------------------------------------------


class Watch:
    """Tells which sources were written: `with Watch(paths) as watch: watch.wait()`."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Watch folders with all they hold, and single files."""
        self._changed = threading.Event()
        self._written: set[Path] = set()
        self._last = 0.0
        self._files = {path.resolve() for path in paths if not path.is_dir()}
        self._folders = [path.resolve() for path in paths if path.is_dir()]

    def __enter__(self) -> "Watch":
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer
        from watchdog.observers.polling import PollingObserver

        watch = self

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                """Note what was written; what was only opened or read is no change, nor is a folder for its files."""
                if event.event_type in _WRITTEN and not (event.is_directory and event.event_type == "modified"):
                    watch.note(*(Path(str(path)) for path in (event.src_path, event.dest_path) if path))

        # A system tells of so many folders and no more; then they are looked through each second.
        for kind in (Observer, PollingObserver):
            self._observer: BaseObserver = kind()
            try:
                for folder in self._folders:
                    self._observer.schedule(Handler(), str(folder), recursive=True)
                for parent in sorted({path.parent for path in self._files}):
                    self._observer.schedule(Handler(), str(parent), recursive=False)
                self._observer.start()
            except OSError:
                if kind is PollingObserver:
                    raise
            else:
                break
        return self

    def __exit__(self, *_: object) -> None:
        self._observer.stop()
        self._observer.join()

    def note(self, *paths: Path) -> None:
        """Note that files were written, if they are among those watched; editors' own files are not."""
        for path in paths:
            watched = path in self._files or any(path.is_relative_to(folder) for folder in self._folders)
            if watched and not path.name.startswith((".", "#", "~$")) and not path.name.endswith(("~", ".swp", ".tmp")):
                self._last = time.monotonic()
                self._written.add(path)
                self._changed.set()

    def wait(self, seconds: float | None = None) -> frozenset[Path]:
        """Wait for a change and the quiet after it; return what was written, nothing where nothing was in that time."""
        if not self._changed.wait(seconds):
            return frozenset()
        begun = time.monotonic()
        while (now := time.monotonic()) - self._last < QUIET and now - begun < LONGEST:
            time.sleep(QUIET / 5)
        self._changed.clear()
        written, self._written = self._written, set()
        return frozenset(written)


def sources(settings: Settings) -> list[Path]:
    """Return what a site is made from: the packages, the texts, pages and templates, the settings."""
    folders = [settings.packages, *settings.sources.folders, *([settings.reports] if settings.reports else [])]
    return [*folders, settings.project / "mkdocs.yml"]


# -- what is sent -----------------------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Hands out a preview, and the site that was built last where the preview has nothing."""

    daemon_threads = True

    def __init__(self, preview: Preview, site: Path, port: int) -> None:
        """Listen at a port of this machine, any that is free for 0. Raises BuildError for one that is taken."""
        try:
            super().__init__((HERE, port), Handler)
        except OSError as error:
            raise BuildError(
                f"{HERE}:{port}",
                f"không mở được cổng / the port cannot be opened: {error.strerror}",
                "Chọn cổng khác / Choose another: --port 8001.",
            ) from error
        self.preview = preview
        self.site = site
        self.changed = threading.Condition()
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        """Where pages are found."""
        return f"http://{HERE}:{self.server_port}/"

    def tell(self) -> None:
        """Let every browser that waits know that there is something new."""
        with self.changed:
            self.changed.notify_all()

    def wait(self) -> None:
        """Wait until the server is closed."""
        with self.changed:
            while not self.closing.is_set():
                self.changed.wait(BEAT)

    def close(self) -> None:
        """Stop handing out pages."""
        self.closing.set()
        self.tell()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers a browser on this machine, and nobody else."""

    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""

    def do_HEAD(self) -> None:
        """Answer as to a GET, without the content."""
        self.do_GET()

    def do_GET(self) -> None:
        """Send a page, a file, or what is new."""
        # A page of a stranger could reach us by a name that leads to this machine; it cannot say ours.
        if self.headers.get("Host", "") not in {f"{name}:{self.server.server_port}" for name in (HERE, "localhost")}:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, "text/plain; charset=utf-8", b"127.0.0.1, localhost\n")
            return
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if path.startswith(OURS):
            self._ours(path.removeprefix(OURS), unquote(parts.query))
            return
        clean = _clean(path)
        if clean is None:
            self._missing()
            return
        if clean and not path.endswith("/") and self._is_page(f"{clean}/"):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", f"{parts.path}/" + (f"?{parts.query}" if parts.query else ""))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        address = f"{clean}/" if clean and path.endswith("/") else clean
        html = self.server.preview.page(address) if not clean or path.endswith("/") else None
        if html is not None:
            self._page(html)
        elif asset := self.server.preview.asset(clean) or self._built(clean):
            self._file(asset)
        else:
            self._missing()

    def _is_page(self, address: str) -> bool:
        return self.server.preview.has(address) or (self.server.site / address / "index.html").is_file()

    def _built(self, path: str) -> Path | None:
        """Return a file of the site that was built last."""
        root = self.server.site.resolve()
        file = (root / path).resolve()
        file = file / "index.html" if file.is_dir() else file
        return file if file.is_relative_to(root) and file.is_file() else None

    def _file(self, file: Path) -> None:
        content = file.read_bytes()
        if file.suffix == ".html":
            self._page(content.decode("utf-8"))
        else:
            self._send(HTTPStatus.OK, content_type(file.name), content)

    def _page(self, html: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Send a page with our script at its end, but one for a frame in another page as it is."""
        if set(self.path.split("/")) & set(FRAMED):
            self._send(status, "text/html; charset=utf-8", html.encode())
            return
        script = f'<script src="{OURS}preview.js" data-number="{self.server.preview.state.number}" defer></script>'
        head, end, rest = html.rpartition("</body>")
        with_script = f"{head}{script}{end}{rest}" if end else f"<!doctype html><title>minhbach</title>{html}{script}"
        self._send(status, "text/html; charset=utf-8", with_script.encode())

    def _missing(self) -> None:
        prefix = next((one for one in self.server.preview.prefixes if self.path.startswith(f"/{one}/")), "")
        page = self._built(posixpath.join(prefix, "404.html"))
        self._page(page.read_text("utf-8") if page is not None else "404", HTTPStatus.NOT_FOUND)

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):
                self.wfile.write(content)

    # -- what is ours -------------------------------------------------------------------------------------------------

    def _ours(self, name: str, query: str) -> None:
        if name == "preview.js":
            script = package_files("build_tools") / "preview.js"
            self._send(HTTPStatus.OK, "text/javascript; charset=utf-8", script.read_bytes())
        elif name == "events":
            clean = _clean(query)
            self._events(f"{clean}/" if clean and query.endswith("/") else clean or "")
        else:
            self._missing()

    def _events(self, address: str) -> None:
        """Tell a browser of each change, and of what is wrong with the page it shows, until it goes away."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        server, told = self.server, ""
        with suppress(ConnectionError):
            while not server.closing.is_set():
                new = json.dumps(news(server.preview, address), ensure_ascii=False)
                self.wfile.write(f"data: {new}\n\n".encode() if new != told else b": .\n\n")
                self.wfile.flush()
                told = new
                with server.changed:
                    if not server.closing.is_set() and server.preview.state.number == json.loads(told)["number"]:
                        server.changed.wait(BEAT)


def _clean(path: str) -> str | None:
    """Return an address without slashes around it; None for one that leads elsewhere."""
    parts = [part for part in path.split("/") if part]
    strange = any(part.startswith(".") or "\\" in part or "\0" in part for part in parts)
    return None if strange else "/".join(parts)


def news(preview: Preview, address: str) -> dict[str, object]:
    """Return what a browser is told: the number of the newest state, whether pages show it, and what is wrong."""
    troubles = {name: preview.troubles(address, name) for name in LANGUAGES}
    state = preview.state
    return {
        "number": state.number,
        "good": state.is_good,
        "words": {name: read_words(name).texts["preview"] for name in LANGUAGES},
        "troubles": {name: [_shown(one) for one in found[:MOST_TROUBLES]] for name, found in troubles.items()},
        "more": max(0, len(troubles["vi"]) - MOST_TROUBLES),
    }


def _shown(trouble: Trouble) -> Mapping[str, str]:
    return {"place": trouble.place, "said": trouble.said, "remedy": trouble.remedy, "cell": trouble.cell}


# -- both together ----------------------------------------------------------------------------------------------------


Said = Callable[[State, frozenset[Path], float], None]


@contextmanager
def serving(preview: Preview, site: Path, port: int, said: Said) -> Iterator[Server]:
    """Serve a preview, and renew it whenever a source was written, until the block ends.

    `said` is told of each state, of the sources written before it and of the seconds from there to it. Raises
    BuildError for a port that is taken.
    """
    server = Server(preview, site, port)
    stop = threading.Event()

    def follow(watch: Watch) -> None:
        while not stop.is_set():
            if written := watch.wait(0.5):
                begun = time.perf_counter()
                state = preview.renew()
                server.tell()
                said(state, written, time.perf_counter() - begun + QUIET)

    with Watch(sources(preview.read())) as watch:
        threads = [threading.Thread(target=follow, args=(watch,)), threading.Thread(target=server.serve_forever)]
        said(preview.renew(), frozenset(), 0)
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            stop.set()
            server.close()
            for thread in threads:
                thread.join()
