"""Time the intervals of one proportion beside other programs, in the same run.

Each function returns rows of `benchmarks.timing.Row`; a ratio of 0.1 means a tenth of the peer's
time. Our time is the best of several runs. A peer that takes one interval at a time is timed on an
even sample of the same intervals and scaled up, which its name says.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtr, bdtrc, betaincinv
from scipy.stats import beta, binom
from statsmodels.stats.proportion import proportion_confint

from benchmarks.timing import pick, row, seconds
from lupuscart.stats.coverage import coverage_probability
from lupuscart.stats.proportion import proportion_ci

LEVELS = (0.80, 0.90, 0.95, 0.99)

# One interval in this many is given to a peer that takes them one by one.
SAMPLE = 500


def million_pairs():
    """Clopper-Pearson limits of a million pairs with n below 200, most of them repeated."""
    generator = np.random.default_rng(0)
    n = generator.integers(1, 200, pick(1_000_000, 1000))
    k = generator.integers(0, n + 1)
    ours = seconds(lambda: proportion_ci(k, n), repeats=5)
    peer = seconds(lambda: proportion_confint(k, n, method="beta"), repeats=2)
    return [row("Clopper-Pearson, 1e6 pairs, n < 200", ours, "statsmodels beta", peer)]


def all_small_cohorts():
    """Limits of every k of n, 1 <= n <= 100, at four levels: 20,600 intervals a method."""
    k, n = np.array([(k, n) for n in range(1, pick(101, 41)) for k in range(n + 1)]).T
    peers = {
        "blaker": ("steps of 1e-4 from Clopper-Pearson", stepping_blaker),
        "mid-p": ("scipy brentq", brentq_mid_p),
        "sterne": ("statsmodels binom_test", statsmodels_interval("binom_test")),
    }
    rows = []
    for method, (peer_name, one_interval) in peers.items():
        ours = seconds(lambda method=method: at_all_levels(k, n, method), repeats=3)
        sampled = seconds(
            lambda one=one_interval: [
                one(x, size, 1 - level)
                for level in LEVELS
                for x, size in zip(k[::SAMPLE].tolist(), n[::SAMPLE].tolist(), strict=True)
            ]
        )
        peer = sampled * k.size / k[::SAMPLE].size
        name = f"{method}, all k of n <= 100, four levels ({k.size * len(LEVELS):,})"
        rows.append(row(name, ours, f"{peer_name}, 1 in {SAMPLE}, scaled", peer))
    return rows


def coverage_curves():
    """Exact coverage at n = 15 on 2,000 rates, limits included, for every method."""
    rates = np.linspace(0.0005, 0.9995, pick(2000, 20))
    peers = {
        "clopper-pearson": ("statsmodels beta", statsmodels_interval("beta")),
        "blaker": ("steps of 1e-4", stepping_blaker),
        "mid-p": ("scipy brentq", brentq_mid_p),
        "sterne": ("statsmodels binom_test", statsmodels_interval("binom_test")),
        "wilson": ("statsmodels wilson", statsmodels_interval("wilson")),
        "jeffreys": ("statsmodels jeffreys", statsmodels_interval("jeffreys")),
        "agresti-coull": ("statsmodels agresti_coull", statsmodels_interval("agresti_coull")),
        "wald": ("statsmodels normal", statsmodels_interval("normal")),
        "uniform-prior": ("scipy beta.ppf", scipy_uniform_prior),
    }
    rows = []
    for method, (peer_name, one_interval) in peers.items():
        ours = seconds(
            lambda method=method: coverage_probability(15, rates, method=method), repeats=5
        )
        peer = seconds(lambda one=one_interval: summed_coverage(one, 15, rates))
        name = f"coverage, {method}, n = 15, 2,000 rates"
        rows.append(row(name, ours, f"{peer_name} and scipy binom.pmf", peer))
    return rows


def rows():
    """Return the rows of all benchmarks of this module."""
    return [*million_pairs(), *all_small_cohorts(), *coverage_curves()]


def at_all_levels(k, n, method):
    """Compute the intervals of all pairs at the four levels."""
    return [proportion_ci(k, n, confidence_level=level, method=method) for level in LEVELS]


def stepping_blaker(k, n, alpha):
    """Walk inwards from the Clopper-Pearson limits until Blaker's p-value passes alpha."""
    return stepping_lower(k, n, alpha), 1 - stepping_lower(n - k, n, alpha)


def stepping_lower(k, n, alpha):
    """Return the lower of the two limits, to within a step."""
    if k == 0:
        return 0.0
    p, opposite = float(betaincinv(k, n - k + 1, alpha / 2)), -1
    while True:
        upper_tail = bdtrc(k - 1, n, p)
        while bdtr(opposite + 1, n, p) <= upper_tail:
            opposite += 1
        if upper_tail + (bdtr(opposite, n, p) if opposite >= 0 else 0) > alpha:
            return p
        p += 1e-4


def brentq_mid_p(k, n, alpha):
    """Solve both equations of the mid-P interval."""

    def lower(k):
        if k == 0:
            return 0.0
        return brentq(lambda p: (bdtrc(k - 1, n, p) + bdtrc(k, n, p)) / 2 - alpha / 2, 0, 1)

    return lower(k), 1 - lower(n - k)


def statsmodels_interval(method):
    """Return a function of one interval by statsmodels (its binom_test is not Sterne's hull)."""
    return lambda k, n, alpha: proportion_confint(k, n, alpha=alpha, method=method)


def scipy_uniform_prior(k, n, alpha):
    """Take the central quantiles of the posterior from scipy."""
    return beta.ppf([alpha / 2, 1 - alpha / 2], k + 1, n - k + 1)


def summed_coverage(one_interval, n, rates):
    """Sum the probabilities of the results whose interval contains each rate."""
    x = np.arange(n + 1)[:, np.newaxis]
    low, high = np.array([one_interval(k, n, 0.05) for k in range(n + 1)]).T[:, :, np.newaxis]
    return np.sum(binom.pmf(x, n, rates), axis=0, where=(low <= rates) & (rates <= high))
