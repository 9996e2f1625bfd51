"""What a trial's counts are set beside, and how each benchmark says that it is another thing."""

import pandas as pd
import pytest
from conftest import TRIALS_CSV

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.evidence.benchmarks import (
    benchmark_relations,
    choose_benchmarks,
    compare_with_benchmarks,
    nearest_benchmarks,
    relate_benchmarks,
)
from lupuscart.stats import background
from lupuscart.stats.planning import two_arm


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


@pytest.fixture(scope="module")
def core(outcomes, studies):
    rows = tables.select_trials(outcomes, studies, role="core", domain="efficacy")
    return endpoints.one_per_study(endpoints.choose_reports(rows).kept)


def test_a_benchmark_that_matches_a_trial_has_its_endpoint_and_window(benchmarks, core):
    relations = benchmark_relations(core, choose_benchmarks(benchmarks, outcomes=core["outcome"]))
    same = {name: set(rows.index[rows.eq("same")]) for name, rows in relations.items()}
    chosen = choose_benchmarks(benchmarks, outcomes=core["outcome"])
    assert chosen.loc[sorted(same["wang_x_2025"]), "study"].tolist() == ["he_2020"]
    assert same["feng_2025"] == set()


def test_a_match_of_another_endpoint_or_of_another_study_is_none(benchmarks):
    trial = {"study": "wang_x_2025", "outcome": "sri4", "week": 13, "timing": "at"}
    he = benchmarks[benchmarks["study"] == "he_2020"]
    assert set(relate_benchmarks(he, **trial)) == {"same", "other_window", "other_endpoint"}
    others = [{"outcome": "doris"}, {"study": "wang_x"}, {"study": "x_2025"}]
    for other in others:
        assert "same" not in set(relate_benchmarks(he, **trial | other))


def test_the_same_endpoint_and_window_would_be_seen(benchmarks):
    trial = {"study": "own", "outcome": "sri4", "week": 52, "timing": "at"}
    relation = relate_benchmarks(benchmarks, **trial)
    assert set(relation[benchmarks["outcome"] == "sri4"]) == {"same", "other_window"}
    assert set(relation[benchmarks["outcome"] != "sri4"]) == {"other_endpoint"}


def test_the_time_that_matches_a_trial_goes_before_an_earlier_one(benchmarks):
    he = benchmarks[benchmarks["study"].eq("he_2020") & benchmarks["outcome"].eq("sri4")]
    early = he[he["week"].eq(12)].assign(week=4, matches=None, events=1)
    chosen = choose_benchmarks(pd.concat([early, he]), outcomes=["sri4"])
    assert chosen["week"].tolist() == [12]


@pytest.mark.parametrize("most", range(1, 30))
def test_the_nearest_are_so_many_in_the_order_of_their_rate_one_an_arm(benchmarks, core, most):
    chosen = choose_benchmarks(benchmarks, outcomes=core["outcome"])
    nearest = nearest_benchmarks(chosen, core, most=most)
    assert len(nearest) == min(most, len(chosen.drop_duplicates(["study", "arm"])))
    assert nearest["rate"].is_monotonic_increasing
    assert not nearest.duplicated(["study", "arm"]).any()
    # What has a trial's endpoint and window is never crowded out.
    assert "he_2020" in set(nearest["study"])


def test_the_drugs_of_the_conditioning_and_the_endpoint_of_each_trial_are_drawn(benchmarks, core):
    chosen = choose_benchmarks(benchmarks, outcomes=core["outcome"])
    nearest = nearest_benchmarks(chosen, core)
    assert {"flu_cy_2007", "tulip_lldas"} <= set(nearest["study"])
    # Of one arm the endpoint that fewest reached speaks.
    (flu_cy,) = nearest[nearest["study"] == "flu_cy_2007"].itertuples()
    assert (flu_cy.events, flu_cy.n) == (7, 11)


def test_benchmarks_without_the_columns_of_nearness_can_be_chosen(benchmarks, core):
    bare = benchmarks.drop(columns=["closeness", "matches"])
    chosen = choose_benchmarks(bare, outcomes=core["outcome"])
    assert len(nearest_benchmarks(chosen, core, most=5)) == 5


# R 4.2.2, exact2x2 1.7.0: uncondExact2x2(k2, n2, k1, n1, method="score",
# tsmethod="central", gamma=1e-6), lower and upper limits.
@pytest.mark.parametrize(
    ("trial", "benchmark", "low", "high"),
    [
        ((12, 15), (91, 287), 0.221, 0.641),
        ((12, 15), (147, 366), 0.136, 0.556),
        ((5, 5), (72, 366), 0.316, 0.858),
        ((5, 5), (147, 366), 0.117, 0.666),
    ],
)
def test_restricted_limits_are_those_of_r(trial, benchmark, low, high):
    row = {"label": "A", "benchmark": "B", "events": trial[0], "n": trial[1]}
    row |= {"events_b": benchmark[0], "n_b": benchmark[1]}
    (versus,) = compare_with_benchmarks(pd.DataFrame([row])).to_dict("records")
    assert (versus["near_low"], versus["near_high"]) == pytest.approx((low, high), abs=6e-4)
    # Leaving out rates can only help: the difference that was seen lies inside both.
    assert versus["low"] <= versus["near_low"] + 1e-5 < versus["difference"] < versus["near_high"]


def test_two_groups_too_large_for_exact_limits_are_compared_without_them():
    rows = pd.DataFrame({"label": "own", "events": [30, 16], "n": [40, 20], "benchmark": "B"})
    sizes = {"events_b": [14700, 14], "n_b": [36600, 36]}
    large, small = compare_with_benchmarks(rows.assign(**sizes)).to_dict("records")
    exact = ("low", "high", "near_low", "near_high", "p_boschloo")
    assert pd.isna([large[name] for name in exact]).all()
    assert 1 < large["ratio_low"] < large["ratio"] < large["ratio_high"]
    assert not pd.isna(list(small.values())).any()


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
