"""What the lookup page of a language reads: its words, numbers and pages, in small files, a few of them for each query.

A shelf is a tree of files. Each file holds the entries whose keys begin with its prefix, as long as they are few; what
is more stands in files of one letter or digit more, which the file names. So a query loads about the same, however many
packages there are. The files are scripts that hand over one value, because a page opened from a folder, without a
server, may load scripts and nothing else. docs/decisions/0009-search.md says why and what it weighs.
"""

import json
import math
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from build_tools.figures import Figure
from build_tools.output import OutputFile
from build_tools.render.views import View
from build_tools.site_model import Page
from build_tools.vocabulary import Indicator, Place, Topic

FULL = 6_000  # bytes of entries in one file, before it is divided
LONGEST_WORD = 50  # letters
MOST_PAGES = 300  # of one word: what stands in more pages than this tells few of them apart
MOST_FIGURES = 300  # of one value
BLOCK = 8  # pages whose titles and lines stand in one file

# How much a hit in a page of each kind counts: people look for what is reported before they look for tables of it.
KINDS = {
    "topic": 1.25,
    "place": 1.25,
    "report": 1.0,
    "indicator": 1.0,
    "audit_report": 0.8,
    "audit_topic": 0.6,
    "audit_verdict": 0.7,
    "package": 0.6,
    "text": 0.5,
    "ledger": 0.45,
    "table": 0.35,
}
SECTION = 0.9
TITLE, BESIDE = 100, 14  # the weight of a word of a title (divided by the root of its length) and of one beside it


@dataclass(frozen=True)
class Head:
    """What a rendered page says of itself."""

    title: str
    description: str


@dataclass(frozen=True)
class Found:
    """A page as a query finds it: what is shown of it, and the words it is found by."""

    title: str
    line: str
    kind: str
    href: str
    names: tuple[str, ...]  # the title and what else the subject is called
    beside: tuple[str, ...]  # what else the page is about
    weight: float


# -- words: lookup.js has the same three functions, and a test compares them ------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_ENDINGS = ((re.compile(r"^([bcdđghklmnprstvx]+)y$"), r"\1i"), (re.compile(r"^([a-z]{2,}[^sui])s$"), r"\1"))


def split(text: str) -> list[str]:
    """Return the words of a text in lower case, composed."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def sound(word: str) -> str:
    """Return a word with its tone at the end: `hoà` and `hòa` are one, as are `tỷ` and `tỉ`, and an English plural."""
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(letter for letter in letters if letter in _TONES)
    bare = unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in _TONES))
    return _without_ending(bare) + tones


def folded(word: str) -> str:
    """Return a word as it is typed without accents: letters a to z and digits, đ as d."""
    letters = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return _without_ending(re.sub("[^a-z0-9]", "", letters))


def _without_ending(word: str) -> str:
    for ending, plain in _ENDINGS:
        word = ending.sub(plain, word)
    return word


def terms(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text is found by: each word and each two words side by side, folded and as they sound.

    What is too long for a word is none: nobody asks for it, and a file of a shelf is called after its words.
    """
    words = [(folded(word), sound(word)) for word in split(text)]
    words = [word for word in words if 0 < len(word[0]) <= LONGEST_WORD]
    yield from words
    for (first, one), (second, two) in pairwise(words):
        yield f"{first} {second}", f"{one} {two}"


# -- shelves ----------------------------------------------------------------------------------------------------------


def shelf(name: str, entries: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, object]]:
    """Yield the files of a shelf by name, each `[entries, next]`: `next` are the signs that lead to further files."""
    yield from _node(name, "", sorted(entries, key=lambda entry: entry[0]))


def _node(name: str, prefix: str, entries: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, object]]:
    file = f"{name}-{prefix.replace(' ', '_')}" if prefix else name
    values = [value for _, value in entries]
    if len(_written(values)) <= FULL or entries[0][0] == entries[-1][0]:
        yield file, [values, ""]
        return
    here = [value for key, value in entries if key == prefix]
    below: defaultdict[str, list[tuple[str, Any]]] = defaultdict(list)
    for key, value in entries:
        if key != prefix:
            below[key[len(prefix)]].append((key, value))
    yield file, [here, "".join(below)]
    for sign, further in below.items():
        yield from _node(name, prefix + sign, further)


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def script(name: str, value: object) -> bytes:
    """Return a file of a shelf: a call that hands its value over."""
    return b'shelve("' + name.encode() + b'",' + _written(value) + b")\n"


# -- words of pages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One way of writing something, as it sounds word by word, and the other ways."""

    sounds: tuple[str, ...]
    others: tuple[str, ...]


def make_ways(groups: Iterable[Sequence[str]]) -> list[Way]:
    """Return the ways of writing of groups of words that mean the same."""
    return [
        Way(tuple(map(sound, split(way))), tuple(other for other in group if other != way))
        for group in groups
        for way in group
    ]


