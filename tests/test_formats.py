"""Numbers, percentages, dates and periods as they are shown in each language."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build_tools.formats import (
    format_date,
    format_number,
    format_percent,
    format_period,
    format_range,
    separators,
)


@pytest.mark.parametrize(
    ("value", "places", "vi", "en"),
    [
        ("0", None, "0", "0"),
        ("7", None, "7", "7"),
        ("1000", None, "1.000", "1,000"),
        ("17034", None, "17.034", "17,034"),
        ("2.27", None, "2,27", "2.27"),
        ("100.20", None, "100,20", "100.20"),
        ("17942400000", None, "17.942.400.000", "17,942,400,000"),
        ("1234567890123456789012", None, "1.234.567.890.123.456.789.012", "1,234,567,890,123,456,789,012"),
        ("0.00", None, "0,00", "0.00"),
        ("1E+6", None, "1.000.000", "1,000,000"),
        ("-1234.5", None, "-1.234,5", "-1,234.5"),
        ("17034", 2, "17.034,00", "17,034.00"),
        ("2.275", 2, "2,28", "2.28"),
        ("2.5", 0, "3", "3"),
        ("9.999", 2, "10,00", "10.00"),
        ("0.4999999999999999999999999999999999", 0, "0", "0"),
    ],
)
def test_a_number_in_each_language(value: str, places: int | None, vi: str, en: str) -> None:
    """A number keeps its printed decimals, or is rounded half up, once, to the places asked for."""
    assert format_number(Decimal(value), "vi", places) == vi
    assert format_number(Decimal(value), "en", places) == en


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 10**40), st.integers(0, 30), st.integers(0, 12)), min_size=20, max_size=20))
def test_rounding_is_exact(numbers: list[tuple[int, int, int]]) -> None:
    """However many digits a number has, what is shown is the number rounded half up once."""
    for digits, places, shown in numbers:
        text = format_number(Decimal(f"{digits}E-{places}"), "en", shown)
        rounded = (digits * 10**shown + 10**places // 2) // 10**places
        assert int(text.replace(",", "").replace(".", "")) == rounded
        assert len(text.partition(".")[2]) == shown


def test_a_whole_number_may_be_an_int() -> None:
    """An int is shown as a Decimal is."""
    assert format_number(17034, "vi") == "17.034"


def test_a_percentage_in_each_language() -> None:
    """Vietnamese has a no-break space before the sign, English none."""
    assert format_percent(Decimal("2.27"), "vi") == "2,27\u00a0%"
    assert format_percent(Decimal("2.27"), "en") == "2.27%"
    assert format_percent(Decimal("2.27"), "vi", 1) == "2,3\u00a0%"


def test_a_range_in_each_language() -> None:
    """A range has an en dash between its ends."""
    assert format_range(Decimal(1500), Decimal(2000), "vi") == "1.500\u20132.000"
    assert format_range(Decimal("1.5"), Decimal(2), "en", 1) == "1.5\u20132.0"


@pytest.mark.parametrize(
    ("value", "language", "places", "words"),
    [
        ("NaN", "vi", None, "cannot be shown"),
        ("Infinity", "vi", None, "cannot be shown"),
        ("1E+999999", "vi", None, "digits"),
        ("1E-999999", "vi", None, "digits"),
        ("1", "vi", -1, "cannot be negative"),
        ("1", "qx", None, "use vi, en"),
    ],
)
def test_what_cannot_be_shown_says_why(value: str, language: str, places: int | None, words: str) -> None:
    """No number, too many digits, a language without formats: each is refused in words."""
    with pytest.raises(ValueError, match=words):
        format_number(Decimal(value), language, places)


@pytest.mark.parametrize(
    ("day", "vi", "en"),
    [
        (date(2023, 11, 9), "09/11/2023", "9 November 2023"),
        ("2023-11-09", "09/11/2023", "9 November 2023"),
        ("2023-11", "tháng 11/2023", "November 2023"),
        ("2030-10", "tháng 10/2030", "October 2030"),
        ("2023", "2023", "2023"),
        ("1945-09-02", "02/09/1945", "2 September 1945"),
    ],
)
def test_a_date_in_each_language(day: date | str, vi: str, en: str) -> None:
    """A day, or the month or year that is known of it."""
    assert format_date(day, "vi") == vi
    assert format_date(day, "en") == en


@pytest.mark.parametrize(
    ("start", "end", "vi", "en"),
    [
        ("2023-01-01", "2023-12-31", "2023", "2023"),
        ("2021-01-01", "2025-12-31", "2021–2025", "2021–2025"),
        ("2023-01-01", "2023-06-30", "6 tháng đầu năm 2023", "first half of 2023"),
        ("2023-07-01", "2023-12-31", "6 tháng cuối năm 2023", "second half of 2023"),
        ("2024-01-01", "2024-03-31", "quý I/2024", "first quarter of 2024"),
        ("2023-04-01", "2023-06-30", "quý II/2023", "second quarter of 2023"),
        ("2023-07-01", "2023-09-30", "quý III/2023", "third quarter of 2023"),
        ("2023-10-01", "2023-12-31", "quý IV/2023", "fourth quarter of 2023"),
        ("2024-02-01", "2024-02-29", "tháng 2/2024", "February 2024"),
        ("2023-01-01", "2023-11-30", "tháng 1–11/2023", "January–November 2023"),
        ("2023-02-01", "2023-04-30", "tháng 2–4/2023", "February–April 2023"),
        ("2022-10-01", "2023-03-31", "tháng 10/2022 – tháng 3/2023", "October 2022 – March 2023"),
        ("2023-01-01", "2023-11-09", "01/01/2023 – 09/11/2023", "1 January – 9 November 2023"),
        ("2022-12-15", "2023-12-14", "15/12/2022 – 14/12/2023", "15 December 2022 – 14 December 2023"),
        ("2023-11-09", "2023-11-09", "09/11/2023", "9 November 2023"),
        ("2023-02-01", "2023-02-27", "01/02/2023 – 27/02/2023", "1 February – 27 February 2023"),
    ],
)
def test_a_period_has_the_shortest_name_that_says_it(start: str, end: str, vi: str, en: str) -> None:
    """A period is a year, years, a half, a quarter, months or days, and never a name that says more than it is."""
    assert format_period(start, end, "vi") == vi
    assert format_period(date.fromisoformat(start), date.fromisoformat(end), "en") == en


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2023-12-31", "2023-01-01", "before it starts"),
        ("2023-02-30", "2023-12-31", "no day of the calendar"),
        ("20230101", "2023-12-31", "write it as 2023-11-09"),
        ("2023", "2023", "write it as 2023-11-09"),
    ],
)
def test_a_period_that_is_none_says_why(start: str, end: str, words: str) -> None:
    """Days that are none, or in the wrong order, are refused in words."""
    with pytest.raises(ValueError, match=words):
        format_period(start, end, "vi")


def test_every_format_knows_its_languages() -> None:
    """A language without formats is refused by every one of them."""
    with pytest.raises(ValueError, match="use vi, en"):
        format_percent(Decimal(1), "qx")
    with pytest.raises(ValueError, match="use vi, en"):
        format_date("2023", "qx")
    with pytest.raises(ValueError, match="use vi, en"):
        format_period("2023-01-01", "2023-12-31", "qx")


def test_a_language_of_a_project_has_the_formats_of_its_locale() -> None:
    """Numbers, days and months are those of the locale; parts of a year, for which it has no words, are its months."""
    assert format_number(Decimal("17034.5"), "de") == "17.034,5"
    assert format_date("2023-11-09", "fr") == "9 novembre 2023"
    assert format_period("2023-01-01", "2023-06-30", "fr") == "janvier–juin 2023"
    assert separators("de") == (",", ".")


def test_equal_numbers_keep_the_decimals_they_are_written_with() -> None:
    """1.0 and 1.00 are equal, and what was written of one before is not shown of the other."""
    shown = [format_number(Decimal(text), "vi") for text in ("1.0", "1.00", "1", "1.0")]
    assert shown == ["1,0", "1,00", "1", "1,0"]
