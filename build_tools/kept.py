"""Plan again what an earlier version of a package showed, from the zip that was published then."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from build_tools.archives import unpacked
from build_tools.checks import check
from build_tools.history import OldVersion
from build_tools.site_model import Site


def kept_sites(versions: Iterable[OldVersion]) -> Iterator[tuple[OldVersion, Site]]:
    """Yield each earlier version with the plan of a site that holds it alone: its words and figures as they were then.

    A version that today's rules no longer read has no plan. Raises BuildError for a zip that is none of ours.
    """
    for old in versions:
        with TemporaryDirectory(prefix="minhbach-") as folder:
            path = Path(folder) / f"{old.package}.zip"
            path.write_bytes(old.content)
            with unpacked([path]) as inside:
                checked = check(Path(folder), None, inside)
            if checked.reports:
                yield old, checked.plan()
