"""Looking up in a real browser: what people type finds what they mean, in each language, by keyboard, from a folder."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest
from axe_playwright_python.sync_playwright import Axe

from build_tools.render.lookup import folded, sound, split
from tests.conftest import Visit, serving
from tests.makers import PROJECT

if TYPE_CHECKING:
    from playwright.sync_api import Page

PREFIXES = {"vi": "", "en": "en/"}
TABLES = PROJECT / "tests" / "tables"
ENOUGH = 0.98  # of the queries of a table must find their page among the first three
ANSWERED = "#lookup-status:not([data-busy]):not(:empty)"


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of queries."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def host(built_site: Path) -> Iterator[str]:
    """The address where the site is served."""
    with serving(built_site) as address:
        yield address


def ask(page: "Page", query: str) -> None:
    """Type a query into the field of an open lookup page, and wait for the answer."""
    page.fill("#lookup", query)
    page.press("#lookup", "Enter")
    page.locator(ANSWERED).wait_for()


def links(page: "Page", root: str) -> list[str]:
    """Return where each thing found leads, in order, as seen from the root of the language."""
    items = page.locator("#lookup-answer .found > li").all()
    return [str(item.locator("a").first.evaluate("a => a.href")).removeprefix(root) for item in items]


def figures(page: "Page", most: int) -> list[str]:
    """Return the first figures of each list, as `package#figure`."""
    lists = page.locator("#lookup-answer .found:not(.found--pages)").all()
    items = [item for ul in lists for item in ul.locator("> li").all()[:most]]
    found = [str(item.locator("a").first.evaluate("a => a.href")) for item in items]
    return [link.partition("/bao-cao/")[2].replace("/#", "#") for link in found]


# -- what is found ----------------------------------------------------------------------------------------------------


def test_the_tables_are_what_they_say(built_site: Path) -> None:
    """A hundred queries, half of them without accents or as numbers, and every page they should find is there."""
    table = rows("search_vi")
    kinds = Counter(row["typed"] for row in table)
    assert kinds == {"accented": 40, "decomposed": 10, "plain": 20, "plain đ": 20, "number": 10}
    assert len({row["query"] for row in table if row["typed"] != "decomposed"}) == 90
    assert all(row["query"].isascii() for row in table if row["typed"].startswith("plain"))
    assert all("d" in row["query"].lower() for row in table if row["typed"] == "plain đ")
    for language, prefix in PREFIXES.items():
        for row in rows(f"search_{language}"):
            assert (built_site / prefix / row["page"].partition("#")[0] / "index.html").is_file(), row
    assert len(rows("search_en")) >= 30
    assert len(rows("numbers_vi")) >= 50


@pytest.mark.parametrize("language", PREFIXES)
def test_queries_find_their_page(host: str, visit: Callable[..., Visit], language: str) -> None:
    """What people type finds the page they mean among the first three, in their language alone."""
    root = f"{host}/{PREFIXES[language]}"
    page = visit().open(f"{root}tra-cuu/")
    missed = []
    table = rows(f"search_{language}")
    for row in table:
        query = unicodedata.normalize("NFD", row["query"]) if row["typed"] == "decomposed" else row["query"]
        ask(page, query)
        found = links(page, root)
        if row["page"] not in found[:3]:
            missed.append(f"{row['query']}: {row['page']}, found {found[:3]}")
        if language == "vi":
            assert not [link for link in found if link.startswith("en/")]
        assert not [link for link in found if link.startswith("http")], "a link leads out of the language"
    assert len(missed) <= (1 - ENOUGH) * len(table), "\n".join(missed)


@pytest.mark.parametrize("language", PREFIXES)
def test_numbers_and_sentences_find_their_figures(host: str, visit: Callable[..., Visit], language: str) -> None:
    """Each number of a sentence has its figure among the first three of its list; what is nowhere is said to be."""
    page = visit().open(f"{host}/{PREFIXES[language]}tra-cuu/")
    missed = []
    for row in rows(f"numbers_{language}"):
        ask(page, row["query"])
        found = figures(page, 3)
        if row["figure"] == "none":
            fine = not found and page.locator("#lookup-answer .empty").count() == 1
        else:
            fine = set(row["figure"].split()) <= set(found)
        if not fine:
            missed.append(f"{row['query']}: {row['figure']}, found {found}")
    assert not missed, "\n".join(missed)


def test_exact_accents_come_first(host: str, visit: Callable[..., Visit]) -> None:
    """Of pages whose words differ in accents only, those spelled as typed stand first."""
    page = visit().open(f"{host}/tra-cuu/")
    for query, word in (("bảo", "bảo"), ("báo", "báo"), ("tỉnh", "tỉnh"), ("tinh", "t")):
        ask(page, query)
        first = page.locator("#lookup-answer .found > li").first.inner_text().lower()
        assert word in first, query


def test_a_result_says_value_place_and_period(host: str, visit: Callable[..., Visit]) -> None:
    """A page is shown with its newest value, its place and its year, and a figure with its report and place in it."""
    page = visit().open(f"{host}/tra-cuu/?q={quote('tỷ lệ hộ nghèo')}")
    page.locator(ANSWERED).wait_for()
    first = page.locator("#lookup-answer .found > li").first.inner_text()
    assert all(part in first for part in ("Tỷ lệ hộ nghèo", "2,27", "Thừa Thiên Huế", "2023", "Giảm nghèo")), first
    ask(page, "17.034")
    first = page.locator("#lookup-answer .found > li").first.inner_text()
    assert all(part in first for part in ("17.034", "người", "việc làm", "2023", "mục I.2, dòng 124")), first


# -- the grammar of numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "query", "expected"),
    [
        ("vi", "17.034", [17034]),
        ("vi", "2,27 %", [2.27]),
        ("vi", "17 nghìn", [17000]),
        ("vi", "17k", [17000]),
        ("vi", "hơn 11 nghìn tỷ", [11e12]),
        ("vi", "mười bảy nghìn", [17000]),
        ("vi", "hai trăm linh năm", [205]),
        ("vi", "hai mươi mốt triệu ba trăm nghìn", [21_300_000]),
        ("vi", "năm 2023 có 41 đơn, 7 khiếu nại", [41, 7]),
        ("vi", "ngày 31/12/2023, Nghị quyết 43/NQ-CP, quý 3", []),
        ("vi", "trong năm ba người", []),
        ("vi", "2023", [2023]),
        ("vi", "2020 người", [2020]),
        ("vi", "từ 15 đến 20", [15]),
        ("en", "17,034", [17034]),
        ("en", "2.27%", [2.27]),
        ("en", "32 billion", [32e9]),
        ("en", "two hundred and five", [205]),
        ("en", "in 2023 there were 41 petitions", [41]),
    ],
)
def test_numbers_of_a_query(
    host: str, visit: Callable[..., Visit], language: str, query: str, expected: list[float]
) -> None:
    """Amounts are read by the grammar of the page's language; years, days and numbers of papers are none."""
    page = visit().open(f"{host}/{PREFIXES[language]}tra-cuu/")
    found = page.evaluate("query => lookup.numbers(query).asked.map(number => number.ways[0].value)", query)
    assert found == expected


