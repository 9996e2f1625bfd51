"""Lower confidence limits of one proportion that have no closed form.

Vocabulary: k responders were seen among n patients; p is a true rate; X is the
number of responders that a rate p would give. *Upper tail* is P(X >= k), *lower
tail* is P(X <= j). A limit is the smallest p that a test does not reject; upper
limits follow by counting non-responders instead (n - k of n, then 1 minus the limit).

mid-P inverts one tail, counting half the probability of k itself. Blaker and Sterne
invert a two-sided p-value which, for p below the estimate, is

    P(X >= k) + P(X <= j),

the observed tail and the opposite results that are at least as extreme. The two
tests differ only in the *cut point* of j, the rate from which X <= j counts as
extreme: where P(X <= j) has fallen to P(X >= k) (Blaker), or where P(X = j) has
fallen to P(X = k) (Sterne). Cut points increase with j. Three facts make a search
over a grid of rates unnecessary:

1. At a cut point the p-value jumps up, and its peaks there increase with j. (Blaker's is
   twice the upper tail. For Sterne's, moving on by one j raises the odds of p by less than
   the lower tail needs to shrink, so both tails grow.)
2. Between neighbouring cut points it is one minus P(j < X < k), which rises and then
   falls with p; so it falls and then rises, and passes a level upwards at most once.
3. So with j the first whose peak exceeds alpha, all rates below the cut point of j - 1
   are rejected, and the limit is the one crossing below the cut point of j or, if
   there is none, that cut point itself.

What is found is therefore the hull of {p : p-value > alpha}, short disjoint pieces
included, to rounding error. A search in steps can pass over such pieces (Klaschka 2010,
technical report 1099, Institute of Computer Science, Prague).
"""

import numpy as np
from scipy.special import betaincinv, gammaln

from lupuscart.stats._binomial import TIE, at_least, at_most, first_whole

__all__ = ["blaker_lower", "mid_p_lower", "sterne_lower"]


def mid_p_lower(k, n, tail: float) -> np.ndarray:
    """Return the p at which P(X > k) + P(X = k) / 2 equals `tail`.

    Parameters
    ----------
    k, n : arrays of one shape
        Responders and patients; 0 is returned where k is 0.
    tail : float
        Probability left below the limit.

    Returns
    -------
    numpy.ndarray
        Lower limits, from 0 to 1.

    Examples
    --------
    >>> mid_p_lower([12, 5], [15, 5], 0.025).round(6)
    array([0.546518, 0.54928 ])
    """
    k, n, nothing_seen = _prepare(k, n)

    def excess(p):
        return (at_least(k, n, p) + at_least(k + 1, n, p)) / 2 - tail

    # The limit lies between the Clopper-Pearson limits of k and of k + 1.
    low = betaincinv(k, n - k + 1, tail)
    high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1), tail), 1.0)
    return np.where(nothing_seen, 0.0, _crossing(excess, low, high))


def blaker_lower(k, n, alpha: float) -> np.ndarray:
    """Return the lower limits of Blaker's interval (2000, Can J Stat 28:783).

    Parameters
    ----------
    k, n : arrays of one shape
        Responders and patients; 0 is returned where k is 0.
    alpha : float
        One minus the confidence level.

    Returns
    -------
    numpy.ndarray
        Lower limits, from 0 to 1.

    Examples
    --------
    >>> blaker_lower([12, 5], [15, 5], 0.05).round(6)
    array([0.53526, 0.5    ])
    """
    k, n, nothing_seen = _prepare(k, n)
    exact = betaincinv(k, n - k + 1, alpha / 2)

    def cut_point(j):
        # Both tails are equal. Bracketed by j and k of n, not by `exact`, so that one cut point
        # is the same number at every level and intervals nest exactly.
        cut = _crossing(lambda p: at_least(k, n, p) - at_most(j, n, p), j / n, k / n)
        return np.maximum(cut, exact)

    def peaks_above(j):
        # The peak is twice the upper tail, which exceeds alpha from the Clopper-Pearson limit
        # on: j is a quantile of X at that rate.
        return at_most(j, n, exact) >= alpha / 2 * (1 - TIE)

    limit = _lower_limit(k, n, alpha, cut_point, peaks_above, start=lambda j: exact)
    return np.where(nothing_seen, 0.0, limit)


