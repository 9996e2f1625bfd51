"""Likelihood of a rate that differs between cohorts: its maximum and its profile.

Vocabulary: cohort i shows k of n; its own rate has the logit *eta*. Across cohorts the
rates have a *location* mu and a *dispersion*, zero when all cohorts share one rate.

* *binomial-normal* (logistic-normal): eta ~ Normal(mu, tau2); the dispersion is tau2.
* *beta-binomial*: the rate ~ Beta(m / gamma, (1 - m) / gamma) with mu = logit(m); the
  dispersion is gamma, and rho = gamma / (1 + gamma) is the correlation of two patients
  of one cohort.

The *profile* of mu is the likelihood at mu with the dispersion at its best there.

Sources: Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046; Griffiths 1973, Biometrics
29:637 (beta-binomial); Venzon & Moolgavkar 1988, Appl Stat 37:87 (profile limits).
"""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre
from scipy.special import expit

__all__ = [
    "GAMMA_GRID",
    "TAU2_GRID",
    "Maximum",
    "Point",
    "beta_binomial",
    "binomial_normal",
    "falling_root",
    "highest_peak",
    "integrate_rates",
    "level_ends",
    "maximise",
    "profile_limits",
    "standard_error",
    "summit",
]

# The integrand is followed until it has fallen by exp(-34), about 2e-15.
_FALL = 34.0
# Nodes at most this far apart, in local standard deviations and in logits: the first for the
# peak, the second for the poles that a binomial likelihood has at eta = +- i pi. Against
# steps a quarter and a third as long, over random cohorts of up to 3000 patients, the log
# integral changed by at most 3e-11.
_NODE_SPACING = 0.6
_NODE_SPACING_LOGITS = 0.3

# Of a stretch of large j, see `_summation_nodes`.
_STRETCH_NODES = 20

# Where the best dispersion is looked for first.
TAU2_GRID = np.r_[0.0, np.geomspace(0.05, 12.8, 9) ** 2]
GAMMA_GRID = np.r_[0.0, np.geomspace(1e-3, 1e3, 21)]

# Beyond 40 logits a rate is 0 or 1 to the last digit of a float.
_FARTHEST_LOGIT = 40.0


class Point(NamedTuple):
    """Log-likelihood at (mu, dispersion) and its first and second derivatives there."""

    value: np.ndarray
    mu: np.ndarray
    dispersion: np.ndarray
    mu_mu: np.ndarray
    mu_dispersion: np.ndarray
    dispersion_dispersion: np.ndarray


Likelihood = Callable[[float, float], Point]


class Maximum(NamedTuple):
    """Where a likelihood is greatest, and what it is there."""

    mu: float
    dispersion: float
    point: Point


def integrate_rates(k, n, mu, tau):
    """Integrate a binomial likelihood over a normal distribution of its logit.

    Parameters
    ----------
    k, n : arrays
        Responders and patients.
    mu, tau : arrays
        Mean and standard deviation of the logit of the rate; all four broadcast.
        A tau of 0 is allowed.

    Returns
    -------
    log_integral : numpy.ndarray
        log of the integral of p**k (1 - p)**(n - k), p = expit(mu + tau z), over a
        standard normal z; the binomial coefficient is left out.
    eta, weight : numpy.ndarray
        Nodes in the logit, one more axis at the end, and the share of each node in the
        integral: the distribution of eta given k.

    Notes
    -----
    Adaptive: each integrand is found first (its mode, and where it has become negligible)
    and then summed at equal steps. Nodes fixed in advance miss a large cohort, whose
    likelihood is a spike between them. The equal-step (trapezoidal) rule converges
    exponentially for a smooth integrand that vanishes at both ends, and unlike
    Gauss-Hermite it keeps doing so where a cohort with 0 or n responders makes the
    integrand lopsided. Working in z rather than eta, tau = 0 is an ordinary case.

    Examples
    --------
    >>> log_integral, eta, weight = integrate_rates(12, 15, 1.4, 0.0)
    >>> p = 1 / (1 + np.exp(-1.4))
    >>> bool(np.isclose(log_integral, 12 * np.log(p) + 3 * np.log(1 - p)))
    True
    """
    k, n, mu, tau = np.broadcast_arrays(*(np.asarray(part, float) for part in (k, n, mu, tau)))

    def integrand(z):
        eta = mu + tau * z
        log_height = k * eta + n * _log_sigmoid(-eta) - z * z / 2
        return log_height, tau * (k - n * expit(eta)) - z

    mode, spread = _integrand_mode(k, n, mu, tau)
    low, high = level_ends(integrand, mode, spread, fall=_FALL, prior_sd=1.0)
    widest = np.minimum(_NODE_SPACING * spread, _NODE_SPACING_LOGITS / np.maximum(tau, 1e-300))
    nodes = int(np.ceil(np.max((high - low) / widest))) + 1
    step = (high - low) / (nodes - 1)
    z = low[..., None] + step[..., None] * np.arange(nodes)
    eta = mu[..., None] + tau[..., None] * z
    # In place from here: fresh memory would cost more than the arithmetic.
    log_height = _log_sigmoid(-eta)
    log_height *= n[..., None]
    log_height += k[..., None] * eta
    z *= z
    z /= 2
    log_height -= z
    top = log_height.max(axis=-1)
    log_height -= top[..., None]
    weight = np.exp(log_height, out=log_height)
    total = weight.sum(axis=-1)
    weight /= total[..., None]
    log_integral = top + np.log(total * step / np.sqrt(2 * np.pi))
    return log_integral, eta, weight


