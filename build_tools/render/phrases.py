"""The records of a site in the words of one language: names, values, periods, sources, sentences."""

import posixpath
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache

from markupsafe import Markup, escape

from build_tools.audit.finding import Finding, cut
from build_tools.audit.promises import Result
from build_tools.figures import Figure, Span
from build_tools.formats import NO_BREAK_SPACE, format_date, format_number, format_period
from build_tools.render.table_phrases import table_chart
from build_tools.series import Point, Series, period_year
from build_tools.site_model import (
    Audited,
    Beside,
    Chart,
    Mark,
    Page,
    Parts,
    PlannedChart,
    Report,
    Site,
    Years,
    figures_in,
)
from build_tools.table_charts import TableChart
from build_tools.words import Words


class Phrases:
    """Says what the records of a site hold, in one language."""

    def __init__(self, site: Site, words: Words):
        self.site = site
        self.words = words
        self.language = words.language
        self.prefix = words.prefix

    # ---- words -----------------------------------------------------------------------------------------------------

    def t(self, key: str, **values: object) -> Markup:
        """Return a text of the language with its places filled; values that are Markup stay as they are."""
        text = self.words.choose(self.words.text(key), values)
        out = Markup()
        for plain, place in self.words.pieces(text):
            out += escape(plain)
            if place:
                value = values[place]
                out += value if isinstance(value, Markup) else escape(self.words.shown(value))
        return out

    def joined(self, items: Sequence[object]) -> Markup:
        """Return items as a list in a sentence: a, b và c."""
        parts = [item if isinstance(item, Markup) else escape(item) for item in items]
        if len(parts) < 2:
            return Markup().join(parts)
        return self.t("list.last", before=Markup(", ").join(parts[:-1]), last=parts[-1])

    def quoted(self, text: str) -> str:
        """Return words that stand in Vietnamese, marked as such on a page of another language."""
        if self.language == "vi" or not text:
            return text
        return Markup('<span lang="vi">{}</span>').format(text)

    def as_it_stands(self, cell: str) -> str:
        """Return a cell of data, which is Vietnamese where its letters are."""
        letters = unicodedata.normalize("NFD", cell)
        return self.quoted(cell) if any(c in "đĐ" or unicodedata.combining(c) for c in letters) else cell

    def noted(self, vietnamese: str, english: str, missing: str = "figure.note_in_vietnamese") -> str:
        """Return a note in the language; of one that stands in Vietnamese alone, the text that there is one."""
        if self.language == "vi" or not vietnamese:
            return vietnamese
        return english or self.words.text(missing)

    def strong(self, number: int) -> Markup:
        """Return a number that a sentence turns on."""
        return Markup("<strong>{}</strong>").format(self.words.shown(number))

    @staticmethod
    def plain(text: object) -> str:
        """Return Markup as plain text."""
        return escape(text).striptags()  # what is no Markup has no tags, whatever it looks like

    def number(self, value: Decimal | int) -> str:
        """Return a number as the language writes it, its decimals kept."""
        return format_number(Decimal(value), self.language)

    def unit(self, unit: str, value: Decimal | None = None) -> str:
        """Return the symbol of a unit, for one of it that of the singular where the language has one."""
        found = self.site.vocabulary.units[unit]
        if self.language == "vi":
            return found.symbol_vi
        return (str(value) == "1" and found.one_en) or found.symbol_en

    def unit_of(self, figure: Figure) -> str:
        """Return the symbol of a figure's unit, as it stands after its number."""
        return self.unit(figure.unit, figure.value if figure.value_high is None else None)

    def measured(self, number: str, symbol: str) -> str:
        """Return a number with the symbol of its unit: `17.034 người`, `2,27 %`, in English `2.27%`."""
        return f"{number}{self.words.text('list.before_percent') if symbol == '%' else NO_BREAK_SPACE}{symbol}"

    def bare(self, figure: Figure) -> str:
        """Return a figure's number, a range with its dash, without unit or qualifier."""
        if figure.value is None:
            return self.words.text("figure.unrecoverable")
        low = self.number(figure.value)
        return f"{low}–{self.number(figure.value_high)}" if figure.value_high is not None else low

    def qualifier(self, figure: Figure) -> str:
        """Return the word before a number that is not exact, empty for one that is."""
        return "" if figure.qualifier == "exact" else self.words.text(f"qualifier.{figure.qualifier}")

    def value(self, figure: Figure) -> str:
        """Return a figure's number with its qualifier: `hơn 32`."""
        return " ".join(filter(None, (self.qualifier(figure), self.bare(figure))))

    def with_unit(self, figure: Figure) -> str:
        """Return a figure's number with qualifier and unit: `hơn 32 tỷ đồng`, `2,27 %`."""
        return self.measured(self.value(figure), self.unit_of(figure))

    def amount(self, value: Decimal, unit: str) -> str:
        """Return any number with a unit."""
        return self.measured(self.number(value), self.unit(unit, value))

    def name(self, figure: Figure) -> str:
        """Return what a figure measures: the indicator, and the part of it where it is a part."""
        vocabulary = self.site.vocabulary
        name = vocabulary.indicators[figure.indicator].name(self.language)
        if figure.breakdown:
            name += f": {vocabulary.breakdowns[figure.breakdown].name(self.language).lower()}"
        return name

    def result_name(self, figure: Figure) -> str:
        """Return what a result measures: a change says that it is one."""
        name = self.name(figure)
        if figure.measure != "change":
            return name
        kind = self.kind(figure)
        return self.words.fill("figure.change_of", name=name, kind=kind[0].lower() + kind[1:])

    def thing_name(self, figure: Figure) -> str:
        """Return what a figure measures, and what sort of number it is where it is not the result itself."""
        if figure.stance == "actual" and figure.measure in ("level", "share"):
            return self.name(figure)
        kind = self.kind(figure)
        return self.words.fill("figure.change_of", name=self.name(figure), kind=kind[0].lower() + kind[1:])

    def part(self, figure: Figure) -> str:
        """Return the name of a figure's breakdown, "toàn bộ" for the whole."""
        if not figure.breakdown:
            return self.words.text("figure.whole")
        return self.site.vocabulary.breakdowns[figure.breakdown].name(self.language)

    def kind(self, figure: Figure) -> str:
        """Return what sort of number it is: result, target, attainment, decrease from 2022 …"""
        if figure.measure in ("change", "growth", "gap"):
            base = figure.base
            if base == "plan":
                words = self.words.fill(f"kind_of.{figure.measure}_{figure.direction}_plan")
            else:
                known = self.site.vocabulary.inputs.get(base)
                base = known.name(self.language) if known else base.replace("/", "–")
                words = self.words.fill(f"kind_of.{figure.measure}_{figure.direction}", base=base)
        elif figure.measure in ("attainment", "index", "rank", "score"):
            words = self.words.text(f"kind_of.{figure.measure}")
        else:
            words = self.words.text(f"kind_of.{figure.stance}")
            if figure.stance != "actual":
                return words
        if figure.stance in ("target", "planned") and figure.measure not in ("level", "share"):
            words = self.words.fill("kind_of.of_target", words=words[0].lower() + words[1:])
        said = figure.extent != "total" and (figure.measure == "level" or figure.extent != "stock")
        extras = [self.words.text(f"extent.{figure.extent}")] if said else []
        if figure.status != "final":
            extras.append(self.words.text(f"status.{figure.status}"))
        return " · ".join([words, *extras])

    def period(self, figure: Figure) -> str:
        """Return the period a figure speaks of, with its cut-off where one is printed."""
        period = format_period(figure.period_start, figure.period_end, self.language)
        if figure.as_of:
            return self.words.fill("figure.as_of", period=period, date=format_date(figure.as_of, self.language))
        return period

    def when(self, figure: Figure) -> str:
        """Return the period as it begins a sentence: `năm 2023`."""
        key = "figure.in_year" if period_year(figure) and not figure.as_of else "figure.in_period"
        return self.words.fill(key, period=self.period(figure))

    def report_period(self, report: Report) -> str:
        """Return the period of a report."""
        return format_period(report.data.facts.period_start, report.data.facts.period_end, self.language)

    def report_when(self, report: Report) -> str:
        """Return the period of a report after its place: `năm 2023`, `giai đoạn 2015–2020`."""
        facts = report.data.facts
        whole = (facts.period_start[4:], facts.period_end[4:]) == ("-01-01", "-12-31")
        one = whole and facts.period_start[:4] == facts.period_end[:4]
        return self.words.fill("figure.of_year" if one else "figure.in_years", period=self.report_period(report))

    def place_name(self, place: str) -> str:
        """Return the short name of a place."""
        return self.site.vocabulary.places[place].short(self.language)

    def body_name(self, body: str) -> str:
        """Return the name of who or what is counted."""
        return self.site.vocabulary.bodies[body].name(self.language)

    def scope(self, figure: Figure) -> str:
        """Return place and body: `Thừa Thiên Huế · Sở …`, the place alone for a whole province or country."""
        place = self.place_name(figure.place)
        whole = figure.body in ("toan-tinh", "toan-quoc")
        return place if whole else f"{place} · {self.body_name(figure.body)}"

    def section(self, span: Span) -> str:
        """Return where in the report a span stands: `mục I.2, dòng 124`."""
        return self._lines(span.section, str(span.line), 1)

    def section_name(self, section: str) -> str:
        """Return a section as a reader knows it: `mục I.2`, `chú thích 3`."""
        kind, _, number = section.partition(" ")
        if kind == "footnote" and number:
            return self.words.fill("source.footnote", section=number)
        return self.words.fill("source.section", section=section)

    def _lines(self, section: str, lines: str, n: int) -> str:
        if section:
            return self.words.fill("source.section_line", section=self.section_name(section), line=lines, n=n)
        return self.words.fill("source.line", line=lines, n=n)

    def source(self, figure: Figure) -> str:
        """Return the report and the place in it: `Huế 2023, mục I.2, dòng 124`."""
        report = self.site.report(figure.package)
        short = report.data.facts.short(self.language)
        return f"{short}, {self.section(figure.spans[0])}" if figure.spans else short

    def sources(self, figures: Sequence[Figure]) -> str:
        """Return the place of several figures of one report: `Mục I.2, dòng 124–132`."""
        spans = sorted((f.spans[0] for f in figures if f.spans), key=lambda s: s.line)
        if not spans:
            return ""
        several = spans[0].line != spans[-1].line
        lines = f"{spans[0].line}–{spans[-1].line}" if several else str(spans[0].line)
        n = 2 if several else 1
        sections = list(dict.fromkeys(span.section for span in spans if span.section))
        text = self._lines(sections[0] if len(sections) == 1 else "", lines, n)
        return text[0].upper() + text[1:]

    def note(self, figure: Figure) -> Markup:
        """Return what the reader must know of a figure: how it was printed where that differs, and its note."""
        notes: list[str] = []
        span = figure.spans[0] if figure.spans else None
        if span is not None and span.reading not in ("plain", ""):
            notes.append(self.t(f"reading.{span.reading}", as_written=self.quoted(span.as_written)))
        if figure.unit_written:
            written = self.quoted(figure.unit_written)
            notes.append(self.t("figure.unit_written", written=written, meant=self.unit(figure.unit)))
        if len(figure.spans) > 1:
            lines = ", ".join(str(s.line) for s in figure.spans[1:])
            notes.append(self.words.fill("figure.printed_again", lines=lines, n=len(figure.spans) - 1))
        if figure.note:
            notes.append(self.noted(figure.note, figure.note_en))
        return Markup("; ").join(notes)

    # ---- links -----------------------------------------------------------------------------------------------------

    def placed(self, address: str) -> str:
        """Return where something of this language stands below the root of the site."""
        return posixpath.join(self.prefix, address)

    def url(self, page: Page, target: str) -> str:
        """Return the relative link from a page to a page of its language, or to a file.

        An address that ends in a slash, or is empty, is a page's. All others are of files, which stand at the root.
        """
        path, sign, anchor = target.partition("#")
        if path == page.address and sign:
            return f"#{anchor}"
        return _route(self.prefix, page.address, path) + sign + anchor

    @staticmethod
    def anchor(figure: Figure) -> str:
        """Return the address of a figure: its row on the report's page."""
        return f"bao-cao/{figure.package}/#{figure.figure_id}"

    def place_in_text(self, figure: Figure) -> str:
        """Return the address of a figure's place in the report's text, of its row where the text is not at hand."""
        if self.site.report(figure.package).text is None or not figure.spans:
            return self.anchor(figure)
        return f"bao-cao/{figure.package}/van-ban/#{figure.figure_id}"

    def figure_link(self, page: Page, figure: Figure, text: str = "") -> Markup:
        """Return a figure's number, or a text that says it, as a link to its row in the report."""
        text = text or self.with_unit(figure)
        return Markup('<a class="figure" href="{}">{}</a>').format(self.url(page, self.anchor(figure)), text)

    # ---- results and findings ----------------------------------------------------------------------------------------

    def result_sentence(self, result: Result) -> str:
        """Return a result in one sentence, for whoever cannot see the chart."""
        figure = result.figure
        values: dict[str, object] = {
            "name": self.result_name(figure),
            "place": self.place_name(figure.place),
            "period": self.period(figure),
            "value": self.with_unit(figure),
        }
        if result.target is None:
            return self.words.fill("sentence.result", **values)
        values["target"] = self.amount(result.target, figure.unit)
        return self.words.fill(f"sentence.result_{result.target_kind}", **values)

    def target_line(self, result: Result) -> str:
        """Return what is known of a result's target, after the word that says the result is not exact."""
        qualifier = self.qualifier(result.figure)
        line = self._target(result)
        if not qualifier:
            return line
        line = line[0].lower() + line[1:]
        return self.words.fill("target.qualified", qualifier=qualifier[0].upper() + qualifier[1:], target=line)

    def _target(self, result: Result) -> str:
        """Return what is known of a result's target: printed, worked out, or not printed."""
        return self._target_as(result, lambda _, text: text).unescape()

    def _target_as(self, result: Result, shown: Callable[[Figure, str], str]) -> Markup:
        """Return what is known of a result's target; `shown` says how the text of a printed number is written."""
        attained = shown(result.attainment, self.with_unit(result.attainment)) if result.attainment else ""
        source = result.target_figure
        if result.target is not None:
            target = self.amount(result.target, result.figure.unit)
            if result.target_kind == "printed":
                key = "target.printed_attained" if attained else "target.printed"
                return self.t(key, target=shown(source, target) if source is not None else target, attained=attained)
            if source is not None and source.measure == "gap":
                gap = self.measured(self.bare(source), source.unit_written or self.unit(source.unit))
                return self.t("target.derived_gap", target=target, gap=shown(source, gap))
            return self.t("target.derived", target=target, attained=attained)
        if attained:
            return self.t("target.attained_only", attained=attained)
        return self.t("target.not_printed" if result.claim_id else "target.none")

    def hint(self, result: Result) -> str:
        """Return the hint that lower is better, where it is."""
        indicator = self.site.vocabulary.indicators[result.figure.indicator]
        return self.words.text("figure.lower_is_better") if indicator.better == "lower" else ""

    def verdict(self, finding: Finding) -> str:
        """Return the words of a finding's verdict."""
        return self._verdict(finding, finding.verdict)

    def as_read(self, finding: Finding) -> str:
        """Return in words the verdict of a finding with its misprint read as meant, where it has one."""
        if not finding.verdict_as_read:
            return ""
        return self.words.fill("finding.as_read", verdict=self._verdict(finding, finding.verdict_as_read).lower())

    def _verdict(self, finding: Finding, verdict: str) -> str:
        """Return the words of a verdict; where two sides are compared nothing is stated, and it holds or does not."""
        bound = f"verdict_of_bound.{verdict}"
        is_bound = finding.stated is None and self.words.has(bound)
        return self.words.text(bound if is_bound else f"verdict.{verdict}")

    def figures_in(self, report: Audited, finding: Finding) -> tuple[Figure, ...]:
        """Return the figures a finding rests on, the result first."""
        return figures_in(report, finding)

    def question(self, report: Audited, finding: Finding) -> Markup:
        """Return the question a finding answers, as a title."""
        claim = report.claim(finding.claim_id)
        result = report.figure(claim.result)
        named = self.figures_in(report, finding)
        written = self.quoted(claim.as_written)
        values: dict[str, object] = {
            "name": self.name(result) if result else (self.name(named[0]) if named else written),
            "value": self.with_unit(result) if result else claim.result,
            "n": len(claim.items) or max(len(finding.inputs) - 1, 0),
            "as_written": written,
        }
        if result is not None and result.measure in ("change", "growth", "gap"):
            kind = self.kind(result)
            values["kind"] = kind[0].lower() + kind[1:]
        key = f"question.{claim.rule}"
        if claim.rule == "attainment" and finding.missing:
            key = "question.attainment_missing"
        if claim.rule == "difference" and "kind" not in values:
            key = "question.difference_plain"
        if claim.rule == "score" and not claim.result:
            key = "question.score_bound"
        if claim.rule == "ratio" and result is None:
            key = "question.ratio_plain"
        return self.t(key, **values)

    def stated(self, report: Audited, finding: Finding) -> str:
        """Return what the report prints for a claim, with its unit; nothing for the 100 that shares make."""
        claim = report.claim(finding.claim_id)
        result = report.figure(claim.result)
        if result is not None:
            return self.with_unit(result)
        return self.number(finding.stated) if finding.stated is not None and claim.rule != "total100" else ""

    def computed(self, report: Audited, finding: Finding) -> str:
        """Return what the calculation gives, in the unit and about the places of what is printed."""
        if finding.computed is None:
            return ""
        result = report.figure(report.claim(finding.claim_id).result)
        shown = self.decimals(finding.computed, finding.places)
        if finding.computed_high is not None and finding.computed_high != finding.computed:
            shown = f"{shown}–{self.decimals(finding.computed_high, finding.places)}"
        return self.measured(shown, self.unit(result.unit, finding.computed)) if result is not None else shown

    def decimals(self, value: Decimal, places: int) -> str:
        """Return a computed number as the working shows it: an ellipsis stands where decimals were cut."""
        shown, is_cut = cut(value, places)
        return self.number(shown) + ("…" if is_cut else "")

    def difference(self, report: Audited, finding: Finding) -> str:
        """Return in words how far what is printed lies from what the calculation gives."""
        if finding.verdict != "fails" or finding.difference is None:
            return ""
        result = report.figure(report.claim(finding.claim_id).result)
        amount = self.decimals(abs(finding.difference), finding.places)
        if result is not None:
            unit = "diem-phan-tram" if result.unit == "phan-tram" else result.unit
            if unit in self.site.vocabulary.units:
                amount = self.measured(amount, self.unit(unit, abs(finding.difference)))
        return self.words.fill("finding.difference", amount=amount)

    def missing(self, finding: Finding) -> str:
        """Return in words which inputs nobody printed, or which are assumed."""
        if finding.assumed:
            parts = [
                self.words.fill("finding.assumed_input", name=self.input_name(name), value=self.number(value))
                for name, value in finding.assumed
            ]
            return self.words.fill("finding.assumed", inputs=", ".join(parts))
        if finding.missing:
            return self.words.fill("finding.missing", inputs=", ".join(map(self.input_name, finding.missing)))
        return ""

    def working(self, page: Page, report: Audited, finding: Finding) -> list[str | dict[str, object]]:
        """Return the working of a finding as pieces of text: each figure's number leads to its row.

        Inputs that nobody printed are marked as missing. Of a range the two ends stand one after the other, as text.
        """
        if any(token.value_high is not None for token in finding.working):
            return [self.words.working(finding)]
        pieces: list[str | dict[str, object]] = []
        if finding.rule == "count" and len(finding.working) == 1:
            pieces.append(self.words.text("finding.counted"))
        elif finding.rule == "equal" and finding.stated is not None and len(finding.working) == 1:
            pieces.append(f"{self.number(finding.stated)} = ")
        for token in finding.working:
            figure = report.figure(token.figure_id)
            text = self.words.token(finding, token)
            if token.kind == "missing":
                pieces.append({"text": self.input_name(token.name), "missing": True})
            elif token.kind == "assumed" and token.value is not None:
                value = self.number(token.value)
                assumed = self.words.fill("finding.input_assumed", name=self.input_name(token.name), value=value)
                pieces.append({"text": assumed, "missing": True})
            elif figure is not None:
                pieces.append({"text": text, "href": self.url(page, self.anchor(figure))})
            else:
                pieces.append(text)
        return pieces

    def input_name(self, name: str) -> str:
        """Return the words for an input that nobody printed."""
        found = self.site.vocabulary.inputs.get(name)
        return found.name(self.language) if found else name.replace("_", " ")

    def kind_name(self, kind: str, n: int = 1) -> str:
        """Return the words for a kind of span, or for several of that kind."""
        return self.words.fill(f"kind.{kind}", n=n)

    # ---- charts ----------------------------------------------------------------------------------------------------

    def chart(self, planned: PlannedChart) -> Chart:
        """Return a planned chart in the words of a language."""
        shows, words = planned.shows, self.words
        if isinstance(shows, TableChart):
            return table_chart(planned, shows, words)
        if isinstance(shows, Beside):
            return self._chart_beside(planned, shows)
        if isinstance(shows, Years):
            return self._chart_years(planned, shows)
        report = self.site.report(planned.package)
        short = report.data.facts.short(self.language)
        if isinstance(shows, Parts):
            valued = [(figure, figure.value) for figure in shows.parts if figure.value is not None]
            marks = [Mark(self.part(f), value, self.with_unit(f), _role(f)) for f, value in valued]
            total = shows.total
            role = "total" if _role(total) == "actual" else "total_estimate"
            marks.append(Mark(words.text("chart.total"), total.value or Decimal(0), self.with_unit(total), role))
            name = self.name(total)
            listed = self.words.text("list.separator").join(f"{m.label} {m.text}" for m in marks[:-1])
            sentence = words.fill("chart.parts_sentence", name=name, total=self.with_unit(total), parts=listed)
            title = words.fill("chart.parts_title", name=name, report=short)
            unit = self.unit(total.unit)
        else:
            figure = shows.figure
            unit = self.unit(figure.unit)
            label = f"{self.place_name(figure.place)}, {self.period(figure)}"
            marks = [Mark(label, figure.value or Decimal(0), self.with_unit(figure), _role(figure))]
            if shows.target is not None:
                role = "target" if shows.target_kind == "printed" else "target_derived"
                target = self.amount(shows.target, figure.unit)
                marks.append(Mark(label, shows.target, words.fill("chart.target_label", target=target), role))
            title = words.fill("chart.target_title", name=self.result_name(figure), report=short)
            sentence = self.result_sentence(shows)
        return Chart(planned.chart, planned.kind, title, sentence, unit, tuple(marks))

    def _chart_beside(self, planned: PlannedChart, shows: Beside) -> Chart:
        """Return figures side by side; what keeps them from being compared is said in sentence and caveats."""
        words = self.words
        marks: list[Mark] = []
        listed: list[str] = []
        several = len({result.figure.indicator for result in shows.results}) > 1
        for result in shows.results:
            figure = result.figure
            named = (self.name(figure) if several else "", self.scope(figure), self.period(figure))
            label = ", ".join(filter(None, named))
            shown = self.with_unit(figure)
            marks.append(Mark(label, figure.value or Decimal(0), shown, _role(figure)))
            if result.target is not None:
                role = "target" if result.target_kind == "printed" else "target_derived"
                target = words.fill("chart.target_label", target=self.amount(result.target, figure.unit))
                marks.append(Mark(label, result.target, target, role))
                derived = f" ({words.text('chart.year_target_derived')})" if role == "target_derived" else ""
                shown = f"{shown}, {target}{derived}"
            listed.append(words.fill("chart.listed", name=label, values=shown))
        first = shows.results[0].figure
        asked = shows.title_en if self.language == "en" else shows.title_vi
        title = asked or words.fill("chart.places_title", name=self.name(first))
        indicator = self.site.vocabulary.indicators[first.indicator]
        note = indicator.comparability_en if self.language == "en" else indicator.comparability_vi
        said = [words.text(f"comparability.{aspect}") for aspect in shows.differ]
        caveats = " ".join([*said, note] if note and not several else said)
        name = title if several else self.name(first)
        sentence = words.fill("chart.beside_sentence", name=name, values=words.text("list.separator").join(listed))
        sentence = " ".join(filter(None, (sentence, caveats)))
        return Chart(planned.chart, planned.kind, title, sentence, self.unit(first.unit), tuple(marks), caveats)

    def _chart_years(self, planned: PlannedChart, shows: Years) -> Chart:
        """Return series over years, a panel for each; what keeps their points apart is said in words."""
        words = self.words
        several = len(shows.series) > 1
        parts = len({one.figure.breakdown for one in shows.series}) > 1
        places = len({(one.figure.place, one.figure.body) for one in shows.series}) > 1
        marks: list[Mark] = []
        listed: list[str] = []
        for one in shows.series:
            named = (self._scope_of(one) if places or not several else "", self.part(one.figure) if parts else "")
            panel = ", ".join(filter(None, named))
            drawn = [mark for point in one.points for mark in self._marks_of(point, panel if several else "")]
            marks += drawn
            years = [self._year(point) for point in one.points if point.value is not None or point.target is not None]
            values = ", ".join(years)
            listed.append(words.fill("chart.listed", name=panel, values=values) if several else values)
        first = shows.series[0].figure
        indicator = self.site.vocabulary.indicators[first.indicator]
        name = indicator.name(self.language) if parts else self.name(first)
        where = "" if places else self._scope_of(shows.series[0])
        title = words.fill("chart.years_title_in" if where else "chart.years_title", name=name, place=where)
        broken = list(dict.fromkeys(mark.broken for mark in marks if mark.broken))
        note = indicator.comparability_en if self.language == "en" else indicator.comparability_vi
        caveats = " ".join(filter(None, (*(f"{text[0].upper()}{text[1:]}." for text in broken), note)))
        sentence = words.fill("chart.beside_sentence", name=title, values=words.text("list.separator").join(listed))
        sentence = " ".join(filter(None, (sentence, caveats)))
        kept = (planned.chart, planned.kind, title, sentence, self.unit(first.unit), tuple(marks), caveats)
        return Chart(*kept, beside=shows.reach)

    def _scope_of(self, series: Series) -> str:
        """Return whom a series is of; a place that goes on under another name has both."""
        return " / ".join(dict.fromkeys(self.scope(p.figure) for p in series.points if p.value is not None))

    def _marks_of(self, point: Point, panel: str) -> list[Mark]:
        """Return what is drawn of a year."""
        marks: list[Mark] = []
        year, unit = str(point.year), point.figure.unit
        if point.value is not None:
            derived = point.change is not None
            text = self.amount(point.value, unit) if derived else self.with_unit(point.figure)
            role = "derived" if derived else _role(point.figure)
            marks.append(Mark(year, point.value, text, role, panel, self._break(point)))
        if point.target is not None:
            role = "target" if point.target_kind == "printed" else "target_derived"
            text = self.words.fill("chart.target_label", target=self.amount(point.target, unit))
            marks.append(Mark(year, point.target, text, role, panel))
        return marks

    def _break(self, point: Point) -> str:
        """Return in words why a series does not run on to a year."""
        if point.broken == "standard" and point.standard is not None:
            name = point.standard.name(self.language)
            return self.words.fill("chart.broken_standard", year=str(point.standard.since), standard=name)
        return self.words.fill("chart.broken_borders", year=str(point.year)) if point.broken else ""

    def _year(self, point: Point) -> str:
        """Return a year of a series in words: value, whether it is derived or estimated, target."""
        said = []
        for mark in self._marks_of(point, ""):
            key = f"chart.year_{mark.role}"
            text = f"{mark.text} ({self.words.text(key)})" if self.words.has(key) else mark.text
            said.append(text)
        return self.words.fill("chart.year", year=str(point.year), values=", ".join(said))


@lru_cache(maxsize=2**16)
def _route(prefix: str, here: str, path: str) -> str:
    """Return the relative link from a page of a language to another, or to a file at the root."""
    is_page = path.endswith("/") or not path
    there = posixpath.join("/", prefix, path) if is_page else "/" + path
    return posixpath.relpath(there, posixpath.join("/", prefix, here)) + ("/" if is_page else "")


def _role(figure: Figure) -> str:
    """Return how a printed value is drawn: hollow where it is an estimate or "about"."""
    return "estimate" if Result(figure).is_estimate else "actual"
