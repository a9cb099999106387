"""The check of the finished pages: silent on a sound site, and each fault seen once."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_tools import site_check
from build_tools.site_check import REMEDIES, addresses_in_css, check, read_page, script_hash

RUNS = "document.title"
POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    f"content=\"default-src 'none'; script-src 'self' {script_hash(RUNS)}; style-src 'self'\">"
)
HOME = f"""<!doctype html>
<html lang="vi">
<head><meta charset="utf-8">{POLICY}
<title>Trang nhà</title><link rel="stylesheet" href="assets/base.css"><link rel="canonical" href="."></head>
<body><h1 id="dau">Trang nhà</h1>
<p>PLANT</p>
<a href="chu-de/viec-lam/#bang">việc làm</a> <a href="#dau">đầu</a> <a href="#top">lên</a> <a href="">trang này</a>
<a href="https://example.org/">nơi khác</a> <a href="mailto:a@example.org">thư</a> <a href="/chu-de/viec-lam/">gốc</a>
<a href="du-lieu/%C4%91%E1%BA%A5t.csv?tai=1">tải</a> <a href="chu-de/viec-lam/#%C4%91%E1%BA%A5t">đất</a>
<a href="chu-de/viec-lam/#:~:text=x">đoạn</a>
<svg viewBox="0 0 1 1"><title>Biểu đồ</title><use href="#dau"/></svg>
<img src="chart.svg" srcset="chart.svg 1x, chart.svg 2x" alt=""><img src="data:image/png;base64,AAAA" alt="">
<code>{{{{ page.title }}}}</code> &#123;&#123; nguyên văn &#125;&#125;
<script>{RUNS}</script><script src="site.js" defer></script>
<script type="application/json">{{"a": "{{{{ b }}}}"}}</script>
</body></html>
"""
TOPIC = f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8">{POLICY}<title>Việc làm</title></head>
<body><h1>Việc làm</h1><table id="bang"><tr id="đất"><td>1</td></tr></table><a href="../..">về</a></body></html>
"""
SITE = {
    "index.html": HOME,
    "chu-de/viec-lam/index.html": TOPIC,
    "assets/base.css": "/* url(https://example.org/) */ a { background: url('p.png') } b { src: url(data:x,) }",
    "assets/p.png": "",
    "chart.svg": '<svg xmlns="http://www.w3.org/2000/svg"><title>a</title><title>b</title><h1/></svg>',
    "du-lieu/đất.csv": "a\n",
    "site.js": "",
}


