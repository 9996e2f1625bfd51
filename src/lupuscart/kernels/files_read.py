"""Which files a page reads: its kernel keeps a list of those that it opens.

The list is kept while the page runs, not guessed from its code: however a path was put together,
and whatever module opened it, the file is in it. Files that a library opens by itself, past
Python, are not seen.
"""

import json
import os
import sys
from pathlib import Path

from lupuscart.digests import PACKAGE, digest_if_file

__all__ = ["READ_VARIABLE", "keep_list", "read_list"]

#: The variable that tells a kernel to keep a list, and where.
READ_VARIABLE = "LUPUSCART_READ"

# Compiled modules, whose source counts; fonts, which are large and the machine's.
_LEFT_OUT = (".pyc", ".ttf", ".ttc", ".otf")


def keep_list(path: str, *, but) -> None:
    """Append each file that this process opens for reading from now on, with its digest.

    A line is a path and a digest, as JSON; of a file that is not there the digest is null. Left
    out are the files of Python, its libraries and this package, whose versions are known, and
    what a run makes, beside the list.

    Parameters
    ----------
    path : str
        The list; its folder exists.
    but : path
        A folder that is left out too.
    """
    folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(PACKAGE), str(but)}
    folders |= {"/dev", "/proc", "/sys", "/etc", os.path.dirname(path)}
    left_out = tuple(os.path.join(os.path.realpath(each), "") for each in folders)
    seen = set()

    def watch(event: str, arguments: tuple) -> None:
        if event != "open" or not isinstance(arguments[0], str | bytes):
            return
        file, flags = os.path.abspath(os.fsdecode(arguments[0])), arguments[2]
        if file in seen or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        seen.add(file)
        real = os.path.realpath(file)
        # Libraries may lie outside of Python's own folder.
        if real.startswith(left_out) or real.endswith(_LEFT_OUT) or "-packages" in real:
            return
        _append(path, json.dumps([file, digest_if_file(file)]) + "\n")

    Path(path).touch()
    sys.addaudithook(watch)


def _append(path: str, line: str) -> None:
    try:
        with open(path, "a", encoding="utf-8") as listed:
            listed.write(line)
    except OSError as error:  # such as a full disk, met in a write, which does not know its file
        raise OSError(error.errno, error.strerror, path) from None


def read_list(path) -> dict[str, str | None]:
    """Return the files that a kernel read, by absolute path, with their digests at that moment.

    Raises
    ------
    OSError
        If there is no list: the kernel was not started as it should be.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return dict(json.loads(line) for line in lines)
