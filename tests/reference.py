"""The reference of the documentation, written from the code: `python -m tests.reference` writes `docs/reference/`.

What the code says once is not written a second time by hand: commands and their options come from the command line,
columns from the standard tables, modules and what they import from the modules. What the code cannot say, such as what
a setting is for, stands here, and a setting without it has no page to be written to. `tests/test_documentation.py`
holds the pages against what is written here.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import typer.main

from build_tools.cli import app
from build_tools.schemas import standard
from tests.conftest import PROJECT

FOLDER = PROJECT / "docs" / "reference"
PICTURE = PROJECT / "docs" / "images" / "architecture.svg"
WRITTEN = "Written from the code by `python -m tests.reference`; a test holds it to the code."


# --- Commands ---


def commands() -> str:
    """Return the page of all commands: what each does, takes and may be told."""
    parts = ["# Commands", "", WRITTEN, "", _text(app.info.help), ""]
    for name, command in _commands(typer.main.get_command(app), "minhbach"):
        parts += [f"## {name}", "", _text(command.help), ""]
        rows = [row for one in command.params if (row := _parameter(one)) is not None]
        if rows:
            parts += ["| argument or option | meaning | if not given |", "| --- | --- | --- |", *rows, ""]
    return "\n".join(parts).rstrip() + "\n"


def command_names() -> list[str]:
    """Return every command by the words that run it."""
    return [name for name, _ in _commands(typer.main.get_command(app), "minhbach")]


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, one in getattr(command, "commands", {}).items():
        if hasattr(one, "commands"):
            yield from _commands(one, f"{name} {word}")
        else:
            yield f"{name} {word}", one


def _parameter(one: Any) -> str | None:
    """Return the row of an argument or option, None for the one that shows this help."""
    if "--help" in one.opts:
        return None
    is_option = one.param_type_name == "option"
    shown = ", ".join(f"`{word}`" for word in one.opts) if is_option else f"`{one.name.upper()}`"
    given = "needed" if one.required else "–" if one.default in (None, "", False, ()) else f"`{one.default}`"
    if getattr(one, "envvar", None):
        given += f" (`{one.envvar}`)"
    return f"| {shown} | {_text(one.help)} | {given} |"


def _text(text: str | None) -> str:
    return re.sub(r"\s*\n\s*", " ", inspect.cleandoc(text or "")).replace("|", "\\|").replace("<", "&lt;")


# --- Settings ---

SETTINGS: Mapping[str, str] = {
    "site_name": "what the site is called",
    "site_url": "the address it is published at; empty: links are relative, and what needs an address says so",
    "repo_url": "the address of its source, for MkDocs and its theme",
    "extra_css": "the style sheets, by their order; a project's own beside ours come after them without being listed",
    "extra.engine": "what turns Markdown into HTML: `mkdocs`, `properdocs` or `zensical`",
    "extra.languages": "the languages, the first at `/`, any other below its code",
    "extra.data_version": "the version of all packages together; needed",
    "extra.data_date": "the day of that version, the only date in the built pages; needed",
}
VARIABLES: Mapping[str, str] = {
    "MINHBACH_SITE_URL": "in place of `site_url`",
    "MINHBACH_ENGINE": "in place of `extra.engine`: `mkdocs`, `properdocs`, `zensical`",
    "MINHBACH_REPORTS": "the folder of the reports' texts, else `reports/`",
    "MINHBACH_LANG": "the language in which commands speak: `vi`, `en`",
    "MINHBACH_CHROMIUM": "the browser that tests drive, else the first that is found",
    "MINHBACH_NO_SKIPS": "`1`: a test that is skipped though it could run fails the run",
    "MINHBACH_ACCEPT": "`1`: tests with expected files write them anew, and fail on purpose",
    "MINHBACH_KILLS": "how often the tests of a killed build kill one",
}
MAKE: Mapping[str, str] = {
    "PYTHON": "the Python that `.venv` is made with",
    "WORKERS": "how many tests run at once",
    "PORT": "where `make serve` listens",
    "ARGS": 'what is handed on: `make test ARGS="-k ledger"`',
    "UPLOAD": "`1`: `make release` also uploads what it built and checked",
}


def settings() -> str:
    """Return the page of what may be set."""
    parts = [
        "# Settings",
        "",
        WRITTEN,
        "",
        "In `mkdocs.yml`, which is also the configuration of MkDocs and its theme:",
        "",
    ]
    parts += ["| key | meaning |", "| --- | --- |", *(f"| `{key}` | {text} |" for key, text in SETTINGS.items()), ""]
    parts += ["In the environment:", "", "| variable | meaning |", "| --- | --- |"]
    parts += [f"| `{key}` | {text} |" for key, text in VARIABLES.items()]
    parts += ["", "Of `make`, as in `make serve PORT=9000`:", "", "| variable | meaning |", "| --- | --- |"]
    parts += [f"| `{key}` | {text} |" for key, text in MAKE.items()]
    return "\n".join(parts) + "\n"


def settings_read() -> set[str]:
    """Return the keys of mkdocs.yml that the program reads."""
    text = (PROJECT / "build_tools" / "settings.py").read_text(encoding="utf-8")
    found = set(re.findall(r'config\.get\("(\w+)"', text)) - {"extra"}
    return found | {f"extra.{key}" for key in re.findall(r'extra\.get\("(\w+)"', text)}


def variables_read() -> set[str]:
    """Return the variables of the environment that the program, its tests and the Makefile read."""
    files = [*(PROJECT / "build_tools").rglob("*.py"), *(PROJECT / "tests").rglob("*.py"), PROJECT / "Makefile"]
    reading = re.compile(r'(?:environ(?:\.get\(|\[)|getenv\(|envvar=|"\$\$)"?(MINHBACH_[A-Z_]+)')
    return {name for file in files for name in reading.findall(file.read_text(encoding="utf-8"))}


def make_variables() -> set[str]:
    """Return the variables that the Makefile lets one set."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([A-Z]+) \?=", makefile, re.MULTILINE))


