"""Tables are read exactly, and a bad one is refused whole, with every fault named."""

import csv
import io
import random
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data import tables
from lupuscart.data.contradictions import check_rows
from lupuscart.data.dictionary import load_datapackage, table_schema
from lupuscart.data.outcomes import collection_outcomes
from lupuscart.data.problems import as_lines
from lupuscart.data.rules import check_rules
from lupuscart.data.sheet import Sheet
from lupuscart.data.tables import DataError, Problem, load_trials, select_trials, with_studies

DATA = Path(__file__).parents[2] / "data"
RAW = (DATA / "trials.csv").read_bytes()
HEADER, *LINES = RAW.decode("utf-8").splitlines()
COLUMNS = HEADER.split(",")
WIDTH_OF_ROW = len(COLUMNS)


@pytest.fixture
def folder(tmp_path):
    """Return a user's own folder: a trials table and its studies, nothing else."""
    for name in ("trials.csv", "studies.csv"):
        shutil.copy(DATA / name, tmp_path / name)
    return tmp_path


@pytest.fixture(scope="module")
def trials():
    return load_trials(DATA / "trials.csv")


@pytest.fixture(scope="module")
def studies():
    return tables.load_studies(DATA / "trials.csv")


def write_cells(path, changes):
    """Write `changes` {(spreadsheet row, column): text} into a table."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for (row, column), text in changes.items():
        rows[row - 1][rows[0].index(column)] = text
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def problems_of(trials_csv, load=load_trials):
    with pytest.raises(DataError) as caught:
        load(trials_csv)
    return caught.value.problems


def row_of(**cells):
    """Return the spreadsheet row of the first outcome with these texts."""
    for row, texts in enumerate(csv.DictReader(io.StringIO(RAW.decode("utf-8"))), 2):
        if all(texts[column] == text for column, text in cells.items()):
            return row
    raise LookupError(cells)


COUNT = row_of(study="feng_2025", outcome="lldas_and_doris")
DERIVED = row_of(study="feng_2025", outcome="crs_any")
EVENTS_ONLY = row_of(statistic="events_only")
FALL = row_of(statistic="largest_fall")
INDIVIDUAL = row_of(statistic="individual")
MEAN = row_of(statistic="mean")
RANGE = row_of(spread_kind="range")
WIDTH = row_of(spread_kind="range_width")
UNTIMED = row_of(timing="during_followup")

# Where the cells are wrong, which column is named, and words of the message.
BAD_CELLS = {
    "events over n": ({(COUNT, "events"): "16"}, "events", "at most n, which is 15"),
    "negative events": ({(COUNT, "events"): "-1"}, "events", "digits only"),
    "fractional events": ({(COUNT, "events"): "11.5"}, "events", "digits only"),
    "events as another decimal": ({(COUNT, "events"): "12.5"}, "events", "digits only"),
    "events in words": ({(COUNT, "events"): "twelve"}, "events", "digits only"),
    "events with a space inside": ({(COUNT, "events"): "1 2"}, "events", "digits only"),
    "events with an underscore": ({(COUNT, "events"): "1_2"}, "events", "digits only"),
    "events in other digits": ({(COUNT, "events"): "\uff11\uff12"}, "events", "such as 12"),
    "a huge number of events": ({(COUNT, "events"): "9" * 400}, "events", "0 to 1000000"),
    "n of 0": ({(COUNT, "n"): "0"}, "n", "1 to 1000000"),
    "n with a thousands separator": ({(COUNT, "n"): "1,500"}, "n", "digits only"),
    "a negative week": ({(COUNT, "week"): "-1"}, "week", "0 to 5200"),
    "value in words": ({(MEAN, "value"): "about 31"}, "value", "a number such as -4.8"),
    "value that is no number": (
        {(MEAN, "value"): "nan"},
        "value",
        "an empty cell where nothing was reported",
    ),
    "infinite value": ({(MEAN, "value"): "inf"}, "value", "a number such as -4.8"),
    "value with an exponent": ({(MEAN, "value"): "1e400"}, "value", "a number such as -4.8"),
    "value with a comma": ({(MEAN, "value"): "31,30"}, "value", "a point, such as 31.30"),
    "unknown study": ({(COUNT, "study"): "feng_2026"}, "study", "did you mean 'feng_2025'?"),
    "study of another form": ({(COUNT, "study"): "Feng 2025"}, "study", "of the form"),
    "unknown outcome": ({(COUNT, "outcome"): "lldas_doris"}, "outcome", "'lldas_and_doris'?"),
    "unknown timing": ({(COUNT, "timing"): "within"}, "timing", "at, by, after_at_least"),
    "unknown statistic": ({(COUNT, "statistic"): "counts"}, "statistic", "mean 'count'?"),
    "unknown domain": ({(COUNT, "domain"): "efficiency"}, "domain", "mean 'efficacy'?"),
    "no outcome": ({(COUNT, "outcome"): ""}, "outcome", "the cell is empty; allowed: sri4"),
    "no locator": ({(COUNT, "locator"): ""}, "locator", "the cell is empty"),
    "cohort of a space": ({(COUNT, "cohort"): " "}, "cohort", "the cell is empty"),
    "a code that moves the cursor": (
        {(COUNT, "note"): "a\x1b[2Kb"},
        "note",
        "U+001B, ESCAPE, cannot be",
    ),
    "a code that turns text around": (
        {(COUNT, "cohort"): "\u202eall"},
        "cohort",
        "U+202E, RIGHT-TO-LEFT OVERRIDE, cannot",
    ),
    "count without events": ({(COUNT, "events"): ""}, "events", "since statistic is count"),
    "count without n": ({(COUNT, "n"): ""}, "n", "since statistic is count"),
    "count with a value": ({(COUNT, "value"): "80"}, "value", "an empty cell, since"),
    "events_only with n": ({(EVENTS_ONLY, "n"): "9"}, "n", "statistic is events_only"),
    "mean with events": ({(MEAN, "events"): "4"}, "events", "since statistic is mean"),
    "mean without value": ({(MEAN, "value"): ""}, "value", "since statistic is mean"),
    "negative mean": ({(MEAN, "value"): "-31.30"}, "value", "0 or more"),
    "fall that rises": ({(FALL, "value"): "20"}, "value", "a fall is negative"),
    "individual of two": ({(INDIVIDUAL, "n"): "2"}, "n", "1, since statistic is individual"),
    "individual without n": ({(INDIVIDUAL, "n"): ""}, "n", "1, since statistic is individual"),
    "percent over 100": (
        {(COUNT, "statistic"): "percent", (COUNT, "events"): "", (COUNT, "value"): "101"},
        "value",
        "0 to 100, since statistic is percent",
    ),
    "count of a score": ({(COUNT, "outcome"): "sledai_2k"}, "statistic", "sledai_2k is a score"),
    "mean of a response": ({(MEAN, "outcome"): "doris"}, "statistic", "doris is counted"),
    "outcome in another domain": ({(COUNT, "domain"): "safety"}, "domain", "efficacy, since"),
    "at without a week": (
        {(COUNT, "timing"): "at", (COUNT, "week"): ""},
        "week",
        "a week, since timing is at",
    ),
    "during follow-up in a week": ({(UNTIMED, "week"): "12"}, "week", "during_followup"),
    "baseline by week 0": ({(COUNT, "week"): "0"}, "timing", "at, since week is 0"),
    "spread without kind": ({(RANGE, "spread_kind"): ""}, "spread_kind", "what spread is"),
    "kind without spread": ({(RANGE, "spread"): ""}, "spread", "spread_kind is range"),
    "range as a date": ({(RANGE, "spread"): "22-Oct"}, "spread", "a date, made by a spreadsheet"),
    "range upside down": ({(RANGE, "spread"): "22-10"}, "spread", "such as 10-22"),
    "range of one number": ({(RANGE, "spread"): "12"}, "spread", "such as 10-22"),
    "value outside its range": ({(RANGE, "value"): "23"}, "value", "within spread"),
    "width of two numbers": ({(WIDTH, "spread"): "8-16"}, "spread", "one number of 0 or more"),
    "spread of a count": (
        {(COUNT, "spread_kind"): "sd", (COUNT, "spread"): "2"},
        "spread",
        "since statistic is a count",
    ),
    "derived without percentage": ({(DERIVED, "locator"): "abstract"}, "locator", "(86.7%)"),
    "derived from another percentage": ({(DERIVED, "events"): "12"}, "events", "abstract (86.7%)"),
    "derived from a percentage of many": (
        {(DERIVED, "n"): "9000", (DERIVED, "events"): "7800", (DERIVED, "basket"): "yes"},
        "events",
        "the only count of 9000",
    ),
    "derived value": (
        {(MEAN, "basis"): "derived_from_percent"},
        "basis",
        "for a count only",
    ),
}

# Contents of the whole file, the row that is named, and words of the message.
BAD_FILES = {
    "empty": (b"", None, "the file is empty"),
    "blank": (b"\n \r\n", None, "the file is empty"),
    "byte order mark only": (b"\xef\xbb\xbf", None, "the file is empty"),
    "header only": (HEADER.encode() + b"\n", None, "no row below the header"),
    "a workbook": (b"PK\x03\x04\x00" + RAW, None, "the file is a workbook"),
    "binary": (b"\x00\x01" + RAW, 1, "the file may be binary"),
    "UTF-16 without its mark": (RAW.decode("utf-8").encode("utf-16-le"), None, "is UTF-16 or"),
    "prose": (b"Twelve of fifteen responded.\nIt is said.\n", 1, "another header"),
    "JSON": (b'{"study": ["feng_2025"]}', 1, "another header"),
    "no header": (RAW.partition(b"\n")[2], 1, "another header"),
    "a blank line first": (b"\n" + RAW, 1, "another header"),
    "one row of semicolons": (RAW.replace(b"stated,primary", b"stated;primary", 1), 2, "cells"),
    "Latin-1": (RAW.replace(b"all grade 1", b"M\xfcller", 1), 4, "0xfc"),
    "short row": (
        RAW.replace(b",12,by,count", b",by,count", 1),
        2,
        f"{WIDTH_OF_ROW - 1} cells; allowed: {WIDTH_OF_ROW}",
    ),
    "long row": (
        RAW.replace(b",12,by,count", b",12,,by,count", 1),
        2,
        f"{WIDTH_OF_ROW + 1} cells; allowed: {WIDTH_OF_ROW}",
    ),
    "a blank line inside": (RAW.replace(b"\n", b"\n\n", 1), 2, "the row is empty"),
    "text after a quote": (RAW.replace(b"\nfeng_2025", b'\n"feng_2025"x', 1), 2, "not CSV"),
    "a huge cell": (RAW.replace(b"within 28", b"x" * 200_000, 1), 3, "at most 131072 characters"),
    "an open quote": (RAW + b'"feng', len(LINES) + 2, "not CSV"),
    "misspelt column": (RAW.replace(b"events", b"evnts", 1), 1, "did you mean 'events'?"),
    "column in capitals": (RAW.replace(b"study", b"Study", 1), 1, "did you mean 'study'?"),
    "another table": ((DATA / "studies.csv").read_bytes(), 1, "a table of studies"),
    "label missing": (RAW.replace(b",locator", b"", 1), 1, "the column is missing"),
}


def drop_column(raw, column):
    table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)
    return table.drop(columns=column).to_csv(index=False).encode()


class TestLoading:
    def test_types(self, trials):
        whole = {"week", "events", "n"}
        for column in trials:
            if column in whole:
                assert trials[column].dtype == "Int64"
            elif column == "value":
                assert trials[column].dtype == "float64"
            else:
                assert trials[column].dtype == "str"

    def test_empty_is_missing_and_zero_is_zero(self, trials):
        assert pd.isna(trials.loc[EVENTS_ONLY - 2, "n"])
        assert set(trials.loc[trials.outcome == "gvhd", "events"]) == {0}
        assert trials.loc[COUNT - 2, ["value", "value_printed", "spread"]].isna().all()

    def test_a_text_stays_the_text_it_is(self, folder):
        texts = ["NA of 5", "=1+1", "+49", "007", "12.0", "TRUE", "2026-01-02", "a\nb", '"', "µ"]
        rows = range(2, 2 + len(texts))
        changes = {(row, "note"): text for row, text in zip(rows, texts, strict=True)}
        write_cells(folder / "trials.csv", changes)
        loaded = load_trials(folder / "trials.csv")
        assert loaded["note"].tolist()[: len(texts)] == texts

    def test_printed_value_keeps_its_decimals(self, folder):
        write_cells(folder / "trials.csv", {(MEAN, "value"): "31.3000"})
        loaded = load_trials(folder / "trials.csv").loc[MEAN - 2]
        assert (loaded.value, loaded.value_printed) == (31.3, "31.3000")

    @pytest.mark.parametrize("ends", [b"\r\n", b"\r"])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_line_ends_and_byte_order_mark_do_no_harm(self, folder, trials, mark, ends):
        (folder / "trials.csv").write_bytes(mark + RAW.replace(b"\n", ends))
        pd.testing.assert_frame_equal(load_trials(folder / "trials.csv"), trials)

    def test_no_line_end_at_the_end(self, folder, trials):
        (folder / "trials.csv").write_bytes(RAW.rstrip(b"\n"))
        pd.testing.assert_frame_equal(load_trials(folder / "trials.csv"), trials)

    def test_quotes_do_no_harm(self, folder, trials):
        rows = list(csv.reader(io.StringIO(RAW.decode("utf-8"))))
        with open(folder / "trials.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
        pd.testing.assert_frame_equal(load_trials(folder / "trials.csv"), trials)

    def test_the_order_of_rows_does_no_harm(self, folder, trials, studies):
        lines = random.Random(1).sample(LINES, len(LINES))
        (folder / "trials.csv").write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        shuffled = load_trials(folder / "trials.csv")
        assert not shuffled.equals(trials)
        pd.testing.assert_frame_equal(
            select_trials(shuffled, studies).reset_index(drop=True),
            select_trials(trials, studies).reset_index(drop=True),
        )

    def test_a_table_of_any_name_and_one_row(self, tmp_path):
        shutil.copy(DATA / "studies.csv", tmp_path / "studies.csv")
        (tmp_path / "mine.csv").write_text(f"{HEADER}\n{LINES[0]}\n", encoding="utf-8")
        assert len(load_trials(str(tmp_path / "mine.csv"))) == 1
        assert tables.table_files(tmp_path / "mine.csv")["studies"] == tmp_path / "studies.csv"

    def test_the_table_that_is_returned_is_the_callers_own(self):
        changed = load_trials(DATA / "trials.csv")
        changed.loc[0, "events"] = 0
        assert load_trials(DATA / "trials.csv").loc[0, "events"] == 12


class TestBadCells:
    @pytest.mark.parametrize("name", BAD_CELLS)
    def test_one_fault_is_one_problem(self, folder, name):
        changes, column, words = BAD_CELLS[name]
        write_cells(folder / "trials.csv", changes)
        (problem,) = problems_of(folder / "trials.csv")
        row, cell = next(iter(changes))
        assert (problem.file, problem.row, problem.column) == ("trials.csv", row, column)
        assert words in problem.message
        if column == cell:
            assert problem.value == changes[row, cell].strip(" ")

    def test_a_repeated_row_names_the_earlier_one(self, folder):
        with open(folder / "trials.csv", "a", encoding="utf-8") as file:
            file.write(LINES[COUNT - 2] + "\n")
        (problem,) = problems_of(folder / "trials.csv")
        assert problem.row == len(LINES) + 2
        assert f"row {COUNT}" in problem.message
        assert problem.value == "feng_2025, all, lldas_and_doris, 12, by, count"

    def test_rows_without_a_week_can_be_repeated_too(self, folder):
        with open(folder / "trials.csv", "a", encoding="utf-8") as file:
            file.write(LINES[UNTIMED - 2] + "\n")
        (problem,) = problems_of(folder / "trials.csv")
        assert f"row {UNTIMED}" in problem.message

    def test_all_faults_at_once_in_the_order_of_the_rows(self, folder):
        changes = {
            (MEAN, "events"): "4",
            (COUNT, "events"): "16",
            (UNTIMED, "timing"): "sometime",
            (DERIVED + 1, "n"): "0",
            (EVENTS_ONLY, "outcome"): "flair",
        }
        write_cells(folder / "trials.csv", changes)
        write_cells(folder / "studies.csv", {(2, "role"): "main"})
        problems = problems_of(folder / "trials.csv")
        assert [(each.file, each.row, each.column) for each in problems] == [
            *(("trials.csv", *cell) for cell in sorted(changes)),
            ("studies.csv", 2, "role"),
        ]
        with pytest.raises(DataError) as caught:
            load_trials(folder / "trials.csv")
        assert str(caught.value).splitlines() == [str(problem) for problem in problems]

    def test_faults_of_cells_are_found_beside_one_of_the_header(self, folder):
        write_cells(folder / "trials.csv", {(COUNT, "events"): "16", (1, "events"): "event"})
        problems = problems_of(folder / "trials.csv")
        assert [(each.row, each.column) for each in problems] == [(1, ""), (COUNT, "events")]

    def test_a_long_list_is_cut_and_counted(self, folder):
        rows = range(2, len(LINES) + 2)
        write_cells(folder / "trials.csv", {(row, "outcome"): f"x{row}" * 9 for row in rows})
        write_cells(folder / "trials.csv", {(row, "note"): "a" * (5000 + row) for row in rows})
        with pytest.raises(DataError) as caught:
            load_trials(folder / "trials.csv")
        printed = str(caught.value).splitlines()
        assert len(caught.value.problems) == 2 * len(LINES)
        assert len(printed) == 51
        assert printed[-1].endswith(" more lines")

    def test_many_cells_with_one_fault_are_one_line(self, folder):
        rows = range(2, 62)
        write_cells(folder / "trials.csv", {(row, "outcome"): "sri5" for row in rows})
        problems = problems_of(folder / "trials.csv")
        (line,) = as_lines(problems)
        assert len(problems) == 60
        assert line.startswith(
            "trials.csv, rows 2 to 61, column outcome: 'sri5'; did you mean 'sri4'"
        )

    def test_a_multi_line_cell_is_one_row(self, folder):
        write_cells(folder / "trials.csv", {(2, "note"): "one\ntwo\nthree", (5, "n"): "0"})
        assert [problem.row for problem in problems_of(folder / "trials.csv")] == [5]

    def test_a_long_value_is_cut_in_print_only(self):
        problem = Problem("a.csv", 2, "note", "x" * 1000, "allowed: less")
        assert len(str(problem)) < 150

    @pytest.mark.parametrize(
        ("table", "cell", "text", "words"),
        [
            ("studies", (2, "conditioning"), "flu/cy", "fludarabine+cyclophosphamide"),
            ("studies", (2, "overlaps_with"), "nobody_2025", "other studies of this table"),
            ("studies", (2, "overlaps_with"), "feng_2025", "other studies of this table"),
            ("studies", (2, "n_treated"), "0", "1 to 1000000"),
            ("studies", (2, "pmid"), "0", "the digits of a PubMed number"),
            ("studies", (2, "registration"), "NCT0637964", "NCT and 8 digits"),
            ("studies", (2, "registration"), "see paper", "NCT and 8 digits"),
            ("studies", (2, "cell_source"), "in vivo", "since modality is CAR-T"),
            ("studies", (2, "year"), "25", "1995 to 2040"),
            ("studies", (2, "doi"), "https://doi.org/10.1/x", "without https://doi.org/"),
            ("benchmarks", (2, "study"), "petri_2011", "did you mean 'petri_2010'?"),
            ("benchmarks", (2, "events"), "22", "at most n, which is 21"),
            ("benchmarks", (6, "value"), "192", "0 to 100"),
            ("benchmark_studies", (2, "design"), "trial", "randomised trial"),
            ("claims", (2, "study"), "nobody_2025", "studies.csv, or disease"),
            ("claims", (2, "verdict"), "agree", "did you mean 'agrees'?"),
            ("reviews", (2, "events"), "65", "at most n, which is 64"),
            ("reviews", (2, "n"), "146", "at most n_patients, which is 145"),
        ],
    )
    def test_sister_tables(self, tmp_path, table, cell, text, words):
        shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
        write_cells(tmp_path / f"{table}.csv", {cell: text})
        load = getattr(tables, f"load_{table}")
        (problem,) = problems_of(tmp_path / "trials.csv", load)
        assert (problem.file, problem.row, problem.column) == (f"{table}.csv", *cell)
        assert words in problem.message
        assert tables.check_data(tmp_path / "trials.csv")[0] == [problem]

    @pytest.mark.parametrize("table", ["studies", "benchmark_studies", "claims", "reviews"])
    def test_a_repeated_key(self, tmp_path, table):
        shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
        path = tmp_path / f"{table}.csv"
        path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
        problems = problems_of(tmp_path / "trials.csv", getattr(tables, f"load_{table}"))
        assert problems[0].column == ", ".join(table_schema(table)["primaryKey"])


class TestBadFiles:
    @pytest.mark.parametrize("name", BAD_FILES)
    def test_one_fault_is_one_problem(self, folder, name):
        raw, row, words = BAD_FILES[name]
        (folder / "trials.csv").write_bytes(raw)
        (problem,) = problems_of(folder / "trials.csv")
        assert (problem.file, problem.row) == ("trials.csv", row)
        assert words in problem.message

    def test_missing_extra_and_repeated_columns(self, folder):
        path = folder / "trials.csv"
        path.write_bytes(drop_column(RAW, "basis"))
        (missing,) = problems_of(path)
        assert (missing.row, missing.column) == (1, "basis")
        assert "the column is missing" in missing.message
        lines = [HEADER + ",centre", *(line + ",Oslo" for line in LINES)]
        path.write_text("\n".join(lines), encoding="utf-8")
        (extra,) = problems_of(path)
        assert (extra.row, extra.value) == (1, "centre")
        assert "no such column" in extra.message
        lines = [HEADER + ",note", *(line + "," for line in LINES)]
        path.write_text("\n".join(lines), encoding="utf-8")
        (repeated,) = problems_of(path)
        assert (repeated.row, repeated.column) == (1, "note")
        assert "2 times" in repeated.message

    def test_a_missing_file(self, tmp_path):
        (problem,) = problems_of(tmp_path / "nothing.csv")
        assert problem.file == str(tmp_path / "nothing.csv")
        assert "no such file" in problem.message

    def test_a_folder(self, folder):
        (problem,) = problems_of(folder)
        assert "a folder" in problem.message

    def test_missing_studies(self, folder):
        (folder / "studies.csv").unlink()
        (problem,) = problems_of(folder / "trials.csv")
        assert problem.file == str(folder / "studies.csv")
        assert "no such file" in problem.message
        assert tables.check_data(folder / "trials.csv") == ([problem], len(LINES))

    def test_sisters_that_are_not_there_have_no_row(self, folder):
        _, rows = tables.check_data(folder / "trials.csv")
        assert rows == len(LINES) + len((folder / "studies.csv").read_text().splitlines()) - 1
        assert tables.load_benchmarks(folder / "trials.csv").empty

    @pytest.mark.parametrize("path", [None, 5, ["trials.csv"]])
    def test_what_is_no_path(self, path):
        with pytest.raises(ValueError, match="allowed: the path of a CSV file"):
            load_trials(path)

    @examples(40)
    @given(st.integers(0, 1200), st.integers(0, 40), st.one_of(st.binary(max_size=40), st.text()))
    def test_damage_is_either_harmless_or_named(self, start, length, put):
        put = put if isinstance(put, bytes) else put.encode("utf-8", "surrogatepass")
        raw = "\n".join([HEADER, *LINES[:6]]).encode("utf-8")
        damaged = raw[:start] + put + raw[start + length :]
        sheet = Sheet("trials", "trials.csv", damaged, outcomes=collection_outcomes())
        check_rules("trials", sheet)
        check_rows("trials", sheet)
        assert all(str(problem).startswith("trials.csv") for problem in sheet.problems)
        if not sheet.problems:
            assert sheet.table()["study"].notna().all()


class TestAgainstFrictionless:
    """What frictionless refuses of a cell by the schema is refused here, and the reverse."""

    # Stricter here: how a number is written, and rules a Table Schema cannot state. Laxer: how
    # cells are separated, and the order of columns.
    def verdicts(self, folder, raw):
        frictionless = pytest.importorskip("frictionless")
        (folder / "trials.csv").write_bytes(raw)
        wanted = ("trials", "studies", "outcomes")
        resources = [each for each in load_datapackage()["resources"] if each["name"] in wanted]
        shutil.copy(DATA / "outcomes.csv", folder / "outcomes.csv")
        package = frictionless.Package.from_descriptor(
            {"name": "mine", "resources": resources}, basepath=str(folder)
        )
        problems, _ = tables.check_data(folder / "trials.csv")
        return package.validate().valid, not problems

    @pytest.mark.parametrize("name", ["unknown study", "n of 0", "no outcome"])
    def test_bad_cells(self, folder, name):
        write_cells(folder / "trials.csv", BAD_CELLS[name][0])
        raw = (folder / "trials.csv").read_bytes()
        assert self.verdicts(folder, raw) == (False, False)

    @pytest.mark.parametrize(
        "name",
        [
            "byte order mark only",
            "UTF-16 without its mark",
            "Latin-1",
            "short row",
            "long row",
            "a blank line inside",
            "misspelt column",
        ],
    )
    def test_bad_files(self, folder, name):
        assert self.verdicts(folder, BAD_FILES[name][0]) == (False, False)

    @pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
    def test_good_files(self, folder, ends):
        assert self.verdicts(folder, RAW.replace(b"\n", ends)) == (True, True)

    def test_never_laxer(self):
        # Each cell of one row in turn is given each of these texts, a row a change.
        frictionless = pytest.importorskip("frictionless")
        texts = ["", "x", "1", "-1", "0.5", "by", "sd", "feng_2025", "1e3", "9999999", "all"]
        changes = [(name, text) for name in COLUMNS for text in texts]
        table = pd.DataFrame([next(csv.reader([LINES[0]]))] * len(changes), columns=COLUMNS)
        for row, (name, text) in enumerate(changes):
            table.loc[row, name] = text
        raw = table.to_csv(index=False).encode()
        sheet = Sheet("trials", "trials.csv", raw, outcomes=collection_outcomes())
        found = {(problem.row, problem.column) for problem in sheet.problems}
        schema = table_schema("trials")
        fields = frictionless.Schema.from_descriptor(
            {key: schema[key] for key in ("fields", "missingValues")}
        )
        readers = {name: fields.get_field(name).create_cell_reader() for name in COLUMNS}
        refused = {
            (row, name) for row, (name, text) in enumerate(changes, 2) if readers[name](text)[1]
        }
        assert len(refused) > 80
        assert refused <= found
        # A number with an exponent is refused here alone; which outcomes there are is no pattern.
        stricter = {changes[row - 2] for row, _ in found - refused} - {("value", "1e3")}
        assert {name for name, _ in stricter} == {"outcome"}
        assert {text for _, text in stricter}.isdisjoint(collection_outcomes().codes)


class TestSelect:
    def test_one_reading_order(self, trials, studies):
        everything = select_trials(trials, studies)
        assert sorted(everything.index) == list(trials.index)
        reported = studies.study[studies.study.isin(trials.study)]
        assert everything.study.drop_duplicates().tolist() == reported.tolist()
        doris = select_trials(trials, studies, study="gc012f_2025", outcome="doris")
        assert doris.week.tolist() == [24, 36, 48]
        crs = select_trials(trials, studies, study="carlysle_2025", outcome="crs_any")
        assert crs.cohort.tolist() == ["50e6 cells", "100e6 cells"]

    def test_choices_join(self, trials, studies):
        chosen = select_trials(
            trials, studies, outcome=["sri4", "lldas_and_doris"], role="core", week=[12, 13]
        )
        assert chosen.study.tolist() == ["feng_2025", "wang_x_2025"]
        assert chosen.columns.tolist() == trials.columns.tolist()
        assert len(trials.drop(chosen.index)) == len(trials) - 2

    def test_by_conditioning(self, trials, studies):
        chosen = select_trials(trials, studies, conditioning="none", outcome="sri4")
        assert chosen.study.tolist() == ["ft819_b_2026"]

    def test_benchmarks_are_chosen_alike(self):
        benchmarks = tables.load_benchmarks(DATA / "trials.csv")
        reports = tables.load_benchmark_studies(DATA / "trials.csv")
        chosen = select_trials(benchmarks, reports, study="petri_2010", week=26)
        assert chosen.arm.tolist() == ["high-dose cyclophosphamide", "monthly IV cyclophosphamide"]

    def test_input_is_left_alone(self, trials, studies):
        before = trials.copy(deep=True)
        select_trials(trials, studies, role="core")
        with_studies(trials, studies)
        pd.testing.assert_frame_equal(trials, before)

    @pytest.mark.parametrize(
        ("choice", "words"),
        [
            ({"outcome": "sri5"}, "outcome is 'sri5'; did you mean 'sri4'?"),
            ({"outcome": ["sri4", "dors"]}, "outcome is 'dors'; did you mean 'doris'?"),
            ({"study": "feng"}, "study is 'feng'; did you mean 'feng_2025'?"),
            ({"role": "cor"}, "role is 'cor'; did you mean 'core'? Allowed: core, context"),
            ({"conditioning": "some"}, "conditioning is 'some'; "),
            ({"week": 11}, "week is 11; allowed: 0, 4, 12, 13"),
            ({"week": "12"}, "week is '12'; allowed: a whole number"),
            ({"outcome": 4}, "outcome is 4; allowed: lldas_and_doris"),
            ({"outcome": []}, "outcome is empty; allowed: lldas_and_doris"),
        ],
    )
    def test_unknown_names(self, trials, studies, choice, words):
        with pytest.raises(ValueError, match=words.replace("?", r"\?")):
            select_trials(trials, studies, **choice)

    def test_an_empty_selection_lists_what_exists(self, trials, studies):
        with pytest.raises(ValueError, match="no row has study 'feng_2025'") as caught:
            select_trials(trials, studies, study="feng_2025", outcome="sri4")
        message = str(caught.value)
        assert "study: wang_x_2025, wang_d_2025, relma_cel_2024, gc012f_2025" in message
        assert "outcome: lldas_and_doris, pathogenic_clone_eradication, crs_any" in message

    def test_nothing_to_choose_from(self, trials, studies):
        with pytest.raises(ValueError, match="trials has no rows"):
            select_trials(trials.iloc[:0], studies)

    def test_benchmarks_have_no_role(self):
        benchmarks = tables.load_benchmarks(DATA / "trials.csv")
        reports = tables.load_benchmark_studies(DATA / "trials.csv")
        with pytest.raises(ValueError, match="these rows have no role"):
            select_trials(benchmarks, reports, role="core")


class TestWithStudies:
    def test_rows_and_index_are_kept(self, trials, studies):
        some = trials.iloc[[50, 3, 20]]
        joined = with_studies(some, studies)
        assert joined.index.tolist() == [50, 3, 20]
        pd.testing.assert_frame_equal(joined[trials.columns], some)
        facts = studies.set_index("study").loc[some.study]
        assert joined["conditioning"].tolist() == facts["conditioning"].tolist()
        assert joined["year"].dtype == "Int64"

    def test_a_column_that_both_have(self, trials, studies):
        marked = trials.assign(role="mine")
        joined = with_studies(marked, studies)
        assert set(joined["role"]) == {"mine"}
        assert set(joined["role_of_study"]) == {"core", "context"}

    def test_an_unknown_study_is_refused(self, trials, studies):
        with pytest.raises(ValueError, match="study is 'feng_2025'"):
            with_studies(trials, studies[studies.study != "feng_2025"])

    def test_no_rows(self, trials, studies):
        assert with_studies(trials.iloc[:0], studies).empty


def test_a_large_table_repeats_no_row(tmp_path, trials):
    shutil.copy(DATA / "studies.csv", tmp_path / "studies.csv")
    many = pd.read_csv(DATA / "trials.csv", dtype=str, keep_default_na=False)
    copies = np.repeat(np.arange(20), len(many))
    many = pd.concat([many] * 20, ignore_index=True)
    many["cohort"] += [f" {copy}" for copy in copies]
    many.to_csv(tmp_path / "trials.csv", index=False)
    assert len(load_trials(tmp_path / "trials.csv")) == 20 * len(trials)
    many.loc[1000:, "cohort"] = many["cohort"][0]
    many.to_csv(tmp_path / "trials.csv", index=False)
    assert {"the same as"} == {each.message[:11] for each in problems_of(tmp_path / "trials.csv")}
