"""What a reader can point at in a page: each count with its limits, and where it comes from.

A static page shows these rows in the browser, where nothing can be computed: so each row has all
of its numbers and texts.
"""

import pandas as pd

from lupuscart.words.labels import cohort_label, percent, percent_range
from lupuscart.words.lexicon import word, word_for
from lupuscart.words.sources import how_it_was_read

__all__ = ["ABOUT", "marks"]

#: What a page asks of its counts when the assumed rate moves.
ABOUT = ("response", "harm", "conditioning", "scenario")


def marks(
    table: pd.DataFrame,
    sentences: list[str],
    *,
    upper: bool = False,
    is_benchmark: bool = False,
) -> list[dict]:
    """Return what a page in the browser needs to know of each count.

    Parameters
    ----------
    table : DataFrame
        Counts as a finding plots them: ``label``, ``endpoint``, ``window``, ``events``, ``n``,
        ``rate``, ``low``, ``high`` (0 to 1), ``read_in`` and what
        `lupuscart.words.sources.how_it_was_read` needs; ``upper`` if `upper`.
    sentences : list of str
        What is said of each row.
    upper : bool, optional
        Whether each row has one limit, ``upper``, instead of two.
    is_benchmark : bool, optional
        Whether these are patients without the cells: what they had stands beside when.

    Returns
    -------
    list of dict
        ``name``, ``group`` (what was counted), ``when``, ``count``, ``rate``, ``low``, ``high``,
        ``range``, ``second_hand``, ``benchmark``, ``said``, ``read``; all a JSON file can hold.

    Raises
    ------
    ValueError
        If there are not as many sentences as rows.
    """
    if len(sentences) != len(table):
        raise ValueError(f"{len(sentences)} sentences for {len(table)} rows; allowed: one a row")
    rows = zip(table.itertuples(), sentences, how_it_was_read(table), strict=True)
    return [
        {
            "name": row.label if is_benchmark else cohort_label(row),
            "group": row.endpoint,
            "when": _when_and_what(row) if is_benchmark else row.window,
            "count": f"{row.events}/{row.n}",
            "rate": float(row.rate),
            "second_hand": row.read_in == "secondary",
            "benchmark": is_benchmark,
            "said": said,
            "read": source,
            **_limits(row, upper),
        }
        for row, said, source in rows
    ]


def _when_and_what(row) -> str:
    return word("clause_separator").join([row.window, word_for("arm", row.arm)])


def _limits(row, upper: bool) -> dict:
    if not upper:
        shown = percent_range(row.low, row.high)
        return {"low": float(row.low), "high": float(row.high), "range": shown}
    shown = word("marks.upper", limit=percent(row.upper))
    return {"low": 0.0, "high": float(row.upper), "range": shown}
