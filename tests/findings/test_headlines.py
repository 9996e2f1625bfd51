"""A headline says what the numbers say: computed here again, in both languages."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.evidence.changes import changes_from_baseline
from lupuscart.findings import (
    conditioning,
    methods,
    response,
    safety,
    scores,
    trials,
)
from lupuscart.stats import proportion
from lupuscart.stats.coverage import coverage_probability
from lupuscart.words import labels
from lupuscart.words.lexicon import word

EXACT = {"confidence_level": 0.95, "method": "clopper-pearson"}


def _numbers(headline, *names):
    """Every number of a headline that is not part of a name, in the order of size."""
    for name in names:
        headline = headline.replace(name, "")
    return sorted(map(float, re.findall(r"\d+(?:\.\d+)?", headline)))


def _in_percent(rate):
    return float(f"{100 * rate:.0f}")


def _limits(k, n, level=0.95):
    tail = (1 - level) / 2
    low = betaincinv(k, n - k + 1, tail) if k else 0
    return low, betaincinv(k + 1, n - k, 1 - tail) if k < n else 1


def _counts(outcomes, studies, language, confidence_level=0.95, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count", **wanted)
    rows = tables.with_studies(endpoints.choose_reports(rows).kept, studies)
    rows = labels.add_labels(rows)
    return proportion.response_proportions(rows, confidence_level=confidence_level)


def _rows(**columns):
    """Two counts of two reports, as a reader's own table might hold them."""
    rows = {
        "study": ["a", "b"],
        "label": ["A 2025", "B 2026"],
        "cohort": ["all", "all"],
        "endpoint": ["DORIS", "DORIS"],
        "outcome": ["doris", "doris"],
        "statistic": ["count", "count"],
        "events": [7, 2],
        "n": [9, 4],
        "read_in": ["primary", "primary"],
    }
    return pd.DataFrame(rows | columns)


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_the_largest_count_with_its_interval_and_the_smallest_full_one(
    outcomes, studies, tongue, level
):
    table = _counts(outcomes, studies, tongue, confidence_level=level, role="core")
    options = EXACT | {"confidence_level": level}
    said = response.response_headline(table, **options)
    low, high = _limits(12, 15, level)
    numbers = [12, 15, 100 * level, *map(_in_percent, (low, high))]
    numbers += [5, 5, _in_percent(_limits(5, 5, level)[0]), 100]
    assert _numbers(said, "Feng J 2025", "Wang X 2025", "SRI-4") == sorted(numbers)
    # Each count carries its endpoint.
    named = table.set_index("study")["endpoint"]
    assert all(named[study] in said for study in ("feng_2025", "wang_x_2025"))
    assert "Wang Q" not in said  # no response endpoint


def test_another_method_is_named_and_never_called_exact(outcomes, studies):
    table = _counts(outcomes, studies, "en", study="feng_2025")
    table = proportion.response_proportions(table, method="wilson")
    said = response.response_headline(table, confidence_level=0.95, method="wilson")
    assert said == "Feng J 2025, LLDAS and DORIS: 12 of 15 (80 %; 95 % CI, Wilson 55–93 %)"


def test_what_is_no_response_and_second_hand_says_both(outcomes, studies):
    table = _counts(outcomes, studies, "en", study="wang_q_2025")
    assert response.response_headline(table, **EXACT) == (
        "Wang Q 2025, second-hand, SLEDAI fell: 5 of 5 (100 %; exact 95 % CI 48–100 %); "
        "not a response endpoint"
    )


@pytest.mark.parametrize(
    ("events", "n", "second"),
    [
        ([7, 0], [9, 4], "0 of 4 DORIS (B 2026; 0–60 %)"),
        ([7, 4], [9, 4], "4 of 4 DORIS (B 2026; 40–100 %)"),
        ([7, 2], [9, 4], "2 of 4 DORIS (B 2026; 7–93 %)"),
    ],
)
def test_the_least_known_count_full_empty_or_between(events, n, second):
    table = proportion.response_proportions(_rows(events=events, n=n))
    said = response.response_headline(table, **EXACT)
    assert said == f"7 of 9 DORIS (A 2025; exact 95 % CI 40–97 %), {second}; not to be compared"


def test_nobody_responded_in_the_only_cohort():
    table = proportion.response_proportions(_rows(events=[0, 0], n=[5, 5]).head(1))
    said = response.response_headline(table, **EXACT)
    assert said == "A 2025, DORIS: 0 of 5 (0 %; exact 95 % CI 0–52 %)"


