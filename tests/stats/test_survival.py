"""Free of an event over time: exact limits, held against R, Clopper-Pearson and counting."""

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaincinv

from lupuscart.stats.follow_up import kaplan_meier, numbers_at_risk, survival, survival_ci
from lupuscart.stats.proportion import proportion_ci

PATIENTS = pd.read_csv(ROOT / "tests/reference/survival_patients.csv")
LIMITS = pd.read_csv(ROOT / "tests/reference/survival_limits.csv")
SETS = [
    pytest.param(key, rows, id="-".join(map(str, key)))
    for key, rows in LIMITS.groupby(["data", "level", "method"])
]
MOMENTS = [each for each in SETS if each.values[0][2] == "moments"]
LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])
# Few times, so that many are equal.
COHORTS = st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=12)


def _patients(data):
    rows = PATIENTS[PATIENTS["data"].eq(data)]
    return rows["time"].to_numpy(), rows["event"].to_numpy()


def _rates(curve):
    """At each time the rates of W+ and, where somebody is still there, of W-."""
    rates, still = [], [*curve["at_risk"].tolist()[1:], 0]
    for row, left in zip(curve.itertuples(), still, strict=True):
        rates = rates + [row.at_risk - place for place in range(row.events)]
        yield rates, [*rates, left] if left else None


@pytest.mark.parametrize(("key", "rows"), SETS)
def test_the_curve_and_its_limits_are_those_of_r(key, rows):
    data, level, method = key
    curve = kaplan_meier(*_patients(data), confidence_level=level)
    assert curve["time"].tolist() == rows["time"].tolist()
    assert curve["survival"].to_numpy() == pytest.approx(rows["survival"].to_numpy(), abs=1e-8)
    apart = {"draws": 1.1e-3, "moments": 0.027}[method]
    for side in ("low", "high"):
        assert curve[side].to_numpy() == pytest.approx(rows[side].to_numpy(), abs=apart)


@pytest.mark.parametrize(("key", "rows"), MOMENTS)
def test_r_approximates_the_products_whose_quantiles_are_taken_here(key, rows):
    data, level, _ = key
    curve = kaplan_meier(*_patients(data), confidence_level=level)
    limits = [(1.0, 1.0), *zip(rows["low"], rows["high"], strict=True)]
    for (upper, lower), before, given_there in zip(_rates(curve), limits, limits[1:], strict=False):
        for rates, tail, there, then in (
            (lower, (1 - level) / 2, given_there[0], before[0]),
            (upper, (1 + level) / 2, given_there[1], before[1]),
        ):
            if not rates:
                continue
            first = np.prod([rate / (rate + 1) for rate in rates])
            second = np.prod([rate / (rate + 2) for rate in rates])
            a = (first - second) * first / (second - first**2)
            quantile = betaincinv(a, a * (1 - first) / first, tail)
            # R never lets a limit rise again.
            assert min(quantile, then) == pytest.approx(there, abs=2e-8)


@given(st.lists(st.integers(1, 8), min_size=1, max_size=30), st.integers(0, 9), LEVELS)
def test_without_censoring_the_limits_are_those_of_clopper_and_pearson(times, at, level):
    longest = [10] * 3  # all are followed to the end
    times, events = times + longest, [1] * len(times) + [0] * 3
    free = sum(time > at for time in times)
    for bound in ("two-sided", "lower", "upper"):
        options = {"confidence_level": level, "bound": bound}
        here = survival_ci(times, events, at, **options)
        assert here == pytest.approx(proportion_ci(free, len(times), **options), rel=1e-12)


@given(COHORTS, LEVELS)
def test_limits_enclose_the_curve_fall_and_widen_with_the_level(cohort, level):
    times, events = zip(*cohort, strict=True)
    curve = kaplan_meier(times, events, confidence_level=level)
    assert (curve["low"] <= curve["survival"] + 1e-12).all()
    assert (curve["survival"] <= curve["high"] + 1e-12).all()
    assert (np.diff(curve[["survival", "low", "high"]], axis=0) <= 1e-9).all()
    wider = kaplan_meier(times, events, confidence_level=(1 + level) / 2)
    assert (wider["low"] <= curve["low"] + 1e-12).all()
    assert (wider["high"] >= curve["high"] - 1e-12).all()
    one_sided = [
        kaplan_meier(times, events, confidence_level=(1 + level) / 2, bound=bound)
        for bound in ("lower", "upper")
    ]
    assert one_sided[0]["low"].to_numpy() == pytest.approx(curve["low"].to_numpy(), abs=1e-12)
    assert one_sided[1]["high"].to_numpy() == pytest.approx(curve["high"].to_numpy(), abs=1e-12)
    assert (one_sided[0]["high"] == 1).all() and (one_sided[1]["low"] == 0).all()


@given(COHORTS)
def test_nobody_is_lost_between_the_rows(cohort):
    times, events = map(np.array, zip(*cohort, strict=True))
    curve = kaplan_meier(times, events)
    assert curve["at_risk"].tolist() == numbers_at_risk(times, curve["time"]).tolist()
    assert curve["events"].sum() == events.sum()
    assert curve["censored"].sum() == (~events.astype(bool)).sum()
    assert curve[["time", "events", "censored"]].iloc[0].tolist() == [0, 0, 0]


