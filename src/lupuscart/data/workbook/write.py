"""Make a workbook to fill in: one sheet a table, drop-downs in words, a sentence on each column.

Every column is set to text, so that ``10-22`` makes no date and ``31.30`` keeps its zero. Below
the names of the columns stand two rows that are not read: what each column means, and an example
from the collection, so that no number in the file was made up.
"""

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence

from lupuscart.data.dictionary import (
    REQUIRED_TABLES,
    collection_rows,
    load_datapackage,
    table_schema,
)
from lupuscart.data.faults import labels_of
from lupuscart.data.outcomes import collection_outcomes
from lupuscart.data.problems import CATALOGUE
from lupuscart.data.workbook import form
from lupuscart.words import lexicon

__all__ = ["SHEETS", "new_workbook"]

#: In the order of a reader's work: what has to be filled in, what may be, what is compared with.
SHEETS = (
    *("studies", "trials", "follow_up", "patient_times", "outcomes", "benchmarks"),
    *("benchmark_studies", "reviews", "announcements", "claims", "registrations"),
)

#: Rows for which a column offers its list.
LAST_ROW = 2000

_GREY, _QUIET, _PAPER, _DARK = "6B6B6B", "F2F2F2", "FFFFFF", "2F4B6E"
_LONG = 1000  # Characters from which a column is one of sentences.
# What the format takes of a message beside a cell.
_LONGEST_TITLE, _LONGEST_PROMPT = 32, 255


