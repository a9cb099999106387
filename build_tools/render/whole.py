"""Write what holds the whole site in one file: packages in a zip, tables in a database, figures in one table."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from build_tools.figures import Figure
from build_tools.links import listed
from build_tools.output import CHECKSUMS, OutputFile
from build_tools.packages import Field, ForeignKey, Package, Table
from build_tools.render.database import MOST_COLUMNS, Stored, column_count, to_sqlite
from build_tools.render.downloads import (
    FINDING_LIST,
    VOCABULARY_OF,
    finding_rows,
    make_zip,
    package_files,
    to_parquet,
    typed_frame,
)
from build_tools.schemas import standard
from build_tools.site_model import WHOLE, Site
from build_tools.store import IN_MEMORY, File, Store
from build_tools.workers import ALONE, Workers

ROOT = "minhbach"  # the folder that the zip unpacks into
BETWEEN = "doi-chieu/cheo/#"  # where findings between reports stand
VIEWS = ("figures_named", "targets_and_results", "findings_that_fail")

# The figures as one flat table: column, type, title and what it means, in both languages.
_NAMED = ("topic", *VOCABULARY_OF)
_SPAN = ("as_written", "line", "section")


def whole_site(site: Site, address: str, workers: Workers = ALONE, store: Store = IN_MEMORY) -> Iterator[File]:
    """Yield the files that hold the whole site; `address` is where the site stands, ending in a slash."""
    making: list[tuple[str, Callable[[], bytes]]] = [(WHOLE["zip"], lambda: _zip(site.packages))]
    if site.packages:
        making.append((WHOLE["sqlite"], lambda: to_sqlite(stored_tables(site), _views(site, address))))
    if site.reports:
        making.append((WHOLE["parquet"], lambda: _parquet(site, address)))

    def made(n: int) -> list[File]:
        path, make = making[n]
        return store.put(f"whole-{n}", [OutputFile(path, make())])

    for files in workers.fork(made, range(len(making))):
        yield from files


def _parquet(site: Site, address: str) -> bytes:
    table = flat_figures(site, address)
    return to_parquet(typed_frame(table), table)


# ---- every package in a zip ----------------------------------------------------------------------------------------


def _zip(packages: Sequence[Package]) -> bytes:
    """Return every package as it stands in its own zip, with a descriptor that lists them and a README."""
    vocabulary = next((package for package in packages if package.kind == "vocabulary"), None)
    files: dict[str, bytes] = {}
    for package in packages:
        files |= package_files(package, vocabulary)
    files["datapackage.json"] = _catalogue(packages, files)
    files["README.md"] = _readme(packages).encode()
    files[CHECKSUMS] = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items())
    ).encode()
    return make_zip({f"{ROOT}/{path}": content for path, content in files.items()})


def _catalogue(packages: Sequence[Package], files: Mapping[str, bytes]) -> bytes:
    """Return a data package whose resources are the descriptors of the packages, as the standard's recipe has it."""
    resources = []
    for package in packages:
        path = f"{package.name}/datapackage.json"
        content = files[path]
        resources.append(
            {
                "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
                "name": package.name,
                "path": path,
                "format": "json",
                "mediatype": "application/json",
                "title": package.text("title", "vi"),
                "title_en": package.text("title", "en"),
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            }
        )
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": ROOT,
        "title": "minhbach: mọi gói dữ liệu",
        "title_en": "minhbach: every data package",
        "licenses": [
            {"name": "CC-BY-4.0", "title": "CC BY 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
        ],
        "resources": resources,
    }
    return (json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n").encode()


def _readme(packages: Sequence[Package]) -> str:
    """Return the README of the zip, in both languages: what is in it, how it is used, cited and verified."""
    lines = [
        "# minhbach",
        "",
        "Mọi gói dữ liệu của trang, mỗi thư mục một gói đứng được một mình.",
        "",
        "Every data package of the site; each folder is a package that stands alone.",
        "",
        "| gói / package | bản / version | bảng / tables | dòng / rows | tên / title |",
        "| --- | --- | --- | --- | --- |",
    ]
    for package in packages:
        rows = sum(len(table.rows) for table in package.tables)
        title = " / ".join(dict.fromkeys((package.text("title", "vi"), package.text("title", "en")))).replace(
            "|", "\\|"
        )
        version = package.descriptor.get("version", "")
        lines.append(f"| `{package.name}` | {version} | {len(package.tables)} | {rows} | {title} |")
    lines += [
        "",
        "- CSV: UTF-8, dấu phẩy / comma, số viết thường / plain numbers: 17034, 2.27.",
        "- Excel: dùng tệp .xlsx trên trang, nơi không ô nào là công thức / take the .xlsx of the site: no formulas.",
        "- Giấy phép / licence: CC BY 4.0. Trích dẫn: README của từng gói / To cite: the README of each package.",
        "- Kiểm / verify: `sha256sum --check SHA256SUMS`; `minhbach verify minhbach.zip`.",
        "",
    ]
    return "\n".join(lines)


# ---- every table in a database -------------------------------------------------------------------------------------

_PACKAGE = Field(
    "package", "string", "Gói", "Package", "Gói dữ liệu có dòng này.", "The data package of the row.", True
)


def stored_tables(site: Site) -> list[Stored]:
    """Return every table of every package, tables of the same standard as one, and what the audit made of them.

    Tables of the vocabulary keep their names; those of reports and between reports get a column `package` before their
    own; those of other packages are called PACKAGE_TABLE, with underscores, but for a table of more columns than SQLite
    takes, which is left out.
    """
    tables = [_packages(site), *_vocabulary(site), *_report_tables(site)]
    tables += [_reports(site), _findings(site), _results(site)] if site.reports else []
    known = {table.name for table in tables} | {"dictionary", *VIEWS}
    for package in site.packages:
        if package.kind == "other":
            held = [table for table in package.tables if column_count(table.fields) <= MOST_COLUMNS]
            names = {table.name: _free_name(f"{package.name}_{table.name}", known) for table in held}
            tables += [_of_other(package, table, names) for table in held]
    return [*tables, _dictionary(tables)]


def _free_name(wanted: str, known: set[str]) -> str:
    """Return a name of letters, digits and underscores that is not among the known, and add it to them."""
    base = re.sub(r"[^a-z0-9]+", "_", wanted)
    name = next(n for n in (base, *(f"{base}_{i}" for i in range(2, len(known) + 3))) if n not in known)
    known.add(name)
    return name


def _texts(*names: tuple[str, str, str]) -> tuple[Field, ...]:
    """Return columns of text by name and title in both languages."""
    return tuple(Field(name, "string", vi, en) for name, vi, en in names)


def _packages(site: Site) -> Stored:
    fields = _texts(
        ("package", "Gói", "Package"),
        ("kind", "Loại", "Kind"),
        ("title_vi", "Tên", "Title in Vietnamese"),
        ("title_en", "Tên tiếng Anh", "Title in English"),
        ("version", "Bản", "Version"),
        ("created", "Ngày tạo", "Created"),
        ("licence", "Giấy phép", "Licence"),
    )
    rows = []
    for package in site.packages:
        licences = ", ".join(str(one.get("name", "")) for one in listed(package.descriptor.get("licenses")))
        about = [package.text(key, "") for key in ("version", "created")]
        rows.append(
            [package.name, package.kind, package.text("title", "vi"), package.text("title", "en"), *about, licences]
        )
    return Stored("packages", fields, rows, ("package",))


def _reports(site: Site) -> Stored:
    fields = (
        *_texts(
            ("package", "Gói", "Package"),
            ("place", "Nơi", "Place"),
            ("issuer_vi", "Cơ quan ban hành", "Issuing body, in Vietnamese"),
            ("issuer_en", "Cơ quan ban hành, tiếng Anh", "Issuing body, in English"),
            ("number", "Số hiệu", "Number"),
            ("date", "Ngày ký", "Date"),
            ("title_vi", "Tên", "Title in Vietnamese"),
            ("title_en", "Tên tiếng Anh", "Title in English"),
            ("short_vi", "Tên ngắn", "Short title in Vietnamese"),
            ("short_en", "Tên ngắn, tiếng Anh", "Short title in English"),
        ),
        Field("period_start", "date", "Từ ngày", "Period start"),
        Field("period_end", "date", "Đến ngày", "Period end"),
        *_texts(
            ("text_file", "Tệp văn bản", "File of the text"), ("text_sha256", "SHA-256 của văn bản", "SHA-256 of it")
        ),
    )
    own = [field.name for field in fields[:-2]]
    rows = [
        [
            *(str(getattr(report.data.facts, name)) for name in own),
            report.data.facts.text.file,
            report.data.facts.text.sha256,
        ]
        for report in site.reports
    ]
    keys = (ForeignKey(("package",), "packages", ("package",)), ForeignKey(("place",), "places", ("place",)))
    return Stored("reports", fields, rows, ("package",), keys)


def _vocabulary(site: Site) -> Iterator[Stored]:
    package = next((package for package in site.packages if package.kind == "vocabulary"), None)
    for table in package.tables if package is not None else ():
        yield Stored(table.name, table.fields, table.rows, table.primary_key, table.foreign_keys)


def _report_tables(site: Site) -> Iterator[Stored]:
    """Yield the tables of reports and between reports, each standard as one table with the package before its columns.

    A table of no standard would be a table of its own; the reader of packages knows none in these packages.
    """
    held = [package for package in site.packages if package.kind in ("report", "across")]
    names = dict.fromkeys(table.name for package in held for table in package.tables)
    for name in names:
        found = standard(name)
        if found is None:
            continue
        declared = found["schema"]["fields"]
        fields = tuple(
            Field(
                f["name"],
                f["type"],
                f.get("title", ""),
                f.get("title_en", ""),
                f.get("description", ""),
                f.get("description_en", ""),
            )
            for f in declared
        )
        rows = []
        for package in held:
            table = package.table(name)
            for _, record in table.records() if table is not None else ():
                rows.append([package.name, *(record.get(field.name, "") for field in fields)])
        key = tuple(found["schema"].get("primaryKey") or ())
        yield Stored(name, (_PACKAGE, *fields), rows, ("package", *key) if key else (), _keys_of(name))


def _keys_of(name: str) -> tuple[ForeignKey, ...]:
    """Return what the rows of a standard table refer to."""
    keys = [ForeignKey(("package",), "packages", ("package",))]
    if name == "figures":
        keys += [ForeignKey((column,), table, (column,)) for column, table in VOCABULARY_OF.items()]
    if name in ("ledger", "claim_items"):
        keys.append(ForeignKey(("package", "figure_id"), "figures", ("package", "figure_id")))
    if name == "claim_items":
        keys.append(ForeignKey(("package", "claim_id"), "claims", ("package", "claim_id")))
    return tuple(keys)


def _findings(site: Site) -> Stored:
    titles = {
        "claim_id": ("Mã phép tính", "Claim id"),
        "rule": ("Quy tắc", "Rule"),
        "basis": ("Căn cứ", "Basis"),
        "verdict": ("Kết luận", "Verdict"),
        "verdict_as_read": ("Kết luận nếu đọc như in", "Verdict as read"),
        "stated": ("Số đã nêu", "Stated"),
        "computed": ("Số tính lại", "Computed"),
        "difference": ("Chênh lệch", "Difference"),
        "unit": ("Đơn vị", "Unit"),
        "working": ("Cách tính", "Working"),
        "inputs": ("Các con số dùng đến", "Inputs"),
        "line": ("Dòng", "Line"),
    }
    kinds = {"line": "integer", "difference": "number"}
    fields = (_PACKAGE, *(Field(name, kinds.get(name, "string"), *titles[name]) for name in FINDING_LIST[1:]))
    findings = [finding for _, finding in site.findings()] + list(site.between.findings)
    keys = (
        ForeignKey(("package",), "packages", ("package",)),
        ForeignKey(("package", "claim_id"), "claims", ("package", "claim_id")),
    )
    return Stored("findings", fields, finding_rows(findings, site), ("package", "claim_id"), keys)


def _results(site: Site) -> Stored:
    """Return each result that has a target, printed or derived, with the figure that prints it."""
    fields = (
        _PACKAGE,
        *_texts(("figure_id", "Mã con số", "Figure id"), ("target_kind", "Đích được in hay suy ra", "Kind of target")),
        Field("target", "number", "Đích", "Target"),
        *_texts(
            ("target_figure_id", "Con số in đích", "Figure of the target"),
            ("attainment_figure_id", "Con số in tỷ lệ đạt", "Figure of the attainment"),
            ("claim_id", "Phép tính", "Claim"),
        ),
    )
    rows = []
    for report in site.reports:
        for result in report.results:
            if result.target is not None:
                named = [one.figure_id if one is not None else "" for one in (result.target_figure, result.attainment)]
                figure = result.figure
                rows.append(
                    [report.name, figure.figure_id, result.target_kind, f"{result.target:f}", *named, result.claim_id]
                )
    keys = tuple(
        ForeignKey(("package", column), "figures", ("package", "figure_id"))
        for column in ("figure_id", "target_figure_id", "attainment_figure_id")
    )
    return Stored("results", fields, rows, ("package", "figure_id"), keys)


def _of_other(package: Package, table: Table, names: Mapping[str, str]) -> Stored:
    """Return a table of a package of any kind; a reference holds in SQL only where it is to a primary key."""
    keys = {other.name: other.primary_key for other in package.tables}
    held = [key for key in table.foreign_keys if key.table in names and key.targets == keys.get(key.table)]
    foreign = tuple(ForeignKey(key.fields, names[key.table], key.targets) for key in held)
    return Stored(names[table.name], table.fields, table.rows, table.primary_key, foreign)


def _dictionary(tables: Iterable[Stored]) -> Stored:
    """Return what every column of every table means."""
    fields = (
        *_texts(("table_name", "Bảng", "Table")),
        Field("position", "integer", "Thứ tự", "Position"),
        *_texts(
            ("column_name", "Cột", "Column"),
            ("type", "Kiểu", "Type"),
            ("title_vi", "Tên", "Title in Vietnamese"),
            ("title_en", "Tên tiếng Anh", "Title in English"),
            ("description_vi", "Nghĩa", "Meaning, in Vietnamese"),
            ("description_en", "Nghĩa, tiếng Anh", "Meaning, in English"),
        ),
    )
    rows = [
        [table.name, str(n), f.name, f.type, f.title, f.title_en, f.description, f.description_en]
        for table in tables
        for n, f in enumerate(table.fields, 1)
    ]
    return Stored("dictionary", fields, rows, ("table_name", "position"))


def _views(site: Site, address: str) -> dict[str, str]:
    """Return the views by name, none without a report: figures with names, results with targets, what fails."""
    if not site.reports:
        return {}
    where = f"'{address.replace(chr(39), chr(39) * 2)}bao-cao/' || f.package || '/#' || f.figure_id"
    place = f"CASE d.package WHEN 'across' THEN '{BETWEEN}' ELSE 'doi-chieu/' || d.package || '/#' END"
    checked = f"'{address.replace(chr(39), chr(39) * 2)}' || {place} || d.claim_id"
    first = (
        "(SELECT rowid FROM ledger WHERE package = f.package AND figure_id = f.figure_id ORDER BY line, start LIMIT 1)"
    )
    named = f"""
SELECT f.package, r.short_vi AS report_vi, r.short_en AS report_en, f.figure_id,
  i.topic, t.name_vi AS topic_vi, t.name_en AS topic_en,
  f.indicator, i.name_vi AS indicator_vi, i.name_en AS indicator_en,
  f.place, p.name_vi AS place_vi, p.name_en AS place_en, f.body, b.name_vi AS body_vi, b.name_en AS body_en,
  f.breakdown, k.name_vi AS breakdown_vi, k.name_en AS breakdown_en,
  f.unit, u.symbol_vi AS unit_vi, u.symbol_en AS unit_en,
  f.period_start, f.period_end, f.period_basis, f.as_of, f.stance, f.measure, f.extent, f.base, f.direction, f.status,
  f.value, f.value_number, f.value_high, f.value_high_number, f.qualifier, f.precision, f.precision_number,
  f.unit_written,
  l.as_written, l.line, l.section, f.note, f.note_en, {where} AS address
FROM figures AS f
JOIN reports AS r ON r.package = f.package
JOIN indicators AS i ON i.indicator = f.indicator
JOIN topics AS t ON t.topic = i.topic
JOIN places AS p ON p.place = f.place
JOIN bodies AS b ON b.body = f.body
JOIN units AS u ON u.unit = f.unit
LEFT JOIN breakdowns AS k ON k.breakdown = f.breakdown
LEFT JOIN ledger AS l ON l.rowid = {first}"""  # noqa: S608  (the address is quoted)
    targets = """
SELECT n.package, n.report_vi, n.report_en, n.figure_id, n.topic_vi, n.topic_en, n.indicator_vi, n.indicator_en,
  n.place_vi, n.place_en, n.breakdown_vi, n.breakdown_en, n.period_start, n.period_end, n.measure, n.status,
  e.target, e.target_number, e.target_kind, n.value AS result, n.value_number AS result_number,
  n.unit_vi, n.unit_en, a.value AS attainment_printed, a.value_number AS attainment_printed_number,
  e.claim_id, d.verdict, n.address
FROM results AS e
JOIN figures_named AS n ON n.package = e.package AND n.figure_id = e.figure_id
LEFT JOIN figures AS a ON a.package = e.package AND a.figure_id = e.attainment_figure_id
LEFT JOIN findings AS d ON d.package = e.package AND d.claim_id = e.claim_id"""
    failing = f"""
SELECT d.package, r.short_vi AS report_vi, r.short_en AS report_en, d.claim_id, d.rule, d.basis, d.stated, d.computed,
  d.difference, d.difference_number, d.unit, d.working, d.line, c.note, c.note_en, {checked} AS address
FROM findings AS d
LEFT JOIN claims AS c ON c.package = d.package AND c.claim_id = d.claim_id
LEFT JOIN reports AS r ON r.package = d.package
WHERE d.verdict = 'fails'"""  # noqa: S608  (the address is quoted)
    return dict(zip(VIEWS, (named, targets, failing), strict=True))


# ---- every figure in a row -----------------------------------------------------------------------------------------


def flat_figures(site: Site, address: str) -> Table:
    """Return every figure of every report in one table: as in `figures.csv`, with names and first place in the text."""
    found = standard("figures")
    declared = {f["name"]: f for f in found["schema"]["fields"]} if found is not None else {}
    columns: list[Field] = [
        _PACKAGE,
        *_texts(("report_vi", "Báo cáo", "Report, in Vietnamese"), ("report_en", "Báo cáo, tiếng Anh", "Report")),
    ]
    for name in ("figure_id", "topic", *declared):
        if name in {field.name for field in columns}:
            continue
        titles = declared.get(name, {"type": "string", "title": "Lĩnh vực", "title_en": "Topic"})
        columns.append(Field(name, titles["type"], titles["title"], titles["title_en"]))
        if name in _NAMED:
            columns += _texts(
                (f"{name}_vi", f"{titles['title']}, tên", f"{titles['title_en']}, name in Vietnamese"),
                (f"{name}_en", f"{titles['title']}, tên tiếng Anh", f"{titles['title_en']}, name in English"),
            )
    columns += [
        Field("as_written", "string", "Như in", "As written"),
        Field("line", "integer", "Dòng", "Line"),
        Field("section", "string", "Mục", "Section"),
        Field("address", "string", "Địa chỉ trên trang", "Address on the site"),
    ]
    rows = [
        _flat(site, figure, record, address)
        for report in site.reports
        for figure, record in zip(report.data.figures, _records(report.package), strict=True)
    ]
    cells = tuple(tuple(row[field.name] for field in columns) for row in rows)
    return Table("figures", WHOLE["parquet"], "Mọi con số", "Every figure", tuple(columns), cells, (), b"")


def _records(package: Package) -> list[dict[str, str]]:
    table = package.table("figures")
    return [record for _, record in table.records()] if table is not None else []


def _flat(site: Site, figure: Figure, record: Mapping[str, str], address: str) -> dict[str, str]:
    """Return one figure as texts by column."""
    words, facts = site.vocabulary, site.report(figure.package).data.facts
    topic = words.indicators[figure.indicator].topic
    known = {
        "topic": words.topics[topic],
        "indicator": words.indicators[figure.indicator],
        "place": words.places[figure.place],
        "body": words.bodies[figure.body],
        "breakdown": words.breakdowns.get(figure.breakdown),
    }
    unit = words.units[figure.unit]
    span = figure.spans[0] if figure.spans else None
    flat = {"note_en": "", **record, "package": figure.package, "topic": topic}
    flat |= {"report_vi": facts.short_vi, "report_en": facts.short_en, "unit_vi": unit.symbol_vi}
    flat |= {"unit_en": unit.symbol_en, "address": f"{address}bao-cao/{figure.package}/#{figure.figure_id}"}
    for name, named in known.items():
        flat |= {f"{name}_vi": named.name_vi if named else "", f"{name}_en": named.name_en if named else ""}
    flat |= {name: str(getattr(span, name)) if span is not None else "" for name in _SPAN}
    return flat
