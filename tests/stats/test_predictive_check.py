"""Each cohort predicted from the others: brute force, and what must hold whatever the counts."""

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import comb, expit

from lupuscart.stats.pooling import predictive_check

cohort = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
cohort_sets = st.lists(cohort, min_size=2, max_size=5)


def _predicted_by_brute_force(k, n, size, *, tau_scale, mu_sd):
    """Probabilities of 0 ... size responders: sums over mu, tau and the rates of all cohorts."""
    z = np.linspace(-8, 8, 193)
    z_weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    x, x_weight = np.polynomial.legendre.leggauss(40)
    mu = np.linspace(-6 * mu_sd, 6 * mu_sd, 301)[:, None]
    tau = (3 * tau_scale * (1 + x))[None, :]
    rates = expit(mu[..., None] + tau[..., None] * z)
    weight = np.exp(-(mu**2) / (2 * mu_sd**2) - tau**2 / (2 * tau_scale**2)) * x_weight
    for responders, patients in zip(k, n, strict=True):
        weight = weight * (_binomial(responders, patients, rates) @ z_weight)
    weight /= weight.sum()
    return [(weight * (_binomial(j, size, rates) @ z_weight)).sum() for j in range(size + 1)]


def _binomial(k, n, rates):
    return comb(n, k, exact=True) * rates**k * (1 - rates) ** (n - k)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_prediction_is_that_of_a_sum_over_a_fine_grid(place):
    k, n = np.array([8, 5, 2]), np.array([8, 10, 3])
    others = np.arange(3) != place
    scales = {"tau_scale": 0.5, "mu_sd": 1.5}
    pmf = _predicted_by_brute_force(k[others], n[others], n[place], **scales)
    row = predictive_check(k, n, **scales).iloc[place]
    cumulative = np.cumsum(pmf)
    tails = cumulative[k[place]], sum(pmf[k[place] :])
    assert row.p_value == pytest.approx(min(1, 2 * min(tails)), abs=1e-5)
    assert row.low == np.argmax(cumulative > 0.025)
    assert row.high == np.argmax(cumulative >= 0.975)


@examples(25)
@given(cohort_sets, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_a_count_is_unexpected_just_where_its_p_is_at_most_what_the_level_leaves(cohorts, level):
    table = predictive_check(*zip(*cohorts, strict=True), confidence_level=level)
    assert table[["k", "n"]].values.tolist() == [list(each) for each in cohorts]
    assert ((table["low"] >= 0) & (table["high"] <= table["n"])).all()
    clear = (table["p_value"] - (1 - level)).abs() > 1e-6
    assert (table["expected"] == (table["p_value"] > 1 - level))[clear].all()


@examples(10)
@given(cohort_sets)
def test_non_responders_are_predicted_in_the_mirror(cohorts):
    k, n = np.array(cohorts).T
    table, mirror = predictive_check(k, n), predictive_check(n - k, n)
    assert table["p_value"].to_numpy() == pytest.approx(mirror["p_value"].to_numpy(), abs=1e-6)


def test_a_cohort_far_from_the_others_is_not_predicted():
    table = predictive_check([8, 9, 8, 0], [10, 10, 10, 40])
    assert table["p_value"].iloc[3] < 0.001 and not table["expected"].iloc[3]


def test_one_cohort_is_refused_as_no_pool():
    with pytest.raises(ValueError, match="is no pool"):
        predictive_check([5], [8])