def _log_sigmoid(eta):
    """log(p) for p = expit(eta); numpy's loops are many times faster here than scipy's."""
    small = np.abs(eta)
    np.negative(small, out=small)
    np.exp(small, out=small)
    np.log1p(small, out=small)
    return np.minimum(eta, 0) - small


def _integrand_mode(k, n, mu, tau):
    """Mode of each integrand in z, near enough to place nodes, and its local spread."""
    precision = 1 / (1 / (k + 0.5) + 1 / (n - k + 0.5))
    shrinkage = tau * precision / (1 + tau**2 * precision)
    z = shrinkage * (np.log((k + 0.5) / (n - k + 0.5)) - mu)
    # A Newton step of more than two logits has left the region it was computed for.
    longest = 2 / np.maximum(tau, 1e-300)
    for _ in range(100):
        p = expit(mu + tau * z)
        spread = 1 / np.sqrt(1 + tau**2 * n * p * (1 - p))
        step = np.clip((tau * (k - n * p) - z) * spread**2, -longest, longest)
        z = z + step
        if np.all(np.abs(step) < 0.1 * spread):
            break
    return z, spread


def level_ends(log_density, mode, spread, *, fall: float, prior_sd: float) -> np.ndarray:
    """Return where a log-concave density has fallen by about `fall` on either side of its mode.

    Parameters
    ----------
    log_density : callable
        Returns the log density and its derivative; called with one more axis in front.
    mode, spread : arrays
        About where the density is greatest, and its standard deviation there.
    fall : float
        In units of the log density.
    prior_sd : float
        Standard deviation of the normal factor the density contains: no end lies farther
        out than that factor alone would put it.

    Returns
    -------
    numpy.ndarray
        The two ends along the first axis. Newton's method on a concave function overshoots,
        so an end is at worst a little too far out, never too near.
    """
    mode = np.asarray(mode)
    sides = np.array([-1.0, 1.0]).reshape(2, *[1] * mode.ndim)
    level = log_density(mode[None])[0] - fall
    reach = np.sqrt(2 * fall)
    distance = np.broadcast_to(reach * spread, (2, *mode.shape))
    for _ in range(2):
        height, slope = log_density(mode + sides * distance)
        distance = distance - (height - level) / (sides * slope)
        distance = np.minimum(distance, (reach + 0.1) * prior_sd)
    return mode + sides * distance


