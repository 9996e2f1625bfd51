"""Posterior of a rate that differs between cohorts, on a grid: no sampling, no noise.

Vocabulary: as in `cohort_likelihood`, the logits of the cohorts' rates are Normal(mu,
tau2). *Prior*: mu ~ Normal(0, sd), tau ~ half-normal(scale), the absolute value of a
Normal(0, scale). A *new cohort* is one more draw of the logit: Normal(mu, tau2) averaged
over the posterior of (mu, tau), its posterior predictive distribution.

Source: Roever, Knapp & Friede 2015, BMC Med Res Methodol 15:99 (why so few cohorts need a
prior on tau); Gil-Pelaez 1951, Biometrika 38:481 (probabilities from characteristic functions).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial import legendre
from scipy.special import expit

from lupuscart.stats.pooling._likelihood import falling_root, integrate_rates, level_ends

__all__ = ["RatePosterior", "rate_posterior"]

# A posterior is followed until it has fallen by exp(-20), about 2e-9; a normal one has
# then been followed for 6.3 standard deviations.
_FALL = 20.0
_REACH = np.sqrt(2 * _FALL)

# Of the rate of a new cohort so much is left out at either end of a grid.
_GRID, _GRID_TAIL = 400, 1e-7

_TAU_NODES = 32
_MU_NODES = 32


@dataclass(frozen=True)
class RatePosterior:
    """Weights on a grid: at each tau, equally spaced values of mu.

    Attributes
    ----------
    tau : numpy.ndarray
        Values of tau.
    x : numpy.ndarray
        The Gauss-Legendre nodes they stand for, -1 to 1.
    tau_range : tuple of float
        The tau of x = -1 and of x = 1.
    mu : numpy.ndarray
        One row of values for each tau, equally spaced.
    weight : numpy.ndarray
        Posterior probability of each (tau, mu); the sum is 1.
    """

    tau: np.ndarray
    x: np.ndarray
    tau_range: tuple[float, float]
    mu: np.ndarray
    weight: np.ndarray

    def mu_quantile(self, probability: float) -> float:
        """Return the quantile of mu, on the logit scale."""
        return self._logit_quantile(probability, self._mu_series)

    def new_cohort_quantile(self, probability: float) -> float:
        """Return the quantile of the logit of a new cohort's rate."""
        return self._logit_quantile(probability, self._new_cohort_series)

    def mean_rate(self) -> float:
        """Return the posterior mean of the mean of all cohorts' rates."""
        z = np.arange(-64, 65) / 8
        weight = np.exp(-(z**2) / 2)
        rates = expit(self.mu[..., None] + self.tau[:, None, None] * z) @ (weight / weight.sum())
        return float((self.weight * rates).sum())

    def tau_quantile(self, probability: float) -> float:
        """Return the quantile of tau, integrating a polynomial through its log density."""
        _, stretch = _tau_of_x(self.x, *self.tau_range)
        _, x_weight = _nodes(self.x.size)
        log_density = _legendre_fit(np.log(self.weight.sum(axis=1) / (x_weight * stretch)))
        fine, _ = _nodes(2 * self.x.size)
        _, stretch = _tau_of_x(fine, *self.tau_range)
        density = _legendre_fit(np.exp(legendre.legval(fine, log_density)) * stretch)
        cumulative = legendre.legint(density, lbnd=-1)

        def missing(x):
            return probability - legendre.legval(x, cumulative), -legendre.legval(x, density)

        return float(_tau_of_x(falling_root(missing, -1.0, 1.0, 0.0), *self.tau_range)[0])

    def new_cohort_grid(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return logits of a new cohort's rate, their probabilities (sum 1) and the density.

        Dense at the median and sparse in the tails, which reach far where the cohorts are large
        and tau may still be: in such steps the sum of a smooth function is exact to its tails.
        """
        return self._grid

    @cached_property
    def _grid(self):
        parts = (_GRID_TAIL, 0.25, 0.5, 0.75, 1 - _GRID_TAIL)
        low, lower, median, upper, high = map(self.new_cohort_quantile, parts)
        scale = (upper - lower) / 4
        u = np.linspace(*np.arcsinh((np.array([low, high]) - median) / scale), _GRID)
        logits = median + scale * np.sinh(u)
        series = self._new_cohort_series
        density = np.maximum([series.density(at) for at in logits], 0)
        weight = density * np.cosh(u)
        return logits, weight / weight.sum(), density

    @cached_property
    def _mu_series(self):
        return self._series(np.zeros_like(self.tau))

    @cached_property
    def _new_cohort_series(self):
        return self._series(self.tau)

    def _logit_quantile(self, probability, series):
        """Quantile of the logit that a series is the distribution of."""

        def missing(at):
            below, density = series.below_and_density(at)
            return probability - below, -density

        low, high = series.start.min(), (series.start + series.period).max()
        return falling_root(missing, low, high, float((self.weight * self.mu).sum()))

    def _series(self, extra_sd):
        """Fourier series of mu plus a normal variable of `extra_sd`, one row a tau.

        For a given tau, adding the variable multiplies the Fourier coefficients of the
        density of mu by exp(-(extra_sd omega)**2 / 2). That stays exact as tau goes to 0,
        where a sum of normal distributions over the grid would turn into a staircase.
        """
        step = self.mu[:, 1] - self.mu[:, 0]
        start = self.mu[:, 0] - step - _REACH * extra_sd
        period = self.mu[:, -1] + step + _REACH * extra_sd - start
        # No frequency counts above half the sampling frequency of the grid, nor where the
        # factor above is negligible.
        highest = np.minimum(np.pi / step, _REACH / np.maximum(extra_sd, 1e-300))
        harmonics = np.arange(1, int(np.max(highest * period / (2 * np.pi))) + 1)
        omega = 2 * np.pi * harmonics / period[:, None]
        fading = np.exp(-((extra_sd[:, None] * omega) ** 2) / 2)
        fading[omega >= highest[:, None]] = 0
        waves = np.exp(-1j * omega[:, :, None] * (self.mu - start[:, None])[:, None, :])
        coefficient = (waves @ self.weight[:, :, None])[:, :, 0] * fading
        return _Series(start, period, self.weight.sum(axis=1), omega, coefficient)


@dataclass(frozen=True)
class _Series:
    """Fourier series of a distribution of logits, one row a tau; their sum is what is asked for."""

    start: np.ndarray
    period: np.ndarray
    mass: np.ndarray
    omega: np.ndarray
    coefficient: np.ndarray

    def below_and_density(self, at) -> tuple[float, float]:
        """Return the probability below a logit and the density there."""
        x, turn = self._turned(at)
        below = 2 * np.real(self.coefficient * (turn - 1) / (1j * self.omega)).sum(axis=1)
        below = (self.mass * x + below) / self.period
        return float(below.sum()), self._density(x, turn)

    def density(self, at) -> float:
        """Return the density at a logit alone, in a third of the time."""
        return self._density(*self._turned(at))

    def _turned(self, at):
        x = np.clip(at - self.start, 0, self.period)
        return x, np.exp(1j * self.omega * x[:, None])

    def _density(self, x, turn):
        density = self.mass + 2 * np.real(self.coefficient * turn).sum(axis=1)
        inside = (x > 0) & (x < self.period)
        return float((density / self.period)[inside].sum())


def rate_posterior(k, n, weight, *, mu_sd: float, tau_scale: float) -> RatePosterior:
    """Return the posterior of (mu, tau) given the cohorts.

    Parameters
    ----------
    k, n, weight : 1-D arrays
        Responders, patients, and how many cohorts each pair stands for.
    mu_sd : float
        Standard deviation of the normal prior of mu, on the logit scale.
    tau_scale : float
        Scale of the half-normal prior of tau.

    Returns
    -------
    RatePosterior

    Examples
    --------
    >>> once = np.array([1, 1])
    >>> cohorts = np.array([12, 5]), np.array([15, 5])
    >>> posterior = rate_posterior(*cohorts, once, mu_sd=2.5, tau_scale=0.5)
    >>> round(float(expit(posterior.mu_quantile(0.5))), 4)
    0.8528
    """
    counts = (tuple(column.tolist()) for column in (k, n, weight))
    return _on_a_grid(*counts, mu_sd, tau_scale)


# A page asks for intervals of one posterior at several levels; the posterior knows no level.
@lru_cache(maxsize=128)
def _on_a_grid(k, n, weight, mu_sd, tau_scale):
    k, n, weight = np.array(k), np.array(n), np.array(weight)

    def log_posterior(mu, tau):
        """Log density, its slope and its curvature in mu."""
        along_cohorts = (-1, *[1] * np.ndim(mu))
        responders, patients = k.reshape(along_cohorts), n.reshape(along_cohorts)
        value, eta, share = integrate_rates(responders, patients, mu, tau)
        p = expit(eta)
        slope = responders[..., None] - patients[..., None] * p
        mean_slope = np.vecdot(share, slope)
        bend = np.vecdot(share, slope**2 - patients[..., None] * p * (1 - p)) - mean_slope**2
        return (
            np.tensordot(weight, value, 1) + log_prior(mu, tau),
            np.tensordot(weight, mean_slope, 1) - mu / mu_sd**2,
            np.tensordot(weight, bend, 1) - 1 / mu_sd**2,
        )

    def log_prior(mu, tau):
        return -(mu**2) / (2 * mu_sd**2) - tau**2 / (2 * tau_scale**2)

    start = np.log((weight @ k + 0.5) / (weight @ (n - k) + 0.5))
    low, high = _tau_range(log_posterior, start, tau_scale)
    x, x_weight = _nodes(_TAU_NODES)
    tau, stretch = _tau_of_x(x, low, high)
    mode, _, curvature = _best_mu(log_posterior, np.full_like(tau, start), tau)
    left, right = level_ends(
        lambda mu: log_posterior(mu, tau)[:2],
        mode,
        1 / np.sqrt(-curvature),
        fall=_FALL,
        prior_sd=mu_sd,
    )
    mu = np.linspace(left, right, _MU_NODES, axis=1)
    log_likelihood = [
        weight @ integrate_rates(k[:, None], n[:, None], values, at)[0]
        for values, at in zip(mu, tau, strict=True)
    ]
    log_density = np.array(log_likelihood) + log_prior(mu, tau[:, None])
    cell = x_weight * stretch * (right - left)
    share = np.exp(log_density - log_density.max()) * cell[:, None]
    return RatePosterior(tau, x, (low, high), mu, share / share.sum())


@lru_cache(maxsize=8)
def _nodes(count):
    """Gauss-Legendre nodes and their weights, the eigenvalues of a matrix: found once."""
    return legendre.leggauss(count)


def _legendre_fit(values):
    """Coefficients of the polynomial through values at that many Gauss-Legendre nodes."""
    x, x_weight = _nodes(values.size)
    degree = np.arange(values.size)
    return (degree + 0.5) * ((x_weight * values) @ legendre.legvander(x, values.size - 1))


def _tau_of_x(x, low, high):
    """Tau, from `low` to `high` as x goes from -1 to 1, and dtau/dx.

    A square, since the density of tau has its peak near the low end and a long tail.
    """
    half = (1 + x) / 2
    return low + (high - low) * half**2, (high - low) * half


def _tau_range(log_posterior, start, tau_scale):
    """Interval outside which tau has practically no posterior probability.

    The density of tau is judged by Laplace's approximation in mu, on a grid that closes
    in until it no longer shrinks.
    """
    low, high = 0.0, _REACH * tau_scale
    shrinking = True
    while shrinking:
        grid, _ = _tau_of_x(np.linspace(-1, 1, 16), low, high)
        _, height, curvature = _best_mu(log_posterior, np.full_like(grid, start), grid)
        density = height - np.log(-curvature) / 2
        kept = np.flatnonzero(density > density.max() - _FALL)
        new_low, new_high = grid[max(kept[0] - 1, 0)], grid[min(kept[-1] + 1, grid.size - 1)]
        shrinking = new_high - new_low < 0.8 * (high - low)
        low, high = new_low, new_high
    return low, high


def _best_mu(log_posterior, mu, tau):
    """Best mu at each tau, near enough to lay a grid; log density and curvature there.

    The prior keeps the curvature away from zero, so Newton's method needs only a limit to
    its steps.
    """
    for _ in range(100):
        height, slope, curvature = log_posterior(mu, tau)
        step = np.clip(-slope / curvature, -2, 2)
        mu = mu + step
        if np.all(np.abs(step) * np.sqrt(-curvature) < 0.1):
            break
    return mu, height, curvature
