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
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

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
        If another sweep writes the same file.
    """

    def __init__(self, path: Path, sources: Mapping[str, str]):
        self._file = path.open("a+b")
        try:
            _lock(self._file, path)
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
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        self._file.close()

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
        self._file.seek(self._places[key])
        return [Table(*table) for table in json.loads(self._file.readline())["tables"]]

    def _read(self) -> dict[str, str]:
        """Find every outcome, cut off a line that was not finished, and return the sources."""
        self._places: dict[str, int] = {}
        known: dict[str, str] = {}
        for place, line in self._lines():
            try:
                entry = json.loads(line)
                if "sources" in entry:
                    known.update(entry["sources"])
                else:
                    self._places[str(entry["key"])] = place
            except (ValueError, TypeError, LookupError):
                # A line that a failing disk left: its combination runs again.
                continue
        return known

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        self._file.seek(0)
        place = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                self._file.truncate(place)
                return
            yield place, line
            place += len(line)

    def _write(self, entry: Mapping) -> int:
        """Append a line in one piece and hand it to the system; return where it begins."""
        self._file.seek(0, 2)
        place = self._file.tell()
        self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        return place


def _lock(file, path: Path) -> None:
    """Keep others out for as long as this process lives, where the system can."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(
            f"output is {str(path.parent)!r}, where another sweep is at work; allowed: another "
            "folder, or to wait"
        ) from None
