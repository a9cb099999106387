"""The pictures that stand for pages where they are shared: a page's name and its headline number, 1200 by 630 px.

A picture is drawn as SVG with the site's font, and turned into PNG by the engine that draws the charts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from build_tools.render.charts import FAMILY, text_lines, text_width
from build_tools.render.pictures import Drawing

WIDTH, HEIGHT = 1200, 630
MARGIN = 72
INNER = WIDTH - 2 * MARGIN
PAPER, INK, INK_2, LINE, TRACK, ACTUAL = "#FBFAF6", "#182126", "#445159", "#DEDBD1", "#E7E4DA", "#0E6B80"
MOST_LINES = 3


@dataclass(frozen=True)
class Card:
    """What a picture shows; every text is as the reader sees it."""

    path: str  # in the site
    language: str
    kind: str  # the section a page belongs to: "Chỉ tiêu"
    title: str
    number: str
    unit: str  # as it follows the number, with the space before it
    line: str  # what the number says of whom and when, and where it is printed
    foot: str
    site: str  # what the site is called
    actual_percent: str = ""  # the bar under the number, where there is something to hold it against
    target_percent: str = ""
    is_derived: bool = False
    is_estimate: bool = False


def social_drawings(cards: Iterable[Card]) -> list[Drawing]:
    """Return the drawing of each card."""
    return [Drawing(card.path, card_svg(card), scale=1) for card in cards]


def card_svg(card: Card) -> str:
    """Return the drawing of a card."""
    size = 52
    lines = text_lines(card.title, size, 600, INNER)
    if len(lines) > 2:
        size = 42
        lines = text_lines(card.title, size, 600, INNER)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1].rstrip(" ,;:") + "…"]
    site = text_lines(card.site, 36, 600, INNER - 56)[0]
    beside = max(250, 80 + text_width(site, 36, 600))
    fits = beside + text_width(card.kind, 28, 400) <= INNER
    drawn = [_text(card.kind, MARGIN + beside, 105, 28, 400, INK_2)] if card.kind and fits else []
    y = 128.0
    for line in lines:
        y += size * 1.28
        drawn.append(_text(line, MARGIN, y, size, 600, INK))
    wide = text_width(card.number, 100, 600) + text_width(card.unit, 40, 400)
    big = min(120.0, 100 * INNER / wide) if wide else 120.0
    y = max(y + big * 1.15, 400.0)
    drawn.append(
        f'<text x="{MARGIN}" y="{y:.1f}" font-size="{big:.1f}" font-weight="600" fill="{INK}">{escape(card.number)}'
        f'<tspan font-size="{big * 0.4:.1f}" font-weight="400" fill="{INK_2}">{escape(card.unit)}</tspan></text>'
    )
    if card.actual_percent:
        drawn.append(_bar(card, y + 34))
        y += 42
    for n, line in enumerate(text_lines(card.line, 30, 400, INNER)[:1]):
        drawn.append(_text(line, MARGIN, y + 52 + 40 * n, 30, 400, INK_2))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' xml:lang="{card.language}" font-family="{FAMILY}"><rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
        f'<g transform="translate({MARGIN} 72) scale(1.75)"><path d="M2 2h20v20H2z" fill="none" stroke="{INK}"'
        f' stroke-width="2"/><path fill="{INK}" d="M6 7h8v3H6zM6 14h5v3H6zM16 6h2v12h-2z"/></g>'
        f"{_text(site, MARGIN + 56, 105, 36, 600, INK)}{''.join(drawn)}"
        f'<rect x="{MARGIN}" y="560" width="{INNER}" height="2" fill="{LINE}"/>'
        f"{_text(card.foot, MARGIN, 600, 24, 400, INK_2)}</svg>"
    )


def _text(text: str, x: float, y: float, size: float, weight: int, fill: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:.1f}" font-size="{size:g}" font-weight="{weight}" fill="{fill}">{escape(text)}</text>'
    )


def _bar(card: Card, y: float) -> str:
    """Return the number as a bar from 0, and its target as a line across it, dashed where no report prints it."""
    width = INNER * float(card.actual_percent) / 100
    bar = f'<rect x="{MARGIN}" y="{y:.1f}" width="{INNER}" height="20" fill="{TRACK}"/>'
    if card.is_estimate:
        inner = max(width - 4, 0)
        bar += (
            f'<rect x="{MARGIN + 2}" y="{y + 2:.1f}" width="{inner:.1f}" height="16" fill="none" stroke="{ACTUAL}"'
            ' stroke-width="4"/>'
        )
    else:
        bar += f'<rect x="{MARGIN}" y="{y:.1f}" width="{width:.1f}" height="20" fill="{ACTUAL}"/>'
    if card.target_percent:
        at = MARGIN + INNER * float(card.target_percent) / 100
        line = f'x1="{at:.1f}" x2="{at:.1f}" y1="{y - 8:.1f}" y2="{y + 28:.1f}"'
        dashes = ' stroke-dasharray="7 4"' if card.is_derived else ""
        bar += (
            f'<line {line} stroke="{PAPER}" stroke-width="12"/><line {line} stroke="{INK}" stroke-width="5"{dashes}/>'
        )
    return bar
