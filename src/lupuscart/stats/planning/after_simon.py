"""What a Simon two-stage trial says once it is over, and the one-stage trial in its place.

Vocabulary: as in `simon`. After n1 patients the trial stops with r1 responders or fewer; otherwise
it goes on to n. *Outcomes* are ordered by stage: every one that went on is more extreme than every
one that stopped, and within a stage more responders are. The plain rate k / n is biased, as bad
starts are cut off; the *UMVUE*, the uniformly minimum-variance unbiased estimate, is not.

The *one-stage* design of A'Hern takes n patients at once and pursues the treatment with more than
r responders.

Sources: Jung & Kim 2004, Stat Med 23:881 (UMVUE); Koyama & Chen 2008, Stat Med 27:3145 (p-value and
limits); A'Hern 2001, Stat Med 20:859.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from lupuscart import arguments
from lupuscart.stats._binomial import at_least, at_most, binomial, tie_bound

__all__ = ["OneStageDesign", "TwoStageResult", "one_stage_design", "simon_inference"]

# Every count of the first stage is looked at.
_LARGEST_N = 1000


@dataclass(frozen=True)
class TwoStageResult:
    """What a two-stage trial says of the response rate.

    Attributes
    ----------
    estimate : float
        Unbiased (UMVUE).
    low, high : float
        Limits that know of the stages.
    p_value : float
        One-sided, of a rate of p0 or less.
    plain_rate : float
        Responders over patients, biased downwards by the stopping.
    stopped : bool
        Whether the trial ended after the first stage.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    plain_rate: float
    stopped: bool


@dataclass(frozen=True)
class OneStageDesign:
    """A one-stage trial of a single arm.

    Attributes
    ----------
    r, n : int
        Pursue the treatment with more than r responders of n.
    type1, power : float
        Probability of that under p0 and under p1.
    """

    r: int
    n: int
    type1: float
    power: float


def simon_inference(
    responders: int, *, r1: int, n1: int, n: int, p0: float, confidence_level: float = 0.95
) -> TwoStageResult:
    """Return estimate, limits and p-value after a two-stage trial that kept to its plan.

    Parameters
    ----------
    responders : int
        Of all patients: of n1 if there are r1 or fewer, as the trial then stopped, else of n.
    r1, n1, n : int
        The design: stop after n1 patients with r1 responders or fewer, else n patients in all,
        up to 1,000.
    p0 : float
        The response rate not of interest, between 0 and 1.
    confidence_level : float
        Of the two-sided interval, equal tails.

    Returns
    -------
    TwoStageResult

    Raises
    ------
    ValueError
        If an argument is not as above. A trial whose second stage was not as planned needs another
        analysis.

    Notes
    -----
    With s responders after both stages the estimate is

        sum C(n1 - 1, x - 1) C(n2, s - x) / sum C(n1, x) C(n2, s - x)

    over the x > r1 that the first stage can have had; s / n1 after a stop. The p-value is
    the probability, at p0, of all outcomes as extreme or more; the limits are the rates at which
    it, and that of all as extreme or less, are half of alpha. clinfun's ``twostage.inference`` has
    the same estimate and p-value and finds its limits on a grid.

    Examples
    --------
    >>> result = simon_inference(13, r1=3, n1=13, n=43, p0=0.2)
    >>> round(result.estimate, 3), round(result.plain_rate, 3), round(result.p_value, 3)
    (0.371, 0.302, 0.05)
    >>> round(result.low, 3), round(result.high, 3)
    (0.181, 0.54)
    """
    from scipy.optimize import brentq

    n = arguments.check_whole("n", n, minimum=2, maximum=_LARGEST_N)
    n1 = arguments.check_whole("n1", n1, minimum=1, maximum=n - 1)
    r1 = arguments.check_whole("r1", r1, minimum=0, maximum=n1 - 1)
    s = arguments.check_whole("responders", responders, minimum=0, maximum=n)
    p0 = arguments.check_open_unit("p0", p0)
    tail = (1 - arguments.check_confidence_level(confidence_level)) / 2
    stages = r1, n1, n

    def above(p):
        return _as_extreme(s, p, *stages) - tail

    def below(p):
        return tail - _as_extreme_or_less(s, p, *stages)

    stopped = s <= r1
    return TwoStageResult(
        estimate=s / n1 if stopped else _unbiased(s, *stages),
        low=0.0 if s == 0 else float(brentq(above, 0, 1, xtol=1e-13)),
        high=1.0 if s == n else float(brentq(below, 0, 1, xtol=1e-13)),
        p_value=float(min(_as_extreme(s, p0, *stages), 1.0)),
        plain_rate=s / (n1 if stopped else n),
        stopped=stopped,
    )


