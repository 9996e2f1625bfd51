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
from lupuscart.stats.comparison._two_by_two import p_values, rejected

__all__ = [
    "ALTERNATIVES",
    "LARGEST_DESIGN",
    "LARGEST_PRODUCT",
    "TEST_METHODS",
    "check_berger_boos",
    "check_groups",
    "check_product",
    "exact_p_row",
    "exact_p_table",
    "exact_test",
    "fits_exact_methods",
    "rejection_region",
]

TEST_METHODS = ("boschloo", "barnard", "score", "fisher", "fisher-mid-p")
ALTERNATIVES = ("two-sided", "less", "greater")

#: The largest n1 x n2 for the p-value or the limits of one table, and for all tables of a design.
LARGEST_PRODUCT = 1_000_000
LARGEST_DESIGN = 10_000
_LARGEST_ROW = 100_000
_LARGEST_REGION = 250_000

# In one group, whatever the other: of more, one p-value would take minutes.
_LARGEST_GROUP = 60_000

# More than this given up for the restriction is no refinement.
_LARGEST_GAMMA = 0.01


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
    berger_boos=0.0,
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
    berger_boos : float
        Of the unconditional tests: probability gamma spent on leaving out common rates that
        the counts rule out, 0 to .01; 1e-6 is usual, 0 leaves out none.

    Returns
    -------
    float
        The p-value, greater than 0 and at most 1.

    Raises
    ------
    ValueError
        If an argument is not as above, or n1 x n2 passes 1,000,000 in an unconditional test.

    Notes
    -----
    The exact interval of `risk_difference_ci` is the hull of all differences that the score
    test does not reject. Its p-value is not monotone in the difference, so the hull can hold 0
    although p at 0 is below alpha/2: 5/5 v 26/50 has a one-sided p of .041 and a central 90 %
    interval from -.040.

    With S the ordering (small is extreme) and s = k1 + k2, the unconditional p-value is
    sup over the common rate r of the sum of C(n1, i) C(n2, j) r^(i+j) (1-r)^(n1+n2-i-j)
    over the tables (i, j) with S(i, j) <= S(k1, k2). Berger and Boos take the supremum over the
    Clopper-Pearson interval of the common rate, k1 + k2 of n1 + n2, at the level 1 - gamma, and
    add gamma; a doubled p doubles it too. The interval of `risk_difference_ci` restricts both
    rates by their own groups instead, as it has no common rate.

    Examples
    --------
    >>> round(exact_test(12, 15, 9, 26), 4)
    0.0069
    >>> round(exact_test(12, 15, 91, 287, method="score"), 4)
    0.0389
    >>> round(exact_test(12, 15, 91, 287, method="score", berger_boos=1e-6), 4)
    0.0006
    >>> round(exact_test(5, 5, 26, 50, method="score", alternative="greater"), 3)
    0.041
    """
    k1, n1, k2, n2 = check_groups(k1, n1, k2, n2)
    options = _check_test(method, alternative, two_sided, variance)
    unconditional = not method.startswith("fisher")
    gamma = check_berger_boos(berger_boos, unconditional, method)
    check_product(n1, n2, method)
    p = p_values(n1, n2, np.array([k1]), np.array([k2]), **options, berger_boos=gamma)
    return float(p[0])


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
        As `exact_test`; all tables of an unconditional test up to n1 x n2 of 10,000.

    Examples
    --------
    >>> exact_p_table(2, 2, method="fisher", alternative="greater").round(3)
    array([[1.   , 1.   , 1.   ],
           [0.5  , 0.833, 1.   ],
           [0.167, 0.5  , 1.   ]])
    """
    n1 = arguments.check_whole("n1", n1, minimum=1)
    n2 = arguments.check_whole("n2", n2, minimum=1)
    options = _check_test(method, alternative, two_sided, variance)
    check_product(n1, n2, method, LARGEST_DESIGN)
    every_k1, every_k2 = np.indices((n1 + 1, n2 + 1)).reshape(2, -1)
    return p_values(n1, n2, every_k1, every_k2, **options).reshape(n1 + 1, n2 + 1)


