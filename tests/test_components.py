"""The macros of components.html print sound, escaped HTML; the theme around them and the styles keep their promises."""

import copy
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import markdown
import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

PROJECT = Path(__file__).parent.parent
SITE_SRC = PROJECT / "site_src"
HOSTILE = '<script>alert(1)</script>"\' onload="x" &amp; {{ t }}'
VOID = {"br", "circle", "hr", "img", "input", "line", "link", "meta", "path", "rect"}

PROVENANCE = {"text": "Huế 2023, dòng 124", "href": "/bao-cao/hue/#jobs", "csv_href": "/a.csv", "cite_href": "/a/#cite"}
BULLET = {
    "actual_percent": "85.2",
    "estimate": False,
    "target_percent": "85.0",
    "target_kind": "printed",
    "sentence": "s",
}
TILE = {
    "label": "Giải quyết việc làm",
    "label_href": "/chi-tieu/viec-lam/",
    "icon": "briefcase-outline",
    "number": "17.034",
    "unit": "người",
    "number_href": "/bao-cao/hue/#jobs",
    "hint": "cao hơn là đạt",
    "bullet": BULLET,
    "target_line": ["Chỉ tiêu ", {"text": "17.000", "href": "#plan", "strong": True}],
}
FINDING = {
    "code": "fails",
    "label": "Không khớp như in",
    "title": "Đạt bao nhiêu?",
    "title_href": "/doi-chieu/hue/#share",
    "id": "share",
    "printed": "107,4 %",
    "computed": "107,6 %",
    "working": ["269 ÷ ", {"text": "kế hoạch", "missing": True}],
    "difference": "Chênh 0,2 điểm.",
    "note": "Lưu ý.",
    "would_agree": "107,6 %",
    "question": "Tính trên số nào?",
    "answer": "chưa hỏi",
    "answer_missing": True,
    "places": [{"text": "Huế 2023, dòng 124", "href": "/x/#jobs"}, {"text": "Huế 2023, dòng 126"}],
    "letter": {"subject": "Hỏi về một con số", "text": "Kính gửi Sở,\nCon số tính từ đâu?"},
    "mail_href": "mailto:?subject=a&body=b",
}
LINK = {"text": "dòng 2", "href": "/z/"}
MARK = {"code": "fails", "label": "Không khớp như in", "href": "/doi-chieu/x/#jobs"}
TABLE = {
    "caption": "Mọi con số",
    "caveats": ["Các con số không cùng đơn vị."],
    "columns": [
        {"label": "Nơi", "role": "name"},
        {"label": "Kỳ", "role": "meta"},
        {"label": "Số", "role": "value"},
        {"label": "Nằm ở đâu", "role": "source"},
        {"label": "Ghi chú", "role": "note"},
    ],
    "rows": [
        {
            "id": "jobs",
            "cells": ["Huế", "2023", {"text": "2,27", "unit": "%"}, {"text": "dòng 1", "href": "/x/#a"}, None],
        },
        {
            "id": "poor",
            "cells": [
                {"text": "QB", "href": "/y/"},
                "2022",
                {"text": "không in", "missing": True},
                [{"text": "dòng 2", "href": "/z/"}, ", "],
                MARK,
            ],
        },
    ],
}
PLAIN = {
    "caption": "Mười dòng đầu",
    "columns": ["figure_id", {"text": "value", "right": True}],
    "rows": [["jobs", "17034"], ["poor", None]],
    "row_ids": ["r1", "r2"],
}
STRIP = {
    "sentence": "24 phép tính",
    "groups": [
        {"treatment": "agrees", "n": 16, "text": "16 khớp", "href": "#a"},
        {"treatment": "open", "n": 6, "text": "6 chưa kiểm được"},
        {"treatment": "fails", "n": 2, "text": "2 không khớp"},
    ],
}
YEAR = {"text": "2023", "kind": "year", "title": "năm"}
SPANS = ["Đã ", {"text": "17.034", "id": "d1-1", "href": "#jobs"}, " năm ", YEAR]
FORM = {"action": "/tra-cuu/", "id": "q", "label": "Con số", "placeholder": "ví dụ 17.034", "value": "1"}
FILES = [{"text": "CSV", "href": "/a.csv", "primary": True, "icon": "download", "download": True}]

