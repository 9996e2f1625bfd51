"""Keep two runs out of one folder.

Vocabulary
----------
lock
    Held on a folder by one process at a time. The operating system gives it back when the
    process ends, however that ended, so a lock is never left behind.
scratch folder
    Of one process while it runs, such as ``build/run-*``. Those of processes that were
    killed are removed by the next run: nobody holds their locks.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Lock", "scratch_folder", "wait_for_lock"]

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

SECONDS_BETWEEN_TRIES = 0.2


class Lock:
    """A lock on a folder, if it could be had.

    Parameters
    ----------
    folder : path
        An existing folder.

    Attributes
    ----------
    held : bool
        Whether nobody else holds it.
    sure : bool
        Whether that is known. Some network drives have no locks; there every lock is held,
        as if none were asked for.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Lock(folder) as first, Lock(folder) as second:
    ...     first.held, second.held
    (True, False)
    """

    def __init__(self, folder):
        self._handle = _open(Path(folder))
        self.held, self.sure = _lock(self._handle)

    def release(self) -> None:
        """Give the lock back."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self.held, self.sure = None, False, False

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_) -> None:
        self.release()


def wait_for_lock(folder, report: Callable[[str], None]) -> Lock:
    """Return the lock on `folder` once it is free; says so, once, if it has to wait.

    Parameters
    ----------
    folder : path
        An existing folder.
    report : callable
        Called with a sentence before the wait.

    Examples
    --------
    >>> with wait_for_lock("data", print) as lock:
    ...     lock.held
    True
    """
    lock = Lock(folder)
    if not lock.held:
        report(f"another run is writing to {folder}; waiting until it has ended")
    while not lock.held:
        lock.release()
        time.sleep(SECONDS_BETWEEN_TRIES)
        lock = Lock(folder)
    return lock


@contextmanager
def scratch_folder(parent, prefix: str = "run-") -> Iterator[Path]:
    """Make an empty folder in `parent`, and remove it, and those left behind, in the end.

    Parameters
    ----------
    parent : path
        An existing folder.
    prefix : str, optional
        What the names of such folders begin with, and no other's.

    Yields
    ------
    Path
    """
    _remove_abandoned(Path(parent), prefix)
    lock = None
    while lock is None:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = _lock_unless_removed(folder)
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _lock_unless_removed(folder: Path) -> Lock | None:
    """Return the lock on a new folder, unless another run has just taken it for abandoned."""
    try:
        lock = Lock(folder)
    except FileNotFoundError:
        return None
    if lock.held and folder.exists():
        return lock
    lock.release()
    return None


def _remove_abandoned(parent: Path, prefix: str) -> None:
    for folder in parent.glob(f"{prefix}*"):
        try:
            with Lock(folder) as lock:
                if lock.sure:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # its own run, or another one like this, was faster
            continue


def _open(folder: Path) -> int | None:
    if fcntl:
        return os.open(folder, os.O_RDONLY)
    return os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)


def _lock(handle: int) -> tuple[bool, bool]:
    """Return whether the lock is held, and whether that is known."""
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):  # the second on Windows
        return False, False
    except OSError:
        return True, False
    return True, True
