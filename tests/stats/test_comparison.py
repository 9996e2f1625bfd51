"""Two cohorts: reference values, conventions, properties of tests and intervals, edges."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binom, boschloo_exact, fisher_exact, norm

from lupuscart.stats.comparison import (
    ALTERNATIVES,
    INTERVAL_METHODS,
    TEST_METHODS,
    exact_p_row,
    exact_p_table,
    exact_test,
    rejection_region,
    risk_difference_ci,
)
from lupuscart.stats.proportion import proportion_ci

REFERENCE = Path(__file__).parents[1] / "reference"
UNCONDITIONAL = ("boschloo", "barnard", "score")
EXACT = ("exact", "exact-two-sided")
# Limits of a search are found to its finest step, and reference values are rounded.
SEARCHED = 1.2e-7


def reference(name, **options):
    return pd.read_csv(REFERENCE / f"comparisons_{name}.csv", **options)


PAIRS = reference("two_cohorts")
COUNTS = ["k1", "n1", "k2", "n2"]


@st.composite
def tables(draw, largest=25):
    n1, n2 = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


def identifier(row):
    return "{}/{} v {}/{}".format(*(int(row[name]) for name in COUNTS))


# --- reference values -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("fisher_two_sided", {"method": "fisher"}),
        ("fisher_greater", {"method": "fisher", "alternative": "greater"}),
        ("fisher_mid_p", {"method": "fisher-mid-p"}),
        ("barnard_pooled", {"method": "barnard"}),
        ("barnard_unpooled", {"method": "barnard", "variance": "unpooled"}),
        ("boschloo_two_sided", {}),
    ],
)
def test_p_values_match_r(column, options):
    ours = [exact_test(*counts, **options) for counts in PAIRS[COUNTS].to_numpy()]
    np.testing.assert_allclose(ours, PAIRS[column], rtol=0, atol=1e-6)


def test_one_sided_boschloo_matches_r():
    ours = [
        min(exact_test(*counts, alternative=side) for side in ("less", "greater"))
        for counts in PAIRS[COUNTS].to_numpy()
    ]
    np.testing.assert_allclose(ours, PAIRS["boschloo_smaller_one_sided"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("method", INTERVAL_METHODS)
def test_intervals_match_r(method):
    columns = [f"{method.replace('-', '_')}_{end}" for end in ("low", "high")]
    known = PAIRS.dropna(subset=columns)
    ours = [risk_difference_ci(*counts, method=method) for counts in known[COUNTS].to_numpy()]
    atol = 2e-6 if method in EXACT else 1e-6
    np.testing.assert_allclose(ours, known[columns], rtol=0, atol=atol)


def printed_to(text):
    """Half a unit of the last printed place."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2]) * (1 + 1e-6)


@pytest.mark.parametrize(
    "row", reference("published_intervals", dtype=str).to_dict("records"), ids=identifier
)
def test_published_intervals(row):
    counts = (int(row[name]) for name in COUNTS)
    limits = risk_difference_ci(*counts, method=row["method"])
    for ours, printed in zip(limits, (row["low"], row["high"]), strict=True):
        assert abs(ours - float(printed)) <= printed_to(printed)


@pytest.mark.parametrize(
    "row", reference("published_p_values", dtype=str).to_dict("records"), ids=identifier
)
def test_published_p_values(row):
    counts = (int(row[name]) for name in COUNTS)
    ours = exact_test(*counts, method=row["method"], alternative=row["alternative"])
    assert abs(ours - float(row["p"])) <= printed_to(row["p"])


@pytest.mark.parametrize("method", ["boschloo", "fisher", "score"])
def test_controls_that_leave_a_response_different_match_r(method):
    """The largest y of m controls such that every number up to y is rejected."""
    cases = reference("external_control")
    largest = []
    for k, n, m in cases[["k", "n", "m"]].to_numpy():
        rejected = rejection_region(n, m, alpha=0.025, method=method, alternative="greater")[k]
        largest.append(np.argmin(np.append(rejected, False)) - 1)
    assert largest == cases[method].tolist()


