"""Measure the build of the project by stage: time of each, medians of several runs, and the peak of memory."""

import argparse
import platform
import resource
import statistics
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from build_tools.build import build_site
from build_tools.settings import find_project, read_settings, with_folders

LIBRARIES = ("mkdocs", "mkdocs-material", "altair", "vl-convert-python", "frictionless", "pandas", "pagefind-bin")


def measure(runs: int, packages: Path | None = None) -> dict[str, list[float]]:
    """Return the seconds of every stage in each run, each run a whole build into an empty folder."""
    settings = read_settings(find_project(Path.cwd()))
    seconds: dict[str, list[float]] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            built = build_site(with_folders(settings, packages, Path(folder)))
        if built.site is None:
            sys.exit("The packages have faults that stop a build: run `minhbach validate` first.")
        for stage, time in built.seconds.items():
            seconds.setdefault(stage, []).append(time)
    return seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table of stages, their median seconds and their share of the whole."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how many whole builds to measure")
    parser.add_argument("--packages", type=Path, help="folder of packages; default: the project's own")
    options = parser.parse_args(arguments)
    seconds = measure(options.runs, options.packages)
    medians = {stage: statistics.median(times) for stage, times in seconds.items()}
    whole = sum(medians.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.runs} runs, medians")
    print(", ".join(f"{name} {version(name)}" for name in LIBRARIES))
    print(f"{'stage':<24}{'seconds':>10}{'share':>8}")
    for stage, time in medians.items():
        print(f"{stage:<24}{time:>10.3f}{time / whole:>8.0%}")
    print(f"{'all':<24}{whole:>10.3f}{1:>8.0%}")
    print(f"peak memory {peak} MB")


if __name__ == "__main__":
    main()
