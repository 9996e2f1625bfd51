"""What is wrong with a table is told in Chinese, whole: only codes and quoted cells stay."""

import re

import pytest
from damage import CELLS, as_csv, broken_cells, with_cell
from examples import examples
from hypothesis import given

from lupuscart.cli import main
from lupuscart.data.dictionary import load_datapackage
from lupuscart.data.outcomes import collection_outcomes
from lupuscart.data.problems import as_lines
from lupuscart.data.rules import check_rules
from lupuscart.data.sheet import Sheet
from lupuscart.words import lexicon
from lupuscart.words.catalogue import catalogue
from lupuscart.words.messages import Message
from lupuscart.words.messages import told as in_chinese

# Words that an English sentence has and a list of codes has not.
ENGLISH = re.compile(
    r"\b(?:allowed|since|which|the|an?|is|are|of|to|and|or|such|most|least|cells?|rows?|columns?|"
    r"whole|empty|text|first|same|did|you|read|where|must|for|with|without|may|be)\b"
)
HAN = re.compile("[\u4e00-\u9fff]")

# Codes of several words are typed as they are, in every language.
CODES = sorted(
    {
        code
        for resource in load_datapackage()["resources"]
        for field in resource["schema"]["fields"]
        for code in field.get("constraints", {}).get("enum", [])
        if " " in str(code)
    },
    key=len,
    reverse=True,
)


def english_of(line):
    """The English words of a line, without what it quotes, codes, and names of characters."""
    bare = re.sub(r"\[a-z\]\S*|'(?:[^'\\]|\\.)*'|\"[^\"]*\"|U\+[0-9A-F]+, [A-Z -]+", "", line)
    for code in CODES:
        bare = bare.replace(code, "")
    return ENGLISH.findall(bare)


def told(table, rows, language="zh"):
    sheet = Sheet(table, f"{table}.csv", as_csv(rows), outcomes=collection_outcomes())
    check_rules(table, sheet)
    with lexicon.using(language):
        return as_lines([*sheet.problems, *sheet.doubts])


@examples(60)
@given(broken_cells())
def test_a_broken_cell_is_told_in_chinese(case):
    (table, row, column), text, *_ = case
    lines = told(table, with_cell(table, row, column, text))
    assert lines
    assert {line: english_of(line) for line in lines if english_of(line)} == {}
    assert all(HAN.search(line) for line in lines)
    # In as many lines as in English.
    assert len(lines) == len(told(table, with_cell(table, row, column, text), "en"))


RULES = [
    ("trials", {"events": "16"}),
    ("trials", {"n": ""}),
    ("trials", {"week": ""}),
    ("trials", {"timing": "during_followup"}),
    ("trials", {"statistic": "mean"}),
    ("trials", {"domain": "safety"}),
    ("trials", {"spread": "1-2"}),
    ("trials", {"basis": "derived_from_percent"}),
    ("studies", {"cell_source": "in vivo"}),
    ("studies", {"registration": "NCT1"}),
    ("studies", {"doi": "https://doi.org/10.1/x"}),
    ("reviews", {"events": "99"}),
    ("outcomes", {"contained_in": "sri4 sri5"}),
    ("follow_up", {"median": "1", "minimum": "5"}),
    ("announcements", {"date": "2026-02-30"}),
]


@pytest.mark.parametrize(("table", "cells"), RULES)
def test_a_broken_rule_is_told_in_chinese(table, cells):
    rows = [list(each) for each in CELLS[table]]
    for column, text in cells.items():
        rows[1][rows[0].index(column)] = text
    lines = told(table, rows)
    assert {line: english_of(line) for line in lines if english_of(line)} == {}


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"a,b\n1,2\n", b"\xb5,b\n", b"PK\x03\x04", b"a\0b\n", b'study,"week\nx\n'),
        *("study,week\nx,1\n".encode("utf-16-le"), b"\xff\xfea", b"study;week;;\n\n;x\nx,1\n"),
    ],
)
def test_a_broken_file_is_told_in_chinese(raw):
    with lexicon.using("zh"):
        sheet = Sheet("trials", "trials.csv", raw)
        lines = as_lines(sheet.problems)
    assert lines
    # What the library for CSV says in brackets, and the list of columns, stay.
    bare = [re.sub(r"（[^）]*）|study,cohort\S*", "", line) for line in lines]
    assert [line for line in bare if english_of(line)] == []


def test_every_sentence_keeps_its_gaps_in_chinese():
    """Whatever stands in the gaps, all of it is there, and none of the sentence is in English."""
    for english, chinese in catalogue("check_data", "zh").items():
        assert sorted(re.findall(r"{.*?}", chinese)) == sorted(re.findall(r"{.*?}", english))
        with lexicon.using("zh"):
            said = in_chinese(Message(english), "check_data")
        assert not english_of(re.sub(r"{.*?}", "", said)), english


def test_check_data_answers_in_chinese(tmp_path, capsys):
    table = tmp_path / "trials.csv"
    for name, rows in CELLS.items():
        (tmp_path / f"{name}.csv").write_bytes(as_csv(rows))
    rows = with_cell("trials", 2, "events", "16")
    table.write_bytes(as_csv(rows))
    assert main(["check-data", str(table), "--language", "zh"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "trials.csv，第 2 行，events 列：'16'；应为：不超过 n，即 15\n"
    assert f"{table} 中有 1 处问题" in captured.err
    assert main(["check-data", "--language", "zh"]) == 0
    assert "行均未发现问题" in capsys.readouterr().out
    assert main(["check-data", "--language", "fr"]) == 1
    assert "language is 'fr'; allowed: en, zh" in capsys.readouterr().err
