"""The build as a recipe: check, plan, render, publish. The only module that knows every stage."""

import posixpath
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

from build_tools.cache import Cache, code
from build_tools.checks import Checked, check
from build_tools.clock import Clock
from build_tools.cluster import Cluster
from build_tools.faults import Fault, stops
from build_tools.formats import format_date
from build_tools.kept import kept_sites
from build_tools.output import Lock, OutputFile, disk_faults, refuse_real_site, start_staging, write
from build_tools.packages import Package, Reading, read_package
from build_tools.publish import UNWANTED, LanguageSource, publish
from build_tools.render.catalogue import Catalogue, blocks, catalogue, catalogue_files
from build_tools.render.charts import ChartImages, Drawn, draw_all, vega_bundle
from build_tools.render.citations import citation_files
from build_tools.render.downloads import chart_csv, downloads
from build_tools.render.feeds import feed_files
from build_tools.render.lookup import lookup_files, read_ways
from build_tools.render.national import handed_over
from build_tools.render.page_views import PageView
from build_tools.render.pages import Rendered, Waiting, joined, put, render_embeds, render_pages
from build_tools.render.phrases import Phrases
from build_tools.render.pictures import Drawing, pictures
from build_tools.render.social import social_drawings
from build_tools.render.whole import whole_site
from build_tools.settings import Settings
from build_tools.site_model import Chart, Site
from build_tools.sources import OURS, Sources
from build_tools.store import File, Store
from build_tools.words import Words, read_words
from build_tools.workers import Workers

PAGES_AT_ONCE = 100  # that one process holds in memory
UNWANTED_HERE = (*UNWANTED, "assets/javascripts/*")  # our theme loads none of Material's scripts


@dataclass(frozen=True)
class Built:
    """What a build did; no site when a fault of the data stopped it."""

    checked: Checked
    site: Path | None
    pages: int
    files: int
    seconds: Mapping[str, float]  # by stage, in the order of the stages
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of the planned pages, by template


def build_site(settings: Settings, step: Callable[[str], None] = lambda _: None) -> Built:
    """Check, plan, render and publish the site; with a fault that stops a publication nothing is touched.

    `step` is told the name of each stage as it begins. Raises BuildError for faults of the build itself.
    """
    clock = Clock(step)
    settings.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as after:
        lock = after.enter_context(Lock(settings.out))
        workers = after.enter_context(Workers(settings.workers, _cluster(settings)))
        named = [settings.packages / name for name in settings.shard.packages] if settings.shard else []
        reading = _reading(named or settings.packages.iterdir(), workers)
        checked = check(settings.packages, settings.reports, named, step=clock.begin, read_one=reading)
        if stops(checked.faults):
            clock.end()
            return Built(checked, None, 0, 0, clock.seconds)

        clock.begin("plan")
        site = checked.plan()
        refuse_real_site(settings.out)
        staging = start_staging(settings.out)
        after.callback(shutil.rmtree, staging, ignore_errors=True)
        with disk_faults(settings.out):
            sources, files = _made(site, settings, workers, clock, Store(staging / "waiting"))
            files = [*files, handed_over(site, settings)] if settings.shard else files
        clock.end()

        published = publish(
            settings.out,
            sources,
            files,
            config=settings.project / "mkdocs.yml",
            build_date=settings.data_date,
            site_url=settings.site_url,
            overrides=theme_folder(settings),
            unwanted=UNWANTED_HERE,
            beside=("..",) if settings.shard else (),
            step=step,
            lock=lock,
            staging=staging,
            workers=workers,
            engine=settings.engine,
        )
    seconds = {**clock.seconds, **published.seconds}
    addresses: dict[str, list[str]] = {}
    for page in site.pages:
        addresses.setdefault(page.template, []).append(page.address)
    of_templates = {template: tuple(found) for template, found in addresses.items()}
    return Built(checked, published.site, published.pages, published.files, seconds, of_templates)


def _reading(entries: Iterable[Path], workers: Workers) -> Reading:
    """Return what reads a package of several: when the first is asked for, the others are read by copies of this."""
    known: dict[Path, tuple[Package | None, tuple[Fault, ...]]] = {}

    def read(entry: Path) -> tuple[Package | None, tuple[Fault, ...]]:
        if not known:
            known[entry] = read_package(entry)  # here, so that the copies need not import what reads
            others = [other for other in sorted(entries) if other.is_dir() and other != entry and other.name[0] != "."]
            known.update(zip(others, workers.fork(read_package, others), strict=True))
        return known[entry] if entry in known else read_package(entry)

    return read


