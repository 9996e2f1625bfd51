"""Simon's two-stage designs of a single arm.

Vocabulary
----------
p0, p1
    A response rate too low to be of interest, and one that would be.
stages
    n1 patients first. With r1 responders or fewer the trial stops, for futility only;
    otherwise it goes on to n patients, and with *more than* r responders of n the treatment is
    called worth pursuing.
type 1 error, power
    Probability of more than r responders, having gone on, under p0 and under p1.
early stop
    Probability of stopping after the first stage under p0.
expected n
    Expected number of patients under p0: n1 + (1 - early stop) (n - n1).

Among all designs with type 1 error <= alpha and power >= 1 - beta, the *optimal* one has the
smallest expected n, the *minimax* one the smallest n (and of those the smallest expected n).
A design is *admissible* if, for some weight q from 0 to 1, none has a smaller
q n + (1 - q) (expected n): these are the corners of the lower convex hull of the points
(n, expected n), from minimax to optimal.

Sources: Simon 1989, Control Clin Trials 10:1; Jung, Lee, Kim & George 2004, Stat Med 23:561.
"""

from dataclasses import dataclass, replace

import numpy as np

from lupuscart import arguments
from lupuscart.stats._binomial import binomial, tie_bound

__all__ = ["SimonDesign", "simon_two_stage"]

# The distributions of all first stages take memory with the cube of n, here up to 250 MB.
_LARGEST_N = 200


@dataclass(frozen=True)
class SimonDesign:
    """One two-stage design; the module's docstring says what the words mean.

    Attributes
    ----------
    name : {"optimal", "minimax", "admissible"}
        Why it is listed.
    r1, n1 : int
        Stop after n1 patients with r1 responders or fewer.
    r, n : int
        Pursue the treatment with more than r responders of n.
    expected_n, early_stop : float
        Expected number of patients, and probability of stopping early, under p0.
    type1, power : float
        Probability of pursuing the treatment under p0 and under p1.
    """

    name: str
    r1: int
    n1: int
    r: int
    n: int
    expected_n: float
    early_stop: float
    type1: float
    power: float


def simon_two_stage(p0, p1, *, alpha, beta, n_max=100) -> tuple[SimonDesign, ...]:
    """Return the optimal, the minimax and the admissible two-stage designs.

    Parameters
    ----------
    p0, p1 : float
        Response rates without and of interest, between 0 and 1; p0 < p1.
    alpha : float
        Largest type 1 error, between 0 and 1.
    beta : float
        Largest probability of missing a treatment with rate p1; the power is 1 - beta or more.
    n_max : int
        Largest n considered, 2 to 200. "Optimal" is the best up to there.

    Returns
    -------
    tuple of SimonDesign
        The optimal, the minimax, then the admissible ones between them from small n to large.
        A single best design is listed under both names.

    Raises
    ------
    ValueError
        If an argument is not as above, or no design up to ``n_max`` meets alpha and beta.

    Notes
    -----
    All designs are enumerated. Where several r meet both limits, the largest is taken: it has
    the smallest type 1 error, and the expected n does not depend on it.

    Examples
    --------
    >>> optimal, minimax, *between = simon_two_stage(0.2, 0.4, alpha=0.05, beta=0.2)
    >>> optimal.r1, optimal.n1, optimal.r, optimal.n, round(optimal.expected_n, 1)
    (3, 13, 12, 43, 20.6)
    >>> minimax.r1, minimax.n1, minimax.r, minimax.n, round(minimax.expected_n, 1)
    (4, 18, 10, 33, 22.3)
    """
    p0 = arguments.check_open_unit("p0", p0)
    p1 = arguments.check_open_unit("p1", p1)
    if p1 <= p0:
        raise ValueError(f"p1 is {p1} and p0 is {p0}; allowed: p1 greater than p0")
    alpha = arguments.check_open_unit("alpha", alpha)
    beta = arguments.check_open_unit("beta", beta)
    n_max = arguments.check_whole("n_max", n_max, minimum=2, maximum=_LARGEST_N)
    front = _front(p0, p1, alpha, beta, n_max)
    if not front:
        raise ValueError(
            f"n_max is {n_max}: no design up to it has type 1 error <= {alpha} at p0 {p0} and "
            f"power >= {1 - beta:.6g} at p1 {p1}; allowed: a larger n_max, up to {_LARGEST_N}, or "
            "rates further apart"
        )
    minimax, *_, optimal = [front[0], *front]
    between = [design for design in _lower_hull(front) if design not in (minimax, optimal)]
    return replace(optimal, name="optimal"), replace(minimax, name="minimax"), *between


