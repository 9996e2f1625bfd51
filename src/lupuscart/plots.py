"""One function a figure: a finished table in, Axes out.

Nothing is estimated here. Each function says which columns it draws; rows are
drawn in the order given, the first on top. Colour and marker shape both tell the
conditioning (or the endpoint); a hollow marker was read second-hand.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from lupuscart.captions import (
    conditioning_words,
    outcome_words,
    percent,
    percent_range,
    score_words,
    statistic_words,
)
from lupuscart.style import Mark, conditioning_mark, new_figure, theme_colour
from lupuscart.words import codes, word, word_for

__all__ = ["plot_changes", "plot_endpoints", "plot_evidence", "plot_response", "plot_scores"]

NO_ROWS = "the table has no rows; allowed: at least one row to draw"
CONTINUOUS = "sle_disease_activity_score"  # very probably SLE-DAS: no sum of whole points
STATISTIC_SHAPES = {
    "mean": "o",
    "median": "s",
    "individual": "D",
    "minimum": "<",
    "maximum": ">",
    "all_equal": "P",
}
NO_WEEK = 24  # the strip for outcomes without a stated week is as wide as so many weeks


def plot_response(
    table: pd.DataFrame,
    *,
    interval: str,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw responders of evaluable with their intervals, one row a reported outcome.

    What is no response endpoint stands in a panel of its own.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``window`` (words), ``is_response``, ``events``,
        ``n``, ``rate``, ``low``, ``high`` (0 to 1), ``conditioning``, ``read_in``.
    interval : str
        The label of the interval, from `proportions.ci_label`.
    ax : Axes, optional
        Where to draw a table of one panel; a new figure if not given.
    language : {"en", "zh"}
        The reader's language.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.

    Raises
    ------
    ValueError
        If the table is empty, or has several panels and `ax` is given.
    """
    panels = _response_panels(table, language)
    if ax is not None and len(panels) > 1:
        raise ValueError("ax is given and the table has two panels; allowed: one panel in an ax")
    title = word("figure.response.title", language=language)
    sizes = [len(rows) for rows in panels.values()]
    axes = [ax] if ax is not None else _stacked_axes(sizes, title)
    for axis, (name, rows) in zip(axes, panels.items(), strict=True):
        endpoints = rows["endpoint"] + ", " + rows["window"]
        _draw_rates(axis, rows, rows["label"] + "\n" + endpoints, language=language)
        axis.set_title(name)
        axis.tick_params(labelbottom=False)
    _rate_axis(axes[-1], interval, language)
    _legend_below(axes[0].figure, table, language)
    return axes[0]


