"""Take a file of text apart into rows of cells, as people's programs write CSV.

Read without a word: a byte order mark, any line ends, blank rows at the end, columns without a
name and without a cell, more commas than columns where nothing stands between them. Read, and
said once (`Cells.repairs`): UTF-16 with its mark, semicolons, tabs or bars between cells, a
line ``sep=;``, spaces around a cell, a column of row numbers as R and pandas add one. All else
is refused with the way out.
"""

import csv
import io
import re
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from lupuscart.data.text.signs import evenly_spaced, stripped
from lupuscart.words.messages import Message

__all__ = ["Cells", "UnreadableError", "read_cells", "tidy_cells"]

#: Characters of the longest cell.
LONGEST_CELL = 131_072

_SEPARATORS = {
    ",": "read with commas between cells",
    ";": "read with semicolons between cells",
    "\t": "read with tabs between cells",
    "|": "read with bars between cells",
}
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;|\t]*', re.IGNORECASE)
_AS_UTF8 = (
    "save it as “CSV UTF-8 (comma delimited)”, in Chinese Excel 另存为 “CSV UTF-8（逗号分隔）”"
)
_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_BINARY = {
    b"PK\x03\x04": "the file is a workbook (.xlsx, .ods) or another archive",
    b"\xd0\xcf\x11\xe0": "the file is a workbook of an old format (.xls)",
    b"%PDF": "the file is a PDF",
    b"\x89PNG": "the file is a picture",
    b"\x1f\x8b": "the file is compressed",
}
# The limit of the csv module belongs to the whole process, and other libraries move it.
_LIMIT = threading.Lock()


class UnreadableError(ValueError):
    """A file that cannot be taken apart: what is wrong, and in which row if it is one."""

    def __init__(self, sentence: str, /, row: int | None = None, **gaps):
        self.message, self.row = Message(sentence, **gaps), row
        super().__init__(self.message)


@dataclass
class Cells:
    """The cells of a file, and how it had to be read.

    Attributes
    ----------
    header : list of str
        Names of the columns.
    rows : dict of int to list of str
        The cells of each row, by the row a spreadsheet shows (the header is row 1).
    separator : str
        What stands between cells.
    repairs : list of str
        What was put right on reading; nothing of it changes a value.
    faults : dict of (int, str) to str
        What is wrong with a cell beside its text, by row and column: a workbook knows.
    numbers : set of (int, str)
        Cells that hold a number and no text, by row and column: in a workbook.
    in_words : bool
        Whether a label may stand for its code, as in a workbook with drop-downs.
    """

    header: list[str]
    rows: dict[int, list[str]]
    separator: str
    repairs: list[str] = field(default_factory=list)
    faults: dict[tuple[int, str], str] = field(default_factory=dict)
    numbers: set[tuple[int, str]] = field(default_factory=set)
    in_words: bool = False


def read_cells(raw: bytes, names: Collection[str]) -> Cells:
    r"""Return the cells of a file.

    Parameters
    ----------
    raw : bytes
        Content of the file.
    names : collection of str
        Columns that its table may have: they tell what separates the cells.

    Raises
    ------
    UnreadableError
        If the content is no text, or not CSV.

    Examples
    --------
    >>> cells = read_cells(b"study;week\nfeng_2025; 12 \n;\n", {"study", "week"})
    >>> cells.rows
    {2: ['feng_2025', '12']}
    >>> cells.repairs
    ['read with semicolons between cells', 'read without the spaces around 1 cell, first in row 2']
    """
    repairs: list[str] = []
    text = _decode(raw, repairs)
    text, separator = _find_separator(text, names)
    if separator != ",":
        other = Message("read with {separator!r} between cells", separator=separator)
        repairs.append(_SEPARATORS.get(separator, other))
    header, *lines = _split(text, separator)
    cells = tidy_cells(header, lines, separator)
    cells.repairs[:0] = repairs
    return cells


def tidy_cells(header: list[str], lines: list[list[str]], separator: str) -> Cells:
    """Return rows without the spaces around cells, blank rows below and idle columns.

    Parameters
    ----------
    header : list of str
        Names of the columns.
    lines : list of list of str
        The rows below it.
    separator : str
        What stands between cells.

    Examples
    --------
    >>> tidy_cells(["study", ""], [["feng_2025 ", ""], ["", ""]], ",").rows
    {2: ['feng_2025']}
    """
    repairs: list[str] = []
    header = [stripped(name) for name in header]
    rows = _without_spaces(lines, repairs)
    while rows and not any(rows[max(rows)]):
        del rows[max(rows)]
    return _without_idle_columns(Cells(header, rows, separator, repairs))


