"""A control arm that borrows: what page 08 says of it, computed here again."""

import re

import numpy as np
import pandas as pd
import pytest
from conftest import TRIALS_CSV
from scipy.stats import binom

from lupuscart.data import tables
from lupuscart.evidence.benchmarks import near_controls
from lupuscart.findings import history, planning
from lupuscart.stats import planning as plans
from lupuscart.words.labels import percent

SETTINGS = [
    {},
    {"controls": 1, "vague_weight": 0.9},
    {"controls": 20, "alpha": 0.2},
    {"treatment_rate": 0.33, "control_rate": 0.01, "alpha": 0.2},
    {"treatment_rate": 0.97, "control_rate": 0.5, "ratio": 2},
]


def _borrowing(earlier=None, *, controls=8, vague_weight=0.2, **asked):
    settings = {"treatment_rate": 0.8, "control_rate": 0.4, "power": 0.8, "alpha": 0.05}
    settings |= {"ratio": 1, "test": "fisher", "event_rate": 0.05}
    plan = planning.Plan(**{**settings, **asked})
    earlier = _earlier() if earlier is None else earlier
    return history.Borrowing(plan, earlier, controls, vague_weight)


def _earlier():
    studies = tables.load_benchmark_studies(TRIALS_CSV)
    return history.earlier_arms(tables.load_benchmarks(TRIALS_CSV), studies)


def _arms(*counts):
    """Earlier arms as a reader's own table might hold them."""
    k, n = zip(*counts, strict=True)
    facts = {"label": "A 2026", "outcome": "sri4", "window": "week 24", "separates": None}
    rows = pd.DataFrame({"events": k, "n": n}).assign(**facts, low=0.1, high=0.6)
    return rows.assign(statistic="count", rate=rows["events"] / rows["n"])


def _enumerated(n1, n2, p1, p2, prior, threshold):
    both = plans.posterior_superiority(n1, n2, control_prior=prior)
    found = np.outer(binom.pmf(range(n1 + 1), n1, p1), binom.pmf(range(n2 + 1), n2, p2))
    return found[both >= threshold - 1e-10].sum()


def test_the_arms_are_those_near_the_week_one_a_study_and_none_with_chemotherapy():
    rows = _earlier()
    assert rows["week"].between(12, 24).all() and rows["outcome"].eq("sri4").all()
    assert rows["study"].is_unique and rows["treatment"].eq("standard_care").all()
    benchmarks = tables.load_benchmarks(TRIALS_CSV)
    wanted = benchmarks.query(
        "outcome == 'sri4' and treatment == 'standard_care' and statistic == 'count'"
        " and timing == 'at' and 12 <= week <= 24"
    )
    assert set(rows["study"]) == set(wanted["study"])


@pytest.mark.parametrize("weeks", [(0, 12), (13, 24), (30, 60), (500, 600)])
def test_of_several_weeks_the_latest_in_the_window_is_taken(weeks):
    benchmarks = tables.load_benchmarks(TRIALS_CSV)
    rows = near_controls(benchmarks, outcome="sri4", weeks=weeks)
    for row in rows.itertuples():
        same = benchmarks[
            benchmarks["study"].eq(row.study)
            & benchmarks["outcome"].eq("sri4")
            & benchmarks["treatment"].eq("standard_care")
            & benchmarks["statistic"].eq("count")
            & benchmarks["week"].between(*weeks)
        ]
        assert row.week == same["week"].max()


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_gain_and_risk_are_those_of_an_enumeration(tongue, settings):
    borrowed = _borrowing(**settings)
    plan, text = borrowed.asked, " ".join(borrowed.sentences)
    centre = round(borrowed.history.mean, 2)
    priors = {
        "none": plans.UNIFORM,
        "history": borrowed.history.mixture,
        "robust": plans.robust(borrowed.history.mixture, borrowed.vague_weight),
    }
    sizes, threshold = (plan.trial.n1, borrowed.controls), 1 - plan.alpha / 2
    for prior in priors.values():
        better = round(centre + 0.2, 2)
        false = _enumerated(*sizes, better, better, prior, threshold)
        assert percent(false, decimals=1) in text
        if centre < plan.treatment_rate:
            power = _enumerated(*sizes, plan.treatment_rate, centre, prior, threshold)
            assert percent(power) in text
    if centre >= plan.treatment_rate:
        assert percent(plan.treatment_rate) in text


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_table_has_no_power_against_controls_that_do_as_well(settings):
    borrowed = _borrowing(**settings)
    rates = borrowed.rates.drop_duplicates("p2")["p2"].to_numpy()
    for name in ("power, no history", "power, history", "power, robust"):
        dashes = borrowed.table[name].eq("–").to_numpy()
        assert (dashes == (rates >= borrowed.asked.treatment_rate)).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "counts",
    [
        [(9, 30), (14, 42)],
        [(0, 12), (0, 40), (1, 30)],
        [(28, 30), (40, 42)],
        [(30, 30), (42, 42)],
        [(1, 2), (0, 1)],
        [(3000, 9000), (4000, 9000)],
        [(0, 5000), (0, 5000), (0, 5000)],
    ],
)
def test_arms_of_ones_own_are_borrowed_whatever_they_show(tongue, counts):
    borrowed = _borrowing(_arms(*counts))
    k, n = (sum(column) for column in zip(*counts, strict=True))
    said = borrowed.sentences
    assert str(k) in said[0] and str(n) in said[0] and str(len(counts)) in said[0]
    assert not re.search(r" -\d|nan|inf", " ".join(said))
    assert len(borrowed.table) == borrowed.rates["p2"].nunique()
    assert borrowed.rates["p2"].between(0, 1, inclusive="neither").all()


@pytest.mark.parametrize("arms", [0, 1])
def test_fewer_than_two_arms_are_no_history(tongue, arms):
    borrowed = _borrowing(_earlier().head(arms))
    (said,) = borrowed.sentences
    assert str(arms) in said
    assert borrowed.table.empty and len(borrowed.arms) == arms


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"controls": 0}, "controls is 0"), ({"vague_weight": 1}, "vague_weight is 1")],
)
def test_a_setting_that_means_nothing_is_refused_by_name(wrong, named):
    with pytest.raises(ValueError, match=named):
        _borrowing(**wrong)
