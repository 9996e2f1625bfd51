"""Before and after in the same few patients: what their changes can show.

Vocabulary
----------
fall : a decrease of a score; improvement.
tie : a score that did not change; ties do not enter a sign test.
floor : the smallest p-value a test of n patients can give, whatever the data.
achieved level : the true confidence level of an interval that can only end on values seen.
reliability : correlation of two measurements of one untreated patient.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, bdtrc, betaln, erfcx, xlog1py, xlogy

from lupuscart.arguments import (
    check_choice,
    check_confidence_level,
    check_numbers,
    check_rate,
    check_same_index,
    check_whole_numbers,
)

__all__ = [
    "MedianInterval",
    "RegressionToMean",
    "median_interval",
    "regression_to_mean",
    "sign_test",
    "smallest_sign_p",
]

ALTERNATIVES = ("two-sided", "less", "greater")

# A two-sided p-value looks at every possible result.
_LARGEST_N = 1_000_000

_FINITE = {"low": -np.finfo(float).max, "high": np.finfo(float).max}


def sign_test(n_fell, n_rose, *, null=0.5, alternative: str = "two-sided"):
    """Return the exact p-value of a sign test.

    Parameters
    ----------
    n_fell, n_rose : int or array of int
        Patients whose score fell, and rose; ties are left out beforehand.
    null : float or array of float
        Probability that a score which changes falls, under the null hypothesis. One half
        is wrong for patients enrolled in a flare: most of their scores fall untreated.
    alternative : {"two-sided", "less", "greater"}
        ``greater``: more falls than under the null; ``less``: fewer.

    Returns
    -------
    float or array of float
        The p-value.

    Raises
    ------
    ValueError
        If a count is not whole or over 1,000,000, or no score changed.

    Notes
    -----
    The binomial test of n_fell of n_fell + n_rose. Two-sided: the total probability of all
    outcomes no more likely than the one seen, compared with a relative tolerance of 1e-7
    (as R's ``binom.test``); with a null of one half, twice the smaller tail.

    Examples
    --------
    >>> sign_test(5, 0)
    0.0625
    >>> sign_test(5, 0, null=[0.5, 0.8, 0.9], alternative="greater").round(3)
    array([0.031, 0.328, 0.59 ])
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    check_same_index(n_fell=n_fell, n_rose=n_rose, null=null)
    fell = check_whole_numbers("n_fell", n_fell, maximum=_LARGEST_N)
    rose = check_whole_numbers("n_rose", n_rose, maximum=_LARGEST_N)
    fell, rose, null = _one_shape(n_fell=fell, n_rose=rose, null=check_rate("null", null))
    n = fell + rose
    if (n == 0).any():
        raise ValueError("n_fell and n_rose are both 0; allowed: at least one score that changed")
    if alternative == "greater":
        return _plain(bdtrc(fell - 1, n, null))
    if alternative == "less":
        return _plain(bdtr(fell, n, null))
    return _plain(np.vectorize(_minimum_likelihood_p, otypes=[float])(fell, n, null))


def smallest_sign_p(n, *, alternative: str = "two-sided", null=0.5):
    """Return the smallest p-value a sign test of `n` patients can give, whatever the data.

    Parameters
    ----------
    n : int or array of int
        Patients whose score changed.
    alternative, null
        As for `sign_test`.

    Returns
    -------
    float or array of float
        With ``alternative="greater"`` this is null ** n, the probability that all n fall
        if each falls with probability `null`; with ``"less"`` (1 - null) ** n, that none does.

    Notes
    -----
    With a null of one half it is .5 ** n one-sided and twice that two-sided. The exact
    signed-rank and sign-flip tests have the same floor: all 2 ** n patterns of signs are
    equally likely, and theirs too is smallest when every score falls. One minus the
    two-sided value is the level at which the smallest to the largest of n values cover
    their median.

    Examples
    --------
    >>> smallest_sign_p([4, 5, 6])
    array([0.125  , 0.0625 , 0.03125])
    >>> smallest_sign_p(5, alternative="greater", null=[0.8, 0.9]).round(2)
    array([0.33, 0.59])
    """
    n = check_whole_numbers("n", n, minimum=1, maximum=_LARGEST_N)
    all_fell = sign_test(n, 0, null=null, alternative=alternative)
    none_fell = sign_test(0, n, null=null, alternative=alternative)
    return _plain(np.minimum(all_fell, none_fell))


@dataclass(frozen=True)
class MedianInterval:
    """An interval of a median that ends on values seen.

    Parameters
    ----------
    low, high : float
        The ends; infinite on the open side of a one-sided interval.
    level : float
        Achieved confidence level, at least the one asked for.
    """

    low: float
    high: float
    level: float


def median_interval(values, *, confidence_level: float = 0.95, bound: str = "two-sided"):
    """Return the distribution-free confidence interval of a median.

    Parameters
    ----------
    values : array of float
        One value a patient, such as the changes of the scores.
    confidence_level : float
        Least level wanted; 0.95 is 95 %.
    bound : {"two-sided", "lower", "upper"}
        ``lower`` gives (low, infinity), ``upper`` (-infinity, high).

    Returns
    -------
    MedianInterval
        ``low``, ``high`` and the achieved ``level``.

    Raises
    ------
    ValueError
        If `values` are so few that no such interval exists: two-sided 95 % needs six,
        one-sided five. The error gives the level that the extreme values have.

    Notes
    -----
    From the k-th smallest to the k-th largest value, with the largest k for which the
    binomial tail P(X <= k - 1), X of n at one half, is at most alpha/2 (alpha one-sided).
    The level is exact for a continuous distribution and at least that with ties. No
    interpolation between values.

    References
    ----------
    Thompson WR. Ann Math Stat 1936;7:122-128.

    Examples
    --------
    >>> median_interval([-20, -18, -16, -12, -10, -8])
    MedianInterval(low=-20.0, high=-8.0, level=0.96875)
    >>> median_interval([-20, -18, -16, -12, -10], bound="upper")
    MedianInterval(low=-inf, high=-10.0, level=0.96875)
    """
    level = check_confidence_level(confidence_level)
    sides = 2 if check_choice("bound", bound, ["two-sided", "lower", "upper"]) == "two-sided" else 1
    values = check_numbers("values", values, "finite numbers", **_FINITE)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"values has shape {values.shape}; allowed: one value a patient")
    ordered = np.sort(values)
    missed = sides * bdtr(np.arange(ordered.size), ordered.size, 0.5)
    # The tolerance keeps a level such as .9375, asked for exactly, within reach.
    rank = int(np.searchsorted(missed, 1 - level + 1e-12, side="right"))
    if rank == 0:
        raise ValueError(_too_few(ordered.size, level, sides))
    low, high = float(ordered[rank - 1]), float(ordered[-rank])
    return MedianInterval(
        low=-np.inf if bound == "upper" else low,
        high=np.inf if bound == "lower" else high,
        level=float(1 - missed[rank - 1]),
    )


