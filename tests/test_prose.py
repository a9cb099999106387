"""Prose of a package: a few plain elements, and nothing that runs, fetches or links elsewhere than it says."""

import lxml.html
import pytest

from build_tools.render.prose import TAGS, prose

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![picture](https://minhbach.example/x.png)",
    "[run](javascript:alert(1))",
    "[run](  JaVaScRiPt:alert(1))",
    "[data](data:text/html,<script>alert(1)</script>)",
    "<a href='vbscript:x' onclick=alert(1)>x</a>",
    "# A heading\n\n<iframe src=//minhbach.example></iframe>",
    "<svg/onload=alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "<style>*{display:none}</style>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_holds_plain_elements_alone(text: str) -> None:
    """Whatever the text, what comes back has the few elements allowed, links to the web and no other attribute."""
    tree = lxml.html.fragment_fromstring(str(prose(text)), create_parent="div")
    found = [element for element in tree.iter() if element is not tree]
    assert {element.tag for element in found} <= TAGS
    attributes = {(name, value) for element in found for name, value in element.items()}
    assert all(name == "rel" or value.startswith(("https://", "http://", "mailto:")) for name, value in attributes)


def test_plain_markdown_becomes_elements() -> None:
    """Emphasis, lists and links to the web are what their writer meant; markup is shown as written."""
    html = prose("*one* [two](https://minhbach.example/)\n\n- three <b>four</b>")
    assert "<em>one</em>" in html and 'href="https://minhbach.example/"' in html and "<li>three" in html
    assert "&lt;b&gt;four" in html
