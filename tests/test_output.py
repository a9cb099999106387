"""What is written, what is removed, who may build, and how one site takes the place of another."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_tools import output
from build_tools.errors import BuildError
from build_tools.output import Lock, Names, OutputFile, Written

ROOT = Path(output.__file__).parent.parent


def files(**contents: str) -> list[OutputFile]:
    """Return output files; a name is a path with `/` written as `__`."""
    return [OutputFile(name.replace("__", "/"), text.encode()) for name, text in contents.items()]


def tree(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds, by path."""
    return {path: (folder / path).read_bytes() for path in output.paths_in(folder)}


def make_version(folder: Path, text: str) -> Path:
    """Write a small sealed site."""
    output.write(folder, files(index=text, chu_de__a="a", chu_de__b="b"))
    output.seal(folder)
    return folder


def put_on_show(out: Path, text: str) -> Path:
    """Build a small site into staging and swap it in."""
    return output.swap(out, make_version(output.start_staging(out) / "site", text))


@contextlib.contextmanager
def ordinary_user() -> Iterator[Path]:
    """Hand out a folder, and be a user for whom the rights of files count."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if superuser:
            os.seteuid(0)
        shutil.rmtree(folder)


# -- paths ------------------------------------------------------------------------------------------------------------

# fmt: off
HOSTILE = [
    "", "/etc/passwd", "//x", "a//b", "a/", "/", ".", "..", "../a", "a/../b", "a/..", "./a", "a/./b",
    ".git/config", "a/.b", ".htaccess", "...", "a/.../b", "a\\b", "..\\a", "C:/a", "C:a", "a:b",
    "a\x00b", "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\u200bb", "a\u202eb", "a\u2028b", "a\ud800b", "\ufeffa",
    "CON", "con", "aux.txt", "a/NUL/b", "com1", "COM1.md", "lpt9", "LPT¹.csv", "prn .txt", "conin$",
    " a", "a ", "a./b", "a.", "a /b", "a*", "a?", 'a"b', "a<b", "a>b", "a|b", "e\u0301", "a" * 256, "đ" * 128,
]
# fmt: on


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_is_refused_and_nothing_written(tmp_path: Path, path: str) -> None:
    """A path that means something else somewhere, or leads out of the folder, is named and refused."""
    with pytest.raises(BuildError, match="path of an output file"):
        output.write(tmp_path / "docs", [OutputFile(path, b"x")])
    assert list((tmp_path / "docs").iterdir()) == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["docs"]


@pytest.mark.parametrize(
    "path",
    ["a", "a/b/c.md", "_headers", "a b", "chủ-đề/đất.csv", "a..b", "con-so/x", "console.js", "x.com1", "a" * 255, "😀"],
)
def test_a_sound_path_is_written(tmp_path: Path, path: str) -> None:
    """Whatever every file system takes is taken, with Vietnamese letters and spaces inside."""
    output.write(tmp_path, [OutputFile(path, b"x")])
    assert tree(tmp_path) == {path: b"x"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.md", "a.md"),
        ("a.md", "A.md"),
        ("đất/a", "ĐẤT/b"),
        ("a/b", "A/b"),
        ("a/b", "A/c"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a/b/c", "A/B"),
        ("straße", "STRASSE"),
        ("ſ", "s"),
    ],
)
def test_paths_that_another_file_system_would_confuse_are_refused(tmp_path: Path, first: str, second: str) -> None:
    """Two paths that differ by case only, and a file where a folder is, cannot both be written."""
    with pytest.raises(BuildError, match="is taken by"):
        output.write(tmp_path, [OutputFile(first, b"1"), OutputFile(second, b"2")])


# -- writing ----------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    """The second time, the unchanged file is not touched, the changed one is new, the stale one is gone."""
    assert output.write(tmp_path, files(a="1", b__c="2", d__e="3")) == Written(("a", "b/c", "d/e"), (), ())
    before = (tmp_path / "a").stat()
    again = output.write(tmp_path, iter(files(a="1", b__c="4")))
    assert again == Written(("b/c",), ("a",), ("d/e",))
    assert (tmp_path / "a").stat().st_ino == before.st_ino
    assert (tmp_path / "a").stat().st_mtime_ns == before.st_mtime_ns
    assert tree(tmp_path) == {"a": b"1", "b/c": b"4"}
    assert not (tmp_path / "d").exists()


NAMES = st.lists(st.sampled_from(["a", "b", "đ"]), min_size=1, max_size=3).map("/".join)


@given(st.lists(st.dictionaries(NAMES, st.binary(max_size=3), max_size=5), min_size=2, max_size=3))
def test_a_folder_holds_what_was_written_last(
    tmp_path_factory: pytest.TempPathFactory, states: list[dict[str, bytes]]
) -> None:
    """Whatever stood there before, files where folders come and folders where files come among it."""
    folder = tmp_path_factory.mktemp("folder")
    for state in states:
        sound = {
            path: content for path, content in state.items() if not any(other.startswith(path + "/") for other in state)
        }
        written = output.write(folder, [OutputFile(path, content) for path, content in sound.items()])
        assert tree(folder) == sound
        assert sorted(written.changed + written.unchanged) == sorted(sound)
        assert sum(len(inner) == 0 for _, folders, inner in os.walk(folder) if not folders) <= (not sound)


def test_links_inside_the_folder_are_not_followed(tmp_path: Path) -> None:
    """A link to a file, to a folder and a stale one are replaced or removed; what they point to stays as it is."""
    outside = tmp_path / "outside"
    output.write(outside, files(a="mine", b="mine"))
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "file").symlink_to(outside / "a")
    (folder / "folder").symlink_to(outside)
    (folder / "stale").symlink_to(outside)
    (folder / "dangling").symlink_to("nowhere")
    output.write(folder, files(file="ours", folder__b="ours", folder__c="ours"))
    assert tree(folder) == {"file": b"ours", "folder/b": b"ours", "folder/c": b"ours"}
    assert tree(outside) == {"a": b"mine", "b": b"mine"}


def test_a_folder_that_is_itself_a_link_is_refused(tmp_path: Path) -> None:
    """Removing what is stale there would remove files of somebody else."""
    output.write(tmp_path / "outside", files(a="mine"))
    (tmp_path / "docs").symlink_to("outside")
    with pytest.raises(BuildError, match="Remove the link"):
        output.write(tmp_path / "docs", files(b="ours"))
    assert tree(tmp_path / "outside") == {"a": b"mine"}


def test_a_file_with_a_second_name_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    """A hard link shares its bytes with another folder, so the changed file is a new one."""
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "docs").mkdir()
    os.link(tmp_path / "mine", tmp_path / "docs" / "a")
    output.write(tmp_path / "docs", files(a="ours"))
    assert (tmp_path / "mine").read_text() == "mine"


def test_pipes_and_leavings_of_a_killed_build_are_swept_away(tmp_path: Path) -> None:
    """A pipe is neither read nor kept, and half a file from before is gone."""
    os.mkfifo(tmp_path / "a")
    os.mkfifo(tmp_path / "stale")
    (tmp_path / ".unfinished").write_text("half")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".unfinished").write_text("half")
    output.write(tmp_path, files(a="1", b__c="2"))
    assert tree(tmp_path) == {"a": b"1", "b/c": b"2"}


def test_a_fault_on_the_way_leaves_no_half_written_file(tmp_path: Path) -> None:
    """Files before the fault are there, the folder is not swept, the next write puts all right."""
    output.write(tmp_path, files(old="1"))

    def failing() -> Iterator[OutputFile]:
        yield OutputFile("a", b"1")
        raise BuildError("a template", "is missing", "Add it")

    with pytest.raises(BuildError, match="is missing"):
        output.write(tmp_path, failing())
    assert tree(tmp_path) == {"a": b"1", "old": b"1"}
    assert output.write(tmp_path, files(a="1")) == Written((), ("a",), ("old",))


def test_a_folder_that_may_not_be_written_is_named() -> None:
    """Without the right to write, the message names the place and the remedy, and nothing changes."""
    with ordinary_user() as folder:
        output.write(folder / "docs", files(a="1"))
        (folder / "docs").chmod(0o555)
        try:
            with pytest.raises(BuildError, match=r"may not be written\. Take a folder of your own"):
                output.write(folder / "docs", files(a="2"))
            assert tree(folder / "docs") == {"a": b"1"}
        finally:
            (folder / "docs").chmod(0o777)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left to write. Free some space"),
        (errno.EDQUOT, "no space left to write"),
        (errno.EROFS, "may not be written"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_a_disk_says_becomes_a_fault_with_a_remedy(tmp_path: Path, number: int, words: str) -> None:
    """The place is the file where the system names one, but the folder where it is full or where no file is named."""
    with pytest.raises(BuildError) as caught, output.disk_faults(tmp_path):
        raise OSError(number, os.strerror(number), "bảng.csv")
    assert words in str(caught.value)
    full = number in (errno.ENOSPC, errno.EDQUOT)
    assert caught.value.place == (str(tmp_path) if full else "bảng.csv")
    with pytest.raises(BuildError) as caught, output.disk_faults(tmp_path):
        raise OSError(number, os.strerror(number))
    assert caught.value.place == str(tmp_path)


def test_files_are_added_beside_what_is_there(tmp_path: Path) -> None:
    """Adding keeps the rest and refuses a path in use, also by case."""
    output.write(tmp_path, files(a="1", b__c="2"))
    assert output.add(tmp_path, files(b__d="3")) == ("b/d",)
    assert tree(tmp_path) == {"a": b"1", "b/c": b"2", "b/d": b"3"}
    for taken in ("a", "A", "b", "B/e", "b/C", "a/x"):
        with pytest.raises(BuildError, match="is taken by"):
            output.add(tmp_path, [OutputFile(taken, b"4")])
    assert len(tree(tmp_path)) == 3


def test_names_know_exactly_what_was_taken() -> None:
    """Asking is exact where taking is not."""
    names = Names(["a/B"])
    assert names.has_file("a/B")
    assert not names.has_file("a/b")
    assert names.has_folder("a")
    assert not names.has_folder("A")


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    """A site holds files only: a link in it would be read by whoever copies it."""
    (tmp_path / "a").symlink_to("/etc/hostname")
    with pytest.raises(BuildError, match="neither a file nor a folder"):
        output.paths_in(tmp_path)


# -- one build at a time ----------------------------------------------------------------------------------------------

HOLD = "import sys; from pathlib import Path; from build_tools.output import Lock\nwith Lock(Path(sys.argv[1])):\n"


def python(code: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start another Python that can import the project."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_build_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    """The message names the process and what to do; afterwards the folder is free again."""
    with Lock(tmp_path / "out"):
        with pytest.raises(BuildError, match=rf"process {os.getpid()}\. Wait until it ends"), Lock(tmp_path / "out"):
            pass
        with Lock(tmp_path / "other"):
            pass
    with Lock(tmp_path / "out"):
        pass


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """A build that is killed holds nothing: the next one starts at once."""
    with python(HOLD + "    print('held', flush=True); sys.stdin.read()", str(tmp_path)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BuildError, match=f"process {holder.pid}"), Lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with Lock(tmp_path):
        pass


def test_the_lock_does_not_follow_a_link(tmp_path: Path) -> None:
    """A link in the place of the lock's file would let the build empty a file elsewhere."""
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "build.lock").symlink_to("mine")
    with pytest.raises(BuildError, match=r"build\.lock"), Lock(tmp_path):
        pass
    assert (tmp_path / "mine").read_text() == "mine"


