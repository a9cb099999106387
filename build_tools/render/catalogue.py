"""Describe the data to other programs: schema.org and Croissant, DCAT-AP, CSVW, llms.txt; the home of rdflib.

Nothing here is fetched: every context of JSON-LD stands in the document, and the one of CSVW is only named. The same
descriptions are made twice where two vocabularies want it, always from the packages as they stand.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from build_tools.cache import BYTES, NOTHING_KEPT, Cache
from build_tools.cells import Field
from build_tools.links import listed, safe_link, words_in
from build_tools.output import OutputFile
from build_tools.packages import Package, Table
from build_tools.settings import Settings
from build_tools.site_model import Page, Site
from build_tools.store import File
from build_tools.vocabulary import Place
from build_tools.words import Words
from build_tools.workers import ALONE, Workers

Json = dict[str, Any]

LARGEST_RECORD = 20_000  # characters of a package that others made, in a page
MOST_DISTRIBUTIONS = 20  # files of one too long
LONGEST_DESCRIPTION = 5000  # what search engines read of one
IANA = "https://www.iana.org/assignments/media-types/"
AUTHORITY = "http://publications.europa.eu/resource/authority/"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True)
class Format:
    """A format that tables or packages are published in: how its files end, and what others call it."""

    name: str
    ending: str
    media_type: str
    file_type: str  # of the file types of the European Union


CSV = Format("csv", ".csv", "text/csv", "CSV")
PARQUET = Format("parquet", ".parquet", "application/vnd.apache.parquet", "PARQUET")
ZIP = Format("zip", ".zip", "application/zip", "ZIP")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = (
    CSV,
    Format("excel", ".excel.csv", "text/csv", "CSV"),
    Format("xlsx", ".xlsx", XLSX_TYPE, "XLSX"),
    Format("json", ".json", "application/json", "JSON"),
    PARQUET,
)
# Readers of Croissant know Parquet by this name alone.
CROISSANT_TYPES = {PARQUET.media_type: "application/x-parquet"}

# The data themes of the European Union; all that public bodies report is about government.
THEMES = {
    "viec-lam": ("SOCI", "ECON"),
    "di-lam-viec-o-nuoc-ngoai": ("SOCI", "ECON"),
    "giao-duc-nghe-nghiep": ("EDUC",),
    "giam-ngheo": ("SOCI",),
    "tin-dung": ("ECON",),
    "bao-hiem-y-te": ("HEAL",),
    "nguoi-co-cong": ("SOCI",),
    "bao-tro-xa-hoi": ("SOCI",),
    "tre-em-va-binh-dang-gioi": ("SOCI",),
    "phong-chong-te-nan-xa-hoi": ("SOCI", "JUST"),
    "lao-dong-va-an-toan": ("SOCI", "ECON"),
}
ALWAYS = "GOVE"

# As Croissant 1.1 gives it, whole: its readers ask for exactly this.
CROISSANT_CONTEXT: Json = {
    "@language": "vi",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
CROISSANT_FIELDS = {"integer": "sc:Integer", "number": "sc:Float", "date": "sc:Date"}

# Every key of the catalogue's nodes, so that the same records are JSON-LD as they stand.
DCAT_CONTEXT: Json = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

CSVW_TYPES: Mapping[str, object] = {
    "integer": "integer",
    "number": "decimal",
    "date": {"base": "date", "format": "yyyy-MM-dd"},
    "boolean": "boolean",
}
_CSVW_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Published:
    """A file as it is published: its path in the site, its size and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Catalogue:
    """The descriptions of one build: what was planned, where it will stand, and the files as they were made."""

    site: Site
    settings: Settings
    files: Mapping[str, Published]

    @cached_property
    def root(self) -> str:
        """The address of the site."""
        return self.settings.absolute_url

    def address(self, path: str, prefix: str = "") -> str:
        """Return the whole address of a page or file; `prefix` is the folder of the language."""
        return f"{self.root}{prefix}/{path}" if prefix else self.root + path

    def downloads(
        self, package: Package, table: Table, formats: Sequence[Format]
    ) -> Iterator[tuple[Format, Published]]:
        """Yield a table's files in the formats."""
        for kind in formats:
            published = self.files.get(f"du-lieu/{package.name}/{table.name}{kind.ending}")
            if published is not None:  # no workbook holds every table
                yield kind, published

    def place(self, package: Package) -> Place | None:
        """Return the place a report is of; nothing for what is no report."""
        report = package.descriptor.get("report") or {}
        return self.site.vocabulary.places.get(str(report.get("place", "")))

    def period(self, package: Package) -> tuple[str, str] | None:
        """Return the first and last day that a report covers; nothing for what is no report."""
        report = package.descriptor.get("report") or {}
        start, end = report.get("period_start"), report.get("period_end")
        return (str(start), str(end)) if start and end else None

    @cached_property
    def indicators(self) -> Mapping[str, tuple[str, ...]]:
        """The indicators of each package's figures, in the order of the vocabulary."""
        used = {report.name: {figure.indicator for figure in report.data.figures} for report in self.site.reports}
        return {name: tuple(i for i in self.site.vocabulary.indicators if i in ids) for name, ids in used.items()}

    def topics(self, package: Package) -> tuple[str, ...]:
        """Return the topics of a package's figures, in the order of the vocabulary."""
        indicators = self.site.vocabulary.indicators
        used = {indicators[indicator].topic for indicator in self.indicators.get(package.name, ())}
        return tuple(topic for topic in self.site.vocabulary.topics if topic in used)


