"""Time exact tests and intervals of two cohorts beside other programs, in the same run.

Each function returns rows of `benchmarks.timing.Row`; a ratio of 0.1 means a tenth of the peer's
time. Times are the best of several runs. Rows without a peer in Python leave it empty.
"""

from scipy.stats import barnard_exact, boschloo_exact, fisher_exact

from benchmarks.timing import pick, row, seconds
from lupuscart.stats.comparison import (
    exact_p_table,
    exact_test,
    risk_difference_ci,
)

#: Responders and patients of two cohorts, how often they are done, and the most seconds wanted.
COUNTS = (
    ((12, 15, 9, 26), 10, None),
    ((50, 100, 30, 100), 3, None),
    ((84, 101, 89, 105), 3, None),
    ((36, 154, 12, 77), 3, 5),
    ((540, 1000, 500, 1000), 1, None),
)


def single_tests():
    """One p-value of 12/15 v 5/15: scipy's two-sided Boschloo is twice the one-sided."""
    table = [[12, 5], [3, 10]]
    counts = (12, 15, 5, 15)
    boschloo = seconds(lambda: exact_test(*counts, two_sided="doubled"), repeats=50)
    barnard = seconds(lambda: exact_test(*counts, method="barnard"), repeats=50)
    return [
        row(
            "Boschloo, doubled, 12/15 v 5/15",
            boschloo,
            "scipy boschloo_exact",
            seconds(lambda: boschloo_exact(table), repeats=20),
        ),
        row(
            "Barnard, 12/15 v 5/15",
            barnard,
            "scipy barnard_exact",
            seconds(lambda: barnard_exact(table), repeats=20),
        ),
    ]


def tables_of_a_design():
    """Two-sided p-values of every table; scipy is timed on an even sample and scaled up."""
    rows = []
    for method, peer_name, peer, step in (
        ("fisher", "scipy fisher_exact", fisher_exact, 20),
        ("boschloo", "scipy boschloo_exact", boschloo_exact, pick(400, 2000)),
    ):
        ours = seconds(lambda method=method: exact_p_table(50, 50, method=method), repeats=5)
        every = [[[a, b], [50 - a, 50 - b]] for a in range(51) for b in range(51)]
        sample = every[step // 2 :: step]
        sampled = seconds(lambda peer=peer, sample=sample: [peer(table) for table in sample])
        theirs = sampled * len(every) / len(sample)
        name = f"{method}, all 2,601 tables of 50 v 50"
        rows.append(row(name, ours, f"{peer_name}, 1 in {step}, scaled", theirs))
    return rows


def exact_intervals():
    """Exact risk-difference intervals; no program in Python has them."""
    return [
        row(
            f"{method}, {k1}/{n1} v {k2}/{n2}",
            seconds(lambda c=(k1, n1, k2, n2), m=method: risk_difference_ci(*c, method=m), repeats),
            aim=aim,
        )
        for (k1, n1, k2, n2), repeats, aim in pick(COUNTS, COUNTS[:1])
        for method in ("exact", "exact-two-sided")
    ]


def rows():
    """Return the rows of all benchmarks of this module."""
    return [*single_tests(), *tables_of_a_design(), *exact_intervals()]