def plot_endpoints(
    table: pd.DataFrame,
    *,
    interval: str,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw many cohorts, the rows of one endpoint between two rules, never added up.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``short_window`` (words), ``events``, ``n``,
        ``rate``, ``low``, ``high`` (0 to 1), ``conditioning``, ``read_in``; the rows of
        one endpoint stand together.
    interval, ax, language
        As for `plot_response`.

    Returns
    -------
    Axes
        One line a row of the table.
    """
    if table.empty:
        raise ValueError(NO_ROWS)
    if ax is None:
        ax = new_figure().add_subplot()
        title = word("figure.endpoints.title", language=language)
        ax.figure.suptitle(title, x=0.01, ha="left")
    _draw_rates(ax, table, table["label"] + ", " + table["short_window"], language=language)
    _label_groups(ax, table["endpoint"].tolist())
    _rate_axis(ax, interval, language)
    _legend_below(ax.figure, table, language)
    return ax


def plot_evidence(table: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Draw which report treated how many with what, and when each endpoint was counted.

    Parameters
    ----------
    table : DataFrame
        One row a report and endpoint: columns ``label``, ``n_treated``, ``followup``,
        ``conditioning``, ``outcome``, ``week``, ``read_in``; ``outcome`` is missing for
        a report without a count of response.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    language : {"en", "zh"}
        The reader's language.

    Returns
    -------
    Axes
        One line a report, in the order of the table.
    """
    if table.empty:
        raise ValueError(NO_ROWS)
    if ax is None:
        ax = new_figure().add_subplot()
        title = word("figure.evidence.title", language=language)
        ax.figure.suptitle(title, x=0.01, ha="left")
    reports = table.drop_duplicates("label").reset_index(drop=True)
    edge = 13 * (np.ceil(table["week"].max(skipna=True) / 13) if table["week"].notna().any() else 1)
    _report_lines(ax, reports, language)
    for line, label in enumerate(reports["label"]):
        _endpoint_letters(ax, line, table[table["label"] == label], edge)
    _week_axis(ax, edge, language)
    _legend_below(ax.figure, table, language, title=_letter_key(table, language))
    return ax


def plot_scores(table: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Draw activity scores as printed, one row a cohort, one panel an instrument.

    The shape of a mark tells which statistic it is and the words at the right say it
    again; baseline is drawn quiet, follow-up strong. A range is a thin line. Nothing is
    joined but two values of one statistic.

    Parameters
    ----------
    table : DataFrame
        One row a printed statistic: ``label``, ``outcome``, ``conditioning``, ``week``,
        ``short_window`` (words), ``statistic``, ``n``, ``value``, ``value_printed``,
        ``spread_kind``, ``spread``, ``read_in``.
    ax : Axes, optional
        Where to draw a table of one instrument; a new figure if not given.
    language : {"en", "zh"}
        The reader's language.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.
    """
    if table.empty:
        raise ValueError(NO_ROWS)
    instruments = _by_instrument(table)
    if ax is not None and len(instruments) > 1:
        raise ValueError("ax is given and the table has several instruments; allowed: one")
    sizes = [rows["label"].nunique() for rows in instruments.values()]
    title = word("figure.scores.title", language=language)
    axes = [ax] if ax is not None else _stacked_axes(sizes, title)
    for axis, (outcome, rows) in zip(axes, instruments.items(), strict=True):
        _draw_scores(axis, rows, language)
        axis.set_title(outcome_words(outcome, language=language))
        axis.set_xlim(-1.5, table["value"].max() + 1.5)
        axis.tick_params(labelbottom=False)
    axes[-1].set_xlabel(word("figure.scores.x", language=language))
    axes[-1].tick_params(labelbottom=True)
    _legend_below(axes[0].figure, table, language, more=_statistic_key(table, language))
    return axes[0]


def plot_changes(
    table: pd.DataFrame,
    *,
    yardstick: pd.DataFrame | None = None,
    ax: Axes | None = None,
    language: str = "en",
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
    language : {"en", "zh"}
        The reader's language.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all.
    """
    if table.empty:
        raise ValueError(NO_ROWS)
    continuous = table["outcome"] == CONTINUOUS
    panels = [rows for rows in (table[~continuous], table[continuous]) if len(rows)]
    if ax is not None and len(panels) > 1:
        raise ValueError("ax is given and the table has SLE-DAS beside SLEDAI; allowed: one")
    title = word("figure.changes.title", language=language)
    axes = [ax] if ax is not None else _stacked_axes([len(rows) for rows in panels], title)
    for axis, rows in zip(axes, panels, strict=True):
        _draw_changes(axis, rows, language)
        axis.set_xlim(min(0, table["change"].min()) - 1.5, max(0, table["change"].max()) + 0.5)
    for row in () if yardstick is None or continuous.all() else yardstick.itertuples():
        _draw_yardstick(axes[0], row, language)
    axes[-1].set_xlabel(word("figure.changes.x", language=language))
    _legend_below(axes[0].figure, table, language)
    return axes[0]


def _response_panels(table, language) -> dict[str, pd.DataFrame]:
    if table.empty:
        raise ValueError(NO_ROWS)
    names = {True: "figure.response.endpoints", False: "figure.response.other"}
    return {
        word(code, language=language): table[table["is_response"] == flag]
        for flag, code in names.items()
        if table["is_response"].eq(flag).any()
    }


def _stacked_axes(sizes: list[int], title: str) -> list[Axes]:
    """Panels one above the other, each as tall as its rows."""
    figure = new_figure()
    figure.suptitle(title, x=0.01, ha="left")
    return list(figure.subplots(len(sizes), height_ratios=sizes, squeeze=False)[:, 0])


def _draw_rates(ax: Axes, rows: pd.DataFrame, names: pd.Series, *, language: str) -> None:
    for line, row in enumerate(rows.itertuples()):
        mark = conditioning_mark(row.conditioning)
        ax.errorbar(
            100 * row.rate,
            line,
            xerr=[[100 * (row.rate - row.low)], [100 * (row.high - row.rate)]],
            fmt=mark.shape,
            color=mark.colour,
            markerfacecolor=_face(mark, row.read_in),
            clip_on=False,
            zorder=3,
        )
        _margin_text(ax, line, f"{row.events}/{row.n}", 75)
        _margin_text(ax, line, percent(row.rate, language=language), 155)
        _margin_text(ax, line, percent_range(row.low, row.high, language=language), 275)
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))
    ax.tick_params(axis="y", length=0)


