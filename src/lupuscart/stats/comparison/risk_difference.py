"""The difference of two response rates and its confidence interval.

Vocabulary: everything is group 1 minus group 2. The *score statistic* at a difference d is
(k1/n1 - k2/n2 - d) over its standard error at the maximum likelihood estimate with p1 - p2 = d;
at d = 0 it is the pooled z. An *exact* limit bounds the differences that a test with an
unconditional p-value keeps: the supremum over the *nuisance rate*, the rate of group 2, which d
leaves open.

Sources: Miettinen & Nurminen 1985 Stat Med 4:213; Mee 1984 Biometrics 40:1175; Farrington & Manning
1990 Stat Med 9:1447; Newcombe 1998 Stat Med 17:873; Chan & Zhang 1999 Biometrics 55:1202; Agresti &
Min 2001 Biometrics 57:963; Berger & Boos 1994 J Am Stat Assoc 89:1012.
"""

import functools
import math

from lupuscart import arguments
from lupuscart.stats.comparison._difference_limits import asymptotic_lower, exact_lower
from lupuscart.stats.comparison.exact_tests import check_groups, check_product
from lupuscart.stats.proportion import proportion_ci

__all__ = ["INTERVAL_METHODS", "risk_difference_ci"]

_LOWER_LIMITS = {
    "exact": functools.partial(exact_lower, two_sided=False),
    "exact-two-sided": functools.partial(exact_lower, two_sided=True),
    "miettinen-nurminen": functools.partial(asymptotic_lower, corrected=True),
    "mee": functools.partial(asymptotic_lower, corrected=False),
}

INTERVAL_METHODS = (*_LOWER_LIMITS, "newcombe")


def risk_difference_ci(
    k1, n1, k2, n2, *, confidence_level=0.95, method="exact"
) -> tuple[float, float]:
    """Confidence interval of the difference of two response rates, group 1 minus group 2.

    Parameters
    ----------
    k1, n1, k2, n2 : int
        Responders and patients of group 1 and of group 2.
    confidence_level : float
        In (0, 1); 0.95 for 95 %.
    method : {"exact", "exact-two-sided", "miettinen-nurminen", "mee", "newcombe"}
        - ``exact``: all d that neither one-sided exact unconditional score test rejects at
          alpha/2 (Chan & Zhang); central: each limit has its own error of at most alpha/2.
        - ``exact-two-sided``: all d that the two-sided one, ordered by the absolute score
          statistic, does not reject at alpha (Agresti & Min). Mostly shorter, not central.
        - ``miettinen-nurminen``: all d whose score statistic, with its variance times
          N / (N - 1), lies within the normal quantiles; ``mee``: the same without the factor.
        - ``newcombe``: the limits of the two Wilson intervals combined (his method 10).

    Returns
    -------
    (low, high) : tuple of float
        Limits of p1 - p2, from -1 to 1; all but Newcombe's are searched for, to 1e-7.

    Raises
    ------
    ValueError
        If an argument is not as above, or n1 x n2 passes 10,000 in an exact method.

    Notes
    -----
    The p-value of the exact methods is not monotone in d. A limit is the outermost d that is
    not rejected, so the interval is the hull of all of them and its coverage is kept.

    Examples
    --------
    >>> low, high = risk_difference_ci(12, 15, 9, 26)
    >>> round(low, 3), round(high, 3)
    (0.114, 0.695)
    >>> low, high = risk_difference_ci(56, 70, 48, 80, method="miettinen-nurminen")
    >>> round(low, 4), round(high, 4)
    (0.0528, 0.3382)
    """
    k1, n1, k2, n2 = check_groups(k1, n1, k2, n2)
    confidence_level = arguments.check_confidence_level(confidence_level)
    method = arguments.check_choice("method", method, INTERVAL_METHODS)
    if method == "newcombe":
        return _newcombe(k1, n1, k2, n2, confidence_level)
    if method.startswith("exact"):
        check_product(n1, n2, method)
    alpha = 1 - confidence_level
    # Exchanging the groups changes the sign of the difference, so both limits are lower limits.
    lower_limit = _LOWER_LIMITS[method]
    return lower_limit(k1, n1, k2, n2, alpha), 0.0 - lower_limit(k2, n2, k1, n1, alpha)


def _newcombe(k1, n1, k2, n2, confidence_level):
    (low_1, low_2), (high_1, high_2) = proportion_ci(
        [k1, k2], [n1, n2], confidence_level=confidence_level, method="wilson"
    )
    rate_1, rate_2 = k1 / n1, k2 / n2
    low = rate_1 - rate_2 - math.hypot(rate_1 - low_1, high_2 - rate_2)
    high = rate_1 - rate_2 + math.hypot(high_1 - rate_1, rate_2 - low_2)
    return max(low, -1.0), min(high, 1.0)