def new_workbook(rows: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    """Return a workbook in the reader's language, as the content of an ``.xlsx`` file.

    Parameters
    ----------
    rows : mapping of str to sequence of mapping
        Per table the rows that are there from the beginning: codes by column.

    Examples
    --------
    >>> from lupuscart.data.workbook.read import has_rows, read_workbook
    >>> sheets = read_workbook(new_workbook({}))
    >>> sheets["trials"].rows[0][:3], has_rows(sheets["trials"])
    (('', 'study', 'cohort'), False)
    """
    from openpyxl import Workbook

    book = Workbook()
    _add_instructions(book.active)
    lists = _Lists(book.create_sheet(form.LISTS))
    for table in SHEETS:
        _add_table(book.create_sheet(form.sheet_title(table)), table, rows.get(table, ()), lists)
    book.move_sheet(form.LISTS, len(SHEETS))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


class _Lists:
    """The hidden sheet with what drop-downs offer, one column a list."""

    def __init__(self, sheet):
        self._sheet = sheet
        self._places: dict[tuple[str, ...], str] = {}
        sheet.sheet_state = "hidden"

    def place(self, texts: Sequence[str]) -> str:
        """Return the range that holds these texts; they are put there once."""
        from openpyxl.utils import get_column_letter

        texts = tuple(texts)
        if texts not in self._places:
            column = len(self._places) + 1
            for row, text in enumerate(texts, 1):
                _put(self._sheet.cell(row, column), text)
            letter = get_column_letter(column)
            self._places[texts] = f"'{form.LISTS}'!${letter}$1:${letter}${len(texts)}"
        return self._places[texts]


def _put(cell, text: str) -> None:
    """Put a text into a cell as a text, whatever it begins with."""
    if text:
        cell.value, cell.data_type = text, "s"
    cell.number_format = "@"


def _add_instructions(sheet) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.title = lexicon.word("workbook.how_to")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 110
    wrap = Alignment(wrap_text=True, vertical="top")
    lines = [(lexicon.word("workbook.title"), "")]
    steps = [lexicon.word(f"workbook.step_{number}") for number in range(1, 5)]
    typed = form.commands_for(form.FILE).items()
    steps += [f"{lexicon.word(f'workbook.step_{name}')} {command}" for name, command in typed]
    lines += [(str(number), step) for number, step in enumerate(steps, 1)]
    lines += [("", ""), (lexicon.word("workbook.sheets"), "")]
    lines += [(form.sheet_title(table), _about(table)) for table in SHEETS]
    for row, texts in enumerate(lines, 1):
        for column, text in enumerate(texts, 1):
            cell = sheet.cell(row, column)
            _put(cell, text)
            cell.alignment = wrap
            cell.font = Font(bold=column == 1, size=14 if row == 1 else 11)
        # No program wraps a text into a row of its own accord when it opens a file.
        lines_of_text = 1 + _width(texts[1]) // 112
        sheet.row_dimensions[row].height = 22 if row == 1 else 16 * lines_of_text


def _width(text: str) -> int:
    """Return how many letters wide a text is; a Chinese character is two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _about(table: str) -> str:
    """Return what a row of a table is, and whether the sheet has to be filled in."""
    (resource,) = [each for each in load_datapackage()["resources"] if each["name"] == table]
    needed = lexicon.word(f"workbook.{'required' if table in REQUIRED_TABLES else 'optional'}")
    title = lexicon.word("in_brackets", text=_said(resource, "title"), inside=needed)
    gap = lexicon.word("sentence_separator")
    return f"{title}{lexicon.word('workbook.end')}{gap}{_said(resource, 'description')}"


def _said(described: Mapping, what: str) -> str:
    """Return the title of a column, or what is said of a table, in the reader's language."""
    language = lexicon.current_language()
    return described[what if language == "en" else f"{what}_{language}"]


def _add_table(sheet, table: str, rows: Sequence[Mapping[str, str]], lists: _Lists) -> None:
    outcomes = collection_outcomes()
    fields = table_schema(table)["fields"]
    names = [field["name"] for field in fields]
    example = collection_rows(table)[:1]
    shown = [form.in_words(row, table, outcomes) for row in (*example, *rows)]
    _add_margin(sheet)
    meanings = _Meanings(fields, outcomes)
    for column, field in enumerate(fields, 2):
        _add_header(sheet, column, field, meanings.of(field))
        _offer(sheet, column, field, meanings.of(field), _choice(table, field, outcomes, lists))
    for row, texts in enumerate(shown, form.FIRST_ROW - len(example)):
        for column, name in enumerate(names, 2):
            _put(sheet.cell(row, column), texts[name])
    _make_quiet(sheet, form.FIRST_ROW - 1, len(names) + 1)
    sheet.freeze_panes = sheet.cell(form.FIRST_ROW, 3)


def _add_margin(sheet) -> None:
    """Say in the first column which rows are not read."""
    from openpyxl.styles import Font

    for row, mark in enumerate(form.MARKS, 2):
        _put(sheet.cell(row, 1), lexicon.word(f"workbook.{mark}"))
        sheet.cell(row, 1).font = Font(italic=True, color=_GREY)
    sheet.column_dimensions["A"].width = 20
    sheet.row_dimensions[2].height = 120


class _Meanings:
    """What each column of a table means, with codes and columns called as the sheet does."""

    def __init__(self, fields: Sequence[dict], outcomes):
        self._words = {field["name"]: _said(field, "title") for field in fields}
        for field in fields:
            self._words = labels_of(field, outcomes) | self._words

    def of(self, field: dict) -> str:
        """Return the sentence on a column."""
        meaning = lexicon.translated(field["description"], CATALOGUE)
        text = re.sub(r"( ?)`([^`]+)`( ?)", self._quoted, meaning)
        return text[0].upper() + text[1:] + lexicon.word("workbook.end")

    def _quoted(self, code: re.Match) -> str:
        text = self._words.get(code[2], code[2])
        quoted = lexicon.word("workbook.quoted", text=text)
        # A blank parts Chinese from Latin letters only.
        return f"{code[1]}{quoted}{code[3]}" if text.isascii() else quoted


def _title(field: dict) -> str:
    title = _said(field, "title")
    if not field.get("constraints", {}).get("required"):
        return title
    return lexicon.word("in_brackets", text=title, inside=lexicon.word("workbook.required"))


def _add_header(sheet, column: int, field: dict, meaning: str) -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    name, said = sheet.cell(1, column), sheet.cell(2, column)
    _put(name, field["name"])
    name.font = Font(bold=True, color=_PAPER)
    name.fill = PatternFill("solid", fgColor=_DARK)
    said.value = CellRichText(
        TextBlock(InlineFont(b=True), _title(field)),
        TextBlock(InlineFont(color=_GREY), f"\n{meaning}"),
    )
    said.alignment = Alignment(wrap_text=True, vertical="top")
    said.fill = PatternFill("solid", fgColor=_QUIET)
    whole = sheet.column_dimensions[get_column_letter(column)]
    whole.number_format = "@"
    limits = field.get("constraints", {})
    short = field["type"] != "string"
    whole.width = 44 if limits.get("maxLength", 0) >= _LONG else 16 if short else 26


def _choice(table: str, field: dict, outcomes, lists: _Lists) -> str:
    """Return the range of what a column offers; empty if it is free."""
    keys = table_schema(table).get("foreignKeys", ())
    references = {key["fields"][0]: key["reference"]["resource"] for key in keys}
    other = references.get(field["name"])
    if other and other != "outcomes":
        title = form.sheet_title(other).replace("'", "''")
        return f"'{title}'!$B${form.FIRST_ROW}:$B${LAST_ROW}"
    labels = labels_of(field, outcomes)
    return lists.place(list(labels.values())) if labels else ""


def _offer(sheet, column: int, field: dict, meaning: str, choice: str) -> None:
    """Show the sentence beside the cell that is being filled in, with a list if there is one."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    offer = DataValidation(
        type="list" if choice else None,
        formula1=choice or None,
        allow_blank=True,
        promptTitle=_title(field)[:_LONGEST_TITLE],
        prompt=meaning if len(meaning) <= _LONGEST_PROMPT else f"{meaning[: _LONGEST_PROMPT - 1]}…",
        showInputMessage=True,
        errorStyle="warning",
        error=lexicon.word("workbook.not_listed"),
        showErrorMessage=bool(choice),
    )
    letter = get_column_letter(column)
    offer.add(f"{letter}{form.FIRST_ROW}:{letter}{LAST_ROW}")
    sheet.add_data_validation(offer)


def _make_quiet(sheet, row: int, width: int) -> None:
    """Grey the example."""
    from openpyxl.styles import Font, PatternFill

    for column in range(1, width + 1):
        cell = sheet.cell(row, column)
        cell.font = Font(italic=True, color=_GREY)
        cell.fill = PatternFill("solid", fgColor=_QUIET)
