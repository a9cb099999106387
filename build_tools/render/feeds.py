"""Feeds of what changed: Atom and JSON Feed, for the site and for each topic, in each language.

Every date is the data's: a feed is the same, byte for byte, whenever it is made.
"""

import json
import posixpath
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from build_tools.history import Release
from build_tools.output import OutputFile
from build_tools.render.change_views import lines_of
from build_tools.render.page_views import PageView

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """A release as a feed tells it."""

    address: str  # whole, with the anchor on the page of changes: it never changes, so it is the entry's id too
    title: str
    day: str
    html: str  # the sentence and each change


def feed_files(view: PageView) -> Iterator[OutputFile]:
    """Yield `feed.xml` and `feed.json` of the site and of each topic, in the language of the view."""
    feeds = [("", view.words.text("changes.feed_title"), view.site.releases())]
    for topic in view.site.topics():
        title = view.words.fill("changes.feed_title_topic", topic=topic.name(view.language))
        feeds.append((f"chu-de/{topic.topic}/", title, view.releases_of_topic(topic.topic)))
    for page, title, releases in feeds:
        base = (f"{view.prefix}/" if view.prefix else "") + page
        entries = [_entry(view, release) for release in releases]
        yield OutputFile(f"{base}feed.xml", _atom(view, base, title, entries))
        yield OutputFile(f"{base}feed.json", _json(view, base, title, entries))


def _entry(view: PageView, release: Release) -> Entry:
    day = release.date or view.settings.data_date.isoformat()
    address = f"{view.settings.absolute_url}{posixpath.join(view.prefix, 'thay-doi/')}#{release.anchor}"
    lines = Markup().join(Markup("<li>{}</li>").format(line) for line in lines_of(view, release))
    html = Markup("<p>{}</p>").format(view.release_sentence(release))
    html += Markup("<ul>{}</ul>").format(lines) if lines else Markup()
    return Entry(address, view.release_title(release), day, _NO_XML.sub(" ", html))


def _updated(view: PageView, entries: Sequence[Entry]) -> str:
    return max((entry.day for entry in entries), default=view.settings.data_date.isoformat())


def _atom(view: PageView, base: str, title: str, entries: Sequence[Entry]) -> bytes:
    """Return a feed as Atom (RFC 4287)."""
    home = view.settings.absolute_url + base
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": view.language})

    def put(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, name, attributes)
        element.text = _NO_XML.sub(" ", text) or None
        return element

    put(feed, "id", f"{home}feed.xml")
    put(feed, "title", title)
    put(feed, "updated", f"{_updated(view, entries)}T00:00:00Z")
    put(put(feed, "author"), "name", view.settings.site_name)
    put(feed, "link", rel="self", type="application/atom+xml", href=f"{home}feed.xml")
    put(feed, "link", rel="alternate", type="text/html", href=home)
    for entry in entries:
        item = put(feed, "entry")
        put(item, "id", entry.address)
        put(item, "title", entry.title)
        put(item, "updated", f"{entry.day}T00:00:00Z")
        put(item, "link", rel="alternate", type="text/html", href=entry.address)
        put(item, "content", entry.html, type="html")
    ET.indent(feed, " ")
    content: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _json(view: PageView, base: str, title: str, entries: Sequence[Entry]) -> bytes:
    """Return a feed as JSON Feed 1.1."""
    home = view.settings.absolute_url + base
    feed = {
        "version": JSON_FEED,
        "title": title,
        "home_page_url": home,
        "feed_url": f"{home}feed.json",
        "language": view.language,
        "authors": [{"name": view.settings.site_name}],
        "items": [
            {
                "id": entry.address,
                "url": entry.address,
                "title": entry.title,
                "content_html": entry.html,
                "date_published": f"{entry.day}T00:00:00Z",
            }
            for entry in entries
        ],
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()
