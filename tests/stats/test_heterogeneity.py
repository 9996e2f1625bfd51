"""The spread between cohorts: what metafor prints, and what must hold whatever the counts."""

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import chdtri, expit, logit
from scipy.stats import chi2

from lupuscart.stats.pooling import heterogeneity, pool
from lupuscart.stats.pooling._likelihood import binomial_normal
from lupuscart.stats.pooling.heterogeneity import _generalised_q, _q_profile, _share
from lupuscart.stats.pooling.models import log_odds, reml

cohort = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
cohort_sets = st.lists(cohort, min_size=2, max_size=7)

# Colditz et al. 1994, JAMA 271:698: tuberculosis and others, vaccinated and not (metadat::dat.bcg).
BCG = np.array(
    [(4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
     (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
     (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
     (27, 16886, 29, 17825)]
).T  # fmt: skip


def test_what_metafor_prints_of_the_bcg_trials():
    """Log risk ratios by REML: output of rma() and confint() in metafor's documentation."""
    a, b, c, d = BCG
    y = np.log(a / (a + b) / (c / (c + d)))
    variance = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    assert _generalised_q(0, y, variance) == pytest.approx(152.2330, abs=5.1e-5)
    tau2 = reml(y, variance)
    low, high = _q_profile(y, variance, 0.95)
    assert (tau2, low, high) == pytest.approx((0.3132, 0.1197, 1.1115), abs=5.1e-5)
    shares = [100 * _share(value, variance) for value in (tau2, low, high)]
    assert shares == pytest.approx([92.22, 81.92, 97.68], abs=0.0051)


@examples(60)
@given(cohort_sets, st.sampled_from([0.8, 0.95]))
def test_limits_hold_the_estimate_and_solve_their_equations(cohorts, level):
    k, n = np.array(cohorts).T
    spread = heterogeneity(k, n, confidence_level=level)
    assert spread.cohorts == len(cohorts)
    y, variance = log_odds(k, n)
    df = len(cohorts) - 1
    empty = spread.q < chdtri(df, (1 + level) / 2)
    assert (
        np.isnan([spread.tau2_low, spread.tau2_high, spread.i2_low, spread.i2_high]).all() == empty
    )
    if not empty:
        assert spread.tau2_low <= spread.tau2_high
        assert 0 <= spread.i2_low <= spread.i2_high <= 1
    assert spread.p_value == pytest.approx(chi2.sf(spread.q, df), rel=1e-9)
    for limit, tail in ((spread.tau2_low, (1 - level) / 2), (spread.tau2_high, (1 + level) / 2)):
        if 0 < limit < np.inf:
            q = _generalised_q(limit, y, variance)
            assert q == pytest.approx(chdtri(df, tail), rel=1e-6)
    if not np.isnan(spread.glmm_tau2):
        assert spread.glmm_tau2_low <= spread.glmm_tau2 <= spread.glmm_tau2_high
        assert spread.glmm_tau2 == pytest.approx(pool(k, n).tau2, rel=1e-6, abs=1e-9)


@pytest.mark.slow
def test_profile_limits_by_a_search_of_their_own():
    k, n = np.array([3, 9, 2, 8, 5]), np.array([10, 10, 10, 10, 10])
    spread = heterogeneity(k, n)
    likelihood = binomial_normal(k, n)

    def profile(tau2):
        return max(likelihood(mu, tau2).value for mu in np.linspace(-3, 3, 1201))

    top = profile(spread.glmm_tau2)
    for limit in (spread.glmm_tau2_low, spread.glmm_tau2_high):
        if limit > 0:
            assert 2 * (top - profile(limit)) == pytest.approx(1.959964**2, abs=1e-3)


def test_the_q_profile_interval_covers_under_its_own_model():
    rng = np.random.default_rng(20261128)
    variance = np.array([0.5, 0.8, 0.4, 1.2, 0.9])
    for tau2 in (0.3, 2.0):
        inside = 0
        for _ in range(400):
            y = rng.normal(0, np.sqrt(variance + tau2))
            low, high = _q_profile(y, variance, 0.9)
            inside += bool(low <= tau2 <= high)  # an empty interval holds nothing
        assert inside / 400 == pytest.approx(0.9, abs=0.05)


def test_equal_cohorts_show_no_spread_and_exclude_little():
    spread = heterogeneity([4, 4, 4], [10, 10, 10])
    assert (spread.q, spread.tau2, spread.i2, spread.glmm_tau2) == (0, 0, 0, 0)
    assert spread.p_value == 1
    # So even that no tau2 explains it, which is no knowledge of any.
    assert np.isnan([spread.tau2_low, spread.tau2_high, spread.i2_low, spread.i2_high]).all()
    assert spread.glmm_tau2_high > 0.5  # a spread of rates from a fifth to two thirds
    assert expit(logit(0.4) + np.sqrt(spread.glmm_tau2_high)) > 0.55


def test_full_cohorts_have_no_estimate_of_the_mixed_model():
    spread = heterogeneity([5, 10], [5, 10])
    assert np.isnan([spread.glmm_tau2, spread.glmm_tau2_low, spread.glmm_tau2_high]).all()
    assert np.isfinite(spread.q)


def test_order_is_irrelevant():
    here, there = heterogeneity([8, 5, 9], [8, 10, 10]), heterogeneity([9, 8, 5], [10, 8, 10])
    np.testing.assert_array_equal(list(vars(here).values()), list(vars(there).values()))


@pytest.mark.parametrize(
    ("k", "n", "options", "message"),
    [
        ([5], [5], {}, "k holds 1 cohort"),
        ([5, 3], 9, {}, "n has shape"),
        ([5, 3], [4, 9], {}, "k is 5"),
        ([5, 3], [9, 9], {"confidence_level": 95}, "confidence_level is 95"),
    ],
)
def test_what_is_no_set_of_cohorts_is_refused(k, n, options, message):
    with pytest.raises(ValueError, match=message):
        heterogeneity(k, n, **options)
