"""Figures of activity scores: as printed, and how far they fell."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lupuscart.figures.panels import (
    check_rows,
    conditioning_beside,
    face,
    key,
    legend_below,
    name_lines,
    panel_axes,
    words_right,
)
from lupuscart.figures.style import Mark, conditioning_mark, theme_colour
from lupuscart.words.labels import outcome_words, points, score_words, statistic_words
from lupuscart.words.lexicon import word, word_for

__all__ = ["plot_changes", "plot_scores"]

CONTINUOUS = "sle_disease_activity_score"  # very probably SLE-DAS: no sum of whole points
SIZES = {True: 10, False: 16}  # of a mark, at baseline or later: not told by colour alone
STATISTIC_SHAPES = {
    "mean": "o",
    "median": "s",
    "individual": "D",
    "minimum": "<",
    "maximum": ">",
    "all_equal": "P",
}


def plot_scores(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw activity scores as printed, one row a cohort, one panel an instrument.

    The shape of a mark tells which statistic it is and the words at the right say it
    again; baseline is drawn small and quiet, follow-up large and strong. A range is a thin
    line. Nothing is joined but two values of one statistic.

    Parameters
    ----------
    table : DataFrame
        One row a printed statistic: ``label``, ``outcome``, ``conditioning``, ``week``,
        ``short_window`` (words), ``statistic``, ``n``, ``value``, ``value_printed``,
        ``spread_kind``, ``spread``, ``read_in``.
    ax : Axes, optional
        Where to draw a table of one instrument; a new figure if not given.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.
    """
    check_rows(table)
    instruments = _by_instrument(table)
    sizes = [rows["label"].nunique() for rows in instruments.values()]
    title = word("figure.scores.title")
    axes = panel_axes(ax, sizes, title)
    for axis, (outcome, rows) in zip(axes, instruments.items(), strict=True):
        _draw_scores(axis, rows)
        axis.set_title(outcome_words(outcome), pad=6).set_in_layout(False)
    _scale_scores(dict(zip(instruments, axes, strict=True)), table)
    legend_below(axes[0].figure, table, columns=2)
    axes[0].figure.legend(
        handles=_statistic_key(table),
        loc="outside lower right",
        ncols=2,
        handletextpad=0.3,
    )
    return axes[0]


