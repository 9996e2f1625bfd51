"""The figure of pooling: the cohorts, and what each way of adding them up says."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lupuscart.figures.panels import check_rows, legend_below, margin_columns, name_lines
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.findings.rate_plots import draw_rates, rate_names
from lupuscart.words.labels import count_words, limit_words, percent_range, spread_taken
from lupuscart.words.lexicon import word, word_for

__all__ = ["plot_pooling"]

# How an interval for a new cohort takes the spread; the notes below begin with the sign.
_SIGNS = {"known": "*", "absent": "†", "": ""}


def plot_pooling(
    cohorts: pd.DataFrame, pooled: pd.DataFrame, *, outcome: str, language: str = "en"
) -> Axes:
    """Draw the cohorts of one endpoint above, and every way of pooling them below.

    Parameters
    ----------
    cohorts : DataFrame
        Columns ``label``, ``cohort``, ``short_window`` (words), ``events``, ``n``,
        ``n_treated`` (of the report), ``rate``, ``low``, ``high`` (0 to 1),
        ``conditioning``, ``read_in``.
    pooled : DataFrame
        Columns ``model``, ``interval``, ``estimate``, ``low``, ``high``, ``new_low``,
        ``new_high`` (0 to 1), ``takes_tau2_as_known``, ``assumes_equal_rates``, ``refusal``; a row
        without an estimate says so and why.
    outcome : str
        The endpoint, in words.
    language : {"en", "zh"}
        The reader's language.

    Returns
    -------
    Axes
        The panel of the cohorts; ``ax.figure.axes`` holds both.
    """
    check_rows(cohorts)
    check_rows(pooled)
    pooled = pooled.assign(spread_taken=spread_taken)
    figure = new_figure()
    title = word("figure.pooling.title", language=language, outcome=outcome)
    figure.suptitle(title, x=0.01, ha="left")
    sizes = [len(cohorts) + 1, len(pooled) + 1]
    top, bottom = figure.subplots(2, height_ratios=sizes)
    comma = word("clause_separator", language=language)
    draw_rates(top, cohorts, rate_names(cohorts) + comma + cohorts["short_window"])
    top.tick_params(labelbottom=False)
    _draw_models(bottom, pooled, language)
    new = [_new_limits(row, language) for row in pooled.itertuples()]
    counts = [count_words(cohorts), []]
    *_, edge = margin_columns(
        [top, bottom], [counts, [limit_words(cohorts, language=language), new]]
    )
    _heading(top, word("figure.pooling.cohort_limits", language=language), edge)
    _heading(bottom, word("figure.pooling.new_limits", language=language), edge)
    bottom.set_xlabel(word("figure.pooling.x", language=language))
    legend_below(figure, cohorts, language, title=_note(pooled, language), more=_key(language))
    return top


def _new_limits(row, language):
    if pd.isna(row.new_low):
        return ""
    return percent_range(row.new_low, row.new_high, language=language)


def _heading(ax, text, edge):
    """A heading over the column that ends so many points right of the axes."""
    place = ax.transAxes
    ax.annotate(
        text,
        (1, 1),
        xytext=(edge, 4),
        xycoords=place,
        textcoords="offset points",
        ha="right",
        fontsize=18,
    )


def _draw_models(ax, rows, language):
    ink = theme_colour("ink")
    for line, row in enumerate(rows.itertuples()):
        if row.refusal:
            text = word("figure.pooling.refused", language=language)
            ax.text(1, line, text, va="center", fontsize=18, color=theme_colour("quiet"))
            continue
        ax.plot([100 * row.new_low, 100 * row.new_high], [line, line], ":", color=ink, lw=2.5)
        ax.plot([100 * row.low, 100 * row.high], [line, line], color=ink, lw=6)
        mark = {"color": ink, "mfc": theme_colour("paper"), "ms": 14, "clip_on": False}
        ax.plot(100 * row.estimate, line, "d", zorder=4, **mark)
    name_lines(ax, [_name(row, language) for row in rows.itertuples()], pad=14)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))


def _name(row, language):
    model = word(f"model.{row.model}", language=language)
    interval = word_for("pool_interval", row.interval, language=language)
    name = word("clause_separator", language=language).join([model, interval])
    return name + _SIGNS[row.spread_taken]


def _note(rows, language):
    taken = set(rows["spread_taken"])
    notes = [
        word(f"figure.pooling.{code}", language=language)
        for code in ("known", "absent")
        if code in taken
    ]
    for refusal in rows["refusal"].unique():
        if refusal:
            reason = word(f"refusal.{refusal}", language=language)
            notes.append(word("figure.pooling.because", language=language, reason=reason))
    return "\n".join(notes)


def _key(language):
    ink = theme_colour("ink")
    mean = word("figure.pooling.mean", language=language)
    new = word("figure.pooling.new", language=language)
    return [
        Line2D([], [], color=ink, lw=6, label=mean),
        Line2D([], [], color=ink, lw=2.5, linestyle=":", label=new),
    ]
