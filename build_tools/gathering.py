"""What is gathered while a package is read: what is wrong with it, and what it may still take."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from build_tools.descriptors import Accepted
from build_tools.faults import MOST_OF_A_KIND, Fault, fault

ACCEPTABLE = (
    *("cell-constraint", "cell-enum", "cell-number", "cell-pattern", "cell-required", "cell-space", "cell-type"),
    *("key-twice", "key-unknown", "row-blank", "row-length", "bytes-differ", "hash-differs", "rows-differ"),
    "thousands-shape",
)
"""Codes of errors that a package may be published with, when its descriptor accepts them with a reason."""


MOST_SECONDS = 10
MOST_MEMORY = 300_000_000  # bytes that the tables of a package may take
STEP = 2048  # rows between two looks at the bounds


class OverBoundError(Exception):
    """A package that takes more than it may."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what


class Budget:
    """What a package may still take; time is this thread's own, so that a busy machine refuses no package."""

    def __init__(self) -> None:
        self._begun = time.thread_time()
        self._room = MOST_MEMORY

    def spend(self, size: int) -> None:
        """Take memory, about that many bytes; raises OverBoundError when there is no more, or the time is up."""
        self._room -= size
        if self._room < 0:
            raise OverBoundError(f"{MOST_MEMORY // 1_000_000} MB bộ nhớ / of memory")
        if time.thread_time() - self._begun > MOST_SECONDS:
            raise OverBoundError(f"{MOST_SECONDS} giây / seconds")

    def has_room(self, size: int) -> bool:
        """Return whether so much memory, about that many bytes, may still be taken."""
        return size <= self._room

    @contextmanager
    def children(self) -> Iterator[None]:
        """Count the time of processes that are started within; raises OverBoundError when the time is up."""
        before = os.times()
        try:
            yield
        finally:
            after = os.times()
            spent = after.children_user - before.children_user + after.children_system - before.children_system
            self._begun -= spent
            self.spend(0)


class Gathering:
    """Takes in what is wrong with the resources of one package, and knows what the package may still take."""

    def __init__(self, package: str, file: str, ours: bool, accepted: Sequence[Accepted]):
        self.package = package
        self.file = file  # the descriptor
        self.ours = ours  # whether the package keeps the narrower rules of our own
        self.resource = ""  # whose data are read
        self.budget = Budget()
        self._accepted = accepted
        self._used: set[Accepted] = set()
        self._faults: list[Fault] = []
        self._counts: dict[tuple[str, str, str], int] = {}
        self._last: dict[tuple[str, str, str], int] = {}

    def add(self, item: Fault) -> None:
        """Take a fault in: a warning where it is accepted, counted where there are many of its kind."""
        if item.code in ACCEPTABLE and self._accepted:
            entry = next((one for one in self._accepted if one.covers(item, self.resource)), None)
            if entry is not None:
                self._used.add(entry)
                reasons = {"accepted": entry.reason, "accepted_en": entry.reason_en or entry.reason}
                details = tuple(sorted({**dict(item.details), **reasons}.items()))
                item = replace(item, level="warning", details=details)
        key = (item.file, item.code, item.level)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count % STEP == 0:
            self.budget.spend(0)
        if count <= MOST_OF_A_KIND:
            self._last[key] = len(self._faults)
            self._faults.append(item)

    def say(self, file: str, code: str, **details: Any) -> None:
        """Take in a fault of a file by its code."""
        self.add(fault(self.package, file, code, **details))

    def found(self, unread: bool) -> list[Fault]:
        """Return what is wrong: at most the first hundred of a kind in a file, the last of them counting the rest."""
        faults = list(self._faults)
        for key, count in self._counts.items():
            if count > MOST_OF_A_KIND:
                at = self._last[key]
                faults[at] = replace(faults[at], rest=count - MOST_OF_A_KIND)
        for entry in self._accepted:
            if entry not in self._used and not unread:
                faults.append(fault(self.package, self.file, "accepted-unused", column=entry.where, cell=entry.code))
        return faults
