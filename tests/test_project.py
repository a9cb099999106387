"""The repository itself: what its files may hold, how it installs, which module may use which library."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from build_tools import __version__
from tests.conftest import BROWSERS, NO_CHROMIUM, NO_REPORTS, PROJECT, is_here

LARGEST_FILE = 1024 * 1024

# Spelled in two halves, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    "|".join(
        (
            r"pypi\." + "org",
            "python" + "hosted",
            r"npm" + r"js\.(org|com)",
            r"debian" + r"\.org/debian",
            r"--(extra-)?index" + "-url",
            r"--find" + "-links",
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:" + "|".join(("work", "tmp", "root", "opt", "home", "Users")) + r")/")
DEVELOPMENT_FOLDER = re.compile(r"\bshared" + r"/|\bdesign\." + r"md\b|technical-" + r"notes")

# Which module alone may import a library, so that replacing it changes one file.
HOMES = {
    "frictionless": "build_tools.packages",
    "altair": "build_tools.render.charts",
    "vl_convert": "build_tools.render.charts",
    "jinja2": "build_tools.render.pages",
    "babel": "build_tools.formats",
    "boto3": "build_tools.destinations.s3",
    "mkdocs": "build_tools.engines",
    "watchdog": "build_tools.serve",
    "distributed": "build_tools.cluster",
    "joblib": "build_tools.cluster",
    "rdflib": "build_tools.render.catalogue",
    "openpyxl": None,  # only tests
    "playwright": None,
    "pytest": None,
    "hypothesis": None,
}
# The modules that know all stages, and who may start them.
TOPS = {
    "build_tools.build": {"build_tools.cli", "build_tools.bench", "build_tools.preview", "build_tools.shards"},
    "build_tools.cli": {"build_tools.__main__"},
}
RENDERERS = {f"build_tools.render.{name}" for name in ("pages", "charts", "downloads", "catalogue")}

# `make site` inside a line, or alone on a line of an example.
COMMAND = re.compile(r"`make ([a-z-]+)|^(?: {4}|\$ )?make ([a-z-]+)(?: [A-Z]+=.*)?(?: +#.*)?$", re.MULTILINE)

# What a library brings along as part of itself.
BROUGHT = {"botocore"}  # boto3's own: its settings and its errors

# Where a library's import name is not the name it is installed by.
INSTALLED_AS = {
    "fontTools": "fonttools",
    "fontpkg_be_vietnam_pro": "fontpkg-be-vietnam-pro",
    "markdown_it": "markdown-it-py",
    "material": "mkdocs-material",
    "vl_convert": "vl-convert-python",
    "yaml": "pyyaml",
}


@pytest.fixture(scope="module")
def texts(project_files: tuple[Path, ...]) -> Mapping[Path, str]:
    """The project's text files, by their path in the project."""
    return {path: content.decode() for path, content in _contents(project_files) if b"\0" not in content}


