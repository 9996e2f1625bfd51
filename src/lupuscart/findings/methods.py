"""What a handful of patients can tell: intervals by method, and what they cover."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
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
from lupuscart.findings.finding import Finding
from lupuscart.findings.phrases import named, which_are_drawn
from lupuscart.stats.coverage import coverage_probability
from lupuscart.stats.proportion import METHODS, response_proportions
from lupuscart.words.labels import (
    coverage_words,
    hundredths,
    limit_words,
    percent,
)
from lupuscart.words.lexicon import join, level_words, word, word_for

__all__ = [
    "coverage",
    "coverage_headline",
    "coverage_sentences",
    "interval_sentences",
    "intervals",
    "methods_headline",
    "plot_coverage",
    "plot_methods",
]


def intervals(kept: pd.DataFrame, *, confidence_level: float) -> Finding:
    """Return the figure of one count's intervals by every method.

    Parameters
    ----------
    kept : DataFrame
        Counts with the facts of their studies; ``label`` names the count.
    confidence_level : float
        Of every interval.
    """
    level = {"confidence_level": confidence_level}
    rates = pd.concat(
        response_proportions(kept, method=method, **level).assign(method=method)
        for method in METHODS
    )
    rates = rates.sort_index(kind="stable")
    shown = rates[["label", "events", "n", "rate", "method", "low", "high"]]
    return Finding(
        "methods",
        shown,
        methods_headline(rates, **level),
        interval_sentences(rates),
        draw=lambda: plot_methods(rates, **level),
        rows=[kept],
        table=shown,
    )


def coverage(sizes: Sequence[int], methods: Sequence[str], *, confidence_level: float) -> Finding:
    """Return the figure of what each method covers, over a grid of true rates.

    Parameters
    ----------
    sizes : sequence of int
        Sizes of a cohort.
    methods : sequence of str
        As for `lupuscart.stats.proportion.proportion_ci`.
    confidence_level : float
        The level that the intervals claim.

    Returns
    -------
    Finding
        Its table: the lowest and the mean coverage of each, in words.
    """
    p = np.linspace(0.0005, 0.9995, 1999)
    level = {"confidence_level": confidence_level}
    cover = pd.concat(
        pd.DataFrame({"n": n, "method": method, "p": p}).assign(
            coverage=coverage_probability(n, p, method=method, **level)
        )
        for n in sizes
        for method in methods
    )
    groups = cover.groupby(["method", "n"], sort=False)["coverage"]
    lowest = groups.agg(lowest="min", average="mean").map(coverage_words)
    return Finding(
        "coverage",
        cover,
        coverage_headline(cover, **level),
        coverage_sentences(cover),
        draw=lambda: plot_coverage(cover, **level),
        table=lowest.reset_index(names=["method", "cohort_size"]),
    )


def methods_headline(table: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how far the choice of the method alone moves a limit of the smallest count.

    It is the lower limit, and the upper one of a count of zero. Wald stands apart: it has no
    width where it is needed most, and the headline says where that is so.

    Parameters
    ----------
    table : DataFrame
        One row a count and method: ``label``, ``cohort``, ``events``, ``n``, ``method``,
        ``low``, ``high``, ``read_in``.
    confidence_level : float
        Of the intervals.

    Examples
    --------
    >>> table = pd.DataFrame({"label": "B 2025", "cohort": "all", "events": 5, "n": 5,
    ...     "method": ["clopper-pearson", "jeffreys", "wald"], "low": [0.478, 0.621, 1],
    ...     "high": 1, "read_in": "primary"})
    >>> print(methods_headline(table, confidence_level=0.95))  # doctest: +NORMALIZE_WHITESPACE
    5 of 5 (B 2025): lower end of a two-sided 95 % interval 48 to 62 %, by method;
    Wald breaks down
    """
    rows = table[table["method"] != "wald"].sort_values("n", kind="stable")
    check_rows(rows)
    count = rows[rows["label"] == rows["label"].iloc[0]]
    first = count.iloc[0]
    end = "low" if first.events else "high"
    wald = table[(table["method"] == "wald") & (table["label"] == first.label)]
    return word(
        f"headline.methods_{end}",
        study=named(first),
        k=first.events,
        n=first.n,
        level=level_words(confidence_level),
        lowest=hundredths(count[end].min()),
        highest=percent(count[end].max()),
        wald=_wald(wald),
    )


def _wald(rows):
    """What becomes of Wald's interval, which has no width for an empty or full cohort."""
    if rows.empty:
        return ""
    breaks = rows["low"].eq(rows["high"]).any()
    return word("headline.wald_breaks" if breaks else "headline.wald_apart")


def coverage_headline(table: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how low the two worst methods fall, and which keep the level for every true rate.

    Parameters
    ----------
    table : DataFrame
        Columns ``method``, ``n``, ``coverage`` (0 to 1), over a grid of true rates.
    confidence_level : float
        The level claimed.

    Examples
    --------
    >>> table = pd.DataFrame({"method": ["clopper-pearson", "wilson", "wald"], "n": 5,
    ...                       "coverage": [0.975, 0.833, 0.002]})
    >>> print(coverage_headline(table, confidence_level=0.95))  # doctest: +NORMALIZE_WHITESPACE
    Wilson covers as little as 83 % (n = 5), Wald nearly 0 % (n = 5);
    Clopper-Pearson at least 95 %
    """
    check_rows(table)
    places = table.reset_index(drop=True).groupby("method", sort=False)["coverage"].idxmin()
    lowest = table.iloc[places]
    # A coverage of exactly the level is not short of it for a rounding of the last digit.
    keeps = lowest["coverage"] >= confidence_level - 1e-9
    worst = lowest[~keeps].sort_values("coverage", ascending=False).tail(2)
    falls = [_falls_to(row) for row in worst.itertuples()]
    parts = [join(falls)] if falls else []
    if keeps.any():
        names = [word(f"method.{method}") for method in lowest["method"][keeps]]
        level = level_words(confidence_level)
        kept = join(names)
        parts.append(word("headline.kept", level=level, methods=kept))
    return word("pair_separator").join(parts)


def _falls_to(row):
    """How low a method falls, rounded down; below 1 % only the grid decides how near to 0."""
    method = word(f"method.{row.method}")
    said = {"method": method, "n": row.n}
    if row.coverage < 0.01:
        zero = percent(0)
        return word("headline.falls_to_nothing", zero=zero, **said)
    lowest = percent(math.floor(100 * row.coverage) / 100)
    return word("headline.falls_to", lowest=lowest, **said)


def interval_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence a method and count: its interval.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``method``, ``low``, ``high``.
    """
    return which_are_drawn(table) + [
        word(
            "sentence.interval",
            study=row.label,
            method=word_for("method", row.method),
            low=percent(row.low),
            high=percent(row.high),
        )
        for row in table.itertuples()
    ]


def coverage_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence a method and size of cohort: the lowest coverage on the grid.

    Parameters
    ----------
    table : DataFrame
        Columns ``method``, ``n``, ``coverage``.
    """
    lowest = table.groupby(["method", "n"], sort=False)["coverage"].min()
    return [
        word(
            "sentence.coverage",
            method=word_for("method", method),
            n=n,
            lowest=coverage_words(coverage),
        )
        for (method, n), coverage in lowest.items()
    ]


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