@pytest.mark.parametrize("method", ["fisher", "fisher-mid-p"])
def test_power_and_size_match_r(method):
    cases = reference("power")
    column = method.replace("-", "_")
    for n, arms in cases.groupby("n_per_arm"):
        rejected = rejection_region(n, n, method=method)
        k = np.arange(n + 1)

        def power(p1, p2, k=k, n=n, rejected=rejected):
            of_1, of_2 = (binom.pmf(k, n, np.array(p)[:, np.newaxis]) for p in (p1, p2))
            return ((of_1 @ rejected) * of_2).sum(axis=1)

        ours = power(arms["p1"], arms["p2"])
        np.testing.assert_allclose(ours, arms[f"{column}_power"], rtol=0, atol=1e-6)
        common = np.arange(1, 2000) / 2000
        size = power(common, common).max()
        np.testing.assert_allclose(size, arms[f"{column}_size"], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("counts", "options", "expected", "places"),
    [
        # Tied tables that scipy's barnard_exact loses.
        ((4, 4, 2, 6), {"method": "barnard"}, 0.0508, 4),
        ((9, 10, 3, 10), {"method": "barnard"}, 0.0080, 4),
        # Two orderings that disagree where the groups are of very different size.
        ((5, 5, 26, 50), {"alternative": "greater"}, 0.021, 3),
        ((5, 5, 26, 50), {"method": "score", "alternative": "greater"}, 0.041, 3),
        ((9, 26, 11, 21), {"method": "fisher"}, 0.25, 2),
    ],
)
def test_stated_p_values(counts, options, expected, places):
    assert round(exact_test(*counts, **options), places) == expected


# --- the tests against independent programs and definitions -----------------------------


