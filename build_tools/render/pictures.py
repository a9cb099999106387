"""Turn drawings into PNG, which takes longer than all else: by several processes, and each drawing once.

What was made is kept, named after all that goes into it; what no build asks for any more is taken away.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from build_tools.output import OutputFile, write
from build_tools.render.charts import VL_VERSION, to_png

FEW = 16  # drawings, below which a second process costs more than it saves
SIGNATURE, END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
PACKING = 2  # another number where the same drawing becomes other bytes


@dataclass(frozen=True)
class Drawing:
    """An SVG that stands alone, where its picture goes, and how many pixels a unit of it takes."""

    path: str
    svg: str
    scale: float = 2

    @property
    def name(self) -> str:
        """What the picture is kept under: all that decides on its bytes."""
        return hashlib.sha256(f"{VL_VERSION}\n{PACKING}\n{self.scale:g}\n{self.svg}".encode()).hexdigest() + ".png"


def pictures(drawings: Iterable[Drawing], cache: Path, workers: int) -> list[OutputFile]:
    """Return the picture of each drawing, whatever the number of workers; `cache` keeps what these drawings need."""
    asked = list(drawings)
    made = {drawing.name: _kept(cache / drawing.name) for drawing in asked}
    missing = list({drawing.name: drawing for drawing in asked if made[drawing.name] is None}.values())
    if workers <= 1 or len(missing) < FEW:
        drawn = list(map(_picture, missing))
    else:
        # Spawned, not forked: the engine inside vl-convert runs threads, which a fork would leave half alive.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            drawn = list(pool.map(_picture, missing, chunksize=8))
    kept = made | {drawing.name: content for drawing, content in zip(missing, drawn, strict=True)}
    files = {name: content for name, content in kept.items() if content is not None}
    write(cache, [OutputFile(name, content) for name, content in files.items()])
    return [OutputFile(drawing.path, files[drawing.name]) for drawing in asked]


def _picture(drawing: Drawing) -> bytes:
    return packed(to_png(drawing.svg, drawing.scale))


def _kept(path: Path) -> bytes | None:
    """Return a picture that was kept, None where there is none or it was cut short."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return content if content.startswith(SIGNATURE) and content.endswith(END) else None


def packed(png: bytes) -> bytes:
    """Return the same picture in a third of the bytes: the engine packs for speed."""
    chunks: list[tuple[bytes, bytes]] = []
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        chunks.append((kind, png[at + 8 : at + 8 + length]))
        at += 12 + length
    pixels = zlib.decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    kept = [chunk for chunk in chunks if chunk[0] == b"IHDR"]
    written = [*kept, (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in written
    )
