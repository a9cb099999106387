"""A cell is read by its column's type and format: the value it has, or why it has none and how it should look."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from build_tools.cells import (
    DATED,
    FORMATS,
    LONGEST_NUMBER,
    ORDERED,
    DuplicateKeyError,
    Field,
    UnreadableError,
    example_of,
    number_remedy,
    plain_number,
    read_bound,
    read_json,
    read_value,
    to_json,
)


def field(type_: str, **properties: Any) -> Field:
    """Return a column of a type."""
    return Field("f", type_, **properties)


EUROPEAN = {"decimal_char": ",", "group_char": "."}
READ: tuple[tuple[Field, str, Any], ...] = (
    (field("string"), " a ", " a "),
    (field("any"), "12", "12"),
    (field("string", format="email"), "a.b@c.example.vn", "a.b@c.example.vn"),
    (field("any", format="email"), "no address", "no address"),
    (field("string", format="uri"), "urn:a+b.c-1:x", "urn:a+b.c-1:x"),
    (field("string", format="uri"), "x:y", "x:y"),
    (field("string", format="binary"), "", None),
    (field("string", format="binary", missing=()), "", ""),
    (field("string", format="binary"), "aGFp", "aGFp"),
    (field("string", format="binary"), "aGFpaGFp", "aGFpaGFp"),
    (field("string", format="binary"), "aGFpIA==", "aGFpIA=="),
    (field("string", format="binary"), "aGFpIGE=", "aGFpIGE="),
    (field("string", format="uuid"), "95ECC380-afe9-11e4-9b6c-751b66dd541e", "95ECC380-afe9-11e4-9b6c-751b66dd541e"),
    (field("number"), "", None),
    (field("number", missing=("", "-")), "-", None),
    (field("number"), "12", Decimal(12)),
    (field("number"), "+1.50", Decimal("1.50")),
    (field("number"), "-1.", Decimal(-1)),
    (field("number"), ".5", Decimal("0.5")),
    (field("number"), "1e3", Decimal("1E+3")),
    (field("number"), "1E+123", Decimal("1E+123")),
    (field("number"), "1" * LONGEST_NUMBER, Decimal("1" * LONGEST_NUMBER)),
    (field("number", **EUROPEAN), "1.234.567,89", Decimal("1234567.89")),
    (field("number", **EUROPEAN), "-12.345", Decimal(-12345)),
    (field("number", **EUROPEAN), "0,5", Decimal("0.5")),
    (field("number", group_char=" "), "+123 456", Decimal(123456)),
    (field("number", bare_number=False), "€ 12.5 mỗi", Decimal("12.5")),
    (field("number", bare_number=False), "-€7", Decimal(-7)),
    (field("number", bare_number=False), "-*7*", Decimal(-7)),
    (field("number", bare_number=False), "€-7%", Decimal(-7)),
    (field("number", bare_number=False), "+7 đồng\n", Decimal(7)),
    (field("integer"), "007", 7),
    (field("integer"), "-12", -12),
    (field("integer", group_char=","), "1,234", 1234),
    (field("integer"), "9" * LONGEST_NUMBER, int("9" * LONGEST_NUMBER)),
    *((field("boolean"), cell, True) for cell in ("true", "True", "TRUE", "1")),
    *((field("boolean"), cell, False) for cell in ("false", "False", "FALSE", "0")),
    (field("boolean", true_values=("có",), false_values=("không",)), "không", False),
    (field("date"), "2023-12-31", date(2023, 12, 31)),
    (field("date", format="any"), "cuối năm", "cuối năm"),
    (field("date", format="%d/%m/%Y"), "31/12/2023", date(2023, 12, 31)),
    (field("date", format="fmt:%d.%m.%Y"), "31.12.2023", date(2023, 12, 31)),
    (field("time"), "23:59:00", time(23, 59)),
    (field("time"), "23:59:00.5", time(23, 59, 0, 500_000)),
    (field("time"), "23:59:00.123456Z", time(23, 59, 0, 123_456, tzinfo=UTC)),
    (field("time", format="%H:%M"), "23:59", time(23, 59)),
    (field("time", format="%H:%M%z"), "23:59+0700", time(23, 59, tzinfo=timezone(timedelta(hours=7)))),
    (field("datetime"), "2023-12-31T23:59:00", datetime(2023, 12, 31, 23, 59)),  # noqa: DTZ001
    (
        field("datetime"),
        "2023-12-31T23:59:00+07:00",
        datetime(2023, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=7))),
    ),
    (field("datetime", format="%Y-%m-%d %H"), "2023-12-31 23", datetime(2023, 12, 31, 23)),  # noqa: DTZ001
    (field("year"), "2023", 2023),
    (field("year"), "-123456789", -123456789),
    *((field("yearmonth"), f"2023-{month:02}", f"2023-{month:02}") for month in (1, 9, 10, 11, 12)),
    (field("yearmonth"), "-0012-01", "-0012-01"),
    (field("yearmonth"), "123456789-01", "123456789-01"),
    *(
        (field("duration"), cell, cell)
        for cell in ("P1Y", "P12M", "P3W", "-P40D", "P1Y2M10DT2H30M", "PT12H", "PT30M", "PT1S", "PT10.25S", "P1DT1S")
    ),
    (field("object"), '{"a": 1.50}', {"a": Decimal("1.50")}),
    (field("array"), "[1, null, true]", [1, None, True]),
    (field("list"), "a,b", ["a", "b"]),
    (field("list"), "a,,b", ["a", "", "b"]),
    (field("list", missing=()), "", []),
    (field("list", delimiter=";", item_type="integer"), "1;2", [1, 2]),
    (field("geopoint"), "107.58 , -16", (Decimal("107.58"), Decimal(-16))),
    (field("geopoint"), "180,-90", (Decimal(180), Decimal(-90))),
    (field("geopoint"), "-180,90", (Decimal(-180), Decimal(90))),
    (field("geopoint", format="array"), '["107.58", 16]', (Decimal("107.58"), Decimal(16))),
    (field("geopoint", format="object"), '{"lat": 16.4, "lon": 107}', (Decimal(107), Decimal("16.4"))),
    *(
        (field("geojson"), f'{{"type": "{kind}"}}', {"type": kind})
        for kind in (
            *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
            *("GeometryCollection", "Feature", "FeatureCollection"),
        )
    ),
    (field("geojson", format="topojson"), '{"type": "Topology"}', {"type": "Topology"}),
)


@pytest.mark.parametrize(("column", "cell", "value"), READ, ids=lambda part: part[:30] if isinstance(part, str) else "")
def test_a_cell_has_the_value_of_its_type(column: Field, cell: str, value: object) -> None:
    """A cell that is of its column's type has one value, of one kind of its own."""
    found = read_value(column, cell)
    assert (type(found), found) == (type(value), value)
    if isinstance(value, Decimal):
        assert str(found) == str(value)


