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
known c.

Sources: Clopper & Pearson 1934, Biometrika 26:404; Boschloo 1970, Stat Neerl 24:1; Abbott 1925,
J Econ Entomol 18:265, for 1 - p = (1 - c)(1 - s).
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from lupuscart import arguments
from lupuscart.stats._exact import at_least
from lupuscart.stats.comparison import TEST_METHODS, rejection_region
from lupuscart.stats.proportion import proportion_ci

__all__ = [
    "AddedResponse",
    "added_response",
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


def _broadcast(*arrays):
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = f"k and n together {arrays[0].shape}, background_rate {arrays[-1].shape}"
        raise ValueError(f"shapes are {shapes}; allowed: shapes that broadcast") from None


def _independent(rate, c):
    return np.divide(rate - c, 1 - c, out=np.full(c.shape, np.nan), where=c < 1)
