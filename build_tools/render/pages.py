"""Render the plan of the site into Markdown pages and the fragments put into them after MkDocs."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from build_tools.errors import BuildError
from build_tools.figures import Figure
from build_tools.output import OutputFile
from build_tools.packages import Package
from build_tools.render.embeds import embed_address, oembed
from build_tools.render.lookup import Head
from build_tools.render.page_views import PageView
from build_tools.render.prose import prose
from build_tools.site_model import Page, Site
from build_tools.sources import OURS, Sources
from build_tools.store import File, Store, Texts
from build_tools.words import COMPLETE

# What a table carries that can be sorted and filtered by script; a text with these words has no sign that opens a tag.
TOOLS = re.compile(r"<table [^<>]*data-tools=")
_MARKDOWN = re.compile(r"[^\w\s,;%–…“”‘’]|_")


@dataclass(frozen=True)
class Rendered:
    """The pages of one language: files for the docs folder, and the fragments by name."""

    pages: tuple[File, ...]
    fragments: Mapping[str, str]
    heads: Mapping[str, Head]  # what each page of the plan says of itself, by address


def render_pages(
    view: PageView, sources: Sources, data: Mapping[str, str] | None = None, part: int = 0, parts: int = 1
) -> Rendered:
    """Return every page of the plan, the hand-written pages and the assets.

    `data` holds, by address, the element that describes a page's data to other programs; it ends the page. With several
    `parts`, one page of the plan in so many, from number `part` on; what stands as it is comes with the first part.
    Raises BuildError, with template and line, for a template that cannot be rendered.
    """
    environment = _environment(view, sources)
    pages: list[OutputFile] = []
    fragments: dict[str, str] = {}
    heads: dict[str, Head] = {}
    for page in view.site.pages[part::parts]:
        text, found, heads[page.address] = _render_page(environment, view, page)
        if data and page.address in data:
            name = f"{_base(page)}--data"
            text += f"\n<!-- fragment: {name} -->\n"
            found[name] = data[page.address]
        pages.append(OutputFile(f"{page.address}index.md", text.encode()))
        fragments.update(found)
    fixed = () if part else tuple(_fixed_files(sources, view.language))
    return Rendered((*pages, *fixed), fragments, heads)


@dataclass(frozen=True)
class Waiting:
    """What was rendered, as it waits in a store until it is published."""

    pages: tuple[File, ...]
    fragments: tuple[File, ...]
    heads: Mapping[str, Head]


def put(rendered: Rendered, store: Store, name: str) -> Waiting:
    """Return what was rendered as it stands in a store under a name of its own."""
    pages = store.put(f"{name}-pages", rendered.pages)
    texts = (OutputFile(key, text.encode()) for key, text in rendered.fragments.items())
    return Waiting(tuple(pages), tuple(store.put(f"{name}-fragments", texts)), rendered.heads)


def joined(parts: Iterable[Waiting]) -> Rendered:
    """Return what was rendered in parts as one."""
    pages: list[File] = []
    fragments: list[File] = []
    heads: dict[str, Head] = {}
    for part in parts:
        pages += part.pages
        fragments += part.fragments
        heads |= part.heads
    return Rendered(tuple(pages), Texts(fragments), heads)


def page_renderer(view: PageView, sources: Sources) -> Callable[[Page], tuple[str, Mapping[str, str]]]:
    """Return what renders one page of the plan: its Markdown, and its fragments by name.

    It raises BuildError for a template that cannot be rendered.
    """
    environment = _environment(view, sources)

    def render(page: Page) -> tuple[str, Mapping[str, str]]:
        text, fragments, _ = _render_page(environment, view, page)
        return text, fragments

    return render


def render_embeds(view: PageView, sources: Sources, newest: Site | None = None) -> Iterator[OutputFile]:
    """Yield every chart as a page for a frame elsewhere, and the record by which it is discovered.

    With `newest`, the view is of an earlier version: its pages stay at that version alone, and say that there is a
    newer one. Raises BuildError for a template that cannot be rendered.
    """
    template = _environment(view, sources).get_template("embed.html")
    settings = view.settings
    living = {planned.chart for planned in (newest or view.site).charts}
    for planned in view.site.charts:
        for kind, version, frame in view.frames(planned):
            if newest is not None and kind == "live":
                continue
            page = Page("embed", embed_address(planned.chart, version))
            if kind == "live":
                picture = settings.absolute_url + view.placed(f"bieu-do/{planned.chart}.png")
                found = oembed(frame, settings.site_name, settings.absolute_url, picture)
                yield OutputFile(f"{view.placed(page.address)}oembed.json", found)
            now = newest and newest.report(planned.package).package.descriptor["version"]
            shown = {"page": page, "planned": planned, "kind": kind, "version": version}
            try:
                html = template.render(**shown, newest=now, is_living=planned.chart in living)
            except (jinja2.TemplateError, KeyError) as error:
                raise BuildError("site_src/templates/embed.html", str(error), "Mend the template.") from error
            lines = (line for line in html.splitlines() if line.strip())
            yield OutputFile(f"{view.placed(page.address)}index.html", ("\n".join(lines) + "\n").encode())


def markdown_text(text: object) -> Markup:
    """Return text as Markdown that shows exactly it: every sign Markdown or HTML could take up is an entity."""
    return Markup(_MARKDOWN.sub(lambda m: f"&#{ord(m[0])};", " ".join(str(text).split())))  # noqa: S704  (escaped)


class _Compiled(jinja2.BytecodeCache):
    """Templates as Jinja compiled them for one language, for the next; each with the checksum of its source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Give what was kept; Jinja looks whether it is of the same source."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def _environment(view: PageView, sources: Sources) -> jinja2.Environment:
    # A template of the project's that stands in for one of ours finds ours as `minhbach/NAME`.
    ours = jinja2.PrefixLoader({"minhbach": jinja2.FileSystemLoader(OURS / "templates")})
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(sources.all("templates")), ours]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )
    environment.filters["md"] = markdown_text
    environment.filters["prose"] = prose
    environment.globals.update(
        t=_Texts(view),
        icons=_Icons(),
        view=view,
        site=view.site,
        strong=view.strong,
        is_rtl=_runs_from_right,
        package_title=lambda package: _package_title(package, view.language),
    )
    return environment


