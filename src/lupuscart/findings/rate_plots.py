"""Figures of rates: responders or patients with an event, with their intervals."""

import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import (
    check_rows,
    face,
    key,
    legend_below,
    margin_columns,
    name_lines,
    one_axes,
    panel_axes,
)
from lupuscart.figures.style import Mark, conditioning_mark, theme_colour
from lupuscart.words.labels import count_words, limit_words, percent
from lupuscart.words.lexicon import word

__all__ = [
    "draw_rates",
    "plot_endpoints",
    "plot_events",
    "plot_response",
    "plot_zero_events",
    "rate_names",
]


def plot_response(table: pd.DataFrame, *, interval: str, ax: Axes | None = None) -> Axes:
    """Draw responders of evaluable with their intervals, one row a reported outcome.

    What is no response endpoint stands in a panel of its own.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint``, ``window`` (words), ``is_response``,
        ``events``, ``n``, ``n_treated`` (of the report), ``rate``, ``low``, ``high`` (0 to 1),
        ``conditioning``, ``read_in``.
    interval : str
        The label of the interval, from `proportions.ci_label`.
    ax : Axes, optional
        Where to draw a table of one panel; a new figure if not given.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.

    Raises
    ------
    ValueError
        If the table is empty, or has several panels and `ax` is given.
    """
    panels = _response_panels(table)
    title = word("figure.response.title")
    sizes = [len(rows) for rows in panels.values()]
    axes = panel_axes(ax, sizes, title)
    comma = word("clause_separator")
    for axis, (name, rows) in zip(axes, panels.items(), strict=True):
        endpoints = rows["endpoint"] + comma + rows["window"]
        draw_rates(axis, rows, rate_names(rows) + "\n" + endpoints)
        axis.set_title(name)
        axis.tick_params(labelbottom=False)
    shown = list(panels.values())
    rates = [[percent(rate) for rate in rows["rate"]] for rows in shown]
    limits = [limit_words(rows) for rows in shown]
    margin_columns(axes, [[count_words(rows) for rows in shown], rates, limits])
    _rate_axis(axes[-1], interval)
    legend_below(axes[0].figure, table, title=_denominator_note(table))
    return axes[0]


def plot_endpoints(table: pd.DataFrame, *, interval: str, ax: Axes | None = None) -> Axes:
    """Draw many cohorts, the rows of one endpoint between two rules, never added up.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint``, ``short_window`` (words), ``events``,
        ``n``, ``n_treated`` (of the report), ``rate``, ``low``, ``high`` (0 to 1),
        ``conditioning``, ``read_in``; the rows of one endpoint stand together.
    interval, ax
        As for `plot_response`.

    Returns
    -------
    Axes
        One line a row of the table.
    """
    check_rows(table)
    ax = ax or one_axes(word("figure.endpoints.title"))
    comma = word("clause_separator")
    draw_rates(ax, table, rate_names(table) + comma + table["short_window"])
    margin_columns([ax], [[count_words(table)], [limit_words(table)]])
    _label_groups(ax, table["endpoint"].tolist())
    _rate_axis(ax, interval)
    legend_below(ax.figure, table, title=_denominator_note(table))
    return ax


def plot_events(table: pd.DataFrame, *, interval: str, upper: str, ax: Axes | None = None) -> Axes:
    """Draw patients with an event, the two-sided interval and the one-sided upper limit.

    Parameters
    ----------
    table : DataFrame
        As for `plot_endpoints`, with ``upper``, the one-sided upper limit (0 to 1).
    interval, upper : str
        The labels of the interval and of the limit.
    ax
        As for `plot_endpoints`.

    Returns
    -------
    Axes
        One line a row of the table.
    """
    check_rows(table)
    ax = ax or one_axes(word("figure.events.title"))
    comma = word("clause_separator")
    draw_rates(ax, table, rate_names(table) + comma + table["short_window"])
    limit = Mark("|", theme_colour("ink"), theme_colour("ink"))
    for line, row in enumerate(table.itertuples()):
        ax.plot(100 * row.upper, line, limit.shape, color=limit.colour, ms=20, zorder=4)
    uppers = [f"≤ {percent(upper)}" for upper in table["upper"]]
    margin_columns([ax], [[count_words(table)], [uppers]])
    _label_groups(ax, table["endpoint"].tolist())
    ax.set_xlabel(f"{word('figure.events.x')} · {interval}")
    legend_below(ax.figure, table, title=_denominator_note(table), more=[key(limit, upper)])
    return ax


