"""Charts show what their records say: each text, each length, each treatment, and nothing a record smuggles in."""

import json
import os
import re
import struct
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from itertools import combinations, product
from pathlib import Path
from xml.etree import ElementTree

import altair as alt
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from build_tools.errors import BuildError
from build_tools.render import charts
from build_tools.render.charts import NARROW, WIDE, ChartImages, Drawn, draw, draw_all, to_png
from build_tools.site_model import Chart, Mark
from build_tools.workers import Workers

GOLDEN = Path(__file__).parent / "golden" / "charts"
TOKENS = Path(__file__).parent.parent / "site_src" / "assets" / "css" / "tokens.css"
SVG = "{http://www.w3.org/2000/svg}"


def mark(label: str, value: str, text: str, role: str = "actual") -> Mark:
    """Return a mark from plain text."""
    return Mark(label, Decimal(value), text, role)


TARGETS = Chart(
    "di-lam-viec-o-nuoc-ngoai",
    "target",
    "Đi làm việc ở nước ngoài năm 2023, kết quả và chỉ tiêu",
    "Quảng Bình đưa khoảng 6.042 người đi, chỉ tiêu 3.700.",
    "người",
    (
        mark("Người lao động đi làm việc ở nước ngoài theo hợp đồng, Thừa Thiên Huế", "2325", "2.325 người"),
        mark(
            "Người lao động đi làm việc ở nước ngoài theo hợp đồng, Thừa Thiên Huế",
            "2000",
            "chỉ tiêu 2.000 người",
            "target_derived",
        ),
        mark("Quảng Bình", "6042", "khoảng 6.042 người", "estimate"),
        mark("Quảng Bình", "3700", "chỉ tiêu 3.700 người", "target"),
        mark("Hà Tĩnh", "4100", "4.100 người", "derived"),
    ),
)
PARTS = Chart(
    "tuyen-sinh",
    "parts",
    "Tuyển sinh giáo dục nghề nghiệp theo trình độ",
    "Trong 17.250 người có 14.873 người học sơ cấp.",
    "người",
    (
        mark("Sơ cấp và đào tạo thường xuyên dưới 3 tháng", "14873", "14.873 người"),
        mark("Trung cấp", "2108", "2.108 người"),
        mark("Cao đẳng", "269", "269 người"),
        mark("Tổng số", "17250", "17.250 người", "total"),
    ),
)
SERIES = Chart(
    "ty-le-ho-ngheo",
    "series",
    "Tỷ lệ hộ nghèo",
    "Năm 2023 là 2,27 %, giảm 1,29 điểm từ 3,56 % của năm 2022 (suy ra).",
    "%",
    (
        mark("2022", "3.56", "3,56 %", "derived"),
        mark("2023", "2.27", "2,27 %"),
        mark("2023", "2.79", "chỉ tiêu 2,79 %", "target_derived"),
    ),
)
SAMPLES = (TARGETS, PARTS, SERIES)
LONG_SERIES = replace(
    SERIES,
    chart="nhieu-ky",
    unit="tỷ đồng",
    marks=tuple(mark(str(year), str(year % 7 + 1), f"{year % 7 + 1}.000 tỷ đồng") for year in range(2001, 2024)),
)


def images_of(chart: Chart) -> dict[str, str]:
    """Return the SVG texts of a chart by name."""
    drawn = draw(chart, "vi")
    return {"narrow": drawn.narrow, "wide": drawn.wide, "standalone": drawn.standalone}


def root_of(svg: str) -> ElementTree.Element:
    """Return the parsed SVG."""
    return ElementTree.fromstring(svg)  # noqa: S314  (what we have just drawn)


def part(svg: str, name: str) -> list[dict[str, str]]:
    """Return the elements of one part, with what they share with their group."""
    groups = [group for group in root_of(svg).iter(f"{SVG}g") if group.get("data-part") == name]
    return [{**group.attrib, **child.attrib} for group in groups for child in group]


def texts(svg: str) -> list[dict[str, str]]:
    """Return the lines of text with their place and look."""
    groups = [group for group in root_of(svg).iter(f"{SVG}g") if group.get("data-part", "").startswith("text_")]
    return [{**group.attrib, **child.attrib, "text": child.text or ""} for group in groups for child in group]


