"""Pieces that several figures share: stacked panels, marks and their keys, the legend.

And what `finish` adds to every picture: its title where it travels alone, and its source.
``table`` has the columns that the figure's own docstring names.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.figures.fitting import fitted, text_width, wrapped
from lupuscart.figures.style import (
    MARGIN,
    Mark,
    canvas,
    conditioning_mark,
    new_figure,
    theme_colour,
)
from lupuscart.words.labels import PANELS, conditioning_words
from lupuscart.words.lexicon import word

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = [
    "check_rows",
    "face",
    "finish",
    "first_panels",
    "key",
    "legend_below",
    "panel_axes",
    "wrapped",
]

# Points.
LEADING = 1.35  # from one line to the next, for a point of type
UNDER_TITLE = 10
OVER_SOURCE = 1.7  # for a point of its type
UNDER_PLOT = 12  # between the legend and what is above it

MOST_COLUMNS = 4  # of a legend
TITLE_LINES = 2
KEY_LINES = 2


def check_rows(table: pd.DataFrame) -> None:
    """Refuse an empty table.

    Examples
    --------
    >>> check_rows(pd.DataFrame())
    Traceback (most recent call last):
    ...
    ValueError: the table has no rows; allowed: at least one row to draw
    """
    if table.empty:
        raise ValueError("the table has no rows; allowed: at least one row to draw")


def first_panels(table: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], str]:
    """Return the rows of each of the first labels, and a note on the others.

    Examples
    --------
    >>> panels, note = first_panels(pd.DataFrame({"label": list("abcde")}))
    >>> list(panels), note
    (['a', 'b'], 'Not drawn: 3 more counts; set the parameter study to draw one study')
    """
    check_rows(table)
    panels = dict(iter(table.groupby("label", sort=False)))
    left_out = len(panels) - PANELS
    note = word("figure.more_panels", count=left_out) if left_out > 0 else ""
    return dict(itertools.islice(panels.items(), PANELS)), note


def panel_axes(ax: Axes | None, sizes: Sequence[float]) -> list[Axes]:
    """Return one Axes a panel: `ax` if it is given, else a new figure, each as tall as its rows.

    Raises
    ------
    ValueError
        If `ax` is given and there are several panels.
    """
    if ax is not None:
        if len(sizes) > 1:
            raise ValueError(
                f"ax is given and the table has {len(sizes)} panels; allowed: one panel in an ax"
            )
        return [ax]
    return list(new_figure().subplots(len(sizes), height_ratios=sizes, squeeze=False)[:, 0])


def face(colour: str, read_in) -> str:
    """Filled if read in the source, hollow if second-hand."""
    return theme_colour("paper") if read_in == "secondary" else colour


def key(mark: Mark, words: str) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="", marker=mark.shape, color=mark.colour, label=words)


def legend_below(figure, table: pd.DataFrame | None = None, *, title: str = "", more=()) -> None:
    """Explain the marks in the lowest lines, in as many columns as there is room for.

    Parameters
    ----------
    figure : Figure
        From `new_figure`.
    table : DataFrame, optional
        Columns ``conditioning``, if the marks say it, and ``read_in``: each regimen, then filled
        and hollow.
    title : str
        A note over the keys.
    more : sequence of artists
        What this figure adds, after them.
    """
    marks = [] if table is None else [*_conditioning_key(table), *_source_key(table)]
    handles = [*marks, *more]
    if not handles and not title:
        return
    room = 72 * (figure.get_figwidth() - 2 * MARGIN)
    for columns in range(min(MOST_COLUMNS, max(1, len(handles))), 0, -1):
        legend = figure.legend(
            handles=handles,
            loc="outside lower left",
            ncols=columns,
            title=title,
            alignment="left",
            borderpad=0.2,
            borderaxespad=0,
        )
        if columns == 1 or legend.get_window_extent().width * 72 / figure.dpi <= room:
            break
        legend.remove()
    for text in [*legend.get_texts(), legend.get_title()]:
        taken = legend.handlelength * text.get_fontsize() * 1.4 * (text is not legend.get_title())
        font = text.get_fontproperties()
        lines = KEY_LINES * (text.get_text().count("\n") + 1)
        text.set_text(fitted(text.get_text(), width=room - taken, lines=lines, font=font))
    _place_legends(figure, MARGIN * 72)


def _place_legends(figure, low: float) -> None:
    """Put the legends on so many points from below, and leave the rest to the plot."""
    width, height = 72 * figure.get_size_inches()
    left = 72 * MARGIN / width
    for legend in figure.legends:
        place = (left, low / height, 1 - 2 * left, 1)
        legend.set_bbox_to_anchor(place, figure.transFigure)
        low += legend.get_window_extent().height * 72 / figure.dpi
    low += UNDER_PLOT if figure.legends else 0
    if (engine := figure.get_layout_engine()) is not None:
        _, _, _, top = _corners(engine)
        engine.set(rect=(left, low / height, 1 - 2 * left, top - low / height))


def _corners(engine):
    left, bottom, width, height = engine.get()["rect"]
    return left, bottom, left + width, bottom + height


def finish(figure, *, title: str = "", source: Sequence[str] = ()) -> None:
    """Write the title above all else, and in small type below where the numbers are from.

    A picture that is pasted elsewhere keeps both. A figure with a title is so much taller:
    nothing in it moves closer.

    Parameters
    ----------
    figure : Figure
        Drawn, from `new_figure`.
    title : str
        What was found; "" where a headline stands beside the figure.
    source : sequence of str
        The same in fewer and fewer words: the first that fits on one line is written. None
        where the canvas has no place for it.

    Examples
    --------
    >>> figure = new_figure()
    >>> finish(figure, source=["Source: Feng J 2025; searched until November 2026"])
    >>> figure.texts[0].get_fontsize()
    15.0
    """
    if title:
        _write_title(figure, title)
    low = 72 * MARGIN
    if source and canvas().source is not None:
        _write_source(figure, source)
        low += OVER_SOURCE * canvas().source
    _place_legends(figure, low)


def _write_title(figure, title):
    width, height = figure.get_size_inches()
    text = figure.suptitle(title, x=MARGIN / width, ha="left", va="top")
    text.set_in_layout(False)
    room = 72 * (width - 2 * MARGIN)
    font = text.get_fontproperties()
    text.set_text(fitted(title, width=room, lines=TITLE_LINES, font=font))
    lines = text.get_text().count("\n") + 1
    strip = (LEADING * text.get_fontsize() * lines + UNDER_TITLE) / 72
    taller = height + strip
    figure.set_size_inches(width, taller)
    text.set_y(1 - MARGIN / taller)
    if (engine := figure.get_layout_engine()) is not None:
        left, bottom, right, _ = _corners(engine)
        bottom *= height / taller
        engine.set(rect=(left, bottom, right - left, 1 - (MARGIN + strip) / taller - bottom))
        return
    for ax in figure.axes:
        left, bottom, across, up = ax.get_position().bounds
        ax.set_position([left, bottom * height / taller, across, up * height / taller])


def _write_source(figure, source):
    width, height = figure.get_size_inches()
    place = (MARGIN / width, MARGIN / height)
    text = figure.text(*place, "", va="bottom", color=theme_colour("quiet"))
    text.set(fontsize=canvas().source, in_layout=False)
    font, room = text.get_fontproperties(), 72 * (width - 2 * MARGIN)
    fits = (each for each in source if text_width(each, font) <= room)
    text.set_text(next(fits, fitted(source[-1], width=room, lines=1, font=font)))


def _conditioning_key(table) -> list[Line2D]:
    if "conditioning" not in table:
        return []
    return [
        key(conditioning_mark(given), conditioning_words(given))
        for given in _in_order(table["conditioning"])
    ]


def _source_key(table) -> list[Line2D]:
    """Tell filled from hollow, if the table has both or only hollow marks."""
    # A shape that stands for no regimen.
    quiet = Mark("h", theme_colour("quiet"), theme_colour("quiet"))
    if not table["read_in"].eq("secondary").any():
        return []
    keys = [key(quiet, word("read_in.primary"))]
    hollow = key(quiet, word("read_in.secondary"))
    hollow.set_markerfacecolor(theme_colour("paper"))
    return [*keys, hollow]


def _in_order(values: pd.Series) -> list:
    return list(values.drop_duplicates())
