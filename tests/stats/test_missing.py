"""Missing patients: the extremes hold whatever they showed, and tipping counts tip."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.stats import (
    exact_test,
    missing_patients,
    missing_two_cohorts,
    proportion_ci,
    risk_difference_ci,
    tipping_missing,
)
from lupuscart.stats.missing import CASES

REFERENCE = Path(__file__).parents[1] / "reference"


@st.composite
def cohorts(draw, largest=20, most_missing=6):
    n = draw(st.integers(1, largest))
    return draw(st.integers(0, n)), n, draw(st.integers(0, most_missing))


def test_enrolled_patients_who_were_never_infused():
    published = pd.read_csv(REFERENCE / "proportions_denominator.csv")
    for row in published[published["k"].eq(12) & published["n"].ge(15)].itertuples():
        worst = missing_patients(12, 15, row.n - 15).iloc[1]
        assert (worst["low"], worst["high"]) == pytest.approx((row.low, row.high), abs=1e-6)


@given(cohorts(), st.sampled_from([0.8, 0.95]))
def test_whatever_the_missing_showed_lies_between_the_extremes(cohort, level):
    k, n, missing = cohort
    table = missing_patients(k, n, missing, confidence_level=level).set_index("case")
    assert tuple(table.index) == CASES
    worst, best = table.loc["non_responders"], table.loc["all_responders"]
    for responders in range(missing + 1):
        rate = (k + responders) / (n + missing)
        low, high = proportion_ci(k + responders, n + missing, confidence_level=level)
        assert worst["rate"] <= rate <= best["rate"]
        assert worst["low"] <= low and high <= best["high"]
    assert worst["rate"] <= table.loc["complete_cases", "rate"] <= best["rate"]


def test_without_missing_patients_all_cases_are_one():
    table = missing_patients(12, 15, 0)
    assert table.drop(columns="case").drop_duplicates().shape[0] == 1


@given(cohorts(), st.floats(0, 1))
def test_the_tipping_count_is_the_first_that_holds(cohort, rate):
    k, n, missing = cohort
    found = tipping_missing(k, n, missing, rate)
    holds = [proportion_ci(k + m, n + missing)[0] > rate for m in range(missing + 1)]
    assert found == (holds.index(True) if any(holds) else None)


def test_two_cohorts_at_every_count():
    table = missing_two_cohorts(12, 15, 2, 9, 26, 1, test="score")
    assert len(table) == 6
    assert table.iloc[0][["responders1", "responders2"]].tolist() == [0, 0]
    for row in table.itertuples():
        counts = 12 + row.responders1, 17, 9 + row.responders2, 27
        assert row.p_value == exact_test(*counts, method="score")
        assert (row.low, row.high) == risk_difference_ci(*counts)
        assert row.rejected == (row.p_value <= 0.05)
    # More responders among the missing of group 1 only help it, of group 2 only hurt.
    rates = table["difference"].to_numpy().reshape(3, 2)
    assert (np.diff(rates, axis=0) > 0).all() and (np.diff(rates, axis=1) < 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: missing_patients(6, 5, 0), "k is 6"),
        (lambda: missing_patients(5, 0, 0), "n is 0"),
        (lambda: missing_patients(5, 5, -1), "missing is -1"),
        (lambda: missing_patients(5, 5, 0.5), "missing is 0.5"),
        (lambda: missing_patients(5, 5, "1"), "missing is '1'"),
        (lambda: missing_patients(5, 5, 1001), "missing is 1001; .* at most 1000"),
        (lambda: tipping_missing(5, 5, 1, 1.2), "rate is 1.2"),
        (lambda: missing_two_cohorts(5, 5, 20, 5, 5, 20), "missing1 is 20 and missing2 20"),
        (lambda: missing_two_cohorts(5, 5, 1, 6, 5, 0), "k2 is 6"),
        (lambda: missing_two_cohorts(5, 5, 1, 5, 5, 0, test="t"), "method is 't'"),
    ],
)
def test_what_cannot_be_missing_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
