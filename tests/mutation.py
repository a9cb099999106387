"""Mutation testing: change one thing in a module that reads or judges, and see whether a test of that module notices.

`make mutation` runs it; docs/mutation.md says what is changed and holds the last result. All runs are forked from one
process that has imported every library. A change within a function takes the place of the function's code once the
tests are collected, so that it costs what the tests cost that call this function; any other change is imported anew.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import importlib.util
import inspect
import json
import os
import random
import re
import resource
import select
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
EQUIVALENT = PROJECT / "tests" / "tables" / "equivalent_mutants.toml"
KEPT = PROJECT / "build" / "mutation"
RECORD = PROJECT / "docs" / "mutation.md"
SEED = 20231231
PATIENCE = 30  # seconds that a mutant may take beyond four times what its tests take; one that takes longer is noticed
MOST_MEMORY = 3 << 30


@dataclass(frozen=True)
class Target:
    """A module, the tests that hold it, and how many of its mutants are drawn."""

    module: str
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()  # words in the names of tests that are too long to be run for every mutant
    sample: int = 80

    @property
    def path(self) -> Path:
        """Where the module's source stands."""
        return PROJECT / (self.module.replace(".", "/") + ".py")


_LONG_LAWS = ("test_a_reach_holds_whatever_numbers_come_to",)
_AUDIT = ("test_audit.py", "test_audit_working.py")
_READING = ("test_rows.py", "test_descriptors.py", "test_packages.py", "test_reading.py", "test_corpus.py")
_LONG_READING = (
    *("over_its_bound", "frictionless_alone", "no_path_leads_out", "claim_that_is_wrong", "limits: "),
    *("path: ", "encoding: ", "unicode: "),
)
_OF_CELLS = ("numbers: ", "keys: ", "references: ")
_OF_ROWS = ("shape: ",)

TARGETS = (
    Target(
        "build_tools.numbers",
        ("test_numbers.py",),
        (
            "test_a_canonical_cell_is_read_as_it_stands",
            "test_a_cell_is_read_or_refused_and_a_correction_is_readable",
            "test_what_is_printed_is_read_back",
            "test_a_printed_number_in_a_cell_is_corrected",
            "test_a_printed_range_is_read_back",
            "test_any_text_is_read_or_refused_with_a_reason",
        ),
    ),
    Target("build_tools.cells", ("test_cells.py",)),
    Target("build_tools.audit.intervals", ("test_intervals.py", "test_audit.py")),
    Target("build_tools.audit.formulas", ("test_formulas.py", "test_audit.py"), _LONG_LAWS),
    Target("build_tools.audit.claims", _AUDIT),
    Target("build_tools.audit.verdicts", _AUDIT),
    Target("build_tools.folders", ("test_reading.py",)),
    Target("build_tools.patterns", ("test_reading.py",)),
    Target("build_tools.gathering", ("test_reading.py",)),
    Target("build_tools.descriptors", _READING, (*_LONG_READING, *_OF_CELLS, *_OF_ROWS)),
    Target("build_tools.packages", _READING, (*_LONG_READING, *_OF_CELLS, *_OF_ROWS)),
    Target("build_tools.rows", _READING, (*_LONG_READING, *_OF_CELLS)),
    Target("build_tools.table_checks", ("test_table_checks.py", *_READING), (*_LONG_READING, *_OF_ROWS)),
)


# --- What is changed -------------------------------------------------------------------------------------------------


Place = tuple[tuple[str, int | None], ...]  # the way to a node: the names of fields, and where in a list


@dataclass(frozen=True)
class Mutant:
    """One change: the outermost function or method around it (empty outside of all), its line, before and after."""

    owner: str
    line: int
    before: str
    after: str
    source: str = field(repr=False)
    place: Place = field(repr=False)
    other: ast.AST = field(repr=False, compare=False)

    @property
    def tree(self) -> ast.Module:
        """The changed module."""
        tree = ast.parse(self.source)
        _put(tree, self.place, self.other)
        return ast.fix_missing_locations(tree)

    @property
    def change(self) -> str:
        """The change in words that stay when lines move."""
        return f"{self.before} → {self.after}"


