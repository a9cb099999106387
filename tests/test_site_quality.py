"""Whether everyone can read the site: WCAG 2.2 AA, keyboard, zoom, paper, and nothing that watches the reader.

docs/accessibility.md tells readers what is tested here.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # It carries no types.
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.conftest import Visit
from tests.makers import PROJECT

PROBES = PROJECT / "tests" / "probes.js"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
# Off unless asked for: the size of what a finger has to meet, new in WCAG 2.2.
AXE: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
OURS = "minhbach.scheme"  # the one thing a page may keep: light or dark, when the reader chose


@pytest.fixture
def look(visit: Callable[..., Visit]) -> Callable[..., Visit]:
    """Open a window whose pages have the probes in them."""

    def open_window(**options: Any) -> Visit:
        opened = visit(**options)
        opened.context.add_init_script(path=PROBES)
        return opened

    return open_window


def open_everything(page: Page) -> None:
    """Open every <details> of a page, press the buttons that show more, and wait for what the page then fetches."""
    page.evaluate("document.querySelectorAll('.page details').forEach(details => { details.open = true })")
    if "?q=" in page.url:
        page.locator("#lookup-answer .found li").first.wait_for()
    for button in page.locator(".page button:visible:not([type=submit]):not([data-copy])").all():
        button.click()
        page.wait_for_load_state("networkidle")


def axe_faults(page: Page, **options: Any) -> list[str]:
    """Return what axe finds on a page: WCAG 2.0 to 2.2, A and AA, and its best practices."""
    found = Axe().run(page, options=AXE | options).response["violations"]
    return [
        f"axe {violation['id']} ({violation['impact']}) at {[node['target'] for node in violation['nodes']][:3]}"
        for violation in found
    ]


# --- WCAG 2.2 AA, on every kind of page ---

WINDOWS = {
    "wide, light": {"viewport": WIDE, "color_scheme": "light"},
    "wide, dark": {"viewport": WIDE, "color_scheme": "dark"},
    "phone, light": {"viewport": PHONE, "color_scheme": "light"},
    "phone, dark": {"viewport": PHONE, "color_scheme": "dark"},
}


@pytest.mark.parametrize("window", WINDOWS)
def test_every_kind_of_page_is_sound(
    host: str, kinds: Mapping[str, str], look: Callable[..., Visit], window: str, long_run: bool
) -> None:
    """With everything opened, axe finds no violation and nothing scrolls sideways, in light and dark, wide and narrow.

    Nor does a page complain, break its policy, ask another host, set a cookie, or keep anything. The long run asks all
    of every page; the short one asks on a wide dark screen about contrast alone, and takes English on a dark phone.
    """
    opened = look(**WINDOWS[window])
    options = {"runOnly": ["color-contrast"]} if window == "wide, dark" and not long_run else {}
    faults = []
    for kind, address in kinds.items():
        if not long_run and kind.startswith("en/") != (window == "phone, dark"):
            continue
        page = opened.open(f"{host}/{address}", until="load")
        open_everything(page)
        found = axe_faults(page, **options)
        if kind == "home" and page.locator(".menu").is_visible():
            page.locator(".menu summary").click()
            found += axe_faults(page, **options)
        if (overflow := page.evaluate("probes.sideways()")) > 0:
            found.append(f"{overflow} px to scroll sideways")
        found += page.evaluate("probes.violations") + page.evaluate("probes.kept()")
        faults += [f"{kind} ({address}): {fault}" for fault in found]
        page.close()
    faults += [f"cookie {cookie}" for cookie in opened.context.cookies()]
    assert not faults, "\n".join(faults)


def test_axe_finds_what_is_wrong(host: str, look: Callable[..., Visit]) -> None:
    """Pale text, a target too small and a picture without words are found: the check above can fail."""
    page = look(viewport=PHONE).open(f"{host}/")
    page.evaluate("""() => {
        probes.style(".lede { color: #ccc } #small a { display: block; width: 9px; height: 9px }");
        document.querySelector(".lede").insertAdjacentHTML("afterend",
            "<img src='assets/images/favicon.svg'><div id='small'><a href='#a'>a</a><a href='#b'>b</a></div>");
    }""")
    found = " ".join(axe_faults(page))
    assert {rule for rule in ("color-contrast", "target-size", "image-alt") if rule in found} == {
        "color-contrast",
        "target-size",
        "image-alt",
    }


def test_the_policy_of_a_page_is_kept(host: str, look: Callable[..., Visit]) -> None:
    """A script written into a page and one made from text are both refused, and the refusal is seen."""
    opened = look()
    page = opened.open(f"{host}/")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
    }""")
    page.wait_for_function("probes.violations.length > 0")
    assert page.evaluate("window.ran") is None
    assert all("Content Security Policy" in error for error in opened.errors)
    opened.errors.clear()


