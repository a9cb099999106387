"""How much of a finished package a draft of its text proposes, with the vocabulary and without its own words."""

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from build_tools.draft import make_draft
from tests.makers import PROJECT, write_rows

PACKAGES = PROJECT / "datapackages"
REPORTS = sorted(path.parent.name for path in PACKAGES.glob("*/ledger.csv"))


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def places(package: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return the ledger's rows by line and start."""
    return {(row["line"], row["start"]): row for row in rows(package / "ledger.csv")}


def scale(units: Mapping[str, tuple[str, str]], unit: str) -> object:
    """Return what makes two units the same: base and scale; an unknown unit is only itself."""
    return units.get(unit, unit)


def measure(drafted: Path, finished: Path, vocabulary: Path) -> tuple[float, float]:
    """Return the share of spans with the right extent and kind, and of figures with the right value and unit."""
    units = {row["unit"]: (row["base"], row["scale"]) for row in rows(vocabulary / "units.csv")}
    proposed, wanted = places(drafted), places(finished)
    spans = sum(
        at in proposed and (proposed[at]["length"], proposed[at]["kind"]) == (row["length"], row["kind"])
        for at, row in wanted.items()
    )
    guesses = {row["figure_id"]: row for row in rows(drafted / "figures.csv")}
    right, figures = 0, {row["figure_id"]: row for row in rows(finished / "figures.csv")}
    first = {row["figure_id"]: at for at, row in reversed(wanted.items()) if row["figure_id"]}
    for name, at in first.items():
        guess = guesses.get(proposed.get(at, {}).get("figure_id", ""), {})
        same = all(guess.get(column) == figures[name][column] for column in ("value", "value_high"))
        right += same and scale(units, guess["unit"]) == scale(units, figures[name]["unit"])
    return spans / len(wanted), right / len(first)


def vocabulary_without(report: str, folder: Path) -> Path:
    """Copy the vocabulary without the units and indicators that this report alone uses."""
    shutil.copytree(PACKAGES / "vocabulary", folder / "vocabulary")
    for table, column in (("indicators", "indicator"), ("units", "unit")):
        used = {name: {row[column] for row in rows(PACKAGES / name / "figures.csv")} for name in REPORTS}
        own = used[report].difference(*(words for name, words in used.items() if name != report))
        kept = rows(PACKAGES / "vocabulary" / f"{table}.csv")
        if table == "units":
            needed = {row["unit"] for row in rows(folder / "vocabulary" / "indicators.csv")}
            own -= needed | {row["base"] for row in kept if row["unit"] not in own}
        path = folder / "vocabulary" / f"{table}.csv"
        write_rows(path, [list(kept[0]), *(list(row.values()) for row in kept if row[column] not in own)])
    return folder / "vocabulary"


def text_of(report: str, folder: Path) -> Path:
    """Return the text a package was transcribed from."""
    import json

    descriptor = json.loads((PACKAGES / report / "datapackage.json").read_text(encoding="utf-8"))
    path: Path = folder / descriptor["report"]["text"]["file"]
    return path


@pytest.mark.parametrize("report", REPORTS)
def test_draft_proposes_the_finished_package(report: str, reports_folder: Path, tmp_path: Path) -> None:
    """At least 95 % of the spans with their kind, and 90 % of the figures with value and unit, no package at hand."""
    vocabulary = PACKAGES / "vocabulary"
    drafted = make_draft(text_of(report, reports_folder), tmp_path, reports_folder, report, vocabulary=vocabulary)
    spans, figures = measure(drafted.folder, PACKAGES / report, vocabulary)
    print(f"{report}: spans {spans:.1%}, figures {figures:.1%}")
    assert spans >= 0.95
    assert figures >= 0.90


@pytest.mark.parametrize("report", REPORTS)
def test_draft_without_the_words_of_the_report(report: str, reports_folder: Path, tmp_path: Path) -> None:
    """Without the units and indicators that the report alone uses, spans stay as good and most figures are right."""
    vocabulary = vocabulary_without(report, tmp_path / "words")
    drafted = make_draft(text_of(report, reports_folder), tmp_path, reports_folder, report, vocabulary=vocabulary)
    spans, figures = measure(drafted.folder, PACKAGES / report, vocabulary)
    print(f"{report}, without its own words: spans {spans:.1%}, figures {figures:.1%}")
    assert spans >= 0.95
    assert figures >= 0.80
