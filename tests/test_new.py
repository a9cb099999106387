"""A project of one's own, from the files that are installed: made, built, tested, changed without touching minhbach."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import unicodedata
import venv
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from build_tools import __version__
from build_tools.build import build_site
from build_tools.cli import main
from build_tools.errors import BuildError
from build_tools.new import STARTER, make_project
from build_tools.settings import find_project, read_settings
from build_tools.sources import OURS, Sources, sources_of
from build_tools.words import read_words
from tests.conftest import PROJECT, Visit
from tests.makers import edit_text

TODAY = date(2026, 1, 31)
WHEEL = f"minhbach-{__version__}-py3-none-any.whl"
# Of the machine: nothing of a checkout, of a reader's settings or of another project.
OUTSIDE = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
STYLESHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


def run(*command: str | Path, cwd: Path, path: str = os.defpath, code: int = 0, **more: str) -> str:
    """Run a command outside of this project and return what it says; fail when it ends otherwise."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**OUTSIDE, "PATH": path, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory, project_files: tuple[Path, ...]) -> Path:
    """The wheel and the source distribution of this project, built from its own files alone, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    for file in project_files:
        (folder / "project" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "project" / file).write_bytes((PROJECT / file).read_bytes())
    build_wheel(folder / "project", folder)
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=folder / "project")
    return folder


def build_wheel(source: Path, folder: Path) -> None:
    """Build the wheel of a folder or a source distribution with the libraries that are locked."""
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    run(*pip, "--wheel-dir", folder, source, cwd=folder)


@pytest.fixture(scope="module")
def clean(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that holds minhbach from its wheel and sees the locked libraries."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps")
    run(*pip, dist / WHEEL, cwd=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    home = run(python, "-c", "import build_tools; print(build_tools.__file__)", cwd=folder).strip()
    assert Path(home).is_relative_to(folder), home
    return folder / "bin"


# --- What is installed ---


def test_the_wheel_carries_what_a_site_is_made_of(dist: Path) -> None:
    """The wheel holds every file of site_src and of the starter, byte for byte, and neither tests nor packages."""
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist()}
    wanted = {f"build_tools/site_src/{name}": path for name, path in Sources((OURS,)).files(".").items()}
    wanted |= {path.relative_to(PROJECT).as_posix(): path for path in STARTER.rglob("*") if path.is_file()}
    assert len(wanted) > 80
    assert {name: held.get(name) for name in wanted} == {name: path.read_bytes() for name, path in wanted.items()}
    assert {name.split("/")[0] for name in held} == {"build_tools", f"minhbach-{__version__}.dist-info"}


def test_the_source_distribution_makes_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    """A wheel built from the source distribution is the wheel built from the checkout, byte for byte."""
    archive = dist / f"minhbach-{__version__}.tar.gz"
    build_wheel(archive, tmp_path)
    assert (tmp_path / WHEEL).read_bytes() == (dist / WHEEL).read_bytes()
    with tarfile.open(archive) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {"tests/conftest.py", "mkdocs.yml", "LICENSE", "requirements-dev.txt"} <= names


def test_from_the_wheel_to_a_site(
    clean: Path, tmp_path: Path, visit: Callable[..., Visit], serve: Callable[[Path], str]
) -> None:
    """Installed from the wheel, `minhbach new` makes a project that tests and builds itself, and whose site opens."""
    said = run(clean / "minhbach", "new", "demo", "--lang", "en", "--name", "Figures of Mau", cwd=tmp_path)
    project = tmp_path / "demo"
    assert "cd demo" in said and "make test" in said
    assert (project / "wheels" / WHEEL).is_file(), "pip noted where the wheel was, so the project has it"
    said = run("make", "test", cwd=project, path=f"{clean}:{os.defpath}")
    assert "18 vị trí được so lại với văn bản" in said, "the example's text is at hand"
    page = visit().open(serve(project / "build" / "test" / "site") + "/index.html")
    assert page.title().startswith("Figures of Mau")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator(".languages a[lang=vi]").click()
    page.wait_for_url("**/vi/")
    assert page.locator("html").get_attribute("lang") == "vi"


def test_a_fault_stops_the_test_of_the_project(clean: Path, tmp_path: Path) -> None:
    """`make test` of a project fails where a figure is not what the text prints, or the version is another."""
    project = make_project(tmp_path / "demo", "Mẫu", "vi", TODAY).folder
    path = f"{clean}:{os.defpath}"
    figures = project / "datapackages" / "vi-du-xa-mau-2025" / "figures.csv"
    edit_text(figures, ",1250,", ",1251,")
    said = run("make", "test", cwd=project, path=path, code=2)
    assert "[value-not-as-printed] minhbach explain value-not-as-printed" in said, "no page of a checkout is named"
    edit_text(project / "Makefile", f"VERSION = {__version__}\n", "VERSION = 99.0\n")
    assert "99.0" in run("make", "test", cwd=project, path=path, code=2)


def test_a_project_never_takes_minhbach_by_its_name(tmp_path: Path) -> None:
    """Without the wheel, set-up stops and says where the wheel belongs; no list to install from names minhbach."""
    project = make_project(tmp_path / "demo", "Mẫu", "vi", TODAY).folder
    said = run("make", "site", "MINHBACH=.venv/bin/minhbach", cwd=project, code=2)
    assert f"wheels/{WHEEL}" in said
    assert not (project / ".venv").exists()
    wanted = [Requirement(line) for line in requirements(project)]
    assert "minhbach" not in {wanted.name for wanted in wanted}
    installing = [line for line in (project / "Makefile").read_text("utf-8").splitlines() if "pip install" in line]
    assert [line for line in installing if "WHEEL" in line and "--no-index --no-deps" not in line] == []
    assert len([line for line in installing if "WHEEL" in line]) == 1


def requirements(project: Path) -> list[str]:
    """Return the lines of a project's requirements.txt that are no words."""
    lines = (project / "requirements.txt").read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_a_project_holds_its_libraries_to_one_version(tmp_path: Path) -> None:
    """Every library that minhbach asks for, and what those ask for, is pinned to the version that is installed."""
    project = make_project(tmp_path / "demo", "Mẫu", "vi", TODAY).folder
    pinned = {canonicalize_name(one.name): str(one.specifier) for one in map(Requirement, requirements(project))}
    assert all(version.startswith("==") for version in pinned.values())
    asked = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert {canonicalize_name(Requirement(line).name) for line in asked} <= pinned.keys()
    assert {"click", "numpy", "pymdown-extensions"} <= pinned.keys(), "what those ask for"
    assert "pytest" not in pinned, "what is for the tests of minhbach is not"


