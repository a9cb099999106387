"""What a cell of a table holds: the types and formats of Table Schema, read from the text as it stands.

A cell stays text; its value is had by rules or not at all. Numbers are Decimals, never float.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from build_tools.numbers import CellError, read_cell

Value = str | int | bool | Decimal | date | time | datetime | tuple[Any, ...] | Mapping[str, Any] | list[Any]

FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "string": ("default", "email", "uri", "binary", "uuid"),
        "number": ("default",),
        "integer": ("default",),
        "boolean": ("default",),
        "object": ("default",),
        "array": ("default",),
        "list": ("default",),
        "date": ("default", "any"),
        "time": ("default", "any"),
        "datetime": ("default", "any"),
        "year": ("default",),
        "yearmonth": ("default",),
        "duration": ("default",),
        "geopoint": ("default", "array", "object"),
        "geojson": ("default", "topojson"),
        "any": ("default",),
    }
)
"""The types that are read, each with its formats; a date, time or datetime may also have a pattern such as %d/%m/%Y."""

DATED = ("date", "time", "datetime")
ORDERED = ("number", "integer", *DATED, "year", "yearmonth")


@dataclass(frozen=True)
class Field:
    """A column as the descriptor declares it."""

    name: str
    type: str
    title: str = ""
    title_en: str = ""
    description: str = ""
    description_en: str = ""
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    minimum: str = ""
    maximum: str = ""
    format: str = "default"
    missing: tuple[str, ...] = ("",)  # cells that say that there is no value
    decimal_char: str = "."
    says_decimal: bool = False  # whether the descriptor itself says what stands before decimals
    group_char: str = ""
    bare_number: bool = True  # whether nothing but the number stands in a cell
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")
    delimiter: str = ","  # between the items of a list
    item_type: str = "string"
    above: str = ""  # exclusiveMinimum
    below: str = ""  # exclusiveMaximum
    shortest: int | None = None  # minLength
    longest: int | None = None  # maxLength
    unit: str = ""


class UnreadableError(ValueError):
    """A cell that is not of its column's type: a code and details for the fault."""

    def __init__(self, code: str, **details: str):
        super().__init__(code, details)
        self.code = code
        self.details = details


def read_value(field: Field, cell: str) -> Value | None:
    """Return the value of a cell by its column's type and format, None for a missing one.

    A date of format `any` stays text: no rule says what day it is. Raises UnreadableError.
    """
    if cell in field.missing:
        return None
    return _READERS.get(field.type, _text)(field, cell)


def read_bound(field: Field, text: str) -> Value | None:
    """Return the value of a constraint of a column, written plainly or as the column's cells are.

    Raises UnreadableError.
    """
    plain = replace(field, missing=(), decimal_char=".", group_char="", bare_number=True)
    try:
        return read_value(plain, text)
    except UnreadableError:
        if field.format != "default":
            try:
                return read_value(replace(plain, format="default"), text)
            except UnreadableError:
                pass
        return read_value(replace(field, missing=()), text)


def _not(expected: str, example: str) -> UnreadableError:
    return UnreadableError("cell-type", expected=expected, example=example)


def _text(field: Field, cell: str) -> Value:
    if field.type == "string" and field.format in _TEXTS:
        pattern, expected, example = _TEXTS[field.format]
        if not pattern.fullmatch(cell):
            raise _not(expected, example)
    return cell


_TEXTS = {
    "email": (re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+"), "địa chỉ thư / an e-mail address", "a@example.org"),
    "uri": (re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"]+"), "địa chỉ URI / a URI", "https://example.org/a"),
    "binary": (
        re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"),
        "dữ liệu base64 / base64",
        "aGFpIG5nw6Bu",
    ),
    "uuid": (
        re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"),
        "mã UUID / a UUID",
        "95ecc380-afe9-11e4-9b6c-751b66dd541e",
    ),
}

# ---- numbers -------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NOT_BARE = re.compile(r"[^0-9+\-]*(?P<sign>[+-]?)[^0-9+\-]*(?P<number>[0-9](?:.*[0-9])?)[^0-9]*", re.DOTALL)
MOST_DEPTH = 100  # how deep lists and objects of JSON may stand in one another
LONGEST_NUMBER = 1000  # digits that a number may have: a text of a million digits is no number


