"""Write a file, or exchange a folder, whole or not at all.

Vocabulary
----------
draft
    What is being written, under a hidden name beside its place:
    ``.NAME.`` eight letters ``.lupuscart-draft``. A program that is killed leaves its draft;
    the next one that writes the file may remove it, once nobody else can be writing.
earlier
    What stood in a folder's place, under a hidden name beside it, for the moment of an exchange
    where the system cannot exchange two folders in one step.
"""

import ctypes
import errno
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = [
    "KEEP_VARIABLE",
    "PDF_VARIABLE",
    "SHOW_SAVED_VARIABLE",
    "TITLE_VARIABLE",
    "exchange_folder",
    "move_file",
    "put_back",
    "remove_drafts",
    "try_folder",
    "writable_folder",
    "write_whole",
]

#: The environment variable that asks for a PDF of every figure too: "1". It is no parameter of
#: the pages, since it changes what is kept and not what is shown. It stands here and not with
#: the style, so that a rebuild with nothing to do does not load matplotlib.
PDF_VARIABLE = "LUPUSCART_PDF"

#: The one that puts the headline into each picture, for one that travels alone: "1".
TITLE_VARIABLE = "LUPUSCART_TITLE"

#: The one that names the file in which a page keeps its findings; none are kept otherwise.
KEEP_VARIABLE = "LUPUSCART_KEEP"

#: The one that has a page show the very file that a figure was saved in: "1". Otherwise it is drawn
#: once more, in the size of a screen.
SHOW_SAVED_VARIABLE = "LUPUSCART_SHOW_SAVED"

DRAFT = ".lupuscart-draft"
EARLIER = ".lupuscart-earlier"


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a draft beside `path`, then put it in its place in one step.

    Whatever goes wrong, `path` holds what it held, and no draft is left. The file may be read
    and written by whom the user's umask allows to.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    write : callable
        Called with the path of the draft, an empty file.

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
    # In the same folder, hence on the same file system, where replacing is one step.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}{DRAFT}")
    try:
        # Not by `tempfile`, whose files are their owner's alone whatever the umask says.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        write(draft)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        # A limit is met in the middle of a write, which does not know its file, and a draft's
        # name tells the reader nothing.
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def remove_drafts(path: Path) -> None:
    """Remove the drafts of `path` that killed programs left; nobody may be writing it.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.txt", ".a.txt.original", ".a.txt.0123abcd.lupuscart-draft"):
    ...         Path(folder, name).touch()
    ...     remove_drafts(Path(folder, "a.txt"))
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['.a.txt.original', 'a.txt']
    """
    start = f".{path.name}."
    length = len(start) + 8 + len(DRAFT)
    for draft in path.parent.iterdir():
        name = draft.name
        if name.startswith(start) and name.endswith(DRAFT) and len(name) == length:
            draft.unlink(missing_ok=True)


def exchange_folder(new: Path, place: Path) -> None:
    """Put folder `new` in its place; what stood there, if anything, is then at `new`.

    In one step on Linux and macOS. Elsewhere, and on file systems that cannot, by renames: a
    program that is killed between them leaves what stood there under a hidden name, from where
    `put_back` returns it.

    Parameters
    ----------
    new : Path
        A folder.
    place : Path
        A folder on the same file system, or nothing.

    Raises
    ------
    OSError
        If it cannot be done; both are then where they were.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     site, new = Path(folder, "site"), Path(folder, "new")
    ...     for each in (site, new):
    ...         each.mkdir()
    ...         _ = (each / f"made as {each.name}").touch()
    ...     exchange_folder(new, site)
    ...     [path.name for path in site.iterdir()], [path.name for path in new.iterdir()]
    (['made as new'], ['made as site'])
    """
    put_back(place)
    if not place.exists():
        new.rename(place)
    elif not _swap(new, place):
        earlier = _earlier(place)
        place.rename(earlier)
        try:
            new.rename(place)
        except OSError:
            earlier.rename(place)
            raise
        earlier.rename(new)


def put_back(place: Path) -> None:
    """Mend an exchange of `place` in which a program was killed; nobody else may be at it.

    To be called before anything else is done with `place`. If nothing stands there, what stood
    there before is put back; if the new folder does, what stood there is removed.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, ".site.lupuscart-earlier").mkdir()
    ...     put_back(Path(folder, "site"))
    ...     [path.name for path in Path(folder).iterdir()]
    ['site']
    """
    earlier = _earlier(place)
    if earlier.exists():
        if place.exists():
            shutil.rmtree(earlier)
        else:
            earlier.rename(place)


def _earlier(place: Path) -> Path:
    return place.with_name(f".{place.name}{EARLIER}")


def _swap(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return whether the system can."""
    paths = (os.fsencode(one), os.fsencode(other))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(*paths, 2)  # RENAME_SWAP
        else:
            here = -100  # AT_FDCWD
            failed = library.renameat2(here, paths[0], here, paths[1], 2)  # RENAME_EXCHANGE
    except (OSError, AttributeError, TypeError):  # no such library, no such function
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    # What an old system, or one of its file systems, answers.
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


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


def writable_folder(name: str, folder) -> Path:
    """Return a folder that the user named, absolute, once a file could be written there.

    Parameters
    ----------
    name : str
        What the user knows it by, such as ``"figures_dir"``.
    folder : path
        An existing folder.

    Raises
    ------
    ValueError
        If it is none, or no file can be written there.

    Examples
    --------
    >>> writable_folder("output", "no such folder")
    Traceback (most recent call last):
    ...
    ValueError: output is 'no such folder'; allowed: an existing folder
    """
    if not os.path.isdir(folder):
        raise ValueError(f"{name} is {str(folder)!r}; allowed: an existing folder")
    folder = Path(os.path.abspath(folder))
    try:
        try_folder(folder)
    except OSError as error:
        raise ValueError(
            f"{name} is {str(folder)!r}, where no file can be written ({error.strerror})"
        ) from None
    return folder


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