# --- What `new` refuses ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((".",), "not empty"),
        (("kept.txt",), "not empty"),
        (("kept.txt/demo",), "cannot be written"),
        (("demo", "--name", "a {b}"), "cannot be a site's name"),
        (("demo", "--name", 'a "b"'), "cannot be a site's name"),
        (("demo", "--wheel", "kept.txt"), "is no wheel of minhbach"),
        (("demo", "--lang", "fr"), "vi, en"),
    ],
)
def test_what_cannot_be_made_is_wrong_use(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A folder that holds something, a name that is none, a file that is no wheel: exit 2, and nothing is written."""
    (tmp_path / "kept.txt").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["new", *arguments])
    assert ended.value.code == 2
    assert said in " ".join(re.sub("[│╭╮╰╯─]", " ", capsys.readouterr().err).split())
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_new_says_what_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json the files are listed as they stand; --wheel is copied into the project."""
    (tmp_path / WHEEL).write_bytes(b"PK")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["new", "demo", "--json", "--wheel", WHEEL])
    assert ended.value.code == 0
    made = json.loads(capsys.readouterr().out)
    there = sorted(path.relative_to("demo").as_posix() for path in Path("demo").rglob("*") if path.is_file())
    assert made == {"folder": "demo", "files": there, "wheel": f"wheels/{WHEEL}"}
    assert ".gitignore" in there and not [name for name in there if "dot_" in name]
    assert not [name for name in there if "@NAME@" in Path("demo", name).read_text("utf-8")]


