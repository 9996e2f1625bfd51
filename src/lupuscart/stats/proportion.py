"""One proportion: k responders of n patients, and the rates they leave possible.

Vocabulary: a *rate* is the true probability p of the outcome in patients like these; the
*confidence level* is 0.95 for 95 %, and alpha is one minus it. An interval is returned as
``(low, high)`` on 0 to 1. *Two-sided* intervals leave alpha/2 on either side (Blaker's and
Sterne's divide alpha as the data ask); a *bound* leaves the whole alpha on one side.

``clopper-pearson``  exact, never covers less than the level; the default
``blaker``           exact, lies within Clopper-Pearson's and is shorter; nests in the level
``sterne``           exact; hull of the rates that the minimum-likelihood test keeps
``mid-p``            half the probability of k itself on either side; close to the level on average
``wilson``           score test inverted
``jeffreys``         central interval of the posterior under Beta(1/2, 1/2)
``uniform-prior``    central credible interval under Beta(1, 1)
``agresti-coull``    Wald's form around the centre of Wilson's
``wald``             estimate and standard error; **a warning, not a choice**: 5 of 5 gives [1, 1]

Sources: Clopper & Pearson 1934, Biometrika 26:404; Sterne 1954, Biometrika 41:275; Wilson
1927, J Am Stat Assoc 22:209; Blaker 2000, Can J Stat 28:783; Brown, Cai & DasGupta 2001,
Stat Sci 16:101; Hanley & Lippman-Hand 1983, JAMA 249:1743.
"""

import numpy as np
import pandas as pd
from scipy.special import betainccinv, betaincinv, ndtri

from lupuscart import arguments
from lupuscart.stats import _proportion_limits

__all__ = [
    "METHODS",
    "check_method",
    "n_to_exclude",
    "proportion_ci",
    "response_proportions",
    "zero_event_bound",
]

METHODS = (
    "clopper-pearson",
    "blaker",
    "mid-p",
    "sterne",
    "wilson",
    "jeffreys",
    "agresti-coull",
    "wald",
    "uniform-prior",
)

_BOUNDS = ("two-sided", "lower", "upper")

# These divide alpha between the sides by the data, so no one-sided limit belongs to them.
_TWO_SIDED_ONLY = ("blaker", "sterne")


def proportion_ci(
    k,
    n,
    *,
    confidence_level: float = 0.95,
    method: str = "clopper-pearson",
    bound: str = "two-sided",
):
    """Return the confidence interval of a rate from k responders of n.

    Parameters
    ----------
    k, n : int or array-like
        Responders and patients; any shapes that broadcast. Each distinct pair is computed once.
    confidence_level : float
        Between 0 and 1; 0.95 for 95 %.
    method : str
        One of `METHODS`; the module's docstring says what each is.
    bound : {"two-sided", "lower", "upper"}
        ``"lower"`` returns (low, 1) with the whole alpha below, ``"upper"`` (0, high) with
        the whole alpha above. Blaker and Sterne have no one-sided limits and refuse.

    Returns
    -------
    low, high : float or numpy.ndarray
        On 0 to 1; floats for scalars, arrays for arrays.

    Raises
    ------
    ValueError
        If k, n, the level, the method or the bound is not one of those allowed.

    Notes
    -----
    Conventions. Clopper-Pearson: low solves P(X >= k) = alpha/2, high P(X <= k) = alpha/2.
    mid-P: equal-tailed, alpha/2 a side, also at k = 0 and k = n. Blaker and Sterne: the hull
    of {p : p-value > alpha}. Jeffreys: low is 0 at k = 0 and high 1 at k = n, nothing else
    replaced. Agresti-Coull and Wald are cut off at 0 and 1. Uniform prior: plain central
    quantiles of Beta(k + 1, n - k + 1), which never reach 0 or 1. For all others low is
    exactly 0 at k = 0 and high exactly 1 at k = n. mid-P and Jeffreys are not built around
    k/n and may leave it out at levels below about 15 %, as may every bound below 50 %.

    Examples
    --------
    >>> low, high = proportion_ci(12, 15)
    >>> round(low, 3), round(high, 3)
    (0.519, 0.957)
    >>> low, high = proportion_ci([5, 0], 5, bound="lower")
    >>> low.round(3), high
    (array([0.549, 0.   ]), array([1., 1.]))
    """
    alpha = 1 - arguments.check_confidence_level(confidence_level)
    check_method(method, bound)
    k, n = arguments.check_counts(k, n)
    tail = alpha / 2 if bound == "two-sided" else alpha
    first, position = _distinct_pairs(k.ravel(), n.ravel())
    low, high = _INTERVALS[method](k.flat[first].astype(float), n.flat[first].astype(float), tail)
    if bound == "lower":
        high = np.ones_like(high)
    if bound == "upper":
        low = np.zeros_like(low)
    if k.ndim == 0:
        return float(low[0]), float(high[0])
    return low[position].reshape(k.shape), high[position].reshape(k.shape)