ADDRESS = ("địa chỉ thư / an e-mail address", "a@example.org")
URI = ("địa chỉ URI / a URI", "https://example.org/a")
BINARY = ("dữ liệu base64 / base64", "aGFpIG5nw6Bu")
UUID = ("mã UUID / a UUID", "95ecc380-afe9-11e4-9b6c-751b66dd541e")
WHOLE = ("số nguyên / a whole number", "12")
BOOLEAN = ("đúng hoặc sai / true or false", "true / false")
DATE = ("ngày / a date", "2023-12-31")
TIME = ("giờ / a time", "23:59:00")
DATETIME = ("ngày giờ / a date and time", "2023-12-31T23:59:00Z")
YEAR = ("năm / a year", "2023")
MONTH = ("tháng của năm / a month of a year", "2023-11")
DURATION = ("khoảng thời gian / a duration", "P1Y2M")
OBJECT = ("đối tượng JSON / a JSON object", '{"a": 1}')
ARRAY = ("danh sách JSON / a JSON array", "[1, 2]")
POINT = "điểm trên bản đồ: kinh độ, vĩ độ / a point: longitude, latitude"
SHAPE = '{"type": "Point", "coordinates": [107.58, 16.46]}'
AS_PAIR, AS_ARRAY = (POINT, "107.58, 16.46"), (POINT, "[107.58, 16.46]")
AS_OBJECT = (POINT, '{"lon": 107.58, "lat": 16.46}')
REFUSED: tuple[tuple[Field, tuple[str, str], tuple[str, ...]], ...] = (
    (
        field("string", format="email"),
        ADDRESS,
        ("a", "a@b", "a@b.", "@b.vn", "a@.vn@", "a@.vn", "a b@c.vn", "a@b.vn,c@d.vn"),
    ),
    (field("string", format="uri"), URI, ("a", ":a", "1a:b", "http:", "http:a b", 'http:"a"', "http:<a>")),
    (field("string", format="binary"), BINARY, ("a", "aG", "aGF", "aGFpI", "aGFpIA=", "aGFpI===", "aGF*", "aGFpaGF")),
    (
        field("string", format="uuid"),
        UUID,
        (
            "95ecc380-afe9-11e4-9b6c-751b66dd541",
            "95ecc380-afe9-11e4-9b6c-751b66dd541e0",
            "95ecc380-afe9-11e4-751b66dd541e",
            "95ecc380-afe9-11e4-9b6c-751b-751b66dd541e",
            "95ecc38-afe9-11e4-9b6c-751b66dd541e",
            "95ecc3800-afe9-11e4-9b6c-751b66dd541e",
            "95ecc380-afe90-11e4-9b6c-751b66dd541e",
            "95ecg380-afe9-11e4-9b6c-751b66dd541e",
        ),
    ),
    (field("integer"), WHOLE, ("1.5", "1.0", "1e3", ".5")),
    (field("boolean"), BOOLEAN, ("yes", "2", "tRUE", " true")),
    (field("boolean", true_values=("x", "X"), false_values=()), ("đúng hoặc sai / true or false", "x"), ("0", "y")),
    (field("date"), DATE, ("20231231", "2023-12-32", "2023-1-1", "02023-12-31", "2023-12-31T", "2023-12-031")),
    (field("time"), TIME, ("23:59", "24:00:00", "1:00:00", "23:59:00.", "23:59:00.1234567", "23:59:00+7", "23:59:00z")),
    (field("datetime"), DATETIME, ("2023-12-31", "2023-12-31 23:59:00", "2023-12-31T25:00:00", "2023-12-31T1:00:00")),
    (field("date", format="%d/%m/%Y"), ("ngày / a date (%d/%m/%Y)", "31/12/2023"), ("2023-12-31", "32/12/2023")),
    (field("time", format="fmt:%H:%M"), ("giờ / a time (fmt:%H:%M)", "23:59"), ("23:59:00", "25:00")),
    (field("year"), YEAR, ("23", "999", "1234567890", "+2023", "2023.0")),
    (field("yearmonth"), MONTH, ("2023-13", "2023-00", "2023-1", "2023", "123-01", "1234567890-01", "2023-20")),
    (
        field("duration"),
        DURATION,
        (
            "P",
            "PT",
            "1Y",
            "P1",
            "P1M1Y",
            "PT1D",
            "P1H",
            "--P1D",
            "PT1.S",
            "P1DT",
            "P-1D",
            "P1YM",
            "P1YW",
            "P1YD",
            "PT1HM",
            "PT1HS",
            "PT1H.5S",
        ),
    ),
    (field("object"), OBJECT, ("[1]", "{", "1", '{"a": NaN}', '{"a": 1, "a": 1}')),
    (field("array"), ARRAY, ('{"a": 1}', "[", "1", "[Infinity]", "[" * 100_000)),
    (field("geojson"), ("GeoJSON", SHAPE), ('{"type": "Topology"}', '{"type": "point"}', "{}")),
    (field("geojson", format="topojson"), ("TopoJSON", SHAPE), ('{"type": "Point"}', "{}")),
    (field("geojson"), OBJECT, ("[]", "x")),
    (
        field("geopoint"),
        AS_PAIR,
        ("107.58", "1,2,3", "a,b", "1,b", "180.1,0", "0,90.1", "-180.1,0", "0,-90.1", "181,0", "0,91", "1;2"),
    ),
    (field("geopoint", format="array"), AS_ARRAY, ("[1]", "[1, 2, 3]", "[1, true]", "[1, null]", '[1, "x"]')),
    (field("geopoint", format="array"), ARRAY, ('{"lon": 1, "lat": 2}', "1,2")),
    (
        field("geopoint", format="object"),
        AS_OBJECT,
        ('{"lon": 1}', '{"lon": 1, "lat": 2, "x": 3}', '{"lon": 1, "lat": "b"}', '{"lon": 200, "lat": 2}'),
    ),
    (field("list", item_type="integer"), WHOLE, ("1,2.5",)),
)


