"""Plots of a run: each ratio to a peer, and how cost grows."""

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.results import TITLES, number

__all__ = ["draw"]

INK, OURS, AIM = "#333333", "#0072B2", "#982D00"


def draw(rows, folder):
    """Draw a plot a topic of its ratios, and one of what grows; return the files.

    Parameters
    ----------
    rows : list of dict
        As `benchmarks.results.read` returns them.
    folder : Path
        Where the files are put.
    """
    mpl.rcdefaults()  # a benchmark may have set the style of the pages
    made = []
    for topic, title in TITLES.items():
        here = [row for row in rows if row["topic"] == topic]
        if ratios := [row for row in here if row["ratio"] is not None]:
            made.append(_saved(_ratios(ratios, title), folder / f"ratio-{topic}.png"))
        if grows := [row for row in here if row["series"]]:
            made.append(_saved(_growth(grows, title), folder / f"growth-{topic}.png"))
    return made


def _saved(figure, path):
    figure.savefig(path, dpi=110)
    return path


def _ratios(rows, title):
    """A row a ratio: a dot for its number, small dots for its rounds, a bar for its aim."""
    figure = Figure(figsize=(10, 1.3 + 0.42 * len(rows)), layout="constrained")
    axes = figure.subplots()
    places = range(len(rows))
    for place, row in zip(places, rows, strict=True):
        axes.plot(row["rounds"], [place] * len(row["rounds"]), "o", color=OURS, ms=4, alpha=0.4)
        axes.plot(row["ratio"], place, "o", color=OURS, ms=8)
        axes.annotate(
            number(row["ratio"]),
            (row["ratio"], place),
            (0, 7),
            ha="center",
            textcoords="offset points",
            fontsize=8,
            color=INK,
        )
        if row["aim"] is not None:
            axes.plot(row["aim"], place, "|", color=AIM, ms=18, mew=2)
    axes.axvline(1, color=INK, lw=1)
    axes.set_xscale("log")
    _plain(axes.xaxis)
    axes.set_yticks(places, [f"{row['name']}\nof {row['peer']}" for row in rows], fontsize=7)
    axes.set_ylim(len(rows) - 0.3, -0.8)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.set_xlabel("ours for one of the peer's: 1 is as long, 0.25 a quarter; bar: aim")
    axes.set_title(title, loc="left")
    return figure


def _growth(rows, title):
    """A curve a series, on scales on which a straight line is a power of n."""
    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplots()
    for series in dict.fromkeys(row["series"] for row in rows):
        points = sorted((row["n"], row["value"]) for row in rows if row["series"] == series)
        axes.plot(*zip(*points, strict=True), "o-", label=series)
    axes.set(xscale="log", yscale="log", xlabel="n", ylabel="seconds")
    for axis in (axes.xaxis, axes.yaxis):
        _plain(axis)
    axes.grid(color="#dddddd")
    axes.set_title(f"{title}: seconds by n", loc="left")
    figure.legend(loc="outside right upper", fontsize=8)
    return figure


def _plain(axis):
    """Number a scale of powers of ten without powers, and between them only where room is left."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    low, high = axis.get_view_interval()
    if high > 20 * low:
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:.1g}"))
