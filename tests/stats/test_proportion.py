"""Intervals of one proportion: reference values, properties, edges, table."""

from decimal import Decimal, getcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammainccinv, gammaincinv, ndtri

from lupuscart.stats.proportion import (
    METHODS,
    n_to_exclude,
    proportion_ci,
    response_proportions,
    zero_event_bound,
)

REFERENCE = Path(__file__).parents[1] / "reference"
EXACT = ("clopper-pearson", "blaker", "sterne")
ONE_SIDED = tuple(method for method in METHODS if method not in ("blaker", "sterne"))
EXTREME_LEVELS = (1e-6, 0.5, 0.95, 0.999, 1 - 1e-9)
# Not built around k/n, so they may leave it out at very low levels.
OFF_CENTRE = ("mid-p", "jeffreys")

levels = st.one_of(st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999]), st.floats(0.2, 0.9999))


@st.composite
def counts(draw, largest=2000):
    n = draw(st.integers(1, largest))
    return draw(st.integers(0, n)), n


def reference(name):
    return pd.read_csv(REFERENCE / name)


def column_of(method):
    return {"mid-p": "midp"}.get(method, method.replace("-", "_"))


# --- reference values -------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("method", METHODS)
def test_intervals_match_r(method, level):
    table = reference("proportions_intervals.csv").query("confidence_level == @level")
    low, high = proportion_ci(table["k"], table["n"], confidence_level=level, method=method)
    np.testing.assert_allclose(low, table[f"{column_of(method)}_low"], rtol=0, atol=1e-7)
    np.testing.assert_allclose(high, table[f"{column_of(method)}_high"], rtol=0, atol=1e-7)


def test_enrolled_but_untreated_patients_match_r():
    table = reference("proportions_denominator.csv")
    np.testing.assert_allclose(
        np.column_stack(proportion_ci(table["k"], table["n"])),
        table[["low", "high"]],
        rtol=0,
        atol=1e-6,
    )


