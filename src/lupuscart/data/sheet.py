"""Check a table of text against its Table Schema.

Vocabulary
----------
table
    one CSV file of ``data/``, as ``datapackage.json`` names it: trials, studies, outcomes ...
field
    a column as ``datapackage.json`` describes it: type, constraints, meaning.
level
    one of the codes that a field with an ``enum`` may hold.
row
    numbered as a spreadsheet numbers it: the header is row 1.
problem, doubt
    one thing wrong with a cell, a row, the header or the file, and what is allowed; a thing
    that is odd and may be right. A row answers a doubt in its note: ``checked n: why``.
sheet
    a table under examination: its text, its typed values, its problems and doubts.

``datapackage.json`` alone decides what is allowed, and ``outcomes.csv`` which outcomes there
are. Every distinct value of a column is examined once, so a table of 100,000 rows takes a few
seconds. Numbers are read strictly: digits, at most one minus sign and one decimal point; a whole
number that a program wrote as 12.0 is 12.
"""

import copy
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from lupuscart.data.dictionary import REQUIRED_TABLES, load_datapackage, table_schema
from lupuscart.data.faults import Fault, cell_fault, choice_fault, code_of, repair_of
from lupuscart.data.problems import Problem, brief
from lupuscart.data.text.cells import Cells, UnreadableError, read_cells
from lupuscart.data.workbook.read import Grid, cells_of
from lupuscart.words.messages import Message

__all__ = ["Sheet"]

# A text is Python's own string, whether or not pyarrow is installed: pyarrow's take longer in
# tables of our size, and a table must not depend on what else is there.
pd.set_option("mode.string_storage", "python")

# Who looked again says so in the row, in either language, and names the column.
_ANSWER = r"(?:\bchecked|已核对)\s+{column}\s*[:：]\s*\S"


