"""Which pages, charts and downloads exist, what they say, and where they live."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Mark:
    """One value drawn in a chart.

    `role` says how it is drawn: `actual` solid, `estimate` hollow, `target` a line, `target_derived` a dashed line,
    `derived` hollow and joined by dots (worked out by us, not printed).
    """

    label: str  # the category or the period, as the reader sees it
    value: Decimal
    text: str  # the value as the reader sees it, with its unit where it has one: "17.034 người"
    role: str = "actual"


@dataclass(frozen=True)
class Chart:
    """A chart to draw: everything it shows, nothing of how.

    `kind`: `target` (a row per label: actual and, where there is one, target), `parts` (the parts of a total, largest
    first, in the unit of the total), `change` (one series over periods, in order of time).
    """

    chart: str  # its address, a slug
    kind: str
    title: str
    sentence: str  # what it shows, stated for whoever cannot see it
    unit: str  # the symbol of the unit, for the axis
    marks: tuple[Mark, ...]