def said(svg: str) -> str:
    """Return all text in reading order, whatever lines it was broken into."""
    return " ".join(line["text"] for line in texts(svg))


def shown_once_broken(text: str, svg: str) -> bool:
    """Say whether a text stands in an SVG, with white space and line breaks left out of account."""
    return re.sub(r"\s", "", text) in re.sub(r"\s", "", said(svg))


def box(line: dict[str, str]) -> tuple[float, float, float, float]:
    """Return the left, top, right and bottom of a line of text, by the widths of the font."""
    size, weight = float(line["font-size"]), int(line.get("font-weight", "400"))
    style = charts._Style("", size, weight, "", 0)
    width = charts._text_width(line["text"], style)
    x, y = float(line["x"]), float(line["y"])
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[line.get("text-anchor", "start")]
    return left, y - 0.72 * size, left + width, y + 0.2 * size


def apart(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    """Say whether two boxes do not meet, a tenth of a pixel aside."""
    return a[2] <= b[0] + 0.1 or b[2] <= a[0] + 0.1 or a[3] <= b[1] + 0.1 or b[3] <= a[1] + 0.1


def shapes(svg: str) -> list[tuple[float, float, float, float]]:
    """Return the boxes of what stands for a value: bars, targets, points, and points along the lines that join them."""
    found = []
    for role in ("actual", "estimate", "derived", "total"):
        for bar in part(svg, f"bar_{role}"):
            left, top = float(bar["x"]), float(bar["y"])
            found.append((left, top, left + float(bar["width"]), top + float(bar["height"])))
        for point in part(svg, f"point_{role}"):
            x, y, r = float(point["cx"]), float(point["cy"]), float(point["r"])
            found.append((x - r, y - r, x + r, y + r))
    for tick in part(svg, "target") + part(svg, "target_derived"):
        found.append((float(tick["x1"]), float(tick["y1"]), float(tick["x2"]), float(tick["y2"])))
    for join in part(svg, "join") + part(svg, "join_derived"):
        x1, y1, x2, y2 = (float(join[name]) for name in ("x1", "y1", "x2", "y2"))
        for n in range(101):
            x, y = x1 + (x2 - x1) * n / 100, y1 + (y2 - y1) * n / 100
            found.append((x, y, x, y))
    return found


# --- Strategies: charts as the plan of the site may hold them ---

LABELS = st.one_of(
    st.sampled_from(
        [
            "Thừa Thiên Huế",
            "2022",
            "2023",
            "9 tháng đầu năm 2023",
            "Người lao động đi làm việc ở nước ngoài theo hợp đồng",
        ]
    ),
    st.text("aàảĐd Ệ", min_size=1, max_size=60),
)
VALUES = st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=2)


@st.composite
def any_chart(draw_one: st.DrawFn) -> Chart:
    """Return a chart of any kind, with short and long labels, few and many marks."""
    kind = draw_one(st.sampled_from(sorted(set(charts.ROLES) - {"line"})))  # a line does not write out its values
    marks = [
        Mark(
            draw_one(LABELS),
            value := draw_one(VALUES),
            f"{value} {draw_one(st.sampled_from(['người', '%', 'triệu đồng mỗi hộ mỗi năm']))}",
            draw_one(st.sampled_from(charts.ROLES[kind])),
        )
        for _ in range(draw_one(st.integers(1, 7)))
    ]
    unit = draw_one(st.sampled_from(["%", "người", "", "lượt người mỗi 100.000 dân"]))
    return Chart("mau", kind, "Mẫu", "Mẫu.", unit, tuple(marks))


@st.composite
def any_series(draw_one: st.DrawFn) -> Chart:
    """Return a series over years, some of them with a target near the value or far from it."""
    marks = []
    for year in draw_one(st.lists(st.integers(2010, 2023), min_size=1, max_size=6, unique=True).map(sorted)):
        value = draw_one(st.integers(0, 100))
        marks.append(mark(str(year), str(value), f"{value} %", draw_one(st.sampled_from(charts.VALUE_ROLES))))
        if draw_one(st.booleans()):
            target = draw_one(st.integers(0, 100))
            role = draw_one(st.sampled_from(charts.TARGET_ROLES))
            marks.append(mark(str(year), str(target), f"chỉ tiêu {target} %", role))
    return replace(SERIES, marks=tuple(marks))


