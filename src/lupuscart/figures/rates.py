"""Rates with their intervals, one line a cohort, as several figures draw them."""

import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import (
    face,
    name_lines,
)
from lupuscart.figures.style import conditioning_mark, theme_colour
from lupuscart.words.labels import hundredths
from lupuscart.words.lexicon import codes, word

__all__ = [
    "by_conditioning",
    "column_heads",
    "denominator_note",
    "draw_rates",
    "group_lines",
    "in_parts",
    "label_groups",
    "leave_margin",
    "limit_numbers",
    "name_groups",
    "name_rows",
    "number_columns",
    "percent_numbers",
    "rate_axis",
    "rate_names",
    "spread_lines",
]

ROOM = 21  # lines of 18 points, the names of groups included, that a figure has room for
GAP = 18  # points between two columns of numbers
FEWEST = 4  # lines over which a figure of fewer rows is spread


def rate_names(rows: pd.DataFrame) -> pd.Series:
    """The label of each row, marked where the denominator is another than the report's patients."""
    return rows["label"] + _denominator_marks(rows)


def _denominator_marks(rows) -> pd.Series:
    """Nothing for all patients of the report, * for fewer, † with other diseases among them."""
    n, treated = rows["n"].astype(float), rows["n_treated"].astype(float)
    part = rows["cohort"].ne("all") & (n.lt(treated) | treated.isna())
    # A folder of one's own may leave the column empty; more than were treated are then others.
    basket = rows["basket"] if "basket" in rows else pd.Series(pd.NA, index=rows.index)
    mixed = basket.isin(["yes"]) | (basket.isna() & n.gt(treated))
    return pd.Series("", index=rows.index).mask(part, "*").mask(mixed, "†")


def denominator_note(table) -> str:
    marks = _denominator_marks(table)
    notes = {"*": "figure.part", "†": "figure.mixed"}
    shown = [word(code) for mark, code in notes.items() if marks.eq(mark).any()]
    return "     ".join(shown)


def draw_rates(ax: Axes, rows: pd.DataFrame, names: pd.Series, *, lines=None, total=None) -> None:
    """The rate and interval of each row, its name at the left.

    `lines` are the places of the rows among `total`; one after another if not given.
    """
    places = range(len(rows)) if lines is None else lines
    for line, row in zip(places, rows.itertuples(), strict=True):
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
    if lines is None:
        name_lines(ax, names, pad=14)
    else:
        name_rows(ax, names, lines, total=total, pad=14)
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


def in_parts(table: pd.DataFrame, groups, *, weights=None, room: int = ROOM) -> list[pd.DataFrame]:
    """Return the rows in as few parts as have room in one figure each, about equally full.

    Parameters
    ----------
    table : DataFrame
        Rows in the order in which they are drawn.
    groups : sequence
        The group of each row; its name takes a line above its rows, in each part anew.
    weights : sequence of int, optional
        Lines that each row takes; one if not given.
    room : int
        Lines of one figure.

    Examples
    --------
    >>> rows = pd.DataFrame({"n": range(5)})
    >>> [len(part) for part in in_parts(rows, ["a"] * 5, room=4)]
    [3, 2]
    """
    groups = list(groups)
    weights = [1] * len(table) if weights is None else list(weights)
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


def name_rows(ax: Axes, names, lines, *, total: int, pad: float) -> None:
    """Name rows that stand at given lines of a figure of so many lines, the first on top."""
    ax.set_yticks(lines, list(names), fontsize=18)
    ax.set_ylim(max(total, FEWEST) - 0.4, -0.6)
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
            va="center_baseline",
            weight="bold",
            fontsize=18,
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


def number_columns(
    axes: list[Axes],
    columns: list[list[list[str]]],
    heads: list[str],
    *,
    line: float | None = None,
) -> None:
    """Write columns of numbers right of stacked axes, over each what it is.

    Parameters
    ----------
    axes : list of Axes
        The panels, whose columns stand under one another.
    columns : list of list of list of str
        For each column, for each panel, the text of each line.
    heads : list of str
        One a column.
    line : float, optional
        The line of the first panel on which the heads stand; above it if not given.
    """
    edge = 22 - GAP
    for panels, head in zip(columns, heads, strict=True):
        texts = [_head(axes[0], head, line)]
        texts += [
            _beside(ax, (1, at), text, ax.get_yaxis_transform(), va="center_baseline")
            for ax, lines in zip(axes, panels, strict=True)
            for at, text in enumerate(lines)
            if text
        ]
        widest = max(text.get_window_extent().width for text in texts)
        edge += GAP + widest * 72 / axes[0].figure.dpi
        for text in texts:
            text.set_position((edge, text.get_position()[1]))


def _head(ax, head, line):
    if line is None:
        return _beside(ax, (1, 1), head, "axes fraction", y=8, va="bottom", weight="bold")
    place = ax.get_yaxis_transform()
    return _beside(ax, (1, line), head, place, va="center_baseline", weight="bold")


def _beside(ax, place, text, coordinates, *, y=0, **options):
    return ax.annotate(
        text,
        place,
        xytext=(0, y),
        xycoords=coordinates,
        textcoords="offset points",
        ha="right",
        annotation_clip=False,
        fontsize=18,
        **options,
    )


def by_conditioning(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the one order in which every legend names the conditioning."""
    order = {code.partition(".")[2]: rank for rank, code in enumerate(codes("conditioning"))}
    last = len(order)
    rank = [last + 1 if pd.isna(each) else order.get(each, last) for each in rows["conditioning"]]
    return rows.assign(_rank=rank).sort_values("_rank", kind="stable").drop(columns="_rank")


def percent_numbers(rows: pd.DataFrame) -> list[str]:
    """Return the rate of each row in percent, for a column under the head "%".

    Examples
    --------
    >>> percent_numbers(pd.DataFrame({"rate": [0.8]}))
    ['80']
    """
    return [hundredths(rate) for rate in rows["rate"]]


def limit_numbers(rows: pd.DataFrame) -> list[str]:
    """Return the interval of each row in percent, for a column whose head says so.

    Examples
    --------
    >>> limit_numbers(pd.DataFrame({"low": [0.519], "high": [0.957]}))
    ['52–96']
    """
    return [
        word("head.limits", low=hundredths(row.low), high=hundredths(row.high))
        for row in rows.itertuples()
    ]


def leave_margin(figure) -> None:
    """Keep what stands at the top of a figure without a title of its own off its edge."""
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.975))
