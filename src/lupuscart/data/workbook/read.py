"""From the bytes of a workbook to the texts of its cells, as a CSV would have them.

A cell is read as the text that was typed: a number by its digits, without zeros that a
spreadsheet has dropped. What a spreadsheet made of a text (a date, a percentage), a formula, an
error and a cell across several rows are faults of that cell: nobody can tell what was typed.
"""

import datetime
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from lupuscart.data.dictionary import DAY, table_schema
from lupuscart.data.faults import MADE_A_DATE
from lupuscart.data.text.cells import Cells, UnreadableError, tidy_cells
from lupuscart.data.text.signs import stripped
from lupuscart.data.workbook import form
from lupuscart.words.messages import Message

__all__ = ["Grid", "cells_of", "has_rows", "read_workbook"]

#: Cells of the largest sheet, formats counted: more is a format that runs to the last row.
MOST_CELLS = 2_000_000
#: Bytes of the largest workbook once it is unpacked.
MOST_BYTES = 500_000_000

_MERGED_RANGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_SAVE = "save it as “Excel Workbook (.xlsx)”, in Chinese Excel 另存为 “Excel 工作簿 (*.xlsx)”"

_FORMULA = "a formula; allowed: what it gives, typed or pasted as a value"
_ERROR = "an error of the spreadsheet; allowed: what the source prints, or an empty cell"
_MERGED = "part of a cell that was merged with others; allowed: a text in each cell, unmerged"
_CHANGED = (
    "marked as the example in the first column, and changed; allowed: an empty first cell, so "
    "that the row is read, or no such row"
)
_PERCENT = "stored as {stored}; allowed: {shown} without the sign, in a cell that is set to text"


@dataclass(frozen=True)
class Grid:
    """The texts of a sheet.

    Attributes
    ----------
    rows : tuple of tuple of str
        Row 1 first, all of one length.
    faults : tuple of (int, int, str)
        Row, place in the row and what is wrong with a cell.
    dates : frozenset of (int, int)
        Cells that hold a date, by row and place.
    numbers : frozenset of (int, int)
        Cells that hold a number, which has no zeros at its end.
    """

    rows: tuple[tuple[str, ...], ...]
    faults: tuple[tuple[int, int, str], ...] = ()
    dates: frozenset[tuple[int, int]] = frozenset()
    numbers: frozenset[tuple[int, int]] = frozenset()


@lru_cache(maxsize=4)
def read_workbook(raw: bytes) -> Mapping[str, Grid]:
    """Return the sheets of a workbook by their titles; one that holds no table is left empty.

    Parameters
    ----------
    raw : bytes
        Content of an ``.xlsx`` file.

    Raises
    ------
    UnreadableError
        If it is none, or larger than any table.
    """
    from openpyxl import load_workbook

    _check_size(raw)
    try:
        _check_merged(raw)
        book = load_workbook(io.BytesIO(raw))
    except UnreadableError:
        raise
    # A damaged archive or a part of it that lies: the library lets all kinds of errors pass.
    except Exception as error:
        message = Message(
            "the workbook cannot be read ({kind}); {way_out}",
            kind=type(error).__name__,
            way_out=_SAVE,
        )
        raise UnreadableError(message) from None
    return {
        sheet.title: _grid(sheet) if form.table_of(sheet.title) else Grid(())
        for sheet in book.worksheets
    }