# A valid call of every macro that prints a block of a page.
BLOCKS: dict[str, tuple[Any, ...]] = {
    "lede": ([{"text": "66", "strong": True, "href": "#a"}, " con số ", {"text": "không in", "missing": True}],),
    "hint": (["Đơn vị: ", {"text": "2", "num": True}],),
    "heading": ("Đối chiếu", "doi-chieu", 2),
    "block_head": ({"title": "Huế, năm 2023", "id": "hue", "text": "Kiểm điểm", "href": "/bao-cao/hue/"},),
    "tiles": ([TILE],),
    "results_row": ([TILE],),
    "legend": ([{"mark": "bar", "text": "kết quả", "href": "#a"}, {"mark": "series-3", "text": "nơi thứ ba"}],),
    "provenance": (PROVENANCE,),
    "verdict_table": (
        {
            "label": "Kết luận",
            "caption": "Theo báo cáo",
            "columns": ["Số lần"],
            "example_label": "Ví dụ",
            "rows": [
                {
                    "code": "exact",
                    "label": "Khớp",
                    "href": "#e",
                    "explanation": "Đúng.",
                    "counts": ["6"],
                    "example": "1 + 1",
                },
                {
                    "code": "fails",
                    "label": "Không khớp",
                    "counts": ["0"],
                    "example": [{"text": "không có", "missing": True}],
                },
            ],
        },
    ),
    "unit_strip": (STRIP,),
    "account_bar": (
        {
            "id": "so",
            "sentence": "64 cụm số",
            "parts": [
                {"treatment": "solid", "n": 42, "text": "42 số liệu"},
                {"treatment": "plain", "n": 18, "text": "18 năm"},
                {"treatment": "hatched", "n": 4, "text": "4 khác", "href": "/so/"},
            ],
        },
    ),
    "finding_card": (FINDING,),
    "finding_cards": ([FINDING],),
    "figure_table": (TABLE,),
    "plain_table": (PLAIN,),
    "ways": (
        [
            {"title": "Excel", "steps": ["Mở tệp."]},
            {"title": "pandas", "text": "Đọc thẳng:", "code": "import pandas\n", "language": "python"},
        ],
    ),
    "related": ("Xem tiếp", [{"label": "Báo cáo", "links": [{"text": "Huế 2023", "href": "/bao-cao/h/"}]}]),
    "contents": ("Các mục", [{"text": "Mục I, 3", "href": "#muc-1"}]),
    "text_legend": ("con số", "cụm số khác"),
    "facts": ([{"term": "Cơ quan", "text": "Sở"}, {"term": "Số", "text": "không in", "missing": True}],),
    "downloads": (FILES,),
    "citation_box": ({"id": "cite", "text": "minhbach", "links": [{"text": "RIS", "href": "/a.ris"}]},),
    "empty_state": ({"title": "Không có.", "text": "Không sao.", "href": "/x/", "link": "Xem"},),
    "filter_groups": ([{"label": "Theo báo cáo", "links": [{"text": "Huế, 3", "href": "#hue"}]}],),
    "filters": ("Lọc", [{"text": "Tất cả", "href": "#", "current": True}, {"text": "Huế", "href": "#hue"}]),
    "embeds": ([{"label": "Mã", "code": "<iframe src='/nhung/c/'></iframe>"}],),
    "chart_figure": (
        {
            "id": "c1",
            "sentence": "Tăng.",
            "narrow": "<svg></svg>",
            "wide": "<svg></svg>",
            "caption": "Chú thích",
            "legend": [{"mark": "point", "text": "in"}],
            "table": PLAIN,
            "csv_href": "/c.csv",
            "svg_href": "/c.svg",
            "png_href": "/c.png",
            "embeds": [{"label": "Mã", "code": "<iframe src='/nhung/c/'></iframe>"}],
            "spec_href": "/c.vl.json",
            "vega_href": "/vega.js",
        },
    ),
    "topic_list": (
        [
            {
                "title": "Việc làm",
                "href": "/chu-de/viec-lam/",
                "icon": "briefcase-outline",
                "where": "Huế",
                "number": "1",
                "unit": "người",
                "number_href": "#n",
            }
        ],
    ),
    "number_form": (FORM,),
    "call_to_act": ([{"title": "Tra cứu", "id": "tra", "text": "Một số?", "form": FORM, "buttons": FILES}],),
    "found_list": (
        [
            {
                "number": "17.034",
                "number_href": "#a",
                "unit": "người",
                "title": "Việc làm",
                "where": "Huế",
                "source": {"text": "dòng 1", "href": "/x/"},
                "id": "f1",
            }
        ],
    ),
    "passage": (SPANS,),
    "report_text": ([{"n": 124, "id": "dong-124", "spans": SPANS}],),
}

