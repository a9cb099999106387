"""What the components of a page show, as records: from the plan's records and the words of one language."""

import posixpath
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, TypeVar

from markupsafe import Markup

from build_tools.audit.comparability import ASPECTS, differences
from build_tools.audit.promises import Result, same_thing
from build_tools.figures import Figure, Span
from build_tools.formats import format_date
from build_tools.packages import Package, Table
from build_tools.render.change_views import ChangeView
from build_tools.render.embeds import Frame, embed_address, frame_height
from build_tools.settings import Settings
from build_tools.site_model import MOST_ROWS, Beside, Page, PlannedChart, Report, Site, Years, fits_spreadsheet, grouped
from build_tools.table_charts import TableChart
from build_tools.vocabulary import Indicator, Place
from build_tools.words import Words

T = TypeVar("T")

# Which aspects of comparability each column of a table of figures says for itself.
NEAR = 3  # pages of a list before and after one, that it links to
SAID_BY = {
    "value": ("unit",),
    "period": ("period",),
    "scope": ("scope",),
    "place": ("scope",),
    "kind": ("status", "extent"),
}


# The forms of a citation for reference managers, with the ends of their files' names.
CITATION_FORMS = (("BibTeX", "bib"), ("RIS", "ris"), ("CSL JSON", "csl.json"))


