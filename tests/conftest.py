"""What all tests share: the project's files, a browser that stays here, and two rules that hold in every run.

A test reaches no other host, and where `MINHBACH_NO_SKIPS=1` stands a test is skipped only when it truly cannot run.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from build_tools.build import Built, build_site
from build_tools.settings import read_settings, with_folders

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebSocket

PROJECT = Path(__file__).resolve().parent.parent

# The same examples in every run, so that a red test is red for everyone; `make fuzz` looks for new ones.
_CALM = (HealthCheck.too_slow,)
settings.register_profile("test", deadline=None, derandomize=True, suppress_health_check=_CALM)
settings.register_profile("quick", deadline=None, max_examples=25, derandomize=True, suppress_health_check=_CALM)
settings.register_profile("long", deadline=None, max_examples=2_000, suppress_health_check=_CALM)
settings.register_profile("fuzz", deadline=None, max_examples=20_000, suppress_health_check=_CALM)
settings.load_profile("test")


# --- Long tests ---


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long, for `make test-long`."""
    parser.addoption("--long", action="store_true", help="run the long tests too, and long samples of the others")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests marked `long` out of a short run."""
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)


@pytest.fixture(scope="session")
def long_run(pytestconfig: pytest.Config) -> bool:
    """Whether this is `make test-long`: a test that samples then takes the whole."""
    return bool(pytestconfig.getoption("--long"))


# --- Skips: a test is skipped for one of these reasons or, under MINHBACH_NO_SKIPS=1, fails the run ---

NO_REPORTS = "the texts of the reports are not at hand"
NO_CHROMIUM = "no Chromium that can be started is found, and it could not be installed"
NO_PAGE_TOOLS = "the tools that check pages are not installed, and npm could not install them"
NO_JAVA = "there is no Java for the Nu HTML checker"
NO_OFFICE = "there is no LibreOffice to open workbooks with"
NO_R = "there is no R to run its lines with"
NO_RSYNC = "there is no rsync, and it could not be installed"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")  # as in the Makefile


def find_reports() -> Path | None:
    """Return the folder of the reports' texts: MINHBACH_REPORTS, else reports/ when it is there."""
    named = os.environ.get("MINHBACH_REPORTS", "")
    folder = Path(named) if named else PROJECT / "reports"
    if named and not folder.is_dir():
        raise pytest.UsageError(f"MINHBACH_REPORTS names {named}, which is no folder")
    return folder if folder.is_dir() and any(folder.glob("*.txt")) else None


@functools.cache
def find_node() -> Path | None:
    """Return the Node that Playwright brings, when it starts: a small Debian lacks a library (see the Makefile)."""
    spec = importlib.util.find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    node = Path(spec.origin).parent / "driver" / "node"
    runs = subprocess.run([node, "--version"], capture_output=True, check=False).returncode == 0
    return node if runs else None


def find_chromium() -> Path | None:
    """Return the browser: MINHBACH_CHROMIUM, else the first one on the PATH; nothing when it cannot be driven."""
    named = os.environ.get("MINHBACH_CHROMIUM", "")
    found = [path for name in ((named,) if named else BROWSERS) if (path := shutil.which(name))]
    if named and not found:
        raise pytest.UsageError(f"MINHBACH_CHROMIUM names {named}, which is no program")
    return Path(found[0]) if found and find_node() else None


def chromium_could_be_installed() -> bool:
    """Whether `make test` would have brought Chromium: as root, by apt, unless apt has refused (see the Makefile)."""
    refused = (PROJECT / ".venv" / "chromium-refused").exists()
    return os.geteuid() == 0 and shutil.which("apt-get") is not None and not refused


def find_page_tools() -> Path | None:
    """Return the folder of the npm packages in tests/tools, when they are installed and can be run."""
    folder = PROJECT / ".venv" / "page-tools" / "node_modules"
    return folder if folder.is_dir() and find_node() else None


def page_tools_could_be_installed() -> bool:
    """Whether `make test` would have brought them: npm is there, and has not failed (see the Makefile)."""
    refused = (PROJECT / ".venv" / "page-tools-refused").exists()
    return shutil.which("npm") is not None and find_node() is not None and not refused


