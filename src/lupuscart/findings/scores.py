"""How far activity scores fell: as printed, and from baseline to a later visit."""

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
from lupuscart.findings.finding import Finding
from lupuscart.findings.phrases import how_many_second_hand, named, second_hand
from lupuscart.words.labels import (
    outcome_words,
    points,
    printed_words,
    score_words,
    statistic_words,
)
from lupuscart.words.lexicon import word, word_for

__all__ = [
    "as_printed",
    "change_sentences",
    "changes",
    "changes_headline",
    "plot_changes",
    "plot_scores",
    "score_sentences",
    "scores_headline",
]

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


def as_printed(printed: pd.DataFrame) -> Finding:
    """Return the figure of the scores as printed, a panel an instrument.

    Parameters
    ----------
    printed : DataFrame
        Rows of activity scores with the facts of their studies, labelled; changes among them
        are left out.
    """
    changes = ["mean_change", "median_change", "largest_fall"]
    levels = printed[~printed["statistic"].isin(changes)]
    columns = ["label", "cohort", "outcome", "window", "statistic", "value_printed"]
    # On a slide the spread stands in the cell of its value.
    whole = [printed_words(row) for row in levels.itertuples()]
    return Finding(
        "scores",
        levels[[*columns, "spread_kind", "spread", "n", "read_in"]],
        scores_headline(levels),
        score_sentences(levels),
        draw=lambda: plot_scores(levels),
        rows=[levels],
        table=levels.assign(value_printed=whole)[[*columns, "n", "read_in"]],
    )


def changes(dated: pd.DataFrame, *, printed: pd.DataFrame, yardstick: pd.DataFrame) -> Finding:
    """Return the figure of the changes from baseline, a placebo arm's beside them.

    Parameters
    ----------
    dated : DataFrame
        From `lupuscart.evidence.changes.changes_from_baseline`, with the facts of their studies,
        labelled; those without a change are left out.
    printed : DataFrame
        The scores that they are made from.
    yardstick : DataFrame
        The change of an arm on standard care alone, labelled; may be empty.
    """
    dated = dated.dropna(subset=["change"])
    columns = ["label", "outcome", "statistic", "window", "baseline", "follow_up"]
    columns += ["change", "change_kind", "n", "read_in"]
    return Finding(
        "changes",
        dated[columns],
        changes_headline(dated),
        change_sentences(dated, yardstick=yardstick),
        draw=lambda: plot_changes(dated, yardstick=yardstick),
        rows=[printed[printed["label"].isin(dated["label"])], yardstick],
        table=dated[[*columns[:2], "window", *columns[-4:]]],
    )


def scores_headline(table: pd.DataFrame) -> str:
    """Say in how many cohorts one statistic is printed before and after, of how few patients.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``outcome``, ``endpoint`` (words), ``read_in`` and those
        of `lupuscart.words.labels.score_words`.
    """
    check_rows(table)
    cohorts = [rows for _, rows in table.groupby(["label", "outcome"], sort=False)]
    if len(cohorts) == 1:
        return _one_cohort(cohorts[0])
    sizes = table["n"].dropna()
    parts = [
        word("headline.scores", both=sum(map(_is_before_and_after, cohorts)), cohorts=len(cohorts))
    ]
    if len(sizes):
        code = "headline.sizes" if table["n"].notna().all() else "headline.sizes_known"
        parts.append(word(code, fewest=sizes.min(), most=sizes.max()))
    parts.append(word("headline.no_control"))
    return word("pair_separator").join(parts)


def _one_cohort(rows):
    return word(
        "headline.score",
        study=named(rows.sort_values("read_in").iloc[-1]),
        outcome=rows["endpoint"].iloc[0],
        scores=score_words(rows),
    )


def _is_before_and_after(cohort):
    """Whether one statistic has a baseline and a later value."""
    baseline = cohort["week"].eq(0).fillna(False)
    before, after = cohort.loc[baseline, "statistic"], cohort.loc[~baseline, "statistic"]
    return not set(before).isdisjoint(after)


def changes_headline(table: pd.DataFrame) -> str:
    """Say how many changes there are, of how many kinds: a range of them would compare cohorts.

    SLE-DAS is another scale: its changes count only where there is no other.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``outcome``, ``endpoint`` (words), ``change``,
        ``change_kind``, ``read_in``.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025", "B 2025"], "outcome": "sledai_2k",
    ...                       "change": [-20, -7.9], "read_in": ["secondary", "primary"],
    ...                       "change_kind": ["largest_fall", "difference_of_means"]})
    >>> print(changes_headline(table))  # doctest: +NORMALIZE_WHITESPACE
    2 SLEDAI falls (1 read second-hand), printed as 2 kinds of statistic,
    1 from one patient each; none had a control
    """
    check_rows(table)
    same_scale = table[table["outcome"] != "sle_disease_activity_score"]
    rows = table if same_scale.empty else same_scale
    if len(rows) == 1:
        one = next(rows.itertuples())
        return word(
            "headline.change",
            study=named(one),
            outcome=one.endpoint,
            change=points(one.change),
            kind=word_for("change_kind", one.change_kind),
        )
    kinds = rows["change_kind"]
    parts = [
        word(
            "headline.falls" if rows["change"].lt(0).all() else "headline.changes",
            n=len(rows),
            scale="SLE-DAS" if same_scale.empty else "SLEDAI",
            second_hand=how_many_second_hand(rows),
        )
    ]
    if len(different := kinds.unique()) > 1:
        parts.append(word("headline.kinds", n=len(different)))
    if single := kinds.isin(["individual_change", "largest_fall"]).sum():
        parts.append(word("headline.single_patients", n=single))
    said = word("clause_separator").join(parts)
    end = word("headline.none_had_control")
    return word("pair_separator").join([said, end])


def score_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence a cohort and instrument: the scores as printed.

    Parameters
    ----------
    table : DataFrame
        As for `score_words`, with ``label`` and ``endpoint`` (words).
    """
    cohorts = table.groupby(["label", "endpoint"], sort=False)
    return [
        second_hand(
            word("sentence.score", study=label, outcome=endpoint, scores=score_words(rows)),
            rows["read_in"].max(),
        )
        for (label, endpoint), rows in cohorts
    ]


def change_sentences(table: pd.DataFrame, *, yardstick: pd.DataFrame | None = None) -> list[str]:
    """Return one sentence a change, and one a yardstick: how many points, of what kind.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``endpoint``, ``window`` (words), ``change``, ``change_kind``,
        ``read_in``.
    yardstick : DataFrame, optional
        Columns ``label``, ``window`` (words), ``n``, ``value``.
    """
    sentences = [
        second_hand(
            word(
                "sentence.change",
                study=row.label,
                outcome=row.endpoint,
                window=row.window,
                change=points(row.change),
                kind=word_for("change_kind", row.change_kind),
            ),
            row.read_in,
        )
        for row in table.itertuples()
    ]
    lines = [] if yardstick is None else yardstick.itertuples()
    return sentences + [
        word(
            "sentence.yardstick",
            value=points(row.value),
            study=row.label,
            window=row.window,
            n=row.n,
        )
        for row in lines
    ]


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
