"""What summaries guarantee, against every data set and every pairing there is."""

import itertools
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.stats.background import added_response
from lupuscart.stats.printed import Summary, read_summary, reduction_bounds


def printed_means(scores, decimals):
    exact = Fraction(sum(scores), len(scores)) * 10**decimals
    whole, rest = divmod(exact, 1)
    units = {whole + (rest > Fraction(1, 2)), whole + (rest >= Fraction(1, 2))}
    return sorted(Decimal(int(u)).scaleb(-decimals) for u in units)


# A scale short enough for every data set to be listed.
TOP = 5
FORMS = [
    ("median", "low", "high"),
    ("median", "width"),
    ("mean", "low", "high"),
    ("mean", "width"),
    ("mean", "median", "low", "high"),
    ("mean", "median", "width"),
    ("mean", "median"),
    ("median",),
    ("mean",),
    ("mean", "low"),
    ("mean", "high", "width"),
    ("median", "high"),
    ("median", "low", "width"),
    ("low", "high"),
    ("low", "high", "width"),
    ("width",),
    ("low",),
    ("high",),
    (),
]


@lru_cache
def data_sets(n):
    return list(itertools.combinations_with_replacement(range(TOP + 1), n))


@lru_cache
def falls(n):
    """Sum, worst and best smallest fall of every baseline with every follow-up."""
    before = np.array(data_sets(n))[:, None, None, :]
    after = np.array(data_sets(n))[:, list(itertools.permutations(range(n)))]
    smallest = (before - after[None]).min(axis=3)
    sums = before[:, 0, 0].sum(axis=1)[:, None] - after[:, 0].sum(axis=1)[None]
    return sums, smallest.min(axis=2), smallest.max(axis=2)


@lru_cache
def summaries(n, form, decimals):
    """Every summary of this form, each with the data sets that would be printed so."""
    found = {}
    for i, scores in enumerate(data_sets(n)):
        facts = {
            "median": float(np.median(scores)),
            "low": scores[0],
            "high": scores[-1],
            "width": scores[-1] - scores[0],
        }
        for mean in printed_means(scores, decimals):
            key = tuple((facts | {"mean": mean})[name] for name in form)
            found.setdefault(key, set()).add(i)
    digits = decimals if "mean" in form else None
    return [
        (Summary(n, **dict(zip(form, key, strict=True)), decimals=digits), sorted(rows))
        for key, rows in found.items()
    ]


def assert_sharp(before, after):
    (baseline, b_rows), (follow_up, f_rows) = before, after
    bounds = reduction_bounds(baseline, follow_up, scale=(0, TOP))
    pick = np.ix_(b_rows, f_rows)
    sums, worst, best = (table[pick] for table in falls(baseline.n))
    assert bounds.mean_fall_low == sums.min() / baseline.n
    assert bounds.mean_fall_high == sums.max() / baseline.n
    assert bounds.smallest_fall_low == worst.min()
    assert bounds.smallest_fall_high == best.max()
    assert bounds.all_fell == (worst.min() > 0)
    assert bounds.guaranteed == (sums.min() > 0)


@examples(400)
@given(st.data(), st.integers(1, 4), st.integers(0, 1))
def test_bounds_are_what_all_data_sets_and_pairings_reach(data, n, decimals):
    before = summaries(n, data.draw(st.sampled_from(FORMS)), decimals)
    after = summaries(n, data.draw(st.sampled_from(FORMS)), decimals)
    assert_sharp(data.draw(st.sampled_from(before)), data.draw(st.sampled_from(after)))


# The two forms in print, and one where at n = 2 the best case needs scores apart.
@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("median", "low", "high"), ("median", "low", "high")),
        (("median", "width"), ("median", "width")),
        (("median",), ("low", "high")),
    ],
)
def test_bounds_of_every_summary_of_a_form(n, before, after):
    pairs = itertools.product(summaries(n, before, 0), summaries(n, after, 0))
    for k, (baseline, follow_up) in enumerate(pairs):
        if k % 5 == 0:
            assert_sharp(baseline, follow_up)


