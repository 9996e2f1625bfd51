"""What is no number is refused at every door, however it is wrapped."""

import re
from decimal import Decimal
from functools import partial

import numpy as np
import pandas as pd
import pytest
from drawn import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart import arguments
from lupuscart.stats import (
    background,
    beta,
    comparison,
    coverage,
    follow_up,
    paired,
    planning,
    printed,
)
from lupuscart.stats import proportion as one
from lupuscart.stats.pooling import pool
from lupuscart.stats.pooling.models import leave_one_out, pooling_table

# Each public function with arguments that it takes; every number among them is a door.
DOORS = [
    (one.proportion_ci, {"k": 5, "n": 9}),
    (one.zero_event_bound, {"n": 9}),
    (one.n_to_exclude, {"rate": 0.1}),
    (coverage.coverage_probability, {"n": 9, "p": 0.5}),
    (coverage.compatible_rates, {"k": 5, "n": 9, "rates": 0.5}),
    (coverage.any_full_cohort, {"rate": 0.5, "n": 5, "cohorts": 3}),
    (beta.posterior, {"k": 5, "n": 9}),
    (beta.predictive, {"k": 5, "n": 9, "m": 3}),
    (background.added_response, {"k": 5, "n": 9, "background_rate": 0.3}),
    (background.tipping_rate, {"k": 5, "n": 9}),
    (background.finite_control_tipping, {"k": 5, "n": 9, "m": 9}),
    (comparison.exact_test, {"k1": 5, "n1": 9, "k2": 3, "n2": 9}),
    (comparison.risk_difference_ci, {"k1": 5, "n1": 9, "k2": 3, "n2": 9}),
    (comparison.ratio_to_benchmark, {"k": 5, "n": 9, "benchmark_k": 3, "benchmark_n": 9}),
    (comparison.e_value, {"ratio": 3, "low": 2, "high": 5}),
    (paired.sign_test, {"n_fell": 5, "n_rose": 1, "null": 0.5}),
    (paired.smallest_sign_p, {"n": 5}),
    (paired.regression_to_mean, {"pop_mean": 8, "pop_sd": 4, "entry_cut": 12, "reliability": 0.5}),
    (planning.power_two_arm, {"n1": 5, "n2": 5, "p1": 0.8, "p2": 0.2}),
    (planning.precision_one_arm, {"n": 9, "p": 0.8, "threshold": 0.5}),
    (planning.no_event_plan, {"rate": 0.1, "true_rate": 0.05}),
    (planning.simon_two_stage, {"p0": 0.2, "p1": 0.6, "alpha": 0.1, "beta": 0.2}),
    (printed.grim_consistent, {"mean": 5, "n": 9, "decimals": 0}),
    (printed.person_time_bounds, {"n": 9, "minimum": 2, "median": 5, "maximum": 9}),
    (follow_up.event_rate_ci, {"events": 2, "low_time": 5, "high_time": 9}),
    (follow_up.event_free_ci, {"events": 2, "low_time": 5, "high_time": 9, "years": 2}),
    (follow_up.follow_up_to_exclude, {"rate": 0.2, "n": 9}),
    (follow_up.compare_event_rates, {"events_1": 2, "time_1": 5, "events_2": 3, "time_2": 9}),
]
# None is "not given" for these.
OPTIONAL = ("low", "high", "threshold", "high_time", "minimum", "median", "maximum")
EVERY_DOOR = [
    pytest.param(function, given, name, id=f"{function.__name__}-{name}")
    for function, given in DOORS
    for name in given
]
#: Ways to hold one value that a reader of tables meets.
WRAPPED = {
    "alone": lambda value: value,
    "list": lambda value: [value],
    "mixed list": lambda value: [value, 1],
    "objects": lambda value: np.array([value], dtype=object),
    "column": lambda value: pd.Series([value]),
    "column of objects": lambda value: pd.Series([value], dtype=object),
}


def no_numbers(number):
    """Values that Python or numpy would read as this number, and no reader should."""
    text = str(number)
    return {
        "text": text,
        "text with spaces": f" {text} ",
        "full-width digits": text.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        "underscore": "1_2",
        "bytes": text.encode(),
        "truth value": True,
        "numpy truth value": np.True_,
        "complex": complex(number),
        "date": pd.Timestamp("2026-01-05"),
        "duration": np.timedelta64(5, "D"),
        "nothing": None,
        "missing": pd.NA,
        "long text": "9" * 5000,
        "long number": 10**5000,
    }


@pytest.mark.parametrize(("function", "given", "name"), EVERY_DOOR)
def test_what_is_no_number_passes_no_door(function, given, name):
    if function is printed.person_time_bounds:
        function = partial(function, unit="years")
    function(**given)  # the door is open for the number itself
    for kind, value in no_numbers(given[name]).items():
        for wrapped, wrap in WRAPPED.items():
            if name == "mean" and kind == "text" and isinstance(value, str):
                continue  # a printed mean is text
            if name in OPTIONAL and value is None and wrapped == "alone":
                continue
            with pytest.raises(ValueError, match=f"^{name} ") as refused:
                function(**given | {name: wrap(value)})
            assert "allowed" in str(refused.value), (kind, wrapped)
            assert len(str(refused.value)) < 400, (kind, wrapped)


