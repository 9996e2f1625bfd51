"""A trial of two arms that borrows controls from history: what it gains and what it risks.

Vocabulary: the trial is *positive* if the probability that treatment has the higher rate, given
both arms and their priors, is at least a *threshold*: .975 stands beside a one-sided level of 2.5 %
where nothing is borrowed. *Drift* is how far the true control rate lies from that of the history.
The *false-positive rate* is the probability of a positive trial where both rates are the same, as
a function of that rate: a trial that borrows keeps no level. The rate is lower where controls do
worse than history and higher where they do better, and no prior gains power without that price
(Kopp-Schneider, Calderazzo & Wiesenfarth 2020, Biom J 62:361).

Everything is enumerated over both arms; nothing is simulated.
"""

import numpy as np
import pandas as pd
from scipy.special import betainc, expit

from lupuscart import arguments
from lupuscart.stats._binomial import binomial
from lupuscart.stats.planning.beta_mixture import BetaMixture, logit_nodes

__all__ = [
    "UNIFORM",
    "borrowing_table",
    "positive_probability",
    "positive_region",
    "posterior_superiority",
]

#: Every rate as likely: the prior of the treated arm.
UNIFORM = BetaMixture((1,), (1,), (1,))

_LARGEST_ARM = 1000


def posterior_superiority(
    n1: int, n2: int, *, control_prior: BetaMixture, treatment_prior: BetaMixture = UNIFORM
) -> np.ndarray:
    """Return the probability that treatment has the higher rate, for every result of a trial.

    Parameters
    ----------
    n1, n2 : int
        Patients in the treated arm and concurrent controls, up to 1,000 each; n2 may be 0.
    control_prior, treatment_prior : BetaMixture
        Of both rates, which are independent.

    Returns
    -------
    numpy.ndarray
        Shape (n1 + 1, n2 + 1): treated responders by control responders.

    Notes
    -----
    The integral over the control rate c of its posterior density times the probability that the
    treatment rate is above c, by Gauss-Legendre quadrature; to ten digits.

    Held against RBesT's printed .9917197 for 14 of 24 against 1 of 6 with a robust prior, and
    against finite sums for whole shapes.

    Examples
    --------
    >>> both = posterior_superiority(15, 5, control_prior=BetaMixture((1,), (4,), (6,)))
    >>> round(float(both[12, 2]), 3)
    0.986
    """
    n1 = arguments.check_whole("n1", n1, minimum=1, maximum=_LARGEST_ARM)
    n2 = arguments.check_whole("n2", n2, minimum=0, maximum=_LARGEST_ARM)
    total = max(np.add(prior.a, prior.b).max() for prior in (control_prior, treatment_prior))
    c, step = logit_nodes(total + max(n1, n2))
    return _above(treatment_prior, n1, c) @ (_densities(control_prior, n2, c) * step).T


def _densities(prior, n, c):
    """Density of the logit after 0 ... n responders (rows) at each logit (columns)."""
    rows = []
    for weights, a, b in zip(*prior.posteriors(n), strict=True):
        kept = weights > 0
        logs = BetaMixture(*(tuple(each[kept]) for each in (weights, a, b))).log_densities(c)
        rows.append(np.exp(logs).sum(axis=0) * expit(c) * expit(-c))
    return np.array(rows)


def _above(prior, n, c):
    """Probability of a rate above each logit (columns) after 0 ... n responders (rows)."""
    weights, a, b = (each[..., None] for each in prior.posteriors(n))
    return (weights * betainc(b, a, expit(-c))).sum(axis=1)


