"""A trial of two arms: what its size can show, by enumeration of every result.

Vocabulary
----------
arm 1, arm 2
    Treatment and control: n1 and n2 patients with true response rates p1 and p2.
region
    The results (k1, k2) in which a test rejects equal rates at level alpha.
power
    Probability of the region under p1 and p2. For a two-sided test it counts rejections in
    *either* direction; `assurance` counts those in favour of treatment alone.
size
    The largest probability of the region under one common rate: the error rate that the test
    really has. An exact test has a size of at most alpha, often much less; a mid-p test may
    pass alpha a little.
assurance
    Power averaged over what is believed of the two rates (O'Hagan, Stevens & Campbell 2005,
    Pharm Stat 4:187).

Power does not grow steadily with the number of patients but in a sawtooth (Chernick & Liu 2002,
Am Stat 56:149). A sample size is therefore the smallest that reaches the power *and* keeps it
for every larger size up to a limit.
"""

import functools
import itertools
import math
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from lupuscart import arguments
from lupuscart.stats._binomial import beta_binomial, binomial, tie_bound
from lupuscart.stats.comparison import ALTERNATIVES, TEST_METHODS, rejection_region
from lupuscart.stats.comparison._two_by_two import p_values

__all__ = [
    "Power",
    "SampleSize",
    "UnreachablePowerError",
    "assurance",
    "assurance_table",
    "power_map",
    "power_two_arm",
    "sample_size_table",
    "sample_size_two_arm",
]

# Where the size is looked for, before the best of these common rates is refined.
_COMMON_RATES = np.arange(1, 2000) / 2000

# Tables of a design from which on a search looks at the likely ones alone.
_SMALL_DESIGN = 2_500

# Tests that reject whenever Fisher's does, which is much faster to enumerate.
_ABOVE_FISHER = ("boschloo", "fisher-mid-p")


class UnreachablePowerError(ValueError):
    """No number of patients up to the limit reaches the power asked for."""


@dataclass(frozen=True)
class Power:
    """Operating characteristics of a two-arm trial.

    Attributes
    ----------
    power : float or numpy.ndarray
        Probability of rejecting under p1 and p2, in either direction if the test is two-sided.
    size : float
        Largest probability of rejecting under a common rate.
    """

    power: float
    size: float


@dataclass(frozen=True)
class SampleSize:
    """The smallest two-arm trial that reaches a power and keeps it.

    Attributes
    ----------
    n1, n2 : int
        Patients in arm 1 and arm 2.
    power, size : float
        As of `Power`.
    """

    n1: int
    n2: int
    power: float
    size: float


def power_two_arm(n1, n2, p1, p2, *, test="boschloo", alpha=0.05, alternative="two-sided") -> Power:
    """Return the exact power and size of a comparison of two arms.

    Parameters
    ----------
    n1, n2 : int
        Patients in arm 1 and arm 2.
    p1, p2 : float or array-like
        True response rates, 0 to 1; arrays broadcast.
    test : {"boschloo", "barnard", "score", "fisher", "fisher-mid-p"}
        As ``method`` of `lupuscart.stats.comparison.exact_test`.
    alpha : float
        Level of the test, between 0 and 1; of a one-sided test the whole of it.
    alternative : {"two-sided", "less", "greater"}
        "greater" is p1 > p2.

    Returns
    -------
    Power
        ``power``, a float or an array of the shape of the rates, and ``size``.

    Raises
    ------
    ValueError
        If an argument is not as above, or n1 x n2 passes 250,000 in an unconditional test.

    Notes
    -----
    Power is the sum of b(k1; n1, p1) b(k2; n2, p2), binomial probabilities, over the results
    with p <= alpha, in either direction if the test is two-sided. The size is the supremum over
    the common rate: the best of .0005, .0010 ... .9995, refined between its neighbours. The
    region of a design is kept, so further rates cost next to nothing.

    Examples
    --------
    >>> plan = power_two_arm(15, 15, 0.8, [0.2, 0.4], test="fisher")
    >>> plan.power.round(3), round(plan.size, 4)
    (array([0.872, 0.447]), 0.0177)
    """
    n1 = arguments.check_whole("n1", n1, minimum=1)
    n2 = arguments.check_whole("n2", n2, minimum=1)
    p1, p2 = _check_rates(p1, p2)
    region = _region(n1, n2, *_check_test(test, alpha, alternative))
    power = _probability(region, p1.ravel(), p2.ravel()).reshape(p1.shape)
    return Power(power=float(power) if power.ndim == 0 else power, size=_size(region))


