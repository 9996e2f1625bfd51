"""What one more patient would change."""

from __future__ import annotations

import math
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lupuscart.figures.panels import (
    check_rows,
    face,
    legend_below,
    wrapped,
)
from lupuscart.figures.rows import words_left, words_right
from lupuscart.figures.style import MARGIN, conditioning_mark, new_figure, theme_colour
from lupuscart.findings.response import sentence_frames
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.marks import marks
from lupuscart.stats.proportion import proportion_ci, response_proportions
from lupuscart.words.labels import (
    conditioning_words,
    increment_words,
    interval_words,
    percent,
    percent_range,
    percentage_points,
)
from lupuscart.words.lexicon import join, word

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

__all__ = [
    "moving_artists",
    "plot_scenario",
    "scenario_headline",
    "start",
    "until_sentence",
]

# As many lines as a table can have cases: a line keeps its place when another comes or goes.
LINES = 4


# In Latin letters: what fits left of the axes.
CASE_WIDTH = 28

# Where the numbers begin, in widths of the axes: half a mark may reach beyond these.
BESIDE = 1.06

STAYS = "stays"

# Points that an axis with steps of 20 spans at most.
NARROW = 90

# Patients without a response that are added in turn.
MOST_ADDED = 200


DASHES = (0, (2, 1))


# Measured on the longest words of both languages; a figure laid out anew at every move of a
# slider would take twice as long, and its axes would jump.
MARGINS = {"left": 0.265, "right": 0.84, "bottom": 0.27, "top": 0.86, "wspace": 0.32}


def start(
    answer, choices: pd.DataFrame | None = None, *, confidence_level: float, method: str
) -> Finding:
    """Return the figure of one count and of the cases supposed beside it.

    Parameters
    ----------
    answer : Answer
        From `lupuscart.explore.scenarios.answer`.
    choices : DataFrame, optional
        The counts that a reader may choose from, labelled, with the facts of their studies.
    confidence_level, method
        What the intervals were computed with.
    """
    drawn = {"label": answer.label, "interval": answer.interval}
    level = {"confidence_level": confidence_level, "method": method}
    return Finding(
        "scenarios",
        answer.table,
        scenario_headline(answer.table),
        answer.sentences,
        draw=partial(plot_scenario, answer.table, **drawn),
        rows=[] if answer.reported is None else [answer.reported],
        table=answer.shown,
        answer=_answer(answer, level),
        supports=_supports(answer.table, level),
        does_not_support=_does_not_support(answer.table),
        to_explore=None if choices is None else _to_explore(answer, choices, level),
    )


def _to_explore(answer, choices, level) -> dict:
    """The counts to choose from, and where the controls of a static page start."""
    rows = response_proportions(choices, **level)
    counts = marks(rows, sentence_frames(rows))
    for count, row in zip(counts, rows.itertuples(), strict=True):
        count |= {"k": int(row.events), "n": int(row.n), "is_response": bool(row.is_response)}
    reported = answer.reported
    at = None if reported is None else choices.index.get_loc(reported.index[0])
    return {"about": "scenario", "rows": counts, "row": at, "start": asdict(answer.scenario)}


def _answer(answer, level) -> list[str]:
    table = answer.table
    counted, *others = [_case(row) for row in table.itertuples()]
    interval = interval_words(**level)
    said = [word("answer.count_shown", what=answer.label, interval=interval, **counted)]
    said += [word("answer.one_more", **case) for case in others[:1]]
    return [word("sentence_separator").join(said), until_sentence(table, **level)]


def _case(row) -> dict:
    gaps = {"case": row.case, "k": row.events, "n": row.n, "rate": percent(row.rate)}
    return {**gaps, "range": percent_range(row.low, row.high)}


