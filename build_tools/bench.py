"""Measure the build by stage: time and CPU time of each, medians of several runs, the peak of memory.

Built are the project's own packages, others, or as many made ones as asked for. Where other programs run beside,
the CPU time is what can be compared. Pictures, which are kept from one build to the next, are left out of the sums.
With --peers, other programs are measured in the same run. With --serve, the preview is measured instead: from a save to
the page sent anew; with --validate, the reading of sound packages beside what frictionless takes for them.
"""

import argparse
import csv
import os
import platform
import queue
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from build_tools import columns, gathering, peers, workloads
from build_tools.build import build_site
from build_tools.output import OutputFile
from build_tools.packages import read_package, second_opinion
from build_tools.peers import PEERS, Cost, Peer
from build_tools.preview import Preview, State
from build_tools.render.pictures import Drawing
from build_tools.serve import serving
from build_tools.settings import Settings, find_project, read_settings, with_folders

LIBRARIES = ("mkdocs", "mkdocs-material", "altair", "vl-convert-python", "frictionless", "pandas", "pagefind-bin")


APART = ("pictures", "social")
PAGE_STAGES = ("pages", "write", "mkdocs", "fragments")


def measure(settings: Settings, runs: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return the seconds, and those of CPU, of every stage in each run, each a whole build into an empty folder."""
    seconds: dict[str, list[float]] = {}
    busy: dict[str, list[float]] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            both = one_build(replace(settings, out=Path(folder)))
            for found, of_run in zip((seconds, busy), both, strict=True):
                for stage, time_of_stage in of_run.items():
                    found.setdefault(stage, []).append(time_of_stage)
    return seconds, busy


def one_build(settings: Settings) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the seconds of every stage of one build, and those of CPU."""
    begun: list[tuple[str, float]] = []
    built = build_site(settings, lambda name: begun.append((name, cpu())))
    begun.append(("", cpu()))
    if built.site is None:
        sys.exit("The packages have faults that stop a build: run `minhbach validate` first.")
    busy = dict.fromkeys(built.seconds, 0.0)
    for (stage, since), (_, until) in pairwise(begun):
        busy[stage] += until - since
    return built.seconds, busy


def cpu() -> float:
    """Return the seconds of CPU that this process and those it started have taken, the ended and the running ones."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ticks = os.sysconf("SC_CLK_TCK")
    running = sum(sum(map(int, _stat(number)[11:15])) / ticks for number in _below(os.getpid()))  # and what they ended
    return sum(one.ru_utime + one.ru_stime for one in used) + running


def memory() -> int:
    """Return the bytes that this process and all below it hold now; what copies share counts once."""
    held = 0
    for number in (os.getpid(), *_below(os.getpid())):
        try:
            lines = Path(f"/proc/{number}/smaps_rollup").read_text("utf-8").splitlines()
            held += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
        except OSError:
            continue  # it ended
    return held


def _below(parent: int) -> Iterator[int]:
    """Yield the processes that a process started, and those that these started."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text("utf-8").split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from _below(child)


def _stat(number: int) -> list[str]:
    try:
        return Path(f"/proc/{number}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return ["0"] * 22


@contextmanager
def peak() -> Iterator[list[int]]:
    """Watch the memory of all processes while the block runs; the list then holds the most that was seen, in bytes."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            most[0] = max(most[0], memory())

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield most
    finally:
        done.set()
        watching.join()


def again(settings: Settings) -> float:
    """Return the seconds, without those of pictures, of a build after a cell of one package was changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(settings.packages, folder / "datapackages")
        settings = replace(settings, packages=folder / "datapackages", out=folder / "out")
        build_site(settings)
        _change_a_cell(settings.packages)
        built = build_site(settings)
    if built.site is None:
        sys.exit("The changed cell is a fault: another one has to be changed.")
    return sum(elapsed for stage, elapsed in built.seconds.items() if stage not in APART)


def _change_a_cell(packages: Path) -> None:
    """Change a note of the first report, or a number of the first made table."""
    path, column = min((one, "note") for one in (*packages.glob("*/figures.csv"), packages / "~"))
    if not path.exists():
        path, column = min(packages.glob("*/dan-so.csv")), "dan_so"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index(column)] = "12345"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@contextmanager
def without_pictures(wanted: bool) -> Iterator[None]:
    """Let a build put an empty file in the place of each picture, if wanted: of many charts they take the longest."""

    def empty(drawings: Iterable[Drawing], *_: object) -> list[OutputFile]:
        return [OutputFile(drawing.path, b"") for drawing in drawings]

    with patch("build_tools.build.pictures", empty) if wanted else nullcontext():
        yield


def reactions(runs: int, packages: Path | None = None) -> tuple[int, dict[str, list[float]]]:
    """Return how many packages there are, and the seconds from a save to the page sent anew, by what was saved.

    Sources are touched in a copy, with the texts where they are at hand; the page is that of the first report.
    """
    project = read_settings(find_project(Path.cwd()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, source in (
            ("datapackages", packages or project.packages),
            ("site_src", project.project / "site_src"),
        ):
            shutil.copytree(source, folder / part)
        shutil.copy(project.project / "mkdocs.yml", folder)
        settings = replace(with_folders(read_settings(folder), reports=project.reports), social_images=False)
        first = min(path.parent for path in settings.packages.glob("*/figures.csv"))
        saved = {
            "table": first / "figures.csv",
            "template": folder / "site_src" / "templates" / "report.md",
            "theme": folder / "site_src" / "theme" / "main.html",
            "page": folder / "site_src" / "pages" / "vi" / "phuong-phap" / "index.md",
            "texts": folder / "site_src" / "texts" / "vi.toml",
            "settings": folder / "mkdocs.yml",
        }
        found: dict[str, list[float]] = {what: [] for what in saved}
        states: queue.Queue[State] = queue.Queue()
        preview = Preview(lambda: settings, folder / "preview")
        with serving(preview, settings.out / "site", 0, lambda state, *_: states.put(state)) as server:
            address = f"{server.address}bao-cao/{first.name}/"
            _sent(address)
            states.get()
            for what, path in (*saved.items(),) * runs:
                begun = time.perf_counter()
                path.write_bytes(path.read_bytes())
                if not states.get(timeout=600).is_good:
                    sys.exit("The packages have faults that stop a build: run `minhbach validate` first.")
                _sent(address)
                found[what].append(time.perf_counter() - begun)
        return sum(path.is_dir() for path in settings.packages.iterdir()), found


def readings(rows: int, packages: int, ours: Path) -> Iterator[tuple[str, float, float, float, int]]:
    """Yield what was read, and the seconds of CPU of reading it as it is read, by rows alone and by frictionless.

    Last comes the most memory, in bytes, that a process took which did nothing but read it. Read are a table of so many
    rows, with the bounds lifted by which a package of that size is refused; so many made packages; and our own, which
    are shown to frictionless when they are read, so that its share is in both.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workloads.long_table(folder / "long", rows)
        workloads.tables(folder / "tables", packages)
        own = [path.parent for path in sorted(ours.glob("*/datapackage.json"))]
        for what, found in (
            (f"a table of {rows:,} rows", [folder / "long"]),
            (f"{packages:,} packages of two tables", sorted((folder / "tables").iterdir())),
            (f"{len(own)} packages of our own", own),
        ):
            with _without_bounds():
                read_package(found[0])  # what is imported counts for none
                second_opinion("", found[0])
                by_columns = _busy(read_package, found)
                with _by_rows_alone():
                    by_rows = _busy(read_package, found)
                theirs = _busy(lambda one: second_opinion("", one), found)
            yield what, by_columns, by_rows, theirs, _most_of(found)


def _busy(read: Callable[[Path], object], folders: Sequence[Path]) -> float:
    before = time.process_time()
    for folder in folders:
        read(folder)
    return time.process_time() - before


@contextmanager
def _without_bounds() -> Iterator[None]:
    before = gathering.MOST_MEMORY, gathering.MOST_SECONDS
    gathering.MOST_MEMORY, gathering.MOST_SECONDS = 10**12, 10**6
    try:
        yield
    finally:
        gathering.MOST_MEMORY, gathering.MOST_SECONDS = before


@contextmanager
def _by_rows_alone() -> Iterator[None]:
    before = columns.read_columns
    columns.read_columns = lambda *_: None
    try:
        yield
    finally:
        columns.read_columns = before


# What a process has held at most; `getrusage` would count what the one that started it held.
_ALONE = """
import re, sys
from pathlib import Path
from build_tools import gathering
from build_tools.packages import read_package
gathering.MOST_MEMORY, gathering.MOST_SECONDS = 10**12, 10**6
for folder in sys.argv[1:]:
    read_package(Path(folder))
print(int(re.search("VmHWM: *([0-9]+)", Path("/proc/self/status").read_text().replace("\t", " "))[1]) * 1024)
"""


def _most_of(folders: Sequence[Path]) -> int:
    command = [sys.executable, "-c", _ALONE, *map(str, folders)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _print_readings(rows: int, packages: int) -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}, seconds of CPU")
    print(", ".join(f"{name} {version(name)}" for name in ("frictionless", "pyarrow")))
    print(f"{'read':<34}{'ours':>9}{'by rows':>9}{'frictionless':>14}{'times':>8}{'MB':>6}")
    for what, by_columns, by_rows, theirs, most in readings(
        rows, packages, read_settings(find_project(Path.cwd())).packages
    ):
        times = f"{theirs / by_columns:.1f}"
        print(f"{what:<34}{by_columns:>9.2f}{by_rows:>9.2f}{theirs:>14.2f}{times:>8}{most >> 20:>6}", flush=True)


def _sent(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=600) as answer:  # noqa: S310  (our own, on this machine)
        content: bytes = answer.read()
    return content


def _print_reactions(runs: int, packages: Path | None) -> None:
    count, found = reactions(runs, packages)
    print(f"Python {platform.python_version()}, {platform.machine()}, {count} packages, {runs} runs, medians")
    print(f"{'saved':<24}{'seconds':>10}{'longest':>10}")
    for what, seconds in found.items():
        print(f"{what:<24}{statistics.median(seconds):>10.3f}{max(seconds):>10.3f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table of stages: their median seconds, their seconds of CPU and the share of the whole."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the build of the project by stage.")
    parser.add_argument("--runs", type=int, default=3, help="how many whole builds to measure")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--packages", type=Path, help="folder of packages; default: the project's own")
    what.add_argument("--tables", type=int, help="as many made packages, each of two tables of 200 rows")
    what.add_argument("--reports", type=int, help="as many made report packages, each of 150 figures, with their texts")
    parser.add_argument("--languages", default="", help="of the site, parted by commas; default: the project's")
    parser.add_argument("--again", action="store_true", help="also measure a build after one cell was changed")
    parser.add_argument("--without-pictures", action="store_true", help="make no PNG of charts")
    parser.add_argument("--peers", default="", help=f"other programs: {','.join(peer.key for peer in PEERS)}")
    parser.add_argument("--workers", type=int, help="how many processes; default: one for each core")
    parser.add_argument("--serve", action="store_true", help="measure the preview instead: from a save to the page")
    what.add_argument("--validate", action="store_true", help="measure the reading of sound packages instead")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the long table of --validate")
    options = parser.parse_args(arguments)
    if options.validate:
        _print_readings(options.rows, 100)
        return
    if options.serve:
        _print_reactions(options.runs, options.packages)
        return
    settings = read_settings(find_project(Path.cwd()))
    settings = replace(settings, workers=options.workers or settings.workers)
    if options.languages:
        settings = replace(settings, languages=tuple(options.languages.split(",")))
    with tempfile.TemporaryDirectory() as folder:
        packages, texts = Path(folder) / "datapackages", Path(folder) / "texts"
        if options.tables:
            workloads.tables(packages, options.tables)
            settings = replace(with_folders(settings, packages), reports=None)
        elif options.reports:
            workloads.reports(packages, texts, options.reports)
            settings = with_folders(settings, packages, reports=texts)
        else:
            settings = with_folders(settings, options.packages)
        with without_pictures(options.without_pictures):
            with peak() as most:
                seconds, busy = measure(settings, options.runs)
            kept = again(settings) if options.again else None
        beside = {peer: _beside(settings.packages, peer) for peer in PEERS if peer.key in options.peers.split(",")}
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.runs} runs, medians")
    print(", ".join(f"{name} {version(name)}" for name in LIBRARIES))
    _print_stages(seconds, busy)
    if kept is not None:
        print(f"{'one cell changed':<24}{kept:>10.3f}")
    print(f"peak memory of all processes {most[0] >> 20} MB")
    _print_peers(beside, {stage: statistics.median(times) for stage, times in seconds.items()})


def _beside(packages: Path, peer: Peer) -> Cost | str:
    """Return what a peer takes for the packages, or why it was not measured."""
    return peer.available() or peers.measure(packages, peer)


def _print_peers(found: Mapping[Peer, Cost | str], ours: Mapping[str, float]) -> None:
    """Print what other programs took, and how many times as long that is as the same of ours."""
    pages = sum(ours[stage] for stage in PAGE_STAGES)
    whole = sum(elapsed for stage, elapsed in ours.items() if stage not in APART)
    for peer, cost in found.items():
        if isinstance(cost, str):
            print(f"{peer.name}: {cost}")
            continue
        print(f"{peer.name} ({peer.told}): {cost.seconds:.1f} s, {cost.busy:.1f} s of CPU, {cost.memory >> 20} MB")
        print(f"  our stages of pages {pages:.1f} s, {pages / cost.seconds:.3f} of it; all {whole / cost.seconds:.3f}")


def _print_stages(seconds: Mapping[str, Sequence[float]], busy: Mapping[str, Sequence[float]]) -> None:
    medians = {stage: (statistics.median(times), statistics.median(busy[stage])) for stage, times in seconds.items()}
    counted = [pair for stage, pair in medians.items() if stage not in APART]
    elapsed_in_all, spent = sum(pair[0] for pair in counted), sum(pair[1] for pair in counted)
    print(f"{'stage':<24}{'seconds':>10}{'of CPU':>10}{'share':>8}")
    for stage, (elapsed, used) in medians.items():
        share = "" if stage in APART else f"{used / spent:.0%}"
        print(f"{stage:<24}{elapsed:>10.3f}{used:>10.3f}{share:>8}")
    print(f"{'all without pictures':<24}{elapsed_in_all:>10.3f}{spent:>10.3f}{1:>8.0%}")


if __name__ == "__main__":
    main()