@dataclass(frozen=True)
class Part:
    """A catalogue within a catalogue: the address of its site, what it is called, and when it last changed."""

    address: str
    title_vi: str
    title_en: str
    updated: str

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return self.title_en if language == "en" else self.title_vi


def catalogue(site: Site, settings: Settings, files: Iterable[File]) -> Catalogue:
    """Return what the descriptions are made from; `files` are the downloads as they will be published."""
    measured = {
        file.path: Published(file.path, file.size, file.sha256) for file in files if file.path.startswith("du-lieu/")
    }
    return Catalogue(site, settings, measured)


def catalogue_files(
    catalogue: Catalogue, texts: Mapping[str, Words], workers: Workers = ALONE, cache: Cache = NOTHING_KEPT
) -> Iterator[OutputFile]:
    """Yield the catalogue as Turtle and JSON-LD, each CSV's metadata, and llms.txt; `texts` are words by prefix."""
    document = dcat(catalogue, list(texts.values()))
    content = json.dumps(document, ensure_ascii=False, indent=1)
    yield OutputFile("catalog.jsonld", (content + "\n").encode())
    yield OutputFile("catalog.ttl", as_turtle(document, workers, cache))
    for package in catalogue.site.packages:
        for table in package.tables:
            metadata = json.dumps(csvw(package, table, catalogue.settings.site_name), ensure_ascii=False, indent=1)
            path = f"du-lieu/{package.name}/{table.name}.csv-metadata.json"
            yield OutputFile(path, (metadata + "\n").encode())
    for prefix, words in texts.items():
        yield OutputFile("/".join(filter(None, (prefix, "llms.txt"))), llms(catalogue, words, prefix).encode())


# ---- words ---------------------------------------------------------------------------------------------------------


def _title(package: Package, language: str) -> str:
    return package.text("title", language) or package.name


def _table_title(table: Table, language: str) -> str:
    return (table.title_en if language == "en" else table.title) or table.title or table.name


def _described(package: Package, words: Words) -> str:
    """Return what a package is, in at least a sentence of ours: many packages say little of themselves."""
    rows = sum(len(table.rows) for table in package.tables)
    size = words.fill("catalogue.package", title=_title(package, words.language), tables=len(package.tables), rows=rows)
    return " ".join(filter(None, (package.text("description", words.language), size)))[:LONGEST_DESCRIPTION]


def _table_described(package: Package, table: Table, words: Words) -> str:
    return words.fill(
        "catalogue.table",
        table=_table_title(table, words.language),
        package=_title(package, words.language),
        rows=len(table.rows),
        columns=len(table.fields),
    )[:LONGEST_DESCRIPTION]


def _field_described(field: Field, language: str) -> str:
    title, description = field.title, field.description
    if language == "en":
        title, description = field.title_en or title, field.description_en or description
    return ": ".join(filter(None, (title, description))) or field.name


