"""What a chart may not do, held against every chart of this project's site and against data made to tempt it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, groupby, pairwise
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import vl_convert

from build_tools.checks import Checked, check
from build_tools.render import charts
from build_tools.render.charts import ChartImages, draw, vega_bundle, vega_lite
from build_tools.render.phrases import Phrases
from build_tools.series import Point, Series, earlier_values, find_series
from build_tools.site_model import Chart, Mark, Site, Years
from build_tools.words import read_words
from tests.conftest import PROJECT, find_reports
from tests.makers import Project, copy_example
from tests.test_charts import HOSTILE, PARTS, SERIES, TARGETS, mark, part, root_of, texts
from tests.test_components import _contrast, _themes

LANGUAGES = ("vi", "en")


@pytest.fixture(scope="module")
def checked() -> Checked:
    """This project's packages."""
    return check(PROJECT / "datapackages", find_reports())


@pytest.fixture(scope="module")
def site(checked: Checked) -> Site:
    """The plan of this project's site."""
    c = checked
    return c.plan()


@pytest.fixture(scope="module")
def drawn(site: Site) -> list[tuple[str, Chart, ChartImages]]:
    """Every chart of the site in both languages."""
    found = []
    for language in LANGUAGES:
        phrases = Phrases(site, read_words(language))
        for planned in site.charts:
            chart = phrases.chart(planned)
            found.append((language, chart, draw(chart, language)))
    assert len(found) > 80
    return found


def faults_of(language: str, chart: Chart, images: ChartImages) -> Iterator[str]:
    """Yield what is dishonest about a drawn chart."""
    roles = {mark.role for mark in chart.marks}
    for width, svg in (("narrow", images.narrow), ("wide", images.wide)):
        where = f"{language} {chart.chart} {width}"
        looks = {group.get("data-part", "") for group in root_of(svg).iter() if group.get("data-part")}
        if chart.kind != "series":
            zeros = {float(line["x1"]) for line in part(svg, "axis_line") if line["x1"] == line["x2"]}
            for role in ("actual", "estimate", "derived", "total", "total_estimate"):
                for bar in part(svg, f"bar_{role}"):
                    ends = {float(bar["x"]), float(bar["x"]) + float(bar["width"])}
                    if not any(abs(end - zero) <= 1.5 for end in ends for zero in zeros):
                        yield f"{where}: a bar does not begin at zero"
        shape = "point" if chart.kind == "series" else "bar"
        for role in roles & {"actual", "estimate", "derived", "total", "total_estimate"}:
            if f"{shape}_{role}" not in looks:
                yield f"{where}: {role} is not drawn as such"
        for role in roles & {"target", "target_derived"}:
            dashes = {"stroke-dasharray" in line for line in part(svg, role)}
            if dashes != {role == "target_derived"}:
                yield f"{where}: a target is solid that is derived, or dashed that is printed"
        for hollow in ("estimate", "derived", "total_estimate"):
            for shape_drawn in part(svg, f"{shape}_{hollow}"):
                if shape_drawn.get("fill", "none") not in ("none", "var(--paper)"):
                    yield f"{where}: {hollow} is filled"
        axis = " ".join(line["text"] for line in texts(svg) if line["data-part"] == "text_axis")
        if chart.unit and chart.unit.replace("\u00a0", " ") not in axis.replace("\u00a0", " "):
            yield f"{where}: the axis has no unit"
        said = re.sub(r"\s", "", " ".join(line["text"] for line in texts(svg)))
        for one in chart.marks:
            for text in (one.label, one.text, one.panel, one.broken):
                if re.sub(r"\s", "", text) not in said:
                    yield f"{where}: {text!r} is not written beside its mark"
        joins = len(part(svg, "join")) + len(part(svg, "join_derived"))
        if joins != len(list(joined(chart))):
            yield f"{where}: {joins} lines join {len(list(joined(chart)))} pairs of years"
        if len(part(svg, "break")) < sum(bool(one.broken) for one in chart.marks):
            yield f"{where}: a break has no mark"
    if chart.kind == "series":
        for panel, marks in groupby(chart.marks, key=lambda one: one.panel):
            if sum(one.role in charts.VALUE_ROLES for one in marks) < 2:
                yield f"{language} {chart.chart}: {panel} has one value, which is no series"
    weight = len(images.narrow.encode()) + len(images.wide.encode())
    if weight > 12 * 1024:
        yield f"{language} {chart.chart}: {weight} bytes in the page"


