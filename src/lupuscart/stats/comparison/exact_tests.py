"""Exact tests of two response rates.

Vocabulary
----------
table
    The outcome of two cohorts: k1 of n1 and k2 of n2 respond. Given n1 and n2 there are
    (n1 + 1)(n2 + 1) tables. Everything is group 1 minus group 2; "greater" means p1 > p2.
ordering
    What calls one table more extreme than another: a p-value of Fisher or a z statistic.
    Tables that agree to a relative 1e-9 are tied, and tied tables count together.
tail
    The observed table and all that are at least as extreme.
nuisance rate
    The rate that the null hypothesis leaves open (both rates under "no difference", the rate
    of group 2 under "a difference of d"). An *unconditional* p-value is the supremum, over
    the nuisance rate, of the probability of the tail; Fisher's is conditional on k1 + k2.

The cohorts compared with this module mostly come from different trials: a p-value or an interval
then describes the two sets of counts and says nothing of what caused the difference.

Sources: Fisher 1935; Barnard 1947 Biometrika 34:123; Boschloo 1970 Stat Neerl 24:1; Berger & Boos
1994 J Am Stat Assoc 89:1012; Fagerland, Lydersen & Laake 2017.
"""

import numpy as np

from lupuscart import arguments
from lupuscart.stats._binomial import tie_bound
from lupuscart.stats.comparison._two_by_two import p_values

__all__ = [
    "ALTERNATIVES",
    "LARGEST_PRODUCT",
    "TEST_METHODS",
    "check_groups",
    "check_product",
    "exact_p_table",
    "exact_test",
    "rejection_region",
]

TEST_METHODS = ("boschloo", "barnard", "score", "fisher", "fisher-mid-p")
ALTERNATIVES = ("two-sided", "less", "greater")

LARGEST_PRODUCT = 10_000


def exact_test(
    k1,
    n1,
    k2,
    n2,
    *,
    method="boschloo",
    alternative="two-sided",
    two_sided="ordered",
    variance="pooled",
) -> float:
    """Exact p-value of the null hypothesis that two response rates are equal.

    Parameters
    ----------
    k1, n1, k2, n2 : int
        Responders and patients of group 1 and of group 2.
    method : {"boschloo", "barnard", "score", "fisher", "fisher-mid-p"}
        What orders the tables. The first three are unconditional.

        - ``boschloo``: the p-value of Fisher's test with the same alternative.
        - ``barnard``: the z statistic. With very unequal n the pooled z ranks tables poorly
          (5/5 v 26/50 gives a one-sided .041, Boschloo .021): prefer ``boschloo`` there.
        - ``score``: the test that belongs to the exact interval of `risk_difference_ci`: the
          pooled z one-sided, and for a two-sided p twice the smaller one-sided p.
        - ``fisher``: conditional on the number of responders.
        - ``fisher-mid-p``: the same, counting only half the probability of *all* tables tied
          with the observed one. Not strictly exact: the error rate can pass alpha a little.
    alternative : {"two-sided", "less", "greater"}
        "greater" is p1 > p2.
    two_sided : {"ordered", "doubled"}
        How a two-sided p is formed. ``ordered`` ranks all tables by a two-sided ordering
        (Boschloo by the two-sided Fisher p, as R's Exact; Barnard by the absolute z).
        ``doubled`` is twice the smaller one-sided p (Boschloo as scipy), at most 1. The method
        ``score`` is always doubled.
    variance : {"pooled", "unpooled"}
        The variance of Barnard's z.

    Returns
    -------
    float
        The p-value, greater than 0 and at most 1.

    Raises
    ------
    ValueError
        If an argument is not as above, or n1 x n2 passes 10,000 in an unconditional test.

    Notes
    -----
    The exact interval of `risk_difference_ci` is the hull of all differences that the score
    test does not reject. Its p-value is not monotone in the difference, so the hull can hold 0
    although p at 0 is below alpha/2: 5/5 v 26/50 has a one-sided p of .041 and a central 90 %
    interval from -.040.

    With S the ordering (small is extreme) and s = k1 + k2, the unconditional p-value is
    sup over the common rate r of the sum of C(n1, i) C(n2, j) r^(i+j) (1-r)^(n1+n2-i-j)
    over the tables (i, j) with S(i, j) <= S(k1, k2).

    Examples
    --------
    >>> round(exact_test(12, 15, 9, 26), 4)
    0.0069
    >>> round(exact_test(5, 5, 26, 50, method="score", alternative="greater"), 3)
    0.041
    """
    k1, n1, k2, n2 = check_groups(k1, n1, k2, n2)
    options = _check_test(n1, n2, method, alternative, two_sided, variance)
    return float(p_values(n1, n2, np.array([k1]), np.array([k2]), **options)[0])