def find_office() -> str | None:
    """Return LibreOffice's program, by either of its names."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def rsync_could_be_installed() -> bool:
    """Whether `make test` would have brought rsync: as root, by apt, unless apt has refused (see the Makefile)."""
    refused = (PROJECT / ".venv" / "rsync-refused").exists()
    return os.geteuid() == 0 and shutil.which("apt-get") is not None and not refused


TRULY: dict[str, Callable[[], bool]] = {
    NO_REPORTS: lambda: find_reports() is None,
    NO_CHROMIUM: lambda: find_chromium() is None and not chromium_could_be_installed(),
    NO_PAGE_TOOLS: lambda: find_page_tools() is None and not page_tools_could_be_installed(),
    NO_JAVA: lambda: shutil.which("java") is None,
    NO_OFFICE: lambda: find_office() is None,
    NO_R: lambda: shutil.which("Rscript") is None,
    NO_RSYNC: lambda: shutil.which("rsync") is None and not rsync_could_be_installed(),
}


class SkipGate:
    """Gathers the skipped tests, lists each at the end, and fails the run for those that could have run."""

    def __init__(self) -> None:
        self.skipped: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test; an expected failure counts only when it was not run."""
        expected = getattr(report, "wasxfail", None)
        if expected is None and report.skipped:
            self.skipped[report.nodeid] = _reason(report.longrepr)
        elif expected is not None and expected.startswith("[NOTRUN]"):
            self.skipped[report.nodeid] = expected

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that skipped itself while it was read."""
        if report.skipped:
            self.skipped[report.nodeid] = _reason(report.longrepr)

    def refused(self) -> dict[str, str]:
        """Return the tests that were skipped though they could have run, with the reasons they gave."""
        return {test: reason for test, reason in self.skipped.items() if not TRULY.get(reason, lambda: False)()}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that would have passed."""
        if self.refused() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List every skipped test with its reason."""
        refused = self.refused()
        if self.skipped:
            terminalreporter.section("skipped tests")
        for test, reason in sorted(self.skipped.items()):
            terminalreporter.line(f"{'NOT ALLOWED' if test in refused else 'allowed'}  {test}: {reason}")
        if refused:
            terminalreporter.line(f"{len(refused)} skipped that could have run: the run fails.", red=True)


def _reason(longrepr: object) -> str:
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(text).removeprefix("Skipped: ")


def pytest_configure(config: pytest.Config) -> None:
    """Watch the skips where that is asked for; with several workers the one who hands out the tests does it."""
    if os.environ.get("MINHBACH_NO_SKIPS") == "1" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipGate())


# --- No test reaches another host ---

_REACHING_OUT = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}
_attempts: list[str] = []


def is_here(host: str) -> bool:
    """Whether the host is this machine's loopback interface, by name or by address."""
    try:
        return ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host in {"", "localhost"}


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _REACHING_OUT:
        return
    target = arguments[_REACHING_OUT[event]]
    host = target[0] if isinstance(target, tuple) and target else target
    if isinstance(host, bytes) and not event.startswith("socket.get"):
        return  # the path of a local socket
    host = host.decode() if isinstance(host, bytes) else host
    local_path = isinstance(target, str) and not event.startswith("socket.get")
    if isinstance(host, str) and not local_path and not is_here(host):
        _attempts.append(f"{event} {host}")
        raise ConnectionRefusedError(f"a test may not reach {host}")


sys.addaudithook(_stay_here)


@pytest.fixture(autouse=True)
def attempts_to_leave() -> Iterator[list[str]]:
    """The attempts of this test to reach another host, all refused; one that is left here fails the test."""
    _attempts.clear()
    yield _attempts
    assert not _attempts, f"the test tried to reach another host: {_attempts}"


# --- The project ---


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def project_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The project's own files, relative to its folder, in order: what git holds or would add, as far as it is there."""
    git = ["git", "-C", str(PROJECT)]
    if subprocess.run([*git, "rev-parse"], capture_output=True, check=False).returncode:
        # Unpacked from an archive: an empty repository elsewhere lets git say what .gitignore leaves.
        empty = tmp_path_factory.mktemp("empty-repository")
        subprocess.run(["git", "init", "--quiet", "--bare", str(empty)], check=True)
        git += ["--git-dir", str(empty), "--work-tree", str(PROJECT)]
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=True
    )
    names = {os.fsdecode(name) for name in listed.stdout.split(b"\0") if name}
    return tuple(sorted(Path(name) for name in names if (PROJECT / name).is_file()))


@pytest.fixture
def copied_project(tmp_path: Path, project_files: tuple[Path, ...]) -> Callable[..., Path]:
    """Make a copy of the project's own files in a folder of this test, by default `project`, and return that folder."""

    def copy(name: str = "project") -> Path:
        for file in project_files:
            target = tmp_path / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / file, target)
        return tmp_path / name

    return copy


@pytest.fixture(scope="session")
def reports_folder() -> Path:
    """The folder of the reports' texts; a test that needs it is skipped where they are not at hand."""
    folder = find_reports()
    if folder is None:
        pytest.skip(NO_REPORTS)
    return folder


# --- The site of this project, built once for all tests of a worker ---


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The build of this project's packages, with the texts when they are at hand."""
    out = tmp_path_factory.mktemp("built")
    # The pictures for sharing take longer than all else; tests/test_social.py makes those of the example project.
    settings = replace(with_folders(read_settings(PROJECT), out=out, reports=find_reports()), social_images=False)
    built = build_site(settings)
    assert built.site is not None, built.checked.faults
    return built


@pytest.fixture(scope="session")
def built_site(built: Built) -> Path:
    """The folder of the built site."""
    assert built.site is not None
    return built.site.resolve()


