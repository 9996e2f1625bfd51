"""Patients whose outcome is missing: every way of counting them, and where a conclusion tips.

Vocabulary: k of n *assessed* patients respond, others are *missing*: treated, or enrolled, and
never assessed. *Non-responder imputation* counts all of them as failures: the *worst case* of a
response rate, and the *best case* of the rate of a harm; the other extreme counts all of them as
responders. *Complete cases* leave them out, which is unbiased only if being missing has nothing to
do with the outcome. The *tipping count* is how many of the missing, or which pairs of counts in two
cohorts, turn a conclusion. Nothing here estimates what the missing would have shown.

Sources: White, Horton, Carpenter & Pocock 2011, BMJ 342:d40; Yan, Lee & Li 2009, J Biopharm Stat
19:1085 (tipping points); US National Research Council 2010, The Prevention and Treatment of Missing
Data in Clinical Trials.
"""

import numpy as np
import pandas as pd

from lupuscart import arguments
from lupuscart.stats._binomial import tie_bound
from lupuscart.stats.comparison import exact_test, risk_difference_ci
from lupuscart.stats.proportion import proportion_ci

__all__ = ["missing_patients", "missing_two_cohorts", "tipping_missing"]

#: Counted how: the responders among the missing, or none of them in the denominator.
CASES = ("complete_cases", "non_responders", "all_responders")

_MOST_MISSING = 1000


def missing_patients(
    k: int,
    n: int,
    missing: int,
    *,
    confidence_level: float = 0.95,
    method: str = "clopper-pearson",
) -> pd.DataFrame:
    """Return the rate of one cohort with its missing patients counted in every plain way.

    Parameters
    ----------
    k, n : int
        Responders and patients assessed.
    missing : int
        Further patients never assessed, at most 1,000.
    confidence_level, method
        As for `lupuscart.stats.proportion_ci`.

    Returns
    -------
    pandas.DataFrame
        A row a case: ``case`` (``complete_cases``, ``non_responders``, ``all_responders``),
        ``responders``, ``n``, ``rate``, ``low``, ``high``. Whatever the missing showed, the rate of
        all lies between those of the last two rows, and their outer limits hold both intervals.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> missing_patients(12, 15, 2).round(3)
                 case  responders   n   rate    low   high
    0  complete_cases          12  15  0.800  0.519  0.957
    1  non_responders          12  17  0.706  0.440  0.897
    2  all_responders          14  17  0.824  0.566  0.962
    """
    k, n, missing = _check_cohort(k, n, missing)
    responders = np.array([k, k, k + missing])
    patients = np.array([n, n + missing, n + missing])
    low, high = proportion_ci(
        responders, patients, confidence_level=confidence_level, method=method
    )
    return pd.DataFrame(
        {
            "case": CASES,
            "responders": responders,
            "n": patients,
            "rate": responders / patients,
            "low": low,
            "high": high,
        }
    )


def tipping_missing(
    k: int,
    n: int,
    missing: int,
    rate: float,
    *,
    confidence_level: float = 0.95,
    method: str = "clopper-pearson",
) -> int | None:
    """Return how many of the missing must respond for the lower limit to stay above a rate.

    Parameters
    ----------
    k, n, missing
        As for `missing_patients`.
    rate : float
        The rate that the interval is to lie above, 0 to 1: one assumed without the cells, say.
    confidence_level, method
        As for `lupuscart.stats.proportion_ci`.

    Returns
    -------
    int or None
        The fewest responders among the missing, all counted in the denominator, with a lower
        limit above `rate`: 0 if it holds even where none responds, None if not even where all do.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> tipping_missing(12, 15, 2, 0.4), tipping_missing(12, 15, 2, 0.5)
    (0, 1)
    >>> tipping_missing(12, 15, 2, 0.6) is None
    True
    """
    k, n, missing = _check_cohort(k, n, missing)
    rate = arguments.check_one_rate("rate", rate)
    options = {"confidence_level": confidence_level, "method": method}
    low, _ = proportion_ci(k + np.arange(missing + 1), n + missing, **options)
    enough = np.flatnonzero(low > rate)
    return int(enough[0]) if enough.size else None


def missing_two_cohorts(
    k1: int,
    n1: int,
    missing1: int,
    k2: int,
    n2: int,
    missing2: int,
    *,
    confidence_level: float = 0.95,
    test: str = "boschloo",
    alternative: str = "two-sided",
) -> pd.DataFrame:
    """Return the comparison of two cohorts at every count of responders among their missing.

    Parameters
    ----------
    k1, n1, missing1, k2, n2, missing2 : int
        Responders, patients assessed and patients missing of group 1 and of group 2; at most
        400 combinations.
    confidence_level : float
        Of the exact interval of the difference.
    test, alternative
        ``method`` and ``alternative`` of `lupuscart.stats.exact_test`. The interval inverts the
        score test; with another test the two may disagree on 0.

    Returns
    -------
    pandas.DataFrame
        A row a pair ``responders1``, ``responders2`` of responders among the missing, all counted
        in the denominators: ``difference`` (group 1 minus group 2), its exact limits ``low`` and
        ``high``, ``p_value``, and ``rejected``: the p-value is one minus the level or less. A
        conclusion is robust where ``rejected`` is the same in all rows; else the rows where it
        changes are its tipping points. Non-responder imputation is the first row; the worst case
        for group 1 is the row (0, missing2), the best (missing1, 0).

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> table = missing_two_cohorts(12, 15, 2, 9, 26, 1)
    >>> table[["responders1", "responders2", "low", "p_value", "rejected"]].iloc[[1, 4]].round(3)
       responders1  responders2    low  p_value  rejected
    1            0            1  0.010    0.045      True
    4            2            0  0.139    0.001      True
    """
    level = arguments.check_confidence_level(confidence_level)
    k1, n1, missing1 = _check_cohort(k1, n1, missing1, number="1")
    k2, n2, missing2 = _check_cohort(k2, n2, missing2, number="2")
    if (missing1 + 1) * (missing2 + 1) > 400:
        raise ValueError(
            f"missing1 is {missing1} and missing2 {missing2}; allowed: at most 400 pairs of "
            "responders among them"
        )
    rows = []
    for first in range(missing1 + 1):
        for second in range(missing2 + 1):
            counts = k1 + first, n1 + missing1, k2 + second, n2 + missing2
            low, high = risk_difference_ci(*counts, confidence_level=level)
            p = exact_test(*counts, method=test, alternative=alternative)
            rows.append(
                {
                    "responders1": first,
                    "responders2": second,
                    "difference": counts[0] / counts[1] - counts[2] / counts[3],
                    "low": low,
                    "high": high,
                    "p_value": p,
                    "rejected": bool(p <= tie_bound(1 - level)),
                }
            )
    return pd.DataFrame(rows)


def _check_cohort(k, n, missing, *, number=""):
    n = arguments.check_whole(f"n{number}", n, minimum=1)
    k = arguments.check_whole(f"k{number}", k, minimum=0, maximum=n)
    missing = arguments.check_whole(f"missing{number}", missing, minimum=0, maximum=_MOST_MISSING)
    return k, n, missing
