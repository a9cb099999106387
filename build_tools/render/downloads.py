"""Write the files people take away: tables as CSV, XLSX, JSON and Parquet, packages as zip; the home of pandas."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from build_tools.audit import Finding
from build_tools.audit import as_json as findings_json
from build_tools.cache import NOTHING_KEPT, Cache
from build_tools.cells import UnreadableError, read_value, to_json
from build_tools.figures import Figure
from build_tools.folders import read_bytes
from build_tools.links import listed
from build_tools.output import OutputFile
from build_tools.packages import Package, Table
from build_tools.schemas import standard
from build_tools.site_model import Mark, Site, fits_spreadsheet
from build_tools.store import IN_MEMORY, File, Store
from build_tools.workers import ALONE, Workers

# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection).
FORMULA_LEADING = ("=", "+", "-", "@", "\t", "\r")
_BELOW_ZERO = re.compile(r"-[0-9]+(\.[0-9]+)?")
MOST_DIGITS = 38  # of a decimal in Parquet
SHEET_DIGITS = 15  # of a number in a spreadsheet
FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets count days otherwise or not at all
EPOCH = (1980, 1, 1, 0, 0, 0)
VOCABULARY_OF = {
    "indicator": "indicators",
    "place": "places",
    "body": "bodies",
    "breakdown": "breakdowns",
    "unit": "units",
}
FIGURE_LIST = (
    "package",
    "figure_id",
    "indicator",
    "place",
    "body",
    "breakdown",
    "unit",
    "period_start",
    "period_end",
    "as_of",
    "stance",
    "measure",
    "extent",
    "base",
    "direction",
    "status",
    "value",
    "value_high",
    "qualifier",
    "as_written",
    "line",
    "section",
    "note",
    "note_en",
)

FINDING_LIST = (
    *("package", "claim_id", "rule", "basis", "verdict", "verdict_as_read", "stated", "computed", "difference"),
    *("unit", "working", "inputs", "line"),
)


@dataclass(frozen=True)
class Parcel:
    """A package with all that its files to download are made of: nothing else is read for them."""

    package: Package
    files: Mapping[str, bytes]  # what its zip holds, by path


def downloads(
    site: Site, workers: Workers = ALONE, cache: Cache = NOTHING_KEPT, store: Store = IN_MEMORY
) -> Iterator[File]:
    """Yield every file to download that is the same in each language."""
    vocabulary = next((package for package in site.packages if package.kind == "vocabulary"), None)
    parcels = (Parcel(package, package_files(package, vocabulary)) for package in site.packages)
    for package, files in zip(site.packages, cache.files("downloads", workers, wrapped, parcels), strict=True):
        yield from files
        for old in site.versions.get(package.name, ()):
            yield OutputFile(f"du-lieu/{package.name}-{old.version}.zip", old.content)
    making: list[Callable[[], Iterator[OutputFile]]] = []
    for indicator in site.indicators():
        at, of_it = f"chi-tieu/{indicator.indicator}", site.figures_of(indicator.indicator)
        making.append(partial(_figure_files, at, of_it))
    for place in site.places():
        making.append(partial(_figure_files, f"dia-phuong/{place.place}", site.figures_at(place.place)))
    findings = [f for _, f in site.findings()] + list(site.between.findings)
    making.append(partial(_finding_files, "doi-chieu", findings, site))
    for report in site.reports:
        making.append(partial(_finding_files, f"doi-chieu/{report.name}", report.findings, site))
    shares = [making[n :: workers.count] for n in range(workers.count)]

    def made(n: int) -> list[File]:
        return store.put(f"downloads-{n}", (file for make in shares[n] for file in make()))

    for files in workers.fork(made, range(len(shares))):
        yield from files


def wrapped(parcel: Parcel) -> list[OutputFile]:
    """Return the files of one package: each table in every form, what belongs to no table, and the zip."""
    package, made = parcel.package, []
    for table in package.tables:
        base = f"du-lieu/{package.name}/{table.name}"
        made.append(OutputFile(f"{base}.csv", table.content))
        made.append(OutputFile(f"{base}.excel.csv", for_spreadsheets(table.columns, table.rows)))
        made.append(OutputFile(f"{base}.json", f"{_json(record for _, record in table.records())}\n".encode()))
        frame = typed_frame(table)
        if fits_spreadsheet(table):
            made.append(OutputFile(f"{base}.xlsx", to_xlsx(frame, table, package)))
        made.append(OutputFile(f"{base}.parquet", to_parquet(frame, table)))
    made += [OutputFile(f"du-lieu/{package.name}/{one.file}", one.content) for one in package.attachments]
    content = make_zip(parcel.files)
    made.append(OutputFile(f"du-lieu/{package.name}.zip", content))
    if package.version:
        made.append(OutputFile(f"du-lieu/{package.name}-{package.version}.zip", content))
    return made


def _finding_files(base: str, findings: Sequence[Finding], site: Site) -> Iterator[OutputFile]:
    """Yield findings as CSV and as the `claims` of `audit --json`, with the line of each claim's first number."""
    yield OutputFile(f"{base}/findings.json", f'{{"claims": {_json(findings_json(findings))}}}\n'.encode())
    yield OutputFile(f"{base}/findings.csv", plain_csv(FINDING_LIST, finding_rows(findings, site)))


