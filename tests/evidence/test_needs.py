"""A page says what it lacks before it runs, or in one sentence on itself."""

import pandas as pd
import pytest

from lupuscart.data.tables import load_trials
from lupuscart.evidence import changes, needs
from lupuscart.words.lexicon import using

NO_TRIALS = {"study": "a", "cohort": "all", "week": pd.NA, "n": 5, "value_printed": None}


@pytest.fixture(scope="module")
def trials():
    return load_trials("data/trials.csv")


def test_the_collection_meets_every_need(trials):
    assert [need for need in needs.NEEDS if not needs.has(trials, need)] == []
    assert all(needs.lacking(page, trials) == [] for page in needs.PAGE_NEEDS)


@pytest.mark.parametrize("need", needs.NEEDS)
def test_without_these_rows_the_need_is_not_met_and_is_said_in_both_languages(trials, need):
    left = trials[~needs.NEEDS[need](trials)]
    assert not needs.has(left, need)
    with using("zh"):
        chinese = needs.without(need)
    assert chinese != needs.without(need)
    lacking = {page for page, wanted in needs.PAGE_NEEDS.items() if need in wanted}
    assert lacking <= {page for page in needs.PAGE_NEEDS if needs.lacking(page, left)}


def test_a_page_of_ones_own_needs_nothing_that_is_known(trials):
    assert needs.lacking("10_mine", trials.iloc[:0]) == []
    assert needs.lacking("04_safety", trials.iloc[:0]) == ["safety_counts"]


def test_a_baseline_alone_is_no_change(trials):
    scores = trials[trials["domain"].eq("activity_score")]
    assert not needs.has(scores[scores["week"].eq(0).fillna(value=False)], "score_changes")
    assert needs.has(scores[scores["statistic"].eq("largest_fall")], "score_changes")


def test_printed_means_of_nothing_are_an_empty_table(trials):
    some, none = changes.printed_means(trials), changes.printed_means(trials.iloc[:0])
    assert some.columns.tolist() == none.columns.tolist()
    assert none.empty
    printed = some[some["outcome"].eq("sle_disease_activity_score")]
    assert printed[["value_printed", "decimals", "possible"]].values.tolist() == [
        ["31.30", 2, False],
        ["5.35", 2, False],
    ]


def test_the_pages_of_a_report(trials):
    assert needs.pages_of(trials, "feng_2025") == ["01", "02", "04"]
    assert needs.pages_of(trials, "chen_2025") == ["01", "02", "03", "04"]
    assert needs.pages_of(trials, "nobody_2025") == []
