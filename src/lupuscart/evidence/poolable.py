"""Which reports of one endpoint may be pooled: no patient twice, no endpoint mixed.

Vocabulary: a *report* is a study of the tables; reports of one *programme* share patients,
and reports of different programmes may *overlap*. A report *gives way* to a *rival* that is
kept instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lupuscart import arguments
from lupuscart.evidence.endpoints import response_endpoints

__all__ = ["Poolable", "most_reported", "poolable"]

_TRIAL_COLUMNS = ("study", "cohort", "outcome", "week", "timing", "statistic", "events", "n")
# A kind that no row has is no mistake: a table need not hold every kind.
TIMINGS = (
    "at",
    "by",
    "after_at_least",
    "median_followup",
    "during_followup",
    "last_visit",
    "not_reported",
)
_STUDY_COLUMNS = ("study", "programme", "overlaps_with")


@dataclass(frozen=True, eq=False)
class Poolable:
    """The reports of one endpoint that may be pooled, and those that may not.

    Attributes
    ----------
    kept : pandas.DataFrame
        The rows of `trials` to pool, in their order, with the column `programme`; `events`
        and `n` are int64.
    left_out : pandas.DataFrame
        Every other row of the endpoint, with the columns `programme`, `reason` (a code, see
        `poolable`) and `in_favour_of` (the study kept instead, or empty).
    """

    kept: pd.DataFrame
    left_out: pd.DataFrame


def poolable(
    trials: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    outcome: str,
    week: float,
    window: int | None = None,
    timings: Sequence[str] | None = None,
) -> Poolable:
    """Choose the reports of one endpoint that may be pooled, and say why each other may not.

    Parameters
    ----------
    trials : pandas.DataFrame
        One row a reported outcome: `study`, `cohort`, `outcome`, `week`, `timing`,
        `statistic`, `events`, `n`.
    studies : pandas.DataFrame
        One row a report: `study`, `programme`, `overlaps_with` (names of studies that may
        share patients, separated by blanks), and `contains` (those whose patients are all
        among its own) where the table has it.
    outcome : str
        One endpoint. Endpoints are not interchangeable: two are refused.
    week : float
        The week of interest, counted from treatment.
    window : int, optional
        Leave out reports more than this many weeks from `week`.
    timings : sequence of str, optional
        Leave out reports whose `timing` is another, as in ``["at", "by"]``: "by week 12"
        and "at month 3" are not the same window.

    Returns
    -------
    Poolable

    Raises
    ------
    ValueError
        If a column is missing, `outcome` is several or unknown, a study of the endpoint is
        not in `studies`, or another argument is not one of those allowed.

    Notes
    -----
    One row is kept of each report and of each programme, and none beside a report it
    overlaps (`overlaps_with` read in either direction): the row nearest to `week`; of two
    as near the larger; of two as large the earlier. The nearest of all is chosen first, so
    a row gives way only to one that is itself kept. A study without a programme is one of
    its own. The first reason that applies is given:

    ``not_a_count``           a mean, a median or the like, or events of an unknown number
    ``no_denominator``        events or n not reported
    ``no_stated_week``        week not reported
    ``timing_not_asked_for``  timing not among `timings`
    ``outside_window``        more than `window` weeks from `week`
    ``same_report``           another week or cohort of the same report is kept
    ``same_programme``        another report of the programme is kept
    ``overlapping_report``    a report that may share patients is kept

    Examples
    --------
    >>> trials = pd.DataFrame(
    ...     {
    ...         "study": ["first", "second", "third"],
    ...         "cohort": "all",
    ...         "outcome": "doris",
    ...         "week": [13, 26, None],
    ...         "timing": ["at", "at", "not_reported"],
    ...         "statistic": "count",
    ...         "events": [5, 8, 3],
    ...         "n": [5, 8, 4],
    ...     }
    ... )
    >>> studies = pd.DataFrame(
    ...     {
    ...         "study": ["first", "second", "third"],
    ...         "programme": ["one", "one", "two"],
    ...         "overlaps_with": ["second", "first", None],
    ...     }
    ... )
    >>> chosen = poolable(trials, studies, outcome="doris", week=24)
    >>> chosen.kept[["study", "events", "n"]]
        study  events  n
    0  second       8  8
    >>> chosen.left_out[["study", "reason", "in_favour_of"]].to_dict("records")[0]
    {'study': 'first', 'reason': 'same_programme', 'in_favour_of': 'second'}
    """
    _check_columns("trials", trials, _TRIAL_COLUMNS)
    _check_columns("studies", studies, _STUDY_COLUMNS)
    rows = _rows_of(trials, outcome)
    programmes, overlaps = _relations(rows["study"], studies)
    rows = _in_reading_order(rows, studies)
    rows["programme"] = rows["study"].map(programmes)
    numbers = rows[["week", "events", "n"]].apply(pd.to_numeric, errors="coerce").astype(float)
    distance = (numbers["week"] - arguments.check_positive("week", week)).abs()
    unfit = {
        "not_a_count": rows["statistic"].ne("count"),
        "no_denominator": numbers[["events", "n"]].isna().any(axis=1),
        "no_stated_week": numbers["week"].isna(),
        "timing_not_asked_for": ~rows["timing"].isin(_asked_for(timings, trials)),
        "outside_window": distance > _width(window),
    }
    rows["reason"] = np.select(list(unfit.values()), list(unfit), default="")
    rows["in_favour_of"] = ""
    fit = rows["reason"].eq("")
    preference = pd.DataFrame({"distance": distance, "smaller": -numbers["n"]})
    preference = preference.join(numbers["week"]).join(rows[["study", "cohort"]])[fit]
    chosen: list[str] = []
    for row, study in preference.sort_values(list(preference))["study"].items():
        reason, rival = _gives_way(study, chosen, programmes, overlaps)
        rows.loc[row, ["reason", "in_favour_of"]] = [reason, rival]
        if not rival:
            chosen.append(study)
    is_kept = rows["reason"].eq("")
    kept = rows[is_kept].drop(columns=["reason", "in_favour_of"])
    kept = kept.assign(**numbers.loc[is_kept, ["events", "n"]].astype("int64"))
    return Poolable(kept.reset_index(drop=True), rows[~is_kept].reset_index(drop=True))


def most_reported(trials: pd.DataFrame, studies: pd.DataFrame, *, week: float, window: int) -> str:
    """Return the response endpoint of which most cohorts may be pooled, counted at or by a week.

    Parameters
    ----------
    trials, studies, week, window
        As for `poolable`.

    Returns
    -------
    str
        Of endpoints with as many cohorts the first in reading order.

    Raises
    ------
    ValueError
        If no row counts a response endpoint.

    Examples
    --------
    >>> from lupuscart.data import tables
    >>> trials, studies = (
    ...     load("data/trials.csv") for load in (tables.load_trials, tables.load_studies)
    ... )
    >>> most_reported(trials, studies, week=24, window=13)
    'doris'
    """
    counted = trials.loc[trials["statistic"].eq("count"), "outcome"].unique()
    endpoints = [outcome for outcome in response_endpoints() if outcome in counted]
    if not endpoints:
        raise ValueError("trials counts no response endpoint; allowed: rows that count one")
    near = {"week": week, "window": window, "timings": ["at", "by"]}

    def cohorts(outcome: str) -> int:
        return len(poolable(trials, studies, outcome=outcome, **near).kept)

    return max(endpoints, key=cohorts)


def _gives_way(study, chosen, programmes, overlaps):
    """Why a study may not stand beside those chosen, and which of them is in its way."""
    for rival in chosen:
        if rival == study:
            return "same_report", rival
        if programmes[rival] == programmes[study]:
            return "same_programme", rival
        if rival in overlaps[study] or study in overlaps[rival]:
            return "overlapping_report", rival
    return "", ""


def _rows_of(trials, outcome):
    if not isinstance(outcome, str):
        raise ValueError(
            f"outcome is {outcome!r}; allowed: one endpoint, since endpoints are not "
            "interchangeable and two are never pooled"
        )
    known = sorted(trials["outcome"].dropna().unique())
    arguments.check_choice("outcome", outcome, known)
    return trials[trials["outcome"].eq(outcome)].reset_index(drop=True)


def _in_reading_order(rows, studies):
    """Studies as their table has them, then cohort and week: the order in the file says nothing."""
    rank = rows["study"].map({study: rank for rank, study in enumerate(studies["study"])})
    week = pd.to_numeric(rows["week"], errors="coerce").astype(float)
    keys = pd.DataFrame({"rank": rank, "cohort": rows["cohort"], "week": week})
    return rows.loc[keys.sort_values([*keys], kind="stable").index].reset_index(drop=True)


def _relations(names, studies):
    """Programme of each study, and the studies it names as overlapping."""
    unknown = sorted(set(names) - set(studies["study"]))
    if unknown:
        raise ValueError(
            f"trials names the study {unknown[0]!r}; allowed: studies that have a row in `studies`"
        )
    table = studies.drop_duplicates("study").set_index("study")
    programmes = table["programme"].where(table["programme"].notna(), table.index.to_series())
    overlaps = table["overlaps_with"].map(_names)
    if "contains" in table:
        # What is nested in a report shares all its patients with it.
        nested = table["contains"].map(_names)
        overlaps = pd.Series(
            [own | inner for own, inner in zip(overlaps, nested, strict=True)], table.index
        )
    return programmes.to_dict(), overlaps.to_dict()


def _names(text) -> set[str]:
    return set() if pd.isna(text) else set(text.split())


def _check_columns(name, table, columns):
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"{name} has no column {missing[0]!r}; allowed: a table with {', '.join(columns)}"
        )


def _asked_for(timings, trials):
    if timings is None:
        return [*trials["timing"].dropna().unique(), np.nan]
    if isinstance(timings, str):
        raise ValueError(f"timings is {timings!r}; allowed: a list such as [{timings!r}]")
    return [arguments.check_choice("timings", timing, TIMINGS) for timing in timings]


def _width(window):
    return np.inf if window is None else arguments.check_whole("window", window, minimum=0)