def joined(chart: Chart) -> Iterator[tuple[Mark, Mark]]:
    """Yield the pairs of values that a line may join: of one panel, in years that follow, nothing between."""
    if chart.kind == "series":
        for before, after in pairwise(one for one in chart.marks if one.role in charts.VALUE_ROLES):
            if before.panel == after.panel and int(after.label) == int(before.label) + 1 and not after.broken:
                yield before, after


def test_every_chart_is_honest(drawn: list[tuple[str, Chart, ChartImages]]) -> None:
    """Bars from zero, gaps and breaks kept, estimates hollow, derived dashed, units on the axis, texts on all marks."""
    faults = [fault for language, chart, images in drawn for fault in faults_of(language, chart, images)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda svg: re.sub(r'(data-part="bar_actual"[^>]*><rect x=")1"', r'\g<1>40"', svg), "begin at zero"),
        (lambda svg: svg.replace(' stroke-dasharray="4,2.5"', ""), "derived"),
        (lambda svg: svg.replace("\u00a0người<", "<"), "no unit"),
        (lambda svg: svg.replace("bar_estimate", "bar_actual"), "not drawn as such"),
        (lambda svg: svg.replace("2.325", "2.326"), "not written"),
        (lambda svg: svg + " " * 20_000, "bytes in the page"),
    ],
)
def test_a_dishonest_chart_is_noticed(spoil: Callable[[str], str], said: str) -> None:
    """A drawing that breaks one of the rules is caught by the check of all charts."""
    images = draw(TARGETS, "vi")
    assert not list(faults_of("vi", TARGETS, images))
    narrow = spoil(images.narrow)
    assert narrow != images.narrow
    assert any(said in fault for fault in faults_of("vi", TARGETS, replace(images, narrow=narrow)))


def test_a_line_over_a_gap_or_a_break_is_noticed() -> None:
    """The same drawing does not pass for a chart whose years lie apart, or in which a standard changed."""
    whole = replace(SERIES, marks=(mark("2022", "3", "3 %"), mark("2023", "2", "2 %")))
    images = draw(whole, "vi")
    assert not list(faults_of("vi", whole, images))
    gap = replace(whole, marks=(mark("2022", "3", "3 %"), mark("2024", "2", "2 %")))
    broken = replace(whole, marks=(whole.marks[0], replace(whole.marks[1], broken="chuẩn mới")))
    for chart in (gap, broken):
        assert any("join" in fault for fault in faults_of("vi", chart, images))
        assert not list(faults_of("vi", chart, draw(chart, "vi")))


def test_panels_stand_on_one_scale() -> None:
    """The same value stands at the same height in each panel of a width, however large the others' are."""
    marks = tuple(
        replace(mark(year, value, f"{value} %"), panel=panel)
        for panel, values in (("A", ("10", "4")), ("B", ("4", "1")))
        for year, value in zip(("2022", "2023"), values, strict=True)
    )
    chart = replace(SERIES, marks=marks)
    for svg in (draw(chart, "vi").narrow, draw(chart, "vi").wide):
        points = [float(point["cy"]) for point in part(svg, "point_actual")]
        zeros = sorted(float(line["y1"]) for line in part(svg, "axis_line"))
        heights = [zero - y for zero, y in zip((zeros[0], zeros[0], zeros[-1], zeros[-1]), points, strict=True)]
        assert heights[1] == pytest.approx(heights[2], abs=0.1)
        assert heights[0] == pytest.approx(2.5 * heights[1], abs=0.1)
        assert not list(faults_of("vi", chart, draw(chart, "vi")))


# --- What is said of a chart ---


def test_every_sentence_is_one_and_holds_all_values(drawn: list[tuple[str, Chart, ChartImages]]) -> None:
    """A sentence names each value as the chart does, ends in a full stop, and only caveats follow it."""
    for language, chart, _ in drawn:
        sentence = chart.sentence.removesuffix(chart.caveats).rstrip()
        assert sentence.endswith("."), (language, chart.chart)
        assert not re.search(r"[.!?]\s+\w", sentence), (language, chart.chart, sentence)
        assert not re.search(r"\s{2}|[{}]|\bNone\b| ,| \.", chart.sentence), (language, chart.chart, sentence)
        for one in chart.marks:
            assert one.text in sentence or one.role.startswith("target"), (language, chart.chart, one.text)
            number = re.search(r"[\d.,]*\d", one.text)
            assert number and number[0] in sentence, (language, chart.chart, one.text)


