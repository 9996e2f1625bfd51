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
import os
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakSet

import nbformat
import papermill
from jupyter_client import AsyncKernelManager
from papermill.exceptions import PapermillExecutionError

__all__ = ["Job", "execute", "stop_kernels"]

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
    """

    text: str
    folder: str
    output: str
    parameters: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)


def execute(job: Job) -> str | None:
    """Run a notebook from its first cell to its last.

    Parameters
    ----------
    job : Job
        What to run, and where it may write.

    Returns
    -------
    str or None
        ``None`` if every cell ran, else the cell and its error. The executed copy holds
        the full error.
    """
    # Without a handler papermill's warnings would land in the user's terminal.
    logging.getLogger("papermill").addHandler(_QUIET)
    try:
        papermill.execute_notebook(
            nbformat.reads(job.text, as_version=4),
            # papermill fills names in braces into the paths it is given.
            job.output.replace("{", "{{").replace("}", "}}"),
            parameters=job.parameters,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            kernel_manager_class=_kernel_manager(
                Path(job.output).with_suffix(".log"), job.environment
            ),
            resources={"metadata": {"path": job.folder}},
            shutdown_kernel="immediate",
        )
    except PapermillExecutionError as error:
        return f"In [{error.exec_count}]: {error.ename}: {error.evalue}"
    except Exception as error:
        # A kernel that died, or never answered, is a failure of this notebook alone.
        return f"{type(error).__name__}: {error}"
    return None


def stop_kernels() -> None:
    """Kill the kernels of this process; the `execute` that waits for one then returns."""
    for manager in list(_managers):
        process = getattr(manager.provisioner, "process", None)
        if process is not None:
            process.kill()


def _kernel_manager(log: Path, environment: dict[str, str]) -> type[AsyncKernelManager]:
    """Return a kernel manager whose kernels are known here and print into `log`."""
    environment = {**_environment(), **environment}

    class LoggingKernelManager(AsyncKernelManager):
        async def start_kernel(self, **options) -> None:
            _managers.add(self)
            with log.open("wb") as errors:
                await super().start_kernel(env=environment, stderr=errors, **options)

    return LoggingKernelManager


def _environment() -> dict[str, str]:
    """Return the environment of a kernel: this one, less what slows or breaks kernels."""
    environment = dict(os.environ)
    # With it, every kernel would compile pandas anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # Run from its source tree, this package is found by a path that may be relative, and
    # the kernel starts in another folder.
    source = Path(__file__).resolve().parents[1]
    if source.name == "src":
        others = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join([str(source), *([others] if others else [])])
    return environment
