"""The specimen sheet of docs/figures.md: every piece of the system once, without data.

python -m lupuscart.figures.specimen docs/figures_specimen.png
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

from lupuscart.atomic import write_whole
from lupuscart.figures.legibility import make_legible
from lupuscart.figures.panels import face, finish, key, legend_below
from lupuscart.figures.rows import columns_beside, name_lines
from lupuscart.figures.save import write_png
from lupuscart.figures.style import (
    Mark,
    conditioning_mark,
    new_figure,
    theme_colour,
    use_style,
)
from lupuscart.words.labels import conditioning_words
from lupuscart.words.lexicon import word

__all__ = ["draw_specimen", "write_specimen"]

REGIMENS = (
    "fludarabine+cyclophosphamide",
    "lymphodepletion, drugs not reported",
    "cyclophosphamide or bendamustine",
    "cyclophosphamide",
    "bendamustine",
    "fludarabine",
    "none",
    None,
)


def draw_specimen() -> Figure:
    """Return the sheet in the style in use: a row a regimen, filled and hollow in turn.

    The places of marks and the texts at the right show nothing but themselves.

    Examples
    --------
    >>> use_style()
    >>> draw_specimen().get_size_inches().tolist()
    [16.0, 9.0]
    """
    ax = new_figure().add_subplot()
    for row, regimen in enumerate(REGIMENS):
        mark, read_in = conditioning_mark(regimen), ("primary", "secondary")[row % 2]
        ends = [15 + 5 * row, 55 + 5 * row]
        ax.plot(ends, [row, row], color=mark.colour)
        middle = {"color": mark.colour, "mfc": face(mark.colour, read_in)}
        ax.plot(sum(ends) / 2, row, mark.shape, **middle)
    name_lines(ax, [conditioning_words(each) for each in REGIMENS])
    ax.set_xlim(0, 100)
    ax.set_title("Title: 24 points, bold")
    ax.set_xlabel("Words, numbers and names: 20 points; heads and groups bold")
    columns = [[[text] * len(REGIMENS)] for text in ("k/n", "00", "00–00")]
    columns_beside([ax], columns, ["n/N", "%", "95 % CI"])
    legend_below(ax.figure, more=_keys())
    finish(ax.figure, source=["Source: 15 points, quiet; searched until November 2026"])
    return ax.figure


def _keys():
    quiet = Mark("h", theme_colour("quiet"), theme_colour("quiet"))
    filled = key(quiet, word("read_in.primary"))
    hollow = key(quiet, word("read_in.secondary"))
    hollow.set_markerfacecolor(theme_colour("paper"))
    return [filled, hollow]


def write_specimen(path: Path) -> None:
    """Write the sheet, light and in English, as PNG."""
    use_style()
    figure = draw_specimen()
    make_legible(figure, path.stem)
    write_whole(path, lambda p: write_png(figure, p, metadata={"Software": None}))


if __name__ == "__main__":
    write_specimen(Path(sys.argv[1]))
