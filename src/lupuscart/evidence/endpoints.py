"""Which outcomes are response endpoints, which are harms, and which report enters a picture.

A response endpoint is a composite or a validated state (SRI-4, LLDAS, DORIS) or a
renal response. A fall in a score, a sponsor's "clinical response" and being off
drugs are none of these: they never share a panel with one. ``is_response`` of
``outcomes.csv`` says which outcome is one.
"""

from dataclasses import dataclass

import pandas as pd

from lupuscart.data import outcomes

__all__ = [
    "CYTOPENIAS",
    "Chosen",
    "by_endpoint",
    "choose_reports",
    "harms",
    "one_per_study",
    "response_endpoints",
]

# What a reader asks about first, in the reading order of a figure.
_HARMS = (
    "crs_grade3plus",
    "icans_any",
    "icans_grade3plus",
    "gvhd",
    "treatment_related_death",
    "infection_grade3plus",
    "severe_infection",
    "serious_infection",
    "infection_hospital",
    "fatal_infection",
    "severe_adverse_event",
    "hepatotoxicity_grade3plus",
    "licats_grade3plus",
)

# Expected after lymphodepletion: without its timing no case can be attributed.
CYTOPENIAS = (
    "neutropenia_grade3plus",
    "thrombocytopenia_grade3plus",
    "anaemia_grade3plus",
    "cytopenia_grade3plus",
)


def response_endpoints() -> tuple[str, ...]:
    """Return the response endpoints of the outcomes in use, in reading order.

    Examples
    --------
    >>> response_endpoints()[:3]
    ('sri4', 'bicla', 'lldas')
    """
    return outcomes.codes_of(response=True)


def harms() -> tuple[str, ...]:
    """Return the harms that a reader asks about first, then those a folder defines itself.

    Examples
    --------
    >>> harms()[:2]
    ('crs_grade3plus', 'icans_any')
    """
    own = outcomes.current().own
    return (*_HARMS, *(code for code in outcomes.codes_of(domain="safety") if code in own))


@dataclass(frozen=True)
class Chosen:
    """The rows that enter, and those left out, each with the code of its reason."""

    kept: pd.DataFrame
    left_out: pd.DataFrame


def choose_reports(trials: pd.DataFrame) -> Chosen:
    """Choose one report a cohort and endpoint: the earliest, response endpoints first.

    Parameters
    ----------
    trials : DataFrame
        Rows of the trials table: ``study``, ``cohort``, ``outcome``, ``domain``,
        ``statistic``, ``week``.

    Returns
    -------
    Chosen
        ``kept`` has a column ``is_response``. ``left_out`` has a column ``reason``:
        ``later_report`` (the same patients and endpoint at a later time),
        ``not_response`` (no response endpoint, and the study reports one). Rows that
        are no counts of efficacy are not candidates and are in neither.

    Raises
    ------
    ValueError
        If no row is a count of efficacy.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "study": "a", "cohort": "all", "outcome": ["sri4", "sri4", "qol_improved"],
    ...     "domain": "efficacy", "statistic": "count", "week": [13, 26, 26]})
    >>> chosen = choose_reports(rows)
    >>> chosen.kept["week"].tolist(), chosen.left_out["reason"].tolist()
    ([13], ['later_report', 'not_response'])
    """
    counts = trials[(trials["domain"] == "efficacy") & (trials["statistic"] == "count")]
    if counts.empty:
        raise ValueError("no row counts an outcome of efficacy; allowed: at least one such row")
    counts = counts.assign(is_response=counts["outcome"].isin(response_endpoints()))
    has_response = counts.groupby("study")["is_response"].transform("any")
    beside = ~counts["is_response"] & has_response
    # A missing week sorts last, so a report with a stated week goes first.
    in_time = counts.sort_values("week", kind="stable", na_position="last")
    later = in_time.duplicated(["study", "cohort", "outcome"]).reindex(counts.index)
    reason = pd.Series("", index=counts.index).mask(later, "later_report")
    reason = reason.mask(beside, "not_response")
    left_out = counts.assign(reason=reason)[reason.ne("")]
    return Chosen(kept=counts[reason.eq("")].copy(), left_out=left_out)


def one_per_study(kept: pd.DataFrame) -> pd.DataFrame:
    """Return one response count a study: the earliest, and of these what fewest reached.

    The same ten patients can meet SRI-4 ten times over and DORIS in five: of several
    endpoints at one time the strictest speaks for the study.

    Parameters
    ----------
    kept : DataFrame
        From `choose_reports`: ``study``, ``week``, ``events``, ``is_response``.

    Returns
    -------
    DataFrame
        At most one row a study, studies in their order.

    Raises
    ------
    ValueError
        If no row counts a response endpoint.

    Examples
    --------
    >>> kept = pd.DataFrame({"study": "gc012f", "outcome": ["sri4", "doris"], "week": 24,
    ...                      "events": [10, 5], "is_response": True})
    >>> one_per_study(kept)["outcome"].tolist()
    ['doris']
    """
    responses = kept[kept["is_response"]]
    if responses.empty:
        studies = ", ".join(dict.fromkeys(kept["study"]))
        raise ValueError(
            f"{studies} counts no response endpoint; allowed: a study that counts one of "
            f"{', '.join(response_endpoints())}"
        )
    strictest = responses.sort_values(["week", "events"], kind="stable", na_position="last")
    return responses.loc[strictest.drop_duplicates("study").index.sort_values()]


def by_endpoint(table: pd.DataFrame, *, outcomes: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Return the rows of these outcomes, those of one outcome together, in their order.

    Parameters
    ----------
    table : DataFrame
        A column ``outcome``.
    outcomes : tuple of str, optional
        The response endpoints by default.

    Examples
    --------
    >>> by_endpoint(pd.DataFrame({"outcome": ["doris", "sri4", "doris"]}))["outcome"].tolist()
    ['sri4', 'doris', 'doris']
    """
    wanted = response_endpoints() if outcomes is None else tuple(outcomes)
    rows = table[table["outcome"].isin(wanted)]
    order = rows["outcome"].map(wanted.index)
    return rows.loc[order.sort_values(kind="stable").index]
