"""GRIM against published cases, and against a search of all sums."""

import csv
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.stats.printed.grim import grim_consistent, sums_printed_as

REFERENCE = Path(__file__).parents[1] / "reference"


def read_grim():
    with (REFERENCE / "grim.csv").open() as file:
        return [
            (row["mean"], int(row["n"]), int(row["decimals"]), row["consistent"] == "TRUE")
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize(("mean", "n", "decimals", "consistent"), read_grim())
def test_grim_agrees_with_published_cases(mean, n, decimals, consistent):
    assert grim_consistent(mean, n, decimals=decimals) is consistent
    assert grim_consistent(float(mean), n, decimals=decimals) is consistent
    assert grim_consistent(Decimal(mean), n, decimals=decimals) is consistent


@given(
    st.lists(st.integers(-105, 105), min_size=1, max_size=40),
    st.integers(0, 6),
    st.sampled_from([ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN]),
)
def test_every_real_mean_passes_however_its_tie_was_rounded(scores, decimals, rounding):
    n = len(scores)
    mean = (Decimal(sum(scores)) / n).quantize(Decimal(1).scaleb(-decimals), rounding=rounding)
    assert grim_consistent(mean, n, decimals=decimals)
    assert grim_consistent(str(mean), n, decimals=decimals)
    assert grim_consistent(float(mean), n, decimals=decimals)
    least, most = sums_printed_as(mean, n, decimals=decimals)
    assert least <= sum(scores) <= most


@given(st.integers(-3000, 3000), st.integers(1, 150), st.integers(0, 2))
def test_grim_says_no_exactly_when_no_sum_is_near(units, n, decimals):
    mean = Fraction(units, 10**decimals)
    half_unit = Fraction(1, 2 * 10**decimals)
    sums = range(int(mean * n) - n - 2, int(mean * n) + n + 3)
    possible = any(abs(Fraction(s, n) - mean) <= half_unit for s in sums)
    printed = str(Decimal(units).scaleb(-decimals))
    assert grim_consistent(printed, n, decimals=decimals) == possible


def test_grim_of_the_scores_that_are_no_sledai():
    printed = ["31.30", "5.35", "31.25"]
    assert grim_consistent(printed, 4, decimals=2).tolist() == [False, False, True]
    assert grim_consistent("31.30", [4, 5, 10], decimals=2).tolist() == [False, False, True]
    assert grim_consistent("12.625", 8, decimals=3) is True


def test_grim_ties_pass_rounded_up_or_down():
    assert grim_consistent(["12.2", "12.3", "12.4"], 4, decimals=1).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("mean", "n", "decimals", "message"),
    [
        (
            12.625,
            8,
            2,
            "mean is 12.625; allowed: a number with at most 2 decimals, in plain digits",
        ),
        ("12,6", 8, 1, "mean is '12,6'"),
        (float("nan"), 8, 1, "mean is nan"),
        (float("inf"), 8, 1, "mean is inf"),
        (None, 8, 1, "mean is None"),
        (12.5, 0, 1, "n is 0"),
        (12.5, 2.5, 1, "n is 2.5"),
        (12.5, 8, -1, "decimals is -1"),
        ([12.5, 12.6], [8, 9, 10], 1, "mean has shape"),
    ],
)
def test_grim_refuses_by_name(mean, n, decimals, message):
    with pytest.raises(ValueError, match=message):
        grim_consistent(mean, n, decimals=decimals)
