"""Read a case of the audit, a folder of `tests/audit_cases/`, and say in text what the audit finds in it."""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lxml import html

from build_tools.audit import as_json
from build_tools.audit.across import as_json as across_json
from build_tools.checks import Checked, check
from build_tools.render.page_views import PageView
from build_tools.render.pages import render_pages
from build_tools.schemas import OPTIONAL, resource
from build_tools.settings import read_settings
from build_tools.sources import Sources
from build_tools.words import read_words
from tests.makers import PROJECT

FOLDER = PROJECT / "tests" / "audit_cases"
EXPECTED = "expected_findings.txt"
ONE_REPORT = "bao-cao-mau"  # the package of a case that holds its tables itself
LANGUAGES = ("vi", "en")
NO_INTRODUCTION = "Say here what the case shows."


def case_names() -> list[str]:
    """Return the names of all cases."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "vocabulary")


@cache
def checked_case(name: str) -> Checked:
    """Return what is found in a case: its packages with the descriptors they leave out, and the shared vocabulary."""
    with TemporaryDirectory() as folder:
        packages = Path(folder)
        _complete(FOLDER / "vocabulary", packages / "vocabulary", _descriptor("vocabulary"))
        for package in _packages(FOLDER / name):
            is_report = (package / "figures.csv").is_file()
            called = ONE_REPORT if package == FOLDER / name else package.name
            facts = {"report": _facts(called)} if is_report else {}
            _complete(package, packages / called, _descriptor(called) | facts)
        return check(packages, None)


def _packages(case: Path) -> list[Path]:
    """Return the folders of a case's packages: itself when it holds tables, else the folders in it."""
    return [case] if any(case.glob("*.csv")) else sorted(path for path in case.iterdir() if path.is_dir())


def _complete(tables: Path, target: Path, descriptor: dict[str, Any]) -> None:
    """Copy a package's tables and put the descriptor beside them."""
    target.mkdir()
    paths = sorted(tables.glob("*.csv"))
    for path in paths:
        shutil.copy(path, target)
    headers = {path: path.read_text(encoding="utf-8").partition("\n")[0].split(",") for path in paths}
    resources = [resource(path.stem, optional=bool({*OPTIONAL}.intersection(headers[path]))) for path in paths]
    descriptor = {**descriptor, "resources": resources}
    (target / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")


def _descriptor(name: str) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": name,
        "title_en": name,
        "description": "Số bịa ra để thử.",
        "description_en": "Made up for tests.",
        "version": "1.0.0",
        "created": "2024-02-01T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "contributors": [{"title": "minhbach", "roles": ["transcriber"]}],
    }


def _facts(name: str) -> dict[str, Any]:
    """Return the facts of a report whose text is not at hand."""
    titles = dict.fromkeys(("title", "title_en", "short_title", "short_title_en"), name)
    period = {"period_start": "2023-01-01", "period_end": "2023-12-31"}
    text = {"file": f"{name}.txt", "sha256": "0" * 64, "lines": 99}
    return {"issuer": "Sở Mẫu", "issuer_en": "Department of Examples", "place": "mau", **titles, **period, "text": text}


# --- As text ---------------------------------------------------------------------------------------------------------


def introduction(name: str) -> str:
    """Return what a case is about: the lines before the first finding, which accepting leaves as they are."""
    path = FOLDER / name / EXPECTED
    return path.read_text(encoding="utf-8").partition("\n\n")[0].strip() if path.is_file() else NO_INTRODUCTION


def findings_text(name: str) -> str:
    """Return what is expected of a case, as `expected_findings.txt` holds it.

    First the introduction; then each finding and each thing that several reports state: as `audit --json` gives it, and
    the words of its card on the site in both languages.
    """
    checked = checked_case(name)
    cards = {language: dict(_cards(checked, language)) for language in LANGUAGES}
    findings = [finding for report in checked.reports for finding in report.findings]
    claims = as_json([*findings, *checked.between.findings])
    records = [(f"{record['package']}#{record['claim_id']}", record) for record in claims]
    records += [(str(record["id"]), record) for record in across_json(checked.across)]
    blocks = [introduction(name)]
    for key, record in records:
        lines = [f"{column}: {_cell(value)}".rstrip() for column, value in record.items()]
        for language in LANGUAGES:
            lines += [f"{language}:", *(f"  {line}" for line in cards[language].get(key, ()))]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _cards(checked: Checked, language: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each finding on the pages of the audit with the lines that a reader sees."""
    site = checked.plan()
    pages = [page for page in site.pages if page.template in ("audit_report", "across")]
    view = PageView(replace(site, pages=tuple(pages)), read_words(language), read_settings(PROJECT), {})
    fragments = render_pages(view, Sources()).fragments
    for key, fragment in fragments.items():
        tree = html.fragment_fromstring(fragment, create_parent="div")
        package = key.removeprefix("doi-chieu--").partition("--")[0].replace("cheo", "across")
        for card in tree.xpath(".//section[@id]"):
            yield f"{package}#{card.get('id')}", list(_lines(card.iter()))
        for heading in tree.xpath("./h3[@id]"):
            yield heading.get("id"), list(_lines(_until_next(heading)))


def _until_next(heading: Any) -> Iterator[Any]:
    """Yield a heading and all elements up to the next one like it."""
    yield heading
    for element in heading.itersiblings():
        if element.tag == heading.tag:
            return
        yield from element.iter()


def _lines(elements: Iterable[Any]) -> Iterator[str]:
    """Yield the text of the elements that stand on a line of their own: a term before its text, a table by rows."""
    term = ""
    for element in elements:
        if element.xpath("ancestor::details"):
            continue  # The letter, which repeats what the card says.
        text = _text(element)
        if element.tag == "dt":
            term = text
        elif element.tag == "dd":
            yield f"{term}: {text}"
        elif element.tag == "tr":
            yield " | ".join(map(_text, element.xpath("./th|./td")))
        elif element.tag in ("h3", "p") or "chip" in (element.get("class") or "").split():
            yield text


def _text(element: Any) -> str:
    """Return an element's text, its line breaks as blanks; a blank that does not break stays one."""
    return " ".join(part for part in str(element.text_content()).replace("\n", " ").split(" ") if part)
