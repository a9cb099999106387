"""Pictures of the built site, for a look at every kind of page: `make screenshots`.

The pages are those whose addresses are given (`chu-de/viec-lam/`), by default the fullest of each kind in `build/site`,
in every language that is there. Each is taken on a telephone and on a wide screen, in light and in dark colours. With
`--readme` the two pictures of the README are taken instead, into `docs/images`.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.conftest import PROJECT, find_chromium, opened_browser, serving

SITE = PROJECT / "build" / "site"
PICTURES = PROJECT / "build" / "screenshots"
README_PICTURES = {"home": "", "indicator": "chi-tieu/ty-le-ho-ngheo/"}
SCREENS = {"phone": (360, 740), "wide": (1280, 900)}


# The kinds of page a reader meets, as patterns of where they stand below the root of a language.
KINDS = {
    "home": "index.html",
    "topic": "chu-de/*/index.html",
    "indicator": "chi-tieu/*/index.html",
    "place": "dia-phuong/*/index.html",
    "report": "bao-cao/*/index.html",
    "audit": "doi-chieu/index.html",
    "promises": "cam-ket/index.html",
    "lookup": "tra-cuu/index.html",
}


def fullest_of_each_kind(site: Path) -> Iterator[tuple[str, str]]:
    """Yield name and address of the fullest page of each kind, in every language that is there."""
    for language in ("", "en"):
        root = site / language
        for kind, pattern in KINDS.items():
            pages = sorted(root.glob(pattern), key=lambda page: (-page.stat().st_size, page))
            if pages:
                address = pages[0].parent.relative_to(site).as_posix()
                yield "-".join(filter(None, (kind, language))), "" if address == "." else f"{address}/"


def picture_readme(chromium: Path) -> None:
    """Take the two pictures of the README: the top of a page, as a reader on a desk sees it."""
    folder = PROJECT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with serving(SITE) as host, opened_browser(chromium) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1400}, color_scheme="light")
        for name, address in README_PICTURES.items():
            page.goto(f"{host}/{address}", wait_until="networkidle")
            page.screenshot(path=folder / f"{name}.png")


def main(addresses: Sequence[str]) -> int:
    """Take the pictures and return the exit code."""
    chromium = find_chromium()
    if chromium is None:
        print("Không có Chromium / There is no Chromium: sudo apt-get install chromium", file=sys.stderr)
        return 1
    if addresses == ["--readme"]:
        picture_readme(chromium)
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    asked = [(address.strip("/").replace("/", "--") or "home", address) for address in addresses]
    wanted = asked or list(fullest_of_each_kind(SITE))
    with serving(SITE) as host, opened_browser(chromium) as browser:
        for screen, (width, height) in SCREENS.items():
            for colours in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if colours == "dark" else "light",
                )
                page = context.new_page()
                for name, address in wanted:
                    page.goto(f"{host}/{address}", wait_until="networkidle")
                    page.screenshot(path=PICTURES / f"{name}.{screen}.{colours}.png", full_page=True)
                context.close()
    print(f"Ảnh ở / The pictures are in {PICTURES.relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
