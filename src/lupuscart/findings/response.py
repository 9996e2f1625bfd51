"""Who responded: counts of response with their intervals, each endpoint apart."""

import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import (
    check_rows,
    legend_below,
    margin_columns,
    one_axes,
    panel_axes,
)
from lupuscart.figures.rates import (
    denominator_note,
    draw_rates,
    label_groups,
    rate_axis,
    rate_names,
)
from lupuscart.findings.finding import Finding
from lupuscart.findings.phrases import named, second_hand
from lupuscart.stats.proportion import proportion_ci, response_proportions
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import (
    cohort_label,
    conditioning_words,
    count_words,
    hundredths,
    interval_words,
    limit_words,
    percent,
    percent_range,
)
from lupuscart.words.lexicon import word

__all__ = [
    "by_endpoint",
    "chosen",
    "endpoints_headline",
    "plot_endpoints",
    "plot_response",
    "response_headline",
    "response_sentences",
]


def chosen(kept: pd.DataFrame, *, flares: pd.DataFrame, confidence_level: float, method: str):
    """Return the figure of the counts that a page chose: each cohort at its endpoint and time.

    Parameters
    ----------
    kept : DataFrame
        Counts of efficacy with the facts of their studies, labelled.
    flares : DataFrame
        Counts of later flares in the same studies, which the table adds; may be empty.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.
    """
    options = {"confidence_level": confidence_level, "method": method}
    rates = response_proportions(kept, **options)
    bound = {"confidence_level": confidence_level, "bound": "lower"}
    rates["lower"], _ = proportion_ci(rates["events"], rates["n"], **bound)
    reported = rates
    if len(flares):
        later = response_proportions(flares.assign(is_response=False), **options)
        reported = pd.concat([rates, later])
    columns = ["label", "endpoint", "is_response", "window", "events", "n", "low", "high"]
    return Finding(
        "response",
        rates,
        response_headline(rates, **options),
        response_sentences(rates, **options),
        draw=lambda: plot_response(rates, interval=ci_label(**options)),
        rows=[reported],
        table=reported[[*columns, "read_in"]],
    )


def by_endpoint(reports: pd.DataFrame, *, confidence_level: float, method: str) -> Finding:
    """Return the figure of every cohort, the rows of one endpoint together.

    Parameters
    ----------
    reports : DataFrame
        Counts of response endpoints in the order of
        `lupuscart.evidence.endpoints.by_endpoint`, with the facts of their studies, labelled.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.
    """
    options = {"confidence_level": confidence_level, "method": method}
    rates = response_proportions(reports, **options)
    return Finding(
        "endpoints",
        rates,
        endpoints_headline(rates, **options),
        response_sentences(rates, **options),
        draw=lambda: plot_endpoints(rates, interval=ci_label(**options)),
        rows=[rates],
        table=rates[["endpoint", "label", "cohort", "window", "events", "n", "low", "high"]],
    )


