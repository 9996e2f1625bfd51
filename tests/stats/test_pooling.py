"""Pooling against R, against brute force, and against what must hold whatever the counts."""

import inspect
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betainc, betaln, digamma, expit, log_expit, loggamma, logit, ndtr

from lupuscart.data.sheet import load_datapackage
from lupuscart.evidence.poolable import TIMINGS, poolable
from lupuscart.stats.pooling import (
    INTERVALS,
    MODELS,
    NEW_COHORT_INTERVALS,
    leave_one_out,
    new_cohort_table,
    pool,
    pooling_table,
)
from lupuscart.stats.pooling._likelihood import beta_binomial, binomial_normal, integrate_rates
from lupuscart.stats.proportion import proportion_ci

REFERENCE = Path(__file__).parents[1] / "reference"
COHORTS = {
    name: (table["k"].to_numpy(), table["n"].to_numpy())
    for name, table in pd.read_csv(REFERENCE / "pooling_cohorts.csv").groupby("set")
}
POOLED = pd.read_csv(REFERENCE / "pooling.csv")
BAYES = pd.read_csv(REFERENCE / "pooling_bayes.csv")
NUMBERS = ["estimate", "low", "high", "tau2", "new_low", "new_high"]

EVERY_INTERVAL = [(model, interval) for model in MODELS for interval in INTERVALS[model]]
PLUG_IN = [(model, interval) for model, interval in EVERY_INTERVAL if model != "bayes"]

cohort = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
cohort_sets = st.lists(cohort, min_size=2, max_size=7)


def columns(cohorts):
    k, n = np.array(cohorts).T
    return k, n


def estimable(cohorts):
    return any(0 < k < n for k, n in cohorts)


def numbers(pooled):
    return np.array([getattr(pooled, name) for name in NUMBERS])


# --- reference values -------------------------------------------------------------------

# Wider than 1e-6 only where the README of the reference values says why.
TOLERANCE = {"glmm": 1e-4, "beta-binomial": 1e-4, "freeman-tukey": 2e-5}


@pytest.mark.parametrize(
    "row", list(POOLED.itertuples()), ids=lambda r: f"{r.set}-{r.model}-{r.interval}"
)
def test_agrees_with_r(row):
    # metafor takes the quantile of the interval for the new cohort too.
    new_cohort = "z" if row.interval in ("z", "profile") else "t"
    options = {"interval": row.interval, "new_cohort": new_cohort}
    pooled = pool(*COHORTS[row.set], model=row.model, **options)
    expected = np.array([getattr(row, name) for name in NUMBERS])
    printed = ~np.isnan(expected)
    assert printed.any()
    np.testing.assert_allclose(
        numbers(pooled)[printed], expected[printed], rtol=0, atol=TOLERANCE.get(row.model, 1e-6)
    )


def test_fixed_quadrature_nodes_would_miss_large_cohorts():
    assert pool(*COHORTS["debruin2009"]).tau2 == pytest.approx(0.378688, abs=1e-6)


def test_profile_limit_that_a_general_integrator_confirms():
    # By scipy.integrate.quad in pieces and a bounded search over tau at each mu.
    assert logit(pool([12, 5], [15, 5], interval="profile").high) == pytest.approx(
        7.3907837, abs=1e-6
    )


@pytest.mark.parametrize("row", list(BAYES.itertuples()), ids=lambda r: f"scale {r.tau_scale}")
def test_bayes_agrees_with_a_coarser_grid(row):
    pooled = pool(*COHORTS[row.set], model="bayes", tau_scale=row.tau_scale)
    half_step = 0.01
    shifted = expit(logit([pooled.estimate, pooled.low, pooled.high]) - half_step)
    error_of_the_file = {0.25: 3e-5, 0.5: 3e-5, 1.0: 4e-5, 2.0: 5e-4}[row.tau_scale]
    expected = [row.estimate, row.low, row.high]
    np.testing.assert_allclose(shifted, expected, rtol=0, atol=error_of_the_file)
    tau = np.sqrt(pooled.tau2) - 0.0125 * row.tau_scale
    assert tau == pytest.approx(row.tau_median, abs=1e-4 * row.tau_scale)
    assert pooled.new_low == pytest.approx(row.new_low, abs=4e-4)
    assert pooled.new_high == pytest.approx(row.new_high, abs=4e-4)


