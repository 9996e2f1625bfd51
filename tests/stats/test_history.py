"""History as a prior: what RBesT prints, brute force, and what must hold whatever the counts."""

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import beta, betabinom, binom

from lupuscart.stats.planning import (
    UNIFORM,
    BetaMixture,
    borrowing_table,
    meta_analytic_predictive,
    positive_probability,
    positive_region,
    posterior_superiority,
    robust,
)
from lupuscart.stats.pooling import pool

REFERENCE = ROOT / "tests/reference"
ARMS = pd.read_csv(REFERENCE / "history_arms.csv")
MAPS = pd.read_csv(REFERENCE / "history_maps.csv").to_dict("records")
DESIGNS = pd.read_csv(REFERENCE / "history_designs.csv").to_dict("records")

# As automixfit printed it.
MAP = BetaMixture(
    (0.4612914, 0.1917812, 0.1893896, 0.1575378),
    (33.9513487, 19.4400089, 12.2692310, 2.2521243),
    (103.0146367, 41.5205219, 55.9202833, 5.4812202),
)
PRIORS = {
    "map": MAP,
    "robust": robust(MAP, 0.2),
    "uniform": UNIFORM,
    "trial": BetaMixture((1,), (0.5,), (1,)),
}

shape = st.floats(1, 80)
inner = st.floats(0.001, 0.999)
component = st.tuples(st.floats(0.05, 1), shape, shape)


@st.composite
def mixtures(draw):
    parts = draw(st.lists(component, min_size=1, max_size=3))
    weights, a, b = zip(*parts, strict=True)
    return BetaMixture(tuple(np.array(weights) / sum(weights)), a, b)


@pytest.mark.slow
@pytest.mark.parametrize("row", MAPS, ids=lambda row: f"tau {row['tau_scale']}")
def test_the_prior_lies_within_the_noise_of_what_was_drawn_by_simulation(row):
    arms = ARMS[ARMS["data"] == row["data"]]
    scales = {name: row[name] for name in ("tau_scale", "mu_sd")}
    prior = meta_analytic_predictive(arms["k"], arms["n"], **scales)
    near = {"mean": 0.004, "sd": 0.0015, "low": 0.0065, "high": 0.011}
    for name, tolerance in near.items():
        assert getattr(prior, name) == pytest.approx(row[name], abs=tolerance), name
    assert prior.mixture.quantile(0.5) == pytest.approx(row["median"], abs=0.004)


def _moments_by_brute_force(k, n, *, tau_scale, mu_sd):
    """Mean and sd of a new arm's rate: sums over mu, tau and every arm's own rate."""
    z = np.linspace(-8, 8, 257)
    z_weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    x, x_weight = np.polynomial.legendre.leggauss(60)
    mu = np.linspace(-4.5, 3.5, 161)[:, None]
    tau = (3 * tau_scale * (1 + x))[None, :]
    log = -(mu**2) / (2 * mu_sd**2) - tau**2 / (2 * tau_scale**2)
    rates = expit(mu[..., None] + tau[..., None] * z)
    for responders, patients in zip(k, n, strict=True):
        likelihood = rates**responders * (1 - rates) ** (patients - responders)
        log = log + np.log(likelihood @ z_weight)
    weight = np.exp(log - log.max()) * x_weight
    first, second = (float((weight * (rates**power @ z_weight)).sum()) for power in (1, 2))
    mean = first / weight.sum()
    return mean, np.sqrt(second / weight.sum() - mean**2)


@pytest.mark.slow
@pytest.mark.parametrize("tau_scale", [0.3, 1.0])
def test_the_exact_prior_is_that_of_a_sum_over_a_fine_grid(tau_scale):
    arms = [9, 14, 8], [30, 42, 30]
    scales = {"tau_scale": tau_scale, "mu_sd": 2}
    prior = meta_analytic_predictive(*arms, **scales)
    assert (prior.mean, prior.sd) == pytest.approx(
        _moments_by_brute_force(*arms, **scales), abs=5e-6
    )


arm = st.integers(5, 120).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))


@examples(15)
@given(st.lists(arm, min_size=2, max_size=6))
def test_the_fit_has_the_moments_of_the_exact_prior_and_is_as_close_as_it_says(arms):
    k, n = zip(*arms, strict=True)
    prior = meta_analytic_predictive(k, n)
    slack = np.sqrt(prior.divergence / 2) + 1e-6
    assert abs(prior.mixture.mean - prior.mean) <= slack
    for tail, end in ((0.025, prior.low), (0.975, prior.high)):
        assert abs(prior.mixture.below(end) - tail) <= slack
    bayes = pool(k, n, model="bayes", tau_scale=1.0)
    assert (prior.low, prior.high) == pytest.approx((bayes.new_low, bayes.new_high), abs=1e-9)
    assert prior.mean == pytest.approx(bayes.mean_rate, abs=1e-5)


