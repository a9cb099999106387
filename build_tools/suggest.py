"""Propose arithmetic relations among the figures of a report, so that no claim is missed, and heed what was declined.

Figures that stand near each other, or that the vocabulary ties together (a part and its whole, a result and its target,
a change and its two levels), are tried in the relations that reports state. The audit judges what fits: the arithmetic
here only leaves out what cannot fit. A suggestion is a question to whoever transcribes, no claim.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations, permutations
from re import findall

from build_tools.audit import Finding, audit
from build_tools.audit.claims import NOT_AS_PRINTED
from build_tools.audit.formulas import (
    All,
    Comparison,
    Count,
    Formula,
    FormulaError,
    Name,
    Negative,
    Number,
    Operation,
    leaves_of,
    parse,
)
from build_tools.audit.intervals import last_place
from build_tools.faults import Fault, fault
from build_tools.figures import Claim, ClaimItem, Figure, ReportData, Span, Unit
from build_tools.vocabulary import Vocabulary

EVIDENCE = ("strong", "fair", "weak")
"""How much speaks for a suggestion, besides that the numbers agree; `weak` ones are shown when all are asked for."""

GROUNDS = ("tied", "kin", "named", "adjacent", "section", "digits", "listed", "years")
"""What can speak for it: the vocabulary ties all the figures together · it ties some of them (the parts to each other,
the percentage to what it is a percentage of) · their names share a word · they follow one another · they stand in one
section · three or more digits agree · a numbered list is as long as the count · two years are printed so far apart."""

AGREES = ("exact", "rounded", "truncated")
MOST_PARTS = 8  # of a sum of figures that only stand near each other
MOST_TIED = 20  # of a sum of figures that the vocabulary ties together
NEAR_LINES = 14
NEAR_FIGURES = 24  # numbers between two figures of one passage, at most
BESIDE = 6  # numbers among which those of one percentage stand, at most
TELLING = 3  # digits that must agree where nothing but the numbers speaks for a relation

_ITEMS = "count(items)"
_ONE_WORKING = ("share", "attainment", "difference", "growth", "ratio", "average")  # a figure has one such origin
_COMMON_WORDS = {"of", "and", "the", "in", "share", "target", "total", "money", "change", "growth", "attainment"}


@dataclass(frozen=True)
class Suggestion:
    """A relation that may be a claim, with the row it would be; `reason` and `date` when it was declined."""

    package: str
    rule: str
    result: str
    formula: str
    verdict: str
    evidence: str
    grounds: tuple[str, ...]
    lines: tuple[int, ...]
    basis: str
    claim_id: str
    finding: Finding  # what the audit would say of it
    line: int | None = None  # these three only where the claim rests on no figure
    start: int | None = None
    as_written: str = ""
    items: tuple[ClaimItem, ...] = ()
    reason: str = ""
    date: str = ""

    @property
    def is_offered(self) -> bool:
        """Whether it is shown without asking for all: it agrees, and more than chance speaks for it."""
        agrees = self.verdict in AGREES or (self.verdict == "within" and self.rule in ("bound", "total100"))
        return agrees and self.evidence != "weak" and not self.reason

    def claim_row(self) -> tuple[str, ...]:
        """The cells of its row in claims.csv."""
        at = ("" if number is None else str(number) for number in (self.line, self.start))
        return (self.claim_id, self.rule, self.result, self.formula, self.basis, *at, self.as_written, "")

    def item_rows(self) -> tuple[tuple[str, ...], ...]:
        """The cells of the rows in claim_items.csv that a count needs; what each item is, is left to be written."""
        return tuple(
            (self.claim_id, str(item.n), item.item, str(item.line), str(item.start), item.figure_id)
            for item in self.items
        )

    def declined_row(self, date: str) -> tuple[str, ...]:
        """The cells of its row in declined.csv, but for the reason, which is not ours to give."""
        return (self.rule, self.result, self.formula, "", date)


def suggest(data: ReportData, vocabulary: Vocabulary) -> tuple[Suggestion, ...]:
    """Return all relations that may be claims of a report, the best supported first, then in the order of the text.

    Those that claims.csv holds in substance are left out. Those of declined.csv come with their reason; whoever shows
    the list leaves out what is not `is_offered`.
    """
    page = _Page(data, vocabulary)
    held = _Held.of(data)
    found: dict[object, _Relation] = {}
    for relation in _relations(page):
        if held.has(relation):
            continue
        known = found.get(relation.substance)
        if known is None or relation.weight > known.weight:
            found[relation.substance] = relation
    relations = list(found.values())
    claims = [_claim(data.package, n, relation) for n, relation in enumerate(relations)]
    findings, _ = audit(data.figures, claims, vocabulary.units.values())
    by_id = {finding.claim_id: finding for finding in findings}
    judged = [
        (relation, by_id[claim.claim_id])
        for claim, relation in zip(claims, relations, strict=True)
        if claim.claim_id in by_id
    ]
    kept = _one_working_each([pair for pair in judged if _is_worth_a_line(*pair)], held)
    declined = {(row.rule, *normal(row.result, row.formula, data.package)): row for row in data.declined}
    taken = {claim.claim_id for claim in data.claims}
    suggestions = []
    for relation, finding, evidence in kept:
        refused = declined.get((relation.rule, *normal(relation.result, relation.formula)))
        claim_id = _free_id(relation, taken)
        taken.add(claim_id)
        suggestions.append(
            Suggestion(
                package=data.package,
                rule=relation.rule,
                result=relation.result,
                formula=relation.formula,
                verdict=finding.verdict,
                evidence=evidence,
                grounds=relation.grounds,
                lines=relation.lines,
                basis=relation.basis,
                claim_id=claim_id,
                finding=finding,
                line=relation.span.line if relation.span else None,
                start=relation.span.start if relation.span else None,
                as_written=relation.span.as_written if relation.span else "",
                items=tuple(replace(item, claim_id=claim_id) for item in relation.items),
                reason=refused.reason if refused else "",
                date=refused.date if refused else "",
            )
        )
    return tuple(sorted(suggestions, key=lambda one: (EVIDENCE.index(one.evidence), one.lines, one.claim_row())))


def declined_faults(data: ReportData, units: Iterable[Unit]) -> Iterator[Fault]:
    """Yield rows of declined.csv that could never have been suggested, and those that claims.csv holds as well."""
    held: dict[tuple[str, ...], Claim] = {}
    for claim in data.claims:
        held.setdefault((claim.rule, *normal(claim.result, claim.formula or _ITEMS, data.package)), claim)
    item = ClaimItem(0, "", 1, "", None, None, "")  # what a count counts is listed only once it is a claim
    rows = {f"declined_{row.row}": row for row in data.declined}
    claims = [
        Claim(row.package, row.row, name, row.rule, row.result, row.formula, "stated", None, None, "", "", (item,))
        for name, row in rows.items()
    ]
    for found in audit(data.figures, claims, units)[1]:
        cell = found.detail.get("cell", "")
        yield fault(data.package, "declined.csv", "declined-formula", found.row, found.column, cell, problem=found.what)
    for row in data.declined:
        same = held.get((row.rule, *normal(row.result, row.formula or _ITEMS, data.package)))
        if same is not None:
            yield fault(
                data.package, "declined.csv", "declined-claimed", row.row, "formula", row.formula, claim=same.claim_id
            )


# --- The report as it is searched ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Mention:
    """A place where a figure is printed; `at` counts the figures of the text."""

    at: int
    span: Span
    figure: Figure


class _Page:
    """The figures of a report that can be calculated with, where they stand, and what ties them together."""

    def __init__(self, data: ReportData, vocabulary: Vocabulary):
        self.data = data
        self.vocabulary = vocabulary
        self.figures = [figure for figure in data.figures if self._is_usable(figure)]
        by_id = {figure.figure_id: figure for figure in self.figures}
        printed = sorted(
            (span for span in data.spans if span.figure_id in by_id), key=lambda span: (span.line, span.start)
        )
        self.mentions = [_Mention(at, span, by_id[span.figure_id]) for at, span in enumerate(printed)]
        self.places: dict[str, list[_Mention]] = {}
        for mention in self.mentions:
            self.places.setdefault(mention.figure.figure_id, []).append(mention)
        self.by_indicator: dict[str, list[Figure]] = {}
        self.rank: dict[str, int] = {}  # the place of a figure among those of its indicator
        self.by_amount: dict[tuple[str, Fraction], list[Figure]] = {}
        for figure in self.figures:
            self.rank[figure.figure_id] = len(self.by_indicator.setdefault(figure.indicator, []))
            self.by_indicator[figure.indicator].append(figure)
            self.by_amount.setdefault((self.base(figure), self.amount(figure)), []).append(figure)

    def _is_usable(self, figure: Figure) -> bool:
        printed = all(span.reading not in NOT_AS_PRINTED for span in figure.spans)
        return printed and figure.value is not None and figure.unit in self.vocabulary.units and bool(figure.spans)

    def unit(self, figure: Figure) -> Unit:
        return self.vocabulary.units[figure.unit]

    def base(self, figure: Figure) -> str:
        return self.unit(figure).base

    def amount(self, figure: Figure) -> Fraction:
        """A figure in base units, the low end of a range."""
        return Fraction(figure.value or 0) * Fraction(self.unit(figure).scale)

    def step(self, figure: Figure) -> Fraction:
        """One unit of a figure's last printed place, in base units."""
        printed = last_place(figure.value or Decimal(0)) if figure.precision is None else figure.precision
        return Fraction(printed) * Fraction(self.unit(figure).scale)

    def agrees(self, computed: Fraction, figure: Figure) -> bool:
        """Whether a number comes so close to a figure that the audit may find that they agree."""
        return abs(computed - self.amount(figure)) <= self.step(figure)

    def around(self, mention: _Mention, most: int = NEAR_FIGURES) -> Iterator[_Mention]:
        """The figures printed near a place, in the order of the text, without its own."""
        for other in self.mentions[max(0, mention.at - most) : mention.at + most + 1]:
            is_near = abs(other.span.line - mention.span.line) <= NEAR_LINES
            if is_near and other.figure.figure_id != mention.figure.figure_id:
                yield other

    def with_indicator(self, figure: Figure) -> Sequence[Figure]:
        """The figures of the same indicator, those that stand nearest when there are many."""
        others = self.by_indicator[figure.indicator]
        if len(others) <= 2 * MOST_TIED:
            return others
        index = self.rank[figure.figure_id]
        return others[max(0, index - MOST_TIED) : index + MOST_TIED]

    def is_below(self, part: str, whole: str) -> bool:
        """Whether a breakdown is a part of another; every one is a part of the whole, which is written as nothing."""
        if part == whole:
            return False
        known = self.vocabulary.breakdowns
        seen: set[str] = set()
        while part in known and part not in seen:
            seen.add(part)
            part = known[part].broader
            if part == whole:
                return True
        return not whole

    def is_part(self, part: Figure, whole: Figure) -> bool:
        """Whether the vocabulary says that one figure counts a part of what the other counts."""
        if not part.indicator or not _same(part, whole, "indicator", "stance", "measure", "period_start", "period_end"):
            return False
        if part.place == whole.place:
            return part.body == whole.body and self.is_below(part.breakdown, whole.breakdown)
        place = self.vocabulary.places.get(part.place)
        return place is not None and place.parent == whole.place and part.breakdown == whole.breakdown

    def dimensions(self, figure: Figure) -> str:
        known = self.vocabulary.breakdowns.get(figure.breakdown)
        return known.dimensions if known else ""

    @cached_property
    def years(self) -> list[tuple[Span, int]]:
        """The years that the text prints, alone or in dates."""
        return [
            (span, int(year))
            for span in self.data.spans
            if span.kind in ("year", "date")
            for year in findall(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)", span.as_written)
        ]


