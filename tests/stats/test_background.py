"""Cells or chemotherapy: reference values, and what must hold whatever the counts."""

import csv
from math import comb, inf, isnan, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import betaincc, betaln, xlog1py, xlogy

from lupuscart.data.tables import select_trials
from lupuscart.evidence.overlap import conditioning_overlap, endpoint_overlap, regimen_summary
from lupuscart.stats.background import (
    added_response,
    added_response_posterior,
    finite_control_tipping,
    tipping_rate,
)
from lupuscart.stats.comparison import e_value, exact_test, ratio_to_benchmark
from lupuscart.stats.proportion import METHODS

REFERENCE = Path(__file__).parents[1] / "reference"
Z95 = 1.959963984540054

rates = st.floats(0, 1)
levels = st.floats(0.01, 0.999)
shapes = st.floats(0.2, 50)


@st.composite
def counts(draw, largest=30):
    n = draw(st.integers(1, largest))
    return draw(st.integers(0, n)), n


def read(name):
    with (REFERENCE / name).open() as file:
        return list(csv.DictReader(file))


def numbers(row, *names):
    return [float(row[name]) for name in names]


def whole(row, *names):
    return [int(row[name]) for name in names]


# Increment, share, tipping rate


def test_added_response_reference():
    table = pd.read_csv(REFERENCE / "conditioning_fixed_rate.csv")
    added = added_response(table["k"], table["n"], table["background_rate"]).to_frame()
    expected = table.drop(columns=["k", "n"])
    assert list(added) == list(expected)
    given_in_file = expected.notna().to_numpy()
    assert (added - expected).abs().to_numpy()[given_in_file].max() < 1e-6


@pytest.mark.parametrize("row", read("conditioning_tipping_rate.csv"), ids=lambda row: "")
def test_tipping_rate_reference(row):
    tipping = tipping_rate(
        *whole(row, "k", "n"),
        confidence_level=float(row["confidence_level"]),
        method=row["method"],
    )
    assert tipping == pytest.approx(float(row["tipping_rate"]), abs=1e-6)


@given(counts(), levels, st.sampled_from(METHODS))
def test_the_lower_limit_is_zero_at_the_tipping_rate(cohort, level, method):
    tipping = tipping_rate(*cohort, confidence_level=level, method=method)
    added = added_response(*cohort, tipping, confidence_level=level, method=method)
    assert added.low == 0
    if tipping < 1:
        assert added.independent_low == 0


@given(counts(), rates)
def test_increment_lies_within_limits_of_a_width_that_no_background_changes(cohort, c):
    added = added_response(*cohort, c)
    assert added.low - 1e-12 <= added.increment <= added.high + 1e-12
    nothing = added_response(*cohort, 0)
    assert added.high - added.low == pytest.approx(nothing.high - nothing.low, abs=1e-12)


@given(counts(), st.floats(0, 0.99))
def test_independent_form_multiplies_the_chances_of_no_response(cohort, c):
    k, n = cohort
    added = added_response(k, n, c)
    assert (1 - c) * (1 - added.independent) == pytest.approx(1 - k / n, abs=1e-12)


@given(counts(), rates)
def test_probability_is_the_binomial_tail(cohort, c):
    k, n = cohort
    tail = sum(comb(n, j) * c**j * (1 - c) ** (n - j) for j in range(k, n + 1))
    assert added_response(k, n, c).probability == pytest.approx(tail, abs=1e-12)


def test_edges_of_the_background_rate():
    nothing, everything = (added_response(12, 15, c) for c in (0, 1))
    assert (nothing.share, nothing.independent, nothing.probability) == (0, 0.8, 0)
    assert everything.high < 0
    assert everything.probability == 1
    assert isnan(everything.independent)
    assert isnan(added_response(0, 15, 0.3).share)
    assert added_response(4, 5, 1).share == 1.25


def test_scalars_give_floats_and_arrays_their_common_shape():
    one = added_response(12, 15, 0.4)
    assert all(isinstance(value, float) for value in vars(one).values())
    assert len(one.to_frame()) == 1
    grid = added_response([[12], [5]], [[15], [5]], [0.1, 0.2, 0.4])
    assert {value.shape for value in vars(grid).values()} == {(2, 3)}
    assert grid.low[0, 2] == one.low


# A finite control


@pytest.mark.parametrize("test", ["boschloo", "fisher", "score"])
def test_finite_control_reference(test):
    for row in read("comparisons_external_control.csv"):
        assert finite_control_tipping(*whole(row, "k", "n", "m"), test=test) == int(row[test])