# Fields with a closed set of values, numbers of the geometry, and the drawn chart: none of them is text from data.
NOT_TEXT = {"code", "role", "mark", "treatment", "icon", "target_kind", "kind", "narrow", "wide"}


class _Words:
    """Stands for the words of a language: every word names its key."""

    def __init__(self, key: str = "") -> None:
        self.key = key

    def __getattr__(self, name: str) -> "_Words":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Words(f"{self.key}.{name}".strip("."))

    def __str__(self) -> str:
        return f"[{self.key}]"


class _Html(HTMLParser):
    """What a browser would make of a piece of HTML: its elements, its text, and whether every tag was closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> does not close the innermost element"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, *classes: str) -> list[dict[str, str]]:
        """Return the attributes of the elements with a tag and classes."""
        return [a for name, a in self.elements if name == tag and set(classes) <= set(a.get("class", "").split())]

    def values(self, attribute: str) -> list[str]:
        """Return every value of an attribute."""
        return [a[attribute] for _, a in self.elements if attribute in a]


def _components() -> Any:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SITE_SRC / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    names = ("briefcase-outline", "download", "file-document-outline", "format-quote-close")
    icons = dict.fromkeys(names, '<svg viewBox="0 0 24 24"><path d="M0 0"/></svg>')
    return environment.get_template("components.html", globals={"t": _Words(), "icons": icons}).module


COMPONENTS = _components()


def _html(macro: str, *arguments: Any) -> str:
    return str(getattr(COMPONENTS, macro)(*arguments))


def _changed(record: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(record)), **changes}


def _slots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every text that comes from data."""
    if isinstance(value, str):
        if not (path and path[-1] in NOT_TEXT):
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _slots(inner, (*path, key))
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _slots(inner, (*path, index))


def _with(value: Any, path: tuple[Any, ...], text: str) -> Any:
    """Return a copy of a value with one text changed."""
    if not path:
        return text
    if isinstance(value, Mapping):
        return {key: _with(inner, path[1:], text) if key == path[0] else inner for key, inner in value.items()}
    return [_with(inner, path[1:], text) if index == path[0] else inner for index, inner in enumerate(value)]


def _objects(value: Any) -> Any:
    """Return the same records as objects with attributes, as dataclasses are."""
    if isinstance(value, Mapping):
        return SimpleNamespace(**{key: _objects(inner) for key, inner in value.items()})
    return [_objects(inner) for inner in value] if isinstance(value, list) else value


def test_every_macro_has_a_case() -> None:
    """No macro goes untested: each has a valid call here, or is printed inside one that has."""
    inside = {
        "icon",
        "run",
        "bullet",
        "unit",
        "amount",
        "tile",
        "key",
        "chip",
        "share",
        "parts_bar",
        "cell_content",
        "marked",
        "tools",
    }
    source = (SITE_SRC / "templates/components.html").read_text(encoding="utf-8")
    assert set(re.findall(r"\{%- macro (\w+)\(", source)) == set(BLOCKS) | inside