_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Continue: ast.Break,
    ast.Break: ast.Continue,
}
_PAIRS = (("min", "max"), ("any", "all"), ("startswith", "endswith"), ("removeprefix", "removesuffix"))
_OTHER_NAMES = dict(_PAIRS) | {b: a for a, b in _PAIRS}
_PROSE = re.compile(r"[^\W\d_]{2,},? [^\W\d_]{1,}|[^\W\d_] [^\W\d_]{2,}")
_QUANTIFIER = re.compile(r"(?<=[\])\w.])(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})(?!\w*\()")
_TYPING = {"Literal", "TypeVar", "cast"}


def mutants_of(source: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its text; what only words a message is left alone."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    for place, owner, node in list(_places(tree, (), "")):
        for other in _others(node):
            line = getattr(node, "lineno", None) or _line(tree, place)
            found.append(Mutant(owner, line, *_shown(tree, place, node, other), source, place, other))
    return found


def _places(node: ast.AST, place: Place, owner: str) -> Iterator[tuple[Place, str, ast.AST]]:
    """Each node that may be changed, how to reach it, and the outermost function or method whose body holds it."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment", "keywords" if _of_typing(node) else ""):
            continue
        inside = owner
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and name == "body":
            is_whole = isinstance(node, ast.ClassDef) or ":" not in owner
            inside = f"{owner.rstrip(':')}.{node.name}".lstrip(".") if is_whole else owner
            inside += ":" if isinstance(node, ast.FunctionDef) and is_whole else ""
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST) or _is_docstring(child) or _of_typing(child):
                continue
            here = (*place, (name, index))
            yield here, inside.rstrip(":") if ":" in inside else "", child
            yield from _places(child, here, inside)


def _is_docstring(node: ast.AST) -> bool:
    """Whether a node is words about the code: a string that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _of_typing(node: ast.AST) -> bool:
    """Whether a node speaks to the checker of types alone."""
    head = node.value if isinstance(node, ast.Subscript) else node.func if isinstance(node, ast.Call) else None
    return isinstance(head, ast.Name) and head.id in _TYPING


def _others(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if type(node) in _SWAPS:
        yield _SWAPS[type(node)]()
    elif isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in _other_values(node.value))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.Raise | ast.AugAssign | ast.Expr):
        yield ast.Pass()
    elif isinstance(node, ast.Return) and node.value is not None and not _is_constant(node.value, None):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Name) and node.id in _OTHER_NAMES:
        yield ast.Name(_OTHER_NAMES[node.id], node.ctx)
    elif isinstance(node, ast.Attribute) and node.attr in _OTHER_NAMES:
        yield ast.Attribute(node.value, _OTHER_NAMES[node.attr], node.ctx)
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and isinstance(
        node.test, ast.Name | ast.Attribute | ast.Call
    ):
        other = copy.copy(node)
        other.test = ast.UnaryOp(ast.Not(), node.test)
        yield other


def _is_constant(node: ast.AST, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _other_values(value: object) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str) and not _PROSE.search(value):
        yield f"{value}X"
        if "[" in value or "(" in value or "\\" in value:
            for match in _QUANTIFIER.finditer(value):
                yield value[: match.start()] + _other_quantifier(match[0]) + value[match.end() :]


def _other_quantifier(text: str) -> str:
    """Return what a quantifier of a pattern becomes: one more at least, or none where one had to be."""
    simple = {"*": "+", "+": "*", "?": ""}
    return simple[text] if text in simple else re.sub("[0-9]+", lambda n: str(int(n[0]) + 1), text, count=1)