def make_site(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write a sound site with some of its files changed."""
    for path, text in {**SITE, **(changes or {})}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def make_home(folder: Path, planted: str) -> Path:
    """Write a sound site with something planted into its first page."""
    return make_site(folder, {"index.html": HOME.replace("PLANT", planted)})


def codes(folder: Path, path: str, text: str) -> list[str]:
    """Return the codes of the faults of a site in which one file is changed."""
    return [fault.code for fault in check(make_site(folder, {path: text}))]


def test_a_sound_site_has_no_faults(tmp_path: Path) -> None:
    """Nothing is said of a page whose links lead somewhere, in each way a link can be written."""
    assert check(make_site(tmp_path)) == ()


@pytest.mark.parametrize(
    ("planted", "code", "words"),
    [
        ('<a href="chu-de/viec-lan/">x</a>', "link", "leads to chu-de/viec-lan/index.html, which is not there"),
        ('<a href="chu-de/viec-lam">x</a>', "link", "lacks the slash"),
        ('<a href="Chu-de/viec-lam/">x</a>', "link", "is not there"),
        ('<a href="../x/">x</a>', "link", "leads out of the site"),
        ('<a href="%2e%2e/%2e%2e/x">x</a>', "link", "which is not there"),
        ('<a href="site.js/">x</a>', "link", "site.js/index.html"),
        ('<a href="/khong/">x</a>', "link", "khong/index.html"),
        ('<area href="khong/">', "link", "area href"),
        ('<link rel="next" href="khong/">', "link", "link href"),
        ('<form action="khong/"></form>', "link", "form action"),
        ('<button formaction="khong/">x</button>', "link", "button formaction"),
        ('<img src="khong.png" alt="">', "link", "img src"),
        ('<img src="" alt="">', "link", "is empty"),
        ('<img srcset="chart.svg 1x,khong.svg 2x" alt="">', "link", "khong.svg"),
        ('<link rel="preload" as="font" href="khong.woff2">', "link", "link href"),
        ('<p style="background: url(khong.png)">x</p>', "link", "style attribute"),
        ("<style>a { background: url(khong.png) }</style>", "link", "style"),
        ('<svg><image href="khong.png"/></svg>', "link", "image href"),
        ('<object data="khong.pdf"></object>', "link", "object data"),
        ('<meta http-equiv="refresh" content="0; url=khong/">', "link", "meta refresh"),
        ('<a href="#khong">x</a>', "anchor", "index.html does not have"),
        ('<a href="chu-de/viec-lam/#khong">x</a>', "anchor", "chu-de/viec-lam/index.html does not have"),
        ('<svg><use xlink:href="#khong"/></svg>', "anchor", "use xlink:href"),
        ('<a href="#Dau">x</a>', "anchor", "does not have"),
        ('<b id="dau">x</b>', "id", "first in line 5"),
        ('<b id="">x</b>', "id", "empty"),
        ('<b id="a b">x</b>', "id", "space"),
        ("<h1>x</h1>", "heading", "2 elements h1"),
        ('<img src="https://example.org/a.png" alt="">', "foreign", "img src"),
        ('<img src="//example.org/a.png" alt="">', "foreign", "another host"),
        ('<img srcset="chart.svg 1x, http://example.org/a.png 2x" alt="">', "foreign", "srcset"),
        ('<script src="https://example.org/a.js"></script>', "foreign", "script src"),
        ('<script src="data:text/javascript,1"></script>', "foreign", "script src"),
        ('<iframe src="https://example.org/" title="x"></iframe>', "foreign", "iframe src"),
        ('<link rel="stylesheet" href="https://example.org/a.css">', "foreign", "link href"),
        ('<link rel="preconnect" href="https://example.org">', "foreign", "link href"),
        ('<link rel="alternate stylesheet" href="https://example.org/a.css">', "foreign", "link href"),
        ('<link href="https://example.org/a.css">', "foreign", "link href"),
        ('<video poster="https://example.org/a.png"></video>', "foreign", "video poster"),
        ("<p style=\"background: url( 'https://example.org/a.png' )\">x</p>", "foreign", "style attribute"),
        ("<style>@import 'https://example.org/a.css';</style>", "foreign", "style"),
        ('<svg><image href="https://example.org/a.png"/></svg>', "foreign", "image href"),
        ('<img src="chart.svg" alt="" onerror="alert(1)">', "handler", "onerror"),
        ('<svg><g onclick="x()"/></svg>', "handler", "onclick"),
        ('<iframe srcdoc="x"></iframe>', "handler", "srcdoc"),
        ('<a href="javascript:alert(1)">x</a>', "script-link", "is a script"),
        ('<a href=" java&#10;script:alert(1)">x</a>', "script-link", "is a script"),
        ('<a href="&#1;JavaScript:alert(1)">x</a>', "script-link", "is a script"),
        ('<svg><a xlink:href="vbscript:x">x</a></svg>', "script-link", "is a script"),
        ('<a href="ftp://example.org/">x</a>', "address", "scheme"),
        ('<a href="data:text/html,x">x</a>', "address", "scheme"),
        ('<a href="//example.org/">x</a>', "address", "no scheme"),
        ('<a href="\\\\example.org">x</a>', "address", "backslash"),
        ('<base href="/x/">', "base", "base element"),
        ("<!-- fragment: bang -->", "left-over", "fragment: bang"),
        ("\x02wzxhzdk:0\x03", "left-over", "control character"),
        ("<script>alert(1)</script>", "policy", "an inline script that the policy does not name"),
        ('<script type="module">alert(1)</script>', "policy", "does not name"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, planted: str, code: str, words: str) -> None:
    """One fault in a sound page is found, once, at its line and under its code."""
    faults = check(make_home(tmp_path, planted))
    assert [(fault.page, fault.code) for fault in faults] == [("index.html", code)]
    assert words in faults[0].what
    assert faults[0].line in (6, 0)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("<title>Trang nhà</title>", "", "title"),
        ("<title>Trang nhà</title>", "<title> </title>", "title"),
        ("<title>Trang nhà</title>", "<title>a</title><title>b</title>", "title"),
        ('<html lang="vi">', "<html>", "lang"),
        ('<html lang="vi">', '<html lang="tiếng Việt">', "lang"),
        ('<h1 id="dau">Trang nhà</h1>', '<b id="dau"></b>', "heading"),
        ("'self' 'sha256", "'self' 'unsafe-inline' 'sha256", "policy"),
        ("'self' 'sha256", "'self' 'unsafe-eval' 'sha256", "policy"),
        ("'self' 'sha256", "* 'sha256", "policy"),
        (POLICY, "<script></script>" + POLICY.replace("'self' ", f"'self' {script_hash('')} ", 1), "policy"),
    ],
)
def test_a_page_must_say_what_it_is(tmp_path: Path, before: str, after: str, code: str) -> None:
    """A page has one title, one h1, a language and a policy that lets run what it names, and nothing else."""
    assert before in HOME
    assert codes(tmp_path, "index.html", HOME.replace(before, after, 1)) == [code]


def test_a_page_without_a_policy_is_a_fault(tmp_path: Path) -> None:
    """Without a policy every inline script would run, so each of them needs no word of its own."""
    assert codes(tmp_path, "index.html", HOME.replace(POLICY, "")) == ["policy"]


def test_a_policy_without_a_rule_for_scripts_falls_back_on_its_default(tmp_path: Path) -> None:
    """`default-src 'none'` alone forbids the page's own inline script."""
    policy = "<meta http-equiv='content-security-policy' content=\"default-src 'none'\">"
    assert codes(tmp_path, "index.html", HOME.replace(POLICY, policy)) == ["policy"]


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("assets/base.css", "a { background: url(https://example.org/a.png) }", "foreign"),
        ("assets/base.css", '@import "//example.org/a.css";', "foreign"),
        ("assets/base.css", "a { background: url(khong.png) }", "link"),
        ("chart.svg", '<svg><image xlink:href="https://example.org/a.png"/></svg>', "foreign"),
        ("chart.svg", "<svg><script>alert(1)</script></svg>", "handler"),
        ("chart.svg", '<svg onload="x()"></svg>', "handler"),
        ("chart.svg", '<svg><use href="#khong"/></svg>', "anchor"),
        ("chart.svg", "<svg><style>a { fill: url(https://example.org/#a) }</style></svg>", "foreign"),
    ],
)
def test_style_sheets_and_pictures_are_checked_too(tmp_path: Path, path: str, text: str, code: str) -> None:
    """What a page loads may itself load nothing from elsewhere and run nothing."""
    assert codes(tmp_path, path, text) == [code]


