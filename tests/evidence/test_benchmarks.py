"""What a trial's counts are set beside, and how each benchmark says that it is another thing."""

import pandas as pd
import pytest
from conftest import TRIALS_CSV

from lupuscart.data import tables
from lupuscart.evidence.benchmarks import (
    choose_benchmarks,
    compare_with_benchmarks,
    relate_benchmarks,
)
from lupuscart.stats import background
from lupuscart.stats.planning import two_arm
from lupuscart.words import lexicon


@pytest.fixture(scope="module")
def benchmarks():
    return tables.load_benchmarks(TRIALS_CSV)


def test_the_chosen_benchmarks_are_chemotherapy_or_placebo_with_the_endpoint(benchmarks):
    chosen = choose_benchmarks(benchmarks, outcomes=["sri4", "lldas_and_doris"])
    assert set(chosen["treatment"]) == {
        "cyclophosphamide_based",
        "conditioning_with_transplant",
        "standard_care",
    }
    placebo = chosen[chosen["treatment"] == "standard_care"]
    assert set(placebo["outcome"]) == {"sri4", "lldas"}
    assert "treatment_related_death" not in set(chosen["outcome"])


def test_benchmarks_are_numbered_by_their_rate(benchmarks):
    chosen = choose_benchmarks(benchmarks, outcomes=["sri4"])
    assert chosen["number"].tolist() == list(range(1, len(chosen) + 1))
    assert chosen["rate"].is_monotonic_increasing
    petri = chosen[chosen["study"] == "petri_2010"]
    assert petri["rate"].tolist() == pytest.approx([9 / 26, 11 / 21])
    assert petri["week"].tolist() == [26, 26]


def test_a_percentage_that_is_no_count_stays_a_percentage(benchmarks):
    chosen = choose_benchmarks(benchmarks, outcomes=["sri4"])
    burt = chosen[chosen["study"] == "burt_2018"].iloc[0]
    assert burt["rate"] == pytest.approx(0.92)
    assert burt.isna()["events"]


def test_no_benchmark_has_the_endpoint_and_window_of_a_core_trial(benchmarks, outcomes, studies):
    core = tables.select_trials(outcomes, studies, role="core", domain="efficacy")
    for row in core.itertuples():
        relation = relate_benchmarks(
            benchmarks, outcome=row.outcome, week=row.week, timing=row.timing
        )
        assert "same" not in set(relation)


def test_the_same_endpoint_and_window_would_be_seen(benchmarks):
    relation = relate_benchmarks(benchmarks, outcome="sri4", week=52, timing="at")
    assert set(relation[benchmarks["outcome"] == "sri4"]) == {"same", "other_window"}
    assert set(relation[benchmarks["outcome"] != "sri4"]) == {"other_endpoint"}


def test_the_conclusion_hangs_on_the_choice_of_benchmark(benchmarks, outcomes):
    feng = outcomes[outcomes["outcome"] == "lldas_and_doris"].assign(label="Feng")
    chosen = choose_benchmarks(benchmarks, outcomes=["lldas_and_doris"])
    petri = chosen.loc[chosen["study"] == "petri_2010", ["number", "events", "n"]]
    rows = feng[["label", "events", "n"]].merge(petri, how="cross", suffixes=("", "_b"))
    monthly, high_dose = compare_with_benchmarks(rows).itertuples()
    assert (monthly.low, monthly.high) == pytest.approx((0.114, 0.695), abs=5e-4)
    assert (high_dose.low, high_dose.high) == pytest.approx((-0.059, 0.555), abs=5e-4)


def test_two_groups_too_large_for_an_exact_test_are_compared_without_it():
    rows = pd.DataFrame({"label": "own", "events": [30, 16], "n": [40, 20], "number": 1})
    large, small = compare_with_benchmarks(rows.assign(events_b=147, n_b=366)).to_dict("records")
    assert pd.isna([large[name] for name in ("low", "high", "p_score", "p_boschloo")]).all()
    assert large["agree"] is None
    assert 1 < large["ratio_low"] < large["ratio"] < large["ratio_high"]
    assert not pd.isna(list(small.values())).any()
    shown = lexicon.in_words(pd.DataFrame([large, small]))
    assert shown["both tests and both intervals agree"].tolist() == [
        "not tested: too many patients",
        "yes",
    ]


def test_the_table_of_sizes_says_nothing_where_nothing_is_enough():
    sizes = two_arm.sample_size_table(0.8, [0.4, 0.8], power=0.8, ratios=[1], n_max=50)
    assert sizes["n2"].isna().tolist() == [False, True]


def test_other_mistakes_are_not_taken_for_an_unreachable_power():
    with pytest.raises(ValueError, match="alpha is 0"):
        two_arm.sample_size_table(0.8, [0.4], power=0.8, alpha=0)


def test_assurance_is_below_the_power_of_a_plan_on_the_point_estimate():
    table = two_arm.assurance_table([30], (12.5, 3.5), [(4, 6)], 0.8, 0.4)
    assert table["probability"].is_monotonic_decreasing


def test_each_belief_has_a_row():
    table = background.belief_table(12, 15, [(1, 1), (2, 8)])
    assert table["belief"].tolist() == ["Beta(1, 1)", "Beta(2, 8)"]
    assert table["above_0"].tolist() == pytest.approx([0.78125, 0.999064], abs=1e-6)
