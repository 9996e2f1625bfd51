"""Check a table of text against its Table Schema.

Vocabulary
----------
table
    one CSV file of ``data/``: trials, studies, benchmarks, benchmark_studies,
    claims or reviews.
field
    a column as ``datapackage.json`` describes it: type, constraints, meaning.
level
    one of the codes that a field with an ``enum`` may hold.
row
    numbered as a spreadsheet numbers it: the header is row 1.
problem
    one thing wrong with a cell, a row, the header or the file, and what is allowed.
sheet
    a table under examination: its text, its typed values and its problems.

``datapackage.json`` alone decides what is allowed. Every distinct value of a column
is examined once, so a table of 100,000 rows takes about a second. Numbers are read
strictly: digits, at most one minus sign and one decimal point.
"""

import csv
import difflib
import functools
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = [
    "DataError",
    "Problem",
    "Sheet",
    "datapackage_path",
    "load_datapackage",
    "table_schema",
]

PRINTED_PROBLEMS = 50
# A suggestion compares one wrong value with every code: only the first few get one,
# and a longer list of codes is cut, or a table of garbage would take minutes to refuse.
SUGGESTIONS = 50
PRINTED_CODES = 100

# Fifteen digits is what a float holds exactly.
_INTEGER = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
# They move the cursor, turn what is read around, or are no characters at all. A tab and a
# line end are text.
_UNPRINTABLE = re.compile(
    r"[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)

Fault = Callable[[str], str | None]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a table, and what is allowed instead.

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

    def __str__(self) -> str:
        place = self.file
        place += "" if self.row is None else f", row {self.row}"
        place += f", column {self.column}" if self.column else ""
        value = _brief(self.value)
        return f"{place}: {f'{value!r}; ' if value else ''}{self.message}"


class DataError(ValueError):
    """Every problem of the tables that were read, one a line.

    `problems` holds them all; the text prints the first 50 and counts the others.

    Examples
    --------
    >>> error = DataError([Problem("trials.csv", 5, "n", "0", "allowed: 1 or more")])
    >>> print(error, len(error.problems))
    trials.csv, row 5, column n: '0'; allowed: 1 or more 1
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        lines = [str(problem) for problem in self.problems[:PRINTED_PROBLEMS]]
        if len(self.problems) > PRINTED_PROBLEMS:
            lines.append(f"and {len(self.problems) - PRINTED_PROBLEMS} more problems")
        super().__init__("\n".join(lines))


@functools.cache
def load_datapackage() -> dict:
    """Return the content of ``datapackage.json``, the dictionary of every table.

    A built package holds a copy beside this module; a source tree has it in ``data/``.

    Examples
    --------
    >>> [resource["name"] for resource in load_datapackage()["resources"]][:2]
    ['trials', 'studies']
    """
    return json.loads(datapackage_path().read_text(encoding="utf-8"))


def datapackage_path() -> Path:
    """Return the file that holds the dictionary.

    Examples
    --------
    >>> datapackage_path().name
    'datapackage.json'
    """
    here = Path(__file__).resolve()
    beside = here.with_name("datapackage.json")
    return beside if beside.is_file() else here.parents[3] / "data" / "datapackage.json"


def table_schema(table: str) -> dict:
    """Return the Table Schema of `table`: fields, primary key, foreign keys.

    Examples
    --------
    >>> [field["name"] for field in table_schema("claims")["fields"]]
    ['study', 'topic', 'news_report', 'primary_source', 'verdict']
    """
    schemas = {each["name"]: each["schema"] for each in load_datapackage()["resources"]}
    if table not in schemas:
        raise ValueError(f"table is {table!r}; allowed: {', '.join(schemas)}")
    return schemas[table]


def _table_with_columns(header: list[str]) -> str | None:
    for table in load_datapackage()["resources"]:
        if header == [field["name"] for field in table["schema"]["fields"]]:
            return table["name"].replace("_", " ")
    return None


class Sheet:
    r"""A table under examination: its text, its typed values and its problems.

    Parameters
    ----------
    table : str
        Name of the table, which decides the schema.
    file : str
        Name of the file, as problems print it.
    raw : bytes
        Content of the file: UTF-8 with commas; a byte order mark and any line ends
        are accepted.

    Attributes
    ----------
    text : DataFrame
        The cells as they stand in the file, one column a field that the header names;
        rows that are shorter or longer than the header are left out. Categorical, which
        keeps each distinct text once.
    rows : ndarray of int
        Spreadsheet row of each line of `text`.
    typed : DataFrame
        The same cells as ``Int64``, ``float64`` or categories; an empty or faulty cell
        is missing.

    Examples
    --------
    >>> sheet = Sheet("studies", "studies.csv", b"study;first_author;year\n")
    >>> print(sheet.problems[0])
    studies.csv, row 1: 'study;first_author;year'; separated by semicolons; allowed: commas
    """

    def __init__(self, table: str, file: str, raw: bytes):
        self.file = file
        self.schema = table_schema(table)
        self.names = [field["name"] for field in self.schema["fields"]]
        self._found: list[tuple[int, int, Problem]] = []
        self.text, self.rows = self._read(raw)
        self._faulty = {name: np.zeros(len(self.rows), dtype=bool) for name in self.text}
        fields = [field for field in self.schema["fields"] if field["name"] in self.text]
        for field in fields:
            self.flag_values(field["name"], _cell_fault(field))
        self.typed = pd.DataFrame({field["name"]: self._typed(field) for field in fields})
        if "primaryKey" in self.schema:
            self.check_unique(self.schema["primaryKey"])

    def table(self) -> pd.DataFrame:
        """Return the typed cells with texts as ``str``."""
        texts = self.typed.columns[self.typed.dtypes == "category"]
        return self.typed.astype(dict.fromkeys(texts, "str"))

    @property
    def problems(self) -> list[Problem]:
        """What has been found, sorted by row and column."""
        return [problem for *_, problem in sorted(self._found, key=lambda found: found[:2])]

    def flag(self, broken: pd.Series, columns: Sequence[str], message: str) -> None:
        """Report the rows where `broken` holds, at the first of `columns`.

        Rows that `broken` does not have, or where it is missing, are sound. A row with a
        cell in `columns` that was reported before is passed over, so that one fault makes
        one problem. `message` may name columns in braces.
        """
        places = broken.index[broken.fillna(False).to_numpy(dtype=bool)].to_numpy()
        if not len(places):
            return
        places = places[~self._any_faulty(columns)[places]]
        cells = self.text.iloc[places].to_dict("records")
        for row, texts in zip(self.rows[places], cells, strict=True):
            brief = {name: _brief(" ".join(text.split())) for name, text in texts.items()}
            self._add(row, columns[0], texts[columns[0]], message.format_map(brief))
        self._faulty[columns[0]][places] = True

    def flag_values(self, column: str, fault: Fault) -> None:
        """Report the cells of `column` that `fault` objects to; it sees each text once."""
        cells = self.text[column].array
        distinct, codes = cells.categories, cells.codes
        messages = [fault(text) for text in distinct]
        wrong = np.array([message is not None for message in messages], dtype=bool)
        mask = wrong[codes] & ~self._faulty[column]
        for row, code in zip(self.rows[mask], codes[mask], strict=True):
            self._add(row, column, distinct[code], messages[code])
        self._faulty[column] |= mask

    def check_known(self, column: str, known: Iterable[str], where: str) -> None:
        """Report the filled cells of `column` that are none of the codes `known` in `where`."""
        fault, _ = _choice_fault(list(dict.fromkeys(known)), f"a {column} of {where}: ")
        self.flag_values(column, lambda text: fault(text) if text else None)

    def check_unique(self, key: Sequence[str]) -> None:
        """Report each row that repeats the `key` of an earlier one."""
        if not set(key) <= set(self.text):
            return
        sound = ~self._any_faulty(key)
        cells = self.typed.loc[sound, list(key)]
        repeated = cells.duplicated().to_numpy()
        if not repeated.any():
            return
        rows = pd.Series(self.rows[sound], index=cells.index)
        same = cells.groupby(list(key), dropna=False, sort=False, observed=True).ngroup()
        earlier = rows.groupby(same).transform("first")
        texts = self.text.loc[cells.index[repeated], list(key)].to_numpy()
        for row, first, text in zip(rows[repeated], earlier[repeated], texts, strict=True):
            message = f"the same as in row {first}; allowed: one row for each"
            self._add(row, ", ".join(key), ", ".join(filter(None, text)), message)

    def _any_faulty(self, columns: Sequence[str]) -> np.ndarray:
        return np.logical_or.reduce([self._faulty[column] for column in columns])

    def _add(self, row: int | None, column: str, value: str, message: str) -> None:
        first = column.split(", ")[0]
        position = self.names.index(first) if first in self.names else -1
        number = None if row is None else int(row)
        problem = Problem(self.file, number, column, value, message)
        self._found.append((number or 0, position, problem))

    def _typed(self, field: dict) -> pd.Series:
        cells = self.text[field["name"]].array
        distinct, codes = cells.categories, cells.codes
        codes = np.where(self._faulty[field["name"]] | (distinct == "")[codes], -1, codes)
        if field["type"] == "string":
            return pd.Series(pd.Categorical.from_codes(codes, distinct))
        # One place more than there are texts: the code -1 finds the missing number there.
        numbers = np.full(len(distinct) + 1, np.nan)
        sound = np.unique(codes[codes >= 0])
        numbers[sound] = distinct[sound].to_numpy(dtype=float)
        column = pd.Series(numbers[codes])
        return column.astype("Int64") if field["type"] == "integer" else column

    def _read(self, raw: bytes) -> tuple[pd.DataFrame, np.ndarray]:
        nothing = pd.DataFrame(), np.empty(0, dtype=int)
        try:
            header, *lines = _split(_decode(raw))
        except _UnreadableError as error:
            self._add(error.row, "", "", str(error))
            return nothing
        header = self._check_header(header)
        if header is None:
            return nothing
        if not lines:
            self._add(None, "", "", "no row below the header; allowed: at least one")
        if self._found and not any(len(cells) == len(header) for cells in lines):
            return nothing  # The header is at fault: its lack is not repeated for every row.
        kept = [row for row, cells in enumerate(lines, 2) if self._is_whole(row, cells, header)]
        cells = np.array([lines[row - 2] for row in kept], dtype=object)
        cells = cells.reshape(len(kept), len(header))
        text = {
            name: _categories(cells[:, header.index(name)])
            for name in self.names
            if header.count(name) == 1
        }
        return pd.DataFrame(text), np.array(kept, dtype=int)

    def _check_header(self, header: list[str]) -> list[str] | None:
        """Report what is wrong with the header; return it with misspelt names put right.

        None if the columns cannot be told by their names.
        """
        allowed = f"allowed: {','.join(self.names)}"
        line = ",".join(header)
        if not set(header) & set(self.names):
            message = f"another header; {allowed}"
            for separator, plural in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
                if set(line.replace('"', "").split(separator)) & set(self.names):
                    message = f"separated by {plural}; allowed: commas"
            self._add(1, "", line, message)
            return None
        if header == self.names:
            return header
        if sorted(header) == sorted(self.names):
            self._add(1, "", line, f"the columns stand in another order; {allowed}")
            return None
        if other := _table_with_columns(header):
            self._add(1, "", line, f"the columns of a table of {other}; {allowed}")
            return None
        meant = self._name_columns(header, allowed)
        for name in self.names:
            if name not in meant:
                self._add(1, name, "", f"the column is missing; {allowed}")
            elif meant.count(name) > 1:
                self._add(1, name, "", f"the column is there {meant.count(name)} times; {allowed}")
        return meant

    def _name_columns(self, header: list[str], allowed: str) -> list[str]:
        """Report the names that are not in the schema; return those that were meant."""
        missing = [name for name in self.names if name not in header]
        meant = list(header)
        for place, name in enumerate(header):
            if name in self.names:
                continue
            near = difflib.get_close_matches(name[:100], missing, n=1)
            if near:
                missing.remove(near[0])
                meant[place] = near[0]
            hint = f"did you mean {near[0]!r}? " if near else ""
            fault = "no such column" if name else "a column without a name"
            self._add(1, "", name, f"{fault}; {hint}{allowed}")
        return meant

    def _is_whole(self, row: int, cells: list[str], header: list[str]) -> bool:
        """Report a row that is blank, shorter or longer than the header."""
        if len(cells) == len(header) and any(cells):
            return True
        message = f"{len(cells)} cells; allowed: {len(header)}, a text with a comma in quotes"
        self._add(row, "", "", message if any(cells) else "the row is empty; allowed: no empty row")
        return False


def _brief(text: str) -> str:
    """A cell's text as a message quotes it: never longer than a line."""
    return text if len(text) <= 80 else f"{text[:77]}..."


class _UnreadableError(Exception):
    def __init__(self, message: str, row: int | None = None):
        super().__init__(message)
        self.row = row


def _decode(raw: bytes) -> str:
    if b"\0" in raw:
        raise _UnreadableError("the file is binary; allowed: CSV in UTF-8, no workbook, no UTF-16")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{raw[error.start]:02x} is no UTF-8; allowed: CSV saved as UTF-8"
        raise _UnreadableError(message, row) from None
    if not text.strip():
        raise _UnreadableError("the file is empty; allowed: a header and at least one row")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str) -> list[list[str]]:
    lines = []
    try:
        for cells in csv.reader(io.StringIO(text), strict=True):
            lines.append(cells)
    except csv.Error as error:
        allowed = "allowed: quotes around a whole cell, closed, and doubled inside"
        if "field limit" in str(error):
            allowed = f"allowed: at most {csv.field_size_limit()} characters in a cell"
        raise _UnreadableError(f"not CSV ({error}); {allowed}", len(lines) + 1) from None
    return lines


