"""Pieces that several figures share: stacked panels, text beside a row, legends.

A row is a line of a figure; line 0 is on top. ``table`` has the columns that the
figure's own docstring names.
"""

import itertools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from lupuscart.figures.fitting import wrapped
from lupuscart.figures.style import Mark, conditioning_mark, new_figure, theme_colour
from lupuscart.words.labels import PANELS, conditioning_words
from lupuscart.words.lexicon import word

__all__ = [
    "check_rows",
    "conditioning_beside",
    "face",
    "first_panels",
    "key",
    "legend_below",
    "margin_columns",
    "name_lines",
    "one_axes",
    "panel_axes",
    "words_left",
    "words_right",
    "wrapped",
]

COLUMN_GAP = 18  # points between two columns of text


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


def one_axes(title: str) -> Axes:
    """Return the only Axes of a new figure, titled."""
    ax = new_figure().add_subplot()
    ax.figure.suptitle(title, x=0.01, ha="left")
    return ax


def panel_axes(ax: Axes | None, sizes: list[int], title: str) -> list[Axes]:
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
    figure = new_figure()
    figure.suptitle(title, x=0.01, ha="left")
    return list(figure.subplots(len(sizes), height_ratios=sizes, squeeze=False)[:, 0])


def margin_columns(axes: list[Axes], columns: list[list[list[str]]], *, first: float = 22):
    """Write columns of text right of stacked axes, each column as wide as its widest text.

    Parameters
    ----------
    axes : list of Axes
        The panels, whose columns stand under one another.
    columns : list of list of list of str
        For each column, for each panel, the text of each line.
    first : float
        Points between the axes and the widest text of the first column.

    Returns
    -------
    list of float
        How many points right of the axes each column ends.
    """
    ends, edge = [], first
    for panels in columns:
        made = [
            _margin_text(ax, line, text)
            for ax, lines in zip(axes, panels, strict=True)
            for line, text in enumerate(lines)
        ]
        widest = max(text.get_window_extent().width for text in made)
        edge += widest * 72 / axes[0].figure.dpi
        for text in made:
            text.set_position((edge, 0))
        ends.append(edge)
        edge += COLUMN_GAP
    return ends


def _margin_text(ax, line, text):
    return ax.annotate(
        text,
        (1, line),
        xytext=(0, 0),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="center",
        annotation_clip=False,
    )


def words_left(ax, line, text):
    place = ax.get_yaxis_transform()
    ax.text(-0.03, line, text, transform=place, ha="right", va="center", fontsize=18)


def words_right(ax, line, text, **options):
    place = ax.get_yaxis_transform()
    ax.text(1.02, line, text, transform=place, va="center", fontsize=18, **options)


def conditioning_beside(ax, line, conditioning, *, size=None):
    """The mark of the conditioning between a row's name and the axes."""
    mark = conditioning_mark(conditioning)
    beside = ScaledTranslation(-22 / 72, 0, ax.figure.dpi_scale_trans)
    place = ax.get_yaxis_transform() + beside
    ax.plot(0, line, mark.shape, color=mark.colour, transform=place, clip_on=False, ms=size)


def face(colour: str, read_in) -> str:
    """Filled if read in the source, hollow if second-hand."""
    return theme_colour("paper") if read_in == "secondary" else colour


def key(mark: Mark, words: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=mark.shape, color=mark.colour, label=words)


def name_lines(ax: Axes, names, *, pad: float | None = None) -> None:
    """Name the lines of a figure at the left, the first on top."""
    names = list(names)
    ax.set_yticks(range(len(names)), names, fontsize=18)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    if pad is not None:
        ax.tick_params(axis="y", pad=pad)


def legend_below(figure, table, *, title="", more=(), columns=3) -> None:
    figure.legend(
        handles=[*_conditioning_key(table), *_source_key(table), *more],
        loc="outside lower left",
        ncols=columns,
        handletextpad=0.3,
        borderaxespad=0,
        title=title,
        title_fontsize=18,
        alignment="left",
    )


def _conditioning_key(table) -> list[Line2D]:
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
