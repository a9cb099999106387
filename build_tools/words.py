"""The words of the site and of the commands, by language, and how a sentence is filled from records."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from build_tools.audit import Finding, working_text
from build_tools.audit.finding import Token, token_text
from build_tools.formats import format_number

TEXTS = Path(__file__).parent.parent / "site_src" / "texts"

# `{n}` is filled with a value; `[n: figure | figures]` chooses by whether the value called n is one.
_PLACE = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[(\w+): ([^|\]]*?) \| ([^\]]*?)\]")


@dataclass(frozen=True)
class Words:
    """All texts of one language, by dotted key."""

    language: str
    texts: Mapping[str, Any]

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
def read_words(language: str, folder: Path = TEXTS) -> Words:
    """Return the words of a language."""
    return Words(language, tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8")))
