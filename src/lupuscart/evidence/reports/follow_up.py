"""How long the patients of each report were followed, what was in remission when, and who flared.

Vocabulary: a *row* is one of ``follow_up.csv``, a cohort or a patient. A report is *nested* in
another that counts its patients again. Of each row the *state* is the strictest response endpoint
of its report that was counted at a known week. All times are in months here, whatever the unit.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lupuscart.data.dictionary import MONTHS
from lupuscart.data.rules import person_time
from lupuscart.data.tables import with_studies
from lupuscart.evidence.endpoints import CYTOPENIAS, response_endpoints
from lupuscart.stats.follow_up import event_free_ci, event_rate_ci

__all__ = [
    "complete_cohorts",
    "flare_rates",
    "followed",
    "harm_rates",
    "nested",
    "states",
]

_LENGTHS = ("median", "minimum", "maximum", "mean", "at_least")

# The strictest first; others of the tables follow in their order.
_STRICTEST = ("drug_free_remission", "doris", "lldas_and_doris", "lldas", "sri4")

# Over within weeks: a rate over years says nothing of them.
_EARLY = ("crs_", "icans_", "licats_", "dlt", *CYTOPENIAS)
# No harm, but an event after which a patient is no longer observed.
_NO_HARM = ("withdrawal", "flare")


def followed(follow_up: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of follow-up that have a length or a flare, in months and person-years.

    Parameters
    ----------
    follow_up, studies : DataFrame
        As loaded, `studies` with what its rows are to be called.

    Returns
    -------
    DataFrame
        The columns of both; ``median_m``, ``minimum_m``, ``maximum_m``, ``mean_m``,
        ``at_least_m`` and ``relapse_m`` in months; ``low_years`` and ``high_years``, the sharp
        bounds of the person-time: missing where ``n`` is, 0 and infinite where nothing bounds it.

    Examples
    --------
    >>> from lupuscart.data import tables
    >>> follow_up, studies = (
    ...     load("data/trials.csv") for load in (tables.load_follow_up, tables.load_studies)
    ... )
    >>> rows = followed(follow_up, studies).set_index("study")
    >>> rows.loc["gc012f_2025", ["low_years", "high_years"]].astype(float).round(2).tolist()
    [11.49, 13.76]
    """
    rows = with_studies(follow_up, studies)
    months = rows["time_unit"].map(MONTHS).astype(float)
    for name in _LENGTHS:
        rows[f"{name}_m"] = rows[name].astype(float) * months
    rows["relapse_m"] = rows["relapse_week"].astype(float) * MONTHS["weeks"]
    times = [_person_time(row) for _, row in rows.iterrows()]
    rows[["low_years", "high_years"]] = np.array(times, dtype=float).reshape(-1, 2)
    known = rows[[*(f"{name}_m" for name in _LENGTHS), "relapse_m"]].notna().any(axis=1)
    return rows[known].reset_index(drop=True)


def _person_time(row):
    if pd.isna(row["n"]):
        return np.nan, np.nan
    # Without a length the unit does not matter: nothing is known.
    unit = "years" if pd.isna(row["time_unit"]) else row["time_unit"]
    time = person_time(row.where(row.index != "time_unit", unit))
    return time.low, time.high


