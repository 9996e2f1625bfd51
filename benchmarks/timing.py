"""How the benchmarks measure: how much of it, the shortest of several runs, a row of results."""

import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

__all__ = ["Effort", "Row", "beside", "effort", "pick", "row", "seconds"]


@dataclass
class Effort:
    """How much is measured in this run.

    Attributes
    ----------
    rounds : int
        How often what takes seconds is done, in turn with its peers.
    quick : bool
        Whether everything is small and done once: it shows that each part runs, and no time of it
        means anything.
    """

    rounds: int = 3
    quick: bool = False


#: One for the whole run; the command line sets it.
effort = Effort()


def pick(whole, quick):
    """Return what is measured: the whole, or what is quick where that was asked for."""
    return quick if effort.quick else whole


class Row(NamedTuple):
    """One line of the results.

    Attributes
    ----------
    name : str
        What was measured.
    value : float
        Ours, in `unit`.
    peer : str
        Whose `peer_value` is beside it; "" for none.
    ratio : float
        Ours for one of the peer's: 0.25 is a quarter of its time.
    rounds : tuple of float
        The ratio of each round, where peers took turns.
    aim : float or None
        The most that is wanted: of the ratio where there is a peer, else of the value.
    series, n
        For what grows: the name of the curve, and how many.
    """

    name: str
    value: float
    unit: str = "s"
    peer: str = ""
    peer_value: float = float("nan")
    ratio: float = float("nan")
    rounds: tuple = ()
    aim: float | None = None
    series: str = ""
    n: int | None = None


def seconds(run, repeats=1):
    """Return the shortest of `repeats` runs: what the machine does when left alone."""
    times = []
    for _ in range(pick(repeats, 1)):
        _forget()
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def _forget():
    """Drop the results that statistics keep, or every run but the first would only look them up."""
    for name, module in list(sys.modules.items()):
        if name.startswith("lupuscart.stats"):
            for kept in vars(module).values():
                getattr(kept, "cache_clear", lambda: None)()


def row(name, value, peer="", peer_value=float("nan"), **more):
    """Return one row; without a peer the ratio is not a number."""
    return Row(name, value, peer=peer, peer_value=peer_value, ratio=value / peer_value, **more)


def beside(name, ours, peer, theirs, **more):
    """Return the row of two lists of seconds, one entry a round: medians, and all ratios."""
    ratios = tuple(own / other for own, other in zip(ours, theirs, strict=True))
    return row(name, median(ours), peer, median(theirs), rounds=ratios, **more)