def _licence(package: Package) -> str:
    """Return the address of a package's licence, else its name."""
    for licence in listed(package.descriptor.get("licenses")):
        return safe_link(licence.get("path")) or str(licence.get("name") or licence.get("title") or "")
    return ""


def _sources(package: Package) -> list[str]:
    """Return the titles of a package's sources."""
    return words_in([source.get("title") for source in listed(package.descriptor.get("sources"))])


def _day(package: Package, settings: Settings) -> str:
    day = str(package.descriptor.get("created") or "")[:10]
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return settings.data_date.isoformat()


# ---- schema.org and Croissant --------------------------------------------------------------------------------------


def blocks(catalogue: Catalogue, words: Words, prefix: str) -> Mapping[str, str]:
    """Return the script element that describes the data of each page of data, by the page's address."""
    described: dict[str, str] = {}
    for page in catalogue.site.pages:
        if page.template == "package":
            described[page.address] = script(_bounded(page.subject, package_record(catalogue, page, words, prefix)))
        elif page.template == "table":
            described[page.address] = script(_bounded(page.subject[0], table_record(catalogue, page, words, prefix)))
    return described


def _bounded(package: Package, record: Json) -> Json:
    """Return a record that a page can hold: of what others made, a very long one leaves its parts to the files.

    The columns of every table stand in the metadata beside its CSV.
    """
    if package.kind != "other" or len(json.dumps(record, ensure_ascii=False)) <= LARGEST_RECORD:
        return record
    short = {key: value for key, value in record.items() if key not in ("recordSet", "variableMeasured")}
    return {**short, "distribution": record["distribution"][:MOST_DISTRIBUTIONS]}


def script(record: Json) -> str:
    """Return a record as a script element that is data and that no text in it can end."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{text}</script>'


def package_record(catalogue: Catalogue, page: Page, words: Words, prefix: str) -> Json:
    """Return a package as schema.org's Dataset and Croissant: its zip, and each table's CSV, Parquet and records."""
    package: Package = page.subject
    title, language = _title(package, words.language), words.language
    indicators = [catalogue.site.vocabulary.indicators[i] for i in catalogue.indicators.get(package.name, ())]
    units = catalogue.site.vocabulary.units
    symbols = {name: unit.symbol_en if language == "en" else unit.symbol_vi for name, unit in units.items()}
    measured = [
        {"@type": "PropertyValue", "name": i.name(language), "unitText": symbols.get(i.unit, i.unit)}
        for i in indicators
    ] or [{"@type": "PropertyValue", "name": _table_title(table, language)} for table in package.tables]
    archive = catalogue.files[f"du-lieu/{package.name}.zip"]
    objects = [_file_object(catalogue, f"{package.name}.zip", ZIP, archive)]
    for table in package.tables:
        for kind, file in catalogue.downloads(package, table, (CSV, PARQUET)):
            objects.append(_file_object(catalogue, f"{table.name}{kind.ending}", kind, file))
    return {
        **_head(catalogue, page, package, words, prefix, title, _described(package, words)),
        "variableMeasured": measured,
        "distribution": objects,
        "recordSet": [_record_set(table, language) for table in package.tables],
    }


def table_record(catalogue: Catalogue, page: Page, words: Words, prefix: str) -> Json:
    """Return a table as schema.org's Dataset and Croissant: its files in every format, and its records."""
    package: Package
    table: Table
    package, table = page.subject
    language = words.language
    title = f"{_table_title(table, language)} – {_title(package, language)}"
    measured = [
        {"@type": "PropertyValue", "name": field.name, "description": _field_described(field, language)}
        for field in table.fields
    ]
    objects = [
        _file_object(catalogue, f"{table.name}{kind.ending}", kind, file)
        for kind, file in catalogue.downloads(package, table, FORMATS)
    ]
    return {
        **_head(catalogue, page, package, words, prefix, title, _table_described(package, table, words)),
        "isPartOf": catalogue.address(f"du-lieu/{package.name}/", prefix),
        "variableMeasured": measured,
        "distribution": objects,
        "recordSet": [_record_set(table, language)],
    }


