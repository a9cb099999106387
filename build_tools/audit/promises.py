"""What was promised and what became of it: results held against their targets, targets held against their outcomes.

A target is printed, or follows from an attainment or a gap that the report prints (docs/decisions/0004). Nothing is
scored: a target stands beside what was claimed, what the arithmetic gives, and the outcome, whichever report states it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal
from itertools import chain
from typing import Protocol

from build_tools.audit.finding import Finding
from build_tools.figures import Figure, ReportData, Unit

PLANS = ("ke_hoach", "chi_tieu")  # the inputs of vocabulary/inputs.csv that stand for a target nobody printed

_DIGITS = Context(prec=28, rounding=ROUND_DOWN)


@dataclass(frozen=True)
class Result:
    """A figure that says what was achieved, with the target it is held against.

    `target_kind`: `printed`, `derived` (worked out from an attainment or a gap the report prints) or `none`.
    """

    figure: Figure
    target: Decimal | None = None
    target_kind: str = "none"
    target_figure: Figure | None = None  # the printed target, or the figure the derived one follows from
    attainment: Figure | None = None
    claim_id: str = ""  # the claim that states the relation

    @property
    def is_estimate(self) -> bool:
        """Whether the number is an estimate or "about": drawn hollow."""
        return self.figure.status == "estimate" or self.figure.qualifier == "about"


@dataclass(frozen=True)
class Promise:
    """A target and what became of it: the target as printed or derived, what is claimed, what the arithmetic gives."""

    figure: Figure  # the printed target, or the result whose target is derived
    target: Decimal
    kind: str  # printed or derived
    outcomes: tuple[Figure, ...]  # results of the same thing, of any report
    attainment: Figure | None = None  # what a report prints of how far the target was reached
    computed: Decimal | None = None  # percent of the target that the outcome comes to
    also: tuple[Figure, ...] = ()  # where else the same target stands, printed or derived
    moved: tuple[Figure, ...] = ()  # where a target of the same thing stands with another amount

    @property
    def id(self) -> str:
        """The promise's address on its page."""
        return f"{self.figure.package}--{self.figure.figure_id}"

    @property
    def is_open(self) -> bool:
        """Whether no report states an outcome."""
        return not self.outcomes

    @property
    def due(self) -> str:
        """The last day of the period the target is for."""
        return self.figure.period_end


class Stated(Protocol):
    """A report as far as promises need it."""

    @property
    def data(self) -> ReportData:
        """The report's figures and claims."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the arithmetic says of its claims."""

    @property
    def results(self) -> tuple[Result, ...]:
        """Its results with their targets."""


# ---- results and their targets -------------------------------------------------------------------------------------


def results(data: ReportData, findings: Sequence[Finding], units: Mapping[str, Unit]) -> Iterable[Result]:
    """Yield every level or share achieved, with the target that is printed for it or follows from what is."""
    by_claim = {finding.claim_id: finding for finding in findings}
    of_thing: dict[tuple[str, ...], list[Figure]] = {}
    for figure in data.figures:
        of_thing.setdefault(_thing(figure), []).append(figure)
    for figure in data.figures:
        if figure.stance != "actual" or figure.value is None:
            continue
        near = [other for other in of_thing[_thing(figure)] if other is not figure]
        if figure.measure in ("level", "share") or (figure.measure == "change" and _printed_target(figure, near)):
            yield _result(figure, near, data, by_claim, units)


def same_thing(a: Figure, b: Figure) -> bool:
    """Return whether two figures speak of the same thing, however they measure it."""
    return _thing(a) == _thing(b)


def _thing(figure: Figure) -> tuple[str, ...]:
    """Return what a figure speaks of, however it is measured."""
    return figure.indicator, figure.place, figure.body, figure.breakdown, figure.period_end


def _printed_target(figure: Figure, near: Sequence[Figure]) -> Figure | None:
    """Return the one target that is printed for a figure, in its own measure and unit."""
    found = [f for f in near if f.stance == "target" and f.measure == figure.measure and f.unit == figure.unit]
    return found[0] if len(found) == 1 and found[0].value is not None else None


def _result(
    figure: Figure, near: Sequence[Figure], data: ReportData, findings: Mapping[str, Finding], units: Mapping[str, Unit]
) -> Result:
    # An attainment may be of the level or of its change: the claim that works it out says of which.
    attainments = [f for f in near if f.measure == "attainment" and f.stance == "actual"]
    worked = {c.result: c for c in data.claims if figure.figure_id in _words(c.formula)}
    attainment = next((f for f in attainments if f.figure_id in worked), None)
    attained = worked[attainment.figure_id] if attainment is not None else None
    printed = _printed_target(figure, near)
    if printed is not None:
        claim_id = attained.claim_id if attained else ""
        return Result(figure, printed.value, "printed", printed, attainment, claim_id)
    if attainment is not None and attained is not None:
        finding = findings.get(attained.claim_id)
        assumed = [value for _, value in finding.assumed] if finding else []
        if len(assumed) == 1 and figure.figure_id in finding.inputs:  # type: ignore[union-attr]
            return Result(figure, assumed[0], "derived", attainment, attainment, attained.claim_id)
        return Result(figure, attainment=attainment, claim_id=attained.claim_id)
    gap = next((f for f in near if f.measure == "gap" and f.base == "plan" and f.value is not None), None)
    if gap is not None and figure.value is not None and units[figure.unit].base == units[gap.unit].base:
        target = figure.value + gap.value if gap.direction == "down" else figure.value - gap.value  # type: ignore[operator]
        claim = next((c for c in data.claims if gap.figure_id in (c.result, *_words(c.formula))), None)
        return Result(figure, target, "derived", gap, None, claim.claim_id if claim else "")
    unprinted = re.compile(rf"{figure.figure_id} *[<>]=? *\[({'|'.join(PLANS)})\]")
    met = next((c for c in data.claims if c.rule == "bound" and unprinted.fullmatch(c.formula)), None)
    return Result(figure, attainment=attainment, claim_id=met.claim_id if met else "")


