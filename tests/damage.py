"""Damaged copies of the tables, by kind: what a text editor, a spreadsheet or malice does.

Vocabulary
----------
harmless
    damage that keeps the meaning: line ends, byte order mark, quotes, order of rows.
broken cell
    a text that its column can never hold.
broken file
    damage to rows, columns, encoding or the whole file.
noise
    bytes put anywhere: either harmless, or refused, or another valid value.
"""

import csv
import io
import os
import random
from pathlib import Path

from hypothesis import strategies as st

from lupuscart.data.dictionary import REQUIRED_TABLES, table_schema

DATA = Path(__file__).resolve().parents[1] / "data"
TABLES = (
    *("trials", "studies", "benchmarks", "benchmark_studies", "claims", "reviews"),
    *("outcomes", "follow_up", "patient_times", "announcements", "registrations"),
)
RAW = {table: (DATA / f"{table}.csv").read_bytes() for table in TABLES}
CELLS = {table: list(csv.reader(io.StringIO(raw.decode("utf-8")))) for table, raw in RAW.items()}

SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[link](javascript:alert(1))",
    '=HYPERLINK("http://127.0.0.1","5 of 5")',
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "$\\frac{1}{0$",
    "$x_{",
    "\\textbf{x}",
    "%s %d {} {0} {label} {label.__class__}",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "__import__('os').system('true')",
    "../../etc/passwd",
    "a_b^c~d#e&f",
    "--> ]]> <!--",
    "'\"`",
    "NA of 5",
    "#REF!",
    "狼疮 µ ü e\u0301",
]
# What no number field takes: other ways to write a number, and what is none.
NO_NUMBERS = [
    *("1e308", "1e400", "1E5", "nan", "NaN", "inf", "-inf", "Infinity", "1_2", "0x10", "1,500"),
    *("１２", "−5", "٣", "²", "½", "5 5", "5\t", "5\n", "+5", "--5", "1.2.3", ".", "12abc"),
    *("NA", "n.r.", "-", "未报告", "22-Oct", "2026/6/1", "6月1日", "\u200b5", "5\u00ad"),
    *("9" * 400, "-" + "9" * 400, "0." + "1" * 400, "1/0", "=1+1", "#DIV/0!", "May 5", "12 of 15"),
]
# Never in a table: they move the cursor, reorder what is read, print nothing or a blank, or are
# no characters at all.
UNPRINTABLE = [
    *("\a", "\b", "\x1b[31m", "\x7f", "\x85", "\u202e", "\u2066", "\ufffe", "\uffff"),
    *("\u200b", "\u200d", "\u200f", "\u2028", "\u2029", "\u2060", "\ufeff", "\u00ad", "\u061c"),
    *("\u3164", "\u115f", "\uffa0", "\u2800", "\u034f", "\ufe0f", "\U000e0041", "\U000e0101"),
]
# What people and programs write where nothing was reported.
MISSING = ["NA", "N/A", "n.r.", "NULL", "NaN", "-", "–", ".", "?", "未报告", "无", "not reported"]


def copy_data(folder: Path) -> Path:
    """Copy the tables into `folder`; return the path of the trials table."""
    for table, raw in RAW.items():
        (folder / f"{table}.csv").write_bytes(raw)
    return folder / "trials.csv"


def as_csv(rows, **form) -> bytes:
    """Return rows of texts as CSV."""
    text = io.StringIO()
    csv.writer(text, **{"lineterminator": "\n", **form}).writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def with_cell(table: str, row: int, column: str, text: str) -> list[list[str]]:
    """Return the rows of `table` with one cell changed; the header is row 1."""
    rows = [list(cells) for cells in CELLS[table]]
    rows[row - 1][rows[0].index(column)] = text
    return rows


def fields(table: str) -> dict[str, dict]:
    """Return the fields of a table by name."""
    return {field["name"]: field for field in table_schema(table)["fields"]}


@st.composite
def places(draw, table=None):
    """A table, a row of it below the header, and a column."""
    table = table or draw(st.sampled_from(TABLES))
    return table, draw(st.integers(2, len(CELLS[table]))), draw(st.sampled_from(CELLS[table][0]))


@st.composite
def broken_cells(draw):
    """A place, a text that its column can never hold, and the kind of damage."""
    place = draw(places())
    field = fields(place[0])[place[2]]
    limits = field.get("constraints", {})
    forms = st.sampled_from(["{}", "a{}", "{}a", "a{}b"])
    unprintable = st.tuples(forms, st.sampled_from(UNPRINTABLE))
    kinds = {"unprintable": unprintable.map(lambda each: each[0].format(each[1]))}
    meant = {*limits.get("enum", ()), *field.get("meaningful", ())}
    kinds["missing"] = st.sampled_from([code for code in MISSING if code not in meant])
    if limits.get("required"):
        kinds["empty"] = st.just("")
    if field["type"] != "string":
        outside = [str(limits["maximum"] + 1), str(limits["minimum"] - 1), "-1000000", "9" * 15]
        kinds["no number"] = st.sampled_from(NO_NUMBERS)
        kinds["out of bounds"] = st.sampled_from(outside)
    elif "enum" in limits:
        known = st.sampled_from(limits["enum"])
        kinds["no code"] = st.sampled_from(SCRIPTS) | known.map(lambda code: f"{code}.")
    elif "pattern" in limits and limits["pattern"] != r"\S(.*\S)?":
        kinds["no form"] = st.sampled_from(["<b>", "--", "=1+1", "É", "x y\u00e9", "狼疮", "a\nb"])
    kind = draw(st.sampled_from(sorted(kinds)))
    return place, draw(kinds[kind]), kind


