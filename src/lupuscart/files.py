"""Write a file whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a draft beside `path`, then put it in its place in one step.

    Whatever goes wrong, `path` holds what it held, and no draft is left.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    write : callable
        Called with the path of the draft.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), lambda draft: draft.write_text("a"))
    ...     [path.name for path in Path(folder).iterdir()]
    ['a.txt']
    """
    # In the same folder, hence on the same file system, where replacing is one step.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        write(Path(draft))
        # A temporary file is made for its owner alone; this one is for everyone to read.
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
