"""The rows of a figure: their names, the names of their groups, columns beside them, parts.

Vocabulary
----------
line
    A place in a figure of rows, counted from 0 on top: a row takes one, and so does the name
    of a group over its rows.
columns
    Texts right of the axes, each under a head: "n/N", "95 % CI".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.figures.style import MARGIN, canvas, theme_colour

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "FEWEST",
    "columns_beside",
    "group_lines",
    "in_parts",
    "lines_that_fit",
    "name_groups",
    "name_lines",
    "spread_lines",
    "words_left",
    "words_right",
]

#: Lines over which a figure of fewer rows is spread.
FEWEST = 4

# Points.
BESIDE = 19  # between the axes, where half a mark reaches beyond them, and a column
GAP = 12  # between two columns
OVER = 6  # between the head of a column and the axes
LINE = 22.8  # the least from one line to the next
SCALE, KEYS, PANEL = 62, 30, 48  # the scale, a line of the legend, the title of a panel

# As the names of the rows are set: words of a row then have one baseline.
ON_LINE = "center_baseline"


def lines_that_fit(*, legend_lines: int = 3, panels: int = 0) -> int:
    """Return for how many lines of rows one figure has room, on the canvas in use.

    Parameters
    ----------
    legend_lines : int
        Lines of the legend, its title included.
    panels : int
        Panels with a title of their own.

    Examples
    --------
    >>> from lupuscart.figures.style import use_style
    >>> use_style()
    >>> lines_that_fit(), lines_that_fit(panels=2)
    (19, 15)
    """
    height = 72 * (canvas().size[1] - 2 * MARGIN)
    height -= SCALE + KEYS * legend_lines + PANEL * panels + 1.5 * (canvas().source or 0)
    return max(FEWEST, int(height / LINE))


def in_parts(
    table: pd.DataFrame, groups, *, weights=None, room: int | None = None
) -> list[pd.DataFrame]:
    """Return the rows in as few parts as have room in one figure each, about equally full.

    Parameters
    ----------
    table : DataFrame
        Rows in the order in which they are drawn.
    groups : sequence
        The group of each row; its name takes a line above its rows, in each part anew.
    weights : sequence of int, optional
        Lines that each row takes; one if not given.
    room : int, optional
        Lines of one figure; `lines_that_fit` if not given.

    Examples
    --------
    >>> rows = pd.DataFrame({"n": range(5)})
    >>> [len(part) for part in in_parts(rows, ["a"] * 5, room=4)]
    [3, 2]
    """
    groups = list(groups)
    weights = [1] * len(table) if weights is None else list(weights)
    room = lines_that_fit() if room is None else room
    fullest = max(room, *(weight + 1 for weight in weights))
    fewest = len(_breaks(groups, weights, fullest))
    for target in range(1, fullest + 1):
        starts = _breaks(groups, weights, target)
        if len(starts) <= fewest:
            break
    ends = [*starts[1:], len(table)]
    return [table.iloc[start:end] for start, end in zip(starts, ends, strict=True)]


def _breaks(groups, weights, target):
    """Where parts of at most so many lines begin; a row that is larger has one of its own."""
    starts, used = [0], 0
    for row, weight in enumerate(weights):
        heading = row == starts[-1] or groups[row] != groups[row - 1]
        if used and used + weight + heading > target:
            starts.append(row)
            used, heading = 0, True
        used += weight + heading
    return starts


def group_lines(groups) -> tuple[list[int], dict[int, str]]:
    """Return the line of each row, and the lines left free above each run for its name.

    Examples
    --------
    >>> group_lines(["SRI-4", "SRI-4", "DORIS"])
    ([1, 2, 4], {0: 'SRI-4', 3: 'DORIS'})
    """
    lines, headings, before = [], {}, None
    for name in groups:
        if not headings or name != before:
            headings[len(lines) + len(headings)] = name
        lines.append(len(lines) + len(headings))
        before = name
    return lines, headings


def name_lines(
    ax: Axes, names, lines: Sequence[int] | None = None, *, total: int | None = None, pad=12
) -> None:
    """Name the rows of a figure at the left, the first on top.

    Parameters
    ----------
    ax : Axes
        Where the rows are.
    names : iterable of str
        One a row.
    lines : sequence of int, optional
        The line of each row; one after another if not given.
    total : int, optional
        How many lines there are, if these are given.
    pad : float
        Points between the names and the axes.
    """
    names = list(names)
    places = range(len(names)) if lines is None else lines
    ax.set_yticks(places, names)
    ax.set_ylim((len(names) if lines is None else total) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0, pad=pad)


def name_groups(ax: Axes, headings: dict[int, str], *, left: float = 0) -> list:
    """Write the name of each group over its rows, beginning so many points right of the axes."""
    return [
        ax.annotate(
            name,
            (0, line),
            xytext=(left, 0),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            ha="left",
            va=ON_LINE,
            weight="bold",
            bbox={"fc": theme_colour("paper"), "ec": "none", "pad": 1},
            annotation_clip=False,
        )
        for line, name in headings.items()
    ]


def spread_lines(texts, lines, total: int) -> list[str]:
    """Return the texts of rows as one a line, none on the lines between.

    Examples
    --------
    >>> spread_lines(["5/5"], [1], 2)
    ['', '5/5']
    """
    spread = [""] * total
    for line, text in zip(lines, texts, strict=True):
        spread[line] = text
    return spread


def columns_beside(
    axes: list[Axes],
    columns: list[list[list[str]]],
    heads: Sequence[str],
    *,
    line: float | None = None,
    first: float = BESIDE,
) -> None:
    """Write columns of text right of stacked axes, each as wide as its widest text.

    Parameters
    ----------
    axes : list of Axes
        The panels, whose columns stand under one another.
    columns : list of list of list of str
        For each column, for each panel, the text of each line; an empty one is not written.
    heads : sequence of str
        What stands over each column: "n/N", "%", "95 % CI".
    line : float, optional
        The line of the first panel on which the heads stand; over it if not given.
    first : float
        Points between the axes and the widest text of the first column.

    Raises
    ------
    ValueError
        If there is not one head a column.

    Examples
    --------
    >>> from lupuscart.figures.style import new_figure
    >>> ax = new_figure().add_subplot()
    >>> name_lines(ax, ["Feng J 2025", "Wang X 2025"])
    >>> columns_beside([ax], [[["12/15", "5/5"]], [["80", "100"]]], ["n/N", "%"])
    >>> [text.get_text() for text in ax.texts]
    ['n/N', '12/15', '5/5', '%', '80', '100']
    """
    if len(heads) != len(columns):
        raise ValueError(f"heads are {len(heads)}; allowed: one a column, {len(columns)}")
    edge = first - GAP
    for panels, head in zip(columns, heads, strict=True):
        texts = [_head(axes[0], head, line)]
        texts += [
            _beside(ax, (1, at), text, ax.get_yaxis_transform(), va=ON_LINE)
            for ax, lines in zip(axes, panels, strict=True)
            for at, text in enumerate(lines)
            if text
        ]
        widest = max(text.get_window_extent().width for text in texts)
        edge += GAP + widest * 72 / axes[0].figure.dpi
        for text in texts:
            text.set_position((edge, text.xyann[1]))


def _head(ax, head, line):
    if line is None:
        return _beside(ax, (1, 1), head, "axes fraction", y=OVER, va="bottom", weight="bold")
    return _beside(ax, (1, line), head, ax.get_yaxis_transform(), va=ON_LINE, weight="bold")


def _beside(ax, place, text, coordinates, *, y=0, **options):
    return ax.annotate(
        text,
        place,
        xytext=(0, y),
        xycoords=coordinates,
        textcoords="offset points",
        ha="right",
        annotation_clip=False,
        **options,
    )


def words_left(ax: Axes, line: float, text: str) -> None:
    """Write words at the left of a line."""
    ax.text(-0.03, line, text, transform=ax.get_yaxis_transform(), ha="right", va=ON_LINE)


def words_right(ax: Axes, line: float, text: str, *, x: float = 1.02) -> None:
    """Write words at the right of a line, from `x` on, a share of the width of the axes."""
    ax.text(x, line, text, transform=ax.get_yaxis_transform(), va=ON_LINE)