@pytest.mark.parametrize(
    ("column", "wanted", "cell"),
    [(column, wanted, cell) for column, wanted, cells in REFUSED for cell in cells],
    ids=lambda part: part[:30] if isinstance(part, str) else "",
)
def test_a_cell_of_another_type_is_refused(column: Field, wanted: tuple[str, str], cell: str) -> None:
    """A cell that is not of its column's type is refused with what was expected and an example that is of the type."""
    with pytest.raises(UnreadableError) as caught:
        read_value(column, cell)
    assert caught.value.code == "cell-type"
    assert (caught.value.details["expected"], caught.value.details["example"]) == wanted
    assert caught.value.details.keys() == {"expected", "example"}


def test_every_example_is_of_its_type() -> None:
    """What a refusal gives as an example can be read by the column that gave it."""
    for column, (_, example), _cells in REFUSED:
        if column.type not in ("boolean", "list") and example not in (SHAPE, OBJECT[1], ARRAY[1]):
            assert read_value(column, example) is not None


@pytest.mark.parametrize(
    ("column", "cell", "problem", "correction"),
    [
        (field("number"), "1,5", "decimal comma", "1.5"),
        (field("number"), "1.234.567", "Vietnamese thousands", "1234567"),
        (field("number"), "abc", "no number", None),
        (field("number"), "1" * (LONGEST_NUMBER + 1), "1234.5", None),
        (field("integer"), "9" * (LONGEST_NUMBER + 1), "1234.5", None),
        (field("integer"), "1,234,567", "English number", "1234567"),
        (field("number", **EUROPEAN), "12.5", "không có dạng / not of the form 1.234,5", None),
        (field("number", **EUROPEAN), "1,5,5", "not of the form 1.234,5", None),
        (field("number", **EUROPEAN), "1234.567", "not of the form 1.234,5", None),
        (field("number", **EUROPEAN), ".123", "not of the form 1.234,5", None),
        (field("number", decimal_char=","), "1.5", "not of the form 1234,5", None),
        (field("number", group_char=" "), "1 23", "not of the form 1 234.5", None),
        (field("number"), "1e1234", "exponent", None),
        (field("number"), "1e", "no number", None),
        (field("number"), ".", "no number", None),
        (field("integer", bare_number=False), "none", "no number", None),
    ],
)
def test_what_is_no_number_is_refused_with_a_remedy(
    column: Field, cell: str, problem: str, correction: str | None
) -> None:
    """A cell that is no number says what it looks like, and what to write where there is one way."""
    with pytest.raises(UnreadableError) as caught:
        read_value(column, cell)
    assert caught.value.code == "cell-number"
    assert problem in caught.value.details["problem"]
    assert {key: caught.value.details[key] for key in ("correction_vi", "correction_en")} == number_remedy(correction)