def test_a_title_says_what_the_bars_are(site: Site, drawn: list[tuple[str, Chart, ChartImages]]) -> None:
    """A chart of changes says so in its title: a fall of a rate is not the rate."""
    changes = {p.chart for p in site.charts if getattr(getattr(p.shows, "figure", None), "measure", "") == "change"}
    assert changes
    for language, chart, _ in drawn:
        if chart.chart in changes:
            assert re.search(r"giảm|tăng|, down|, up", chart.title), (language, chart.title)


# --- Series ---


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the example project."""
    return copy_example(tmp_path)


def series_with(project: Project, *points: tuple[str, str], **vocabulary: Any) -> tuple[Series, ...]:
    """Return the series that the example's poverty rate makes in the years and with the values given."""
    checked = project.check()
    report = checked.reports[0]
    rate = next(f for f in report.data.figures if f.indicator == "ty-le-ho-ngheo" and f.measure == "share")
    figures = [
        replace(rate, figure_id=f"p{n}", period_start=f"{year}-01-01", period_end=f"{year}-12-31", value=Decimal(value))
        for n, (year, value) in enumerate(points)
    ]
    return find_series([(figures, [])], replace(checked.vocabulary, **vocabulary))


def test_a_series_needs_two_years(project: Project) -> None:
    """One year is no series, two values of one year are none either, and two that differ are not chosen between."""
    assert not series_with(project, ("2023", "2"))
    assert not series_with(project, ("2023", "2"), ("2023", "2"))
    assert not series_with(project, ("2022", "3"), ("2023", "2"), ("2023", "2.1"))
    (one,) = series_with(project, ("2023", "2"), ("2022", "3"), ("2023", "2"))
    assert [(p.year, p.value) for p in one.points] == [(2022, Decimal(3)), (2023, Decimal(2))]


def test_a_new_standard_breaks_a_series(project: Project) -> None:
    """A standard that begins between two years is named at the later one, and only there."""
    vocabulary = project.check().vocabulary
    standards = check(PROJECT / "datapackages", None).vocabulary.standards
    (one,) = series_with(project, ("2020", "5"), ("2021", "4"), ("2022", "4"), ("2023", "3"), standards=standards)
    assert [point.broken for point in one.points] == ["", "", "standard", ""]
    assert one.points[2].standard == standards["ty-le-ho-ngheo"][0]
    (plain,) = series_with(project, ("2021", "4"), ("2022", "4"), standards=vocabulary.standards)
    assert [point.broken for point in plain.points] == ["", ""]


@pytest.mark.parametrize(("dates", "broken"), [({}, ""), ({"valid_from": "2022-07-01"}, "borders")])
def test_new_borders_break_a_series(project: Project, dates: dict[str, str], broken: str) -> None:
    """Borders that begin between two years keep their values from being joined."""
    places = dict(project.check().vocabulary.places)
    name = next(f.place for f in project.check().reports[0].data.figures if f.indicator == "ty-le-ho-ngheo")
    places[name] = replace(places[name], **dates)
    (one,) = series_with(project, ("2021", "4"), ("2022", "3"), places=places)
    assert [point.broken for point in one.points] == ["", broken]


def test_a_place_goes_on_as_its_successor(project: Project) -> None:
    """What a place became stands in its series, after a break; two places that became one stay two series."""
    checked = project.check()
    rate = next(f for f in checked.reports[0].data.figures if f.indicator == "ty-le-ho-ngheo" and f.measure == "share")
    old = checked.vocabulary.places[rate.place]
    places = {
        **checked.vocabulary.places,
        old.place: replace(old, successor="moi", valid_to="2022-12-31"),
        "kia": replace(old, place="kia", successor="moi", valid_to="2022-12-31"),
        "moi": replace(old, place="moi", valid_from="2023-01-01", valid_to=""),
    }

    def at(place: str, year: int) -> Any:
        return replace(
            rate, figure_id=f"{place}{year}", place=place, period_start=f"{year}-01-01", period_end=f"{year}-12-31"
        )

    vocabulary = replace(checked.vocabulary, places=places)
    (one,) = find_series([([at(old.place, 2022), at("moi", 2023)], [])], vocabulary)
    assert [point.broken for point in one.points] == ["", "borders"]
    figures = [at(place, year) for place in (old.place, "kia") for year in (2021, 2022)] + [at("moi", 2023)]
    two = find_series([(figures, [])], vocabulary)
    assert [{point.figure.place for point in one.points} for one in two] == [{old.place}, {"kia"}]