def zero_event_bound(n, *, confidence_level: float = 0.95):
    """Return the one-sided upper limit of a rate of which n patients showed no event.

    Parameters
    ----------
    n : int or array-like
        Patients, none of them with the event.
    confidence_level : float
        One-sided; 0.95 for 95 %.

    Returns
    -------
    float or numpy.ndarray
        The rate at which none of n has probability alpha: 1 - alpha ** (1 / n). The familiar
        3 / n stands for it only when n is about 20 or more.

    Examples
    --------
    >>> round(zero_event_bound(5), 3)
    0.451
    >>> zero_event_bound([29, 59, 299]).round(4)
    array([0.0981, 0.0495, 0.01  ])
    """
    level = arguments.check_confidence_level(confidence_level)
    _, n = arguments.check_counts(0, n)
    high = -np.expm1(np.log1p(-level) / n)
    return float(high) if n.ndim == 0 else high


def n_to_exclude(rate, *, confidence_level: float = 0.95):
    """Return the fewest patients who, all without an event, exclude `rate`.

    Parameters
    ----------
    rate : float or array-like
        Event rates above 0, at most 1.
    confidence_level : float
        One-sided; 0.95 for 95 %.

    Returns
    -------
    int or numpy.ndarray of int
        The smallest n with (1 - rate) ** n <= alpha: a rate is excluded when its one-sided
        p-value is alpha or less.

    Raises
    ------
    ValueError
        If a rate is outside these limits, or so small that n would pass a thousand million.

    Examples
    --------
    >>> n_to_exclude([0.1, 0.05, 0.01])
    array([ 29,  59, 299])
    """
    level = arguments.check_confidence_level(confidence_level)
    rates = arguments.check_rate("rate", rate)
    with np.errstate(divide="ignore"):
        exact = np.log1p(-level) / np.log1p(-rates)
    wrong = exact > 1e9
    if wrong.any():
        raise ValueError(
            f"rate is {float(rates[wrong].flat[0])}; allowed: rates from 0 (excluded) to 1, "
            "large enough for 1e9 patients to exclude"
        )
    # Where (1 - rate) ** n is alpha exactly, rounding must not ask for one patient more.
    n = np.maximum(np.ceil(exact * (1 - 1e-11)), 1).astype(np.int64)
    return int(n) if rates.ndim == 0 else n


def check_method(method: str, bound: str) -> None:
    """Refuse a method that is none, or that has no such bound.

    Examples
    --------
    >>> check_method("blaker", "upper")
    Traceback (most recent call last):
    ...
    ValueError: bound is 'upper'; method 'blaker' has no one-sided limits, allowed: two-sided
    """
    arguments.check_choice("method", method, METHODS)
    arguments.check_choice("bound", bound, _BOUNDS)
    if method in _TWO_SIDED_ONLY and bound != "two-sided":
        raise ValueError(
            f"bound is {bound!r}; method {method!r} has no one-sided limits, allowed: two-sided"
        )


