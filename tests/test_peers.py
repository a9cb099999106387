"""The programs that the bench measures beside ours: none is measured for building less than it should."""

import shutil
from pathlib import Path

import pytest

from build_tools import workloads
from build_tools.peers import PEERS, PLAIN, SEARCHED, Peer, read

OURS = (PLAIN, SEARCHED)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two made packages."""
    folder = tmp_path_factory.mktemp("peers") / "datapackages"
    workloads.tables(folder, 2)
    return folder


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.key)
def test_a_project_holds_every_cell(packages: Path, tmp_path: Path, peer: Peer) -> None:
    """What a peer builds from has the cells of every table, as they are written."""
    peer.prepare(packages, tmp_path / "project")
    texts = [path.read_text("utf-8") for path in (tmp_path / "project").rglob("*") if _is_source(path)]
    whole = "\n".join(texts)
    for sample in read(packages):
        for table in sample.tables:
            assert all(cell in whole for row in table.rows for cell in row), (sample.name, table.name)


# Those that come with this program, and in the long run those that `make bench-peers` installs.
@pytest.mark.parametrize(
    "peer", [pytest.param(one, marks=() if one in OURS else pytest.mark.long, id=one.key) for one in PEERS]
)
def test_a_peer_builds_and_what_is_missing_is_seen(packages: Path, tmp_path: Path, peer: Peer) -> None:
    """A build has its pages, cells and charts; without the pages of one package it would be refused."""
    assert peer.available() == ""
    peer.prepare(packages, tmp_path / "project")
    cost = peer.build(tmp_path / "project")
    assert cost.seconds > 0 and cost.busy > 0 and cost.memory > 0
    assert peer.faults(packages, tmp_path / "project") == []
    for path in (tmp_path / "project" / peer.site).rglob("*bang-00001*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    assert peer.faults(packages, tmp_path / "project") != []


def _is_source(path: Path) -> bool:
    return "node_modules" not in path.parts and path.is_file() and path.suffix != ".svg"
