"""Where the work is done: processes of this machine, or the workers of a Dask cluster.

Vocabulary
----------
pool
    Takes work as `concurrent.futures` does. A *lost* worker is one that died at work: whose
    fault that was is not known where several were at work.
strikes
    How many workers a combination may lose before it is given up.
"""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from lupuscart.arguments import check_whole
from lupuscart.notebooks.environment import processors, share_processors
from lupuscart.optional import import_extra

__all__ = ["DaskPool", "LocalPool"]

# A scheduler that is there answers in milliseconds.
_PATIENCE = "4s"


class LocalPool:
    """Worker processes of this machine.

    They end when this process ends, however it ends: each waits at a pipe whose other end is
    held here alone. The kernels of their notebooks end with them.

    Parameters
    ----------
    jobs : int, optional
        How many; as many as there are processors by default.
    """

    strikes = 3
    # Which worker of a broken pool was lost is not told: its tasks are tried one by one.
    blames_exactly = False

    def __init__(self, jobs: int | None = None):
        self._jobs = processors() if jobs is None else check_whole("jobs", jobs, minimum=1)
        self.lost = (BrokenProcessPool,)
        share_processors(os.environ)  # which the workers inherit
        self._start()

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        return self._jobs

    def submit(self, function: Callable, *arguments) -> Future:
        """Take work."""
        return self._executor.submit(function, *arguments)

    def renew(self) -> None:
        """Start anew after a worker was lost."""
        self.stop()
        self._start()

    def close(self) -> None:
        """End the workers, which have nothing left to do."""
        self._executor.shutdown()
        self._lifeline.close()

    def stop(self) -> None:
        """End the workers at once, whatever they do."""
        self._lifeline.close()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        # Spawned, not forked: this process has threads, and on other systems it is the only way.
        context = get_context("spawn")
        end, self._lifeline = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            self._jobs, mp_context=context, initializer=_hold_on, initargs=(end,)
        )


class DaskPool:
    """The workers of a Dask cluster that runs already.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ValueError
        If Dask is not installed or no scheduler answers within seconds.
    """

    # The scheduler itself has tried elsewhere several times before it gives up.
    strikes = 1
    blames_exactly = True

    def __init__(self, address: str):
        distributed = import_extra("distributed", "dask")
        try:
            # Of an address that is none, a client would complain once more when it is gone.
            distributed.comm.resolve_address(address)
            self._client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError, ImportError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ValueError(
                f"scheduler is {address!r}, where no Dask scheduler answers ({reason}); allowed: "
                "the address that a running one prints, such as tcp://127.0.0.1:8786"
            ) from None
        self._executor = self._client.get_executor(pure=False)
        self.lost = (distributed.KilledWorker,)

    @property
    def workers(self) -> int:
        """How many tasks run at once, now: workers of a cluster come and go.

        Raises
        ------
        CancelledError
            If the scheduler is gone.
        """
        try:
            return sum(self._client.nthreads().values())
        except OSError:
            raise CancelledError from None

    def submit(self, function: Callable, *arguments) -> Future:
        """Take work."""
        return self._executor.submit(function, *arguments)

    def renew(self) -> None:
        """Do nothing: the cluster looks after its workers."""

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()

    stop = close


def _hold_on(end) -> None:
    """Make a worker that ends with its parent, and at once on Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_wait_for_the_end, args=(end,), daemon=True).start()


def _wait_for_the_end(end) -> None:
    try:
        end.recv()
    except (EOFError, OSError):
        os._exit(1)
