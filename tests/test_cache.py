"""What is kept from one build to the next: never another result, whatever became of the files."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from build_tools import cache as module
from build_tools.build import build_site
from build_tools.cache import BYTES, Cache, pack_files, unpack_files
from build_tools.fresh import inputs, remember, warnings_if_fresh
from build_tools.output import OutputFile
from build_tools.settings import Settings
from build_tools.workers import ALONE
from tests.makers import PROJECT as OURS
from tests.makers import Project, copy_example, edit_cell

made: list[int] = []


def told(n: int) -> bytes:
    """Return a number in words, and remember that it was asked for."""
    made.append(n)
    return f"number {n}".encode() * 10


def kept(folder: Path) -> list[Path]:
    """Return the files of a cache."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def forget() -> None:
    """Begin with nothing made."""
    made.clear()


def test_what_was_made_is_taken_as_it_was_kept(tmp_path: Path) -> None:
    """The second time nothing is made; what is not asked for any more goes away; twice the same is made once."""
    first = Cache(tmp_path).map("numbers", ALONE, told, [1, 2, 2], BYTES)
    assert made == [1, 2] and first == [told(1), told(2), told(2)]
    made.clear()
    assert Cache(tmp_path).map("numbers", ALONE, told, [2, 3], BYTES) == [told(2), told(3)]
    assert made[:1] == [3] and len(kept(tmp_path)) == 2


