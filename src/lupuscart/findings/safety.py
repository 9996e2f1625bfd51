"""Severe harms: what was counted, and what a count of zero leaves possible."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import (
    check_rows,
    key,
    legend_below,
    margin_columns,
    one_axes,
)
from lupuscart.figures.rates import denominator_note, draw_rates, label_groups, rate_names
from lupuscart.figures.style import Mark, theme_colour
from lupuscart.findings.finding import Finding
from lupuscart.findings.phrases import named, second_hand
from lupuscart.stats.proportion import (
    n_to_exclude,
    proportion_ci,
    response_proportions,
    zero_event_bound,
)
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import (
    cohort_label,
    count_words,
    percent,
)
from lupuscart.words.lexicon import level_words, word

__all__ = [
    "event_sentences",
    "events",
    "events_headline",
    "plot_events",
    "plot_zero_events",
    "zero",
    "zero_headline",
    "zero_sentences",
]


def events(harms: pd.DataFrame, reported: pd.DataFrame, *, confidence_level: float) -> Finding:
    """Return the figure of the severe harms that were counted, zeros with their limits.

    Parameters
    ----------
    harms : DataFrame
        Counts in the order of `lupuscart.evidence.endpoints.by_endpoint`, with the facts of
        their studies, labelled.
    reported : DataFrame
        Every row of safety, for the table that is read with the figure.
    confidence_level : float
        Of the two-sided interval and of the one-sided limit.
    """
    rates = response_proportions(harms, confidence_level=confidence_level)
    ends = {"confidence_level": confidence_level, "bound": "upper"}
    _, rates["upper"] = proportion_ci(rates["events"], rates["n"], **ends)
    interval, upper = ci_label(confidence_level=confidence_level), ci_label(**ends)
    return Finding(
        "events",
        rates,
        events_headline(rates, confidence_level=confidence_level),
        event_sentences(rates, upper=upper),
        draw=lambda: plot_events(rates, interval=interval, upper=upper),
        rows=[reported],
        table=_what_happened_first(reported, confidence_level),
    )


def _what_happened_first(reported, confidence_level):
    """What happened, cytopenia and mild CRS too, then the zeros; * and † as in the figure."""
    is_count = reported["statistic"].eq("count")
    counts = response_proportions(reported[is_count], confidence_level=confidence_level)
    whole = pd.concat([counts, reported[~is_count]])
    whole = whole.sort_values("events", ascending=False, kind="stable", key=np.sign)
    whole["label"] = rate_names(whole)
    return whole[["label", "endpoint", "window", "events", "n", "low", "high", "read_in"]]


def zero(core: pd.DataFrame, rates: Sequence[float], *, confidence_level: float) -> Finding:
    """Return the curve of the rates that no event among n patients leaves possible.

    Parameters
    ----------
    core : DataFrame
        The studies to mark on the curve, labelled, with ``n_treated``.
    rates : sequence of float
        The rates to exclude, 0 to 1; the last three are drawn.
    confidence_level : float
        Of the one-sided limit.

    Returns
    -------
    Finding
        Its table: how many patients without an event exclude each rate.
    """
    level = {"confidence_level": confidence_level}
    rates = np.asarray(rates)
    excluded = pd.DataFrame({"rate_to_exclude": rates})
    excluded["n_without_event"] = n_to_exclude(rates, **level)
    excluded["n_two_sided"] = n_to_exclude(rates, confidence_level=1 - (1 - confidence_level) / 2)
    n = np.arange(1, 1001)
    curve = pd.DataFrame({"n": n, "upper": zero_event_bound(n, **level)})
    points = core[["label", "n_treated"]].rename(columns={"n_treated": "n"})
    points["upper"] = zero_event_bound(points["n"], **level)
    points = points.groupby(["n", "upper"])["label"].agg(" · ".join).reset_index()
    lines = excluded.tail(3).rename(columns={"rate_to_exclude": "rate", "n_without_event": "n"})
    upper = ci_label(**level, bound="upper")
    return Finding(
        "zero",
        curve,
        zero_headline(points, lines, **level),
        zero_sentences(points, upper=upper),
        draw=lambda: plot_zero_events(curve, points, lines, upper=upper),
        rows=[core],
        table=excluded,
    )


def events_headline(table: pd.DataFrame, *, confidence_level: float) -> str:
    """Say how many counts are zero, and the rates that no event leaves possible.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint`` (words), ``events``, ``n``, ``upper`` (0
        to 1, the one-sided limit), ``read_in``.
    confidence_level : float
        Of the one-sided limit.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "endpoint": "GVHD", "events": 0,
    ...                       "n": [15, 5], "upper": [0.181, 0.451], "read_in": "primary"})
    >>> events_headline(table, confidence_level=0.95)
    '2 of 2 counts of GVHD are zero; 0 of 15 allows 18 %, 0 of 5 45 % (one-sided 95 %)'
    """
    check_rows(table)
    level = level_words(confidence_level)
    zeros = table[table["events"] == 0].sort_values("n", ascending=False)
    if len(table) == 1 or zeros.empty:
        upper = word("headline.upper", level=level)
        return _one_event(table.sort_values("n").iloc[-1], upper)
    ends = dict(zip(zeros["n"], zeros["upper"], strict=True))
    sizes = dict.fromkeys([max(ends), min(ends)])
    codes = ("headline.zero_allows", "headline.zero_limit")
    limits = [
        word(code, n=n, limit=percent(ends[n])) for code, n in zip(codes, sizes, strict=False)
    ]
    harm, *others = table["endpoint"].unique()
    if others:
        harm = word("headline.harms")
    return word(
        "headline.events",
        zeros=len(zeros),
        rows=len(table),
        harm=harm,
        limits=word("clause_separator").join(limits),
        level=word("headline.one_sided", level=level),
    )


def _one_event(row, upper):
    return word(
        "headline.event",
        study=named(row),
        outcome=row.endpoint,
        k=row.events,
        n=row.n,
        upper=upper,
        limit=percent(row.upper),
    )


def zero_headline(cohorts: pd.DataFrame, excluded: pd.DataFrame, *, confidence_level: float) -> str:
    """Say what no event in the smallest cohort allows, and how many exclude the lowest rate.

    Parameters
    ----------
    cohorts : DataFrame
        Columns ``n`` and ``upper`` (0 to 1); may be empty.
    excluded : DataFrame
        Columns ``rate`` (0 to 1) and ``n``, the patients who exclude it.
    confidence_level : float
        Of the one-sided limit.

    Examples
    --------
    >>> cohorts = pd.DataFrame({"n": [5, 15], "upper": [0.451, 0.181]})
    >>> excluded = pd.DataFrame({"rate": [0.1, 0.01], "n": [29, 299]})
    >>> zero_headline(cohorts, excluded, confidence_level=0.95)
    'None of 5 with an event: rates up to 45 % not excluded; excluding 1 % takes 299 (one-sided 95 %)'
    """  # noqa: E501
    check_rows(excluded)
    lowest = excluded.sort_values("rate").iloc[0]
    gaps = {
        "rate": percent(lowest.rate),
        "needed": int(lowest.n),
        "level": level_words(confidence_level),
    }
    if cohorts.empty:
        return word("headline.exclude", **gaps)
    smallest = cohorts.sort_values("n").iloc[0]
    limit = percent(smallest.upper)
    gaps["level"] = word("headline.one_sided", level=gaps["level"])
    return word("headline.zero", n=int(smallest.n), limit=limit, **gaps)


def event_sentences(table: pd.DataFrame, *, upper: str) -> list[str]:
    """Return one sentence a row: how many had the event, and how high the rate may be.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint``, ``window`` (words), ``events``, ``n``,
        ``upper``, ``read_in``.
    upper : str
        The label of the one-sided upper limit.
    """
    return [
        second_hand(
            word(
                "sentence.event",
                study=cohort_label(row),
                outcome=row.endpoint,
                window=row.window,
                k=row.events,
                n=row.n,
                upper=upper,
                limit=percent(row.upper),
            ),
            row.read_in,
        )
        for row in table.itertuples()
    ]


def zero_sentences(cohorts: pd.DataFrame, *, upper: str) -> list[str]:
    """Return one sentence a size of cohort: the rate that no event leaves possible.

    Parameters
    ----------
    cohorts : DataFrame
        Columns ``n`` and ``upper``.
    upper : str
        The label of the one-sided upper limit.
    """
    return [
        word("sentence.zero", n=row.n, upper=upper, limit=percent(row.upper))
        for row in cohorts.itertuples()
    ]


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
    label_groups(ax, table["endpoint"].tolist())
    ax.set_xlabel(f"{word('figure.events.x')} · {interval}")
    legend_below(ax.figure, table, title=denominator_note(table), more=[key(limit, upper)])
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


def _note(ax, text, point):
    ax.annotate(text, point, xytext=(10, 10), textcoords="offset points", fontsize=18)