def plain_number(field: Field, cell: str) -> str:
    """Return a number's cell as it would stand with a decimal point and no group signs, nothing if it cannot.

    Groups are of three digits, the first of one to three.
    """
    text = cell
    if not field.bare_number and (bare := _NOT_BARE.fullmatch(cell)):
        text = bare["sign"] + bare["number"]
    if field.group_char and field.group_char in text:
        whole, point, decimals = text.partition(field.decimal_char)
        group = re.escape(field.group_char)
        if not re.fullmatch(rf"[+-]?[0-9]{{1,3}}(?:{group}[0-9]{{3}})+", whole):
            return ""
        text = whole.replace(field.group_char, "") + point + decimals
    if field.decimal_char != ".":
        text = "" if "." in text else text.replace(field.decimal_char, ".", 1)
    return text


def _number(field: Field, cell: str) -> Value:
    text = plain_number(field, cell)
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise _no_number(field, cell)
    return Decimal(text)


def _integer(field: Field, cell: str) -> Value:
    text = plain_number(field, cell)
    if len(text) > LONGEST_NUMBER or not _WHOLE.fullmatch(text):
        if len(text) <= LONGEST_NUMBER and _NUMBER.fullmatch(text):
            raise _not("số nguyên / a whole number", "12")
        raise _no_number(field, cell)
    return int(text)


def _no_number(field: Field, cell: str) -> UnreadableError:
    """Return why a cell is no number, and how it should be written if there is one way."""
    shape = f"1{field.group_char}234{field.decimal_char}5"
    problem, correction = f"không có dạng / not of the form {shape}", ""
    if len(cell) <= LONGEST_NUMBER and (field.decimal_char, field.group_char) == (".", ""):
        try:
            read_cell(cell)
        except CellError as error:
            problem, correction = error.what, error.correction or ""
    return UnreadableError("cell-number", problem=problem, **number_remedy(correction))


def number_remedy(correction: str | None) -> dict[str, str]:
    """Return the remedy of a cell that is no number in both languages."""
    if correction:
        return {"correction_vi": f"Viết {correction}.", "correction_en": f"Write {correction}."}
    return {
        "correction_vi": "Viết số thường: 17034 hoặc 2.27.",
        "correction_en": "Write a plain number: 17034 or 2.27.",
    }


# ---- true and false, days and times --------------------------------------------------------------------------------


def _boolean(field: Field, cell: str) -> Value:
    if cell in field.true_values:
        return True
    if cell in field.false_values:
        return False
    words = " / ".join((*field.true_values[:1], *field.false_values[:1]))
    raise _not("đúng hoặc sai / true or false", words)


_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?" + _ZONE
_ISO: Mapping[str, tuple[re.Pattern[str], Callable[[str], Value], str]] = {
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), date.fromisoformat, "2023-12-31"),
    "time": (re.compile(_CLOCK), time.fromisoformat, "23:59:00"),
    "datetime": (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T" + _CLOCK),
        datetime.fromisoformat,
        "2023-12-31T23:59:00Z",
    ),
}
_NAMES = {"date": "ngày / a date", "time": "giờ / a time", "datetime": "ngày giờ / a date and time"}


def _dated(field: Field, cell: str) -> Value:
    shape, read, example = _ISO[field.type]
    if field.format == "any":
        return cell
    if field.format != "default":
        try:
            # No zone is added: what is printed without one has none.
            found = datetime.strptime(cell, field.format.removeprefix("fmt:"))  # noqa: DTZ007
        except (ValueError, re.error) as error:
            raise _not(f"{_NAMES[field.type]} ({field.format})", example_of(field)) from error
        return found.date() if field.type == "date" else found.timetz() if field.type == "time" else found
    if not shape.fullmatch(cell):
        raise _not(_NAMES[field.type], example)
    try:
        return read(cell)
    except ValueError as error:
        raise _not(_NAMES[field.type], example) from error


def example_of(field: Field) -> str:
    """Return a day or time as a column's pattern writes it; the pattern itself when it cannot be used."""
    try:
        return datetime(2023, 12, 31, 23, 59).strftime(field.format.removeprefix("fmt:"))  # noqa: DTZ001  (an example)
    except ValueError:
        return field.format


def _shaped(pattern: str, expected: str, example: str, make: Callable[[str], Value] = str) -> Callable[..., Value]:
    compiled = re.compile(pattern)

    def read(_: Field, cell: str) -> Value:
        if not compiled.fullmatch(cell):
            raise _not(expected, example)
        return make(cell)

    return read


_DURATION = (
    r"-?P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
)