def _check_size(raw: bytes) -> None:
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError(
            "a workbook of an old format, or with a password; {way_out}", way_out=_SAVE
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise UnreadableError("not a workbook; {way_out}", way_out=_SAVE) from None
    if "xl/workbook.xml" not in names:
        raise UnreadableError("not a workbook of Excel; {way_out}", way_out=_SAVE)
    if size > MOST_BYTES:
        raise UnreadableError(
            "more than {most} bytes unpacked; allowed: tables of text", most=f"{MOST_BYTES:,}"
        )


def _check_merged(raw: bytes) -> None:
    """Refuse merged cells that would be made one by one until no memory is left."""
    from openpyxl.utils import range_boundaries

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        sheets = [archive.read(name) for name in names]
    ranges = [each.decode() for sheet in sheets for each in _MERGED_RANGE.findall(sheet)]
    merged = sum(
        (1 + right - left) * (1 + low - top)
        for left, top, right, low in map(range_boundaries, ranges)
    )
    if merged > MOST_CELLS:
        raise UnreadableError(
            "more than {most} cells are merged; allowed: none", most=f"{MOST_CELLS:,}"
        )


def _grid(sheet) -> Grid:
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        message = Message(
            "sheet {sheet}: formats run to row {row}; allowed: fewer; delete the rows and columns "
            "beyond your own",
            sheet=sheet.title,
            row=f"{sheet.max_row:,}",
        )
        raise UnreadableError(message)
    rows, faults, dates, numbers = [], [], set(), set()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = []
        for place, cell in enumerate(cells):
            text, fault, kind = _read_cell(cell)
            texts.append(text)
            if fault:
                faults.append((number, place, fault))
            if kind:
                (dates if kind == "date" else numbers).add((number, place))
        rows.append(tuple(texts))
    return Grid(tuple(rows), tuple(faults), frozenset(dates), frozenset(numbers))


def _read_cell(cell) -> tuple[str, str, str]:
    """Return the text of a cell, what is wrong with it, and whether it is a date or a number."""
    value = cell.value
    if type(cell).__name__ == "MergedCell":
        return "", _MERGED, ""
    if value is None:
        return "", "", ""
    if cell.data_type == "f":
        return str(getattr(value, "text", value)), _FORMULA, ""
    if cell.data_type == "e":
        return str(value), _ERROR, ""
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return str(value).removesuffix(" 00:00:00"), "", "date"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).replace("\r\n", "\n"), "", ""
    text = _digits(value)
    if "%" in _LITERAL.sub("", cell.number_format or ""):
        shown = f"{_digits(value * 100)}%"
        return shown, Message(_PERCENT, stored=text, shown=shown), ""
    return text, "", "number"


def _digits(number: float) -> str:
    """Return a number as a spreadsheet shows it where there is room: fifteen digits at most."""
    text = format(number, ".15g")
    return format(Decimal(text), "f") if "e" in text else text


def cells_of(grid: Grid, table: str) -> Cells:
    """Return the cells of a sheet, as `lupuscart.data.text.cells.read_cells` does those of a CSV.

    Parameters
    ----------
    grid : Grid
        The sheet.
    table : str
        The table that it holds.

    Raises
    ------
    UnreadableError
        If the sheet is empty.
    """
    if not any(map(any, grid.rows)):
        raise UnreadableError("the sheet is empty; allowed: a header and at least one row")
    header = [stripped(name) for name in grid.rows[0]]
    faults = {(row, header[place]): message for row, place, message in grid.faults}
    days = {
        field["name"]
        for field in table_schema(table)["fields"]
        if field.get("constraints", {}).get("pattern") == DAY
    }
    for row, place in grid.dates:
        if header[place] not in days:
            faults[row, header[place]] = MADE_A_DATE
    lines = [list(cells) for cells in grid.rows[1:]]
    changed = {} if header[0] else _take_marked_rows(header, lines, table)
    cells = tidy_cells(header, lines, separator=" | ")
    cells.rows = {row: texts for row, texts in cells.rows.items() if any(texts)}
    named = {(row, name): each for (row, name), each in faults.items() if name}
    cells.faults = {cell: each for cell, each in named.items() if cell[0] in cells.rows} | changed
    cells.numbers = {(row, header[place]) for row, place in grid.numbers if row in cells.rows}
    cells.in_words = True
    return cells


def has_rows(grid: Grid) -> bool:
    """Return whether a sheet has a row that is neither its header nor marked as no data.

    Examples
    --------
    >>> has_rows(Grid((("", "study"), ("example (not read)", "feng_2025"), ("", ""))))
    False
    """
    marked = bool(grid.rows) and not stripped(grid.rows[0][0])
    return any(
        any(map(stripped, cells)) and not (marked and form.mark_of(cells[0]))
        for cells in grid.rows[1:]
    )


def _take_marked_rows(header, lines, table) -> dict[tuple[int, str], str]:
    """Empty the rows that are marked as no data; return those that somebody has typed over."""
    changed = {}
    for row, cells in enumerate(lines, 2):
        mark = form.mark_of(cells[0])
        if mark is None:
            continue
        (key, *_) = (field["name"] for field in table_schema(table)["fields"])
        first = cells[header.index(key)] if key in header else ""
        if mark == "example" and not form.is_example(first, table):
            changed[row, ""] = _CHANGED
        lines[row - 2] = [""] * len(header)
    return changed
