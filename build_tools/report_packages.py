"""Read the typed records of a report package and hold its rows against each other and against the vocabulary."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from build_tools.faults import Fault, fault
from build_tools.figures import (
    NEEDS_BASE,
    NEEDS_DIRECTION,
    Change,
    Claim,
    ClaimItem,
    Declined,
    Facts,
    Figure,
    ReportData,
    Response,
    Span,
    TextFile,
)
from build_tools.history import SEMVER, change_faults
from build_tools.numbers import CellError, read_cell
from build_tools.packages import DESCRIPTOR, Package, Table, suggestion
from build_tools.schemas import standard_faults
from build_tools.vocabulary import Vocabulary

NEEDED = ("figures", "ledger", "claims")
OPTIONAL = ("claim_items", "declined", "responses", "changes")


def read_report_package(package: Package, vocabulary: Vocabulary) -> tuple[ReportData | None, tuple[Fault, ...]]:
    """Return a report package's records and what is wrong with them; no records when a table is missing."""
    faults: list[Fault] = []
    tables: dict[str, Table] = {}
    for name in (*NEEDED, *OPTIONAL):
        table = package.table(name)
        if table is not None:
            tables[name] = table
            faults += standard_faults(package.name, table)
        elif name in NEEDED:
            faults.append(fault(package.name, DESCRIPTOR, "table-missing", table=name))
    facts, found = _read_facts(package, vocabulary)
    faults += found
    if facts is None or faults:
        return None, tuple(sorted(faults))
    spans = tuple(_span(line, record) for line, record in tables["ledger"].records())
    figures = _read_figures(package.name, tables["figures"], spans)
    claims = read_claims(package.name, tables)
    optional = {name: tables[name].records() if name in tables else () for name in OPTIONAL}
    declined = tuple(Declined(package=package.name, row=row, **record) for row, record in optional["declined"])
    responses = tuple(Response(row=row, **record) for row, record in optional["responses"])
    changes = tuple(Change(row=row, **record) for row, record in optional["changes"])
    data = ReportData(facts, figures, spans, claims, declined, responses, changes)
    faults += _vocabulary_faults(package.name, tables["figures"], vocabulary)
    faults += _figure_faults(data)
    faults += _headline_faults(data)
    faults += _response_faults(data)
    faults += change_faults(data, package.descriptor["version"])
    return data, tuple(sorted(faults))


def _read_facts(package: Package, vocabulary: Vocabulary) -> tuple[Facts | None, list[Fault]]:
    report = package.descriptor["report"]
    faults: list[Fault] = []

    def need(where: str, ok: bool, found: object, expected: str) -> None:
        if not ok:
            shown = "không có / absent" if found is None else str(found)
            faults.append(
                fault(package.name, DESCRIPTOR, "descriptor-value", column=where, found=shown, expected=expected)
            )

    if not isinstance(report, dict):
        need("report", False, report, "một đối tượng / an object")
        return None, faults
    for key in ("issuer", "issuer_en", "place", "title", "title_en", "short_title", "short_title_en"):
        need(
            f"report.{key}", isinstance(report.get(key), str) and bool(report[key]), report.get(key), "một chuỗi / text"
        )
    for key in ("period_start", "period_end"):
        need(f"report.{key}", isinstance(report.get(key), str), report.get(key), "ngày / a date: 2023-12-31")
    text = report.get("text")
    ok = isinstance(text, dict) and all(
        (isinstance(text.get("lines"), int), isinstance(text.get("file"), str), len(str(text.get("sha256"))) == 64)
    )
    need("report.text", ok, text, "{file, sha256, lines}")
    headlines = report.get("headlines", [])
    need("report.headlines", isinstance(headlines, list), headlines, "danh sách mã con số / a list of figure ids")
    version = package.descriptor.get("version")
    need("version", isinstance(version, str) and bool(SEMVER.fullmatch(version)), version, "major.minor.patch: 0.1.0")
    if report.get("place") not in vocabulary.places:
        faults.append(
            fault(
                package.name,
                DESCRIPTOR,
                "key-unknown",
                column="report.place",
                cell=str(report.get("place")),
                table="vocabulary/places.csv",
                details=suggestion(str(report.get("place")), tuple(vocabulary.places)),
            )
        )
    if faults:
        return None, faults
    return _facts(package.name, report), faults


def _facts(package: str, report: Mapping[str, Any]) -> Facts:
    return Facts(
        package=package,
        issuer_vi=report["issuer"],
        issuer_en=report["issuer_en"],
        place=report["place"],
        number=report.get("number", ""),
        date=report.get("date", ""),
        date_earliest=report.get("date_earliest", ""),
        date_latest=report.get("date_latest", ""),
        title_vi=report["title"],
        title_en=report["title_en"],
        short_vi=report["short_title"],
        short_en=report["short_title_en"],
        title_is_ours=bool(report.get("title_is_ours", False)),
        period_start=report["period_start"],
        period_end=report["period_end"],
        text=TextFile(report["text"]["file"], report["text"]["sha256"], report["text"]["lines"]),
        headlines=tuple(report.get("headlines", ())),
    )


