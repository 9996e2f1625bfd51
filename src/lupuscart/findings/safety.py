"""Severe harms: what was counted, and what a count of zero leaves possible.

Vocabulary: a *nested* row counts patients whom another row of the same harm counts too, in a
later report that contains the earlier one. It is in the table and not in the figure, so that no
patient is drawn twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lupuscart.data.outcomes import codes_of
from lupuscart.data.tables import with_studies
from lupuscart.evidence.endpoints import by_endpoint, harms
from lupuscart.figures.panels import (
    check_rows,
    face,
    legend_below,
)
from lupuscart.figures.rates import by_conditioning, denominator_note, rate_names
from lupuscart.figures.rows import (
    BESIDE,
    centre_few,
    columns_beside,
    group_lines,
    in_parts,
    name_groups,
    name_lines,
    spread_lines,
)
from lupuscart.figures.style import canvas, conditioning_mark, new_figure, theme_colour
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.marks import marks
from lupuscart.reporting.parts import Parts
from lupuscart.reporting.phrases import second_hand
from lupuscart.stats.proportion import (
    n_to_exclude,
    proportion_ci,
    response_proportions,
    zero_event_bound,
)
from lupuscart.words.cautions import announced
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import (
    add_labels,
    cohort_label,
    count_words,
    outcome_words,
    percent,
)
from lupuscart.words.lexicon import join, level_words, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "ASKED_FIRST",
    "asked_first",
    "counted_harms",
    "event_sentences",
    "events",
    "events_headline",
    "plot_events",
    "plot_zero_events",
    "with_limits",
    "zero",
    "zero_headline",
    "zero_sentences",
]

#: What a clinician asks about beside severe CRS and ICANS: infections, blood, B cells.
ASKED_FIRST = (
    "infection_any",
    "infection_grade3plus",
    "infection_hospital",
    "severe_infection",
    "serious_infection",
    "fatal_infection",
    "prolonged_cytopenia",
    "hypogammaglobulinaemia",
    "immunoglobulin_given",
    "b_cell_depletion",
    "b_cells_back",
    "vaccine_titres_kept",
)

# On the curve of no events: numbers of patients below it, and where there is room for all (inches).
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_FEW_SIZES = (1, 3, 10, 30, 100, 300, 1000)
_WIDE = 12

# On the curve of no events: sizes of cohort, or cohorts of one size, that are named, and letters.
NAMED, LETTERS = 2, 44


def counted_harms(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of the harms that are drawn, or every count where none of these is there.

    Parameters
    ----------
    counts : DataFrame
        Counts of safety, a column ``outcome``.

    Examples
    --------
    >>> counted_harms(pd.DataFrame({"outcome": ["crs_any", "gvhd"]}))["outcome"].tolist()
    ['gvhd']
    >>> counted_harms(pd.DataFrame({"outcome": ["crs_any"]}))["outcome"].tolist()
    ['crs_any']
    """
    drawn = by_endpoint(counts, outcomes=harms())
    return drawn if len(drawn) else by_endpoint(counts, outcomes=codes_of(domain="safety"))


def events(
    counted: pd.DataFrame,
    reported: pd.DataFrame,
    announcements: pd.DataFrame,
    *,
    confidence_level: float,
) -> Parts:
    """Return the figures of the severe harms that were counted, each with its upper limit.

    Parameters
    ----------
    counted : DataFrame
        From `counted_harms`, with the facts of their studies, labelled.
    reported : DataFrame
        Every row of safety, for the table that is read with the figure.
    announcements : DataFrame
        What was announced without a denominator; may be empty.
    confidence_level : float
        Of the two-sided interval and of the one-sided limit.

    Returns
    -------
    Parts
        As many as the rows take: a figure has room for so many lines. The first answers the
        question of the page; nested rows are in no figure.
    """
    rates = with_limits(counted, confidence_level=confidence_level)
    drawn = _in_order(rates[~_nested(rates)])
    upper = ci_label(confidence_level=confidence_level, bound="upper")
    said = {
        "headline": events_headline(drawn, announcements),
        "rows": [reported],
        "table": _what_happened_first(reported, confidence_level),
        "answer": _answer(drawn, announcements, upper),
        "supports": _supports(drawn, upper),
        "does_not_support": _does_not_support(reported, announcements),
    }
    return Parts(partial(_figures, drawn, reported, announcements, upper, said))