def test_chen_2025_median_with_range():
    before = Summary(7, median=18, low=10, high=22)
    after = Summary(7, median=0, low=0, high=4)
    bounds = reduction_bounds(before, after)
    # Least baseline 10 10 10 18 18 18 22, greatest follow-up 0 0 0 0 4 4 4.
    assert bounds.mean_fall_low == (106 - 12) / 7
    # Greatest baseline 10 18 18 18 22 22 22, least follow-up 0 0 0 0 0 0 4.
    assert bounds.mean_fall_high == (130 - 4) / 7
    assert (bounds.smallest_fall_low, bounds.smallest_fall_high) == (6, 10)
    assert bounds.all_fell
    assert bounds.guaranteed


def test_mackensen_2022_median_with_the_width_of_the_range_only():
    bounds = reduction_bounds(Summary(5, median=16, width=8), Summary(5, median=0, width=2))
    # Least baseline 8 8 16 16 16, greatest follow-up 0 0 0 2 2.
    assert bounds.mean_fall_low == (64 - 4) / 5
    # Greatest baseline 16 16 16 24 24, least follow-up 0 0 0 0 2.
    assert bounds.mean_fall_high == (96 - 2) / 5
    assert (bounds.smallest_fall_low, bounds.smallest_fall_high) == (6, 16)
    assert bounds.all_fell


def test_a_summary_that_guarantees_nothing_says_so():
    bounds = reduction_bounds(Summary(8, mean="12.625", decimals=3), Summary(8))
    assert bounds.mean_fall_low == 12.625 - 105
    assert bounds.smallest_fall_low == -105
    assert not bounds.all_fell
    assert not bounds.guaranteed


def test_the_scale_limits_what_a_width_allows():
    # 103 is within 2 of the top: the range can only be 103 to 105 or lower.
    before = Summary(3, median=103, width=4)
    bounds = reduction_bounds(before, Summary(3, low=0, high=0))
    assert (bounds.smallest_fall_low, bounds.smallest_fall_high) == (99, 101)


def test_reversing_time_reverses_the_mean_fall():
    one, other = Summary(6, median=9.5, width=12), Summary(6, mean="7.3", decimals=1, low=2)
    there, back = reduction_bounds(one, other), reduction_bounds(other, one)
    assert there.mean_fall_low == -back.mean_fall_high
    assert there.mean_fall_high == -back.mean_fall_low


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n is 0"),
        ({"n": None}, "n is None"),
        ({"n": 5.5}, "n is 5.5"),
        ({"n": 5, "median": 16.5}, "median is 16.5; allowed: a whole number, as n is 5"),
        ({"n": 4, "median": 16.25}, r"median is 16.25; allowed: .* ends in .5"),
        ({"n": 4, "median": "16"}, "median is '16'"),
        ({"n": 4, "median": float("nan")}, "median is nan"),
        ({"n": 5, "median": 9, "low": 10}, "median is 9; allowed: at least low, 10"),
        ({"n": 5, "median": 23, "high": 22}, "median is 23; allowed: at most high, 22"),
        ({"n": 5, "low": 12, "high": 10}, "low is 12; allowed: at most high, 10"),
        ({"n": 1, "low": 10, "high": 12}, "high is 12; allowed: low, 10, as n is 1"),
        ({"n": 1, "width": 2}, "width is 2"),
        ({"n": 5, "width": -1}, "width is -1"),
        ({"n": 5, "low": 10, "high": 22, "width": 11}, "width is 11; allowed: high minus low, 12"),
        ({"n": 5, "low": 10.5}, "low is 10.5"),
        ({"n": 4, "mean": 5.35}, "decimals is None"),
        ({"n": 4, "mean": "31.30", "decimals": 2}, "mean is '31.30'; allowed: a mean that 4 whole"),
    ],
)
def test_a_summary_that_contradicts_itself_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Summary(**arguments)


@pytest.mark.parametrize(
    ("follow_up", "message"),
    [
        (Summary(5, width=106), "follow_up is .*width=106.*5 whole scores from 0 to 105"),
        (Summary(5, median=106), "follow_up is .*median=106"),
        (Summary(5, low=-1), "follow_up is .*low=-1"),
        (Summary(5, mean="20.0", decimals=1, low=0, high=18), "follow_up is .*mean='20.0'"),
        (Summary(5, mean="3.0", decimals=1, median=10), "follow_up is .*mean='3.0'"),
        (Summary(5, median=3, low=0, width=2), "follow_up is .*median=3"),
        (Summary(6), "follow_up has n = 6; allowed: n of baseline, 5"),
    ],
)
def test_a_summary_no_data_set_has_is_refused(follow_up, message):
    with pytest.raises(ValueError, match=message):
        reduction_bounds(Summary(5, median=16), follow_up)


