"""One proportion with a prior: what k of n says about the rate, and about the next patients.

Vocabulary: the *prior* Beta(a, b) counts as a responders and b non-responders seen before;
the *posterior* after k of n is Beta(a + k, b + n - k); its central interval is a *credible*
interval, plain quantiles that never reach 0 or 1; the *predictive* distribution of the number
of responders among the next m patients is beta-binomial. All follow from the prior as much
as from the data when n is small, so the prior is always named.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betaincc, betainccinv, betaincinv

from lupuscart import arguments
from lupuscart.stats._binomial import beta_binomial

__all__ = ["PRIORS", "Posterior", "posterior", "predictive"]

# (a, b) by name: "centred" leans towards one half, "sceptical" towards 20 %.
PRIORS = {
    "uniform": (1.0, 1.0),
    "jeffreys": (0.5, 0.5),
    "centred": (2.0, 2.0),
    "sceptical": (2.0, 8.0),
}


@dataclass(frozen=True)
class Posterior:
    """The distribution Beta(a, b) of a rate after the data.

    Attributes
    ----------
    a, b : float or numpy.ndarray
        Prior plus responders, prior plus non-responders.
    mean, median : float or numpy.ndarray
        Of the rate; the mean is also the probability that the next patient responds.
    low, high : float or numpy.ndarray
        Central credible interval.
    """

    a: float
    b: float
    mean: float
    median: float
    low: float
    high: float

    def probability_above(self, rate):
        """Return the posterior probability that the true rate is above `rate`.

        Parameters
        ----------
        rate : float or array-like
            0 to 1; broadcast against the posterior.

        Returns
        -------
        float or numpy.ndarray
            Probabilities.

        Examples
        --------
        >>> round(posterior(12, 15).probability_above(0.5), 3)
        0.989
        """
        return _plain(betaincc(self.a, self.b, arguments.check_rate("rate", rate)))


def posterior(k, n, *, prior="uniform", confidence_level: float = 0.95) -> Posterior:
    """Return the posterior of a rate after k responders of n.

    Parameters
    ----------
    k, n : int or array-like
        Responders and patients; arrays give a posterior whose fields are arrays.
    prior : str or (float, float)
        A name in `PRIORS`, or a and b of a beta distribution.
    confidence_level : float
        Probability inside the credible interval, the rest equal on both sides.

    Returns
    -------
    Posterior
        Its parameters, mean, median and credible interval.

    Raises
    ------
    ValueError
        If k, n, the prior or the level is not allowed.

    Examples
    --------
    >>> after = posterior(5, 5, prior="sceptical")
    >>> after.a, after.b, round(after.mean, 3)
    (7.0, 8.0, 0.467)
    >>> round(after.low, 3), round(after.high, 3)
    (0.23, 0.711)
    """
    tail = (1 - arguments.check_confidence_level(confidence_level)) / 2
    a, b = _check_prior(prior)
    k, n = arguments.check_counts(k, n)
    a, b = a + k, b + n - k
    return Posterior(
        a=_plain(a),
        b=_plain(b),
        mean=_plain(a / (a + b)),
        median=_plain(betaincinv(a, b, 0.5)),
        low=_plain(betaincinv(a, b, tail)),
        high=_plain(betainccinv(a, b, tail)),
    )


def predictive(k: int, n: int, m: int, *, prior="uniform") -> np.ndarray:
    """Return the probabilities of 0 to m responders among the next m patients.

    Parameters
    ----------
    k, n : int
        Responders and patients seen.
    m : int
        Patients to come, exchangeable with those seen; at most 1,000,000.
    prior : str or (float, float)
        As for `posterior`.

    Returns
    -------
    numpy.ndarray
        m + 1 probabilities; choose(m, j) B(a + k + j, b + n - k + m - j) / B(a + k, b + n - k).

    Examples
    --------
    >>> predictive(12, 15, 1).round(4)
    array([0.2353, 0.7647])
    >>> round(float(predictive(5, 5, 5)[5]), 4)
    0.5455
    """
    n = arguments.check_whole("n", n, minimum=1)
    k = arguments.check_whole("k", k, minimum=0, maximum=n)
    m = arguments.check_whole("m", m, minimum=1, maximum=1_000_000)
    a, b = _check_prior(prior)
    return beta_binomial(m, a + k, b + n - k)


def prior_sensitivity(k: int, n: int, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Return what each named prior makes of the same count, one row a prior.

    Parameters
    ----------
    k, n : int
        Responders and patients.
    confidence_level : float
        Of the central credible interval.

    Returns
    -------
    DataFrame
        ``prior``, ``mean``, ``low``, ``high``, ``above_half`` (probability that the rate is
        over a half), ``next_patient`` and ``next_five`` (probability that the next patient,
        or all of the next five, respond).

    Examples
    --------
    >>> prior_sensitivity(5, 5)[["prior", "mean", "next_five"]].round(2)
           prior  mean  next_five
    0    uniform  0.86       0.55
    1   jeffreys  0.92       0.72
    2    centred  0.78       0.36
    3  sceptical  0.47       0.04
    """
    return pd.DataFrame([_sensitivity_row(k, n, prior, confidence_level) for prior in PRIORS])


def _sensitivity_row(k, n, prior, confidence_level):
    belief = posterior(k, n, prior=prior, confidence_level=confidence_level)
    return {
        "prior": prior,
        "mean": belief.mean,
        "low": belief.low,
        "high": belief.high,
        "above_half": belief.probability_above(0.5),
        "next_patient": predictive(k, n, 1, prior=prior)[-1],
        "next_five": predictive(k, n, 5, prior=prior)[-1],
    }


def _check_prior(prior) -> tuple[float, float]:
    if isinstance(prior, str):
        return PRIORS[arguments.check_choice("prior", prior, PRIORS)]
    try:
        a, b = prior
        return arguments.check_positive("prior", a), arguments.check_positive("prior", b)
    except (TypeError, ValueError):
        raise ValueError(
            f"prior is {prior!r}; allowed: {', '.join(PRIORS)}, or (a, b), two numbers above 0"
        ) from None


def _plain(value):
    """Return a scalar as a float, an array as it is."""
    return float(value) if np.ndim(value) == 0 else value
