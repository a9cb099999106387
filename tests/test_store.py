"""Files that wait on the disk: what is read is what was put there, or an error says that it is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_tools.cache import BYTES, Cache
from build_tools.errors import BuildError
from build_tools.output import OutputFile, write
from build_tools.store import IN_MEMORY, Store, Texts, stored, write_packed
from build_tools.workers import ALONE, Workers

FILES = [OutputFile("a/ế.csv", b""), OutputFile("b.bin", bytes(range(256)) * 3), OutputFile("c.md", "đất".encode())]


def twice(word: str) -> bytes:
    """Return a word twice."""
    return word.encode() * 2


def doubled(word: str) -> list[OutputFile]:
    """Return a word twice, as files."""
    return [OutputFile(f"{word}.txt", twice(word)), OutputFile(f"{word}/{word}.txt", twice(word))]


@given(st.lists(st.tuples(st.text("ab/đ", min_size=1, max_size=6), st.binary(max_size=40)), max_size=6))
def test_what_is_put_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bytes]]) -> None:
    """Path, bytes, size and hash of every file come back, in order, whatever they are."""
    put = [OutputFile(path, content) for path, content in files]
    found = Store(tmp_path_factory.mktemp("store")).put("x", put)
    assert [(f.path, f.content, f.size, f.sha256) for f in found] == [
        (f.path, f.content, f.size, f.sha256) for f in put
    ]
    assert IN_MEMORY.put("x", put) == put


def test_files_that_wait_are_written_like_others(tmp_path: Path) -> None:
    """What is written from a store is what would have been written at once."""
    waiting = Store(tmp_path / "waiting").put("x", FILES)
    assert write(tmp_path / "site", waiting).changed and write(tmp_path / "site", FILES).changed == ()


@pytest.mark.parametrize("end", [0, 10, 32, 40, -1])
def test_a_store_that_was_cut_is_not_whole(tmp_path: Path, end: int) -> None:
    """Half a store is none."""
    Store(tmp_path).put("x", FILES)
    (tmp_path / "x").write_bytes((tmp_path / "x").read_bytes()[:end])
    with pytest.raises(ValueError, match=r"whole|cut"):
        list(stored(tmp_path / "x"))


def test_a_file_that_changed_while_it_waited_is_refused(tmp_path: Path) -> None:
    """A byte that was changed on the disk between two stages does not reach the site."""
    _, file, _ = Store(tmp_path).put("x", FILES)
    content = (tmp_path / "x").read_bytes()
    at = content.index(bytes(range(256)))
    (tmp_path / "x").write_bytes(content[:at] + b"!" + content[at + 1 :])
    with pytest.raises(BuildError, match="changed while"):
        _ = file.content


def test_nothing_half_written_stays(tmp_path: Path) -> None:
    """What breaks off leaves neither a store nor a part of one."""

    def broken() -> object:
        yield b"a"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write_packed(tmp_path / "x", broken())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_texts_are_read_when_asked_for(tmp_path: Path) -> None:
    """Texts by name, as a mapping."""
    texts = Texts(Store(tmp_path).put("x", FILES[2:]))
    assert dict(texts) == {"c.md": "đất"} and len(texts) == 1 and "d" not in texts


def test_workers_write_what_is_kept(tmp_path: Path) -> None:
    """Two processes keep what one keeps, and what nothing asks for any more goes away."""
    words = [f"w{n}" for n in range(9)]
    with Workers(2) as workers:
        kept = Cache(tmp_path / "two").keep("k", workers, twice, words, BYTES)
        files = Cache(tmp_path / "two").files("f", workers, doubled, words)
    assert [one() for one in kept] == [twice(word) for word in words]
    assert [one.as_file("x").content for one in kept] == [twice(word) for word in words]
    alone = Cache(tmp_path / "one")
    alone.keep("k", ALONE, twice, words, BYTES)
    again = alone.files("f", ALONE, doubled, words)
    assert [[(f.path, f.content) for f in some] for some in files] == [[(f.path, f.content) for f in s] for s in again]
    for kind in "kf":
        names = [{path.name for path in (tmp_path / folder / kind).iterdir()} for folder in ("one", "two")]
        assert names[0] == names[1] and len(names[0]) == 9
    alone.keep("k", ALONE, twice, words[:2], BYTES)
    assert len(list((tmp_path / "one" / "k").iterdir())) == 2


def test_more_items_than_are_held_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items are taken in turns; one that comes again in a later turn is made once."""
    monkeypatch.setattr("build_tools.cache.AT_ONCE", 2)
    words = ["a", "b", "c", "a", "d"]
    assert Cache(tmp_path).map("k", ALONE, twice, iter(words), BYTES) == [twice(word) for word in words]


def test_what_is_asked_for_anew_is_made_anew(tmp_path: Path) -> None:
    """What was kept is not looked at, and what is made takes its place."""
    Cache(tmp_path).map("k", ALONE, twice, ["a"], BYTES)
    (path,) = (tmp_path / "k").iterdir()
    write_packed(path, [b"other"])
    assert Cache(tmp_path).map("k", ALONE, twice, ["a"], BYTES) == [b"other"]
    assert Cache(tmp_path, anew=True).map("k", ALONE, twice, ["a"], BYTES) == [b"aa"]
    assert Cache(tmp_path).map("k", ALONE, twice, ["a"], BYTES) == [b"aa"]


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Nothing is written where a link leads."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "k").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BuildError, match="symbolic link"):
        Cache(tmp_path).keep("k", ALONE, twice, ["a"], BYTES)
    assert list((tmp_path / "elsewhere").iterdir()) == []
