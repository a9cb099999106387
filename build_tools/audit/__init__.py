"""The audit of the arithmetic that reports state or imply: each claim gets a finding, or a fault that says why not.

Start reading in `verdicts.py`; what a printed number stands for is in `intervals.py`, the language of the formulas in
`formulas.py`, and docs/rules/arithmetic.md says the same in words.
"""

from collections.abc import Iterable

from build_tools.audit.claims import Book, ReadClaim, read_claim
from build_tools.audit.finding import ClaimFault, Finding, as_json, working_text
from build_tools.audit.verdicts import judge
from build_tools.figures import Claim, Figure, Unit

__all__ = ["ClaimFault", "Finding", "as_json", "audit", "working_text"]


def audit(
    figures: Iterable[Figure], claims: Iterable[Claim], units: Iterable[Unit]
) -> tuple[tuple[Finding, ...], tuple[ClaimFault, ...]]:
    """A finding for each claim that can be judged and the faults of those that cannot, both in order.

    The figures and claims may be of one package or of many: a claim finds the figures of its own package by their id,
    those of another as `package#id`.
    """
    claims = tuple(claims)
    book = Book.of(figures, claims, units)
    findings: list[Finding] = []
    faults: list[ClaimFault] = []
    for claim in claims:
        read = read_claim(claim, book)
        if not isinstance(read, ReadClaim):
            faults.extend(read)
            continue
        judged = judge(read)
        if isinstance(judged, Finding):
            findings.append(judged)
        else:
            faults.append(judged)
    return tuple(sorted(findings)), tuple(sorted(faults))
