"""Time the planning of trials beside other programs, in the same run.

Each function returns rows of `benchmarks.timing.Row`; a ratio of 0.1 means a tenth of the peer's
time. Times are the best of several runs. Rows without a peer in Python leave it empty.
"""

import numpy as np
from scipy.stats import binom, boschloo_exact, fisher_exact
from statsmodels.stats.proportion import proportion_confint

from benchmarks.timing import pick, row, seconds
from lupuscart.stats.planning import two_arm
from lupuscart.stats.planning.one_arm import precision_one_arm
from lupuscart.stats.planning.simon import simon_two_stage
from lupuscart.stats.planning.two_arm import (
    assurance,
    power_map,
    power_two_arm,
    sample_size_two_arm,
)


def design_points():
    """Power and size of one design; scipy's p-values of a sample of tables, scaled up.

    A two-sided p of scipy's Boschloo is twice the one-sided one; ours is ordered as R's Exact.
    """
    rows = []
    for test, n, peer_name, peer, step in (
        ("fisher", 100, "scipy fisher_exact", fisher_exact, 100),
        ("boschloo", 30, "scipy boschloo_exact", boschloo_exact, pick(100, 900)),
        ("boschloo", 100, "scipy boschloo_exact", boschloo_exact, pick(2000, 10_000)),
    ):
        ours = seconds(fresh(power_two_arm, n, n, 0.8, 0.6, test=test), repeats=5)
        every = [[[a, b], [n - a, n - b]] for a in range(n + 1) for b in range(n + 1)]
        sample = every[step // 2 :: step]
        sampled = seconds(lambda peer=peer, sample=sample: [peer(table) for table in sample])
        theirs = sampled * len(every) / len(sample)
        name = f"{test} power, {n} an arm"
        rows.append(row(name, ours, f"{peer_name}, 1 table in {step}, scaled", theirs))
    return rows


def maps():
    """Boschloo power for 40 control rates and every size from 5, to 50 and to 200 an arm."""
    rates = np.linspace(0.01, 0.79, 40)
    return [
        row(
            f"Boschloo power map, 40 rates, 5 to {most} an arm",
            seconds(fresh(power_map, range(5, most + 1), 0.8, rates), repeats),
            aim=aim,
        )
        for most, repeats, aim in pick(((50, 3, None), (200, 1, 30)), ((8, 1, None),))
    ]


def regions():
    """Tables in which Boschloo's test rejects, larger and larger designs."""
    return [
        row(
            f"Boschloo power, {n} an arm",
            seconds(fresh(power_two_arm, n, n, 0.8, 0.6), repeats=3),
            series="Boschloo power, n an arm",
            n=n,
        )
        for n in pick((25, 50, 100, 200, 400), (5, 10))
    ]


def sample_sizes():
    """Smallest sizes that keep 80 % power up to 100 an arm, and a power never reached."""
    return [
        row(
            f"{test} sample size, .7 v .4, n_max 100",
            seconds(fresh(sample_size_two_arm, 0.7, 0.4, power=0.8, test=test), repeats=3),
        )
        for test in ("fisher", "boschloo")
    ] + [row("Boschloo sample size, .5 v .4, refused", seconds(refused_size))]


def simon_designs():
    """All designs to nmax 100: found early, found late, and none that meets the limits."""
    questions = {
        ".2 v .4, .05, .2": (0.2, 0.4, 0.05, 0.2),
        ".2 v .35, .05, .05": (0.2, 0.35, 0.05, 0.05),
        ".7 v .82, .05, .2": (0.7, 0.82, 0.05, 0.2),
    }
    return [
        row(
            f"Simon {name}, n_max 100",
            seconds(lambda q=q: simon_two_stage(*q[:2], alpha=q[2], beta=q[3]), repeats=3),
        )
        for name, q in questions.items()
    ]


def one_arm():
    """Expected width for 99 rates: statsmodels limits, and the same sum."""
    rates, k = np.arange(1, 100) / 100, np.arange(101)

    def peer():
        low, high = proportion_confint(k, 100, method="beta")
        return binom.pmf(k, 100, rates[:, np.newaxis]) @ (high - low)

    ours = seconds(lambda: precision_one_arm(100, rates), repeats=20)
    theirs = seconds(peer, repeats=20)
    return [row("precision of 100 patients, 99 rates", ours, "statsmodels, scipy", theirs)]


def assurances():
    """Exact assurance of 100 an arm."""
    beliefs = {"treatment_prior": (12.5, 3.5), "control_prior": (4, 6)}
    return [
        row(
            f"{test} assurance, 100 an arm",
            seconds(fresh(assurance, 100, 100, test=test, **beliefs)),
        )
        for test in ("fisher", "boschloo")
    ]


def refused_size():
    """Ask for a power that no size up to 100 an arm reaches."""
    two_arm._region.cache_clear()
    try:
        sample_size_two_arm(0.5, 0.4, power=0.8)
    except ValueError:
        return
    raise RuntimeError("a power out of reach was not refused")


def fresh(function, *values, **options):
    """Return a call that finds no region kept from an earlier one."""

    def run():
        two_arm._region.cache_clear()
        return function(*values, **options)

    return run


def rows():
    """Return the rows of all benchmarks of this module."""
    return [
        *design_points(),
        *maps(),
        *regions(),
        *sample_sizes(),
        *simon_designs(),
        *one_arm(),
        *assurances(),
    ]
