"""The files for CI and pre-commit: of this repository, and as `minhbach new` writes them."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from build_tools.cli import app
from build_tools.new import STARTER
from tests.conftest import PROJECT

GITHUB = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
OURS_ALONE = {"test.yml"}  # the tests of the program
GITLAB = PROJECT / ".gitlab-ci.yml"
PRE_COMMIT = PROJECT / ".pre-commit-config.yaml"
HOOKS = PROJECT / ".pre-commit-hooks.yaml"
# What comes from others: whoever opens a change chooses these words.
WRITTEN_BY_OTHERS = re.compile(r"\$\{\{")


def read(path: Path) -> Any:
    """Return a YAML file; `on` is a key, not yes."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  (plain texts alone)


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    """Yield every step of a workflow for GitHub."""
    for job in read(workflow)["jobs"].values():
        yield from job["steps"]


def lines() -> Iterator[tuple[str, str]]:
    """Yield every line that CI or a hook runs, with the file it stands in."""
    for path in GITHUB:
        for step in steps(path):
            yield from ((path.name, line) for line in step.get("run", "").splitlines())
    for name, job in read(GITLAB).items():
        if isinstance(job, dict) and name not in ("workflow", "default"):
            yield from ((GITLAB.name, line) for line in job["script"])
    for repository in read(PRE_COMMIT)["repos"]:
        yield from ((PRE_COMMIT.name, hook["entry"]) for hook in repository["hooks"])
    yield from ((HOOKS.name, hook["entry"]) for hook in read(HOOKS))


def commands(line: str) -> Iterator[list[str]]:
    """Yield the arguments of every call of minhbach in a line."""
    for part in re.split(r"\|\||&&|;|\|", line):
        words = [word for word in shlex.split(part) if not re.match(r"[A-Z_]+=", word)]
        if words and Path(words[0]).name == "minhbach":
            yield [word for word in words[1:] if not word.startswith(">")]


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-workflows", GITHUB), ("vendor.gitlab-ci", [GITLAB])],
)
def test_the_files_are_valid(schema: str, files: list[Path]) -> None:
    """Each file is as its host describes it."""
    assert files
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    check += ["--data-transform", "gitlab-ci"] if schema == "vendor.gitlab-ci" else []
    done = subprocess.run([*check, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_that_is_run_exists() -> None:
    """Every call of minhbach names a command there is, with options and arguments that it takes."""
    group = typer.main.get_command(app)
    called = [(file, call) for file, line in lines() for call in commands(line)]
    assert {call[0] for _, call in called} == {"validate", "format", "coverage", "build", "verify", "diff"}
    for _, call in called:
        group.make_context("minhbach", list(call), resilient_parsing=False)
        command = group.get_command(typer.Context(group), call[0])  # type: ignore[attr-defined]
        command.make_context(call[0], list(call[1:]))


def test_every_target_that_is_run_exists() -> None:
    """Every `make` names a target of our Makefile and of a new project's, but for what tests the program."""
    named = {(file, words[1]) for file, line in lines() if (words := line.split())[:1] == ["make"]}
    assert {target for _, target in named} == {".venv-ready", "audit-deps"}
    for makefile in (PROJECT / "Makefile", STARTER / "Makefile"):
        text = makefile.read_text("utf-8")
        assert [target for _, target in named if not re.search(rf"^{re.escape(target)}:", text, re.MULTILINE)] == []


def test_a_new_project_gets_the_same_files() -> None:
    """What `minhbach new` writes is what this repository runs itself, without the tests of the program."""
    theirs = {path.name: path.read_text("utf-8") for path in (STARTER / "dot_github" / "workflows").iterdir()}
    assert theirs == {path.name: path.read_text("utf-8") for path in GITHUB if path.name not in OURS_ALONE}
    gitlab = (STARTER / "dot_gitlab-ci.yml").read_text("utf-8")
    assert GITLAB.read_text("utf-8").startswith(gitlab)
    assert {*read(GITLAB)} - {*yaml.safe_load(gitlab)} == {"test"}
    assert (STARTER / "dot_pre-commit-config.yaml").read_text("utf-8") == PRE_COMMIT.read_text("utf-8")


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_a_workflow_has_only_the_rights_it_needs(path: Path) -> None:
    """No rights but those a job names; a job that may write runs nothing of the change; no password is left behind."""
    workflow = read(path)
    assert workflow["permissions"] == {}, "what a job does not name it may not do"
    assert "pull_request_target" not in workflow["on"] and "workflow_run" not in workflow["on"]
    for name, job in workflow["jobs"].items():
        used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        if "write" in job["permissions"].values():
            assert "actions/checkout" not in used, f"{name} may write, and runs what it checks out"
        assert "secrets." not in str(job)
        assert int(job["timeout-minutes"]) <= 60
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_what_others_wrote_never_stands_in_a_script(path: Path) -> None:
    """No script has a value put into its text: values come by the environment, where they are no code."""
    assert [step["run"] for step in steps(path) if WRITTEN_BY_OTHERS.search(step.get("run", ""))] == []


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_actions_are_held_to_one_commit(path: Path) -> None:
    """An action is named by its commit, with the version beside it, and only GitHub's own are used."""
    named = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    assert named
    assert [use for use in named if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_one_commit_of_each_action() -> None:
    """All workflows use the same commit of an action."""
    used = {step["uses"] for path in GITHUB for step in steps(path) if "uses" in step}
    assert len({use.partition("@")[0] for use in used}) == len(used)
