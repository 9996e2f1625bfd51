"""The journal of a sweep: every outcome as it comes, so that a sweep that was killed goes on.

Vocabulary
----------
journal
    A file of JSON lines that only grows; a line is an outcome with its tables. One file, not
    one a combination: ten thousand small files are slow to write, to list and to delete.
sources
    What outcomes depend on besides their parameters, each with its digest: the notebooks, the
    tables of trials, the software. A line of its own says which were in force below it.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from lupuscart.locks import Lock
from lupuscart.sweep.tasks import Outcome, Table

__all__ = ["Journal"]


class Journal:
    """The outcomes of a sweep, on disk.

    Parameters
    ----------
    path : Path
        Its file, which need not exist; its folder does.
    sources : mapping
        What is in force now. If one of them has another digest in the file, all that is there
        is thrown away, for it would not come out the same again.

    Attributes
    ----------
    changed : list of str
        The sources that changed, and so were the reason to start anew.

    Raises
    ------
    ValueError
        If another sweep writes into the same folder.
    OSError
        If the file cannot be read or written; it is named.
    """

    def __init__(self, path: Path, sources: Mapping[str, str]):
        self._lock = Lock(path.parent)
        if not self._lock.held:
            self._lock.release()
            raise ValueError(
                f"output is {str(path.parent)!r}, where another sweep is at work; allowed: another "
                "folder, or to wait"
            )
        # Unbuffered: what was written is with the system, and what could not be is not tried again.
        self._path, self._file = path, path.open("ab", buffering=0)
        self._lines = path.open("rb")
        try:
            known = self._read()
            self.changed = sorted(
                name for name, digest in sources.items() if known.get(name, digest) != digest
            )
            if self.changed:
                self._file.truncate(0)
                self._places = {}
            if self.changed or known.items() < {**known, **sources}.items():
                self._write({"sources": dict(sources)})
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others write it."""
        self._lines.close()
        self._file.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome; a second one of the same key is not kept."""
        if outcome.key in self:
            return
        tables = [list(table) for table in outcome.tables]
        place = self._write({"key": outcome.key, "tables": tables})
        self._places[outcome.key] = place

    def tables(self, key: str) -> list[Table]:
        """Return the tables of an outcome that is there."""
        self._lines.seek(self._places[key])
        return [Table(*table) for table in json.loads(self._lines.readline())["tables"]]

    def _read(self) -> dict[str, str]:
        """Find every outcome, cut off a line that was not finished, and return the sources."""
        self._places: dict[str, int] = {}
        known: dict[str, str] = {}
        place = 0
        for line in self._lines:
            if not line.endswith(b"\n"):
                self._file.truncate(place)
                break
            # A line that a failing disk left has no entry: its combination runs again.
            with suppress(ValueError, TypeError, LookupError):
                entry = json.loads(line)
                if "sources" in entry:
                    known.update(entry["sources"])
                else:
                    self._places[str(entry["key"])] = place
            place += len(line)
        return known

    def _write(self, entry: Mapping) -> int:
        """Append a line and hand it to the system; return where it begins."""
        line = memoryview(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        place = self._file.seek(0, 2)
        try:
            while line:
                line = line[self._file.write(line) :]
        except OSError as error:  # which does not know its file
            raise OSError(error.errno, error.strerror, str(self._path)) from None
        return place
