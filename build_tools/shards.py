"""A site for each place, and one of all places: which packages a place has, and the national site made of records.

docs/decisions/0020-a-site-for-each-place.md says why it is made this way.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from build_tools.build import UNWANTED_HERE, language_config, theme_folder
from build_tools.clock import Clock
from build_tools.descriptors import find_descriptor, read_document
from build_tools.errors import BuildError
from build_tools.faults import suggestion
from build_tools.folders import read_bytes
from build_tools.fresh import inputs
from build_tools.national import RECORD, National, read_national
from build_tools.output import Lock, OutputFile, disk_faults
from build_tools.packages import read_package
from build_tools.publish import LanguageSource, publish
from build_tools.render.lookup import read_ways
from build_tools.render.national import NationalView, national_catalogue, national_lookup
from build_tools.render.pages import render_pages
from build_tools.settings import Settings, Shard
from build_tools.vocabulary import Place, read_vocabulary
from build_tools.words import read_words
from build_tools.workers import Workers

FOLDER = "shards"  # below the out folder: one for each place, laid out like the out folder itself
ALL = "all"
VOCABULARY, ACROSS = "vocabulary", "across"
_NAMES_A_FIGURE = re.compile(rb"([a-z0-9]+(?:-[a-z0-9]+)*)#[a-z]")


@dataclass(frozen=True)
class Sharded:
    """The places whose sites are asked for, and the packages that are in the site of no place."""

    shards: tuple[Shard, ...]
    left_out: tuple[str, ...]


def sharded(packages: Path, asked: Sequence[str]) -> Sharded:
    """Return the places that are asked for with their packages; BuildError for one that has none, or is none.

    A package is in the site of its place and in that of each place around it, the country's aside, which holds its own
    packages alone: else it would be the site of everything. Places of which one lies inside the other would both hold
    the inner one's reports, and are not built together.
    """
    places = _places(packages)
    of = _places_of_packages(packages, places)
    known = {place for named in of.values() for place in _around(named, places)}
    chosen = sorted({_outermost(named, places) for named in of.values()} if ALL in asked else set(asked))
    for name in chosen:
        if name not in known:
            raise _unknown(name, places, sorted(known))
    for name in chosen:
        if inside := sorted(set(_around(name, places)[1:]) & set(chosen)):
            raise BuildError(
                f"--shard {name}",
                f"nằm trong / lies inside: {', '.join(inside)}",
                "Dựng một trong hai / Build one of the two.",
            )
    across = _reports_across(packages)
    shards = []
    for name in chosen:
        held = {package for package, named in of.items() if name in _around(named, places)}
        beside = {VOCABULARY} | ({ACROSS} if across and across <= held else set())
        place = places[name]
        shards.append(Shard(name, place.short_vi, place.short_en, tuple(sorted(held | beside))))
    there = (entry.name for entry in packages.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    held_across = any(ACROSS in shard.packages for shard in shards)
    left_out = set(there) - of.keys() - {VOCABULARY} - ({ACROSS} if held_across or ALL not in asked else set())
    return Sharded(tuple(shards), tuple(sorted(left_out)))


def _places(packages: Path) -> Mapping[str, Place]:
    package, _ = read_package(packages / VOCABULARY)
    places = read_vocabulary(package)[0].places if package is not None else {}
    if not places:
        raise BuildError(
            str(packages / VOCABULARY),
            "không đọc được các nơi / the places cannot be read",
            f"minhbach validate {packages / VOCABULARY}",
        )
    return places


def _places_of_packages(packages: Path, places: Mapping[str, Place]) -> dict[str, str]:
    """Return the place of each package that names one: a report's own, else `place` of the descriptor."""
    found = {}
    for folder in sorted(packages.iterdir()):
        if not folder.is_dir() or folder.name.startswith(".") or folder.name in (VOCABULARY, ACROSS):
            continue
        descriptor, _ = read_document(folder.name, folder, find_descriptor(folder))
        if isinstance(descriptor, Mapping):
            report = descriptor.get("report")
            place = (report if isinstance(report, Mapping) else descriptor).get("place")
            if isinstance(place, str) and place in places:
                found[folder.name] = place
    return found


def _around(name: str, places: Mapping[str, Place]) -> list[str]:
    """Return a place and the places it lies in, from the inside out; the country alone is in itself."""
    found = [name]
    while (parent := places[found[-1]].parent) in places and parent not in found and places[parent].level != "country":
        found.append(parent)
    return found


