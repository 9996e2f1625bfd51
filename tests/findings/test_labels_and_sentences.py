"""Sentences and cautions are made from the rows, and fit them."""

import pandas as pd
import pytest

from lupuscart.data import tables
from lupuscart.findings import response
from lupuscart.reporting import page
from lupuscart.stats import proportion
from lupuscart.words.cautions import cautions
from lupuscart.words.labels import add_labels, label_studies, window
from lupuscart.words.lexicon import word
from lupuscart.words.sources import source_lines


@pytest.fixture
def core(outcomes, studies):
    rows = tables.select_trials(
        outcomes, studies, role="core", domain="efficacy", statistic="count"
    )
    labelled = add_labels(tables.with_studies(rows, studies))
    return proportion.response_proportions(labelled)


def _one(core, study):
    return core[core["study"] == study]


def test_a_sentence_states_the_count_the_interval_and_the_conditioning(core):
    options = {"confidence_level": 0.95, "method": "clopper-pearson"}
    assert response.response_sentences(_one(core, "feng_2025"), **options) == [
        "Feng J 2025, LLDAS and DORIS, by week 12: 12 of 15 "
        "(80 %; exact 95 % CI 52 to 96 %), fludarabine + cyclophosphamide."
    ]


def test_only_an_exact_interval_is_called_exact(core):
    options = {"confidence_level": 0.95, "method": "wilson"}
    (sentence,) = response.response_sentences(_one(core, "feng_2025"), **options)
    assert "exact" not in sentence


def test_what_was_read_second_hand_says_so(core):
    options = {"confidence_level": 0.95, "method": "clopper-pearson"}
    (sentence,) = response.response_sentences(_one(core, "wang_q_2025"), **options)
    assert sentence.endswith("Read second-hand.")


def test_a_cohort_without_conditioning_gets_another_caution(core, tongue):
    with_it = cautions(_one(core, "feng_2025"))
    without = cautions(_one(core, "wang_q_2025"))
    assert with_it[1] != without[1]
    assert not any("Wang Q" in caution for caution in with_it)
    assert "Wang Q" in without[1]


def test_a_chemotherapy_caution_needs_chemotherapy(core):
    said = " ".join(cautions(_one(core, "wang_q_2025")))
    assert "chemotherapy before the cells" not in said
    assert "no chemotherapy was given" in said


def test_unreported_conditioning_is_said_to_be_unreported(core):
    unknown = _one(core, "feng_2025").assign(conditioning=pd.NA)
    assert "is not reported" in cautions(unknown)[1]


@pytest.mark.parametrize(
    ("timing", "week", "expected"),
    [
        ("by", 12, "by week 12"),
        ("at", 26, "week 26 (month 6)"),
        ("at", 0, "baseline"),
        ("after_at_least", 17, "after at least 17 weeks"),
        ("median_followup", 52, "median follow-up 52 weeks (month 12)"),
        ("by", pd.NA, "by a week not stated"),
        ("during_followup", pd.NA, "during follow-up"),
        ("not_reported", pd.NA, "week not stated"),
    ],
)
def test_windows_are_never_merged(timing, week, expected):
    assert window(timing, week) == expected


def test_cohorts_of_one_report_are_told_apart():
    rows = pd.DataFrame(
        {
            "study": ["a", "a", "b"],
            "first_author": ["A", "A", "B"],
            "year": [2025, 2025, 2025],
            "cohort": ["low dose", "high dose", "all"],
        }
    )
    labels = label_studies(rows)["label"].tolist()
    assert labels == ["A 2025 (low dose)", "A 2025 (high dose)", "B 2025"]


@pytest.mark.parametrize("reports", [2, 3, 26, 28])
def test_reports_of_one_author_and_year_are_told_apart_by_a_letter(reports):
    codes = [f"x_{at}_2025" for at in range(reports)]
    rows = pd.DataFrame({"study": [*codes, "y", *codes], "year": 2025})
    rows["first_author"] = ["B" if code == "y" else "A" for code in rows["study"]]
    labels = label_studies(rows)["label"].tolist()
    assert labels[: reports + 1] == [*labels[-reports:], "B 2025"]
    assert labels[:2] == ["A 2025a", "A 2025b"]
    assert len(set(labels)) == reports + 1
    assert not any("_" in label for label in labels)


def test_a_report_keeps_its_letter_where_the_other_is_not_shown(outcomes, studies):
    every = page.labelled(outcomes, studies).set_index("study")["letter"].to_dict()
    assert set(every.values()) > {""}
    for study, letter in every.items():
        alone = page.labelled(outcomes[outcomes["study"] == study], studies)
        assert set(alone["letter"]) == {letter}
        (line,) = source_lines([alone])
        author, year = alone[["first_author", "year"]].iloc[0]
        assert line.startswith(f"{author} {year}{letter},")


def test_a_report_without_a_number_of_patients_says_so(tongue):
    row = {"study": "a", "first_author": "A", "year": 2025, "n_treated": pd.NA}
    (line,) = source_lines([pd.DataFrame([row])])
    assert line.endswith(word("scores.n_unknown"))
