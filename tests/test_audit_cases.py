"""What the audit finds, word by word: each folder of `audit_cases/` is a case, and a new folder needs no code."""

import os
import re

import pytest

from build_tools.audit.across import CLASSES
from build_tools.audit.claims import RULES
from build_tools.audit.finding import VERDICTS
from tests.cases import EXPECTED, FOLDER, NO_INTRODUCTION, case_names, checked_case, findings_text

CASES = case_names()


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_found_as_expected(name: str) -> None:
    """Verdict, numbers, working, and every word of the card in both languages, are those of expected_findings.txt."""
    assert checked_case(name).faults == ()
    path, found = FOLDER / name / EXPECTED, findings_text(name)
    if os.environ.get("MINHBACH_ACCEPT") == "1":
        path.write_text(found, encoding="utf-8")
        pytest.fail(f"{path.relative_to(FOLDER)} was written anew: read it, then run again without MINHBACH_ACCEPT")
    assert found.splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", CASES)
def test_a_case_says_what_it_shows(name: str) -> None:
    """A case begins with a sentence, holds at least one finding, and each finding has words in two languages."""
    introduction, *findings = (FOLDER / name / EXPECTED).read_text(encoding="utf-8").strip().split("\n\n")
    assert introduction != NO_INTRODUCTION
    assert findings
    for finding in findings:
        assert re.search(r"^vi:\n  \S+.*\n  \S.*^en:\n  \S+.*\n  \S", finding, re.MULTILINE | re.DOTALL), finding


def expected(key: str) -> dict[str, set[str]]:
    """Return what stands after a key in the expected findings of each case."""
    return {
        name: set(re.findall(rf"^{key}: (.+)$", (FOLDER / name / EXPECTED).read_text(encoding="utf-8"), re.MULTILINE))
        for name in CASES
    }


@pytest.mark.parametrize(
    ("kind", "key", "words"),
    [("verdict", "verdict", VERDICTS), ("rule", "rule", RULES), ("across", "class", CLASSES)],
)
def test_each_verdict_rule_and_class_has_its_case(kind: str, key: str, words: tuple[str, ...]) -> None:
    """`verdict-exact`, `rule-sum`, `across-same` …: the case is there and the thing is found in it."""
    found = expected(key)
    missing = [
        word for word in words if not any(word in entry.split(", ") for entry in found.get(f"{kind}-{word}", ()))
    ]
    assert missing == []


def test_each_rule_agrees_and_does_not() -> None:
    """The case of a rule shows the words of a claim that agrees and of one that does not."""
    found = expected("verdict")
    for rule in RULES:
        assert {"exact", "fails"} <= found[f"rule-{rule}"], rule
