"""Everything that is checked before anything is built: packages, vocabulary, figures, texts, claims."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from build_tools.across_package import read_across_package
from build_tools.audit import ClaimFault, Finding, audit
from build_tools.audit.across import Across, Relation, across
from build_tools.audit.comparability import is_outside_validity
from build_tools.audit.promises import Promise, promises
from build_tools.chart_hints import ChartHint, read_chart_hints, read_table_asks
from build_tools.draft import draft_faults
from build_tools.faults import Fault, fault, stops
from build_tools.figures import Claim, Figure, ReportData
from build_tools.history import OldVersion, read_versions, unlisted_faults
from build_tools.packages import DESCRIPTOR, Package, Reading, read_package, read_packages
from build_tools.report_packages import read_report_package
from build_tools.reports import (
    Coverage,
    LedgerFault,
    LocatorFault,
    OpenNumber,
    UnitFault,
    ValueFault,
    read_report,
    unit_faults,
    verify,
)
from build_tools.reports import Report as ReportText
from build_tools.site_model import Between, Report, Site, make_report, plan_site
from build_tools.suggest import declined_faults
from build_tools.table_charts import Ask
from build_tools.translations import untranslated
from build_tools.vocabulary import EMPTY, Vocabulary, read_vocabulary

_READ_AS_NUMBERS = ("value", "value_high", "precision", "line", "start", "length", "n", "scale", "position")


@dataclass(frozen=True)
class Checked:
    """What was read, and everything that is wrong with it."""

    packages: tuple[Package, ...]
    vocabulary: Vocabulary
    reports: tuple[Report, ...]
    across: tuple[Across, ...]  # what several of the reports state
    between: Between  # what the claims of the across package come to
    hints: tuple[ChartHint, ...]  # the charts that packages ask for
    promises: tuple[Promise, ...]
    faults: tuple[Fault, ...]
    versions: Mapping[str, tuple[OldVersion, ...]] = field(default_factory=dict)  # earlier ones, by package
    asks: Mapping[str, tuple[Ask, ...]] = field(default_factory=dict)  # the charts of tables asked for, by package

    def plan(self) -> Site:
        """Return the plan of the site that the packages make."""
        return plan_site(
            self.vocabulary,
            self.packages,
            self.reports,
            self.across,
            self.between,
            self.promises,
            self.hints,
            self.versions,
            self.asks,
        )


def check(
    packages: Path,
    reports: Path | None,
    only: Sequence[Path] = (),
    step: Callable[[str], None] = lambda _: None,
    read_one: Reading | None = None,
) -> Checked:
    """Return the packages of a folder, checked; `only` names packages to judge in any folder.

    `reports` is the folder of the reports' texts, None when they are not at hand. `read_one` reads one package of the
    folder, where the caller keeps what was read before. A package named in `only` that refers
    to the vocabulary finds it among those named, else beside it, else in `packages`.
    """
    step("read")
    found, faults = _read(packages, only, read_one)
    more: Sequence[Fault]
    vocabulary_package = next((package for package in found if package.kind == "vocabulary"), None)
    if vocabulary_package is None and only and not any(package.table("indicators") for package in found):
        vocabulary_package = _vocabulary_near(only, packages)
    vocabulary: Vocabulary | None = None
    if vocabulary_package is not None:
        vocabulary, more = read_vocabulary(vocabulary_package)
        faults += more
    carrying = [package for package in found if package.kind == "report" and package.table("indicators")]
    for package in carrying if vocabulary is None else ():
        carried, more = read_vocabulary(package)  # A package's own zip holds the words that it uses.
        vocabulary = carried if vocabulary is None else vocabulary.joined(carried)
        faults += more
    data: list[tuple[Package, ReportData]] = []
    versions: dict[str, tuple[OldVersion, ...]] = {}
    for package in found:
        versions[package.name], more = read_versions(package)
        faults += [*draft_faults(package), *untranslated(package), *more]
        if package.kind != "report":
            continue
        if vocabulary is None:
            # A vocabulary that is there and cannot be read has its own faults.
            if not any(item.package == "vocabulary" for item in faults):
                faults.append(fault(package.name, "", "no-vocabulary"))
            continue
        read, more = read_report_package(package, vocabulary)
        faults += more
        if read is not None:
            data.append((package, read))
            if package not in carrying:  # the zip that we publish holds one version, and no zips of others
                faults += unlisted_faults(read, versions[package.name])
    step("texts")
    accounts = []
    for package, read in data:
        text = _text_of(read, reports)
        account, more = account_of(read, text)
        accounts.append((package, read, text, account))
        faults += more
        if text is not None and vocabulary is not None:
            faults += [_unit_fault(package.name, item) for item in unit_faults(text, read.figures, vocabulary.units)]
    step("audit")
    results = []
    for package, read, text, account in accounts:
        findings, claim_faults = audit(read.figures, read.claims, (vocabulary or EMPTY).units.values())
        faults += [_claim_fault(item) for item in claim_faults]
        faults += list(declined_faults(read, (vocabulary or EMPTY).units.values()))
        faults += list(_unnamed_inputs(package.name, read.claims, findings, vocabulary or EMPTY))
        faults += list(_place_faults(read, vocabulary or EMPTY))
        results.append(make_report(package, read, findings, account, vocabulary or EMPTY, text))
    words = vocabulary or EMPTY
    figures = {figure.address: figure for report in results for figure in report.data.figures}
    figures |= {figure.address: figure for figure in _figures_beside(found, only, words)}
    between, relations, more = _between(found, figures, words)
    faults += more
    together = across(figures.values(), words.units, relations)
    hints: list[ChartHint] = []
    for package in found:
        if package.kind in ("report", "across") and not stops(faults):
            own = {figure.figure_id: figure for figure in figures.values() if figure.package == package.name}
            asked, more = read_chart_hints(package, own if package.kind == "report" else figures, words)
            hints += asked
            faults += more
    asks: dict[str, tuple[Ask, ...]] = {}
    for package in found:
        if package.kind == "other":
            asks[package.name], more = read_table_asks(package)
            faults += more
    return Checked(
        tuple(found),
        words,
        tuple(results),
        together,
        between,
        tuple(hints),
        promises(results, words.units),
        tuple(sorted(_first_causes(set(faults)))),
        versions,
        asks,
    )


def _between(
    packages: Sequence[Package], figures: Mapping[str, Figure], vocabulary: Vocabulary
) -> tuple[Between, tuple[Relation, ...], list[Fault]]:
    """Return what the `across` package says of the figures of several reports, judged, and what is wrong with it."""
    package = next((package for package in packages if package.kind == "across"), None)
    if package is None:
        return Between(), (), []
    data, found = read_across_package(package, figures)
    faults = list(found)
    findings, claim_faults = audit(figures.values(), data.claims, vocabulary.units.values())
    faults += [_claim_fault(item) for item in claim_faults]
    faults += list(_unnamed_inputs(package.name, data.claims, findings, vocabulary))
    return Between(data.claims, findings, figures), data.relations, faults


def _figures_beside(packages: Sequence[Package], only: Sequence[Path], vocabulary: Vocabulary) -> Iterator[Figure]:
    """Yield the figures of reports that the `across` package may name and that were not asked for themselves."""
    across_package = next((package for package in packages if package.kind == "across"), None)
    if not only or across_package is None:
        return
    named = {package.name for package in packages}
    for folder in sorted(across_package.folder.resolve().parent.iterdir()):
        if folder.name not in named and (folder / DESCRIPTOR).is_file():
            package = read_package(folder)[0]
            if package is not None and package.kind == "report":
                data = read_report_package(package, vocabulary)[0]
                yield from data.figures if data is not None else ()


def _first_causes(faults: set[Fault]) -> Iterator[Fault]:
    """Yield the faults without those that only follow from a cell that cannot be read."""
    unread = {(f.package, f.file, f.row) for f in faults if f.code.startswith("cell-") and f.column in _READ_AS_NUMBERS}
    for item in faults:
        if item.code.startswith("cell-") or (item.package, item.file, item.row) not in unread:
            yield item


def _read(packages: Path, only: Sequence[Path], read_one: Reading | None) -> tuple[list[Package], list[Fault]]:
    if not only:
        found, faults = read_packages(packages, read_one)
        return list(found), list(faults)
    named: list[Package] = []
    all_faults: list[Fault] = []
    for folder in only:
        package, some = (read_one or read_package)(folder)
        all_faults += some
        if package is not None:
            named.append(package)
    return named, all_faults


def _vocabulary_near(only: Sequence[Path], packages: Path) -> Package | None:
    folders = [(path.parent if path.name == DESCRIPTOR else path).resolve().parent for path in only]
    for folder in (*folders, packages):
        if (folder / "vocabulary" / DESCRIPTOR).is_file():
            return read_package(folder / "vocabulary")[0]
    return None


def _text_of(data: ReportData, reports: Path | None) -> ReportText | None:
    """Return the text of a report when it is at hand: a file of the folder of texts, and nothing outside it."""
    if reports is None:
        return None
    path = reports / data.facts.text.file
    if not path.is_file() or not path.resolve().is_relative_to(reports.resolve()):
        return None
    return read_report(path)


def account_of(data: ReportData, text: ReportText | None) -> tuple[Coverage, list[Fault]]:
    """Return the account of a report's text, against the text itself when it is at hand."""
    account = verify(text, data.spans, data.figures, package=data.package, text=data.facts.text)
    faults = [_ledger_fault(data.package, item) for item in account.faults]
    faults += [_value_fault(data.package, item) for item in account.values_failed]
    changed = any(item.code == "text-changed" for item in faults)
    if changed and len(account.locators_failed) * 2 > len(data.spans):
        # Another text altogether: that is the one fault that matters. A text with a few changes shows them all.
        return account, faults
    faults += [_locator_fault(data.package, item) for item in account.locators_failed]
    faults += list(_open_faults(data, account.open))
    return account, faults