def test_a_file_that_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    """A page in another encoding is named, with the byte."""
    make_site(tmp_path)
    (tmp_path / "chart.svg").write_bytes(b"<svg>\xff</svg>")
    assert [(fault.code, fault.what) for fault in check(tmp_path)] == [("encoding", "byte 5 is not UTF-8")]


ON_A_HOST = HOME.replace('href="/chu-de', 'href="/minhbach/chu-de')


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://example.org/minhbach/chu-de/viec-lam/#bang", None),
        ("https://example.org/minhbach", None),
        ("https://example.org/minhbach/", None),
        ("/minhbach/chu-de/viec-lam/", None),
        ("https://example.org/", None),
        ("https://example.org/minhbach2/", None),
        ("https://example.org/minhbach/khong/", "link"),
        ("https://example.org/minhbach/#khong", "anchor"),
        ("/chu-de/viec-lam/", "link"),
    ],
)
def test_the_address_of_the_site_is_its_own(tmp_path: Path, address: str, code: str | None) -> None:
    """With an address, links that begin with it are followed into the site, and its path is the root."""
    make_site(tmp_path, {"index.html": ON_A_HOST.replace("PLANT", f'<a href="{address}">x</a>')})
    assert [fault.code for fault in check(tmp_path, "https://example.org/minhbach/")] == ([code] if code else [])


def test_faults_come_in_order_and_once(tmp_path: Path) -> None:
    """The same site gives the same faults in the same order, whatever order the disk has."""
    make_home(tmp_path, '<a href="#z">x</a><a href="#a">x</a><a href="#z">x</a>')
    (tmp_path / "chart.svg").write_text('<svg onload="x()"></svg>', "utf-8")
    faults = check(tmp_path)
    assert list(faults) == sorted(faults)
    assert [(fault.page, fault.code) for fault in faults] == [
        ("chart.svg", "handler"),
        ("index.html", "anchor"),
        ("index.html", "anchor"),
    ]


