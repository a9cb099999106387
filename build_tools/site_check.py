"""Check the finished pages as a browser will find them: every link, every anchor, nothing from elsewhere."""

import base64
import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from build_tools.output import CHECKSUMS, MANIFEST, paths_in
from build_tools.workers import ALONE, Workers

REMEDIES = {
    "address": "Write an address of the site, or one that begins with https:, mailto: or tel:",
    "anchor": "Let the link name an id that stands in the page, or give the target that id",
    "base": "Remove the base element: addresses are relative to the page",
    "encoding": "Write the file as UTF-8",
    "foreign": "Take the file into the site: a page loads nothing from another host",
    "handler": "Move the script into a file of the site",
    "heading": "Give the page exactly one h1",
    "id": "Give each element of a page an id of its own",
    "lang": 'Give the html element the language of the page, for example lang="vi"',
    "left-over": "Fill in the fragment",
    "link": "Correct the address, or make the page or file that it names",
    "policy": "Let the build write the page's Content-Security-Policy",
    "script-link": "Use a button and a script file in place of the address",
    "title": "Give the page exactly one title that is not empty",
}


@dataclass(frozen=True, order=True)
class Fault:
    """Something wrong in a finished page: where (the line is 1-based, 0 for the whole file), which rule, and what."""

    page: str
    line: int
    code: str  # a key of REMEDIES
    what: str


def check(site: Path, site_url: str = "", workers: Workers = ALONE, beside: Sequence[str] = ()) -> tuple[Fault, ...]:
    """Return what is wrong with the pages, style sheets and pictures of a finished site, in order.

    Addresses that begin with `site_url` are addresses of the site. Without one, the site stands at the root of a host.
    `beside` are folders, seen from the root of the site, where other sites stand: where a link leads in them is theirs.
    """
    paths = paths_in(site)
    files = frozenset([*paths, MANIFEST, CHECKSUMS])  # both listings are written when nothing is found here
    folders = frozenset(folder for path in paths for folder in _folders_of(path))
    place = _Place(files, folders, site_url, tuple(beside))
    seen = [path for path in paths if path.endswith((".html", ".css", ".svg"))]
    looks = workers.fork(lambda path: _look(site, path, place), seen)
    names = {look.path: look.names for look in looks if look.names is not None}
    faults = [fault for look in looks for fault in look.faults]
    faults += [ask.fault for look in looks for ask in look.asks if ask.target in names and not ask.is_met(names)]
    return tuple(sorted(set(faults)))


@dataclass(frozen=True)
class _Ask:
    """An address that names a place in another file: that one can tell whether it is there."""

    target: str
    fragment: str
    fault: Fault  # if it is not

    def is_met(self, names: Mapping[str, frozenset[str]]) -> bool:
        """Whether the file has what is asked for."""
        return not names[self.target].isdisjoint((unquote(self.fragment), self.fragment))


@dataclass(frozen=True)
class _Look:
    """What one file tells: its own faults, what it calls its places, and what it asks of others."""

    path: str
    faults: tuple[Fault, ...]
    names: frozenset[str] | None  # None for a style sheet, and for what cannot be read
    asks: tuple[_Ask, ...]