def exact_p_row(k1, n1, k2, n2, *, method="boschloo", alternative="two-sided") -> np.ndarray:
    """Exact p-values of one count of group 1 against several of group 2.

    Parameters
    ----------
    k1, n1, n2 : int
        Responders and patients of group 1, patients of group 2.
    k2 : array of int
        Responders of group 2.
    method, alternative
        As in `exact_test`.

    Returns
    -------
    numpy.ndarray
        One p-value for each of `k2`.

    Raises
    ------
    ValueError
        As `exact_test`; n1 x n2 up to 100,000, and 2,000 in a group, in an unconditional test.

    Examples
    --------
    >>> exact_p_row(12, 15, [3, 6, 9], 15, alternative="greater").round(3)
    array([0.001, 0.015, 0.134])
    """
    k1, n1, _, n2 = check_groups(k1, n1, 0, n2)
    options = _check_test(method, alternative, "ordered", "pooled")
    check_product(n1, n2, method, _LARGEST_ROW, 2000)
    k2, _ = arguments.check_counts(k2, n2, names=("k2", "n2"))
    return p_values(n1, n2, np.full_like(k2, k1), k2, **options)


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
        As `exact_test`, but up to n1 x n2 of 250,000 in an unconditional test, and if alpha is
        not between 0 and 1.

    Examples
    --------
    >>> rejection_region(3, 3, method="fisher", alternative="greater").astype(int)
    array([[0, 0, 0, 0],
           [0, 0, 0, 0],
           [0, 0, 0, 0],
           [1, 0, 0, 0]])
    """
    alpha = arguments.check_open_unit("alpha", alpha)
    n1 = arguments.check_whole("n1", n1, minimum=1)
    n2 = arguments.check_whole("n2", n2, minimum=1)
    options = _check_test(method, alternative, two_sided, variance)
    check_product(n1, n2, method, _LARGEST_REGION)
    return rejected(n1, n2, alpha, **options)


def check_groups(k1, n1, k2, n2) -> tuple[int, int, int, int]:
    """Return the counts of two groups as whole numbers, or refuse them by name."""
    n1, n2 = (arguments.check_whole(name, n, minimum=0) for name, n in (("n1", n1), ("n2", n2)))
    for name, n in (("n1", n1), ("n2", n2)):
        if n == 0:
            raise ValueError(
                f"{name} is 0; allowed: a whole number of at least 1, since a group without "
                "patients has no rate to compare"
            )
    k1 = arguments.check_whole("k1", k1, minimum=0, maximum=n1)
    k2 = arguments.check_whole("k2", k2, minimum=0, maximum=n2)
    return k1, n1, k2, n2


def check_berger_boos(value, allowed: bool, method: str) -> float:
    """Return the probability spent on restricting the nuisance rate, or refuse it."""
    allowed_values = f"one number from 0 to {_LARGEST_GAMMA}"
    gamma = arguments.check_numbers("berger_boos", value, allowed_values)
    if gamma.ndim or not 0 <= gamma <= _LARGEST_GAMMA:
        raise ValueError(f"berger_boos is {value!r}; allowed: {allowed_values}")
    gamma = float(gamma)
    if gamma and not allowed:
        raise ValueError(
            f"berger_boos is {value!r} with method {method!r}, which has no nuisance rate; "
            "allowed: 0, or an exact unconditional method"
        )
    return gamma


def _check_test(method, alternative, two_sided, variance) -> dict:
    method = arguments.check_choice("method", method, TEST_METHODS)
    alternative = arguments.check_choice("alternative", alternative, ALTERNATIVES)
    two_sided = arguments.check_choice("two_sided", two_sided, ("ordered", "doubled"))
    variance = arguments.check_choice("variance", variance, ("pooled", "unpooled"))
    if variance == "unpooled" and method != "barnard":
        raise ValueError(
            f"variance is 'unpooled' with method {method!r}; allowed: 'pooled', or 'unpooled' "
            "with method 'barnard'"
        )
    if method == "score":
        method, two_sided = "barnard", "doubled"
    if alternative == "two-sided" and two_sided == "doubled":
        alternative = "doubled"
    return {"method": method, "alternative": alternative, "variance": variance}


def fits_exact_methods(n1: int, n2: int) -> bool:
    """Return whether two groups are small enough for an unconditional test and an exact interval.

    Examples
    --------
    >>> fits_exact_methods(15, 366), fits_exact_methods(1001, 1000)
    (True, False)
    """
    return n1 * n2 <= LARGEST_PRODUCT and max(n1, n2) <= _LARGEST_GROUP


def check_product(n1, n2, method, largest=LARGEST_PRODUCT, group=_LARGEST_GROUP) -> None:
    """Refuse groups with more tables than an unconditional method takes, or than memory holds."""
    if method.startswith("fisher"):
        largest = np.inf if largest in (LARGEST_PRODUCT, _LARGEST_ROW) else LARGEST_PRODUCT
        group = max(group, 1_000_000)
    if n1 * n2 > largest or max(n1, n2) > group:
        product = "" if largest == np.inf else f"up to {largest} with method {method!r}, and "
        raise ValueError(
            f"n1 x n2 is {n1} x {n2} = {n1 * n2}; allowed: {product}{group} patients in a group; "
            "for larger groups take the method 'miettinen-nurminen' of risk_difference_ci, or "
            "'fisher' of exact_test"
        )