# --- Columns ---

TABLES = {
    "Of a report": ("figures", "ledger", "claims", "claim_items", "declined", "responses", "changes"),
    "Of the vocabulary": ("indicators", "topics", "places", "bodies", "breakdowns", "units", "inputs", "standards"),
    "Between reports": ("relations",),
}


def columns() -> str:
    """Return the page of the columns of all standard tables."""
    parts = ["# Columns", "", WRITTEN, "", "What each row is, and how it is filled in, says"]
    parts[-1] += " [How to transcribe a report](../guides/transcribe.md)."
    for group, tables in TABLES.items():
        parts += ["", f"## {group}"]
        for table in tables:
            found = standard(table)
            assert found is not None, table
            parts += ["", f"### {table}", "", f"{found['title_en']} · {found['title']}", ""]
            parts += ["| column | type | meaning | |", "| --- | --- | --- | --- |"]
            parts += [_column(one) for one in found["schema"]["fields"]]
    return "\n".join(parts) + "\n"


def _column(one: Mapping[str, Any]) -> str:
    rules = one.get("constraints", {})
    may = [f"`{word}`" for word in rules.get("enum", ())]
    said = ["needed"] if rules.get("required") else []
    said += [" ".join(may)] if may else []
    said += [f"form `{rules['pattern']}`".replace("|", "\\|")] if "pattern" in rules else []
    meaning = " · ".join(filter(None, (one.get("description_en") or one["title_en"], one.get("description"))))
    return f"| `{one['name']}` | {one['type']} | {_text(meaning)} | {'; '.join(said)} |"


# --- Architecture ---

# From what everything rests on to what a person starts; a module imports from its own row and the rows above it.
ROWS: Mapping[str, Sequence[str]] = {
    "Words, numbers, files": (
        *("clock", "errors", "faults", "figures", "folders", "formats", "links", "markdown", "media_types", "numbers"),
        *(
            "patterns",
            "archives",
            "cache",
            "cells",
            "cluster",
            "documents",
            "engines",
            "fonts",
            "output",
            "settings",
            "store",
        ),
        *("sources", "workers"),
    ),
    "Read packages and texts": (
        *("columns", "descriptors", "gathering", "packages", "proof", "reports", "rows", "schemas", "table_checks"),
        *("tables", "vocabulary"),
    ),
    "Judge what they say": (
        *("audit", "audit.across", "audit.claims", "audit.comparability", "audit.finding", "audit.formulas"),
        *("audit.intervals", "audit.promises", "audit.verdicts", "across_package", "canonical", "chart_hints", "draft"),
        *("history", "report_packages", "series", "suggest", "table_charts", "translations", "words"),
    ),
    "Check all, plan the site": ("checks", "national", "site_model"),
    "Render": (
        *("render", "render.audit_views", "render.catalogue", "render.change_views", "render.charts"),
        *("render.citations", "render.data_views", "render.database", "render.downloads", "render.embeds"),
        *("render.feeds", "render.lookup", "render.national", "render.page_views", "render.pages", "render.phrases"),
        *("render.pictures", "render.prose", "render.social", "render.table_phrases", "render.views", "render.ways"),
        "render.whole",
    ),
    "Publish": (
        *("destinations", "destinations.folders", "destinations.git_branch", "destinations.rsync", "destinations.s3"),
        *("destinations.sending", "fresh", "kept", "publish", "site_check"),
    ),
    "Start": (
        *("__main__", "bench", "build", "cli", "diff", "doctor", "new", "peers", "preview", "serve", "shards", "sheet"),
        *("sheet.export", "sheet.intake", "sheet.workbook", "verify", "workloads"),
    ),
}


