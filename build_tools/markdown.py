"""Write a finished page as Markdown, for readers that take text: all it says, its tables and its links.

It reads the page as our templates and MkDocs write it, where `>` never stands bare in an attribute; over hundreds of
pages, a reader of any HTML takes more than twice as long.
"""

import posixpath
import re
from collections.abc import Callable
from functools import cache, lru_cache
from html import unescape

_TOKENS = re.compile(r"<!--.*?-->|<[^>]*>|[^<]+", re.DOTALL)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)(?:="([^"]*)")?""")
_VOID = frozenset(["br", "hr", "img", "input", "link", "meta", "source", "wbr"])

# What is for the eye or the hand alone.
_LEFT_OUT = frozenset(["button", "form", "noscript", "script", "style", "svg"])
_CLASSES_LEFT_OUT = frozenset(["breadcrumbs", "toc"])
_CLASSES_APART = frozenset(["topics__where", "trend", "verdicts__explanation"])  # lines of their own
_BLOCKS = frozenset(["article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure"])
_BLOCKS |= frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "nav", "ol", "p", "pre", "section", "summary"])
_BLOCKS |= frozenset(["ul", "caption", "table", "td", "th", "tr", "thead", "tbody", "tfoot"])
_MARKED = {"strong": "**", "b": "**", "em": "*", "i": "*"}

# What Markdown would take up: by a stroke, or, where not every reader of Markdown knows that, as an entity.
_SHOWN = {sign: f"\\{sign}" for sign in "\\`*_[]|"} | {"<": "&lt;", ">": "&gt;", "~": "&#126;"}
_SIGNS = re.compile(r"[\\`*_\[\]|<>~]|&(?=#?\w+;)")
_AT_START = re.compile(r"^(?:#|[-+=](?=\s|$|[-=])|\d{1,9}[.)](?=\s|$))")
_TO_ESCAPE = re.compile(r"[\\`*_\[\]<>|~&]")
_SEPARATOR = " · "  # between what stands apart in one cell or one item


def as_markdown(page: str, folder: str = "") -> str:
    """Return the content of a finished page as Markdown; `folder` is the folder of the page, from the site's root.

    The text is meant to stand beside that folder, as `folder.md` (`index.md` for the root): links lead from there. A
    page without an article gives an empty text.
    """
    start = page.find("<article")
    if start < 0:
        return ""
    writer = _Writer(_rebase(folder))
    for token in _TOKENS.finditer(page, start, page.find("</article>", start)):
        writer.take(token[0])
    return writer.finish()


def _rebase(folder: str) -> Callable[[str], str]:
    """Return what turns an address as seen from the folder into one as seen from beside it."""
    above = posixpath.dirname(folder.rstrip("/"))
    name = posixpath.basename(folder.rstrip("/"))

    @cache
    def rebased(address: str) -> str:
        if not name or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|/", address):
            return address
        path, sign, anchor = address.partition("#")
        there = posixpath.normpath(posixpath.join("/", above, name, path))
        link = posixpath.relpath(there, posixpath.join("/", above))
        return link + ("/" if path.endswith("/") or not path else "") + sign + anchor

    return rebased


@lru_cache(maxsize=20_000)
def _read_tag(token: str) -> tuple[str, bool, bool, bool, str, str] | None:
    """Return a tag's name, whether it closes itself, is left out, stands apart, where it leads and what it draws.

    A site is made of few tags, each met thousands of times; so each is read once.
    """
    found = _TAG.match(token)
    if found is None:
        return None
    name = found[1].lower()
    attributes = dict(_ATTRIBUTE.findall(token[len(name) + 1 :])) if " " in token else {}
    drawn = attributes.get("aria-label", "") if attributes.get("role") == "img" else ""
    classes = attributes.get("class", "").split()
    left_out = (
        name in _LEFT_OUT
        or bool(drawn)
        or attributes.get("aria-hidden") == "true"
        or not _CLASSES_LEFT_OUT.isdisjoint(classes)
    )
    closed, apart = name in _VOID or token.endswith("/>"), not _CLASSES_APART.isdisjoint(classes)
    return name, closed, left_out, apart, attributes.get("href", ""), drawn


