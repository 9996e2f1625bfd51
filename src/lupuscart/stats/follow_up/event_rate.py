"""Events per patient-year: exact limits of a rate, also where only bounds of the time are known.

Vocabulary: *events* happen to patients who are followed for a *person-time* in years; the rate is
events a patient-year (an exposure-adjusted rate). The number of events is Poisson with mean
rate x person-time if **the rate is constant**, the same for all and at all times, and events are
independent: early harms of a treatment are none of these, so a rate describes a period and must
not be carried beyond it. Person-time from a printed summary has bounds (`person_time_bounds`): the
widest interval takes its lower limit with the longest and its upper limit with the shortest time.

Sources: Garwood 1936, Biometrika 28:437; Przyborowski & Wilenski 1940, Biometrika 31:313 (two
rates); Cohen & Yang 1994, Stat Med 13:2189 (mid-P).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv

from lupuscart import arguments
from lupuscart.stats._binomial import at_least, at_most
from lupuscart.stats.proportion import proportion_ci

__all__ = [
    "RateComparison",
    "compare_event_rates",
    "event_free_ci",
    "event_rate_ci",
    "follow_up_to_exclude",
]

_METHODS = ("garwood", "mid-p")
_BOUNDS = ("two-sided", "lower", "upper")


def event_rate_ci(
    events,
    low_time,
    high_time=None,
    *,
    confidence_level: float = 0.95,
    method: str = "garwood",
    bound: str = "two-sided",
):
    """Return the confidence interval of an event rate, widest over the person-time's bounds.

    Parameters
    ----------
    events : int or array-like
        Events, 0 or more.
    low_time, high_time : float or array-like
        Bounds of the person-time in years, above 0; `high_time` may be infinite, and is
        `low_time` if not given.
    confidence_level : float
        Between 0 and 1; 0.95 for 95 %.
    method : {"garwood", "mid-p"}
        ``garwood`` is exact: it never covers less than the level. ``mid-p`` counts half the
        probability of the events seen and keeps the level on average only.
    bound : {"two-sided", "lower", "upper"}
        A one-sided limit has the whole alpha on its side; the other is 0 or infinite.

    Returns
    -------
    low, high : float or numpy.ndarray
        Events a patient-year.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    Garwood: the low mean solves P(X >= events) = alpha/2, the high one P(X <= events) = alpha/2:
    half the chi-squared quantiles with 2 events and 2 events + 2 df. Divided by the longest and
    by the shortest time.

    Examples
    --------
    >>> low, high = event_rate_ci(1, 11.49, 13.76)
    >>> round(low, 4), round(high, 3)
    (0.0018, 0.485)
    >>> low, high = event_rate_ci(0, 10, bound="upper")
    >>> low, round(high, 3)
    (0.0, 0.3)
    """
    level = arguments.check_confidence_level(confidence_level)
    arguments.check_choice("method", method, _METHODS)
    arguments.check_choice("bound", bound, _BOUNDS)
    events, low_time, high_time = _check_follow_up(events, low_time, high_time)
    tail = (1 - level) / (2 if bound == "two-sided" else 1)
    low, high = _MEANS[method](events.astype(float), tail)
    low, high = low / high_time, high / low_time
    if bound == "lower":
        high = np.full_like(high, np.inf)
    if bound == "upper":
        low = np.zeros_like(low)
    return _plain(low), _plain(high)


def event_free_ci(events, low_time, high_time=None, *, years=1.0, confidence_level: float = 0.95):
    """Return the interval of the share free of the event after some years, **at a constant rate**.

    Parameters
    ----------
    events, low_time, high_time, confidence_level
        As for `event_rate_ci`.
    years : float or array-like
        Time after the start, 0 or more.

    Returns
    -------
    low, high : float or numpy.ndarray
        exp(-rate x years) at the high and at the low limit of the rate; no Kaplan-Meier curve.

    Examples
    --------
    >>> low, high = event_free_ci(1, 11.49, 13.76)
    >>> round(low, 2), round(high, 3)
    (0.62, 0.998)
    """
    years = arguments.check_numbers("years", years, "numbers of at least 0", low=0)
    low, high = event_rate_ci(events, low_time, high_time, confidence_level=confidence_level)
    return _plain(np.exp(-np.multiply(high, years))), _plain(np.exp(-np.multiply(low, years)))


def follow_up_to_exclude(rate, *, n=1, confidence_level: float = 0.95):
    """Return how long each of n patients must be followed without an event to exclude a rate.

    Parameters
    ----------
    rate : float or array-like
        Events a patient-year to exclude, above 0.
    n : int or array-like
        Patients, all followed for the same time.
    confidence_level : float
        One-sided; 0.95 for 95 %.

    Returns
    -------
    float or numpy.ndarray
        Years for each patient: -log(alpha) / (rate n). The same in all, whoever is followed.

    Examples
    --------
    >>> round(12 * follow_up_to_exclude(0.2, n=15), 1)  # months
    12.0
    """
    level = arguments.check_confidence_level(confidence_level)
    allowed = "finite numbers above 0"
    limits = {"low": np.nextafter(0, 1), "high": np.finfo(float).max}
    rate = arguments.check_numbers("rate", rate, allowed, **limits)
    n = arguments.check_whole_numbers("n", n, minimum=1)
    return _plain(-np.log1p(-level) / (rate * n))


@dataclass(frozen=True)
class RateComparison:
    """Two event rates side by side.

    Attributes
    ----------
    ratio_low, ratio_high : float
        Limits of the ratio of rate 1 to rate 2, widest over the bounds of both person-times;
        from 0 to infinity.
    p_value : float
        Of equal rates, the largest over these bounds: twice the smaller tail, at most 1.
    """

    ratio_low: float
    ratio_high: float
    p_value: float


def compare_event_rates(
    events_1: int, time_1, events_2: int, time_2, *, confidence_level: float = 0.95
) -> RateComparison:
    """Compare two event rates exactly, given how many events there were in all.

    Parameters
    ----------
    events_1, events_2 : int
        Events of group 1 and of group 2, not both 0.
    time_1, time_2 : float or (float, float)
        Person-time in years, or its bounds.
    confidence_level : float
        Between 0 and 1; 0.95 for 95 %.

    Returns
    -------
    RateComparison

    Raises
    ------
    ValueError
        If an argument is not as above; without any event nothing is known of a ratio.

    Notes
    -----
    Given the sum of the events, those of group 1 are binomial with probability
    ratio t1 / (ratio t1 + t2): the limits of the ratio are the Clopper-Pearson limits of that
    probability p, as p / (1 - p) x t2 / t1 (R's ``poisson.test``, whose p-value sums the results
    no more probable instead). Groups of different trials are not comparable by this.

    Examples
    --------
    >>> compared = compare_event_rates(11, 800, 21, 3011)
    >>> round(compared.ratio_low, 4), round(compared.ratio_high, 4)
    (0.8584, 4.2773)
    """
    level = arguments.check_confidence_level(confidence_level)
    first = arguments.check_whole("events_1", events_1, minimum=0)
    second = arguments.check_whole("events_2", events_2, minimum=0)
    if first + second == 0:
        raise ValueError(
            "events_1 and events_2 are both 0; allowed: at least one event, as without any the "
            "ratio may be anything"
        )
    (low_1, high_1), (low_2, high_2) = _bounds("time_1", time_1), _bounds("time_2", time_2)
    low, high = proportion_ci(first, first + second, confidence_level=level)
    total = first + second
    # The share of group 1 if the rates are equal, at either end of the bounds.
    least, most = low_1 / (low_1 + high_2), high_1 / (high_1 + low_2)
    more, fewer = at_least(first, total, most), at_most(first, total, least)
    return RateComparison(
        ratio_low=low / (1 - low) * (low_2 / high_1),
        ratio_high=np.inf if high == 1 else high / (1 - high) * (high_2 / low_1),
        p_value=float(min(2 * min(more, fewer), 1.0)),
    )


def _garwood(events, tail):
    some = np.maximum(events, 1)
    return np.where(events > 0, gammaincinv(some, tail), 0.0), gammainccinv(events + 1, tail)


def _mid_p(events, tail):
    """Means at which P(X > events) + P(X = events) / 2, and its mirror image, are `tail`."""
    return _mid_p_low(events, tail), _mid_p_high(events, tail)


@np.vectorize(otypes=[float])
def _mid_p_low(events, tail):
    from scipy.optimize import brentq

    if events == 0:
        return 0.0
    # Between the exact limits of events and of events + 1.
    low, high = gammaincinv(events, tail), gammaincinv(events + 1, tail)
    return brentq(
        lambda mean: (gammainc(events, mean) + gammainc(events + 1, mean)) / 2 - tail, low, high
    )


@np.vectorize(otypes=[float])
def _mid_p_high(events, tail):
    from scipy.optimize import brentq

    if events == 0:
        return -np.log(2 * tail) if tail < 0.5 else 0.0
    low, high = gammainccinv(events, tail), gammainccinv(events + 1, tail)
    return brentq(
        lambda mean: (gammaincc(events, mean) + gammaincc(events + 1, mean)) / 2 - tail, low, high
    )


_MEANS = {"garwood": _garwood, "mid-p": _mid_p}


def _check_follow_up(events, low_time, high_time):
    high_time = low_time if high_time is None else high_time
    arguments.check_same_index(events=events, low_time=low_time, high_time=high_time)
    # More events than a float tells apart have no limits of their own.
    events = arguments.check_whole_numbers("events", events, maximum=1_000_000)
    smallest = np.nextafter(0, 1)
    low = arguments.check_numbers(
        "low_time", low_time, "finite years above 0", low=smallest, high=np.finfo(float).max
    )
    high = arguments.check_numbers("high_time", high_time, "years above 0", low=smallest)
    try:
        events, low, high = np.broadcast_arrays(events, low, high)
    except ValueError:
        raise ValueError(
            f"events has shape {events.shape}, low_time {low.shape} and high_time {high.shape}; "
            "allowed: shapes that broadcast"
        ) from None
    wrong = low > high
    if wrong.any():
        raise ValueError(
            f"low_time is {low[wrong].flat[0]:g} and high_time {high[wrong].flat[0]:g}; allowed: "
            "low_time at most high_time"
        )
    return events, low, high


def _bounds(name, time) -> tuple[float, float]:
    allowed = "finite years above 0, or two bounds of them"
    times = np.atleast_1d(arguments.check_numbers(name, time, allowed))
    if times.shape not in ((1,), (2,)) or not (times > 0).all() or not np.isfinite(times).all():
        raise ValueError(
            f"{name} is {time!r}; allowed: finite years above 0, or two bounds of them"
        )
    if times[0] > times[-1]:
        raise ValueError(f"{name} is {time!r}; allowed: the smaller bound first")
    return float(times[0]), float(times[-1])


def _plain(value):
    """Return a scalar as a float, an array as it is."""
    return float(value) if np.ndim(value) == 0 else value
