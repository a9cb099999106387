"""Work by several processes: the same results in the same order, and a fault of one is a fault of all."""

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from build_tools.errors import BuildError
from build_tools.workers import ALONE, COLLECTING, Workers
from tests.conftest import PROJECT

MANY = list(range(50))


def squared(n: int) -> int:
    """Return the square of a number."""
    return n * n


def process(_: int) -> int:
    """Return the number of the process that runs this."""
    return os.getpid()


def refuse(n: int) -> int:
    """Refuse one number as the build refuses what it cannot go on with."""
    if n == 7:
        raise BuildError("number", "seven", "Take another.")
    return n


def fall(n: int) -> int:
    """End the process that runs this, as the kernel does where memory is short."""
    if n == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def test_results_come_in_the_order_of_what_was_asked() -> None:
    """One process and several, clean ones and copies: the same list."""
    expected = [n * n for n in MANY]
    with Workers(3) as workers:
        assert workers.map(squared, MANY) == workers.fork(squared, MANY) == expected
    assert ALONE.map(squared, MANY) == ALONE.fork(squared, MANY) == expected


def test_the_work_is_done_elsewhere() -> None:
    """Several workers are other processes; one worker is this one, and so are items too few to be sent."""
    with Workers(2) as workers:
        assert os.getpid() not in {*workers.map(process, MANY), *workers.fork(process, MANY)}
        assert set(workers.map(process, MANY, few=51)) == {os.getpid()}
    assert set(ALONE.map(process, MANY)) == {os.getpid()}


def test_copies_read_what_this_process_holds() -> None:
    """A function that closes over something here works on it there, also where one fork is asked for within another."""
    held = {"factor": 3}

    def tripled(n: int) -> list[int]:
        return ALONE.fork(lambda m: m * held["factor"], [n])

    with Workers(2) as workers:
        assert workers.fork(tripled, MANY) == [[n * 3] for n in MANY]


def test_something_is_done_aside() -> None:
    """What is begun aside is there when it is asked for, and a fault of it comes then; one worker does it then."""
    for count in (1, 2):
        with Workers(count) as workers:
            aside = workers.aside(lambda: workers.map(squared, MANY, few=1))
            fault = workers.aside(lambda: refuse(7))
            assert workers.map(squared, [2, 3]) == [4, 9]
            assert aside() == [n * n for n in MANY]
            with pytest.raises(BuildError, match="seven"):
                fault()


@pytest.mark.parametrize("way", ["map", "fork"])
def test_a_fault_travels(way: str) -> None:
    """What one process refuses is refused here, with place and remedy, and the next work is done as if nothing were."""
    with Workers(2) as workers:
        with pytest.raises(BuildError, match="seven") as caught:
            getattr(workers, way)(refuse, MANY)
        assert (caught.value.place, caught.value.remedy) == ("number", "Take another.")
        assert getattr(workers, way)(squared, MANY)[:3] == [0, 1, 4]


@pytest.mark.parametrize("way", ["map", "fork"])
def test_a_process_that_ends_is_a_fault_of_the_build(way: str) -> None:
    """A killed process is no traceback and no hang: the build stops and says what may be the matter."""
    with Workers(2) as workers, pytest.raises(BuildError, match="a process ended before its work did"):
        getattr(workers, way)(fall, MANY)


def test_no_process_outlives_the_one_that_asked(tmp_path: Path) -> None:
    """Killed at work, the build leaves no process behind that goes on writing."""
    code = (
        "import os, sys, time; from pathlib import Path; from build_tools.workers import Workers\n"
        "def work(n):\n"
        "    (Path(sys.argv[1]) / f'{os.getpid()}').touch(); time.sleep(60)\n"
        "with Workers(2) as workers: workers.fork(work, range(2))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT) as asking:
        _wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
        asking.kill()
    numbers = [int(path.name) for path in tmp_path.iterdir()]
    _wait_for(lambda: not any(_runs(number) for number in numbers))


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _wait_for(true, seconds: float = 30) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it does not come to that"
        time.sleep(0.05)


def test_garbage_is_looked_for_seldom_while_a_build_runs() -> None:
    """Here and in the processes that work for us; afterwards it is as it was."""
    before = gc.get_threshold()
    with Workers(2) as workers:
        assert {gc.get_threshold(), *workers.map(_threshold, [1, 2])} == {COLLECTING}
    assert gc.get_threshold() == before != COLLECTING


def _threshold(_: int) -> tuple[int, int, int]:
    return gc.get_threshold()
