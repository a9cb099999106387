"""Measure the build of the project by stage: time and CPU time of each, medians of several runs, the peak of memory.

Where other programs run beside, the CPU time is what can be compared. Pictures, which are kept from one build to the
next, are left out of the sums. With --serve, measure the preview instead: from a save to the page sent anew.
"""

import argparse
import platform
import queue
import resource
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from build_tools.build import build_site
from build_tools.preview import Preview, State
from build_tools.serve import serving
from build_tools.settings import Settings, find_project, read_settings, with_folders

LIBRARIES = ("mkdocs", "mkdocs-material", "altair", "vl-convert-python", "frictionless", "pandas", "pagefind-bin")


APART = ("pictures", "social")


def measure(runs: int, packages: Path | None = None) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return the seconds, and those of CPU, of every stage in each run, each a whole build into an empty folder."""
    settings = read_settings(find_project(Path.cwd()))
    seconds: dict[str, list[float]] = {}
    busy: dict[str, list[float]] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            both = _one_build(with_folders(settings, packages, Path(folder)))
            for found, of_run in zip((seconds, busy), both, strict=True):
                for stage, time in of_run.items():
                    found.setdefault(stage, []).append(time)
    return seconds, busy


def _one_build(settings: Settings) -> tuple[Mapping[str, float], Mapping[str, float]]:
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
    """Return the seconds of CPU that this process and those it started have taken."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


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
    parser.add_argument("--packages", type=Path, help="folder of packages; default: the project's own")
    parser.add_argument("--serve", action="store_true", help="measure the preview instead: from a save to the page")
    options = parser.parse_args(arguments)
    if options.serve:
        _print_reactions(options.runs, options.packages)
        return
    seconds, busy = measure(options.runs, options.packages)
    medians = {stage: (statistics.median(times), statistics.median(busy[stage])) for stage, times in seconds.items()}
    counted = [pair for stage, pair in medians.items() if stage not in APART]
    time, spent = sum(pair[0] for pair in counted), sum(pair[1] for pair in counted)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.runs} runs, medians")
    print(", ".join(f"{name} {version(name)}" for name in LIBRARIES))
    print(f"{'stage':<24}{'seconds':>10}{'of CPU':>10}{'share':>8}")
    for stage, (elapsed, used) in medians.items():
        share = "" if stage in APART else f"{used / spent:.0%}"
        print(f"{stage:<24}{elapsed:>10.3f}{used:>10.3f}{share:>8}")
    print(f"{'all without pictures':<24}{time:>10.3f}{spent:>10.3f}{1:>8.0%}")
    print(f"peak memory {peak} MB")


if __name__ == "__main__":
    main()
