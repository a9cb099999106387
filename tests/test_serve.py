"""The preview: what is saved shows in the browser, what is wrong is said over the last good page, strangers are out."""

import http.client
import json
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from build_tools.build import build_site
from build_tools.cli import app
from build_tools.errors import BuildError
from build_tools.faults import Fault
from build_tools.packages import Package, read_package
from build_tools.preview import Preview, State
from build_tools.serve import Server, Watch, serving
from build_tools.settings import Settings, read_settings, with_folders
from tests.conftest import Visit
from tests.makers import PROJECT, REPORT, Project, copy_example, edit_cell, edit_text

ADDRESS = f"bao-cao/{REPORT}/"


@dataclass(frozen=True)
class Served:
    """A project of its own, served: its settings, what serves it, and every state there was."""

    project: Project
    server: Server
    states: list[State]

    @property
    def source(self) -> Path:
        """The folder of templates, pages and assets."""
        return self.project.folder / "site_src"

    def figure(self, value: str, printed: str) -> None:
        """Give the example's first figure another value, in the table and in the ledger."""
        edit_cell(self.project.report / "figures.csv", "jobs_created", "value", value)
        edit_text(self.project.report / "ledger.csv", "1.250", printed)


def project_with_sources(folder: Path) -> tuple[Project, Callable[[], Settings]]:
    """Return a copy of the example with templates of its own, and what reads its settings."""
    project = copy_example(folder)
    shutil.copytree(PROJECT / "site_src", project.folder / "site_src")
    shutil.copy(PROJECT / "mkdocs.yml", project.folder)

    def read() -> Settings:
        out = project.folder / "out"
        settings = replace(with_folders(read_settings(project.folder), out=out), social_images=False)
        return replace(settings, reports=None)

    return project, read


@contextmanager
def serving_example(folder: Path) -> Iterator[Served]:
    """Serve the example project without a site built before."""
    project, read = project_with_sources(folder / "project")
    states: list[State] = []
    preview = Preview(read, folder / "preview")
    with serving(preview, read().out / "site", 0, lambda state, *_: states.append(state)) as server:
        yield Served(project, server, states)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The example project, served; its sources may be changed."""
    with serving_example(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The example project, served to tests that leave its sources alone."""
    with serving_example(tmp_path_factory.mktemp("still")) as found:
        yield found


@pytest.fixture
def page(served: Served, visit: Callable[..., Visit]) -> Page:
    """The page of the example's report, in a browser."""
    return visit().open(f"{served.server.address}{ADDRESS}", until="load")


# -- in a browser -----------------------------------------------------------------------------------------------------


def test_a_saved_cell_shows(served: Served, page: Page) -> None:
    """The number on the page is the one that was saved, without anybody loading the page again."""
    expect(page.locator("#jobs_created")).to_contain_text("1.250")
    served.figure("1260", "1.260")
    expect(page.locator("#jobs_created")).to_contain_text("1.260", timeout=20_000)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_broken_cell_is_named_over_the_last_good_page(served: Served, page: Page) -> None:
    """What is wrong stands in an alert with file, line, column, cell and remedy; mended, it goes away."""
    line = edit_cell(served.project.report / "figures.csv", "jobs_created", "value", "12<b>x")
    said = page.get_by_role("alert")
    expect(said).to_contain_text(f"{REPORT}/figures.csv, dòng {line}, cột value", timeout=20_000)
    expect(said).to_contain_text("12<b>x")
    expect(said.locator("b")).to_have_count(0)
    expect(said).to_contain_text("→")
    expect(page.locator("#jobs_created")).to_contain_text("1.250")
    edit_cell(served.project.report / "figures.csv", "jobs_created", "value", "1250")
    expect(said).to_have_count(0, timeout=20_000)


def test_an_alert_can_be_closed_and_comes_back_for_another_fault(served: Served, page: Page) -> None:
    """The button closes it for as long as the same is wrong."""
    figures = served.project.report / "figures.csv"
    edit_cell(figures, "jobs_created", "value", "x")
    said = page.get_by_role("alert")
    expect(said).to_have_count(1, timeout=20_000)
    said.get_by_role("button", name="Đóng").click()
    expect(said).to_have_count(0)
    edit_cell(figures, "jobs_created", "value", "y")
    expect(said).to_contain_text("y", timeout=20_000)


