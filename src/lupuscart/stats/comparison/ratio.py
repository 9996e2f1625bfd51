"""A cohort beside a named benchmark: the ratio of their rates, and what might explain it away.

Vocabulary: the *ratio* is the response rate of the cohort over that of the benchmark, an arm of
another trial. The *score interval* (Koopman) keeps every ratio that Pearson's chi-squared of the
four counts, at the maximum likelihood rates with that ratio, does not reject. An *E-value* is
the smallest strength of association, as a risk ratio with both the cohort a patient is in and
the response, that unmeasured differences between the patients would need to explain a ratio.

**An E-value speaks of differences between patients and of nothing else.** It must not be used
for conditioning chemotherapy: everyone in the cohort had it, as part of the treatment, so it is
no hidden difference between patients, and the ratio itself is the tipping point. Nor does it
cover another endpoint, another week or another way of counting in the benchmark.

Sources: Koopman 1984, Biometrics 40:513; Gart & Nam 1988, Biometrics 44:323; VanderWeele & Ding
2017, Ann Intern Med 167:268.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from lupuscart import arguments

__all__ = ["BenchmarkRatio", "EValue", "e_value", "ratio_to_benchmark"]


@dataclass(frozen=True)
class BenchmarkRatio:
    """A ratio of two response rates and its interval; floats, or arrays of one shape."""

    ratio: float
    low: float
    high: float


def ratio_to_benchmark(
    k, n, benchmark_k, benchmark_n, *, confidence_level: float = 0.95
) -> BenchmarkRatio:
    """Return the ratio of k / n to a benchmark's rate with Koopman's score interval.

    Parameters
    ----------
    k, n : int or array-like
        Responders and patients of the cohort.
    benchmark_k, benchmark_n : int or array-like
        Responders and patients of the benchmark; broadcast against k and n.
    confidence_level : float
        0.95 for 95 %.

    Returns
    -------
    BenchmarkRatio
        ``.ratio`` is infinite where nobody in the benchmark responded, nan where nobody did in
        either. ``.low`` is 0 where k is 0; ``.high`` is infinite where benchmark_k is 0.

    Raises
    ------
    ValueError
        If a count or the level is not allowed.

    Notes
    -----
    A ratio t is kept while

        (p1 - t p2)^2 <= z^2 (q1 (1 - q1) / n1 + t^2 q2 (1 - q2) / n2)

    with p the observed rates, q1 = t q2 the most likely ones with that ratio and z the normal
    quantile of 1 - alpha/2. No correction N / (N - 1), which would be Miettinen and Nurminen's.
    It is asymptotic: coverage is near the level and not guaranteed.

    Examples
    --------
    >>> compared = ratio_to_benchmark(36, 40, 16, 80)
    >>> round(compared.ratio, 2), round(compared.low, 2), round(compared.high, 2)
    (4.5, 2.94, 7.15)
    >>> ratio_to_benchmark(12, 15, [9, 11], [26, 21]).low.round(2)
    array([1.3 , 0.93])
    """
    level = arguments.check_confidence_level(confidence_level)
    arguments.check_same_index(k=k, n=n, benchmark_k=benchmark_k, benchmark_n=benchmark_n)
    names = ("benchmark_k", "benchmark_n")
    k, n = arguments.check_counts(k, n)
    benchmark_k, benchmark_n = arguments.check_counts(benchmark_k, benchmark_n, names=names)
    try:
        k, n, benchmark_k, benchmark_n = np.broadcast_arrays(k, n, benchmark_k, benchmark_n)
    except ValueError:
        raise ValueError(
            f"benchmark_k has shape {benchmark_k.shape} and k has shape {k.shape}; "
            "allowed: shapes that broadcast"
        ) from None
    z = -ndtri((1 - level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Exchanging the groups turns a ratio into its reciprocal, so both limits are lower ones.
        results = (
            (k * benchmark_n) / (benchmark_k * n),
            _lower_limit(k, n, benchmark_k, benchmark_n, z),
            1 / _lower_limit(benchmark_k, benchmark_n, k, n, z),
        )
    return BenchmarkRatio(*map(_plain, results))


def _lower_limit(k1, n1, k2, n2, z):
    """Smallest ratio that is kept, by bisection.

    The ratio u / v is held as u = t and v = 1 - t, so that an infinite estimate is t = 1. Left
    of the estimate the statistic falls as t rises.
    """
    p1, p2 = k1 / n1, k2 / n2
    estimate = np.where(k1 > 0, p1 / (p1 + p2), 0.0)
    low, high = np.zeros_like(estimate), estimate
    while True:
        t = (low + high) / 2
        searching = (low < t) & (t < high)
        if not searching.any():
            return high / (1 - high)
        rejected = searching & _rejects(k1, n1, k2, n2, t, z)
        low = np.where(rejected, t, low)
        high = np.where(searching & ~rejected, t, high)


def _rejects(k1, n1, k2, n2, t, z):
    u, v = t, 1 - t
    # Rates u s and v s; the likelihood equation for s is quadratic and the smaller root counts.
    linear = (n1 + k2) * u + (n2 + k1) * v
    constant = k1 + k2
    discriminant = np.maximum(linear**2 - 4 * (n1 + n2) * u * v * constant, 0)
    s = 2 * constant / (linear + np.sqrt(discriminant))
    q1, q2 = np.minimum(u * s, 1), np.minimum(v * s, 1)
    difference = v * k1 / n1 - u * k2 / n2
    return difference > z * np.sqrt(v**2 * q1 * (1 - q1) / n1 + u**2 * q2 * (1 - q2) / n2)


@dataclass(frozen=True)
class EValue:
    """E-values of a ratio and of its interval; floats, or arrays of one shape.

    Attributes
    ----------
    estimate : float or numpy.ndarray
        For the ratio itself.
    limit : float, numpy.ndarray or None
        For the limit nearer to 1; 1 where the interval contains 1. None without an interval.
    """

    estimate: float
    limit: float | None


def e_value(ratio, *, low=None, high=None) -> EValue:
    """Return how strong unmeasured patient differences must be to explain a ratio.

    Never for conditioning chemotherapy, which all patients of a cohort had and which is no
    difference between them: there the ratio itself is the tipping point. And never without a
    named benchmark that the ratio is taken to.

    Parameters
    ----------
    ratio : float or array-like
        Ratio of two risks, above 0; may be infinite.
    low, high : float or array-like, optional
        Limits of its interval, low from 0, high may be infinite. One is enough if it is the
        one nearer to 1.

    Returns
    -------
    EValue
        ``.estimate`` and ``.limit``, from 1 to infinity.

    Raises
    ------
    ValueError
        If the ratio is not above 0, the limits do not enclose it, or only the limit farther
        from 1 is given.

    Notes
    -----
    With RR the ratio, or its reciprocal below 1: RR + sqrt(RR (RR - 1)). An E-value of 1 says
    that no such difference is needed.

    Examples
    --------
    >>> value = e_value(3.9, low=1.8, high=8.7)
    >>> round(value.estimate, 2), round(value.limit, 2)
    (7.26, 3.0)
    >>> e_value(2.3, low=0.9, high=5).limit
    1.0
    """
    arguments.check_same_index(ratio=ratio, low=low, high=high)
    ratio = _check_ratios("ratio", ratio)
    if (ratio == 0).any():
        raise ValueError("ratio is 0; allowed: numbers above 0")
    if low is None and high is None:
        return EValue(_plain(_e_value(ratio)), None)
    return EValue(_plain(_e_value(ratio)), _plain(_e_value(_nearer_limit(ratio, low, high))))


def _e_value(ratio):
    away = np.where(ratio < 1, 1 / ratio, ratio)
    return away + np.sqrt(away) * np.sqrt(away - 1)


def _nearer_limit(ratio, low, high):
    """Return the limit between the ratio and 1, or 1 if the interval reaches across."""
    low = np.nan if low is None else _check_ratios("low", low)
    high = np.nan if high is None else _check_ratios("high", high)
    ratio, low, high = np.broadcast_arrays(ratio, low, high)
    for name, limit, wrong in (("low", low, low > ratio), ("high", high, high < ratio)):
        if wrong.any():
            raise ValueError(
                f"{name} is {limit[wrong].flat[0]} and ratio is {ratio[wrong].flat[0]}; "
                "allowed: low <= ratio <= high"
            )
    nearer = np.where(ratio < 1, np.minimum(high, 1), np.maximum(low, 1))
    lacking = np.isnan(nearer)
    if lacking.any():
        lone = float(ratio[lacking].flat[0])
        name = "high" if lone < 1 else "low"
        raise ValueError(
            f"{name} is None and ratio is {lone}; allowed: {name}, the limit nearer to 1, or both"
        )
    return nearer


def _check_ratios(name, value) -> np.ndarray:
    return arguments.check_numbers(name, value, "numbers from 0, which may be infinite", low=0)


def _plain(value):
    return float(value) if np.ndim(value) == 0 else value