def _ledger_fault(package: str, item: LedgerFault) -> Fault:
    codes = {"not-nfc", "span-order", "span-overlap", "span-figure", "span-note", "figure-without-span", "text-changed"}
    code = item.code if item.code in codes else "ledger"
    details = {"problem": item.message}
    if item.code == "key-unknown":
        code = "key-unknown"
        details = {"table": "figures.csv", "suggestion_vi": "", "suggestion_en": ""}
    return fault(package, item.file, code, item.row, item.column, item.cell, details)


def _value_fault(package: str, item: ValueFault) -> Fault:
    low = item.by_rule is None or str(item.stated.value) != str(item.by_rule.value)
    column = "value" if low else "value_high"
    stated = item.stated.value if low else item.stated.high
    if item.by_rule is None:
        expected = "? " + item.message
    else:
        expected = str(item.by_rule.value if low else item.by_rule.high or "(trống / empty)")
    return fault(
        package,
        "figures.csv",
        "value-not-as-printed",
        row=item.figure_row,
        column=column,
        cell="" if stated is None else str(stated),
        as_written=item.as_written,
        reading=item.reading,
        ledger_row=item.span_row,
        expected=expected,
    )


def _unit_fault(package: str, item: UnitFault) -> Fault:
    return fault(
        package,
        "figures.csv",
        "unit-not-as-printed",
        row=item.figure_row,
        column="unit",
        cell=item.unit,
        as_written=item.as_written,
        ledger_row=item.span_row,
        following=item.following,
    )