# --- What is said ---


@pytest.mark.parametrize("chart", [*SAMPLES, LONG_SERIES], ids=lambda chart: chart.chart)
def test_every_mark_is_written_out(chart: Chart) -> None:
    """The label and the text of each mark stand in each image, as text."""
    for svg in images_of(chart).values():
        for drawn in chart.marks:
            assert shown_once_broken(drawn.text, svg)
            assert shown_once_broken(drawn.label, svg)


def test_the_text_of_a_mark_is_printed_as_it_stands() -> None:
    """A label is the mark's own text, never a number of ours: places that the value would lose are kept."""
    chart = replace(PARTS, marks=(mark("Một", "0.10", "0,100 %"), mark("Hai", "0.3", "0,30 %")))
    assert {"0,100 %", "0,30 %"} <= {line["text"] for line in texts(draw(chart, "vi").wide)}


@given(any_chart() | any_series())
def test_no_text_meets_another_or_a_mark_or_leaves_the_picture(chart: Chart) -> None:
    """Whatever the labels and values, texts stand clear of one another and of all marks, inside the picture."""
    drawn = draw(chart, "vi")
    for svg in (drawn.narrow, drawn.wide):
        width, height = float(root_of(svg).attrib["width"]), float(root_of(svg).attrib["height"])
        boxes = [(box(line), line["text"]) for line in texts(svg)]
        for (left, top, right, bottom), text in boxes:
            assert -1 < left < right < width + 1, text
            assert -1 < top < bottom < height + 1, text
        for (one, text), (another, other) in combinations(boxes, 2):
            assert apart(one, another), (text, other)
        for (one, text), shape in product(boxes, shapes(svg)):
            assert apart(one, shape), (text, shape)


@given(any_chart() | any_series())
def test_every_mark_of_any_chart_is_written_out(chart: Chart) -> None:
    """No layout leaves out a text, however little room there is."""
    drawn = draw(chart, "en")
    for svg in (drawn.narrow, drawn.wide):
        assert all(shown_once_broken(one.text, svg) and shown_once_broken(one.label, svg) for one in chart.marks)


def test_no_text_is_smaller_than_12_px() -> None:
    """A picture of 340 px keeps its texts at 12 px or more on a phone that gives it 328 px."""
    for chart in (*SAMPLES, LONG_SERIES):
        for name, svg in images_of(chart).items():
            smallest = min(float(line["font-size"]) for line in texts(svg))
            assert smallest * (328 / 340 if name == "narrow" else 1) >= 12


@pytest.mark.parametrize(("language", "number"), [("vi", "15.000"), ("en", "15,000")])
def test_the_axis_speaks_the_language(language: str, number: str) -> None:
    """Numbers on the axis have the separators of the language, and the axis says its unit."""
    axis = [line["text"] for line in texts(draw(PARTS, language).wide) if line["data-part"] == "text_axis"]
    assert axis[0] == "0"
    assert axis[-1] == f"{number}\u00a0người"


@pytest.mark.parametrize(("language", "words"), [("vi", "chỉ tiêu suy ra"), ("en", "derived target")])
def test_what_is_not_printed_is_explained_in_the_language(language: str, words: str) -> None:
    """A chart with a treatment that needs words has a key; a chart of printed values has none."""
    keys = [line["text"] for line in texts(draw(SERIES, language).narrow) if line["data-part"] == "text_key"]
    assert words in keys
    assert "text_key" not in {line["data-part"] for line in texts(draw(PARTS, language).narrow)}


