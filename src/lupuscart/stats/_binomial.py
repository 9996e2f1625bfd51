"""The binomial distribution: tails, probabilities, and when two of them are equal.

Vocabulary: X is the number of responders among n patients, each with the rate p. The *upper
tail* of k is P(X >= k), the *lower tail* P(X <= k). Two numbers are *tied* when they agree to a
relative 1e-9: the same number computed twice.
"""

import functools

import numpy as np
from scipy.special import betainc, betaln

__all__ = [
    "TIE",
    "at_least",
    "at_most",
    "beta_binomial",
    "binomial",
    "first_whole",
    "log_choose",
    "tie_bound",
]

# Two numbers closer than this, relatively, are the same number computed twice.
TIE = 1e-9


def at_least(k, n, p) -> np.ndarray:
    """Return P(X >= k) for X ~ Binomial(n, p).

    Parameters
    ----------
    k, n : arrays
        Responders, which may lie outside 0 to n, and patients, at least 1.
    p : array
        True rates, 0 to 1; broadcast against k and n.

    Returns
    -------
    numpy.ndarray
        Probabilities, by the incomplete beta function.

    Examples
    --------
    >>> at_least(np.array([0, 5, 6]), 5, 0.6).round(5)
    array([1.     , 0.07776, 0.     ])
    """
    possible = (k > 0) & (k <= n)
    tail = betainc(np.where(possible, k, 1), np.where(possible, n - k + 1, 1), p)
    return np.where(possible, tail, k <= 0)


def at_most(k, n, p) -> np.ndarray:
    """Return P(X <= k) for X ~ Binomial(n, p); arguments as for `at_least`.

    Examples
    --------
    >>> at_most(np.array([-1, 0, 5]), 5, 0.2).round(5)
    array([0.     , 0.32768, 1.     ])
    """
    return at_least(n - k, n, 1 - p)


def tie_bound(number):
    """Return the largest value that still counts as tied with `number`.

    Examples
    --------
    >>> bool(0.1 + 0.2 <= 0.3), bool(0.1 + 0.2 <= tie_bound(0.3))
    (False, True)
    """
    return number * np.where(np.less(number, 0), 1 - TIE, 1 + TIE)


def binomial(n, rates) -> np.ndarray:
    """Return the binomial probabilities of 0 ... n (columns) at each rate (rows).

    Examples
    --------
    >>> binomial(2, np.array([0, 0.5])).round(3)
    array([[1.  , 0.  , 0.  ],
           [0.25, 0.5 , 0.25]])
    """
    k = np.arange(n + 1)
    # The logs stay finite at rates of 0 and 1; the probabilities change by less than n 1e-16.
    rates = np.clip(rates, np.finfo(float).tiny, 1 - np.finfo(float).epsneg)[:, np.newaxis]
    logs = np.hstack([np.log(rates), np.log1p(-rates), np.ones_like(rates)])
    # One large array instead of three; and unlike "@" the same bits for a rate alone or among many.
    terms = np.einsum("ij,jk->ik", logs, np.stack([k, n - k, log_choose(n)]))
    return np.exp(terms, out=terms)


def beta_binomial(n, a, b) -> np.ndarray:
    """Return the probabilities of 0 ... n responders whose rate is Beta(a, b) distributed.

    Examples
    --------
    >>> beta_binomial(2, 1, 1).round(3)
    array([0.333, 0.333, 0.333])
    """
    k = np.arange(n + 1)
    return np.exp(log_choose(n) + betaln(a + k, b + n - k) - betaln(a, b))


def first_whole(holds, last) -> np.ndarray:
    """Return the smallest whole number from 0 to `last` from which `holds` is true.

    Parameters
    ----------
    holds : callable
        Takes an array of the shape of `last`; false and then true, and taken as true at `last`.
    last : array
        Whole numbers, as floats.

    Examples
    --------
    >>> first_whole(lambda number: number**2 > 10, np.array([3.0, 9.0]))
    array([3., 4.])
    """
    low, high = np.zeros_like(last), last
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        true = holds(middle)
        low, high = np.where(true, low, np.minimum(middle + 1, high)), np.where(true, middle, high)
    return high


@functools.lru_cache(maxsize=256)
def log_choose(n):
    """Return the log of C(n, k) for k = 0 ... n.

    Examples
    --------
    >>> np.exp(log_choose(3)).round(9)
    array([1., 3., 3., 1.])
    """
    k = np.arange(n + 1)
    return -np.log1p(n) - betaln(k + 1, n - k + 1)