def _same(one: Figure, other: Figure, *columns: str) -> bool:
    return all(getattr(one, column) == getattr(other, column) for column in columns)


def _year(date: str) -> int:
    """The year of a date; 0 for one that is not written yet."""
    return int(date[:4]) if date[:4].isdigit() else 0


def _one_thing(one: Figure, other: Figure, *columns: str) -> bool:
    """Whether two figures measure one thing, and are alike in more columns; a draft may not say what it measures."""
    return bool(one.indicator) and _same(one, other, "indicator", "place", "body", "breakdown", *columns)


def _words(figure: Figure) -> frozenset[str]:
    return frozenset(figure.figure_id.split("_")) - _COMMON_WORDS


# --- Relations -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Relation:
    """A relation to be judged, and what speaks for it."""

    rule: str
    result: str
    formula: str
    figures: tuple[Figure, ...]  # the result first, when it is a figure
    grounds: tuple[str, ...]
    lines: tuple[int, ...]
    spread: int  # how many figures of the text lie between its first and its last, none counted twice
    digits: int
    span: Span | None = None
    items: tuple[ClaimItem, ...] = ()

    @property
    def substance(self) -> object:
        """What makes two relations one: the figures they hold together, or the place of one that holds none."""
        if self.span:
            return (self.span.line, self.span.start)
        return (self.rule == "count", frozenset(figure.figure_id for figure in self.figures))

    @property
    def weight(self) -> tuple[int, ...]:
        """How well it is supported, for choosing among relations of one substance or one result."""
        return (*(ground in self.grounds for ground in GROUNDS[:3]), self.digits, -self.spread, -len(self.formula))

    @property
    def basis(self) -> str:
        return "stated" if "section" in self.grounds or self.span else "elsewhere"

    @property
    def evidence(self) -> str:
        """How much speaks for the relation, given that its numbers agree."""
        tied, kin, named, adjacent, section, digits, listed, years = (ground in self.grounds for ground in GROUNDS)
        if listed or years or (tied and (section or digits)):
            return "strong"
        if tied or (named and adjacent and digits):
            return "fair"
        if kin and (adjacent or section) and (self.digits > 1 or (named and len(self.figures) > TELLING)):
            return "fair"
        return "fair" if adjacent and self.digits > TELLING else "weak"