def _too_few(n, level, sides):
    needed = int(np.ceil(np.log2(sides / (1 - level)) - 1e-9))
    kind, ends = {
        1: ("one-sided", "the most extreme value bounds"),
        2: ("two-sided", "the smallest to the largest cover"),
    }[sides]
    return (
        f"values has {n} entries; allowed: at least {needed} for a {kind} interval of a median "
        f"with confidence_level {level:g} ({ends} the median of {n} with only "
        f"{1 - sides * 0.5**n:.6g})"
    )


@dataclass(frozen=True)
class RegressionToMean:
    """What selection alone does to a score; see `regression_to_mean`.

    Parameters
    ----------
    mean_at_entry : float or array of float
        Mean of the scores that pass the entry cut.
    expected_fall : float or array of float
        How far that mean falls at a second measurement without any treatment.
    """

    mean_at_entry: float | np.ndarray
    expected_fall: float | np.ndarray


def regression_to_mean(pop_mean, pop_sd, entry_cut, reliability) -> RegressionToMean:
    """Return the fall to expect without treatment, since only high scores were enrolled.

    Parameters
    ----------
    pop_mean, pop_sd : float or array of float
        Mean and standard deviation of the score in the patients who were screened.
    entry_cut : float or array of float
        Least score to be enrolled.
    reliability : float or array of float
        Correlation of two measurements of one untreated patient, 0 to 1.

    Returns
    -------
    RegressionToMean
        ``mean_at_entry`` and ``expected_fall``, in points.

    Notes
    -----
    For a normal score, with z = (cut - mean) / sd and h(z) the normal density over its upper
    tail: mean at entry = mean + sd h(z), expected fall = (1 - reliability) sd h(z). Neither a
    flare that runs its course nor other drugs are in it.

    References
    ----------
    Davis CE. Am J Epidemiol 1976;104:493-498.

    Examples
    --------
    >>> regression = regression_to_mean(8, 4, 12, 0.7)
    >>> round(regression.mean_at_entry, 2), round(regression.expected_fall, 2)
    (14.1, 1.83)
    """
    mean = check_numbers("pop_mean", pop_mean, "finite numbers", **_FINITE)
    cut = check_numbers("entry_cut", entry_cut, "finite numbers", **_FINITE)
    above_0 = _FINITE | {"low": np.nextafter(0, 1)}
    sd = check_numbers("pop_sd", pop_sd, "finite numbers greater than 0", **above_0)
    mean, sd, cut, reliability = _one_shape(
        pop_mean=mean, pop_sd=sd, entry_cut=cut, reliability=check_rate("reliability", reliability)
    )
    # h(z) through the scaled complementary error function, which keeps its digits far out.
    above = sd * np.sqrt(2 / np.pi) / erfcx((cut - mean) / sd / np.sqrt(2))
    return RegressionToMean(_plain(mean + above), _plain((1 - reliability) * above))


def _minimum_likelihood_p(k, n, null):
    """Return P(outcomes no more likely than k) of a binomial, from its two tails."""
    outcomes = np.arange(n + 1)
    # Up to a constant; the relative tolerance counts ties as ties.
    log_likelihood = (
        xlogy(outcomes, null)
        + xlog1py(n - outcomes, -null)
        - betaln(outcomes + 1, n - outcomes + 1)
    )
    likelier = outcomes[log_likelihood > log_likelihood[k] + 1e-7]
    if not likelier.size:
        return 1.0
    return bdtrc(n - likelier[0], n, 1 - null) + bdtrc(likelier[-1], n, null)


def _one_shape(**arrays):
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} has shape {a.shape}" for name, a in arrays.items())
        raise ValueError(f"{shapes}; allowed: one shape, or single numbers") from None


def _plain(numbers):
    """Return a float for a single number, the array otherwise."""
    numbers = np.asarray(numbers)
    return numbers if numbers.ndim else float(numbers)