# --- What is drawn ---


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6), st.sampled_from(["narrow", "wide"]))
def test_a_target_stands_where_its_value_is(pairs: list[tuple[Decimal, Decimal]], width: str) -> None:
    """Bars start at zero, and bars and target lines of all rows are at one scale, within half a pixel."""
    marks = [
        one
        for n, (value, target) in enumerate(pairs)
        for one in (Mark(f"Hàng {n}", value, "giá trị"), Mark(f"Hàng {n}", target, "chỉ tiêu", "target"))
    ]
    svg = getattr(draw(replace(TARGETS, marks=tuple(marks)), "vi"), width)
    bars, ticks, tracks = part(svg, "bar_actual"), part(svg, "target"), part(svg, "track")
    zero = float(tracks[0]["x"])
    ends = [float(bar["width"]) for bar in bars] + [float(tick["x1"]) - zero for tick in ticks]
    values = [value for value, _ in pairs] + [target for _, target in pairs]
    assert len(bars) == len(ticks) == len(pairs)
    assert all(bar["x"] == tracks[0]["x"] for bar in bars)
    assert all(tick["x1"] == tick["x2"] for tick in ticks)
    assert all(end <= float(tracks[0]["width"]) + 0.01 for end in ends)
    largest = max(values)
    for value, end in zip(values, ends, strict=True):
        assert end == pytest.approx(float(value) / (float(largest) or 1) * max(ends), abs=0.5)


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_parts_and_total_share_a_scale(width: str) -> None:
    """The bars of the parts start at zero together with the total's, and as long as their values say."""
    svg = getattr(draw(PARTS, "vi"), width)
    bars = part(svg, "bar_actual") + part(svg, "bar_total")
    assert len({bar["x"] for bar in bars}) == 1
    per_px = {float(one.value) / float(bar["width"]) for one, bar in zip(PARTS.marks, bars, strict=True)}
    assert max(per_px) / min(per_px) < 1.01
    assert sum(float(bar["width"]) for bar in bars[:-1]) == pytest.approx(float(bars[-1]["width"]), abs=0.5)


def test_a_negative_part_runs_the_other_way() -> None:
    """A bar below zero ends at the zero line, left of where the others start."""
    chart = replace(PARTS, marks=(mark("Tăng", "10", "10"), mark("Giảm", "-5", "-5")))
    up, down = part(draw(chart, "vi").wide, "bar_actual")
    assert float(down["x"]) + float(down["width"]) == pytest.approx(float(up["x"]), abs=0.02)
    assert float(up["width"]) == pytest.approx(2 * float(down["width"]), abs=0.02)


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_treatments_tell_printed_derived_and_estimated_apart(width: str) -> None:
    """Solid is printed, hollow is an estimate, dashed is derived; a target line lies on a halo of the ground."""
    svg = getattr(draw(TARGETS, "vi"), width)
    (solid,), (hollow,), (dashed,) = (part(svg, f"bar_{role}") for role in ("actual", "estimate", "derived"))
    assert solid["fill"] == "var(--actual)"
    assert "stroke" not in solid
    assert hollow["stroke"] == "var(--actual)"
    assert hollow.get("fill", "none") == "none"
    assert "stroke-dasharray" not in hollow
    assert dashed["stroke-dasharray"] == "4,2.5"
    assert dashed.get("fill", "none") == "none"
    (printed,), (derived,) = part(svg, "target"), part(svg, "target_derived")
    assert printed["stroke-width"] == derived["stroke-width"] == "2.5"
    assert "stroke-dasharray" not in printed
    assert derived["stroke-dasharray"] == "4,2.5"
    halos = part(svg, "halo")
    assert {halo["x1"] for halo in halos} == {printed["x1"], derived["x1"]}
    assert {(halo["stroke"], halo["stroke-width"]) for halo in halos} == {("var(--paper)", "6")}