def _relations(page: _Page) -> Iterator[_Relation]:
    for search in (_sums, _totals, _quotients, _changes, _averages, _equals, _counts, _bounds, _spans):
        yield from search(page)


def _relation(
    page: _Page, rule: str, result: Figure | str, formula: str, figures: Iterable[Figure], tied: bool, kin: bool = False
) -> _Relation:
    """Weigh a relation: where its figures stand nearest to each other, and what their names share."""
    inputs = tuple(figures)
    first = result if isinstance(result, Figure) else inputs[0]
    members = tuple(dict.fromkeys((first, *inputs)))
    near = min(
        (_nearest(page, members, mention) for mention in page.places[first.figure_id][:BESIDE]),
        key=lambda mentions: mentions[-1].at - mentions[0].at,
    )
    spread = near[-1].at - near[0].at - len(near) + 1
    digits = _digits(first) if isinstance(result, Figure) else 1
    grounds = {
        "tied": tied,
        "kin": kin and not tied,
        "named": all(_words(first) & _words(member) for member in members[1:]) and len(members) > 1,
        "adjacent": spread <= len(members) and near[-1].span.line - near[0].span.line <= NEAR_LINES,
        "section": len({mention.span.section for mention in near}) == 1,
        "digits": digits >= TELLING,
    }
    return _Relation(
        rule=rule,
        result=result.figure_id if isinstance(result, Figure) else result,
        formula=formula,
        figures=members if isinstance(result, Figure) else inputs,
        grounds=tuple(ground for ground in GROUNDS if grounds.get(ground)),
        lines=tuple(sorted({mention.span.line for mention in near})),
        spread=spread,
        digits=digits,
    )


