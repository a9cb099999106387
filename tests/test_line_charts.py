"""Charts of any number of values over time: where they stand, what joins them, what they never do."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from build_tools.errors import BuildError
from build_tools.render.charts import draw, vega_lite
from build_tools.site_model import Chart, Mark
from tests.test_charts import part, root_of, texts


def line(values: list[tuple[str, str]], broken: tuple[str, ...] = (), panel: str = "") -> tuple[Mark, ...]:
    """Return marks of (day, value), parted before the days in `broken`."""
    return tuple(
        Mark(day, Decimal(value), value, "value", panel, "a gap" if day in broken else "", _number(day))
        for day, value in values
    )


def _number(day: str) -> Decimal:
    return Decimal(date.fromisoformat(day).toordinal())


YEARS = [(f"{2001 + n}-01-01", str(20 + 7 * n % 11)) for n in range(9)]
CHART = Chart("mau", "line", "Mẫu", "Mẫu.", "%", line(YEARS))


def test_every_value_is_joined_to_the_next() -> None:
    """A line without gaps has a piece between each two values."""
    assert len(part(draw(CHART, "vi").wide, "line")) == len(YEARS) - 1


def test_a_gap_parts_the_line() -> None:
    """Nothing is drawn over a gap, and a value between two gaps is a dot."""
    marks = line([(f"2001-{n % 12 + 1:02d}-{n // 12 + 1:02d}", str(n)) for n in range(100)])
    ordered = sorted(marks, key=lambda mark: mark.at or 0)
    parted = tuple(replace(mark, broken="a gap") if n in (50, 51) else mark for n, mark in enumerate(ordered))
    drawn = draw(replace(CHART, marks=parted), "vi").wide
    assert len(part(drawn, "line")) == 97
    assert len(part(drawn, "dot")) == 1


def test_time_has_its_distance() -> None:
    """Ten years are ten times as long as one."""
    days = [("2000-01-01", "1"), ("2001-01-01", "2"), ("2011-01-01", "3")]
    dots = part(draw(replace(CHART, marks=line(days)), "vi").wide, "dot")
    first, second, third = (float(dot["cx"]) for dot in dots)
    assert (third - second) / (second - first) == pytest.approx(10, rel=0.01)


def test_values_stand_on_a_scale_from_zero() -> None:
    """Twice the value is twice as high, also below zero."""
    days = [("2000-01-01", "10"), ("2001-01-01", "20"), ("2002-01-01", "-10")]
    svg = draw(replace(CHART, marks=line(days)), "vi").wide
    zero = next(float(axis["y1"]) for axis in part(svg, "axis_line") if float(axis.get("x1", 0)) == 0)
    ten, twenty, below = (zero - float(dot["cy"]) for dot in part(svg, "dot"))
    assert twenty == pytest.approx(2 * ten, abs=0.1)
    assert below == pytest.approx(-ten, abs=0.1)


def test_panels_share_scale_and_time() -> None:
    """Small multiples compare: one value at one time has one place in each panel."""
    first, second = line(YEARS[:5], panel="a"), line([*YEARS[3:], ("2012-01-01", "900")], panel="b")
    svg = draw(replace(CHART, marks=first + second), "vi").narrow
    labels = [one["text"] for one in texts(svg) if one["data-part"] == "text_axis"]
    half = len(labels) // 2
    assert labels[:half] == labels[half:]
    assert "1.000\u00a0%" in "".join(labels) or "1.000%" in "".join(labels)


def test_labels_of_time_do_not_meet() -> None:
    """However long the time, its labels stand apart and inside the picture."""
    for years in (1, 4, 9, 60, 190, 900):
        days = [(f"{1100 + years * n // 50:04d}-{n % 12 + 1:02d}-01", str(n)) for n in range(51)]
        marks = tuple(sorted(line(days), key=lambda mark: mark.at or 0))
        for svg in (draw(replace(CHART, marks=marks), "vi").narrow, draw(replace(CHART, marks=marks), "en").wide):
            width = float(root_of(svg).attrib["width"])
            said = [one for one in texts(svg) if one["data-part"] == "text_axis" and one.get("text-anchor") == "middle"]
            xs = [float(one["x"]) for one in said]
            assert len(xs) >= 2, years
            assert all(after - before > 25 for before, after in pairwise(xs)), (years, xs)
            assert all(0 < x < width for x in xs)


def test_a_value_without_a_time_is_refused() -> None:
    """What stands at no time has no place on a line."""
    with pytest.raises(BuildError, match="stands at no time"):
        draw(replace(CHART, marks=(replace(CHART.marks[0], at=None),)), "vi")


def test_vega_draws_the_same_gaps() -> None:
    """The interactive chart parts its line where the picture does, and begins at zero."""
    written = vega_lite(replace(CHART, marks=line(YEARS, broken=("2005-01-01",))), "en")
    assert [row["run"] for row in written["data"]["values"]] == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert written["layer"][0]["encoding"]["y"]["scale"]["domain"][0] == 0
    assert [row["at"][:10] for row in written["data"]["values"]] == [day for day, _ in YEARS]
