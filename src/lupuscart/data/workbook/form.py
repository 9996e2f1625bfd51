"""What reader and writer of a workbook agree on: sheets, rows that are not data, words for codes.

Vocabulary
----------
sheet
    one table, under its name or its title in either language. Its first row has the names of
    the columns as the CSV has them.
marked row
    a row that says in the first column, which has no name, that it is no data: the row of
    meanings and the example. Whoever makes a workbook by hand needs neither.
"""

from functools import cache

from lupuscart.data.dictionary import collection_rows, load_datapackage, table_schema
from lupuscart.data.faults import labels_of
from lupuscart.data.text.signs import skeleton, stripped
from lupuscart.words import lexicon

__all__ = [
    "FILE",
    "FIRST_ROW",
    "LISTS",
    "MARKS",
    "commands_for",
    "in_words",
    "is_example",
    "mark_of",
    "sheet_title",
    "table_of",
]

#: Kinds of marked rows, in their order below the header; what is typed begins at `FIRST_ROW`.
MARKS = ("meaning", "example")
FIRST_ROW = 2 + len(MARKS)

#: What a new workbook is called.
FILE = "my-trial.xlsx"

#: The hidden sheet of what drop-downs offer.
LISTS = "lists"


def commands_for(workbook) -> dict[str, str]:
    """Return what is typed to check a workbook, to draw it and to put it on slides.

    Examples
    --------
    >>> commands_for("my-trial.xlsx")["figures"]
    'lupuscart figures --trials-csv my-trial.xlsx'
    """
    spoken = lexicon.current_language()
    language = () if spoken == lexicon.LANGUAGES[0] else ("--language", spoken)
    given = ("--trials-csv", str(workbook), *language)
    return {
        "check-data": " ".join(["lupuscart", "check-data", str(workbook)]),
        "figures": " ".join(["lupuscart", "figures", *given]),
        "slides": " ".join(["lupuscart", "slides", *given]),
    }


def sheet_title(table: str) -> str:
    """Return what a new workbook calls the sheet of a table, in the reader's language.

    Examples
    --------
    >>> sheet_title("trials")
    'trials'
    """
    return lexicon.word(f"sheet.{table}")


@cache
def _titles() -> dict[str, str]:
    tables = [each["name"] for each in load_datapackage()["resources"]]
    titles = {skeleton(table): table for table in tables}
    for language in lexicon.LANGUAGES:
        with lexicon.using(language):
            titles |= {skeleton(sheet_title(table)): table for table in tables}
    return titles


def table_of(title: str) -> str | None:
    """Return the table that a sheet of this title holds; None if it holds none.

    Examples
    --------
    >>> table_of("Trials "), table_of("研究报告"), table_of("Sheet1")
    ('trials', 'studies', None)
    """
    return _titles().get(skeleton(title))


@cache
def _marks() -> dict[str, str]:
    marks = {}
    for language in lexicon.LANGUAGES:
        with lexicon.using(language):
            marks |= {skeleton(lexicon.word(f"workbook.{mark}")): mark for mark in MARKS}
    return marks


def mark_of(text: str) -> str | None:
    """Return what the first cell of a row marks it as; None if it is data.

    Examples
    --------
    >>> mark_of("example (not read)"), mark_of("feng_2025")
    ('example', None)
    """
    return _marks().get(skeleton(text))


def in_words(row: dict[str, str], table: str, outcomes) -> dict[str, str]:
    """Return a row of codes as the reader's language writes it.

    Parameters
    ----------
    row : dict of str to str
        Texts by column.
    table : str
        The table that it belongs to.
    outcomes : Outcomes
        What outcomes are called.

    Examples
    --------
    >>> from lupuscart.data.outcomes import collection_outcomes
    >>> in_words({"outcome": "sri4", "read_in": "primary"}, "trials", collection_outcomes())
    {'outcome': 'SRI-4', 'read_in': "the authors' own words"}
    """
    fields = {field["name"]: field for field in table_schema(table)["fields"]}
    return {name: labels_of(fields[name], outcomes).get(text, text) for name, text in row.items()}


def is_example(first: str, table: str) -> bool:
    """Return whether a row that begins so is an example: of a report of the collection.

    Examples
    --------
    >>> is_example("feng_2025", "trials"), is_example("zhang_2026", "trials")
    (True, False)
    """
    (name, *_) = (field["name"] for field in table_schema(table)["fields"])
    return stripped(first) in {row[name] for row in collection_rows(table)}
