"""How far activity scores fell: as printed, and from baseline to a later visit."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.data import outcomes as defined
from lupuscart.evidence.needs import has, without
from lupuscart.figures.panels import (
    check_rows,
    face,
    key,
    legend_below,
    panel_axes,
)
from lupuscart.figures.rates import by_conditioning
from lupuscart.figures.rows import (
    FEWEST,
    columns_beside,
    group_lines,
    in_parts,
    lines_that_fit,
    name_groups,
    name_lines,
    spread_lines,
)
from lupuscart.figures.style import Mark, conditioning_mark, theme_colour
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.page import labelled
from lupuscart.reporting.parts import Parts
from lupuscart.reporting.phrases import how_many_second_hand, named, second_hand
from lupuscart.reporting.tables import p_words
from lupuscart.stats.paired import regression_to_mean, smallest_sign_p
from lupuscart.words.labels import (
    outcome_words,
    percent,
    points,
    printed_words,
    score_words,
    statistic_words,
)
from lupuscart.words.lexicon import join, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = [
    "all_fell",
    "also_measured",
    "as_printed",
    "before_and_after",
    "change_sentences",
    "changes",
    "changes_headline",
    "not_measured",
    "plot_changes",
    "plot_scores",
    "score_sentences",
    "scores_headline",
    "with_bounds",
    "with_printed",
]

CONTINUOUS = "sle_disease_activity_score"  # very probably SLE-DAS: no sum of whole points

# What a drug stopped is called in the tables; such a count is not a response.
_DRUGS = ("off_immunosuppression", "glucocorticoids_stopped", "glucocorticoids_5mg")

_PRINTED_CHANGES = ("mean_change", "median_change", "largest_fall")

_KEYS = ["study", "cohort", "outcome", "statistic"]

# Screened patients of whom two sets of assumptions are said: mean, SD, entry at, correlation.
_SCREENED = ((6, 5, 10, 0.5), (4, 5, 20, 0.3))

# A baseline: no regimen has its shape.
_BAR = {"marker": "|", "markersize": 16, "markeredgewidth": 3}

# Lines that the words over an axis take, and a second axis.
YARDSTICK, SECOND_SCALE = 2, 5


def with_printed(dated: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """Return changes with both ends as their sources print them, with their spreads and without.

    Parameters
    ----------
    dated : DataFrame
        From `lupuscart.evidence.changes.changes_from_baseline`.
    printed : DataFrame
        The scores that they are made from, with ``value_printed`` and their spreads.

    Returns
    -------
    DataFrame
        A copy with the texts ``baseline_printed``, ``follow_up_printed`` (with the spread),
        ``baseline_value`` and ``follow_up_value`` (without); missing where none is printed.

    Examples
    --------
    >>> printed = pd.DataFrame({"study": "a", "cohort": "all", "outcome": "sledai_2k",
    ...     "statistic": "mean", "week": [0, 26], "timing": "at",
    ...     "value_printed": ["31.30", "5.35"], "spread_kind": None, "spread": None})
    >>> dated = printed.tail(1).assign(baseline=31.3, follow_up=5.35)
    >>> with_printed(dated, printed).iloc[0, -2:].tolist()
    ['31.30', '5.35']
    """
    texts = {_place(row): (printed_words(row), row.value_printed) for row in printed.itertuples()}
    nothing = (None, None)
    ends = [
        (
            nothing if pd.isna(row.baseline) else texts[_baseline_of(row)],
            nothing if pd.isna(row.follow_up) else texts[_place(row)],
        )
        for row in dated.itertuples()
    ]
    return dated.assign(
        baseline_value=[before[1] for before, _ in ends],
        follow_up_value=[after[1] for _, after in ends],
        baseline_printed=[before[0] for before, _ in ends],
        follow_up_printed=[after[0] for _, after in ends],
    )


def _baseline_of(row):
    return (*(getattr(row, name) for name in _KEYS), 0, "")


def _place(row):
    """What tells a printed value from all others: its cohort, statistic and time."""
    key_of = tuple(getattr(row, name) for name in _KEYS)
    if pd.notna(row.week) and row.week == 0:
        return _baseline_of(row)
    return (*key_of, None if pd.isna(row.week) else int(row.week), row.timing)


def before_and_after(dated: pd.DataFrame) -> pd.DataFrame:
    """Return the changes whose two ends are both printed, the rows of one instrument together."""
    both = dated["baseline"].notna() & dated["follow_up"].notna() & dated["change"].notna()
    pairs = dated[both].sort_values("n", ascending=False, kind="stable", na_position="last")
    rank = {name: place for place, name in enumerate(dict.fromkeys(dated["outcome"]))}
    rank[CONTINUOUS] = len(rank)
    return pairs.sort_values("outcome", key=lambda names: names.map(rank), kind="stable")


def _one_end(dated):
    return dated[dated["baseline"].notna() | dated["follow_up"].notna()]


def as_printed(printed: pd.DataFrame, *, dated: pd.DataFrame, yardstick: pd.DataFrame) -> Parts:
    """Return the figures of the scores before and after; the table has every score printed.

    Parameters
    ----------
    printed : DataFrame
        Rows of activity scores with the facts of their studies, labelled.
    dated : DataFrame
        The changes made from them, labelled, as `with_printed` returns them.
    yardstick : DataFrame
        The change of an arm on standard care alone, labelled; may be empty.
    """
    levels = printed[~printed["statistic"].isin(_PRINTED_CHANGES)]
    if levels.empty:
        return changes(dated, printed=printed, yardstick=yardstick)
    columns = ["label", "cohort", "outcome", "window", "statistic", "value_printed"]
    # On a slide the spread stands in the cell of its value.
    whole = [printed_words(row) for row in levels.itertuples()]
    pairs = before_and_after(dated)
    # Where nothing is printed twice, what is printed once is drawn.
    shown = pairs if len(pairs) else _one_end(dated)
    headline = scores_headline(levels, pairs)
    kept = ["label", "cohort", "outcome", "statistic", "window", "baseline_printed"]
    kept += ["follow_up_printed", "change", "change_kind", "n", "read_in"]
    said = {
        "rows": [levels],
        "table": levels.assign(value_printed=whole)[[*columns, "n", "read_in"]],
        "answer": _answer(levels, dated, yardstick),
        "supports": _supports(pairs),
        "does_not_support": _does_not_support(dated),
    }
    return Parts(partial(_score_figures, shown, kept, headline, score_sentences(levels), said))


def _score_figures(shown, kept, headline, sentences, said) -> list[Finding]:
    return [
        Finding("scores", part[kept], headline, sentences, draw=partial(plot_scores, part), **said)
        for part in _in_parts(shown, "outcome", over=0)
    ]


def changes(dated: pd.DataFrame, *, printed: pd.DataFrame, yardstick: pd.DataFrame) -> Parts:
    """Return the figures of the changes from baseline, a placebo arm's beside them.

    Parameters
    ----------
    dated : DataFrame
        As for `as_printed`; those without a change are left out.
    printed : DataFrame
        The scores that they are made from.
    yardstick : DataFrame
        The change of an arm on standard care alone, labelled; may be empty.
    """
    every = dated
    dated = _by_kind(dated.dropna(subset=["change"]))
    if dated.empty:
        return Parts(list, without("score_changes"))
    said = {
        "answer": _answer(printed, every, yardstick),
        "supports": _supports(before_and_after(every)),
        "does_not_support": _does_not_support(every),
    }
    return Parts(partial(_change_figures, dated, printed, yardstick, said))


def _change_figures(dated, printed, yardstick, said) -> list[Finding]:
    columns = ["label", "outcome", "statistic", "window", "baseline_printed"]
    columns += ["follow_up_printed", "change", "change_kind", "n", "read_in"]
    return [
        Finding(
            "changes",
            part[columns],
            changes_headline(part),
            change_sentences(part, yardstick=beside),
            draw=partial(plot_changes, part, yardstick=beside),
            rows=[printed[printed["label"].isin(part["label"])], beside],
            table=part[[*columns[:2], "window", *columns[-4:]]],
            **said,
        )
        for part in _in_parts(dated, "change_kind", over=YARDSTICK)
        for beside in [_yardstick_of(part, yardstick)]
    ]


def _yardstick_of(part, yardstick):
    """The yardstick of a figure: a SLEDAI, which is none for the other scale alone."""
    return yardstick.head(0) if part["outcome"].eq(CONTINUOUS).all() else yardstick


def _in_parts(table, group, *, over) -> list[pd.DataFrame]:
    """The rows of each figure: both scales in one where there is room, or each in its own."""
    scales = _by_scale(table)
    lines = sum(len(rows) + rows[group].nunique() for rows in scales)
    room = lines_that_fit() - over
    if len(scales) > 1 and lines <= room - SECOND_SCALE:
        return [table]
    return [part for rows in scales for part in in_parts(rows, rows[group], room=room)]


def _by_kind(dated):
    """The rows of one kind of change together, the largest fall first; the other scale last."""
    rank = {kind: place for place, kind in enumerate(dict.fromkeys(dated["change_kind"]))}
    other = dated["outcome"].eq(CONTINUOUS)
    order = pd.DataFrame({"other": other, "kind": dated["change_kind"].map(rank)})
    order["change"] = dated["change"]
    return dated.loc[order.sort_values(["other", "kind", "change"], kind="stable").index]


def scores_headline(table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Say in how many cohorts the score was lower afterwards, and how many print no second one.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``cohort``, ``outcome``, ``endpoint`` (words), ``read_in`` and those
        of `lupuscart.words.labels.score_words`.
    pairs : DataFrame
        As `before_and_after` returns them.
    """
    check_rows(table)
    cohorts = [rows for _, rows in table.groupby(["label", "outcome"], sort=False)]
    if len(cohorts) == 1:
        return _one_cohort(cohorts[0])
    if pairs.empty:
        return word("headline.scores_no_pair", n=len(cohorts))
    both, fell = _cohorts(pairs), _cohorts(pairs[pairs["change"] < 0])
    alone = len(cohorts) - both
    code = "headline.scores_all_fell" if fell == both else "headline.scores_fell"
    said = word(code, fell=fell, both=both)
    if alone <= 0:
        return said
    return word("pair_separator").join([said, word("headline.scores_alone", n=alone)])