def binomial_normal(k, n, weight=1) -> Likelihood:
    """Return the binomial-normal log-likelihood as a function of (mu, tau2).

    Parameters
    ----------
    k, n : 1-D arrays
        Responders and patients of the cohorts.
    weight : 1-D array or 1
        How many cohorts each pair stands for.

    Returns
    -------
    callable
        ``likelihood(mu, tau2)`` returns a `Point`; both may be arrays.

    Notes
    -----
    The normal density solves the heat equation, d/dtau2 = (1/2) d2/dmu2, so with f the
    likelihood of eta every derivative is an average of f'/f, f''/f, ... over the
    distribution of eta given k. Nothing is divided by tau2: zero is an ordinary value.

    Examples
    --------
    >>> likelihood = binomial_normal(np.array([12, 5]), np.array([15, 5]))
    >>> at_common_rate = likelihood(np.log(17 / 3), 0.0)
    >>> abs(round(float(at_common_rate.mu), 9)), bool(at_common_rate.dispersion < 0)
    (0.0, True)
    """

    def likelihood(mu, tau2) -> Point:
        along_cohorts = (-1, *[1] * max(np.ndim(mu), np.ndim(tau2)))
        responders, patients = k.reshape(along_cohorts), n.reshape(along_cohorts)
        times = np.broadcast_to(weight, k.shape).reshape(along_cohorts)
        value, eta, share = integrate_rates(responders, patients, mu, np.sqrt(tau2))
        p = expit(eta)
        skew = 1 - 2 * p
        # First and second derivative of log f at each node; those of f, over f, are then
        # d1, d1**2 + d2, d1**3 + 3 d1 d2 + d3, d1**4 + 6 d1**2 d2 + 4 d1 d3 + 3 d2**2 + d4,
        # where d3 = d2 (1 - 2p) and d4 = d2 (1 - 6 p (1 - p)).
        d1 = responders[..., None] - patients[..., None] * p
        d2 = -patients[..., None] * p * (1 - p)
        square = d1 * d1
        first = np.vecdot(share, d1)
        second = np.vecdot(share, square + d2)
        third = np.vecdot(share, d1 * square + d2 * (3 * d1 + skew))
        fourth = np.vecdot(
            share,
            square * (square + 6 * d2) + d2 * (4 * d1 * skew + 3 * d2 + 1.5 * skew * skew - 0.5),
        )
        terms = Point(
            value=value,
            mu=first,
            dispersion=second / 2,
            mu_mu=second - first**2,
            mu_dispersion=(third - first * second) / 2,
            dispersion_dispersion=(fourth - second**2) / 4,
        )
        return Point(*((times * term).sum(axis=0) for term in terms))

    return likelihood


def beta_binomial(k, n) -> Likelihood:
    """Return the beta-binomial log-likelihood as a function of (mu, gamma).

    Parameters
    ----------
    k, n : 1-D arrays
        Responders and patients of the cohorts.

    Returns
    -------
    callable
        ``likelihood(mu, gamma)`` returns a `Point`.

    Notes
    -----
    Griffiths' form: the sum over j = 0, 1, ... of S log(m + j gamma) + F log(1 - m + j gamma)
    - T log(1 + j gamma), where S, F and T cohorts have more than j responders,
    non-responders and patients. It holds at gamma = 0, where the beta functions overflow. Of
    large cohorts not every j is visited: see `_summation_nodes`.

    Examples
    --------
    >>> point = beta_binomial(np.array([12, 5]), np.array([15, 5]))(np.log(17 / 3), 0.0)
    >>> round(float(point.value), 4)
    -8.4542
    """
    j, weight, first = _summation_nodes(np.concatenate([k, n - k, n]))
    counts = [_more_than(first, k), _more_than(first, n - k), -_more_than(first, n)]
    cohorts = np.stack(counts) * weight

    def likelihood(mu, gamma) -> Point:
        m, rest = expit(mu), expit(-mu)
        base = np.stack([m + j * gamma, rest + j * gamma, 1 + j * gamma])
        ratio = cohorts / base
        square = ratio / base
        responders, others, _ = ratio.sum(axis=1)
        responders2, others2, _ = square.sum(axis=1)
        responders2_j, others2_j, _ = (j * square).sum(axis=1)
        # The chain rule from m to mu: dm/dmu = m (1 - m).
        slope = m * rest
        return Point(
            value=(cohorts * np.log(base)).sum(),
            mu=(responders - others) * slope,
            dispersion=(j * ratio).sum(),
            mu_mu=slope * ((responders - others) * (rest - m) - (responders2 + others2) * slope),
            mu_dispersion=(others2_j - responders2_j) * slope,
            dispersion_dispersion=-(j * j * square).sum(),
        )

    return likelihood


