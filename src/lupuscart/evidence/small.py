"""Tables of how far a small count moves: by the true rate, the prior, the denominator, luck.

``counts`` is a table with ``label``, ``events`` and ``n``, one row a count.
"""

import pandas as pd

from lupuscart.stats.beta import prior_sensitivity
from lupuscart.stats.coverage import compatible_rates
from lupuscart.stats.proportion import proportion_ci

__all__ = ["compatible", "never_infused", "one_fewer", "priors"]

_COUNT = ["label", "events", "n"]


def compatible(counts: pd.DataFrame, rates) -> pd.DataFrame:
    """Return the probability of a result at least as good, a column a true rate.

    Examples
    --------
    >>> counts = pd.DataFrame({"label": ["Wang X"], "events": [5], "n": [5]})
    >>> compatible(counts, [0.5, 0.8]).round(3)
    rate   label    0.5    0.8
    0     Wang X  0.031  0.328
    """
    tables = [
        compatible_rates(row.events, row.n, rates).assign(label=row.label)
        for row in counts.itertuples()
    ]
    return pd.concat(tables).pivot_table("probability", "label", "rate", sort=False).reset_index()


def priors(counts: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return what several priors make of each count; see `lupuscart.stats.beta`."""
    level = {"confidence_level": confidence_level}
    tables = [
        prior_sensitivity(row.events, row.n, **level).assign(label=row.label)
        for row in counts.itertuples()
    ]
    table = pd.concat(tables).set_index("label").reset_index()
    return table.rename(columns={"mean": "posterior_mean"})


def never_infused(counts: pd.DataFrame, numbers, *, confidence_level: float) -> pd.DataFrame:
    """Return each count with so many patients more, none of whom responded.

    Examples
    --------
    >>> counts = pd.DataFrame({"label": ["Wang X"], "events": [5], "n": [5]})
    >>> never_infused(counts, [0, 1], confidence_level=0.95)[["n", "rate", "low"]].round(3)
       n   rate    low
    0  5  1.000  0.478
    1  6  0.833  0.359
    """
    more = pd.DataFrame({"enrolled_never_infused": list(numbers)})
    table = counts[_COUNT].merge(more, how="cross")
    table["n"] += table["enrolled_never_infused"]
    return _with_limits(table.assign(rate=table["events"] / table["n"]), confidence_level)


def one_fewer(counts: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return each count as reported, and with one responder fewer where there is one.

    Examples
    --------
    >>> counts = pd.DataFrame({"label": ["A", "B"], "events": [5, 0], "n": [5, 3]})
    >>> one_fewer(counts, confidence_level=0.95)[["change_made", "label", "events"]]
       change_made label  events
    0  as_reported     A       5
    1  as_reported     B       0
    2     one_more     A       4
    """
    reported = counts[_COUNT]
    moved = reported[reported["events"] > 0].assign(events=lambda rows: rows["events"] - 1)
    both = pd.concat({"as_reported": reported, "one_more": moved})
    both = both.reset_index(level=0, names="change_made").reset_index(drop=True)
    return _with_limits(both, confidence_level)


def _with_limits(table, confidence_level):
    low, high = proportion_ci(table["events"], table["n"], confidence_level=confidence_level)
    return table.assign(low=low, high=high)
