"""The build as a recipe: check, plan, render, publish. The only module that knows every stage."""

import json
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from build_tools.checks import Checked, check
from build_tools.clock import Clock
from build_tools.faults import stops
from build_tools.formats import format_date
from build_tools.kept import kept_sites
from build_tools.output import Lock, OutputFile, disk_faults, write
from build_tools.publish import UNWANTED, LanguageSource, publish
from build_tools.render.catalogue import blocks, catalogue, catalogue_files
from build_tools.render.charts import ChartImages, draw_all, vega_bundle, vega_lite
from build_tools.render.citations import citation_files
from build_tools.render.downloads import chart_csv, downloads
from build_tools.render.feeds import feed_files
from build_tools.render.lookup import lookup_files, read_ways
from build_tools.render.page_views import PageView
from build_tools.render.pages import render_embeds, render_pages
from build_tools.render.phrases import Phrases
from build_tools.render.pictures import Drawing, pictures
from build_tools.render.social import Card, social_drawings
from build_tools.render.whole import whole_site
from build_tools.settings import Settings
from build_tools.site_model import Chart, Site
from build_tools.sources import OURS, Sources
from build_tools.words import Words, read_words

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
    with Lock(settings.out) as lock:
        checked = check(settings.packages, settings.reports, step=clock.begin)
        if stops(checked.faults):
            clock.end()
            return Built(checked, None, 0, 0, clock.seconds)

        clock.begin("plan")
        site = checked.plan()

        clock.begin("downloads")
        sources = settings.sources
        texts = {settings.prefix(name): _words(settings, name) for name in settings.languages}
        files = [*downloads(site), *whole_site(site, settings.absolute_url)]
        files += [vega_bundle()] if site.charts else []
        sizes = {file.path: len(file.content) for file in files}
        clock.begin("catalogue")
        described = catalogue(site, settings, files)
        files += list(catalogue_files(described, texts))

        kept = [old for _, old in kept_sites(old for some in site.versions.values() for old in some)]
        languages: list[LanguageSource] = []
        cards: list[Card] = []
        drawings: list[Drawing] = []
        for language in settings.languages:
            words = texts[settings.prefix(language)]
            clock.begin("charts")
            planned = _charts(settings, site, words)
            drawn = draw_all(planned, language, settings.workers)
            files += _chart_files(planned, drawn, words)
            drawings += [Drawing(f"{_place(name, words)}.png", drawn[name].standalone) for name in sorted(drawn)]
            clock.begin("pages")
            view = PageView(site, words, settings, drawn, vega_bundle().path, sizes)
            data = blocks(described, words, words.prefix)
            rendered = render_pages(view, sources, data)
            files += render_embeds(view, sources)
            for old in kept:
                drawn = draw_all(_charts(settings, old, words), language, settings.workers)
                old_view = PageView(old, words, settings, drawn, vega_bundle().path)
                files += render_embeds(old_view, sources, newest=site)
            ways = read_ways(sources.all("texts/also_written.toml"), language)
            files += lookup_files(view, rendered.heads, ways)
            files += [*feed_files(view), *citation_files(view)]
            if settings.social_images:
                clock.begin("social")
                cards += view.social_cards(words.prefix)
            config = _config(settings, site, words)
            languages.append(LanguageSource(language, words.prefix, rendered.pages, rendered.fragments, config))

        with disk_faults(settings.out):
            clock.begin("pictures")
            files += pictures(drawings, settings.out / "cache" / "charts", settings.workers)
            if settings.social_images:
                clock.begin("social")
                files += pictures(social_drawings(cards), settings.out / "cache" / "social", settings.workers)
        clock.end()

        published = publish(
            settings.out,
            languages,
            files,
            config=settings.project / "mkdocs.yml",
            build_date=settings.data_date,
            site_url=settings.site_url,
            overrides=_theme(settings),
            unwanted=UNWANTED_HERE,
            step=step,
            lock=lock,
        )
    seconds = {**clock.seconds, **published.seconds}
    addresses: dict[str, tuple[str, ...]] = {}
    for page in site.pages:
        addresses[page.template] = (*addresses.get(page.template, ()), page.address)
    return Built(checked, published.site, published.pages, len(files), seconds, addresses)


def _words(settings: Settings, language: str) -> Words:
    return read_words(language, settings.sources, settings.languages[0])


def _theme(settings: Settings) -> Path:
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


def _chart_files(charts: Sequence[Chart], drawn: Mapping[str, ChartImages], words: Words) -> list[OutputFile]:
    """Return the files of every chart in a language: what it shows, its picture, and what draws it on request."""
    files = []
    for chart in sorted(charts, key=lambda chart: chart.chart):
        address = _place(chart.chart, words)
        specification = json.dumps(vega_lite(chart, words.language), ensure_ascii=False, sort_keys=True, indent=1)
        files.append(OutputFile(f"{address}.csv", chart_csv(chart.marks)))
        files.append(OutputFile(f"{address}.svg", drawn[chart.chart].standalone.encode()))
        files.append(OutputFile(f"{address}.vl.json", specification.encode() + b"\n"))
    return files


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


def _config(settings: Settings, site: Site, words: Words) -> dict[str, object]:
    """Return what the generated mkdocs.yml of a language says beyond the project's own."""
    sections = ("reports", "topics", "indicators", "places", "audit", "promises", "lookup", "data")
    addresses = {page.template: page.address for page in site.pages}
    prefix = words.prefix
    there = [name for name in sections if name in addresses]
    styles = [f"assets/css/{name}" for name in settings.sources.added("assets/css") if name.endswith(".css")]
    own = [path for path in styles if path not in settings.styles]
    nav = [{words.text(f"section.{name}"): f"{addresses[name]}index.md"} for name in there]
    return {
        "theme": {"language": words.language},
        "nav": [{words.text("section.home"): "index.md"}, *nav],
        "not_in_nav": "*",
        "site_description": words.text("site.tagline"),
        **({"extra_css": [*settings.styles, *own]} if own else {}),
        "extra": {
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