@pytest.mark.slow
def test_earlier_patients_are_never_worth_more_than_they_are():
    for size in (20, 100, 500, 2500):
        prior = meta_analytic_predictive([0.3 * size, 0.4 * size, 0.5 * size], [size] * 3)
        assert 0 < prior.mixture.effective_sample_size() < prior.patients
    # However many: the spread between arms remains.
    assert prior.mixture.effective_sample_size() < 100


def test_rates_that_no_mixture_follows_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match="allowed: smaller scales"):
        meta_analytic_predictive([1, 0], [1, 1], tau_scale=5, mu_sd=20)


def test_a_summary_as_r_prints_it():
    printed = 0.25545885, 0.08662045, 0.10730400, 0.24758768, 0.46276759
    quantiles = [MAP.quantile(at) for at in (0.025, 0.5, 0.975)]
    assert (MAP.mean, MAP.sd) == pytest.approx(printed[:2], abs=6e-9)
    assert quantiles == pytest.approx(printed[2:], abs=5e-5)


def test_effective_sample_sizes_as_r_prints_them():
    assert round(MAP.effective_sample_size()) == 38
    assert round(PRIORS["robust"].effective_sample_size()) == 27
    help_page = BetaMixture((0.2, 0.8), (1, 10), (1, 2))
    assert help_page.effective_sample_size() == pytest.approx(7.65152, abs=5e-6)


@examples(40)
@given(st.floats(1.1, 5000), st.floats(1.1, 5000))
def test_one_component_counts_as_the_sum_of_its_shapes(a, b):
    assert BetaMixture((1,), (a,), (b,)).effective_sample_size() == pytest.approx(a + b, rel=1e-6)


@examples(15)
@given(mixtures().filter(lambda mixture: min(*mixture.a, *mixture.b) > 1.1), st.integers(1, 12))
def test_the_effective_sample_size_is_predictively_consistent(prior, m):
    after = [prior.posterior(k, m).effective_sample_size() for k in range(m + 1)]
    expected = prior.effective_sample_size() + m
    assert prior.predictive(m) @ after == pytest.approx(expected, rel=1e-4)


def test_without_a_density_that_falls_at_the_ends_it_is_refused():
    with pytest.raises(ValueError, match=r"smallest shape is 0\.5; allowed: at least 1"):
        PRIORS["trial"].effective_sample_size()


@examples(40)
@given(mixtures(), st.integers(0, 30), st.data())
def test_the_posterior_is_prior_times_likelihood(prior, n, data):
    k = data.draw(st.integers(0, n))
    after = prior.posterior(k, n)
    rates = np.array([0.2, 0.35, 0.7])

    def density(mixture):
        parts = zip(mixture.weights, mixture.a, mixture.b, strict=True)
        return sum(weight * beta.pdf(rates, a, b) for weight, a, b in parts)

    ratio = density(after) / (density(prior) * binom.pmf(k, n, rates))
    assert ratio == pytest.approx(np.full(3, ratio[0]), rel=1e-8)


@examples(25)
@given(mixtures(), st.integers(1, 30))
def test_the_predictive_is_that_of_its_components(prior, n):
    parts = zip(prior.weights, prior.a, prior.b, strict=True)
    expected = sum(weight * betabinom.pmf(range(n + 1), n, a, b) for weight, a, b in parts)
    assert prior.predictive(n) == pytest.approx(expected, abs=1e-12)
    assert prior.predictive(n).sum() == pytest.approx(1)


@examples(25)
@given(mixtures(), inner)
def test_a_quantile_is_where_its_probability_is_reached(prior, probability):
    assert prior.below(prior.quantile(probability)) == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (((0.5, 0.4), (1, 2), (3, 4)), "sum of weights is 0.9; allowed: 1"),
        (((1,), (1, 2), (3,)), "1 weights, 2 a and 1 b"),
        (((1,), (0,), (3,)), "a is 0; allowed: a number greater than 0"),
        (((1,), (1,), (float("nan"),)), "b is nan"),
    ],
)
def test_what_is_no_mixture_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        BetaMixture(*arguments)


def test_a_design_of_the_introduction_decides_as_printed():
    both = posterior_superiority(
        24, 6, control_prior=PRIORS["robust"], treatment_prior=PRIORS["trial"]
    )
    assert both[14, 1] == pytest.approx(0.9917197, abs=5.1e-8)
    region = positive_region(
        24, 6, control_prior=MAP, treatment_prior=PRIORS["trial"], threshold=0.95
    )
    assert region[15, 3] and not region[14, 4]
    assert not region[:10].any() and region[10].any()