def finding_rows(findings: Sequence[Finding], site: Site) -> list[list[str]]:
    """Return findings as rows of text, sorted, with the columns of FINDING_LIST."""
    rows = []
    for finding, record in zip(sorted(findings), findings_json(findings), strict=True):
        names = [finding.result, *finding.inputs]
        found = [site.figure(name if "#" in name else f"{finding.package}#{name}") for name in names if name]
        line = next((figure.spans[0].line for figure in found if figure is not None and figure.spans), "")
        difference = "" if finding.difference is None else f"{finding.difference:f}"
        more = {"inputs": " ".join(finding.inputs), "difference": difference, "unit": finding.unit, "line": line}
        cells = {**record, **more}
        rows.append([str(cells[name]) for name in FINDING_LIST])
    return rows


def chart_csv(marks: Iterable[Mark]) -> bytes:
    """Return what a chart draws as CSV (label, role, value, text), its words in the chart's language."""
    rows = [(mark.full_label, mark.role, str(mark.value), mark.text) for mark in marks]
    return plain_csv(("label", "role", "value", "text"), rows)


def _figure_files(base: str, figures: Sequence[Figure]) -> Iterator[OutputFile]:
    records = [figure_record(figure) for figure in figures]
    rows = [tuple("" if v is None else str(v) for v in record.values()) for record in records]
    yield OutputFile(f"{base}.csv", plain_csv(FIGURE_LIST, rows))
    yield OutputFile(f"{base}.json", f"{_json(records)}\n".encode())


def figure_record(figure: Figure) -> dict[str, str | int | None]:
    """Return a figure as one flat record (the columns of FIGURE_LIST), its first place in the text beside it."""
    span = figure.spans[0] if figure.spans else None
    printed = {"as_written": span.as_written, "line": span.line, "section": span.section} if span else {}
    record: dict[str, str | int | None] = {}
    for name in FIGURE_LIST:
        value: Any = printed.get(name, getattr(figure, name, None))
        record[name] = str(value) if isinstance(value, Decimal) else value
    return record


def _json(records: Iterable[object]) -> str:
    """Return a list as JSON with a record on each line, which can be read, compared and read line by line."""
    lines = ",\n".join(json.dumps(record, ensure_ascii=False, default=str) for record in records)
    return f"[\n{lines}\n]" if lines else "[]"


def plain_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as plain UTF-8 CSV, every cell as it stands."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()


def for_spreadsheets(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as CSV for a spreadsheet: byte order mark, CRLF, and no cell that it would run as a formula.

    A cell that begins with = + - @ or a tab and is no number gets an apostrophe before it; the plain CSV keeps it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_inert(name) for name in columns])
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet would run a cell: it begins as a formula does, and is no number below zero."""
    return cell.startswith(FORMULA_LEADING) and not _BELOW_ZERO.fullmatch(cell)


def _inert(cell: str) -> str:
    return f"'{cell}" if is_formula(cell) else cell


# ---- typed tables --------------------------------------------------------------------------------------------------


def typed_frame(table: Table) -> pd.DataFrame:
    """Return a table as pandas holds it: whole numbers, Decimals and dates by the schema, all else text.

    A missing cell is missing. Numbers never pass through float. A column with a cell that is not of its type, as one
    may be in a package that is published as it is, stays text throughout: no value is left out.
    """
    columns = {}
    for column, field in enumerate(table.fields):
        cells = [row[column] for row in table.rows]
        values: list[Any] = [None if cell in field.missing else cell for cell in cells]
        if field.type in ("integer", "number", "date") and field.format != "any":
            with suppress(UnreadableError):
                values = [read_value(field, cell) for cell in cells]
        columns[field.name] = pd.Series(values, dtype=object)  # object: pandas leaves Decimal and None as they are
    return pd.DataFrame(columns)


def to_parquet(frame: pd.DataFrame, table: Table) -> bytes:
    """Return a table as Parquet: int64, decimal, date and string columns, the column's title as its description."""
    fields, arrays = [], []
    for field in table.fields:
        values = list(frame[field.name])
        kind = _arrow_type(field.type, [value for value in values if value is not None])
        if kind == pa.string():
            values = [None if value is None else str(value) for value in values]
        fields.append(pa.field(field.name, kind, metadata={"description": field.title_en or field.title}))
        arrays.append(pa.array(values, type=kind))
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), out, compression="zstd")
    content: bytes = out.getvalue().to_pybytes()
    return content