def test_an_outline_ends_where_its_value_is() -> None:
    """The outer edge of a hollow bar stands where a solid bar of the same value ends."""
    solid = replace(TARGETS, marks=(mark("a", "100", "100"), mark("b", "60", "60")))
    hollow = replace(TARGETS, marks=(mark("a", "100", "100"), mark("b", "60", "60", "estimate")))
    (_, bar), (outline,) = part(draw(solid, "vi").wide, "bar_actual"), part(draw(hollow, "vi").wide, "bar_estimate")
    assert float(outline["x"]) + float(outline["width"]) + 1 == pytest.approx(float(bar["x"]) + float(bar["width"]))
    assert float(outline["x"]) - 1 == pytest.approx(float(bar["x"]))


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_a_change_is_drawn_from_zero(width: str) -> None:
    """Points and targets over periods stand at heights in proportion to their values above the zero line."""
    svg = getattr(draw(SERIES, "vi"), width)
    zero = max(float(line["y1"]) for line in part(svg, "axis_line"))
    (derived,), (actual,) = part(svg, "point_derived"), part(svg, "point_actual")
    (target,) = part(svg, "target_derived")
    per_px = [
        3.56 / (zero - float(derived["cy"])),
        2.27 / (zero - float(actual["cy"])),
        2.79 / (zero - float(target["y1"])),
    ]
    assert max(per_px) / min(per_px) < 1.01
    assert (float(target["x1"]) + float(target["x2"])) / 2 == pytest.approx(float(actual["cx"]), abs=0.02)
    assert derived["fill"] == "var(--paper)"
    assert actual["fill"] == "var(--actual)"


def test_a_join_is_dotted_where_an_end_is_derived() -> None:
    """Printed values are joined by a solid line, a derived one by dots, straight from point to point."""
    marks = (mark("2021", "3", "3", "derived"), mark("2022", "2", "2"), mark("2023", "1", "1", "estimate"))
    svg = draw(replace(SERIES, marks=marks), "vi").wide
    (dotted,), (solid,) = part(svg, "join_derived"), part(svg, "join")
    (first,), (middle,), (last,) = (part(svg, f"point_{role}") for role in ("derived", "actual", "estimate"))
    assert "stroke-dasharray" in dotted
    assert "stroke-dasharray" not in solid
    for line, start, end in ((dotted, first, middle), (solid, middle, last)):
        assert (line["x1"], line["y1"]) == (start["cx"], start["cy"])
        assert (line["x2"], line["y2"]) == (end["cx"], end["cy"])


def test_a_missing_year_keeps_its_place() -> None:
    """Years stand at their distance in time, to the right and, in a long series, downwards."""
    years = (mark("2015", "1", "1"), mark("2018", "2", "2"), mark("2019", "2", "2"))
    first, second, third = (float(p["cx"]) for p in part(draw(replace(SERIES, marks=years), "vi").wide, "point_actual"))
    assert second - first == pytest.approx(3 * (third - second), abs=0.1)
    long = replace(LONG_SERIES, marks=LONG_SERIES.marks[:10] + LONG_SERIES.marks[12:])
    heights = [float(p["cy"]) for p in part(draw(long, "vi").narrow, "point_actual")]
    assert heights[10] - heights[9] == pytest.approx(3 * (heights[1] - heights[0]), abs=0.1)


def test_two_values_of_a_period_are_not_joined() -> None:
    """Two values for one period both stand, and no line claims a change between them."""
    marks = (mark("2023", "3", "3 (báo cáo A)"), mark("2023", "2", "2 (báo cáo B)"), mark("2024", "1", "1"))
    svg = draw(replace(SERIES, marks=marks), "vi").wide
    assert len(part(svg, "point_actual")) == 3
    assert len(part(svg, "join")) == 1


def test_half_a_person_never_stands_on_an_axis() -> None:
    """Where all values are whole, so are the numbers of the axis."""
    svg = draw(replace(PARTS, marks=(mark("Nam", "1", "1 người"), mark("Nữ", "2", "2 người"))), "vi").wide
    assert [line["text"] for line in texts(svg) if line["data-part"] == "text_axis"] == ["0", "1", "2\u00a0người"]


def test_all_values_may_be_zero() -> None:
    """A chart of zeros has bars of no length and still an axis."""
    svg = draw(replace(TARGETS, marks=(mark("Không", "0", "0 người"),)), "vi").wide
    assert [bar["width"] for bar in part(svg, "bar_actual")] == ["0"]


# --- On a page ---


