"""What happens if the cohorts are added up."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lupuscart.figures.panels import (
    check_rows,
    legend_below,
    margin_columns,
    name_lines,
)
from lupuscart.figures.rates import draw_rates, rate_names
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.findings.finding import Finding
from lupuscart.findings.phrases import how_many_second_hand
from lupuscart.findings.response import response_sentences
from lupuscart.stats.proportion import response_proportions
from lupuscart.words.labels import (
    count_words,
    limit_words,
    outcome_words,
    percent,
    percent_range,
    spread_taken,
)
from lupuscart.words.lexicon import level_words, word, word_for

__all__ = [
    "plot_pooling",
    "pooled_rates",
    "pooling_headline",
    "pooling_sentences",
]

# How an interval for a new cohort takes the spread; the notes below begin with the sign.
_SIGNS = {"known": "*", "absent": "†", "": ""}


def pooled_rates(
    kept: pd.DataFrame, pooled: pd.DataFrame, *, outcome: str, confidence_level: float
) -> Finding:
    """Return the figure of the cohorts and of every way of adding them up.

    Parameters
    ----------
    kept : DataFrame
        Counts of one endpoint with the facts of their studies, labelled.
    pooled : DataFrame
        From `lupuscart.stats.pooling.pooling_table`.
    outcome : str
        The endpoint's code.
    confidence_level : float
        Of the intervals.
    """
    level = {"confidence_level": confidence_level}
    cohorts = response_proportions(kept, **level)
    endpoint = outcome_words(outcome)
    shown = pooled.rename(columns={"interval": "pool_interval"})
    numbers = ["estimate", "low", "high", "new_low", "new_high"]
    return Finding(
        "pooling",
        pooled,
        pooling_headline(cohorts, pooled, outcome=endpoint, **level),
        response_sentences(cohorts, method="clopper-pearson", **level) + pooling_sentences(pooled),
        draw=lambda: plot_pooling(cohorts, pooled, outcome=endpoint),
        rows=[kept],
        table=shown[["model", "pool_interval", *numbers]],
        gaps={"outcome": endpoint},
    )


def pooling_headline(
    cohorts: pd.DataFrame, pooled: pd.DataFrame, *, outcome: str, confidence_level: float
) -> str:
    """Say where the rate of a new cohort may lie, under each prior of the Bayes model.

    Parameters
    ----------
    cohorts : DataFrame
        One row a cohort that enters: ``read_in``.
    pooled : DataFrame
        Columns ``model``, ``new_low``, ``new_high`` (0 to 1).
    outcome : str
        The endpoint in words.
    confidence_level : float
        Of the intervals.

    Examples
    --------
    >>> cohorts = pd.DataFrame({"read_in": ["primary", "secondary"]})
    >>> pooled = pd.DataFrame({"model": "bayes", "new_low": [0.41, 0.2], "new_high": [0.96, 0.99]})
    >>> pooling_headline(cohorts, pooled, outcome="DORIS", confidence_level=0.95)
    'DORIS, 2 cohorts (1 read second-hand): true rate in a new cohort 41–96 % or 20–99 %, by the prior (Bayes, 95 %)'
    """  # noqa: E501
    bayes = pooled[pooled["model"] == "bayes"]
    check_rows(bayes)
    ranges = [percent_range(row.new_low, row.new_high) for row in bayes.itertuples()]
    return word(
        "headline.pooling",
        outcome=outcome,
        cohorts=len(cohorts),
        second_hand=how_many_second_hand(cohorts),
        ranges=word("headline.by_prior").join(ranges),
        level=level_words(confidence_level),
    )


def pooling_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence a way of pooling, or that it has no estimate.

    Parameters
    ----------
    table : DataFrame
        Columns ``model``, ``interval``, ``estimate``, ``low``, ``high``, ``new_low``,
        ``new_high`` (0 to 1), ``takes_tau2_as_known``, ``assumes_equal_rates``, ``refusal``.
    """
    table = table.assign(spread_taken=spread_taken)
    refused = table[table["refusal"] != ""].drop_duplicates("model")
    told = pd.concat([table[table["refusal"] == ""], refused])
    return [_pooling_sentence(row) for row in told.itertuples()]


