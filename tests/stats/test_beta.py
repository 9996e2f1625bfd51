"""Posterior and predictive of one proportion: reference values and identities."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import xlogy
from scipy.stats import beta, binom

from lupuscart.stats.beta import PRIORS, posterior, predictive

REFERENCE = Path(__file__).parents[1] / "reference"


def test_predictions_and_intervals_match_r():
    for row in pd.read_csv(REFERENCE / "posteriors_predictive.csv").itertuples():
        after = posterior(row.k, row.n, prior=row.prior)
        found = [
            after.mean,
            predictive(row.k, row.n, 5, prior=row.prior)[5],
            predictive(row.k, row.n, 5, prior=row.prior)[0],
            predictive(row.k, row.n, 15, prior=row.prior)[10:].sum(),
            after.low,
            after.high,
        ]
        printed = [row.next_patient, row.all_of_next_5, row.none_of_next_5]
        printed += [row.at_least_10_of_next_15, row.low, row.high]
        np.testing.assert_allclose(found, printed, rtol=0, atol=1e-6)


@pytest.mark.parametrize("prior", PRIORS)
def test_tail_probabilities_match_r(prior):
    for (k, n), part in pd.read_csv(REFERENCE / "posteriors_tails.csv").groupby(["k", "n"]):
        found = posterior(k, n, prior=prior).probability_above(part["rate"])
        np.testing.assert_allclose(found, part[f"above_{prior}"], rtol=0, atol=1e-6)


@given(
    n=st.integers(1, 500),
    share=st.floats(0, 1),
    prior=st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)),
    m=st.integers(1, 300),
)
def test_predictive_is_a_distribution_with_the_posterior_mean(n, share, prior, m):
    k = round(share * n)
    probabilities = predictive(k, n, m, prior=prior)
    assert probabilities.shape == (m + 1,) and (probabilities >= 0).all()
    assert probabilities.sum() == pytest.approx(1, abs=1e-10)
    mean = posterior(k, n, prior=prior).mean
    assert np.arange(m + 1) @ probabilities == pytest.approx(m * mean, rel=1e-9, abs=0)


def test_predictive_averages_the_binomial_over_the_posterior():
    averaged = [
        quad(lambda p, j=j: binom.pmf(j, 7, p) * beta.pdf(p, 14, 11), 0, 1)[0] for j in range(8)
    ]
    np.testing.assert_allclose(predictive(12, 15, 7, prior="sceptical"), averaged, rtol=1e-8)


@given(n=st.integers(1, 300), share=st.floats(0, 1), level=st.floats(0.01, 0.999))
def test_interval_and_tail_agree(n, share, level):
    after = posterior(round(share * n), n, confidence_level=level)
    tail = (1 - level) / 2
    above = after.probability_above([after.high, after.median, after.low])
    np.testing.assert_allclose(above, [tail, 0.5, 1 - tail], rtol=1e-9)
    assert after.low < after.median < after.high


def test_arrays_and_scalars():
    after = posterior([12, 5], [15, 5], prior="jeffreys")
    assert after.mean.shape == (2,)
    assert after.probability_above([[0.2], [0.5], [0.8]]).shape == (3, 2)
    assert type(posterior(12, 15).median) is float
    assert type(posterior(12, 15).probability_above(0.5)) is float
    assert posterior(12, 15).probability_above([0, 1]).tolist() == [1, 0]
    with pytest.raises(FrozenInstanceError):
        posterior(12, 15).low = 0.1


def test_high_limit_keeps_its_tail_at_extreme_levels():
    # No event in 5, uniform prior: P(rate > high) = (1 - high) ** 6.
    after = posterior(0, 5, confidence_level=1 - 1e-9)
    assert np.exp(xlogy(6, 1 - after.high)) == pytest.approx((1 - (1 - 1e-9)) / 2, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("prior", "named"),
    [("flat", "prior is 'flat'"), ((1, 0), r"prior is \(1, 0\)"), ((1, 2, 3), "prior is"),
     (2, "prior is 2"), (("a", 1), "prior is")],
)  # fmt: skip
def test_unusable_priors_are_refused_by_name(prior, named):
    for call in (lambda: posterior(1, 2, prior=prior), lambda: predictive(1, 2, 3, prior=prior)):
        with pytest.raises(ValueError, match=named):
            call()


def test_bad_counts_are_refused_by_name():
    for call, named in [
        (lambda: posterior(6, 5), "k is 6"),
        (lambda: predictive(6, 5, 1), "k is 6"),
        (lambda: predictive(1, 5, 0), "m is 0"),
        (lambda: posterior(1, 5, confidence_level=0), "confidence_level is 0"),
        (lambda: posterior(1, 5).probability_above(2), "rate is 2"),
    ]:
        with pytest.raises(ValueError, match=named):
            call()