def plot_changes(
    table: pd.DataFrame, *, yardstick: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how far scores fell, beside the fall seen in arms without any new drug.

    SLE-DAS is another scale than the SLEDAI family and has a panel of its own, without
    the yardstick, which is a SLEDAI.

    Parameters
    ----------
    table : DataFrame
        One row a change: ``outcome``, ``label``, ``endpoint``, ``short_window`` (words),
        ``change_kind``, ``change`` (points, negative is a fall), ``conditioning``,
        ``read_in``.
    yardstick : DataFrame, optional
        Rows ``label``, ``window``, ``n``, ``value``: drawn as lines across the SLEDAI rows.
    ax : Axes, optional
        Where to draw a table of one panel; a new figure if not given.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.
    """
    check_rows(table)
    continuous = table["outcome"] == CONTINUOUS
    panels = [rows for rows in (table[~continuous], table[continuous]) if len(rows)]
    title = word("figure.changes.title")
    axes = panel_axes(ax, [len(rows) for rows in panels], title)
    for axis, rows in zip(axes, panels, strict=True):
        _draw_changes(axis, rows)
        if rows["outcome"].eq(CONTINUOUS).all():
            name = outcome_words(CONTINUOUS)
            # Wider than its axes, beside which there is room.
            axis.set_title(name, loc="left", pad=6, fontsize=18).set_in_layout(False)
        axis.set_xlim(min(0, table["change"].min()) - 1.5, max(0, table["change"].max()) + 0.5)
    for row in () if yardstick is None or continuous.all() else yardstick.itertuples():
        _draw_yardstick(axes[0], row)
    axes[-1].set_xlabel(word("figure.changes.x"))
    legend_below(axes[0].figure, table)
    return axes[0]


def _scale_scores(axes, table):
    """One scale for the SLEDAI family; SLE-DAS, which is another, has its own."""
    continuous = axes.pop(CONTINUOUS, None)
    if continuous is not None:
        _scale(continuous, table.loc[table["outcome"] == CONTINUOUS, "value"])
        continuous.set_xlabel(word("figure.scores.x_continuous"))
    for axis in axes.values():
        _scale(axis, table.loc[table["outcome"] != CONTINUOUS, "value"])
        axis.tick_params(labelbottom=False)
    if axes:
        lowest = list(axes.values())[-1]
        lowest.tick_params(labelbottom=True)
        lowest.set_xlabel(word("figure.scores.x"))


def _scale(ax, values):
    ax.set_xlim(-0.05 * values.max(), 1.05 * values.max())


def _draw_scores(ax, rows):
    cohorts = list(rows.groupby("label", sort=False))
    for line, (_, cohort) in enumerate(cohorts):
        conditioning_beside(ax, line, cohort["conditioning"].iloc[0])
        _join_scores(ax, line, cohort)
        for row in cohort.itertuples():
            _draw_score(ax, line, row)
        words_right(ax, line, score_words(cohort))
    name_lines(ax, [label for label, _ in cohorts], pad=42)


def _draw_score(ax, line, row):
    colour, size = _time_colour(row), SIZES[_at_baseline(row)]
    if row.spread_kind == "range":
        ax.plot([float(end) for end in row.spread.split("-")], [line, line], color=colour, lw=1.5)
    shape = STATISTIC_SHAPES.get(row.statistic, "X")
    ax.plot(
        row.value,
        line,
        shape,
        color=colour,
        mfc=face(colour, row.read_in),
        ms=size,
        clip_on=False,
        zorder=3,
    )


def _join_scores(ax, line, cohort):
    """Lowest with highest of one time; baseline with follow-up of one statistic."""
    for _, now in cohort.groupby("week", dropna=False, sort=False):
        ends = now.loc[now["statistic"].isin(["minimum", "maximum"]), "value"]
        if len(ends) == 2:
            ax.plot(ends, [line, line], color=_time_colour(now.iloc[0]), lw=1.5)
    for statistic, both in cohort.groupby("statistic", sort=False):
        if len(both) == 2 and statistic not in ("minimum", "maximum"):
            start, end = both["value"]
            arrow = {"arrowstyle": "->", "color": theme_colour("quiet"), "lw": 1.5, "ls": ":"}
            ax.annotate("", (end, line), (start, line), arrowprops=arrow)


def _time_colour(row):
    """Baseline is drawn quiet, follow-up strong."""
    return theme_colour("quiet" if _at_baseline(row) else "ink")


def _at_baseline(row) -> bool:
    return bool(pd.notna(row.week) and row.week == 0)


def _by_instrument(table) -> dict[str, pd.DataFrame]:
    """The rows of each instrument; the continuous score, which is not SLEDAI, last."""
    found = sorted(table["outcome"].unique(), key=lambda outcome: outcome == CONTINUOUS)
    return {outcome: table[table["outcome"] == outcome] for outcome in found}


def _draw_changes(ax, rows):
    for line, row in enumerate(rows.itertuples()):
        mark = conditioning_mark(row.conditioning)
        ax.plot([0, row.change], [line, line], color=mark.colour, linewidth=2)
        ax.plot(row.change, line, mark.shape, color=mark.colour, mfc=face(mark.colour, row.read_in))
        kind = word_for("change_kind", row.change_kind)
        size = word("scores.n_unknown")
        if not pd.isna(row.n):
            size = word("scores.n", n=row.n)
        alone = row.outcome == CONTINUOUS
        text = word(
            "figure.changes.line_alone" if alone else "figure.changes.line",
            value=points(row.change),
            kind=kind,
            size=size,
            **({} if alone else {"endpoint": row.endpoint}),
        )
        words_right(ax, line, text)
    comma = word("clause_separator")
    name_lines(ax, rows["label"] + comma + rows["short_window"], pad=14)


def _draw_yardstick(ax, row):
    ax.axvline(row.value, color=theme_colour("ink"), linestyle="--", linewidth=2)
    lines = [
        word("figure.changes.yardstick", value=points(row.value), study=row.label, n=row.n),
        word("figure.changes.not_compared", window=row.window),
    ]
    ax.annotate(
        "\n".join(lines),
        (row.value, 1),
        xytext=(0, 6),
        xycoords=ax.get_xaxis_transform(),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=18,
        annotation_clip=False,
    )


def _statistic_key(table) -> list[Line2D]:
    ink = theme_colour("ink")
    found = [name for name in STATISTIC_SHAPES if table["statistic"].eq(name).any()]
    keys = [key(Mark(STATISTIC_SHAPES[name], ink, ink), statistic_words(name)) for name in found]
    times = {True: ("quiet", "figure.scores.baseline"), False: ("ink", "figure.scores.follow_up")}
    for at_baseline, (role, code) in times.items():
        mark = Mark("_", theme_colour(role), theme_colour(role))
        keys.append(key(mark, word(code)))
        keys[-1].set_markersize(SIZES[at_baseline])
    return keys