def _cohorts(rows):
    return len(rows.drop_duplicates(["label", "outcome"]))


def _one_cohort(rows):
    gaps = {"study": named(rows.sort_values("read_in").iloc[-1]), "scores": score_words(rows)}
    return first_that_fits(
        word("headline.score", outcome=rows["endpoint"].iloc[0], **gaps),
        word("headline.score_short", **gaps),
    )


def changes_headline(table: pd.DataFrame) -> str:
    """Say by how many points scores fell, in how many kinds of summary.

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
    >>> changes_headline(table)
    'SLEDAI fell by 7.9 to 20 points: 2 changes of 2 kinds (1 read second-hand), no control'
    """
    check_rows(table)
    same_scale = table[table["outcome"] != CONTINUOUS]
    rows = table if same_scale.empty else same_scale
    if len(rows) == 1:
        return _one_change(next(rows.itertuples()))
    fell = rows["change"].lt(0).all()
    ends = rows["change"].abs() if fell else rows["change"]
    low, high = ends.min(), ends.max()
    code = "fell" if fell else "changed"
    gaps = {
        "scale": "SLE-DAS" if same_scale.empty else "SLEDAI",
        "low": points(low),
        "high": points(high),
        "n": len(rows),
        "kinds": rows["change_kind"].nunique(),
    }
    if low == high:
        code += "_alike"
    return first_that_fits(
        word(f"headline.{code}", second_hand=how_many_second_hand(rows), **gaps),
        word(f"headline.{code}", second_hand="", **gaps),
    )


