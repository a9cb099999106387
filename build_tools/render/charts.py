"""Charts as SVG, drawn by Altair and vl-convert, which have their home here.

A chart is made in three steps. We measure the texts with the font's own widths and decide where everything stands; Vega
puts the values on their scale and draws them; we write what it drew, and the texts, as an SVG without English
descriptions, classes or ids, so that twenty of them can stand on one page. Colours are variables of the page's theme.
Words never enter the specification that Vega reads: there is nothing in it that could be taken for an expression.

Every number axis starts at zero, in charts over time as well: the values are printed beside their points, so a small
change stays readable without being made to look large, and no chart needs a note that its axis is broken.
"""

import copy
import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache as once
from functools import lru_cache, partial
from html import escape
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from itertools import combinations, groupby, pairwise, product
from typing import Any, Literal
from xml.etree import ElementTree

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode
from fontTools.ttLib import TTFont

from build_tools.cache import BYTES, NOTHING_KEPT, Cache, Form
from build_tools.errors import BuildError
from build_tools.formats import format_number, format_percent, separators
from build_tools.output import OutputFile
from build_tools.site_model import Chart, Mark
from build_tools.workers import ALONE, Workers

NARROW = 340
WIDE = 720

# Altair writes specifications of one version of Vega-Lite; vl-convert must compile with that same one.
VL_VERSION = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])

FAMILY = "Be Vietnam Pro"
FONT_FILES = {400: "BeVietnamPro-Regular.ttf", 500: "BeVietnamPro-Medium.ttf", 600: "BeVietnamPro-SemiBold.ttf"}

FEW_CHARTS = 24  # below which a second process costs more than it saves

# What an axis can be labelled with, and a float can place to a hundredth of a pixel.
SMALLEST, LARGEST = Decimal("0.000000001"), Decimal(10) ** 18

# More marks than this are a table, not a picture; and the file would grow without bound.
MOST_MARKS = 400

ACTUAL, TARGET, INK_2 = "var(--actual)", "var(--target)", "var(--ink-2)"
LINE, LINE_STRONG, TRACK, PAPER = "var(--line)", "var(--line-strong)", "var(--track)", "var(--paper)"

# The light theme on white, for the file that stands alone.
SOLID_COLOURS = {
    "currentColor": "#182126",
    ACTUAL: "#0E6B80",
    TARGET: "#182126",
    INK_2: "#445159",
    LINE: "#DEDBD1",
    LINE_STRONG: "#7F8A8F",
    TRACK: "#E7E4DA",
    PAPER: "#FFFFFF",
}

WORDS = {
    "vi": {
        "actual": "in trong báo cáo",
        "estimate": "ước tính",
        "derived": "suy ra, báo cáo không in",
        "target": "chỉ tiêu in trong báo cáo",
        "target_derived": "chỉ tiêu suy ra",
        "total": "tổng",
        "value": "giá trị trong bảng",
        "source": "Nguồn: {publisher}, biểu đồ {chart}",
    },
    "en": {
        "actual": "printed in the report",
        "estimate": "estimate",
        "derived": "derived, not printed in the report",
        "target": "target printed in the report",
        "target_derived": "derived target",
        "total": "total",
        "value": "value in the table",
        "source": "Source: {publisher}, chart {chart}",
    },
}

VALUE_ROLES = ("actual", "estimate", "derived")
TARGET_ROLES = ("target", "target_derived")
ROLES = {
    "target": (*VALUE_ROLES, *TARGET_ROLES),
    "parts": (*VALUE_ROLES, "total", "total_estimate", "value"),
    "series": (*VALUE_ROLES, *TARGET_ROLES),
    "line": ("value",),
}


@dataclass(frozen=True)
class ChartImages:
    """One chart as SVG: two widths for the page, which shows one of them, and a file that stands alone."""

    narrow: str
    wide: str
    standalone: str
    specification: str  # what draws the chart again on request, as JSON of Vega-Lite


def draw(chart: Chart, language: str) -> ChartImages:
    """Return the images of a chart; the same chart and language give the same bytes."""
    _check(chart)
    _register_font()
    narrow = _picture(chart, language, NARROW)
    wide = _picture(chart, language, WIDE)
    wide_parts = _drawn(wide)
    return ChartImages(
        narrow=_inline_svg(narrow, _drawn(narrow)),
        wide=_inline_svg(wide, wide_parts),
        standalone=_standalone_svg(chart, language, wide, wide_parts),
        specification=json.dumps(vega_lite(chart, language), ensure_ascii=False, sort_keys=True) + "\n",
    )


@dataclass(frozen=True, order=True)
class Drawn:
    """Which site a set of images is of: its language, and the earlier version it shows, empty for the site as it is."""

    language: str
    version: str = ""


class Drawings(Mapping[str, ChartImages]):
    """The images of charts by address, which wait on the disk where there is a cache."""

    def __init__(self, waiting: Mapping[str, Callable[[], ChartImages]]) -> None:
        self._waiting = waiting

    def __getitem__(self, chart: str) -> ChartImages:
        return self._waiting[chart]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)


def draw_all(
    charts: Mapping[Drawn, Iterable[Chart]], workers: Workers = ALONE, cache: Cache = NOTHING_KEPT
) -> dict[Drawn, Mapping[str, ChartImages]]:
    """Return the images of the charts of several sites, each by address, sorted, whatever the number of workers.

    Raises BuildError for two charts of one address.
    """
    ordered = [(of, chart) for of, some in charts.items() for chart in sorted(some, key=lambda chart: chart.chart)]
    for before, after in pairwise(ordered):
        if (before[0], before[1].chart) == (after[0], after[1].chart):
            raise BuildError(
                f"chart {after[1].chart}",
                "two charts have this address",
                "Give each chart of the site an address of its own.",
            )
    asked = [(chart, of.language) for of, chart in ordered]
    waiting: dict[Drawn, dict[str, Callable[[], ChartImages]]] = {of: {} for of in charts}
    for (of, chart), image in zip(ordered, _drawings(asked, workers, cache), strict=True):
        waiting[of][chart.chart] = image
    return {of: Drawings(images) for of, images in waiting.items()}


def _drawings(
    asked: Iterable[tuple[Chart, str]], workers: Workers, cache: Cache
) -> Sequence[Callable[[], ChartImages]]:
    if cache.keeps:
        return cache.keep("drawings", workers, _draw_one, asked, _IMAGES, FEW_CHARTS)
    return [partial(_itself, images) for images in workers.map(_draw_one, asked, FEW_CHARTS)]


def _itself(images: ChartImages) -> ChartImages:
    return images


def _draw_one(asked: tuple[Chart, str]) -> ChartImages:
    return draw(*asked)


def _packed_images(images: ChartImages) -> bytes:
    return json.dumps(astuple(images), ensure_ascii=False).encode()


def _unpacked_images(content: bytes) -> ChartImages:
    return ChartImages(*json.loads(content))


_IMAGES = Form(_packed_images, _unpacked_images)


def to_png(standalone_svg: str, scale: float = 2) -> bytes:
    """Return a standalone SVG as PNG, at twice its size where nothing else is asked for."""
    _register_font()
    return vl_convert.svg_to_png(standalone_svg, scale=scale)


def text_lines(text: str, size: float, weight: int, width: float) -> list[str]:
    """Return a text in lines of at most `width` px, set in a size and one of the weights of FONT_FILES."""
    return _wrap(text, _Style("text", size, weight, "", size), width)


def text_width(text: str, size: float, weight: int) -> float:
    """Return how wide a text is in px, set in a size and one of the weights of FONT_FILES."""
    return _text_width(_clean(text), _Style("text", size, weight, "", size))


def _words(language: str) -> Mapping[str, str]:
    return WORDS.get(language, WORDS["en"])


def _check(chart: Chart) -> None:
    """Refuse what cannot be drawn as it says."""
    place = f"chart {chart.chart}"
    if chart.kind not in ROLES:
        raise BuildError(place, f"the kind {chart.kind!r} is unknown", f"Use one of {', '.join(ROLES)}.")
    if not chart.marks:
        raise BuildError(place, "the chart has no marks", "Leave the chart out of the plan.")
    if len(chart.marks) > MOST_MARKS:
        remedy = f"Plan a chart of at most {MOST_MARKS} marks and leave the rest to the table."
        raise BuildError(place, f"the chart has {len(chart.marks)} marks", remedy)
    for mark in chart.marks:
        if mark.role not in ROLES[chart.kind]:
            remedy = f"In a chart of kind {chart.kind}, use one of {', '.join(ROLES[chart.kind])}."
            raise BuildError(place, f"the mark {mark.label!r} has the role {mark.role!r}", remedy)
        if chart.kind == "line" and mark.at is None:
            raise BuildError(place, f"the mark {mark.label!r} stands at no time", "Say the number of its day.")
        if not mark.value.is_finite() or (mark.value and not SMALLEST <= abs(mark.value) <= LARGEST):
            remedy = f"Draw zero and values between {SMALLEST} and {LARGEST}, in a larger or smaller unit if need be."
            raise BuildError(place, f"the value of the mark {mark.label!r} has no place on an axis", remedy)


# --- Text: what it says and how wide it is ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Style:
    """How a text is set: nothing is smaller than 13 px, so that it keeps 12 px on a phone of 360 px."""

    name: str
    size: float
    weight: int
    fill: str
    leading: float


LABEL = _Style("label", 14, 500, "currentColor", 20)
VALUE = _Style("value", 15, 600, "currentColor", 20)
VALUE_DERIVED = _Style("value_derived", 14, 400, "currentColor", 20)
NOTE = _Style("note", 13, 400, INK_2, 18)
AXIS = _Style("axis", 13, 400, INK_2, 18)
KEY = _Style("key", 13, 400, INK_2, 22)
TITLE = _Style("title", 19, 600, "currentColor", 26)

