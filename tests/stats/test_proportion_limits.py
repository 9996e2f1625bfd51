"""Limits found by search, held against their own tests computed by enumeration."""

import math

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from lupuscart.stats._binomial import at_least, at_most
from lupuscart.stats._proportion_limits import blaker_lower, mid_p_lower, sterne_lower

ALPHAS = st.one_of(
    st.sampled_from([0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 1e-9, 1 - 1e-6, 0.0625, 0.25]),
    st.floats(1e-6, 0.999),
)


def sterne_p(k, n, p):
    """Sum of all results no more probable than k; a column a rate."""
    probability = binom.pmf(np.arange(n + 1)[:, None], n, p)
    return np.sum(probability, axis=0, where=probability <= probability[k] * (1 + 1e-9))


def blaker_p(k, n, p):
    """Sum of all results whose smaller tail is no larger than that of k; a column a rate."""
    results = np.arange(n + 1)[:, None]
    tail = np.minimum(binom.cdf(results, n, p), binom.sf(results - 1, n, p))
    return np.sum(binom.pmf(results, n, p), axis=0, where=tail <= tail[k] * (1 + 1e-9))


@st.composite
def results(draw, largest=60):
    n = draw(st.integers(1, largest))
    return draw(st.integers(1, n)), n


def rates_below(low):
    """Rates that a limit `low` declares rejected: spread out, and crowded just below it."""
    return low * np.concatenate([np.linspace(0, 0.999, 100), 1 - np.logspace(-8, -3, 20)])


@pytest.mark.parametrize(("lower", "p_value"), [(blaker_lower, blaker_p), (sterne_lower, sterne_p)])
class TestHullOfTheTest:
    def agrees(self, lower, p_value, k, n, alpha):
        low = float(lower(np.array([k]), np.array([n]), alpha)[0])
        assert 0 < low <= k / n
        assert p_value(k, n, rates_below(low)).max() <= alpha * (1 + 1e-8) + 1e-12
        just_above = min(low * (1 + 1e-8), 1.0)
        assert p_value(k, n, np.array([just_above]))[0] > alpha * (1 - 1e-6)

    @examples(60)
    @given(result=results(), alpha=ALPHAS)
    def test_small_cohorts(self, lower, p_value, result, alpha):
        self.agrees(lower, p_value, *result, alpha)

    @examples(8)
    @given(result=results(largest=2000), alpha=ALPHAS)
    def test_large_cohorts(self, lower, p_value, result, alpha):
        self.agrees(lower, p_value, *result, alpha)

    @pytest.mark.parametrize("result", [(1, 2000), (1999, 2000)])
    @pytest.mark.parametrize("alpha", [0.05, 1e-9, 1 - 1e-6])
    def test_corners(self, lower, p_value, result, alpha):
        self.agrees(lower, p_value, *result, alpha)

    def test_known_closed_forms(self, lower, p_value):
        # At 1/2 the results 5 of 5 and 0 of 5 change places: p-value 2/32 there, 1/32 below.
        assert lower(np.array([5]), np.array([5]), 0.05)[0] == pytest.approx(0.5, abs=1e-15)
        # Alpha equal to that peak, and to a p-value of the upper tail alone.
        assert lower(np.array([5]), np.array([5]), 2 / 32)[0] == pytest.approx(0.5, abs=1e-15)
        assert lower(np.array([5]), np.array([5]), 1 / 32)[0] == pytest.approx(0.5, abs=1e-15)
        # Below the first cut point only the upper tail counts: p ** 5 = alpha.
        assert lower(np.array([5]), np.array([5]), 0.01)[0] == pytest.approx(
            0.01**0.2, rel=1e-14, abs=0
        )

    def test_an_element_does_not_depend_on_its_neighbours(self, lower, p_value):
        k, n = np.arange(31), np.full(31, 30)
        alone = [lower(k[i : i + 1], n[i : i + 1], 0.05)[0] for i in k]
        np.testing.assert_array_equal(lower(k, n, 0.05), alone)


@pytest.mark.parametrize("n", [2, 3, 4, 9, 30, 80, 300])
def test_peaks_of_sternes_p_value_increase(n):
    # The search relies on it. P(X = j) = P(X = k) where the odds of p, to the power k - j, are
    # choose(n, j) / choose(n, k).
    log_choose = np.array([math.log(math.comb(n, i)) for i in range(n + 1)])
    for k in {2, min(3, n), max(2, n // 2), max(2, n - 1), n}:
        j = np.arange(k)
        odds = np.exp((log_choose[j] - log_choose[k]) / (k - j))
        peaks = binom.sf(k - 1, n, odds / (1 + odds)) + binom.cdf(j, n, odds / (1 + odds))
        assert (np.diff(peaks) > 0).all()


def test_blaker_nests_to_the_last_digit():
    k, n = np.array([(k, n) for n in (5, 15, 40, 200) for k in range(n + 1)]).T
    limits = [blaker_lower(k, n, alpha) for alpha in np.linspace(0.001, 0.999, 30)]
    assert (np.diff(limits, axis=0) >= 0).all()


@examples(60)
@given(result=results(largest=2000), tail=st.floats(1e-9, 0.5))
def test_mid_p_solves_its_equation(result, tail):
    k, n = result
    p = mid_p_lower(np.array([k]), np.array([n]), tail)[0]
    assert binom.sf(k, n, p) + binom.pmf(k, n, p) / 2 == pytest.approx(tail, rel=1e-9, abs=0)


def test_mid_p_of_full_response_is_a_power():
    n = np.array([1, 5, 100, 2000])
    np.testing.assert_allclose(mid_p_lower(n, n, 0.025), 0.05 ** (1 / n), rtol=1e-14)
    # No rate leaves more than one half below it when everybody responded.
    np.testing.assert_array_equal(mid_p_lower(n, n, 0.7), np.ones(4))


@pytest.mark.parametrize("n", [1, 7, 50])
def test_tails_are_those_of_the_binomial(n):
    k = np.arange(-1, n + 2)[:, None]
    p = np.array([0, 1e-6, 0.3, 0.9, 1])
    np.testing.assert_allclose(at_least(k, n, p), binom.sf(k - 1, n, p), rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(at_most(k, n, p), binom.cdf(k, n, p), rtol=1e-9, atol=1e-300)