@pytest.mark.parametrize(
    ("query", "low", "high"),
    [
        ("2,27", 2.265, 2.275),
        ("17 nghìn", 16500, 17500),
        ("hơn 17.000", 17000, 18000),
        ("gần 17.000", 16000, 17000),
        ("khoảng 17.000", 16500, 17500),
        ("17.000", 16500, 17500),
        ("20.000", 19500, 20500),
        ("17.034", 17033.5, 17034.5),
        ("15-20", 14.5, 20.5),
    ],
)
def test_room_of_a_number(host: str, visit: Callable[..., Visit], query: str, low: float, high: float) -> None:
    """What a number leaves open follows from its decimals, its zeros, its scale and the word before it."""
    page = visit().open(f"{host}/tra-cuu/")
    found = page.evaluate("query => lookup.numbers(query).asked.map(({ways: [way]}) => [way.low, way.high])", query)
    assert found == [[pytest.approx(low), pytest.approx(high)]]


def test_page_and_build_fold_words_alike(host: str, visit: Callable[..., Visit]) -> None:
    """A word that the page folds otherwise than the build did would not be found."""
    texts = [(PROJECT / f"site_src/texts/{name}.toml").read_text("utf-8") for name in ("vi", "en", "also_written")]
    words = sorted({word for text in texts for word in split(text)})
    decomposed = [unicodedata.normalize("NFD", word) for word in words]
    page = visit().open(f"{host}/tra-cuu/")
    found = page.evaluate(
        "words => words.flatMap(lookup.split).map(word => [word, lookup.folded(word), lookup.sound(word)])",
        decomposed,
    )
    assert found == [[word, folded(word), sound(word)] for word in words]