def test_only_the_choice_of_colours_is_kept(host: str, look: Callable[..., Visit]) -> None:
    """Whoever presses the button for dark leaves that one word on their machine; pressing again takes it away."""
    opened = look(color_scheme="light")
    page = opened.open(f"{host}/")
    page.click("button.scheme")
    assert page.evaluate("probes.kept()") == [f"localStorage {OURS}=slate"]
    page.click("button.scheme")
    assert page.evaluate("probes.kept()") == []
    assert opened.context.cookies() == []


# --- Keyboard ---

WALKED = ["home", "indicator", "topic", "audit_report", "lookup of a number", "data", "not found"]


def walk(page: Page) -> tuple[list[str], list[str]]:
    """Press Tab until the focus leaves the page; return what it met, and what was wrong on the way."""
    met: list[str] = []
    faults: list[str] = []
    for _ in range(2_000):
        page.keyboard.press("Tab")
        focus = page.evaluate("probes.focus()")
        if focus is None:
            return met, faults
        met.append(focus["name"])
        faults += [f"{focus['name']}: {wrong}" for wrong in focus["wrong"]]
    return met, [*faults, "the focus never leaves the page"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, PHONE], ids=["wide", "phone"])
def test_tab_reaches_everything_in_order(
    host: str, kinds: Mapping[str, str], look: Callable[..., Visit], width: Mapping[str, int], scheme: str
) -> None:
    """The keyboard meets every link, button, field and table that scrolls, in the page's order, always in sight."""
    opened = look(viewport=width, color_scheme=scheme)
    for kind in WALKED if scheme == "light" else WALKED[:2]:
        page = opened.open(f"{host}/{kinds[kind]}", until="load")
        page.evaluate("document.querySelectorAll('.page details').forEach(details => { details.open = true })")
        met, faults = walk(page)
        assert not faults, f"{kind}: " + "\n".join(faults)
        assert met == page.evaluate("probes.reachable()"), kind
        page.close()


def test_the_way_from_the_top_of_the_home_page(host: str, look: Callable[..., Visit]) -> None:
    """First the way past the head, then search, languages, colours, sections and the first number; each key works."""
    page = look(viewport=WIDE, color_scheme="light").open(f"{host}/")
    press = page.keyboard.press

    def tab_to(selector: str, most: int = 12) -> None:
        for _ in range(most):
            press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"{selector} is not reached by {most} times Tab")

    tab_to(".skip", most=1)
    tab_to(".brand", most=1)
    tab_to("#site-search", most=2)
    tab_to(".languages a", most=1)
    tab_to("button.scheme", most=1)
    press("Space")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    press("Enter")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
    tab_to(".tabs a", most=1)
    tab_to(".tile__number a", most=25)
    press("Shift+Tab")
    page.reload()
    press("Tab")
    press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
    press("Tab")
    assert page.evaluate("document.activeElement.closest('#main-content') !== null")


def test_the_menu_of_a_phone_works_by_keyboard(host: str, look: Callable[..., Visit]) -> None:
    """Space opens the menu, Tab goes into it, Escape closes it and gives the focus back."""
    page = look(viewport=PHONE).open(f"{host}/")
    page.locator(".menu summary").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.menu nav') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.menu summary')")
    assert not page.locator(".menu nav").is_visible()


# --- Larger, wider spaced, still, in the system's colours ---

READERS = {
    # WCAG 1.4.12, as it stands there.
    "spaced": "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } "
    "p { margin-bottom: 2em !important }",
    "large letters": "html { font-size: 200% !important }",
}


