"""A process that has the packages loaded and forks kernels from itself.

Started as ``python -P -m lupuscart.notebooks.fork_server MODULE ...`` by
`lupuscart.notebooks.kernels`. It reads a request a line, as JSON, from its input:
``arguments`` of the kernel, ``folder`` to run in, ``environment``, and ``log``, the file
that takes what it prints. It answers with the kernel's process number.

No kernel is left over: when the input ends, because the owner closed it or is gone,
however that ended, this process ends, and Linux kills every kernel whose parent is gone
(``PR_SET_PDEATHSIG``). No thread is started here and no socket opened, so that a fork
copies nothing that is in use.
"""

import ctypes
import json
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

__all__ = ["main"]

PR_SET_PDEATHSIG = 1


def main(modules: Sequence[str]) -> None:
    """Load `modules`, then fork a kernel a request until the input ends."""
    server = os.getpid()
    for module in modules:
        import_module(module)
    # Kernels that ended need not be waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Python counts the sleeping threads of a linear algebra library, which are made for this.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    for line in sys.stdin.buffer:
        kernel = os.fork()
        if kernel == 0:
            _run_kernel(json.loads(line), server)
            return
        print(kernel, flush=True)


def _run_kernel(request: dict, server: int) -> None:
    """Become what ``python -m ipykernel_launcher`` would be."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:  # It ended before it could be tied to this process.
        os._exit(1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    _redirect(0, os.devnull, os.O_RDONLY)
    for output in (1, 2):
        _redirect(output, request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    if "numpy" in sys.modules:
        # Or every kernel would draw the same "random" numbers.
        sys.modules["numpy"].random.seed()
    from ipykernel.kernelapp import launch_new_instance

    parent = f"--IPKernelApp.parent_handle={server}"
    launch_new_instance(argv=[*request["arguments"], parent])


def _redirect(stream: int, path: str, flags: int) -> None:
    opened = os.open(path, flags, 0o644)
    os.dup2(opened, stream)
    os.close(opened)


if __name__ == "__main__":
    main(sys.argv[1:])
