"""Pieces that several figures share: stacked panels, text beside a row, legends, the source.

A row is a line of a figure; line 0 is on top. ``table`` has the columns that the
figure's own docstring names.
"""

import itertools
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from lupuscart.arguments import check_whole
from lupuscart.figures.fitting import wrapped
from lupuscart.figures.style import (
    MARGIN,
    SIZE_INCHES,
    Mark,
    conditioning_mark,
    new_figure,
    theme_colour,
)
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
    "rows_that_fit",
    "source_line",
    "split_rows",
    "title_above",
    "words_left",
    "words_right",
    "wrapped",
]

COLUMN_GAP = 18  # points between two columns of text
HEAD_GAP = 4  # points between a column's head and its plot

# As the names of the rows stand: words of a row then have one baseline.
ON_LINE = "center_baseline"

KEYS_GAP = 8  # points between the legend and what is above it

LEFT = 0.01  # the share of a figure's width that stays empty at its left

# Points that a figure of rows needs besides its rows: title, scale, a line of the legend, the
# title of a panel, the line of the source; and the lines of a name. Measured in both languages.
TITLE, SCALE, KEYS, PANEL, SOURCE = 44, 62, 28, 44, 20
FIRST_LINE, NEXT_LINE = 20, 24


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
    title_above(ax.figure, title)
    return ax


def title_above(figure, title: str) -> None:
    """Write the title of a figure, from its left margin."""
    text = figure.suptitle(title, x=LEFT, ha="left")
    # The layout puts it at the upper edge; from there it comes down by the margin.
    down = ScaledTranslation(0, -MARGIN * figure.get_figheight(), figure.dpi_scale_trans)
    text.set_transform(text.get_transform() + down)


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
    title_above(figure, title)
    return list(figure.subplots(len(sizes), height_ratios=sizes, squeeze=False)[:, 0])


def margin_columns(
    axes: list[Axes],
    columns: list[list[list[str]]],
    *,
    heads: Sequence[str] = (),
    first: float = 22,
) -> list[float]:
    """Write columns of text right of stacked axes, each column as wide as its widest text.

    Parameters
    ----------
    axes : list of Axes
        The panels, whose columns stand under one another.
    columns : list of list of list of str
        For each column, for each panel, the text of each line.
    heads : sequence of str
        What stands above each column, over the first panel: "n/N", "%", "95 % CI".
    first : float
        Points between the axes and the widest text of the first column.

    Returns
    -------
    list of float
        How many points right of the axes each column ends.

    Raises
    ------
    ValueError
        If there are heads, but not one a column.

    Examples
    --------
    >>> ax = one_axes("Patients with each outcome")
    >>> name_lines(ax, ["Feng J 2025", "Wang X 2025"])
    >>> heads = ["n/N", "%"]
    >>> ends = margin_columns([ax], [[["12/15", "5/5"]], [["80", "100"]]], heads=heads)
    >>> [text.get_text() for text in ax.texts]
    ['12/15', '5/5', 'n/N', '80', '100', '%']
    """
    if heads and len(heads) != len(columns):
        raise ValueError(f"heads are {len(heads)}; allowed: none, or one a column, {len(columns)}")
    ends, edge = [], first
    for panels, head in zip(columns, heads or [""] * len(columns), strict=True):
        made = [
            _margin_text(ax, line, text)
            for ax, lines in zip(axes, panels, strict=True)
            for line, text in enumerate(lines)
        ]
        if head:
            made.append(_column_head(axes[0], head))
        widest = max(text.get_window_extent().width for text in made)
        edge += widest * 72 / axes[0].figure.dpi
        for text in made:
            text.set_position((edge, text.xyann[1]))
        ends.append(edge)
        edge += COLUMN_GAP
    return ends


def _column_head(ax, text):
    """A head above the first row, quieter than what it names."""
    return ax.annotate(
        text,
        (1, 1),
        xytext=(0, HEAD_GAP),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=18,
        color=theme_colour("quiet"),
        annotation_clip=False,
    )


def _margin_text(ax, line, text):
    return ax.annotate(
        text,
        (1, line),
        xytext=(0, 0),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        ha="right",
        va=ON_LINE,
        fontsize=18,
        annotation_clip=False,
    )


def words_left(ax, line, text):
    place = ax.get_yaxis_transform()
    ax.text(-0.03, line, text, transform=place, ha="right", va=ON_LINE, fontsize=18)


