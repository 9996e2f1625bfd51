"""Two arms: reference values, enumeration beside them, properties, and refusals."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, betabinom, binom, fisher_exact

from lupuscart.stats.planning import two_arm
from lupuscart.stats.planning.two_arm import (
    assurance,
    power_map,
    power_two_arm,
    sample_size_table,
    sample_size_two_arm,
)

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = list(
    pd.read_csv(REFERENCE / "planning_power.csv").groupby(
        ["n1", "n2", "test", "alpha", "alternative"]
    )
)
RATES = st.floats(0, 1)
TESTS = ("boschloo", "barnard", "score", "fisher", "fisher-mid-p")


# --- power and size of two arms ---------------------------------------------------------


@pytest.mark.parametrize(("design", "rows"), DESIGNS)
def test_power_and_size_match_r(design, rows):
    n1, n2, test, alpha, alternative = design
    plan = power_two_arm(
        n1, n2, rows["p1"], rows["p2"], test=test, alpha=alpha, alternative=alternative
    )
    atol = 1e-6 if (rows["source"] == "R").all() else 5e-7
    np.testing.assert_allclose(plan.power, rows["power"], rtol=0, atol=atol)
    known = rows["size"].dropna()
    np.testing.assert_allclose(np.full(len(known), plan.size), known, rtol=0, atol=1e-6)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_power_is_the_enumeration_of_all_results(alternative):
    n1, n2, p1, p2 = 6, 9, 0.75, 0.2
    rejected = [
        (k1, k2)
        for k1 in range(n1 + 1)
        for k2 in range(n2 + 1)
        if fisher_exact([[k1, n1 - k1], [k2, n2 - k2]], alternative=alternative).pvalue <= 0.05
    ]
    expected = sum(binom.pmf(k1, n1, p1) * binom.pmf(k2, n2, p2) for k1, k2 in rejected)
    plan = power_two_arm(n1, n2, p1, p2, test="fisher", alternative=alternative)
    assert type(plan.power) is float
    assert plan.power == pytest.approx(expected, rel=1e-12)


@examples(40)
@given(
    n1=st.integers(1, 12),
    n2=st.integers(1, 12),
    p1=RATES,
    p2=RATES,
    alpha=st.sampled_from([0.01, 0.025, 0.05, 0.2]),
    test=st.sampled_from(TESTS),
)
def test_properties_of_power(n1, n2, p1, p2, alpha, test):
    plan = power_two_arm(n1, n2, p1, p2, test=test, alpha=alpha)
    options = {"test": test, "alpha": alpha}
    assert 0 <= plan.power <= 1
    # Counting non-responders instead, or naming the arms the other way round, changes nothing.
    for same in (
        power_two_arm(n1, n2, 1 - p1, 1 - p2, **options),
        power_two_arm(n2, n1, p2, p1, **options),
    ):
        assert same.power == pytest.approx(plan.power, abs=1e-9)
        assert same.size == pytest.approx(plan.size, abs=1e-9)
    # The size bounds every probability of rejecting under a common rate, and alpha the size.
    assert power_two_arm(n1, n2, p1, p1, **options).power <= plan.size + 1e-9
    if test != "fisher-mid-p":
        assert plan.size <= alpha * (1 + 1e-8)
    # A test that rejects whenever Fisher's does has no less power.
    if test in ("boschloo", "fisher-mid-p"):
        fisher = power_two_arm(n1, n2, p1, p2, test="fisher", alpha=alpha)
        assert fisher.power <= plan.power + 1e-12


def test_two_sided_power_counts_either_direction():
    toward, away = (
        power_two_arm(20, 20, 0.5, 0.4, test="score", alpha=0.025, alternative=side).power
        for side in ("greater", "less")
    )
    both = power_two_arm(20, 20, 0.5, 0.4, test="score", alpha=0.05).power
    assert away > 1e-4
    assert both == pytest.approx(toward + away, rel=1e-12)


def test_size_is_refined_between_the_rates_of_its_grid():
    # 3/3 v 0/3 alone is rejected: r^3 (1 - r)^3 is largest at 1/2, for 3 v 4 at 3/7.
    for n2, rate in ((3, 1 / 2), (4, 3 / 7)):
        plan = power_two_arm(3, n2, 1, 0, test="fisher", alternative="greater")
        assert plan.power == pytest.approx(1, abs=1e-12)
        assert plan.size == pytest.approx(rate**3 * (1 - rate) ** n2, rel=1e-9)


def test_a_test_that_never_rejects():
    plan = power_two_arm(1, 1, [0, 0.3, 1], [1, 0.3, 0], test="fisher")
    np.testing.assert_array_equal(plan.power, [0, 0, 0])
    assert plan.size == 0


def test_certain_rates():
    np.testing.assert_allclose(
        power_two_arm(5, 5, [0, 0, 1, 1], [0, 1, 0, 1]).power, [0, 1, 1, 0], atol=1e-12
    )


def test_rates_broadcast():
    p1, p2 = np.array([[0.9], [0.6]]), np.array([0.1, 0.3, 0.5])
    power = power_two_arm(8, 10, p1, p2).power
    assert power.shape == (2, 3)
    assert power[1, 2] == power_two_arm(8, 10, 0.6, 0.5).power


def test_results_are_frozen():
    plan = power_two_arm(5, 5, 0.8, 0.2)
    with pytest.raises(FrozenInstanceError):
        plan.power = 1


# --- a map of power ---------------------------------------------------------------------


def test_map_holds_the_power_of_every_size_and_rate():
    shown = []

    def progress(sizes):
        for size in sizes:
            yield size
            shown.append(size)

    table = power_map(range(5, 9), 0.8, [0.2, 0.4, 0.6], ratio=1.5, progress=progress)
    assert list(table.columns) == ["n1", "n2", "p1", "p2", "power", "size"]
    assert shown == [5, 6, 7, 8]
    assert table["n2"].tolist() == np.repeat([5, 6, 7, 8], 3).tolist()
    assert table["n1"].unique().tolist() == [8, 9, 11, 12]
    for row in table.itertuples():
        plan = power_two_arm(row.n1, row.n2, row.p1, row.p2)
        assert (row.power, row.size) == pytest.approx((plan.power, plan.size), rel=1e-12)


# --- sample size ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rates", "options", "expected"),
    [
        # Recorded in the usage notes of R functions that are cited with planning_power.csv.
        ((0.5, 0.2), {"test": "fisher", "ratio": 3, "power": 0.9, "n_max": 150}, (117, 39)),
        ((0.6, 0.3), {"test": "fisher-mid-p", "ratio": 2, "power": 0.9, "n_max": 110}, (84, 42)),
        ((0.7, 0.2), {"test": "boschloo", "ratio": 4, "power": 0.8, "n_max": 80}, (40, 10)),
    ],
)
def test_one_sided_sample_sizes_match_r(rates, options, expected):
    plan = sample_size_two_arm(*rates, alpha=0.025, alternative="greater", **options)
    assert (plan.n1, plan.n2) == expected


def test_a_sample_size_keeps_its_power():
    """The power of Fisher's test for .8 v .2 climbs in a sawtooth: pick a target inside a fall."""
    sizes = np.arange(1, 41)
    powers = power_map(sizes, 0.8, 0.2, test="fisher")["power"].to_numpy()
    falls = np.flatnonzero(np.diff(powers) < 0)
    assert falls.size
    for fall in falls:
        target = (powers[fall] + powers[fall + 1]) / 2
        plan = sample_size_two_arm(0.8, 0.2, power=target, n_max=40, test="fisher")
        expected = sizes[np.flatnonzero(powers < target)[-1] + 1]
        assert plan.n1 == plan.n2 == expected > sizes[fall]
        assert plan.power == powers[expected - 1]


