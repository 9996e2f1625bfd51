"""Kernels that start with their packages loaded: copies of one process.

Vocabulary
----------
kernel
    The Python process that runs the cells of one notebook.
cold, warm
    A cold kernel is a new Python that imports what its notebook needs, about a second of
    work each time. A warm one is a copy (a fork) of a process that has imported it once.
owner
    The process that wants kernels; it holds a `ForkServer`.
server
    The process that has the packages loaded and forks kernels from itself:
    ``python -P -m lupuscart.kernels.fork MODULE ...``. What it is to read ahead is told
    after a colon: ``MODULE:FUNCTION:ARGUMENT`` is called once. It reads a request a line, as
    JSON, from its input: ``arguments`` of the kernel, ``folder`` to run in,
    ``environment``, and ``log``, the file that takes what it prints. It answers with the
    kernel's process number.

No kernel is left over: when the input ends, because the owner closed it or is gone,
however that ended, the server ends, and Linux kills every kernel whose parent is gone
(``PR_SET_PDEATHSIG``). The server starts no thread and opens no socket, so that a fork
copies nothing that is in use.

Warm on Linux only: elsewhere libraries do not survive a fork, or there is none. Whatever
keeps a warm kernel from starting, a cold one starts in its place.
"""

import contextlib
import ctypes
import gc
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import lupuscart
from lupuscart.kernels.beside import ask, end, start

__all__ = [
    "ForkServer",
    "WarmKernel",
    "can_fork",
    "modules_imported",
    "serve",
]

PR_SET_PDEATHSIG = 1

_IMPORT = re.compile(r"^\s*from (lupuscart[\w.]*) import \(?([\w, ]+)", re.M)

# What the functions of a module import once they draw or search for a root.
_LATER = re.compile(r"^ +(?:from|import) ((?:matplotlib|scipy|seaborn)[\w.]*)", re.M)

# What every kernel needs, and what draws: loaded by the first figure otherwise.
# The debugger, which nobody uses here, is more than a third of the start of a kernel.
_KERNEL = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger"),
    "IPython.core.completer",
)
_DRAWING = (
    *("matplotlib.backends.backend_svg", "matplotlib.style"),
    "matplotlib_inline.backend_inline",
)


def can_fork() -> bool:
    """Return whether kernels can be forked here."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (OSError, AttributeError):  # an old Linux, or one that forbids it
        return False
    return True


def modules_imported(code: str) -> list[str]:
    r"""Return the modules of this package that the code of notebooks imports.

    Only this package's, and what they import in turn, is loaded before a fork: nobody
    knows what another would start on import.

    Examples
    --------
    >>> modules_imported("from lupuscart.figures import style\nimport os")
    ['lupuscart.figures', 'lupuscart.figures.style']
    """
    found = set()
    for module, names in _IMPORT.findall(code):
        found |= {module, *(f"{module}.{name}" for name in re.findall(r"\w+", names))}
    return sorted(name for name in found - {"lupuscart"} if _is_module(name))


def imported_later(modules: Iterable[str]) -> list[str]:
    """Return what functions of these modules of this package import of the libraries that draw.

    A reader's kernel has an answer before it loads them; kernels that are forked share them.

    Examples
    --------
    >>> "seaborn" in imported_later(["lupuscart.findings.planning"])
    True
    """
    sources = [path.read_text(encoding="utf-8") for name in modules if (path := _source(name))]
    return sorted({name for source in sources for name in _LATER.findall(source)})


def _is_module(name: str) -> bool:
    """Whether this package has a module of this name; nothing is imported."""
    return _source(name) is not None


def _source(name: str) -> Path | None:
    path = Path(lupuscart.__file__).parent.joinpath(*name.split(".")[1:])
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


class WarmKernel:
    """A forked kernel, with the part of `subprocess.Popen` that its manager uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid = pid
        # Names this process and no later one of the same number.
        self._handle = os.pidfd_open(pid)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return ``None`` while it runs; how it ended is not known to others than its parent."""
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            os.close(self._handle)
            self.returncode = 1
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout)
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process that kernels are forked from; its kernels end with it.

    Parameters
    ----------
    code : str
        The code of the notebooks that will run: it decides what is loaded.
    environment : mapping
        The environment of the kernels.
    ahead : iterable of tuple of str, optional
        Module, function and argument of calls whose results the function keeps for whoever asks
        again: each kernel would make them. What fails says why in the kernel that needs it.

    Examples
    --------
    >>> with ForkServer("", {**os.environ}) as server:
    ...     server.fork([], folder=".", environment={}, log=os.devnull).pid > 0
    True
    """

    def __init__(
        self,
        code: str,
        environment: Mapping[str, str],
        ahead: Iterable[tuple[str, str, str]] = (),
    ):
        modules = modules_imported(code)
        drawing = [*_DRAWING, *imported_later(modules)] if modules else []
        loaded = [*_KERNEL, *modules, *drawing, *map(":".join, ahead)]
        self._lock = threading.Lock()
        self._process = start(__name__, *loaded, environment=environment)

    def fork(
        self, arguments: Iterable[str], *, folder: str, environment: Mapping[str, str], log: str
    ) -> WarmKernel | None:
        """Return a new kernel, or ``None`` if there can be none."""
        request = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "log": str(log),
        }
        try:
            with self._lock:
                return WarmKernel(int(ask(self._process, request)))
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """End the process, and every kernel that still runs."""
        end(self._process)

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def serve(modules: Sequence[str]) -> None:
    """Load `modules` and read ahead, then fork a kernel a request until the input ends."""
    server = os.getpid()
    for module in modules:
        _load(*module.split(":", 2))
    # What is loaded stays: no kernel searches it for garbage, or gets a copy of it by doing so.
    gc.collect()
    gc.freeze()
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


def _load(module: str, function: str = "", *arguments: str) -> None:
    loaded = import_module(module)
    if function:
        with contextlib.suppress(Exception):
            getattr(loaded, function)(*arguments)


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
    # The server must not take a file of its folder for a package; a page may.
    sys.path.insert(0, "")
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
    serve(sys.argv[1:])