def _head(
    catalogue: Catalogue, page: Page, package: Package, words: Words, prefix: str, title: str, description: str
) -> Json:
    """Return what a package's record and a table's have in common."""
    language, settings = words.language, catalogue.settings
    version, day = package.version or "0.0.0", _day(package, settings)
    is_ours = package.kind != "other"
    makers = words_in([item.get("title") for item in listed(package.descriptor.get("contributors"))])
    modified = catalogue.site.version_day(package) or day
    address = catalogue.address(page.address, prefix)
    us = {"@type": "Organization", "name": settings.site_name, "url": catalogue.root}
    place, period = catalogue.place(package), catalogue.period(package)
    topics = [catalogue.site.vocabulary.topics[topic].name(language) for topic in catalogue.topics(package)]
    keywords = [*topics, *([place.short(language)] if place else []), *words.text("catalogue.keywords").split(", ")]
    who = f"{', '.join(makers)}: " if makers else ""
    said = words.fill("citation.version_other", version=package.version) if package.version else ""
    cited = (
        words.fill("citation.text", year=day[:4], title=title, version=version, address=address)
        if is_ours
        else words.fill("citation.text_other", who=who, title=title, version=said, address=address)
    )
    record: Json = {
        "@context": {**CROISSANT_CONTEXT, "@language": language},
        "@type": "Dataset",
        "@id": address,
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": title,
        "description": description,
        "url": address,
        "identifier": address,
        "license": _licence(package),
        "creator": us if is_ours else [{"@type": "Person", "name": maker} for maker in makers] or "",
        "publisher": us,
        "version": version,
        "datePublished": day,
        "dateModified": modified,
        "inLanguage": "vi" if is_ours else "",
        "isAccessibleForFree": True,
        "isLiveDataset": False,
        "keywords": keywords if is_ours else words_in(package.descriptor.get("keywords")) or "",
        "citeAs": cited,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": settings.site_name,
            "url": catalogue.address("du-lieu/", prefix),
        },
    }
    if period:
        record["temporalCoverage"] = "/".join(period)
    if place:
        where = {"@type": "Place", "name": place.name(language)}
        record["spatialCoverage"] = {**where, "url": catalogue.address(f"dia-phuong/{place.place}/", prefix)}
    sources = _sources(package)
    if any(sources):
        record["isBasedOn"] = [{"@type": "CreativeWork", "name": source} for source in sources]
    return {key: value for key, value in record.items() if value != ""}


def _file_object(catalogue: Catalogue, name: str, kind: Format, file: Published) -> Json:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": catalogue.address(file.path),
        "contentSize": f"{file.size} B",
        "encodingFormat": CROISSANT_TYPES.get(kind.media_type, kind.media_type),
        "sha256": file.sha256,
    }


