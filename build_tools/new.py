"""A project of one's own: the files that `minhbach new` writes, from which `minhbach build` makes a site at once."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from build_tools import __version__
from build_tools.errors import BuildError
from build_tools.output import OutputFile
from build_tools.packages import DESCRIPTOR
from build_tools.schemas import resource

STARTER = Path(__file__).parent / "starter"
LANGUAGES = ("vi", "en")

_NAME = re.compile(r"""[^\x00-\x1f"\\{}\[\]<>@]{1,80}""")  # it stands in YAML, TOML, JSON and Markdown
_MARK = re.compile(r"@([A-Z]+)@")


@dataclass(frozen=True)
class Made:
    """A project that was made."""

    folder: Path
    files: tuple[str, ...]
    wheel: str  # the path in the project of minhbach itself; empty when its file is not known here


def make_project(folder: Path, name: str, language: str, today: date, wheel: Path | None = None) -> Made:
    """Write a project into a folder that is not there or empty; its site is called `name`, `language` at the root.

    `wheel` is the file that minhbach is installed from, by default the one it was installed from here, where that is
    still there. Raises BuildError for a folder that holds something or cannot be written, for a name that cannot be
    one, and for a file that is not the wheel of this version.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BuildError(
            str(folder), "đã có, không trống / is there and not empty", "Chọn thư mục khác / Choose another folder."
        )
    if not _NAME.fullmatch(name) or not name.strip():
        raise BuildError(
            name, "không làm tên trang được / cannot be a site's name", 'Bỏ / leave out: " \\ { } [ ] < > @ (≤ 80)'
        )
    marks = {
        "NAME": unicodedata.normalize("NFC", name.strip()),
        "LANGUAGE": language,
        "LANGUAGES": ", ".join(sorted(LANGUAGES, key=lambda other: other != language)),
        "TODAY": today.isoformat(),
        "VERSION": __version__,
    }
    files = [*_starter(marks), OutputFile("requirements.txt", _requirements().encode())]
    found = _wheel(wheel)
    if found is not None:
        files.append(OutputFile(f"wheels/{found.name}", found.read_bytes()))
    try:
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
    except OSError as error:
        raise BuildError(
            str(folder), f"không ghi được / cannot be written: {error.strerror}", "Chọn thư mục khác / Choose another."
        ) from error
    names = tuple(sorted(file.path for file in files))
    return Made(folder, names, f"wheels/{found.name}" if found is not None else "")


def _starter(marks: dict[str, str]) -> Iterator[OutputFile]:
    """Yield the files of the starter with what is marked in them filled in; `dot_` begins a name with a dot."""
    for path in sorted(STARTER.rglob("*")):
        if not path.is_file():
            continue
        place = path.relative_to(STARTER)
        text = _MARK.sub(lambda mark: marks[mark[1]], path.read_text(encoding="utf-8"))
        if place.name == DESCRIPTOR:
            text = _described(text, path.parent)
        yield OutputFile("/".join(re.sub("^dot_", ".", part) for part in place.parts), text.encode())


def _described(text: str, folder: Path) -> str:
    """Return a descriptor whose tables, named alone, are declared as the standard tables with the columns they have."""
    descriptor = json.loads(text)
    tables = []
    for name in descriptor["resources"]:
        columns = (folder / f"{name}.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
        declared = resource(name)
        fields = [field for field in declared["schema"]["fields"] if field["name"] in columns]
        tables.append(declared | {"schema": declared["schema"] | {"fields": fields}})
    return json.dumps(descriptor | {"resources": tables}, ensure_ascii=False, indent=2) + "\n"


def _requirements() -> str:
    """Return every library that minhbach needs, and what those need, in the version that is installed here."""
    lines = [
        "# Thư viện mà minhbach cần, đúng bản đã có khi dự án được tạo; minhbach thì ở wheels/.",
        "# The libraries that minhbach needs, as they were when the project was made; minhbach itself is in wheels/.",
    ]
    return "\n".join([*lines, *(f"{name}=={version(name)}" for name in sorted(_needed("minhbach")))]) + "\n"


def _needed(name: str) -> set[str]:
    found: set[str] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    seen = set(waiting)
    while waiting:
        library, extras = waiting.pop()
        for line in requires(library) or ():
            wanted = Requirement(line)
            if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                continue
            needed = (canonicalize_name(wanted.name), frozenset(wanted.extras))
            found.add(needed[0])
            if needed not in seen:
                seen.add(needed)
                waiting.append(needed)
    return found


def _wheel(given: Path | None) -> Path | None:
    """Return the wheel of this version: the one given, else the one this installation came from, if it is there."""
    if given is None:
        given = _installed_from()
        return given if given is not None and _is_ours(given) else None
    if not _is_ours(given):
        raise BuildError(
            str(given),
            f"không phải tệp cài đặt của minhbach {__version__} / is no wheel of minhbach {__version__}",
            "Kiểm lại --wheel / Check --wheel.",
        )
    return given


def _is_ours(path: Path) -> bool:
    return path.name == f"minhbach-{__version__}-py3-none-any.whl" and path.is_file()


def _installed_from() -> Path | None:
    """Return the file that pip noted it installed minhbach from (`direct_url.json`, PEP 610)."""
    try:
        noted = distribution("minhbach").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    address = urlsplit(json.loads(noted)["url"]) if noted else None
    return Path(unquote(address.path)) if address and address.scheme == "file" else None
