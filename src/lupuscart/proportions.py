"""One proportion: k responders of n patients, and what they can tell of the true rate.

The front door of one-proportion inference: intervals and bounds (`proportion_ci` and its
methods), what they really cover, posteriors and predictions, and a table of counts with
the interval of each row.
"""

import pandas as pd

from lupuscart import checks
from lupuscart.coverage import any_full_cohort, compatible_rates, coverage_probability
from lupuscart.intervals import METHODS, ci_label, n_to_exclude, proportion_ci, zero_event_bound
from lupuscart.posteriors import (
    PRIORS,
    Posterior,
    posterior,
    predictive,
    prior_sensitivity,
)

__all__ = [
    "METHODS",
    "PRIORS",
    "Posterior",
    "any_full_cohort",
    "ci_label",
    "compatible_rates",
    "coverage_probability",
    "n_to_exclude",
    "posterior",
    "predictive",
    "prior_sensitivity",
    "proportion_ci",
    "response_proportions",
    "zero_event_bound",
]


def response_proportions(
    trials: pd.DataFrame,
    *,
    confidence_level: float = 0.95,
    method: str = "clopper-pearson",
    bound: str = "two-sided",
) -> pd.DataFrame:
    """Return a table of counts with the rate of each row and its interval.

    Parameters
    ----------
    trials : pandas.DataFrame
        One reported count a row: columns ``events``, ``n`` and ``statistic``, which must be
        ``"count"``; other columns are kept as they are.
    confidence_level, method, bound
        As for `proportion_ci`.

    Returns
    -------
    pandas.DataFrame
        A copy with the columns ``rate`` (events / n), ``low`` and ``high``, on 0 to 1.

    Raises
    ------
    ValueError
        If the table has no rows or lacks a column, or a row is not a count or not a possible one.

    Examples
    --------
    >>> trials = pd.DataFrame({"statistic": "count", "events": [12, 5], "n": [15, 5]})
    >>> response_proportions(trials).round(3)
      statistic  events   n  rate    low   high
    0     count      12  15   0.8  0.519  0.957
    1     count       5   5   1.0  0.478  1.000
    """
    _check_count_rows(trials)
    events, n = checks.check_counts(trials["events"], trials["n"], names=("events", "n"))
    low, high = proportion_ci(
        events, n, confidence_level=confidence_level, method=method, bound=bound
    )
    return trials.assign(rate=events / n, low=low, high=high)


def _check_count_rows(trials):
    if not isinstance(trials, pd.DataFrame):
        raise ValueError(f"trials is {type(trials).__name__}; allowed: a pandas DataFrame")
    missing = [name for name in ("events", "n", "statistic") if name not in trials.columns]
    if missing:
        raise ValueError(
            f"trials has no column {', '.join(missing)}; allowed: a table with the columns "
            "events, n and statistic"
        )
    if trials.empty:
        raise ValueError("trials has no rows; allowed: a table of one row or more")
    others = trials[trials["statistic"] != "count"]
    if len(others):
        row = others.iloc[0]
        where = ", ".join(f"{key} {row[key]!r}" for key in ("study", "outcome") if key in row)
        raise ValueError(
            f"statistic is {row['statistic']!r} ({where or f'row {others.index[0]!r}'}); "
            "allowed: rows whose statistic is 'count'"
        )
