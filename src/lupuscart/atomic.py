"""Write a file whole or not at all.

Vocabulary
----------
draft
    What is being written, under a hidden name beside its place: ``.NAME.`` and eight
    letters. A program that is killed leaves its draft; the next one that writes the file
    may remove it, once nobody else can be writing.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["PDF_VARIABLE", "move_file", "remove_drafts", "try_folder", "write_whole"]

#: The environment variable that asks for a PDF of every figure too: "1". It is no parameter of
#: the pages, since it changes what is kept and not what is shown. It stands here and not with
#: the style, so that a rebuild with nothing to do does not load matplotlib.
PDF_VARIABLE = "LUPUSCART_PDF"


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a draft beside `path`, then put it in its place in one step.

    Whatever goes wrong, `path` holds what it held, and no draft is left.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    write : callable
        Called with the path of the draft.

    Raises
    ------
    OSError
        If the file cannot be written (a full disk, a size limit, no permission); it names
        `path`.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), lambda draft: draft.write_text("a"))
    ...     [path.name for path in Path(folder).iterdir()]
    ['a.txt']
    """
    draft = None
    try:
        # In the same folder, hence on the same file system, where replacing is one step.
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        write(Path(draft))
        # A temporary file is made for its owner alone; this one is for everyone to read.
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except OSError as error:
        _remove(draft)
        # A limit is met in the middle of a write, which does not know its file, and a draft's
        # name tells the reader nothing.
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    except BaseException:
        _remove(draft)
        raise


def try_folder(folder: Path) -> None:
    """Write a file in a folder and remove it, so that a long work does not end in vain.

    Raises
    ------
    OSError
        If no file can be written there.

    Examples
    --------
    >>> try_folder(Path("no such folder"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: ...
    """
    with tempfile.NamedTemporaryFile(prefix=".", dir=folder):
        pass


def move_file(source: Path, place: Path) -> None:
    """Move a file in one step, from another file system too.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "a.txt").touch()
    ...     move_file(Path(folder, "a.txt"), Path(folder, "b.txt"))
    ...     [path.name for path in Path(folder).iterdir()]
    ['b.txt']
    """
    try:
        source.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        write_whole(place, lambda draft: shutil.copyfile(source, draft))
        source.unlink()


def remove_drafts(path: Path) -> None:
    """Remove the drafts of `path` that killed programs left; nobody may be writing it.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.txt", ".a.txt.k3_x9b2q", ".b.txt.k3_x9b2q"):
    ...         Path(folder, name).touch()
    ...     remove_drafts(Path(folder, "a.txt"))
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['.b.txt.k3_x9b2q', 'a.txt']
    """
    prefix = f".{path.name}."
    for draft in path.parent.iterdir():
        if draft.name.startswith(prefix) and len(draft.name) == len(prefix) + 8:
            draft.unlink(missing_ok=True)


def _remove(draft: str | None) -> None:
    if draft is not None:
        Path(draft).unlink(missing_ok=True)
