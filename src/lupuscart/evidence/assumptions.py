"""Tables of counts under an assumption: what they are compatible with, what the cells add.

A table of counts has ``label``, ``events`` and ``n``, one row a trial. The true rate, the prior,
the patients never infused and the rate without the cells are assumed: none is an estimate.
"""

import pandas as pd

from lupuscart.stats.background import (
    added_response,
    finite_control_tipping,
    tipping_rate,
)
from lupuscart.stats.background import belief_table as belief_of_one
from lupuscart.stats.beta import prior_sensitivity
from lupuscart.stats.coverage import compatible_rates
from lupuscart.stats.proportion import proportion_ci

__all__ = [
    "added_table",
    "belief_table",
    "compatible",
    "control_table",
    "never_infused",
    "one_fewer",
    "priors",
    "tipping_by_method",
]

# Methods whose lower limit is compared; Wald's has no width for a full cohort.
_METHODS = ("clopper-pearson", "blaker", "mid-p", "wilson", "jeffreys")


def added_table(trials: pd.DataFrame, rates, *, confidence_level: float, method: str):
    """Return the added response of each trial over assumed rates without the cells.

    Parameters
    ----------
    trials : DataFrame
        Counts.
    rates : array-like
        Assumed response rates without the cells, 0 to 1.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.

    Returns
    -------
    DataFrame
        ``label`` and the columns of `lupuscart.stats.background.AddedResponse`; ``share`` and
        ``independent`` are missing where the cells would add less than nothing.

    Examples
    --------
    >>> trials = pd.DataFrame({"label": ["Feng"], "events": [12], "n": [15]})
    >>> table = added_table(trials, [0.4, 0.9], confidence_level=0.95, method="clopper-pearson")
    >>> table[["label", "background_rate", "increment", "low", "high", "share"]].round(3)
      label  background_rate  increment    low   high  share
    0  Feng              0.4        0.4  0.119  0.557    0.5
    1  Feng              0.9       -0.1 -0.381  0.057    NaN
    """
    options = {"confidence_level": confidence_level, "method": method}
    table = _one_after_another(
        trials, lambda row: added_response(row.events, row.n, rates, **options).to_frame()
    )
    shares = ["share", "independent"]
    return table.assign(**table[shares].mask(table["increment"] < 0))


def tipping_by_method(trials: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return the tipping rate of each trial by several methods, a column each.

    Examples
    --------
    >>> trials = pd.DataFrame({"label": ["Wang X"], "events": [5], "n": [5]})
    >>> tipping_by_method(trials, confidence_level=0.95)[["label", "blaker", "wilson"]].round(3)
        label  blaker  wilson
    0  Wang X     0.5   0.566
    """
    counts = list(zip(trials["events"], trials["n"], strict=True))
    rates = {
        method: [
            tipping_rate(k, n, confidence_level=confidence_level, method=method) for k, n in counts
        ]
        for method in _METHODS
    }
    return trials[["label", "events", "n"]].assign(**rates)


def control_table(trials: pd.DataFrame, sizes, *, tests=("boschloo", "fisher")) -> pd.DataFrame:
    """Return the most responders among so many controls that would leave a result different.

    Parameters
    ----------
    trials : DataFrame
        Counts.
    sizes : iterable of int
        Sizes of the control group.
    tests : iterable of str
        As for `lupuscart.stats.background.finite_control_tipping`; a column each.

    Examples
    --------
    >>> trials = pd.DataFrame({"label": ["Feng"], "events": [12], "n": [15]})
    >>> control_table(trials, [10, 15])[["controls", "boschloo"]]
       controls  boschloo
    0        10         3
    1        15         6
    """
    controls = pd.DataFrame({"controls": list(sizes)})
    table = trials[["label", "events", "n"]].merge(controls, how="cross")
    for test in tests:
        table[test] = [
            finite_control_tipping(row.events, row.n, row.controls, test=test)
            for row in table.itertuples()
        ]
    return table


def belief_table(trials: pd.DataFrame, beliefs) -> pd.DataFrame:
    """Return what each trial adds to what is believed of the rate without the cells.

    Parameters
    ----------
    trials : DataFrame
        Counts.
    beliefs : iterable of (a, b)
        As for `lupuscart.stats.background.belief_table`.
    """
    return _one_after_another(trials, lambda row: belief_of_one(row.events, row.n, beliefs))


def _one_after_another(trials, table_of):
    tables = [table_of(row).assign(label=row.label) for row in trials.itertuples()]
    return pd.concat(tables, ignore_index=True).set_index("label").reset_index()


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
