"""How far the rates of several cohorts differ, and how little a few cohorts tell of it.

Vocabulary: y is the log odds of a cohort (0.5 added to those with 0 or n responders alone), v its
variance, w = 1 / v. *Q* is the weighted sum of squares around the weighted mean; without
heterogeneity it is about chi-squared with the number of cohorts minus one as its df. *tau2* is the
variance of the true log odds, *I2* its share in the variance of an observed one: it depends on the
size of the cohorts and says nothing of how far rates differ.

Both intervals of tau2 matter more than its estimate. The *Q-profile* interval holds every tau2 at
which Q, with weights 1 / (v + tau2), lies within its chi-squared quantiles: exact if the log odds
were normal and v known. The *profile-likelihood* interval is that of the binomial-normal model,
where counts stay counts.

Sources: Cochran 1954, Biometrics 10:101; Higgins & Thompson 2002, Stat Med 21:1539; Viechtbauer
2007, Stat Med 26:37 (Q-profile).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, chdtri, ndtri

from lupuscart.stats.pooling._likelihood import (
    TAU2_GRID,
    binomial_normal,
    maximise,
    summit,
)
from lupuscart.stats.pooling.models import check_cohorts, check_level, log_odds, reml

__all__ = ["Heterogeneity", "heterogeneity"]

# So much variance of log odds, a standard deviation of 32, is "any": rates of 0 and of 1.
_LARGEST_TAU2 = 1024.0


@dataclass(frozen=True)
class Heterogeneity:
    """What the cohorts show of the spread between them; `nan` where nothing can be said.

    Attributes
    ----------
    cohorts : int
        How many.
    q, p_value : float
        Cochran's Q and its chi-squared p-value, which small cohorts make uninformative: a large
        one is no evidence that the rates agree.
    tau2, tau2_low, tau2_high : float
        REML estimate on the logit scale and its Q-profile interval; `tau2_high` is infinite where
        no tau2 up to 1,024 is too large. Both limits are nan where the interval is empty: the
        cohorts agree better than chance would have them at any tau2.
    i2, i2_low, i2_high : float
        I2 at that tau2 and at its limits, 0 to 1.
    glmm_tau2, glmm_tau2_low, glmm_tau2_high : float
        The same of the binomial-normal model by maximum and profile likelihood; nan where it has
        no finite estimate.
    """

    cohorts: int
    q: float
    p_value: float
    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    i2_low: float
    i2_high: float
    glmm_tau2: float
    glmm_tau2_low: float
    glmm_tau2_high: float


def heterogeneity(k, n, *, confidence_level: float = 0.95) -> Heterogeneity:
    """Return Q, I2 and tau2 of the cohorts of one endpoint, with the intervals of the last two.

    Parameters
    ----------
    k, n : array-like
        Responders and patients, one entry a cohort each, at least two.
    confidence_level : float
        Between 0 and 1; 0.95 for 95 %.

    Returns
    -------
    Heterogeneity

    Raises
    ------
    ValueError
        If a count or the level is not allowed.

    Notes
    -----
    I2 = tau2 / (tau2 + s2), s2 = (cohorts - 1) sum(w) / (sum(w)^2 - sum(w^2)), the typical
    variance; metafor's ``confint`` of a model by REML does the same.

    Profile likelihood: the tau2 at which twice the log-likelihood, the mean at its best, has
    fallen by the squared normal quantile. At 0, the border, this is conservative.

    Examples
    --------
    >>> spread = heterogeneity([8, 5, 9, 2], [8, 10, 10, 3])
    >>> round(spread.q, 2), round(spread.p_value, 3)
    (5.31, 0.15)
    >>> round(spread.tau2, 2), round(spread.tau2_low, 2), round(spread.tau2_high, 1)
    (0.84, 0.0, 22.6)
    """
    level = check_level(confidence_level)
    k, n = check_cohorts(k, n)
    y, variance = log_odds(k, n)
    df = k.size - 1
    q = _generalised_q(0.0, y, variance)
    tau2 = reml(y, variance)
    low, high = _q_profile(y, variance, level)
    glmm = _profile_likelihood(k, n, level)
    i2 = [_share(value, variance) for value in (tau2, low, high)]
    p_value = float(chdtrc(df, q))
    return Heterogeneity(int(k.size), q, p_value, float(tau2), low, high, *i2, *glmm)


def _generalised_q(tau2, y, variance) -> float:
    weight = 1 / (variance + tau2)
    return float(weight @ (y - weight @ y / weight.sum()) ** 2)


def _q_profile(y, variance, level):
    """The tau2 at which Q, which falls with it, is the upper and the lower quantile.

    Where Q is too small even for a tau2 of 0 no tau2 is kept, and the interval is empty: that is
    chance, not knowledge of a tau2 of 0.
    """
    from scipy.optimize import brentq

    limits = []
    if _generalised_q(0.0, y, variance) < chdtri(y.size - 1, (1 + level) / 2):
        return np.nan, np.nan
    for tail in ((1 - level) / 2, (1 + level) / 2):
        quantile = float(chdtri(y.size - 1, tail))

        def above(tau2, quantile=quantile):
            return _generalised_q(tau2, y, variance) - quantile

        if above(0.0) <= 0:
            limits.append(0.0)
        elif above(_LARGEST_TAU2) > 0:
            limits.append(np.inf)
        else:
            limits.append(float(brentq(above, 0.0, _LARGEST_TAU2, xtol=1e-10)))
    return limits


def _share(tau2, variance) -> float:
    weight = 1 / variance
    typical = (weight.size - 1) * weight.sum() / (weight.sum() ** 2 - weight @ weight)
    return 1.0 if np.isinf(tau2) else float(tau2 / (tau2 + typical))


def _profile_likelihood(k, n, level):
    """Maximum-likelihood tau2 of the binomial-normal model and its likelihood-ratio limits."""
    from scipy.optimize import brentq

    if not ((k > 0) & (k < n)).any():
        return np.nan, np.nan, np.nan
    likelihood = binomial_normal(k, n)
    best = maximise(likelihood, float(np.log(k.sum() / (n - k).sum())), TAU2_GRID)
    fall = float(ndtri((1 + level) / 2)) ** 2

    def left(tau):
        _, point = summit(likelihood, best.mu, tau**2)
        return float(2 * (best.point.value - point.value)) - fall

    peak, farthest = np.sqrt(best.dispersion), np.sqrt(_LARGEST_TAU2)
    low = 0.0 if peak == 0 or left(0.0) <= 0 else brentq(left, 0.0, peak, xtol=1e-10)
    high = np.inf if left(farthest) <= 0 else brentq(left, peak, farthest, xtol=1e-10)
    return float(best.dispersion), float(low**2), float(high**2)