class Sheet:
    r"""A table under examination: its text, its typed values and its problems.

    Parameters
    ----------
    table : str
        Name of the table, which decides the schema.
    file : str
        Name of the file, as problems print it.
    raw : bytes or Grid
        Content of the file, or of the sheet of a workbook.
    outcomes : Outcomes, optional
        The outcomes that the folder may use; without them none is checked.

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
        is missing. A column that the header may lack and lacks is there, empty.
    repairs : list of str
        What was put right on reading.

    Examples
    --------
    >>> sheet = Sheet("studies", "studies.csv", b"study;first_author;yaer\na;b;2025")
    >>> print(sheet.problems[0])  # doctest: +ELLIPSIS
    studies.csv, row 1: 'yaer'; no such column; did you mean 'year'? allowed: study,...
    """

    def __init__(self, table: str, file: str, raw: bytes | Grid, *, outcomes=None):
        self.table_name = table
        self.file = file
        self.outcomes = outcomes
        self._may_be_empty = table not in REQUIRED_TABLES
        self.schema = table_schema(table)
        self.names = [field["name"] for field in self.schema["fields"]]
        self.repairs: list[str] = []
        self._found: list[tuple[int, int, Problem]] = []
        self._doubted: list[tuple[int, Sequence[str], tuple[int, int, Problem]]] = []
        self._numbers: set[tuple[int, str]] = set()
        faults: dict[tuple[int, str], str] = {}
        self.text, self.rows = self._read(raw, faults)
        self._faulty = {name: np.zeros(len(self.rows), dtype=bool) for name in self.names}
        self._flag_cells(faults)
        fields = [field for field in self.schema["fields"] if field["name"] in self.text]
        for field in fields:
            known = outcomes if field["name"] == "outcome" else None
            self.flag_values(field["name"], cell_fault(field, known))
        self.typed = pd.DataFrame(
            {
                field["name"]: self._typed(field)
                for field in self.schema["fields"]
                if field["name"] in self.text or field.get("optional")
            },
            index=self.text.index,
        )
        self._left_out = pd.Series(data=False, index=self.typed.index)
        self._tables: dict[str | None, pd.DataFrame] = {}
        if "primaryKey" in self.schema:
            self.check_unique(self.schema["primaryKey"])

    def table(self, *, printed: str | None = None) -> pd.DataFrame:
        """Return the typed cells with texts as ``str``: the caller's own copy.

        Rows that `leave_out` was told of are not in it. Of the column `printed` the text as it
        stands in the file is added, ``NAME_printed``.
        """
        if printed not in self._tables:
            texts = self.typed.columns[self.typed.dtypes == "category"]
            table = self.typed.astype(dict.fromkeys(texts, "str"))
            if printed is not None:
                text = self.text[printed].astype("str")
                table = table.assign(**{f"{printed}_printed": text.mask(text == "")})
            self._tables[printed] = table[~self._left_out].reset_index(drop=True)
        return self._tables[printed].copy()

    def copy(self) -> "Sheet":
        """Return a sheet to which more can be added; the cells are shared, and stay as they are."""
        other = copy.copy(self)
        other._found, other._doubted = list(self._found), list(self._doubted)
        other._faulty = {name: faulty.copy() for name, faulty in self._faulty.items()}
        return other

    @property
    def problems(self) -> list[Problem]:
        """What has been found, sorted by row and column."""
        return [problem for *_, problem in sorted(self._found, key=lambda found: found[:2])]

    @property
    def doubts(self) -> list[Problem]:
        """What is odd, sorted by row and column, but for what is a problem already."""
        odd = [each for place, names, each in self._doubted if not self._any_faulty(names)[place]]
        return [doubt for *_, doubt in sorted(odd, key=lambda found: found[:2])]

    def flag(
        self,
        broken: pd.Series,
        columns: Sequence[str],
        message: str,
        *,
        also: Mapping[str, pd.Series] | None = None,
        answerable: bool = False,
        **gaps,
    ) -> None:
        """Report the rows where `broken` holds, at the first of `columns`.

        Rows that `broken` does not have, or where it is missing, are sound. A row with a
        cell in `columns` that was reported before is passed over, so that one fault makes
        one problem. `message` may name columns in braces, and what `also` has for the row.
        `gaps` fill it for all rows. An `answerable` problem is none where the row's note says why
        it is right.
        """
        message = Message(message, **gaps)
        if answerable:
            message = self._with_answer(message, columns[0])
        places = self._places(broken, columns, answerable=answerable)
        for place, value, filled in self._filled(places, columns[0], message, also):
            self._add(self.rows[place], columns[0], value, filled)
        self._faulty[columns[0]][places] = True

    def doubt(
        self,
        odd: pd.Series,
        columns: Sequence[str],
        message: str,
        *,
        also: Mapping[str, pd.Series] | None = None,
        **gaps,
    ) -> None:
        """Report rows that are odd and may be right, as `flag` does; they stay as they are."""
        message = self._with_answer(Message(message, **gaps), columns[0])
        places = self._places(odd, columns, answerable=True)
        for place, value, filled in self._filled(places, columns[0], message, also):
            doubt = self._entry(self.rows[place], columns[0], value, filled)
            self._doubted.append((place, columns, doubt))

    def flag_values(self, column: str, fault: Callable[[str], Fault | None]) -> None:
        """Report the cells of `column` that `fault` objects to; it sees each text once."""
        cells = self.text[column].array
        distinct, codes = cells.categories, cells.codes
        faults = [fault(text) for text in distinct]
        wrong = np.array([each is not None for each in faults], dtype=bool)
        mask = wrong[codes] & ~self._faulty[column]
        for row, code in zip(self.rows[mask], codes[mask], strict=True):
            self._add(row, column, distinct[code], *faults[code])
        self._faulty[column] |= mask

    def holds_number(self, column: str) -> pd.Series:
        """Return where a workbook holds a number in `column`, and no text: zeros may be lost."""
        held = [(row, column) in self._numbers for row in self.rows]
        return pd.Series(held, index=self.text.index, dtype=bool)

    def leave_out(self, unknown: pd.Series, column: str, message: str) -> None:
        """Doubt the rows where `unknown` holds, and leave them out of `table`."""
        self.doubt(unknown, [column], message)
        self._left_out = self._left_out | unknown.reindex(self.typed.index, fill_value=False)
        self._tables = {}  # not emptied: a copy may share it

    def check_study(self, known: Iterable[str], where: str) -> None:
        """Report the studies that the table of studies does not have."""
        allowed = Message("allowed: a study of {where}; a new one needs a row there", where=where)
        fault = choice_fault(list(dict.fromkeys(known)), allowed=allowed, nearness=0.85)
        self.flag_values("study", lambda text: fault(text) if text else None)

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
            message = Message("the same as in row {first}; allowed: one row for each", first=first)
            self._add(row, ", ".join(key), ", ".join(filter(None, text)), message)

    def _places(self, broken: pd.Series, columns: Sequence[str], *, answerable: bool) -> np.ndarray:
        places = broken.index[broken.fillna(False).to_numpy(dtype=bool)].to_numpy(dtype=int)
        places = places[~self._any_faulty(columns)[places]]
        note = self._note()
        if answerable and note and len(places):
            answer = re.compile(_ANSWER.format(column=columns[0]), re.IGNORECASE)
            said = [bool(answer.search(text)) for text in self.text[note].iloc[places]]
            places = places[~np.array(said, dtype=bool)]
        return places

    def _filled(self, places, column, message, also):
        """Each place with its text and the message, in which the row's own texts stand."""
        if not len(places):
            return
        cells = self.text.iloc[places].to_dict("records")
        others = (
            [
                dict(zip(also, each, strict=True))
                for each in zip(*(also[name].loc[places] for name in also), strict=True)
            ]
            if also
            else [{}] * len(places)
        )
        for place, texts, other in zip(places, cells, others, strict=True):
            told = {name: brief(" ".join(text.split())) for name, text in texts.items()}
            yield place, texts.get(column, ""), message.filled(**told | other)

    def _note(self) -> str | None:
        """Return the column in which a row may answer, if the table has one."""
        names = [field["name"] for field in self.schema["fields"] if field.get("answers")]
        return names[0] if names and names[0] in self.text else None

    def _with_answer(self, message: str, column: str) -> str:
        note = self._note()
        if note is None:
            return message
        if message.endswith("?"):
            return Message(
                "{message} If it is right, say why in {note}: 'checked {column}: ...'",
                message=message,
                note=note,
                column=column,
            )
        return Message(
            "{message}; if it is right, say why in {note}: 'checked {column}: ...'",
            message=message,
            note=note,
            column=column,
        )

    def _any_faulty(self, columns: Sequence[str]) -> np.ndarray:
        return np.logical_or.reduce([self._faulty[column] for column in columns])

    def _add(self, row, column, value, message, kind="", **gaps) -> None:
        message = Message(message, **gaps) if gaps else message
        self._found.append(self._entry(row, column, value, message, kind))

    def _entry(self, row, column, value, message, kind="") -> tuple[int, int, Problem]:
        """Return a problem with its place in the order of problems."""
        first = column.split(", ")[0]
        position = self.names.index(first) if first in self.names else -1
        number = None if row is None else int(row)
        return number or 0, position, Problem(self.file, number, column, value, message, kind)

    def _typed(self, field: dict) -> pd.Series:
        if field["name"] not in self.text:
            kind = {"integer": "Int64", "number": "float64"}.get(field["type"], "category")
            return pd.Series(np.nan, index=self.text.index, dtype=object).astype(kind)
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

    def _flag_cells(self, faults: Mapping[tuple[int, str], str]) -> None:
        """Report what a workbook knows to be wrong with cells, whatever their text."""
        places = {row: place for place, row in enumerate(self.rows)}
        for (row, column), message in faults.items():
            text = ""
            if column in self.text and row in places:
                text = self.text[column].iloc[places[row]]
                self._faulty[column][places[row]] = True
            self._add(row, column, text, message, message)

    def _read(self, raw: bytes | Grid, faults: dict) -> tuple[pd.DataFrame, np.ndarray]:
        """Return the texts and their rows; put into `faults` what is wrong beside them."""
        nothing = pd.DataFrame(), np.empty(0, dtype=int)
        try:
            if isinstance(raw, Grid):
                cells = cells_of(raw, self.table_name)
            else:
                cells = read_cells(raw, self.names)
        except UnreadableError as error:
            self._add(error.row, "", "", error.message)
            return nothing
        faults |= cells.faults
        self._numbers = cells.numbers
        self.repairs = list(cells.repairs)
        header = self._check_header(cells)
        if header is None:
            return nothing
        if not cells.rows and not self._may_be_empty:
            self._add(None, "", "", "no row below the header; allowed: at least one")
        if self._found and not any(len(row) == len(header) for row in cells.rows.values()):
            return nothing  # The header is at fault: its lack is not repeated for every row.
        kept = [row for row, texts in cells.rows.items() if self._is_whole(row, texts, header)]
        texts = np.array([cells.rows[row] for row in kept], dtype=object)
        texts = texts.reshape(len(kept), len(header))
        fields = {field["name"]: field for field in self.schema["fields"]}
        columns = {
            name: self._repaired(fields[name], _categories(texts[:, header.index(name)]), cells)
            for name in self.names
            if header.count(name) == 1
        }
        return pd.DataFrame(columns), np.array(kept, dtype=int)

    def _repaired(self, field: dict, column: pd.Series, cells: Cells) -> pd.Series:
        """Return a column in which another way of writing a number is put right, and said."""
        if cells.in_words:
            code = code_of(field, self.outcomes)
            coded = np.array([code(text) for text in column.cat.categories], dtype=object)
            column = _categories(coded[column.cat.codes])
        repair = repair_of(field, decimal_comma=cells.separator != ",")
        distinct = column.cat.categories
        plain = np.array([repair(text) for text in distinct], dtype=object)
        changed = (plain != distinct.to_numpy(dtype=object))[column.cat.codes]
        if not changed.any():
            return column
        first = column[changed].iloc[0]
        cells = "1 cell" if changed.sum() == 1 else Message("{n} cells", n=int(changed.sum()))
        said = "read {first} as {repaired}, {cells} of column {column}"
        gaps = {"first": first, "repaired": repair(first), "cells": cells}
        self.repairs.append(Message(said, **gaps, column=field["name"]))
        return _categories(plain[column.cat.codes])

    def _check_header(self, cells: Cells) -> list[str] | None:
        """Report what is wrong with the header; return it with misspelt names put right.

        None if the columns cannot be told by their names.
        """
        header = cells.header
        allowed = Message("allowed: {columns}", columns=",".join(self.names))
        line = cells.separator.join(header)
        if not set(header) & set(self.names):
            self._add(1, "", line, "another header; {allowed}", allowed=allowed)
            return None
        if sorted(header) == sorted(self.names):
            return header
        if other := _table_with_columns(header):
            self._add(
                1,
                "",
                line,
                "the columns of a table of {other}; {allowed}",
                other=other,
                allowed=allowed,
            )
            return None
        meant = self._name_columns(header, allowed)
        free = {field["name"] for field in self.schema["fields"] if field.get("optional")}
        for name in self.names:
            if name not in meant and name not in free:
                self._add(1, name, "", "the column is missing; {allowed}", allowed=allowed)
            elif meant.count(name) > 1:
                self._add(
                    1,
                    name,
                    "",
                    "the column is there {times} times; {allowed}",
                    times=meant.count(name),
                    allowed=allowed,
                )
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
            hint = allowed
            if near:
                hint = Message("did you mean {near!r}? {allowed}", near=near[0], allowed=allowed)
            fault = "no such column; {hint}" if name else "a column without a name; {hint}"
            self._add(1, "", name, fault, hint=hint)
        return meant

    def _is_whole(self, row: int, cells: list[str], header: list[str]) -> bool:
        """Report a row that is blank, shorter or longer than the header."""
        if len(cells) == len(header) and any(cells):
            return True
        message = Message(
            "{n} cells; allowed: {most}, a text with a comma in quotes",
            n=len(cells),
            most=len(header),
        )
        empty = "the row is empty; allowed: no empty row between others"
        self._add(row, "", "", message if any(cells) else empty)
        return False


def _table_with_columns(header: list[str]) -> str | None:
    for table in load_datapackage()["resources"]:
        if sorted(header) == sorted(field["name"] for field in table["schema"]["fields"]):
            return table["name"].replace("_", " ")
    return None


def _categories(cells: np.ndarray) -> pd.Series:
    codes, distinct = pd.factorize(cells)
    return pd.Series(pd.Categorical.from_codes(codes, distinct))