def _nearest(page: _Page, members: Iterable[Figure], to: _Mention) -> list[_Mention]:
    near = [min(page.places[one.figure_id], key=lambda mention: abs(mention.at - to.at)) for one in members]
    return sorted(near, key=lambda mention: mention.at)


def _digits(figure: Figure) -> int:
    """How many digits of a printed number tell something: those of 110 are two, those of 0,50 are two."""
    digits = f"{figure.value:f}".lstrip("0.")
    return len(digits.replace(".", "")) if "." in f"{figure.value:f}" else len(digits.rstrip("0"))


def _sums(page: _Page) -> Iterator[_Relation]:
    """A figure is the sum of those that follow or precede it, or of its parts."""
    for whole in page.figures:
        if whole.measure != "level" or not page.amount(whole):
            continue
        parts = [figure for figure in page.with_indicator(whole) if page.is_part(figure, whole)]
        parts = [part for part in parts if page.unit(part).quantity == page.unit(whole).quantity]
        direct = [part for part in parts if not any(page.is_part(part, other) for other in parts)]
        groups: dict[str, list[Figure]] = {}
        for part in parts:
            groups.setdefault(page.dimensions(part), []).append(part)
        for group in (*groups.values(), direct, parts):
            for run in _runs_that_come_to(page, group, whole, len(group), MOST_TIED):
                whole_group = group is direct and len(run) == len(direct)
                yield _sum(page, whole, run, tied=whole_group or len({page.dimensions(part) for part in run}) == 1)
        for mention in page.places[whole.figure_id][:BESIDE]:
            kin = [other for other in page.around(mention) if _are_summands(page, other.figure, whole)]
            for side in ([m for m in kin if m.at > mention.at], [m for m in reversed(kin) if m.at < mention.at]):
                for run in _runs_that_come_to(page, [m.figure for m in side], whole, 2, MOST_PARTS):
                    yield _sum(page, whole, run, tied=all(page.is_part(part, whole) for part in run))


def _are_summands(page: _Page, part: Figure, whole: Figure) -> bool:
    return page.base(part) == page.base(whole) and _same(part, whole, "stance", "measure", "period_end")


def _runs_that_come_to(
    page: _Page, figures: Sequence[Figure], whole: Figure, starts: int, most: int
) -> Iterator[tuple[Figure, ...]]:
    """Runs of two or more figures that come to a whole, beginning with one of the first few."""
    most_amount = page.amount(whole) + page.step(whole)
    for start in range(min(starts, len(figures))):
        total = Fraction(0)
        for end, figure in enumerate(figures[start : start + most], start + 1):
            total += page.amount(figure)
            if total > most_amount or figure in figures[start : end - 1]:
                break
            if end - start > 1 and page.amount(figure) and page.agrees(total, whole):
                yield tuple(figures[start:end])


def _sum(page: _Page, whole: Figure, parts: Sequence[Figure], tied: bool) -> _Relation:
    ordered = sorted(parts, key=lambda part: page.places[part.figure_id][0].at)
    one_kind = len({(part.indicator, page.dimensions(part)) for part in ordered}) == 1
    formula = " + ".join(part.figure_id for part in ordered)
    kin = all(page.is_part(part, whole) for part in ordered) or (one_kind and len(ordered) >= TELLING)
    return _relation(page, "sum", whole, formula, ordered, tied, kin)


def _totals(page: _Page) -> Iterator[_Relation]:
    """Shares that follow one another make 100."""
    shares = [m for m in page.mentions if m.figure.measure == "share" and page.unit(m.figure).quantity == "percent"]
    for index, first in enumerate(shares):
        run = [first.figure]
        total = page.amount(first.figure)
        for other in shares[index + 1 : index + NEAR_FIGURES]:
            if not _same(other.figure, first.figure, "stance", "period_end", "place") or other.figure in run:
                continue
            if other.span.line - first.span.line > NEAR_LINES or total > 100:
                break
            run.append(other.figure)
            total += page.amount(other.figure)
            if abs(total - 100) <= sum(page.step(figure) for figure in run):
                tied = len({figure.indicator for figure in run}) == 1 and all(figure.breakdown for figure in run)
                yield _relation(page, "total100", "100", " + ".join(f.figure_id for f in run), run, tied)