def _arrow_type(kind: str, values: Sequence[Any]) -> pa.DataType:
    """Return how Parquet holds values of a column's type; text where they are more than it can hold."""
    if any(isinstance(value, str) for value in values):
        return pa.string()
    if kind == "integer":
        return pa.int64() if all(abs(value) < 2**63 for value in values) else pa.string()
    if kind == "number":
        places = max((-int(value.as_tuple().exponent) for value in values), default=0)
        whole = max((value.adjusted() + 1 for value in values if value), default=1)
        fits = max(places, 0) + max(whole, 1) <= MOST_DIGITS
        return pa.decimal128(MOST_DIGITS, max(places, 0)) if fits else pa.string()
    return pa.date32() if kind == "date" else pa.string()


def to_xlsx(frame: pd.DataFrame, table: Table, package: Package) -> bytes:
    """Return a table as a workbook: typed cells, nothing that is a formula or a link, and a sheet that explains it.

    A number shows the decimals it has in the data; ids and codes are text and keep their leading zeros.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": table.title, "created": datetime(1980, 1, 1, tzinfo=UTC)})
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    formats: dict[int, Any] = {}
    texts = Texts()
    sheet = book.add_worksheet(table.name[:31])
    sheet.freeze_panes(1, 1)
    for column, field in enumerate(table.fields):
        sheet.write_string(0, column, texts.mark(field.name), bold)
        sheet.set_column(column, column, min(max(len(field.name) + 2, 10), 30))
        for row, value in enumerate(frame[field.name], 1):
            if value is None:
                continue
            if isinstance(value, int | Decimal) and _fits_a_sheet(value):
                places = max(-int(Decimal(value).as_tuple().exponent), 0)
                if places not in formats:
                    formats[places] = book.add_format({"num_format": f"0.{'0' * places}" if places else "0"})
                sheet.write_number(row, column, value, formats[places])
            elif isinstance(value, date) and value >= FIRST_DAY:
                sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001  (a day)
            else:
                sheet.write_string(row, column, texts.mark(str(value)))
    about = book.add_worksheet("README")
    about.set_column(0, 2, 40)
    lines = [
        (package.text("title", "vi"), package.text("title", "en")),
        (table.title, table.title_en),
        (f"{package.name} {package.version}", _licences(package)),
        ("", ""),
        *((f"{field.name}: {field.title}", field.description_en or field.title_en) for field in table.fields),
    ]
    for row, (left, right) in enumerate(lines):
        about.write_string(row, 0, texts.mark(left))
        about.write_string(row, 1, texts.mark(right))
    book.close()
    return with_texts(out, texts)


_STRINGS = "xl/sharedStrings.xml"
MOST_IN_CELL = 32_767  # characters that a cell of a workbook holds
_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{1,4}_)")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Texts:
    """The texts of a workbook, which is written with a mark in the place of each.

    The library takes a text like `<r>…</r>` for markup of its own, and LibreOffice one like `_xa_` for a line break,
    which the standard knows with four digits alone. So the texts are written here.
    """

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}

    def mark(self, text: str) -> str:
        """Return what stands for a text while the workbook is written; one longer than a cell may be is cut."""
        cut = text if len(text) <= MOST_IN_CELL else text[: MOST_IN_CELL - 1] + "…"
        return self._marks.setdefault(cut, f"t{len(self._marks)}")

    def as_xml(self) -> bytes:
        """Return the workbook's part that holds the texts, in the order of their marks."""
        lines = [f'<si><t xml:space="preserve">{self._escaped(text)}</t></si>' for text in self._marks]
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns='
        space = '"http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        return f'{head}{space} uniqueCount="{len(lines)}">{"".join(lines)}</sst>\n'.encode()

    @staticmethod
    def _escaped(text: str) -> str:
        plain = _NOT_IN_XML.sub(lambda m: f"_x{ord(m[0]):04X}_", _LIKE_AN_ESCAPE.sub("_x005F_", text))
        return escape(plain, quote=False)