def read_ways(paths: Iterable[Path], language: str) -> list[Way]:
    """Return the ways of writing that files `also_written.toml` list for a language, one after another."""
    groups = [group for path in paths for group in tomllib.loads(path.read_text(encoding="utf-8"))["same"]]
    return make_ways(group[language] for group in groups if language in group)


def also(text: str, ways: Sequence[Way]) -> Iterator[str]:
    """Yield a text as others would write it, once for each other way of writing something in it."""
    words = split(text)
    sounds = tuple(map(sound, words))
    for way in ways:
        if way.sounds[0] not in sounds:
            continue
        length = len(way.sounds)
        for n in range(len(words) - length + 1):
            if sounds[n : n + length] == way.sounds:
                for other in way.others:
                    yield " ".join([*words[:n], other, *words[n + length :]])


def word_files(pages: Sequence[Found], ways: Sequence[Way] = ()) -> Iterator[tuple[str, object]]:
    """Yield the files that find pages by words: the shelf `tu`, the pages in blocks `trang-0` …, all words in `am`.

    An entry of the shelf is a term, how rare it is, and for each way it sounds the pages with their weights.
    """
    weights: defaultdict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for number, page in enumerate(pages):
        for text in page.names:
            for name in (text, *also(text, ways)):
                _weigh(weights, name, number, page.weight * TITLE / math.sqrt(max(len(split(text)), 1)))
        for text in page.beside:
            for name in (text, *also(text, ways)):
                _weigh(weights, name, number, page.weight * BESIDE)
    entries = []
    for term, sounds in sorted(weights.items()):
        holding = len({number for found in sounds.values() for number in found})
        rare = round(10 * math.log(1 + len(pages) / holding))
        forms = {}
        for form, found in sorted(sounds.items()):
            best = sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_PAGES]
            forms[form] = [n for number, weight in best for n in (number, max(round(weight), 1))]
        entries.append((term, [term, rare, forms]))
    yield from shelf("tu", entries)
    yield "am", " ".join(term for term, _ in entries if " " not in term and not term.isdigit())
    for start in range(0, len(pages), BLOCK):
        block = pages[start : start + BLOCK]
        yield f"trang-{start // BLOCK}", [[page.title, page.line, page.kind, page.href] for page in block]


def _weigh(weights: Mapping[str, dict[str, dict[int, float]]], text: str, number: int, weight: float) -> None:
    for term, form in terms(text):
        found = weights[term][form]
        found[number] = max(found.get(number, 0), weight)


def found_pages(view: View, heads: Mapping[str, Head]) -> list[Found]:
    """Return every page of a language as a query finds it, in the order of the plan."""
    lookup = next(page for page in view.site.pages if page.template == "lookup")
    pages = []
    for page in view.site.pages:
        if page.part > 1 or page is lookup:
            continue
        head = heads[page.address]
        line, kind, names, beside = _about(view, page, head)
        pages.append(
            Found(
                head.title,
                line,
                kind or (heads[page.parent].title if page.parent else ""),
                view.url(lookup, page.address),
                tuple(filter(None, (head.title, *names))),
                tuple(dict.fromkeys(filter(None, (*beside, kind)))),
                KINDS.get(page.template, SECTION),
            )
        )
    return pages


def _about(view: View, page: Page, head: Head) -> tuple[str, str, list[str], list[str]]:
    """Return the line of a page, its kind in words, its other names, and what else it is about."""
    subject, language = page.subject, view.language
    if isinstance(subject, Indicator):
        figures = view.site.figures_of(subject.indicator)
        topic = view.site.vocabulary.topics[subject.topic].name(language)
        beside = [view.definition(subject), topic]
        for figure in figures:
            beside += [view.name(figure), view.scope(figure), view.period(figure), view.plain(view.note(figure))]
        return _newest(view, figures), f"{view.words.text('section.indicators')} · {topic}", [], beside
    if isinstance(subject, Topic) and page.template == "topic":
        indicators = view.site.indicators_of(subject.topic)
        count = view.words.fill("lookup.of_topic", indicators=len(indicators))
        newest = _newest(view, view.figures_of_topic(subject.topic), named=True)
        names = [indicator.name(language) for indicator in indicators]
        return newest, f"{view.words.text('section.topics')} · {count}", [], [head.description, *names]
    if isinstance(subject, Place):
        names = [subject.short(language), subject.name_vi, subject.name_en]
        return head.description, view.words.text("section.places"), names, [view.place_note(subject)]
    if page.template == "report":
        facts = subject.data.facts
        issuer = facts.issuer_en if language == "en" else facts.issuer_vi
        line = f"{view.place_name(facts.place)}, {view.report_period(subject)}"
        kind = f"{view.words.text('section.reports')} · {facts.short(language)}"
        short = f"{view.words.text('section.reports')} {facts.short(language)}"
        return line, kind, [facts.short(language), short, f"{issuer} {facts.short(language)}"], [issuer, line]
    return head.description, "", [], [head.description]


