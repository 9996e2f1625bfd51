"""Cells or chemotherapy: the rate without the cells at which an added effect is not shown."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lupuscart.evidence.benchmarks import benchmark_marks, tipping_table
from lupuscart.figures.panels import (
    check_rows,
    first_panels,
    key,
    wrapped,
)
from lupuscart.figures.style import Mark, new_figure, theme_colour
from lupuscart.findings.finding import Finding
from lupuscart.findings.phrases import named, which_are_drawn
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import (
    count_labels,
    percent,
)
from lupuscart.words.lexicon import word

__all__ = [
    "plot_tipping",
    "tipping",
    "tipping_headline",
    "tipping_sentences",
]

HALF_MARK = 0.013  # how far a benchmark's mark reaches on an axis of rates as wide as the slide


# Only a benchmark of the same endpoint and window is filled; one of another endpoint is a square.
_RELATIONS = {"same": ("o", True), "other_window": ("o", False), "other_endpoint": ("s", False)}


def tipping(
    kept: pd.DataFrame, chosen: pd.DataFrame, *, confidence_level: float, method: str
) -> Finding:
    """Return what the cells would add at every rate without them, the benchmarks beside it.

    Parameters
    ----------
    kept : DataFrame
        One count a study with the facts of its study, labelled.
    chosen : DataFrame
        From `lupuscart.evidence.benchmarks.choose_benchmarks`, labelled, with ``words``.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.
    """
    level = {"confidence_level": confidence_level, "method": method}
    named = kept.assign(label=count_labels(kept))
    curve = tipping_table(named, np.linspace(0, 1, 201), **level)
    marks = benchmark_marks(named, chosen)
    interval = ci_label(**level)
    tips = kept.assign(tipping=curve.drop_duplicates("label")["tipping"].to_numpy())
    return Finding(
        "tipping",
        curve,
        tipping_headline(tips),
        tipping_sentences(curve, marks, interval=interval),
        draw=lambda: plot_tipping(curve, marks, interval=interval),
        rows=[kept, chosen],
        table=chosen[["number", "words", "rate", "low", "high"]],
    )


def tipping_headline(table: pd.DataFrame) -> str:
    """Say from which assumed rate on an added effect is not shown.

    Parameters
    ----------
    table : DataFrame
        One row a count: ``label``, ``cohort``, ``tipping`` (0 to 1), ``read_in``.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "cohort": "all",
    ...                       "tipping": [0.519, 0.478], "read_in": "primary"})
    >>> print(tipping_headline(table))  # doctest: +NORMALIZE_WHITESPACE
    If 48 % (B 2025) or 52 % (A 2025) or more responded without cells,
    an added effect is not shown
    """
    check_rows(table)
    ordered = table.sort_values("tipping", kind="stable")
    ends = [ordered.iloc[0], ordered.iloc[-1]][: len(ordered)]
    rates = [word("in_brackets", text=percent(row.tipping), inside=named(row)) for row in ends]
    code = {1: "headline.tipping_one", 2: "headline.tipping_two"}.get(len(ordered))
    return word(
        code or "headline.tipping_many", lowest=rates[0], highest=rates[-1], rows=len(ordered)
    )


def tipping_sentences(table: pd.DataFrame, marks: pd.DataFrame, *, interval: str) -> list[str]:
    """Return a sentence a trial, where the added effect tips, and one a benchmark beside it.

    Parameters
    ----------
    table : DataFrame
        Columns ``label`` and ``tipping`` (0 to 1).
    marks : DataFrame
        Columns ``label``, ``number``, ``rate`` (0 to 1), ``relation``, ``words``.
    interval : str
        The label of the interval, from `proportions.ci_label`.
    """
    tips = [
        word("sentence.tipping", study=row.label, rate=percent(row.tipping), interval=interval)
        for row in table.drop_duplicates("label").itertuples()
    ]
    return (
        which_are_drawn(table)
        + tips
        + [
            word(
                "sentence.benchmark",
                study=row.label,
                number=row.number,
                words=row.words,
                rate=percent(row.rate),
                relation=word(f"relation.{row.relation}"),
            )
            for row in marks.itertuples()
        ]
    )


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
