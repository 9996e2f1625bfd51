"""Coverage and compatibility: reference values, and enumeration beside them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from lupuscart.stats.coverage import any_full_cohort, compatible_rates, coverage_probability
from lupuscart.stats.proportion import METHODS, proportion_ci

REFERENCE = Path(__file__).parents[1] / "reference"
EXACT = ("clopper-pearson", "blaker", "sterne")
GRID = np.arange(1, 2000) / 2000


@pytest.mark.parametrize("method", METHODS)
def test_coverage_matches_r(method):
    for row in (
        pd.read_csv(REFERENCE / "coverage_95.csv").query("method == @method").to_dict("records")
    ):
        n = row["n"]
        curve = coverage_probability(n, GRID, method=method)
        low, high = proportion_ci(np.arange(n + 1), n, method=method)
        found = [
            curve.min(),
            curve.mean(),
            *coverage_probability(n, [0.05, 0.5, 0.8, 0.95], method=method),
        ]
        found += [np.mean(high - low), binom.pmf(np.arange(n + 1), n, 0.8) @ (high - low)]
        columns = ["minimum", "mean", "at_.05", "at_.50", "at_.80", "at_.95", "mean_width"]
        printed = [row[name] for name in [*columns, "expected_width_at_.80"]]
        np.testing.assert_allclose(found, printed, rtol=0, atol=1e-6)


@pytest.mark.parametrize("level", [1e-6, 0.5, 0.8, 0.95, 0.999, 1 - 1e-9])
@pytest.mark.parametrize("n", [1, 2, 5, 15, 60])
@pytest.mark.parametrize("method", EXACT)
def test_exact_intervals_never_cover_less_than_the_level(method, n, level):
    ends = np.unique(proportion_ci(np.arange(n + 1), n, confidence_level=level, method=method))
    beside = [ends * (1 + side * gap) for side in (-1, 1) for gap in (0, 1e-15, 1e-12, 1e-9, 1e-6)]
    rates = np.clip(np.concatenate([GRID, *beside]), 0, 1)
    covered = coverage_probability(n, rates, confidence_level=level, method=method)
    assert (covered >= level - 1e-12).all()


@pytest.mark.parametrize("method", METHODS)
def test_coverage_is_the_enumeration_of_all_results(method):
    n, rates = 23, np.array([[0.013, 0.271], [0.5003, 0.9871]])
    low, high = proportion_ci(np.arange(n + 1), n, confidence_level=0.9, method=method)
    expected = [
        [sum(binom.pmf(x, n, p) for x in range(n + 1) if low[x] <= p <= high[x]) for p in row]
        for row in rates
    ]
    found = coverage_probability(n, rates, confidence_level=0.9, method=method)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_limit_is_inside_its_interval():
    # Blaker's limits of 5 of 5 and of 0 of 5 are both 1/2: there every result is kept.
    assert coverage_probability(5, 0.5, method="blaker") == 1
    # A hair outside, both are gone: 2 of 32 in all.
    outside = coverage_probability(5, [0.5 - 1e-9, 0.5 + 1e-9], method="blaker")
    np.testing.assert_allclose(outside, 31 / 32, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_coverage_is_symmetric_even_at_the_limits(method):
    # Rounding moves 1 - low off the upper limit that it mirrors; both must count as inside.
    ends, _ = proportion_ci(np.arange(1, 41), 40, method=method)
    here = coverage_probability(40, ends, method=method)
    np.testing.assert_allclose(coverage_probability(40, 1 - ends, method=method), here, atol=1e-12)


def test_coverage_in_pieces_is_the_same():
    rates = np.linspace(0, 1, 1501)
    whole = coverage_probability(2000, rates)
    np.testing.assert_array_equal(whole[::50], coverage_probability(2000, rates[::50]))


def test_certain_rates():
    np.testing.assert_array_equal(coverage_probability(5, [0, 1]), [1, 1])
    np.testing.assert_array_equal(coverage_probability(5, [0, 1], method="uniform-prior"), [0, 0])
    assert type(coverage_probability(5, 0.3)) is float


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((0, 0.5), "n is 0"),
        ((5.5, 0.5), "n is 5.5"),
        ((5, 1.2), "p is 1.2"),
        ((5, [np.nan]), "p is nan"),
    ],
)
def test_coverage_refuses_by_name(arguments, named):
    with pytest.raises(ValueError, match=named):
        coverage_probability(*arguments)


def test_compatible_rates_match_r():
    reference = pd.read_csv(REFERENCE / "posteriors_tails.csv")
    for (k, n), part in reference.groupby(["k", "n"]):
        table = compatible_rates(k, n, part["rate"])
        assert list(table.columns) == ["rate", "probability", "probability_at_most"]
        printed = part[["rate", "at_least", "at_most"]]
        np.testing.assert_allclose(table, printed, rtol=0, atol=1e-6)


def test_compatible_rates_edges():
    assert compatible_rates(0, 5, 0.2).iloc[0].tolist() == pytest.approx([0.2, 1, 0.8**5])
    assert compatible_rates(5, 5, [0, 1])["probability"].tolist() == [0, 1]
    for arguments, named in [((6, 5, 0.2), "k is 6"), ((1, 5, [0.2, 1.5]), "rates is 1.5")]:
        with pytest.raises(ValueError, match=named):
            compatible_rates(*arguments)


def test_full_cohorts_match_r():
    table = pd.read_csv(REFERENCE / "coverage_full_cohorts.csv")
    for cohorts in (1, 5, 10, 20, 40):
        found = any_full_cohort(table["rate"], table["n"], cohorts)
        np.testing.assert_allclose(found, table[f"cohorts_{cohorts}"], rtol=0, atol=1e-6)


def test_full_cohorts_edges():
    np.testing.assert_array_equal(any_full_cohort([0, 1], 5, 10), [0, 1])
    # A probability too small for 1 - (1 - x) ** m to keep any digit.
    assert any_full_cohort(0.01, 10, 3) == pytest.approx(3e-20, rel=1e-12, abs=0)
    for arguments, named in [
        ((1.1, 5, 1), "rate"),
        ((0.5, 0, 1), "n is 0"),
        ((0.5, 5, 0), "cohorts is 0"),
    ]:
        with pytest.raises(ValueError, match=named):
            any_full_cohort(*arguments)