@pytest.mark.parametrize(
    ("test", "ratio"),
    [*zip(TESTS, [1] * 5, strict=True), ("boschloo", 2), ("fisher", 0.5), ("barnard", 1.1)],
)
def test_sample_size_is_the_smallest_of_its_ratio(test, ratio):
    plan = sample_size_two_arm(0.9, 0.3, power=0.8, ratio=ratio, n_max=24, test=test)
    table = power_map(range(1, 25), 0.9, 0.3, ratio=ratio, test=test)
    table = table[table["n1"] <= 24]
    enough = table["power"] >= 0.8
    first = table[enough[::-1].cummin()[::-1]].iloc[0]
    found = (plan.n1, plan.n2, plan.power, plan.size)
    assert found == pytest.approx((first.n1, first.n2, first.power, first["size"]))


def test_the_first_arm_is_rounded_up_but_not_by_rounding_error():
    table = power_map([10, 11], 0.8, 0.2, ratio=1.1)
    assert table["n1"].tolist() == [11, 13]


def test_an_unreachable_power_names_the_best():
    best = power_map(range(1, 21), 0.6, 0.4, test="fisher")["power"].max()
    with pytest.raises(ValueError, match=f"power is 0.8, .*n_max 20 reaches .*best.*{best:.4f}"):
        sample_size_two_arm(0.6, 0.4, power=0.8, n_max=20, test="fisher")


