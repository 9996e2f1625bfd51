"""What is said of every figure is whole, and in the reader's language."""

import json
import re
import unicodedata

import pandas as pd
import pytest
from conftest import ROOT

from lupuscart import arguments
from lupuscart.figures import style
from lupuscart.figures.save import save_figure
from lupuscart.reporting import finding, tables
from lupuscart.words import lexicon

FIGURES = [
    *("01_trials_evidence", "02_response_by_endpoint", "02_response_chosen"),
    *("03_sledai_changes", "03_sledai_scores", "04_safety_events", "04_safety_zero"),
    *("05_small_samples_coverage", "05_small_samples_methods", "06_conditioning_tipping"),
    *("07_synthesis_pooled", "08_next_trial_assurance", "08_next_trial_power"),
    *("10_durability", "10_durability_2", "10_durability_3"),
    *("11_unsaid_facts", "12_coming_could_show", "12_coming_trials"),
]


# They show reports, also ones without an outcome.
REPORTS = ["01_trials_evidence", "04_safety_zero", "11_unsaid_facts"]


# The Chinese run takes a quarter of a minute.
@pytest.fixture(scope="module", params=["en", pytest.param("zh", marks=pytest.mark.slow)])
def made(request):
    """The records of a run in each language: the committed ones, and a Chinese run."""
    if request.param == "en":
        folder = ROOT / "figures"
    else:
        folder = request.getfixturevalue("chinese_run").figures
    records = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return request.param, {name: records[name] for name in FIGURES}


def _texts(said):
    table = said["table"]
    cells = [cell for row in table["rows"] for cell in row]
    lists = [said["source"], said["provenance"], said["references"], table["columns"], cells]
    lists += [said.get(part, []) for part in arguments.PAGE_WORDS]
    return [said["headline"], said["alt"], *(text for each in lists for text in each)]


def _breadth(text):
    """Half a character for a narrow one, as wide as it is drawn beside Chinese."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return (len(text) + wide) / 2


def test_every_part_is_there(made):
    _, records = made
    for name, said in records.items():
        assert set(arguments.FIGURE_WORDS) <= set(said), name
        assert said["headline"].strip(), name
        assert said["source"], name
        # A report of which only its size or follow-up is shown has no number to account for.
        assert len(said["provenance"]) >= len(said["references"]) or name in REPORTS, name
        assert all(isinstance(text, str) and text for text in _texts(said)), name
        assert all(len(row) == len(said["table"]["columns"]) for row in said["table"]["rows"])


def test_a_headline_fits_on_a_slide(made):
    language, records = made
    bound = {"en": 62.5, "zh": 60}[language]
    too_long = {name: said["headline"] for name, said in records.items()}
    assert {name: text for name, text in too_long.items() if _breadth(text) > bound} == {}


def test_no_gap_is_left_and_no_code_is_shown(made):
    _, records = made
    codes = {code.partition(".")[2] for code in lexicon.codes()}
    codes |= {name for table in ("studies", "trials") for name in _columns(table)}
    codes |= set(pd.read_csv(ROOT / "data/studies.csv")["study"])
    codes = {code for code in codes if "_" in code}
    for name, said in records.items():
        for text in _texts(said):
            assert not re.search(r"[{}]|\bnan\b|<NA>", text), (name, text)
            # A note is the table's own text, and may name a row of it.
            ours = re.split(r"Note: |备注：", text)[0]
            assert codes.isdisjoint(re.findall(r"\w+", ours)), (name, text)


def _columns(table):
    return pd.read_csv(ROOT / "data" / f"{table}.csv", nrows=0).columns


def test_chinese_readers_find_no_english_heading(made):
    language, records = made
    if language == "en":
        return
    for name, said in records.items():
        for heading in said["table"]["columns"]:
            assert re.search(r"[\u4e00-\u9fff]|^n = \d+$", heading), (name, heading)
        assert re.search(r"[\u4e00-\u9fff]", said["headline"]), name
        # Names, methods and units are Latin in Chinese print too; English words are not.
        assert not re.search(r"\b(of|and|to|the|with|by|points)\b", said["headline"]), name


def test_both_languages_say_the_same_numbers(made):
    """The committed English and the Chinese run: the same numbers in each headline."""
    _, records = made
    english = json.loads((ROOT / "figures/figures.json").read_text(encoding="utf-8"))
    for name, said in records.items():
        theirs, ours = (sorted(_numbers(each["headline"])) for each in (english[name], said))
        assert ours == theirs, name


def _numbers(headline):
    """Those of results; of a name (2025a, SRI-4) a headline without room for it has none."""
    # How many names have no room differs with the language.
    headline = re.sub(r"and \d+ more|及另外 \d+ 项", "", headline)
    without_names = re.sub(r"\b20\d\d[a-z]?(?![\d.])|[A-Za-z]-\d+", "", headline)
    return re.findall(r"\d+(?:\.\d+)?", without_names)


def test_a_picture_carries_its_headline_and_source():
    from PIL import Image

    records = json.loads((ROOT / "figures/figures.json").read_text(encoding="utf-8"))
    for name in FIGURES:
        with Image.open(ROOT / "figures" / f"{name}.png") as picture:
            assert picture.text["Title"] == records[name]["headline"]
            assert picture.text["Description"] == records[name]["alt"]
            assert picture.text["Source"] == "; ".join(records[name]["source"])


def test_what_is_said_is_what_save_figure_takes(tmp_path):
    row = {"study": "a", "first_author": "A", "year": 2025, "outcome": "doris", "timing": "by"}
    row |= {"cohort": "all", "week": 12, "n": 5, "events": 0, "statistic": "count"}
    row |= {"basis": "stated", "read_in": "primary", "locator": "abstract"}
    found = finding.Finding(
        *("pooling", pd.DataFrame(), "A.", ["B."]),
        draw=None,
        rows=[pd.DataFrame([row])],
        gaps={"outcome": "DORIS"},
    )
    said = found.words
    save_figure(style.new_figure(), pd.DataFrame(), "one", str(tmp_path), words=said)
    kept = json.loads((tmp_path / "one.json").read_text())
    assert kept.pop("order") > 0
    assert kept == {part: value for part, value in vars(said).items() if part in kept}
    assert set(kept) == {*arguments.FIGURE_WORDS, "cited"}
    assert said.alt.startswith("DORIS: the cohorts")
    assert said.source == ["A 2025, no identifier found, by week 12, n = 5"]
    assert said.table is None


def test_a_table_is_text_with_percentages(tongue):
    table = pd.DataFrame(
        {
            "label": ["A 2025", None],
            "rate": [0.997, None],
            "size": [0.0475, 0.05],
            "change": [-7.9, 2],
            "n": pd.array([15, None], dtype="Int64"),
        }
    )
    shown = tables.table_words(table)
    percent = {"en": "{} %", "zh": "{}%"}[tongue].format
    missing = lexicon.word("not_reported")
    assert shown["rows"] == [
        ["A 2025", percent("99.7"), percent("4.8"), "−7.9", "15"],
        [missing, "–", percent("5.0"), "2", missing],
    ]


def test_a_size_of_cohort_is_a_heading():
    table = pd.DataFrame({"assumption": ["fixed"], 10: [0.425]})
    assert tables.table_words(table) == {
        "columns": ["assumption", "n = 10"],
        "rows": [["fixed", "42 %"]],
        "right": [False, True],
    }
