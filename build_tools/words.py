"""The words of the site and of the commands, by language, and how a sentence is filled from records."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from build_tools.audit import Finding, working_text
from build_tools.audit.finding import Token, token_text
from build_tools.errors import BuildError
from build_tools.formats import format_number
from build_tools.sources import OURS, Sources

COMPLETE = "en"  # whose texts stand where a language that we do not bring has none

# `{n}` is filled with a value; `[n: figure | figures]` chooses by whether the value called n is one.
_PLACE = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[(\w+): ([^|\]]*?) \| ([^\]]*?)\]")


@dataclass(frozen=True)
class Words:
    """All texts of one language, by dotted key."""

    language: str
    texts: Mapping[str, Any]
    prefix: str = ""  # where the pages of the language stand in the site

    def text(self, key: str) -> str:
        """Return the text of a dotted key; KeyError names a key that no text has."""
        found: Any = self.texts
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise KeyError(f"site_src/texts/{self.language}.toml has no text for {key!r}")
            found = found[part]
        if not isinstance(found, str):
            raise KeyError(f"site_src/texts/{self.language}.toml: {key!r} is a table, not a text")
        return found

    def has(self, key: str) -> bool:
        """Return whether there is a text of that key."""
        try:
            self.text(key)
        except KeyError:
            return False
        return True

    def fill(self, key: str, **values: object) -> str:
        """Return a text with its places filled; whole numbers are written in the language."""
        shown = {name: self.shown(value) for name, value in values.items()}
        return _PLACE.sub(lambda m: shown[m[1]], self.choose(self.text(key), values))

    def shown(self, value: object) -> str:
        """Return a value as it is written in the language."""
        return format_number(Decimal(value), self.language) if isinstance(value, int) else str(value)

    @staticmethod
    def choose(text: str, values: Mapping[str, object]) -> str:
        """Return a text with its choices between one and many made."""
        return _CHOICE.sub(lambda m: m[2] if values[m[1]] == 1 else m[3], text)

    @staticmethod
    def pieces(text: str) -> list[tuple[str, str]]:
        """Return a text as (plain, place) pairs in order; the last place is empty."""
        parts = _PLACE.split(text)
        return list(zip(parts[::2], [*parts[1::2], ""], strict=True))

    def working(self, finding: Finding) -> str:
        """Return the working of a finding as a reader would write it."""
        return working_text(finding, self._number_of(finding), self.language)

    def token(self, finding: Finding, token: Token) -> str:
        """Return one piece of a finding's working."""
        return token_text(token, token.value, finding.places, self._number_of(finding), self.language)

    def _number_of(self, finding: Finding) -> Callable[[Decimal], str]:
        if finding.rule == "span":  # years: 2023, never 2.023
            return "{:f}".format
        return lambda value: format_number(value, self.language)


@cache
def read_words(language: str, sources: Sources = Sources(), root: str = "vi") -> Words:  # noqa: B008  (frozen)
    """Return the words of a language; `root` is the language whose pages stand at the root of the site.

    What a project's texts hold stands in for ours, key by key. Raises BuildError for a text of the project that cannot
    be read, and for a key or a place in braces that none of ours has: nothing would ever show it.
    """
    name = f"texts/{language}.toml"
    ours = OURS / name
    texts = _read(ours if ours.is_file() else OURS / f"texts/{COMPLETE}.toml")
    for path in sources.all(name):
        if path != ours:
            texts = _with(texts, _read(path), path)
    return Words(language, texts, "" if language == root else language)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BuildError(str(path), f"không đọc được / cannot be read: {error}", "Sửa tệp / Mend the file.") from error


def _with(ours: Mapping[str, Any], own: Mapping[str, Any], path: Path, above: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return our texts with a project's in their stead; a table that we do not have is the project's own affair."""
    merged = dict(ours)
    for key, value in own.items():
        at = (*above, key)
        if key not in ours:
            if above or not isinstance(value, Mapping):
                near = get_close_matches(key, ours, n=1)
                raise _unread(path, at, f"Có phải / did you mean: {near[0]}?" if near else "Bỏ khóa ấy / Remove it.")
            merged[key] = value
        elif isinstance(value, Mapping) and isinstance(ours[key], Mapping):
            merged[key] = _with(ours[key], value, path, at)
        elif isinstance(value, str) and isinstance(ours[key], str):
            merged[key] = _text(ours[key], value, path, at)
        else:
            raise _unread(path, at, "Ghi như bản gốc / Write it as ours is: " + type(ours[key]).__name__)
    return merged


def _text(ours: str, own: str, path: Path, at: tuple[str, ...]) -> str:
    known = {*_PLACE.findall(ours), *(choice[0] for choice in _CHOICE.findall(ours))}
    asked = {*_PLACE.findall(own), *(choice[0] for choice in _CHOICE.findall(own))}
    if strange := sorted(asked - known):
        there = ", ".join(f"{{{name}}}" for name in sorted(known)) or "không có / none"
        what = ", ".join(f"{{{name}}}" for name in strange)
        raise _unread(path, at, f"{what}: chỉ được dùng / only these may stand: {there}.")
    return own


def _unread(path: Path, at: tuple[str, ...], remedy: str) -> BuildError:
    what = "không có trong văn bản của minhbach / not in the texts of minhbach"
    return BuildError(f"{path}: {'.'.join(at)}", what, remedy)