def test_a_page_opened_while_something_is_wrong_says_so(served: Served, visit: Callable[..., Visit]) -> None:
    """Whoever opens a page later, in English too, is told in its language."""
    edit_cell(served.project.report / "figures.csv", "jobs_created", "value", "x")
    wait_for(lambda: not served.states[-1].is_good, 60)
    page = visit().open(f"{served.server.address}en/{ADDRESS}", until="load")
    expect(page.get_by_role("alert")).to_contain_text("column value")


def test_a_template_shows_and_a_broken_one_is_named(served: Served, page: Page) -> None:
    """A saved template changes the page; one that cannot be rendered is named with its line over the page as it was."""
    template = served.source / "templates" / "report.md"
    sound = template.read_text(encoding="utf-8")
    template.write_text(sound + "\nA line that was added.\n", encoding="utf-8")
    expect(page.locator("article")).to_contain_text("A line that was added.", timeout=20_000)
    template.write_text(sound + "\n{{ nothing.at.all }}\n", encoding="utf-8")
    expect(page.get_by_role("alert")).to_contain_text("templates/report.md:", timeout=20_000)
    expect(page.locator("article")).to_contain_text("A line that was added.")
    template.write_text(sound, encoding="utf-8")
    expect(page.get_by_role("alert")).to_have_count(0, timeout=20_000)


def test_theme_page_text_asset_and_setting_show(served: Served, visit: Callable[..., Visit]) -> None:
    """Whatever a page is made from, saving it shows; settings that cannot be read are named."""
    page = visit().open(f"{served.server.address}phuong-phap/", until="load")
    by_hand = served.source / "pages" / "vi" / "phuong-phap" / "index.md"
    by_hand.write_text(by_hand.read_text(encoding="utf-8") + "\nViết thêm.\n", encoding="utf-8")
    expect(page.locator("article")).to_contain_text("Viết thêm.", timeout=20_000)
    texts = served.source / "texts" / "vi.toml"
    texts.write_text(texts.read_text(encoding="utf-8").replace('= "Báo cáo"', '= "Các báo cáo"'), encoding="utf-8")
    expect(page.locator(".tabs")).to_contain_text("Các báo cáo", timeout=20_000)
    footer = served.source / "theme" / "partials" / "footer.html"
    footer.write_text("<footer>Chân trang</footer>", encoding="utf-8")
    expect(page.locator("footer")).to_have_text("Chân trang", timeout=20_000)
    with (served.source / "assets" / "css" / "base.css").open("a", encoding="utf-8") as file:
        file.write("\nfooter { outline: 7px solid red }\n")
    expect(page.locator("footer")).to_have_css("outline-width", "7px", timeout=20_000)
    settings = served.project.folder / "mkdocs.yml"
    sound = settings.read_text(encoding="utf-8")
    settings.write_text(sound.replace("site_name: minhbach", "site_name: [x"), encoding="utf-8")
    expect(page.get_by_role("alert")).to_contain_text("mkdocs.yml", timeout=20_000)
    settings.write_text(sound.replace("site_name: minhbach", "site_name: bach"), encoding="utf-8")
    expect(page).to_have_title("Phương pháp – bach", timeout=20_000)


def test_of_two_quick_saves_the_last_wins(served: Served, page: Page) -> None:
    """Two saves one upon the other leave the page at the second."""
    served.figure("1260", "1.260")
    edit_cell(served.project.report / "figures.csv", "jobs_created", "value", "1270")
    edit_text(served.project.report / "ledger.csv", "1.260", "1.270")
    expect(page.locator("#jobs_created")).to_contain_text("1.270", timeout=20_000)


def test_editors_that_save_by_renaming_are_followed(served: Served, page: Page) -> None:
    """A file that is written beside its place and moved there is a save like any other."""
    for name, old, new in (("figures.csv", ",1250,", ",1260,"), ("ledger.csv", "1.250", "1.260")):
        path = served.project.report / name
        beside = path.with_name(f".{name}.swp")
        beside.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        beside.replace(path)
    expect(page.locator("#jobs_created")).to_contain_text("1.260", timeout=20_000)


def test_the_policy_of_a_page_holds(served: Served, page: Page) -> None:
    """The page keeps its Content-Security-Policy; ours is the only script that is added, and nothing complains."""
    expect(page.get_by_role("note")).to_have_text("Xem trước")
    html = page.content()
    assert "default-src 'none'; script-src 'self'" in html
    assert len(re.findall(r'<script src="/_minhbach/', html)) == 1
    assert served.states[-1].number == 1


# -- what is sent -----------------------------------------------------------------------------------------------------


