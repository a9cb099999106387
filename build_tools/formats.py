"""Numbers, percentages, dates and periods as a reader of Vietnamese or English expects them; the home of Babel.

A language of a project's own has the numbers and dates of its locale, and no words of its own for parts of a year.

17034    17.034      17,034
2.27 %   2,27 %      2.27%
a day    09/11/2023  9 November 2023
a year   2023        2023
"""

import re
from calendar import monthrange
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache, lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.numbers import format_decimal as babel_decimal
from babel.numbers import get_decimal_symbol, get_group_symbol

LANGUAGES = ("vi", "en")
NO_BREAK_SPACE = "\u00a0"
EN_DASH = "\u2013"

_MOST_DIGITS = 1000  # A number with more digits is no figure, and writing it out would only use up memory.
_QUARTERS = ("I", "II", "III", "IV")


def format_number(value: Decimal | int, language: str, places: int | None = None) -> str:
    """The number with the separators of the language: `17.034,50` in vi, `17,034.50` in en.

    Without `places`, every decimal of the value is kept, zeros too; with it, the value is rounded half up. What comes
    back without `places` is read back by `numbers.parse(…, language)`, unless it is negative.
    """
    return _format_number(str(Decimal(value)), language, places)


# The same numbers stand on many pages, and Babel takes long over each. By its text: 1.0 and 1.00 are equal.
@lru_cache(maxsize=2**16)
def _format_number(value: str, language: str, places: int | None) -> str:
    _check(language)
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{number} cannot be shown as a number: a figure without a value has its own words")
    shown_places = max(0, -int(number.as_tuple().exponent)) if places is None else places
    if shown_places < 0:
        raise ValueError(f"places is {shown_places}: the number of decimals shown cannot be negative")
    # Room for every digit of the value and every digit shown, and for the one that rounding up may add.
    digits = max(number.adjusted(), 0) + max(shown_places, -int(number.as_tuple().exponent)) + 2
    if digits > _MOST_DIGITS:
        raise ValueError(f"a number of {digits} digits cannot be shown: at most {_MOST_DIGITS} are")
    with localcontext() as context:
        # Babel works within the precision of the context: with fewer digits than the value has, it would round twice,
        # and show 0.4999999 without decimals as 1.
        context.prec = digits
        context.rounding = ROUND_HALF_UP
        pattern = f"#,##0.{'0' * shown_places}" if shown_places else "#,##0"
        return babel_decimal(number, format=pattern, locale=language)


def format_percent(value: Decimal | int, language: str, places: int | None = None) -> str:
    """The percentage with its sign: `2,27 %` in vi, before the sign a no-break space, `2.27%` in en."""
    number = format_number(value, language, places)
    return f"{number}{NO_BREAK_SPACE}%" if language == "vi" else f"{number}%"


def format_range(low: Decimal | int, high: Decimal | int, language: str, places: int | None = None) -> str:
    """The two ends with an en dash between them: `1.500–2.000` in vi, `1,500–2,000` in en."""
    return f"{format_number(low, language, places)}{EN_DASH}{format_number(high, language, places)}"


def format_date(day: date | str, language: str) -> str:
    """The day, or what is known of it: `2023-11-09` is `09/11/2023` in vi and `9 November 2023` in en.

    A cut-off may be known to the month or the year only: `2023-11` is `tháng 11/2023` in vi and `November 2023` in en,
    `2023` stays.
    """
    _check(language)
    if isinstance(day, str) and re.fullmatch("[0-9]{4}", day):
        return day
    if isinstance(day, str) and re.fullmatch("[0-9]{4}-[0-9]{2}", day):
        return _month(_day(f"{day}-01"), language)
    return babel_date(_day(day), "dd/MM/yyyy" if language == "vi" else "d MMMM y", locale=language)


def format_period(start: date | str, end: date | str, language: str) -> str:
    """The period from its first to its last day, by the shortest name that says exactly that.

    | period             | vi                      | en                            |
    | ------------------ | ----------------------- | ----------------------------- |
    | a year             | 2023                    | 2023                          |
    | years              | 2021–2025               | 2021–2025                     |
    | half a year        | 6 tháng đầu năm 2023    | first half of 2023            |
    | a quarter          | quý I/2023              | first quarter of 2023         |
    | a month            | tháng 11/2023           | November 2023                 |
    | months of one year | tháng 1–11/2023         | January–November 2023         |
    | a day              | 09/11/2023              | 9 November 2023               |
    | anything else      | 01/01/2023 – 09/11/2023 | 1 January – 9 November 2023   |
    """
    _check(language)
    start, end = _day(start), _day(end)
    if start > end:
        raise ValueError(f"a period cannot end on {end}, before it starts on {start}: exchange the two days")
    whole_months = start.day == 1 and end.day == monthrange(end.year, end.month)[1]
    if whole_months and start.month == 1 and end.month == 12:
        return str(start.year) if start.year == end.year else f"{start.year}{EN_DASH}{end.year}"
    if whole_months and start.year == end.year:
        return _months_of_a_year(start, end, language)
    if whole_months:
        return f"{_month(start, language)} {EN_DASH} {_month(end, language)}"
    if start == end:
        return format_date(start, language)
    first = format_date(start, language)
    if language == "en" and start.year == end.year:
        first = first.removesuffix(f" {start.year}")
    return f"{first} {EN_DASH} {format_date(end, language)}"


def _months_of_a_year(start: date, end: date, language: str) -> str:
    """The name of whole months within one year, which they do not fill."""
    year, months = start.year, (start.month, end.month)
    if language in LANGUAGES and months in ((1, 6), (7, 12)):
        half = ("đầu", "first") if start.month == 1 else ("cuối", "second")
        return f"6 tháng {half[0]} năm {year}" if language == "vi" else f"{half[1]} half of {year}"
    if language in LANGUAGES and start.month % 3 == 1 and end.month == start.month + 2:
        quarter = start.month // 3
        ordinal = ("first", "second", "third", "fourth")[quarter]
        return f"quý {_QUARTERS[quarter]}/{year}" if language == "vi" else f"{ordinal} quarter of {year}"
    if start.month == end.month:
        return _month(start, language)
    if language == "vi":
        return f"tháng {start.month}{EN_DASH}{end.month}/{year}"
    return f"{babel_date(start, 'MMMM', locale=language)}{EN_DASH}{_month(end, language)}"


def _month(day: date, language: str) -> str:
    if language == "vi":
        return f"tháng {day.month}/{day.year}"
    return babel_date(day, "MMMM y", locale=language)


def _day(day: date | str) -> date:
    """The day, read strictly as `2023-11-09` when it is text."""
    if isinstance(day, date):
        return day
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
        raise ValueError(f"{day!r} is no day: write it as 2023-11-09")
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"{day!r} is no day of the calendar: look at its month and day") from None


@cache
def separators(language: str) -> tuple[str, str]:
    """The signs before the decimals and between thousands: `,` and `.` in vi, `.` and `,` in en."""
    _check(language)
    return get_decimal_symbol(language), get_group_symbol(language)


@cache
def _check(language: str) -> None:
    try:
        Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        known = ", ".join(LANGUAGES)
        raise ValueError(f"no formats for the language {language!r}: use {known} or a language of Babel's") from None
