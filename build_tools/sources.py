"""Where the site's sources stand: of every file the project's own, else the one that comes with minhbach."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# What comes with minhbach: in the installed package, else beside it in a checkout.
_PACKAGE = Path(__file__).resolve().parent
OURS = next(folder for folder in (_PACKAGE / "site_src", _PACKAGE.parent / "site_src") if folder.is_dir())


@dataclass(frozen=True)
class Sources:
    """The folders that hold templates, texts, theme, pages and assets: a project's own before ours."""

    folders: tuple[Path, ...] = (OURS,)

    @property
    def own(self) -> Path | None:
        """The project's own folder; None where all is ours, as in the checkout of minhbach itself."""
        return self.folders[0] if len(self.folders) > 1 else None

    def all(self, path: str) -> tuple[Path, ...]:
        """Return what stands at a path, the project's own before ours; nothing where neither has it."""
        return tuple(folder / path for folder in self.folders if (folder / path).exists())

    def files(self, path: str) -> Mapping[str, Path]:
        """Return every file below a folder by its path in there: one of the project's stands in for ours, or is more.

        A file whose name begins with a dot is an editor's, and no source.
        """
        found: dict[str, Path] = {}
        for root in reversed(self.all(path)):
            for file in root.rglob("*"):
                if file.is_file() and not file.name.startswith("."):
                    found[file.relative_to(root).as_posix()] = file
        return dict(sorted(found.items()))

    def added(self, path: str) -> tuple[str, ...]:
        """Return the files that a project has below a folder and we have not, by their paths in there."""
        ours = Sources(self.folders[-1:]).files(path)
        return tuple(name for name in self.files(path) if name not in ours)


def sources_of(project: Path) -> Sources:
    """Return where the sources of a project's site stand."""
    own = project / "site_src"
    if own.is_dir() and own.resolve() != OURS:
        return Sources((own, OURS))
    return Sources()