def ask(server: Server, path: str, host: str = "", method: str = "GET") -> tuple[int, bytes]:
    """Return status and content of what is sent for a path, just as it is written."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as connection:
        head = f"{method} {path} HTTP/1.1\r\nHost: {host or f'127.0.0.1:{server.server_port}'}\r\nConnection: close\r\n"
        connection.sendall(f"{head}\r\n".encode())
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        return answer.status, answer.read()


def test_only_this_machine_by_its_own_name(still: Served) -> None:
    """A request that calls us by another name, as a page of a stranger would, gets nothing."""
    port = still.server.server_port
    assert still.server.server_address[0] == "127.0.0.1"
    assert ask(still.server, f"/{ADDRESS}", f"localhost:{port}")[0] == 200
    for stranger in (f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.evil.example:{port}", "127.0.0.1:1"):
        status, content = ask(still.server, f"/{ADDRESS}", stranger)
        assert status == 421
        assert b"jobs_created" not in content


@pytest.mark.parametrize(
    "path",
    ["/../mkdocs.yml", "/assets/../../mkdocs.yml", "/assets/%2e%2e/%2e%2e/mkdocs.yml", "/assets/..%5c..%5cmkdocs.yml"]
    + [
        "/%2e%2e/datapackages/vocabulary/units.csv",
        "//etc/passwd",
        "/assets/%00",
        "/.git/config",
        "/en/assets/../../x",
    ],
)
def test_no_path_leads_out(still: Served, path: str) -> None:
    """Only pages, assets and the built site are sent."""
    status, content = ask(still.server, path)
    assert status == 404
    assert b"site_name:" not in content


def test_what_was_built_is_sent_where_there_is_no_page(still: Served) -> None:
    """Files of the site that was built last are sent as they are, with their type; HEAD sends none of their content."""
    site = still.server.site
    (site / "du-lieu").mkdir(parents=True)
    (site / "du-lieu" / "x.csv").write_bytes(b"a\n1\n")
    assert ask(still.server, "/du-lieu/x.csv") == (200, b"a\n1\n")
    assert ask(still.server, "/du-lieu/x.csv", method="HEAD") == (200, b"")
    assert ask(still.server, f"/{ADDRESS.rstrip('/')}")[0] == 301
    assert ask(still.server, "/nowhere/")[0] == 404


def test_a_port_that_is_taken_is_named(still: Served, tmp_path: Path) -> None:
    """Two servers cannot share a port: the second says so and what to do."""
    with pytest.raises(BuildError, match="--port"):
        Server(still.server.preview, tmp_path, still.server.server_port)


def test_events_end_with_the_server(still: Served) -> None:
    """A browser that waits for news does not keep the server from ending; it gets the newest state first."""
    with socket.create_connection(("127.0.0.1", still.server.server_port), timeout=20) as connection:
        host = f"127.0.0.1:{still.server.server_port}"
        connection.sendall(f"GET /_minhbach/events?/{ADDRESS} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        with connection.makefile("rb") as file:
            line = next(line for line in file if line.startswith(b"data: "))
        assert json.loads(line.removeprefix(b"data: "))["number"] == 1


# -- what is made -----------------------------------------------------------------------------------------------------


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


_ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
_DATA = re.compile(r'<script type="application/ld\+json".*?</script>', re.DOTALL)


def test_a_preview_is_what_a_build_makes(tmp_path: Path) -> None:
    """Every page of the plan and by hand has, in both languages, the content that the built page has.

    What describes the data to other programs is left to the build.
    """
    _, read = project_with_sources(tmp_path / "project")
    settings = read()
    built = build_site(settings)
    assert built.site is not None
    preview = Preview(read, tmp_path / "preview")
    assert preview.renew().is_good
    compared = 0
    for path in sorted(built.site.resolve().rglob("index.html")):
        address = path.parent.relative_to(built.site.resolve()).as_posix() + "/"
        address = "" if address == "./" else address
        html = preview.page(address)
        if html is None:
            assert "nhung/" in address, address
            continue
        (made,) = _ARTICLE.findall(html)
        (was,) = _ARTICLE.findall(path.read_text(encoding="utf-8"))
        assert "".join(made.split()) == "".join(_DATA.sub("", was).split()), address
        compared += 1
    assert compared > 2 * sum(len(addresses) for addresses in built.addresses.values())
    assert not preview.troubles("", "vi")


def test_only_what_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A saved package is read again, the others are not; a saved template reads none."""
    project, read = project_with_sources(tmp_path / "project")
    preview = Preview(read, tmp_path / "preview")
    preview.renew()
    asked: list[str] = []

    def reading(folder: Path) -> tuple[Package | None, tuple[Fault, ...]]:
        asked.append(folder.name)
        return read_package(folder)

    monkeypatch.setattr("build_tools.preview.read_package", reading)
    os.utime(project.folder / "site_src" / "templates" / "home.md")
    assert preview.renew().is_good
    assert asked == []
    os.utime(project.report / "figures.csv", (1, 1))
    assert preview.renew().is_good
    assert asked == [REPORT]


