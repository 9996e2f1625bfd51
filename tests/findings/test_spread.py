"""The spread between cohorts: what page 07 says of it, computed here again."""

import numpy as np
import pytest
from cohorts import cohorts_of
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.findings.spread import Spread
from lupuscart.stats.pooling import heterogeneity, predictive_check
from lupuscart.words import lexicon

LEVELS = (0.8, 0.9, 0.95, 0.99)
SETS = [
    ([8, 5, 2], [8, 10, 3]),
    ([5, 10], [5, 10]),
    ([0, 10], [5, 10]),
    ([0, 0], [1, 60]),
    ([1, 1], [1, 1]),
    ([30, 60, 0], [60, 60, 60]),
    ([5, 5, 5, 5], [10, 10, 10, 10]),
    ([1] * 12, [2] * 12),
]


@pytest.mark.slow
@pytest.mark.parametrize("counts", SETS, ids=str)
@pytest.mark.parametrize("level", LEVELS)
def test_equal_rates_are_open_just_where_the_interval_begins_at_zero(counts, level):
    found = heterogeneity(*counts, confidence_level=level)
    text = " ".join(Spread(cohorts_of(*counts), level).sentences)
    assert ("Equal rates are not excluded" in text) == (found.tau2_low == 0)
    assert ("is empty" in text) == bool(np.isnan(found.tau2_low))
    assert ("no upper end" in text) == bool(np.isinf(found.tau2_high))
    assert f"{100 * level:g} %" in text


@pytest.mark.parametrize("counts", SETS, ids=str)
def test_z_is_warned_of_with_few_cohorts_and_with_few_only(tongue, counts):
    said = Spread(cohorts_of(*counts)).sentences
    warned = lexicon.word("spread.z", cohorts=len(counts[0])) in said
    assert warned == (len(counts[0]) <= 10)


cohort = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@examples(15)
@given(st.lists(cohort, min_size=2, max_size=5), st.sampled_from(LEVELS))
def test_a_cohort_is_named_as_unexpected_just_where_it_is(cohorts, level):
    k, n = zip(*cohorts, strict=True)
    found = predictive_check(k, n, confidence_level=level)
    said = Spread(cohorts_of(k, n), level).prediction
    first = said.split(" The check ")[0]
    for place, expected in enumerate(found["expected"]):
        assert (f"Author {place} 2026" in first) == (not expected)


@pytest.mark.slow
@pytest.mark.parametrize("counts", SETS, ids=str)
def test_every_way_has_an_interval_for_a_new_cohort_or_a_reason(tongue, counts):
    spread = Spread(cohorts_of(*counts))
    table = spread.new_cohorts
    missing = table.iloc[:, 2].eq("–")
    assert (missing == table.iloc[:, 3].ne("–")).all()
    assert len(table) == 13 and not table.duplicated(subset=table.columns[:2]).any()
    assert len(spread.table) == 4 and len(spread.predicted) == len(counts[0])
    shown = (spread.table, spread.predicted, table)
    assert not any(
        each.astype(str).apply(lambda c: c.str.contains("nan|inf")).any().any()
        for each in (spread.table, spread.predicted, table.iloc[:, :3])
    ), shown


def test_of_a_single_cohort_nothing_is_said_of_a_spread(tongue):
    spread = Spread(cohorts_of([5], [8]))
    nothing = lexicon.word("answer.pool_nothing")
    assert spread.sentences == [nothing] and spread.prediction == nothing
    assert spread.table.empty and spread.new_cohorts.empty and spread.predicted.empty
