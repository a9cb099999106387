"""Read the `across` package: what somebody who read several reports found of figures in them, and claims over them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from build_tools.audit.across import KINDS, Relation
from build_tools.faults import Fault, fault
from build_tools.figures import Claim, Figure
from build_tools.packages import DESCRIPTOR, Package, suggestion
from build_tools.report_packages import read_claims
from build_tools.schemas import standard_faults

TABLES = ("relations", "claims", "claim_items")


@dataclass(frozen=True)
class AcrossData:
    """The rows of the `across` package, typed; both empty when there is none."""

    relations: tuple[Relation, ...] = ()
    claims: tuple[Claim, ...] = ()


def read_across_package(package: Package, figures: Mapping[str, Figure]) -> tuple[AcrossData, tuple[Fault, ...]]:
    """Return the relations and claims between reports, and what is wrong with them.

    `figures` holds every figure by its address, `package#figure_id`; a relation to another is a fault. Formulas of
    claims are checked by the audit, as those of reports are.
    """
    tables = {name: table for name in TABLES if (table := package.table(name)) is not None}
    faults = [item for table in tables.values() for item in standard_faults(package.name, table)]
    if not tables.keys() & {"relations", "claims"}:
        faults.append(fault(package.name, DESCRIPTOR, "table-missing", table="relations"))
    if faults:
        return AcrossData(), tuple(sorted(faults))
    relations = tuple(
        Relation(row=row, **record) for row, record in (tables["relations"].records() if "relations" in tables else ())
    )
    faults += _relation_faults(package.name, relations, figures)
    claims = read_claims(package.name, tables) if "claims" in tables else ()
    return AcrossData(relations, claims), tuple(sorted(faults))


def _relation_faults(package: str, relations: tuple[Relation, ...], figures: Mapping[str, Figure]) -> Iterator[Fault]:
    """Yield relations to figures that are not there, between two figures of one report, and said twice."""
    pairs: dict[tuple[frozenset[str], str], Relation] = {}
    for relation in relations:

        def wrong(code: str, column: str, row: int = relation.row, **details: object) -> Fault:
            return fault(package, "relations.csv", code, row, column, details=details)

        for column, address in (("a", relation.a), ("b", relation.b)):
            if address not in figures:
                yield fault(
                    package,
                    "relations.csv",
                    "key-unknown",
                    relation.row,
                    column,
                    address,
                    table="figures.csv",
                    details=suggestion(address, tuple(figures)),
                )
        if relation.a.split("#")[0] == relation.b.split("#")[0]:
            yield wrong("relation-within", "b", a=relation.a, b=relation.b)
        if relation.kind not in KINDS:
            continue  # The table's own enum says so already.
        pair = (frozenset((relation.a, relation.b)), relation.kind)
        first = pairs.setdefault(pair, relation)
        if first is not relation:
            yield wrong("relation-twice", "id", first=first.id, line=first.row)