def with_texts(workbook: io.BytesIO, texts: Texts) -> bytes:
    """Return a workbook with its texts where their marks stood, the same bytes whenever it is made."""
    with zipfile.ZipFile(workbook) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return make_zip({**files, _STRINGS: texts.as_xml()})


def _fits_a_sheet(value: int | Decimal) -> bool:
    """Return whether a spreadsheet, which counts in binary with 15 digits, keeps a number as it is."""
    number = Decimal(value)
    return number.is_finite() and len(number.as_tuple().digits) <= SHEET_DIGITS and abs(number.adjusted()) < 300


# ---- the zip of a package ------------------------------------------------------------------------------------------


def zip_package(package: Package, vocabulary: Package | None) -> bytes:
    """Return a package as a zip that stands alone, in one folder of its name."""
    return make_zip(package_files(package, vocabulary))


def package_files(package: Package, vocabulary: Package | None) -> dict[str, bytes]:
    """Return a package's files for a zip: its tables, the vocabulary rows they use, descriptor, README and checksums.

    References to the vocabulary become ordinary foreign keys; hash, bytes and rows of every table are stated. A package
    that others made keeps its own files as they are.
    """
    if package.kind == "other":
        return _as_it_stands(package)
    tables = {table.name: (f"{table.name}.csv", table.content, len(table.rows)) for table in package.tables}
    resources = [_resource(declared, *tables[declared["name"]]) for declared in package.descriptor["resources"]]
    if package.kind == "report" and vocabulary is not None:
        for name, content, rows in _used_vocabulary(package, vocabulary):
            declared = next(r for r in vocabulary.descriptor["resources"] if r["name"] == name)
            resources.append(_resource(declared, f"{name}.csv", content, rows))
            tables[name] = (f"{name}.csv", content, rows)
        for resource in resources:
            if resource["name"] == "figures":
                resource["schema"] = _with_vocabulary_keys(resource["schema"])
    descriptor = {**package.descriptor, "resources": resources}
    files = {path: content for path, content, _ in tables.values()}
    files["datapackage.json"] = (json.dumps(descriptor, ensure_ascii=False, indent=2, default=str) + "\n").encode()
    files["README.md"] = _readme(package, resources).encode()
    files["SHA256SUMS"] = _sums(files)
    return {f"{package.name}/{path}": content for path, content in files.items()}


def _as_it_stands(package: Package) -> dict[str, bytes]:
    """Return the own files of a package that others made: its descriptor, every part of every table, the rest.

    Nothing of it is written anew but a descriptor in YAML, which is JSON here; a README is added where it has none.
    """
    files = {part.path: part.content for table in package.tables for part in table.parts}
    files |= {one.path: one.content for one in package.attachments if one.path}
    for resource in package.descriptor.get("resources") or ():
        for key in ("schema", "dialect"):
            path = resource.get(key) if isinstance(resource, Mapping) else None
            content = read_bytes(package.folder, path) if isinstance(path, str) else None
            if isinstance(path, str) and content is not None:
                files[path] = content
    written = read_bytes(package.folder, "datapackage.json")
    files["datapackage.json"] = f"{to_json(package.descriptor)}\n".encode() if written is None else written
    files.setdefault("README.md", _readme_of_others(package).encode())
    files["SHA256SUMS"] = _sums(files)
    return {f"{package.name}/{path}": content for path, content in files.items()}


def _sums(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items()))
    return "".join(lines).encode()


def make_zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files, the same bytes for the same files whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            info.create_system = 3
            archive.writestr(info, files[path], compresslevel=6)
    return out.getvalue()


def _resource(declared: Mapping[str, Any], path: str, content: bytes, rows: int) -> dict[str, Any]:
    measured = {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "rows": rows}
    return {**declared, "path": path, **measured}