def test_each_kind_is_kept_apart(tmp_path: Path) -> None:
    """One kind of result does not sweep away another."""
    for kind in ("a", "b", "a"):
        Cache(tmp_path).map(kind, ALONE, told, [1], BYTES)
    assert made == [1, 1]


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:-1], lambda _: b"", lambda content: content[:40] + b"X" + content[41:]],
    ids=["cut short", "empty", "one byte"],
)
def test_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    """Half a file, an empty one, one flipped byte: made anew, and kept whole again."""
    Cache(tmp_path).map("numbers", ALONE, told, [1], BYTES)
    (path,) = kept(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    made.clear()
    assert Cache(tmp_path).map("numbers", ALONE, told, [1], BYTES) == [b"number 1" * 10]
    assert made == [1] and path.read_bytes() == whole


def test_other_code_makes_everything_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name stands for the code and the libraries as well; a basis of its own for what the caller says."""
    Cache(tmp_path).map("numbers", ALONE, told, [1], BYTES)
    Cache(tmp_path).map("others", ALONE, told, [1], BYTES, basis="1")
    monkeypatch.setattr(module, "code", lambda: "another")
    Cache(tmp_path).map("numbers", ALONE, told, [1], BYTES)
    Cache(tmp_path).map("others", ALONE, told, [1], BYTES, basis="1")
    Cache(tmp_path).map("others", ALONE, told, [1], BYTES, basis="2")
    assert made == [1] * 4


def test_without_a_folder_nothing_is_kept() -> None:
    """Without a cache everything is made each time."""
    for _ in range(2):
        Cache().map("numbers", ALONE, told, [1], BYTES)
    assert made == [1, 1]


def test_packed_files_are_read_back() -> None:
    """Files of any content come back as they were; a run that was cut is refused."""
    files = [OutputFile("a/ế.csv", b""), OutputFile("b", bytes(range(256)))]
    packed = pack_files(files)
    assert unpack_files(packed) == files and unpack_files(b"") == []
    whole = {0, len(packed) - len(pack_files(files[1:]))}  # where a file ends, and what follows was cut off whole
    for end in set(range(len(packed))) - whole:
        with pytest.raises(ValueError, match="cut short"):
            unpack_files(packed[:end])


# --- A whole site ---


def built(settings: Settings) -> bytes:
    """Build, and return the checksums of every file of the site."""
    assert build_site(settings).site is not None
    return (settings.out / "site" / "SHA256SUMS").read_bytes()


def edits(project: Project, source: Path, chance: random.Random) -> None:
    """Make one of the changes a maintainer makes: a note, a name, a value with its text, a word of the site."""
    word = f"đổi {chance.randrange(10**6)}"
    figure = chance.choice(["jobs_created", "jobs_women", "poverty_rate", "households"])
    table, key, column = chance.choice(
        [
            (project.report / "figures.csv", figure, "note"),
            (project.report / "figures.csv", figure, "note_en"),
            (project.packages / "vocabulary" / "indicators.csv", "ty-le-ho-ngheo", "name_vi"),
            (project.packages / "vocabulary" / "indicators.csv", "giai-quyet-viec-lam", "definition_en"),
            (project.packages / "vocabulary" / "topics.csv", "viec-lam", "name_en"),
            (source / "templates" / "home.md", "", ""),
            (source / "assets" / "css" / "base.css", "", ""),
        ]
    )
    if key:
        edit_cell(table, key, column, word)
    else:
        table.write_text(table.read_text("utf-8") + f"\n{'/* ' + word + ' */' if table.suffix == '.css' else word}\n")


@pytest.mark.parametrize("n", [2, pytest.param(200, marks=pytest.mark.long)])
def test_a_site_built_again_is_the_one_built_anew(tmp_path: Path, n: int) -> None:
    """After each of many edits the build that takes what it kept gives the bytes of one that keeps nothing."""
    project, chance = copy_example(tmp_path / "project"), random.Random(n)  # noqa: S311  (which edits, the same every time)
    _copy_source(project.folder)
    settings = replace(project.settings(), project=project.folder, workers=2)
    built(settings)
    for _ in range(n):
        edits(project, project.folder / "site_src", chance)
        again = built(settings)
        assert again == built(replace(settings, out=project.folder / "anew", cached=False, workers=1))


def _copy_source(folder: Path) -> None:
    shutil.copytree(OURS / "site_src", folder / "site_src")
    shutil.copy(OURS / "mkdocs.yml", folder)


# --- Nothing has changed ---


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Settings]:
    """A site that was built from a copy of the example, and is remembered."""
    project = copy_example(tmp_path_factory.mktemp("standing"))
    _copy_source(project.folder)
    settings = replace(project.settings(), project=project.folder)
    name = inputs(settings)
    built(settings)
    remember(settings, name, 3)
    return project, settings


def test_a_site_whose_inputs_stand_is_fresh(standing: tuple[Project, Settings]) -> None:
    """Nothing changed: the site is fresh, however many workers there are, and the warnings are remembered."""
    settings = replace(standing[1], workers=7)
    assert warnings_if_fresh(settings, inputs(settings)) == 3


@pytest.mark.parametrize(
    "path",
    [
        *("datapackages/mau-2023-viec-lam/figures.csv", "datapackages/vocabulary/units.csv", "mkdocs.yml"),
        *("texts/mau-2023-viec-lam.txt", "site_src/templates/home.md", "site_src/texts/vi.toml"),
        *("site_src/assets/css/base.css", "out/site/index.html", "out/site/manifest.json", "datapackages/new/a.csv"),
    ],
)
def test_a_change_is_noticed(standing: tuple[Project, Settings], path: str) -> None:
    """A byte more in any file that a site is made from, or in the site, and it is fresh no more."""
    project, settings = standing
    file = project.folder / path
    before = file.read_bytes() if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_bytes((before or b"") + b"\n")
    try:
        assert warnings_if_fresh(settings, inputs(settings)) is None
    finally:
        if before is None:
            file.unlink()
            file.parent.rmdir()
        else:
            file.write_bytes(before)
    assert warnings_if_fresh(settings, inputs(settings)) == 3


def test_settings_and_code_are_noticed(standing: tuple[Project, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another name of the site, other languages, no texts at hand, other code: another site."""
    _, settings = standing
    name = inputs(settings)
    others = [
        replace(settings, site_name="Khác"),
        replace(settings, languages=("vi",)),
        replace(settings, reports=None),
    ]
    assert len({name, *(inputs(other) for other in others)}) == 4
    monkeypatch.setattr("build_tools.fresh.code", lambda: "another")
    assert inputs(settings) != name


def test_a_link_is_never_fresh(standing: tuple[Project, Settings]) -> None:
    """What a symbolic link leads to may change unseen, so with one among the inputs every build is made."""
    project, settings = standing
    link = project.packages / "link.csv"
    link.symlink_to("/dev/null")
    try:
        assert inputs(settings) == "" and warnings_if_fresh(settings, inputs(settings)) is None
    finally:
        link.unlink()