def test_p_values_that_are_known_fractions():
    """Only 5/5 v 0/5 and its mirror are as extreme: 2 r^5 (1-r)^5, highest at one half."""
    for method in ("boschloo", "barnard"):
        assert exact_test(5, 5, 0, 5, method=method) == pytest.approx(2**-9, rel=1e-12)
    assert exact_test(4, 4, 2, 6, method="barnard") == pytest.approx(52 / 1024, rel=1e-12)
    assert exact_test(3, 4, 1, 4, method="fisher") == pytest.approx(34 / 70, rel=1e-12)
    # Given 6 responders of 10: 1, 24, 90, 80, 15 ways; 15 are the observed table's, 1 is rarer.
    assert exact_test(4, 4, 2, 6, method="fisher-mid-p") == pytest.approx(8.5 / 210, rel=1e-12)
    # Tied tables 5/5 v 0/5 and 0/5 v 5/5 both count half.
    assert exact_test(5, 5, 0, 5, method="fisher-mid-p") == pytest.approx(1 / 252, rel=1e-12)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_fisher_is_scipys(alternative):
    ours = exact_p_table(7, 9, method="fisher", alternative=alternative)
    theirs = [
        [fisher_exact([[a, b], [7 - a, 9 - b]], alternative).pvalue for b in range(10)]
        for a in range(8)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("counts", [(12, 15, 5, 15), (12, 15, 9, 26), (1, 4, 7, 9)])
def test_doubled_boschloo_is_scipys(counts):
    k1, n1, k2, n2 = counts
    theirs = boschloo_exact([[k1, k2], [n1 - k1, n2 - k2]], n=256).pvalue
    assert exact_test(*counts, two_sided="doubled") == pytest.approx(theirs, abs=5e-6)


@examples(60)
@given(tables(), st.sampled_from(("boschloo", "barnard")), st.sampled_from(ALTERNATIVES))
@example((1, 1, 0, 40), "barnard", "greater")
@example((40, 40, 38, 40), "boschloo", "two-sided")
def test_p_value_is_the_supremum_over_the_common_rate(counts, method, alternative):
    k1, n1, k2, n2 = counts
    a, b = np.indices((n1 + 1, n2 + 1))
    if method == "boschloo":
        ordering = exact_p_table(n1, n2, method="fisher", alternative=alternative)
    else:
        rate = (a + b) / (n1 + n2)
        error = np.sqrt(rate * (1 - rate) * (1 / n1 + 1 / n2))
        z = np.divide(a / n1 - b / n2, error, out=np.zeros(a.shape), where=error > 0)
        ordering = {"greater": -z, "less": z, "two-sided": -abs(z)}[alternative]
    tail = ordering <= ordering[k1, k2] + 1e-9 * abs(ordering[k1, k2]) + 1e-14
    rate = np.sin(np.linspace(0, np.pi / 2, 4001))[:, np.newaxis] ** 2
    of_1, of_2 = (binom.pmf(np.arange(n + 1), n, rate) for n in (n1, n2))
    on_grid = ((of_1 @ tail) * of_2).sum(axis=1).max()
    p = exact_test(*counts, method=method, alternative=alternative)
    assert on_grid * (1 - 1e-9) <= p <= on_grid * (1 + 1e-5)


# --- properties of the tests ------------------------------------------------------------


@examples(60)
@given(
    tables(),
    st.sampled_from(TEST_METHODS),
    st.sampled_from(ALTERNATIVES),
    st.sampled_from(("ordered", "doubled")),
)
def test_symmetries_and_range(counts, method, alternative, two_sided):
    k1, n1, k2, n2 = counts
    options = {"method": method, "two_sided": two_sided}
    mirrored = {"less": "greater", "greater": "less", "two-sided": "two-sided"}[alternative]
    p = exact_test(*counts, alternative=alternative, **options)
    swapped = exact_test(k2, n2, k1, n1, alternative=mirrored, **options)
    non_responders = exact_test(n1 - k1, n1, n2 - k2, n2, alternative=mirrored, **options)
    assert 0 < p <= 1
    assert swapped == pytest.approx(p, rel=1e-9)
    assert non_responders == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("sizes", [(1, 1), (6, 6), (5, 17), (12, 8)])
def test_boschloo_is_never_above_fisher(sizes, alternative):
    boschloo = exact_p_table(*sizes, alternative=alternative)
    fisher = exact_p_table(*sizes, method="fisher", alternative=alternative)
    assert (boschloo <= fisher * (1 + 1e-12)).all()


@pytest.mark.parametrize("method", UNCONDITIONAL)
@pytest.mark.parametrize("sizes", [(5, 5), (4, 15), (13, 7)])
def test_one_sided_p_values_fall_with_responders_of_group_1(sizes, method):
    p = exact_p_table(*sizes, method=method, alternative="greater")
    assert (np.diff(p, axis=0) <= 1e-12).all()
    assert (np.diff(p, axis=1) >= -1e-12).all()


@examples(60)
@given(
    sizes=st.tuples(*[st.integers(1, 25)] * 2),
    # A power of 2 is the p-value of many tables.
    alpha=st.sampled_from([2**-7, 2**-4, 0.25, 0.5, 0.05, 0.025]) | st.floats(1e-4, 0.99),
    method=st.sampled_from(TEST_METHODS),
    alternative=st.sampled_from(ALTERNATIVES),
    two_sided=st.sampled_from(["ordered", "doubled"]),
)
def test_the_region_found_by_halving_is_that_of_all_p_values(
    sizes, alpha, method, alternative, two_sided
):
    options = {"method": method, "alternative": alternative, "two_sided": two_sided}
    p = exact_p_table(*sizes, **options)
    region = rejection_region(*sizes, alpha=alpha, **options)
    assert (region == (p <= alpha * (1 + 1e-9))).all()


@pytest.mark.parametrize("method", [*UNCONDITIONAL, "fisher"])
@pytest.mark.parametrize("sizes", [(5, 5), (4, 11)])
def test_size_is_at_most_alpha(sizes, method):
    for alpha in (0.025, 0.05, 0.2):
        rejected = rejection_region(*sizes, alpha=alpha, method=method)
        rates = np.linspace(0, 1, 501)[:, np.newaxis]
        of_1, of_2 = (binom.pmf(np.arange(n + 1), n, rates) for n in sizes)
        assert ((of_1 @ rejected) * of_2).sum(axis=1).max() <= alpha * (1 + 1e-9)


def test_score_is_the_pooled_z_doubled():
    counts = (5, 5, 11, 21)
    one_sided = exact_test(*counts, method="barnard", alternative="greater")
    assert exact_test(*counts, method="score", alternative="greater") == one_sided
    assert exact_test(*counts, method="score") == 2 * one_sided
    assert exact_test(*counts, method="barnard") != exact_test(*counts, method="score")


@pytest.mark.parametrize("method", TEST_METHODS)
@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_table_of_a_design_holds_the_single_p_values(method, alternative):
    table = exact_p_table(4, 6, method=method, alternative=alternative)
    singles = [
        [exact_test(a, 4, b, 6, method=method, alternative=alternative) for b in range(7)]
        for a in range(5)
    ]
    np.testing.assert_allclose(table, singles, rtol=1e-12)


def test_a_design_too_large_for_one_pass():
    """100 v 100 is worked through in parts; single tables are not."""
    table = exact_p_table(100, 100)
    for k1, k2 in ((0, 1), (12, 20), (50, 50), (61, 44), (100, 0)):
        assert table[k1, k2] == pytest.approx(exact_test(k1, 100, k2, 100), rel=1e-9)


def test_rejection_at_alpha_itself():
    """3/3 v 0/3: exactly 1 of 20 arrangements."""
    assert rejection_region(3, 3, method="fisher", alternative="greater")[3, 0]
    assert not rejection_region(3, 3, alpha=0.0499, method="fisher", alternative="greater").any()


def test_probability_too_small_for_a_float_is_not_zero():
    assert exact_test(2000, 2000, 0, 2000, method="fisher") > 0


# --- properties of the intervals --------------------------------------------------------


@examples(30)
@given(
    tables(largest=10),
    st.sampled_from(INTERVAL_METHODS),
    st.sampled_from((0.5, 0.8, 0.9, 0.95, 0.99)),
)
@example((0, 1, 0, 1), "exact", 0.95)
@example((1, 1, 0, 1), "miettinen-nurminen", 0.95)
@example((5, 5, 0, 3), "exact", 0.5)
def test_intervals_hold_the_estimate_and_mirror(counts, method, level):
    k1, n1, k2, n2 = counts
    options = {"method": method, "confidence_level": level}
    low, high = risk_difference_ci(*counts, **options)
    assert -1 <= low <= k1 / n1 - k2 / n2 <= high <= 1
    swapped = risk_difference_ci(k2, n2, k1, n1, **options)
    assert (-swapped[1], -swapped[0]) == (low, high)
    non_responders = risk_difference_ci(n1 - k1, n1, n2 - k2, n2, **options)
    assert non_responders == pytest.approx((-high, -low), abs=SEARCHED)


@examples(15)
@given(tables(largest=10), st.sampled_from(INTERVAL_METHODS))
def test_intervals_nest_in_the_level(counts, method):
    low_80, high_80 = risk_difference_ci(*counts, confidence_level=0.8, method=method)
    low_95, high_95 = risk_difference_ci(*counts, confidence_level=0.95, method=method)
    assert low_95 <= low_80 + SEARCHED
    assert high_80 <= high_95 + SEARCHED


@pytest.mark.parametrize("method", INTERVAL_METHODS)
@pytest.mark.parametrize("sizes", [(1, 1), (5, 5), (5, 12)])
def test_none_or_all_respond_in_both_groups(sizes, method):
    n1, n2 = sizes
    none = risk_difference_ci(0, n1, 0, n2, method=method)
    every = risk_difference_ci(n1, n1, n2, n2, method=method)
    assert -1 <= none[0] < 0 < none[1] <= 1
    assert every == pytest.approx((-none[1], -none[0]), abs=SEARCHED)


@pytest.mark.parametrize("method", INTERVAL_METHODS)
def test_largest_difference_reaches_its_end_exactly(method):
    assert risk_difference_ci(5, 5, 0, 8, method=method)[1] == 1
    assert risk_difference_ci(0, 5, 8, 8, method=method)[0] == -1


@pytest.mark.parametrize("method", INTERVAL_METHODS)
def test_extreme_levels(method):
    limits = [
        risk_difference_ci(3, 4, 1, 5, confidence_level=level, method=method)
        for level in (1e-6, 0.01, 0.95, 0.999999, 1 - 1e-9)
    ]
    low, high = np.array(limits).T
    assert (np.diff(low) <= 0).all() and (np.diff(high) >= 0).all()
    assert -1 <= low[-1] < low[2] <= low[0] <= 3 / 4 - 1 / 5 <= high[0] <= high[2] < high[-1] <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "test", "sizes"),
    [
        ("exact", "score", (4, 5)),
        ("exact", "score", (4, 4)),
        ("exact-two-sided", "barnard", (5, 3)),
    ],
)
def test_intervals_agree_with_their_own_test(method, test, sizes):
    """0 lies outside exactly if the test of no difference rejects.

    In a design where the hull of the kept differences reaches over a rejected 0, only one
    direction would hold; here both do.
    """
    n1, n2 = sizes
    p = exact_p_table(n1, n2, method=test)
    for (k1, k2), value in np.ndenumerate(p):
        low, high = risk_difference_ci(k1, n1, k2, n2, method=method)
        assert (low > 0 or high < 0) == (value <= 0.05)


