"""Patterns of a descriptor, tried on cells within bounds: a pattern can be written so that it never comes to an end.

A pattern with at most one repetition without bound is tried here, and so is one of our own tables. Any other is tried
by another process, which ends when its time is up.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

SECONDS = 2
LONGEST = 1000  # characters of a pattern


class PatternError(ValueError):
    """A pattern that cannot be used, and why."""


def not_matching(pattern: str, texts: Sequence[str]) -> frozenset[str]:
    """Return the texts that a pattern does not match as a whole; PatternError for one that cannot be used."""
    if len(pattern) > LONGEST:
        raise PatternError(f"dài quá {LONGEST} ký tự / more than {LONGEST} characters")
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(str(error)) from error
    if _comes_to_an_end(pattern) or pattern in ours():
        return frozenset(text for text in texts if not compiled.fullmatch(text))
    return _elsewhere(pattern, texts)


@cache
def ours() -> frozenset[str]:
    """Return the patterns of the standard tables, each of which comes to an end on whatever text."""
    found: set[str] = set()
    for path in (Path(__file__).parent / "schemas").glob("*.json"):
        fields = json.loads(path.read_bytes())["schema"]["fields"]
        found |= {field["constraints"]["pattern"] for field in fields if "pattern" in field.get("constraints", {})}
    return frozenset(found)


def _comes_to_an_end(pattern: str) -> bool:
    """Return whether matching surely takes little time: one repetition, no choice within it, nothing looked up."""
    plain = re.sub(r"\\.", "", pattern)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "", plain)
    repetitions = len(re.findall(r"[*+?]|\{[0-9]*,[0-9]*\}", plain))
    choice = "|" in plain and (repetitions or "{" in plain)
    return repetitions <= 1 and not choice and not re.search(r"\\[1-9]|\(\?", pattern)


def _elsewhere(pattern: str, texts: Sequence[str]) -> frozenset[str]:
    command = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    asked = json.dumps([SECONDS, pattern, list(texts)])
    try:
        done = subprocess.run(
            command, input=asked.encode(), capture_output=True, timeout=SECONDS * 5, check=False, env={}
        )
    except subprocess.TimeoutExpired as error:
        raise PatternError(f"không xong trong {SECONDS} giây / takes more than {SECONDS} seconds") from error
    if done.returncode:
        raise PatternError(f"không xong trong {SECONDS} giây / takes more than {SECONDS} seconds")
    return frozenset(texts[index] for index in json.loads(done.stdout))


def _answer() -> None:
    """Write which texts do not match: the other end of `_elsewhere`."""
    import resource

    seconds, pattern, texts = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    compiled = re.compile(pattern)
    json.dump([index for index, text in enumerate(texts) if not compiled.fullmatch(text)], sys.stdout)


if __name__ == "__main__":
    _answer()
