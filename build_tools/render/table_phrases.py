"""The charts of tables that belong to no report, in the words of a language."""

from collections.abc import Iterable, Sequence

from build_tools.formats import EN_DASH, format_date, format_number
from build_tools.packages import Field
from build_tools.site_model import Chart, Mark, PlannedChart
from build_tools.table_charts import TableChart, Value, moment
from build_tools.words import Words

MOST_LISTED = 24  # values that a sentence repeats


def column_title(field: Field, language: str) -> str:
    """Return what a column is called in a language, by its name where it has no title."""
    return (field.title_en if language == "en" else "") or field.title or field.name


def time_text(text: str, language: str) -> str:
    """Return a time of a table as a reader writes it; a time of day stays as it is."""
    return text if ":" in text else format_date(text, language)


def table_chart(planned: PlannedChart, shows: TableChart, words: Words) -> Chart:
    """Return a planned chart of a table in words."""
    panels = _panel_titles(shows, words.language)
    marks = tuple(_mark(shows, value, panels, words) for value in shows.values)
    title = _title(shows, words)
    caveats = " ".join(_caveats(shows, words))
    if shows.kind == "line":
        groups = [[m for m in marks if m.panel == panel] for panel in dict.fromkeys(m.panel for m in marks)]
        said = " ".join(_course(group, title, words) for group in groups)
    else:
        listed = words.text("list.separator").join(f"{mark.label} {mark.text}" for mark in marks[:MOST_LISTED])
        said = words.fill("chart.beside_sentence", name=title, values=listed)
    sentence = " ".join(filter(None, (said, caveats)))
    return Chart(planned.chart, planned.kind, title, sentence, shows.unit, marks, caveats)


def _panel_titles(shows: TableChart, language: str) -> dict[str, str]:
    return {field.name: column_title(field, language) for field in shows.measures} if len(shows.measures) > 1 else {}


def _mark(shows: TableChart, value: Value, panels: dict[str, str], words: Words) -> Mark:
    language = words.language
    text = format_number(value.value, language)
    if shows.unit:
        text = f"{text}\u00a0{shows.unit}"
    if shows.kind == "line":
        when = moment(value.label.replace(" ", "T"))
        broken = words.text("tables.gap") if value.broken else ""
        panel = panels.get(value.panel, value.panel)
        label = time_text(value.label, language)
        return Mark(label, value.value, text, "value", panel, broken, when[0] if when else None)
    return Mark(_label(shows, value, words), value.value, text, "value")


def _label(shows: TableChart, value: Value, words: Words) -> str:
    """Return what stands beside a bar: the category, yes or no, or the stretch."""
    if value.low is None or value.high is None:
        if shows.by.type == "boolean":
            yes = value.label.lower() in ("true", "1", "yes", "y", "t")
            return words.text("tables.true" if yes else "tables.false")
        return value.label
    low, high = value.low, value.high
    if shows.years or shows.by.type == "integer":
        numbers = dict.fromkeys((low, high - 1))  # up to the last whole number that is counted
        return EN_DASH.join(str(int(n)) if shows.years else format_number(n, words.language) for n in numbers)
    shown = [format_number(n, words.language) for n in (low, high)]
    return f" {EN_DASH} ".join(shown)


def _title(shows: TableChart, words: Words) -> str:
    by = column_title(shows.by, words.language)
    asked = shows.title_en if words.language == "en" else shows.title_vi
    if asked:
        return asked
    measures = words.text("list.separator").join(column_title(field, words.language) for field in shows.measures)
    key = f"tables.title_{shows.kind}"
    if shows.kind == "bars" and shows.when:
        return words.fill(f"{key}_when", measure=measures, by=by, when=time_text(shows.when, words.language))
    if shows.kind == "spread" and shows.years:
        key = "tables.title_years"
    return words.fill(key, measure=measures, by=by)


def _course(marks: Sequence[Mark], title: str, words: Words) -> str:
    """Return how values went over time: the first, the last, the least and the greatest."""
    least, greatest = min(marks, key=lambda m: m.value), max(marks, key=lambda m: m.value)
    ends = {"first": marks[0], "last": marks[-1], "least": least, "greatest": greatest}
    said: dict[str, object] = {name: f"{mark.text} ({mark.label})" for name, mark in ends.items()}
    return words.fill("tables.course", name=marks[0].panel or title, **said)


def _caveats(shows: TableChart, words: Words) -> Iterable[str]:
    drawn = len(shows.values)
    if shows.rest:
        yield words.fill(f"tables.rest_{shows.kind}", drawn=drawn, total=shows.total, rest=shows.rest)
    if shows.kind == "spread" and not shows.years and shows.by.type != "integer":
        yield words.text("tables.stretches")
    if any(value.broken for value in shows.values):
        yield words.text("tables.gaps")
    if shows.left_out:
        yield words.fill("tables.left_out", n=shows.left_out)


def span_text(first: str, last: str, language: str) -> str:
    """Return the first and the last time of a table, once where they are the same."""
    return f" {EN_DASH} ".join(dict.fromkeys((time_text(first, language), time_text(last, language))))
