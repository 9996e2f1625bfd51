"""Every word exists in both languages, with the same gaps."""

import csv
import string

import pandas as pd
import pytest

from lupuscart.data.sheet import load_datapackage
from lupuscart.words import lexicon

CODED = ("domain", "timing", "statistic", "spread_kind", "basis", "read_in")
CODED_STUDIES = ("publication", "role", "conditioning", "cell_source", "design")


def _gaps(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _rows(root):
    with open(root / "src/lupuscart/words/words.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_no_word_is_missing_in_either_language(root):
    missing = [row["code"] for row in _rows(root) if not (row["en"].strip("") and row["zh"])]
    # Chinese sentences follow one another without a space.
    assert missing == ["sentence_separator"]


def test_no_code_stands_twice(root):
    codes = [row["code"] for row in _rows(root)]
    assert sorted(codes) == sorted(set(codes))


def test_both_languages_have_the_same_gaps(root):
    differ = [row["code"] for row in _rows(root) if _gaps(row["en"]) != _gaps(row["zh"])]
    assert differ == []


def test_every_level_of_the_data_has_a_word():
    schemas = {table["name"]: table["schema"] for table in load_datapackage()["resources"]}
    wanted = {
        f"{field['name']}.{level}"
        for schema in schemas.values()
        for field in schema["fields"]
        if field["name"] in (*CODED, *CODED_STUDIES, "treatment")
        for level in field.get("constraints", {}).get("enum", [])
    }
    assert len(wanted) > 60
    assert wanted - set(lexicon.codes()) == set()


def test_every_method_has_a_word():
    from lupuscart.stats.proportion import METHODS

    assert {f"method.{method}" for method in METHODS} <= set(lexicon.codes())


def test_a_sentence_is_filled_in():
    assert lexicon.word("window.by", week=12) == "by week 12"
    with lexicon.using("zh"):
        assert lexicon.word("window.by", week=12) == "12 周内"
    assert lexicon.current_language() == "en"


def test_unknown_code_and_language_are_refused_by_name():
    with pytest.raises(ValueError, match=r"outcome.sri5.*outcome.sri4"):
        lexicon.word("outcome.sri5")
    with pytest.raises(ValueError, match=r"language is 'fr'.*en, zh"):
        lexicon.set_language("fr")


def test_a_language_for_a_while_ends_with_its_lines():
    with pytest.raises(KeyError), lexicon.using("zh"):
        raise KeyError
    assert lexicon.current_language() == "en"


def test_a_table_in_words_leaves_its_input_alone():
    table = pd.DataFrame({"timing": ["by", None], "n": [15, 5], "product": ["<b>x</b>", "y"]})
    before = table.copy()
    shown = lexicon.in_words(table)
    pd.testing.assert_frame_equal(table, before)
    assert shown.columns.tolist() == ["timing", "evaluable", "product"]
    assert shown["timing"].tolist() == ["by this week", "not reported"]
    assert shown["product"].tolist() == ["<b>x</b>", "y"]


def test_text_with_braces_in_a_gap_stays_text():
    filled = lexicon.word("sentence.secondhand", sentence="{study} {0} {")
    assert filled.startswith("{study} {0} {")
