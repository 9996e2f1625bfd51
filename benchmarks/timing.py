"""How the benchmarks measure: the shortest of several runs, and a row of the table."""

import time
from typing import NamedTuple

__all__ = ["Row", "row", "seconds"]


class Row(NamedTuple):
    """One line of the table: our seconds, a peer's, and how many times longer it takes."""

    name: str
    ours: float
    peer: str
    theirs: float
    ratio: float


def seconds(run, repeats=1):
    """Return the shortest of `repeats` runs: what the machine does when left alone."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def row(name, ours, peer="", theirs=float("nan")):
    """Return one row; without a peer the ratio is not a number."""
    return Row(name, ours, peer, theirs, theirs / ours)
