"""Digests: short names of contents, by which it is known whether something has changed.

Contents count, never dates: a touched file is not changed, and a back-dated one is not
unchanged. All are SHA-256, as 64 hexadecimal digits.
"""

import hashlib
import json
import os
import stat
from functools import cache
from pathlib import Path

import lupuscart

__all__ = ["digest_if_file", "exact_digest", "package_digest", "text_digest", "value_digest"]

#: All of it, not this module's folder alone by chance: a change anywhere may change a result.
PACKAGE = Path(lupuscart.__file__).resolve().parent


def text_digest(path) -> str:
    """Return the digest of a file's text, without byte order mark and with newlines as line ends.

    A table that was only saved by another program keeps its digest. The same rule for a file of
    another kind gives it a digest that is as good.
    """
    text = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf")
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(text).hexdigest()


def digest_if_file(path) -> str | None:
    """Return the `text_digest` of a file, or ``None`` if there is none that can be read.

    Examples
    --------
    >>> digest_if_file("no such file") is None
    True
    """
    try:
        return text_digest(path) if Path(path).is_file() else None
    except OSError:
        return None


def exact_digest(path) -> str | None:
    """Return the digest of a file's bytes, or ``None`` if there is nothing of this name.

    Raises
    ------
    OSError
        If it cannot be read, or is a folder, a pipe or a link that leads nowhere.

    Examples
    --------
    >>> exact_digest("no such file") is None
    True
    """
    if not os.path.lexists(path):
        return None
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(f"{path} is no file")
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def value_digest(value) -> str:
    """Return the digest of plain values: numbers, texts, and lists and mappings of them.

    Examples
    --------
    >>> value_digest({"a": 1, "b": [2]}) == value_digest({"b": [2], "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def package_digest() -> str:
    """Return the digest of this package: of every file in it that is not made from another.

    The same on every system, whatever line ends the files were checked out with.
    """
    made = (".pyc", ".pyo")
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in made]
    names = {path.relative_to(PACKAGE).as_posix(): text_digest(path) for path in files}
    return value_digest(names)