# --- brute force ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "n", "mu", "tau"),
    [
        (12, 15, 1.4, 0.0),
        (12, 15, 1.4, 0.6),
        (5, 5, -1.0, 5.0),
        (0, 40, 3.0, 12.0),
        (1500, 3000, 0.0, 2.0),
        (3000, 3000, -4.0, 1.0),
        (3, 131, -0.4, 2.35),
        (170, 174, 1.3, 15.0),
        (1, 2, 30.0, 0.01),
    ],
)
def test_integral_over_the_rate(k, n, mu, tau):
    def log_integrand(z):
        eta = mu + tau * z
        return k * log_expit(eta) + (n - k) * log_expit(-eta) - z * z / 2

    grid = np.linspace(-40, 40, 80001)
    top, mode = log_integrand(grid).max(), grid[log_integrand(grid).argmax()]
    pieces = mode + np.r_[-40, -10, -3, -1, -0.3, -0.1, 0, 0.1, 0.3, 1, 3, 10, 40]
    area = sum(
        quad(lambda z: np.exp(log_integrand(z) - top), low, high, epsabs=0, epsrel=1e-11)[0]
        for low, high in pairwise(pieces)
    )
    expected = top + np.log(area / np.sqrt(2 * np.pi))
    assert integrate_rates(k, n, mu, tau)[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("family", [binomial_normal, beta_binomial])
@pytest.mark.parametrize("dispersion", [0.05, 0.8])
def test_derivatives_are_those_of_the_value(family, dispersion):
    likelihood = family(*COHORTS["cart3"])
    mu, h = 1.2, 1e-4
    point = likelihood(mu, dispersion)
    value = {
        (i, j): likelihood(mu + i * h, dispersion + j * h).value
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    }
    differences = [
        (value[1, 0] - value[-1, 0]) / (2 * h),
        (value[0, 1] - value[0, -1]) / (2 * h),
        (value[1, 0] - 2 * value[0, 0] + value[-1, 0]) / h**2,
        (value[1, 1] - value[1, -1] - value[-1, 1] + value[-1, -1]) / (4 * h**2),
        (value[0, 1] - 2 * value[0, 0] + value[0, -1]) / h**2,
    ]
    np.testing.assert_allclose(point[1:], differences, rtol=1e-4, atol=1e-5)


def test_beta_binomial_is_a_ratio_of_beta_functions():
    k, n = COHORTS["debruin2009"]
    a, b = 0.4 / 0.3, 0.6 / 0.3
    expected = np.sum(betaln(k + a, n - k + b) - betaln(a, b))
    assert beta_binomial(k, n)(logit(0.4), 0.3).value == pytest.approx(expected, abs=1e-9)


@examples(40)
@given(
    st.lists(st.integers(1, 10_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
             min_size=1, max_size=6),
    st.floats(-6, 6),
    st.floats(1e-2, 10),
)  # fmt: skip
def test_the_beta_binomial_of_large_cohorts_is_a_ratio_of_gamma_functions(cohorts, mu, gamma):
    k, n = columns(cohorts)
    a, b = expit(mu) / gamma, expit(-mu) / gamma
    terms = [loggamma(x + y) - loggamma(y) for x, y in ((k, a), (n - k, b), (n, a + b))]
    # In steps of gamma: each of the k + (n - k) factors above and n below has one.
    point = beta_binomial(k, n)(mu, gamma)
    assert point.value == pytest.approx(np.sum(terms[0] + terms[1] - terms[2]), rel=1e-9, abs=1e-6)
    slope = [digamma(x + y) - digamma(y) for x, y in ((k, a), (n - k, b))]
    by_mu = np.sum(slope[0] - slope[1]) * a * b * gamma
    assert point.mu == pytest.approx(by_mu, rel=1e-8, abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_cohorts_of_ten_million_are_pooled_and_larger_ones_refused(model):
    n = np.array([10_000_000] * 3)
    pooled = pool([5_000_000, 4_000_000, 3_000_000], n, model=model)
    few = pool([500, 400, 300], [1000] * 3, model=model)
    assert pooled.estimate == pytest.approx(few.estimate, abs=0.01)
    assert pooled.low < pooled.estimate < pooled.high
    with pytest.raises(ValueError, match=r"n is 10000001; allowed: .* at most 10000000"):
        pool([5, 4], [10, 10_000_001], model=model)


def test_bayes_against_plain_integration():
    """Posterior probabilities below the limits, summed over a fine grid in mu, tau and z."""
    k, n = COHORTS["cart2"]
    scale = 0.5
    x, x_weight = np.polynomial.legendre.leggauss(40)
    tau, tau_weight = 1.75 * (x + 1), 1.75 * x_weight
    z = np.linspace(-8, 8, 81)
    z_weight = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    step = 0.02
    mu = np.arange(-9, 15, step)
    eta = mu[:, None] + tau[:, None, None] * z
    density = np.exp(-(mu**2) / 12.5 - tau[:, None] ** 2 / (2 * scale**2)) * tau_weight[:, None]
    for responders, patients in zip(k, n, strict=True):
        p = expit(eta)
        density *= (p**responders * (1 - p) ** (patients - responders)) @ z_weight
    density /= density.sum()
    pooled = pool(k, n, model="bayes", tau_scale=scale)
    # Distribution function of mu half a step above each value; smooth, so interpolated.
    cumulative = np.cumsum(density.sum(axis=0))
    limits = logit([pooled.low, pooled.estimate, pooled.high])
    below = np.interp(limits, mu + step / 2, cumulative)
    np.testing.assert_allclose(below, [0.025, 0.5, 0.975], rtol=0, atol=2e-5)
    for limit, probability in ((pooled.new_low, 0.025), (pooled.new_high, 0.975)):
        below = np.sum(density * ndtr((logit(limit) - mu) / tau[:, None]))
        assert below == pytest.approx(probability, abs=1e-5)
    mass = density.sum(axis=1)
    below = np.interp(np.sqrt(pooled.tau2), tau, np.cumsum(mass) - mass / 2)
    assert below == pytest.approx(0.5, abs=2e-3)


# --- whatever the counts ----------------------------------------------------------------


@examples(8)
@given(cohort_sets, st.randoms())
@pytest.mark.parametrize(("model", "interval"), EVERY_INTERVAL)
def test_order_is_irrelevant_and_reflection_mirrors(model, interval, cohorts, random):
    assume(model not in ("glmm", "beta-binomial") or estimable(cohorts))
    k, n = columns(cohorts)
    pooled = pool(k, n, model=model, interval=interval)
    random.shuffle(cohorts)
    np.testing.assert_array_equal(
        numbers(pool(*columns(cohorts), model=model, interval=interval)), numbers(pooled)
    )
    mirror = pool(n - k, n, model=model, interval=interval)
    reflected = [1 - mirror.estimate, 1 - mirror.high, 1 - mirror.low]
    reflected += [mirror.tau2, 1 - mirror.new_high, 1 - mirror.new_low]
    np.testing.assert_allclose(numbers(pooled), reflected, rtol=1e-5, atol=1e-7)


@examples(8)
@given(cohort_sets)
@pytest.mark.parametrize(("model", "interval"), EVERY_INTERVAL)
def test_intervals_hold_the_estimate_and_nest(model, interval, cohorts):
    assume(model not in ("glmm", "beta-binomial") or estimable(cohorts))
    options = {"model": model, "interval": interval, "new_cohort": "t"}
    wide = pool(*columns(cohorts), **options)
    narrow = pool(*columns(cohorts), **options, confidence_level=0.8)
    if interval == "hartung-knapp" and wide.all_agree:
        assert np.isnan([wide.low, wide.high, wide.new_low, wide.new_high]).all()
        return
    assert 0 <= wide.low <= narrow.low <= narrow.estimate <= narrow.high <= wide.high <= 1
    assert 0 <= wide.new_low <= narrow.new_low <= narrow.new_high <= wide.new_high <= 1
    if interval != "profile":
        slack = 1e-9
        assert wide.new_low <= wide.low + slack
        assert wide.new_high >= wide.high - slack


@examples(30)
@given(st.floats(0, 1), st.lists(st.integers(1, 40), min_size=2, max_size=7))
@pytest.mark.parametrize("model", ["logit", "freeman-tukey"])
def test_truncated_hartung_knapp_is_never_narrower_than_z_without_heterogeneity(model, rate, n):
    n = np.array(n)
    k = np.round(rate * n).astype(int)
    z = pool(k, n, model=model)
    assume(z.tau2 == 0)
    truncated = pool(k, n, model=model, interval="truncated-hartung-knapp")
    assert truncated.low <= z.low
    assert truncated.high >= z.high


@given(cohort_sets)
def test_naive_is_the_exact_interval_of_the_sum_and_lies_between_the_extremes(cohorts):
    k, n = columns(cohorts)
    pooled = pool(k, n, model="naive")
    assert (k / n).min() <= pooled.estimate <= (k / n).max()
    assert (pooled.low, pooled.high) == proportion_ci(k.sum(), n.sum())
    assert np.isnan(pooled.tau2)


def test_equal_cohorts_have_no_heterogeneity():
    for model in ("glmm", "beta-binomial", "logit", "freeman-tukey"):
        assert pool([4] * 6, [10] * 6, model=model).tau2 == 0


@given(st.fractions(0, 1, max_denominator=12), st.lists(st.integers(1, 9), min_size=2, max_size=6))
@pytest.mark.parametrize("model", ["logit", "freeman-tukey"])
def test_cohorts_that_all_agree_have_no_hartung_knapp_interval(model, rate, sizes):
    n = rate.denominator * np.array(sizes)
    k = rate.numerator * np.array(sizes)
    pooled = pool(k, n, model=model, interval="hartung-knapp")
    assert pooled.all_agree
    assert np.isnan([pooled.low, pooled.high, pooled.new_low, pooled.new_high]).all()
    assert 0 <= pooled.estimate <= 1
    for interval in ("z", "truncated-hartung-knapp"):
        assert pool(k, n, model=model, interval=interval).low < 1


def test_the_table_says_that_all_agree():
    table = pooling_table([5, 10], [5, 10])
    untruncated = table["interval"] == "hartung-knapp"
    assert (table["refusal"] == "all_agree").tolist() == untruncated.tolist()
    assert table.loc[untruncated, "low"].isna().all()
    assert table.loc[untruncated, "estimate"].notna().all()
    assert (pooling_table([5, 9], [5, 10])["refusal"] == "").all()


def test_the_highest_of_two_peaks_is_found():
    # The profile of the dispersion falls from 0 and rises again to a higher peak.
    k, n = np.array([83, 4]), np.array([223, 4])
    rho = pool(k, n, model="beta-binomial").tau2
    gamma = rho / (1 - rho)
    likelihood = beta_binomial(k, n)
    common = float(logit(87 / 227))
    assert likelihood(common, 0.0).dispersion < 0
    assert gamma > 0.1
    best = max(likelihood(mu, gamma).value for mu in np.linspace(-2, 2, 401))
    assert best > likelihood(common, 0.0).value


def test_more_heterogeneity_allowed_widens_the_new_cohort_interval():
    k, n = COHORTS["cart2"]
    widths = [
        pooled.new_high - pooled.new_low
        for pooled in (pool(k, n, model="bayes", tau_scale=s) for s in (0.1, 0.5, 1, 2))
    ]
    assert widths == sorted(widths)


# --- labels and refusals ----------------------------------------------------------------


@examples(20)
@given(cohort_sets)
@pytest.mark.parametrize("model", MODELS)
def test_what_a_pool_says_of_itself_is_what_its_numbers_do(model, cohorts):
    assume(model not in ("glmm", "beta-binomial") or estimable(cohorts))
    k, n = columns(cohorts)
    pooled = pool(k, n, model=model, new_cohort="t")
    assert (pooled.cohorts, pooled.model) == (len(k), model)
    assert pooled.takes_tau2_as_known == (model not in ("bayes", "naive"))
    assert pooled.assumes_equal_rates == (model == "naive" or pooled.tau2 == 0)
    assert pooled.estimate == getattr(pooled, pooled.estimand)
    if pooled.assumes_equal_rates:
        assert pooled.typical_rate == pooled.mean_rate
    assert pooled.all_agree == (len({Fraction(*pair) for pair in cohorts}) == 1)


@pytest.mark.parametrize("new_cohort", NEW_COHORT_INTERVALS)
def test_degrees_of_freedom_are_those_that_were_asked_for(new_cohort):
    k, n = [3, 9, 2, 8, 5], [10] * 5
    pooled = pool(k, n, interval="t", new_cohort=new_cohort)
    fewer = NEW_COHORT_INTERVALS[new_cohort]
    assert pooled.df == 4
    assert np.isnan(pooled.new_df) if fewer is None else pooled.new_df == 5 - fewer
    two = pool(k[:2], n[:2], new_cohort=new_cohort)
    assert np.isnan(two.new_low) == (new_cohort == "higgins")


def test_fewer_degrees_of_freedom_give_a_wider_interval():
    table = new_cohort_table([8, 5, 9, 2], [8, 10, 10, 3])
    for _, rows in table[table["model"] != "bayes"].groupby("model"):
        assert rows["new_cohort"].tolist() == list(NEW_COHORT_INTERVALS)
        assert rows["new_low"].is_monotonic_decreasing
    logit_rows = table[table["model"] == "logit"].set_index("new_cohort")
    # 8/8, 5/10, 9/10, 2/3 by metafor 3.8-1, predict(); with k - 2 by its formula.
    assert logit_rows.loc["z", ["new_low", "new_high"]].tolist() == pytest.approx(
        [0.248, 0.968], abs=5e-4
    )
    assert logit_rows.loc["higgins", ["new_low", "new_high"]].tolist() == pytest.approx(
        [0.022, 0.998], abs=5e-4
    )


@pytest.mark.parametrize(
    ("model", "typical", "mean"), [("glmm", 0.8208, 0.7773), ("logit", 0.7580, 0.7262)]
)
def test_typical_and_mean_rate_by_an_integral_of_its_own(model, typical, mean):
    pooled = pool([8, 5, 9, 2], [8, 10, 10, 3], model=model)
    assert (pooled.typical_rate, pooled.mean_rate) == pytest.approx((typical, mean), abs=5e-5)
    mu, tau = logit(pooled.typical_rate), np.sqrt(pooled.tau2)
    by_quad = quad(lambda z: expit(mu + tau * z) * np.exp(-z * z / 2), -12, 12)[0]
    assert pooled.mean_rate == pytest.approx(by_quad / np.sqrt(2 * np.pi), abs=1e-9)


def test_typical_rate_of_the_beta_binomial_is_the_median_of_its_beta():
    pooled = pool([8, 5, 9, 2], [8, 10, 10, 3], model="beta-binomial")
    size = 1 / pooled.tau2 - 1
    below = betainc(size * pooled.mean_rate, size * (1 - pooled.mean_rate), pooled.typical_rate)
    assert below == pytest.approx(0.5, abs=1e-9)
    assert pooled.estimate == pooled.mean_rate


@pytest.mark.parametrize(
    ("mu_sd", "estimate", "low", "new_low"),
    [(1.5, 0.930, 0.730, 0.657), (2.5, 0.974, 0.818, 0.782), (5, 0.996, 0.890, 0.875),
     (10, 0.9999, 0.930, 0.925)],
)  # fmt: skip
def test_the_prior_of_the_mean_decides_where_every_cohort_is_full(mu_sd, estimate, low, new_low):
    pooled = pool([5, 10], [5, 10], model="bayes", mu_sd=mu_sd)
    assert (pooled.estimate, pooled.low, pooled.new_low) == pytest.approx(
        (estimate, low, new_low), abs=6e-4
    )
    table = pooling_table([5, 10], [5, 10], tau_scales=[0.5], mu_sds=[2.5, mu_sd])
    row = table[table["model"] == "bayes"].iloc[1]
    assert row["interval"] == f"half-normal(0.5), normal({mu_sd:g})"
    assert row["low"] == pooled.low


def test_the_default_for_a_new_cohort_is_the_rule_that_the_simulation_favours():
    found = pd.read_csv(REFERENCE / "pooling_new_cohort_coverage.csv")
    glmm = found[(found["model"] == "glmm") & (found["tau"] > 0)]
    short = (0.95 - glmm["coverage"]).groupby(glmm["new_cohort"]).max()
    default = inspect.signature(pool).parameters["new_cohort"].default
    assert short.idxmin() == default
    # What a page may say of the others: no z interval of so few cohorts holds its level.
    assert short["z"] > 0.2 > short["t"] > short["higgins"]


@pytest.mark.parametrize("model", ["glmm", "beta-binomial"])
@pytest.mark.parametrize(
    ("k", "reason"),
    [([5, 8], "k equals n in every cohort"), ([0, 0], "k is 0 in every"), ([5, 0], "k is 0 or n")],
)
def test_all_or_none_is_refused_and_says_what_remains(model, k, reason):
    with pytest.raises(ValueError, match=rf"{reason}.*infinite.*bayes, logit.*naive"):
        pool(k, [5, 8], model=model)
    for remaining in ("bayes", "logit", "naive"):
        pooled = pool(k, [5, 8], model=remaining)
        assert pooled.low < pooled.high


@pytest.mark.parametrize("model", MODELS)
def test_one_cohort_is_no_pool(model):
    with pytest.raises(ValueError, match="k holds 1 cohort, which is no pool"):
        pool([12], [15], model=model)
    with pytest.raises(ValueError, match="k holds 1 cohort, which is no pool"):
        pool(12, 15, model=model)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": []}, "k holds 0 cohorts"),
        ({"k": [[1, 2]]}, "k has shape"),
        ({"n": 15}, "n has shape \\(\\); allowed: one entry a cohort"),
        ({"n": [15]}, "k holds 2 cohorts and n 1"),
        ({"k": [2]}, "k holds 1 cohorts and n 2"),
        ({"new_cohort": "higgin"}, "new_cohort is 'higgin'; did you mean 'higgins'"),
        ({"mu_sd": 0}, "mu_sd is 0"),
        ({"mu_sd": 50}, "mu_sd is 50; allowed: from 0.1 to 20"),
        ({"k": [6, 5]}, "k is 6 and n is 5"),
        ({"k": [1.5, 5]}, "k is 1.5"),
        ({"k": [np.nan, 5]}, "k is nan"),
        ({"n": [0, 5]}, "n is 0"),
        ({"model": "glm"}, "model is 'glm'; did you mean 'glmm'"),
        ({"interval": "profil"}, "interval is 'profil'; did you mean 'profile'"),
        ({"interval": "hartung-knapp"}, "allowed for model 'glmm': z, t, profile"),
        ({"model": "logit", "interval": "profile"}, "allowed for model 'logit'"),
        ({"model": "naive", "interval": "t"}, "model 'naive' has one interval of its own"),
        ({"model": "bayes", "interval": "profile"}, "model 'bayes' has one interval of its own"),
        ({"confidence_level": 95}, "confidence_level is 95"),
        ({"tau_scale": 0}, "tau_scale is 0"),
        ({"tau_scale": 50}, "tau_scale is 50"),
        ({"tau_scale": 1e-300}, "tau_scale is 1e-300; allowed: from 1e-06 to 5"),
        ({"confidence_level": 1 - 1e-15}, "confidence_level is 0.999999999999999; allowed: up to"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, message):
    arguments = {"k": [2, 4], "n": [5, 5], **arguments}
    if np.size(arguments["k"]) == 0:
        arguments["n"] = []
    with pytest.raises(ValueError, match=message):
        pool(arguments.pop("k"), arguments.pop("n"), **arguments)


# --- leave one out ----------------------------------------------------------------------


def test_leave_one_out_pools_the_others():
    k, n = COHORTS["debruin2009"]
    table = leave_one_out(k, n, interval="t", cohorts=list("abcdefghijklm"))
    assert table["left_out"].tolist() == list("abcdefghijklm")
    without = pool(np.delete(k, 2), np.delete(n, 2), interval="t")
    np.testing.assert_array_equal(table.loc[2, NUMBERS].to_numpy(float), numbers(without))
    assert (table["refusal"] == "").all()
    assert (table["cohorts"] == len(k) - 1).all()
    assert (table.loc[2, "k"], table.loc[2, "n"]) == (179, 326)


def test_leave_one_out_says_where_the_others_have_no_estimate():
    table = leave_one_out([12, 5, 8], [15, 5, 8])
    assert table["estimate"].isna().tolist() == [True, False, False]
    assert table["refusal"].tolist() == ["all_responded", "", ""]


def test_leave_one_out_refuses():
    with pytest.raises(ValueError, match="k holds 2 cohorts; allowed: at least 3"):
        leave_one_out([12, 5], [15, 5])
    with pytest.raises(ValueError, match="cohorts has 2 names; allowed: one for each of 3"):
        leave_one_out([12, 5, 8], [15, 5, 8], cohorts=["A", "B"])
    with pytest.raises(ValueError, match="interval is 'hartung-knapp'"):
        leave_one_out([12, 5, 8], [15, 5, 8], interval="hartung-knapp")


# --- which reports may be pooled --------------------------------------------------------


def trials_table(*rows):
    names = ["study", "cohort", "week", "timing", "statistic", "events", "n"]
    table = pd.DataFrame(rows, columns=names).assign(outcome="doris")
    return table.astype({name: "Int64" for name in ("week", "events", "n")})


def studies_table(**programmes):
    """One row a study: its programme, then the studies it overlaps."""
    rows = [(study, *[*words.split(maxsplit=1), None][:2]) for study, words in programmes.items()]
    return pd.DataFrame(rows, columns=["study", "programme", "overlaps_with"])


def count(study, week, events, n, cohort="all", timing="at"):
    return (study, cohort, week, timing, "count", events, n)


def left_out(chosen):
    table = chosen.left_out
    return list(zip(table["study"], table["reason"], table["in_favour_of"], strict=True))


def test_nearest_report_of_a_programme_then_the_larger_then_the_earlier():
    trials = trials_table(
        count("near", 26, 5, 6),
        count("far", 52, 20, 30),
        count("small", 20, 2, 3),
        count("large", 28, 4, 8),
        count("late", 28, 4, 9),
        count("early", 20, 4, 9),
    )
    studies = studies_table(
        near="one", far="one", small="two", large="two", late="three", early="three"
    )
    chosen = poolable(trials, studies, outcome="doris", week=24)
    assert chosen.kept["study"].tolist() == ["near", "large", "early"]
    assert chosen.kept["programme"].tolist() == ["one", "two", "three"]
    assert left_out(chosen) == [
        ("far", "same_programme", "near"),
        ("small", "same_programme", "large"),
        ("late", "same_programme", "early"),
    ]
    assert chosen.kept[["events", "n"]].dtypes.eq("int64").all()
    assert pool(chosen.kept["events"], chosen.kept["n"], model="naive").estimate == 13 / 23


def test_the_order_of_the_rows_in_the_file_does_not_matter():
    rows = [count("b", 26, 5, 6), count("a", 24, 2, 3), count("c", 50, 1, 2), count("c", 52, 1, 2)]
    studies = studies_table(a="one", b="two", c="three")
    one = poolable(trials_table(*rows), studies, outcome="doris", week=24, window=13)
    other = poolable(trials_table(*rows[::-1]), studies, outcome="doris", week=24, window=13)
    pd.testing.assert_frame_equal(one.kept, other.kept)
    pd.testing.assert_frame_equal(one.left_out, other.left_out)
    assert one.kept["study"].tolist() == ["a", "b"]
    assert one.left_out["week"].tolist() == [50, 52]


def test_each_unfit_row_is_listed_with_its_reason():
    trials = trials_table(
        ("mean", "all", 24, "at", "mean", pd.NA, 5),
        ("unknown", "all", 24, "at", "events_only", 1, pd.NA),
        count("no_n", 24, 3, pd.NA),
        count("no_week", pd.NA, 3, 4, timing="not_reported"),
        count("median", 24, 3, 4, timing="median_followup"),
        count("late", 60, 3, 4),
        count("kept", 26, 3, 4),
        count("kept", 13, 3, 4),
    )
    studies = studies_table(**{study: study for study in trials["study"].unique()})
    chosen = poolable(trials, studies, outcome="doris", week=24, window=12, timings=["at"])
    assert chosen.kept["week"].tolist() == [26]
    assert left_out(chosen) == [
        ("mean", "not_a_count", ""),
        ("unknown", "not_a_count", ""),
        ("no_n", "no_denominator", ""),
        ("no_week", "no_stated_week", ""),
        ("median", "timing_not_asked_for", ""),
        ("late", "outside_window", ""),
        ("kept", "same_report", "kept"),
    ]
    everything = poolable(trials, studies, outcome="doris", week=24)
    assert everything.kept["study"].tolist() == ["median", "late", "kept"]


def test_overlap_counts_in_either_direction_but_is_not_handed_on():
    trials = trials_table(count("a", 24, 1, 5), count("b", 25, 1, 5), count("c", 26, 1, 5))
    # b names a; c names b and nothing else: without b, a and c stand together.
    studies = studies_table(a="one", b="two a", c="three other b")
    chosen = poolable(trials, studies, outcome="doris", week=24)
    assert chosen.kept["study"].tolist() == ["a", "c"]
    assert left_out(chosen) == [("b", "overlapping_report", "a")]
    chosen = poolable(trials, studies, outcome="doris", week=25)
    assert chosen.kept["study"].tolist() == ["b"]
    assert left_out(chosen) == [("a", "overlapping_report", "b"), ("c", "overlapping_report", "b")]


def test_a_study_without_a_programme_is_its_own():
    trials = trials_table(count("a", 24, 1, 5), count("b", 24, 1, 5))
    studies = studies_table(a="one", b="one").assign(programme=[np.nan, np.nan])
    assert len(poolable(trials, studies, outcome="doris", week=24).kept) == 2


@examples(60)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(1, 52), st.integers(1, 9)),
        min_size=1,
        max_size=12,
    ),
    st.permutations("112233"),
    st.lists(st.sampled_from([None, "a", "b c", "f", "a f"]), min_size=6, max_size=6),
    st.randoms(),
)
def test_no_patient_twice_and_no_row_lost(rows, programmes, overlaps, random):
    trials = trials_table(*(count(study, week, 1, n) for study, week, n in rows))
    studies = pd.DataFrame(
        {"study": list("abcdef"), "programme": programmes, "overlaps_with": overlaps}
    )
    chosen = poolable(trials, studies, outcome="doris", week=24)
    assert len(chosen.kept) + len(chosen.left_out) == len(rows)
    assert chosen.left_out["reason"].ne("").all()
    assert chosen.kept["programme"].is_unique
    named = studies.set_index("study")["overlaps_with"].fillna("").str.split()
    kept = set(chosen.kept["study"])
    assert not any(kept & set(named[study]) - {study} for study in kept)
    assert set(chosen.left_out["in_favour_of"]) <= kept | {""}
    shuffled = trials.sample(frac=1, random_state=random.randrange(2**32))
    again = poolable(shuffled, studies, outcome="doris", week=24).kept
    order = ["study", "week"]
    pd.testing.assert_frame_equal(
        again.sort_values(order, ignore_index=True),
        chosen.kept.sort_values(order, ignore_index=True),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": ["doris", "sri4"]}, "endpoints are not interchangeable"),
        ({"outcome": "dorris"}, "outcome is 'dorris'; did you mean 'doris'"),
        ({"week": None}, "week is None"),
        ({"week": -4}, "week is -4"),
        ({"window": -1}, "window is -1"),
        ({"timings": ["on"]}, "timings is 'on'"),
        ({"timings": "at"}, r"allowed: a list such as \['at'\]"),
        ({"studies": studies_table(b="two")}, "trials names the study 'a'"),
        ({"studies": pd.DataFrame({"study": ["a"]})}, "studies has no column 'programme'"),
        ({"trials": pd.DataFrame({"study": ["a"]})}, "trials has no column 'cohort'"),
    ],
)
def test_poolable_refuses_by_name(options, message):
    options = {
        "trials": trials_table(count("a", 24, 1, 5)),
        "studies": studies_table(a="one"),
        "outcome": "doris",
        "week": 24,
        **options,
    }
    with pytest.raises(ValueError, match=message):
        poolable(options.pop("trials"), options.pop("studies"), **options)


