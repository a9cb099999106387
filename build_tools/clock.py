"""How long each stage of a build takes."""

import time
from collections.abc import Callable


class Clock:
    """Tell the stages as they begin, and keep how long each took in all."""

    def __init__(self, step: Callable[[str], None] | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._step = step
        self._name = ""
        self._since = 0.0

    def begin(self, name: str) -> None:
        """Note that a stage begins, and with it that the one before has ended."""
        self.end()
        self._name, self._since = name, time.perf_counter()
        if self._step is not None:
            self._step(name)

    def end(self) -> None:
        """Note that the stage that is under way has ended."""
        if self._name:
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + time.perf_counter() - self._since
        self._name = ""
