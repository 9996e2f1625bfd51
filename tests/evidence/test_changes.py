"""Baseline paired with follow-up: what is joined, what is kept apart, what stays empty."""

import pandas as pd
import pytest

from lupuscart.evidence.changes import changes_from_baseline

COLUMNS = ["study", "outcome", "week", "timing", "statistic", "n", "value", "spread", "read_in"]


def table(*rows):
    scores = pd.DataFrame(rows, columns=COLUMNS)
    scores["cohort"] = "all"
    scores["domain"] = "activity_score"
    scores["spread_kind"] = scores["spread"].map(lambda s: None if s is None else "range")
    return scores


# The kinds of rows that occur, out of reading order on purpose.
REPORTED = table(
    ["a", "sle_das", 0, "at", "mean", 4, 31.30, None, "primary"],
    ["a", "sle_das", 26, "at", "mean", 4, 5.35, None, "primary"],
    ["b", "sledai", 13, "by", "largest_fall", 5, -20, None, "secondary"],
    ["c", "sledai_2k", 26, "at", "all_equal", 8, 0, None, "secondary"],
    ["d", "sledai_2k", 0, "at", "mean", None, 10.6, None, "primary"],
    ["d", "sledai_2k", 13, "at", "mean", None, 2.7, None, "primary"],
    ["e", "selena", 0, "at", "minimum", 3, 8, None, "primary"],
    ["e", "selena", 0, "at", "maximum", 3, 14, None, "primary"],
    ["e", "selena", 17, "after_at_least", "maximum", 3, 1, None, "secondary"],
    ["f", "sledai", 4, "after_at_least", "median_change", 7, -10, None, "secondary"],
    ["g", "sledai_2k", None, "last_visit", "median", 7, 0, "0-4", "primary"],
    ["g", "sledai_2k", 0, "at", "median", 7, 18, "10-22", "primary"],
)


def by_key(changes):
    return changes.set_index(["study", "statistic"])


def test_each_follow_up_is_paired_with_its_own_baseline():
    changes = by_key(changes_from_baseline(REPORTED))
    kinds = changes["change_kind"].to_dict()
    assert kinds == {
        ("a", "mean"): "difference_of_means",
        ("b", "largest_fall"): "largest_fall",
        ("c", "all_equal"): "no_baseline",
        ("d", "mean"): "difference_of_means",
        ("e", "minimum"): "no_follow_up",
        ("e", "maximum"): "difference_of_maxima",
        ("f", "median_change"): "printed_median_change",
        ("g", "median"): "difference_of_medians",
    }
    assert changes["change"].dropna().to_dict() == {
        ("a", "mean"): -25.95,
        ("b", "largest_fall"): -20,
        ("d", "mean"): -7.9,
        ("e", "maximum"): -13,
        ("f", "median_change"): -10,
        ("g", "median"): -18,
    }


def test_what_is_not_printed_stays_empty():
    changes = by_key(changes_from_baseline(REPORTED))
    assert changes.loc[("b", "largest_fall"), ["baseline", "follow_up"]].isna().all()
    assert changes.loc[("c", "all_equal"), ["baseline", "change"]].isna().all()
    assert changes.loc[("c", "all_equal"), "follow_up"] == 0
    assert changes.loc[("e", "minimum"), ["follow_up", "change", "week"]].isna().all()
    assert changes.loc[("e", "minimum"), ["baseline", "n"]].tolist() == [8, 3]
    assert changes.loc[("d", "mean"), ["n", "baseline_n"]].isna().all()


def test_week_timing_spread_and_order_are_those_of_the_report():
    changes = changes_from_baseline(REPORTED)
    assert changes["study"].tolist() == ["a", "b", "c", "d", "e", "e", "f", "g"]
    median = by_key(changes).loc[("g", "median")]
    assert pd.isna(median["week"])
    assert median["timing"] == "last_visit"
    assert (median["baseline_spread"], median["follow_up_spread"]) == ("10-22", "0-4")
    assert median["baseline_spread_kind"] == median["follow_up_spread_kind"] == "range"
    assert by_key(changes).loc[("a", "mean"), ["week", "timing", "n"]].tolist() == [26, "at", 4]