# ---- what has parts ------------------------------------------------------------------------------------------------


def read_json(text: str) -> Any:
    """Return what a JSON text holds, numbers as int and Decimal; ValueError for anything that JSON has not.

    A key that stands twice, NaN and Infinity are among that, and what is nested deeper than MOST_DEPTH.
    """
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_decimal)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    level = [found] if isinstance(found, dict | list) else []
    for _ in range(MOST_DEPTH):
        parts = (part for one in level for part in (one.values() if isinstance(one, dict) else one))
        level = [part for part in parts if isinstance(part, dict | list)]
    if level:
        raise ValueError("nested too deeply")
    return found


def _decimal(text: str) -> Decimal:
    """Return a number with its decimals; ValueError for one that nothing can be measured by."""
    if len(text) > LONGEST_NUMBER or len(text.lower().partition("e")[2]) > 5:
        raise ValueError(f"a number beyond all bounds: {text[:20]}…")
    return Decimal(text)


class DuplicateKeyError(ValueError):
    """A key that stands twice in one object."""

    def __init__(self, key: str):
        super().__init__(f"the key {key!r} stands twice")
        self.key = key


def to_json(value: Any) -> str:
    """Return what `read_json` returned as JSON again, every number as exact as it was."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(to_json, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DuplicateKeyError(key)
        found[key] = value
    return found


def _no_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not a JSON value", name, 0)


def _json(kind: type, expected: str, example: str) -> Callable[[Field, str], Value]:
    def read(_: Field, cell: str) -> Value:
        found: Value
        try:
            found = read_json(cell)
        except ValueError as error:
            raise _not(expected, example) from error
        if not isinstance(found, kind):
            raise _not(expected, example)
        return found

    return read


_object = _json(dict, "đối tượng JSON / a JSON object", '{"a": 1}')
_array = _json(list, "danh sách JSON / a JSON array", "[1, 2]")
_GEOJSON = (
    *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    *("GeometryCollection", "Feature", "FeatureCollection"),
)


def _geojson(field: Field, cell: str) -> Value:
    kinds = ("Topology",) if field.format == "topojson" else _GEOJSON
    example = '{"type": "Point", "coordinates": [107.58, 16.46]}'
    found = _object(field, cell)
    if not isinstance(found, Mapping) or found.get("type") not in kinds:
        raise _not("GeoJSON" if field.format == "default" else "TopoJSON", example)
    return found


def _geopoint(field: Field, cell: str) -> Value:
    """Return longitude and latitude in degrees."""
    example = {"default": "107.58, 16.46", "array": "[107.58, 16.46]", "object": '{"lon": 107.58, "lat": 16.46}'}
    wrong = _not("điểm trên bản đồ: kinh độ, vĩ độ / a point: longitude, latitude", example[field.format])
    parts: list[Any]
    if field.format == "default":
        parts = [part.strip() for part in cell.split(",")]
    elif field.format == "array":
        found = _array(field, cell)
        parts = found if isinstance(found, list) else []
    else:
        found = _object(field, cell)
        parts = [found["lon"], found["lat"]] if isinstance(found, Mapping) and found.keys() == {"lon", "lat"} else []
    if len(parts) != 2 or any(isinstance(part, bool) or not isinstance(part, str | int | Decimal) for part in parts):
        raise wrong
    if not all(isinstance(part, int | Decimal) or _NUMBER.fullmatch(part) for part in parts):
        raise wrong
    longitude, latitude = map(Decimal, parts)
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise wrong
    return longitude, latitude


def _list(field: Field, cell: str) -> Value:
    item = Field(field.name, field.item_type, missing=())
    return [read_value(item, part) for part in cell.split(field.delimiter)] if cell else []


_READERS: Mapping[str, Callable[[Field, str], Value]] = MappingProxyType(
    {
        "number": _number,
        "integer": _integer,
        "boolean": _boolean,
        "date": _dated,
        "time": _dated,
        "datetime": _dated,
        "year": _shaped(r"-?[0-9]{4,9}", "năm / a year", "2023", int),
        "yearmonth": _shaped(r"-?[0-9]{4,9}-(?:0[1-9]|1[0-2])", "tháng của năm / a month of a year", "2023-11"),
        "duration": _shaped(_DURATION, "khoảng thời gian / a duration", "P1Y2M"),
        "object": _object,
        "array": _array,
        "list": _list,
        "geopoint": _geopoint,
        "geojson": _geojson,
    }
)
