"""A written table is read back as it was, and no cell of it is a formula."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.safe_csv import guard, read_text, write_table

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
# What Excel or LibreOffice makes a date or a time of, in one language or another.
DATES = [
    *(
        "10-22",
        "8-16",
        "1-2",
        "5/5",
        "12/15",
        "10 - 22",
        "3.4.",
        "1.2.2026",
        "2026-06-01",
        "6/1/26",
    ),
    *("22-Oct", "Oct-22", "Mar 5", "5 May", "1. Mai", "SEPT2", "DEC1", "2-Mrz", "12:30", "1:02:03"),
    *("6月1日", "2026年6月1日", "Jan 2026", "May 5, 2026", "Juni 2026"),
]
NUMBERS = ["-4.8", "+5", "-1e-3", "0", "12"]
TEXTS = [
    "5 of 5",
    "52 %",
    "0-22 points",
    "COVID-19",
    "week 12",
    "CD19",
    "CAR-T",
    "SRI-4",
    "a=b",
    "'quoted",
    "−4.8",
    "<b>",
    "",
    "NA",
    "a,b",
    'say "5"',
    "a\nb",
]


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text):
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", DATES)
def test_a_date_in_waiting_becomes_text(text):
    assert guard(text) == f"'{text}"


@given(st.integers(1, 31), st.integers(1, 31), st.sampled_from(["-", "/", " - ", "-0"]))
def test_no_range_and_no_count_becomes_a_date(first, second, between):
    assert guard(f"{first}{between}{second}") == f"'{first}{between}{second}"


@pytest.mark.parametrize("hidden", ["\ufeff", "\u200b", "\u2060", "\u00ad", "\u202e"])
def test_a_formula_behind_what_cannot_be_seen_becomes_text(hidden):
    assert guard(f"{hidden}=1+1") == f"'{hidden}=1+1"
    assert guard(f"10{hidden}-22") == f"'10{hidden}-22"


@pytest.mark.parametrize("text", ["Müller F", "狼疮", "≥ 3", "SRI-4"])
def test_a_table_opens_rightly_by_a_double_click(tmp_path, text):
    write_table(pd.DataFrame({"label": [text], "rate": 0.5}), tmp_path / "a.csv")
    raw = (tmp_path / "a.csv").read_bytes()
    # ASCII reads the same in every encoding; anything else needs the mark, once.
    assert raw.startswith(b"\xef\xbb\xbf") == (not text.isascii())
    assert raw.count(b"\xef\xbb\xbf") <= 1
    assert read_text(tmp_path / "a.csv") == f"label,rate\n{text},0.5\n"
    assert pd.read_csv(tmp_path / "a.csv").columns.tolist() == ["label", "rate"]


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
