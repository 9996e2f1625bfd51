"""Who responded: counts of response with their intervals, each endpoint apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.evidence.needs import without
from lupuscart.figures.panels import (
    check_rows,
    legend_below,
    panel_axes,
)
from lupuscart.figures.rates import (
    by_conditioning,
    denominator_note,
    draw_rates,
    limit_numbers,
    percent_numbers,
    rate_axis,
    rate_names,
)
from lupuscart.figures.rows import (
    FEWEST,
    columns_beside,
    group_lines,
    in_parts,
    lines_that_fit,
    name_groups,
    spread_lines,
)
from lupuscart.figures.style import new_figure
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.marks import marks
from lupuscart.reporting.parts import Parts
from lupuscart.reporting.phrases import named, second_hand
from lupuscart.stats.proportion import proportion_ci, response_proportions
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import (
    cohort_label,
    conditioning_words,
    count_words,
    hundredths,
    interval_words,
    percent,
    percent_range,
)
from lupuscart.words.lexicon import join, level_words, word

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "by_endpoint",
    "chosen",
    "endpoints_headline",
    "plot_endpoints",
    "plot_response",
    "response_headline",
    "response_sentences",
    "sentence_frames",
]

NAMED = 6  # rows that an answer names one by one; of more it says how many
LISTED = 4  # counts that a headline lists
NAME = 36  # letters of an endpoint and its window that leave the plot its half of the width


def chosen(
    kept: pd.DataFrame, *, flares: pd.DataFrame, confidence_level: float, method: str
) -> Parts:
    """Return the figures of the counts that a page chose: each cohort at its endpoint and time.

    Parameters
    ----------
    kept : DataFrame
        Counts of efficacy with the facts of their studies, labelled.
    flares : DataFrame
        Counts of flares in the same studies, labelled, said at the rows of their study; may be
        empty.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.
    """
    options = {"confidence_level": confidence_level, "method": method}
    rates = response_proportions(kept, **options)
    bound = {"confidence_level": confidence_level, "bound": "lower"}
    rates["lower"], _ = proportion_ci(rates["events"], rates["n"], **bound)
    rates["flared"] = _flared(rates, flares)
    rates = rates.sort_values("is_response", ascending=False, kind="stable")
    return Parts(partial(_chosen_parts, rates, flares, options))


def _chosen_parts(rates, flares, options):
    weights = [2 + bool(each) for each in rates["flared"]]
    parts = in_parts(rates, rates["is_response"], weights=weights, room=lines_that_fit(panels=2))
    return [_chosen_part(part, rates, flares, options) for part in parts]


def _chosen_part(part, rates, flares, options):
    reported = part
    there = flares[flares["study"].isin(part["study"])]
    if len(there):
        later = response_proportions(there.assign(is_response=False), **options)
        reported = pd.concat([part, later])
    columns = ["label", "endpoint", "is_response", "window", "events", "n", "low", "high"]
    return Finding(
        "response",
        part.drop(columns="flared"),
        response_headline(part, **options),
        response_sentences(part, **options),
        draw=partial(plot_response, part, interval=ci_label(**options), head=_head(options)),
        rows=[reported],
        table=reported[[*columns, "read_in"]],
        answer=_answer(rates, options),
        supports=_supports(rates, options),
        does_not_support=_does_not_support(rates),
    )


def by_endpoint(reports: pd.DataFrame, *, confidence_level: float, method: str) -> Parts:
    """Return the figures of every cohort, the rows of one endpoint together, the largest first.

    Parameters
    ----------
    reports : DataFrame
        Counts of response endpoints in the order of
        `lupuscart.evidence.endpoints.by_endpoint`, with the facts of their studies, labelled;
        without rows there is a sentence instead.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.
    """
    options = {"confidence_level": confidence_level, "method": method}
    rates = response_proportions(reports, **options)
    if rates.empty:
        return Parts(list, without("response_counts"), rates)
    order = {name: rank for rank, name in enumerate(dict.fromkeys(rates["endpoint"]))}
    rates = rates.sort_values("n", ascending=False, kind="stable")
    rates = rates.sort_values("endpoint", key=lambda names: names.map(order), kind="stable")
    return Parts(partial(_endpoints_parts, rates, options))


def _endpoints_parts(rates, options):
    parts = in_parts(rates, rates["endpoint"])
    return [_endpoints_part(part, rates, options) for part in parts]


def _endpoints_part(part, rates, options):
    sentences = response_sentences(part, **options)
    look = {"interval": ci_label(**options), "head": _head(options)}
    columns = ["endpoint", "label", "cohort", "window", "events", "n", "low", "high"]
    return Finding(
        "endpoints",
        part,
        endpoints_headline(part, **options),
        sentences,
        draw=partial(plot_endpoints, part, **look),
        rows=[part],
        table=part[columns],
        answer=[_overall(rates, options)],
        to_explore={"about": "response", "rows": marks(part, sentences)},
    )


def _head(options):
    """What stands over the column of intervals: the axis below says how they were computed."""
    kind = "credible" if options["method"] == "uniform-prior" else "confidence"
    return word(f"head.{kind}", level=level_words(options["confidence_level"]))


def _flared(rates, flares) -> list[str]:
    """What each study reports of flares, in words; nothing where it reports none."""
    said = {
        study: word("pair_separator").join(
            word("response.flared", k=row.events, n=row.n, window=row.window)
            for row in rows.itertuples()
        )
        for study, rows in flares.groupby("study", sort=False)
    }
    return [said.get(study, "") for study in rates["study"]]


def _responses(table) -> tuple[pd.DataFrame, bool]:
    """The rows that count a response endpoint, or all if none does; and whether one does."""
    is_response = table.get("is_response", pd.Series(True, index=table.index)).astype(bool)
    return (table[is_response], True) if is_response.any() else (table, False)


def response_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say how many responded where, and how uncertain the smallest cohort is.

    Response endpoints come before anything else that was counted. Each cohort is named as long
    as the headline has room; of many it says in how many everybody responded.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint`` (words), ``events``, ``n``, ``rate``,
        ``low``, ``high``, ``read_in``; ``is_response`` where other outcomes may be there.
    confidence_level, method
        What the interval was computed with.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "label": ["A 2025", "B 2025"], "cohort": "all", "endpoint": "DORIS",
    ...     "events": [12, 5], "n": [15, 5], "rate": [0.8, 1], "low": [0.519, 0.478],
    ...     "high": [0.957, 1], "read_in": "primary"})
    >>> response_headline(table, confidence_level=0.95, method="clopper-pearson")
    'A 2025 12/15, B 2025 5/5 responded; for 5/5 the true rate may be 48–100 %'
    """
    check_rows(table)
    rows, response = _responses(table)
    interval = interval_words(confidence_level, method)
    if len(rows) == 1:
        return _one_count(next(rows.itertuples()), interval, response=response)
    said = _counted_words(response=response)
    least = _least_known(rows)
    counted = endpoints_headline(rows, confidence_level=confidence_level, method=method)
    if len(rows) > LISTED:
        return counted
    names = [f"{named(row)} {row.events}/{row.n}" for row in rows.itertuples()]
    bare = [f"{row.events}/{row.n}" for row in rows.itertuples()]
    gaps = {"k": least.events, "n": least.n, "range": percent_range(least.low, least.high)}
    listed = [word(f"headline.{said}_listed", counts=join(each), **gaps) for each in (names, bare)]
    return first_that_fits(*listed, counted)