def test_inline_charts_are_silent_and_anonymous() -> None:
    """A page may hold any number of charts: no ids, classes, clip paths, styles or English descriptions in them."""
    for chart in (*SAMPLES, LONG_SERIES):
        for name, width in (("narrow", NARROW), ("wide", WIDE)):
            svg = images_of(chart)[name]
            root = root_of(svg)
            assert root.attrib["aria-hidden"] == "true"
            assert root.attrib["focusable"] == "false"
            assert root.attrib["width"] == str(width)
            assert root.attrib["viewBox"] == f"0 0 {width} {root.attrib['height']}"
            assert not re.search(r'\s(?:id|class|style|role|href|aria-(?!hidden="true"))', svg)
            assert "url(" not in svg
            assert "<title" not in svg
            assert "<style" not in svg


def test_inline_colours_are_tokens_of_the_theme() -> None:
    """Every colour follows the theme of the page, and the page's style sheet knows its name."""
    tokens = set(re.findall(r"(--[a-z0-9-]+)\s*:", TOKENS.read_text(encoding="utf-8")))
    for chart in (*SAMPLES, LONG_SERIES):
        for name in ("narrow", "wide"):
            for colour in re.findall(r'(?:fill|stroke)="([^"]*)"', images_of(chart)[name]):
                assert colour in ("none", "currentColor") or re.fullmatch(r"var\((--[a-z0-9-]+)\)", colour)
                assert not colour.startswith("var(") or colour[4:-1] in tokens


def test_a_file_stands_alone() -> None:
    """The file for download has solid colours on white, a title, what it shows in words, and its source."""
    for chart in SAMPLES:
        svg = draw(chart, "vi").standalone
        root = root_of(svg)
        assert "var(" not in svg
        assert "currentColor" not in svg
        assert [child.tag for child in root][:3] == [f"{SVG}title", f"{SVG}desc", f"{SVG}rect"]
        assert (root[0].text, root[1].text, root[2].get("fill")) == (chart.title, chart.sentence, "#FFFFFF")
        heading = " ".join(line.text or "" for group in root if group.get("data-part") == "title" for line in group)
        assert heading == chart.title
        assert chart.chart in " ".join(root.itertext())
        families = root.attrib["font-family"].split(", ")
        assert (families[0], families[-1]) == (charts.FAMILY, "sans-serif")


def test_a_chart_is_small() -> None:
    """An SVG of a chart takes 12 KB at most, a series of 23 years included."""
    for chart in (*SAMPLES, LONG_SERIES):
        assert max(len(svg.encode()) for svg in images_of(chart).values()) <= 12 * 1024


def test_a_picture_for_sharing_is_twice_the_size() -> None:
    """The PNG shows the standalone file at double resolution, with the same bytes each time."""
    svg = draw(SERIES, "vi").standalone
    png = to_png(svg)
    width, height = struct.unpack(">II", png[16:24])
    root = root_of(svg)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, height) == (2 * int(root.attrib["width"]), 2 * int(root.attrib["height"]))
    assert png == to_png(svg)
    assert png != to_png(svg.replace("Tỷ lệ", "Số hộ"))


# --- Hostile words ---

HOSTILE = (
    '"><script>alert(1)</script>',
    "</text></svg><img src=x onerror=alert(1)>",
    "' onload='alert(1)",
    "]]><!--<![CDATA[",
    "&lt;b&gt; &amp; &#x3c;",
    "{{ 7*7 }} ${7*7} {% raw %}",
    "datum.x + event.view.eval('1')",
    "\u202egnirts desrever\u2066",
    "a\x00b\x1bc\x85d\ud800e\ufffef",
    "javascript:alert(1)//\n\tvar(--ink)",
    "ẾỆỔỘ" * 40,
)
ELEMENTS = {"svg", "g", "rect", "line", "circle", "text", "title", "desc"}