def words_right(ax, line, text, **options):
    place = ax.get_yaxis_transform()
    ax.text(1.02, line, text, transform=place, va=ON_LINE, fontsize=18, **options)


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
        borderaxespad=MARGIN * 72 * SIZE_INCHES[1] / 18,
        title=title,
        title_fontsize=18,
        alignment="left",
    )


def source_line(figure, text: str) -> None:
    """Write in small type, in the lowest line, where the numbers are from and when was searched.

    A picture that is pasted elsewhere keeps it. Called last: the legends move up.

    Parameters
    ----------
    figure : Figure
        From `new_figure`.
    text : str
        For instance "Source: 14 reports; searched until 2026-03." One line.

    Raises
    ------
    ValueError
        If the text is empty or has several lines.

    Examples
    --------
    >>> figure = new_figure()
    >>> source_line(figure, "Source: 14 reports; searched until 2026-03.")
    >>> figure.texts[0].get_fontsize()
    14.0
    """
    if not text.strip() or "\n" in text:
        raise ValueError(f"the source line is {text!r}; allowed: one line of text")
    height = 72 * figure.get_figheight()
    figure.text(LEFT, MARGIN, text, fontsize=14, color=theme_colour("quiet"), va="bottom")
    bottom = MARGIN + SOURCE / height
    taken = [legend.get_window_extent().height / figure.bbox.height for legend in figure.legends]
    for legend in figure.legends:
        legend.borderaxespad = 0
        legend.set_bbox_to_anchor((LEFT, bottom, 1 - 2 * LEFT, 1), figure.transFigure)
    if figure.get_layout_engine() is not None:
        # A legend with a place of its own is no longer reckoned with.
        bottom += max(taken) + KEYS_GAP / height if taken else 0
        figure.get_layout_engine().set(rect=(0, bottom, 1, 1 - MARGIN - bottom))


def rows_that_fit(
    *, lines: int = 1, legend_lines: int = 3, panels: int = 0, source: bool = True
) -> int:
    """Return how many rows one figure has room for, so that a longer table can be split before.

    Parameters
    ----------
    lines : int
        Lines of a row's name.
    legend_lines : int
        Lines of the legend, its title included.
    panels : int
        Panels with a title of their own.
    source : bool
        Whether there is a line of the source.

    Examples
    --------
    >>> rows_that_fit(), rows_that_fit(lines=2), rows_that_fit(lines=2, panels=2)
    (20, 9, 7)
    """
    height = 72 * SIZE_INCHES[1] * (1 - 2 * MARGIN)
    height -= TITLE + SCALE + KEYS * legend_lines + PANEL * panels + SOURCE * source
    # A fifth of a row is left at the edges: see `name_lines`.
    return max(1, int(height / (FIRST_LINE + NEXT_LINE * (lines - 1)) - 0.2))


def split_rows(
    table: pd.DataFrame, *, most: int, together: str | None = None
) -> list[pd.DataFrame]:
    """Return a table in parts of at most so many rows, in its order and about equally long.

    Parameters
    ----------
    table : DataFrame
        The rows of a figure.
    most : int
        Rows of a part, from `rows_that_fit`.
    together : str, optional
        A column whose runs of one value are kept in one part where one holds them.

    Examples
    --------
    >>> rows = pd.DataFrame({"endpoint": list("aaabbbbc")})
    >>> [len(part) for part in split_rows(rows, most=5)]
    [4, 4]
    >>> [len(part) for part in split_rows(rows, most=5, together="endpoint")]
    [3, 5]
    """
    check_rows(table)
    most = check_whole("most", most, minimum=1)
    runs = pd.Series(range(len(table)))
    if together is not None:
        values = table[together].reset_index(drop=True)
        runs = (values != values.shift()).cumsum()
    target = -(-len(table) // -(-len(table) // most))
    parts, rows = [[]], list(range(len(table)))
    for _, run in itertools.groupby(rows, key=lambda row: runs[row]):
        run = list(run)
        while run:
            room = (most if together else target) - len(parts[-1])
            if len(run) > room and parts[-1] and (len(run) <= most or room <= 0):
                parts.append([])
                continue
            parts[-1] += run[:room]
            run = run[room:]
    return [table.iloc[part] for part in parts]


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
