"""What a handful of patients can tell: intervals by method, and what they cover."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lupuscart.figures.panels import (
    check_rows,
    first_panels,
    key,
    legend_below,
)
from lupuscart.figures.rows import columns_beside, name_lines
from lupuscart.figures.style import Mark, new_figure, theme_colour
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.phrases import named, which_are_drawn
from lupuscart.reporting.tables import p_words
from lupuscart.stats.coverage import coverage_probability
from lupuscart.stats.paired import smallest_sign_p
from lupuscart.stats.proportion import METHODS, proportion_ci, response_proportions
from lupuscart.words.labels import (
    coverage_words,
    hundredths,
    percent,
    percent_range,
)
from lupuscart.words.lexicon import join, level_words, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

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

# So many counts are named one by one; of more, the smallest and the largest.
_NAMED = 4

# A smallest p below this limits no conclusion.
_TOLD_P = 0.001


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
        draw=partial(plot_methods, rates, **level),
        rows=[kept],
        table=shown,
        answer=_answer(rates, **level),
        supports=_supports(rates, **level),
        does_not_support=_does_not_support(rates, **level),
    )


def _smallest(rates):
    """The rows of the smallest count, by every method but Wald's, and the end that moves."""
    rows = rates[rates["method"] != "wald"].sort_values("n", kind="stable")
    check_rows(rows)
    count = rows[rows["label"] == rows["label"].iloc[0]]
    return count, "low" if count["events"].iloc[0] else "high"


def _moved(rates, confidence_level):
    """What the smallest count is, and how far the method alone moves the limit of its interval."""
    count, end = _smallest(rates)
    first, ordered = count.iloc[0], count.sort_values(end, kind="stable")
    ends = [ordered.iloc[0], ordered.iloc[-1]]
    lowest, highest = (percent(row[end]) for row in ends)
    by = [word_for("method", row["method"]) for row in ends]
    return {
        "study": named(first),
        "k": first.events,
        "n": first.n,
        "end": word(f"methods.end_{end}"),
        "level": level_words(confidence_level),
        "lowest": word("in_brackets", text=lowest, inside=by[0]),
        "highest": word("in_brackets", text=highest, inside=by[1]),
    }


def _answer(rates, *, confidence_level):
    moved = _moved(rates, confidence_level)
    count, end = _smallest(rates)
    first = count.iloc[0]
    # One patient the other way: a responder less, or, if there was none, one more.
    other = first.events - 1 if first.events else 1
    low, high = proportion_ci(other, first.n, confidence_level=confidence_level)
    limit = percent(low if end == "low" else high)
    # The sign test of so many patients, all of whom got better.
    p = float(smallest_sign_p(int(first.n)))
    return [
        word("methods.answer", **moved),
        word("methods.one_patient", **{**moved, "k": other, "limit": limit}),
        *([word("methods.smallest_p", n=first.n, p=p_words(p))] if _TOLD_P <= p < 1 else []),
    ]


def _supports(rates, *, confidence_level):
    exact = rates[rates["method"] == "clopper-pearson"].sort_values("n", kind="stable")
    return [
        word(
            "methods.supports",
            study=row.label,
            k=row.events,
            n=row.n,
            low=percent(row.low),
            high=percent(row.high),
            level=level_words(confidence_level),
        )
        for row in (exact if len(exact) <= _NAMED else exact.iloc[[0, -1]]).itertuples()
    ]