def _look(site: Path, path: str, place: "_Place") -> _Look:
    try:
        text = (site / path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return _Look(path, (Fault(path, 0, "encoding", f"byte {error.start} is not UTF-8"),), None, ())
    if path.endswith(".css"):
        uses = [Use(line, "resource", "style sheet", address) for line, address in addresses_in_css(text)]
        page = Page(uses=uses)
    else:
        page = read_page(text)
    faults = [Fault(path, line, code, what) for line, code, what in page.faults]
    if path.endswith(".html"):
        faults += [Fault(path, line, code, what) for line, code, what in _faults_of_document(page)]
    elif path.endswith(".svg"):
        faults += [Fault(path, line, "handler", "a script in a picture") for line, _ in page.scripts]
    own = frozenset({*page.ids, *page.names, "top"})
    asks = set()
    for use in page.uses:
        for found in _faults_of_address(path, use, place):
            if isinstance(found, Fault):
                faults.append(found)
            elif found.target != path:
                asks.add(found)
            elif not found.is_met({path: own}):
                faults.append(found.fault)
    is_page = path.endswith((".html", ".svg"))
    return _Look(path, tuple(faults), own if is_page else None, tuple(asks))


# -- one page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """An address that a page uses: `link` leads somewhere, `resource` is loaded with the page."""

    line: int
    kind: str
    where: str
    address: str


@dataclass
class Page:
    """What a page holds, as far as the checks need it, and what can be said of it alone."""

    ids: dict[str, int] = field(default_factory=dict)  # with the line of each
    names: set[str] = field(default_factory=set)  # what `<a name>` calls a place
    uses: list[Use] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    lang: str | None = None
    scripts: list[tuple[int, str]] = field(default_factory=list)  # inline scripts that would run
    policies: list[str] = field(default_factory=list)
    scripts_before_policy: bool = False
    faults: list[tuple[int, str, str]] = field(default_factory=list)


def read_page(text: str) -> Page:
    """Return what a page of HTML, or a picture in SVG, holds."""
    reader = _Reader()
    reader.feed(_without_silent_tags(text))
    reader.close()
    return reader.page


def script_hash(script: str) -> str:
    """Return what a Content-Security-Policy calls an inline script: `'sha256-…'`."""
    # A browser turns every line end into a line feed before it hashes.
    normal = script.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(normal.encode()).digest()).decode()}'"


def runs(type_attribute: str | None) -> bool:
    """Say whether a script element of this type is run; JSON and the like are data."""
    kind = (type_attribute or "").split(";")[0].strip().casefold()
    return "json" not in kind


# Relations that lead to another page; a link element with any other relation is loaded, or may be.
_LEADING = frozenset(["alternate", "author", "bookmark", "canonical", "cite-as", "collection", "describedby", "help"])
_LEADING |= frozenset(["item", "latest-version", "license", "me", "next", "prev", "search", "type", "up"])
_VERBATIM = frozenset(["code", "kbd", "pre", "samp", "textarea"])
# A start tag as templates write it, and what of it names nothing that is checked.
_PLAIN_TAG = re.compile(r'<([a-z][a-z0-9]*)(?:[ \n]+[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"]*")?)*[ \n]*(/?)>')
_PLAIN_ATTRIBUTE = re.compile(r'[ \n]([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"]*)")?')
_WITH_CONTENT_OF_ITS_OWN = frozenset(
    ["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"]
)
_SILENT = frozenset(["aria-hidden", "aria-label", "class", "colspan", "d", "dy", "fill", "height", "role", "scope"])
_SILENT |= frozenset(["stroke", "text-anchor", "title", "type", "viewbox", "width", "x", "x1", "x2", "y", "y1", "y2"])
_RESOURCE_ATTRIBUTES = frozenset(["background", "data", "manifest", "ping", "poster", "src"])
_LINK_ATTRIBUTES = frozenset(["action", "formaction"])
_CANDIDATES = re.compile(r"(?<=[0-9][xw]),|,\s+")  # what parts the pictures of a srcset
_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\"]*)", re.IGNORECASE)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_WHITE_SPACE = "".join(map(chr, range(33)))
_BREAKS = re.compile(r"[\t\n\r]")
_LANG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _any_of(names: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(names))})"


_RAW = rf"(?i:{_any_of(_WITH_CONTENT_OF_ITS_OWN)})"
_TOLD_BY_NAME = _any_of({*_WITH_CONTENT_OF_ITS_OWN, *_VERBATIM, "base", "h1", "html", "svg"})
_ANY_ATTRIBUTES = r"""(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?"""
# A tag of an element that nothing is asked of, on one line, with no attribute that is looked at. Or, to be kept: a
# comment, the document's type, an element whose content is no markup, any other tag.
_TOKEN = re.compile(
    rf"""<(?!{_TOLD_BY_NAME}\b)[a-z][a-z0-9]*(?: {_any_of(_SILENT)}="[^"<>\n]*")*/?>"""
    rf"""|</(?!{_TOLD_BY_NAME}\b)[a-z][a-z0-9]*>"""
    rf"""|(<!--.*?-->|<!(?i:doctype)[^<>\[]*>|<(?P<raw>{_RAW}){_ANY_ATTRIBUTES}>.*?</(?P=raw)\s*>"""
    rf"""|</?(?!{_RAW}\b)[a-zA-Z][a-zA-Z0-9:-]*{_ANY_ATTRIBUTES}>)""",
    re.DOTALL,
)