def _figures(drawn, reported, announcements, upper, said) -> list[Finding]:
    first, *others = [
        _one_figure(rows, reported, announcements, upper)
        for rows in in_parts(drawn, drawn["outcome"])
    ]
    return [replace(first, **said), *others]


def with_limits(counted: pd.DataFrame, *, confidence_level: float) -> pd.DataFrame:
    """Return counts with their rate, two-sided limits ``low`` and ``high``, and ``upper``.

    Parameters
    ----------
    counted : DataFrame
        Columns ``events`` and ``n``.
    confidence_level : float
        Of the two-sided interval and of the one-sided limit ``upper``.

    Examples
    --------
    >>> counts = pd.DataFrame({"statistic": "count", "events": [0], "n": [5]})
    >>> with_limits(counts, confidence_level=0.95)[["low", "high", "upper"]].round(3)
       low   high  upper
    0  0.0  0.522  0.451
    """
    check_rows(counted)
    rates = response_proportions(counted, confidence_level=confidence_level)
    ends = {"confidence_level": confidence_level, "bound": "upper"}
    _, rates["upper"] = proportion_ci(rates["events"], rates["n"], **ends)
    return rates


def _one_figure(rows, reported, announcements, upper) -> Finding:
    keys = ["study", "cohort", "outcome"]
    sentences = event_sentences(rows, upper=upper)
    return Finding(
        "events",
        rows,
        events_headline(rows, announcements, named=True),
        sentences,
        draw=partial(plot_events, rows, upper=upper),
        rows=[reported.merge(rows[keys].drop_duplicates(), on=keys)],
        to_explore={"about": "harm", "rows": marks(rows, sentences, upper=True)},
    )


def _nested(rates) -> pd.Series:
    """Whether a later report that is shown too counts the patients of a row for the same harm."""
    contained = {
        (inner, row.outcome)
        for row in rates.itertuples()
        for inner in (row.contains.split() if isinstance(row.contains, str) else ())
    }
    pairs = zip(rates["study"], rates["outcome"], strict=True)
    return pd.Series([pair in contained for pair in pairs], index=rates.index)


def _in_order(rates):
    """Harms in reading order; of one harm the largest cohort first."""
    rank = {outcome: place for place, outcome in enumerate(dict.fromkeys(rates["outcome"]))}
    keys = rates.assign(rank=rates["outcome"].map(rank), fewer=-rates["n"].astype(int))
    order = keys.sort_values(["rank", "fewer", "upper"], kind="stable").index
    return rates.loc[order].reset_index(drop=True)


def _what_happened_first(reported, confidence_level):
    """What happened, cytopenia and mild CRS too, then the zeros; * and † as in the figure."""
    is_count = reported["statistic"].eq("count")
    counts = response_proportions(reported[is_count], confidence_level=confidence_level)
    whole = pd.concat([counts, reported[~is_count]])
    whole = whole.sort_values("events", ascending=False, kind="stable", key=np.sign)
    whole["label"] = rate_names(whole)
    return whole[["label", "endpoint", "window", "events", "n", "low", "high", "read_in"]]


def _answer(rates, announcements, upper):
    """The zeros never without what was announced: whoever quotes the first has both."""
    if len(rates) == 1:
        first, *happened = event_sentences(rates, upper=upper)
    else:
        first, happened = _how_many_zero(rates, upper), _happened("safety.happened", rates)
    told = word("sentence_separator").join([first, *announced(announcements)])
    return [told, *happened]


def _how_many_zero(rates, upper):
    zeros = rates[rates["events"] == 0]
    gaps = {"zeros": len(zeros), "rows": len(rates), "harm": _harm(rates), "upper": upper}
    if zeros.empty:
        return word("safety.none_zero", **gaps)
    ends = dict(zip(zeros["n"], zeros["upper"], strict=True))
    sizes = dict.fromkeys([max(ends), min(ends)])
    limits = [word("safety.not_excluded", n=n, limit=percent(ends[n])) for n in sizes]
    return word("safety.zeros", limits=word("pair_separator").join(limits), **gaps)


