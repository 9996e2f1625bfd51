"""P-values of two-by-two tables, conditional on the margins and unconditional.

Vocabulary: a *table* is k1 responders of n1 patients and k2 of n2; N is n1 + n2 and the *total*
k1 + k2. An *ordering* gives every table of a design a number, small where it is extreme: a p-value
of Fisher's test, or minus a z statistic. The *tail* of a table is all tables at least as extreme.
Tables whose numbers agree to a relative 1e-9 are *tied*, and a tail holds its ties.

Fisher's p-value is the probability of the tail given the total. The *unconditional* p-value
(Barnard, Boschloo) is the supremum of the probability of the tail over the common response rate,
which the null hypothesis leaves open. Both groups then being one of N patients, the total is
binomial and, given the total, the tables have hypergeometric weights that do not depend on the
rate. So a tail is known by its conditional probability h(s) given each total s, and what has to be
maximised is the Bernstein polynomial

    sum over s of h(s) C(N, s) r^s (1 - r)^(N - s).

Tables come as two integer arrays k1 and k2 of one length, so that one table and a whole design
take the same way.
"""

import bisect
import functools
import math

import numpy as np
from scipy.special import expit, logit

from lupuscart.stats._binomial import TIE, binomial, log_choose, tie_bound
from lupuscart.stats.proportion import proportion_ci

__all__ = ["p_values", "rejected"]

# Numbers held at once while the tails of a design are worked through: 16 MB.
CHUNK = 2_000_000

# The part of a peak that the grid of a supremum shows at least.
_SEEN = 0.98


def p_values(
    n1, n2, k1, k2, *, method, alternative, variance="pooled", berger_boos=0.0
) -> np.ndarray:
    """Return the p-values of the tables (k1, k2) for the hypothesis of equal rates.

    Parameters
    ----------
    n1, n2 : int
        Patients in group 1 and group 2.
    k1, k2 : arrays of one length
        Responders.
    method : {"boschloo", "barnard", "fisher", "fisher-mid-p"}
        The test.
    alternative : {"two-sided", "less", "greater", "doubled"}
        "greater" is p1 > p2; "doubled" is twice the smaller one-sided p-value, at most 1.
    variance : {"pooled", "unpooled"}
        Of Barnard's z.
    berger_boos : float
        Probability spent on restricting the common rate; 0 restricts nothing. Fisher's tests
        do not read it.

    Returns
    -------
    numpy.ndarray
        As long as k1; above 0, at most 1.

    Examples
    --------
    >>> p_values(5, 5, np.array([5]), np.array([0]), method="boschloo", alternative="two-sided")
    array([0.00195312])
    """
    options = {"method": method, "variance": variance, "berger_boos": berger_boos}
    p_of = functools.partial(p_values, n1, n2, **options)
    if alternative == "less":  # fewer responders are more non-responders
        return p_of(n1 - k1, n2 - k2, alternative="greater")
    if alternative == "doubled":
        one_sided = [p_of(k1, k2, alternative=side) for side in ("less", "greater")]
        return np.minimum(2 * np.minimum(*one_sided), 1)
    if method.startswith("fisher"):
        return _fisher(n1, n2, k1, k2, alternative, mid=method == "fisher-mid-p")
    ordering = _ordering(n1, n2, method, alternative, variance)
    return _unconditional(n1, n2, k1, k2, ordering, berger_boos)


def rejected(n1, n2, alpha, *, method, alternative, variance="pooled") -> np.ndarray:
    """Return in which tables of a design p <= alpha, but for rounding.

    A larger tail has a larger p-value, so that of an unconditional test a dozen tails, found by
    halving, stand for all.

    Parameters
    ----------
    n1, n2 : int
        Patients in group 1 and group 2.
    alpha : float
        Level, between 0 and 1.
    method, alternative, variance
        As for `p_values`.

    Returns
    -------
    numpy.ndarray of bool
        Shape (n1 + 1, n2 + 1).

    Examples
    --------
    >>> rejected(3, 3, 0.05, method="fisher", alternative="greater")[3]
    array([ True, False, False, False])
    """
    options = {"method": method, "variance": variance}
    region_of = functools.partial(rejected, n1, n2, **options)
    if alternative == "less":
        return region_of(alpha, alternative="greater")[::-1, ::-1]
    if alternative == "doubled":
        less, greater = (region_of(alpha / 2, alternative=side) for side in ("less", "greater"))
        return less | greater
    if method.startswith("fisher"):
        every = np.indices((n1 + 1, n2 + 1)).reshape(2, -1)
        p = p_values(n1, n2, *every, alternative=alternative, **options)
        return (p <= tie_bound(alpha)).reshape(n1 + 1, n2 + 1)
    ordering = _ordering(n1, n2, method, alternative, variance)
    order, weight, total = _in_order(n1, n2, ordering)
    in_tail = np.searchsorted(ordering.ravel()[order], tie_bound(ordering), side="right")
    sizes = np.unique(in_tail)

    def passes(size):
        h = np.bincount(total[:size], weight[:size], minlength=n1 + n2 + 1)
        return _passes(h[np.newaxis], tie_bound(alpha))

    first = bisect.bisect_left(sizes, True, key=passes)
    return in_tail <= (sizes[first - 1] if first else 0)