def _one_change(row):
    gaps = {
        "study": named(row),
        "change": points(row.change),
        "kind": word_for("change_kind", row.change_kind),
    }
    return first_that_fits(
        word("headline.change", outcome=row.endpoint, **gaps),
        word("headline.change_short", **gaps),
        word("headline.change_bare", **gaps),
    )


def _answer(levels, dated, yardstick) -> list[str]:
    pairs = before_and_after(dated)
    changed = dated.dropna(subset=["change"])
    first = [_how_many_fell(levels, pairs), _how_far(changed[changed["outcome"].ne(CONTINUOUS)])]
    others = [_how_read(changed)]
    others += [
        word(
            "answer.yardstick",
            value=points(row.value),
            study=row.label,
            window=row.window,
            n=row.n,
        )
        for row in yardstick.itertuples()
    ]
    said = [word("sentence_separator").join(filter(None, each)) for each in (first, others)]
    return [each for each in said if each]


def _how_many_fell(levels, pairs):
    if pairs.empty:
        return word("answer.scores_no_pair", n=_cohorts(levels))
    both, fell = _cohorts(pairs), _cohorts(pairs[pairs["change"] < 0])
    if both == 1:
        row = next(pairs.itertuples())
        return word(
            "answer.scores_one",
            study=named(row),
            before=row.baseline_printed,
            after=row.follow_up_printed,
            statistic=statistic_words(row.statistic),
            window=row.window,
        )
    code = "answer.scores_all" if fell == both else "answer.scores_some"
    return word(code, fell=fell, both=both)