def one_stage_design(p0, p1, *, alpha, beta, n_max=200) -> OneStageDesign:
    """Return the smallest one-stage design that has the power and keeps it up to a limit.

    Parameters
    ----------
    p0, p1 : float
        Response rates without and of interest, between 0 and 1; p0 < p1.
    alpha, beta : float
        Largest type 1 error, and largest probability of missing a rate of p1.
    n_max : int
        Largest n considered, up to 1,000.

    Returns
    -------
    OneStageDesign

    Raises
    ------
    ValueError
        If an argument is not as above, or no n up to ``n_max`` reaches the power and keeps it.

    Notes
    -----
    r is the smallest with P(X > r) <= alpha at p0. As the power falls wherever r rises, a larger
    trial can have less; A'Hern's tables list the first n that reaches the power, this is the first
    from which every larger one, up to ``n_max``, has it too.

    Examples
    --------
    >>> one = one_stage_design(0.2, 0.4, alpha=0.05, beta=0.2)
    >>> one.r, one.n, round(one.type1, 3), round(one.power, 3)
    (12, 38, 0.029, 0.814)
    """
    p0, p1 = arguments.check_open_unit("p0", p0), arguments.check_open_unit("p1", p1)
    if p1 <= p0:
        raise ValueError(f"p1 is {p1} and p0 is {p0}; allowed: p1 greater than p0")
    alpha = arguments.check_open_unit("alpha", alpha)
    beta = arguments.check_open_unit("beta", beta)
    n_max = arguments.check_whole("n_max", n_max, minimum=1, maximum=_LARGEST_N)
    kept = None
    for n in range(n_max, 0, -1):
        design = _one_stage(n, p0, p1, alpha)
        if tie_bound(design.power) < 1 - beta:
            break
        kept = design
    if kept is None:
        raise ValueError(
            f"n_max is {n_max}: no design up to it has type 1 error <= {alpha} at p0 {p0} and "
            f"keeps a power >= {1 - beta:.6g} at p1 {p1}; allowed: a larger n_max, up to "
            f"{_LARGEST_N}, or rates further apart"
        )
    return kept


def _one_stage(n, p0, p1, alpha):
    more_than = at_least(np.arange(1, n + 2), n, p0)  # P(X > r) for r = 0 ... n
    r = int(np.argmax(more_than <= tie_bound(alpha)))
    power = float(at_least(np.array(r + 1), n, p1))
    return OneStageDesign(r, n, float(more_than[r]), power)


def _unbiased(s, r1, n1, n):
    x = np.arange(max(r1 + 1, s - (n - n1)), min(n1, s) + 1)
    rest = _log_choose(n - n1, s - x)
    ways = _log_choose(n1, x) + rest
    among_others = _log_choose(n1 - 1, x - 1) + rest
    top = ways.max()
    return float(np.exp(among_others - top).sum() / np.exp(ways - top).sum())


def _as_extreme(s, p, r1, n1, n):
    """Probability of all outcomes as extreme as s responders, or more."""
    if s <= r1:
        return float(at_least(np.array(s), n1, p))
    went_on = np.arange(r1 + 1, n1 + 1)
    return float(_first_stage(went_on, n1, p) @ at_least(s - went_on, n - n1, p))


def _as_extreme_or_less(s, p, r1, n1, n):
    """Probability of all outcomes as extreme as s responders, or less."""
    if s <= r1:
        return float(at_most(np.array(s), n1, p))
    went_on = np.arange(r1 + 1, n1 + 1)
    stopped = at_most(np.array(r1), n1, p)
    return float(stopped + _first_stage(went_on, n1, p) @ at_most(s - went_on, n - n1, p))


def _first_stage(x, n1, p):
    return binomial(n1, np.array([p]))[0, x]


def _log_choose(n, k):
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
