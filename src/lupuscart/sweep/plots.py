"""The overview figure of a sweep."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from lupuscart.figures.panels import check_rows
from lupuscart.figures.style import Mark, new_figure
from lupuscart.words.lexicon import join, word, word_for

__all__ = ["overview_sentences", "plot_overview"]

# As many as there are lines at most, each with a shape of its own.
_MARKS = (
    Mark("o", "#0072B2", "#56B4E9"),
    Mark("s", "#C04F00", "#FF8A45"),
    Mark("^", "#008A64", "#2BC99A"),
    Mark("D", "#B07600", "#E69F00"),
    Mark("v", "#9A4F7F", "#CC79A7"),
    Mark("X", "#6B6B6B", "#B5BBC2"),
)

# Shown in percent, on an axis that begins at 0 and ends at 100 at most.
_PROPORTIONS = frozenset(
    {
        *("assurance", "background_rate", "coverage", "early_stop", "estimate", "expected_width"),
        *("high", "low", "lower", "new_high", "new_low", "power", "probability"),
        *("probability_above", "rate", "size", "type1", "upper"),
    }
)


def plot_overview(
    table: pd.DataFrame,
    *,
    column: str,
    heading: str,
    x: str,
    series: str | None = None,
    panel: str | None = None,
    notes: Sequence[str] = (),
) -> list[Axes]:
    """Draw a column of a sweep over its parameters.

    Parameters
    ----------
    table : DataFrame
        ``x``, ``series``, ``panel``, ``low``, ``median``, ``high``: at most six series and four
        panels; missing in all rows where there is none.
    column, heading : str
        What ``median`` is of, by its name and in words.
    x, series, panel : str
        The parameters' names.
    notes : sequence of str
        What the reader has to know besides, sentence by sentence.

    Returns
    -------
    list of Axes
        One a panel. Where rows were summed up, the median with the smallest and the largest.
    """
    check_rows(table)
    figure = new_figure()
    names = {"column": heading, "x": _words("parameter", x)}
    title = word("figure.sweep.title", **names)
    figure.suptitle(title, x=0.01, ha="left")
    panels = list(table.groupby("panel", dropna=False, sort=False))
    across = 1 if len(panels) == 1 else 2
    grid = figure.subplots(
        -(-len(panels) // across), across, sharex=True, sharey=True, squeeze=False
    )
    axes = list(grid.flat)
    for spare in axes[len(panels) :]:
        spare.remove()
    marks = dict(zip(table["series"].drop_duplicates(), _MARKS, strict=False))
    places = _places(table["x"])
    for ax, (value, rows) in zip(axes, panels, strict=False):
        if panel is not None:
            ax.set_title(_setting(panel, value), fontsize=20)
        _draw(ax, rows, marks, places, 100 if column in _PROPORTIONS else 1)
        _name_x(ax, table["x"], x, places)
    axes = axes[: len(panels)]
    _scale(axes, table, column)
    for row in grid[:, 0]:
        unit = "sweep.percent" if column in _PROPORTIONS else "sweep.number"
        row.set_ylabel(word(unit, column=heading))
    for ax in axes[-across:]:
        ax.set_xlabel(_words("parameter", x))
        ax.tick_params(labelbottom=True)
    handles, labels, title = [], [], _lines(notes)
    if series is not None:
        handles, _ = axes[0].get_legend_handles_labels()
        labels = [_value(series, value) for value in marks]
        title = f"{title}\n{_words('parameter', series)}".strip()
    figure.legend(
        handles,
        labels,
        loc="outside lower left",
        ncols=6,
        title=title,
        title_fontsize=18,
        alignment="left",
    )
    return axes


def overview_sentences(
    table: pd.DataFrame, *, source: str, column: str, shown, pooled, failed: int
) -> list[str]:
    """Return what a reader of the overview has to know, sentence by sentence.

    Parameters
    ----------
    table, column
        As for `plot_overview`, with ``rows``.
    source : str
        The table that the column is from.
    shown : mapping
        Parameter name to (values shown, values there are).
    pooled : sequence of str
        Parameters that vary and are not told apart.
    failed : int
        Combinations without a result.

    Examples
    --------
    >>> table = pd.DataFrame({"rows": [5, 5]})
    >>> options = {"shown": {}, "pooled": [], "failed": 1}
    >>> overview_sentences(table, source="a", column="rate", **options)
    ['From a.', 'Median, and the range of up to 5 rows.', '1 failed: gaps.']
    """
    sentences = [word("sweep.source", source=source)]
    most = int(table["rows"].max())
    if most > 1:
        sentences.append(word("sweep.range", rows=most))
    if pooled:
        names = join(_words("parameter", name) for name in pooled)
        sentences.append(word("sweep.pooled", parameters=names))
    for parameter, (few, every) in shown.items():
        gaps = {"parameter": _words("parameter", parameter), "few": few, "all": every}
        sentences.append(word("sweep.shown", **gaps))
    if failed:
        sentences.append(word("sweep.failed", failed=failed))
    return sentences


def _lines(sentences):
    """Sentences in lines that a slide has room for."""
    lines = [""]
    for sentence in sentences:
        longer = word("sentence_separator").join(filter(None, [lines[-1], sentence]))
        # Chinese characters are as broad as two others, and take two bytes in this encoding.
        if lines[-1] and len(longer.encode("gb18030")) > 115:
            lines.append(sentence)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def _draw(ax, rows, marks, places, factor):
    # Its import takes a second, which only a sweep pays.
    import seaborn as sns

    for index, (value, mark) in enumerate(marks.items()):
        own = rows[rows["series"].isna() if pd.isna(value) else rows["series"].eq(value)]
        if own.empty:  # it is in another panel, and in the legend
            ax.plot([], [], mark.shape, color=mark.colour, label=str(value))
            continue
        # Of these three numbers the median is the middle one, and the range the outer two.
        own = own.melt("x", ["low", "median", "high"], value_name="y")
        beside = 0.12 * (index - (len(marks) - 1) / 2)
        x = own["x"] if places is None else own["x"].map(places) + beside
        sns.lineplot(
            x=x.astype(float),
            y=factor * own["y"],
            estimator="median",
            errorbar=("pi", 100),
            label=str(value),
            legend=False,
            color=mark.colour,
            marker=mark.shape,
            markersize=12,
            markeredgecolor=mark.colour,
            ax=ax,
            **(_band(x.nunique()) if places is None else _bars()),
        )


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


def _places(x):
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


def _scale(axes, table, column):
    if column in _PROPORTIONS and table["low"].min() >= 0 and table["high"].max() <= 1:
        axes[0].set_ylim(-2, 102) if table["high"].max() > 0.5 else axes[0].set_ylim(bottom=0)


def _setting(parameter, value):
    gaps = {
        "parameter": _words("parameter", parameter),
        "value": _value(parameter, value),
    }
    return word("sweep.setting", **gaps)


def _words(kind, name):
    return word_for(kind, name)


def _value(parameter, value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    if value == "":
        return word("sweep.any")
    return word_for(parameter, value)
