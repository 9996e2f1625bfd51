"""Kernels of a whole session forked from one process, where how a kernel starts is not tested.

A run of pages loads what its kernels need anew; here it is loaded once. A kernel is as it always
is: a process of its own, with an environment of its own, in which no cell has run.
"""

from contextlib import nullcontext

import pytest

from lupuscart.kernels import execution
from lupuscart.kernels.environment import kernel_environment
from lupuscart.kernels.fork import ForkServer, can_fork
from lupuscart.notebooks import run
from lupuscart.notebooks.project import find_notebooks, read_notebook


def start_server(root) -> ForkServer | None:
    """Start the process that has loaded what the pages of a collection need, if one can be."""
    code = "\n".join(read_notebook(path).code for path in find_notebooks(root))
    return ForkServer(code, kernel_environment()) if can_fork() else None


def fork_from(server: ForkServer, patch: pytest.MonkeyPatch) -> None:
    """Have every kernel that this process asks for forked from `server`."""
    execute = execution.execute
    patch.setattr(execution, "execute", lambda job, _=None: execute(job, server))
    patch.setattr(run, "ForkServer", lambda *_, **__: nullcontext())
