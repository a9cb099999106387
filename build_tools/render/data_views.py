"""What the pages of packages and tables show that others made: their columns in words, rows, metadata, faults."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from build_tools.cells import Field
from build_tools.faults import Fault, limited, message, place, remedy
from build_tools.formats import format_date
from build_tools.links import listed, safe_link, words_in
from build_tools.packages import Package, Table
from build_tools.render.table_phrases import column_title, span_text
from build_tools.render.views import View
from build_tools.site_model import Page
from build_tools.table_charts import key_numbers

MOST_SAMPLED = 50  # rows of a table that its page shows
MOST_SAMPLED_LETTERS = 20_000  # of all cells together with their markup: a page stays small however wide its table is
LETTERS_OF_MARKUP = 20  # around each cell
MOST_COLUMNS = 60  # of the rows that a page shows
MOST_DESCRIBED = 100  # columns that a page describes
LONGEST_DESCRIPTION = 400  # characters of what a column means, fewer where there are many columns
MOST_DESCRIBING = 10_000  # characters of what all columns mean
LONGEST_CELL = 160  # characters of a cell on a page
MOST_ENUM = 12  # values that a column may have, said one by one
MOST_FAULTS = 30  # of a package, said one by one

Part = str | dict[str, object]


class DataView(View):
    """Makes what the pages of data print."""

    # ---- a package -------------------------------------------------------------------------------------------------

    def is_report(self, package: Package) -> bool:
        """Return whether a package is a report or belongs to those."""
        return package.kind != "other"

    def package_lede(self, package: Package) -> str:
        """Return how large a package is and which version it is."""
        numbers = {"tables": len(package.tables), "rows": self.total_rows(package)}
        if package.version:
            return self.words.fill("package.lede", version=package.version, **numbers)
        return self.words.fill("package.lede_bare", **numbers)

    def package_title(self, package: Package) -> str:
        """Return a package's title in the language, its name where it has none."""
        return package.text("title", self.language) or package.name

    def package_numbers(self, package: Package) -> list[dict[str, object]]:
        """Return what a package is in numbers: tables, rows, the times it spans."""
        numbers = [key_numbers(table) for table in package.tables]
        entries = [
            ("tables.n_tables", self.words.shown(len(package.tables))),
            ("tables.n_rows", self.words.shown(self.total_rows(package))),
        ]
        times = sorted(str(n[name]) for n in numbers for name in ("first", "last") if name in n)
        if times:
            entries.append(("tables.span", span_text(times[0], times[-1], self.language)))
        return [{"term": self.words.text(key), "text": text} for key, text in entries]

    def table_numbers(self, table: Table) -> list[dict[str, object]]:
        """Return what a table is in numbers: rows, columns, the times it spans, how many categories it tells apart."""
        found = key_numbers(table)
        entries = [
            (self.words.text("tables.n_rows"), self.words.shown(found["rows"])),
            (self.words.text("tables.n_columns"), self.words.shown(found["columns"])),
        ]
        if "first" in found:
            span = span_text(str(found["first"]), str(found["last"]), self.language)
            entries.append((self.words.text("tables.span"), span))
        category = found.get("category")
        if isinstance(category, Field):
            n, column = found["categories"], column_title(category, self.language)
            entries.append(
                (self.words.text("tables.categories"), self.words.fill("tables.n_categories", n=n, column=column))
            )
        return [{"term": term, "text": text} for term, text in entries]

    def table_list(self, page: Page, package: Package) -> dict[str, object]:
        """Return the tables of a package, a row each."""
        columns: list[object] = [
            self.words.text("tables.table"),
            self.words.text("dictionary.meaning"),
            {"text": self.words.text("tables.n_rows"), "right": True},
            {"text": self.words.text("tables.n_columns"), "right": True},
            self.words.text("tables.file"),
        ]
        rows = []
        for table in package.tables:
            base = f"du-lieu/{package.name}/{table.name}"
            text = self.table_description(table)
            rows.append(
                [
                    {"text": self.table_title(table), "href": self.url(page, f"{base}/")},
                    _cut(text) or None,
                    self.words.shown(len(table.rows)),
                    self.words.shown(len(table.fields)),
                    {"text": f"CSV, {self.size(len(table.content))}", "href": self.url(page, f"{base}.csv")},
                ]
            )
        return {"caption": self.words.text("tables.tables"), "columns": columns, "rows": rows}

    def metadata(self, package: Package) -> list[dict[str, object]]:
        """Return what a package says of itself: version, dates, licences, sources, people, keywords, homepage."""
        about = package.descriptor
        created = about.get("created")
        words = words_in(about.get("keywords"))
        people = [
            self._linked(item, "title", "path", ("role", "organization")) for item in listed(about.get("contributors"))
        ]
        entries: list[tuple[str, Sequence[Part]]] = [
            ("package.version", [package.version] if package.version else []),
            ("package.created", [self._day(created)] if isinstance(created, str) else []),
            ("package.licence", self._joined([self._linked(x, "title", "path") for x in self._licences(about)])),
            ("package.source", self._joined([self._linked(x, "title", "path") for x in listed(about.get("sources"))])),
            ("tables.contributors", self._joined(people)),
            ("tables.keywords", [", ".join(words)] if words else []),
            ("tables.homepage", self._address(about.get("homepage"))),
        ]
        return [{"term": self.words.text(key), "text": list(parts)} for key, parts in entries if any(parts)]

    def _licences(self, about: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the licences; those of the first version of the format call their parts otherwise."""
        return [
            {
                "title": x.get("title") or x.get("name") or x.get("id") or x.get("type"),
                "path": x.get("path") or x.get("url"),
            }
            for x in listed(about.get("licenses"))
        ]

    def _day(self, text: str) -> str:
        try:
            return format_date(text[:10], self.language)
        except ValueError:
            return text

    def _address(self, address: object) -> list[Part]:
        """Return an address as a link where that is safe, else as the text it is."""
        href = safe_link(address)
        if href:
            return [{"text": href, "href": href}]
        return [address] if isinstance(address, str) else []

    def _linked(self, item: Mapping[str, Any], title: str, path: str, more: Iterable[str] = ()) -> list[Part]:
        """Return something with a title and an address: the title as a link; an unsafe address stays text."""
        text = self._text_of(item, title) or str(item.get("name") or item.get("email") or "")
        address = item.get(path)
        href = safe_link(address)
        beside = ", ".join(str(item[key]) for key in more if isinstance(item.get(key), str))
        end = f" ({beside})" if beside else ""
        if href:
            return [{"text": text or href, "href": href}, end]
        shown = f" {address}" if isinstance(address, str) and text else address if isinstance(address, str) else ""
        return [f"{text}{shown}{end}"]

    def _joined(self, groups: Sequence[Sequence[Part]]) -> list[Part]:
        joined: list[Part] = []
        for group in groups:
            if any(group):
                joined += [*(["; "] if joined else []), *group]
        return joined

    def _text_of(self, item: Mapping[str, Any], key: str) -> str:
        value = (item.get(f"{key}_en") if self.language == "en" else "") or item.get(key)
        return value if isinstance(value, str) else ""

    def table_description(self, table: Table) -> str:
        """Return what a package says of a table, in Markdown."""
        return (self.language == "en" and table.description_en) or table.description

    def attachments(self, page: Page, package: Package) -> list[dict[str, object]]:
        """Return the files of a package that are no tables, as buttons."""
        english = self.language == "en"
        return [
            {
                "text": f"{(one.title_en if english else '') or one.title or one.name}, {self.size(len(one.content))}",
                "href": self.url(page, f"du-lieu/{package.name}/{one.file}"),
                "icon": "download",
                "download": True,
            }
            for one in package.attachments
        ]

    def package_faults(self, package: Package) -> list[str]:
        """Return in words what is wrong with a package that is published as it is, the first and how many more."""
        kept, more = limited(package.shown)
        said = [f"{place(item, self.language)}: {self._fault(item)}" for item in kept[:MOST_FAULTS]]
        rest = len(kept) - len(said) + sum(more.values())
        return [*said, self.words.fill("tables.more_faults", n=rest)] if rest else said

    def _fault(self, item: Fault) -> str:
        """Return what is wrong, and why it stands where it was accepted."""
        text = message(item, self.language)
        return f"{text}. {remedy(item, self.language)}" if "accepted" in dict(item.details) else text

    def citation(self, page: Page, title: str, package: Package | None = None) -> dict[str, object]:
        """Return how to cite a page; of a package that others made, its makers stand first."""
        if package is None or self.is_report(package):
            return super().citation(page, title, package)
        found = super().citation(page, title, package)
        makers = ", ".join(words_in([item.get("title") for item in listed(package.descriptor.get("contributors"))]))
        version = self.words.fill("citation.version_other", version=package.version) if package.version else ""
        who, address = f"{makers}: " if makers else "", found["address"]
        text = self.words.fill("citation.text_other", who=who, title=title, version=version, address=address)
        return {**found, "text": text, "short": None}

    @staticmethod
    def cut(text: str) -> str:
        """Return a text on one line, its end left out where it is long."""
        return _cut(" ".join(text.split()))

    # ---- a table ---------------------------------------------------------------------------------------------------

    def schema(self, table: Table) -> dict[str, object]:
        """Return the columns of a table in words: type, meaning, and what a cell may be."""
        columns = [self.words.text(f"dictionary.{name}") for name in ("column", "type", "meaning")]
        columns.append(self.words.text("tables.rules"))
        rows = []
        most = min(LONGEST_DESCRIPTION, MOST_DESCRIBING // max(len(table.fields[:MOST_DESCRIBED]), 1))
        for field in table.fields[:MOST_DESCRIBED]:
            title = field.title_en if self.language == "en" and field.title_en else field.title
            text = field.description_en if self.language == "en" and field.description_en else field.description
            meaning = ". ".join(part.strip().removesuffix(".") for part in (title, text) if part.strip())
            key = f"tables.type_{field.type}"
            kind = self.words.text(key) if self.words.has(key) else field.type
            rules = "; ".join(self._rules(table, field))
            rows.append([field.name, kind, _cut(meaning, most) or None, _cut(rules, most) or None])
        if more := len(table.fields) - MOST_DESCRIBED:
            rows += [["…", None, self.words.fill("tables.more_columns", n=more), None]] if more > 0 else []
        return {"caption": self.words.text("dictionary.caption"), "columns": columns, "rows": rows}

    def _rules(self, table: Table, field: Field) -> Iterable[str]:
        """Yield what a column asks of its cells."""
        fill = self.words.fill
        if field.unit:
            yield fill("tables.rule_unit", unit=field.unit)
        if (field.name,) == table.primary_key:
            yield fill("tables.rule_key")
        elif field.name in table.primary_key:
            yield fill("tables.rule_part_of_key")
        if field.required:
            yield fill("tables.rule_required")
        if field.unique:
            yield fill("tables.rule_unique")
        if field.enum:
            shown = ", ".join(field.enum[:MOST_ENUM])
            more = len(field.enum) - MOST_ENUM
            yield (
                fill("tables.rule_enum_more", values=shown, n=more)
                if more > 0
                else fill("tables.rule_enum", values=shown)
            )
        if field.minimum and field.maximum:
            yield fill("tables.rule_between", low=field.minimum, high=field.maximum)
        elif field.minimum or field.maximum:
            key = "tables.rule_minimum" if field.minimum else "tables.rule_maximum"
            yield fill(key, bound=field.minimum or field.maximum)
        if field.pattern:
            yield fill("tables.rule_pattern", pattern=field.pattern)
        for link in table.foreign_keys:
            if field.name in link.fields and len(link.targets) == len(link.fields):
                column = link.targets[link.fields.index(field.name)]
                yield fill("tables.rule_refers", table=link.table, column=column)

    def sample(self, table: Table) -> dict[str, object]:
        """Return the first rows of a table, as many as a small page can hold, long cells cut."""
        columns: list[object] = [
            {"text": field.name, "right": True} if field.type in ("number", "integer") else field.name
            for field in table.fields[:MOST_COLUMNS]
        ]
        rows: list[list[object]] = []
        letters = 0
        for row in table.rows[:MOST_SAMPLED]:
            cells = [_cut(cell) for cell in row[:MOST_COLUMNS]]
            letters += sum(map(len, cells)) + LETTERS_OF_MARKUP * len(cells)
            if rows and letters > MOST_SAMPLED_LETTERS:
                break
            rows.append([cell or None for cell in cells])
        return {**self.beginning(table, rows), "columns": columns, "auto": True}

    def sample_size(self, table: Table, shown: int) -> str:
        """Return how many of a table's rows a page shows, and that some cells are cut where they are."""
        key = "tables.all_shown" if shown == len(table.rows) else "tables.first_shown"
        said = self.words.fill(key, shown=shown, n=len(table.rows))
        is_cut = any(len(cell) > LONGEST_CELL for row in table.rows[:shown] for cell in row)
        more = len(table.fields) - MOST_COLUMNS
        beside = (
            self.words.text("tables.cut") if is_cut else "",
            self.words.fill("tables.more_columns", n=more) if more > 0 else "",
        )
        return " ".join(filter(None, (said, *beside)))

    def charts_of(self, page: Page, package: Package, table: Table) -> list[dict[str, object]]:
        """Return the drawn charts of a table."""
        return [self.chart_entry(page, planned) for planned in self.site.charts_of_table(package.name, table.name)]

    def leading_charts(self, page: Page, package: Package, most: int = 2) -> list[tuple[Table, dict[str, object]]]:
        """Return the first chart of the first tables that have one, for the page of their package."""
        found: list[tuple[Table, dict[str, object]]] = []
        for table in package.tables:
            planned = self.site.charts_of_table(package.name, table.name)
            if planned and len(found) < most:
                found.append((table, self.chart_entry(page, planned[0])))
        return found


def _cut(text: str, most: int = LONGEST_CELL) -> str:
    """Return a text, its end left out where it is long."""
    return text if len(text) <= most else text[: most - 1] + "…"
