"""Where a chart stands as a small page for somebody else's, and what shows it there.

A chart stands at `nhung/<chart>/`, where it follows the data, and at `nhung/<chart>/<version>/`, where it stays as the
package's version has it. Beside the first lies `oembed.json` (oEmbed 1.0: a site of plain files can be discovered, but
answers no questions).
"""

import json
import re
from dataclasses import dataclass

from markupsafe import escape

WIDTH = 720  # of a frame, in CSS pixels; the page in it takes less where there is less
ROOM = 190  # pixels around the picture: title, source, and the line that says whose it is
_HEIGHT = re.compile(r'<svg\b[^>]*? viewBox="0 0 [0-9.]+ ([0-9.]+)"')


@dataclass(frozen=True)
class Frame:
    """A frame that shows a chart: the page in it, what it is called, and its height in CSS pixels."""

    url: str
    title: str
    height: int

    @property
    def html(self) -> str:
        """The element to copy; whatever its title holds, it stays one element."""
        return (
            f'<iframe src="{escape(self.url)}" title="{escape(self.title)}" '
            f'width="{WIDTH}" height="{self.height}" loading="lazy"></iframe>'
        )


def embed_address(chart: str, version: str = "") -> str:
    """Return where a chart's page stands below the root of its language."""
    return f"nhung/{chart}/" + (f"{version}/" if version else "")


def frame_height(svg: str) -> int:
    """Return how high a frame must be for a picture and what stands around it; the narrow picture is the higher one."""
    found = _HEIGHT.search(svg)
    return round(float(found[1]) if found else 0) + ROOM


def oembed(frame: Frame, provider: str, home: str, thumbnail: str) -> bytes:
    """Return the record by which the page in a frame is discovered: oEmbed 1.0, of the type `rich`."""
    record = {
        "version": "1.0",
        "type": "rich",
        "title": frame.title,
        "provider_name": provider,
        "provider_url": home,
        "html": frame.html,
        "width": WIDTH,
        "height": frame.height,
        "thumbnail_url": thumbnail,
    }
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()
