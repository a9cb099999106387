"""Finished pages before other people's judges: HTML validators, and Lighthouse on a slow phone."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from build_tools.build import build_site
from build_tools.settings import read_settings, with_folders
from tests.conftest import NO_JAVA, NO_PAGE_TOOLS, find_page_tools, find_reports, serving
from tests.makers import PROJECT

RunTool = Callable[..., "subprocess.CompletedProcess[str]"]

RULES = PROJECT / "tests" / "tools" / "html-validate.json"


def html_faults(run_tool: RunTool, *pages: Path) -> list[str]:
    """Return what html-validate says of pages, or of all pages below a folder."""
    run = run_tool(
        "html-validate/bin/html-validate.mjs", "--config", str(RULES), "--formatter", "json", *map(str, pages)
    )
    assert run.returncode in {0, 1}, run.stderr
    return [
        f"{file['filePath']}:{message['line']}: {message['ruleId']}: {message['message']}"
        for file in json.loads(run.stdout)
        for message in file["messages"]
    ]


def nu_faults(folder: Path) -> list[str]:
    """Return what the Nu HTML checker says of all pages and pictures below a folder, its warnings included."""
    tools = find_page_tools()
    if tools is None:
        pytest.skip(NO_PAGE_TOOLS)
    if shutil.which("java") is None:
        pytest.skip(NO_JAVA)
    # Read from a file a page has no origin, so every file of the site seems foreign to its policy.
    untrue = "Resource violates Content Security Policy.*"
    jar = tools / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = ["java", "-Xss4m", "-jar", str(jar), "--skip-non-html", "--also-check-svg", "--also-check-css"]
    run = subprocess.run(
        [*command, "--filterpattern", untrue, "--format", "json", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [
        f"{message.get('url')}:{message.get('lastLine')}: {message['message']} {message.get('extract', '')[:120]!r}"
        for message in json.loads(run.stderr)["messages"]
    ]


def some(faults: list[str]) -> str:
    """Return the first faults, and how many there are."""
    return "\n".join([f"{len(faults)} faults", *faults[:30]])


def test_the_lock_of_the_tools_names_no_registry() -> None:
    """Every package has a version and a checksum and no address, and each that we ask for has the version we say."""
    folder = PROJECT / "tests" / "tools"
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = {path: package for path, package in locked.items() if path}
    assert all(package["version"] and package["integrity"] for package in packages.values())
    assert not [path for path, package in packages.items() if "resolved" in package]
    for name, version in (asked["devDependencies"] | asked["overrides"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version
    # A wish for whatever is newest cannot be locked: `npm ci` fails on the day that something newer is published.
    wished = {
        (name, wish)
        for package in packages.values()
        for kind in ("dependencies", "peerDependencies")
        for name, wish in package.get(kind, {}).items()
    }
    assert {name for name, wish in wished if wish == "latest"} <= set(asked["overrides"])


def test_each_kind_of_page_is_valid_html(built_site: Path, kinds: Mapping[str, str], run_tool: RunTool) -> None:
    """The validator finds nothing wrong with one page of each kind in each language."""
    pages = {built_site / address.partition("?")[0] for address in kinds.values()}
    files = sorted(page if page.suffix else page / "index.html" for page in pages)
    faults = html_faults(run_tool, *files)
    assert not faults, some(faults)


@pytest.mark.long
def test_every_page_is_valid_html(built_site: Path, run_tool: RunTool) -> None:
    """The validator finds nothing wrong with any page."""
    faults = html_faults(run_tool, built_site)
    assert not faults, some(faults)


@pytest.mark.long
def test_the_nu_checker_passes_every_page(built_site: Path) -> None:
    """The W3C's checker has neither an error nor a warning for any page, picture or style sheet."""
    faults = nu_faults(built_site)
    assert not faults, some(faults)


def test_a_validator_that_finds_nothing_is_running(built_site: Path, tmp_path: Path, run_tool: RunTool) -> None:
    """An id that stands twice, and an element that may not stand where it does, are found."""
    page = (built_site / "index.html").read_text(encoding="utf-8")
    assert '<p class="lede">' in page
    broken = tmp_path / "index.html"
    broken.write_text(page.replace('<p class="lede">', '<p id="site-search"><section></section>', 1), encoding="utf-8")
    rules = {fault.split(": ")[1] for fault in html_faults(run_tool, broken)}
    assert {"no-dup-id", "close-order"} <= rules


@pytest.mark.long
def test_a_nu_checker_that_finds_nothing_is_running(built_site: Path, tmp_path: Path) -> None:
    """An element in the wrong place, an unknown property of CSS and a broken picture are each found."""
    page = (built_site / "index.html").read_text(encoding="utf-8")
    (tmp_path / "a.html").write_text(page.replace('<p class="lede">', '<p class="lede"><td>', 1), encoding="utf-8")
    (tmp_path / "b.css").write_text("p { colour: red }\n", encoding="utf-8")
    (tmp_path / "c.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><rect widht="1"/></svg>\n', "utf-8")
    faults = nu_faults(tmp_path)
    assert {Path(fault.partition(":")[2].partition(":")[0]).name for fault in faults} == {"a.html", "b.css", "c.svg"}


# --- Lighthouse ---

LEAST = {"accessibility": 100, "performance": 90, "best-practices": 95, "seo": 95}
JUDGED = {
    "home": "",
    "indicator": "chi-tieu/ty-le-ho-ngheo/",
    "report": "bao-cao/hue-2023-lanh-dao/",
    "data": "du-lieu/",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as it is published: with its address, which twins in other languages are named by."""
    settings = with_folders(read_settings(PROJECT), out=tmp_path_factory.mktemp("published"), reports=find_reports())
    site = build_site(replace(settings, site_url="https://minhbach.example/")).site
    assert site is not None
    return site.resolve()


@pytest.mark.long
@pytest.mark.parametrize("prefix", ["", "en/"], ids=["vi", "en"])
@pytest.mark.parametrize("address", JUDGED.values(), ids=JUDGED.keys())
def test_lighthouse_is_content(
    published: Path, chromium: Path, run_tool: RunTool, tmp_path: Path, prefix: str, address: str
) -> None:
    """On Lighthouse's slow phone, with what is sent compressed, each of the four scores reaches what we promise."""
    if not (published / prefix / address / "index.html").is_file():
        assert prefix, "the page is not there"
        return
    report = tmp_path / "report.json"
    with serving(published, compressed=True) as host:
        run = run_tool(
            "lighthouse/cli/index.js",
            f"{host}/{prefix}{address}",
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            "--no-enable-error-reporting",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking",
            env={"CHROME_PATH": str(chromium), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "CI": "1"},
        )
    assert run.returncode == 0, run.stderr[-2000:]
    result = json.loads(report.read_text(encoding="utf-8"))
    assert "runtimeError" not in result, result["runtimeError"]
    low = []
    for category, least in LEAST.items():
        score = round(100 * result["categories"][category]["score"])
        if score < least:
            lost = [
                f"{ref['id']} {result['audits'][ref['id']].get('displayValue', '')}"
                for ref in result["categories"][category]["auditRefs"]
                if ref["weight"] and (result["audits"][ref["id"]]["score"] or 0) < 0.9
            ]
            low.append(f"{category}: {score}, not {least}: {', '.join(lost)}")
    assert not low, "\n".join(low)
