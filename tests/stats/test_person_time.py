"""Person-time from printed summaries: sharp, as every set of times on a short scale shows."""

from collections import defaultdict
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.stats.printed import UNITS, person_time_bounds

# Times in half units: the two middle ones of an even number may both lie at any whole median.
LARGEST = 4
TIMES = [Fraction(t, 2) for t in range(2 * LARGEST + 1)]
FACTS = {
    "minimum": lambda times: times[0],
    "median": median,
    "maximum": lambda times: times[-1],
    "width": lambda times: times[-1] - times[0],
}
PRINTED = [names for size in range(5) for names in combinations(FACTS, size)]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("printed", PRINTED, ids="-".join)
def test_bounds_are_those_of_every_set_of_times(n, printed):
    sums = defaultdict(set)
    for times in combinations_with_replacement(TIMES, n):
        if "median" not in printed or median(times) in TIMES:
            sums[tuple(FACTS[name](times) for name in printed)].add(sum(times))
    for facts, possible in sums.items():
        given_facts = dict(zip(printed, map(float, facts), strict=True))
        bounds = person_time_bounds(n, **given_facts, at_most=LARGEST, unit="years")
        assert (bounds.low, bounds.high) == pytest.approx((min(possible), max(possible)))


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_a_printed_mean_stands_for_all_that_round_to_it(n):
    sums = defaultdict(set)
    for times in combinations_with_replacement(TIMES, n):
        mean = Fraction(sum(times), n)
        for printed in {int(mean), int(mean) + 1}:
            if abs(mean - printed) <= Fraction(1, 2):
                sums[times[0], median(times), times[-1], printed].add(sum(times))
    for (low, middle, high, mean), possible in sums.items():
        times = float(low), float(middle), float(high)
        bounds = person_time_bounds(n, *times, mean=str(mean), unit="years")
        assert bounds.low - 1e-9 <= min(possible)
        assert bounds.high + 1e-9 >= max(possible)
        # On a grid of halves the ends themselves may be missed, by less than its step a patient.
        assert max(possible) - min(possible) > bounds.high - bounds.low - n / 2


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=30), st.sampled_from(sorted(UNITS)))
def test_real_times_lie_within_their_bounds(times, unit):
    times = sorted(times)
    facts = min(times), float(np.median(times)), max(times)
    mean = f"{np.mean(times):.1f}"
    for options in ({}, {"mean": mean}):
        bounds = person_time_bounds(len(times), *facts, **options, unit=unit)
        total = sum(times) / UNITS[unit]
        assert bounds.low <= total * (1 + 1e-9) + 1e-9
        assert bounds.high >= total * (1 - 1e-9) - 1e-9


@pytest.mark.parametrize(
    ("n", "facts", "unit", "low", "high"),
    [
        (10, {"minimum": 336, "median": 448.5, "maximum": 612}, "days", 11.49, 13.76),
        (15, {"minimum": 613, "median": 712, "maximum": 1134}, "days", 28.50, 37.06),
        (5, {"median": 8, "width": 12, "at_least": 3}, "months", 3.08, 5.33),
        (8, {"at_least": 4, "at_most": 29}, "months", 2.67, 19.33),
        (5, {"at_least": 6, "at_most": 6}, "months", 2.50, 2.50),
        (11, {"median": 2.5}, "years", 15, np.inf),
    ],
)
def test_the_cohorts_of_the_collection(n, facts, unit, low, high):
    bounds = person_time_bounds(n, **facts, unit=unit)
    assert (bounds.low, bounds.high) == pytest.approx((low, high), abs=0.005)


def test_a_median_alone_bounds_from_below_only():
    bounds = person_time_bounds(7, median=10, unit="years")
    assert (bounds.low, bounds.high) == (40, np.inf)
    assert person_time_bounds(7, unit="years").high == np.inf


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"n": 0}, "n is 0"),
        ({"minimum": 5, "median": 4}, "minimum is 5 and median 4"),
        ({"median": 9, "maximum": 8}, "median is 9 and maximum 8"),
        ({"minimum": 2, "at_least": 3}, "at_least is 3 and minimum 2"),
        ({"maximum": 9, "at_most": 8}, "maximum is 9 and at_most 8"),
        ({"at_least": 9, "at_most": 8}, "at_least is 9 and at_most 8"),
        ({"minimum": 1, "maximum": 9, "width": 7}, "width is 7; allowed: maximum minus minimum, 8"),
        ({"width": 5, "at_most": 4}, "width is 5; allowed: one that the other times leave"),
        ({"n": 1, "minimum": 1, "maximum": 9}, "n is 1"),
        ({"n": 1, "width": 3}, "width is 3; allowed: 0, as n is 1"),
        ({"n": 2, "minimum": 1, "median": 4, "maximum": 9}, "median is 4; allowed: the mean of"),
        ({"n": 2, "minimum": 1, "median": 4, "at_most": 6}, "median is 4"),
        ({"minimum": 2, "maximum": 6, "mean": "7"}, "mean is '7'; allowed: from 2.8 to 5.2"),
        ({"mean": "1_2"}, "mean is '1_2'"),
        ({"median": "8"}, "median is '8'"),
        ({"median": -8}, "median is -8"),
        ({"median": np.nan}, "median is nan"),
        ({"maximum": np.inf}, "maximum is inf"),
        ({"median": [8, 9]}, "median has shape"),
        ({"unit": "month"}, "unit is 'month'; did you mean 'months'"),
    ],
)
def test_what_no_follow_up_can_be_is_refused_by_name(facts, message):
    with pytest.raises(ValueError, match=message):
        person_time_bounds(**{"n": 5, "unit": "years"} | facts)
