"""Activity scores at baseline and at follow-up, paired as they are printed.

Vocabulary
----------
baseline : a score of week 0.
change : follow-up minus baseline, in points; a negative change is improvement.
difference of medians : median at follow-up minus median at baseline. It is *not* the
    median change, and no patient need have changed so.

No percent change is computed: it is undefined at a baseline of 0, and a ratio of two means
is nobody's percent change.
"""

from decimal import Decimal

import numpy as np
import pandas as pd

from lupuscart.arguments import check_choice
from lupuscart.stats.paired import median_interval, regression_to_mean, sign_test, smallest_sign_p
from lupuscart.stats.printed import Summary, guaranteed_falls, read_summary, reduction_bounds
from lupuscart.stats.printed.grim import grim_consistent

# All that a page asks of activity scores is reached here, whichever file computes it.
__all__ = [
    "Summary",
    "changes_from_baseline",
    "grim_consistent",
    "guaranteed_falls",
    "median_interval",
    "printed_means",
    "read_summary",
    "reduction_bounds",
    "regression_to_mean",
    "sign_test",
    "smallest_sign_p",
]

_KEYS = ["study", "cohort", "outcome", "statistic"]
_VALUES = ["n", "value", "spread_kind", "spread", "read_in"]

_PRINTED_CHANGES = {
    "mean_change": "printed_mean_change",
    "median_change": "printed_median_change",
    "largest_fall": "largest_fall",
}
_DIFFERENCES = {
    "mean": "difference_of_means",
    "median": "difference_of_medians",
    "minimum": "difference_of_minima",
    "maximum": "difference_of_maxima",
    "individual": "individual_change",
    "all_equal": "individual_change",
}


def changes_from_baseline(scores: pd.DataFrame) -> pd.DataFrame:
    """Pair the baseline of each cohort with each of its follow-ups.

    Parameters
    ----------
    scores : DataFrame
        Rows of the trials table with ``domain == "activity_score"``: columns ``study``,
        ``cohort``, ``outcome``, ``statistic``, ``week``, ``timing``, ``n``, ``value``,
        ``spread_kind``, ``spread``, ``read_in``. Week 0 is the baseline.

    Returns
    -------
    DataFrame
        A row a study, cohort, outcome, statistic and follow-up, in the order of `scores`:
        ``week`` and ``timing`` of the follow-up, ``n`` and ``baseline_n``, ``baseline``,
        ``follow_up``, ``change`` (follow-up minus baseline), ``change_kind``, the spreads
        of both, and ``read_in``: ``primary`` only where both ends are.

    Raises
    ------
    ValueError
        If `scores` is empty, lacks a column, holds another domain, has a statistic that is
        not of a score, or two baselines for one key.

    Notes
    -----
    ``change_kind`` says what ``change`` is:

    - ``difference_of_means``, ``difference_of_medians``, ``difference_of_minima``,
      ``difference_of_maxima``: of two printed values. Statistics are never mixed, a
      minimum never taken from a maximum.
    - ``individual_change``: of one patient, or of every patient where all had one score.
    - ``printed_mean_change``, ``printed_median_change``, ``largest_fall``: as printed;
      ``baseline`` and ``follow_up`` empty.
    - ``no_baseline``, ``no_follow_up``: the other end is not printed; ``change`` empty.
    - ``different_n``: baseline and follow-up are of different numbers of patients, so
      their difference is no change of anyone's; ``change`` empty.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "study": "chen_2025", "cohort": "all", "outcome": "sledai_2k",
    ...     "statistic": "median", "week": [0, None], "timing": ["at", "last_visit"],
    ...     "n": 7, "value": [18, 0], "spread_kind": "range", "spread": ["10-22", "0-4"],
    ...     "read_in": "primary",
    ... })
    >>> changes_from_baseline(scores)[["baseline", "follow_up", "change", "change_kind"]]
       baseline  follow_up  change            change_kind
    0      18.0        0.0   -18.0  difference_of_medians
    """
    scores = _check_scores(scores)
    at_baseline = scores["week"].eq(0).fillna(False) & ~_is_printed_change(scores)
    baselines = scores.loc[at_baseline, [*_KEYS, *_VALUES, "row"]]
    _check_one_baseline(baselines)
    pairs = scores[~at_baseline].merge(
        baselines.rename(columns={name: f"baseline_{name}" for name in [*_VALUES, "row"]}),
        on=_KEYS,
        how="outer",
    )
    # Reading order: by the row that opens the pair, then by follow-up.
    opens = pairs[["row", "baseline_row"]].min(axis=1)
    pairs = pairs.assign(opens=opens).sort_values(["opens", "row"], ignore_index=True)
    kind = _change_kind(pairs)
    printed = _is_printed_change(pairs)
    return pd.DataFrame(
        {
            **{name: pairs[name] for name in [*_KEYS, "week", "timing"]},
            "n": pairs["n"].fillna(pairs["baseline_n"]),
            "baseline_n": pairs["baseline_n"],
            "baseline": pairs["baseline_value"],
            "follow_up": pairs["value"].mask(printed),
            "change": _differences(pairs)
            .mask(kind.eq("different_n"))
            .mask(printed, pairs["value"]),
            "change_kind": kind,
            "baseline_spread_kind": pairs["baseline_spread_kind"],
            "baseline_spread": pairs["baseline_spread"],
            "follow_up_spread_kind": pairs["spread_kind"],
            "follow_up_spread": pairs["spread"],
            "read_in": _weaker_source(pairs),
        }
    )


