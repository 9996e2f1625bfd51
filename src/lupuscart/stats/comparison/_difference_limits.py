"""Lower confidence limits of a difference between two proportions.

Vocabulary: d is a difference p1 - p2 that is being tested. The *score statistic* z of a table at d
is (k1/n1 - k2/n2 - d) over its standard error at the maximum likelihood estimate with p1 - p2 = d;
it rises with k1 and falls with k2 and with d. The *upper tail* of the observed table is all tables
with z at least its own, the *lower tail* those with z at most minus its own. The rate of group 2 is
the *nuisance rate*: d and it determine both rates. A lower limit is the smallest d that is not
rejected; upper limits follow by exchanging the groups and the sign.

*Asymptotic* limits refer the observed z to the normal distribution (Mee; Miettinen and Nurminen
with the variance times N / (N - 1)). *Exact* ones take the supremum, over the nuisance rate, of
the probability of the upper tail (Chan and Zhang) or of both (Agresti and Min). The tails change
with d, so their p-value jumps, and a d may be kept although some between it and the estimate are
rejected. What is found is the hull: the search starts at -1 and passes over a stretch of d only
where a bound from the tails at both its ends shows that all of it is rejected. A table that enters
and leaves the tail inside one stretch escapes that bound; a stricter one, which does not miss it,
gave the same limit in each of six cases tried.

Sources: Miettinen & Nurminen 1985 Stat Med 4:213; Mee 1984 Biometrics 40:1175; Farrington & Manning
1990 Stat Med 9:1447; Chan & Zhang 1999 Biometrics 55:1202; Agresti & Min 2001 Biometrics 57:963.
"""

import functools
import math

import numpy as np
from scipy.special import ndtri

from lupuscart.stats._binomial import TIE, binomial

__all__ = ["asymptotic_lower", "exact_lower", "score_statistic"]

# Steps of the search. Powers of 2: a limit of exactly 0 is met exactly.
COARSEST, FINEST = 2.0**-5, 2.0**-24


def asymptotic_lower(k1, n1, k2, n2, alpha, *, corrected: bool) -> float:
    """Return the smallest d whose z is not above the normal quantile of 1 - alpha/2.

    Parameters
    ----------
    k1, n1, k2, n2 : int
        Responders and patients of either group.
    alpha : float
        One minus the confidence level.
    corrected : bool
        Whether the variance is multiplied by N / (N - 1), as Miettinen and Nurminen do.

    Examples
    --------
    >>> round(asymptotic_lower(6, 7, 2, 7, 0.05, corrected=True), 4)
    0.0342
    """
    n = n1 + n2
    largest = -ndtri(alpha / 2) * math.sqrt(n / (n - 1) if corrected else 1)
    # z falls as d rises, so the right end of a stretch speaks for all of it.
    return _outermost(
        lambda left, right: score_statistic(k1, n1, k2, n2, right) <= largest, k1 / n1 - k2 / n2
    )


def exact_lower(k1, n1, k2, n2, alpha, *, two_sided: bool) -> float:
    """Return the smallest d that an exact unconditional score test does not reject.

    Parameters
    ----------
    k1, n1, k2, n2 : int
        Responders and patients of either group.
    alpha : float
        One minus the confidence level.
    two_sided : bool
        Whether both tails together are held against alpha, or the upper one against alpha/2.

    Examples
    --------
    >>> round(exact_lower(12, 15, 9, 26, 0.05, two_sided=False), 3)
    0.114
    """
    level = alpha if two_sided else alpha / 2
    every_k1, every_k2 = np.indices((n1 + 1, n2 + 1))

    @functools.cache
    def tails(d):
        z = score_statistic(every_k1, n1, every_k2, n2, d)
        if n1 == n2:  # k1 v k2 and n - k2 v n - k1 tie whatever d is: make it so to the last bit
            z = (z + z[::-1, ::-1].T) / 2
        bound = z[k1, k2] * (1 - TIE)
        return z >= bound, z <= -bound

    def may_accept(left, right):
        # Where left = right this is whether the p-value passes the level. Else it is a bound: at
        # the same place along the line of possible rates, a larger difference makes the upper
        # tail more probable and the lower one less. So whatever is in the upper tail at either
        # end is counted at the right end, and the lower tails at the left one.
        upper, lower = (a | b for a, b in zip(tails(left), tails(right), strict=True))

        def probability(place):
            p = _tail_probability(upper, right, place)
            return p + _tail_probability(lower, left, place) if two_sided else p

        return _passes(level, probability, n1 + n2)

    return _outermost(may_accept, k1 / n1 - k2 / n2)


