"""Who got which conditioning, and where cohorts with and without it could be compared at all.

Vocabulary: a *regimen* is a level of ``conditioning`` in the studies table. Two regimens
*overlap* where both were used in what is otherwise alike: in one study, or for one endpoint in
one window. Without overlap a difference between regimens is a difference between studies, and
no model separates the two. Empty cells of these tables are the finding. So is how little stands
in the filled ones: overlap in an endpoint and a window leaves product, patients, background
drugs and counting as they are.
"""

import pandas as pd

from lupuscart import arguments
from lupuscart.evidence.endpoints import response_endpoints

__all__ = ["endpoint_overlap", "regimen_summary"]

NOT_REPORTED = "not_reported"


def endpoint_overlap(trials: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return endpoint and window by regimen: the counts of each cohort, empty where none is.

    Parameters
    ----------
    trials : pandas.DataFrame
        ``study``, ``outcome``, ``statistic``, ``week``, ``timing``, ``events``, ``n``; only
        counts of a response endpoint enter.
    studies : pandas.DataFrame
        ``study`` and ``conditioning``.

    Returns
    -------
    pandas.DataFrame
        ``outcome``, ``week``, ``timing`` and a text column for each regimen of a study in
        `trials`: ``"5/5, 8/8"`` for two cohorts, ``""`` for none. A row with more than one
        column filled is the only place where regimens could be compared in one endpoint and
        window. "By week 12" and "at week 12" are two windows; windows without a week may each
        be of any length, so rows of those compare nothing.

    Raises
    ------
    ValueError
        If a table lacks a column or rows, a study is not in `studies`, or no row counts a
        response endpoint.

    Examples
    --------
    >>> trials = pd.DataFrame({"study": ["a", "b", "c"], "outcome": "sri4", "week": [12, 24, 24],
    ...     "statistic": "count", "timing": "at", "events": [3, 5, 8], "n": [4, 5, 8]})
    >>> studies = pd.DataFrame({"study": ["a", "b", "c"],
    ...                         "conditioning": ["none", "flu+cy", "flu+cy"]})
    >>> endpoint_overlap(trials, studies)  # doctest: +NORMALIZE_WHITESPACE
      outcome  week timing none    flu+cy
    0    sri4    12     at  3/4
    1    sri4    24     at       5/5, 8/8
    """
    window = ["outcome", "week", "timing"]
    _check_columns("trials", trials, [*window, "statistic", "events", "n"])
    shown = _studies_shown(trials, studies)
    counts = _response_counts(trials)
    if counts.empty:
        raise ValueError(
            f"trials counts no response endpoint; allowed: {', '.join(response_endpoints())}"
        )
    counts = counts.assign(
        conditioning=counts["study"].map(shown.set_index("study")["conditioning"]),
        cell=_whole(counts["events"]) + "/" + _whole(counts["n"]),
    )
    cells = counts.groupby([*window, "conditioning"], dropna=False)["cell"].agg(", ".join)
    # Not pivot_table: that drops the windows without a week.
    table = cells.unstack("conditioning", fill_value="")  # noqa: PD010
    table = table.reindex(columns=shown["conditioning"].unique(), fill_value="")
    table = table.rename_axis(columns=None).reset_index()
    rank = table["outcome"].map(response_endpoints().index)
    order = table.assign(outcome=rank).sort_values(window, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def regimen_summary(trials: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each regimen: how many studies, products and patients stand behind it.

    Parameters
    ----------
    trials : pandas.DataFrame
        ``study``, ``outcome``, ``statistic``, ``read_in``; the studies that have a row here
        are counted.
    studies : pandas.DataFrame
        ``study``, ``conditioning``, ``product`` and ``n_treated``.

    Returns
    -------
    pandas.DataFrame
        ``conditioning``; ``studies`` and ``products``, their numbers; ``treated_at_most``, the
        patients of all reports, some perhaps in two, missing where a report does not say;
        ``counts``, how many response endpoints were counted, and ``counts_read_in_primary``,
        how many of these in a primary source.

    Raises
    ------
    ValueError
        If a table lacks a column or rows, or a study is not in `studies`.

    Examples
    --------
    >>> trials = pd.DataFrame({"study": ["a", "b"], "outcome": ["sri4", "flare"],
    ...                        "statistic": "count", "read_in": ["primary", "secondary"]})
    >>> studies = pd.DataFrame({"study": ["a", "b"], "conditioning": ["flu+cy", "none"],
    ...                         "product": ["x", "y"], "n_treated": [15, 5]})
    >>> regimen_summary(trials, studies).iloc[:, 1:]
       studies  products  treated_at_most  counts  counts_read_in_primary
    0        1         1               15       1                       1
    1        1         1                5       0                       0
    """
    _check_columns("trials", trials, ["outcome", "statistic", "read_in"])
    shown = _studies_shown(trials, studies, "product", "n_treated")
    counts = _response_counts(trials)
    primary = counts.loc[counts["read_in"] == "primary", "study"]
    shown = shown.assign(
        counts=shown["study"].map(counts["study"].value_counts()).fillna(0).astype(int),
        primary=shown["study"].map(primary.value_counts()).fillna(0).astype(int),
    )
    return (
        shown.groupby("conditioning", sort=False)
        .agg(
            studies=("study", "size"),
            products=("product", "nunique"),
            # Of a report that does not say how many were treated, no upper bound follows.
            treated_at_most=("n_treated", lambda treated: treated.sum(skipna=False)),
            counts=("counts", "sum"),
            counts_read_in_primary=("primary", "sum"),
        )
        .reset_index()
    )


def _studies_shown(trials, studies, *columns) -> pd.DataFrame:
    """Return the studies that have a row in `trials`; a regimen not stated gets a name."""
    _check_columns("trials", trials, ["study"])
    _check_columns("studies", studies, ["study", "conditioning", *columns])
    for study in trials["study"].unique():
        arguments.check_choice("study", study, studies["study"])
    shown = studies.loc[studies["study"].isin(trials["study"])].copy()
    if "n_treated" in columns:
        shown["n_treated"] = shown["n_treated"].astype("Int64")
    return shown.assign(conditioning=shown["conditioning"].fillna(NOT_REPORTED))


def _response_counts(trials) -> pd.DataFrame:
    is_response = trials["outcome"].isin(response_endpoints())
    return trials[is_response & (trials["statistic"] == "count")]


def _whole(counts) -> pd.Series:
    # A column of counts with a gap may be stored as 12.0.
    return counts.astype("Int64").astype(str)


def _check_columns(name, table, columns):
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"{name} is {type(table).__name__}; allowed: a pandas DataFrame")
    missing = [each for each in columns if each not in table]
    if missing:
        raise ValueError(f"{name} has no column {missing[0]!r}; allowed: a table that has it")
    if table.empty:
        raise ValueError(f"{name} has no rows; allowed: at least one")
