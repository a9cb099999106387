"""The documents say what is so."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from build_tools.cli import app
from build_tools.faults import codes, explanation
from tests import reference
from tests.makers import PROJECT

PAPERS = ("CHANGELOG", "CODE_OF_CONDUCT", "CONTRIBUTING", "SECURITY")
DOCUMENTS = [PROJECT / f"{name}.md" for name in ("README", *PAPERS)] + sorted((PROJECT / "docs").rglob("*.md"))


def test_every_fault_is_explained() -> None:
    """docs/faults.md holds what `minhbach explain all` prints."""
    page = (PROJECT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert page[page.index("## ") :].strip() == "\n\n".join(map(explanation, codes()))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    """A relative link names a file or folder that is there."""
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_commands_of_the_readme_exist() -> None:
    """Each `minhbach` command the README names is one, with help of its own."""
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`minhbach ([a-z]+)", readme))
    assert {"validate", "audit", "coverage", "build"} <= named
    for command in sorted(named):
        result = CliRunner().invoke(app, [command, "--help"])
        assert result.exit_code == 0, command


def test_commands_and_options_of_all_pages_exist() -> None:
    """Each command that a page or an example names is one, and so is each option on its line."""
    known = {name.split()[1] for name in reference.command_names()} | {"claims", "sheet"}
    options = set(re.findall(r"`(--[\w-]+)`", reference.commands())) | {"--help", "--version"}
    for document in DOCUMENTS:
        for line in document.read_text(encoding="utf-8").splitlines():
            for command, rest in re.findall(r"(?:`|\.venv/bin/)minhbach ([a-z]+)([^`]*)", line):
                assert command in known, f"{document.name}: {line}"
                assert set(re.findall(r"--[\w-]+", rest)) <= options, f"{document.name}: {line}"


@pytest.mark.parametrize("path", reference.pages(), ids=lambda path: path.name)
def test_the_reference_is_what_the_code_says(path: Path) -> None:
    """Commands, settings, columns and the picture are those of the code: `python -m tests.reference` writes them."""
    assert path.read_text(encoding="utf-8") == reference.pages()[path], "run: .venv/bin/python -m tests.reference"


def test_the_reference_holds_every_command_setting_and_column() -> None:
    """What is said of settings by hand is said of each that is read, and of no other; no table is left out."""
    page = (reference.FOLDER / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == reference.command_names()
    assert reference.settings_read() == set(reference.SETTINGS)
    assert reference.variables_read() == set(reference.VARIABLES)
    assert reference.make_variables() == set(reference.MAKE)
    tables = {path.stem for path in (PROJECT / "build_tools" / "schemas").glob("*.json")}
    assert {table for group in reference.TABLES.values() for table in group} == tables


def test_the_picture_shows_every_module_and_imports_go_up() -> None:
    """Each module stands in one row, and imports nothing from a row below its own."""
    row = {name: number for number, names in enumerate(reference.ROWS.values()) for name in names}
    assert len(row) == sum(map(len, reference.ROWS.values()))
    modules = reference.modules()
    assert set(row) == set(modules)
    down = [(name, other) for name, others in modules.items() for other in others if row[other] > row[name]]
    assert down == []


def make_docs(project: Path) -> subprocess.CompletedProcess[str]:
    """Run what `make docs` runs once it is set up."""
    makefile = (project / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.finditer(r"^docs:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    script = re.sub(r"^\t@?", "", recipe[1], flags=re.MULTILINE).replace("$$", "$")
    script = script.replace(".venv/bin/mkdocs", f"'{sys.executable}' -m mkdocs")
    return subprocess.run(["sh", "-ec", script], cwd=project, capture_output=True, text=True, check=False)


def test_the_documentation_builds_and_every_page_is_found(copied_project: Callable[..., Path]) -> None:
    """`make docs`, strict: every link and anchor leads somewhere, and every page stands in the navigation."""
    project = copied_project()
    done = make_docs(project)
    assert done.returncode == 0, done.stderr
    source, built = project / "build" / "docs_src", project / "build" / "docs"
    pages = {path.relative_to(source).with_suffix(".html") for path in source.rglob("*.md")}
    named = {page.with_stem(page.stem.replace("README", "index")) for page in pages}
    assert {page for page in named if not (built / page).is_file()} == set()


@pytest.mark.parametrize("harm", ["[x](guides/nowhere.md)", "[x](faults.md#nowhere)", "new page"])
def test_the_documentation_is_held_to_its_links(copied_project: Callable[..., Path], harm: str) -> None:
    """A link or an anchor that leads nowhere, and a page that no navigation names, end the build."""
    project = copied_project()
    page = project / "docs" / ("new.md" if harm == "new page" else "architecture.md")
    page.write_text(f"# Page\n\n{harm}\n", encoding="utf-8")
    assert make_docs(project).returncode != 0


def test_the_two_commands_stand_on_the_first_screen() -> None:
    """A newcomer sees how to build and how to test without scrolling."""
    head = (PROJECT / "README.md").read_text(encoding="utf-8").splitlines()[:12]
    assert any(line.startswith("make site") for line in head)
    assert any(line.startswith("make test") for line in head)
