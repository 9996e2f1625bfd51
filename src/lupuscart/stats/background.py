"""What the cells add to the response rate that chemotherapy alone is assumed to reach.

Vocabulary: p is the true response rate with conditioning and cells; the *background rate* c is
the rate that conditioning, and all else that came with the cells, would have reached without
them. No single-arm trial tells c; it is assumed, and varied. The *increment* is p - c. The
*tipping rate* is the c from which on the interval of the increment includes zero. With c fixed
the limits of everything here are those of p, moved or stretched: as exact as the interval of p.

Two more forms, for an observed p = k / n:

    share of the response explained        c / p
    response specific to the cells         (p - c) / (1 - c)

The second is the response rate among patients whom chemotherapy alone would have left without
a response. It holds **if chemotherapy and cells act independently**: a patient then misses a
response only by missing both, so 1 - p = (1 - c)(1 - s). Nothing in a single arm can test that.

A *finite control* is a group of m patients with the background treatment alone, in place of a
known c. A *belief* about c is a beta distribution Beta(a, b), worth a responders and b
non-responders seen before; p then has the posterior of its own prior and of the trial. The two
are independent, and the trial says nothing of c: what comes out follows from the belief as much
as from the data, so the belief is always named.

Sources: Clopper & Pearson 1934, Biometrika 26:404; Boschloo 1970, Stat Neerl 24:1; Abbott 1925,
J Econ Entomol 18:265, for 1 - p = (1 - c)(1 - s); Takahasi & Mori 1974, Publ RIMS Kyoto 9:721
(the numerical integral).
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincc, betaincinv, expit

from lupuscart import arguments
from lupuscart.stats._binomial import at_least
from lupuscart.stats.comparison import TEST_METHODS, rejection_region
from lupuscart.stats.proportion import proportion_ci

__all__ = [
    "AddedResponse",
    "AddedResponsePosterior",
    "added_response",
    "added_response_posterior",
    "belief_table",
    "finite_control_tipping",
    "tipping_rate",
]


@dataclass(frozen=True)
class AddedResponse:
    """What the cells add at assumed background rates; floats, or arrays of one shape.

    Attributes
    ----------
    background_rate : float or numpy.ndarray
        The assumed c.
    increment, low, high : float or numpy.ndarray
        p - c at p = k / n, and its limits; below 0 where c is above the limit of p.
    share : float or numpy.ndarray
        c / p, the share of the response explained without the cells; above 1 where c exceeds
        k / n, nan where nobody responded.
    independent, independent_low, independent_high : float or numpy.ndarray
        (p - c) / (1 - c) and its limits: what the cells do for those whom chemotherapy leaves
        without a response, if the two act independently. nan at c = 1, which leaves nobody.
    probability : float or numpy.ndarray
        Of k or more responders of n if the cells added nothing.
    """

    background_rate: float
    increment: float
    low: float
    high: float
    share: float
    independent: float
    independent_low: float
    independent_high: float
    probability: float

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row for each background rate, fields as columns.

        Examples
        --------
        >>> table = added_response(12, 15, [0, 0.4]).to_frame()
        >>> table[["background_rate", "increment", "low", "high"]].round(3)
           background_rate  increment    low   high
        0              0.0        0.8  0.519  0.957
        1              0.4        0.4  0.119  0.557
        """
        return pd.DataFrame({f.name: np.ravel(getattr(self, f.name)) for f in fields(self)})