def _locator_fault(package: str, item: LocatorFault) -> Fault:
    near = "; ".join(f"line {place.line}, start {place.start}, length {place.length}" for place in item.elsewhere[:3])
    return fault(
        package,
        "ledger.csv",
        "locator",
        row=item.row,
        column="start",
        cell=item.expected,
        line=item.line,
        start=item.start,
        found=item.found,
        suggestion_vi=f": có ở {near}" if near else "",
        suggestion_en=f": it stands at {near}" if near else "",
    )


def _open_faults(data: ReportData, numbers: Sequence[OpenNumber]) -> Iterator[Fault]:
    for number in numbers:
        # The row after which the missing span belongs, so that an editor can jump to it.
        before = [span.row for span in data.spans if (span.line, span.start) <= (number.line, number.start)]
        row = (number.rows or (max(before, default=1),))[0]
        yield fault(
            data.package,
            "ledger.csv",
            "digit-open",
            row=row,
            column="line",
            cell=number.text,
            line=number.line,
            start=number.start,
            problem=number.problem,
        )


def _place_faults(data: ReportData, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield figures of a time at which their place did not have the borders it is named with."""
    for figure in data.figures:
        if is_outside_validity(figure, vocabulary.places):
            place = vocabulary.places[figure.place]
            dates = f"{place.valid_from or '…'} – {place.valid_to or '…'}"
            details = {"dates": dates, "period": f"{figure.period_start} – {figure.period_end}"}
            yield fault(data.package, "figures.csv", "place-not-valid", figure.row, "place", figure.place, details)


def _unnamed_inputs(
    package: str, claims: Sequence[Claim], findings: Sequence[Finding], vocabulary: Vocabulary
) -> Iterator[Fault]:
    """Yield the inputs of formulas that pages could only show by their id."""
    rows = {claim.claim_id: claim.row for claim in claims}
    for finding in findings:
        for name in (*finding.missing, *(name for name, _ in finding.assumed)):
            if name not in vocabulary.inputs:
                row = rows[finding.claim_id]
                yield fault(package, "claims.csv", "input-unnamed", row=row, column="formula", cell=name)


def _claim_fault(item: ClaimFault) -> Fault:
    return fault(
        item.package,
        "claims.csv",
        "formula",
        row=item.row,
        column=item.column,
        cell=item.detail.get("cell", ""),
        problem=item.what,
        claim=item.claim_id,
        kind=item.code,
    )