@pytest.mark.parametrize("macro", BLOCKS)
def test_a_block_is_sound_html(macro: str) -> None:
    """Every tag is closed, no id stands twice, and nothing carries a style, a handler or a script."""
    page = _Html(_html(macro, *BLOCKS[macro]))
    assert page.open == []
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}
    assert not {"script", "style"} & {tag for tag, _ in page.elements}


@pytest.mark.parametrize("macro", BLOCKS)
def test_a_block_passes_through_markdown_unchanged(macro: str) -> None:
    """A block is one raw block to Markdown: it has no empty line, and comes out as it went in."""
    html = _html(macro, *BLOCKS[macro])
    assert "" not in [line.strip() for line in html.strip().splitlines()]
    converted = markdown.markdown(f"Trước.\n\n{html}\n\nSau.", extensions=["attr_list", "tables", "toc"])
    assert converted == f"<p>Trước.</p>\n{html}\n\n<p>Sau.</p>"


@pytest.mark.parametrize("macro", BLOCKS)
def test_drawings_are_named_or_hidden(macro: str) -> None:
    """Every SVG of ours that is not inside another says what it shows, or is hidden from assistive technology."""
    html = _html(macro, *BLOCKS[macro])
    for svg in re.findall(r'<svg class="(?!at)[^>]*>', html):
        assert ('role="img" aria-label="' in svg) != ('aria-hidden="true"' in svg), svg


SLOTS = [(macro, path) for macro, call in BLOCKS.items() for path in _slots(list(call))]


@pytest.mark.parametrize(("macro", "path"), SLOTS)
def test_text_is_shown_as_it_is(macro: str, path: tuple[Any, ...]) -> None:
    """A text that looks like HTML, put into any slot, changes no element and is shown sign by sign."""
    sound = _Html(_html(macro, *BLOCKS[macro]))
    hostile = _Html(_html(macro, *_with(list(BLOCKS[macro]), path, HOSTILE)))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in sound.elements]
    assert [set(a) for _, a in hostile.elements] == [set(a) for _, a in sound.elements]
    attributes = [value for _, attributes in hostile.elements for value in attributes.values()]
    assert HOSTILE in hostile.text or any(HOSTILE in value for value in attributes)


@pytest.mark.parametrize("macro", BLOCKS)
def test_objects_and_dictionaries_print_alike(macro: str) -> None:
    """A record may be a dataclass or a dictionary."""
    call = BLOCKS[macro]
    assert _html(macro, *(_objects(argument) for argument in call)) == _html(macro, *call)


def test_unknown_icon_is_refused() -> None:
    """An icon the renderer did not supply stops the page instead of leaving a hole."""
    with pytest.raises(jinja2.UndefinedError):
        _html("tiles", [_changed(TILE, icon="no-such-icon")])


@pytest.mark.parametrize(("kind", "lines", "dashed"), [("printed", 2, False), ("derived", 2, True), ("none", 0, False)])
def test_a_target_is_drawn_as_it_is_known(kind: str, lines: int, dashed: bool) -> None:
    """A printed target is a solid line on its halo, a derived one is dashed, and a missing one is not drawn."""
    page = _Html(_html("bullet", _changed(BULLET, target_kind=kind)))
    assert len(page.all("line")) == lines
    assert bool(page.all("line", "bullet__target", "derived")) == dashed


def test_an_estimate_is_hollow() -> None:
    """An estimate is drawn as an outline; a result is not."""
    assert not _Html(_html("bullet", BULLET)).all("rect", "bullet__hollow")
    assert _Html(_html("bullet", _changed(BULLET, estimate=True))).all("rect", "bullet__hollow")