def coverage_errors(sizes, method):
    """Probability, over a grid of both rates, that the difference lies outside on either side."""
    n1, n2 = sizes
    tables = list(np.ndindex(n1 + 1, n2 + 1))
    limits = np.array([risk_difference_ci(k1, n1, k2, n2, method=method) for k1, k2 in tables])
    p1, p2 = np.meshgrid(np.linspace(0, 1, 51), np.linspace(0, 1, 51))
    k1, k2 = np.array(tables).T[:, :, np.newaxis, np.newaxis]
    weight = binom.pmf(k1, n1, p1) * binom.pmf(k2, n2, p2)
    low, high = limits.T[:, :, np.newaxis, np.newaxis]
    below = (weight * (p1 - p2 < low - SEARCHED)).sum(axis=0)
    above = (weight * (p1 - p2 > high + SEARCHED)).sum(axis=0)
    return np.array([below, above])


def test_central_exact_interval_keeps_either_error():
    errors = coverage_errors((4, 5), "exact")
    assert errors.max() <= 0.025 + 1e-9
    assert errors.max() > 0.02  # and not by being far too wide


def test_two_sided_exact_interval_keeps_its_coverage():
    errors = coverage_errors((5, 3), "exact-two-sided").sum(axis=0)
    assert 0.035 < errors.max() <= 0.05 + 1e-9