def power_map(
    sizes, p1, p2, *, ratio=1, test="boschloo", alpha=0.05, alternative="two-sided", progress=None
) -> pd.DataFrame:
    """Return the power of many sizes under many rates, as a table to draw a map from.

    Parameters
    ----------
    sizes : sequence of int
        Patients in arm 2; arm 1 has ``ratio`` times as many, rounded up.
    p1, p2 : float or array-like
        True response rates, 0 to 1; arrays broadcast, and every size takes all of them.
    ratio : float
        Patients in arm 1 for one in arm 2: 2 for an allocation of 2:1.
    test, alpha, alternative
        As in `power_two_arm`.
    progress : callable, optional
        Takes the list of sizes and yields them one by one, showing how far the work is, as
        ``tqdm.tqdm`` does.

    Returns
    -------
    pandas.DataFrame
        A row a size and pair of rates: ``n1``, ``n2``, ``p1``, ``p2``, ``power``, ``size``.

    Raises
    ------
    ValueError
        As `power_two_arm`, or if there are no sizes or the ratio is not above 0.

    Examples
    --------
    >>> power_map([5, 15], 0.8, [0.2, 0.4], test="fisher").round(3)
       n1  n2   p1   p2  power   size
    0   5   5  0.8  0.2  0.376  0.021
    1   5   5  0.8  0.4  0.142  0.021
    2  15  15  0.8  0.2  0.872  0.018
    3  15  15  0.8  0.4  0.447  0.018
    """
    sizes = arguments.check_whole_numbers("sizes", sizes, minimum=1).ravel().tolist()
    if not sizes:
        raise ValueError("sizes is empty; allowed: whole numbers of at least 1")
    ratio = arguments.check_positive("ratio", ratio)
    p1, p2 = (rates.ravel() for rates in _check_rates(p1, p2))
    parts = []
    for n2 in sizes if progress is None else progress(sizes):
        n1 = _first_arm(n2, ratio)
        plan = power_two_arm(n1, n2, p1, p2, test=test, alpha=alpha, alternative=alternative)
        columns = {"n1": n1, "n2": n2, "p1": p1, "p2": p2, "power": plan.power, "size": plan.size}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def sample_size_two_arm(
    p1, p2, *, power, ratio=1, n_max=100, test="boschloo", alpha=0.05, alternative="two-sided"
) -> SampleSize:
    """Return the smallest two-arm trial that reaches a power and keeps it up to a limit.

    Parameters
    ----------
    p1, p2 : float
        True response rates, 0 to 1, not equal.
    power : float
        Power to reach, between 0 and 1.
    ratio : float
        Patients in arm 1 for one in arm 2: 2 for an allocation of 2:1. Arm 1 is rounded up.
    n_max : int
        Largest number of patients in either arm; n1 x n2 is limited as in `power_two_arm`.
    test, alpha, alternative
        As in `power_two_arm`.

    Returns
    -------
    SampleSize
        ``n1``, ``n2``, ``power`` and ``size``. Every larger trial of the same ratio, up to
        ``n_max`` in an arm, reaches the power too.

    Raises
    ------
    ValueError
        If an argument is not as above, the alternative points the other way, or no trial up to
        ``n_max`` reaches the power and keeps it: the message names the best one.

    Examples
    --------
    >>> plan = sample_size_two_arm(0.8, 0.4, power=0.8)
    >>> plan.n1, plan.n2, round(plan.power, 3)
    (23, 23, 0.809)
    """
    search = _search(p1, [p2], power, ratio, n_max, test, alpha, alternative)
    plan = search.smallest(p2)
    if plan is None:
        raise UnreachablePowerError(search.refusal(p2))
    return plan