@given(counts(8), st.integers(1, 8), st.sampled_from(["boschloo", "fisher", "score"]))
def test_finite_control_counts_up_to_the_first_table_that_is_kept(cohort, m, test):
    def rejects(y):
        return exact_test(*cohort, y, m, method=test, alternative="greater") <= 0.11

    largest = finite_control_tipping(*cohort, m, test=test, alpha=0.11)
    first_kept = next(y for y in range(m + 1) if not rejects(y))
    assert largest == (None if first_kept == 0 else first_kept - 1)


@given(counts(15), st.integers(1, 15))
def test_boschloo_tolerates_no_fewer_responding_controls_than_fisher(cohort, m):
    boschloo, fisher = (finite_control_tipping(*cohort, m, test=t) for t in ("boschloo", "fisher"))
    assert (-1 if boschloo is None else boschloo) >= (-1 if fisher is None else fisher)


# Beliefs


@pytest.mark.parametrize("row", read("conditioning_beliefs.csv"), ids=lambda row: "")
def test_beliefs_reference(row):
    expected = numbers(row, "above_0", "above_20_points", "above_40_points")
    after = added_response_posterior(
        *whole(row, "k", "n"), treatment_prior=(0.5, 0.5), background_prior=whole(row, "a", "b")
    )
    assert after.probability_above([0, 0.2, 0.4]) == pytest.approx(expected, abs=1e-6)
    assert [after.above_0, after.above_20_points] == pytest.approx(expected[:2], abs=1e-6)


@given(counts(), st.integers(1, 5), shapes, shapes, shapes)
def test_beliefs_agree_with_the_closed_sum_for_a_whole_shape(cohort, a, b, a2, b2):
    k, n = cohort
    after = added_response_posterior(k, n, treatment_prior=(a, b), background_prior=(a2, b2))
    i, b1 = np.arange(a + k), b + n - k
    log_terms = betaln(a2 + i, b1 + b2) - np.log(b1 + i) - betaln(1 + i, b1) - betaln(a2, b2)
    assert after.above_0 == pytest.approx(np.exp(log_terms).sum(), abs=1e-11)


@pytest.mark.parametrize("d", [-0.7, -0.1, 0, 0.2, 0.55])
@pytest.mark.parametrize("cohort", [(12, 15), (5, 5), (0, 4), (150, 200)])
@pytest.mark.parametrize("belief", [(4, 6), (1.5, 1), (30, 60)])
def test_beliefs_agree_with_adaptive_quadrature(d, cohort, belief):
    k, n = cohort

    def integrand(c):
        log_density = xlogy(belief[0] - 1, c) + xlog1py(belief[1] - 1, -c) - betaln(*belief)
        return np.exp(log_density) * betaincc(k + 0.5, n - k + 0.5, min(max(c + d, 0), 1))

    corners = [x for x in (-d, 1 - d, k / n - d) if 0 < x < 1]
    expected, _ = quad(integrand, 0, 1, points=corners or None, epsabs=1e-11, limit=200)
    after = added_response_posterior(k, n, background_prior=belief)
    assert after.probability_above(d) == pytest.approx(expected, abs=1e-8)


@given(counts(), shapes, shapes, st.floats(-1, 1))
def test_counting_non_responders_instead_turns_the_difference_round(cohort, a, b, d):
    k, n = cohort
    after = added_response_posterior(k, n, background_prior=(a, b))
    turned = added_response_posterior(n - k, n, background_prior=(b, a))
    total = after.probability_above(d) + turned.probability_above(-d)
    assert total == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("shape", [0.01, 0.1, 1, 1e5])
def test_a_difference_of_two_equal_beliefs_is_positive_half_the_time(shape):
    after = added_response_posterior(
        1, 2, treatment_prior=(shape, shape), background_prior=(shape + 1, shape + 1)
    )
    assert after.above_0 == pytest.approx(0.5, abs=1e-12)


@given(counts(), shapes, shapes)
def test_larger_increments_are_never_more_probable(cohort, a, b):
    after = added_response_posterior(*cohort, background_prior=(a, b))
    above = after.probability_above(np.linspace(-1, 1, 21))
    assert (np.diff(above) <= 1e-12).all()
    assert above[[0, -1]] == pytest.approx([1, 0])


# Ratio to a benchmark


@pytest.mark.parametrize("row", read("conditioning_ratio.csv"), ids=lambda row: row["source"])
def test_ratio_reference(row):
    compared = ratio_to_benchmark(*whole(row, "k", "n", "benchmark_k", "benchmark_n"))
    expected = pytest.approx(numbers(row, "low", "high"), abs=float(row["tolerance"]))
    assert [compared.low, compared.high] == expected


def most_likely_chi_squared(k1, n1, k2, n2, ratio):
    """Pearson's chi-squared at the likelihood's maximum, found by searching for it."""

    def minus_log_likelihood(q2):
        q1 = ratio * q2
        parts = xlogy(k1, q1), xlog1py(n1 - k1, -q1), xlogy(k2, q2), xlog1py(n2 - k2, -q2)
        return -sum(parts)

    bounds = (0, min(1, 1 / ratio))
    q2 = minimize_scalar(minus_log_likelihood, bounds=bounds, options={"xatol": 1e-13}).x
    q1 = ratio * q2
    return (k1 - n1 * q1) ** 2 / (n1 * q1 * (1 - q1)) + (k2 - n2 * q2) ** 2 / (n2 * q2 * (1 - q2))


@given(counts(), counts(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_limits_are_where_chi_squared_meets_its_quantile(cohort, benchmark, level):
    compared = ratio_to_benchmark(*cohort, *benchmark, confidence_level=level)
    quantile = {0.5: 0.45493642, 0.9: 2.70554345, 0.95: 3.84145882, 0.99: 6.63489660}[level]
    for limit in (compared.low, compared.high):
        if 0 < limit < inf:
            chi_squared = most_likely_chi_squared(*cohort, *benchmark, limit)
            assert chi_squared == pytest.approx(quantile, rel=1e-5)


@given(counts(), counts())
def test_the_interval_contains_one_exactly_when_the_usual_chi_squared_is_small(cohort, benchmark):
    (k1, n1), (k2, n2) = cohort, benchmark
    missed = n1 + n2 - k1 - k2
    assume(k1 + k2 > 0 and missed > 0)
    chi_squared = (k1 * n2 - k2 * n1) ** 2 * (n1 + n2) / (n1 * n2 * (k1 + k2) * missed)
    assume(abs(chi_squared - Z95**2) > 1e-9)
    compared = ratio_to_benchmark(k1, n1, k2, n2)
    assert (compared.low <= 1 <= compared.high) == (chi_squared < Z95**2)


@given(counts(), counts(), levels)
def test_exchanging_cohort_and_benchmark_gives_the_reciprocals(cohort, benchmark, level):
    compared = ratio_to_benchmark(*cohort, *benchmark, confidence_level=level)
    turned = ratio_to_benchmark(*benchmark, *cohort, confidence_level=level)
    assert compared.low * turned.high == pytest.approx(1, rel=1e-9) or turned.high == inf
    assert compared.low <= compared.high
    assert (compared.low == 0) == (cohort[0] == 0)
    assert (compared.high == inf) == (benchmark[0] == 0)
    if cohort[0] + benchmark[0] > 0:
        assert compared.low <= compared.ratio * (1 + 1e-12)
        assert compared.high >= compared.ratio * (1 - 1e-12)


@given(counts(), counts(), levels, levels)
def test_intervals_of_the_ratio_nest_in_the_level(cohort, benchmark, one, other):
    lesser, greater = sorted([one, other])
    inner, outer = (
        ratio_to_benchmark(*cohort, *benchmark, confidence_level=level)
        for level in (lesser, greater)
    )
    assert outer.low <= inner.low * (1 + 1e-12)
    assert outer.high >= inner.high * (1 - 1e-12)


@given(st.integers(1, 60), st.integers(1, 60))
def test_all_of_either_group_has_a_closed_form(n, m):
    compared = ratio_to_benchmark(n, n, m, m)
    assert compared.ratio == 1
    limits = [compared.low, compared.high]
    assert limits == pytest.approx([n / (n + Z95**2), 1 + Z95**2 / m], rel=1e-9)


def test_ratio_where_nobody_responded():
    neither = ratio_to_benchmark(0, 5, 0, 26)
    assert isnan(neither.ratio)
    assert (neither.low, neither.high) == (0, inf)
    assert ratio_to_benchmark(5, 5, 0, 26).ratio == inf


def test_several_benchmarks_at_once():
    both = ratio_to_benchmark(12, 15, [9, 11], [26, 21])
    assert both.low[1] == ratio_to_benchmark(12, 15, 11, 21).low
    assert both.ratio.shape == both.low.shape == both.high.shape == (2,)


# E-values


@pytest.mark.parametrize("row", read("conditioning_e_values.csv"), ids=lambda row: row["source"])
def test_e_value_reference(row):
    tolerance = 0.005 if "printed" in row["source"] else 1e-6
    limits = {name: float(row[name]) for name in ("low", "high") if row[name]}
    value = e_value(float(row["ratio"]), **limits)
    assert value.estimate == pytest.approx(float(row["estimate"]), abs=tolerance)
    if row["limit"]:
        assert value.limit == pytest.approx(float(row["limit"]), abs=tolerance)
    else:
        assert value.limit is None


@given(st.floats(1, 1e6))
def test_the_joint_bias_of_two_such_associations_is_the_ratio(ratio):
    strength = e_value(ratio).estimate
    # Bounding factor of VanderWeele & Ding, both associations of the same strength.
    assert strength**2 / (2 * strength - 1) == pytest.approx(ratio, rel=1e-6)
    assert e_value(1 / ratio).estimate == pytest.approx(strength, rel=1e-6)


@given(st.floats(0.01, 100), st.floats(1, 50), st.floats(1, 50))
def test_the_limit_nearer_to_one_counts(ratio, below, above):
    low, high = ratio / below, ratio * above
    value = e_value(ratio, low=low, high=high)
    assert 1 <= value.limit <= value.estimate
    assert (value.limit == 1) == (low <= 1 <= high)
    nearer = {"low": low} if ratio >= 1 else {"high": high}
    assert e_value(ratio, **nearer) == value


def test_e_values_at_the_ends():
    assert e_value(1).estimate == 1
    assert e_value(1, low=0.5, high=2).limit == 1
    without = e_value(inf, low=2, high=inf)
    assert (without.estimate, without.limit) == (inf, pytest.approx(2 + sqrt(2)))


def test_e_values_of_arrays():
    value = e_value([0.8, 3.9, 1.2], low=[0.71, 1.8, 0.9], high=[0.91, 8.7, 1.6])
    assert value.limit.round(2).tolist() == [1.43, 3.0, 1.0]
    assert value.estimate[1] == e_value(3.9).estimate


# Regimens


def test_no_study_used_two_regimens(outcomes, studies):
    table = conditioning_overlap(outcomes, studies)
    assert (table.notna().sum() == 1).all()
    assert sorted(table.columns) == sorted(outcomes["study"].unique())
    assert table.loc["none"].dropna().to_dict() == {
        "wang_q_2025": 5,
        "ft819_b_2026": 3,
        "descartes08_2025": 3,
    }


def test_regimens_stand_together_in_reading_order(outcomes, studies):
    table = conditioning_overlap(outcomes, studies)
    filled = table.notna().to_numpy().argmax(axis=0)
    assert filled.tolist() == sorted(filled)
    assert table.columns[0] == "feng_2025"


def test_rows_of_one_endpoint_show_who_reported_it(outcomes, studies):
    doris = select_trials(outcomes, studies, outcome="doris")
    table = conditioning_overlap(doris, studies)
    assert table.loc["none"].dropna().index.tolist() == ["descartes08_2025"]


def test_one_window_of_one_endpoint_has_cohorts_with_and_without(outcomes, studies):
    table = endpoint_overlap(outcomes, studies)
    regimens = studies["conditioning"].unique()
    comparable = table[(table["none"] != "") & (table[regimens] != "").sum(axis=1).gt(1)]
    comparable = comparable[comparable["week"].notna()]
    assert comparable[["outcome", "week", "none"]].values.tolist() == [["doris", 13, "2/3"]]
    assert comparable["fludarabine+cyclophosphamide"].tolist() == ["5/5"]


def test_endpoint_overlap_holds_every_count_of_a_response_endpoint(outcomes, studies):
    table = endpoint_overlap(outcomes, studies)
    cells = table[studies["conditioning"].unique()].to_numpy().ravel()
    shown = sorted(each for cell in cells if cell for each in cell.split(", "))
    rows = outcomes[(outcomes["statistic"] == "count") & outcomes["outcome"].isin(table["outcome"])]
    assert shown == sorted(f"{row.events}/{row.n}" for row in rows.itertuples())


def test_cohorts_without_conditioning_are_few_and_read_second_hand(outcomes, studies):
    table = regimen_summary(outcomes, studies).set_index("conditioning")
    none = table.loc["none"]
    assert (none["studies"], none["products"], none["treated_at_most"]) == (3, 3, 11)
    assert none["counts"] == 4
    assert none["counts_read_in_primary"] == 0
    assert table["studies"].sum() == outcomes["study"].nunique()


def test_an_unstated_regimen_is_named_and_not_dropped():
    trials = pd.DataFrame({"study": ["a", "b"]})
    studies = pd.DataFrame(
        {"study": ["a", "b"], "conditioning": ["none", None], "n_treated": [3, 4]}
    )
    assert conditioning_overlap(trials, studies).index.tolist() == ["none", "not_reported"]


# Bad input

BAD = {
    "background_rate above 1": (added_response, (12, 15, 1.2), {}, "background_rate is 1.2"),
    "background_rate nan": (added_response, (12, 15, np.nan), {}, "background_rate is nan"),
    "shapes": (added_response, ([12, 5], 15, [0.1, 0.2, 0.3]), {}, "allowed: shapes that"),
    "k above n": (added_response, (6, 5, 0.2), {}, "k is 6 and n is 5"),
    "level": (tipping_rate, (5, 5), {"confidence_level": 95}, "confidence_level is 95"),
    "method": (tipping_rate, (5, 5), {"method": "wilsn"}, "did you mean 'wilson'"),
    "alpha of 0": (finite_control_tipping, (5, 5, 5), {"alpha": 0}, "alpha is 0"),
    "test": (finite_control_tipping, (5, 5, 5), {"test": "t"}, "test is 't'"),
    "m": (finite_control_tipping, (5, 5, 0), {}, "m is 0"),
    "treatment_prior": (
        added_response_posterior,
        (5, 5),
        {"treatment_prior": (0, 1), "background_prior": (1, 1)},
        r"treatment_prior is \(0, 1\)",
    ),
    "background_prior": (
        added_response_posterior,
        (5, 5),
        {"background_prior": (4, -6)},
        r"background_prior is \(4, -6\)",
    ),
    "one shape": (added_response_posterior, (5, 5), {"background_prior": 4}, "background_prior"),
    "benchmark": (ratio_to_benchmark, (5, 5, 9, 8), {}, "benchmark_k is 9 and benchmark_n is 8"),
    "benchmark shapes": (ratio_to_benchmark, ([5, 4], 5, [1, 2, 3], 8), {}, "benchmark_k has"),
    "ratio of 0": (e_value, (0,), {}, "ratio is 0"),
    "ratio below 0": (e_value, (-2,), {}, "ratio is -2"),
    "ratio in words": (e_value, ("two",), {}, "ratio is 'two'"),
    "low above high": (e_value, (2,), {"low": 3, "high": 1}, "low is 3.0 and ratio is 2.0"),
    "high below ratio": (e_value, (2,), {"low": 1, "high": 1.5}, "high is 1.5 and ratio is 2.0"),
    "farther limit": (e_value, (2,), {"high": 3}, "low is None and ratio is 2.0"),
    "farther limit below 1": (e_value, (0.5,), {"low": 0.3}, "high is None and ratio is 0.5"),
    "no table": (conditioning_overlap, ([], []), {}, "trials is list"),
}


@pytest.mark.parametrize(("function", "arguments", "options", "said"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_by_name(function, arguments, options, said):
    with pytest.raises(ValueError, match=said):
        function(*arguments, **options)


@pytest.mark.parametrize("increment", [1.1, np.nan, [0, -2], "much"])
def test_an_impossible_increment_is_refused(increment):
    after = added_response_posterior(5, 5, background_prior=(1, 1))
    with pytest.raises(ValueError, match="increment is"):
        after.probability_above(increment)


def test_tables_that_lack_something_are_refused(outcomes, studies):
    with pytest.raises(ValueError, match="studies has no column 'conditioning'"):
        conditioning_overlap(outcomes, studies.drop(columns="conditioning"))
    with pytest.raises(ValueError, match="trials has no rows"):
        conditioning_overlap(outcomes.iloc[:0], studies)
    with pytest.raises(ValueError, match="study is 'feng_2025'"):
        regimen_summary(outcomes, studies[studies["study"] != "feng_2025"])
    with pytest.raises(ValueError, match="n_treated of 'feng_2025' is missing"):
        conditioning_overlap(outcomes, studies.assign(n_treated=pd.NA))
    with pytest.raises(ValueError, match="trials counts no response endpoint"):
        endpoint_overlap(outcomes[outcomes["domain"] == "safety"], studies)