def test_a_bullet_is_never_stretched() -> None:
    """Widths are in percent and the drawing has no viewBox, so a wide screen does not deform it."""
    page = _Html(_html("bullet", BULLET))
    assert "viewbox" not in page.all("svg", "bullet")[0]
    assert page.all("rect", "bullet__bar")[0]["width"] == "85.2%"


def test_only_what_does_not_agree_is_marked() -> None:
    """One verdict has an outline; it loses it where there is no case of it."""
    for code in ("exact", "rounded", "truncated", "within", "unverifiable", "malformed"):
        assert "chip--fails" not in _html("chip", code, "x")
    assert "chip--fails" in _html("chip", "fails", "x")
    assert "chip--fails" not in _html("chip", "fails", "x", True)


def test_verdicts_have_different_glyphs() -> None:
    """No verdict is told from another by colour alone."""
    codes = ("exact", "rounded", "truncated", "within", "unverifiable", "malformed", "fails")
    assert len({_html("chip", code, "x", True) for code in codes}) == len(codes)


def test_zeros_are_quiet() -> None:
    """A verdict table greys its zeros, and a verdict without any case carries no mark."""
    page = _html("verdict_table", *BLOCKS["verdict_table"])
    assert re.findall(r'<td class="right num zero">(.*?)</td>', page) == ["0"]
    assert "chip--fails" not in page


def test_strip_has_a_square_for_each() -> None:
    """Up to 120 verdicts are squares, in the order of the groups; beyond that they are one bar."""
    page = _Html(_html("unit_strip", STRIP))
    groups = re.findall(r'<span class="unit-([a-z]+)">(.*?)</span>', _html("unit_strip", STRIP), re.DOTALL)
    assert [(name, squares.count("<i>")) for name, squares in groups] == [("agrees", 16), ("open", 6), ("fails", 2)]
    assert len(page.all("i")) == 24
    groups = [{"treatment": "agrees", "n": 119, "text": "119"}, {"treatment": "fails", "n": 1, "text": "1"}]
    assert len(_Html(_html("unit_strip", _changed(STRIP, groups=groups))).all("i")) == 120
    groups[1]["n"] = 2
    page = _Html(_html("unit_strip", _changed(STRIP, groups=groups)))
    assert (len(page.all("i")), len(page.all("svg", "bar"))) == (0, 1)


def test_parts_fill_the_bar() -> None:
    """The parts of an account lie end to end and leave no rest, so nothing can hide."""
    page = _Html(_html("account_bar", *BLOCKS["account_bar"]))
    parts = [a for a in page.all("svg") if "%" in a.get("width", "")]
    starts = [float(a["x"].rstrip("%")) for a in parts]
    widths = [float(a["width"].rstrip("%")) for a in parts]
    assert starts[0] == 0
    for start, width, following in zip(starts, widths, [*starts[1:], 100.0], strict=True):
        assert start + width == pytest.approx(following, abs=0.02)
    assert widths == pytest.approx([65.62, 28.12, 6.25])


def test_a_part_of_nothing_is_not_drawn() -> None:
    """A count of 0 is in the key, not in the bar."""
    parts = [{"treatment": "solid", "n": 3, "text": "3"}, {"treatment": "plain", "n": 0, "text": "0 năm"}]
    page = _Html(_html("account_bar", {"sentence": "s", "parts": parts}))
    assert not page.all("rect", "bar__plain")
    assert "0 năm" in page.text


def test_a_finding_shows_what_there_is() -> None:
    """All but verdict and title of a finding may be missing; nothing empty is printed then."""
    page = _Html(_html("finding_card", {"code": "exact", "label": "Khớp", "title": "Một câu"}))
    assert not page.all("dl") and not page.all("p")
    assert "finding--fails" not in _html("finding_card", {"code": "exact", "label": "Khớp", "title": "Một câu"})


def test_a_finding_is_an_anchor() -> None:
    """A finding can be linked to, and keeps its heading level."""
    page = _Html(_html("finding_card", FINDING, 4))
    assert page.all("section", "finding")[0]["id"] == "share"
    assert page.all("h4") and not page.all("h3")