def _cluster(settings: Settings) -> Cluster | None:
    return Cluster(settings.scheduler, code) if settings.scheduler else None


def _made(
    site: Site, settings: Settings, workers: Workers, clock: Clock, store: Store
) -> tuple[list[LanguageSource], Iterable[File]]:
    """Return all that the site is made of: what MkDocs takes, by language, and the files that stand beside it."""
    sources = settings.sources
    cache = Cache(settings.out / "cache", anew=not settings.cached)
    texts = {language: _words(settings, language) for language in settings.languages}
    sites = {Drawn(language): site for language in texts}
    for old, kept in kept_sites(old for some in site.versions.values() for old in some):
        sites |= {Drawn(language, f"{old.package} {old.version}"): kept for language in texts}

    clock.begin("charts")
    charts = {of: _charts(settings, one, texts[of.language]) for of, one in sites.items()}
    bundle = workers.aside(partial(vega_bundle, workers, cache))
    drawn = draw_all(charts, workers, cache)
    vega = bundle()

    clock.begin("downloads")
    files = [*downloads(site, workers, cache, store), *whole_site(site, settings.absolute_url, workers, store)]
    files += [vega] if site.charts else []
    sizes = {file.path: file.size for file in files}

    clock.begin("catalogue")
    described = catalogue(site, settings, files)
    files += catalogue_files(described, {words.prefix: words for words in texts.values()}, workers, cache)

    workers.rest()  # the engines that draw have no part in what follows
    clock.begin("pages")
    views = {
        of: PageView(one, texts[of.language], settings, drawn[of], vega.path, {} if of.version else sizes)
        for of, one in sites.items()
    }
    rendered = _rendered(views, described, sources, workers, store)
    making: list[Callable[[], Iterable[OutputFile]]] = []
    for of, view in views.items():
        making.append(partial(render_embeds, view, sources, newest=site if of.version else None))
        if not of.version:
            ways = read_ways(sources.all("texts/also_written.toml"), of.language)
            making.append(partial(lookup_files, view, rendered[of.language].heads, ways))
            making += [partial(feed_files, view), partial(citation_files, view)]
    for made in workers.fork(lambda n: store.put(f"more-{n}", making[n]()), range(len(making))):
        files += made

    clock.begin("pictures")
    drawings = (
        Drawing(f"{_place(name, texts[of.language])}.png", image.standalone)
        for of, images in drawn.items()
        if not of.version
        for name, image in images.items()
    )
    files += pictures(drawings, "charts", workers, cache)
    if settings.social_images:
        clock.begin("social")
        cards = [card for of, view in views.items() if not of.version for card in view.social_cards(view.words.prefix)]
        files += pictures(social_drawings(cards), "social", workers, cache)
    workers.rest()
    return [
        LanguageSource(
            language, texts[language].prefix, one.pages, one.fragments, language_config(settings, site, texts[language])
        )
        for language, one in rendered.items()
    ], chain(
        files,
        *(_chart_files(charts[Drawn(language)], drawn[Drawn(language)], words) for language, words in texts.items()),
    )


