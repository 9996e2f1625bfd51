"""How kernels start: in which environment, and with their packages loaded.

Vocabulary
----------
kernel
    The Python process that runs the cells of one notebook.
cold, warm
    A cold kernel is a new Python that imports what its notebook needs, about a second of
    work each time. A warm one is a copy (a fork) of a process that has imported it once:
    `lupuscart.notebooks.fork_server`.

Warm on Linux only: elsewhere libraries do not survive a fork, or there is none. Whatever
keeps a warm kernel from starting, a cold one starts in its place.
"""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path

import lupuscart

__all__ = [
    "CELL_SECONDS",
    "ForkServer",
    "WarmKernel",
    "can_fork",
    "file_size_is_limited",
    "kernel_environment",
    "modules_imported",
    "processors",
    "share_processors",
]

#: How long a cell may run before its kernel is taken to hang.
CELL_SECONDS = 300

#: How many threads each linear algebra library may start.
_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

_IMPORT = re.compile(r"^\s*from (lupuscart[\w.]*) import \(?([\w, ]+)", re.M)

# What every kernel needs, and what draws: loaded by the first figure otherwise.
_KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "IPython.core.completer")
_DRAWING = ("matplotlib.backends.backend_svg", "matplotlib_inline.backend_inline")


def can_fork() -> bool:
    """Return whether kernels can be forked here."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (OSError, AttributeError):  # an old Linux, or one that forbids it
        return False
    return True


def file_size_is_limited() -> bool:
    """Return whether files may grow to a limit only (``ulimit -f``).

    Python then stores compiled modules cut off at the limit, without an error, and every
    later import of them fails.
    """
    try:
        import resource
    except ImportError:  # Windows
        return False
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


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


def _is_module(name: str) -> bool:
    """Whether this package has a module of this name; nothing is imported."""
    path = Path(lupuscart.__file__).parent.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


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

    Examples
    --------
    >>> with ForkServer("", {**os.environ}) as server:
    ...     server.fork([], folder=".", environment={}, log=os.devnull).pid > 0
    True
    """

    def __init__(self, code: str, environment: Mapping[str, str]):
        modules = modules_imported(code)
        loaded = [*_KERNEL, *modules, *(_DRAWING if modules else ())]
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            # -P: a file in the working folder must not pass for a package.
            [sys.executable, "-P", "-m", "lupuscart.notebooks.fork_server", *loaded],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            # Ctrl-C is for the owner, which then closes this one.
            start_new_session=True,
        )

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
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
                return WarmKernel(int(self._process.stdout.readline()))
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """End the process, and every kernel that still runs."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        with contextlib.suppress(OSError):  # of what it had not read
            self._process.stdin.close()

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def processors() -> int:
    """Return how many processors this process may use.

    A container or a batch system may leave fewer than the machine has.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_processors(environment: MutableMapping[str, str]) -> None:
    """Ask for one thread of linear algebra a process, unless the environment asks for more.

    Several processes share the processors already. A library that starts a thread for each of
    them spends, on matrices as small as ours, most of its time waiting.

    Examples
    --------
    >>> environment = {"MKL_NUM_THREADS": "4"}
    >>> share_processors(environment)
    >>> environment["MKL_NUM_THREADS"], environment["OPENBLAS_NUM_THREADS"]
    ('4', '1')
    """
    for name in _THREADS:
        environment.setdefault(name, "1")


def kernel_environment() -> dict[str, str]:
    """Return the environment of a kernel: this one, less what slows or breaks kernels."""
    environment = dict(os.environ)
    if file_size_is_limited():
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    else:
        # With it, every kernel would compile pandas anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    share_processors(environment)
    # Run from its source tree, this package is found by a path that may be relative, and
    # the kernel starts in another folder.
    source = Path(lupuscart.__file__).resolve().parents[1]
    if source.name == "src":
        others = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join([str(source), *([others] if others else [])])
    return environment