def test_the_settings_of_a_new_project_are_ours(tmp_path: Path) -> None:
    """A project starts with the settings of this site, but for its name, its address, its languages and its day."""
    project = make_project(tmp_path / "demo", unicodedata.normalize("NFD", "Mẫu"), "vi", TODAY).folder
    ours, made = (yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8")) for folder in (PROJECT, project))
    own = {"site_name", "site_url", "repo_url", "extra"}
    assert {key: made[key] for key in made if key not in own} == {key: ours[key] for key in ours if key not in own}
    assert made["extra"].keys() == ours["extra"].keys()
    assert (made["extra"]["data_date"], made["site_name"]) == (TODAY, "Mẫu")


# --- What a project changes ---


def test_a_project_holds_only_what_it_changes(tmp_path: Path) -> None:
    """Words, colours, a block of a template, a part of the frame, a page and a third language, each in a file alone."""
    project = make_project(tmp_path / "demo", "Mẫu & Co", "en", TODAY).folder
    own = project / "site_src"
    for name, text in {
        "texts/fr.toml": '[site]\nlanguage = "Français"\nlanguage_code = "FR"\n[section]\ntopics = "Thèmes"\n',
        "texts/also_written.toml": '[[same]]\nvi = ["xã Mẫu", "xm"]\n',
        "assets/css/own.css": ":root { --actual: #7a1f5c; }\n",
        "assets/css/embed.css": "body { color: #123456; }\n",
        "templates/home.md": '{% extends "minhbach/home.md" %}\n'
        "{% block calls %}\nOf our own.\n\n{{ super() }}\n{% endblock %}\n",
        "theme/partials/footer.html": '{% include "minhbach/partials/footer.html" %}<p class="own">Below.</p>\n',
        "pages/en/extra/index.md": "---\ntitle: Extra\n---\n\n# Extra\n",
        "pages/vi/extra/index.md": "---\ntitle: Thêm\n---\n\n# Thêm\n",
    }.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text, encoding="utf-8")
    edit_text(project / "mkdocs.yml", "languages: [en, vi]", "languages: [en, vi, fr]")
    settings = replace(read_settings(project), social_images=False)
    built = build_site(settings)
    assert built.site is not None, built.checked.faults
    home, french = ((built.site / name / "index.html").read_text("utf-8") for name in ("", "fr"))
    assert "Of our own." in home and 'id="home-check"' in home, "the block and the original of it"
    assert home.count('<p class="own">Below.</p>') == 1 and home.count("<footer") == 1
    assert "Thèmes" in french and "1\u202f250" in french, "its own words, and numbers as its locale writes them"
    assert "The site of Mẫu &amp; Co. The report here is an invented example." in home and "The site of" not in french
    assert "<h1>Thêm</h1>" in re.sub(" id=[^>]*", "", (built.site / "vi/extra/index.html").read_text("utf-8"))
    for name in ("extra", "phuong-phap"):
        assert (built.site / "fr" / name / "index.html").is_file(), "a page there is none of stands in English"
    (style,) = STYLESHEET.findall(home)
    assert "--actual: #7a1f5c" in (built.site / style).read_text("utf-8").replace("--actual:#", "--actual: #")
    assert "#123456" in (built.site / "assets/css/embed.css").read_text("utf-8")
    (picture, *_) = sorted((built.site / "bieu-do").glob("*.svg"))
    assert "Source: Mẫu &amp; Co, chart" in re.sub(r"</?tspan[^>]*>", "", picture.read_text("utf-8"))
    cited = (built.site / "du-lieu" / "vi-du-xa-mau-2025.bib").read_text("utf-8")
    assert r"author = {{Mẫu \& Co}}" in cited and "minhbach" not in cited.replace("minhbach.example", "")


def test_a_project_needs_no_sources(tmp_path: Path) -> None:
    """A folder of settings and packages is a project; all it does not hold is ours."""
    project = make_project(tmp_path / "demo", "Mẫu", "vi", TODAY).folder
    for path in sorted((project / "site_src").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (project / "site_src").rmdir()
    assert find_project(project / "datapackages") == project
    assert read_settings(project).sources == Sources((OURS,))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mkdocs.yml").touch()
    with pytest.raises(BuildError, match="minhbach new"):
        find_project(tmp_path / "other")


def test_our_own_sources_are_read_where_they_are() -> None:
    """In the checkout there is one folder of sources, the project's, so that nothing is looked for twice."""
    assert sources_of(PROJECT) == Sources((PROJECT / "site_src",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[frame]\nanounce = "x"\n', "frame.anounce.*announce"),
        ('[frame.announce]\na = "x"\n', "frame.announce"),
        ('frame = "x"\n', "frame"),
        ('title = "x"\n', "title"),
        ('[home]\nall_findings = "{count} of them"\n', r"home.all_findings.*\{count\}"),
        ("[frame\n", "cannot be read"),
    ],
)
def test_words_that_nothing_would_show_are_refused(text: str, said: str, tmp_path: Path) -> None:
    """A key or a place in braces that our texts do not have names the file, the key and what is near."""
    path = tmp_path / "texts" / "vi.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BuildError) as refused:
        read_words("vi", Sources((tmp_path, OURS)))
    assert str(path) in refused.value.place
    assert re.search(said, str(refused.value), re.DOTALL)


def test_words_of_a_project_stand_in_for_ours(tmp_path: Path) -> None:
    """A project's text replaces ours of the same key, a table that is new is its own, all others stay."""
    path = tmp_path / "texts" / "en.toml"
    path.parent.mkdir()
    path.write_text('[section]\ntopics = "Fields"\n[own]\nnote = "of mine"\n', encoding="utf-8")
    words, ours = read_words("en", Sources((tmp_path, OURS)), root="en"), read_words("en")
    assert (words.text("section.topics"), words.text("own.note")) == ("Fields", "of mine")
    assert words.text("section.reports") == ours.text("section.reports")
    assert (words.prefix, ours.prefix) == ("", "en")
    assert ours.text("section.topics") != "Fields"
