"""A page says what it lacks before it runs, or in one sentence on itself."""

import pytest
from folders import another_disease
from pages_in_process import PAGES

from lupuscart.data.tables import load_trials
from lupuscart.evidence import changes, needs
from lupuscart.words.lexicon import LANGUAGES, using


@pytest.fixture(scope="module")
def trials():
    return load_trials("data/trials.csv")


def test_the_collection_has_what_every_page_needs():
    assert not any(needs.lacking(page, "data/trials.csv") for page in needs.PAGE_NEEDS)
    assert set(PAGES) <= {*needs.PAGE_NEEDS, "11_unsaid"}


@pytest.mark.parametrize("need", needs.NEEDS)
def test_every_need_is_said_in_every_language(need):
    said = set()
    for language in LANGUAGES:
        with using(language):
            said.add(needs.without(need))
    assert len(said) == len(LANGUAGES)


def test_a_notebook_shows_the_sentence_alone(tmp_path):
    trials_csv = another_disease(tmp_path, "efficacy")
    with pytest.raises(needs.NothingToShowError) as stopped:
        needs.require("03_sledai", trials_csv)
    assert stopped.value._render_traceback_() == [needs.without("scores")]


def test_what_the_choices_of_a_page_leave_nothing_of_is_named(tmp_path):
    trials_csv = another_disease(tmp_path, "safety")
    assert needs.nothing_to_show("04_safety", trials_csv, role="core") == ""
    sentence = needs.nothing_to_show("04_safety", trials_csv, role="context")
    assert sentence == "No row that this page could show has role context."
    far = needs.nothing_to_show("07_synthesis", "data/trials.csv", week=999, window=3)
    assert "week 999, window 3" in far
    assert needs.nothing_to_show("07_synthesis", "data/trials.csv", week=24, window=13) == ""


def test_a_page_of_ones_own_needs_nothing_that_is_known(tmp_path):
    trials_csv = another_disease(tmp_path, "efficacy")
    assert needs.lacking("04_mine", trials_csv) == needs.lacking("01_a", trials_csv) == []
    assert needs.lacking("04_safety", trials_csv) == ["safety_counts"]


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


@pytest.mark.parametrize("need", ["efficacy_counts", "response_counts", "safety_counts", "scores"])
def test_a_report_is_said_to_be_on_the_pages_that_would_run_for_it_alone(trials, need):
    """One row each: also of an outcome of efficacy that is no response."""
    for place in trials.index[needs.NEEDS[need].rows(trials)]:
        row = trials.loc[[place]]
        runs = [
            page[:2]
            for page, wanted in needs.PAGE_NEEDS.items()
            if page < "05" and all(needs.has(row, each) for each in wanted)
        ]
        assert needs.pages_of(row, row["study"].iloc[0]) == runs != []