def test_one_sided_limits_match_r():
    table = reference("proportions_one_sided.csv")
    low, one = proportion_ci(table["k"], table["n"], bound="lower")
    zero, high = proportion_ci(table["k"], table["n"], bound="upper")
    np.testing.assert_allclose(low, table["low"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(high, table["high"], rtol=0, atol=1e-6)
    assert (zero == 0).all() and (one == 1).all()


@pytest.mark.parametrize(
    "method", ["clopper-pearson", "mid-p", "jeffreys", "uniform-prior", "wilson"]
)
def test_no_events_match_r(method):
    table = reference("proportions_zero_events.csv")
    _, high = proportion_ci(0, table["n"], method=method, bound="upper")
    np.testing.assert_allclose(high, table[method.replace("-", "_")], rtol=0, atol=1e-7)


def test_zero_event_bound_matches_r():
    table = reference("proportions_zero_events.csv")
    one_sided = zero_event_bound(table["n"])
    np.testing.assert_allclose(one_sided, table["clopper_pearson"], rtol=0, atol=1e-7)
    stricter = zero_event_bound(table["n"], confidence_level=0.975)
    np.testing.assert_allclose(stricter, table["clopper_pearson_975"], rtol=0, atol=1e-7)


def test_published_limits_to_their_last_digit():
    table = pd.read_csv(REFERENCE / "proportions_published.csv", dtype=str)
    for row in table.itertuples():
        found = proportion_ci(int(row.k), int(row.n), method=row.method)
        for limit, printed in zip(found, (row.low, row.high), strict=True):
            half_a_digit = 0.5 * 10.0 ** -len(printed.split(".")[1])
            assert limit == pytest.approx(float(printed), abs=1.01 * half_a_digit), row


# --- properties -------------------------------------------------------------------------


@examples(60)
@given(result=counts(), level=levels, method=st.sampled_from(METHODS))
def test_counting_non_responders_mirrors_the_interval(result, level, method):
    k, n = result
    low, high = proportion_ci([k, n - k], n, confidence_level=level, method=method)
    np.testing.assert_allclose(low, 1 - high[::-1], rtol=0, atol=1e-13)


@examples(60)
@given(result=counts(), level=levels, method=st.sampled_from(METHODS))
def test_interval_contains_the_observed_proportion(result, level, method):
    k, n = result
    low, high = proportion_ci(k, n, confidence_level=level, method=method)
    assert 0 <= low <= high <= 1
    if method != "uniform-prior":
        assert low <= k / n <= high


@examples(60)
@given(result=counts(), pair=st.tuples(levels, levels), method=st.sampled_from(EXACT))
def test_exact_intervals_nest_in_the_level(result, pair, method):
    inner = proportion_ci(*result, confidence_level=min(pair), method=method)
    outer = proportion_ci(*result, confidence_level=max(pair), method=method)
    assert outer[0] <= inner[0] and inner[1] <= outer[1]


@pytest.mark.parametrize("level", EXTREME_LEVELS)
def test_clopper_pearson_contains_blaker(level):
    k, n = np.array([(k, n) for n in (1, 2, 5, 15, 60, 500) for k in range(n + 1)]).T
    wide = proportion_ci(k, n, confidence_level=level)
    short = proportion_ci(k, n, confidence_level=level, method="blaker")
    assert (wide[0] <= short[0] + 1e-15).all() and (short[1] <= wide[1] + 1e-15).all()
    if level >= 0.5:
        assert np.mean(short[1] - short[0]) < np.mean(wide[1] - wide[0])


@pytest.mark.parametrize("bound", ["lower", "upper"])
@pytest.mark.parametrize("method", ONE_SIDED)
def test_one_sided_limit_is_a_two_sided_one_at_twice_alpha(method, bound):
    k, n = np.arange(16), 15
    one_sided = proportion_ci(k, n, method=method, bound=bound)
    two_sided = proportion_ci(k, n, confidence_level=0.9, method=method)
    side = 0 if bound == "lower" else 1
    np.testing.assert_allclose(one_sided[side], two_sided[side], rtol=0, atol=1e-14)
    assert (one_sided[1 - side] == 1 - side).all()


# --- edges ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", EXTREME_LEVELS)
@pytest.mark.parametrize("method", METHODS)
def test_end_points_and_order_at_extreme_levels(method, level):
    k, n = np.array([(k, n) for n in (1, 2, 5, 33, 2000) for k in range(n + 1)]).T
    low, high = proportion_ci(k, n, confidence_level=level, method=method)
    assert np.isfinite(low).all() and np.isfinite(high).all()
    assert (low >= 0).all() and (low <= high).all() and (high <= 1).all()
    if method == "uniform-prior":
        assert (low > 0).all() and (high < 1).all()
        return
    assert (low[k == 0] == 0).all() and (high[k == n] == 1).all()
    if not (level < 0.2 and method in OFF_CENTRE):
        assert (low <= k / n).all() and (k / n <= high).all()


def test_wald_is_the_warning():
    assert proportion_ci(5, 5, method="wald") == (1.0, 1.0)
    assert proportion_ci(0, 5, method="wald") == (0.0, 0.0)


def test_jeffreys_replaces_one_limit_only():
    low, high = proportion_ci([0, 5], 5, method="jeffreys")
    assert low[0] == 0 and 0 < low[1] < 1
    assert 0 < high[0] < 1 and high[1] == 1


@pytest.mark.parametrize("n", [10**6, 10**9])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_rare_events_in_huge_cohorts_follow_the_poisson_limit(n, level):
    tail, k = (1 - level) / 2, np.array([1, 2, 7])
    low, high = proportion_ci(k, n, confidence_level=level)
    np.testing.assert_allclose(low * n, gammaincinv(k, tail), rtol=30 / n + 1e-10)
    np.testing.assert_allclose(high * n, gammainccinv(k + 1, tail), rtol=30 / n + 1e-7)
    low, high = proportion_ci(k, n, confidence_level=level, method="jeffreys")
    np.testing.assert_allclose(low * n, gammaincinv(k + 0.5, tail), rtol=30 / n + 1e-10)
    np.testing.assert_allclose(high * n, gammainccinv(k + 0.5, tail), rtol=30 / n + 1e-7)


@pytest.mark.parametrize(
    ("k", "n"), [(1, 10**9), (2, 10**9), (3, 10**6), (12, 15), (999_999_999, 10**9)]
)
@pytest.mark.parametrize("level", [1e-6, 0.95, 1 - 1e-9])
def test_wilson_keeps_its_digits(k, n, level):
    getcontext().prec = 50
    z2 = Decimal(float(ndtri((1 - level) / 2))) ** 2
    centre, scale = 2 * k + z2, 2 * (n + z2)
    root = (z2 * (z2 + 4 * Decimal(k) * (n - k) / n)).sqrt()
    low, high = proportion_ci(k, n, confidence_level=level, method="wilson")
    assert low == pytest.approx(float((centre - root) / scale), rel=1e-14, abs=0)
    assert high == pytest.approx(float((centre + root) / scale), rel=1e-14, abs=0)


def test_wilson_bounds_below_one_half_change_sides():
    k, n = np.arange(1, 15), 15
    low, _ = proportion_ci(k, n, confidence_level=0.3, method="wilson", bound="lower")
    _, high = proportion_ci(k, n, confidence_level=0.7, method="wilson", bound="upper")
    np.testing.assert_allclose(low, high, rtol=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_shapes(method):
    low, high = proportion_ci(12, 15, method=method)
    assert type(low) is float and type(high) is float
    assert type(proportion_ci(np.int64(12), 15.0, method=method)[0]) is float
    grid = proportion_ci([[12], [5], [0]], [15, 40], method=method)
    assert grid[0].shape == grid[1].shape == (3, 2)
    assert (grid[0][0, 0], grid[1][0, 0]) == pytest.approx((low, high), abs=1e-15)
    table = pd.DataFrame({"k": [12, 12], "n": [15, 15]}, index=[7, 7])
    series = proportion_ci(table["k"], table["n"], method=method)
    assert isinstance(series[0], np.ndarray) and series[0].tolist() == [low, low]
    assert proportion_ci([], [], method=method)[0].shape == (0,)


@pytest.mark.parametrize("scale", [1, 10**8])
def test_repeated_pairs_land_where_they_belong(scale):
    # Few possible pairs and many possible ones are told apart in two ways.
    k = np.tile(np.arange(7), 30)
    n = scale * np.tile([9, 7, 8, 9, 10], 42)
    low, high = proportion_ci(k, n)
    one_by_one = np.array([proportion_ci(*pair) for pair in zip(k, n, strict=True)])
    np.testing.assert_array_equal(np.column_stack([low, high]), one_by_one)


@pytest.mark.parametrize(
    ("k", "n", "named"),
    [(6, 5, "k is 6"), (-1, 5, "k is -1"), (1, 0, "n is 0"), (1.5, 5, "k is 1.5"),
     (np.nan, 5, "k is nan"), (1, np.inf, "n is inf"), ([1, 2], [5, 5, 5], "shape")],
)  # fmt: skip
def test_impossible_counts_are_refused_by_name(k, n, named):
    with pytest.raises(ValueError, match=named):
        proportion_ci(k, n)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"confidence_level": 95}, "confidence_level is 95"),
        ({"confidence_level": 1}, "confidence_level is 1"),
        ({"method": "exact"}, "method is 'exact'"),
        ({"bound": "both"}, "bound is 'both'"),
        ({"method": "blaker", "bound": "upper"}, "bound is 'upper'; method 'blaker'"),
        ({"method": "sterne", "bound": "lower"}, "bound is 'lower'; method 'sterne'"),
    ],
)
def test_unknown_options_are_refused_by_name(options, named):
    table = pd.DataFrame({"statistic": ["count"], "events": [1], "n": [2]})
    for call in (
        lambda: proportion_ci(1, 2, **options),
        lambda: response_proportions(table, **options),
    ):
        with pytest.raises(ValueError, match=named):
            call()


