"""How a table is set for those who read it: the one place that decides.

Text is set left and numbers right, and there are no row numbers. Proportions are percentages,
differences of proportions are points, p values read 0.03 or <0.001, and a number that a source
prints keeps its digits. A page, a slide, the site and ``figures.json`` show the same texts.
"""

import re
from collections.abc import Callable
from html import escape
from numbers import Integral, Real
from typing import ClassVar

import pandas as pd

from lupuscart.words.labels import percent, percentage_points
from lupuscart.words.lexicon import in_words, number_words, word

__all__ = ["Table", "p_words", "set_table", "table_words"]

# Columns of proportions, and how many decimals their percentages have.
_PROPORTIONS = {
    **dict.fromkeys(
        ["rate", "low", "high", "lower", "upper", "estimate", "new_low", "new_high"], 0
    ),
    **dict.fromkeys(["true_rate", "null_rate", "background_rate", "rate_to_exclude", "p2"], 0),
    **dict.fromkeys(["posterior_mean", "above_half", "next_patient", "next_five"], 0),
    **dict.fromkeys(["power", "share", "independent", "above_0", "above_20_points"], 0),
    **dict.fromkeys(["full_low", "harm"], 0),
    **dict.fromkeys(["clopper-pearson", "blaker", "mid-p", "wilson", "jeffreys"], 0),
    "size": 1,
}
_DIFFERENCES = ("increment", "difference", "near_low", "near_high", "width")
_P_VALUES = ("smallest_p", "p_fisher", "p_boschloo", "probability", "probability_at_most")
_ROUNDED = {"ratio": 1, "ratio_low": 1, "ratio_high": 1, "expected_fall": 1}

# Digits and the signs that stand among them: 12/15, 52–96 %, 30 (−2 to 46) is words already.
_NUMBER = re.compile(r"[-−–<>≤≥ \d.,/%()]*")


class Table(pd.DataFrame):
    """A table as it is read: every cell a text.

    Attributes
    ----------
    caption : str
        What the table is; empty where a page gives it none.
    right : list of bool
        Which columns hold numbers, to be set flush right.
    """

    _metadata: ClassVar = ["caption", "right"]

    @property
    def _constructor(self):
        # What is made of its rows and columns is a plain table again.
        return pd.DataFrame

    def _repr_html_(self) -> str:
        """As JupyterLab and the site show it; cells are text, never markup or a formula."""
        head = "".join(self._cell("th", name, place) for place, name in enumerate(self.columns))
        body = "".join(
            "<tr>"
            + "".join(self._cell("td", text, place) for place, text in enumerate(row))
            + "</tr>\n"
            for row in self.itertuples(index=False, name=None)
        )
        caption = f"<caption>{escape(self.caption)}</caption>\n" if self.caption else ""
        return (
            f'<table class="dataframe tex2jax_ignore mathjax_ignore">\n{caption}'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
        )

    def _cell(self, tag, text, place):
        side = "right" if self.right[place] else "left"
        return f'<{tag} style="text-align: {side}">{escape(str(text))}</{tag}>'

    def __repr__(self) -> str:
        """The same as plain text."""
        text = self.to_string(index=False) if len(self) else "  ".join(map(str, self.columns))
        return "\n".join([self.caption, text]) if self.caption else text


