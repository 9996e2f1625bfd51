"""The score statistic and the search for the outermost difference that is kept."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from lupuscart.stats._binomial import binomial
from lupuscart.stats.comparison import _difference_limits
from lupuscart.stats.comparison._difference_limits import exact_lower, score_statistic
from lupuscart.stats.proportion import proportion_ci

DESIGNS = [(1, 1), (5, 5), (15, 26), (4, 50), (80, 70)]
DIFFERENCES = np.linspace(-0.99, 0.99, 67)


def tables(n1, n2):
    k1, k2 = np.indices((n1 + 1, n2 + 1))
    return k1, n1, k2, n2


@pytest.mark.parametrize("design", DESIGNS)
def test_statistic_is_monotone(design):
    """The bounds of the search rest on this: z rises with k1, falls with k2 and with d."""
    z = np.array([score_statistic(*tables(*design), d) for d in DIFFERENCES])
    assert np.isfinite(z).all()
    assert (np.diff(z, axis=0) < 0).all()
    assert (np.diff(z, axis=1) > 0).all()
    assert (np.diff(z, axis=2) < 0).all()


@pytest.mark.parametrize("d", [-0.6, -0.05, 1e-6, 0.3, 0.8])
@pytest.mark.parametrize("counts", [(12, 15, 9, 26), (5, 5, 2, 7), (0, 4, 3, 6), (1, 30, 2, 3)])
def test_statistic_uses_the_constrained_maximum_of_the_likelihood(counts, d):
    k1, n1, k2, n2 = counts

    def minus_log_likelihood(p2):
        return -sum(
            xlogy(k, p) + xlogy(n - k, 1 - p) for k, n, p in ((k1, n1, p2 + d), (k2, n2, p2))
        )

    low, high = max(0, -d), min(1, 1 - d)
    p2 = minimize_scalar(
        minus_log_likelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    ).x
    p1 = p2 + d
    error = np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    expected = (k1 / n1 - k2 / n2 - d) / error
    assert score_statistic(*counts, d) == pytest.approx(expected, rel=1e-5)


def test_statistic_is_pooled_at_no_difference():
    rate = 21 / 41
    error = np.sqrt(rate * (1 - rate) * (1 / 15 + 1 / 26))
    expected = (12 / 15 - 9 / 26) / error
    assert score_statistic(12, 15, 9, 26, 0) == pytest.approx(expected, rel=1e-12)


def p_values(n1, n2, d, *, two_sided, gamma=0.0):
    """P-values of all tables at d, from a dense grid of the nuisance rate."""
    z = score_statistic(*tables(n1, n2), d).ravel()
    extreme = abs(z) if two_sided else z
    tails = extreme >= (extreme - 1e-9 * abs(extreme))[:, np.newaxis]
    low, high = max(0, -d), min(1, 1 - d)
    rate_2 = low + (high - low) * np.sin(np.linspace(0, np.pi / 2, 600)) ** 2
    weight = binomial(n1, rate_2 + d)[:, :, np.newaxis] * binomial(n2, rate_2)[:, np.newaxis, :]
    p = weight.reshape(len(rate_2), -1) @ tails.T
    if gamma:
        k1, _, k2, _ = (np.ravel(part) for part in tables(n1, n2))
        low_1, high_1 = proportion_ci(k1, n1, confidence_level=1 - gamma / 2)
        low_2, high_2 = proportion_ci(k2, n2, confidence_level=1 - gamma / 2)
        rate_1 = rate_2 + d
        kept = np.greater_equal.outer(rate_1, low_1) & np.less_equal.outer(rate_1, high_1)
        kept &= np.greater_equal.outer(rate_2, low_2) & np.less_equal.outer(rate_2, high_2)
        p = np.where(kept, p, 0) + gamma
    return p.max(axis=0).reshape(n1 + 1, n2 + 1)


@pytest.mark.slow
@pytest.mark.parametrize("gamma", [0, 0.002])
@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("design", [(4, 5), (8, 2)])
def test_nothing_below_the_limit_is_kept(design, two_sided, gamma):
    """The p-value is not monotone in d: every difference on a grid is looked at."""
    n1, n2 = design
    options = {"two_sided": two_sided, "berger_boos": gamma}
    limits = np.array(
        [
            [exact_lower(k1, n1, k2, n2, 0.1, **options) for k2 in range(n2 + 1)]
            for k1 in range(n1 + 1)
        ]
    )
    level = 0.1 if two_sided else 0.05
    k1, _, k2, _ = tables(n1, n2)
    for d in np.linspace(-0.995, 0.995, 399):
        kept = p_values(n1, n2, d, two_sided=two_sided, gamma=gamma) > level + 1e-9
        below_estimate = d <= k1 / n1 - k2 / n2
        assert (limits[kept & below_estimate] <= d + 1e-7).all()


def test_limits_with_a_closed_form():
    """All v none is alone in its tail, of probability p1^n1 (1 - p2)^n2.

    With 5 v 5 that is highest midway, ((1 + d) / 2)^10. With 5 v 3 it is highest, for d above
    .6, at the end of the possible rates where p1 = 1: d^3.
    """
    low = exact_lower(5, 5, 0, 5, 0.05, two_sided=False)
    assert low == pytest.approx(2 * 0.025**0.1 - 1, abs=1e-7)
    low = exact_lower(5, 5, 0, 3, 0.5, two_sided=False)
    assert low == pytest.approx(0.25 ** (1 / 3), abs=1e-7)


def test_limit_at_a_single_kept_difference():
    """Two-sided at d = 0 more tables tie than on either side: the limit is exactly 0."""
    assert exact_lower(5, 5, 2, 5, 0.05, two_sided=True) == 0
    assert p_values(5, 5, 0, two_sided=True)[5, 2] > 0.05
    assert p_values(5, 5, -1e-6, two_sided=True)[5, 2] < 0.05


@pytest.mark.parametrize("gamma", [0, 1e-3])
@pytest.mark.parametrize("counts", [(12, 15, 9, 26), (3, 4, 30, 90), (5, 5, 26, 50)])
def test_the_limit_is_where_the_p_value_passes_the_level(counts, gamma):
    k1, n1, k2, n2 = counts
    low = exact_lower(*counts, 0.1, two_sided=False, berger_boos=gamma)
    at = p_values(n1, n2, low, two_sided=False, gamma=gamma)[k1, k2]
    below = p_values(n1, n2, low - 1e-4, two_sided=False, gamma=gamma)[k1, k2]
    assert at >= 0.05 - 2e-4
    assert below <= 0.05 + 1e-6


def test_groups_that_are_exchanged_have_the_same_limits():
    """Non-responders of exchanged groups differ by the same d."""
    for k1, n1, k2, n2 in [(12, 15, 9, 26), (1, 7, 2, 40), (0, 3, 3, 11)]:
        for two_sided in (False, True):
            here = exact_lower(k1, n1, k2, n2, 0.05, two_sided=two_sided)
            there = exact_lower(n2 - k2, n2, n1 - k1, n1, 0.05, two_sided=two_sided)
            assert here == there


def test_a_sliver_that_a_coarse_search_passes_over_is_kept():
    """36/154 v 12/77, two-sided: a peak at -.0415, then rejected up to -.0371 where SAS stops."""
    low = exact_lower(36, 154, 12, 77, 0.05, two_sided=True)
    assert low == pytest.approx(-0.041479, abs=2e-6)

    def p(d, rates):
        z = score_statistic(*tables(154, 77), d)
        tail = abs(z) >= abs(z[36, 12]) * (1 - 1e-9)
        return ((binomial(154, rates + d) @ tail) * binomial(77, rates)).sum(axis=1).max()

    around = np.linspace(0.0415, 0.3, 20001)
    assert p(low + 1e-9, around) > 0.05 - 1e-6
    everywhere = np.sin(np.linspace(0, np.pi / 2, 1500)) ** 2
    for d in (-0.0414, -0.041, -0.040, -0.039, -0.038):
        assert p(d, -d + (1 + d) * everywhere) < 0.05
    assert p(-0.037, 0.037 + 0.963 * everywhere) > 0.05


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("counts", [(12, 15, 9, 26), (5, 5, 2, 7), (4, 12, 12, 12), (1, 30, 2, 3)])
def test_looking_at_each_table_and_halving_find_the_same_tails(counts, two_sided, monkeypatch):
    def tails():
        return [
            part.tolist()
            for d in DIFFERENCES
            for part in _difference_limits._staircases(*counts, d, two_sided)
            if part is not None
        ]

    each = tails()
    monkeypatch.setattr(_difference_limits, "_FEW_TABLES", 0)
    assert tails() == each