def _pooling_sentence(row):
    model = word(f"model.{row.model}")
    if row.refusal:
        reason = word(f"refusal.{row.refusal}")
        return word("sentence.not_pooled", model=model, reason=reason)
    numbers = {
        name: percent(getattr(row, name))
        for name in ("low", "high", "new_low", "new_high")
        if not pd.isna(getattr(row, name))
    }
    taken = row.spread_taken
    assumes = word(f"sentence.spread.{taken}") if taken else ""
    code = "sentence.pooled" if "new_low" in numbers else "sentence.pooled_mean"
    return word(
        code,
        model=model,
        interval=word_for("pool_interval", row.interval),
        rate=percent(row.estimate),
        assumes=assumes,
        **numbers,
    )


def plot_pooling(cohorts: pd.DataFrame, pooled: pd.DataFrame, *, outcome: str) -> Axes:
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

    Returns
    -------
    Axes
        The panel of the cohorts; ``ax.figure.axes`` holds both.
    """
    check_rows(cohorts)
    check_rows(pooled)
    pooled = pooled.assign(spread_taken=spread_taken)
    figure = new_figure()
    title = word("figure.pooling.title", outcome=outcome)
    figure.suptitle(title, x=0.01, ha="left")
    sizes = [len(cohorts) + 1, len(pooled) + 1]
    top, bottom = figure.subplots(2, height_ratios=sizes)
    comma = word("clause_separator")
    draw_rates(top, cohorts, rate_names(cohorts) + comma + cohorts["short_window"])
    top.tick_params(labelbottom=False)
    _draw_models(bottom, pooled)
    new = [_new_limits(row) for row in pooled.itertuples()]
    counts = [count_words(cohorts), []]
    *_, edge = margin_columns([top, bottom], [counts, [limit_words(cohorts), new]])
    _heading(top, word("figure.pooling.cohort_limits"), edge)
    _heading(bottom, word("figure.pooling.new_limits"), edge)
    bottom.set_xlabel(word("figure.pooling.x"))
    legend_below(figure, cohorts, title=_note(pooled), more=_key())
    return top


def _new_limits(row):
    if pd.isna(row.new_low):
        return ""
    return percent_range(row.new_low, row.new_high)


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


def _draw_models(ax, rows):
    ink = theme_colour("ink")
    for line, row in enumerate(rows.itertuples()):
        if row.refusal:
            text = word("figure.pooling.refused")
            ax.text(1, line, text, va="center", fontsize=18, color=theme_colour("quiet"))
            continue
        ax.plot([100 * row.new_low, 100 * row.new_high], [line, line], ":", color=ink, lw=2.5)
        ax.plot([100 * row.low, 100 * row.high], [line, line], color=ink, lw=6)
        mark = {"color": ink, "mfc": theme_colour("paper"), "ms": 14, "clip_on": False}
        ax.plot(100 * row.estimate, line, "d", zorder=4, **mark)
    name_lines(ax, [_name(row) for row in rows.itertuples()], pad=14)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))


def _name(row):
    model = word(f"model.{row.model}")
    interval = word_for("pool_interval", row.interval)
    name = word("clause_separator").join([model, interval])
    return name + _SIGNS[row.spread_taken]


def _note(rows):
    taken = set(rows["spread_taken"])
    notes = [word(f"figure.pooling.{code}") for code in ("known", "absent") if code in taken]
    for refusal in rows["refusal"].unique():
        if refusal:
            reason = word(f"refusal.{refusal}")
            notes.append(word("figure.pooling.because", reason=reason))
    return "\n".join(notes)


def _key():
    ink = theme_colour("ink")
    mean = word("figure.pooling.mean")
    new = word("figure.pooling.new")
    return [
        Line2D([], [], color=ink, lw=6, label=mean),
        Line2D([], [], color=ink, lw=2.5, linestyle=":", label=new),
    ]
