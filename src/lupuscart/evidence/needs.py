"""What each page needs to have anything to show, and what it says where that is not there.

Vocabulary
----------
need
    a kind of row, named as in ``words.csv`` (``need.response_counts``): without one such row a
    page, or a part of one, has nothing to show.
choice
    a parameter of a page that leaves rows out: ``role``, or ``week`` with ``window``.

A new page names its needs in `PAGE_NEEDS`; a new need is a row of `NEEDS` and of ``words.csv``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from lupuscart.arguments import check_choice
from lupuscart.data import outcomes, tables
from lupuscart.evidence.endpoints import harms, response_endpoints
from lupuscart.words.lexicon import join, word

__all__ = [
    "CHOICES",
    "NEEDS",
    "PAGE_NEEDS",
    "Need",
    "NothingToShowError",
    "has",
    "lacking",
    "nothing_to_show",
    "pages_of",
    "require",
    "without",
]

#: Parameters of pages that leave rows out, by which a page may have nothing to show.
CHOICES = ("role", "week", "window")


class NothingToShowError(ValueError):
    """The data have nothing that a page could show; no fault, so a notebook prints no traceback."""

    def _render_traceback_(self) -> list[str]:
        """As IPython shows it: the sentence alone."""
        return [str(self)]


@dataclass(frozen=True)
class Need:
    """A kind of row.

    Attributes
    ----------
    rows : callable
        Takes a table and returns which of its rows are of the kind.
    table : str
        The table.
    """

    rows: Callable[[pd.DataFrame], pd.Series]
    table: str = "trials"


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


def _all(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(data=True, index=rows.index)


#: Status of a registered trial that has nothing more to say.
OVER = ("SUSPENDED", "TERMINATED", "WITHDRAWN", "COMPLETED")

#: Per need the rows of a table that meet it.
NEEDS: Mapping[str, Need] = {
    "efficacy_counts": Need(lambda trials: _counts(trials, "efficacy")),
    "response_counts": Need(
        lambda trials: (
            trials["statistic"].eq("count") & trials["outcome"].isin(response_endpoints())
        )
    ),
    "scores": Need(lambda trials: _domain(trials).eq("activity_score")),
    "score_changes": Need(_changes),
    "means": Need(lambda trials: trials["statistic"].eq("mean") & trials["n"].notna()),
    "safety_counts": Need(lambda trials: _counts(trials, "safety")),
    "harm_counts": Need(
        lambda trials: trials["statistic"].eq("count") & trials["outcome"].isin(harms())
    ),
    "events_without_denominator": Need(lambda trials: trials["statistic"].eq("events_only")),
    "biomarkers": Need(lambda trials: _domain(trials).eq("biomarker")),
    "co_treatments": Need(lambda trials: _domain(trials).eq("co_treatment")),
    "benchmark_counts": Need(lambda rows: rows["statistic"].eq("count"), "benchmarks"),
    "follow_up": Need(_all, "follow_up"),
    "registrations": Need(_all, "registrations"),
    "registrations_not_over": Need(lambda rows: ~rows["status"].isin(OVER), "registrations"),
}

#: Per page what it cannot do without; the other needs are of parts of a page.
PAGE_NEEDS: Mapping[str, tuple[str, ...]] = {
    "01_trials": ("efficacy_counts",),
    "02_response": ("efficacy_counts",),
    "03_sledai": ("scores",),
    "04_safety": ("safety_counts",),
    "05_small_samples": ("response_counts",),
    "06_conditioning": ("response_counts",),
    "07_synthesis": ("response_counts",),
    "08_next_trial": ("response_counts",),
    "09_explore": ("efficacy_counts",),
    "10_durability": ("follow_up",),
    "12_coming": ("registrations", "registrations_not_over"),
}

# These show every report that has a row for them.
_OF_REPORTS = ("01_trials", "02_response", "03_sledai", "04_safety")


def has(rows: pd.DataFrame, need: str) -> bool:
    """Return whether any row meets a need.

    Parameters
    ----------
    rows : DataFrame
        Rows of the table of the need, mostly trials, from which a page would choose.
    need : str
        One of `NEEDS`.

    Examples
    --------
    >>> trials = pd.DataFrame({"outcome": ["gvhd"], "statistic": ["count"]})
    >>> has(trials, "safety_counts"), has(trials, "response_counts")
    (True, False)
    """
    return bool(NEEDS[check_choice("need", need, NEEDS)].rows(rows).any())


def without(need: str) -> str:
    """Return the sentence of a page, or a part of one, that has nothing to show.

    Examples
    --------
    >>> without("safety_counts")
    'These data have no count of a safety outcome (domain safety, statistic count).'
    """
    return word(f"need.{check_choice('need', need, NEEDS)}")


def lacking(page: str, trials_csv, **choices) -> list[str]:
    """Return what a page cannot do without and the data do not have.

    Parameters
    ----------
    page : str
        Name of the page, such as ``"04_safety"``; a page of one's own needs nothing that is
        known here.
    trials_csv : path
        The trials table, its sister tables beside it.
    **choices
        Values of `CHOICES`; those that are "" or missing leave nothing out.

    Returns
    -------
    list of str
        Needs; empty if the page has something to show.

    Examples
    --------
    >>> lacking("04_safety", "data/trials.csv")
    []
    """
    wanted = PAGE_NEEDS.get(page, ())
    return [need for need in wanted if not has(_rows(NEEDS[need].table, trials_csv, choices), need)]


def nothing_to_show(page: str, trials_csv, **choices) -> str:
    """Return in one sentence what a page lacks, or "" if it has something to show.

    Parameters
    ----------
    page, trials_csv, **choices
        As for `lacking`.

    Examples
    --------
    >>> nothing_to_show("07_synthesis", "data/trials.csv", week=500, window=2)
    'No row that this page could show has week 500, window 2.'
    """
    if lacking_at_all := lacking(page, trials_csv):
        return without(lacking_at_all[0])
    if lacking(page, trials_csv, **choices):
        chosen = [f"{name} {choices[name]}" for name in CHOICES if choices.get(name, "") != ""]
        return word("need.none_chosen", choices=join(chosen))
    return ""


def require(page: str, trials_csv, **choices) -> None:
    """Stop a page that would have nothing to show, with the sentence that says so.

    Parameters
    ----------
    page, trials_csv, **choices
        As for `lacking`.

    Raises
    ------
    NothingToShowError
        A notebook shows its sentence in place of the answer and of every figure.

    Examples
    --------
    >>> require("03_sledai", "data/trials.csv", role="core")
    """
    if sentence := nothing_to_show(page, trials_csv, **choices):
        raise NothingToShowError(sentence)


def _rows(table: str, trials_csv, choices: Mapping[str, object]) -> pd.DataFrame:
    """Return the rows of a table that the choices leave."""
    rows = getattr(tables, f"load_{table}")(trials_csv)
    if (role := choices.get("role")) and "study" in rows:
        studies = tables.load_studies(trials_csv)
        rows = rows[rows["study"].isin(studies.loc[studies["role"].eq(role), "study"])]
    if {"week", "window"} <= choices.keys() and table == "trials":
        near = (rows["week"] - choices["week"]).abs() <= choices["window"]
        rows = rows[near.fillna(value=False) & rows["timing"].isin(["at", "by"])]
    return rows


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
    return [page[:2] for page in _OF_REPORTS if all(has(rows, need) for need in PAGE_NEEDS[page])]