def _outermost(name: str, places: Mapping[str, Place]) -> str:
    return _around(name, places)[-1]


def _unknown(name: str, places: Mapping[str, Place], known: Sequence[str]) -> BuildError:
    near = suggestion(name, known)
    if name in places:
        said, also = f"{places[name].name_vi} chưa có gói nào", "has no package"
    else:
        said, also = "không có nơi này trong places.csv", "there is no such place in places.csv"
    return BuildError(
        f"--shard {name}",
        f"{said}{near['suggestion_vi']} / {also}{near['suggestion_en']}",
        f"Chọn / Choose: {', '.join([ALL, *known[:20]])}{' …' if len(known) > 20 else ''}.",
    )


def _reports_across(packages: Path) -> frozenset[str]:
    """Return the reports that the `across` package names figures of; nothing where there is no such package."""
    folder = packages / ACROSS
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    found = {name.decode() for path in files for name in _NAMES_A_FIGURE.findall(read_bytes(folder, path.name) or b"")}
    return frozenset(found)


def shard_settings(settings: Settings, shard: Shard) -> Settings:
    """Return the settings of a place's site: a folder and an address of its own, and its packages alone."""
    out = settings.out / FOLDER / shard.place
    return replace(settings, out=out, site_url=f"{settings.absolute_url}{shard.place}/", shard=shard)


# ---- the site of all places ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BuiltNational:
    """What a build of the national site made."""

    site: Path
    pages: int
    national: National
    seconds: Mapping[str, float]


def national_inputs(settings: Settings) -> str:
    """Return a name for all that the national site is made from, as `inputs` does: records in place of packages."""
    found = hashlib.sha256(inputs(replace(settings, packages=settings.out / FOLDER / ".none", reports=None)).encode())
    for path in sorted((settings.out / FOLDER).glob(f"*/site/{RECORD}")):
        found.update(f"{path.parent.parent.name}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def build_national(settings: Settings, step: Callable[[str], None] = lambda _: None) -> BuiltNational:
    """Build the site of all places whose records stand below the out folder; BuildError where one is not sound.

    No package is read, and no page is made for a figure, a report or an indicator: those are in the places' sites.
    """
    clock = Clock(step)
    clock.begin("plan")
    national = read_national(settings.out / FOLDER, settings.languages)
    with Lock(settings.out) as lock, Workers(settings.workers) as workers, disk_faults(settings.out):
        clock.begin("pages")
        views = {
            language: NationalView(national, read_words(language, settings.sources, settings.languages[0]), settings)
            for language in settings.languages
        }
        made = workers.fork(partial(_made, settings), list(views.values()))
        clock.begin("catalogue")
        files = national_catalogue(views[settings.languages[0]], [view.words for view in views.values()])
        for _, more in made:
            files += more
        clock.end()
        published = publish(
            settings.out,
            [source for source, _ in made],
            files,
            config=settings.project / "mkdocs.yml",
            build_date=settings.data_date,
            site_url=settings.site_url,
            overrides=theme_folder(settings),
            unwanted=UNWANTED_HERE,
            beside=[place.place for place in national.places],
            step=step,
            lock=lock,
            workers=workers,
            engine=settings.engine,
        )
    return BuiltNational(published.site, published.pages, national, {**clock.seconds, **published.seconds})


def _made(settings: Settings, view: NationalView) -> tuple[LanguageSource, list[OutputFile]]:
    """Return the pages of a language as MkDocs takes them, and the files that its lookup page reads."""
    words = view.words
    rendered = render_pages(view, settings.sources)
    config = language_config(settings, view.site, words)
    sections = (("home", ""), ("reports", "bao-cao/"), ("lookup", "tra-cuu/"), ("data", "du-lieu/"))
    config["nav"] = [{words.text(f"section.{name}"): f"{address}index.md"} for name, address in sections]
    extra = config["extra"]
    if isinstance(extra, dict):
        extra["feeds"] = []  # what changes is said by each place
    ways = read_ways(settings.sources.all("texts/also_written.toml"), words.language)
    source = LanguageSource(words.language, words.prefix, rendered.pages, rendered.fragments, config)
    return source, national_lookup(view, rendered.heads, ways)