@pytest.fixture(scope="session")
def kinds(built: Built, built_site: Path) -> dict[str, str]:
    """One address of each kind of page in each language, by the kind's name: the middling long of its template.

    Kinds that the plan does not hold are there too: the pages written by hand, the page for a wrong address, and the
    lookup with answers to a number and to words.
    """
    site = built_site
    found: dict[str, str] = {}
    planned: set[str] = set()
    for prefix in ("", "en/"):
        if not (site / prefix / "index.html").is_file():
            continue
        for template, addresses in built.addresses.items():
            there = [prefix + address for address in addresses if (site / prefix / address / "index.html").is_file()]
            planned.update(there)
            if there:
                by_length = sorted(there, key=lambda a: ((site / a / "index.html").stat().st_size, a))
                found[f"{prefix}{template}"] = by_length[len(by_length) // 2]
        lookup = found[f"{prefix}lookup"]
        found[f"{prefix}lookup of a number"] = f"{lookup}?q=17.034"
        found[f"{prefix}lookup of words"] = f"{lookup}?q=ho+ngheo"
        found[f"{prefix}not found"] = f"{prefix}404.html"
        embeds = sorted(page.parent for page in (site / prefix / "nhung").glob("*/index.html"))
        found[f"{prefix}embed"] = f"{embeds[len(embeds) // 2].relative_to(site).as_posix()}/"
        planned.update(
            f"{page.parent.relative_to(site).as_posix()}/" for page in (site / prefix / "nhung").rglob("*.html")
        )
    for page in sorted(site.rglob("index.html")):
        address = page.parent.relative_to(site).as_posix() + "/"
        if address not in planned and address not in {"./", "en/"}:
            found[f"{address}, by hand"] = address
    return found


@pytest.fixture(scope="session")
def host(built_site: Path) -> Iterator[str]:
    """The address where the built site is served."""
    with serving(built_site) as address:
        yield address


@pytest.fixture(scope="session")
def run_tool() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a script of the npm packages with its arguments; a test that needs it is skipped where they are not there."""
    folder, node = find_page_tools(), find_node()
    if folder is None or node is None:
        pytest.skip(NO_PAGE_TOOLS)

    def run(script: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [str(node), str(folder / script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)

    return run


# --- Pages in a browser ---

BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def opened_browser(chromium: Path) -> Iterator[Browser]:
    """Give a browser that finds no host by name and calls nobody on its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


@contextmanager
def serving(folder: Path, *, compressed: bool = False) -> Iterator[str]:
    """Serve a folder on 127.0.0.1 and give its address, without a slash at the end; `compressed` as hosts do it."""
    handler = _CompressingHandler if compressed else QuietHandler
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve a folder without a word."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name that http.server gives it)
        """Say nothing."""


class _CompressingHandler(QuietHandler):
    """Send texts compressed, over connections that stay open, and let a browser keep what it has."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        kind = self.guess_type(str(path))
        content = path.read_bytes()
        self.send_response(200)
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "xml")):
            content = gzip.compress(content, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=31536000" if "/assets/" in self.path else "max-age=300")
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Chromium's path; a test that needs it is skipped where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip(NO_CHROMIUM)
    return path


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One browser for all tests of a worker; a test opens its own window with `visit`.

    While it is open an event loop is running in this thread, so `asyncio.run` does not work in these tests.
    """
    with opened_browser(chromium) as browser:
        yield browser


@dataclass
class Visit:
    """A window of its own, with nothing remembered, and what went wrong in it."""

    context: BrowserContext
    foreign: list[str] = field(default_factory=list)  # addresses on another host that a page asked for
    errors: list[str] = field(default_factory=list)  # what the console and the scripts of a page complained of

    def open(self, address: str, until: Literal["load", "networkidle"] = "networkidle") -> Page:
        """Return a new page once it is loaded and, unless `until` says less, its network is quiet."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._note_socket)
        page.goto(address, wait_until=until)
        return page

    def watch(self) -> None:
        """Begin to note what the pages of this window ask for and complain of."""
        self.context.on("request", self._note_request)
        self.context.on("console", self._note_message)

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and not is_here(address.hostname or ""):
            self.foreign.append(request.url)

    def _note_socket(self, socket: WebSocket) -> None:
        if not is_here(urlsplit(socket.url).hostname or ""):
            self.foreign.append(socket.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a window with the options of Playwright's `new_context`; at the end no page may have left this machine.

    An error on the console fails the test too, unless the test has looked at `Visit.errors` and emptied it.
    """
    visits: list[Visit] = []

    def open_window(**options: Any) -> Visit:
        visit = Visit(browser.new_context(**options))
        visit.watch()
        visits.append(visit)
        return visit

    yield open_window
    for visit in visits:
        visit.context.close()
    assert not [address for visit in visits for address in visit.foreign], "a page asked for another host"
    assert not [error for visit in visits for error in visit.errors], "a page complained on the console"


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder on 127.0.0.1 until the test ends, and return its address, without a slash at the end."""
    with ExitStack() as open_servers:
        yield lambda folder: open_servers.enter_context(serving(folder))
