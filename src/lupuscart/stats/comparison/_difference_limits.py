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

*Berger and Boos* take the supremum over those rates alone that lie in the Clopper-Pearson interval
of their own group at the level 1 - gamma/2, and add gamma to the p-value for the rates left out.

As z rises with k1 and falls with k2, a tail is a staircase: of each k1 it holds the smallest k2, or
the largest ones. So a million tables are known by a thousand steps.

Sources: Miettinen & Nurminen 1985 Stat Med 4:213; Mee 1984 Biometrics 40:1175; Farrington & Manning
1990 Stat Med 9:1447; Chan & Zhang 1999 Biometrics 55:1202; Agresti & Min 2001 Biometrics 57:963;
Berger & Boos 1994 J Am Stat Assoc 89:1012.
"""

import functools
import math

import numpy as np
from scipy.special import ndtri

from lupuscart.stats._binomial import TIE, at_most, binomial
from lupuscart.stats.proportion import proportion_ci

__all__ = ["asymptotic_lower", "exact_lower", "score_statistic"]

# Steps of the search. Powers of 2: a limit of exactly 0 is met exactly.
COARSEST, FINEST = 2.0**-5, 2.0**-24

# Tables up to which looking at each takes less time than halving.
_FEW_TABLES = 4_000


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


# Up to a quarter of a second each, and whoever moves a slider back asks for the same again.
@functools.lru_cache(maxsize=4096)
def exact_lower(k1, n1, k2, n2, alpha, *, two_sided: bool, berger_boos: float = 0.0) -> float:
    """Return the smallest d that an exact unconditional score test does not reject.

    Parameters
    ----------
    k1, n1, k2, n2 : int
        Responders and patients of either group.
    alpha : float
        One minus the confidence level.
    two_sided : bool
        Whether both tails together are held against alpha, or the upper one against alpha/2.
    berger_boos : float
        Probability given up for restricting the rates; 0 to restrict nothing.

    Examples
    --------
    >>> round(exact_lower(12, 15, 9, 26, 0.05, two_sided=False), 3)
    0.114
    """
    if n1 > n2:  # of fewer patients there are fewer steps; non-responders exchanged differ by d too
        k1, n1, k2, n2 = n2 - k2, n2, n1 - k1, n1
    level = (alpha if two_sided else alpha / 2) - berger_boos
    if level <= 0:  # the penalty alone reaches the level: nothing is rejected
        return -1.0
    places = functools.partial(_places, *_rates_kept(k1, n1, k2, n2, berger_boos))
    accepted_at = [0.5]  # where a stretch was accepted last, the next one often is

    @functools.cache
    def tails(d):
        return _staircases(k1, n1, k2, n2, d, two_sided)

    def may_accept(left, right):
        # Where left = right this is whether the p-value passes the level. Else it is a bound: at
        # the same place along the line of possible rates, a larger difference makes the upper
        # tail more probable and the lower one less. So whatever is in the upper tail at either
        # end is counted at the right end, and the lower tails at the left one.
        (upper, lower), (upper_right, lower_right) = tails(left), tails(right)
        upper = np.maximum(upper, upper_right)
        lower = np.minimum(lower, lower_right) if two_sided else None

        def probability(place):
            p = _upper_tail(upper, n2, right, place)
            return p if lower is None else p + _lower_tail(lower, n2, left, place)

        return _passes(level, probability, n1 + n2, places(left, right), accepted_at)

    return _outermost(may_accept, k1 / n1 - k2 / n2)


def _rates_kept(k1, n1, k2, n2, berger_boos):
    """Limits of the two rates outside which they are given up."""
    if berger_boos == 0:
        return (0.0, 1.0), (0.0, 1.0)
    return tuple(
        proportion_ci(k, n, confidence_level=1 - berger_boos / 2) for k, n in ((k1, n1), (k2, n2))
    )


def _places(rates_1, rates_2, left, right):
    """First and last place, 0 to 1, along the rates kept, of any d from left to right.

    Each of the two ends has, as d rises, a part that rises and one that falls, and turns where
    they meet.
    """
    turns = [r1 - r2 for r1, r2 in zip(rates_1, rates_2, strict=True)]
    differences = [left, right, *(d for d in turns if left < d < right)]
    first, last = [], []
    for d in differences:
        lowest, length = max(0.0, -d), 1 - abs(d)
        if length == 0:
            return 0.0, 1.0
        first.append((max(rates_2[0], rates_1[0] - d) - lowest) / length)
        last.append((min(rates_2[1], rates_1[1] - d) - lowest) / length)
    return min(max(min(first), 0.0), 1.0), min(max(max(last), 0.0), 1.0)


def _staircases(k1, n1, k2, n2, d, two_sided):
    """Of each count of group 1: how many k2 the upper tail holds, and where the lower one begins.

    The latter only where it is asked for, if `two_sided`.
    """
    every_k1 = np.arange(n1 + 1)

    def statistic(first, second):
        z = score_statistic(first, n1, second, n2, d)
        if n1 == n2:  # k1 v k2 and n - k2 v n - k1 tie whatever d is: make it so to the last bit
            z = (z + score_statistic(n1 - second, n1, n1 - first, n1, d)) / 2
        return z

    bound = float(statistic(np.array(k1), np.array(k2))) * (1 - TIE)
    if (n1 + 1) * (n2 + 1) <= _FEW_TABLES:
        z = statistic(every_k1[:, np.newaxis], np.arange(n2 + 1))
        return (z >= bound).sum(axis=1), (z > -bound).sum(axis=1) if two_sided else None
    upper = _first_false(lambda second: statistic(every_k1, second) >= bound, n1, n2)
    if not two_sided:
        return upper, None
    return upper, _first_false(lambda second: statistic(every_k1, second) > -bound, n1, n2)


def _first_false(holds, n1, n2):
    """Of each count of group 1 the first k2, 0 to n2 + 1, at which `holds` is false.

    Found by halving, on all counts of group 1 at once.
    """
    low, high = np.zeros(n1 + 1, dtype=np.int64), np.full(n1 + 1, n2 + 1)
    while np.any(low < high):
        middle = (low + high) // 2
        true = holds(np.minimum(middle, n2)) & (middle <= n2)
        low, high = np.where(true, middle + 1, low), np.where(true, high, middle)
    return low


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
        cosine = _between(-1, half_fall / (radius * radius * radius), 1)
        cosine = np.where(radius == 0, 1.0, cosine)
        p2 = 2 * radius * np.cos((math.pi + np.arccos(cosine)) / 3) - c2
        p2 = _between(max(0, -d), p2, min(1, 1 - d))
        p1 = _between(0, p2 + d, 1)
        difference = k1 / n1 - k2 / n2 - d
        z = difference / np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return np.where(difference == 0, 0.0, z)


def _between(low, values, high):
    """`numpy.clip`, which takes three times as long for the few values of a small cohort."""
    return np.minimum(np.maximum(values, low), high)


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


def _upper_tail(steps, n2, d, place):
    """Probability, at each place along the rates with p1 - p2 = d, of k2 below its step."""
    rate_2 = _rate_2(d, place)
    weight = binomial(len(steps) - 1, rate_2 + d)
    return (weight * _at_most(steps - 1, n2, rate_2)).sum(axis=1)


def _lower_tail(steps, n2, d, place):
    """The same of k2 from its step on: of non-responders below theirs."""
    rate_2 = _rate_2(d, place)
    weight = binomial(len(steps) - 1, rate_2 + d)
    return (weight * _at_most(n2 - steps, n2, 1 - rate_2)).sum(axis=1)


def _rate_2(d, place):
    lowest, highest = max(0, -d), min(1, 1 - d)
    return lowest + (highest - lowest) * place


def _at_most(counts, n, rates):
    """P(X <= count) at each rate (rows) and count (columns)."""
    if 25 * len(counts) < n:  # a few incomplete beta functions cost less than a large table
        return at_most(counts, n, rates[:, np.newaxis])
    summed = np.cumsum(binomial(n, rates), axis=1)
    return np.where(counts < 0, 0.0, summed[:, np.maximum(counts, 0)])


def _passes(level, probability, n, places, accepted_at):
    """Whether a function of the place passes the level anywhere between two places.

    A grid as fine as for tests of no difference shows each peak at most 1 % too low. Where that
    leaves the answer open, a finer one follows around the peak, and a parabola through its top.
    """
    first, last = np.arcsin(np.sqrt(places))
    if first > last:
        return False
    inside = np.clip(accepted_at[0], *places)
    if probability(np.array([inside]))[0] > level:
        return True
    spacing = math.pi / 2 / (math.ceil(4 * math.pi * math.sqrt(n)) - 1)
    angles = np.linspace(first, last, max(math.ceil((last - first) / spacing) + 1, 3))
    values = probability(np.sin(angles) ** 2)
    if values.max() > level:
        accepted_at[0] = np.sin(angles[values.argmax()]) ** 2
        return True
    left, middle, right = values[:-2], values[1:-1], values[2:]
    peaks = np.nonzero((middle >= left) & (middle >= right) & (middle > 0.98 * level))[0]
    if not len(peaks):
        return False
    around = np.linspace(angles[peaks], angles[peaks + 2], 17)
    values = probability(np.sin(around.ravel()) ** 2).reshape(around.shape)
    top = np.clip(values.argmax(axis=0), 1, 15)
    left, middle, right = (values[top + shift, np.arange(len(top))] for shift in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -np.finfo(float).tiny)
    return (middle - (right - left) ** 2 / (8 * bend)).max() > level