def score_statistic(k1, n1, k2, n2, d) -> np.ndarray:
    """Return z of each table at the difference d, without the factor N / (N - 1).

    Parameters
    ----------
    k1, k2 : int or arrays of one shape
        Responders.
    n1, n2 : int
        Patients.
    d : float
        Difference, -1 to 1.

    Examples
    --------
    >>> round(float(score_statistic(12, 15, 6, 15, 0)), 3)
    2.236
    """
    n, total = n1 + n2, k1 + k2
    # The likelihood equation is a cubic in p2 with three real roots; the middle one maximises.
    c2 = ((n1 + 2 * n2) * d - n - total) / (3 * n)
    c1 = ((n2 * d - n - 2 * k2) * d + total) / (3 * n)
    c0 = k2 * d * (1 - d) / n
    # Products, as a general power of a negative number takes fifty times as long.
    half_fall = c2 * c2 * c2 - 1.5 * c1 * c2 + c0 / 2
    radius = np.copysign(np.sqrt(np.maximum(c2 * c2 - c1, 0)), half_fall)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(radius == 0, 1.0, np.clip(half_fall / (radius * radius * radius), -1, 1))
        p2 = 2 * radius * np.cos((math.pi + np.arccos(cosine)) / 3) - c2
        p2 = np.clip(p2, max(0, -d), min(1, 1 - d))
        p1 = np.clip(p2 + d, 0, 1)
        difference = k1 / n1 - k2 / n2 - d
        z = difference / np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return np.where(difference == 0, 0.0, z)


def _outermost(may_accept, estimate):
    """Smallest accepted d from -1 to the estimate.

    `may_accept(left, right)` is true at least where a d in [left, right] is accepted. A stretch
    without any is passed, and unless it was the first half of one with some, the step doubles; any
    other is halved, down to the finest step.
    """
    if may_accept(-1.0, -1.0):
        return -1.0
    left, step, until = -1.0 + FINEST, COARSEST, -1.0
    while left < estimate:
        right = min(left + step, estimate)
        if not may_accept(left, right):
            # Something up to `until` may be accepted: the other half is next, and no more.
            left, step = right, step if right < until else min(2 * step, COARSEST)
        elif step > FINEST:
            until, step = right, step / 2
        else:
            return right
    return estimate


def _tail_probability(tail, d, place):
    """Probability of a tail, at places from 0 to 1 along the rates with p1 - p2 = d."""
    lowest, highest = max(0, -d), min(1, 1 - d)
    rate_2 = lowest + (highest - lowest) * place
    n1, n2 = (size - 1 for size in tail.shape)
    weight_1, weight_2 = binomial(n1, rate_2 + d), binomial(n2, rate_2)
    # Summed over the larger group first, so that only its weights are a large array.
    if n1 > n2:
        return ((weight_1 @ tail) * weight_2).sum(axis=1)
    return ((weight_2 @ tail.T) * weight_1).sum(axis=1)


def _passes(level, probability, n):
    """Whether a function of the place passes the level anywhere from 0 to 1.

    A grid as fine as for tests of no difference shows each peak at most 1 % too low. Where that
    leaves the answer open, a finer one follows around the peak, and a parabola through its top.
    """
    angles = np.linspace(0, math.pi / 2, math.ceil(4 * math.pi * math.sqrt(n)))
    values = probability(np.sin(angles) ** 2)
    left, middle, right = values[:-2], values[1:-1], values[2:]
    peaks = np.nonzero((middle >= left) & (middle >= right) & (middle > 0.98 * level))[0]
    if values.max() > level or not len(peaks):
        return values.max() > level
    around = np.linspace(angles[peaks], angles[peaks + 2], 17)
    values = probability(np.sin(around.ravel()) ** 2).reshape(around.shape)
    top = np.clip(values.argmax(axis=0), 1, 15)
    left, middle, right = (values[top + shift, np.arange(len(top))] for shift in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -np.finfo(float).tiny)
    return (middle - (right - left) ** 2 / (8 * bend)).max() > level
