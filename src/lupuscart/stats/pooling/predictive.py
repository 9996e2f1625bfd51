"""Each cohort predicted from the others: would the pooled model have expected it?

Vocabulary: the *prediction* of a cohort is the distribution of its number of responders given the
other cohorts, under the Bayes model of `pool`: the true rate of a new cohort, and then n patients.
A count far out in it says that the cohorts have not one common distribution of rates. The reverse
does not follow: a few small cohorts predict almost anything.

Source: Marshall & Spiegelhalter 2007, Bayesian Anal 2:409 (prediction without the case in hand).
"""

import numpy as np
import pandas as pd
from scipy.special import expit

from lupuscart.stats._binomial import at_least, at_most, first_whole, tie_bound
from lupuscart.stats.pooling._posterior import rate_posterior
from lupuscart.stats.pooling.models import check_cohorts, check_columns, check_level, check_priors

__all__ = ["predictive_check"]


def predictive_check(
    k, n, *, confidence_level: float = 0.95, tau_scale: float = 0.5, mu_sd: float = 2.5
) -> pd.DataFrame:
    """Return what the other cohorts predict for each, beside what it shows.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort each, at least two.
    confidence_level : float
        Of the predictions.
    tau_scale, mu_sd : float
        Of the priors, as for `lupuscart.stats.pooling.pool`.

    Returns
    -------
    pandas.DataFrame
        One row a cohort, in the order given: ``k``, ``n``, the counts ``low`` and ``high`` between
        which it was predicted, ``p_value`` and ``expected``, whether k lies there. The probability
        below ``low``, and that above ``high``, is at most half of what the level leaves.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    P(X <= j) is the mean of the binomial tail over the rate of a new cohort, given the others; the
    p-value is twice the smaller of P(X <= k) and P(X >= k), at most 1. With counts it is
    conservative, and of as many p-values as cohorts some are small by chance.

    Held against sums over a beta-binomial where there is no spread, and against brute force.

    Examples
    --------
    >>> predictive_check([8, 5, 2, 1], [8, 10, 3, 40]).round(4)
       k   n  low  high  p_value  expected
    0  8   8    0     7   0.0272     False
    1  5  10    0    10   0.9863      True
    2  2   3    0     3   0.8432      True
    3  1  40   12    39   0.0011     False
    """
    level = check_level(confidence_level)
    tau_scale, mu_sd = check_priors(tau_scale, mu_sd)
    check_cohorts(k, n)
    k, n = check_columns(k, n)
    rows = []
    for place in range(k.size):
        others = np.arange(k.size) != place
        rates, weight = _new_rates(k[others], n[others], tau_scale, mu_sd)
        rows.append(_predicted(int(k[place]), int(n[place]), rates, weight, (1 - level) / 2))
    return pd.DataFrame(rows)


def _new_rates(k, n, tau_scale, mu_sd):
    """Rates of a new cohort on a grid, and their probabilities."""
    (k_once, n_once), times = np.unique(np.stack([k, n]), axis=1, return_counts=True)
    posterior = rate_posterior(k_once, n_once, times, mu_sd=mu_sd, tau_scale=tau_scale)
    logits, weight, _ = posterior.new_cohort_grid()
    return expit(logits), weight


def _predicted(k, n, rates, weight, tail):
    def up_to(count):
        return float(weight @ at_most(count, n, rates))

    at_least_k = float(weight @ at_least(k, n, rates))
    # Rounding alone must not put a count on the other side of a limit.
    last = np.array(float(n))
    low = int(first_whole(lambda count: up_to(count) > tie_bound(tail), last))
    high = int(first_whole(lambda count: tie_bound(up_to(count)) >= 1 - tail, last))
    return {
        "k": k,
        "n": n,
        "low": low,
        "high": high,
        "p_value": min(1.0, 2 * min(up_to(k), at_least_k)),
        "expected": low <= k <= high,
    }
