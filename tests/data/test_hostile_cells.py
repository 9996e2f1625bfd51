"""Cells that look right and are not: each kind is drawn, and refused or read as what it looks."""

import unicodedata

import pytest
from damage import CELLS, as_csv, copy_data
from drawn import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data import tables
from lupuscart.safe_csv import guard

# Every space of Unicode that is wider or narrower than that of the keyboard.
SPACES = [chr(code) for code in range(0x20, 0x3001) if unicodedata.category(chr(code)) == "Zs"]


def write(folder, table, changes):
    """Write a table with other cells, by row and column, beside the collection's."""
    trials_csv = copy_data(folder)
    rows = [list(row) for row in CELLS[table]]
    for (row, column), text in changes.items():
        rows[row][rows[0].index(column)] = text
    (folder / f"{table}.csv").write_bytes(as_csv(rows))
    return trials_csv


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cells")


@pytest.mark.slow
@examples(20)
@given(spaces=st.text(SPACES, min_size=1, max_size=3))
def test_spaces_that_look_alike_make_no_other_name(folder, spaces):
    assert len(SPACES) > 10
    changes = {(1, "first_author"): f"Feng{spaces}J", (2, "first_author"): f"Wang{spaces}X"}
    trials_csv = write(folder, "studies", changes)
    found = tables.examine(trials_csv)
    assert found.problems == []
    assert tables.load_studies(trials_csv)["first_author"][:2].tolist() == ["Feng J", "Wang X"]
    said = [str(repair) for repair in found.repairs]
    expected = "studies.csv: read with plain single spaces in 2 cells, first in row 2"
    assert said == ([] if spaces == " " else [expected])


@pytest.mark.slow
@examples(20)
@given(
    k=st.integers(0, 999),
    n=st.integers(1, 999),
    between=st.sampled_from(["/", " / ", " of ", "of", "\u2044", "\u2215"]),
    column=st.sampled_from(["events", "n"]),
)
def test_a_count_in_one_cell_is_told_apart(folder, k, n, between, column):
    text = f"{k}{between}{n}"
    trials_csv = write(folder, "trials", {(1, column): text})
    problem = tables.examine(trials_csv).problems[0]
    assert (problem.file, problem.row, problem.column) == ("trials.csv", 2, column)
    assert problem.message == f"two numbers in one cell; allowed: one in each, as {k} and {n}"


@pytest.mark.parametrize(
    ("table", "name", "column"),
    [("studies", "study", "contains"), ("outcomes", "code", "contained_in")],
)
@examples(6)
@given(length=st.integers(2, 6))
def test_nothing_is_a_part_of_its_own_part(folder, table, name, column, length):
    place = CELLS[table][0].index(name)
    names = [row[place] for row in CELLS[table][1:]]
    circle = {(row, column): names[row % length] for row in range(1, length + 1)}
    problems = tables.examine(write(folder, table, circle)).problems
    told = [problem for problem in problems if "a circle" in problem.message]
    assert [problem.row for problem in told] == [*range(2, length + 2)]
    assert {problem.column for problem in told} == {column}


@examples(60)
@given(
    text=st.from_regex(r"0[0-9]{1,6}", fullmatch=True)
    | st.from_regex(r"[1-9][0-9]{15,20}", fullmatch=True)
    | st.from_regex(r"[0-9]{1,3}(\.[0-9])?[eE][0-9]{1,3}", fullmatch=True)
)
def test_a_text_that_a_spreadsheet_would_show_as_another_number_is_guarded(text):
    assert guard(text) == f"'{text}"


@given(number=st.integers(-(10**15) + 1, 10**15 - 1) | st.decimals(-999, 999, places=2))
def test_a_number_is_left_as_it_is(number):
    text = str(number)
    assert guard(text) == text