@pytest.mark.parametrize("row", DESIGNS, ids=lambda row: f"{row['control_prior']}-{row['n2']}")
def test_a_design_reaches_its_power_at_the_difference_printed(row):
    plan = {name: PRIORS[row[name]] for name in ("control_prior", "treatment_prior")}

    def missing(difference):
        rates = MAP.mean + difference, MAP.mean
        return positive_probability(row["n1"], row["n2"], *rates, **plan, threshold=0.95) - 0.8

    assert brentq(missing, 0, 1 - MAP.mean) == pytest.approx(row["difference"], abs=5.1e-4)


def _superiority(a, b, c, d):
    """P(Beta(a, b) > Beta(c, d)) of whole shapes, in fractions: a finite sum."""
    # P(X > y) is the chance of fewer than a of a + b - 1 below y; then averaged over Beta(c, d).
    tries = a + b - 1
    terms = (comb(tries, j) * _beta(c + j, d + tries - j) for j in range(a))
    return sum(terms) / _beta(c, d)


def _beta(a, b):
    return Fraction(1, a * comb(a + b - 1, a))


@examples(25)
@given(*(st.integers(1, 12) for _ in range(4)), st.integers(1, 9), st.integers(0, 9))
def test_superiority_is_the_finite_sum_where_shapes_are_whole(a, b, c, d, n1, n2):
    both = posterior_superiority(
        n1,
        n2,
        treatment_prior=BetaMixture((1,), (a,), (b,)),
        control_prior=BetaMixture((1,), (c,), (d,)),
    )
    for k1 in {0, n1 // 2, n1}:
        for k2 in {0, n2}:
            exact = _superiority(a + k1, b + n1 - k1, c + k2, d + n2 - k2)
            assert both[k1, k2] == pytest.approx(float(exact), abs=1e-10)


@examples(10)
@given(mixtures(), st.integers(1, 6), st.integers(0, 6))
def test_superiority_is_the_integral_for_any_mixture(prior, n1, n2):
    both = posterior_superiority(n1, n2, control_prior=prior, treatment_prior=PRIORS["trial"])
    after = prior.posterior(n2 // 2, n2)

    def integrand(rate):
        parts = zip(after.weights, after.a, after.b, strict=True)
        density = sum(weight * beta.pdf(rate, a, b) for weight, a, b in parts)
        return density * beta.sf(rate, 0.5 + n1, 1)

    expected = quad(integrand, 0, 1, points=[after.mean], limit=200)[0]
    assert both[n1, n2 // 2] == pytest.approx(expected, abs=1e-7)


@examples(20)
@given(mixtures(), st.integers(1, 8), st.integers(0, 8), inner, inner)
def test_the_probability_of_a_positive_trial_is_the_sum_over_its_results(prior, n1, n2, p1, p2):
    region = positive_region(n1, n2, control_prior=prior)
    expected = sum(
        binom.pmf(k1, n1, p1) * binom.pmf(k2, n2, p2)
        for k1, k2 in zip(*np.nonzero(region), strict=True)
    )
    found = positive_probability(n1, n2, p1, p2, control_prior=prior)
    assert found == pytest.approx(expected, abs=1e-12)


@examples(20)
@given(mixtures(), st.integers(1, 12), st.integers(0, 12))
def test_more_responders_of_the_treated_never_undo_a_positive_trial(prior, n1, n2):
    both = posterior_superiority(n1, n2, control_prior=prior)
    assert (np.diff(both, axis=0) > -1e-12).all()
    assert (both >= -1e-12).all() and (both <= 1 + 1e-12).all()


@pytest.mark.slow
def test_history_gains_power_without_drift_and_pays_with_it():
    history = meta_analytic_predictive(ARMS["k"], ARMS["n"]).mixture
    priors = {"none": UNIFORM, "history": history, "robust": robust(history, 0.2)}
    table = borrowing_table(24, 6, 0.7, [0.25, 0.5], priors).set_index(["prior", "p2"])
    power, false = table["power"], table["false_positive"]
    assert power["none", 0.25] < power["robust", 0.25] < power["history", 0.25]
    assert false["none", 0.5] < false["robust", 0.5] < false["history", 0.5]
    assert false["history", 0.5] > 0.05 > false["history", 0.25]


def test_an_arm_that_is_too_large_is_refused_by_name():
    with pytest.raises(ValueError, match=r"n2 is 1001; allowed: .* at most 1000"):
        posterior_superiority(5, 1001, control_prior=UNIFORM)
