"""Can a printed mean be the plain mean of n whole numbers?

Granularity-related inconsistency of means (GRIM): n whole numbers have a whole sum S, so
their mean is a multiple of 1/n, and a printed mean must lie within half a unit of its last
decimal of such a multiple. Half a unit itself is allowed on either side, since 12.25 may
have been rounded to 12.2 or to 12.3. All arithmetic is on whole numbers: nothing is lost.

Source: Brown NJL, Heathers JAJ. The GRIM test. Soc Psychol Personal Sci 2017;8:363-369.
"""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor
from numbers import Real

import numpy as np

from lupuscart.arguments import check_counts, check_same_index, check_whole, shown

__all__ = ["grim_consistent", "sums_printed_as"]

# As reports print a mean: plain digits, no more than a float tells apart.
_MOST_DECIMALS = 15
_PRINTED = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


def grim_consistent(mean, n, *, decimals: int):
    """Say whether a plain mean of `n` whole numbers can be printed as `mean`.

    Parameters
    ----------
    mean : float, str, decimal.Decimal, or array of these
        The mean as printed.
    n : int or array of int
        Number of values in the mean; for a mean over m whole items a patient, m times n.
    decimals : int
        Decimals printed, at most 15. A float forgets its last zero, so this is always given.

    Returns
    -------
    bool or array of bool
        False if no n whole numbers have this mean.

    Raises
    ------
    ValueError
        If `mean` is no number in plain digits (up to 15 before the point) or has more than
        `decimals` decimals, or `n` is not a whole number of at least 1.

    Notes
    -----
    With n of 10 ** decimals or more every mean passes. A model-adjusted mean need not pass,
    nor the mean of a continuous score such as SLE-DAS.

    Examples
    --------
    >>> grim_consistent("31.30", 4, decimals=2)
    False
    >>> grim_consistent([12.625, 12.63], 8, decimals=3)
    array([ True, False])
    """
    check_same_index(mean=mean, n=n)
    _, n = check_counts(0, n)
    means = np.asarray(mean, dtype=object)
    try:
        means, n = np.broadcast_arrays(means, n)
    except ValueError:
        raise ValueError(
            f"mean has shape {means.shape} and n has shape {n.shape}; "
            "allowed: one shape, or a single value for either"
        ) from None
    sums = [
        sums_printed_as(m, k, decimals=decimals) for m, k in zip(means.flat, n.flat, strict=True)
    ]
    consistent = np.array([least <= most for least, most in sums], dtype=bool).reshape(n.shape)
    return consistent if consistent.ndim else bool(consistent)


def sums_printed_as(mean, n: int, *, decimals: int) -> tuple[int, int]:
    """Return the least and the greatest whole sum of `n` values whose mean prints as `mean`.

    Parameters
    ----------
    mean, n, decimals
        As for `grim_consistent`, but single values.

    Returns
    -------
    least, most : int
        All whole S with abs(S / n - mean) of at most half a unit of the last decimal.
        `least` is above `most` if there is none.

    Examples
    --------
    >>> sums_printed_as("12.6", 8, decimals=1)
    (101, 101)
    """
    n = check_whole("n", n, minimum=1)
    decimals = check_whole("decimals", decimals, minimum=0, maximum=_MOST_DECIMALS)
    number = _exact(mean, decimals)
    half_unit = Fraction(1, 2 * 10**decimals)
    return ceil(n * (number - half_unit)), floor(n * (number + half_unit))


def _exact(mean, decimals):
    """Return `mean` as the fraction that is printed."""
    text = _as_printed(mean)
    number = Fraction(text) if _PRINTED.fullmatch(text) else None
    if number is None or (number * 10**decimals).denominator != 1:
        raise ValueError(
            f"mean is {shown(mean)}; allowed: a number with at most {decimals} decimals, in plain "
            "digits"
        )
    return number


def _as_printed(mean) -> str:
    """The digits of a mean; empty if it is no number, or none that a report prints."""
    if isinstance(mean, str):
        return mean
    if isinstance(mean, bool | np.bool) or not isinstance(mean, Real | Decimal):
        return ""
    try:
        # str gives the shortest decimal that a float stands for: what was printed.
        number = Decimal(str(mean))
    except (InvalidOperation, ValueError):
        return ""
    plain = number.is_finite() and abs(number.as_tuple().exponent) <= _MOST_DECIMALS
    return f"{number:f}" if plain else ""
