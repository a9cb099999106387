"""Say how a table is opened, program by program: steps in menus, and lines of code that run as they stand.

Pandas and R read a table at its address. DuckDB reads addresses only after it has fetched an extension, so its line
reads the file from the folder one works in.
"""

from collections.abc import Sequence

from build_tools.packages import Package, Table
from build_tools.site_model import WHOLE
from build_tools.words import Words

Way = dict[str, object]


def ways_to_read(words: Words, address: str, package: Package, table: Table) -> list[Way]:
    """Return the ways to open a table: each a title, with steps, or with a sentence and code in a language."""
    name, base = table.name, f"{address}du-lieu/{package.name}/{table.name}"
    separator = _separator(package, table)
    sep = "" if separator == "," else f", sep={separator!r}"
    python = (
        "import pandas\n\n"
        f'as_text = pandas.read_csv("{base}.csv", dtype=str, keep_default_na=False{sep})\n'
        f'with_types = pandas.read_parquet("{base}.parquet")\n'
    )
    r_sep = "" if separator == "," else f', sep = "{separator}"'.replace("\t", "\\t")
    r = (
        f'table <- read.csv("{base}.csv", colClasses = "character", na.strings = character(), check.names = FALSE,\n'
        f'  fileEncoding = "UTF-8"{r_sep})\n'
    )
    sql = f"SELECT * FROM '{name}.parquet' LIMIT 10;\n"  # noqa: S608  (a name of letters, digits, hyphens; to be read)
    return [
        _steps(words, "Excel", ("excel_open", "excel_csv"), name),
        _steps(words, "Google Sheets", ("sheets_import", "sheets_convert"), name),
        _steps(words, "LibreOffice", ("office_open", "office_csv"), name),
        _code(words, "pandas", "pandas", "python", python, name),
        _code(words, "DuckDB", "duckdb", "sql", sql, name),
        _code(words, "R", "r", "r", r, name),
    ]


def ways_to_read_whole(words: Words, address: str) -> list[Way]:
    """Return the ways to open the files that hold the whole site."""
    sqlite, parquet = WHOLE["sqlite"].rpartition("/")[2], WHOLE["parquet"].rpartition("/")[2]
    duckdb = (
        "SELECT place_vi, indicator_vi, value, unit_vi, as_written, address\n"
        f"FROM '{parquet}' WHERE stance = 'target' ORDER BY period_end DESC, package, figure_id LIMIT 10;\n"
    )
    lines = (
        f'base = sqlite3.connect("{sqlite}")',
        'print(pandas.read_sql("SELECT * FROM targets_and_results ORDER BY package, figure_id", base))',
        'print(pandas.read_sql("SELECT * FROM findings_that_fail ORDER BY package, claim_id", base))',
    )
    python = "import sqlite3\n\nimport pandas\n\n" + "\n".join(lines) + "\n"
    return [
        _code(words, "SQLite", "sqlite", "python", python, sqlite),
        _code(words, "pandas", "pandas_whole", "python", _whole(address), ""),
        _code(words, "DuckDB", "duckdb", "sql", duckdb, parquet.removesuffix(".parquet")),
        _code(words, "Datasette", "datasette", "sh", f"datasette {sqlite}\n", sqlite),
    ]


def _whole(address: str) -> str:
    return f'import pandas\n\nfigures = pandas.read_parquet("{address}{WHOLE["parquet"]}")\n'


def _separator(package: Package, table: Table) -> str:
    """Return what stands between the cells of a table's CSV."""
    declared = next(one for one in package.descriptor["resources"] if one["name"] == table.name)
    return str((declared.get("dialect") or {}).get("delimiter", ","))


def _steps(words: Words, title: str, keys: Sequence[str], name: str) -> Way:
    return {"title": title, "steps": [words.fill(f"ways.{key}", name=name) for key in keys]}


def _code(words: Words, title: str, key: str, language: str, code: str, name: str) -> Way:
    return {"title": title, "text": words.fill(f"ways.{key}", name=name), "code": code, "language": language}
