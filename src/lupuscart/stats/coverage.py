"""What an assumed true rate would show: the other way round from an interval.

Vocabulary: suppose the rate is p. The *coverage* of an interval method is the probability
that the interval it prints contains p; a result is *compatible* with p when one at least as
good, or at least as bad, would not be rare; a *full* cohort is one in which all n respond.
All probabilities are exact sums of the binomial distribution.
"""

import numpy as np
import pandas as pd
from scipy.special import gammaln, xlog1py, xlogy

from lupuscart import arguments
from lupuscart.stats._binomial import at_least, at_most
from lupuscart.stats.proportion import proportion_ci

__all__ = ["any_full_cohort", "compatible_rates", "coverage_probability"]

# A rate this close to a limit, relatively, is the limit: .5 must not fall out of [.5, 1]
# because the limit was computed as .5000000000000001.
_SAME_RATE = 1e-12

# Every result of a cohort has its interval.
_LARGEST_N = 100_000

# Probabilities held at once: 8 MB an array.
_CELLS = 1_000_000


def coverage_probability(
    n: int, p, *, confidence_level: float = 0.95, method: str = "clopper-pearson"
):
    """Return how often the intervals of cohorts of n contain the true rate p.

    Parameters
    ----------
    n : int
        Patients in a cohort, at most 100,000.
    p : float or array-like
        Assumed true rates, 0 to 1.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.

    Returns
    -------
    float or numpy.ndarray
        The sum of P(X = x) over the results x whose interval contains p, its limits included.

    Notes
    -----
    Exact, so a curve of it shows the jumps: one at every limit of every interval (Brown, Cai &
    DasGupta 2001, Stat Sci 16:101).

    Limits count as inside. At a rate that is itself a limit the curve may stand higher than on
    either side, and the lowest value on a grid can lie above the true infimum, which is
    approached next to a limit.

    Examples
    --------
    >>> coverage_probability(5, [0.5, 0.8]).round(5)
    array([1.     , 0.99328])
    >>> round(coverage_probability(5, 0.8, method="wald"), 4)
    0.6656
    """
    n = arguments.check_whole("n", n, minimum=1, maximum=_LARGEST_N)
    rates = arguments.check_rate("p", p)
    x = np.arange(n + 1)
    low, high = proportion_ci(x, n, confidence_level=confidence_level, method=method)
    column = [part[:, np.newaxis] for part in (x, low, high, _log_choose(n, x))]
    parts = np.array_split(rates.ravel(), max(1, rates.size * (n + 1) // _CELLS))
    covered = np.concatenate([_covered(part, n, *column) for part in parts])
    return float(covered[0]) if rates.ndim == 0 else covered.reshape(rates.shape)


def compatible_rates(k: int, n: int, rates) -> pd.DataFrame:
    """Return how probable a result like k of n would be under each of `rates`.

    Parameters
    ----------
    k, n : int
        Responders (or events) and patients.
    rates : array-like
        Assumed true rates, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        A row a rate: ``rate``; ``probability``, P(X >= k), of at least as many responders; and
        ``probability_at_most``, P(X <= k), of at most as many events.

    Notes
    -----
    No threshold is applied: what counts as compatible is for the reader to say.

    Examples
    --------
    >>> compatible_rates(5, 5, [0.4, 0.6]).round(5)
       rate  probability  probability_at_most
    0   0.4      0.01024                  1.0
    1   0.6      0.07776                  1.0
    """
    n = arguments.check_whole("n", n, minimum=1)
    k = arguments.check_whole("k", k, minimum=0, maximum=n)
    rates = np.atleast_1d(arguments.check_rate("rates", rates))
    return pd.DataFrame(
        {
            "rate": rates,
            "probability": at_least(k, n, rates),
            "probability_at_most": at_most(k, n, rates),
        }
    )


def any_full_cohort(rate, n, cohorts):
    """Return the probability that at least one of several cohorts is n of n.

    Parameters
    ----------
    rate : float or array-like
        True rate in all cohorts, 0 to 1.
    n : int or array-like
        Patients in each cohort.
    cohorts : int or array-like
        Independent cohorts; the three broadcast.

    Returns
    -------
    float or numpy.ndarray
        1 - (1 - rate ** n) ** cohorts: how easily the best of many small trials shows 100 %.

    Examples
    --------
    >>> round(any_full_cohort(0.6, 5, 1), 3), round(any_full_cohort(0.6, 5, 10), 3)
    (0.078, 0.555)
    """
    arguments.check_same_index(rate=rate, n=n, cohorts=cohorts)
    rates = arguments.check_rate("rate", rate)
    _, n = arguments.check_counts(0, n)
    _, cohorts = arguments.check_counts(0, cohorts, names=("k", "cohorts"))
    with np.errstate(divide="ignore"):
        probability = -np.expm1(cohorts * np.log1p(-(rates**n)))
    return float(probability) if np.ndim(probability) == 0 else probability


def _covered(rates, n, x, low, high, log_choose):
    inside = (low <= rates * (1 + _SAME_RATE)) & (high >= rates * (1 - _SAME_RATE))
    log_probability = log_choose + xlogy(x, rates) + xlog1py(n - x, -rates)
    return np.sum(np.exp(log_probability), axis=0, where=inside)


def _log_choose(n, x):
    return gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
