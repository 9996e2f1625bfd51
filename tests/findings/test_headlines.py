"""A headline says what the numbers say: computed here again, in both languages."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.explore import scenarios
from lupuscart.findings import (
    conditioning,
    methods,
    planning,
    pooling,
    response,
    safety,
    scenario,
    scores,
    trials,
)
from lupuscart.stats import proportion
from lupuscart.stats.coverage import coverage_probability
from lupuscart.stats.planning import two_arm
from lupuscart.stats.pooling import models
from lupuscart.words import labels

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


def _upper(k, n, level=0.95):
    return 1 if k == n else betaincinv(k + 1, n - k, level)


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_zero_counts_and_what_they_allow(outcomes, studies, tongue, level):
    severe = tables.select_trials(outcomes, studies, domain="safety", statistic="count")
    harms = endpoints.by_endpoint(severe, outcomes=endpoints.HARMS)
    table = labels.add_labels(tables.with_studies(harms, studies))
    _, upper = proportion.proportion_ci(
        table["events"], table["n"], confidence_level=level, bound="upper"
    )
    said = safety.events_headline(table.assign(upper=upper), confidence_level=level)
    zeros = table[table["events"] == 0]
    few, many = zeros["n"].min(), zeros["n"].max()
    limits = [_in_percent(_upper(0, int(n), level)) for n in (few, many)]
    numbers = [len(zeros), len(table), 100 * level, *limits, 0, few, 0, many]
    assert _numbers(said) == sorted(numbers)


def test_events_without_a_zero_and_a_single_zero():
    some = _rows(upper=[0.9, 0.6], n=[9, 40])
    assert safety.events_headline(some, confidence_level=0.95) == (
        "B 2026, DORIS: 2 of 40; one-sided 95 % upper limit 60 %"
    )
    one = _rows(events=0, n=5, upper=_upper(0, 5)).tail(1)
    assert safety.events_headline(one, confidence_level=0.95) == (
        "B 2026, DORIS: 0 of 5; one-sided 95 % upper limit 45 %"
    )
    alike = _rows(events=0, n=5, upper=_upper(0, 5))
    assert safety.events_headline(alike, confidence_level=0.95) == (
        "2 of 2 counts of DORIS are zero; 0 of 5 allows 45 % (one-sided 95 %)"
    )


def test_no_event_in_the_smallest_cohort(tongue):
    cohorts = pd.DataFrame({"n": [15, 5], "upper": [_upper(0, 15), _upper(0, 5)]})
    excluded = pd.DataFrame({"rate": [0.1, 0.01], "n": [29, 299]})
    said = safety.zero_headline(cohorts, excluded, confidence_level=0.95)
    assert 0.99**299 <= 0.05 < 0.99**298
    assert _numbers(said) == sorted([5, 45, 1, 299, 95])
    without = safety.zero_headline(cohorts.head(0), excluded, confidence_level=0.95)
    assert _numbers(without) == sorted([1, 299, 95])


def _by_method(rows, level=0.95):
    return pd.concat(
        proportion.response_proportions(rows, method=method, confidence_level=level).assign(
            method=method
        )
        for method in proportion.METHODS
    )


def test_how_far_the_method_alone_moves_a_limit(tongue):
    rows = _rows(events=[12, 5], n=[15, 5])
    said = methods.methods_headline(_by_method(rows), confidence_level=0.95)
    lows = [_limits(5, 5)[0], betaincinv(5.5, 0.5, 0.025)]
    assert _numbers(said, "B 2026") == sorted([5, 5, 95, *map(_in_percent, lows)])
    breaks = {"en": "Wald breaks down", "zh": "Wald 失效"}[tongue]
    assert said.endswith(breaks)
    some = methods.methods_headline(
        _by_method(_rows(events=[12, 4], n=[15, 5])), confidence_level=0.95
    )
    assert "Wald" in some
    assert breaks not in some
    without = _by_method(rows)
    without = without[without["method"] != "wald"]
    said = methods.methods_headline(without, confidence_level=0.95)
    assert "Wald" not in said


def test_of_no_responder_it_is_the_upper_limit():
    rows = _rows(events=[12, 0], n=[15, 5], read_in="secondary")
    said = methods.methods_headline(_by_method(rows, 0.9), confidence_level=0.9)
    start = "0 of 5 (B 2026, second-hand): upper end of a two-sided 90 % interval "
    assert said.startswith(start)
    assert f" to {_in_percent(_limits(0, 5, 0.9)[1]):.0f} %, by method" in said


def test_which_methods_cover_what_they_claim(tongue):
    p = np.linspace(0.0005, 0.9995, 499)
    names = {"mid-p": "mid-P", "wilson": "Wilson", "wald": "Wald", "blaker": "Blaker"}
    cover = pd.concat(
        pd.DataFrame(
            {
                "n": n,
                "method": method,
                "coverage": coverage_probability(n, p, method=method),
            }
        )
        for method in names
        for n in (5, 15)
    )
    said = methods.coverage_headline(cover, confidence_level=0.95)
    wilson = cover[cover["method"] == "wilson"]
    place = wilson.sort_values("coverage").iloc[0]
    # mid-P is short as well, but less so than the two that are named.
    assert _numbers(said) == sorted([int(100 * place.coverage), place.n, 0, 5, 95])
    assert "mid-P" not in said
    assert said.index("Wilson") < said.index("Wald") < said.index("Blaker")


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        ([0.95, 0.96], "Blaker, Wald at least 95 %"),
        ([0.95, 0.949], "Wald covers as little as 94 % (n = 5); Blaker at least 95 %"),
        ([0.9, 0.0099], "Blaker covers as little as 90 % (n = 5), Wald nearly 0 % (n = 5)"),
    ],
)
def test_coverage_kept_by_all_by_one_by_none(coverage, expected):
    table = pd.DataFrame({"method": ["blaker", "wald"], "n": 5, "coverage": coverage})
    assert methods.coverage_headline(table, confidence_level=0.95) == expected


def test_tipping_rates_are_the_lower_limits(tongue):
    lows = [_limits(12, 15)[0], _limits(5, 5)[0]]
    rows = _rows(tipping=lows)
    said = conditioning.tipping_headline(rows)
    assert _numbers(said, "A 2025", "B 2026") == sorted(map(_in_percent, lows))
    one = conditioning.tipping_headline(rows.tail(1))
    assert _numbers(one, "B 2026") == [_in_percent(lows[1])]
    many = pd.concat([rows, rows.assign(label="C 2027", tipping=[0.5, 0.09])])
    said = conditioning.tipping_headline(many)
    assert _numbers(said, "A 2025", "C 2027") == sorted([4, 9, _in_percent(lows[0])])


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
        lambda none: scores.scores_headline(none, none),
        scores.changes_headline,
        lambda none: safety.events_headline(none, confidence_level=0.95),
        conditioning.tipping_headline,
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
