"""The packages of this project: sound, complete against their texts, and without a sentence of a report."""

import csv
import io
import json
import re
import unicodedata
from pathlib import Path

import frictionless
import pytest

from build_tools.checks import Checked, check
from build_tools.faults import Fault
from build_tools.render.downloads import for_spreadsheets
from build_tools.schemas import resource
from build_tools.words import read_words
from tests.makers import PROJECT

PACKAGES = PROJECT / "datapackages"
REPORTS = sorted(path.parent.name for path in PACKAGES.glob("*/ledger.csv"))


@pytest.fixture(scope="module")
def checked() -> Checked:
    """The packages, checked without the texts."""
    return check(PACKAGES, None)


@pytest.fixture(scope="module")
def checked_against_texts(reports_folder: Path) -> Checked:
    """The packages, checked against the texts they were transcribed from."""
    return check(PACKAGES, reports_folder)


def test_packages_have_no_fault(checked: Checked) -> None:
    """No error, warning or notice stands in the data we publish, but that notes of claims are not yet in English."""
    assert _besides_translations(checked) == []
    assert len(checked.reports) == len(REPORTS) > 0


def _besides_translations(checked: Checked) -> list[Fault]:
    awaited = ("claims.csv", "claim_items.csv")
    return [item for item in checked.faults if item.code != "untranslated" or item.file not in awaited]


@pytest.mark.parametrize("name", [*REPORTS, "vocabulary"])
def test_frictionless_finds_nothing(name: str) -> None:
    """Frictionless agrees, without an error or a warning."""
    report = frictionless.validate(str(PACKAGES / name / "datapackage.json"))
    assert report.valid, report.flatten(["code", "message"])
    assert not [warning for task in report.tasks for warning in task.warnings]


def test_texts_hold_what_the_ledgers_say(checked_against_texts: Checked) -> None:
    """Every digit of every text lies in exactly one span, every locator holds, every value follows."""
    assert _besides_translations(checked_against_texts) == []
    for report in checked_against_texts.reports:
        account = report.coverage
        assert account.text_at_hand, report.name
        assert (account.open, account.locators_failed, account.values_failed) == ((), (), ())


def test_every_claim_has_a_verdict_and_working(checked: Checked) -> None:
    """No claim is left out of the audit, and each shows how it was worked out."""
    words = read_words("vi")
    for report in checked.reports:
        assert {f.claim_id for f in report.findings} == {claim.claim_id for claim in report.data.claims}
        for finding in report.findings:
            assert words.working(finding).strip()


def test_no_sentence_of_a_report_is_stored(checked: Checked, reports_folder: Path) -> None:
    """No cell of ours holds twelve words in a row that stand in a report."""
    for report in checked.reports:
        text = _words((reports_folder / report.data.facts.text.file).read_text(encoding="utf-8"))
        runs = {tuple(text[i : i + 12]) for i in range(len(text) - 11)}
        for table in report.package.tables:
            for line, record in table.records():
                for column, cell in record.items():
                    words = _words(cell)
                    shared = [words[i : i + 12] for i in range(len(words) - 11) if tuple(words[i : i + 12]) in runs]
                    assert not shared, (
                        f"{report.name}/{table.path}, line {line}, column {column}: {' '.join(shared[0])}"
                    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


@pytest.mark.parametrize("name", REPORTS)
def test_descriptor_declares_the_standard_tables(name: str) -> None:
    """A descriptor's tables are the standard ones, with or without English notes, so that every package reads alike."""
    descriptor = json.loads((PACKAGES / name / "datapackage.json").read_text(encoding="utf-8"))
    for declared in descriptor["resources"]:
        name = declared["name"]
        assert declared in (resource(name), resource(name, optional=False))
    assert descriptor["licenses"][0]["name"] == "CC-BY-4.0"


@pytest.mark.parametrize("name", REPORTS)
def test_package_says_how_often_the_two_transcriptions_differed(name: str) -> None:
    """A report package's README records the comparison of its two transcriptions."""
    readme = (PACKAGES / name / "README.md").read_text(encoding="utf-8")
    assert "## Hai lần chép" in readme
    assert re.search(r"\| cụm số .*\| \d[\d.]* \| \d[\d.]* \| \d", readme)


def test_vocabulary_holds_only_what_is_used(checked: Checked) -> None:
    """An indicator that no figure uses is a slip or a leftover."""
    used = {figure.indicator for report in checked.reports for figure in report.data.figures}
    assert set(checked.vocabulary.indicators) - used == set()


def test_no_table_runs_as_a_formula(checked: Checked) -> None:
    """In the form for spreadsheets no cell of our tables begins as a formula does."""
    for package in checked.packages:
        for table in package.tables:
            text = for_spreadsheets(table.columns, table.rows).decode("utf-8-sig")
            for row in csv.reader(io.StringIO(text, newline="")):
                assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
