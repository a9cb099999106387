"""The recipes of CONTRIBUTING.md, followed literally: each diff is applied to a copy, checked, built and looked for."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.makers import REPORT

RECIPES = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Recipes")[2].partition("\n## ")[0]
HEADINGS = ("A package", "An indicator", "A rule", "A chart", "A page kind", "A language")


def recipe(heading: str) -> str:
    """Return what stands under a heading."""
    return RECIPES.partition(f"### {heading}\n")[2].partition("\n### ")[0]


def diff(heading: str) -> str:
    """Return the diff of a recipe."""
    (found,) = re.finditer(r"^```diff\n(.*?)^```$", recipe(heading), re.MULTILINE | re.DOTALL)
    return found[1]


def commands(heading: str) -> list[str]:
    """Return the runs of pytest that the lines of a recipe name, in order, for the rule of its example."""
    found = re.findall(r"`((?:\w+=\d )?\.venv/bin/python -m pytest[^`]*)`", recipe(heading))
    return [command.replace("RULE", "product") for command in found]


def test_each_recipe_is_five_lines() -> None:
    """Every recipe that was promised is there, and has five lines."""
    assert re.findall(r"^### (.*)$", RECIPES, re.MULTILINE) == list(HEADINGS)
    for heading in HEADINGS:
        assert re.findall(r"^(\d)\. ", recipe(heading), re.MULTILINE) == list("12345"), heading


def test_what_the_recipes_name_is_there() -> None:
    """Files, folders and names of code that a recipe sends to exist."""
    named = set(re.findall(r"`((?:build_tools|site_src|docs|tests|datapackages)/[\w./-]*)`", RECIPES))
    assert {name for name in named if not (PROJECT / name).exists()} == {"tests/audit_cases/rule-RULE/"}
    for name, file in re.findall(r"`([A-Z_]+)` \(`(build_tools/[\w/.]+)`\)", RECIPES):
        assert re.search(rf"^{name}\b", (PROJECT / file).read_text(encoding="utf-8"), re.MULTILINE), name


class Copy:
    """A copy of the project in which recipes are followed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "MINHBACH_"))}

    def run(self, *arguments: str, code: int = 0, **more: str) -> str:
        """Run a command in the copy and return what it says."""
        done = subprocess.run(
            arguments,
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def follow(self, heading: str) -> None:
        """Apply the diff of a recipe."""
        (self.folder / "recipe.diff").write_text(diff(heading), encoding="utf-8")
        self.run("git", "apply", "recipe.diff")

    def test(self, heading: str) -> None:
        """Run the tests that a recipe names, those that fail on purpose among them."""
        for command in commands(heading):
            setting, _, rest = command.rpartition(".venv/bin/python ")
            accepting = dict([setting.strip().split("=")]) if setting else {}
            self.run(
                sys.executable,
                *shlex.split(rest),
                "-q",
                "-p",
                "no:cacheprovider",
                code=1 if accepting else 0,
                **accepting,
            )


@pytest.fixture
def copy(copied_project: Callable[..., Path]) -> Copy:
    """A copy of the project."""
    return Copy(copied_project())


def test_a_rule_a_chart_and_a_page_are_added_as_the_recipes_say(copy: Copy) -> None:
    """Followed one after the other: style holds, the tests they name pass, and each stands on a page that is built."""
    for heading in ("A rule", "A chart", "A page kind"):
        copy.follow(heading)
    for heading in ("A rule", "A chart"):
        copy.test(heading)
    copy.run(sys.executable, "-m", "ruff", "check", "--no-cache", "build_tools")
    copy.run(sys.executable, "-m", "ruff", "format", "--check", "--no-cache", "build_tools")
    packages = copy.folder / "tests" / "example_project" / "datapackages"
    use_the_rule(packages / REPORT)
    ask_for_the_chart(packages / "gia-ca")
    options = ("--packages", str(packages), "--out", "out", "--no-social-images", "--workers", "1")
    copy.run(sys.executable, "-m", "build_tools", "build", *options)
    site = copy.folder / "out" / "site"
    audit = (site / "en" / "doi-chieu" / REPORT / "index.html").read_text(encoding="utf-8")
    assert "is the product 1,250\u00a0people?" in audit
    table = (site / "en" / "du-lieu" / "gia-ca" / "prices" / "index.html").read_text(encoding="utf-8")
    assert "Price by Fruit, the least first" in table
    chart = (site / "bieu-do" / "gia-ca--prices--cheap.csv").read_text(encoding="utf-8")
    assert re.findall(r"pear|apple|plum|fig", chart) == ["fig", "plum", "apple", "pear"]
    bodies = (site / "en" / "co-quan" / "index.html").read_text(encoding="utf-8")
    assert "<li>The whole province</li>" in bodies


def use_the_rule(report: Path) -> None:
    """Use the rule of the recipe in a package, as its last line says."""
    path = report / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    (claims,) = [one for one in descriptor["resources"] if one["name"] == "claims"]
    (rule,) = [one for one in claims["schema"]["fields"] if one["name"] == "rule"]
    rule["constraints"]["enum"].append("product")
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    with (report / "claims.csv").open("a", encoding="utf-8") as file:
        file.write("jobs_product,product,jobs_created,125 * 10,stated,,,,\n")


def ask_for_the_chart(package: Path) -> None:
    """Ask for the chart of the recipe in a package of prices, as its last line says."""
    package.mkdir()
    (package / "prices.csv").write_text("fruit,price\npear,9\nplum,3\nfig,2\napple,5\n", encoding="utf-8")
    fields = [
        {"name": "fruit", "type": "string", "title": "Fruit"},
        {"name": "price", "type": "number", "title": "Price"},
    ]
    asked = {"name": "cheap", "table": "prices", "kind": "lowest", "by": "fruit", "values": ["price"]}
    descriptor = {
        "name": "gia-ca",
        "title": "Prices",
        "resources": [{"name": "prices", "path": "prices.csv", "schema": {"fields": fields}}],
        "charts": [asked],
    }
    (package / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
