"""Rates with their intervals, one line a cohort, as several figures draw them."""

import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import (
    face,
    name_lines,
)
from lupuscart.figures.style import conditioning_mark, theme_colour
from lupuscart.words.lexicon import word

__all__ = [
    "column_heads",
    "denominator_note",
    "draw_rates",
    "label_groups",
    "rate_axis",
    "rate_names",
]


def rate_names(rows: pd.DataFrame) -> pd.Series:
    """The label of each row, marked where the denominator is another than the report's patients."""
    return rows["label"] + _denominator_marks(rows)


def _denominator_marks(rows) -> pd.Series:
    """Nothing for all patients of the report, * for fewer, † for others than its lupus."""
    n, treated = rows["n"].astype(float), rows["n_treated"].astype(float)
    marks = pd.Series("*", index=rows.index).mask(rows["cohort"].eq("all") | (n == treated), "")
    # A basket trial says so in the name of its cohort or in the note of the row.
    mixed = rows["cohort"] + "; " + (rows["note"].fillna("") if "note" in rows else "")
    return marks.mask((n > treated) | mixed.str.contains(r"\ball (?:diseases|indications)\b"), "†")


def denominator_note(table) -> str:
    marks = _denominator_marks(table)
    notes = {"*": "figure.part", "†": "figure.mixed"}
    shown = [word(code) for mark, code in notes.items() if marks.eq(mark).any()]
    return "     ".join(shown)


def draw_rates(ax: Axes, rows: pd.DataFrame, names: pd.Series) -> None:
    """The rate and interval of each row, its name at the left."""
    for line, row in enumerate(rows.itertuples()):
        mark = conditioning_mark(row.conditioning)
        ax.errorbar(
            100 * row.rate,
            line,
            xerr=[[100 * (row.rate - row.low)], [100 * (row.high - row.rate)]],
            fmt=mark.shape,
            color=mark.colour,
            markerfacecolor=face(mark.colour, row.read_in),
            clip_on=False,
            zorder=3,
        )
    # A mark at zero is half as wide as this.
    name_lines(ax, names, pad=14)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))


def column_heads(ax: Axes, ends: list[float], heads: list[str]) -> None:
    """Head the columns that `lupuscart.figures.panels.margin_columns` wrote beside the axes.

    Parameters
    ----------
    ax : Axes
        The topmost panel.
    ends : list of float
        How many points right of the axes each column ends, as `margin_columns` returns them.
    heads : list of str
        One a column.
    """
    # The heads stand over the topmost axes, and need their own space to the edge.
    ax.figure.get_layout_engine().set(h_pad=0.15)
    for end, head in zip(ends, heads, strict=True):
        ax.annotate(
            head,
            (1, 1),
            xytext=(end, 6),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=18,
            color=theme_colour("quiet"),
            annotation_clip=False,
        )


def rate_axis(ax, interval):
    ax.set_xlabel(f"{word('figure.response.x')} · {interval}")
    ax.tick_params(labelbottom=True)


def label_groups(ax, groups):
    """Name each run of rows at the far left, and rule between runs."""
    widest = max(label.get_window_extent().width for label in ax.get_yticklabels())
    aside = -(widest * 72 / ax.figure.dpi + 34)
    for line, name in enumerate(groups):
        if line and groups[line - 1] == name:
            continue
        ax.annotate(
            name,
            (0, line),
            xytext=(aside, 0),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            ha="right",
            va="center",
            weight="bold",
            fontsize=18,
            annotation_clip=False,
        )
        if line:
            ax.axhline(line - 0.5, color=theme_colour("quiet"), linewidth=1.2)
