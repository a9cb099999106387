"""Citations for reference managers: BibTeX, RIS and CSL JSON, an entry for each package, table, chart and figure.

No text of the data can leave its field: BibTeX keeps its braces in pairs whatever a title holds, RIS has one line for
each value, JSON is JSON.
"""

import json
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from build_tools.figures import Figure
from build_tools.links import listed, words_in
from build_tools.output import OutputFile
from build_tools.packages import Package
from build_tools.render.page_views import PageView
from build_tools.render.views import CITATION_FORMS
from build_tools.site_model import PlannedChart

_LANGUAGES = {"vi": "vietnamese", "en": "english"}
# What TeX would take for a command. A brace is written by name: BibTeX counts the ones behind a backslash too.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\textquotedbl{}",
} | {sign: f"\\{sign}" for sign in "#$%&_"}


@dataclass(frozen=True)
class Entry:
    """Something to cite, in the words of one language."""

    key: str  # `hue-2023-lanh-dao:jobs_created`: of one meaning in every file, so that files can be joined
    kind: str  # package, table, chart, figure
    title: str
    version: str
    day: str  # of the version: 2026-11-21
    address: str
    language: str
    publisher: str
    note: str = ""
    author: str = ""  # of a package that others made; else the publisher


def entries_of(view: PageView, package: Package) -> Iterator[Entry]:
    """Yield what there is to cite in a package: itself, its tables, its charts, its figures in order of the text."""
    version, day, author = package.version, view.version_day(package), ""
    if package.kind == "other":
        author = ", ".join(words_in([item.get("title") for item in listed(package.descriptor.get("contributors"))]))

    def entry(key: str, kind: str, title: object, address: str, note: object = "") -> Entry:
        path, sign, anchor = address.partition("#")
        whole = view.settings.absolute_url + posixpath.join(view.prefix, path) + sign + anchor
        publisher = view.settings.site_name
        return Entry(key, kind, _plain(title), version, day, whole, view.language, publisher, _plain(note), author)

    name, base = package.text("title", view.language) or package.name, f"du-lieu/{package.name}/"
    yield entry(package.name, "package", name, base)
    for table in package.tables:
        title = f"{view.table_title(table)}, {name}"
        yield entry(f"{package.name}:table:{table.name}", "table", title, f"{base}{table.name}/")
    for chart in view.site.charts_of_package(package.name):
        yield entry(f"{package.name}:chart:{chart.chart}", "chart", view.chart(chart).title, chart_address(chart))
    if package.kind != "report":
        return
    data = view.site.report(package.name).data
    for figure in data.figures:
        yield entry(
            f"{package.name}:{figure.figure_id}",
            "figure",
            figure_title(view, figure),
            view.anchor(figure),
            view.t("citation.stated_in", source=view.source(figure), report=data.facts.title(view.language)),
        )


def figure_title(view: PageView, figure: Figure) -> object:
    """Return what a citation of a figure is called: what it is, its value, where and when."""
    return view.t(
        "citation.figure",
        name=view.name(figure),
        kind=view.kind(figure),
        value=view.with_unit(figure),
        scope=view.scope(figure),
        period=view.period(figure),
    )


def chart_address(chart: PlannedChart) -> str:
    """Return where a chart stands."""
    return f"{chart.page}#{chart.chart}"


def citation_files(view: PageView) -> Iterator[OutputFile]:
    """Yield the three files of every package, in the language of the view."""
    for package in view.site.packages:
        entries = tuple(entries_of(view, package))
        base = posixpath.join(view.prefix, f"du-lieu/{package.name}")
        for (_, suffix), write in zip(CITATION_FORMS, (as_bibtex, as_ris, as_csl_json), strict=True):
            yield OutputFile(f"{base}.{suffix}", write(entries).encode())


def _plain(text: object) -> str:
    """Return words on one line; only what we marked up ourselves is markup."""
    return _line(text.striptags() if isinstance(text, Markup) else str(text))


def _line(text: str) -> str:
    """Return a text on one line, without signs that only control."""
    if text.isprintable():  # as nearly all are, and none with such a sign is
        return " ".join(text.split())
    shown = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") else sign for sign in text)
    return " ".join(shown.split())


def _address(address: str) -> str:
    """Return an address without a sign that BibTeX or RIS could take up."""
    return quote(address, safe="/:#?=&.-_~%+@")


def _key(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9:._-]", "_", key)


# -- the three forms ---------------------------------------------------------------------------------------------------


def as_bibtex(entries: Iterable[Entry]) -> str:
    """Return entries as BibTeX: `@misc`, which every style knows, with what biblatex reads beside it."""
    return "\n".join(map(_bibtex, entries))


def _bibtex(entry: Entry) -> str:
    fields = {
        "author": f"{{{_tex(entry.author or entry.publisher)}}}",
        "title": f"{{{_tex(entry.title)}}}",
        "year": entry.day[:4],
        "date": entry.day,
        "version": _tex(entry.version),
        "howpublished": _tex(entry.publisher),
        "url": _address(entry.address),
        "note": _tex(entry.note),
        "language": _LANGUAGES.get(entry.language, ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@misc{{{_key(entry.key)},", *lines, "}", ""))


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in _line(text))


def as_ris(entries: Iterable[Entry]) -> str:
    """Return entries as RIS: a tag, two blanks, a hyphen, a value to the end of the line."""
    return "".join(map(_ris, entries))


def _ris(entry: Entry) -> str:
    tags = [
        ("TY", "FIGURE" if entry.kind == "chart" else "DATA"),
        ("ID", _key(entry.key)),
        ("AU", _line(entry.author or entry.publisher)),
        ("TI", _line(entry.title)),
        ("PY", entry.day[:4]),
        ("DA", entry.day.replace("-", "/")),
        ("ET", _line(entry.version)),
        ("PB", _line(entry.publisher)),
        ("UR", _address(entry.address)),
        ("N1", _line(entry.note)),
        ("LA", entry.language),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in tags if value) + "ER  - \r\n\r\n"


def as_csl_json(entries: Iterable[Entry]) -> str:
    """Return entries as CSL JSON, which Zotero, Pandoc and citeproc read."""
    items = []
    for entry in entries:
        item = {
            "id": _key(entry.key),
            "type": "figure" if entry.kind == "chart" else "dataset",
            "title": _line(entry.title),
            "author": [{"literal": _line(entry.author or entry.publisher)}],
            "publisher": _line(entry.publisher),
            "issued": {"date-parts": [[int(part) for part in entry.day.split("-")]]},
            "version": _line(entry.version),
            "URL": _address(entry.address),
            "note": _line(entry.note),
            "language": entry.language,
        }
        items.append({name: value for name, value in item.items() if value})
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"