def _does_not_support(rates, *, confidence_level):
    wald = rates[(rates["method"] == "wald") & rates["low"].eq(rates["high"])]
    counts = join(
        f"{row.events}/{row.n}" for row in wald.drop_duplicates(["events", "n"]).itertuples()
    )
    return [
        word("methods.against.choice"),
        word("methods.against.cause"),
        *([word("methods.against.wald", counts=counts)] if counts else []),
    ]


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
    lowest = _lowest_and_mean(cover).set_index(["method", "n"]).map(coverage_words)
    return Finding(
        "coverage",
        cover,
        coverage_headline(cover, **level),
        coverage_sentences(cover),
        draw=partial(plot_coverage, cover, **level),
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
    5 of 5 (B 2025): lower 95 % limit 48 to 62 %, by method; Wald: zero width
    """
    count, end = _smallest(table)
    first = count.iloc[0]
    wald = table[(table["method"] == "wald") & (table["label"] == first.label)]
    counted = word("cond.of", k=first.events, n=first.n)
    gaps = {
        "level": level_words(confidence_level),
        "lowest": hundredths(count[end].min()),
        "highest": percent(count[end].max()),
        "wald": _wald(wald),
    }
    named_count = word("in_brackets", text=counted, inside=named(first))
    return first_that_fits(
        *(word(f"headline.methods_{end}", count=each, **gaps) for each in (named_count, counted))
    )


def _wald(rows):
    """What becomes of Wald's interval, which has no width for an empty or full cohort."""
    if rows.empty:
        return ""
    breaks = rows["low"].eq(rows["high"]).any()
    return word("headline.wald_breaks" if breaks else "headline.wald_apart")


def coverage_headline(table: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how low the coverage of the two worst methods falls, at the smallest size of cohort.

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
    >>> print(coverage_headline(table, confidence_level=0.95))
    At n = 5, coverage of 95 % intervals falls as low as 83 % (Wilson), nearly 0 % (Wald)
    """
    check_rows(table)
    smallest = table[table["n"] == table["n"].min()]
    lowest = _lowest_and_mean(smallest).set_index("method")["lowest"]
    # A coverage of exactly the level is not short of it for a rounding of the last digit.
    short = lowest[lowest < confidence_level - 1e-9].sort_values(ascending=False).tail(2)
    gaps = {"level": level_words(confidence_level), "n": smallest["n"].iloc[0]}
    if short.empty:
        return word("headline.all_kept", **gaps)
    falls = join(_falls_to(method, coverage) for method, coverage in short.items())
    return word("headline.coverage_falls", falls=falls, **gaps)


def _falls_to(method, coverage):
    """How low a method falls, rounded down."""
    name = word(f"method.{method}")
    if coverage < 0.01:
        return word("headline.falls_to_nothing", method=name, zero=percent(0))
    lowest = percent(math.floor(100 * coverage) / 100)
    return word("headline.falls_to", method=name, lowest=lowest)


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
    lowest = _lowest_and_mean(table).set_index(["method", "n"])["lowest"]
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

    The first two panels are drawn, and how many more there are is said. An interval without
    width, as Wald's of a full cohort, is a hollow mark and said in words.

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
    if ax is not None and len(panels) > 1:
        raise ValueError(
            f"ax is given and the table has {len(panels)} panels; allowed: one panel in an ax"
        )
    axes = [ax] if ax is not None else _stacked([len(rows) for rows in panels.values()])
    low, high = _reach(pd.concat(panels.values()))
    for axis, (label, rows) in zip(axes, panels.items(), strict=True):
        for line, row in enumerate(rows.itertuples()):
            _draw_interval(axis, line, row)
        axis.axvline(100 * rows["rate"].iloc[0], color=theme_colour("ink"), linestyle=":", lw=2)
        name_lines(axis, [word_for("method", name) for name in rows["method"]])
        axis.set_xlim(low, high)
        axis.set_xticks(range(low, high + 1, 10 if high - low <= 60 else 20))
        axis.tick_params(labelbottom=axis is axes[-1])
        count = f"{rows['events'].iloc[0]}/{rows['n'].iloc[0]}"
        axis.set_title(word("clause_separator").join([label, count]))
    limits = [[_limits(row) for row in rows.itertuples()] for rows in panels.values()]
    level = level_words(confidence_level)
    columns_beside(axes, [limits], [word("figure.head.interval", level=level)])
    axes[-1].set_xlabel("\n".join([word("figure.methods.x"), *([note] if note else [])]))
    return axes[0]


def _stacked(sizes):
    figure = new_figure()
    return list(figure.subplots(len(sizes), height_ratios=sizes, squeeze=False)[:, 0])


def _reach(rows):
    """The part of 0 to 100 % that the intervals take, in steps of 20."""
    low = 20 * math.floor(5 * rows["low"].min())
    return min(low, 80), max(20 * math.ceil(5 * rows["high"].max()), 20)


def _draw_interval(axis, line, row):
    strong, paper = theme_colour("strong"), theme_colour("paper")
    if row.low == row.high:
        hollow = {"color": strong, "markerfacecolor": paper, "clip_on": False, "zorder": 4}
        axis.plot(100 * row.low, line, "D", ms=13, **hollow)
        return
    # Not an error bar about the rate: a credible interval need not contain it.
    ends, at = [100 * row.low, 100 * row.high], [line, line]
    axis.plot(ends, at, "|-", color=strong, ms=16, solid_capstyle="butt", clip_on=False)


def _limits(row):
    text = percent_range(row.low, row.high)
    return word("figure.methods.no_width", limits=text) if row.low == row.high else text


def plot_coverage(table: pd.DataFrame, *, confidence_level: float, ax: Axes | None = None) -> Axes:
    """Draw for each method a line from its lowest to its mean coverage, a size of cohort beside
    the other.

    Parameters
    ----------
    table : DataFrame
        Columns ``n``, ``method``, ``p`` and ``coverage`` (0 to 1).
    confidence_level : float
        The level the methods claim; drawn as a rule.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        A line of the figure a method and size; a lowest coverage left of the axis, as Wald's,
        has an arrow at the edge.
    """
    check_rows(table)
    ax = ax or new_figure().add_subplot()
    rows = _lowest_and_mean(table)
    edge = _left_edge(rows, confidence_level)
    sizes = list(dict.fromkeys(rows["n"]))
    shapes = dict(zip(sizes, itertools.cycle("osDv^"), strict=False))
    colours = dict(zip(sizes, itertools.cycle(["strong", "quiet"]), strict=False))
    # An arrow at the edge is half as wide as this.
    name_lines(ax, _coverage_names(rows), pad=22)
    for line, row in enumerate(rows.itertuples()):
        colour = theme_colour(colours[row.n])
        _draw_coverage(ax, line, row, shapes[row.n], colour, edge)
    ax.axvline(100 * confidence_level, color=theme_colour("ink"), linestyle="--", lw=2)
    ax.set_xlim(edge, 100)
    ax.set_xticks(range(edge, 101, 5 if edge >= 60 else 10))
    ax.set_xlabel(word("figure.coverage.x", level=level_words(confidence_level)))
    lowest = [coverage_words(value) for value in rows["lowest"]]
    means = [coverage_words(value) for value in rows["average"]]
    heads = [word("figure.head.lowest"), word("figure.head.mean")]
    columns_beside([ax], [[lowest], [means]], heads)
    _coverage_legend(ax.figure, sizes, shapes, colours)
    return ax


def _lowest_and_mean(table):
    """Lowest and mean coverage of each method and size.

    Wald's tends to 0 as the true rate tends to 0 or 1, whatever the size: a grid would decide it.
    """
    groups = table.groupby(["method", "n"], sort=False)["coverage"]
    rows = groups.agg(lowest="min", average="mean").reset_index()
    rows["lowest"] = rows["lowest"].mask(rows["method"].eq("wald"), 0.0)
    order = {method: place for place, method in enumerate(dict.fromkeys(table["method"]))}
    return rows.sort_values("method", key=lambda names: names.map(order), kind="stable")


def _left_edge(rows, confidence_level):
    """Where the axis begins: at the lowest coverage of the methods that do not fail."""
    holding = rows.loc[rows["method"] != "wald", "lowest"]
    lowest = min([*holding, confidence_level])
    return max(0, 10 * math.floor(10 * lowest))


def _coverage_names(rows):
    """The name of a method at its first line only."""
    again = rows["method"].eq(rows["method"].shift())
    names = [word_for("method", method) for method in rows["method"]]
    return ["" if seen else name for seen, name in zip(again, names, strict=True)]


def _draw_coverage(ax, line, row, shape, colour, edge):
    low, mean = 100 * row.lowest, 100 * row.average
    start = max(low, edge)
    if mean > edge:
        ax.plot([start, mean], [line, line], color=colour)
        ax.plot(mean, line, shape, color=colour, clip_on=False, zorder=3)
    # Beyond the edge of the axis an arrow says so, and the column at the right how far.
    end = {"marker": "<", "ms": 13} if low < edge else {"marker": "|", "ms": 16}
    ax.plot(start, line, color=colour, clip_on=False, zorder=3, **end)


def _coverage_legend(figure, sizes, shapes, colours):
    handles = [
        key(Mark(shapes[n], *[theme_colour(colours[n])] * 2), word("figure.coverage.size", n=n))
        for n in sizes
    ]
    legend_below(figure, more=handles)