def test_what_was_saved_while_something_else_was_wrong_is_not_lost(tmp_path: Path) -> None:
    """A table saved while the words cannot be read shows as soon as they can be."""
    project, read = project_with_sources(tmp_path / "project")
    preview = Preview(read, tmp_path / "preview")
    preview.renew()
    words = project.folder / "site_src" / "texts" / "vi.toml"
    sound = words.read_text(encoding="utf-8")
    words.write_text(sound + "\n[broken\n", encoding="utf-8")
    edit_cell(project.report / "figures.csv", "jobs_created", "value", "1260")
    edit_text(project.report / "ledger.csv", "1.250", "1.260")
    (trouble,) = preview.renew().troubles("vi")
    assert trouble.place.endswith("vi.toml")
    words.write_text(sound, encoding="utf-8")
    assert preview.renew().is_good
    assert "1.260" in (preview.page(ADDRESS) or "")


def test_where_the_system_does_not_tell_the_watch_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more folders than the system tells of, changes are found by looking."""
    from watchdog.observers import Observer

    def refuse(_: object) -> None:
        raise OSError("inotify watch limit reached")

    monkeypatch.setattr(Observer, "start", refuse)
    (tmp_path / "a.csv").write_text("1", encoding="utf-8")
    with Watch([tmp_path]) as watch:
        (tmp_path / "a.csv").write_text("12", encoding="utf-8")
        assert watch.wait(10) == {tmp_path / "a.csv"}


def test_reading_is_no_change_and_editors_files_are_none(tmp_path: Path) -> None:
    """What is written wakes the watch; reading does not, nor do hidden files, backups and neighbours of a file."""
    folder, single = tmp_path / "sources", tmp_path / "mkdocs.yml"
    folder.mkdir()
    (folder / "a.csv").write_text("1", encoding="utf-8")
    single.write_text("x", encoding="utf-8")
    with Watch([folder, single]) as watch:
        (folder / "a.csv").read_text(encoding="utf-8")
        for name in (".a.csv.swp", "a.csv~", "#a.csv#", "~$a.xlsx"):
            (folder / name).write_text("x", encoding="utf-8")
        (tmp_path / "other.yml").write_text("x", encoding="utf-8")
        assert watch.wait(0.5) == frozenset()
        single.write_text("y", encoding="utf-8")
        assert watch.wait(10) == {single.resolve()}


# -- the command ------------------------------------------------------------------------------------------------------


@contextmanager
def command(project: Project) -> Iterator[tuple[list[Server], list[str]]]:
    """Run `minhbach serve` until the block ends: what serves, and then what it printed and its exit code."""
    servers: list[Server] = []
    printed: list[str] = []
    ended = threading.Event()

    def wait(server: Server) -> None:
        servers.append(server)
        ended.wait(60)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "wait", wait)
        # The build itself is the business of other tests; here only that it is asked for.
        patch.setattr("build_tools.build.build_site", lambda settings: printed.append(f"built in {settings.out.name}"))
        patch.chdir(project.folder)
        arguments = ["serve", "--port", "0", "--lang", "en"]
        results = []
        thread = threading.Thread(target=lambda: results.append(CliRunner().invoke(app, arguments)))
        thread.start()
        wait_for(lambda: bool(servers) or not thread.is_alive(), 120)
        try:
            yield servers, printed
        finally:
            ended.set()
            thread.join()
            printed += [results[0].output, str(results[0].exit_code)]


def test_the_terminal_names_the_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command builds once where no site is, says where the preview is, and names a broken cell with its place."""
    monkeypatch.delenv("MINHBACH_REPORTS", raising=False)
    project, _ = project_with_sources(tmp_path / "project")
    with command(project) as (servers, printed):
        line = edit_cell(project.report / "figures.csv", "jobs_created", "value", "12x")
        wait_for(lambda: "12x" in [trouble.cell for trouble in servers[0].preview.troubles("", "en")], 60)
    built, output, code = printed
    assert built == "built in build"
    assert code == "0"
    assert "There is no site built from these sources yet" in output
    assert "Preview at http://127.0.0.1:" in output
    assert f"{REPORT}/figures.csv, line {line}, column value" in output
    assert "12x" in output
    assert "not shown, 1 fault" in output
