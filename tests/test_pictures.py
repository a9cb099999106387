"""Drawings as PNG: each once, by any number of processes, and never half of one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from build_tools.cache import Cache
from build_tools.output import OutputFile
from build_tools.render import charts
from build_tools.render import pictures as module
from build_tools.render.pictures import FEW, SIGNATURE, Drawing, pictures
from build_tools.workers import ALONE, Workers

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="#{}"/></svg>'
RED = Drawing("hinh/a.png", SVG.format("f00"))


def drawn(drawings: Sequence[Drawing], folder: Path | None, workers: Workers = ALONE) -> list[OutputFile]:
    """Return the picture of each drawing, read from where it waits; what was made before is kept in the folder."""
    return [OutputFile(file.path, file.content) for file in pictures(drawings, "a", workers, Cache(folder))]


def test_a_drawing_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same drawing is made once; another one, or another size, anew; what nothing asks for goes away."""
    made: list[str] = []

    def draw(svg: str, scale: float) -> bytes:
        made.append(svg)
        return charts.to_png(svg, scale)

    monkeypatch.setattr(module, "to_png", draw)
    first = drawn([RED, replace(RED, path="hinh/b.png")], tmp_path)
    assert [file.path for file in first] == ["hinh/a.png", "hinh/b.png"] and first[0].content == first[1].content
    assert drawn([RED], tmp_path) == first[:1] and len(made) == 1
    second = drawn([replace(RED, svg=SVG.format("00f")), replace(RED, scale=1)], tmp_path)
    assert len(made) == 3 and len({file.content for file in (*first, *second)}) == 3
    assert len(list((tmp_path / "a").iterdir())) == 2


def test_a_picture_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    """Half a file among what was kept is not published."""
    (first,) = drawn([RED], tmp_path)
    assert first.content.startswith(SIGNATURE)
    (kept,) = (tmp_path / "a").iterdir()
    kept.write_bytes(kept.read_bytes()[:-20])
    assert drawn([RED], tmp_path) == [first]


def test_pictures_are_the_same_by_several_processes(tmp_path: Path) -> None:
    """Two processes make the bytes that one makes, in the order asked for."""
    asked = [Drawing(f"{n}.png", SVG.format(f"{n:03}")) for n in reversed(range(FEW + 1))]
    with Workers(2) as workers:
        together = drawn(asked, tmp_path / "two", workers)
    assert together == drawn(asked, tmp_path / "one") == drawn(asked, None)