# --- refusals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((6, 5, 1, 5), "k1 is 6; .* at most 5"),
        ((-1, 5, 1, 5), "k1 is -1"),
        ((1, 5, 7, 6), "k2 is 7; .* at most 6"),
        ((1.5, 5, 1, 5), "k1 is 1.5"),
        ((1, 5, float("nan"), 5), "k2 is nan"),
        ((0, 0, 1, 5), "n1 is 0"),
        ((1, 5, 0, 0), "n2 is 0"),
        ((1, "5", 0, 5), "n1 is '5'"),
        (([1, 2], 5, 0, 5), r"k1 is \[1, 2\]"),
    ],
)
@pytest.mark.parametrize("function", [exact_test, risk_difference_ci])
def test_impossible_counts_are_refused(function, counts, message):
    with pytest.raises(ValueError, match=message):
        function(*counts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "bochloo"}, "method is 'bochloo'; did you mean 'boschloo'"),
        ({"alternative": "larger"}, "alternative is 'larger'"),
        ({"two_sided": "central"}, "two_sided is 'central'"),
        ({"variance": "none"}, "variance is 'none'"),
        ({"variance": "unpooled"}, "variance is 'unpooled' with method 'boschloo'"),
    ],
)
def test_unknown_options_of_the_tests_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        exact_test(1, 5, 2, 5, **options)
    with pytest.raises(ValueError, match=message):
        exact_p_table(5, 5, **options)