def test_a_power_reached_but_lost_again_says_so():
    powers = power_map(range(1, 41), 0.8, 0.2, test="fisher")["power"].to_numpy()
    fall = int(np.flatnonzero(np.diff(powers) < 0)[0])
    target = (powers[fall] + powers[fall + 1]) / 2
    with pytest.raises(ValueError, match=rf"reaches and keeps.*with {fall + 1} and {fall + 1}"):
        sample_size_two_arm(0.8, 0.2, power=target, n_max=fall + 2, test="fisher")


# --- assurance --------------------------------------------------------------------------


def test_assurance_matches_r():
    table = pd.read_csv(REFERENCE / "planning_assurance.csv")
    found = [
        assurance(
            row.n_per_arm,
            row.n_per_arm,
            treatment_prior=(row.treatment_a, row.treatment_b),
            control_prior=(row.control_a, row.control_b),
        )
        for row in table.itertuples()
    ]
    np.testing.assert_allclose(found, table["assurance"], rtol=0, atol=1e-6)


def test_assurance_is_power_averaged_over_the_priors():
    """Midpoints of equal slices of both priors; one-sided score tests share one direction."""
    middle = (np.arange(400) + 0.5) / 400
    p1, p2 = np.meshgrid(beta.ppf(middle, 6, 2), beta.ppf(middle, 3, 5))
    power = power_two_arm(12, 9, p1, p2, test="score", alpha=0.025, alternative="greater").power
    found = assurance(12, 9, treatment_prior=(6, 2), control_prior=(3, 5), test="score")
    assert found == pytest.approx(power.mean(), abs=2e-4)


@examples(30)
@given(
    n1=st.integers(1, 10),
    n2=st.integers(1, 10),
    shapes=st.tuples(*[st.floats(0.1, 30)] * 4),
)
def test_both_directions_of_assurance_make_up_the_whole(n1, n2, shapes):
    treatment, control = shapes[:2], shapes[2:]
    favourable = assurance(n1, n2, treatment_prior=treatment, control_prior=control)
    contrary = assurance(n2, n1, treatment_prior=control, control_prior=treatment)
    whole = sum(
        betabinom.pmf(k1, n1, *treatment) * betabinom.pmf(k2, n2, *control)
        for k1 in range(n1 + 1)
        for k2 in range(n2 + 1)
        if fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue <= 0.05 * (1 + 1e-9)
    )
    assert favourable + contrary == pytest.approx(whole, abs=1e-9)


# --- refusals ---------------------------------------------------------------------------