def positive_region(
    n1: int,
    n2: int,
    *,
    control_prior: BetaMixture,
    treatment_prior: BetaMixture = UNIFORM,
    threshold: float = 0.975,
) -> np.ndarray:
    """Return in which results a trial is positive, as booleans of shape (n1 + 1, n2 + 1).

    Parameters
    ----------
    n1, n2, control_prior, treatment_prior
        As for `posterior_superiority`.
    threshold : float
        Probability to reach, between 0 and 1.

    Examples
    --------
    >>> region = positive_region(15, 5, control_prior=BetaMixture((1,), (4,), (6,)))
    >>> int(region[:, 2].argmax())
    12
    """
    threshold = arguments.check_open_unit("threshold", threshold)
    priors = {"control_prior": control_prior, "treatment_prior": treatment_prior}
    # The threshold is reached where rounding alone stands between.
    return posterior_superiority(n1, n2, **priors) >= threshold - 1e-10


def positive_probability(
    n1: int,
    n2: int,
    p1,
    p2,
    *,
    control_prior: BetaMixture,
    treatment_prior: BetaMixture = UNIFORM,
    threshold: float = 0.975,
):
    """Return the probability of a positive trial at true rates: power, or a false positive.

    Parameters
    ----------
    n1, n2, control_prior, treatment_prior, threshold
        As for `positive_region`.
    p1, p2 : float or array-like
        True rates of treatment and control, 0 to 1; they broadcast. Where p1 = p2 this is the
        false-positive rate.

    Returns
    -------
    float or numpy.ndarray
        The sum of the probabilities of all positive results.

    Notes
    -----
    RBesT's introduction prints the differences at which its designs of 24 treated and 6 or 24
    controls reach a power of .8: .302, .341, .368 and .529; those come out here.

    Examples
    --------
    >>> history = BetaMixture((1,), (16,), (24,))
    >>> plan = {"control_prior": history, "threshold": 0.975}
    >>> rates = positive_probability(20, 5, [0.8, 0.4, 0.6], [0.4, 0.4, 0.6], **plan)
    >>> rates.round(3)
    array([0.922, 0.011, 0.223])
    """
    p1, p2 = np.broadcast_arrays(arguments.check_rate("p1", p1), arguments.check_rate("p2", p2))
    priors = {"control_prior": control_prior, "treatment_prior": treatment_prior}
    region = positive_region(n1, n2, **priors, threshold=threshold)
    treated, controls = binomial(n1, p1.ravel()), binomial(n2, p2.ravel())
    found = np.einsum("ri,ij,rj->r", treated, region.astype(float), controls, optimize=True)
    return float(found[0]) if p1.ndim == 0 else found.reshape(p1.shape)


def borrowing_table(
    n1: int, n2: int, p1: float, control_rates, priors: dict, *, threshold: float = 0.975
) -> pd.DataFrame:
    """Return what priors of the control rate gain and risk over its true rate.

    Parameters
    ----------
    n1, n2, threshold
        As for `positive_region`.
    p1 : float
        True rate of the treated arm where treatment works.
    control_rates : sequence of float
        True rates of the controls; one that is not the history's rate is a drift.
    priors : dict of str to BetaMixture
        By name: none, history, robust, ...

    Returns
    -------
    pandas.DataFrame
        A row a prior and rate: ``prior``, ``p2``, ``false_positive`` (both rates p2) and ``power``
        (p1 against p2).

    Examples
    --------
    >>> priors = {"none": UNIFORM, "history": BetaMixture((1,), (16,), (24,))}
    >>> borrowing_table(20, 5, 0.8, [0.4, 0.6], priors).round(3)
         prior   p2  false_positive  power
    0     none  0.4           0.010  0.444
    1     none  0.6           0.021  0.191
    2  history  0.4           0.011  0.922
    3  history  0.6           0.223  0.881
    """
    p1 = arguments.check_one_rate("p1", p1)
    p2 = arguments.check_rate("control_rates", control_rates).ravel()
    parts = []
    for name, prior in priors.items():
        options = {"control_prior": prior, "threshold": threshold}
        false, power = (
            positive_probability(n1, n2, rate, p2, **options) for rate in (p2, np.full_like(p2, p1))
        )
        columns = {"prior": name, "p2": p2, "false_positive": false, "power": power}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
