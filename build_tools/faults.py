"""What is wrong with data: a fault names its place, what stands there, what was expected and the remedy.

A fault is a value, never an exception: all faults of a run are collected, sorted and shown together. Each has a code,
and the words for a code stand in `faults.toml`, in Vietnamese and English.
"""

import difflib
import hashlib
import json
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LEVELS = ("error", "warning", "notice")
_PAGE = Path(__file__).resolve().parent.parent / "docs" / "faults.md"
MOST_OF_A_KIND = 100  # faults of one code in one file that are listed; the rest are counted


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with the data, in order of package, file, row and column."""

    package: str
    file: str
    row: int  # line of the file, the header being line 1; 0 when the fault is of the whole file
    column: str
    code: str
    cell: str = ""  # the cell as it stands
    level: str = "error"
    details: tuple[tuple[str, str], ...] = field(default=())
    rest: int = 0  # how many more of its kind there are that are not listed

    def __post_init__(self) -> None:
        """Refuse a code without words: a message is written when the check is."""
        if self.code not in _words():
            raise KeyError(f"faults.toml has no words for the code {self.code!r}")


def fault(
    package: str,
    file: str,
    code: str,
    row: int = 0,
    column: str = "",
    cell: str = "",
    details: Mapping[str, object] | None = None,
    **more: object,
) -> Fault:
    """Return a fault at the level its code has in `faults.toml`; `details` and all else fill the words of the code."""
    level = _words()[code].get("level", "error") if code in _words() else "error"
    filled = {**(details or {}), **more}
    return Fault(package, file, row, column, code, cell, level, tuple((k, str(v)) for k, v in sorted(filled.items())))


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((Path(__file__).parent / "faults.toml").read_text(encoding="utf-8"))


def visible(text: str, most: int = 80) -> str:
    """Return text as one safe line: control and direction characters as escapes, long text cut."""
    shown = "".join(c if c.isprintable() and unicodedata.category(c) != "Cf" else f"\\u{ord(c):04x}" for c in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _fill(template: str, item: Fault) -> str:
    values = {"cell": visible(item.cell), "column": visible(item.column), "row": str(item.row), "file": item.file}
    values |= {name: visible(value, 200) for name, value in item.details}
    return template.format_map(values)


def message(item: Fault, language: str) -> str:
    """Return what is wrong, in the language asked for (`vi` or `en`)."""
    return _fill(_words()[item.code][language], item)


def remedy(item: Fault, language: str) -> str:
    """Return what to do about it, in the language asked for; of an error that was accepted, why it was."""
    reasons = dict(item.details)
    if "accepted" in reasons:
        reason = reasons["accepted_en" if language == "en" else "accepted"]
        said = {"vi": "Được công bố như vậy", "en": "Published as it is"}[language]
        return f"{said}: {visible(reason, 500)}"
    return _fill(_words()[item.code][f"remedy_{language}"], item)


def place(item: Fault, language: str) -> str:
    """Return where it is: `datapackages/x/figures.csv, dòng 12, cột value`."""
    words = {"vi": ("dòng", "cột"), "en": ("line", "column")}[language]
    parts = [f"{item.package}/{item.file}" if item.file else item.package]
    if item.row:
        parts.append(f"{words[0]} {item.row}")
    if item.column:
        parts.append(f"{words[1]} {visible(item.column)}")
    return ", ".join(parts)


def as_json(items: Iterable[Fault], language: str) -> list[dict[str, object]]:
    """Return the faults as the records of `validate --json`."""
    return [
        {
            "package": item.package,
            "level": item.level,
            "code": item.code,
            "file": item.file,
            "row": item.row or None,
            "column": item.column or None,
            "cell": item.cell or None,
            "message": message(item, language),
            "remedy": remedy(item, language),
            "explanation": explained_at(item.code),
        }
        for item in sorted(items)
    ]


def explained_at(code: str) -> str:
    """Return where a code is explained: in a checkout an address within it, elsewhere the command that explains it."""
    return f"docs/faults.md#{code}" if _PAGE.is_file() else f"minhbach explain {code}"


def as_annotations(items: Iterable[Fault], language: str, host: str, folders: Mapping[str, str]) -> str:
    """Return the faults as GitHub (`github`) or GitLab (`gitlab`) takes them to show them beside the lines.

    `folders` says where each package stands. GitHub reads a command on each line of the log, GitLab a report of code
    quality, whose fingerprint stays the same while the fault does.
    """
    notes = []
    for item in sorted(items):
        path = "/".join(filter(None, (folders.get(item.package, item.package), item.file)))
        said = f"{message(item, language)}. {remedy(item, language)} [{item.code}]"
        notes.append((item, path, said))
    if host == "github":
        return "\n".join(
            f"::{item.level} file={_escaped(path, True)},line={item.row or 1},"
            f"title={_escaped(item.column or item.code, True)}::{_escaped(said)}"
            for item, path, said in notes
        )
    severity = {"error": "major", "warning": "minor", "notice": "info"}
    return json.dumps(
        [
            {
                "description": said,
                "check_name": item.code,
                "fingerprint": hashlib.sha256(
                    repr((path, item.row, item.column, item.code, item.cell)).encode()
                ).hexdigest(),
                "severity": severity[item.level],
                "location": {"path": path, "lines": {"begin": item.row or 1}},
            }
            for item, path, said in notes
        ],
        ensure_ascii=False,
        indent=1,
    )


def _escaped(text: str, in_property: bool = False) -> str:
    """Return text as GitHub's commands take it: it ends neither the line nor the property."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text


def limited(items: Iterable[Fault]) -> tuple[list[Fault], dict[tuple[str, str, str], int]]:
    """Return at most the first hundred faults of a kind in a file, and how many more of each kind there are."""
    kept: list[Fault] = []
    counts: dict[tuple[str, str, str], int] = {}
    for item in sorted(items):
        key = (item.package, item.file, item.code)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= MOST_OF_A_KIND:
            kept.append(item)
        counts[key] += item.rest
    return kept, {key: n - MOST_OF_A_KIND for key, n in counts.items() if n > MOST_OF_A_KIND}


def stops(items: Iterable[Fault]) -> bool:
    """Return whether any of the faults stops a publication."""
    return any(item.level == "error" for item in items)


def codes() -> tuple[str, ...]:
    """Return every code that has words."""
    return tuple(_words())


def explanation(code: str) -> str:
    """Return what a code means and what to do, in both languages, as Markdown; KeyError for a code nobody knows.

    Details of a single fault stand as their names in braces.
    """
    words = _words()[code]
    lines = [f"## {code}", ""]
    for language in ("vi", "en"):
        lines.append(f"- {words[language][0].upper()}{words[language][1:]}. {words[f'remedy_{language}']}")
    return "\n".join(lines)


def suggestion(word: str, known: Sequence[str]) -> dict[str, str]:
    """Return the nearest known word as the end of a remedy in both languages, empty when none is near."""
    near = difflib.get_close_matches(word[:200], known, n=1, cutoff=0.75) if word else []
    return {
        "suggestion_vi": f" (có phải {near[0]}?)" if near else "",
        "suggestion_en": f" (did you mean {near[0]}?)" if near else "",
    }