# -- versions ---------------------------------------------------------------------------------------------------------


def test_a_sealed_folder_lists_all_its_files(tmp_path: Path) -> None:
    """Manifest and checksums name every file in order; the same files give the same name of a version."""
    folder = make_version(tmp_path / "a", "1")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert [file["path"] for file in manifest["files"]] == ["chu_de/a", "chu_de/b", "index"]
    assert [file["bytes"] for file in manifest["files"]] == [1, 1, 1]
    listed = [line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert listed == ["chu_de/a", "chu_de/b", "index", "manifest.json"]
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert output.damage(folder) == ()
    assert output.seal(folder) == output.seal(make_version(tmp_path / "b", "1"))
    assert output.seal(folder) != output.seal(make_version(tmp_path / "c", "2"))


def change_listed_path(folder: Path) -> None:
    """Let the manifest name a file outside."""
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace("chu_de/a", "../../mine"))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: (folder / "index").write_text("2"), "index: differs"),
        (lambda folder: (folder / "index").write_text("12"), "index: differs"),
        (lambda folder: (folder / "chu_de" / "a").unlink(), "chu_de/a: is missing"),
        (lambda folder: (folder / "chu_de" / "c").write_text(""), "chu_de/c: is not in the manifest"),
        (lambda folder: (folder / ".unfinished").write_text(""), ".unfinished: is not in the manifest"),
        (lambda folder: (folder / "link").symlink_to("index"), "link: is neither a file nor a folder"),
        (lambda folder: (folder / "manifest.json").unlink(), "manifest.json: is missing"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "manifest.json: cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "manifest.json: cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text('{"files": [{}]}'), "manifest.json: cannot be read"),
        (change_listed_path, "../../mine: is missing"),
        (lambda folder: (folder / "SHA256SUMS").write_text(""), "SHA256SUMS: differs"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS: cannot be read"),
    ],
)
def test_a_version_that_was_changed_is_not_complete(tmp_path: Path, harm: Callable[[Path], object], words: str) -> None:
    """Each way to harm a version is seen and named, and such a version is not put on show."""
    put_on_show(tmp_path, "old")
    folder = make_version(tmp_path / "staging" / "site", "1")
    (tmp_path / "mine").write_text("a")
    harm(folder)
    assert any(fault.startswith(words) for fault in output.damage(folder))
    with pytest.raises(BuildError, match="is no complete version"):
        output.swap(tmp_path, folder)
    assert (tmp_path / "site" / "index").read_text() == "old"


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed site, for tests that leave it as they find it."""
    return make_version(tmp_path_factory.mktemp("version") / "site", "một hai ba")


@given(st.data())
def test_no_changed_byte_goes_unseen(version: Path, data: st.DataObject) -> None:
    """One byte of any file changed, listings included, and the version is no longer complete."""
    path = version / data.draw(st.sampled_from(output.paths_in(version)))
    before = path.read_bytes()
    content = bytearray(before)
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        assert output.damage(version) != ()
    finally:
        path.write_bytes(before)
    assert output.damage(version) == ()


def test_the_site_is_a_relative_link_to_a_version(tmp_path: Path) -> None:
    """The out folder can be moved or mounted elsewhere as a whole."""
    home = put_on_show(tmp_path / "out", "1")
    assert (tmp_path / "out" / "site").readlink() == Path("versions") / home.name
    (tmp_path / "out").rename(tmp_path / "moved")
    assert (tmp_path / "moved" / "site" / "index").read_text() == "1"
    assert output.damage(tmp_path / "moved" / "site") == ()


def test_the_version_before_is_kept_and_older_ones_go(tmp_path: Path) -> None:
    """At any time there are at most two versions, and no staging folder after a swap."""
    homes = [put_on_show(tmp_path, text) for text in ("1", "2", "3")]
    assert sorted(entry.name for entry in (tmp_path / "versions").iterdir()) == sorted(home.name for home in homes[1:])
    assert (tmp_path / "previous" / "index").read_text() == "2"
    assert (tmp_path / "site" / "index").read_text() == "3"
    assert not (tmp_path / "staging").exists()


def test_the_same_site_again_changes_nothing(tmp_path: Path) -> None:
    """A rebuild without a change keeps both the site and the version before."""
    put_on_show(tmp_path, "1")
    put_on_show(tmp_path, "2")
    inode = (tmp_path / "site" / "index").stat().st_ino
    put_on_show(tmp_path, "2")
    assert (tmp_path / "site" / "index").stat().st_ino == inode
    assert (tmp_path / "previous" / "index").read_text() == "1"


def test_swapping_back(tmp_path: Path) -> None:
    """The version before can be put on show again, and then the later one is the version before."""
    put_on_show(tmp_path, "1")
    put_on_show(tmp_path, "2")
    output.swap(tmp_path, tmp_path / "versions" / (tmp_path / "previous").readlink().name)
    assert (tmp_path / "site" / "index").read_text() == "1"
    assert (tmp_path / "previous" / "index").read_text() == "2"


def test_a_version_that_somebody_changed_is_not_taken_for_the_same(tmp_path: Path) -> None:
    """The rebuilt site is put on show whole, beside the harmed one, which stays until it is two versions old."""
    home = put_on_show(tmp_path, "1")
    (home / "index").write_text("harmed")
    again = put_on_show(tmp_path, "1")
    assert again.name == f"{home.name}-2"
    assert (tmp_path / "site" / "index").read_text() == "1"
    assert output.damage(tmp_path / "site") == ()


@pytest.mark.parametrize("link", ["site", "previous"])
def test_a_real_folder_in_the_place_of_a_link_is_left_alone(tmp_path: Path, link: str) -> None:
    """Somebody's folder is not replaced; the remedy is said."""
    output.write(tmp_path / link, files(mine="mine"))
    with pytest.raises(BuildError, match=rf"Move it away, for example to {link}\.old"):
        output.swap(tmp_path, make_version(tmp_path / "staging" / "site", "1"))
    assert tree(tmp_path / link) == {"mine": b"mine"}