def _harm(rates):
    """The harm that is shown, or what several have in common."""
    names = rates["endpoint"].unique()
    if len(names) == 1:
        return names[0]
    outcomes = set(rates["outcome"]) if "outcome" in rates else set()
    if not outcomes or not outcomes <= {*harms()}:
        return word("safety.any_event")
    # ICANS is counted of any grade, all other harms are severe.
    return word("headline.harms" if "icans_any" in outcomes else "headline.severe_harms")


def _some_harms(rates) -> list[str]:
    """The harms by name: all of them, then fewer and fewer, and how many others."""
    names = list(rates["endpoint"].unique())
    fewer = [
        word("safety.other_harms", names=join(names[:most]), count=len(names) - most)
        for most in range(len(names) - 2, 0, -1)
    ]
    return [join(names), *fewer]


def _happened(code, rates):
    """What was counted above zero, the three highest rates: a sentence, or nothing."""
    rows = rates[rates["events"] > 0].sort_values("rate", ascending=False, kind="stable")
    said = [
        word("safety.counted", outcome=row.endpoint, k=row.events, n=row.n, study=_who(row))
        for row in rows.head(3).itertuples()
    ]
    return [word(code, events=join(said), more=_more(len(rows) - 3))] if said else []


def _who(row):
    """Report, cohort and how it was read, to stand in brackets."""
    cohort = word_for("cohort", row.cohort)
    parts = [row.label] if row.cohort == "all" or cohort in row.label else [row.label, cohort]
    name = word("clause_separator").join(parts)
    return name if row.read_in != "secondary" else word("headline.second_hand", study=name)


def _more(count):
    return word("safety.more", count=count) if count > 0 else ""


def _supports(rates, upper):
    zeros = rates[rates["events"] == 0].sort_values("n", ascending=False, kind="stable")
    largest = [
        word(
            "safety.supports_limit",
            study=_who(row),
            outcome=row.endpoint,
            n=row.n,
            limit=percent(row.upper),
            upper=upper,
        )
        for row in zeros.head(1).itertuples()
    ]
    return [*largest, *_happened("safety.supports_harm", rates)]


def _does_not_support(reported, announcements):
    deaths = announcements[announcements["what"].eq("deaths")]
    no_risk = [word("safety.against.no_risk"), *announced(deaths)]
    missing = [code for code in ASKED_FIRST if code in codes_of(domain="safety")]
    missing = [code for code in missing if code not in set(reported["outcome"])]
    silent = [outcome_words(code) for code in missing]
    return [
        word("sentence_separator").join(no_risk),
        word("safety.against.cause"),
        word("safety.against.compare"),
        word("safety.against.time"),
        *([word("safety.against.silent", outcomes=join(silent))] if silent else []),
    ]