def sample_size_table(
    p1: float,
    control_rates,
    *,
    power: float,
    ratios=(1, 2),
    n_max: int = 100,
    test: str = "boschloo",
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return the sample size for each control rate and allocation, or that none is enough.

    Parameters
    ----------
    p1 : float
        Response rate of the treated arm.
    control_rates : sequence of float
        Response rates of the control arm.
    power, n_max, test, alpha
        As for `sample_size_two_arm`.
    ratios : sequence of float
        Treated patients for each control.

    Returns
    -------
    DataFrame
        ``p2``, ``allocation``, ``n1``, ``n2``, ``power``, ``size``; missing where no size up
        to `n_max` reaches the power, or the rates are the same.

    Examples
    --------
    >>> sample_size_table(0.8, [0.2], power=0.8, ratios=[1], test="fisher").round(2)
        p2 allocation  n1  n2  power  size
    0  0.2        1:1  12  12   0.81  0.02
    """
    control_rates = list(control_rates)
    others = [p2 for p2 in control_rates if p2 != p1]
    searches = {
        ratio: _search(p1, others, power, ratio, n_max, test, alpha, "two-sided")
        for ratio in ratios
    }
    planned = [
        {"p2": p2, "allocation": f"{ratio:g}:1"} | _size_or_nothing(searches[ratio], p2)
        for p2 in control_rates
        for ratio in ratios
    ]
    columns = ["p2", "allocation", "n1", "n2", "power", "size"]
    return pd.DataFrame(planned, columns=columns).astype({"n1": "Int64", "n2": "Int64"})


def _size_or_nothing(search, p2):
    plan = search.smallest(p2) if p2 in search.rates else None
    return asdict(plan) if plan else {}


def _search(p1, rates, power, ratio, n_max, test, alpha, alternative):
    """Return a search for sample sizes, or refuse what cannot be searched for."""
    p1 = arguments.check_one_rate("p1", p1)
    rates = tuple(arguments.check_one_rate("p2", p2) for p2 in rates)
    target = arguments.check_open_unit("power", power)
    ratio = arguments.check_positive("ratio", ratio)
    n_max = arguments.check_whole("n_max", n_max, minimum=1)
    test, alpha, alternative = _check_test(test, alpha, alternative)
    for p2 in rates:
        _check_direction(p1, p2, alternative)
    return _Search(p1, rates, target, n_max, _candidates(ratio, n_max), test, alpha, alternative)


@dataclass(frozen=True)
class _Search:
    """The sizes of one ratio, from which the smallest is taken that keeps a power.

    A size is enumerated once for all of the control rates, `rates`.
    """

    p1: float
    rates: tuple
    target: float
    n_max: int
    candidates: list
    test: str
    alpha: float
    alternative: str

    def smallest(self, p2) -> SampleSize | None:
        """Return the smallest size for a control rate; none if even the largest fails."""
        reaches = functools.partial(self._reaches, self.rates.index(p2))
        kept = list(itertools.takewhile(reaches, reversed(self.candidates)))
        if not kept:
            return None
        options = {"test": self.test, "alpha": self.alpha, "alternative": self.alternative}
        plan = power_two_arm(*kept[-1], self.p1, p2, **options)
        return SampleSize(*kept[-1], power=plan.power, size=plan.size)

    def refusal(self, p2) -> str:
        """Return what to say if there is none; it takes the power of every size."""
        which = self.rates.index(p2)
        powers = [(self._powers(*arms, self.test)[which], *arms) for arms in self.candidates]
        best, n1, n2 = max(powers)
        verb = "reaches" if best < self.target else "reaches and keeps"
        return (
            f"power is {self.target}, which no size up to n_max {self.n_max} {verb} with p1 "
            f"{self.p1} and p2 {p2}; the best reached is {best:.4f}, with {n1} and {n2} "
            "patients; allowed: less power, or a larger n_max"
        )

    def _reaches(self, which, arms):
        tests = ("fisher", self.test) if self.test in _ABOVE_FISHER else (self.test,)
        return any(tie_bound(self._powers(*arms, each)[which]) >= self.target for each in tests)

    def _powers(self, n1, n2, test):
        """Power of a size at each of the control rates."""
        return _powers(n1, n2, self.p1, self.rates, test, self.alpha, self.alternative)


# A few numbers each: a curve of a higher power asks for what that of a lower one has asked for.
@functools.lru_cache(maxsize=4096)
def _powers(n1, n2, p1, rates, test, alpha, alternative):
    if test.startswith("fisher") and n1 * n2 > _SMALL_DESIGN:
        return _powers_of_likely(n1, n2, p1, rates, test, alpha, alternative)
    region = _region(n1, n2, test, alpha, alternative)
    return _probability(region, np.full(len(rates), p1), np.array(rates))


def _powers_of_likely(n1, n2, p1, rates, test, alpha, alternative):
    """Power of a conditional test from the likely results alone: to 1e-12, far below a tie.

    Each result has its p-value without the others, so those that no rate makes likely need none.
    """
    (k1, weights_1), (k2, weights_2) = _likely(n1, [p1]), _likely(n2, rates)
    every_k1, every_k2 = (part.ravel() for part in np.meshgrid(k1, k2, indexing="ij"))
    p = p_values(n1, n2, every_k1, every_k2, method=test, alternative=alternative)
    rejected = (p <= tie_bound(alpha)).reshape(len(k1), len(k2))
    return np.minimum(weights_2 @ (weights_1[0] @ rejected), 1.0)


def _likely(n, rates):
    """Results of n patients but for those of a probability of 1e-13 in all, and their chances.

    The results are those that any of the rates makes likely; of the chances there is a row a rate.
    """
    chances = binomial(n, np.array(rates))
    below = np.cumsum(chances, axis=1)
    above = np.cumsum(chances[:, ::-1], axis=1)[:, ::-1]
    likely = ((below > 5e-14) & (above > 5e-14)).any(axis=0)
    return np.flatnonzero(likely), chances[:, likely]


def assurance(n1, n2, *, treatment_prior, control_prior, test="fisher", alpha=0.05) -> float:
    """Return the probability that a two-arm trial will reject in favour of treatment.

    Parameters
    ----------
    n1, n2 : int
        Patients in the treatment and in the control arm.
    treatment_prior, control_prior : (float, float)
        What is believed of the two rates, independently: shapes a and b, above 0, of a Beta
        distribution. The posterior of 12 of 15 under Jeffreys' prior is (12.5, 3.5).
    test, alpha
        As in `power_two_arm`; the test is two-sided.

    Returns
    -------
    float
        Probability of rejecting with k1/n1 > k2/n2. Rejections in favour of control do not
        count, so this is not an average of `power_two_arm`, which counts both.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    Under a prior Beta(a, b), k of n respond with probability
    C(n, k) B(a + k, b + n - k) / B(a, b) (beta-binomial); summed, not simulated.

    Examples
    --------
    >>> beliefs = {"treatment_prior": (12.5, 3.5), "control_prior": (4, 6)}
    >>> round(assurance(15, 15, **beliefs), 2), round(assurance(30, 30, **beliefs), 2)
    (0.46, 0.7)
    """
    n1 = arguments.check_whole("n1", n1, minimum=1)
    n2 = arguments.check_whole("n2", n2, minimum=1)
    treatment = beta_binomial(n1, *_check_shapes("treatment_prior", treatment_prior))
    control = beta_binomial(n2, *_check_shapes("control_prior", control_prior))
    region = _region(n1, n2, *_check_test(test, alpha, "two-sided"))
    favourable = np.greater.outer(np.arange(n1 + 1) * n2, np.arange(n2 + 1) * n1)
    return min(float(treatment @ (region & favourable) @ control), 1.0)


def assurance_table(
    sizes,
    treatment_prior,
    control_priors,
    p1: float,
    p2: float,
    *,
    test: str = "fisher",
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return power on fixed rates and assurance on uncertain ones for arms of equal size.

    Parameters
    ----------
    sizes : iterable of int
        Patients in each arm.
    treatment_prior : tuple
        Beta shapes of what is known of the treated arm.
    control_priors : sequence of tuple
        Beta shapes, one belief about the control arm each.
    p1, p2 : float
        The fixed rates of the power.
    test, alpha
        As for `assurance`.

    Returns
    -------
    DataFrame
        ``n``, ``belief`` (the control's shapes; None for the power) and ``probability``.

    Examples
    --------
    >>> assurance_table([15], (12.5, 3.5), [(4, 6)], 0.8, 0.4).round(2)
        n  belief  probability
    0  15    None         0.45
    1  15  (4, 6)         0.46
    """
    options = {"test": test, "alpha": alpha}
    rows = []
    for belief in (None, *control_priors):
        for n in sizes:
            if belief is None:
                probability = float(power_two_arm(n, n, p1, p2, **options).power)
            else:
                priors = {"treatment_prior": treatment_prior, "control_prior": belief}
                probability = assurance(n, n, **priors, **options)
            rows.append({"n": n, "belief": belief, "probability": probability})
    return pd.DataFrame(rows)


# As many as a table of sample sizes up to 100 in an arm asks for again: at most 10 kB each.
@functools.lru_cache(maxsize=1024)
def _region(n1, n2, test, alpha, alternative):
    region = rejection_region(n1, n2, alpha=alpha, method=test, alternative=alternative)
    region.setflags(write=False)  # it is shared by all who ask for the same design
    return region


def _probability(region, p1, p2):
    """Probability of the region at each pair of rates of two one-dimensional arrays."""
    n1, n2 = np.subtract(region.shape, 1)
    rejecting = binomial(n1, p1) @ region
    return np.minimum(np.sum(rejecting * binomial(n2, p2), axis=1), 1)


def _size(region):
    rates = _COMMON_RATES
    for _ in range(3):
        probability = _probability(region, rates, rates)
        highest = np.argmax(probability)
        step = rates[1] - rates[0]
        rates = np.linspace(rates[highest] - step, rates[highest] + step, 41)
    return float(probability[highest])


def _first_arm(n2, ratio):
    # Rounded up, but not because 1.1 x 10 is 11.000000000000002.
    return math.ceil(ratio * n2 * (1 - 1e-12))


def _candidates(ratio, n_max):
    """Sizes (n1, n2) of a ratio, in increasing order, with at most n_max in either arm."""
    sizes = [(_first_arm(n2, ratio), n2) for n2 in range(1, n_max + 1)]
    if sizes[0][0] > n_max:
        raise ValueError(f"ratio is {ratio}; allowed: above 0, at most n_max, which is {n_max}")
    return [arms for arms in sizes if max(arms) <= n_max]


def _check_rates(p1, p2):
    p1, p2 = arguments.check_rate("p1", p1), arguments.check_rate("p2", p2)
    try:
        return np.broadcast_arrays(p1, p2)
    except ValueError:
        raise ValueError(
            f"p1 has shape {p1.shape} and p2 {p2.shape}; allowed: shapes that broadcast"
        ) from None


def _check_test(test, alpha, alternative):
    return (
        arguments.check_choice("test", test, TEST_METHODS),
        arguments.check_open_unit("alpha", alpha),
        arguments.check_choice("alternative", alternative, ALTERNATIVES),
    )


def _check_direction(p1, p2, alternative):
    if p1 == p2:
        raise ValueError(f"p1 is {p1} and p2 is {p2}; allowed: two rates that differ")
    direction = "greater" if p1 > p2 else "less"
    if alternative not in ("two-sided", direction):
        raise ValueError(
            f"alternative is {alternative!r} with p1 {p1} and p2 {p2}; allowed: 'two-sided' or "
            f"{direction!r}"
        )


def _check_shapes(name, prior):
    try:
        a, b = prior
        return arguments.check_positive(name, a), arguments.check_positive(name, b)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {prior!r}; allowed: (a, b), two numbers above 0, the shapes of a Beta "
            "distribution"
        ) from None