def _record_set(table: Table, language: str) -> Json:
    """Return a table's records. They are read from Parquet, which has types: of a CSV, readers guess them."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{table.name}/{field.name}",
            "name": field.name,
            "description": _field_described(field, language),
            "dataType": CROISSANT_FIELDS.get(field.type, "sc:Text"),
            "source": {
                "fileObject": {"@id": f"{table.name}{PARQUET.ending}"},
                "extract": {"column": field.name},
            },
        }
        for field in table.fields
    ]
    record: Json = {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": _table_title(table, language),
        "field": fields,
    }
    if table.primary_key:
        record["key"] = [{"@id": f"{table.name}/{name}"} for name in table.primary_key]
    return record


# ---- DCAT-AP -------------------------------------------------------------------------------------------------------


def dcat(catalogue: Catalogue, texts: Sequence[Words]) -> Json:
    """Return the catalogue of all packages and tables by DCAT-AP 3.0.1, as JSON-LD with its context in it."""
    nodes = _Nodes()
    packages = catalogue.site.packages
    publisher, contact = _responsible(catalogue, nodes)
    datasets: list[Json] = []
    for package in packages:
        common = _common(catalogue, nodes, package, publisher, contact)
        datasets.append(_package_node(catalogue, nodes, package, texts, common))
        datasets += [_table_node(catalogue, nodes, package, table, texts, common) for table in package.tables]
    _catalogue_node(catalogue, nodes, texts, publisher, {"dcat:dataset": datasets})
    return {"@context": DCAT_CONTEXT, "@graph": nodes.sorted()}


def dcat_of_all(catalogue: Catalogue, texts: Sequence[Words], parts: Sequence[Part]) -> Json:
    """Return a catalogue of catalogues, each named with where it stands; their datasets stand in themselves alone."""
    nodes = _Nodes()
    publisher, _ = _responsible(catalogue, nodes)
    found = [
        nodes.add(
            f"{part.address}catalog.ttl#catalog",
            "dcat:Catalog",
            {
                "dct:title": [_said(words, part.title(words.language)) for words in texts],
                "dct:description": [_said(words, words.text("catalogue.description")) for words in texts],
                "dct:publisher": publisher,
                "dct:modified": _typed(part.updated, "date"),
                "foaf:homepage": nodes.document(part.address),
                "rdfs:seeAlso": [{"@id": f"{part.address}catalog.{ending}"} for ending in ("jsonld", "ttl")],
            },
        )
        for part in parts
    ]
    _catalogue_node(catalogue, nodes, texts, publisher, {"dcat:catalog": found})
    return {"@context": DCAT_CONTEXT, "@graph": nodes.sorted()}


def _responsible(catalogue: Catalogue, nodes: "_Nodes") -> tuple[Json, Json]:
    """Return who publishes the site and whom to ask about it."""
    publisher = nodes.add(
        catalogue.address("catalog.ttl#publisher"),
        "foaf:Agent",
        {"foaf:name": catalogue.settings.site_name, "foaf:homepage": nodes.document(catalogue.root)},
    )
    contact = nodes.add(
        catalogue.address("catalog.ttl#contact"),
        ("vcard:Kind", "vcard:Organization"),
        {
            "vcard:fn": catalogue.settings.site_name,
            "vcard:hasURL": {"@id": catalogue.address("gioi-thieu/")},
        },
    )
    return publisher, contact


def _catalogue_node(
    catalogue: Catalogue, nodes: "_Nodes", texts: Sequence[Words], publisher: Json, held: Mapping[str, object]
) -> None:
    """Add the node of the site's own catalogue, with what it holds."""
    day = catalogue.settings.data_date.isoformat()
    nodes.add(
        catalogue.address("catalog.ttl#catalog"),
        "dcat:Catalog",
        {
            "dct:title": [_said(words, words.text("catalogue.title")) for words in texts],
            "dct:description": [_said(words, words.text("catalogue.description")) for words in texts],
            "dct:publisher": publisher,
            "dct:license": nodes.add(
                "https://creativecommons.org/licenses/by/4.0/", "dct:LicenseDocument", {"rdfs:label": "CC BY 4.0"}
            ),
            "dct:language": [nodes.authority("language", code, "dct:LinguisticSystem") for code in ("ENG", "VIE")],
            "dct:modified": _typed(day, "date"),
            "dct:spatial": nodes.authority("country", "VNM", "dct:Location"),
            "foaf:homepage": nodes.document(catalogue.root),
            "dcat:themeTaxonomy": nodes.add(
                f"{AUTHORITY}data-theme", "skos:ConceptScheme", {"dct:title": "Data theme"}
            ),
            **held,
        },
    )


class _Nodes:
    """The nodes of a catalogue by their address; what several of them name stands in it once."""

    def __init__(self) -> None:
        self._nodes: dict[str, Json] = {}

    def add(self, address: str, kinds: str | Sequence[str], properties: Mapping[str, object]) -> Json:
        """Add a node, unless it is there, and return the reference to it."""
        named = {key: value for key, value in properties.items() if value not in ("", [], None)}
        types = [kinds] if isinstance(kinds, str) else sorted(kinds)
        found = self._nodes.setdefault(address, {"@id": address, "@type": types, **named})
        found["@type"] = sorted({*found["@type"], *types})
        return {"@id": address}

    def authority(self, scheme: str, code: str, kind: str) -> Json:
        """Return the reference to an entry of a list of the European Union."""
        return self.add(f"{AUTHORITY}{scheme}/{code}", kind, {})

    def document(self, address: str) -> Json:
        """Return the reference to a page."""
        return self.add(address, "foaf:Document", {})

    def sorted(self) -> list[Json]:
        """Return all nodes by address."""
        return [self._nodes[address] for address in sorted(self._nodes)]


def _said(words: Words, text: str) -> Json:
    return {"@value": text, "@language": words.language}