def test_what_was_read_in_the_source_comes_before_a_larger_cohort_read_second_hand():
    table = _rows(n=[9, 40], events=[7, 40], read_in=["primary", "secondary"])
    said = response.response_headline(proportion.response_proportions(table), **EXACT)
    assert said.startswith("7 of 9 DORIS (A 2025;")
    assert "40 of 40 DORIS (B 2026, second-hand; 91–100 %)" in said


def test_full_counts_of_every_report(outcomes, studies, tongue):
    everyone = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    rows = endpoints.by_endpoint(endpoints.choose_reports(everyone).kept)
    rows = labels.add_labels(tables.with_studies(rows, studies))
    table = proportion.response_proportions(rows)
    full = table.loc[table["events"] == table["n"], "n"].astype(int)
    said = response.endpoints_headline(table, **EXACT)
    few, many = full.min(), full.max()
    lows = [_in_percent(_limits(n, n)[0]) for n in (few, many)]
    numbers = [len(full), len(table), table["study"].nunique(), 95, few, few, many, many, *lows]
    assert _numbers(said) == sorted(numbers)


def test_reports_overlap_only_if_two_of_those_shown_do():
    def said(**columns):
        rows = _rows(events=[9, 4], **({"programme": ["p", "q"], "overlaps_with": None} | columns))
        return response.endpoints_headline(proportion.response_proportions(rows), **EXACT)

    assert "2 of 2 counts, from 2 reports, are n of n" in said()
    assert "2 reports" in said(overlaps_with=["c", None])
    assert "2 overlapping reports" in said(overlaps_with=["c b", None])
    assert "2 overlapping reports" in said(programme="p")


def test_without_two_sizes_of_full_cohorts_the_counts_are_said():
    table = proportion.response_proportions(_rows())
    assert response.endpoints_headline(table, **EXACT) == response.response_headline(table, **EXACT)


def test_reports_by_conditioning(outcomes, studies, tongue):
    counts = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    counted = endpoints.by_endpoint(counts)
    labelled = labels.label_studies(studies)
    said = trials.evidence_headline(labelled, counted)
    none = (studies["conditioning"] == "none").sum()
    numbers = [len(studies), len(studies) - none, none, counted["study"].nunique()]
    assert _numbers(said) == sorted(numbers)
    unknown = trials.evidence_headline(labelled.assign(conditioning=pd.NA), counted)
    assert _numbers(unknown) == sorted([len(studies)] * 2 + [counted["study"].nunique()])


def test_one_report_is_named_with_what_it_counted(outcomes, studies):
    labelled = labels.label_studies(studies)
    counts = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    counted = endpoints.by_endpoint(counts)
    one = trials.evidence_headline(labelled[labelled["study"] == "wang_q_2025"], counted)
    assert one == (
        "Wang Q 2025: 5 treated, no control arm; no conditioning; no response endpoint found"
    )
    other = trials.evidence_headline(labelled[labelled["study"] == "wang_x_2025"], counted)
    assert other.endswith("lymphodepletion, drugs not reported; SRI-4")


def _scores(outcomes, studies, language, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="activity_score", **wanted)
    changes = ["mean_change", "median_change", "largest_fall"]
    rows = rows[~rows["statistic"].isin(changes)]
    return labels.add_labels(tables.with_studies(rows, studies))


def test_how_many_cohorts_print_a_statistic_twice(outcomes, studies, tongue):
    levels = _scores(outcomes, studies, tongue)
    said = scores.scores_headline(levels)
    twice = levels.groupby(["label", "outcome", "statistic"]).size().reset_index(name="times")
    twice = twice[twice["times"] > 1].drop_duplicates(["label", "outcome"])
    cohorts = levels.drop_duplicates(["label", "outcome"])
    sizes = levels["n"].dropna()
    assert len(sizes) < len(levels)
    assert word("headline.sizes_known", fewest=1, most=10) in said
    numbers = [len(twice), len(cohorts), sizes.min(), sizes.max()]
    assert _numbers(said) == sorted(numbers)


def test_one_cohort_says_its_scores(outcomes, studies):
    one = scores.scores_headline(_scores(outcomes, studies, "en", study="chen_2025"))
    assert one == (
        "Chen Y 2025, SLEDAI-2K: median 18 (10-22) → 0 (0-4), last visit; n = 7; no control arm"
    )
    second = scores.scores_headline(_scores(outcomes, studies, "en", study="relma_cel_2024"))
    assert second.startswith("JW Therapeutics 2024, second-hand, SELENA-SLEDAI: ")


