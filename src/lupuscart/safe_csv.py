"""Write a table as CSV that a spreadsheet shows as it is.

Vocabulary
----------
formula
    what a spreadsheet computes instead of showing: a cell that begins with ``=``, ``+``,
    ``-`` or ``@``, in full width too, which some East Asian versions narrow. Space in
    front does not count, nor does what cannot be seen. A cell that begins with a tab or a
    line end is moved so that the rest may be one.
date
    what a spreadsheet makes of a range, a count or a time: ``10-22`` becomes the 22nd of
    October, ``5/5`` the fifth of May.
guard
    an apostrophe in front, the spreadsheets' own sign for "this is text". A number is
    shown as a number, so it needs none; a text that a spreadsheet would show as another number
    (``007``, ``1E5``, more than 15 digits) is no number here.
mark
    the byte order mark. Without it Excel reads a file that is opened by a double click in the
    encoding of the country; a file of ASCII alone reads the same in all of them and has none.
"""

import re
import unicodedata
from pathlib import Path

import pandas as pd

from lupuscart.atomic import write_whole

__all__ = ["guard", "read_text", "write_table"]

_FORMULA = re.compile(r"[\s\0-\x1f]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]{0,14})(\.[0-9]+)?([eE][+-][0-9]+)?")
_OTHER_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?")
# Of the months' names the first three letters are enough for a spreadsheet, in any language
# that it knows: a word of letters beside one number is guarded whatever it means.
_DATE = re.compile(
    r"[0-9]{1,4} ?[-/.] ?[0-9]{1,4}( ?[-/.] ?[0-9]{0,4})?\.?"
    r"|[0-9]{1,4}:[0-9]{1,2}(:[0-9]{1,2}([.,][0-9]+)?)?( ?[AaPp][Mm]?)?"
    r"|[0-9]{1,4} ?[-/. ]? ?[^\W\d_]{3,9}\.?([-/. ] ?[0-9]{2,4})?"
    r"|[^\W\d_]{3,9}\.? ?[-/. ]? ?[0-9]{1,4}(,? ?[0-9]{4})?"
    r"|([0-9]{2,4}年)?[0-9]{1,2}月([0-9]{1,2}日)?|[0-9]{2,4}年"
)
_MONTH = re.compile(
    r"(?<![^\W\d_])(jan|feb|f[eé]v|mar|m[aä]r|mrz|apr|avr|abr|ma[iy]|jun|juin|jul|juil|aug|ao[uû]|ago|"
    r"sep|set|o[ck]t|out|nov|de[cz]|d[eé]c|dic|ene)",
    re.IGNORECASE,
)


def guard(cell):
    """Return `cell` with an apostrophe in front if a spreadsheet would change it.

    Parameters
    ----------
    cell : object
        A text; anything else is returned as it is.

    Examples
    --------
    >>> guard("=1+1"), guard("-4.8"), guard("SRI-4"), guard(-4.8)
    ("'=1+1", '-4.8', 'SRI-4', -4.8)
    >>> guard("10-22"), guard("5/5"), guard("5 of 5")
    ("'10-22", "'5/5", '5 of 5')
    >>> guard("1E5"), guard("007"), guard("31.30")
    ("'1E5", "'007", '31.30')
    """
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    seen = cell if cell.isascii() else "".join(filter(_is_seen, cell))
    changed = _FORMULA.match(cell) or _FORMULA.match(seen) or _is_changed(seen.strip())
    return f"'{cell}" if changed else cell


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) != "Cf"


def _is_changed(text: str) -> bool:
    """Whether a spreadsheet makes a date, or another number, of a text."""
    if _OTHER_NUMBER.fullmatch(text):
        return True
    if not _DATE.fullmatch(text):
        return False
    return not re.search(r"[^\W\d_]{3}", text) or bool(_MONTH.search(text))


def read_text(path: Path) -> str:
    r"""Return the text of a table that `write_table` wrote, without its mark.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.csv")
    ...     write_table(pd.DataFrame({"author": ["Müller F"]}), path)
    ...     path.read_bytes()[:3], read_text(path).splitlines()
    (b'\xef\xbb\xbf', ['author', 'Müller F'])
    """
    return path.read_text(encoding="utf-8-sig")


def write_table(table: pd.DataFrame, path: Path, *, float_format: str | None = "%.8g") -> None:
    """Write `table` as CSV in UTF-8, whole or not at all; formulas and dates become text.

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
    text = guarded.to_csv(index=False, float_format=float_format, lineterminator="\n")
    content = text.encode("utf-8" if text.isascii() else "utf-8-sig")
    write_whole(path, lambda draft: draft.write_bytes(content))
