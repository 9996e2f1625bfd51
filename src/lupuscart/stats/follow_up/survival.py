"""Free of an event over time, from every patient's own time: Kaplan-Meier with exact limits.

Vocabulary: each patient is followed to a *time*, at which either the *event* was (the first one of
that patient) or the follow-up ended without it (*censored*). At risk at a time are those who were
followed at least so long; of equal times events come before ends of follow-up. The share free of
the event is that of Kaplan and Meier (1958, JASA 53:457).

Its limits are those of the beta product confidence procedure (Fay, Brittain & Proschan 2013,
Biostatistics 14:723; for equal times Fay & Brittain 2016, Stat Med 35:2726). With Y_i at risk and
d_i events at the i-th time, the upper limit is a quantile of the product W+ of independent
Beta(Y_i - d_i + 1, d_i), and the lower one of W- = W+ Beta(Y, 1), with Y still at risk afterwards:
the next event might be just about to happen. Without censoring both are the limits of
Clopper-Pearson, which are wrong where patients left early. Ends of follow-up must have nothing to
do with the event: who is no longer followed because of a flare is no such end.

R's ``bpcp`` takes a beta distribution of the same mean and variance instead of the product. Here
its distribution is exact. -log W is a sum of exponentials whose rates are different whole numbers:
those at risk before each event, counted down one by one. P(W < w) is then a polynomial, written as

    sum over j of share_j P(X = j),    X ~ Binomial(largest rate, w),

where share_j, from 0 to 1, needs no subtraction: a rate appends a 1, and a whole number that is no
rate raises the degree.
"""

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from lupuscart import arguments
from lupuscart.stats._binomial import binomial

__all__ = ["kaplan_meier", "numbers_at_risk", "survival_ci"]

#: More patients than this are no small sample; the exact distribution would take minutes.
MOST_PATIENTS = 500

_BOUNDS = ("two-sided", "lower", "upper")


def kaplan_meier(
    times, events, *, confidence_level: float = 0.95, bound: str = "two-sided"
) -> pd.DataFrame:
    """Return the share free of the event after each time, with exact small-sample limits.

    Parameters
    ----------
    times : array-like, shape (n,)
        How long each patient was followed, in one unit, above 0; at most 500 patients.
    events : array-like, shape (n,)
        Whether the event was then (True, 1), or the follow-up ended without it (False, 0).
    confidence_level : float
        Between 0 and 1; 0.95 for 95 %. It holds at each time by itself.
    bound : {"two-sided", "lower", "upper"}
        A one-sided limit has the whole alpha on its side; the other is 0 or 1.

    Returns
    -------
    pandas.DataFrame
        A row from time 0 and from each time of `times` on: ``time``, ``at_risk`` (before what
        happened then), ``events``, ``censored``, ``survival``, ``low``, ``high``.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> curve = kaplan_meier([3, 5, 5, 8, 8, 12], [1, 1, 0, 1, 1, 0])
    >>> curve[["time", "at_risk", "survival", "low", "high"]].round(3)
       time  at_risk  survival    low   high
    0   0.0        6     1.000  0.541  1.000
    1   3.0        6     0.833  0.359  0.996
    2   5.0        5     0.667  0.174  0.957
    3   8.0        3     0.222  0.006  0.738
    4  12.0        1     0.222  0.000  0.738
    """
    curve, options = _steps(*_check_patients(times, events)), _options(confidence_level, bound)
    limits = [_limits(history, **options) for history in _histories(curve)]
    curve["low"], curve["high"] = np.array(limits).T
    return curve


def survival_ci(times, events, at, *, confidence_level: float = 0.95, bound: str = "two-sided"):
    """Return the limits of the share free of the event at given times.

    Parameters
    ----------
    times, events, confidence_level, bound
        As for `kaplan_meier`.
    at : float or array-like
        Times of at least 0, in the unit of `times`.

    Returns
    -------
    low, high : float or numpy.ndarray
        As at the last time that is not later. Beyond the longest follow-up the lower limit is 0:
        nobody was there to be free of the event.

    Examples
    --------
    Five followed for a year, one with a flare at month 6: at month 9 as Clopper-Pearson's, 4 of 5.

    >>> low, high = survival_ci([6, 12, 12, 12, 12], [1, 0, 0, 0, 0], 9)
    >>> round(low, 3), round(high, 3)
    (0.284, 0.995)
    """
    at = arguments.check_numbers("at", at, "times of at least 0", low=0)
    curve, options = _steps(*_check_patients(times, events)), _options(confidence_level, bound)
    histories = [*_histories(curve)]
    rows, place = np.unique(
        np.searchsorted(curve["time"].to_numpy(), at, side="right") - 1, return_inverse=True
    )
    limits = np.array([_limits(histories[row], **options) for row in rows])
    low, high = np.moveaxis(limits[place], -1, 0)
    return (float(low), float(high)) if at.ndim == 0 else (low, high)