def test_cohorts_of_unknown_size_claim_none(outcomes, studies):
    levels = _scores(outcomes, studies, "en").assign(n=pd.array([pd.NA] * 21, dtype="Int64"))
    assert scores.scores_headline(levels) == (
        "7 of 11 cohorts print a score before and after; no control arm"
    )


def _changes(outcomes, studies, language, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="activity_score", **wanted)
    changes = tables.with_studies(changes_from_baseline(rows), studies)
    return labels.add_labels(changes).dropna(subset=["change"])


def test_changes_leave_the_other_scale_out_and_count_second_hand_rows(outcomes, studies, tongue):
    dated = _changes(outcomes, studies, tongue)
    said = scores.changes_headline(dated)
    rows = dated[dated["outcome"] != "sle_disease_activity_score"]
    second = (rows["read_in"] == "secondary").sum()
    kinds = rows["change_kind"]
    of_one = kinds.isin(["individual_change", "largest_fall"]).sum()
    # No range of points: it would set cohorts and statistics side by side.
    assert _numbers(said) == sorted([len(rows), second, kinds.nunique(), of_one])


def test_a_rise_is_no_fall_and_one_kind_is_not_counted():
    rows = _rows(change=[-4, 1], change_kind="difference_of_means", outcome="sledai_2k")
    assert scores.changes_headline(rows) == "2 SLEDAI changes; none had a control"
    other = rows.assign(change=-4, outcome="sle_disease_activity_score")
    assert scores.changes_headline(other) == "2 SLE-DAS falls; none had a control"


def test_one_change_says_of_what_kind(outcomes, studies):
    one = scores.changes_headline(_changes(outcomes, studies, "en", study="wang_x_2025"))
    assert one == (
        "Wang X 2025 (four of five), printed as “SLE disease activity score”; very probably "
        "SLE-DAS: −25.95 points (difference of two means), no control arm"
    )


def _upper(k, n, level=0.95):
    return 1 if k == n else betaincinv(k + 1, n - k, level)


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_zero_counts_and_what_they_allow(outcomes, studies, tongue, level):
    severe = tables.select_trials(outcomes, studies, domain="safety", statistic="count")
    harms = endpoints.by_endpoint(severe, outcomes=endpoints.HARMS)
    table = labels.add_labels(tables.with_studies(harms, studies))
    _, upper = proportion.proportion_ci(
        table["events"], table["n"], confidence_level=level, bound="upper"
    )
    said = safety.events_headline(table.assign(upper=upper), confidence_level=level)
    zeros = table[table["events"] == 0]
    few, many = zeros["n"].min(), zeros["n"].max()
    limits = [_in_percent(_upper(0, int(n), level)) for n in (few, many)]
    numbers = [len(zeros), len(table), 100 * level, *limits, 0, few, 0, many]
    assert _numbers(said) == sorted(numbers)


def test_events_without_a_zero_and_a_single_zero():
    some = _rows(upper=[0.9, 0.6], n=[9, 40])
    assert safety.events_headline(some, confidence_level=0.95) == (
        "B 2026, DORIS: 2 of 40; one-sided 95 % upper limit 60 %"
    )
    one = _rows(events=0, n=5, upper=_upper(0, 5)).tail(1)
    assert safety.events_headline(one, confidence_level=0.95) == (
        "B 2026, DORIS: 0 of 5; one-sided 95 % upper limit 45 %"
    )
    alike = _rows(events=0, n=5, upper=_upper(0, 5))
    assert safety.events_headline(alike, confidence_level=0.95) == (
        "2 of 2 counts of DORIS are zero; 0 of 5 allows 45 % (one-sided 95 %)"
    )


def test_no_event_in_the_smallest_cohort(tongue):
    cohorts = pd.DataFrame({"n": [15, 5], "upper": [_upper(0, 15), _upper(0, 5)]})
    excluded = pd.DataFrame({"rate": [0.1, 0.01], "n": [29, 299]})
    said = safety.zero_headline(cohorts, excluded, confidence_level=0.95)
    assert 0.99**299 <= 0.05 < 0.99**298
    assert _numbers(said) == sorted([5, 45, 1, 299, 95])
    without = safety.zero_headline(cohorts.head(0), excluded, confidence_level=0.95)
    assert _numbers(without) == sorted([1, 299, 95])


