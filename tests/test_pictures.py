"""Drawings as PNG: each once, by any number of processes, and never half of one."""

from dataclasses import replace
from pathlib import Path

import pytest

from build_tools.render import charts
from build_tools.render import pictures as module
from build_tools.render.pictures import END, FEW, SIGNATURE, Drawing, pictures

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="#{}"/></svg>'
RED = Drawing("hinh/a.png", SVG.format("f00"))


def test_a_drawing_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same drawing is made once; another one, or another size, anew; what nothing asks for goes away."""
    made: list[str] = []

    def draw(svg: str, scale: float) -> bytes:
        made.append(svg)
        return charts.to_png(svg, scale)

    monkeypatch.setattr(module, "to_png", draw)
    first = pictures([RED, replace(RED, path="hinh/b.png")], tmp_path, 1)
    assert [file.path for file in first] == ["hinh/a.png", "hinh/b.png"] and first[0].content == first[1].content
    assert pictures([RED], tmp_path, 1) == first[:1] and len(made) == 1
    second = pictures([replace(RED, svg=SVG.format("00f")), replace(RED, scale=1)], tmp_path, 1)
    assert len(made) == 3 and len({file.content for file in (*first, *second)}) == 3
    assert len(list(tmp_path.iterdir())) == 2


def test_a_picture_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    """Half a file among what was kept is not published."""
    (first,) = pictures([RED], tmp_path, 1)
    assert first.content.startswith(SIGNATURE) and first.content.endswith(END)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-20])
    assert pictures([RED], tmp_path, 1) == [first]


def test_pictures_are_the_same_by_several_processes(tmp_path: Path) -> None:
    """Two processes make the bytes that one makes, in the order asked for."""
    asked = [Drawing(f"{n}.png", SVG.format(f"{n:03}")) for n in reversed(range(FEW + 1))]
    assert pictures(asked, tmp_path / "one", 1) == pictures(asked, tmp_path / "two", 2)
