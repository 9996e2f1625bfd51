"""What each page needs to have anything to show, and what it says where that is not there.

Vocabulary
----------
need
    a kind of row, named as in ``words.csv`` (``need.response_counts``): without one such row a
    page, or a part of one, has nothing to show.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from lupuscart.arguments import check_choice
from lupuscart.data import outcomes
from lupuscart.evidence.endpoints import harms, response_endpoints
from lupuscart.words.lexicon import word

__all__ = ["NEEDS", "PAGE_NEEDS", "has", "lacking", "pages_of", "without"]


def _counts(trials: pd.DataFrame, domain: str) -> pd.Series:
    return trials["statistic"].eq("count") & _domain(trials).eq(domain)


def _domain(trials: pd.DataFrame) -> pd.Series:
    return trials["outcome"].astype(object).map(outcomes.current().domains)


def _changes(trials: pd.DataFrame) -> pd.Series:
    """Scores of cohorts that have a follow-up, or a printed change."""
    scores = trials[_domain(trials).eq("activity_score")]
    printed = scores["statistic"].isin(["mean_change", "median_change", "largest_fall"])
    keys = [scores[name] for name in ("study", "cohort", "outcome", "statistic")]
    baseline = scores["week"].eq(0).fillna(value=False)
    both = baseline.groupby(keys).transform("any") & ~baseline.groupby(keys).transform("all")
    return (printed | both).reindex(trials.index, fill_value=False)


#: Per need the rows of a trials table that meet it.
NEEDS: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "efficacy_counts": lambda trials: _counts(trials, "efficacy"),
    "response_counts": lambda trials: (
        trials["statistic"].eq("count") & trials["outcome"].isin(response_endpoints())
    ),
    "scores": lambda trials: _domain(trials).eq("activity_score"),
    "score_changes": _changes,
    "means": lambda trials: trials["statistic"].eq("mean") & trials["n"].notna(),
    "safety_counts": lambda trials: _counts(trials, "safety"),
    "harm_counts": lambda trials: trials["statistic"].eq("count") & trials["outcome"].isin(harms()),
    "events_without_denominator": lambda trials: trials["statistic"].eq("events_only"),
    "biomarkers": lambda trials: _domain(trials).eq("biomarker"),
    "co_treatments": lambda trials: _domain(trials).eq("co_treatment"),
}

#: Per page, by its number, what it cannot do without; the other needs are of parts of a page.
PAGE_NEEDS: Mapping[str, tuple[str, ...]] = {
    "01": ("efficacy_counts",),
    "02": ("efficacy_counts",),
    "03": ("scores",),
    "04": ("safety_counts",),
    "05": ("response_counts",),
    "06": ("response_counts",),
    "07": ("response_counts",),
    "08": ("response_counts",),
    "09": ("efficacy_counts",),
    # The follow-up is a table of its own: without it the page says so in one sentence.
    "10": (),
}


def has(trials: pd.DataFrame, need: str) -> bool:
    """Return whether any row meets a need.

    Parameters
    ----------
    trials : DataFrame
        Rows of the trials table, those a page would choose from.
    need : str
        One of `NEEDS`.

    Examples
    --------
    >>> trials = pd.DataFrame({"outcome": ["gvhd"], "statistic": ["count"]})
    >>> has(trials, "safety_counts"), has(trials, "response_counts")
    (True, False)
    """
    return bool(NEEDS[check_choice("need", need, NEEDS)](trials).any())


def without(need: str) -> str:
    """Return the sentence of a page, or a part of one, that has nothing to show.

    Examples
    --------
    >>> without("safety_counts")
    'These data count no safety outcome (domain safety, statistic count).'
    """
    return word(f"need.{check_choice('need', need, NEEDS)}")


def lacking(page: str, trials: pd.DataFrame) -> list[str]:
    """Return what a page cannot do without and `trials` does not have.

    Parameters
    ----------
    page : str
        Number or name of the page, such as ``"04"`` or ``"04_safety"``; a page of one's own
        needs nothing that is known here.
    trials : DataFrame
        Rows of the trials table.

    Returns
    -------
    list of str
        Needs; empty if the page has something to show.

    Examples
    --------
    >>> lacking("04_safety", pd.DataFrame({"outcome": ["sri4"], "statistic": ["count"]}))
    ['safety_counts']
    """
    return [need for need in PAGE_NEEDS.get(page[:2], ()) if not has(trials, need)]


def pages_of(trials: pd.DataFrame, study: str) -> list[str]:
    """Return the numbers of the pages of reports that show a row of a study.

    The later pages choose one count of a study by their parameters.

    Examples
    --------
    >>> trials = pd.DataFrame({"study": "a", "outcome": ["gvhd", "tocilizumab_given"],
    ...                        "statistic": "count"})
    >>> pages_of(trials, "a")
    ['04']
    """
    rows = trials[trials["study"].eq(study)]
    pages = {
        "01": "response_counts",
        "02": "response_counts",
        "03": "scores",
        "04": "safety_counts",
    }
    return [page for page, need in pages.items() if has(rows, need)]