def asked_first(outcomes: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return what was found on each harm that clinicians ask about first, and what was not.

    Parameters
    ----------
    outcomes, studies : DataFrame
        The tables of trials and of their studies.

    Returns
    -------
    DataFrame
        At least one row for each outcome of `ASKED_FIRST`: ``outcome``, ``label``, ``count``
        (words), ``window``, ``read_in``, ``note``. Where no report gives it, ``label`` says so.
    """
    found = outcomes[outcomes["outcome"].isin(ASKED_FIRST)]
    found = add_labels(with_studies(found, studies))
    found["count"] = [_count(row) for row in found.itertuples()]
    wanted = pd.DataFrame({"outcome": ASKED_FIRST})
    table = wanted.merge(found, on="outcome", how="left")
    absent = table["study"].isna()
    table.loc[absent, "label"] = word("safety.not_found")
    for column in ("count", "window", "read_in", "note"):
        table[column] = table[column].astype(object).mask(table[column].isna() & absent, "–")
        table[column] = table[column].fillna("–")
    return table[["outcome", "label", "count", "window", "read_in", "note"]]


def _count(row):
    if pd.isna(row.events):
        return "–" if pd.isna(row.value) else str(row.value_printed)
    if pd.isna(row.n):
        return word("safety.no_denominator", k=row.events)
    return f"{row.events}/{row.n}"


def zero(core: pd.DataFrame, rates: Sequence[float], *, confidence_level: float) -> Finding:
    """Return the curve of the rates that no event among n patients leaves possible.

    Parameters
    ----------
    core : DataFrame
        The studies to mark on the curve, labelled, with ``n_treated``; those that do not say
        how many were treated have no mark.
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
    points = _cohorts(core, level)
    lines = excluded.tail(3).rename(columns={"rate_to_exclude": "rate", "n_without_event": "n"})
    upper = ci_label(**level, bound="upper")
    return Finding(
        "zero",
        curve,
        zero_headline(points, lines, **level),
        zero_sentences(points, upper=upper),
        draw=partial(plot_zero_events, curve, points, lines, upper=upper),
        rows=[core],
        table=excluded,
        narrow=True,
    )


def _cohorts(core, level):
    """The cohorts of one size with their names, and the limit if none had the event."""
    sizes = core.dropna(subset=["n_treated"]).groupby("n_treated")["label"].agg(_together)
    n = sizes.index.to_numpy(dtype=int)
    upper = zero_event_bound(n, **level) if len(n) else np.empty(0)
    return pd.DataFrame({"label": sizes.to_numpy(), "n": n, "upper": upper})


def _together(labels) -> str:
    """The cohorts of one size by name, or how many there are."""
    named = " · ".join(labels)
    if len(labels) <= NAMED and len(named) <= LETTERS:
        return named
    return word("figure.zero.many", count=len(labels))


def events_headline(
    table: pd.DataFrame, announcements: pd.DataFrame | None = None, *, named: bool = False
) -> str:
    """Say whether severe harm was counted, and what the largest cohort without it leaves open.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint`` (words), ``events``, ``n``, ``upper`` (0
        to 1, the one-sided limit), ``read_in``.
    announcements : DataFrame, optional
        Columns ``what`` and ``number``: deaths that were announced are said with it.
    named : bool
        Whether the harms are named as far as there is room, as where several figures show them.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "endpoint": "GVHD", "events": 0,
    ...                       "n": [15, 5], "upper": [0.181, 0.451], "read_in": "primary"})
    >>> deaths = pd.DataFrame({"what": ["deaths"], "number": [3]})
    >>> print(events_headline(table, deaths))
    GVHD not seen; 0/15 does not exclude 18 %; deaths announced: 3
    """
    check_rows(table)
    zeros = table[table["events"] == 0]
    gaps = {"rows": len(table), "seen": len(table) - len(zeros)}
    most = (zeros if len(zeros) else table).sort_values("n", kind="stable").iloc[-1]
    open_ = word("safety.headline.open", k=most.events, n=most.n, limit=percent(most.upper))
    rest = [open_, *_deaths(announcements)]
    if len(table) == 1:
        row = next(table.itertuples())
        count = {"outcome": row.endpoint, "k": row.events, "n": row.n}
        counted = word("safety.headline.one", study=_who(row), **count)
        variants = [[counted, *rest], [word("safety.headline.one_plain", **count), *rest]]
    else:
        mostly = len(zeros) > len(table) / 2
        how = "none" if len(zeros) == len(table) else "mostly" if mostly else "seen"
        names = [*(_some_harms(table) if named else []), _harm(table)]
        names = [each[0].upper() + each[1:] for each in names]
        variants = [[word(f"safety.headline.{how}", harm=each, **gaps), *rest] for each in names]
    return first_that_fits(*(word("pair_separator").join(parts) for parts in variants))


def _deaths(announcements):
    if announcements is None:
        return []
    number = announcements.loc[announcements["what"].eq("deaths"), "number"].sum()
    return [word("safety.headline.deaths", number=int(number))] if number else []


def zero_headline(cohorts: pd.DataFrame, excluded: pd.DataFrame, *, confidence_level: float) -> str:
    """Say what no event in the smallest cohort leaves, and how many exclude the lowest rate.

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
    '0 of 5 does not exclude 45 %; to exclude 1 %, 299 patients without an event are needed'
    """
    check_rows(excluded)
    lowest = excluded.sort_values("rate").iloc[0]
    needed = {"rate": percent(lowest.rate), "needed": int(lowest.n)}
    if cohorts.empty:
        return word("headline.exclude", level=level_words(confidence_level), **needed)
    smallest = cohorts.sort_values("n").iloc[0]
    return word("headline.zero", n=int(smallest.n), limit=percent(smallest.upper), **needed)


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


def plot_events(table: pd.DataFrame, *, upper: str, ax: Axes | None = None) -> Axes:
    """Draw the observed rate of each harm and, from it, a line to its one-sided upper limit.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``note``, ``n_treated``, ``conditioning``, ``read_in``,
        ``endpoint`` and ``short_window`` (words), ``events``, ``n``, ``rate`` and ``upper`` (0
        to 1); the rows of one endpoint together.
    upper : str
        The label of the limit.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        The name of each harm on a line of its own, over the lines of its rows.
    """
    check_rows(table)
    ax = ax or new_figure().add_subplot()
    lines, headings = group_lines(table["endpoint"])
    total = len(lines) + len(headings)
    names = rate_names(table) + word("clause_separator") + table["short_window"]
    # Half a mark at 0 reaches beyond the axes.
    name_lines(ax, names, lines, total=total, pad=BESIDE)
    centre_few(ax, total)
    name_groups(ax, headings)
    for line, row in zip(lines, table.itertuples(), strict=True):
        _draw_limit(ax, line, row)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))
    columns = [count_words(table), [percent(upper) for upper in table["upper"]]]
    columns = [[spread_lines(each, lines, total)] for each in columns]
    columns_beside([ax], columns, [word("head.count"), word("figure.head.up_to")], line=0)
    ax.set_xlabel(word("figure.events.x", upper=upper))
    legend_below(ax.figure, by_conditioning(table), title=denominator_note(table))
    return ax


