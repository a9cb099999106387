"""The figures, spans and claims of a report package, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

FIGURE_READINGS = ("plain", "irregular", "glued", "misprint", "unrecoverable")
NEEDS_BASE = ("change", "growth", "index", "gap")
NEEDS_DIRECTION = ("change", "growth", "gap")


@dataclass(frozen=True)
class Span:
    """A stretch of a report's text that holds a number: one row of `ledger.csv`."""

    row: int  # the row's line in ledger.csv, the header being line 1
    line: int
    start: int
    length: int
    as_written: str
    kind: str
    figure_id: str = ""
    reading: str = ""
    as_meant: str = ""
    section: str = ""
    how: str = ""
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Figure:
    """A number that a report states about the world: one row of `figures.csv`, with the spans that print it.

    `value` is in the printed unit, without sign, with the printed decimals (`Decimal("100.20")`); it is None only for a
    figure that cannot be recovered. The direction of a change stands in `direction`.
    """

    package: str
    row: int  # the row's line in figures.csv, the header being line 1
    figure_id: str
    indicator: str
    place: str
    body: str
    breakdown: str
    unit: str
    period_start: str
    period_end: str
    period_basis: str
    as_of: str
    stance: str
    measure: str
    extent: str
    base: str
    direction: str
    status: str
    value: Decimal | None
    value_high: Decimal | None
    qualifier: str
    precision: Decimal | None
    unit_written: str
    note: str
    note_en: str = ""
    spans: tuple[Span, ...] = ()

    @property
    def address(self) -> str:
        """Name the figure among all packages: `hue-2023-lanh-dao#jobs_created`."""
        return f"{self.package}#{self.figure_id}"

    def cells(self) -> dict[str, str]:
        """Return the figure's row of `figures.csv`: every cell but the id, as text, by column."""
        found = {column: getattr(self, column) for column in FIGURE_COLUMNS}
        return {c: "" if v is None else f"{v:f}" if isinstance(v, Decimal) else v for c, v in found.items()}


# The columns of `figures.csv` that say something of the figure whose id stands before them.
FIGURE_COLUMNS = tuple(f.name for f in fields(Figure) if f.name not in ("package", "row", "figure_id", "spans"))


@dataclass(frozen=True)
class ClaimItem:
    """One thing that a count counts: one row of `claim_items.csv`."""

    row: int
    claim_id: str
    n: int
    item: str
    line: int | None
    start: int | None
    figure_id: str
    item_en: str = ""


@dataclass(frozen=True)
class Claim:
    """An arithmetic relation that a report states or implies: one row of `claims.csv`."""

    package: str
    row: int
    claim_id: str
    rule: str
    result: str
    formula: str
    basis: str
    line: int | None
    start: int | None
    as_written: str
    note: str
    items: tuple[ClaimItem, ...] = ()
    note_en: str = ""


@dataclass(frozen=True)
class Declined:
    """A relation that looked like a claim and is none: one row of `declined.csv`."""

    package: str
    row: int
    rule: str
    result: str
    formula: str
    reason: str
    date: str


@dataclass(frozen=True)
class Response:
    """What became of asking the issuing body about a finding: one row of `responses.csv`. Days may be empty."""

    row: int
    finding: str  # the claim's id
    asked: str
    answered: str
    corrected: str
    answer_vi: str  # in our words
    answer_en: str


@dataclass(frozen=True)
class Change:
    """What became of a figure after it was published: one row of `changes.csv`.

    `old` and `new` are the value in figures.csv; of another column they are written `unit=ho`.
    """

    row: int
    version: str  # in which the change was published
    date: str
    figure_id: str
    kind: str  # added, corrected (by us), source (the report itself changed), withdrawn
    old: str
    new: str
    reason: str
    reason_en: str = ""


@dataclass(frozen=True)
class Unit:
    """A printed unit: one row of `vocabulary/units.csv`; one of it is `scale` of `base`."""

    unit: str
    symbol_vi: str
    symbol_en: str
    name_vi: str
    name_en: str
    quantity: str  # count, money, percent, points, rank, rate …
    scale: Decimal
    base: str
    one_en: str = ""  # the English symbol of one, where it has a singular


@dataclass(frozen=True)
class TextFile:
    """The text a report package was transcribed from: its file's name, the hash of its bytes, its number of lines."""

    file: str
    sha256: str
    lines: int


@dataclass(frozen=True)
class Facts:
    """What is known of a report itself, from the descriptor; what the report does not print is empty."""

    package: str
    issuer_vi: str
    issuer_en: str
    place: str
    number: str
    date: str
    date_earliest: str
    date_latest: str
    title_vi: str
    title_en: str
    short_vi: str
    short_en: str
    title_is_ours: bool
    period_start: str
    period_end: str
    text: TextFile
    headlines: tuple[str, ...]

    def title(self, language: str) -> str:
        """Return the report's title in a language."""
        return self.title_en if language == "en" else self.title_vi

    def short(self, language: str) -> str:
        """Return the short title in a language: `Huế 2023`."""
        return self.short_en if language == "en" else self.short_vi


@dataclass(frozen=True)
class ReportData:
    """A report package, typed: what the report is, its figures, the ledger of its text, and its claims.

    `declined` holds the relations that were looked at and are no claims.
    """

    facts: Facts
    figures: tuple[Figure, ...]
    spans: tuple[Span, ...]
    claims: tuple[Claim, ...]
    declined: tuple[Declined, ...] = ()
    responses: tuple[Response, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def package(self) -> str:
        """The package's name."""
        return self.facts.package

    def by_id(self) -> Mapping[str, Figure]:
        """Return the figures by their id, in the order of the report."""
        return {figure.figure_id: figure for figure in self.figures}
