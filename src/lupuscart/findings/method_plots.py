"""Figures of methods: what each interval says of the same counts, and what it covers."""

import itertools

import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import (
    check_rows,
    first_panels,
    margin_columns,
    name_lines,
    panel_axes,
)
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.words.labels import limit_words
from lupuscart.words.lexicon import level_words, word, word_for

__all__ = ["plot_coverage", "plot_methods"]


def plot_methods(table: pd.DataFrame, *, confidence_level: float, ax: Axes | None = None) -> Axes:
    """Draw the intervals of several methods for the same counts, one panel a count.

    The first two panels are drawn, and how many more there are is said.

    Parameters
    ----------
    table : DataFrame
        Columns ``label`` (the panel), ``method``, ``events``, ``n``, ``rate``, ``low``,
        ``high`` (0 to 1).
    confidence_level : float
        Of all intervals.
    ax : Axes, optional
        Where to draw a table of one panel; a new figure if not given.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.
    """
    panels, note = first_panels(table)
    title = word("figure.methods.title")
    axes = panel_axes(ax, [len(rows) for rows in panels.values()], title)
    strong = theme_colour("strong")
    for axis, (label, rows) in zip(axes, panels.items(), strict=True):
        for line, row in enumerate(rows.itertuples()):
            axis.plot([100 * row.low, 100 * row.high], [line, line], "|-", color=strong, ms=16)
        axis.axvline(100 * rows["rate"].iloc[0], color=theme_colour("ink"), linestyle=":", lw=2)
        names = [word_for("method", name) for name in rows["method"]]
        name_lines(axis, names, pad=14)
        axis.set_xlim(0, 100)
        axis.tick_params(labelbottom=axis is axes[-1])
        axis.set_title(label)
    margin_columns(axes, [[limit_words(rows) for rows in panels.values()]])
    level = level_words(confidence_level)
    below = word("figure.methods.x", level=level)
    axes[-1].set_xlabel(f"{below}\n{note}".strip())
    return axes[0]


def plot_coverage(table: pd.DataFrame, *, confidence_level: float) -> Axes:
    """Draw what each method's interval really covers, one panel a size of cohort.

    Parameters
    ----------
    table : DataFrame
        Columns ``n``, ``method``, ``p`` and ``coverage`` (0 to 1).
    confidence_level : float
        The level the methods claim; drawn as a line.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.
    """
    check_rows(table)
    figure = new_figure()
    figure.suptitle(word("figure.coverage.title"), x=0.01, ha="left")
    sizes = list(dict.fromkeys(table["n"]))
    methods = list(dict.fromkeys(table["method"]))
    axes = figure.subplots(len(methods), len(sizes), sharex=True, sharey=True, squeeze=False)
    for (line, method), (column, n) in itertools.product(enumerate(methods), enumerate(sizes)):
        rows = table[(table["method"] == method) & (table["n"] == n)]
        axis = axes[line, column]
        axis.plot(100 * rows["p"], 100 * rows["coverage"], color=theme_colour("strong"), lw=2)
        axis.axhline(100 * confidence_level, color=theme_colour("ink"), linestyle="--", lw=2)
        axis.set_ylim(60, 101)
        axis.set_yticks([60, 80, 100])
        axis.set_xlim(0, 100)
        name = word_for("method", method)
        axis.set_title(f"{name}, n = {n}", fontsize=19)
    figure.supxlabel(word("figure.coverage.x"), fontsize=20)
    figure.supylabel(word("figure.coverage.y"), fontsize=20)
    return axes[0, 0]