class Tags(HTMLParser):
    """What a browser would make of a page: the elements and their attributes."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("kind", sorted(charts.ROLES))
@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_words(words: str, kind: str) -> None:
    """Whatever a table or a title holds comes out as text that a reader sees, and as nothing else."""
    first, *_, last = (*charts.ROLES[kind], charts.ROLES[kind][-1])
    marks = (
        Mark(words, Decimal(3), words, first, at=Decimal(700_000)),
        Mark("khác", Decimal(2), f"2 {words}", last, at=Decimal(700_009)),
    )
    chart = Chart("xau", kind, words, words, words, marks)
    visible = charts._clean(words)
    for svg in images_of(chart).values():
        page = Tags()
        page.feed(svg)
        assert page.tags <= ELEMENTS
        assert not {name for name in page.attributes if name.startswith("on") or name in ("href", "style", "src")}
        assert {element.tag.removeprefix(SVG) for element in root_of(svg).iter()} <= ELEMENTS
        assert shown_once_broken(visible, svg)
        assert ElementTree.fromstring(svg.encode("utf-8")) is not None  # noqa: S314
    assert root_of(draw(chart, "vi").standalone)[0].text == visible


def test_white_space_becomes_a_space() -> None:
    """A label with line breaks and tabs reads as one line of words; a no-break space stays."""
    chart = replace(PARTS, marks=(mark("dòng một\n\tdòng hai\u2028 ba", "1", " 1\u00a0%\r\n"),))
    lines = [line["text"] for line in texts(draw(chart, "vi").wide)]
    assert {"dòng một dòng hai ba", "1\u00a0%"} <= set(lines)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_drawn(label: str, text: str) -> None:
    """No text breaks a chart, and none of its visible characters is lost."""
    chart = replace(PARTS, title=label, marks=(Mark(label, Decimal(1), text),))
    for svg in images_of(chart).values():
        assert shown_once_broken(charts._clean(text), svg)


def test_words_never_reach_vega() -> None:
    """The specification holds numbers and looks of ours; a label cannot be taken for an expression or an address."""
    words = "datum.evil"
    chart = Chart(words, "target", words, words, words, (Mark(words, Decimal(3), words),))
    specification = charts._vega(charts._one_sheet(chart, "vi", WIDE))
    assert words not in json.dumps(specification)
    assert specification["marks"]


def test_the_specification_is_valid() -> None:
    """What we let vl-convert compile is what Altair's schema allows."""
    for chart in SAMPLES:
        layers = charts._layers(charts._one_sheet(chart, "vi", WIDE))
        alt.LayerChart.from_dict(charts._specification(laid for laid, _ in layers))


@pytest.mark.parametrize("width", [charts.NARROW, WIDE])
def test_what_was_compiled_for_other_shapes_draws_the_same(width: int) -> None:
    """Layers compiled once and filled for each chart give the picture that Vega-Lite makes of them with their data."""
    for chart in SAMPLES:
        for sheet, _, _ in charts._picture(chart, "vi", width).sheets:
            layers = charts._layers(sheet)
            whole = charts._specification(laid for laid, _ in layers) | {"width": sheet.width, "height": sheet.height}
            for layer, (_, shapes) in zip(whole["layer"], layers, strict=True):
                layer["data"] = {"values": shapes}
                for channel in layer["encoding"].values():
                    if channel.get("scale"):
                        channel["scale"]["domain"] = [float(sheet.scale.low), float(sheet.scale.high)]
                        channel["scale"]["range"] = [sheet.scale.start, sheet.scale.end]
            expected = vl_convert.vegalite_to_svg(whole, vl_version=charts.VL_VERSION, allowed_base_urls=[])
            assert vl_convert.vega_to_svg(charts._vega(sheet), allowed_base_urls=[]) == expected, chart.chart


# --- The same bytes ---


def test_golden_charts() -> None:
    """The sample charts look as they did when someone last looked at them (see the README beside them)."""
    accepting = os.environ.get("MINHBACH_ACCEPT") == "1"
    for chart in SAMPLES:
        for name, svg in images_of(chart).items():
            path = GOLDEN / f"{chart.chart}.{name}.svg"
            if accepting:
                path.write_text(svg + "\n", encoding="utf-8", newline="\n")
            else:
                assert path.read_text(encoding="utf-8") == svg + "\n", f"{path.name} changed: see {GOLDEN}/README.md"
    if accepting:
        pytest.fail("the golden charts were written anew: look at them, then run again without MINHBACH_ACCEPT")


