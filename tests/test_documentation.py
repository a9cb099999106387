"""The documents say what is so."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from build_tools.cli import app
from build_tools.faults import codes, explanation
from tests.makers import PROJECT

DOCUMENTS = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").rglob("*.md"))]


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


def test_the_two_commands_stand_on_the_first_screen() -> None:
    """A newcomer sees how to build and how to test without scrolling."""
    head = (PROJECT / "README.md").read_text(encoding="utf-8").splitlines()[:12]
    assert any(line.startswith("make site") for line in head)
    assert any(line.startswith("make test") for line in head)