def _typed(value: str | int, kind: str) -> Json:
    return {"@value": str(value), "@type": f"xsd:{kind}"}


def _common(catalogue: Catalogue, nodes: _Nodes, package: Package, publisher: Json, contact: Json) -> Json:
    """Return what a package and its tables have in common."""
    vocabulary, licence = catalogue.site.vocabulary, _licence(package)
    place, period = catalogue.place(package), catalogue.period(package)
    codes = {ALWAYS, *(code for topic in catalogue.topics(package) for code in THEMES.get(topic, ()))}
    is_ours = package.kind != "other"  # of what others made, neither language, place nor theme is known
    languages = ("VIE",) if package.kind == "report" else ("ENG", "VIE") if is_ours else ()
    sources = _sources(package)
    day = _typed(_day(package, catalogue.settings), "date")
    modified = _typed(catalogue.site.version_day(package) or _day(package, catalogue.settings), "date")
    spatial = [nodes.authority("country", "VNM", "dct:Location")] if is_ours else []
    if place:
        names = [{"@value": place.name(language), "@language": language} for language in ("en", "vi")]
        address = catalogue.address(f"dia-phuong/{place.place}/#place")
        spatial.append(nodes.add(address, "dct:Location", {"skos:prefLabel": names}))
    keywords = [
        {"@value": vocabulary.topics[topic].name(language), "@language": language}
        for topic in catalogue.topics(package)
        for language in ("en", "vi")
    ]
    keywords += [{"@value": word} for word in ([] if is_ours else words_in(package.descriptor.get("keywords")))]
    common: Json = {
        "dct:publisher": publisher,
        "dct:creator": publisher,
        "dcat:contactPoint": contact,
        "dct:accessRights": nodes.authority("access-right", "PUBLIC", "dct:RightsStatement"),
        "dct:accrualPeriodicity": nodes.authority("frequency", "IRREG", "dct:Frequency"),
        "dct:language": [nodes.authority("language", code, "dct:LinguisticSystem") for code in languages],
        "dct:issued": day,
        "dct:modified": modified,
        "dct:spatial": spatial,
        "dcat:keyword": keywords,
        "dcat:theme": [nodes.authority("data-theme", code, "skos:Concept") for code in sorted(codes) if is_ours],
        "dcat:version": package.version,
    }
    if not is_ours:
        del common["dct:creator"]
    if period:
        address = catalogue.address(f"du-lieu/{package.name}/#period")
        days = {"dcat:startDate": _typed(period[0], "date"), "dcat:endDate": _typed(period[1], "date")}
        common["dct:temporal"] = nodes.add(address, "dct:PeriodOfTime", days)
    if any(sources):
        address = catalogue.address(f"du-lieu/{package.name}/#sources")
        texts = [{"@value": source, "@language": "vi"} if is_ours else {"@value": source} for source in sources]
        common["dct:provenance"] = nodes.add(address, "dct:ProvenanceStatement", {"rdfs:label": texts})
    if licence.startswith("http"):
        common["licence"] = nodes.add(licence, "dct:LicenseDocument", {})
    return common


def _package_node(catalogue: Catalogue, nodes: _Nodes, package: Package, texts: Sequence[Words], common: Json) -> Json:
    address = catalogue.address(f"du-lieu/{package.name}/")
    profile = nodes.add(PROFILE, "dct:Standard", {"dct:title": "Data Package 2.0"})
    titles = [_said(words, _title(package, words.language)) for words in texts]
    archive = catalogue.files[f"du-lieu/{package.name}.zip"]
    distribution = _distribution(catalogue, nodes, f"{address}#zip", ZIP, archive, titles, common, profile)
    return nodes.add(
        f"{address}#dataset",
        "dcat:Dataset",
        {
            **{key: value for key, value in common.items() if key != "licence"},
            "dct:title": titles,
            "dct:description": [_said(words, _described(package, words)) for words in texts],
            "dct:identifier": address,
            "dcat:landingPage": nodes.document(address),
            "dcat:distribution": [distribution],
            "dct:hasPart": [{"@id": f"{address}{table.name}/#dataset"} for table in package.tables],
        },
    )


