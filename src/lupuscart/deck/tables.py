"""A table of text, laid out on as many slides as it takes.

Vocabulary
----------
part
    What stands on one slide: some rows of some columns, with the header again.
width, height, size
    In points, as in `lupuscart.deck.text`.

Every part has all columns if they fit; else the first column stands in each part, so that a
row can be told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lupuscart.deck.text import LINE_HEIGHT, clean, fit, longest_piece, text_width

__all__ = ["MARGIN_X", "MARGIN_Y", "MAX_ROWS", "TablePart", "split_table"]

#: Most rows of one part, without the header.
MAX_ROWS = 12

#: Empty space in a cell, left and right, and above and below.
MARGIN_X, MARGIN_Y = 8.0, 3.5

# Tried in turn: best are whole rows, then whole cells, then few slides, then large text.
_SIZES = (18, 16, 14, 12)
_WIDEST, _WIDEST_HEADING, _WHOLE_HEADING = 16.0, 7.0, 5.0  # in multiples of the size
_STRETCH, _SQUEEZE = 1.5, 0.5  # how far a column may leave what it would like

_FILL = 0.97  # of the width of a column's text; the rest is lost to rounding


@dataclass(frozen=True)
class TablePart:
    """What stands on one slide.

    Attributes
    ----------
    columns : list of str
        The headings.
    rows : list of list of str
        The cells.
    widths, heights : list of float
        Of each column, and of each row with the header's first.
    size : float
        Of the text.
    right : list of bool
        Which columns are set flush right; never the first.
    cut : list of str
        Every text that was too long for its cell, in full.
    """

    columns: list[str]
    rows: list[list[str]]
    widths: list[float]
    heights: list[float]
    size: float
    right: list[bool]
    cut: list[str]


def split_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool] = (),
    *,
    width: float,
    height: float,
) -> list[TablePart]:
    """Return the parts of a table, in reading order, each of which fits the box.

    Parameters
    ----------
    columns, rows
        Headings, and cells row by row.
    right : sequence of bool, optional
        Which columns hold numbers; none if it is left out.
    width, height : float
        The box on each slide.

    Examples
    --------
    >>> rows = [[f"Feng J {year}", "12", "15"] for year in range(2000, 2020)]
    >>> parts = split_table(["study", "k", "n"], rows, width=800, height=400)
    >>> [len(part.rows) for part in parts]
    [10, 10]
    """
    cells = [[clean(cell) for cell in row] for row in (columns, *rows)]
    numbers = {place for place, number in enumerate(right) if number and place}
    layouts = [_layout(cells, numbers, _Grid(size, width, height)) for size in _SIZES]
    # The first of the best, hence the largest text.
    return min(layouts, key=_cost)


def _cost(parts: list[TablePart]) -> tuple[bool, int, int]:
    rows_are_split = parts[0].columns != parts[-1].columns
    return rows_are_split, sum(len(part.cut) for part in parts), len(parts)


def _column_groups(cells, size: float, width: float) -> list[dict[int, float]]:
    """Return the columns of each part, with their widths."""
    asked = [_asked(column, size, width) for column in zip(*cells, strict=True)]
    # The first column tells the row: it is squeezed last.
    asked[0] = (min(asked[0][1], width / 3), *asked[0][1:])
    groups = [{0: asked[0]}]
    for place, ask in list(enumerate(asked))[1:]:
        if sum(one[0] for one in groups[-1].values()) + ask[0] > width:
            groups.append({0: asked[0]})
        groups[-1][place] = ask
    return [_shared_out(group, width) for group in groups]


def _asked(column: Sequence[str], size: float, width: float) -> tuple[float, ...]:
    """Return the width a column can do with, would like, could fill, and may have at most."""
    heading, *cells = column
    title = text_width(heading, size=size, bold=True)
    fills = max((text_width(cell, size=size) for cell in cells), default=0)
    pieces = [longest_piece(cell, size=size) for cell in cells]
    # A word is broken only if it would take a quarter of the slide.
    whole = min(max([*pieces, longest_piece(heading, size=size, bold=True)]), width / 4)
    likes = max(min(fills, _WIDEST * size), min(title, _WIDEST_HEADING * size), whole)
    least = max(whole, min(title, _WHOLE_HEADING * size), likes * _SQUEEZE)
    steps = (least, max(least, likes), max(likes, fills), max(likes, fills) * _STRETCH)
    return tuple(step / _FILL + 2 * MARGIN_X for step in steps)


def _shared_out(group: dict[int, tuple[float, ...]], width: float) -> dict[int, float]:
    """Return the width of each column: all take the same step, as far as the width allows."""
    steps = list(zip(*group.values(), strict=True))
    shared = steps[-1]
    for lower, upper in pairwise(steps):
        if sum(upper) > width:
            part = (width - sum(lower)) / (sum(upper) - sum(lower))
            shared = [low + part * (up - low) for low, up in zip(lower, upper, strict=True)]
            break
    return dict(zip(group, shared, strict=True))


@dataclass(frozen=True)
class _Grid:
    """The size of the text, and the box on each slide."""

    size: float
    width: float
    height: float


def _layout(cells, numbers: set[int], grid: _Grid) -> list[TablePart]:
    groups = _column_groups(cells, grid.size, grid.width)
    return [part for group in groups for part in _parts(cells, numbers, group, grid)]


def _parts(cells, numbers: set[int], group: dict[int, float], grid: _Grid) -> Iterator[TablePart]:
    """Yield the parts that show one group of columns."""
    widths = list(group.values())
    names, *texts = [[row[place] for place in group] for row in cells]
    header = _fitted_row(names, widths, grid.size, height=grid.height / 2, bold=True)
    room = grid.height - header.height
    rows = [_fitted_row(row, widths, grid.size, height=room, bold=False) for row in texts]
    for chosen in _pages(rows, room):
        shown = [header, *chosen]
        yield TablePart(
            columns=header.texts,
            rows=[row.texts for row in chosen],
            widths=widths,
            heights=[row.height for row in shown],
            size=grid.size,
            right=[place in numbers for place in group],
            cut=[text for row in shown for text in row.cut],
        )


@dataclass(frozen=True)
class _Row:
    texts: list[str]
    height: float
    cut: list[str]


def _fitted_row(texts, widths, size, *, height, bold) -> _Row:
    """Return a row of at most this height; what has no room in it is cut."""
    line = size * LINE_HEIGHT
    room = height - 2 * MARGIN_Y
    fitted = [
        fit(text, width - 2 * MARGIN_X, room, sizes=(size,), bold=bold)
        for text, width in zip(texts, widths, strict=True)
    ]
    lines = max(1, *(cell.lines for cell in fitted))
    return _Row(
        texts=[cell.text for cell in fitted],
        height=lines * line + 2 * MARGIN_Y,
        cut=[text for text, cell in zip(texts, fitted, strict=True) if cell.is_cut],
    )


def _pages(rows: list[_Row], height: float) -> list[list[_Row]]:
    """Return the rows of each slide: as few slides as it takes, about equally full."""
    pages = _filled(rows, height, MAX_ROWS)
    even = -(-len(rows) // len(pages))
    evened = _filled(rows, height, even)
    return evened if len(evened) == len(pages) else pages


def _filled(rows: list[_Row], height: float, most: int) -> list[list[_Row]]:
    pages: list[list[_Row]] = [[]]
    for row in rows:
        used = sum(other.height for other in pages[-1])
        if pages[-1] and (len(pages[-1]) == most or used + row.height > height):
            pages.append([])
        pages[-1].append(row)
    return pages
