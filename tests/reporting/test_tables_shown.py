"""Every table of every page and figure is one that people read."""

import re

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from hypothesis import given
from hypothesis import strategies as st
from pages_in_process import NOTEBOOKS, run_page

from lupuscart.explore.scenarios import Scenario
from lupuscart.explore.scenarios import answer as scenario_answer
from lupuscart.reporting.page import show
from lupuscart.reporting.tables import p_words, set_table, table_words
from lupuscart.site.parts import read_table
from lupuscart.words import lexicon

FRACTION = re.compile(r"[-−]?0?\.\d+|[-−]?\d[\d.]*e[-+]?\d+|1\.0+")
CODE = re.compile(r"[a-z]+\d*(?:_[a-z0-9]+)+")
#: Numbers below 1 that are no share of patients: p values, points, ratios, a printed score.
NO_SHARES = [
    *["smallest_p", "p_fisher", "p_boschloo", "probability", "probability_at_most"],
    *["reliability", "ratio", "ratio_low", "ratio_high", "value_printed", "spread"],
    *["baseline_printed", "follow_up_printed", "expected_fall", "change", "tau2", "increment"],
    *["increment_low", "increment_high", "difference", "difference_low", "difference_high"],
    *["near_low", "near_high", "estimate", "p_value", "low_years", "high_years", "upper_rate"],
    "flares_a_year",
]


def faults(columns, rows):
    """What is wrong with a table as a reader sees it, one line a fault."""
    free = {lexicon.word(f"column.{name}") for name in NO_SHARES}
    codes = {code.partition(".")[2] for code in lexicon.codes("column") if "_" in code}
    for place, heading in enumerate(columns):
        cells = [row[place] for row in rows]
        if not heading.strip() or re.fullmatch(r"[\d.,\s%−-]+", heading):
            yield f"heading {heading!r}"
        if heading in codes or CODE.fullmatch(heading):
            yield f"heading {heading!r} is a code"
        no_text = [cell for cell in cells if not isinstance(cell, str)]
        yield from (f"{heading}: {cell!r} is no text" for cell in no_text)
        if heading not in free:
            yield from (f"{heading}: {cell}" for cell in cells if FRACTION.fullmatch(str(cell)))
        yield from (f"{heading}: {cell} is a code" for cell in cells if CODE.fullmatch(str(cell)))
    if columns and [row[0] for row in rows] == [str(number) for number in range(len(rows))]:
        yield "row numbers"


# The sliders of page 09 have no cell of their own to show: their table is tested below.
PAGES = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem[:2] != "09"]


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    return run_page(request.param, TRIALS_CSV, draw=False, figures_dir="")


def test_every_table_of_a_page_is_one_to_read(page):
    assert page.tables
    for table in page.tables:
        assert table.caption, list(table.columns)
        if table.caption == lexicon.word("caption.months_to_exclude"):
            # Months under each number of patients, and no share.
            assert table.columns[1].startswith("n = ")
            continue
        assert list(faults(list(table.columns), table.to_numpy().tolist())) == []
        read = read_table(table._repr_html_())
        # Without row numbers, and with its caption.
        assert (read.caption, read.columns) == (table.caption, list(table.columns))
        assert read.rows == [[cell.strip() for cell in row] for row in table.to_numpy().tolist()]


def test_no_two_tables_of_a_page_have_one_caption(page):
    captions = [table.caption for table in page.tables]
    assert len(set(captions)) == len(captions)


def test_text_is_left_and_numbers_are_right(page):
    number = re.compile(r"[-−<>]?\d[\d.,]*( %)?")
    for table in page.tables:
        for place, right in enumerate(table.right):
            cells = [str(cell) for cell in table.iloc[:, place]]
            if right:
                assert not any(
                    re.search(r"[A-Za-z]{4}", cell.replace("not reported", "")) for cell in cells
                ), cells
            elif cells:
                assert not all(number.fullmatch(cell) for cell in cells), table.columns[place]


