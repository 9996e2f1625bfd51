"""A figure is saved with what is said of it, and a picture sent around keeps it."""

import json
import re

import pandas as pd
import pytest
from PIL import Image

from lupuscart.figures import style
from lupuscart.figures.save import save_figure

SAID = {
    "headline": "A 2025: 12 of 15",
    "alt": "Counts. 12 of 15, 一行 & more.",
    "source": ["A 2025, n = 15", "B 2025, n = 5"],
    "provenance": ["A 2025: 12 of 15."],
    "references": ["A 2025. Journal."],
    "table": {"columns": ["study"], "rows": [["A 2025"]]},
}


class Words:
    """What is said, as an object of any kind."""

    def __init__(self):
        self.__dict__.update(SAID)


@pytest.fixture(params=[SAID, Words()], ids=["mapping", "object"])
def saved(request, tmp_path):
    table = pd.DataFrame({"k": [12]})
    save_figure(style.new_figure(), table, "one", str(tmp_path), words=request.param)
    return tmp_path


def test_four_files_are_written_and_no_draft_is_left(saved):
    assert {path.name for path in saved.iterdir()} == {
        *("one.png", "one.svg", "one.csv", "one.json")
    }


def test_what_is_said_lies_beside_the_figure(saved):
    said = json.loads((saved / "one.json").read_text(encoding="utf-8"))
    order = said.pop("order")
    assert said == SAID
    save_figure(style.new_figure(), pd.DataFrame(), "two", str(saved), words=SAID)
    assert json.loads((saved / "two.json").read_text(encoding="utf-8"))["order"] > order > 0


def test_what_is_said_of_the_figure_of_a_page_lies_there_too(tmp_path):
    more = {"answer": ["Most."], "supports": ["A rate."], "does_not_support": []}
    save_figure(style.new_figure(), pd.DataFrame(), "one", str(tmp_path), words=SAID | more)
    said = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    del more["does_not_support"]
    assert {part: value for part, value in said.items() if part != "order"} == SAID | more


def test_a_png_says_what_it_shows_and_where_it_is_from(saved):
    with Image.open(saved / "one.png") as picture:
        text = picture.text
    assert text["Title"] == SAID["headline"]
    assert text["Description"] == SAID["alt"]
    assert text["Source"] == "A 2025, n = 15; B 2025, n = 5"


def test_an_svg_says_the_same_in_dublin_core(saved):
    drawing = (saved / "one.svg").read_text(encoding="utf-8")
    assert dict(re.findall(r"<dc:(title|description|source)>(.+?)</dc:", drawing)) == {
        "title": SAID["headline"],
        "description": "Counts. 12 of 15, 一行 &amp; more.",
        "source": "A 2025, n = 15; B 2025, n = 5",
    }
    assert "<dc:date>" not in drawing


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (SAID | {"alt": " "}, "alt"),
        (SAID | {"headline": ""}, "headline"),
        ({"headline": "A", "alt": "B"}, "source, provenance, references, table"),
        (None, "headline, alt, source, provenance, references, table"),
    ],
)
def test_words_that_lack_a_part_are_refused_and_nothing_is_written(words, missing, tmp_path):
    with pytest.raises(ValueError, match=f"figure 'one' has no {missing}; allowed: "):
        save_figure(style.new_figure(), pd.DataFrame(), "one", str(tmp_path), words=words)
    assert list(tmp_path.iterdir()) == []


def test_words_are_checked_even_if_nothing_is_saved():
    with pytest.raises(ValueError, match="has no headline"):
        save_figure(style.new_figure(), pd.DataFrame(), "one", "", words={})