def _without_silent_tags(text: str) -> str:
    """Return a page without the tags that tell nothing here, which are most of one; all else is on the line it was on.

    A page that is not made of these tokens and text alone stays as it is, and so does one with markup in its title or
    the like, which HTMLParser reads as markup.
    """
    pieces = _TOKEN.split(text)  # by turns text, what is kept, and the name of an element within that
    odd = any("<" in piece or "\x02" in piece or "\x03" in piece for piece in pieces[::3])
    if (
        odd
        or "<![" in text
        or any(
            name and name not in ("script", "style") and kept.count("<") > 2
            for kept, name in zip(pieces[1::3], pieces[2::3], strict=True)
        )
    ):
        return text
    del pieces[2::3]
    return " ".join(filter(None, pieces))  # parted, so that no two make a tag


class _Reader(HTMLParser):
    """Read a page once, in its own order.

    References such as `&#123;` are left as they are written in texts, so that a brace that a text shows can be told
    from one that a template left behind.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.page = Page()
        self._svg = 0
        self._verbatim = 0
        self._in_title = False
        self._raw: tuple[str, int, bool] | None = None  # the script or style we are in, its line, whether it runs
        self._raw_text = ""

    def parse_starttag(self, i: int) -> int:
        """Read a start tag and return where it ends: a plain one by one expression, any other as HTMLParser does."""
        found = _PLAIN_TAG.match(self.rawdata, i)
        if found is None or found[1] in _WITH_CONTENT_OF_ITS_OWN:
            return super().parse_starttag(i)
        self.lasttag = found[1]
        attributes = [
            (name.lower(), unescape(value) if "&" in value else value)
            for name, value in _PLAIN_ATTRIBUTE.findall(self.rawdata, found.end(1), found.end())
        ]
        if found[2]:
            self.handle_startendtag(found[1], attributes)
        else:
            self.handle_starttag(found[1], attributes)
        return found.end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, attrs)
        if tag == "svg":
            self._svg += 1
        elif tag in _VERBATIM:
            self._verbatim += 1
        elif tag == "title" and not self._svg:
            self._in_title = True
            self.page.titles.append("")
        elif tag in ("script", "style"):
            attributes = dict(attrs)
            executed = tag == "script" and "src" not in attributes and runs(attributes.get("type"))
            self._raw, self._raw_text = (tag, self.getpos()[0], executed), ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self._svg = max(0, self._svg - 1)
        elif tag in _VERBATIM:
            self._verbatim = max(0, self._verbatim - 1)
        elif tag == "title":
            self._in_title = False
        elif self._raw is not None and tag == self._raw[0]:
            kind, line, executed = self._raw
            if kind == "style":
                for within, address in addresses_in_css(self._raw_text):
                    self.page.uses.append(Use(line + within - 1, "resource", "style", address))
            elif executed:
                self.page.scripts.append((line, self._raw_text))
            self._raw = None

    def handle_data(self, data: str) -> None:
        if self._raw is not None:
            self._raw_text += data
            return
        if self._in_title:
            self.page.titles[-1] += data
        if self._verbatim:
            return
        if "\x02" in data or "\x03" in data:
            self._fault("left-over", "a control character of the Markdown engine stands in the text")

    def handle_entityref(self, name: str) -> None:
        if self._in_title:
            self.page.titles[-1] += f"&{name};"

    def handle_charref(self, name: str) -> None:
        if self._in_title:
            self.page.titles[-1] += f"&#{name};"

    def handle_comment(self, data: str) -> None:
        if data.strip().startswith("fragment:"):
            self._fault("left-over", f"the mark of a fragment was not replaced: {data.strip()}")

    def _start(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, str] = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")  # A browser takes the first of two.
        line = self.getpos()[0]
        if tag == "h1" and not self._svg:
            self.page.headings.append(line)
        if tag == "html":
            self.page.lang = attributes.get("lang", "").strip()
        if tag == "base":
            self._fault("base", "a base element changes what every address means")
        if tag == "script" and not self.page.policies:
            self.page.scripts_before_policy = True
        for name, value in attributes.items():
            if name not in _SILENT:
                self._attribute(tag, name, value, attributes, line)

    def _attribute(self, tag: str, name: str, value: str, attributes: dict[str, str], line: int) -> None:
        if name == "id":
            if not value or value.split() != [value]:
                self._fault("id", f"an id that is empty or has a space, {value!r}")
            elif value in self.page.ids:
                self._fault("id", f"the id {value!r} stands twice, first in line {self.page.ids[value]}")
            else:
                self.page.ids[value] = line
        elif name == "name" and tag == "a":
            self.page.names.add(value)
        elif name.startswith("on"):
            self._fault("handler", f"an event handler in the tag: {name}={value[:40]!r}")
        elif name == "srcdoc":
            self._fault("handler", "a page inside an attribute (srcdoc)")
        elif name == "style":
            self._uses("resource", "style attribute", (address for _, address in addresses_in_css(value)))
        elif name in ("srcset", "imagesrcset"):
            self._uses("resource", name, (part.split()[0] for part in _CANDIDATES.split(value) if part.split()))
        elif name in _RESOURCE_ATTRIBUTES and not (name == "data" and tag != "object"):
            self._uses("resource", f"{tag} {name}", [value])
        elif name in _LINK_ATTRIBUTES:
            self._uses("link", f"{tag} {name}", [value])
        elif (name == "href" or name.endswith(":href")) and tag != "base":
            relations = attributes.get("rel", "").casefold().split()
            leads = tag in ("a", "area") or (tag == "link" and bool(relations) and _LEADING.issuperset(relations))
            self._uses("link" if leads else "resource", f"{tag} {name}", [value])
        elif name == "http-equiv" and tag == "meta":
            content = attributes.get("content", "")
            if value.casefold() == "content-security-policy":
                self.page.policies.append(content)
            elif value.casefold() == "refresh" and (found := _REFRESH.search(content)):
                self._uses("link", "meta refresh", [found[1]])

    def _uses(self, kind: str, where: str, addresses: Iterable[str]) -> None:
        line = self.getpos()[0]
        self.page.uses.extend(Use(line, kind, where, address) for address in addresses)

    def _fault(self, code: str, what: str) -> None:
        self.page.faults.append((self.getpos()[0], code, what))


# -- one address ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """What there is in the site, and where the site stands."""

    files: frozenset[str]
    folders: frozenset[str]
    site_url: str
    beside: tuple[str, ...] = ()

    def leads_beside(self, path: str, route: str) -> bool:
        """Whether a relative address leads into a site that stands beside this one."""
        there = posixpath.normpath(posixpath.join(posixpath.dirname(path), route))
        return any(there == one or (there.startswith(f"{one}/") and there[:5] != "../..") for one in self.beside)

    @property
    def base(self) -> str:
        """Return the path at which the site stands on its host: `/` or `/minhbach/`."""
        return urlsplit(self.site_url).path.rstrip("/") + "/"


_CSS = re.compile(
    r"""/\*.*?\*/
      | @import\s+(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')
      | (?<![-\w])(?:url|src)\(\s*(?:"(?P<url_double>[^"]*)"|'(?P<url_single>[^']*)'|(?P<bare>[^"'\s)][^\s)]*))\s*\)
      | "(?:[^"\\\n]|\\.)*"
      | '(?:[^'\\\n]|\\.)*'""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CAN_BE_DATA = ("css", "img ", "image ", "feimage ", "source ", "srcset", "imagesrcset", "style", "link ", "video ")