def test_every_code_has_a_remedy() -> None:
    """What the check may say, it can also say how to mend: no code is unknown, none is unused."""
    source = Path(check.__code__.co_filename).read_text("utf-8")
    for code in REMEDIES:
        assert source.count(f'"{code}"') > 1, code


def test_a_script_is_hashed_as_a_browser_hashes_it() -> None:
    """Line ends become line feeds first; the hash of an empty script is that of no bytes."""
    assert script_hash("a\r\nb\rc") == script_hash("a\nb\nc")
    assert script_hash("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"


def test_addresses_in_a_style_sheet_come_with_their_lines() -> None:
    """Comments and texts hold no address; `url` of a longer name is not `url`."""
    css = '/* url(a) */\n@import "b";\nc { content: "url(d)"; x: URL( "e" ) my-url(f) }\n@import url(g);'
    assert list(addresses_in_css(css)) == [(2, "b"), (3, "e"), (4, "g")]


def test_a_self_closing_element_ends_only_in_a_picture() -> None:
    """`<h1/>` in a picture is no heading of the page."""
    assert read_page("<svg><h1/></svg><h1>x</h1>").headings == [1]


@pytest.mark.parametrize(
    "tag",
    [
        '<a href="x/?a=1&amp;b=2#c" id="a1" onclick="f()">',
        "<a href='x' id=a1>",
        '<a href="x"id="a1">',
        '<a href="x" href="y" id="a1" />',
        '<a\n  HREF="x > y"\n  id="a1"\n>',
        '<img src="a.svg" srcset="a.svg 1x, b.svg 2x" alt="">',
        '<use xlink:href="#a" /><svg><title>a</title></svg>',
        '<input name=x disabled value="a"><a name="b">',
        '<title lang="vi">a<b id="c"></title><script type="module">"<a id=d>"</script><textarea><a id="e"></textarea>',
        '<a id="a1" <a href="y">',
        '<p style="background: url(x)">',
    ],
)
def test_a_plain_tag_is_read_as_any_other(monkeypatch: pytest.MonkeyPatch, tag: str) -> None:
    """The quick way through plain tags finds what HTMLParser's own way finds, in the same lines."""
    text = HOME.replace("PLANT", f"\n{tag}\n<b id='z'>z</b>")
    quickly = read_page(text)
    monkeypatch.setattr(site_check, "_PLAIN_TAG", re.compile("(?!)"))
    monkeypatch.setattr(site_check, "_without_silent_tags", lambda text: text)
    assert quickly == read_page(text)
    assert "z" in quickly.ids or "textarea" in tag


PIECES = (
    *(
        "<td>",
        "</td>",
        '<td class="a">',
        "<td class='a'>",
        '<td class="a\n">',
        '<td\nclass="a">',
        "<td/>",
        "<TD>",
        "</ td>",
    ),
    *(
        "<",
        ">",
        '"',
        "'",
        "b>",
        "a ",
        "\n",
        "&amp;",
        "=",
        "/",
        "<!-- ",
        " -->",
        "--",
        "<!doctype html>",
        "<![CDATA[",
        "<?x>",
    ),
    *(
        "<script>",
        "</script>",
        "</script >",
        '<script src="a">',
        "<SCRIPT>",
        "<style>",
        "</style>",
        "<title>",
        "</title>",
    ),
    *("<svg>", "</svg>", "<title/>", "<h1>", "</h1>", "<h1 id='x'>", "<textarea>", "</textarea>", "<pre>", "</pre>"),
    *('<a href="x">', "</a>", '<p onclick="f()">', '<b style="a:url(x)">', '<i id="i">', "<tdx>", '<td data-a="<td>">'),
    *("<scripty>", "<plaintext>", "<noscript>", "</noscript>", "\x02", "<iframe srcdoc='<td>'>", "</iframe>", "url(y)"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_a_page_without_its_silent_tags_is_read_as_it_stands(pieces: list[str]) -> None:
    """What is left out to read a page sooner is nothing that would be found, whatever stands around it."""
    text = "".join(pieces)
    reader = site_check._Reader()
    reader.feed(text)
    reader.close()
    assert read_page(text) == reader.page