def added_response(
    k,
    n,
    background_rate,
    *,
    confidence_level: float = 0.95,
    method: str = "clopper-pearson",
) -> AddedResponse:
    """Return what the cells add, at each assumed background rate.

    Parameters
    ----------
    k, n : int or array-like
        Responders and patients.
    background_rate : float or array-like
        Assumed response rates without the cells, 0 to 1; broadcast against k and n.
    confidence_level : float
        Of the two-sided interval of p; 0.95 for 95 %.
    method : str
        One of `lupuscart.stats.proportion.METHODS`.

    Returns
    -------
    AddedResponse
        Fields of floats for scalars, of arrays for arrays.

    Raises
    ------
    ValueError
        If k, n, a background rate, the level or the method is not allowed.

    Notes
    -----
    With (L, U) the interval of p, the limits are L - c and U - c, and (L - c) / (1 - c) and
    (U - c) / (1 - c). They are not cut off at 0: a limit below 0 says that the cells may
    have added nothing, or cost responses.

    Examples
    --------
    >>> added = added_response(12, 15, 0.4)
    >>> round(added.increment, 3), round(added.low, 3), round(added.high, 3)
    (0.4, 0.119, 0.557)
    >>> added_response(5, 5, [0.2, 0.5]).independent_low.round(3)
    array([ 0.348, -0.044])
    """
    arguments.check_same_index(k=k, n=n, background_rate=background_rate)
    k, n = arguments.check_counts(k, n)
    c = arguments.check_rate("background_rate", background_rate)
    limits = proportion_ci(k, n, confidence_level=confidence_level, method=method)
    k, n, low, high, c = _broadcast(k, n, *limits, c)
    rate = k / n
    added = AddedResponse(
        background_rate=c,
        increment=rate - c,
        low=low - c,
        high=high - c,
        share=np.divide(c, rate, out=np.full(c.shape, np.nan), where=k > 0),
        independent=_independent(rate, c),
        independent_low=_independent(low, c),
        independent_high=_independent(high, c),
        probability=at_least(k, n, c),
    )
    return added if c.ndim else AddedResponse(**{f: float(v) for f, v in vars(added).items()})


def tipping_rate(k, n, *, confidence_level: float = 0.95, method: str = "clopper-pearson"):
    """Return the background rate at which the lower limit of the increment is zero.

    Parameters
    ----------
    k, n : int or array-like
        Responders and patients.
    confidence_level, method
        As for `added_response`.

    Returns
    -------
    float or numpy.ndarray
        The lower limit of p: if chemotherapy alone gave this rate or more, the interval of an
        added effect would not lie above zero.

    Raises
    ------
    ValueError
        If k, n, the level or the method is not allowed.

    Examples
    --------
    >>> tipping_rate([12, 5], [15, 5]).round(3)
    array([0.519, 0.478])
    """
    return proportion_ci(k, n, confidence_level=confidence_level, method=method)[0]


def finite_control_tipping(
    k: int, n: int, m: int, *, test: str = "boschloo", alpha: float = 0.025
) -> int | None:
    """Return how many of m controls may respond with k of n still standing out.

    Parameters
    ----------
    k, n : int
        Responders and patients treated.
    m : int
        Patients in a randomised control group of the background treatment alone.
    test : {"boschloo", "barnard", "score", "fisher", "fisher-mid-p"}
        As `method` of `lupuscart.stats.comparison.exact_test`.
    alpha : float
        One-sided level, in (0, 1).

    Returns
    -------
    int or None
        The largest y such that the test rejects "no more responses than in the controls"
        against y, and against every smaller number, of m; None if it does not reject even
        against 0 of m.

    Raises
    ------
    ValueError
        If an argument is not as above, or n x m passes 10,000 in an unconditional test.

    Notes
    -----
    An unconditional p-value need not rise with y. A test may reject again beyond the first y
    that it keeps; such a y is not counted.

    Examples
    --------
    >>> finite_control_tipping(12, 15, 15), finite_control_tipping(12, 15, 15, test="fisher")
    (6, 5)
    >>> finite_control_tipping(2, 5, 5) is None
    True
    """
    n = arguments.check_whole("n", n, minimum=1)
    k = arguments.check_whole("k", k, minimum=0, maximum=n)
    m = arguments.check_whole("m", m, minimum=1)
    test = arguments.check_choice("test", test, TEST_METHODS)
    rejected = rejection_region(n, m, alpha=alpha, method=test, alternative="greater")[k]
    # The end of the row counts as kept: at an alpha above one half mid-p may reject all of it.
    largest = int(np.argmin(np.append(rejected, False))) - 1
    return largest if largest >= 0 else None


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
        d = arguments.check_numbers("increment", increment, "numbers from -1 to 1", low=-1, high=1)
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


def _broadcast(*arrays):
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = f"k and n together {arrays[0].shape}, background_rate {arrays[-1].shape}"
        raise ValueError(f"shapes are {shapes}; allowed: shapes that broadcast") from None


def _independent(rate, c):
    return np.divide(rate - c, 1 - c, out=np.full(c.shape, np.nan), where=c < 1)


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