# --- zero events ------------------------------------------------------------------------


def test_patients_without_an_event_that_exclude_a_rate():
    np.testing.assert_array_equal(n_to_exclude([0.1, 0.05, 0.01]), [29, 59, 299])
    np.testing.assert_array_equal(
        n_to_exclude([0.1, 0.05, 0.01], confidence_level=0.975), [36, 72, 368]
    )
    assert type(n_to_exclude(0.1)) is int


@pytest.mark.parametrize(
    ("rate", "level", "n"),
    [(0.5, 0.5, 1), (0.5, 0.9375, 4), (0.75, 0.9375, 2), (0.9, 0.99, 2), (0.9, 0.999, 3),
     (0.2, 0.36, 2), (0.1, 0.271, 3), (0.99, 0.95, 1), (1, 0.95, 1)],
)  # fmt: skip
def test_exact_powers_need_no_patient_more(rate, level, n):
    assert n_to_exclude(rate, confidence_level=level) == n


@given(n=st.integers(1, 10**8), level=st.floats(0.01, 0.9999))
def test_bound_and_number_are_inverse(n, level):
    rate = zero_event_bound(n, confidence_level=level)
    assert n_to_exclude(rate, confidence_level=level) == n
    assert rate == pytest.approx(
        proportion_ci(0, n, confidence_level=level, bound="upper")[1], rel=1e-12
    )