def test_zoom_of_200_percent(host: str, kinds: Mapping[str, str], look: Callable[..., Visit], long_run: bool) -> None:
    """On a desk at twice the size nothing scrolls sideways and no text lies on another."""
    opened = look(viewport={"width": 640, "height": 450}, device_scale_factor=2)
    faults = []
    for kind, address in kinds.items():
        if kind.startswith("en/") and not long_run:
            continue
        page = opened.open(f"{host}/{address}", until="load")
        if (overflow := page.evaluate("probes.sideways()")) > 0:
            faults.append(f"{kind}: {overflow} px to scroll sideways")
        faults += [f"{kind}: {overlap}" for overlap in page.evaluate("probes.overlaps()")[:5]]
        page.close()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("style", "width"), [("spaced", 320), ("spaced", 1280), ("large letters", 1280)])
def test_a_readers_own_style(
    host: str, kinds: Mapping[str, str], look: Callable[..., Visit], style: str, width: int
) -> None:
    """With wider spaces or larger letters nothing scrolls sideways and no text lies on another."""
    opened = look(viewport={"width": width, "height": 900})
    faults = []
    for kind in ("home", "indicator", "topic", "report", "audit_report", "lookup of a number", "package"):
        page = opened.open(f"{host}/{kinds[kind]}", until="load")
        page.evaluate("text => probes.style(text)", READERS[style])
        if (overflow := page.evaluate("probes.sideways()")) > 0:
            faults.append(f"{kind}: {overflow} px to scroll sideways")
        faults += [f"{kind}: {overlap}" for overlap in page.evaluate("probes.overlaps()")[:5]]
        page.close()
    assert not faults, "\n".join(faults)


def test_a_text_upon_another_is_seen(host: str, look: Callable[..., Visit]) -> None:
    """A sentence moved over the heading is found, and so is a line that is too long."""
    page = look(viewport={"width": 640, "height": 450}).open(f"{host}/")
    assert page.evaluate("probes.overlaps()") == []
    page.evaluate("probes.style('.lede { transform: translateY(-2.5rem); white-space: nowrap }')")
    assert page.evaluate("probes.overlaps()") != []
    assert page.evaluate("probes.sideways()") > 0


def test_nothing_moves_for_who_asks_for_less_motion(
    host: str, kinds: Mapping[str, str], look: Callable[..., Visit]
) -> None:
    """With less motion asked for, no element has a transition or an animation, and the page does not glide."""
    opened = look(reduced_motion="reduce")
    for kind in ("home", "indicator", "lookup of a number"):
        page = opened.open(f"{host}/{kinds[kind]}", until="load")
        assert page.evaluate("probes.moving()") == [], kind
        page.close()


def test_charts_keep_their_marks_in_the_systems_colours(
    host: str, kinds: Mapping[str, str], look: Callable[..., Visit]
) -> None:
    """Where a system forces its colours, bars and targets still stand out from the ground, each from the other."""
    opened = look(forced_colors="active", color_scheme="dark")
    page = opened.open(f"{host}/{kinds['home']}")
    colour = "(element, name) => getComputedStyle(element)[name]"
    ground = page.locator("body").evaluate(colour, "backgroundColor")
    bar = page.locator(".bullet__bar").first.evaluate(colour, "fill")
    target = page.locator(".bullet__target").first.evaluate(colour, "stroke")
    assert len({ground, bar, target}) == 3
    assert page.locator(".tile__number a").first.evaluate(colour, "color") != ground


# --- Paper, and no scripts ---


def test_paper_shows_what_is_folded(
    host: str, kinds: Mapping[str, str], look: Callable[..., Visit], tmp_path: Path
) -> None:
    """A printed page has the end of every <details>; on the screen they are closed again afterwards."""
    page = look(viewport=WIDE).open(f"{host}/{kinds['audit_report']}")
    folded = page.locator(".page details:not(.toc, :has(.filters))").count()
    assert folded
    words = page.evaluate("""() => [...document.querySelectorAll(".page details")].map(details => {
        if (details.matches(".toc, :has(.filters)")) return "";
        const last = [...details.querySelectorAll("p:not(.buttons, .buttons *), li:not(.filters li), td, dd")]
            .filter(e => e.textContent.trim()).pop();
        return last ? last.textContent.trim().split(/\\s+/).slice(-3).join("") : "";
    })""")
    pdf = tmp_path / "page.pdf"
    page.pdf(path=pdf, format="A4")
    text = "".join(sheet.get_textpage().get_text_bounded() for sheet in pypdfium2.PdfDocument(pdf))
    printed = re.sub(r"\s", "", unicodedata.normalize("NFC", text))
    missing = [word for word in words if word and word not in printed]
    assert not missing
    assert page.locator(".page details[open]").count() == 0
