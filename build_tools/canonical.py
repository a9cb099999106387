"""Tables of packages in one form, so that files differ only where somebody changed something; no cell changes.

UTF-8 without a mark, lines that end in LF, quotation marks only where a cell needs them, and the ledger in the order of
the text. Other tables keep the order of their rows, which is theirs to choose.
"""

import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from build_tools.folders import path_problem, read_bytes
from build_tools.packages import DESCRIPTOR
from build_tools.schemas import standard

SORTED_BY = {"ledger": ("line", "start")}


@dataclass(frozen=True)
class Tidied:
    """A table of a package, and what was done about its form."""

    path: Path
    state: str  # changed, unchanged, unread


def tidy_package(folder: Path, write: bool = True) -> tuple[Tidied, ...]:
    """Bring the standard tables of a package into the one form, or only say which of them are not in it.

    A table that cannot be read as CSV is left alone: what is wrong with it is for `validate` to say. So is a table
    whose size or hash the descriptor states, and every table of a package that others made.
    """
    found = []
    for name in _tables(folder):
        path = folder / f"{name}.csv"
        content = read_bytes(folder, path.name)
        if content is None:
            continue
        made = canonical(content, SORTED_BY.get(name, ()))
        if made is None:
            found.append(Tidied(path, "unread"))
            continue
        found.append(Tidied(path, "unchanged" if made == content else "changed"))
        if write and made != content:
            _replace(path, made)
    return tuple(found)


def _tables(folder: Path) -> list[str]:
    """Return the standard tables that a descriptor of ours declares as plain files."""
    try:
        descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
        resources = descriptor["resources"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    if "report" not in descriptor and folder.resolve().name not in ("vocabulary", "across"):
        return []
    return [
        item["name"]
        for item in resources
        if isinstance(item, Mapping)
        and isinstance(item.get("name"), str)
        and standard(item["name"]) is not None
        and not path_problem(item["name"])
        and item.get("path") == f"{item['name']}.csv"
        and not {"bytes", "hash"} & item.keys()
        and dict(item.get("dialect") or {}).get("delimiter", ",") == ","
    ]


def canonical(content: bytes, order: Sequence[str] = ()) -> bytes | None:
    """Return a table in the one form, its rows sorted by columns of whole numbers; None for what is no such table."""
    try:
        rows = _rows(content.decode("utf-8-sig"))
        header, *body = rows
        if any(len(row) != len(header) for row in body):
            return None
        if order:
            columns = [header.index(name) for name in order]
            body.sort(key=lambda row: [int(row[column]) for column in columns])
    except (UnicodeDecodeError, csv.Error, ValueError):
        return None
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([header, *body])
    # Written and read again: some cells (a lone CR) come back only from a form that is not this one.
    return made.getvalue().encode() if _rows(made.getvalue()) == [header, *body] else None


def _rows(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    mode = path.stat().st_mode
    with tempfile.NamedTemporaryFile("wb", prefix=".format-", dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).chmod(mode)
    Path(file.name).replace(path)