def plot_zero_events(
    curve: pd.DataFrame,
    cohorts: pd.DataFrame,
    excluded: pd.DataFrame,
    *,
    upper: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the highest rate that no event among n patients leaves possible.

    Parameters
    ----------
    curve : DataFrame
        Columns ``n`` and ``upper`` (0 to 1), increasing in n.
    cohorts : DataFrame
        Points on the curve: ``label``, ``n``, ``upper``.
    excluded : DataFrame
        Columns ``rate`` (0 to 1) and ``n``, the patients without an event that exclude it.
    upper : str
        The label of the limit.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Patients on a logarithmic axis, rates in percent.
    """
    ax = ax or one_axes(word("figure.zero.title"))
    strong, ink = theme_colour("strong"), theme_colour("ink")
    ax.plot(curve["n"], 100 * curve["upper"], color=strong, linewidth=4)
    for row in cohorts.itertuples():
        ax.plot(row.n, 100 * row.upper, "o", color=strong)
        text = f"{row.label}: n = {row.n}, {percent(row.upper)}"
        _note(ax, text, (row.n, 100 * row.upper))
    for row in excluded.itertuples():
        ax.plot(
            [curve["n"].min(), row.n, row.n], [100 * row.rate, 100 * row.rate, 0], ":", color=ink
        )
        rate = percent(row.rate)
        text = word("figure.zero.excludes", n=row.n, rate=rate)
        _note(ax, text, (row.n, 100 * row.rate))
    ax.set_xscale("log")
    ax.set_xlim(curve["n"].min(), curve["n"].max())
    ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    ax.set_xticks([n for n in ticks if n <= curve["n"].max()])
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.minorticks_off()
    ax.set_ylim(0, 100)
    ax.set_ylabel(f"{word('figure.zero.y')}\n{upper}")
    ax.set_xlabel(word("figure.zero.x"))
    return ax


def _response_panels(table) -> dict[str, pd.DataFrame]:
    check_rows(table)
    names = {True: "figure.response.endpoints", False: "figure.response.other"}
    return {
        word(code): table[table["is_response"] == flag]
        for flag, code in names.items()
        if table["is_response"].eq(flag).any()
    }


def rate_names(rows: pd.DataFrame) -> pd.Series:
    """The label of each row, marked where the denominator is another than the report's patients."""
    return rows["label"] + _denominator_marks(rows)


def _denominator_marks(rows) -> pd.Series:
    """Nothing for all patients of the report, * for fewer, † for others than its lupus."""
    n, treated = rows["n"].astype(float), rows["n_treated"].astype(float)
    marks = pd.Series("*", index=rows.index).mask(rows["cohort"].eq("all") | (n == treated), "")
    # A basket trial says so in the name of its cohort or in the note of the row.
    mixed = rows["cohort"] + "; " + (rows["note"].fillna("") if "note" in rows else "")
    return marks.mask((n > treated) | mixed.str.contains(r"\ball (?:diseases|indications)\b"), "†")


def _denominator_note(table) -> str:
    marks = _denominator_marks(table)
    notes = {"*": "figure.part", "†": "figure.mixed"}
    shown = [word(code) for mark, code in notes.items() if marks.eq(mark).any()]
    return "     ".join(shown)


def draw_rates(ax: Axes, rows: pd.DataFrame, names: pd.Series) -> None:
    """The rate and interval of each row, its name at the left."""
    for line, row in enumerate(rows.itertuples()):
        mark = conditioning_mark(row.conditioning)
        ax.errorbar(
            100 * row.rate,
            line,
            xerr=[[100 * (row.rate - row.low)], [100 * (row.high - row.rate)]],
            fmt=mark.shape,
            color=mark.colour,
            markerfacecolor=face(mark.colour, row.read_in),
            clip_on=False,
            zorder=3,
        )
    # A mark at zero is half as wide as this.
    name_lines(ax, names, pad=14)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))


def _rate_axis(ax, interval):
    ax.set_xlabel(f"{word('figure.response.x')} · {interval}")
    ax.tick_params(labelbottom=True)


def _label_groups(ax, groups):
    """Name each run of rows at the far left, and rule between runs."""
    widest = max(label.get_window_extent().width for label in ax.get_yticklabels())
    aside = -(widest * 72 / ax.figure.dpi + 34)
    for line, name in enumerate(groups):
        if line and groups[line - 1] == name:
            continue
        ax.annotate(
            name,
            (0, line),
            xytext=(aside, 0),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            ha="right",
            va="center",
            weight="bold",
            fontsize=18,
            annotation_clip=False,
        )
        if line:
            ax.axhline(line - 0.5, color=theme_colour("quiet"), linewidth=1.2)


def _note(ax, text, point):
    ax.annotate(text, point, xytext=(10, 10), textcoords="offset points", fontsize=18)