class _Writer:
    """Takes a page piece by piece and keeps what it says, block by block."""

    def __init__(self, rebased: Callable[[str], str]) -> None:
        self._rebased = rebased
        self._out: list[str] = []
        self._line: list[str] = []  # of the block that is being read
        self._links: list[tuple[str, int]] = []  # where each open link leads, and where in the line it began
        self._open: list[str] = []  # the elements we are in
        self._skip = 0  # how many of them are inside what is left out, itself included
        self._lists: list[str] = []  # ul or ol, and the number of the next item
        self._numbers: list[int] = []
        self._within = 0  # how many list items, cells and terms we are in: what is in them stays on one line
        self._rows: list[list[str]] = []
        self._head = False
        self._term = ""
        self._drawn = ""  # what the last drawing says: it may stand there twice, for wide and for narrow screens
        self._after_link = False

    # -- reading --

    def take(self, token: str) -> None:
        """Take a tag, a comment or a stretch of text."""
        if token[0] != "<":
            if not self._skip:
                self._line.append(self._escaped(token))
                self._after_link = False
            return
        tag = _read_tag(token)
        if tag is None:
            return
        if token[1] == "/":
            self._end(tag[0])
        else:
            self._start(*tag)

    def _start(self, name: str, closed: bool, left_out: bool, apart: bool, href: str, drawn: str) -> None:
        if self._skip or left_out:
            if drawn and not self._skip and drawn != self._drawn:
                self._line.append(f" {self._escaped(drawn)} ")
                self._drawn = drawn
            self._skip += not closed
        elif name in _BLOCKS:
            self._start_block(name)
        elif name == "a":
            if self._after_link:
                self._line.append(_SEPARATOR)
            self._links.append((href, len(self._line)))
        elif name in _MARKED:
            self._line.append(_MARKED[name])
            self._open.append(str(len(self._line)))
        elif name == "br":
            self._line.append(" ")
        elif apart:
            self._apart()

    def _end(self, name: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        if name in _BLOCKS:
            self._end_block(name)
        elif name == "a" and self._links:
            self._end_link()
        elif name in _MARKED and self._open:
            begun = int(self._open.pop())
            text = "".join(self._line[begun:])
            inner = text.strip()
            mark = _MARKED[name]
            # Marks hold only around text that neither begins nor ends in a space.
            self._line[begun - 1 :] = [text.replace(inner, f"{mark}{inner}{mark}", 1)] if inner else [text]

    def _end_link(self) -> None:
        href, begun = self._links.pop()
        text = "".join(self._line[begun:])
        inner = text.strip()
        if inner and href:
            target = self._rebased(unescape(href)).replace("(", "%28").replace(")", "%29").replace(" ", "%20")
            text = text.replace(inner, f"[{inner}]({target})", 1)
        self._line[begun:] = [text]
        self._after_link = True

    # -- blocks --

    def _start_block(self, name: str) -> None:
        if self._within and name not in ("table", "tr", "td", "th", "thead", "tbody", "caption"):
            self._apart()
            return
        self._flush()
        if name in ("ul", "ol"):
            self._lists.append(name)
            self._numbers.append(1)
        elif name in ("li", "dt", "dd", "td", "th", "caption"):
            self._within += 1
        elif name == "table":
            self._rows, self._head = [], False
        elif name == "thead":
            self._head = True
        elif name == "tr":
            self._rows.append([])

    def _end_block(self, name: str) -> None:
        if name in ("li", "dt", "dd", "td", "th", "caption") and self._within == 1:
            self._within = 0
            self._end_item(name)
        elif self._within:
            self._apart()
        elif name in ("ul", "ol"):
            self._flush()
            if self._lists:
                self._lists.pop()
                self._numbers.pop()
            self._out.append("")
        elif name == "dl":
            self._out.append("")
        elif name == "table":
            self._table()
        elif name[0] == "h" and name[1:].isdigit():
            text = self._text()
            if text:
                self._out += [f"{'#' * int(name[1])} {text}", ""]
        elif name == "summary":
            text = self._text()
            if text:
                self._out += [text, ""]
        else:
            self._flush()

    def _end_item(self, name: str) -> None:
        text = self._text()
        if name in ("td", "th"):
            if self._rows:
                self._rows[-1].append(text)
        elif name == "caption":
            if text:
                self._out += [text, ""]
        elif name == "li":
            mark = "-"
            if self._lists and self._lists[-1] == "ol":
                mark = f"{self._numbers[-1]}."
                self._numbers[-1] += 1
            if text:
                self._out.append(f"{mark} {text}")
        elif name == "dt":
            self._term = text
        elif text:
            self._out.append(f"- {self._term}: {text}")

    def _table(self) -> None:
        rows = [row for row in self._rows if row]
        if not rows:
            return
        width = max(map(len, rows))
        shown = [row + [""] * (width - len(row)) for row in rows]
        if not self._head:
            shown.insert(0, [""] * width)
        lines = [f"| {' | '.join(row)} |" for row in shown]
        self._out += [lines[0], "|" + " --- |" * width, *lines[1:], ""]
        self._rows = []

    def _apart(self) -> None:
        if self._line:
            self._line.append(_SEPARATOR)

    def _flush(self) -> None:
        text = self._text()
        if text:
            self._out += [text, ""]

    def _text(self) -> str:
        """Return the line that was read, in one line, and begin the next."""
        text = " ".join("".join(self._line).split())
        self._line.clear()
        self._after_link = False
        if not text:
            return ""
        if "·" in text:
            text = _SEPARATOR.join(filter(None, map(str.strip, text.split("·"))))
        return _AT_START.sub(lambda m: m[0][:-1] + "\\" + m[0][-1], text)

    @staticmethod
    def _escaped(text: str) -> str:
        """Return text of the page as Markdown that shows it."""
        if _TO_ESCAPE.search(text) is None:
            return text
        return _SIGNS.sub(lambda sign: _SHOWN.get(sign[0], "&amp;"), unescape(text))

    def finish(self) -> str:
        """Return the whole as Markdown."""
        self._flush()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._out)).strip() + "\n"