def _words(formula: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z][a-z0-9_]*", formula))


# ---- targets and their outcomes ------------------------------------------------------------------------------------


def promises(reports: Iterable[Stated], units: Mapping[str, Unit]) -> tuple[Promise, ...]:
    """Return every target of the reports, printed or derived, the latest period first.

    A target that several reports state with one amount is one promise, told by where it is printed first; a target of
    the same thing with another amount is a promise of its own, and each names the other as `moved`.
    """
    reports = tuple(reports)
    usable = {
        report.data.package: [f for f in report.data.figures if f.value is not None and f.unit in units]
        for report in reports
    }
    actual: dict[tuple[str, ...], list[Figure]] = {}
    for figure in chain.from_iterable(usable.values()):
        if figure.stance == "actual":
            actual.setdefault(_thing(figure), []).append(figure)
    found: list[Promise] = []
    for report in reports:
        computed = {finding.claim_id: finding.computed for finding in report.findings}
        of_target = {result.target_figure.figure_id: result for result in report.results if result.target_figure}
        for figure in usable[report.data.package]:
            if figure.stance != "target" or figure.value is None:
                continue
            result = of_target.get(figure.figure_id, Result(figure))
            outcomes = tuple(f for f in actual.get(_thing(figure), ()) if _is_outcome(f, figure))
            percent = computed.get(result.claim_id) if result.attainment else None
            if percent is None and outcomes:
                percent = _percent(outcomes[0], figure, units)
            found.append(Promise(figure, figure.value, "printed", outcomes, result.attainment, percent))
        for result in report.results:
            if result.target_kind == "derived" and result.target is not None and result.figure.unit in units:
                outcomes = tuple(f for f in actual.get(_thing(result.figure), ()) if _is_outcome(f, result.figure))
                percent = computed.get(result.claim_id) if result.attainment else None
                found.append(Promise(result.figure, result.target, "derived", outcomes, result.attainment, percent))
    return tuple(sorted(_merged(found, units), key=lambda p: (p.figure.period_end, p.figure.place, p.id), reverse=True))


def _is_outcome(figure: Figure, promised: Figure) -> bool:
    """Return whether a result is of what was promised: the same thing, measured and counted the same way."""

    def counted(extent: str) -> str:
        return "" if extent in ("total", "stock") else extent  # a target of a share is often printed without its day

    alike = same_thing(figure, promised) and figure.measure == promised.measure
    return alike and counted(figure.extent) == counted(promised.extent)


def _percent(outcome: Figure, target: Figure, units: Mapping[str, Unit]) -> Decimal | None:
    """Return what part of a printed target an outcome is, in percent; None where the two are no amounts of one unit."""
    if outcome.measure != "level" or outcome.value is None or not target.value:
        return None
    if units[outcome.unit].base != units[target.unit].base or outcome.value_high or target.value_high:
        return None
    scaled = target.value * units[target.unit].scale
    return _DIGITS.divide(outcome.value * units[outcome.unit].scale * 100, scaled)


def _merged(found: Sequence[Promise], units: Mapping[str, Unit]) -> Iterable[Promise]:
    """Yield the promises with those of one thing and one amount made one: the printed before the derived."""

    def amount(promise: Promise) -> tuple[Decimal, Decimal | None]:
        high = promise.figure.value_high if promise.kind == "printed" else None
        return (promise.target * units[promise.figure.unit].scale).normalize(), high

    of_thing: dict[tuple[str, ...], list[Promise]] = {}
    for promise in found:
        f = promise.figure
        thing = (f.indicator, f.place, f.body, f.breakdown, f.period_start, f.period_end, f.measure, units[f.unit].base)
        of_thing.setdefault(thing, []).append(promise)
    for promises_of_thing in of_thing.values():
        by_amount: dict[tuple[Decimal, Decimal | None], list[Promise]] = {}
        for promise in promises_of_thing:
            by_amount.setdefault(amount(promise), []).append(promise)
        for key, alike in by_amount.items():
            first = min(alike, key=lambda p: p.kind != "printed")
            others = tuple(p.figure for p in alike if p is not first)
            moved = tuple(p.figure for other, group in by_amount.items() if other != key for p in group)
            attainment = next((p.attainment for p in alike if p.attainment is not None), None)
            outcomes = tuple(dict.fromkeys(f for p in alike for f in p.outcomes))
            yield Promise(first.figure, first.target, first.kind, outcomes, attainment, first.computed, others, moved)


def as_json(found: Iterable[Promise]) -> list[dict[str, object]]:
    """Return promises as the `promises` of `audit --json`: numbers as text, null where there is none."""
    return [
        {
            "id": promise.id,
            "indicator": promise.figure.indicator,
            "place": promise.figure.place,
            "period": f"{promise.figure.period_start}/{promise.figure.period_end}",
            "target": f"{promise.target:f}",
            "kind": promise.kind,
            "claimed": f"{promise.attainment.value:f}" if promise.attainment and promise.attainment.value else None,
            "computed": f"{promise.computed:f}" if promise.computed is not None else None,
            "outcome": [f"{outcome.address} = {outcome.value}" for outcome in promise.outcomes],
            "also": [figure.address for figure in promise.also],
            "moved": [figure.address for figure in promise.moved],
        }
        for promise in found
    ]
