"""The build as a recipe: check, plan, render, publish. The only module that knows every stage."""

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from build_tools.cache import Cache, code
from build_tools.checks import Checked, check
from build_tools.clock import Clock
from build_tools.cluster import Cluster
from build_tools.faults import stops
from build_tools.formats import format_date
from build_tools.kept import kept_sites
from build_tools.output import Lock, OutputFile, disk_faults
from build_tools.publish import UNWANTED, LanguageSource, publish
from build_tools.render.catalogue import Catalogue, blocks, catalogue, catalogue_files
from build_tools.render.charts import ChartImages, Drawn, draw_all, vega_bundle
from build_tools.render.citations import citation_files
from build_tools.render.downloads import chart_csv, downloads
from build_tools.render.feeds import feed_files
from build_tools.render.lookup import lookup_files
from build_tools.render.page_views import PageView
from build_tools.render.pages import Rendered, joined, render_embeds, render_pages
from build_tools.render.phrases import Phrases
from build_tools.render.pictures import Drawing, pictures
from build_tools.render.social import social_drawings
from build_tools.render.whole import whole_site
from build_tools.settings import Settings
from build_tools.site_model import PREFIXES, Chart, Site
from build_tools.words import Words, read_words
from build_tools.workers import Workers

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
    with Lock(settings.out) as lock, Workers(settings.workers, _cluster(settings)) as workers:
        checked = check(settings.packages, settings.reports, step=clock.begin)
        if stops(checked.faults):
            clock.end()
            return Built(checked, None, 0, 0, clock.seconds)

        clock.begin("plan")
        site = checked.plan()
        with disk_faults(settings.out):
            sources, files = _made(site, settings, workers, clock)
        clock.end()

        published = publish(
            settings.out,
            sources,
            files,
            config=settings.project / "mkdocs.yml",
            build_date=settings.data_date,
            site_url=settings.site_url,
            overrides=settings.project / "site_src" / "theme",
            unwanted=UNWANTED_HERE,
            step=step,
            lock=lock,
            workers=workers,
            engine=settings.engine,
        )
    seconds = {**clock.seconds, **published.seconds}
    addresses: dict[str, tuple[str, ...]] = {}
    for page in site.pages:
        addresses[page.template] = (*addresses.get(page.template, ()), page.address)
    return Built(checked, published.site, published.pages, len(files), seconds, addresses)


def _cluster(settings: Settings) -> Cluster | None:
    return Cluster(settings.scheduler, code) if settings.scheduler else None


def _made(
    site: Site, settings: Settings, workers: Workers, clock: Clock
) -> tuple[list[LanguageSource], list[OutputFile]]:
    """Return all that the site is made of: what MkDocs takes, by language, and the files that stand beside it."""
    folder = settings.project / "site_src"
    cache = Cache(settings.out / "cache" if settings.cached else None)
    texts = {language: read_words(language, folder / "texts") for language in settings.languages}
    sites = {Drawn(language): site for language in texts}
    for old, kept in kept_sites(old for some in site.versions.values() for old in some):
        sites |= {Drawn(language, f"{old.package} {old.version}"): kept for language in texts}

    clock.begin("charts")
    charts = {of: [Phrases(one, texts[of.language]).chart(chart) for chart in one.charts] for of, one in sites.items()}
    drawn = draw_all(charts, workers, cache)
    vega = vega_bundle(workers, cache)

    clock.begin("downloads")
    files = [*downloads(site, workers, cache), *whole_site(site, settings.absolute_url, workers)]
    files += [vega] if site.charts else []
    sizes = {file.path: len(file.content) for file in files}
    for language in texts:
        files += _chart_files(charts[Drawn(language)], drawn[Drawn(language)], language)

    clock.begin("catalogue")
    described = catalogue(site, settings, files)
    files += list(catalogue_files(described, {PREFIXES[language]: words for language, words in texts.items()}))

    clock.begin("pages")
    views = {
        of: PageView(one, texts[of.language], settings, drawn[of], vega.path, {} if of.version else sizes)
        for of, one in sites.items()
    }
    rendered = _rendered(views, described, folder, workers)
    making: list[Callable[[], Iterable[OutputFile]]] = []
    for of, view in views.items():
        making.append(partial(render_embeds, view, folder, newest=site if of.version else None))
        if not of.version:
            heads, prefix = rendered[of.language].heads, PREFIXES[of.language]
            making.append(partial(lookup_files, view, heads, prefix, folder / "texts"))
            making += [partial(feed_files, view), partial(citation_files, view)]
    for made in workers.fork(lambda make: list(make()), making):
        files += made

    clock.begin("pictures")
    drawings = [
        Drawing(f"{_place(name, of.language)}.png", image.standalone)
        for of, images in drawn.items()
        for name, image in images.items()
        if not of.version
    ]
    files += pictures(drawings, "charts", workers, cache)
    if settings.social_images:
        clock.begin("social")
        cards = [
            card for of, view in views.items() if not of.version for card in view.social_cards(PREFIXES[of.language])
        ]
        files += pictures(social_drawings(cards), "social", workers, cache)
    return [
        LanguageSource(
            language, PREFIXES[language], one.pages, one.fragments, language_config(settings, site, texts[language])
        )
        for language, one in rendered.items()
    ], files