def printed_means(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the printed means, and whether each can be a mean of whole numbers.

    Parameters
    ----------
    trials : DataFrame
        Rows of the trials table.

    Returns
    -------
    DataFrame
        A row a mean whose ``n`` is known: ``study``, ``cohort``, ``outcome``, ``week``,
        ``value_printed``, ``n``, ``decimals`` and ``possible``. No row where nothing is a mean.

    Examples
    --------
    >>> trials = pd.DataFrame({"study": "a", "cohort": "all", "outcome": "sledai_2k",
    ...     "week": 0, "statistic": ["mean", "median"], "value_printed": ["12.6", "4"], "n": 4})
    >>> printed_means(trials)[["value_printed", "decimals", "possible"]].values.tolist()
    [['12.6', 1, False]]
    """
    means = trials[trials["statistic"].eq("mean") & trials["n"].notna()]
    means = means[["study", "cohort", "outcome", "week", "value_printed", "n"]].copy()
    texts = means["value_printed"].astype("str")
    decimals = [len(text.partition(".")[2]) for text in texts]
    means["decimals"] = np.array(decimals, dtype=int)
    possible = [
        grim_consistent(text, int(n), decimals=places)
        for text, n, places in zip(texts, means["n"], decimals, strict=True)
    ]
    means["possible"] = np.array(possible, dtype=bool)
    return means


def _is_printed_change(table):
    return table["statistic"].isin(_PRINTED_CHANGES)


def _change_kind(pairs):
    kind = pairs["statistic"].map(_PRINTED_CHANGES | _DIFFERENCES)
    known = pairs["n"].notna() & pairs["baseline_n"].notna()
    kind = kind.mask(known & pairs["n"].ne(pairs["baseline_n"]), "different_n")
    kind = kind.mask(pairs["row"].isna(), "no_follow_up")
    return kind.mask(pairs["baseline_row"].isna() & ~_is_printed_change(pairs), "no_baseline")


def _differences(pairs):
    # In decimals: 5.35 - 31.30 is -25.95, in floating point -25.950000000000003.
    after, before = (pairs[name].map(str).map(Decimal) for name in ("value", "baseline_value"))
    return (after - before).astype(float)


def _weaker_source(pairs):
    """Return ``primary`` only where both ends were read in the source itself."""
    own, baseline = pairs["read_in"], pairs["baseline_read_in"]
    return own.mask(own.isna() | own.eq("primary"), baseline.fillna(own))


def _check_scores(scores):
    """Return `scores` with whole weeks and n, numbers in ``value``, and a count of its rows."""
    if not isinstance(scores, pd.DataFrame):
        raise ValueError(f"scores is {type(scores).__name__}; allowed: a pandas DataFrame")
    missing = [name for name in [*_KEYS, "week", "timing", *_VALUES] if name not in scores]
    if missing:
        raise ValueError(
            f"scores has no column {', '.join(missing)}; allowed: rows of the trials table"
        )
    if scores.empty:
        raise ValueError("scores has no rows; allowed: rows of the domain activity_score")
    for domain in scores["domain"].unique() if "domain" in scores else ():
        check_choice("domain", domain, ["activity_score"])
    for statistic in scores["statistic"].unique():
        check_choice("statistic", statistic, _DIFFERENCES | _PRINTED_CHANGES)
    for name, kind in {"week": "Int64", "n": "Int64", "value": "float64"}.items():
        try:
            scores = scores.astype({name: kind})
        except (TypeError, ValueError):
            allowed = "numbers" if name == "value" else "whole numbers"
            raise ValueError(
                f"{name} is {scores[name].tolist()}; allowed: {allowed}, or empty"
            ) from None
    return scores.assign(row=np.arange(len(scores)))


def _check_one_baseline(baselines):
    twice = baselines[baselines.duplicated(_KEYS)]
    if len(twice):
        what = ", ".join(f"{name} {twice[name].iloc[0]!r}" for name in _KEYS)
        raise ValueError(f"week is 0 in two rows of {what}; allowed: one baseline")
