"""Write a table as CSV that a spreadsheet shows as it is.

Vocabulary
----------
formula
    what a spreadsheet computes instead of showing: a cell that begins with ``=``, ``+``,
    ``-`` or ``@``, in full width too, which some East Asian versions narrow. Space in
    front does not count. A cell that begins with a tab or a line end is moved so that
    the rest may be one.
guard
    an apostrophe in front, the spreadsheets' own sign for "this is text". A number is
    shown as a number, so it needs none.
"""

import re
from pathlib import Path

import pandas as pd

from lupuscart.atomic import write_whole

__all__ = ["guard", "write_table"]

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def guard(cell):
    """Return `cell` with an apostrophe in front if a spreadsheet would compute it.

    Parameters
    ----------
    cell : object
        A text; anything else is returned as it is.

    Examples
    --------
    >>> guard("=1+1"), guard("-4.8"), guard("SRI-4"), guard(-4.8)
    ("'=1+1", '-4.8', 'SRI-4', -4.8)
    """
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if _FORMULA.match(cell) else cell


def write_table(table: pd.DataFrame, path: Path, *, float_format: str | None = "%.8g") -> None:
    """Write `table` as CSV in UTF-8, whole or not at all; formulas become text.

    Parameters
    ----------
    table : DataFrame
        What to write; its index is left out.
    path : Path
        The file; its folder exists.
    float_format : str or None
        Eight digits by default: what differs beyond them is the processor, not the evidence.
        None for all digits.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.csv")
    ...     write_table(pd.DataFrame({"label": ["@SUM(A1)"], "rate": [2 / 3]}), path)
    ...     print(path.read_text())
    label,rate
    '@SUM(A1),0.66666667
    <BLANKLINE>
    """
    guarded = table.set_axis([guard(name) for name in table.columns], axis="columns")
    for place, dtype in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(dtype):
            guarded.isetitem(place, table.iloc[:, place].astype(object).map(guard))
    form = {"float_format": float_format, "lineterminator": "\n", "encoding": "utf-8"}
    write_whole(path, lambda draft: guarded.to_csv(draft, index=False, **form))