# Control characters, lone surrogates and what is no character at all: XML or HTML cannot hold them.
_NOT_IN_XML = re.compile("[^\u0020-\u007e\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_SPACE = re.compile("[ \t\n\r\v\f\u0085\u2028\u2029]+")  # not U+00A0, which keeps a number with its unit


def _clean(text: str) -> str:
    """Return a text as XML can hold it, on one line."""
    return _NOT_IN_XML.sub("\ufffd", _SPACE.sub(" ", text)).strip(" ")


@once
def _widths(weight: int) -> Mapping[int, float]:
    """Return the width of each character in a weight of the font, as a share of the font size."""
    with _font_folder().joinpath(FONT_FILES[weight]).open("rb") as file, TTFont(file) as font:
        metrics = font["hmtx"]
        per_em = font["head"].unitsPerEm
        return {code: metrics[name][0] / per_em for code, name in font.getBestCmap().items()}


def _text_width(text: str, style: _Style) -> float:
    """Return how wide a text is in px, without kerning, which only ever makes it narrower by a little."""
    widths = _widths(style.weight)
    ems = sum(widths.get(ord(character), 0.0 if unicodedata.combining(character) else 1.0) for character in text)
    # The page sets words 0.04 em further apart, because the space of this font is narrow.
    return (ems + 0.04 * (text.count(" ") + text.count("\u00a0"))) * style.size


def _wrap(text: str, style: _Style, width: float) -> list[str]:
    """Return a text in lines no wider than asked; a word is broken only where it has no room on any line."""
    lines: list[str] = []
    line = ""
    for word in _clean(text).split(" "):
        longer = f"{line} {word}" if line else word
        if _text_width(longer, style) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = ""
        for character in word:
            if line and not unicodedata.combining(character) and _text_width(line + character, style) > width:
                lines.append(line)
                line = ""
            line += character
    return [*lines, line] if line else lines


def _widest(texts: Iterable[str], style: _Style) -> float:
    return max((_text_width(text, style) for text in texts), default=0.0)


# --- Scale: where a value stands -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scale:
    """The values an axis spans and the px they are drawn on; Vega does the same sum when it draws."""

    low: Decimal
    high: Decimal
    start: float
    end: float

    def at(self, value: Decimal) -> float:
        share = (float(value) - float(self.low)) / (float(self.high) - float(self.low))
        return self.start + share * (self.end - self.start)

    def values_per_px(self) -> float:
        return (float(self.high) - float(self.low)) / abs(self.end - self.start)


def _extent(chart: Chart) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest value with zero among them, never an empty stretch."""
    values = [Decimal(0), *(mark.value for mark in chart.marks), *chart.beside]
    low, high = min(values), max(values)
    return (low, high) if low < high else (low, low + 1)


def _ticks(low: Decimal, high: Decimal, intervals: int, whole: bool) -> list[Decimal]:
    """Return round numbers that cover a stretch in at most so many steps of 1, 2 or 5 times a power of ten."""
    least = (high - low) / intervals
    power = Decimal(1).scaleb(least.adjusted())
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
    if whole:
        step = max(step, Decimal(1))
    first = int((low / step).to_integral_value(ROUND_FLOOR))
    last = int((high / step).to_integral_value(ROUND_CEILING))
    return [(n * step).normalize() for n in range(first, last + 1)]


def _are_whole(chart: Chart) -> bool:
    """Say whether all values are whole, so that half a person never stands on an axis."""
    values = [*(mark.value for mark in chart.marks), *chart.beside]
    return all(value == value.to_integral_value() for value in values)


def _tick_texts(ticks: Sequence[Decimal], unit: str, language: str) -> list[str]:
    """Return the numbers of an axis; `%` goes with each of them, another unit with the last."""
    unit = _clean(unit)
    if unit == "%":
        return [format_percent(tick, language) for tick in ticks]
    *numbers, last = (format_number(tick, language) for tick in ticks)
    return [*numbers, f"{last}\u00a0{unit}" if unit else last]


# --- Sheet: what is drawn where --------------------------------------------------------------------------------------

# In the order of painting: what comes later lies above. A look says how Vega draws the mark.
_LOOKS: dict[str, tuple[Literal["rect", "rule", "circle"], dict[str, Any]]] = {
    "track": ("rect", {"fill": TRACK}),
    "grid": ("rule", {"stroke": LINE, "strokeWidth": 1}),
    "bar_actual": ("rect", {"fill": ACTUAL}),
    "bar_estimate": ("rect", {"filled": False, "stroke": ACTUAL, "strokeWidth": 2}),
    "bar_derived": ("rect", {"filled": False, "stroke": ACTUAL, "strokeWidth": 2, "strokeDash": [4, 2.5]}),
    "bar_total": ("rect", {"fill": LINE_STRONG}),
    "bar_total_estimate": ("rect", {"filled": False, "stroke": LINE_STRONG, "strokeWidth": 2}),
    "axis_line": ("rule", {"stroke": LINE_STRONG, "strokeWidth": 1}),
    "join": ("rule", {"stroke": ACTUAL, "strokeWidth": 2.5}),
    "line": ("rule", {"stroke": ACTUAL, "strokeWidth": 2, "strokeCap": "round"}),
    "join_derived": ("rule", {"stroke": ACTUAL, "strokeWidth": 2.5, "strokeDash": [2, 3]}),
    "break": ("rule", {"stroke": INK_2, "strokeWidth": 1.5, "strokeDash": [1, 4]}),
    "halo": ("rule", {"stroke": PAPER, "strokeWidth": 6}),
    "target": ("rule", {"stroke": TARGET, "strokeWidth": 2.5}),
    "target_derived": ("rule", {"stroke": TARGET, "strokeWidth": 2.5, "strokeDash": [4, 2.5]}),
    "point_actual": ("circle", {"fill": ACTUAL, "size": 100, "opacity": 1}),
    "dot": ("circle", {"fill": ACTUAL, "size": 20, "opacity": 1}),
    "point_estimate": ("circle", {"fill": PAPER, "stroke": ACTUAL, "strokeWidth": 2, "size": 64, "opacity": 1}),
    "point_derived": (
        "circle",
        {"fill": PAPER, "stroke": ACTUAL, "strokeWidth": 2, "strokeDash": [2.5, 2], "size": 64, "opacity": 1},
    ),
}
BAR = 12
TICK = 22
POINT = 5


@dataclass(frozen=True)
class _Element:
    """One element of an SVG, with its place worked out."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    text: str = ""


def _text_element(
    text: str, style: _Style, x: float, y: float, anchor: str = "start", haloed: bool = False
) -> _Element:
    """Return a line of text whose line box starts at `y`; a halo keeps it clear of a line behind it."""
    look = [("fill", style.fill), ("font-size", f"{style.size:g}")]
    if haloed:
        look += [("stroke", PAPER), ("stroke-width", "4"), ("stroke-linejoin", "round"), ("paint-order", "stroke")]
    if style.weight != 400:
        look.append(("font-weight", str(style.weight)))
    if anchor != "start":
        look.append(("text-anchor", anchor))
    baseline = y + style.leading / 2 + style.size * 0.35
    return _Element("text", (*_numbers(x=x, y=baseline), *look), text)


@dataclass
class _Sheet:
    """A picture being laid out: shapes on the scale of the values, shapes and texts at px."""

    width: int
    scale: _Scale
    upright: bool = False  # values run upwards, not to the right
    haloed: bool = False  # values and targets may lie over lines
    height: int = 0
    on_scale: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    at_px: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    in_key: dict[str, list[dict[str, float]]] = field(default_factory=dict)  # at px, too
    texts: dict[str, list[_Element]] = field(default_factory=dict)

    def put(self, look: str, **place: float) -> None:
        self.on_scale.setdefault(look, []).append(place)

    def put_px(self, look: str, **place: float) -> None:
        self.at_px.setdefault(look, []).append(place)

    def write(self, text: str, style: _Style, x: float, y: float, anchor: str = "start") -> None:
        """Set one line of text whose line box starts at `y`."""
        if text:
            haloed = self.haloed and style in (VALUE, VALUE_DERIVED, NOTE)
            self.texts.setdefault(style.name, []).append(_text_element(text, style, x, y, anchor, haloed))

    def write_lines(self, lines: Iterable[str], style: _Style, x: float, y: float, anchor: str = "start") -> float:
        """Set lines under one another; return where the next one would start."""
        for line in lines:
            self.write(line, style, x, y, anchor)
            y += style.leading
        return y


PANEL_GAP = 24


@dataclass(frozen=True)
class _Picture:
    """A chart laid out: one sheet, or one for each panel and one for the key, each with its place in px."""

    width: int
    height: int
    sheets: tuple[tuple[_Sheet, float, float], ...]


def _picture(chart: Chart, language: str, width: int) -> _Picture:
    """Return a chart laid out for a width."""
    panels = list(dict.fromkeys(mark.panel for mark in chart.marks))
    if chart.kind in ("series", "line") and len(panels) > 1:
        return _panels(chart, panels, language, width)
    sheet = _one_sheet(chart, language, width)
    return _Picture(width, sheet.height, ((sheet, 0, 0),))


def _panels(chart: Chart, panels: Sequence[str], language: str, width: int) -> _Picture:
    """Return a panel for each series, on one scale, in as many columns as there is room for, and one key for all."""
    columns = 2 if width >= WIDE else 1
    panel_width = (width - PANEL_GAP * (columns - 1)) // columns
    reach = (*chart.beside, *(mark.value for mark in chart.marks))
    alone = [replace(chart, marks=tuple(m for m in chart.marks if m.panel == panel), beside=reach) for panel in panels]
    laid: list[tuple[_Sheet, float] | None] = []
    if chart.kind == "line":
        days = [mark.at for mark in chart.marks if mark.at is not None]
        laid += [_lay_line(one, language, panel_width, (min(days), max(days))) for one in alone]
    else:
        laid += [_lay_columns(one, language, panel_width) for one in alone]
    if not all(laid):  # points to the right in one panel and downwards in the next would not compare
        laid = [_lay_timeline(one, language, panel_width) for one in alone]
    sheets: list[tuple[_Sheet, float, float]] = []
    y = 0.0
    for start in range(0, len(panels), columns):
        row = list(zip(panels, laid, strict=True))[start : start + columns]
        titles = [_wrap(panel, LABEL, panel_width) for panel, _ in row]
        top = y + max(map(len, titles)) * LABEL.leading + 4
        below = top
        for n, (title, (_, found)) in enumerate(zip(titles, row, strict=True)):
            if found is None:
                raise AssertionError("a timeline holds any series")
            sheet, bottom = found
            x = n * (panel_width + PANEL_GAP)
            sheet.write_lines(title, LABEL, 0, y - top)
            sheet.height = math.ceil(bottom)
            sheets.append((sheet, x, top))
            below = max(below, top + bottom)
        y = below + PANEL_GAP
    key = _Sheet(width, sheets[0][0].scale, upright=sheets[0][0].upright)
    key.height = math.ceil(_lay_key(key, chart, language, 0))
    y -= PANEL_GAP
    return _Picture(width, math.ceil(y + key.height), (*sheets, (key, 0, y)) if key.height else tuple(sheets))


def _one_sheet(chart: Chart, language: str, width: int) -> _Sheet:
    """Return a chart of one panel on its sheet."""
    if chart.kind == "target":
        sheet, bottom = _lay_targets(chart, language, width)
    elif chart.kind == "parts":
        sheet, bottom = _lay_parts(chart, language, width)
    elif chart.kind == "line":
        days = [mark.at for mark in chart.marks if mark.at is not None]
        sheet, bottom = _lay_line(chart, language, width, (min(days), max(days)))
    else:
        sheet, bottom = _lay_columns(chart, language, width) or _lay_timeline(chart, language, width)
    sheet.height = math.ceil(_lay_key(sheet, chart, language, bottom))
    return sheet


def _value_style(mark: Mark) -> _Style:
    return VALUE_DERIVED if mark.role == "derived" else VALUE


def _lay_bar(sheet: _Sheet, mark: Mark, top: float) -> None:
    """Lay a bar from zero to its value; an outline stays inside, so that its outer edge is what ends at the value."""
    value = float(mark.value)
    zero = 0.0
    bottom = top + BAR
    if mark.role in ("estimate", "derived", "total_estimate"):
        inset = math.copysign(sheet.scale.values_per_px(), value)
        if abs(value) > 2 * abs(inset):
            value, zero = value - inset, inset
        top, bottom = top + 1, bottom - 1
    role = "actual" if mark.role == "value" else mark.role
    sheet.put(f"bar_{role}", x=value, x2=zero, y=top, y2=bottom)


def _lay_tick(sheet: _Sheet, mark: Mark, middle: float) -> None:
    """Lay a target across the bar at `middle`, over a halo that parts it from a bar of nearly the same tone."""
    place = {"x": float(mark.value), "x2": float(mark.value), "y": middle - TICK / 2, "y2": middle + TICK / 2}
    sheet.put("halo", **place)
    sheet.put(mark.role, **place)


def _lay_number_axis(sheet: _Sheet, chart: Chart, language: str, y: float, grid_from: float | None) -> float:
    """Lay the numbers under a plot whose values run to the right, as many as have room; return where they end.

    Lines lead up to `grid_from`; without it there is a line along the axis and a short one at each number.
    """
    scale, unit = sheet.scale, chart.unit
    # A long unit gets a line of its own where it would leave room for no number but zero.
    for last_unit, intervals in product((unit, ""), (5, 4, 3, 2, 1)):
        covering = _ticks(scale.low, scale.high, intervals, _are_whole(chart))
        ticks = [tick for tick in covering if scale.low <= tick <= scale.high]
        labels = _axis_labels(sheet, ticks, last_unit, language)
        boxes = [(x - _text_width(text, AXIS) / 2, x + _text_width(text, AXIS) / 2) for x, text in labels]
        if len(ticks) > 1 and all(before[1] + 10 <= after[0] for before, after in pairwise(boxes)):
            break
    else:
        ticks, last_unit = [Decimal(0)], ""
        labels = _axis_labels(sheet, ticks, last_unit, language)
    if grid_from is None:
        sheet.put_px("axis_line", x=scale.start, x2=scale.end, y=y, y2=y)
    for tick in ticks:
        if grid_from is None:
            sheet.put("axis_line", x=float(tick), x2=float(tick), y=y, y2=y + 4)
        elif tick != 0:
            sheet.put("grid", x=float(tick), x2=float(tick), y=grid_from, y2=y)
    for x, text in labels:
        sheet.write(text, AXIS, x, y + 5, "middle")
    y += 5 + AXIS.leading
    return y if last_unit == unit else sheet.write_lines(_wrap(unit, AXIS, sheet.width), AXIS, sheet.width, y, "end")


def _axis_labels(sheet: _Sheet, ticks: Sequence[Decimal], unit: str, language: str) -> list[tuple[float, str]]:
    """Return the middle and the text of each number; it stands under its tick, and a word after it does not count."""
    labels = []
    for tick, text in zip(ticks, _tick_texts(ticks, unit, language), strict=True):
        half = _text_width(text, AXIS) / 2
        number = text if unit == "%" else format_number(tick, language)
        middle = sheet.scale.at(tick) + half - _text_width(number, AXIS) / 2
        labels.append((min(max(middle, half), sheet.width - half), text))
    return labels


# --- The three kinds -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """What stands beside one label: values and targets."""

    label: str
    values: tuple[Mark, ...]
    targets: tuple[Mark, ...]


def _rows(marks: Iterable[Mark]) -> list[_Row]:
    """Return the marks by label, in the order in which the labels first appear."""
    by_label: dict[str, list[Mark]] = {}
    for mark in marks:
        by_label.setdefault(mark.label, []).append(mark)
    return [
        _Row(
            label,
            tuple(mark for mark in group if mark.role in VALUE_ROLES),
            tuple(mark for mark in group if mark.role in TARGET_ROLES),
        )
        for label, group in by_label.items()
    ]


def _lay_targets(chart: Chart, language: str, width: int) -> tuple[_Sheet, float]:
    """Return bars with target lines; label, value and target stand around the bar, each in a place of its own."""
    rows = _rows(chart.marks)
    ticks = _ticks(*_extent(chart), 5, _are_whole(chart))
    low, high = ticks[0], ticks[-1]
    if chart.unit == "%" and 50 < high < 100:
        high = Decimal(100)  # the track then stands for the whole
    stacked = width < WIDE
    label_width = value_width = 0.0
    if not stacked:
        label_width = min(_widest((_clean(row.label) for row in rows), LABEL), 0.3 * width)
        value_width = max(
            (min(_text_width(_clean(m.text), _value_style(m)), 0.26 * width) for row in rows for m in row.values),
            default=0.0,
        )
    # The ends keep free what the zero line and a target at the end of the scale need of their own width.
    start = label_width + 20 if label_width else 1.0
    end = width - value_width - 16 if value_width else width - 3.0
    sheet = _Sheet(width, _Scale(low, high, start, end))
    y = 0.0
    for row in rows:
        y = _lay_target_row(sheet, row, y, stacked, label_width, value_width) + (20 if stacked else 16)
    return sheet, _lay_number_axis(sheet, chart, language, round(y) - 8.5, None)


def _lay_target_row(sheet: _Sheet, row: _Row, y: float, stacked: bool, label_width: float, value_width: float) -> float:
    """Lay one label with its bars and targets from `y` on; return where it ends."""
    start, end = sheet.scale.start, sheet.scale.end
    beside = None  # the value that shares a line with the label
    if stacked:
        room = float(sheet.width)
        if len(row.values) == 1:
            left = room - 16 - _text_width(_clean(row.values[0].text), _value_style(row.values[0]))
            if left > 0.45 * room:
                beside, room = row.values[0], left
        label_end = y = sheet.write_lines(_wrap(row.label, LABEL, room), LABEL, 0, y)
    else:
        label_end = sheet.write_lines(_wrap(row.label, LABEL, label_width), LABEL, 0, y + 1)
    for mark in row.values or (None,):
        value_end = y
        if mark is not None and mark is beside:
            sheet.write(_clean(mark.text), _value_style(mark), sheet.width, y - LABEL.leading, "end")
        elif mark is not None:
            lines = _wrap(mark.text, _value_style(mark), sheet.width if stacked else value_width)
            value_end = sheet.write_lines(lines, _value_style(mark), sheet.width, y + (0 if stacked else 1), "end")
        if stacked:
            y = value_end
        top = y + (TICK - BAR) / 2
        sheet.put_px("track", x=start, x2=end, y=top, y2=top + BAR)
        if mark is not None:
            _lay_bar(sheet, mark, top)
        sheet.put("axis_line", x=0, x2=0, y=top - 2, y2=top + BAR + 2)
        for target in row.targets:
            _lay_tick(sheet, target, y + TICK / 2)
        y = max(y + TICK, value_end)
    for target in row.targets:
        y = sheet.write_lines(_wrap(target.text, NOTE, end - start), NOTE, start, y)
    return max(y, label_end)


def _lay_parts(chart: Chart, language: str, width: int) -> tuple[_Sheet, float]:
    """Return a bar per part with its value at the end, and the total, where given, under a line."""
    parts = [mark for mark in chart.marks if not mark.role.startswith("total")]
    totals = [mark for mark in chart.marks if mark.role.startswith("total")]
    stacked = width < WIDE
    label_width = 0.0 if stacked else min(_widest((_clean(mark.label) for mark in chart.marks), LABEL), 0.34 * width)
    start = label_width + 20 if label_width else 1.0
    values = {mark: _wrap(mark.text, _value_style(mark), 0.45 * width) for mark in chart.marks}
    low, high = _extent(chart)
    # The scale ends where the longest bar and the text after it still fit.
    end = width - 3.0
    for mark, lines in values.items():
        share = (float(max(mark.value, Decimal(0))) - float(low)) / (float(high) - float(low))
        room = width - start - 8 - _widest(lines, _value_style(mark))
        if share > 0:
            end = min(end, start + room / share)
    sheet = _Sheet(width, _Scale(low, high, start, end), haloed=not stacked)
    y = 0.0
    for n, mark in enumerate(parts + totals):
        if n == len(parts) and parts:
            sheet.put_px("axis_line", x=0, x2=width, y=round(y) + 0.5, y2=round(y) + 0.5)
            y += 10
        lines = values[mark]
        style = _value_style(mark)
        if stacked:
            y = sheet.write_lines(_wrap(mark.label, LABEL, width), LABEL, 0, y)
            label_end = y
        else:
            label_end = sheet.write_lines(_wrap(mark.label, LABEL, label_width), LABEL, 0, y)
        top = y + (VALUE.leading - BAR) / 2
        _lay_bar(sheet, mark, top)
        if stacked:
            sheet.put("axis_line", x=0, x2=0, y=top - 2, y2=top + BAR + 2)
        after = sheet.scale.at(max(mark.value, Decimal(0))) + 8
        y = max(sheet.write_lines(lines, style, after, y), label_end, y + VALUE.leading) + (12 if stacked else 10)
    if stacked:
        return sheet, _lay_number_axis(sheet, chart, language, round(y) - 0.5, None)
    sheet.put("axis_line", x=0, x2=0, y=0, y2=y - 4)
    return sheet, _lay_number_axis(sheet, chart, language, y - 4, 0)


_Box = tuple[float, float, float, float]  # left, top, right, bottom
_Line = tuple[str, _Style, float, float]  # text, style, middle, top of its line box


def _boxes_meet(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _segment_meets(segment: _Box, box: _Box) -> bool:
    """Say whether a straight line from (x1, y1) to (x2, y2), running to the right, passes through a box."""
    x1, y1, x2, y2 = segment
    left, right = max(x1, box[0]), min(x2, box[2])
    if left > right or x1 == x2:
        return False
    at_left = y1 + (y2 - y1) * (left - x1) / (x2 - x1)
    at_right = y1 + (y2 - y1) * (right - x1) / (x2 - x1)
    return max(min(at_left, at_right), box[1]) <= min(max(at_left, at_right), box[3])


@dataclass(frozen=True)
class _Placing:
    """One way to write the texts of a period beside its marks, and how little we like it."""

    lines: tuple[_Line, ...]
    boxes: tuple[_Box, ...]
    cost: float


def _lay_columns(chart: Chart, language: str, width: int) -> tuple[_Sheet, float] | None:
    """Return points over periods that run to the right, or None when their texts cannot all stand clear."""
    rows = _rows(chart.marks)
    if any(len(row.values) > 1 or len(row.targets) > 1 for row in rows):
        return None
    narrow = width < WIDE
    ticks = _ticks(*_extent(chart), 3 if narrow else 4, _are_whole(chart))
    headroom = 26.5
    bottom = headroom + (180 if narrow else 210)
    sheet = _Sheet(width, _Scale(ticks[0], ticks[-1], bottom, headroom), upright=True, haloed=True)
    tick_texts = _tick_texts(ticks, chart.unit, language)
    start = _widest(tick_texts[:-1], AXIS) + 12
    # A few points on a wide sheet stay near one another: a long flat line would say that little happens.
    end = width if narrow else min(float(width), max(400.0, start + 190 * len(rows)))
    xs = _columns(rows, start, end)
    spacing = min((after - before for before, after in pairwise(xs)), default=end - start)
    periods = [_wrap(row.label, AXIS, spacing - 8) for row in rows]
    if max(map(len, periods)) > 3 or any(" ".join(p) != _clean(r.label) for p, r in zip(periods, rows, strict=True)):
        return None

    taken: list[_Box] = []
    for tick, text in zip(ticks, tick_texts, strict=True):
        y = sheet.scale.at(tick)
        sheet.put("axis_line" if tick == 0 else "grid", x=0, x2=end, y=float(tick), y2=float(tick))
        if tick != 0:
            sheet.write(text, AXIS, 0, y - AXIS.leading)
            taken.append((0.0, y - AXIS.leading, _text_width(text, AXIS) + 4, y))
    for (x, _), (next_x, row) in pairwise(zip(xs, rows, strict=True)):
        if any(mark.broken for mark in row.values):
            middle = (x + next_x) / 2
            sheet.put_px("break", x=middle, x2=middle, y=headroom, y2=bottom)
            taken.append((middle - 3, headroom, middle + 3, bottom))
    segments = _lay_points(sheet, rows, xs, spacing)
    placings = _place_texts(sheet, rows, xs, spacing, segments, taken)
    if placings is None:
        return None
    for placing in placings:
        for text, style, middle, top in placing.lines:
            sheet.write(text, style, middle, top, "middle")
    for x, lines in zip(xs, periods, strict=True):
        sheet.write_lines(lines, AXIS, x, bottom + 6, "middle")
    return sheet, bottom + 6 + AXIS.leading * max(map(len, periods))


def _are_years(labels: Sequence[str]) -> bool:
    """Say whether labels are years that follow one another, so that their distance in time can be drawn."""
    years = [int(label) for label in labels if re.fullmatch("[0-9]{4}", label)]
    return len(years) == len(labels) and all(before < after for before, after in pairwise(years))


def _columns(rows: Sequence[_Row], start: float, end: float) -> list[float]:
    """Return where the periods stand: years by their distance in time, so that a gap stays a gap; others evenly."""
    slot = (end - start) / len(rows)
    even = [start + slot * (n + 0.5) for n in range(len(rows))]
    labels = [_clean(row.label) for row in rows]
    if len(rows) > 1 and _are_years(labels):
        per_year = (even[-1] - even[0]) / (int(labels[-1]) - int(labels[0]))
        return [even[0] + (int(label) - int(labels[0])) * per_year for label in labels]
    return even


def _half_rule(spacing: float) -> float:
    """Return half the length of a target line, which must not reach into the next period."""
    return max(2.0, min(16.0, spacing / 2 - 2))


def _lay_points(sheet: _Sheet, rows: Sequence[_Row], xs: Sequence[float], spacing: float) -> list[_Box]:
    """Lay the points, the lines that join them and the targets; return the lines, for texts to keep clear of."""
    half = _half_rule(spacing)
    series = [(x, mark) for x, row in zip(xs, rows, strict=True) for mark in row.values]
    segments = []
    for (x, mark), (next_x, next_mark) in pairwise(series):
        if not _are_joined(mark, next_mark):
            continue
        sheet.put(_join(mark, next_mark), x=x, x2=next_x, y=float(mark.value), y2=float(next_mark.value))
        segments.append((x, sheet.scale.at(mark.value), next_x, sheet.scale.at(next_mark.value)))
    for x, row in zip(xs, rows, strict=True):
        for target in row.targets:
            place = {"x": x - half, "x2": x + half, "y": float(target.value), "y2": float(target.value)}
            sheet.put("halo", **place)
            sheet.put(target.role, **place)
    for x, mark in series:
        sheet.put(f"point_{mark.role}", x=x, y=float(mark.value))
    return segments


def _are_joined(mark: Mark, next_mark: Mark) -> bool:
    """Say whether a line may lead from a value to the next: from one year to the following one, if nothing broke."""
    labels = [_clean(mark.label), _clean(next_mark.label)]
    return _are_years(labels) and int(labels[1]) - int(labels[0]) == 1 and not next_mark.broken


def _join(mark: Mark, next_mark: Mark) -> str:
    """Return how two values are joined: by dots where one of them is not printed."""
    return "join_derived" if "derived" in (mark.role, next_mark.role) else "join"


def _place_texts(
    sheet: _Sheet,
    rows: Sequence[_Row],
    xs: Sequence[float],
    spacing: float,
    segments: Sequence[_Box],
    taken: Sequence[_Box],
) -> list[_Placing] | None:
    """Return the best way to write every period's texts, or None if two of them would always meet."""
    half = _half_rule(spacing)
    blocked = list(taken)
    for x, row in zip(xs, rows, strict=True):
        for mark in row.values:
            y = sheet.scale.at(mark.value)
            blocked.append((x - POINT, y - POINT, x + POINT, y + POINT))
        for mark in row.targets:
            y = sheet.scale.at(mark.value)
            blocked.append((x - half, y - 2, x + half, y + 2))
    # The best way so far to each placing of the last period: a shortest path, since texts mostly meet their neighbours.
    paths: list[tuple[float, list[_Placing]]] = [(0.0, [])]
    for x, row in zip(xs, rows, strict=True):
        following = []
        for placing in _placings(sheet, row, x, segments):
            if any(_boxes_meet(box, shape) for box in placing.boxes for shape in blocked):
                continue
            clear = [
                (cost + placing.cost, [*path, placing])
                for cost, path in paths
                if not any(_boxes_meet(a, b) for before in path for a in before.boxes for b in placing.boxes)
            ]
            if clear:
                following.append(min(clear, key=lambda way: way[0]))
        paths = following
    return min(paths, key=lambda way: way[0])[1] if paths else None


def _placings(sheet: _Sheet, row: _Row, x: float, segments: Sequence[_Box]) -> Iterator[_Placing]:
    """Yield the ways to write a period's value and target around their marks, each with its cost."""
    marks = [(_clean(mark.text), _value_style(mark), sheet.scale.at(mark.value), POINT) for mark in row.values]
    marks += [(_clean(mark.text), NOTE, sheet.scale.at(mark.value), 2) for mark in row.targets]
    for cost, wished in _ways(marks, x):
        lines = [(text, style, _kept_inside(at, text, style, sheet.width), top) for text, style, at, top in wished]
        boxes = []
        for text, style, middle, top in lines:
            half = _text_width(text, style) / 2 + 4
            boxes.append((middle - half, top + 2, middle + half, top + style.leading - 2))
        if any(box[1] < -1 or box[3] > sheet.scale.start - 1 for box in boxes):
            continue
        if any(_boxes_meet(a, b) for a, b in combinations(boxes, 2)):
            continue
        if any(_segment_meets(segment, box) for segment in segments for box in boxes):
            continue
        yield _Placing(tuple(lines), tuple(boxes), cost)


def _ways(marks: Sequence[tuple[str, _Style, float, int]], x: float) -> Iterator[tuple[float, list[_Line]]]:
    """Yield places for the texts of one period's marks (text, style, height and half the thickness of the mark)."""
    lowest = max(y + thick for _, _, y, thick in marks)
    highest = min(y - thick for _, _, y, thick in marks)
    # Texts in one block lie far from a mark that lies far from the others.
    far = (lowest - highest) / 20 if len(marks) > 1 else 0.0
    under: list[_Line] = []
    top = lowest + 2
    for text, style, _, _ in marks:
        under.append((text, style, x, top))
        top += style.leading - 2
    yield (0.0 if len(marks) > 1 else 1.0) + far, under
    over: list[_Line] = []
    top = highest
    for text, style, _, _ in reversed(marks):
        top -= style.leading - (2 if over else -2)
        over.append((text, style, x, top))
    yield (1.0 if len(marks) > 1 else 0.0) + far, over
    if len(marks) > 1:
        for sides in product(("under", "over"), repeat=len(marks)):
            each: list[_Line] = []
            for side, (text, style, y, thick) in zip(sides, marks, strict=True):
                each.append((text, style, x, y + thick + 2 if side == "under" else y - thick - 2 - style.leading))
            yield 2.0, each
    else:
        text, style, y, thick = marks[0]
        aside = thick + 6 + _text_width(text, style) / 2
        for middle in (x + aside, x - aside):
            yield 3.0, [(text, style, middle, y - style.leading / 2)]


def _kept_inside(middle: float, text: str, style: _Style, end: float) -> float:
    """Return the middle of a text moved as far as the edges of the plot ask."""
    half = _text_width(text, style) / 2
    return min(max(middle, half), end - half)


def _lay_timeline(chart: Chart, language: str, width: int) -> tuple[_Sheet, float]:
    """Return points over periods that run downwards, a row each: any number of them, with texts of any length."""
    rows = []
    for row in _rows(chart.marks):
        # One period may have several values; each gets its row, and the first one carries the targets.
        rows.append(_Row(row.label, row.values[:1], row.targets))
        rows += [_Row(row.label, (mark,), ()) for mark in row.values[1:]]
    texts = [
        [
            *((_clean(mark.text), _value_style(mark)) for mark in row.values),
            *((_clean(mark.text), NOTE) for mark in row.targets),
        ]
        for row in rows
    ]
    label_width = min(_widest((_clean(row.label) for row in rows), LABEL), 0.3 * width)
    value_width = min(max(_text_width(text, style) for group in texts for text, style in group), 0.4 * width)
    written = [[(_wrap(text, style, value_width), style) for text, style in group] for group in texts]
    labels = [_wrap(row.label, LABEL, label_width) for row in rows]
    heights = [
        max(LABEL.leading * len(lines), sum(style.leading * len(wrapped) for wrapped, style in group), TICK)
        for lines, group in zip(labels, written, strict=True)
    ]
    heights = [height + (8 if height == TICK else 14) for height in heights]
    years = [_clean(row.label) for row in rows]
    tops = [sum(heights[:n], 0.0) for n in range(len(rows))]
    if _are_years(years) and int(years[-1]) - int(years[0]) < 3 * len(rows):
        # A year that is missing keeps its place, so the tallest row but the last sets the pace.
        gaps = [int(after) - int(before) for before, after in pairwise(years)]
        per_year = max((height / gap for height, gap in zip(heights, gaps, strict=False)), default=0.0)
        tops = [(int(year) - int(years[0])) * per_year for year in years]

    ticks = _ticks(*_extent(chart), 4, _are_whole(chart))
    sheet = _Sheet(width, _Scale(ticks[0], ticks[-1], label_width + 20, width - value_width - 16))
    series: list[tuple[float, Mark]] = []
    for row, top, label, group in zip(rows, tops, labels, written, strict=True):
        sheet.write_lines(label, LABEL, 0, top + 1)
        y = top + 1
        for lines, style in group:
            y = sheet.write_lines(lines, style, width, y, "end")
        middle = top + TICK / 2
        for mark in row.targets:
            _lay_tick(sheet, mark, middle)
        for mark in row.values:
            sheet.put(f"point_{mark.role}", x=float(mark.value), y=middle)
            series.append((middle, mark))
    for (middle, mark), (next_middle, next_mark) in pairwise(series):
        if next_mark.broken:
            y = (middle + next_middle) / 2
            sheet.put_px("break", x=sheet.scale.start, x2=sheet.scale.end, y=y, y2=y)
        elif _are_joined(mark, next_mark):
            look = _join(mark, next_mark)
            sheet.put(look, x=float(mark.value), x2=float(next_mark.value), y=middle, y2=next_middle)
    bottom = tops[-1] + heights[-1]
    sheet.put("axis_line", x=0, x2=0, y=0, y2=bottom)
    return sheet, _lay_number_axis(sheet, chart, language, bottom, 0)


MOST_DOTS = 40  # of a line: where the values are more, each would hide its neighbours


def _lay_line(chart: Chart, language: str, width: int, days: tuple[Decimal, Decimal]) -> tuple[_Sheet, float]:
    """Return values over time from `days[0]` to `days[1]`, each at its day; a gap parts the line.

    A value without a neighbour that a line leads to is a dot, so that none goes unseen.
    """
    ticks = _ticks(*_extent(chart), 4, _are_whole(chart))
    headroom, bottom = 26.5, 206.5
    sheet = _Sheet(width, _Scale(ticks[0], ticks[-1], bottom, headroom), upright=True, haloed=True)
    tick_texts = _tick_texts(ticks, chart.unit, language)
    start, end = _widest(tick_texts[:-1], AXIS) + 12, width - 6.0
    length = max(days[1] - days[0], Decimal(1))
    for tick, text in zip(ticks, tick_texts, strict=True):
        y = sheet.scale.at(tick)
        sheet.put("axis_line" if tick == 0 else "grid", x=0, x2=width, y=float(tick), y2=float(tick))
        if tick != 0:
            sheet.write(text, AXIS, 0, y - AXIS.leading)
    marks = chart.marks
    xs = [start + float((mark.at - days[0]) / length) * (end - start) for mark in marks if mark.at is not None]
    joined = [not mark.broken for mark in marks[1:]]
    for n, is_joined in enumerate(joined):
        if is_joined:
            sheet.put("line", x=xs[n], x2=xs[n + 1], y=float(marks[n].value), y2=float(marks[n + 1].value))
    for n, mark in enumerate(marks):
        is_alone = not any(joined[max(n - 1, 0) : n + 1])
        if is_alone or len(marks) <= MOST_DOTS:
            sheet.put("dot", x=xs[n], y=float(mark.value))
    taken = -math.inf
    for x, text in _time_labels(chart, xs, days, start, end):
        half = _text_width(text, AXIS) / 2
        middle = min(max(x, half), width - half)
        if middle - half >= taken + 12:
            sheet.put_px("axis_line", x=x, x2=x, y=bottom, y2=bottom + 4)
            sheet.write(text, AXIS, middle, bottom + 6, "middle")
            taken = middle + half
    return sheet, bottom + 6 + AXIS.leading


def _time_labels(
    chart: Chart, xs: Sequence[float], days: tuple[Decimal, Decimal], start: float, end: float
) -> Iterator[tuple[float, str]]:
    """Yield where a line's axis has labels and what they say: round years where they are many, else some days."""
    first, last = (date.fromordinal(int(day)) for day in days)
    years = last.year - first.year
    if years >= 5:
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if years / step <= 8)
        for year in range(-(-first.year // step) * step, last.year + 1, step):
            day = date(year, 1, 1).toordinal() if year else 0
            if day >= days[0]:
                yield start + float((day - days[0]) / (days[1] - days[0])) * (end - start), str(year)
        return
    places = sorted({n * (len(xs) - 1) // 4 for n in range(5)})
    for n in places:
        yield xs[n], _clean(chart.marks[n].label)


def _lay_key(sheet: _Sheet, chart: Chart, language: str, y: float) -> float:
    """Add what the treatments mean, where one does not explain itself; return where the picture ends."""
    if chart.kind == "line":
        return y  # a gap in a line explains itself
    roles = {mark.role for mark in chart.marks}
    broken = dict.fromkeys(mark.broken for mark in chart.marks if mark.broken)
    for n, words in enumerate(broken):
        y += 0 if n else 10
        middle = y + KEY.leading / 2
        sheet.in_key.setdefault("break", []).append({"x": 4, "x2": 4, "y": middle - 8, "y2": middle + 8})
        y = sheet.write_lines(_wrap(words, KEY, sheet.width - 18), KEY, 18, y)
    if roles <= {"actual", "target", "total", "value"}:
        return y
    if "total_estimate" in roles:
        roles.add("estimate")
    x, y = 0.0, y + (0 if broken else 10)
    for role in (*VALUE_ROLES, *TARGET_ROLES):
        if role not in roles:
            continue
        glyph = 20
        if role in TARGET_ROLES and not sheet.upright:
            glyph = 4
        elif role in VALUE_ROLES and chart.kind == "series":
            glyph = 2 * POINT
        text = _words(language)[role]
        if x > 0 and x + glyph + 8 + _text_width(text, KEY) > sheet.width:
            x, y = 0.0, y + KEY.leading
        _lay_key_glyph(sheet, role, x, x + glyph, y + KEY.leading / 2, "point" if chart.kind == "series" else "bar")
        sheet.write(text, KEY, x + glyph + 8, y)
        x += glyph + 8 + _text_width(text, KEY) + 20
    return y + KEY.leading


def _lay_key_glyph(sheet: _Sheet, role: str, left: float, right: float, middle: float, shape: str) -> None:
    """Lay the small likeness of a treatment."""
    if role in TARGET_ROLES and sheet.upright:
        look, place = role, {"x": left, "x2": right, "y": middle, "y2": middle}
    elif role in TARGET_ROLES:
        look, place = role, {"x": left + 2, "x2": left + 2, "y": middle - 8, "y2": middle + 8}
    elif shape == "point":
        look, place = f"point_{role}", {"x": left + POINT, "y": middle}
    else:
        inset = 0 if role == "actual" else 1
        look = f"bar_{role}"
        place = {"x": left + inset, "x2": right - inset, "y": middle - 5 + inset, "y2": middle + 5 - inset}
    sheet.in_key.setdefault(look, []).append(place)


# --- From sheet to SVG -----------------------------------------------------------------------------------------------


_Laid = tuple[str, str, str | None]  # a layer's name, its look, and the axis on which it has the scale of the values


def _layers(sheet: _Sheet) -> list[tuple[_Laid, list[dict[str, float]]]]:
    """Return the layers of a sheet in the order in which they are drawn, each with its shapes."""
    axis = "y" if sheet.upright else "x"
    layers: list[tuple[_Laid, list[dict[str, float]]]] = []
    for look in _LOOKS:
        if look in sheet.on_scale:
            layers.append(((f"scale_{look}", look, axis), sheet.on_scale[look]))
        if look in sheet.at_px:
            layers.append(((f"px_{look}", look, None), sheet.at_px[look]))
    return layers + [((f"key_{look}", look, None), places) for look, places in sheet.in_key.items()]


def _specification(laid: Iterable[_Laid]) -> dict[str, Any]:
    """Return layers as a Vega-Lite specification, the number of each in place of its shapes."""
    layers = [
        _layer(look, scaled) | {"name": name, "data": {"values": [{"layer": number}]}}
        for number, (name, look, scaled) in enumerate(laid)
    ]
    return _frame() | {"width": 1, "height": 1, "layer": layers}


@lru_cache(maxsize=256)
def _compiled(laid: tuple[_Laid, ...]) -> str:
    """Return layers as Vega-Lite compiles them to Vega, the number of each in place of its shapes, as JSON.

    Compiling takes as long as drawing does, and charts differ in their shapes much more than in their layers.
    """
    return json.dumps(vl_convert.vegalite_to_vega(_specification(laid), vl_version=VL_VERSION))


def _vega(sheet: _Sheet) -> dict[str, Any]:
    """Return the shapes of a sheet as a specification of Vega."""
    layers = _layers(sheet)
    vega: dict[str, Any] = json.loads(_compiled(tuple(laid for laid, _ in layers)))
    vega |= {"width": sheet.width, "height": sheet.height}
    shapes: dict[str, list[dict[str, float]]] = {}
    for data in vega["data"]:  # first those with values, then those that filter them, which all numbers of ours pass
        shapes[data["name"]] = layers[data["values"][0]["layer"]][1] if "values" in data else shapes[data["source"]]
    named = dict.fromkeys(mark["from"]["data"] for mark in vega["marks"])
    vega["data"] = [{"name": name, "values": shapes[name]} for name in named]
    for scale in vega.get("scales", ()):
        scale["domain"] = [float(sheet.scale.low), float(sheet.scale.high)]
        scale["range"] = [sheet.scale.start, sheet.scale.end]
    return vega


def _layer(look: str, scaled: str | None) -> dict[str, Any]:
    """Return a layer without data, as Altair writes it: one channel on the scale of the values, the rest in px."""
    return copy.deepcopy(_layer_by_altair(look, scaled))


# Altair takes some 5 ms to check a layer against its schema, and there are only these few: each is made once.
@once
def _layer_by_altair(look: str, scaled: str | None) -> dict[str, Any]:
    mark, properties = _LOOKS[look]
    values = alt.Scale(domain=[0, 1], range=[0, 1], nice=False, zero=False)
    channels: dict[str, Any] = {
        "x": alt.X("x:Q", scale=values if scaled == "x" else None, axis=None),
        "y": alt.Y("y:Q", scale=values if scaled == "y" else None, axis=None),
    }
    if mark != "circle":
        channels |= {"x2": alt.X2("x2"), "y2": alt.Y2("y2")}
    drawn = alt.Chart(alt.InlineData(values=[]), mark=alt.MarkDef(type=mark, **properties)).encode(**channels)
    written = drawn.to_dict()
    return {"mark": written["mark"], "encoding": written["encoding"]}


@once
def _frame() -> dict[str, Any]:
    """Return what surrounds the layers: exactly the asked size, no frame, no descriptions."""
    empty = alt.Chart(alt.InlineData(values=[])).mark_rule()
    frame = alt.layer(empty).properties(width=1, height=1, padding=0, autosize=alt.AutoSizeParams(type="none"))
    written = frame.configure(aria=False, font=FAMILY).configure_view(stroke=None).to_dict()
    return {name: written[name] for name in ("$schema", "config", "padding", "autosize")}


_Part = tuple[str, tuple[_Element, ...]]  # a name, and what is drawn under it
_MOVED = re.compile(r"translate\(([-0-9.e]+),([-0-9.e]+)\)")
_RECTANGLE = re.compile(r"M([-0-9.e]+),([-0-9.e]+)h([-0-9.e]+)v([-0-9.e]+)h[-0-9.e]+Z")
_CIRCLE = re.compile(r"M([0-9.e]+),0A")
_PLACES = ("x", "y", "x1", "y1", "x2", "y2", "width", "height", "cx", "cy", "r")
_KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray")


def _parts(sheet: _Sheet) -> list[_Part]:
    """Return what Vega drew, layer by layer, without groups, transforms, classes or descriptions; then the texts."""
    # No address is allowed: a specification of ours has nothing to fetch.
    svg = vl_convert.vega_to_svg(_vega(sheet), allowed_base_urls=[])
    drawn = ElementTree.fromstring(svg)  # noqa: S314  (vl-convert wrote it, from numbers and colours of ours)
    parts = []
    for group in drawn.iter("{http://www.w3.org/2000/svg}g"):
        classes = group.get("class", "").split()
        if classes and classes[0].startswith("mark-") and classes[-1].endswith("_marks"):
            elements = tuple(_element(child) for child in group)
            space, _, look = classes[-1].removesuffix("_marks").partition("_")
            parts.append(("key" if space == "key" else look, elements))
    return parts + [(f"text_{name}", tuple(texts)) for name, texts in sheet.texts.items()]


def _drawn(picture: _Picture) -> list[_Part]:
    """Return what all sheets of a picture hold, each where it stands, what looks alike together."""
    if len(picture.sheets) == 1:
        return _parts(picture.sheets[0][0])
    together: dict[str, list[_Element]] = {}
    for sheet, x, y in picture.sheets:
        for name, elements in _parts(sheet):
            together.setdefault(name, []).extend(_shifted(element, x, y) for element in elements)
    order = {name: n for n, name in enumerate([*_LOOKS, "key"])}
    return [(name, tuple(together[name])) for name in sorted(together, key=lambda name: order.get(name, len(order)))]


def _shifted(element: _Element, x: float, y: float) -> _Element:
    """Return an element at another place."""
    moves = {"x": x, "x1": x, "x2": x, "cx": x, "y": y, "y1": y, "y2": y, "cy": y}
    attributes = []
    for name, value in element.attributes:
        attributes += list(_numbers(**{name: float(value) + moves[name]})) if name in moves else [(name, value)]
    return _Element(element.tag, tuple(attributes), element.text)


def _element(drawn: ElementTree.Element) -> _Element:
    """Return an element of Vega's as the plainest element that looks the same."""
    tag = drawn.tag.rpartition("}")[2]
    moved = _MOVED.fullmatch(drawn.get("transform", "translate(0,0)"))
    shape = drawn.get("d", "")
    names = _KEPT if "stroke" in drawn.attrib else ("fill",)
    kept = tuple((name, drawn.attrib[name]) for name in names if name in drawn.attrib)
    if moved:
        x, y = float(moved[1]), float(moved[2])
        if tag == "line":
            x2, y2 = x + float(drawn.get("x2", "0")), y + float(drawn.get("y2", "0"))
            return _Element("line", (*_numbers(x1=x, y1=y, x2=x2, y2=y2), *kept))
        if tag == "path" and (rectangle := _RECTANGLE.fullmatch(shape)):
            left, top, width, height = (float(number) for number in rectangle.groups())
            return _Element("rect", (*_numbers(x=x + left, y=y + top, width=width, height=height), *kept))
        if tag == "path" and (circle := _CIRCLE.match(shape)):
            return _Element("circle", (*_numbers(cx=x, cy=y, r=float(circle[1])), *kept))
    raise BuildError(
        "build_tools/render/charts.py",
        f"vl-convert drew something unexpected: {ElementTree.tostring(drawn, encoding='unicode')[:200]}",
        "Use the version of vl-convert that requirements.txt names, or teach _element the new form.",
    )


def _numbers(**numbers: float) -> Iterator[tuple[str, str]]:
    """Yield numbers to two decimals, a hundredth of a pixel, without zeros that say nothing."""
    for name, number in numbers.items():
        text = f"{number:.2f}".rstrip("0").rstrip(".")
        yield name, "0" if text == "-0" else text


def _written(parts: Iterable[_Part]) -> str:
    """Return parts as SVG groups, with what all elements of a group share written once."""
    written = []
    for name, members in groupby(parts, key=lambda part: part[0]):
        elements = [element for _, group in members for element in group]
        if not elements:
            continue
        shared = [pair for pair in elements[0].attributes if all(pair in element.attributes for element in elements)]
        shared = [pair for pair in shared if pair[0] not in _PLACES] if len(elements) > 1 else []
        inside = "".join(_written_element(element, shared) for element in elements)
        written.append(f"<g{_written_attributes([('data-part', name), *shared])}>{inside}</g>")
    return "".join(written)


def _written_element(element: _Element, shared: Sequence[tuple[str, str]]) -> str:
    own = _written_attributes(pair for pair in element.attributes if pair not in shared)
    return f"<{element.tag}{own}>{escape(element.text)}</text>" if element.tag == "text" else f"<{element.tag}{own}/>"


def _written_attributes(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in pairs)


def _inline_svg(sheet: _Picture, parts: Iterable[_Part]) -> str:
    """Return the SVG for a page: without words for screen readers, since the figure around it carries the sentence."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width}" height="{sheet.height}"'
        f' viewBox="0 0 {sheet.width} {sheet.height}" aria-hidden="true" focusable="false"'
        f' font-family="{FAMILY}, sans-serif" fill="none">{_written(parts)}</svg>'
    )


def _standalone_svg(chart: Chart, language: str, sheet: _Picture, parts: Iterable[_Part]) -> str:
    """Return the SVG for a file: solid colours on white, with title, sentence and source."""
    margin = 24
    y = float(margin)
    heading = []
    for line in _wrap(chart.title, TITLE, sheet.width):
        heading.append(_text_element(line, TITLE, margin, y))
        y += TITLE.leading
    top = y + 14
    y = top + sheet.height + 14
    source = []
    said = _words(language)["source"].format(publisher=chart.publisher, chart=chart.chart)
    for line in _wrap(said, NOTE, sheet.width):
        source.append(_text_element(line, NOTE, margin, y))
        y += NOTE.leading
    width, height = sheet.width + 2 * margin, math.ceil(y + margin)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" xml:lang="{language}" fill="none"'
        f' font-family="{FAMILY}, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif">'
        f"<title>{escape(_clean(chart.title))}</title><desc>{escape(_clean(chart.sentence))}</desc>"
        f'<rect width="{width}" height="{height}" fill="{SOLID_COLOURS[PAPER]}"/>'
        f"{_written(_in_solid_colours([('title', tuple(heading))]))}"
        f'<g transform="translate({margin} {top:g})">{_written(_in_solid_colours(parts))}</g>'
        f"{_written(_in_solid_colours([('source', tuple(source))]))}</svg>"
    )


def _in_solid_colours(parts: Iterable[_Part]) -> Iterator[_Part]:
    for name, elements in parts:
        yield (
            name,
            tuple(
                _Element(
                    element.tag,
                    tuple((attribute, SOLID_COLOURS.get(value, value)) for attribute, value in element.attributes),
                    element.text,
                )
                for element in elements
            ),
        )


# --- On request: the same chart as a Vega-Lite specification ---------------------------------------------------------

# What the page's script asks of the bundle. A module has no names that others see, and Vega puts none on the window.
_SNIPPET = "export { vegaEmbed as draw };"

_FLAT_ROW = 58  # px for a bar with a text above and one below


def _number_format(language: str) -> dict[str, Any]:
    """Return how Vega writes numbers in a language."""
    decimal, thousands = separators(language)
    currency = ["₫", ""] if language == "en" else ["", "\u00a0₫"]
    return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": currency}


@once
def vega_bundle(workers: Workers = ALONE, cache: Cache = NOTHING_KEPT) -> OutputFile:
    """Return Vega, Vega-Lite and vega-embed as one module of JavaScript, at an address that its content names."""
    (content,) = cache.map("vega", workers, _bundle, [_SNIPPET], BYTES, few=1)
    return OutputFile(f"assets/js/vega-{hashlib.sha256(content).hexdigest()[:16]}.js", content)


def _bundle(snippet: str) -> bytes:
    bundle: str = vl_convert.javascript_bundle(snippet, vl_version=VL_VERSION)
    return bundle.encode()


def vega_lite(chart: Chart, language: str) -> dict[str, Any]:
    """Return a chart as a Vega-Lite specification that stands alone, in the colours of the light theme.

    Words stand in it as values, title and description, never in an expression. `usermeta.palette` says which colour is
    which variable of the page, `usermeta.marks` how many values there are to go through.
    """
    # Altair would check each part by its schema as it is made, again in each whole, and the whole: most of what a chart
    # costs. The tests hold the finished specifications to the schema.
    with debug_mode(False):
        return _vega_lite(chart, language)


def _vega_lite(chart: Chart, language: str) -> dict[str, Any]:
    _check(chart)
    rows = _value_rows(chart, language)
    laying = {"series": _series_layers, "line": _line_layers}.get(chart.kind, _bar_layers)
    layers = laying(chart, rows)
    within = {"layer": layers}
    panels = list(dict.fromkeys(mark.panel for mark in chart.marks))
    written = {
        **_top(language),
        "title": {"text": _wrap(chart.title, TITLE, WIDE), "anchor": "start"},
        "description": _clean(chart.sentence),
        "usermeta": {
            "palette": {hexadecimal: variable for variable, hexadecimal in SOLID_COLOURS.items() if "--" in variable},
            "marks": len(chart.marks),
        },
        "data": {"values": rows},
        "params": [{"name": "chosen", "value": -1}],
    }
    if len(panels) > 1:
        header = alt.Header(labelAnchor="start", labelFontSize=14, labelFontWeight=500, title=None)
        panel = alt.Facet("panel:N", sort=[_clean(name) for name in panels], title=None, header=header)
        spec = {**within, "width": 300, "height": 200}
        resolve = {"scale": {"x": "independent"}}
        return {**written, "facet": panel.to_dict(validate=False), "columns": 2, "resolve": resolve, "spec": spec}
    height = 240 if chart.kind in ("series", "line") else {"step": _FLAT_ROW}
    return {**written, **within, "width": WIDE - 200, "height": height}


@once
def _top(language: str) -> Mapping[str, Any]:
    """Return what every specification in a language begins with: the schema that it follows, and its looks."""
    empty = alt.Chart(alt.InlineData(values=[])).mark_rule()
    empty["config"] = _vega_config(language)
    written = empty.to_dict(validate=False)
    return {name: written[name] for name in ("$schema", "config")}


def _vega_config(language: str) -> dict[str, Any]:
    ink, quiet, strong = SOLID_COLOURS["currentColor"], SOLID_COLOURS[INK_2], SOLID_COLOURS[LINE_STRONG]
    axis = {
        "labelColor": quiet,
        "titleColor": quiet,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": 400,
        "labelLimit": 0,
        "domainColor": strong,
        "tickColor": strong,
        "gridColor": SOLID_COLOURS[LINE],
    }
    return {
        "aria": False,
        "font": FAMILY,
        "lineBreak": "\n",
        "background": SOLID_COLOURS[PAPER],
        "locale": {"number": _number_format(language)},
        "view": {"stroke": None},
        "axis": axis,
        "title": {"color": ink, "fontSize": 16},
        "header": {"labelColor": ink},
    }


def _value_rows(chart: Chart, language: str) -> list[dict[str, Any]]:
    """Return the values as a table: what each is, as the page says it, and where its text stands."""
    words = _words(language)
    rows = []
    for n, mark in enumerate(chart.marks):
        others = [m.value for m in chart.marks if (m.panel, m.label) == (mark.panel, mark.label) and m is not mark]
        under = mark.role in TARGET_ROLES
        if chart.kind == "series" and others:
            under = all(mark.value <= other for other in others) and (mark.value < min(others) or not under)
        label = "\n".join(_wrap(mark.label, AXIS, 150))
        row = {"n": n, "label": label, "value": float(mark.value), "text": _clean(mark.text), "role": mark.role}
        row |= {"under": under, "kind": words["estimate" if mark.role == "total_estimate" else mark.role]}
        if mark.panel:
            row["panel"] = _clean(mark.panel)
        rows.append(row)
    return rows


@once
def _chosen() -> dict[str, Any]:
    """Return the opacity that sets the chosen value off; Altair takes 10 ms to read one from what `condition` makes."""
    shown = alt.condition("chosen === -1 || datum.n === chosen", alt.value(1), alt.value(0.35))
    return _written_by_altair(alt.OpacityValue.from_dict(dict(shown)))


@once
def _tooltips() -> list[dict[str, Any]]:
    """Return what is shown of a value that is pointed at."""
    return [_written_by_altair(alt.Tooltip(f"{name}:N", title=" ")) for name in ("label", "kind", "text")]


def _written_by_altair(part: Any) -> dict[str, Any]:
    """Return a part of a chart as it stands in a specification."""
    written: dict[str, Any] = part.to_dict(validate=False)
    return written


def _one_layer(mark: Mapping[str, Any], where: Mapping[str, object], **channels: Any) -> dict[str, Any]:
    """Return a layer of the rows that have these values, one or one of several, in these fields.

    Altair would copy every part each time one is added to another; what it writes of each is put together here.
    """
    filters = [
        {"filter": {"field": name, "oneOf" if isinstance(value, list) else "equal": value}}
        for name, value in where.items()
    ]
    return {"mark": dict(mark), **({"transform": filters} if filters else {}), "encoding": channels}


def _layers_of(
    rows: Iterable[Mapping[str, Any]], looks: Mapping[str, Mapping[str, Any]], channels: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return a layer for each role that occurs, in the order of the looks."""
    roles = {row["role"] for row in rows}
    more = {"opacity": _chosen(), "tooltip": _tooltips()}
    return [_one_layer(look, {"role": role}, **channels, **more) for role, look in looks.items() if role in roles]


_OUTLINE = {"fill": SOLID_COLOURS[PAPER], "stroke": SOLID_COLOURS[ACTUAL], "strokeWidth": 2}
_DASHED = [4, 2.5]
_BAR = {"type": "bar", "height": BAR}
_BAR_LOOKS: dict[str, dict[str, Any]] = {
    "value": {**_BAR, "color": SOLID_COLOURS[ACTUAL]},
    "actual": {**_BAR, "color": SOLID_COLOURS[ACTUAL]},
    "estimate": {**_BAR, **_OUTLINE},
    "derived": {**_BAR, **_OUTLINE, "strokeDash": _DASHED},
    "total": {**_BAR, "color": SOLID_COLOURS[LINE_STRONG]},
    "total_estimate": {**_BAR, **_OUTLINE, "stroke": SOLID_COLOURS[LINE_STRONG]},
}
_POINT = {"type": "point", "shape": "circle", "size": 90, "opacity": 1}
_POINT_LOOKS: dict[str, dict[str, Any]] = {
    "value": {**_POINT, "filled": True, "color": SOLID_COLOURS[ACTUAL]},
    "actual": {**_POINT, "filled": True, "color": SOLID_COLOURS[ACTUAL]},
    "estimate": {**_POINT, **_OUTLINE},
    "derived": {**_POINT, **_OUTLINE, "strokeDash": [2.5, 2]},
}
_TEXT = {"type": "text", "fontSize": 13}
_BREAK = {"type": "rule", "stroke": SOLID_COLOURS[INK_2], "strokeWidth": 1.5, "strokeDash": [1, 4]}
_LINE = {"type": "line", "stroke": SOLID_COLOURS[ACTUAL]}
_JOINS: dict[str, dict[str, Any]] = {
    "join": {**_LINE, "strokeWidth": 2.5},
    "join_derived": {**_LINE, "strokeWidth": 2.5, "strokeDash": [2, 3]},
}
_TICK = {"type": "point", "shape": "stroke", "strokeWidth": 2.5, "stroke": SOLID_COLOURS[TARGET], "filled": False}


def _target_looks(angle: int, size: int) -> dict[str, dict[str, Any]]:
    tick = {**_TICK, "angle": angle, "size": size}
    return {"target": tick, "target_derived": {**tick, "strokeDash": _DASHED}}


def _bar_layers(chart: Chart, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return bars from zero with target lines across, the value above each and the target below."""
    ticks = _ticks(*_extent(chart), 5, _are_whole(chart))
    domain = [float(ticks[0]), float(ticks[-1])]
    values = alt.Axis(format=",~f", tickCount=5, title=_clean(chart.unit) or None)
    x = _written_by_altair(alt.X("value:Q", scale=alt.Scale(domain=domain, nice=False), axis=values, stack=None))
    labels = list(dict.fromkeys(row["label"] for row in rows))
    names = alt.Axis(title=None, domain=False, ticks=False, labelPadding=10)
    y = _written_by_altair(alt.Y("label:N", sort=labels, axis=names))
    layers = _layers_of(rows, _BAR_LOOKS, {"x": x, "y": y})
    layers += _layers_of(rows, _target_looks(90, TICK * TICK), {"x": x, "y": y})
    start, text = _written_by_altair(alt.XDatum(domain[0])), _written_by_altair(alt.Text("text:N"))
    for under, dy in ((False, -16), (True, 18)):
        fill = SOLID_COLOURS[INK_2 if under else "currentColor"]
        mark = {**_TEXT, "align": "left", "fill": fill, "dy": dy, "fontWeight": 400 if under else 600}
        layers.append(_one_layer(mark, {"under": under}, x=start, y=y, text=text))
    return layers


def _series_layers(chart: Chart, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return points over years on a scale from zero, joined from one year to the next where nothing broke.

    Adds the joins and breaks to the rows.
    """
    ticks = _ticks(*_extent(chart), 4, _are_whole(chart))
    labels = list(dict.fromkeys(row["label"] for row in rows))
    years = sorted({int(label) for label in labels}) if _are_years(sorted(labels)) else []
    for row in rows:
        row["at"] = int(row["label"]) if years else row["label"]
    domain = [float(ticks[0]), float(ticks[-1])]
    values = alt.Axis(format=",~f", values=list(map(float, ticks)), title=_clean(chart.unit) or None, domain=False)
    y = _written_by_altair(alt.Y("value:Q", scale=alt.Scale(domain=domain, nice=False), axis=values))
    if years:
        over = alt.Axis(values=years, format="d", title=None, grid=False)
        x = _written_by_altair(alt.X("at:Q", scale=alt.Scale(nice=False, zero=False, padding=44), axis=over))
    else:
        x = _written_by_altair(alt.X("at:N", sort=labels, axis=alt.Axis(title=None, labelAngle=0)))
    joins: list[dict[str, Any]] = []
    valued = [(mark, row) for mark, row in zip(chart.marks, rows, strict=True) if mark.role in VALUE_ROLES]
    for (mark, row), (next_mark, next_row) in pairwise(valued):
        if mark.panel != next_mark.panel:
            continue
        shared = {"panel": row["panel"]} if "panel" in row else {}
        if next_mark.broken and years:
            joins.append({**shared, "role": "break", "at": (row["at"] + next_row["at"]) / 2})
        elif _are_joined(mark, next_mark):
            look = {**shared, "role": _join(mark, next_mark), "segment": len(joins)}
            joins += [{**look, "at": one["at"], "value": one["value"]} for one in (row, next_row)]
    roles = {row["role"] for row in joins}
    layers = []
    if "break" in roles:
        layers.append(_one_layer(_BREAK, {"role": "break"}, x=x))
    detail = _written_by_altair(alt.Detail("segment:N"))
    for role, line in _JOINS.items():
        if role in roles:
            layers.append(_one_layer(line, {"role": role}, x=x, y=y, detail=detail))
    layers += _layers_of(rows, _target_looks(0, 32 * 32), {"x": x, "y": y})
    layers += _layers_of(rows, _POINT_LOOKS, {"x": x, "y": y})
    # The text of a target comes when it is pointed at or reached: beside the value's it would have no room.
    text = _written_by_altair(alt.Text("text:N"))
    for under, dy in ((False, -14), (True, 18)):
        look = {**_TEXT, "dy": dy, "fill": SOLID_COLOURS["currentColor"]}
        where = {"role": list(VALUE_ROLES), "under": under}
        layers.append(_one_layer(look, where, x=x, y=y, text=text))
    rows += joins
    return layers


def _line_layers(chart: Chart, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return values over time on a scale from zero, joined but over gaps; adds time and run to the rows."""
    run = 0
    for mark, row in zip(chart.marks, rows, strict=True):
        run += bool(mark.broken)
        begin = datetime(1, 1, 1, tzinfo=UTC)
        row |= {"at": (begin + timedelta(days=float((mark.at or 1) - 1))).isoformat(), "run": run}
    ticks = _ticks(*_extent(chart), 4, _are_whole(chart))
    values = alt.Axis(format=",~f", values=list(map(float, ticks)), title=_clean(chart.unit) or None, domain=False)
    domain = [float(ticks[0]), float(ticks[-1])]
    y = _written_by_altair(alt.Y("value:Q", scale=alt.Scale(domain=domain, nice=False), axis=values))
    days = [mark.at or 1 for mark in chart.marks]
    span = float(max(days) - min(days))
    shape = "%Y" if span > 5 * 365 else "%m/%Y" if span > 120 else "%d/%m"
    over = alt.Axis(title=None, grid=False, format=shape, tickCount=6)
    x = _written_by_altair(alt.X("at:T", scale=alt.Scale(type="utc"), axis=over))
    line = _one_layer({**_LINE, "strokeWidth": 2}, {}, x=x, y=y, detail=_written_by_altair(alt.Detail("run:N")))
    looks = {"value": {**_POINT_LOOKS["value"], "size": 40 if len(rows) <= MOST_DOTS else 12}}
    return [line, *_layers_of(rows, looks, {"x": x, "y": y})]


# --- The font --------------------------------------------------------------------------------------------------------


def _font_folder() -> Traversable:
    return files("fontpkg_be_vietnam_pro") / "files"


@once
def _register_font() -> None:
    """Give the font to vl-convert, once in a process, and make sure that it took it."""
    with as_file(_font_folder()) as folder:
        vl_convert.register_font_directory(str(folder))
    _check_font(FAMILY)


def _check_font(family: str) -> None:
    """Refuse a family that vl-convert does not have: it would measure and paint with another font and not say so."""
    sample = "Ước tính 17.034"
    for weight in FONT_FILES:
        style = _Style("sample", 100, weight, "currentColor", 100)
        expected = _text_width(sample.replace(" ", ""), style)
        text = {"text": sample.replace(" ", ""), "font": family, "fontSize": style.size, "fontWeight": weight}
        encoded = {name: {"value": value} for name, value in text.items()}
        specification = {"width": 1, "height": 1, "marks": [{"type": "text", "encode": {"enter": encoded}}]}
        measured = vl_convert.vega_to_scenegraph(specification, allowed_base_urls=[])["width"]
        if abs(measured - expected) > 0.03 * expected:
            raise BuildError(
                f"font {family}, weight {weight}",
                f"vl-convert does not have it: a sample is {measured:.0f} px wide instead of {expected:.0f}",
                "Install fontpkg-be-vietnam-pro as requirements.txt names it.",
            )