def _draw_limit(ax, line, row):
    mark = conditioning_mark(row.conditioning)
    rate, upper = 100 * row.rate, 100 * row.upper
    colours = {"color": mark.colour, "markerfacecolor": face(mark.colour, row.read_in)}
    options = {"fmt": mark.shape, "clip_on": False, "zorder": 3}
    ax.errorbar(rate, line, xerr=[[0], [upper - rate]], **colours, **options)
    ax.plot(upper, line, "|", color=mark.colour, ms=12, clip_on=False, zorder=3)


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
        Patients and rates in percent, both on logarithmic axes.
    """
    ax = ax or new_figure().add_subplot()
    strong, ink = theme_colour("strong"), theme_colour("ink")
    ax.plot(*_smooth(curve), color=strong, linewidth=4)
    for row in excluded.itertuples():
        place = (row.n, 100 * row.rate)
        lowest = 100 * curve["upper"].min()
        ax.plot([curve["n"].min(), row.n, row.n], [*place[1:], *place[1:], lowest], ":", color=ink)
        _note(ax, word("figure.zero.excludes", n=row.n, rate=percent(row.rate)), place)
    ends = (cohorts["n"].min(), cohorts["n"].max())
    for row in cohorts.itertuples():
        ax.plot(row.n, 100 * row.upper, "o", color=strong, zorder=4)
        if len(cohorts) > NAMED and row.n not in ends:
            continue  # the point is on the curve, and its numbers are in the table
        text = word("figure.zero.cohort", study=row.label, n=row.n, limit=percent(row.upper))
        _note(ax, text, (row.n, 100 * row.upper))
    ax.set(xscale="log", yscale="log")
    ax.set_xlim(curve["n"].min(), curve["n"].max())
    ax.set_ylim(100 * curve["upper"].min(), 100)
    ax.set_xticks(_SIZES if canvas().size[0] > _WIDE else _FEW_SIZES, minor=False)
    ax.set_yticks([1, 2, 5, 10, 20, 50, 100], minor=False)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:.0f}")
    ax.minorticks_off()
    ax.set_ylabel(f"{word('figure.zero.y')}\n{upper}")
    ax.set_xlabel(word("figure.zero.x"))
    return ax


def _smooth(curve):
    """The curve between whole numbers of patients too: no corners on logarithmic axes."""
    first = curve.iloc[0]
    alpha = (1 - first.upper) ** first.n
    n = np.geomspace(curve["n"].min(), curve["n"].max(), 400)
    return n, 100 * (1 - alpha ** (1 / n))


def _note(ax, text, point):
    ax.annotate(text, point, xytext=(10, 10), textcoords="offset points")