def _summation_nodes(ends) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes and weights that sum a smooth function over j = 0 ... max(ends) - 1.

    The third array is the first whole number of the stretch that a node stands for.

    Every j up to 63 is a node. Beyond, what is summed is as smooth as log(c + j) with c above 0:
    between the ends, in stretches of at most twice their start, 20 Gauss-Legendre nodes carry the
    sum over all whole numbers of the polynomial through them, to rounding.
    """
    last = int(ends.max())
    doublings = 2 ** np.arange(6, max(last.bit_length(), 7))
    edges = np.unique(np.r_[ends[ends > 64], doublings[doublings < last]]).astype(np.int64)
    start = min(last, 64)
    parts = [(np.arange(start, dtype=float), np.ones(start), np.arange(start))]
    parts += [_stretch(int(low), int(high)) for low, high in pairwise(edges)]
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def _stretch(low, high):
    """Nodes and weights for the sum over j = low ... high - 1."""
    count = high - low
    if count <= _STRETCH_NODES:
        return np.arange(low, high, dtype=float), np.ones(count), np.arange(low, high)
    x, weight = legendre.leggauss(_STRETCH_NODES)
    degree = np.arange(_STRETCH_NODES)
    # The sum of each Legendre polynomial over the whole numbers, at the middles of equal cells.
    if count <= 10_000:
        middles = (2 * np.arange(count) + 1) / count - 1
        sums = legendre.legvander(middles, _STRETCH_NODES - 1).sum(axis=0)
    else:  # the midpoint rule with its first correction; the second is below rounding
        slope = degree * (degree + 1) / 2  # at 1; at -1 the sign alternates
        sums = np.where(degree == 0, float(count), 0.0)
        sums -= np.where(degree % 2 == 0, slope / (6 * count), 0.0)
    basis = legendre.legvander(x, _STRETCH_NODES - 1)
    weights = weight * (basis @ ((degree + 0.5) * sums))
    return low - 0.5 + count * (1 + x) / 2, weights, np.full(_STRETCH_NODES, low)


def _more_than(j, counts):
    """How many of the counts exceed each j."""
    return counts.size - np.searchsorted(np.sort(counts), j, side="right")


def summit(likelihood: Likelihood, mu, dispersion, *, tolerance=1e-8) -> tuple[np.ndarray, Point]:
    """Return the best mu at given dispersions and the likelihood there, by Newton's method.

    Parameters
    ----------
    likelihood : callable
        Has one peak in mu.
    mu, dispersion : float or array
        Where to start; at which dispersions.
    tolerance : float
        Of the last step. Newton's error is squared at each: after one of 1e-8 it is nil.

    Returns
    -------
    mu : float or numpy.ndarray
        One for each dispersion.
    point : Point
        The likelihood there.
    """
    for _ in range(200):
        point = likelihood(mu, dispersion)
        # Where the curve bends up, Newton would climb down; far away it would overshoot.
        newton = point.mu / np.where(point.mu_mu < 0, -point.mu_mu, 1e-300)
        step = np.clip(newton, -1, 1)
        mu = mu + step
        if np.all(np.abs(step) < tolerance):
            break
    return mu, point


def falling_root(function, low: float, high: float, start: float) -> float:
    """Return where a function falls through zero between `low` and `high`.

    Parameters
    ----------
    function : callable
        Returns the value, positive towards `low` and negative towards `high`, and its slope.
    low, high, start : float
        The bracket, and where to begin in it.

    Returns
    -------
    float
        By Newton's method, halving the bracket wherever a step would leave it.

    Examples
    --------
    >>> round(falling_root(lambda x: (2 - x * x, -2 * x), 0, 2, 1), 12)
    1.414213562373
    """
    x = start
    for _ in range(200):
        value, slope = function(x)
        if value == 0:
            return x
        low, high = (x, high) if value > 0 else (low, x)
        new = x - value / slope if slope < 0 else np.inf
        if not low < new < high:
            new = (low + high) / 2
        moved, x = abs(new - x), new
        # Newton's error is squared at each step, so what is left is nil.
        if moved <= 1e-9 * abs(x):
            break
    return x


def maximise(likelihood: Likelihood, mu: float, grid: np.ndarray) -> Maximum:
    """Return the maximum-likelihood mu and dispersion.

    Parameters
    ----------
    likelihood : callable
        From `binomial_normal` or `beta_binomial`.
    mu : float
        Where to start.
    grid : 1-D array
        Dispersions from 0 up, between which peaks are looked for.

    Returns
    -------
    Maximum
        With a dispersion of exactly 0 where the likelihood falls from there.
    """

    def profile(dispersion):
        nonlocal mu
        mu, point = summit(likelihood, mu, dispersion)
        curvature = point.dispersion_dispersion - point.mu_dispersion**2 / point.mu_mu
        return point.value, point.dispersion, curvature

    dispersion = highest_peak(profile, grid)
    mu, point = summit(likelihood, mu, dispersion)
    return Maximum(float(mu), dispersion, point)


def highest_peak(profile, grid: np.ndarray) -> float:
    """Return where a function of the dispersion is greatest; it may have several peaks.

    Parameters
    ----------
    profile : callable
        Returns value, slope and (perhaps approximate) curvature at a dispersion.
    grid : 1-D array
        Dispersions from 0 up. A peak is refined wherever the slope turns from positive to
        negative between two of them, or beyond the last.

    Returns
    -------
    float
        Exactly 0 if the function falls from there and no other peak is as high.

    Examples
    --------
    >>> highest_peak(lambda x: (-(x - 2) ** 2, 4 - 2 * x, -2), np.array([0.0, 1, 4]))
    2.0
    """
    rising = np.array([profile(dispersion)[1] > 0 for dispersion in grid])
    edges = [*grid, 16 * grid[-1]]
    peaks = [] if rising[0] else [0.0]
    for i in np.flatnonzero(rising & ~np.append(rising[1:], False)):
        low, high = float(edges[i]), float(edges[i + 1])
        peaks.append(falling_root(lambda at: profile(at)[1:], low, high, (low + high) / 2))
    if len(peaks) == 1:
        return peaks[0]
    return max(peaks, key=lambda dispersion: profile(dispersion)[0])


def standard_error(maximum: Maximum) -> float:
    """Return the standard error of mu, from the observed information.

    Both parameters' information is inverted, as usual for a generalised linear mixed model;
    at a dispersion of 0 it is that of mu alone, the model having no other parameter there.
    """
    point = maximum.point
    information = -point.mu_mu
    if maximum.dispersion > 0:
        information += point.mu_dispersion**2 / point.dispersion_dispersion
    return float(1 / np.sqrt(information))


def profile_limits(
    likelihood: Likelihood, maximum: Maximum, grid: np.ndarray, quantile: float
) -> tuple[float, float]:
    """Return the likelihood-ratio limits of mu, the dispersion at its best at each mu.

    Parameters
    ----------
    likelihood, grid
        As for `maximise`.
    maximum : Maximum
        From `maximise`.
    quantile : float
        Standard normal quantile, 1.96 for 95 %: its square is that of chi-square with 1 df.

    Returns
    -------
    low, high : float
        Where twice the log-likelihood has fallen by quantile**2; infinite where it has not
        within 40 logits.
    """

    def limit(side):
        @cache
        def margin(distance):
            # The signed root of the likelihood ratio is nearly a straight line in mu.
            mu = maximum.mu + side * distance
            point = _profile_at(likelihood, mu, grid)
            root = np.sqrt(max(2 * (maximum.point.value - point.value), 1e-300))
            return quantile - root, side * point.mu / root

        near, far = 0.0, quantile * standard_error(maximum)
        farthest = _FARTHEST_LOGIT - side * maximum.mu
        while margin(far)[0] > 0:
            if far >= farthest:
                return side * np.inf
            near, far = far, min(1.5 * far, farthest)
        return maximum.mu + side * falling_root(margin, near, far, far)

    return limit(-1), limit(1)


def _profile_at(likelihood, mu, grid) -> Point:
    """The likelihood at a given mu, the dispersion at its best there."""

    def profile(dispersion):
        point = likelihood(mu, dispersion)
        return point.value, point.dispersion, point.dispersion_dispersion

    return likelihood(mu, highest_peak(profile, grid))
