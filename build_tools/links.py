"""What of a descriptor that others wrote may be used: objects where a list is asked for, addresses of the web."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def safe_link(address: object) -> str:
    """Return an address that a link may lead to, on the web and nowhere else; empty for any other."""
    text = address if isinstance(address, str) else ""
    if not text.isprintable() or any(c in text for c in " \\\"'<>`{}|^"):
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else ""


def listed(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list of a descriptor; nothing of what is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def words_in(value: object) -> list[str]:
    """Return the texts of a list of a descriptor; nothing of what is no list."""
    return [item for item in value if isinstance(item, str) and item.strip()] if isinstance(value, list) else []
