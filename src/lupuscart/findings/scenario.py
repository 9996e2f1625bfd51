"""What one more patient would change."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lupuscart.figures.panels import (
    check_rows,
    face,
    words_left,
    wrapped,
)
from lupuscart.figures.style import SIZE_INCHES, conditioning_mark, theme_colour
from lupuscart.findings.finding import Finding
from lupuscart.words.labels import (
    conditioning_words,
    increment_words,
    interval_words,
    percent,
    percentage_points,
)
from lupuscart.words.lexicon import join, word

__all__ = [
    "moving_artists",
    "plot_scenario",
    "scenario_headline",
    "start",
]

# As many lines as a table can have cases: a line keeps its place when another comes or goes.
LINES = 4


# In Latin letters: what fits left of the axes.
CASE_WIDTH = 27


STAYS = "stays"


DASHES = (0, (2, 1))


# Measured on the longest words of both languages; a figure laid out anew at every move of a
# slider would take twice as long, and its axes would jump.
MARGINS = {"left": 0.26, "right": 0.825, "bottom": 0.25, "top": 0.83, "wspace": 0.4}


def start(answer, *, confidence_level: float, method: str) -> Finding:
    """Return the figure of one count and of the cases supposed beside it.

    Parameters
    ----------
    answer : Answer
        From `lupuscart.explore.scenarios.answer`.
    confidence_level, method
        What the intervals were computed with.
    """
    drawn = {"label": answer.label, "interval": answer.interval}
    level = {"confidence_level": confidence_level, "method": method}
    return Finding(
        "scenarios",
        answer.table,
        scenario_headline(answer.table, **level),
        answer.sentences,
        draw=lambda: plot_scenario(answer.table, **drawn),
        rows=[] if answer.reported is None else [answer.reported],
        table=answer.shown,
    )


def scenario_headline(table: pd.DataFrame, *, confidence_level: float, method: str) -> str:
    """Say what the cells would add to the count, and to it in the first supposed case.

    Parameters
    ----------
    table : DataFrame
        One row a case, the count itself first: ``events``, ``n``, ``background_rate``,
        ``increment_low``, ``increment_high``.
    confidence_level, method
        What the interval was computed with.

    Examples
    --------
    >>> table = pd.DataFrame({"events": 12, "n": [15, 16], "background_rate": 0.5,
    ...                       "increment_low": [0.019, -0.024], "increment_high": [0.457, 0.427]})
    >>> said = scenario_headline(table, confidence_level=0.95, method="clopper-pearson")
    >>> print(said)  # doctest: +NORMALIZE_WHITESPACE
    If 50 % responded anyway, the added response is 2 to 46 points at 12 of 15,
    −2 to 43 points at 12 of 16 (exact 95 % CI)
    """
    check_rows(table)
    ranges = [
        word(
            "headline.scenario",
            low=percentage_points(row.increment_low),
            high=percentage_points(row.increment_high),
            k=row.events,
            n=row.n,
        )
        for row in table.head(2).itertuples()
    ]
    return word(
        "headline.scenarios",
        rate=percent(table["background_rate"].iloc[0]),
        ranges=join(ranges),
        interval=interval_words(confidence_level, method),
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
        The label of the interval, from `proportions.ci_label`.
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
    response.annotate(label, (0.012, 0.885), xycoords="figure fraction", fontsize=22, va="center")
    below = {"xy": (0.5, 0), "xytext": (0, -74), "textcoords": "offset points"}
    response.annotate(interval, xycoords="axes fraction", ha="center", fontsize=19, **below)
    rate = table["background_rate"].iloc[0]
    response.axvline(100 * rate, **_assumed_look())
    for line, row in enumerate(table.itertuples()):
        _draw(response, line, row, row.rate, row.low, row.high)
        words_left(response, line, wrapped(row.case, width=CASE_WIDTH))
        _words_beside(response, line, f"{row.events}/{row.n}")
        _draw(added, line, row, row.increment, row.increment_low, row.increment_high)
        _words_beside(added, line, increment_words(row))
    _explain(ax.figure, table)
    return response


def _frame():
    """What stays when a table changes: the axes, their limits and their titles."""
    figure = Figure(figsize=SIZE_INCHES)
    figure.subplots_adjust(**MARGINS)
    figure.suptitle(word("figure.scenarios.title"), x=0.01, ha="left")
    response, added = figure.subplots(1, 2, sharey=True)
    response.set_ylim(LINES - 0.4, -0.6)
    response.set_yticks([])
    response.set_xlabel(word("figure.response.x"))
    response.set_xlim(0, 100)
    response.set_xticks(range(0, 101, 20))
    added.set_xlim(-100, 100)
    added.set_xticks(range(-100, 101, 50))
    added.set_xlabel(word("figure.tipping.y"))
    added.axvline(0, color=theme_colour("ink"), linewidth=2, zorder=2, gid=STAYS)
    return response


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


def _words_beside(ax, line, text):
    # A mark at the end of the axis is half as wide as this.
    ax.text(1.06, line, text, transform=ax.get_yaxis_transform(), va="center", fontsize=18)


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
    counted, *others = _keys(table)
    # A line of its own: with a long regimen all three would not fit side by side.
    figure.legend(handles=[counted], loc="lower left", bbox_to_anchor=(0, 0.055), handlelength=1.8)
    figure.legend(handles=others, loc="lower left", ncols=2, handlelength=1.8)


def _keys(table):
    """What is counted, what is supposed if anything is, and the assumed rate."""
    rate = percent(table["background_rate"].iloc[0])
    assumed = word("figure.scenarios.background", rate=rate)
    cases = table.drop_duplicates("supposed").itertuples()
    return [
        *(_key(row, _case_words(row)) for row in cases),
        Line2D([], [], label=assumed, **_assumed_look()),
    ]


def _key(row, words):
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