def _runs_from_right(text: str) -> bool:
    """Return whether a text has letters that run from the right, so that the browser has to see to its direction."""
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def _package_title(package: Package, language: str) -> str:
    return package.text("title", language) or package.name


def _render_page(environment: jinja2.Environment, view: PageView, page: Page) -> tuple[str, dict[str, str], Head]:
    """Return a page's Markdown, its fragments by name, and what it says of itself."""
    fragments: dict[str, str] = {}
    heads: list[dict[str, Any]] = []

    def head(title: str, **fields: Any) -> str:
        heads.append({"title": title, **fields})
        return ""

    def fragment(name: str, caller: Callable[[], str]) -> Markup:
        key = f"{_base(page)}--{name}"
        if key in fragments:
            raise BuildError(f"{page.template}.md", f"two fragments are called {name!r}", "Rename one of them.")
        fragments[key] = "\n".join(line for line in str(caller()).splitlines() if line.strip())
        return Markup(f"\n\n<!-- fragment: {key} -->\n\n")  # noqa: S704  (a slug)

    try:
        text = environment.get_template(f"{page.template}.md").render(
            page=page,
            subject=page.subject,
            fragment=fragment,
            head=head,
            url=lambda target: view.url(page, target),
            link=lambda figure: _link(view, page, figure),
        )
    except jinja2.TemplateError as error:
        name = getattr(error, "name", None) or f"{page.template}.md"
        place = f"site_src/templates/{Path(name).name}:{getattr(error, 'lineno', None) or '?'}"
        raise BuildError(place, f"{error} (page /{page.address})", "Mend the template.") from error
    except KeyError as error:
        place = f"site_src/templates/{page.template}.md"
        raise BuildError(place, f"{error} (page /{page.address})", "Add what is missing, or mend its key.") from error
    (fields,) = heads
    if any(TOOLS.search(fragment) for fragment in fragments.values()):
        fields["scripts"] = [*fields.get("scripts", ()), "assets/js/tables.js"]
    if view.settings.social_images:
        fields["image"] = page.image
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    said = Head(view.plain(fields["title"]), view.plain(fields.get("description", "")))
    return f"{_front_matter(view, **fields)}\n{text}\n", fragments, said


def _base(page: Page) -> str:
    """Return what the names of a page's fragments begin with."""
    return page.address.strip("/").replace("/", "--") or "home"


def _link(view: PageView, page: Page, figure: Figure) -> Markup:
    return view.figure_link(page, figure)


def _front_matter(
    view: PageView,
    title: str,
    heading: str = "",
    description: str = "",
    breadcrumbs: Iterable[tuple[str, str]] = (),
    scripts: Iterable[str] = (),
    image: str = "",
    links: Iterable[Mapping[str, str]] = (),
) -> Markup:
    """Return a page's front matter; a breadcrumb's first part is a text or the key of one.

    JSON strings are YAML too, so any text is safe in it.
    """
    steps = [
        {"title": str(view.words.text(text) if view.words.has(text) else text), "href": href}
        for text, href in breadcrumbs
    ]
    values: dict[str, object] = {"title": str(title), "heading": str(heading), "description": str(description)}
    values |= {"breadcrumbs": steps, "scripts": list(scripts), "image": image, "links": list(links)}
    # A sign that opens markup is written as an escape, so that no text can be taken for the mark of a fragment.
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}".replace("<", "\\u003c")
        for key, value in values.items()
        if value
    ]
    return Markup("---\n" + "\n".join(lines) + "\n---\n")  # noqa: S704  (front matter is no HTML)


def written_pages(sources: Sources, language: str) -> Mapping[str, Path]:
    """Return the hand-written pages of a language by their path in it.

    What a language that we do not bring has no page for stands in the language whose texts are complete.
    """
    pages = sources.files(f"pages/{language}")
    return pages if (OURS / "pages" / language).is_dir() else {**sources.files(f"pages/{COMPLETE}"), **pages}


def _fixed_files(sources: Sources, language: str) -> Iterator[OutputFile]:
    """Yield the hand-written pages of the language and the assets, as they stand."""
    for found, prefix in ((written_pages(sources, language), ""), (sources.files("assets"), "assets/")):
        for name, path in found.items():
            yield OutputFile(prefix + name, path.read_bytes())


class _Texts:
    """The texts of the language as templates use them: `t("key", n=3)` fills one, `t.table.key` reads one."""

    def __init__(self, view: PageView):
        self._view = view

    def __call__(self, key: str, **values: object) -> Markup:
        return self._view.t(key, **values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._view.words.texts[name]
        except KeyError as error:
            raise AttributeError(name) from error


class _Icons(Mapping[str, Markup]):
    """The icons of Material's set, each read when first asked for."""

    def __init__(self) -> None:
        self._read: dict[str, Markup] = {}

    def __getitem__(self, name: str) -> Markup:
        if name not in self._read:
            path = package_files("material") / "templates" / ".icons" / "material" / f"{name}.svg"
            if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
                raise BuildError(
                    f"icon {name}", "is not in Material Design Icons", "Choose another icon in topics.csv."
                )
            self._read[name] = Markup(path.read_text(encoding="utf-8").strip())  # noqa: S704  (of a pinned package)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)