# A cell that is no number has its fault already; here it only must not end the run, so that the other faults are found.


def _number(cell: str) -> Decimal | None:
    try:
        return read_cell(cell) if cell else None
    except CellError:
        return None


def _whole(cell: str) -> int | None:
    value = _number(cell)
    return int(value) if value is not None else None


def _span(row: int, record: Mapping[str, str]) -> Span:
    numbers = {name: _whole(record[name]) or 0 for name in ("line", "start", "length")}
    return Span(row=row, **{**record, **numbers})  # type: ignore[arg-type]


def _read_figures(package: str, table: Table, spans: tuple[Span, ...]) -> tuple[Figure, ...]:
    printed: dict[str, list[Span]] = {}
    for span in spans:
        printed.setdefault(span.figure_id, []).append(span)
    figures = []
    for row, record in table.records():
        numbers = {name: _number(record[name]) for name in ("value", "value_high", "precision")}
        figures.append(
            Figure(
                package=package,
                row=row,
                spans=tuple(printed.get(record["figure_id"], ())),
                **{**record, **numbers},  # type: ignore[arg-type]
            )
        )
    return tuple(figures)


def read_claims(package: str, tables: Mapping[str, Table]) -> tuple[Claim, ...]:
    """Return the claims of a package's tables, each with the items that `claim_items` lists for it."""
    items: dict[str, list[ClaimItem]] = {}
    if "claim_items" in tables:
        for row, record in tables["claim_items"].records():
            items.setdefault(record["claim_id"], []).append(
                ClaimItem(
                    row,
                    record["claim_id"],
                    _whole(record["n"]) or 0,
                    record["item"],
                    _whole(record["line"]),
                    _whole(record["start"]),
                    record["figure_id"],
                    record.get("item_en", ""),
                )
            )
    return tuple(
        Claim(
            package=package,
            row=row,
            items=tuple(items.get(record["claim_id"], ())),
            **{**record, "line": _whole(record["line"]), "start": _whole(record["start"])},  # type: ignore[arg-type]
        )
        for row, record in tables["claims"].records()
    )


def _vocabulary_faults(package: str, table: Table, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield references to a word the vocabulary does not hold."""
    columns: dict[str, Mapping[str, object]] = {
        "indicator": vocabulary.indicators,
        "place": vocabulary.places,
        "body": vocabulary.bodies,
        "breakdown": vocabulary.breakdowns,
        "unit": vocabulary.units,
    }
    files = {"body": "bodies"}
    for row, record in table.records():
        for column, known in columns.items():
            word = record[column]
            if word and word not in known:
                yield fault(
                    package,
                    table.path,
                    "key-unknown",
                    row=row,
                    column=column,
                    cell=word,
                    table=f"vocabulary/{files.get(column, column + 's')}.csv",
                    details=suggestion(word, tuple(known)),
                )


def _figure_faults(data: ReportData) -> Iterator[Fault]:
    """Yield figures whose cells contradict each other."""
    for figure in data.figures:

        def wrong(code: str, column: str, cell: object = "", row: int = figure.row, **details: object) -> Fault:
            return fault(data.package, "figures.csv", code, row, column, str(cell), details)

        if figure.period_end < figure.period_start:
            yield wrong("period-order", "period_end", figure.period_end, start=figure.period_start)
        if figure.value is not None and figure.value_high is not None and figure.value_high <= figure.value:
            yield wrong("range-order", "value_high", figure.value_high, low=figure.value)
        if figure.measure in NEEDS_BASE and not figure.base:
            yield wrong("base-needed", "base", measure=figure.measure)
        if figure.measure in NEEDS_DIRECTION and not figure.direction:
            yield wrong("direction-needed", "direction", measure=figure.measure)
        if figure.spans and figure.value is None and all(span.reading != "unrecoverable" for span in figure.spans):
            yield wrong("value-missing", "value")


def _response_faults(data: ReportData) -> Iterator[Fault]:
    """Yield answers about claims that are not there, and days that come before the day that has to precede them."""
    claims = {claim.claim_id for claim in data.claims}
    for response in data.responses:
        if response.finding not in claims:
            yield fault(
                data.package,
                "responses.csv",
                "key-unknown",
                response.row,
                "finding",
                response.finding,
                table="claims.csv",
                details=suggestion(response.finding, tuple(claims)),
            )
        for before, after in (("asked", "answered"), ("asked", "corrected")):
            first, then = getattr(response, before), getattr(response, after)
            if then and first > then:
                yield fault(
                    data.package, "responses.csv", "days-order", response.row, after, then, before=before, first=first
                )


def _headline_faults(data: ReportData) -> Iterator[Fault]:
    figures = data.by_id()
    for figure_id in data.facts.headlines:
        if figure_id not in figures:
            yield fault(
                data.package,
                DESCRIPTOR,
                "key-unknown",
                column="report.headlines",
                cell=figure_id,
                table="figures.csv",
                details=suggestion(figure_id, tuple(figures)),
            )