def sterne_lower(k, n, alpha: float) -> np.ndarray:
    """Return the lower limits of the hull of Sterne's set (1954, Biometrika 41:275).

    Parameters
    ----------
    k, n : arrays of one shape
        Responders and patients; 0 is returned where k is 0.
    alpha : float
        One minus the confidence level.

    Returns
    -------
    numpy.ndarray
        Lower limits, from 0 to 1.

    Examples
    --------
    >>> sterne_lower([12, 5], [15, 5], 0.05).round(6)
    array([0.534278, 0.5     ])
    """
    k, n, nothing_seen = _prepare(k, n)

    def cut_point(j):
        # P(X = j) = P(X = k) solved for the odds of p; the binomial coefficients' common
        # factor n! has dropped out.
        log_ratio = (gammaln(k + 1) + gammaln(n - k + 1)) - (gammaln(j + 1) + gammaln(n - j + 1))
        return 1 / (1 + np.exp(-log_ratio / (k - j)))

    def peaks_above(j):
        cut = cut_point(j)
        return at_least(k, n, cut) + at_most(j, n, cut) >= alpha * (1 - TIE)

    def start(j):
        # Below the first cut point nothing opposite counts: the limit is the one-sided one.
        return np.where(j > 0, cut_point(j - 1), betaincinv(k, n - k + 1, alpha))

    limit = _lower_limit(k, n, alpha, cut_point, peaks_above, start)
    return np.where(nothing_seen, 0.0, limit)


def _lower_limit(k, n, alpha, cut_point, peaks_above, start):
    """The first rate at which the p-value of a two-sided test exceeds alpha.

    The first j whose peak exceeds alpha, and then the crossing between `start` of j, where the
    p-value is too small, and the cut point of j.
    """
    j = first_whole(peaks_above, k - 1)
    # From the one-sided limit on the upper tail alone is enough.
    end = np.minimum(cut_point(j), betaincinv(k, n - k + 1, alpha))
    return _crossing(
        lambda p: at_least(k, n, p) + at_most(j - 1, n, p) - alpha, np.minimum(start(j), end), end
    )


def _prepare(k, n):
    """Return k and n as floats, k = 0 replaced by a harmless 1, and where that was done."""
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    return np.maximum(k, 1), n, k == 0


def _crossing(value, low, high):
    """Return where `value` passes from below to above zero between `low` and `high`.

    Bisection with inverse quadratic interpolation where that is safe (Chandrupatla 1997,
    Adv Eng Softw 28:145), on all elements at once. Each element stops by itself, so its
    result does not depend on its neighbours. An end point whose value has the wrong sign,
    as rounding or a missing crossing makes it, is itself returned.
    """
    x1, f1 = low, np.minimum(value(low), 0.0)
    x2, f2 = high, np.maximum(value(high), 0.0)
    step = np.full(np.shape(x1), 0.5)
    while True:
        best = np.where(np.abs(f1) < np.abs(f2), x1, x2)
        width = np.abs(x2 - x1)
        smallest = 2 * np.finfo(float).eps * best
        searching = (f1 != 0) & (f2 != 0) & (width > 2 * smallest)
        if not searching.any():
            return best
        x = np.where(searching, x1 + step * (x2 - x1), x1)
        f = np.where(searching, value(x), f1)
        # x replaces the end of its own sign; x3 is the end that was replaced last.
        same = (np.sign(f) == np.sign(f1)) | ~searching
        x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
        x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
        x1, f1 = x, f
        step = _interpolate(x1, f1, x2, f2, x3, f3)
        with np.errstate(divide="ignore", invalid="ignore"):
            least = np.minimum(smallest / np.abs(x2 - x1), 0.5)
        step = np.clip(step, least, 1 - least)


def _interpolate(x1, f1, x2, f2, x3, f3):
    """Return the fraction of the way from x1 to x2 to try next; 1/2 where curvature forbids."""
    with np.errstate(divide="ignore", invalid="ignore"):
        xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
        quadratic = f1 / (f2 - f1) * f3 / (f2 - f3)
        quadratic += (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
        safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi) & np.isfinite(quadratic)
    return np.where(safe, quadratic, 0.5)