def set_table(table: pd.DataFrame, caption: str = "") -> Table:
    """Return a table as it is read.

    A column named by a whole number is a size of cohort, one named by a fraction a true rate;
    both hold proportions. Beside a difference, ``low`` and ``high`` are its limits.

    Parameters
    ----------
    table : DataFrame
        Columns and cells in codes.
    caption : str
        A code of ``words.csv`` without its ``caption.``, such as ``reports``; "" for none.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["A 2025"], "n": [15], "rate": [0.8], "smallest_p": [6e-5]})
    >>> set_table(table)
     study evaluable rate smallest possible two-sided p
    A 2025        15 80 %                        <0.001
    >>> set_table(pd.DataFrame({"difference": [-0.1138], "low": [-0.4], "high": [0.3]}))
    difference (points) difference, lower limit difference, upper limit
                    −11                     −40                      30
    """
    table = table.rename(columns=_limits_of_difference(table))
    right, texts = [], {}
    for place, (name, cells) in enumerate(table.items()):
        numeric = _is_numeric(cells)
        written = _number if numeric else _text
        texts[place] = [written(name, cell) for cell in cells]
        right.append(numeric)
    shown = in_words(pd.DataFrame(texts, index=range(len(table))).set_axis(table.columns, axis=1))
    shown = shown.rename(columns=_heading).rename_axis(columns=None)
    found = Table(shown)
    found.caption = word(f"caption.{caption}") if caption else ""
    found.right = [each or _all_numbers(shown.iloc[:, place]) for place, each in enumerate(right)]
    return found


def table_words(table: pd.DataFrame) -> dict[str, list]:
    """Return a table as texts, for a slide or a page.

    Parameters
    ----------
    table : DataFrame
        Columns and cells in codes.

    Returns
    -------
    dict
        ``columns``: list of str; ``rows``: list of lists of str; ``right``: list of bool, which
        columns hold numbers, to be set flush right.

    Examples
    --------
    >>> said = table_words(pd.DataFrame({"timing": ["by"], "n": [15], "rate": [0.8]}))
    >>> said["columns"], said["rows"], said["right"]
    (['timing', 'evaluable', 'rate'], [['by this week', '15', '80 %']], [False, True, True])
    """
    shown = set_table(table)
    rows = shown.to_numpy(dtype=object).tolist()
    return {"columns": list(shown.columns), "rows": rows, "right": shown.right}


def p_words(p: float) -> str:
    """Return a p value with two decimals, three below 0.01, and no more.

    Examples
    --------
    >>> p_words(0.0625), p_words(0.0312), p_words(0.004), p_words(1e-6)
    ('0.06', '0.03', '0.004', '<0.001')
    """
    if p < 0.001:
        return "<0.001"
    return f"{p:.2f}" if p >= 0.01 else f"{p:.3f}"


def _limits_of_difference(table) -> dict[str, str]:
    of = next((name for name in ("increment", "difference") if name in table), None)
    return {end: f"{of}_{end}" for end in ("low", "high")} if of else {}


def _is_numeric(cells: pd.Series) -> bool:
    types = pd.api.types
    return types.is_numeric_dtype(cells) and not types.is_bool_dtype(cells)


def _number(column, value) -> str:
    if pd.isna(value):
        return number_words(column, value)
    return _formatter(column)(value)


def _text(column, value):
    """A cell of text as it is, for `in_words`; a review by its name and not by its code."""
    return value.replace("_", " ").capitalize() if column == "review" else value


def _formatter(column) -> Callable[[float], str]:
    """How the numbers of a column are written; with a true minus sign."""
    if isinstance(column, Real) or column in _PROPORTIONS:
        decimals = 0 if isinstance(column, Real) else _PROPORTIONS[column]
        return lambda value: percent(value, decimals=decimals)
    if column.removesuffix("_low").removesuffix("_high") in _DIFFERENCES or column in _DIFFERENCES:
        return percentage_points
    if column in _P_VALUES:
        return p_words
    if column in _ROUNDED:
        return lambda value: f"{value:.{_ROUNDED[column]}f}"
    return lambda value: number_words(column, value).replace("-", "−")


def _heading(name):
    if isinstance(name, Integral):
        return word("scores.n", n=name)
    return word("head.true_rate", rate=percent(name)) if isinstance(name, Real) else name


def _all_numbers(cells) -> bool:
    """Whether texts are numbers to the reader; a cell that says why there is none is not one."""
    texts = [str(cell) for cell in cells]
    return any(re.search(r"\d", text) for text in texts) and all(map(_NUMBER.fullmatch, texts))