def _quotients(page: _Page) -> Iterator[_Relation]:
    """A percentage is one number of another: a part of its whole, a result of its plan."""
    for result in page.figures:
        if result.measure not in ("share", "attainment") or page.unit(result).quantity != "percent":
            continue
        for above, below, tied in _pairs(page, result, _share_ties):
            if not page.amount(below) or (result.measure == "share" and page.amount(above) > page.amount(below)):
                continue
            kin = _one_thing(result, above, "stance", "period_end")
            if not (tied or kin) and (above.measure != "level" or page.amount(above) == page.amount(below)):
                continue
            computed = page.amount(above) / page.amount(below) * 100
            if page.agrees(computed, result) or (tied and _attains(above, below)):
                formula = f"{above.figure_id} / {below.figure_id} * 100"
                yield _relation(page, result.measure, result, formula, (above, below), tied, kin)


def _pairs(
    page: _Page, result: Figure, ties: Callable[[_Page, Figure, Figure, Figure], bool]
) -> Iterator[tuple[Figure, Figure, bool]]:
    """Two numbers of one unit that stand beside a result or share its indicator, and whether all three are tied."""
    places = page.places[result.figure_id][:BESIDE]
    beside = [other.figure for mention in places for other in page.around(mention, BESIDE)]
    around = [other.figure for mention in places for other in page.around(mention)]
    own = [figure for figure in page.with_indicator(result) if _one_thing(result, figure, "stance", "period_end")]
    own = sorted(own, key=lambda figure: abs(page.rank[figure.figure_id] - page.rank[result.figure_id]))[:MOST_PARTS]
    pairs = [
        *permutations(dict.fromkeys(beside), 2),
        *((above, below) for above in own for below in (*page.with_indicator(result), *around)),
    ]
    for above, below in dict.fromkeys(pairs):
        if above is below or result in (above, below) or page.base(above) != page.base(below):
            continue
        if above.measure == below.measure:
            yield above, below, ties(page, result, above, below)


def _share_ties(page: _Page, result: Figure, above: Figure, below: Figure) -> bool:
    """Whether a percentage speaks of the number above the line, and that is of a kind with the one below."""
    if not _one_thing(result, above, "stance", "period_end"):
        return False
    return page.is_part(above, below) or _attains(above, below)


def _attains(above: Figure, below: Figure) -> bool:
    """Whether one figure is the result of what the other is the target of."""
    planned = above.stance == "actual" and below.stance in ("target", "planned")
    return planned and _one_thing(above, below, "measure", "period_end")


def _changes(page: _Page) -> Iterator[_Relation]:
    """A change is the new level less the old one, a growth is that in percent of the old one."""
    for result in page.figures:
        if result.measure not in ("change", "gap", "growth", "index"):
            continue
        in_percent = page.unit(result).quantity == "percent" and result.measure in ("growth", "index")
        for new, old, tied in _pairs(page, result, _change_ties):
            if new.measure not in ("level", "share", "score", "rank") or not page.amount(old):
                continue
            if not in_percent and page.base(new) != page.base(result):
                continue
            rise = (new, old) if result.direction != "down" else (old, new)
            difference = f"{rise[0].figure_id} - {rise[1].figure_id}"
            computed = page.amount(rise[0]) - page.amount(rise[1])
            rule, formula = "difference", difference
            if in_percent and result.measure == "index":
                rule, formula = "ratio", f"{new.figure_id} / {old.figure_id} * 100"
                computed = page.amount(new) / page.amount(old) * 100
            elif in_percent:
                rule, formula = "growth", f"({difference}) / {old.figure_id} * 100"
                computed = computed / page.amount(old) * 100
            if computed >= 0 and (tied or page.agrees(computed, result)):
                yield _relation(page, rule, result, formula, (new, old), tied)


def _change_ties(_: _Page, result: Figure, new: Figure, old: Figure) -> bool:
    """Whether two levels are of the thing that changed, the later of its own year and the earlier of its base."""
    if not (_one_thing(result, new) and _one_thing(new, old)):
        return False
    if result.measure == "gap":
        return new.stance == "actual" and old.stance in ("target", "planned") and new.period_end == old.period_end
    later = new.period_end == result.period_end and old.period_end < new.period_end
    return (
        later
        and new.stance == result.stance
        and (not result.base[:4].isdigit() or old.period_end[:4] == result.base[:4])
    )