def test_a_number_has_at_most_a_thousand_digits() -> None:
    """A thousand digits are read, one more is refused."""
    assert len("1" * 1000) == LONGEST_NUMBER
    with pytest.raises(UnreadableError):
        read_value(field("integer"), "1" * 1001)


def test_the_remedy_of_a_number_stands_in_both_languages() -> None:
    """With a correction the remedy names it, without one it shows how a number looks."""
    assert number_remedy("12") == {"correction_vi": "Viết 12.", "correction_en": "Write 12."}
    for nothing in (None, ""):
        remedy = number_remedy(nothing)
        assert all("17034" in words and "2.27" in words for words in remedy.values())


def test_a_number_is_brought_to_one_way_of_writing() -> None:
    """Groups and another decimal sign are taken away, once and in their places."""
    assert plain_number(field("number", **EUROPEAN), "-1.234,5") == "-1234.5"
    assert plain_number(field("number", **EUROPEAN), "1,234.567") == ""
    assert plain_number(field("number", **EUROPEAN), "12.3456") == ""
    assert plain_number(field("number", **EUROPEAN), "1234.567") == ""
    assert plain_number(field("number", decimal_char=","), "1,2,3") == "1.2,3"
    assert plain_number(field("number", group_char=","), "1234") == "1234"
    assert plain_number(field("number", bare_number=False), "-12.5 %") == "-12.5"
    assert plain_number(field("number", bare_number=False), "(12)") == "12"
    assert plain_number(field("number", bare_number=False), "none") == "none"


def test_a_bound_is_read_plainly_or_as_the_cells_are() -> None:
    """A constraint may be written as JSON writes it, or as the column's cells stand; it is never a missing value."""
    european = field("number", **EUROPEAN, missing=("", "0"))
    assert read_bound(european, "1.5") == Decimal("1.5")
    assert read_bound(european, "1.234,5") == Decimal("1234.5")
    assert read_bound(european, "0") == Decimal(0)
    assert read_bound(field("number", **EUROPEAN, missing=("1.234,5",)), "1.234,5") == Decimal("1234.5")
    assert read_bound(field("number", bare_number=False), "5 %") == Decimal(5)
    dotted = field("date", format="%d.%m.%Y")
    assert read_bound(dotted, "2023-12-31") == date(2023, 12, 31)
    assert read_bound(dotted, "31.12.2023") == date(2023, 12, 31)
    for column, text in ((dotted, "12/2023"), (field("integer"), "x")):
        with pytest.raises(UnreadableError):
            read_bound(column, text)


