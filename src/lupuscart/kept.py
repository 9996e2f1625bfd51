"""Answers kept on disk, for as long as nothing that they depend on has changed.

Vocabulary
----------
question
    Plain values that say what was asked.
state
    Digest of all that decides the answer: the bytes of the files that are read to find it, and
    what the caller names besides, such as this package and the versions of libraries.

Only an answer is kept, never an error, and only if the state was the same before and after it was
found. A record that is lost or damaged means that the answer is found anew.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from lupuscart.atomic import remove_drafts, write_whole
from lupuscart.digests import exact_digest, value_digest

__all__ = ["Kept"]

#: How many answers one record holds; the oldest goes first.
MOST = 50


class Kept:
    """Answers in one file.

    Parameters
    ----------
    path : path
        The file, which can be removed at any time. It is written by `keep` alone.
    shared : object
        What every answer depends on beside files, as plain values.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = Path(folder, "a.csv")
    ...     for text in ("1", "1", "2"):
    ...         _ = table.write_text(text)
    ...         kept = Kept(Path(folder, "kept.json"), "version 1")
    ...         print(kept.ask("twice", [table], lambda: print("asked") or int(text) * 2))
    ...         kept.keep()
    asked
    2
    2
    asked
    4
    """

    def __init__(self, path, shared: object):
        self._path = Path(path)
        self._shared = shared
        self._found: dict[str, dict] = {}

    def ask(self, question: object, files: Iterable[Path], find: Callable[[], object]):
        """Return the kept answer, or the one that `find` returns now.

        Parameters
        ----------
        question : object
            Plain values; two questions of one record differ.
        files : iterable of Path
            Every file that `find` reads, or would read if it were there.
        find : callable
            Returns the answer, plain values. What it raises is raised.
        """
        paths = sorted({str(path) for path in files})
        name, before = value_digest(question), self._state(paths)
        entry = self._read().get(name)
        if before is not None and _is_whole(entry) and entry["state"] == before:
            return entry["answer"]
        answer = find()
        if before is not None and before == self._state(paths):
            seal = value_digest([before, answer])
            self._found[name] = {"state": before, "answer": answer, "seal": seal}
        return answer

    def keep(self) -> None:
        """Write what was found by now, if anything was; where that cannot be, it is found anew."""
        if not self._found:
            return
        others = {name: entry for name, entry in self._read().items() if name not in self._found}
        entries = [*others.items(), *self._found.items()][-MOST:]
        text = json.dumps(dict(entries), indent=1)
        try:
            remove_drafts(self._path)
            write_whole(self._path, lambda draft: draft.write_text(text, encoding="utf-8"))
        except OSError:
            pass  # no such folder, no space, or no right to write

    def _state(self, paths: list[str]) -> str | None:
        """Return the digest of all that decides an answer; ``None`` if a file cannot be read."""
        try:
            return value_digest([self._shared, {path: exact_digest(path) for path in paths}])
        except OSError:
            return None

    def _read(self) -> dict:
        try:
            entries = json.loads(self._path.read_bytes())
        except (ValueError, OSError):
            return {}
        return entries if isinstance(entries, dict) else {}


def _is_whole(entry: object) -> bool:
    """Return whether an entry is as it was written."""
    try:
        return entry["seal"] == value_digest([entry["state"], entry["answer"]])
    except (TypeError, LookupError):
        return False