def _put(tree: ast.AST, place: Place, other: ast.AST) -> None:
    node: Any = tree
    for name, index in place[:-1]:
        node = getattr(node, name) if index is None else getattr(node, name)[index]
    name, index = place[-1]
    if index is None:
        setattr(node, name, other)
    else:
        getattr(node, name)[index] = other


def _line(tree: ast.AST, place: Place) -> int:
    """The line of the nearest node around a place that has one; a sign has none of its own."""
    node: Any = tree
    line = 1
    for name, index in place:
        node = getattr(node, name) if index is None else getattr(node, name)[index]
        line = getattr(node, "lineno", line)
    return line


def _shown(tree: ast.AST, place: Place, node: ast.AST, other: ast.AST) -> tuple[str, str]:
    """The smallest expression or statement around a change, before and after it, in one line each."""
    if isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
        return _short(ast.unparse(node)), _short(ast.unparse(ast.fix_missing_locations(other)))
    if isinstance(node, ast.stmt):
        return _short(ast.unparse(node)), _short(ast.unparse(ast.fix_missing_locations(other)))
    around = place[:-1]
    while around and not isinstance(_at(tree, around), ast.expr | ast.stmt | ast.keyword):
        around = around[:-1]
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    if is_text or isinstance(_at(tree, around), ast.JoinedStr):
        return _short(repr(getattr(node, "value", ""))), _short(repr(getattr(other, "value", "")))
    before = ast.unparse(_at(tree, around))
    _put(tree, place, other)
    after = ast.unparse(_at(tree, around))
    _put(tree, place, node)
    return _short(before), _short(after)


def _at(tree: ast.AST, place: Place) -> ast.AST:
    node: Any = tree
    for name, index in place:
        node = getattr(node, name) if index is None else getattr(node, name)[index]
    return node  # type: ignore[no-any-return]


