"""What every page needs: a style, labels for the rows of a table, and the table in words."""

from collections.abc import Iterable

import pandas as pd

from lupuscart.data.outcomes import current
from lupuscart.data.tables import with_studies
from lupuscart.figures.style import use_style
from lupuscart.reporting.tables import Table, set_table
from lupuscart.words.labels import add_labels, add_letters
from lupuscart.words.lexicon import current_language

__all__ = ["definitions", "labelled", "show", "use_style"]


def definitions(outcomes: Iterable[str]) -> Table:
    """Return what outcomes mean, in the reader's language, each with the source of its definition.

    Parameters
    ----------
    outcomes : iterable of str
        Codes of ``outcomes.csv``.

    Examples
    --------
    >>> definitions(["remission"]).iloc[0].tolist()[1:]
    ['remission as the report defines it, not DORIS', 'as the report words it']
    """
    table = current().table.set_index("code").loc[list(outcomes)]
    meaning = table[f"definition_{current_language()}"]
    shown = pd.DataFrame({"outcome": table.index, "meaning": meaning, "source": table["source"]})
    return set_table(shown, "definitions")


def labelled(rows: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the facts of their studies and with words for cohort, endpoint and window.

    Parameters
    ----------
    rows : DataFrame
        Rows of the trials or benchmarks table.
    studies : DataFrame
        The table of their studies, which gives each the same letter on every page.
    """
    return add_labels(with_studies(rows, add_letters(studies)))


def show(table: pd.DataFrame, caption: str = "") -> Table:
    """Return a table as a page shows it: in the reader's words, set to be read.

    Parameters
    ----------
    table : DataFrame
        Columns and cells in codes.
    caption : str
        What the table is, as for `lupuscart.reporting.tables.set_table`.

    Examples
    --------
    >>> show(pd.DataFrame({"timing": ["by"], "n": [15]}), "counts_used")
    Counts used on this page
          timing evaluable
    by this week        15
    """
    return set_table(table, caption)
