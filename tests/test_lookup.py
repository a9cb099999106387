"""The files that the lookup page reads: how words fold, how shelves divide, that they stay light as packages grow."""

import itertools
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_tools.figures import Figure
from build_tools.render.lookup import (
    FULL,
    MOST_PAGES,
    Found,
    also,
    folded,
    key_of,
    make_ways,
    read_ways,
    room,
    script,
    shelf,
    sound,
    split,
    terms,
    word_files,
)
from build_tools.sources import OURS

PAGE = Found("Tỷ lệ hộ nghèo", "2,27 %", "Chỉ tiêu", "../x/", ("Tỷ lệ hộ nghèo",), (), 1.0)


def _figure(value: str, qualifier: str = "exact") -> Figure:
    """Return a figure of which only value and qualifier matter."""
    empty: dict[str, Any] = dict.fromkeys(Figure.__dataclass_fields__, "")
    return Figure(**{**empty, "value": Decimal(value), "qualifier": qualifier, "spans": ()})


def _weights(files: Iterable[tuple[str, object]]) -> Mapping[str, int]:
    """Return the bytes of each file."""
    return {name: len(script(name, value)) for name, value in files}


def _path(shelf_name: str, key: str, files: Mapping[str, Any]) -> list[str]:
    """Return the files that a query for a key loads, as the page finds its way."""
    names, prefix = [shelf_name], ""
    while True:
        _, further = files[names[-1]]
        if len(prefix) == len(key) or key[len(prefix)] not in further:
            return names
        prefix = key[: len(prefix) + 1]
        names.append(f"{shelf_name}-{prefix.replace(' ', '_')}")


# -- words ------------------------------------------------------------------------------------------------------------


def test_words_fold_to_what_is_typed_without_accents() -> None:
    """Also đ, which no decomposition takes apart, a decomposed spelling, and y for i."""
    assert [folded(word) for word in split("Đà Bắc, HỘ nghe\u0300o, tỷ lệ tỉ")] == [
        "da",
        "bac",
        "ho",
        "ngheo",
        "ti",
        "le",
        "ti",
    ]


def test_words_that_sound_alike_are_one() -> None:
    """A tone may stand on either vowel, and an English plural is its singular; other accents stay apart."""
    assert sound("hoà") == sound("hòa")
    assert sound("households") == sound("household")
    assert sound("status") == "status"
    assert len({sound(word) for word in ("ho", "hồ", "hộ", "hổ", "hơ")}) == 5


def test_terms_are_words_and_pairs() -> None:
    """Pairs tell pages apart that hold the same syllables in another order."""
    assert [term for term, _ in terms("hộ nghèo 2023")] == ["ho", "ngheo", "2023", "ho ngheo", "ngheo 2023"]


def test_other_ways_of_writing() -> None:
    """A page is found by an abbreviation in the place of what it stands for, and the other way round."""
    ways = make_ways([["bảo hiểm y tế", "BHYT"]])
    assert list(also("Thẻ bảo hiểm y tế", ways)) == ["thẻ BHYT"]
    assert list(also("Thẻ BHYT", ways)) == ["thẻ bảo hiểm y tế"]
    assert list(also("bao hiểm y tế", ways)) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_ways_of_writing_are_sound(language: str) -> None:
    """Each group has at least two ways, and no way stands twice in it."""
    ways = read_ways([OURS / "texts/also_written.toml"], language)
    assert ways
    assert all(way.others and way.sounds for way in ways)


# -- shelves ----------------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.text("ab1 ", min_size=1, max_size=6), st.text("x", min_size=900, max_size=1500), max_size=40))
def test_every_entry_is_found_where_its_key_leads(entries: dict[str, str]) -> None:
    """However a shelf is divided, the way from its first file to a key passes the file that holds the entry."""
    files = dict(shelf("s", entries.items()))
    for key, value in entries.items():
        assert any(value in files[name][0] for name in _path("s", key, files))  # type: ignore[index]


