"""What the audit's components show: findings, promises, reports side by side, in the words of one language."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from build_tools.audit.across import Across
from build_tools.audit.finding import Finding
from build_tools.audit.promises import Promise
from build_tools.figures import ClaimItem, Figure
from build_tools.formats import format_date
from build_tools.render.phrases import Phrases
from build_tools.site_model import Audited, Page, Report

MOST_REPORTS = 30  # that a filter names, the newest; the page of all reports leads to the others
MOST_COLUMNS = 6  # of reports beside one another in the table of verdicts; of more only the sum is shown

Found = tuple[Audited, Finding]  # a finding, with what its claim is of


class AuditView(Phrases):
    """Makes the records of findings, promises and reports side by side."""

    def verdict_counts(self, findings: Iterable[Finding]) -> list[tuple[str, int]]:
        """Return every verdict with its count, in the order they are tried, the failing one last."""
        found = [finding.verdict for finding in findings]
        order = ("exact", "rounded", "truncated", "within", "unverifiable", "malformed", "fails")
        return [(verdict, found.count(verdict)) for verdict in order if found.count(verdict) or verdict != "malformed"]

    @cached_property
    def all_findings(self) -> tuple[Found, ...]:
        """Every finding of a report, with the report."""
        return self.site.findings()

    @cached_property
    def every_finding(self) -> tuple[Found, ...]:
        """Every finding, of a report and between reports, with what its claim is of."""
        between = self.site.between
        return (*self.all_findings, *((between, finding) for finding in between.findings))

    def findings_about(self, figures: Iterable[Figure]) -> tuple[Found, ...]:
        """Return the findings that rest on any of the figures, those that do not agree first."""
        found = (pair for figure in figures for pair in self._concerning.get(figure.address, ()))
        return self.ordered({(f.package, f.claim_id): (report, f) for report, f in found}.values())

    def ordered(self, found: Iterable[Found]) -> tuple[Found, ...]:
        """Return findings with those a reader would most want to know first."""
        order = ("fails", "malformed", "unverifiable", "within", "truncated", "rounded", "exact")
        rank = {verdict: i for i, verdict in enumerate(order)}
        return tuple(sorted(found, key=lambda pair: rank[pair[1].verdict]))

    def paired(self, report: Report) -> tuple[Found, ...]:
        """Return a report's findings, each with the report."""
        return tuple((report, finding) for finding in report.findings)

    def with_verdict(self, verdicts: Sequence[str], report: Report | None = None) -> tuple[Found, ...]:
        """Return the findings of some verdicts, of one report or of all, in the order of the verdicts."""
        found = self.paired(report) if report is not None else self.all_findings
        return tuple(pair for verdict in verdicts for pair in found if pair[1].verdict == verdict)

    def telling_findings(self) -> tuple[Found, ...]:
        """Return at most four findings that do not agree as printed."""
        return self.with_verdict(("fails", "malformed"))[:4]

    def fails_sentence(self, href: str, fails: int) -> Markup:
        """Return how many calculations do not agree as printed, as a link; words alone when there is none."""
        if not fails:
            return self.t("home.none_fails")
        text = self.t("home.some_fail", n=fails)
        return Markup('<a href="{}">{}</a>.').format(href, text)

    def counted(self, findings: Iterable[Finding]) -> Markup:
        """Return findings counted in three groups: agree, cannot be checked, do not agree."""
        groups = self._groups(findings)
        parts = [self.t(f"groups.{name}", n=n, count=self.strong(n)) for name, n in groups.items() if n]
        return self.joined(parts)

    @staticmethod
    def _groups(findings: Iterable[Finding]) -> dict[str, int]:
        verdicts = [finding.verdict for finding in findings]
        fails = verdicts.count("fails")
        opened = verdicts.count("unverifiable") + verdicts.count("malformed")
        return {"agrees": len(verdicts) - opened - fails, "open": opened, "fails": fails}

    def findings_sentence(self, found: Sequence[Found]) -> Markup:
        """Return how many calculations there are and how they stand."""
        if not found:
            return self.t("audit.none")
        groups = self.counted(f for _, f in found)
        return self.t("audit.sentence", n=len(found), claims=self.strong(len(found)), groups=groups)

    def strip(self, found: Sequence[Found]) -> dict[str, object]:
        """Return the strip of squares that shows how calculations stand."""
        groups = self._groups(f for _, f in found)
        entries = [
            {"treatment": name, "n": n, "text": self.words.fill(f"groups.{name}", n=n, count=n)}
            for name, n in groups.items()
            if n or name == "fails"
        ]
        return {"sentence": self.plain(self.findings_sentence(found)), "groups": entries}

    def verdict_table(self, page: Page, reports: Sequence[Report], examples: bool = False) -> dict[str, object]:
        """Return verdicts with their counts: a column for each of a few reports, and a sum where there are several."""
        every = [finding for report in reports for finding in report.findings]
        apart = reports if len(reports) <= MOST_COLUMNS else ()
        columns = [report.data.facts.short(self.language) for report in apart]
        rows = []
        for verdict, total in self.verdict_counts(every):
            counts = [sum(f.verdict == verdict for f in report.findings) for report in apart]
            shown = [*counts, total] if len(reports) > 1 else counts
            row: dict[str, object] = {
                "code": verdict,
                "label": self.words.text(f"verdict.{verdict}"),
                "counts": [self.words.shown(n) for n in shown],
            }
            if examples:
                found = next(((r, f) for r in reports for f in r.findings if f.verdict == verdict), None)
                none = [{"text": self.words.text("audit.no_example"), "missing": True}]
                row["example"] = self.working(page, *found) if found else none
            else:
                row["explanation"] = self.words.text(f"verdict_means.{verdict}")
            if total and len(reports) == 1:
                row["href"] = self.url(page, f"doi-chieu/{reports[0].name}/#{verdict}")
            rows.append(row)
        if len(reports) == 1:
            columns = [self.words.text("audit.count")]
        elif reports:
            columns.append(self.words.text("audit.total"))
        return {
            "label": self.words.text("audit.verdict"),
            "caption": self.words.text("audit.table_caption"),
            "columns": columns,
            "example_label": self.words.text("audit.example") if examples else "",
            "rows": rows,
        }

    def audit_filters(self, page: Page) -> list[dict[str, object]]:
        """Return the groups of links that narrow the audit, each a page of its own: by report, verdict and topic."""
        return [
            {
                "label": label,
                "links": [
                    {"text": text, "href": self.url(page, address), "current": address == page.address}
                    for text, address in links
                ],
            }
            for label, links in self._audit_filters
        ]

    @cached_property
    def _audit_filters(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The groups of filters, the same on every page: each its label and its links, a text and an address."""

        def entry(text: str, address: str, n: int) -> tuple[str, str]:
            return f"{text}, {self.words.shown(n)}", address

        reports = [
            entry(report.data.facts.short(self.language), f"doi-chieu/{report.name}/", len(report.findings))
            for report in self.site.reports
        ]
        if len(reports) > MOST_REPORTS:
            every = self.words.fill("audit.all_reports", n=len(reports))
            reports = [*reports[:MOST_REPORTS], (every, "bao-cao/")]
        if self.site.across or self.site.between.findings:
            text = self.words.text("across.title")
            reports.append(entry(text, "doi-chieu/cheo/", len(self.site.across) + len(self.site.between.findings)))
        counts = self.verdict_counts(f for _, f in self.all_findings)
        verdicts = [entry(self.words.text(f"verdict.{v}"), f"doi-chieu/ket-luan/{v}/", n) for v, n in counts if n]
        topics = [
            entry(topic.name(self.language), f"doi-chieu/chu-de/{topic.topic}/", n)
            for topic in self.site.topics()
            if (n := len(self.findings_of_topic(topic.topic)))
        ]
        groups = (("report", reports), ("verdict", verdicts), ("topic", topics))
        return [(self.words.text(f"audit.by_{name}"), links) for name, links in groups if links]

    def findings_of_topic(self, topic: str) -> tuple[Found, ...]:
        """Return the findings whose numbers belong to a topic, those that do not agree first."""
        return self._by_topic.get(topic, ())

    @cached_property
    def _by_topic(self) -> Mapping[str, tuple[Found, ...]]:
        found: dict[str, list[Found]] = {}
        for report, finding in self.all_findings:
            for topic in self.site.topics_of(self.figures_in(report, finding)):
                found.setdefault(topic, []).append((report, finding))
        return {topic: self.ordered(pairs) for topic, pairs in found.items()}

    def finding_table(self, page: Page, found: Iterable[Found]) -> dict[str, object]:
        """Return findings as a table, a row each: what is asked, what is printed, the working, the verdict."""
        columns = [("finding", "name"), ("printed", "value"), ("working", "note"), ("verdict", "meta")]
        columns.append(("source", "source"))
        rows = []
        for report, finding in found:
            href = self.url(page, report.claim_address(finding.claim_id))
            name = {"text": self.question(report, finding), "href": href}
            figures = self.figures_in(report, finding)
            place = self._link(page, figures[0], self.source(figures[0])) if figures else None
            working = "".join(p if isinstance(p, str) else str(p["text"]) for p in self.working(page, report, finding))
            cells = [name, self.stated(report, finding) or None, working, self.verdict(finding), place]
            rows.append({"id": "", "cells": cells})
        return {
            "caption": self.words.text("audit.findings_caption"),
            "columns": [{"label": self.words.text(f"column.{column}"), "role": role} for column, role in columns],
            "rows": rows,
        }

    def cards(
        self, page: Page, found: Iterable[Found], short: bool = False, ids: bool = False
    ) -> list[dict[str, object]]:
        """Return findings as cards; short ones end at the difference, and `ids` makes each card an address."""
        return [self._card(page, report, finding, short, ids) for report, finding in found]

    def _card(self, page: Page, report: Audited, finding: Finding, short: bool, ids: bool) -> dict[str, object]:
        claim = report.claim(finding.claim_id)
        figures = self.figures_in(report, finding)
        notes = [self.missing(finding), self.as_read(finding)]
        if not short:
            if claim.basis != "stated" and not notes[0]:
                notes.append(self.words.text(f"finding.{claim.basis}"))
            if claim.items:
                notes.append(self.t("finding.items", items=Markup("; ").join(map(self.item, claim.items))))
            notes.append(self.noted(claim.note, claim.note_en, "finding.note_in_vietnamese"))
        computed = self.computed(report, finding)
        lacking = not computed and bool(finding.missing)
        if lacking:
            inputs = ", ".join(map(self.input_name, finding.missing))
            computed = self.words.fill("finding.lacks", inputs=inputs)
        card: dict[str, object] = {
            "id": finding.claim_id if ids else "",
            "code": finding.verdict,
            "label": self.verdict(finding),
            "title": self.question(report, finding),
            "title_href": self.url(page, report.claim_address(finding.claim_id)),
            "printed": self._printed(page, report, finding),
            "computed": computed,
            "computed_missing": lacking,
            "working": self.working(page, report, finding),
            "difference": self.difference(report, finding),
            "note": Markup(" ").join(filter(None, notes)),
            "places": self._places(page, report, finding, figures[:1] if short else figures),
        }
        if not short:
            card["would_agree"] = self.would_agree(report, finding)
            if finding.verdict == "fails":
                card |= self._asking(report, finding)
        return card

    def item(self, item: ClaimItem) -> str:
        """Return one thing that a count counts."""
        return item.item_en if self.language == "en" and item.item_en else self.quoted(item.item)

    def _places(
        self, page: Page, report: Audited, finding: Finding, figures: Sequence[Figure]
    ) -> list[dict[str, object]]:
        """Return where each number of a finding stands in its report: a link to the text, else to the figure's row.

        Numbers that stand in one line are one place.
        """
        claim = report.claim(finding.claim_id)
        places: dict[str, str] = {}
        for figure in figures:
            places.setdefault(self.source(figure), self.url(page, self.place_in_text(figure)))
        found: list[dict[str, object]] = [{"text": text, "href": href} for text, href in places.items()]
        if not found and claim.line is not None and isinstance(report, Report):
            line = self.words.fill("source.line", line=str(claim.line), n=1)
            text = f"{report.data.facts.short(self.language)}, {line}"
            href = f"bao-cao/{report.name}/van-ban/#dong-{claim.line}" if report.text is not None else ""
            found.append({"text": text, "href": self.url(page, href) if href else ""})
        return found

    def _asking(self, report: Audited, finding: Finding) -> dict[str, object]:
        """Return the question to the issuing body, as a letter to copy or mail, and what became of it."""
        letter = self.letter(report, finding)
        stated = self.stated(report, finding)
        compared = self.words.text("finding.ask_compared")
        asked: dict[str, object] = {
            "question": self.words.fill("finding.ask_text", stated=stated) if stated else compared,
            "letter": letter,
            "mail_href": f"mailto:?subject={quote(letter['subject'])}&body={quote(letter['text'])}",
            "answer": self.words.text("finding.not_asked"),
            "answer_missing": True,
        }
        response = report.response(finding.claim_id) if isinstance(report, Report) else None
        if response is not None:
            days = (("asked", response.asked), ("answered", response.answered), ("corrected", response.corrected))
            parts = [
                self.words.fill(f"finding.{key}", date=format_date(day, self.language)) for key, day in days if day
            ]
            said = response.answer_en if self.language == "en" else response.answer_vi
            asked |= {"answer": " ".join(filter(None, (*parts, said))), "answer_missing": False}
        return asked

    def letter(self, report: Audited, finding: Finding) -> dict[str, str]:
        """Return a polite question to the issuing body: subject and text, with the place of every number."""
        named = self.figures_in(report, finding)
        packages = list(dict.fromkeys(figure.package for figure in named)) or [finding.package]
        facts = [self.site.report(name).data.facts for name in packages]
        title = "; ".join(f.title(self.language) for f in facts)
        issuer = "; ".join(dict.fromkeys(f.issuer_en if self.language == "en" else f.issuer_vi for f in facts))
        places = "\n".join(f"- {self.result_name(f)}: {self.with_unit(f)} ({self.source(f)})" for f in named)
        stated = self.stated(report, finding)
        key = "computed" if stated and finding.computed is not None else "compared"
        said = self.words.fill(f"letter.{key}", working=self.words.working(finding), stated=stated)
        text = self.words.fill("letter.text", issuer=issuer, title=title, places=places, said=said)
        return {"subject": self.words.fill("letter.subject", title=title), "text": text}

    def would_agree(self, report: Audited, finding: Finding) -> str:
        """Return what would have to be printed for a failing claim to agree, where that is one number."""
        if finding.verdict != "fails" or finding.computed is None or finding.computed_high is not None:
            return ""
        result = report.figure(report.claim(finding.claim_id).result)
        if not self.stated(report, finding) or finding.computed < 0:
            return ""  # The 100 that shares make is not printed; a number of the other sign is another statement.
        shown = finding.computed.quantize(Decimal(1).scaleb(-finding.places), ROUND_HALF_UP)
        return self.amount(shown, result.unit) if result is not None else self.number(shown)

    def _printed(self, page: Page, report: Audited, finding: Finding) -> str | list[dict[str, object]]:
        """Return what the report prints for a claim, as a link to its figure where it is one."""
        text = self.stated(report, finding)
        figure = report.figure(report.claim(finding.claim_id).result)
        return [{"text": text, "href": self.url(page, self.anchor(figure))}] if figure is not None else text

    def between(self) -> tuple[Found, ...]:
        """Return the findings of claims over several reports, those that do not agree first."""
        return self.ordered((self.site.between, finding) for finding in self.site.between.findings)

    def examples(self) -> tuple[Found, ...]:
        """Return two findings to learn from: one that agrees after rounding, one that lacks a number."""
        found = (self.with_verdict((verdict,)) for verdict in ("rounded", "unverifiable"))
        return tuple(pairs[0] for pairs in found if pairs)

    # ---- findings beside their figures -----------------------------------------------------------------------------

    def mark(self, page: Page, figure: Figure, own: bool = False) -> dict[str, object] | None:
        """Return the weakest finding that concerns a figure, as a link; None when no claim names it.

        Of a figure that is only an input of claims that hold, the verdict of the result says nothing: it has no mark.
        With `own` only the claims whose result it is count.
        """
        found = self._concerning.get(figure.address, ())
        results = [p for p in found if p[0].claim(p[1].claim_id).result in (figure.figure_id, figure.address)]
        others = [pair for pair in found if pair[1].verdict in ("fails", "malformed")]
        pairs = self.ordered(results if own else [*results, *others])
        if not pairs:
            return None
        report, finding = pairs[0]
        is_own = pairs[0] in results
        label = self.verdict(finding) if is_own else self.words.text(f"mark.{finding.verdict}")
        href = self.url(page, report.claim_address(finding.claim_id))
        return {"code": finding.verdict, "label": label, "href": href}

    @cached_property
    def _concerning(self) -> Mapping[str, Sequence[Found]]:
        """The findings that each figure is a number of, by the figure's address."""
        found: dict[str, list[Found]] = {}
        for report, finding in self.every_finding:
            for figure in self.figures_in(report, finding):
                found.setdefault(figure.address, []).append((report, finding))
        return found

    @cached_property
    def _stated_across(self) -> Mapping[str, Across]:
        """What several reports state, by the address of each figure in it."""
        return {figure.address: group for group in self.site.across for figure in group.figures}

    def note(self, figure: Figure) -> Markup:
        """Return what the reader must know of a figure, and in which other reports the same number stands."""
        note, also = super().note(figure), self.also_printed(figure)
        return Markup("{}. {}").format(note.rstrip("."), also) if note and also else note or also

    def also_printed(self, figure: Figure) -> Markup:
        """Return in which other reports the same number stands, in words; empty when in none."""
        group = self._stated_across.get(figure.address)
        others = group.also_in(figure) if group else ()
        shorts = dict.fromkeys(self.site.report(f.package).data.facts.short(self.language) for f in others)
        return self.t("figure.also_in", reports=self.joined(list(shorts))) if shorts else Markup()

    def _link(self, page: Page, figure: Figure, text: str) -> dict[str, object]:
        """Return a text that leads to a figure's row."""
        return {"text": text, "href": self.url(page, self.anchor(figure))}

    # ---- promises --------------------------------------------------------------------------------------------------

    def promise_table(self, page: Page, found: Sequence[Promise], short: bool = False) -> dict[str, object]:
        """Return targets, a row each; `short` leaves out what was claimed, what it comes to and the outcome."""
        columns = [("promise", "name"), ("target", "value"), ("place", "meta"), ("due", "meta")]
        if not short:
            columns += [("claimed", "meta"), ("computed", "meta"), ("outcome", "meta"), ("note", "note")]
        columns.append(("source", "source"))
        rows: list[dict[str, Any]] = []
        for promise in found:
            figure = promise.figure
            cells: list[object] = [
                {"text": self.result_name(figure), "href": self.url(page, f"chi-tieu/{figure.indicator}/")},
                {**self._link(page, figure, self.target_of(promise)), "unit": self.unit(figure.unit, promise.target)},
                self.place_name(figure.place),
                self.period(figure),
            ]
            if not short:
                attained = promise.attainment
                claimed = self._link(page, attained, self.with_unit(attained)) if attained else None
                cells += [claimed, self._percent(promise), self._outcomes(page, promise), self._promise_note(promise)]
            cells.append(self._link(page, figure, self.source(figure)))
            rows.append({"id": "" if short else promise.id, "cells": cells})
        kept = [i for i in range(len(columns)) if any(row["cells"][i] for row in rows)]
        return {
            "caption": self.words.text("promises.caption"),
            "columns": [{"label": self.words.text(f"column.{columns[i][0]}"), "role": columns[i][1]} for i in kept],
            "rows": [{**row, "cells": [row["cells"][i] for i in kept]} for row in rows],
        }

    def _percent(self, promise: Promise) -> str | None:
        """Return what part of a target its outcome comes to, to the places of the claim, two where none is printed."""
        if promise.computed is None:
            return None
        attained = promise.attainment.value if promise.attainment else None
        places = max(-int(attained.as_tuple().exponent), 0) if attained is not None else 2
        return self.measured(self.decimals(promise.computed, places), "%")

    def _outcomes(self, page: Page, promise: Promise) -> list[dict[str, object]] | None:
        """Return the results that reports state for a target, each with its report where there are several."""
        several = len({outcome.package for outcome in promise.outcomes}) > 1
        by_text: dict[str, Figure] = {}
        shorts: dict[str, list[str]] = {}
        for outcome in promise.outcomes:
            text = self.with_unit(outcome)
            by_text.setdefault(text, outcome)
            shorts.setdefault(text, []).append(self.site.report(outcome.package).data.facts.short(self.language))
        pieces: list[dict[str, object]] = []
        for text, outcome in by_text.items():
            pieces.append(self._link(page, outcome, text))
            pieces.append({"text": f" ({', '.join(shorts[text])}) " if several else " "})
        return pieces or None

    def _promise_note(self, promise: Promise) -> str | None:
        """Return where else a target stands, and where it stands with another amount."""
        notes = []
        others = [f for f in promise.also if f.package != promise.figure.package]
        if others:
            notes.append(self.words.fill("promises.also", sources="; ".join(dict.fromkeys(map(self.source, others)))))
        if promise.moved:
            moved = "; ".join(f"{self.with_unit(f)} ({self.source(f)})" for f in promise.moved)
            notes.append(self.words.fill("promises.moved", targets=moved))
        return " ".join(notes) or None

    def target_of(self, promise: Promise) -> str:
        """Return a target's number; one that is derived says so."""
        if promise.kind == "printed":
            return self.value(promise.figure)
        return self.words.fill("promises.derived", value=self.number(promise.target))

    def open_promises(self) -> tuple[Promise, ...]:
        """Return the targets without an outcome, the nearest first."""
        return tuple(sorted((p for p in self.site.promises if p.is_open), key=lambda p: p.due))

    def due_next(self, most: int) -> tuple[Promise, ...]:
        """Return the headline targets that fall due next: of indicators that some report puts first."""
        first = {r.figure.indicator for report in self.site.reports for r in report.headlines}
        wanted = [p for p in self.open_promises() if p.figure.indicator in first and not p.figure.breakdown]
        return tuple((wanted or list(self.open_promises()))[:most])

    def met_promises(self) -> tuple[Promise, ...]:
        """Return the targets that have an outcome, the latest first."""
        return tuple(p for p in self.site.promises if not p.is_open)

    # ---- reports side by side --------------------------------------------------------------------------------------

    def across_groups(self, same: bool) -> tuple[Across, ...]:
        """Return what several reports state alike, or what they state with a difference."""
        return tuple(group for group in self.site.across if ("same" in group.classes) == same)

    def across_title(self, group: Across) -> str:
        """Return what several reports state: the thing, its place and period."""
        figure = group.figures[0]
        return f"{self.result_name(figure)}, {self.scope(figure)}, {self.period(figure)}"

    def across_classes(self, group: Across) -> str:
        """Return in words in what the statements differ, how far they lie apart, and the reasons somebody found."""
        said = [self.words.text(f"across.{name}") for name in group.classes]
        if group.difference is not None:
            unit = group.figures[0].unit
            unit = "diem-phan-tram" if unit == "phan-tram" else unit
            said.append(self.words.fill("across.difference", amount=self.amount(group.difference, unit)))
        said += dict.fromkeys(r.reason(self.language) for r in group.relations)
        return " ".join(said)

    def dated(self, figure: Figure) -> str:
        """Return up to when a figure counts, else the date of its report, else that neither is printed."""
        facts = self.site.report(figure.package).data.facts
        if figure.as_of:
            return self.words.fill("across.as_of", date=format_date(figure.as_of, self.language))
        if facts.date:
            return self.words.fill("across.report_date", date=format_date(facts.date, self.language))
        if facts.date_earliest:
            return self.words.fill("across.report_after", date=format_date(facts.date_earliest, self.language))
        return self.words.text("across.no_date")
