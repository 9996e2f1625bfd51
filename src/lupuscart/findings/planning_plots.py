"""Figures of causes and plans: what the cells add, and what a next trial could show."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lupuscart.figures.panels import check_rows, first_panels, key, one_axes, wrapped
from lupuscart.figures.style import Mark, new_figure, theme_colour
from lupuscart.words.labels import percent
from lupuscart.words.lexicon import level_words, word

__all__ = ["plot_assurance", "plot_power_map", "plot_tipping"]

HALF_MARK = 0.013  # how far a benchmark's mark reaches on an axis of rates as wide as the slide

# Only a benchmark of the same endpoint and window is filled; one of another endpoint is a square.
_RELATIONS = {"same": ("o", True), "other_window": ("o", False), "other_endpoint": ("s", False)}


def plot_tipping(table: pd.DataFrame, benchmarks: pd.DataFrame, *, interval: str) -> Axes:
    """Draw what the cells would add against what chemotherapy alone is assumed to do.

    The first two trials are drawn, and how many more there are is said.

    Parameters
    ----------
    table : DataFrame
        One row a trial and assumed rate: ``label`` (the panel), ``background_rate``,
        ``increment``, ``low``, ``high`` (0 to 1, negative too) and ``tipping``.
    benchmarks : DataFrame
        One row a panel and benchmark: ``label``, ``number``, ``rate``, ``low``, ``high`` (0 to 1),
        ``relation`` (``same``, ``other_window``, ``other_endpoint``), ``enters`` (whether
        this trial calls for it; all panels show it if one does) and ``words``, what the
        number stands for.
    interval : str
        The label of the interval.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.
    """
    panels, note = first_panels(table)
    marked = _called_for(benchmarks, panels)
    figure = new_figure()
    figure.suptitle(word("figure.tipping.title"), x=0.01, ha="left")
    reach = HALF_MARK * len(panels)
    marks = [_in_lines(marked[marked["label"] == label], reach) for label in panels]
    lines = 1 + max(pd.concat(marks)["line"], default=0)
    options = {"sharex": "col", "sharey": "row", "squeeze": False}
    axes, strips = figure.subplots(
        2, len(panels), height_ratios=[max(9 - lines, 3), lines], **options
    )
    for axis, strip, (label, rows), each in zip(axes, strips, panels.items(), marks, strict=True):
        _mark_benchmarks(strip, each, lines)
        _draw_tipping(axis, strip, rows)
        axis.set_title(f"{label}\n{interval}", fontsize=19)
        strip.set_xlabel(word("figure.tipping.x"), fontsize=19)
    axes[0].set_ylim(min(-60, 100 * min(rows["low"].min() for rows in panels.values())), 100)
    added = wrapped(word("figure.tipping.y"), width=15)
    axes[0].set_ylabel(added, fontsize=19)
    elsewhere = wrapped(word("figure.tipping.strip"), width=9)
    strips[0].set_ylabel(elsewhere, fontsize=18)
    # Close together: a strip has the axis of the panel over it.
    figure.get_layout_engine().set(hspace=0)
    _benchmark_legend(figure, marked, note)
    return axes[0]


def plot_power_map(
    table: pd.DataFrame, *, levels=(0.8, 0.9), subtitle: str = "", ax: Axes | None = None
) -> Axes:
    """Draw power over the control rate and the patients in an arm.

    Parameters
    ----------
    table : DataFrame
        Columns ``n2`` (patients in the control arm), ``p2`` (control rate) and ``power``;
        every combination once.
    levels : sequence of float
        Powers drawn as lines, so that nothing is told by colour alone.
    subtitle : str
        What is held fixed: the treated rate, the test, its level, the allocation.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Patients an arm across, control rates upward.
    """
    check_rows(table)
    ax = ax or one_axes(word("figure.power.title"))
    grid = table.pivot_table("power", "p2", "n2").sort_index(ascending=False)
    sizes, rates = list(grid.columns), list(grid.index)
    cells = ax.pcolormesh(grid.to_numpy(), cmap="cividis", vmin=0, vmax=1, rasterized=True)
    ax.set(xlim=(0, len(sizes)), ylim=(len(rates), 0))
    ax.spines[:].set_visible(False)
    label = word("figure.power.colour")
    bar = ax.figure.colorbar(cells, ax=ax, label=label, format="{x:.1f}")
    bar.outline.set_linewidth(0)
    lines = ax.contour(
        [column + 0.5 for column in range(len(sizes))],
        [line + 0.5 for line in range(len(rates))],
        grid.to_numpy(),
        levels=list(levels),
        # Dark on the light end of the colours, in either theme.
        colors=["#1A1A1A"],
        linewidths=3,
    )
    ax.clabel(lines, fmt=lambda level: level_words(level), fontsize=18)
    across, upward = range(0, len(sizes), 5), range(0, len(rates), 5)
    ax.set_xticks([column + 0.5 for column in across], [sizes[column] for column in across])
    shown = [percent(rates[line]) for line in upward]
    ax.set_yticks([line + 0.5 for line in upward], shown, va="center")
    ax.set_xlabel(word("figure.power.x"))
    ax.set_ylabel(word("figure.power.y"))
    ax.grid(False)
    ax.set_title(subtitle, fontsize=19)
    return ax


def plot_assurance(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw power on fixed rates and assurance on uncertain ones against patients an arm.

    Parameters
    ----------
    table : DataFrame
        Columns ``n`` (patients an arm), ``assumption`` (words: one line each) and
        ``probability``.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One line an assumption.
    """
    check_rows(table)
    ax = ax or one_axes(word("figure.assurance.title"))
    styles = ["-", "--", "-.", ":"]
    shapes = ["o", "s", "^", "D"]
    for place, (name, rows) in enumerate(table.groupby("assumption", sort=False)):
        ax.plot(
            rows["n"],
            100 * rows["probability"],
            linestyle=styles[place % 4],
            marker=shapes[place % 4],
            markevery=5,
            color=theme_colour("ink" if place == 0 else "strong"),
            label=name,
        )
    ax.set_xlim(table["n"].min() - 1, table["n"].max() + 1)
    ax.set_ylim(0, 100)
    ax.grid(True, axis="y")
    ax.set_xlabel(word("figure.assurance.x"))
    ax.set_ylabel(word("figure.assurance.y"))
    ax.figure.legend(loc="outside lower left", ncols=2)
    return ax


