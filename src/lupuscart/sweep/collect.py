"""One table of everything that a sweep made.

Vocabulary
----------
combination
    Its number, from 0, in the order of the targets and the grid: not the order in which it was
    finished, so that the table is the same to the byte wherever and however it was made.
parameter columns
    Under the parameter's name, or ``parameter_NAME`` where a table that was made has a column
    of that name, as a plan has its ``power`` beside the power that was asked for.
table, row
    Which table of the notebook (its figure's name) or function the row is from, and its place
    there. Tables of several kinds stand below one another; a column that one of them lacks is
    empty there. ``results[results["table"] == NAME].dropna(axis="columns", how="all")`` takes
    one out.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from lupuscart.sweep.grid import as_key
from lupuscart.sweep.tasks import Table

__all__ = ["parameter_columns", "tidy_table"]

_PLACE = ("combination", "table", "row")

_PATTERNS = {
    r"-?(?:0|[1-9]\d{0,17})": "Int64",
    r"-?(?:inf|(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?)": "Float64",
    "True|False": "boolean",
}
_PARAMETER_TYPES = {"boolean": {bool}, "Int64": {int}, "Float64": {int, float}, "string": {str}}

# Python's own float: the number that was written, to the last bit.
_READ = {"Int64": int, "Float64": float, "boolean": {"True": True, "False": False}.get}


def tidy_table(
    made: Iterable[tuple[int, Mapping[str, object], Sequence[Table]]],
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Put all tables into one, with the parameters as columns.

    Parameters
    ----------
    made : iterable of (int, mapping, sequence of Table)
        Number of the combination, its parameters, and the tables it made.

    Returns
    -------
    DataFrame
        ``combination``, the parameters, ``table``, ``row``, then the columns of the tables, in
        the order of combination, table and row. A column has one type throughout: whole
        number, number, true or false, or text, with gaps.
    dict
        Parameter name to its column.

    Examples
    --------
    >>> newline = chr(10)
    >>> plans = [f"n,power{newline}{plan}{newline}" for plan in ("12,0.81", "23,0.9")]
    >>> made = [[Table("plan", 1, plan)] for plan in plans]
    >>> table, columns = tidy_table(zip(range(2), [{"power": 0.8}, {"power": 0.9}], made))
    >>> table
       combination  parameter_power table  row   n  power
    0            0              0.8  plan    0  12   0.81
    1            1              0.9  plan    0  23    0.9
    >>> columns
    {'power': 'parameter_power'}
    """
    given: dict[int, Mapping[str, object]] = {}
    kinds = defaultdict(_Kind)
    for combination, settings, tables in made:
        given[combination] = settings
        for table in tables:
            heading, _, body = table.text.partition("\n")
            kinds[table.name, heading].add(combination, table.rows, body)
    frames = [kind.frame(name, heading) for (name, heading), kind in kinds.items()]
    if not frames:
        frames = [pd.DataFrame({name: [] for name in _PLACE})]
    rows = _together(frames)
    own = [name for name in rows if name not in _PLACE]
    parameters = _parameter_table(given)
    columns = parameter_columns(parameters.columns, own)
    beside = parameters.rename(columns=columns).loc[rows["combination"]].reset_index(drop=True)
    whole = pd.concat([rows[["combination"]], beside, rows[["table", "row", *own]]], axis="columns")
    return whole, columns


def parameter_columns(parameters: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """Return the column of each parameter beside the columns of the tables.

    Examples
    --------
    >>> parameter_columns(["method", "study"], ["study", "rate"])
    {'method': 'method', 'study': 'parameter_study'}
    """
    taken = {*others, *_PLACE}
    return {name: f"parameter_{name}" if name in taken else name for name in parameters}


class _Kind:
    """Tables of one name and one heading: read together, so that each column has one type."""

    def __init__(self):
        self._combinations: list[int] = []
        self._rows: list[int] = []
        self._bodies: list[str] = []

    def add(self, combination: int, rows: int, body: str) -> None:
        self._combinations.append(combination)
        self._rows.append(rows)
        self._bodies.append(body)

    def frame(self, name: str, heading: str) -> pd.DataFrame:
        text = heading + "\n" + "".join(self._bodies)
        # Only an empty cell is a gap: "None" and "NA" may be words of a table.
        cells = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_values=[""])
        frame = cells.apply(_typed)
        places = {
            "combination": np.repeat(self._combinations, self._rows),
            "table": name,
            "row": np.concatenate([np.arange(rows) for rows in self._rows]),
        }
        clashes = {column: f"table_{column}" for column in frame if column in places}
        return pd.concat(
            [pd.DataFrame(places, index=frame.index), frame.rename(columns=clashes)], axis="columns"
        )


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of several kinds below one another, in the order of their combinations."""
    columns = list(dict.fromkeys(column for frame in frames for column in frame))
    # A column without a value has no type to speak of.
    frames = [frame.dropna(axis="columns", how="all") for frame in frames]
    types = defaultdict(set)
    for frame in frames:
        for column in frame:
            types[column].add(_type_of(frame[column]))
    mixed = [column for column, kinds in types.items() if len(kinds) > 1]
    frames = [
        frame.astype({column: "string" for column in mixed if column in frame}) for frame in frames
    ]
    whole = pd.concat(frames, ignore_index=True).reindex(columns=columns)
    empty = {column: "string" for column in columns if whole[column].isna().all()}
    empty.update(combination="int64", table="string", row="int64")
    return whole.astype(empty).sort_values(list(_PLACE), kind="stable", ignore_index=True)


def _typed(cells: pd.Series) -> pd.Series:
    """Return cells of text in the narrowest type that loses nothing: 007 stays text."""
    filled = cells.dropna()
    for pattern, dtype in _PATTERNS.items():
        if not filled.empty and filled.str.fullmatch(pattern).all():
            return cells.map(_READ[dtype], na_action="ignore").astype(dtype)
    return cells.astype("string")


def _type_of(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "true or false"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"


def _parameter_table(given: Mapping[int, Mapping[str, object]]) -> pd.DataFrame:
    """A row a combination; a list is written as the grid's file has it."""
    plain = [
        {name: as_key(*value) if isinstance(value, list) else value for name, value in each.items()}
        for each in given.values()
    ]
    names = dict.fromkeys(name for each in plain for name in each)
    columns = {name: [each.get(name) for each in plain] for name in names}
    return pd.DataFrame(
        {name: _column(values) for name, values in columns.items()}, index=list(given)
    )


def _column(values: list):
    kinds = {type(value) for value in values if value is not None}
    for dtype, allowed in _PARAMETER_TYPES.items():
        if kinds <= allowed:
            return pd.array(values, dtype=dtype)
    return pd.array([None if value is None else str(value) for value in values], dtype="string")