def _how_far(changed):
    if len(changed) < 2:
        return ""
    fell = changed["change"].lt(0).all()
    ends = changed["change"].abs() if fell else changed["change"]
    code = "answer.fell" if fell else "answer.changed"
    return word(code, low=points(ends.min()), high=points(ends.max()))


def _how_read(changed):
    if changed.empty:
        return word("answer.scores_no_control")
    kinds = changed["change_kind"].nunique()
    code = "answer.kinds" if kinds > 1 else "answer.scores_no_control"
    second = int(changed["read_in"].eq("secondary").sum())
    return word(code, n=len(changed), kinds=kinds, second=second)


def _supports(pairs) -> list[str]:
    said = []
    fell = pairs[pairs["change"] < 0]
    if len(fell):
        said.append(word("supports.scores.fell", n=_cohorts(fell)))
    expected = [float(regression_to_mean(*each).expected_fall) for each in _SCREENED]
    sledai = fell[fell["outcome"].ne(CONTINUOUS)]
    larger = sledai[-sledai["change"] > expected[0]]
    if len(larger):
        mean, sd, cut, correlation = _SCREENED[0]
        other_mean, other_sd, other_cut, other_correlation = _SCREENED[1]
        said.append(
            word(
                "supports.scores.regression",
                n=len(larger),
                other_n=int((-sledai["change"] > expected[1]).sum()),
                of=len(sledai),
                **{"mean": mean, "sd": sd, "cut": cut, "correlation": correlation},
                **{"other_mean": other_mean, "other_sd": other_sd, "other_cut": other_cut},
                other_correlation=other_correlation,
                fall=f"{expected[0]:.1f}",
                other_fall=f"{expected[1]:.1f}",
            )
        )
    return said


def _does_not_support(dated) -> list[str]:
    changed = dated.dropna(subset=["change"])
    said = [word("not.scores.cells")]
    if (kinds := changed["change_kind"].nunique()) > 1:
        said.append(word("not.scores.average", kinds=kinds))
    single = changed[changed["change_kind"].isin(["individual_change", "largest_fall"])]
    if len(single):
        said.append(word("not.scores.single", n=len(single)))
    return [*said, word("not.scores.response")]


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


