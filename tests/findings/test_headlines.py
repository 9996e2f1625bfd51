"""A headline says what the numbers say: computed here again, in both languages."""

import re

import pandas as pd
import pytest
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.evidence.changes import changes_from_baseline
from lupuscart.explore import scenarios
from lupuscart.findings import (
    planning,
    pooling,
    response,
    scenario,
    scores,
    trials,
)
from lupuscart.stats import proportion
from lupuscart.stats.planning import two_arm
from lupuscart.stats.pooling import models
from lupuscart.words import labels
from lupuscart.words.lexicon import word

EXACT = {"confidence_level": 0.95, "method": "clopper-pearson"}


def _numbers(headline, *names):
    """Every number of a headline that is not part of a name, in the order of size."""
    for name in names:
        headline = headline.replace(name, "")
    return sorted(map(float, re.findall(r"\d+(?:\.\d+)?", headline)))


def _in_percent(rate):
    return float(f"{100 * rate:.0f}")


def _limits(k, n, level=0.95):
    tail = (1 - level) / 2
    low = betaincinv(k, n - k + 1, tail) if k else 0
    return low, betaincinv(k + 1, n - k, 1 - tail) if k < n else 1


def _counts(outcomes, studies, language, confidence_level=0.95, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count", **wanted)
    rows = tables.with_studies(endpoints.choose_reports(rows).kept, studies)
    rows = labels.add_labels(rows)
    return proportion.response_proportions(rows, confidence_level=confidence_level)


def _rows(**columns):
    """Two counts of two reports, as a reader's own table might hold them."""
    rows = {
        "study": ["a", "b"],
        "label": ["A 2025", "B 2026"],
        "cohort": ["all", "all"],
        "endpoint": ["DORIS", "DORIS"],
        "outcome": ["doris", "doris"],
        "statistic": ["count", "count"],
        "events": [7, 2],
        "n": [9, 4],
        "read_in": ["primary", "primary"],
    }
    return pd.DataFrame(rows | columns)


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_the_largest_count_with_its_interval_and_the_smallest_full_one(
    outcomes, studies, tongue, level
):
    table = _counts(outcomes, studies, tongue, confidence_level=level, role="core")
    options = EXACT | {"confidence_level": level}
    said = response.response_headline(table, **options)
    low, high = _limits(12, 15, level)
    numbers = [12, 15, 100 * level, *map(_in_percent, (low, high))]
    numbers += [5, 5, _in_percent(_limits(5, 5, level)[0]), 100]
    assert _numbers(said, "Feng J 2025", "Wang X 2025", "SRI-4") == sorted(numbers)
    # Each count carries its endpoint.
    named = table.set_index("study")["endpoint"]
    assert all(named[study] in said for study in ("feng_2025", "wang_x_2025"))
    assert "Wang Q" not in said  # no response endpoint


def test_another_method_is_named_and_never_called_exact(outcomes, studies):
    table = _counts(outcomes, studies, "en", study="feng_2025")
    table = proportion.response_proportions(table, method="wilson")
    said = response.response_headline(table, confidence_level=0.95, method="wilson")
    assert said == "Feng J 2025, LLDAS and DORIS: 12 of 15 (80 %; 95 % CI, Wilson 55–93 %)"


def test_what_is_no_response_and_second_hand_says_both(outcomes, studies):
    table = _counts(outcomes, studies, "en", study="wang_q_2025")
    assert response.response_headline(table, **EXACT) == (
        "Wang Q 2025, second-hand, SLEDAI fell: 5 of 5 (100 %; exact 95 % CI 48–100 %); "
        "not a response endpoint"
    )


@pytest.mark.parametrize(
    ("events", "n", "second"),
    [
        ([7, 0], [9, 4], "0 of 4 DORIS (B 2026; 0–60 %)"),
        ([7, 4], [9, 4], "4 of 4 DORIS (B 2026; 40–100 %)"),
        ([7, 2], [9, 4], "2 of 4 DORIS (B 2026; 7–93 %)"),
    ],
)
def test_the_least_known_count_full_empty_or_between(events, n, second):
    table = proportion.response_proportions(_rows(events=events, n=n))
    said = response.response_headline(table, **EXACT)
    assert said == f"7 of 9 DORIS (A 2025; exact 95 % CI 40–97 %), {second}; not to be compared"


def test_nobody_responded_in_the_only_cohort():
    table = proportion.response_proportions(_rows(events=[0, 0], n=[5, 5]).head(1))
    said = response.response_headline(table, **EXACT)
    assert said == "A 2025, DORIS: 0 of 5 (0 %; exact 95 % CI 0–52 %)"


def test_what_was_read_in_the_source_comes_before_a_larger_cohort_read_second_hand():
    table = _rows(n=[9, 40], events=[7, 40], read_in=["primary", "secondary"])
    said = response.response_headline(proportion.response_proportions(table), **EXACT)
    assert said.startswith("7 of 9 DORIS (A 2025;")
    assert "40 of 40 DORIS (B 2026, second-hand; 91–100 %)" in said


def test_full_counts_of_every_report(outcomes, studies, tongue):
    everyone = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    rows = endpoints.by_endpoint(endpoints.choose_reports(everyone).kept)
    rows = labels.add_labels(tables.with_studies(rows, studies))
    table = proportion.response_proportions(rows)
    full = table.loc[table["events"] == table["n"], "n"].astype(int)
    said = response.endpoints_headline(table, **EXACT)
    few, many = full.min(), full.max()
    lows = [_in_percent(_limits(n, n)[0]) for n in (few, many)]
    numbers = [len(full), len(table), table["study"].nunique(), 95, few, few, many, many, *lows]
    assert _numbers(said) == sorted(numbers)


def test_reports_overlap_only_if_two_of_those_shown_do():
    def said(**columns):
        rows = _rows(events=[9, 4], **({"programme": ["p", "q"], "overlaps_with": None} | columns))
        return response.endpoints_headline(proportion.response_proportions(rows), **EXACT)

    assert "2 of 2 counts, from 2 reports, are n of n" in said()
    assert "2 reports" in said(overlaps_with=["c", None])
    assert "2 overlapping reports" in said(overlaps_with=["c b", None])
    assert "2 overlapping reports" in said(programme="p")


def test_without_two_sizes_of_full_cohorts_the_counts_are_said():
    table = proportion.response_proportions(_rows())
    assert response.endpoints_headline(table, **EXACT) == response.response_headline(table, **EXACT)


def test_reports_by_conditioning(outcomes, studies, tongue):
    counts = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    counted = endpoints.by_endpoint(counts)
    labelled = labels.label_studies(studies)
    said = trials.evidence_headline(labelled, counted)
    none = (studies["conditioning"] == "none").sum()
    numbers = [len(studies), len(studies) - none, none, counted["study"].nunique()]
    assert _numbers(said) == sorted(numbers)
    unknown = trials.evidence_headline(labelled.assign(conditioning=pd.NA), counted)
    assert _numbers(unknown) == sorted([len(studies)] * 2 + [counted["study"].nunique()])


def test_one_report_is_named_with_what_it_counted(outcomes, studies):
    labelled = labels.label_studies(studies)
    counts = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    counted = endpoints.by_endpoint(counts)
    one = trials.evidence_headline(labelled[labelled["study"] == "wang_q_2025"], counted)
    assert one == (
        "Wang Q 2025: 5 treated, no control arm; no conditioning; no response endpoint found"
    )
    other = trials.evidence_headline(labelled[labelled["study"] == "wang_x_2025"], counted)
    assert other.endswith("lymphodepletion, drugs not reported; SRI-4")


def _scores(outcomes, studies, language, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="activity_score", **wanted)
    changes = ["mean_change", "median_change", "largest_fall"]
    rows = rows[~rows["statistic"].isin(changes)]
    return labels.add_labels(tables.with_studies(rows, studies))


def test_how_many_cohorts_print_a_statistic_twice(outcomes, studies, tongue):
    levels = _scores(outcomes, studies, tongue)
    said = scores.scores_headline(levels)
    twice = levels.groupby(["label", "outcome", "statistic"]).size().reset_index(name="times")
    twice = twice[twice["times"] > 1].drop_duplicates(["label", "outcome"])
    cohorts = levels.drop_duplicates(["label", "outcome"])
    sizes = levels["n"].dropna()
    assert len(sizes) < len(levels)
    assert word("headline.sizes_known", fewest=1, most=10) in said
    numbers = [len(twice), len(cohorts), sizes.min(), sizes.max()]
    assert _numbers(said) == sorted(numbers)


def test_one_cohort_says_its_scores(outcomes, studies):
    one = scores.scores_headline(_scores(outcomes, studies, "en", study="chen_2025"))
    assert one == (
        "Chen Y 2025, SLEDAI-2K: median 18 (10-22) → 0 (0-4), last visit; n = 7; no control arm"
    )
    second = scores.scores_headline(_scores(outcomes, studies, "en", study="relma_cel_2024"))
    assert second.startswith("JW Therapeutics 2024, second-hand, SELENA-SLEDAI: ")


def test_cohorts_of_unknown_size_claim_none(outcomes, studies):
    levels = _scores(outcomes, studies, "en").assign(n=pd.array([pd.NA] * 21, dtype="Int64"))
    assert scores.scores_headline(levels) == (
        "7 of 11 cohorts print a score before and after; no control arm"
    )


def _changes(outcomes, studies, language, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="activity_score", **wanted)
    changes = tables.with_studies(changes_from_baseline(rows), studies)
    return labels.add_labels(changes).dropna(subset=["change"])


def test_changes_leave_the_other_scale_out_and_count_second_hand_rows(outcomes, studies, tongue):
    dated = _changes(outcomes, studies, tongue)
    said = scores.changes_headline(dated)
    rows = dated[dated["outcome"] != "sle_disease_activity_score"]
    second = (rows["read_in"] == "secondary").sum()
    kinds = rows["change_kind"]
    of_one = kinds.isin(["individual_change", "largest_fall"]).sum()
    # No range of points: it would set cohorts and statistics side by side.
    assert _numbers(said) == sorted([len(rows), second, kinds.nunique(), of_one])


def test_a_rise_is_no_fall_and_one_kind_is_not_counted():
    rows = _rows(change=[-4, 1], change_kind="difference_of_means", outcome="sledai_2k")
    assert scores.changes_headline(rows) == "2 SLEDAI changes; none had a control"
    other = rows.assign(change=-4, outcome="sle_disease_activity_score")
    assert scores.changes_headline(other) == "2 SLE-DAS falls; none had a control"


def test_one_change_says_of_what_kind(outcomes, studies):
    one = scores.changes_headline(_changes(outcomes, studies, "en", study="wang_x_2025"))
    assert one == (
        "Wang X 2025 (four of five), printed as “SLE disease activity score”; very probably "
        "SLE-DAS: −25.95 points (difference of two means), no control arm"
    )


def test_a_new_cohort_under_each_prior(tongue):
    pooled = models.pooling_table([8, 5, 9, 2], [8, 10, 10, 3])
    cohorts = pd.DataFrame({"read_in": ["secondary", "primary", "secondary", "secondary"]})
    said = pooling.pooling_headline(cohorts, pooled, outcome="DORIS", confidence_level=0.95)
    limits = []
    for scale in (0.5, 1):
        new = models.pool([8, 5, 9, 2], [8, 10, 10, 3], model="bayes", tau_scale=scale)
        limits += [new.new_low, new.new_high]
    assert _numbers(said) == sorted([4, 3, 95, *map(_in_percent, limits)])


def test_patients_for_a_power_and_where_the_largest_trial_fails(tongue):
    options = {"test": "fisher", "alpha": 0.05}
    plan = two_arm.sample_size_two_arm(0.8, 0.2, power=0.8, n_max=40, **options)
    controls = [0.2, 0.3, 0.4, 0.5]
    table = two_arm.power_map([10, 20], 0.8, controls, **options)
    rates = {"treatment_rate": 0.8, "control_rate": 0.2, "power": 0.8}
    said = planning.power_headline(plan, table, **rates, **options)
    power = two_arm.power_two_arm(plan.n1, plan.n2, 0.8, 0.2, **options).power
    reached = [
        p2 for p2 in controls if two_arm.power_two_arm(20, 20, 0.8, p2, **options).power >= 0.8
    ]
    fails = controls[len(reached)]
    short = two_arm.power_two_arm(20, 20, 0.8, fails, **options).power
    assert short < 0.8
    numbers = [plan.n1, plan.n2, 80, 20, _in_percent(power), 5]
    numbers += [80, 100 * fails, 20, 20, _in_percent(short)]
    assert _numbers(said) == sorted(numbers)


def test_a_map_that_reaches_the_power_everywhere_claims_no_failure():
    plan = two_arm.SampleSize(10, 10, 0.81, 0.04)
    table = pd.DataFrame({"n1": [20], "n2": [20], "p2": [0.1], "power": [0.99]})
    said = planning.power_headline(
        plan, table, treatment_rate=0.8, control_rate=0.2, power=0.8, test="fisher", alpha=0.05
    )
    assert said == ("10 + 10 patients: 81 % power for 80 % v 20 % (Fisher, two-sided 5 %)")


def test_a_rate_of_the_map_that_is_no_whole_percentage_keeps_its_decimal():
    plan = two_arm.SampleSize(10, 10, 0.81, 0.04)
    table = pd.DataFrame({"n1": [20, 20], "n2": 20, "p2": [0.5, 0.5429], "power": [0.7, 0.6]})
    options = {"treatment_rate": 0.8, "power": 0.8, "test": "fisher", "alpha": 0.05}
    whole = planning.power_headline(plan, table, control_rate=0.2, **options)
    assert whole.endswith("; at 80 % v 50 %, 20 + 20 give 70 %")
    said = planning.power_headline(plan, table.tail(1), control_rate=0.2, **options)
    assert said.endswith("; at 80 % v 54.3 %, 20 + 20 give 60 %")


def test_assurance_at_the_size_that_keeps_the_power(tongue):
    # A sawtooth: 20 reaches the power and 22 does not.
    sizes = [20, 22, 24]
    fixed = pd.DataFrame({"n": sizes, "belief": None, "probability": [0.81, 0.79, 0.83]})
    beliefs = [
        pd.DataFrame({"n": sizes, "belief": [shape] * 3, "probability": believed})
        for shape, believed in (((4, 6), [0.6, 0.62, 0.64]), ((1, 1), [0.5, 0.51, 0.52]))
    ]
    table = pd.concat([fixed, *beliefs])
    rates = {"treatment_rate": 0.8, "control_rate": 0.3}
    said = planning.assurance_headline(table, power=0.8, **rates)
    assert _numbers(said) == sorted([24, 83, 80, 30, 52, 64, 50, 40])
    order = [said.index(number) for number in ("52", "64", "50", "40")]
    assert order in (sorted(order), [*sorted(order)[2:], *sorted(order)[:2]])
    never = planning.assurance_headline(table, power=0.9, **rates)
    assert _numbers(never) == _numbers(said)


@pytest.mark.parametrize(
    "say",
    [
        lambda none: trials.evidence_headline(none, none),
        lambda none: response.response_headline(none, **EXACT),
        lambda none: response.endpoints_headline(none, **EXACT),
        scores.scores_headline,
        scores.changes_headline,
    ],
)
def test_no_row_is_refused(say):
    with pytest.raises(ValueError, match=r"the table has no rows; allowed: at least one row"):
        say(_rows().head(0))


def test_a_scenario_is_said_in_numbers_and_not_as_a_verdict(tongue):
    def headline(**supposed):
        asked = scenarios.Scenario(12, 15, background_rate=0.5, **supposed)
        table = scenarios.scenario_table(asked)
        return scenario.scenario_headline(table, **EXACT)

    def limits(k, n):
        return [_in_percent(abs(limit - 0.5)) for limit in _limits(k, n)]

    reported = [50, 95, 12, 15, *limits(12, 15)]
    assert _numbers(headline()) == sorted(reported)
    one = headline(added_nonresponders=1)
    assert _numbers(one) == sorted([*reported, 12, 16, *limits(12, 16)])
    assert "−2" in one
    # Two cases fit; the best of them is not one.
    both = headline(unassessed=2)
    assert _numbers(both) == sorted([*reported, 12, 17, *limits(12, 17)])
