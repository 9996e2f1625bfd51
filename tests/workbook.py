"""A workbook filled in as a person would, for tests: by label, row by row, in either language."""

from openpyxl import load_workbook

from lupuscart.data.dictionary import table_schema
from lupuscart.data.outcomes import collection_outcomes
from lupuscart.data.workbook import form
from lupuscart.data.workbook.folder import new_folder
from lupuscart.words import lexicon

STUDY = {
    "study": "zhang_2026",
    "first_author": "Zhang L",
    "year": "2026",
    "publication": "conference",
    "product": "CD19 CAR-T",
    "modality": "CAR-T",
    "target": "CD19",
    "cell_source": "autologous",
    "conditioning": "fludarabine+cyclophosphamide",
    "n_treated": "8",
    "programme": "zhang",
    "role": "core",
}
ROW = {
    "study": "zhang_2026",
    "cohort": "all",
    "basket": "no",
    "basis": "stated",
    "read_in": "primary",
    "locator": "Table 2",
}
COUNT = ROW | {"statistic": "count", "timing": "at", "n": "8"}
MEAN = ROW | {
    "outcome": "sledai_2k",
    "domain": "activity_score",
    "statistic": "mean",
    "timing": "at",
    "n": "8",
}
TRIALS = [
    COUNT | {"outcome": "sri4", "domain": "efficacy", "week": "12", "events": "6"},
    COUNT | {"outcome": "crs_any", "domain": "safety", "week": "4", "timing": "by", "events": "5"},
    MEAN | {"week": "0", "value": "12.50", "spread_kind": "range", "spread": "10-22"},
    MEAN | {"week": "12", "value": "3.25"},
]
ROWS = {"studies": [STUDY], "trials": TRIALS}


def new_workbook_in(folder, language):
    """Make a new folder in a language; return its workbook."""
    with lexicon.using(language):
        workbook, *_ = new_folder(folder)
    return workbook


def fill(workbook, language, rows=ROWS, *, labels=True):
    """Type `rows` below the grey rows, in the words of the drop-downs or in codes."""
    book = load_workbook(workbook, rich_text=True)
    with lexicon.using(language):
        for table, typed in rows.items():
            sheet = book[form.sheet_title(table)]
            names = [cell.value for cell in sheet[1]]
            for number, row in enumerate(typed, form.FIRST_ROW):
                shown = form.in_words(row, table, collection_outcomes()) if labels else row
                for name, text in shown.items():
                    sheet.cell(number, names.index(name) + 1, text)
    book.save(workbook)
    return workbook


def typed(table, row):
    """Return a row as the table has it: every column, empty where nothing was typed."""
    return {field["name"]: row.get(field["name"], "") for field in table_schema(table)["fields"]}