def addresses_in_css(text: str) -> Iterator[tuple[int, str]]:
    """Yield each address in a style sheet with its line; comments and other texts hold none."""
    for match in _CSS.finditer(text):
        if (address := next((group for group in match.groups() if group is not None), None)) is not None:
            yield text.count("\n", 0, match.start()) + 1, address


def _folders_of(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _faults_of_document(page: Page) -> Iterator[tuple[int, str, str]]:
    if len(page.titles) != 1 or not page.titles[0].strip():
        yield 0, "title", f"{len(page.titles)} titles" if len(page.titles) != 1 else "an empty title"
    if len(page.headings) != 1:
        yield (page.headings[1] if page.headings else 0), "heading", f"{len(page.headings)} elements h1"
    if not _LANG.fullmatch(page.lang or ""):
        yield 0, "lang", f"no language, or none that is one: {page.lang!r}"
    if not page.policies:
        yield 0, "policy", "no Content-Security-Policy"
    elif page.scripts_before_policy:
        yield 0, "policy", "a script stands before the Content-Security-Policy, which does not hold for it"
    for policy in page.policies:
        allowed = _sources_of_scripts(policy)
        if unsafe := allowed & {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "data:", "https:", "http:"}:
            yield 0, "policy", f"scripts are allowed from {', '.join(sorted(unsafe))}"
        for line, script in page.scripts:
            if script_hash(script) not in allowed:
                yield line, "policy", "an inline script that the policy does not name"


def _sources_of_scripts(policy: str) -> set[str]:
    """Return what a policy lets run; without a rule for scripts, the default holds; without that, everything runs."""
    directives: dict[str, set[str]] = {}
    for directive in policy.split(";"):
        if words := directive.split():
            # What a hash is made of minds the case, what an address or keyword is made of does not.
            sources = {word if word.startswith("'sha") else word.casefold() for word in words[1:]}
            directives.setdefault(words[0].casefold(), sources)
    return directives.get("script-src", directives.get("default-src", {"*"}))


def _faults_of_address(path: str, use: Use, place: _Place) -> Iterator[Fault | _Ask]:
    # A browser drops white space around an address, and tabs and line ends inside it, before it looks for a scheme.
    address = _BREAKS.sub("", use.address.strip(_WHITE_SPACE))
    code, what, target, fragment = _look_up(path, address, use, place)
    if code:
        found = Fault(path, use.line, code, f"{use.where} {use.address[:200]!r} {what}")
        yield _Ask(target, fragment, found) if code == "anchor" else found


_FINE = ("", "", "", "")


def _look_up(path: str, address: str, use: Use, place: _Place) -> tuple[str, str, str, str]:
    """Return the code and words of what is wrong with an address, or empty ones.

    Of an address with an anchor: what is wrong if the file that follows does not have the fragment that follows.
    """
    home = place.site_url.rstrip("/") + "/"
    if place.site_url and (address + "/" == home or address.startswith(home)):
        address = place.base + address[len(home) :]
    elif scheme := _SCHEME.match(address):
        return (*_look_up_scheme(scheme[1].casefold(), use), "", "")
    elif address.startswith("//"):
        if use.kind == "resource":
            return "foreign", "is loaded from another host", "", ""
        return "address", "names no scheme", "", ""
    elif "\\" in address.split("?")[0].split("#")[0]:
        return "address", "contains a backslash", "", ""
    route, _, fragment = address.partition("#")
    route = route.partition("?")[0]
    if not route:
        if use.kind == "resource" and not fragment:
            return "link", "is empty", "", ""
        if path.endswith(".css"):
            return _FINE  # It names something in whatever page uses the style sheet.
        target = path
    elif use.kind == "link" and place.leads_beside(path, route):
        return _FINE
    else:
        resolved = _resolve(path, route, place.base)
        if resolved is None:
            return "link", "leads out of the site", "", ""
        target = resolved + "index.html" if not resolved or resolved.endswith("/") else resolved
        if target not in place.files:
            if target in place.folders:
                return "link", "names a folder and lacks the slash at its end", "", ""
            return "link", f"leads to {target}, which is not there", "", ""
    fragment = fragment.partition(":~:")[0]
    if not fragment or not target.endswith((".html", ".svg")):
        return _FINE
    return "anchor", f"names an id that {target} does not have", target, fragment


def _look_up_scheme(scheme: str, use: Use) -> tuple[str, str]:
    if scheme in ("javascript", "vbscript"):
        return "script-link", "is a script"
    if use.kind == "link":
        return ("", "") if scheme in ("http", "https", "mailto", "tel") else ("address", "has a scheme we do not use")
    if scheme == "data" and use.where.startswith(_CAN_BE_DATA):
        return "", ""
    return "foreign", "is loaded from elsewhere"


def _resolve(path: str, route: str, base: str) -> str | None:
    """Return the path that an address leads to, seen from the site's root; None if that is outside the site."""
    if route.startswith("/"):
        if not (route + "/").startswith(base):
            return None
        parts = []
        route = route[len(base) :]
    else:
        parts = path.split("/")[:-1]
    steps = route.split("/")
    for step in steps:
        if step == "..":
            if not parts:
                return None
            parts.pop()
        elif step not in ("", "."):
            parts.append(unquote(step))
    is_folder = steps[-1] in ("", ".", "..")
    return "/".join(parts) + ("/" if is_folder and parts else "")
