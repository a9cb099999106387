"""What `make mutation` changes, and that it tells a change that a test notices from one that none does."""

import ast
from pathlib import Path

import pytest

from tests import mutation
from tests.mutation import TARGETS, Target, judge, mutants_of, survey

SOURCE = '''"""A module."""

MOST = 3


def is_long(text: str) -> bool:
    """Whether it is more than most."""
    return len(text) > MOST


def sign(number):
    if number < 0:
        raise ValueError("there is no sign for it")
    return "+"
'''


def test_one_thing_is_changed_at_a_time() -> None:
    """Comparisons, constants, conditions, returns and statements are changed; annotations and words are not."""
    assert [(mutant.owner, mutant.line, mutant.change) for mutant in mutants_of(SOURCE)] == [
        ("", 3, "MOST = 3 → MOST = 4"),
        ("is_long", 8, "return len(text) > MOST → return None"),
        ("is_long", 8, "len(text) > MOST → len(text) >= MOST"),
        ("sign", 12, "number < 0 → number <= 0"),
        ("sign", 12, "number < 0 → number < 1"),
        ("sign", 13, "raise ValueError('there is no sign for it') → pass"),
        ("sign", 14, "return '+' → return None"),
        ("sign", 14, "'+' → '+X'"),
    ]


def test_a_pattern_has_its_quantifiers_changed() -> None:
    """Each `*`, `+`, `?` and count of a pattern that no group follows is one change."""
    changes = {mutant.change for mutant in mutants_of(r'P = "[a]*[b]+(c)?d{2,3}e[f]"')}
    assert changes == {
        rf"'[a]*[b]+(c)?d{{2,3}}e[f]' → '{other}'"
        for other in (
            "[a]*[b]+(c)?d{2,3}e[f]X",
            "[a]+[b]+(c)?d{2,3}e[f]",
            "[a]*[b]*(c)?d{2,3}e[f]",
            "[a]*[b]+(c)d{2,3}e[f]",
            "[a]*[b]+(c)?d{3,3}e[f]",
        )
    }


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_every_change_is_one(target: Target) -> None:
    """The modules and tests named are there, and no mutant says what the module says already."""
    unchanged = ast.dump(ast.parse(target.path.read_text(encoding="utf-8")))
    mutants = mutants_of(target.path.read_text(encoding="utf-8"))
    assert len(mutants) > 100
    for mutant in mutants[::10]:
        compile(mutant.tree, "mutant", "exec")
        assert ast.dump(mutant.tree) != unchanged
    assert all(
        (target.path.parents[len(target.module.split(".")) - 1] / "tests" / name).exists() for name in target.tests
    )


def test_what_no_test_notices_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a small module, changed within functions and outside, those changes survive that its tests do not see."""
    (tmp_path / "rules_of_length.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_rules_of_length.py").write_text(
        "from rules_of_length import is_long, sign\n\n"
        "def test_length():\n    assert is_long('abcd') and not is_long('ab') and is_long('ab') is not None\n\n"
        "def test_sign():\n    assert sign(1) == '+'\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(mutation, "PROJECT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    target = Target("rules_of_length", ("test_rules_of_length.py",))
    mutants = dict(enumerate(mutants_of(SOURCE)))
    told: dict[int, str] = {}
    judge(target, mutants, survey(target), told.__setitem__)
    assert told.keys() == mutants.keys()
    assert [mutants[number].change for number in sorted(told) if not told[number]] == [
        "len(text) > MOST → len(text) >= MOST",
        "number < 0 → number <= 0",
        "number < 0 → number < 1",
        "raise ValueError('there is no sign for it') → pass",
    ]