def _rendered(
    views: Mapping[Drawn, PageView], described: Catalogue, sources: Sources, workers: Workers, store: Store
) -> dict[str, Rendered]:
    """Return the pages of every language, each language in as many parts as keep the workers busy."""
    current = {of.language: view for of, view in views.items() if not of.version}
    pages = max(len(view.site.pages) for view in current.values())
    parts = max(-(-workers.count // len(current)), -(-pages // PAGES_AT_ONCE))

    def render(asked: tuple[str, int]) -> Waiting:
        language, part = asked
        view = current[language]
        rendered = render_pages(view, sources, data[language], part, parts)
        return put(rendered, store, f"{language}-{part}")

    data = {language: blocks(described, view.words, view.words.prefix) for language, view in current.items()}
    asked = [(language, part) for language in current for part in range(parts)]
    done = dict(zip(asked, workers.fork(render, asked), strict=True))
    return {language: joined(done[language, part] for part in range(parts)) for language in current}


def _words(settings: Settings, language: str) -> Words:
    return read_words(language, settings.sources, settings.languages[0])


def theme_folder(settings: Settings) -> Path:
    """Return the folder of the theme's templates: ours, or where a project has its own, ours with them in it.

    MkDocs takes one folder. Ours stand once more below `minhbach`, so that one of the project's can hold what it
    stands in for.
    """
    files = settings.sources.files("theme")
    ours = Sources().files("theme")
    if files == ours:
        return OURS / "theme"
    files = {**files, **{f"minhbach/{name}": path for name, path in ours.items()}}
    write(settings.out / "theme", (OutputFile(name, path.read_bytes()) for name, path in files.items()))
    return settings.out / "theme"


def _charts(settings: Settings, site: Site, words: Words) -> list[Chart]:
    """Return every chart of a site in the words of a language."""
    phrases = Phrases(site, words)
    return [replace(phrases.chart(chart), publisher=settings.site_name) for chart in site.charts]


def _place(chart: str, words: Words) -> str:
    """Return where the files of a chart stand in a language, without the end that tells them apart."""
    return posixpath.join(words.prefix, "bieu-do", chart)


def _chart_files(charts: Sequence[Chart], drawn: Mapping[str, ChartImages], words: Words) -> Iterator[OutputFile]:
    """Yield the files of every chart in a language: what it shows, its picture, and what draws it on request."""
    for chart in sorted(charts, key=lambda chart: chart.chart):
        address, images = _place(chart.chart, words), drawn[chart.chart]
        yield OutputFile(f"{address}.csv", chart_csv(chart.marks))
        yield OutputFile(f"{address}.svg", images.standalone.encode())
        yield OutputFile(f"{address}.vl.json", images.specification.encode())


def _alternates(settings: Settings, here: str) -> list[dict[str, str]]:
    """Return the languages of the site as the theme's switch takes them, seen from one of them."""
    out = "../" if settings.prefix(here) else ""
    found = []
    for language in settings.languages:
        words = _words(settings, language)
        inside = f"{words.prefix}/" if words.prefix else ""
        found.append(
            {
                "lang": language,
                "code": words.text("site.language_code"),
                "name": words.text("site.language"),
                "link": "" if language == here else out + inside,
                "site_url": settings.site_url and settings.site_url.rstrip("/") + "/" + inside,
            }
        )
    return found


def _national(words: Words) -> dict[str, str]:
    """Return the link from the root of a place's site, in a language, to the site of all places."""
    return {"title": words.text("national.link"), "link": f"../../{words.prefix}/" if words.prefix else "../"}


def language_config(settings: Settings, site: Site, words: Words) -> dict[str, object]:
    """Return what the generated mkdocs.yml of a language says beyond the project's own."""
    sections = ("reports", "topics", "indicators", "places", "audit", "promises", "lookup", "data")
    addresses = {page.template: page.address for page in site.pages if page.part == 1}
    prefix = words.prefix
    there = [name for name in sections if name in addresses]
    styles = [f"assets/css/{name}" for name in settings.sources.added("assets/css") if name.endswith(".css")]
    own = [path for path in styles if path not in settings.styles]
    nav = [{words.text(f"section.{name}"): f"{addresses[name]}index.md"} for name in there]
    return {
        "theme": {"language": words.language, "variant": "classic"},  # Zensical has a second one
        "nav": [{words.text("section.home"): "index.md"}, *nav],
        "not_in_nav": "*",
        "site_description": words.text("site.tagline"),
        **({"extra_css": [*settings.styles, *own]} if own else {}),
        **({"site_name": f"{settings.site_name} · {settings.shard.name(words.language)}"} if settings.shard else {}),
        "extra": {
            **({"national": _national(words)} if settings.shard else {}),
            "data_date": settings.data_date.isoformat(),  # A date of YAML is more than Zensical reads.
            "images": f"{settings.absolute_url}{prefix}/" if prefix else settings.absolute_url,
            "alternate": _alternates(settings, words.language),
            "feeds": [
                {"type": kind, "href": name, "title": words.text("changes.feed_title")}
                for name, kind in (("feed.xml", "application/atom+xml"), ("feed.json", "application/feed+json"))
            ],
            "t": {key: words.text(f"frame.{key}") for key in words.texts["frame"]},
            "footer": {
                "text": words.fill(
                    "footer.version",
                    version=settings.data_version,
                    date=format_date(settings.data_date.isoformat(), words.language),
                ),
                "links": [
                    {"title": words.text("footer.method"), "href": "phuong-phap/"},
                    {"title": words.text("footer.changes"), "href": "thay-doi/"},
                    {"title": words.text("footer.mistake"), "href": "gioi-thieu/#bao-sai"},
                    {"title": words.text("footer.about"), "href": "gioi-thieu/"},
                    {"title": words.text("section.data"), "href": "du-lieu/"},
                ],
                "lines": [words.text("footer.licence" if site.reports else "footer.licences")],
            },
        },
    }
