"""Tables that set a trial's counts beside rates and arms without an engineered cell.

A *benchmark* is a reported outcome of an arm without an engineered cell. It carries its
endpoint, week, dose and population, and none of them is a trial's own. Everything here is
descriptive: nobody was randomised between a trial and a benchmark.
"""

import numpy as np
import pandas as pd

from lupuscart.data.outcomes import current
from lupuscart.stats.comparison import (
    exact_test,
    fits_exact_methods,
    ratio_to_benchmark,
    risk_difference_ci,
)
from lupuscart.stats.proportion import proportion_ci

__all__ = [
    "BERGER_BOOS",
    "benchmark_relations",
    "choose_benchmarks",
    "compare_arms",
    "compare_with_benchmarks",
    "near_controls",
    "nearest_benchmarks",
    "relate_benchmarks",
]

#: The probability that is spent on leaving out rates that the counts rule out; R's is the same.
BERGER_BOOS = 1e-6

CHEMOTHERAPY = ("cyclophosphamide_based", "conditioning_with_transplant")
CONTROL = "standard_care"

_EXACT = ("low", "high", "near_low", "near_high", "p_boschloo")


def choose_benchmarks(benchmarks: pd.DataFrame, *, outcomes) -> pd.DataFrame:
    """Choose the benchmarks of a trial: chemotherapy arms, and placebo with its endpoint.

    Parameters
    ----------
    benchmarks : DataFrame
        The benchmarks table, or rows of it.
    outcomes : iterable of str
        The trials' endpoints. For one that no placebo arm counted, those enter of which it is a
        part (`lupuscart.data.outcomes`), as many patients reach them or more: LLDAS and DORIS,
        each alone, for both together.

    Returns
    -------
    DataFrame
        Of each arm and outcome that has a rate the time that matches a trial's (``matches``),
        or else the earliest, with ``rate``, its exact 95 % limits ``low`` and ``high`` (0 to
        1; missing for a percentage that is no count) and ``number`` (1, 2, ...) in the order
        of the rate.

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
    rows = rows.assign(unmatched=_column(rows, "matches").isna())
    rows = rows.sort_values(["unmatched", "week"], kind="stable").drop(columns="unmatched")
    rows = rows.drop_duplicates(["study", "arm", "outcome"])
    rows = _with_limits(rows).sort_values("rate", kind="stable")
    rows.insert(0, "number", np.arange(1, len(rows) + 1))
    return rows.reset_index(drop=True)


def near_controls(
    benchmarks: pd.DataFrame, *, outcome: str, weeks: tuple[float, float]
) -> pd.DataFrame:
    """Choose the arms of standard care that counted an endpoint between two weeks.

    Parameters
    ----------
    benchmarks : DataFrame
        The benchmarks table, or rows of it.
    outcome : str
        The endpoint.
    weeks : (float, float)
        The first and the last week, both included.

    Returns
    -------
    DataFrame
        Counts at a stated week, one a study: of several times the latest. As from
        `choose_benchmarks`, in the order of their rate.

    Examples
    --------
    >>> benchmarks = pd.DataFrame({
    ...     "study": ["he_2020", "he_2020", "lotus"], "arm": "placebo", "week": [12, 24, 52],
    ...     "outcome": "sri4", "treatment": "standard_care", "timing": "at",
    ...     "statistic": "count", "events": [9, 11, 65], "n": [30, 30, 116], "value": np.nan})
    >>> near_controls(benchmarks, outcome="sri4", weeks=(12, 24))[["study", "week"]].values.tolist()
    [['he_2020', 24]]
    """
    near = benchmarks["week"].between(*weeks) & benchmarks["timing"].eq("at")
    counted = benchmarks["statistic"].eq("count") & benchmarks["events"].notna()
    is_control = benchmarks["treatment"].eq(CONTROL) & benchmarks["outcome"].eq(outcome)
    rows = benchmarks[near & counted & is_control].sort_values("week", kind="stable")
    # Two arms of one study are no two draws from the spread between studies.
    rows = _with_limits(rows.drop_duplicates("study", keep="last"))
    return rows.sort_values("rate", kind="stable").reset_index(drop=True)


def _enters(benchmarks, outcomes):
    """Whether each benchmark is one for trials with these endpoints."""
    is_control = benchmarks["treatment"].eq(CONTROL)
    counted = benchmarks.loc[is_control, "outcome"].unique()
    wanted = {each for outcome in outcomes for each in _nearest_endpoints(outcome, counted)}
    same_endpoint = is_control & benchmarks["outcome"].isin(wanted)
    return benchmarks["treatment"].isin(CHEMOTHERAPY) | same_endpoint


def _nearest_endpoints(outcome, counted):
    """The endpoint if it was counted, or else those of which it is a part: as many reach them."""
    return [outcome] if outcome in counted else current().parents.get(outcome, [])


def _column(table, name):
    """A column that a folder need not have."""
    return table[name] if name in table else pd.Series(pd.NA, table.index, dtype=object)


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


def relate_benchmarks(
    benchmarks: pd.DataFrame, *, study: str, outcome: str, week, timing: str
) -> pd.Series:
    """Return how each benchmark's endpoint and window relate to a trial's.

    Parameters
    ----------
    benchmarks : DataFrame
        ``outcome``, ``week`` and ``timing`` of arms without an engineered cell; ``matches``,
        which may be missing, names the studies whose endpoint and window a row shares although
        its week is counted another way.
    study, outcome, week, timing
        Of the trial's result.

    Returns
    -------
    Series
        ``same``, ``other_window`` (the endpoint is the same, the window is not) or
        ``other_endpoint``; with the index of `benchmarks`.

    Examples
    --------
    >>> benchmarks = pd.DataFrame({"outcome": ["sri4", "sri4", "remission"], "timing": "at",
    ...                            "week": [12, 52, 26], "matches": ["wang_x_2025", None, None]})
    >>> trial = {"study": "wang_x_2025", "outcome": "sri4", "week": 13, "timing": "at"}
    >>> relate_benchmarks(benchmarks, **trial).tolist()
    ['same', 'other_window', 'other_endpoint']
    """
    same_endpoint = benchmarks["outcome"].eq(outcome)
    # An unstated week is nobody's: missing compares as different.
    same_week = benchmarks["week"].eq(week).fillna(False).astype(bool)
    named = _column(benchmarks, "matches").fillna("").str.split().map(lambda names: study in names)
    same_window = named.astype(bool) | (same_week & benchmarks["timing"].eq(timing))
    relation = pd.Series("other_endpoint", index=benchmarks.index)
    return relation.mask(same_endpoint, "other_window").mask(same_endpoint & same_window, "same")


def benchmark_relations(trials: pd.DataFrame, benchmarks: pd.DataFrame) -> pd.DataFrame:
    """Return how each benchmark relates to each trial.

    Parameters
    ----------
    trials : DataFrame
        Columns ``study``, ``outcome``, ``week``, ``timing``, one row a study.
    benchmarks : DataFrame
        From `choose_benchmarks`.

    Returns
    -------
    DataFrame
        A column a study, with the index of `benchmarks`; see `relate_benchmarks`.
    """
    keys = ["study", "outcome", "week", "timing"]
    return pd.DataFrame(
        {
            row["study"]: relate_benchmarks(benchmarks, **row)
            for row in trials[keys].to_dict("records")
        }
    )


def nearest_benchmarks(
    benchmarks: pd.DataFrame, trials: pd.DataFrame, *, most: int = 10
) -> pd.DataFrame:
    """Return the benchmarks that come nearest to the trials, in the order of their rate.

    Parameters
    ----------
    benchmarks : DataFrame
        From `choose_benchmarks`, with ``closeness``.
    trials : DataFrame
        Columns ``study``, ``outcome``, ``week``, ``timing``, one row a study.
    most : int
        How many at most.

    Returns
    -------
    DataFrame
        Rows of `benchmarks`, one an arm: of several endpoints of one arm the one that fewest
        reached. First enter those with the endpoint and the window of a trial, then
        chemotherapy of closeness A, then for each trial the nearest placebo arm that counts
        its endpoint, or else what that is a part of, then the others by closeness and size.

    Examples
    --------
    >>> benchmarks = pd.DataFrame({
    ...     "study": ["he_2020", "petri_2010", "tulip"], "arm": ["placebo", "monthly", "placebo"],
    ...     "outcome": ["sri4", "complete_response", "sri4"], "week": [12, 26, 52],
    ...     "timing": "at", "treatment": ["standard_care", "cyclophosphamide_based",
    ...     "standard_care"], "closeness": ["A", "A", "C"], "matches": ["wang_x_2025", None, None],
    ...     "n": [30, 26, 366], "rate": [0.3, 0.346, 0.402]})
    >>> trials = pd.DataFrame({"study": ["wang_x_2025"], "outcome": "sri4", "week": 13,
    ...                        "timing": "at"})
    >>> nearest_benchmarks(benchmarks, trials, most=2)["study"].tolist()
    ['he_2020', 'petri_2010']
    """
    relations = benchmark_relations(trials, benchmarks)
    closeness = _column(benchmarks, "closeness").fillna("D")
    chemotherapy = benchmarks["treatment"].isin(CHEMOTHERAPY) & closeness.eq("A")
    ranked = benchmarks.assign(
        rank=3, closeness_rank=closeness, fewer=-benchmarks["n"].fillna(0).astype(int)
    )
    order = ["closeness_rank", "week", "fewer"]
    ranked.loc[_nearest_placebo(ranked, trials, order), "rank"] = 2
    ranked.loc[chemotherapy, "rank"] = 1
    ranked.loc[relations.eq("same").any(axis=1), "rank"] = 0
    # Of one arm the endpoint that fewest reached, unless another one is a trial's own.
    ranked = ranked.sort_values(["rank", "rate"], kind="stable").drop_duplicates(["study", "arm"])
    first = ranked.sort_values(["rank", *order], kind="stable").index[:most]
    return benchmarks.loc[first].sort_values("rate", kind="stable")


def _nearest_placebo(ranked, trials, order):
    """Of each trial's endpoint, or else of what it is a part of, the nearest standard care."""
    ordered = ranked[ranked["treatment"].eq(CONTROL)].sort_values(order, kind="stable")
    places = []
    for outcome in trials["outcome"]:
        endpoints = _nearest_endpoints(outcome, ordered["outcome"].unique())
        places += ordered.index[ordered["outcome"].isin(endpoints)][:1].tolist()
    return places