def _newest(view: View, figures: Sequence[Figure], named: bool = False) -> str:
    """Return the newest result of figures in one line, a whole before a part, with place, period and kind."""

    def less(figure: Figure) -> tuple[bool, ...]:
        return (
            figure.value is None,
            figure.stance != "actual",
            figure.measure not in ("level", "share"),
            bool(figure.breakdown),
        )

    figure = min(figures, key=less)  # of those alike the first, which is the newest
    line = f"{view.with_unit(figure)} – {view.scope(figure)}, {view.period(figure)} · {view.kind(figure)}"
    return f"{view.name(figure)}: {line}" if named else line


# -- numbers ----------------------------------------------------------------------------------------------------------


def key_of(value: Decimal) -> str:
    """Return where a number stands on its shelf: a letter for its size (m from 1 to 10) and its first digits."""
    if not value:
        return "0"
    digits = "".join(map(str, value.as_tuple().digits)).lstrip("0")
    return chr(ord("m") + value.adjusted()) + digits.rstrip("0")[:10]


def keys_of(figure: Figure, scale: Decimal) -> list[str]:
    """Return where a figure stands on the shelf of numbers: by each of its ends, as printed and in base units."""
    ends = [end for end in (figure.value, figure.value_high) if end is not None]
    return sorted({key_of(abs(end) * times) for end in ends for times in (Decimal(1), scale)})


def value_of(key: str) -> Decimal:
    """Return the number that stands at a place of the shelf, as exactly as the place tells it."""
    return Decimal(key[1:]).scaleb(ord(key[0]) - ord("m") - len(key) + 2) if key != "0" else Decimal(0)


def room(figure: Figure, scale: Decimal, value: Decimal) -> tuple[Decimal, Decimal]:
    """Return between what the number behind a printed value may lie, by its decimals, its scale and its words."""
    places = max(-int(value.as_tuple().exponent), 0)
    half = Decimal(1).scaleb(-places) / 2 if places or scale != 1 else Decimal(0)
    # The unit of the last digit that is no zero, at least of the second: what "hơn 17.000" rounded to.
    exponent = int(value.normalize().as_tuple().exponent)
    coarse = Decimal(1).scaleb(min(exponent, max(value.adjusted() - 1, -places))) if value else Decimal(0)
    over, under = figure.qualifier in ("over", "at_least"), figure.qualifier in ("under", "nearly", "at_most")
    if over:
        return value * scale, (value + coarse) * scale
    if under:
        return (value - coarse) * scale, value * scale
    if figure.qualifier == "about":
        half = max(half, coarse / 2)
    return (value - half) * scale, (value + half) * scale


def number_files(view: View) -> Iterator[tuple[str, object]]:
    """Yield the files of the shelf `so`, which finds figures by their value as printed and in base units.

    An entry: number, unit, name, place and period, report and place in it, links to row and text, value as printed,
    from where to where it may lie in base units, scale, and the end of a range or null.
    """
    page = next(page for page in view.site.pages if page.template == "lookup")
    entries: defaultdict[str, list[tuple[str, Any]]] = defaultdict(list)
    for figure in view.site.figures():
        if figure.value is None:
            continue
        unit = view.site.vocabulary.units[figure.unit]
        low, high = room(figure, unit.scale, figure.value)
        entry = [
            view.value(figure),
            view.unit_of(figure),
            view.name(figure),
            f"{view.scope(figure)}, {view.period(figure)} · {view.kind(figure)}",
            view.source(figure),
            view.url(page, view.anchor(figure)),
            view.url(page, view.place_in_text(figure)),
            short_number(figure.value),
            short_number(low),
            short_number(high),
            short_number(unit.scale),
            short_number(figure.value_high) if figure.value_high is not None else None,
        ]
        for key in keys_of(figure, unit.scale):
            if len(entries[key]) < MOST_FIGURES:
                entries[key].append((key, entry))
    yield from shelf("so", (entry for found in entries.values() for entry in found))


def short_number(value: Decimal) -> int | float:
    """Return a number for comparing only: what is shown of a figure is its text."""
    return int(value) if value == value.to_integral_value() else float(value)


# -- the whole --------------------------------------------------------------------------------------------------------


def lookup_files(view: View, heads: Mapping[str, Head], ways: Sequence[Way]) -> list[OutputFile]:
    """Return the files that the lookup page of a language reads, below `tra-cuu/tim/` of that language."""
    folder = "/".join(filter(None, (view.prefix, "tra-cuu/tim")))
    files = [*word_files(found_pages(view, heads), ways), *number_files(view)]
    return [OutputFile(f"{folder}/{name}.js", script(name, value)) for name, value in files]