def _categories(cells: np.ndarray) -> pd.Series:
    codes, distinct = pd.factorize(cells)
    return pd.Series(pd.Categorical.from_codes(codes, distinct))


def _cell_fault(field: dict) -> Fault:
    """Return the function that says what `field` finds wrong with a text."""
    limits = field.get("constraints", {})
    if "enum" in limits:
        fault, allowed = _choice_fault(limits["enum"])
    elif field["type"] != "string":
        fault, allowed = _number_fault(field["type"], limits["minimum"], limits["maximum"])
    else:
        fault, allowed = _text_fault(limits.get("pattern"), field["description"])

    def cell_fault(text):
        unprintable = _UNPRINTABLE.search(text)
        if unprintable:
            return f"character U+{ord(unprintable[0]):04X} cannot be printed; allowed: text without"
        if text:
            return fault(text)
        return f"the cell is empty; {allowed}" if limits.get("required") else None

    return cell_fault


def _text_fault(pattern: str | None, meaning: str) -> tuple[Fault, str]:
    if pattern is None:
        return lambda text: None, f"allowed: a text ({meaning})"
    form = re.compile(pattern)
    allowed = f"allowed: a text of the form {pattern} ({meaning})"
    return lambda text: None if form.fullmatch(text) else allowed, allowed


def _number_fault(kind: str, minimum: float, maximum: float) -> tuple[Fault, str]:
    written = _INTEGER if kind == "integer" else _NUMBER
    noun = "a whole number in digits only" if kind == "integer" else "a number such as -4.8"
    allowed = f"allowed: {noun}, {minimum} to {maximum}"

    def fault(text):
        right = written.fullmatch(text) and minimum <= float(text) <= maximum
        return None if right else allowed

    return fault, allowed


def _choice_fault(codes: list[str], what: str = "") -> tuple[Fault, str]:
    known = set(codes)
    more = f" and {len(codes) - PRINTED_CODES} more" if len(codes) > PRINTED_CODES else ""
    allowed = f"allowed: {what}{', '.join(codes[:PRINTED_CODES])}{more}"
    suggestions = iter(range(SUGGESTIONS))

    def fault(text):
        if text in known:
            return None
        left = next(suggestions, None) is not None
        near = difflib.get_close_matches(text[:100], codes, n=1) if left else []
        return f"did you mean {near[0]!r}? {allowed}" if near else allowed

    return fault, allowed