@pytest.mark.parametrize("scale", [5, (0,), (10, 0), (0.5, 3), ("0", "105")])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(ValueError, match=r"scale is"):
        reduction_bounds(Summary(5), Summary(5), scale=scale)


def test_whole_numbers_of_a_table_column_with_gaps_are_taken():
    assert Summary(7.0, median=18.0, low=10.0, high=np.float64(22)) == Summary(
        7, median=18, low=10, high=22
    )


# Rows of the trials table.


def rows_of(**columns):
    time = {"study": "a", "cohort": "all", "outcome": "sledai_2k", "week": 0, "timing": "at"}
    empty = {"spread_kind": None, "spread": None, "n": 5}
    return pd.DataFrame({**time, **empty, **columns})


@pytest.mark.parametrize(
    ("columns", "summary"),
    [
        (
            {"statistic": ["median"], "value": [18.0], "spread_kind": "range", "spread": "10-22"},
            Summary(5, median=18, low=10, high=22),
        ),
        (
            {"statistic": ["median"], "value": [0.0], "spread_kind": "range", "spread": "0-4"},
            Summary(5, median=0, low=0, high=4),
        ),
        (
            {"statistic": ["median"], "value": [0.0], "spread_kind": "range", "spread": "-3--1"},
            None,
        ),
        (
            {"statistic": ["median"], "value": [-2.0], "spread_kind": "range", "spread": "-3--1"},
            Summary(5, median=-2, low=-3, high=-1),
        ),
        (
            {"statistic": ["median"], "value": [16.0], "spread_kind": "range_width", "spread": "8"},
            Summary(5, median=16, width=8),
        ),
        (
            {"statistic": ["mean"], "value": [12.6], "spread_kind": "sd", "spread": "3.1"},
            Summary(5, mean="12.60", decimals=2),
        ),
        (
            {"statistic": ["minimum", "maximum"], "value": [8.0, 14.0]},
            Summary(5, low=8, high=14),
        ),
        ({"statistic": ["all_equal"], "value": [0.0]}, Summary(5, low=0, high=0)),
        ({"statistic": ["individual"], "value": [8.0], "n": 1}, Summary(1, low=8, high=8)),
        ({"statistic": ["mean", "median"], "value": [31.3, 2.0]}, None),
        ({"statistic": ["mean_change"], "value": [-3.0]}, None),
        ({"statistic": ["minimum", "minimum"], "value": [8.0, 9.0]}, None),
        ({"statistic": ["minimum", "maximum"], "value": [8.0, 9.0], "week": [0, 13]}, None),
        ({"statistic": ["minimum"], "value": [8.0], "n": [None]}, None),
        ({"statistic": [], "value": []}, None),
    ],
)
def test_rows_are_read_as_the_summary_they_print_or_refused(columns, summary):
    rows = rows_of(**columns, value_printed=[f"{value:.2f}" for value in columns["value"]])
    if summary is None:
        with pytest.raises(ValueError, match="allowed"):
            read_summary(rows)
    else:
        assert read_summary(rows) == summary


def test_rows_without_a_column_are_refused_by_its_name():
    with pytest.raises(ValueError, match="rows has no column value_printed"):
        read_summary(rows_of(statistic=["median"], value=[18.0]))


def test_what_would_fill_memory_is_refused_in_words():
    with pytest.raises(ValueError, match=r"n is 10001; .* at most 10000"):
        Summary(10_001, median=5)
    before = Summary(5000, median=50, width=20)
    with pytest.raises(ValueError, match=r"scale is .* allowed: a shorter scale"):
        reduction_bounds(before, before, scale=(0, 10_000))
    with pytest.raises(ValueError, match=r"scale is 20000; .* at most 10000"):
        reduction_bounds(before, before, scale=(0, 20_000))
    known = Summary(5000, median=50, low=40, high=60)
    assert reduction_bounds(known, known, scale=(0, 10_000)).smallest_fall_low == -20


def test_a_larger_share_responds_where_nobody_loses_by_having_both():
    """Nested responses: .4 respond to chemotherapy, .5 to either; a sixth of the rest responds."""
    added = added_response(50, 100, 0.4)
    assert added.independent == pytest.approx(1 / 6)
    assert added.share == pytest.approx(0.8)