def _used_vocabulary(package: Package, vocabulary: Package) -> Iterator[tuple[str, bytes, int]]:
    """Yield the vocabulary tables cut to the rows a package uses, and the rows those refer to in turn."""
    figures = package.table("figures")
    records = [record for _, record in figures.records()] if figures else []
    used: dict[str, set[str]] = {table: {r[column] for r in records} for column, table in VOCABULARY_OF.items()}
    used["places"].add(str(package.descriptor["report"].get("place", "")))
    used["topics"] = set()
    claims = package.table("claims")
    formulas = " ".join(record["formula"] for _, record in claims.records()) if claims else ""
    used["inputs"] = set(re.findall(r"\[ *([a-z][a-z0-9_]*)", formulas))
    by_id: dict[str, dict[str, dict[str, str]]] = {}
    for name in used:
        table = vocabulary.table(name)
        by_id[name] = {record[table.columns[0]]: record for _, record in table.records()} if table else {}
    links = (
        ("indicators", "topic", "topics"),
        ("indicators", "unit", "units"),
        ("units", "base", "units"),
        ("places", "parent", "places"),
        ("places", "successor", "places"),
        ("breakdowns", "broader", "breakdowns"),
    )
    grown = True
    while grown:
        before = sum(map(len, used.values()))
        for source, column, target in links:
            used[target] |= {by_id[source][i][column] for i in used[source] if i in by_id[source]}
        grown = sum(map(len, used.values())) > before
    for name, ids in used.items():
        table = vocabulary.table(name)
        if table is not None:
            rows = [row for row in table.rows if row[0] in ids]
            yield name, plain_csv(table.columns, rows), len(rows)


def _with_vocabulary_keys(schema: Mapping[str, Any]) -> dict[str, Any]:
    keys = [
        {"fields": [column], "reference": {"resource": table, "fields": [column]}}
        for column, table in VOCABULARY_OF.items()
    ]
    return {**schema, "foreignKeys": [*schema.get("foreignKeys", ()), *keys]}


def _licences(package: Package) -> str:
    declared = package.descriptor.get("licenses")
    found = [item for item in declared if isinstance(item, Mapping)] if isinstance(declared, list) else []
    return ", ".join(str(item.get("title") or item.get("name") or item.get("path") or "") for item in found)


def _readme_of_others(package: Package) -> str:
    """Return the README of a package that others made: what it is, its tables, their columns and its licence."""
    lines = [f"# {package.text('title', 'vi') or package.name}", "", package.text("description", "vi"), ""]
    lines += [f"- Bản / version: {package.version}"] if package.version else []
    lines += [f"- Giấy phép / licence: {_licences(package)}", ""]
    for table in package.tables:
        lines += [f"## {table.path}: {table.title}", "", f"{len(table.rows)} dòng / rows", ""]
        for field in table.fields:
            lines.append(f"- `{field.name}` ({field.type}): {field.title or field.description}".removesuffix(": "))
        lines.append("")
    return "\n".join(lines)


def _publisher(package: Package) -> str:
    """Return who publishes a package of ours, by its contributors."""
    people = listed(package.descriptor.get("contributors"))
    named = (str(one.get("title", "")) for one in people if "publisher" in (one.get("roles") or ()))
    return next(named, "minhbach")


def _readme(package: Package, resources: Sequence[Mapping[str, Any]]) -> str:
    """Return the zip's README: what it is, its tables and columns, licence and citation, in both languages."""
    descriptor, licences = package.descriptor, _licences(package)
    lines = [
        f"# {package.text('title', 'vi')}",
        "",
        package.text("title", "en"),
        "",
        package.text("description", "vi"),
        "",
        package.text("description", "en"),
        "",
        f"- Bản / version: {descriptor.get('version', '')} ({descriptor.get('created', '')})",
        f"- Giấy phép / licence: {licences}",
        f"- Trích dẫn / cite: {_publisher(package)}, {package.text('title', 'vi')}, {package.name} {package.version}",
        "- CSV: UTF-8, dấu phẩy / comma, số viết thường / plain numbers: 17034, 2.27",
        "",
    ]
    for resource in resources:
        schema = (standard(resource["name"]) or {}).get("schema", resource["schema"])
        lines += [
            f"## {resource['path']}: {resource.get('title', '')} / {resource.get('title_en', '')}",
            "",
            f"{resource['rows']} dòng / rows, {resource['bytes']} byte, {resource['hash']}",
            "",
        ]
        for field in schema["fields"]:
            words = " / ".join(filter(None, (field.get("title"), field.get("title_en"), field.get("description_en"))))
            lines.append(f"- `{field['name']}` ({field['type']}): {words}")
        lines.append("")
    return "\n".join(lines)
