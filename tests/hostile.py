"""Texts that would be more than text if something took them up: made from families, the same ones each time.

Each family stands for one thing that a page, a file or a tool could make of a text. Every text fits on a page uncut,
and none has a character that the reading of packages refuses.
"""

import json
import unicodedata
from collections.abc import Iterator
from itertools import cycle, islice, product
from pathlib import Path

RUN = ("alert(1)", "window.pwned=1", "document.title='pwned'", "fetch('//evil.example/x')")
HANDLERS = (
    *("onerror", "onload", "onclick", "onfocus", "onmouseover", "onpointerenter", "ontoggle", "onanimationstart"),
    *("onbegin", "onbeforetoggle", "oncontentvisibilityautostatechange", "onscrollend"),
)
FAR = ("//evil.example/x", "https://evil.example/x", "http://evil.example/x?a=1&b=2")


def _html() -> Iterator[str]:
    """Elements that run, fetch, frame, hide or end something."""
    for n, tag in enumerate(("script", "SCRIPT", "scr<script>ipt", "script/x", "script\u00a0x", "ſcript")):
        yield f"<{tag}>{RUN[n % 4]}</{tag}>"
    for far in FAR:
        yield f"<script src={far}></script>"
        yield f"<script type=module src='{far}'>"
        yield f'<iframe src="{far}"></iframe>'
        yield f"<img src={far}>"
        yield f"<link rel=stylesheet href={far}>"
        yield f"<object data={far}></object><embed src={far}>"
        yield f"<base href={far}>"
        yield f'<form action="{far}"><input type=submit value=Xem></form>'
        yield f'<meta http-equiv=refresh content="0;url={far}">'
        yield f"<video src={far} autoplay><source src={far}></video>"
        yield f"<style>@import '{far}';</style>"
        yield f"<a href={far} ping={far}>x</a>"
    for n, handler in enumerate(HANDLERS):
        yield f"<img src=x {handler}={RUN[n % 4]}>"
        yield f"<input autofocus {handler}={RUN[(n + 1) % 4]}>"
        yield f"<details open {handler}={RUN[(n + 2) % 4]}>"
        yield f"<body {handler}={RUN[(n + 3) % 4]}>"
    for tag in ("textarea", "title", "plaintext", "xmp", "noscript", "template", "select", "table", "p", "h1", "main"):
        yield f"</{tag}><{tag}>"
    yield from (
        "<!--",
        "-->",
        "<!-- x",
        "<![CDATA[x]]>",
        "<!DOCTYPE html>",
        "<?php echo 1 ?>",
        "<%= 1 %>",
        "</body></html>",
    )
    yield from (
        "<b>đậm</b>",
        "<i",
        "<",
        ">",
        "a < b > c",
        "</td></tr></table>",
        "<td>",
        "<br>" * 5,
        "<marquee>x</marquee>",
    )


def _attributes() -> Iterator[str]:
    """What ends the value of an attribute and begins another."""
    for quote, handler in product(('"', "'", "`", '">', "'>", ""), HANDLERS[:9]):
        yield f"{quote} {handler}={RUN[0]} x={quote[:1]}"
    yield from (
        '" style="position:fixed;inset:0',
        "' style='background:url(//evil.example)",
        '"autofocus/onfocus=alert(1)//',
    )
    yield from ('" hidden x="', '" id="main-content', "\" data-tools='1", '" dir="rtl')


def _svg() -> Iterator[str]:
    """Pictures that are documents."""
    for handler in HANDLERS[:6]:
        yield f"<svg {handler}={RUN[1]}>"
        yield f"<svg><g {handler}={RUN[0]}></g></svg>"
    for inner in ("script", "style", "desc", "title", "foreignObject", "a xlink:href='javascript:alert(1)'"):
        yield f"<svg><{inner}>{RUN[0]}</{inner.split()[0]}></svg>"
    yield from (
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<svg><set attributeName=href to=javascript:alert(1)>",
        "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
        "<svg><image href=//evil.example/x>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "</svg><script>alert(1)</script>",
        "</text></svg><img src=x onerror=alert(1)>",
        "url(#a);fill:red",
        "<tspan x='0'>",
    )


def _markdown() -> Iterator[str]:
    """What Markdown and its extensions take up."""
    for scheme in (
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        FAR[0],
        FAR[1],
    ):
        yield f"[x]({scheme})"
        yield f"![x]({scheme})"
        yield f"<{scheme}>"
        yield f"[x][1] [1]: {scheme}"
        yield f'[x](<{scheme}> "t")'
    yield from (
        "# tên",
        "## {: #main-content }",
        "x {: onclick=alert(1) }",
        "{: .finding--fails }",
        "**đậm** _nghiêng_ `mã`",
    )
    yield from (
        "- một",
        "1. một",
        "> lời",
        "```html",
        "~~~",
        "    mã",
        "---",
        "===",
        "***",
        "* * *",
        "| a | b |",
        "|---|---|",
    )
    yield from (
        "!!! note",
        "??? note",
        '=== "thẻ"',
        "[TOC]",
        "[^1]",
        "[^1]: x",
        "*[HTML]: x",
        "--8<-- 'mkdocs.yml'",
        "--8<--",
    )
    yield from (
        "==dấu==",
        "{++thêm++}",
        "{--bớt--}",
        "^^x^^",
        "~~x~~",
        "H~2~O",
        "++ctrl+alt+del++",
        ":smile:",
        ":material-home:",
    )
    yield from (
        "$x$",
        "$$x$$",
        r"\(x\)",
        "- [ ] việc",
        "[[x]]",
        "term\u2028: nghĩa",
        "\\*x\\*",
        "x\\",
        "&amp;",
        "&lt;b&gt;",
        "&#60;b&#62;",
    )
    yield from (
        "http://evil.example",
        "www.evil.example",
        "a@evil.example",
        "(c) (tm) ...",
        "--- title: x",
        "<!-- md:x -->",
        "{#x}",
    )