class View(ChangeView):
    """Makes the records that components.html prints."""

    def __init__(
        self,
        site: Site,
        words: Words,
        settings: Settings,
        charts: Mapping[str, Any],
        vega: str = "",
        sizes: Mapping[str, int] | None = None,
    ):
        super().__init__(site, words)
        self.sizes = sizes or {}  # of the files to download, in bytes, by path
        self.settings = settings
        self.charts = charts  # the drawn charts by name: records with .narrow and .wide
        self.vega = vega  # the address of what draws a chart on request

    def bullet(self, result: Result, top: Decimal | None = None) -> dict[str, object] | None:
        """Return the bullet chart of a result: its percentages of a scale that begins at 0, and its sentence.

        `top` is the greatest number on the scale where several results share one. None where there is nothing to hold
        the result against: no target, no other result, and not a share of a hundred.
        """
        if result.figure.value is None:
            return None
        percent = result.figure.unit == "phan-tram" and top is None
        if result.target is None and top is None and not percent:
            return None  # a bar that is held against nothing says nothing
        top = max(result.figure.value, result.target or Decimal(0), top or Decimal(0))
        if top == 0:
            return None
        scale = Decimal(100) if percent and result.target is None else top * Decimal("1.18")

        def share(value: Decimal) -> str:
            return str((value * 100 / scale).quantize(Decimal("0.01"), ROUND_HALF_UP))

        return {
            "actual_percent": share(result.figure.value),
            "estimate": result.is_estimate,
            "target_percent": share(result.target) if result.target is not None else None,
            "target_kind": result.target_kind,
            "sentence": self.result_sentence(result),
        }

    def account(self, report: Report) -> list[dict[str, Any]]:
        """Return the account of a report's text: figures, years, and the rest, each with its count and treatment."""
        counts = dict(report.coverage.by_kind)
        rest = {kind: n for kind, n in counts.items() if kind not in ("figure", "year")}
        kinds = ", ".join(self.kind_name(kind, rest[kind]) for kind in sorted(rest, key=lambda k: (-rest[k], k))[:3])
        entries = (
            ("solid", counts.get("figure", 0), self.words.text("account.figure")),
            ("plain", counts.get("year", 0), self.words.text("account.year")),
            ("hatched", sum(rest.values()), self.words.fill("account.rest", kinds=kinds)),
        )
        return [
            {"treatment": treatment, "n": n, "text": f"{self.words.shown(n)} {label}"}
            for treatment, n, label in entries
            if n
        ]

    @cached_property
    def counts(self) -> dict[str, int]:
        """The numbers of the home page's first sentence."""
        findings = [finding for _, finding in self.site.findings()]
        return {
            "figures": len(self.site.figures()),
            "reports": len(self.site.reports),
            "places": len({report.data.facts.place for report in self.site.reports}),
            "claims": len(findings),
            "fails": sum(finding.verdict == "fails" for finding in findings),
        }

    # ---- the figures, results and findings of a page ---------------------------------------------------------------

    def latest_reports(self) -> tuple[Report, ...]:
        """Return the newest report with headlines of each place, the newest first."""
        newest: dict[str, Report] = {}
        for report in self.site.reports:
            if report.headlines:
                newest.setdefault(report.data.facts.place, report)
        return tuple(newest.values())

    def figures_of_topic(self, topic: str) -> tuple[Figure, ...]:
        """Return the figures of a topic, report by report."""
        return self._figures_by_topic.get(topic, ())

    @cached_property
    def _figures_by_topic(self) -> Mapping[str, tuple[Figure, ...]]:
        indicators = self.site.vocabulary.indicators
        return grouped(self.site.figures(), lambda figure: indicators[figure.indicator].topic)

    def of_topic(self, figures: Iterable[Figure], topic: str) -> tuple[Figure, ...]:
        """Return those of the figures that belong to a topic."""
        indicators = self.site.vocabulary.indicators
        return tuple(figure for figure in figures if indicators[figure.indicator].topic == topic)

    def figures_of_place(self, place: str) -> tuple[Figure, ...]:
        """Return the figures of a place, report by report."""
        return self.site.figures_at(place)

    def results_of_topic(self, report: Report, topic: str) -> tuple[Result, ...]:
        """Return a report's results of a topic: those with a target, else the whole of each indicator, at most six."""
        indicators = self.site.vocabulary.indicators
        found = [result for result in report.results if indicators[result.figure.indicator].topic == topic]
        held = [result for result in found if result.target is not None or result.claim_id or result.attainment]
        wholes = [result for result in found if not result.figure.breakdown]
        return tuple((held or wholes or found)[:6])

    def main_results(self, report: Report) -> tuple[Result, ...]:
        """Return the results of a report that are held against a target, the headlines first."""
        held = [r for r in report.results if r.target is not None or r.attainment is not None]
        return tuple(dict.fromkeys((*report.headlines, *held)))

    # ---- sentences -------------------------------------------------------------------------------------------------

    def report_sentence(self, report: Report) -> Markup:
        """Return what a report holds in one sentence: its figures and how its calculations stand."""
        findings = self.counted(report.findings) if report.findings else self.t("report.no_claims")
        shown = {"figures": self.strong(len(report.data.figures)), "claims": self.strong(len(report.findings))}
        return self.t("report.sentence", groups=findings, **shown)

    def indicator_sentence(self, page: Page, indicator: Indicator) -> Markup:
        """Return the newest value of each place in one sentence, every number a link to its figure."""
        figures = [f for f in self.site.figures_of(indicator.indicator) if f.stance == "actual" and f.value is not None]
        levels = [f for f in figures if f.measure in ("level", "share")] or figures
        chosen: dict[tuple[str, str], Figure] = {}
        for figure in sorted(levels, key=lambda f: bool(f.breakdown)):
            chosen.setdefault((figure.place, figure.package if not figure.breakdown else ""), figure)
        by_place: dict[str, Figure] = {}
        newest = levels[0].period_end[:4] if levels else ""
        for figure in sorted(chosen.values(), key=lambda f: (bool(f.breakdown), f.period_end[:4] != newest)):
            by_place.setdefault(figure.place, figure)
        if not by_place:
            return self.t("indicator.no_actual", n=len(self.site.figures_of(indicator.indicator)))
        by_period: dict[str, list[Markup]] = {}
        for place, figure in by_place.items():
            key = "indicator.place_part" if figure.breakdown else "indicator.place_value"
            words = {"place": self.place_name(place), "part": self.part(figure)}
            said = self.t(key, value=self.figure_link(page, figure), **words)
            by_period.setdefault(self.when(figure), []).append(said)
        periods = [self.t("indicator.period", period=when, places=self.joined(p)) for when, p in by_period.items()]
        joined = Markup("; ").join(periods)
        return Markup("{}.").format(joined[0].upper() + joined[1:])

    def definition(self, indicator: Indicator) -> str:
        """Return an indicator's definition, unit and desired direction in one line."""
        text = (self.language == "en" and indicator.definition_en) or indicator.definition_vi
        parts = [text.rstrip(".") + ".", self.words.fill("indicator.unit", unit=self.unit(indicator.unit))]
        if indicator.better == "lower":
            parts.append(self.words.text("indicator.lower"))
        return " ".join(parts)

    def comparability(self, indicator: Indicator) -> list[Markup]:
        """Return what keeps the values of an indicator from being compared, in sentences."""
        figures = self.site.figures_of(indicator.indicator)
        note = indicator.comparability_en if self.language == "en" else indicator.comparability_vi
        sentences = [escape_text(note)] if note else []
        reports = list(dict.fromkeys(figure.package for figure in figures))
        if len(reports) == 1:
            short = self.site.report(reports[0]).data.facts.short(self.language)
            sentences.append(self.t("indicator.one_report", report=short))
        if len({figure.body for figure in figures}) > 1:
            bodies = self.joined([self.body_name(b) for b in dict.fromkeys(f.body for f in figures)])
            sentences.append(self.t("indicator.bodies_differ", bodies=bodies))
        if len({figure.place for figure in figures}) > 1 and len({figure.as_of for figure in figures}) > 1:
            sentences.append(self.t("indicator.cutoffs_differ"))
        return sentences or [self.t("indicator.no_caveat")]

    def place_note(self, place: Place) -> str:
        """Return what changed in a place's borders or name."""
        return place.note_en if self.language == "en" else place.note_vi

    def account_sentence(self, report: Report) -> str:
        """Return the account of a text in one sentence."""
        parts = [part["text"] for part in self.account(report)]
        return self.words.fill("report.account_parts", parts="; ".join(parts))

    def account_checked(self, report: Report) -> Markup:
        """Return whether the places in the text were checked."""
        return self.t("report.account_checked" if report.coverage.text_at_hand else "report.account_unchecked")

    # ---- components ------------------------------------------------------------------------------------------------

    def bullet_legend(self) -> list[dict[str, str]]:
        """Return what the marks of a bullet chart mean."""
        marks = (
            ("bar", "actual"),
            ("estimate", "estimate"),
            ("target", "target"),
            ("target-derived", "target_derived"),
        )
        return [{"mark": mark, "text": self.words.text(f"legend.{key}")} for mark, key in marks]

    def tiles(
        self,
        page: Page,
        results: Iterable[Result],
        icons: bool = True,
        top: Decimal | None = None,
        dated: bool = False,
    ) -> list[dict[str, object]]:
        """Return results as tiles or rows: on scales of their own, or on one up to `top`; `dated` names the period."""
        tiles: list[dict[str, object]] = []
        for result in results:
            figure = result.figure
            indicator = self.site.vocabulary.indicators[figure.indicator]
            mark = self.mark(page, figure, own=True)
            tiles.append(
                {
                    "mark": mark if mark and mark["code"] in ("fails", "malformed") else None,
                    "label": self.result_name(figure),
                    "label_href": self.url(page, f"chi-tieu/{figure.indicator}/"),
                    "icon": self.site.vocabulary.topics[indicator.topic].icon if icons else "",
                    "number": self.bare(figure),
                    "unit": self.unit_of(figure),
                    "number_href": self.url(page, self.anchor(figure)),
                    "hint": ", ".join(filter(None, (self.period(figure) if dated else "", self.hint(result)))),
                    "bullet": self.bullet(result, top),
                    "target_line": self.linked_target(page, result),
                    "trend": self.trend(page, figure),
                }
            )
        return tiles

    def linked_target(self, page: Page, result: Result) -> Markup:
        """Return what is known of a result's target, every number that a report prints a link to its figure."""
        line = self._target_as(result, lambda figure, text: self.figure_link(page, figure, text))
        qualifier = self.qualifier(result.figure)
        if not qualifier:
            return line
        line = line[0].lower() + line[1:]
        return self.t("target.qualified", qualifier=qualifier[0].upper() + qualifier[1:], target=line)

    def trend(self, page: Page, figure: Figure) -> Markup | None:
        """Return the change from an earlier level that the report prints beside a figure, None where it prints none."""
        change = self._changes.get(figure.address)
        if change is None:
            return None
        way = "down" if change.direction == "down" else "up"
        return self.t(f"trend.{way}", change=self.figure_link(page, change), base=change.base)

    @cached_property
    def _changes(self) -> Mapping[str, Figure]:
        """What the reports print of a change from an earlier year, by the address of the figure that changed."""
        found: dict[str, Figure] = {}
        for report in self.site.reports:
            for change in report.data.figures:
                if change.measure == "change" and change.stance == "actual" and change.base.isdigit():
                    for result in report.results:
                        if result.figure.measure in ("level", "share") and same_thing(result.figure, change):
                            found.setdefault(result.figure.address, change)
        return found

    def provenance(self, page: Page, report: Report, figures: Sequence[Figure]) -> dict[str, str]:
        """Return where figures of one report stand, with the links to data and citation."""
        first = min(figures, key=lambda f: f.row) if figures else None
        href = self.anchor(first) if first else f"bao-cao/{report.name}/"
        return {
            "text": self.sources(figures) or report.data.facts.short(self.language),
            "href": self.url(page, href),
            "csv_href": self.url(page, f"du-lieu/{report.name}/figures.csv"),
            "cite_href": self.url(page, f"bao-cao/{report.name}/#trich-dan"),
        }

    def topic_entries(self, page: Page) -> list[dict[str, object]]:
        """Return the topics, each with one number: its first result with a target, else its first figure."""
        entries: list[dict[str, object]] = []
        for topic in self.site.topics():
            results = (r for report in self.site.reports for r in self.results_of_topic(report, topic.topic))
            result = next((r for r in results if r.figure.measure != "change"), None)
            figure = result.figure if result else next(iter(self.figures_of_topic(topic.topic)))
            entries.append(
                {
                    "title": topic.name(self.language),
                    "href": self.url(page, f"chu-de/{topic.topic}/"),
                    "icon": topic.icon,
                    "where": f"{self.name(figure)}, {self.site.report(figure.package).data.facts.short(self.language)}",
                    "number": self.value(figure),
                    "unit": self.unit_of(figure),
                    "number_href": self.url(page, self.anchor(figure)),
                }
            )
        return entries

    def place_entries(self, page: Page) -> list[dict[str, object]]:
        """Return the places, each with how many figures it has."""
        return [
            {
                "title": place.name(self.language),
                "href": self.url(page, f"dia-phuong/{place.place}/"),
                "icon": "map-marker-outline",
                "where": self.place_note(place),
                "number": self.words.shown(len(self.figures_of_place(place.place))),
                "unit": self.words.text("places.figures"),
            }
            for place in self.site.places()
        ]

    def figure_table(
        self,
        page: Page,
        figures: Sequence[Figure],
        caption: object,
        columns: Sequence[str],
        ids: bool = False,
        joint: bool = False,
        whole: bool = False,
    ) -> dict[str, object]:
        """Return a table of figures; `columns` names what is shown, the first being the name of the row.

        A column in which every figure says the same thing of the whole, or nothing, is left out, unless the table is
        asked for `whole`. With `joint` place or period is left out where all rows share it, and said once.
        """
        shared = [
            str(self._cell(page, figures[0], c))
            for c in ("scope", "period")
            if joint and c in columns and len(figures) > 1 and len({str(self._cell(page, f, c)) for f in figures}) == 1
        ]
        if joint and len(figures) > 1:
            columns = [
                c for c in columns if c not in ("scope", "period") or str(self._cell(page, figures[0], c)) not in shared
            ]
        columns = [c for c in columns if c != "part" or any(figure.breakdown for figure in figures)]
        columns = [c for c in columns if c != "note" or any(self.remark(figure) for figure in figures)]
        columns = [c for c in columns if c != "mark" or any(self.mark(page, figure) for figure in figures)]
        columns = [c for c in columns if c != "target" or whole or any(self._cell(page, f, c) for f in figures)]
        shown = [
            {"label": self.words.text(f"column.{name}"), "role": "name" if i == 0 else _role(name)}
            for i, name in enumerate(columns)
        ]
        rows = [
            {
                "id": figure.figure_id if ids else "",
                "cells": [self._cell(page, figure, name) for name in columns],
            }
            for figure in figures
        ]
        caveats = self.caveats(figures, (*columns, *(("scope", "period") if shared else ())))
        joint_text = str(self.t("figure.joint", shared=", ".join(shared))) if shared else ""
        return {"caption": str(caption), "columns": shown, "rows": rows, "caveats": caveats, "joint": joint_text}

    def caveats(self, figures: Sequence[Figure], columns: Sequence[str]) -> list[str]:
        """Return what keeps figures in one table from being compared and no column of it says."""
        vocabulary = self.site.vocabulary
        said = {aspect for column in columns for aspect in SAID_BY.get(column, ())}
        differ: set[str] = set()
        for indicator in {figure.indicator for figure in figures}:
            alike = [figure for figure in figures if figure.indicator == indicator]
            differ.update(differences(alike, vocabulary.units, vocabulary.places))
        return [self.words.text(f"comparability.{aspect}") for aspect in ASPECTS if aspect in differ - said]

    def _cell(self, page: Page, figure: Figure, column: str) -> object:
        if column == "report":
            short = self.site.report(figure.package).data.facts.short(self.language)
            return {"text": short, "href": self.url(page, self.anchor(figure))}
        if column in ("figure", "indicator"):
            return {"text": self.name(figure), "href": self.url(page, f"chi-tieu/{figure.indicator}/")}
        if column == "thing":
            return {"text": self.thing_name(figure), "href": self.url(page, f"chi-tieu/{figure.indicator}/")}
        if column == "value":
            return {"text": self.value(figure), "unit": self.unit_of(figure)}
        if column == "line":
            span = figure.spans[0] if figure.spans else None
            if span is None:
                return None
            line = self.words.fill("source.line", line=str(span.line), n=1)
            if self.site.report(figure.package).text is None:
                return line
            return {"text": line, "href": self.url(page, f"bao-cao/{figure.package}/van-ban/#{figure.figure_id}")}
        if column == "source":
            return {"text": self.source(figure), "href": self.url(page, self.anchor(figure))}
        if column == "mark":
            return self.mark(page, figure)
        if column == "target":
            return self.short_target(page, self.site.report(figure.package).result_of(figure.figure_id))
        words: dict[str, Any] = {
            "dated": self.dated,
            "part": self.part,
            "place": self.scope,
            "scope": self.scope,
            "period": self.period,
            "kind": self.kind,
            "note": self.remark,
        }
        return words[column](figure) or None

    def remark(self, figure: Figure) -> Markup:
        """Return a figure's note, and what became of it since it was published."""
        return Markup("; ").join(filter(None, (self.note(figure), self.change_mark(figure))))

    def short_target(self, page: Page, result: Result | None) -> object:
        """Return a result's target for a cell: a link where it is printed, else words; None when there is none."""
        if result is None or result.target is None:
            return None
        target = self.amount(result.target, result.figure.unit)
        if result.target_kind != "printed":
            return self.words.fill("promises.derived", value=target)
        figure = result.target_figure
        return {"text": target, "href": self.url(page, self.anchor(figure))} if figure is not None else target

    @staticmethod
    def rows_of(page: Page, listed: Sequence[T]) -> Sequence[T]:
        """Return what stands on this page of a list that goes on over several."""
        return listed[(page.part - 1) * page.rows : page.part * page.rows]

    def part_title(self, page: Page, title: str) -> str:
        """Return a title with the number of the page where the list goes on."""
        return title if page.part == 1 else self.words.fill("indicator.part", title=title, part=page.part)

    def part_links(self, page: Page, address: str) -> list[dict[str, object]]:
        """Return links to the first page of a list, which is at `address`, to the last, and to those near this one."""
        near = {1, *range(max(page.part - NEAR, 1), min(page.part + NEAR, page.parts) + 1), page.parts}
        return [
            {
                "text": self.words.shown(part),
                "href": self.url(page, address + (f"trang-{part}/" if part > 1 else "")),
                "current": part == page.part,
            }
            for part in sorted(near)
        ]

    def indicator_table(self, page: Page, indicators: Iterable[Indicator]) -> dict[str, object]:
        """Return indicators with their newest value and how many figures each has."""
        columns = ("indicator", "value", "period", "source", "count")
        rows = []
        for indicator in indicators:
            figures = self.site.figures_of(indicator.indicator)
            figure = next((f for f in figures if f.stance == "actual" and not f.breakdown), figures[0])
            name = {"text": indicator.name(self.language), "href": self.url(page, f"chi-tieu/{indicator.indicator}/")}
            count = str(self.t("indicator.count", n=len(figures)))
            cells = [name, *(self._cell(page, figure, c) for c in ("value", "period", "source")), count]
            rows.append({"id": "", "cells": cells})
        shown = [
            {"label": self.words.text(f"column.{name}"), "role": "name" if i == 0 else _role(name)}
            for i, name in enumerate(columns)
        ]
        return {"caption": self.words.text("indicators.caption"), "columns": shown, "rows": rows}

    def span_table(self, page: Page, report: Report, figures: bool) -> dict[str, object]:
        """Return the spans of a report that are figures, or those that are not."""
        spans = [span for span in report.data.spans if (span.kind == "figure") == figures]
        rows = []
        for span in spans:
            written: dict[str, str] = {"text": self.quoted(span.as_written)}
            if figures:
                written["href"] = self.url(page, f"bao-cao/{report.name}/#{span.figure_id}")
            figure = report.figure(span.figure_id) if figures else None
            became = self.change_mark(figure) if figure is not None else ""
            note = Markup("; ").join(filter(None, (self.noted(span.note, span.note_en), became)))
            rows.append({"id": "", "cells": [written, self.section(span), self.kind_name(span.kind), note or None]})
        columns = [("written", "name"), ("line", "source"), ("span_kind", "meta"), ("note", "note")]
        return {
            "caption": self.words.text("ledger.caption"),
            "columns": [{"label": self.words.text(f"column.{name}"), "role": role} for name, role in columns],
            "rows": rows,
        }

    def text_lines(self, page: Page, report: Report) -> list[dict[str, object]]:
        """Return the lines of a report's text that hold words, every span of the ledger marked.

        A figure's span is a link to its row and carries the figure's id; a second print of it carries `id-2`.
        """
        if report.text is None:
            return []
        by_line: dict[int, list[Span]] = {}
        for span in report.data.spans:
            by_line.setdefault(span.line, []).append(span)
        printed: Counter[str] = Counter()
        lines = []
        for number, text in enumerate(report.text.lines, 1):
            if not text.strip():
                continue
            pieces: list[object] = []
            at = 0
            for span in by_line.get(number, ()):
                pieces.append(_clean(text[at : span.start - 1]))
                at = span.start - 1 + span.length
                piece: dict[str, object] = {"text": _clean(text[span.start - 1 : at]), "kind": span.kind}
                if span.kind == "figure":
                    printed[span.figure_id] += 1
                    n = printed[span.figure_id]
                    piece["id"] = span.figure_id if n == 1 else f"{span.figure_id}-{n}"
                    piece["href"] = self.url(page, f"bao-cao/{report.name}/#{span.figure_id}")
                else:
                    piece["title"] = self.kind_name(span.kind)
                pieces.append(piece)
            pieces.append(_clean(text[at:]))
            lines.append({"n": number, "id": f"dong-{number}", "spans": [piece for piece in pieces if piece]})
        return lines

    def by_section(self, report: Report) -> list[tuple[str, list[Figure]]]:
        """Return a report's figures by section, in the order of the text."""
        sections: dict[str, list[Figure]] = {}
        for figure in report.data.figures:
            section = figure.spans[0].section if figure.spans else ""
            sections.setdefault(section, []).append(figure)
        return list(sections.items())

    def report_facts(self, report: Report) -> list[dict[str, object]]:
        """Return what is known of a report, and what it does not print."""
        facts = report.data.facts
        day = format_date(facts.date, self.language) if facts.date else ""
        number = Markup(", ").join(filter(None, (self.quoted(facts.number), day)))
        issuer = facts.issuer_en if self.language == "en" else facts.issuer_vi
        text = self.words.fill("report.text", lines=facts.text.lines, sha256=facts.text.sha256[:16])
        return [
            {"term": self.words.text("report.issuer"), "text": issuer},
            {"term": self.words.text("report.period"), "text": self.report_period(report)},
            {
                "term": self.words.text("report.number"),
                "text": number or self.words.text("report.not_printed"),
                "missing": not number,
            },
            {"term": self.words.text("report.held"), "text": text},
        ]

    def chart_entry(self, page: Page, planned: PlannedChart) -> dict[str, object]:
        """Return a drawn chart with its sentence, its data as a table and its files."""
        chart = self.chart(planned)
        drawn = self.charts[planned.chart]
        number = {"text": self.words.text("column.value"), "right": True}
        columns = [self.words.text("column.part"), self.words.text("column.kind"), number]
        rows = [[mark.full_label, self.words.text(f"role.{mark.role}"), mark.text] for mark in chart.marks]
        return {
            "id": planned.chart,
            "sentence": chart.sentence,
            "narrow": drawn.narrow,
            "wide": drawn.wide,
            "caption": chart.title,
            "caveats": chart.caveats,
            # A long line has its values in the file alone: a page stays small.
            "table": {"caption": chart.title, "columns": columns, "rows": rows} if len(rows) <= MOST_ROWS else None,
            **{
                f"{kind}_href": self.url(page, self.placed(f"bieu-do/{planned.chart}.{suffix}"))
                for kind, suffix in (("csv", "csv"), ("svg", "svg"), ("png", "png"), ("spec", "vl.json"))
            },
            "embeds": [
                {"label": self.words.fill(f"embed.{kind}_code", version=version), "code": frame.html}
                for kind, version, frame in self.frames(planned)
            ],
            "citation": self.chart_citation(page, planned, chart.title),
            "vega_href": self.url(page, self.vega),
            "script_href": self.url(page, "assets/js/charts.js"),
        }

    def frames(self, planned: PlannedChart) -> list[tuple[str, str, Frame]]:
        """Return the frames that show a chart elsewhere, each after its kind and version: `live`, then `frozen`.

        Only a chart of one package stays at a version: of several packages no version says what it shows.
        """
        title, height = self.chart(planned).title, frame_height(self.charts[planned.chart].narrow)
        root = self.settings.absolute_url
        versions = [("live", ""), ("frozen", self.chart_version(planned))]
        return [
            (kind, version, Frame(root + self.placed(embed_address(planned.chart, version)), title, height))
            for kind, version in versions
            if version or kind == "live"
        ]

    @property
    def data_day(self) -> str:
        """The day of the site's data, as the language writes it."""
        return format_date(self.settings.data_date.isoformat(), self.language)

    def chart_version(self, planned: PlannedChart) -> str:
        """Return the version of the package a chart is of, empty for a chart of several packages."""
        shows = planned.shows
        figures = [result.figure for result in shows.results] if isinstance(shows, Beside) else []
        figures += [figure for one in shows.series for figure in one.figures] if isinstance(shows, Years) else []
        if {figure.package for figure in figures} - {planned.package}:
            return ""
        return self.package_of(planned).version

    def package_of(self, planned: PlannedChart) -> Package:
        """Return the package a chart is of."""
        return self._packages[planned.package]

    @cached_property
    def _packages(self) -> Mapping[str, Package]:
        return {package.name: package for package in self.site.packages}

    def chart_citation(self, page: Page, planned: PlannedChart, title: str) -> dict[str, object]:
        """Return how to cite a chart: its own address, and the version of the package that it is drawn from."""
        package = self.package_of(planned)
        cited = self.citation(Page("chart", planned.page), title, package)
        return {
            "text": f"{cited['text']}#{planned.chart}",
            "short": cited.get("short"),
            "links": self.citation_links(page, package),
        }

    def chart_provenance(self, page: Page, planned: PlannedChart) -> dict[str, str]:
        """Return where the figures of a chart stand."""
        shows = planned.shows
        if isinstance(shows, TableChart):
            package = self.package_of(planned)
            return {"text": package.text("title", self.language) or package.name, "href": self.url(page, planned.page)}
        report = self.site.report(planned.package)
        if isinstance(shows, Beside):
            return self._provenance_beside(page, [result.figure for result in shows.results])
        if isinstance(shows, Years):
            return self._provenance_beside(page, [figure for one in shows.series for figure in one.figures])
        figures = [getattr(shows, name) for name in ("figure", "total") if hasattr(shows, name)]
        figures += getattr(shows, "parts", ())
        source = self.provenance(page, report, figures)
        text = source["text"]
        return {**source, "text": f"{report.data.facts.short(self.language)}, {text[0].lower()}{text[1:]}"}

    def _provenance_beside(self, page: Page, figures: Sequence[Figure]) -> dict[str, str]:
        """Return where figures of several reports stand: the first one's place leads, the indicator's file has all."""
        indicator = figures[0].indicator
        return {
            "text": "; ".join(dict.fromkeys(map(self.source, figures))),
            "href": self.url(page, self.anchor(figures[0])),
            "csv_href": self.url(page, f"chi-tieu/{indicator}.csv"),
            "cite_href": self.url(page, f"chi-tieu/{indicator}/#trich-dan"),
        }

    # ---- data ------------------------------------------------------------------------------------------------------

    def citation(self, page: Page, title: str, package: Package | None = None) -> dict[str, object]:
        """Return how to cite a page, at length and in brief: publisher, year, title, version, address.

        What belongs to a package has its files for reference managers beside it.
        """
        version = package.version if package else self.settings.data_version
        year = (self.version_day(package) if package else self.settings.data_date.isoformat())[:4]
        address = f"{self.settings.site_url.rstrip('/')}{posixpath.join('/', self.prefix, page.address)}"
        words = {"year": year, "title": title, "version": version}
        found: dict[str, object] = {
            "text": self.words.fill("citation.text", address=address, **words),
            "short": self.words.fill("citation.short", **words),
            "id": "trich-dan",
            "address": address,
        }
        if package is not None:
            found["links"] = self.citation_links(page, package)
        return found

    def citation_links(self, page: Page, package: Package) -> list[dict[str, str]]:
        """Return the links to a package's files for reference managers, in the language of the page."""
        base = posixpath.join(self.prefix, f"du-lieu/{package.name}")
        return [{"text": name, "href": self.url(page, f"{base}.{suffix}")} for name, suffix in CITATION_FORMS]

    def version_day(self, package: Package) -> str:
        """Return the day of a package's version, that of all data where it is not known."""
        return self.site.version_day(package) or self.settings.data_date.isoformat()

    def package_downloads(self, page: Page, package: Package) -> list[dict[str, object]]:
        """Return the buttons of a package: the whole of it, and its main table."""
        buttons: list[dict[str, object]] = [
            {
                "text": self.sized(self.words.text("download.zip"), f"du-lieu/{package.name}.zip"),
                "href": self.url(page, f"du-lieu/{package.name}.zip"),
                "icon": "download",
                "primary": True,
                "download": True,
            },
        ]
        if package.version:
            buttons.append(
                {
                    "text": self.words.fill("download.zip_version", version=package.version),
                    "href": self.url(page, f"du-lieu/{package.name}-{package.version}.zip"),
                    "download": True,
                }
            )
        main = package.table("figures") or (package.tables[0] if len(package.tables) == 1 else None)
        if main is not None:
            buttons.append(
                {
                    "text": str(self.t("download.csv_rows", n=len(main.rows))),
                    "href": self.url(page, f"du-lieu/{package.name}/{main.name}.csv"),
                    "download": True,
                }
            )
        return buttons

    def report_downloads(self, page: Page, report: Report) -> list[dict[str, object]]:
        """Return the buttons of a report: its figures as CSV, for spreadsheets, and the whole package."""
        base = f"du-lieu/{report.name}"
        rows = len(report.data.figures)
        return [
            {
                "text": str(self.t("download.csv_rows", n=rows)),
                "href": self.url(page, f"{base}/figures.csv"),
                "primary": True,
                "icon": "download",
                "download": True,
            },
            {"text": "XLSX", "href": self.url(page, f"{base}/figures.xlsx"), "download": True},
            {"text": self.words.text("download.zip"), "href": self.url(page, f"{base}.zip"), "download": True},
            {"text": self.words.text("download.all"), "href": self.url(page, f"{base}/")},
        ]

    def table_downloads(
        self, page: Page, package: Package, table: Table, primary: bool = False, opens: bool = True
    ) -> list[dict[str, object]]:
        """Return the buttons of one table."""
        base = f"du-lieu/{package.name}/{table.name}"
        excel = self.words.text("download.excel")
        endings = {".csv": "CSV", ".excel.csv": excel, ".xlsx": "XLSX", ".json": "JSON", ".parquet": "Parquet"}
        buttons: list[dict[str, object]] = [
            {"text": self.sized(text, base + ending), "href": self.url(page, base + ending), "download": True}
            for ending, text in endings.items()
            if ending != ".xlsx" or fits_spreadsheet(table)
        ]
        buttons[0] |= {"primary": primary, "icon": "download"}
        if opens:
            buttons.append({"text": self.words.text("download.look"), "href": self.url(page, f"{base}/")})
        return buttons

    def sized(self, text: str, path: str) -> str:
        """Return what a file to download is called, with its size where that is known."""
        return f"{text}, {self.size(self.sizes[path])}" if path in self.sizes else text

    def size(self, content: int) -> str:
        """Return a number of bytes as a reader would say it."""
        if content < 1000:
            return f"{self.words.shown(content)} B"
        unit, scale = ("kB", 1000) if content < 1_000_000 else ("MB", 1_000_000)
        return f"{self.number((Decimal(content) / scale).quantize(Decimal('0.1'), ROUND_HALF_UP))} {unit}"

    def package_facts(self, package: Package) -> list[dict[str, object]]:
        """Return version, date, licence and source of a package."""
        descriptor = package.descriptor
        licences = ", ".join(str(x.get("title") or x.get("name", "")) for x in descriptor.get("licenses") or ())
        sources = Markup("; ").join(self._source_title(source) for source in descriptor.get("sources") or ())
        created = str(descriptor.get("created") or "")[:10]
        entries = (
            ("version", f"{descriptor.get('version', '')}"),
            ("created", format_date(created, self.language) if created else ""),
            ("licence", licences),
            ("source", sources),
        )
        return [{"term": self.words.text(f"package.{key}"), "text": text} for key, text in entries if text]

    def _source_title(self, source: Mapping[str, object]) -> str:
        english = str(source.get("title_en") or "")
        return english if self.language == "en" and english else self.quoted(str(source.get("title", "")))

    @staticmethod
    def total_rows(package: Package) -> int:
        """Return the number of rows of all tables."""
        return sum(len(table.rows) for table in package.tables)

    def table_title(self, table: Table) -> str:
        """Return a table's title in the language."""
        return (self.language == "en" and table.title_en) or table.title

    def dictionary(self, table: Table) -> dict[str, object]:
        """Return the columns of a table in words."""
        columns = [self.words.text(f"dictionary.{name}") for name in ("column", "type", "meaning")]
        rows = []
        for field in table.fields:
            title, text = self.quoted(field.title), self.quoted(field.description)
            if self.language == "en":
                title, text = field.title_en or title, field.description_en or text
            meaning = Markup(". ").join(part.removesuffix(".") for part in (title, text) if part)
            rows.append([field.name, field.type, meaning or None])
        return {"caption": self.words.text("dictionary.caption"), "columns": columns, "rows": rows}

    def first_rows(self, table: Table, most: int = 20) -> dict[str, object]:
        """Return the first rows of a table as they stand."""
        columns: list[object] = [
            {"text": field.name, "right": True} if field.type in ("number", "integer") else field.name
            for field in table.fields
        ]
        rows: list[list[object]] = [[self.as_it_stands(cell) or None for cell in row] for row in table.rows[:most]]
        return {**self.beginning(table, rows), "columns": columns}

    def beginning(self, table: Table, rows: list[list[object]]) -> dict[str, object]:
        """Return the first rows of a table, with words for its tools that say so where it has more."""
        found: dict[str, object] = {"caption": self.words.text("table.first_rows"), "rows": rows}
        if len(rows) < len(table.rows):
            numbers = {"shown": len(rows), "n": len(table.rows)}
            found["tools"] = {
                "filter": self.words.fill("tools.filter_part", **numbers),
                "sort": self.words.fill("tools.sort_part", **numbers),
                "shown": self.words.text("tools.shown_part"),
            }
        return found

    # ---- looking up ------------------------------------------------------------------------------------------------


def _role(column: str) -> str:
    """Return how a column is laid out on a phone."""
    return {"value": "value", "source": "source", "line": "source", "note": "note"}.get(column, "meta")


def _clean(text: str) -> str:
    """Return a piece of a text as it can stand in a page: composed, control characters as blanks."""
    return "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))


def escape_text(text: str) -> Markup:
    """Return plain text as Markup."""
    return Markup("{}").format(text)