def response_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say the largest count with its interval, and the smallest extreme one beside it.

    Two counts carry their endpoints, for they are not to be compared. Response endpoints come before anything else that was counted, and what was read in the
    source before what was read second-hand.

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
    '12 of 15 DORIS (A 2025; exact 95 % CI 52–96 %), 5 of 5 DORIS (B 2025; 48–100 %); not to be compared'
    """  # noqa: E501
    check_rows(table)
    is_response = table.get("is_response", pd.Series(True, index=table.index))
    rows = table[is_response] if is_response.any() else table
    rows = rows.sort_values(["read_in", "n"], ascending=[True, False])
    interval = interval_words(confidence_level, method)
    if len(rows) == 1:
        parts = [_count(next(rows.itertuples()), interval)]
    else:
        parts = _two_counts(rows, interval)
    if not is_response.any():
        parts.append(word("headline.not_response"))
    return word("pair_separator").join(parts)


def _count(row, interval):
    comma = word("clause_separator")
    return word(
        "headline.count",
        study=comma.join([named(row), row.endpoint]),
        k=row.events,
        n=row.n,
        rate=percent(row.rate),
        interval=interval,
        range=percent_range(row.low, row.high),
    )


def _two_counts(rows, interval) -> list[str]:
    """The first count and the least known one: of the smallest full or empty cohort, if any."""
    others = rows.iloc[1:]
    extreme = others[others["events"].eq(others["n"]) | others["events"].eq(0)]
    among = others if extreme.empty else extreme
    lead, least = next(rows.itertuples()), next(among.sort_values(["read_in", "n"]).itertuples())
    limits = [percent_range(row.low, row.high) for row in (lead, least)]
    limits[0] = word("headline.limits", interval=interval, range=limits[0])
    counts = [
        word(
            "headline.pair_count",
            k=row.events,
            n=row.n,
            endpoint=row.endpoint,
            study=named(row),
            range=limit,
        )
        for row, limit in zip((lead, least), limits, strict=True)
    ]
    comma = word("clause_separator")
    return [comma.join(counts), word("headline.not_compared")]


def endpoints_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say how many counts are full, and how low a rate the fewest and the most patients allow.

    Parameters
    ----------
    table, confidence_level, method
        As for `response_headline`, which is said where there are not two sizes of full cohorts;
        with ``study``, ``programme`` and ``overlaps_with``, which tell whether reports may
        share patients.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "study": ["a", "b", "c"], "programme": ["p", "q", "q"], "overlaps_with": None,
    ...     "label": ["A 2025", "B 2025", "C 2025"], "cohort": "all", "endpoint": "DORIS",
    ...     "events": [3, 12, 5], "n": [3, 12, 10], "rate": [1, 1, 0.5],
    ...     "low": [0.292, 0.735, 0.187], "high": [1, 1, 0.813], "read_in": "primary"})
    >>> endpoints_headline(table, confidence_level=0.95, method="clopper-pearson")
    '2 of 3 counts, from 3 overlapping reports, are n of n; 3 of 3 allows 29 %, 12 of 12 74 % (exact 95 % CI)'
    """  # noqa: E501
    check_rows(table)
    level = {"confidence_level": confidence_level, "method": method}
    full = table[table["events"] == table["n"]].sort_values("n")
    if full["n"].nunique() < 2:
        return response_headline(table, **level)
    fewest, most = full.iloc[0], full.iloc[-1]
    return word(
        "headline.endpoints",
        full=len(full),
        rows=len(table),
        reports=_reports(table),
        interval=interval_words(**level),
        fewest=fewest.n,
        low=percent(fewest.low),
        most=most.n,
        high=percent(most.low),
    )


def _reports(table):
    """How many reports, and whether some of them may share patients."""
    reports = table.drop_duplicates("study")
    named = reports["overlaps_with"].dropna().str.split().explode()
    overlap = reports["programme"].duplicated().any() or named.isin(reports["study"]).any()
    code = "headline.overlapping_reports" if overlap else "headline.reports"
    return word(code, n=len(reports))


def response_sentences(table: pd.DataFrame, *, confidence_level: float, method: str) -> list[str]:
    """Return one sentence a row: how many responded, with the interval and the conditioning.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``window``, ``events``, ``n``, ``rate``, ``low``,
        ``high``, ``conditioning``, ``read_in``.
    confidence_level, method
        What the interval was computed with.
    """
    interval = interval_words(confidence_level, method)
    return [_response_sentence(row, interval) for row in table.itertuples()]


def _response_sentence(row, interval: str) -> str:
    sentence = word(
        "sentence.response",
        study=cohort_label(row),
        outcome=row.endpoint,
        window=row.window,
        k=row.events,
        n=row.n,
        rate=percent(row.rate),
        interval=interval,
        low=hundredths(row.low),
        high=percent(row.high),
        conditioning=conditioning_words(row.conditioning),
    )
    return second_hand(sentence, row.read_in)


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
    rate_axis(axes[-1], interval)
    legend_below(axes[0].figure, table, title=denominator_note(table))
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
    label_groups(ax, table["endpoint"].tolist())
    rate_axis(ax, interval)
    legend_below(ax.figure, table, title=denominator_note(table))
    return ax


def _response_panels(table) -> dict[str, pd.DataFrame]:
    check_rows(table)
    names = {True: "figure.response.endpoints", False: "figure.response.other"}
    return {
        word(code): table[table["is_response"] == flag]
        for flag, code in names.items()
        if table["is_response"].eq(flag).any()
    }