def _front(p0, p1, alpha, beta, n_max):
    """Designs with a smaller expected n than every design of a smaller n.

    Each *row* is a first stage (n1, r1) with, under p0 and under p1, the distribution of the
    responders among all patients so far, on the event that the trial has gone on. One more
    patient turns P(s) into (1 - p) P(s) + p P(s - 1): all n of a row come from one recursion.

    The expected n of a row grows with n. A row whose expected n has reached that of a design
    already found will never be better, and is dropped.
    """
    rates = np.array([p0, p1])
    stages = np.empty((0, 2), dtype=int)
    early_stop = np.empty(0)
    responders = np.empty((2, 0, 1))
    best, front = np.inf, []
    first_n = _smallest_possible_n(rates, alpha, beta, n_max)
    if first_n is None:
        return front
    for n in range(1, n_max + 1):
        responders = _one_more_patient(responders, rates)
        expected_n = stages[:, 0] + (1 - early_stop) * (n - stages[:, 0])
        rows = expected_n < best
        stages, early_stop, expected_n = stages[rows], early_stop[rows], expected_n[rows]
        responders = responders[:, rows]

        if n >= first_n:
            r, type1, power = _largest_r(responders, beta)
            feasible = np.flatnonzero(type1 <= tie_bound(alpha))
            if feasible.size:
                row = feasible[np.argmin(expected_n[feasible])]
                best = float(expected_n[row])
                n1, r1 = stages[row].tolist()
                numbers = (float(value[row]) for value in (early_stop, type1, power))
                front.append(SimonDesign("admissible", r1, n1, int(r[row]), n, best, *numbers))

        new_stages, new_stop, new_responders = _first_stages(n, rates, beta)
        stages = np.concatenate([stages, new_stages])
        early_stop = np.concatenate([early_stop, new_stop])
        responders = np.concatenate([responders, new_responders], axis=1)
    return front


def _smallest_possible_n(rates, alpha, beta, n_max):
    """The smallest n at which a design is not ruled out beforehand, or None.

    A two-stage design is one way to test p0 with n patients, and none has more power than the
    most powerful test of level alpha: to reject for many responders, by lot at the last count
    (Neyman & Pearson). That is a straight line between the corners of (type 1 error, power).
    """
    for n in range(2, n_max + 1):
        type1, power = np.cumsum(binomial(n, rates)[:, ::-1], axis=1)
        if tie_bound(np.interp(alpha, [0, *type1], [0, *power])) >= 1 - beta:
            return n
    return None


def _one_more_patient(responders, rates):
    rates = rates[:, np.newaxis, np.newaxis]
    longer = np.zeros((*responders.shape[:2], responders.shape[2] + 1))
    longer[..., :-1] = (1 - rates) * responders
    longer[..., 1:] += rates * responders
    return longer


def _first_stages(n1, rates, beta):
    """Rows of all first stages of n1 patients that leave the power its chance."""
    probability = binomial(n1, rates)
    stops = np.cumsum(probability, axis=1)
    r1 = np.flatnonzero(stops[1, :-1] <= tie_bound(beta))
    goes_on = np.arange(n1 + 1) > r1[:, np.newaxis]
    stages = np.column_stack([np.full(len(r1), n1), r1])
    return stages, stops[0, r1], np.where(goes_on, probability[:, np.newaxis], 0)


def _largest_r(responders, beta):
    """The largest r of each row that keeps the power, its type 1 error and its power."""
    more = np.cumsum(responders[..., ::-1], axis=2)[..., ::-1]  # P(gone on, s or more)
    enough = np.sum(more[1] >= (1 - beta) * (1 - 1e-9), axis=1)
    at = np.maximum(enough - 1, 0)[:, np.newaxis]
    type1, power = (np.take_along_axis(part, at, axis=1)[:, 0] for part in more)
    return at[:, 0] - 1, type1, power


def _lower_hull(front):
    """Corners of the lower convex hull of (n, expected n) of designs in order of n."""
    hull = []
    for design in front:
        while len(hull) > 1 and not _turns_up(hull[-2], hull[-1], design):
            hull.pop()
        hull.append(design)
    return hull


def _turns_up(a, b, c):
    first = (b.expected_n - a.expected_n) * (c.n - b.n)
    return first < (c.expected_n - b.expected_n) * (b.n - a.n)
