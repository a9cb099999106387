"""The columns of a CSV text, read by Arrow where it certainly reads what the strict reader reads.

Nothing here finds a fault. A text that is not of the plainest kind, or of which anything is in doubt, has no columns,
and is left to the strict reader. What is certain of columns is said by `build_tools.proof`.
"""

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow

from build_tools.descriptors import Dialect
from build_tools.gathering import STEP
from build_tools.rows import REMEMBERED, PlainRows

_BLOCK = 1 << 20  # bytes that Arrow reads at a time; a row that is longer is not read, so that no cell is too long


@dataclass(frozen=True)
class Column:
    """The cells of a column, as Arrow holds them."""

    words: Any  # the different ones, in the order in which they first stand
    codes: Any  # for each row, which of them

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def texts(self) -> list[str]:
        """The different cells as texts, in the same order."""
        found: list[str] = self.words.to_pylist()
        return found

    @cached_property
    def is_composed(self) -> bool:
        """Whether all cells are in NFC and none has a sign that the strict checks look at by itself."""
        is_long = len(self.words) > REMEMBERED
        others = pc.filter(self.words, pc.invert(pc.string_is_ascii(self.words))).to_pylist() if is_long else self.texts
        text = "\n".join(others)  # nothing joins over the end of a line
        return text.isascii() or (not any(sign in text for sign in _ODD) and unicodedata.is_normalized("NFC", text))


_ODD = "\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufffd"


@dataclass(frozen=True)
class Columns:
    """The columns of a text, in the order in which they stand in its rows."""

    header: tuple[str, ...]
    columns: tuple[Column, ...]
    text: bytes  # with LF at the ends of lines
    delimiter: str

    def __len__(self) -> int:
        return len(self.columns[0])

    def rows(self, order: tuple[int, ...]) -> PlainRows:
        """Return the rows, their cells in that order."""
        return PlainRows(self.text, self.delimiter, order, len(self))

    def ordered(self, order: tuple[int, ...]) -> tuple[Column, ...]:
        """Return the columns in that order."""
        return tuple(self.columns[at] for at in order)


def read_columns(text: bytes, dialect: Dialect) -> Columns | None:
    """Return the columns of a text in UTF-8; None where the strict reader might read anything else, or find a fault."""
    if replace(dialect, delimiter=",", any_case=False, header_join=" ", null=None, is_declared=False) != Dialect():
        return None
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    end = text.find(b"\n")
    if end < 1 or b"\r" in text or b"\n\n" in text:
        return None
    sign = dialect.delimiter.encode()
    is_quoted = b'"' in text
    if sign not in (b",", b";", b"\t", b"|") or (is_quoted and not _is_plainly_quoted(text, sign)):
        return None
    (header,) = csv.reader([text[:end].decode()], delimiter=dialect.delimiter, strict=True)
    columns = _read(text, dialect.delimiter, len(header), is_quoted)
    if not columns or not len(columns[0]) or _has_blank_row(columns):
        return None
    return Columns(tuple(header), columns, text, dialect.delimiter)


def _is_plainly_quoted(text: bytes, sign: bytes) -> bool:
    """Return whether every quotation mark begins or ends a whole cell of one line that has no other within."""
    whole = re.compile(rb'(?<![^%b\n])"[^"\n]*"(?![^%b\n])' % (sign, sign))
    return b'"' not in whole.sub(b"", text)


def _read(text: bytes, sign: str, width: int, is_quoted: bool) -> tuple[Column, ...]:
    """Return the columns, none where a row has more or fewer cells than the header."""
    names = [str(number) for number in range(width)]
    # In this thread alone: the time that a package may take is this thread's.
    reading = arrow.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=1)
    parsing = arrow.ParseOptions(
        delimiter=sign,
        quote_char='"' if is_quoted else False,
        double_quote=False,
        newlines_in_values=False,
    )
    types = dict.fromkeys(names, pa.string())
    converting = arrow.ConvertOptions(column_types=types, strings_can_be_null=False, check_utf8=False)
    try:
        table = arrow.open_csv(pa.py_buffer(text), reading, parsing, converting).read_all()
    except pa.ArrowInvalid:
        return ()
    return tuple(map(_column, table.columns))


def _column(cells: Any) -> Column:
    found = cells.combine_chunks().dictionary_encode()
    return Column(found.dictionary, found.indices)


def _has_blank_row(columns: Sequence[Column]) -> bool:
    """Return whether all cells of a row of several may be empty: such a row is none."""
    if len(columns) == 1:
        return False
    blank = None
    for one in columns:
        empty = pc.index(one.words, "").as_py()
        if empty < 0:
            return False
        here = pc.equal(one.codes, empty)
        blank = here if blank is None else pc.and_(blank, here)
    return bool(pc.any(blank).as_py())


def size_of(columns: Sequence[Column]) -> int:
    """Return how many bytes the strict reader says that these rows take, to the byte.

    It counts, for each step of rows, every row and every cell that is an object of its own: of a column, the first
    different ones are one object each wherever they stand, and so is a single sign, in whatever column.
    """
    rows = len(columns[0])
    size = rows * (96 + 8 * len(columns))
    signs: set[tuple[int, str]] = set()  # with the step in which each stands
    if rows <= min(STEP, REMEMBERED):
        for one in columns:
            words = set(one.texts)
            signs |= {(0, sign) for sign in words & _SIGNS}
            text = "".join(words := words - _SIGNS)
            size += 64 * len(words) + len(text) if text.isascii() else sum(map(_size, words))
    else:
        step = pc.divide(pa.arange(0, rows), STEP)
        size += sum(_size_in_steps(one, step, signs) for one in columns)
    return size + sum(_size(word) for _, word in signs)


_SIGNS = frozenset(("", *map(chr, range(256))))  # of each of which Python has but one


def _size(word: str) -> int:
    return 64 + len(word) if word.isascii() else 90 + 2 * len(word)


def _size_in_steps(one: Column, step: Any, signs: set[tuple[int, str]]) -> int:
    """Return what the cells of a column take but for single signs, which go into `signs`."""
    many = len(one.words)
    length, is_ascii = pc.utf8_length(one.words), pc.string_is_ascii(one.words)
    is_sign = pc.is_in(one.words, pa.array(_SIGNS, pa.string()))
    size = pc.if_else(is_ascii, pc.add(length, 64), pc.add(pc.multiply(length, 2), 90))
    size = pc.if_else(is_sign, 0, size)
    is_one = pc.take(pc.or_(is_sign, pc.less(pa.arange(0, many), REMEMBERED)), one.codes)
    each = pc.filter(one.codes, pc.invert(is_one))
    places = pc.add(pc.multiply(step, many), one.codes.cast(pa.int64()))
    seen = pc.unique(pc.filter(places, is_one))
    steps = pc.divide(seen, many)
    once = pc.subtract(seen, pc.multiply(steps, many))
    of_signs = pc.take(is_sign, once)
    if pc.any(of_signs, min_count=0).as_py():
        words = pc.take(one.words, pc.filter(once, of_signs)).to_pylist()
        signs.update(zip(pc.filter(steps, of_signs).to_pylist(), words, strict=True))
    return sum(pc.sum(pc.take(size, codes)).as_py() or 0 for codes in (each, once))
