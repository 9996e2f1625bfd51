"""What every page needs: a style, labels for the rows of a table, and the table in words."""

import pandas as pd

from lupuscart.data.tables import with_studies
from lupuscart.figures.style import use_style
from lupuscart.words.labels import add_labels
from lupuscart.words.lexicon import in_words

__all__ = ["labelled", "show", "use_style"]


def labelled(rows: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the facts of their studies and with words for cohort, endpoint and window.

    Parameters
    ----------
    rows : DataFrame
        Rows of the trials or benchmarks table.
    studies : DataFrame
        The table of their studies.
    """
    return add_labels(with_studies(rows, studies))


def show(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in the reader's words; numbers stay numbers.

    Examples
    --------
    >>> show(pd.DataFrame({"timing": ["by"], "n": [15]})).columns.tolist()
    ['timing', 'evaluable']
    """
    return in_words(table)
