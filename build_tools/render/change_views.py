"""What pages say of changes: by release, beside a figure, and of what was withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup, escape

from build_tools.figures import Change, Figure
from build_tools.formats import format_date
from build_tools.history import KINDS, Release, cell_of, withdrawn
from build_tools.numbers import CellError, read_cell
from build_tools.packages import Package
from build_tools.render.audit_views import AuditView
from build_tools.schemas import standard
from build_tools.site_model import Page, Report
from build_tools.vocabulary import Body, Indicator, Place, Topic

NUMBERS = ("value", "value_high", "precision")
FEEDS = (("Atom", "feed.xml"), ("JSON Feed", "feed.json"))


class ChangeView(AuditView):
    """Makes the records of changes."""

    def day(self, day: str) -> str:
        """Return a day in words, or that it is not known."""
        return format_date(day, self.language) if day else self.words.text("changes.no_day")

    def counted_changes(self, changes: Sequence[Change]) -> Markup:
        """Return changes counted by whose they are, as a list in a sentence."""
        counts = [(kind, sum(change.kind == kind for change in changes)) for kind in KINDS]
        return self.joined([self.t(f"changes.some_{kind}", n=n) for kind, n in counts if n])

    def changes_sentence(self) -> Markup:
        """Return what has changed on the whole site in one sentence; plainly when nothing has."""
        changes = [change for report in self.site.reports for change in report.data.changes]
        if changes:
            return self.t("changes.lede", kinds=self.counted_changes(changes))
        return self.t("changes.lede_none", figures=len(self.site.figures()), reports=len(self.site.reports))

    def release_title(self, release: Release) -> str:
        """Return what a release is called: the report, the version, and whether it is the first."""
        short = self.site.report(release.package).data.facts.short(self.language)
        key = "release_first_version" if release.is_first and release.version else "release_first"
        key = key if release.is_first else "release"
        return self.words.fill(f"changes.{key}", report=short, version=release.version)

    def release_sentence(self, release: Release) -> Markup:
        """Return when a release was published and what it changed, in one sentence."""
        if not release.is_first:
            return self.t("changes.released", date=self.day(release.date), kinds=self.counted_changes(release.changes))
        data = self.site.report(release.package).data
        later = {change.figure_id for change in data.changes if change.kind == "added"}
        first = ({*data.by_id()} | {change.figure_id for change in withdrawn(data.changes)}) - later
        return self.t("changes.first_text", figures=len(first), date=self.day(release.date))

    def release_entries(self, page: Page) -> list[dict[str, Any]]:
        """Return the releases, the newest first, each with a table for every kind of change in it."""
        return [
            {
                "id": release.anchor,
                "title": self.release_title(release),
                "sentence": self.release_sentence(release),
                "tables": [
                    (self.words.text(f"changes.own_{kind}"), self._table_of(page, release, kind))
                    for kind in KINDS
                    if release.of_kind(kind)
                ],
            }
            for release in self.site.releases()
        ]

    def _table_of(self, page: Page, release: Release, kind: str) -> dict[str, object]:
        names = {"withdrawn": ("figure", "old", "reason"), "added": ("figure", "new", "reason")}
        columns = names.get(kind, ("figure", "old", "new", "reason"))
        what = self.words.text(f"change_kind.{kind}")
        rows = []
        for change in release.of_kind(kind):
            href = self.url(page, f"bao-cao/{release.package}/#{change.figure_id}")
            cells: dict[str, object] = {
                "figure": {"text": self.change_name(release.package, change), "href": href},
                "old": self.change_cell(release.package, change, change.old),
                "new": self.change_cell(release.package, change, change.new),
                "reason": self.change_reason(change),
            }
            rows.append([cells[name] for name in columns])
        return {
            "caption": self.words.fill("changes.caption", what=what, release=self.release_title(release)),
            "columns": [self.words.text(f"changes.column_{name}") for name in columns],
            "rows": rows,
        }

    def change_name(self, package: str, change: Change) -> str:
        """Return what a changed figure is called, by its id where it is gone; and the column, where it is no value."""
        figure = self.site.report(package).figure(change.figure_id)
        name = self.name(figure) if figure is not None else change.figure_id
        column = cell_of(change.old)[0]
        if figure is None or change.kind == "added" or column == "value":
            return name
        return f"{name}, {self._column_title(column)}"

    def _column_title(self, column: str) -> str:
        table = standard("figures") or {}
        key = "title_en" if self.language == "en" else "title"
        titles = {field["name"]: str(field[key]) for field in table["schema"]["fields"]}
        title = titles[column]
        return title[0].lower() + title[1:]

    def change_cell(self, package: str, change: Change, text: str) -> str:
        """Return the old or new cell of a change as a reader would write it, with its unit where it is a value."""
        column, cell = cell_of(text)
        figure = self.site.report(package).figure(change.figure_id)
        if not cell:
            figure = figure if change.kind == "added" else None
            return self.with_unit(figure) if figure is not None else self.words.text("changes.empty")
        if change.kind == "withdrawn":
            return self.quoted(cell)
        if column not in NUMBERS:
            return self._code_name(column, cell)
        try:
            number = read_cell(cell)
        except CellError:
            return self.as_it_stands(cell)
        return self.amount(number, figure.unit) if figure is not None else self.number(number)

    def _code_name(self, column: str, cell: str) -> str:
        """Return a code of a column in words where the site has words for it."""
        vocabulary = self.site.vocabulary
        known: dict[str, Mapping[str, Indicator | Place | Body]] = {
            "indicator": vocabulary.indicators,
            "place": vocabulary.places,
            "body": vocabulary.bodies,
        }
        if cell in known.get(column, {}):
            return known[column][cell].name(self.language)
        if column == "unit" and cell in vocabulary.units:
            return self.unit(cell)
        key = f"{column}.{cell}"
        return self.words.text(key) if self.words.has(key) else self.as_it_stands(cell)

    def change_reason(self, change: Change) -> str:
        """Return why something changed, in the language, marked as Vietnamese where there is no other."""
        english = change.reason_en if self.language == "en" else ""
        return english or self.quoted(change.reason)

    # ---- beside figures --------------------------------------------------------------------------------------------

    def change_mark(self, figure: Figure) -> Markup:
        """Return what became of a figure since the report was published; nothing of one that stands unchanged."""
        changes = self.site.report(figure.package).data.changes
        return Markup("; ").join(
            self._mark_of(figure, change) for change in changes if change.figure_id == figure.figure_id
        )

    def _mark_of(self, figure: Figure, change: Change) -> Markup:
        kind = self.words.text(f"change_kind.{change.kind}")
        if change.kind == "added":
            return self.t("changes.mark_added", kind=kind, version=change.version)
        old, new = (self.change_cell(figure.package, change, text) for text in (change.old, change.new))
        column = cell_of(change.old)[0]
        key = "changes.mark" if column == "value" else "changes.mark_cell"
        return self.t(key, kind=kind, version=change.version, column=self._column_title(column), old=old, new=new)

    def figures_state(self, report: Report) -> Markup:
        """Return whether the figures of a report stand as they were first published, in one sentence."""
        first = self.site.releases_of(report)[-1]
        key = "changes.figures_changed" if report.data.changes else "changes.figures_unchanged"
        return self.t(key, date=self.day(first.date))

    def withdrawn_table(self, report: Report) -> dict[str, object] | None:
        """Return the figures that were withdrawn, each with its anchor: what it was, when, why; None where none was."""
        gone = withdrawn(report.data.changes)
        if not gone:
            return None
        columns = [self.words.text(f"changes.{name}") for name in ("was", "when", "column_reason")]
        rows = [
            [
                self.change_cell(report.name, change, change.old),
                f"{change.version}, {self.day(change.date)}",
                self.change_reason(change),
            ]
            for change in gone
        ]
        return {
            "caption": self.words.text("changes.withdrawn_caption"),
            "columns": columns,
            "rows": rows,
            "row_ids": [change.figure_id for change in gone],
        }

    # ---- of packages and topics ------------------------------------------------------------------------------------

    def version_links(self, page: Page, package: Package) -> list[dict[str, object]]:
        """Return the zips of every published version of a package, the newest first."""
        versions = [package.version, *(old.version for old in reversed(self.site.versions.get(package.name, ())))]
        return [
            {
                "text": self.words.fill(f"changes.version_{'now' if i == 0 else 'old'}", version=version),
                "href": self.url(page, f"du-lieu/{package.name}-{version}.zip"),
                "download": True,
            }
            for i, version in enumerate(versions)
        ]

    def releases_of_topic(self, topic: str) -> tuple[Release, ...]:
        """Return the releases that concern a topic, each with the changes of its figures alone."""
        found = []
        for release in self.site.releases():
            if release.is_first:
                if topic in self.site.topics_of(self.site.report(release.package).data.figures):
                    found.append(release)
                continue
            changes = tuple(c for c in release.changes if self._topic_of(release.package, c) == topic)
            if changes:
                found.append(replace(release, changes=changes))
        return tuple(found)

    def topic_feeds(self, topic: Topic) -> list[dict[str, str]]:
        """Return the links to a topic's feeds, for the head of its page."""
        title = self.words.fill("changes.feed_title_topic", topic=topic.name(self.language))
        kinds = (("feed.xml", "application/atom+xml"), ("feed.json", "application/feed+json"))
        return [{"href": f"chu-de/{topic.topic}/{name}", "type": kind, "title": title} for name, kind in kinds]

    def feed_links(self, page: Page) -> list[dict[str, object]]:
        """Return the feeds of the site and of every topic as groups of links."""
        root = f"{self.prefix}/" if self.prefix else ""
        whole = [{"text": text, "href": self.url(page, f"{root}{name}")} for text, name in FEEDS]
        by_topic = [
            {"text": topic.name(self.language), "href": self.url(page, f"{root}chu-de/{topic.topic}/{FEEDS[0][1]}")}
            for topic in self.site.topics()
        ]
        return [
            {"label": self.words.text("changes.feeds"), "links": whole},
            {"label": self.words.text("changes.by_topic"), "links": by_topic},
        ]

    def _topic_of(self, package: str, change: Change) -> str:
        """Return the topic of a changed figure; of one that is gone, by the last version that is kept of it."""
        figure = self.site.report(package).figure(change.figure_id)
        cells = (old.figures.get(change.figure_id) for old in reversed(self.site.versions.get(package, ())))
        kept = next((one["indicator"] for one in cells if one), "")
        indicator = self.site.vocabulary.indicators.get(figure.indicator if figure is not None else kept)
        return indicator.topic if indicator is not None else ""


def lines_of(view: ChangeView, release: Release) -> Iterable[Markup]:
    """Yield each change of a release as a line of HTML, those of one kind together."""
    for kind in KINDS:
        for change in release.of_kind(kind):
            said = escape(view.words.text(f"change_kind.{kind}"))
            name = escape(view.change_name(release.package, change))
            old, new = (escape(view.change_cell(release.package, change, text)) for text in (change.old, change.new))
            cells = {"withdrawn": old, "added": new}.get(kind, Markup("{} → {}").format(old, new))
            yield Markup("{}: {}: {}. {}").format(said, name, cells, view.change_reason(change))
