"""Measure the build by stage: time and CPU time of each, medians of several runs, the peak of memory.

Built are the project's own packages, others, or as many made ones as asked for. Where other programs run beside,
the CPU time is what can be compared. Pictures, which are kept from one build to the next, are left out of the sums.
With --serve, the preview is measured instead: from a save to the page sent anew.
"""

import argparse
import os
import platform
import queue
import resource
import shutil
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from build_tools import workloads
from build_tools.build import build_site
from build_tools.preview import Preview, State
from build_tools.serve import serving
from build_tools.settings import Settings, find_project, read_settings, with_folders

LIBRARIES = ("mkdocs", "mkdocs-material", "altair", "vl-convert-python", "frictionless", "pandas", "pagefind-bin")


APART = ("pictures", "social")


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
    """Return the seconds, without those of pictures, of a build that finds what the one before it kept."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(settings, out=Path(folder))
        for _ in range(2):
            built = build_site(settings)
    return sum(elapsed for stage, elapsed in built.seconds.items() if stage not in APART)


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
    parser.add_argument("--again", action="store_true", help="also measure a build that finds what another kept")
    parser.add_argument("--workers", type=int, help="how many processes; default: one for each core")
    parser.add_argument("--serve", action="store_true", help="measure the preview instead: from a save to the page")
    options = parser.parse_args(arguments)
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
        with peak() as most:
            seconds, busy = measure(settings, options.runs)
        kept = again(settings) if options.again else None
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.runs} runs, medians")
    print(", ".join(f"{name} {version(name)}" for name in LIBRARIES))
    _print_stages(seconds, busy)
    if kept is not None:
        print(f"{'built again':<24}{kept:>10.3f}")
    print(f"peak memory of all processes {most[0] >> 20} MB")


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
