"""Where the work is done: Dask's workers, on this machine or on a cluster that runs already.

Vocabulary
----------
local cluster
    Dask's scheduler and workers on this machine, below a process of their own. A script needs
    no ``__main__`` guard for it, and a signal to this process does not reach it. It waits at a
    pipe whose other end is held here, and so ends with this process, however that ended.
"""

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

from lupuscart.arguments import check_whole
from lupuscart.kernels.environment import kernel_environment, processors
from lupuscart.locks import scratch_folder
from lupuscart.optional import import_extra

__all__ = ["SCRATCH", "connect"]

#: What the names of folders in the temporary folder begin with while a sweep runs.
SCRATCH = "lupuscart-sweep-"

# The environment of the local cluster, as Dask reads it.
_SETTINGS = {
    # A combination that loses three workers has failed.
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
    # A long exact enumeration may keep a worker from answering for minutes.
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "None",
    # No pages for a browser.
    "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
    "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
    # With Dask's own settings the memory of every array is given back at once, and calls take
    # twice the time.
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_MMAP_THRESHOLD_": "268435456",
}


@contextmanager
def connect(scheduler: str | None = None, *, jobs: int | None = None) -> Iterator:
    """Connect to the workers of a sweep, and leave them in the end.

    Parameters
    ----------
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; a local cluster by default.
    jobs : int, optional
        How many workers of this machine; as many as there are processors by default.

    Yields
    ------
    distributed.Client

    Raises
    ------
    ValueError
        If Dask is not installed, no scheduler answers within seconds, or `jobs` is no count.
    OSError
        If the workers of this machine cannot be started.
    """
    distributed = import_extra("distributed", "sweep")
    jobs = processors() if jobs is None else check_whole("jobs", jobs, minimum=1)
    # What is wrong is told once, by the error.
    with ExitStack() as stack:
        stack.enter_context(distributed.utils.silence_logging_cmgr(logging.CRITICAL))
        if scheduler is not None:
            client = _client(scheduler, distributed.Security(), patience=4)
        else:
            place = stack.enter_context(_local_cluster(jobs))
            client = _client(*place, patience=60)  # this machine may be busy
        yield stack.enter_context(client)


def _client(address: str, security, *, patience: float):
    """Return a client of a scheduler that answers within so many seconds."""
    import distributed

    async def ask():
        options = security.get_connection_args("client")
        async with distributed.rpc(address, timeout=patience, connection_args=options) as there:
            return await asyncio.wait_for(there.identity(), patience)

    try:
        # Asked first, since the end of a client that found nobody is one more error; in a thread
        # of its own, since JupyterLab's has a loop already.
        with ThreadPoolExecutor(1) as thread:
            kind = thread.submit(lambda: asyncio.run(ask())).result().get("type")
        if kind != "Scheduler":
            raise OSError(f"a Dask {str(kind).lower()} answers there")
        options = {"security": security, "timeout": patience, "set_as_default": False}
        return distributed.Client(address, **options)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"scheduler is {address!r}, where no Dask scheduler answers ({reason}); allowed: "
            "the address that a running one prints, such as tcp://127.0.0.1:8786"
        ) from None


@contextmanager
def _local_cluster(jobs: int) -> Iterator[tuple]:
    """Start a local cluster, and yield its address and what opens it."""
    from distributed import Security

    security = Security.temporary()
    wanted = {"jobs": jobs, "certificate": security.tls_ca_file, "key": security.tls_client_key}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            # -P: a file in the working folder must not pass for a package.
            [sys.executable, "-P", "-m", "lupuscart.sweep.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=kernel_environment() | _SETTINGS,
            start_new_session=True,
            text=True,
        )
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(wanted) + "\n")
                process.stdin.flush()
            address = process.stdout.readline().strip()
            if not address:
                process.wait()
                log.seek(0)
                # Of errors that led to one another the first is the reason.
                said = re.findall(r"^[\w.]*(?:Error|Exception)\b.*", log.read().decode(), re.M)
                reason = said[0] if said else f"exit code {process.returncode}"
                raise OSError(f"the workers of this machine cannot be started: {reason}")
            yield address, security
        finally:
            with suppress(OSError):
                process.stdin.close()
            process.stdout.close()
            process.wait()


def _serve() -> None:
    """Be the local cluster that `_local_cluster` asks for, until the other end lets go."""
    wanted = json.loads(sys.stdin.readline())
    # What workers print is none of the answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from distributed import LocalCluster, Security

    roles = ("client", "scheduler", "worker")
    security = Security(
        require_encryption=True,
        tls_ca_file=wanted["certificate"],
        **{f"tls_{role}_cert": wanted["certificate"] for role in roles},
        **{f"tls_{role}_key": wanted["key"] for role in roles},
    )
    with scratch_folder(tempfile.gettempdir(), SCRATCH) as folder:
        # All that workers, and the kernels below them, leave lies in one folder.
        os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)))
        tempfile.tempdir = str(folder)
        cluster = LocalCluster(
            n_workers=wanted["jobs"],
            threads_per_worker=1,
            memory_limit=0,
            security=security,
            # Not at the port that everybody wants.
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            local_directory=str(folder),
        )
        print(cluster.scheduler_address, file=answer, flush=True)
        sys.stdin.read()
    # Nobody wants what workers may be in the middle of: without this process they end at once,
    # and Dask's own farewell would wait for them.
    os._exit(0)


if __name__ == "__main__":
    _serve()