def test_rows_of_figures_are_anchors() -> None:
    """Each row has its id, and each head says what it heads."""
    page = _Html(_html("figure_table", TABLE))
    assert [row.get("id") for row in page.all("tr")] == [None, "jobs", "poor"]
    assert {head["scope"] for head in page.all("th")} == {"col", "row"}


def test_empty_cells_stay_cells() -> None:
    """A cell without content keeps its place in the row and has none of its own."""
    assert _html("figure_table", TABLE).count('<td class="n"></td>') == 1


def test_wide_tables_can_be_reached_by_keyboard() -> None:
    """The frame a data table scrolls in has a name and takes the focus."""
    frame = _Html(_html("plain_table", PLAIN)).all("section", "scroll")[0]
    assert frame == {"class": "scroll", "aria-label": "Mười dòng đầu", "tabindex": "0"}


def test_a_chart_is_there_for_both_widths() -> None:
    """A chart has a drawing for narrow and one for wide screens, each with its sentence, and its numbers as a table."""
    page = _Html(_html("chart_figure", *BLOCKS["chart_figure"]))
    for name in ("chart__narrow", "chart__wide"):
        assert page.all("div", name)[0]["aria-label"] == "Tăng."
    assert page.all("details") and page.all("table", "plain")


def test_the_current_filter_says_so() -> None:
    """The filter in force is marked for assistive technology too."""
    links = _Html(_html("filters", *BLOCKS["filters"])).all("a")
    assert [a.get("aria-current") for a in links] == ["page", None]


def test_fields_have_labels() -> None:
    """A field has a label even where it is not seen."""
    for form in (FORM, _changed(FORM, label="")):
        page = _Html(_html("number_form", form))
        assert page.all("label")[0]["for"] == page.all("input")[0]["id"] == "q"
        assert page.text.strip().startswith("[check.label]" if not form["label"] else "Con số")


# The theme.

WORDS = {"announce": "Trang độc lập.", "not_found_title": "Không có trang này", "toc": "Trong trang này"}
WORDS |= dict.fromkeys(("skip", "search_short", "search_long", "search_button", "languages", "dark", "menu"), "chữ")
WORDS |= dict.fromkeys(("sections", "breadcrumbs", "not_found_text", "not_found_link"), "chữ")
PAGES = {
    "index.md": ({"title": "Trang đầu"}, '<p class="lede">Câu đầu.</p>'),
    "bao-cao/index.md": ({"title": "Báo cáo"}, "Danh sách."),
    "bao-cao/hue.md": (
        {
            "title": '<b>Huế</b> & "2023"',
            "heading": "Báo cáo <script>x</script>",
            "description": 'Mô tả "trong ngoặc"',
            "breadcrumbs": [{"title": "<i>Báo cáo</i>", "href": "bao-cao/"}, {"title": "Huế"}],
            "toc": True,
            "links": [{"href": "a.csv", "type": "text/csv"}],
            "scripts": ["assets/js/site.js"],
        },
        '<p class="lede">Câu đầu.</p>\n\n## Phần một\n\nChữ.\n\n## Phần hai\n\nChữ.',
    ),
}