def _averages(page: _Page) -> Iterator[_Relation]:
    """What falls on a year is a total over its years; what falls on one thing is a total over their number."""
    for result in page.figures:
        if result.extent in ("average_year", "each_year"):
            for total in page.with_indicator(result):
                years = _year(total.period_end) - _year(total.period_start) + 1
                same = _one_thing(result, total, "stance", "direction") and page.base(result) == page.base(total)
                same &= total.extent not in ("average_year", "each_year", "each_month")
                if same and years > 1 and page.agrees(page.amount(total) / years, result):
                    yield _relation(page, "average", result, f"{total.figure_id} / {years}", (total,), True)
        if page.unit(result).quantity not in ("money", "rate"):
            continue
        for mention in page.places[result.figure_id][:1]:
            beside = [other.figure for other in page.around(mention, BESIDE)]
            totals = [figure for figure in beside if page.unit(figure).quantity == "money"]
            counts = [
                figure for figure in beside if page.unit(figure).quantity == "count" and figure.measure == "level"
            ]
            for total in totals:
                for count in counts:
                    if page.amount(count) > 1 and page.agrees(page.amount(total) / page.amount(count), result):
                        formula = f"{total.figure_id} / {count.figure_id}"
                        yield _relation(page, "average", result, formula, (total, count), False)


def _equals(page: _Page) -> Iterator[_Relation]:
    """One number stands in two places: for one thing, for all of a whole, or with too many digits for chance."""
    for (base, amount), figures in page.by_amount.items():
        if not amount or base == "phan-tram" or len(figures) > MOST_TIED:
            continue
        for one, other in combinations(figures, 2):
            if one.measure != other.measure or page.unit(one).quantity in ("rank", "score"):
                continue
            same = _one_thing(one, other, "stance", "period_end")
            tied = same or page.is_part(one, other) or page.is_part(other, one)
            if tied or _digits(one) >= TELLING:
                result, formula = (one, other) if page.is_part(one, other) else (other, one)
                yield _relation(page, "equal", result, formula.figure_id, (formula,), tied)


def _counts(page: _Page) -> Iterator[_Relation]:
    """A small number is followed by a list of so many numbered items."""
    spans = page.data.spans
    marks = [(i, span) for i, span in enumerate(spans) if span.kind == "list_number" and span.as_written.isdigit()]
    by_line: dict[int, list[Figure]] = {}
    for mention in page.mentions:
        if mention.figure.measure == "level" and page.unit(mention.figure).quantity == "count":
            by_line.setdefault(mention.span.line, []).append(mention.figure)
    start = 0
    while start < len(marks):
        end = start + 1
        while end < len(marks) and int(marks[end][1].as_written) == int(marks[end - 1][1].as_written) + 1:
            end += 1
        run, start = marks[start:end], end
        first = run[0][1]
        one_passage = len({mark.section for _, mark in run}) == 1  # a heading's number opens a section of its own
        if int(first.as_written) != 1 or len(run) == 1 or not one_passage or run[-1][1].line - first.line > NEAR_LINES:
            continue
        for line in range(first.line - 3, first.line + 1):
            for figure in dict.fromkeys(by_line.get(line, ())):
                if figure.value == len(run):
                    items = tuple(
                        ClaimItem(0, "", n, "", mark.line, mark.start, _figure_after(spans, i))
                        for n, (i, mark) in enumerate(run, 1)
                    )
                    found = _relation(page, "count", figure, _ITEMS, (), tied=False)
                    yield replace(found, grounds=(*found.grounds, "listed"), items=items)


def _figure_after(spans: Sequence[Span], index: int) -> str:
    following = spans[index + 1] if index + 1 < len(spans) else None
    return following.figure_id if following else ""


def _bounds(page: _Page) -> Iterator[_Relation]:
    """A result reaches its target; a part is no more than its whole."""
    for figure in page.figures:
        indicator = page.vocabulary.indicators.get(figure.indicator)
        for other in page.with_indicator(figure):
            if other is figure or page.base(other) != page.base(figure):
                continue
            if _attains(figure, other) and indicator and indicator.better in ("higher", "lower"):
                sign = "<=" if indicator.better == "lower" and figure.measure not in ("change", "growth") else ">="
                yield _bound(page, figure, sign, other)
            elif page.is_part(figure, other):
                near = _nearest(page, (figure, other), page.places[figure.figure_id][0])
                is_near = near[1].at - near[0].at <= BESIDE and near[1].span.line - near[0].span.line <= NEAR_LINES
                if is_near and _is_at_most(page, figure, other):
                    yield _bound(page, figure, "<=", other)


def _is_at_most(page: _Page, part: Figure, whole: Figure) -> bool:
    """Whether a part cannot be more than its whole, and there is no smaller whole that it is a part of."""
    if part.measure != "level" and (part.measure != "share" or part.place != whole.place):
        return False
    between = (other for other in page.with_indicator(part) if page.is_part(part, other))
    return not any(page.is_part(other, whole) for other in between)