def _rate_axis(ax, interval, language):
    ax.set_xlabel(f"{word('figure.response.x', language=language)} · {interval}")
    ax.tick_params(labelbottom=True)


def _label_groups(ax, groups):
    """Name each run of rows at the far left, and rule between runs."""
    widest = max(label.get_window_extent().width for label in ax.get_yticklabels())
    aside = -(widest * 72 / ax.figure.dpi + 20)
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
            annotation_clip=False,
        )
        if line:
            ax.axhline(line - 0.5, color=theme_colour("quiet"), linewidth=1.2)


def _margin_text(ax, line, text, points):
    """Text right of the axes, its right end so many points from them."""
    ax.annotate(
        text,
        (1, line),
        xytext=(points, 0),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="center",
        annotation_clip=False,
    )


def _draw_scores(ax, rows, language):
    cohorts = list(rows.groupby("label", sort=False))
    for line, (_, cohort) in enumerate(cohorts):
        _conditioning_beside(ax, line, cohort["conditioning"].iloc[0])
        _join_scores(ax, line, cohort)
        for row in cohort.itertuples():
            _draw_score(ax, line, row)
        _words_right(ax, line, score_words(cohort, language=language))
    ax.set_yticks(range(len(cohorts)), [label for label, _ in cohorts], fontsize=18)
    ax.set_ylim(len(cohorts) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0, pad=42)


def _draw_score(ax, line, row):
    colour = _time_colour(row)
    if row.spread_kind == "range":
        ax.plot([float(end) for end in row.spread.split("-")], [line, line], color=colour, lw=1.5)
    face = theme_colour("paper") if row.read_in == "secondary" else colour
    shape = STATISTIC_SHAPES.get(row.statistic, "X")
    ax.plot(row.value, line, shape, color=colour, mfc=face, clip_on=False, zorder=3)


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
    at_baseline = pd.notna(row.week) and row.week == 0
    return theme_colour("quiet" if at_baseline else "strong")


def _words_right(ax, line, text, **options):
    place = ax.get_yaxis_transform()
    ax.text(1.02, line, text, transform=place, va="center", fontsize=18, **options)


def _by_instrument(table) -> dict[str, pd.DataFrame]:
    """The rows of each instrument; the continuous score, which is not SLEDAI, last."""
    found = sorted(table["outcome"].unique(), key=lambda outcome: outcome == CONTINUOUS)
    return {outcome: table[table["outcome"] == outcome] for outcome in found}


def _draw_changes(ax, rows, language):
    for line, row in enumerate(rows.itertuples()):
        mark = conditioning_mark(row.conditioning)
        ax.plot([0, row.change], [line, line], color=mark.colour, linewidth=2)
        ax.plot(row.change, line, mark.shape, color=mark.colour, mfc=_face(mark, row.read_in))
        kind = word_for("change_kind", row.change_kind, language=language)
        _words_right(ax, line, f"{_points(row.change)} {row.endpoint}: {kind}")
    names = rows["label"] + ", " + rows["short_window"]
    ax.set_yticks(range(len(rows)), names, fontsize=18)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)


def _points(change) -> str:
    return f"{change:g}".replace("-", "−")


def _draw_yardstick(ax, row, language):
    ax.axvline(row.value, color=theme_colour("ink"), linestyle="--", linewidth=2)
    text = word(
        "figure.changes.yardstick",
        language=language,
        value=_points(row.value),
        study=row.label,
        window=row.window,
        n=row.n,
    )
    ax.annotate(
        text,
        (row.value, 1),
        xytext=(0, 6),
        xycoords=ax.get_xaxis_transform(),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=18,
        annotation_clip=False,
    )


def _statistic_key(table, language) -> list[Line2D]:
    ink = theme_colour("ink")
    found = [name for name in STATISTIC_SHAPES if table["statistic"].eq(name).any()]
    keys = [
        _key(Mark(STATISTIC_SHAPES[name], ink, ink), statistic_words(name, language=language))
        for name in found
    ]
    times = {"quiet": "figure.scores.baseline", "strong": "figure.scores.follow_up"}
    return keys + [
        _key(Mark("_", theme_colour(role), theme_colour(role)), word(code, language=language))
        for role, code in times.items()
    ]