def until_sentence(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say how many more patients without a response it takes to include the assumed rate.

    Parameters
    ----------
    table : DataFrame
        One row a case, the count itself first: ``events``, ``n``, ``low``, ``high``,
        ``background_rate``.
    confidence_level, method
        What the intervals were computed with.

    Examples
    --------
    >>> table = pd.DataFrame({"events": [12], "n": 15, "low": 0.519, "high": 0.957,
    ...                       "background_rate": 0.5})
    >>> print(until_sentence(table, confidence_level=0.95, method="clopper-pearson"))
    ... # doctest: +NORMALIZE_WHITESPACE
    The interval lies above 50 %, the response assumed without the cells. With 1 more without a
    response, it would include this rate.
    """
    row = next(table.itertuples())
    gaps = {"assumed": percent(row.background_rate)}
    if row.high < row.background_rate:
        return word("sentence.until_below", **gaps)
    if row.low <= row.background_rate:
        return word("sentence.until_included", **gaps)
    sizes = row.n + np.arange(1, MOST_ADDED + 1)
    low, _ = proportion_ci(row.events, sizes, confidence_level=confidence_level, method=method)
    reached = np.flatnonzero(low <= row.background_rate)
    if not len(reached):
        return word("sentence.until_never", most=MOST_ADDED, **gaps)
    return word("sentence.until", number=int(reached[0]) + 1, **gaps)


def _supports(table, level) -> list[str]:
    widest = table["low"].min(), table["high"].max()
    said = [until_sentence(table, **level)]
    if table["supposed"].any():
        said.append(word("supports.cases", range=percent_range(*widest)))
    return said


def _does_not_support(table) -> list[str]:
    assumed = percent(table["background_rate"].iloc[0])
    supposed = [word("not.case_exists")] if table["supposed"].any() else []
    return [*supposed, word("not.case_cells", assumed=assumed)]


def scenario_headline(table: pd.DataFrame) -> str:
    """Say what the cells would add to the count, and to it in the first supposed case.

    Parameters
    ----------
    table : DataFrame
        One row a case, the count itself first: ``events``, ``n``, ``background_rate``,
        ``increment_low``, ``increment_high``.

    Examples
    --------
    >>> table = pd.DataFrame({"events": 12, "n": [15, 16], "background_rate": 0.5,
    ...                       "increment_low": [0.019, -0.024], "increment_high": [0.457, 0.427]})
    >>> scenario_headline(table)
    'Added response: 2 to 46 points at 12/15, −2 to 43 at 12/16, if 50 % respond without cells'
    """
    check_rows(table)
    rate = percent(table["background_rate"].iloc[0])
    cases = [
        {
            "low": percentage_points(row.increment_low),
            "high": percentage_points(row.increment_high),
            "k": row.events,
            "n": row.n,
        }
        for row in table.head(2).itertuples()
    ]
    first = word("headline.scenario", **cases[0])
    others = [word("headline.scenario_next", **case) for case in cases[1:]]
    whole = join([first, *others])
    return first_that_fits(
        *(word("headline.scenarios", rate=rate, ranges=each) for each in (whole, first))
    )


def plot_scenario(
    table: pd.DataFrame, *, label: str, interval: str, ax: Axes | None = None
) -> Axes:
    """Draw each case's response beside the assumed rate, and what the cells would add to that.

    Parameters
    ----------
    table : DataFrame
        ``table`` of a `lupuscart.explore.scenarios.Answer`.
    label : str
        What was counted: the report, its endpoint and window.
    interval : str
        The label of the interval, from `lupuscart.words.intervals.ci_label`.
    ax : Axes, optional
        What an earlier call returned, to draw in its figure in place of what it drew: in half
        the time, and nothing jumps. A new figure if not given.

    Returns
    -------
    Axes
        The response; the next one of ``ax.figure.axes`` is the added response.

    Raises
    ------
    ValueError
        If the table is empty.
    """
    check_rows(table)
    ax = _frame() if ax is None else _emptied(ax)
    response, added = ax.figure.axes
    _name_count(response, label)
    _widen(added, table)
    below = {"xy": (0.5, 0), "xytext": (0, -70), "textcoords": "offset points"}
    response.annotate(interval, xycoords="axes fraction", ha="center", **below)
    rate = table["background_rate"].iloc[0]
    response.axvline(100 * rate, **_assumed_look())
    for line, row in enumerate(table.itertuples()):
        _draw(response, line, row, row.rate, row.low, row.high)
        words_left(response, line, wrapped(row.case, width=CASE_WIDTH))
        words_right(response, line, f"{row.events}/{row.n}", x=BESIDE)
        _draw(added, line, row, row.increment, row.increment_low, row.increment_high)
        words_right(added, line, increment_words(row), x=BESIDE)
    _explain(ax.figure, table)
    return response


def _frame():
    """What stays when a table changes: the axes, their limits and their titles."""
    figure = new_figure()
    figure.set_layout_engine(None)
    figure.subplots_adjust(**MARGINS)
    response, added = figure.subplots(1, 2, sharey=True)
    response.set_ylim(LINES - 0.4, -0.6)
    response.set_yticks([])
    response.set_xlabel(word("figure.response.x"))
    response.set_xlim(0, 100)
    response.set_xticks(range(0, 101, 20))
    _head(response, word("head.count"))
    _head(added, word("head.percentage_points"))
    added.set_xlabel(word("figure.tipping.y"))
    added.axvline(0, color=theme_colour("ink"), linewidth=2, zorder=2, gid=STAYS)
    return response


def _head(ax, text):
    """What stands over the numbers beside the axes."""
    place = {"transform": ax.transAxes, "va": "bottom", "gid": STAYS}
    ax.text(BESIDE, 1.02, text, weight="bold", **place)


def _name_count(ax, label):
    """What was counted, over both plots, from the left edge."""
    place = (MARGIN / ax.figure.get_figwidth(), 1)
    above = {"xycoords": ("figure fraction", "axes fraction"), "textcoords": "offset points"}
    ax.annotate(label, place, xytext=(0, 44), va="bottom", weight="bold", **above)


def _widen(ax, table):
    """As wide as the table needs, in whole steps, so that the axis seldom moves."""
    low = min(0, 100 * table["increment_low"].min())
    high = max(0, 100 * table["increment_high"].max())
    step = 20 if high - low <= NARROW else 50
    first, last = math.floor(low / step) * step, math.ceil(high / step) * step
    last = max(last, first + step)
    ax.set_xlim(first, last)
    ax.set_xticks(range(first, last + 1, step))


def _emptied(ax):
    for artist in moving_artists(ax):
        artist.remove()
    return ax


def moving_artists(ax: Axes) -> list[Artist]:
    """Return what changes from one table to the next, in the order in which it is drawn.

    Parameters
    ----------
    ax : Axes
        From `plot_scenario`.
    """
    drawn = [artist for axis in ax.figure.axes for artist in [*axis.lines, *axis.texts]]
    return [artist for artist in drawn if artist.get_gid() != STAYS] + [*ax.figure.legends]


def _draw(ax, line, row, value, low, high):
    """A case's interval and its value, in percent."""
    shape, look = _look(row)
    ax.plot([100 * low, 100 * high], [line, line], **look, clip_on=False, zorder=3)
    ax.plot(100 * value, line, shape, **look, clip_on=False, zorder=3)


def _look(row):
    """The marker and how it is drawn: what is supposed is grey and dashed."""
    mark = conditioning_mark(row.conditioning)
    if row.supposed:
        quiet = theme_colour("quiet")
        return mark.shape, {"color": quiet, "markerfacecolor": quiet, "linestyle": DASHES}
    filled = face(mark.colour, row.read_in)
    return mark.shape, {"color": mark.colour, "markerfacecolor": filled, "linestyle": "-"}


def _assumed_look():
    return {"color": theme_colour("ink"), "linestyle": "--", "linewidth": 2, "zorder": 2}


def _explain(figure, table):
    legend_below(figure, more=_keys(table))


def _keys(table):
    """What is counted, what is supposed if anything is, and the assumed rate."""
    from matplotlib.lines import Line2D

    rate = percent(table["background_rate"].iloc[0])
    assumed = word("figure.scenarios.background", rate=rate)
    cases = table.drop_duplicates("supposed").itertuples()
    return [
        *(_key(row, _case_words(row)) for row in cases),
        Line2D([], [], label=assumed, **_assumed_look()),
    ]


def _key(row, words):
    from matplotlib.lines import Line2D

    shape, look = _look(row)
    return Line2D([], [], marker=shape, label=words, **look)


def _case_words(row):
    if row.supposed:
        return word("figure.scenarios.supposed")
    given = conditioning_words(row.conditioning)
    if row.read_in != "secondary":
        return given
    hollow = word("read_in.secondary")
    return word("in_brackets", text=given, inside=hollow)
