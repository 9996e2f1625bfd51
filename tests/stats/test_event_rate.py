"""Event rates: what R prints, coverage, and the widest interval over what is not known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2, poisson

from lupuscart.stats.follow_up.event_rate import (
    compare_event_rates,
    event_free_ci,
    event_rate_ci,
    follow_up_to_exclude,
)

REFERENCE = Path(__file__).parents[1] / "reference"
counts = st.integers(0, 300)
times = st.floats(1e-3, 1e4)
levels = st.floats(0.5, 0.999)


@pytest.mark.parametrize("row", list(pd.read_csv(REFERENCE / "event_rates.csv").itertuples()))
def test_limits_that_are_printed_elsewhere(row):
    low, high = event_rate_ci(row.events, row.low_time, row.high_time)
    assert (low, high) == pytest.approx((row.low, row.high), abs=row.atol)


@pytest.mark.parametrize("row", list(pd.read_csv(REFERENCE / "event_rate_ratios.csv").itertuples()))
def test_ratios_that_r_prints(row):
    compared = compare_event_rates(row.events_1, row.time_1, row.events_2, row.time_2)
    limits = compared.ratio_low, compared.ratio_high
    assert limits == pytest.approx((row.low, row.high), abs=row.atol)


@given(counts, times, levels)
def test_garwood_limits_are_quantiles_of_chi_squared(events, time, level):
    low, high = event_rate_ci(events, time, confidence_level=level)
    tail = (1 - level) / 2
    expected = chi2.ppf(tail, 2 * events) / 2 if events else 0.0
    assert low * time == pytest.approx(expected, rel=1e-9)
    assert high * time == pytest.approx(chi2.isf(tail, 2 * events + 2) / 2, rel=1e-9)
    lower = event_rate_ci(events, time, confidence_level=1 - tail, bound="lower")
    upper = event_rate_ci(events, time, confidence_level=1 - tail, bound="upper")
    assert lower == (pytest.approx(low), np.inf)
    assert upper == (0, pytest.approx(high))


@given(st.integers(0, 200), levels)
def test_mid_p_limits_solve_their_equation_and_lie_within_garwoods(events, level):
    tail = (1 - level) / 2
    low, high = event_rate_ci(events, 1, confidence_level=level, method="mid-p")
    exact = event_rate_ci(events, 1, confidence_level=level)
    assert exact[0] <= low <= high <= exact[1]
    half = poisson.pmf(events, [low, high]) / 2
    if events:
        assert poisson.sf(events, low) + half[0] == pytest.approx(tail, abs=1e-9)
    assert poisson.cdf(events, high) - half[1] == pytest.approx(tail, abs=1e-9)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_garwood_never_covers_less_than_its_level(level):
    events = np.arange(200)
    low, high = event_rate_ci(events, 1.0, confidence_level=level)
    means = np.linspace(0.01, 60, 1500)[:, None]
    inside = (low <= means) & (means <= high)
    assert (poisson.pmf(events, means) * inside).sum(axis=1).min() >= level


@given(counts, times, st.floats(1, 10), st.floats(0, 1))
def test_the_interval_is_the_widest_over_the_bounds(events, shortest, factor, place):
    longest = shortest * factor
    low, high = event_rate_ci(events, shortest, longest)
    between = shortest + place * (longest - shortest)
    inner = event_rate_ci(events, between)
    assert low <= inner[0] * (1 + 1e-12)
    assert inner[1] <= high * (1 + 1e-12)
    assert low == event_rate_ci(events, longest)[0]
    assert high == event_rate_ci(events, shortest)[1]


def test_unbounded_time_leaves_no_lower_limit():
    low, high = event_rate_ci(3, 10, np.inf)
    assert low == 0
    assert high == event_rate_ci(3, 10)[1]


def test_free_of_the_event_at_a_constant_rate():
    low, high = event_free_ci(1, 11.49, 13.76, years=[0, 1, 2])
    rate = event_rate_ci(1, 11.49, 13.76)
    np.testing.assert_allclose(low, np.exp(-rate[1] * np.arange(3)))
    np.testing.assert_allclose(high, np.exp(-rate[0] * np.arange(3)))


@given(st.floats(1e-3, 100), st.integers(1, 1000), levels)
def test_follow_up_without_an_event_excludes_the_rate(rate, n, level):
    years = follow_up_to_exclude(rate, n=n, confidence_level=level)
    upper = event_rate_ci(0, years * n, confidence_level=level, bound="upper")[1]
    assert upper == pytest.approx(rate, rel=1e-9)


@given(st.integers(0, 30), times, st.integers(0, 30), times)
def test_exchanged_groups_have_the_reciprocal_ratio(first, time_1, second, time_2):
    if first + second == 0:
        return
    here = compare_event_rates(first, time_1, second, time_2)
    there = compare_event_rates(second, time_2, first, time_1)
    assert here.p_value == pytest.approx(there.p_value, rel=1e-9)
    with np.errstate(divide="ignore"):
        reciprocal = 1 / np.array([there.ratio_high, there.ratio_low])
    assert (here.ratio_low, here.ratio_high) == pytest.approx(tuple(reciprocal), rel=1e-9)
    # Central: the p-value is below alpha where the interval leaves 1 out.
    assert (here.p_value < 0.05) == (not here.ratio_low <= 1 <= here.ratio_high)
    share = time_1 / (time_1 + time_2)
    tails = binom.cdf(first, first + second, share), binom.sf(first - 1, first + second, share)
    assert here.p_value == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)


@given(
    st.integers(0, 9), st.integers(0, 9), st.lists(times, min_size=4, max_size=4), st.floats(0, 1)
)
def test_a_comparison_is_the_widest_over_both_bounds(first, second, ends, place):
    if first + second == 0:
        return
    one, two = sorted(ends[:2]), sorted(ends[2:])
    widest = compare_event_rates(first, one, second, two)
    times_between = [low + place * (high - low) for low, high in (one, two)]
    inner = compare_event_rates(first, times_between[0], second, times_between[1])
    assert widest.ratio_low <= inner.ratio_low * (1 + 1e-9)
    assert widest.ratio_high >= inner.ratio_high * (1 - 1e-9)
    assert widest.p_value >= inner.p_value * (1 - 1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: event_rate_ci(-1, 10), "events is -1"),
        (lambda: event_rate_ci(1.5, 10), "events is 1.5"),
        (lambda: event_rate_ci(1, 0), "low_time is 0"),
        (lambda: event_rate_ci(1, np.inf), "low_time is inf"),
        (lambda: event_rate_ci(1, np.nan), "low_time is nan"),
        (lambda: event_rate_ci(1, 10, 9), "low_time is 10 and high_time 9"),
        (lambda: event_rate_ci(1, "10"), "low_time is '10'"),
        (lambda: event_rate_ci([1, 2], [1, 2, 3]), "events has shape"),
        (lambda: event_rate_ci(1, 10, method="exact"), "method is 'exact'"),
        (lambda: event_rate_ci(1, 10, bound="both"), "bound is 'both'"),
        (lambda: event_free_ci(1, 10, years=-1), "years is -1"),
        (lambda: follow_up_to_exclude(0), "rate is 0"),
        (lambda: follow_up_to_exclude(1, n=0), "n is 0"),
        (lambda: compare_event_rates(0, 1, 0, 1), "events_1 and events_2 are both 0"),
        (lambda: compare_event_rates(1, 0, 1, 1), "time_1 is 0"),
        (lambda: compare_event_rates(1, 1, 1, (3, 2)), "time_2 is .* the smaller bound first"),
        (lambda: compare_event_rates(1, (1, 2, 3), 1, 1), "time_1 is"),
    ],
)
def test_what_is_no_rate_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