def test_the_kinds_of_window_are_those_of_the_dictionary():
    (table,) = [t for t in load_datapackage()["resources"] if t["name"] == "trials"]
    (timing,) = [f for f in table["schema"]["fields"] if f["name"] == "timing"]
    assert set(TIMINGS) == set(timing["constraints"]["enum"])


def test_the_table_holds_every_model_and_interval_as_pool_gives_them():
    table = pooling_table([8, 5, 9, 2], [8, 10, 10, 3], tau_scales=[0.5, 1])
    plain = ("glmm", "logit", "beta-binomial", "freeman-tukey")
    for model in plain:
        shown = table.loc[table["model"] == model, "interval"]
        assert tuple(shown) == INTERVALS[model]
    assert table.loc[table["model"] == "bayes", "interval"].tolist() == [
        "half-normal(0.5)",
        "half-normal(1)",
    ]
    row = table[(table["model"] == "glmm") & (table["interval"] == "t")].iloc[0]
    pooled = pool([8, 5, 9, 2], [8, 10, 10, 3], model="glmm", interval="t")
    assert (row["low"], row["new_high"]) == (pooled.low, pooled.new_high)
    assert table["takes_tau2_as_known"].tolist() == [
        model not in ("bayes", "naive") and interval != "profile"
        for model, interval in zip(table["model"], table["interval"], strict=True)
    ]


def test_a_profile_row_has_no_new_cohort_of_its_own():
    table = pooling_table([8, 5, 9, 2], [8, 10, 10, 3])
    profile = table[table["interval"] == "profile"]
    assert profile["new_low"].isna().all()
    assert profile["low"].notna().all()


def test_a_wider_prior_gives_a_wider_new_cohort():
    table = pooling_table([8, 5, 9, 2], [8, 10, 10, 3])
    narrow, wide = table[table["model"] == "bayes"].itertuples()
    assert wide.new_low < narrow.new_low


@pytest.mark.parametrize(
    ("k", "code"),
    [([5, 10], "all_responded"), ([0, 0], "none_responded"), ([5, 0], "all_or_none")],
)
def test_the_table_says_why_a_model_has_no_estimate(k, code):
    table = pooling_table(k, [5, 10]).set_index("model")
    assert set(table.loc["glmm", "refusal"]) == {code}
    assert table.loc["glmm", "estimate"].isna().all()
    assert set(table.loc["bayes", "refusal"]) == {""}
