"""A workbook in place of CSV: made, filled in, read, and refused by what is wrong with it."""

import datetime
import io
import re
import shutil
import zipfile

import pandas as pd
import pytest
import workbook
from damage import CELLS, DATA, TABLES, as_csv, copy_data
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lupuscart.data import tables
from lupuscart.data.dictionary import load_datapackage, table_schema
from lupuscart.data.faults import code_of, labels_of
from lupuscart.data.outcomes import collection_outcomes
from lupuscart.data.problems import CATALOGUE, as_lines
from lupuscart.data.text.signs import skeleton
from lupuscart.data.workbook import form
from lupuscart.data.workbook.folder import new_folder
from lupuscart.data.workbook.read import Grid, read_workbook
from lupuscart.words import lexicon

# Each writes or reads a workbook of its own.
pytestmark = pytest.mark.slow

LANGUAGES = lexicon.LANGUAGES
HEADER = CELLS["trials"][0]


def book_of(contents):
    """Return a workbook with rows of texts, numbers or dates by sheet."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in contents.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def save(book, folder, name="mine.xlsx"):
    book.save(folder / name)
    return folder / name


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The new workbook in each language."""
    folder = tmp_path_factory.mktemp("made")
    return {
        language: workbook.new_workbook_in(folder / language, language) for language in LANGUAGES
    }


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def fresh(made, language, tmp_path):
    """A copy of the new workbook, alone in a folder."""
    return shutil.copy(made[language], tmp_path / "my-trial.xlsx")


