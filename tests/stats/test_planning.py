"""One arm: reference values, properties, and refusals; all of planning from one door."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from lupuscart.stats import planning
from lupuscart.stats.planning import one_arm, simon, two_arm
from lupuscart.stats.planning.one_arm import no_event_plan, precision_one_arm
from lupuscart.stats.proportion import METHODS, proportion_ci

REFERENCE = Path(__file__).parents[1] / "reference"
RATES = st.floats(0, 1)


def reference(name):
    return pd.read_csv(REFERENCE / f"planning_{name}.csv")


def test_planning_offers_all_of_its_parts():
    for part in (one_arm, two_arm, simon):
        assert set(part.__all__) <= set(planning.__all__)


def test_precision_matches_r():
    for n, rows in reference("precision").groupby("n"):
        half, two_fifths = (precision_one_arm(n, rows["p"], threshold=c) for c in (0.5, 0.4))
        wilson = precision_one_arm(n, rows["p"], method="wilson")
        for found, column in [
            (half.expected_width, "clopper_pearson_width"),
            (wilson.expected_width, "wilson_width"),
            (half.probability_above, "above_.5"),
            (two_fifths.probability_above, "above_.4"),
        ]:
            np.testing.assert_allclose(found, rows[column], rtol=0, atol=1e-6)
        assert wilson.probability_above is None


@examples(60)
@given(
    n=st.integers(1, 40),
    p=RATES,
    threshold=RATES,
    confidence_level=st.floats(0.5, 0.999),
    method=st.sampled_from(METHODS),
)
def test_properties_of_precision(n, p, threshold, confidence_level, method):
    options = {"confidence_level": confidence_level, "method": method, "threshold": threshold}
    plan = precision_one_arm(n, p, **options)
    low, high = proportion_ci(np.arange(n + 1), n, confidence_level=confidence_level, method=method)
    assert np.min(high - low) - 1e-9 <= plan.expected_width <= np.max(high - low) + 1e-9
    assert precision_one_arm(n, 1 - p, **options).expected_width == pytest.approx(
        plan.expected_width, abs=1e-9
    )
    # The probability grows with the true rate and, at the threshold, is at most alpha / 2.
    assert precision_one_arm(n, (1 + p) / 2, **options).probability_above >= (
        plan.probability_above - 1e-9
    )
    if method == "clopper-pearson":
        at_threshold = precision_one_arm(n, threshold, **options).probability_above
        assert at_threshold <= (1 - confidence_level) / 2 + 1e-9


def test_a_lower_limit_equal_to_the_threshold_does_not_exceed_it():
    low, _ = proportion_ci(4, 6)
    at_limit, below = (
        precision_one_arm(6, 0.7, threshold=c).probability_above for c in (low, low - 1e-6)
    )
    assert at_limit == pytest.approx(binom.sf(4, 6, 0.7), rel=1e-9)
    assert below == pytest.approx(binom.sf(3, 6, 0.7), rel=1e-9)


def test_precision_at_certain_rates():
    plan = precision_one_arm(5, [0, 1], threshold=0.4)
    np.testing.assert_allclose(plan.probability_above, [0, 1], atol=1e-12)
    np.testing.assert_allclose(plan.expected_width, 1 - 0.025**0.2, rtol=1e-12)


def test_no_event_plan_matches_r():
    for row in reference("no_event").itertuples():
        for level, n in ((0.95, row.n_95), (0.975, row.n_975)):
            plan = no_event_plan(row.rate, confidence_level=level, true_rate=[0, 0.01, 1])
            assert plan.n == n
            np.testing.assert_allclose(plan.probability, [1, 0.99**n, 0], rtol=1e-12)


# --- refusals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: precision_one_arm(0, 0.5), "n is 0"),
        (lambda: precision_one_arm(5, 1.5), "p is 1.5"),
        (lambda: precision_one_arm(5, 0.5, threshold=2), "threshold is 2"),
        (lambda: precision_one_arm(5, 0.5, threshold=[0.2, 0.3]), "threshold is"),
        (lambda: precision_one_arm(5, 0.5, confidence_level=95), "confidence_level is 95"),
        (lambda: precision_one_arm(5, 0.5, method="exact"), "method is 'exact'"),
        (lambda: no_event_plan(0, true_rate=0.01), "rate is 0"),
        (lambda: no_event_plan([0.1, 0.2], true_rate=0.01), "rate is"),
        (lambda: no_event_plan(0.05, true_rate=1.01), "true_rate is 1.01"),
        (lambda: no_event_plan(0.05, true_rate=0, confidence_level=1), "confidence_level is 1"),
    ],
)
def test_bad_input_is_refused_by_name(call, named):
    with pytest.raises(ValueError, match=f"^{named}"):
        call()