def _bound(page: _Page, left: Figure, sign: str, right: Figure) -> _Relation:
    found = _relation(page, "bound", "", f"{left.figure_id} {sign} {right.figure_id}", (left, right), True)
    return replace(found, result="")


def _spans(page: _Page) -> Iterator[_Relation]:
    """An anniversary or a number of years lies between two years that are printed, or ends with the report's own."""
    own = _year(page.data.facts.period_end)
    for span in page.data.spans:
        if span.kind not in ("anniversary", "duration") or not span.as_written.isdigit() or int(span.as_written) < 2:
            continue
        length = int(span.as_written)
        near = [(_distance(other, span), other.line, year) for other, year in page.years]
        near = [one for one in near if one[0][0] <= NEAR_LINES]
        pairs = []
        for away, line, early in near:
            for late, also_away in ((own, (0, 0)), *((year, other) for other, _, year in near)):
                inclusive = span.kind == "duration" and late - early + 1 == length
                if late - early == length or inclusive:
                    formula = f"{late} - {early}" + (" + 1" if inclusive else "")
                    pairs.append((max(away, also_away), late != own, formula, line))
        if pairs:
            away, _, formula, line = min(pairs)
            sure = span.kind == "anniversary" or away[0] == 0 or (length >= 10 and away[0] <= 2)
            yield _Relation(
                rule="span",
                result=str(length),
                formula=formula,
                figures=(),
                grounds=("years",) if sure else (),
                lines=tuple(sorted({span.line, line})),
                spread=away[0] * 10_000 + away[1],
                digits=len(str(length)),
                span=span,
            )


def _distance(one: Span, other: Span) -> tuple[int, int]:
    """How far two spans are apart: in lines, and within one line in characters."""
    lines = abs(one.line - other.line)
    return lines, abs(one.start - other.start) if not lines else 0


# --- What is left out ------------------------------------------------------------------------------------------------


class _Together:
    """Which figures stand together in one relation."""

    def __init__(self, relations: Iterable[frozenset[str]]):
        self.by_figure: dict[str, set[str]] = {}
        for names in relations:
            self.add(names)

    def add(self, names: frozenset[str]) -> None:
        for name in names:
            self.by_figure.setdefault(name, set()).update(names)

    def has(self, pair: frozenset[str]) -> bool:
        return all(pair <= self.by_figure.get(name, set()) for name in pair)


@dataclass(frozen=True)
class _Held:
    """What claims.csv says already, in substance."""

    rows: frozenset[tuple[str, str]]
    figures: frozenset[frozenset[str]]
    together: "_Together"
    counted: frozenset[str]
    explained: frozenset[str]  # figures whose one origin is known
    sums: Mapping[str, tuple[frozenset[str], ...]]
    places: frozenset[tuple[int | None, int | None]]
    years: frozenset[tuple[int | None, tuple[str, str]]]

    @classmethod
    def of(cls, data: ReportData) -> "_Held":
        names = {claim.claim_id: _names(data, claim) for claim in data.claims}
        sums: dict[str, tuple[frozenset[str], ...]] = {}
        for claim in data.claims:
            sums[claim.result] = (*sums.get(claim.result, ()), names[claim.claim_id])
        return cls(
            rows=frozenset(
                normal(claim.result, claim.formula, data.package) for claim in data.claims if not claim.line
            ),
            figures=frozenset(names.values()),
            together=_Together(names.values()),
            counted=frozenset(claim.result for claim in data.claims if claim.rule == "count"),
            explained=frozenset(claim.result for claim in data.claims if claim.rule in _ONE_WORKING),
            sums=sums,
            places=frozenset((claim.line, claim.start) for claim in data.claims if claim.line),
            years=frozenset((claim.line, normal(claim.result, claim.formula)) for claim in data.claims if claim.line),
        )

    def has(self, relation: _Relation) -> bool:
        if relation.span:
            at = (relation.span.line, relation.span.start)
            return at in self.places or (at[0], normal(relation.result, relation.formula)) in self.years
        if relation.rule == "count":
            return relation.result in self.counted
        names = frozenset(figure.figure_id for figure in relation.figures)
        if relation.rule == "bound" and self.together.has(names):
            return True
        return names in self.figures or normal(relation.result, relation.formula) in self.rows


def _names(data: ReportData, claim: Claim) -> frozenset[str]:
    """The figures a claim holds together, result and formula alike."""
    found: set[str] = set()
    for text in (claim.result, claim.formula):
        try:
            leaves = list(leaves_of(parse(text))) if text else []
        except FormulaError:
            continue  # It has its fault already.
        found |= {leaf.name.removeprefix(f"{data.package}#") for leaf in leaves if isinstance(leaf, Name)}
    return frozenset(found)


def normal(result: str, formula: str, package: str = "") -> tuple[str, str]:
    """A result and a formula in a form that is the same for the same statement, whatever the order of its summands."""
    return _normal_text(result, package), _normal_text(formula, package)