def test_one_letter_apart(host: str, visit: Callable[..., Visit]) -> None:
    """Put in, left out, another, or two exchanged: one mistake of typing, and no more."""
    page = visit().open(f"{host}/tra-cuu/")
    pairs = [("sinh", other) for other in ("sin", "sinnh", "sihn", "sinl", "sinh", "shni")]
    apart = page.evaluate("pairs => pairs.map(pair => lookup.oneApart(...pair))", pairs)
    assert apart == [True, True, True, True, False, False]


# -- how it behaves ---------------------------------------------------------------------------------------------------


def test_nothing_is_read_before_it_is_asked(host: str, visit: Callable[..., Visit]) -> None:
    """No page but the lookup loads its script, and the lookup reads no index before there is a query."""
    opened = visit()
    asked: list[str] = []
    opened.context.on("request", lambda request: asked.append(request.url.removeprefix(host)))
    opened.open(f"{host}/")
    opened.open(f"{host}/chi-tieu/ty-le-ho-ngheo/")
    assert not [path for path in asked if "lookup.js" in path or "/tim/" in path or "pagefind" in path]
    page = opened.open(f"{host}/tra-cuu/")
    assert not [path for path in asked if "/tim/" in path or "pagefind" in path]
    ask(page, "hộ nghèo")
    assert [path for path in asked if "/tim/" in path]
    assert not [path for path in asked if "pagefind" in path]


@pytest.mark.parametrize("query", ["hộ nghèo", "17.034", "tỷ lệ thất nghiệp thành thị ở Thừa Thiên Huế"])
def test_a_query_loads_little(host: str, visit: Callable[..., Visit], query: str) -> None:
    """At most 60 kB and 40 files, uncompressed."""
    opened = visit()
    sizes: list[int] = []
    page = opened.open(f"{host}/tra-cuu/")
    page.on("response", lambda response: sizes.append(int(response.headers.get("content-length", "0"))))
    ask(page, query)
    assert 0 < sum(sizes) < 60_000
    assert len(sizes) <= 40


def test_keyboard_and_status(host: str, visit: Callable[..., Visit]) -> None:
    """Enter asks and keeps the focus in the field, a status says how much was found, Escape empties the field."""
    page = visit().open(f"{host}/tra-cuu/")
    assert page.locator("label[for=lookup]").inner_text().strip()
    ask(page, "17.034")
    focused = "document.activeElement.id"
    assert page.evaluate(focused) == "lookup"
    status = page.locator("#lookup-status")
    assert status.get_attribute("role") == "status"
    assert status.inner_text().startswith("Con số: ")
    page.keyboard.press("Escape")
    assert page.input_value("#lookup") == ""
    assert page.evaluate(focused) == "lookup"


def test_the_back_button_brings_the_answer_back(host: str, visit: Callable[..., Visit]) -> None:
    """A query stands in the address; going back shows the one before, also after a visit to what was found."""
    page = visit().open(f"{host}/tra-cuu/?q=17.034")
    page.locator(ANSWERED).wait_for()
    ask(page, "hộ nghèo & <b>")
    assert unquote(page.url).endswith("?q=hộ nghèo & <b>")
    page.locator("#lookup-answer .found a").first.click()
    page.wait_for_url("**/chi-tieu/**")
    page.go_back()
    page.locator(ANSWERED).wait_for()
    assert page.input_value("#lookup") == "hộ nghèo & <b>"
    assert page.locator("#lookup-answer .found > li").count()
    page.go_back()
    page.locator("#lookup-answer .found__number", has_text="17.034").first.wait_for()
    assert page.input_value("#lookup") == "17.034"