class TestMade:
    def test_the_folder_passes_the_check(self, made):
        for path in made.values():
            found = tables.examine(path.with_name("trials.csv"))
            assert (found.problems, found.warnings, found.repairs) == ([], [], [])

    @pytest.mark.parametrize("name", ["my-trial.xlsx", "studies.csv", "outcomes.csv"])
    def test_nothing_is_overwritten_and_nothing_is_half_made(self, tmp_path, name):
        (tmp_path / name).write_text("mine")
        with pytest.raises(ValueError, match=f"has {name}; allowed: a new folder"):
            new_folder(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [name]
        assert (tmp_path / name).read_text() == "mine"

    def test_every_table_has_its_sheet_and_every_column_its_sentence(self, made, language):
        book = load_workbook(made[language])
        with lexicon.using(language):
            for resource in load_datapackage()["resources"]:
                sheet = book[form.sheet_title(resource["name"])]
                fields = resource["schema"]["fields"]
                assert [cell.value for cell in sheet[1]][1:] == [each["name"] for each in fields]
                for cell, field in zip(sheet[2][1:], fields, strict=True):
                    suffix = "" if language == "en" else "_zh"
                    title, _, sentence = cell.value.partition("\n")
                    assert title.startswith(field[f"title{suffix}"])
                    meaning = lexicon.translated(field["description"], CATALOGUE)
                    assert (meaning != field["description"]) == (language == "zh")
                    plain = re.split("`[^`]*`", meaning)[-1].strip()
                    assert sentence.rstrip(".。").casefold().endswith(plain.casefold())
                    assert "`" not in cell.value

    def test_every_code_is_offered_in_words(self, made, language):
        book = load_workbook(made[language])
        with lexicon.using(language):
            for table in TABLES:
                sheet = book[form.sheet_title(table)]
                offered = {
                    next(iter(each.sqref.ranges)).min_col: each.formula1
                    for each in sheet.data_validations.dataValidation
                    if each.type == "list"
                }
                for column, field in enumerate(table_schema(table)["fields"], 2):
                    labels = labels_of(field, collection_outcomes())
                    if not labels:
                        continue
                    title, _, place = offered[column].replace("'", "").partition("!")
                    cells = book[title][place.replace("$", "")]
                    cells = cells if isinstance(cells, tuple) else ((cells,),)
                    texts = [cell.value for (cell,) in cells]
                    assert texts == list(labels.values())
                    code = code_of(field, collection_outcomes())
                    assert [code(text) for text in texts] == list(labels)

    def test_a_label_means_one_code_in_whatever_language(self):
        for table in TABLES:
            for field in table_schema(table)["fields"]:
                meant = {}
                for language in LANGUAGES:
                    with lexicon.using(language):
                        for code, label in labels_of(field, collection_outcomes()).items():
                            assert meant.setdefault(skeleton(label), code) == code
                for code in set(meant.values()):
                    assert meant.get(skeleton(code), code) == code

    def test_every_column_is_set_to_text(self, made, language):
        book = load_workbook(made[language])
        for sheet in book.worksheets:
            if table := form.table_of(sheet.title):
                formats = [each.number_format for each in sheet.column_dimensions.values()]
                assert formats.count("@") == len(table_schema(table)["fields"])

    def test_a_prompt_is_as_long_as_the_format_takes(self, made, language):
        for sheet in load_workbook(made[language]).worksheets:
            for each in sheet.data_validations.dataValidation:
                assert len(each.prompt) <= 255
                assert len(each.promptTitle) <= 32

    def test_no_grey_row_is_read_and_an_empty_workbook_says_so(self, fresh):
        problems = tables.examine(fresh).problems
        assert len(problems) == 2
        assert {each.message for each in problems} == {
            "no row below the header; allowed: at least one"
        }

    def test_the_example_is_a_row_of_the_collection(self, made):
        for path in made.values():
            sheets = read_workbook(path.read_bytes())
            for title, grid in sheets.items():
                if table := form.table_of(title):
                    (example,) = [row for row in grid.rows if form.mark_of(row[0]) == "example"]
                    codes = [
                        code_of(field, collection_outcomes())(text)
                        for field, text in zip(
                            table_schema(table)["fields"], example[1:], strict=True
                        )
                    ]
                    assert codes == CELLS[table][1]

    def test_with_the_collection_a_trial_stands_beside_it(self, tmp_path, language):
        with lexicon.using(language):
            path, *_ = new_folder(tmp_path / "new", with_collection=True)
        for name in ("my-trial.xlsx", "trials.csv"):
            mine, theirs = (
                tables.load_trials(path.with_name(name)),
                tables.load_trials(DATA / "trials.csv"),
            )
            pd.testing.assert_frame_equal(mine, theirs)


class TestRead:
    """A workbook says the same as a folder of CSV."""

    @pytest.mark.parametrize("labels", [True, False])
    def test_words_and_codes_are_understood(self, fresh, language, labels):
        workbook.fill(fresh, language, labels=labels)
        found = tables.examine(fresh)
        assert (found.problems, found.warnings) == ([], [])
        for table, rows in workbook.ROWS.items():
            sheet = tables._Folder(fresh).sheets[table]
            assert sheet.text.astype(str).to_dict("records") == [
                workbook.typed(table, row) for row in rows
            ]

    @pytest.mark.parametrize("table", TABLES)
    def test_every_row_of_the_collection_comes_back_from_its_words(self, table, language):
        rows = [dict(zip(CELLS[table][0], cells, strict=True)) for cells in CELLS[table][1:]]
        with lexicon.using(language):
            shown = [form.in_words(row, table, collection_outcomes()) for row in rows]
        grid = Grid((tuple(CELLS[table][0]), *(tuple(row.values()) for row in shown)))
        raw = (DATA / f"{table}.csv").read_bytes()
        from_words = tables.Sheet(table, table, grid, outcomes=collection_outcomes())
        from_csv = tables.Sheet(table, table, raw, outcomes=collection_outcomes())
        assert from_words.problems == from_csv.problems == []
        pd.testing.assert_frame_equal(from_words.table(), from_csv.table())
        assert from_words.repairs == []

    def test_a_table_without_a_sheet_is_the_csv_beside_the_workbook(self, tmp_path):
        copy_data(tmp_path)
        path = save(book_of({"trials": CELLS["trials"], "Studies": CELLS["studies"]}), tmp_path)
        pd.testing.assert_frame_equal(
            tables.load_benchmarks(path), tables.load_benchmarks(DATA / "trials.csv")
        )
        (tmp_path / "studies.csv").write_text("never read")
        assert tables.check_data(path)[0] == []

    def test_rows_are_those_of_the_spreadsheet(self, tmp_path):
        copy_data(tmp_path)
        rows = [list(cells) for cells in CELLS["trials"]]
        rows[4][HEADER.index("n")] = "0"
        book = book_of({"trials": [*rows[:3], [], [" "], *rows[3:], [None] * 30]})
        (problem,) = tables.examine(save(book, tmp_path)).problems
        assert (problem.file, problem.row, problem.column) == ("mine.xlsx, sheet trials", 7, "n")

    @examples(40)
    @given(st.decimals(-999, 999, places=3), st.booleans())
    def test_a_number_is_read_by_its_digits(self, number, whole):
        value = int(number) if whole else float(number)
        sheet = io.BytesIO()
        book_of({"trials": [["value"], [value]]}).save(sheet)
        grid = read_workbook(sheet.getvalue())["trials"]
        text = grid.rows[1][0]
        assert float(text) == value
        assert text == f"{value:.15g}"
        assert grid.numbers == {(2, 0)}

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (6.0, "6"),
            (0.1 + 0.2, "0.3"),
            (1e-7, "0.0000001"),
            (12345678, "12345678"),
            (1e15, "1000000000000000"),
        ],
    )
    def test_a_number_is_never_in_powers_of_ten(self, value, text):
        sheet = io.BytesIO()
        book_of({"trials": [["value"], [value]]}).save(sheet)
        assert read_workbook(sheet.getvalue())["trials"].rows[1] == (text,)

    def test_what_a_sweep_sends_to_its_workers_is_the_same(self, fresh, language, tmp_path):
        workbook.fill(fresh, language)
        texts, trials = tables.tables_as_text(fresh)
        folder = tmp_path / "sent"
        folder.mkdir()
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        for load in (tables.load_trials, tables.load_studies, tables.load_benchmarks):
            pd.testing.assert_frame_equal(load(folder / trials), load(fresh))