def _ordering(n1, n2, method, alternative, variance):
    """Return what orders the tables of an unconditional test, "greater" or "two-sided"."""
    every_k1, every_k2 = np.indices((n1 + 1, n2 + 1)).reshape(2, -1)
    if method == "boschloo":
        ordering = _fisher(n1, n2, every_k1, every_k2, alternative)
    else:
        z = _z(n1, n2, every_k1, every_k2, variance)
        ordering = -z if alternative == "greater" else -abs(z)
    return ordering.reshape(n1 + 1, n2 + 1)


def _fisher(n1, n2, k1, k2, alternative, mid=False):
    """Fisher's p: "greater" sums over larger k1, "two-sided" over tables no more probable."""
    p = np.empty(len(k1))
    total = k1 + k2
    totals = np.unique(total)
    for some in np.array_split(totals, math.ceil(len(totals) * (n1 + 1) / CHUNK)):
        here = (total >= some[0]) & (total <= some[-1])
        row, column = np.searchsorted(some, total[here]), k1[here]
        tail, beyond_ties = _conditional_tails(n1, n2, some, alternative)
        p[here] = tail[row, column]
        if mid:
            p[here] = (p[here] + beyond_ties[row, column]) / 2
    # A probability too small for a float is still not zero.
    return np.clip(p, np.finfo(float).tiny, 1)


def _conditional_tails(n1, n2, totals, alternative):
    """Probability of the tail of every k1 (columns) given each total (rows), with ties, without."""
    k2 = totals[:, np.newaxis] - np.arange(n1 + 1)
    log_weight = log_choose(n1) + log_choose(n2)[np.clip(k2, 0, n2)]
    log_weight[(k2 < 0) | (k2 > n2)] = -np.inf
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    nothing = np.zeros((len(totals), 1))
    if alternative == "greater":
        summed = np.hstack([np.cumsum(weight[:, ::-1], axis=1)[:, ::-1], nothing])
        return summed[:, :-1], summed[:, 1:]
    order = np.argsort(weight, axis=1)
    ranked = np.take_along_axis(weight, order, axis=1)
    summed = np.hstack([nothing, np.cumsum(ranked, axis=1)])
    # Each rank of a tie stands for the first and the last of it.
    place = np.arange(n1 + 1)
    rises = ranked[:, 1:] > ranked[:, :-1] * (1 + TIE)
    first = np.maximum.accumulate(np.hstack([nothing == 1, rises]) * place, axis=1)
    last = np.hstack([np.where(rises, place[:-1], n1), nothing.astype(int) + n1])
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    tail, beyond_ties = np.empty_like(weight), np.empty_like(weight)
    for found, at in ((tail, last + 1), (beyond_ties, first)):
        np.put_along_axis(found, order, np.take_along_axis(summed, at, axis=1), axis=1)
    return tail, beyond_ties


def _z(n1, n2, k1, k2, variance):
    """Difference of the rates over its standard error, up to a factor common to all tables."""
    difference = k1 * n2 - k2 * n1  # in whole numbers, so that "no difference" is exactly 0
    if variance == "pooled":
        spread = (k1 + k2) * (n1 + n2 - k1 - k2)
    else:
        spread = k1 * (n1 - k1) / n1**3 + k2 * (n2 - k2) / n2**3
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0, 0.0, difference / np.sqrt(spread))


def _unconditional(n1, n2, k1, k2, ordering, berger_boos):
    """Unconditional p-values of the tables (k1, k2) from the ordering of all tables.

    With the tables in their order, h(s) of every tail is a running sum. The rates that Berger and
    Boos keep depend on the total of a table, so then a tail is done once for each total.
    """
    width = n1 + n2 + 1
    order, weight, total = _in_order(n1, n2, ordering)

    # Tied tables have one tail: each distinct tail, known by its number of tables, is done once.
    in_tail = np.searchsorted(ordering.ravel()[order], tie_bound(ordering[k1, k2]), side="right")
    kept = in_tail if berger_boos == 0 else in_tail * width + k1 + k2
    _, first, tail_of = np.unique(kept, return_index=True, return_inverse=True)
    sizes, ends = in_tail[first], (k1 + k2)[first]
    p = np.empty(len(sizes))
    summed, start = np.zeros(width), 0
    for tails in np.array_split(np.arange(len(sizes)), math.ceil(len(sizes) * width / CHUNK)):
        stop = sizes[tails[-1]]
        joins = np.searchsorted(sizes[tails], np.arange(start, stop), side="right")
        cell = joins * width + total[start:stop]
        added = np.bincount(cell, weight[start:stop], minlength=len(tails) * width)
        h = summed + np.cumsum(added.reshape(-1, width), axis=0)
        rates = _rates_kept(ends[tails], n1 + n2, berger_boos)
        p[tails] = _supremum(h, *rates) + berger_boos
        summed, start = h[-1], stop
    return np.minimum(p, 1)[tail_of]


