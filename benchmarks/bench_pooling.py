"""Time pooling: six cohorts of a handful of patients, and two hundred."""

import numpy as np

from benchmarks.timing import pick, row, seconds
from lupuscart.stats.pooling.models import INTERVALS, pool

SIX = ([12, 5, 9, 5, 5, 2], [15, 5, 10, 10, 6, 3])


def two_hundred():
    """Made-up cohorts of 5 to 40 patients; fixed, so that runs can be compared."""
    rng = np.random.default_rng(0)
    n = rng.integers(5, 41, 200)
    return rng.binomial(n, 1 / (1 + np.exp(-rng.normal(1, 0.8, 200)))), n


def rows():
    """Return a row a model, interval and size; no program in Python has most of them."""
    return [
        timed(model, interval, k, n)
        for model, intervals in INTERVALS.items()
        for interval in intervals
        for k, n in pick([SIX, two_hundred()], [SIX])
    ]


def timed(model, interval, k, n):
    """Time one call."""
    name = f"pool, {model}, {interval}, {len(k)} cohorts"
    return row(name, seconds(lambda: pool(k, n, model=model, interval=interval), 5))