def _table_node(
    catalogue: Catalogue, nodes: _Nodes, package: Package, table: Table, texts: Sequence[Words], common: Json
) -> Json:
    address = catalogue.address(f"du-lieu/{package.name}/{table.name}/")
    titles = [
        _said(words, f"{_table_title(table, words.language)} – {_title(package, words.language)}") for words in texts
    ]
    return nodes.add(
        f"{address}#dataset",
        "dcat:Dataset",
        {
            **{key: value for key, value in common.items() if key != "licence"},
            "dct:title": titles,
            "dct:description": [_said(words, _table_described(package, table, words)) for words in texts],
            "dct:identifier": address,
            "dcat:landingPage": nodes.document(address),
            "dcat:distribution": [
                _distribution(catalogue, nodes, f"{address}#{kind.name}", kind, file, titles, common)
                for kind, file in catalogue.downloads(package, table, FORMATS)
            ],
            "dct:isPartOf": {"@id": catalogue.address(f"du-lieu/{package.name}/#dataset")},
        },
    )


def _distribution(
    catalogue: Catalogue,
    nodes: _Nodes,
    address: str,
    kind: Format,
    file: Published,
    titles: Sequence[Json],
    common: Json,
    profile: Json | None = None,
) -> Json:
    name = file.path.rpartition("/")[2]
    algorithm = nodes.add(f"{DCAT_CONTEXT['spdx']}checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm", {})
    checksum = nodes.add(
        f"{address}-sha256",
        "spdx:Checksum",
        {"spdx:algorithm": algorithm, "spdx:checksumValue": _typed(file.sha256, "hexBinary")},
    )
    where = {"@id": catalogue.address(file.path)}
    media_type = nodes.add(IANA + kind.media_type, "dct:MediaType", {})
    return nodes.add(
        address,
        "dcat:Distribution",
        {
            "dct:title": [{**title, "@value": f"{title['@value']} ({name})"} for title in titles],
            "dcat:accessURL": where,
            "dcat:downloadURL": where,
            "dcat:mediaType": media_type,
            "dcat:packageFormat": media_type if kind is ZIP else "",
            "dct:format": nodes.authority("file-type", kind.file_type, "dct:MediaTypeOrExtent"),
            "dct:license": common.get("licence"),
            "dct:modified": common["dct:modified"],
            "dct:language": common["dct:language"],
            "dct:conformsTo": profile,
            "dcat:byteSize": _typed(file.size, "nonNegativeInteger"),
            "dcatap:availability": nodes.authority("planned-availability", "STABLE", "skos:Concept"),
            "spdx:checksum": checksum,
        },
    )


NODES_AT_ONCE = 200  # what rdflib takes for a graph grows faster than the graph


def as_turtle(document: Json, workers: Workers = ALONE, cache: Cache = NOTHING_KEPT) -> bytes:
    """Return the catalogue as Turtle, the same bytes for the same document; many nodes are written in parts."""
    context, nodes = document["@context"], document["@graph"]
    prefixes = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in sorted(context.items()))
    parts = [(context, nodes[n : n + NODES_AT_ONCE]) for n in range(0, len(nodes), NODES_AT_ONCE)]
    written = cache.map("catalogue", workers, _statements, parts, BYTES)
    return b"\n".join([prefixes.encode(), *written])


def _statements(part: tuple[Mapping[str, str], Sequence[Json]]) -> bytes:
    """Return nodes as Turtle without the prefixes.

    Statement by statement: rdflib's own reader of JSON-LD warns of a class of rdflib's that is on its way out.
    """
    from rdflib import RDF, Graph, Literal, URIRef  # takes a quarter of a second to import

    context, nodes = part

    def whole(name: str) -> URIRef:
        prefix, _, rest = name.partition(":")
        return URIRef(context[prefix] + rest)

    def value(said: str | Mapping[str, str]) -> URIRef | Literal:
        if isinstance(said, str):
            return Literal(said)
        if "@id" in said:
            return URIRef(said["@id"])
        kind = said.get("@type")
        # `normalize` would rewrite what a number or a hash looks like.
        return Literal(said["@value"], lang=said.get("@language"), datatype=kind and whole(kind), normalize=False)

    graph = Graph(bind_namespaces="none")
    for prefix, namespace in sorted(context.items()):
        graph.bind(prefix, namespace)
    for node in nodes:
        subject = URIRef(node["@id"])
        for kind in node["@type"]:
            graph.add((subject, RDF.type, whole(kind)))
        for key, said in node.items():
            for one in said if isinstance(said, list) else [said]:
                if not key.startswith("@"):
                    graph.add((subject, whole(key), value(one)))
    text = graph.serialize(format="turtle", encoding="utf-8")
    return text[text.index(b"\n\n") + 2 :].lstrip(b"\n")  # the prefixes end at the first empty line