def _short(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 110 else f"{line[:109]}…"


# --- Running -------------------------------------------------------------------------------------------------------


def in_fork(work: Callable[[Callable[[object], None]], None], limit: float | None = None) -> tuple[list[Any], bool]:
    """Do work in a process of its own; return what it said, and whether it ended by itself within the limit."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            os.setpgid(0, 0)
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:

                def say(item: object) -> None:
                    pipe.write(json.dumps(item) + "\n")
                    pipe.flush()

                work(say)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001  (whatever it is, the fork ends here)
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
    os.close(writing)
    said, ended = b"", True
    deadline = None if limit is None else time.monotonic() + limit
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([reading], [], [], left)[0]:
            ended = False
            break
        if not (piece := os.read(reading, 1 << 16)):
            break
        said += piece
    os.close(reading)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return [json.loads(line) for line in said.decode().splitlines()], ended


def _pytest(target: Target, plugin: object) -> int:
    """Collect the tests of a module, in silence, for the plugin to run."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(silence, stream)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    files = [str(PROJECT / "tests" / name) for name in target.tests if (PROJECT / "tests" / name).exists()]
    options = ["--capture=no", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += ["--hypothesis-profile", "quick"]
    rewriting = ["-W", "ignore::pytest.PytestAssertRewriteWarning", "--rootdir", str(PROJECT)]
    return int(pytest.main([*files, *options, *rewriting], plugins=[_Choice(target), plugin]))


@dataclass
class _Choice:
    """Leaves the tests out that are too long."""

    target: Target

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not any(words in item.name for words in self.target.without)]


class _Judge:
    """Notes whether a test failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def first_failure(self, items: Sequence[pytest.Item]) -> str:
        """Run tests until one fails, and return its name; empty when none does."""
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                break
        return self.failed


class _Survey(_Judge):
    """Runs each test once and says how long it takes and which functions of our modules it calls."""

    def __init__(self, say: Callable[[object], None]):
        super().__init__()
        self.say = say
        self.called: set[tuple[str, str]] = set()
        self.ours = str(PROJECT / "build_tools")
        sys.setprofile(self.note)

    def note(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(self.ours):
            self.called.add((frame.f_code.co_filename, frame.f_code.co_qualname.partition(".<locals>")[0]))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.say({"early": sorted(self.called), "modules": sorted(sys.modules)})
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            self.called.clear()
            began = time.monotonic()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self.say({"test": item.nodeid, "took": time.monotonic() - began, "called": sorted(self.called)})
        self.say({"failed": self.failed})
        return True


@dataclass
class Survey:
    """What is known of a module's tests: the functions called before any test, and those that each test calls."""

    early: set[str]
    modules: list[str]
    took: dict[str, float]
    called: dict[str, set[str]]

    def plan(self, owner: str) -> list[str]:
        """The tests that call a function, the quickest first; all of them when it is not known who does."""
        chosen = [test for test in self.took if not owner or owner in self.called[test]]
        return sorted(chosen, key=lambda test: self.took[test])

    def limit(self, owner: str) -> float:
        """How many seconds the tests that call a function may take."""
        return PATIENCE + 4 * sum(self.took[test] for test in self.plan(owner))


def survey(target: Target, known: dict[object, list[Any]]) -> Survey:
    """Return what the tests of a module call, unchanged; `known` keeps what the same tests said for another module.

    Raises RuntimeError where one of them fails.
    """
    tests = (target.tests, target.without)
    if tests not in known:
        known[tests], _ = in_fork(lambda say: _ignore(_pytest(target, _Survey(say))))
    said = known[tests]
    if not said or said[-1].get("failed", "the run broke off"):
        raise RuntimeError(f"{target.module}: without a change {said[-1].get('failed') if said else 'nothing runs'}")

    def called(entries: list[list[str]]) -> set[str]:
        return {name for file, name in entries if file == str(target.path)}

    return Survey(
        called(said[0]["early"]),
        said[0]["modules"],
        {test["test"]: test["took"] for test in said[1:-1]},
        {test["test"]: called(test["called"]) for test in said[1:-1]},
    )


def _ignore(_: object) -> None:
    return None


class _Swapping(_Judge):
    """Once the tests are collected, puts each mutant's code in place in a fork of its own, and runs what calls it."""

    def __init__(self, target: Target, known: Survey, mutants: dict[int, Mutant], say: Callable[[object], None]):
        super().__init__()
        self.target, self.known, self.mutants, self.say = target, known, mutants, say

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        module = sys.modules[self.target.module]
        for number, mutant in self.mutants.items():
            chosen = [items[test] for test in self.known.plan(mutant.owner)]

            def work(say: Callable[[object], None], mutant: Mutant = mutant, chosen: Any = chosen) -> None:
                _swap(module, mutant, compile(mutant.tree, str(self.target.path), "exec"))
                say(self.first_failure(chosen) or None)

            said, ended = in_fork(work, self.known.limit(mutant.owner))
            self.say([number, _verdict(said, ended)])
        return True


def _swap(module: object, mutant: Mutant, code: CodeType) -> None:
    """Give the function of a mutant its changed code, wherever the function is already known."""
    found: Any = module
    for name in mutant.owner.split("."):
        found = inspect.getattr_static(found, name)
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
    found = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    function = inspect.unwrap(found)
    assert isinstance(function, FunctionType)
    function.__code__ = code


class _Importing(_Judge):
    """Runs the tests of a module that was changed before it was imported."""

    def __init__(self, known: Survey, say: Callable[[object], None]):
        super().__init__()
        self.known, self.say = known, say

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:  # a file of tests could not even be read
            self.say("the tests could not be collected")
            return True
        items = sorted(session.items, key=lambda item: self.known.took.get(item.nodeid, 0))
        self.say(self.first_failure(items) or None)
        return True


class _Loader(SourceFileLoader):
    """Loads a module in its changed form."""

    def __init__(self, target: Target, tree: ast.Module):
        super().__init__(target.module, str(target.path))
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        """Return the changed code, whatever is kept on the disk."""
        return compile(self.tree, self.path, "exec")


class _Finder:
    """Finds one module in its changed form."""

    def __init__(self, target: Target, tree: ast.Module):
        self.target, self.tree = target, tree

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Return the place of the module that is changed, None for any other."""
        if name != self.target.module:
            return None
        loader = _Loader(self.target, self.tree)
        return importlib.util.spec_from_file_location(name, self.target.path, loader=loader)


def _verdict(said: list[Any], ended: bool) -> str:
    """What became of a mutant: the test that noticed it, or why there was none; empty for one that survived."""
    if not ended:
        return "no end"
    if not said:
        return "nothing could be run"
    return said[0] or ""


def judge(target: Target, mutants: dict[int, Mutant], known: Survey, tell: Callable[[int, str], None]) -> None:
    """Tell of each mutant what noticed it; empty for one that survived."""
    inner = {n: m for n, m in mutants.items() if m.owner and m.owner not in known.early}
    for number, mutant in list(inner.items()):
        if not known.plan(mutant.owner):
            tell(number, "")
            del inner[number]
    while inner:  # a mutant that took the whole run down with it is noticed; the others go on
        said, _ = in_fork(lambda say: _ignore(_pytest(target, _Swapping(target, known, dict(inner), say))))
        for number, verdict in said:
            tell(number, verdict)
            del inner[number]
        if inner:
            number = next(iter(inner))
            raise RuntimeError(f"{target.module}: {mutants[number].owner} {mutants[number].change}: the run broke off")
    for number, mutant in mutants.items():
        if mutant.owner and mutant.owner not in known.early:
            continue

        def work(say: Callable[[object], None], mutant: Mutant = mutant) -> None:
            sys.meta_path.insert(0, _Finder(target, mutant.tree))
            _pytest(target, _Importing(known, say))

        tell(number, _verdict(*in_fork(work, known.limit(""))))


def warm(names: Sequence[str]) -> None:
    """Import the libraries, so that no fork has to; our own modules are left for each fork to import."""
    for name in names:
        if name.partition(".")[0] not in ("build_tools", "tests", "conftest", "__main__", "pytester"):
            with contextlib.suppress(Exception):
                importlib.import_module(name)


# --- The result ------------------------------------------------------------------------------------------------------


def run(target: Target, everything: bool, surveys: dict[object, list[Any]]) -> None:
    """Judge the mutants of a module, or the sample of them, and keep the result in build/mutation."""
    print(f"{target.module}: its tests, unchanged…", flush=True)
    known = survey(target, surveys)
    warm(known.modules)
    mutants = dict(enumerate(mutants_of(target.path.read_text(encoding="utf-8"))))
    drawn = mutants
    if not everything and target.sample < len(mutants):
        chance = random.Random(SEED)  # noqa: S311  (the same sample each time)
        drawn = {number: mutants[number] for number in sorted(chance.sample(sorted(mutants), target.sample))}
    print(f"{target.module}: {len(drawn)} of {len(mutants)} mutants, {len(known.took)} tests", flush=True)
    verdicts: dict[int, str] = {}

    def tell(number: int, verdict: str) -> None:
        verdicts[number] = verdict
        if not len(verdicts) % 20:
            print(f"  {len(verdicts)} of {len(drawn)}", flush=True)
        if not verdict:
            mutant = drawn[number]
            print(f"  {target.path.name}:{mutant.line} {mutant.owner}: {mutant.change}", flush=True)

    judge(target, drawn, known, tell)
    survived = [drawn[number] for number in sorted(drawn) if not verdicts[number]]
    result = {
        "module": target.module,
        "mutants": len(mutants),
        "run": len(drawn),
        "no end": sum(verdict == "no end" for verdict in verdicts.values()),
        "survived": [{"owner": m.owner, "line": m.line, "change": m.change} for m in survived],
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = json.dumps(result, ensure_ascii=False, indent=1)
    (KEPT / f"{target.module}.json").write_text(kept, encoding="utf-8")
    killed = len(drawn) - len(survived)
    print(f"{target.module}: {killed} of {len(drawn)} noticed, {share(killed, len(drawn))}", flush=True)


UNSEEN = "not noticed by any test"
INTRODUCTION = """# Mutation testing

`make mutation` changes one thing at a time in the modules that read numbers, cells and packages and that judge claims,
and runs the tests that call what was changed. A change that no test notices survives, and is a rule that no test holds.

What is changed: comparisons, `and` and `or`, signs of arithmetic, numbers, true and false, strings, quantifiers of
patterns (not right before a group), the condition of an `if`,
`min` and `max`, `any` and `all`, what a function returns, `raise` and other
statements that may go. Left alone: type annotations, decorators, docstrings, and strings of several words, which are
messages for readers. A change without end, or that takes the run down, counts as noticed.

Of each module a sample is drawn, the same in every run; `make mutation ARGS="--all numbers"` takes all mutants of one
module. The longest tests are left out and laws are tried on fewer examples than in `make test`, so the share that
`make test` notices is at least the one below.
A survivor may have been given a test since its module was last run.
`make mutation ARGS=--record` writes this page from the last run of each
module; what a survivor means stands in `tests/tables/equivalent_mutants.toml`.
"""


def record() -> str:
    """The page of the results that are kept: every module, and each survivor with what is said of it."""
    judged = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    why = {(entry["module"], entry["owner"], entry["change"]): entry["why"] for entry in judged}
    table = ["| module | mutants | run | killed | survived | of these equivalent | killed, of all run |"]
    table.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    survivors: list[str] = []
    for target in TARGETS:
        file = KEPT / f"{target.module}.json"
        if not file.is_file():
            table.append(f"| {target.module} | not run | | | | | |")
            continue
        result = json.loads(file.read_text(encoding="utf-8"))
        alive = [(target.module, mutant["owner"], mutant["change"]) for mutant in result["survived"]]
        killed, same = result["run"] - len(alive), sum(mutant in why for mutant in alive)
        cells = (result["mutants"], result["run"], killed, len(alive), same, share(killed, result["run"]))
        table.append(f"| {target.module} | {' | '.join(map(str, cells))} |")
        survivors += [f"\n### {target.module}\n"] if alive else []
        survivors += [  # a pattern may look like a link
            f"- `{owner or 'module'}`: `` {change.replace('](', '] (')} ``: {why.get((module, owner, change), UNSEEN)}"
            for module, owner, change in alive
        ]
    return "\n".join([INTRODUCTION, "## Result\n", *table, "\n## What survived", *survivors]) + "\n"


def share(part: int, whole: int) -> str:
    """A share in percent with one decimal, cut and never rounded up."""
    tenths = 1000 * part // whole if whole else 1000
    return f"{tenths // 10}.{tenths % 10} %"


def main() -> None:
    """Run what was asked for; with --record also write the page."""
    parser = argparse.ArgumentParser(prog="make mutation", description=__doc__)
    names = [target.module.removeprefix("build_tools.") for target in TARGETS]
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"by default all of: {', '.join(names)}")
    parser.add_argument("--all", action="store_true", help="all mutants, also where a sample is the rule")
    parser.add_argument("--record", action="store_true", help="write docs/mutation.md from the results kept in build/")
    asked = parser.parse_args()
    for name in asked.modules:
        if name not in names:
            parser.error(f"{name} is none of {', '.join(names)}")
    surveys: dict[object, list[Any]] = {}
    for target, name in zip(TARGETS, names, strict=True):
        if name in asked.modules or not (asked.modules or asked.record):
            run(target, asked.all, surveys)
    if asked.record:
        RECORD.write_text(record(), encoding="utf-8")


if __name__ == "__main__":
    main()
