"""What is believed of the cells' share, once a belief about chemotherapy alone is put in numbers.

Vocabulary: p is the true response rate with conditioning and cells, c the rate that conditioning
alone would have reached, the *increment* p - c. A *belief* about c is a beta distribution
Beta(a, b), worth a responders and b non-responders seen before; p has the posterior of its own
prior and of the trial. The two are independent, and the trial says nothing of c: what comes out
follows from the belief as much as from the data, so the belief is always named.

Source of the numerical integral: Takahasi & Mori 1974, Publ RIMS Kyoto 9:721.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincc, betaincinv, expit

from lupuscart import arguments

__all__ = ["AddedResponsePosterior", "added_response_posterior", "belief_table"]


@dataclass(frozen=True)
class AddedResponsePosterior:
    """What is believed of the increment p - c, with p and c independent beta variables.

    Attributes
    ----------
    treatment : (float, float)
        Shapes of p after the data.
    background : (float, float)
        Shapes of c, which no data have changed.
    above_0, above_20_points : float
        Probability that the increment exceeds 0, and 0.20.
    """

    treatment: tuple[float, float]
    background: tuple[float, float]
    above_0: float
    above_20_points: float

    def probability_above(self, increment):
        """Return the probability that p - c exceeds `increment`.

        Parameters
        ----------
        increment : float or array-like
            From -1 to 1; 0.2 is 20 percentage points.

        Returns
        -------
        float or numpy.ndarray
            Probabilities, by numerical integration.

        Examples
        --------
        >>> after = added_response_posterior(12, 15, background_prior=(4, 6))
        >>> after.probability_above([0, 0.2, 0.4]).round(3)
        array([0.979, 0.84 , 0.476])
        """
        try:
            d = np.asarray(increment, dtype=float)
        except (TypeError, ValueError):
            d = np.array(np.nan)
        if not (abs(d) <= 1).all():
            raise ValueError(f"increment is {increment!r}; allowed: numbers from -1 to 1")
        return _plain(_probability_above(self.treatment, self.background, d))


def added_response_posterior(
    k: int,
    n: int,
    *,
    treatment_prior=(0.5, 0.5),
    background_prior,
) -> AddedResponsePosterior:
    """Return what is believed of the increment after k of n, given a belief about c.

    Parameters
    ----------
    k, n : int
        Responders and patients.
    treatment_prior : (float, float)
        Shapes a and b of the beta prior of p, both above 0; Jeffreys' by default.
    background_prior : (float, float)
        Shapes of the belief about c: (4, 6) has mean 0.4 and weighs as ten patients, (1, 1)
        is "nothing known". There is no default, as the answer hangs on it.

    Returns
    -------
    AddedResponsePosterior
        Its shapes, two probabilities, and `probability_above` for others.

    Raises
    ------
    ValueError
        If k, n or a shape is not allowed.

    Notes
    -----
    P(p - c > d) is the integral of P(p > c + d) over the distribution of c, with p from
    Beta(a + k, b + n - k). The trial tells nothing of c, so the belief about it enters as it is.

    Examples
    --------
    >>> after = added_response_posterior(12, 15, background_prior=(1, 1))
    >>> round(after.above_0, 5), round(after.above_20_points, 5)
    (0.78125, 0.58125)
    """
    n = arguments.check_whole("n", n, minimum=1)
    k = arguments.check_whole("k", k, minimum=0, maximum=n)
    a, b = _check_shapes("treatment_prior", treatment_prior)
    treatment = a + k, b + n - k
    background = _check_shapes("background_prior", background_prior)
    above = _probability_above(treatment, background, np.array([0.0, 0.2]))
    return AddedResponsePosterior(treatment, background, float(above[0]), float(above[1]))


def belief_table(k: int, n: int, background_priors) -> pd.DataFrame:
    """Return what each belief about the rate without the cells makes of the same count.

    Parameters
    ----------
    k, n : int
        Responders and patients.
    background_priors : sequence of tuple
        Beta shapes (a, b), one belief each.

    Returns
    -------
    DataFrame
        ``belief`` (the shapes), ``above_0`` and ``above_20_points``.

    Examples
    --------
    >>> belief_table(12, 15, [(4, 6)]).round(3)
           belief  above_0  above_20_points
    0  Beta(4, 6)    0.979             0.84
    """
    found = [added_response_posterior(k, n, background_prior=shape) for shape in background_priors]
    return pd.DataFrame(
        {
            "belief": [f"Beta{tuple(shape)}" for shape in background_priors],
            "above_0": [belief.above_0 for belief in found],
            "above_20_points": [belief.above_20_points for belief in found],
        }
    )


def _check_shapes(name, shapes) -> tuple[float, float]:
    try:
        a, b = shapes
        return arguments.check_positive(name, a), arguments.check_positive(name, b)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {shapes!r}; allowed: (a, b), two numbers above 0") from None


def _probability_above(treatment, background, d):
    """P(p - c > d) for p ~ Beta(*treatment) and c ~ Beta(*background) independent.

    Integrated over the quantiles of the more concentrated variable, so that what is integrated
    is flat or smooth however narrow either is.
    """
    if _variance(*treatment) < _variance(*background):
        # Non-responders in place of responders: (1 - c) - (1 - p) is the same difference.
        treatment, background = background[::-1], treatment[::-1]
    d = d[..., np.newaxis]
    # Below c = -d every p exceeds c + d; above c = 1 - d none does.
    below, above = betainc(*background, np.clip(-d, 0, 1)), betaincc(*background, 1 - d.clip(0, 1))
    between = 1 - below - above
    node, weight = _QUADRATURE
    c = betaincinv(*background, below + between * node)
    # 1 - c on its own, as c rounds to 1 where a belief is heaped up there.
    rest = betaincinv(*background[::-1], above + between * node[::-1])
    tail = np.where(
        c < 0.5,
        betaincc(*treatment, np.clip(c + d, 0, 1)),
        betainc(*treatment[::-1], np.clip(rest - d, 0, 1)),
    )
    return np.clip(below[..., 0] + between[..., 0] * (tail @ weight), 0, 1)


def _variance(a, b):
    return a * b / ((a + b) ** 2 * (a + b + 1))


def _double_exponential():
    """Nodes and weights on 0 to 1, exact to rounding also for powers of the distance to an end.

    The trapezium rule in t after x = 1 / (1 + exp(-pi sinh t)), whose derivative falls off so
    fast that what lies beyond these t is less than rounding.
    """
    t = np.arange(-122, 123) / 32
    x = expit(np.pi * np.sinh(t))
    weight = x * x[::-1] * np.cosh(t)
    return x, weight / weight.sum()


_QUADRATURE = _double_exponential()


def _plain(value):
    """Return a scalar as a float, an array as it is."""
    return float(value) if np.ndim(value) == 0 else value
