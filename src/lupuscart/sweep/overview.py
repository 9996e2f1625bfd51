"""What the overview of a sweep shows: one column over the parameters that vary.

Vocabulary
----------
x, series, panel
    The three parameters that are told apart in the figure: along the axis, by line, by panel.
    A number with many values goes along the axis. A figure has room for so many lines and
    panels; of more values some are shown, the first and the last among them.
range
    A combination may make several rows, and parameters beyond the third are not told apart:
    the median of all such rows is shown with the smallest and the largest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lupuscart.arguments import check_choice

__all__ = ["Overview", "overview"]

MOST_LINES = 6
MOST_PANELS = 4

# What a reader of a sweep most often asks for, if the grid moves it.
_ASKED_FOR = ("power", "assurance", "probability", "coverage", "estimate", "rate", "n", "n1")


@dataclass(frozen=True)
class Overview:
    """One column of a sweep over its parameters.

    Attributes
    ----------
    table : DataFrame
        ``x``, ``series``, ``panel`` (missing where there is none), ``low``, ``median``,
        ``high`` and ``rows``, how many rows these are of.
    source, column : str
        Which column of which table.
    x, series, panel : str or None
        The parameters' names.
    shown : dict
        Parameter name to (values shown, values there are), where not all are.
    pooled : list of str
        Parameters that vary and are not told apart.
    """

    table: pd.DataFrame
    source: str
    column: str
    x: str
    series: str | None
    panel: str | None
    shown: Mapping[str, tuple[int, int]]
    pooled: Sequence[str]


def overview(results: pd.DataFrame, columns: Mapping[str, str], *, show: str = "") -> Overview:
    """Return what the overview of a sweep shows.

    Parameters
    ----------
    results, columns
        As `lupuscart.sweep.collect.tidy_table` returns them; at least one row.
    show : str
        A column with numbers, or ``TABLE:COLUMN``; by default one that the grid moves.

    Returns
    -------
    Overview

    Raises
    ------
    ValueError
        If there is no such column, or none with numbers.

    Examples
    --------
    >>> results = pd.DataFrame({"combination": [0, 1], "n1": [5, 9], "table": "a", "row": 0,
    ...                         "power": [0.2, 0.6]})
    >>> seen = overview(results, {"n1": "n1"})
    >>> seen.column, seen.x
    ('power', 'n1')
    """
    source, column = _choose_column(results, columns, show)
    rows = results[results["table"].eq(source) & results[column].notna()]
    places = _places(rows, columns)
    shown = {}
    for parameter, most in zip(places[1:3], (MOST_LINES, MOST_PANELS), strict=False):
        every = rows[columns[parameter]].drop_duplicates().tolist()
        if len(every) > most:
            kept = [every[i] for i in np.linspace(0, len(every) - 1, most).round().astype(int)]
            rows = rows[rows[columns[parameter]].isin(kept)]
            shown[parameter] = (most, len(every))
    x, series, panel = [*places[:3], None, None][:3]
    named = {"x": x, "series": series, "panel": panel}
    table = pd.DataFrame(
        {
            name: rows[columns[parameter]] if parameter else pd.NA
            for name, parameter in named.items()
        }
    ).assign(value=rows[column].astype(float))
    groups = table.groupby(["x", "series", "panel"], dropna=False, sort=False)["value"]
    summary = groups.agg(low="min", median="median", high="max", rows="size").reset_index()
    return Overview(summary, source, column, x, series, panel, shown, pooled=[*places[3:]])


def _choose_column(results, columns, show) -> tuple[str, str]:
    own = _own_columns(results, columns)
    numbers = {f"{table}:{column}": (table, column) for table, column in own}
    if not numbers:
        raise ValueError("the sweep made no column with numbers, so there is no overview")
    if show:
        fits = [key for key, (_, column) in numbers.items() if show in (key, column)]
        return numbers[fits[0] if fits else check_choice("show", show, numbers)]
    moved = [key for key in own if _moves(results, *key)] or own
    # A power that was asked for is no finding.
    names = [name for name in _ASKED_FOR if name not in columns]
    asked_for = [key for name in names for key in moved if key[1] == name]
    return (asked_for or moved)[0]


def _own_columns(results, columns) -> list[tuple[str, str]]:
    """Return (table, column) of every column with numbers that is no parameter."""
    others = {"combination", "table", "row", *columns.values()}
    numeric = [
        column
        for column in results
        if column not in others
        and pd.api.types.is_numeric_dtype(results[column])
        and not pd.api.types.is_bool_dtype(results[column])
    ]
    filled = results[numeric].notna().groupby(results["table"], sort=False).any()
    return [
        (table, column) for table in filled.index for column in numeric if filled[column][table]
    ]


def _moves(results, table, column) -> bool:
    rows = results[results["table"] == table]
    return bool(rows.groupby("row")[column].nunique().gt(1).any())


def _places(rows, columns) -> list[str]:
    """Return the parameters that vary, the one for the axis first, then those of most values."""
    counts = {name: rows[column].nunique() for name, column in columns.items()}
    varying = [name for name, count in counts.items() if count > 1] or list(columns)[:1]

    def rank(name):
        is_number = pd.api.types.is_numeric_dtype(rows[columns[name]])
        return not (is_number and not pd.api.types.is_bool_dtype(rows[columns[name]])), -counts[
            name
        ]

    first = min(varying, key=rank)
    others = sorted((name for name in varying if name != first), key=lambda name: -counts[name])
    return [first, *others]
