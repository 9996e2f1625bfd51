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
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4
from weakref import WeakSet

import nbformat
import papermill
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from lupuscart.notebooks.kernels import CELL_SECONDS, ForkServer, kernel_environment

__all__ = [
    "Job",
    "describe_stop",
    "execute",
    "quiet_libraries",
    "stop_kernels",
]

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
    error = None
    # On a busy machine a kernel may never answer: the port it was given was taken meanwhile.
    # No cell has run then, so a second one is as good as the first.
    for _ in range(2):
        try:
            return _run(job, server)
        except _NoAnswerError as no_answer:
            error = str(no_answer)
    return error


class _NoAnswerError(Exception):
    """A kernel ended, or was silent, before its first cell."""


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
            kernel_manager_class=_kernel_manager(
                Path(job.output).with_suffix(".log"), job.environment, server
            ),
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
            raise _NoAnswerError(told) from error
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
        launcher = ["-m", "ipykernel_launcher"]
        process = None
        if cmd[1:3] == launcher:
            process = self.server.fork(
                cmd[3:],
                folder=options["cwd"],
                environment=options["env"],
                log=options["stderr"].name,
            )
        if process is None:
            return await super().launch_kernel(cmd, **options)
        self.process, self.pid, self.pgid, self.cwd = process, process.pid, process.pid, None
        return self.connection_info


def _kernel_manager(
    log: Path, environment: dict[str, str], server: ForkServer | None
) -> type[AsyncKernelManager]:
    """Return a kernel manager whose kernels are known here and print into `log`."""
    environment = {**kernel_environment(), **environment}

    class LoggingKernelManager(AsyncKernelManager):
        async def start_kernel(self, **options) -> None:
            _managers.add(self)
            if server is not None:
                self.kernel_id = str(uuid4())
                self.provisioner = _WarmProvisioner(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )
                self.provisioner.server = server
            with log.open("wb") as errors:
                await super().start_kernel(env=environment, stderr=errors, **options)

    return LoggingKernelManager