@pytest.mark.parametrize("rate", [0, -0.1, 1.1, np.nan, 1e-12, "0.1"])
def test_rates_that_no_number_excludes_are_refused(rate):
    with pytest.raises(ValueError, match="rate is"):
        n_to_exclude(rate)
    with pytest.raises(ValueError, match="n is 0"):
        zero_event_bound([5, 0])


# --- table ------------------------------------------------------------------------------


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "study": ["feng_2025", "wang_q_2025"],
            "outcome": ["lldas_and_doris", "crs_severe"],
            "statistic": ["count", "count"],
            "events": [12.0, 0.0],
            "n": [15.0, 5.0],
        },
        index=[3, 3],
    )


def test_table_gains_rate_and_limits(trials):
    before = trials.copy(deep=True)
    table = response_proportions(trials, confidence_level=0.9, method="blaker")
    pd.testing.assert_frame_equal(trials, before)
    pd.testing.assert_frame_equal(table[trials.columns], trials)
    assert list(table.columns[-3:]) == ["rate", "low", "high"]
    assert table["rate"].tolist() == [0.8, 0.0]
    expected = proportion_ci([12, 0], [15, 5], confidence_level=0.9, method="blaker")
    np.testing.assert_array_equal(table[["low", "high"]], np.column_stack(expected))
    upper = response_proportions(trials, bound="upper")
    assert upper["low"].tolist() == [0, 0]


def test_a_table_without_rows_stays_one_and_has_the_same_columns(trials):
    none = response_proportions(trials.iloc[:0])
    assert none.empty
    assert none.dtypes.equals(response_proportions(trials).dtypes)


def test_a_table_without_columns_is_refused(trials):
    with pytest.raises(ValueError, match="no column events, statistic"):
        response_proportions(trials.drop(columns=["events", "statistic"]))
    with pytest.raises(ValueError, match="trials is list"):
        response_proportions([trials])


def test_rows_that_are_not_counts_are_refused_by_name(trials):
    trials["statistic"] = ["count", "median"]
    with pytest.raises(ValueError, match=r"'median' \(study 'wang_q_2025', outcome 'crs_severe'\)"):
        response_proportions(trials)
    with pytest.raises(ValueError, match="'median'"):
        response_proportions(trials.drop(columns=["study", "outcome"]))


def test_impossible_rows_are_refused_by_name(trials):
    trials["events"] = [12, 6]
    with pytest.raises(ValueError, match="events is 6 and n is 5"):
        response_proportions(trials)
    trials["events"] = [12, np.nan]
    with pytest.raises(ValueError, match="events is nan"):
        response_proportions(trials)
