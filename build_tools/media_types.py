"""What each file of a site is served as, where we are the ones who say it."""

import posixpath

_TEXT = ("text/", "application/json", "application/ld+json", "application/javascript", "text/javascript")
# What Python does not know, and what systems differ in; docs/guides/hosting.md says the same to other servers.
TYPES = {
    ".bib": "application/x-bibtex",
    ".css": "text/css",
    ".csv": "text/csv",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".ris": "application/x-research-info-systems",
    ".sqlite": "application/vnd.sqlite3",
    ".svg": "image/svg+xml",
    ".ttl": "text/turtle",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "text/xml",
    ".zip": "application/zip",
}


def content_type(path: str) -> str:
    """Return what a file is served as."""
    end = posixpath.splitext(path)[1].lower()
    kind = TYPES.get(end) or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind
