"""Few pairs: reference values, and what exact tests and intervals promise."""

import csv
from itertools import product
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lupuscart.stats.paired import (
    median_interval,
    regression_to_mean,
    sign_test,
    smallest_sign_p,
)

REFERENCE = Path(__file__).parents[1] / "reference"


def read(name):
    with (REFERENCE / name).open() as file:
        return list(csv.DictReader(file))


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


# Sign test


@pytest.mark.parametrize("row", read("paired_binomial_test.csv"), ids=lambda row: "")
def test_sign_test_is_the_exact_binomial_test(row):
    p = sign_test(
        int(row["n_fell"]),
        int(row["n_rose"]),
        null=float(row["null"]),
        alternative=row["alternative"],
    )
    assert p == pytest.approx(float(row["p"]), rel=1e-10)


@pytest.mark.parametrize("row", read("paired_sign_test.csv"), ids=lambda row: row["source"])
def test_sign_test_agrees_with_printed_output(row):
    p = sign_test(int(row["n_fell"]), int(row["n_rose"]), alternative=row["alternative"])
    assert f"{p:.4g}" == f"{float(row['p']):.4g}"


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.01, 0.99))
def test_two_sided_p_does_not_care_what_is_called_a_fall(fell, rose, null):
    if fell + rose:
        mirrored = sign_test(rose, fell, null=1 - null)
        assert sign_test(fell, rose, null=null) == pytest.approx(mirrored, rel=1e-6)


@given(st.integers(1, 20), st.floats(0.01, 0.99), st.floats(0.001, 0.5))
def test_sign_test_rejects_no_more_often_than_its_level(n, null, alpha):
    fell = np.arange(n + 1)
    chance = np.array([comb(n, k) * null**k * (1 - null) ** (n - k) for k in fell])
    for alternative in ("two-sided", "greater"):
        p = sign_test(fell, n - fell, null=null, alternative=alternative)
        assert chance[p <= alpha].sum() <= alpha * (1 + 1e-6)


def test_sign_test_takes_arrays_of_one_shape():
    p = sign_test([[5], [4]], [0, 1, 2], null=0.5)
    assert p.shape == (2, 3)
    assert p[1, 1] == sign_test(4, 1)
    assert isinstance(sign_test(4, 1), float)


def test_nulls_at_the_ends():
    assert sign_test(5, 0, null=1, alternative="greater") == 1
    assert sign_test(5, 0, null=0, alternative="greater") == 0
    assert sign_test(5, 0, null=[0, 1]).tolist() == [0, 1]


def test_floor_of_few_patients():
    rows = read("paired_floor.csv")
    n = column(rows, "n").astype(int)
    two_sided = smallest_sign_p(n)
    one_sided = smallest_sign_p(n, alternative="greater")
    near = {"rtol": 0, "atol": 1e-6}
    np.testing.assert_allclose(two_sided, column(rows, "min_two_sided_p_sign"), **near)
    np.testing.assert_allclose(two_sided, column(rows, "min_two_sided_p_signed_rank"), **near)
    np.testing.assert_allclose(one_sided, column(rows, "min_one_sided_p"), **near)
    np.testing.assert_allclose(one_sided, column(rows, "all_fall_at_rate_half"), **near)
    np.testing.assert_allclose(1 - two_sided, column(rows, "coverage_min_to_max"), **near)


@given(st.integers(1, 40), st.floats(0.01, 0.99), st.sampled_from(["two-sided", "greater"]))
def test_floor_is_the_smallest_p_of_all_outcomes(n, null, alternative):
    fell = np.arange(n + 1)
    p = sign_test(fell, n - fell, null=null, alternative=alternative)
    floor = smallest_sign_p(n, null=null, alternative=alternative)
    assert floor == pytest.approx(p.min(), rel=1e-12)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_signed_rank_and_sign_flip_tests_have_the_floor_of_the_sign_test(n):
    # Every score fell, no two by the same: all 2**n patterns of signs are listed.
    signs = np.array(list(product([-1, 1], repeat=n)))
    for sizes in (np.arange(1, n + 1), np.arange(1, n + 1) ** 2.5):
        statistic = np.abs(signs @ sizes)
        share = np.mean(statistic >= sizes.sum() - 1e-9)
        assert share == pytest.approx(smallest_sign_p(n), rel=1e-12)


def test_all_five_fall_often_where_most_fall_untreated():
    p = smallest_sign_p(5, null=[0.5, 0.8, 0.9], alternative="greater")
    np.testing.assert_allclose(p, [0.03125, 0.32768, 0.59049], rtol=1e-12)


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0, 1))
def test_less_is_greater_seen_from_the_other_side(fell, rose, null):
    assume(fell + rose)
    mirrored = sign_test(rose, fell, null=1 - null, alternative="greater")
    assert sign_test(fell, rose, null=null, alternative="less") == pytest.approx(
        mirrored, abs=1e-12
    )


def test_the_smallest_p_in_each_direction():
    assert smallest_sign_p(5, alternative="less", null=0.2) == pytest.approx(0.8**5)
    assert smallest_sign_p(5, alternative="greater", null=0.2) == pytest.approx(0.2**5)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 0), {}, "n_fell and n_rose are both 0"),
        (([5, 0], [0, 0]), {}, "n_fell and n_rose are both 0"),
        ((-1, 5), {}, "n_fell is -1"),
        ((5, 0.5), {}, "n_rose is 0.5"),
        ((5, float("nan")), {}, "n_rose is nan"),
        (("5", 0), {}, "n_fell is '5'"),
        ((True, 0), {}, "n_fell is True"),
        ((5, 0), {"null": 1.5}, "null is 1.5"),
        ((5, 0), {"alternative": "more"}, "alternative is 'more'"),
        ((2**53, 0), {}, "at most 1000000"),
        (([5, 4], [0, 1, 2]), {}, r"n_fell has shape \(2,\), n_rose has shape \(3,\)"),
    ],
)
def test_sign_test_refuses_by_name(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        sign_test(*arguments, **options)


def test_floor_of_nobody_is_refused():
    with pytest.raises(ValueError, match="n is 0"):
        smallest_sign_p(0)


# Interval of a median


BLOOD = [125, 123, 117, 123, 115, 112, 128, 118, 124, 111, 116, 109, 125]
BLOOD += [120, 113, 123, 112, 118, 121, 118, 122, 115, 105, 118, 131]
RELIEF_A = np.array([2.0, 3.6, 2.6, 2.6, 7.3, 3.4, 14.9, 6.6, 2.3, 2.0, 6.8, 8.5])
RELIEF_B = np.array([3.5, 5.7, 2.9, 2.4, 9.9, 3.3, 16.7, 6.0, 3.8, 4.0, 9.1, 20.9])


def test_median_interval_agrees_with_printed_output():
    # The rows "Upper Achieved CI" of BSDA's SIGN.test.
    interval = median_interval(RELIEF_A - RELIEF_B)
    assert (round(interval.low, 4), round(interval.high, 4)) == (-2.3, 0.1)
    assert round(interval.level, 4) == 0.9614
    interval = median_interval(BLOOD, bound="upper")
    assert (interval.low, interval.high) == (-np.inf, 123)
    assert round(interval.level, 4) == 0.9784


def test_an_interval_exists_just_where_the_reference_says():
    for row in read("paired_floor.csv"):
        values = np.arange(int(row["n"]))
        if row["interval_95_exists"] == "True":
            assert median_interval(values).level >= 0.95
            continue
        coverage = f"with only {float(row['coverage_min_to_max']):g}"
        with pytest.raises(ValueError, match="allowed: at least 6") as error:
            median_interval(values)
        assert coverage in str(error.value)


def test_one_sided_interval_exists_from_five():
    assert median_interval(range(5), bound="lower").level == 0.96875
    with pytest.raises(ValueError, match=r"values has 4 .* at least 5 for a one-sided .* 0.9375"):
        median_interval(range(4), bound="lower")


def covering(n, interval):
    """Chance that the interval of ranks 0 .. n - 1 covers the median, by counting."""
    # b of n values lie below the median; the interval covers it if it starts among these
    # and ends among the others.
    below = np.arange(n + 1)
    covers = (interval.low < below) & (interval.high >= below)
    return sum(comb(n, b) for b in below[covers]) / 2**n


@given(
    st.integers(1, 40), st.floats(0.05, 0.9999), st.sampled_from(["two-sided", "lower", "upper"])
)
def test_achieved_level_is_the_coverage_and_the_interval_is_the_shortest(n, level, bound):
    extreme = 1 - (2 if bound == "two-sided" else 1) * 0.5**n
    if extreme < level:
        with pytest.raises(ValueError, match=f"values has {n} entries"):
            median_interval(range(n), confidence_level=level, bound=bound)
        return
    interval = median_interval(range(n), confidence_level=level, bound=bound)
    assert interval.level == pytest.approx(covering(n, interval), abs=1e-12)
    assert interval.level >= level - 1e-9
    shorter = type(interval)(
        interval.low + (bound != "upper"), interval.high - (bound != "lower"), interval.level
    )
    assert covering(n, shorter) < level + 1e-9


@given(st.lists(st.integers(-50, 50), min_size=6, max_size=20))
def test_median_interval_is_mirrored_with_the_values(values):
    interval, mirrored = median_interval(values), median_interval([-v for v in values])
    assert (mirrored.low, mirrored.high) == (-interval.high, -interval.low)
    assert interval.low <= np.median(values) <= interval.high
    assert median_interval(values, bound="lower").low >= interval.low


@pytest.mark.parametrize("n", range(2, 41))
def test_a_level_that_ranks_have_exactly_can_be_asked_for(n):
    levels = [1 - 2 * sum(comb(n, j) for j in range(k)) / 2**n for k in range(1, n // 2 + 1)]
    for rank, level in enumerate(levels, start=1):
        interval = median_interval(range(n), confidence_level=level)
        assert (interval.low, interval.high) == (rank - 1, n - rank)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([], {}, "values has shape"),
        (3, {}, "values has shape"),
        ([1, 2, float("nan")], {}, "values is"),
        (range(9), {"confidence_level": 95}, "confidence_level is 95"),
        (range(9), {"bound": "both"}, "bound is 'both'"),
    ],
)
def test_median_interval_refuses_by_name(values, options, message):
    with pytest.raises(ValueError, match=message):
        median_interval(values, **options)


# Regression to the mean


def test_regression_to_the_mean():
    rows = read("paired_regression_to_mean.csv")
    given_values = [column(rows, c) for c in ("pop_mean", "pop_sd", "entry_cut", "reliability")]
    result = regression_to_mean(*given_values)
    at_entry, fall = column(rows, "mean_at_entry"), column(rows, "expected_fall_without_treatment")
    np.testing.assert_allclose(result.mean_at_entry, at_entry, rtol=0, atol=1e-6)
    np.testing.assert_allclose(result.expected_fall, fall, rtol=0, atol=1e-6)
    percent = 100 * result.expected_fall / result.mean_at_entry
    np.testing.assert_allclose(percent, column(rows, "pct"), rtol=0, atol=1e-6)


def test_regression_to_the_mean_is_the_mean_of_the_selected():
    # The integral of a normal density above the cut, on a fine grid.
    score = np.linspace(12, 8 + 4 * 12, 400_001)
    density = np.exp(-(((score - 8) / 4) ** 2) / 2)
    expected = np.trapezoid(score * density, score) / np.trapezoid(density, score)
    assert regression_to_mean(8, 4, 12, 0.7).mean_at_entry == pytest.approx(expected, rel=1e-9)


@given(st.floats(-20, 60), st.floats(0, 1))
def test_selection_only_raises_the_entry_mean(cut, reliability):
    result = regression_to_mean(8, 4, cut, reliability)
    assert result.mean_at_entry >= max(cut, 8)
    assert 0 <= result.expected_fall <= result.mean_at_entry - 8 + 1e-9
    assert regression_to_mean(8, 4, cut, 1).expected_fall == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((float("inf"), 4, 12, 0.7), "pop_mean is inf"),
        ((8, 0, 12, 0.7), "pop_sd is 0"),
        ((8, 4, "12", 0.7), "entry_cut is '12'"),
        ((8, 4, 12, 1.7), "reliability is 1.7"),
        ((8, 4, [12, 8], [0.7, 0.8, 0.9]), "entry_cut has shape"),
    ],
)
def test_regression_to_the_mean_refuses_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        regression_to_mean(*arguments)
