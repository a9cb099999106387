"""The words of the site: both languages say the same things, and sentences are filled as their records are."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from build_tools.words import read_words
from tests.makers import PROJECT


def keys(texts: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted key of every text."""
    for name, value in texts.items():
        if isinstance(value, Mapping):
            yield from keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_both_languages_have_the_same_texts() -> None:
    """A text that is missing in one language would break a page of that language."""
    vi, en = read_words("vi"), read_words("en")
    assert set(keys(vi.texts)) == set(keys(en.texts))


@pytest.mark.parametrize("key", sorted(keys(read_words("vi").texts)))
def test_both_languages_fill_the_same_places(key: str) -> None:
    """What is filled in one language is filled in the other."""
    vi, en = (set(re.findall(r"\{(\w+)\}", read_words(language).text(key))) for language in ("vi", "en"))
    assert vi == en


def test_fill_writes_whole_numbers_in_the_language() -> None:
    """A count in a sentence has the separators of the language."""
    assert read_words("vi").fill("indicators.lede", n=1234).startswith("1.234 ")
    assert read_words("en").fill("indicators.lede", n=1234).startswith("1,234 ")


def test_fill_chooses_between_one_and_many() -> None:
    """English has a singular."""
    words = read_words("en")
    assert words.fill("reports.lede", n=1) == "1 report transcribed and checked."
    assert words.fill("reports.lede", n=2) == "2 reports transcribed and checked."


def test_templates_read_texts_and_not_methods() -> None:
    """`t.finding.copy` would print the method of a dictionary instead of the text of that name."""
    templates = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "site_src/templates").iterdir())
    read = set(re.findall(r"\bt\.(\w+)\.(\w+)", templates))
    assert read
    assert {f"{section}.{key}" for section, key in read if hasattr(dict, key)} == set()


def test_missing_text_names_its_key() -> None:
    """A template that asks for a text nobody wrote says which."""
    with pytest.raises(KeyError, match=r"vi\.toml.*home\.nothing"):
        read_words("vi").text("home.nothing")