@st.composite
def other_cells(draw):
    """A place and another text for it, which may be valid."""
    # Another definition of an outcome feeds every row that has it.
    tables = [table for table in TABLES if table != "outcomes"]
    table, row, column = draw(places(draw(st.sampled_from(["trials", *tables]))))
    field = fields(table)[column]
    limits, here = field.get("constraints", {}), CELLS[table][0].index(column)
    existing = st.sampled_from(sorted({cells[here] for cells in CELLS[table][1:]}))
    if field["type"] == "integer":
        small = st.integers(limits["minimum"], min(limits["maximum"], limits["minimum"] + 60)).map(
            str
        )
        texts = small | existing | st.sampled_from([str(limits["maximum"]), ""])
    elif field["type"] == "number":
        texts = st.decimals(-60, 60, places=2).map(str) | existing
    elif "enum" in limits:
        texts = st.sampled_from([*limits["enum"], ""])
    else:
        texts = existing | st.sampled_from([*SCRIPTS, "x" * 5000, "two\nlines", ""])
    return (table, row, column), draw(texts)


def _shuffled(draw, raw, rows):
    return as_csv(
        [rows[0], *random.Random(draw(st.integers(0, 2**32))).sample(rows[1:], len(rows) - 1)]
    )


HARMLESS = {
    "byte order mark": lambda draw, raw, rows: b"\xef\xbb\xbf" + raw,
    "CRLF": lambda draw, raw, rows: raw.replace(b"\n", b"\r\n"),
    "CR": lambda draw, raw, rows: raw.replace(b"\n", b"\r"),
    "mixed line ends": lambda draw, raw, rows: raw.replace(b"\n", b"\r\n", raw.count(b"\n") // 2),
    "all quoted": lambda draw, raw, rows: as_csv(rows, quoting=csv.QUOTE_ALL),
    "quoted, CRLF": lambda draw, raw, rows: as_csv(
        rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n"
    ),
    "no last line end": lambda draw, raw, rows: raw.rstrip(b"\n"),
    "semicolons": lambda draw, raw, rows: as_csv(rows, delimiter=";"),
    "sep line": lambda draw, raw, rows: b"sep=;\r\n" + as_csv(rows, delimiter=";"),
    "tabs": lambda draw, raw, rows: as_csv(rows, delimiter="\t"),
    "UTF-16": lambda draw, raw, rows: raw.decode("utf-8").encode("utf-16"),
    "blank rows": lambda draw, raw, rows: raw + b"\n" * draw(st.integers(1, 5)) + b",,,\n \n",
    "blank columns": lambda draw, raw, rows: as_csv([[*cells, "", ""] for cells in rows]),
    "spaces around": lambda draw, raw, rows: as_csv(
        [[f" {cell} " for cell in row] for row in rows]
    ),
    "row numbers": lambda draw, raw, rows: as_csv(
        [["", *rows[0]], *([str(row), *cells] for row, cells in enumerate(rows[1:], 1))]
    ),
    "order of columns": lambda draw, raw, rows: as_csv([cells[::-1] for cells in rows]),
    "order of rows": _shuffled,
}


@st.composite
def harmless_files(draw):
    """A table, its content in another dress, and the kind of damage."""
    kind = draw(st.sampled_from(sorted(HARMLESS)))
    # In the sister tables the order of rows is the reading order of reports and benchmarks.
    table = "trials" if kind == "order of rows" else draw(st.sampled_from(TABLES))
    return table, HARMLESS[kind](draw, RAW[table], CELLS[table]), kind


def _some_row(draw, rows):
    return draw(st.integers(1, len(rows) - 1))


def _some_column(draw, rows):
    return draw(st.integers(0, len(rows[0]) - 1))


def _drop_column(draw, raw, rows):
    """A column that a table must have."""
    return as_csv(_without_column(draw, rows))


def _without_column(draw, rows):
    free = {
        field["name"]
        for table, cells in CELLS.items()
        if cells[0] == rows[0]
        for field in table_schema(table)["fields"]
        if field.get("optional")
    }
    place = draw(st.sampled_from([n for n, name in enumerate(rows[0]) if name not in free]))
    return [cells[:place] + cells[place + 1 :] for cells in rows]


def _add_column(draw, raw, rows):
    name = draw(st.sampled_from(["centre", "", " ", "evnts", rows[0][0], "=1+1", "<b>"]))
    return as_csv([[*rows[0], name], *([*cells, "x"] for cells in rows[1:])])


def _swap_names(draw, raw, rows):
    """Two columns change places, their names do not: no program can tell where both are text."""
    names = [name for name in ("study", "review", "code", "registration") if name in rows[0]]
    one = rows[0].index(names[0])
    other = draw(st.sampled_from([place for place in range(len(rows[0])) if place != one]))
    swapped = [list(cells) for cells in rows]
    for cells in swapped[1:]:
        cells[one], cells[other] = cells[other], cells[one]
    return as_csv(swapped)


def _rename_column(draw, raw, rows):
    place = _some_column(draw, rows)
    name = rows[0][place]
    other = draw(
        st.sampled_from([name.upper(), f".{name}", name[1:], f"a\ufeff{name}", "", "x" * 500])
    )
    return as_csv([[*rows[0][:place], other, *rows[0][place + 1 :]], *rows[1:]])


def _change_row(change, *, above=0):
    def damage(draw, raw, rows):
        # Blank rows at the end are no damage.
        place = draw(st.integers(1, len(rows) - 1 - above))
        return as_csv([*rows[:place], change(rows[place]), *rows[place + 1 :]])

    return damage


def _repeat_row(draw, raw, rows):
    return as_csv([*rows, rows[_some_row(draw, rows)]])


def _open_quote(draw, raw, rows):
    lines = raw.split(b"\n")
    place = draw(st.integers(1, len(rows) - 1))
    return b"\n".join([*lines[:place], b'"' + lines[place], *lines[place + 1 :]])


def _other_encoding(draw, raw, rows):
    encoding = draw(st.sampled_from(["utf-16-le", "utf-32-be", "latin-1", "gb18030", "cp037"]))
    marked = as_csv(with_note(rows, "ü" if encoding in ("latin-1", "cp037") else "狼疮 ü"))
    return marked.decode("utf-8").encode(encoding, "replace")


def with_note(rows, text):
    """Return `rows` with `text` at the end of the last cell of the first row below the header."""
    first = [*rows[1][:-1], rows[1][-1] + text]
    return [rows[0], first, *rows[2:]]


BROKEN = {
    "column dropped": _drop_column,
    "column added": _add_column,
    "columns swapped below their names": _swap_names,
    "column renamed": _rename_column,
    "cell dropped": _change_row(lambda cells: cells[:-1]),
    "cell added": _change_row(lambda cells: [*cells, "x"]),
    "row emptied": _change_row(lambda cells: [""] * len(cells), above=1),
    "row of one comma": _change_row(lambda cells: ["", ""], above=1),
    "row repeated": _repeat_row,
    "quote opened": _open_quote,
    "other encoding": _other_encoding,
    "NUL": lambda draw, raw, rows: raw[:200] + b"\0" + raw[200:],
    "no UTF-8": lambda draw, raw, rows: raw[:-1] + b"\xff\n",
    "surrogate": lambda draw, raw, rows: as_csv(with_note(rows, "\ud800")),
    "huge cell": lambda draw, raw, rows: as_csv(with_note(rows, "x" * 200_000)),
    "no header": lambda draw, raw, rows: as_csv(rows[1:]),
    "header twice": lambda draw, raw, rows: as_csv([rows[0], *rows]),
    "header only": lambda draw, raw, rows: as_csv(rows[:1]),
    "empty": lambda draw, raw, rows: draw(st.sampled_from([b"", b"\n", b"\xef\xbb\xbf", b" \r\n"])),
    "another format": lambda draw, raw, rows: draw(
        st.sampled_from([b'{"study": 1}', b"<html></html>", b"PK\x03\x04", b"%PDF-1.7", b"\x89PNG"])
    ),
}


@st.composite
def broken_files(draw):
    """A table, a content that is to be refused, and the kind of damage."""
    kind = draw(st.sampled_from(sorted(BROKEN)))
    # A header alone is what a table that a folder need not have may be.
    table = draw(st.sampled_from(REQUIRED_TABLES if kind == "header only" else TABLES))
    return table, BROKEN[kind](draw, RAW[table], CELLS[table]), kind


@st.composite
def noisy_files(draw):
    """A table with bytes cut out of it and others put in."""
    table = draw(st.sampled_from(TABLES))
    raw = RAW[table]
    start, length = draw(st.integers(0, len(raw))), draw(st.sampled_from([0, 0, 1, 2, 50, 3000]))
    put = draw(st.binary(max_size=30) | st.text(max_size=10).map(lambda text: text.encode()))
    return table, raw[:start] + put + raw[start + length :]


def damage_path(path: Path, kind: str) -> None:
    """Put something that cannot be read in the place of a file."""
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "link to itself":
        path.symlink_to(path.name)
    elif kind == "pipe":
        os.mkfifo(path)


PATHS = ("missing", "folder", "link to itself", "pipe")
