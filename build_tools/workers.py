"""Spread work over processes: what comes back is in the order of what went in, whatever their number."""

import gc
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, forkserver, get_all_start_methods, get_context, parent_process
from types import TracebackType
from typing import Any, TypeVar

from build_tools.cluster import Cluster
from build_tools.errors import BuildError

T = TypeVar("T")
R = TypeVar("R")

# What clean processes import once, before they are asked for: the libraries that draw and that write tables.
PRELOADED = ["build_tools.render.pictures", "build_tools.render.downloads"]
# Most of what a build makes lives until its end: to look for garbage among it again and again takes a twelfth of it.
COLLECTING = (50_000, 20, 100)
CHUNKS = 4  # of the work, for each worker: one that is done sooner takes more


class Workers:
    """The processes of one build; within `with`, after which they are gone.

    `map` sends work to clean processes, or to a cluster where there is one; `fork` lets copies of this process work on
    what it holds. With one worker and no cluster everything is done here.
    """

    def __init__(self, count: int = 1, cluster: Cluster | None = None) -> None:
        self.count = count
        self._cluster = cluster
        self._clean: ProcessPoolExecutor | None = None
        self._is_open = False
        self._collecting = gc.get_threshold()

    def __enter__(self) -> "Workers":
        self._is_open = True
        self._collecting = gc.get_threshold()
        gc.set_threshold(*COLLECTING)
        if self.count > 1 and self._cluster is None:
            self._clean = _clean_pool(self.count)
        return self

    def rest(self) -> None:
        """Let the clean processes end, and what they hold in memory with them, until they are asked again."""
        if self._clean is not None:
            self._clean.shutdown(cancel_futures=True)
            self._clean = None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._is_open = False
        gc.set_threshold(*self._collecting)
        self.rest()
        if self._cluster is not None:
            self._cluster.close()

    @property
    def share_disk(self) -> bool:
        """Whether what `map` sends its work to can write to the disk of this machine."""
        return self._cluster is None

    def map(self, function: Callable[[T], R], items: Iterable[T], few: int = 2) -> list[R]:
        """Return what a function of a module makes of each item; fewer items than `few` are not worth sending.

        The processes are clean: the engine inside vl-convert runs threads, which a copy of this process would hold
        half alive. Raises BuildError where a process ends before its work does.
        """
        listed = list(items)
        if self._cluster is not None and len(listed) >= few:
            return self._cluster.map(function, listed)
        if self.count <= 1 or len(listed) < few:
            return list(map(function, listed))
        if not self._is_open:
            raise RuntimeError("several workers work within `with`")
        if self._clean is None:
            self._clean = _clean_pool(self.count)
        return _all_of(self._clean, function, listed, self.count)

    def aside(self, function: Callable[[], R]) -> Callable[[], R]:
        """Return what waits for the result of a function, which sends its work while other work is being done.

        With one worker it is run when it is asked for.
        """
        if self._clean is None:
            return function
        thread = ThreadPoolExecutor(1)
        waited_for = thread.submit(function)
        thread.shutdown(wait=False)
        return waited_for.result

    def fork(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Return what a function makes of each item, which may read whatever this process holds; none may draw.

        Raises BuildError where a process ends before its work does.
        """
        listed = list(items)
        if self.count <= 1 or len(listed) < 2 or "fork" not in get_all_start_methods():
            return list(map(function, listed))
        _held.append((function, listed))
        try:
            count = min(self.count, len(listed))
            context: Any = get_context("fork")
            with ProcessPoolExecutor(count, mp_context=context, initializer=_begin) as pool:
                return _all_of(pool, _held_one, range(len(listed)), count)
        finally:
            _held.pop()


ALONE = Workers()  # everything is done here

_held: list[tuple[Callable[[Any], Any], Sequence[Any]]] = []  # what copies of this process work on


def _held_one(number: int) -> Any:
    function, items = _held[-1]
    return function(items[number])


def _clean_pool(count: int) -> ProcessPoolExecutor:
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    context: Any = get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()  # It imports while the packages are read.
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin)


def _all_of(pool: ProcessPoolExecutor, function: Callable[[T], R], items: Sequence[T], count: int) -> list[R]:
    chunk = max(1, -(-len(items) // (count * CHUNKS)))
    try:
        return list(pool.map(function, items, chunksize=chunk))
    except BrokenProcessPool as error:
        raise BuildError(
            "workers",
            "một tiến trình dừng giữa chừng / a process ended before its work did",
            "Có thể thiếu bộ nhớ: thử lại với --workers 1 / Memory may be short: try again with --workers 1.",
        ) from error


def _begin() -> None:
    """Begin a worker, which ends when the process that asks it is gone, however that ended."""
    gc.set_threshold(*COLLECTING)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