def numbers_at_risk(times, at) -> np.ndarray:
    """Return how many are still followed at each time, for the line below a curve.

    Examples
    --------
    >>> numbers_at_risk([3, 5, 5, 8, 8, 12], [0, 6, 12, 18])
    array([6, 3, 1, 0])
    """
    times = arguments.check_numbers("times", times, "finite numbers above 0")
    at = arguments.check_numbers("at", at, "times of at least 0", low=0)
    return (np.atleast_1d(times)[None, :] >= np.atleast_1d(at)[:, None]).sum(axis=1)


def _options(confidence_level, bound) -> dict:
    level = arguments.check_confidence_level(confidence_level)
    arguments.check_choice("bound", bound, _BOUNDS)
    return {"tail": (1 - level) / (2 if bound == "two-sided" else 1), "bound": bound}


def _check_patients(times, events):
    arguments.check_same_index(times=times, events=events)
    limits = {"low": np.nextafter(0, 1), "high": np.finfo(float).max}
    times = arguments.check_numbers("times", times, "finite numbers above 0", **limits)
    whether = np.asarray(events)
    if whether.dtype == bool:
        events = whether.astype(int)
    allowed = "1 where the event was, 0 where the follow-up ended without it"
    events = arguments.check_whole_numbers("events", events, maximum=1, allowed=allowed)
    if times.ndim != 1 or times.shape != events.shape or not 1 <= len(times) <= MOST_PATIENTS:
        raise ValueError(
            f"times has shape {times.shape} and events {events.shape}; allowed: one of each a "
            f"patient, 1 to {MOST_PATIENTS} patients"
        )
    return times, events


def _steps(times, events) -> pd.DataFrame:
    """What happened at each time, the estimate after it, and a row at time 0."""
    when = np.concatenate([[0.0], np.unique(times)])
    at_risk = numbers_at_risk(times, when)
    happened = ((times == when[:, None]) & (events == 1)).sum(axis=1)
    gone = np.append(at_risk[1:], 0)
    return pd.DataFrame(
        {
            "time": when,
            "at_risk": at_risk,
            "events": happened,
            "censored": at_risk - happened - gone,
            "survival": np.cumprod(1 - happened / at_risk),
        }
    )


def _histories(curve):
    """Of each row: the rates of W+, and how many are still at risk."""
    rates, still = [], np.append(curve["at_risk"].to_numpy()[1:], 0)
    for row, left in zip(curve.itertuples(), still, strict=True):
        rates = [*rates, *range(row.at_risk, row.at_risk - row.events, -1)]
        yield rates, int(left)


def _limits(history, tail, bound):
    rates, left = history
    low = _quantile([*rates, left], tail) if left and bound != "upper" else 0.0
    return low, _quantile(rates, 1 - tail) if rates and bound != "lower" else 1.0


def _quantile(rates, probability) -> float:
    """The quantile of the product of Beta(rate, 1), the rates falling from first to last."""
    from scipy.optimize import brentq

    first, last = rates[0], rates[-1]
    if first - last + 1 == len(rates):  # every number between: one beta distribution
        return float(betaincinv(last, len(rates), probability))
    shares = _shares(rates)
    return brentq(
        lambda w: binomial(first, np.array([w]))[0] @ shares - probability, 0, 1, xtol=1e-15
    )


def _shares(rates) -> np.ndarray:
    """Coefficients of P(W < w) in the binomial probabilities of the largest rate."""
    shares, known = np.append(np.zeros(rates[-1]), 1.0), set(rates)
    for number in range(rates[-1] + 1, rates[0] + 1):
        if number in known:
            shares = np.append(shares, 1.0)
        else:
            part = np.arange(number + 1) / number
            shares = part * np.append(0.0, shares) + (1 - part) * np.append(shares, 0.0)
    return shares
