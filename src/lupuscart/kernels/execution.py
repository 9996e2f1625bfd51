"""Run one notebook in a kernel of its own.

Vocabulary
----------
job
    One notebook with its parameters, and where it may write. It holds plain values
    only, so that another process or another machine can run it.
kernel
    The Python process that runs the cells; one a job.

`execute` may be called from several threads of one process. papermill's own ``cwd``
changes the folder of the whole process, so the kernel is told its folder instead, which
has the same effect on what the notebook reads. A kernel ends by itself when the process
that started it is gone, however that ended.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import uuid4
from weakref import WeakSet

import nbformat
import papermill
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from lupuscart.kernels.environment import CELL_SECONDS, kernel_environment
from lupuscart.kernels.fork import ForkServer

__all__ = [
    "Job",
    "NoAnswerError",
    "describe_stop",
    "execute",
    "kernel_manager",
    "quiet_libraries",
    "stop_kernels",
    "with_a_second_kernel",
]

Result = TypeVar("Result")

_LAUNCHER = ("-m", "ipykernel_launcher")
_QUIET = logging.NullHandler()
_managers: WeakSet[AsyncKernelManager] = WeakSet()


@dataclass(frozen=True)
class Job:
    """One notebook to run.

    Attributes
    ----------
    text : str
        The notebook, as the content of its file.
    folder : str
        The kernel's working folder: relative paths in the notebook count from it.
    output : str
        Where the executed copy is written; what the kernel prints outside of the
        cells goes beside it, as ``.log``.
    parameters : dict
        Parameter name to value.
    environment : dict
        What the kernel's environment holds beside this process's own, by name.
    cell_seconds : int
        How long a cell may run.
    """

    text: str
    folder: str
    output: str
    parameters: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)
    cell_seconds: int = CELL_SECONDS


def execute(job: Job, server: ForkServer | None = None) -> str | None:
    """Run a notebook from its first cell to its last.

    Parameters
    ----------
    job : Job
        What to run, and where it may write.
    server : ForkServer, optional
        Where the kernel is forked from; a new Python by default.

    Returns
    -------
    str or None
        ``None`` if every cell ran, else the cell and its error. The executed copy holds
        the full error.
    """
    quiet_libraries()
    try:
        return with_a_second_kernel(lambda: _run(job, server))
    except NoAnswerError as no_answer:
        return str(no_answer)


class NoAnswerError(Exception):
    """A kernel ended, or was silent, before its first cell."""


def with_a_second_kernel(run: Callable[[], Result]) -> Result:
    """Return what `run` returns; call it again, once, if its kernel did not answer.

    On a busy machine a kernel may never answer: the port it was given was taken meanwhile. And
    Jupyter waits by the clock of the wall, which may be set forward at that moment. No cell has
    run then, so a second kernel is as good as the first.
    """
    try:
        return run()
    except NoAnswerError:
        return run()


def _run(job: Job, server: ForkServer | None) -> str | None:
    started: list[int] = []
    try:
        papermill.execute_notebook(
            nbformat.reads(job.text, as_version=4),
            # papermill fills names in braces into the paths it is given.
            job.output.replace("{", "{{").replace("}", "}}"),
            parameters=job.parameters,
            engine_name=_SavesOnce.NAME,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            kernel_manager_class=kernel_manager(
                Path(job.output).with_suffix(".log"), job.environment, server
            ),
            # One write of a kernel may arrive in pieces: joined, it is the same at every run.
            coalesce_streams=True,
            resources={"metadata": {"path": job.folder}},
            shutdown_kernel="immediate",
            execution_timeout=job.cell_seconds,
            on_cell_execute=lambda cell, cell_index: started.append(cell_index),
        )
    except PapermillExecutionError as error:
        return f"In [{error.exec_count}]: {error.ename}: {error.evalue}"
    except CellTimeoutError as error:
        return describe_stop(error, len(started), job.cell_seconds)
    except RuntimeError as error:
        is_dead = isinstance(error, DeadKernelError)
        told = describe_stop(error, len(started), job.cell_seconds) if is_dead else f"{error}"
        if not started:
            raise NoAnswerError(told) from error
        return told
    except OSError as error:
        # Such as a full disk: what is written outside of the cells is the executed copy.
        Path(job.output).unlink(missing_ok=True)
        return f"{error.strerror or error}: {error.filename or Path(job.output).name}"
    except Exception as error:
        # Whatever it is, it is a failure of this notebook alone.
        return f"{type(error).__name__}: {error}"
    return None


def describe_stop(error: Exception, cell: int, cell_seconds: int) -> str:
    """Return the cell in which a kernel was stopped or died, and why.

    Examples
    --------
    >>> describe_stop(CellTimeoutError(""), 5, 300)
    'In [5]: ran longer than 300 s, the limit of a cell; its kernel was stopped'
    """
    if isinstance(error, CellTimeoutError):
        reason = f"ran longer than {cell_seconds} s, the limit of a cell; its kernel was stopped"
    else:
        reason = "the kernel died, as if killed (out of memory?) or by an error outside of Python"
    return f"In [{cell}]: {reason}"


def quiet_libraries() -> None:
    """Keep out of the user's terminal what libraries log while a kernel is run or stopped.

    Without a handler of their own their warnings would land there.
    """
    for library in ("papermill", "asyncio"):
        logging.getLogger(library).addHandler(_QUIET)


def stop_kernels() -> None:
    """Kill the kernels of this process; the `execute` that waits for one then returns."""
    for manager in list(_managers):
        process = getattr(manager.provisioner, "process", None)
        if process is not None:
            process.kill()


class _SavesOnce(NBClientEngine):
    """papermill's engine, which by itself saves the copy before and after each cell.

    That is a tenth of all the work, and the copy is placed at the end anyway.
    """

    NAME = "saves once"

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options):
        output, nb_man.output_path = nb_man.output_path, None
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        finally:
            nb_man.output_path = output


papermill_engines.register(_SavesOnce.NAME, _SavesOnce)


class _WarmProvisioner(LocalProvisioner):
    """Has its kernel forked by `server`; starts a new Python where that cannot be."""

    server: ForkServer

    async def launch_kernel(self, cmd, **options):
        process = self.server.fork(
            cmd[1 + len(_LAUNCHER) :],
            folder=options["cwd"],
            environment=options["env"],
            log=options["stderr"].name,
        )
        if process is None:
            return await super().launch_kernel(cmd, **options)
        self.process, self.pid, self.pgid, self.cwd = process, process.pid, process.pid, None
        return self.connection_info


def kernel_manager(
    log: Path, environment: Mapping[str, str] | None = None, server: ForkServer | None = None
) -> type[AsyncKernelManager]:
    """Return a kind of kernel manager: its kernels run in this Python, without settings.

    Jupyter would start the first kernel that is called ``python3``, which may be another
    Python, and would keep what kernels are reached by where the user's settings say.

    Parameters
    ----------
    log : Path
        The file that takes what a kernel prints outside of the cells. The file by which the
        kernel is found lies beside it.
    environment : mapping, optional
        What the kernels' environment holds beside `kernel_environment`, by name.
    server : ForkServer, optional
        Where kernels are forked from; a new Python by default.
    """
    environment = {**kernel_environment(), **(environment or {})}

    class OwnKernelManager(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(
                argv=[sys.executable, *_LAUNCHER, "-f", "{connection_file}"],
                display_name="Python 3",
                language="python",
            )

        async def start_kernel(self, **options) -> None:
            _managers.add(self)
            self.kernel_id = str(uuid4())
            # Beside the log, in a folder of the run's own, which goes however the run ends.
            self.connection_file = str(log.with_name(f"kernel-{self.kernel_id}.json"))
            if server is not None:
                self.provisioner = _WarmProvisioner(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )
                self.provisioner.server = server
            options["env"] = environment
            with log.open("wb") as errors:
                await super().start_kernel(stderr=errors, **options)

    return OwnKernelManager