def test_an_average_change_leads_to_no_earlier_value(checked: Checked) -> None:
    """A yearly average is no step from a year to another; a change over the whole time is."""
    report = next(r for r in checked.reports if r.name == "ha-tinh-2015-2020-thi-dua")
    found = {change.figure_id for _, change, _ in earlier_values(report.data.figures, checked.vocabulary.units)}
    assert "poverty_rate_change" in found
    assert "poverty_rate_change_yearly" not in found


def test_series_of_one_unit_are_drawn_together(site: Site) -> None:
    """Places with a series stand in one chart of panels, and charts that share an indicator share their scale."""
    planned = next(chart for chart in site.charts if chart.chart == "ty-le-ho-ngheo--nam")
    assert isinstance(planned.shows, Years)
    assert len({one.figure.place for one in planned.shows.series}) >= 3
    values = {p.value for one in planned.shows.series for p in one.points if p.value is not None}
    assert values <= set(planned.shows.reach)
    assert all(isinstance(p, Point) for one in planned.shows.series for p in one.points)


# --- On request ---


def words_in_expressions(specification: dict[str, Any]) -> set[str]:
    """Return every expression of a specification."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.update(value for key, value in node.items() if key in ("expr", "test", "signal", "calculate"))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk({key: value for key, value in specification.items() if key != "data"})
    return found


def test_every_chart_has_a_specification(drawn: list[tuple[str, Chart, ChartImages]]) -> None:
    """Each is valid Vega-Lite of Altair's version, holds each value as data, and has one expression, ours."""
    for language, chart, _ in drawn:
        specification = vega_lite(chart, language)
        alt.Chart.from_dict({**specification, "params": []})
        values = [row for row in specification["data"]["values"] if "n" in row]
        assert [(row["value"], row["text"]) for row in values] == [
            (float(one.value), charts._clean(one.text)) for one in chart.marks
        ]
        assert words_in_expressions(specification) == {"chosen === -1 || datum.n === chosen"}
        assert "http" not in json.dumps(specification).replace(specification["$schema"], "")


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_stay_values(words: str) -> None:
    """Quotes, line breaks and markup in titles and labels are data of the specification, and it still compiles."""
    for chart in (TARGETS, PARTS, SERIES):
        marks = tuple(replace(one, text=f"{one.text} {words}", panel=words) for one in chart.marks)
        marks += tuple(replace(one, panel="khác") for one in chart.marks) if chart.kind == "series" else ()
        hostile = replace(chart, title=words, sentence=words, unit=words, marks=marks)
        specification = json.loads(json.dumps(vega_lite(hostile, "vi")))
        assert words_in_expressions(specification) == {"chosen === -1 || datum.n === chosen"}
        assert vl_convert.vegalite_to_vega(specification, vl_version=charts.VL_VERSION)["marks"]


@pytest.mark.parametrize(("language", "number"), [("vi", "15.000"), ("en", "15,000")])
def test_numbers_of_a_specification_speak_the_language(language: str, number: str) -> None:
    """The axis that Vega draws has the separators of the language."""
    svg = vl_convert.vegalite_to_svg(vega_lite(PARTS, language), vl_version=charts.VL_VERSION, allowed_base_urls=[])
    assert f">{number}<" in svg


def test_a_specification_keeps_gaps_and_breaks() -> None:
    """Joined are only years that follow one another; a break has its mark at the middle."""
    marks = (mark("2019", "5", "5"), mark("2021", "4", "4"), mark("2022", "3", "3"), mark("2023", "2", "2"))
    chart = replace(SERIES, marks=(*marks[:3], replace(marks[3], broken="chuẩn mới")))
    rows = vega_lite(chart, "vi")["data"]["values"]
    assert [row["at"] for row in rows if row["role"] == "join"] == [2021, 2022]
    assert [row["at"] for row in rows if row["role"] == "break"] == [2022.5]