@pytest.mark.parametrize("alpha", [0, 1, 5, float("nan")])
def test_impossible_alpha_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha is"):
        rejection_region(5, 5, alpha=alpha)


def test_unknown_options_of_the_intervals_are_refused():
    with pytest.raises(ValueError, match="method is 'wald'; allowed: exact"):
        risk_difference_ci(1, 5, 2, 5, method="wald")
    with pytest.raises(ValueError, match="confidence_level is 95"):
        risk_difference_ci(1, 5, 2, 5, confidence_level=95)


@pytest.mark.parametrize("method", EXACT)
def test_groups_too_large_for_an_exact_interval_are_refused(method):
    with pytest.raises(ValueError, match=r"n1 x n2 is 1001 x 1000 = 1001000.*miettinen-nurminen"):
        risk_difference_ci(500, 1001, 500, 1000, method=method)
    limits = risk_difference_ci(50, 101, 50, 100, method="miettinen-nurminen")
    assert limits[0] < 0 < limits[1]


@pytest.mark.parametrize("method", UNCONDITIONAL)
def test_groups_too_large_for_an_unconditional_test_are_refused(method):
    with pytest.raises(ValueError, match=r"n1 x n2 is 1001 x 1000 = 1001000.*'fisher'"):
        exact_test(500, 1001, 500, 1000, method=method)
    with pytest.raises(ValueError, match="60000 patients in a group"):
        exact_test(1, 2, 50, 60_001, method=method)
    with pytest.raises(ValueError, match=r"n1 x n2 is 101 x 100 = 10100; allowed: up to 10000"):
        exact_p_table(101, 100, method=method)
    with pytest.raises(ValueError, match=r"n1 x n2 is 501 x 500 = 250500; allowed: up to 250000"):
        rejection_region(501, 500, method=method)
    assert exact_test(50, 100, 50, 100, method=method) == pytest.approx(1)


def test_a_group_without_patients_is_refused_in_words():
    for counts, name in (((0, 0, 3, 5), "n1"), ((3, 5, 0, 0), "n2")):
        for call in (exact_test, risk_difference_ci):
            with pytest.raises(ValueError, match=rf"{name} is 0; .*without patients has no rate"):
                call(*counts)


# --- larger groups ----------------------------------------------------------------------


def test_what_sas_and_statxact_print_of_more_than_ten_thousand_tables():
    for row in reference("large").itertuples():
        counts = [getattr(row, name) for name in COUNTS]
        digits = {"rel": 0, "abs": row.atol}
        if row.quantity == "p":
            assert exact_test(*counts, method=row.method) == pytest.approx(row.value, **digits)
        else:
            limits = dict(
                zip(("low", "high"), risk_difference_ci(*counts, method=row.method), strict=True)
            )
            assert limits[row.quantity] == pytest.approx(row.value, **digits)


@pytest.mark.slow
def test_a_million_tables_are_compared():
    z = 0.04 / np.sqrt(2 * 0.52 * 0.48 / 1000)
    for method in UNCONDITIONAL:
        p = exact_test(540, 1000, 500, 1000, method=method)
        assert p == pytest.approx(2 * norm.sf(z), abs=0.006)
    low, high = risk_difference_ci(540, 1000, 500, 1000)
    by_score = risk_difference_ci(540, 1000, 500, 1000, method="miettinen-nurminen")
    assert (low, high) == pytest.approx(by_score, abs=0.002)


@given(tables(), st.sampled_from(UNCONDITIONAL), st.sampled_from(ALTERNATIVES))
def test_a_row_of_p_values_is_what_the_tests_give_one_by_one(table, method, alternative):
    k1, n1, _, n2 = table
    row = exact_p_row(k1, n1, range(n2 + 1), n2, method=method, alternative=alternative)
    k2 = n2 // 2
    one = exact_test(k1, n1, k2, n2, method=method, alternative=alternative)
    assert row[k2] == pytest.approx(one, rel=1e-12)


# --- Berger and Boos --------------------------------------------------------------------


def test_berger_boos_limits_of_r():
    for row in reference("berger_boos").itertuples():
        counts = [getattr(row, name) for name in COUNTS]
        limits = risk_difference_ci(*counts, berger_boos=row.gamma)
        assert limits == pytest.approx((row.low, row.high), abs=5.1e-4)


