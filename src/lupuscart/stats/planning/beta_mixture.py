"""A prior for a rate as a mixture of beta distributions, and what it is worth in patients.

Vocabulary: a *component* Beta(a, b) has a *weight*; after k of n the posterior is a mixture again,
each component with k and n - k added to its shapes and its weight multiplied by the probability
that it gave to the data, so a component that the data contradict fades. A *vague* component,
Beta(1, 1), lets the others fade together: that makes the prior *robust*. The *effective sample
size* is how many patients the prior counts as.

Sources: Schmidli et al. 2014, Biometrics 70:1023 (robust mixtures); Neuenschwander et al. 2020,
Biometrics 76:578 (effective sample size by expected local information, ELIR).
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from scipy.special import betainc, betaln, expit, logit, softmax

from lupuscart import arguments
from lupuscart.stats._binomial import beta_binomial

__all__ = ["BetaMixture", "robust"]

# Gauss-Legendre nodes in each piece, which is two standard deviations of the narrowest component
# wide; the tails go on until their largest shape leaves nothing.
_NODES = 12
_FARTHEST = 700.0
_SUM = 1e-9
_MOST_PATIENTS = 1e7


@dataclass(frozen=True)
class BetaMixture:
    """A mixture of beta distributions of one rate.

    Parameters
    ----------
    weights : tuple of float
        Above 0, with the sum 1.
    a, b : tuple of float
        Shapes of the components, above 0.

    Raises
    ------
    ValueError
        If the three are not of one length, a weight or shape is not above 0, or the weights do
        not add up to 1.

    Examples
    --------
    >>> prior = BetaMixture((0.8, 0.2), (4, 1), (16, 1))
    >>> round(prior.mean, 3), round(prior.sd, 3)
    (0.26, 0.193)
    >>> after = prior.posterior(12, 15)
    >>> [round(weight, 2) for weight in after.weights]
    [0.01, 0.99]
    """

    weights: tuple[float, ...]
    a: tuple[float, ...]
    b: tuple[float, ...]

    def __post_init__(self):
        for name in ("weights", "a", "b"):
            values = tuple(arguments.check_positive(name, each) for each in getattr(self, name))
            object.__setattr__(self, name, values)
        if not len(self.weights) == len(self.a) == len(self.b) > 0:
            raise ValueError(
                f"there are {len(self.weights)} weights, {len(self.a)} a and {len(self.b)} b; "
                "allowed: one of each for every component"
            )
        if abs(sum(self.weights) - 1) > _SUM:
            raise ValueError(f"the sum of weights is {sum(self.weights)!r}; allowed: 1")
        if max(self._totals) > _MOST_PATIENTS:
            raise ValueError(f"a + b is {max(self._totals):g}; allowed: up to {_MOST_PATIENTS:g}")

    @property
    def _totals(self) -> np.ndarray:
        return np.add(self.a, self.b)

    @property
    def mean(self) -> float:
        """Mean of the rate."""
        return float(np.dot(self.weights, np.array(self.a) / self._totals))

    @property
    def sd(self) -> float:
        """Standard deviation of the rate."""
        a, total = np.array(self.a), self._totals
        square = a * (a + 1) / (total * (total + 1))
        return float(np.sqrt(np.dot(self.weights, square) - self.mean**2))

    def below(self, rate):
        """Return the probability of a rate up to `rate`, 0 to 1; float or array as given."""
        rates = arguments.check_rate("rate", rate)
        shares = betainc(np.array(self.a), np.array(self.b), rates[..., None]) @ self.weights
        return float(shares) if shares.ndim == 0 else shares

    def quantile(self, probability: float) -> float:
        """Return the rate below which the mixture has a probability, 0 to 1."""
        from scipy.optimize import brentq

        wanted = arguments.check_one_rate("probability", probability)
        if wanted in (0, 1):
            return wanted
        return float(brentq(lambda rate: self.below(rate) - wanted, 0.0, 1.0, xtol=1e-15))

    def posterior(self, k: int, n: int) -> "BetaMixture":
        """Return the mixture after k responders of n; n may be 0."""
        n = arguments.check_whole("n", n, minimum=0)
        k = arguments.check_whole("k", k, minimum=0, maximum=n)
        weights, a, b = self.posteriors(n)
        kept = weights[k] > 0  # a component may have faded below the smallest number
        return BetaMixture(tuple(weights[k][kept]), tuple(a[k][kept]), tuple(b[k][kept]))

    def posteriors(self, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return weights, a and b after 0 ... n responders: a row a result, a column a component.

        w_j C(n, k) B(a_j + k, b_j + n - k) / B(a_j, b_j), normalised in each row.
        """
        k = np.arange(n + 1)[:, None]
        a, b = k + self.a, n - k + self.b
        return softmax(np.log(self.weights) + betaln(a, b) - betaln(self.a, self.b), axis=1), a, b

    def predictive(self, n: int) -> np.ndarray:
        """Return the probabilities of 0 ... n responders among n patients to come."""
        n = arguments.check_whole("n", n, minimum=1)
        parts = zip(self.weights, self.a, self.b, strict=True)
        return sum(weight * beta_binomial(n, a, b) for weight, a, b in parts)

    def effective_sample_size(self) -> float:
        """Return how many patients the mixture counts as (ELIR).

        Returns
        -------
        float
            Of one component a + b; of Beta(1, 1) alone, which is flat, 0.

        Raises
        ------
        ValueError
            If a shape is below 1, where the integral diverges.

        Notes
        -----
        The mean, over the mixture f, of its local information over that of one patient:
        the integral of -(log f)'' p (1 - p) f. By parts it is 2 - f(0) - f(1) and the integral of
        p (1 - p) f'^2 / f, which is what is computed, on the logit scale. Neither conservative nor
        liberal, and *predictively consistent*: the size after m patients, averaged over what they
        may show, is m more. It agrees with R's RBesT (``ess(mix, "elir")``) to the digits printed.

        Examples
        --------
        >>> round(BetaMixture((1,), (5,), (15,)).effective_sample_size(), 6)
        20.0
        >>> round(BetaMixture((0.2, 0.8), (1, 10), (1, 2)).effective_sample_size(), 5)
        7.65152
        """
        if min(*self.a, *self.b) < 1:
            raise ValueError(
                f"the smallest shape is {min(*self.a, *self.b)!r}; allowed: at least 1, since the "
                "effective sample size has no value below"
            )
        weights, a, b = (np.array(each)[:, None] for each in (self.weights, self.a, self.b))
        x, step = logit_nodes(max(self._totals))
        logs = self.log_densities(x)
        # p (1 - p) times the slope of log f, of each component and then of the mixture.
        slope = (a - 1) * expit(-x) - (b - 1) * expit(x)
        slope = (softmax(logs, axis=0) * slope).sum(axis=0)
        inside = step @ (slope**2 * np.exp(np.logaddexp.reduce(logs, axis=0)))
        at_ends = (weights * (np.where(a == 1, b, 0) + np.where(b == 1, a, 0))).sum()
        return float(inside + 2 - at_ends)

    def log_densities(self, logits) -> np.ndarray:
        """Return the log of weight and density of each component (rows) at rates (columns).

        The density is that of the rate; the rates are given on the logit scale, where they do not
        run out of digits near 0 and 1.
        """
        a, b = np.array(self.a)[:, None], np.array(self.b)[:, None]
        logs = (1 - a) * np.logaddexp(0, -logits) + (1 - b) * np.logaddexp(0, logits)
        return logs - betaln(a, b) + np.log(self.weights)[:, None]