def _counted_words(*, response):
    return "responded" if response else "had_outcome"


def _one_count(row, interval, *, response):
    gaps = {
        "k": row.events,
        "n": row.n,
        "range": percent_range(row.low, row.high),
        "endpoint": row.endpoint,
    }
    said = _counted_words(response=response)
    named_row = word("headline.one_count", study=named(row), interval=interval, **gaps)
    short = word("headline.one_count_short", interval=interval, **gaps)
    return first_that_fits(named_row, short, word(f"headline.{said}_one", **gaps))


def _least_known(rows):
    """The smallest cohort in which all or none had it; if there is none, the smallest."""
    extreme = rows[rows["events"].eq(rows["n"]) | rows["events"].eq(0)]
    among = rows if extreme.empty else extreme
    return next(among.sort_values("n", kind="stable").itertuples())


def endpoints_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say in how many counts everybody responded, and how uncertain the smallest of them is.

    Parameters
    ----------
    table, confidence_level, method
        As for `response_headline`.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "label": ["A 2025", "B 2025", "C 2025"], "cohort": "all", "endpoint": "DORIS",
    ...     "events": [3, 12, 5], "n": [3, 12, 10], "rate": [1, 1, 0.5],
    ...     "low": [0.292, 0.735, 0.187], "high": [1, 1, 0.813], "read_in": "primary"})
    >>> endpoints_headline(table, confidence_level=0.95, method="clopper-pearson")
    'In 2 of 3 counts everybody responded; in the smallest (3/3) the rate could be 29 %'
    """
    check_rows(table)
    rows, response = _responses(table)
    if len(rows) == 1:
        interval = interval_words(confidence_level, method)
        return _one_count(next(rows.itertuples()), interval, response=response)
    said = _counted_words(response=response)
    full, none = rows[rows["events"].eq(rows["n"])], rows[rows["events"].eq(0)]
    least = _least_known(rows)
    gaps = {"rows": len(rows), "k": least.events, "n": least.n}
    if len(full) and least.events == least.n:
        limit = percent(least.low)
        code = "all_full" if len(full) == len(rows) else "full"
        return word(f"headline.{said}_{code}", full=len(full), limit=limit, **gaps)
    if len(none) and least.events == 0:
        limit = percent(least.high)
        code = "all_none" if len(none) == len(rows) else "none"
        return word(f"headline.{said}_{code}", none=len(none), limit=limit, **gaps)
    observed = percent_range(rows["rate"].min(), rows["rate"].max())
    limits = percent_range(least.low, least.high)
    return word("headline.rates_between", observed=observed, range=limits, **gaps)


def _answer(rates, options) -> list[str]:
    """Who responded; how open that leaves the true rate; what else was counted; no control."""
    rows, response = _responses(rates)
    sentences = []
    if len(rows) > NAMED:
        sentences.append(_overall(rows, options))
    else:
        counts = [_count_clause(row, reached=response) for row in rows.itertuples()]
        sentences.append(word("answer.counts", counts=word("pair_separator").join(counts)))
        sentences.append(_open_rates(rows, options))
    if not response:
        sentences.append(word("answer.no_response"))
    others = [_flares(rates), _others(rates, response), _no_control(rates)]
    return [word("sentence_separator").join(filter(None, said)) for said in (sentences, others)]


def _count_clause(row, *, reached=False):
    return word(
        "answer.reached" if reached else "answer.count",
        study=named(row),
        endpoint=row.endpoint,
        window=row.window,
        k=row.events,
        n=row.n,
    )


def _open_rates(rows, options):
    *others, last = [percent_range(row.low, row.high) for row in rows.itertuples()]
    ranges = word("answer.and", first=join(others), last=last) if others else last
    code = "answer.open" if others else "answer.open_one"
    return word(code, interval=interval_words(**options), ranges=ranges)


def _overall(rows, options):
    """Many counts: in how many everybody responded, and how open the smallest leaves its rate."""
    least = _least_known(rows)
    return word(
        "answer.overall",
        rows=len(rows),
        reports=rows["study"].nunique(),
        full=int(rows["events"].eq(rows["n"]).sum()),
        observed=percent_range(rows["rate"].min(), rows["rate"].max()),
        k=least.events,
        n=least.n,
        range=percent_range(least.low, least.high),
        interval=interval_words(**options),
    )


def _flares(rates):
    flared = rates[rates["flared"].ne("")].drop_duplicates("study")
    if flared.empty:
        return ""
    if len(flared) > LISTED // 2:
        return word("answer.flares_many", reports=len(flared))
    said = [word("answer.flare", study=row.label, flared=row.flared) for row in flared.itertuples()]
    return word("answer.flares", flares=word("pair_separator").join(said))


def _others(rates, response):
    """What was counted that is not a response endpoint, beside those that are."""
    others = rates[~rates["is_response"].astype(bool)]
    if not response or others.empty:
        return ""
    if len(others) > LISTED // 2:
        return word("answer.others_many", n=len(others))
    counts = [_count_clause(row) for row in others.itertuples()]
    return word("answer.others", counts=word("pair_separator").join(counts))


def _no_control(rates):
    reports = rates.drop_duplicates("study")
    given = reports["conditioning"]
    conditioned = int((given.notna() & given.ne("none")).sum())
    code = "answer.no_control_one" if len(reports) == 1 else "answer.no_control"
    if not conditioned:
        code += "_unconditioned"
    return word(code, reports=len(reports), conditioned=conditioned)


def _supports(rates, options) -> list[str]:
    rows, _ = _responses(rates)
    level = level_words(options["confidence_level"])
    best = rows.sort_values("lower", ascending=False, kind="stable").head(3)
    said = [
        word(
            "supports.response.lower",
            study=named(row),
            endpoint=row.endpoint,
            limit=percent(row.lower),
            level=level,
        )
        for row in best.itertuples()
        if row.events
    ]
    empty = rows[rows["events"].eq(0)]
    said += [
        word(
            "supports.response.upper",
            study=named(row),
            endpoint=row.endpoint,
            limit=percent(row.high),
            interval=interval_words(**options),
        )
        for row in empty.head(3).itertuples()
    ]
    return said


def _does_not_support(rates) -> list[str]:
    rows, _ = _responses(rates)
    said = []
    full = rows[rows["events"].eq(rows["n"])]
    if len(full):
        row = next(full.sort_values("n", kind="stable").itertuples())
        gaps = {"k": row.events, "n": row.n, "low": percent(row.low)}
        said.append(word("not.response.full", **gaps))
    pairs = rates[["endpoint", "window"]].drop_duplicates()
    if len(rates) > 1:
        code = "not.response.compare" if len(pairs) > 1 else "not.response.compare_alike"
        said.append(word(code))
    said.append(word("not.response.cells"))
    flared = rates["flared"].ne("").any()
    said.append(word("not.response.lasting_flared" if flared else "not.response.lasting"))
    return said


def response_sentences(table: pd.DataFrame, *, confidence_level: float, method: str) -> list[str]:
    """Return one sentence a row: how many responded, with the interval and the conditioning.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``window``, ``events``, ``n``, ``rate``, ``low``,
        ``high``, ``conditioning``, ``read_in``; ``flared`` (words) where flares are known.
    confidence_level, method
        What the interval was computed with.
    """
    interval = interval_words(confidence_level, method)
    return [_response_sentence(row, _estimate(row, interval)) for row in table.itertuples()]


def sentence_frames(table: pd.DataFrame) -> list[str]:
    """Return the same sentences with the gaps rate, interval, low and high still open.

    Parameters
    ----------
    table : DataFrame
        As for `response_sentences`; no rate and no limits are needed.
    """
    gaps = {name: f"{{{name}}}" for name in ("rate", "interval", "low", "high")}
    return [_response_sentence(row, gaps) for row in table.itertuples()]


def _estimate(row, interval: str) -> dict[str, str]:
    limits = {"low": hundredths(row.low), "high": percent(row.high)}
    return {"rate": percent(row.rate), "interval": interval, **limits}


def _response_sentence(row, estimate: Mapping[str, str]) -> str:
    gaps: Mapping[str, object] = {
        "study": cohort_label(row),
        "outcome": row.endpoint,
        "window": row.window,
        "k": row.events,
        "n": row.n,
        "conditioning": conditioning_words(row.conditioning),
        **estimate,
    }
    if flared := getattr(row, "flared", ""):
        return second_hand(word("sentence.response_flared", flared=flared, **gaps), row.read_in)
    return second_hand(word("sentence.response", **gaps), row.read_in)


def plot_response(
    table: pd.DataFrame, *, interval: str, head: str = "", ax: Axes | None = None
) -> Axes:
    """Draw responders of evaluable with their intervals, one row a reported outcome.

    What is not a response endpoint stands in a panel of its own.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint``, ``window``, ``short_window`` (words),
        ``is_response``, ``events``, ``n``, ``n_treated`` (of the report), ``rate``, ``low``,
        ``high`` (0 to 1), ``conditioning``, ``read_in``; ``flared`` (words), said at the row,
        where it is known.
    interval : str
        The label of the interval, from `lupuscart.words.intervals.ci_label`.
    head : str
        What stands over the column of intervals.
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
    axes = panel_axes(ax, [_lines(rows) for rows in panels.values()])
    comma = word("clause_separator")
    long = (table["endpoint"] + comma + table["window"]).str.len().max() > NAME
    when = "short_window" if long else "window"
    for axis, (name, rows) in zip(axes, panels.items(), strict=True):
        names = rate_names(rows) + "\n" + rows["endpoint"] + comma + rows[when]
        if "flared" in rows:
            names += rows["flared"].map(lambda words: f"\n{words}" if words else "")
        draw_rates(axis, rows, names)
        axis.set_title(name)
        axis.tick_params(labelbottom=False)
    shown = list(panels.values())
    columns = [
        [texts(rows) for rows in shown] for texts in (count_words, percent_numbers, limit_numbers)
    ]
    columns_beside(axes, columns, [word("head.count"), word("head.rate"), head])
    rate_axis(axes[-1], interval)
    legend_below(axes[0].figure, by_conditioning(table), title=denominator_note(table))
    return axes[0]