def compare_with_benchmarks(
    rows: pd.DataFrame, *, confidence_level: float = 0.95, berger_boos: float = BERGER_BOOS
) -> pd.DataFrame:
    """Compare counts of a trial with counts of a benchmark, each as a named quantity.

    Parameters
    ----------
    rows : DataFrame
        Columns ``label``, ``events``, ``n`` of the trial and ``benchmark``, ``events_b``,
        ``n_b`` of the benchmark.
    confidence_level : float
        Of all intervals.
    berger_boos : float
        As for `lupuscart.stats.comparison.risk_difference_ci`, of the restricted limits.

    Returns
    -------
    DataFrame
        ``difference`` with exact limits (Chan-Zhang) twice: ``low`` and ``high`` over every
        rate that both groups might have, ``near_low`` and ``near_high`` over those that their
        own counts leave possible (Berger and Boos); ``p_boschloo``, one-sided, restricted in
        the same way; ``ratio`` with Koopman's score limits. Where the two groups are too large
        for exact inference, its results are missing. Without rows where `rows` has none.
    """
    compared = [
        {
            "label": row.label,
            "benchmark": row.benchmark,
            **_compare(row, confidence_level, berger_boos),
        }
        for row in rows.itertuples()
    ]
    columns = ["label", "benchmark", "difference", *_EXACT, "ratio", "ratio_low", "ratio_high"]
    return pd.DataFrame(compared, columns=columns)


def _compare(row, confidence_level, berger_boos):
    counts = int(row.events), int(row.n), int(row.events_b), int(row.n_b)
    ratio = ratio_to_benchmark(*counts, confidence_level=confidence_level)
    return {
        "difference": counts[0] / counts[1] - counts[2] / counts[3],
        **_compare_exactly(counts, confidence_level, berger_boos),
        "ratio": ratio.ratio,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
    }


def _compare_exactly(counts, confidence_level, berger_boos):
    """Exact limits and p; missing for a pair of groups that is too large."""
    if not fits_exact_methods(counts[1], counts[3]):
        return dict.fromkeys(_EXACT, np.nan)
    level = {"confidence_level": confidence_level}
    every = risk_difference_ci(*counts, **level)
    near = risk_difference_ci(*counts, **level, berger_boos=berger_boos)
    p = exact_test(*counts, alternative="greater", berger_boos=berger_boos)
    return dict(zip(_EXACT, (*every, *near, p), strict=True))