@given(COHORTS, st.randoms(use_true_random=False))
def test_neither_the_order_of_patients_nor_the_unit_matters(cohort, random):
    shuffled = random.sample(cohort, len(cohort))
    curve = kaplan_meier(*zip(*cohort, strict=True))
    times, events = zip(*shuffled, strict=True)
    other = kaplan_meier([30 * time for time in times], events)
    assert (other["time"] / 30).tolist() == curve["time"].tolist()
    pd.testing.assert_frame_equal(other.drop(columns="time"), curve.drop(columns="time"))


@pytest.mark.parametrize("rates", [[1], [3, 1], [9, 8, 5, 2], [12, 11, 7, 6, 3, 1], [20, 4, 3]])
def test_the_distribution_of_the_product_is_the_sum_of_its_fractions(rates):
    """P(W < w) by partial fractions, in whole numbers: what no rounding touches."""
    for tail in (0.005, 0.025, 0.2, 0.8, 0.975):
        w = Fraction(survival._quantile(rates, tail))
        below = Fraction(0)
        for rate in rates:
            weight = Fraction(1)
            for other in rates:
                weight *= Fraction(other, other - rate) if other != rate else 1
            below += weight * w**rate
        assert float(below) == pytest.approx(tail, abs=1e-12)


@pytest.mark.parametrize("n", [3, 5, 8])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_limits_cover_whoever_leaves_after_each_event(n, level):
    """Progressive censoring: after each event some who are still free leave, how many is planned.

    Then the true share at the i-th event is a product of beta variables. Just before and at each
    event both limits hold their level, whatever the plan; checked for every plan.
    """
    random, draws = np.random.default_rng(20130402), 4000
    for plan in product(range(3), repeat=2):
        # The events are 1, 2, 3 ...; only who leaves when matters for the limits.
        times, events, left, rates = [], [], n, []
        for step, leave in enumerate((*plan, 0), 1):
            if not left:
                break
            rates.append(left)
            times.append(step)
            events.append(1)
            leave = min(leave, left - 1)
            times += [step + 0.5] * leave
            events += [0] * leave
            left -= 1 + leave
        times += [9.0] * left
        events += [0] * left
        curve = kaplan_meier(times, events, confidence_level=level).set_index("time")
        true = np.cumprod(random.beta(rates, 1, size=(draws, len(rates))), axis=1)
        slack = 3 * np.sqrt(level * (1 - level) / draws)
        for step in range(1, len(rates) + 1):
            at_event, high = true[:, step - 1], curve.loc[step, "high"]
            low = curve["low"][curve.index < step].iloc[-1]
            assert (at_event <= high).mean() >= (1 + level) / 2 - slack
            assert (at_event >= low).mean() >= (1 + level) / 2 - slack


@pytest.mark.slow
def test_with_random_ends_of_follow_up_the_level_is_kept():
    """Exponential times, half of them cut: n = 6, 2000 cohorts, a fixed seed; at three times."""
    random, level, at = np.random.default_rng(7), 0.9, np.array([0.3, 1.0, 2.0])
    missed = np.zeros(3)
    for _ in range(2000):
        event, end = random.exponential(1, 6), random.uniform(0, 2.5, 6)
        low, high = survival_ci(
            np.minimum(event, end), (event <= end).astype(int), at, confidence_level=level
        )
        missed += ~((low <= np.exp(-at)) & (np.exp(-at) <= high))
    assert (missed / 2000 <= 1 - level + 3 * np.sqrt(level * (1 - level) / 2000)).all()


def test_beyond_the_longest_follow_up_nothing_is_known_from_below():
    low, high = survival_ci([3, 5, 8], [1, 0, 0], [2, 4, 7, 8, 100])
    assert (low[:3] > 0).all() and low[3:].tolist() == [0, 0]
    assert high[-1] == high[1]


def test_as_many_patients_as_are_allowed_have_limits():
    times = np.arange(1, survival.MOST_PATIENTS + 1)
    low, high = survival_ci(times, times % 2, 250)
    assert 0.5 < low < high < 0.8


@pytest.mark.parametrize(
    ("times", "events", "message"),
    [
        ([3, 0], [1, 0], "times is 0"),
        ([3, -1], [1, 0], "times is -1"),
        ([3, np.inf], [1, 0], "times is inf"),
        ([3, np.nan], [1, 0], "times is nan"),
        (["3", "4"], [1, 0], "times holds '3'"),
        ([3, 4], [1, 2], "events is 2; allowed: 1 where the event was"),
        ([3, 4], [1, None], "events holds None"),
        ([3, 4], [1], r"times has shape \(2,\) and events \(1,\)"),
        ([], [], "times has shape"),
        (3, 1, "times has shape"),
        ([1] * 501, [1] * 501, "1 to 500 patients"),
    ],
)
def test_what_is_no_follow_up_is_refused_by_name(times, events, message):
    with pytest.raises(ValueError, match=message):
        kaplan_meier(times, events)


def test_other_arguments_are_refused_by_name():
    for options, message in [
        ({"confidence_level": 95}, "confidence_level is 95"),
        ({"bound": "both"}, "bound is 'both'"),
    ]:
        with pytest.raises(ValueError, match=message):
            kaplan_meier([1], [1], **options)
    with pytest.raises(ValueError, match="at is -1"):
        survival_ci([1], [1], -1)


def test_columns_of_a_table_are_aligned_or_refused():
    times, events = pd.Series([3, 5], index=[1, 2]), pd.Series([1, 0], index=[2, 1])
    with pytest.raises(ValueError, match="index"):
        kaplan_meier(times, events)