def trials_with(column, value, *, number_format=None, tail=()):
    """The collection's trials as a workbook in which one cell of row 5 is another."""
    book = book_of({"trials": CELLS["trials"], "studies": CELLS["studies"]})
    cell = book["trials"].cell(5, HEADER.index(column) + 1)
    cell.value = value
    if number_format:
        cell.number_format = number_format
    for change in tail:
        change(book["trials"])
    return book


DAY = datetime.datetime(2026, 10, 22)
MADE = {
    "a date": (DAY, None, "a date, made by a spreadsheet"),
    "a day": (datetime.date(2026, 6, 1), None, "a date, made by a spreadsheet"),
    "a time": (datetime.time(5, 15), None, "a date, made by a spreadsheet"),
    "a duration": (datetime.timedelta(hours=29), "[h]:mm", "a date, made by a spreadsheet"),
    "a percentage": (0.92, "0%", "stored as 0.92; allowed: 92% without the sign"),
    "a percentage with decimals": (0.867, '0.0"x"%', "stored as 0.867; allowed: 86.7%"),
    "a formula": ("=A2", None, "a formula; allowed"),
    "a sum": ("=SUM(I2:I9)", None, "a formula; allowed"),
    "an error": ("#REF!", None, "an error of the spreadsheet"),
    "no such name": ("#NAME?", None, "an error of the spreadsheet"),
}