PRIORS = {"treatment_prior": (12.5, 3.5), "control_prior": (4, 6)}


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: power_two_arm(0, 5, 0.8, 0.2), "n1 is 0"),
        (lambda: power_two_arm(5, 5.5, 0.8, 0.2), "n2 is 5.5"),
        (lambda: power_two_arm(5, 5, 1.2, 0.2), "p1 is 1.2"),
        (lambda: power_two_arm(5, 5, 0.8, [0.2, -0.1]), "p2 is -0.1"),
        (lambda: power_two_arm(5, 5, 0.8, np.nan), "p2 is nan"),
        (lambda: power_two_arm(5, 5, [0.8, 0.7], [0.1, 0.2, 0.3]), "p1 has shape"),
        (lambda: power_two_arm(5, 5, 0.8, 0.2, alpha=0), "alpha is 0"),
        (lambda: power_two_arm(5, 5, 0.8, 0.2, test="fischer"), "test is 'fischer'"),
        (lambda: power_two_arm(5, 5, 0.8, 0.2, alternative="two"), "alternative is 'two'"),
        (lambda: power_two_arm(501, 500, 0.8, 0.2), "n1 x n2 is 501 x 500"),
        (lambda: power_map([], 0.8, 0.2), "sizes is empty"),
        (lambda: power_map([5, 0], 0.8, 0.2), "sizes is 0"),
        (lambda: power_map([5], 0.8, 0.2, ratio=0), "ratio is 0"),
        (lambda: power_map([5], 0.8, 0.2, test="t"), "test is 't'"),
        (lambda: sample_size_two_arm(0.4, 0.4, power=0.8), "p1 is 0.4 and p2 is 0.4"),
        (lambda: sample_size_two_arm(1.4, 0.4, power=0.8), "p1 is 1.4"),
        (lambda: sample_size_two_arm([0.4], 0.4, power=0.8), r"p1 is \[0.4\]"),
        (lambda: sample_size_two_arm(0.8, 0.4, power=1), "power is 1"),
        (lambda: sample_size_two_arm(0.8, 0.4, power=0.8, ratio=-1), "ratio is -1"),
        (lambda: sample_size_two_arm(0.8, 0.4, power=0.8, ratio=9, n_max=8), "ratio is 9"),
        (lambda: sample_size_two_arm(0.8, 0.4, power=0.8, n_max=0), "n_max is 0"),
        (lambda: sample_size_two_arm(0.8, 0.4, power=0.8, alpha=0), "alpha is 0"),
        (
            lambda: sample_size_two_arm(0.2, 0.4, power=0.8, alternative="greater"),
            "alternative is 'greater'.*'less'",
        ),
        (lambda: assurance(5, 5, **PRIORS | {"treatment_prior": (0, 2)}), "treatment_prior is"),
        (lambda: assurance(5, 5, **PRIORS | {"control_prior": (4, -1)}), "control_prior is"),
        (lambda: assurance(5, 5, **PRIORS | {"control_prior": 4}), "control_prior is 4"),
        (lambda: assurance(0, 5, **PRIORS), "n1 is 0"),
        (lambda: assurance(5, 5, **PRIORS, test="wald"), "test is 'wald'"),
        (lambda: assurance(5, 5, **PRIORS, alpha=0), "alpha is 0"),
    ],
)
def test_bad_input_is_refused_by_name(call, named):
    with pytest.raises(ValueError, match=f"^{named}"):
        call()


@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
@pytest.mark.parametrize("test", ["fisher", "fisher-mid-p"])
@pytest.mark.parametrize(
    ("n1", "n2", "p1", "rates"), [(120, 60, 0.6, (0.1, 0.4, 0.5)), (70, 90, 0.97, (0.8,))]
)
def test_the_likely_results_have_the_power_of_all(n1, n2, p1, rates, test, alternative):
    likely = two_arm._powers_of_likely(n1, n2, p1, rates, test, 0.05, alternative)
    every = power_two_arm(n1, n2, p1, rates, test=test, alternative=alternative).power
    assert likely == pytest.approx(every, abs=1e-11)


@pytest.mark.parametrize("test", ["boschloo", "fisher", "barnard"])
def test_a_size_is_the_same_among_other_control_rates(test):
    rates = [0.75, 0.2, 0.8, 0.45, 0.9, 0.2]
    options = {"power": 0.8, "ratios": [1, 2], "n_max": 60, "test": test}
    together = sample_size_table(0.8, rates, **options)
    alone = [sample_size_table(0.8, [rate], **options) for rate in rates]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))
