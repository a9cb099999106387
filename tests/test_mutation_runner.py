"""What `make mutation` changes."""

import ast

import pytest

from tests.mutation import TARGETS, Target, mutants_of

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
    """Each `*`, `+`, `?` and count of a pattern that does not stand right before a group is one change."""
    pattern = "[a]*,[b]+-(d)?e{2,3}f"
    assert {mutant.change for mutant in mutants_of(f"P = {pattern!r}")} == {
        f"{pattern!r} → {other!r}"
        for other in (
            "[a]*,[b]+-(d)?e{2,3}fX",
            "[a]+,[b]+-(d)?e{2,3}f",
            "[a]*,[b]*-(d)?e{2,3}f",
            "[a]*,[b]+-(d)e{2,3}f",
            "[a]*,[b]+-(d)?e{3,3}f",
        )
    }


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_every_change_is_one(target: Target) -> None:
    """The modules and tests named are there, and no mutant says what the module says already."""
    unchanged = ast.dump(ast.parse(target.path.read_text(encoding="utf-8")))
    mutants = mutants_of(target.path.read_text(encoding="utf-8"))
    assert len(mutants) > 50
    for mutant in mutants[::50]:
        compile(mutant.tree, "mutant", "exec")
        assert ast.dump(mutant.tree) != unchanged
    assert all(
        (target.path.parents[len(target.module.split(".")) - 1] / "tests" / name).exists() for name in target.tests
    )