def _normal_text(text: str, package: str) -> str:
    if not text:
        return ""
    try:
        return _shape(parse(text), package)
    except FormulaError:
        return text


def _shape(formula: Formula, package: str) -> str:
    if isinstance(formula, All):
        return f"all({', '.join(sorted(_shape(one, package) for one in formula.comparisons))})"
    if isinstance(formula, Comparison):
        sides, sign = (_shape(formula.left, package), _shape(formula.right, package)), formula.operator
        if sign in (">", ">="):
            sides, sign = sides[::-1], sign.replace(">", "<")
        return f" {sign} ".join(sorted(sides) if sign == "==" else sides)
    if isinstance(formula, Operation):
        inverse = {"+": "-", "*": "/"}
        kind = "+" if formula.operator in "+-" else "*"
        return "(" + " ".join(sorted(_terms(formula, kind, inverse[kind], False, package))) + ")"
    if isinstance(formula, Negative):
        return f"(-{_shape(formula.operand, package)})"
    if isinstance(formula, Name):
        end = f".{formula.end}" if formula.end else ""
        return formula.name.removeprefix(f"{package}#") + end
    if isinstance(formula, Count):
        return f"count({', '.join(sorted(_shape(name, package) for name in formula.names))})"
    if isinstance(formula, Number):
        return f"{formula.value.normalize():f}"
    assumed = "" if formula.assumed is None else f"{formula.assumed.normalize():f}"
    return f"[{formula.name}={assumed}]"


def _terms(formula: Formula, plus: str, minus: str, turned: bool, package: str) -> Iterator[str]:
    """The terms of a sum or the factors of a product, each with its sign."""
    if isinstance(formula, Operation) and formula.operator in (plus, minus):
        yield from _terms(formula.left, plus, minus, turned, package)
        yield from _terms(formula.right, plus, minus, turned ^ (formula.operator == minus), package)
    else:
        yield f"{minus if turned else plus}{_shape(formula, package)}"


def _is_worth_a_line(relation: _Relation, finding: Finding) -> bool:
    """Whether the numbers agree, or the figures are tied so that their disagreeing is worth a look."""
    return finding.verdict in (*AGREES, "within") or (
        finding.verdict == "fails" and relation.rule in ("attainment", "share", "difference", "growth", "bound")
    )


def _one_working_each(judged: Iterable[tuple[_Relation, Finding]], held: _Held) -> list[tuple[_Relation, Finding, str]]:
    """Call weak what explains a number that is explained better, by a claim or by another suggestion."""
    kept: list[tuple[_Relation, Finding, str]] = []
    explained = set(held.explained)
    spans: set[tuple[int, str, str]] = set()
    sums: dict[str, list[frozenset[str]]] = {result: list(parts) for result, parts in held.sums.items()}
    together = _Together(held.figures)

    def order(pair: tuple[_Relation, Finding]) -> tuple[object, ...]:
        relation, finding = pair
        rank = ("bound", "equal").index(relation.rule) + 1 if relation.rule in ("bound", "equal") else 0
        return (-rank, finding.verdict != "fails", *relation.weight)

    for relation, finding in sorted(judged, key=order, reverse=True):
        evidence = relation.evidence
        names = frozenset(figure.figure_id for figure in relation.figures)
        if relation.span:
            years = (relation.span.line, relation.result, relation.formula)
            evidence = "weak" if years in spans else evidence
            spans.add(years)
        elif relation.rule in _ONE_WORKING:
            if relation.result in explained:
                evidence = "weak"
            elif evidence != "weak":
                explained.add(relation.result)
        elif relation.rule == "sum":
            others = sums.setdefault(relation.result, [])
            if any(len(names & other) > 1 for other in others):
                evidence = "weak"
            elif evidence != "weak":
                others.append(names)
        elif relation.rule in ("bound", "equal") and together.has(names):
            if relation.rule == "bound":
                continue
            evidence = "weak"
        if evidence != "weak":
            together.add(names)
        kept.append((relation, finding, evidence))
    return kept


def _claim(package: str, n: int, relation: _Relation) -> Claim:
    span = relation.span
    return Claim(
        package=package,
        row=n,
        claim_id=f"suggested_{n}",
        rule=relation.rule,
        result=relation.result,
        formula=relation.formula,
        basis=relation.basis,
        line=span.line if span else None,
        start=span.start if span else None,
        as_written=span.as_written if span else "",
        note="",
        items=relation.items,
    )


def _free_id(relation: _Relation, taken: Iterable[str]) -> str:
    """An id for a claim that no other has."""
    if relation.span:
        stem = f"line_{relation.span.line}_span"
    elif relation.rule == "count":
        stem = f"{relation.result}_listed"
    elif relation.rule == "total100":
        stem = f"{relation.figures[0].figure_id}_total"
    else:
        stem = f"{relation.figures[0].figure_id}_{relation.rule}"
    names = (stem, *(f"{stem}_{n}" for n in range(2, 1000)))
    return next(name for name in names if name not in taken)
