"""The tables of a package, and its other files, as they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from build_tools.cells import Field


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must stand in a table of the same package."""

    fields: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A file that a table or an attachment is made of, as it stands in the folder."""

    path: str
    content: bytes
    rows: int = 0  # of the table that stand in it


@dataclass(frozen=True)
class Table:
    """A table as it stands: every cell text, every row with its line in the file."""

    name: str
    path: str  # of its first part; the descriptor's when the data stand in it
    title: str
    title_en: str
    fields: tuple[Field, ...]
    rows: Sequence[tuple[str, ...]]  # a tuple, or equal to one
    lines: Sequence[int]  # the line of each row in its part, the header being line 1
    content: bytes  # as CSV: the file itself where it is plain CSV, else the same cells written so
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    resource: str = ""  # its name in the descriptor, of which `name` is the address
    description: str = ""
    description_en: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(field.name for field in self.fields)

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each row's line and its cells by column."""
        columns = self.columns
        for line, row in zip(self.lines, self.rows, strict=True):
            yield line, dict(zip(columns, row, strict=True))


@dataclass(frozen=True)
class Attachment:
    """A resource that is no table: a file to download as it stands."""

    name: str  # as an address
    file: str  # the name under which it may be offered: no browser runs what has it
    title: str
    title_en: str
    description: str
    description_en: str
    path: str
    content: bytes
    resource: str = ""
