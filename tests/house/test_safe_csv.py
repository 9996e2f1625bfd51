"""A written table is read back as it was, and no cell of it is a formula."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.safe_csv import guard, write_table

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    '=HYPERLINK("http://127.0.0.1","5 of 5")',
    "=cmd|' /C calc'!A0",
    " =1+1",
    "\t=1+1",
    "\n=1+1",
    "＝1+1",
    "－1+1",
    "-5--1",
    "-",
]
NUMBERS = ["-4.8", "+5", "-1e-3", "0", "12"]
TEXTS = ["SRI-4", "a=b", "'quoted", "−4.8", "<b>", "", "NA", "a,b", 'say "5"', "a\nb"]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text):
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("cell", [*NUMBERS, *TEXTS, -4.8, None, True])
def test_what_is_no_formula_is_left_alone(cell):
    assert guard(cell) is cell


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_cells_and_headings_are_guarded(tmp_path, dtype):
    cells = pd.Series([*FORMULAS, *TEXTS], dtype=dtype)
    table = pd.DataFrame({"=heading": cells, "change": -0.5, "n": pd.array([1] * len(cells))})
    write_table(table, tmp_path / "a.csv")
    header, *rows = read(tmp_path / "a.csv")
    assert header == ["'=heading", "change", "n"]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in FORMULAS), *TEXTS]
    assert {(row[1], row[2]) for row in rows} == {("-0.5", "1")}


def test_two_columns_of_one_name_and_missing_cells(tmp_path):
    table = pd.DataFrame([["=a", None], [pd.NA, 0.1 + 0.2]], columns=["x", "x"])
    write_table(table, tmp_path / "a.csv")
    assert read(tmp_path / "a.csv") == [["x", "x"], ["'=a", ""], ["", "0.3"]]


def test_the_table_itself_is_left_alone(tmp_path):
    table = pd.DataFrame({"note": ["=1+1"]})
    before = table.copy(deep=True)
    write_table(table, tmp_path / "a.csv")
    pd.testing.assert_frame_equal(table, before)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_taking_the_guard_away_gives_the_text_back(text):
    assert guard(text) in (text, f"'{text}")
    assert not guard(text).lstrip().startswith(tuple("=+-@＝＋－＠")) or float(text) is not None