def _decode(raw: bytes, repairs: list[str]) -> str:
    for start, what in _BINARY.items():
        if raw.startswith(start):
            raise UnreadableError(
                "{what}; allowed: CSV in UTF-8, or a workbook under a name that ends in .xlsx; "
                "{way_out}",
                what=what,
                way_out=_AS_UTF8,
            )
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            repairs.append(Message("read as {encoding}", encoding=encoding.upper()))
            break
    else:
        encoding = "utf-8-sig"
        # Every second byte of Latin text is NUL in UTF-16, and three of four in UTF-32.
        if raw.count(0) > len(raw) / 4:
            message = "the file is UTF-16 or UTF-32 without its mark"
            raise UnreadableError(
                "{message}; allowed: CSV in UTF-8; {way_out}", message=message, way_out=_AS_UTF8
            )
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            message = Message(
                "the file begins as {encoding} and is none", encoding=encoding.upper()
            )
            raise UnreadableError(
                "{message}; allowed: CSV in UTF-8; {way_out}", message=message, way_out=_AS_UTF8
            ) from None
        row = _row_of(raw[: error.start].decode("utf-8", "replace"))
        message = Message("byte 0x{byte} is no UTF-8", byte=f"{raw[error.start]:02x}")
        raise UnreadableError(
            "{message}; allowed: CSV in UTF-8; {way_out}",
            message=message,
            way_out=_AS_UTF8,
            row=row,
        ) from None
    if "\0" in text:
        row = _row_of(text[: text.index("\0")])
        message = "character U+0000, NULL, cannot be seen: the file may be binary"
        raise UnreadableError(
            "{message}; allowed: CSV in UTF-8, text without it", message=message, row=row
        )
    if not text.strip():
        raise UnreadableError("the file is empty; allowed: a header and at least one row")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _row_of(before: str) -> int:
    """Return the row in which `before` ends; a line end in a quoted cell begins no row."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n")
    quoted, row = False, 1
    for character in lines:
        if character == '"':
            quoted = not quoted
        elif character == "\n" and not quoted:
            row += 1
    return row - 1 if _SEPARATOR_LINE.fullmatch(lines.partition("\n")[0]) and row > 1 else row


def _find_separator(text: str, names: Collection[str]) -> tuple[str, str]:
    """Return the text below a line ``sep=``, and what separates its cells."""
    first, _, rest = text.partition("\n")
    told = _SEPARATOR_LINE.fullmatch(first)
    if told and rest.strip():
        return rest, told[1]
    known = {
        separator: sum(stripped(cell.strip('"')) in names for cell in first.split(separator))
        for separator in _SEPARATORS
    }
    return text, max(known, key=lambda separator: (known[separator], separator == ","))


def _split(text: str, separator: str) -> list[list[str]]:
    lines = []
    with _LIMIT:
        before = csv.field_size_limit(LONGEST_CELL)
        try:
            for cells in csv.reader(io.StringIO(text), strict=True, delimiter=separator):
                lines.append(cells)
        except csv.Error as error:
            allowed = "allowed: quotes around a whole cell, closed, and doubled inside"
            if "field limit" in str(error):
                allowed = Message("allowed: at most {most} characters in a cell", most=LONGEST_CELL)
            raise UnreadableError(
                "not CSV ({error}); {allowed}", error=error, allowed=allowed, row=len(lines) + 1
            ) from None
        finally:
            csv.field_size_limit(before)
    return lines


def _without_spaces(lines: list[list[str]], repairs: list[str]) -> dict[int, list[str]]:
    rows, around, within = {}, _Repaired(), _Repaired()
    for number, cells in enumerate(lines, 2):
        plain = [stripped(cell) for cell in cells]
        rows[number] = [evenly_spaced(cell) for cell in plain]
        # A cell of spaces is an empty cell, which needs no word.
        around.count(number, [(was, to) for was, to in zip(cells, plain, strict=True) if to])
        within.count(number, zip(plain, rows[number], strict=True))
    if around.number:
        cells, first = around.cells, around.first
        repairs.append(
            Message(
                "read without the spaces around {cells}, first in row {first}",
                cells=cells,
                first=first,
            )
        )
    if within.number:
        cells, first = within.cells, within.first
        repairs.append(
            Message(
                "read with plain single spaces in {cells}, first in row {first}",
                cells=cells,
                first=first,
            )
        )
    return rows


@dataclass
class _Repaired:
    """In how many cells one thing was put right, and in which row first."""

    number: int = 0
    first: int = 0

    def count(self, row: int, pairs: Iterable[tuple[str, str]]) -> None:
        changed = sum(was != to for was, to in pairs)
        self.first = self.first or (row if changed else 0)
        self.number += changed

    @property
    def cells(self) -> str:
        repaired = self.number
        return "1 cell" if repaired == 1 else Message("{repaired} cells", repaired=repaired)


def _without_idle_columns(cells: Cells) -> Cells:
    """Leave out columns that hold nothing, and the row numbers of R or pandas."""
    width = len(cells.header)
    # Cells beyond the header are idle where no row has any; else a name is missing.
    if not any(any(row[width:]) for row in cells.rows.values()):
        cells.rows.update({number: row[:width] for number, row in cells.rows.items()})
    whole = [row for row in cells.rows.values() if len(row) == width]
    idle = {
        place
        for place, name in enumerate(cells.header)
        if not name and not any(row[place] for row in whole)
    }
    if width > 1 and cells.header[0] in ("", "Unnamed: 0") and 0 not in idle:
        numbers = [row[0] for row in whole]
        counted = (list(map(str, range(start, len(numbers) + start))) for start in (0, 1))
        if numbers and numbers in counted:
            idle.add(0)
            cells.repairs.append("read without the row numbers in its first column")
    if idle:
        kept = [place for place in range(width) if place not in idle]
        cells.header = [cells.header[place] for place in kept]
        for number, row in cells.rows.items():
            if len(row) == width:
                cells.rows[number] = [row[place] for place in kept]
    return cells