def _called_for(benchmarks, labels):
    """The rows of some trials; a benchmark that none of them calls for is left to the table."""
    rows = benchmarks[benchmarks["label"].isin(labels)]
    return rows[rows["number"].isin(rows.loc[rows["enters"], "number"])]


def _draw_tipping(ax, strip, rows):
    c, strong, ink = 100 * rows["background_rate"], theme_colour("strong"), theme_colour("ink")
    ax.fill_between(c, 100 * rows["low"], 100 * rows["high"], color=strong, alpha=0.25, lw=0)
    for end in ("low", "high"):
        ax.plot(c, 100 * rows[end], color=strong, linewidth=1.5)
    ax.plot(c, 100 * rows["increment"], color=strong, linewidth=4)
    ax.axhline(0, color=ink, linewidth=2)
    tipping = rows["tipping"].iloc[0]
    for each in (ax, strip):
        each.axvline(100 * tipping, color=ink, linestyle="--", linewidth=2)
    text = word("figure.tipping.tips", rate=percent(tipping))
    place = (100 * tipping, 0.9)
    ax.annotate(
        text,
        place,
        xycoords=ax.get_xaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=18,
    )
    ax.set_xlim(0, 100)
    ax.set_yticks([-50, 0, 50, 100])
    ax.tick_params(bottom=False)


def _in_lines(benchmarks, reach):
    """Add the line on which each benchmark of a panel stands: the first where it has room."""
    ordered = benchmarks.sort_values("rate")
    ends, lines = [], []
    for rate, low, high in zip(ordered["rate"], ordered["low"], ordered["high"], strict=True):
        start, end = np.fmin(low, rate - reach), np.fmax(high, rate + reach)
        line = next((line for line, taken in enumerate(ends) if taken < start), len(ends))
        ends[line : line + 1] = [end]  # of a line that is there, or of one more
        lines.append(line)
    return ordered.assign(line=lines)


def _mark_benchmarks(ax, benchmarks, lines):
    """A numbered mark a benchmark, in a strip of its own over the axis of assumed rates."""
    paper, ink = theme_colour("paper"), theme_colour("ink")
    for row in benchmarks.itertuples():
        rate, y = 100 * row.rate, row.line
        shape, filled = _RELATIONS[row.relation]
        ax.plot([100 * row.low, 100 * row.high], [y, y], color=ink, linewidth=1.5)
        size = 22 if row.number < 10 else 28
        ax.plot(rate, y, shape, color=ink, mfc=ink if filled else paper, ms=size, mew=2, zorder=4)
        colour = paper if filled else ink
        ax.text(rate, y, row.number, color=colour, ha="center", va="center", fontsize=18, zorder=5)
    ax.set_ylim(lines - 0.4, -0.6)
    ax.set_yticks([])


def _benchmark_legend(figure, benchmarks, note):
    paper, ink = theme_colour("paper"), theme_colour("ink")
    handles = []
    for relation in [name for name in _RELATIONS if benchmarks["relation"].eq(name).any()]:
        shape, filled = _RELATIONS[relation]
        handle = key(Mark(shape, ink, ink), word(f"relation.{relation}"))
        handle.set_markerfacecolor(ink if filled else paper)
        handles.append(handle)
    bars = word("figure.tipping.bars")
    handles.append(Line2D([], [], color=ink, linewidth=1.5, label=bars))
    numbered = benchmarks.drop_duplicates("number").sort_values("number")
    # As many letters as stand on a slide.
    lines = [f"{row.number}  {row.words}" for row in numbered.itertuples()] + [note] * bool(note)
    text = "\n".join(wrapped(line, width=116, indent=4) for line in lines)
    figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=3,
        title=text,
        title_fontsize=18,
        alignment="left",
    )