def _conditioning_beside(ax, line, conditioning):
    """The mark of the conditioning between a row's name and the axes."""
    mark = conditioning_mark(conditioning)
    beside = ScaledTranslation(-22 / 72, 0, ax.figure.dpi_scale_trans)
    place = ax.get_yaxis_transform() + beside
    ax.plot(0, line, mark.shape, color=mark.colour, transform=place, clip_on=False)


def _report_lines(ax, reports, language):
    for line, row in enumerate(reports.itertuples()):
        _conditioning_beside(ax, line, row.conditioning)
        if pd.isna(row.outcome):
            words = word("figure.evidence.no_response", language=language)
            ax.text(1, line, words, va="center", color=theme_colour("quiet"), fontsize=18)
        if not pd.isna(row.followup):
            _words_right(ax, line, row.followup)
    _words_right(ax, -1, word("figure.evidence.followup", language=language), weight="bold")
    labels = [f"{row.label}  (n = {row.n_treated})" for row in reports.itertuples()]
    ax.set_yticks(range(len(reports)), labels, fontsize=18)
    ax.tick_params(axis="y", length=0, pad=42)
    ax.set_ylim(len(reports) - 0.4, -0.6)


def _endpoint_letters(ax, line, rows, edge):
    """The endpoints one report counted; those of the same week stand side by side."""
    counted = rows.dropna(subset=["outcome"])
    at = counted["week"].astype(float).fillna(edge + 6 + (NO_WEEK - 6) / 2)
    for week in at.unique():
        same = counted[at == week]
        for place, row in enumerate(same.itertuples()):
            aside = 14 * (2 * place - len(same) + 1)
            _letter(ax, line, week, aside, row)


def _letter(ax, line, week, aside, row):
    """A letter in a disc: filled if read in the source, hollow if second-hand."""
    colour = conditioning_mark(row.conditioning).colour
    paper = theme_colour("paper")
    second_hand = row.read_in == "secondary"
    ax.annotate(
        word_for("letter", row.outcome),
        (week, line),
        xytext=(aside, 0),
        textcoords="offset points",
        ha="center",
        va="center",
        weight="bold",
        fontsize=15,
        color=colour if second_hand else paper,
        bbox={
            "boxstyle": "circle,pad=0.15",
            "fc": paper if second_hand else colour,
            "ec": colour,
            "lw": 2.5,
        },
        annotation_clip=False,
    )


def _week_axis(ax, edge, language):
    ax.set_xlim(0, edge + NO_WEEK)
    ax.set_xticks(np.arange(0, edge + 1, 13))
    ax.axvspan(edge + 6, edge + NO_WEEK, color=theme_colour("line"), alpha=0.35, lw=0)
    unstated = word("figure.evidence.no_week", language=language)
    ax.text(edge + NO_WEEK, -1, unstated, ha="right", va="center", fontsize=18)
    ax.set_xlabel(word("figure.evidence.x", language=language))


def _face(mark: Mark, read_in) -> str:
    return theme_colour("paper") if read_in == "secondary" else mark.colour


def _conditioning_key(table, language) -> list[Line2D]:
    return [
        _key(conditioning_mark(given), conditioning_words(given, language=language))
        for given in _in_order(table["conditioning"])
    ]


def _letter_key(table, language) -> str:
    """What each letter stands for, in one line; two endpoints of one letter are named once."""
    names = {}
    for outcome in [code.partition(".")[2] for code in codes("letter")]:
        if table["outcome"].eq(outcome).any():
            names.setdefault(word(f"letter.{outcome}"), outcome_words(outcome, language=language))
    return "   ".join(f"{letter}  {name}" for letter, name in names.items())


def _source_key(table, language) -> list[Line2D]:
    """Tell filled from hollow, if the table has both or only hollow marks."""
    quiet = Mark("o", theme_colour("quiet"), theme_colour("quiet"))
    if not table["read_in"].eq("secondary").any():
        return []
    keys = [_key(quiet, word("read_in.primary", language=language))]
    hollow = _key(quiet, word("read_in.secondary", language=language))
    hollow.set_markerfacecolor(theme_colour("paper"))
    return [*keys, hollow]


def _in_order(values: pd.Series) -> list:
    return list(values.drop_duplicates())


def _key(mark: Mark, words: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=mark.shape, color=mark.colour, label=words)


def _legend_below(figure, table, language, *, title="", more=()) -> None:
    figure.legend(
        handles=[*_conditioning_key(table, language), *_source_key(table, language), *more],
        loc="outside lower left",
        ncols=4 if more else 3,
        handletextpad=0.3,
        title=title,
        title_fontsize=18,
        alignment="left",
    )
