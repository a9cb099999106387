"""The site of all places: what the site of a place hands over to it, its pages, and what its lookup page reads."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from build_tools.formats import format_date, format_period
from build_tools.national import RECORD, IndicatorRecord, National, PlaceRecord, ReportRecord, as_record
from build_tools.output import OutputFile
from build_tools.render.catalogue import Catalogue, Part, as_turtle, dcat_of_all
from build_tools.render.lookup import (
    KINDS,
    SECTION,
    Found,
    Head,
    Way,
    keys_of,
    script,
    shelf,
    short_number,
    value_of,
    word_files,
)
from build_tools.render.page_views import PageView
from build_tools.settings import Settings
from build_tools.site_model import MOST_FINDINGS, Page, Report, Site
from build_tools.vocabulary import EMPTY
from build_tools.words import Words

# ---- what a place hands over ---------------------------------------------------------------------------------------


def handed_over(site: Site, settings: Settings) -> OutputFile:
    """Return the record of a place's site; `settings` are those of its build, with the place in them."""
    if settings.shard is None:
        raise ValueError("only the site of a place hands over a record")
    place = site.vocabulary.places[settings.shard.place]
    indicators = site.vocabulary.indicators
    units = site.vocabulary.units
    keys = {key for f in site.figures() if f.value is not None for key in keys_of(f, units[f.unit].scale)}
    days = [release.date for release in site.releases()] + [site.version_day(package) for package in site.packages]
    record = PlaceRecord(
        place=place.place,
        name_vi=place.name_vi,
        name_en=place.name_en,
        short_vi=place.short_vi,
        short_en=place.short_en,
        version=settings.data_version,
        updated=max(filter(None, days), default=settings.data_date.isoformat()),
        languages=settings.languages,
        packages=sum(package.kind in ("report", "other") for package in site.packages),
        reports=tuple(_report_record(report) for report in site.reports),
        indicators=tuple(
            IndicatorRecord(one.name_vi, one.name_en, one.indicator, len(site.figures_of(one.indicator)))
            for one in indicators.values()
            if site.figures_of(one.indicator)
        ),
        numbers=tuple(sorted(keys)),
    )
    return OutputFile(RECORD, as_record(record))


def _report_record(report: Report) -> ReportRecord:
    facts = report.data.facts
    return ReportRecord(
        name_vi=facts.title_vi,
        name_en=facts.title_en,
        report=report.name,
        short_vi=facts.short_vi,
        short_en=facts.short_en,
        issuer_vi=facts.issuer_vi,
        issuer_en=facts.issuer_en,
        period_start=facts.period_start,
        period_end=facts.period_end,
        figures=len(report.data.figures),
        claims=len(report.findings),
        fails=sum(finding.verdict == "fails" for finding in report.findings),
    )


# ---- pages ---------------------------------------------------------------------------------------------------------


