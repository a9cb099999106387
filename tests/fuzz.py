"""Look for bytes on which a reader breaks, led by what they make it run: `python -m tests.fuzz READER [SECONDS]`.

Without a reader each is tried in turn. What breaks one is printed, and kept in a scratch folder: make a test of it.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

SECONDS = 60
SEEDS = Path(gettempdir()) / "minhbach-fuzz"


def descriptor(content: bytes) -> None:
    """Read bytes as the descriptor of a package, JSON or YAML."""
    from build_tools.packages import read_package

    name = "datapackage.yaml" if content[:1] == b"y" else "datapackage.json"
    _package(read_package, {name: content.removeprefix(b"y")})


def table(content: bytes) -> None:
    """Read bytes as a table of a package."""
    from build_tools.packages import read_package
    from tests.corpus import DESCRIPTOR, PROVINCES, as_json

    _package(
        read_package,
        {"datapackage.json": as_json(DESCRIPTOR), "provinces.csv": PROVINCES.encode(), "counts.csv": content},
    )


def _package(read: Callable[[Path], object], files: dict[str, bytes]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "mau"
        folder.mkdir()
        for file, content in files.items():
            (folder / file).write_bytes(content)
        read(folder)


def formula(content: bytes) -> None:
    """Read bytes as a formula of a claim."""
    from build_tools.audit.formulas import FormulaError, parse

    try:
        parse(content.decode("utf-8", "replace"))
    except FormulaError:
        return


def number(content: bytes) -> None:
    """Read bytes as a printed number, as a cell, and as a cell of every type."""
    from build_tools.cells import FORMATS, Field, UnreadableError, read_value
    from build_tools.numbers import CellError, NumeralError, parse, read_cell

    text = content.decode("utf-8", "replace")
    with suppress(NumeralError):
        parse(text)
    with suppress(CellError):
        read_cell(text)
    for kind, forms in FORMATS.items():
        for form in forms:
            try:
                read_value(Field("a", kind, format=form), text)
            except UnreadableError:
                continue


def report(content: bytes) -> None:
    """Read bytes as the text of a report, plain or Word."""
    from build_tools.documents import read_document
    from build_tools.errors import BuildError

    with TemporaryDirectory() as name:
        path = Path(name) / ("a.docx" if content[:2] == b"PK" else "a.txt")
        path.write_bytes(content)
        try:
            read_document(path)
        except BuildError:
            return


READERS: dict[str, Callable[[bytes], None]] = {
    "descriptor": descriptor,
    "table": table,
    "formula": formula,
    "number": number,
    "report": report,
}


def seeds(reader: str) -> list[bytes]:
    """Return what a reader is begun with: bytes that lead far into it."""
    import io
    import zipfile

    from tests.corpus import COUNTS, DESCRIPTOR, as_json

    word = io.BytesIO()
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            "<w:document xmlns:w='a'><w:body><w:p><w:r><w:t>1.250</w:t></w:r></w:p></w:body></w:document>",
        )
    found: dict[str, list[bytes]] = {
        "descriptor": [as_json(DESCRIPTOR), b"y" + as_json(DESCRIPTOR), b"yname: &a mau\nresources:\n- *a\n"],
        "table": [COUNTS.encode(), COUNTS.replace("Một", '"Một\n"').encode()],
        "formula": [b"jobs_women + jobs_men", b"all(a = b, c < [d=17000]) ", b"count(a) / (b.low - 2.5) * 100"],
        "number": [b"17.034", b"2,27", b"15- 20", "thứ hai mươi mốt".encode(), b"2023-12-31T10:00:00Z"],
        "report": ["Năm 2023 có 1.250 người.\n".encode(), word.getvalue()],
    }
    return found[reader]


def _fuzz(reader: str, seconds: int) -> None:
    """Try one reader in this process; ends it."""
    import atheris

    with atheris.instrument_imports(include=["build_tools"], enable_loader_override=False):
        for begun in seeds(reader):
            READERS[reader](begun)
    folder = SEEDS / reader
    folder.mkdir(parents=True, exist_ok=True)
    for index, begun in enumerate(seeds(reader)):
        (folder / f"seed-{index}").write_bytes(begun)
    options = [
        f"-max_total_time={seconds}",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-max_len=4096",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/broken-", str(folder)], READERS[reader])
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Try the readers named, or all, each in a process of its own; return how many broke."""
    names = [name for name in arguments if name in READERS]
    seconds = next((int(text) for text in arguments if text.isdigit()), SECONDS)
    if "--here" in arguments:
        _fuzz(names[0], seconds)
    broken = 0
    for name in names or READERS:
        print(f"{name}: {seconds} s", flush=True)
        command = [sys.executable, "-m", "tests.fuzz", name, str(seconds), "--here"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
            broken += 1
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