def test_a_pair_is_second_hand_if_either_end_is():
    read_in = by_key(changes_from_baseline(REPORTED))["read_in"]
    assert read_in[("a", "mean")] == "primary"
    assert read_in[("e", "maximum")] == "secondary"
    assert read_in[("e", "minimum")] == "primary"
    assert read_in[("f", "median_change")] == "secondary"
    only_baseline_read_second_hand = table(
        ["a", "s", 0, "at", "mean", 4, 9.5, None, "secondary"],
        ["a", "s", 13, "at", "mean", 4, 2.5, None, "primary"],
    )
    assert changes_from_baseline(only_baseline_read_second_hand)["read_in"].tolist() == [
        "secondary"
    ]


def test_every_follow_up_gets_the_one_baseline():
    scores = table(
        ["a", "s", 52, "at", "median", 5, 2, None, "primary"],
        ["a", "s", 0, "at", "median", 5, 12, None, "primary"],
        ["a", "s", 13, "at", "median", 5, 4, None, "primary"],
    )
    changes = changes_from_baseline(scores)
    assert changes[["week", "change"]].to_numpy().tolist() == [[52, -10], [13, -8]]


def test_statistics_instruments_and_cohorts_are_never_mixed():
    scores = table(
        ["a", "sledai_2k", 0, "at", "minimum", 5, 8, None, "primary"],
        ["a", "sledai_2k", 13, "at", "maximum", 5, 4, None, "primary"],
        ["a", "sledai_2k", 0, "at", "median", 5, 12, None, "primary"],
        ["a", "sle_das", 13, "at", "median", 5, 2.5, None, "primary"],
    )
    other_cohort = scores.iloc[[1]].assign(statistic="minimum", cohort="others")
    changes = changes_from_baseline(pd.concat([scores, other_cohort], ignore_index=True))
    assert changes["change"].isna().all()
    assert len(changes) == 5


def test_means_of_different_numbers_of_patients_have_no_change():
    scores = table(
        ["a", "s", 0, "at", "mean", 10, 12.5, None, "primary"],
        ["a", "s", 13, "at", "mean", 8, 2.5, None, "primary"],
    )
    row = changes_from_baseline(scores).iloc[0]
    assert row["change_kind"] == "different_n"
    assert pd.isna(row["change"])
    assert (row["baseline"], row["follow_up"], row["baseline_n"], row["n"]) == (12.5, 2.5, 10, 8)


def test_a_change_of_nothing_is_zero_and_one_from_zero_is_kept():
    scores = table(
        ["a", "s", 0, "at", "individual", 1, 0, None, "primary"],
        ["a", "s", 13, "at", "individual", 1, 0, None, "primary"],
        ["a", "s", 26, "at", "individual", 1, 4, None, "primary"],
    )
    changes = changes_from_baseline(scores)
    assert changes["change"].tolist() == [0, 4]
    assert set(changes["change_kind"]) == {"individual_change"}


def test_a_printed_change_is_no_baseline_whatever_its_week():
    scores = table(
        ["a", "s", 0, "not_reported", "mean_change", 5, -4.8, None, "primary"],
        ["a", "s", 13, "at", "mean_change", 5, -6, None, "primary"],
    )
    changes = changes_from_baseline(scores)
    assert changes["change"].tolist() == [-4.8, -6]
    assert set(changes["change_kind"]) == {"printed_mean_change"}


@pytest.mark.parametrize("dtype", ["Int64", "float64"])
def test_the_input_is_left_alone_and_its_number_types_do_not_matter(dtype):
    scores = REPORTED.astype({"week": dtype, "n": dtype}).set_index(REPORTED.index + 40)
    before = scores.copy()
    changes = changes_from_baseline(scores)
    pd.testing.assert_frame_equal(scores, before)
    pd.testing.assert_frame_equal(changes, changes_from_baseline(REPORTED))


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([1, 2], "scores is list"),
        (REPORTED.drop(columns=["week", "value"]), "scores has no column week, value"),
        (REPORTED.head(0), "scores has no rows"),
        (REPORTED.assign(domain="efficacy"), "domain is 'efficacy'"),
        (REPORTED.assign(statistic="medain"), "statistic is 'medain'; did you mean 'median'"),
        (REPORTED.assign(week=0.5), "week is .*whole numbers"),
        (REPORTED.assign(value="low"), "value is .*numbers, or empty"),
        (
            pd.concat([REPORTED, REPORTED.head(1)]),
            "week is 0 in two rows of study 'a', cohort 'all', outcome 'sle_das', statistic 'mean'",
        ),
    ],
)
def test_refused_by_name(scores, message):
    with pytest.raises(ValueError, match=message):
        changes_from_baseline(scores)
