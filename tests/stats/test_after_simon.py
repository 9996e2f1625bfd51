"""After a two-stage trial: unbiased, of the level claimed, and at one with the design."""

from itertools import pairwise
from math import comb

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from lupuscart.stats.planning import one_stage_design, simon_inference, simon_two_stage

#: (r1, n1, r, n) of designs of Simon 1989, and small ones that are none of his.
DESIGNS = [(3, 13, 12, 43), (4, 18, 10, 33), (0, 3, 2, 7), (2, 5, 3, 6), (0, 9, 2, 17)]
RATES = np.array([0.05, 0.2, 0.4, 0.63, 0.9])


def outcomes(r1, n1, n):
    """Every number of responders that the trial can end with, stopped or not."""
    return [*range(r1 + 1), *range(r1 + 1, n + 1)]


def probability(s, p, r1, n1, n):
    """Of ending with s responders, by summing over the first stage."""
    if s <= r1:
        return binom.pmf(s, n1, p)
    first = np.arange(r1 + 1, n1 + 1)[:, None]
    return (binom.pmf(first, n1, p) * binom.pmf(s - first, n - n1, p)).sum(axis=0)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_estimate_is_unbiased_and_the_plain_rate_is_not(design):
    r1, n1, _, n = design
    results = {s: simon_inference(s, r1=r1, n1=n1, n=n, p0=0.2) for s in outcomes(r1, n1, n)}
    chance = {s: probability(s, RATES, r1, n1, n) for s in results}
    np.testing.assert_allclose(sum(chance.values()), 1)
    mean = sum(chance[s] * result.estimate for s, result in results.items())
    np.testing.assert_allclose(mean, RATES, atol=1e-12)
    plain = sum(chance[s] * result.plain_rate for s, result in results.items())
    assert (plain < RATES).all()


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("design", DESIGNS)
def test_limits_cover_at_least_their_level(design, level):
    r1, n1, _, n = design
    options = {"r1": r1, "n1": n1, "n": n, "p0": 0.2, "confidence_level": level}
    rates = np.linspace(0.001, 0.999, 333)
    outside_low, outside_high = np.zeros_like(rates), np.zeros_like(rates)
    for s in outcomes(r1, n1, n):
        result = simon_inference(s, **options)
        chance = probability(s, rates, r1, n1, n)
        outside_low += chance * (rates < result.low)
        outside_high += chance * (rates > result.high)
    assert max(outside_low.max(), outside_high.max()) <= (1 - level) / 2 + 1e-9


def test_the_p_value_of_the_first_result_pursued_is_the_type_1_error():
    for design in simon_two_stage(0.2, 0.4, alpha=0.05, beta=0.2):
        stages = {"r1": design.r1, "n1": design.n1, "n": design.n}
        pursued = simon_inference(design.r + 1, **stages, p0=0.2)
        assert pursued.p_value == pytest.approx(design.type1, rel=1e-9)
        assert simon_inference(design.r, **stages, p0=0.2).p_value > 0.05


@examples(60)
@given(st.data())
def test_outcomes_are_in_order_and_limits_agree_with_the_p_value(data):
    n = data.draw(st.integers(2, 40))
    n1 = data.draw(st.integers(1, n - 1))
    r1 = data.draw(st.integers(0, n1 - 1))
    p0 = data.draw(st.floats(0.05, 0.95))
    results = [simon_inference(s, r1=r1, n1=n1, n=n, p0=p0) for s in outcomes(r1, n1, n)]
    for less, more in pairwise(results):
        assert more.p_value <= less.p_value + 1e-12
        assert less.low <= more.low + 1e-9
        assert less.high <= more.high + 1e-9
    for result in results:
        assert result.low <= result.high
        if abs(result.p_value - 0.025) > 1e-9:
            assert (result.p_value < 0.025) == (result.low > p0)


def test_the_estimate_by_counting_the_ways():
    for r1, n1, _, n in DESIGNS:
        for s in range(r1 + 1, n + 1):
            ways = {x: comb(n1, x) * comb(n - n1, s - x) for x in range(r1 + 1, min(n1, s) + 1)}
            mean = sum(x * way for x, way in ways.items()) / sum(ways.values()) / n1
            result = simon_inference(s, r1=r1, n1=n1, n=n, p0=0.2)
            assert result.estimate == pytest.approx(mean, rel=1e-10)
            assert not result.stopped


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"responders": 44}, "responders is 44"),
        ({"responders": -1}, "responders is -1"),
        ({"n1": 43}, "n1 is 43; .* at most 42"),
        ({"r1": 13}, "r1 is 13; .* at most 12"),
        ({"n": 2000}, "n is 2000"),
        ({"p0": 1}, "p0 is 1"),
        ({"confidence_level": 95}, "confidence_level is 95"),
        ({"responders": "5"}, "responders is '5'"),
    ],
)
def test_what_is_no_two_stage_trial_is_refused(changed, message):
    design = {"responders": 13, "r1": 3, "n1": 13, "n": 43, "p0": 0.2}
    with pytest.raises(ValueError, match=message):
        simon_inference(**design | changed)


@pytest.mark.parametrize(
    ("p0", "p1", "alpha", "beta"),
    [(0.2, 0.4, 0.05, 0.2), (0.05, 0.25, 0.05, 0.1), (0.4, 0.8, 0.025, 0.2), (0.5, 0.9, 0.1, 0.1)],
)
def test_the_smallest_one_stage_design_that_keeps_its_power(p0, p1, alpha, beta):
    design = one_stage_design(p0, p1, alpha=alpha, beta=beta)
    reaches = {}
    for n in range(1, 201):
        r = np.arange(n + 1)
        enough = (binom.sf(r, n, p0) <= alpha) & (binom.sf(r, n, p1) >= 1 - beta)
        reaches[n] = enough.any()
    last_failure = max(n for n, enough in reaches.items() if not enough)
    assert design.n == last_failure + 1
    assert design.type1 == pytest.approx(binom.sf(design.r, design.n, p0))
    assert design.power == pytest.approx(binom.sf(design.r, design.n, p1))
    assert design.type1 <= alpha
    assert design.power >= 1 - beta
    assert binom.sf(design.r - 1, design.n, p0) > alpha


def test_the_first_design_of_a_hern_lies_below_the_one_that_keeps_its_power():
    """A'Hern 2001: .2 v .4 at .05 and 80 % takes 35 patients, more than 11; 37 have less power."""
    first = one_stage_design(0.2, 0.4, alpha=0.05, beta=0.2, n_max=36)
    assert (first.r, first.n) == (11, 35)
    assert one_stage_design(0.2, 0.4, alpha=0.05, beta=0.2).n == 38


def test_rates_that_no_one_stage_design_tells_apart_are_refused():
    with pytest.raises(ValueError, match="n_max is 20: no design"):
        one_stage_design(0.4, 0.45, alpha=0.05, beta=0.2, n_max=20)
    with pytest.raises(ValueError, match="p1 greater than p0"):
        one_stage_design(0.4, 0.4, alpha=0.05, beta=0.2)