def exact_p_table(
    n1,
    n2,
    *,
    method="boschloo",
    alternative="two-sided",
    two_sided="ordered",
    variance="pooled",
) -> np.ndarray:
    """Exact p-values of every table of a design, as `exact_test` gives them one by one.

    Parameters
    ----------
    n1, n2 : int
        Patients in group 1 and group 2.
    method, alternative, two_sided, variance
        As in `exact_test`.

    Returns
    -------
    numpy.ndarray
        Shape (n1 + 1, n2 + 1); entry [k1, k2] is the p-value of k1 of n1 v k2 of n2.

    Raises
    ------
    ValueError
        As `exact_test`.

    Examples
    --------
    >>> exact_p_table(2, 2, method="fisher", alternative="greater").round(3)
    array([[1.   , 1.   , 1.   ],
           [0.5  , 0.833, 1.   ],
           [0.167, 0.5  , 1.   ]])
    """
    n1 = arguments.check_whole("n1", n1, minimum=1)
    n2 = arguments.check_whole("n2", n2, minimum=1)
    options = _check_test(n1, n2, method, alternative, two_sided, variance)
    every_k1, every_k2 = np.indices((n1 + 1, n2 + 1)).reshape(2, -1)
    return p_values(n1, n2, every_k1, every_k2, **options).reshape(n1 + 1, n2 + 1)


def rejection_region(
    n1,
    n2,
    *,
    alpha=0.05,
    method="boschloo",
    alternative="two-sided",
    two_sided="ordered",
    variance="pooled",
) -> np.ndarray:
    """Tables of a design in which a test rejects: p <= alpha.

    A p-value that equals alpha but for rounding counts as equal (3/3 v 0/3 has a one-sided
    Fisher p of exactly 1/20), so that power does not hang on the last bit.

    Parameters
    ----------
    n1, n2 : int
        Patients in group 1 and group 2.
    alpha : float
        Level of the test, in (0, 1).
    method, alternative, two_sided, variance
        As in `exact_test`.

    Returns
    -------
    numpy.ndarray of bool
        Shape (n1 + 1, n2 + 1).

    Raises
    ------
    ValueError
        As `exact_test`, and if alpha is not between 0 and 1.

    Examples
    --------
    >>> rejection_region(3, 3, method="fisher", alternative="greater").astype(int)
    array([[0, 0, 0, 0],
           [0, 0, 0, 0],
           [0, 0, 0, 0],
           [1, 0, 0, 0]])
    """
    alpha = arguments.check_open_unit("alpha", alpha)
    p = exact_p_table(
        n1, n2, method=method, alternative=alternative, two_sided=two_sided, variance=variance
    )
    return p <= tie_bound(alpha)


def check_groups(k1, n1, k2, n2) -> tuple[int, int, int, int]:
    """Return the counts of two groups as whole numbers, or refuse them by name."""
    n1 = arguments.check_whole("n1", n1, minimum=1)
    n2 = arguments.check_whole("n2", n2, minimum=1)
    k1 = arguments.check_whole("k1", k1, minimum=0, maximum=n1)
    k2 = arguments.check_whole("k2", k2, minimum=0, maximum=n2)
    return k1, n1, k2, n2


def _check_test(n1, n2, method, alternative, two_sided, variance) -> dict:
    method = arguments.check_choice("method", method, TEST_METHODS)
    alternative = arguments.check_choice("alternative", alternative, ALTERNATIVES)
    two_sided = arguments.check_choice("two_sided", two_sided, ("ordered", "doubled"))
    variance = arguments.check_choice("variance", variance, ("pooled", "unpooled"))
    if variance == "unpooled" and method != "barnard":
        raise ValueError(
            f"variance is 'unpooled' with method {method!r}; allowed: 'pooled', or 'unpooled' "
            "with method 'barnard'"
        )
    if not method.startswith("fisher"):
        check_product(n1, n2, method)
    if method == "score":
        method, two_sided = "barnard", "doubled"
    if alternative == "two-sided" and two_sided == "doubled":
        alternative = "doubled"
    return {"method": method, "alternative": alternative, "variance": variance}


def check_product(n1, n2, method) -> None:
    """Refuse groups with more tables than an unconditional method takes."""
    if n1 * n2 > LARGEST_PRODUCT:
        raise ValueError(
            f"n1 x n2 is {n1} x {n2} = {n1 * n2}; allowed: up to {LARGEST_PRODUCT} with method "
            f"{method!r}; for larger groups take the method 'miettinen-nurminen' of "
            "risk_difference_ci, or 'fisher' of exact_test"
        )