# ---- CSVW ----------------------------------------------------------------------------------------------------------


def csvw(package: Package, table: Table, publisher: str) -> Json:
    """Return a table's metadata for CSV on the Web: what its columns are called, mean and hold."""
    columns = [_csvw_column(field) for field in table.fields]
    named = {field.name for field in table.fields if _CSVW_NAME.fullmatch(field.name)}
    schema: Json = {"columns": columns}
    if table.primary_key and named.issuperset(table.primary_key):
        schema["primaryKey"] = list(table.primary_key)
    metadata: Json = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "vi"}],
        "url": f"{table.name}.csv",
        "dc:title": _in_both(table.title or table.name, table.title_en),
        "dc:isPartOf": _in_both(_title(package, "vi"), _title(package, "en")),
        "dc:publisher": publisher,
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "trim": False},
        "tableSchema": schema,
    }
    if licence := _licence(package):
        metadata["dc:license"] = {"@id": licence} if licence.startswith("http") else licence
    return metadata


def _csvw_column(field: Field) -> Json:
    column: Json = {"titles": field.name, "datatype": CSVW_TYPES.get(field.type, "string")}
    if _CSVW_NAME.fullmatch(field.name):
        column["name"] = field.name
    if field.required:
        column["required"] = True
    if field.title:
        column["dc:title"] = _in_both(field.title, field.title_en)
    if field.description:
        column["dc:description"] = _in_both(field.description, field.description_en)
    return column


def _in_both(vietnamese: str, english: str) -> list[Json]:
    texts = (("vi", vietnamese), ("en", english))
    return [{"@value": text, "@language": language} for language, text in texts if text]


# ---- llms.txt ------------------------------------------------------------------------------------------------------


def llms(catalogue: Catalogue, words: Words, prefix: str) -> str:
    """Return what the site is, where its parts are and how its data are used, as Markdown for language models."""
    site, root = catalogue.site, catalogue.root

    def link(title: str, path: str, note: str = "", here: str = prefix) -> str:
        shown = re.sub(r"([\\\[\]])", r"\\\1", " ".join(title.split()))
        return f"- [{shown}]({catalogue.address(path, here)})" + (f": {note}" if note else "")

    lines = [f"# {catalogue.settings.site_name}", "", f"> {words.text('site.tagline')}", ""]
    english = catalogue.address("", catalogue.settings.prefix("en"))
    lines += [words.fill("llms.about", root=root, english=english), "", words.fill("llms.rules", root=root), ""]
    lines += [f"## {words.text('llms.sections')}", ""]
    for page in site.pages:
        if not page.parent and page.part == 1 and page.template not in ("home", "home_data", "lookup"):
            lines.append(link(words.text(f"section.{page.template}"), f"{page.address.rstrip('/')}.md"))
    lines += [link(words.text("footer.method"), "phuong-phap.md"), link(words.text("footer.about"), "gioi-thieu.md")]
    lines += ["", f"## {words.text('section.reports')}", ""] if site.reports else []
    lines += [
        link(report.data.facts.title(words.language), f"bao-cao/{report.name}.md", f"{report.name}")
        for report in site.reports
    ]
    lines += ["", f"## {words.text('section.data')}", ""]
    for package in site.packages:
        lines.append(link(_title(package, words.language), f"du-lieu/{package.name}.zip", package.name, ""))
    lines += [
        link("DCAT-AP (Turtle)", "catalog.ttl", here=""),
        link("DCAT-AP (JSON-LD)", "catalog.jsonld", here=""),
        link("JSON", "doi-chieu/findings.json", words.text("llms.findings"), here=""),
        link("manifest.json", "manifest.json", words.text("llms.manifest"), here=""),
    ]
    return "\n".join(lines) + "\n"
