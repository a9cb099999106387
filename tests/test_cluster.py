"""A Dask cluster draws and writes what one machine does: the same bytes, also where a worker is lost on the way."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from build_tools import cluster as module
from build_tools.build import build_site
from build_tools.cache import code
from build_tools.cli import main
from build_tools.cluster import Cluster
from build_tools.errors import BuildError
from build_tools.workers import Workers
from tests.conftest import PROJECT
from tests.makers import Project, copy_example


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@dataclass(frozen=True)
class Running:
    """A cluster that runs: its address and the processes of its workers."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def a_cluster(folder: Path, workers: int = 2) -> Iterator[Running]:
    """Start a scheduler and workers, each with a folder of its own, on this machine alone."""
    address = f"tcp://127.0.0.1:{free_port()}"
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
            log = stack.enter_context((folder / f"{arguments[0]}.log").open("ab"))
            process = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        scheduler = address.rpartition(":")[2]
        start("dask_scheduler", "--host", "127.0.0.1", "--port", scheduler, "--no-dashboard", "--no-show")
        more = ("--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--nthreads", "1")
        yield Running(
            address,
            tuple(
                start("dask_worker", address, "--local-directory", str(folder / str(n)), *more) for n in range(workers)
            ),
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A cluster of two workers."""
    with a_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the example."""
    return copy_example(tmp_path_factory.mktemp("project"))


def squared(n: int) -> int:
    """Return the square of a number."""
    return n * n


def process_of(_: int) -> int:
    """Return the number of the process that runs this, after a moment in which another may be killed."""
    time.sleep(0.1)
    return os.getpid()


def refuse(n: int) -> int:
    """Refuse a number as the build refuses what it cannot go on with."""
    raise BuildError("number", f"{n}", "Take another.")


def test_work_is_done_on_the_cluster_in_order(running: Running) -> None:
    """Items come back in order, from the cluster's processes; a fault comes back as it was."""
    with Workers(1, Cluster(running.address, code)) as workers:
        assert workers.map(squared, range(20)) == [n * n for n in range(20)]
        assert set(workers.map(process_of, range(20))) <= {worker.pid for worker in running.workers}
        with pytest.raises(BuildError, match="3") as caught:
            workers.map(refuse, [3, 3])
        assert caught.value.remedy == "Take another."


def test_a_site_from_the_cluster_is_the_same(running: Running, project: Project) -> None:
    """The example built with a cluster equals the one built here, byte for byte."""
    settings = replace(project.settings(), cached=False)
    assert build_site(replace(settings, workers=1)).site is not None
    here = (settings.out / "site" / "SHA256SUMS").read_bytes()
    there = replace(settings, out=project.folder / "there", scheduler=running.address)
    assert build_site(there).site is not None
    assert (there.out / "site" / "SHA256SUMS").read_bytes() == here


def test_a_lost_worker_is_made_up_for(tmp_path: Path) -> None:
    """One of two workers killed half way: the other does what it had, and nothing is missing or out of order."""
    with a_cluster(tmp_path) as started:
        joined = Cluster(started.address, code)
        joined._client.wait_for_workers(2, timeout=30)
        with Workers(1, joined) as workers:
            loss = threading.Timer(1.0, started.workers[0].send_signal, [signal.SIGKILL])
            loss.start()
            done = workers.map(process_of, range(60))
            loss.join()
    assert len(done) == 60 and done[-1] == started.workers[1].pid


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where nobody answers is a fault with place and remedy, and no wait without end."""
    monkeypatch.setattr(module, "PATIENCE", 2)
    with pytest.raises(BuildError, match="no answer") as caught:
        Cluster(f"tcp://127.0.0.1:{free_port()}", code)
    assert "dask scheduler" in caught.value.remedy


def test_other_code_is_refused(running: Running) -> None:
    """Workers that run another version could make other bytes: they are named and nothing is sent."""
    with pytest.raises(BuildError, match="other libraries"):
        Cluster(running.address, process_name)


def process_name() -> str:
    """Return something that differs from process to process."""
    return f"code of {os.getpid()}"


def test_backend_and_address_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    """One without the other is wrong use."""
    for arguments in (["--backend", "dask"], ["--scheduler", "tcp://127.0.0.1:1"], ["--backend", "spark"]):
        with pytest.raises(SystemExit) as caught:
            main(["build", *arguments])
        assert caught.value.code == 2
    assert "--scheduler" in capsys.readouterr().err