def _distinct_pairs(k, n):
    """Return one index for each distinct pair, and the place of every pair among these."""
    largest = int(n.max(initial=0))
    possible = (largest + 1) * (largest + 2) // 2
    if possible <= 4 * n.size:
        # Few possible pairs for many given ones: number them along the rows of a triangle.
        number = (n * (n + 1) // 2 + k).astype(np.intp)
        index = np.full(possible, -1)
        index[number] = np.arange(n.size)
        taken = index >= 0
        return index[taken], (np.cumsum(taken) - 1)[number]
    # A complex number holds a pair of counts exactly and can be sorted.
    _, first, position = np.unique(k + 1j * n, return_index=True, return_inverse=True)
    return first, position


# Each method below: arrays k and n of floats, and the probability to leave on either side.


def _clopper_pearson(k, n, tail):
    low = np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
    high = np.where(k < n, betainccinv(k + 1, np.maximum(n - k, 1), tail), 1.0)
    return low, high


def _blaker(k, n, tail):
    return _reflected(_proportion_limits.blaker_lower, k, n, 2 * tail)


def _mid_p(k, n, tail):
    return _reflected(_proportion_limits.mid_p_lower, k, n, tail)


def _sterne(k, n, tail):
    return _reflected(_proportion_limits.sterne_lower, k, n, 2 * tail)


def _reflected(lower_limit, k, n, probability):
    # The upper limit of k responders mirrors the lower limit of n - k. Most tables hold both
    # pairs, so the search runs once for either.
    k, n = np.concatenate([k, n - k]), np.concatenate([n, n])
    first, position = _distinct_pairs(k, n)
    low, mirrored = np.split(lower_limit(k[first], n[first], probability)[position], 2)
    return low, 1 - mirrored


def _wilson(k, n, tail):
    z = -ndtri(tail)
    # The limits solve (n + z^2) p^2 - (2k + z^2) p + k^2 / n = 0. The smaller root is taken
    # from the product of the roots: the difference would cancel when k is small.
    root = np.abs(z) * np.sqrt(z**2 + 4 * k * (n - k) / n)
    larger = (2 * k + z**2 + root) / (2 * (n + z**2))
    smaller = k * (k / n) / ((n + z**2) * np.where(k > 0, larger, 1.0))
    return _pinned(k, n, *((smaller, larger) if z >= 0 else (larger, smaller)))


def _jeffreys(k, n, tail):
    return _pinned(k, n, *_central_beta(k + 0.5, n - k + 0.5, tail))


def _uniform_prior(k, n, tail):
    return _central_beta(k + 1, n - k + 1, tail)


def _agresti_coull(k, n, tail):
    z = -ndtri(tail)
    low, high = _wald_form(k + z**2 / 2, n + z**2, z)
    return _pinned(k, n, low, high)


def _wald(k, n, tail):
    return _wald_form(k, n, -ndtri(tail))


def _central_beta(a, b, tail):
    return betaincinv(a, b, tail), betainccinv(a, b, tail)


def _wald_form(k, n, z):
    rate = k / n
    half = z * np.sqrt(rate * (1 - rate) / n)
    return np.clip(rate - half, 0, 1), np.clip(rate + half, 0, 1)


def _pinned(k, n, low, high):
    return np.where(k > 0, low, 0.0), np.where(k < n, high, 1.0)


_INTERVALS = {
    "clopper-pearson": _clopper_pearson,
    "blaker": _blaker,
    "mid-p": _mid_p,
    "sterne": _sterne,
    "wilson": _wilson,
    "jeffreys": _jeffreys,
    "agresti-coull": _agresti_coull,
    "wald": _wald,
    "uniform-prior": _uniform_prior,
}


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
        A copy with the columns ``rate`` (events / n), ``low`` and ``high``, on 0 to 1; without
        rows where `trials` has none.

    Raises
    ------
    ValueError
        If the table lacks a column, or a row is not a count or not a possible one.

    Examples
    --------
    >>> trials = pd.DataFrame({"statistic": "count", "events": [12, 5], "n": [15, 5]})
    >>> response_proportions(trials).round(3)
      statistic  events   n  rate    low   high
    0     count      12  15   0.8  0.519  0.957
    1     count       5   5   1.0  0.478  1.000
    """
    _check_count_rows(trials)
    if trials.empty:
        return trials.assign(**dict.fromkeys(("rate", "low", "high"), np.empty(0)))
    events, n = arguments.check_counts(trials["events"], trials["n"], names=("events", "n"))
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
    others = trials[trials["statistic"] != "count"]
    if len(others):
        row = others.iloc[0]
        where = ", ".join(f"{key} {row[key]!r}" for key in ("study", "outcome") if key in row)
        raise ValueError(
            f"statistic is {row['statistic']!r} ({where or f'row {others.index[0]!r}'}); "
            "allowed: rows whose statistic is 'count'"
        )