def _templates() -> Iterator[str]:
    """What a template or an expression would reckon out."""
    for opened, closed in (
        ("{{", "}}"),
        ("{%", "%}"),
        ("{#", "#}"),
        ("${", "}"),
        ("#{", "}"),
        ("<%=", "%>"),
        ("[[", "]]"),
        ("{", "}"),
    ):
        for inner in ("7*7", "config.items()", "''.__class__.__mro__", "self", "page.meta"):
            yield f"{opened} {inner} {closed}"
    yield from (
        "{% raw %}",
        "{% endraw %}",
        "{% include 'main.html' %}",
        "{% extends '/etc/passwd' %}",
        "{%- if x -%}",
        "{{",
        "}}",
    )
    yield from (
        "{n}",
        "{0}",
        "{0.__class__}",
        "{n: x | y}",
        "[n: figure | figures]",
        "%s %d %(x)s",
        "%",
        "%%",
        "$HOME",
        "`id`",
        "$(id)",
    )
    yield from (
        "datum.value",
        "chosen === -1",
        "datum['x']",
        "x'] || alert(1) || ['",
        "toString()",
        "__proto__",
        "constructor",
    )
    yield from (
        "<!-- fragment: home--strip -->",
        "<!-- fragment: data -->",
        "<!-- fragment: -->",
        "fragment: x",
        "\\1",
        "\\g<0>",
    )


def _addresses() -> Iterator[str]:
    """Addresses that a link must not lead to."""
    for scheme in (
        "javascript",
        "vbscript",
        "data",
        "file",
        "blob",
        "about",
        "ws",
        "ftp",
        "chrome",
        "view-source",
        "filesystem",
    ):
        yield f"{scheme}:alert(1)"
        yield f"{scheme}://evil.example/x"
        yield f"  {scheme.upper()}:x".strip()
    yield from (
        "java\u2028script:alert(1)",
        "jav&#x09;ascript:alert(1)",
        "javascript&colon;alert(1)",
        "javascript%3Aalert(1)",
    )
    yield from (
        "//evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "https://",
    )
    yield from (
        "https://u:p@evil.example",
        'https://evil.example/"onclick=alert(1)',
        "https://evil.example/<b>",
        "http://[::1",
        "?q=<b>",
    )
    yield from (
        "../../../../etc/passwd",
        "/etc/passwd",
        "..\\..\\x",
        "C:\\x",
        "%2e%2e%2f",
        "index.html",
        "#main-content",
        "mailto:a@b?cc=c",
    )
    yield from (
        "https://xn--80ak6aa92e.com",
        "https://аррӏе.com",
        "https://evil.example:99999",
        "https://1.1.1.1",
        "http://0x7f.1",
    )


def _formulas() -> Iterator[str]:
    """What a spreadsheet would reckon out."""
    for sign, body in product(
        "=+-@", ("1+1", "cmd|'/C calc'!A0", 'HYPERLINK("https://evil.example","x")', "SUM(A1:A9)", "IMPORTXML(1)")
    ):
        yield f"{sign}{body}"
    yield from (
        '=IMPORTXML("https://evil.example","//a")',
        "=WEBSERVICE(1)",
        "=DDE(1)",
        "'=1+1",
        "%0A=1+1",
        "=cmd",
        "＝1+1",
        ";=1+1",
    )


def _data() -> Iterator[str]:
    """What ends a string, a script or an element of JSON, JSON-LD, YAML, Turtle, XML, TOML or a feed."""
    yield from (
        '"',
        "'",
        "\\",
        '\\"',
        '"}',
        "'}",
        "}]}",
        '","x":"',
        "null",
        "true",
        "NaN",
        "undefined",
        "[]",
        "{}",
        '{"@id": "x"}',
    )
    yield from (
        "</script><script>alert(1)</script>",
        "</script >",
        "<!--<script>",
        '"@context": "https://evil.example"',
        "\u2028x\u2029",
    )
    yield from (
        "!!python/object/apply:os.system ['id']",
        "&a [*a, *a]",
        "*a",
        "key: value",
        "- x",
        "? x",
        "| x",
        "> x",
        "%YAML 1.2",
        "@x",
        "...",
    )
    yield from (
        "yes",
        "no",
        "~",
        "0x1F",
        "1e3",
        "12:30:45",
        "2023-01-01",
        "!ENV [PATH]",
        "!relative",
        "tag: !!binary x",
        ": x",
        "x: ",
        "# x",
        " x #y",
    )
    yield from (
        '" .',
        "<https://evil.example> .",
        "@prefix x: <x> .",
        '"""',
        "'''",
        "]]>",
        "<?xml version='1.0'?>",
        "<!ENTITY x SYSTEM 'file:///'>",
    )
    yield from (
        "&xxe;",
        "a,b",
        "a;b",
        "a|b",
        'a"b',
        '""',
        ",",
        ";",
        "\u201cx\u201d",
        "' OR 1=1 --",
        "'; DROP TABLE x; --",
        "x\\u003cb\\u003e",
    )


