"""Send work to a Dask cluster, through joblib; both have their home here."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from build_tools.errors import BuildError

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 30  # seconds that a scheduler and its first worker may take to answer


class Cluster:
    """The workers of a Dask scheduler. They need the same program and libraries as here, and no disk of ours."""

    def __init__(self, address: str, code: Callable[[], str]) -> None:
        """Join the cluster at an address like `tcp://HOST:PORT`; `code` names all that runs, here as there.

        Raises BuildError where Dask is not installed, where nobody answers, and where a worker would run other code.
        """
        try:
            import joblib
            from distributed import Client
        except ImportError as error:
            raise BuildError(
                "--backend dask",
                "Dask chưa được cài / Dask is not installed",
                'Cài / install: pip install "minhbach[cluster]"',
            ) from error
        self._joblib: Any = joblib
        try:
            self._client: Any = Client(address, timeout=PATIENCE)  # type: ignore[no-untyped-call]
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise BuildError(
                f"--scheduler {address}",
                f"không có trả lời / no answer: {error}",
                f"Chạy ở đó / run there: dask scheduler; dask worker {address}",
            ) from error
        here = code()
        others = sorted(name for name, there in self._client.run(code).items() if there != here)
        if others:
            self.close()
            raise BuildError(
                f"--scheduler {address}",
                f"chương trình hay thư viện ở đó khác ở đây / another program or other libraries run on {others[:5]}",
                "Cài cùng một bản ở mọi nơi / Install one version everywhere, from the same lock.",
            )

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return what a function makes of each item, in order; what a worker that was lost had, others do.

        Raises BuildError where the work cannot be finished.
        """
        delayed = self._joblib.delayed(function)
        try:
            with self._joblib.parallel_config(backend="dask"):
                return list(self._joblib.Parallel()(delayed(item) for item in items))
        except (OSError, RuntimeError) as error:
            raise BuildError(
                "--backend dask",
                f"cụm máy không làm xong / the cluster did not finish: {type(error).__name__}: {error}",
                "Xem nhật ký của scheduler, hoặc dựng trên một máy / Look at its log, or build on one machine.",
            ) from error

    def close(self) -> None:
        """Leave the cluster, which goes on without us."""
        self._client.close()
