"""Tables that set a trial's counts beside rates and arms without an engineered cell.

A *benchmark* is a reported outcome of an arm without an engineered cell. It carries its
endpoint, week, dose and population, and none of them is a trial's own. Everything here is
descriptive: nobody was randomised between a trial and a benchmark.
"""

import numpy as np
import pandas as pd

from lupuscart.stats.background import added_response, tipping_rate
from lupuscart.stats.comparison import (
    LARGEST_PRODUCT,
    e_value,
    exact_test,
    ratio_to_benchmark,
    risk_difference_ci,
)
from lupuscart.stats.proportion import proportion_ci

__all__ = [
    "benchmark_marks",
    "choose_benchmarks",
    "compare_arms",
    "compare_with_benchmarks",
    "relate_benchmarks",
    "tipping_table",
]

CHEMOTHERAPY = ("cyclophosphamide_based", "conditioning_with_transplant")
CONTROL = "standard_care"


def choose_benchmarks(benchmarks: pd.DataFrame, *, outcomes) -> pd.DataFrame:
    """Choose the benchmarks of a trial: chemotherapy arms, and placebo with its endpoint.

    Parameters
    ----------
    benchmarks : DataFrame
        The benchmarks table, or rows of it.
    outcomes : iterable of str
        The trials' endpoints; "lldas_and_doris" is met by LLDAS at most, so placebo arms
        that count LLDAS or DORIS enter for it.

    Returns
    -------
    DataFrame
        The earliest time of each arm and outcome that has a rate, with ``rate``, its exact
        95 % limits ``low`` and ``high`` (0 to 1; missing for a percentage that is no
        count) and ``number`` (1, 2, ...) in the order of the rate.

    Examples
    --------
    >>> benchmarks = pd.DataFrame({
    ...     "study": ["petri_2010", "petri_2010"], "arm": "monthly", "week": [26, 130],
    ...     "outcome": "complete_response", "treatment": "cyclophosphamide_based",
    ...     "statistic": "count", "events": [9, 13], "n": [26, 20], "value": np.nan})
    >>> choose_benchmarks(benchmarks, outcomes=["sri4"])[["number", "week", "rate"]].round(3)
       number  week   rate
    0       1    26  0.346
    """
    rated = benchmarks["statistic"].eq("count") | (
        benchmarks["statistic"].eq("percent") & benchmarks["n"].notna()
    )
    # A death after treatment is no response to weigh against one.
    enters = _enters(benchmarks, outcomes) & benchmarks["outcome"].ne("treatment_related_death")
    rows = benchmarks[enters & rated]
    rows = rows.sort_values("week", kind="stable").drop_duplicates(["study", "arm", "outcome"])
    rows = _with_limits(rows).sort_values("rate", kind="stable")
    rows.insert(0, "number", np.arange(1, len(rows) + 1))
    return rows.reset_index(drop=True)


def _enters(benchmarks, outcomes):
    """Whether each benchmark is one for trials with these endpoints."""
    wanted = {part for outcome in outcomes for part in (outcome, *outcome.split("_and_"))}
    same_endpoint = benchmarks["treatment"].eq(CONTROL) & benchmarks["outcome"].isin(wanted)
    return benchmarks["treatment"].isin(CHEMOTHERAPY) | same_endpoint


def _with_limits(rows):
    counted = rows["events"].notna()
    k, n = rows.loc[counted, "events"].astype(int), rows.loc[counted, "n"].astype(int)
    low, high = proportion_ci(k, n)
    rows = rows.assign(rate=rows["value"] / 100, low=np.nan, high=np.nan)
    rows.loc[counted, ["rate", "low", "high"]] = np.column_stack([k / n, low, high])
    return rows