def _lines(rows) -> int:
    """How many lines of text the rows of a panel take, its title among them."""
    flared = rows["flared"].ne("").sum() if "flared" in rows else 0
    return 2 * len(rows) + int(flared) + 1


def plot_endpoints(
    table: pd.DataFrame, *, interval: str, head: str = "", ax: Axes | None = None
) -> Axes:
    """Draw many cohorts, the rows of one endpoint under its name, never added up.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``endpoint``, ``short_window`` (words), ``events``,
        ``n``, ``n_treated`` (of the report), ``rate``, ``low``, ``high`` (0 to 1),
        ``conditioning``, ``read_in``; the rows of one endpoint stand together.
    interval, head, ax
        As for `plot_response`.

    Returns
    -------
    Axes
        One line a row of the table, and one a name of an endpoint.
    """
    check_rows(table)
    ax = ax or new_figure().add_subplot()
    comma = word("clause_separator")
    lines, headings = group_lines(table["endpoint"])
    total = len(lines) + len(headings)
    names = rate_names(table) + comma + table["short_window"]
    draw_rates(ax, table, names, lines=lines, total=max(total, FEWEST))
    name_groups(ax, headings)
    columns = [count_words(table), limit_numbers(table)]
    columns = [[spread_lines(each, lines, total)] for each in columns]
    columns_beside([ax], columns, [word("head.count"), head], line=0)
    rate_axis(ax, interval)
    legend_below(ax.figure, by_conditioning(table), title=denominator_note(table))
    return ax


def _response_panels(table) -> dict[str, pd.DataFrame]:
    check_rows(table)
    names = {True: "figure.response.endpoints", False: "figure.response.other"}
    return {
        word(code): table[table["is_response"] == flag]
        for flag, code in names.items()
        if table["is_response"].eq(flag).any()
    }