def _rendered(
    views: Mapping[Drawn, PageView], described: Catalogue, folder: Path, workers: Workers
) -> dict[str, Rendered]:
    """Return the pages of every language, each language in as many parts as keep the workers busy."""
    current = {of.language: view for of, view in views.items() if not of.version}
    parts = -(-workers.count // len(current))

    def render(asked: tuple[str, int]) -> Rendered:
        language, part = asked
        view = current[language]
        data = blocks(described, view.words, PREFIXES[language])
        return render_pages(view, folder, data, part, parts)

    asked = [(language, part) for language in current for part in range(parts)]
    done = dict(zip(asked, workers.fork(render, asked), strict=True))
    return {language: joined(done[language, part] for part in range(parts)) for language in current}


def _place(chart: str, language: str) -> str:
    """Return where the files of a chart stand in a language, without the end that tells them apart."""
    return posixpath.join(PREFIXES[language], "bieu-do", chart)


def _chart_files(charts: Sequence[Chart], drawn: Mapping[str, ChartImages], language: str) -> list[OutputFile]:
    """Return the files of every chart in a language: what it shows, its picture, and what draws it on request."""
    files = []
    for chart in sorted(charts, key=lambda chart: chart.chart):
        address = _place(chart.chart, language)
        files.append(OutputFile(f"{address}.csv", chart_csv(chart.marks)))
        files.append(OutputFile(f"{address}.svg", drawn[chart.chart].standalone.encode()))
        files.append(OutputFile(f"{address}.vl.json", drawn[chart.chart].specification.encode()))
    return files


def _alternates(settings: Settings, here: str) -> list[dict[str, str]]:
    """Return the languages of the site as the theme's switch takes them, seen from one of them."""
    out = "../" if PREFIXES[here] else ""
    found = []
    for language in settings.languages:
        words = read_words(language, settings.project / "site_src" / "texts")
        inside = f"{PREFIXES[language]}/" if PREFIXES[language] else ""
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


def language_config(settings: Settings, site: Site, words: Words) -> dict[str, object]:
    """Return what the generated mkdocs.yml of a language says beyond the project's own."""
    sections = ("reports", "topics", "indicators", "places", "audit", "promises", "lookup", "data")
    addresses = {page.template: page.address for page in site.pages}
    prefix = PREFIXES[words.language]
    there = [name for name in sections if name in addresses]
    nav = [{words.text(f"section.{name}"): f"{addresses[name]}index.md"} for name in there]
    return {
        "theme": {"language": words.language, "variant": "classic"},  # Zensical has a second one
        "nav": [{words.text("section.home"): "index.md"}, *nav],
        "not_in_nav": "*",
        "site_description": words.text("site.tagline"),
        "extra": {
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
