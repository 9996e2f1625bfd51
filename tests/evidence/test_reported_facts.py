"""A mark says what the rows say: it changes with a row, and with nothing else."""

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data import tables
from lupuscart.evidence.reports.reported_facts import FACTS, STATES, WHOLE, reported_facts
from lupuscart.words import lexicon

STUDY = {"study": "a", "n_treated": 8, "conditioning": None, "conditioning_detail": None}
STUDY |= {"n_enrolled": None}
TRIAL = {"study": "a", "cohort": "all", "basket": "no", "week": 26, "timing": "at", "n": 8}
TRIAL |= {"statistic": "count", "events": 3, "value": None, "spread": None, "read_in": "primary"}
FOLLOWED = {"study": "a", "cohort": "all", "who": "cohort", "n": 8, "n_followed": None}
FOLLOWED |= dict.fromkeys(["median", "minimum", "maximum", "mean", "range_width", "at_least"])
FOLLOWED |= {"relapses": None, "deaths": None, "read_in": "primary"}
SCORE = {"outcome": "sledai_2k", "statistic": "median", "events": None, "value": 4, "spread": "0-8"}


def _count(*codes, **also):
    return {"trials": [{"outcome": code} | also for code in codes]}


#: What makes each fact complete: rows of the tables.
COMPLETE = {
    "enrolled": {"studies": {"n_enrolled": 9}},
    "treated": {"studies": {}},
    "left_out": _count("sledai_decreased"),
    "drugs": {"studies": {"conditioning": "fludarabine+cyclophosphamide"}},
    "doses": {"studies": {"conditioning_detail": "fludarabine 25 mg/m2/d x3"}},
    "follow_up": {"follow_up": [{"minimum": 3, "maximum": 9}]},
    "endpoint": _count("doris"),
    "baseline": _count("sledai_2k", **SCORE, week=0),
    "later_score": _count("sledai_2k", **SCORE),
    "flares": _count("flare"),
    "deaths": {"follow_up": [{"deaths": 0}]},
    "crs": _count("crs_any", "crs_grade3plus"),
    "icans": _count("icans_any", "icans_grade3plus"),
    "infections": _count("infection_any", "serious_infection"),
    "cytopenia": _count("neutropenia_grade3plus"),
    "b_cells": _count("b_cells_back"),
    "glucocorticoids": _count("glucocorticoids_5mg"),
    "drugs_stopped": _count("off_immunosuppression"),
}
COUNTED = [fact for fact, rows in COMPLETE.items() if "trials" in rows]


def _table(rows, like):
    table = pd.DataFrame([like | row for row in rows], columns=[*like, "outcome"])
    whole = [name for name in ("n", "events", "week", "n_treated", "n_enrolled") if name in table]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _facts(studies=None, trials=(), follow_up=()):
    made = _table([studies or {}], STUDY), _table(trials, TRIAL), _table(follow_up, FOLLOWED)
    return reported_facts(*made).loc["a"]


def test_every_fact_has_its_words_and_a_case_here():
    assert set(COMPLETE) == set(FACTS)
    kinds = ("fact", "fact_rule", "fact_ask")
    assert {f"{kind}.{fact}" for kind in kinds for fact in FACTS} <= set(lexicon.codes())
    assert {f"fact_state.{state}" for state in STATES} <= set(lexicon.codes())


def test_a_report_that_says_nothing_gives_no_fact():
    assert set(_facts({"n_treated": pd.NA})) == {"not_found"}


@pytest.mark.parametrize("fact", FACTS)
def test_its_rows_make_a_fact_complete_and_without_them_it_is_not_found(fact):
    assert _facts(**COMPLETE[fact])[fact] in WHOLE
    without = {"n_treated": pd.NA} if fact == "treated" else None
    assert _facts(without)[fact] == "not_found"


def test_a_report_that_says_everything_gives_every_fact():
    everything = {"studies": {}, "trials": [], "follow_up": []}
    for rows in COMPLETE.values():
        everything["studies"] |= rows.get("studies", {})
        everything["trials"] += rows.get("trials", [])
        everything["follow_up"] += rows.get("follow_up", [])
    assert set(_facts(**everything)) == {"primary"}


@pytest.mark.slow
@pytest.mark.parametrize("fact", COUNTED)
@pytest.mark.parametrize(
    "change",
    [{"n": 7}, {"basket": "yes", "n": 15}, {"statistic": "events_only", "n": pd.NA}],
    ids=["fewer patients", "other diseases among them", "no denominator"],
)
def test_a_row_of_other_patients_gives_a_fact_in_part(fact, change):
    if fact in ("baseline", "later_score") and "statistic" in change:
        change = {"n": pd.NA}
    rows = [row | change for row in COMPLETE[fact]["trials"]]
    assert _facts(trials=rows)[fact] == "part"


@pytest.mark.parametrize("fact", [fact for fact in COUNTED if len(COMPLETE[fact]["trials"]) > 1])
def test_one_of_two_needs_gives_a_fact_in_part_and_the_worse_reading_counts(fact):
    first, second = COMPLETE[fact]["trials"]
    assert _facts(trials=[first])[fact] == _facts(trials=[second])[fact] == "part"
    read = [first, second | {"read_in": "secondary"}]
    assert _facts(trials=read)[fact] == "secondary"