def test_the_bundle_is_one_module_named_by_its_content() -> None:
    """Vega without its known holes, the same bytes each time, nothing put on the window, no address of its own."""
    assert tuple(map(int, vl_convert.get_vega_version().split(".")[:3])) >= (6, 2, 0)
    bundle = vega_bundle()
    again = vl_convert.javascript_bundle(charts._SNIPPET, vl_version=charts.VL_VERSION).encode()
    assert bundle.content == again
    assert re.fullmatch(r"assets/js/vega-[0-9a-f]{16}\.js", bundle.path)
    assert not re.search(rb"\b(?:window|globalThis|self)\.\w+\s*=[^=]", bundle.content)
    assert bundle.content.rstrip().endswith(b"as draw};")


# --- Colours ---

# Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB.
SEEN_WITH = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def lab(colour: str, vision: str) -> tuple[float, float, float]:
    """Return a colour in CIELAB (D65) as an eye of a kind sees it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    seen = [min(max(sum(a * b for a, b in zip(row, linear, strict=True)), 0.0), 1.0) for row in SEEN_WITH[vision]]
    rows = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
    white = (0.95047, 1.0, 1.08883)
    xyz = [sum(a * b for a, b in zip(row, seen, strict=True)) / w for row, w in zip(rows, white, strict=True)]
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return how different two colours look (Sharma, Wu and Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = ((hypot(a1, b1) + hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - sqrt(mean / (mean + 25**7)))
    c1, c2 = hypot(a1 * (1 + g), b1), hypot(a2 * (1 + g), b2)
    h1, h2 = degrees(atan2(b1, a1 * (1 + g))) % 360, degrees(atan2(b2, a2 * (1 + g))) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = 2 * sqrt(c1 * c2) * sin(radians(turn / 2))
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * cos(radians(mean_h - 30)) + 0.24 * cos(radians(2 * mean_h))
    t += 0.32 * cos(radians(3 * mean_h + 6)) - 0.20 * cos(radians(4 * mean_h - 63))
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rotation = -2 * sqrt(mean_c**7 / (mean_c**7 + 25**7)) * sin(radians(60 * exp(-(((mean_h - 275) / 25) ** 2))))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, hue / sh
    return sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


def test_the_measure_of_difference_is_right() -> None:
    """Three pairs of the data published with the formula."""
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert ciede2000((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-4)
    assert ciede2000((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514)) == pytest.approx(0.9082, abs=1e-4)


@pytest.mark.parametrize("vision", SEEN_WITH)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_series_are_told_apart_by_every_eye(theme: str, vision: str) -> None:
    """Any two colours of the palette differ by 10 or more, the note from the bars by more."""
    colours = _themes()[theme]
    palette = [colours[f"series-{n}"] for n in range(1, 5)]
    for one, other in combinations(palette, 2):
        assert ciede2000(lab(one, vision), lab(other, vision)) >= 10, (one, other)
    assert ciede2000(lab(colours["note"], vision), lab(colours["actual"], vision)) >= 20


def test_two_colours_that_one_eye_confuses_are_noticed() -> None:
    """A red and a green of one lightness differ for most eyes and not for a deutan one."""
    red, green = "#a06030", "#6b7a32"
    assert ciede2000(lab(red, "normal"), lab(green, "normal")) >= 10
    assert ciede2000(lab(red, "deutan"), lab(green, "deutan")) < 10


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_marks_of_charts_stand_out(theme: str) -> None:
    """What stands for a value has 3 : 1 against the page and against the ground of a card."""
    colours = _themes()[theme]
    for ground in ("paper", "card"):
        for token in ("actual", "target", "line-strong", "ink-2"):
            assert _contrast(colours[token], colours[ground]) >= 3, (token, ground)


def test_colours_of_a_file_are_those_of_the_light_theme() -> None:
    """The solid colours of a standalone file are the tokens of the light theme, on white."""
    tokens = _themes()["light"]
    for name, colour in charts.SOLID_COLOURS.items():
        if name.startswith("var(") and name != charts.PAPER:
            assert colour.lower() == tokens[name[6:-1]], name
    assert charts.SOLID_COLOURS["currentColor"].lower() == tokens["ink"]


def test_grey_keeps_the_roles_apart() -> None:
    """Without any colour a role is told by its form: no two roles of a chart have the same outline, dash and fill."""
    looks = {
        name: (mark, bool(look.get("strokeDash")), look.get("filled", True) and look.get("fill") != charts.PAPER)
        for name, (mark, look) in charts._LOOKS.items()
        if name.startswith(("bar_", "point_")) and "total" not in name
    }
    for shape in ("bar", "point"):
        forms = [form for name, form in looks.items() if name.startswith(shape)]
        assert len(set(forms)) == len(forms) == 3