def test_json_keeps_what_is_written() -> None:
    """Decimals stay as exact as they were printed, there and back."""
    text = '{"a": [1.50, 2, "\\u00e1", null, true], "b": {"c": 1E+5}}'
    assert read_json(text) == {"a": [Decimal("1.50"), 2, "á", None, True], "b": {"c": Decimal("1E+5")}}
    assert to_json(read_json(text)) == '{"a": [1.50, 2, "á", null, true], "b": {"c": 1E+5}}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NaN", "NaN is not a JSON value"),
        ("-Infinity", "-Infinity is not"),
        ("[" * 100_000, "nested too deeply"),
        ("1.5e" + "1" * 6, "a number beyond all bounds: 1.5e111111…"),
        ("1." + "5" * LONGEST_NUMBER, "a number beyond all bounds: 1.555555555555555555…"),
        ("{", "Expecting"),
    ],
)
def test_what_json_has_not_is_refused(text: str, words: str) -> None:
    """NaN, Infinity, depth without end and numbers beyond all bounds are no JSON here."""
    with pytest.raises(ValueError, match=re.escape(words)):
        read_json(text)


def test_the_largest_numbers_of_json_are_read() -> None:
    """A number at the bound is read, and one past it is not."""
    assert read_json("1.5e11111") == Decimal("1.5e11111")
    assert read_json("1." + "5" * (LONGEST_NUMBER - 2)) == Decimal("1." + "5" * (LONGEST_NUMBER - 2))
    with pytest.raises(ValueError, match="beyond"):
        read_json("1." + "5" * (LONGEST_NUMBER - 1))


def test_a_key_that_stands_twice_is_named() -> None:
    """Two values of one key are never settled in silence."""
    with pytest.raises(DuplicateKeyError, match="the key 'b' stands twice") as caught:
        read_json('{"a": 1, "b": 2, "b": 2}')
    assert caught.value.key == "b"


def test_an_example_is_written_as_the_pattern_asks() -> None:
    """A day and time of a pattern; the pattern itself where it cannot be used."""
    assert example_of(field("datetime", format="fmt:%d/%m/%Y %H:%M")) == "31/12/2023 23:59"
    assert example_of(field("date", format="%Y\ud800")) == "%Y\ud800"


def test_a_column_begins_without_demands() -> None:
    """A column of which nothing is said asks for nothing, and an empty cell is its one missing value."""
    plain = field("string")
    assert (plain.required, plain.unique, plain.enum, plain.pattern, plain.format) == (False, False, (), "", "default")
    assert (plain.title, plain.title_en, plain.description, plain.description_en, plain.unit) == ("",) * 5
    assert (plain.minimum, plain.maximum, plain.above, plain.below) == ("",) * 4
    assert (plain.shortest, plain.longest, plain.says_decimal) == (None, None, False)
    assert read_value(plain, "") is None


def test_the_types_and_formats_are_those_of_table_schema() -> None:
    """Every type of the specification is read, in the formats that it names."""
    assert set(FORMATS) == {
        *("string", "number", "integer", "boolean", "object", "array", "list", "date", "time", "datetime", "year"),
        *("yearmonth", "duration", "geopoint", "geojson", "any"),
    }
    several = {name: formats[1:] for name, formats in FORMATS.items() if len(formats) > 1}
    assert several == {
        "string": ("email", "uri", "binary", "uuid"),
        "date": ("any",),
        "time": ("any",),
        "datetime": ("any",),
        "geopoint": ("array", "object"),
        "geojson": ("topojson",),
    }
    assert {formats[0] for formats in FORMATS.values()} == {"default"}
    assert set(DATED) == {"date", "time", "datetime"}
    assert set(ORDERED) == {"number", "integer", "year", "yearmonth", *DATED}


@pytest.mark.parametrize("cell", ["P1YM", "P1YW", "P1YD", "P1YTH", "PT1HM", "PT1HS", "PT1.S", "PY", "P", "PT"])
def test_a_part_of_a_duration_has_a_number(cell: str) -> None:
    """Each letter of a duration stands after digits."""
    with pytest.raises(UnreadableError):
        read_value(field("duration"), cell)


def test_how_deep_json_may_be() -> None:
    """Lists and objects may stand a hundred deep in one another, and no deeper."""
    for opened, closed in (("[", "]"), ('{"a": ', "}")):
        inner = "[]" if opened == "[" else "{}"
        assert read_json(opened * 99 + inner + closed * 99)
        with pytest.raises(ValueError, match="nested too deeply"):
            read_json(opened * 100 + inner + closed * 100)
