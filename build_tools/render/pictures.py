"""Turn drawings into PNG, which takes longer than all else: by several processes, and each drawing once."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from build_tools.cache import BYTES, Cache
from build_tools.output import OutputFile
from build_tools.render.charts import VL_VERSION, to_png
from build_tools.store import File
from build_tools.workers import Workers

FEW = 16  # drawings, below which a second process costs more than it saves
SIGNATURE = b"\x89PNG\r\n\x1a\n"
BASIS = f"{VL_VERSION} 2"  # another number where the same drawing becomes other bytes


@dataclass(frozen=True)
class Drawing:
    """An SVG that stands alone, where its picture goes, and how many pixels a unit of it takes."""

    path: str
    svg: str
    scale: float = 2


def pictures(drawings: Iterable[Drawing], kind: str, workers: Workers, cache: Cache) -> list[File]:
    """Return the picture of each drawing, whatever the number of workers; those of a kind are kept together."""
    paths: list[str] = []

    def shapes() -> Iterator[tuple[str, float]]:
        for drawing in drawings:
            paths.append(drawing.path)
            yield drawing.svg, drawing.scale

    if not cache.keeps:
        made = workers.map(picture, list(shapes()), FEW)
        return [OutputFile(path, content) for path, content in zip(paths, made, strict=True)]
    kept = cache.keep(kind, workers, picture, shapes(), BYTES, FEW, BASIS)
    return [one.as_file(path) for path, one in zip(paths, kept, strict=True)]


def picture(shape: tuple[str, float]) -> bytes:
    """Return an SVG that stands alone, at a scale, as PNG."""
    return packed(to_png(*shape))


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