def robust(mixture: BetaMixture, weight: float) -> BetaMixture:
    """Return a mixture with a vague component, Beta(1, 1), that has a weight.

    Parameters
    ----------
    mixture : BetaMixture
        A prior from history, say.
    weight : float
        Of the vague component, between 0 and 1: how likely it is beforehand that the history does
        not hold.

    Examples
    --------
    >>> robust(BetaMixture((1,), (4,), (16,)), 0.2)
    BetaMixture(weights=(0.8, 0.2), a=(4.0, 1.0), b=(16.0, 1.0))
    """
    weight = arguments.check_open_unit("weight", weight)
    kept = (float(each * (1 - weight)) for each in mixture.weights)
    return BetaMixture((*kept, weight), (*mixture.a, 1.0), (*mixture.b, 1.0))


def logit_nodes(total: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes on the logit scale and their weights, for beta densities with a + b <= `total`.

    In the angle 2 arcsin(sqrt(p)) the spread of such a density is about 1 / sqrt(total) or more,
    whatever its mean; so the pieces are of equal width there, with geometric tails beyond.

    Examples
    --------
    >>> x, weight = logit_nodes(20)
    >>> round(float(weight @ (expit(x) * expit(-x))), 12)
    1.0
    """
    pieces = int(np.ceil(np.pi / 2 * np.sqrt(total))) + 4
    inner = logit(np.sin(np.arange(1, pieces) * np.pi / (2 * pieces)) ** 2)
    tail = np.geomspace(inner[-1], _FARTHEST, 12)[1:]
    ends = np.concatenate([-tail[::-1], inner, tail])
    node, weight = legendre.leggauss(_NODES)
    half = np.diff(ends)[:, None] / 2
    return ((ends[:-1, None] + half) + half * node).ravel(), (half * weight).ravel()