def test_a_link_that_leads_nowhere_is_replaced(tmp_path: Path) -> None:
    """Whoever removed the versions by hand gets a site again, and no version before."""
    put_on_show(tmp_path, "1")
    shutil.rmtree(tmp_path / "versions")
    put_on_show(tmp_path, "2")
    assert (tmp_path / "site" / "index").read_text() == "2"
    assert not (tmp_path / "previous").is_symlink()


def test_staging_is_a_new_folder_each_time(tmp_path: Path) -> None:
    """What an earlier build left is gone, a link in its place is not followed, and no name comes twice in a build."""
    output.write(tmp_path / "outside", files(mine="mine"))
    (tmp_path / "staging").symlink_to("outside")
    first = output.start_staging(tmp_path)
    output.write(first, files(a="1"))
    second = output.start_staging(tmp_path)
    assert list(second.iterdir()) == []
    assert [entry.name for entry in (tmp_path / "staging").iterdir()] == [second.name]
    assert tree(tmp_path / "outside") == {"mine": b"mine"}


# -- killed in the middle ---------------------------------------------------------------------------------------------

# Every step on the disk is an event that Python announces; at the one asked for, the process kills itself.
SWAP_AND_DIE = """
import os, signal, sys
from pathlib import Path
from build_tools import output
from build_tools.output import OutputFile
out, text, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
count = 0
def at_event(event, arguments):
    global count
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink"):
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(at_event)
with output.Lock(out):
    folder = output.start_staging(out) / "site"
    output.write(folder, [OutputFile("index", text.encode()), OutputFile("chu_de/a", b"a")])
    output.seal(folder)
    output.swap(out, folder)
print(count)
"""


def test_killed_at_any_step_the_site_is_whole(tmp_path: Path) -> None:
    """At every step on the disk in turn: the site is the old version or the new, and the next build needs no help."""
    with python(SWAP_AND_DIE, str(tmp_path / "count"), "1", "0") as whole:
        steps = int(whole.communicate()[0])
    assert steps > 10
    out = tmp_path / "out"
    put_on_show(out, "0")
    for step in range(1, 4 * steps):  # What killed builds left behind takes steps to clear.
        before = (out / "site" / "index").read_text()
        with python(SWAP_AND_DIE, str(out), str(step), str(step)) as killed:
            killed.communicate()
        assert output.damage(out / "site") == (), step
        assert (out / "site" / "index").read_text() in (before, str(step))
        if killed.returncode == 0:
            break
        assert killed.returncode == -9
    else:
        pytest.fail("no build came through")
    assert step >= steps
    with Lock(out):
        put_on_show(out, "last")
    assert (out / "site" / "index").read_text() == "last"
    assert output.damage(out / "previous") == ()
    assert sorted(entry.name for entry in out.iterdir()) == ["build.lock", "previous", "site", "versions"]
    assert len(list((out / "versions").iterdir())) == 2