class TestRefused:
    """What a spreadsheet made of a cell is named by sheet, row and column."""

    @examples(50)
    @given(st.sampled_from(sorted(MADE)), st.sampled_from(HEADER), st.integers(2, 60))
    def test_whatever_stands_in_whatever_cell(self, kind, column, row):
        value, number_format, message = MADE[kind]
        book = book_of({"trials": CELLS["trials"][:80]})
        cell = book["trials"].cell(row, HEADER.index(column) + 1, value)
        if number_format:
            cell.number_format = number_format
        content = io.BytesIO()
        book.save(content)
        sheet = tables.Sheet("trials", "x", read_workbook(content.getvalue())["trials"])
        (problem,) = [each for each in sheet.problems if each.column == column]
        assert problem.row == row
        assert problem.message.startswith(message)
        assert sheet.typed[column].isna()[row - 2]

    def test_a_cell_across_rows(self, tmp_path):
        copy_data(tmp_path)
        merge = [lambda sheet: sheet.merge_cells("A3:A6")]
        path = save(trials_with("note", "x", tail=merge), tmp_path)
        (line,) = as_lines(tables.examine(path).problems)
        assert line.startswith("mine.xlsx, sheet trials, rows 4 to 6, column study: part of a cell")

    def test_a_day_is_a_day_where_days_are_meant(self):
        rows = [list(cells) for cells in CELLS["announcements"]]
        place = rows[0].index("date")
        rows[1][place] = datetime.datetime.fromisoformat(rows[1][place])
        content = io.BytesIO()
        book_of({"announcements": rows}).save(content)
        grid = read_workbook(content.getvalue())["announcements"]
        sheet = tables.Sheet("announcements", "x", grid)
        assert sheet.problems == []
        assert sheet.text.date[0] == CELLS["announcements"][1][place]

    def test_a_study_without_its_row(self, fresh, language):
        rows = {
            "studies": workbook.ROWS["studies"],
            "trials": [row | {"study": "zhang_2027"} for row in workbook.TRIALS],
        }
        (line,) = as_lines(tables.examine(workbook.fill(fresh, language, rows)).problems)
        with lexicon.using(language):
            where = form.sheet_title("studies")
        assert "rows 4 to 7, column study: 'zhang_2027'" in line
        assert where in line
        assert "needs a row there" in line

    def test_a_changed_example_is_not_lost(self, fresh, language):
        workbook.fill(fresh, language)
        book = load_workbook(fresh)
        with lexicon.using(language):
            sheet = book[form.sheet_title("studies")]
        sheet["B3"] = "zhang_2027"
        book.save(fresh)
        (problem,) = tables.examine(fresh).problems
        assert problem.row == 3
        assert "marked as the example" in problem.message

    def test_a_row_that_is_no_longer_marked_is_read(self, fresh, language):
        workbook.fill(fresh, language)
        book = load_workbook(fresh)
        for table in ("studies", "trials"):
            with lexicon.using(language):
                book[form.sheet_title(table)]["A3"] = None
        book.save(fresh)
        assert tables.load_studies(fresh).study.tolist() == ["feng_2025", "zhang_2026"]

    @pytest.mark.parametrize(
        ("raw", "message"),
        [
            (b"study,n\n", "not a workbook"),
            (b"", "not a workbook"),
            (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old format, or with a password"),
            (b"PK\x03\x04" + b"\0" * 40, "not a workbook"),
        ],
    )
    def test_what_is_no_workbook(self, tmp_path, raw, message):
        path = tmp_path / "mine.xlsx"
        path.write_bytes(raw)
        (problem,) = tables.examine(path).problems
        assert problem.file == "mine.xlsx"
        assert message in problem.message
        assert "另存为" in problem.message

    def test_another_archive_and_a_damaged_workbook(self, tmp_path, made):
        path = tmp_path / "mine.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("word/document.xml", "<a/>")
        assert "not a workbook of Excel" in tables.examine(path).problems[0].message
        with zipfile.ZipFile(made["en"]) as whole, zipfile.ZipFile(path, "w") as archive:
            for part in whole.namelist():
                content = whole.read(part)
                archive.writestr(part, content[:99] if "sheet3" in part else content)
        assert "cannot be read" in tables.examine(path).problems[0].message

    @pytest.mark.parametrize("size", [0, 1, 40, 4000, -1, -30])
    def test_a_workbook_cut_short(self, tmp_path, made, size):
        path = tmp_path / "mine.xlsx"
        path.write_bytes(made["en"].read_bytes()[:size])
        assert len(tables.examine(path).problems) == 1

    def test_sheets_that_are_lacking_or_there_twice(self, tmp_path):
        trials, studies = CELLS["trials"], CELLS["studies"]
        for contents, message in (
            ({"Sheet1": trials}, "no sheet trials, studies"),
            ({"studies": studies}, "no sheet trials"),
            ({"trials": trials}, "no sheet studies, and no studies.csv beside it"),
            ({"trials": trials, "结局": trials, "studies": studies}, "a second sheet of trials"),
        ):
            (problem,) = tables.examine(save(book_of(contents), tmp_path)).problems
            assert problem.message.startswith(message)

    def test_a_format_down_to_the_last_row(self, tmp_path):
        far = [lambda sheet: sheet.cell(1_048_576, 20).__setattr__("number_format", "@")]
        path = save(trials_with("note", "x", tail=far), tmp_path)
        (problem,) = tables.examine(path).problems
        assert "formats run to row 1,048,576" in problem.message

    def test_a_whole_sheet_that_is_one_cell(self, tmp_path, made):
        path = tmp_path / "mine.xlsx"
        with zipfile.ZipFile(made["en"]) as whole, zipfile.ZipFile(path, "w") as archive:
            for part in whole.namelist():
                merged = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
                content = whole.read(part).replace(b"</sheetData>", b"</sheetData>" + merged)
                archive.writestr(part, content)
        (problem,) = tables.examine(path).problems
        assert "cells are merged" in problem.message

    def test_a_sheet_that_holds_no_table_may_hold_anything(self, tmp_path, fresh):
        workbook.fill(fresh, "en" if "trials" in load_workbook(fresh).sheetnames else "zh")
        book = load_workbook(fresh)
        book.create_sheet("Notes")["C7"] = "=1/0"
        book.save(fresh)
        assert tables.check_data(fresh)[0] == []

    def test_no_workbook_is_there(self, tmp_path):
        (problem,) = tables.examine(tmp_path / "mine.xlsx").problems
        assert "no such file" in problem.message

    def test_a_workbook_under_the_name_of_a_csv(self, tmp_path, made):
        path = copy_data(tmp_path)
        shutil.copy(made["en"], path)
        (problem,) = tables.examine(path).problems
        assert "a name that ends in .xlsx" in problem.message


class TestDecimals:
    """Zeros that a spreadsheet drops are warned of where they decide."""

    def test_a_mean_stored_as_a_number(self, fresh, language):
        rows = [
            row | ({"value": float(row["value"])} if "value" in row else {})
            for row in workbook.TRIALS
        ]
        workbook.fill(fresh, language, {**workbook.ROWS, "trials": rows})
        found = tables.examine(fresh)
        assert found.problems == []
        lines = as_lines(found.warnings)
        # 12.50 became 12.5 beside 3.25; 3.25 itself may have been 3.250.
        assert [line.partition("column ")[2][:5] for line in lines] == ["value", "value"]
        assert "was a zero lost?" in lines[0]
        assert "stored as a number" in lines[1]

    def test_counts_may_be_numbers(self, fresh, language):
        rows = [
            {name: int(text) if text.isdigit() else text for name, text in row.items()}
            for row in workbook.TRIALS
        ]
        workbook.fill(fresh, language, {**workbook.ROWS, "trials": rows})
        found = tables.examine(fresh)
        assert (found.problems, found.warnings) == ([], [])

    @pytest.mark.parametrize(
        ("value", "spread", "lost"),
        [
            ("31.3", "5.35", True),
            ("31.30", "5.35", False),
            ("31", "5.35", True),
            ("31.3", "5.3", False),
        ],
    )
    def test_a_mean_beside_its_standard_deviation(self, tmp_path, value, spread, lost):
        row = workbook.MEAN | {
            "week": "0",
            "value": value,
            "spread_kind": "sd",
            "spread": spread,
        }
        for table, each in (("studies", workbook.STUDY), ("trials", row)):
            cells = workbook.typed(table, each)
            (tmp_path / f"{table}.csv").write_bytes(as_csv([[*cells], [*cells.values()]]))
        found = tables.examine(tmp_path / "trials.csv")
        assert found.problems == []
        assert (
            any("standard deviation: was a zero lost?" in line for line in as_lines(found.warnings))
            == lost
        )