def test_every_table_of_a_figure_is_one_to_read(page):
    for name, words in page.said.items():
        if words.table:
            assert list(faults(words.table["columns"], words.table["rows"])) == [], name


def test_the_table_of_the_sliders_is_one_to_read():
    shown = scenario_answer(Scenario(5, 5, added_nonresponders=2)).shown
    assert shown.caption
    assert list(faults(list(shown.columns), shown.to_numpy().tolist())) == []


@pytest.mark.parametrize(
    "columns, rows",
    [
        (["study", "rate"], [["A", "0.4249"]]),
        (["study", "rate"], [["A", "1.0113e-06"]]),
        (["study", "lower limit"], [["A", "0.0"]]),
        (["", "study"], [["a", "A"]]),
        (["study", "0"], [["A", "x"]]),
        (["study", "0.4"], [["A", "40 %"]]),
        (["number", "study"], [["0", "A"], ["1", "B"]]),
        (["study"], [["mueller_2024"]]),
        (["read_in"], [["second-hand"]]),
        (["study", "evaluable"], [["A", 5]]),
    ],
)
def test_each_fault_is_found(columns, rows):
    assert list(faults(columns, rows))


SHARES = [
    *["rate", "low", "high", "lower", "upper", "estimate", "p2", "power", "rate_to_exclude"],
    *["true_rate", "null_rate", "share", "background_rate", "independent", "above_0"],
    *["above_20_points", "above_half", "posterior_mean", "next_patient", "next_five"],
    *["clopper-pearson", "blaker", "mid-p", "wilson", "jeffreys", "size"],
]


@given(st.lists(st.floats(0, 1), min_size=1), st.sampled_from([*SHARES, 10, 0.4]))
def test_any_share_is_a_percentage_under_any_heading(values, column):
    shown = set_table(pd.DataFrame({column: values}))
    assert all(cell.endswith(" %") for cell in shown.iloc[:, 0])
    assert not shown.columns[0].replace(".", "").isdigit()
    assert shown.right == [True]


@given(
    st.lists(st.floats(-1, 1), min_size=1),
    st.sampled_from(["increment", "difference"]),
    st.sampled_from(["low", "high"]),
)
def test_beside_a_difference_the_limits_are_points_too(values, difference, end):
    shown = set_table(pd.DataFrame({difference: values, end: values}))
    assert shown.iloc[:, 0].tolist() == shown.iloc[:, 1].tolist()
    assert not any("%" in cell or "-" in cell for cell in shown.iloc[:, 0])


@given(st.floats(0, 1))
def test_a_p_value_never_reads_zero(p):
    said = p_words(p)
    assert float(said.lstrip("<")) > 0
    assert len(said) <= 6
    assert "e" not in said


@given(
    st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("<>&'\"$ "), max_size=30)
)
def test_a_cell_is_never_markup(text):
    html = set_table(pd.DataFrame({"note": [text], "n": [5]}))._repr_html_()
    assert read_table(html).rows == [[text.strip(), "5"]]
    assert "mathjax_ignore" in html


@pytest.mark.parametrize("language", lexicon.LANGUAGES)
def test_every_caption_has_words(language):
    with lexicon.using(language):
        captions = [lexicon.word(code) for code in lexicon.codes("caption")]
    assert len(set(captions)) == len(captions) > 60


def test_an_empty_table_still_says_what_it_is():
    shown = show(pd.DataFrame(columns=["label", "n"]), "flares")
    assert "study" in repr(shown)
    assert shown.caption in shown._repr_html_()


def test_slides_and_pages_say_the_same():
    table = pd.DataFrame({"label": ["A 2025"], 10: [0.425], "smallest_p": [0.0312]})
    assert (
        table_words(table)["rows"]
        == show(table).to_numpy().tolist()
        == [["A 2025", "42 %", "0.03"]]
    )