@pytest.mark.parametrize("width", [320, 1280])
def test_answers_are_sound_for_everyone(host: str, visit: Callable[..., Visit], width: int) -> None:
    """With results of both sorts and one number not found: no violation, nothing sideways, nothing that jumps."""
    page = visit(viewport={"width": width, "height": 700}).open(f"{host}/tra-cuu/")
    page.evaluate(
        "window.shift = 0; const add = list => list.getEntries().forEach(entry => { shift += entry.value });"
        "new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true})"
    )
    ask(page, "hộ nghèo 17.034 người và 987.654.321 người")
    assert page.locator("#lookup-answer .empty").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert not [violation["id"] for violation in Axe().run(page).response["violations"]]
    assert page.evaluate("shift") < 0.02


def test_what_is_typed_stays_text(host: str, visit: Callable[..., Visit]) -> None:
    """Markup in a query is shown as it was typed, and nothing of it runs."""
    query = "<img src=x onerror=alert(1)> 987.654.321 </script><script>alert(2)</script>"
    opened = visit()
    page = opened.open(f"{host}/tra-cuu/")
    page.on("dialog", lambda dialog: opened.errors.append(dialog.message))
    ask(page, query)
    assert page.locator("#lookup-answer :is(img, script)").count() == 0
    ask(page, "<zzzzqqqq>")
    assert "<zzzzqqqq>" in page.locator("#lookup-answer .empty").inner_text()


def test_words_of_the_pages_are_searched_on_request(host: str, visit: Callable[..., Visit]) -> None:
    """What no title holds can be sought in the text of all pages; the focus goes to what is found."""
    page = visit().open(f"{host}/tra-cuu/?q={quote('da in')}")
    page.locator(ANSWERED).wait_for()
    page.locator("#lookup-answer button").click()
    page.locator("#lookup-answer h2:focus").wait_for()
    assert page.locator("#lookup-answer .found a").count()


def test_an_index_that_cannot_be_read_is_said(host: str, visit: Callable[..., Visit]) -> None:
    """Without a connection the page says so, and a later try works."""
    opened = visit()
    page = opened.open(f"{host}/tra-cuu/")
    opened.context.set_offline(True)
    ask(page, "hộ nghèo")
    page.locator("#lookup-status", has_text="Không đọc được").wait_for()
    opened.errors.clear()
    opened.context.set_offline(False)
    ask(page, "hộ nghèo")
    page.locator("#lookup-answer .found > li").first.wait_for()


def test_it_works_from_a_folder(built_site: Path, visit: Callable[..., Visit]) -> None:
    """Opened as a file: the header leads to the lookup, it finds, and what it finds can be opened."""
    opened = visit()
    page = opened.open((built_site / "index.html").resolve().as_uri())
    page.fill("#site-search", "tỷ lệ hộ nghèo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tra-cuu/index.html?q=*")
    page.locator(ANSWERED).wait_for()
    page.locator("#lookup-answer .found > li").first.wait_for()
    ask(page, "17034")
    page.locator("#lookup-answer .found__number a").first.click()
    page.wait_for_url("**/bao-cao/**/index.html#jobs_created")
    assert page.locator("#jobs_created").is_visible()
    # The one thing that a browser does not give to a page from a folder: fonts. It draws with its own.
    opened.errors[:] = [error for error in opened.errors if "font" not in error and "ERR_FAILED" not in error]


def test_no_page_allows_scripts_from_elsewhere(built_site: Path) -> None:
    """The policy of every page names this site, WebAssembly and hashes of its own scripts, and nothing inline."""
    pages = sorted(built_site.resolve().rglob("*.html"))
    assert len(pages) > 700
    for path in pages:
        policy = path.read_text("utf-8").partition("script-src ")[2].partition(";")[0].split()
        assert policy[:2] == ["'self'", "'wasm-unsafe-eval'"], path
        assert all(source.startswith("'sha256-") for source in policy[2:]), path
