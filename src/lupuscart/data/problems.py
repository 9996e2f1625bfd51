"""What is wrong with a table, and how it is told: one line a fault, however many cells have it.

Messages are English, and told in the reader's language (`lupuscart.words.messages`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lupuscart.words.lexicon import join, word
from lupuscart.words.messages import told

__all__ = ["DataError", "Problem", "as_lines", "brief"]

CATALOGUE = "check_data"
PRINTED_LINES = 50
# Rows, columns and texts that one line names before it counts the others.
_PRINTED_RUNS = 12
_PRINTED_TEXTS = 3


@dataclass(frozen=True)
class Problem:
    """One thing wrong or odd in a table, and what is allowed instead.

    Parameters
    ----------
    file : str
        Name of the file; its path where it cannot be read.
    row : int or None
        Row as a spreadsheet counts (the header is row 1); None for the whole file.
    column : str
        Name of the column, or of several joined by commas; empty for the whole row.
    value : str
        What stands there; empty where nothing does.
    message : str
        What is wrong or allowed.
    kind : str
        Problems of a file that have the same kind are told in one line, whatever their
        columns; without a kind, those of one column that have the same message.

    Examples
    --------
    >>> print(Problem("trials.csv", 5, "events", "16", "allowed: at most n, which is 15"))
    trials.csv, row 5, column events: '16'; allowed: at most n, which is 15
    """

    file: str
    row: int | None
    column: str
    value: str
    message: str
    kind: str = ""

    def __str__(self) -> str:
        return _line([self])


class DataError(ValueError):
    """Every problem of the tables that were read.

    `problems` holds them all, one a cell; the text has a line a fault, and counts what goes
    beyond 50 lines.

    Examples
    --------
    >>> error = DataError([Problem("trials.csv", 5, "n", "0", "allowed: 1 or more")])
    >>> print(error, len(error.problems))
    trials.csv, row 5, column n: '0'; allowed: 1 or more 1
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        lines = as_lines(self.problems)
        if len(lines) > PRINTED_LINES:
            more = word("problem.more_lines", n=len(lines) - PRINTED_LINES)
            lines = [*lines[:PRINTED_LINES], more]
        super().__init__("\n".join(lines))


def as_lines(problems: Iterable[Problem]) -> list[str]:
    """Return the lines that name every problem: one a fault, where its first cell stands.

    Examples
    --------
    >>> cells = [Problem("a.csv", row, "week", "NA", "leave the cell empty") for row in (2, 3, 7)]
    >>> as_lines(cells)
    ["a.csv, rows 2, 3, 7, column week: 'NA'; leave the cell empty"]
    """
    faults: dict[tuple, list[Problem]] = {}
    for place, each in enumerate(problems):
        same = (each.kind,) if each.kind else (each.column, each.message)
        # What concerns a whole file is never merged with something else.
        faults.setdefault((each.file, *same) if each.row else (place,), []).append(each)
    return [_line(fault) for fault in faults.values()]


def brief(text: str) -> str:
    """Return a cell's text as a message quotes it: never longer than a line.

    Examples
    --------
    >>> len(brief("x" * 1000))
    80
    """
    return text if len(text) <= 80 else f"{text[:77]}..."


def _line(fault: list[Problem]) -> str:
    first = fault[0]
    place = [first.file]
    if first.row is not None:
        rows = sorted({each.row for each in fault})
        place.append(word("problem.row" if len(rows) == 1 else "problem.rows", rows=_runs(rows)))
    columns = [*dict.fromkeys(each.column for each in fault if each.column)]
    if columns:
        code = "problem.column" if len(columns) == 1 else "problem.columns"
        place.append(word(code, columns=_first(columns, _PRINTED_RUNS)))
    texts = [*dict.fromkeys(repr(brief(each.value)) for each in fault if each.value)]
    said = [_first(texts, _PRINTED_TEXTS)] if texts else []
    said.append(told(first.message, CATALOGUE))
    where = word("clause_separator").join(place)
    return word("problem.line", where=where, said=word("pair_separator").join(said))


def _runs(rows: list[int]) -> str:
    """Return rows as a reader writes them: 2 to 9, 12."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    texts = [
        word("problem.run", first=run[0], last=run[-1]) if len(run) > 2 else join(map(str, run))
        for run in runs
    ]
    return _first(texts, _PRINTED_RUNS)


def _first(texts: list[str], most: int) -> str:
    left = len(texts) - most
    named = join(texts[:most])
    return word("problem.more", named=named, n=left) if left > 0 else named