def _by_method(rows, level=0.95):
    return pd.concat(
        proportion.response_proportions(rows, method=method, confidence_level=level).assign(
            method=method
        )
        for method in proportion.METHODS
    )


def test_how_far_the_method_alone_moves_a_limit(tongue):
    rows = _rows(events=[12, 5], n=[15, 5])
    said = methods.methods_headline(_by_method(rows), confidence_level=0.95)
    lows = [_limits(5, 5)[0], betaincinv(5.5, 0.5, 0.025)]
    assert _numbers(said, "B 2026") == sorted([5, 5, 95, *map(_in_percent, lows)])
    breaks = {"en": "Wald breaks down", "zh": "Wald 失效"}[tongue]
    assert said.endswith(breaks)
    some = methods.methods_headline(
        _by_method(_rows(events=[12, 4], n=[15, 5])), confidence_level=0.95
    )
    assert "Wald" in some
    assert breaks not in some
    without = _by_method(rows)
    without = without[without["method"] != "wald"]
    said = methods.methods_headline(without, confidence_level=0.95)
    assert "Wald" not in said


def test_of_no_responder_it_is_the_upper_limit():
    rows = _rows(events=[12, 0], n=[15, 5], read_in="secondary")
    said = methods.methods_headline(_by_method(rows, 0.9), confidence_level=0.9)
    start = "0 of 5 (B 2026, second-hand): upper end of a two-sided 90 % interval "
    assert said.startswith(start)
    assert f" to {_in_percent(_limits(0, 5, 0.9)[1]):.0f} %, by method" in said


def test_which_methods_cover_what_they_claim(tongue):
    p = np.linspace(0.0005, 0.9995, 499)
    names = {"mid-p": "mid-P", "wilson": "Wilson", "wald": "Wald", "blaker": "Blaker"}
    cover = pd.concat(
        pd.DataFrame(
            {
                "n": n,
                "method": method,
                "coverage": coverage_probability(n, p, method=method),
            }
        )
        for method in names
        for n in (5, 15)
    )
    said = methods.coverage_headline(cover, confidence_level=0.95)
    wilson = cover[cover["method"] == "wilson"]
    place = wilson.sort_values("coverage").iloc[0]
    # mid-P is short as well, but less so than the two that are named.
    assert _numbers(said) == sorted([int(100 * place.coverage), place.n, 0, 5, 95])
    assert "mid-P" not in said
    assert said.index("Wilson") < said.index("Wald") < said.index("Blaker")


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        ([0.95, 0.96], "Blaker, Wald at least 95 %"),
        ([0.95, 0.949], "Wald covers as little as 94 % (n = 5); Blaker at least 95 %"),
        ([0.9, 0.0099], "Blaker covers as little as 90 % (n = 5), Wald nearly 0 % (n = 5)"),
    ],
)
def test_coverage_kept_by_all_by_one_by_none(coverage, expected):
    table = pd.DataFrame({"method": ["blaker", "wald"], "n": 5, "coverage": coverage})
    assert methods.coverage_headline(table, confidence_level=0.95) == expected


def test_tipping_rates_are_the_lower_limits(tongue):
    lows = [_limits(12, 15)[0], _limits(5, 5)[0]]
    rows = _rows(tipping=lows)
    said = conditioning.tipping_headline(rows)
    assert _numbers(said, "A 2025", "B 2026") == sorted(map(_in_percent, lows))
    one = conditioning.tipping_headline(rows.tail(1))
    assert _numbers(one, "B 2026") == [_in_percent(lows[1])]
    many = pd.concat([rows, rows.assign(label="C 2027", tipping=[0.5, 0.09])])
    said = conditioning.tipping_headline(many)
    assert _numbers(said, "A 2025", "C 2027") == sorted([4, 9, _in_percent(lows[0])])


@pytest.mark.parametrize(
    "say",
    [
        lambda none: trials.evidence_headline(none, none),
        lambda none: response.response_headline(none, **EXACT),
        lambda none: response.endpoints_headline(none, **EXACT),
        scores.scores_headline,
        scores.changes_headline,
        lambda none: safety.events_headline(none, confidence_level=0.95),
        conditioning.tipping_headline,
    ],
)
def test_no_row_is_refused(say):
    with pytest.raises(ValueError, match=r"the table has no rows; allowed: at least one row"):
        say(_rows().head(0))