def test_berger_boos_p_value_that_another_program_prints():
    # contingencytables 3.0: the lady tasting tea, Suissa and Shuster's test with gamma 1e-4.
    p = exact_test(3, 4, 1, 4, method="barnard", berger_boos=1e-4)
    assert p == pytest.approx(0.28916, abs=5.1e-6)


@examples(60)
@given(tables(9), st.sampled_from(UNCONDITIONAL), st.sampled_from([1e-6, 1e-3, 0.01]))
def test_berger_boos_is_the_supremum_over_the_rates_kept(table, method, gamma):
    k1, n1, k2, n2 = table
    ordering = exact_ordering(n1, n2, method)
    tail = ordering <= ordering[k1, k2] + 1e-9 * abs(ordering[k1, k2])
    low, high = proportion_ci(k1 + k2, n1 + n2, confidence_level=1 - gamma)
    rates = low + (high - low) * np.sin(np.linspace(0, np.pi / 2, 800)) ** 2
    weight_1 = binom.pmf(np.arange(n1 + 1), n1, rates[:, None])
    weight_2 = binom.pmf(np.arange(n2 + 1), n2, rates[:, None])
    expected = min(((weight_1 @ tail) * weight_2).sum(axis=1).max() + gamma, 1)
    p = exact_test(k1, n1, k2, n2, method=method, alternative="greater", berger_boos=gamma)
    assert p == pytest.approx(expected, abs=2e-5)


def exact_ordering(n1, n2, method):
    """What orders tables one-sided: Fisher's p, or minus the pooled z; small is extreme."""
    k1, k2 = np.indices((n1 + 1, n2 + 1))
    if method == "boschloo":
        return exact_p_table(n1, n2, method="fisher", alternative="greater")
    difference = k1 * n2 - k2 * n1
    spread = (k1 + k2) * (n1 + n2 - k1 - k2)
    return np.where(difference == 0, 0.0, -difference / np.sqrt(np.maximum(spread, 1e-9)))


@pytest.mark.parametrize("design", [(3, 12), (7, 7), (2, 20)])
@pytest.mark.parametrize("method", UNCONDITIONAL)
def test_berger_boos_keeps_the_level(design, method):
    n1, n2 = design
    p = np.array(
        [
            [exact_test(i, n1, j, n2, method=method, berger_boos=1e-3) for j in range(n2 + 1)]
            for i in range(n1 + 1)
        ]
    )
    rates = np.linspace(0, 1, 501)[:, None]
    weight_1 = binom.pmf(np.arange(n1 + 1), n1, rates)
    weight_2 = binom.pmf(np.arange(n2 + 1), n2, rates)
    for alpha in (0.01, 0.05, 0.2):
        size = ((weight_1 @ (p <= alpha)) * weight_2).sum(axis=1).max()
        assert size <= alpha + 1e-9


def test_berger_boos_matters_against_a_large_group_and_costs_little_elsewhere():
    wide, narrow = (risk_difference_ci(12, 15, 91, 287, berger_boos=g) for g in (0, 1e-6))
    assert wide[0] < 0.001 < 0.22 < narrow[0]
    plain, restricted = (risk_difference_ci(12, 15, 9, 26, berger_boos=g) for g in (0, 1e-6))
    assert plain == pytest.approx(restricted, abs=3e-3)


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (-1e-6, {}),
        (0.02, {}),
        (np.nan, {}),
        ([1e-6, 1e-6], {}),
        ("1e-6", {}),
        (True, {}),
        (1e-6, {"method": "fisher"}),
    ],
)
def test_what_cannot_be_given_up_for_a_restriction_is_refused(value, options):
    with pytest.raises(ValueError, match="berger_boos is"):
        exact_test(3, 5, 2, 5, berger_boos=value, **options)
    options = options and {"method": "mee"}
    with pytest.raises(ValueError, match="berger_boos is"):
        risk_difference_ci(3, 5, 2, 5, berger_boos=value, **options)