def _build(folder: Path, **extra: Any) -> dict[str, str]:
    """Build a small site with the project's settings and return its pages by address."""
    docs = folder / "docs"
    for name, (front, text) in PAGES.items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{yaml.safe_dump(front, allow_unicode=True)}---\n\n{text}\n", encoding="utf-8")
    settings = {
        "INHERIT": str(PROJECT / "mkdocs.yml"),
        "docs_dir": str(docs),
        "site_dir": str(folder / "site"),
        "theme": {"custom_dir": str(SITE_SRC / "theme"), "language": "vi"},
        "nav": [{"Báo <cáo>": "bao-cao/index.md"}],
        "not_in_nav": "/*",
        "extra": {
            "t": WORDS,
            "footer": {
                "text": "Bản 0.1",
                "links": [{"title": "<u>Mới</u>", "href": "bao-cao/"}],
                "lines": ["CC BY 4.0"],
            },
            **extra,
        },
    }
    config = folder / "mkdocs.yml"
    config.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    build(load_config(str(config), strict=True))
    site = folder / "site"
    return {str(path.relative_to(site)): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


LANGUAGES = [
    {"lang": "vi", "code": "VI", "name": "Tiếng Việt", "link": "", "site_url": "https://example.org/"},
    {"lang": "en", "code": "EN", "name": "English", "link": "en/", "site_url": "https://example.org/en/"},
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return a small site in two languages, by address."""
    return _build(tmp_path_factory.mktemp("site"), alternate=LANGUAGES)


def test_theme_escapes_what_pages_say(site: dict[str, str]) -> None:
    """Front matter, section names and footer are text: MkDocs does not escape them, the theme does."""
    html = site["bao-cao/hue/index.html"]
    assert "<title>&lt;b&gt;Huế&lt;/b&gt; &amp; &#34;2023&#34; – minhbach</title>" in html
    assert "<h1>Báo cáo &lt;script&gt;x&lt;/script&gt;</h1>" in html
    assert 'content="Mô tả &#34;trong ngoặc&#34;"' in html
    for text in ("&lt;i&gt;Báo cáo&lt;/i&gt;", "Báo &lt;cáo&gt;", "&lt;u&gt;Mới&lt;/u&gt;"):
        assert text in html


def test_pages_share_one_inline_script(site: dict[str, str]) -> None:
    """One inline script of the same bytes everywhere, so that one hash allows it; the rest are files of ours."""
    inline = {
        hashlib.sha256(s.encode()).hexdigest()
        for html in site.values()
        for s in re.findall(r"<script>(.*?)</script>", html)
    }
    assert len(inline) == 1
    sources = {s for html in site.values() for s in re.findall(r'<script[^>]* src="([^"]*)"', html)}
    assert {source.rpartition("/")[2] for source in sources} == {"site.js"}
    assert not [html for html in site.values() if re.search(r'<script(?! src="[^"]*" defer>)[^>]+>', html)]


def test_nothing_of_materials_script_is_left(site: dict[str, str]) -> None:
    """What only Material's own script would use is not in the page: no toggles, no search dialog, no configuration."""
    for html in site.values():
        for part in ("__drawer", "__search", "__config", "md-search", "md-overlay", "md-sidebar"):
            assert part not in html


def test_search_is_a_form(site: dict[str, str]) -> None:
    """The search field is a plain form that asks the lookup page, from any depth."""
    form = _Html(site["bao-cao/hue/index.html"]).all("form", "site-search")[0]
    assert (form["action"], form["method"], form["role"]) == ("../../tra-cuu/", "get", "search")


def test_language_switch_leads_to_the_same_page(site: dict[str, str]) -> None:
    """The other language's link keeps the address of the page, and head names the pair with its whole address."""
    html = site["bao-cao/hue/index.html"]
    assert '<a href="../../en/bao-cao/hue/" lang="en" hreflang="en">' in html
    assert '<link rel="alternate" hreflang="en" href="https://example.org/en/bao-cao/hue/">' in html
    assert '<link rel="alternate" hreflang="x-default" href="https://example.org/bao-cao/hue/">' in html


def test_language_switch_leads_out_of_a_folder(tmp_path: Path) -> None:
    """From the site in a folder the switch leads up to the other, from any depth; so does the head without site_url."""
    languages = [
        {**LANGUAGES[0], "lang": "en", "link": "../", "site_url": ""},
        {**LANGUAGES[1], "lang": "vi", "link": ""},
    ]
    site = _build(tmp_path, alternate=languages)
    assert '<a href="../../../bao-cao/hue/" lang="en" hreflang="en">' in site["bao-cao/hue/index.html"]
    assert '<link rel="alternate" hreflang="en" href="../../../bao-cao/hue/">' in site["bao-cao/hue/index.html"]
    assert '<a href="./../" lang="en" hreflang="en">' in site["index.html"]


def test_one_language_has_no_switch(tmp_path: Path) -> None:
    """A site in one language shows no switch and names no pair."""
    for html in _build(tmp_path, alternate=LANGUAGES[:1]).values():
        assert "hreflang" not in html


def test_section_is_marked(site: dict[str, str]) -> None:
    """The tab of the section is marked on its index page and on every page below it, and on no other."""
    assert site["bao-cao/index.html"].count('aria-current="page"') == 2  # the row of tabs, and the menu
    assert site["bao-cao/hue/index.html"].count('<a href="../" aria-current="true">') == 2
    assert not re.search(r"<a [^>]*aria-current", site["index.html"])


def test_contents_follow_the_first_sentence(site: dict[str, str]) -> None:
    """On a page that asks for it the contents stand after the lede for phones, and beside the page for desktops."""
    html = site["bao-cao/hue/index.html"]
    order = [html.index(part) for part in ('class="toc toc--beside"', 'class="lede"', 'class="toc toc--above"', "<h2")]
    assert order == sorted(order)
    assert html.count('<a href="#phan-mot">') == 2
    assert "toc--" not in site["index.html"]


def test_missing_page_says_so(site: dict[str, str]) -> None:
    """The 404 page has its own words, keeps out of search, and needs no page to be drawn."""
    html = site["404.html"]
    assert "<h1>Không có trang này</h1>" in html
    assert '<meta name="robots" content="noindex">' in html
    assert "data-pagefind-body" not in html and "data-pagefind-body" in site["index.html"]


# The styles.

STYLES = {path.name: path.read_text(encoding="utf-8") for path in (SITE_SRC / "assets/css").glob("*.css")}


def test_styles_are_small() -> None:
    """All styles of ours on a page together stay under 36 KB, unpacked; a page in a frame has a few of its own."""
    small = len(STYLES["embed.css"].encode())
    assert sum(len(text.encode()) for text in STYLES.values()) - small < 36_000
    assert small < 2_000


def test_styles_reach_no_other_host() -> None:
    """Every address in the styles is a file of ours that is there."""
    for text in STYLES.values():
        for address in re.findall(r"url\(\"?([^)\"]+)", text):
            assert (SITE_SRC / "assets/css" / address).is_file(), address


def _themes() -> dict[str, dict[str, str]]:
    """Return the colours of each theme by token."""
    blocks = re.findall(r"color-scheme: (light|dark);(.*?)\}", STYLES["tokens.css"], re.DOTALL)
    themes: dict[str, dict[str, str]] = {}
    for name, block in blocks:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block))
        assert themes.setdefault(name, colours) == colours, "the two dark blocks differ"
    return themes


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_marks_can_be_seen(theme: str) -> None:
    """On every ground, text has a contrast of 4.5, and marks and borders of controls of 3 (WCAG 2.2 AA)."""
    colours = _themes()[theme]
    for ground in ("paper", "card", "sunk"):
        for text in ("ink", "ink-2", "ink-3", "link", "note"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for mark in ("actual", "target", "line-strong", "series-1", "series-2", "series-3", "series-4"):
            assert _contrast(colours[mark], colours[ground]) >= 3, (mark, ground)
    for text in ("ink", "link"):
        assert _contrast(colours[text], colours["mark"]) >= 4.5, text
    assert _contrast(colours["ink"], colours["focus-ground"]) >= 4.5
    assert _contrast(colours["paper"], colours["link"]) >= 4.5  # the filled button
    assert _contrast(colours["actual"], colours["track"]) >= 3


def test_contrast_check_can_fail() -> None:
    """A grey that is too light for text is caught."""
    assert _contrast("#999999", "#fbfaf6") < 4.5