def modules() -> dict[str, set[str]]:
    """Return every module of the program with the modules of the program that it imports."""
    trees = {}
    for path in sorted((PROJECT / "build_tools").rglob("*.py")):
        parts = path.relative_to(PROJECT / "build_tools").with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            trees[name] = ast.parse(path.read_text(encoding="utf-8"))
    return {name: {one for one in _imported(tree) if one in trees} - {name} for name, tree in trees.items()}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("build_tools"):
            base = (node.module or "").removeprefix("build_tools").lstrip(".")
            yield base
            yield from (f"{base}.{alias.name}".lstrip(".") for alias in node.names)


_WIDTH, _LEFT, _CHIP, _GAP, _LETTER = 1024, 214, 24, 8, 7.2


def picture() -> str:
    """Return the picture of the program: its modules in rows, and which row imports from which."""
    drawn: list[str] = []
    middles: list[float] = []
    y = 20.0
    for row, names in ROWS.items():
        lines: list[list[str]] = [[]]
        x = 0.0
        for name in names:
            width = len(name) * _LETTER + 16
            if x + width > _WIDTH - _LEFT - 40:
                lines.append([])
                x = 0.0
            lines[-1].append(f'<g transform="translate({_LEFT + 16 + x:.0f} {{y}})">{_chip(name, width)}</g>')
            x += width + _GAP
        height = len(lines) * (_CHIP + _GAP) + 16
        drawn.append(f'<rect x="{_LEFT}" y="{y:.0f}" width="{_WIDTH - _LEFT - 10}" height="{height}" class="row"/>')
        drawn.append(
            f'<text x="{_LEFT - 14}" y="{y + height / 2 + 5:.0f}" text-anchor="end" class="name">{escape(row)}</text>'
        )
        for number, line in enumerate(lines):
            drawn += [chip.format(y=round(y + 12 + number * (_CHIP + _GAP))) for chip in line]
        middles.append(y + height)
        y += height + 22
    arrows = [
        f'<path d="M{_WIDTH / 2 + 80} {end + 22:.0f}v-18" class="arrow" marker-end="url(#tip)"/>'
        for end in middles[:-1]
    ]
    title = "The modules of minhbach in rows; each imports from its own row and from the rows above it."
    tip = (
        '<marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#182126"/></marker>'
    )
    style = (
        ".row{fill:#f3f5f6;stroke:#7f8a8f}.chip{fill:#fff;stroke:#0e6b80}.arrow{stroke:#182126;stroke-width:2;fill:none}"
        "text{font:12px ui-monospace,monospace;fill:#182126}.name{font:600 13px system-ui,sans-serif}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y:.0f}" role="img" aria-labelledby="t">',
            f'<title id="t">{title}</title>',
            f"<style>{style}</style>",
            f"<defs>{tip}</defs>",
            f'<rect width="{_WIDTH}" height="{y:.0f}" fill="#fff"/>',
            *drawn,
            *arrows,
            "</svg>",
            "",
        ]
    )


def _chip(name: str, width: float) -> str:
    box = f'<rect width="{width:.0f}" height="{_CHIP}" rx="4" class="chip"/>'
    return f'{box}<text x="{width / 2:.0f}" y="16" text-anchor="middle">{escape(name)}</text>'


def pages() -> dict[Path, str]:
    """Return what is written from the code, by its file."""
    return {
        FOLDER / "commands.md": commands(),
        FOLDER / "settings.md": settings(),
        FOLDER / "columns.md": columns(),
        PICTURE: picture(),
    }


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
