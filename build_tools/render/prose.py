"""Turn prose that came with a package into HTML that holds nothing else; the home of markdown-it-py and nh3."""

import re
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from build_tools.links import safe_link

# Headings and pictures are left out: a page has an outline of its own, and nothing is fetched from elsewhere.
TAGS = frozenset({"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"})
_MAIL = re.compile(r"mailto:[^\s@<>\"'?]+@[^\s@<>\"'?]+")
SCHEMES = frozenset({"http", "https", "mailto"})


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def _kept(element: str, attribute: str, value: str) -> str | None:
    """Return the address of a link that leads to the web or to a mailbox; an address in this site is not the text's."""
    if (element, attribute) != ("a", "href") or safe_link(value) or _MAIL.fullmatch(value):
        return value
    return None


def prose(text: str) -> Markup:
    """Return Markdown as HTML of a few plain elements; markup within it is shown as it was written.

    A link keeps its address only where that is a web or mail address.
    """
    html = nh3.clean(
        _markdown().render(text),
        tags=set(TAGS),
        attributes={"a": {"href"}},
        attribute_filter=_kept,
        url_schemes=set(SCHEMES),
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(html.strip())  # noqa: S704  (nh3 leaves the elements named above and no other)
