"""The person-time that a printed summary of follow-up allows.

Vocabulary: the *person-time* of a cohort is the sum of its patients' times of follow-up. A report
prints their number and a few of minimum, median, maximum, width of the range and mean, seldom the
sum. A *sharp* bound is one that some set of times reaches that would be printed the same, so no
better bound exists. Printed times count as exact; a printed mean stands for all that round to it.

The sorted times below the median lie between the minimum and the median, those above between the
median and the maximum, and nothing else is known of them: pushing all of them down, or up, is
possible at once. The two middle times of an even number average to the median; both at it reaches
either bound.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from lupuscart.arguments import check_choice, check_numbers, check_whole
from lupuscart.stats.printed.grim import printed_decimals

__all__ = ["UNITS", "ImpossibleSummaryError", "PersonTime", "person_time_bounds"]

#: Units of a year.
UNITS = {"days": 365.25, "weeks": 365.25 / 7, "months": 12.0, "years": 1.0}

# Sums of the same times in another order differ by rounding.
_ROUNDING = 1e-9
_LARGEST = np.finfo(float).max


class ImpossibleSummaryError(ValueError):
    """No patients have times with this summary.

    Attributes
    ----------
    name : str
        The argument that is at fault: the first of those that contradict each other.
    """

    def __init__(self, name: str, text: str):
        self.name = name
        super().__init__(text)


@dataclass(frozen=True)
class PersonTime:
    """Sharp bounds of the follow-up of a cohort, summed over its patients.

    Attributes
    ----------
    low, high : float
        In years; `high` is infinite where nothing printed bounds it.
    """

    low: float
    high: float


def person_time_bounds(
    n: int,
    minimum: float | None = None,
    median: float | None = None,
    maximum: float | None = None,
    *,
    mean: float | str | Decimal | None = None,
    width: float | None = None,
    at_least: float = 0,
    at_most: float = np.inf,
    unit: str,
) -> PersonTime:
    """Return the sharp bounds of the summed follow-up of `n` patients.

    Parameters
    ----------
    n : int
        Patients, at most 1,000,000.
    minimum, median, maximum : float, optional
        As printed; None is not printed. A median alone bounds from below only.
    mean : float, str or decimal.Decimal, optional
        The plain mean as printed, as text where its last digit is a zero: all that round to it
        count.
    width : float, optional
        Maximum minus minimum, where the range is printed as one number.
    at_least, at_most : float
        Every follow-up lies between them, whether or not any reaches them: a cohort read at month
        6, or a range that is printed of a larger group.
    unit : {"days", "weeks", "months", "years"}
        Of all times.

    Returns
    -------
    PersonTime
        ``low`` and ``high`` in years (of 365.25 days).

    Raises
    ------
    ValueError
        If a value is not of its kind.
    ImpossibleSummaryError
        If no n times have such a summary; a ValueError that names the argument.

    Notes
    -----
    With L the minimum or `at_least`, H the maximum or `at_most`, M the median and b = (n - 1) // 2
    patients on either side of the middle: at the lower bound b times are L, the middle ones and b
    above are M, but for the largest, which is the maximum; at the upper bound the reverse. Both
    are monotone in the minimum where only the width is printed. Bounds are not confidence limits.

    Examples
    --------
    Ten patients, median 448.5 days (range 336 to 612):

    >>> time = person_time_bounds(10, 336, 448.5, 612, unit="days")
    >>> round(time.low, 2), round(time.high, 2)
    (11.49, 13.76)

    Five patients, median 8 months (range width 12), all followed for 3 months or more:

    >>> time = person_time_bounds(5, median=8, width=12, at_least=3, unit="months")
    >>> round(time.low, 2), round(time.high, 2)
    (3.08, 5.33)
    """
    n = check_whole("n", n, minimum=1, maximum=1_000_000)
    years = UNITS[check_choice("unit", unit, UNITS)]
    at_least, at_most = _check_limits(at_least, at_most)
    printed = {"minimum": minimum, "median": median, "maximum": maximum, "width": width}
    printed = {name: _time(name, value) for name, value in printed.items() if value is not None}
    _check_order(printed, at_least, at_most, n)
    low, high = _with_width(n, printed, at_least, at_most)
    if mean is not None:
        low, high = _with_mean(n, mean, low, high)
    return PersonTime(low / years, high / years)


def _with_width(n, printed, at_least, at_most):
    """Bounds of the sum; where the width is printed, at the least and at the largest minimum."""
    width = printed.pop("width", None)
    if width is None:
        return _sums(n, at_least=at_least, at_most=at_most, **printed)
    # The minimum lies between the last of the smallest and the first of the largest.
    smallest, largest = [at_least], [at_most - width]
    if "median" in printed:
        smallest.append(printed["median"] - width)
        largest.append(printed["median"])
    if n == 2 and "median" in printed:  # the two times are width / 2 on either side
        smallest = largest = [printed["median"] - width / 2]
    for name, shift in (("minimum", 0.0), ("maximum", width)):
        if name in printed:
            smallest, largest = [printed[name] - shift], [printed[name] - shift]
    first, last = max(smallest), min(largest)
    if first > last + _ROUNDING or first < at_least - _ROUNDING:
        raise ImpossibleSummaryError(
            "width", f"width is {width:g}; allowed: one that the other times leave possible"
        )
    median = {"median": printed["median"]} if "median" in printed else {}
    low = _sums(n, minimum=first, maximum=first + width, **median)[0]
    high = _sums(n, minimum=last, maximum=last + width, **median)[1]
    return low, high


def _sums(n, *, minimum=None, median=None, maximum=None, at_least=0.0, at_most=np.inf):
    """Least and greatest sum of n times."""
    lowest = at_least if minimum is None else minimum
    highest = at_most if maximum is None else maximum
    ends = (minimum is not None) + (maximum is not None)
    if n == 1 or (n == 2 and median is not None):
        known = [n * value for value in (median, minimum, maximum) if value is not None]
        return (known[0], known[0]) if known else (lowest, highest)
    if median is None:
        known = sum(value for value in (minimum, maximum) if value is not None)
        free = n - ends
        return known + free * lowest, known + (free * highest if free else 0.0)
    below = above = (n - 1) // 2
    middle = (n - 2 * below) * median
    low = below * lowest + middle
    low += (above - 1) * median + maximum if maximum is not None else above * median
    high = above * highest + middle
    high += (below - 1) * median + minimum if minimum is not None else below * median
    return low, high


def _with_mean(n, mean, low, high):
    """What is left of the bounds by the sums whose mean is printed so."""
    number, decimals = printed_decimals("mean", mean)
    half_unit = Fraction(1, 2 * 10**decimals)
    least, most = float(n * (number - half_unit)), float(n * (number + half_unit))
    slack = _ROUNDING * max(abs(most), 1)
    if least > high + slack or most < low - slack:
        raise ImpossibleSummaryError(
            "mean",
            f"mean is {mean!r}; allowed: from {low / n:g} to {high / n:g}, as the other times "
            "leave no other",
        )
    return min(max(low, least), high), max(min(high, most), low)


def _time(name, value):
    numbers = check_numbers(name, value, "a finite number of at least 0", low=0, high=_LARGEST)
    if numbers.ndim:
        raise ValueError(f"{name} has shape {numbers.shape}; allowed: one number")
    return float(numbers)


def _check_limits(at_least, at_most):
    allowed = "one number of at least 0"
    low = check_numbers("at_least", at_least, allowed, low=0, high=_LARGEST)
    high = check_numbers("at_most", at_most, allowed, low=0)
    said = (
        f"at_least is {at_least!r} and at_most {at_most!r}; allowed: {allowed} each, at_least "
        "not above at_most"
    )
    if low.ndim or high.ndim:
        raise ValueError(said)
    if low > high:
        raise ImpossibleSummaryError("at_least", said)
    return float(low), float(high)


def _check_order(printed, at_least, at_most, n):
    """Refuse times that contradict each other."""
    order = {"at_least": at_least} | {
        name: printed[name] for name in ("minimum", "median", "maximum") if name in printed
    }
    order["at_most"] = at_most
    for first, second in zip(order, list(order)[1:], strict=False):
        if order[first] > order[second]:
            raise ImpossibleSummaryError(
                first,
                f"{first} is {order[first]:g} and {second} {order[second]:g}; allowed: at_least <= "
                "minimum <= median <= maximum <= at_most",
            )
    if n == 1 and len({*map(order.get, order.keys() - {"at_least", "at_most"})}) > 1:
        raise ImpossibleSummaryError("n", "n is 1; allowed: one time, or several that are the same")
    if n == 1 and printed.get("width"):
        raise ImpossibleSummaryError(
            "width", f"width is {printed['width']:g}; allowed: 0, as n is 1"
        )
    if {"minimum", "maximum", "width"} <= printed.keys():
        width = printed["maximum"] - printed["minimum"]
        if abs(width - printed["width"]) > _ROUNDING:
            raise ImpossibleSummaryError(
                "width",
                f"width is {printed['width']:g}; allowed: maximum minus minimum, {width:g}",
            )
    if n == 2 and "median" in printed:
        _check_pair(printed, at_least, at_most)


def _check_pair(printed, at_least, at_most):
    """Of two patients the median is the mean: with one end the other follows."""
    ends = [printed[name] for name in ("minimum", "maximum") if name in printed]
    others = [2 * printed["median"] - end for end in ends]
    wrong = len(ends) == 2 and abs(sum(ends) - 2 * printed["median"]) > _ROUNDING
    if wrong or not all(at_least - _ROUNDING <= time <= at_most + _ROUNDING for time in others):
        raise ImpossibleSummaryError(
            "median",
            f"median is {printed['median']:g}; allowed: the mean of minimum and maximum, as n is 2",
        )