def _contents(files: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    for path in files:
        yield path, (PROJECT / path).read_bytes()


def _hits(texts: Mapping[Path, str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts.items()
        for number, line in enumerate(text.split("\n"), 1)
        if pattern.search(line)
    ]


# --- Files ---


def test_every_text_is_utf8_nfc_with_lf(project_files: tuple[Path, ...]) -> None:
    """A text file is UTF-8 without a mark, composed (NFC), with LF line ends and one at its end."""
    faults = []
    for path, content in _contents(project_files):
        if b"\0" in content:
            continue
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            faults.append(f"{path}: not UTF-8 at byte {error.start}")
            continue
        faults += [
            f"{path}: {what}"
            for what, wrong in (
                ("starts with a byte order mark", text.startswith("\ufeff")),
                ("has CR line ends", "\r" in text),
                ("is not NFC", not unicodedata.is_normalized("NFC", text)),
                ("does not end in one LF", bool(text) and (not text.endswith("\n") or text.endswith("\n\n"))),
            )
            if wrong
        ]
    assert not faults, "\n".join(faults)


def test_no_file_is_large(project_files: tuple[Path, ...]) -> None:
    """No file is larger than 1 MiB, so that a clone stays small."""
    large = [path for path in project_files if (PROJECT / path).stat().st_size > LARGEST_FILE]
    assert not large


def test_nothing_is_a_link(project_files: tuple[Path, ...]) -> None:
    """No file is a symbolic link: an archive unpacked anywhere holds the same as a clone."""
    assert not [path for path in project_files if (PROJECT / path).is_symlink()]


def test_no_registry_is_named(texts: Mapping[Path, str]) -> None:
    """No file names a registry: which one is used is set up on the machine."""
    assert not _hits(texts, REGISTRIES)


def test_no_path_of_a_machine(texts: Mapping[Path, str]) -> None:
    """No file names a folder of one machine."""
    assert not _hits(texts, MACHINE_PATHS)


def test_the_project_speaks_of_itself_alone(texts: Mapping[Path, str]) -> None:
    """Only .ci/run knows of the folder beside the project; no file names a paper that is not in it."""
    elsewhere = {path: text for path, text in texts.items() if path != Path(".ci/run")}
    assert not _hits(elsewhere, DEVELOPMENT_FOLDER)


def test_no_passage_of_a_report_is_kept(texts: Mapping[Path, str], reports_folder: Path) -> None:
    """No file holds sixteen words in a row of a report's text: figures and places are kept, texts are not.

    A report's title is what it is cited by, and may be as long as it is.
    """
    length = 16
    printed = {
        run for file in sorted(reports_folder.glob("*.txt")) for run in _runs(file.read_text(encoding="utf-8"), length)
    }
    assert printed
    descriptors = [json.loads(text) for path, text in texts.items() if path.match("datapackages/*/datapackage.json")]
    titles = {run for one in descriptors for run in _runs(one.get("report", {}).get("title", ""), length)}
    printed -= titles
    copied = {str(path): run for path, text in texts.items() for run in _runs(text, length) if run in printed}
    assert copied == {}


def _runs(text: str, length: int) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())
    return zip(*(words[start:] for start in range(length)), strict=False)


@pytest.mark.parametrize(
    ("pattern", "caught", "passed"),
    [
        (REGISTRIES, "https://pypi." + "org/simple", "the Python Package Index"),
        (REGISTRIES, "--extra-index" + "-url x", "--index"),
        (MACHINE_PATHS, 'open("/tm' + 'p/x")', "https://minhbach.example/home/"),
        (MACHINE_PATHS, "cd /ro" + "ot/x", "tests/tmp/x"),
        (DEVELOPMENT_FOLDER, "see ../shar" + "ed/reports", "files that are shared"),
    ],
)
def test_each_pattern_catches_what_it_is_for(pattern: re.Pattern[str], caught: str, passed: str) -> None:
    """Each pattern of forbidden words finds one, and leaves ordinary words alone."""
    assert pattern.search(caught)
    assert not pattern.search(passed)


# --- Installing ---


@cache
def _pyproject() -> dict[str, dict[str, object]]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def _wanted(*extras: str) -> list[Requirement]:
    project = _pyproject()["project"]
    wanted = list(project["dependencies"])  # type: ignore[call-overload]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]  # type: ignore[index]
    return [Requirement(text) for text in wanted]


def _locked(text: str) -> dict[str, tuple[Version, int]]:
    """Return each locked library with its version and the number of its hashes."""
    locked: dict[str, tuple[Version, int]] = {}
    for entry in re.split(r"\n(?=\S)", text.strip()):
        requirement = Requirement(entry.split(" \\\n")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", entry
        locked[canonicalize_name(requirement.name)] = (Version(specifier.version), entry.count("--hash=sha256:"))
    return locked


LOCKS = {"requirements.txt": ("install",), "requirements-dev.txt": ("install", "dev")}


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_the_lock_holds_what_is_wanted(name: str, extras: tuple[str, ...]) -> None:
    """Each library that pyproject.toml asks for is locked, within its range, and every locked one has a hash."""
    locked = _locked((PROJECT / name).read_text(encoding="utf-8"))
    assert not [library for library, (_, hashes) in locked.items() if not hashes]
    for wanted in _wanted(*extras):
        version, _ = locked[canonicalize_name(wanted.name)]
        assert version in wanted.specifier, f"{wanted}: {name} has {version}; run `make lock`"


def test_both_locks_agree() -> None:
    """A library has one version, with and without the tools for tests."""
    small, large = (_locked((PROJECT / name).read_text(encoding="utf-8")) for name in LOCKS)
    assert {name: large.get(name) for name in small} == small


def test_a_lock_with_a_missing_hash_is_seen() -> None:
    """A library without a hash counts zero of them."""
    text = "one==1.0 \\\n    --hash=sha256:00\ntwo==2.0 ; python_version < '3.12'\n"
    assert _locked(text) == {"one": (Version("1.0"), 1), "two": (Version("2.0"), 0)}


def test_what_installs_the_project_is_locked() -> None:
    """The extra `install` has what pyproject.toml's build system asks for, so that nothing is fetched to install us."""
    project: dict[str, Any] = _pyproject()
    install = project["project"]["optional-dependencies"]["install"]
    assert set(project["build-system"]["requires"]) <= set(install)


def test_one_version_everywhere(texts: Mapping[Path, str]) -> None:
    """The citation and the list of changes tell of the version that the package has."""
    assert yaml.safe_load(texts[Path("CITATION.cff")])["version"] == __version__
    assert f"## {__version__}" in texts[Path("CHANGELOG.md")]


# --- Commands ---


def _targets() -> set[str]:
    listed = subprocess.run(["make", "--silent"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^make ([a-z-]+)", listed, re.MULTILINE))


def test_make_alone_lists_the_commands() -> None:
    """`make` lists every command, one line each."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (help .*)$", makefile, re.MULTILINE)
    assert _targets() == set(phony.split()) - {"chromium", "page-tools", "rsync"}


def test_commands_named_in_words_exist(texts: Mapping[Path, str]) -> None:
    """Every `make …` that a page of ours names is a target, and README.md names the two to know."""
    targets = _targets()
    words = {path: text for path, text in texts.items() if path.suffix == ".md" and path.parts[0] != "tests"}
    named = {
        (str(path), target)
        for path, text in words.items()
        for target in re.findall(r"(?:`|^ {4}|^)make ([a-z-]+)", text, re.MULTILINE)
    }
    assert sorted((path, target) for path, target in named if target not in targets) == []
    assert sorted({("README.md", "site"), ("README.md", "test")} - named) == []


def test_ci_runs_what_a_maintainer_runs() -> None:
    """.ci/run is a sound script that runs `make test` and allows no needless skip."""
    script = PROJECT / ".ci" / "run"
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert re.search(r"^make test\b", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert "export MINHBACH_NO_SKIPS=1" in script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)


def test_make_and_the_tests_look_for_the_same_browsers() -> None:
    """The Makefile installs Chromium only where no test would have found a browser."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert f"BROWSERS = {' '.join(BROWSERS)}\n" in makefile


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("exit 127", "Cannot run"),
        ('case "$*" in *version_info*) echo 3.10;; *) echo Python 3.10.13;; esac', "too old"),
        ('case "$*" in *version_info*) echo 3.12;; *) exit 1;; esac', "python3-venv"),
    ],
)
def test_set_up_names_what_a_python_lacks(copied_project: Callable[..., Path], answers: str, said: str) -> None:
    """Without a Python, with an old one or with one that cannot make .venv, make says what to do, and makes nothing."""
    project = copied_project("có dấu cách")
    python = project / "python-for-test"
    python.write_text(f"#!/bin/sh\n{answers}\n", encoding="utf-8")
    python.chmod(0o755)
    run = subprocess.run(["make", "site", f"PYTHON={python}"], cwd=project, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert said in run.stderr
    assert not (project / ".venv").exists()


# --- Modules ---


def _modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted((PROJECT / "build_tools").rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return found


def _imports(tree: ast.Module) -> Iterator[str]:
    """Yield every module that is imported, at the top or inside a function; `from a import b` yields a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _arrows(modules: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Return which modules of ours each module imports; a package that only holds the imported one does not count."""
    arrows = {}
    for name, tree in modules.items():
        ours = {imported for imported in _imports(tree) if imported in modules} - {name}
        arrows[name] = {one for one in ours if not any(other.startswith(f"{one}.") for other in ours)}
    return arrows


def _cycle(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return modules that import each other in a circle, or nothing."""
    done: set[str] = set()

    def search(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            for other in sorted(arrows[name]):
                if found := search(other, [*path, name]):
                    return found
            done.add(name)
        return []

    return next((found for name in sorted(arrows) if (found := search(name, []))), [])


def _opened(tree: ast.Module) -> Iterator[str]:
    """Yield every library whose files a module opens: the `x` of `files("x")` and `package_files("x")`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"files", "package_files"}
        ):
            yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


def _strangers(tree: ast.Module) -> set[str]:
    """Return the libraries of others that a module imports, or whose files it opens."""
    names = {imported.partition(".")[0] for imported in (*_imports(tree), *_opened(tree))}
    return names - sys.stdlib_module_names - {"build_tools", "__future__"}


def test_every_module_opens_with_a_sentence() -> None:
    """A module's docstring opens with one sentence that ends in a full stop."""
    for name, tree in _modules().items():
        opening = (ast.get_docstring(tree) or "").split("\n\n")[0]
        assert re.search(r"[.:!?]$", opening), f"{name} opens with {opening!r}"


def test_each_library_has_one_home() -> None:
    """A library that could be replaced is imported by one module alone."""
    astray = [
        f"{name} imports {library}; its home is {HOMES[library]}"
        for name, tree in _modules().items()
        for library in _strangers(tree) & HOMES.keys()
        if HOMES[library] != name
    ]
    assert not astray, "\n".join(astray)


def test_every_home_exists() -> None:
    """The homes above are modules there are, so that the rule means something."""
    named = {home for home in HOMES.values() if home} | TOPS.keys() | RENDERERS
    assert sorted(named - _modules().keys()) == []


def test_imports_go_forward() -> None:
    """No modules import each other in a circle."""
    assert not _cycle(_arrows(_modules()))


def test_no_stage_knows_the_whole() -> None:
    """Only the commands and what builds several sites import build.py; only `python -m build_tools` the commands."""
    knowing = {(name, top) for name, ours in _arrows(_modules()).items() for top in TOPS if top in ours}
    assert not {(name, top) for name, top in knowing if name not in TOPS[top]}


def test_renderers_never_import_each_other() -> None:
    """A page needs a chart's address, which the plan of the site gives, not the chart."""
    arrows = _arrows(_modules())
    assert not {(name, other) for name in RENDERERS & arrows.keys() for other in RENDERERS & arrows[name]}


def test_a_circle_and_a_straight_line_are_told_apart() -> None:
    """The search for circles finds one through three modules, also by an import inside a function."""
    straight = {
        "a": ast.parse("from b import x"),
        "b": ast.parse("def f():\n    import c"),
        "c": ast.parse("import json"),
    }
    assert _arrows(straight) == {"a": {"b"}, "b": {"c"}, "c": set()}
    assert not _cycle(_arrows(straight))
    circle = straight | {"c": ast.parse("import a")}
    assert _cycle(_arrows(circle)) == ["a", "b", "c", "a"]


def test_what_is_imported_is_declared() -> None:
    """Every library that build_tools uses is a dependency, not something that came along with one."""
    declared = {canonicalize_name(wanted.name) for wanted in _wanted("publish", "engines", "cluster")} | BROUGHT
    imported = {
        (name, INSTALLED_AS.get(library, library)) for name, tree in _modules().items() for library in _strangers(tree)
    }
    astray = sorted((name, library) for name, library in imported if canonicalize_name(library) not in declared)
    assert astray == []


def test_what_is_declared_is_used() -> None:
    """Every dependency is imported, or its files are opened, somewhere in build_tools."""
    imported = {
        canonicalize_name(INSTALLED_AS.get(library, library))
        for tree in _modules().values()
        for library in _strangers(tree)
    }
    unused = {canonicalize_name(wanted.name) for wanted in _wanted()} - imported
    assert sorted(unused) == []


# --- The rules that conftest.py holds every run to ---

SKIPPING = f"""
import pytest

def test_runs():
    pass

@pytest.mark.parametrize("reason", [{NO_REPORTS!r}, {NO_CHROMIUM!r}, "not today"])
def test_skips(reason):
    pytest.skip(reason)

@pytest.mark.xfail(run=False, reason="too hard")
def test_is_not_run():
    pass
"""


def _run_inside(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, test: str, **environment: str
) -> pytest.RunResult:
    """Run one module of tests in a project of its own that has our conftest.py."""
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "__init__.py").touch()
    shutil.copy(PROJECT / "tests" / "conftest.py", pytester.path / "tests")
    (pytester.path / "tests" / "test_inside.py").write_text(test, encoding="utf-8")
    for name in ("MINHBACH_REPORTS", "MINHBACH_CHROMIUM", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist")


def test_a_needless_skip_fails_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under MINHBACH_NO_SKIPS=1 a skip passes when one of two conditions truly holds; any other fails the run."""
    result = _run_inside(pytester, monkeypatch, SKIPPING, MINHBACH_NO_SKIPS="1", PATH="")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "NOT ALLOWED*test_is_not_run*",
            f"allowed*{NO_CHROMIUM}",
            "NOT ALLOWED*: not today",
            f"allowed*{NO_REPORTS}",
            "2 skipped that could have run: the run fails.",
        ]
    )


def test_a_declared_reason_must_hold(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that says the reports are missing, while they are there, fails the run."""
    (pytester.path / "reports").mkdir()
    (pytester.path / "reports" / "a.txt").touch()
    test = f"import pytest\n\ndef test_skips():\n    pytest.skip({NO_REPORTS!r})\n"
    result = _run_inside(pytester, monkeypatch, test, MINHBACH_NO_SKIPS="1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"NOT ALLOWED*{NO_REPORTS}"])


def test_a_module_may_not_skip_itself(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that skips itself while it is read fails the run too."""
    test = "import pytest\n\npytest.importorskip('no_such_library')\n\ndef test_runs():\n    pass\n"
    result = _run_inside(pytester, monkeypatch, test + "", MINHBACH_NO_SKIPS="1")
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["NOT ALLOWED*no_such_library*"])


def test_without_the_variable_a_skip_is_a_skip(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A maintainer who runs the tests by hand is not stopped by a skip."""
    result = _run_inside(pytester, monkeypatch, SKIPPING, MINHBACH_NO_SKIPS="")
    assert result.ret == pytest.ExitCode.OK


def test_no_other_host_is_reached(attempts_to_leave: list[str]) -> None:
    """A connection or a question for a name that leaves this machine is refused before it is sent, and noted."""
    import socket

    with socket.socket() as outgoing, pytest.raises(ConnectionRefusedError):
        outgoing.connect(("192.0.2.1", 80))
    with pytest.raises(ConnectionRefusedError):
        socket.getaddrinfo("minhbach.example", 443)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outgoing, pytest.raises(ConnectionRefusedError):
        outgoing.sendto(b"", ("192.0.2.1", 53))
    assert len(attempts_to_leave) == 3
    attempts_to_leave.clear()


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True), ("", True)]
    + [("10.0.0.1", False), ("0.0.0.0", False), ("minhbach.example", False), ("127.0.0.1.example", False)],  # noqa: S104
)
def test_what_counts_as_this_machine(host: str, here: bool) -> None:
    """Loopback addresses and `localhost` are here; private addresses and names that look like it are not."""
    assert is_here(host) is here


def test_a_page_that_leaves_is_caught(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, chromium: Path
) -> None:
    """A page that asks for a picture on another host fails its test, and so does an error on the console."""
    test = """
import pytest

@pytest.mark.parametrize("page", [
    "<img src='https://minhbach.example/a.png'>", "<script>console.error('trouble')</script>", "<p>fine</p>",
])
def test_page(visit, serve, tmp_path, page):
    (tmp_path / "index.html").write_text(f"<!doctype html><link rel=icon href=data:,>{page}")
    visit().open(serve(tmp_path) + "/index.html")
"""
    result = _run_inside(pytester, monkeypatch, test, MINHBACH_CHROMIUM=str(chromium))
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*a page asked for another host*", "*a page complained on the console*"])


def test_a_copy_is_whole(copied_project: Callable[..., Path], project_files: tuple[Path, ...]) -> None:
    """The copied project holds every file of the project, byte for byte, and nothing else."""
    copy = copied_project()
    assert {file.relative_to(copy) for file in copy.rglob("*") if file.is_file()} == set(project_files)
    for path in project_files:
        assert (copy / path).read_bytes() == (PROJECT / path).read_bytes()