def test_the_number_of_workers_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker and two, charts in any order: the same images in the order of their addresses, the same bytes."""
    monkeypatch.setattr(charts, "FEW_CHARTS", 0)
    some = [*SAMPLES, LONG_SERIES]
    vi = Drawn("vi")
    alone = draw_all({vi: some})[vi]
    with Workers(2) as workers:
        together = draw_all({vi: reversed(some)}, workers)[vi]
    assert list(alone) == list(together) == sorted(chart.chart for chart in some)
    assert alone == together
    assert alone[SERIES.chart] == draw(SERIES, "vi")


def test_an_image_is_a_value() -> None:
    """Images are compared and kept as values: they cannot be changed afterwards."""
    images = draw(SERIES, "vi")
    assert images == ChartImages(images.narrow, images.wide, images.standalone, images.specification)
    with pytest.raises(AttributeError):
        images.narrow = ""  # type: ignore[misc]


# --- What cannot be drawn ---


@pytest.mark.parametrize(
    ("broken", "language", "what"),
    [
        (replace(SERIES, kind="pie"), "vi", "the kind 'pie' is unknown"),
        (replace(SERIES, marks=()), "vi", "no marks"),
        (replace(SERIES, marks=SERIES.marks * 200), "vi", "600 marks"),
        (replace(SERIES, marks=(mark("2023", "1", "1", "total"),)), "vi", "the role 'total'"),
        (replace(PARTS, marks=(mark("a", "1", "1", "target"),)), "vi", "the role 'target'"),
        (replace(SERIES, marks=(mark("2023", "NaN", "?"),)), "vi", "no place on an axis"),
        (replace(SERIES, marks=(mark("2023", "Infinity", "?"),)), "vi", "no place on an axis"),
        (replace(SERIES, marks=(mark("2023", "1e400", "?"),)), "vi", "no place on an axis"),
        (replace(SERIES, marks=(mark("2023", "1e-400", "?"),)), "vi", "no place on an axis"),
    ],
)
def test_what_cannot_be_drawn_is_refused(broken: Chart, language: str, what: str) -> None:
    """A fault of the plan names the chart and what is wrong, before anything is drawn."""
    with pytest.raises(BuildError, match=re.escape(what)) as caught:
        draw(broken, language)
    assert caught.value.place == f"chart {broken.chart}"


def test_two_charts_have_two_addresses() -> None:
    """Two charts of one address would overwrite each other: refused."""
    with pytest.raises(BuildError, match="two charts have this address"):
        draw_all({Drawn("vi"): [SERIES, replace(SERIES, title="khác")]})


def test_two_languages_share_their_addresses() -> None:
    """A chart has one address in every language and in every earlier version: each set of images is one of its own."""
    of = [Drawn("vi"), Drawn("en"), Drawn("vi", "a-package 1.0.0")]
    images = draw_all({one: [SERIES] for one in of})
    assert [list(images[one]) for one in of] == [[SERIES.chart]] * 3
    assert images[of[0]] == images[of[2]] != images[of[1]]


def test_a_missing_font_is_noticed() -> None:
    """A family that vl-convert does not have stops the build, where it would measure with another and say nothing."""
    charts._check_font(charts.FAMILY)
    with pytest.raises(BuildError, match="vl-convert does not have it"):
        charts._check_font("Be Vietnam Pro Missing")


def test_a_font_that_is_not_registered_stops_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing checks the family it uses, once in a process."""
    charts._register_font.cache_clear()
    monkeypatch.setattr(charts, "FAMILY", "Be Vietnam Pro Missing")
    with pytest.raises(BuildError, match="vl-convert does not have it"):
        draw(SERIES, "vi")


def test_an_unknown_shape_is_noticed() -> None:
    """Should vl-convert draw a mark in another form, we stop rather than lose it."""
    drawn = ElementTree.Element(f"{SVG}path", {"transform": "translate(1,2)", "d": "M0,0C1,1,2,2,3,3"})
    with pytest.raises(BuildError, match="something unexpected"):
        charts._element(drawn)


def test_altair_and_vl_convert_speak_of_one_vega_lite() -> None:
    """vl-convert has the version of Vega-Lite that Altair writes, and a Vega without its known holes."""
    assert charts.VL_VERSION in vl_convert.get_vegalite_versions()
    assert f"v{charts.VL_VERSION}." in alt.SCHEMA_VERSION
    assert tuple(int(n) for n in vl_convert.get_vega_version().split(".")[:2]) >= (6, 2)