def _letters() -> Iterator[str]:
    """Letters that move others, hide, join or are not what they look like."""
    closed = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
    for mark in (*closed, "\u200f", "\u200e", "\u061c"):
        yield f"a{mark}gpj.exe{closed.get(mark, '')} b"
        yield f"{mark}17.034 người{closed.get(mark, '')}"
    yield from (
        "\u2067אבג\u2069 123",
        "السعر 17.034",
        "עברית 12%",
        "१२३ नेपाली",
        "Ελληνικά",
        "ไทย",
        "日本語テスト",
        "한국어",
    )
    yield from (
        "a\u200bb",
        "a\u200db",
        "a\u2060b",
        "\u00ad" * 3 + "x",
        "e" + "\u0323\u0302" * 12,
        "Z\u0351\u036b\u0343a\u0321l\u0349g\u034co",
        "\ufe0f x",
    )
    yield from (
        "👩‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇻🇳",
        "𝒜𝓁𝑒𝓇𝓉",
        "ｓｃｒｉｐｔ",
        "＜script＞",
        "‹b›",
        "ﬁ",
        "ǅ",
        "ß",
        "İ",
        "ı",
        "Ω",
        "\u3000x",
        "x\u00a0y",
        "\ue000",
        "�",
    )
    yield from (
        "aа",
        "раypal",
        "l1I|",
        "½",
        "²³",
        "٣",
        "①",
        "Ⅻ",
        "−5",
        "5–7",
        "1.000,5",
        "1,000.5",
        "1e999",
        "-0",
        "0.1.2",
        "∞",
        "09:00",
    )


def _coded() -> Iterator[str]:
    """Markup written in another way, which somebody could undo once too often."""
    for text in ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)"):
        yield text.replace("<", "&lt;").replace(">", "&gt;")
        yield text.replace("<", "&amp;lt;").replace(">", "&amp;gt;")
        yield text.replace("<", "%3C").replace(">", "%3E").replace(":", "%3A")
        yield text.replace("<", "\\x3c").replace(">", "\\x3e")
        yield text.replace("<", "\\u003c").replace(">", "\\u003e")
        yield text.replace("<", "&#60;").replace(">", "&#x3e;").replace(":", "&#58;")
        yield text.replace("<", "+ADw-").replace(">", "+AD4-")
        yield text.replace("<", "˂").replace(">", "˃")
        yield text.replace("<", "\uff1c").replace(">", "\uff1e")
    yield from (
        "&",
        "&&",
        "&nbsp;",
        "&#0;",
        "&#xD800;",
        "&#x202e;",
        "&notanentity;",
        "&copy",
        "&lt",
        "%",
        "%zz",
        "%00",
        "\\0",
        "\\n",
        "\\",
    )


FAMILIES = {
    "html": _html,
    "attributes": _attributes,
    "svg": _svg,
    "markdown": _markdown,
    "templates": _templates,
    "addresses": _addresses,
    "formulas": _formulas,
    "data": _data,
    "letters": _letters,
    "coded": _coded,
}


def strings() -> tuple[str, ...]:
    """Return every text once, the families in turn, so that any stretch of them holds some of each."""
    families = [iter(dict.fromkeys(text.strip() for text in make())) for make in FAMILIES.values()]
    found: dict[str, None] = {}
    while families:
        for family in tuple(families):
            text = next(family, None)
            if text is None:
                families.remove(family)
            elif text:
                found.setdefault(unicodedata.normalize("NFC", text))
    return tuple(found)


# Signs that packages may not hold at all: controls, halves of characters, what is assigned to nothing, turned text that
# is never turned back. tests/corpus.py shows that each is refused.
REFUSED = frozenset(("Cc", "Cs", "Cn", "Co"))
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def naughty(file: Path) -> tuple[str, ...]:
    """Return the strings of the "big list of naughty strings" that a package may hold, each on one line."""
    texts = (" ".join(unicodedata.normalize("NFC", text).split()) for text in json.loads(file.read_text("utf-8")))
    allowed = (
        text[:120].strip()
        for text in texts
        if text and not any(unicodedata.category(sign) in REFUSED or sign in TURNING for sign in text)
    )
    return tuple(dict.fromkeys(text for text in allowed if unicodedata.is_normalized("NFC", text)))


def taken(texts: tuple[str, ...], start: int = 0) -> Iterator[str]:
    """Yield the texts over and over, from one of them on."""
    return islice(cycle(texts), start, None)
