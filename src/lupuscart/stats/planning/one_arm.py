"""One larger arm: its precision, and what the absence of an event would exclude.

Vocabulary: p is the true rate, which a plan has to assume; the *expected width* is that of the
confidence interval, averaged over the results that p would give; a rate is *excluded* by a
trial without an event when its one-sided p-value is alpha or less.
"""

from dataclasses import dataclass

import numpy as np

from lupuscart import arguments
from lupuscart.stats._binomial import binomial, tie_bound
from lupuscart.stats.proportion import n_to_exclude, proportion_ci

__all__ = [
    "NoEventPlan",
    "Precision",
    "check_plan",
    "no_event_plan",
    "precision_one_arm",
]


def check_plan(treatment_rate: float, control_rate: float, event_rate: float) -> None:
    """Refuse rates that no trial of this kind can be planned on.

    Raises
    ------
    ValueError
        Unless 0 < `control_rate` < `treatment_rate` < 1 and 0 < `event_rate` < 1.

    Examples
    --------
    >>> check_plan(0.8, 0.8, 0.05)
    Traceback (most recent call last):
    ...
    ValueError: control_rate is 0.8; allowed: a rate below treatment_rate, which is 0.8
    """
    arguments.check_open_unit("treatment_rate", treatment_rate)
    arguments.check_open_unit("control_rate", control_rate)
    arguments.check_open_unit("event_rate", event_rate)
    if control_rate >= treatment_rate:
        raise ValueError(
            f"control_rate is {control_rate}; allowed: a rate below treatment_rate, which is "
            f"{treatment_rate}"
        )


@dataclass(frozen=True)
class Precision:
    """What the interval of a single arm will be like.

    Attributes
    ----------
    expected_width : float or numpy.ndarray
        Mean width of the confidence interval.
    probability_above : float, numpy.ndarray or None
        Probability that its lower limit exceeds the threshold; None without a threshold.
    """

    expected_width: float
    probability_above: float | None


@dataclass(frozen=True)
class NoEventPlan:
    """A trial in which no patient is to have a certain event.

    Attributes
    ----------
    n : int
        Patients who, all without the event, exclude the rate.
    probability : float or numpy.ndarray
        Probability that such a trial will indeed see none.
    """

    n: int
    probability: float


def precision_one_arm(
    n, p, *, confidence_level=0.95, method="clopper-pearson", threshold=None
) -> Precision:
    """Return the expected width of an interval, and how often it lies above a threshold.

    Parameters
    ----------
    n : int
        Patients, at most 100,000.
    p : float or array-like
        Assumed true rates, 0 to 1.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.
    threshold : float, optional
        A rate c, 0 to 1, that the lower limit is to exceed: that of a control, say.

    Returns
    -------
    Precision
        ``expected_width``, and ``probability_above``, the probability of low > c; both of the
        shape of p.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    Sums over k = 0 ... n of b(k; n, p) times the width, or times 1 where low > c.

    Examples
    --------
    >>> plan = precision_one_arm(30, 0.8, threshold=0.5)
    >>> round(plan.expected_width, 3), round(plan.probability_above, 3)
    (0.302, 0.939)
    """
    n = arguments.check_whole("n", n, minimum=1, maximum=100_000)
    p = arguments.check_rate("p", p)
    low, high = proportion_ci(np.arange(n + 1), n, confidence_level=confidence_level, method=method)
    probability = binomial(n, p.ravel())
    expected_width = _shaped_like(p, probability @ (high - low))
    if threshold is None:
        return Precision(expected_width=expected_width, probability_above=None)
    above = low > tie_bound(arguments.check_one_rate("threshold", threshold))
    probability_above = np.minimum(probability @ above, 1)
    return Precision(
        expected_width=expected_width, probability_above=_shaped_like(p, probability_above)
    )


def no_event_plan(rate, *, true_rate, confidence_level=0.95) -> NoEventPlan:
    """Return how many patients without an event exclude a rate, and how likely that is.

    Parameters
    ----------
    rate : float
        Event rate to exclude, above 0.
    true_rate : float or array-like
        Event rates assumed true, 0 to 1.
    confidence_level : float
        One-sided: 0.95 needs 29, 59 and 299 patients for rates of 10, 5 and 1 %; 0.975, the
        upper half of a two-sided 95 %, needs 36, 72 and 368.

    Returns
    -------
    NoEventPlan
        ``n``, the smallest with (1 - rate)^n <= 1 - confidence_level; and ``probability``,
        (1 - true_rate)^n, of the shape of ``true_rate``.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> plan = no_event_plan(0.05, true_rate=[0, 0.01, 0.05])
    >>> plan.n, plan.probability.round(3)
    (59, array([1.   , 0.553, 0.048]))
    """
    n = n_to_exclude(arguments.check_one_rate("rate", rate), confidence_level=confidence_level)
    true_rate = arguments.check_rate("true_rate", true_rate)
    return NoEventPlan(n=n, probability=_shaped_like(true_rate, (1 - true_rate) ** n))


def _shaped_like(p, values):
    return float(values.item()) if np.ndim(p) == 0 else values.reshape(p.shape)