@pytest.mark.parametrize("any_grade, severe", [("crs_any", "crs"), ("icans_any", "icans")])
def test_none_of_any_grade_is_none_that_is_severe_and_some_says_nothing(any_grade, severe):
    assert _facts(trials=[{"outcome": any_grade, "events": 0}])[severe] == "primary"
    assert _facts(trials=[{"outcome": any_grade, "events": 1}])[severe] == "part"


def test_cohorts_that_add_up_to_all_treated_patients_are_all_of_them():
    both = [{"outcome": "b_cells_back", "cohort": name, "n": n} for name, n in (("x", 3), ("y", 5))]
    assert _facts(trials=both)["b_cells"] == "primary"
    assert _facts(trials=both[:1])["b_cells"] == "part"
    patients = [{"cohort": f"p{n}", "who": "patient", "n": 1, "median": 5} for n in range(8)]
    assert _facts(follow_up=patients)["follow_up"] == "primary"
    assert _facts(follow_up=patients[1:])["follow_up"] == "part"


@pytest.mark.parametrize(
    "timing, week", [("by", pd.NA), ("median_followup", 26), ("last_visit", pd.NA)]
)
def test_a_response_without_a_week_of_its_own_is_there_in_part(timing, week):
    assert (
        _facts(trials=[{"outcome": "doris", "timing": timing, "week": week}])["endpoint"] == "part"
    )


def test_a_score_without_spread_a_change_and_a_length_alone_do_not_do():
    bare = SCORE | {"spread": None}
    assert _facts(trials=[bare])["later_score"] == "part"
    ends = [bare | {"statistic": name} for name in ("minimum", "maximum")]
    assert _facts(trials=ends)["later_score"] == "primary"
    assert _facts(trials=[bare | {"statistic": "median_change"}])["later_score"] == "not_found"
    assert _facts(follow_up=[{"median": 9}])["follow_up"] == "part"
    mixed = {"minimum": 1, "maximum": 9, "n_followed": 15}
    assert _facts(follow_up=[mixed])["follow_up"] == "part"


def test_deaths_of_one_cause_are_not_all_deaths():
    ascribed = [{"outcome": "treatment_related_death", "events": 0}]
    assert _facts(trials=ascribed)["deaths"] == "part"
    assert _facts(trials=ascribed, follow_up=[{"deaths": 0}])["deaths"] == "part"


def test_no_conditioning_leaves_no_drug_and_no_dose_to_ask_for():
    none = _facts({"conditioning": "none"}, trials=[{"outcome": "doris", "read_in": "secondary"}])
    assert none[["drugs", "doses"]].tolist() == ["secondary", "secondary"]
    unnamed = _facts({"conditioning": "lymphodepletion, drugs not reported"})
    assert unnamed[["drugs", "doses"]].tolist() == ["not_found", "not_found"]


@pytest.mark.parametrize(
    "read, state",
    [
        (["primary"], "primary"),
        (["secondary", "secondary"], "secondary"),
        (["primary", "secondary"], "unrecorded"),
        ([], "unrecorded"),
    ],
)
def test_a_fact_of_the_studies_is_as_the_report_was_read_if_that_was_in_one_way(read, state):
    rows = [{"outcome": "doris", "read_in": how} for how in read]
    assert _facts(trials=rows)["treated"] == state


@pytest.mark.parametrize("cohort, state", [("all", "primary"), ("some", "part")])
def test_where_the_number_treated_is_not_known_the_cohort_says_who_is_meant(cohort, state):
    rows = [{"outcome": "flare", "cohort": cohort, "basket": None}]
    assert _facts({"n_treated": pd.NA}, trials=rows)["flares"] == state


@examples(20)
@given(st.data())
def test_a_row_more_never_takes_a_fact_away(data):
    everything = [row for rows in COMPLETE.values() for row in rows.get("trials", [])]
    changes = [{}, {"n": 5}, {"basket": "yes"}, {"timing": "by"}, {"read_in": "secondary"}]
    row = st.tuples(st.sampled_from(everything), st.sampled_from(changes)).map(
        lambda x: x[0] | x[1]
    )
    rows = data.draw(st.lists(row, max_size=6))
    before, after = _facts(trials=rows[1:]), _facts(trials=rows)
    studies_only = ["treated", "enrolled", "drugs", "doses"]  # as the report was read, on the whole
    worse = before.map(STATES.index) < after.map(STATES.index)
    assert not worse.drop(studies_only).any()


def test_the_states_of_the_collection_follow_from_its_rows():
    loaded = (tables.load_studies, tables.load_trials, tables.load_follow_up)
    studies, trials, follow_up = (load(TRIALS_CSV) for load in loaded)
    facts = reported_facts(studies, trials, follow_up)
    assert facts.shape == (len(studies), len(FACTS))
    assert facts.loc["feng_2025", "follow_up"] == "primary"
    # The mean of four of five patients, without the one who flared.
    assert facts.loc["wang_x_2025", "later_score"] == "part"
    # 50 and 100 million cells together are all nine patients.
    assert facts.loc["carlysle_2025", "icans"] == "secondary"
    fewer = reported_facts(studies, trials[trials["study"].ne("feng_2025")], follow_up)
    assert fewer.drop("feng_2025").equals(facts.drop("feng_2025"))
    without = reported_facts(studies, trials, follow_up.iloc[:0])
    assert set(without["follow_up"]) == {"not_found"}