def _in_order(n1, n2, ordering):
    """Return the tables in their order, with their weight given the total, and their total."""
    order = np.argsort(ordering, axis=None)
    total = np.add.outer(np.arange(n1 + 1), np.arange(n2 + 1))
    ways = np.add.outer(log_choose(n1), log_choose(n2))
    weight = np.exp(ways - log_choose(n1 + n2)[total])
    return order, weight.ravel()[order], total.ravel()[order]


def _rates_kept(totals, n, berger_boos):
    """Clopper-Pearson limits of the common rate; 0 and 1 if nothing is spent on them."""
    if berger_boos == 0:
        return np.zeros(len(totals)), np.ones(len(totals))
    return proportion_ci(totals, n, confidence_level=1 - berger_boos)


def _supremum(h, lowest, highest):
    """Supremum over the common rate, for each row of h between its own two rates.

    With r = sin(t)^2 every term C(N, s) r^s (1 - r)^(N - s) has, in t, the curvature of a normal
    density with standard deviation 1 / (2 sqrt(N)) at its top, so that peaks near 0 and 1 are no
    narrower than others. A grid of a quarter of that finds the peaks, at most 1 % too low.
    Newton's method climbs them on the log odds, where the derivatives are moments of s.
    """
    n = h.shape[1] - 1
    rates, on_grid = _on_grid(h)
    inside = (rates >= lowest[:, np.newaxis]) & (rates <= highest[:, np.newaxis])
    at_ends = _value_at_ends(h, lowest, highest)
    best = np.maximum(np.where(inside, on_grid, 0.0).max(axis=1), at_ends)

    middle = on_grid[:, 1:-1]
    peak = (middle >= on_grid[:, :-2]) & (middle >= on_grid[:, 2:])
    near = inside[:, :-2] | inside[:, 1:-1] | inside[:, 2:]
    can_be_highest = (middle > _SEEN * best[:, np.newaxis]) & (at_ends < 0.5)[:, np.newaxis]
    row, column = np.nonzero(peak & near & can_be_highest)
    bounds = logit(np.clip([lowest[row], highest[row]], 1e-300, 1 - 1e-16))
    low, at, high = (np.clip(logit(rates[column + step]), *bounds) for step in (0, 1, 2))
    powers = np.arange(n + 1)[:, np.newaxis] ** np.arange(3.0)
    for _ in range(5):
        rate = expit(at)
        value, first, second = ((h[row] * binomial(n, rate)) @ powers).T
        np.maximum.at(best, row, value)
        slope = first - n * rate * value
        bend = second - 2 * n * rate * first + n * rate * (n * rate - 1 + rate) * value
        at = np.clip(at + slope / np.maximum(abs(bend), np.finfo(float).tiny), low, high)
    return best


def _on_grid(h):
    """Return the rates of the grid, and the value of each row of h at each of them."""
    n = h.shape[1] - 1
    points = math.ceil(4 * math.pi * math.sqrt(n)) + 2
    rates = np.sin((np.arange(points) + 0.5) * math.pi / (2 * points)) ** 2
    parts = np.array_split(rates, math.ceil(points * (n + 1) / CHUNK))
    return rates, np.concatenate([h @ binomial(n, part).T for part in parts], axis=1)


def _passes(h, bound):
    """Whether the supremum of one row of h, over every common rate, passes a bound.

    The grid alone says so, unless its highest value is just below.
    """
    everywhere = np.zeros(1), np.ones(1)
    _, on_grid = _on_grid(h)
    highest = max(on_grid.max(), _value_at_ends(h, *everywhere)[0])
    if _SEEN * bound < highest <= bound:
        highest = _supremum(h, *everywhere)[0]
    return highest > bound


def _value_at_ends(h, lowest, highest):
    """The larger value at the two ends; at 0 and 1 that of "none" and of "all respond"."""
    if lowest.max() == 0 and highest.min() == 1:
        return np.maximum(h[:, 0], h[:, -1])
    n = h.shape[1] - 1
    return np.maximum(*((h * binomial(n, end)).sum(axis=1) for end in (lowest, highest)))
