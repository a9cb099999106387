"""Faults of the build, as opposed to faults of the data."""


class BuildError(Exception):
    """A build that cannot go on: where, what is wrong, and what to do about it.

    Faults in the data are values (findings, see `build_tools.packages.Fault`); this is for the build itself: a
    missing template, a folder that cannot be written, a second build at the same time.
    """

    def __init__(self, place: str, what: str, remedy: str):
        super().__init__(f"{place}: {what}. {remedy}")
        self.place = place
        self.what = what
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["BuildError"], tuple[str, str, str]]:
        """Let a fault travel from the process that found it."""
        return type(self), (self.place, self.what, self.remedy)