def all_fell(trials: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return how likely it is that all patients of a cohort fall without the cells.

    Parameters
    ----------
    trials : DataFrame
        Rows of the trials table; only counts in which the SLEDAI of every patient fell enter.
    studies : DataFrame
        The table of their studies.

    Returns
    -------
    DataFrame
        A row a cohort and assumed rate of falling (one half, as the sign test assumes, 80 and
        90 %): ``label``, ``fell``, ``n``, ``read_in``, ``null_rate``, ``p_all_fell`` (the rate to
        the power of n) and ``smallest_p``, the smallest two-sided p that a sign test of n
        patients can give; the last three as text.
    """
    counts = trials["outcome"].eq("sledai_decreased") & trials["statistic"].eq("count")
    rows = trials[counts & trials["events"].eq(trials["n"])]
    worth = labelled(rows, studies)[["label", "events", "n", "read_in"]]
    worth = worth.rename(columns={"events": "fell"})
    worth = worth.merge(pd.DataFrame({"null": [0.5, 0.8, 0.9]}), how="cross")
    rates = list(zip(worth.pop("null"), worth["n"].astype(int), strict=True))
    return worth.assign(
        null_rate=[percent(null) for null, _ in rates],
        p_all_fell=[percent(null**n) for null, n in rates],
        smallest_p=[p_words(smallest_sign_p(n)) for _, n in rates],
    )


def with_bounds(falls: pd.DataFrame) -> pd.DataFrame:
    """Return what summaries guarantee, in points with one decimal; rounded so that it still holds.

    Examples
    --------
    >>> with_bounds(pd.DataFrame({"mean_fall_low": [13.4286], "mean_fall_high": [11.6667]}))
      mean_fall_low mean_fall_high
    0          13.4           11.7
    """
    down = {name: math.floor for name in ("mean_fall_low", "smallest_fall_low")}
    up = {name: math.ceil for name in ("mean_fall_high", "smallest_fall_high")}
    known = {name: rounded for name, rounded in (down | up).items() if name in falls}
    return falls.assign(
        **{
            name: [_tenth(value, rounded) for value in falls[name]]
            for name, rounded in known.items()
        }
    )


def _tenth(value, rounded):
    if pd.isna(value):
        return None
    # Beyond the ninth decimal lies only how a computer holds the number.
    return f"{rounded(round(10 * float(value), 9)) / 10:g}"


def also_measured(trials: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return what was measured besides: B cells, antibodies, complement, drugs stopped or given.

    Parameters
    ----------
    trials : DataFrame
        Rows of the trials table.
    studies : DataFrame
        The table of their studies.

    Returns
    -------
    DataFrame
        A row a reported number: ``label``, ``cohort``, ``outcome``, ``window``, ``reported``
        (k of n, a percentage, or events without a denominator), ``read_in``, ``note``. Empty
        if nothing of this was reported.
    """
    rows = trials[trials["outcome"].isin(_besides())]
    rows = labelled(rows, studies)
    rows["reported"] = [_reported(row) for row in rows.itertuples()]
    return rows[["label", "cohort", "outcome", "window", "reported", "read_in", "note"]]


def not_measured(trials: pd.DataFrame) -> str:
    """Say what of this has no row: looked for, and not found in what was read.

    Parameters
    ----------
    trials : DataFrame
        Rows of the trials table.
    """
    missing = [code for code in _besides() if not trials["outcome"].eq(code).any()]
    said = [without(need) for need in ("biomarkers", "co_treatments") if not has(trials, need)]
    if missing:
        said.append(word("measured.nothing_on", outcomes=join(map(outcome_words, missing))))
    return word("sentence_separator").join(said)


def _besides() -> list[str]:
    """The outcomes of blood and drugs, in reading order."""
    domains = ("biomarker", "co_treatment")
    codes = [code for domain in domains for code in defined.codes_of(domain=domain)]
    known = defined.codes_of(domain="efficacy")
    return [*codes, *(code for code in _DRUGS if code in known)]


def _reported(row):
    if row.statistic == "count":
        return word("provenance.count", k=row.events, n=row.n)
    if row.statistic == "events_only":
        return word("provenance.events_only", k=row.events)
    if row.statistic == "percent":
        return word("percent", value=row.value_printed)
    return f"{statistic_words(row.statistic)} {printed_words(row)}"


def plot_scores(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw scores before and after, one row a statistic that a cohort prints twice.

    Baseline is a bar, follow-up the mark of the regimen at the end of a line. The line joins two
    summaries; it is the course of no patient.

    Parameters
    ----------
    table : DataFrame
        As `before_and_after` returns it, of `with_printed`, with the facts of the studies:
        ``label``, ``outcome``, ``endpoint``, ``short_window`` (words), ``statistic``, ``n``,
        ``baseline``, ``follow_up``, ``baseline_printed``, ``follow_up_printed``,
        ``conditioning``, ``read_in``.
    ax : Axes, optional
        Where to draw a table of one panel; a new figure if not given.

    Returns
    -------
    Axes
        The first panel; ``ax.figure.axes`` holds them all. The SLEDAI family shares a scale;
        SLE-DAS, which is another, has a panel of its own.
    """
    check_rows(table)
    panels = _by_scale(table)
    axes = _panels(ax, panels, "endpoint")
    placed = [_draw_pairs(axis, rows) for axis, rows in zip(axes, panels, strict=True)]
    heads = [word("head.before_after"), word("head.statistic"), word("head.n")]
    _columns(axes, placed, heads)
    axes[-1].set_xlabel(word("figure.scores.x"))
    more = _time_key()
    legend_below(axes[0].figure, by_conditioning(table), more=more)
    return axes[0]


def _panels(ax, panels, group) -> list[Axes]:
    """An Axes a panel, each as tall as its rows and the names of their groups."""
    sizes = [0.5 + len(rows) + rows[group].nunique() for rows in panels]
    axes = panel_axes(ax, sizes)
    return axes


def _columns(axes, placed, heads):
    """Write the columns of all panels under one another, their heads over the first alone."""
    if len(axes) == 1:
        axes[0].set_ylim(max(placed[0][1], FEWEST) - 0.4, -0.6)
    columns = [
        [spread_lines(texts[at], lines, total) for lines, total, *texts in placed]
        for at in range(len(heads))
    ]
    columns_beside(axes, columns, heads, line=0)


def _by_scale(table) -> list[pd.DataFrame]:
    continuous = table["outcome"] == CONTINUOUS
    return [rows for rows in (table[~continuous], table[continuous]) if len(rows)]


def _draw_pairs(ax, rows):
    lines, headings = group_lines(rows["endpoint"])
    total = len(lines) + len(headings)
    quiet = theme_colour("quiet")
    for line, row in zip(lines, rows.itertuples(), strict=True):
        mark = conditioning_mark(row.conditioning)
        colour = face(mark.colour, row.read_in)
        # An end that is not printed is not a number and draws nothing.
        ax.plot([row.baseline, row.follow_up], [line, line], color=quiet, linewidth=2)
        ax.plot(row.baseline, line, color=quiet, **_BAR)
        ax.plot(row.follow_up, line, mark.shape, color=mark.colour, mfc=colour, clip_on=False)
    comma = word("clause_separator")
    name_lines(ax, rows["label"] + comma + rows["short_window"], lines, total=total)
    name_groups(ax, headings)
    highest = rows[["baseline", "follow_up"]].max().max()
    ax.set_xlim(0, 1.05 * max(highest, 1))
    ax.xaxis.set_major_locator(_round_steps())
    values = [_values(row) for row in rows.itertuples()]
    statistics = [statistic_words(each) for each in rows["statistic"]]
    return lines, total, values, statistics, _sizes(rows)


def _round_steps():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(7, integer=True, steps=[1, 2, 5, 10])


def _sizes(rows):
    return ["–" if pd.isna(n) else str(n) for n in rows["n"]]


def _values(row):
    """Both values without their spreads, which stand in the table."""
    ends = [row.baseline_value, row.follow_up_value]
    return "→".join("–" if pd.isna(end) else end for end in ends)


def _time_key() -> list[Line2D]:
    quiet, ink = theme_colour("quiet"), theme_colour("ink")
    before = key(Mark("|", quiet, quiet), word("figure.scores.baseline"))
    before.set(**_BAR)
    # On a line, as in the figure: the same mark without one tells how a report was read.
    after = key(Mark("h", ink, ink), word("figure.scores.follow_up"))
    after.set(linestyle="-", linewidth=2)
    return [before, after]


def plot_changes(
    table: pd.DataFrame, *, yardstick: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how far scores fell, beside the fall seen in arms without any new drug.

    Rows of one kind of change stand under its name. SLE-DAS is another scale than the SLEDAI
    family and has a panel of its own, without the yardstick, which is a SLEDAI.

    Parameters
    ----------
    table : DataFrame
        One row a change: ``outcome``, ``label``, ``endpoint``, ``short_window`` (words),
        ``change_kind``, ``change`` (points, negative is a fall), ``n``, ``conditioning``,
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
    panels = _by_scale(table)
    axes = _panels(ax, panels, "change_kind")
    reach = min(0, table["change"].min()) - 1.5, max(0, table["change"].max()) + 0.5
    placed = []
    for axis, rows in zip(axes, panels, strict=True):
        placed.append(_draw_changes(axis, rows))
        if rows["outcome"].eq(CONTINUOUS).all():
            name = outcome_words(CONTINUOUS)
            # Wider than its axes, beside which there is room.
            axis.set_title(name, loc="left", pad=6, fontsize="medium").set_in_layout(False)
        axis.set_xlim(reach)
        axis.xaxis.set_major_locator(_round_steps())
    _columns(axes, placed, [word("head.points"), word("head.n")])
    alone = panels[0]["outcome"].eq(CONTINUOUS).all()
    for row in () if yardstick is None or alone else yardstick.itertuples():
        _draw_yardstick(axes[0], row)
    axes[-1].set_xlabel(word("figure.changes.x"))
    legend_below(axes[0].figure, by_conditioning(table))
    return axes[0]


def _draw_changes(ax, rows):
    lines, headings = group_lines(rows["change_kind"])
    total = len(lines) + len(headings)
    for line, row in zip(lines, rows.itertuples(), strict=True):
        mark = conditioning_mark(row.conditioning)
        colour = face(mark.colour, row.read_in)
        ax.plot([0, row.change], [line, line], color=mark.colour, linewidth=2)
        ax.plot(row.change, line, mark.shape, color=mark.colour, mfc=colour)
    comma = word("clause_separator")
    name_lines(ax, rows["label"] + comma + rows["short_window"], lines, total=total)
    name_groups(ax, {line: word_for("change_kind", kind) for line, kind in headings.items()})
    return lines, total, [points(change) for change in rows["change"]], _sizes(rows)


def _draw_yardstick(ax, row):
    ax.axvline(row.value, color=theme_colour("ink"), linestyle="--", linewidth=2)
    lines = [
        word("figure.changes.yardstick", value=points(row.value), study=row.label, n=row.n),
        word("figure.changes.not_compared", window=row.window),
    ]
    ax.annotate(
        "\n".join(lines),
        (1, 1),
        xytext=(0, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        annotation_clip=False,
    )
