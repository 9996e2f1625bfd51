"""Rates with their intervals, one line a cohort, as several figures draw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.figures.panels import face
from lupuscart.figures.rows import name_lines
from lupuscart.figures.style import conditioning_mark
from lupuscart.words.labels import hundredths
from lupuscart.words.lexicon import codes, word

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "by_conditioning",
    "denominator_note",
    "draw_rates",
    "limit_numbers",
    "percent_numbers",
    "rate_axis",
    "rate_names",
]


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
    name_lines(ax, names, lines, total=total)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))


def rate_axis(ax, interval):
    ax.set_xlabel(f"{word('figure.response.x')} · {interval}")
    ax.tick_params(labelbottom=True)


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
