"""What certainly holds of columns: each question is answered yes only where the strict checks would find nothing.

No is no verdict: then the strict checks walk the rows, and they alone say what is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from build_tools.cells import Field
from build_tools.columns import Column
from build_tools.rows import REMEMBERED

FEW = 8  # words that are sooner judged one by one than sorted by their shape
# Cells of these shapes are surely of their type, and what they say is plain to Arrow and to us alike.
_SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "integer": r"\A(?:0|-?[1-9][0-9]{0,17})\z",
        "number": r"\A-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?\z",
        "date": r"\A[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}\z",
    }
)
_VALUES = MappingProxyType({"integer": pa.int64(), "number": pa.decimal128(28, 9), "date": pa.date32()})
_AS_IT_STANDS: Mapping[str, str] = MappingProxyType(  # of these, equal numbers are equal texts
    {
        "integer": _SHAPES["integer"],
        "number": r"\A(?:0|-?[1-9][0-9]{0,17}|-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,8}[1-9])\z",
    }
)


def keeps_rules(column: Column, one: Field, ours: bool, is_right: Callable[[str], bool]) -> bool:
    """Return whether every cell of a column surely keeps the rules for single cells, its pattern aside.

    `is_right` judges one cell. It is asked of the different ones where they are few; of many, only of those that are of
    no plain shape, and of the least and the greatest of the others, between which all keep the same bounds.
    """
    words = _stated(column, one)
    if one.required and len(words) < len(column.words):
        return False
    if len(words) > FEW and not ours:
        plain, words = _parted(column, words, one)
        if len(plain) and not (_keep_lengths(plain, one) and all(map(is_right, _ends(plain, one)))):
            return False
    return len(words) <= REMEMBERED and all(map(is_right, words.to_pylist()))


def tells_apart(columns: Sequence[tuple[Column, Field]]) -> bool:
    """Return whether no two rows surely say the same in these columns, and none leaves one of them empty."""
    codes, many = None, 1
    for column, one in columns:
        if len(_stated(column, one)) < len(column.words) or not stands_for_itself(column, one):
            return False
        many *= len(column.words)
        if many >= 2**62:
            return False
        here = column.codes.cast(pa.int64())
        codes = here if codes is None else pc.add(pc.multiply(codes, len(column.words)), here)
    rows = len(columns[0][0])
    if len(columns) == 1:
        return many == rows
    return many >= rows and len(pc.unique(codes)) == rows


def refers(here: tuple[Column, Field], there: tuple[Column, Field]) -> bool:
    """Return whether every cell of a column that is not missing surely stands in the other one."""
    if not (stands_for_itself(*here) and stands_for_itself(*there)):
        return False
    return bool(pc.all(pc.is_in(_stated(*here), there[0].words), min_count=0).as_py())


def stands_for_itself(column: Column, one: Field) -> bool:
    """Return whether cells of a column surely say the same only where they are the same text."""
    if one.type in _AS_IT_STANDS:
        return _says_plainly(one) and _match(_stated(column, one), _AS_IT_STANDS[one.type])
    return column.is_composed


def parts_no_thousands(column: Column, one: Field) -> bool:
    """Return whether the points of a column surely separate no thousands: some are others, or none, or all are."""
    words = _stated(column, one)
    pointed = pc.match_substring_regex(words, r"\A-?[1-9][0-9]{0,2}\.[0-9]{3}\z")
    small = pc.match_substring_regex(words, r"\A-?(?:0|[1-9][0-9]{0,2})\z")
    both = pc.any(pointed, min_count=0).as_py() and pc.any(small, min_count=0).as_py()
    return not (both and pc.all(pc.or_(pointed, small)).as_py())


def _stated(column: Column, one: Field) -> Any:
    """Return the different cells of a column that say something."""
    if all(pc.index(column.words, cell).as_py() < 0 for cell in one.missing):
        return column.words
    return pc.filter(column.words, pc.invert(pc.is_in(column.words, pa.array(one.missing, pa.string()))))


def _says_plainly(one: Field) -> bool:
    return (one.format, one.decimal_char, one.group_char, one.bare_number) == ("default", ".", "", True)


def _match(words: Any, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(words, pattern), min_count=0).as_py())


def _parted(column: Column, words: Any, one: Field) -> tuple[Any, Any]:
    """Return which words of a column surely are of its type, bounds and lengths aside, and the others."""
    none = words.slice(0, 0)
    if one.enum or not _says_plainly(one):
        return none, words
    if one.type in ("string", "any"):
        if column.is_composed:
            return words, none
        is_plain = pc.string_is_ascii(words)
        return pc.filter(words, is_plain), pc.filter(words, pc.invert(is_plain))
    if one.type not in _SHAPES:
        return none, words
    is_plain = pc.match_substring_regex(words, _SHAPES[one.type])
    are_all = pc.all(is_plain, min_count=0).as_py()
    plain, others = (words, none) if are_all else (pc.filter(words, is_plain), pc.filter(words, pc.invert(is_plain)))
    if one.type == "date":
        try:
            pc.cast(plain, pa.date32())
        except pa.ArrowInvalid:  # a day that there is not
            return none, words
    return plain, others


def _keep_lengths(words: Any, one: Field) -> bool:
    if one.shortest is None and one.longest is None:
        return True
    lengths = pc.min_max(pc.utf8_length(words)).as_py()
    return (one.shortest or 0) <= lengths["min"] and (one.longest is None or lengths["max"] <= one.longest)


def _ends(words: Any, one: Field) -> list[str]:
    """Return the least and the greatest of plain cells, nothing where they have no bounds."""
    if not (one.minimum or one.maximum or one.above or one.below):
        return []
    values = pc.cast(words, _VALUES[one.type])
    ends = pc.min_max(values)
    return [words[pc.index(values, ends[end]).as_py()].as_py() for end in ("min", "max")]