def flare_rates(rows: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return the rate of flares of each row whose count and person-time are known.

    Parameters
    ----------
    rows : DataFrame
        From `followed`.
    confidence_level : float
        Of the two-sided limits, of the one-sided ``upper`` and of mid-P.

    Returns
    -------
    DataFrame
        Rows with ``low`` and ``high`` (flares a patient-year, Garwood, the widest over the bounds
        of the person-time), ``upper``, ``mid_low``, ``mid_high``, and ``free_low`` and
        ``free_high``: free of a flare after a year at a constant rate.

    Examples
    --------
    >>> row = {"relapses": 1, "low_years": 11.49, "high_years": 13.76}
    >>> rates = flare_rates(pd.DataFrame([row]), confidence_level=0.95)
    >>> rates[["low", "high", "free_low", "free_high"]].round(4).values.tolist()
    [[0.0018, 0.4849, 0.6158, 0.9982]]
    """
    known = rows[rows["relapses"].notna() & rows["low_years"].gt(0)].copy()
    given = [known[name].to_numpy() for name in ("relapses", "low_years", "high_years")]
    given[0] = given[0].astype(int)
    level = {"confidence_level": confidence_level}
    known["low"], known["high"] = event_rate_ci(*given, **level)
    known["upper"] = event_rate_ci(*given, **level, bound="upper")[1]
    known["mid_low"], known["mid_high"] = event_rate_ci(*given, **level, method="mid-p")
    known["free_low"], known["free_high"] = event_free_ci(*given, **level)
    return known


def nested(rows: pd.DataFrame) -> pd.Series:
    """Return how many other reports among `rows` count the patients of each again.

    Parameters
    ----------
    rows : DataFrame
        Columns ``study`` and ``contains``.

    Examples
    --------
    >>> rows = pd.DataFrame({"study": ["a", "b", "c"], "contains": ["b c", "c", None]})
    >>> nested(rows).tolist()
    [0, 1, 2]
    """
    contains = {
        study: set(inner.split()) - {study}
        for study, inner in zip(rows["study"], rows["contains"], strict=True)
        if isinstance(inner, str)
    }
    return rows["study"].map(lambda study: sum(study in inner for inner in contains.values()))


def states(trials: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return how many were in the strictest state that each row counts at known weeks.

    Parameters
    ----------
    trials : DataFrame
        Reported outcomes.
    rows : DataFrame
        From `followed`.

    Returns
    -------
    DataFrame
        ``row`` (the label in the index of `rows`), ``outcome``, ``month``, ``week``, ``timing``,
        ``events``, ``n``, ``read_in``, in the order of time; the index is that of `trials`.

    Examples
    --------
    >>> trials = pd.DataFrame({"study": "a", "cohort": "all", "statistic": "count",
    ...     "outcome": ["sri4", "doris", "doris"], "week": [12, 26, 52], "timing": "at",
    ...     "events": [5, 3, 2], "n": 5, "read_in": "primary"})
    >>> rows = pd.DataFrame({"study": ["a"], "cohort": ["all"]})
    >>> states(trials, rows)[["outcome", "month", "events"]].values.tolist()
    [['doris', 6.0, 3], ['doris', 12.0, 2]]
    """
    endpoints = dict.fromkeys([*_STRICTEST, *response_endpoints()])
    # At a median follow-up is at no one time.
    dated = trials["statistic"].eq("count") & trials["week"].notna()
    dated &= trials["outcome"].isin(endpoints) & ~trials["timing"].eq("median_followup")
    names = ["row", "outcome", "month", "week", "timing", "events", "n", "read_in"]
    facts = [name for name in names if name not in ("row", "month")]
    counts = dict(iter(trials.loc[dated, ["study", "cohort", *facts]].groupby(["study", "cohort"])))
    found = []
    for place, *cohort in zip(rows.index, rows["study"], rows["cohort"], strict=True):
        there = counts.get(tuple(cohort))
        if there is not None:
            strictest = min(there["outcome"], key=list(endpoints).index)
            found.append(there[there["outcome"].eq(strictest)].assign(row=place))
    if not found:
        return pd.DataFrame(columns=names)
    table = pd.concat(found)
    table["month"] = table["week"].astype(float) * MONTHS["weeks"]
    return table.sort_values(["row", "month"], kind="stable")[names]


def harm_rates(harms: pd.DataFrame, rows: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return patients with a late harm a patient-year, where the follow-up is that of the count.

    Parameters
    ----------
    harms : DataFrame
        Counts of harms, any columns beside ``study``, ``cohort``, ``outcome``, ``timing``,
        ``events``, ``n``.
    rows : DataFrame
        From `followed`.
    confidence_level : float
        Of the two-sided limits and of the one-sided ``upper``.

    Returns
    -------
    DataFrame
        The counts over the whole follow-up of as many patients of the same cohort, with
        ``low_years``, ``high_years``, ``low``, ``high`` and ``upper``. What is over within weeks
        (CRS, ICANS, dose-limiting toxicity, cytopenia of the lymphodepletion) is left out.
    """
    whole = harms[harms["timing"].eq("during_followup")]
    whole = whole[~whole["outcome"].str.startswith(_EARLY) & ~whole["outcome"].isin(_NO_HARM)]
    times = rows.loc[rows["low_years"].gt(0), ["study", "cohort", "n", "low_years", "high_years"]]
    found = whole.merge(times.dropna(), on=["study", "cohort", "n"], how="inner")
    given = [found[name].to_numpy() for name in ("events", "low_years", "high_years")]
    given[0] = given[0].astype(int)
    level = {"confidence_level": confidence_level}
    found["low"], found["high"] = event_rate_ci(*given, **level)
    found["upper"] = event_rate_ci(*given, **level, bound="upper")[1]
    return found


def complete_cohorts(
    patients: pd.DataFrame, rows: pd.DataFrame, studies: pd.DataFrame
) -> Sequence[pd.DataFrame]:
    """Return the patients of each cohort that has a time for every one of them.

    Parameters
    ----------
    patients : DataFrame
        The table of single patients' times.
    rows : DataFrame
        From `followed`.
    studies : DataFrame
        The table of studies, with what its rows are to be called.

    Returns
    -------
    list of DataFrame
        With the facts of their studies and ``months``. How many a cohort has stands in its row of
        follow-up or, for all patients, in ``n_treated``; where neither says it, none is complete.
        A curve of chosen patients shows who chose them.
    """
    complete = []
    for (study, cohort), there in patients.groupby(["study", "cohort"], sort=False):
        sizes = rows.loc[rows["study"].eq(study) & rows["cohort"].eq(cohort), "n"]
        if cohort == "all":
            sizes = [*sizes, *studies.loc[studies["study"].eq(study), "n_treated"]]
        known = [int(size) for size in sizes if pd.notna(size)]
        if known and len(there) >= max(known):
            months = there["time"].astype(float) * there["time_unit"].map(MONTHS).astype(float)
            complete.append(with_studies(there.assign(months=months), studies))
    return complete