@examples(100, times=30)
@given(
    door=st.sampled_from([(*door, name) for door in DOORS for name in door[1]]),
    text=st.text(max_size=20) | st.floats().map(str) | st.integers().map(str),
    wrapped=st.sampled_from([*WRAPPED]),
)
def test_no_text_passes_a_door(door, text, wrapped):
    function, given_, name = door
    if name == "mean":
        return  # a printed mean is text
    if function is printed.person_time_bounds:
        function = partial(function, unit="years")
    with pytest.raises(ValueError, match=f"^{name} "):
        function(**given_ | {name: WRAPPED[wrapped](text)})


@pytest.mark.parametrize("function", [pool, leave_one_out, pooling_table])
@pytest.mark.parametrize("wrapped", [name for name in WRAPPED if name != "alone"])
def test_what_is_no_number_is_no_cohort(function, wrapped):
    others = {"k": [5, 3], "n": [9, 8]}
    for name in others:
        for kind, value in no_numbers(5).items():
            column = WRAPPED[wrapped](value)
            size = len(column)
            given = {key: numbers[:size] for key, numbers in others.items()} | {name: column}
            with pytest.raises(ValueError, match=f"^{name} "):
                function(**given)
                pytest.fail(kind)


@pytest.mark.parametrize(
    "number", [5, 5.0, np.int8(5), np.float32(5), np.uint64(5), Decimal(5), np.array(5)]
)
def test_what_is_a_number_stays_one(number):
    expected = one.proportion_ci(5, 9)
    assert one.proportion_ci(number, 9) == expected
    for wrap in (list, np.array, pd.Series):
        low, high = one.proportion_ci(wrap([number]), 9)
        assert (low[0], high[0]) == expected


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int64[pyarrow]", "category", object])
def test_columns_of_every_kind_of_number_are_counted(dtype):
    if "pyarrow" in str(dtype):
        pytest.importorskip("pyarrow")
    low, _ = one.proportion_ci(pd.Series([5, 3], dtype=dtype), 9)
    assert low.tolist() == one.proportion_ci([5, 3], 9)[0].tolist()


def test_masked_entries_are_refused_and_unmasked_arrays_taken():
    with pytest.raises(ValueError, match="k has masked entries"):
        one.proportion_ci(np.ma.array([5, 3], mask=[False, True]), 9)
    assert one.proportion_ci(np.ma.array([5, 3]), 9)[0].shape == (2,)


@given(st.permutations(range(4)))
def test_columns_are_paired_only_if_their_indexes_agree(order):
    k = pd.Series([5, 3, 2, 1], index=range(4))
    n = pd.Series([9, 8, 7, 6], index=list(order))
    if list(order) == list(range(4)):
        assert len(one.proportion_ci(k, n)[0]) == 4
        return
    calls = [
        lambda: one.proportion_ci(k, n),
        lambda: background.added_response(k, k.add(3), n / 10),
        lambda: comparison.ratio_to_benchmark(k, 9, n, 20),
        lambda: comparison.e_value(k + 1, low=n / 10),
        lambda: paired.sign_test(k, n),
        lambda: coverage.any_full_cohort(k / 10, n, 3),
        lambda: printed.grim_consistent(k, n, decimals=0),
        lambda: pool(k, n),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="columns with different indexes"):
            call()
    assert len(one.proportion_ci(k.to_numpy(), n.to_numpy())[0]) == 4


@pytest.mark.parametrize("n", [2**53, 2**53 + 2, 1e17, 10**30])
def test_the_largest_whole_number_is_said_where_it_is_passed(n):
    said = re.escape("at most 9007199254740991 (2**53 - 1)")
    with pytest.raises(ValueError, match=said):
        one.proportion_ci(5, n)
    with pytest.raises(ValueError, match=said):
        arguments.check_whole("n", n, minimum=1)
    one.zero_event_bound(2**53 - 1)


@pytest.mark.parametrize(
    "mean", ["１２", "1_2", " 12", "12 ", "1e3", "12.", ".5", "٣", "0x1", "9" * 5000]
)
def test_a_printed_mean_is_in_plain_digits(mean):
    with pytest.raises(ValueError, match=r"^mean is"):
        printed.grim_consistent(mean, 9, decimals=1)


@pytest.mark.parametrize(
    "mean",
    [Decimal("1e999999999"), Decimal("1e-999999999"), 1e300, 10**5000],
    ids=["exponent", "negative exponent", "float", "whole number"],
)
def test_a_mean_beyond_print_is_refused_and_nothing_hangs(mean):
    with pytest.raises(ValueError, match=r"^mean is"):
        printed.grim_consistent(mean, 9, decimals=1)
    with pytest.raises(ValueError, match=r"^decimals is"):
        printed.grim_consistent(5, 9, decimals=10**9)
