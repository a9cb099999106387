"""A folder as destination: complete versions side by side, and a link to the one on show, as where a site is built.

/srv/www/
  versions/<hash>/     complete sites
  site -> versions/<hash>       what the server hands out
  previous -> versions/<hash>   the one before
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from build_tools import output
from build_tools.destinations.sending import Changes, File, Held, Site, listed
from build_tools.errors import BuildError
from build_tools.output import CHECKSUMS, MANIFEST, SIGNATURE

_OURS = ("site", "previous", "versions", "staging")


@dataclass(frozen=True)
class FolderDestination:
    """A folder whose `site` is a link to one complete version."""

    folder: Path

    @property
    def name(self) -> str:
        """The path of the link."""
        return str(self.folder / "site")

    def held(self, site: Site) -> Held:
        """Return what the version on show holds. Raises BuildError for a folder that holds other things."""
        if site.folder.is_relative_to(self.folder.resolve()):
            raise BuildError(
                str(self.folder),
                "là nơi trang được dựng / is where the site was built",
                "Chọn thư mục khác / Choose another folder.",
            )
        if self.folder.exists() and not self.folder.is_dir():
            raise BuildError(
                str(self.folder), "không phải thư mục / is no folder", "Chọn thư mục khác / Choose another."
            )
        output.refuse_real_site(self.folder)
        there = [name for name in _OURS if (self.folder / name).exists()]
        if there and not (self.folder / "build.lock").is_file():
            raise BuildError(
                str(self.folder / there[0]),
                "không do lần công bố nào đặt / was put there by no publish",
                "Chọn thư mục khác / Choose another folder.",
            )
        shown = self.folder / "site"
        try:
            files = dict(listed((shown / MANIFEST).read_bytes()))
        except (OSError, ValueError):
            return Held()
        if (shown / SIGNATURE).is_file():
            files[SIGNATURE] = File(SIGNATURE, *output.size_and_hash(shown / SIGNATURE))
        damaged = {fault.partition(": ")[0] for fault in output.damage(shown)}
        return Held({path: file for path, file in files.items() if path not in damaged})

    def put(self, site: Site, changes: Changes, held: Held) -> None:
        """Copy the site beside the one on show, seal the copy, and turn the link in one step."""
        del changes, held
        with output.Lock(self.folder):
            staging = output.start_staging(self.folder)
            try:
                with output.disk_faults(self.folder):
                    self._copy(site, staging)
                output.seal(staging)
                if (staging / MANIFEST).read_bytes() != (site.folder / MANIFEST).read_bytes():
                    raise BuildError(
                        str(site.folder),
                        "đã đổi trong lúc chép / changed while it was copied",
                        "Công bố lại / Publish again.",
                    )
                home = output.swap(self.folder, staging)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            with output.disk_faults(self.folder):
                _sign(site, home)

    def _copy(self, site: Site, staging: Path) -> None:
        for path in sorted(site.files.keys() - {MANIFEST, CHECKSUMS, SIGNATURE}):
            target = staging / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(site.folder / path, target)


def _sign(site: Site, home: Path) -> None:
    """Give a version the signature that the site has; it is in no listing, so a version may get it later."""
    if SIGNATURE not in site.files:
        (home / SIGNATURE).unlink(missing_ok=True)
        return
    fresh = home.parent / f".{home.name}.{SIGNATURE}"
    shutil.copyfile(site.folder / SIGNATURE, fresh)
    fresh.replace(home / SIGNATURE)
