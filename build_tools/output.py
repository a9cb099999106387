"""Write what changed, remove what is stale, swap at the end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OutputFile:
    """A file to write: a path relative to its target folder, with forward slashes, and its bytes."""

    path: str
    content: bytes
