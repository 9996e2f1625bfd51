"""What the overview of a sweep shows: one column over the parameters that vary.

Vocabulary
----------
x, series, panel
    The three parameters that are told apart in the figure: along the axis, by line, by panel.
    A number with many values goes along the axis. A figure has room for so many lines and
    panels; of more values some are shown, the first and the last among them.
range
    A combination may make several rows, and parameters beyond the third are not told apart:
    the median of all such rows is shown with the smallest and the largest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lupuscart.arguments import check_choice
from lupuscart.figures.panels import finish, legend_below, wrapped
from lupuscart.figures.style import Mark, canvas, use_style
from lupuscart.reporting.finding import Finding
from lupuscart.words.lexicon import join, using, word, word_for

__all__ = ["Overview", "overview", "overview_sentences", "plot_overview", "save_overview"]

MOST_LINES = 6
MOST_PANELS = 4

# As many as there are lines at most, each with a shape of its own.
_MARKS = (
    Mark("o", "#0072B2", "#56B4E9"),
    Mark("s", "#C04F00", "#FF8A45"),
    Mark("^", "#008A64", "#2BC99A"),
    Mark("D", "#B07600", "#E69F00"),
    Mark("v", "#9A4F7F", "#CC79A7"),
    Mark("X", "#6B6B6B", "#B5BBC2"),
)

# What a reader of a sweep most often asks for, if the grid moves it.
_ASKED_FOR = ("power", "assurance", "probability", "coverage", "estimate", "rate", "n", "n1")

# Shown in percent, on an axis that begins at 0 and ends at 100 at most.
_PROPORTIONS = frozenset(
    {
        *("assurance", "background_rate", "coverage", "early_stop", "estimate", "expected_width"),
        *("high", "low", "lower", "new_high", "new_low", "power", "probability"),
        *("probability_above", "rate", "size", "type1", "upper"),
    }
)


@dataclass(frozen=True)
class Overview:
    """One column of a sweep over its parameters.

    Attributes
    ----------
    rows : DataFrame
        ``x``, ``series``, ``panel`` (missing where there is none) and ``value``, a row for each
        row of the sweep that is shown.
    source, column : str
        Which column of which table.
    x, series, panel : str or None
        The parameters' names.
    shown : dict
        Parameter name to (values shown, values there are), where not all are.
    pooled : list of str
        Parameters that vary and are not told apart.
    """

    rows: pd.DataFrame
    source: str
    column: str
    x: str
    series: str | None
    panel: str | None
    shown: Mapping[str, tuple[int, int]]
    pooled: Sequence[str]

    @property
    def table(self) -> pd.DataFrame:
        """What is drawn: ``low``, ``median`` and ``high`` of so many ``rows`` at each place."""
        groups = self.rows.groupby(["x", "series", "panel"], dropna=False, sort=False)["value"]
        return groups.agg(low="min", median="median", high="max", rows="size").reset_index()


def save_overview(
    folder: Path,
    results: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    show: str = "",
    failed: int = 0,
    language: str = "en",
    theme: str = "light",
) -> None:
    """Draw the overview into ``overview.png`` and its sisters, light or dark.

    Parameters and errors are those of `overview` and `overview_sentences`.
    """
    seen = overview(results, columns, show=show)
    # In a plan n1 may be an arm or a stage: the function's own name for it says which.
    is_plan = seen.source[:1].isalpha() and seen.column in ("n", "n1", "n2")
    with using(language):
        use_style(theme=theme, language=language)
        heading = seen.column if is_plan else word_for("column", seen.column)
        gaps = {"column": heading, "x": word_for("parameter", seen.x)}
        title, notes = word("figure.sweep.title", **gaps), overview_sentences(seen, failed=failed)

        def draw():
            figure = plot_overview(seen, title=title, heading=heading, notes=notes)
            return figure.axes[0]

        found = Finding("sweep", seen.table, title, notes, draw=draw, gaps=gaps)
        found.save("overview", str(folder))


def overview(results: pd.DataFrame, columns: Mapping[str, str], *, show: str = "") -> Overview:
    """Return what the overview of a sweep shows.

    Parameters
    ----------
    results, columns
        As `lupuscart.sweep.collect.tidy_table` returns them; at least one row.
    show : str
        A column with numbers, or ``TABLE:COLUMN``; by default one that the grid moves.

    Returns
    -------
    Overview

    Raises
    ------
    ValueError
        If there is no such column, or none with numbers.

    Examples
    --------
    >>> results = pd.DataFrame({"combination": [0, 1], "n1": [5, 9], "table": "a", "row": 0,
    ...                         "power": [0.2, 0.6]})
    >>> seen = overview(results, {"n1": "n1"})
    >>> seen.column, seen.x
    ('power', 'n1')
    """
    source, column = _choose_column(results, columns, show)
    rows = results[results["table"].eq(source) & results[column].notna()]
    places = _places(rows, columns)
    shown = {}
    for parameter, most in zip(places[1:3], (MOST_LINES, MOST_PANELS), strict=False):
        every = rows[columns[parameter]].drop_duplicates().tolist()
        if len(every) > most:
            kept = [every[i] for i in np.linspace(0, len(every) - 1, most).round().astype(int)]
            rows = rows[rows[columns[parameter]].isin(kept)]
            shown[parameter] = (most, len(every))
    x, series, panel = [*places[:3], None, None][:3]
    named = {"x": x, "series": series, "panel": panel}
    drawn = pd.DataFrame(
        {name: rows[columns[each]] if each else pd.NA for name, each in named.items()}
    ).assign(value=rows[column].astype(float))
    return Overview(drawn, source, column, x, series, panel, shown, pooled=[*places[3:]])


def overview_sentences(seen: Overview, *, failed: int) -> list[str]:
    """Return what a reader of the overview has to know, sentence by sentence.

    Parameters
    ----------
    seen : Overview
        What is shown.
    failed : int
        Combinations without a result.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [5, 5], "series": "", "panel": "", "value": [0.1, 0.3]})
    >>> seen = Overview(rows, "a", "rate", "n", None, None, shown={}, pooled=[])
    >>> overview_sentences(seen, failed=1)
    ['From a.', 'Median, and the range of up to 2 rows.', 'Gaps: 1 failed.']
    """

    def name(parameter):
        return word_for("parameter", parameter)

    sentences = [word("sweep.source", source=seen.source)]
    most = int(seen.table["rows"].max())
    if most > 1:
        sentences.append(word("sweep.range", rows=most))
    if seen.pooled:
        names = join(map(name, seen.pooled))
        sentences.append(word("sweep.pooled", parameters=names))
    for parameter, (few, every) in seen.shown.items():
        gaps = {"parameter": name(parameter), "few": few, "all": every}
        sentences.append(word("sweep.shown", **gaps))
    if failed:
        sentences.append(word("sweep.failed", failed=failed))
    return sentences


def plot_overview(seen: Overview, *, title: str, heading: str, notes: Sequence[str] = ()) -> Figure:
    """Draw a column of a sweep over its parameters, the median of each place with its range.

    Parameters
    ----------
    seen : Overview
        What is shown: at most six series and four panels.
    title, heading : str
        The figure's title, and the column in words.
    notes : sequence of str
        What the reader has to know besides, sentence by sentence.

    Returns
    -------
    Figure
    """
    # Its import takes a second, which only a sweep pays.
    import seaborn as sns
    from matplotlib import pyplot

    rows = seen.rows
    values = rows["series"].drop_duplicates()
    lines = [wrapped(_value(seen.series, value), width=24) for value in values]
    if len(set(lines)) < len(lines):  # two values of one name, such as "" and "all"
        lines = [f"{line} ({value!r})" for line, value in zip(lines, values, strict=True)]
    marks = dict(zip(lines, _MARKS, strict=False))
    series = rows["series"].map(dict(zip(values, lines, strict=True)))
    panel = rows["panel"].map(lambda value: _setting(seen.panel, value))
    places = _places_of(rows["x"])
    beside = series.map({line: 0.12 * i for i, line in enumerate(lines)})
    beside -= 0.06 * (len(lines) - 1)
    x = rows["x"] if places is None else rows["x"].map(places) + beside
    factor = 100 if seen.column in _PROPORTIONS else 1
    grid = sns.relplot(
        pd.DataFrame(
            {"x": x.astype(float), "y": factor * rows["value"], "series": series, "panel": panel}
        ),
        **{"kind": "line", "x": "x", "y": "y", "hue": "series", "style": "series"},
        **({"col": "panel", "col_wrap": 2} if seen.panel else {}),
        estimator="median",
        errorbar=("pi", 100),
        palette={line: mark.colour for line, mark in marks.items()},
        markers={line: mark.shape for line, mark in marks.items()},
        dashes=False,
        legend="full" if seen.series else False,
        markersize=13,
        markeredgewidth=0,
        **(_band(x.nunique()) if places is None else _bars()),
    )
    unit = "sweep.percent" if seen.column in _PROPORTIONS else "sweep.number"
    across = word_for("parameter", seen.x)
    grid.set_axis_labels(across, word(unit, column=heading))
    grid.set_titles("{col_name}", size=20)
    for ax in grid.axes.flat:
        _name_x(ax, rows["x"], seen.x, places)
    if factor == 100 and rows["value"].between(0, 1).all():
        grid.set(ylim=(-2, 102) if rows["value"].max() > 0.5 else (0, None))
    figure = grid.figure
    figure.set_size_inches(canvas().size)
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.04)
    figure.get_layout_engine().set(rect=(0.02, 0.02, 0.96, 0.96))
    # Nothing stands beside an overview: its title is in it.
    finish(figure, title=title)
    _explain(figure, grid.legend, seen.series, notes)
    pyplot.close(figure)  # nothing shows it by itself
    return figure


def _explain(figure, legend, series, notes) -> None:
    """Write the notes, the name of the parameter that the lines tell apart, and its values."""
    handles = legend.legend_handles if series else []
    if series:
        legend.remove()
    said = [*notes, *([word_for("parameter", series)] if series else [])]
    legend_below(figure, title="\n".join(said), more=handles)


def _choose_column(results, columns, show) -> tuple[str, str]:
    own = _own_columns(results, columns)
    numbers = {f"{table}:{column}": (table, column) for table, column in own}
    if not numbers:
        raise ValueError("the sweep made no column with numbers, so there is no overview")
    if show:
        fits = [key for key, (_, column) in numbers.items() if show in (key, column)]
        return numbers[fits[0] if fits else check_choice("show", show, numbers)]
    moved = [key for key in own if _moves(results, *key)] or own
    # A power that was asked for is no finding.
    names = [name for name in _ASKED_FOR if name not in columns]
    asked_for = [key for name in names for key in moved if key[1] == name]
    return (asked_for or moved)[0]


def _own_columns(results, columns) -> list[tuple[str, str]]:
    """Return (table, column) of every column with numbers that is no parameter."""
    others = {"combination", "table", "row", *columns.values()}
    numeric = [
        column
        for column in results
        if column not in others
        and pd.api.types.is_numeric_dtype(results[column])
        and not pd.api.types.is_bool_dtype(results[column])
    ]
    filled = results[numeric].notna().groupby(results["table"], sort=False).any()
    return [
        (table, column) for table in filled.index for column in numeric if filled[column][table]
    ]


def _moves(results, table, column) -> bool:
    rows = results[results["table"] == table]
    return bool(rows.groupby("row")[column].nunique().gt(1).any())


def _places(rows, columns) -> list[str]:
    """Return the parameters that vary, the one for the axis first, then those of most values."""
    counts = {name: rows[column].nunique() for name, column in columns.items()}
    varying = [name for name, count in counts.items() if count > 1] or list(columns)[:1]

    def rank(name):
        is_number = pd.api.types.is_numeric_dtype(rows[columns[name]])
        return not (is_number and not pd.api.types.is_bool_dtype(rows[columns[name]])), -counts[
            name
        ]

    first = min(varying, key=rank)
    others = sorted((name for name in varying if name != first), key=lambda name: -counts[name])
    return [first, *others]


def _band(points):
    """A line and a band, with about twelve marks."""
    return {
        "markevery": max(1, points // 12),
        "err_style": "band",
        "err_kws": {"alpha": 0.15, "linewidth": 0},
    }


def _bars():
    """Marks with bars."""
    return {"linestyle": "", "err_style": "bars", "err_kws": {"elinewidth": 2.5}}


def _places_of(x):
    """The place of each value that is no number, else None."""
    if pd.api.types.is_numeric_dtype(x) and not pd.api.types.is_bool_dtype(x):
        return None
    return {value: place for place, value in enumerate(x.drop_duplicates())}


def _name_x(ax, values, parameter, places):
    ax.grid(True, axis="y")
    if places is None:
        few = sorted(values.drop_duplicates())
        if len(few) <= 8:
            ax.set_xticks([float(value) for value in few], [f"{value:g}" for value in few])
        return
    names = [_value(parameter, value) for value in places]
    turn = {"rotation": 30, "ha": "right"} if len(names) > 5 else {}
    ax.set_xticks(range(len(names)), names, **turn)
    ax.set_xlim(-0.6, len(names) - 0.4)


def _setting(parameter, value):
    if parameter is None:
        return ""
    name = word_for("parameter", parameter)
    return word("sweep.setting", parameter=name, value=_value(parameter, value))


def _value(parameter, value):
    if parameter is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    if value == "":
        return word("sweep.any")
    return word_for(parameter, value)
