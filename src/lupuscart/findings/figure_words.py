"""Everything that is said about a figure, in one piece that travels with it.

A slide, a page or a screen reader takes what it needs from here and words nothing itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral

import pandas as pd

from lupuscart.findings.sentences import alt_text
from lupuscart.words.labels import percent
from lupuscart.words.lexicon import in_words, number_words, word
from lupuscart.words.sources import provenance_sentences, reference_lines, source_lines

__all__ = ["FigureWords", "figure_words", "table_words"]

# Columns that hold proportions, and how many decimals their percentages have.
_PROPORTIONS = {
    **dict.fromkeys(
        ["rate", "low", "high", "lower", "upper", "estimate", "new_low", "new_high"], 0
    ),
    **dict.fromkeys(["p2", "power", "rate_to_exclude"], 0),
    "size": 1,
}


@dataclass(frozen=True)
class FigureWords:
    """What is said about one figure, all in the reader's language.

    Attributes
    ----------
    headline : str
        The finding in one sentence.
    alt : str
        What the figure shows, for readers who do not see it.
    source : list of str
        One line a study shown; see `lupuscart.words.sources`.
    provenance : list of str
        One sentence a reported number shown.
    references : list of str
        One a study shown, in the order of the alphabet.
    table : dict or None
        ``columns`` and ``rows`` of the table that a reader sees with the figure, all texts.
    """

    headline: str
    alt: str
    source: list[str]
    provenance: list[str]
    references: list[str]
    table: dict[str, list] | None


def figure_words(
    figure: str,
    *,
    headline: str,
    sentences: list[str],
    rows: pd.DataFrame | Sequence[pd.DataFrame] = (),
    table: pd.DataFrame | None = None,
    assumed: tuple[float, float] | None = None,
    **gaps,
) -> FigureWords:
    """Return what is said about a figure.

    Parameters
    ----------
    figure : str
        The figure's code in ``words.csv``: its title is ``figure.CODE.title``.
    headline : str
        Its finding, from `lupuscart.findings.headlines`.
    sentences : list of str
        What it shows, one sentence a row, from `lupuscart.findings.sentences`.
    rows : DataFrame or sequence of DataFrame
        The reported numbers that it shows; see `lupuscart.words.sources`. None: computed here.
    table : DataFrame, optional
        The table to read with it: columns and cells in codes, as for
        `lupuscart.words.in_words`.
    assumed : tuple of float, optional
        The rates, with the cells and without, that a figure without reported numbers assumes.
    **gaps
        What stands in the named gaps of the title.

    Examples
    --------
    >>> said = figure_words("coverage", headline="Wald fails.", sentences=["Wald: 0.2 %."])
    >>> said.alt, said.source
    ('What an interval really covers. Wald: 0.2 %.', ['computed here; no patient data'])
    """
    tables = [rows] if isinstance(rows, pd.DataFrame) else list(rows)
    return FigureWords(
        headline=headline,
        alt=alt_text(figure, sentences, **gaps),
        source=source_lines(tables, assumed=assumed),
        provenance=provenance_sentences(tables),
        references=reference_lines(tables),
        table=None if table is None else table_words(table),
    )


def table_words(table: pd.DataFrame) -> dict[str, list]:
    """Return a table as texts, for a slide or a page: proportions as percentages.

    A column named by a whole number is a size of cohort, and holds proportions.

    Parameters
    ----------
    table : DataFrame
        Columns and cells in codes.

    Returns
    -------
    dict
        ``columns``: list of str; ``rows``: list of lists of str.

    Examples
    --------
    >>> table_words(pd.DataFrame({"timing": ["by"], "n": [15], "rate": [0.8]}))
    {'columns': ['timing', 'evaluable', 'rate'], 'rows': [['within the weeks', '15', '80 %']]}
    """
    texts = {name: _texts(name, cells) for name, cells in table.items()}
    shown = in_words(pd.DataFrame(texts, columns=table.columns))
    return {
        "columns": [_heading(name) for name in shown.columns],
        "rows": shown.to_numpy(dtype=object).tolist(),
    }


def _texts(column, cells: pd.Series) -> Iterable:
    """The cells of a column of numbers as texts; other cells as they are, for `in_words`."""
    types = pd.api.types
    if types.is_bool_dtype(cells) or not types.is_numeric_dtype(cells):
        return list(cells)
    return [_number(column, value) for value in cells]


def _number(column, value):
    decimals = 0 if isinstance(column, Integral) else _PROPORTIONS.get(column)
    if decimals is None or pd.isna(value):
        return number_words(column, value).replace("-", "−")
    return percent(value, decimals=decimals)


def _heading(name):
    return word("scores.n", n=name) if isinstance(name, Integral) else name