def compare_arms(benchmarks: pd.DataFrame, *, study: str) -> pd.DataFrame:
    """Compare the two arms of one benchmark study at each time, exactly.

    Parameters
    ----------
    benchmarks : DataFrame
        The benchmarks table.
    study : str
        A study with counts of two arms.

    Returns
    -------
    DataFrame
        One row a time and outcome: ``outcome``, ``week``, both arms with their counts,
        ``difference`` with exact 95 % limits, and Fisher's ``p_fisher``. Empty if the
        study is not there.

    Examples
    --------
    >>> benchmarks = pd.DataFrame({
    ...     "study": "petri_2010", "arm": ["high dose", "monthly"], "week": 26,
    ...     "outcome": "complete_response", "statistic": "count",
    ...     "events": [11, 9], "n": [21, 26]})
    >>> compare_arms(benchmarks, study="petri_2010")[["low", "high", "p_fisher"]].round(2)
        low  high  p_fisher
    0 -0.11  0.45      0.25
    """
    rows = benchmarks[benchmarks["study"].eq(study) & benchmarks["statistic"].eq("count")]
    compared = []
    for (outcome, week), arms in rows.groupby(["outcome", "week"], sort=False):
        if len(arms) == 2:
            compared.append({"outcome": outcome, "week": week, **_compare_arms(arms)})
    return pd.DataFrame(compared)


def _compare_arms(arms):
    first, second = arms.itertuples()
    counts = int(first.events), int(first.n), int(second.events), int(second.n)
    low, high = risk_difference_ci(*counts)
    return {
        "first_arm": f"{first.arm}: {counts[0]}/{counts[1]}",
        "second_arm": f"{second.arm}: {counts[2]}/{counts[3]}",
        "difference": counts[0] / counts[1] - counts[2] / counts[3],
        "low": low,
        "high": high,
        "p_fisher": exact_test(*counts, method="fisher"),
    }


def relate_benchmarks(benchmarks: pd.DataFrame, *, outcome: str, week, timing: str) -> pd.Series:
    """Return how each benchmark's endpoint and window relate to a trial's.

    Parameters
    ----------
    benchmarks : DataFrame
        ``outcome``, ``week`` and ``timing`` of arms without an engineered cell.
    outcome, week, timing
        Of the trial's result.

    Returns
    -------
    Series
        ``same``, ``other_window`` (the endpoint is the same, the window is not) or
        ``other_endpoint``; with the index of `benchmarks`.

    Examples
    --------
    >>> benchmarks = pd.DataFrame({"outcome": ["sri4", "remission"], "week": [52, 26],
    ...                            "timing": "at"})
    >>> relate_benchmarks(benchmarks, outcome="sri4", week=13, timing="at").tolist()
    ['other_window', 'other_endpoint']
    """
    same_endpoint = benchmarks["outcome"].eq(outcome)
    # An unstated week is nobody's: missing compares as different.
    same_week = benchmarks["week"].eq(week).fillna(False).astype(bool)
    same_window = same_week & benchmarks["timing"].eq(timing)
    relation = pd.Series("other_endpoint", index=benchmarks.index)
    return relation.mask(same_endpoint, "other_window").mask(same_endpoint & same_window, "same")


def benchmark_marks(trials: pd.DataFrame, benchmarks: pd.DataFrame) -> pd.DataFrame:
    """Return one row a trial and benchmark, with how the benchmark relates to the trial.

    Parameters
    ----------
    trials : DataFrame
        Columns ``label``, ``outcome``, ``week``, ``timing``.
    benchmarks : DataFrame
        From `choose_benchmarks`, with ``words``.

    Returns
    -------
    DataFrame
        ``label``, ``number``, ``rate``, ``low``, ``high``, ``relation``, ``words``, and
        ``enters``: whether this trial alone would have had it chosen.
    """
    marks = [
        benchmarks[["number", "rate", "low", "high", "words"]].assign(
            label=row.label,
            enters=_enters(benchmarks, [row.outcome]),
            relation=relate_benchmarks(
                benchmarks, outcome=row.outcome, week=row.week, timing=row.timing
            ),
        )
        for row in trials.itertuples()
    ]
    return pd.concat(marks, ignore_index=True)