def test_a_shelf_of_one_key_is_not_divided_for_ever() -> None:
    """More entries of one value than a file should hold stand together."""
    files = dict(shelf("so", [("n5", "x" * FULL) for _ in range(3)]))
    assert list(files) == ["so"]


def test_a_file_hands_over_one_value() -> None:
    """A file is a call with its own name and JSON, so that nothing in a text of a package can run."""
    content = script("tu-a", ["</script>", '");alert(1);("', "\u2028"]).decode()
    assert content.startswith('shelve("tu-a",')
    assert json.loads(content[len('shelve("tu-a",') : -2]) == ["</script>", '");alert(1);("', "\u2028"]


def test_rare_words_and_short_titles_weigh_more() -> None:
    """What stands in every page says little; a title of few words is met by them."""
    pages = [replace(PAGE, names=(name,)) for name in ("hộ nghèo", "hộ nghèo vay vốn ưu đãi", "hộ")]
    entries = {
        entry[0]: entry
        for value in dict(word_files(pages)).values()
        if isinstance(value, list)
        for entry in value[0]
        if len(entry) == 3
    }
    assert entries["ho"][1] < entries["ngheo"][1] < entries["vay"][1]
    numbers = entries["ho ngheo"][2][f"{sound('hộ')} {sound('nghèo')}"]
    assert numbers[0] == 0
    assert numbers[1] > numbers[3]


def test_what_a_query_loads_hardly_grows() -> None:
    """With 25 times as many pages a query loads at most four times as much."""
    syllables = [
        a + b
        for a in ("b", "ch", "d", "h", "ng", "th", "tr", "v")
        for b in ("a", "an", "e", "en", "i", "o", "ong", "u")
    ]

    def loaded(count: int) -> int:
        source = random.Random(1)  # noqa: S311  (no secret)
        pages = [replace(PAGE, names=(" ".join(source.choices(syllables, k=5)),)) for _ in range(count)]
        files = dict(word_files(pages))
        weights = _weights(files.items())
        keys = [f"{a} {b}" for a, b in itertools.pairwise(syllables)]
        return max(sum(weights[name] for name in _path("tu", key, files)) for key in keys)

    few, many = loaded(200), loaded(5_000)
    assert many < 4 * few


def test_a_word_of_every_page_is_cut_off() -> None:
    """A word that stands everywhere does not make its file heavy."""
    files = dict(word_files([PAGE] * (MOST_PAGES + 50)))
    entries = [entry for name, value in files.items() if name.startswith("tu") for entry in value[0]]  # type: ignore[index]
    assert max(len(form) for entry in entries for form in entry[2].values()) == 2 * MOST_PAGES


# -- numbers ----------------------------------------------------------------------------------------------------------


@given(st.decimals(min_value=Decimal("0.001"), max_value=10**13, places=3))
def test_keys_rise_with_numbers(value: Decimal) -> None:
    """A key says the size of a number first, then its digits, so that near numbers stand near each other."""
    key = key_of(value)
    assert key[0] == chr(ord("m") + value.adjusted())
    assert key[1:].isdigit()
    assert key_of(value * 10)[1:] == key[1:]


@pytest.mark.parametrize(
    ("value", "qualifier", "scale", "low", "high"),
    [
        ("17034", "exact", 1, "17034", "17034"),
        ("2.27", "exact", 1, "2.265", "2.275"),
        ("32", "exact", 10**9, "31500000000", "32500000000"),
        ("17000", "over", 1, "17000", "18000"),
        ("10000", "over", 1, "10000", "11000"),
        ("9.2", "over", 10**6, "9200000", "9300000"),
        ("7", "nearly", 10**9, "6000000000", "7000000000"),
        ("6042", "about", 1, "6041.5", "6042.5"),
        ("0", "exact", 1, "0", "0"),
    ],
)
def test_room_that_print_leaves(value: str, qualifier: str, scale: int, low: str, high: str) -> None:
    """Decimals, a scale and a word such as "hơn" leave room for the number behind a print; a count is exact."""
    found = room(_figure(value, qualifier), Decimal(scale), Decimal(value))
    assert found == (Decimal(low), Decimal(high))
