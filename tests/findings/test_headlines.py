"""A headline says what the numbers say: computed here again, in both languages."""

import re

import pandas as pd
import pytest
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.evidence import endpoints
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