def compare_with_benchmarks(rows: pd.DataFrame, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Compare counts of a trial with counts of a benchmark, each as a named quantity.

    Parameters
    ----------
    rows : DataFrame
        Columns ``label``, ``events``, ``n`` of the trial and ``number``, ``events_b``,
        ``n_b`` of the benchmark.
    confidence_level : float
        Of all intervals.

    Returns
    -------
    DataFrame
        ``difference`` with exact limits (Chan-Zhang), one-sided p of the score test that
        orders tables as these limits do and of Boschloo's test, ``ratio`` with Koopman's
        score limits, and the E-values of the ratio and of its nearer limit. ``agree``: both
        p-values lie on one side of half of alpha, and the ratio excludes 1 where the
        difference excludes 0. Where the two groups are too large for an exact test, its
        results and ``agree`` are missing.
    """
    compared = [
        {"label": row.label, "number": row.number, **_compare(row, confidence_level)}
        for row in rows.itertuples()
    ]
    return pd.DataFrame(compared)


def _compare(row, confidence_level):
    counts = int(row.events), int(row.n), int(row.events_b), int(row.n_b)
    ratio = ratio_to_benchmark(*counts, confidence_level=confidence_level)
    unmeasured = e_value(ratio.ratio, low=ratio.low, high=ratio.high)
    exact = _compare_exactly(counts, ratio, confidence_level)
    return {
        "difference": counts[0] / counts[1] - counts[2] / counts[3],
        **{name: exact[name] for name in ("low", "high", "p_score", "p_boschloo")},
        "ratio": ratio.ratio,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
        "e_value": unmeasured.estimate,
        "e_value_limit": unmeasured.limit,
        "agree": exact["agree"],
    }


def _compare_exactly(counts, ratio, confidence_level):
    """Limits, p-values and their agreement; missing for a pair of groups that is too large."""
    if counts[1] * counts[3] > LARGEST_PRODUCT:
        return dict.fromkeys(("low", "high", "p_score", "p_boschloo"), np.nan) | {"agree": None}
    low, high = risk_difference_ci(*counts, confidence_level=confidence_level)
    p_score = exact_test(*counts, method="score", alternative="greater")
    p_boschloo = exact_test(*counts, alternative="greater")
    tail = (1 - confidence_level) / 2
    agree = (p_score <= tail) == (p_boschloo <= tail) and (low > 0) == (ratio.low > 1)
    return {"low": low, "high": high, "p_score": p_score, "p_boschloo": p_boschloo, "agree": agree}


def tipping_table(
    trials: pd.DataFrame,
    rates,
    *,
    confidence_level: float = 0.95,
    method: str = "clopper-pearson",
) -> pd.DataFrame:
    """Return the added response of each trial over a grid of assumed rates.

    Parameters
    ----------
    trials : DataFrame
        Columns ``label``, ``events``, ``n``.
    rates : array-like
        Assumed response rates without the cells, 0 to 1.
    confidence_level, method
        Of the interval.

    Returns
    -------
    DataFrame
        ``label``, ``background_rate``, ``increment``, ``low``, ``high``, ``tipping``.

    Examples
    --------
    >>> trials = pd.DataFrame({"label": ["Feng"], "events": [12], "n": [15]})
    >>> tipping_table(trials, [0.4]).round(3)
      label  background_rate  increment    low   high  tipping
    0  Feng              0.4        0.4  0.119  0.557    0.519
    """
    level = {"confidence_level": confidence_level, "method": method}
    tables = [
        added_response(row.events, row.n, rates, **level)
        .to_frame()
        .assign(label=row.label, tipping=tipping_rate(row.events, row.n, **level))
        for row in trials.itertuples()
    ]
    columns = ["label", "background_rate", "increment", "low", "high", "tipping"]
    return pd.concat(tables, ignore_index=True)[columns]
