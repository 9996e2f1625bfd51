"""Building blocks of the tests of two-by-two tables."""

import numpy as np
import pytest
from scipy.stats import binom

from lupuscart.stats._binomial import binomial, tie_bound
from lupuscart.stats.comparison._two_by_two import p_values


@pytest.mark.parametrize("n", [1, 15, 200])
def test_binomial_is_scipys_and_has_no_gap_at_the_ends(n):
    rates = np.array([0, 1e-300, 1e-5, 0.3, 1 - 1e-9, 1])
    expected = binom.pmf(np.arange(n + 1), n, rates[:, np.newaxis])
    np.testing.assert_allclose(binomial(n, rates), expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("number", [0.3, -0.3, 0.0, np.inf, -np.inf])
def test_a_number_ties_with_itself_and_not_with_a_larger_one(number):
    assert number <= tie_bound(number)
    if np.isfinite(number):
        assert number + 1e-8 > tie_bound(number)


@pytest.mark.parametrize("method", ["boschloo", "barnard", "fisher"])
def test_tables_may_come_in_any_order_and_repeated(method):
    k1, k2 = np.array([3, 0, 3, 5]), np.array([1, 7, 1, 0])
    together = p_values(5, 7, k1, k2, method=method, alternative="greater")
    one_by_one = [
        p_values(5, 7, k1[[i]], k2[[i]], method=method, alternative="greater")[0] for i in range(4)
    ]
    np.testing.assert_allclose(together, one_by_one, rtol=1e-12)


def test_unpooled_z_is_infinite_only_between_none_and_all():
    """5/5 v 0/5 and 0/5 v 5/5 tie at an infinite z; 0/5 v 0/5 has none at all."""
    k1, k2 = np.array([5, 0, 0]), np.array([0, 5, 0])
    p = p_values(5, 5, k1, k2, method="barnard", alternative="two-sided", variance="unpooled")
    np.testing.assert_allclose(p, [2**-9, 2**-9, 1], rtol=1e-12)