def national_site(national: National) -> Site:
    """Return the plan of the site of all places: its pages, and not one record of a place."""
    parts = max(-(-len(national.reports) // MOST_FINDINGS), 1)
    reports = (
        Page("national_reports", f"bao-cao/trang-{n}/" if n > 1 else "bao-cao/", national, "", n, parts, MOST_FINDINGS)
        for n in range(1, parts + 1)
    )
    pages = (
        Page("national", "", national),
        *reports,
        Page("lookup", "tra-cuu/", national),
        Page("national_data", "du-lieu/", national),
        Page("national_changes", "thay-doi/", national),
    )
    return Site(EMPTY, (), (), pages, ())


class NationalView(PageView):
    """Makes what the templates of the national site print."""

    def __init__(self, national: National, words: Words, settings: Settings):
        super().__init__(national_site(national), words, settings, {})
        self.national = national

    def to(self, page: Page, place: PlaceRecord, address: str = "") -> str:
        """Return the link from a page to a page of a place's site, in the same language."""
        up = "../" * (page.address.count("/") + bool(self.prefix))
        return f"{up}{place.place}/" + (f"{self.prefix}/" if self.prefix else "") + address

    def scale(self) -> Mapping[str, int]:
        """Return how much there is of everything."""
        keys = ("figures", "claims", "fails")
        counts = {key: sum(getattr(place, key) for place in self.national.places) for key in keys}
        return {"places": len(self.national.places), "reports": len(self.national.reports), **counts}

    def place_table(self, page: Page) -> dict[str, object]:
        """Return the places, each with how much there is of it, how much does not agree, and its newest day."""
        rows = [
            [
                {"href": self.to(page, place), "text": place.name(self.language)},
                {"text": self.words.shown(place.figures), "unit": self.words.text("places.figures")},
                self.words.fill("national.n_reports", n=len(place.reports)),
                self._checked(place, self.to(page, place, "doi-chieu/")) if place.reports else "",
                self.words.fill("national.updated", date=format_date(place.updated, self.language)),
            ]
            for place in self.national.places
        ]
        columns = (
            ("place", "name"),
            ("figures", "value"),
            ("reports", "meta"),
            ("claims", "meta"),
            ("updated", "meta"),
        )
        return self._stacked("places", columns, rows)

    def report_table(self, page: Page) -> dict[str, object]:
        """Return the reports that stand on a page of the list of all."""
        rows = [
            [
                {"href": self.to(page, place, f"bao-cao/{report.report}/"), "text": report.name(self.language)},
                {"text": self.words.shown(report.figures), "unit": self.words.text("places.figures")},
                {"href": self.to(page, place), "text": place.short(self.language)},
                self.period_of(report),
                self._checked(report, self.to(page, place, f"doi-chieu/{report.report}/")),
            ]
            for place, report in self.rows_of(page, self.national.reports)
        ]
        columns = (("report", "name"), ("figures", "value"), ("place", "meta"), ("period", "meta"), ("claims", "meta"))
        return self._stacked("all_reports", columns, rows)

    def _checked(self, of: PlaceRecord | ReportRecord, href: str) -> dict[str, object]:
        """Return how many calculations were checked and do not agree, with the link to them."""
        return {"href": href, "text": self.words.fill("national.checked", n=of.claims, fails=of.fails)}

    def data_table(self, page: Page) -> dict[str, object]:
        """Return the places with what there is to download."""
        return self._table(
            "data",
            ("place", "packages", "whole"),
            (
                [
                    {"href": self.to(page, place, "du-lieu/"), "text": place.name(self.language)},
                    self.words.shown(place.packages),
                    {"href": self.to(page, place, "tai-ve/"), "text": self.words.text("download.whole_open")},
                ]
                for place in self.national.places
            ),
        )

    def change_table(self, page: Page) -> dict[str, object]:
        """Return the places by the day on which something of them was published last, the newest first."""
        newest = sorted(self.national.places, key=lambda place: place.updated, reverse=True)
        return self._table(
            "changes",
            ("place", "version", "updated"),
            (
                [
                    {"href": self.to(page, place, "thay-doi/"), "text": place.name(self.language)},
                    place.version,
                    format_date(place.updated, self.language),
                ]
                for place in newest
            ),
        )

    def period_of(self, report: ReportRecord) -> str:
        """Return the period of a report."""
        return format_period(report.period_start, report.period_end, self.language)

    def lookup_places(self, page: Page) -> str:
        """Return, as JSON, where the lookup page of each place stands, and its name: what the script asks them by."""
        found = [[self.to(page, place, "tra-cuu/"), place.short(self.language)] for place in self.national.places]
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    def numbers_at(self, page: Page) -> str:
        """Return where the shelf of numbers stands, which is the same in every language."""
        return "../" * (page.address.count("/") + bool(self.prefix)) + "tra-cuu/"

    def _table(self, caption: str, columns: Sequence[str], rows: Iterable[list[object]]) -> dict[str, object]:
        """Return a table that stays one on a phone."""
        named = [{"text": self._column(name), "right": name == "packages"} for name in columns]
        return {"caption": self.words.text(f"national.{caption}"), "columns": named, "rows": list(rows)}

    def _stacked(
        self, caption: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]
    ) -> dict[str, object]:
        """Return a table of which each row becomes lines on a phone, so that its cells say what they count."""
        return {
            "caption": self.words.text(f"national.{caption}"),
            "columns": [{"label": self._column(name), "role": role} for name, role in columns],
            "rows": [{"id": "", "cells": cells} for cells in rows],
        }

    def _column(self, name: str) -> str:
        return self.words.text(f"national.column_{name}")


# ---- what the lookup page reads ------------------------------------------------------------------------------------


def national_lookup(view: NationalView, heads: Mapping[str, Head], ways: Sequence[Way]) -> list[OutputFile]:
    """Return the files that find pages of all places by words, and by which a number finds the places that have it.

    The shelf of numbers `so` names, for each number, the places alone: their own shelves have the figures. It has no
    words in it, so it stands once, with the first language.
    """
    files = list(word_files(list(_found(view, heads)), ways))
    if not view.prefix:
        holding: defaultdict[str, list[int]] = defaultdict(list)
        for n, place in enumerate(view.national.places):
            for key in place.numbers:
                holding[key].append(n)
        entries = [(key, [short_number(value_of(key)), places]) for key, places in holding.items()]
        files += shelf("so", entries)
    folder = "/".join(filter(None, (view.prefix, "tra-cuu/tim")))
    return [OutputFile(f"{folder}/{name}.js", script(name, value)) for name, value in files]


def _found(view: NationalView, heads: Mapping[str, Head]) -> Iterable[Found]:
    """Yield every page that the lookup of all places finds: places, their reports, their indicators, our own pages."""
    words, language = view.words, view.language
    lookup = next(page for page in view.site.pages if page.template == "lookup")
    for page in view.site.pages:
        if page is not lookup and page.part == 1:
            head = heads[page.address]
            href = view.url(lookup, page.address)
            yield Found(head.title, head.description, "", href, (head.title,), (head.description,), SECTION)
    for place in view.national.places:
        line = words.fill("national.place_line", reports=len(place.reports), figures=place.figures)
        names = tuple(dict.fromkeys((place.name(language), place.short(language), place.name_vi, place.name_en)))
        kind = words.text("section.places")
        yield Found(place.name(language), line, kind, view.to(lookup, place), names, (kind,), KINDS["place"])
    for place, report in view.national.reports:
        short, issuer = report.short(language), report.issuer(language)
        line = f"{place.short(language)}, {view.period_of(report)}"
        kind = f"{words.text('section.reports')} · {short}"
        href = view.to(lookup, place, f"bao-cao/{report.report}/")
        names = (report.name(language), short, f"{words.text('section.reports')} {short}", f"{issuer} {short}")
        yield Found(report.name(language), line, kind, href, names, (issuer, line), KINDS["report"])
    kind = words.text("section.indicators")
    for place in view.national.places:
        short = place.short(language)
        for one in place.indicators:
            name = one.name(language)
            line = words.fill("national.indicator_line", figures=one.figures, place=short)
            href = view.to(lookup, place, f"chi-tieu/{one.indicator}/")
            yield Found(f"{name} – {short}", line, kind, href, (name,), (short,), KINDS["indicator"])


# ---- the catalogue -------------------------------------------------------------------------------------------------


def national_catalogue(view: NationalView, texts: Sequence[Words]) -> list[OutputFile]:
    """Return the catalogue of the catalogues of all places, as Turtle and JSON-LD."""
    settings = view.settings
    parts = [
        Part(f"{settings.absolute_url}{place.place}/", place.name_vi, place.name_en, place.updated)
        for place in view.national.places
    ]
    document = dcat_of_all(Catalogue(view.site, settings, {}), texts, parts)
    content = json.dumps(document, ensure_ascii=False, indent=1)
    return [
        OutputFile("catalog.jsonld", (content + "\n").encode()),
        OutputFile("catalog.ttl", as_turtle(document)),
    ]
